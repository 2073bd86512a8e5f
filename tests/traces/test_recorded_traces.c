/* The real recordings: skipped, and said so, where the shared folder is absent. The figures are
 * those of its traces/README.md, counted again here from the CSV in the plainest way. */
#include <string.h>

#include "base/line_reader.h"
#include "tests/harness.h"
#include "tests/traces/import_fixture.h"

static const char *shared;

/* What a list holds, by its own columns: the sum of CPU x (deletion - creation), as the README
 * counts, and less the time that run-to-completion pods waited, as a replay sees it. */
typedef struct list_sums {
    uint64_t pods, batch;
    int64_t with_waiting, without_waiting; /* milli-CPU x s */
} list_sums;

static void add_row(char *line, list_sums *sums)
{
    char *fields[11] = {line};
    uint32_t count = 1;
    for (char *at = line; *at != 0; at++) {
        if (*at == ',' && count < 11) {
            *at = 0;
            fields[count++] = at + 1;
        }
    }
    CU_ASSERT_EQUAL(count, 11);
    if (count != 11) {
        return;
    }
    const int64_t cpu_milli = strtoll(fields[1], NULL, 10);
    const int64_t created_s = strtoll(fields[8], NULL, 10);
    const int64_t deleted_s = strtoll(fields[9], NULL, 10);
    const int64_t scheduled_s = strtoll(fields[10], NULL, 10);
    const int is_batch = fields[10][0] != 0 &&
                         (strcmp(fields[6], "BE") == 0 || strcmp(fields[7], "Succeeded") == 0 ||
                          strcmp(fields[7], "Failed") == 0);
    sums->pods++;
    sums->batch += is_batch ? 1 : 0;
    sums->with_waiting += cpu_milli * (deleted_s - created_s);
    sums->without_waiting += cpu_milli * (deleted_s - (is_batch ? scheduled_s : created_s));
}

static list_sums count_list(const char *path)
{
    list_sums sums = {0};
    wb_line_reader *lines = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_line_reader_open(path, &lines, NULL), WB_OK);
    for (int row = 0;; row++) {
        char *line = NULL;
        size_t length = 0;
        bool is_cut = false;
        CU_ASSERT_EQUAL_FATAL(wb_line_reader_next(lines, &line, &length, &is_cut, NULL), WB_OK);
        if (line == NULL) {
            break;
        }
        if (row > 0) {
            add_row(line, &sums);
        }
    }
    wb_line_reader_close(lines);
    return sums;
}

static const struct {
    const char *name;
    uint64_t pods;
    int64_t cpu_hours; /* waiting included: the README's definition */
    int64_t span_s;
} list_cases[] = {
    {"default", 8152, 697964, 12902960},   {"cpu050", 7439, 593223, 12902960},
    {"cpu200", 8832, 752858, 12902960},    {"gpushare60", 8152, 514971, 12475899},
    {"gpuspec33", 8152, 697964, 12902960},
};

static void import_openb_lists(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(list_cases); i++) {
        wb_import_fixture fixture;
        char path[512];
        (void)snprintf(path, sizeof path, "%s/traces/alibaba-openb-2023/openb_pod_list_%s.csv",
                       shared, list_cases[i].name);
        const list_sums expected = count_list(path);
        CU_ASSERT_EQUAL(expected.pods, list_cases[i].pods);
        CU_ASSERT_EQUAL((expected.with_waiting + 1800000) / 3600000, list_cases[i].cpu_hours);
        wb_import_fixture_init(&fixture);
        wb_import_fixture_run_file(&fixture, path);
        CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
        const wb_trace_summary found = wb_import_fixture_summary(&fixture);
        CU_ASSERT_EQUAL(found.pod_count, expected.pods);
        CU_ASSERT_EQUAL(found.batch_count, expected.batch);
        CU_ASSERT_EQUAL(found.service_count, expected.pods - expected.batch);
        CU_ASSERT_EQUAL(found.cpu_milli_hours, expected.without_waiting / 3600);
        CU_ASSERT_EQUAL(found.end_ms, list_cases[i].span_s * 1000);
        wb_import_fixture_release(&fixture);
    }
}

static void import_a_list_without_times(void)
{
    wb_import_fixture fixture;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/traces/alibaba-openb-2023/openb_pod_list_multigpu50.csv",
                   shared);
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run_file(&fixture, path);
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    CU_ASSERT_EQUAL(fixture.report.pod_count, 9061);
    CU_ASSERT_EQUAL(fixture.report.end_ms, 3600000);
    wb_import_fixture_release(&fixture);
}

static const struct {
    const char *name;
    uint64_t pods, objects;
    int64_t span_ms;
} simkube_cases[] = {
    {"dsb-scaling.sktrace", 0, 46, 1134000},
    {"large_trace.json", 0, 250, 1265000},
    {"cronjob.sktrace", 0, 1, 205000},
    {"bare-pods.sktrace", 4, 0, 162000},
    {"trace.json", 0, 1, 0},
};

static void import_simkube_traces(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(simkube_cases); i++) {
        wb_import_fixture fixture;
        char path[512];
        (void)snprintf(path, sizeof path, "%s/traces/simkube/%s", shared, simkube_cases[i].name);
        wb_import_fixture_init(&fixture);
        wb_import_fixture_run_file(&fixture, path);
        CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
        CU_ASSERT_EQUAL(fixture.report.pod_count, simkube_cases[i].pods);
        CU_ASSERT_EQUAL(fixture.report.object_count, simkube_cases[i].objects);
        CU_ASSERT_EQUAL(fixture.report.end_ms, simkube_cases[i].span_ms);
        CU_ASSERT_EQUAL(wb_import_fixture_summary(&fixture).apply_count, simkube_cases[i].objects);
        wb_import_fixture_release(&fixture);
    }
}

/* SimKube's own validation data lacks a selector: our reader would refuse it, so the import does.
 * */
static void refuse_what_cannot_be_read_later(void)
{
    wb_import_fixture fixture;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/traces/simkube/validation_trace.json", shared);
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run_file(&fixture, path);
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.text, ": spec.selector: Required value"));
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&fixture.folder), 0);
    wb_import_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"openb lists: pods, kinds, hours and span", import_openb_lists},
        {"the openb list without times", import_a_list_without_times},
        {"SimKube traces: pods, objects and span", import_simkube_traces},
        {"an object that our reader refuses", refuse_what_cannot_be_read_later},
    };
    shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("no recordings: WERKBANK_SHARED names no folder");
    }
    return wb_test_run("recorded traces", cases, WB_TEST_COUNT(cases));
}
