#include "sim/cluster/scheduler_core.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_internal.h"

static const char *const plugin_names[WB_PLUGIN_COUNT] = {
    [WB_PLUGIN_NODE_UNSCHEDULABLE] = "NodeUnschedulable",
    [WB_PLUGIN_NODE_NAME] = "NodeName",
    [WB_PLUGIN_TAINT_TOLERATION] = "TaintToleration",
    [WB_PLUGIN_NODE_AFFINITY] = "NodeAffinity",
    [WB_PLUGIN_NODE_PORTS] = "NodePorts",
    [WB_PLUGIN_NODE_RESOURCES_FIT] = "NodeResourcesFit",
    [WB_PLUGIN_VOLUME_RESTRICTIONS] = "VolumeRestrictions",
    [WB_PLUGIN_NODE_VOLUME_LIMITS] = "NodeVolumeLimits",
    [WB_PLUGIN_VOLUME_BINDING] = "VolumeBinding",
    [WB_PLUGIN_VOLUME_ZONE] = "VolumeZone",
    [WB_PLUGIN_POD_TOPOLOGY_SPREAD] = "PodTopologySpread",
    [WB_PLUGIN_INTER_POD_AFFINITY] = "InterPodAffinity",
    [WB_PLUGIN_DYNAMIC_RESOURCES] = "DynamicResources",
    [WB_PLUGIN_BALANCED_ALLOCATION] = "NodeResourcesBalancedAllocation",
    [WB_PLUGIN_IMAGE_LOCALITY] = "ImageLocality",
};

const char *wb_scheduler_core_plugin_name(wb_scheduler_plugin plugin)
{
    assert(plugin <= WB_PLUGIN_PASSED);
    return plugin == WB_PLUGIN_PASSED ? NULL : plugin_names[plugin];
}

/* ---- lists ---- */

void wb_scheduler_core_list_add(wb_scheduler_list *list, uint32_t item)
{
    assert(list->count <= list->capacity);
    if (list->count == list->capacity) {
        list->capacity =
            (uint32_t)wb_heap_memory_next_capacity(list->capacity, (size_t)list->count + 1);
        list->items = wb_heap_memory_resize(list->items, list->capacity, sizeof(*list->items));
    }
    list->items[list->count++] = item;
}

void wb_scheduler_core_list_release(wb_scheduler_list *list)
{
    wb_heap_memory_free(list->items);
    *list = (wb_scheduler_list){0};
}

/* Takes a recycled id, or the next new one from *count. */
static uint32_t take_id(wb_scheduler_list *spare, uint32_t *count)
{
    assert(*count < WB_SCHEDULER_NONE);
    return spare->count > 0 ? spare->items[--spare->count] : (*count)++;
}

static void list_insert(wb_scheduler_list *list, uint32_t index, uint32_t item)
{
    assert(index <= list->count);
    wb_scheduler_core_list_add(list, item);
    memmove(&list->items[index + 1], &list->items[index],
            (size_t)(list->count - 1 - index) * sizeof(*list->items));
    list->items[index] = item;
}

/* Keeps the order: arrivals and names are walked in order. */
static void list_remove(wb_scheduler_list *list, uint32_t item)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] == item) {
            list->count--;
            memmove(&list->items[i], &list->items[i + 1],
                    (size_t)(list->count - i) * sizeof(*list->items));
            return;
        }
    }
    assert(false && "an item to remove is in its list");
}

/* ---- life cycle ---- */

wb_scheduler_core *wb_scheduler_core_new(wb_intern *intern,
                                         const wb_scheduler_core_options *options)
{
    assert(intern != NULL && intern->count >= WB_NAME_COUNT);
    assert(options != NULL && options->percentage_of_nodes_to_score >= 0);
    wb_scheduler_core *core = wb_heap_memory_zalloc(1, sizeof(*core));
    core->intern = intern;
    core->options = *options;
    wb_arena_init(&core->arena, "scheduler", 0, NULL);
    wb_arena_init(&core->scratch, "scheduler scratch", 0, NULL);
    wb_hash_map *const maps[] = {&core->slot_by_node,  &core->pod_by_id,
                                 &core->shape_by_hash, &core->nomination_by_pod,
                                 &core->group_by_hash, &core->tracker_by_key,
                                 &core->soft_by_key,   &core->zone_by_key};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_init(maps[i]);
    }
    core->resource_stride = 8;
    core->resource_names[WB_SCHEDULER_RESOURCE_CPU] = WB_NAME_CPU;
    core->resource_names[WB_SCHEDULER_RESOURCE_MEMORY] = WB_NAME_MEMORY;
    core->resource_names[WB_SCHEDULER_RESOURCE_PODS] = WB_NAME_PODS;
    core->resource_count = WB_SCHEDULER_RESOURCE_PODS + 1;
    core->changes = wb_heap_memory_zalloc(WB_SCHEDULER_CHANGES_MAX, sizeof(*core->changes));
    wb_scheduler_profile_init_all(core);
    return core;
}

void wb_scheduler_core_free(wb_scheduler_core *core)
{
    if (core == NULL) {
        return;
    }
    for (uint32_t i = 0; i < core->shape_count; i++) {
        wb_scheduler_shape_release(&core->shapes[i]);
    }
    wb_scheduler_counts_release(core);
    wb_scheduler_volumes_release(core);
    wb_hash_map *const maps[] = {&core->slot_by_node,  &core->pod_by_id,
                                 &core->shape_by_hash, &core->nomination_by_pod,
                                 &core->group_by_hash, &core->tracker_by_key,
                                 &core->soft_by_key,   &core->zone_by_key};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_release(maps[i]);
    }
    wb_scheduler_list *const lists[] = {&core->free_slots,       &core->arrivals,  &core->order,
                                        &core->by_name,          &core->free_pods, &core->victims,
                                        &core->free_nominations, &core->displaced};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        wb_scheduler_core_list_release(lists[i]);
    }
    for (uint32_t i = 0; i < core->zone_count; i++) {
        wb_scheduler_core_list_release(&core->zones[i]);
    }
    void *const blocks[] = {core->zones,
                            core->rows,
                            core->allocatable,
                            core->requested,
                            core->pods,
                            core->nominations,
                            core->shapes,
                            core->soft_sets,
                            core->changes,
                            core->priorities,
                            core->totals,
                            core->rejections,
                            core->pods_of_priority,
                            core->domain_marks,
                            core->feasible,
                            core->feasible_entries,
                            core->versions,
                            core->ranks};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        wb_heap_memory_free(blocks[i]);
    }
    wb_arena_release(&core->arena);
    wb_arena_release(&core->scratch);
    wb_heap_memory_free(core);
}

void wb_scheduler_core_set_namespaces(wb_scheduler_core *core, const wb_namespace *namespaces,
                                      uint32_t count)
{
    assert(core->shape_count == 0); /* shapes were matched against the old labels */
    core->namespaces = namespaces;
    core->namespace_count = count;
}

void wb_scheduler_core_set_pdbs(wb_scheduler_core *core, const wb_pdb *pdbs, uint32_t count,
                                int32_t (*allowed)(void *context, uint32_t index), void *context)
{
    assert(count == 0 || pdbs != NULL);
    core->pdbs = pdbs;
    core->pdb_count = count;
    core->pdb_allowed = allowed;
    core->pdb_context = context;
}

wb_scheduler_core_counters wb_scheduler_core_get_counters(const wb_scheduler_core *core)
{
    return core->counters;
}

/* ---- resources ---- */

/* Widens the two dense tables to twice the resources. */
static void widen_resources(wb_scheduler_core *core)
{
    assert(core->resource_count == core->resource_stride);
    const uint32_t old = core->resource_stride;
    const uint32_t wide = old * 2;
    int64_t **const tables[] = {&core->allocatable, &core->requested};
    for (size_t t = 0; t < 2; t++) {
        int64_t *table =
            wb_heap_memory_zalloc((size_t)core->slot_capacity * wide + 1, sizeof(*table));
        for (uint32_t slot = 0; slot < core->slot_count; slot++) {
            memcpy(&table[(size_t)slot * wide], &(*tables[t])[(size_t)slot * old],
                   old * sizeof(*table));
        }
        wb_heap_memory_free(*tables[t]);
        *tables[t] = table;
    }
    core->resource_stride = wide;
}

uint32_t wb_scheduler_core_resource(wb_scheduler_core *core, uint32_t name)
{
    assert(name != 0);
    for (uint32_t i = 0; i < core->resource_count; i++) {
        if (core->resource_names[i] == name) {
            return i;
        }
    }
    assert(core->resource_count < WB_SCHEDULER_RESOURCES_MAX); /* the loader refuses more */
    if (core->resource_count == core->resource_stride) {
        widen_resources(core);
    }
    core->resource_names[core->resource_count] = name;
    return core->resource_count++;
}

/* ---- nodes ---- */

uint32_t wb_scheduler_core_slot(const wb_scheduler_core *core, uint32_t node_id)
{
    uint64_t slot = 0;
    return wb_hash_map_get(&core->slot_by_node, node_id, &slot) ? (uint32_t)slot
                                                                : WB_SCHEDULER_NONE;
}

bool wb_scheduler_core_has_node(const wb_scheduler_core *core, uint32_t node_id)
{
    return wb_scheduler_core_slot(core, node_id) != WB_SCHEDULER_NONE;
}

/* Something about slot is different now: cached entries for it are stale. */
static void mark_changed(wb_scheduler_core *core, uint32_t slot)
{
    assert(slot < core->slot_count);
    assert(core->last_version < UINT32_MAX);
    core->versions[slot] = ++core->last_version;
    core->changes[core->change_count % WB_SCHEDULER_CHANGES_MAX] = slot;
    core->change_count++;
}

/* Everything that is kept by slot grows together. */
static void grow_slots(wb_scheduler_core *core)
{
    const uint32_t old = core->slot_capacity;
    const uint32_t capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)old + 64);
    core->rows = wb_heap_memory_resize(core->rows, capacity, sizeof(*core->rows));
    memset(&core->rows[old], 0, (capacity - old) * sizeof(*core->rows));
    uint32_t **const columns[] = {&core->versions, &core->ranks};
    for (size_t c = 0; c < 2; c++) {
        *columns[c] = wb_heap_memory_resize(*columns[c], capacity, sizeof(**columns[c]));
        memset(&(*columns[c])[old], 0, (capacity - old) * sizeof(**columns[c]));
    }
    const size_t stride = core->resource_stride;
    int64_t **const tables[] = {&core->allocatable, &core->requested};
    for (size_t t = 0; t < 2; t++) {
        *tables[t] = wb_heap_memory_resize(*tables[t], capacity * stride, sizeof(**tables[t]));
        memset(&(*tables[t])[old * stride], 0, (capacity - old) * stride * sizeof(**tables[t]));
    }
    core->slot_capacity = capacity;
    wb_scheduler_counts_grow_slots(core, old);
}

/* Where name belongs in by_name: the first index whose name is not smaller. */
static uint32_t find_name(const wb_scheduler_core *core, const char *name)
{
    uint32_t low = 0;
    uint32_t high = core->by_name.count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const uint32_t other = core->rows[core->by_name.items[middle]].node.name;
        if (strcmp(wb_intern_text(core->intern, other), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* A new node. Slots are reused, so that everything that is kept by slot is bounded by the peak
 * of living nodes and not by all that ever lived. */
static uint32_t add_slot(wb_scheduler_core *core, const wb_scheduler_core_node *node)
{
    assert(node->name != 0);
    if (core->free_slots.count == 0 && core->slot_count == core->slot_capacity) {
        grow_slots(core);
    }
    const uint32_t slot = take_id(&core->free_slots, &core->slot_count);
    wb_scheduler_row *row = &core->rows[slot];
    *row = (wb_scheduler_row){.is_present = true,
                              .zone = WB_SCHEDULER_NONE,
                              .first_pod = WB_SCHEDULER_NONE,
                              .first_nominated = WB_SCHEDULER_NONE};
    const size_t first = (size_t)slot * core->resource_stride;
    memset(&core->requested[first], 0, core->resource_stride * sizeof(*core->requested));
    wb_hash_map_put(&core->slot_by_node, node->node_id, slot);
    list_insert(&core->by_name, find_name(core, wb_intern_text(core->intern, node->name)), slot);
    wb_scheduler_core_list_add(&core->arrivals, slot);
    core->node_count++;
    return slot;
}

/* Resource names become dense indices first: adding one may move the tables. */
static void fill_allocatable(wb_scheduler_core *core, const wb_scheduler_core_node *node,
                             uint32_t slot)
{
    uint32_t indices[WB_SCHEDULER_RESOURCES_MAX];
    assert(node->allocatable_count <= WB_SCHEDULER_RESOURCES_MAX);
    for (uint32_t i = 0; i < node->allocatable_count; i++) {
        indices[i] = wb_scheduler_core_resource(core, node->allocatable[i].name);
    }
    int64_t *allocatable = &core->allocatable[(size_t)slot * core->resource_stride];
    memset(allocatable, 0, core->resource_stride * sizeof(*allocatable));
    for (uint32_t i = 0; i < node->allocatable_count; i++) {
        allocatable[indices[i]] = node->allocatable[i].amount;
    }
}

/* The zone of a node's labels (region and zone together); 0 and up in order of first sight. */
static uint32_t find_zone(wb_scheduler_core *core, wb_labels labels)
{
    const uint64_t key =
        (uint64_t)wb_labels_get(labels, WB_NAME_REGION) << 32 | wb_labels_get(labels, WB_NAME_ZONE);
    uint64_t zone = core->zone_count;
    if (!wb_hash_map_get(&core->zone_by_key, key, &zone)) {
        wb_hash_map_put(&core->zone_by_key, key, zone);
        if (core->zone_count == core->zone_capacity) {
            core->zone_capacity = core->zone_capacity * 2 + 4;
            core->zones =
                wb_heap_memory_resize(core->zones, core->zone_capacity, sizeof(*core->zones));
        }
        core->zones[core->zone_count++] = (wb_scheduler_list){0};
    }
    return (uint32_t)zone;
}

/* Puts slot behind the nodes of its zone, unless it is there already. */
static void enter_zone(wb_scheduler_core *core, uint32_t slot)
{
    wb_scheduler_row *row = &core->rows[slot];
    const uint32_t zone = find_zone(core, row->node.labels);
    if (zone == row->zone) {
        return;
    }
    if (row->zone != WB_SCHEDULER_NONE) {
        list_remove(&core->zones[row->zone], slot);
    }
    row->zone = zone;
    wb_scheduler_core_list_add(&core->zones[zone], slot);
    core->is_order_stale = true;
}

void wb_scheduler_core_set_node(wb_scheduler_core *core, const wb_scheduler_core_node *node)
{
    assert(node->taint_count <= WB_SCHEDULER_TAINTS_MAX);
    uint32_t slot = wb_scheduler_core_slot(core, node->node_id);
    if (slot == WB_SCHEDULER_NONE) {
        slot = add_slot(core, node);
    } else {
        assert(core->rows[slot].node.name == node->name);
        wb_scheduler_counts_detach(core, slot);
    }
    wb_scheduler_row *row = &core->rows[slot];
    row->node = *node;
    for (uint32_t i = 0; i < node->taint_count; i++) {
        row->taints[i] = node->taints[i];
    }
    row->node.taints = NULL; /* row->taints has them: the caller's may move */
    row->node.allocatable = NULL;
    fill_allocatable(core, node, slot);
    core->has_images = core->has_images || node->image_count > 0;
    enter_zone(core, slot);
    mark_changed(core, slot);
    row->static_version = core->versions[slot];
    wb_scheduler_counts_attach(core, slot);
}

void wb_scheduler_core_remove_node(wb_scheduler_core *core, uint32_t node_id)
{
    const uint32_t slot = wb_scheduler_core_slot(core, node_id);
    if (slot == WB_SCHEDULER_NONE) {
        return;
    }
    wb_scheduler_row *row = &core->rows[slot];
    assert(row->first_pod == WB_SCHEDULER_NONE && row->pod_count == 0);
    while (row->first_nominated != WB_SCHEDULER_NONE) {
        wb_scheduler_core_clear_nomination(core,
                                           core->nominations[row->first_nominated].pod.pod_id);
    }
    wb_scheduler_counts_detach(core, slot);
    wb_hash_map_remove(&core->slot_by_node, node_id);
    list_remove(&core->by_name, slot);
    list_remove(&core->arrivals, slot);
    list_remove(&core->zones[row->zone], slot);
    core->node_count--;
    core->is_order_stale = true;
    mark_changed(core, slot);
    row->is_present = false;
    wb_scheduler_core_list_add(&core->free_slots, slot);
}

/* kube-scheduler's node tree hands out one node of each zone in turn, so that a search that stops
 * early has seen all zones. Zones in order of their first node ever, nodes as they came. */
void wb_scheduler_core_refresh_order(wb_scheduler_core *core)
{
    if (!core->is_order_stale) {
        return;
    }
    const uint32_t count = core->node_count;
    core->order.count = 0;
    for (uint32_t round = 0; core->order.count < count; round++) {
        for (uint32_t zone = 0; zone < core->zone_count; zone++) {
            if (round < core->zones[zone].count) {
                wb_scheduler_core_list_add(&core->order, core->zones[zone].items[round]);
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        core->ranks[core->by_name.items[i]] = i;
    }
    core->is_order_stale = false;
}

/* ---- pods ---- */

/* Counts placed pods by priority: preemption has no victims below the lowest. */
static void count_priority(wb_scheduler_core *core, int32_t priority, bool comes)
{
    uint32_t at = 0;
    while (at < core->priority_count && core->priorities[at] < priority) {
        at++;
    }
    const bool is_there = at < core->priority_count && core->priorities[at] == priority;
    assert(comes || is_there);
    if (is_there) {
        core->pods_of_priority[at] += comes ? 1U : UINT32_MAX;
        return; /* an empty row stays: priorities are few */
    }
    if (core->priority_count == core->priority_capacity) {
        core->priority_capacity = core->priority_capacity * 2 + 8;
        core->priorities = wb_heap_memory_resize(core->priorities, core->priority_capacity,
                                                 sizeof(*core->priorities));
        core->pods_of_priority =
            wb_heap_memory_resize(core->pods_of_priority, core->priority_capacity,
                                  sizeof(*core->pods_of_priority));
    }
    const size_t after = core->priority_count - at;
    memmove(&core->priorities[at + 1], &core->priorities[at], after * sizeof(*core->priorities));
    memmove(&core->pods_of_priority[at + 1], &core->pods_of_priority[at],
            after * sizeof(*core->pods_of_priority));
    core->priorities[at] = priority;
    core->pods_of_priority[at] = 1;
    core->priority_count++;
}

/* Adds (sign 1) or takes off (-1) what a pod of shape uses of slot. */
static void add_use(wb_scheduler_core *core, const wb_scheduler_shape *shape, uint32_t slot,
                    int64_t sign)
{
    assert(sign == 1 || sign == -1);
    wb_scheduler_row *row = &core->rows[slot];
    int64_t *requested = &core->requested[(size_t)slot * core->resource_stride];
    for (uint32_t i = 0; i < shape->request_count; i++) {
        requested[shape->requests[i].resource] += sign * shape->requests[i].amount;
    }
    requested[WB_SCHEDULER_RESOURCE_PODS] += sign;
    row->nonzero_cpu_milli += sign * shape->nonzero_cpu_milli;
    row->nonzero_memory_bytes += sign * shape->nonzero_memory_bytes;
    row->pod_count += sign > 0 ? 1U : UINT32_MAX;
    if (shape->uses_host_ports) {
        row->host_port_pod_count += sign > 0 ? 1U : UINT32_MAX;
    }
}

uint32_t wb_scheduler_core_place(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                 uint32_t slot)
{
    assert(slot < core->slot_count && core->rows[slot].is_present);
    assert(pod->shape < core->shape_count);
    if (core->free_pods.count == 0 && core->pod_row_count == core->pod_row_capacity) {
        core->pod_row_capacity =
            (uint32_t)wb_heap_memory_next_capacity(core->pod_row_capacity,
                                                   (size_t)core->pod_row_count + 256);
        core->pods = wb_heap_memory_resize(core->pods, core->pod_row_capacity, sizeof(*core->pods));
    }
    const uint32_t id = take_id(&core->free_pods, &core->pod_row_count);
    wb_scheduler_row *row = &core->rows[slot];
    core->pods[id] = (wb_scheduler_pod_row){
        .pod = *pod, .slot = slot, .next = row->first_pod, .previous = WB_SCHEDULER_NONE};
    if (row->first_pod != WB_SCHEDULER_NONE) {
        core->pods[row->first_pod].previous = id;
    }
    row->first_pod = id;
    const wb_scheduler_shape *shape = &core->shapes[pod->shape];
    add_use(core, shape, slot, 1);
    count_priority(core, shape->priority, true);
    wb_scheduler_counts_change(core, pod, slot, 1);
    if (shape->uses_volumes) {
        wb_scheduler_volumes_change(core, pod, slot, 1);
    }
    mark_changed(core, slot);
    return id;
}

void wb_scheduler_core_displace(wb_scheduler_core *core, uint32_t pod_row)
{
    assert(pod_row < core->pod_row_count);
    wb_scheduler_pod_row *gone = &core->pods[pod_row];
    const uint32_t slot = gone->slot;
    assert(slot != WB_SCHEDULER_NONE);
    if (gone->previous == WB_SCHEDULER_NONE) {
        core->rows[slot].first_pod = gone->next;
    } else {
        core->pods[gone->previous].next = gone->next;
    }
    if (gone->next != WB_SCHEDULER_NONE) {
        core->pods[gone->next].previous = gone->previous;
    }
    const wb_scheduler_shape *shape = &core->shapes[gone->pod.shape];
    add_use(core, shape, slot, -1);
    count_priority(core, shape->priority, false);
    wb_scheduler_counts_change(core, &gone->pod, slot, -1);
    if (shape->uses_volumes) {
        wb_scheduler_volumes_change(core, &gone->pod, slot, -1);
    }
    gone->slot = WB_SCHEDULER_NONE;
    wb_scheduler_core_list_add(&core->free_pods, pod_row);
    mark_changed(core, slot);
}

void wb_scheduler_core_assign(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                              uint32_t node_id)
{
    assert(pod->group == WB_SCHEDULER_NONE || pod->group < core->group_count);
    const uint32_t slot = wb_scheduler_core_slot(core, node_id);
    assert(slot != WB_SCHEDULER_NONE);
    wb_scheduler_core_clear_nomination(core, pod->pod_id);
    const uint32_t row = wb_scheduler_core_place(core, pod, slot);
    const bool is_new = wb_hash_map_put(&core->pod_by_id, pod->pod_id, row);
    assert(is_new); /* a pod is assigned once */
    (void)is_new;
}

bool wb_scheduler_core_unassign(wb_scheduler_core *core, uint32_t pod_id)
{
    uint64_t row = 0;
    if (!wb_hash_map_get(&core->pod_by_id, pod_id, &row)) {
        return false;
    }
    wb_hash_map_remove(&core->pod_by_id, pod_id);
    wb_scheduler_core_displace(core, (uint32_t)row);
    return true;
}

void wb_scheduler_core_set_terminating(wb_scheduler_core *core, uint32_t pod_id)
{
    uint64_t row = 0;
    if (!wb_hash_map_get(&core->pod_by_id, pod_id, &row) || core->pods[row].pod.is_terminating) {
        return;
    }
    wb_scheduler_counts_terminate(core, &core->pods[row].pod, core->pods[row].slot);
    core->pods[row].pod.is_terminating = true;
    mark_changed(core, core->pods[row].slot);
}

/* ---- nominations ---- */

void wb_scheduler_core_nominate(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                uint32_t node_id)
{
    assert(pod->shape < core->shape_count);
    wb_scheduler_core_clear_nomination(core, pod->pod_id);
    const uint32_t slot = wb_scheduler_core_slot(core, node_id);
    if (slot == WB_SCHEDULER_NONE) {
        return; /* the node is gone: nothing to hold a place on */
    }
    if (core->free_nominations.count == 0 && core->nomination_count == core->nomination_capacity) {
        core->nomination_capacity = core->nomination_capacity * 2 + 16;
        core->nominations = wb_heap_memory_resize(core->nominations, core->nomination_capacity,
                                                  sizeof(*core->nominations));
    }
    const uint32_t id = take_id(&core->free_nominations, &core->nomination_count);
    core->nominations[id] = (wb_scheduler_nomination){.pod = *pod,
                                                      .slot = slot,
                                                      .next = core->rows[slot].first_nominated};
    core->rows[slot].first_nominated = id;
    wb_hash_map_put(&core->nomination_by_pod, pod->pod_id, id);
    core->live_nomination_count++;
    mark_changed(core, slot);
}

void wb_scheduler_core_clear_nomination(wb_scheduler_core *core, uint32_t pod_id)
{
    uint64_t found = 0;
    if (core->live_nomination_count == 0 ||
        !wb_hash_map_get(&core->nomination_by_pod, pod_id, &found)) {
        return;
    }
    const uint32_t id = (uint32_t)found;
    wb_scheduler_row *row = &core->rows[core->nominations[id].slot];
    uint32_t *link = &row->first_nominated;
    while (*link != id) {
        assert(*link != WB_SCHEDULER_NONE);
        link = &core->nominations[*link].next;
    }
    *link = core->nominations[id].next;
    mark_changed(core, core->nominations[id].slot);
    core->nominations[id].slot = WB_SCHEDULER_NONE;
    wb_hash_map_remove(&core->nomination_by_pod, pod_id);
    wb_scheduler_core_list_add(&core->free_nominations, id);
    core->live_nomination_count--;
}

uint32_t wb_scheduler_core_nominated_node(const wb_scheduler_core *core, uint32_t pod_id)
{
    uint64_t id = 0;
    if (core->live_nomination_count == 0 ||
        !wb_hash_map_get(&core->nomination_by_pod, pod_id, &id)) {
        return WB_SCHEDULER_NONE;
    }
    return core->rows[core->nominations[id].slot].node.node_id;
}

/* ---- shapes ---- */

uint32_t wb_scheduler_core_add_shape(wb_scheduler_core *core, const wb_pod_template *template,
                                     uint32_t namespace_name)
{
    assert(template != NULL && namespace_name != 0);
    const uint64_t hash =
        wb_hash_map_join(wb_pod_template_hash(template), (uint64_t)namespace_name);
    /* Equal hashes of unlike templates step on to the next key. */
    uint64_t key = hash;
    uint64_t found = 0;
    while (wb_hash_map_get(&core->shape_by_hash, key, &found)) {
        const wb_scheduler_shape *shape = &core->shapes[found];
        if (shape->namespace_name == namespace_name &&
            (shape->template == template || wb_pod_template_equals(shape->template, template))) {
            return (uint32_t)found;
        }
        key++;
    }
    if (core->shape_count == core->shape_capacity) {
        core->shape_capacity =
            (uint32_t)wb_heap_memory_next_capacity(core->shape_capacity,
                                                   (size_t)core->shape_count + 64);
        core->shapes =
            wb_heap_memory_resize(core->shapes, core->shape_capacity, sizeof(*core->shapes));
    }
    const uint32_t id = core->shape_count++;
    wb_hash_map_put(&core->shape_by_hash, key, id);
    wb_scheduler_shape_init(core, &core->shapes[id], template, namespace_name);
    wb_scheduler_groups_add_shape(core, id);
    return id;
}

int32_t wb_scheduler_core_priority(const wb_scheduler_core *core, uint32_t shape)
{
    assert(shape < core->shape_count);
    return core->shapes[shape].priority;
}
