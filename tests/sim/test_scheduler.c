/*
 * The scheduler inside a simulation: which node a pod gets, and when.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/scheduler_fixture.h"

static void test_spreads_equal_pods(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    (void)wb_scheduler_fixture_node(&f, "n2", "a", 4);
    (void)wb_scheduler_fixture_node(&f, "n1", "b", 4);
    const wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 1000);
    const uint32_t first = wb_scheduler_fixture_pod(&f, "p1", template);
    const uint32_t second = wb_scheduler_fixture_pod(&f, "p2", template);
    wb_scheduler_fixture_run(&f, 0);
    /* Equal nodes: the first by name; then the emptier one. */
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&f, first), "n1");
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&f, second), "n2");
    wb_scheduler_fixture_release(&f);
}

static void test_packs_when_told(void)
{
    const wb_scheduler_options options = {.strategy = WB_SCORE_MOST_ALLOCATED};
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, &options);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    (void)wb_scheduler_fixture_node(&f, "n2", "b", 4);
    const wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 1000);
    const uint32_t first = wb_scheduler_fixture_pod(&f, "p1", template);
    const uint32_t second = wb_scheduler_fixture_pod(&f, "p2", template);
    wb_scheduler_fixture_run(&f, 0);
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&f, first), "n1");
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&f, second), "n1");
    wb_scheduler_fixture_release(&f);
}

static void test_waits_for_room(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    const wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 3000);
    const uint32_t first = wb_scheduler_fixture_pod(&f, "p1", template);
    wb_scheduler_fixture_run(&f, 500);
    CU_ASSERT_STRING_EQUAL(f.last_reason, "no nodes available to schedule pods");
    CU_ASSERT_EQUAL(f.cluster.pods.first_unschedulable_ms[first], 0);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    wb_scheduler_fixture_run(&f, 600);
    CU_ASSERT_EQUAL(f.cluster.pods.bound_ms[first], 500);
    const uint32_t second = wb_scheduler_fixture_pod(&f, "p2", template);
    wb_scheduler_fixture_run(&f, 1000);
    CU_ASSERT_STRING_EQUAL(f.last_reason, "0/1 nodes are available: 1 Insufficient cpu.");
    wb_cluster_delete_pod(&f.cluster, first, WB_CAUSE_WORKLOAD);
    wb_scheduler_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(f.cluster.pods.bound_ms[second], 2000); /* containers stop within a second */
    wb_scheduler_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"equal pods spread, ties go to the first node by name", test_spreads_equal_pods},
    {"the bin-packing strategy fills one node first", test_packs_when_told},
    {"a pod without room waits for a node or for the end of another", test_waits_for_room},
};

int main(void)
{
    return wb_test_run("scheduler", cases, WB_TEST_COUNT(cases));
}
