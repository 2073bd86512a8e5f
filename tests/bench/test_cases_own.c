/*
 * Disruption cases of our own making, in the format of the golden ones and like them with what
 * Karpenter's own code decided: situations in which ours once decided otherwise and that no golden
 * case holds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/golden_fixture.h"
#include "tests/harness.h"

#define LEAST_CASES 8

static const char *folder(void)
{
    static char path[4096];
    const char *source = getenv("WERKBANK_SOURCE");
    (void)snprintf(path, sizeof(path), "%s/tests/bench/disruption", source != NULL ? source : ".");
    return path;
}

static void fast_matches(void)
{
    wb_golden_fixture_pass(folder(), (wb_cases_options){.plain = false}, LEAST_CASES);
}

static void plain_matches(void)
{
    wb_golden_fixture_pass(folder(), (wb_cases_options){.plain = true}, LEAST_CASES);
}

static const wb_test_case cases[] = {
    {"every case is decided as by Karpenter", fast_matches},
    {"the plain solver decides every case the same", plain_matches},
};

int main(void)
{
    return wb_test_run("disruption cases of our own", cases, WB_TEST_COUNT(cases));
}
