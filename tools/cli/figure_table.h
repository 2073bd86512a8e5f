/*
 * The figures of runs side by side, as run and compare print them: one column per contender, and
 * each one's ratio to the baseline. One list of figures serves table, JSON and CSV.
 */
#ifndef WB_TOOLS_CLI_FIGURE_TABLE_H
#define WB_TOOLS_CLI_FIGURE_TABLE_H

#include "base/arena.h"
#include "base/text.h"
#include "sim/store/store.h"

/* What is compared. baseline: index of the run that ratios are against. unscheduled rows go below
 * the table (may be NULL). format, below: table, wide (all figures), json, csv or markdown. */
typedef struct wb_figure_table {
    const wb_run_figures *runs; /* borrowed */
    uint32_t run_count, baseline;
    const wb_unscheduled_group *const *unscheduled; /* per run; borrowed */
    const uint32_t *unscheduled_counts;
    const char *scenario, *price_source;
    bool is_colored;
} wb_figure_table;

/* Appends the comparison to out in that format. arena: scratch for the call. */
void wb_figure_table_print(const wb_figure_table *table, wb_arena *arena, const char *format,
                           wb_text *out);

#endif
