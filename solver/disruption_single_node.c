/*
 * Single-node consolidation: one candidate after the other, until one is worth it.
 * Source: spec/disruption.md sections 4 (the deal) and 9.3.
 */
#include <assert.h>

#include "solver/disruption_internal.h"

/* NodePools in the order in which they are dealt to, each with its candidates in theirs. */
typedef struct deal {
    uint32_t *pools; /* indices of pools that have candidates */
    uint32_t pool_count;
    uint32_t *next; /* per pool of the picture: where to look on in the sorted list */
} deal;

static bool is_dealt_to(const deal *made, uint32_t pool_index)
{
    for (uint32_t i = 0; i < made->pool_count; i++) {
        if (made->pools[i] == pool_index) {
            return true;
        }
    }
    return false;
}

static bool has_candidates(wb_disruption_candidates candidates, uint32_t pool_index)
{
    for (uint32_t i = 0; i < candidates.count; i++) {
        if (candidates.items[i].pool_index == pool_index) {
            return true;
        }
    }
    return false;
}

/* Pools that the last search did not reach come first, then by first appearance. */
static deal start_deal(const wb_disruption *disruption, wb_disruption_candidates candidates)
{
    const wb_disruption_state *state = disruption->state;
    deal made = {.pools = WB_ARENA_ARRAY(disruption->arena, uint32_t, state->pool_count),
                 .next = WB_ARENA_ARRAY(disruption->arena, uint32_t, state->pool_count)};
    for (uint32_t u = 0; u < state->unseen_pool_count; u++) {
        for (uint32_t p = 0; p < state->pool_count; p++) {
            if (state->pools[p].nodepool->name == state->unseen_pools[u] &&
                has_candidates(candidates, p) && !is_dealt_to(&made, p)) {
                made.pools[made.pool_count++] = p;
            }
        }
    }
    for (uint32_t i = 0; i < candidates.count; i++) {
        if (!is_dealt_to(&made, candidates.items[i].pool_index)) {
            made.pools[made.pool_count++] = candidates.items[i].pool_index;
        }
    }
    return made;
}

/* One of each pool in turn: the first of each, the second of each, and so on. */
static const wb_disruption_candidate *deal_out(const wb_disruption *disruption, deal *made,
                                               wb_disruption_candidates candidates)
{
    wb_disruption_candidate *dealt =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_candidate, candidates.count);
    uint32_t count = 0;
    while (count < candidates.count) {
        for (uint32_t p = 0; p < made->pool_count; p++) {
            uint32_t *next = &made->next[made->pools[p]];
            while (*next < candidates.count &&
                   candidates.items[*next].pool_index != made->pools[p]) {
                (*next)++;
            }
            if (*next < candidates.count) {
                dealt[count++] = candidates.items[(*next)++];
            }
        }
    }
    return dealt;
}

/* Pools that nobody was looked at of. */
static void list_unseen(const wb_disruption *disruption, const deal *made, const bool *is_seen,
                        wb_disruption_outcome *out)
{
    uint32_t *names = WB_ARENA_ARRAY(disruption->arena, uint32_t, made->pool_count);
    for (uint32_t p = 0; p < made->pool_count; p++) {
        if (!is_seen[made->pools[p]]) {
            names[out->unseen_pool_count++] =
                disruption->state->pools[made->pools[p]].nodepool->name;
        }
    }
    out->unseen_pools = names;
}

void wb_disruption_compute_single_node(
    wb_disruption *disruption, wb_disruption_candidates candidates,
    /* NOLINTNEXTLINE(readability-non-const-parameter): a method */
    int64_t *allowed, wb_disruption_outcome *out)
{
    assert(candidates.count > 0);
    const wb_disruption_state *state = disruption->state;
    deal made = start_deal(disruption, candidates);
    const wb_disruption_candidate *dealt = deal_out(disruption, &made, candidates);
    bool *is_seen = WB_ARENA_ARRAY(disruption->arena, bool, state->pool_count);
    out->commands = WB_ARENA_NEW(disruption->arena, wb_disruption_command);
    for (uint32_t i = 0; i < candidates.count && out->command_count == 0; i++) {
        const wb_disruption_candidate *candidate = &dealt[i];
        if (state->single_node_limit > 0 && out->simulation_count == state->single_node_limit) {
            out->is_cut_off = true;
            list_unseen(disruption, &made, is_seen, out);
            return;
        }
        is_seen[candidate->pool_index] = true;
        if (allowed[candidate->pool_index] <= 0) {
            wb_disruption_note(disruption, candidate->node_index, WB_BLOCKED_BUDGET);
            out->is_constrained = true;
            continue;
        }
        if (!wb_disruption_may_pass(disruption, candidate)) {
            wb_disruption_note(disruption, candidate->node_index, WB_BLOCKED_SCORE);
            continue;
        }
        const wb_disruption_set set = {candidate, 1};
        out->simulation_count++;
        out->command_count = wb_disruption_consolidate(disruption, set, WB_DISRUPTION_SINGLE_NODE,
                                                       &out->commands[0]);
    }
}
