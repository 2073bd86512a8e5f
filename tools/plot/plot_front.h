/* The points of a sweep as a gnuplot program: the first two objectives as axes, the third as
 * colour, the front joined. */
#ifndef WB_TOOLS_PLOT_PLOT_FRONT_H
#define WB_TOOLS_PLOT_PLOT_FRONT_H

#include "base/text.h"
#include "bench/sweep.h"

/* Appends the program, drawing to gnuplot's standard output; format is "svg" or "png". The sweep
 * has been judged. */
void wb_plot_front_write(const wb_sweep *sweep, const char *format, wb_text *out);

#endif
