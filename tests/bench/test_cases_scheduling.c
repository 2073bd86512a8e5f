/*
 * Every golden case of the provisioning scheduler, requirement and sort vectors among them, with
 * the plain solver and with the fast one. Skipped, and said so, where the shared folder is absent.
 */
#include "tests/bench/golden_fixture.h"
#include "tests/harness.h"

/* Cases that must be there: fewer means that the test looked in the wrong place. */
#define LEAST_CASES 3675

static const char *folder;

static void fast_matches(void)
{
    wb_golden_fixture_pass(folder, (wb_cases_options){.plain = false}, LEAST_CASES);
}

static void plain_matches(void)
{
    wb_golden_fixture_pass(folder, (wb_cases_options){.plain = true}, LEAST_CASES);
}

/* The other order of open claims must differ where the recorded order mattered, and only there. */
static void stable_order_differs(void)
{
    const wb_cases_options options = {.open_claims_are_stable = true};
    wb_cases_report report = {0};
    wb_golden_fixture_run(folder, options, &report);
    CU_ASSERT(report.failed > 0 && report.failed < 40);
}

static const wb_test_case cases[] = {
    {"the fast solver decides every case as recorded", fast_matches},
    {"the plain solver decides every case as recorded", plain_matches},
    {"a stable order of open claims changes a few of them", stable_order_differs},
};

int main(void)
{
    folder = wb_golden_fixture_folder("scheduling");
    return wb_test_run("scheduling cases", cases, WB_TEST_COUNT(cases));
}
