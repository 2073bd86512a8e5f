/*
 * The recording of a cluster, made by others' tools alone: files of `kubectl get -o json` (lists,
 * and watches with --output-watch-events), of the API server's audit log, of EventBridge's EC2
 * events and of EC2's spot price history become one trace. docs/record.md says how to make them.
 */
#ifndef WB_TRACES_RECORDING_H
#define WB_TRACES_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "traces/trace_import.h"

typedef struct wb_recording wb_recording;

/* Whether a file that begins with these bytes is part of such a recording. */
bool wb_recording_recognises(const char *head, size_t length);

/* The same for the file at path, packed or not. */
WB_MUST_CHECK wb_status wb_recording_is_one(const char *path, bool *out, wb_error *err);

/* Reads options->input_paths, all of which are such files, and writes the trace. Errors as of
 * wb_trace_import. */
WB_MUST_CHECK wb_status wb_recording_import(const wb_trace_import_options *options, wb_arena *arena,
                                            wb_trace_import_report *report, wb_error *err);

#endif
