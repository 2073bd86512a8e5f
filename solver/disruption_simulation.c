/*
 * Where the pods of a set of nodes would go if the nodes went. Source: spec/disruption.md section
 * 6.
 *
 * A search simulates up to as many removals as there are candidates. What they have in common (the
 * nodes and who may use them, the room on each, the pods of nodes that are going anyway) is put
 * together once; one removal changes the roles of its candidates and changes them back.
 */
#include <assert.h>

#include "base/duration.h"
#include "kube/names.h"
#include "solver/disruption_internal.h"

/* A node within its own consolidateAfter takes no pods that run now. Nodes of pools that take no
 * part in simulations (static, not ready) and of those that never consolidate do. */
static bool is_within_consolidate_after(const wb_disruption *disruption, uint32_t node_index)
{
    const wb_disruption_state *state = disruption->state;
    const wb_disruption_node *node = &state->nodes[node_index];
    const uint32_t pool_index = disruption->pool_of_node[node_index];
    if (pool_index == UINT32_MAX || !node->has_claim || node->initialized_ms < 0) {
        return false;
    }
    const wb_nodepool *pool = state->pools[pool_index].nodepool;
    if (pool->consolidate_after_ms == 0 || pool->consolidate_after_ms == WB_DURATION_NEVER ||
        wb_solver_world_find_pool(disruption->world, pool->name) == UINT32_MAX) {
        return false;
    }
    return !wb_disruption_is_consolidatable(pool, node->initialized_ms, node->last_pod_event_ms,
                                            state->now_ms);
}

static void set_roles(wb_disruption *disruption, bool is_consolidation)
{
    if (disruption->roles_are_known && disruption->roles_are_consolidation == is_consolidation) {
        return;
    }
    for (uint32_t i = 0; i < disruption->state->node_count; i++) {
        wb_node_role role = WB_NODE_ROLE_OFFERED;
        if (disruption->state->nodes[i].is_marked) {
            role = WB_NODE_ROLE_DELETING;
        } else if (is_consolidation && is_within_consolidate_after(disruption, i)) {
            role = WB_NODE_ROLE_OFFERED_TO_PENDING;
        }
        disruption->roles[i] = (uint8_t)role;
    }
    disruption->base = NULL;
    disruption->roles_are_known = true;
    disruption->roles_are_consolidation = is_consolidation;
}

static wb_solver_pod solver_pod(const wb_disruption_pod *pod, uint32_t node_index)
{
    return (wb_solver_pod){
        .name = pod->name,
        .namespace_name = pod->namespace_name,
        .uid = pod->uid,
        .created_ms = pod->created_ms,
        .shape_id = pod->shape_id,
        .bound_node_index = node_index,
        .flags = (pod->is_terminating ? WB_SOLVER_POD_TERMINATING : 0) |
                 (pod->phase == WB_POD_PENDING ? WB_SOLVER_POD_PENDING : 0),
    };
}

/* The pods of a node that the simulation finds a place for. */
static const wb_disruption_facts *find_moving(wb_disruption *disruption, uint32_t node_index)
{
    wb_disruption_facts *facts = &disruption->facts[node_index];
    if (facts->moving != NULL) {
        return facts;
    }
    const wb_disruption_node *node = &disruption->state->nodes[node_index];
    wb_solver_pod *moving =
        wb_arena_alloc(disruption->arena, (node->pod_count + 1U) * sizeof(*moving));
    facts->moving_count = 0;
    for (uint32_t i = 0; i < node->pod_count; i++) {
        if (wb_disruption_pod_moves(disruption, &node->pods[i])) {
            moving[facts->moving_count++] = solver_pod(&node->pods[i], node_index);
        }
    }
    facts->moving = moving;
    return facts;
}

/* Pods of nodes that are going anyway: the same in every simulation of a picture. */
static void find_deleting_pods(wb_disruption *disruption)
{
    if (disruption->deleting_pods != NULL) {
        return;
    }
    const wb_disruption_state *state = disruption->state;
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->node_count; i++) {
        count += state->nodes[i].is_marked ? find_moving(disruption, i)->moving_count : 0;
    }
    wb_solver_pod *pods = wb_arena_alloc(disruption->arena, (count + 1U) * sizeof(*pods));
    uint32_t at = 0;
    for (uint32_t i = 0; i < state->node_count; i++) {
        const wb_disruption_facts *facts = &disruption->facts[i];
        for (uint32_t p = 0; state->nodes[i].is_marked && p < facts->moving_count; p++) {
            pods[at++] = facts->moving[p];
        }
    }
    disruption->deleting_pods = pods;
    disruption->deleting_pod_count = count;
}

/* Pending pods, the candidates', those of deleting nodes: topology groups come into being in this
 * order. */
static void gather_pods(wb_disruption *disruption, wb_disruption_set set, wb_disruption_trial *out)
{
    const wb_disruption_state *state = disruption->state;
    size_t room = (size_t)state->pending_pod_count + disruption->deleting_pod_count + 1;
    for (uint32_t i = 0; i < set.count; i++) {
        room += find_moving(disruption, set.items[i].node_index)->moving_count;
    }
    wb_solver_pod *pods = wb_arena_alloc(disruption->scratch, room * sizeof(*pods));
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->pending_pod_count; i++) {
        assert(state->pending_pods[i].bound_node_index == UINT32_MAX);
        pods[count++] = state->pending_pods[i];
    }
    out->pending_count = count;
    for (uint32_t i = 0; i < set.count; i++) {
        const wb_disruption_facts *facts = &disruption->facts[set.items[i].node_index];
        for (uint32_t p = 0; p < facts->moving_count; p++) {
            pods[count++] = facts->moving[p];
        }
    }
    for (uint32_t i = 0; i < disruption->deleting_pod_count; i++) {
        pods[count++] = disruption->deleting_pods[i];
    }
    out->pods = pods;
    out->pod_count = count;
}

/* What became of the pods that run now. A pod on a node that is still starting has no place yet,
 * unless its own node is going anyway. */
static uint32_t find_misplaced(const wb_disruption *disruption, const wb_disruption_trial *trial)
{
    const wb_disruption_state *state = disruption->state;
    uint32_t blocked = 0;
    for (uint32_t i = trial->pending_count; i < trial->pod_count; i++) {
        const wb_solver_placement *placement = &trial->result.placements[i];
        if (placement->refused != 0) {
            blocked |= WB_BLOCKED_PODS_WOULD_NOT_SCHEDULE;
        } else if (placement->node_index != WB_PLACED_ON_NONE &&
                   !state->nodes[trial->pods[i].bound_node_index].is_marked &&
                   !state->nodes[placement->node_index].solver_node->is_initialized) {
            blocked |= WB_BLOCKED_UNINITIALIZED_DESTINATION;
        }
    }
    /* As Karpenter words it, one pod that waits for a node tells more than those without any. */
    return (blocked & WB_BLOCKED_UNINITIALIZED_DESTINATION) != 0
               ? WB_BLOCKED_UNINITIALIZED_DESTINATION
               : blocked;
}

/* The problem that all simulations share, but for its pods. */
static wb_solver_problem start_problem(wb_disruption *disruption)
{
    const wb_disruption_state *state = disruption->state;
    wb_solver_problem problem = *state->frame;
    problem.options.reserved_mode = WB_RESERVED_FALLBACK;
    problem.nodes = disruption->solver_nodes;
    problem.node_roles = disruption->roles;
    problem.node_count = state->node_count;
    problem.pods = NULL;
    problem.pod_count = 0;
    if (disruption->base == NULL && !problem.options.plain) {
        disruption->base = wb_provisioning_base_new(disruption->arena, disruption->world, &problem);
    }
    return problem;
}

bool wb_disruption_simulate(wb_disruption *disruption, wb_disruption_set set, bool is_consolidation,
                            wb_disruption_trial *out)
{
    assert(set.count > 0);
    const wb_disruption_state *state = disruption->state;
    for (uint32_t i = 0; i < set.count; i++) {
        if (state->nodes[set.items[i].node_index].is_marked) {
            return false;
        }
    }
    *out = (wb_disruption_trial){0};
    set_roles(disruption, is_consolidation);
    find_deleting_pods(disruption);
    gather_pods(disruption, set, out);
    wb_solver_problem problem = start_problem(disruption);
    problem.pods = out->pods;
    problem.pod_count = out->pod_count;
    uint8_t *kept = wb_arena_alloc(disruption->scratch, set.count);
    uint32_t *removed = wb_arena_alloc(disruption->scratch, set.count * sizeof(*removed));
    for (uint32_t i = 0; i < set.count; i++) {
        removed[i] = set.items[i].node_index;
        kept[i] = disruption->roles[removed[i]];
        disruption->roles[removed[i]] = WB_NODE_ROLE_REMOVED;
    }
    out->result = problem.options.plain
                      ? wb_provisioning_solve(disruption->scratch, disruption->world, &problem)
                      : wb_provisioning_solve_from(disruption->scratch, disruption->base, &problem,
                                                   removed, set.count);
    for (uint32_t i = 0; i < set.count; i++) {
        disruption->roles[set.items[i].node_index] = kept[i];
    }
    if (state->work != NULL) {
        state->work->simulations++;
        state->work->requirement_checks += wb_provisioning_check_count(&out->result.work);
    }
    out->blocked = find_misplaced(disruption, out);
    return true;
}
