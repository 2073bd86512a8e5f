/*
 * One simulation: a scenario under one contender, from the first event to the figures.
 *
 * Builds kernel, cluster, scheduler, cloud and contender in an arena of its own, feeds the traces
 * record by record (one pending event per trace), applies the scenario's steps, samples, and
 * ends at the horizon; without one, when all records are consumed and every pod that can still
 * finish has finished (pods that no node can be made for wait until the last recorded end).
 */
#ifndef WB_SCENARIOS_SIMULATION_H
#define WB_SCENARIOS_SIMULATION_H

#include <signal.h>

#include "sim/store/store.h"
#include "scenarios/scenario.h"

typedef struct wb_simulation_progress {
    int64_t now_ms, expected_end_ms;
    uint64_t event_count;
    uint32_t pending_count, running_count, node_count;
    double trace_share; /* of the trace file read so far, 0 to 1 */
} wb_simulation_progress;

typedef struct wb_simulation_options {
    wb_store *store; /* borrowed; an in-memory one when nobody wants the file */
    const volatile sig_atomic_t *stop_flag;
    void (*progress)(void *context, const wb_simulation_progress *progress); /* may be NULL */
    void *progress_context;
    wb_event_queue_kind queue_kind;
    size_t memory_limit_bytes; /* 0: none */
    const char *version;       /* of the program: every run records it */
} wb_simulation_options;

/* Runs contender_index. The run is in the store as finished, or failed (status not WB_OK); when
 * stop_flag ended it, WB_ERR_LIMIT with "interrupted", and the run stays unfinished. */
WB_MUST_CHECK wb_status wb_simulation_run(const wb_scenario *scenario, wb_intern *intern,
                                          uint32_t contender_index,
                                          const wb_simulation_options *options, wb_run_figures *out,
                                          wb_error *err);

#endif
