/*
 * Which parameter matters: how much of the spread of a figure over a sweep's points goes with each
 * parameter alone (the first-order index of Sobol, from the means of the points that share a value;
 * a continuous parameter's values are taken in four parts of equally many points).
 */
#ifndef WB_BENCH_SENSITIVITY_H
#define WB_BENCH_SENSITIVITY_H

#include "bench/sweep.h"

typedef struct wb_sensitivity {
    uint32_t parameter;
    double share;                   /* of the variance over the points, 0 to 1 */
    double least, most;             /* means of the figure where it is least, and most */
    const char *at_least, *at_most; /* the values there; of continuous ones "1m0s to 5m0s" */
} wb_sensitivity;

/* One per parameter into out, the one that matters most first; over complete points of a judged
 * sweep. Texts live in the sweep's arena. */
void wb_sensitivity_of(const wb_sweep *sweep, uint32_t figure, wb_sensitivity *out);

#endif
