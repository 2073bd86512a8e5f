/*
 * Several traces into one, in order of time; and one trace moved in time (a merge of one).
 */
#ifndef WB_TRACES_TRACE_MERGE_H
#define WB_TRACES_TRACE_MERGE_H

#include "traces/trace_tools.h"

typedef struct wb_trace_merge_input {
    const char *path; /* borrowed */
    int64_t shift_ms; /* added to every time; may be negative */
} wb_trace_merge_input;

typedef struct wb_trace_merge_options {
    bool ignores_calendar; /* else traces that all have an epoch are laid out by it */
    bool has_epoch;        /* the output's epoch is epoch_ms, instead of the earliest input's */
    int64_t epoch_ms;
} wb_trace_merge_options;

/* Merges count (>= 1) traces. Records of one time keep the order of the inputs. Equal shapes and
 * owners become one: a workload or pod of the same namespace and name is the same in all. Memory:
 * the templates. WB_ERR_INPUT: a shift that brings a record before 0. */
WB_MUST_CHECK wb_status wb_trace_merge(const wb_trace_merge_input *inputs, uint32_t count,
                                       const wb_trace_merge_options *options,
                                       const char *output_path, wb_trace_tool_report *out,
                                       wb_error *err);

#endif
