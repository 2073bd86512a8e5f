/*
 * Alibaba's disaggregated DLRM instances (cluster-trace-gpu-v2025): one CSV row per instance of an
 * inference service, CPU in cores, memory and disk in GiB, times in seconds from the start. 23,871
 * rows, 156 applications.
 *
 * All are services: there from creation (0 when it lay before the start) to deletion (open when it
 * lies behind the end). An application's instances of one role are a Deployment. At most n per node
 * becomes a hostname anti-affinity (n = 1) or a hostname spread of maxSkew n, which is the same
 * wherever an empty node can be had; the share of a network card becomes an extended resource.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "traces/csv_rows.h"
#include "traces/import_sink.h"

#define GIB                ((double)(1 << 30))
#define RDMA_RESOURCE      "rdma/nic-percent"
#define EPHEMERAL_RESOURCE "ephemeral-storage"
#define NAMESPACE          "dlrm"

/* Far above any machine; a number beyond is a slip. */
static const wb_csv_range cpu_range = {1000, 0, 100000};
static const wb_csv_range gib_range = {GIB, 0, 1e6};
static const wb_csv_range count_range = {1, 0, 1000};
static const wb_csv_range per_node_range = {1, -1, 1000};
static const wb_csv_range time_range = {1000, 0, (double)(WB_TRACE_TIME_MAX_MS / 1000)};

enum {
    COLUMN_NAME,
    COLUMN_ROLE,
    COLUMN_APP,
    COLUMN_CPU,
    COLUMN_GPU,
    COLUMN_RDMA,
    COLUMN_MEMORY,
    COLUMN_DISK,
    COLUMN_PER_NODE,
    COLUMN_CREATED,
    COLUMN_SCHEDULED,
    COLUMN_DELETED,
    COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
    "instance_sn",           "role",          "app_name",       "cpu_request",
    "gpu_request",           "rdma_request",  "memory_request", "disk_request",
    "max_instance_per_node", "creation_time", "scheduled_time", "deletion_time",
};

typedef struct dlrm_table {
    wb_import *import;
    wb_csv_rows *rows;
    uint32_t columns[COLUMN_COUNT];
    wb_import_sink sink;
    wb_text json;
    int64_t end_ms; /* the last time that any row mentions */
    uint64_t early_count, open_count, rdma_count, disk_count, spread_count;
} dlrm_table;

typedef struct dlrm_instance {
    int64_t cpu_milli, gpu_count, rdma_percent, memory_bytes, disk_bytes, per_node;
    int64_t created_ms, scheduled_ms, deleted_ms; /* -1: empty */
    char app[64], name[64];
    bool is_gpu_role;
} dlrm_instance;

static bool recognises(const wb_import *import)
{
    const char mark[] = "instance_sn,role,app_name,";
    return strncmp(import->text, mark, sizeof mark - 1) == 0;
}

static wb_status take_time(const dlrm_table *table, int column, int64_t *out, wb_error *err)
{
    assert(column >= 0 && column < COLUMN_COUNT);
    *out = -1;
    if (*wb_csv_rows_text(table->rows, table->columns[column]) == 0) {
        return WB_OK;
    }
    return wb_csv_rows_scaled(table->rows, table->columns[column], &time_range, out, err);
}

static wb_status check_order(const dlrm_table *table, const dlrm_instance *instance, wb_error *err)
{
    const int64_t created_ms = instance->created_ms < 0 ? 0 : instance->created_ms;
    if ((instance->deleted_ms >= 0 && instance->deleted_ms < created_ms) ||
        (instance->scheduled_ms >= 0 && instance->scheduled_ms < created_ms)) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: instance '%s' is scheduled or deleted before its creation",
                       wb_csv_rows_path(table->rows),
                       (unsigned long long)wb_csv_rows_line(table->rows), instance->name);
    }
    return WB_OK;
}

static wb_status read_row(const dlrm_table *table, dlrm_instance *out, wb_error *err)
{
    static const struct {
        int column;
        const wb_csv_range *range;
    } numbers[] = {{COLUMN_CPU, &cpu_range},    {COLUMN_GPU, &count_range},
                   {COLUMN_RDMA, &count_range}, {COLUMN_MEMORY, &gib_range},
                   {COLUMN_DISK, &gib_range},   {COLUMN_PER_NODE, &per_node_range}};
    int64_t *targets[] = {&out->cpu_milli,    &out->gpu_count,  &out->rdma_percent,
                          &out->memory_bytes, &out->disk_bytes, &out->per_node};
    const char *role = wb_csv_rows_text(table->rows, table->columns[COLUMN_ROLE]);
    if (strcmp(role, "CN") != 0 && strcmp(role, "HN") != 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: role: '%.32s' is not one of CN, HN",
                       wb_csv_rows_path(table->rows),
                       (unsigned long long)wb_csv_rows_line(table->rows), role);
    }
    out->is_gpu_role = role[0] == 'H';
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        WB_TRY(wb_csv_rows_scaled(table->rows, table->columns[numbers[i].column], numbers[i].range,
                                  targets[i], err));
    }
    WB_TRY(take_time(table, COLUMN_CREATED, &out->created_ms, err));
    WB_TRY(take_time(table, COLUMN_SCHEDULED, &out->scheduled_ms, err));
    WB_TRY(take_time(table, COLUMN_DELETED, &out->deleted_ms, err));
    wb_import_sink_name(wb_csv_rows_text(table->rows, table->columns[COLUMN_NAME]), out->name);
    wb_import_sink_name(wb_csv_rows_text(table->rows, table->columns[COLUMN_APP]), out->app);
    return check_order(table, out, err);
}

/* At most n instances of an application on a node. */
static void add_per_node(const dlrm_instance *instance, const char *role, wb_text *out)
{
    if (instance->per_node <= 0) {
        return;
    }
    char selector[192];
    (void)snprintf(selector, sizeof selector,
                   "\"labelSelector\":{\"matchLabels\":{\"app\":\"%s\",\"role\":\"%s\"}},"
                   "\"topologyKey\":\"kubernetes.io/hostname\"",
                   instance->app, role);
    if (instance->per_node == 1) {
        wb_text_add_format(out,
                           "\"affinity\":{\"podAntiAffinity\":{"
                           "\"requiredDuringSchedulingIgnoredDuringExecution\":[{%s}]}},",
                           selector);
    } else {
        wb_text_add_format(out,
                           "\"topologySpreadConstraints\":[{\"maxSkew\":%lld,"
                           "\"whenUnsatisfiable\":\"DoNotSchedule\",%s}],",
                           (long long)instance->per_node, selector);
    }
}

static void add_template(dlrm_table *table, const dlrm_instance *instance, const char *role)
{
    wb_text *out = &table->json;
    wb_text_clear(out);
    wb_text_add_format(out,
                       "{\"metadata\":{\"labels\":{\"app\":\"%s\",\"role\":\"%s\"}},\"spec\":{",
                       instance->app, role);
    add_per_node(instance, role, out);
    wb_text limits; /* extended resources: limits equal requests */
    wb_text_init(&limits);
    if (instance->gpu_count > 0) {
        wb_text_add_format(&limits, "\"nvidia.com/gpu\":\"%lld\"", (long long)instance->gpu_count);
    }
    if (instance->rdma_percent > 0 && !wb_trace_import_leaves_out(table->import, RDMA_RESOURCE)) {
        wb_text_add_format(&limits, "%s\"" RDMA_RESOURCE "\":\"%lld\"",
                           limits.length > 0 ? "," : "", (long long)instance->rdma_percent);
        table->rdma_count++;
    }
    wb_text_add_format(out,
                       "\"containers\":[{\"name\":\"main\",\"image\":\"dlrm\",\"resources\":{"
                       "\"requests\":{\"cpu\":\"%lldm\",\"memory\":\"%lld\"",
                       (long long)instance->cpu_milli, (long long)instance->memory_bytes);
    if (instance->disk_bytes > 0 &&
        !wb_trace_import_leaves_out(table->import, EPHEMERAL_RESOURCE)) {
        wb_text_add_format(out, ",\"" EPHEMERAL_RESOURCE "\":\"%lld\"",
                           (long long)instance->disk_bytes);
        table->disk_count++;
    }
    wb_text_add_format(out, "%s%s},\"limits\":{%s}}}]}}", limits.length > 0 ? "," : "",
                       wb_text_string(&limits), wb_text_string(&limits));
    wb_text_release(&limits);
}

static wb_status write_instance(dlrm_table *table, const dlrm_instance *instance, wb_error *err)
{
    const char *role = instance->is_gpu_role ? "hn" : "cn";
    char owner[80];
    uint32_t shape_number = 0;
    uint32_t owner_number = 0;
    (void)snprintf(owner, sizeof owner, "%s-%s", instance->app, role);
    add_template(table, instance, role);
    WB_TRY(wb_import_sink_shape(&table->sink, NAMESPACE, wb_text_string(&table->json),
                                &shape_number, err));
    WB_TRY(wb_import_sink_owner(&table->sink, WB_OWNER_DEPLOYMENT, NAMESPACE, owner, &owner_number,
                                err));
    const wb_trace_pod_history history = {.bound_ms = instance->scheduled_ms,
                                          .started_ms = instance->scheduled_ms,
                                          .gone_ms = instance->deleted_ms,
                                          .exit_code = -1};
    const wb_trace_pod pod = {.at_ms = instance->created_ms < 0 ? 0 : instance->created_ms,
                              .name = instance->name,
                              .shape_number = shape_number,
                              .owner_number = owner_number,
                              .until_ms = instance->deleted_ms,
                              .runs_ms = -1,
                              .history = &history};
    const int64_t times[] = {pod.at_ms, instance->scheduled_ms, instance->deleted_ms};
    for (size_t i = 0; i < 3; i++) {
        table->end_ms = times[i] > table->end_ms ? times[i] : table->end_ms;
    }
    table->early_count += instance->created_ms < 0 ? 1 : 0;
    table->open_count += instance->deleted_ms < 0 ? 1 : 0;
    table->spread_count += instance->per_node > 1 ? 1 : 0;
    table->sink.unmodelled.approximated_count += instance->per_node > 1 ? 1 : 0;
    return wb_import_sink_pod(&table->sink, &pod, err);
}

static wb_status write_rows(dlrm_table *table, wb_error *err)
{
    for (;;) {
        bool is_there = false;
        dlrm_instance instance = {0};
        WB_TRY(wb_csv_rows_next(table->rows, &is_there, err));
        if (!is_there) {
            return WB_OK;
        }
        WB_TRY(read_row(table, &instance, err));
        WB_TRY(write_instance(table, &instance, err));
    }
}

static void add_notes(const dlrm_table *table)
{
    assert(table->import != NULL);
    wb_trace_import_note(table->import,
                         "%llu instances were there before the start: created at 0; %llu are "
                         "still there at the end",
                         (unsigned long long)table->early_count,
                         (unsigned long long)table->open_count);
    if (table->rdma_count > 0) {
        wb_trace_import_note(table->import,
                             "%llu pods ask for a share of a network card (" RDMA_RESOURCE "), "
                             "which no EC2 type offers; --leave-out " RDMA_RESOURCE
                             " leaves it out",
                             (unsigned long long)table->rdma_count);
    }
    if (table->disk_count > 0) {
        wb_trace_import_note(table->import,
                             "%llu pods ask for " EPHEMERAL_RESOURCE ": nodes need volumes of "
                             "that size, or --leave-out " EPHEMERAL_RESOURCE,
                             (unsigned long long)table->disk_count);
    }
    if (table->spread_count > 0) {
        wb_trace_import_note(table->import,
                             "%llu pods of applications with at most n > 1 per node carry a "
                             "hostname spread of maxSkew n",
                             (unsigned long long)table->spread_count);
    }
}

static wb_status read(wb_import *import, wb_error *err)
{
    dlrm_table table = {.import = import};
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = -1, .source = "dlrm"};
    WB_TRY(wb_csv_rows_open(import->options->input_path, ',', true, &table.rows, err));
    wb_status status = WB_OK;
    for (int i = 0; i < COLUMN_COUNT && status == WB_OK; i++) {
        status = wb_csv_rows_require(table.rows, column_names[i], &table.columns[i], err);
    }
    if (status == WB_OK) {
        status = wb_import_sink_open(&table.sink, import, &header, err);
    }
    if (status == WB_OK) {
        wb_text_init(&table.json);
        status = write_rows(&table, err);
        wb_text_release(&table.json);
        status = wb_import_sink_close(&table.sink, status, table.end_ms, err);
    }
    wb_csv_rows_close(table.rows);
    if (status == WB_OK) {
        add_notes(&table);
    }
    return status;
}

const wb_importer wb_import_dlrm = {
    .name = "dlrm",
    .help = "Alibaba disaggregated DLRM instances, CSV (cluster-trace-gpu-v2025)",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
