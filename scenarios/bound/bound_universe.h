/*
 * What the contenders of a scenario may buy, taken together: the machines that "any schedule" has
 * to choose from.
 *
 * Karpenter's are what its NodePools let through, in every version that the scenario applies; those
 * of Cluster Autoscaler are the types, zones and market of its node groups; a fixed set has its
 * own. Groups are written as NodePools, so that one reading of labels and taints serves all.
 */
#ifndef WB_SCENARIOS_BOUND_BOUND_UNIVERSE_H
#define WB_SCENARIOS_BOUND_BOUND_UNIVERSE_H

#include "solver/machine_list.h"
#include "scenarios/scenario.h"

typedef struct wb_bound_universe {
    wb_solver_world *world;           /* owned; its memory lives in the arena */
    const wb_machine_option *options; /* of all contenders */
    uint32_t option_count;
    const uint32_t *contender_of_pool; /* by the world's pool index */
} wb_bound_universe;

/* Gathers it; the scenario must outlive it. */
void wb_bound_universe_init(wb_arena *arena, wb_intern *intern, const wb_scenario *scenario,
                            wb_bound_universe *out);
void wb_bound_universe_release(wb_bound_universe *universe);

#endif
