/*
 * Every golden case of disruption: candidates, costs, budgets, commands of a pass and of each
 * method, why nodes stayed, validation. With the plain solver and with the fast one. Skipped, and
 * said so, where the shared folder is absent.
 */
#include "tests/bench/golden_fixture.h"
#include "tests/harness.h"

/* Cases that must be there: fewer means that the test looked in the wrong place. */
#define LEAST_CASES 398

static const char *folder;

static void fast_matches(void)
{
    wb_golden_fixture_pass(folder, (wb_cases_options){.plain = false}, LEAST_CASES);
}

static void plain_matches(void)
{
    wb_golden_fixture_pass(folder, (wb_cases_options){.plain = true}, LEAST_CASES);
}

static const wb_test_case cases[] = {
    {"every case is decided as recorded", fast_matches},
    {"the plain solver decides every case as recorded", plain_matches},
};

int main(void)
{
    folder = wb_golden_fixture_folder("disruption");
    return wb_test_run("disruption cases", cases, WB_TEST_COUNT(cases));
}
