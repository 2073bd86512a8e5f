/*
 * Volumes in a simulation, where controllers take no time: zones of bound PVs, claims that wait for
 * their first consumer, claims that do not exist.
 */
#include "tests/harness.h"
#include "tests/sim/scheduler_fixture.h"

/* A claim, its PV (zone NULL: unbound), and a pod that uses it. */
typedef struct volume_world {
    wb_scheduler_fixture f;
    wb_manifest manifest;
    wb_volume_claim claim;
    wb_persistent_volume volume;
    wb_storage_class class;
    wb_node_term term;
    wb_label_expression expression;
    uint32_t zone;
} volume_world;

static void init_world(volume_world *world, const char *zone)
{
    wb_scheduler_fixture_init(&world->f, NULL, NULL);
    wb_intern *intern = &world->f.intern;
    world->class = (wb_storage_class){.name = wb_intern_add(intern, "gp3"),
                                      .provisioner = wb_intern_add(intern, "ebs.csi.aws.com")};
    world->claim = (wb_volume_claim){.name = wb_intern_add(intern, "data"),
                                     .namespace_name = WB_NAME_DEFAULT,
                                     .storage_class = world->class.name,
                                     .volume_name = zone == NULL ? 0 : wb_intern_add(intern, "pv"),
                                     .is_bind_completed = zone != NULL};
    world->zone = wb_intern_add(intern, zone == NULL ? "" : zone);
    world->expression = (wb_label_expression){
        .key = WB_NAME_ZONE, .op = WB_OPERATOR_IN, .value_count = 1, .values = &world->zone};
    world->term = (wb_node_term){.expressions = &world->expression, .expression_count = 1};
    world->volume = (wb_persistent_volume){.name = wb_intern_add(intern, "pv"),
                                           .storage_class = world->class.name,
                                           .required_terms = &world->term,
                                           .required_term_count = 1};
    wb_manifest_init(&world->manifest);
    world->manifest.volume_claims = &world->claim;
    world->manifest.volume_claim_count = 1;
    world->manifest.persistent_volumes = &world->volume;
    world->manifest.persistent_volume_count = zone == NULL ? 0 : 1;
    world->manifest.storage_classes = &world->class;
    world->manifest.storage_class_count = 1;
    world->f.cluster.manifest = &world->manifest;
}

static uint32_t add_pod(volume_world *world, const char *name, wb_volume_kind kind,
                        const char *claim, int64_t cpu_milli)
{
    wb_pod_template *template = wb_scheduler_fixture_template(&world->f, "db", cpu_milli);
    wb_volume *volume = WB_ARENA_NEW(&world->f.arena, wb_volume);
    *volume = (wb_volume){.kind = kind,
                          .name = wb_intern_add(&world->f.intern, "v"),
                          .claim_name = wb_intern_add(&world->f.intern, claim),
                          .storage_class = world->class.name};
    template->volumes = volume;
    template->volume_count = 1;
    return wb_scheduler_fixture_pod(&world->f, name, template);
}

static void add_nodes(volume_world *world)
{
    (void)wb_scheduler_fixture_node(&world->f, "n1", "a", 4);
    (void)wb_scheduler_fixture_node(&world->f, "n2", "b", 4);
}

static const struct {
    const char *name;
    const char *zone; /* of the claim's PV */
    wb_volume_kind kind;
    const char *claim, *expected; /* node; "": it waits */
} place_rows[] = {
    {"a bound volume draws the pod into its zone", "b", WB_VOLUME_CLAIM, "data", "n2"},
    {"a bound volume in a zone without nodes keeps it waiting", "c", WB_VOLUME_CLAIM, "data", ""},
    {"a claim that waits for its consumer goes anywhere", NULL, WB_VOLUME_CLAIM, "data", "n1"},
    {"a claim that is not there keeps it waiting", NULL, WB_VOLUME_CLAIM, "lost", ""},
    {"a generic ephemeral volume goes anywhere", NULL, WB_VOLUME_EPHEMERAL, "", "n1"},
    {"other volumes are not looked at", NULL, WB_VOLUME_EMPTY_DIR, "lost", "n1"},
};

static void test_places(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(place_rows); i++) {
        volume_world world;
        init_world(&world, place_rows[i].zone);
        add_nodes(&world);
        const uint32_t pod = add_pod(&world, "p", place_rows[i].kind, place_rows[i].claim, 1000);
        wb_scheduler_fixture_run(&world.f, 1000);
        CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&world.f, pod), place_rows[i].expected);
        wb_scheduler_fixture_release(&world.f);
    }
}

/* What the first pod provisioned stays where it is when the pod comes back. */
static void test_provisioned_zone(void)
{
    volume_world world;
    init_world(&world, NULL);
    add_nodes(&world);
    const uint32_t first = add_pod(&world, "p1", WB_VOLUME_CLAIM, "data", 1000);
    wb_scheduler_fixture_run(&world.f, 1000);
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&world.f, first), "n1");
    wb_cluster_delete_pod(&world.f.cluster, first, WB_CAUSE_WORKLOAD);
    wb_scheduler_fixture_run(&world.f, 5000);
    const uint32_t filler =
        wb_scheduler_fixture_pod(&world.f, "filler",
                                 wb_scheduler_fixture_template(&world.f, "web", 3500));
    wb_scheduler_fixture_run(&world.f, 5000);
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&world.f, filler), "n1");
    const uint32_t second = add_pod(&world, "p2", WB_VOLUME_CLAIM, "data", 1000);
    wb_scheduler_fixture_run(&world.f, 6000);
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&world.f, second), "");
    CU_ASSERT_STRING_EQUAL(world.f.last_reason,
                           "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match "
                           "PersistentVolume's node affinity.");
    (void)wb_scheduler_fixture_node(&world.f, "n3", "a", 4);
    wb_scheduler_fixture_run(&world.f, 7000);
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&world.f, second), "n3");
    wb_scheduler_fixture_release(&world.f);
}

static const wb_test_case cases[] = {
    {"volumes decide where a pod goes", test_places},
    {"a provisioned volume keeps its zone", test_provisioned_zone},
};

int main(void)
{
    return wb_test_run("scheduler volumes", cases, WB_TEST_COUNT(cases));
}
