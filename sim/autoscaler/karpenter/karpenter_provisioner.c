/*
 * The provisioner: a batch window over waiting pods, then a solve (karpenter_solve.c).
 *
 * Pods keep waiting (and are solved for again, onto the NodeClaims in flight) until the scheduler
 * binds them. Each triggers when it is refused and every 10 s from then on, and so does each node
 * that is being disrupted. A trigger opens a window or extends it; a window that closes while a
 * NodeClaim is without instance is lost. A solve whose input has not changed since the last one
 * would decide the same, so here nothing is due until something has changed; then the window that
 * the triggers would have opened is worked out. Source: spec/scheduling.md section 1, and
 * Provisioner.Reconcile for the window that is lost.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define TRIGGER_MS        (10 * WB_MS_PER_SECOND) /* what waits triggers again after this */
#define NOMINATION_MIN_MS (10 * WB_MS_PER_SECOND)

/* ---- triggers ---- */

/* Drops pods that are bound or gone; keeps the order of arrival. */
static void drop_settled(wb_karpenter *self)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    uint32_t kept = 0;
    self->waiting_heeds_pods = false;
    for (uint32_t i = 0; i < self->waiting_count; i++) {
        const uint32_t pod_id = self->waiting[i];
        if (pods->state[pod_id] == WB_POD_STATE_PENDING) {
            const wb_shape *shape = &self->env.cluster->shapes[pods->shape_id[pod_id]];
            self->waiting_heeds_pods |= shape->has_pod_terms || shape->has_spread;
            self->waiting[kept++] = pod_id;
        } else {
            *wb_karpenter_pod_mark(self, pod_id) &= ~WB_KARPENTER_POD_WAITING;
        }
    }
    self->waiting_count = kept;
}

/* When claim's node began to trigger, or -1: it has no pods that need a place. */
static int64_t first_trigger_of_node(const wb_karpenter *self, uint32_t claim_id)
{
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    const bool has_pods = claim->node_id != WB_NO_ID &&
                          self->env.cluster->nodes[claim->node_id].movable_pod_count > 0;
    return has_pods ? claim->tainted_ms : -1;
}

/* The latest trigger in (after_ms, until_ms] of what began at first_ms; -1: there is none. */
static int64_t latest_of(int64_t first_ms, int64_t after_ms, int64_t until_ms)
{
    if (first_ms < 0 || first_ms > until_ms) {
        return -1;
    }
    const int64_t latest_ms = until_ms - (until_ms - first_ms) % TRIGGER_MS;
    return latest_ms > after_ms ? latest_ms : -1;
}

static int64_t latest_trigger(const wb_karpenter *self, int64_t after_ms, int64_t until_ms)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    int64_t latest_ms = -1;
    for (uint32_t i = 0; i < self->waiting_count; i++) {
        const int64_t at_ms =
            latest_of(pods->first_unschedulable_ms[self->waiting[i]], after_ms, until_ms);
        latest_ms = at_ms > latest_ms ? at_ms : latest_ms;
    }
    for (uint32_t i = 0; i < self->living_count; i++) {
        const int64_t first_ms = first_trigger_of_node(self, self->living_claims[i]);
        const int64_t at_ms = latest_of(first_ms, after_ms, until_ms);
        latest_ms = at_ms > latest_ms ? at_ms : latest_ms;
    }
    return latest_ms;
}

/* The first trigger after now_ms, INT64_MAX when nothing waits. Everything triggers each 10 s, so
 * the one that comes next is the one whose last lies furthest back. */
static int64_t next_trigger(const wb_karpenter *self, int64_t now_ms)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < self->waiting_count; i++) {
        const int64_t last_ms =
            latest_of(pods->first_unschedulable_ms[self->waiting[i]], -1, now_ms);
        assert(last_ms >= 0); /* it was refused before it came to the list */
        next_ms = last_ms + TRIGGER_MS < next_ms ? last_ms + TRIGGER_MS : next_ms;
    }
    for (uint32_t i = 0; i < self->living_count; i++) {
        const int64_t first_ms = first_trigger_of_node(self, self->living_claims[i]);
        const int64_t last_ms = latest_of(first_ms, -1, now_ms);
        if (last_ms >= 0 && last_ms + TRIGGER_MS < next_ms) {
            next_ms = last_ms + TRIGGER_MS;
        }
    }
    return next_ms;
}

/* Only the earliest event counts; one that was overtaken finds that it is not the one due. */
static void schedule_batch(wb_karpenter *self, int64_t at_ms)
{
    if (at_ms < self->batch_due_ms) {
        self->batch_due_ms = at_ms;
        wb_karpenter_schedule(self, at_ms, WB_KARPENTER_EVENT_BATCH, 0);
    }
}

static void open_window(wb_karpenter *self, int64_t at_ms)
{
    if (!self->batch_is_open) {
        self->batch_is_open = true;
        self->batch_opened_ms = at_ms;
    }
    self->batch_last_ms = at_ms;
    schedule_batch(self, at_ms + self->settings.batch_idle_ms);
}

void wb_karpenter_trigger(wb_karpenter *self)
{
    self->change_count++;
    if (self->pass != NULL) {
        self->batch_is_asked = true; /* the window opens when the solve is done */
        return;
    }
    open_window(self, self->env.kernel->now_ms);
}

void wb_karpenter_add_waiting(wb_karpenter *self, uint32_t pod_id)
{
    uint32_t *mark = wb_karpenter_pod_mark(self, pod_id);
    if ((*mark & WB_KARPENTER_POD_WAITING) != 0) {
        return; /* its later triggers are worked out when they matter */
    }
    *mark |= WB_KARPENTER_POD_WAITING | WB_KARPENTER_POD_SEEN;
    if (self->waiting_count == self->waiting_capacity) {
        self->waiting_capacity =
            (uint32_t)wb_heap_memory_next_capacity(self->waiting_capacity,
                                                   (size_t)self->waiting_count + 1);
        self->waiting =
            wb_heap_memory_resize(self->waiting, self->waiting_capacity, sizeof self->waiting[0]);
    }
    self->waiting[self->waiting_count++] = pod_id;
    const wb_shape *shape = &self->env.cluster->shapes[self->env.cluster->pods.shape_id[pod_id]];
    self->waiting_heeds_pods |= shape->has_pod_terms || shape->has_spread;
    wb_karpenter_trigger(self);
}

/* The window in which the next solve will be: one that a trigger has opened unseen, or the one that
 * the next trigger opens. */
static void await_trigger(wb_karpenter *self)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    drop_settled(self);
    const int64_t idle_since_ms = now_ms - self->settings.batch_idle_ms;
    const int64_t after_ms =
        idle_since_ms > self->batch_closed_ms ? idle_since_ms : self->batch_closed_ms;
    const int64_t latest_ms = latest_trigger(self, after_ms, now_ms);
    if (latest_ms >= 0) {
        open_window(self, latest_ms);
        return;
    }
    const int64_t next_ms = next_trigger(self, now_ms);
    if (next_ms != INT64_MAX) {
        schedule_batch(self, next_ms);
    }
}

void wb_karpenter_resume_batches(wb_karpenter *self)
{
    assert(self->pass == NULL);
    const int64_t now_ms = self->env.kernel->now_ms;
    drop_settled(self);
    const bool is_asked =
        self->batch_is_asked || latest_trigger(self, self->batch_closed_ms, now_ms) >= 0;
    self->batch_is_asked = false;
    self->batch_closed_ms = now_ms;
    if (is_asked) {
        open_window(self, now_ms);
    } else if (self->change_count != self->solved_change_count) {
        await_trigger(self);
    }
}

void wb_karpenter_note_change(wb_karpenter *self)
{
    self->change_count++;
    if (self->pass == NULL && !self->batch_is_open && self->batch_due_ms == INT64_MAX) {
        await_trigger(self);
    }
}

int64_t wb_karpenter_nomination_window_ms(const wb_karpenter *self)
{
    const int64_t window_ms = 2 * self->settings.batch_max_ms;
    return window_ms > NOMINATION_MIN_MS ? window_ms : NOMINATION_MIN_MS;
}

void wb_karpenter_note_bound(wb_karpenter *self, uint32_t pod_id, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    if ((*wb_karpenter_pod_mark(self, pod_id) & WB_KARPENTER_POD_WAITING) == 0) {
        return;
    }
    const int64_t idle_ms = self->settings.batch_idle_ms;
    const int64_t first_ms = self->env.cluster->pods.first_unschedulable_ms[pod_id];
    const int64_t last_ms = latest_of(first_ms, -1, self->env.kernel->now_ms - idle_ms - 1);
    const int64_t until_ms = last_ms + idle_ms + wb_karpenter_nomination_window_ms(self);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (last_ms >= 0 && until_ms > claim->nominated_until_ms) {
        claim->nominated_until_ms = until_ms;
    }
}

/* ---- problems ---- */

void wb_karpenter_fill_nodes(wb_karpenter *self, wb_solver_problem *problem, uint8_t **out_roles,
                             uint32_t **out_claim_ids)
{
    wb_arena *arena = &self->solve_arena;
    const uint32_t count = self->living_count;
    wb_solver_node **nodes = wb_arena_alloc(arena, (count + 1) * sizeof(nodes[0]));
    uint8_t *roles = wb_arena_zalloc(arena, count + 1, sizeof(roles[0]));
    uint32_t *claim_ids = wb_arena_alloc(arena, (count + 1) * sizeof(claim_ids[0]));
    for (uint32_t i = 0; i < count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        claim_ids[i] = self->living_claims[i];
        nodes[i] = claim->node;
        roles[i] = claim->is_marked ? WB_NODE_ROLE_DELETING : WB_NODE_ROLE_OFFERED;
    }
    problem->nodes = nodes;
    problem->node_roles = roles;
    problem->node_count = count;
    *out_roles = roles;
    *out_claim_ids = claim_ids;
}

static wb_solver_pod solver_pod(wb_karpenter *self, uint32_t pod_id, uint32_t bound_node_index)
{
    const wb_cluster *cluster = self->env.cluster;
    return (wb_solver_pod){
        .uid = wb_karpenter_pod_uid(self, pod_id),
        .namespace_name = cluster->shapes[cluster->pods.shape_id[pod_id]].namespace_name,
        .created_ms = cluster->pods.created_ms[pod_id],
        .shape_id = wb_karpenter_shape(self, pod_id),
        .bound_node_index = bound_node_index,
    };
}

uint32_t wb_karpenter_add_pods_of(wb_karpenter *self, uint32_t claim_id, uint32_t node_index,
                                  wb_solver_pod *pods, uint32_t count)
{
    assert(claim_id < self->claim_count);
    const wb_cluster *cluster = self->env.cluster;
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->node_id == WB_NO_ID) {
        return count;
    }
    for (uint32_t pod_id = cluster->nodes[claim->node_id].first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        if (wb_karpenter_pod_is_reschedulable(self, pod_id)) {
            pods[count++] = solver_pod(self, pod_id, node_index);
        }
    }
    return count;
}

/* Storage objects and namespaces of the scenario. */
static void fill_objects(const wb_karpenter *self, wb_solver_problem *problem)
{
    const wb_manifest *manifest = self->env.cluster->manifest;
    if (manifest == NULL) {
        return;
    }
    problem->namespaces = manifest->namespaces;
    problem->namespace_count = manifest->namespace_count;
    problem->volume_claims = manifest->volume_claims;
    problem->volume_claim_count = manifest->volume_claim_count;
    problem->persistent_volumes = manifest->persistent_volumes;
    problem->persistent_volume_count = manifest->persistent_volume_count;
    const wb_cloud_storage *storage = &self->env.cloud->storage;
    if (storage->options.is_on) { /* as they are now */
        problem->volume_claims = storage->claims;
        problem->persistent_volumes = storage->persistent_volumes;
        problem->persistent_volume_count = storage->persistent_volume_count;
    }
    problem->storage_classes = manifest->storage_classes;
    problem->storage_class_count = manifest->storage_class_count;
}

void wb_karpenter_begin_problem(wb_karpenter *self, wb_solver_problem *problem)
{
    *problem = (wb_solver_problem){
        .options = {.preference_policy = self->settings.preference_policy,
                    .open_claim_sort = self->settings.open_claim_sort},
    };
    fill_objects(self, problem);
}

/* Waiting pods that Karpenter's validation lets through; the others are marked. */
uint32_t wb_karpenter_add_waiting_pods(wb_karpenter *self, const wb_solver_problem *problem,
                                       wb_solver_pod *pods, uint32_t *pod_ids)
{
    drop_settled(self);
    const wb_cluster *cluster = self->env.cluster;
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->waiting_count; i++) {
        const uint32_t pod_id = self->waiting[i];
        const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[pod_id]];
        if (cluster->pods.nominated_node_id[pod_id] != WB_NO_ID) {
            continue; /* it is about to preempt others on a node that is there */
        }
        if (wb_provisioning_validate(self->env.intern, problem, shape->template, 0,
                                     shape->namespace_name) != WB_POD_PROVISIONABLE) {
            *wb_karpenter_pod_mark(self, pod_id) |= WB_REFUSED_REQUIREMENTS;
            continue;
        }
        if (pod_ids != NULL) {
            pod_ids[count] = pod_id;
        }
        pods[count++] = solver_pod(self, pod_id, UINT32_MAX);
    }
    return count;
}

/* Since when what asks for a planned pod's place has triggered; -1: nothing asks any more. */
static int64_t first_trigger_for(const wb_karpenter *self, uint32_t pod_id)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    if (pods->state[pod_id] == WB_POD_STATE_PENDING) {
        return pods->first_unschedulable_ms[pod_id];
    }
    if (!wb_karpenter_pod_is_reschedulable(self, pod_id)) {
        return -1;
    }
    const uint32_t claim_id = self->env.cluster->nodes[pods->node_id[pod_id]].claim_id;
    return claim_id == WB_NO_ID ? -1 : self->claims[claim_id].tainted_ms;
}

void wb_karpenter_renew_nominations(wb_karpenter *self)
{
    const int64_t idle_ms = self->settings.batch_idle_ms;
    const int64_t latest_ms = self->env.kernel->now_ms - idle_ms;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->plan_count; i++) {
        const wb_karpenter_planned_pod planned = self->plan[i];
        const int64_t first_ms = first_trigger_for(self, planned.pod_id);
        wb_karpenter_claim *claim = &self->claims[planned.claim_id];
        if (first_ms < 0 || claim->gone_ms >= 0) {
            continue;
        }
        const int64_t last_ms = latest_of(first_ms, -1, latest_ms);
        const int64_t until_ms = last_ms + idle_ms + wb_karpenter_nomination_window_ms(self);
        if (last_ms >= 0 && until_ms > claim->nominated_until_ms) {
            claim->nominated_until_ms = until_ms;
        }
        self->plan[kept++] = planned;
    }
    self->plan_count = kept;
}

/* Closes the window. True when the solve may begin: without, the pods' next triggers open another
 * window. */
static bool close_window(wb_karpenter *self)
{
    self->batch_is_open = false;
    self->batch_closed_ms = self->env.kernel->now_ms;
    if (self->unlaunched_count > 0) {
        await_trigger(self);
        return false;
    }
    return self->change_count != self->solved_change_count;
}

wb_status wb_karpenter_on_batch(wb_karpenter *self, wb_error *err)
{
    (void)err;
    const int64_t now_ms = self->env.kernel->now_ms;
    if (now_ms < self->batch_due_ms) {
        return WB_OK; /* overtaken */
    }
    self->batch_due_ms = INT64_MAX;
    drop_settled(self);
    if (!self->batch_is_open) {
        open_window(self, now_ms);
        return WB_OK;
    }
    const int64_t latest_ms = latest_trigger(self, self->batch_last_ms, now_ms);
    self->batch_last_ms = latest_ms >= 0 ? latest_ms : self->batch_last_ms;
    const int64_t idle_ms = self->batch_last_ms + self->settings.batch_idle_ms;
    const int64_t max_ms = self->batch_opened_ms + self->settings.batch_max_ms;
    const int64_t close_ms = idle_ms < max_ms ? idle_ms : max_ms;
    if (now_ms < close_ms) {
        schedule_batch(self, close_ms);
        return WB_OK;
    }
    if (close_window(self) && self->env.cloud->permissions.no_launch == NULL) {
        wb_karpenter_refresh_world(self);
        self->solved_change_count = self->change_count;
        wb_karpenter_solve(self);
    }
    return WB_OK;
}

/* What each class of refusal means to the person who reads it. */
static const struct {
    uint32_t bit;
    const char *text;
} refusals[] = {
    {WB_REFUSED_CUT_OFF, "its turn did not come before the solve was cut off"},
    {WB_REFUSED_NO_NODEPOOL, "no NodePool offers any instance type"},
    {WB_REFUSED_TAINT, "it does not tolerate the taints of a NodePool"},
    {WB_REFUSED_REQUIREMENTS, "its node selector or affinity contradicts a NodePool"},
    {WB_REFUSED_VOLUME_REQUIREMENTS, "its volumes bind it to other zones"},
    {WB_REFUSED_TOPOLOGY, "its spread or (anti-)affinity can't be met"},
    {WB_REFUSED_LIMITS, "a NodePool's limits are used up"},
    {WB_REFUSED_NODE_LIMITS, "a NodePool's limit of nodes is used up"},
    {WB_REFUSED_MIN_VALUES, "minValues can't be met"},
    {WB_REFUSED_RESERVED_OFFERING, "its reserved capacity is in use"},
    {WB_REFUSED_DRA, "it uses dynamic resource allocation"},
    {WB_REFUSED_TYPES_FIT, "no instance type has room for it"},
    {WB_REFUSED_TYPES_REQ, "no instance type meets its requirements"},
    {WB_REFUSED_TYPES_OFF, "no instance type has an available offering"},
    {WB_REFUSED_INSTANCE_TYPES, "no instance type meets requirements, room and offering at once"},
};

bool wb_karpenter_explain_pod(const void *context, uint32_t pod_id, char *out, size_t out_size)
{
    const wb_karpenter *self = context;
    const uint32_t mark = pod_id < self->pod_mark_capacity ? self->pod_marks[pod_id] : 0U;
    const uint32_t refused = mark & WB_KARPENTER_POD_REFUSED;
    const char *no_launch = self->env.cloud->permissions.no_launch;
    if (no_launch != NULL) {
        (void)snprintf(out, out_size, "Karpenter launches nothing: %s", no_launch);
        return true;
    }
    const char *problem = wb_karpenter_find_class_problem(self);
    if (problem != NULL && (refused & WB_REFUSED_NO_NODEPOOL) != 0) {
        (void)snprintf(out, out_size, "Karpenter: an EC2NodeClass is not ready: %s", problem);
        return true;
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if ((refused & refusals[i].bit) != 0) {
            (void)snprintf(out, out_size, "Karpenter: %s", refusals[i].text);
            return true;
        }
    }
    if ((mark & WB_KARPENTER_POD_SEEN) != 0 && self->launch_message != NULL) {
        (void)snprintf(out, out_size, "Karpenter: %s: %s", self->launch_refusal,
                       self->launch_message);
        return true;
    }
    if ((mark & WB_KARPENTER_POD_SEEN) != 0 && self->env.cloud->permissions.no_join != NULL) {
        (void)snprintf(out, out_size, "Karpenter: machines come up and never join: %s",
                       self->env.cloud->permissions.no_join);
        return true;
    }
    if ((mark & WB_KARPENTER_POD_SEEN) != 0) {
        (void)snprintf(out, out_size, "it was gone before the node that was made for it was ready");
        return true;
    }
    return false;
}
