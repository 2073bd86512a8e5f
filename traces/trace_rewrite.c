#include "traces/trace_rewrite.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/document.h"
#include "base/heap_memory.h"
#include "kube/names.h"

wb_status wb_trace_rewrite_open(wb_trace_rewrite_input *input, const char *path, wb_error *err)
{
    assert(input != NULL && path != NULL);
    *input = (wb_trace_rewrite_input){.reader = NULL};
    wb_arena_init(&input->names, "trace names", 0, NULL);
    wb_arena_init(&input->records, "trace records", 0, NULL);
    wb_intern_init(&input->intern, &input->names);
    wb_names_init(&input->intern);
    const wb_status status =
        wb_trace_reader_open(path, &input->records, &input->intern, &input->reader, err);
    input->opened = wb_arena_get_mark(&input->records);
    if (status != WB_OK) {
        wb_trace_rewrite_close(input);
    }
    return status;
}

static void free_declared(wb_trace_declared *declared, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wb_heap_memory_free(declared[i].json);
        wb_heap_memory_free(declared[i].namespace_name);
    }
    wb_heap_memory_free(declared);
}

void wb_trace_rewrite_close(wb_trace_rewrite_input *input)
{
    assert(input != NULL);
    wb_trace_reader_close(input->reader);
    free_declared(input->shapes, input->shape_count);
    free_declared(input->owners, input->owner_count);
    wb_intern_release(&input->intern);
    wb_arena_release(&input->names);
    wb_arena_release(&input->records);
    *input = (wb_trace_rewrite_input){.reader = NULL};
}

static char *copy_text(const char *text, size_t length)
{
    char *copy = wb_heap_memory_alloc(length + 1, 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

static wb_trace_declared *add_declared(wb_trace_declared **list, size_t *count, size_t *capacity,
                                       const char *namespace_name)
{
    if (*count == *capacity) {
        *capacity = wb_heap_memory_next_capacity(*capacity, *count + 1);
        *list = wb_heap_memory_resize(*list, *capacity, sizeof **list);
    }
    wb_trace_declared *added = &(*list)[(*count)++];
    *added = (wb_trace_declared){
        .namespace_name = copy_text(namespace_name, strlen(namespace_name)),
        .number = UINT32_MAX,
    };
    return added;
}

static void remember(wb_trace_rewrite_input *input)
{
    const wb_trace_record *record = &input->record;
    const char *namespace_name = wb_intern_text(&input->intern, record->namespace_name);
    if (record->kind == WB_TRACE_OWNER) {
        wb_trace_declared *owner = add_declared(&input->owners, &input->owner_count,
                                                &input->owner_capacity, namespace_name);
        owner->json = copy_text(record->name, strlen(record->name));
        owner->kind = record->owner_kind;
        return;
    }
    assert(record->kind == WB_TRACE_SHAPE && record->source != NULL);
    wb_trace_declared *shape =
        add_declared(&input->shapes, &input->shape_count, &input->shape_capacity, namespace_name);
    wb_text json;
    wb_text_init(&json);
    wb_node_print_json(wb_node_get(record->source, "template"), &json);
    shape->json = copy_text(wb_text_string(&json), json.length);
    wb_text_release(&json);
}

wb_status wb_trace_rewrite_next(wb_trace_rewrite_input *input, wb_error *err)
{
    assert(input != NULL && input->reader != NULL);
    for (;;) {
        wb_arena_rewind(&input->records, input->opened);
        WB_TRY(wb_trace_reader_next(input->reader, &input->record, err));
        if (input->record.kind != WB_TRACE_SHAPE && input->record.kind != WB_TRACE_OWNER) {
            return WB_OK;
        }
        remember(input);
    }
}

const wb_node *wb_trace_rewrite_template(wb_arena *arena, const wb_trace_declared *shape)
{
    assert(arena != NULL && shape != NULL);
    wb_document_stream stream = {0};
    const wb_document_input input = {
        .file = "", .text = shape->json, .length = strlen(shape->json), .syntax = WB_DOCUMENT_JSON};
    const bool is_read = wb_document_read_text(arena, &input, &stream, NULL) == WB_OK;
    assert(is_read && stream.count == 1); /* the reader took it before */
    return stream.roots[0];
}

void wb_trace_rewrite_replace(wb_trace_declared *declared, const char *json, size_t length)
{
    assert(declared != NULL && json != NULL && declared->number == UINT32_MAX);
    wb_heap_memory_free(declared->json);
    declared->json = copy_text(json, length);
}

void wb_trace_rewrite_rename(wb_trace_declared *declared, const char *namespace_name)
{
    assert(declared != NULL && namespace_name != NULL && declared->number == UINT32_MAX);
    wb_heap_memory_free(declared->namespace_name);
    declared->namespace_name = copy_text(namespace_name, strlen(namespace_name));
}

wb_status wb_trace_rewrite_begin(wb_trace_rewrite_output *output, const char *path,
                                 const wb_trace_info_header *header, wb_error *err)
{
    assert(output != NULL && path != NULL && header != NULL);
    *output = (wb_trace_rewrite_output){.writer = NULL};
    WB_TRY(wb_trace_writer_open(path, header, &output->writer, err));
    wb_hash_map_init(&output->shapes);
    wb_hash_map_init(&output->owners);
    return WB_OK;
}

wb_trace_pod wb_trace_rewrite_pod_of(const wb_trace_record *record)
{
    assert(record != NULL && record->kind == WB_TRACE_POD);
    return (wb_trace_pod){.at_ms = record->at_ms,
                          .name = record->name,
                          .shape_number = record->shape_number,
                          .owner_number = record->owner_number,
                          .until_ms = record->until_ms,
                          .runs_ms = record->runs_ms,
                          .is_checkpointed = record->is_checkpointed,
                          .history = &record->history};
}

static uint64_t key_of(uint64_t kind, const wb_trace_declared *declared)
{
    return wb_hash_map_join(wb_hash_map_join(kind,
                                             wb_digest_hash64(declared->namespace_name,
                                                              strlen(declared->namespace_name))),
                            wb_digest_hash64(declared->json, strlen(declared->json)));
}

static wb_status declare_shape(wb_trace_rewrite_output *output, wb_trace_declared *shape,
                               wb_error *err)
{
    const uint64_t key = key_of(0, shape);
    uint64_t number = 0;
    if (shape->number != UINT32_MAX) {
        return WB_OK;
    }
    if (!wb_hash_map_get(&output->shapes, key, &number)) {
        number = output->shape_count++;
        (void)wb_hash_map_put(&output->shapes, key, number);
        output->record_count++;
        WB_TRY(wb_trace_writer_shape(output->writer, (uint32_t)number, shape->namespace_name,
                                     shape->json, err));
    }
    shape->number = (uint32_t)number;
    return WB_OK;
}

static wb_status declare_owner(wb_trace_rewrite_output *output, wb_trace_declared *owner,
                               wb_error *err)
{
    const uint64_t key = key_of((uint64_t)owner->kind, owner);
    uint64_t number = 0;
    if (owner->number != UINT32_MAX) {
        return WB_OK;
    }
    if (!wb_hash_map_get(&output->owners, key, &number)) {
        number = output->owner_count++;
        (void)wb_hash_map_put(&output->owners, key, number);
        output->record_count++;
        WB_TRY(wb_trace_writer_owner(output->writer, (uint32_t)number, owner->kind,
                                     owner->namespace_name, owner->json, err));
    }
    owner->number = (uint32_t)number;
    return WB_OK;
}

wb_status wb_trace_rewrite_pod(wb_trace_rewrite_output *output, wb_trace_rewrite_input *input,
                               const wb_trace_pod *pod, wb_error *err)
{
    assert(output != NULL && input != NULL && pod != NULL);
    assert(pod->shape_number < input->shape_count);
    wb_trace_pod renumbered = *pod;
    WB_TRY(declare_shape(output, &input->shapes[pod->shape_number], err));
    renumbered.shape_number = input->shapes[pod->shape_number].number;
    if (pod->owner_number != UINT32_MAX) {
        assert(pod->owner_number < input->owner_count);
        WB_TRY(declare_owner(output, &input->owners[pod->owner_number], err));
        renumbered.owner_number = input->owners[pod->owner_number].number;
    }
    output->pod_count++;
    output->record_count++;
    output->last_ms = pod->at_ms;
    return wb_trace_writer_pod(output->writer, &renumbered, err);
}

void wb_trace_rewrite_rest(const wb_trace_record *record, wb_text *out)
{
    assert(record != NULL && record->source != NULL && record->source->kind == WB_NODE_MAP);
    bool is_first = true;
    for (uint32_t i = 0; i < record->source->count; i++) {
        if (strcmp(record->source->keys[i], "at") != 0) {
            wb_text_add_string(out, is_first ? "" : ",");
            wb_text_add_json_string(out, record->source->keys[i]);
            wb_text_add_string(out, ":");
            wb_node_print_json(record->source->children[i], out);
            is_first = false;
        }
    }
}

wb_status wb_trace_rewrite_other(wb_trace_rewrite_output *output, int64_t at_ms, const char *rest,
                                 wb_error *err)
{
    assert(output != NULL && rest != NULL);
    output->record_count++;
    output->last_ms = at_ms;
    return wb_trace_writer_rest(output->writer, at_ms, rest, err);
}

void wb_trace_rewrite_note_end(wb_trace_rewrite_output *output, const wb_trace_record *record)
{
    assert(output != NULL && record != NULL && record->kind == WB_TRACE_END);
    output->unmodelled.approximated_count += record->approximated_count;
    output->unmodelled.left_out_count += record->left_out_count;
}

wb_status wb_trace_rewrite_finish(wb_trace_rewrite_output *output, wb_status status, int64_t end_ms,
                                  wb_error *err)
{
    assert(output != NULL && output->writer != NULL);
    if (status == WB_OK) {
        output->last_ms = end_ms > output->last_ms ? end_ms : output->last_ms;
        if (output->unmodelled.approximated_count > output->record_count) {
            output->unmodelled.approximated_count = output->record_count; /* of what was cut away */
        }
        wb_trace_writer_set_unmodelled(output->writer, output->unmodelled);
        status = wb_trace_writer_commit(output->writer, output->last_ms, err);
    } else {
        wb_trace_writer_abandon(output->writer);
    }
    wb_hash_map_release(&output->shapes);
    wb_hash_map_release(&output->owners);
    output->writer = NULL;
    return status;
}
