/*
 * The cluster as the solver's disruption code wants to see it, at one moment.
 *
 * A picture lives in the solve arena and shows the living NodeClaims in order of their ids, so that
 * a node index is an index into living_claims. Pods are listed for nodes that they matter for:
 * possible candidates, those that are going anyway, and all of a pool under Balanced, whose totals
 * count everybody.
 */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

/* Calendar time of a moment of the simulation; -1 stays "not yet". */
static int64_t epoch_of(const wb_karpenter *self, int64_t at_ms)
{
    return at_ms < 0 ? -1 : self->env.cluster->options.epoch_unix_ms + at_ms;
}

uint32_t wb_karpenter_pod_uid(wb_karpenter *self, uint32_t pod_id)
{
    if (pod_id >= self->uid_capacity) {
        const uint32_t old = self->uid_capacity;
        self->uid_capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)pod_id + 1);
        self->uids = wb_heap_memory_resize(self->uids, self->uid_capacity, sizeof self->uids[0]);
        for (uint32_t i = old; i < self->uid_capacity; i++) {
            self->uids[i] = 0;
        }
    }
    if (self->uids[pod_id] == 0) {
        char uid[24];
        (void)snprintf(uid, sizeof uid, "%010u", pod_id); /* equal pods are ordered by age */
        self->uids[pod_id] = wb_intern_add(self->env.intern, uid);
    }
    return self->uids[pod_id];
}

static wb_owner_kind owner_kind(const wb_cluster *cluster, uint32_t pod_id)
{
    if ((cluster->pods.flags[pod_id] & WB_POD_IS_DAEMON) != 0) {
        return WB_OWNER_DAEMON_SET; /* static pods too: neither is ever made anew elsewhere */
    }
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    return owner_id == WB_NO_ID ? WB_OWNER_NONE : cluster->owners[owner_id].kind;
}

static wb_disruption_pod picture_pod(wb_karpenter *self, uint32_t pod_id)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_pod_table *pods = &cluster->pods;
    const wb_shape *shape = &cluster->shapes[pods->shape_id[pod_id]];
    const bool is_starting = pods->state[pod_id] == WB_POD_STATE_STARTING;
    return (wb_disruption_pod){
        .namespace_name = shape->namespace_name,
        .uid = wb_karpenter_pod_uid(self, pod_id),
        .shape_id = wb_karpenter_shape(self, pod_id),
        .template = shape->template,
        .created_ms = epoch_of(self, pods->created_ms[pod_id]),
        .start_ms = epoch_of(self, pods->bound_ms[pod_id]),
        .owner_kind = owner_kind(cluster, pod_id),
        .phase = is_starting ? WB_POD_PENDING : WB_POD_RUNNING,
        .is_terminating = pods->state[pod_id] == WB_POD_STATE_TERMINATING,
        .ready_is_false = is_starting,
    };
}

static void list_pods(wb_karpenter *self, const wb_karpenter_claim *claim, wb_disruption_node *out)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_cluster_node *node = &cluster->nodes[claim->node_id];
    wb_disruption_pod *pods =
        wb_arena_alloc(&self->solve_arena, (node->pod_count + 1U) * sizeof pods[0]);
    for (uint32_t pod_id = node->first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        assert(out->pod_count < node->pod_count);
        pods[out->pod_count++] = picture_pod(self, pod_id);
    }
    out->pods = pods;
}

static bool is_balanced(const wb_nodepool *pool)
{
    return pool->consolidation_policy == WB_CONSOLIDATE_BALANCED;
}

static wb_disruption_node picture_node(wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    const bool has_node = claim->node_id != WB_NO_ID;
    wb_disruption_node made = {
        .solver_node = claim->node,
        .has_claim = !claim->is_orphaned,
        .is_ready = has_node && self->env.cluster->nodes[claim->node_id].is_ready,
        .is_queued = claim->command_id != WB_NO_ID && claim->is_marked,
        .is_marked = claim->is_marked,
        .is_terminating = claim->is_terminating,
        .is_nominated = claim->nominated_until_ms > now_ms,
        .is_protected =
            wb_labels_get(claim->origin->annotations, WB_NAME_DO_NOT_DISRUPT) == WB_NAME_TRUE,
        .is_consolidatable = wb_disruption_is_consolidatable(claim->pool, claim->initialized_ms,
                                                             claim->last_pod_event_ms, now_ms),
        .created_ms = epoch_of(self, claim->created_ms),
        .initialized_ms = epoch_of(self, claim->initialized_ms),
        .last_pod_event_ms = epoch_of(self, claim->last_pod_event_ms),
        .drifted_ms = epoch_of(self, claim->drifted_ms),
        .expire_after_ms = claim->origin->expire_after_ms,
        .termination_grace_period_ms = claim->origin->termination_grace_period_ms,
    };
    const bool may_go =
        claim->initialized_ms >= 0 && !claim->is_marked && !made.is_nominated &&
        (claim->drifted_ms >= 0 ||
         (claim->pool->consolidate_after_ms != WB_DURATION_NEVER && made.is_consolidatable));
    if (has_node && (may_go || claim->is_marked || is_balanced(claim->pool))) {
        list_pods(self, claim, &made);
    }
    return made;
}

/* PDBs with what they allow now in their status. */
static void fill_pdbs(wb_karpenter *self, wb_disruption_state *out)
{
    const wb_cluster *cluster = self->env.cluster;
    wb_pdb *pdbs = WB_ARENA_ARRAY(&self->solve_arena, wb_pdb, cluster->pdb_count);
    for (uint32_t i = 0; i < cluster->pdb_count; i++) {
        pdbs[i] = cluster->pdbs[i];
        pdbs[i].status_is_set = true;
        pdbs[i].disruptions_allowed = wb_cluster_pdb_allowed(cluster, &cluster->pdbs[i]);
        pdbs[i].current_healthy = cluster->pdb_counts[i].healthy;
        pdbs[i].expected_pods = cluster->pdb_counts[i].expected;
    }
    out->pdbs = pdbs;
    out->pdb_count = cluster->pdb_count;
}

static void fill_pools(wb_karpenter *self, wb_disruption_state *out)
{
    wb_disruption_pool *pools =
        WB_ARENA_ARRAY(&self->solve_arena, wb_disruption_pool, self->pool_count);
    for (uint32_t i = 0; i < self->pool_count; i++) {
        pools[i] =
            (wb_disruption_pool){.nodepool = &self->pools[i], .catalog = self->pool_catalogs[i]};
    }
    out->pools = pools;
    out->pool_count = self->pool_count;
}

/* The searches' time limits, as numbers of removals. */
static void set_limits(const wb_karpenter *self, wb_disruption_state *out)
{
    const wb_decision_latency *latency = &self->contender->decision_latency;
    const uint32_t types = wb_solver_world_type_count(self->world);
    const uint32_t nodes = self->living_count;
    out->multi_node_limit =
        wb_decision_latency_removals_in_time(latency, nodes, types,
                                             WB_DECISION_LATENCY_MULTI_NODE_LIMIT_MS);
    out->single_node_limit =
        wb_decision_latency_removals_in_time(latency, nodes, types,
                                             WB_DECISION_LATENCY_SINGLE_NODE_LIMIT_MS);
    out->unseen_pools = self->unseen_pools;
    out->unseen_pool_count = self->unseen_pool_count;
}

wb_disruption *wb_karpenter_take_picture(wb_karpenter *self)
{
    assert(self->world != NULL);
    wb_solver_problem *frame = WB_ARENA_NEW(&self->solve_arena, wb_solver_problem);
    wb_karpenter_begin_problem(self, frame);
    wb_disruption_node *nodes =
        WB_ARENA_ARRAY(&self->solve_arena, wb_disruption_node, self->living_count);
    for (uint32_t i = 0; i < self->living_count; i++) {
        nodes[i] = picture_node(self, &self->claims[self->living_claims[i]]);
    }
    wb_solver_pod *pending =
        wb_arena_alloc(&self->solve_arena, (self->waiting_count + 1U) * sizeof pending[0]);
    wb_disruption_state *state = WB_ARENA_NEW(&self->solve_arena, wb_disruption_state);
    *state = (wb_disruption_state){
        .now_ms = epoch_of(self, self->env.kernel->now_ms),
        .world = self->world,
        .nodes = nodes,
        .node_count = self->living_count,
        .pending_pods = pending,
        .pending_pod_count = wb_karpenter_add_waiting_pods(self, frame, pending, NULL),
        .frame = frame,
        .spot_to_spot = self->settings.spot_to_spot,
        .work = &self->work,
    };
    set_limits(self, state);
    fill_pools(self, state);
    fill_pdbs(self, state);
    return wb_disruption_new(&self->solve_arena, &self->scratch_arena, state);
}

/* A replacement that outlives the picture: its launch comes up to 15 s later. */
static wb_disruption_replacement keep_replacement(wb_karpenter *self,
                                                  const wb_disruption_replacement *found)
{
    static const wb_resource_list nothing = {0};
    wb_arena *arena = self->env.arena;
    wb_disruption_replacement kept = *found;
    uint32_t *types = WB_ARENA_ARRAY(arena, uint32_t, (size_t)found->type_count + 1);
    for (uint32_t i = 0; i < found->type_count; i++) {
        types[i] = found->type_indices[i];
    }
    kept.type_indices = types;
    kept.requirements = wb_requirements_copy(arena, found->requirements);
    kept.requests = wb_resource_list_add(arena, found->requests, nothing);
    return kept;
}

wb_disruption_command wb_karpenter_keep_command(wb_karpenter *self,
                                                const wb_disruption_command *found)
{
    wb_arena *arena = self->env.arena;
    wb_disruption_command kept = *found;
    kept.candidates = NULL; /* indices of a picture that goes */
    kept.moves = NULL;
    kept.move_count = 0;
    uint32_t *names = WB_ARENA_ARRAY(arena, uint32_t, found->candidate_count);
    for (uint32_t i = 0; i < found->candidate_count; i++) {
        names[i] = found->candidate_names[i];
    }
    kept.candidate_names = names;
    wb_disruption_replacement *replacements =
        WB_ARENA_ARRAY(arena, wb_disruption_replacement, found->replacement_count);
    for (uint32_t i = 0; i < found->replacement_count; i++) {
        replacements[i] = keep_replacement(self, &found->replacements[i]);
    }
    kept.replacements = replacements;
    return kept;
}
