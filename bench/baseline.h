/*
 * What a suite gave, as a small text for version control: one line per figure, so that a reviewer
 * reads in its diff what a change does.
 *
 *     werkbank-baseline 1
 *     suite ci
 *     version 0.1.0
 *
 *     run day/karpenter/seed=42
 *       inputs 53c1…            of scenario, manifests and traces
 *       digest 5afb…            over all recorded rows
 *       cost_usd 373.071423919  figures as CSV has them, then counters of work
 *       …
 *       trail 8:9f3a 15:01c7 …  see decision_trail.h
 *
 * Runs are in the order of the suite. The same structure holds what is in a database, so that the
 * two are compared text by text: equal digits are equal, without any rounding.
 */
#ifndef WB_BENCH_BASELINE_H
#define WB_BENCH_BASELINE_H

#include "bench/decision_trail.h"

typedef struct wb_baseline_value {
    const char *name, *text; /* "cost_usd", "373.071423919" */
} wb_baseline_value;

typedef struct wb_baseline_run {
    const char *key, *inputs, *digest;
    const wb_baseline_value *values;
    uint32_t value_count;
    wb_decision_trail trail;
    int64_t run_id; /* in the database that it was read from; 0: from a file */
} wb_baseline_run;

typedef struct wb_baseline {
    const char *suite, *version;
    const wb_baseline_run *runs;
    uint32_t run_count;
} wb_baseline;

/* From a database of jobs (bench run, merge); everything lives in arena. WB_ERR_INPUT: it holds
 * none. */
WB_MUST_CHECK wb_status wb_baseline_from_store(wb_store *store, wb_arena *arena, wb_baseline *out,
                                               wb_error *err);

/* From a file; everything lives in arena. WB_ERR_INPUT names file and line. */
WB_MUST_CHECK wb_status wb_baseline_read(const char *path, wb_arena *arena, wb_baseline *out,
                                         wb_error *err);

/* Appends the file's text. */
void wb_baseline_print(const wb_baseline *baseline, wb_text *out);

/* The run of that key, and a run's value of that name, or NULL. */
const wb_baseline_run *wb_baseline_find(const wb_baseline *baseline, const char *key);
const char *wb_baseline_value_of(const wb_baseline_run *run, const char *name);

#endif
