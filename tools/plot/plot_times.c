/* Lists of times that a plot counts: the waiting pods' moments, the pods' latencies. */
#include <assert.h>

#include "base/sort.h"
#include "tools/plot/plot_internal.h"

static void see_time(void *context, const wb_store_row *row)
{
    wb_plot_times *list = context;
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity * 2 + 1024;
        list->items_ms = wb_arena_grow(list->arena, list->items_ms, list->count, capacity,
                                       sizeof list->items_ms[0]);
        list->capacity = capacity;
    }
    list->items_ms[list->count++] = wb_store_rows_int(row, 0);
}

static int compare_times(const void *a, const void *b, void *context)
{
    (void)context;
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

wb_status wb_plot_times_read(const wb_run_set *set, uint32_t run, const char *sql,
                             wb_plot_times *out, wb_error *err)
{
    assert(set != NULL && run < set->run_count && sql != NULL && out != NULL);
    *out = (wb_plot_times){.arena = set->arena};
    const wb_store_query query = {sql, set->runs[run].run_id, set->runs[run].end_ms, NULL};
    WB_TRY(wb_store_rows_read(set->store, &query, see_time, out, err));
    wb_sort_stable(out->items_ms, out->count, sizeof(int64_t), compare_times, NULL);
    return WB_OK;
}
