#include "tools/plot/plot_front.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "bench/figure_list.h"
#include "tools/plot/plot_internal.h"

extern const char wb_plot_script_front[];

/* The unit that an axis shows a figure in, and what to divide by. */
static double scale_of(wb_figure_kind kind, const char **unit)
{
    switch (kind) {
    case WB_FIGURE_MONEY: *unit = " (USD)"; return 1e9;
    case WB_FIGURE_PAID: *unit = " (USD)"; return 1.0;
    case WB_FIGURE_LATENCY: *unit = " (s)"; return 1e3;
    case WB_FIGURE_POD_TIME: *unit = " (pod-s)"; return 1e3;
    case WB_FIGURE_HOURS: *unit = " (h)"; return 3.6e6;
    case WB_FIGURE_CPU_TIME: *unit = " (CPU-h)"; return 3.6e9;
    case WB_FIGURE_SHARE: *unit = " (%)"; return 0.01;
    case WB_FIGURE_COUNT: *unit = ""; return 1.0;
    }
    *unit = "";
    return 1.0;
}

static uint32_t objective(const wb_sweep *sweep, uint32_t index)
{
    const uint32_t count = sweep->spec->objective_count;
    return sweep->spec->objectives[index < count ? index : count - 1];
}

static double value_of(const wb_sweep *sweep, const wb_sweep_point *point, uint32_t index)
{
    const char *unit = NULL;
    const uint32_t figure = objective(sweep, index);
    return point->figures[figure] / scale_of(wb_figure_list_get(figure)->kind, &unit);
}

static void add_title(const wb_sweep *sweep, const char *name, uint32_t index, wb_text *out)
{
    const char *unit = NULL;
    const wb_figure *figure = wb_figure_list_get(objective(sweep, index));
    (void)scale_of(figure->kind, &unit);
    wb_text title;
    wb_text_init(&title);
    wb_text_add_format(&title, "%s%s", figure->title + strspn(figure->title, " "), unit);
    wb_text_add_format(out, "%s = ", name);
    wb_plot_add_string(out, wb_text_string(&title));
    wb_text_add_string(out, "\n");
    wb_text_release(&title);
}

static void add_row(const wb_sweep *sweep, uint32_t index, wb_text *out)
{
    const wb_sweep_point *point = &sweep->points[index];
    wb_text_add_format(out, "%.9g %.9g %.9g\n", value_of(sweep, point, 0),
                       value_of(sweep, point, 1), value_of(sweep, point, 2));
}

static int compare_first(const void *a, const void *b, void *context)
{
    const wb_sweep *sweep = context;
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    const double x = value_of(sweep, &sweep->points[left], 0);
    const double y = value_of(sweep, &sweep->points[right], 0);
    if (x < y || x > y) {
        return x < y ? -1 : 1;
    }
    return (left > right) - (left < right);
}

/* By the first objective, as its line is drawn; of the plane only: a point that is on the front for
 * its third objective alone is no step of the line. */
static void add_front(const wb_sweep *sweep, wb_text *out)
{
    uint32_t *rows = WB_ARENA_ARRAY(sweep->arena, uint32_t, (size_t)sweep->point_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        if (sweep->points[i].is_on_front && sweep->points[i].role == WB_SWEEP_TRIED) {
            rows[count++] = i;
        }
    }
    wb_sweep view = *sweep;
    wb_sort(rows, count, sizeof rows[0], compare_first, &view);
    double least = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        const double second = value_of(sweep, &sweep->points[rows[i]], 1);
        if (i == 0 || second < least) {
            least = second;
            add_row(sweep, rows[i], out);
        }
    }
}

void wb_plot_front_write(const wb_sweep *sweep, const char *format, wb_text *out)
{
    assert(sweep != NULL && sweep->point_count > 0 && sweep->spec->objective_count > 0);
    const bool is_png = strcmp(format, "png") == 0;
    wb_text_add_format(out, "set terminal %s size 900,600 font 'sans-serif,12'%s\n",
                       is_png ? "pngcairo" : "svg", is_png ? "" : " background '#ffffff'");
    uint32_t count = 0;
    for (uint32_t i = 1; i < sweep->point_count; i++) {
        count += sweep->points[i].role == WB_SWEEP_TRIED ? 1U : 0U;
    }
    wb_text title;
    wb_text_init(&title);
    wb_text_add_format(&title, "%s: %u points of %s", sweep->spec->name, count,
                       sweep->spec->contender);
    wb_text_add_string(out, "title_text = ");
    wb_plot_add_string(out, wb_text_string(&title));
    wb_text_release(&title);
    wb_text_add_string(out, "\n");
    add_title(sweep, "x_title", 0, out);
    add_title(sweep, "y_title", 1, out);
    add_title(sweep, "c_title", 2, out);
    wb_text_add_string(out, "$points << EOD\n");
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        if (sweep->points[i].is_feasible && sweep->points[i].role == WB_SWEEP_TRIED) {
            add_row(sweep, i, out);
        }
    }
    wb_text_add_string(out, "EOD\n$front << EOD\n");
    add_front(sweep, out);
    wb_text_add_string(out, "EOD\n$now << EOD\n");
    add_row(sweep, 0, out);
    wb_text_add_string(out, "EOD\n$best << EOD\n");
    add_row(sweep, sweep->best == UINT32_MAX ? 0 : sweep->best, out);
    wb_text_add_string(out, "EOD\n");
    wb_text_add_string(out, wb_plot_script_front);
}
