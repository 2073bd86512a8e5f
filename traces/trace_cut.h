/*
 * A part of a trace: a window of time, some namespaces, pods with some label. What is there at the
 * window's begin comes with it: pods that live on, objects as applied last, nodes, prices.
 */
#ifndef WB_TRACES_TRACE_CUT_H
#define WB_TRACES_TRACE_CUT_H

#include "traces/trace_tools.h"

typedef struct wb_trace_cut_options {
    int64_t from_ms, to_ms;        /* the window [from, to); to -1: to the end */
    const char *const *namespaces; /* borrowed; count 0: all */
    uint32_t namespace_count;
    const char *const *labels; /* borrowed: "key=value" or "key", all must hold; count 0: all */
    uint32_t label_count;
    bool leaves_running; /* pods that began before the window do not come with it */
} wb_trace_cut_options;

/* Writes the part of the trace at path, its times counted from the window's begin and the epoch
 * moved so that the calendar stays. A pod that began before it is created at 0; what a batch pod
 * has left to run is counted from its recorded start, else from its creation. A pod deleted behind
 * the window is there to its end. Records of nodes and spot pools belong to every namespace. */
WB_MUST_CHECK wb_status wb_trace_cut(const char *path, const wb_trace_cut_options *options,
                                     const char *output_path, wb_trace_tool_report *out,
                                     wb_error *err);

#endif
