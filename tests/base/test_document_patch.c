/* Values of a tree looked up, set and removed by their paths. */
#include <string.h>

#include "base/document_patch.h"
#include "base/text.h"
#include "tests/harness.h"

static const char manifest[] =
    "spec:\n"
    "  weight: 10\n"
    "  limits:\n"
    "  disruption: {consolidateAfter: 0s, budgets: [{nodes: 10%}, {nodes: \"1\"}]}\n"
    "  requirements:\n"
    "    - {key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: [\"1\"]}\n"
    "    - {key: arch, operator: In, values: [amd64, arm64]}\n"
    "  labels: {a.b/c: x}\n";

static const struct {
    const char *path, *found; /* as JSON; NULL: nothing there */
} finds[] = {
    {"spec.weight", "10"},
    {"spec.disruption.budgets[1].nodes", "\"1\""},
    {"spec.requirements[arch].values", "[\"amd64\",\"arm64\"]"},
    {"spec.requirements[karpenter.k8s.aws/instance-cpu].values[0]", "\"1\""},
    {"spec.labels[\"a.b/c\"]", "\"x\""},
    {"spec.labels[a.b/c]", "\"x\""},
    {"spec.labels.a.b/c", NULL},
    {"spec.requirements[2]", NULL},
    {"spec.requirements[zone]", NULL},
    {"spec.weight.more", NULL},
    {"spec..weight", NULL},
    {"spec.", NULL},
    {"spec[", NULL},
    {"spec[\"weight", NULL},
    {"", NULL},
};

static const struct {
    const char *path, *value; /* value as YAML; NULL: remove */
    const char *then;         /* a path to look at, and what is there (NULL: nothing) */
    const char *expected;
    const char *complaint; /* part of it; NULL: it works */
} sets[] = {
    {"spec.weight", "50", "spec", NULL, NULL},
    {"spec.weight", "50", "spec.weight", "50", NULL},
    {"spec.limits.cpu", "\"100\"", "spec.limits", "{\"cpu\":\"100\"}", NULL},
    {"spec.template.metadata.labels", "{a: b}", "spec.template",
     "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}", NULL},
    {"spec.requirements[arch].values", "[arm64]", "spec.requirements[1]",
     "{\"key\":\"arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}", NULL},
    {"spec.requirements[0]", NULL, "spec.requirements",
     "[{\"key\":\"arch\",\"operator\":\"In\",\"values\":[\"amd64\",\"arm64\"]}]", NULL},
    {"spec.disruption.budgets", NULL, "spec.disruption", "{\"consolidateAfter\":\"0s\"}", NULL},
    {"spec.nothing.at.all", NULL, "spec.nothing", NULL, NULL},
    {"spec.nothing", NULL, "spec.weight", "10", NULL},
    {"spec.labels[d.e/f]", "y", "spec.labels", "{\"a.b/c\":\"x\",\"d.e/f\":\"y\"}", NULL},
    {"spec.requirements[zone].values", "[a]", "spec", NULL, "'zone' is not in the list"},
    {"spec.weight.more", "1", "spec", NULL, "inside a number"},
    {"", "1", "spec", NULL, "is not a path"},
    {"spec[x", "1", "spec", NULL, "from '[x' on"},
};

static wb_arena arena;

static wb_node *read_tree(const char *text)
{
    wb_document_stream stream;
    wb_error err;
    const wb_document_input input = {.file = "m.yaml", .text = text, .length = strlen(text)};
    const wb_status status = wb_document_read_text(&arena, &input, &stream, &err);
    CU_ASSERT_EQUAL_FATAL(status, WB_OK);
    return stream.roots[0];
}

static bool is_at(const wb_node *root, const char *path, const char *expected)
{
    const wb_node *found = wb_document_patch_find(root, path);
    if (found == NULL || expected == NULL) {
        return found == NULL && expected == NULL;
    }
    wb_text text;
    wb_text_init(&text);
    wb_node_print_json(found, &text);
    const bool is_same = strcmp(wb_text_string(&text), expected) == 0;
    if (!is_same) {
        printf("\n    %s: %s", path, wb_text_string(&text));
    }
    wb_text_release(&text);
    return is_same;
}

static void paths_find(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    const wb_node *root = read_tree(manifest);
    for (size_t i = 0; i < WB_TEST_COUNT(finds); i++) {
        CU_ASSERT_TRUE(is_at(root, finds[i].path, finds[i].found));
    }
    CU_ASSERT_PTR_NULL(wb_document_patch_find(NULL, "spec"));
    wb_arena_release(&arena);
}

static void values_are_set(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    for (size_t i = 0; i < WB_TEST_COUNT(sets); i++) {
        wb_node *root = read_tree(manifest);
        char text[128];
        (void)snprintf(text, sizeof text, "v: %s\n", sets[i].value == NULL ? "" : sets[i].value);
        wb_node *value = sets[i].value == NULL ? NULL : read_tree(text)->children[0];
        wb_error err = {0};
        const wb_status status = wb_document_patch_set(&arena, root, sets[i].path, value, &err);
        CU_ASSERT_EQUAL(status, sets[i].complaint == NULL ? WB_OK : WB_ERR_INPUT);
        if (sets[i].complaint != NULL) {
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, sets[i].complaint));
        } else if (strcmp(sets[i].then, "spec") != 0) {
            CU_ASSERT_TRUE(is_at(root, sets[i].then, sets[i].expected));
        }
    }
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"paths find values", paths_find},
    {"values are set and removed", values_are_set},
};

int main(void)
{
    return wb_test_run("document patch", cases, WB_TEST_COUNT(cases));
}
