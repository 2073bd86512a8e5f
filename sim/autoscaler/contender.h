/*
 * What a scenario says about one contender, decoded: which autoscaler, under which manifests,
 * settings, node groups or fixed nodes, with which boot model. Made by scenarios/, read by the
 * contenders; settings keep their position so that a contender can complain about one.
 */
#ifndef WB_SIM_AUTOSCALER_CONTENDER_H
#define WB_SIM_AUTOSCALER_CONTENDER_H

#include "base/findings.h"
#include "kube/catalog/catalog.h"
#include "kube/manifest.h"
#include "sim/autoscaler/decision_latency.h"
#include "sim/cloud/cloud.h"
#include "sim/cluster/scheduler.h"

/* One `settings:` entry of Karpenter (BATCH_IDLE_DURATION, ...) or one flag of Cluster Autoscaler
 * (without the leading dashes). */
typedef struct wb_setting {
    const char *name, *value;
    wb_position position;
} wb_setting;

/* A group's own settings for scale-down, by tags of its ASG; what is not set is the flags'. */
typedef struct wb_node_group_options {
    bool has_utilization_threshold, has_gpu_utilization_threshold, has_unneeded_time;
    bool has_unready_time, has_ignores_daemons;
    double utilization_threshold, gpu_utilization_threshold;
    int64_t unneeded_time_ms, unready_time_ms;
    bool ignores_daemons;
} wb_node_group_options;

/* A node group as eksctl users write it; one ASG, or one per zone when is_per_zone. */
typedef struct wb_node_group {
    const char *name;
    const uint32_t *type_indexes; /* catalog */
    uint32_t type_count;
    const uint32_t *zones; /* interned; all of the scenario's when count is 0 */
    uint32_t zone_count;
    wb_capacity_type capacity_type;
    wb_asg_policy policy;
    int32_t min_count, max_count, desired_count;
    bool is_per_zone;
    bool is_self_managed;                /* not EKS': without its labels */
    bool drains_at_notice;               /* EKS drains the spot nodes of its managed groups */
    int32_t max_pods;                    /* of a node; 0: the type's own */
    int64_t volume_bytes;                /* of the root volume; 0: the catalog's 20 GiB */
    wb_resource_list template_resources; /* what tags make the autoscaler believe of new nodes */
    wb_node_group_options options;
    wb_labels labels;
    const wb_taint *taints;
    uint32_t taint_count;
    wb_position position;
} wb_node_group;

/* A given set of nodes (contender fixed). */
typedef struct wb_fixed_nodes {
    const char *name_prefix;
    uint32_t type_index, count;
    uint32_t zone; /* interned; 0: round robin over the scenario's zones */
    wb_capacity_type capacity_type;
    wb_labels labels;
    const wb_taint *taints;
    uint32_t taint_count;
} wb_fixed_nodes;

/* Manifests that a user applies while the simulation runs (NodePools, NodeClasses, NodeOverlays),
 * and a NodePool or a NodeOverlay that is deleted. */
typedef struct wb_contender_change {
    int64_t at_ms;
    const wb_manifest *manifest;
    uint32_t deleted_nodepool; /* interned; 0: none */
    uint32_t deleted_overlay;  /* likewise */
    wb_position position;
} wb_contender_change;

typedef struct wb_contender {
    const char *name;                   /* unique within the scenario */
    const char *kind;                   /* "karpenter", "cluster_autoscaler", "fixed", ... */
    const wb_manifest *manifest;        /* NodePools, NodeClasses */
    const wb_contender_change *changes; /* by time, then in the order of the file */
    const wb_setting *settings;
    const wb_node_group *node_groups;
    const wb_fixed_nodes *fixed_nodes;
    uint32_t change_count, setting_count, node_group_count, fixed_nodes_count;
    const struct wb_identity *identity; /* its role and policies; NULL: IAM is not asked */
    bool has_termination_handler;       /* Cluster Autoscaler: nodes are drained at the notice */
    wb_boot_model boot;
    wb_decision_latency decision_latency;
    wb_scheduler_options scheduler;
    wb_position position;
} wb_contender;

#endif
