/*
 * What solves over the same nodes have in common.
 *
 * A disruption pass simulates the removal of one set of nodes after the other: the same cluster
 * each time, but for a few nodes and their pods. Ordering the nodes, finding the room on each,
 * adding up limits and reservations takes time that grows with the cluster; what a solve changes of
 * it is little. So the base is built once, a solve works on it, writes down which nodes it touched,
 * and puts those back when it is over:
 *
 *     base  = wb_provisioning_base_new(&picture, world, &problem);
 *     first = wb_provisioning_solve_from(&scratch, base, &problem, removed_a, 1);
 *     next  = wb_provisioning_solve_from(&scratch, base, &problem, removed_b, 2);
 *
 * The result is that of wb_provisioning_solve, which builds a base for itself alone.
 */
#ifndef WB_SOLVER_PROVISIONING_BASE_H
#define WB_SOLVER_PROVISIONING_BASE_H

#include "solver/provisioning.h"

typedef struct wb_provisioning_base wb_provisioning_base;

/* The nodes of problem in its roles, and what its world offers; pods are not read. Everything in
 * arena. As long as the base is used, the nodes, their pods and the roles but for those of removed
 * nodes must stay what they are. Prices and availability may change. */
wb_provisioning_base *wb_provisioning_base_new(wb_arena *arena, wb_solver_world *world,
                                               const wb_solver_problem *problem);

/* Solves problem, whose nodes are the base's and whose roles say WB_NODE_ROLE_REMOVED for the nodes
 * of removed (indices, each once), and otherwise what the base was made with. */
wb_solver_result wb_provisioning_solve_from(wb_arena *arena, wb_provisioning_base *base,
                                            const wb_solver_problem *problem,
                                            const uint32_t *removed, uint32_t removed_count);

#endif
