/* The inside of a node, for the solver's own files. */
#ifndef WB_SOLVER_SOLVER_NODE_INTERNAL_H
#define WB_SOLVER_SOLVER_NODE_INTERNAL_H

#include "solver/pod_shape.h"
#include "solver/solver_node.h"

/* Equal pods on one node. Linked per shape, so that counting a topology group visits only pods that
 * it selects. */
struct wb_node_entry {
    wb_solver_node *node;
    wb_solver_shape *shape;
    uint32_t flags, pod_name, count;
    wb_node_entry *newer, *older; /* within shape->running; older links the free list too */
};

struct wb_solver_node {
    wb_solver_world *world; /* borrowed */
    uint32_t name, nodepool;
    uint32_t pool_index; /* of the world; UINT32_MAX: none of its pools */
    bool is_managed, is_initialized, has_node;
    void *payload;                /* owned: labels, taints, requirement items */
    wb_labels labels;             /* as the Node shows them (the claim's, before it registers) */
    wb_requirements requirements; /* labels and hostname */
    const wb_taint *taints;       /* as shown */
    const wb_taint *blocking;     /* those that count now */
    uint32_t taint_count, blocking_count;
    const wb_attach_limit *attach_limits; /* borrowed */
    uint32_t attach_limit_count;
    uint32_t resource_count; /* of the dense vectors below */
    int64_t *capacity, *allocatable, *used, *daemon_used, *remaining; /* owned, one block */
    bool *has_allocatable;                                            /* owned */
    bool remaining_is_known, remaining_is_negative;
    uint64_t daemon_version;
    wb_node_entry **entries; /* owned array */
    uint32_t entry_count, entry_capacity;
    uint32_t host_index;   /* of the solve that stamped it: place in problem.nodes */
    uint64_t solve_serial; /* that solve */
};

/* Room left in each resource at the start of a solve; false when some entry is negative, so that
 * nothing fits. Resources from node->resource_count on are 0. */
bool wb_solver_node_room(wb_solver_node *node, const int64_t **out_remaining);

#endif
