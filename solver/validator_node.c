/*
 * Existing nodes: that they take pods at all, and that all that comes still fits.
 */
#include <assert.h>
#include <string.h>

#include "solver/validator_internal.h"

static const char *node_name(const wb_validation *of, uint32_t node_index)
{
    return wb_intern_text(of->intern, of->input->nodes[node_index].desc->name);
}

/* ---- taints ---- */

/* Kubelet, cloud and Karpenter take these away themselves. */
static bool goes_by_itself(const wb_intern *intern, const wb_taint *taint)
{
    static const char readiness[] = "readiness.k8s.io/";
    const bool is_no_schedule = taint->effect == WB_TAINT_NO_SCHEDULE;
    const bool is_no_execute = taint->effect == WB_TAINT_NO_EXECUTE;
    return (taint->key == WB_NAME_TAINT_NOT_READY && (is_no_schedule || is_no_execute)) ||
           (taint->key == WB_NAME_TAINT_UNREACHABLE && is_no_schedule) ||
           (taint->key == WB_NAME_TAINT_UNINITIALIZED && is_no_schedule) ||
           (taint->key == WB_NAME_TAINT_UNREGISTERED && is_no_execute) ||
           strncmp(wb_intern_text(intern, taint->key), readiness, sizeof(readiness) - 1) == 0;
}

bool wb_validator_taint_blocks(const wb_validation *of, const wb_solver_node_desc *desc,
                               const wb_taint *taint)
{
    if (taint->effect == WB_TAINT_PREFER_NO_SCHEDULE) {
        return false;
    }
    if (!desc->is_managed || desc->is_initialized) {
        return true;
    }
    for (uint32_t i = 0; i < desc->startup_taint_count; i++) {
        if (desc->startup_taints[i].key == taint->key &&
            desc->startup_taints[i].effect == taint->effect) {
            return false;
        }
    }
    return !goes_by_itself(of->intern, taint);
}

/* ---- roles ---- */

bool wb_validator_node_is_offered(const wb_validation *of, uint32_t node_index)
{
    assert(node_index < of->problem->node_count);
    const uint8_t *roles = of->problem->node_roles;
    return roles == NULL || roles[node_index] == WB_NODE_ROLE_OFFERED ||
           roles[node_index] == WB_NODE_ROLE_OFFERED_TO_PENDING;
}

bool wb_validator_node_stays(const wb_validation *of, uint32_t node_index)
{
    assert(node_index < of->problem->node_count);
    const uint8_t *roles = of->problem->node_roles;
    return roles == NULL || (roles[node_index] != WB_NODE_ROLE_REMOVED &&
                             roles[node_index] != WB_NODE_ROLE_DELETING);
}

/* A node that is offered to pending pods takes those that have not started yet, and those of nodes
 * being deleted, too. */
static bool may_take(const wb_validation *of, uint32_t node_index, uint32_t pod_index)
{
    const uint8_t *roles = of->problem->node_roles;
    const wb_solver_pod *pod = &of->problem->pods[pod_index];
    return wb_validator_node_is_offered(of, node_index) &&
           (roles == NULL || roles[node_index] == WB_NODE_ROLE_OFFERED ||
            pod->bound_node_index == UINT32_MAX || (pod->flags & WB_SOLVER_POD_PENDING) != 0 ||
            roles[pod->bound_node_index] == WB_NODE_ROLE_DELETING);
}

static bool check_roles(wb_validation *of)
{
    for (uint32_t i = 0; i < of->problem->pod_count; i++) {
        const uint32_t node_index = of->result->placements[i].node_index;
        if (node_index != WB_PLACED_ON_NONE && !may_take(of, node_index, i)) {
            wb_text_add_format(of->violation, "%s goes to node %s, which is not offered to it",
                               wb_validator_pod_name(of, i), node_name(of, node_index));
            return false;
        }
    }
    return true;
}

/* ---- room ---- */

/* What pods of a node ask for. */
typedef struct node_load {
    wb_resource_list all, placed, daemons; /* everybody; who comes now; running daemons */
} node_load;

static wb_resource_list times(const wb_validation *of, wb_resource_list list, uint32_t count)
{
    if (count == 1) {
        return list;
    }
    wb_resource *items = WB_ARENA_ARRAY(of->arena, wb_resource, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        items[i] = (wb_resource){list.items[i].name, list.items[i].amount * count};
    }
    return (wb_resource_list){.items = items, .count = list.count};
}

static node_load load_of(const wb_validation *of, uint32_t node_index)
{
    node_load load = {0};
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *one = &of->residents[i];
        if (one->host != node_index) {
            continue;
        }
        const wb_resource_list asked =
            times(of, of->classes[one->class_id].template->requests, one->count);
        load.all = wb_resource_list_add(of->arena, load.all, asked);
        if (one->pod_index != UINT32_MAX) {
            load.placed = wb_resource_list_add(of->arena, load.placed, asked);
        }
        if (one->is_daemon) {
            load.daemons = wb_resource_list_add(of->arena, load.daemons, asked);
        }
    }
    return load;
}

/* What the node shows, or its claim where a starting node shows nothing yet. */
static int64_t allocatable(const wb_solver_node_desc *desc, uint32_t resource, bool *out_is_known)
{
    const bool is_starting = desc->is_managed && !desc->is_initialized;
    const int64_t shown = wb_resource_list_get(desc->allocatable, resource);
    *out_is_known = wb_resource_list_has(desc->allocatable, resource) ||
                    (is_starting && wb_resource_list_has(desc->claim_allocatable, resource));
    return shown == 0 && is_starting ? wb_resource_list_get(desc->claim_allocatable, resource)
                                     : shown;
}

static bool check_room(wb_validation *of, uint32_t node_index)
{
    const wb_solver_node_desc *desc = of->input->nodes[node_index].desc;
    const node_load load = load_of(of, node_index);
    if (load.placed.count == 0) {
        return true; /* however full it was before */
    }
    const wb_resource_list expected = wb_validator_node_daemons(of, node_index);
    const wb_resource_list total = wb_resource_list_add(
        of->arena, load.all,
        wb_resource_list_max(of->arena, (wb_resource_list){0},
                             wb_resource_list_subtract(of->arena, expected, load.daemons)));
    for (uint32_t i = 0; i < total.count; i++) {
        const uint32_t resource = total.items[i].name;
        bool is_known = false;
        const int64_t there = allocatable(desc, resource, &is_known);
        const int64_t asked =
            is_known ? total.items[i].amount : wb_resource_list_get(load.placed, resource);
        if (asked > there) {
            wb_text_add_format(of->violation,
                               "node %s has %lld of %s allocatable, its pods ask for %lld",
                               node_name(of, node_index), (long long)there,
                               wb_intern_text(of->intern, resource), (long long)asked);
            return false;
        }
    }
    return true;
}

bool wb_validator_check_nodes(wb_validation *of)
{
    if (!check_roles(of)) {
        return false;
    }
    bool *has_new = WB_ARENA_ARRAY(of->arena, bool, of->problem->node_count + 1U);
    for (uint32_t i = 0; i < of->problem->pod_count; i++) {
        if (of->result->placements[i].node_index != WB_PLACED_ON_NONE) {
            has_new[of->result->placements[i].node_index] = true;
        }
    }
    for (uint32_t n = 0; n < of->problem->node_count; n++) {
        if (has_new[n] && !check_room(of, n)) {
            return false;
        }
    }
    return true;
}
