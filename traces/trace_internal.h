/*
 * Shared by the files of traces/ that read and write our own format: what marks it, and the
 * fingerprint that a run records of its inputs.
 */
#ifndef WB_TRACES_TRACE_INTERNAL_H
#define WB_TRACES_TRACE_INTERNAL_H

#include "traces/trace.h"

#define WB_TRACE_MAGIC "werkbank/v1" /* value of "trace" in the first line */

/* What a pod of each shape asks for, kept while a trace is summed up. */
typedef struct wb_trace_shape_sizes {
    int64_t *cpu_milli, *gpu_count; /* owned */
    size_t capacity;
} wb_trace_shape_sizes;

/* A trace's summary while it is made, record by record; starts as zeroes with first_ms -1. */
typedef struct wb_trace_sums {
    wb_trace_summary summary;
    wb_trace_shape_sizes sizes;
    int64_t cpu_milli_s, gpu_milli_s;
    bool has_first;
} wb_trace_sums;

/* Adds one record; and frees what the sums hold. */
void wb_trace_sums_add(wb_trace_sums *sums, const wb_trace_record *record);
void wb_trace_sums_release(wb_trace_sums *sums);

/* Whole GPUs of either maker that a pod asks for. */
int64_t wb_trace_gpus_of(const wb_pod_template *template);

/* The fingerprint of the lines read so far, unpacked. */
void wb_trace_reader_digest(const wb_trace_reader *reader, char out[33]);

#endif
