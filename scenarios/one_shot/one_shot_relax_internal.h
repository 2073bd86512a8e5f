/* Shared by the two halves of relaxing: which changes there are, and what each makes of a pod or a
 * pool. */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_RELAX_INTERNAL_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_RELAX_INTERNAL_H

#include "scenarios/one_shot/one_shot_relax.h"

#define WB_ONE_SHOT_EDITS_MAX 256

typedef enum wb_one_shot_edit_kind {
    WB_ONE_SHOT_EDIT_SELECTOR,      /* node selector index */
    WB_ONE_SHOT_EDIT_EXPRESSION,    /* of required term index, expression detail */
    WB_ONE_SHOT_EDIT_SPREAD,        /* constraint index becomes ScheduleAnyway */
    WB_ONE_SHOT_EDIT_AFFINITY,      /* required pod affinity index */
    WB_ONE_SHOT_EDIT_ANTI_AFFINITY, /* required pod anti-affinity index */
    WB_ONE_SHOT_EDIT_PORTS,         /* all host ports */
    WB_ONE_SHOT_EDIT_TOLERATION,    /* of taint index of the pool */
    WB_ONE_SHOT_EDIT_REQUEST,       /* of resource index lowered to amount */
    WB_ONE_SHOT_EDIT_REQUIREMENT,   /* of the pool, index */
    WB_ONE_SHOT_EDIT_MIN_VALUES,    /* of the pool's requirement index */
    WB_ONE_SHOT_EDIT_LIMIT,         /* of the pool, resource index */
    WB_ONE_SHOT_EDIT_NODE_LIMIT,    /* of the pool */
} wb_one_shot_edit_kind;

typedef struct wb_one_shot_edit {
    wb_one_shot_edit_kind kind;
    uint32_t pool_index; /* of input->pools, where the pool matters */
    uint32_t index, detail;
    int64_t amount;
    const char *text; /* in the arena */
} wb_one_shot_edit;

typedef struct wb_one_shot_edits {
    wb_one_shot_edit items[WB_ONE_SHOT_EDITS_MAX];
    uint32_t count;
} wb_one_shot_edits;

/* All changes worth trying for a pod that found no place. */
void wb_one_shot_relax_list(wb_arena *arena, const wb_one_shot_solution *solution,
                            uint32_t pod_index, wb_one_shot_edits *out);

/* The template or pool as the edit makes it, in arena; the same where the edit does not concern it.
 * pool is the index of input->pools that nodepool stands for. */
const wb_pod_template *wb_one_shot_relax_template(wb_arena *arena, const wb_one_shot_input *input,
                                                  const wb_one_shot_edit *edit,
                                                  const wb_pod_template *template);
const wb_nodepool *wb_one_shot_relax_pool(wb_arena *arena, const wb_one_shot_edit *edit,
                                          uint32_t pool, const wb_nodepool *nodepool);

#endif
