/*
 * kube-scheduler as spec/kube-scheduler.md states it (v1.36): queue with back-off and flush,
 * filters, scores, preemption; profiles as a KubeSchedulerConfiguration has them. Ties go to the
 * first node by name unless they are drawn.
 *
 * It listens to the cluster, keeps the queue, and binds; what it decides about one pod is
 * scheduler_core.h's business. One scheduling cycle is one pod; cycles of one instant run in one
 * kernel event until the queue has no pod that may be tried. Binding takes no time.
 *
 * Pods of a ReplicaSet, Deployment, StatefulSet or ReplicationController without spread constraints
 * of their own are spread over hosts and zones by the system's default constraints, counted over
 * the pods of the same owner (Services are not known here).
 */
#ifndef WB_SIM_CLUSTER_SCHEDULER_H
#define WB_SIM_CLUSTER_SCHEDULER_H

#include <stddef.h>

#include "sim/cluster/cluster.h"
#include "sim/cluster/scheduler_core.h"

typedef struct wb_scheduler_options {
    const wb_scheduler_config *config;    /* borrowed; NULL: kube-scheduler's defaults */
    int32_t percentage_of_nodes_to_score; /* overrules the configuration's; 0: it does not */
    bool preemption_is_off;
    bool ties_are_drawn;        /* by the cluster's seed; false: the first node by name */
    bool default_spread_is_off; /* no system default constraints */
    bool waits_for_backoff;     /* pods are not taken from back-off early (feature gate
                                   SchedulerPopFromBackoffQ off) */
    bool is_plain;              /* without caches: the oracle; same decisions, slower */
} wb_scheduler_options;

typedef struct wb_scheduler wb_scheduler;

/* A scheduler for cluster, which must outlive it; registers itself there, as an observer, and for
 * its event kinds. To be made before the cluster's first pod. Owned by the caller. */
wb_scheduler *wb_scheduler_new(wb_cluster *cluster, const wb_scheduler_options *options);
void wb_scheduler_free(wb_scheduler *scheduler);

/* The first filter that rejects pod on node, or NULL when it fits. For contenders that simulate
 * (Cluster Autoscaler) and for explanations. out_reason (may be NULL) gets the user's message. */
const char *wb_scheduler_filter(wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id,
                                char *out_reason, size_t reason_size);

/* Counters of work done, for benchmarks and tests. */
typedef struct wb_scheduler_counters {
    uint64_t cycles, filter_calls, score_calls, preemptions;
    uint64_t known_failures; /* cycles that needed no search */
} wb_scheduler_counters;

/* What was done so far. */
wb_scheduler_counters wb_scheduler_get_counters(const wb_scheduler *scheduler);

/* The decisions' side of it, for tests and explanations. */
wb_scheduler_core *wb_scheduler_get_core(wb_scheduler *scheduler);

#endif
