/*
 * The validator over every golden case of the provisioning scheduler: what the real scheduler
 * decided keeps the constraints as we read them, or the validator (or upstream) is wrong. Skipped,
 * and said so, where the shared folder is absent.
 */
#include "tests/bench/golden_fixture.h"
#include "tests/harness.h"

/* Cases that must be there: fewer means that the test looked in the wrong place. */
#define LEAST_CASES 1000

static const char *folder;

static void constraints_hold(void)
{
    wb_golden_fixture_pass(folder, (wb_cases_options){.validates = true}, LEAST_CASES);
}

static const wb_test_case cases[] = {
    {"every recorded decision keeps the constraints", constraints_hold},
};

int main(void)
{
    folder = wb_golden_fixture_folder("scheduling");
    return wb_test_run("validated cases", cases, WB_TEST_COUNT(cases));
}
