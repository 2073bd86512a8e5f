/*
 * Existing nodes: the first place that a pod is tried. Source: spec/scheduling.md section 7(a).
 */
#include <assert.h>
#include <string.h>

#include "solver/host_ports.h"
#include "solver/provisioning_internal.h"

static bool node_has_room(const wb_live_node *live, const wb_solver_shape *shape)
{
    assert(live != NULL && shape != NULL);
    if (live->is_full) {
        return false;
    }
    for (uint32_t i = 0; i < shape->demands.count; i++) {
        const wb_demand *demand = &shape->demands.items[i];
        const int64_t left =
            demand->resource < live->remaining_count ? live->remaining[demand->resource] : 0;
        if (demand->amount > left) {
            return false;
        }
    }
    return true;
}

static bool ports_are_free(const wb_live_node *live, const wb_solver_shape *shape)
{
    assert(live != NULL && shape != NULL);
    if (shape->port_count == 0) {
        return true;
    }
    for (uint32_t e = 0; e < live->node->entry_count; e++) {
        const wb_solver_shape *running = live->node->entries[e]->shape;
        if (wb_host_ports_clash(shape->ports, shape->port_count, running->ports,
                                running->port_count)) {
            return false;
        }
    }
    return !wb_host_ports_clash(shape->ports, shape->port_count, live->ports, live->port_count);
}

bool wb_provisioning_is_restricted(const wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    const wb_solver_pod *pod = &solve->problem->pods[pod_index];
    const uint8_t *roles = solve->problem->node_roles;
    return pod->bound_node_index != UINT32_MAX && (pod->flags & WB_SOLVER_POD_PENDING) == 0 &&
           (roles == NULL || roles[pod->bound_node_index] != WB_NODE_ROLE_DELETING);
}

/* The node's requirements with the pod on it, volumes and topology included; false: refused. */
static bool narrow_node(wb_solve *solve, const wb_live_node *live, uint32_t pod_index,
                        wb_requirements *out)
{
    assert(solve != NULL && live != NULL && out != NULL);
    const wb_pod_state *pod = &solve->pods[pod_index];
    const wb_intern *intern = solve->world->intern;
    wb_arena *arena = solve->arena;
    if (wb_requirements_compatible(intern, live->requirements, pod->variant->requirements,
                                   WB_UNDEFINED_NONE, NULL) != WB_COMPATIBLE) {
        return false;
    }
    const wb_requirements with_pod =
        wb_requirements_merge(arena, intern, live->requirements, pod->variant->requirements);
    static const wb_requirements nothing = {0};
    const wb_volume_choices *volumes = wb_provisioning_volumes(solve, pod_index);
    const uint32_t choices = volumes != NULL ? volumes->count : 1;
    for (uint32_t c = 0; c < choices; c++) {
        const wb_requirements asked = volumes != NULL ? volumes->alternatives[c] : nothing;
        if (wb_requirements_compatible(intern, with_pod, asked, WB_UNDEFINED_NONE, NULL) !=
            WB_COMPATIBLE) {
            continue;
        }
        const wb_requirements with_volumes = wb_requirements_merge(arena, intern, with_pod, asked);
        const wb_topology_query query = {
            .variant = pod->variant,
            .owned = &wb_provisioning_variant_state(solve, pod->variant)->owned,
            .selecting = wb_provisioning_kind_state(solve, pod->shape->kind)->selecting,
            .host_index = live->node_index,
            .node_side = with_volumes,
        };
        wb_requirements narrowed = {0};
        uint32_t key = 0;
        if (wb_topology_narrow(&solve->topology, arena, &query, &narrowed, &key) &&
            wb_requirements_compatible(intern, with_volumes, narrowed, WB_UNDEFINED_NONE, NULL) ==
                WB_COMPATIBLE) {
            *out = wb_requirements_merge(arena, intern, with_volumes, narrowed);
            return true;
        }
    }
    return false;
}

bool wb_provisioning_node_accepts(wb_solve *solve, const wb_live_node *live, uint32_t pod_index,
                                  wb_requirements *out)
{
    assert(live != NULL);
    assert(solve != NULL && out != NULL);
    const wb_pod_state *pod = &solve->pods[pod_index];
    const wb_solver_shape *shape = pod->shape;
    solve->work.node_checks++;
    if ((live->only_pending && wb_provisioning_is_restricted(solve, pod_index)) ||
        !wb_taints_tolerated(solve->world->intern, live->node->blocking, live->node->blocking_count,
                             pod->variant->tolerance)) {
        return false;
    }
    if (shape->has_claim_volumes && live->node->attach_limit_count > 0) {
        const wb_volume_query query = {live->node,
                                       live->volume_pods,
                                       live->volume_pod_count,
                                       {shape->template, solve->problem->pods[pod_index].name,
                                        shape->kind->labels->namespace_name}};
        if (!wb_volumes_fit(solve->arena, solve->world->intern, solve->problem, &query)) {
            return false;
        }
    }
    return ports_are_free(live, shape) && node_has_room(live, shape) &&
           narrow_node(solve, live, pod_index, out);
}

/* Copies what the solve is about to change. */
static void touch_node(wb_solve *solve, wb_live_node *live)
{
    assert(solve != NULL && live != NULL);
    if (live->left == NULL) {
        live->left = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count);
        memcpy(live->left, live->remaining, live->remaining_count * sizeof(*live->left));
        live->remaining = live->left;
        live->remaining_count = solve->resource_count;
        wb_provisioning_base *base = solve->base;
        base->changed[base->changed_count++] = (uint32_t)(live - base->nodes);
    }
}

void wb_provisioning_place_on_node(wb_solve *solve, wb_live_node *live, uint32_t pod_index,
                                   wb_requirements requirements)
{
    assert(live != NULL);
    assert(solve != NULL);
    const wb_pod_state *pod = &solve->pods[pod_index];
    const wb_solver_shape *shape = pod->shape;
    touch_node(solve, live);
    if (!wb_requirements_equals(live->requirements, requirements)) {
        live->requirements = requirements;
        solve->node_version++;
    }
    for (uint32_t i = 0; i < shape->demands.count; i++) {
        live->left[shape->demands.items[i].resource] -= shape->demands.items[i].amount;
    }
    for (uint32_t i = 0; i < shape->port_count; i++) {
        live->ports = wb_arena_grow(solve->arena, live->ports, live->port_count,
                                    live->port_count + 1U, sizeof(*live->ports));
        live->ports[live->port_count++] = shape->ports[i];
    }
    if (shape->has_claim_volumes) {
        live->volume_pods = wb_arena_grow(solve->arena, live->volume_pods, live->volume_pod_count,
                                          live->volume_pod_count + 1U, sizeof(*live->volume_pods));
        live->volume_pods[live->volume_pod_count++] =
            (wb_volume_pod){shape->template, solve->problem->pods[pod_index].name,
                            shape->kind->labels->namespace_name};
    }
    const wb_kind_state *state = wb_provisioning_kind_state(solve, pod->shape->kind);
    const wb_topology_placement placement = {
        .selecting = state->selecting,
        .inverse = &state->inverse,
        .host_index = live->node_index,
        .requirements = requirements,
        .taints = live->node->blocking,
        .taint_count = live->node->blocking_count,
    };
    wb_topology_record(&solve->topology, &placement);
    solve->placements[pod_index].node_index = live->node_index;
}

bool wb_provisioning_try_nodes(wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    for (uint32_t i = 0; i < solve->node_count; i++) {
        const wb_arena_mark mark = wb_arena_get_mark(solve->arena);
        wb_requirements requirements = {0};
        if (wb_provisioning_node_accepts(solve, &solve->nodes[i], pod_index, &requirements)) {
            wb_provisioning_place_on_node(solve, &solve->nodes[i], pod_index, requirements);
            return true;
        }
        wb_arena_rewind(solve->arena, mark);
    }
    return false;
}
