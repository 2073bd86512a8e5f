/*
 * A specification of generated traces fitted to a recorded one: its rates by hour, its requests by
 * frequency, its lifetimes by measured quantiles. The generator then makes a longer or larger trace
 * of the kind (docs/traces.md, "A trace like one that was recorded").
 *
 * What is kept: how many pods of which shape come at which hour of the day (of the week, when the
 * trace is that long), how many at once, how long they live, what is there at the start and never
 * goes. What is not: who came after whom, names, nodes, applied objects and their controllers.
 */
#ifndef WB_TRACES_TRACE_FIT_H
#define WB_TRACES_TRACE_FIT_H

#include "base/text.h"
#include "traces/trace.h"

typedef struct wb_trace_fit_options {
    int64_t span_ms; /* of what the specification makes; 0: the trace's own */
    uint64_t seed;
} wb_trace_fit_options;

typedef struct wb_trace_fit_report {
    uint64_t pod_count, standing_count; /* read; of them there from start to end */
    uint64_t censored_count;            /* whose end the trace does not show */
    uint64_t object_count;              /* applied objects, which are left out */
    uint64_t dropped_count;             /* pods of rare shapes, left out */
    uint32_t source_count, row_count;   /* of the specification */
    uint32_t hour_count;                /* of the profile: 1, 24 or 168 */
} wb_trace_fit_report;

/* Reads the trace at path twice, so it is a file, and appends the specification as YAML. Memory
 * depends on the number of shapes, and of pods without a stated end that are alive. WB_ERR_INPUT:
 * the first thing wrong, or no pods. */
WB_MUST_CHECK wb_status wb_trace_fit(const char *path, const wb_trace_fit_options *options,
                                     wb_text *out, wb_trace_fit_report *report, wb_error *err);

#endif
