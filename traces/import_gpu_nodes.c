/*
 * Node lists of Alibaba's GPU clusters, CSV without times, some 1,500 and 4,300 rows:
 *
 *   sn, cpu_milli, memory_mib, gpu, model                openb, cluster-trace-gpu-v2023
 *   gpu_model, gpu_capacity_num, cpu_num, node_name      cluster-trace-v2026-spot-gpu
 *
 * Each row becomes a node record at time 0: the cluster as it was. To be joined to a pod list by
 * trace merge. The second list does not say memory: 8 GiB per CPU stand for it.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "traces/csv_rows.h"
#include "traces/import_sink.h"

#define MEMORY_MIB_PER_CPU 8192

static const wb_csv_range milli_range = {1, 0, 1e7};
static const wb_csv_range cpu_range = {1000, 0, 1e4};
static const wb_csv_range mib_range = {1, 0, 1e9};
static const wb_csv_range count_range = {1, 0, 1000};

static const char openb_header[] = "sn,cpu_milli,memory_mib,gpu,model";
static const char spot_header[] = "gpu_model,gpu_capacity_num,cpu_num,node_name";

typedef struct node_table {
    wb_import *import;
    wb_csv_rows *rows;
    uint32_t name, cpu, memory, gpus, model; /* columns; memory may be missing */
    wb_trace_writer *writer;                 /* owned */
    wb_text json;
    uint64_t node_count;
    int64_t cpu_milli, memory_mib, gpu_count; /* sums */
} node_table;

static bool recognises(const wb_import *import)
{
    return strncmp(import->text, openb_header, sizeof openb_header - 1) == 0 ||
           strncmp(import->text, spot_header, sizeof spot_header - 1) == 0;
}

static wb_status find_columns(node_table *table, wb_error *err)
{
    const bool is_openb = wb_csv_rows_column(table->rows, "sn") != WB_CSV_NO_COLUMN;
    const struct {
        const char *openb, *spot;
        uint32_t *column;
    } columns[] = {{"sn", "node_name", &table->name},
                   {"cpu_milli", "cpu_num", &table->cpu},
                   {"gpu", "gpu_capacity_num", &table->gpus},
                   {"model", "gpu_model", &table->model}};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        WB_TRY(wb_csv_rows_require(table->rows, is_openb ? columns[i].openb : columns[i].spot,
                                   columns[i].column, err));
    }
    table->memory = WB_CSV_NO_COLUMN;
    return is_openb ? wb_csv_rows_require(table->rows, "memory_mib", &table->memory, err) : WB_OK;
}

typedef struct gpu_node {
    char name[80];
    const wb_gpu_twin *twin; /* NULL: no GPU */
    int64_t cpu_milli, memory_mib, gpu_count;
} gpu_node;

static wb_status read_node(const node_table *table, gpu_node *out, wb_error *err)
{
    const wb_csv_rows *rows = table->rows;
    const bool has_memory = table->memory != WB_CSV_NO_COLUMN;
    const char *model = wb_csv_rows_text(rows, table->model);
    char name[64];
    WB_TRY(wb_csv_rows_scaled(rows, table->cpu, has_memory ? &milli_range : &cpu_range,
                              &out->cpu_milli, err));
    WB_TRY(wb_csv_rows_scaled(rows, table->gpus, &count_range, &out->gpu_count, err));
    out->memory_mib = out->cpu_milli * MEMORY_MIB_PER_CPU / 1000;
    if (has_memory) {
        WB_TRY(wb_csv_rows_scaled(rows, table->memory, &mib_range, &out->memory_mib, err));
    }
    if (*model != 0) {
        out->twin = wb_trace_import_gpu_twin(model, strlen(model));
    }
    if (*model != 0 && out->twin == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: %s: '%.32s' is not a known GPU model",
                       wb_csv_rows_path(rows), (unsigned long long)wb_csv_rows_line(rows),
                       wb_csv_rows_column_name(rows, table->model), model);
    }
    wb_import_sink_name(wb_csv_rows_text(rows, table->name), name);
    const bool is_number = name[0] >= '0' && name[0] <= '9';
    (void)snprintf(out->name, sizeof out->name, "%s%s", is_number ? "node-" : "", name);
    return WB_OK;
}

/* Capacity and allocatable are the same: the lists tell no reservations. */
static void add_resources(const gpu_node *node, const char *field, wb_text *out)
{
    wb_text_add_format(out, "\"%s\":{\"cpu\":\"%lldm\",\"memory\":\"%lldMi\",\"pods\":\"250\"",
                       field, (long long)node->cpu_milli, (long long)node->memory_mib);
    if (node->gpu_count > 0) {
        wb_text_add_format(out, ",\"nvidia.com/gpu\":\"%lld\"", (long long)node->gpu_count);
    }
    wb_text_add_string(out, "}");
}

static wb_status write_node(node_table *table, const gpu_node *node, wb_error *err)
{
    wb_text *out = &table->json;
    assert(table->writer != NULL);
    wb_text_clear(out);
    wb_text_add_format(out,
                       "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"%s\","
                       "\"labels\":{\"kubernetes.io/hostname\":\"%s\"",
                       node->name, node->name);
    if (node->twin != NULL) {
        wb_text_add_format(out,
                           ",\"karpenter.k8s.aws/instance-gpu-name\":\"%s\",\"gpu-model\":\"%s\"",
                           node->twin->gpu_name, node->twin->model);
    }
    wb_text_add_string(out, "}},\"status\":{");
    add_resources(node, "capacity", out);
    wb_text_add_string(out, ",");
    add_resources(node, "allocatable", out);
    wb_text_add_string(out, ",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
    table->node_count++;
    table->cpu_milli += node->cpu_milli;
    table->memory_mib += node->memory_mib;
    table->gpu_count += node->gpu_count;
    return wb_trace_writer_node(table->writer, 0, node->name, true, wb_text_string(out), err);
}

static wb_status write_rows(node_table *table, wb_error *err)
{
    for (;;) {
        bool is_there = false;
        gpu_node node = {.twin = NULL};
        WB_TRY(wb_csv_rows_next(table->rows, &is_there, err));
        if (!is_there) {
            break;
        }
        WB_TRY(read_node(table, &node, err));
        WB_TRY(write_node(table, &node, err));
    }
    if (table->node_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no nodes", table->import->options->input_path);
    }
    return WB_OK;
}

static wb_status write_table(node_table *table, wb_error *err)
{
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = 0, .source = "gpu-nodes"};
    WB_TRY(find_columns(table, err));
    WB_TRY(wb_trace_writer_open(table->import->options->output_path, &header, &table->writer, err));
    wb_text_init(&table->json);
    const wb_status status = write_rows(table, err);
    wb_text_release(&table->json);
    if (status != WB_OK) {
        wb_trace_writer_abandon(table->writer);
        return status;
    }
    return wb_trace_writer_commit(table->writer, 0, err);
}

static wb_status read(wb_import *import, wb_error *err)
{
    node_table table = {.import = import};
    WB_TRY(wb_csv_rows_open(import->options->input_path, ',', true, &table.rows, err));
    const wb_status status = write_table(&table, err);
    wb_csv_rows_close(table.rows);
    if (status == WB_OK) {
        import->report->object_count = table.node_count;
        import->report->end_ms = 0;
        wb_trace_import_note(import,
                             "%llu nodes with %lld CPUs, %lld TiB%s and %lld GPUs, without pods or "
                             "times: node records at 0 (trace merge joins them to a pod list)",
                             (unsigned long long)table.node_count,
                             (long long)(table.cpu_milli / 1000),
                             (long long)((table.memory_mib + (1 << 19)) >> 20),
                             table.memory == WB_CSV_NO_COLUMN ? " (not stated: 8 GiB per CPU)" : "",
                             (long long)table.gpu_count);
    }
    return status;
}

const wb_importer wb_import_gpu_nodes = {
    .name = "gpu-nodes",
    .help = "node lists of Alibaba's openb and spot GPU clusters, CSV",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
