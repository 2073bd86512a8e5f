/*
 * Importers: foreign recordings into our trace format. Each is one entry of a table: name, how to
 * recognise it, how to read it. What was repaired, mapped or dropped is reported in notes.
 */
#ifndef WB_TRACES_TRACE_IMPORT_H
#define WB_TRACES_TRACE_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

typedef struct wb_trace_import_options {
    const char *input_path;
    const char *output_path; /* .zst: packed; "-": standard output */
    const char *format;      /* a name of the table; NULL: recognised by content */
    int64_t machine_cpu_milli, machine_memory_bytes; /* what 1.0 means in a trace whose units are
                                                        shares of a machine; 0: the default */
    const char *const *left_out; /* resources that are not taken into requests; borrowed */
    uint32_t left_out_count;
    const char *const *input_paths; /* the files of one cluster's recording, input_path the first of
                                       them; borrowed; input_count 0: input_path alone */
    uint32_t input_count;
    bool has_history;   /* recordings: what was created so long before the recording began keeps */
    int64_t history_ms; /* its time; else a minute, and any time for lists alone */
} wb_trace_import_options;

/* The machine that 1.0 stands for unless one is given: 128 CPUs, 512 GiB. */
#define WB_TRACE_IMPORT_MACHINE_CPU_MILLI    INT64_C(128000)
#define WB_TRACE_IMPORT_MACHINE_MEMORY_BYTES (INT64_C(512) << 30)

#define WB_TRACE_IMPORT_NOTES_MAX 16

/* How often something was repaired, dropped or noted. */
typedef struct wb_trace_import_change {
    const char *action; /* "repaired", "dropped", "noted" */
    const char *reason;
    const char *example; /* where or what the first one was; "" */
    uint64_t count;
} wb_trace_import_change;

#define WB_TRACE_IMPORT_CHANGES_MAX 48

/* What an import did; notes live in the arena given to the call. */
typedef struct wb_trace_import_report {
    const char *format; /* which importer read it */
    uint64_t pod_count, shape_count, object_count;
    int64_t end_ms;
    const char *notes[WB_TRACE_IMPORT_NOTES_MAX]; /* sentences: "3078 pods share a GPU: ..." */
    uint32_t note_count;
    /* of the recording of a cluster only: */
    uint64_t node_count, scale_count, spot_count;
    uint64_t event_count, byte_count; /* documents and unpacked bytes that were read */
    int64_t epoch_ms;
    int64_t cpu_milli_hours; /* requests from creation to removal, or to the trace's end */
    wb_trace_import_change changes[WB_TRACE_IMPORT_CHANGES_MAX];
    uint32_t change_count;
} wb_trace_import_report;

/* Reads input and writes output. WB_ERR_INPUT with file, line and field: a broken recording, or one
 * that no importer knows. Nothing is written on failure. */
WB_MUST_CHECK wb_status wb_trace_import(const wb_trace_import_options *options, wb_arena *arena,
                                        wb_trace_import_report *out, wb_error *err);

/* Whether path is a trace of ours already, by its first line. */
WB_MUST_CHECK wb_status wb_trace_import_is_trace(const char *path, bool *out, wb_error *err);

/* GPU models of public traces and the AWS type that stands in for each (docs/trace-format.md). */
typedef struct wb_gpu_twin {
    const char *model;    /* "V100M16" */
    const char *gpu_name; /* value of karpenter.k8s.aws/instance-gpu-name: "a10g" */
    const char *reason;
} wb_gpu_twin;

/* NULL when the model is not in the table. */
const wb_gpu_twin *wb_trace_import_gpu_twin(const char *model, size_t length);

#endif
