#include "traces/trace_table.h"

#include <assert.h>
#include <string.h>

#include "base/file_writer.h"
#include "base/heap_memory.h"
#include "base/quantity.h"
#include "base/text.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_internal.h"

#define FLUSH_BYTES ((size_t)1 << 16)

/* The columns of a row that come from its shape or its owner, ready to print; owned. */
typedef struct declared_text {
    char *text;
} declared_text;

typedef struct table_pass {
    wb_intern *intern;
    wb_file_writer *file; /* owned */
    wb_text pending, text;
    declared_text *shapes, *owners; /* owned */
    size_t shape_count, shape_capacity, owner_count, owner_capacity;
    uint64_t pod_count, left_out_count;
    int64_t end_ms;
} table_pass;

static void keep_text(declared_text **list, size_t *count, size_t *capacity, const wb_text *text)
{
    if (*count == *capacity) {
        *capacity = wb_heap_memory_next_capacity(*capacity, *count + 1);
        *list = wb_heap_memory_resize(*list, *capacity, sizeof **list);
    }
    char *copy = wb_heap_memory_alloc(text->length + 1, 1);
    memcpy(copy, wb_text_string(text), text->length + 1);
    (*list)[(*count)++] = (declared_text){copy};
}

/* ",cpu,memory,gpu,namespace,priority,selector" */
static void note_shape(table_pass *pass, const wb_trace_record *record)
{
    const wb_pod_template *template = record->template;
    wb_text *out = &pass->text;
    wb_text selector;
    char cpu[48];
    char memory[48];
    wb_quantity_print_milli(wb_resource_list_get(template->requests, WB_NAME_CPU), cpu);
    wb_quantity_print_bytes(wb_resource_list_get(template->requests, WB_NAME_MEMORY), memory);
    wb_text_init(&selector);
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        wb_text_add_format(&selector, "%s%s=%s", i > 0 ? ";" : "",
                           wb_intern_text(pass->intern, template->node_selector.items[i].key),
                           wb_intern_text(pass->intern, template->node_selector.items[i].value));
    }
    wb_text_clear(out);
    wb_text_add_format(out, ",%s,%s,%lld,", cpu, memory, (long long)wb_trace_gpus_of(template));
    wb_text_add_csv_field(out, wb_intern_text(pass->intern, record->namespace_name));
    wb_text_add_format(out, ",%d,", template->priority);
    wb_text_add_csv_field(out, wb_text_string(&selector));
    wb_text_release(&selector);
    keep_text(&pass->shapes, &pass->shape_count, &pass->shape_capacity, out);
}

/* ",owner,kind" */
static void note_owner(table_pass *pass, const wb_trace_record *record)
{
    wb_text_clear(&pass->text);
    wb_text_add_string(&pass->text, ",");
    wb_text_add_csv_field(&pass->text, record->name);
    wb_text_add_format(&pass->text, ",%s", wb_trace_owner_kind_name(record->owner_kind));
    keep_text(&pass->owners, &pass->owner_count, &pass->owner_capacity, &pass->text);
}

static void add_seconds(wb_text *out, int64_t ms)
{
    wb_text_add_string(out, ",");
    if (ms >= 0) {
        wb_text_add_format(out, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
    }
}

static wb_status write_pod(table_pass *pass, const wb_trace_record *record, wb_error *err)
{
    wb_text *out = &pass->pending;
    assert(record->shape_number < pass->shape_count);
    wb_text_add_csv_field(out, record->name);
    add_seconds(out, record->at_ms);
    add_seconds(out, record->until_ms);
    add_seconds(out, record->runs_ms);
    wb_text_add_string(out, pass->shapes[record->shape_number].text);
    wb_text_add_string(out, record->owner_number == UINT32_MAX
                                ? ",,"
                                : pass->owners[record->owner_number].text);
    wb_text_add_string(out, "\n");
    pass->pod_count++;
    if (out->length < FLUSH_BYTES) {
        return WB_OK;
    }
    const wb_status status =
        wb_file_writer_write(pass->file, wb_text_string(out), out->length, err);
    wb_text_clear(out);
    return status;
}

/* Any record but the last. */
static wb_status take_record(table_pass *pass, const wb_trace_record *record, wb_error *err)
{
    assert(record->kind != WB_TRACE_END);
    switch (record->kind) {
    case WB_TRACE_SHAPE: note_shape(pass, record); return WB_OK;
    case WB_TRACE_OWNER: note_owner(pass, record); return WB_OK;
    case WB_TRACE_POD: return write_pod(pass, record, err);
    default: pass->left_out_count++; return WB_OK;
    }
}

static wb_status write_rows(table_pass *pass, wb_trace_reader *reader, wb_arena *arena,
                            wb_error *err)
{
    wb_text_add_string(&pass->pending, "name,arrival,end,duration,cpu,memory,gpu,namespace,"
                                       "priority,node_selector,owner,kind\n");
    for (;;) {
        const wb_arena_mark mark = wb_arena_get_mark(arena);
        wb_trace_record record = {0};
        WB_TRY(wb_trace_reader_next(reader, &record, err));
        if (record.kind == WB_TRACE_END) {
            pass->end_ms = record.at_ms;
            return wb_file_writer_write(pass->file, wb_text_string(&pass->pending),
                                        pass->pending.length, err);
        }
        WB_TRY(take_record(pass, &record, err));
        wb_arena_rewind(arena, mark);
    }
}

static void release(table_pass *pass)
{
    for (size_t i = 0; i < pass->shape_count; i++) {
        wb_heap_memory_free(pass->shapes[i].text);
    }
    for (size_t i = 0; i < pass->owner_count; i++) {
        wb_heap_memory_free(pass->owners[i].text);
    }
    wb_heap_memory_free(pass->shapes);
    wb_heap_memory_free(pass->owners);
    wb_text_release(&pass->pending);
    wb_text_release(&pass->text);
}

static wb_status write_table(table_pass *pass, wb_trace_reader *reader, wb_arena *arena,
                             const char *output_path, wb_error *err)
{
    WB_TRY(wb_file_writer_open(output_path, &pass->file, err));
    const wb_status status = write_rows(pass, reader, arena, err);
    if (status != WB_OK) {
        wb_file_writer_abandon(pass->file);
        return status;
    }
    return wb_file_writer_commit(pass->file, err);
}

wb_status wb_trace_table_write(const char *path, const char *output_path, wb_trace_tool_report *out,
                               wb_error *err)
{
    assert(path != NULL && output_path != NULL && out != NULL);
    wb_arena names;
    wb_arena records;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    wb_arena_init(&names, "trace names", 0, NULL);
    wb_arena_init(&records, "trace records", 0, NULL);
    wb_intern_init(&intern, &names);
    wb_names_init(&intern);
    table_pass pass = {.intern = &intern};
    wb_text_init(&pass.pending);
    wb_text_init(&pass.text);
    wb_status status = wb_trace_reader_open(path, &records, &intern, &reader, err);
    if (status == WB_OK) {
        status = write_table(&pass, reader, &records, output_path, err);
        wb_trace_reader_close(reader);
    }
    *out = (wb_trace_tool_report){.read_pod_count = pass.pod_count,
                                  .pod_count = pass.pod_count,
                                  .record_count = pass.left_out_count,
                                  .end_ms = pass.end_ms};
    release(&pass);
    wb_intern_release(&intern);
    wb_arena_release(&names);
    wb_arena_release(&records);
    return status;
}
