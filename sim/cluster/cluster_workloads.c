/*
 * Workloads under a controller here: putting them in force, taking them out, and the one event by
 * which a controller looks at its pods again.
 *
 * Controllers are level-triggered, as Kubernetes' are: whatever happens to a pod only touches its
 * workload, and one reconcile later in the same millisecond compares what is with what is wanted.
 * What each kind wants is in cluster_rollout.c, cluster_jobs.c and cluster_daemonsets.c.
 */
#include <assert.h>
#include <stdio.h>

#include "base/heap_memory.h"
#include "sim/cluster/cluster_internal.h"
#include "sim/kernel/event_kinds.h"

#define POD_NAME_BYTES 320 /* a name of 253, "-", ten digits */

static wb_status handle_reconcile(void *context, const wb_event *event, wb_error *err);
static wb_status handle_cron_fire(void *context, const wb_event *event, wb_error *err);

void wb_cluster_init_workloads(wb_cluster *cluster)
{
    struct wb_cluster_workloads *all = wb_heap_memory_zalloc(1, sizeof(*all));
    cluster->controllers = all;
    all->duration_key = wb_intern_add(cluster->intern, "werkbank/duration");
    all->field_name_key = wb_intern_add(cluster->intern, "metadata.name");
    all->pressure_keys[0] = wb_intern_add(cluster->intern, "node.kubernetes.io/disk-pressure");
    all->pressure_keys[1] = wb_intern_add(cluster->intern, "node.kubernetes.io/memory-pressure");
    all->pressure_keys[2] = wb_intern_add(cluster->intern, "node.kubernetes.io/pid-pressure");
    all->network_unavailable_key =
        wb_intern_add(cluster->intern, "node.kubernetes.io/network-unavailable");
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_WORKLOAD_RECONCILE, handle_reconcile, cluster);
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_CRON_FIRE, handle_cron_fire, cluster);
}

void wb_cluster_release_workloads(wb_cluster *cluster)
{
    struct wb_cluster_workloads *all = cluster->controllers;
    for (uint32_t i = 0; i < cluster->workload_count; i++) {
        wb_heap_memory_free(all->items[i].slots);
    }
    wb_heap_memory_free(all->items);
    wb_heap_memory_free(all->daemonsets.ids);

    wb_heap_memory_free(all->unused_rows.ids);
    wb_heap_memory_free(all->scratch.ids);
    wb_heap_memory_free(all);
    wb_heap_memory_free(cluster->workloads);
}

wb_controller *wb_cluster_controller_of(const wb_cluster *cluster, uint32_t owner_id)
{
    if (owner_id == WB_NO_ID) {
        return NULL;
    }
    assert(owner_id < cluster->owner_count);
    const uint32_t index = cluster->owners[owner_id].workload_index;
    return index == WB_NO_ID ? NULL : &cluster->controllers->items[index];
}

/* ---- reconciling ---- */

void wb_cluster_touch_owner(wb_cluster *cluster, uint32_t owner_id)
{
    wb_controller *controller = wb_cluster_controller_of(cluster, owner_id);
    if (controller == NULL || controller->is_touched ||
        cluster->owners[owner_id].kind == WB_OWNER_DAEMON_SET) {
        return;
    }
    controller->is_touched = true;
    wb_cluster_schedule(cluster, cluster->kernel->now_ms, WB_EVENT_WORKLOAD_RECONCILE,
                        cluster->owners[owner_id].workload_index);
}

/* A stale event may find a row that is unused by now, or used by another workload: no harm. */
static void reconcile(wb_cluster *cluster, uint32_t workload_index)
{
    if (!cluster->controllers->items[workload_index].is_in_force) {
        return;
    }
    switch (cluster->workloads[workload_index].kind) {
    case WB_OWNER_DEPLOYMENT:
    case WB_OWNER_REPLICA_SET:
    case WB_OWNER_REPLICATION_CONTROLLER:
        wb_cluster_reconcile_replicas(cluster, workload_index);
        break;
    case WB_OWNER_STATEFUL_SET: wb_cluster_reconcile_stateful(cluster, workload_index); break;
    case WB_OWNER_DAEMON_SET: wb_cluster_reconcile_daemonset(cluster, workload_index); break;
    case WB_OWNER_JOB: wb_cluster_reconcile_job(cluster, workload_index); break;
    case WB_OWNER_CRON_JOB:
    case WB_OWNER_NONE:
    case WB_OWNER_NODE:
    case WB_OWNER_OTHER: break;
    }
}

static wb_status handle_reconcile(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster *cluster = context;
    cluster->controllers->items[event->subject].is_touched = false;
    reconcile(cluster, event->subject);
    return wb_cluster_status(cluster, err);
}

/* An event of a schedule that was changed meanwhile comes before fire_ms. */
static wb_status handle_cron_fire(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster *cluster = context;
    const wb_controller *controller = &cluster->controllers->items[event->subject];
    if (controller->is_in_force && controller->fire_ms >= 0 &&
        controller->fire_ms <= cluster->kernel->now_ms) {
        wb_cluster_fire_cron(cluster, event->subject);
    }
    return wb_cluster_status(cluster, err);
}

uint32_t wb_cluster_create_controlled(wb_cluster *cluster, uint32_t workload_index,
                                      uint32_t ordinal, uint32_t replaces)
{
    const wb_workload *workload = &cluster->workloads[workload_index];
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    assert(controller->is_in_force);
    char name[POD_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%s-%u", wb_intern_text(cluster->intern, workload->name),
                   ordinal);
    const bool is_job = workload->kind == WB_OWNER_JOB;
    const bool is_claimed = workload->claim_template_count > 0 && cluster->volume_driver != 0;
    const wb_pod_create create = {
        .name = name,
        .namespace_name = workload->namespace_name,
        .shape_id = is_claimed
                        ? wb_cluster_claimed_shape(cluster, workload, controller->shape_id, ordinal)
                        : controller->shape_id,
        .owner_id = controller->owner_id,
        .lifetime = is_job ? WB_LIFETIME_DURATION : WB_LIFETIME_OPEN,
        .end_ms = -1,
        .duration_ms = is_job ? wb_cluster_job_duration_ms(cluster, workload->template) : -1,
        .bound_node_id = WB_NO_ID,
        .replaces = replaces,
    };
    uint32_t pod_id = WB_NO_ID;
    wb_error err;
    if (wb_cluster_create_pod(cluster, &create, &pod_id, &err) != WB_OK) {
        wb_cluster_defer_error(cluster, &err);
    }
    return pod_id;
}

void wb_cluster_controller_loses_pod(wb_cluster *cluster, uint32_t pod_id)
{
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    wb_controller *controller = wb_cluster_controller_of(cluster, owner_id);
    if (controller == NULL || cluster->owners[owner_id].kind != WB_OWNER_JOB) {
        return;
    }
    const wb_workload *workload = &cluster->workloads[cluster->owners[owner_id].workload_index];
    controller->failed_count++;
    controller->is_over = controller->is_over || controller->failed_count > workload->backoff_limit;
}

void wb_cluster_controller_replace_pod(wb_cluster *cluster, uint32_t pod_id)
{
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    wb_owner *owner = &cluster->owners[owner_id];
    const uint32_t index = owner->workload_index;
    wb_controller *controller = &cluster->controllers->items[index];
    wb_cluster_touch_owner(cluster, owner_id);
    const bool is_wanted = controller->is_in_force && !controller->is_over &&
                           (int64_t)owner->active_count < (int64_t)owner->desired_replicas;
    if (is_wanted && owner->kind != WB_OWNER_STATEFUL_SET) { /* its slot was filled at the end */
        (void)wb_cluster_create_controlled(cluster, index, owner->created_count++, pod_id);
    }
}

/* A StatefulSet's successor comes here and not by a reconcile, so that the two rows are linked. */
void wb_cluster_controller_ended_pod(wb_cluster *cluster, uint32_t pod_id)
{
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    wb_controller *controller = wb_cluster_controller_of(cluster, owner_id);
    if (controller == NULL) {
        return;
    }
    const wb_owner *owner = &cluster->owners[owner_id];
    if (owner->kind == WB_OWNER_DAEMON_SET) {
        wb_cluster_daemonset_ended_pod(cluster, pod_id);
        return;
    }
    if (owner->kind == WB_OWNER_STATEFUL_SET) {
        wb_cluster_free_slot(cluster, owner->workload_index, pod_id);
        if (cluster->pods.state[pod_id] == WB_POD_STATE_EVICTED) {
            wb_cluster_refill_slot(cluster, owner->workload_index, pod_id);
        }
    }
    if (cluster->pods.state[pod_id] == WB_POD_STATE_SUCCEEDED) {
        controller->succeeded_count++;
    }
    wb_cluster_touch_owner(cluster, owner_id);
}

/* ---- in force and out ---- */

static void grow_workloads(wb_cluster *cluster)
{
    cluster->workload_capacity =
        (uint32_t)wb_heap_memory_next_capacity(cluster->workload_capacity,
                                               (size_t)cluster->workload_count + 1);
    cluster->workloads = wb_heap_memory_resize(cluster->workloads, cluster->workload_capacity,
                                               sizeof(*cluster->workloads));
    cluster->controllers->items =
        wb_heap_memory_resize(cluster->controllers->items, cluster->workload_capacity,
                              sizeof(*cluster->controllers->items));
}

/* All sums that know of the owner, in (1) or out (-1), around a change of its controller. */
static void count_owner(wb_cluster *cluster, uint32_t owner_id, int32_t sign)
{
    const wb_pod_table *pods = &cluster->pods;
    for (uint32_t id = cluster->owners[owner_id].first_pod; id != WB_NO_ID;
         id = pods->next_of_owner[id]) {
        cluster->visit_count++;
        wb_cluster_count_pod(cluster, id, sign);
    }
    wb_cluster_count_desired(cluster, owner_id, sign);
}

/* What desired_replicas says for each kind; a Job's moves with its progress. */
static int32_t desired_of(const wb_workload *workload)
{
    switch (workload->kind) {
    case WB_OWNER_DEPLOYMENT:
    case WB_OWNER_REPLICA_SET:
    case WB_OWNER_REPLICATION_CONTROLLER:
    case WB_OWNER_STATEFUL_SET: return workload->replicas;
    case WB_OWNER_JOB: return 0;
    default: return -1;
    }
}

/* Rows of CronJobs' finished Jobs are used again: a year of "every minute" would otherwise fill
 * half a million. */
static uint32_t take_row(wb_cluster *cluster)
{
    wb_id_list *unused = &cluster->controllers->unused_rows;
    if (unused->count > 0) {
        return unused->ids[--unused->count];
    }
    if (cluster->workload_count == cluster->workload_capacity) {
        grow_workloads(cluster);
    }
    cluster->controllers->items[cluster->workload_count] = (wb_controller){.slots = NULL};
    return cluster->workload_count++;
}

uint32_t wb_cluster_add_workload_row(wb_cluster *cluster, const wb_workload *workload,
                                     uint32_t owner_id)
{
    const uint32_t shape_id =
        wb_cluster_add_shape(cluster, workload->template, workload->namespace_name);
    count_owner(cluster, owner_id, -1);
    wb_owner *owner = &cluster->owners[owner_id];
    if (owner->workload_index == WB_NO_ID) {
        const uint32_t row = take_row(cluster);
        wb_controller *fresh = &cluster->controllers->items[row];
        /* A stale reconcile event may still be under way for the row: it stays touched. */
        *fresh = (wb_controller){.owner_id = owner_id,
                                 .is_touched = fresh->is_touched,
                                 .parent_index = WB_NO_ID,
                                 .fire_ms = -1};
        owner->workload_index = row;
        if (workload->kind == WB_OWNER_DAEMON_SET) {
            wb_cluster_add_to_list(&cluster->controllers->daemonsets, row);
        }
    }
    const uint32_t index = owner->workload_index;
    cluster->workloads[index] = *workload;
    cluster->controllers->items[index].is_in_force = true;
    cluster->controllers->items[index].shape_id = shape_id;
    owner->desired_replicas = desired_of(workload);
    count_owner(cluster, owner_id, 1);
    cluster->version++;
    return index;
}

void wb_cluster_remove_workload_row(wb_cluster *cluster, uint32_t workload_index)
{
    struct wb_cluster_workloads *all = cluster->controllers;
    wb_controller *controller = &all->items[workload_index];
    assert(controller->is_in_force);
    const uint32_t owner_id = controller->owner_id;
    count_owner(cluster, owner_id, -1);
    if (cluster->workloads[workload_index].kind == WB_OWNER_DAEMON_SET) {
        wb_cluster_remove_from_list(&all->daemonsets, workload_index);
    }
    cluster->owners[owner_id].workload_index = WB_NO_ID;
    cluster->owners[owner_id].desired_replicas = -1;
    wb_heap_memory_free(controller->slots);
    *controller = (wb_controller){.is_touched = controller->is_touched, .fire_ms = -1};
    cluster->workloads[workload_index].kind = WB_OWNER_NONE;
    wb_cluster_add_to_list(&all->unused_rows, workload_index);
    count_owner(cluster, owner_id, 1);
    cluster->version++;
}

/* What the loader can't know: what is there already, and how many pods may be. */
static wb_status check_workload(const wb_cluster *cluster, const wb_workload *workload,
                                uint32_t owner_id, wb_error *err)
{
    const wb_owner *owner = &cluster->owners[owner_id];
    const char *name = wb_intern_text(cluster->intern, workload->name);
    assert(workload->replicas >= 0);
    if (owner->workload_index == WB_NO_ID && owner->active_count > 0) {
        return wb_fail(err, WB_ERR_INPUT, "'%s' has pods of the trace, which drives it", name);
    }
    const uint64_t limit = wb_cluster_pod_limit(cluster);
    if ((uint64_t)workload->replicas > limit) {
        return wb_fail(err, WB_ERR_LIMIT, "'%s' asks for %d replicas, more than %llu (limits.pods)",
                       name, workload->replicas, (unsigned long long)limit);
    }
    return WB_OK;
}

wb_status wb_cluster_apply_workload(wb_cluster *cluster, const wb_workload *workload, wb_error *err)
{
    assert(cluster != NULL && workload != NULL && workload->template != NULL);
    wb_cron cron = {0};
    switch (workload->kind) {
    case WB_OWNER_NONE:
    case WB_OWNER_NODE:
    case WB_OWNER_OTHER:
        return wb_fail(err, WB_ERR_INPUT, "'%s' is of a kind that makes no pods here",
                       wb_intern_text(cluster->intern, workload->name));
    case WB_OWNER_CRON_JOB:
        WB_TRY(wb_cron_parse(wb_intern_text(cluster->intern, workload->schedule), &cron, err));
        break;
    default: break;
    }
    const uint32_t owner_id =
        wb_cluster_add_owner(cluster, workload->kind, workload->namespace_name, workload->name);
    WB_TRY(check_workload(cluster, workload, owner_id, err));
    const uint32_t index = wb_cluster_add_workload_row(cluster, workload, owner_id);
    if (workload->kind == WB_OWNER_CRON_JOB) {
        cluster->controllers->items[index].cron = cron;
        wb_cluster_apply_cron(cluster, index);
    }
    reconcile(cluster, index);
    return wb_cluster_status(cluster, err);
}

bool wb_cluster_scale_workload(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                               uint32_t name, int32_t replicas)
{
    assert(cluster != NULL && replicas >= 0);
    const uint32_t owner_id = wb_cluster_find_owner(cluster, kind, namespace_name, name);
    if (owner_id == WB_NO_ID || cluster->owners[owner_id].workload_index == WB_NO_ID) {
        return false;
    }
    wb_workload workload = cluster->workloads[cluster->owners[owner_id].workload_index];
    workload.replicas = replicas;
    wb_error err;
    if (wb_cluster_apply_workload(cluster, &workload, &err) != WB_OK) {
        wb_cluster_defer_error(cluster, &err);
    }
    return true;
}

/* After the workload is out of force, so that its controller makes no new ones. */
static void delete_pods_of(wb_cluster *cluster, uint32_t owner_id)
{
    uint32_t pod_id = cluster->owners[owner_id].first_pod;
    while (pod_id != WB_NO_ID) { /* a pending one leaves the chain at once */
        const uint32_t next = cluster->pods.next_of_owner[pod_id];
        wb_cluster_delete_pod(cluster, pod_id, WB_CAUSE_WORKLOAD);
        pod_id = next;
    }
}

bool wb_cluster_delete_workload(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                                uint32_t name)
{
    assert(cluster != NULL);
    const uint32_t owner_id = wb_cluster_find_owner(cluster, kind, namespace_name, name);
    if (owner_id == WB_NO_ID || cluster->owners[owner_id].workload_index == WB_NO_ID) {
        return false;
    }
    const uint32_t index = cluster->owners[owner_id].workload_index;
    wb_cluster_remove_workload_row(cluster, index);
    delete_pods_of(cluster, owner_id);
    for (uint32_t i = 0; kind == WB_OWNER_CRON_JOB && i < cluster->workload_count; i++) {
        const wb_controller *child = &cluster->controllers->items[i];
        if (child->is_in_force && child->parent_index == index) {
            const uint32_t job_owner_id = child->owner_id;
            wb_cluster_remove_workload_row(cluster, i);
            delete_pods_of(cluster, job_owner_id);
        }
    }
    return true;
}
