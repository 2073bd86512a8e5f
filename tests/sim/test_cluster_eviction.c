/*
 * Taking pods away: what each kind of owner does about it, and what PDBs allow.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

/* ---- owners driven by the trace ---- */

/* A pod "p" of owner "own" runs from 0 s; it is evicted at 10 s and stops within 1 s. */
static const struct {
    const char *name;
    wb_owner_kind kind;
    wb_lifetime_kind lifetime;
    int64_t life_ms;
    bool is_checkpointed;
    wb_pod_state state;            /* of the evicted one, in the end */
    const char *replacement;       /* name; NULL: none */
    int64_t replaced_ms, life2_ms; /* created at; its end_ms or duration_ms */
} rule_rows[] = {
    {"a Deployment's pod comes back at once, to the recorded end", WB_OWNER_DEPLOYMENT,
     WB_LIFETIME_UNTIL, 60000, false, WB_POD_STATE_EVICTED, "p-r1", 10000, 60000},
    {"a ReplicaSet's does, too", WB_OWNER_REPLICA_SET, WB_LIFETIME_UNTIL, 60000, false,
     WB_POD_STATE_EVICTED, "p-r1", 10000, 60000},
    {"without a recorded end it stays without", WB_OWNER_REPLICATION_CONTROLLER, WB_LIFETIME_OPEN,
     -1, false, WB_POD_STATE_EVICTED, "p-r1", 10000, -1},
    {"an owner of an unknown kind is taken for a service", WB_OWNER_OTHER, WB_LIFETIME_UNTIL, 60000,
     false, WB_POD_STATE_EVICTED, "p-r1", 10000, 60000},
    {"a StatefulSet's keeps its name, so it waits for the old one's end", WB_OWNER_STATEFUL_SET,
     WB_LIFETIME_UNTIL, 60000, false, WB_POD_STATE_EVICTED, "p", 11000, 60000},
    {"a StatefulSet's whose end comes meanwhile does not come back", WB_OWNER_STATEFUL_SET,
     WB_LIFETIME_UNTIL, 10500, false, WB_POD_STATE_DELETED, NULL, -1, -1},
    {"a Job's starts again with the full duration", WB_OWNER_JOB, WB_LIFETIME_DURATION, 45000,
     false, WB_POD_STATE_EVICTED, "p-r1", 10000, 45000},
    {"a checkpointed one does what was left", WB_OWNER_JOB, WB_LIFETIME_DURATION, 45000, true,
     WB_POD_STATE_EVICTED, "p-r1", 10000, 35000},
    {"a CronJob's pod is a Job's", WB_OWNER_CRON_JOB, WB_LIFETIME_DURATION, 45000, false,
     WB_POD_STATE_EVICTED, "p-r1", 10000, 45000},
    {"a bare service is lost", WB_OWNER_NONE, WB_LIFETIME_UNTIL, 60000, false, WB_POD_STATE_LOST,
     NULL, -1, -1},
    {"a bare run is lost", WB_OWNER_NONE, WB_LIFETIME_DURATION, 45000, true, WB_POD_STATE_LOST,
     NULL, -1, -1},
    {"a recorded DaemonSet pod just goes", WB_OWNER_DAEMON_SET, WB_LIFETIME_OPEN, -1, false,
     WB_POD_STATE_DELETED, NULL, -1, -1},
};

typedef enum taking {
    TAKING_EVICT,
    TAKING_KILL,
    TAKING_REMOVE_NODE,
} taking;

static void check_replacement(const wb_cluster_fixture *f, size_t row, uint32_t pod_id,
                              int64_t replaced_ms)
{
    const wb_pod_table *pods = &f->cluster.pods;
    const uint32_t next = pods->replaced_by[pod_id];
    CU_ASSERT_EQUAL(wb_cluster_latest_pod(&f->cluster, pod_id), next == WB_NO_ID ? pod_id : next);
    if (rule_rows[row].replacement == NULL) {
        CU_ASSERT_EQUAL(next, WB_NO_ID);
        return;
    }
    CU_ASSERT_NOT_EQUAL_FATAL(next, WB_NO_ID);
    CU_ASSERT_STRING_EQUAL(pods->name[next], rule_rows[row].replacement);
    CU_ASSERT_EQUAL(pods->created_ms[next], replaced_ms);
    CU_ASSERT_EQUAL(pods->replaces[next], pod_id);
    CU_ASSERT_EQUAL(pods->shape_id[next], pods->shape_id[pod_id]);
    CU_ASSERT_EQUAL(pods->lifetime[next], rule_rows[row].lifetime);
    CU_ASSERT((pods->flags[next] & WB_POD_IS_REPLACEMENT) != 0);
    const bool is_run = rule_rows[row].lifetime == WB_LIFETIME_DURATION;
    CU_ASSERT_EQUAL(is_run ? pods->duration_ms[next] : pods->end_ms[next], rule_rows[row].life2_ms);
}

static void check_rule(size_t row, taking how)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
    const wb_pod_create create = {
        .owner_id = wb_cluster_fixture_owner(&f, rule_rows[row].kind, "own"),
        .lifetime = rule_rows[row].lifetime,
        .end_ms = rule_rows[row].life_ms,
        .duration_ms = rule_rows[row].life_ms,
        .is_checkpointed = rule_rows[row].is_checkpointed,
        .bound_node_id = WB_NO_ID,
        .replaces = WB_NO_ID,
    };
    const uint32_t pod_id = wb_cluster_fixture_pod(&f, "p", "web", create);
    wb_cluster_fixture_run(&f, 10000);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_RUNNING);
    if (how == TAKING_EVICT) {
        CU_ASSERT_EQUAL(wb_cluster_evict_pod(&f.cluster, pod_id, WB_CAUSE_CONSOLIDATION),
                        WB_EVICTION_ACCEPTED);
        CU_ASSERT_EQUAL(wb_cluster_evict_pod(&f.cluster, pod_id, WB_CAUSE_CONSOLIDATION),
                        WB_EVICTION_GONE);
    } else {
        wb_cluster_kill_pod(&f.cluster, pod_id, WB_CAUSE_CONSOLIDATION, -1);
    }
    wb_cluster_check(&f.cluster);
    wb_cluster_fixture_run(&f, 11000);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], rule_rows[row].state);
    CU_ASSERT_EQUAL(f.cluster.pods.gone_ms[pod_id], 11000);
    check_replacement(&f, row, pod_id, rule_rows[row].replaced_ms);
    const bool is_daemon = rule_rows[row].kind == WB_OWNER_DAEMON_SET;
    CU_ASSERT_EQUAL(f.cluster.eviction_count, is_daemon ? 0 : 1);
    CU_ASSERT_EQUAL(f.cluster.lost_count, rule_rows[row].state == WB_POD_STATE_LOST ? 1 : 0);
    (void)node_id;
    wb_cluster_fixture_release(&f);
}

/* The node goes at 10 s without a drain: everything happens at once. */
static void check_lost_node(size_t row)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
    const wb_pod_create create = {
        .owner_id = wb_cluster_fixture_owner(&f, rule_rows[row].kind, "own"),
        .lifetime = rule_rows[row].lifetime,
        .end_ms = rule_rows[row].life_ms,
        .duration_ms = rule_rows[row].life_ms,
        .is_checkpointed = rule_rows[row].is_checkpointed,
        .bound_node_id = WB_NO_ID,
        .replaces = WB_NO_ID,
    };
    const uint32_t pod_id = wb_cluster_fixture_pod(&f, "p", "web", create);
    wb_cluster_fixture_run(&f, 10000);
    wb_cluster_remove_node(&f.cluster, node_id, WB_CAUSE_INSTANCE_LOST);
    wb_cluster_check(&f.cluster);
    CU_ASSERT_EQUAL(f.cluster.pods.gone_ms[pod_id], 10000);
    const bool ends_meanwhile = rule_rows[row].life_ms == 10500; /* not so here: no time passes */
    if (!ends_meanwhile) {
        CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], rule_rows[row].state);
        check_replacement(&f, row, pod_id, 10000);
    }
    wb_cluster_fixture_release(&f);
}

static void test_rules(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rule_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        check_rule(i, TAKING_EVICT);
        check_rule(i, TAKING_KILL);
        check_lost_node(i);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", rule_rows[i].name);
        }
    }
}

static wb_pod_create service_of(uint32_t owner_id)
{
    return (wb_pod_create){.owner_id = owner_id,
                           .lifetime = WB_LIFETIME_OPEN,
                           .bound_node_id = WB_NO_ID,
                           .replaces = WB_NO_ID};
}

/* Evicted twice: the trace's end of the first pod is meant for the third. */
static void test_latest(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    (void)wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t owner_id = wb_cluster_fixture_owner(&f, WB_OWNER_DEPLOYMENT, "web");
    const uint32_t first = wb_cluster_fixture_pod(&f, "p", "web", service_of(owner_id));
    for (int64_t i = 1; i <= 2; i++) {
        wb_cluster_fixture_run(&f, i * 10000);
        (void)wb_cluster_evict_pod(&f.cluster, wb_cluster_latest_pod(&f.cluster, first),
                                   WB_CAUSE_DRIFT);
    }
    wb_cluster_fixture_run(&f, 30000);
    const uint32_t latest = wb_cluster_latest_pod(&f.cluster, first);
    CU_ASSERT_STRING_EQUAL(f.cluster.pods.name[latest], "p-r2");
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "p"), latest); /* by the recorded name */
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "p-r1"), latest);
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "p-r2"), latest);
    CU_ASSERT_EQUAL(f.cluster.pods.state[latest], WB_POD_STATE_RUNNING);
    CU_ASSERT_EQUAL(f.cluster.owners[owner_id].living_count, 1);
    wb_cluster_delete_pod(&f.cluster, latest, WB_CAUSE_WORKLOAD);
    wb_cluster_fixture_run(&f, 40000);
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "p"), WB_NO_ID);
    CU_ASSERT_EQUAL(f.cluster.pod_by_name.used_count, 0);
    wb_cluster_fixture_release(&f);
}

/* A StatefulSet's pod that the trace deletes while it is being evicted does not come back. */
static void test_delete_while_evicted(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    (void)wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t owner_id = wb_cluster_fixture_owner(&f, WB_OWNER_STATEFUL_SET, "db");
    const uint32_t pod_id = wb_cluster_fixture_pod(&f, "db-0", "db", service_of(owner_id));
    wb_cluster_fixture_run(&f, 10000);
    (void)wb_cluster_evict_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT);
    wb_cluster_fixture_run(&f, 10500);
    wb_cluster_delete_pod(&f.cluster, pod_id, WB_CAUSE_WORKLOAD);
    wb_cluster_fixture_run(&f, 20000);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_DELETED);
    CU_ASSERT_EQUAL(f.cluster.pods.count, 1);
    wb_cluster_fixture_release(&f);
}

static void test_pending_eviction(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    static const wb_owner_kind kinds[] = {WB_OWNER_DEPLOYMENT, WB_OWNER_STATEFUL_SET};
    for (size_t i = 0; i < WB_TEST_COUNT(kinds); i++) {
        const uint32_t owner_id = wb_cluster_fixture_owner(&f, kinds[i], "web");
        const uint32_t pod_id = wb_cluster_fixture_pod(&f, "p", "web", service_of(owner_id));
        CU_ASSERT_EQUAL(wb_cluster_evict_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT),
                        WB_EVICTION_ACCEPTED);
        CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_EVICTED);
        const uint32_t next = f.cluster.pods.replaced_by[pod_id];
        CU_ASSERT_NOT_EQUAL_FATAL(next, WB_NO_ID);
        CU_ASSERT_EQUAL(f.cluster.pods.state[next], WB_POD_STATE_PENDING);
        wb_cluster_check(&f.cluster);
    }
    wb_cluster_fixture_release(&f);
}

/* Evicted in the millisecond of its recorded end: nobody misses it. */
static void test_eviction_at_end(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster_fixture_run(&f, 1000);
    wb_pod_create create = service_of(wb_cluster_fixture_owner(&f, WB_OWNER_REPLICA_SET, "web"));
    create.lifetime = WB_LIFETIME_UNTIL;
    create.end_ms = 1000;
    const uint32_t pod_id = wb_cluster_fixture_pod(&f, "p", "web", create);
    CU_ASSERT_EQUAL(wb_cluster_evict_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT), WB_EVICTION_ACCEPTED);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_DELETED);
    CU_ASSERT_EQUAL(f.cluster.pods.count, 1);
    wb_cluster_fixture_release(&f);
}

/* ---- PDBs ---- */

/* Ten pods run, of which so many are on a node that is not ready; then as many as possible are
 * evicted one after another without letting time pass. */
static const struct {
    const char *name;
    wb_bound_kind min_kind, max_kind;
    int32_t min, max;
    int32_t unhealthy;
    bool is_controlled; /* by a Deployment here; else each pod counts for itself */
    int32_t allowed;    /* at first */
} pdb_rows[] = {
    {"half of ten may go", WB_BOUND_PERCENT, WB_BOUND_NONE, 50, 0, 0, true, 5},
    {"a percentage that must stay rounds up", WB_BOUND_PERCENT, WB_BOUND_NONE, 75, 0, 0, true, 2},
    {"a percentage that may go rounds up", WB_BOUND_NONE, WB_BOUND_PERCENT, 0, 25, 0, true, 3},
    {"one at a time", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 1, 0, true, 1},
    {"none at all", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 0, 0, true, 0},
    {"all of them", WB_BOUND_PERCENT, WB_BOUND_NONE, 100, 0, 0, true, 0},
    {"more must stay than there are", WB_BOUND_COUNT, WB_BOUND_NONE, 12, 0, 0, true, 0},
    {"eight must stay", WB_BOUND_COUNT, WB_BOUND_NONE, 8, 0, 0, true, 2},
    {"unhealthy ones use the allowance", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 3, 2, true, 1},
    {"too many unhealthy ones", WB_BOUND_NONE, WB_BOUND_COUNT, 0, 3, 5, true, 0},
    {"the same for the trace's pods", WB_BOUND_PERCENT, WB_BOUND_NONE, 75, 0, 0, false, 2},
};

static wb_pdb pdb_of(wb_cluster_fixture *f, size_t row)
{
    return (wb_pdb){.name = wb_intern_add(&f->intern, "pdb"),
                    .namespace_name = WB_NAME_DEFAULT,
                    .selector = wb_cluster_fixture_selector(f, "web"),
                    .min_available_kind = pdb_rows[row].min_kind,
                    .max_unavailable_kind = pdb_rows[row].max_kind,
                    .min_available = pdb_rows[row].min,
                    .max_unavailable = pdb_rows[row].max};
}

static void make_ten(wb_cluster_fixture *f, size_t row)
{
    /* 100m each: the first node takes the unhealthy ones, the second the rest. */
    const uint32_t bad = wb_cluster_fixture_node(f, "bad", 1);
    wb_cluster_cordon_node(&f->cluster, bad, pdb_rows[row].unhealthy == 0);
    const uint32_t good = wb_cluster_fixture_node(f, "good", 16);
    wb_cluster_cordon_node(&f->cluster, good, true);
    if (pdb_rows[row].is_controlled) {
        wb_workload web =
            wb_cluster_fixture_workload(f, WB_OWNER_DEPLOYMENT, "web", pdb_rows[row].unhealthy);
        (void)wb_cluster_fixture_apply(f, &web);
        wb_cluster_fixture_run(f, 1000);
        wb_cluster_cordon_node(&f->cluster, good, false);
        wb_cluster_cordon_node(&f->cluster, bad, true);
        web.replicas = 10;
        (void)wb_cluster_fixture_apply(f, &web);
    } else {
        wb_cluster_cordon_node(&f->cluster, good, false);
        const uint32_t owner_id = wb_cluster_fixture_owner(f, WB_OWNER_REPLICA_SET, "web");
        static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
        for (size_t i = 0; i < WB_TEST_COUNT(names); i++) {
            (void)wb_cluster_fixture_pod(f, names[i], "web", service_of(owner_id));
        }
    }
    wb_cluster_fixture_run(f, 2000);
    if (pdb_rows[row].unhealthy > 0) {
        wb_cluster_set_node_ready(&f->cluster, bad, false);
    }
}

static void check_pdb(size_t row)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    make_ten(&f, row);
    const wb_pdb pdb = pdb_of(&f, row);
    wb_cluster_apply_pdb(&f.cluster, &pdb); /* counts what is there already */
    wb_cluster_check(&f.cluster);
    CU_ASSERT_EQUAL(wb_cluster_pdb_allowed(&f.cluster, f.cluster.pdbs), pdb_rows[row].allowed);
    CU_ASSERT_EQUAL(f.cluster.running_count, 10);
    int32_t accepted = 0;
    const uint32_t count = f.cluster.pods.count;
    for (uint32_t pod_id = 0; pod_id < count; pod_id++) {
        if (!f.cluster.nodes[f.cluster.pods.node_id[pod_id]].is_ready) {
            continue;
        }
        const bool can = wb_cluster_can_evict(&f.cluster, pod_id);
        const wb_eviction answer = wb_cluster_evict_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT);
        CU_ASSERT_EQUAL(answer, can ? WB_EVICTION_ACCEPTED : WB_EVICTION_REFUSED);
        accepted += answer == WB_EVICTION_ACCEPTED ? 1 : 0;
        wb_cluster_check(&f.cluster);
    }
    CU_ASSERT_EQUAL(accepted, pdb_rows[row].allowed);
    CU_ASSERT_EQUAL(f.cluster.eviction_refused_count,
                    (uint64_t)(10 - pdb_rows[row].unhealthy - accepted));
    CU_ASSERT_EQUAL(f.calls.refused, f.cluster.eviction_refused_count);
    /* When the replacements run, as many may go again. */
    wb_cluster_fixture_run(&f, 10000);
    CU_ASSERT_EQUAL(wb_cluster_pdb_allowed(&f.cluster, f.cluster.pdbs), pdb_rows[row].allowed);
    wb_cluster_fixture_release(&f);
}

static void test_pdbs(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(pdb_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        check_pdb(i);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", pdb_rows[i].name);
        }
    }
}

/* Two pods on a node that is not ready, two on one that is. */
static const struct {
    const char *name;
    int32_t min_available;
    bool always_allows;
    bool can_evict_healthy, can_evict_unhealthy;
} unhealthy_rows[] = {
    {"enough healthy ones: both may go", 1, false, true, true},
    {"just enough: only an unhealthy one may go", 2, false, false, true},
    {"too few: none may go", 3, false, false, false},
    {"unless the PDB always allows unhealthy ones", 3, true, false, true},
};

static void test_unhealthy(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(unhealthy_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        wb_cluster_fixture f;
        wb_cluster_fixture_init(&f, NULL);
        const uint32_t good = wb_cluster_fixture_node(&f, "good", 2);
        const uint32_t bad = wb_cluster_fixture_node(&f, "bad", 2);
        const wb_pdb pdb = {.namespace_name = WB_NAME_DEFAULT,
                            .selector = wb_cluster_fixture_selector(&f, "web"),
                            .min_available_kind = WB_BOUND_COUNT,
                            .min_available = unhealthy_rows[i].min_available,
                            .always_allows_unhealthy = unhealthy_rows[i].always_allows};
        wb_cluster_apply_pdb(&f.cluster, &pdb);
        wb_pod_create create = service_of(WB_NO_ID);
        create.bound_node_id = good;
        const uint32_t healthy = wb_cluster_fixture_pod(&f, "a", "web", create);
        (void)wb_cluster_fixture_pod(&f, "b", "web", create);
        create.bound_node_id = bad;
        const uint32_t unhealthy = wb_cluster_fixture_pod(&f, "c", "web", create);
        (void)wb_cluster_fixture_pod(&f, "d", "web", create);
        wb_cluster_fixture_run(&f, 1000);
        wb_cluster_set_node_ready(&f.cluster, bad, false);
        CU_ASSERT_EQUAL(wb_cluster_can_evict(&f.cluster, healthy),
                        unhealthy_rows[i].can_evict_healthy);
        CU_ASSERT_EQUAL(wb_cluster_can_evict(&f.cluster, unhealthy),
                        unhealthy_rows[i].can_evict_unhealthy);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", unhealthy_rows[i].name);
        }
        wb_cluster_fixture_release(&f);
    }
}

static void test_several_pdbs(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
    const wb_label_selector all = {.is_set = true};
    const wb_label_selector none = {.is_set = false};
    const wb_pdb pdbs[] = {
        {.name = 1,
         .namespace_name = WB_NAME_DEFAULT,
         .selector = all,
         .max_unavailable_kind = WB_BOUND_COUNT,
         .max_unavailable = 9},
        {.name = 2,
         .namespace_name = WB_NAME_DEFAULT,
         .selector = wb_cluster_fixture_selector(&f, "web"),
         .max_unavailable_kind = WB_BOUND_COUNT,
         .max_unavailable = 9},
        {.name = 2, .namespace_name = WB_NAME_KUBE_SYSTEM, .selector = all},
        {.name = 3, .namespace_name = WB_NAME_DEFAULT, .selector = none},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(pdbs); i++) {
        wb_cluster_apply_pdb(c, &pdbs[i]);
    }
    CU_ASSERT_EQUAL(c->pdb_count, 4);
    wb_pod_create create = service_of(WB_NO_ID);
    create.bound_node_id = node_id;
    const uint32_t web = wb_cluster_fixture_pod(&f, "a", "web", create);
    const uint32_t other = wb_cluster_fixture_pod(&f, "b", "other", create);
    CU_ASSERT(wb_cluster_can_evict(c, web)); /* not started: PDBs are not asked */
    wb_cluster_fixture_run(&f, 1000);
    CU_ASSERT_FALSE(wb_cluster_can_evict(c, web)); /* two PDBs: an error of the API */
    CU_ASSERT(wb_cluster_can_evict(c, other));
    CU_ASSERT(wb_cluster_delete_pdb(c, WB_NAME_DEFAULT, 1));
    CU_ASSERT_FALSE(wb_cluster_delete_pdb(c, WB_NAME_DEFAULT, 1));
    CU_ASSERT(wb_cluster_can_evict(c, web));
    wb_pdb strict = pdbs[1];
    strict.max_unavailable = 0;
    wb_cluster_apply_pdb(c, &strict); /* the same name: changed */
    CU_ASSERT_EQUAL(c->pdb_count, 3);
    CU_ASSERT_FALSE(wb_cluster_can_evict(c, web));
    wb_cluster_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"each kind of owner has its rule", test_rules},
        {"the trace means the last replacement", test_latest},
        {"a pod deleted while being evicted does not come back", test_delete_while_evicted},
        {"a pending pod is evicted at once", test_pending_eviction},
        {"a pod evicted at its end is not replaced", test_eviction_at_end},
        {"a PDB allows so many and no more", test_pdbs},
        {"unhealthy pods have a rule of their own", test_unhealthy},
        {"a pod under two PDBs can't be evicted", test_several_pdbs},
    };
    return wb_test_run("sim/cluster eviction", cases, WB_TEST_COUNT(cases));
}
