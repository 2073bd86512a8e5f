#include "scenarios/node_group_demand.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "kube/names.h"

void wb_node_group_demand_init(wb_node_group_demand *demand, wb_arena *arena, wb_intern *intern)
{
    assert(demand != NULL && arena != NULL && intern != NULL);
    *demand = (wb_node_group_demand){.arena = arena, .intern = intern};
}

static bool has_volume_claim(const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->volume_count; i++) {
        if (template->volumes[i].kind == WB_VOLUME_CLAIM ||
            template->volumes[i].kind == WB_VOLUME_EPHEMERAL) {
            return true;
        }
    }
    return false;
}

static void add(wb_node_group_demand *demand, const wb_pod_template *template, double count,
                bool has_claim_template)
{
    assert(template != NULL && count >= 0.0);
    if (demand->count == demand->capacity) {
        const uint32_t capacity = demand->capacity * 2 + 16;
        demand->kinds = wb_arena_grow(demand->arena, demand->kinds, demand->capacity, capacity,
                                      sizeof demand->kinds[0]);
        demand->capacity = capacity;
    }
    demand->kinds[demand->count++] = (wb_node_group_demand_kind){
        .template = template,
        .count = count,
        .has_zonal_volume = has_claim_template || has_volume_claim(template),
    };
}

static void add_daemon(wb_node_group_demand *demand, const wb_pod_template *template)
{
    demand->daemon_cpu_milli += wb_resource_list_get(template->requests, WB_NAME_CPU);
    demand->daemon_memory_bytes += wb_resource_list_get(template->requests, WB_NAME_MEMORY);
    demand->daemon_count++;
}

/* How many pods of a workload there are at a time while it is there. */
static double size_of(const wb_workload *workload)
{
    switch (workload->kind) {
    case WB_OWNER_JOB:
    case WB_OWNER_CRON_JOB: return (double)workload->parallelism;
    default: return (double)workload->replicas;
    }
}

/* share: of the span in which the workloads are there. */
static void add_workloads(wb_node_group_demand *demand, const wb_manifest *manifest, double share)
{
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        if (workload->kind == WB_OWNER_DAEMON_SET) {
            add_daemon(demand, workload->template);
        } else {
            add(demand, workload->template, size_of(workload) * share,
                workload->claim_template_count > 0);
        }
    }
    for (uint32_t i = 0; i < manifest->pod_count; i++) {
        add(demand, manifest->pods[i].template, share, false);
    }
}

void wb_node_group_demand_add_manifest(wb_node_group_demand *demand, const wb_manifest *manifest)
{
    assert(demand != NULL && manifest != NULL);
    add_workloads(demand, manifest, 1.0);
}

/* ---- traces ---- */

typedef struct shape_sum {
    const wb_pod_template *template;
    uint32_t namespace_name;
    double pod_ms; /* lives of its pods, summed */
} shape_sum;

/* One pass over a trace: lives of pods summed by shape. */
typedef struct trace_pass {
    wb_node_group_demand *demand;
    shape_sum *shapes; /* owned; by shape number */
    uint32_t shape_count, shape_capacity;
    wb_hash_map open_pods; /* pods without a recorded end, by name: the shape */
    int64_t span_ms;
} trace_pass;

static uint64_t name_key(const char *name, uint32_t namespace_name)
{
    return wb_hash_map_join(wb_digest_hash64(name, strlen(name)), namespace_name);
}

static void declare_shape(trace_pass *pass, const wb_trace_record *record)
{
    assert(record->shape_number == pass->shape_count); /* dense from 0 */
    if (pass->shape_count == pass->shape_capacity) {
        const size_t capacity =
            wb_heap_memory_next_capacity(pass->shape_capacity, (size_t)pass->shape_count + 1);
        pass->shapes = wb_heap_memory_resize(pass->shapes, capacity, sizeof(*pass->shapes));
        pass->shape_capacity = (uint32_t)capacity;
    }
    pass->shapes[pass->shape_count++] =
        (shape_sum){.template = record->template, .namespace_name = record->namespace_name};
}

static void take_pod(trace_pass *pass, const wb_trace_record *record)
{
    assert(record->shape_number < pass->shape_count);
    shape_sum *shape = &pass->shapes[record->shape_number];
    if (record->until_ms >= 0) {
        shape->pod_ms += (double)(record->until_ms - record->at_ms);
    } else if (record->runs_ms >= 0) {
        shape->pod_ms += (double)record->runs_ms;
    } else { /* to the trace's end; what lies behind a delete record is taken off there */
        shape->pod_ms += (double)(pass->span_ms - record->at_ms);
        (void)wb_hash_map_put(&pass->open_pods, name_key(record->name, shape->namespace_name),
                              record->shape_number);
    }
}

static void take_delete(trace_pass *pass, const wb_trace_record *record)
{
    const uint64_t key = name_key(record->name, record->namespace_name);
    uint64_t shape_number = 0;
    if (strcmp(record->delete_kind, "Pod") == 0 &&
        wb_hash_map_get(&pass->open_pods, key, &shape_number)) {
        pass->shapes[shape_number].pod_ms -= (double)(pass->span_ms - record->at_ms);
        (void)wb_hash_map_remove(&pass->open_pods, key);
    }
}

static void take_record(trace_pass *pass, const wb_trace_record *record)
{
    switch (record->kind) {
    case WB_TRACE_SHAPE: declare_shape(pass, record); break;
    case WB_TRACE_POD: take_pod(pass, record); break;
    case WB_TRACE_DELETE: take_delete(pass, record); break;
    case WB_TRACE_APPLY:
        add_workloads(pass->demand, record->manifest,
                      (double)(pass->span_ms - record->at_ms) / (double)pass->span_ms);
        break;
    case WB_TRACE_OWNER:
    case WB_TRACE_NODE:
    case WB_TRACE_SCALE:
    case WB_TRACE_SPOT:
    case WB_TRACE_END: break;
    }
}

static wb_status read_records(trace_pass *pass, wb_trace_reader *reader, wb_error *err)
{
    wb_trace_record record = {.kind = WB_TRACE_OWNER};
    while (record.kind != WB_TRACE_END) {
        WB_TRY(wb_trace_reader_next(reader, &record, err));
        take_record(pass, &record);
    }
    for (uint32_t i = 0; i < pass->shape_count; i++) {
        const shape_sum *shape = &pass->shapes[i];
        if (shape->pod_ms > 0.0) {
            add(pass->demand, shape->template, shape->pod_ms / (double)pass->span_ms, false);
        }
    }
    return WB_OK;
}

wb_status wb_node_group_demand_add_trace(wb_node_group_demand *demand, const char *path,
                                         wb_error *err)
{
    assert(demand != NULL && path != NULL);
    wb_trace_summary summary;
    wb_trace_reader *reader = NULL;
    WB_TRY(wb_trace_check(path, &summary, err)); /* the span is in its last line */
    WB_TRY(wb_trace_reader_open(path, demand->arena, demand->intern, &reader, err));
    trace_pass pass = {.demand = demand, .span_ms = summary.end_ms > 0 ? summary.end_ms : 1};
    wb_hash_map_init(&pass.open_pods);
    const wb_status status = read_records(&pass, reader, err);
    wb_trace_reader_close(reader);
    wb_hash_map_release(&pass.open_pods);
    wb_heap_memory_free(pass.shapes);
    return status;
}

wb_status wb_node_group_demand_add_scenario(wb_node_group_demand *demand,
                                            const wb_scenario *scenario, wb_error *err)
{
    assert(demand != NULL && scenario != NULL);
    wb_node_group_demand_add_manifest(demand, scenario->base);
    for (uint32_t i = 0; i < scenario->step_count; i++) {
        if (scenario->steps[i].kind == WB_STEP_APPLY) {
            wb_node_group_demand_add_manifest(demand, scenario->steps[i].manifest);
        }
    }
    for (uint32_t i = 0; i < scenario->trace_count; i++) {
        WB_TRY(wb_node_group_demand_add_trace(demand, scenario->traces[i].path, err));
    }
    return WB_OK;
}
