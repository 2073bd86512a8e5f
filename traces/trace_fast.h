/*
 * The fast path of the trace reader: pod lines as our writer writes them, which are nearly all of a
 * long trace, without a JSON tree.
 */
#ifndef WB_TRACES_TRACE_FAST_H
#define WB_TRACES_TRACE_FAST_H

#include <stdbool.h>
#include <stddef.h>

#include "traces/trace.h"

#define WB_TRACE_FAST_NAME_MAX 256

/* What a line must fit to: times from last_ms on, numbers below the counts. */
typedef struct wb_trace_fast_state {
    int64_t last_ms;
    uint32_t shape_count, owner_count;
    char name[WB_TRACE_FAST_NAME_MAX]; /* of the pod and of its node, for the record to point to */
    char node_name[WB_TRACE_FAST_NAME_MAX];
} wb_trace_fast_state;

/* Reads line into *out when it is a valid pod record with the writer's fields in the writer's
 * order, without blanks or escapes; false, and *out as it was, for anything else, which the plain
 * reader then reads, or refuses with a message. Fills the fields of a POD, not line and text. */
bool wb_trace_fast_read_pod(wb_trace_fast_state *state, const char *line, size_t length,
                            wb_trace_record *out);

#endif
