/*
 * How long a pass of Karpenter's disruption loop takes: candidates, budgets, search and validation
 * (without its 15 s of waiting), over clusters like those that the real controller was timed on
 * (golden/disruption/README.md, "How fast the real code is").
 *
 * One on-demand amd64 NodePool that may use every such type of the shipped us-east-1 catalog, a
 * budget of 100 %, 10 pods a node. Loose: nodes of many types at a tenth to six tenths of their
 * CPU, so that there is much to gain. Tight: every node is of the type that is cheapest per CPU and
 * full to the last milli-CPU, so that nothing is to be gained and single-node tries every
 * candidate.
 *
 * Timed is everything from the cluster as it is kept (nodes with their pods, the solver's world) to
 * the commands; keeping it is not. One thread, CPU time.
 */
#ifndef WB_BENCH_CONSOLIDATION_BENCH_H
#define WB_BENCH_CONSOLIDATION_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wb_consolidation_bench_options {
    uint32_t node_count;
    bool is_tight;
    uint64_t seed; /* of the sizes of nodes and pods */
} wb_consolidation_bench_options;

/* One method alone, on a picture of its own. */
typedef struct wb_consolidation_bench_method {
    double ms;
    uint32_t simulation_count;
    uint32_t removed_count, made_count; /* nodes of its command; 0, 0: none */
} wb_consolidation_bench_method;

typedef struct wb_consolidation_bench_result {
    uint32_t pod_count, type_count;
    double pass_ms; /* all methods in their order, up to the first with a command */
    wb_consolidation_bench_method multi_node, single_node;
    double world_ms; /* the solver's world: once per NodePool change, not per pass */
    int64_t rss_bytes;
} wb_consolidation_bench_result;

/* One cold run of each. WB_ERR_INPUT: the shipped catalog can't be read. */
WB_MUST_CHECK wb_status wb_consolidation_bench_run(const wb_consolidation_bench_options *options,
                                                   wb_consolidation_bench_result *out,
                                                   wb_error *err);

#endif
