/*
 * Results in the formats of other programs. A format is one file of this folder and one row of the
 * table in export.c; it reads rows of the store and writes bytes to a sink, piece by piece, so that
 * a run of a million pods is never held in memory.
 */
#ifndef WB_TOOLS_EXPORT_EXPORT_H
#define WB_TOOLS_EXPORT_EXPORT_H

#include "base/file_writer.h"
#include "tools/runs/run_set.h"

/* Where bytes go: gathered in text, handed on when it is large. The first failure is kept, and what
 * is added after it is dropped. */
typedef struct wb_export_sink {
    wb_file_writer *writer; /* borrowed */
    wb_text text;           /* owned; formats add to it, then call wb_export_sink_flush */
    wb_status status;
    wb_error error;
} wb_export_sink;

typedef struct wb_export_format {
    const char *name; /* of --as */
    const char *summary;
    /* Writes the runs of set (all finished runs of one seed) to sink. view: of --view, for csv. */
    wb_status (*write)(const wb_run_set *set, const char *view, wb_export_sink *sink,
                       wb_error *err);
} wb_export_format;

/* The format of that name, or NULL. */
const wb_export_format *wb_export_find(const char *name);

/* Hands text on when it is large, or in any case at the end (is_last). */
void wb_export_sink_flush(wb_export_sink *sink, bool is_last);

/* ---- the formats ---- */

/* OpenMetrics 1.0 text under Karpenter's own metric names (and Cluster Autoscaler's), each sample
 * with its virtual time and source="werkbank". promtool makes blocks of it. */
wb_status wb_export_openmetrics(const wb_run_set *set, const char *view, wb_export_sink *sink,
                                wb_error *err);

/* FOCUS 1.0 cost and usage rows, CSV: one per instance and calendar month. The costs of an instance
 * add up to its bill to the nano-dollar. */
wb_status wb_export_focus(const wb_run_set *set, const char *view, wb_export_sink *sink,
                          wb_error *err);

/* Trace event JSON for Perfetto and chrome://tracing: a process per node, pods as slices in it. */
wb_status wb_export_perfetto(const wb_run_set *set, const char *view, wb_export_sink *sink,
                             wb_error *err);

/* Kubernetes Events (v1), a JSON List as kubectl prints it. */
wb_status wb_export_events(const wb_run_set *set, const char *view, wb_export_sink *sink,
                           wb_error *err);

/* Any table or view of the database (default runs_summary), CSV, all of its rows. */
wb_status wb_export_csv(const wb_run_set *set, const char *view, wb_export_sink *sink,
                        wb_error *err);

#endif
