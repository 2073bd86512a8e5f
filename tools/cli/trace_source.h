/*
 * Traces as people name them on a command line: ours are used as they are, the formats that trace
 * import knows (an openb CSV, a SimKube trace) are imported into a temporary file on the way.
 */
#ifndef WB_TOOLS_CLI_TRACE_SOURCE_H
#define WB_TOOLS_CLI_TRACE_SOURCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

/* *out_path is path itself, or the temporary import (lives in arena). What the import mapped or
 * repaired is said on standard error, unless is_quiet. */
WB_MUST_CHECK wb_status wb_trace_source_open(const char *path, bool is_quiet, wb_arena *arena,
                                             const char **out_path, wb_error *err);

/* Removes the temporary imports of this process. */
void wb_trace_source_remove_all(void);

#endif
