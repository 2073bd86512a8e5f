/*
 * Runs gnuplot on a program. Nothing else of werkbank starts a process.
 *
 * gnuplot is not linked: it is looked for on PATH when a plot is asked for, and its absence is a
 * message that names the Debian package.
 */
#ifndef WB_TOOLS_PLOT_GNUPLOT_H
#define WB_TOOLS_PLOT_GNUPLOT_H

#include "base/text.h"

/* Runs program and waits. Without an output of its own the picture is added to out; otherwise out
 * stays as it was (it may then be NULL). WB_ERR_IO: gnuplot is not there, or refused; the message
 * has the first line it said. */
WB_MUST_CHECK wb_status wb_gnuplot_run(const wb_text *program, wb_text *out, wb_error *err);

#endif
