/*
 * What mattered most in each run: the largest savings, what kept nodes, the longest waits, why pods
 * never ran, every interruption (the first fifty), and what is needed to run the same again. Tables
 * are rows of a query each; a column says how its values are written.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "sim/store/store_rows.h"
#include "tools/report/html.h"
#include "tools/report/report_internal.h"

typedef enum cell_form {
    CELL_TEXT,
    CELL_TIME,    /* ms since the start: 1d 02:03:04 */
    CELL_SECONDS, /* ms: 12.3 s */
    CELL_PRICE,   /* nano-dollars per hour */
    CELL_COUNT,
    CELL_HOURS, /* ms */
} cell_form;

#define COLUMNS_MAX 6

typedef struct moment_table {
    const char *title;
    const char *sql; /* as many columns as headings; ?1 is the run */
    const char *headings[COLUMNS_MAX];
    cell_form forms[COLUMNS_MAX];
} moment_table;

static const moment_table tables[] = {
    {"Largest savings",
     "SELECT at_ms, kind, subject, outcome, reason, saving_nusd_per_hour FROM decisions"
     " WHERE run_id = ?1 AND saving_nusd_per_hour > 0"
     " ORDER BY saving_nusd_per_hour DESC, decision_id LIMIT 5",
     {"at", "decision", "subject", "what was done", "why", "saving"},
     {CELL_TIME, CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_PRICE}},
    {"What kept nodes from being taken away",
     "SELECT reason, min(coalesce(detail, '')), count(*), sum(total_ms) FROM stays"
     " WHERE run_id = ?1 GROUP BY reason ORDER BY sum(total_ms) DESC, reason LIMIT 5",
     {"reason", "for example", "nodes", "node hours"},
     {CELL_TEXT, CELL_TEXT, CELL_COUNT, CELL_HOURS}},
    {"Longest waits",
     "SELECT p.created_ms, p.name, p.namespace, coalesce(n.instance_type, ''), l.latency_ms"
     " FROM pod_latency l JOIN pods p USING (run_id, pod_id)"
     " LEFT JOIN nodes n ON n.run_id = ?1 AND n.node_id = p.node_id WHERE l.run_id = ?1"
     " ORDER BY l.latency_ms DESC, p.pod_id LIMIT 5",
     {"created at", "pod", "namespace", "ran on", "pod latency"},
     {CELL_TIME, CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_SECONDS}},
    {"Pods that never ran",
     "SELECT reason, example, pods FROM unscheduled WHERE run_id = ?1"
     " ORDER BY pods DESC, reason LIMIT 10",
     {"why", "for example", "pods"},
     {CELL_TEXT, CELL_TEXT, CELL_COUNT}},
    {"Faults",
     "SELECT at_ms, CASE WHEN is_over THEN 'is over' ELSE 'begins' END, detail FROM faults"
     " WHERE run_id = ?1 ORDER BY event_id LIMIT 50",
     {"at", "what", "fault"},
     {CELL_TIME, CELL_TEXT, CELL_TEXT}},
    {"Interruptions",
     "SELECT ended_ms, instance_type, zone, capacity_type, cause FROM instances WHERE run_id = ?1"
     " AND cause IN ('interruption', 'instance-lost', 'garbage-collection') ORDER BY ended_ms,"
     " instance_id LIMIT 50",
     {"at", "instance type", "zone", "market", "cause"},
     {CELL_TIME, CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_TEXT}},
};

static uint32_t column_count(const moment_table *table)
{
    uint32_t count = 0;
    while (count < COLUMNS_MAX && table->headings[count] != NULL) {
        count++;
    }
    return count;
}

typedef struct table_writer {
    const moment_table *table;
    wb_text *out;
    uint32_t row_count;
} table_writer;

static void add_time(int64_t at_ms, char *out, size_t size)
{
    const int64_t second = at_ms / WB_MS_PER_SECOND;
    const int64_t day = second / 86400;
    char days[32] = "";
    if (day > 0) {
        (void)snprintf(days, sizeof days, "%lldd ", (long long)day);
    }
    (void)snprintf(out, size, "%s%02d:%02d:%02d", days, (int)(second / 3600 % 24),
                   (int)(second / 60 % 60), (int)(second % 60));
}

static void add_value(const wb_store_row *row, int column, cell_form form, wb_text *out)
{
    char text[64] = "";
    const int64_t value = form == CELL_TEXT ? 0 : wb_store_rows_int(row, column);
    switch (form) {
    case CELL_TEXT: wb_html_add_cell(out, wb_store_rows_text(row, column), false); return;
    case CELL_TIME: add_time(value, text, sizeof text); break;
    case CELL_SECONDS: (void)snprintf(text, sizeof text, "%.1f s", (double)value / 1e3); break;
    case CELL_PRICE: (void)snprintf(text, sizeof text, "$%.4f/h", (double)value / 1e9); break;
    case CELL_COUNT: (void)snprintf(text, sizeof text, "%lld", (long long)value); break;
    case CELL_HOURS: (void)snprintf(text, sizeof text, "%.1f", (double)value / 3.6e6); break;
    }
    wb_html_add_cell(out, text, true);
}

static void begin_table(const table_writer *writer)
{
    wb_html_begin_table(writer->out, writer->table->title);
    wb_text_add_string(writer->out, "<thead>");
    wb_html_begin_row(writer->out);
    for (uint32_t i = 0; i < column_count(writer->table); i++) {
        wb_html_add_heading(writer->out, writer->table->headings[i],
                            writer->table->forms[i] != CELL_TEXT);
    }
    wb_html_end_row(writer->out);
    wb_text_add_string(writer->out, "</thead>\n<tbody>\n");
}

static void see_moment(void *context, const wb_store_row *row)
{
    table_writer *writer = context;
    if (writer->row_count++ == 0) {
        begin_table(writer);
    }
    wb_html_begin_row(writer->out);
    for (uint32_t i = 0; i < column_count(writer->table); i++) {
        add_value(row, (int)i, writer->table->forms[i], writer->out);
    }
    wb_html_end_row(writer->out);
}

static wb_status add_moments_of(const wb_run_set *set, uint32_t run, wb_text *out, wb_error *err)
{
    wb_text_add_string(out, "<h3>");
    wb_html_add_text(out, set->runs[run].contender);
    wb_text_add_string(out, "</h3>\n");
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        table_writer writer = {.table = &tables[t], .out = out};
        const wb_store_query query = {tables[t].sql, set->runs[run].run_id, 0, NULL};
        WB_TRY(wb_store_rows_read(set->store, &query, see_moment, &writer, err));
        if (writer.row_count > 0) {
            wb_text_add_string(out, "</tbody>\n");
            wb_html_end_table(out);
        } else {
            wb_text_add_format(out, "<p class=\"soft\">%s: none.</p>\n", tables[t].title);
        }
    }
    return WB_OK;
}

wb_status wb_report_moments_add(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    wb_text_add_string(out, "<section>\n<h2>What mattered most</h2>\n");
    for (uint32_t i = 0; i < set->run_count; i++) {
        WB_TRY(add_moments_of(set, i, out, err));
    }
    wb_text_add_string(out, "</section>\n");
    return WB_OK;
}

/* ---- inputs ---- */

/* Row: contender, kind, parameters, scenario_digest, trace_digest, price_source, version, seed,
 * digest. */
static void see_inputs(void *context, const wb_store_row *row)
{
    wb_text *out = context;
    static const char *const titles[] = {
        NULL,     "contender", NULL,   "scenario digest",   "trace digest",
        "prices", "version",   "seed", "digest of all rows"};
    wb_text_add_string(out, "<h3>");
    wb_html_add_text(out, wb_store_rows_text(row, 0));
    wb_text_add_string(out, "</h3>\n<dl>\n");
    for (int i = 0; i < (int)(sizeof titles / sizeof titles[0]); i++) {
        if (titles[i] != NULL && wb_store_rows_text(row, i)[0] != '\0') {
            wb_text_add_format(out, "<dt>%s</dt><dd>", titles[i]);
            wb_html_add_text(out, wb_store_rows_text(row, i));
            wb_text_add_string(out, "</dd>\n");
        }
    }
    wb_text_add_string(out, "</dl>\n<details><summary>Settings</summary><pre>");
    wb_html_add_text(out, wb_store_rows_text(row, 2));
    wb_text_add_string(out, "</pre></details>\n");
}

wb_status wb_report_inputs_add(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    wb_text_add_string(out, "<section>\n<h2>To run it again</h2>\n<p>The same files, seed and "
                            "version give the same digest, on any machine.</p>\n");
    for (uint32_t i = 0; i < set->run_count; i++) {
        const wb_store_query query = {
            "SELECT contender, contender_kind, parameters, scenario_digest, trace_digest,"
            " price_source, version, seed, digest FROM runs WHERE run_id = ?1",
            set->runs[i].run_id, 0, NULL};
        WB_TRY(wb_store_rows_read(set->store, &query, see_inputs, out, err));
    }
    wb_text_add_string(out, "</section>\n");
    return WB_OK;
}
