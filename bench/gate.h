/*
 * Whether a suite's runs are still what the baseline says. Simulations are deterministic, so there
 * is no noise to average away: every changed digit is named, and what lies beyond its tolerance
 * fails.
 *
 *     figures   any change either way beyond the tolerance (none by default) fails; a gain that
 *               nobody meant is a changed decision too
 *     work      more than the tolerance (5 % by default) fails, less is told and passes
 *     bounds    min and max of the suite hold with or without a baseline
 *     runs      one that the baseline has and the suite no longer gives fails; a new one is told
 */
#ifndef WB_BENCH_GATE_H
#define WB_BENCH_GATE_H

#include "bench/baseline.h"
#include "bench/run_diff.h"
#include "bench/suite.h"

typedef struct wb_gate_change {
    const char *name;           /* of the figure or counter, "inputs", "run" */
    const char *before, *after; /* as in a baseline; "" where there is none */
    double share;               /* of change; 0 where it cannot be said */
    const char *verdict;        /* "beyond its tolerance of 1 %"; lives in the arena */
    bool is_failure;
} wb_gate_change;

/* One run of the suite, or one that the baseline has beside it. */
typedef struct wb_gate_run {
    const char *key;
    const wb_baseline_run *before, *after; /* NULL: not there */
    const wb_gate_change *changes;
    uint32_t change_count, failure_count;
    bool is_same;                 /* to the last recorded row */
    const char *first_difference; /* in words; "" */
} wb_gate_run;

typedef struct wb_gate {
    wb_gate_run *runs;
    uint32_t run_count;
    uint32_t changed_count, failed_count; /* runs with a change, with a failure */
} wb_gate;

/* Compares. before NULL: only the suite's bounds are looked at. Everything lives in arena. */
void wb_gate_compare(const wb_suite *suite, const wb_baseline *before, const wb_baseline *after,
                     wb_arena *arena, wb_gate *out);

/* Where to look for the first difference of changed runs. */
typedef struct wb_gate_stores {
    wb_store *after;              /* of the baseline structure "after" */
    wb_store *before;             /* of the baseline's runs, jobs and all; NULL: only its trails */
    const wb_baseline *in_before; /* what wb_baseline_from_store read from before; NULL likewise */
} wb_gate_stores;

/* Fills first_difference of every run that changed. */
WB_MUST_CHECK wb_status wb_gate_explain(wb_gate *gate, const wb_gate_stores *stores,
                                        wb_arena *arena, wb_error *err);

/* The same of one run: before is the baseline's run in whatever database, after the one that the
 * gate's runs are in. */
WB_MUST_CHECK wb_status wb_gate_explain_run(wb_gate_run *run, const wb_run_side *before,
                                            wb_store *after, wb_arena *arena, wb_error *err);

#endif
