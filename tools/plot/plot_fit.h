/* A generated trace beside the one it was fitted to, as a gnuplot program: cumulative shares. */
#ifndef WB_TOOLS_PLOT_PLOT_FIT_H
#define WB_TOOLS_PLOT_PLOT_FIT_H

#include "base/text.h"
#include "traces/trace_distance.h"

/* Appends the program, drawing to gnuplot's standard output; format is "svg" or "png". distances
 * has WB_TRACE_MEASURE_COUNT entries; name: of the recorded trace, for the title. */
void wb_plot_fit_write(const wb_trace_distance *distances, const char *name, const char *format,
                       wb_text *out);

#endif
