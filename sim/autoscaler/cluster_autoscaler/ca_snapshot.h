/*
 * What Cluster Autoscaler believes the cluster looks like: nodes, the pods on them, and whether a
 * pod would fit. It can be forked, changed at will and reverted, which is how every simulation of a
 * scale-up or of a node's removal is made.
 *
 *     base state ──fork──▶ upcoming nodes, placed pods ──fork──▶ one estimate ──revert──▶ ...
 *
 * The base state follows the cluster by the same verbs, outside of any fork. A fork is a mark in a
 * log of undo steps, so it costs what it changes and not what the cluster holds. All rules of
 * kube-scheduler come from its core (sim/cluster/scheduler_core.h), of which the snapshot has one
 * of its own; three columns of free resources beside it turn most nodes down in a nanosecond.
 * Nodes and pods are rows, reused after their end. Knows no clock and no groups' sizes.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_SNAPSHOT_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "kube/pod.h"
#include "sim/cluster/scheduler_core.h"

#define WB_CA_SNAPSHOT_NONE       UINT32_MAX
#define WB_CA_SNAPSHOT_TAINTS_MAX 16

/* What is known of all pods with one template. */
typedef struct wb_ca_snapshot_shape {
    const wb_pod_template *template; /* borrowed */
    uint32_t namespace_name;
    int32_t priority;
    int64_t cpu_milli, memory_bytes;
    bool looks_beyond_node; /* spread, affinity, host ports or volumes: not a matter of resources */
    bool has_anti_affinity; /* required: may turn away pods that have no rules themselves */
} wb_ca_snapshot_shape;

typedef struct wb_ca_snapshot_pod {
    uint32_t pod_id;   /* the caller's name for it */
    uint32_t shape;    /* of wb_ca_snapshot_add_shape */
    uint32_t node_row; /* where it is; WB_CA_SNAPSHOT_NONE while pending */
    uint32_t owner;    /* the caller's name of its controller; NONE: a bare pod */
    wb_owner_kind owner_kind;
    const char *name; /* borrowed */
    int64_t created_ms;
    int64_t deletion_ms;     /* when it was told to end; -1: it was not */
    bool is_daemon;          /* of a DaemonSet */
    bool is_mirror;          /* static: nothing evicts it */
    uint32_t next, previous; /* on the same node; filled in here */
} wb_ca_snapshot_pod;

typedef struct wb_ca_snapshot_node {
    uint32_t node_id; /* the caller's name for it; NONE: a node that does not exist yet */
    uint32_t name;    /* interned */
    uint32_t group;   /* index of its node group; NONE: not autoscaled */
    wb_labels labels; /* borrowed */
    wb_taint taints[WB_CA_SNAPSHOT_TAINTS_MAX];
    uint32_t taint_count;
    wb_resource_list capacity, allocatable; /* borrowed */
    bool is_ready, is_unschedulable;
    bool has_disabled_scale_down; /* annotation scale-down-disabled */
    int64_t created_ms, ready_since_ms;
    uint32_t first_pod, pod_count; /* chain through pods[].next; filled in here */
} wb_ca_snapshot_node;

struct wb_ca_snapshot_step;

typedef struct wb_ca_snapshot {
    wb_intern *intern;       /* borrowed */
    wb_scheduler_core *core; /* owned; node and pod ids are rows here */
    wb_ca_snapshot_shape *shapes;
    uint32_t shape_count, shape_capacity;
    bool any_anti_affinity; /* some shape has it */

    wb_ca_snapshot_node *nodes; /* owned; by row */
    uint32_t node_row_count, node_capacity;
    uint32_t *order; /* owned: rows of the nodes that are there, as they came */
    uint32_t order_count;
    int64_t *free_cpu_milli, *free_memory_bytes, *free_pods; /* owned; by row */
    bool *is_excluded;    /* owned; by row: pods are not moved there (never by the core) */
    uint32_t next_search; /* index into order at which a search begins */

    wb_ca_snapshot_pod *pods; /* owned; by row */
    uint32_t pod_row_count, pod_capacity;
    uint32_t *spare_nodes, *spare_pods; /* owned: unused rows */
    uint32_t spare_node_count, spare_pod_count;

    struct wb_ca_snapshot_step *steps; /* owned: undo log; empty outside of forks */
    uint32_t step_count, step_capacity;
    uint32_t fork_depth;
    uint64_t fit_count;  /* rule checks so far, for tests and benchmarks */
    uint64_t fork_count; /* simulations so far, likewise */
} wb_ca_snapshot;

/* Starts empty. intern must be made by wb_names_init and outlive snapshot. */
void wb_ca_snapshot_init(wb_ca_snapshot *snapshot, wb_intern *intern);
void wb_ca_snapshot_release(wb_ca_snapshot *snapshot);

/* The shape of pods with template in a namespace; equal templates get the same one. template must
 * outlive the snapshot. */
uint32_t wb_ca_snapshot_add_shape(wb_ca_snapshot *snapshot, const wb_pod_template *template,
                                  uint32_t namespace_name);

/* Adds a node (copied but for what is borrowed) and returns its row. */
uint32_t wb_ca_snapshot_add_node(wb_ca_snapshot *snapshot, const wb_ca_snapshot_node *node);

/* Labels, taints, readiness of a node are now as in *node; its pods stay. Not within a fork. */
void wb_ca_snapshot_change_node(wb_ca_snapshot *snapshot, uint32_t row,
                                const wb_ca_snapshot_node *node);

/* Takes the node and its pods out. */
void wb_ca_snapshot_remove_node(wb_ca_snapshot *snapshot, uint32_t row);

/* Puts a pod (copied) on a node; its row. The fit is not looked at. */
uint32_t wb_ca_snapshot_add_pod(wb_ca_snapshot *snapshot, const wb_ca_snapshot_pod *pod,
                                uint32_t node_row);
void wb_ca_snapshot_remove_pod(wb_ca_snapshot *snapshot, uint32_t pod_row);

/* The pod was told to end: spread constraints no longer count it. Not within a fork. */
void wb_ca_snapshot_end_pod(wb_ca_snapshot *snapshot, uint32_t pod_row, int64_t deletion_ms);

/* Everything until revert is taken back then; forks nest. */
uint32_t wb_ca_snapshot_fork(wb_ca_snapshot *snapshot);
void wb_ca_snapshot_revert(wb_ca_snapshot *snapshot, uint32_t mark);

/* Keeps what was changed since fork, as part of the fork around it (there must be one). */
void wb_ca_snapshot_keep(wb_ca_snapshot *snapshot, uint32_t mark);

/* The first rule that turns a pod of shape away from the node, or WB_PLUGIN_PASSED. out_reason (may
 * be NULL) gets kube-scheduler's words. */
wb_scheduler_plugin wb_ca_snapshot_check(wb_ca_snapshot *snapshot, uint32_t shape, uint32_t row,
                                         char *out_reason, size_t reason_size);
bool wb_ca_snapshot_fits(wb_ca_snapshot *snapshot, uint32_t shape, uint32_t row);

/* A node that takes a pod of shape: hint_row if it does (NONE: no hint), else the first of all
 * nodes, round robin from one after the last that was found. Excluded nodes are passed over. NONE
 * when there is none. */
uint32_t wb_ca_snapshot_find_node(wb_ca_snapshot *snapshot, uint32_t shape, uint32_t hint_row);

/* Whether pods of shape, on nodes that differ in nothing but what runs there, are a matter of
 * resources alone: neither the shape's own rules nor anti-affinity of others can decide. */
bool wb_ca_snapshot_is_plain(const wb_ca_snapshot *snapshot, uint32_t shape);

/* Recounts everything and asserts that it agrees; for tests. */
void wb_ca_snapshot_check_sums(const wb_ca_snapshot *snapshot);

#endif
