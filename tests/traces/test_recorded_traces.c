/* The real recordings: skipped, and said so, where the shared folder is absent. The figures are
 * those of its traces/README.md, counted again here from the CSV in the plainest way. */
#include <string.h>

#include "base/line_reader.h"
#include "traces/trace_stats.h"
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

/* Every file of the shared folder that has a total in its README, imported and looked into: one row
 * each, in the order of that README. */
static const struct {
    const char *path, *format;
    uint64_t pods;
    int64_t span_s;
    double cpu_hours;      /* resident: creation to end, open ends cut at the span; < 0: not told */
    double declared_hours; /* of applied workloads */
    uint64_t nodes, spot;  /* records */
    int64_t replicas_peak;
} totals[] = {
    {"simkube/dsb-scaling.sktrace", "simkube", 0, 1134, -1, 11.6, 0, 0, 52},
    {"simkube/large_trace.json", "simkube", 0, 1265, -1, 12.4, 0, 0, 49},
    {"simkube/bare-pods.sktrace", "simkube", 4, 162, 0, 0, 0, 0, 0},
    {"alibaba-openb-2023/openb_pod_list_default.csv", "openb", 8152, 12902960, 697964, 0, 0, 0, 0},
    {"alibaba-openb-2023/openb_pod_list_cpu050.csv", "openb", 7439, 12902960, 593223, 0, 0, 0, 0},
    {"alibaba-openb-2023/openb_pod_list_cpu200.csv", "openb", 8832, 12902960, 752858, 0, 0, 0, 0},
    {"alibaba-openb-2023/openb_pod_list_gpushare60.csv", "openb", 8152, 12475899, 514971, 0, 0, 0,
     0},
    {"alibaba-openb-2023/openb_pod_list_gpuspec33.csv", "openb", 8152, 12902960, 697964, 0, 0, 0,
     0},
    {"alibaba-openb-2023/openb_pod_list_multigpu50.csv", "openb", 9061, 3600, -1, 0, 0, 0, 0},
    {"alibaba-openb-2023/openb_node_list_all_node.csv", "gpu-nodes", 0, 0, 0, 0, 1523, 0, 0},
    {"alibaba-openb-2023/openb_node_list_gpu_node.csv", "gpu-nodes", 0, 0, 0, 0, 1213, 0, 0},
    {"alibaba-dlrm-2025/disaggregated_DLRM_trace.csv", "dlrm", 23871, 2677541, 265.4e6, 0, 0, 0, 0},
    {"alibaba-spot-gpu-2026/node_info_df.csv", "gpu-nodes", 0, 0, 0, 0, 4278, 0, 0},
    {"spot-price-events/2022-05-31.tsv.zst", "spot-price", 0, 20346, 0, 0, 0, 9281, 0},
    {"kubectl-pods/pods-anonymised.json", "recording", 158, -1, -1, 0, 0, 0, 0},
};

/* A figure that the README rounds to so many digits. */
static bool is_rounded(double found, double told)
{
    const double unit = told > 1e6 ? 1e5 : told > 1000 ? 1 : 0.1;
    return found >= told - 0.5 * unit && found <= told + 0.5 * unit;
}

static void equal_the_totals(void)
{
    static wb_trace_stats found;
    for (size_t i = 0; i < WB_TEST_COUNT(totals); i++) {
        wb_import_fixture fixture;
        wb_error err = {0};
        char path[512];
        (void)snprintf(path, sizeof path, "%s/traces/%s", shared, totals[i].path);
        wb_import_fixture_init(&fixture);
        wb_import_fixture_run_file(&fixture, path);
        if (fixture.status != WB_OK) {
            printf("\n  %s: %s\n", totals[i].path, fixture.err.text);
        }
        CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
        CU_ASSERT_STRING_EQUAL(fixture.report.format, totals[i].format);
        const char *out = wb_scratch_folder_join(&fixture.folder, "out");
        CU_ASSERT_EQUAL_FATAL(wb_trace_stats_read(out, &found, &err), WB_OK);
        const double hours = (double)found.resident_cpu_milli_hours / 1e3;
        const double declared = (double)found.workload_cpu_milli_hours / 1e3;
        const bool is_as_told =
            found.summary.pod_count == totals[i].pods &&
            (totals[i].span_s < 0 || found.summary.end_ms == totals[i].span_s * 1000) &&
            (totals[i].cpu_hours < 0 || is_rounded(hours, totals[i].cpu_hours)) &&
            is_rounded(declared, totals[i].declared_hours) &&
            found.summary.node_count == totals[i].nodes &&
            found.summary.spot_count == totals[i].spot &&
            found.workload_replicas_peak == totals[i].replicas_peak;
        if (!is_as_told) {
            printf("\n  %s: %llu pods, %lld ms, %.3f CPU hours, %.3f declared, %llu nodes, "
                   "%llu spot, peak %lld\n",
                   totals[i].path, (unsigned long long)found.summary.pod_count,
                   (long long)found.summary.end_ms, hours, declared,
                   (unsigned long long)found.summary.node_count,
                   (unsigned long long)found.summary.spot_count,
                   (long long)found.workload_replicas_peak);
        }
        CU_ASSERT(is_as_told);
        wb_import_fixture_release(&fixture);
    }
}

/* Days, share of time with a node, losses: the README's figures of single files and the ends of its
 * ranges. */
static const struct {
    const char *path;
    double days, share;
    uint64_t steps, instances;
} pools[] = {
    {"availability/1-node/aws-02-15-2023/us-east-1a_v100_1.json", 45.5, 0.17, 0, 0},
    {"availability/1-node/aws-02-15-2023/us-west-2b_v100_1.json", 45.5, 0.90, 94, 94},
    {"availability/1-node/aws-10-26-2022/us-west-2a_k80_8.json", 27.0, -1, 0, 0},
    {"availability/16-node/aws-08-27-2023/us-west-2c_v100_1.json", 16.4, 0.44, 123, 1366},
    {"preemption/1-node/aws-04-19-2023/us-east-1c_intel_64.json", 6.3, 0.64, 128, 128},
    {"preemption/1-node/aws-04-19-2023/us-east-1d_intel_64.json", 6.3, 0.94, 27, 27},
    {"preemption/1-node/aws-04-22-2023/us-west-2c_v100_1.json", 7.4, -1, 57, 57},
    {"preemption/4-node/aws-08-03-2023/us-west-2c_v100_1.json", 17.8, 0.84, 181, 330},
};

static void import_spot_pools(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(pools); i++) {
        wb_import_fixture fixture;
        char path[512];
        char days[32];
        char share[32];
        char losses[64];
        (void)snprintf(path, sizeof path, "%s/traces/skypilot-spot/%s", shared, pools[i].path);
        (void)snprintf(days, sizeof days, ": %.1f days", pools[i].days);
        (void)snprintf(share, sizeof share, "instance %.2f of the time", pools[i].share);
        (void)snprintf(losses, sizeof losses, "%llu losses of %llu instances",
                       (unsigned long long)pools[i].steps, (unsigned long long)pools[i].instances);
        wb_import_fixture_init(&fixture);
        wb_import_fixture_run_file(&fixture, path);
        CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
        CU_ASSERT_STRING_EQUAL(fixture.report.format, "skypilot");
        CU_ASSERT_EQUAL_FATAL(fixture.report.note_count, 1);
        const char *note = fixture.report.notes[0];
        const bool is_as_told = strstr(note, days) != NULL &&
                                (pools[i].share < 0 || strstr(note, share) != NULL) &&
                                (pools[i].steps == 0 || strstr(note, losses) != NULL) &&
                                strstr(note, "no day") == NULL; /* the folder has one */
        if (!is_as_told) {
            printf("\n  %s: %s\n", pools[i].path, note);
        }
        CU_ASSERT(is_as_told);
        CU_ASSERT(wb_import_fixture_summary(&fixture).spot_count > pools[i].steps);
        wb_import_fixture_release(&fixture);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"openb lists: pods, kinds, hours and span", import_openb_lists},
        {"the openb list without times", import_a_list_without_times},
        {"SimKube traces: pods, objects and span", import_simkube_traces},
        {"an object that our reader refuses", refuse_what_cannot_be_read_later},
        {"every file's pods, span and CPU hours as its README tells", equal_the_totals},
        {"spot pools: days, shares and losses", import_spot_pools},
    };
    shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("no recordings: WERKBANK_SHARED names no folder");
    }
    return wb_test_run("recorded traces", cases, WB_TEST_COUNT(cases));
}
