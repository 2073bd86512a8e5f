/*
 * A solve in the words of the validator, read from the solver's own tables: for debug builds, where
 * the objects themselves are not at hand. What the tables have wrong the validator can't see then;
 * tests that have the objects give them to wb_validator_accepts.
 */
#include <assert.h>

#include "solver/solver_node_internal.h"
#include "solver/validator_internal.h"

/* ---- the world ---- */

static const wb_catalog *catalog_of(const wb_solver_world *world, const wb_world_pool *pool)
{
    for (uint32_t c = 0; c < world->catalog_count; c++) {
        if (world->catalog_first_type[c] == pool->type_begin &&
            world->catalogs[c]->type_count == pool->type_end - pool->type_begin) {
            return world->catalogs[c];
        }
    }
    assert(false); /* every pool has one */
    return NULL;
}

static wb_solver_world_desc describe_world(wb_arena *arena, const wb_solver_world *world)
{
    wb_solver_pool *pools = WB_ARENA_ARRAY(arena, wb_solver_pool, world->pool_count + 1U);
    for (uint32_t p = 0; p < world->pool_count; p++) {
        pools[p].nodepool = world->pools[p].nodepool;
        pools[p].catalog = catalog_of(world, &world->pools[p]);
    }
    const wb_pod_template **daemons =
        WB_ARENA_ARRAY(arena, const wb_pod_template *, world->daemon_count + 1U);
    for (uint32_t d = 0; d < world->daemon_count; d++) {
        daemons[d] = world->daemons[d].template;
    }
    return (wb_solver_world_desc){
        .intern = world->intern,
        .pools = pools,
        .pool_count = world->pool_count,
        .daemon_templates = daemons,
        .daemon_count = world->daemon_count,
        .min_values_best_effort = world->min_values_best_effort,
        .reserved_capacity_off = world->reserved_capacity_off,
    };
}

/* ---- nodes ---- */

static wb_resource_list list_of(wb_arena *arena, const wb_solver_node *node, const int64_t *amounts,
                                const bool *is_listed)
{
    wb_resource_list made = {0};
    for (uint32_t r = 0; r < node->resource_count; r++) {
        if (is_listed == NULL ? amounts[r] != 0 : is_listed[r]) {
            made = wb_resource_list_with(arena, made, node->world->resource_names[r], amounts[r]);
        }
    }
    return made;
}

static bool is_blocking(const wb_solver_node *node, const wb_taint *taint)
{
    for (uint32_t i = 0; i < node->blocking_count; i++) {
        if (node->blocking[i].key == taint->key && node->blocking[i].effect == taint->effect) {
            return true;
        }
    }
    return false;
}

/* Taints that the node passes over stand as startup taints: it does not keep those apart. */
static const wb_solver_node_desc *describe_node(wb_arena *arena, const wb_solver_node *node)
{
    wb_taint *passed = WB_ARENA_ARRAY(arena, wb_taint, node->taint_count + 1U);
    uint32_t passed_count = 0;
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (!is_blocking(node, &node->taints[i])) {
            passed[passed_count++] = node->taints[i];
        }
    }
    wb_solver_node_desc *made = WB_ARENA_NEW(arena, wb_solver_node_desc);
    *made = (wb_solver_node_desc){
        .name = node->name,
        .nodepool = node->nodepool,
        .labels = node->labels,
        .taints = node->taints,
        .taint_count = node->taint_count,
        .startup_taints = passed,
        .startup_taint_count = passed_count,
        .is_managed = node->is_managed,
        .is_initialized = node->is_initialized,
        .has_node = node->has_node,
        .capacity = list_of(arena, node, node->capacity, NULL),
        .allocatable = list_of(arena, node, node->allocatable, node->has_allocatable),
        .attach_limits = node->attach_limits,
        .attach_limit_count = node->attach_limit_count,
    };
    return made;
}

/* How many of the pods of an entry are in the batch. Entries of one shape (pods with volumes are
 * told apart by name) are filled up in their order: which of them is which matters to nobody. */
static uint32_t count_moved(const wb_solver_problem *problem, uint32_t node_index,
                            uint32_t entry_index)
{
    const wb_solver_node *node = problem->nodes[node_index];
    const wb_node_entry *entry = node->entries[entry_index];
    uint32_t count = 0;
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        count += problem->pods[i].bound_node_index == node_index &&
                 problem->pods[i].shape_id == entry->shape->id;
    }
    for (uint32_t e = 0; e < entry_index; e++) {
        const wb_node_entry *earlier = node->entries[e];
        if (earlier->shape == entry->shape && earlier->flags == 0) {
            count -= earlier->count < count ? earlier->count : count;
        }
    }
    return count < entry->count ? count : entry->count;
}

static wb_validator_node view_node(wb_arena *arena, const wb_solver_problem *problem,
                                   uint32_t node_index, bool moves_pods)
{
    const wb_solver_node *node = problem->nodes[node_index];
    wb_validator_pod *pods = WB_ARENA_ARRAY(arena, wb_validator_pod, node->entry_count * 2U + 1U);
    uint32_t pod_count = 0;
    for (uint32_t e = 0; e < node->entry_count; e++) {
        const wb_node_entry *entry = node->entries[e];
        const bool stays = !moves_pods || entry->flags != 0;
        const uint32_t moved = stays ? 0 : count_moved(problem, node_index, e);
        wb_validator_pod pod = {.template = entry->shape->template,
                                .name = entry->pod_name,
                                .namespace_name = entry->shape->kind->labels->namespace_name,
                                .flags = entry->flags,
                                .count = entry->count - moved};
        if (pod.count > 0) {
            pods[pod_count++] = pod;
        }
        if (moved > 0) {
            pod.count = moved;
            pod.is_in_batch = true;
            pods[pod_count++] = pod;
        }
    }
    return (wb_validator_node){.desc = describe_node(arena, node),
                               .pods = pods,
                               .pod_count = pod_count};
}

bool wb_validator_accepts_solve(const wb_solver_world *world, const wb_solver_problem *problem,
                                const wb_solver_result *result, wb_text *violation)
{
    assert(world != NULL && problem != NULL && result != NULL && violation != NULL);
    wb_arena arena;
    wb_arena_init(&arena, "validator's view", 0, NULL);
    bool moves_pods = false;
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        moves_pods = moves_pods || problem->pods[i].bound_node_index != UINT32_MAX;
    }
    wb_validator_node *nodes = WB_ARENA_ARRAY(&arena, wb_validator_node, problem->node_count + 1U);
    for (uint32_t n = 0; n < problem->node_count; n++) {
        nodes[n] = view_node(&arena, problem, n, moves_pods);
    }
    const wb_pod_template **templates =
        WB_ARENA_ARRAY(&arena, const wb_pod_template *, problem->pod_count + 1U);
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        templates[i] = wb_pod_shape_get(world, problem->pods[i].shape_id)->template;
    }
    const wb_solver_world_desc desc = describe_world(&arena, world);
    const wb_validator_input input = {
        .desc = &desc, .world = world, .problem = problem, .nodes = nodes, .templates = templates};
    const bool accepts = wb_validator_accepts(&input, result, violation);
    wb_arena_release(&arena);
    return accepts;
}
