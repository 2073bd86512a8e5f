/*
 * How often which size occurs, in constant memory: counts in buckets whose width grows with the
 * size, eight to each doubling, so that a quantile is told to 12.5 %.
 *
 *   0 1 2 ... 7 | 8 9 ... 15 | 16-17 18-19 ... 30-31 | 32-35 ... | ...
 */
#ifndef WB_TRACES_TRACE_HISTOGRAM_H
#define WB_TRACES_TRACE_HISTOGRAM_H

#include <stdint.h>

#define WB_TRACE_HISTOGRAM_BUCKETS 488 /* 16, and 8 for each of the 59 doublings up to 2^63 */

typedef struct wb_trace_histogram {
    uint64_t counts[WB_TRACE_HISTOGRAM_BUCKETS];
    int64_t sums[WB_TRACE_HISTOGRAM_BUCKETS]; /* of the values in each; they saturate */
    uint64_t count;
    int64_t minimum, maximum; /* of what was added; 0 before */
} wb_trace_histogram;

/* Adds count values; value >= 0. */
void wb_trace_histogram_add(wb_trace_histogram *histogram, int64_t value, uint64_t count);

/* The value that quantile (0 to 1) of all values do not exceed, told as the mean of its bucket's
 * values: exact where they are all the same, as requests mostly are. 0 without values. */
int64_t wb_trace_histogram_quantile(const wb_trace_histogram *histogram, double quantile);

/* How many values lie in [from, to), told by buckets that begin there. */
uint64_t wb_trace_histogram_count_between(const wb_trace_histogram *histogram, int64_t from,
                                          int64_t to);

/* The smallest value of a bucket. */
int64_t wb_trace_histogram_bucket_start(uint32_t bucket);

#endif
