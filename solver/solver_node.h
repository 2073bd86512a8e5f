/*
 * An existing node as the solver sees it: what it has, what is left of it, who runs there.
 *
 * Callers keep one per node for as long as the node lives and tell it of every pod that comes or
 * goes, so that a solve reads sums and never walks running pods (only pods that matter to a
 * topology group are looked at, by shape). Up to 100,000 nodes with some 30 distinct shapes each.
 */
#ifndef WB_SOLVER_SOLVER_NODE_H
#define WB_SOLVER_SOLVER_NODE_H

#include "kube/storage.h"
#include "solver/solver_world.h"

typedef struct wb_solver_node wb_solver_node;

/* How the cluster shows the node. A managed node that is not registered yet is described by its
 * NodeClaim: labels, taints and resources of the claim. */
typedef struct wb_solver_node_desc {
    uint32_t name;     /* interned; also the host name when the label is missing */
    uint32_t nodepool; /* interned; 0: not managed */
    wb_labels labels;  /* copied */
    const wb_taint *taints, *startup_taints; /* copied; startup taints are those of the claim */
    uint32_t taint_count, startup_taint_count;
    bool is_managed;     /* has a NodeClaim */
    bool is_initialized; /* unmanaged nodes count as initialised */
    bool has_node;       /* false: an in-flight NodeClaim, which adds no topology domain */
    wb_resource_list capacity, allocatable;             /* of the node */
    wb_resource_list claim_capacity, claim_allocatable; /* of the claim; stand in for entries that
                                                           are zero until it is initialised */
    const wb_attach_limit *attach_limits;               /* of this node's CSINode; borrowed */
    uint32_t attach_limit_count;
} wb_solver_node_desc;

#define WB_SOLVER_POD_DAEMON      1U /* owned by a DaemonSet */
#define WB_SOLVER_POD_TERMINATING 2U /* takes room, counts in no topology */
#define WB_SOLVER_POD_PENDING     4U /* of a wb_solver_pod only: bound, and its phase is Pending */

/* A new node without pods, on the heap; freed by wb_solver_node_free before its world ends. */
wb_solver_node *wb_solver_node_new(wb_solver_world *world, const wb_solver_node_desc *desc);
void wb_solver_node_free(wb_solver_node *node);

/* The same node after its description changed (it registered, a taint went); pods stay. */
void wb_solver_node_update(wb_solver_world *world, wb_solver_node *node,
                           const wb_solver_node_desc *desc);

/* A pod that is bound and not terminal came or went. pod_name matters for shapes with generic
 * ephemeral volumes only (0 otherwise); flags are those it was bound with. */
void wb_solver_node_bind(wb_solver_world *world, wb_solver_node *node, uint32_t shape_id,
                         uint32_t pod_name, uint32_t flags);
void wb_solver_node_unbind(wb_solver_world *world, wb_solver_node *node, uint32_t shape_id,
                           uint32_t pod_name, uint32_t flags);

/* Interned, as described. */
uint32_t wb_solver_node_name(const wb_solver_node *node);

/* Labels as the Node shows them; valid until the node is updated or freed. */
wb_labels wb_solver_node_labels(const wb_solver_node *node);

/* Room that a solve would start from (allocatable less pods less daemons still expected); resources
 * with nothing are left out. */
wb_resource_list wb_solver_node_remaining(wb_arena *arena, wb_solver_node *node);

#endif
