/* The YAML and JSON of docs/ci.md and docs/scale-out.md: read as they stand there, and whole. */
#include <stdlib.h>
#include <string.h>

#include "base/document.h"
#include "base/file.h"
#include "tests/harness.h"

#define BLOCKS_MAX 32

/* The fenced blocks of a page, parsed. */
typedef struct page_blocks {
    wb_arena arena;
    const wb_node *roots[BLOCKS_MAX];
    uint32_t count;
} page_blocks;

static void parse(page_blocks *blocks, const char *path, const char *text, size_t length,
                  bool is_json)
{
    const wb_document_input input = {
        .file = path,
        .text = text,
        .length = length,
        .syntax = is_json ? WB_DOCUMENT_JSON : WB_DOCUMENT_YAML,
    };
    wb_document_stream stream;
    wb_error err = {0};
    const wb_status status = wb_document_read_text(&blocks->arena, &input, &stream, &err);
    if (status != WB_OK) {
        printf("\n  %s, in a block that begins '%.60s'\n", err.text, text);
    }
    CU_ASSERT_EQUAL_FATAL(status, WB_OK);
    CU_ASSERT_EQUAL_FATAL(stream.count, 1);
    CU_ASSERT_FATAL(blocks->count < BLOCKS_MAX);
    blocks->roots[blocks->count++] = stream.roots[0];
}

static void read_page(page_blocks *blocks, const char *name)
{
    const char *source = getenv("WERKBANK_SOURCE");
    char path[1024];
    char *text = NULL;
    size_t length = 0;
    (void)snprintf(path, sizeof path, "%s/docs/%s", source != NULL ? source : ".", name);
    *blocks = (page_blocks){.count = 0};
    wb_arena_init(&blocks->arena, "test", 0, NULL);
    CU_ASSERT_EQUAL_FATAL(wb_file_read(&blocks->arena, path, 0, &text, &length, NULL), WB_OK);
    for (const char *fence = strstr(text, "\n```"); fence != NULL;
         fence = strstr(fence + 1, "\n```")) {
        const char *body = strchr(fence + 1, '\n');
        const char *end = body != NULL ? strstr(body, "\n```") : NULL;
        CU_ASSERT_PTR_NOT_NULL_FATAL(end);
        const bool is_json = strncmp(fence, "\n```json\n", 9) == 0;
        if (is_json || strncmp(fence, "\n```yaml\n", 9) == 0) {
            parse(blocks, path, body + 1, (size_t)(end - body), is_json);
        }
        fence = end; /* the closing one */
    }
}

/* The first block in which a dotted path leads somewhere. */
static const wb_node *find(const page_blocks *blocks, const char *dotted_path)
{
    for (uint32_t i = 0; i < blocks->count; i++) {
        const wb_node *found = wb_node_find(blocks->roots[i], dotted_path);
        if (found != NULL) {
            return found;
        }
    }
    printf("\n  no block has %s\n", dotted_path);
    CU_FAIL_FATAL("a block is missing");
    return NULL;
}

static void test_ci_jobs_are_whole(void)
{
    page_blocks blocks;
    read_page(&blocks, "ci.md");
    CU_ASSERT_EQUAL(blocks.count, 3); /* a suite, GitHub, GitLab */
    const wb_node *steps = find(&blocks, "jobs.gate.steps");
    CU_ASSERT(steps->count >= 6);
    for (uint32_t i = 0; i < steps->count; i++) {
        const wb_node *step = steps->children[i];
        /* Exactly one of the two, as the format wants. */
        CU_ASSERT((wb_node_get(step, "run") != NULL) != (wb_node_get(step, "uses") != NULL));
    }
    CU_ASSERT_PTR_NOT_NULL(wb_node_get(blocks.roots[1], "on")); /* not read as a boolean */
    static const char *const jobs[] = {"autoscaling.script", "autoscaling-build.script",
                                       "autoscaling-shards.script", "autoscaling-merged.script"};
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        const wb_node *script = find(&blocks, jobs[i]);
        CU_ASSERT_EQUAL(script->kind, WB_NODE_LIST);
        for (uint32_t j = 0; j < script->count; j++) {
            CU_ASSERT_EQUAL(script->children[j]->kind, WB_NODE_STRING); /* a colon makes a map */
        }
    }
    wb_arena_release(&blocks.arena);
}

static void test_engines_are_told_the_count(void)
{
    page_blocks blocks;
    read_page(&blocks, "scale-out.md");
    CU_ASSERT_EQUAL(blocks.count, 2); /* a Job, a job definition */
    CU_ASSERT_STRING_EQUAL(wb_node_string(find(&blocks, "spec.completionMode"), ""), "Indexed");
    const wb_node *containers = find(&blocks, "spec.template.spec.containers");
    const wb_node *variable = wb_node_get(containers->children[0], "env")->children[0];
    CU_ASSERT_STRING_EQUAL(wb_node_string(wb_node_get(variable, "name"), ""),
                           "WERKBANK_SHARD_COUNT");
    CU_ASSERT_EQUAL(strtol(wb_node_string(wb_node_get(variable, "value"), "0"), NULL, 10),
                    wb_node_int64(find(&blocks, "spec.completions"), -1));
    const wb_node *batch = find(&blocks, "containerProperties.environment")->children[0];
    CU_ASSERT_STRING_EQUAL(wb_node_string(wb_node_get(batch, "name"), ""), "WERKBANK_SHARD_COUNT");
    wb_arena_release(&blocks.arena);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"CI jobs are whole", test_ci_jobs_are_whole},
        {"engines are told the count", test_engines_are_told_the_count},
    };
    return wb_test_run("page_examples", cases, WB_TEST_COUNT(cases));
}
