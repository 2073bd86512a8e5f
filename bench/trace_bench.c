#include "bench/trace_bench.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_import.h"
#include "traces/trace_merge.h"
#include "traces/trace_stats.h"
#include "bench/stopwatch.h"

#define SHAPE_COUNT 100
#define GAP_MS      37 /* between pods: 10 million are four days */

static const char template_json[] =
    "{\"metadata\":{\"labels\":{\"app\":\"bench\",\"size\":\"%u\"}},\"spec\":{\"containers\":[{"
    "\"name\":\"main\",\"image\":\"bench\",\"resources\":{\"requests\":{\"cpu\":\"%um\","
    "\"memory\":\"%uMi\"}}}]}}";

static wb_status write_pods(wb_trace_writer *writer, uint64_t pod_count, wb_error *err)
{
    for (uint32_t i = 0; i < SHAPE_COUNT; i++) {
        char text[512];
        char owner[32];
        (void)snprintf(text, sizeof text, template_json, i, 100 + 20 * i, 128 + 32 * i);
        (void)snprintf(owner, sizeof owner, "owner-%u", i);
        WB_TRY(wb_trace_writer_shape(writer, i, "bench", text, err));
        WB_TRY(wb_trace_writer_owner(writer, i, i % 2 == 0 ? WB_OWNER_JOB : WB_OWNER_DEPLOYMENT,
                                     "bench", owner, err));
    }
    for (uint64_t i = 0; i < pod_count; i++) {
        const uint32_t number = (uint32_t)(i * 7919 % SHAPE_COUNT);
        char name[48];
        (void)snprintf(name, sizeof name, "owner-%u-%llu", number, (unsigned long long)i);
        const int64_t at_ms = (int64_t)i * GAP_MS;
        const bool is_batch = number % 2 == 0;
        const wb_trace_pod pod = {.at_ms = at_ms,
                                  .name = name,
                                  .shape_number = number,
                                  .owner_number = number,
                                  .until_ms =
                                      is_batch ? -1 : at_ms + 60000 + (int64_t)number * 1000,
                                  .runs_ms = is_batch ? 30000 + (int64_t)number * 500 : -1};
        WB_TRY(wb_trace_writer_pod(writer, &pod, err));
    }
    return WB_OK;
}

static wb_status make_trace(const char *path, uint64_t pod_count, wb_error *err)
{
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = -1, .source = "bench"};
    wb_trace_writer *writer = NULL;
    WB_TRY(wb_trace_writer_open(path, &header, &writer, err));
    const wb_status status = write_pods(writer, pod_count, err);
    if (status != WB_OK) {
        wb_trace_writer_abandon(writer);
        return status;
    }
    return wb_trace_writer_commit(writer, (int64_t)pod_count * GAP_MS + 3600000, err);
}

/* One pass over a trace of ours: records and nothing else. */
static wb_status read_records(const char *path, bool is_plain, uint64_t *out_count, wb_error *err)
{
    wb_arena names;
    wb_arena records;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    wb_trace_record record = {0};
    wb_arena_init(&names, "trace names", 0, NULL);
    wb_arena_init(&records, "trace records", 0, NULL);
    wb_intern_init(&intern, &names);
    wb_names_init(&intern);
    wb_status status = wb_trace_reader_open(path, &records, &intern, &reader, err);
    if (status == WB_OK && is_plain) {
        wb_trace_reader_set_plain(reader);
    }
    *out_count = 0;
    while (status == WB_OK && (record.kind != WB_TRACE_END || record.line == 0)) {
        const wb_arena_mark mark = wb_arena_get_mark(&records);
        status = wb_trace_reader_next(reader, &record, err);
        wb_arena_rewind(&records, mark);
        (*out_count)++;
    }
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&names);
    wb_arena_release(&records);
    return status;
}

/* A step's time, from begin_ns to now. */
static void add_step(wb_trace_bench_result *out, const char *name, int64_t begin_ns, uint64_t bytes,
                     uint64_t records)
{
    assert(out->step_count < WB_TRACE_BENCH_STEPS_MAX);
    const double cpu_ms = (double)(wb_stopwatch_cpu_ns() - begin_ns) / 1e6;
    out->steps[out->step_count++] =
        (wb_trace_bench_step){.name = name, .bytes = bytes, .records = records, .cpu_ms = cpu_ms};
}

static wb_status time_trace(const char *path, uint64_t bytes, wb_trace_bench_result *out,
                            wb_error *err)
{
    uint64_t record_count = 0;
    int64_t begin_ns = wb_stopwatch_cpu_ns();
    WB_TRY(read_records(path, false, &record_count, err));
    add_step(out, "read", begin_ns, bytes, record_count);
    begin_ns = wb_stopwatch_cpu_ns();
    WB_TRY(read_records(path, true, &record_count, err));
    add_step(out, "read plain", begin_ns, bytes, record_count);
    static wb_trace_stats stats; /* some 50 KiB */
    begin_ns = wb_stopwatch_cpu_ns();
    WB_TRY(wb_trace_stats_read(path, &stats, err));
    add_step(out, "info", begin_ns, bytes, record_count);
    const wb_trace_merge_input input = {.path = path};
    const wb_trace_merge_options options = {.ignores_calendar = true};
    wb_trace_tool_report report;
    begin_ns = wb_stopwatch_cpu_ns();
    WB_TRY(wb_trace_merge(&input, 1, &options, "/dev/null", &report, err));
    add_step(out, "copy", begin_ns, bytes, record_count);
    return WB_OK;
}

static wb_status time_import(const char *path, uint64_t bytes, wb_arena *arena,
                             wb_trace_bench_result *out, wb_error *err)
{
    const wb_trace_import_options options = {.input_path = path, .output_path = "/dev/null"};
    static wb_trace_import_report report;
    const int64_t begin_ns = wb_stopwatch_cpu_ns();
    WB_TRY(wb_trace_import(&options, arena, &report, err));
    add_step(out, "import", begin_ns, bytes, report.event_count);
    return WB_OK;
}

static wb_status time_file(const char *path, wb_arena *arena, wb_trace_bench_result *out,
                           wb_error *err)
{
    bool is_trace = false;
    const int64_t bytes = wb_file_size_bytes(path);
    WB_TRY(wb_trace_import_is_trace(path, &is_trace, err));
    const uint64_t known_bytes = bytes < 0 ? 0 : (uint64_t)bytes;
    return is_trace ? time_trace(path, known_bytes, out, err)
                    : time_import(path, known_bytes, arena, out, err);
}

wb_status wb_trace_bench_run(const wb_trace_bench_options *options, wb_arena *arena,
                             wb_trace_bench_result *out, wb_error *err)
{
    assert(options != NULL && arena != NULL && out != NULL);
    *out = (wb_trace_bench_result){.step_count = 0};
    wb_status status = WB_OK;
    if (options->path != NULL) {
        status = time_file(options->path, arena, out, err);
    } else {
        char path[] = "/tmp/werkbank-bench-XXXXXX";
        const int file = mkstemp(path);
        if (file < 0) {
            return wb_fail_io(err, path, "create", errno);
        }
        (void)close(file);
        status = make_trace(path, options->pod_count, err);
        if (status == WB_OK) {
            status = time_file(path, arena, out, err);
        }
        (void)unlink(path);
    }
    out->rss_bytes = wb_stopwatch_resident_bytes_max();
    return status;
}
