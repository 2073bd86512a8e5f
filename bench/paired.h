/*
 * Paired comparison of two contenders over seeds. A seed is one weather that both meet (common
 * random numbers), so the difference seed by seed varies far less than either figure, and a few
 * seeds tell whether it is more than chance.
 */
#ifndef WB_BENCH_PAIRED_H
#define WB_BENCH_PAIRED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wb_paired {
    uint32_t count;    /* pairs */
    double mean;       /* of the differences */
    double half_width; /* of the 95 % confidence interval (Student's t); 0 with one pair */
} wb_paired;

/* Differences values[i] - baselines[i] of count >= 1 pairs. */
wb_paired wb_paired_differences(const double *values, const double *baselines, uint32_t count);

/* Whether the interval leaves out zero; one pair shows nothing and is taken at its word. */
bool wb_paired_is_significant(const wb_paired *of);

#endif
