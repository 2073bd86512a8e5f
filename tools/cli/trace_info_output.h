/*
 * What trace info says of traces: a line each and, below, rates, sizes and shapes; as JSON and CSV
 * for programs.
 */
#ifndef WB_TOOLS_CLI_TRACE_INFO_OUTPUT_H
#define WB_TOOLS_CLI_TRACE_INFO_OUTPUT_H

#include "base/arena.h"
#include "base/text.h"
#include "traces/trace_stats.h"

/* Traces side by side. */
typedef struct wb_trace_info_set {
    const char *const *paths;    /* borrowed */
    const wb_trace_stats *stats; /* borrowed: one per path */
    uint32_t count;
    bool is_colored;
} wb_trace_info_set;

/* Appends the set as table, json or csv. arena: scratch for the call. */
void wb_trace_info_output_print(const wb_trace_info_set *set, wb_arena *arena, const char *format,
                                wb_text *out);

#endif
