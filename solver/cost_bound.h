/*
 * The least that machine time can cost which gives pods the room they had: a lower bound on every
 * schedule, with a proof that needs no trust in the solver of linear programs.
 *
 *   classes    pods alike in requests and in where they may run; demand: how long they ran in all
 *   machines   what can be bought: capacity by resource, a price, the classes that may run there
 *
 * Prices u >= 0 for the resources of each machine, such that capacity * u <= the machine's price,
 * prove a bound: a class is worth what its requests cost where they cost least, and
 *
 *   cost >= sum over machines of time * capacity * u     (what is paid is worth it)
 *        >= sum over machines of requests there * u      (pods fit into their machines)
 *        >= sum over classes of demand * worth           (no machine gives room for less)
 *
 * Any u will do; a linear program finds the best (docs/bound.md). Some 1 to 500 classes, 10,000
 * machines of which a few dozen matter, 4 to 8 resources. Knows nothing of nodes or contenders.
 */
#ifndef WB_SOLVER_COST_BOUND_H
#define WB_SOLVER_COST_BOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct wb_cost_bound_machine {
    double price;            /* per unit of time, > 0 */
    const double *capacity;  /* by resource, >= 0; borrowed */
    const uint64_t *classes; /* bitset: those that may run there; borrowed */
} wb_cost_bound_machine;

typedef struct wb_cost_bound_problem {
    const wb_cost_bound_machine *machines; /* borrowed */
    const double *requests;                /* [class * resource_count + resource]; borrowed */
    uint32_t machine_count, class_count, resource_count;
} wb_cost_bound_problem;

typedef struct wb_cost_bound wb_cost_bound;

/* Prepares a problem, which must outlive the bound. A class that does not fit on a machine is taken
 * not to run there. The handle lives in arena and is released before it. */
wb_cost_bound *wb_cost_bound_new(wb_arena *arena, const wb_cost_bound_problem *problem);
void wb_cost_bound_release(wb_cost_bound *bound);

/* The bound for a demand (time by class, >= 0). out_time (may be NULL), by machine of the problem,
 * is added what the cheapest mix of fractional machines would run. */
double wb_cost_bound_least(wb_cost_bound *bound, const double *demand, double *out_time);

#endif
