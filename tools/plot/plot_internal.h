/* Shared by the files of tools/plot only: what a kind of plot adds to the head of its script. */
#ifndef WB_TOOLS_PLOT_PLOT_INTERNAL_H
#define WB_TOOLS_PLOT_PLOT_INTERNAL_H

#include "sim/store/store_rows.h"
#include "tools/plot/plot.h"

/* Points across the width of a plot: more are not seen, fewer show steps. */
#define WB_PLOT_BINS 480

/* Adds datablocks and variables; of the set, nothing else is known to the script. */
typedef wb_status (*wb_plot_data_fn)(const wb_run_set *set, wb_text *out, wb_error *err);

/* Virtual time in the unit of the set's axis, see wb_plot_time_unit. */
double wb_plot_time(const wb_run_set *set, int64_t at_ms);

/* "minutes", "hours" or "days", by the span. */
const char *wb_plot_time_unit(const wb_run_set *set);

/* Which of WB_PLOT_BINS a moment falls into; times outside the span go to the first or last. */
uint32_t wb_plot_bin(const wb_run_set *set, int64_t at_ms);

/* When bin i begins; i may be WB_PLOT_BINS, the end of the span. */
int64_t wb_plot_bin_start_ms(const wb_run_set *set, uint32_t i);

/* Adds text as a gnuplot string, quotes included: what could be markup or end it is escaped. */
void wb_plot_add_string(wb_text *out, const char *text);

/* "$name << EOD" and "EOD" around the runs' data, which two empty lines part: index 0, 1 ... */
void wb_plot_begin_data(wb_text *out, const char *name);
void wb_plot_end_run(wb_text *out);
void wb_plot_end_data(wb_text *out);

/* Moments or durations of a run's pods, the smallest first. */
typedef struct wb_plot_times {
    wb_arena *arena; /* borrowed: the set's */
    int64_t *items_ms;
    size_t count, capacity;
} wb_plot_times;

/* Reads the first column that sql gives for the run at this index of the set (?1: its id, ?2: when
 * it ended); the items are the set's arena's. */
wb_status wb_plot_times_read(const wb_run_set *set, uint32_t run, const char *sql,
                             wb_plot_times *out, wb_error *err);

/* One function per kind, or shared by several. */
wb_status wb_plot_series_samples(const wb_run_set *set, wb_text *out, wb_error *err);
wb_status wb_plot_waiting_add(const wb_run_set *set, wb_text *out, wb_error *err);
wb_status wb_plot_series_latency(const wb_run_set *set, wb_text *out, wb_error *err);
wb_status wb_plot_series_arrivals(const wb_run_set *set, wb_text *out, wb_error *err);
wb_status wb_plot_series_churn(const wb_run_set *set, wb_text *out, wb_error *err);
wb_status wb_plot_mix_add(const wb_run_set *set, wb_text *out, wb_error *err);
wb_status wb_plot_lanes_gantt(const wb_run_set *set, wb_text *out, wb_error *err);
wb_status wb_plot_lanes_utilisation(const wb_run_set *set, wb_text *out, wb_error *err);

#endif
