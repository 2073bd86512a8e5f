/*
 * Nodes: readiness, marks, sums, versions, and what becomes of pods when they go.
 */
#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

static const wb_pod_create bare = {.owner_id = WB_NO_ID,
                                   .lifetime = WB_LIFETIME_OPEN,
                                   .bound_node_id = WB_NO_ID,
                                   .replaces = WB_NO_ID};

static bool has_taint(const wb_cluster_node *node, uint32_t key, wb_taint_effect effect)
{
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (node->taints[i].key == key && node->taints[i].effect == effect) {
            return true;
        }
    }
    return false;
}

static void test_readiness(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    wb_cluster_fixture_run(&f, 1000);
    const uint32_t id = wb_cluster_fixture_new_node(&f, "n1", 2);
    CU_ASSERT_EQUAL(c->nodes[id].state, WB_NODE_STATE_REGISTERED);
    CU_ASSERT_EQUAL(c->nodes[id].added_ms, 1000);
    CU_ASSERT_EQUAL(c->nodes[id].ready_ms, -1);
    CU_ASSERT_EQUAL(c->nodes[id].taint_count, 2);
    CU_ASSERT(has_taint(&c->nodes[id], WB_NAME_TAINT_NOT_READY, WB_TAINT_NO_SCHEDULE));
    CU_ASSERT(has_taint(&c->nodes[id], WB_NAME_TAINT_NOT_READY, WB_TAINT_NO_EXECUTE));
    CU_ASSERT_EQUAL(c->living_node_count, 1);
    CU_ASSERT_EQUAL(c->ready_node_count, 0);
    wb_cluster_fixture_run(&f, 3000);
    wb_cluster_set_node_ready(c, id, true);
    wb_cluster_set_node_ready(c, id, true); /* again: nothing happens */
    CU_ASSERT_EQUAL(c->nodes[id].state, WB_NODE_STATE_READY);
    CU_ASSERT_EQUAL(c->nodes[id].ready_ms, 3000);
    CU_ASSERT_EQUAL(c->nodes[id].taint_count, 0);
    CU_ASSERT_EQUAL(c->ready_node_count, 1);
    CU_ASSERT_EQUAL(f.calls.node_ready, 1);
    wb_cluster_fixture_run(&f, 5000);
    wb_cluster_set_node_ready(c, id, false);
    CU_ASSERT_EQUAL(c->nodes[id].state, WB_NODE_STATE_REGISTERED);
    CU_ASSERT_EQUAL(c->nodes[id].taint_count, 2);
    wb_cluster_set_node_ready(c, id, true);
    CU_ASSERT_EQUAL(c->nodes[id].ready_ms, 3000); /* the first time stays */
    wb_cluster_fixture_release(&f);
}

static void test_marks(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const uint32_t id = wb_cluster_fixture_node(&f, "n1", 2);
    wb_cluster_cordon_node(c, id, true);
    CU_ASSERT(c->nodes[id].is_unschedulable);
    CU_ASSERT(has_taint(&c->nodes[id], WB_NAME_TAINT_UNSCHEDULABLE, WB_TAINT_NO_SCHEDULE));
    wb_cluster_cordon_node(c, id, false);
    CU_ASSERT_EQUAL(c->nodes[id].taint_count, 0);
    const wb_taint first = {WB_NAME_TAINT_DISRUPTED, 0, WB_TAINT_NO_SCHEDULE};
    const wb_taint second = {WB_NAME_TAINT_DISRUPTED, WB_NAME_TRUE, WB_TAINT_NO_SCHEDULE};
    wb_cluster_add_node_taint(c, id, first);
    wb_cluster_add_node_taint(c, id, second); /* the same key and effect: replaced */
    CU_ASSERT_EQUAL(c->nodes[id].taint_count, 1);
    CU_ASSERT_EQUAL(c->nodes[id].taints[0].value, WB_NAME_TRUE);
    CU_ASSERT_FALSE(wb_cluster_remove_node_taint(c, id, first.key, WB_TAINT_NO_EXECUTE));
    CU_ASSERT(wb_cluster_remove_node_taint(c, id, first.key, WB_TAINT_NO_SCHEDULE));
    wb_cluster_set_node_draining(c, id, true);
    CU_ASSERT_EQUAL(c->nodes[id].state, WB_NODE_STATE_DRAINING);
    CU_ASSERT(c->nodes[id].is_ready);
    wb_cluster_set_node_draining(c, id, false);
    CU_ASSERT_EQUAL(c->nodes[id].state, WB_NODE_STATE_READY);
    const uint32_t zone = wb_intern_add(&f.intern, "eu-central-1a");
    wb_cluster_set_node_label(c, id, WB_NAME_ZONE, zone);
    CU_ASSERT_EQUAL(c->nodes[id].zone, zone);
    CU_ASSERT_EQUAL(wb_labels_get(c->nodes[id].labels, WB_NAME_HOSTNAME), c->nodes[id].name);
    CU_ASSERT_EQUAL(wb_cluster_find_node(c, c->nodes[id].name), id);
    wb_cluster_fixture_release(&f);
}

/* Each verb moves the version of its node, and of the cluster, and of no other node. */
static void test_versions(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const uint32_t id = wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t other = wb_cluster_fixture_node(&f, "n2", 2);
    const uint64_t other_version = c->nodes[other].version;
    const wb_taint taint = {WB_NAME_TAINT_DISRUPTED, 0, WB_TAINT_PREFER_NO_SCHEDULE};
    uint32_t pod_id = WB_NO_ID;
    for (int step = 0; step < 9; step++) {
        const uint64_t node_version = c->nodes[id].version;
        const uint64_t version = c->version;
        switch (step) {
        case 0: wb_cluster_add_node_taint(c, id, taint); break;
        case 1: CU_ASSERT(wb_cluster_remove_node_taint(c, id, taint.key, taint.effect)); break;
        case 2: wb_cluster_cordon_node(c, id, true); break;
        case 3: wb_cluster_cordon_node(c, id, false); break;
        case 4: wb_cluster_set_node_label(c, id, WB_NAME_ZONE, WB_NAME_TRUE); break;
        case 5: {
            wb_pod_create create = bare;
            create.bound_node_id = id;
            pod_id = wb_cluster_fixture_pod(&f, "p", "web", create);
            break;
        }
        case 6: wb_cluster_delete_pod(c, pod_id, WB_CAUSE_WORKLOAD); break;
        case 7:
            wb_cluster_fixture_run(&f, 5000); /* it leaves */
            break;
        default: wb_cluster_set_node_ready(c, id, false); break;
        }
        CU_ASSERT(c->nodes[id].version > node_version);
        CU_ASSERT(c->version > version);
    }
    CU_ASSERT_EQUAL(c->nodes[other].version, other_version);
    const uint64_t version = c->version;
    wb_cluster_cordon_node(c, other, false); /* nothing changes */
    wb_cluster_set_node_label(c, id, WB_NAME_ZONE, WB_NAME_TRUE);
    CU_ASSERT_EQUAL(c->version, version);
    wb_cluster_fixture_release(&f);
}

static void test_sums(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    wb_cluster_fixture_run(&f, 1000);
    const uint32_t id = wb_cluster_fixture_node(&f, "n1", 2);
    CU_ASSERT_EQUAL(c->nodes[id].empty_since_ms, 1000);
    CU_ASSERT_EQUAL(c->nodes[id].last_pod_event_ms, -1);
    wb_cluster_fixture_run(&f, 2000);
    const uint32_t a = wb_cluster_fixture_pod(&f, "a", "web", bare);
    wb_pod_create create = bare;
    create.lifetime = WB_LIFETIME_DURATION;
    create.duration_ms = 7000;
    (void)wb_cluster_fixture_pod(&f, "b", "web", create);
    wb_cluster_fixture_run(&f, 3000);
    CU_ASSERT_EQUAL(c->nodes[id].empty_since_ms, -1);
    CU_ASSERT_EQUAL(c->nodes[id].last_pod_event_ms, 2000);
    CU_ASSERT_EQUAL(c->nodes[id].requested[0], 200);
    CU_ASSERT_EQUAL(c->nodes[id].requested[2], 2);
    CU_ASSERT_EQUAL(c->nodes[id].pod_count, 2);
    CU_ASSERT_EQUAL(c->nodes[id].movable_pod_count, 2);
    wb_cluster_fixture_run(&f, 9000); /* b finished now */
    CU_ASSERT_EQUAL(c->nodes[id].last_pod_event_ms, 9000);
    CU_ASSERT_EQUAL(c->nodes[id].requested[0], 100);
    wb_cluster_fixture_run(&f, 20000);
    wb_cluster_delete_pod(c, a, WB_CAUSE_WORKLOAD);
    wb_cluster_fixture_run(&f, 20500);
    CU_ASSERT_EQUAL(c->nodes[id].last_pod_event_ms, 20000); /* begins to terminate */
    CU_ASSERT_EQUAL(c->nodes[id].requested[0], 100);        /* until it is gone */
    CU_ASSERT_EQUAL(c->nodes[id].empty_since_ms, -1);
    wb_cluster_fixture_run(&f, 30000);
    CU_ASSERT_EQUAL(c->nodes[id].last_pod_event_ms, 20000);
    CU_ASSERT_EQUAL(c->nodes[id].requested[0], 0);
    CU_ASSERT_EQUAL(c->nodes[id].empty_since_ms, 21000);
    wb_cluster_fixture_release(&f);
}

static void test_many_resources(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const uint32_t before = wb_cluster_fixture_node(&f, "n1", 2);
    wb_resource_list list = {NULL, 0};
    char name[] = "example.com/r00";
    for (int i = 0; i < 40; i++) {
        name[sizeof(name) - 3] = (char)('0' + i / 10);
        name[sizeof(name) - 2] = (char)('0' + i % 10);
        list = wb_resource_list_with(&f.arena, list, wb_intern_add(&f.intern, name), 5 + i);
    }
    const wb_node_create create = {.name = "n2",
                                   .capacity = list,
                                   .allocatable = list,
                                   .instance_id = WB_NO_ID,
                                   .claim_id = WB_NO_ID,
                                   .is_ready = true,
                                   .pod_start_median_ms = -1};
    const uint32_t after = wb_cluster_add_node(c, &create);
    CU_ASSERT_EQUAL(c->resource_count, 44);
    CU_ASSERT_EQUAL(c->nodes[before].allocatable[0], 2000); /* survived the widening */
    CU_ASSERT_EQUAL(c->nodes[before].allocatable[43], 0);
    CU_ASSERT_EQUAL(c->nodes[after].allocatable[43], 44);
    wb_pod_template *template = wb_cluster_fixture_template(&f, "web", 0, 0);
    template->requests =
        wb_resource_list_with(&f.arena, template->requests, list.items[39].name, 44);
    const uint32_t shape = wb_cluster_add_shape(c, template, WB_NAME_DEFAULT);
    CU_ASSERT_FALSE(wb_cluster_node_fits(c, before, shape)); /* none of that resource */
    CU_ASSERT_FALSE(wb_cluster_node_fits(c, after, shape));  /* no pods allowed there */
    wb_cluster_fixture_release(&f);
}

/* A resource that a pod does not ask for can't keep it off, however little is left. */
static void test_zero_request(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t id = wb_cluster_fixture_node(&f, "n1", 1);
    wb_pod_create create = bare;
    create.bound_node_id = id;
    create.name = "too-big";
    create.namespace_name = WB_NAME_DEFAULT;
    create.shape_id =
        wb_cluster_add_shape(&f.cluster, wb_cluster_fixture_template(&f, "big", 5000, 1),
                             WB_NAME_DEFAULT);
    uint32_t pod_id;
    CU_ASSERT_EQUAL(wb_cluster_create_pod(&f.cluster, &create, &pod_id, NULL), WB_OK);
    static const struct {
        int64_t cpu_milli, memory_bytes;
        bool fits;
    } rows[] = {{1, 1, false},
                {0, 1, true},
                {0, (INT64_C(1) << 32) - 1, true},
                {0, INT64_C(1) << 32, false}};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        const uint32_t shape_id = wb_cluster_add_shape(
            &f.cluster,
            wb_cluster_fixture_template(&f, "web", rows[i].cpu_milli, rows[i].memory_bytes),
            WB_NAME_DEFAULT);
        CU_ASSERT_EQUAL(wb_cluster_node_fits(&f.cluster, id, shape_id), rows[i].fits);
    }
    wb_cluster_fixture_release(&f);
}

static void test_removal(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const uint32_t n0 = wb_cluster_fixture_node(&f, "n0", 2);
    const uint32_t n1 = wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t n2 = wb_cluster_fixture_node(&f, "n2", 2);
    wb_pod_create create = bare;
    create.bound_node_id = n1;
    create.owner_id = wb_cluster_fixture_owner(&f, WB_OWNER_DEPLOYMENT, "web");
    const uint32_t running = wb_cluster_fixture_pod(&f, "a", "web", create);
    const uint32_t stopping = wb_cluster_fixture_pod(&f, "b", "web", create);
    wb_cluster_fixture_run(&f, 1000);
    wb_cluster_delete_pod(c, stopping, WB_CAUSE_WORKLOAD);
    const uint32_t name = c->nodes[n1].name;
    wb_cluster_remove_node(c, n1, WB_CAUSE_INTERRUPTION);
    wb_cluster_check(c);
    CU_ASSERT_EQUAL(c->nodes[n1].state, WB_NODE_STATE_GONE);
    CU_ASSERT_EQUAL(c->nodes[n1].gone_ms, 1000);
    CU_ASSERT_EQUAL(wb_cluster_find_node(c, name), WB_NO_ID);
    CU_ASSERT_EQUAL(c->living_node_count, 2);
    CU_ASSERT_EQUAL(c->living_nodes[0], n0);
    CU_ASSERT_EQUAL(c->living_nodes[1], n2);
    CU_ASSERT_EQUAL(c->pods.state[running], WB_POD_STATE_EVICTED);
    CU_ASSERT_EQUAL(c->pods.cause[running], WB_CAUSE_INTERRUPTION);
    CU_ASSERT_EQUAL(c->pods.state[stopping], WB_POD_STATE_DELETED);
    CU_ASSERT_EQUAL(c->pods.cause[stopping], WB_CAUSE_WORKLOAD);
    CU_ASSERT_EQUAL(c->eviction_count, 1);
    /* The name is free again; the end of the grace period that was under way is stale. */
    CU_ASSERT_EQUAL(wb_cluster_fixture_node(&f, "n1", 2), 3);
    wb_cluster_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(c->running_count, 1); /* the replacement */
    wb_cluster_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a node becomes ready, and not ready", test_readiness},
        {"a node can be tainted, cordoned, drained and labelled", test_marks},
        {"versions move with every change", test_versions},
        {"a node knows what lies on it and since when", test_sums},
        {"resources may be many, and come late", test_many_resources},
        {"a pod asks only for what it requests", test_zero_request},
        {"a node takes its pods along", test_removal},
    };
    return wb_test_run("sim/cluster nodes", cases, WB_TEST_COUNT(cases));
}
