/*
 * What relaxing would have helped: every single small change of a pod or a NodePool, tried by
 * solving again; those that place the pods are told, the cheapest first.
 *
 * A change is one thing that a person would edit: a selector or expression dropped, a taint
 * tolerated, a spread made soft, a limit raised. Where none helps alone, pairs are tried. Some 10
 * to 40 changes are tried for a pod, each a solve of the whole input (milliseconds).
 */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_RELAX_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_RELAX_H

#include "scenarios/one_shot/one_shot.h"

#define WB_ONE_SHOT_FIXES_MAX 8 /* told of one group */

typedef struct wb_one_shot_fix {
    const char *text;                /* "tolerate taint ...": an imperative; in the arena */
    uint32_t placed_count;           /* pods of the group that have a place then */
    uint32_t other_lost_count;       /* pods of others that lose theirs */
    double added_price_usd_per_hour; /* of all NodeClaims; may be negative */
} wb_one_shot_fix;

typedef struct wb_one_shot_fixes {
    wb_one_shot_fix items[WB_ONE_SHOT_FIXES_MAX]; /* most pods first, then the cheapest */
    uint32_t count;
    uint32_t dropped_count; /* helpful ones beyond that */
    uint32_t tried_count;   /* changes, pairs included */
    bool are_pairs;         /* none helped alone: each is two changes */
} wb_one_shot_fixes;

/* Changes that place more pods of pod_index's group than solution (solved with explains) does.
 * Texts live in arena. */
void wb_one_shot_relax(wb_arena *arena, const wb_one_shot_solution *solution, uint32_t pod_index,
                       wb_one_shot_fixes *out);

#endif
