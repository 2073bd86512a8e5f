/* What the tools that make traces of traces say when they are done. */
#ifndef WB_TRACES_TRACE_TOOLS_H
#define WB_TRACES_TRACE_TOOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wb_trace_tool_report {
    uint64_t read_pod_count; /* in what was read */
    uint64_t pod_count, record_count;
    uint64_t carried_count; /* cut: pods that began before the window */
    int64_t end_ms;
} wb_trace_tool_report;

#endif
