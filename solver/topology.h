/*
 * All topology groups of one solve: made from the rules of pods, counted from the cluster,
 * consulted before a placement and told of it after.
 *
 * A group comes into being when the first pod with its rule is looked at, and then counts what runs
 * in the cluster, never what this solve has placed before: rules that appear only when a pod is
 * relaxed start that way, as upstream's do. Source: spec/scheduling.md section 10.
 */
#ifndef WB_SOLVER_TOPOLOGY_H
#define WB_SOLVER_TOPOLOGY_H

#include "solver/provisioning.h"
#include "solver/topology_cluster.h"

typedef struct wb_topology {
    wb_solver_world *world; /* borrowed */
    wb_arena *arena;        /* borrowed: the solve's */
    const wb_solver_problem *problem;
    wb_topology_cluster *cluster; /* borrowed */
    uint64_t serial;              /* the solve's */
    uint32_t *moving;             /* pods of the batch that run on nodes and are counted there */
    uint32_t moving_count;
    wb_topology_group **groups; /* in the order in which they came into being */
    uint32_t group_count, group_capacity;
    uint32_t lent_count; /* the first of them are the cluster's inverse ones */
} wb_topology;

/* A list of groups by their index. */
typedef struct wb_topology_list {
    uint32_t *groups;
    uint32_t count, capacity;
    uint32_t seen; /* of topology->group_count, for lists that are extended */
} wb_topology_list;

/* Starts with the anti-affinity of pods that run (required terms bind others too). cluster is of
 * the problem's nodes, and fresh. */
void wb_topology_init(wb_topology *topology, wb_arena *arena, wb_solver_world *world,
                      const wb_solver_problem *problem, wb_topology_cluster *cluster);

/* The groups of a variant's own rules, made where they are new. */
wb_topology_list wb_topology_own(wb_topology *topology, wb_pod_variant *variant);

/* The inverse groups of a kind's required anti-affinity, made where they are new. */
wb_topology_list wb_topology_own_inverse(wb_topology *topology, wb_pod_kind *kind);

/* The groups that select pods with labels, inverse ones among them, brought up to date. */
wb_topology_list *wb_topology_selecting(wb_topology *topology, wb_pod_labels *labels);

/* A pod on its way to a node or claim. */
typedef struct wb_topology_query {
    const wb_pod_variant *variant;
    const wb_topology_list *owned, *selecting; /* of the variant; of its shape */
    uint32_t host_index;
    wb_requirements node_side; /* the pod's requirements added already */
} wb_topology_query;

/* Narrows the node side to domains that every rule allows. False: some rule allows none, *out_key
 * is its key. *out is the node side itself when nothing was narrowed. */
bool wb_topology_narrow(const wb_topology *topology, wb_arena *arena,
                        const wb_topology_query *query, wb_requirements *out, uint32_t *out_key);

/* A pod placed on a host with these final requirements and taints. */
typedef struct wb_topology_placement {
    const wb_topology_list *selecting, *inverse; /* of the pod's shape */
    uint32_t host_index;
    wb_requirements requirements;
    const wb_taint *taints;
    uint32_t taint_count;
} wb_topology_placement;

/* Counts it in every group that it matters to (section 10.4). */
void wb_topology_record(wb_topology *topology, const wb_topology_placement *placement);

#endif
