/*
 * Shared by the files of the fit only: what is measured of a trace (trace_fit.c), and its writing
 * as a specification (fit_spec.c).
 */
#ifndef WB_TRACES_FIT_INTERNAL_H
#define WB_TRACES_FIT_INTERNAL_H

#include "traces/generate_internal.h"
#include "traces/trace_fit.h"
#include "traces/trace_histogram.h"
#include "traces/trace_rewrite.h"

#define WB_FIT_PARTS 64 /* of the trace, for its trend */

/* Pods of one shape that came at one moment, and how often that many did. */
typedef struct wb_fit_row {
    uint32_t shape_number;
    int64_t pod_count; /* sizes above 16 in eighths of a doubling */
    uint64_t event_count;
} wb_fit_row;

/* Pods whose arrivals and lives are measured together: those of one shape, if it is frequent, else
 * all of a class. Services apart by quarter of the day: who comes in the morning stays longer. */
typedef struct wb_fit_group {
    uint32_t shape_number; /* UINT32_MAX: all that are not frequent */
    uint32_t quarter;
    bool is_batch, is_checkpointed, is_initial;
    uint64_t events[WB_GENERATE_WEEK_HOURS], event_count;
    uint64_t parts[WB_FIT_PARTS];       /* clusters in each part of the trace */
    wb_trace_histogram ended, censored; /* ms; censored: alive for so long at least */
    wb_fit_row *rows;                   /* owned */
    size_t row_count, row_capacity;
    /* the event under way, and clusters of events */
    int64_t last_ms, last_pods;
    uint32_t last_shape;
    int64_t cluster_gap_ms; /* events that lie no further apart are one cluster */
    uint64_t cluster_count;
    int64_t inside_ms; /* sum of gaps within clusters */
} wb_fit_group;

/* Of one shape. */
typedef struct wb_fit_shape {
    uint64_t pod_count, standing_count; /* standing: there from start to end */
    uint64_t event_count;
    int64_t last_ms;
    bool is_frequent;
} wb_fit_shape;

typedef struct wb_fit {
    const wb_trace_fit_options *options;
    wb_trace_fit_report *report;
    wb_trace_rewrite_input input;
    wb_fit_shape *shapes; /* owned */
    size_t shape_count, shape_capacity;
    wb_fit_group *groups; /* owned */
    size_t group_count, group_capacity;
    wb_hash_map group_rows; /* what makes a group to its index */
    wb_hash_map row_rows;   /* group, shape and size to row */
    int64_t epoch_ms, end_ms, week_offset_ms;
    int64_t part_ms; /* 0: the trace is too short to have a trend */
} wb_fit;

/* Appends the specification of what was measured. */
void wb_fit_spec_print(wb_fit *fit, wb_text *out);

#endif
