/*
 * The validator over every golden case of the provisioning scheduler: what the real scheduler
 * decided keeps the constraints as we read them, or the validator (or upstream) is wrong. Skipped,
 * and said so, where the shared folder is absent.
 */
#include <stdio.h>

#include "bench/cases.h"
#include "tests/harness.h"

/* Cases that must be there: fewer means that the test looked in the wrong place. */
#define LEAST_CASES 1000

static char folder[1024];

static void print_line(void *context, const char *line)
{
    (void)context;
    printf("\n    %.600s", line);
}

static void constraints_hold(void)
{
    const char *const paths[] = {folder};
    const wb_cases_options options = {
        .paths = paths, .path_count = 1, .validates = true, .on_line = print_line};
    wb_cases_report report;
    wb_error err = {0};
    CU_ASSERT_EQUAL_FATAL(wb_cases_run(&options, &report, &err), WB_OK);
    CU_ASSERT_EQUAL(report.failed, 0);
    CU_ASSERT(report.passed >= LEAST_CASES);
}

static const wb_test_case cases[] = {
    {"every recorded decision keeps the constraints", constraints_hold},
};

int main(void)
{
    const char *shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("no folder of golden vectors (WERKBANK_SHARED)");
    }
    (void)snprintf(folder, sizeof(folder), "%s/golden/scheduling", shared);
    return wb_test_run("validated cases", cases, WB_TEST_COUNT(cases));
}
