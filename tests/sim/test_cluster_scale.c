/*
 * A million pods: the work of the tables must grow with the number of changes, not with the number
 * of pods. Work is counted (rows that loops visit), never timed.
 */
#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

enum {
    POD_COUNT = 1000000,
    NODE_COUNT = 1000,
    WAVE = 100000 /* pods alive at a time */
};

static void add_nodes(wb_cluster_fixture *f)
{
    char name[16];
    for (int i = 0; i < NODE_COUNT; i++) {
        (void)snprintf(name, sizeof(name), "n-%d", i);
        (void)wb_cluster_fixture_node(f, name, 16);
    }
}

/* Creates a wave of pods, each bound to a node at once. */
static void create_wave(wb_cluster_fixture *f, uint32_t owner_id, uint32_t shape_id, int64_t life)
{
    char name[24];
    for (uint32_t i = 0; i < WAVE; i++) {
        (void)snprintf(name, sizeof(name), "p-%u", f->cluster.pods.count);
        const wb_pod_create create = {.name = name,
                                      .namespace_name = WB_NAME_DEFAULT,
                                      .shape_id = shape_id,
                                      .owner_id = owner_id,
                                      .lifetime = WB_LIFETIME_DURATION,
                                      .duration_ms = life,
                                      .bound_node_id = i % NODE_COUNT,
                                      .replaces = WB_NO_ID};
        uint32_t pod_id;
        CU_ASSERT_EQUAL_FATAL(wb_cluster_create_pod(&f->cluster, &create, &pod_id, NULL), WB_OK);
    }
}

static void test_million(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    add_nodes(&f);
    const wb_pdb pdb = {.namespace_name = WB_NAME_DEFAULT,
                        .selector = wb_cluster_fixture_selector(&f, "batch"),
                        .max_unavailable_kind = WB_BOUND_PERCENT,
                        .max_unavailable = 50};
    wb_cluster_apply_pdb(c, &pdb);
    const uint32_t owner_id = wb_cluster_fixture_owner(&f, WB_OWNER_JOB, "batch");
    const uint32_t shape_id =
        wb_cluster_add_shape(c, wb_cluster_fixture_template(&f, "batch", 10, 1 << 20),
                             WB_NAME_DEFAULT);
    for (int64_t wave = 0; wave < POD_COUNT / WAVE; wave++) {
        create_wave(&f, owner_id, shape_id, 1000);
        CU_ASSERT_EQUAL(wb_kernel_run_until(&f.kernel, (wave + 1) * 2000, NULL), WB_OK);
    }
    CU_ASSERT_EQUAL(c->pods.count, POD_COUNT);
    CU_ASSERT_EQUAL(c->pending_count + c->running_count, 0);
    CU_ASSERT_EQUAL(c->visit_count, 0); /* nothing on this way walks over pods */
    CU_ASSERT(c->pod_by_name.slot_count <= (size_t)4 * WAVE); /* names of the gone are forgotten */
    wb_cluster_fixture_release(&f);
}

/* Evictions under a PDB among many pods cost the same as among few. */
static void test_evictions(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    add_nodes(&f);
    const wb_pdb pdb = {.namespace_name = WB_NAME_DEFAULT,
                        .selector = wb_cluster_fixture_selector(&f, "batch"),
                        .max_unavailable_kind = WB_BOUND_COUNT,
                        .max_unavailable = 5000};
    wb_cluster_apply_pdb(c, &pdb);
    const uint32_t owner_id = wb_cluster_fixture_owner(&f, WB_OWNER_JOB, "batch");
    const uint32_t shape_id =
        wb_cluster_add_shape(c, wb_cluster_fixture_template(&f, "batch", 10, 1 << 20),
                             WB_NAME_DEFAULT);
    create_wave(&f, owner_id, shape_id, 1000000);
    CU_ASSERT_EQUAL(wb_kernel_run_until(&f.kernel, 1000, NULL), WB_OK);
    for (uint32_t pod_id = 0; pod_id < 10000; pod_id++) {
        (void)wb_cluster_evict_pod(c, pod_id, WB_CAUSE_CONSOLIDATION);
    }
    CU_ASSERT_EQUAL(c->eviction_count, 5000);
    CU_ASSERT_EQUAL(c->eviction_refused_count, 5000);
    CU_ASSERT_EQUAL(c->visit_count, 0);
    wb_cluster_fixture_release(&f);
}

/* A Deployment of many replicas: walked once per scaling, not once per pod. */
static void test_replicas(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    add_nodes(&f);
    wb_workload web = wb_cluster_fixture_workload(&f, WB_OWNER_DEPLOYMENT, "web", 10000);
    CU_ASSERT_EQUAL(wb_cluster_apply_workload(c, &web, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_kernel_run_until(&f.kernel, 10000, NULL), WB_OK);
    CU_ASSERT_EQUAL(c->running_count, 10000);
    CU_ASSERT_EQUAL(c->visit_count, 0);
    web.replicas = 5000;
    CU_ASSERT_EQUAL(wb_cluster_apply_workload(c, &web, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_kernel_run_until(&f.kernel, 20000, NULL), WB_OK);
    CU_ASSERT_EQUAL(c->running_count, 5000);
    CU_ASSERT(c->visit_count <= 3 * 10000 + 5000);
    wb_cluster_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a million pods come and go without a walk", test_million},
        {"evictions don't count pods", test_evictions},
        {"replicas are walked once per scaling", test_replicas},
    };
    return wb_test_run("sim/cluster scale", cases, WB_TEST_COUNT(cases));
}
