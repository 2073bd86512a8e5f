/*
 * From traces to a trace: what the tools that cut, scale, merge, shift and anonymize share.
 *
 *   input: reader, and the shapes and owners it declared so far        (one per trace that is read)
 *   output: writer, and the numbers it gave to what was needed so far  (one)
 *
 * A shape or owner is written when the first pod that uses it is, and equal ones of several inputs
 * are one; so what is cut away leaves no trace. Memory: the templates, not the pods.
 */
#ifndef WB_TRACES_TRACE_REWRITE_H
#define WB_TRACES_TRACE_REWRITE_H

#include "base/hash_map.h"
#include "base/text.h"
#include "traces/trace.h"

/* A shape or owner that an input declared. */
typedef struct wb_trace_declared {
    char *json;           /* owned: a shape's template; an owner's name */
    char *namespace_name; /* owned */
    uint32_t label_mark;  /* of a shape: for the caller, 0 at first */
    wb_owner_kind kind;   /* of an owner */
    uint32_t number;      /* in the output; UINT32_MAX: not written yet */
} wb_trace_declared;

/* One trace being read. Only trace_rewrite.c writes fields. */
typedef struct wb_trace_rewrite_input {
    wb_trace_reader *reader; /* owned */
    wb_arena records, names; /* owned; records is rewound at each record */
    wb_arena_mark opened;    /* of records: what the reader itself keeps there lies before it */
    wb_intern intern;
    wb_trace_record record;             /* the one read last */
    wb_trace_declared *shapes, *owners; /* owned, by the input's numbers */
    size_t shape_count, shape_capacity, owner_count, owner_capacity;
} wb_trace_rewrite_input;

/* The trace being written. */
typedef struct wb_trace_rewrite_output {
    wb_trace_writer *writer;    /* owned */
    wb_hash_map shapes, owners; /* hash of what is declared to its number */
    uint32_t shape_count, owner_count;
    uint64_t pod_count, record_count;
    wb_trace_unmodelled unmodelled; /* of the inputs that ended */
    int64_t last_ms;
} wb_trace_rewrite_output;

/* Opens path. On failure there is nothing to close. */
WB_MUST_CHECK wb_status wb_trace_rewrite_open(wb_trace_rewrite_input *input, const char *path,
                                              wb_error *err);
void wb_trace_rewrite_close(wb_trace_rewrite_input *input);

/* Reads on to the next record that has a time (WB_TRACE_END last) into input->record; shapes and
 * owners before it are remembered. */
WB_MUST_CHECK wb_status wb_trace_rewrite_next(wb_trace_rewrite_input *input, wb_error *err);

/* The template of a shape, read into arena, which the caller makes for it and gives back. */
const wb_node *wb_trace_rewrite_template(wb_arena *arena, const wb_trace_declared *shape);

/* Makes json the template of a shape, or the name of an owner, not written yet (asserted). */
void wb_trace_rewrite_replace(wb_trace_declared *declared, const char *json, size_t length);

/* Gives a shape or owner that was not written yet (asserted) another namespace. */
void wb_trace_rewrite_rename(wb_trace_declared *declared, const char *namespace_name);

/* Begins the output at path. */
WB_MUST_CHECK wb_status wb_trace_rewrite_begin(wb_trace_rewrite_output *output, const char *path,
                                               const wb_trace_info_header *header, wb_error *err);

/* The record's fields as a pod of the input's numbers; borrowed from the record. */
wb_trace_pod wb_trace_rewrite_pod_of(const wb_trace_record *record);

/* Writes a pod whose numbers are the input's, its shape and owner before it where they are new. */
WB_MUST_CHECK wb_status wb_trace_rewrite_pod(wb_trace_rewrite_output *output,
                                             wb_trace_rewrite_input *input, const wb_trace_pod *pod,
                                             wb_error *err);

/* Appends the fields of a record but 'at', for wb_trace_writer_rest and for sorting. */
void wb_trace_rewrite_rest(const wb_trace_record *record, wb_text *out);

/* Writes a record of another kind than pod: its fields at another time. */
WB_MUST_CHECK wb_status wb_trace_rewrite_other(wb_trace_rewrite_output *output, int64_t at_ms,
                                               const char *rest, wb_error *err);

/* Takes over what the END record of an input says is not as it was. */
void wb_trace_rewrite_note_end(wb_trace_rewrite_output *output, const wb_trace_record *record);

/* The last line at end_ms (raised to the last record) when status is WB_OK, else nothing stays. */
WB_MUST_CHECK wb_status wb_trace_rewrite_finish(wb_trace_rewrite_output *output, wb_status status,
                                                int64_t end_ms, wb_error *err);

#endif
