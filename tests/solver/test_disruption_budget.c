/* Budgets: which hold at a moment, and how many nodes they let go. */
#include "base/duration.h"
#include "tests/harness.h"
#include "tests/solver/disruption_fixture.h"

#define HOURS(n)   (INT64_C(n) * WB_MS_PER_HOUR)
#define MINUTES(n) (INT64_C(n) * WB_MS_PER_MINUTE)

enum {
    UNLIMITED = INT32_MAX
};

/* now is Tuesday, 2026-03-10 12:00:00 UTC, shifted by shift_ms. */
static const struct {
    const char *name;
    wb_budget budget;
    int64_t nodes;
    uint32_t reason;
    int64_t shift_ms;
    int64_t allowed;
} single_budgets[] = {
    {"a percentage rounds up", {.is_percent = true, .nodes = 10}, 11, WB_DISRUPTION_EMPTY, 0, 2},
    {"ten percent of one node is one",
     {.is_percent = true, .nodes = 10},
     1,
     WB_DISRUPTION_EMPTY,
     0,
     1},
    {"a percentage of nothing is nothing",
     {.is_percent = true, .nodes = 50},
     0,
     WB_DISRUPTION_EMPTY,
     0,
     0},
    {"zero stops all disruption", {.nodes = 0}, 50, WB_DISRUPTION_EMPTY, 0, 0},
    {"a number is not scaled", {.nodes = 3}, 2, WB_DISRUPTION_EMPTY, 0, 3},
    {"a budget of another reason does not apply",
     {.nodes = 0, .reasons = WB_DISRUPTION_DRIFTED},
     5,
     WB_DISRUPTION_EMPTY,
     0,
     UNLIMITED},
    {"one of several reasons is enough",
     {.nodes = 1, .reasons = WB_DISRUPTION_DRIFTED | WB_DISRUPTION_EMPTY},
     5,
     WB_DISRUPTION_EMPTY,
     0,
     1},
    {"a window is open at its first instant",
     {.nodes = 0, .schedule = "0 12 * * *", .duration_ms = HOURS(1)},
     5,
     WB_DISRUPTION_EMPTY,
     0,
     0},
    {"a window is open in its last millisecond",
     {.nodes = 0, .schedule = "0 12 * * *", .duration_ms = HOURS(1)},
     5,
     WB_DISRUPTION_EMPTY,
     HOURS(1) - 1,
     0},
    {"a window is closed at its end",
     {.nodes = 0, .schedule = "0 12 * * *", .duration_ms = HOURS(1)},
     5,
     WB_DISRUPTION_EMPTY,
     HOURS(1),
     UNLIMITED},
    {"a window is closed before its first instant",
     {.nodes = 0, .schedule = "0 12 * * *", .duration_ms = HOURS(1)},
     5,
     WB_DISRUPTION_EMPTY,
     -1,
     UNLIMITED},
    {"working hours on weekdays hold on a Tuesday",
     {.nodes = 0, .schedule = "0 9 * * mon-fri", .duration_ms = HOURS(8)},
     5,
     WB_DISRUPTION_EMPTY,
     0,
     0},
    {"and not on a Saturday",
     {.nodes = 0, .schedule = "0 9 * * mon-fri", .duration_ms = HOURS(8)},
     5,
     WB_DISRUPTION_EMPTY,
     HOURS(96),
     UNLIMITED},
    {"a window that outlasts its period is always open",
     {.nodes = 1, .schedule = "@hourly", .duration_ms = HOURS(3)},
     5,
     WB_DISRUPTION_EMPTY,
     MINUTES(59),
     1},
    {"an unreadable schedule closes the pool",
     {.nodes = 5, .schedule = "61 * * * *", .duration_ms = HOURS(1)},
     5,
     WB_DISRUPTION_EMPTY,
     0,
     0},
    {"even when it is of another reason",
     {.nodes = 5, .schedule = "nonsense", .duration_ms = 1, .reasons = WB_DISRUPTION_DRIFTED},
     5,
     WB_DISRUPTION_EMPTY,
     0,
     0},
};

static void one_budget(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(single_budgets); i++) {
        const wb_nodepool pool = {.budgets = &single_budgets[i].budget, .budget_count = 1};
        const int64_t allowed =
            wb_disruption_budget(&pool, single_budgets[i].nodes, single_budgets[i].reason,
                                 WB_DISRUPTION_FIXTURE_NOW + single_budgets[i].shift_ms);
        if (allowed != single_budgets[i].allowed) {
            printf("\n    %s: %lld", single_budgets[i].name, (long long)allowed);
        }
        CU_ASSERT_EQUAL(allowed, single_budgets[i].allowed);
    }
}

static void least_of_many(void)
{
    static const wb_budget budgets[] = {{.is_percent = true, .nodes = 50},
                                        {.nodes = 3},
                                        {.nodes = 1, .reasons = WB_DISRUPTION_DRIFTED}};
    const wb_nodepool pool = {.budgets = budgets, .budget_count = 3};
    const int64_t now = WB_DISRUPTION_FIXTURE_NOW;
    CU_ASSERT_EQUAL(wb_disruption_budget(&pool, 4, WB_DISRUPTION_EMPTY, now), 2);
    CU_ASSERT_EQUAL(wb_disruption_budget(&pool, 40, WB_DISRUPTION_EMPTY, now), 3);
    CU_ASSERT_EQUAL(wb_disruption_budget(&pool, 40, WB_DISRUPTION_DRIFTED, now), 1);
    const wb_nodepool without = {.budget_count = 0};
    CU_ASSERT_EQUAL(wb_disruption_budget(&without, 40, WB_DISRUPTION_EMPTY, now), UNLIMITED);
}

/* Ten nodes under a budget of four; what some of them are in counts against it. */
static void nodes_on_their_way(void)
{
    static const wb_budget four[] = {{.nodes = 4}};
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    fixture.nodepools[0].budgets = four;
    wb_disruption_fixture_start(&fixture);
    for (int i = 0; i < 10; i++) {
        char name[8];
        (void)snprintf(name, sizeof(name), "n-%d", i);
        (void)wb_disruption_fixture_node(&fixture, name, "default", 2, WB_NAME_ON_DEMAND);
    }
    fixture.nodes[0].is_ready = false;
    fixture.nodes[1].is_marked = true;
    fixture.nodes[2].is_marked = true; /* counts once, not for each reason */
    fixture.nodes[2].is_ready = false;
    fixture.nodes[3].is_marked = true; /* its instance is ending: no longer counted at all */
    fixture.nodes[3].is_terminating = true;
    fixture.nodes[4].has_claim = false;
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_EQUAL(wb_disruption_allowances(picture, WB_DISRUPTION_EMPTY)[0], 1);
    CU_ASSERT_EQUAL(wb_disruption_blocked_pool(picture, 0), 0);
    fixture.nodes[5].is_ready = false;
    fixture.nodes[6].is_ready = false;
    picture = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_EQUAL(wb_disruption_allowances(picture, WB_DISRUPTION_EMPTY)[0], 0);
    CU_ASSERT_EQUAL(wb_disruption_blocked_pool(picture, 0), 0); /* the budget itself allows some */
    wb_disruption_fixture_release(&fixture);
}

static void blocked_pools_are_named(void)
{
    static const wb_budget none[] = {{.nodes = 0, .reasons = WB_DISRUPTION_EMPTY}};
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    fixture.nodepools[0].budgets = none;
    (void)wb_disruption_fixture_pool(&fixture, "without-nodes");
    fixture.nodepools[1].budgets = none;
    wb_disruption_fixture_start(&fixture);
    (void)wb_disruption_fixture_node(&fixture, "n", "default", 2, WB_NAME_ON_DEMAND);
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    const wb_disruption_outcome outcome = wb_disruption_compute(picture, WB_DISRUPTION_EMPTINESS);
    CU_ASSERT_EQUAL(outcome.command_count, 0);
    CU_ASSERT_EQUAL(outcome.candidate_count, 1);
    CU_ASSERT(outcome.is_constrained);
    CU_ASSERT_EQUAL(wb_disruption_blocked_pool(picture, 0), WB_DISRUPTION_EMPTY);
    CU_ASSERT_EQUAL(wb_disruption_blocked_pool(picture, 1), 0);
    CU_ASSERT_EQUAL(wb_disruption_blocked(picture, 0), WB_BLOCKED_BUDGET);
    wb_disruption_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"one budget allows what the table says", one_budget},
    {"the least of those that apply holds", least_of_many},
    {"nodes on their way are subtracted, each once", nodes_on_their_way},
    {"a pool whose budget is zero is named as blocked", blocked_pools_are_named},
};

int main(void)
{
    return wb_test_run("disruption budgets", cases, WB_TEST_COUNT(cases));
}
