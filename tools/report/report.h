/*
 * The report: one HTML page about one database, complete in itself (no network, no script,
 * pictures inside), for the people who decide and were not there: verdict, figures, plots, the
 * decisions that mattered most, and what is needed to run it again.
 */
#ifndef WB_TOOLS_REPORT_REPORT_H
#define WB_TOOLS_REPORT_REPORT_H

#include "base/arena.h"
#include "base/text.h"
#include "sim/store/store.h"

typedef struct wb_report_options {
    const char *baseline; /* a contender; NULL: the first */
    int64_t seed;         /* of the runs that are drawn and told; < 0: the lowest */
    bool has_plots;       /* false: the page without pictures (gnuplot is not asked) */
} wb_report_options;

/* Adds the page to out. arena: for the call. WB_ERR_INPUT: no finished run, no such baseline, runs
 * of two scenarios; WB_ERR_IO: database or gnuplot fail. */
WB_MUST_CHECK wb_status wb_report_write(wb_store *store, const wb_report_options *options,
                                        wb_arena *arena, wb_text *out, wb_error *err);

#endif
