/* How many pods a PDB lets go. */
#include "kube/policy.h"
#include "tests/harness.h"

static const struct {
    const char *name;
    wb_bound_kind min_kind, max_kind;
    int32_t min, max, expected, healthy, allowed;
} cases[] = {
    {"minAvailable as a number", WB_BOUND_COUNT, WB_BOUND_NONE, 2, 0, 5, 5, 3},
    {"minAvailable above what is there", WB_BOUND_COUNT, WB_BOUND_NONE, 9, 0, 5, 5, 0},
    {"minAvailable, one pod not healthy", WB_BOUND_COUNT, WB_BOUND_NONE, 2, 0, 5, 4, 2},
    {"minAvailable percent rounds up", WB_BOUND_PERCENT, WB_BOUND_NONE, 50, 0, 5, 5, 2},
    {"minAvailable 100 %", WB_BOUND_PERCENT, WB_BOUND_NONE, 100, 0, 5, 5, 0},
    {"minAvailable 0 %", WB_BOUND_PERCENT, WB_BOUND_NONE, 0, 0, 5, 5, 5},
    {"maxUnavailable as a number", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 1, 5, 5, 1},
    {"maxUnavailable already used up", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 1, 5, 4, 0},
    {"maxUnavailable percent rounds up", WB_BOUND_NONE, WB_BOUND_PERCENT, 0, 30, 5, 5, 2},
    {"maxUnavailable above what is there", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 9, 5, 5, 5},
    {"maxUnavailable 0", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 0, 5, 5, 0},
    {"no pod is selected", WB_BOUND_COUNT, WB_BOUND_NONE, 0, 0, 0, 0, 0},
    {"no bound at all", WB_BOUND_NONE, WB_BOUND_NONE, 0, 0, 5, 5, 0},
    {"percentages of many pods", WB_BOUND_PERCENT, WB_BOUND_NONE, 99, 0, 2000000000, 2000000000,
     20000000},
};

static void budgets_allow_as_the_controller_does(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        const wb_pdb pdb = {
            .min_available_kind = cases[i].min_kind,
            .min_available = cases[i].min,
            .max_unavailable_kind = cases[i].max_kind,
            .max_unavailable = cases[i].max,
        };
        const int32_t allowed = wb_pdb_allowed(&pdb, cases[i].expected, cases[i].healthy);
        if (allowed != cases[i].allowed) {
            printf("\n%s: %d\n", cases[i].name, allowed);
        }
        CU_ASSERT_EQUAL(allowed, cases[i].allowed);
    }
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"budgets allow as the disruption controller does", budgets_allow_as_the_controller_does},
    };
    return wb_test_run("policy", tests, WB_TEST_COUNT(tests));
}
