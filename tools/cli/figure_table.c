#include "tools/cli/figure_table.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "bench/figure_list.h"
#include "tools/cli/json_output.h"
#include "tools/cli/result_table.h"
#include "tools/report/verdict.h"

#define REASONS_SHOWN 5

/* The ratio of means; behind it half the interval of the difference, where seeds give one. */
static void set_ratio(wb_result_table *table, uint32_t column, const wb_run_group *const pair[2],
                      uint32_t figure)
{
    const double base = wb_figure_list_value(&pair[1]->mean, figure);
    const double value = wb_figure_list_value(&pair[0]->mean, figure);
    if (!wb_figure_list_has_ratio(figure, value, base)) {
        return;
    }
    const double ratio = value / base;
    const wb_paired difference = wb_run_groups_compare(pair[0], pair[1], figure, true);
    if (difference.count > 1) {
        wb_result_table_set_format(table, column, "%.2fx ± %.2f", ratio, difference.half_width);
    } else {
        wb_result_table_set_format(table, column, "%.2fx", ratio);
    }
}

/* Of shares the difference is in points: 20 % is not 10 % more than 10 %. */
static void print_amount(uint32_t figure, double amount, char *out, size_t size)
{
    if (wb_figure_list_get(figure)->kind == WB_FIGURE_SHARE) {
        (void)snprintf(out, size, "%.1f pp", 100.0 * amount);
    } else {
        wb_figure_list_print_amount(figure, amount, out, size);
    }
}

/* "+$92.41", "-38.0 s ± 2.1 s": the mean over the seeds that both have, and its interval. */
static void set_difference(wb_result_table *table, uint32_t column,
                           const wb_run_group *const pair[2], uint32_t figure)
{
    const wb_paired difference = wb_run_groups_compare(pair[0], pair[1], figure, false);
    if (difference.count == 0 || wb_figure_list_value(&pair[0]->mean, figure) < 0.0 ||
        wb_figure_list_value(&pair[1]->mean, figure) < 0.0) {
        return;
    }
    const bool is_less = difference.mean < 0.0;
    char amount[64];
    char width[64];
    print_amount(figure, is_less ? -difference.mean : difference.mean, amount, sizeof amount);
    print_amount(figure, difference.half_width, width, sizeof width);
    if (difference.count > 1) {
        wb_result_table_set_format(table, column, "%s%s ± %s", is_less ? "-" : "+", amount, width);
    } else {
        wb_result_table_set_format(table, column, "%s%s", is_less ? "-" : "+", amount);
    }
}

/* Whether a figure has a line in the table that was asked for. */
static bool is_shown(const wb_run_groups *groups, uint32_t figure, bool is_wide)
{
    const wb_figure_place place = wb_figure_list_get(figure)->place;
    bool has_any = place == WB_FIGURE_ALWAYS;
    for (uint32_t g = 0; place == WB_FIGURE_IF_ANY && g < groups->count; g++) {
        has_any = has_any || wb_figure_list_value(&groups->items[g].mean, figure) > 0.0;
    }
    return wb_run_groups_know(groups, figure) && (is_wide || has_any);
}

/* Titles of contenders, with the number of seeds where it is more than one. */
static uint32_t set_columns(const wb_run_groups *groups, const wb_run_group *baseline, bool is_wide,
                            wb_arena *arena, wb_result_column *columns)
{
    columns[0] = (wb_result_column){.title = "", .key = "figure"};
    uint32_t count = 1;
    for (uint32_t g = 0; g < groups->count && count + 3 <= WB_RESULT_COLUMNS_MAX; g++) {
        const wb_run_group *group = &groups->items[g];
        const char *title = group->mean.contender;
        char text[96];
        if (group->run_count > 1) {
            (void)snprintf(text, sizeof text, "%s (%u seeds)", title, group->run_count);
            title = wb_arena_copy_string(arena, text);
        }
        columns[count++] = (wb_result_column){title, title, true, false};
        if (group != baseline) {
            columns[count++] = (wb_result_column){"ratio", "ratio", true, false};
        }
        if (group != baseline && is_wide) {
            columns[count++] = (wb_result_column){"difference", "difference", true, false};
        }
    }
    return count;
}

/* A line per figure, a column per contender; behind it the ratio to the baseline and, where there
 * is room for all, the difference. */
static void print_side_by_side(const wb_figure_table *table, const wb_run_groups *groups,
                               wb_arena *arena, const char *format, wb_text *out)
{
    const wb_run_group *baseline =
        wb_run_groups_find(groups, table->runs[table->baseline].contender);
    assert(baseline != NULL); /* it was made of these runs */
    wb_result_column columns[WB_RESULT_COLUMNS_MAX];
    const bool is_wide = strcmp(format, "wide") == 0;
    const uint32_t column_count = set_columns(groups, baseline, is_wide, arena, columns);
    wb_result_table rows;
    wb_result_table_init(&rows, arena, columns, column_count);
    rows.is_colored = table->is_colored;
    for (uint32_t f = 0; f < wb_figure_list_count(); f++) {
        if (!is_shown(groups, f, is_wide)) {
            continue;
        }
        wb_result_table_add_row(&rows);
        wb_result_table_set(&rows, 0, wb_figure_list_get(f)->title);
        for (uint32_t g = 0, column = 1; g < groups->count && column < column_count; g++) {
            char text[64];
            wb_figure_list_print(&groups->items[g].mean, f, text, sizeof text);
            wb_result_table_set(&rows, column++, text);
            if (&groups->items[g] != baseline) {
                const wb_run_group *const pair[2] = {&groups->items[g], baseline};
                set_ratio(&rows, column++, pair, f);
                if (is_wide) {
                    set_difference(&rows, column++, pair, f);
                }
            }
        }
    }
    wb_result_table_print(&rows, format, out);
    wb_text_add_string(out, "\n");
    wb_verdict_add(groups, baseline, out);
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

/* As a program reads it, or unknown where the figure is not known. */
static void print_known(const wb_run_figures *run, uint32_t figure, const char *unknown, char *out,
                        size_t size)
{
    if (wb_figure_list_value(run, figure) < 0.0) {
        (void)snprintf(out, size, "%s", unknown);
    } else {
        wb_figure_list_print_bare(run, figure, out, size);
    }
}

/* Numbers go in as text, so that money stays exact to the nano-dollar. */
static cJSON *json_of_run(const wb_figure_table *table, uint32_t r)
{
    assert(r < table->run_count);
    const uint32_t figure_count = wb_figure_list_count();
    const wb_run_figures *run = &table->runs[r];
    char text[64];
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "name", run->contender);
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)run->seed);
    (void)cJSON_AddRawToObject(json, "seed", text);
    for (uint32_t f = 0; f < figure_count; f++) {
        print_known(run, f, "null", text, sizeof text);
        (void)cJSON_AddRawToObject(json, wb_figure_list_get(f)->key, text);
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

/* Means, difference and interval of one figure, in the unit of its key; null: not known. */
static cJSON *json_of_difference(const wb_run_group *of, const wb_run_group *baseline,
                                 uint32_t figure)
{
    const double unit = wb_figure_list_unit(figure);
    const wb_paired difference = wb_run_groups_compare(of, baseline, figure, false);
    const double means[] = {wb_run_groups_mean(of, figure), wb_run_groups_mean(baseline, figure)};
    cJSON *json = cJSON_CreateObject();
    if (means[0] < 0.0 || means[1] < 0.0 || difference.count == 0) {
        (void)cJSON_AddNullToObject(json, "difference");
        return json;
    }
    (void)cJSON_AddNumberToObject(json, "mean", means[0] / unit);
    (void)cJSON_AddNumberToObject(json, "baseline_mean", means[1] / unit);
    if (means[1] > 0.0) {
        (void)cJSON_AddNumberToObject(json, "ratio", means[0] / means[1]);
    }
    (void)cJSON_AddNumberToObject(json, "difference", difference.mean / unit);
    (void)cJSON_AddNumberToObject(json, "half_width_95", difference.half_width / unit);
    (void)cJSON_AddBoolToObject(json, "is_significant", wb_paired_is_significant(&difference));
    return json;
}

/* Every contender beside the baseline, over the seeds that both have. */
static void add_comparisons(const wb_run_groups *groups, const wb_run_group *baseline, cJSON *json)
{
    (void)cJSON_AddStringToObject(json, "baseline", baseline->mean.contender);
    cJSON *list = cJSON_AddArrayToObject(json, "comparisons");
    for (uint32_t g = 0; g < groups->count; g++) {
        const wb_run_group *of = &groups->items[g];
        if (of == baseline) {
            continue;
        }
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "name", of->mean.contender);
        (void)cJSON_AddNumberToObject(item, "seeds",
                                      wb_run_groups_compare(of, baseline, 0, false).count);
        cJSON *figures = cJSON_AddObjectToObject(item, "figures");
        for (uint32_t f = 0; f < wb_figure_list_count(); f++) {
            (void)cJSON_AddItemToObject(figures, wb_figure_list_get(f)->key,
                                        json_of_difference(of, baseline, f));
        }
        (void)cJSON_AddItemToArray(list, item);
    }
    wb_text verdict;
    wb_text_init(&verdict);
    wb_verdict_add(groups, baseline, &verdict);
    (void)cJSON_AddStringToObject(json, "verdict", wb_text_string(&verdict));
    wb_text_release(&verdict);
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

static void print_json(const wb_figure_table *table, wb_arena *arena, wb_text *out)
{
    char digest[33];
    joined_digest(table, digest);
    cJSON *json = wb_json_output_new();
    (void)cJSON_AddStringToObject(json, "schema", "werkbank/comparison/v1");
    (void)cJSON_AddStringToObject(json, "scenario", table->scenario);
    (void)cJSON_AddStringToObject(json, "price_source",
                                  table->price_source != NULL ? table->price_source : "");
    cJSON *contenders = cJSON_AddArrayToObject(json, "contenders");
    for (uint32_t r = 0; r < table->run_count; r++) {
        (void)cJSON_AddItemToArray(contenders, json_of_run(table, r));
    }
    const wb_run_groups groups = wb_run_groups_make(table->runs, table->run_count, arena);
    const wb_run_group *baseline =
        wb_run_groups_find(&groups, table->runs[table->baseline].contender);
    assert(baseline != NULL); /* it was made of these runs */
    add_comparisons(&groups, baseline, json);
    (void)cJSON_AddStringToObject(json, "digest", digest);
    wb_json_output_print(json, out);
}

static void print_csv(const wb_figure_table *table, wb_text *out)
{
    const uint32_t figure_count = wb_figure_list_count();
    wb_text_add_string(out, "name,seed");
    for (uint32_t f = 0; f < figure_count; f++) {
        wb_text_add_format(out, ",%s", wb_figure_list_get(f)->key);
    }
    wb_text_add_string(out, ",digest\r\n");
    for (uint32_t r = 0; r < table->run_count; r++) {
        wb_text_add_csv_field(out, table->runs[r].contender);
        wb_text_add_format(out, ",%llu", (unsigned long long)table->runs[r].seed);
        for (uint32_t f = 0; f < figure_count; f++) {
            char text[64];
            print_known(&table->runs[r], f, "", text, sizeof text);
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
        print_json(table, arena, out);
    } else if (strcmp(format, "csv") == 0) {
        print_csv(table, out);
    } else {
        const wb_run_groups groups = wb_run_groups_make(table->runs, table->run_count, arena);
        print_side_by_side(table, &groups, arena, format, out);
        add_unscheduled(table, out);
        if (table->price_source != NULL) {
            wb_text_add_format(out, "%sprices: %s\n", strcmp(format, "markdown") == 0 ? "\n" : "",
                               table->price_source);
        }
    }
}
