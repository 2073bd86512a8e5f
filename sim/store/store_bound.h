/*
 * The lower bound on a run's cost as the database holds it (docs/bound.md): made elsewhere
 * (scenarios/bound), written with the run, read back by what prints it. No part of the run's
 * digest: it is computed from what is in it, by a library of floating-point arithmetic.
 */
#ifndef WB_SIM_STORE_STORE_BOUND_H
#define WB_SIM_STORE_STORE_BOUND_H

#include "sim/store/store.h"

/* One kind of machine in the mix that the bound's programs would run; texts are borrowed. */
typedef struct wb_store_bound_machine {
    uint32_t position; /* dearest first */
    const char *instance_type, *zone, *capacity_type;
    int64_t node_ms, cost_nusd;
} wb_store_bound_machine;

typedef struct wb_store_bound {
    int64_t bound_nusd;    /* over the machines of all contenders */
    int64_t own_nusd;      /* over those of the run's contender alone: not less */
    int64_t served_pod_ms; /* pod time on machines that cost something, DaemonSets' left out */
    uint32_t class_count, interval_count;
    uint32_t rounding_bits; /* that requests were cut to; 0: exact */
    uint32_t machine_count, own_machine_count;
    uint32_t seen_machine_count; /* of them: in the run, though no manifest explains them */
    bool counts_daemons;
    const wb_store_bound_machine *mix;
    uint32_t mix_count;
} wb_store_bound;

/* What the run's row will say; bound is copied with its mix when the run is finished, and must live
 * until then. Without this call the run has none. */
void wb_recorder_set_bound(wb_recorder *recorder, const wb_store_bound *bound);

/* The bound of a run; *out_found false: it has none. Texts and mix live in arena. */
WB_MUST_CHECK wb_status wb_store_bound_read(wb_store *store, wb_arena *arena, int64_t run_id,
                                            wb_store_bound *out, bool *out_found, wb_error *err);

#endif
