/*
 * Something over time in constant memory, when nobody knows beforehand how long the time will be:
 * 1,024 bins of one millisecond, whose width doubles, neighbours falling together, whenever a later
 * moment comes.
 *
 * A bin holds the sum of what was added in it. Arrivals are such sums; what is there at a time is
 * the running sum of +1 at each beginning and -1 at each end, right at the end of every bin.
 */
#ifndef WB_TRACES_TRACE_SERIES_H
#define WB_TRACES_TRACE_SERIES_H

#include <stdint.h>

#define WB_TRACE_SERIES_BINS 1024

typedef struct wb_trace_series {
    int64_t sums[WB_TRACE_SERIES_BINS];
    int64_t width_ms; /* 0: nothing was added; else a power of two */
} wb_trace_series;

/* Adds amount at at_ms >= 0. Sums saturate. */
void wb_trace_series_add(wb_trace_series *series, int64_t at_ms, int64_t amount);

/* Makes the bins at least so wide that end_ms lies in one. */
void wb_trace_series_reach(wb_trace_series *series, int64_t end_ms);

/* Bins up to the one that at_ms lies in. */
uint32_t wb_trace_series_bin_count(const wb_trace_series *series, int64_t at_ms);

/* The largest running sum at the end of a bin, up to end_ms. */
int64_t wb_trace_series_running_peak(const wb_trace_series *series, int64_t end_ms);

#endif
