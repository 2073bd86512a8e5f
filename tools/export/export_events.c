/*
 * Kubernetes Events. Recorded events and decisions become v1 Events with the reasons that kubelet,
 * node controller and autoscalers use where they have one; what they don't have keeps our own name.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "sim/store/store_rows.h"
#include "tools/export/export.h"

static const struct {
    const char *kind, *reason;
    bool is_warning;
} reasons[] = {
    {"node-registered", "RegisteredNode", false},
    {"node-ready", "NodeReady", false},
    {"node-removed", "RemovingNode", false},
    {"eviction", "Evicted", false},
    {"eviction-refused", "FailedEviction", true},
    {"provision", "Launched", false},
    {"replacement", "Launched", false},
    {"scale-up", "TriggeredScaleUp", false},
    {"scale-down", "ScaleDown", false},
    {"emptiness", "DisruptionTerminating", false},
    {"single-node consolidation", "DisruptionLaunching", false},
    {"multi-node consolidation", "DisruptionLaunching", false},
    {"drift", "DisruptionLaunching", false},
};

typedef struct event_writer {
    const wb_run_set *set;
    const wb_run_set_item *run;
    wb_export_sink *sink;
    uint64_t count; /* over all runs */
} event_writer;

static void add_member(wb_text *out, const char *name, const char *value)
{
    wb_text_add_format(out, "\"%s\":", name);
    wb_text_add_json_string(out, value);
}

/* Row: at_ms, kind, object kind, namespace, name, message. */
static void see_event(void *context, const wb_store_row *row)
{
    event_writer *writer = context;
    wb_text *out = &writer->sink->text;
    const char *kind = wb_store_rows_text(row, 1);
    const char *reason = kind;
    bool is_warning = false;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strcmp(reasons[i].kind, kind) == 0) {
            reason = reasons[i].reason;
            is_warning = reasons[i].is_warning;
        }
    }
    char time[48];
    const int64_t epoch_ms = writer->set->epoch_ms > 0 ? writer->set->epoch_ms : 0;
    wb_duration_print_time(epoch_ms + wb_store_rows_int(row, 0), time);
    const char *namespace_name = wb_store_rows_text(row, 3);
    wb_text_add_format(out, "%s{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"metadata\":{",
                       writer->count > 0 ? ",\n" : "\n");
    wb_text_add_format(out, "\"name\":\"werkbank-%lld-%llu\",", (long long)writer->run->run_id,
                       (unsigned long long)writer->count++);
    add_member(out, "namespace", namespace_name[0] != '\0' ? namespace_name : "default");
    wb_text_add_string(out, "},\"involvedObject\":{");
    add_member(out, "kind", wb_store_rows_text(row, 2));
    wb_text_add_string(out, ",");
    add_member(out, "namespace", namespace_name);
    wb_text_add_string(out, ",");
    add_member(out, "name", wb_store_rows_text(row, 4));
    wb_text_add_string(out, "},");
    add_member(out, "reason", reason);
    wb_text_add_string(out, ",");
    add_member(out, "message", wb_store_rows_text(row, 5));
    wb_text_add_format(out,
                       ",\"type\":\"%s\",\"count\":1,\"firstTimestamp\":\"%s\","
                       "\"lastTimestamp\":\"%s\",\"source\":{",
                       is_warning ? "Warning" : "Normal", time, time);
    add_member(out, "component", writer->run->contender);
    wb_text_add_string(out, "}}");
    wb_export_sink_flush(writer->sink, false);
}

wb_status wb_export_events(const wb_run_set *set, const char *view, wb_export_sink *sink,
                           wb_error *err)
{
    assert(set != NULL && sink != NULL);
    (void)view;
    event_writer writer = {.set = set, .sink = sink};
    wb_text_add_string(&sink->text, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
    for (uint32_t i = 0; i < set->run_count; i++) {
        writer.run = &set->runs[i];
        const char *object =
            strcmp(set->runs[i].kind, "karpenter") == 0 ? "NodeClaim" : "NodeGroup";
        const wb_store_query query = {
            "SELECT at, kind, object, namespace, name, message FROM ("
            "SELECT e.at_ms AS at, 0 AS step, e.event_id AS id, e.kind,"
            " CASE WHEN e.pod_id IS NULL THEN 'Node' ELSE 'Pod' END AS object,"
            " coalesce(p.namespace, '') AS namespace, coalesce(p.name, n.name, '') AS name,"
            " coalesce(nullif(e.detail, ''), e.kind) AS message FROM events e"
            " LEFT JOIN pods p ON p.run_id = ?1 AND p.pod_id = e.pod_id"
            " LEFT JOIN nodes n ON n.run_id = ?1 AND n.node_id = e.node_id WHERE e.run_id = ?1"
            " UNION ALL SELECT at_ms, 1, decision_id, kind,"
            " CASE WHEN kind IN ('provision', 'replacement') THEN 'NodePool' ELSE ?3 END, '',"
            " coalesce(subject, ''),"
            " coalesce(outcome, kind) || coalesce(': ' || reason, '') FROM decisions"
            " WHERE run_id = ?1 AND ?2 = 0) ORDER BY at, step, id",
            set->runs[i].run_id, 0, object};
        WB_TRY(wb_store_rows_read(set->store, &query, see_event, &writer, err));
    }
    wb_text_add_string(&sink->text, "\n]}\n");
    return WB_OK;
}
