/*
 * Writes a trace: lines of JSON through a file writer, so that the file appears only when it is
 * whole, and packed when its name ends in .zst.
 *
 * Lines are put together by hand and not by a JSON library: a record is five fields, a million of
 * them are written, and what is nested (a template, an object) comes as compact JSON already. They
 * are gathered to 64 KiB before the file writer sees them, so that writing a record is an append
 * to memory.
 *
 * The writer asserts what the reader refuses: shapes and owners numbered from 0 without gaps,
 * times that never go back. So a generator or importer with a mistake stops at the record that
 * shows it, and not when somebody replays the file.
 */
#include <assert.h>

#include "base/duration.h"
#include "base/file_writer.h"
#include "base/heap_memory.h"
#include "base/text.h"
#include "traces/trace.h"
#include "traces/trace_internal.h"

#define FLUSH_BYTES ((size_t)1 << 16)

struct wb_trace_writer {
    wb_file_writer *file; /* owned */
    wb_text pending;      /* lines not yet handed to the file */
    uint64_t record_count;
    int64_t last_ms;
    uint32_t shape_count, owner_count;
    wb_trace_unmodelled unmodelled;
};

/* Ends the record and hands gathered lines on. After a failure the lines are dropped, for the
 * writer will be abandoned. */
static wb_status end_line(wb_trace_writer *writer, wb_error *err)
{
    wb_text_add_string(&writer->pending, "}\n");
    writer->record_count++;
    if (writer->pending.length < FLUSH_BYTES) {
        return WB_OK;
    }
    const wb_status status = wb_file_writer_write(writer->file, wb_text_string(&writer->pending),
                                                  writer->pending.length, err);
    wb_text_clear(&writer->pending);
    return status;
}

/* `,"name":`; without printf, which would be half of the time that a record takes. */
static void add_name(wb_trace_writer *writer, const char *name)
{
    wb_text_add(&writer->pending, ",\"", 2);
    wb_text_add_string(&writer->pending, name);
    wb_text_add(&writer->pending, "\":", 2);
}

static void add_field(wb_trace_writer *writer, const char *name, const char *text)
{
    add_name(writer, name);
    wb_text_add_json_string(&writer->pending, text);
}

static void add_number(wb_trace_writer *writer, const char *name, int64_t number)
{
    add_name(writer, name);
    wb_text_add_int64(&writer->pending, number);
}

/* Every record but shapes and owners begins with its time. */
static void begin_at(wb_trace_writer *writer, int64_t at_ms)
{
    assert(at_ms >= 0 && at_ms <= WB_TRACE_TIME_MAX_MS);
    assert(at_ms >= writer->last_ms);
    writer->last_ms = at_ms;
    wb_text_add_string(&writer->pending, "{\"at\":");
    wb_text_add_int64(&writer->pending, at_ms);
}

wb_status wb_trace_writer_open(const char *path, const wb_trace_info_header *header,
                               wb_trace_writer **out, wb_error *err)
{
    assert(path != NULL && header != NULL && out != NULL);
    wb_file_writer *file = NULL;
    WB_TRY(wb_file_writer_open(path, &file, err));
    wb_trace_writer *writer = wb_heap_memory_zalloc(1, sizeof *writer);
    writer->file = file;
    wb_text_init(&writer->pending);
    wb_text_add_string(&writer->pending, "{\"trace\":\"" WB_TRACE_MAGIC "\"");
    if (header->epoch_ms >= 0) {
        char epoch[48];
        wb_duration_print_time(header->epoch_ms, epoch);
        add_field(writer, "epoch", epoch);
    }
    if (header->source != NULL) {
        add_field(writer, "source", header->source);
    }
    if (header->end_ms >= 0) {
        wb_text_add_format(&writer->pending, ",\"end_ms\":%lld", (long long)header->end_ms);
    }
    const wb_status status = end_line(writer, err);
    if (status != WB_OK) {
        wb_trace_writer_abandon(writer);
        return status;
    }
    writer->record_count = 0; /* the first line is no record */
    *out = writer;
    return WB_OK;
}

wb_status wb_trace_writer_shape(wb_trace_writer *writer, uint32_t shape_number,
                                const char *namespace_name, const char *template_json,
                                wb_error *err)
{
    assert(writer != NULL && namespace_name != NULL && template_json != NULL);
    assert(shape_number == writer->shape_count);
    writer->shape_count++;
    wb_text_add_format(&writer->pending, "{\"shape\":%u", shape_number);
    add_field(writer, "namespace", namespace_name);
    wb_text_add_format(&writer->pending, ",\"template\":%s", template_json);
    return end_line(writer, err);
}

wb_status wb_trace_writer_owner(wb_trace_writer *writer, uint32_t owner_number, wb_owner_kind kind,
                                const char *namespace_name, const char *name, wb_error *err)
{
    assert(writer != NULL && namespace_name != NULL && name != NULL);
    assert(owner_number == writer->owner_count);
    writer->owner_count++;
    wb_text_add_format(&writer->pending, "{\"owner\":%u", owner_number);
    add_field(writer, "kind", wb_trace_owner_kind_name(kind));
    add_field(writer, "namespace", namespace_name);
    add_field(writer, "name", name);
    return end_line(writer, err);
}

/* Times that are not known are left out. */
static void add_time(wb_trace_writer *writer, const char *name, int64_t at_ms)
{
    assert(at_ms <= WB_TRACE_TIME_MAX_MS);
    if (at_ms >= 0) {
        add_number(writer, name, at_ms);
    }
}

static void add_history(wb_trace_writer *writer, const wb_trace_pod_history *history)
{
    if (history->node_name != NULL) {
        add_field(writer, "node", history->node_name);
    }
    add_time(writer, "bound", history->bound_ms);
    add_time(writer, "started", history->started_ms);
    add_time(writer, "gone", history->gone_ms);
    if (history->exit_code >= 0) {
        wb_text_add_format(&writer->pending, ",\"exit\":%d", history->exit_code);
    }
}

wb_status wb_trace_writer_pod(wb_trace_writer *writer, const wb_trace_pod *pod, wb_error *err)
{
    assert(writer != NULL && pod != NULL && pod->name != NULL);
    assert(pod->until_ms < 0 || pod->until_ms >= pod->at_ms);
    assert(pod->shape_number < writer->shape_count);
    assert(pod->owner_number == UINT32_MAX || pod->owner_number < writer->owner_count);
    assert(pod->until_ms < 0 || pod->runs_ms < 0);
    begin_at(writer, pod->at_ms);
    add_field(writer, "pod", pod->name);
    add_number(writer, "shape", pod->shape_number);
    if (pod->owner_number != UINT32_MAX) {
        add_number(writer, "owner", pod->owner_number);
    }
    add_time(writer, "until", pod->until_ms);
    add_time(writer, "runs", pod->runs_ms);
    if (pod->is_checkpointed) {
        wb_text_add_string(&writer->pending, ",\"checkpointed\":true");
    }
    if (pod->history != NULL) {
        add_history(writer, pod->history);
    }
    return end_line(writer, err);
}

wb_status wb_trace_writer_apply(wb_trace_writer *writer, int64_t at_ms, const char *object_json,
                                wb_error *err)
{
    assert(writer != NULL && object_json != NULL);
    begin_at(writer, at_ms);
    wb_text_add_string(&writer->pending, ",\"apply\":");
    wb_text_add_string(&writer->pending, object_json);
    return end_line(writer, err);
}

wb_status wb_trace_writer_delete(wb_trace_writer *writer, int64_t at_ms, const char *kind,
                                 const char *namespace_name, const char *name, wb_error *err)
{
    assert(writer != NULL && kind != NULL && namespace_name != NULL && name != NULL);
    begin_at(writer, at_ms);
    add_field(writer, "delete", kind);
    add_field(writer, "namespace", namespace_name);
    add_field(writer, "name", name);
    return end_line(writer, err);
}

wb_status wb_trace_writer_node(wb_trace_writer *writer, int64_t at_ms, const char *name,
                               bool is_ready, const char *object_json, wb_error *err)
{
    assert(writer != NULL && name != NULL && *name != 0);
    begin_at(writer, at_ms);
    add_field(writer, "node", name);
    if (object_json == NULL) {
        wb_text_add_string(&writer->pending, ",\"gone\":true");
        return end_line(writer, err);
    }
    wb_text_add_format(&writer->pending, ",\"ready\":%s,\"object\":", is_ready ? "true" : "false");
    wb_text_add_string(&writer->pending, object_json);
    return end_line(writer, err);
}

wb_status wb_trace_writer_scale(wb_trace_writer *writer, const wb_trace_scale *scale, wb_error *err)
{
    assert(writer != NULL && scale != NULL && scale->replicas >= 0);
    begin_at(writer, scale->at_ms);
    add_field(writer, "scale", wb_trace_owner_kind_name(scale->kind));
    add_field(writer, "namespace", scale->namespace_name);
    add_field(writer, "name", scale->name);
    wb_text_add_format(&writer->pending, ",\"replicas\":%d", scale->replicas);
    return end_line(writer, err);
}

wb_status wb_trace_writer_spot(wb_trace_writer *writer, const wb_trace_spot *spot, wb_error *err)
{
    assert(writer != NULL && spot != NULL);
    const bool has_value =
        spot->event == WB_TRACE_SPOT_PRICE || spot->event == WB_TRACE_SPOT_CAPACITY;
    assert(!has_value || (spot->value >= 0 && spot->instance_type != NULL && spot->zone != NULL));
    begin_at(writer, spot->at_ms);
    add_field(writer, "spot", wb_trace_spot_event_name(spot->event));
    const struct {
        const char *name, *value;
    } fields[] = {
        {"type", spot->instance_type},
        {"zone", spot->zone},
        {"instance", spot->instance},
        {"node", spot->node_name},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].value != NULL) {
            add_field(writer, fields[i].name, fields[i].value);
        }
    }
    if (has_value) {
        wb_text_add_format(&writer->pending, ",\"value\":%lld", (long long)spot->value);
    }
    return end_line(writer, err);
}

void wb_trace_writer_set_unmodelled(wb_trace_writer *writer, wb_trace_unmodelled unmodelled)
{
    assert(writer != NULL);
    writer->unmodelled = unmodelled;
}

wb_status wb_trace_writer_rest(wb_trace_writer *writer, int64_t at_ms, const char *rest,
                               wb_error *err)
{
    assert(writer != NULL && rest != NULL && *rest == '"');
    begin_at(writer, at_ms);
    wb_text_add_string(&writer->pending, ",");
    wb_text_add_string(&writer->pending, rest);
    return end_line(writer, err);
}

wb_status wb_trace_writer_commit(wb_trace_writer *writer, int64_t end_ms, wb_error *err)
{
    assert(writer != NULL);
    assert(end_ms >= writer->last_ms);
    wb_text_add_format(&writer->pending, "{\"end\":%lld,\"records\":%llu", (long long)end_ms,
                       (unsigned long long)writer->record_count);
    if (writer->unmodelled.approximated_count > 0) {
        wb_text_add_format(&writer->pending, ",\"approximated\":%llu",
                           (unsigned long long)writer->unmodelled.approximated_count);
    }
    if (writer->unmodelled.left_out_count > 0) {
        wb_text_add_format(&writer->pending, ",\"left_out\":%llu",
                           (unsigned long long)writer->unmodelled.left_out_count);
    }
    wb_text_add_string(&writer->pending, "}\n");
    wb_status status = wb_file_writer_write(writer->file, wb_text_string(&writer->pending),
                                            writer->pending.length, err);
    if (status == WB_OK) {
        status = wb_file_writer_commit(writer->file, err);
        writer->file = NULL;
    }
    wb_trace_writer_abandon(writer);
    return status;
}

void wb_trace_writer_abandon(wb_trace_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    wb_file_writer_abandon(writer->file);
    wb_text_release(&writer->pending);
    wb_heap_memory_free(writer);
}
