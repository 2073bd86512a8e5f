/*
 * Every golden case of kube-scheduler, with the scheduler's caches on and off. Skipped, and said
 * so, where the shared folder is absent.
 */
#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "base/line_reader.h"
#include "base/sort.h"
#include "bench/cases_kube_scheduler.h"
#include "tests/harness.h"

/* Cases that must be there: fewer means that the test looked in the wrong place. */
enum {
    LEAST_CASES = 55,
    LEAST_FUZZ = 150
};

static char folder[1024];

static void print_difference(void *context, const char *where, const char *expected,
                             const char *found)
{
    printf("\n    %s: %s: expected %.300s, found %.300s", (const char *)context, where, expected,
           found);
}

/* Runs one case; prints its differences. Returns whether it agrees. */
static bool agrees(const wb_node *root, const char *name, bool is_plain)
{
    char title[300];
    (void)snprintf(title, sizeof(title), "%s%s", name, is_plain ? " (plain)" : "");
    const wb_cases_kube_scheduler_sink sink = {print_difference, title};
    uint32_t differences = 0;
    wb_error err = {0};
    const wb_status status = wb_cases_kube_scheduler_run(root, is_plain, &sink, &differences, &err);
    if (status != WB_OK) {
        printf("\n    %s: %s", title, err.text);
    }
    return status == WB_OK && differences == 0;
}

static void check_text(const char *name, const char *text, size_t length, uint32_t *passed)
{
    wb_arena arena;
    wb_arena_init(&arena, "golden", 0, NULL);
    wb_document_stream stream = {0};
    wb_error err = {0};
    const wb_document_input input = {.file = name, .text = text, .length = length};
    const wb_status status = wb_document_read_text(&arena, &input, &stream, &err);
    CU_ASSERT_EQUAL(status, WB_OK);
    bool is_equal = status == WB_OK && stream.count == 1;
    for (int plain = 0; is_equal && plain < 2; plain++) {
        is_equal = agrees(stream.roots[0], name, plain == 1);
    }
    CU_ASSERT_TRUE(is_equal);
    *passed += is_equal ? 1 : 0;
    wb_arena_release(&arena);
}

static int compare_names(const void *a, const void *b, void *context)
{
    (void)context;
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* The .json files of the folder, by name. */
static const char **list_cases(wb_arena *arena, size_t *out_count)
{
    DIR *list = opendir(folder);
    const char **names = NULL;
    size_t count = 0;
    for (const struct dirent *entry = list == NULL ? NULL : readdir(list); entry != NULL;
         entry = readdir(list)) {
        const char *end = strrchr(entry->d_name, '.');
        if (end != NULL && strcmp(end, ".json") == 0) {
            names = wb_arena_grow(arena, names, count, count + 1, sizeof(*names));
            names[count++] = wb_arena_copy_string(arena, entry->d_name);
        }
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    wb_sort(names, count, sizeof(*names), compare_names, NULL);
    *out_count = count;
    return names;
}

static void test_cases(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "golden", 0, NULL);
    size_t count = 0;
    const char **names = list_cases(&arena, &count);
    uint32_t passed = 0;
    for (size_t i = 0; i < count; i++) {
        char path[1400];
        char *text = NULL;
        size_t length = 0;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        CU_ASSERT_EQUAL_FATAL(wb_file_read(&arena, path, 0, &text, &length, NULL), WB_OK);
        check_text(names[i], text, length, &passed);
    }
    printf("%u of %zu cases agree ... ", passed, count);
    CU_ASSERT_TRUE(count >= LEAST_CASES);
    wb_arena_release(&arena);
}

static void test_fuzz(void)
{
    char path[1200];
    (void)snprintf(path, sizeof(path), "%s/fuzz.jsonl", folder);
    wb_line_reader *reader = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_line_reader_open(path, &reader, NULL), WB_OK);
    uint32_t count = 0;
    uint32_t passed = 0;
    char *line = NULL;
    size_t length = 0;
    bool is_cut = false;
    while (wb_line_reader_next(reader, &line, &length, &is_cut, NULL) == WB_OK && line != NULL) {
        char name[64];
        (void)snprintf(name, sizeof(name), "fuzz.jsonl:%u", ++count);
        check_text(name, line, length, &passed);
    }
    wb_line_reader_close(reader);
    printf("%u of %u lines agree ... ", passed, count);
    CU_ASSERT_TRUE(count >= LEAST_FUZZ);
}

static const wb_test_case cases[] = {
    {"every case agrees with the recording", test_cases},
    {"every line of the fuzzed cases agrees with the recording", test_fuzz},
};

int main(void)
{
    const char *shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("no shared folder with golden cases");
    }
    (void)snprintf(folder, sizeof(folder), "%s/golden/kube-scheduler", shared);
    if (access(folder, R_OK) != 0) {
        wb_test_skip("no golden/kube-scheduler in the shared folder");
    }
    return wb_test_run("cases of kube-scheduler", cases, WB_TEST_COUNT(cases));
}
