/*
 * The end of a NodeClaim: taint, drain that respects PDBs, at least 5 s, then the instance.
 *
 * Two clocks run, as in the real controllers. The drain looks at its node on a raster of 1 s from
 * the deletion and puts the pods of the first group that is not empty into the eviction queue; the
 * queue tries each pod with a back-off of its own. A look whose node has not changed would find the
 * same, so here one is due only when a pod has gone or a deadline has come near; and a pod that
 * only time can set free is tried at the retry at which it will be. Source: spec/disruption.md
 * section 17, and terminator.go and eviction.go for what it leaves open.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define LOOK_MS             WB_MS_PER_SECOND        /* the drain is looked at each second */
#define MINIMUM_DRAIN_MS    (5 * WB_MS_PER_SECOND)  /* to catch pods scheduled in the race */
#define BACKOFF_FIRST_MS    INT64_C(100)            /* of a refused eviction; doubles */
#define BACKOFF_MAX_MS      (10 * WB_MS_PER_SECOND) /* and stays here */
#define FORCED_GRACE_MIN_MS WB_MS_PER_SECOND
#define END_RETRY_MAX_MS    WB_MS_PER_MINUTE /* of a refused call to end; from 1 s */
#define STUCK_MS            WB_MS_PER_MINUTE /* past its deletionTimestamp a pod is given up */

/* ---- events: of each kind the earliest counts, one that was overtaken is none ---- */

/* A look at the first tick of the raster that is not before at_ms. */
static void schedule_look(wb_karpenter *self, uint32_t claim_id, int64_t at_ms)
{
    wb_karpenter_claim *claim = &self->claims[claim_id];
    const int64_t late_ms = at_ms > claim->deleted_ms ? at_ms - claim->deleted_ms : 0;
    const int64_t tick_ms = claim->deleted_ms + (late_ms + LOOK_MS - 1) / LOOK_MS * LOOK_MS;
    if (tick_ms < claim->look_due_ms) {
        claim->look_due_ms = tick_ms;
        wb_karpenter_schedule(self, tick_ms, WB_KARPENTER_EVENT_DRAIN, claim_id);
    }
}

static void schedule_eviction(wb_karpenter *self, uint32_t claim_id, int64_t at_ms)
{
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (at_ms < claim->eviction_due_ms) {
        claim->eviction_due_ms = at_ms;
        wb_karpenter_schedule(self, at_ms, WB_KARPENTER_EVENT_EVICT, claim_id);
    }
}

/* ---- pods ---- */

/* Source: spec/disruption.md section 3, check 8. */
int64_t wb_karpenter_protected_until(const wb_karpenter *self, uint32_t pod_id)
{
    const wb_pod_template *template = wb_cluster_pod_template(self->env.cluster, pod_id);
    const uint32_t value = wb_labels_get(template->annotations, WB_NAME_DO_NOT_DISRUPT);
    int64_t span_ms = 0;
    if (value == WB_NAME_TRUE) {
        return INT64_MAX;
    }
    if (value == 0 ||
        wb_duration_parse(wb_intern_text(self->env.intern, value), &span_ms, NULL) != WB_OK) {
        return 0;
    }
    return span_ms > 0 ? self->env.cluster->pods.bound_ms[pod_id] + span_ms : 0;
}

static bool tolerates_drain(const wb_karpenter *self, const wb_pod_template *template)
{
    const wb_taint taint = {.key = WB_NAME_TAINT_DISRUPTED, .effect = WB_TAINT_NO_SCHEDULE};
    return wb_tolerations_tolerate(self->env.intern, template->tolerations,
                                   template->toleration_count, &taint);
}

/* Static pods have no controller that an eviction could speak to. */
static bool is_static(const wb_karpenter *self, uint32_t pod_id)
{
    const uint32_t owner_id = self->env.cluster->pods.owner_id[pod_id];
    return owner_id != WB_NO_ID && self->env.cluster->owners[owner_id].kind == WB_OWNER_NODE;
}

static bool is_waited_for(const wb_karpenter *self, uint32_t pod_id)
{
    return !is_static(self, pod_id) &&
           !tolerates_drain(self, wb_cluster_pod_template(self->env.cluster, pod_id));
}

/* When a pod is deleted whatever PDBs say, strictly after: when its grace period would pass the
 * node's deadline; INT64_MAX: never. For one that terminates already: at once, or never. */
static int64_t forced_after_ms(const wb_karpenter *self, const wb_karpenter_claim *claim,
                               uint32_t pod_id)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    if (claim->deadline_ms < 0) {
        return INT64_MAX;
    }
    if (pods->state[pod_id] == WB_POD_STATE_TERMINATING) {
        return pods->due_ms[pod_id] > claim->deadline_ms ? -1 : INT64_MAX;
    }
    return claim->deadline_ms - wb_cluster_pod_template(self->env.cluster, pod_id)->grace_period_ms;
}

/* When a pod that terminates is waited for no longer; its kubelet is silent. */
static int64_t stuck_after_ms(const wb_karpenter *self, const wb_cluster_node *node,
                              uint32_t pod_id)
{
    const wb_pod_table *pods = &self->env.cluster->pods;
    return node->is_unreachable && pods->state[pod_id] == WB_POD_STATE_TERMINATING
               ? pods->due_ms[pod_id] + STUCK_MS
               : INT64_MAX;
}

/* The order in which groups go: ordinary pods, daemons, critical pods, critical daemons. */
static unsigned group_of(const wb_karpenter *self, uint32_t pod_id)
{
    const wb_cluster *cluster = self->env.cluster;
    const char *class =
        wb_intern_text(self->env.intern,
                       wb_cluster_pod_template(cluster, pod_id)->priority_class_name);
    const bool is_critical =
        strcmp(class, "system-cluster-critical") == 0 || strcmp(class, "system-node-critical") == 0;
    return (is_critical ? 2U : 0U) + (wb_cluster_pod_is_daemon(cluster, pod_id) ? 1U : 0U);
}

#define GROUP_NONE 4U

/* ---- the eviction queue of one node ---- */

static void enqueue(wb_karpenter *self, wb_karpenter_claim *claim, uint32_t pod_id)
{
    for (uint32_t i = 0; i < claim->eviction_count; i++) {
        if (claim->evictions[i].pod_id == pod_id) {
            return;
        }
    }
    if (claim->eviction_count == claim->eviction_capacity) {
        claim->eviction_capacity =
            (uint32_t)wb_heap_memory_next_capacity(claim->eviction_capacity,
                                                   (size_t)claim->eviction_count + 1);
        claim->evictions = wb_heap_memory_resize(claim->evictions, claim->eviction_capacity,
                                                 sizeof claim->evictions[0]);
    }
    claim->evictions[claim->eviction_count++] =
        (wb_karpenter_eviction){.pod_id = pod_id, .due_ms = self->env.kernel->now_ms};
}

/* The next try after one that failed. */
static void back_off(wb_karpenter_eviction *eviction)
{
    int64_t wait_ms = BACKOFF_FIRST_MS << eviction->failure_count;
    if (wait_ms >= BACKOFF_MAX_MS) {
        wait_ms = BACKOFF_MAX_MS;
    } else {
        eviction->failure_count++;
    }
    eviction->due_ms += wait_ms;
}

/* A protected pod is tried again and again; the first try that may succeed is the one that counts.
 */
static void back_off_until(wb_karpenter_eviction *eviction, int64_t free_ms, int64_t forced_ms)
{
    if (free_ms == INT64_MAX && forced_ms == INT64_MAX) {
        eviction->due_ms = INT64_MAX;
        return;
    }
    do {
        back_off(eviction);
    } while (eviction->due_ms < free_ms && eviction->due_ms <= forced_ms);
}

/* One try. False: the pod stays in the queue. */
static bool try_eviction(wb_karpenter *self, const wb_karpenter_claim *claim,
                         wb_karpenter_eviction *eviction)
{
    wb_cluster *cluster = self->env.cluster;
    const uint32_t pod_id = eviction->pod_id;
    const int64_t now_ms = self->env.kernel->now_ms;
    if (!wb_cluster_pod_is_living(cluster, pod_id)) {
        return true;
    }
    const int64_t forced_ms = forced_after_ms(self, claim, pod_id);
    if (now_ms > forced_ms) {
        const int64_t left_ms = (claim->deadline_ms - now_ms) / WB_MS_PER_SECOND * WB_MS_PER_SECOND;
        wb_cluster_kill_pod(cluster, pod_id, claim->cause,
                            left_ms > FORCED_GRACE_MIN_MS ? left_ms : FORCED_GRACE_MIN_MS);
        return true;
    }
    if (cluster->pods.state[pod_id] == WB_POD_STATE_TERMINATING) {
        return true;
    }
    const int64_t free_ms = wb_karpenter_protected_until(self, pod_id);
    if (now_ms < free_ms) {
        back_off_until(eviction, free_ms, forced_ms);
        return false;
    }
    if (wb_cluster_evict_pod(cluster, pod_id, claim->cause) == WB_EVICTION_REFUSED) {
        back_off(eviction);
        return false;
    }
    return true;
}

/* A look when the next of the node's pods is given up, for nothing else will call for one. */
static void schedule_stuck_look(wb_karpenter *self, uint32_t claim_id)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_cluster_node *node = &cluster->nodes[self->claims[claim_id].node_id];
    int64_t next_ms = INT64_MAX;
    for (uint32_t pod_id = node->is_unreachable ? node->first_pod : WB_NO_ID; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        const int64_t stuck_ms = stuck_after_ms(self, node, pod_id);
        next_ms = stuck_ms >= self->env.kernel->now_ms && stuck_ms < next_ms ? stuck_ms : next_ms;
    }
    if (next_ms != INT64_MAX) {
        schedule_look(self, claim_id, next_ms + 1);
    }
}

static void work_queue(wb_karpenter *self, uint32_t claim_id)
{
    wb_karpenter_claim *claim = &self->claims[claim_id];
    const int64_t now_ms = self->env.kernel->now_ms;
    uint32_t kept = 0;
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < claim->eviction_count; i++) {
        wb_karpenter_eviction eviction = claim->evictions[i];
        if (eviction.due_ms <= now_ms && try_eviction(self, claim, &eviction)) {
            continue;
        }
        next_ms = eviction.due_ms < next_ms ? eviction.due_ms : next_ms;
        claim->evictions[kept++] = eviction;
    }
    claim->eviction_count = kept;
    if (next_ms != INT64_MAX) {
        schedule_eviction(self, claim_id, next_ms);
    }
    schedule_stuck_look(self, claim_id);
}

void wb_karpenter_on_evict(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->gone_ms >= 0 || claim->is_terminating ||
        claim->eviction_due_ms > self->env.kernel->now_ms) {
        return;
    }
    claim->eviction_due_ms = INT64_MAX;
    work_queue(self, claim_id);
}

/* ---- the drain ---- */

/* What one look at a node finds. */
typedef struct drain_look {
    uint32_t *pod_ids; /* waited for, oldest first; solve arena */
    uint32_t count;
    unsigned group;    /* the first that is not empty; pods to be forced belong to none */
    int64_t forced_ms; /* the next time after which a pod that is in no queue is forced */
} drain_look;

static drain_look look_at_node(wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_cluster_node *node = &cluster->nodes[claim->node_id];
    const int64_t now_ms = self->env.kernel->now_ms;
    drain_look look = {
        .pod_ids = WB_ARENA_ARRAY(&self->solve_arena, uint32_t, node->pod_count + 1),
        .group = GROUP_NONE,
        .forced_ms = INT64_MAX,
    };
    for (uint32_t pod_id = node->first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        if (!is_waited_for(self, pod_id) || now_ms > stuck_after_ms(self, node, pod_id)) {
            continue;
        }
        look.pod_ids[look.count++] = pod_id;
        const int64_t forced_ms = forced_after_ms(self, claim, pod_id);
        if (now_ms > forced_ms) {
            continue;
        }
        look.forced_ms = forced_ms < look.forced_ms ? forced_ms : look.forced_ms;
        const unsigned group = group_of(self, pod_id);
        look.group = group < look.group ? group : look.group;
    }
    for (uint32_t i = 0; i < look.count / 2; i++) { /* the node's chain is newest first */
        const uint32_t pod_id = look.pod_ids[i];
        look.pod_ids[i] = look.pod_ids[look.count - 1 - i];
        look.pod_ids[look.count - 1 - i] = pod_id;
    }
    return look;
}

/* Evicting changes the node's chain of pods, so the queue works after the look. */
static void evict_first_group(wb_karpenter *self, uint32_t claim_id, const drain_look *look)
{
    wb_karpenter_claim *claim = &self->claims[claim_id];
    for (uint32_t i = 0; i < look->count; i++) {
        const uint32_t pod_id = look->pod_ids[i];
        if (self->env.kernel->now_ms > forced_after_ms(self, claim, pod_id) ||
            group_of(self, pod_id) == look->group) {
            enqueue(self, claim, pod_id);
        }
    }
    work_queue(self, claim_id);
    if (look->forced_ms != INT64_MAX) {
        schedule_look(self, claim_id, look->forced_ms + 1);
    }
}

/* Tells the cloud to end the instance; refused, it is told again after a back-off. */
static void end_instance(wb_karpenter *self, uint32_t claim_id)
{
    wb_karpenter_claim *claim = &self->claims[claim_id];
    claim->is_terminating = true;
    if (wb_cloud_terminate(self->env.cloud, claim->instance_id, claim->cause) == NULL) {
        return;
    }
    claim->is_terminating = false;
    const uint32_t doublings = claim->end_failure_count < 6 ? claim->end_failure_count : 6;
    const int64_t wait_ms = WB_MS_PER_SECOND << doublings;
    claim->end_failure_count++;
    schedule_look(self, claim_id,
                  self->env.kernel->now_ms +
                      (wait_ms < END_RETRY_MAX_MS ? wait_ms : END_RETRY_MAX_MS));
}

/* A node that is not Ready and whose instance is gone is not drained. Of an instance that went as
 * it should the cloud says so, and its Node goes with it. */
static bool is_finished(const wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const wb_instance *instance = &self->env.cloud->instances[claim->instance_id];
    return instance->has_vanished && instance->state == WB_INSTANCE_TERMINATED &&
           !self->env.cluster->nodes[claim->node_id].is_ready;
}

void wb_karpenter_on_drain(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    const int64_t now_ms = self->env.kernel->now_ms;
    if (claim->gone_ms >= 0 || claim->is_terminating || claim->look_due_ms > now_ms) {
        return;
    }
    claim->look_due_ms = INT64_MAX;
    if (claim->node_id == WB_NO_ID) { /* it never registered; the call to end it was refused */
        end_instance(self, claim_id);
        return;
    }
    if (is_finished(self, claim)) {
        const wb_cause cause = claim->cause;
        wb_cluster_remove_node(self->env.cluster, claim->node_id, cause);
        wb_karpenter_on_gone(self, self->claims[claim_id].instance_id, cause);
        return;
    }
    const wb_arena_mark mark = wb_arena_get_mark(&self->solve_arena);
    const drain_look look = look_at_node(self, claim);
    if (look.count > 0) {
        evict_first_group(self, claim_id, &look);
    } else if (now_ms < claim->deleted_ms + MINIMUM_DRAIN_MS) {
        schedule_look(self, claim_id, claim->deleted_ms + MINIMUM_DRAIN_MS);
    } else {
        end_instance(self, claim_id);
        wb_karpenter_wake_loop(self); /* the node counts in no budget any more */
    }
    wb_arena_rewind(&self->solve_arena, mark);
}

void wb_karpenter_note_left(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->deleted_ms >= 0 && claim->gone_ms < 0 && !claim->is_terminating) {
        schedule_look(self, claim_id, self->env.kernel->now_ms);
    }
}

void wb_karpenter_delete_claim(wb_karpenter *self, uint32_t claim_id, wb_cause cause)
{
    assert(claim_id < self->claim_count);
    const int64_t grace_ms = self->claims[claim_id].origin->termination_grace_period_ms;
    wb_karpenter_end_claim(self, claim_id, cause,
                           grace_ms >= 0 ? self->env.kernel->now_ms + grace_ms : -1);
}

void wb_karpenter_end_claim(wb_karpenter *self, uint32_t claim_id, wb_cause cause,
                            int64_t deadline_ms)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->deleted_ms >= 0 || claim->gone_ms >= 0 ||
        (claim->is_orphaned && cause != WB_CAUSE_GARBAGE_COLLECTION)) {
        return;
    }
    const int64_t now_ms = self->env.kernel->now_ms;
    claim->deleted_ms = now_ms;
    claim->cause = cause;
    claim->is_marked = true;
    wb_karpenter_mark_state(self);
    wb_karpenter_note_static(self, claim->pool);
    claim->look_due_ms = INT64_MAX;
    claim->eviction_due_ms = INT64_MAX;
    claim->deadline_ms = deadline_ms;
    if (claim->node_id == WB_NO_ID) { /* not registered: the instance is ended directly */
        end_instance(self, claim_id);
        wb_karpenter_note_change(self); /* pods that were meant for it go round again */
        wb_karpenter_wake_loop(self);
        return;
    }
    wb_cluster_add_node_taint(self->env.cluster, claim->node_id,
                              (wb_taint){.key = WB_NAME_TAINT_DISRUPTED,
                                         .effect = WB_TAINT_NO_SCHEDULE});
    wb_cluster_set_node_draining(self->env.cluster, claim->node_id, true);
    wb_karpenter_update_node(self, claim_id);
    schedule_look(self, claim_id, now_ms);
    if (self->env.cluster->nodes[claim->node_id].movable_pod_count > 0) {
        wb_karpenter_trigger(self); /* the deleting node's pods need places */
    }
}
