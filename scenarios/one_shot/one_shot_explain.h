/*
 * Why a pod went where it went, or nowhere: existing nodes, then NodePool by NodePool how the
 * instance types ran out, then what relaxing would have helped. The parts are one_shot_funnel.h and
 * one_shot_relax.h; here they are put together for the pods that somebody asks for.
 */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_EXPLAIN_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_EXPLAIN_H

#include "scenarios/one_shot/one_shot_funnel.h"
#include "scenarios/one_shot/one_shot_relax.h"

/* Existing nodes by what rules the pod out there, the first that does. */
typedef struct wb_one_shot_node_counts {
    uint32_t offered; /* all that take pods */
    uint32_t tainted, unlabelled, full;
    uint32_t other; /* would do by taints, labels and room: spread, affinity, ports or volumes */
} wb_one_shot_node_counts;

typedef struct wb_one_shot_explanation {
    uint32_t pod_index;   /* of the input */
    bool is_placed;       /* then claim_index or node_index says where */
    uint32_t claim_index; /* of the solution, or WB_ONE_SHOT_NONE */
    uint32_t node_index;  /* of the input, or WB_ONE_SHOT_NONE */
    uint32_t left_count;  /* pods of its group without a place */
    wb_one_shot_node_counts nodes;
    const wb_one_shot_funnel *funnels; /* NodePools in the order in which they are tried; for a pod
                                          on a claim, up to that claim's */
    uint32_t funnel_count;
    wb_one_shot_fixes fixes; /* none for a pod with a place */
} wb_one_shot_explanation;

/* All about one pod of a solution that was solved with explains. Lives in arena. */
void wb_one_shot_explain(wb_arena *arena, const wb_one_shot_solution *solution, uint32_t pod_index,
                         wb_one_shot_explanation *out);

/* The pod that a name means: "web-1", "shop/web-1", or a workload ("web", "shop/web",
 * "Deployment/web", "Deployment/shop/web"), which stands for the first of its pods that is left
 * over, else its first. WB_ERR_INPUT names the nearest. */
WB_MUST_CHECK wb_status wb_one_shot_explain_find(wb_arena *scratch,
                                                 const wb_one_shot_solution *solution,
                                                 const char *name, uint32_t *out_pod_index,
                                                 wb_error *err);

/* The first pod without a place of each group that has one, in the order of the files; returns how
 * many. Lives in arena. */
uint32_t wb_one_shot_explain_left(wb_arena *arena, const wb_one_shot_solution *solution,
                                  const uint32_t **out_pod_indices);

#endif
