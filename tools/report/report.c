#include "tools/report/report.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "bench/figure_list.h"
#include "tools/plot/gnuplot.h"
#include "tools/report/html.h"
#include "tools/report/report_internal.h"
#include "tools/report/verdict.h"

/* What the page is about. */
typedef struct report {
    const wb_report_options *options;
    wb_run_groups groups;
    const wb_run_group *baseline;
    wb_run_set set;
} report;

/* ---- head and verdict ---- */

static void add_head(const report *of, wb_text *out)
{
    wb_text_add_string(out,
                       "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<title>");
    wb_html_add_text(out, of->set.scenario);
    wb_text_add_format(out, " - werkbank</title>\n<style>\n%s</style>\n</head>\n<body>\n",
                       wb_report_style);
    wb_text_add_string(out, "<header>\n<p class=\"soft\">werkbank report</p>\n<h1>");
    wb_html_add_text(out, of->set.scenario);
    wb_text_add_string(out, "</h1>\n<p>");
    for (uint32_t i = 0; i < of->groups.count; i++) {
        wb_text_add_string(out, i == 0 ? "" : i + 1 == of->groups.count ? " and " : ", ");
        wb_html_add_text(out, of->groups.items[i].mean.contender);
    }
    wb_text_add_format(out, ": %lld pods over %.1f hours of virtual time",
                       (long long)of->baseline->mean.pods_total, (double)of->set.span_ms / 3.6e6);
    wb_text_add_string(out, of->groups.count > 1 ? ", the same for each.</p>\n" : ".</p>\n");
}

static void add_verdict(const report *of, wb_text *out)
{
    wb_text lines;
    wb_text_init(&lines);
    wb_verdict_add(&of->groups, of->baseline, &lines);
    if (lines.length > 0) {
        wb_text_add_string(out, "<div class=\"verdict\" role=\"note\">\n");
    }
    for (const char *line = wb_text_string(&lines); *line != '\0';) {
        const size_t length = strcspn(line, "\n");
        wb_text one;
        wb_text_init(&one);
        wb_text_add(&one, line, length);
        wb_text_add_string(out, "<p>");
        wb_html_add_text(out, wb_text_string(&one));
        wb_text_add_string(out, ".</p>\n");
        wb_text_release(&one);
        line += length + (line[length] == '\n');
    }
    wb_text_add_string(out,
                       lines.length > 0 ? "</div>\n</header>\n<main>\n" : "</header>\n<main>\n");
    wb_text_release(&lines);
}

/* ---- figures ---- */

static void add_figure_columns(const report *of, wb_text *out)
{
    wb_text_add_string(out, "<thead>");
    wb_html_begin_row(out);
    wb_html_add_heading(out, "figure", false);
    for (uint32_t g = 0; g < of->groups.count; g++) {
        wb_html_add_heading(out, of->groups.items[g].mean.contender, true);
        if (&of->groups.items[g] != of->baseline) {
            wb_html_add_heading(out, "ratio", true);
        }
    }
    wb_html_end_row(out);
    wb_text_add_string(out, "</thead>\n<tbody>\n");
}

static void add_ratio(const report *of, const wb_run_group *group, uint32_t figure, wb_text *out)
{
    const double base = wb_figure_list_value(&of->baseline->mean, figure);
    const wb_paired difference = wb_run_groups_compare(group, of->baseline, figure, true);
    const double value = wb_figure_list_value(&group->mean, figure);
    const bool has_ratio = wb_figure_list_has_ratio(figure, value, base);
    char text[64] = "-";
    if (has_ratio) {
        (void)snprintf(text, sizeof text, "%.2fx", value / base);
    }
    if (has_ratio && difference.count > 1) {
        const size_t length = strlen(text);
        (void)snprintf(text + length, sizeof text - length, " ± %.2f", difference.half_width);
    }
    wb_html_add_cell(out, text, true);
}

static void add_figures(const report *of, wb_text *out)
{
    wb_text_add_string(out, "<section>\n<h2>Figures</h2>\n");
    char caption[160];
    (void)snprintf(caption, sizeof caption, "%s. Ratios are to %s.",
                   of->baseline->run_count > 1 ? "Means over seeds; ± is the 95 % interval"
                                               : "One run of each contender",
                   of->baseline->mean.contender);
    wb_html_begin_table(out, caption);
    add_figure_columns(of, out);
    for (uint32_t f = 0; f < wb_figure_list_count(); f++) {
        if (!wb_run_groups_know(&of->groups, f)) {
            continue;
        }
        const wb_figure *figure = wb_figure_list_get(f);
        const bool is_part = strncmp(figure->title, "  ", 2) == 0;
        wb_html_begin_row(out);
        wb_text_add_string(out,
                           is_part ? "<th scope=\"row\" class=\"part\">" : "<th scope=\"row\">");
        wb_html_add_text(out, figure->title + (is_part ? 2 : 0));
        wb_text_add_string(out, "</th>");
        for (uint32_t g = 0; g < of->groups.count; g++) {
            char text[64];
            wb_figure_list_print(&of->groups.items[g].mean, f, text, sizeof text);
            wb_html_add_cell(out, text, true);
            if (&of->groups.items[g] != of->baseline) {
                add_ratio(of, &of->groups.items[g], f, out);
            }
        }
        wb_html_end_row(out);
    }
    wb_text_add_string(out, "</tbody>\n");
    wb_html_end_table(out);
    wb_text_add_string(out, "</section>\n");
}

/* ---- plots ---- */

static wb_status add_plot(const report *of, const wb_plot_kind *kind, wb_text *out, wb_error *err)
{
    const wb_plot_target target = {.format = "svg"};
    wb_text program;
    wb_text svg;
    wb_text_init(&program);
    wb_text_init(&svg);
    wb_status status = wb_plot_write_script(&of->set, kind->name, &target, &program, err);
    if (status == WB_OK) {
        status = wb_gnuplot_run(&program, &svg, err);
    }
    if (status == WB_OK) {
        char alt[160];
        (void)snprintf(alt, sizeof alt, "Plot of %s; the figures are in the tables of this page",
                       kind->summary);
        wb_html_add_picture(out, &svg, alt, kind->summary);
    }
    wb_text_release(&program);
    wb_text_release(&svg);
    return status;
}

static wb_status add_plots(const report *of, wb_text *out, wb_error *err)
{
    if (!of->options->has_plots) {
        return WB_OK;
    }
    wb_text_add_format(out,
                       "<section>\n<h2>Over time</h2>\n<p class=\"soft\">Runs of seed %llu. A "
                       "contender has the same colour in every picture.</p>\n",
                       (unsigned long long)of->set.seed);
    uint32_t count = 0;
    const wb_plot_kind *kinds = wb_plot_kinds(&count);
    for (uint32_t i = 0; i < count; i++) {
        WB_TRY(add_plot(of, &kinds[i], out, err));
    }
    wb_text_add_string(out, "</section>\n");
    return WB_OK;
}

/* ---- the page ---- */

static wb_status find_baseline(report *of, wb_error *err)
{
    const char *name = of->options->baseline;
    of->baseline = name == NULL ? &of->groups.items[0] : wb_run_groups_find(&of->groups, name);
    return of->baseline != NULL
               ? WB_OK
               : wb_fail(err, WB_ERR_INPUT,
                         "--baseline: no finished run of contender '%s', expected one such as '%s'",
                         name, of->groups.items[0].mean.contender);
}

static wb_status read_runs(wb_store *store, wb_arena *arena, report *of, wb_error *err)
{
    wb_run_figures *runs = NULL;
    uint32_t count = 0;
    WB_TRY(wb_store_figures(store, arena, &runs, &count, err));
    WB_TRY(wb_run_set_open(store, of->options->seed, arena, &of->set, err));
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(runs[i].scenario, runs[0].scenario) != 0) {
            return wb_fail(err, WB_ERR_INPUT,
                           "runs of two scenarios, '%s' and '%s': expected runs of one",
                           runs[0].scenario, runs[i].scenario);
        }
    }
    of->groups = wb_run_groups_make(runs, count, arena);
    return find_baseline(of, err);
}

wb_status wb_report_write(wb_store *store, const wb_report_options *options, wb_arena *arena,
                          wb_text *out, wb_error *err)
{
    assert(store != NULL && options != NULL && arena != NULL && out != NULL);
    report of = {.options = options};
    WB_TRY(read_runs(store, arena, &of, err));
    add_head(&of, out);
    add_verdict(&of, out);
    add_figures(&of, out);
    WB_TRY(add_plots(&of, out, err));
    WB_TRY(wb_report_moments_add(&of.set, out, err));
    WB_TRY(wb_report_inputs_add(&of.set, out, err));
    wb_text_add_string(out, "</main>\n</body>\n</html>\n");
    return WB_OK;
}
