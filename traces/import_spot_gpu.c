/*
 * Jobs of Alibaba's spot GPU cluster (cluster-trace-v2026-spot-gpu), CSV: job_name, organization,
 * gpu_model, cpu_request, gpu_request, worker_num, submit_time, duration, job_type (HP or Spot).
 *
 * A job becomes worker_num pods that run to completion for its duration; HP jobs get the higher
 * priority. Memory is not stated, and not asked for. The table could not be obtained; its columns
 * are known, and the tests are on rows made in that form. Its node list: import_gpu_nodes.c.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "traces/csv_rows.h"
#include "traces/import_sink.h"

#define NAMESPACE     "spot-gpu"
#define HIGH_PRIORITY 1000

static const wb_csv_range cpu_range = {1000, 0, 10000};
static const wb_csv_range worker_range = {1, 1, 100000};
static const wb_csv_range time_range = {1000, 0, (double)(WB_TRACE_TIME_MAX_MS / 1000)};

static bool recognises(const wb_import *import)
{
    const char mark[] = "job_name,organization,gpu_model,";
    return strncmp(import->text, mark, sizeof mark - 1) == 0;
}

/* The GPU that stands in for the model, or a failure that names the row. */
static wb_status take_model(const wb_csv_rows *rows, uint32_t column, const wb_gpu_twin **out,
                            wb_error *err)
{
    const char *model = wb_csv_rows_text(rows, column);
    *out = wb_trace_import_gpu_twin(model, strlen(model));
    if (*out == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: gpu_model: '%.32s' is not a known GPU model",
                       wb_csv_rows_path(rows), (unsigned long long)wb_csv_rows_line(rows), model);
    }
    return WB_OK;
}

typedef struct job_table {
    wb_import *import;
    wb_csv_rows *rows;
    uint32_t name, organization, model, cpu, gpu, workers, submitted, duration, type;
    wb_import_sink sink;
    wb_text json;
    int64_t end_ms;
    uint64_t job_count, spot_count;
} job_table;

typedef struct gpu_job {
    char name[64], organization[64];
    const wb_gpu_twin *twin; /* NULL: any, or no GPU */
    int64_t cpu_milli, gpu_milli, worker_count, submitted_ms, duration_ms;
    bool is_spot;
} gpu_job;

static wb_status find_job_columns(job_table *table, wb_error *err)
{
    const struct {
        const char *name;
        uint32_t *column;
    } columns[] = {{"job_name", &table->name},         {"organization", &table->organization},
                   {"gpu_model", &table->model},       {"cpu_request", &table->cpu},
                   {"gpu_request", &table->gpu},       {"worker_num", &table->workers},
                   {"submit_time", &table->submitted}, {"duration", &table->duration},
                   {"job_type", &table->type}};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        WB_TRY(wb_csv_rows_require(table->rows, columns[i].name, columns[i].column, err));
    }
    return WB_OK;
}

static wb_status read_job(const job_table *table, gpu_job *out, wb_error *err)
{
    static const wb_csv_range gpu_range = {1000, 0, 1000};
    const wb_csv_rows *rows = table->rows;
    const char *type = wb_csv_rows_text(rows, table->type);
    if (strcmp(type, "HP") != 0 && strcmp(type, "Spot") != 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: job_type: '%.32s' is not one of HP, Spot",
                       wb_csv_rows_path(rows), (unsigned long long)wb_csv_rows_line(rows), type);
    }
    out->is_spot = type[0] == 'S';
    wb_import_sink_name(wb_csv_rows_text(rows, table->name), out->name);
    wb_import_sink_name(wb_csv_rows_text(rows, table->organization), out->organization);
    WB_TRY(wb_csv_rows_scaled(rows, table->cpu, &cpu_range, &out->cpu_milli, err));
    WB_TRY(wb_csv_rows_scaled(rows, table->gpu, &gpu_range, &out->gpu_milli, err));
    WB_TRY(wb_csv_rows_scaled(rows, table->workers, &worker_range, &out->worker_count, err));
    WB_TRY(wb_csv_rows_scaled(rows, table->submitted, &time_range, &out->submitted_ms, err));
    WB_TRY(wb_csv_rows_scaled(rows, table->duration, &time_range, &out->duration_ms, err));
    if (out->gpu_milli > 0 && *wb_csv_rows_text(rows, table->model) != 0) {
        WB_TRY(take_model(rows, table->model, &out->twin, err));
    }
    return WB_OK;
}

static void add_template(const gpu_job *job, wb_text *out)
{
    /* EKS hands out whole GPUs. */
    const long long gpus = (long long)((job->gpu_milli + 999) / 1000);
    wb_text_clear(out);
    wb_text_add_format(out,
                       "{\"metadata\":{\"labels\":{\"organization\":\"%s\",\"job-type\":\"%s\"}},"
                       "\"spec\":{\"priority\":%d,",
                       job->organization, job->is_spot ? "Spot" : "HP",
                       job->is_spot ? 0 : HIGH_PRIORITY);
    if (job->twin != NULL) {
        wb_text_add_format(out,
                           "\"nodeSelector\":{\"karpenter.k8s.aws/instance-gpu-name\":\"%s\"},",
                           job->twin->gpu_name);
    }
    wb_text_add_format(out,
                       "\"containers\":[{\"name\":\"main\",\"image\":\"job\",\"resources\":{"
                       "\"requests\":{\"cpu\":\"%lldm\"",
                       (long long)job->cpu_milli);
    if (gpus > 0) {
        wb_text_add_format(out,
                           ",\"nvidia.com/gpu\":\"%lld\"},\"limits\":{\"nvidia.com/gpu\":"
                           "\"%lld\"",
                           gpus, gpus);
    }
    wb_text_add_string(out, "}}}],\"restartPolicy\":\"Never\"}}");
}

static wb_status write_job(job_table *table, const gpu_job *job, wb_error *err)
{
    uint32_t shape_number = 0;
    uint32_t owner_number = 0;
    add_template(job, &table->json);
    WB_TRY(wb_import_sink_shape(&table->sink, NAMESPACE, wb_text_string(&table->json),
                                &shape_number, err));
    WB_TRY(
        wb_import_sink_owner(&table->sink, WB_OWNER_JOB, NAMESPACE, job->name, &owner_number, err));
    for (int64_t i = 0; i < job->worker_count; i++) {
        char name[96];
        (void)snprintf(name, sizeof name, "%s-%lld", job->name, (long long)i);
        const wb_trace_pod pod = {.at_ms = job->submitted_ms,
                                  .name = name,
                                  .shape_number = shape_number,
                                  .owner_number = owner_number,
                                  .until_ms = -1,
                                  .runs_ms = job->duration_ms};
        WB_TRY(wb_import_sink_pod(&table->sink, &pod, err));
    }
    const int64_t end_ms = job->submitted_ms + job->duration_ms;
    table->end_ms = end_ms > table->end_ms ? end_ms : table->end_ms;
    if (job->gpu_milli % 1000 != 0) { /* a whole GPU stands for a share */
        table->sink.unmodelled.approximated_count += (uint64_t)job->worker_count;
    }
    table->job_count++;
    table->spot_count += job->is_spot ? 1 : 0;
    return WB_OK;
}

static wb_status write_jobs(job_table *table, wb_error *err)
{
    for (;;) {
        bool is_there = false;
        gpu_job job = {0};
        WB_TRY(wb_csv_rows_next(table->rows, &is_there, err));
        if (!is_there) {
            return WB_OK;
        }
        WB_TRY(read_job(table, &job, err));
        WB_TRY(write_job(table, &job, err));
    }
}

static wb_status read_jobs(wb_import *import, wb_csv_rows *rows, wb_error *err)
{
    job_table table = {.import = import, .rows = rows};
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = -1, .source = "spot-gpu jobs"};
    WB_TRY(find_job_columns(&table, err));
    WB_TRY(wb_import_sink_open(&table.sink, import, &header, err));
    wb_text_init(&table.json);
    wb_status status = write_jobs(&table, err);
    wb_text_release(&table.json);
    table.end_ms = table.end_ms > WB_TRACE_TIME_MAX_MS ? WB_TRACE_TIME_MAX_MS : table.end_ms;
    status = wb_import_sink_close(&table.sink, status, table.end_ms, err);
    if (status == WB_OK) {
        wb_trace_import_note(import,
                             "%llu jobs, %llu of them Spot (priority 0, HP has %d); memory is not "
                             "stated and not asked for",
                             (unsigned long long)table.job_count,
                             (unsigned long long)table.spot_count, HIGH_PRIORITY);
    }
    return status;
}

static wb_status read(wb_import *import, wb_error *err)
{
    wb_csv_rows *rows = NULL;
    WB_TRY(wb_csv_rows_open(import->options->input_path, ',', true, &rows, err));
    const wb_status status = read_jobs(import, rows, err);
    wb_csv_rows_close(rows);
    return status;
}

const wb_importer wb_import_spot_gpu = {
    .name = "spot-gpu",
    .help = "Alibaba spot GPU jobs, CSV (cluster-trace-v2026-spot-gpu)",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
