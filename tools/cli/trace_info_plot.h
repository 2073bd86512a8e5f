/* A trace as a picture, by gnuplot. */
#ifndef WB_TOOLS_CLI_TRACE_INFO_PLOT_H
#define WB_TOOLS_CLI_TRACE_INFO_PLOT_H

#include "base/text.h"
#include "traces/trace_stats.h"

/* Appends a picture ("svg", "png") of one trace, or gnuplot's program ("gp"). WB_ERR_INPUT: it has
 * no pods; WB_ERR_IO: gnuplot is not there, or refused. */
WB_MUST_CHECK wb_status wb_trace_info_plot_draw(const char *path, const wb_trace_stats *stats,
                                                const char *format, wb_text *out, wb_error *err);

#endif
