#include "sim/cluster/scheduler.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_queue.h"
#include "sim/kernel/event_kinds.h"

struct wb_scheduler {
    wb_cluster *cluster; /* borrowed */
    wb_scheduler_core *core;
    wb_scheduler_queue queue;
    wb_scheduler_options options;
    uint32_t *core_shapes; /* owned; by the cluster's shape id; WB_SCHEDULER_NONE: not yet */
    uint32_t core_shape_capacity;
    uint32_t *owner_groups; /* owned; by the cluster's owner id; likewise */
    uint32_t owner_group_capacity;
    wb_resource *resources; /* owned; a node's allocatable, while it is handed over */
    /* Pods whose first attempt is delayed by schedule_mark_ms, oldest first; a ring. */
    uint32_t *delayed; /* owned */
    uint32_t delayed_first, delayed_count, delayed_capacity;
    bool has_manifest, is_running;
    int64_t cycle_at_ms;  /* of the earliest cycle event that is under way; -1: none */
    int64_t wakeup_at_ms; /* the same of the back-off and flush timers */
    int64_t flush_at_ms;
};

/* ---- tables of the core, made on first sight ---- */

/* Tables of the core are named by ids of its own; these arrays translate, and grow with the
 * cluster's tables. */
static uint32_t *grow_ids(uint32_t *ids, uint32_t *capacity, uint32_t needed)
{
    assert(capacity != NULL && (ids != NULL) == (*capacity > 0));
    if (needed <= *capacity) {
        return ids;
    }
    const uint32_t old = *capacity;
    *capacity = (uint32_t)wb_heap_memory_next_capacity(old, needed);
    ids = wb_heap_memory_resize(ids, *capacity, sizeof(*ids));
    for (uint32_t i = old; i < *capacity; i++) {
        ids[i] = WB_SCHEDULER_NONE;
    }
    return ids;
}

/* Namespaces and storage come from the manifests; they must be there before the first shape. */
static void read_manifest(wb_scheduler *scheduler)
{
    const wb_manifest *manifest = scheduler->cluster->manifest;
    if (scheduler->has_manifest || manifest == NULL) {
        return;
    }
    scheduler->has_manifest = true;
    wb_scheduler_core_set_namespaces(scheduler->core, manifest->namespaces,
                                     manifest->namespace_count);
    if (manifest->volume_claim_count + manifest->persistent_volume_count +
            manifest->storage_class_count >
        0) {
        const wb_scheduler_storage storage = {
            .claims = manifest->volume_claims,
            .volumes = manifest->persistent_volumes,
            .classes = manifest->storage_classes,
            .limits = manifest->attach_limits,
            .claim_count = manifest->volume_claim_count,
            .volume_count = manifest->persistent_volume_count,
            .class_count = manifest->storage_class_count,
            .limit_count = manifest->attach_limit_count,
            .provisions_at_once = true,
        };
        wb_scheduler_core_set_storage(scheduler->core, &storage);
    }
}

/* The core's shape of one of the cluster's. Made when a pod of it first shows up and not before:
 * a trace may hold thousands of templates of which a run meets a few. */
static uint32_t core_shape(wb_scheduler *scheduler, uint32_t shape_id)
{
    assert(shape_id < scheduler->cluster->shape_count);
    const wb_cluster *cluster = scheduler->cluster;
    scheduler->core_shapes =
        grow_ids(scheduler->core_shapes, &scheduler->core_shape_capacity, cluster->shape_count);
    if (scheduler->core_shapes[shape_id] == WB_SCHEDULER_NONE) {
        if (!scheduler->has_manifest) {
            read_manifest(scheduler);
        }
        const wb_shape *shape = &cluster->shapes[shape_id];
        scheduler->core_shapes[shape_id] =
            wb_scheduler_core_add_shape(scheduler->core, shape->template, shape->namespace_name);
    }
    return scheduler->core_shapes[shape_id];
}

/* Owners that kube-scheduler looks up for default spreading. */
static bool spreads_by_default(wb_owner_kind kind)
{
    return kind == WB_OWNER_REPLICA_SET || kind == WB_OWNER_DEPLOYMENT ||
           kind == WB_OWNER_STATEFUL_SET || kind == WB_OWNER_REPLICATION_CONTROLLER;
}

static uint32_t owner_group(wb_scheduler *scheduler, uint32_t owner_id)
{
    const wb_cluster *cluster = scheduler->cluster;
    if (owner_id == WB_NO_ID || scheduler->options.default_spread_is_off ||
        !spreads_by_default(cluster->owners[owner_id].kind)) {
        return WB_SCHEDULER_NONE;
    }
    scheduler->owner_groups =
        grow_ids(scheduler->owner_groups, &scheduler->owner_group_capacity, cluster->owner_count);
    if (scheduler->owner_groups[owner_id] == WB_SCHEDULER_NONE) {
        scheduler->owner_groups[owner_id] =
            wb_scheduler_core_add_owner_group(scheduler->core, owner_id);
    }
    return scheduler->owner_groups[owner_id];
}

/* A pod as the core wants it. Its start time is when it was bound: the kubelet acknowledges at
 * once, and that is what status.startTime says. */
static wb_scheduler_core_pod core_pod(wb_scheduler *scheduler, uint32_t pod_id)
{
    assert(pod_id < scheduler->cluster->pods.count);
    const wb_pod_table *pods = &scheduler->cluster->pods;
    return (wb_scheduler_core_pod){
        .pod_id = pod_id,
        .shape = core_shape(scheduler, pods->shape_id[pod_id]),
        .group = owner_group(scheduler, pods->owner_id[pod_id]),
        .name = pods->name[pod_id],
        .start_ms = pods->bound_ms[pod_id],
        .is_terminating = pods->state[pod_id] == WB_POD_STATE_TERMINATING,
    };
}

/* ---- waking ---- */

/* An event may help the pods of a group. Where nothing but their order tells them apart, the first
 * goes out for all. */
static void wake_group(wb_scheduler *scheduler, uint32_t group)
{
    wb_scheduler_queue *queue = &scheduler->queue;
    const int64_t now_ms = scheduler->cluster->kernel->now_ms;
    if (!queue->waits_for_backoff &&
        wb_scheduler_core_pods_are_alike(scheduler->core, queue->groups[group].shape)) {
        wb_scheduler_queue_wake_first(queue, group, now_ms);
    } else {
        wb_scheduler_queue_wake_group(queue, group, now_ms);
    }
}

/* A node changed: wakes whom that could help. Waking takes groups off the list, so it is walked
 * from its end. */
static void wake_for_node(wb_scheduler *scheduler, uint32_t node_id)
{
    const wb_scheduler_queue *queue = &scheduler->queue;
    for (uint32_t i = queue->live_group_count; i-- > 0;) {
        const wb_scheduler_queue_group *group = &queue->groups[queue->live_groups[i]];
        if (wb_scheduler_core_node_may_help(scheduler->core, group->shape, group->plugins,
                                            node_id)) {
            wake_group(scheduler, queue->live_groups[i]);
        }
    }
}

/* Wakes whom a pod that came to (or went from) a node may help. */
static void wake_for_pod(wb_scheduler *scheduler, uint32_t shape, uint32_t node_id, bool comes)
{
    assert(comes || node_id < scheduler->cluster->node_count);
    const wb_scheduler_queue *queue = &scheduler->queue;
    for (uint32_t i = queue->live_group_count; i-- > 0;) {
        const wb_scheduler_queue_group *group = &queue->groups[queue->live_groups[i]];
        const uint32_t local = group->plugins & WB_SCHEDULER_LOCAL_PLUGINS;
        bool helps = wb_scheduler_core_pod_may_help(scheduler->core, group->shape, group->plugins,
                                                    shape, comes);
        if (!comes && !helps && local != 0) {
            helps = wb_scheduler_core_node_may_help(scheduler->core, group->shape, local, node_id);
        }
        if (helps) {
            wake_group(scheduler, queue->live_groups[i]);
        }
    }
}

/* ---- timers ---- */

static void schedule(wb_scheduler *scheduler, int64_t at_ms, wb_event_kind kind, int64_t *slot)
{
    wb_cluster *cluster = scheduler->cluster;
    const int64_t now_ms = cluster->kernel->now_ms;
    at_ms = at_ms > now_ms ? at_ms : now_ms; /* overdue while the control plane stood still */
    if (*slot >= 0 && *slot <= at_ms) {
        return; /* an event that comes no later does this one's work */
    }
    wb_error err;
    if (wb_kernel_schedule(cluster->kernel, at_ms, WB_PHASE_SCHEDULER, (uint16_t)kind, 0, &err) !=
        WB_OK) {
        if (cluster->deferred_error.status == WB_OK) {
            cluster->deferred_error = err;
        }
        return;
    }
    *slot = at_ms;
}

/* Makes sure that pods which may be tried are tried, and that timers run for the others. */
static void arm(wb_scheduler *scheduler)
{
    if (scheduler->is_running) {
        return; /* the loop goes on, and arms at its end */
    }
    const wb_scheduler_queue *queue = &scheduler->queue;
    const int64_t now_ms = scheduler->cluster->kernel->now_ms;
    if (wb_scheduler_queue_is_ready(queue)) {
        schedule(scheduler, now_ms, WB_EVENT_SCHEDULER_CYCLE, &scheduler->cycle_at_ms);
    }
    const int64_t backoff_ms = wb_scheduler_queue_next_backoff_ms(queue);
    if (queue->waits_for_backoff && backoff_ms >= 0) {
        schedule(scheduler, backoff_ms > now_ms ? backoff_ms : now_ms, WB_EVENT_SCHEDULER_BACKOFF,
                 &scheduler->wakeup_at_ms);
    }
    const int64_t flush_ms =
        scheduler->flush_at_ms >= 0 ? -1 : wb_scheduler_queue_next_flush_ms(queue);
    if (flush_ms >= 0) {
        schedule(scheduler, flush_ms, WB_EVENT_SCHEDULER_FLUSH, &scheduler->flush_at_ms);
    }
}

/* ---- one pod ---- */

static int32_t allowed_disruptions(void *context, uint32_t index)
{
    const wb_cluster *cluster = ((const wb_scheduler *)context)->cluster;
    return wb_cluster_pdb_allowed(cluster, &cluster->pdbs[index]);
}

/* Takes the victims away; their pods' end wakes the preemptor. */
static void preempt(wb_scheduler *scheduler, uint32_t pod_id, const wb_scheduler_decision *decision)
{
    assert(decision->nominated_node_id != WB_SCHEDULER_NONE && decision->victim_count > 0);
    wb_cluster *cluster = scheduler->cluster;
    cluster->pods.nominated_node_id[pod_id] = decision->nominated_node_id;
    for (uint32_t i = 0; i < decision->displaced_count; i++) {
        cluster->pods.nominated_node_id[decision->displaced[i]] = WB_NO_ID;
        wb_scheduler_queue_wake(&scheduler->queue, decision->displaced[i], cluster->kernel->now_ms);
    }
    /* The list lives in the core, which the pods' ends call. */
    uint32_t *victims = wb_heap_memory_alloc((size_t)decision->victim_count + 1, sizeof(*victims));
    for (uint32_t i = 0; i < decision->victim_count; i++) {
        victims[i] = decision->victims[i];
    }
    const uint32_t count = decision->victim_count;
    for (uint32_t i = 0; i < count; i++) {
        if (cluster->pods.state[victims[i]] != WB_POD_STATE_TERMINATING) {
            wb_cluster_kill_pod(cluster, victims[i], WB_CAUSE_PREEMPTION, -1);
        }
    }
    wb_heap_memory_free(victims);
}

/* Carries out what was decided about a pod that was popped. */
static void carry_out(wb_scheduler *scheduler, const wb_scheduler_core_pod *pod,
                      const wb_scheduler_decision *decision)
{
    assert(wb_scheduler_queue_find(&scheduler->queue, pod->pod_id) == WB_QUEUE_IN_FLIGHT);
    wb_cluster *cluster = scheduler->cluster;
    const int64_t now_ms = cluster->kernel->now_ms;
    const uint32_t pod_id = pod->pod_id;
    if (decision->node_id != WB_SCHEDULER_NONE) {
        (void)wb_scheduler_queue_remove(&scheduler->queue, pod_id, now_ms);
        wb_scheduler_core_reserve_volumes(scheduler->core, pod, decision->node_id);
        wb_cluster_bind_pod(cluster, pod_id, decision->node_id);
        return;
    }
    wb_scheduler_queue_reject(&scheduler->queue, pod_id, decision->plugins, now_ms);
    wb_cluster_mark_unschedulable(cluster, pod_id, decision->message);
    cluster->pods.nominated_node_id[pod_id] =
        wb_scheduler_core_nominated_node(scheduler->core, pod_id);
    if (decision->nominated_node_id != WB_SCHEDULER_NONE) {
        preempt(scheduler, pod_id, decision);
    }
}

/* One scheduling cycle. PDBs are handed over each time: manifests may have put others in force,
 * and the array may have moved. */
static void try_pod(wb_scheduler *scheduler, uint32_t pod_id)
{
    wb_cluster *cluster = scheduler->cluster;
    assert(cluster->pods.state[pod_id] == WB_POD_STATE_PENDING);
    const wb_scheduler_core_pod pod = core_pod(scheduler, pod_id);
    wb_scheduler_core_set_pdbs(scheduler->core, cluster->pdbs, cluster->pdb_count,
                               allowed_disruptions, scheduler);
    const uint32_t nominated = wb_scheduler_core_nominated_node(scheduler->core, pod_id);
    wb_scheduler_decision decision;
    wb_scheduler_core_decide(scheduler->core, &pod, NULL, &decision);
    carry_out(scheduler, &pod, &decision);
    if (nominated != WB_SCHEDULER_NONE && decision.node_id != nominated &&
        wb_scheduler_core_nominated_node(scheduler->core, pod_id) != nominated) {
        wake_for_node(scheduler, nominated); /* the place that it held is free for others */
    }
}

/* Lets pods in whose first attempt is due. */
static void admit_delayed(wb_scheduler *scheduler)
{
    wb_cluster *cluster = scheduler->cluster;
    const int64_t mark_ms = cluster->options.schedule_mark_ms;
    while (scheduler->delayed_count > 0) {
        const uint32_t pod_id = scheduler->delayed[scheduler->delayed_first];
        const int64_t due_ms = cluster->pods.created_ms[pod_id] + mark_ms;
        if (due_ms > cluster->kernel->now_ms) {
            schedule(scheduler, due_ms, WB_EVENT_SCHEDULER_CYCLE, &scheduler->cycle_at_ms);
            return;
        }
        scheduler->delayed_first = (scheduler->delayed_first + 1) % scheduler->delayed_capacity;
        scheduler->delayed_count--;
        if (cluster->pods.state[pod_id] == WB_POD_STATE_PENDING) {
            const uint32_t shape = core_shape(scheduler, cluster->pods.shape_id[pod_id]);
            wb_scheduler_queue_add(&scheduler->queue, pod_id, shape,
                                   wb_scheduler_core_priority(scheduler->core, shape), due_ms);
        }
    }
}

/* Tries pods until none may be tried. Whatever happens on the way (a binding wakes a pod with
 * affinity, a preemption frees a node at once) is dealt with in the same event. */
static wb_status run_cycles(void *context, const wb_event *event, wb_error *err)
{
    wb_scheduler *scheduler = context;
    (void)event;
    assert(!scheduler->is_running);
    scheduler->cycle_at_ms = -1;
    admit_delayed(scheduler);
    scheduler->is_running = true;
    uint32_t pod_id = 0;
    while (wb_scheduler_queue_pop(&scheduler->queue, &pod_id)) {
        try_pod(scheduler, pod_id);
    }
    scheduler->is_running = false;
    arm(scheduler);
    return wb_cluster_status(scheduler->cluster, err);
}

/* Only with waits_for_backoff: otherwise pods leave back-off as soon as nothing is active. */
static wb_status end_backoffs(void *context, const wb_event *event, wb_error *err)
{
    wb_scheduler *scheduler = context;
    (void)event;
    scheduler->wakeup_at_ms = -1;
    wb_scheduler_queue_end_backoffs(&scheduler->queue, scheduler->cluster->kernel->now_ms);
    arm(scheduler);
    return wb_cluster_status(scheduler->cluster, err);
}

/* What waited for more than five minutes is tried again without any event, in case one was
 * missed. */
static wb_status flush(void *context, const wb_event *event, wb_error *err)
{
    wb_scheduler *scheduler = context;
    (void)event;
    scheduler->flush_at_ms = -1;
    const wb_scheduler_queue *queue = &scheduler->queue;
    for (uint32_t i = queue->live_group_count; i-- > 0;) {
        const uint32_t group = queue->live_groups[i];
        if (wb_scheduler_queue_is_overdue(queue, group, scheduler->cluster->kernel->now_ms)) {
            wake_group(scheduler, group);
        }
    }
    arm(scheduler);
    return wb_cluster_status(scheduler->cluster, err);
}

/* ---- what the cluster tells ---- */

/* schedule_mark_ms is the same for all pods, so that they become due in the order of their
 * creation and a ring is enough. */
static void delay(wb_scheduler *scheduler, uint32_t pod_id)
{
    assert(scheduler->cluster->options.schedule_mark_ms > 0);
    if (scheduler->delayed_count == scheduler->delayed_capacity) {
        const uint32_t old = scheduler->delayed_capacity;
        const uint32_t capacity = old * 2 + 64;
        uint32_t *ring = wb_heap_memory_alloc(capacity, sizeof(*ring));
        for (uint32_t i = 0; i < old; i++) {
            ring[i] = scheduler->delayed[(scheduler->delayed_first + i) % old];
        }
        wb_heap_memory_free(scheduler->delayed);
        scheduler->delayed = ring;
        scheduler->delayed_first = 0;
        scheduler->delayed_capacity = capacity;
    }
    scheduler->delayed[(scheduler->delayed_first + scheduler->delayed_count) %
                       scheduler->delayed_capacity] = pod_id;
    scheduler->delayed_count++;
    schedule(scheduler,
             scheduler->cluster->pods.created_ms[pod_id] +
                 scheduler->cluster->options.schedule_mark_ms,
             WB_EVENT_SCHEDULER_CYCLE, &scheduler->cycle_at_ms);
}

/* The cluster created a pod without a node. */
static void enqueue(wb_scheduler *scheduler, uint32_t pod_id)
{
    assert(scheduler->cluster->pods.state[pod_id] == WB_POD_STATE_PENDING);
    const wb_cluster *cluster = scheduler->cluster;
    if (wb_cluster_pod_template(cluster, pod_id)->has_scheduling_gates) {
        return; /* nothing here ever lifts a gate */
    }
    if (cluster->options.schedule_mark_ms > 0) {
        delay(scheduler, pod_id);
        return;
    }
    const uint32_t shape = core_shape(scheduler, cluster->pods.shape_id[pod_id]);
    wb_scheduler_queue_add(&scheduler->queue, pod_id, shape,
                           wb_scheduler_core_priority(scheduler->core, shape),
                           cluster->kernel->now_ms);
    arm(scheduler);
}

/* A nomination that ends may let others in. */
static void end_nomination(wb_scheduler *scheduler, uint32_t pod_id)
{
    const uint32_t node_id = wb_scheduler_core_nominated_node(scheduler->core, pod_id);
    if (node_id == WB_SCHEDULER_NONE) {
        return;
    }
    wb_scheduler_core_clear_nomination(scheduler->core, pod_id);
    wake_for_node(scheduler, node_id);
}

/* The pod is gone before it was bound: what it held (a nomination, its turn) falls to others. */
static void forget(wb_scheduler *scheduler, uint32_t pod_id)
{
    (void)wb_scheduler_queue_remove(&scheduler->queue, pod_id, scheduler->cluster->kernel->now_ms);
    end_nomination(scheduler, pod_id);
    arm(scheduler);
}

/* Hands a node to the core as the cluster has it now. */
static void set_node(wb_scheduler *scheduler, uint32_t node_id)
{
    assert(scheduler->cluster->nodes[node_id].state != WB_NODE_STATE_GONE);
    const wb_cluster *cluster = scheduler->cluster;
    const wb_cluster_node *node = &cluster->nodes[node_id];
    for (uint32_t i = 0; i < cluster->resource_count; i++) {
        scheduler->resources[i] =
            (wb_resource){.name = cluster->resource_names[i], .amount = node->allocatable[i]};
    }
    const wb_scheduler_core_node row = {
        .node_id = node_id,
        .name = node->name,
        .labels = node->labels,
        .taints = node->taints,
        .taint_count = node->taint_count,
        .allocatable = scheduler->resources,
        .allocatable_count = cluster->resource_count,
        .is_unschedulable = node->is_unschedulable,
        .volume_driver = cluster->volume_driver,
        .volume_limit = node->volume_limit,
    };
    wb_scheduler_core_set_node(scheduler->core, &row);
}

/* Also told of nodes that come and go. A node that goes can help, too: one domain less to spread
 * over. */
static void node_changed(wb_scheduler *scheduler, uint32_t node_id)
{
    if (scheduler->cluster->nodes[node_id].state == WB_NODE_STATE_GONE) {
        wb_scheduler_core_remove_node(scheduler->core, node_id);
    } else {
        set_node(scheduler, node_id);
    }
    wake_for_node(scheduler, node_id);
    arm(scheduler);
}

/* Bound by us or by a controller (DaemonSets, pods that were running when the simulation began). */
static void pod_assigned(wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id)
{
    if (!wb_scheduler_core_has_node(scheduler->core, node_id)) {
        set_node(scheduler, node_id); /* a DaemonSet's pod comes with its node */
    }
    (void)wb_scheduler_queue_remove(&scheduler->queue, pod_id, scheduler->cluster->kernel->now_ms);
    const wb_scheduler_core_pod pod = core_pod(scheduler, pod_id);
    wb_scheduler_core_assign(scheduler->core, &pod, node_id);
    wake_for_pod(scheduler, pod.shape, node_id, true);
    arm(scheduler);
}

static void pod_removed(wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id)
{
    const bool was_there = wb_scheduler_core_unassign(scheduler->core, pod_id);
    assert(was_there);
    (void)was_there;
    wake_for_pod(scheduler, core_shape(scheduler, scheduler->cluster->pods.shape_id[pod_id]),
                 node_id, false);
    arm(scheduler);
}

/* From here on spread constraints don't count the pod; its resources stay taken until it is
 * gone. */
static void pod_terminating(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_scheduler *scheduler = context;
    (void)cause;
    wb_scheduler_core_set_terminating(scheduler->core, pod_id);
}

static const wb_cluster_scheduler_ops scheduler_ops = {
    .enqueue = enqueue,
    .forget = forget,
    .node_changed = node_changed,
    .pod_assigned = pod_assigned,
    .pod_removed = pod_removed,
};

/* ---- life cycle ---- */

wb_scheduler *wb_scheduler_new(wb_cluster *cluster, const wb_scheduler_options *options)
{
    assert(cluster != NULL && options != NULL);
    assert(cluster->pods.count == 0);
    wb_scheduler *scheduler = wb_heap_memory_zalloc(1, sizeof(*scheduler));
    scheduler->cluster = cluster;
    scheduler->options = *options;
    scheduler->cycle_at_ms = -1;
    scheduler->wakeup_at_ms = -1;
    scheduler->flush_at_ms = -1;
    const wb_scheduler_core_options core_options = {
        .percentage_of_nodes_to_score = options->percentage_of_nodes_to_score,
        .config = options->config,
        .preemption_is_off = options->preemption_is_off,
        .ties_are_drawn = options->ties_are_drawn,
        .tie_seed = cluster->options.seed,
        .is_plain = options->is_plain,
    };
    scheduler->core = wb_scheduler_core_new(cluster->intern, &core_options);
    wb_scheduler_queue_init(&scheduler->queue);
    scheduler->queue.waits_for_backoff = options->waits_for_backoff;
    if (options->config != NULL) {
        scheduler->queue.first_backoff_ms = options->config->first_backoff_ms;
        scheduler->queue.longest_backoff_ms = options->config->longest_backoff_ms;
    }
    scheduler->resources =
        wb_heap_memory_alloc(sizeof(cluster->resource_names) / sizeof(cluster->resource_names[0]),
                             sizeof(*scheduler->resources));
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_SCHEDULER_CYCLE, run_cycles, scheduler);
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_SCHEDULER_BACKOFF, end_backoffs, scheduler);
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_SCHEDULER_FLUSH, flush, scheduler);
    const wb_observer observer = {.context = scheduler, .pod_terminating = pod_terminating};
    wb_observers_add(cluster->observers, &observer);
    wb_cluster_set_scheduler(cluster, scheduler, &scheduler_ops);
    for (uint32_t i = 0; i < cluster->living_node_count; i++) {
        set_node(scheduler, cluster->living_nodes[i]);
    }
    return scheduler;
}

void wb_scheduler_free(wb_scheduler *scheduler)
{
    if (scheduler == NULL) {
        return;
    }
    wb_scheduler_core_free(scheduler->core);
    wb_scheduler_queue_release(&scheduler->queue);
    wb_heap_memory_free(scheduler->core_shapes);
    wb_heap_memory_free(scheduler->owner_groups);
    wb_heap_memory_free(scheduler->resources);
    wb_heap_memory_free(scheduler->delayed);
    wb_heap_memory_free(scheduler);
}

/* ---- reading ---- */

const char *wb_scheduler_filter(wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id,
                                char *out_reason, size_t reason_size)
{
    assert(pod_id < scheduler->cluster->pods.count);
    const wb_scheduler_core_pod pod = core_pod(scheduler, pod_id);
    return wb_scheduler_core_plugin_name(
        wb_scheduler_core_filter(scheduler->core, &pod, node_id, out_reason, reason_size));
}

wb_scheduler_counters wb_scheduler_get_counters(const wb_scheduler *scheduler)
{
    const wb_scheduler_core_counters counters = wb_scheduler_core_get_counters(scheduler->core);
    return (wb_scheduler_counters){
        .cycles = counters.cycles,
        .filter_calls = counters.filter_calls,
        .score_calls = counters.score_calls,
        .preemptions = counters.preemptions,
        .known_failures = counters.known_failures,
    };
}

wb_scheduler_core *wb_scheduler_get_core(wb_scheduler *scheduler)
{
    return scheduler->core;
}
