/*
 * Every golden case of disruption: candidates, costs, budgets, commands of a pass and of each
 * method, why nodes stayed, validation. With the plain solver and with the fast one. Skipped, and
 * said so, where the shared folder is absent.
 */
#include <stdio.h>
#include <string.h>

#include "bench/cases.h"
#include "tests/harness.h"

/* Cases that must be there: fewer means that the test looked in the wrong place. */
#define LEAST_CASES 398

static char folder[1024];

static void print_line(void *context, const char *line)
{
    (void)context;
    printf("\n    %.600s", line);
}

static void run_all(bool is_plain)
{
    const char *const paths[] = {folder};
    const wb_cases_options options = {
        .paths = paths, .path_count = 1, .plain = is_plain, .on_line = print_line};
    wb_cases_report report;
    wb_error err = {0};
    CU_ASSERT_EQUAL_FATAL(wb_cases_run(&options, &report, &err), WB_OK);
    CU_ASSERT_EQUAL(report.failed, 0);
    CU_ASSERT(report.passed >= LEAST_CASES);
    printf("\n    %zu passed, %zu failed", report.passed, report.failed);
}

static void fast_matches(void)
{
    run_all(false);
}

static void plain_matches(void)
{
    run_all(true);
}

static const wb_test_case cases[] = {
    {"every case is decided as recorded", fast_matches},
    {"the plain solver decides every case as recorded", plain_matches},
};

int main(void)
{
    const char *shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("no folder of golden vectors (WERKBANK_SHARED)");
    }
    (void)snprintf(folder, sizeof(folder), "%s/golden/disruption", shared);
    return wb_test_run("disruption cases", cases, WB_TEST_COUNT(cases));
}
