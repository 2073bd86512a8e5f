/* A volume's life on two nodes, by hand: made where its pod is first, attached in 10 s, detached in
 * 5 s, forced off a silent node after six minutes; its GiB-hours. */
#include "kube/names.h"
#include "sim/cloud/cloud.h"
#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

typedef struct fixture {
    wb_cluster_fixture base;
    wb_manifest manifest;
    wb_volume_claim claim;
    wb_storage_class class;
    wb_catalog catalog;
    wb_cloud cloud;
    wb_volume volume;
    uint32_t nodes[2], shape_id;
} fixture;

static void init(fixture *self)
{
    *self = (fixture){0};
    wb_cluster_fixture_init(&self->base, NULL);
    wb_intern *intern = &self->base.intern;
    const uint32_t zone = wb_intern_add(intern, "us-east-1a");
    wb_pod_template *template =
        wb_cluster_fixture_template(&self->base, "db", 100, INT64_C(1) << 27);
    self->class = (wb_storage_class){.name = wb_intern_add(intern, "gp3"),
                                     .provisioner = wb_intern_add(intern, "ebs.csi.aws.com")};
    self->claim = (wb_volume_claim){.name = wb_intern_add(intern, "data"),
                                    .namespace_name = WB_NAME_DEFAULT,
                                    .storage_class = self->class.name,
                                    .request_bytes = INT64_C(100) << 30};
    self->manifest.volume_claims = &self->claim;
    self->manifest.volume_claim_count = 1;
    self->manifest.storage_classes = &self->class;
    self->manifest.storage_class_count = 1;
    self->base.cluster.manifest = &self->manifest;
    self->volume = (wb_volume){.kind = WB_VOLUME_CLAIM, .claim_name = self->claim.name};
    template->volumes = &self->volume;
    template->volume_count = 1;
    self->shape_id = wb_cluster_add_shape(&self->base.cluster, template, WB_NAME_DEFAULT);
    const wb_cloud_options options = {.seed = 1,
                                      .catalog = &self->catalog,
                                      .storage = {.is_on = true,
                                                  .attach = {10000, 0.0},
                                                  .detach = {5000, 0.0},
                                                  .force_detach_ms = 360000}};
    wb_cloud_init(&self->cloud, &self->base.cluster, &options);
    for (int i = 0; i < 2; i++) {
        self->nodes[i] = wb_cluster_fixture_node(&self->base, i == 0 ? "one" : "two", 4);
        wb_cluster_set_node_label(&self->base.cluster, self->nodes[i], WB_NAME_ZONE, zone);
    }
}

static void release(fixture *self)
{
    wb_cloud_release(&self->cloud);
    wb_cluster_fixture_release(&self->base);
}

static uint32_t run_pod(fixture *self, const char *name, int node)
{
    const wb_pod_create create = {.name = name,
                                  .namespace_name = WB_NAME_DEFAULT,
                                  .shape_id = self->shape_id,
                                  .owner_id = WB_NO_ID,
                                  .lifetime = WB_LIFETIME_OPEN,
                                  .end_ms = -1,
                                  .duration_ms = -1,
                                  .bound_node_id = self->nodes[node],
                                  .replaces = WB_NO_ID};
    uint32_t pod_id = WB_NO_ID;
    CU_ASSERT_EQUAL_FATAL(wb_cluster_create_pod(&self->base.cluster, &create, &pod_id, NULL),
                          WB_OK);
    return pod_id;
}

static int64_t due_ms(const fixture *self, uint32_t pod_id)
{
    return self->base.cluster.pods.due_ms[pod_id];
}

static void attaches_and_detaches(void)
{
    fixture self;
    init(&self);
    const int64_t start_ms = self.base.cluster.options.pod_start_ms;
    const uint32_t first = run_pod(&self, "a", 0);
    CU_ASSERT_EQUAL(due_ms(&self, first), 10000 + start_ms);
    CU_ASSERT(self.cloud.storage.claims[0].is_bind_completed);
    CU_ASSERT_EQUAL(self.cloud.storage.persistent_volume_count, 1);
    const uint32_t second = run_pod(&self, "b", 1); /* in use on the other node */
    CU_ASSERT_EQUAL(due_ms(&self, second), -1);
    wb_cluster_fixture_run(&self.base, 60000);
    wb_cluster_delete_pod(&self.base.cluster, first, WB_CAUSE_WORKLOAD);
    wb_cluster_fixture_run(&self.base, 120000);
    const int64_t gone_ms = self.base.cluster.pods.gone_ms[first];
    CU_ASSERT_EQUAL(self.base.cluster.pods.running_ms[second], gone_ms + 5000 + 10000 + start_ms);
    CU_ASSERT_DOUBLE_EQUAL(
        wb_cloud_storage_gib_hours(&self.cloud, self.class.name, 2 * 3600 * 1000), 200.0, 1e-9);
    CU_ASSERT_EQUAL(wb_cloud_storage_gib_hours(&self.cloud, WB_NAME_DEFAULT, 1000), 0.0);
    release(&self);
}

static void is_forced_off_a_silent_node(void)
{
    fixture self;
    init(&self);
    const int64_t start_ms = self.base.cluster.options.pod_start_ms;
    (void)run_pod(&self, "a", 0);
    wb_cluster_fixture_run(&self.base, 60000);
    wb_cluster_set_node_unreachable(&self.base.cluster, self.nodes[0]);
    wb_cluster_remove_node(&self.base.cluster, self.nodes[0], WB_CAUSE_INSTANCE_LOST);
    const uint32_t next = run_pod(&self, "b", 1);
    CU_ASSERT_EQUAL(due_ms(&self, next), 60000 + 360000 + 10000 + start_ms);
    CU_ASSERT_EQUAL(self.cloud.storage.volumes[0].forced_count, 1);
    CU_ASSERT_EQUAL(wb_cloud_api_error_count(&self.cloud.api), 1);
    release(&self);
}

static const wb_test_case tests[] = {
    {"attaches and detaches", attaches_and_detaches},
    {"is forced off a silent node", is_forced_off_a_silent_node},
};

int main(void)
{
    return wb_test_run("cloud_storage", tests, WB_TEST_COUNT(tests));
}
