/*
 * A trace's pods as a table: the CSV that import_csv.c reads, for spreadsheets and scripts.
 */
#ifndef WB_TRACES_TRACE_TABLE_H
#define WB_TRACES_TRACE_TABLE_H

#include "traces/trace_tools.h"

/* Writes a row per pod of the trace at path: arrival, end or duration, requests, name, namespace,
 * owner, priority, node selector. Other records and constraints have no columns; out->record_count
 * says how many records were left out. */
WB_MUST_CHECK wb_status wb_trace_table_write(const char *path, const char *output_path,
                                             wb_trace_tool_report *out, wb_error *err);

#endif
