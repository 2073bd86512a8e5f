/*
 * DaemonSets: which nodes they want, and how their pods come and go.
 */
#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

static uint32_t intern(wb_cluster_fixture *f, const char *text)
{
    return wb_intern_add(&f->intern, text);
}

static wb_labels label(wb_cluster_fixture *f, const char *key, const char *value)
{
    const wb_labels none = {NULL, 0};
    return wb_labels_with(&f->arena, none, intern(f, key), intern(f, value));
}

/* ---- which nodes ---- */

static const struct {
    const char *name;
    const char *selector;   /* value of "pool" in nodeSelector; "": none */
    const char *affinity;   /* value of "pool" in required affinity; "": none; "-": no term */
    const char *node_names; /* metadata.name In; "": none */
    const char *tolerated;  /* key that is tolerated, any effect; "*": all; "": none */
    bool is_host_network;
    const char *taint; /* of the node: key; "": none */
    wb_taint_effect effect;
    bool is_wanted; /* on a node "n1" with pool=a */
} want_rows[] = {
    {"no constraints: everywhere", "", "", "", "", false, "", WB_TAINT_ANY, true},
    {"a selector that matches", "a", "", "", "", false, "", WB_TAINT_ANY, true},
    {"a selector that does not", "b", "", "", "", false, "", WB_TAINT_ANY, false},
    {"affinity that matches", "", "a", "", "", false, "", WB_TAINT_ANY, true},
    {"affinity that does not", "", "b", "", "", false, "", WB_TAINT_ANY, false},
    {"affinity without terms matches nothing", "", "-", "", "", false, "", WB_TAINT_ANY, false},
    {"affinity by the node's name", "", "", "n1", "", false, "", WB_TAINT_ANY, true},
    {"affinity by another name", "", "", "n2", "", false, "", WB_TAINT_ANY, false},
    {"a taint keeps it off", "", "", "", "", false, "gpu", WB_TAINT_NO_SCHEDULE, false},
    {"NoExecute, too", "", "", "", "", false, "gpu", WB_TAINT_NO_EXECUTE, false},
    {"PreferNoSchedule does not", "", "", "", "", false, "gpu", WB_TAINT_PREFER_NO_SCHEDULE, true},
    {"a toleration lets it on", "", "", "", "gpu", false, "gpu", WB_TAINT_NO_SCHEDULE, true},
    {"a toleration of everything", "", "", "", "*", false, "gpu", WB_TAINT_NO_EXECUTE, true},
    {"the wrong toleration", "", "", "", "tpu", false, "gpu", WB_TAINT_NO_SCHEDULE, false},
    {"not-ready is tolerated", "", "", "", "", false, "node.kubernetes.io/not-ready",
     WB_TAINT_NO_EXECUTE, true},
    {"unreachable is tolerated", "", "", "", "", false, "node.kubernetes.io/unreachable",
     WB_TAINT_NO_EXECUTE, true},
    {"a cordon is tolerated", "", "", "", "", false, "node.kubernetes.io/unschedulable",
     WB_TAINT_NO_SCHEDULE, true},
    {"disk pressure is tolerated", "", "", "", "", false, "node.kubernetes.io/disk-pressure",
     WB_TAINT_NO_SCHEDULE, true},
    {"memory pressure is tolerated", "", "", "", "", false, "node.kubernetes.io/memory-pressure",
     WB_TAINT_NO_SCHEDULE, true},
    {"pid pressure is tolerated", "", "", "", "", false, "node.kubernetes.io/pid-pressure",
     WB_TAINT_NO_SCHEDULE, true},
    {"no network: only for pods on the host's", "", "", "", "", true,
     "node.kubernetes.io/network-unavailable", WB_TAINT_NO_SCHEDULE, true},
    {"no network: not for others", "", "", "", "", false, "node.kubernetes.io/network-unavailable",
     WB_TAINT_NO_SCHEDULE, false},
    {"Karpenter's start-up taint is not tolerated", "", "", "", "", false,
     "karpenter.sh/unregistered", WB_TAINT_NO_EXECUTE, false},
};

static const wb_label_expression *in_expression(wb_cluster_fixture *f, const char *key,
                                                const char *value)
{
    uint32_t *values = WB_ARENA_NEW(&f->arena, uint32_t);
    *values = intern(f, value);
    wb_label_expression *expression = WB_ARENA_NEW(&f->arena, wb_label_expression);
    *expression = (wb_label_expression){
        .key = intern(f, key), .op = WB_OPERATOR_IN, .value_count = 1, .values = values};
    return expression;
}

static void constrain(wb_cluster_fixture *f, size_t row, wb_pod_template *template)
{
    if (want_rows[row].selector[0] != '\0') {
        template->node_selector = label(f, "pool", want_rows[row].selector);
    }
    wb_node_term *term = WB_ARENA_NEW(&f->arena, wb_node_term);
    template->required_terms = term;
    if (want_rows[row].affinity[0] == '-') {
        template->required_is_set = true;
    } else if (want_rows[row].affinity[0] != '\0') {
        term->expressions = in_expression(f, "pool", want_rows[row].affinity);
        term->expression_count = 1;
    }
    if (want_rows[row].node_names[0] != '\0') {
        term->fields = in_expression(f, "metadata.name", want_rows[row].node_names);
        term->field_count = 1;
    }
    if (term->expression_count + term->field_count > 0) {
        template->required_is_set = true;
        template->required_term_count = 1;
    }
    if (want_rows[row].tolerated[0] != '\0') {
        wb_toleration *toleration = WB_ARENA_NEW(&f->arena, wb_toleration);
        *toleration = (wb_toleration){.op = WB_TOLERATION_EXISTS, .seconds = -1};
        if (want_rows[row].tolerated[0] != '*') {
            toleration->key = intern(f, want_rows[row].tolerated);
        }
        template->tolerations = toleration;
        template->toleration_count = 1;
    }
    template->is_host_network = want_rows[row].is_host_network;
}

static void check_want(size_t row)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_workload agent = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "agent", 0);
    wb_pod_template *template = wb_cluster_fixture_template(&f, "agent", 100, 1);
    constrain(&f, row, template);
    agent.template = template;
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &agent);
    const wb_taint taint = {intern(&f, want_rows[row].taint), 0, want_rows[row].effect};
    const uint32_t taint_count = want_rows[row].taint[0] == '\0' ? 0 : 1;
    const wb_resource capacity[] = {{WB_NAME_CPU, 1000}, {WB_NAME_MEMORY, 1000}, {WB_NAME_PODS, 9}};
    const wb_node_create create = {.name = "n1",
                                   .labels = label(&f, "pool", "a"),
                                   .taints = &taint,
                                   .taint_count = taint_count,
                                   .capacity = {capacity, 3},
                                   .allocatable = {capacity, 3},
                                   .instance_id = WB_NO_ID,
                                   .claim_id = WB_NO_ID,
                                   .is_ready = true,
                                   .pod_start_median_ms = -1};
    const uint32_t node_id = wb_cluster_add_node(&f.cluster, &create);
    CU_ASSERT_EQUAL(f.cluster.owners[owner_id].living_count, want_rows[row].is_wanted ? 1 : 0);
    uint32_t wanted[1];
    const wb_cluster_node *node = &f.cluster.nodes[node_id];
    const uint32_t count =
        wb_cluster_daemonsets_for(&f.cluster, node->labels, &taint, taint_count, wanted);
    CU_ASSERT_EQUAL(count, want_rows[row].is_wanted ? 1 : 0);
    wb_cluster_fixture_release(&f);
}

static void test_wants(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(want_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        check_want(i);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", want_rows[i].name);
        }
    }
}

/* ---- coming and going ---- */

static void test_overhead(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const wb_workload one = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "one", 0);
    const wb_workload two = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "two", 0);
    (void)wb_cluster_fixture_apply(&f, &one);
    (void)wb_cluster_fixture_apply(&f, &two);
    const uint32_t id = wb_cluster_fixture_new_node(&f, "n1", 2);
    CU_ASSERT_EQUAL(c->nodes[id].pod_count, 2);
    CU_ASSERT_EQUAL(c->nodes[id].movable_pod_count, 0);
    CU_ASSERT_EQUAL(c->nodes[id].empty_since_ms, 0); /* daemons leave a node empty */
    CU_ASSERT_EQUAL(c->nodes[id].last_pod_event_ms, -1);
    CU_ASSERT_EQUAL(c->nodes[id].daemon_cpu_milli, 200);
    CU_ASSERT_EQUAL(c->nodes[id].daemon_memory_bytes, INT64_C(256) << 20);
    CU_ASSERT_EQUAL(c->nodes[id].requested[0], 200);
    CU_ASSERT_EQUAL(c->pending_count + c->starting_count + c->running_count, 0);
    CU_ASSERT_EQUAL(c->pods.state[0], WB_POD_STATE_STARTING); /* until the node is ready */
    wb_cluster_fixture_run(&f, 5000);
    wb_cluster_set_node_ready(c, id, true);
    wb_cluster_fixture_run(&f, 6000);
    CU_ASSERT_EQUAL(c->pods.state[0], WB_POD_STATE_RUNNING);
    CU_ASSERT_EQUAL(c->pods.running_ms[0], 5000);
    CU_ASSERT_EQUAL(c->running_count, 0);
    wb_cluster_remove_node(c, id, WB_CAUSE_EMPTINESS);
    CU_ASSERT_EQUAL(c->pods.state[0], WB_POD_STATE_DELETED);
    CU_ASSERT_EQUAL(c->pods.cause[0], WB_CAUSE_WORKLOAD);
    CU_ASSERT_EQUAL(c->pods.count, 2); /* no replacement */
    CU_ASSERT_EQUAL(c->eviction_count, 0);
    CU_ASSERT_EQUAL(c->lost_count, 0);
    wb_cluster_fixture_release(&f);
}

static void test_later(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    (void)wb_cluster_fixture_node(&f, "n1", 2);
    (void)wb_cluster_fixture_node(&f, "n2", 2);
    wb_cluster_remove_node(c, wb_cluster_fixture_node(&f, "n3", 2), WB_CAUSE_DRIFT);
    wb_workload agent = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "agent", 0);
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &agent);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 2);
    wb_cluster_fixture_run(&f, 1000);
    agent.template = wb_cluster_fixture_template(&f, "agent", 300, 1);
    (void)wb_cluster_fixture_apply(&f, &agent);
    CU_ASSERT_EQUAL(c->owners[owner_id].active_count, 0);
    wb_cluster_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(c->owners[owner_id].active_count, 2);
    CU_ASSERT_EQUAL(c->nodes[0].daemon_cpu_milli, 300);
    CU_ASSERT(wb_cluster_delete_workload(c, WB_OWNER_DAEMON_SET, WB_NAME_DEFAULT, agent.name));
    CU_ASSERT_FALSE(
        wb_cluster_delete_workload(c, WB_OWNER_DAEMON_SET, WB_NAME_DEFAULT, agent.name));
    wb_cluster_fixture_run(&f, 9000);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 0);
    CU_ASSERT_EQUAL(c->nodes[0].requested[0], 0);
    (void)wb_cluster_fixture_node(&f, "n4", 2);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 0);
    wb_cluster_fixture_release(&f);
}

/* One that does not fit waits for room; it is no pending pod to anybody else. */
static void test_no_room(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const uint32_t n1 = wb_cluster_fixture_node(&f, "n1", 1);
    const uint32_t n2 = wb_cluster_fixture_node(&f, "n2", 1);
    wb_workload big = wb_cluster_fixture_workload(&f, WB_OWNER_REPLICA_SET, "big", 2);
    big.template = wb_cluster_fixture_template(&f, "big", 950, 1);
    (void)wb_cluster_fixture_apply(&f, &big);
    wb_cluster_fixture_run(&f, 1000);
    const wb_workload agent = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "agent", 0);
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &agent);
    const uint32_t waiting = wb_cluster_fixture_find(&f, "agent-0");
    CU_ASSERT_EQUAL(c->pods.state[waiting], WB_POD_STATE_PENDING);
    CU_ASSERT_EQUAL(c->pods.nominated_node_id[waiting], n1);
    CU_ASSERT_EQUAL(c->pending_count, 0);
    wb_cluster_fixture_run(&f, 2000);
    big.replicas = 1; /* the newer one goes: it is on n2 */
    (void)wb_cluster_fixture_apply(&f, &big);
    wb_cluster_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(c->nodes[n2].pod_count, 1);
    CU_ASSERT_EQUAL(c->nodes[n2].daemon_cpu_milli, 100);
    CU_ASSERT_EQUAL(c->pods.state[waiting], WB_POD_STATE_PENDING);
    wb_cluster_remove_node(c, n1, WB_CAUSE_DRIFT); /* the waiting one goes with its node */
    CU_ASSERT_EQUAL(c->pods.state[waiting], WB_POD_STATE_DELETED);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 1);
    wb_cluster_fixture_release(&f);
}

/* Start-up taints, as a new node of Karpenter's has them. */
static void test_taint_goes(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const wb_workload agent = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "agent", 0);
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &agent);
    const wb_taint taint = {WB_NAME_TAINT_UNREGISTERED, 0, WB_TAINT_NO_EXECUTE};
    const wb_node_create create = {.name = "n1",
                                   .taints = &taint,
                                   .taint_count = 1,
                                   .instance_id = WB_NO_ID,
                                   .claim_id = WB_NO_ID,
                                   .pod_start_median_ms = -1};
    const uint32_t id = wb_cluster_add_node(c, &create);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 0);
    CU_ASSERT(wb_cluster_remove_node_taint(c, id, taint.key, taint.effect));
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 1); /* pending: the node has no room */
    wb_cluster_add_node_taint(c, id, taint);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 1);
    wb_cluster_fixture_release(&f);
}

static void test_label_changes(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    wb_workload agent = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "agent", 0);
    wb_pod_template *template = wb_cluster_fixture_template(&f, "agent", 100, 1);
    template->node_selector = label(&f, "role", "db");
    agent.template = template;
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &agent);
    const uint32_t id = wb_cluster_fixture_node(&f, "n1", 2);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 0);
    wb_cluster_set_node_label(c, id, intern(&f, "role"), intern(&f, "db"));
    CU_ASSERT_EQUAL(c->owners[owner_id].active_count, 1);
    wb_cluster_fixture_run(&f, 1000);
    wb_cluster_set_node_label(c, id, intern(&f, "role"), intern(&f, "web"));
    CU_ASSERT_EQUAL(c->owners[owner_id].active_count, 0);
    wb_cluster_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(c->owners[owner_id].living_count, 0);
    wb_cluster_fixture_release(&f);
}

/* An evicted one comes back when it is gone, unless the taint of the drain keeps it off. */
static void test_eviction(void)
{
    for (int tainted = 0; tainted < 2; tainted++) {
        wb_cluster_fixture f;
        wb_cluster_fixture_init(&f, NULL);
        wb_cluster *c = &f.cluster;
        const wb_workload agent = wb_cluster_fixture_workload(&f, WB_OWNER_DAEMON_SET, "agent", 0);
        const uint32_t owner_id = wb_cluster_fixture_apply(&f, &agent);
        const uint32_t id = wb_cluster_fixture_node(&f, "n1", 2);
        wb_cluster_fixture_run(&f, 1000);
        if (tainted == 1) {
            const wb_taint taint = {WB_NAME_TAINT_DISRUPTED, 0, WB_TAINT_NO_SCHEDULE};
            wb_cluster_add_node_taint(c, id, taint);
        }
        CU_ASSERT_EQUAL(wb_cluster_evict_pod(c, 0, WB_CAUSE_DRIFT), WB_EVICTION_ACCEPTED);
        wb_cluster_fixture_run(&f, 5000);
        CU_ASSERT_EQUAL(c->pods.state[0], WB_POD_STATE_DELETED);
        CU_ASSERT_EQUAL(c->owners[owner_id].living_count, tainted == 1 ? 0 : 1);
        CU_ASSERT_EQUAL(c->eviction_count, 0);
        wb_cluster_fixture_release(&f);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a DaemonSet wants the nodes that it selects and tolerates", test_wants},
        {"daemon overhead counts, and does not keep a node from being empty", test_overhead},
        {"a DaemonSet that comes later is rolled to all nodes", test_later},
        {"a pod without room waits for its node", test_no_room},
        {"a pod comes when the start-up taint goes", test_taint_goes},
        {"labels bring a pod and take it away", test_label_changes},
        {"an evicted pod comes back unless tainted off", test_eviction},
    };
    return wb_test_run("sim/cluster DaemonSets", cases, WB_TEST_COUNT(cases));
}
