#include "solver/disruption.h"

#include <assert.h>

#include "kube/names.h"
#include "solver/disruption_internal.h"

static const wb_disruption_ops methods[WB_DISRUPTION_METHOD_COUNT] = {
    [WB_DISRUPTION_EMPTINESS] = {.name = "emptiness",
                                 .reason_name = "Empty",
                                 .reason = WB_DISRUPTION_EMPTY,
                                 .waits = true,
                                 .keeps = wb_disruption_keeps_empty,
                                 .compute = wb_disruption_compute_emptiness},
    [WB_DISRUPTION_STATIC_DRIFT] = {.name = "static drift",
                                    .reason_name = "Drifted",
                                    .reason = WB_DISRUPTION_DRIFTED,
                                    .is_eventual = true,
                                    .keeps = wb_disruption_keeps_static_drift,
                                    .compute = wb_disruption_compute_static_drift},
    [WB_DISRUPTION_DRIFT] = {.name = "drift",
                             .reason_name = "Drifted",
                             .reason = WB_DISRUPTION_DRIFTED,
                             .is_eventual = true,
                             .keeps = wb_disruption_keeps_drift,
                             .compute = wb_disruption_compute_drift},
    [WB_DISRUPTION_MULTI_NODE] = {.name = "multi-node consolidation",
                                  .reason_name = "Underutilized",
                                  .reason = WB_DISRUPTION_UNDERUTILIZED,
                                  .waits = true,
                                  .keeps = wb_disruption_keeps_consolidation,
                                  .compute = wb_disruption_compute_multi_node},
    [WB_DISRUPTION_SINGLE_NODE] = {.name = "single-node consolidation",
                                   .reason_name = "Underutilized",
                                   .reason = WB_DISRUPTION_UNDERUTILIZED,
                                   .waits = true,
                                   .keeps = wb_disruption_keeps_consolidation,
                                   .compute = wb_disruption_compute_single_node},
};

static const struct {
    uint32_t bit;
    const char *name, *sentence;
} words[] = {
    {WB_BLOCKED_QUEUED, "queued", "it is part of a running command"},
    {WB_BLOCKED_NOT_MANAGED, "not-managed", "it has no NodeClaim"},
    {WB_BLOCKED_NO_NODE, "no-node", "its node has not joined yet"},
    {WB_BLOCKED_NOT_INITIALIZED, "not-initialized", "it is not initialized"},
    {WB_BLOCKED_DELETING, "deleting", "it is deleting or marked for deletion"},
    {WB_BLOCKED_NOMINATED, "nominated", "a pending pod is on its way to it"},
    {WB_BLOCKED_NODE_DO_NOT_DISRUPT, "node-do-not-disrupt",
     "the node is annotated karpenter.sh/do-not-disrupt"},
    {WB_BLOCKED_NO_NODEPOOL_LABEL, "no-nodepool-label", "it has no label karpenter.sh/nodepool"},
    {WB_BLOCKED_NODEPOOL_NOT_FOUND, "nodepool-not-found",
     "its NodePool is not there, or has no instance types"},
    {WB_BLOCKED_POD_DO_NOT_DISRUPT, "pod-do-not-disrupt",
     "a pod is annotated karpenter.sh/do-not-disrupt"},
    {WB_BLOCKED_PDB, "pdb", "a PodDisruptionBudget allows no eviction now"},
    {WB_BLOCKED_MULTIPLE_PDBS, "multiple-pdbs",
     "a pod is under several PodDisruptionBudgets, which the eviction API refuses"},
    {WB_BLOCKED_INSTANCE_TYPE_NOT_FOUND, "instance-type-not-found",
     "its instance type is not one of the NodePool's, so its price is not known"},
    {WB_BLOCKED_NO_CAPACITY_TYPE, "no-capacity-type",
     "it has no label karpenter.sh/capacity-type, so its price is not known"},
    {WB_BLOCKED_NO_ZONE, "no-zone",
     "it has no label topology.kubernetes.io/zone, so its price is not known"},
    {WB_BLOCKED_CONSOLIDATION_DISABLED, "consolidation-disabled",
     "its NodePool has consolidateAfter: Never"},
    {WB_BLOCKED_BUFFER_PODS, "buffer-pods", "it holds room for buffer pods"},
    {WB_BLOCKED_POLICY_WHEN_EMPTY, "policy-when-empty",
     "its NodePool consolidates empty nodes only, and it is not empty"},
    {WB_BLOCKED_PODS_WOULD_NOT_SCHEDULE, "pods-would-not-schedule",
     "not all of its pods would find another place"},
    {WB_BLOCKED_UNINITIALIZED_DESTINATION, "uninitialized-destination",
     "its pods would go to a node that is still starting"},
    {WB_BLOCKED_MORE_THAN_ONE_NEW_NODE, "more-than-one-new-node",
     "its pods would need more than one new node"},
    {WB_BLOCKED_NOT_CHEAPER, "not-cheaper", "no cheaper node could take its pods"},
    {WB_BLOCKED_MIN_VALUES, "min-values-after-price-filter",
     "too few of the cheaper types are left for minValues"},
    {WB_BLOCKED_SPOT_TO_SPOT_DISABLED, "spot-to-spot-disabled",
     "it is a spot node, and SpotToSpotConsolidation is off"},
    {WB_BLOCKED_SPOT_TO_SPOT_TOO_FEW, "spot-to-spot-too-few-types",
     "it is a spot node, and fewer than 15 cheaper types would do"},
    {WB_BLOCKED_NOT_CONSOLIDATABLE, "not-consolidatable",
     "consolidateAfter has not passed since pods last came or went"},
    {WB_BLOCKED_BUDGET, "budget", "the NodePool's budgets allow no further disruption"},
    {WB_BLOCKED_SCORE, "score", "the saving is too small for the pods it would disturb"},
};

/* The world has its nodes by name; those of the picture are marked, and met in that order. */
static uint32_t *order_by_name(const wb_disruption *disruption)
{
    wb_solver_world *world = disruption->world;
    const wb_disruption_state *state = disruption->state;
    uint32_t *order = wb_arena_alloc(disruption->arena, state->node_count * sizeof(*order));
    const uint64_t serial = ++world->solve_serial;
    world->stamp_serial = serial;
    for (uint32_t i = 0; i < state->node_count; i++) {
        state->nodes[i].solver_node->host_index = i;
        state->nodes[i].solver_node->solve_serial = serial;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < world->node_count; i++) {
        if (world->nodes_by_name[i]->solve_serial == serial) {
            order[count++] = world->nodes_by_name[i]->host_index;
        }
    }
    assert(count == state->node_count); /* they are all of this world, each once */
    return order;
}

wb_disruption *wb_disruption_new(wb_arena *arena, wb_arena *scratch,
                                 const wb_disruption_state *state)
{
    assert(arena != scratch);
    assert(state->world != NULL && state->frame != NULL);
    wb_disruption *made = WB_ARENA_NEW(arena, wb_disruption);
    made->arena = arena;
    made->scratch = scratch;
    made->state = state;
    made->world = state->world;
    made->intern = wb_solver_world_intern(state->world);
    made->blocked = WB_ARENA_ARRAY(arena, uint32_t, state->node_count);
    made->blocked_pool = WB_ARENA_ARRAY(arena, uint32_t, state->pool_count);
    made->pool_of_node = WB_ARENA_ARRAY(arena, uint32_t, state->node_count);
    made->facts = WB_ARENA_ARRAY(arena, wb_disruption_facts, state->node_count);
    made->shape_count = wb_solver_world_shape_count(state->world);
    made->shapes = WB_ARENA_ARRAY(arena, wb_disruption_shape, made->shape_count);
    made->solver_nodes = WB_ARENA_ARRAY(arena, wb_solver_node *, state->node_count);
    made->roles = WB_ARENA_ARRAY(arena, uint8_t, state->node_count);
    for (uint32_t i = 0; i < state->node_count; i++) {
        wb_solver_node *node = state->nodes[i].solver_node;
        const uint32_t pool = wb_labels_get(node->labels, WB_NAME_NODEPOOL);
        made->solver_nodes[i] = node;
        made->pool_of_node[i] = UINT32_MAX;
        for (uint32_t p = 0; p < state->pool_count && pool != 0; p++) {
            if (state->pools[p].nodepool->name == pool) {
                made->pool_of_node[i] = p;
            }
        }
    }
    made->by_name = order_by_name(made);
    return made;
}

const wb_disruption_ops *wb_disruption_ops_of(wb_disruption_method method)
{
    assert(method < WB_DISRUPTION_METHOD_COUNT);
    return &methods[method];
}

wb_disruption_outcome wb_disruption_compute(wb_disruption *disruption, wb_disruption_method method)
{
    assert(disruption != NULL);
    const wb_disruption_ops *ops = wb_disruption_ops_of(method);
    const wb_disruption_candidates candidates = wb_disruption_find(disruption, method);
    wb_disruption_outcome outcome = {.candidate_count = candidates.count};
    if (candidates.count > 0) {
        int64_t *allowed = wb_disruption_allowances(disruption, ops->reason);
        ops->compute(disruption, candidates, allowed, &outcome);
    }
    return outcome;
}

uint32_t wb_disruption_reason(wb_disruption_method method)
{
    return wb_disruption_ops_of(method)->reason;
}

const char *wb_disruption_reason_name(wb_disruption_method method)
{
    return wb_disruption_ops_of(method)->reason_name;
}

const char *wb_disruption_method_name(wb_disruption_method method)
{
    return wb_disruption_ops_of(method)->name;
}

bool wb_disruption_waits(wb_disruption_method method)
{
    return wb_disruption_ops_of(method)->waits;
}

uint32_t wb_disruption_blocked(const wb_disruption *disruption, uint32_t node_index)
{
    assert(node_index < disruption->state->node_count);
    return disruption->blocked[node_index];
}

uint32_t wb_disruption_blocked_pool(const wb_disruption *disruption, uint32_t pool_index)
{
    assert(pool_index < disruption->state->pool_count);
    return disruption->blocked_pool[pool_index];
}

static size_t word_of(uint32_t bit)
{
    size_t index = 0;
    while (index < sizeof(words) / sizeof(words[0]) && words[index].bit != bit) {
        index++;
    }
    assert(index < sizeof(words) / sizeof(words[0])); /* one of the WB_BLOCKED_* bits */
    return index;
}

const char *wb_disruption_blocked_name(uint32_t bit)
{
    return words[word_of(bit)].name;
}

const char *wb_disruption_blocked_sentence(uint32_t bit)
{
    return words[word_of(bit)].sentence;
}

const wb_disruption_pod *wb_disruption_pod_of(const wb_disruption *disruption, uint32_t node_index,
                                              uint32_t pod_index)
{
    assert(node_index < disruption->state->node_count);
    assert(pod_index < disruption->state->nodes[node_index].pod_count);
    return &disruption->state->nodes[node_index].pods[pod_index];
}
