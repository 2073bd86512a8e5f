/*
 * What a pod's volumes ask of a node: zones of bound volumes, allowed topologies of classes, and
 * the attach limits of existing nodes. Source: spec/scheduling.md sections 1 and 13a.
 */
#ifndef WB_SOLVER_VOLUMES_H
#define WB_SOLVER_VOLUMES_H

#include "solver/provisioning.h"
#include "solver/solver_node_internal.h"

/* Alternatives in the order in which they are tried. Without any restriction there is one, and it
 * is empty. */
typedef struct wb_volume_choices {
    const wb_requirements *alternatives;
    uint32_t count;
} wb_volume_choices;

/* Of a pod of template; pod_name names its generic ephemeral claims. Lives in arena. */
wb_volume_choices wb_volumes_choices(wb_arena *arena, wb_intern *intern,
                                     const wb_solver_problem *problem,
                                     const wb_pod_template *template, uint32_t pod_name,
                                     uint32_t namespace_name);

/* Whether validation lets the pod's claims through (section 1). */
bool wb_volumes_are_valid(wb_intern *intern, const wb_solver_problem *problem,
                          const wb_pod_template *template, uint32_t pod_name,
                          uint32_t namespace_name);

/* A pod with volumes that this solve has placed on a node already. */
typedef struct wb_volume_pod {
    const wb_pod_template *template;
    uint32_t pod_name, namespace_name;
} wb_volume_pod;

/* A node, the pods that this solve has placed on it, and one more (template NULL: none). */
typedef struct wb_volume_query {
    const wb_solver_node *node;
    const wb_volume_pod *placed;
    uint32_t placed_count;
    wb_volume_pod added;
} wb_volume_query;

/* Whether every driver's attach limit is kept by the added pod beside what runs on the node and was
 * placed there, also those of drivers that the pod doesn't use: upstream compares the whole node.
 * Distinct claims count once. scratch is rewound. */
bool wb_volumes_fit(wb_arena *scratch, wb_intern *intern, const wb_solver_problem *problem,
                    const wb_volume_query *query);

#endif
