/*
 * Plots of a database's runs, drawn by gnuplot: which rows each kind of plot needs, and the gnuplot
 * program made of them.
 *
 * A plot is a script of this folder (tools/plot/<kind>.gp, built into the program) behind a head
 * that this module writes: names and colours of the contenders, the unit of time, and the data as
 * datablocks. So the program that gnuplot gets is complete, and can be kept and changed by hand.
 *
 * One database may hold many runs. A plot shows one run of each contender: that of the lowest seed,
 * or of the seed asked for; the latest if it was recorded again. The same contender has the same
 * colour in every plot: blue for the first karpenter, vermilion for the first cluster_autoscaler,
 * green for fixed (Okabe and Ito's palette, told apart by the colour-blind), others by their order.
 */
#ifndef WB_TOOLS_PLOT_PLOT_H
#define WB_TOOLS_PLOT_PLOT_H

#include "base/arena.h"
#include "base/text.h"
#include "sim/store/store.h"

#define WB_PLOT_RUNS_MAX 6 /* more lines than that are not told apart */

typedef struct wb_plot_kind {
    const char *name;    /* "nodes": what the command takes */
    const char *summary; /* one line: what it shows, with units */
} wb_plot_kind;

/* All kinds, in the order of help. */
const wb_plot_kind *wb_plot_kinds(uint32_t *out_count);

/* A run that is drawn. */
typedef struct wb_plot_run {
    int64_t run_id, end_ms;
    const char *contender, *kind; /* live in the arena of the set */
    const char *color;            /* "#0072B2" */
} wb_plot_run;

/* The runs that the plots of one database show. */
typedef struct wb_plot_set {
    wb_store *store; /* borrowed */
    wb_arena *arena; /* borrowed; outlives the set */
    const char *scenario;
    uint64_t seed;
    int64_t epoch_ms; /* calendar time of virtual 0; -1: none */
    int64_t span_ms;  /* of the longest run, at least 1 */
    wb_plot_run runs[WB_PLOT_RUNS_MAX];
    uint32_t run_count;
} wb_plot_set;

/* Chooses the runs. seed < 0: the lowest one there is. WB_ERR_INPUT when no finished run of that
 * seed exists; more than WB_PLOT_RUNS_MAX contenders: the first ones are taken. */
WB_MUST_CHECK wb_status wb_plot_open(wb_store *store, int64_t seed, wb_arena *arena,
                                     wb_plot_set *out, wb_error *err);

/* What gnuplot draws to. */
typedef struct wb_plot_target {
    const char *format; /* "svg" or "png" */
    const char *path;   /* of the picture; NULL: gnuplot's standard output */
} wb_plot_target;

/* Adds the gnuplot program of one kind (asserted to be known) to out. */
WB_MUST_CHECK wb_status wb_plot_write_script(const wb_plot_set *set, const char *kind,
                                             const wb_plot_target *target, wb_text *out,
                                             wb_error *err);

#endif
