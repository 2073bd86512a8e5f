/*
 * The least that machines can cost per hour which hold given pods: whole machines packed with whole
 * pods, bought in fractions; tighter than cost_bound.h, for one moment.
 *
 * Column generation over packings (Gilmore and Gomory): a program over the packings known so far
 * gives each class of pods a worth; a knapsack per machine looks for a packing that is worth more
 * than the machine costs, and joins the program. At any time the worths, divided by the most that
 * any packing is worth per dollar, prove a bound (Farley): no packing is then worth more than its
 * machine costs, so pods that are worth so much cannot be had for less.
 *
 * Places are room on machines that are there already and cost nothing: each once, taken as fluid.
 * Some 1 to 128 classes, 2,000 machines, 1,000 places.
 */
#ifndef WB_SOLVER_PACKING_BOUND_H
#define WB_SOLVER_PACKING_BOUND_H

#include "solver/cost_bound.h"
#include "solver/knapsack.h"

typedef struct wb_packing_place {
    const double *room;      /* by resource, >= 0; borrowed */
    const uint64_t *classes; /* bitset: those that may run there; borrowed */
} wb_packing_place;

typedef struct wb_packing_problem {
    wb_cost_bound_problem base;     /* classes and machines; at most WB_KNAPSACK_CLASSES_MAX */
    const uint32_t *pods;           /* by class: how many there are; borrowed */
    const uint32_t *per_machine;    /* by class: so many of them on a machine at most; borrowed */
    const wb_packing_place *places; /* borrowed */
    uint32_t place_count;
    uint32_t round_limit; /* of the generation; 0: 200 */
} wb_packing_problem;

typedef struct wb_packing_bound {
    double bound;           /* per hour; 0: nothing could be shown */
    double program;         /* what the program over the known packings costs: the bound cannot get
                                above that; -1: they do not hold all pods */
    uint32_t packing_count; /* known in the end */
    uint32_t machine_count; /* looked at: those that no other one can stand in for */
    uint32_t round_count;
} wb_packing_bound;

/* Looks until bound and program meet, nothing new is found, or the rounds are over. out_worths (may
 * be NULL; by class) gets what a pod is worth by the proof: whatever pods there are of the classes,
 * never more on a machine than here, machines for them cost no less than they are worth (without
 * places). */
void wb_packing_bound_find(wb_arena *scratch, const wb_packing_problem *problem,
                           wb_packing_bound *out, double *out_worths);

#endif
