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
    wb_scheduler_profile profile = wb_scheduler_config_default_profile();
    profile.strategy = WB_SCORE_MOST_ALLOCATED;
    wb_scheduler_config config = *wb_scheduler_config_default();
    config.profiles = &profile;
    const wb_scheduler_options options = {.config = &config};
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

static wb_pod_template *urgent(wb_scheduler_fixture *f, int64_t cpu_milli)
{
    wb_pod_template *template = wb_scheduler_fixture_template(f, "urgent", cpu_milli);
    template->priority_is_set = true;
    template->priority = 100;
    return template;
}

static void test_preempts(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    const uint32_t low =
        wb_scheduler_fixture_pod(&f, "low", wb_scheduler_fixture_template(&f, "web", 3000));
    wb_scheduler_fixture_run(&f, 10000);
    const uint32_t high = wb_scheduler_fixture_pod(&f, "high", urgent(&f, 3000));
    wb_scheduler_fixture_run(&f, 10000);
    CU_ASSERT_EQUAL(f.cluster.pods.state[low], WB_POD_STATE_TERMINATING);
    CU_ASSERT_EQUAL(f.cluster.pods.cause[low], WB_CAUSE_PREEMPTION);
    CU_ASSERT_EQUAL(f.cluster.pods.nominated_node_id[high], 0);
    /* The place is held: a pod of no priority does not slip in. */
    const uint32_t late =
        wb_scheduler_fixture_pod(&f, "late", wb_scheduler_fixture_template(&f, "web", 2000));
    wb_scheduler_fixture_run(&f, 20000);
    CU_ASSERT_EQUAL(f.cluster.pods.bound_ms[high], 11000); /* the victim stopped within a second */
    CU_ASSERT_EQUAL(f.cluster.pods.nominated_node_id[high], WB_NO_ID);
    CU_ASSERT_EQUAL(f.cluster.pods.state[late], WB_POD_STATE_PENDING);
    CU_ASSERT_EQUAL(wb_scheduler_get_counters(f.scheduler).preemptions, 1);
    wb_scheduler_fixture_release(&f);
}

static void test_never_preempts(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    const uint32_t low =
        wb_scheduler_fixture_pod(&f, "low", wb_scheduler_fixture_template(&f, "web", 3000));
    wb_pod_template *template = urgent(&f, 3000);
    template->preemption_policy = WB_PREEMPT_NEVER;
    wb_scheduler_fixture_run(&f, 0);
    const uint32_t high = wb_scheduler_fixture_pod(&f, "high", template);
    wb_scheduler_fixture_run(&f, 20000);
    CU_ASSERT_EQUAL(f.cluster.pods.state[low], WB_POD_STATE_RUNNING);
    CU_ASSERT_EQUAL(f.cluster.pods.state[high], WB_POD_STATE_PENDING);
    wb_scheduler_fixture_release(&f);
}

/* A nomination that ends with its pod lets the next one in. */
static void test_nomination_ends(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    (void)wb_scheduler_fixture_pod(&f, "low", wb_scheduler_fixture_template(&f, "web", 3000));
    wb_scheduler_fixture_run(&f, 10000);
    const uint32_t high = wb_scheduler_fixture_pod(&f, "high", urgent(&f, 3000));
    const uint32_t late =
        wb_scheduler_fixture_pod(&f, "late", wb_scheduler_fixture_template(&f, "web", 2000));
    wb_scheduler_fixture_run(&f, 10500);
    wb_cluster_delete_pod(&f.cluster, high, WB_CAUSE_WORKLOAD);
    wb_scheduler_fixture_run(&f, 20000);
    CU_ASSERT_EQUAL(f.cluster.pods.bound_ms[late], 11000);
    wb_scheduler_fixture_release(&f);
}

/* Four equal pods of an owner on nodes of which one is much emptier: without default spreading it
 * would get all. */
static uint32_t count_on_big_node(bool default_spread_is_off)
{
    const wb_scheduler_options options = {.default_spread_is_off = default_spread_is_off};
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, &options);
    const uint32_t big = wb_scheduler_fixture_node(&f, "big", "a", 64);
    (void)wb_scheduler_fixture_node(&f, "n2", "b", 4);
    (void)wb_scheduler_fixture_node(&f, "n3", "c", 4);
    const uint32_t owner = wb_cluster_add_owner(&f.cluster, WB_OWNER_REPLICA_SET, WB_NAME_DEFAULT,
                                                wb_intern_add(&f.intern, "web"));
    const wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 500);
    for (int i = 0; i < 4; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "p%d", i);
        (void)wb_scheduler_fixture_owned(&f, name, template, owner);
    }
    wb_scheduler_fixture_run(&f, 0);
    const uint32_t count = f.cluster.nodes[big].pod_count;
    wb_scheduler_fixture_release(&f);
    return count;
}

static void test_default_spread(void)
{
    CU_ASSERT_EQUAL(count_on_big_node(true), 4);
    CU_ASSERT_EQUAL(count_on_big_node(false), 2);
}

static void test_schedule_mark(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.schedule_mark_ms = 250;
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, &options, NULL);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    const wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 3000);
    wb_scheduler_fixture_run(&f, 1000);
    const uint32_t first = wb_scheduler_fixture_pod(&f, "p1", template);
    wb_scheduler_fixture_run(&f, 1100);
    const uint32_t second = wb_scheduler_fixture_pod(&f, "p2", template);
    wb_scheduler_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(f.cluster.pods.bound_ms[first], 1250);
    CU_ASSERT_EQUAL(f.cluster.pods.first_unschedulable_ms[second], 1350);
    wb_scheduler_fixture_release(&f);
}

static void test_gates(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 100);
    template->has_scheduling_gates = true;
    const uint32_t pod = wb_scheduler_fixture_pod(&f, "p1", template);
    wb_scheduler_fixture_run(&f, 1000000);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod], WB_POD_STATE_PENDING);
    CU_ASSERT_EQUAL(f.unschedulable_count, 0); /* nobody is to launch a node for it */
    wb_scheduler_fixture_release(&f);
}

/* A pod that fails for good is looked at again every five to five and a half minutes, and costs
 * nothing in between. */
static void test_flush(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    (void)wb_scheduler_fixture_pod(&f, "p1", wb_scheduler_fixture_template(&f, "web", 9000));
    wb_scheduler_fixture_run(&f, 24 * INT64_C(3600000));
    CU_ASSERT_EQUAL(f.unschedulable_count, 1 + 86400 / 330);
    CU_ASSERT_TRUE(f.kernel.event_count < UINT64_C(3) * f.unschedulable_count);
    wb_scheduler_fixture_release(&f);
}

static void test_waits_for_backoff(void)
{
    const wb_scheduler_options options = {.waits_for_backoff = true};
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, &options);
    const uint32_t pod =
        wb_scheduler_fixture_pod(&f, "p1", wb_scheduler_fixture_template(&f, "web", 1000));
    wb_scheduler_fixture_run(&f, 300);
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    wb_scheduler_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(f.cluster.pods.bound_ms[pod], 1000);
    wb_scheduler_fixture_release(&f);
}

/* What contenders that simulate ask. */
static void test_explains(void)
{
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, NULL);
    const uint32_t node = wb_scheduler_fixture_node(&f, "n1", "a", 4);
    const uint32_t pod =
        wb_scheduler_fixture_pod(&f, "p1", wb_scheduler_fixture_template(&f, "web", 5000));
    const uint32_t small =
        wb_scheduler_fixture_pod(&f, "p2", wb_scheduler_fixture_template(&f, "web", 50));
    char reason[64];
    const char *plugin = wb_scheduler_filter(f.scheduler, pod, node, reason, sizeof(reason));
    CU_ASSERT_PTR_NOT_NULL_FATAL(plugin);
    CU_ASSERT_STRING_EQUAL(plugin == NULL ? "" : plugin, "NodeResourcesFit");
    CU_ASSERT_STRING_EQUAL(reason, "Insufficient cpu");
    CU_ASSERT_PTR_NULL(wb_scheduler_filter(f.scheduler, small, node, NULL, 0));
    wb_scheduler_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"equal pods spread, ties go to the first node by name", test_spreads_equal_pods},
    {"the bin-packing strategy fills one node first", test_packs_when_told},
    {"a pod without room waits for a node or for the end of another", test_waits_for_room},
    {"a pod of higher priority takes a node over", test_preempts},
    {"but not with preemptionPolicy Never", test_never_preempts},
    {"a nomination ends with its pod", test_nomination_ends},
    {"pods of an owner are spread by default", test_default_spread},
    {"the first attempt comes after the mark", test_schedule_mark},
    {"a gated pod is not tried", test_gates},
    {"a hopeless pod costs little", test_flush},
    {"back-off is waited for when asked", test_waits_for_backoff},
    {"filters explain themselves", test_explains},
};

int main(void)
{
    return wb_test_run("scheduler", cases, WB_TEST_COUNT(cases));
}
