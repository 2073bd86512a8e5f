#include "traces/trace_validate.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "kube/names.h"

typedef struct validate_pass {
    wb_trace_oddities *out;
    wb_intern *intern;
    wb_hash_map living;    /* what is there without an end of its own: pods, objects */
    wb_hash_map workloads; /* owners that were declared: their pods are records */
    wb_hash_map nodes;
    uint8_t *used_shapes, *used_owners; /* owned: 1 where a pod used it */
    uint32_t *shape_namespaces;         /* owned */
    size_t shape_count, shape_capacity, owner_count, owner_capacity;
    bool has_nodes;
} validate_pass;

static uint64_t key_of(const char *kind, uint32_t namespace_name, const char *name)
{
    return wb_hash_map_join(wb_hash_map_join(wb_digest_hash64(kind, strlen(kind)), namespace_name),
                            wb_digest_hash64(name, strlen(name)));
}

static void note_declared(validate_pass *pass, const wb_trace_record *record)
{
    if (record->kind == WB_TRACE_OWNER) {
        if (pass->owner_count == pass->owner_capacity) {
            pass->owner_capacity =
                wb_heap_memory_next_capacity(pass->owner_capacity, pass->owner_count + 1);
            pass->used_owners = wb_heap_memory_resize(pass->used_owners, pass->owner_capacity, 1);
        }
        pass->used_owners[pass->owner_count++] = 0;
        (void)wb_hash_map_put(&pass->workloads,
                              key_of(wb_trace_owner_kind_name(record->owner_kind),
                                     record->namespace_name, record->name),
                              1);
        return;
    }
    if (pass->shape_count == pass->shape_capacity) {
        pass->shape_capacity =
            wb_heap_memory_next_capacity(pass->shape_capacity, pass->shape_count + 1);
        pass->used_shapes = wb_heap_memory_resize(pass->used_shapes, pass->shape_capacity, 1);
        pass->shape_namespaces =
            wb_heap_memory_resize(pass->shape_namespaces, pass->shape_capacity, sizeof(uint32_t));
    }
    pass->used_shapes[pass->shape_count] = 0;
    pass->shape_namespaces[pass->shape_count++] = record->namespace_name;
}

static void note_pod(validate_pass *pass, const wb_trace_record *record)
{
    uint64_t ignored = 0;
    assert(record->shape_number < pass->shape_count);
    pass->used_shapes[record->shape_number] = 1;
    if (record->owner_number != UINT32_MAX) {
        pass->used_owners[record->owner_number] = 1;
    }
    if (record->until_ms < 0 && record->runs_ms < 0 &&
        !wb_hash_map_put(&pass->living,
                         key_of("Pod", pass->shape_namespaces[record->shape_number], record->name),
                         1)) {
        pass->out->twice_count++;
    }
    const char *node_name = record->history.node_name;
    if (pass->has_nodes && node_name != NULL &&
        !wb_hash_map_get(&pass->nodes, key_of("Node", 0, node_name), &ignored)) {
        pass->out->unknown_node_count++;
    }
}

static void note_applied(validate_pass *pass, const wb_trace_record *record)
{
    const wb_manifest *manifest = record->manifest;
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        (void)wb_hash_map_put(&pass->living,
                              key_of(wb_trace_owner_kind_name(workload->kind),
                                     workload->namespace_name,
                                     wb_intern_text(pass->intern, workload->name)),
                              1);
    }
}

/* Of what is no pod and no workload (a PDB, a claim) nothing is known here. */
static void note_deleted(validate_pass *pass, const wb_trace_record *record)
{
    const uint64_t key = key_of(record->delete_kind, record->namespace_name, record->name);
    const bool is_tracked =
        strcmp(record->delete_kind, "Pod") == 0 || record->owner_kind != WB_OWNER_OTHER;
    if (is_tracked && !wb_hash_map_remove(&pass->living, key)) {
        pass->out->unknown_delete_count++;
    }
}

static void note_scaled(validate_pass *pass, const wb_trace_record *record)
{
    uint64_t ignored = 0;
    const uint64_t key =
        key_of(wb_trace_owner_kind_name(record->owner_kind), record->namespace_name, record->name);
    if (!wb_hash_map_get(&pass->living, key, &ignored) &&
        !wb_hash_map_get(&pass->workloads, key, &ignored)) {
        pass->out->unknown_scale_count++;
    }
}

static void note_record(validate_pass *pass, const wb_trace_record *record)
{
    switch (record->kind) {
    case WB_TRACE_SHAPE:
    case WB_TRACE_OWNER: note_declared(pass, record); break;
    case WB_TRACE_POD: note_pod(pass, record); break;
    case WB_TRACE_APPLY: note_applied(pass, record); break;
    case WB_TRACE_DELETE: note_deleted(pass, record); break;
    case WB_TRACE_SCALE: note_scaled(pass, record); break;
    case WB_TRACE_NODE:
        pass->has_nodes = true;
        (void)wb_hash_map_put(&pass->nodes, key_of("Node", 0, record->name), 1);
        break;
    default: break;
    }
}

static void count_unused(validate_pass *pass)
{
    for (size_t i = 0; i < pass->shape_count; i++) {
        pass->out->unused_shape_count += pass->used_shapes[i] == 0 ? 1 : 0;
    }
    for (size_t i = 0; i < pass->owner_count; i++) {
        pass->out->unused_owner_count += pass->used_owners[i] == 0 ? 1 : 0;
    }
}

static wb_status read_all(validate_pass *pass, wb_trace_reader *reader, wb_arena *arena,
                          wb_error *err)
{
    /* The first line may say the end; then a pod is known to outlive it when it is read. */
    const int64_t stated_end_ms = wb_trace_reader_header(reader)->end_ms;
    for (;;) {
        const wb_arena_mark mark = wb_arena_get_mark(arena);
        wb_trace_record record = {0};
        WB_TRY(wb_trace_reader_next(reader, &record, err));
        if (record.kind == WB_TRACE_END) {
            count_unused(pass);
            return WB_OK;
        }
        pass->out->record_count++;
        note_record(pass, &record);
        if (stated_end_ms >= 0 && record.kind == WB_TRACE_POD && record.until_ms > stated_end_ms) {
            pass->out->late_end_count++;
        }
        wb_arena_rewind(arena, mark);
    }
}

wb_status wb_trace_validate(const char *path, wb_trace_oddities *out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    wb_arena names;
    wb_arena records;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    *out = (wb_trace_oddities){0};
    wb_arena_init(&names, "trace names", 0, NULL);
    wb_arena_init(&records, "trace records", 0, NULL);
    wb_intern_init(&intern, &names);
    wb_names_init(&intern);
    validate_pass pass = {.out = out, .intern = &intern};
    wb_hash_map_init(&pass.living);
    wb_hash_map_init(&pass.workloads);
    wb_hash_map_init(&pass.nodes);
    wb_status status = wb_trace_reader_open(path, &records, &intern, &reader, err);
    if (status == WB_OK) {
        status = read_all(&pass, reader, &records, err);
        wb_trace_reader_close(reader);
    }
    wb_hash_map_release(&pass.living);
    wb_hash_map_release(&pass.workloads);
    wb_hash_map_release(&pass.nodes);
    wb_heap_memory_free(pass.used_shapes);
    wb_heap_memory_free(pass.used_owners);
    wb_heap_memory_free(pass.shape_namespaces);
    wb_intern_release(&intern);
    wb_arena_release(&names);
    wb_arena_release(&records);
    return status;
}

uint64_t wb_trace_validate_oddity_count(const wb_trace_oddities *oddities)
{
    assert(oddities != NULL);
    return oddities->late_end_count + oddities->unknown_delete_count +
           oddities->unknown_scale_count + oddities->twice_count + oddities->unknown_node_count +
           oddities->unused_shape_count + oddities->unused_owner_count;
}
