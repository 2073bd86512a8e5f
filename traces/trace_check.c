/*
 * Reads a trace through once without keeping it: is it whole and in order, and what is in it. Done
 * before a run writes anything, so that a bad line is found before the database exists. Memory: two
 * numbers per shape.
 */
#include <assert.h>

#include "base/heap_memory.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_internal.h"

/* Whole GPUs of either maker. */
int64_t wb_trace_gpus_of(const wb_pod_template *template)
{
    assert(template != NULL);
    return wb_resource_list_get(template->requests, WB_NAME_NVIDIA_GPU) +
           wb_resource_list_get(template->requests, WB_NAME_AMD_GPU);
}

static void note_shape(wb_trace_shape_sizes *sizes, const wb_trace_record *record,
                       wb_trace_summary *out)
{
    assert(record->kind == WB_TRACE_SHAPE && record->template != NULL);
    const size_t needed = (size_t)record->shape_number + 1;
    if (needed > sizes->capacity) {
        sizes->capacity = wb_heap_memory_next_capacity(sizes->capacity, needed);
        sizes->cpu_milli =
            wb_heap_memory_resize(sizes->cpu_milli, sizes->capacity, sizeof(int64_t));
        sizes->gpu_count =
            wb_heap_memory_resize(sizes->gpu_count, sizes->capacity, sizeof(int64_t));
    }
    const int64_t cpu_milli = wb_resource_list_get(record->template->requests, WB_NAME_CPU);
    const int64_t memory_bytes = wb_resource_list_get(record->template->requests, WB_NAME_MEMORY);
    sizes->cpu_milli[record->shape_number] = cpu_milli;
    sizes->gpu_count[record->shape_number] = wb_trace_gpus_of(record->template);
    out->shape_count++;
    out->max_pod_cpu_milli =
        cpu_milli > out->max_pod_cpu_milli ? cpu_milli : out->max_pod_cpu_milli;
    out->max_pod_memory_bytes =
        memory_bytes > out->max_pod_memory_bytes ? memory_bytes : out->max_pod_memory_bytes;
}

/* sum + factor x factor. 149 days x 120 CPUs x a million pods stay far below 2^63; what a hostile
 * trace says beyond that shows as the largest number. */
static int64_t add_product(int64_t sum, int64_t count, int64_t time)
{
    assert(sum >= 0 && count >= 0 && time >= 0);
    int64_t product = 0;
    int64_t result = 0;
    if (__builtin_mul_overflow(count, time, &product) ||
        __builtin_add_overflow(sum, product, &result)) {
        return INT64_MAX;
    }
    return result;
}

/* Sums in milli-CPU x seconds and GPU x ms. */
static void note_pod(const wb_trace_shape_sizes *sizes, const wb_trace_record *record,
                     wb_trace_summary *out, int64_t *cpu_milli_s, int64_t *gpu_milli_s)
{
    assert(record->shape_number < sizes->capacity); /* the reader refuses a shape not yet named */
    out->pod_count++;
    int64_t life_ms = 0;
    if (record->runs_ms >= 0) {
        out->batch_count++;
        life_ms = record->runs_ms;
    } else if (record->until_ms >= 0) {
        out->service_count++;
        life_ms = record->until_ms - record->at_ms;
    } else {
        out->open_count++;
    }
    *cpu_milli_s =
        add_product(*cpu_milli_s, sizes->cpu_milli[record->shape_number], life_ms / 1000);
    *gpu_milli_s = add_product(*gpu_milli_s, sizes->gpu_count[record->shape_number], life_ms);
}

void wb_trace_sums_add(wb_trace_sums *sums, const wb_trace_record *record)
{
    wb_trace_summary *out = &sums->summary;
    out->record_count++;
    switch (record->kind) {
    case WB_TRACE_SHAPE: note_shape(&sums->sizes, record, out); break;
    case WB_TRACE_OWNER: out->owner_count++; break;
    case WB_TRACE_POD:
        note_pod(&sums->sizes, record, out, &sums->cpu_milli_s, &sums->gpu_milli_s);
        break;
    case WB_TRACE_APPLY: out->apply_count++; break;
    case WB_TRACE_DELETE: out->delete_count++; break;
    case WB_TRACE_NODE: out->node_count++; break;
    case WB_TRACE_SCALE: out->scale_count++; break;
    case WB_TRACE_SPOT: out->spot_count++; break;
    case WB_TRACE_END:
        out->end_ms = record->at_ms;
        out->approximated_count = record->approximated_count;
        out->left_out_count = record->left_out_count;
        break;
    }
    const bool has_time = record->kind != WB_TRACE_SHAPE && record->kind != WB_TRACE_OWNER;
    if (has_time && !sums->has_first) {
        out->first_ms = record->at_ms;
        sums->has_first = true;
    }
    out->cpu_milli_hours = sums->cpu_milli_s / 3600;
    out->gpu_milli_hours = sums->gpu_milli_s / 3600;
}

void wb_trace_sums_release(wb_trace_sums *sums)
{
    wb_heap_memory_free(sums->sizes.cpu_milli);
    wb_heap_memory_free(sums->sizes.gpu_count);
    *sums = (wb_trace_sums){0};
}

static wb_status sum_up(wb_trace_reader *reader, const wb_trace_visitor *visitor,
                        wb_trace_sums *sums, wb_error *err)
{
    sums->summary.epoch_ms = wb_trace_reader_header(reader)->epoch_ms;
    for (wb_trace_record record = {0}; record.kind != WB_TRACE_END || record.line == 0;) {
        WB_TRY(wb_trace_reader_next(reader, &record, err));
        wb_trace_sums_add(sums, &record);
        if (visitor != NULL && (record.kind == WB_TRACE_SHAPE || record.kind == WB_TRACE_APPLY)) {
            visitor->visit(visitor->context, &record);
        }
    }
    wb_trace_reader_digest(reader, sums->summary.digest);
    return WB_OK;
}

wb_status wb_trace_check_each(const char *path, const wb_trace_visitor *visitor,
                              wb_trace_summary *out, wb_error *err)
{
    assert(path != NULL && (visitor == NULL || visitor->visit != NULL));
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "trace check", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_trace_sums sums = {.summary = {.first_ms = -1}};
    wb_trace_reader *reader = NULL;
    wb_status status = wb_trace_reader_open(path, &arena, &intern, &reader, err);
    if (status == WB_OK) {
        status = sum_up(reader, visitor, &sums, err);
        wb_trace_reader_close(reader);
    }
    if (status == WB_OK && out != NULL) {
        *out = sums.summary;
    }
    wb_trace_sums_release(&sums);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return status;
}

wb_status wb_trace_check(const char *path, wb_trace_summary *out, wb_error *err)
{
    return wb_trace_check_each(path, NULL, out, err);
}
