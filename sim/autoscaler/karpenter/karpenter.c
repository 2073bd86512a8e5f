/*
 * Karpenter: provisioning by the solver in batch windows, NodeClaims from wish to end, emptiness
 * and consolidation with budgets, expiration, termination with drain.
 *
 * Everything happens in events of phase CONTROLLER; hooks only note what changed and make sure that
 * an event is due. Nothing is polled: a controller that the real one wakes every 10 s is woken here
 * on such a tick only after something it depends on has changed.
 */
#include "sim/autoscaler/karpenter/karpenter.h"

#include <assert.h>
#include <string.h>

#include "base/cron.h"
#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

void wb_karpenter_schedule(wb_karpenter *self, int64_t at_ms, wb_karpenter_event event,
                           uint32_t subject)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    const wb_status status =
        wb_kernel_schedule(self->env.kernel, at_ms > now_ms ? at_ms : now_ms, WB_PHASE_CONTROLLER,
                           (uint16_t)(WB_EVENT_CONTROLLER_FIRST + event), subject, NULL);
    assert(status == WB_OK); /* a controller has a handful of timers pending */
    (void)status;
}

/* ---- the solver's world ---- */

/* A number that changes when the DaemonSets in force do. */
static uint64_t daemon_version(const wb_cluster *cluster)
{
    uint64_t version = 1;
    for (uint32_t i = 0; i < cluster->workload_count; i++) {
        const wb_workload *workload = &cluster->workloads[i];
        if (workload->kind == WB_OWNER_DAEMON_SET) {
            version = wb_hash_map_join(version, wb_pod_template_hash(workload->template));
        }
    }
    return version;
}

static void make_world(wb_karpenter *self)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_pod_template **daemons =
        WB_ARENA_ARRAY(&self->world_arena, const wb_pod_template *, cluster->workload_count + 1);
    uint32_t daemon_count = 0;
    uint32_t daemon_namespace = 0;
    for (uint32_t i = 0; i < cluster->workload_count; i++) {
        if (cluster->workloads[i].kind == WB_OWNER_DAEMON_SET) {
            daemon_namespace = cluster->workloads[i].namespace_name;
            daemons[daemon_count++] = cluster->workloads[i].template;
        }
    }
    wb_solver_pool *pools =
        WB_ARENA_ARRAY(&self->world_arena, wb_solver_pool, self->pool_count + 1);
    for (uint32_t i = 0; i < self->pool_count; i++) {
        pools[i] = (wb_solver_pool){&self->pools[i], self->pool_catalogs[i]};
    }
    const wb_solver_world_desc desc = {
        .intern = self->env.intern,
        .pools = pools,
        .pool_count = self->pool_count,
        .catalog = self->env.catalog,
        .daemon_templates = daemons,
        .daemon_count = daemon_count,
        .daemon_namespace = daemon_namespace,
        .min_values_best_effort = self->settings.min_values_best_effort,
    };
    self->world = wb_solver_world_new(&self->world_arena, &desc);
}

static uint32_t pod_flags(const wb_karpenter *self, uint32_t pod_id)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    const bool is_daemon = (pods->flags[pod_id] & WB_POD_IS_DAEMON) != 0;
    const bool is_terminating = pods->state[pod_id] == WB_POD_STATE_TERMINATING;
    return (is_daemon ? WB_SOLVER_POD_DAEMON : 0U) |
           (is_terminating ? WB_SOLVER_POD_TERMINATING : 0U);
}

/* A world is gone with its nodes and shapes: both are made again from the cluster. */
static void rebuild_nodes(wb_karpenter *self)
{
    const wb_cluster *cluster = self->env.cluster;
    for (uint32_t i = 0; i < self->shape_capacity; i++) {
        self->shape_ids[i] = WB_NO_ID;
    }
    for (uint32_t i = 0; i < self->living_count; i++) {
        wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        claim->node = NULL;
        wb_karpenter_update_node(self, self->living_claims[i]);
        if (claim->node_id == WB_NO_ID) {
            continue;
        }
        for (uint32_t pod_id = cluster->nodes[claim->node_id].first_pod; pod_id != WB_NO_ID;
             pod_id = cluster->pods.next_on_node[pod_id]) {
            wb_solver_node_bind(self->world, claim->node, wb_karpenter_shape(self, pod_id), 0,
                                pod_flags(self, pod_id));
        }
    }
}

void wb_karpenter_refresh_world(wb_karpenter *self)
{
    const uint64_t version = daemon_version(self->env.cluster);
    const bool is_fresh = version == self->daemon_version && !self->world_is_stale;
    if (self->world != NULL && (is_fresh || self->pass != NULL)) {
        return; /* the answer that is awaited speaks of this world */
    }
    if (self->world != NULL) {
        for (uint32_t i = 0; i < self->living_count; i++) {
            wb_solver_node_free(self->claims[self->living_claims[i]].node);
        }
        wb_solver_world_release(self->world);
        wb_arena_clear(&self->world_arena);
        self->ruled_out = NULL;
    }
    make_world(self);
    wb_karpenter_apply_prices(self);
    self->daemon_version = version;
    self->world_is_stale = false;
    for (uint32_t i = 0; i < self->hidden_count; i++) {
        const wb_karpenter_hidden_offering *hidden = &self->hidden[i];
        wb_solver_world_set_available(self->world, hidden->type_name, hidden->zone,
                                      hidden->capacity_type, false);
    }
    wb_karpenter_hide_ended(self);
    rebuild_nodes(self);
}

uint32_t wb_karpenter_shape(wb_karpenter *self, uint32_t pod_id)
{
    const wb_cluster *cluster = self->env.cluster;
    const uint32_t shape_id = cluster->pods.shape_id[pod_id];
    if (shape_id >= self->shape_capacity) {
        const uint32_t old = self->shape_capacity;
        self->shape_capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)shape_id + 1);
        self->shape_ids =
            wb_heap_memory_resize(self->shape_ids, self->shape_capacity, sizeof self->shape_ids[0]);
        for (uint32_t i = old; i < self->shape_capacity; i++) {
            self->shape_ids[i] = WB_NO_ID;
        }
    }
    if (self->shape_ids[shape_id] == WB_NO_ID) {
        const wb_shape *shape = &cluster->shapes[shape_id];
        self->shape_ids[shape_id] =
            wb_solver_world_shape(self->world, shape->template, shape->namespace_name);
    }
    return self->shape_ids[shape_id];
}

uint32_t *wb_karpenter_pod_mark(wb_karpenter *self, uint32_t pod_id)
{
    if (pod_id >= self->pod_mark_capacity) {
        const uint32_t old = self->pod_mark_capacity;
        self->pod_mark_capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)pod_id + 1);
        self->pod_marks = wb_heap_memory_resize(self->pod_marks, self->pod_mark_capacity,
                                                sizeof self->pod_marks[0]);
        memset(&self->pod_marks[old], 0,
               (self->pod_mark_capacity - old) * sizeof self->pod_marks[0]);
    }
    return &self->pod_marks[pod_id];
}

bool wb_karpenter_pod_is_reschedulable(const wb_karpenter *self, uint32_t pod_id)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    return (pods->flags[pod_id] & WB_POD_IS_DAEMON) == 0 &&
           (pods->state[pod_id] == WB_POD_STATE_STARTING ||
            pods->state[pod_id] == WB_POD_STATE_RUNNING);
}

/* ---- hooks of the cluster ---- */

static wb_karpenter_claim *claim_of_node(wb_karpenter *self, uint32_t node_id)
{
    if (node_id == WB_NO_ID) {
        return NULL;
    }
    const uint32_t claim_id = self->env.cluster->nodes[node_id].claim_id;
    return claim_id == WB_NO_ID ? NULL : &self->claims[claim_id];
}

static bool is_daemon(const wb_karpenter *self, uint32_t pod_id)
{
    return (self->env.cluster->pods.flags[pod_id] & WB_POD_IS_DAEMON) != 0;
}

/* lastPodEventTime, de-duplicated over 10 s (spec/disruption.md section 14). */
static void note_pod_event(wb_karpenter *self, wb_karpenter_claim *claim, uint32_t pod_id)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    const bool is_recent =
        claim->last_pod_event_ms >= 0 && now_ms - claim->last_pod_event_ms < 10 * WB_MS_PER_SECOND;
    if (!is_daemon(self, pod_id) && !is_recent) {
        claim->last_pod_event_ms = now_ms;
    }
    wb_karpenter_wake_loop(self);
}

static void on_pod_unschedulable(void *context, uint32_t pod_id, const char *reason)
{
    wb_karpenter *self = context;
    (void)reason;
    if (!is_daemon(self, pod_id)) {
        wb_karpenter_add_waiting(self, pod_id);
    }
}

static void on_pod_bound(void *context, uint32_t pod_id, uint32_t node_id)
{
    wb_karpenter *self = context;
    wb_karpenter_claim *claim = claim_of_node(self, node_id);
    if (claim == NULL) {
        return;
    }
    wb_solver_node_bind(self->world, claim->node, wb_karpenter_shape(self, pod_id), 0,
                        is_daemon(self, pod_id) ? WB_SOLVER_POD_DAEMON : 0U);
    wb_karpenter_mark_state(self);
    wb_karpenter_note_bound(self, pod_id, self->env.cluster->nodes[node_id].claim_id);
    note_pod_event(self, claim, pod_id);
    const int64_t free_ms = wb_karpenter_protected_until(self, pod_id);
    if (free_ms > 0 && free_ms < INT64_MAX) {
        wb_karpenter_schedule(self, free_ms, WB_KARPENTER_EVENT_FREED, pod_id);
    }
    if (self->waiting_heeds_pods) {
        wb_karpenter_note_change(self);
    }
}

/* A pod more that is healthy may let a PDB allow what it forbade. */
static void on_pod_running(void *context, uint32_t pod_id)
{
    wb_karpenter *self = context;
    const wb_cluster *cluster = self->env.cluster;
    if (cluster->shapes[cluster->pods.shape_id[pod_id]].pdb_count > 0) {
        wb_karpenter_wake_loop(self);
    }
}

/* A terminating pod still takes room but counts in no topology. */
static void on_pod_terminating(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_karpenter *self = context;
    wb_karpenter_claim *claim = claim_of_node(self, self->env.cluster->pods.node_id[pod_id]);
    if (claim == NULL || claim->node == NULL) {
        return;
    }
    if (!is_daemon(self, pod_id)) {
        wb_karpenter_note_evicted(self, claim, cause);
    }
    const uint32_t daemon = is_daemon(self, pod_id) ? WB_SOLVER_POD_DAEMON : 0U;
    const uint32_t shape_id = wb_karpenter_shape(self, pod_id);
    wb_solver_node_unbind(self->world, claim->node, shape_id, 0, daemon);
    wb_solver_node_bind(self->world, claim->node, shape_id, 0, daemon | WB_SOLVER_POD_TERMINATING);
    *wb_karpenter_pod_mark(self, pod_id) |= WB_KARPENTER_POD_TERMINATING;
    note_pod_event(self, claim, pod_id);
}

static void on_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_karpenter *self = context;
    wb_karpenter_note_change(self);
    const wb_pod_table *pods = &self->env.cluster->pods;
    wb_karpenter_claim *claim =
        pods->bound_ms[pod_id] >= 0 ? claim_of_node(self, pods->node_id[pod_id]) : NULL;
    if (claim == NULL || claim->node == NULL) {
        return;
    }
    if (cause != WB_CAUSE_FINISHED) { /* a pod that ran to completion stays as an object */
        wb_karpenter_mark_state(self);
    }
    const bool was_terminating =
        (*wb_karpenter_pod_mark(self, pod_id) & WB_KARPENTER_POD_TERMINATING) != 0;
    wb_solver_node_unbind(self->world, claim->node, wb_karpenter_shape(self, pod_id), 0,
                          (is_daemon(self, pod_id) ? WB_SOLVER_POD_DAEMON : 0U) |
                              (was_terminating ? WB_SOLVER_POD_TERMINATING : 0U));
    wb_karpenter_note_left(self, self->env.cluster->nodes[pods->node_id[pod_id]].claim_id);
    if (was_terminating) {
        wb_karpenter_wake_loop(self); /* that it began to terminate was the pod's event */
    } else {
        note_pod_event(self, claim, pod_id);
    }
}

static bool has_disrupted_taint(const wb_cluster_node *node)
{
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (node->taints[i].key == WB_NAME_TAINT_DISRUPTED) {
            return true;
        }
    }
    return false;
}

/* A node that gets the taint of disruption triggers the provisioner for its pods. */
static void on_node_changed(void *context, uint32_t node_id)
{
    wb_karpenter *self = context;
    const wb_cluster_node *node = &self->env.cluster->nodes[node_id];
    wb_karpenter_claim *claim = claim_of_node(self, node_id);
    const bool is_tainted = has_disrupted_taint(node);
    if (claim != NULL && is_tainted != (claim->tainted_ms >= 0)) {
        claim->tainted_ms = is_tainted ? self->env.kernel->now_ms : -1;
        if (is_tainted && node->movable_pod_count > 0) {
            wb_karpenter_trigger(self);
        }
    }
    if (claim != NULL && claim->node != NULL && claim->initialized_ms >= 0 &&
        node->is_ready == claim->is_silent) {
        claim->is_silent = !node->is_ready;
        wb_karpenter_update_node(self, node->claim_id); /* no pod goes to a NotReady node */
        wb_karpenter_wake_loop(self);                   /* and it counts in budgets */
    }
    if (claim != NULL && node->is_unreachable) {
        wb_karpenter_note_left(self, node->claim_id); /* a drain must not wait for its kubelet */
    }
    if (claim != NULL && node->bad_condition != 0) {
        wb_karpenter_watch_health(self, node->claim_id);
    }
    wb_karpenter_note_change(self);
}

static void on_node_removed(void *context, uint32_t node_id, wb_cause cause)
{
    (void)node_id;
    (void)cause;
    wb_karpenter_mark_state(context);
    wb_karpenter_note_change(context);
    wb_karpenter_wake_loop(context);
}

/* ---- hooks of the cloud, and our events ---- */

static void cloud_launched(void *context, uint32_t instance_id)
{
    wb_karpenter_on_launched(context, instance_id);
}

static void cloud_registered(void *context, uint32_t instance_id, uint32_t node_id)
{
    wb_karpenter_on_registered(context, instance_id, node_id);
}

/* Ready, or without startup taints: what came last makes the node initialised. */
static void cloud_ready(void *context, uint32_t instance_id, uint32_t node_id)
{
    wb_karpenter_on_ready(context, instance_id, node_id);
}

static void cloud_gone(void *context, uint32_t instance_id, wb_cause cause)
{
    wb_karpenter_on_gone(context, instance_id, cause);
}

static void cloud_stopped(void *context, uint32_t instance_id)
{
    wb_karpenter_on_stopped(context, instance_id);
}

static void cloud_vanished(void *context, uint32_t instance_id)
{
    wb_karpenter_on_vanished(context, instance_id);
}

static void cloud_claim_lost(void *context, uint32_t instance_id)
{
    wb_karpenter_on_claim_lost(context, instance_id);
}

static void cloud_recommendation(void *context, uint32_t instance_id)
{
    wb_karpenter_on_recommendation(context, instance_id);
}

static void cloud_maintenance(void *context, uint32_t instance_id)
{
    wb_karpenter_on_maintenance(context, instance_id);
}

static void cloud_impaired(void *context, uint32_t instance_id)
{
    wb_karpenter_on_impaired(context, instance_id);
}

static void cloud_interruption(void *context, uint32_t instance_id)
{
    wb_karpenter_on_warning(context, instance_id);
}

/* ---- windows of budgets ---- */

/* The end of the window that a budget is in, or of its next one. Of several events that a change of
 * the pool may leave behind, the one that was scheduled last counts. */
static void schedule_budget(wb_karpenter *self, uint32_t pool_index, uint32_t budget_index)
{
    assert(pool_index < 1U << 16 && budget_index < WB_KARPENTER_BUDGETS_MAX);
    const wb_budget *budget = &self->pools[pool_index].budgets[budget_index];
    const int64_t epoch_ms = self->env.cluster->options.epoch_unix_ms;
    int64_t *due_ms = &self->budget_due_ms[pool_index * WB_KARPENTER_BUDGETS_MAX + budget_index];
    wb_cron cron;
    int64_t hit_ms = 0;
    *due_ms = -1;
    if (budget->schedule != NULL && wb_cron_parse(budget->schedule, &cron, NULL) == WB_OK &&
        wb_cron_next(&cron, epoch_ms + self->env.kernel->now_ms - budget->duration_ms, &hit_ms)) {
        *due_ms = hit_ms + budget->duration_ms - epoch_ms;
        wb_karpenter_schedule(self, *due_ms, WB_KARPENTER_EVENT_BUDGET,
                              pool_index << 16 | budget_index);
    }
}

void wb_karpenter_schedule_budgets(wb_karpenter *self)
{
    for (uint32_t i = 0; i < self->pool_count; i++) {
        for (uint32_t j = 0; j < self->pools[i].budget_count; j++) {
            schedule_budget(self, i, j);
        }
    }
}

/* What a budget forbade may be allowed now. */
static void on_budget(wb_karpenter *self, uint32_t subject)
{
    const uint32_t pool_index = subject >> 16;
    const uint32_t budget_index = subject & 0xFFFFU;
    const int64_t due_ms =
        self->budget_due_ms[pool_index * WB_KARPENTER_BUDGETS_MAX + budget_index];
    if (budget_index < self->pools[pool_index].budget_count && due_ms >= 0 &&
        due_ms <= self->env.kernel->now_ms) {
        wb_karpenter_wake_loop(self);
        schedule_budget(self, pool_index, budget_index);
    }
}

static wb_status on_event(void *context, const wb_event *event, wb_error *err)
{
    wb_karpenter *self = context;
    switch ((wb_karpenter_event)(event->kind - WB_EVENT_CONTROLLER_FIRST)) {
    case WB_KARPENTER_EVENT_BATCH: return wb_karpenter_on_batch(self, err);
    case WB_KARPENTER_EVENT_LOOP:
        wb_karpenter_renew_nominations(self);
        return wb_karpenter_on_loop(self, err);
    case WB_KARPENTER_EVENT_VALIDATE:
        wb_karpenter_renew_nominations(self);
        wb_karpenter_on_validate(self, event->subject);
        break;
    case WB_KARPENTER_EVENT_COMMAND: wb_karpenter_on_command(self, event->subject); break;
    case WB_KARPENTER_EVENT_DRAIN: wb_karpenter_on_drain(self, event->subject); break;
    case WB_KARPENTER_EVENT_EVICT: wb_karpenter_on_evict(self, event->subject); break;
    case WB_KARPENTER_EVENT_EXPIRE:
        wb_karpenter_delete_claim(self, event->subject, WB_CAUSE_EXPIRATION);
        break;
    case WB_KARPENTER_EVENT_OFFERING: wb_karpenter_on_offering_due(self); break;
    case WB_KARPENTER_EVENT_DECIDED: wb_karpenter_on_decided(self); break;
    case WB_KARPENTER_EVENT_MESSAGE: wb_karpenter_on_message(self, event->subject); break;
    case WB_KARPENTER_EVENT_MAINTENANCE:
        wb_karpenter_on_maintenance_message(self, event->subject);
        break;
    case WB_KARPENTER_EVENT_IMPAIRED: wb_karpenter_on_impaired_due(self, event->subject); break;
    case WB_KARPENTER_EVENT_PRICES: wb_karpenter_on_prices(self); break;
    case WB_KARPENTER_EVENT_POLL: wb_karpenter_on_poll(self, event->subject); break;
    case WB_KARPENTER_EVENT_LAUNCH: wb_karpenter_on_launch_due(self, event->subject); break;
    case WB_KARPENTER_EVENT_BUDGET: on_budget(self, event->subject); break;
    case WB_KARPENTER_EVENT_LIVENESS: wb_karpenter_on_liveness(self, event->subject); break;
    case WB_KARPENTER_EVENT_REPAIR: wb_karpenter_on_repair(self, event->subject); break;
    case WB_KARPENTER_EVENT_STOPPED: wb_karpenter_on_stopped_message(self, event->subject); break;
    case WB_KARPENTER_EVENT_STATIC: wb_karpenter_on_static(self); break;
    case WB_KARPENTER_EVENT_IMAGE: wb_karpenter_on_image(self); break;
    case WB_KARPENTER_EVENT_FREED: wb_karpenter_wake_loop(self); break;
    case WB_KARPENTER_EVENT_CHANGE: wb_karpenter_on_change(self, event->subject); break;
    case WB_KARPENTER_EVENT_COLLECT: wb_karpenter_on_collect(self, event->subject); break;
    case WB_KARPENTER_EVENT_CATALOG: wb_karpenter_on_catalog(self, event->subject); break;
    case WB_KARPENTER_EVENT_COUNT: break;
    }
    return WB_OK;
}

/* ---- ops ---- */

static wb_status create(const wb_autoscaler_env *env, const wb_contender *contender,
                        void **out_self, wb_error *err)
{
    (void)err;
    wb_karpenter *self = WB_ARENA_NEW(env->arena, wb_karpenter);
    self->env = *env;
    self->contender = contender;
    self->settings = wb_karpenter_read_settings(contender, NULL);
    wb_karpenter_make_pools(self);
    wb_arena_init(&self->world_arena, "solver world", 0, NULL);
    wb_arena_init(&self->solve_arena, "solve", 0, NULL);
    wb_arena_init(&self->pass_arena, "solve under way", 0, NULL);
    wb_arena_init(&self->scratch_arena, "disruption", 0, NULL);
    self->loop_last_ms = -10 * WB_MS_PER_SECOND;
    self->loop_due_ms = INT64_MAX;
    self->static_due_ms = INT64_MAX;
    self->prices_ms = -1;
    self->state_serial = 1;
    self->batch_closed_ms = -1;
    self->batch_due_ms = INT64_MAX;
    const wb_observer observer = {
        .context = self,
        .pod_unschedulable = on_pod_unschedulable,
        .pod_bound = on_pod_bound,
        .pod_running = on_pod_running,
        .pod_terminating = on_pod_terminating,
        .pod_gone = on_pod_gone,
        .node_changed = on_node_changed,
        .node_removed = on_node_removed,
    };
    wb_observers_add(env->observers, &observer);
    const wb_cloud_client client = {
        .context = self,
        .instance_launched = cloud_launched,
        .instance_registered = cloud_registered,
        .instance_ready = cloud_ready,
        .startup_taints_gone = cloud_ready,
        .rebalance_recommended = cloud_recommendation,
        .interruption_notice = cloud_interruption,
        .maintenance_announced = cloud_maintenance,
        .instance_impaired = cloud_impaired,
        .instance_stopped = cloud_stopped,
        .instance_gone = cloud_gone,
        .instance_vanished = cloud_vanished,
        .claim_lost = cloud_claim_lost,
    };
    wb_cloud_set_client(env->cloud, &client);
    for (int kind = 0; kind < WB_KARPENTER_EVENT_COUNT; kind++) {
        wb_kernel_subscribe(env->kernel, (uint16_t)(WB_EVENT_CONTROLLER_FIRST + kind), on_event,
                            self);
    }
    *out_self = self;
    return WB_OK;
}

/* Nothing else happens before the first pod is refused. */
static wb_status start(void *self, wb_error *err)
{
    (void)err;
    wb_karpenter_announce_classes(self);
    wb_karpenter_announce_overlays(self);
    wb_karpenter_schedule_budgets(self);
    wb_karpenter_schedule_changes(self);
    wb_karpenter_schedule_offering_ends(self);
    wb_karpenter_start_static(self);
    wb_karpenter_start_polls(self);
    wb_karpenter_start_prices(self);
    return WB_OK;
}

static bool view_claim(const void *context, uint32_t claim_id, wb_claim_view *out)
{
    const wb_karpenter *self = context;
    if (claim_id >= self->claim_count) {
        return false;
    }
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    const wb_intern *intern = self->env.intern;
    *out = (wb_claim_view){
        .name = claim->name,
        .nodepool = wb_intern_text(intern, claim->pool->name),
        .instance_id = claim->instance_id,
        .node_id = claim->node_id,
        .created_ms = claim->created_ms,
        .launched_ms = claim->launched_ms,
        .registered_ms = claim->registered_ms,
        .initialized_ms = claim->initialized_ms,
        .gone_ms = claim->gone_ms,
        .cause = claim->cause,
        .pod_count = claim->pod_count,
        .type_count = claim->type_count,
        .instance_type = wb_intern_text(intern, self->env.catalog->types[claim->type_index].name),
        .zone = wb_intern_text(intern, claim->zone),
        .capacity_type = wb_capacity_type_name(claim->capacity_type),
        .price_usd_per_hour = claim->price_usd_per_hour,
        .alternatives = claim->alternatives,
        .ruled_out = claim->ruled_out,
        .drifted_ms = claim->drifted_ms,
        .drift = wb_drift_reason_name(claim->drift_reason),
    };
    return true;
}

static void release(void *context)
{
    wb_karpenter *self = context;
    for (uint32_t i = 0; i < self->living_count; i++) {
        wb_solver_node_free(self->claims[self->living_claims[i]].node);
        wb_heap_memory_free(self->claims[self->living_claims[i]].evictions);
    }
    if (self->world != NULL) {
        wb_solver_world_release(self->world);
    }
    wb_arena_release(&self->world_arena);
    wb_arena_release(&self->solve_arena);
    wb_arena_release(&self->pass_arena);
    wb_arena_release(&self->scratch_arena);
    wb_heap_memory_free(self->uids);
    wb_heap_memory_free(self->shape_ids);
    wb_heap_memory_free(self->claims);
    wb_heap_memory_free(self->living_claims);
    wb_heap_memory_free(self->waiting);
    wb_heap_memory_free(self->pod_marks);
    wb_heap_memory_free(self->plan);
    wb_heap_memory_free(self->commands);
    wb_heap_memory_free(self->hidden);
    wb_heap_memory_free(self->refused_launches);
    wb_heap_memory_free(self->unseen_pools);
}

const wb_autoscaler_ops wb_karpenter_ops = {
    .kind = "karpenter",
    .help = "Karpenter: solver, NodeClaims, emptiness, consolidation, expiration",
    .validate = wb_karpenter_validate,
    .create = create,
    .start = start,
    .view_claim = view_claim,
    .view_command = wb_karpenter_view_command,
    .explain_pod = wb_karpenter_explain_pod,
    .count_work = wb_karpenter_count_work,
    .destroy = release,
};
