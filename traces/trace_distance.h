/*
 * How alike two traces are: for each of six measures the Kolmogorov-Smirnov distance, the largest
 * difference between the two shares of values that do not exceed some value. 0: alike; 1: disjoint.
 *
 * Measures come from trace_stats.h, so that neither trace is held; the distance is taken at the
 * bounds of its histograms' buckets, eight to each doubling, and is a lower bound of the exact one
 * by at most what lies within one bucket.
 */
#ifndef WB_TRACES_TRACE_DISTANCE_H
#define WB_TRACES_TRACE_DISTANCE_H

#include "traces/trace_stats.h"

typedef enum wb_trace_measure {
    WB_TRACE_MEASURE_GAP,         /* ms between arrivals */
    WB_TRACE_MEASURE_CPU,         /* milli-CPU asked for */
    WB_TRACE_MEASURE_MEMORY,      /* MiB asked for */
    WB_TRACE_MEASURE_LIFETIME,    /* s, of pods whose end is known */
    WB_TRACE_MEASURE_PODS,        /* that are there, over time */
    WB_TRACE_MEASURE_CPUS_IN_USE, /* milli-CPU asked for by those, over time */
    WB_TRACE_MEASURE_COUNT
} wb_trace_measure;

/* One measure of both. */
typedef struct wb_trace_distance {
    wb_trace_histogram first, second; /* the second brought to the first's scale */
    double distance;                  /* 0 to 1; 0 too when either has no values */
} wb_trace_distance;

/* scale: the second trace has so many pods for each of the first: its gaps are multiplied by it,
 * and what is there is divided. out has WB_TRACE_MEASURE_COUNT entries. */
void wb_trace_distance_measure(const wb_trace_stats *first, const wb_trace_stats *second,
                               double scale, wb_trace_distance *out);

/* "inter-arrival time", ... and "ms", ...: for tables. */
const char *wb_trace_distance_name(wb_trace_measure measure);
const char *wb_trace_distance_unit(wb_trace_measure measure);

#endif
