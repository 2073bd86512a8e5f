/*
 * How good a solution is: what machines for its pods must cost at least, whoever packs them.
 *
 * Counted are the pods that found a place on a NodeClaim with a price, or on a node that is there;
 * the bound may put them on any machine that the NodePools let through (limits aside) and on the
 * room that the nodes have. solver/packing_bound.h does the work.
 */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_BOUND_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_BOUND_H

#include "scenarios/one_shot/one_shot.h"

typedef struct wb_one_shot_bound {
    double price_usd_per_hour;   /* of the NodeClaims that are counted */
    double bound_usd_per_hour;   /* not above the former */
    double program_usd_per_hour; /* what whole pods on fractions of machines cost; -1: not known */
    uint32_t pod_count;          /* counted */
    uint32_t left_out_count;     /* of those with a place: too many kinds, reserved capacity */
    uint32_t class_count, machine_count, packing_count, round_count;
} wb_one_shot_bound;

/* Finds the bound; scratch is rewound. */
void wb_one_shot_bound_find(wb_arena *scratch, const wb_one_shot_solution *solution,
                            wb_one_shot_bound *out);

#endif
