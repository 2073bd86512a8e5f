/* Shared by the files of traces/ that read and write our own format. */
#ifndef WB_TRACES_TRACE_INTERNAL_H
#define WB_TRACES_TRACE_INTERNAL_H

#include "traces/trace.h"

#define WB_TRACE_MAGIC "werkbank/v1" /* value of "trace" in the first line */

/* The kind that a record names ("Deployment"), or WB_OWNER_OTHER; and its name. */
wb_owner_kind wb_trace_owner_kind(const char *name);
const char *wb_trace_owner_kind_name(wb_owner_kind kind);

#endif
