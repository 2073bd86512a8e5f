/*
 * What is under way when a dump is taken: pods that wait for a node get one, nodes that are being
 * deleted go, unless something holds their pods.
 *
 * Karpenter sees to both within seconds, so the dry run does before it looks for commands. It is
 * one solve, told as a command without a method.
 */
#include <assert.h>

#include "kube/names.h"
#include "scenarios/one_shot/consolidate_internal.h"

/* Nodes on their way out whose pods may be evicted. */
static uint32_t find_leaving(wb_consolidate_cluster *cluster, wb_disruption *picture,
                             uint32_t *out_nodes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < cluster->state.node_count; i++) {
        const wb_disruption_holder *holders = NULL;
        if (cluster->state.nodes[i].is_marked && wb_disruption_holders(picture, i, &holders) == 0) {
            out_nodes[count++] = i;
        }
    }
    return count;
}

/* The pods of the solve: pending ones, then those of leaving nodes. */
static uint32_t gather(const wb_consolidate_cluster *cluster, const uint32_t *leaving,
                       uint32_t leaving_count, wb_solver_pod *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < cluster->state.pending_pod_count; i++) {
        out[count++] = cluster->state.pending_pods[i];
    }
    for (uint32_t l = 0; l < leaving_count; l++) {
        const wb_disruption_node *node = &cluster->state.nodes[leaving[l]];
        for (uint32_t p = 0; p < node->pod_count; p++) {
            const wb_disruption_pod *pod = &node->pods[p];
            if (wb_consolidate_is_reschedulable(pod)) {
                out[count++] = (wb_solver_pod){
                    .name = pod->name,
                    .namespace_name = pod->namespace_name,
                    .uid = pod->uid,
                    .created_ms = pod->created_ms,
                    .shape_id = pod->shape_id,
                    .bound_node_index = leaving[l],
                    .flags = pod->is_terminating ? WB_SOLVER_POD_TERMINATING : 0,
                };
            }
        }
    }
    return count;
}

static wb_solver_result solve(wb_consolidate_cluster *cluster, const wb_solver_pod *pods,
                              uint32_t pod_count)
{
    const wb_disruption_state *state = &cluster->state;
    wb_solver_node **nodes = WB_ARENA_ARRAY(&cluster->pass, wb_solver_node *, state->node_count);
    uint8_t *roles = WB_ARENA_ARRAY(&cluster->pass, uint8_t, state->node_count);
    for (uint32_t i = 0; i < state->node_count; i++) {
        nodes[i] = state->nodes[i].solver_node;
        roles[i] = state->nodes[i].is_marked ? WB_NODE_ROLE_DELETING : WB_NODE_ROLE_OFFERED;
    }
    wb_solver_problem problem = cluster->frame;
    problem.pods = pods;
    problem.pod_count = pod_count;
    problem.nodes = nodes;
    problem.node_roles = roles;
    problem.node_count = state->node_count;
    return wb_provisioning_solve(&cluster->pass, cluster->world, &problem);
}

static uint32_t name_of(const wb_disruption_state *state, uint32_t node_index)
{
    return node_index < state->node_count
               ? wb_solver_node_name(state->nodes[node_index].solver_node)
               : 0;
}

/* The outcome in the form of a command. Pools of the world are the input's. */
static wb_disruption_command describe(wb_consolidate_cluster *cluster,
                                      const wb_solver_result *result, const wb_solver_pod *pods,
                                      uint32_t pod_count)
{
    wb_disruption_replacement *made =
        WB_ARENA_ARRAY(&cluster->pass, wb_disruption_replacement, result->claim_count);
    wb_disruption_move *moves = WB_ARENA_ARRAY(&cluster->pass, wb_disruption_move, pod_count);
    for (uint32_t i = 0; i < result->claim_count; i++) {
        const wb_solver_claim *claim = &result->claims[i];
        made[i] = (wb_disruption_replacement){
            .nodepool = wb_solver_world_pool(cluster->world, claim->pool_index),
            .requirements = claim->requirements,
            .type_indices = claim->type_indices,
            .type_count = claim->type_count,
            .requests = claim->requests,
            .pod_count = claim->pod_count,
        };
    }
    wb_disruption_command command = {.method = WB_DISRUPTION_METHOD_COUNT,
                                     .replacements = made,
                                     .replacement_count = result->claim_count,
                                     .moves = moves};
    for (uint32_t i = 0; i < pod_count; i++) {
        const wb_solver_placement *placement = &result->placements[i];
        if (placement->refused != 0) {
            continue;
        }
        moves[command.move_count++] = (wb_disruption_move){
            .name = pods[i].name,
            .namespace_name = pods[i].namespace_name,
            .from_node = name_of(&cluster->state, pods[i].bound_node_index),
            .to_node = name_of(&cluster->state, placement->node_index),
            .replacement_index = placement->claim_index,
        };
    }
    return command;
}

static void tell(wb_consolidate_cluster *cluster, const wb_consolidate_step *done)
{
    for (uint32_t i = 0; i < done->launched_count; i++) {
        const wb_consolidate_node *node = &done->launched[i];
        wb_consolidate_note(cluster, "first %s (%s %s %s, %.4f an hour) is launched for %u pods",
                            wb_intern_text(cluster->intern, node->name),
                            wb_intern_text(cluster->intern, node->type),
                            wb_intern_text(cluster->intern, node->market),
                            wb_intern_text(cluster->intern, node->zone), node->price_usd_per_hour,
                            node->pod_count);
    }
    for (uint32_t i = 0; i < done->removed_count; i++) {
        wb_consolidate_note(cluster, "first %s, which is being deleted, goes",
                            wb_intern_text(cluster->intern, done->removed[i].name));
    }
    if (done->move_count > 0) {
        wb_consolidate_note(cluster, "first %u pods that wait, or must leave, find a place",
                            done->move_count);
    }
}

bool wb_consolidate_provision(wb_consolidate_cluster *cluster)
{
    assert(cluster != NULL);
    wb_disruption *picture = wb_consolidate_look(cluster, false);
    const wb_disruption_state *state = &cluster->state;
    uint32_t *leaving = WB_ARENA_ARRAY(&cluster->pass, uint32_t, state->node_count);
    const uint32_t leaving_count = find_leaving(cluster, picture, leaving);
    size_t room = state->pending_pod_count;
    for (uint32_t i = 0; i < leaving_count; i++) {
        room += state->nodes[leaving[i]].pod_count;
    }
    wb_solver_pod *pods = WB_ARENA_ARRAY(&cluster->pass, wb_solver_pod, room);
    const uint32_t pod_count = gather(cluster, leaving, leaving_count, pods);
    if (pod_count == 0 && leaving_count == 0) {
        return false;
    }
    const wb_solver_result result = solve(cluster, pods, pod_count);
    wb_disruption_command command = describe(cluster, &result, pods, pod_count);
    uint32_t *names = WB_ARENA_ARRAY(&cluster->pass, uint32_t, leaving_count);
    for (uint32_t i = 0; i < leaving_count; i++) {
        names[i] = name_of(state, leaving[i]);
    }
    command.candidate_names = names;
    command.candidate_count = leaving_count;
    wb_consolidate_step done;
    if (!wb_consolidate_apply(cluster, &command, &done)) {
        wb_consolidate_note(cluster, "pods that wait for a node wait on: nothing can be launched");
        return false;
    }
    tell(cluster, &done);
    return true;
}
