/* The second look: what happens in the 15 s that calls a command off. */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/solver/disruption_fixture.h"

static const wb_budget one_node[] = {{.nodes = 1}};

/* Nodes a and b, half used, whose pods fit on one smaller node. */
static void open_pair(wb_disruption_fixture *fixture)
{
    wb_disruption_fixture_init(fixture);
    wb_disruption_fixture_start(fixture);
    static const char *const names[] = {"a", "b"};
    for (size_t i = 0; i < 2; i++) {
        const uint32_t node =
            wb_disruption_fixture_node(fixture, names[i], "default", 8, WB_NAME_ON_DEMAND);
        (void)wb_disruption_fixture_pod(fixture, node, 2900);
    }
}

static void nothing(wb_disruption_fixture *fixture)
{
    (void)fixture;
}

static void nominate(wb_disruption_fixture *fixture)
{
    fixture->nodes[0].is_nominated = true;
}

static void mark(wb_disruption_fixture *fixture)
{
    fixture->nodes[1].is_marked = true;
}

static void a_small_pod_comes(wb_disruption_fixture *fixture)
{
    (void)wb_disruption_fixture_pod(fixture, 0, 50); /* t6 still has room */
}

static void a_pod_comes(wb_disruption_fixture *fixture)
{
    (void)wb_disruption_fixture_pod(fixture, 0, 1000); /* t6 is too small now */
}

static void a_pod_comes_to_a_young_node(wb_disruption_fixture *fixture)
{
    a_small_pod_comes(fixture);
    fixture->nodes[0].is_consolidatable = false;
}

static void a_budget_closes(wb_disruption_fixture *fixture)
{
    fixture->nodepools[0].budgets = one_node;
}

static void room_appears(wb_disruption_fixture *fixture)
{
    const uint32_t node = wb_disruption_fixture_node(fixture, "c", "default", 8, WB_NAME_ON_DEMAND);
    fixture->nodes[node].is_protected = true; /* its pods now fit there: better than planned */
}

static void a_pending_pod_comes(wb_disruption_fixture *fixture)
{
    wb_disruption_fixture_pending(fixture, 23500); /* a second new node is needed */
}

static const struct {
    const char *name;
    void (*change)(wb_disruption_fixture *fixture);
    wb_disruption_verdict verdict;
} changes[] = {
    {"nothing changed", nothing, WB_DISRUPTION_VALID},
    {"a candidate was nominated", nominate, WB_DISRUPTION_CHURN},
    {"a candidate is going anyway", mark, WB_DISRUPTION_CHURN},
    {"a small pod came, all types still fit", a_small_pod_comes, WB_DISRUPTION_VALID},
    {"a pod came, the smallest type no longer fits", a_pod_comes, WB_DISRUPTION_RESCHEDULED},
    {"its coming started consolidateAfter anew", a_pod_comes_to_a_young_node, WB_DISRUPTION_CHURN},
    {"the budget shrank", a_budget_closes, WB_DISRUPTION_OVER_BUDGET},
    {"no new node is needed any more", room_appears, WB_DISRUPTION_RESCHEDULED},
    {"two new nodes are needed", a_pending_pod_comes, WB_DISRUPTION_RESCHEDULED},
};

static void changes_by_table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(changes); i++) {
        wb_disruption_fixture fixture;
        open_pair(&fixture);
        wb_disruption *before = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome planned =
            wb_disruption_compute(before, WB_DISRUPTION_MULTI_NODE);
        CU_ASSERT_EQUAL_FATAL(planned.command_count, 1);
        changes[i].change(&fixture);
        fixture.state.now_ms += 15 * WB_MS_PER_SECOND;
        wb_disruption *after = wb_disruption_fixture_look(&fixture);
        wb_disruption_command held = {0};
        const wb_disruption_verdict verdict =
            wb_disruption_validate(after, &planned.commands[0], &held);
        if (verdict != changes[i].verdict) {
            printf("\n    %s: %s", changes[i].name, wb_disruption_verdict_name(verdict));
        }
        CU_ASSERT_EQUAL(verdict, changes[i].verdict);
        if (verdict == WB_DISRUPTION_VALID) { /* as planned, old list of types and all */
            CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_names(&fixture, &held), "a b");
            CU_ASSERT_PTR_EQUAL(held.replacements, planned.commands[0].replacements);
            CU_ASSERT_EQUAL(held.move_count, planned.commands[0].move_count);
        }
        wb_disruption_fixture_release(&fixture);
    }
}

/* Emptiness does without those that are empty no longer; of the others the first by name go within
 * the budget. */
static void emptiness_keeps_the_rest(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    static const char *const names[] = {"c", "b", "a"};
    for (size_t i = 0; i < 3; i++) {
        (void)wb_disruption_fixture_node(&fixture, names[i], "default", (uint32_t)i + 1,
                                         WB_NAME_ON_DEMAND);
    }
    wb_disruption *before = wb_disruption_fixture_look(&fixture);
    const wb_disruption_outcome planned = wb_disruption_compute(before, WB_DISRUPTION_EMPTINESS);
    CU_ASSERT_EQUAL_FATAL(planned.command_count, 1);
    CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_names(&fixture, planned.commands), "a b c");
    (void)wb_disruption_fixture_pod(&fixture, 2, 100);
    wb_disruption *after = wb_disruption_fixture_look(&fixture);
    wb_disruption_command held = {0};
    CU_ASSERT_EQUAL(wb_disruption_validate(after, planned.commands, &held), WB_DISRUPTION_VALID);
    CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_names(&fixture, &held), "b c");
    CU_ASSERT_DOUBLE_EQUAL(held.saving_usd_per_hour, 0.3, 1e-12);
    fixture.nodepools[0].budgets = one_node;
    after = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_EQUAL(wb_disruption_validate(after, planned.commands, &held), WB_DISRUPTION_VALID);
    CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_names(&fixture, &held), "b");
    fixture.nodes[2].is_marked = true; /* consumes the budget */
    after = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_EQUAL(wb_disruption_validate(after, planned.commands, &held),
                    WB_DISRUPTION_OVER_BUDGET);
    fixture.nodes[0].is_nominated = true;
    fixture.nodes[1].is_nominated = true;
    after = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_EQUAL(wb_disruption_validate(after, planned.commands, &held), WB_DISRUPTION_CHURN);
    wb_disruption_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"what changed decides whether a command holds", changes_by_table},
    {"emptiness goes on with what is still empty", emptiness_keeps_the_rest},
};

int main(void)
{
    return wb_test_run("validation of commands", cases, WB_TEST_COUNT(cases));
}
