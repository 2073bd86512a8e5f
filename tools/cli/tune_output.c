#include "tools/cli/tune_output.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/figure_list.h"
#include "bench/paired.h"
#include "bench/sensitivity.h"
#include "tools/cli/json_output.h"
#include "tools/cli/sweep_output.h"

#define ROWS_MAX  (WB_SWEEP_OBJECTIVES_MAX + 2)
#define SEEDS_MAX 256

/* The four runs that are set beside each other. */
typedef struct quartet {
    const wb_sweep_point *now, *best, *unseen_now, *unseen_best;
} quartet;

static quartet find_quartet(const wb_sweep *sweep)
{
    quartet found = {.now = &sweep->points[0], .best = &sweep->points[sweep->best]};
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        if (sweep->points[i].role == WB_SWEEP_UNSEEN && found.unseen_now == NULL) {
            found.unseen_now = &sweep->points[i];
        } else if (sweep->points[i].role == WB_SWEEP_UNSEEN) {
            found.unseen_best = &sweep->points[i];
        }
    }
    return found;
}

/* The objectives, then how far cost is above the least possible, where runs have that. */
static uint32_t list_rows(const wb_sweep *sweep, uint32_t rows[ROWS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sweep->spec->objective_count; i++) {
        rows[count++] = sweep->spec->objectives[i];
    }
    const uint32_t bound = wb_sweep_spec_figure("cost_above_bound");
    if (bound != UINT32_MAX && sweep->points[0].figures[bound] >= 0.0) {
        rows[count++] = bound;
    }
    return count;
}

static wb_paired pair(const wb_sweep_point *point, const wb_sweep_point *baseline, uint32_t figure)
{
    double values[SEEDS_MAX];
    double baselines[SEEDS_MAX];
    uint32_t count = 0;
    while (count < point->run_count && count < baseline->run_count && count < SEEDS_MAX) {
        values[count] = wb_figure_list_value(point->runs[count], figure);
        baselines[count] = wb_figure_list_value(baseline->runs[count], figure);
        count++;
    }
    return wb_paired_differences(values, baselines, count);
}

static void print_row(const quartet *of, uint32_t figure, wb_text *out)
{
    const wb_sweep_point *const points[] = {of->now, of->best, of->unseen_now, of->unseen_best};
    const char *title = wb_figure_list_get(figure)->title;
    wb_text_add_format(out, "%-20s", title + strspn(title, " "));
    for (size_t i = 0; i < 4; i++) {
        char text[64];
        wb_figure_list_print_amount(figure, points[i]->figures[figure], text, sizeof text);
        wb_text_add_format(out, "%14s", text);
    }
    wb_text_add_string(out, "   ");
    wb_sweep_output_print_difference(figure, of->unseen_best, of->unseen_now, out);
    wb_text_add_string(out, "\n");
}

static void print_verdict(const wb_sweep *sweep, const quartet *of, wb_text *out)
{
    const uint32_t figure = sweep->spec->minimise;
    const wb_paired difference = pair(of->unseen_best, of->unseen_now, figure);
    const bool is_sure = difference.count > 1 && wb_paired_is_significant(&difference);
    const bool is_less = difference.mean < 0.0;
    wb_text_add_string(out, "\non what the search has not seen: ");
    wb_sweep_output_print_difference(figure, of->unseen_best, of->unseen_now, out);
    wb_text_add_string(out, !is_less || difference.mean == 0.0
                                ? "\nthe gain did not last: keep what is there now\n"
                            : difference.count < 2
                                ? "\none seed shows no chance: give several before you believe it\n"
                            : is_sure ? "\nthe gain lasts\n"
                                      : "\nthe gain is not significant: keep what is there now\n");
}

static void print_sensitivity(const wb_sweep *sweep, wb_text *out)
{
    const uint32_t figure = sweep->spec->minimise;
    const char *title = wb_figure_list_get(figure)->title;
    wb_sensitivity rows[WB_SWEEP_PARAMETERS_MAX];
    wb_sensitivity_of(sweep, figure, rows);
    wb_text_add_format(out, "\nwhat matters for %s (its share of the spread over the points):\n",
                       title + strspn(title, " "));
    for (uint32_t i = 0; i < sweep->spec->parameter_count; i++) {
        char least[64];
        char most[64];
        wb_figure_list_print_amount(figure, rows[i].least, least, sizeof least);
        wb_figure_list_print_amount(figure, rows[i].most, most, sizeof most);
        wb_text_add_format(out, "  %5.1f %%  %-24s %s at %s, %s at %s\n", 100.0 * rows[i].share,
                           sweep->spec->parameters[rows[i].parameter].name, least, rows[i].at_least,
                           most, rows[i].at_most);
    }
}

static uint32_t count_tried(const wb_sweep *sweep)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sweep->point_count; i++) {
        count += sweep->points[i].role == WB_SWEEP_TRIED ? 1U : 0U;
    }
    return count;
}

static void print_table(const wb_sweep *sweep, wb_text *out)
{
    if (sweep->best == UINT32_MAX || sweep->best == 0) {
        wb_text_add_string(out, "no point within the limits (");
        wb_sweep_output_print_limits(sweep->spec, out);
        wb_text_add_string(out, ") is better than what is there now\n");
        print_sensitivity(sweep, out);
        return;
    }
    const quartet of = find_quartet(sweep);
    uint32_t rows[ROWS_MAX];
    const uint32_t count = list_rows(sweep, rows);
    wb_text_add_format(out, "best of %u points: ", count_tried(sweep));
    wb_sweep_point_print(sweep, of.best, out);
    wb_text_add_format(out, "\n\n%-20s%14s%14s%14s%14s   difference, unseen\n", "", "seen: now",
                       "best", "unseen: now", "best");
    for (uint32_t i = 0; i < count; i++) {
        print_row(&of, rows[i], out);
    }
    print_verdict(sweep, &of, out);
    print_sensitivity(sweep, out);
}

/* ---- JSON ---- */

static void add_difference(cJSON *to, const quartet *of, uint32_t figure)
{
    const wb_paired difference = pair(of->unseen_best, of->unseen_now, figure);
    const double unit = wb_figure_list_unit(figure);
    cJSON_AddNumberToObject(to, "difference", difference.mean / unit);
    cJSON_AddNumberToObject(to, "half_width_95", difference.half_width / unit);
    cJSON_AddBoolToObject(to, "is_significant",
                          difference.count > 1 && wb_paired_is_significant(&difference));
}

static void add_figures(cJSON *to, const wb_sweep *sweep)
{
    const quartet of = find_quartet(sweep);
    uint32_t rows[ROWS_MAX];
    const uint32_t count = list_rows(sweep, rows);
    cJSON *list = cJSON_AddArrayToObject(to, "figures");
    for (uint32_t i = 0; i < count; i++) {
        cJSON *row = cJSON_CreateObject();
        const double unit = wb_figure_list_unit(rows[i]);
        cJSON_AddStringToObject(row, "figure", wb_figure_list_get(rows[i])->key);
        cJSON_AddNumberToObject(row, "seen_now", of.now->figures[rows[i]] / unit);
        cJSON_AddNumberToObject(row, "seen_best", of.best->figures[rows[i]] / unit);
        cJSON_AddNumberToObject(row, "unseen_now", of.unseen_now->figures[rows[i]] / unit);
        cJSON_AddNumberToObject(row, "unseen_best", of.unseen_best->figures[rows[i]] / unit);
        add_difference(row, &of, rows[i]);
        cJSON_AddItemToArray(list, row);
    }
}

static void print_json(const wb_sweep *sweep, const char *price_source, wb_text *out)
{
    cJSON *root = wb_json_output_new();
    const bool is_better = sweep->best != UINT32_MAX && sweep->best != 0;
    cJSON_AddStringToObject(root, "schema", "werkbank/tuning/v1");
    cJSON_AddStringToObject(root, "sweep", sweep->spec->name);
    cJSON_AddStringToObject(root, "price_source", price_source);
    cJSON_AddBoolToObject(root, "has_better", is_better);
    cJSON *best = cJSON_AddObjectToObject(root, "best");
    for (uint32_t p = 0; p < sweep->spec->parameter_count && is_better; p++) {
        cJSON_AddStringToObject(best, sweep->spec->parameters[p].name,
                                sweep->points[sweep->best].values[p]->label);
    }
    if (is_better) {
        add_figures(root, sweep);
    }
    wb_sensitivity rows[WB_SWEEP_PARAMETERS_MAX];
    wb_sensitivity_of(sweep, sweep->spec->minimise, rows);
    cJSON *list = cJSON_AddArrayToObject(root, "sensitivity");
    for (uint32_t i = 0; i < sweep->spec->parameter_count; i++) {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "parameter", sweep->spec->parameters[rows[i].parameter].name);
        cJSON_AddNumberToObject(row, "share", rows[i].share);
        cJSON_AddStringToObject(row, "least_at", rows[i].at_least);
        cJSON_AddStringToObject(row, "most_at", rows[i].at_most);
        cJSON_AddItemToArray(list, row);
    }
    wb_json_output_print(root, out);
}

void wb_tune_output_print(const wb_sweep *sweep, const char *price_source, bool is_json,
                          wb_text *out)
{
    assert(sweep != NULL && sweep->point_count > 0 && price_source != NULL && out != NULL);
    if (is_json) {
        print_json(sweep, price_source, out);
    } else {
        print_table(sweep, out);
        wb_text_add_format(out, "\nprices: %s\n", price_source);
    }
}
