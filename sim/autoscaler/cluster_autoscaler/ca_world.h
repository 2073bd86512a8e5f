/*
 * What Cluster Autoscaler sees and does outside of itself, as one ops struct: the simulated cluster
 * and cloud behind it in a run (cluster_autoscaler.c), a little world of its own in the golden
 * cases (bench/). Nodes and pods come through the snapshot, which the world keeps up to date.
 * Groups, nodes and pods are named by the world's ids.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_WORLD_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_WORLD_H

#include "kube/policy.h"
#include "sim/autoscaler/cluster_autoscaler/ca_snapshot.h"
#include "sim/autoscaler/cluster_autoscaler/node_template.h"
#include "sim/cluster/observer.h"

/* A node group as the autoscaler knows it; does not change during a run. */
typedef struct wb_ca_group {
    const char *name;
    int32_t min_count, max_count;
    /* What a node made up from the instance type looks like; capacity is its allocatable too. */
    wb_labels labels;
    const wb_taint *taints;
    uint32_t taint_count;
    wb_resource_list capacity;
    double price_per_hour;
    bool is_price_known;
    /* Flags, or the group's own by tag. */
    double utilization_threshold, gpu_utilization_threshold;
    int64_t unneeded_time_ms, unready_time_ms;
    bool ignores_daemons;
} wb_ca_group;

/* A machine of a group, as the cloud lists them. */
typedef struct wb_ca_instance {
    uint64_t key;     /* unique and ascending within the group's list */
    uint32_t node_id; /* its Node; WB_CA_SNAPSHOT_NONE: none (yet) */
    bool has_failed;  /* the cloud could not make it */
} wb_ca_instance;

typedef enum wb_ca_eviction {
    WB_CA_EVICTION_ACCEPTED,
    WB_CA_EVICTION_REFUSED,
    WB_CA_EVICTION_GONE,
} wb_ca_eviction;

typedef enum wb_ca_taint {
    WB_CA_TAINT_TO_BE_DELETED, /* NoSchedule, with cordon */
    WB_CA_TAINT_CANDIDATE,     /* PreferNoSchedule */
} wb_ca_taint;

/* A PDB and what it allows now. */
typedef struct wb_ca_budget {
    const wb_pdb *pdb;
    int32_t allowed;
} wb_ca_budget;

/* Every entry is required. Arrays that are handed out live until the next call. */
typedef struct wb_ca_world {
    void *context; /* borrowed */

    /* ---- seeing ---- */

    /* The cloud's data may be read anew, at most once a minute as on AWS. */
    void (*refresh)(void *context);
    int32_t (*target_size)(void *context, uint32_t group);
    uint32_t (*instances)(void *context, uint32_t group, const wb_ca_instance **out);
    /* Pods that kube-scheduler found no node for, by creation; node_row is not read. */
    uint32_t (*pending_pods)(void *context, const wb_ca_snapshot_pod **out);
    uint32_t (*budgets)(void *context, const wb_ca_budget **out);
    /* Replicas of a pod's controller; -1: it is gone; -2: of a kind that has no such number. */
    int32_t (*replicas)(void *context, const wb_ca_snapshot_pod *pod);
    /* DaemonSet pods that a node with these labels and taints would run; room for
     * WB_NODE_TEMPLATE_PODS_MAX. */
    uint32_t (*daemons)(void *context, wb_labels labels, const wb_taint *taints,
                        uint32_t taint_count, wb_node_template_pod *out);

    /* ---- doing ---- */

    /* False: the call failed. */
    bool (*increase_size)(void *context, uint32_t group, int32_t delta);
    bool (*decrease_target)(void *context, uint32_t group, int32_t delta); /* delta > 0 */
    bool (*delete_instances)(void *context, uint32_t group, const uint64_t *keys, uint32_t count);
    /* The machine of a node goes, with decrement; the node follows when it is gone. */
    bool (*delete_node)(void *context, uint32_t node_id);
    void (*set_taint)(void *context, uint32_t node_id, wb_ca_taint taint, bool is_on);
    wb_ca_eviction (*evict)(void *context, uint32_t pod_id);
    void (*decided)(void *context, const wb_decision *decision);
    /* May be NULL. Why a node stays, or that it does so no longer for that. */
    void (*held)(void *context, uint32_t node_id, const wb_hold *hold);
} wb_ca_world;

#endif
