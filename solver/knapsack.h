/*
 * The most valuable set of pods that fits into one machine: whole pods, several resources.
 *
 * Branch and bound with a limit of steps: what is returned is never less than the true maximum, so
 * that it may stand in a proof, and equal to it where the steps sufficed. Some 1 to 128 classes,
 * 3 to 8 resources, up to 737 pods on a machine.
 */
#ifndef WB_SOLVER_KNAPSACK_H
#define WB_SOLVER_KNAPSACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define WB_KNAPSACK_CLASSES_MAX   128
#define WB_KNAPSACK_RESOURCES_MAX 16

typedef struct wb_knapsack {
    const double *requests; /* [class * resource_count + resource]; each class asks for something */
    const double *values;   /* by class, >= 0 */
    const uint32_t *limits; /* by class: so many at most */
    const uint64_t *classes; /* bitset: those that may be taken */
    const double *capacity;  /* by resource */
    uint32_t class_count, resource_count;
    uint32_t step_limit;
    double enough; /* a value that nothing above is looked for below: see wb_knapsack_most */
} wb_knapsack;

/* An upper bound on the value; out_counts (by class) gets the best set found, worth *out_found.
 * When it can be shown cheaply that the maximum is at most knapsack->enough, that is all that is
 * shown, and the set may be empty. Scratch is rewound. */
double wb_knapsack_most(wb_arena *scratch, const wb_knapsack *knapsack, uint32_t *out_counts,
                        double *out_found);

#endif
