/*
 * How long a provisioning solve takes, on the workload of the upstream scheduler's own benchmark.
 *
 * Input is a recorded file or a generated batch (golden/scheduling/bench.md: five classes of pods,
 * 400 synthetic instance types; or 4,000 equal pods with preferences). Timed is everything from
 * decoded objects to the result: shapes, world, solve. Reading and decoding are not. One thread.
 */
#ifndef WB_BENCH_SOLVER_BENCH_H
#define WB_BENCH_SOLVER_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wb_solver_bench_options {
    const char *case_path;    /* NULL: generate */
    uint32_t diverse_pods;    /* > 0: the five classes */
    uint32_t preference_pods; /* > 0: one class with preferences */
    bool preferences_ignored;
    bool plain;    /* the plain solver */
    uint64_t seed; /* of the generator */
} wb_solver_bench_options;

typedef struct wb_solver_bench_result {
    uint32_t pods, nodes, unscheduled;
    double solve_ms;     /* CPU time of all that is timed */
    double world_ms;     /* of which: instance types and NodePools */
    double shapes_ms;    /* of which: finding pods that are the same */
    double usd_per_hour; /* sum of the nodes' cheapest offerings */
    int64_t rss_bytes;   /* largest resident memory of the process */
    uint64_t node_checks, claim_checks, type_checks, relaxations; /* work done */
} wb_solver_bench_result;

/* One cold run. WB_ERR_*: the case file can't be read or used; WB_ERR_INPUT: nothing to run. */
WB_MUST_CHECK wb_status wb_solver_bench_run(const wb_solver_bench_options *options,
                                            wb_solver_bench_result *out, wb_error *err);

#endif
