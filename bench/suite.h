/*
 * A suite: which scenarios run under which contenders and seeds, and how far each figure may go.
 *
 *     apiVersion: werkbank/v1
 *     kind: Suite                         docs/ci.md has every field
 *     metadata: {name: ci}
 *     spec:
 *       bounds: {cost_usd: {tolerance: 0.1%}}
 *       runs:
 *         - {scenario: ../day/scenario.yaml, contenders: [karpenter], seeds: [1, 2]}
 *
 * Loading reads every scenario once, so that everything wrong is said before the first run, and
 * spells the suite out as jobs for a run pool. The order of jobs is that of the file: runs, then
 * contenders, then seeds.
 */
#ifndef WB_BENCH_SUITE_H
#define WB_BENCH_SUITE_H

#include "base/findings.h"
#include "bench/run_pool.h"

/* How far one figure may go: figures by the names of figure_list.h, counters of work as
 * "work.events" ... */
typedef struct wb_suite_bound {
    const char *figure;
    bool has_minimum, has_maximum, has_tolerance;
    double minimum, maximum; /* in the unit of the figure's name */
    double tolerance;        /* of the baseline's value, either way */
    bool is_relative;        /* tolerance is a share: 0.01 for "1%" */
} wb_suite_bound;

/* One entry of spec.runs, spelt out. */
typedef struct wb_suite_entry {
    const char *name, *scenario_path; /* name: the scenario's own unless the entry says another */
    const wb_suite_bound *bounds;     /* of this entry, in front of the suite's */
    uint32_t bound_count;
} wb_suite_entry;

typedef struct wb_suite {
    const char *name, *path;
    const wb_suite_entry *entries;
    const wb_suite_bound *bounds; /* of all entries */
    const wb_run_job *jobs;
    const uint32_t *entry_of_job;
    uint32_t entry_count, bound_count, job_count;
    double time_tolerance; /* share by which CPU time may grow; where it is asked for */
    uint32_t time_rounds;
    const char *const *absent; /* traces of optional entries that are not there: left out */
    uint32_t absent_count;
} wb_suite;

typedef struct wb_suite_options {
    wb_findings *findings;            /* borrowed: complaints, and the scenarios' warnings */
    const char *const *trace_folders; /* where traces are looked for behind the suite's own */
    uint32_t trace_folder_count;
} wb_suite_options;

/* Loads path; what is wrong goes to options->findings (then WB_ERR_INPUT). Everything lives in
 * arena. */
WB_MUST_CHECK wb_status wb_suite_load(wb_arena *arena, wb_intern *intern, const char *path,
                                      const wb_suite_options *options, wb_suite *out,
                                      wb_error *err);

/* The bound of a figure for a job: its entry's, else the suite's, else NULL. */
const wb_suite_bound *wb_suite_find_bound(const wb_suite *suite, uint32_t job, const char *figure);

#endif
