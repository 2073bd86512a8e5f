/*
 * Statistics of a trace in one pass. Hours are kept as sums of amount x time in 128 bits, begun by
 * -amount x begin and finished by +amount x end, so that a pod whose end is a later record needs no
 * row of its own but its shape and name.
 */
#include "traces/trace_stats.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "traces/trace_internal.h"

__extension__ typedef __int128 wide;

/* Of one shape; rows for all that were declared. */
typedef struct shape_row {
    int64_t cpu_milli, memory_bytes, gpu_count;
    uint64_t pod_count;
    uint32_t namespace_name;
} shape_row;

/* Of one applied workload. */
typedef struct workload_row {
    int64_t cpu_milli; /* of a pod */
    int64_t replicas;  /* 0 after its deletion */
} workload_row;

typedef struct stats_pass {
    wb_trace_stats *out;
    wb_intern *intern;
    wb_trace_sums sums;
    shape_row *shapes; /* owned */
    size_t shape_count, shape_capacity;
    wb_hash_map open_pods;       /* namespace and name to shape, of pods whose end is not known */
    wb_hash_map workloads;       /* kind, namespace and name to row */
    workload_row *workload_rows; /* owned */
    size_t workload_count, workload_capacity;
    wide cpu_milli_ms, gpu_ms;         /* resident */
    int64_t open_cpu_milli, open_gpus; /* of open_pods */
    wide workload_cpu_milli_ms;
    int64_t workload_cpu_milli, workload_replicas; /* there now */
    int64_t last_arrival_ms;
} stats_pass;

static int64_t saturate(wide value)
{
    assert(value >= 0);
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static uint64_t key_of(uint64_t kind, uint32_t namespace_name, const char *name)
{
    return wb_hash_map_join(wb_hash_map_join(kind, namespace_name),
                            wb_digest_hash64(name, strlen(name)));
}

static void note_shape(stats_pass *pass, const wb_trace_record *record)
{
    assert(record->shape_number == pass->shape_count);
    if (pass->shape_count == pass->shape_capacity) {
        pass->shape_capacity =
            wb_heap_memory_next_capacity(pass->shape_capacity, pass->shape_count + 1);
        pass->shapes =
            wb_heap_memory_resize(pass->shapes, pass->shape_capacity, sizeof pass->shapes[0]);
    }
    const wb_resource_list requests = record->template->requests;
    pass->shapes[pass->shape_count++] = (shape_row){
        .cpu_milli = wb_resource_list_get(requests, WB_NAME_CPU),
        .memory_bytes = wb_resource_list_get(requests, WB_NAME_MEMORY),
        .gpu_count = wb_trace_gpus_of(record->template),
        .namespace_name = record->namespace_name,
    };
}

/* Pods of a shape come or go. */
static void add_resident(stats_pass *pass, const shape_row *shape, int64_t at_ms, int sign)
{
    assert(sign == 1 || sign == -1);
    wb_trace_series_add(&pass->out->pods, at_ms, sign);
    wb_trace_series_add(&pass->out->cpu_milli, at_ms, sign * shape->cpu_milli);
    wb_trace_series_add(&pass->out->gpu, at_ms, sign * shape->gpu_count);
    pass->cpu_milli_ms -= (wide)sign * shape->cpu_milli * at_ms;
    pass->gpu_ms -= (wide)sign * shape->gpu_count * at_ms;
}

/* When the pod went, -1 when a later record or the end of the trace says it. */
static int64_t end_of(const wb_trace_record *record)
{
    if (record->history.gone_ms >= record->at_ms) {
        return record->history.gone_ms;
    }
    return record->until_ms >= 0  ? record->until_ms
           : record->runs_ms >= 0 ? record->at_ms + record->runs_ms
                                  : -1;
}

static void note_sizes(wb_trace_stats *out, const shape_row *shape)
{
    wb_trace_histogram_add(&out->cpu_requests, shape->cpu_milli, 1);
    wb_trace_histogram_add(&out->memory_requests, shape->memory_bytes >> 20, 1);
    wb_trace_histogram_add(&out->gpu_requests, shape->gpu_count, 1);
}

static void note_pod(stats_pass *pass, const wb_trace_record *record)
{
    shape_row *shape = &pass->shapes[record->shape_number];
    const int64_t end_ms = end_of(record);
    shape->pod_count++;
    wb_trace_series_add(&pass->out->arrivals, record->at_ms, 1);
    note_sizes(pass->out, shape);
    if (pass->last_arrival_ms >= 0) {
        wb_trace_histogram_add(&pass->out->gaps, record->at_ms - pass->last_arrival_ms, 1);
    }
    pass->last_arrival_ms = record->at_ms;
    add_resident(pass, shape, record->at_ms, 1);
    if (end_ms >= 0) {
        wb_trace_histogram_add(&pass->out->lifetimes, (end_ms - record->at_ms) / 1000, 1);
        add_resident(pass, shape, end_ms, -1);
    } else {
        (void)wb_hash_map_put(&pass->open_pods, key_of(0, shape->namespace_name, record->name),
                              record->shape_number);
        pass->open_cpu_milli += shape->cpu_milli;
        pass->open_gpus += shape->gpu_count;
    }
}

static void note_deleted_pod(stats_pass *pass, const wb_trace_record *record)
{
    const uint64_t key = key_of(0, record->namespace_name, record->name);
    uint64_t shape_number = 0;
    if (!wb_hash_map_get(&pass->open_pods, key, &shape_number)) {
        return; /* a pod with an end of its own, or none that the trace knows */
    }
    const shape_row *shape = &pass->shapes[shape_number];
    (void)wb_hash_map_remove(&pass->open_pods, key);
    add_resident(pass, shape, record->at_ms, -1);
    pass->open_cpu_milli -= shape->cpu_milli;
    pass->open_gpus -= shape->gpu_count;
}

/* The row of a workload, or NULL when it is new and is_made is false. */
static workload_row *find_workload(stats_pass *pass, uint64_t key, bool is_made)
{
    uint64_t index = 0;
    if (wb_hash_map_get(&pass->workloads, key, &index)) {
        return &pass->workload_rows[index];
    }
    if (!is_made) {
        return NULL;
    }
    if (pass->workload_count == pass->workload_capacity) {
        pass->workload_capacity =
            wb_heap_memory_next_capacity(pass->workload_capacity, pass->workload_count + 1);
        pass->workload_rows = wb_heap_memory_resize(pass->workload_rows, pass->workload_capacity,
                                                    sizeof pass->workload_rows[0]);
    }
    (void)wb_hash_map_put(&pass->workloads, key, pass->workload_count);
    pass->workload_rows[pass->workload_count] = (workload_row){0};
    return &pass->workload_rows[pass->workload_count++];
}

/* From at_ms on the workload has so many pods of that size. */
static void set_workload(stats_pass *pass, workload_row *row, int64_t cpu_milli, int64_t replicas,
                         int64_t at_ms)
{
    const wide before = (wide)row->cpu_milli * row->replicas;
    const wide after = (wide)cpu_milli * replicas;
    pass->workload_cpu_milli_ms += (before - after) * at_ms;
    pass->workload_cpu_milli = saturate((wide)pass->workload_cpu_milli + after - before);
    pass->workload_replicas += replicas - row->replicas;
    *row = (workload_row){cpu_milli, replicas};
    if (pass->workload_replicas > pass->out->workload_replicas_peak) {
        pass->out->workload_replicas_peak = pass->workload_replicas;
    }
}

static bool has_replicas(wb_owner_kind kind)
{
    return kind == WB_OWNER_DEPLOYMENT || kind == WB_OWNER_STATEFUL_SET ||
           kind == WB_OWNER_REPLICA_SET;
}

static void note_apply(stats_pass *pass, const wb_trace_record *record)
{
    for (uint32_t i = 0; i < record->manifest->workload_count; i++) {
        const wb_workload *workload = &record->manifest->workloads[i];
        if (has_replicas(workload->kind) && workload->template != NULL) {
            const uint64_t key = key_of((uint64_t)workload->kind, workload->namespace_name,
                                        wb_intern_text(pass->intern, workload->name));
            set_workload(pass, find_workload(pass, key, true),
                         wb_resource_list_get(workload->template->requests, WB_NAME_CPU),
                         workload->replicas, record->at_ms);
        }
    }
}

/* A scale or delete record of a workload that was applied. */
static void note_replicas(stats_pass *pass, const wb_trace_record *record, int64_t replicas)
{
    const uint64_t key = key_of((uint64_t)record->owner_kind, record->namespace_name, record->name);
    workload_row *row = find_workload(pass, key, false);
    if (row != NULL) {
        set_workload(pass, row, row->cpu_milli, replicas, record->at_ms);
    }
}

static void note_record(stats_pass *pass, const wb_trace_record *record)
{
    switch (record->kind) {
    case WB_TRACE_SHAPE: note_shape(pass, record); break;
    case WB_TRACE_POD: note_pod(pass, record); break;
    case WB_TRACE_APPLY: note_apply(pass, record); break;
    case WB_TRACE_SCALE: note_replicas(pass, record, record->replicas); break;
    case WB_TRACE_DELETE:
        if (strcmp(record->delete_kind, "Pod") == 0) {
            note_deleted_pod(pass, record);
        } else {
            note_replicas(pass, record, 0);
        }
        break;
    default: break;
    }
}

/* The leading shapes: insertion into a list of ten. */
static void rank_shapes(stats_pass *pass)
{
    wb_trace_stats *out = pass->out;
    for (size_t i = 0; i < pass->shape_count; i++) {
        const shape_row *shape = &pass->shapes[i];
        uint32_t place = out->shape_count;
        while (place > 0 && out->shapes[place - 1].pod_count < shape->pod_count) {
            place--;
        }
        if (place == WB_TRACE_STATS_SHAPES || shape->pod_count == 0) {
            continue;
        }
        if (out->shape_count < WB_TRACE_STATS_SHAPES) {
            out->shape_count++;
        }
        memmove(&out->shapes[place + 1], &out->shapes[place],
                (out->shape_count - 1 - place) * sizeof out->shapes[0]);
        out->shapes[place] = (wb_trace_stats_shape){.shape_number = (uint32_t)i,
                                                    .pod_count = shape->pod_count,
                                                    .cpu_milli = shape->cpu_milli,
                                                    .memory_bytes = shape->memory_bytes,
                                                    .gpu_count = shape->gpu_count};
        (void)snprintf(out->shapes[place].namespace_name, sizeof out->shapes[place].namespace_name,
                       "%s", wb_intern_text(pass->intern, shape->namespace_name));
    }
}

/* What is still there is there until the end of the trace. */
static void finish(stats_pass *pass)
{
    wb_trace_stats *out = pass->out;
    out->summary = pass->sums.summary;
    const int64_t end_ms = out->summary.end_ms;
    wb_trace_series *series[] = {&out->arrivals, &out->pods, &out->cpu_milli, &out->gpu};
    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++) {
        wb_trace_series_reach(series[i], end_ms);
    }
    const wide hour_ms = 3600000;
    out->resident_cpu_milli_hours =
        saturate((pass->cpu_milli_ms + (wide)pass->open_cpu_milli * end_ms) / hour_ms);
    out->resident_gpu_milli_hours =
        saturate((pass->gpu_ms + (wide)pass->open_gpus * end_ms) * 1000 / hour_ms);
    out->workload_cpu_milli_hours =
        saturate((pass->workload_cpu_milli_ms + (wide)pass->workload_cpu_milli * end_ms) / hour_ms);
    out->workload_replicas_end = pass->workload_replicas;
    rank_shapes(pass);
}

/* Templates and manifests are given back after each record: nothing of them is kept. */
static wb_status read_all(stats_pass *pass, wb_trace_reader *reader, wb_arena *arena, wb_error *err)
{
    pass->sums.summary.epoch_ms = wb_trace_reader_header(reader)->epoch_ms;
    for (bool is_at_end = false; !is_at_end;) {
        const wb_arena_mark mark = wb_arena_get_mark(arena);
        wb_trace_record record = {0};
        WB_TRY(wb_trace_reader_next(reader, &record, err));
        wb_trace_sums_add(&pass->sums, &record);
        note_record(pass, &record);
        is_at_end = record.kind == WB_TRACE_END;
        wb_arena_rewind(arena, mark);
    }
    wb_trace_reader_digest(reader, pass->sums.summary.digest);
    finish(pass);
    return WB_OK;
}

wb_status wb_trace_stats_read(const char *path, wb_trace_stats *out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    wb_arena names;
    wb_arena records;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    memset(out, 0, sizeof *out);
    wb_arena_init(&names, "trace names", 0, NULL);
    wb_arena_init(&records, "trace records", 0, NULL);
    wb_intern_init(&intern, &names);
    wb_names_init(&intern);
    stats_pass pass = {.out = out,
                       .intern = &intern,
                       .sums = {.summary = {.first_ms = -1}},
                       .last_arrival_ms = -1};
    wb_hash_map_init(&pass.open_pods);
    wb_hash_map_init(&pass.workloads);
    wb_status status = wb_trace_reader_open(path, &records, &intern, &reader, err);
    if (status == WB_OK) {
        status = read_all(&pass, reader, &records, err);
        wb_trace_reader_close(reader);
    }
    wb_trace_sums_release(&pass.sums);
    wb_hash_map_release(&pass.open_pods);
    wb_hash_map_release(&pass.workloads);
    wb_heap_memory_free(pass.shapes);
    wb_heap_memory_free(pass.workload_rows);
    wb_intern_release(&intern);
    wb_arena_release(&names);
    wb_arena_release(&records);
    return status;
}
