/*
 * KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): how users tune kube-scheduler. Read
 * are those parts that change what the simulated scheduler decides; parts that decide nothing in a
 * simulation (leader election, clients, ports of its own) pass in silence, and parts that would
 * decide something but are not simulated are warnings that name them.
 */
#ifndef WB_KUBE_SCHEDULER_CONFIG_H
#define WB_KUBE_SCHEDULER_CONFIG_H

#include "kube/pod.h"

/* scoringStrategy.type of NodeResourcesFit. */
typedef enum wb_score_strategy {
    WB_SCORE_LEAST_ALLOCATED, /* default: spreads */
    WB_SCORE_MOST_ALLOCATED,  /* bin-packing */
    WB_SCORE_CAPACITY_RATIO,  /* RequestedToCapacityRatio: along a curve of the user's */
} wb_score_strategy;

/* Plugins whose scores have a weight. */
typedef enum wb_score_plugin {
    WB_SCORE_TAINT_TOLERATION,
    WB_SCORE_NODE_AFFINITY,
    WB_SCORE_NODE_RESOURCES_FIT,
    WB_SCORE_POD_TOPOLOGY_SPREAD,
    WB_SCORE_INTER_POD_AFFINITY,
    WB_SCORE_BALANCED_ALLOCATION,
    WB_SCORE_IMAGE_LOCALITY,
    WB_SCORE_PLUGIN_COUNT
} wb_score_plugin;

/* One of a strategy's resources. */
typedef struct wb_score_resource {
    uint32_t name;  /* interned */
    int32_t weight; /* 1 to 100 */
} wb_score_resource;

/* One point of the curve of RequestedToCapacityRatio. */
typedef struct wb_score_point {
    int32_t utilization; /* percent */
    int32_t score;       /* 0 to 100: the file's 0 to 10, times ten */
} wb_score_point;

/* One profile: what pods of its schedulerName are placed by. */
typedef struct wb_scheduler_profile {
    uint32_t scheduler_name;                /* interned */
    int32_t weights[WB_SCORE_PLUGIN_COUNT]; /* 0: the score is turned off */
    wb_score_strategy strategy;
    const wb_score_resource *resources; /* of the strategy */
    const wb_score_point *points;       /* by ascending utilization */
    uint32_t resource_count, point_count;
    const wb_spread_constraint *default_spreads; /* defaultingType List: all ScheduleAnyway */
    uint32_t default_spread_count;
    bool has_system_spreads;                       /* defaultingType System */
    bool ignores_preferred_terms_of_existing;      /* InterPodAffinity */
    bool preemption_is_off;                        /* DefaultPreemption is disabled */
    int32_t hard_affinity_weight;                  /* InterPodAffinity; 0 to 100, default 1 */
    int32_t percentage_of_nodes_to_score;          /* 0: adaptive */
    int32_t candidate_percentage, candidate_least; /* DefaultPreemption: nodes to try */
} wb_scheduler_profile;

typedef struct wb_scheduler_config {
    const wb_scheduler_profile *profiles; /* at least one; pods that name none of them get the
                                             first: there is no other scheduler here */
    uint32_t profile_count;
    int64_t first_backoff_ms, longest_backoff_ms;
} wb_scheduler_config;

/* The profile that kube-scheduler runs without a configuration; resources of the strategy are cpu
 * and memory, 1 each. */
wb_scheduler_profile wb_scheduler_config_default_profile(void);

/* One such profile, back-off of 1 s to 10 s. */
const wb_scheduler_config *wb_scheduler_config_default(void);

#endif
