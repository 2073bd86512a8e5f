/*
 * From a pod's spread constraints and affinity terms to the rules that make topology groups:
 * namespaces resolved, matchLabelKeys folded in, selectors in a fixed order.
 * Source: spec/scheduling.md section 10.1.
 */
#ifndef WB_SOLVER_TOPOLOGY_RULES_H
#define WB_SOLVER_TOPOLOGY_RULES_H

#include "solver/provisioning.h"
#include "solver/topology_group.h"

/* Groups without domains and counts, in the order of the pod's fields. */
typedef struct wb_topology_rules {
    wb_topology_group *drafts;
    uint32_t count;
} wb_topology_rules;

/* Spreads, affinity and anti-affinity of a variant. */
wb_topology_rules wb_topology_rules_of(wb_arena *arena, wb_solver_world *world,
                                       const wb_solver_problem *problem,
                                       const wb_pod_variant *variant);

/* Required anti-affinity of a kind, as it binds others. */
wb_topology_rules wb_topology_rules_inverse(wb_arena *arena, wb_solver_world *world,
                                            const wb_solver_problem *problem,
                                            const wb_pod_kind *kind);

#endif
