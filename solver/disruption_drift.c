/*
 * Drift: nodes that no longer are what their NodePool asks for are replaced, whatever it costs.
 * Source: spec/disruption.md section 8.
 */
#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"
#include "solver/disruption_internal.h"

bool wb_disruption_requirements_drifted(wb_arena *scratch, wb_intern *intern,
                                        const wb_nodepool *pool, wb_labels labels)
{
    assert(pool != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(scratch);
    const wb_requirements asked =
        wb_requirements_from_expressions(scratch, intern, pool->requirements,
                                         pool->requirement_count);
    const wb_requirements has = wb_requirements_from_labels(scratch, intern, labels);
    const bool is_met =
        wb_requirements_compatible(intern, has, asked, WB_UNDEFINED_NONE, NULL) == WB_COMPATIBLE;
    wb_arena_rewind(scratch, mark);
    return !is_met;
}

/* A reserved node may have become an on-demand one whose label lags behind. */
static bool market_matches(wb_capacity_type capacity_type, uint32_t market)
{
    switch (capacity_type) {
    case WB_CAPACITY_SPOT: return market == WB_NAME_SPOT;
    case WB_CAPACITY_RESERVED: return market == WB_NAME_RESERVED;
    case WB_CAPACITY_ON_DEMAND: return market == WB_NAME_ON_DEMAND || market == WB_NAME_RESERVED;
    }
    return false;
}

bool wb_disruption_type_not_found(const wb_catalog *catalog, wb_labels labels)
{
    assert(catalog != NULL);
    const uint32_t index = wb_catalog_find(catalog, wb_labels_get(labels, WB_NAME_INSTANCE_TYPE));
    if (index == UINT32_MAX) {
        return true;
    }
    const uint32_t zone = wb_labels_get(labels, WB_NAME_ZONE);
    const uint32_t market = wb_labels_get(labels, WB_NAME_CAPACITY_TYPE);
    const wb_catalog_type *type = &catalog->types[index];
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->offerings[i];
        if ((zone == 0 || offering->zone == zone) &&
            (market == 0 || market_matches(offering->capacity_type, market))) {
            return false; /* a label that is missing restricts nothing */
        }
    }
    return true;
}

static int compare_names(const wb_disruption *disruption, uint32_t left, uint32_t right)
{
    const wb_disruption_node *nodes = disruption->state->nodes;
    const int by_name = strcmp(wb_intern_text(disruption->intern, nodes[left].solver_node->name),
                               wb_intern_text(disruption->intern, nodes[right].solver_node->name));
    return by_name != 0 ? by_name : (left > right) - (left < right);
}

/* Those without anything to move first, so that pods of others don't land on a node that goes next;
 * then the longest drifted; then by name. */
static int compare_drifted(const void *a, const void *b, void *context)
{
    const wb_disruption_candidate *left = a;
    const wb_disruption_candidate *right = b;
    const wb_disruption *disruption = context;
    const bool left_is_empty = left->reschedulable_count == 0;
    const bool right_is_empty = right->reschedulable_count == 0;
    if (left_is_empty != right_is_empty) {
        return left_is_empty ? -1 : 1;
    }
    const int64_t left_ms = disruption->state->nodes[left->node_index].drifted_ms;
    const int64_t right_ms = disruption->state->nodes[right->node_index].drifted_ms;
    if (left_ms != right_ms) {
        return left_ms < right_ms ? -1 : 1;
    }
    return compare_names(disruption, left->node_index, right->node_index);
}

static int compare_by_name(const void *a, const void *b, void *context)
{
    const wb_disruption_candidate *left = a;
    const wb_disruption_candidate *right = b;
    return compare_names(context, left->node_index, right->node_index);
}

static wb_disruption_candidate *sorted_copy(wb_disruption *disruption,
                                            wb_disruption_candidates candidates,
                                            wb_sort_compare compare)
{
    wb_disruption_candidate *sorted =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_candidate, candidates.count);
    memcpy(sorted, candidates.items, candidates.count * sizeof(*sorted));
    wb_sort(sorted, candidates.count, sizeof(*sorted), compare, disruption);
    return sorted;
}

/* One candidate, with as many replacements as its pods need. */
static bool replace(wb_disruption *disruption, const wb_disruption_candidate *candidate,
                    wb_disruption_command *out)
{
    const wb_disruption_set set = {candidate, 1};
    const wb_arena_mark mark = wb_arena_get_mark(disruption->scratch);
    wb_disruption_trial trial;
    uint32_t blocked = WB_BLOCKED_DELETING;
    if (wb_disruption_simulate(disruption, set, false, &trial)) {
        blocked = trial.blocked;
        if (blocked == 0) {
            *out = wb_disruption_command_start(disruption, WB_DISRUPTION_DRIFT, set);
            wb_disruption_command_add_claims(disruption, &trial, out);
            wb_disruption_command_add_moves(disruption, &trial, out);
        }
    }
    wb_arena_rewind(disruption->scratch, mark);
    wb_disruption_note(disruption, candidate->node_index, blocked);
    return blocked == 0;
}

void wb_disruption_compute_drift(wb_disruption *disruption, wb_disruption_candidates candidates,
                                 /* NOLINTNEXTLINE(readability-non-const-parameter): a method */
                                 int64_t *allowed, wb_disruption_outcome *out)
{
    assert(candidates.count > 0);
    const wb_disruption_candidate *sorted = sorted_copy(disruption, candidates, compare_drifted);
    out->commands = WB_ARENA_NEW(disruption->arena, wb_disruption_command);
    for (uint32_t i = 0; i < candidates.count && out->command_count == 0; i++) {
        if (allowed[sorted[i].pool_index] <= 0) {
            wb_disruption_note(disruption, sorted[i].node_index, WB_BLOCKED_BUDGET);
            out->is_constrained = true;
            continue;
        }
        out->simulation_count++;
        out->command_count = replace(disruption, &sorted[i], &out->commands[0]);
    }
}

/* How many nodes of a static pool may be replaced now: none before a scale-down is through, and
 * never beyond limits.nodes. */
static int64_t count_static(const wb_disruption *disruption, uint32_t pool_index, int64_t allowed)
{
    const wb_disruption_state *state = disruption->state;
    const wb_disruption_pool *pool = &state->pools[pool_index];
    int64_t staying = 0; /* running, or about to be replaced by a command */
    int64_t all = 0;
    for (uint32_t i = 0; i < state->node_count; i++) {
        const wb_disruption_node *node = &state->nodes[i];
        if (disruption->pool_of_node[i] == pool_index && node->has_claim) {
            all++;
            staying += !node->is_marked || node->is_queued;
        }
    }
    if (staying > pool->nodepool->replicas) {
        return 0;
    }
    if (pool->nodepool->limit_nodes < 0) {
        return allowed;
    }
    const int64_t room = pool->nodepool->limit_nodes - all - pool->reserved_nodes;
    return room < allowed ? (room > 0 ? room : 0) : allowed;
}

/* The node and one like it, from the pool's template; the provider chooses the type. */
static wb_disruption_command replace_static(wb_disruption *disruption,
                                            const wb_disruption_candidate *candidate)
{
    const wb_disruption_set set = {candidate, 1};
    const wb_nodepool *nodepool = wb_disruption_nodepool(disruption, candidate);
    wb_disruption_command made =
        wb_disruption_command_start(disruption, WB_DISRUPTION_STATIC_DRIFT, set);
    wb_disruption_replacement *replacement =
        WB_ARENA_NEW(disruption->arena, wb_disruption_replacement);
    wb_requirements requirements =
        wb_solver_world_template(disruption->world, disruption->arena, nodepool);
    requirements = wb_requirements_without(disruption->arena, requirements, WB_NAME_REGISTERED);
    requirements = wb_requirements_without(disruption->arena, requirements, WB_NAME_INITIALIZED);
    *replacement = (wb_disruption_replacement){
        .nodepool = nodepool,
        .pool_index = candidate->pool_index,
        .requirements = requirements,
        .cheapest = {UINT32_MAX, UINT32_MAX, 0},
    };
    made.replacements = replacement;
    made.replacement_count = 1;
    return made;
}

void wb_disruption_compute_static_drift(wb_disruption *disruption,
                                        wb_disruption_candidates candidates, int64_t *allowed,
                                        wb_disruption_outcome *out)
{
    assert(candidates.count > 0);
    const wb_disruption_candidate *sorted = sorted_copy(disruption, candidates, compare_by_name);
    const uint32_t pool_count = disruption->state->pool_count;
    int64_t *left = WB_ARENA_ARRAY(disruption->arena, int64_t, pool_count);
    for (uint32_t p = 0; p < pool_count; p++) {
        left[p] = allowed[p] > 0 ? count_static(disruption, p, allowed[p]) : 0;
    }
    out->commands = WB_ARENA_ARRAY(disruption->arena, wb_disruption_command, candidates.count);
    for (uint32_t i = 0; i < candidates.count; i++) {
        if (left[sorted[i].pool_index] <= 0) {
            wb_disruption_note(disruption, sorted[i].node_index, WB_BLOCKED_BUDGET);
            out->is_constrained = true;
            continue;
        }
        left[sorted[i].pool_index]--;
        out->commands[out->command_count++] = replace_static(disruption, &sorted[i]);
    }
}
