/* A picture of six small ones: each measure's cumulative shares, recorded and generated. */
#include "tools/plot/plot_fit.h"

#include <assert.h>
#include <string.h>

#include "tools/plot/plot_internal.h"

extern const char wb_plot_script_fit[];

/* Shares of one histogram; 0 has no place on a logarithmic axis and stands at a half. A histogram
 * without values is a point, so that the block's index is there. */
static void add_shares(const wb_trace_histogram *histogram, wb_text *out)
{
    uint64_t below = 0;
    bool has_begun = false;
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS; i++) {
        if (histogram->counts[i] == 0) {
            continue;
        }
        const int64_t start = wb_trace_histogram_bucket_start(i);
        const double x = start > 0 ? (double)start : 0.5;
        if (!has_begun) {
            wb_text_add_format(out, "%.6g 0\n", x);
            has_begun = true;
        }
        below += histogram->counts[i];
        wb_text_add_format(out, "%.6g %.6g\n", x, (double)below / (double)histogram->count);
    }
    wb_text_add_string(out, has_begun ? "\n\n" : "1 0\n\n\n");
}

static void add_block(const wb_trace_distance *distances, const char *name, bool is_second,
                      wb_text *out)
{
    wb_plot_begin_data(out, name);
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        add_shares(is_second ? &distances[i].second : &distances[i].first, out);
    }
    wb_plot_end_data(out);
}

void wb_plot_fit_write(const wb_trace_distance *distances, const char *name, const char *format,
                       wb_text *out)
{
    assert(distances != NULL && name != NULL && format != NULL && out != NULL);
    const bool is_png = strcmp(format, "png") == 0;
    wb_text_add_format(out, "set terminal %s size 1080,640 font 'sans-serif,11'%s\n",
                       is_png ? "pngcairo" : "svg", is_png ? "" : " background '#ffffff'");
    add_block(distances, "first", false, out);
    add_block(distances, "second", true, out);
    wb_text_add_string(out, "title_text = ");
    wb_plot_add_string(out, name);
    wb_text_add_string(out, ".\": recorded and generated\"\ntitles = '");
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        wb_text_add_format(out, "%s\"%s, KS %.3f\"", i > 0 ? " " : "",
                           wb_trace_distance_name((wb_trace_measure)i), distances[i].distance);
    }
    wb_text_add_string(out, "'\nunits = '");
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        wb_text_add_format(out, "%s\"%s\"", i > 0 ? " " : "",
                           wb_trace_distance_unit((wb_trace_measure)i));
    }
    wb_text_add_string(out, "'\n");
    wb_text_add_string(out, wb_plot_script_fit);
}
