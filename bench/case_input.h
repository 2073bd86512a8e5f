/*
 * A golden case or a benchmark file as input of the solver: world, nodes, pods and storage.
 * Format: golden/scheduling/README.md ("Case fields").
 */
#ifndef WB_BENCH_CASE_INPUT_H
#define WB_BENCH_CASE_INPUT_H

#include "base/document.h"
#include "base/findings.h"
#include "kube/catalog/catalog.h"
#include "kube/manifest.h"
#include "solver/provisioning.h"

typedef struct wb_case_input {
    wb_catalog catalog;
    const wb_pod *pods; /* all of the case, in order */
    uint32_t pod_count;
    const wb_pod_verdict *verdicts; /* per pod */
    const wb_nodepool *nodepools;
    uint32_t nodepool_count;
    const wb_pod_template **daemon_templates;
    uint32_t daemon_count;
    bool min_values_best_effort;
    wb_solver_world_desc world_desc;
    wb_solver_world *world;
    wb_solver_problem problem; /* of the provisionable pods */
    uint32_t *pod_of_problem;  /* index into pods, per pod of the problem */
    wb_solver_node **nodes;    /* owned until wb_case_input_release */
} wb_case_input;

/* Decodes everything but does not prepare a world. Lives in arena. */
WB_MUST_CHECK wb_status wb_case_input_decode(wb_arena *arena, wb_intern *intern,
                                             const wb_node *root, const wb_catalog *catalog,
                                             wb_case_input *out, wb_error *err);

/* The part of the work that is the solver's own, in two steps: world and nodes (root NULL: no
 * nodes), then the pods' shapes and the problem. */
void wb_case_input_prepare_world(wb_arena *arena, wb_intern *intern, const wb_node *root,
                                 wb_case_input *input);
void wb_case_input_prepare_pods(wb_arena *arena, wb_intern *intern, wb_case_input *input);

/* A node of a case without its pods, for kinds of cases that keep their nodes themselves. nodepool:
 * whose template gives it labels and taints; NULL where the case lists all of them with the node.
 * Freed by wb_solver_node_free before the input is released. */
wb_solver_node *wb_case_input_make_node(const wb_decode_context *context, wb_case_input *input,
                                        const wb_node *node, const wb_nodepool *nodepool);

/* Frees nodes and world; the rest ends with the arena. */
void wb_case_input_release(wb_case_input *input);

#endif
