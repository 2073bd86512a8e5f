/*
 * Multi-node consolidation: the longest prefix of the sorted candidates that one node, or none,
 * replaces. Source: spec/disruption.md section 9.2.
 */
#include <assert.h>

#include "solver/disruption_internal.h"

/* The cap is on an index, so that 101 nodes may go at once. */
#define LAST_INDEX_MAX 100

/* Candidates that budgets let into the search at all. */
static wb_disruption_set keep_allowed(wb_disruption *disruption,
                                      wb_disruption_candidates candidates, int64_t *allowed,
                                      wb_disruption_outcome *out)
{
    wb_disruption_candidate *kept =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_candidate, candidates.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates.count; i++) {
        if (wb_disruption_spend(disruption, allowed, &candidates.items[i])) {
            kept[count++] = candidates.items[i];
        } else {
            out->is_constrained = true;
        }
    }
    return (wb_disruption_set){kept, count};
}

/* A binary search that takes for granted that a longer prefix is the harder one. It is not always
 * so; where the search goes is part of the behaviour. */
void wb_disruption_compute_multi_node(wb_disruption *disruption,
                                      wb_disruption_candidates candidates, int64_t *allowed,
                                      wb_disruption_outcome *out)
{
    assert(candidates.count > 0);
    const uint32_t limit = disruption->state->multi_node_limit;
    const wb_disruption_set whole = keep_allowed(disruption, candidates, allowed, out);
    int64_t low = 1; /* of one node single-node consolidation takes care */
    int64_t high = whole.count <= LAST_INDEX_MAX ? (int64_t)whole.count - 1 : LAST_INDEX_MAX;
    wb_disruption_command found = {0};
    while (low <= high) {
        if (limit > 0 && out->simulation_count == limit) {
            out->is_cut_off = true;
            break;
        }
        const int64_t middle = (low + high) / 2;
        const wb_disruption_set probe = {whole.items, (uint32_t)middle + 1};
        out->simulation_count++;
        if (wb_disruption_consolidate(disruption, probe, WB_DISRUPTION_MULTI_NODE, &found)) {
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    if (found.candidate_count > 0) {
        out->commands = WB_ARENA_NEW(disruption->arena, wb_disruption_command);
        out->commands[0] = found;
        out->command_count = 1;
    }
}
