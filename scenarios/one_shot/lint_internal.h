/*
 * Shared by the files of lint:
 *
 *     lint.c            the report, places in documents, the order of checks
 *     lint_refusals.c   what contradicts itself or names what is not there
 *     lint_pools.c      NodePools
 *     lint_pods.c       workloads against the pools
 *     lint_budgets.c    PodDisruptionBudgets
 */
#ifndef WB_SCENARIOS_ONE_SHOT_LINT_INTERNAL_H
#define WB_SCENARIOS_ONE_SHOT_LINT_INTERNAL_H

#include "scenarios/one_shot/lint.h"

/* One run. */
typedef struct wb_lint {
    wb_arena *arena;
    const wb_one_shot_input *input;
    const wb_one_shot_solution *solution; /* of everything, limits lifted; NULL for refusals */
    wb_lint_report *report;
} wb_lint;

/* Where a finding belongs. */
typedef struct wb_lint_place {
    const wb_node *source; /* the object's document; may be NULL */
    const char *object;
    const char *path; /* "spec.template.spec.requirements[1].minValues" */
    bool is_manifest;
} wb_lint_place;

/* Adds a finding; refusals are errors. */
typedef enum wb_lint_weight {
    WB_LINT_WARNING,
    WB_LINT_ERROR,
    WB_LINT_REFUSAL,
} wb_lint_weight;
WB_PRINTF(5, 6)
void wb_lint_add(const wb_lint *lint, wb_lint_weight weight, const char *check,
                 const wb_lint_place *place, const char *fmt, ...);

/* A text in the arena. */
WB_PRINTF(2, 3) const char *wb_lint_format(const wb_lint *lint, const char *fmt, ...);

/* The object's name for findings: "NodePool general", "Deployment shop/web". */
const char *wb_lint_pool_name(const wb_lint *lint, const wb_nodepool *pool);
const char *wb_lint_group_name(const wb_lint *lint, const wb_one_shot_group *group);

/* Whether the object was refused already: what follows from that is not worth a finding more. */
bool wb_lint_is_refused(const wb_lint *lint, const char *object);

/* A template that stands for a group: that of its first pod; NULL: it has none. */
const wb_pod_template *wb_lint_template(const wb_lint *lint, uint32_t group_index);

/* The checks, each over all objects of its kind. */
void wb_lint_check_pool_requirements(const wb_lint *lint);
void wb_lint_check_pod_refusals(const wb_lint *lint);
void wb_lint_check_pools(const wb_lint *lint);
void wb_lint_check_pods(const wb_lint *lint);
void wb_lint_check_budgets(const wb_lint *lint);

#endif
