/*
 * The end of a NodeClaim: taint, drain that respects PDBs, at least 5 s, then the instance.
 * Source: spec/disruption.md section 17.
 */
#include <assert.h>

#include "base/duration.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define STEP_MS          WB_MS_PER_SECOND        /* the drain is looked at each second */
#define MINIMUM_DRAIN_MS (5 * WB_MS_PER_SECOND)  /* to catch pods scheduled in the race */
#define RETRY_MAX_MS     (10 * WB_MS_PER_SECOND) /* back-off of refused evictions */

void wb_karpenter_delete_claim(wb_karpenter *self, uint32_t claim_id, wb_cause cause)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->deleted_ms >= 0 || claim->gone_ms >= 0) {
        return;
    }
    const int64_t now_ms = self->env.kernel->now_ms;
    claim->deleted_ms = now_ms;
    claim->cause = cause;
    claim->is_marked = true;
    claim->drain_retry_ms = STEP_MS;
    const int64_t grace_ms = claim->pool->termination_grace_period_ms;
    claim->deadline_ms = grace_ms >= 0 ? now_ms + grace_ms : -1;
    if (claim->node_id == WB_NO_ID) { /* not registered: the instance is ended directly */
        claim->is_terminating = true;
        wb_cloud_terminate(self->env.cloud, claim->instance_id, cause);
        return;
    }
    wb_cluster_add_node_taint(self->env.cluster, claim->node_id,
                              (wb_taint){.key = WB_NAME_TAINT_DISRUPTED,
                                         .effect = WB_TAINT_NO_SCHEDULE});
    wb_cluster_set_node_draining(self->env.cluster, claim->node_id, true);
    wb_karpenter_update_node(self, claim_id);
    wb_karpenter_schedule(self, now_ms, WB_KARPENTER_EVENT_DRAIN, claim_id);
    if (self->env.cluster->nodes[claim->node_id].movable_pod_count > 0) {
        wb_karpenter_trigger(self); /* the deleting node's pods need places */
    }
}

static bool is_protected(const wb_pod_template *template)
{
    return wb_labels_get(template->annotations, WB_NAME_DO_NOT_DISRUPT) == WB_NAME_TRUE;
}

static bool tolerates_drain(const wb_karpenter *self, const wb_pod_template *template)
{
    const wb_taint taint = {.key = WB_NAME_TAINT_DISRUPTED, .effect = WB_TAINT_NO_SCHEDULE};
    return wb_tolerations_tolerate(self->env.intern, template->tolerations,
                                   template->toleration_count, &taint);
}

/* A pod past (deadline - its own grace period) is deleted whatever PDBs say. */
static bool is_overdue(const wb_karpenter *self, const wb_karpenter_claim *claim,
                       const wb_pod_template *template)
{
    return claim->deadline_ms >= 0 &&
           self->env.kernel->now_ms > claim->deadline_ms - template->grace_period_ms;
}

typedef struct drain_state {
    uint32_t waiting_count; /* pods that the drain waits for */
    bool was_refused;
} drain_state;

static void drain_pod(wb_karpenter *self, const wb_karpenter_claim *claim, uint32_t pod_id,
                      drain_state *state)
{
    wb_cluster *cluster = self->env.cluster;
    const wb_pod_template *template = wb_cluster_pod_template(cluster, pod_id);
    if (cluster->pods.state[pod_id] == WB_POD_STATE_TERMINATING) {
        state->waiting_count++;
        return;
    }
    if (!wb_karpenter_pod_is_reschedulable(self, pod_id) || tolerates_drain(self, template)) {
        return; /* DaemonSet pods go with the machine */
    }
    state->waiting_count++;
    if (is_overdue(self, claim, template)) {
        const int64_t left_ms = claim->deadline_ms - self->env.kernel->now_ms;
        wb_cluster_kill_pod(cluster, pod_id, claim->cause,
                            left_ms > WB_MS_PER_SECOND ? left_ms : WB_MS_PER_SECOND);
    } else if (!is_protected(template) &&
               wb_cluster_evict_pod(cluster, pod_id, claim->cause) == WB_EVICTION_REFUSED) {
        state->was_refused = true;
    }
}

/* Evicting changes the node's chain of pods, so the ids are noted first. */
static drain_state drain_node(wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_cluster_node *node = &cluster->nodes[claim->node_id];
    const wb_arena_mark mark = wb_arena_get_mark(&self->solve_arena);
    uint32_t *pod_ids = WB_ARENA_ARRAY(&self->solve_arena, uint32_t, node->pod_count + 1);
    uint32_t count = 0;
    for (uint32_t pod_id = node->first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        assert(count < node->pod_count);
        pod_ids[count++] = pod_id;
    }
    drain_state state = {0};
    for (uint32_t i = count; i-- > 0;) { /* the chain is newest first: oldest go first */
        drain_pod(self, claim, pod_ids[i], &state);
    }
    wb_arena_rewind(&self->solve_arena, mark);
    return state;
}

void wb_karpenter_on_drain(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    const int64_t now_ms = self->env.kernel->now_ms;
    if (claim->gone_ms >= 0 || claim->is_terminating) {
        return;
    }
    const drain_state state = drain_node(self, claim);
    claim = &self->claims[claim_id];
    const int64_t earliest_ms = claim->deleted_ms + MINIMUM_DRAIN_MS;
    if (state.waiting_count == 0 && now_ms >= earliest_ms) {
        claim->is_terminating = true;
        wb_cloud_terminate(self->env.cloud, claim->instance_id, claim->cause);
        return;
    }
    int64_t next_ms = now_ms + STEP_MS;
    if (state.was_refused) { /* eviction back-off doubles; the drain need not look more often */
        next_ms = now_ms + claim->drain_retry_ms;
        claim->drain_retry_ms =
            claim->drain_retry_ms * 2 < RETRY_MAX_MS ? claim->drain_retry_ms * 2 : RETRY_MAX_MS;
    } else if (state.waiting_count == 0) {
        next_ms = earliest_ms;
    }
    wb_karpenter_schedule(self, next_ms, WB_KARPENTER_EVENT_DRAIN, claim_id);
}
