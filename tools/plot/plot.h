/*
 * Plots of a database's runs, drawn by gnuplot: which rows each kind of plot needs, and the gnuplot
 * program made of them.
 *
 * A plot is a script of this folder (tools/plot/<kind>.gp, built into the program) behind a head
 * that this module writes: names and colours of the contenders, the unit of time, and the data as
 * datablocks. So the program that gnuplot gets is complete, and can be kept and changed by hand.
 */
#ifndef WB_TOOLS_PLOT_PLOT_H
#define WB_TOOLS_PLOT_PLOT_H

#include "base/text.h"
#include "tools/runs/run_set.h"

typedef struct wb_plot_kind {
    const char *name;    /* "nodes": what the command takes */
    const char *summary; /* one line: what it shows, with units */
} wb_plot_kind;

/* All kinds, in the order of help. */
const wb_plot_kind *wb_plot_kinds(uint32_t *out_count);

/* What gnuplot draws to. */
typedef struct wb_plot_target {
    const char *format; /* "svg" or "png" */
    const char *path;   /* of the picture; NULL: gnuplot's standard output */
} wb_plot_target;

/* Adds the gnuplot program of one kind (asserted to be known) to out. */
WB_MUST_CHECK wb_status wb_plot_write_script(const wb_run_set *set, const char *kind,
                                             const wb_plot_target *target, wb_text *out,
                                             wb_error *err);

#endif
