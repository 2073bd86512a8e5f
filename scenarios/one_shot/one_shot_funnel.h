/*
 * How a NodePool's instance types run out for a pod: constraint by constraint, in the order in
 * which one would check them by hand, and how many types each leaves.
 *
 *     1345 ──▶ NodePool's requirements ──▶ its limits ──▶ its taints ──▶ the pod's selector and
 *     affinity ──▶ room beside the DaemonSets ──▶ offerings ──▶ what the solver alone knows
 *
 * The solver decides all of it at once; the funnel repeats the single questions to say how much
 * each weighs. It agrees with the solver's verdict: a pod that was refused for a reason that no
 * step covers (spread, volumes, minValues) gets that as the last step.
 */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_FUNNEL_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_FUNNEL_H

#include "scenarios/one_shot/one_shot.h"

#define WB_ONE_SHOT_STEPS_MAX 64

typedef enum wb_one_shot_step_kind {
    WB_ONE_SHOT_STEP_POOL,     /* the NodePool's own doing */
    WB_ONE_SHOT_STEP_LIMIT,    /* its limits */
    WB_ONE_SHOT_STEP_TAINT,    /* its taints */
    WB_ONE_SHOT_STEP_POD,      /* the pod's selector and affinity */
    WB_ONE_SHOT_STEP_ROOM,     /* the pod's requests */
    WB_ONE_SHOT_STEP_OFFERING, /* zones and markets */
    WB_ONE_SHOT_STEP_SOLVER,   /* spread, affinity to pods, volumes, minValues, reservations */
} wb_one_shot_step_kind;

/* One constraint that took types away. */
typedef struct wb_one_shot_step {
    wb_one_shot_step_kind kind;
    const char *text; /* in the arena */
    uint32_t left_count;
} wb_one_shot_step;

typedef struct wb_one_shot_funnel {
    uint32_t pool_index; /* of the world */
    uint32_t type_count; /* before any constraint */
    wb_one_shot_step steps[WB_ONE_SHOT_STEPS_MAX];
    uint32_t step_count;
    uint64_t *types; /* what is left, a bitset over the world's types */
    uint32_t left_count;
} wb_one_shot_funnel;

/* The NodePool alone, without limits: what a claim of it could become at all. */
void wb_one_shot_funnel_pool(wb_arena *arena, const wb_one_shot_solution *solution,
                             uint32_t pool_index, wb_one_shot_funnel *out);

/* The whole of it for a pod of the input, at the end of the solve. A pod with several required
 * affinity terms is judged by the one that leaves most. */
void wb_one_shot_funnel_pod(wb_arena *arena, const wb_one_shot_solution *solution,
                            uint32_t pool_index, uint32_t pod_index, wb_one_shot_funnel *out);

/* The largest request for a resource that some type of the pool could still meet, all else being as
 * the pod wants it; 0: none. */
int64_t wb_one_shot_funnel_most(wb_arena *arena, const wb_one_shot_solution *solution,
                                uint32_t pool_index, uint32_t pod_index, uint32_t resource);

/* Adds an expression as it was written: "karpenter.k8s.aws/instance-generation Gt [5]". */
void wb_one_shot_funnel_print_expression(const wb_intern *intern,
                                         const wb_label_expression *expression, wb_text *out);

/* Adds an amount as manifests write it: "500m", "8Gi", "4". */
void wb_one_shot_funnel_print_amount(uint32_t resource, int64_t amount, wb_text *out);

#endif
