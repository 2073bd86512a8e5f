/*
 * The way of a table's pods into a trace. A pod waits in the sorter as its fields, one behind the
 * other, with the name last.
 */
#include "traces/import_sink.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/document.h"
#include "kube/names.h"

/* A pod in the sorter, without its name. */
typedef struct waiting_pod {
    int64_t until_ms, runs_ms, bound_ms, started_ms, gone_ms;
    uint32_t shape_number, owner_number;
    int32_t exit_code;
    uint32_t is_checkpointed; /* 0 or 1; as wide as its neighbours, so that nothing is padding */
} waiting_pod;

wb_status wb_import_sink_open(wb_import_sink *sink, wb_import *import,
                              const wb_trace_info_header *header, wb_error *err)
{
    assert(sink != NULL && import != NULL && header != NULL);
    *sink = (wb_import_sink){.import = import};
    WB_TRY(wb_trace_writer_open(import->options->output_path, header, &sink->writer, err));
    sink->sort = wb_trace_sort_new(0);
    wb_hash_map_init(&sink->shapes);
    wb_hash_map_init(&sink->owners);
    wb_text_init(&sink->scratch);
    return WB_OK;
}

/* What our own reader would refuse is refused here, where the recording's name can be said. */
static wb_status check_template(const wb_import_sink *sink, const char *template_json,
                                wb_error *err)
{
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_arena_init(&arena, "import template", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_findings_init(&findings, &arena, false);
    const wb_decode_context context = {.arena = &arena, .intern = &intern, .findings = &findings};
    const wb_document_input input = {.file = sink->import->options->input_path,
                                     .text = template_json,
                                     .length = strlen(template_json),
                                     .syntax = WB_DOCUMENT_JSON};
    wb_document_stream stream = {0};
    wb_pod_template *decoded = WB_ARENA_NEW(&arena, wb_pod_template);
    wb_status status = wb_document_read_text(&arena, &input, &stream, err);
    if (status == WB_OK &&
        !(stream.count == 1 &&
          wb_manifest_decode_pod_template(&context, wb_node_get(stream.roots[0], "metadata"),
                                          wb_node_get(stream.roots[0], "spec"), decoded))) {
        const char *text = findings.error_count > 0 ? findings.errors[0].text : "is unusable";
        const char *behind_place = strstr(text, ": ");
        status = wb_fail(err, WB_ERR_INPUT, "%s: a row makes no valid pod: %s",
                         sink->import->options->input_path,
                         behind_place != NULL ? behind_place + 2 : text);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return status;
}

wb_status wb_import_sink_shape(wb_import_sink *sink, const char *namespace_name,
                               const char *template_json, uint32_t *out, wb_error *err)
{
    assert(sink != NULL && namespace_name != NULL && template_json != NULL && out != NULL);
    const uint64_t key = wb_hash_map_join(wb_digest_hash64(namespace_name, strlen(namespace_name)),
                                          wb_digest_hash64(template_json, strlen(template_json)));
    uint64_t number = 0;
    if (!wb_hash_map_get(&sink->shapes, key, &number)) {
        if (sink->shape_count == WB_TRACE_SHAPES_MAX) {
            return wb_fail(err, WB_ERR_LIMIT,
                           "%s: more than %u different pod templates, expected fewer",
                           sink->import->options->input_path, WB_TRACE_SHAPES_MAX);
        }
        WB_TRY(check_template(sink, template_json, err));
        number = sink->shape_count++;
        (void)wb_hash_map_put(&sink->shapes, key, number);
        WB_TRY(wb_trace_writer_shape(sink->writer, (uint32_t)number, namespace_name, template_json,
                                     err));
    }
    *out = (uint32_t)number;
    return WB_OK;
}

wb_status wb_import_sink_owner(wb_import_sink *sink, wb_owner_kind kind, const char *namespace_name,
                               const char *name, uint32_t *out, wb_error *err)
{
    assert(sink != NULL && namespace_name != NULL && name != NULL && out != NULL);
    const uint64_t key = wb_hash_map_join(
        wb_hash_map_join((uint64_t)kind, wb_digest_hash64(namespace_name, strlen(namespace_name))),
        wb_digest_hash64(name, strlen(name)));
    uint64_t number = 0;
    if (!wb_hash_map_get(&sink->owners, key, &number)) {
        if (sink->owner_count == WB_TRACE_OWNERS_MAX) {
            return wb_fail(err, WB_ERR_LIMIT, "%s: more than %u owners, expected fewer",
                           sink->import->options->input_path, WB_TRACE_OWNERS_MAX);
        }
        number = sink->owner_count++;
        (void)wb_hash_map_put(&sink->owners, key, number);
        WB_TRY(
            wb_trace_writer_owner(sink->writer, (uint32_t)number, kind, namespace_name, name, err));
    }
    *out = (uint32_t)number;
    return WB_OK;
}

wb_status wb_import_sink_pod(wb_import_sink *sink, const wb_trace_pod *pod, wb_error *err)
{
    assert(sink != NULL && pod != NULL && pod->name != NULL);
    assert(pod->at_ms >= 0 && pod->at_ms <= WB_TRACE_TIME_MAX_MS);
    waiting_pod waiting = {.until_ms = pod->until_ms,
                           .runs_ms = pod->runs_ms,
                           .bound_ms = -1,
                           .started_ms = -1,
                           .gone_ms = -1,
                           .shape_number = pod->shape_number,
                           .owner_number = pod->owner_number,
                           .exit_code = -1,
                           .is_checkpointed = pod->is_checkpointed ? 1 : 0};
    if (pod->history != NULL) { /* tables know no nodes */
        waiting.bound_ms = pod->history->bound_ms;
        waiting.started_ms = pod->history->started_ms;
        waiting.gone_ms = pod->history->gone_ms;
        waiting.exit_code = pod->history->exit_code;
    }
    sink->last_ms = pod->at_ms > sink->last_ms ? pod->at_ms : sink->last_ms;
    sink->pod_count++;
    wb_text_clear(&sink->scratch);
    wb_text_add(&sink->scratch, (const char *)&waiting, sizeof waiting);
    wb_text_add(&sink->scratch, pod->name, strlen(pod->name) + 1);
    return wb_trace_sort_add(sink->sort, pod->at_ms, wb_text_string(&sink->scratch),
                             sink->scratch.length, err);
}

static wb_status write_pod(wb_import_sink *sink, const wb_trace_sort_record *record, wb_error *err)
{
    assert(record->length > sizeof(waiting_pod));
    waiting_pod waiting;
    memcpy(&waiting, record->bytes, sizeof waiting);
    const wb_trace_pod_history history = {.bound_ms = waiting.bound_ms,
                                          .started_ms = waiting.started_ms,
                                          .gone_ms = waiting.gone_ms,
                                          .exit_code = waiting.exit_code};
    const wb_trace_pod pod = {.at_ms = record->at_ms,
                              .name = record->bytes + sizeof waiting,
                              .shape_number = waiting.shape_number,
                              .owner_number = waiting.owner_number,
                              .until_ms = waiting.until_ms,
                              .runs_ms = waiting.runs_ms,
                              .is_checkpointed = waiting.is_checkpointed != 0,
                              .history = &history};
    return wb_trace_writer_pod(sink->writer, &pod, err);
}

static wb_status write_pods(wb_import_sink *sink, wb_error *err)
{
    WB_TRY(wb_trace_sort_finish(sink->sort, err));
    for (;;) {
        wb_trace_sort_record record;
        WB_TRY(wb_trace_sort_next(sink->sort, &record, err));
        if (record.bytes == NULL) {
            return WB_OK;
        }
        WB_TRY(write_pod(sink, &record, err));
    }
}

wb_status wb_import_sink_close(wb_import_sink *sink, wb_status status, int64_t end_ms,
                               wb_error *err)
{
    assert(sink != NULL && sink->writer != NULL);
    if (status == WB_OK && sink->pod_count == 0) {
        status = wb_fail(err, WB_ERR_INPUT, "%s: holds no pods", sink->import->options->input_path);
    }
    if (status == WB_OK) {
        status = write_pods(sink, err);
    }
    end_ms = end_ms > sink->last_ms ? end_ms : sink->last_ms;
    if (status == WB_OK) {
        wb_trace_import_report *report = sink->import->report;
        report->pod_count = sink->pod_count;
        report->shape_count = sink->shape_count;
        report->end_ms = end_ms;
        wb_trace_writer_set_unmodelled(sink->writer, sink->unmodelled);
        status = wb_trace_writer_commit(sink->writer, end_ms, err);
    } else {
        wb_trace_writer_abandon(sink->writer);
    }
    wb_trace_sort_free(sink->sort);
    wb_hash_map_release(&sink->shapes);
    wb_hash_map_release(&sink->owners);
    wb_text_release(&sink->scratch);
    return status;
}

void wb_import_sink_name(const char *text, char out[64])
{
    assert(text != NULL && out != NULL);
    const size_t length = strlen(text);
    const size_t kept = length <= 63 ? length : 46;
    bool is_changed = kept < length;
    for (size_t i = 0; i < kept; i++) {
        const char c = text[i];
        const bool is_upper = c >= 'A' && c <= 'Z';
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool is_dash = c == '-' && i > 0 && i + 1 < length;
        if (is_plain || is_dash) {
            out[i] = c;
        } else if (is_upper) {
            out[i] = (char)(c - 'A' + 'a');
        } else {
            out[i] = i > 0 && i + 1 < length ? '-' : 'x';
        }
        is_changed = is_changed || out[i] != c;
    }
    out[kept] = 0;
    if (kept == 0) {
        (void)snprintf(out, 64, "x");
    } else if (is_changed && kept < length) { /* two long names must not become one */
        (void)snprintf(out + kept, 64 - kept, "-%016llx",
                       (unsigned long long)wb_digest_hash64(text, length));
    }
}
