#include "tools/cli/figure_table.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/digest.h"
#include "base/duration.h"
#include "base/heap_memory.h"
#include "tools/cli/result_table.h"

#define REASONS_SHOWN 5

typedef enum figure_kind {
    FIGURE_COUNT,
    FIGURE_MONEY,    /* nano-dollars, shown as USD */
    FIGURE_LATENCY,  /* ms, shown as seconds */
    FIGURE_HOURS,    /* ms, shown as hours */
    FIGURE_POD_TIME, /* ms, shown as seconds */
    FIGURE_SHARE,    /* a double from 0 to 1, shown as per cent */
} figure_kind;

/* One line of the comparison. offset is of an int64_t, or of a double for shares. */
static const struct {
    const char *title;
    const char *key; /* of JSON and CSV */
    size_t offset;
    figure_kind kind;
    bool is_wide;
} figures[] = {
    {"cost", "cost_usd", offsetof(wb_run_figures, cost_nusd), FIGURE_MONEY, false},
    {"  on-demand", "cost_on_demand_usd", offsetof(wb_run_figures, cost_on_demand_nusd),
     FIGURE_MONEY, true},
    {"  spot", "cost_spot_usd", offsetof(wb_run_figures, cost_spot_nusd), FIGURE_MONEY, true},
    {"  idle", "cost_idle_usd", offsetof(wb_run_figures, cost_idle_nusd), FIGURE_MONEY, false},
    {"pod latency p50", "pod_latency_ms_p50", offsetof(wb_run_figures, pod_latency_ms_p50),
     FIGURE_LATENCY, false},
    {"pod latency p90", "pod_latency_ms_p90", offsetof(wb_run_figures, pod_latency_ms_p90),
     FIGURE_LATENCY, false},
    {"pod latency p99", "pod_latency_ms_p99", offsetof(wb_run_figures, pod_latency_ms_p99),
     FIGURE_LATENCY, false},
    {"pod latency max", "pod_latency_ms_max", offsetof(wb_run_figures, pod_latency_ms_max),
     FIGURE_LATENCY, false},
    {"waiting, summed", "pending_pod_ms", offsetof(wb_run_figures, pending_pod_ms), FIGURE_POD_TIME,
     true},
    {"pods", "pods_total", offsetof(wb_run_figures, pods_total), FIGURE_COUNT, false},
    {"  finished", "pods_finished", offsetof(wb_run_figures, pods_finished), FIGURE_COUNT, false},
    {"  running at the end", "pods_running", offsetof(wb_run_figures, pods_running), FIGURE_COUNT,
     false},
    {"  never ran", "pods_unscheduled", offsetof(wb_run_figures, pods_unscheduled), FIGURE_COUNT,
     false},
    {"  lost", "pods_lost", offsetof(wb_run_figures, pods_lost), FIGURE_COUNT, false},
    {"nodes launched", "nodes_launched", offsetof(wb_run_figures, nodes_launched), FIGURE_COUNT,
     false},
    {"nodes at most", "nodes_max", offsetof(wb_run_figures, nodes_max), FIGURE_COUNT, false},
    {"node hours", "node_hours", offsetof(wb_run_figures, node_ms), FIGURE_HOURS, false},
    {"evictions", "evictions", offsetof(wb_run_figures, evictions), FIGURE_COUNT, false},
    {"evictions refused", "evictions_refused", offsetof(wb_run_figures, evictions_refused),
     FIGURE_COUNT, true},
    {"interruptions", "interruptions", offsetof(wb_run_figures, interruptions), FIGURE_COUNT, true},
    {"API calls", "api_calls", offsetof(wb_run_figures, api_calls), FIGURE_COUNT, true},
    {"utilisation CPU", "utilisation_cpu", offsetof(wb_run_figures, utilisation_cpu), FIGURE_SHARE,
     false},
    {"utilisation memory", "utilisation_memory", offsetof(wb_run_figures, utilisation_memory),
     FIGURE_SHARE, false},
};

#define FIGURE_COUNT_OF (sizeof(figures) / sizeof(figures[0]))

static int64_t whole_figure(const wb_run_figures *run, size_t index)
{
    int64_t value = 0;
    memcpy(&value, (const char *)run + figures[index].offset, sizeof value);
    return value;
}

static double share_figure(const wb_run_figures *run, size_t index)
{
    double value = 0.0;
    memcpy(&value, (const char *)run + figures[index].offset, sizeof value);
    return value;
}

static double figure_value(const wb_run_figures *run, size_t index)
{
    return figures[index].kind == FIGURE_SHARE ? share_figure(run, index)
                                               : (double)whole_figure(run, index);
}

/* As a person reads it. */
static void print_for_people(const wb_run_figures *run, size_t index, char *out, size_t size)
{
    const int64_t value = figures[index].kind == FIGURE_SHARE ? 0 : whole_figure(run, index);
    switch (figures[index].kind) {
    case FIGURE_COUNT: (void)snprintf(out, size, "%lld", (long long)value); break;
    case FIGURE_MONEY: (void)snprintf(out, size, "$%.2f", (double)value / 1e9); break;
    case FIGURE_LATENCY: (void)snprintf(out, size, "%.1f s", (double)value / 1e3); break;
    case FIGURE_HOURS: (void)snprintf(out, size, "%.1f", (double)value / 3.6e6); break;
    case FIGURE_POD_TIME: (void)snprintf(out, size, "%.0f pod-s", (double)value / 1e3); break;
    case FIGURE_SHARE:
        (void)snprintf(out, size, "%.1f %%", 100.0 * share_figure(run, index));
        break;
    }
}

/* As a program reads it: bare numbers; money exact to the nano-dollar. */
static void print_for_programs(const wb_run_figures *run, size_t index, char *out, size_t size)
{
    const int64_t value = figures[index].kind == FIGURE_SHARE ? 0 : whole_figure(run, index);
    switch (figures[index].kind) {
    case FIGURE_MONEY:
        (void)snprintf(out, size, "%lld.%09lld", (long long)(value / 1000000000),
                       (long long)(value % 1000000000));
        break;
    case FIGURE_HOURS: (void)snprintf(out, size, "%.6f", (double)value / 3.6e6); break;
    case FIGURE_SHARE: (void)snprintf(out, size, "%.6f", share_figure(run, index)); break;
    case FIGURE_COUNT:
    case FIGURE_LATENCY:
    case FIGURE_POD_TIME: (void)snprintf(out, size, "%lld", (long long)value); break;
    }
}

static void set_ratio(wb_result_table *table, uint32_t column, double value, double base)
{
    if (base > 0.0) {
        wb_result_table_set_format(table, column, "%.2fx", value / base);
    }
}

/* A line per figure, a column per run, and the ratio of each run to the baseline behind it. */
static void print_side_by_side(const wb_figure_table *table, wb_arena *arena, const char *format,
                               wb_text *out)
{
    wb_result_column columns[WB_RESULT_COLUMNS_MAX] = {{.title = "", .key = "figure"}};
    const wb_run_figures *base = &table->runs[table->baseline];
    uint32_t column_count = 1;
    for (uint32_t r = 0; r < table->run_count && column_count + 2 <= WB_RESULT_COLUMNS_MAX; r++) {
        columns[column_count++] =
            (wb_result_column){table->runs[r].contender, table->runs[r].contender, true, false};
        if (r != table->baseline) {
            columns[column_count++] = (wb_result_column){"ratio", "ratio", true, false};
        }
    }
    wb_result_table rows;
    wb_result_table_init(&rows, arena, columns, column_count);
    rows.is_colored = table->is_colored;
    const bool is_wide = strcmp(format, "wide") == 0;
    for (size_t f = 0; f < FIGURE_COUNT_OF; f++) {
        if (figures[f].is_wide && !is_wide) {
            continue;
        }
        wb_result_table_add_row(&rows);
        wb_result_table_set(&rows, 0, figures[f].title);
        for (uint32_t r = 0, column = 1; r < table->run_count && column < column_count; r++) {
            char text[64];
            print_for_people(&table->runs[r], f, text, sizeof text);
            wb_result_table_set(&rows, column++, text);
            if (r != table->baseline) {
                set_ratio(&rows, column++, figure_value(&table->runs[r], f), figure_value(base, f));
            }
        }
    }
    wb_result_table_print(&rows, format, out);
}

/* The commonest reasons of one run; the rest in one line. */
static void add_unscheduled_of(const wb_figure_table *table, uint32_t r, wb_text *out)
{
    int64_t rest = 0;
    for (uint32_t i = 0; i < table->unscheduled_counts[r]; i++) {
        const wb_unscheduled_group *group = &table->unscheduled[r][i];
        if (i >= REASONS_SHOWN) {
            rest += group->pod_count;
            continue;
        }
        wb_text_add_format(out, "%s: %lld pod%s never ran (%s%s): %s\n", table->runs[r].contender,
                           (long long)group->pod_count, group->pod_count == 1 ? "" : "s",
                           group->example_pod, group->pod_count == 1 ? "" : ", ...", group->reason);
    }
    if (rest > 0) {
        wb_text_add_format(out,
                           "%s: %lld more pod%s never ran, for other reasons (view unscheduled)\n",
                           table->runs[r].contender, (long long)rest, rest == 1 ? "" : "s");
    }
}

static void add_unscheduled(const wb_figure_table *table, wb_text *out)
{
    for (uint32_t r = 0; table->unscheduled != NULL && r < table->run_count; r++) {
        add_unscheduled_of(table, r, out);
    }
}

/* Numbers go in as text, so that money stays exact to the nano-dollar. */
static cJSON *json_of_run(const wb_figure_table *table, uint32_t r)
{
    const wb_run_figures *run = &table->runs[r];
    char text[64];
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "name", run->contender);
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)run->seed);
    (void)cJSON_AddRawToObject(json, "seed", text);
    for (size_t f = 0; f < FIGURE_COUNT_OF; f++) {
        print_for_programs(run, f, text, sizeof text);
        (void)cJSON_AddRawToObject(json, figures[f].key, text);
    }
    (void)cJSON_AddStringToObject(json, "digest", run->digest);
    cJSON *groups = cJSON_AddArrayToObject(json, "unscheduled");
    const uint32_t group_count = table->unscheduled != NULL ? table->unscheduled_counts[r] : 0;
    for (uint32_t i = 0; i < group_count; i++) {
        const wb_unscheduled_group *group = &table->unscheduled[r][i];
        cJSON *item = cJSON_CreateObject();
        (void)snprintf(text, sizeof text, "%lld", (long long)group->pod_count);
        (void)cJSON_AddRawToObject(item, "pods", text);
        (void)cJSON_AddStringToObject(item, "example", group->example_pod);
        (void)cJSON_AddStringToObject(item, "reason", group->reason);
        (void)cJSON_AddItemToArray(groups, item);
    }
    return json;
}

/* The digest of all: of the runs' digests in order. */
static void joined_digest(const wb_figure_table *table, char out[33])
{
    wb_digest *digest = wb_digest_new();
    for (uint32_t r = 0; r < table->run_count; r++) {
        wb_digest_add_text(digest, table->runs[r].digest);
    }
    wb_digest_text(digest, out);
    wb_digest_free(digest);
}

/* cJSON answers a refused request by leaving something out: it must not come to that. */
static void *alloc_for_json(size_t size)
{
    return wb_heap_memory_alloc(size, 1);
}

static void print_json(const wb_figure_table *table, wb_text *out)
{
    cJSON_Hooks hooks = {alloc_for_json, wb_heap_memory_free};
    cJSON_InitHooks(&hooks);
    char digest[33];
    joined_digest(table, digest);
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "schema", "werkbank/comparison/v1");
    (void)cJSON_AddStringToObject(json, "scenario", table->scenario);
    (void)cJSON_AddStringToObject(json, "price_source",
                                  table->price_source != NULL ? table->price_source : "");
    cJSON *contenders = cJSON_AddArrayToObject(json, "contenders");
    for (uint32_t r = 0; r < table->run_count; r++) {
        (void)cJSON_AddItemToArray(contenders, json_of_run(table, r));
    }
    (void)cJSON_AddStringToObject(json, "digest", digest);
    char *printed = cJSON_Print(json);
    assert(printed != NULL); /* cJSON fails only when memory is refused */
    wb_text_add_format(out, "%s\n", printed);
    cJSON_free(printed);
    cJSON_Delete(json);
}

static void print_csv(const wb_figure_table *table, wb_text *out)
{
    wb_text_add_string(out, "name,seed");
    for (size_t f = 0; f < FIGURE_COUNT_OF; f++) {
        wb_text_add_format(out, ",%s", figures[f].key);
    }
    wb_text_add_string(out, ",digest\r\n");
    for (uint32_t r = 0; r < table->run_count; r++) {
        wb_text_add_csv_field(out, table->runs[r].contender);
        wb_text_add_format(out, ",%llu", (unsigned long long)table->runs[r].seed);
        for (size_t f = 0; f < FIGURE_COUNT_OF; f++) {
            char text[64];
            print_for_programs(&table->runs[r], f, text, sizeof text);
            wb_text_add_format(out, ",%s", text);
        }
        wb_text_add_format(out, ",%s\r\n", table->runs[r].digest);
    }
}

void wb_figure_table_print(const wb_figure_table *table, wb_arena *arena, const char *format,
                           wb_text *out)
{
    assert(table->run_count > 0 && table->baseline < table->run_count);
    if (strcmp(format, "json") == 0) {
        print_json(table, out);
    } else if (strcmp(format, "csv") == 0) {
        print_csv(table, out);
    } else {
        print_side_by_side(table, arena, format, out);
        wb_text_add_string(out, "\n");
        add_unscheduled(table, out);
        if (table->price_source != NULL && strcmp(format, "markdown") != 0) {
            wb_text_add_format(out, "prices: %s\n", table->price_source);
        }
    }
}
