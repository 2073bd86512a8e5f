/*
 * How long Cluster Autoscaler's decisions take: one pass that scales up for many pods over empty
 * node groups, and one that looks for nodes to remove. The real loop was measured on such inputs
 * (golden/cluster-autoscaler/README.md, "What the real program needs"); docs/benchmarks.md has
 * both.
 * Timed is the pass alone; making pods, nodes and groups is not. One thread.
 */
#ifndef WB_BENCH_NODE_GROUPS_H
#define WB_BENCH_NODE_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wb_node_groups_options {
    uint32_t pod_count;   /* pending, for the scale-up */
    uint32_t group_count; /* empty ones, of 18 instance types in turn */
    uint32_t node_count;  /* of one group, with 3 to 9 pods each, for the scale-down */
    int64_t parallelism;  /* --max-scale-down-parallelism: how many unneeded nodes are looked for */
    bool are_identical;   /* pods of one ReplicaSet, else of ReplicaSets of 1 to 40 random pods */
    uint64_t seed;
} wb_node_groups_options;

typedef struct wb_node_groups_result {
    double scale_up_ms, scale_down_ms; /* CPU time */
    uint32_t added_node_count;         /* what the scale-up asked for */
    uint32_t option_count;             /* groups that could have helped */
    uint32_t unneeded_count;           /* what the scale-down found */
    uint64_t rule_checks;              /* kube-scheduler's rules asked, both passes together */
} wb_node_groups_result;

/* Runs both passes; all but the times is a function of options. */
void wb_node_groups_run(const wb_node_groups_options *options, wb_node_groups_result *out);

#endif
