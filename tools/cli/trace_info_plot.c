/*
 * The picture of a trace: arrivals and concurrency over time above, how large requests are and how
 * long lives below, as cumulative shares. One gnuplot program with its data in it.
 */
#include "tools/cli/trace_info_plot.h"

#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "tools/plot/gnuplot.h"

static const char head[] = "set encoding utf8\n"
                           "set border 3 linecolor rgb \"#444444\" linewidth 0.8\n"
                           "set tics nomirror out scale 0.6 textcolor rgb \"#222222\"\n"
                           "set grid linecolor rgb \"#DDDDDD\" linewidth 0.7 linetype 1\n"
                           "set title noenhanced textcolor rgb \"#222222\"\n"
                           "set format y \"%.10g\"\nunset key\nset yrange [0:*]\n"
                           "set style fill solid 1.0 noborder\n";

/* Hours or days, by the span. */
typedef struct time_axis {
    double unit_ms;
    const char *name;
} time_axis;

static time_axis axis_of(int64_t end_ms)
{
    return end_ms > 4 * WB_MS_PER_DAY    ? (time_axis){(double)WB_MS_PER_DAY, "days"}
           : end_ms > 4 * WB_MS_PER_HOUR ? (time_axis){(double)WB_MS_PER_HOUR, "hours"}
                                         : (time_axis){(double)WB_MS_PER_MINUTE, "minutes"};
}

static void add_series(const wb_trace_stats *stats, const time_axis *axis, wb_text *out)
{
    const int64_t end_ms = stats->summary.end_ms;
    int64_t pods = 0;
    int64_t cpu_milli = 0;
    wb_text_add_string(out, "$series << EOD\n");
    for (uint32_t i = 0; i < wb_trace_series_bin_count(&stats->arrivals, end_ms); i++) {
        pods += stats->pods.sums[i];
        cpu_milli += stats->cpu_milli.sums[i];
        wb_text_add_format(out, "%.6g %lld %lld %.10g\n",
                           (double)i * (double)stats->arrivals.width_ms / axis->unit_ms,
                           (long long)stats->arrivals.sums[i], (long long)pods,
                           (double)cpu_milli / 1e3);
    }
    wb_text_add_string(out, "EOD\n");
}

/* Share of values up to each bucket's start, the values divided by unit. */
static void add_shares(const wb_trace_histogram *histogram, const char *name, double unit,
                       wb_text *out)
{
    uint64_t below = 0;
    assert(unit > 0);
    wb_text_add_format(out, "$%s << EOD\n0 0\n", name);
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS; i++) {
        below += histogram->counts[i];
        if (histogram->counts[i] > 0) {
            wb_text_add_format(out, "%.6g %.6g\n",
                               (double)wb_trace_histogram_bucket_start(i) / unit,
                               (double)below / (double)histogram->count);
        }
    }
    wb_text_add_string(out, "EOD\n");
}

static void add_program(const char *path, const wb_trace_stats *stats, const char *format,
                        wb_text *out)
{
    const time_axis axis = axis_of(stats->summary.end_ms);
    const char *slash = strrchr(path, '/');
    wb_text_add_format(out, "set terminal %s size 960,720 font 'sans-serif,12'%s\n",
                       strcmp(format, "png") == 0 ? "pngcairo" : "svg",
                       strcmp(format, "png") == 0 ? "" : " background '#ffffff'");
    wb_text_add_string(out, head);
    add_series(stats, &axis, out);
    add_shares(&stats->cpu_requests, "cpu", 1e3, out);
    add_shares(&stats->lifetimes, "life", 60, out);
    wb_text_add_string(out, "trace_name = ");
    wb_text_add_json_string(out, slash == NULL ? path : slash + 1);
    wb_text_add_format(
        out,
        "\nset multiplot layout 2,2\nset xlabel \"time (%s)\"\n"
        "set title trace_name.\": pods created in %.3g minutes\"\n"
        "plot $series using 1:2 with steps lc rgb \"#4D4D4D\"\n"
        "set title \"pods there (line), CPUs they ask for (filled)\"\n"
        "plot $series using 1:4 with filledcurves y1=0 fc rgb \"#A6CEE3\", "
        "$series using 1:3 with lines lw 1.5 lc rgb \"#0072B2\"\n"
        "set logscale x\nset format x \"10^{%%T}\"\nset yrange [0:1]\nset xlabel \"CPUs\"\n"
        "set title \"share of pods that ask for at most\"\n"
        "plot $cpu using 1:2 with steps lw 1.5 lc rgb \"#D55E00\"\n"
        "set xlabel \"minutes\"\n"
        "set title \"share of pods that live at most\"\n"
        "plot $life using 1:2 with steps lw 1.5 lc rgb \"#009E73\"\n"
        "unset multiplot\n",
        axis.name, (double)stats->arrivals.width_ms / (double)WB_MS_PER_MINUTE);
}

wb_status wb_trace_info_plot_draw(const char *path, const wb_trace_stats *stats, const char *format,
                                  wb_text *out, wb_error *err)
{
    assert(path != NULL && stats != NULL && format != NULL && out != NULL);
    if (stats->summary.pod_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no pods to draw", path);
    }
    if (strcmp(format, "gp") == 0) {
        add_program(path, stats, format, out);
        return WB_OK;
    }
    wb_text program;
    wb_text_init(&program);
    add_program(path, stats, format, &program);
    const wb_status status = wb_gnuplot_run(&program, out, err);
    wb_text_release(&program);
    return status;
}
