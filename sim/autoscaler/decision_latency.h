/*
 * How long the real controllers compute before they act.
 *
 * In a simulation a decision takes no time; the real Karpenter takes two minutes for 20,000 pods,
 * and is cut off after one. The model gives the real programs' time as a function of what a pass
 * has to look at, by interpolation between measured runs; it is off unless a scenario asks for it,
 * and can be scaled for faster or slower machines than the measured one (2 virtual CPUs of an AMD
 * EPYC).
 *
 * Measured: Karpenter core's own scheduler benchmark (five classes of pods, 400 instance types) and
 * its disruption passes (1,345 types), Cluster Autoscaler's passes over 20 empty node groups; one
 * cold run each. docs/scenario.md has the table. Where two figures of the measurements disagree by
 * less than a factor of 1.6, the model takes one line through both.
 */
#ifndef WB_SIM_AUTOSCALER_DECISION_LATENCY_H
#define WB_SIM_AUTOSCALER_DECISION_LATENCY_H

#include <stdint.h>

#define WB_DECISION_LATENCY_SOLVE_LIMIT_MS       INT64_C(60000)  /* Karpenter's, of one solve */
#define WB_DECISION_LATENCY_MULTI_NODE_LIMIT_MS  INT64_C(60000)  /* of a multi-node search */
#define WB_DECISION_LATENCY_SINGLE_NODE_LIMIT_MS INT64_C(180000) /* of a single-node search */
#define WB_DECISION_LATENCY_PERCENT_MAX          10000

typedef struct wb_decision_latency {
    uint32_t percent; /* of what was measured; 0: decisions take no time */
} wb_decision_latency;

/* What a provisioning pass looks at. */
typedef struct wb_decision_size {
    uint32_t pod_count;
    uint32_t preferring_count; /* of these, pods whose preferences have to be relaxed one by one */
    uint32_t node_count;       /* existing and in flight */
    uint32_t type_count;
} wb_decision_size;

/* Milliseconds of one provisioning solve, without any limit. */
int64_t wb_decision_latency_solve_ms(const wb_decision_latency *latency,
                                     const wb_decision_size *size);

/* How many of the pods Karpenter gets to within the limit of a solve; all when off; at least 1. */
uint32_t wb_decision_latency_pods_in_time(const wb_decision_latency *latency,
                                          const wb_decision_size *size);

/* Milliseconds of one simulated removal of nodes, with their evaluation; 0 when off. */
int64_t wb_decision_latency_removal_ms(const wb_decision_latency *latency, uint32_t node_count,
                                       uint32_t type_count);

/* How many removals fit into limit_ms; 0 (no limit) when off. At least 1 otherwise. */
uint32_t wb_decision_latency_removals_in_time(const wb_decision_latency *latency,
                                              uint32_t node_count, uint32_t type_count,
                                              int64_t limit_ms);

/* What one loop of Cluster Autoscaler looks at, and how long it may at most; limits of 0: none. */
typedef struct wb_decision_loop {
    uint32_t pod_count, owner_count; /* pods that wait, and their controllers */
    uint32_t group_count;            /* of nodes: each is estimated for */
    uint32_t node_count;             /* that are there */
    uint32_t removal_count;          /* nodes that scale-down tried to empty */
    int64_t group_limit_ms;          /* of one estimate: --max-nodegroup-binpacking-duration */
    int64_t estimates_limit_ms;      /* of all, looked at between them: --max-binpacking-time */
} wb_decision_loop;

/* Milliseconds of one loop; 0 when off. */
int64_t wb_decision_latency_loop_ms(const wb_decision_latency *latency,
                                    const wb_decision_loop *loop);

/* Milliseconds of the estimate for one group of nodes, without its limit; 0 when off. */
int64_t wb_decision_latency_estimate_ms(const wb_decision_latency *latency, uint32_t pod_count,
                                        uint32_t owner_count);

/* How many pods an estimate gets to within limit_ms; 0 (all of them) when off, without a limit, or
 * when there is time for all. At least 1 otherwise. */
uint32_t wb_decision_latency_pods_estimated(const wb_decision_latency *latency, uint32_t pod_count,
                                            uint32_t owner_count, int64_t limit_ms);

/* How many nodes scale-down tries to empty within limit_ms; 0 (no limit) when off or without one.
 * At least 1 otherwise. */
uint32_t wb_decision_latency_emptied_in_time(const wb_decision_latency *latency, int64_t limit_ms);

#endif
