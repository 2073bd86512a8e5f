/*
 * Sobol points: a sequence that fills a cube evenly at every length, so that few points see much of
 * it. Direction numbers of Joe and Kuo (new-joe-kuo-6), in the order of Gray codes, with a digital
 * shift drawn from a seed: the evenness stays, the grid lines do not.
 */
#ifndef WB_BENCH_SOBOL_H
#define WB_BENCH_SOBOL_H

#include <stdint.h>

#define WB_SOBOL_DIMENSIONS_MAX 16

/* The index-th point of the sequence: coordinates in [0, 1), dimension_count of them. */
void wb_sobol_point(uint64_t seed, uint32_t index, uint32_t dimension_count, double *out);

#endif
