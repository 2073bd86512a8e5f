/*
 * OpenMetrics. A family is a row of the table: name, type, help, and a query whose rows are labels,
 * virtual time and value, ordered by labels and time. What happened several times in one
 * millisecond is one sample, the last. Names are those of Karpenter's and Cluster Autoscaler's own
 * metrics where they have one; what they don't know (the bill) is called werkbank_.
 */
#include <assert.h>
#include <string.h>

#include "sim/store/store_rows.h"
#include "tools/export/export.h"

#define EVERY NULL

typedef struct metric_family {
    const char *contender_kind; /* NULL: every contender */
    const char *name, *type, *help;
    const char *sql; /* ?1 run, ?3 the labels that all samples have */
} metric_family;

#define RUNNING_COUNT(table, time, id, extra, where)                                          \
    "SELECT ?3 || ',nodepool=\"' || coalesce(nodepool, '') || '\"'" extra " AS labels, " time \
    " AS at, row_number() OVER (PARTITION BY nodepool" where " ORDER BY " time ", " id ")"    \
    " FROM " table " WHERE run_id = ?1 AND " time " IS NOT NULL ORDER BY labels, at, 3"

static const metric_family families[] = {
    {"karpenter", "karpenter_cluster_state_node_count", "gauge", "Current count of nodes",
     "SELECT ?3, at_ms, nodes FROM samples WHERE run_id = ?1 ORDER BY sample_id"},
    {"karpenter", "karpenter_cluster_utilization_percent", "gauge",
     "Requested of allocatable, by resource, in per cent",
     "SELECT labels, at_ms, value FROM ("
     "SELECT ?3 || ',resource_type=\"cpu\"' AS labels, sample_id, at_ms,"
     " printf('%.6g', 100.0 * cpu_milli_requested / max(cpu_milli_allocatable, 1)) AS value"
     " FROM samples WHERE run_id = ?1 UNION ALL SELECT ?3 || ',resource_type=\"memory\"',"
     " sample_id, at_ms,"
     " printf('%.6g', 100.0 * memory_bytes_requested / max(memory_bytes_allocatable, 1))"
     " FROM samples WHERE run_id = ?1) ORDER BY labels, sample_id"},
    {"karpenter", "karpenter_scheduler_unschedulable_pods_count", "gauge", "Pods without a node",
     "SELECT ?3, at_ms, pods_pending FROM samples WHERE run_id = ?1 ORDER BY sample_id"},
    {"karpenter", "karpenter_nodeclaims_created", "counter", "NodeClaims created, by NodePool",
     RUNNING_COUNT("claims", "created_ms", "claim_id", "", "")},
    {"karpenter", "karpenter_nodeclaims_terminated", "counter",
     "NodeClaims terminated, by NodePool", RUNNING_COUNT("claims", "gone_ms", "claim_id", "", "")},
    {"karpenter", "karpenter_nodeclaims_disrupted", "counter",
     "NodeClaims disrupted, by NodePool, reason and capacity type",
     "SELECT ?3 || ',nodepool=\"' || coalesce(k.nodepool, '') || '\",reason=\"' || c.reason ||"
     " '\",capacity_type=\"' || coalesce(k.capacity_type, '') || '\"' AS labels,"
     " c.deleted_ms AS at, row_number() OVER (PARTITION BY k.nodepool, c.reason, k.capacity_type"
     " ORDER BY c.deleted_ms, c.command_id, k.position) FROM commands c"
     " JOIN command_nodes k USING (run_id, command_id) WHERE run_id = ?1 AND k.role = 'candidate'"
     " AND c.deleted_ms IS NOT NULL ORDER BY labels, at, 3"},
    {"karpenter", "karpenter_voluntary_disruption_decisions", "counter",
     "Commands of the disruption loop, by decision, reason and consolidation type",
     "SELECT ?3 || ',decision=\"' || CASE WHEN replacements > 0 THEN 'replace' ELSE 'delete' END"
     " || '\",reason=\"' || reason || '\",consolidation_type=\"' || method || '\"' AS labels,"
     " started_ms AS at, row_number() OVER (PARTITION BY replacements > 0, reason, method"
     " ORDER BY started_ms, command_id) FROM commands WHERE run_id = ?1"
     " AND started_ms IS NOT NULL ORDER BY labels, at, 3"},
    {"cluster_autoscaler", "cluster_autoscaler_nodes_count", "gauge", "Number of nodes, by state",
     "SELECT labels, at_ms, value FROM (SELECT ?3 || ',state=\"ready\"' AS labels, sample_id,"
     " at_ms, nodes_ready AS value FROM samples WHERE run_id = ?1 UNION ALL"
     " SELECT ?3 || ',state=\"notStarted\"', sample_id, at_ms, nodes - nodes_ready FROM samples"
     " WHERE run_id = ?1) ORDER BY labels, sample_id"},
    {"cluster_autoscaler", "cluster_autoscaler_unschedulable_pods_count", "gauge",
     "Pods without a node",
     "SELECT ?3, at_ms, pods_pending FROM samples WHERE run_id = ?1 ORDER BY sample_id"},
    {"cluster_autoscaler", "cluster_autoscaler_scaled_up_nodes", "counter", "Nodes added",
     "SELECT ?3, requested_ms AS at, row_number() OVER (ORDER BY requested_ms, instance_id)"
     " FROM instances WHERE run_id = ?1 AND node_group IS NOT NULL ORDER BY at, 3"},
    {"cluster_autoscaler", "cluster_autoscaler_scaled_down_nodes", "counter",
     "Nodes removed by scale-down",
     "SELECT ?3, ended_ms AS at, row_number() OVER (ORDER BY ended_ms, instance_id)"
     " FROM instances WHERE run_id = ?1 AND cause = 'scale-down' ORDER BY at, 3"},
    {EVERY, "werkbank_pods_running", "gauge", "Pods that run",
     "SELECT ?3, at_ms, pods_running FROM samples WHERE run_id = ?1 ORDER BY sample_id"},
    {EVERY, "werkbank_cost_usd", "counter", "Spent so far, US dollars",
     "SELECT ?3, at_ms, printf('%.9f', cost_nusd / 1e9) FROM samples WHERE run_id = ?1"
     " ORDER BY sample_id"},
    {EVERY, "werkbank_cost_rate_usd_per_hour", "gauge",
     "Price of all instances, US dollars an hour",
     "SELECT ?3, at_ms, printf('%.9f', cost_rate_nusd_per_hour / 1e9) FROM samples"
     " WHERE run_id = ?1 ORDER BY sample_id"},
};

/* One sample held back, until the next shows that it was the last of its millisecond. */
typedef struct sample_writer {
    const metric_family *family;
    wb_export_sink *sink;
    int64_t epoch_ms;
    bool has_sample;
    int64_t at_ms;
    wb_text labels, value;
} sample_writer;

static void add_held(sample_writer *writer)
{
    if (!writer->has_sample) {
        return;
    }
    const int64_t time_ms = writer->epoch_ms + writer->at_ms;
    wb_text_add_format(&writer->sink->text, "%s%s{%s} %s %lld.%03d\n", writer->family->name,
                       strcmp(writer->family->type, "counter") == 0 ? "_total" : "",
                       wb_text_string(&writer->labels), wb_text_string(&writer->value),
                       (long long)(time_ms / 1000), (int)(time_ms % 1000));
    wb_export_sink_flush(writer->sink, false);
}

/* Row: labels, at_ms, value. */
static void see_sample(void *context, const wb_store_row *row)
{
    sample_writer *writer = context;
    const char *labels = wb_store_rows_text(row, 0);
    const int64_t at_ms = wb_store_rows_int(row, 1);
    const bool is_same = writer->has_sample && writer->at_ms == at_ms &&
                         strcmp(wb_text_string(&writer->labels), labels) == 0;
    if (!is_same) {
        add_held(writer);
    }
    wb_text_clear(&writer->labels);
    wb_text_add_string(&writer->labels, labels);
    wb_text_clear(&writer->value);
    wb_text_add_string(&writer->value, wb_store_rows_text(row, 2));
    writer->at_ms = at_ms;
    writer->has_sample = true;
}

/* Label values are quoted with \, " and newline escaped, as the format asks. */
static void add_label(wb_text *out, const char *name, const char *value)
{
    wb_text_add_format(out, "%s%s=\"", out->length > 0 ? "," : "", name);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"') {
            wb_text_add_string(out, "\\");
        }
        wb_text_add(out, *c == '\n' ? " " : c, 1);
    }
    wb_text_add_string(out, "\"");
}

static wb_status add_samples(const wb_run_set *set, uint32_t run, const metric_family *family,
                             wb_export_sink *sink, wb_error *err)
{
    wb_text labels;
    wb_text_init(&labels);
    add_label(&labels, "source", "werkbank");
    add_label(&labels, "scenario", set->scenario);
    add_label(&labels, "contender", set->runs[run].contender);
    sample_writer writer = {.family = family,
                            .sink = sink,
                            .epoch_ms = set->epoch_ms > 0 ? set->epoch_ms : 0};
    wb_text_init(&writer.labels);
    wb_text_init(&writer.value);
    const wb_store_query query = {family->sql, set->runs[run].run_id, 0, wb_text_string(&labels)};
    const wb_status status = wb_store_rows_read(set->store, &query, see_sample, &writer, err);
    if (status == WB_OK) {
        add_held(&writer);
    }
    wb_text_release(&labels);
    wb_text_release(&writer.labels);
    wb_text_release(&writer.value);
    return status;
}

static bool is_of(const metric_family *family, const wb_run_set_item *run)
{
    return family->contender_kind == EVERY || strcmp(family->contender_kind, run->kind) == 0;
}

/* The samples of all runs that have the metric, under one head. */
static wb_status add_family(const wb_run_set *set, const metric_family *family,
                            wb_export_sink *sink, wb_error *err)
{
    bool has_head = false;
    for (uint32_t run = 0; run < set->run_count; run++) {
        if (is_of(family, &set->runs[run])) {
            if (!has_head) {
                wb_text_add_format(&sink->text, "# TYPE %s %s\n# HELP %s %s\n", family->name,
                                   family->type, family->name, family->help);
                has_head = true;
            }
            WB_TRY(add_samples(set, run, family, sink, err));
        }
    }
    return WB_OK;
}

wb_status wb_export_openmetrics(const wb_run_set *set, const char *view, wb_export_sink *sink,
                                wb_error *err)
{
    assert(set != NULL && sink != NULL);
    (void)view;
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
        WB_TRY(add_family(set, &families[f], sink, err));
    }
    wb_text_add_string(&sink->text, "# EOF\n");
    return WB_OK;
}
