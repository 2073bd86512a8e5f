/*
 * Pods that wait, over time: of each bin the most at once. Counted from the pods and not from the
 * samples of every minute: where pods come on the minute, as scaled Deployments do, each sample
 * finds those of the minute before placed already, and nobody ever seems to wait.
 */
#include <assert.h>

#include "tools/plot/plot_internal.h"

/* Both lists in order: of every bin the most that had begun and not ended. */
static void find_most(const wb_run_set *set, const wb_plot_times *begins, const wb_plot_times *ends,
                      int64_t most[WB_PLOT_BINS])
{
    assert(begins->count == ends->count);
    size_t begun = 0;
    size_t ended = 0;
    for (uint32_t bin = 0; bin < WB_PLOT_BINS; bin++) {
        const bool is_last = bin + 1 == WB_PLOT_BINS;
        const int64_t until_ms = wb_plot_bin_start_ms(set, bin + 1);
        most[bin] = (int64_t)(begun - ended);
        while (begun < begins->count && (is_last || begins->items_ms[begun] < until_ms)) {
            while (ends->items_ms[ended] <= begins->items_ms[begun]) {
                ended++;
            }
            begun++;
            most[bin] = (int64_t)(begun - ended) > most[bin] ? (int64_t)(begun - ended) : most[bin];
        }
        while (ended < begun && ends->items_ms[ended] < until_ms) {
            ended++;
        }
    }
}

/* Of the pods of the workload that had to wait; the end of the run is where those without a place
 * wait to. */
static wb_status add_run(const wb_run_set *set, uint32_t run, wb_text *out, wb_error *err)
{
    wb_plot_times begins;
    wb_plot_times ends;
    int64_t most[WB_PLOT_BINS];
    WB_TRY(wb_plot_times_read(set, run,
                              "SELECT created_ms FROM pods WHERE run_id = ?1 AND is_daemon = 0"
                              " AND coalesce(bound_ms, gone_ms, ?2) > created_ms",
                              &begins, err));
    WB_TRY(wb_plot_times_read(set, run,
                              "SELECT coalesce(bound_ms, gone_ms, ?2) FROM pods WHERE run_id = ?1"
                              " AND is_daemon = 0 AND coalesce(bound_ms, gone_ms, ?2) > created_ms",
                              &ends, err));
    find_most(set, &begins, &ends, most);
    for (uint32_t bin = 0; bin < WB_PLOT_BINS; bin++) {
        wb_text_add_format(out, "%.6g %lld\n", wb_plot_time(set, wb_plot_bin_start_ms(set, bin)),
                           (long long)most[bin]);
    }
    wb_text_add_format(out, "%.6g 0\n", wb_plot_time(set, set->span_ms));
    return WB_OK;
}

wb_status wb_plot_waiting_add(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    WB_TRY(wb_plot_series_samples(set, out, err));
    wb_plot_begin_data(out, "waiting");
    for (uint32_t i = 0; i < set->run_count; i++) {
        const wb_arena_mark mark = wb_arena_get_mark(set->arena);
        WB_TRY(add_run(set, i, out, err));
        wb_plot_end_run(out);
        wb_arena_rewind(set->arena, mark);
    }
    wb_plot_end_data(out);
    return WB_OK;
}
