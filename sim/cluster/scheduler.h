/*
 * kube-scheduler's default profile, as spec/kube-scheduler.md states it (v1.36): queue with
 * back-off and flush, filters, scores, preemption; ties go to the first node by name.
 *
 * One scheduling cycle is one pod; cycles of one instant run in one kernel event until the active
 * queue is empty. Fast path: pods of one shape share filter results per node version.
 */
#ifndef WB_SIM_CLUSTER_SCHEDULER_H
#define WB_SIM_CLUSTER_SCHEDULER_H

#include "sim/cluster/cluster.h"

typedef enum wb_score_strategy {
    WB_SCORE_LEAST_ALLOCATED, /* default: spreads */
    WB_SCORE_MOST_ALLOCATED,  /* bin-packing */
} wb_score_strategy;

typedef struct wb_scheduler_options {
    int32_t percentage_of_nodes_to_score; /* 0: the adaptive default; 100: all */
    wb_score_strategy strategy;
    bool preemption_is_off;
} wb_scheduler_options;

typedef struct wb_scheduler wb_scheduler;

/* A scheduler for cluster, which must outlive it; registers itself there and subscribes to its
 * event kinds. Owned by the caller. */
wb_scheduler *wb_scheduler_new(wb_cluster *cluster, const wb_scheduler_options *options);
void wb_scheduler_free(wb_scheduler *scheduler);

/* Called by the cluster: a pod to schedule; something that may help waiting pods happened. */
void wb_scheduler_enqueue(wb_scheduler *scheduler, uint32_t pod_id);
void wb_scheduler_forget(wb_scheduler *scheduler, uint32_t pod_id);
void wb_scheduler_node_changed(wb_scheduler *scheduler, uint32_t node_id);
void wb_scheduler_pod_removed(wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id);
void wb_scheduler_pod_assigned(wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id);

/* The first filter that rejects pod on node, or NULL when it fits. For contenders that simulate
 * (Cluster Autoscaler) and for explanations. out_reason (may be NULL) gets the user's message. */
const char *wb_scheduler_filter(wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id,
                                char *out_reason, size_t reason_size);

/* Counters of work done, for benchmarks and tests. */
typedef struct wb_scheduler_counters {
    uint64_t cycles, filter_calls, score_calls, preemptions;
} wb_scheduler_counters;

wb_scheduler_counters wb_scheduler_get_counters(const wb_scheduler *scheduler);

#endif
