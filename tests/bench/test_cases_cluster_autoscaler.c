/*
 * Every golden case of Cluster Autoscaler. Skipped, and said so, where the shared folder is absent.
 */
#include <string.h>

#include "bench/cases.h"
#include "tests/harness.h"

/* Cases that must be there: fewer means that the test looked in the wrong place. */
#define LEAST_CASES 70

static char folder[1024];

static void print_line(void *context, const char *line)
{
    size_t *count = context;
    (*count)++;
    printf("\n    %.400s", line);
}

static void test_golden_cases(void)
{
    size_t line_count = 0;
    const char *paths[] = {folder};
    const wb_cases_options options = {
        .paths = paths, .path_count = 1, .on_line = print_line, .context = &line_count};
    wb_cases_report report;
    wb_error err = {0};
    CU_ASSERT_EQUAL_FATAL(wb_cases_run(&options, &report, &err), WB_OK);
    CU_ASSERT_TRUE(report.passed >= LEAST_CASES);
    CU_ASSERT_EQUAL(report.failed, 0);
    CU_ASSERT_EQUAL(report.skipped, 0);
    CU_ASSERT_EQUAL(line_count, 0);
}

/* The comparison must be able to fail: the same input with other outcomes. */
static void test_wrong_outcomes_are_found(void)
{
    static const char text[] =
        "{\"kind\":\"scale-up\",\"nodeGroups\":[{\"name\":\"z\",\"instanceType\":\"m5.large\","
        "\"cpu\":\"2\",\"memory\":\"8Gi\",\"pods\":\"29\",\"zone\":\"us-east-1a\",\"min\":0,"
        "\"max\":10,\"size\":0}],\"workloads\":[{\"name\":\"w\",\"replicas\":3,\"pod\":{\"spec\":"
        "{\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"resources\":{\"requests\":"
        "{\"cpu\":\"1\"}}}]}}}],\"options\":{},\"expected\":{\"exact\":true,"
        "\"result\":\"ScaleUpSuccessful\",\"scaleUp\":[{\"group\":\"z\",\"newSize\":2}],"
        "\"optionsConsidered\":[{\"group\":\"z\",\"nodes\":3,\"pods\":3}],"
        "\"finalSizes\":{\"z\":3}}}\n";
    char path[] = "/tmp/werkbank-case-XXXXXX";
    const int file = mkstemp(path);
    CU_ASSERT_TRUE_FATAL(file >= 0);
    CU_ASSERT_EQUAL(write(file, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
    (void)close(file);
    size_t line_count = 0;
    const char *paths[] = {path};
    const wb_cases_options options = {
        .paths = paths, .path_count = 1, .on_line = print_line, .context = &line_count};
    wb_cases_report report;
    wb_error err = {0};
    CU_ASSERT_EQUAL(wb_cases_run(&options, &report, &err), WB_OK);
    CU_ASSERT_EQUAL(report.failed, 1);
    CU_ASSERT_EQUAL(line_count, 1); /* newSize alone is wrong */
    (void)unlink(path);
}

static const wb_test_case tests[] = {
    {"outcomes agree with the real program's", test_golden_cases},
    {"wrong outcomes are found", test_wrong_outcomes_are_found},
};

int main(void)
{
    const char *shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("no shared folder (WERKBANK_SHARED)");
    }
    (void)snprintf(folder, sizeof(folder), "%s/golden/cluster-autoscaler", shared);
    return wb_test_run("cases_cluster_autoscaler", tests, WB_TEST_COUNT(tests));
}
