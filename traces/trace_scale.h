/*
 * More or fewer pods, larger or smaller ones, of the same kind as a trace's.
 */
#ifndef WB_TRACES_TRACE_SCALE_H
#define WB_TRACES_TRACE_SCALE_H

#include "traces/trace_tools.h"

typedef struct wb_trace_scale_options {
    double rate;       /* pods there are for each one: 0.1 keeps a tenth, 2.5 makes two or three */
    double size;       /* factor of CPU and memory requests and limits */
    int64_t jitter_ms; /* copies arrive up to so much later than their pod */
    uint64_t seed;
} wb_trace_scale_options;

/* Writes the scaled trace. Which pods stay, how many copies they get and when these arrive are
 * functions of (seed, namespace, name): a deleted pod's copies are deleted with it. Replicas of
 * applied workloads and scale records are multiplied by rate, rounded, at least 1 where there was
 * one. GPUs and other whole things keep their size. Copies are put in order through a sorter, so
 * memory is bounded. */
WB_MUST_CHECK wb_status wb_trace_scale_pods(const char *path, const wb_trace_scale_options *options,
                                            const char *output_path, wb_trace_tool_report *out,
                                            wb_error *err);

#endif
