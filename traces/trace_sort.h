/*
 * Puts records in order of time when they come in no order, in bounded memory.
 *
 * Public traces are tables whose rows come as a database exported them; a trace of ours is in order
 * of time. What fits into memory is sorted there; what does not is written to a temporary file as
 * sorted runs, which are merged at the end:
 *
 *     add add add ... | full: sort, write run 0 | ... run 1 | ... | finish | next next next ...
 *
 * Records of one time come out in the order in which they went in. 10 million pods of 60 bytes are
 * ten runs. The temporary file lies in TMPDIR (else /tmp), has no name, and is gone when the
 * process is.
 */
#ifndef WB_TRACES_TRACE_SORT_H
#define WB_TRACES_TRACE_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Records under way. Opaque: holds a file. */
typedef struct wb_trace_sort wb_trace_sort;

/* memory_bytes: what may be held before a run is written; 0: 64 MiB. A single record may go beyond
 * it. */
wb_trace_sort *wb_trace_sort_new(size_t memory_bytes);

/* NULL is allowed. */
void wb_trace_sort_free(wb_trace_sort *sort);

/* Takes a copy of length bytes. WB_ERR_IO: the temporary file can't be written. */
WB_MUST_CHECK wb_status wb_trace_sort_add(wb_trace_sort *sort, int64_t at_ms, const void *bytes,
                                          size_t length, wb_error *err);

/* Ends adding and begins reading; once. */
WB_MUST_CHECK wb_status wb_trace_sort_finish(wb_trace_sort *sort, wb_error *err);

/* One record; valid until the next call. bytes is NULL behind the last one. */
typedef struct wb_trace_sort_record {
    int64_t at_ms;
    const char *bytes;
    size_t length;
} wb_trace_sort_record;

/* The next record in order. WB_ERR_IO: the temporary file can't be read. */
WB_MUST_CHECK wb_status wb_trace_sort_next(wb_trace_sort *sort, wb_trace_sort_record *out,
                                           wb_error *err);

/* Runs written so far: 0 while everything fits into memory. */
uint32_t wb_trace_sort_run_count(const wb_trace_sort *sort);

#endif
