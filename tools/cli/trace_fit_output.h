/* What a fit gave: the trace that was made, and how close it is to the recorded one. */
#ifndef WB_TOOLS_CLI_TRACE_FIT_OUTPUT_H
#define WB_TOOLS_CLI_TRACE_FIT_OUTPUT_H

#include "base/text.h"
#include "traces/trace_distance.h"
#include "traces/trace_fit.h"

typedef struct wb_trace_fit_result {
    const char *trace_path, *output_path;
    const wb_trace_fit_report *fit;
    const wb_trace_summary *recorded, *generated;
    const wb_trace_distance *distances; /* WB_TRACE_MEASURE_COUNT */
    bool is_colored;
} wb_trace_fit_result;

/* Appends tables, a JSON object, or the distances as CSV. */
void wb_trace_fit_output_print(const wb_trace_fit_result *result, wb_arena *arena,
                               const char *format, wb_text *out);

#endif
