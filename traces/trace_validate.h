/*
 * Whether a trace is good, and what in it is odd though allowed.
 */
#ifndef WB_TRACES_TRACE_VALIDATE_H
#define WB_TRACES_TRACE_VALIDATE_H

#include "traces/trace.h"

typedef struct wb_trace_oddities {
    uint64_t record_count;
    uint64_t late_end_count;       /* pods whose end lies behind the trace's */
    uint64_t unknown_delete_count; /* deletes of what is not there (or ends by itself) */
    uint64_t unknown_scale_count;  /* scales of workloads that were never applied or had no pods */
    uint64_t twice_count;          /* pods without end, of a name that is there already */
    uint64_t unknown_node_count; /* pods on nodes that the trace does not have, when it has some */
    uint64_t unused_shape_count, unused_owner_count;
} wb_trace_oddities;

/* WB_OK: a good trace, *out counts its oddities; else the first thing wrong. Memory as for
 * wb_trace_stats_read. */
WB_MUST_CHECK wb_status wb_trace_validate(const char *path, wb_trace_oddities *out, wb_error *err);

/* Sum of all oddities. */
uint64_t wb_trace_validate_oddity_count(const wb_trace_oddities *oddities);

#endif
