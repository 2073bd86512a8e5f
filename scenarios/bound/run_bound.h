/*
 * The least that the room a run gave to its pods could have cost: a bound below the run's bill,
 * proven in docs/bound.md, and the same with the contender's own machines only.
 *
 * Computed when a run has ended, from its tables in memory: pods by class and interval, machines of
 * all contenders (bound_universe.h), one linear program per interval (cost_bound.h). What the run
 * shows to be possible is always allowed, so that the proof needs nothing but the record. Some 10
 * to 300 ms for a run, whatever its length.
 */
#ifndef WB_SCENARIOS_BOUND_RUN_BOUND_H
#define WB_SCENARIOS_BOUND_RUN_BOUND_H

#include "sim/store/store_bound.h"
#include "scenarios/bound/run_classes.h"
#include "scenarios/scenario.h"

/* Fills out; its arrays live in arena. */
void wb_run_bound_compute(wb_arena *arena, const wb_scenario *scenario, uint32_t contender_index,
                          const wb_finished_run *run, wb_store_bound *out);

#endif
