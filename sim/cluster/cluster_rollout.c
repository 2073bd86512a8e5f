/*
 * Replicas: Deployment, ReplicaSet, ReplicationController, and StatefulSet.
 *
 * A pod is of the present revision when its shape is the controller's. A Deployment rolls as the
 * Deployment controller does (new pods up to maxSurge above, old ones away as long as
 * replicas - maxUnavailable stay available); its ReplicaSets are seen through. A StatefulSet
 * creates all missing ordinals at once (podManagementPolicy Parallel; OrderedReady would only
 * spread a start-up over seconds) and rolls from the highest ordinal down, one pod at a time.
 *
 * Reconciling looks at counters first; pods are walked only when some of them must go.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/sort.h"
#include "sim/cluster/cluster_internal.h"

/* ---- choosing pods to delete ---- */

/* Lower goes first. Source: Kubernetes' ActivePods order, without its preference for nodes that
 * hold several pods of the set. */
static int stage_of(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    switch (pods->state[pod_id]) {
    case WB_POD_STATE_PENDING: return 0;
    case WB_POD_STATE_STARTING: return 1;
    default: return cluster->nodes[pods->node_id[pod_id]].is_ready ? 3 : 2;
    }
}

static int compare_for_deletion(const void *a, const void *b, void *context)
{
    const wb_cluster *cluster = context;
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    const int stage_x = stage_of(cluster, x);
    const int stage_y = stage_of(cluster, y);
    if (stage_x != stage_y) {
        return stage_x < stage_y ? -1 : 1;
    }
    const int32_t cost_x = cluster->shapes[cluster->pods.shape_id[x]].deletion_cost;
    const int32_t cost_y = cluster->shapes[cluster->pods.shape_id[y]].deletion_cost;
    if (cost_x != cost_y) {
        return cost_x < cost_y ? -1 : 1;
    }
    return (x < y) - (x > y); /* the newest first; ids are unique */
}

void wb_cluster_delete_replicas(wb_cluster *cluster, uint32_t workload_index, uint32_t count,
                                bool outdated_only)
{
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    const wb_pod_table *pods = &cluster->pods;
    wb_id_list *list = &cluster->controllers->scratch;
    if (count == 0) {
        return;
    }
    list->count = 0;
    for (uint32_t id = cluster->owners[controller->owner_id].first_pod; id != WB_NO_ID;
         id = pods->next_of_owner[id]) {
        cluster->visit_count++;
        const bool is_outdated =
            cluster->shapes[pods->shape_id[id]].base_shape_id != controller->shape_id;
        if (pods->state[id] < WB_POD_STATE_TERMINATING && (is_outdated || !outdated_only)) {
            wb_cluster_add_to_list(list, id);
        }
    }
    wb_sort(list->ids, list->count, sizeof(*list->ids), compare_for_deletion, cluster);
    for (uint32_t i = 0; i < list->count && i < count; i++) {
        wb_cluster_delete_pod(cluster, list->ids[i], WB_CAUSE_WORKLOAD);
    }
}

/* ---- Deployment ---- */

static uint32_t at_least_zero(int64_t value)
{
    assert(value <= UINT32_MAX);
    return value > 0 ? (uint32_t)value : 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Ordinals only grow: a name never comes twice within a run. */
static void create_replicas(wb_cluster *cluster, uint32_t workload_index, uint32_t count)
{
    const uint32_t owner_id = cluster->controllers->items[workload_index].owner_id;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t ordinal = cluster->owners[owner_id].created_count++;
        if (wb_cluster_create_controlled(cluster, workload_index, ordinal, WB_NO_ID) == WB_NO_ID) {
            return; /* the limit of pods: kept as the deferred error */
        }
    }
}

/* One step of a rolling update; more follow as new pods become available. */
static void roll(wb_cluster *cluster, uint32_t workload_index)
{
    const wb_workload *workload = &cluster->workloads[workload_index];
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    const wb_owner *owner = &cluster->owners[controller->owner_id];
    const int64_t desired = owner->desired_replicas;
    const int64_t surge = workload->max_surge;
    /* Both 0 would never move: the API server refuses it, percentages may still come to it. */
    const int64_t unavailable =
        workload->max_unavailable == 0 && surge == 0 ? 1 : workload->max_unavailable;
    const int64_t old = controller->outdated_active_count;
    int64_t active = owner->active_count;
    create_replicas(cluster, workload_index,
                    at_least_zero(least(desired - (active - old), desired + surge - active)));

    /* Old pods that are not available go first, then available ones; in all never more than leaves
     * desired - unavailable pods available. delete_replicas takes them in this very order. */
    active = owner->active_count;
    const int64_t old_broken = old - controller->outdated_available_count;
    const int64_t new_broken =
        (active - old) - (controller->available_count - controller->outdated_available_count);
    const int64_t least_available = desired - unavailable;
    const int64_t removable = at_least_zero(active - least_available - new_broken);
    const int64_t broken_to_go = least(old_broken, removable);
    const int64_t spare = at_least_zero((int64_t)controller->available_count - least_available);
    const int64_t available_to_go = least(controller->outdated_available_count, spare);
    wb_cluster_delete_replicas(cluster, workload_index,
                               at_least_zero(broken_to_go + available_to_go), true);
}

void wb_cluster_reconcile_replicas(wb_cluster *cluster, uint32_t workload_index)
{
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    const wb_owner *owner = &cluster->owners[controller->owner_id];
    const bool rolls = cluster->workloads[workload_index].kind == WB_OWNER_DEPLOYMENT;
    const int64_t desired = owner->desired_replicas;
    assert(desired >= 0);
    if (rolls && controller->outdated_active_count > 0 && desired > 0) {
        roll(cluster, workload_index);
        return;
    }
    /* A ReplicaSet's older pods stay until something else takes them away. */
    create_replicas(cluster, workload_index, at_least_zero(desired - owner->active_count));
    wb_cluster_delete_replicas(cluster, workload_index,
                               at_least_zero((int64_t)owner->active_count - desired), false);
}

/* ---- StatefulSet ---- */

static void widen_slots(wb_controller *controller, uint32_t count)
{
    if (count <= controller->slot_count) {
        return;
    }
    controller->slots = wb_heap_memory_resize(controller->slots, count, sizeof(*controller->slots));
    for (uint32_t i = controller->slot_count; i < count; i++) {
        controller->slots[i] = WB_NO_ID;
    }
    controller->slot_count = count;
}

/* The ordinal of one of our own names, "<owner>-<ordinal>". */
static uint32_t ordinal_of(const wb_cluster *cluster, uint32_t pod_id)
{
    const char *dash = strrchr(cluster->pods.name[pod_id], '-');
    assert(dash != NULL); /* create_controlled put it there */
    return (uint32_t)strtoul(dash + 1, NULL, 10);
}

void wb_cluster_free_slot(wb_cluster *cluster, uint32_t workload_index, uint32_t pod_id)
{
    wb_controller *controller = &cluster->controllers->items[workload_index];
    const uint32_t ordinal = ordinal_of(cluster, pod_id);
    if (ordinal < controller->slot_count && controller->slots[ordinal] == pod_id) {
        controller->slots[ordinal] = WB_NO_ID;
    }
}

bool wb_cluster_slot_is_wanted(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_owner *owner = &cluster->owners[cluster->pods.owner_id[pod_id]];
    return (int64_t)ordinal_of(cluster, pod_id) < owner->desired_replicas;
}

void wb_cluster_refill_slot(wb_cluster *cluster, uint32_t workload_index, uint32_t pod_id)
{
    wb_controller *controller = &cluster->controllers->items[workload_index];
    const uint32_t ordinal = ordinal_of(cluster, pod_id);
    if (wb_cluster_slot_is_wanted(cluster, pod_id) && ordinal < controller->slot_count &&
        controller->slots[ordinal] == WB_NO_ID) {
        controller->slots[ordinal] =
            wb_cluster_create_controlled(cluster, workload_index, ordinal, pod_id);
    }
}

/* Ordinals that are still held by a terminating pod have to wait for it. */
static void fill_slots(wb_cluster *cluster, uint32_t workload_index, uint32_t desired)
{
    wb_controller *controller = &cluster->controllers->items[workload_index];
    for (uint32_t ordinal = 0; ordinal < desired; ordinal++) {
        cluster->visit_count++;
        if (controller->slots[ordinal] == WB_NO_ID) {
            controller->slots[ordinal] =
                wb_cluster_create_controlled(cluster, workload_index, ordinal, WB_NO_ID);
            if (controller->slots[ordinal] == WB_NO_ID) {
                return; /* the limit of pods: kept as the deferred error */
            }
        }
    }
}

/* From the top, as the StatefulSet controller does. */
static void delete_slots_above(wb_cluster *cluster, uint32_t workload_index, uint32_t desired)
{
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    for (uint32_t ordinal = controller->slot_count; ordinal > desired; ordinal--) {
        cluster->visit_count++;
        const uint32_t pod_id = controller->slots[ordinal - 1];
        if (pod_id != WB_NO_ID) {
            wb_cluster_delete_pod(cluster, pod_id, WB_CAUSE_WORKLOAD);
        }
    }
}

/* Deletes the highest pod of an older revision, unless one above it is not yet back. */
static void roll_slots(wb_cluster *cluster, uint32_t workload_index, uint32_t desired)
{
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    const wb_pod_table *pods = &cluster->pods;
    for (uint32_t ordinal = desired; ordinal > 0; ordinal--) {
        cluster->visit_count++;
        const uint32_t pod_id = controller->slots[ordinal - 1];
        if (pod_id == WB_NO_ID || pods->state[pod_id] == WB_POD_STATE_TERMINATING) {
            return;
        }
        if (cluster->shapes[pods->shape_id[pod_id]].base_shape_id != controller->shape_id) {
            wb_cluster_delete_pod(cluster, pod_id, WB_CAUSE_WORKLOAD);
            return;
        }
        if (pods->state[pod_id] != WB_POD_STATE_RUNNING) {
            return;
        }
    }
}

void wb_cluster_reconcile_stateful(wb_cluster *cluster, uint32_t workload_index)
{
    wb_controller *controller = &cluster->controllers->items[workload_index];
    const wb_owner *owner = &cluster->owners[controller->owner_id];
    assert(owner->desired_replicas >= 0);
    const uint32_t desired = (uint32_t)owner->desired_replicas;
    if (owner->living_count == desired && owner->active_count == desired &&
        controller->outdated_active_count == 0) {
        return;
    }
    widen_slots(controller, desired);
    delete_slots_above(cluster, workload_index, desired);
    fill_slots(cluster, workload_index, desired);
    if (controller->outdated_active_count > 0) {
        roll_slots(cluster, workload_index, desired);
    }
}
