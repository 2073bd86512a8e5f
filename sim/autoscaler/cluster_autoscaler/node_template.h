/*
 * What the next node of a group will look like: labels, taints, resources, and the DaemonSet and
 * static pods that will run on it. Taken from a real node of the group where there is a good one,
 * kept for later when the group is empty again, and made up from the instance type otherwise
 * (spec/cluster-autoscaler.md section 2). Some tens of groups, refreshed in every loop.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_NODE_TEMPLATE_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_NODE_TEMPLATE_H

#include "base/arena.h"
#include "sim/autoscaler/cluster_autoscaler/ca_flags.h"
#include "sim/autoscaler/cluster_autoscaler/ca_snapshot.h"

#define WB_NODE_TEMPLATE_PODS_MAX 64

/* A pod that comes with the node. */
typedef struct wb_node_template_pod {
    uint32_t shape, owner;
    bool is_mirror;   /* static: else of a DaemonSet */
    bool is_critical; /* priority class system-node-critical */
} wb_node_template_pod;

typedef struct wb_node_template {
    bool is_known;
    bool is_from_node; /* of a real node, now or once */
    const char *group_name;
    uint32_t group;
    wb_labels labels; /* borrowed; without the host name that each node has of its own */
    wb_taint taints[WB_CA_SNAPSHOT_TAINTS_MAX];
    uint32_t taint_count;
    wb_resource_list capacity, allocatable; /* borrowed */
    wb_node_template_pod pods[WB_NODE_TEMPLATE_PODS_MAX];
    uint32_t pod_count;
} wb_node_template;

/* Whether the taint says that the node is still starting up. */
bool wb_node_template_is_startup_taint(const wb_intern *intern, const wb_ca_flags *flags,
                                       uint32_t key);

/* Makes *out (whose group and group_name stay) of the node in row. */
void wb_node_template_take_node(const wb_ca_snapshot *snapshot, const wb_ca_flags *flags,
                                uint32_t row, wb_node_template *out);

/* Adds a pod unless one of that owner is there. */
void wb_node_template_add_pod(wb_node_template *template, const wb_node_template_pod *pod);

/* Puts the ordinal-th new node of the template with its pods into snapshot, within a fork; its row.
 * Labels live in scratch. */
uint32_t wb_node_template_add_node(const wb_node_template *template, wb_ca_snapshot *snapshot,
                                   wb_arena *scratch, uint32_t ordinal);

#endif
