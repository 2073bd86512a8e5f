/*
 * Where importers of tables put their pods: equal templates become one shape, equal owners one
 * owner, and pods come out in order of time however they went in, in bounded memory.
 *
 *     WB_TRY(wb_import_sink_open(&sink, import, &header, err));
 *     ... shape, owner, pod ... for every row
 *     return wb_import_sink_close(&sink, status, end_ms, err);
 *
 * Shapes and owners are written when they are first seen, so all of them stand in front of the
 * pods. Memory: a hash entry for each of them, and what trace_sort.h holds.
 */
#ifndef WB_TRACES_IMPORT_SINK_H
#define WB_TRACES_IMPORT_SINK_H

#include "base/hash_map.h"
#include "traces/import_internal.h"
#include "traces/trace_sort.h"

/* One import's output. Only import_sink.c writes fields, but unmodelled. */
typedef struct wb_import_sink {
    wb_import *import;       /* borrowed */
    wb_trace_writer *writer; /* owned */
    wb_trace_sort *sort;     /* owned: pods */
    wb_hash_map shapes;      /* hash of namespace and template to shape number */
    wb_hash_map owners;      /* hash of kind, namespace and name to owner number */
    wb_text scratch;
    uint32_t shape_count, owner_count;
    uint64_t pod_count;
    wb_trace_unmodelled unmodelled; /* filled by the importer, before close */
    int64_t last_ms;                /* the latest time of any pod */
} wb_import_sink;

/* Begins the import's trace. On failure there is nothing to close. */
WB_MUST_CHECK wb_status wb_import_sink_open(wb_import_sink *sink, wb_import *import,
                                            const wb_trace_info_header *header, wb_error *err);

/* The number of a shape or owner, which is written when it is new. WB_ERR_LIMIT: more than
 * WB_TRACE_SHAPES_MAX or WB_TRACE_OWNERS_MAX different ones. */
WB_MUST_CHECK wb_status wb_import_sink_shape(wb_import_sink *sink, const char *namespace_name,
                                             const char *template_json, uint32_t *out,
                                             wb_error *err);
WB_MUST_CHECK wb_status wb_import_sink_owner(wb_import_sink *sink, wb_owner_kind kind,
                                             const char *namespace_name, const char *name,
                                             uint32_t *out, wb_error *err);

/* One pod, in any order; the name is copied. */
WB_MUST_CHECK wb_status wb_import_sink_pod(wb_import_sink *sink, const wb_trace_pod *pod,
                                           wb_error *err);

/* Writes the pods and the last line when status is WB_OK, else leaves nothing; frees the sink and
 * fills the import's report. end_ms: span of the trace, raised to the last pod's time. */
WB_MUST_CHECK wb_status wb_import_sink_close(wb_import_sink *sink, wb_status status, int64_t end_ms,
                                             wb_error *err);

/* A name as Kubernetes allows it (lower case, digits, '-'), made from text: other bytes become '-',
 * an empty one "x". out must hold 64 bytes; longer names are cut and end in a hash. */
void wb_import_sink_name(const char *text, char out[64]);

#endif
