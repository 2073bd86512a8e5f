/*
 * The tables themselves: life cycle, resource names, shapes, owners, and the few helpers that all
 * files of this folder use.
 */
#include "sim/cluster/cluster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/sort.h"
#include "kube/names.h"
#include "sim/cluster/cluster_internal.h"
#include "sim/kernel/event_kinds.h"

#define RESOURCES_AT_FIRST 8 /* cpu, memory, pods, disk, and a few extended ones */

wb_cluster_options wb_cluster_default_options(void)
{
    return (wb_cluster_options){.pod_stop_ms = 1000, .job_duration_ms = 60000};
}

void wb_cluster_init(wb_cluster *cluster, wb_kernel *kernel, wb_arena *arena, wb_intern *intern,
                     wb_observers *observers, const wb_cluster_options *options)
{
    assert(cluster != NULL && kernel != NULL && arena != NULL && intern != NULL);
    assert(observers != NULL && options != NULL);
    assert(options->pod_start_ms >= 0 && options->image_pull_median_ms >= 0);
    assert(options->pod_stop_ms >= 0 && options->job_duration_ms >= 0);
    *cluster = (wb_cluster){.kernel = kernel,
                            .arena = arena,
                            .intern = intern,
                            .observers = observers,
                            .options = *options,
                            .resource_capacity = RESOURCES_AT_FIRST,
                            .deferred_error = {.status = WB_OK}};
    wb_hash_map_init(&cluster->shape_by_hash);
    wb_hash_map_init(&cluster->owner_by_key);
    wb_hash_map_init(&cluster->pod_by_name);
    wb_hash_map_init(&cluster->node_by_name);
    wb_hash_map_init(&cluster->image_ready_ms);
    wb_hash_map_init(&cluster->gate_by_pod);
    static const uint32_t first[] = {WB_NAME_CPU, WB_NAME_MEMORY, WB_NAME_PODS,
                                     WB_NAME_EPHEMERAL_STORAGE};
    for (uint32_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        const uint32_t index = wb_cluster_resource_index(cluster, first[i]);
        assert(index == i); /* the header promises these four places */
    }
    wb_cluster_init_workloads(cluster);
    wb_cluster_subscribe_pods(cluster);
}

void wb_cluster_release(wb_cluster *cluster)
{
    assert(cluster != NULL);
#ifdef WB_DEBUG_CHECKS
    wb_cluster_check(cluster);
#endif
    wb_cluster_release_pods(cluster);
    wb_cluster_release_nodes(cluster);
    wb_cluster_release_workloads(cluster);
    wb_heap_memory_free(cluster->shapes);
    wb_heap_memory_free(cluster->owners);
    wb_heap_memory_free(cluster->pdbs);
    wb_heap_memory_free(cluster->pdb_counts);
    wb_hash_map_release(&cluster->shape_by_hash);
    wb_hash_map_release(&cluster->owner_by_key);
    wb_hash_map_release(&cluster->pod_by_name);
    wb_hash_map_release(&cluster->node_by_name);
    wb_hash_map_release(&cluster->image_ready_ms);
    wb_hash_map_release(&cluster->gate_by_pod);
    *cluster = (wb_cluster){0};
}

void wb_cluster_set_scheduler(wb_cluster *cluster, struct wb_scheduler *scheduler,
                              const wb_cluster_scheduler_ops *ops)
{
    assert(cluster != NULL);
    assert((scheduler == NULL) == (ops == NULL));
    if (ops != NULL) {
        assert(ops->enqueue != NULL && ops->forget != NULL && ops->node_changed != NULL);
        assert(ops->pod_assigned != NULL && ops->pod_removed != NULL);
    }
    cluster->scheduler = scheduler;
    cluster->scheduler_ops = ops;
}

wb_status wb_cluster_status(const wb_cluster *cluster, wb_error *err)
{
    assert(cluster != NULL);
    if (cluster->deferred_error.status != WB_OK && err != NULL) {
        *err = cluster->deferred_error;
    }
    return cluster->deferred_error.status;
}

void wb_cluster_defer_error(wb_cluster *cluster, const wb_error *err)
{
    assert(err->status != WB_OK);
    if (cluster->deferred_error.status == WB_OK) {
        cluster->deferred_error = *err;
    }
}

/* The verbs that call this return no status: most callers could do nothing about it, and the run
 * ends at the next event of the cluster anyway. */
void wb_cluster_schedule(wb_cluster *cluster, int64_t at_ms, wb_event_kind kind, uint32_t subject)
{
    assert(at_ms >= cluster->kernel->now_ms);
    wb_error err;
    if (wb_kernel_schedule(cluster->kernel, at_ms, WB_PHASE_CLUSTER, (uint16_t)kind, subject,
                           &err) != WB_OK) {
        wb_cluster_defer_error(cluster, &err);
    }
}

void wb_cluster_add_to_list(wb_id_list *list, uint32_t id)
{
    if (list->count == list->capacity) {
        list->capacity =
            (uint32_t)wb_heap_memory_next_capacity(list->capacity, (size_t)list->count + 1);
        list->ids = wb_heap_memory_resize(list->ids, list->capacity, sizeof(*list->ids));
    }
    list->ids[list->count++] = id;
}

/* Linear: the lists are short (DaemonSets), and their order matters. */
void wb_cluster_remove_from_list(wb_id_list *list, uint32_t id)
{
    uint32_t at = 0;
    while (at < list->count && list->ids[at] != id) {
        at++;
    }
    assert(at < list->count);
    list->count--;
    memmove(list->ids + at, list->ids + at + 1, (list->count - at) * sizeof(*list->ids));
}

uint32_t wb_cluster_resource_index(wb_cluster *cluster, uint32_t name)
{
    assert(cluster != NULL && name != 0);
    for (uint32_t i = 0; i < cluster->resource_count; i++) {
        if (cluster->resource_names[i] == name) {
            return i;
        }
    }
    const uint32_t limit = sizeof(cluster->resource_names) / sizeof(cluster->resource_names[0]);
    assert(cluster->resource_count < limit);
    if (cluster->resource_count == cluster->resource_capacity) {
        wb_cluster_widen_resources(cluster, cluster->resource_count + 1);
    }
    cluster->resource_names[cluster->resource_count] = name;
    return cluster->resource_count++;
}

/* ---- shapes ---- */

/* Resource indices of one shape differ, so no two requests are equal. */
static int compare_requests(const void *a, const void *b, void *context)
{
    (void)context;
    const uint32_t x = ((const wb_shape_request *)a)->resource;
    const uint32_t y = ((const wb_shape_request *)b)->resource;
    return (x > y) - (x < y);
}

/* Requests by dense index, so that fitting a pod on a node is a loop over two arrays. The sort
 * makes equal lists equal in whatever order their names were interned. */
static void fill_requests(wb_cluster *cluster, wb_shape *shape)
{
    const wb_resource_list list = shape->template->requests;
    wb_shape_request *requests = WB_ARENA_ARRAY(cluster->arena, wb_shape_request, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        requests[i] = (wb_shape_request){
            .resource = wb_cluster_resource_index(cluster, list.items[i].name),
            .amount = list.items[i].amount,
        };
        assert(requests[i].amount >= 0);
    }
    wb_sort(requests, list.count, sizeof(*requests), compare_requests, NULL);
    shape->requests = requests;
    shape->request_count = list.count;
    shape->cpu_milli = wb_resource_list_get(list, WB_NAME_CPU);
    shape->memory_bytes = wb_resource_list_get(list, WB_NAME_MEMORY);
}

/* As the ReplicaSet controller reads it: a 32-bit integer, anything else counts as 0. */
static int32_t read_deletion_cost(const wb_cluster *cluster, const wb_pod_template *template)
{
    const uint32_t value = wb_labels_get(template->annotations, WB_NAME_POD_DELETION_COST);
    const char *text = wb_intern_text(cluster->intern, value);
    char *end;
    const long long cost = strtoll(text, &end, 10);
    const bool is_number = end != text && *end == '\0' && text[0] != '+';
    return is_number && cost >= INT32_MIN && cost <= INT32_MAX ? (int32_t)cost : 0;
}

/* Volumes that constrain where a pod may run. */
static bool has_binding_volumes(const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->volume_count; i++) {
        const wb_volume_kind kind = template->volumes[i].kind;
        if (kind == WB_VOLUME_CLAIM || kind == WB_VOLUME_EPHEMERAL) {
            return true;
        }
    }
    return false;
}

/* What every pod of the shape would have to look up in the template again and again is worked out
 * once, here. Some 10 to 10,000 shapes in real traces, for up to a million pods. */
static uint32_t add_shape_row(wb_cluster *cluster, const wb_pod_template *template,
                              uint32_t namespace_name)
{
    if (cluster->shape_count == cluster->shape_capacity) {
        cluster->shape_capacity =
            (uint32_t)wb_heap_memory_next_capacity(cluster->shape_capacity,
                                                   (size_t)cluster->shape_count + 1);
        cluster->shapes = wb_heap_memory_resize(cluster->shapes, cluster->shape_capacity,
                                                sizeof(*cluster->shapes));
    }
    const uint32_t shape_id = cluster->shape_count++;
    wb_shape *shape = &cluster->shapes[shape_id];
    *shape = (wb_shape){
        .template = template,
        .namespace_name = namespace_name,
        .owner_hint = WB_NO_ID,
        .base_shape_id = shape_id,
        .deletion_cost = read_deletion_cost(cluster, template),
        .next_with_hash = WB_NO_ID,
        .needs_host_port = template->host_port_count > 0,
        .has_pod_terms = template->affinity_required_count + template->affinity_preferred_count +
                             template->anti_affinity_required_count +
                             template->anti_affinity_preferred_count >
                         0,
        .has_spread = template->spread_count > 0,
        .has_volumes = has_binding_volumes(template),
    };
    fill_requests(cluster, shape);
    wb_cluster_match_pdbs(cluster, shape_id);
    return shape_id;
}

uint32_t wb_cluster_add_shape(wb_cluster *cluster, const wb_pod_template *template,
                              uint32_t namespace_name)
{
    assert(cluster != NULL && template != NULL);
    const uint64_t hash = wb_hash_map_join(wb_pod_template_hash(template), namespace_name);
    uint64_t first = WB_NO_ID;
    (void)wb_hash_map_get(&cluster->shape_by_hash, hash, &first);
    for (uint32_t id = (uint32_t)first; id != WB_NO_ID; id = cluster->shapes[id].next_with_hash) {
        const wb_shape *shape = &cluster->shapes[id];
        if (shape->namespace_name == namespace_name &&
            (shape->template == template || wb_pod_template_equals(shape->template, template))) {
            return id;
        }
    }
    const uint32_t shape_id = add_shape_row(cluster, template, namespace_name);
    cluster->shapes[shape_id].next_with_hash = (uint32_t)first;
    (void)wb_hash_map_put(&cluster->shape_by_hash, hash, shape_id);
    return shape_id;
}

/* ---- owners ---- */

/* Exact, no hash: ids of namespaces and names are small. */
static uint64_t owner_key(wb_owner_kind kind, uint32_t namespace_name, uint32_t name)
{
    assert(kind < 16 && namespace_name < (1U << 28) && name < (1U << 31));
    return (uint64_t)kind << 60 | (uint64_t)namespace_name << 32 | name;
}

uint32_t wb_cluster_find_owner(const wb_cluster *cluster, wb_owner_kind kind,
                               uint32_t namespace_name, uint32_t name)
{
    uint64_t found;
    const uint64_t key = owner_key(kind, namespace_name, name);
    return wb_hash_map_get(&cluster->owner_by_key, key, &found) ? (uint32_t)found : WB_NO_ID;
}

uint32_t wb_cluster_add_owner(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                              uint32_t name)
{
    assert(cluster != NULL);
    assert(kind != WB_OWNER_NONE && name != 0);
    const uint64_t key = owner_key(kind, namespace_name, name);
    uint64_t found;
    if (wb_hash_map_get(&cluster->owner_by_key, key, &found)) {
        return (uint32_t)found;
    }
    if (cluster->owner_count == cluster->owner_capacity) {
        cluster->owner_capacity =
            (uint32_t)wb_heap_memory_next_capacity(cluster->owner_capacity,
                                                   (size_t)cluster->owner_count + 1);
        cluster->owners = wb_heap_memory_resize(cluster->owners, cluster->owner_capacity,
                                                sizeof(*cluster->owners));
    }
    const uint32_t owner_id = cluster->owner_count++;
    cluster->owners[owner_id] = (wb_owner){.kind = kind,
                                           .namespace_name = namespace_name,
                                           .name = name,
                                           .desired_replicas = -1,
                                           .workload_index = WB_NO_ID,
                                           .first_pod = WB_NO_ID};
    (void)wb_hash_map_put(&cluster->owner_by_key, key, owner_id);
    return owner_id;
}
