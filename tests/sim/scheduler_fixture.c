#include "tests/sim/scheduler_fixture.h"

#include <assert.h>
#include <stdio.h>

static const int64_t gib = INT64_C(1) << 30;

static void count_unschedulable(void *context, uint32_t pod_id, const char *reason)
{
    wb_scheduler_fixture *fixture = context;
    (void)pod_id;
    fixture->unschedulable_count++;
    (void)snprintf(fixture->last_reason, sizeof(fixture->last_reason), "%s", reason);
}

void wb_scheduler_fixture_init(wb_scheduler_fixture *fixture, const wb_cluster_options *cluster,
                               const wb_scheduler_options *scheduler)
{
    *fixture = (wb_scheduler_fixture){.unschedulable_count = 0};
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    wb_intern_init(&fixture->intern, &fixture->arena);
    wb_names_init(&fixture->intern);
    wb_kernel_init(&fixture->kernel, WB_EVENT_QUEUE_HEAP, 0);
    wb_observers_init(&fixture->observers);
    const wb_observer observer = {.context = fixture, .pod_unschedulable = count_unschedulable};
    wb_observers_add(&fixture->observers, &observer);
    const wb_cluster_options defaults = wb_cluster_default_options();
    wb_cluster_init(&fixture->cluster, &fixture->kernel, &fixture->arena, &fixture->intern,
                    &fixture->observers, cluster != NULL ? cluster : &defaults);
    const wb_scheduler_options plain = {0};
    fixture->scheduler =
        wb_scheduler_new(&fixture->cluster, scheduler != NULL ? scheduler : &plain);
}

void wb_scheduler_fixture_release(wb_scheduler_fixture *fixture)
{
    wb_scheduler_free(fixture->scheduler);
    wb_cluster_release(&fixture->cluster);
    wb_kernel_release(&fixture->kernel);
    wb_intern_release(&fixture->intern);
    wb_arena_release(&fixture->arena);
}

static wb_resource_list resources(wb_scheduler_fixture *fixture, int64_t cpu_milli,
                                  int64_t memory_bytes, int64_t pods)
{
    wb_resource *items = WB_ARENA_ARRAY(&fixture->arena, wb_resource, 3);
    items[0] = (wb_resource){WB_NAME_CPU, cpu_milli};
    items[1] = (wb_resource){WB_NAME_MEMORY, memory_bytes};
    items[2] = (wb_resource){WB_NAME_PODS, pods};
    return (wb_resource_list){items, 3};
}

uint32_t wb_scheduler_fixture_node(wb_scheduler_fixture *fixture, const char *name,
                                   const char *zone, int64_t cpus)
{
    wb_labels labels = {0};
    if (zone != NULL) {
        labels = wb_labels_with(&fixture->arena, labels, WB_NAME_ZONE,
                                wb_intern_add(&fixture->intern, zone));
    }
    const wb_resource_list all = resources(fixture, cpus * 1000, cpus * 4 * gib, 110);
    const wb_node_create create = {.name = name,
                                   .labels = labels,
                                   .capacity = all,
                                   .allocatable = all,
                                   .instance_id = WB_NO_ID,
                                   .claim_id = WB_NO_ID,
                                   .is_ready = true,
                                   .pod_start_median_ms = -1};
    return wb_cluster_add_node(&fixture->cluster, &create);
}

wb_pod_template *wb_scheduler_fixture_template(wb_scheduler_fixture *fixture, const char *app,
                                               int64_t cpu_milli)
{
    wb_pod_template *template = WB_ARENA_NEW(&fixture->arena, wb_pod_template);
    wb_container *container = WB_ARENA_NEW(&fixture->arena, wb_container);
    container->requests = resources(fixture, cpu_milli, gib, 1);
    container->requests.count = 2;
    template->labels =
        wb_labels_with(&fixture->arena, (wb_labels){0}, wb_intern_add(&fixture->intern, "app"),
                       wb_intern_add(&fixture->intern, app));
    template->containers = container;
    template->container_count = 1;
    template->requests = resources(fixture, cpu_milli, gib, 1);
    template->grace_period_ms = 30000;
    return template;
}

uint32_t wb_scheduler_fixture_owned(wb_scheduler_fixture *fixture, const char *name,
                                    const wb_pod_template *template, uint32_t owner_id)
{
    const wb_pod_create create = {
        .name = name,
        .namespace_name = WB_NAME_DEFAULT,
        .shape_id = wb_cluster_add_shape(&fixture->cluster, template, WB_NAME_DEFAULT),
        .owner_id = owner_id,
        .lifetime = WB_LIFETIME_OPEN,
        .bound_node_id = WB_NO_ID,
        .replaces = WB_NO_ID,
    };
    uint32_t pod_id = WB_NO_ID;
    const wb_status status = wb_cluster_create_pod(&fixture->cluster, &create, &pod_id, NULL);
    assert(status == WB_OK);
    (void)status;
    return pod_id;
}

uint32_t wb_scheduler_fixture_pod(wb_scheduler_fixture *fixture, const char *name,
                                  const wb_pod_template *template)
{
    return wb_scheduler_fixture_owned(fixture, name, template, WB_NO_ID);
}

void wb_scheduler_fixture_run(wb_scheduler_fixture *fixture, int64_t at_ms)
{
    wb_error err;
    const wb_status status = wb_kernel_run_until(&fixture->kernel, at_ms, &err);
    assert(status == WB_OK);
    (void)status;
    wb_cluster_check(&fixture->cluster);
    wb_scheduler_core_check(wb_scheduler_get_core(fixture->scheduler));
}

const char *wb_scheduler_fixture_place(const wb_scheduler_fixture *fixture, uint32_t pod_id)
{
    const uint32_t node_id = fixture->cluster.pods.node_id[pod_id];
    return node_id == WB_NO_ID
               ? ""
               : wb_intern_text(&fixture->intern, fixture->cluster.nodes[node_id].name);
}

wb_label_selector wb_scheduler_fixture_selector(wb_scheduler_fixture *fixture, const char *app)
{
    uint32_t *value = WB_ARENA_NEW(&fixture->arena, uint32_t);
    *value = wb_intern_add(&fixture->intern, app);
    wb_label_expression *expression = WB_ARENA_NEW(&fixture->arena, wb_label_expression);
    *expression = (wb_label_expression){.key = wb_intern_add(&fixture->intern, "app"),
                                        .op = WB_OPERATOR_IN,
                                        .value_count = 1,
                                        .values = value};
    return (wb_label_selector){.is_set = true, .expression_count = 1, .expressions = expression};
}
