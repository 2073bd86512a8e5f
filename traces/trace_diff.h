/*
 * Where two traces begin to differ, and in what.
 */
#ifndef WB_TRACES_TRACE_DIFF_H
#define WB_TRACES_TRACE_DIFF_H

#include "traces/trace.h"

typedef struct wb_trace_diff {
    bool is_same;
    uint64_t same_record_count;  /* before the first difference */
    uint64_t line_a, line_b;     /* of the first difference */
    const char *text_a, *text_b; /* these lines, cut at 400 bytes; in the arena */
    wb_trace_summary a, b;       /* of the whole traces */
} wb_trace_diff;

/* Compares two traces record by record (first lines aside), and sums both up. arena receives the
 * texts. WB_ERR_INPUT: one of them is no good trace. */
WB_MUST_CHECK wb_status wb_trace_diff_traces(const char *path_a, const char *path_b,
                                             wb_arena *arena, wb_trace_diff *out, wb_error *err);

#endif
