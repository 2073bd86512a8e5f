/*
 * Trace event JSON, as Perfetto's viewer and chrome://tracing read it. A process is a node: one
 * slice from ready to gone, and its pods as asynchronous slices, which may overlap. Process 0 of a
 * run has the counters. Times are microseconds of virtual time. Asynchronous slices are told apart
 * by id over all processes, so a pod's id names its run too.
 */
#include <assert.h>

#include "sim/store/store_rows.h"
#include "tools/export/export.h"

#define PROCESSES_PER_RUN 10000000 /* a run's process ids begin at a multiple of it */

typedef struct trace_writer {
    wb_export_sink *sink;
    int64_t first_process;
    bool has_event;
} trace_writer;

static wb_text *begin_event(trace_writer *writer)
{
    wb_export_sink_flush(writer->sink, false);
    wb_text_add_string(&writer->sink->text, writer->has_event ? ",\n" : "\n");
    writer->has_event = true;
    return &writer->sink->text;
}

static void add_process(trace_writer *writer, int64_t process, const char *name)
{
    wb_text *out = begin_event(writer);
    wb_text_add_format(out,
                       "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%lld,\"tid\":0,"
                       "\"args\":{\"name\":",
                       (long long)process);
    wb_text_add_json_string(out, name);
    wb_text_add_string(out, "}}");
}

/* Row: node_id, title, from_ms, to_ms, price in USD, cause. */
static void see_node(void *context, const wb_store_row *row)
{
    trace_writer *writer = context;
    const int64_t process = writer->first_process + 1 + wb_store_rows_int(row, 0);
    const int64_t from_us = wb_store_rows_int(row, 2) * 1000;
    const int64_t length_us = wb_store_rows_int(row, 3) * 1000 - from_us;
    add_process(writer, process, wb_store_rows_text(row, 1));
    wb_text *out = begin_event(writer);
    wb_text_add_format(out,
                       "{\"ph\":\"X\",\"cat\":\"node\",\"name\":\"node\",\"pid\":%lld,"
                       "\"tid\":0,\"ts\":%lld,\"dur\":%lld,\"args\":{\"usd_per_hour\":%s,"
                       "\"ended_by\":",
                       (long long)process, (long long)from_us, (long long)length_us,
                       wb_store_rows_text(row, 4));
    wb_text_add_json_string(out, wb_store_rows_text(row, 5));
    wb_text_add_string(out, "}}");
}

/* Row: node_id, pod_id, name, from_ms, to_ms. */
static void see_pod(void *context, const wb_store_row *row)
{
    trace_writer *writer = context;
    for (int edge = 0; edge < 2; edge++) {
        wb_text *out = begin_event(writer);
        wb_text_add_format(out,
                           "{\"ph\":\"%s\",\"cat\":\"pod\",\"id\":\"%lld-%lld\",\"pid\":%lld,"
                           "\"tid\":0,\"ts\":%lld,\"name\":",
                           edge == 0 ? "b" : "e",
                           (long long)(writer->first_process / PROCESSES_PER_RUN),
                           (long long)wb_store_rows_int(row, 1),
                           (long long)(writer->first_process + 1 + wb_store_rows_int(row, 0)),
                           (long long)(wb_store_rows_int(row, 3 + edge) * 1000));
        wb_text_add_json_string(out, wb_store_rows_text(row, 2));
        wb_text_add_string(out, "}");
    }
}

/* Row: at_ms, nodes, pods_running, pods_pending. */
static void see_sample(void *context, const wb_store_row *row)
{
    trace_writer *writer = context;
    static const char *const names[] = {"nodes", "pods running", "pods waiting"};
    for (int i = 0; i < 3; i++) {
        wb_text_add_format(begin_event(writer),
                           "{\"ph\":\"C\",\"name\":\"%s\",\"pid\":%lld,"
                           "\"tid\":0,\"ts\":%lld,\"args\":{\"count\":%lld}}",
                           names[i], (long long)writer->first_process,
                           (long long)(wb_store_rows_int(row, 0) * 1000),
                           (long long)wb_store_rows_int(row, 1 + i));
    }
}

static wb_status add_run(const wb_run_set *set, uint32_t run, trace_writer *writer, wb_error *err)
{
    static const struct {
        const char *sql;
        wb_store_row_fn see;
    } parts[] = {
        {"SELECT at_ms, nodes, pods_running, pods_pending FROM samples WHERE run_id = ?1"
         " ORDER BY sample_id",
         see_sample},
        {"SELECT n.node_id, 'node ' || n.name || coalesce(' (' || i.instance_type || ' ' ||"
         " i.capacity_type || ' ' || i.zone || ')', ''), coalesce(n.ready_ms, n.added_ms),"
         " coalesce(n.gone_ms, ?2), printf('%.6f', coalesce(i.price_nusd_per_hour, 0) / 1e9),"
         " coalesce(i.cause, '') FROM nodes n LEFT JOIN instances i ON i.run_id = ?1"
         " AND i.instance_id = n.instance_id WHERE n.run_id = ?1 ORDER BY n.node_id",
         see_node},
        {"SELECT node_id, pod_id, namespace || '/' || name, bound_ms, coalesce(gone_ms, ?2)"
         " FROM pods WHERE run_id = ?1 AND node_id IS NOT NULL AND bound_ms IS NOT NULL"
         " AND is_daemon = 0 ORDER BY pod_id",
         see_pod},
    };
    add_process(writer, writer->first_process, set->runs[run].contender);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const wb_store_query query = {parts[i].sql, set->runs[run].run_id, set->runs[run].end_ms,
                                      NULL};
        WB_TRY(wb_store_rows_read(set->store, &query, parts[i].see, writer, err));
    }
    return WB_OK;
}

wb_status wb_export_perfetto(const wb_run_set *set, const char *view, wb_export_sink *sink,
                             wb_error *err)
{
    assert(set != NULL && sink != NULL);
    (void)view;
    trace_writer writer = {.sink = sink};
    wb_text_add_string(&sink->text, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
    for (uint32_t run = 0; run < set->run_count; run++) {
        writer.first_process = (int64_t)run * PROCESSES_PER_RUN;
        WB_TRY(add_run(set, run, &writer, err));
    }
    wb_text_add_string(&sink->text, "\n]}\n");
    return WB_OK;
}
