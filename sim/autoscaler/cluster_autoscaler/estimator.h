/*
 * How many nodes of a group would take the pending pods: Cluster Autoscaler's binpacking estimator,
 * first-fit decreasing over groups of equal pods (spec/cluster-autoscaler.md section 3).
 *
 * Two ways to the same answer. The plain one puts template nodes and pods into a fork of the
 * snapshot and asks kube-scheduler's rules each time. Where resources alone decide, the fast one
 * keeps only what is free on each added node and divides: a group of equal pods costs one division
 * per added node, so 10,000 pods over 20 groups take milliseconds. A test holds both together.
 *
 * The real program tries added nodes in the order of a hash map ("any fit"); ours goes by age.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_ESTIMATOR_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_ESTIMATOR_H

#include "sim/autoscaler/cluster_autoscaler/node_template.h"

/* Pending pods that are alike: one controller, one shape. */
typedef struct wb_estimator_pods {
    uint32_t shape, count;
} wb_estimator_pods;

typedef struct wb_estimator_request {
    const wb_node_template *template;
    const wb_estimator_pods *pods; /* those that pass the rules on an empty template node */
    uint32_t group_count;          /* of pods */
    uint32_t node_limit;           /* nodes that may be added; UINT32_MAX: any number */
    uint32_t pod_limit;            /* when so many are placed no node is added; 0: any number */
    bool fills_by_division;        /* --fastpath-binpacking-enabled */
    bool is_plain;                 /* the oracle: never the fast way */
} wb_estimator_request;

typedef struct wb_estimator_result {
    uint32_t node_count; /* added nodes that hold a pod */
    uint32_t pod_count;  /* placed on them */
    uint32_t *placed;    /* per group of pods; in the arena of the call */
    bool was_limited;    /* node_limit or pod_limit ended the adding */
} wb_estimator_result;

/* The estimate on top of what snapshot holds now, which is as before when this returns. Memory of
 * the result, and of the work, comes from arena. */
void wb_estimator_run(wb_ca_snapshot *snapshot, wb_arena *arena,
                      const wb_estimator_request *request, wb_estimator_result *out);

#endif
