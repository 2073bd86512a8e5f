#include "tools/cli/sweep_output.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/figure_list.h"
#include "bench/paired.h"
#include "tools/cli/result_table.h"

#define TITLE_MAX 160

/* As programs read it: exact to the nano-dollar; a mean count keeps its fraction. */
static void print_bare(uint32_t figure, double value, char *out, size_t size)
{
    wb_run_figures run = {0};
    const wb_figure *row = wb_figure_list_get(figure);
    const int64_t whole = (int64_t)(value + 0.5);
    if (row->kind == WB_FIGURE_COUNT && (double)whole != value) {
        (void)snprintf(out, size, "%.3f", value);
        return;
    }
    if (wb_figure_list_is_real(figure)) {
        memcpy((char *)&run + row->offset, &value, sizeof value);
    } else {
        memcpy((char *)&run + row->offset, &whole, sizeof whole);
    }
    wb_figure_list_print_bare(&run, figure, out, size);
}

/* Seed by seed, where both have the same. */
static wb_paired pair(const wb_sweep_point *point, const wb_sweep_point *baseline, uint32_t figure)
{
    double values[256];
    double baselines[256];
    uint32_t count = 0;
    while (count < point->run_count && count < baseline->run_count && count < 256) {
        values[count] = wb_figure_list_value(point->runs[count], figure);
        baselines[count] = wb_figure_list_value(baseline->runs[count], figure);
        count++;
    }
    return wb_paired_differences(values, baselines, count);
}

static const char *word(wb_figure_kind kind, bool is_less)
{
    return kind == WB_FIGURE_LATENCY || kind == WB_FIGURE_POD_TIME ? is_less ? "shorter" : "longer"
           : kind == WB_FIGURE_COUNT                               ? is_less ? "fewer" : "more"
           : is_less                                               ? "less"
                                                                   : "more";
}

void wb_sweep_output_print_difference(uint32_t figure, const wb_sweep_point *point,
                                      const wb_sweep_point *baseline, wb_text *out)
{
    const wb_figure *row = wb_figure_list_get(figure);
    const wb_paired difference = pair(point, baseline, figure);
    const double base = baseline->figures[figure];
    const bool is_less = difference.mean < 0.0;
    const char *title = row->title + strspn(row->title, " ");
    wb_text_add_format(out, "%s ", title);
    if (difference.mean == 0.0) {
        wb_text_add_format(out, "the same");
        return;
    }
    if (row->kind == WB_FIGURE_SHARE) {
        wb_text_add_format(out, "%.1f points %s", 100.0 * fabs(difference.mean),
                           word(row->kind, is_less));
        if (difference.count > 1) {
            wb_text_add_format(out, " (± %.1f)", 100.0 * difference.half_width);
        }
    } else if (base > 0.0 && row->kind != WB_FIGURE_COUNT) {
        wb_text_add_format(out, "%.1f %% %s", 100.0 * fabs(difference.mean) / base,
                           word(row->kind, is_less));
        if (difference.count > 1) {
            wb_text_add_format(out, " (± %.1f %%)", 100.0 * difference.half_width / base);
        }
    } else {
        char amount[48];
        wb_figure_list_print_amount(figure, fabs(difference.mean), amount, sizeof amount);
        wb_text_add_format(out, "%s %s", amount, word(row->kind, is_less));
        if (difference.count > 1) {
            wb_text_add_format(out, " (± %.1f)", difference.half_width);
        }
    }
    if (difference.count > 1 && !wb_paired_is_significant(&difference)) {
        wb_text_add_format(out, ", not significant");
    }
}

void wb_sweep_output_print_change(const wb_sweep *sweep, const wb_sweep_point *point,
                                  const wb_sweep_point *baseline, wb_text *out)
{
    assert(sweep != NULL && point != NULL && baseline != NULL && out != NULL);
    for (uint32_t i = 0; i < sweep->spec->objective_count; i++) {
        wb_text_add_format(out, "%s", i == 0 ? "" : "; ");
        wb_sweep_output_print_difference(sweep->spec->objectives[i], point, baseline, out);
    }
}

/* ---- the table ---- */

/* Point, round, the parameters, the objectives, marks. */
static uint32_t make_columns(const wb_sweep_output *output, wb_arena *arena,
                             wb_result_column *columns)
{
    const wb_sweep_spec *spec = output->sweep->spec;
    uint32_t count = 0;
    columns[count++] = (wb_result_column){.title = "point", .key = "point", .is_number = true};
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        columns[count++] = (wb_result_column){
            .title = spec->parameters[p].name,
            .key = spec->parameters[p].name,
        };
    }
    for (uint32_t i = 0; i < spec->objective_count; i++) {
        const wb_figure *figure = wb_figure_list_get(spec->objectives[i]);
        columns[count++] = (wb_result_column){
            .title = wb_arena_copy_string(arena, figure->title + strspn(figure->title, " ")),
            .key = figure->key,
            .is_number = true,
        };
    }
    columns[count++] = (wb_result_column){.title = "", .key = "verdict"};
    return count;
}

static const char *verdict_of(const wb_sweep *sweep, uint32_t index)
{
    const wb_sweep_point *point = &sweep->points[index];
    return !point->is_complete    ? "given up early"
           : index == sweep->best ? "best"
           : !point->is_feasible  ? "leaves pods behind"
           : index == 0           ? point->is_on_front ? "as it is; on the front" : "as it is"
           : point->is_on_front   ? "on the front"
                                  : "";
}

static void add_point(const wb_sweep_output *output, uint32_t index, wb_result_table *table)
{
    const wb_sweep *sweep = output->sweep;
    const wb_sweep_spec *spec = sweep->spec;
    const wb_sweep_point *point = &sweep->points[index];
    const bool is_bare = strcmp(output->format, "json") == 0 || strcmp(output->format, "csv") == 0;
    uint32_t column = 0;
    wb_result_table_add_row(table);
    wb_result_table_set_format(table, column++, "%u", index);
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        if (point->values[p] != NULL) {
            wb_result_table_set(table, column, point->values[p]->label);
        }
        column++;
    }
    for (uint32_t i = 0; i < spec->objective_count; i++) {
        char text[64];
        const uint32_t figure = spec->objectives[i];
        if (is_bare) {
            print_bare(figure, point->figures[figure], text, sizeof text);
        } else {
            wb_figure_list_print_amount(figure, point->figures[figure], text, sizeof text);
        }
        wb_result_table_set(table, column++, text);
    }
    wb_result_table_set(table, column, verdict_of(sweep, index));
}

static bool is_without_effect(const wb_sweep *sweep, const wb_sweep_point *copy)
{
    const wb_sweep_point *best = &sweep->points[sweep->best];
    for (uint32_t i = 0; i < sweep->spec->objective_count; i++) {
        const uint32_t figure = sweep->spec->objectives[i];
        if (best->figures[figure] < copy->figures[figure] ||
            best->figures[figure] > copy->figures[figure]) {
            return false;
        }
    }
    return true;
}

/* What each change of the best point brings, taken back alone; those that bring nothing last. */
static void print_changes(const wb_sweep *sweep, wb_text *out)
{
    const wb_sweep_spec *spec = sweep->spec;
    const wb_sweep_point *best = &sweep->points[sweep->best];
    uint32_t idle_count = 0;
    wb_text idle;
    wb_text_init(&idle);
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        const wb_sweep_point *copy = &sweep->points[i];
        if (copy->role != WB_SWEEP_PUT_BACK) {
            continue;
        }
        const char *name = spec->parameters[copy->put_back].name;
        const char *label = best->values[copy->put_back]->label;
        if (is_without_effect(sweep, copy)) {
            wb_text_add_format(&idle, "%s%s=%s", idle_count++ > 0 ? ", " : "", name, label);
            continue;
        }
        wb_text_add_format(out, "  %s=%s alone brings: ", name, label);
        wb_sweep_output_print_change(sweep, best, copy, out);
        wb_text_add_format(out, "\n");
    }
    if (idle_count > 0) {
        wb_text_add_format(out, "  without effect: %s\n", wb_text_string(&idle));
    }
    wb_text_release(&idle);
}

void wb_sweep_output_print_limits(const wb_sweep_spec *spec, wb_text *out)
{
    assert(spec != NULL && out != NULL);
    for (uint32_t i = 0; i < spec->limit_count; i++) {
        const wb_sweep_limit *limit = &spec->limits[i];
        const double unit = limit->is_relative ? 1.0 : wb_figure_list_unit(limit->figure);
        wb_text_add_format(out, "%s%s at most %.6g%s", i > 0 ? ", " : "",
                           wb_figure_list_get(limit->figure)->key, limit->value / unit,
                           limit->is_relative ? "x" : "");
    }
    wb_text_add_string(out, spec->limit_count == 0 ? "none" : "");
}

static void print_best(const wb_sweep *sweep, wb_text *out)
{
    if (sweep->best == UINT32_MAX || sweep->best == 0) {
        wb_text_add_string(out, sweep->best == 0
                                    ? "\nbest: as it is; no point within the limits is better ("
                                    : "\nno point is within the limits (");
        wb_sweep_output_print_limits(sweep->spec, out);
        wb_text_add_string(out, sweep->best == 0 ? ")\n" : "): widen best.atMost, or try others\n");
        return;
    }
    const wb_sweep_point *best = &sweep->points[sweep->best];
    wb_text_add_format(out, "\nbest: point %u: ", sweep->best);
    wb_sweep_point_print(sweep, best, out);
    wb_text_add_format(out, "\n  against what is there now: ");
    wb_sweep_output_print_change(sweep, best, &sweep->points[0], out);
    wb_text_add_format(out, "\n");
    print_changes(sweep, out);
}

void wb_sweep_output_print(const wb_sweep_output *output, wb_text *out)
{
    assert(output != NULL && output->sweep != NULL && out != NULL);
    const wb_sweep *sweep = output->sweep;
    const bool is_for_people =
        strcmp(output->format, "json") != 0 && strcmp(output->format, "csv") != 0;
    wb_result_column columns[WB_RESULT_COLUMNS_MAX];
    static_assert(WB_SWEEP_PARAMETERS_MAX + WB_SWEEP_OBJECTIVES_MAX + 2 <= WB_RESULT_COLUMNS_MAX,
                  "a column per parameter and objective");
    wb_result_table table;
    const uint32_t count = make_columns(output, sweep->arena, columns);
    wb_result_table_init(&table, sweep->arena, columns, count);
    table.is_colored = output->is_colored;
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        const wb_sweep_point *point = &sweep->points[i];
        const bool is_told = i == 0 || i == sweep->best || point->is_on_front;
        if (point->role == WB_SWEEP_TRIED && (is_told || !is_for_people || output->shows_all)) {
            add_point(output, i, &table);
        }
    }
    wb_result_table_print(&table, output->format, out);
    if (is_for_people) {
        print_best(sweep, out);
        wb_text_add_format(out, "\nprices: %s\n", output->price_source);
    }
}
