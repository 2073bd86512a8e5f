/*
 * Emptiness: nodes that nobody would miss go at once, all in one command.
 * Source: spec/disruption.md section 7.
 */
#include <assert.h>

#include "solver/disruption_internal.h"

void wb_disruption_compute_emptiness(wb_disruption *disruption, wb_disruption_candidates candidates,
                                     int64_t *allowed, wb_disruption_outcome *out)
{
    assert(candidates.count > 0);
    wb_disruption_candidate *taken =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_candidate, candidates.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates.count; i++) {
        if (wb_disruption_spend(disruption, allowed, &candidates.items[i])) {
            taken[count++] = candidates.items[i];
        } else {
            out->is_constrained = true;
        }
    }
    if (count > 0) {
        const wb_disruption_set set = {taken, count};
        out->commands = WB_ARENA_NEW(disruption->arena, wb_disruption_command);
        out->commands[0] = wb_disruption_command_start(disruption, WB_DISRUPTION_EMPTINESS, set);
        out->command_count = 1;
    }
}
