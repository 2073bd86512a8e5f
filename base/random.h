/*
 * Seeded random streams: each value is a pure function of (seed, stream, ordinal, draw), so any
 * draw can be recomputed, and switching one feature on does not shift the others.
 *
 * Stream: one name per use (append new ones at the end of wb_random_stream, never in the middle).
 * Ordinal: which thing draws (an instance's ordinal within its pool, a pod's row in the trace).
 * Draw: counts that thing's draws from 0. Mixing is Philox-like: 64-bit multiply-xorshift rounds
 * over the four inputs (no state, nothing to save).
 *
 * The boot time of the third instance of a pool, wherever and whenever it is asked for:
 *
 *     const wb_random_key key = {seed, WB_RANDOM_BOOT_LATENCY, wb_hash_map_join(pool_id, 3)};
 *     const double seconds = wb_random_lognormal(key, 0, 42.0, 0.3);
 *
 * Two draws for one thing take two draw numbers, never two streams.
 */
#ifndef WB_BASE_RANDOM_H
#define WB_BASE_RANDOM_H

#include <stdint.h>

typedef enum wb_random_stream {
    WB_RANDOM_BENCH_HOLD,
    WB_RANDOM_GENERATE_ARRIVAL,
    WB_RANDOM_GENERATE_DURATION,
    WB_RANDOM_GENERATE_SIZE,
    WB_RANDOM_GENERATE_CHOICE,
    WB_RANDOM_BOOT_LATENCY,
    WB_RANDOM_IMAGE_PULL,
    WB_RANDOM_SPOT_INTERRUPTION,
    WB_RANDOM_POOL_CAPACITY,
    WB_RANDOM_EXPANDER,
    WB_RANDOM_SCHEDULER_TIE,
    WB_RANDOM_TEST,
    WB_RANDOM_FAULT,
    WB_RANDOM_TRACE_SCALE,
    WB_RANDOM_GENERATE_CROWD,
    WB_RANDOM_GENERATE_ROLLOUT,
    WB_RANDOM_GENERATE_BURST,
} wb_random_stream;

typedef struct wb_random_key {
    uint64_t seed;
    wb_random_stream stream;
    uint64_t ordinal;
} wb_random_key;

/* 64 random bits: the draw-th value of key. */
uint64_t wb_random_bits(wb_random_key key, uint64_t draw);

/* Uniform in [0, bound); bound > 0. Multiply-shift: the bias is below bound / 2^64. */
uint64_t wb_random_below(wb_random_key key, uint64_t draw, uint64_t bound);

/* Uniform double in [0, 1), 53 bits. */
double wb_random_unit(wb_random_key key, uint64_t draw);

/* Exponential with the given mean; normal by inverse transform; lognormal from median and sigma
 * (of the logarithm). Doubles computed with a fixed order of operations and our own polynomial
 * logarithm and exponential, so that every compiler and libm gives the same bits. */
double wb_random_exponential(wb_random_key key, uint64_t draw, double mean);
double wb_random_normal(wb_random_key key, uint64_t draw);
double wb_random_lognormal(wb_random_key key, uint64_t draw, double median, double sigma);

/* The bit-stable natural logarithm and exponential that these use. x > 0 for the first. */
double wb_random_log(double x);
double wb_random_exp(double x);

#endif
