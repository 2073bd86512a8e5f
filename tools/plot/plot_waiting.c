/*
 * Pods that wait, over time: of each bin the most at once. Counted from the pods and not from the
 * samples of every minute: where pods come on the minute, as scaled Deployments do, each sample
 * finds those of the minute before placed already, and nobody ever seems to wait.
 */
#include <assert.h>

#include "base/sort.h"
#include "tools/plot/plot_internal.h"

typedef struct moment_list {
    wb_arena *arena;
    int64_t *items_ms;
    size_t count, capacity;
} moment_list;

static void see_moment(void *context, const wb_store_row *row)
{
    moment_list *list = context;
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity * 2 + 1024;
        list->items_ms = wb_arena_grow(list->arena, list->items_ms, list->count, capacity,
                                       sizeof list->items_ms[0]);
        list->capacity = capacity;
    }
    list->items_ms[list->count++] = wb_store_rows_int(row, 0);
}

static int compare_moments(const void *a, const void *b, void *context)
{
    (void)context;
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* What the pods of the workload that had to wait have in a column, in order of time. The end of the
 * run is where those without a place wait to. */
static wb_status read_moments(const wb_run_set *set, uint32_t run, const char *sql,
                              moment_list *out, wb_error *err)
{
    *out = (moment_list){.arena = set->arena};
    const wb_store_query query = {sql, set->runs[run].run_id, set->runs[run].end_ms, NULL};
    WB_TRY(wb_store_rows_read(set->store, &query, see_moment, out, err));
    wb_sort_stable(out->items_ms, out->count, sizeof(int64_t), compare_moments, NULL);
    return WB_OK;
}

/* Both lists in order: of every bin the most that had begun and not ended. */
static void find_most(const wb_run_set *set, const moment_list *begins, const moment_list *ends,
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

static wb_status add_run(const wb_run_set *set, uint32_t run, wb_text *out, wb_error *err)
{
    moment_list begins;
    moment_list ends;
    int64_t most[WB_PLOT_BINS];
    WB_TRY(read_moments(set, run,
                        "SELECT created_ms FROM pods WHERE run_id = ?1 AND is_daemon = 0"
                        " AND coalesce(bound_ms, gone_ms, ?2) > created_ms",
                        &begins, err));
    WB_TRY(read_moments(set, run,
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
