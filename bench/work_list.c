#include "bench/work_list.h"

#include <assert.h>

#include "sim/store/store_rows.h"

static const char *const names[] = {
    "work.events",      "work.scheduler_cycles",   "work.scheduler_checks",
    "work.simulations", "work.requirement_checks", "work.rows",
};
static_assert(sizeof(names) / sizeof(names[0]) == WB_WORK_LIST_COUNT, "a name per counter");

const char *wb_work_list_name(uint32_t index)
{
    assert(index < WB_WORK_LIST_COUNT);
    return names[index];
}

typedef struct counters {
    int64_t values[WB_WORK_LIST_COUNT];
    bool are_there;
} counters;

static void see_work(void *context, const wb_store_row *row)
{
    counters *found = context;
    found->are_there = true;
    for (int i = 0; i < WB_WORK_LIST_COUNT; i++) {
        found->values[i] = wb_store_rows_int(row, i);
    }
}

wb_status wb_work_list_read(wb_store *store, int64_t run_id, int64_t out[WB_WORK_LIST_COUNT],
                            wb_error *err)
{
    assert(store != NULL && out != NULL);
    const wb_store_query query = {
        .sql = "SELECT events, scheduler_cycles, scheduler_checks, simulations,"
               " requirement_checks, rows FROM work WHERE run_id = ?1",
        .run_id = run_id,
    };
    counters found = {.are_there = false};
    WB_TRY(wb_store_rows_read(store, &query, see_work, &found, err));
    if (!found.are_there) {
        return wb_fail(err, WB_ERR_INPUT, "run %lld has no counters of work", (long long)run_id);
    }
    for (int i = 0; i < WB_WORK_LIST_COUNT; i++) {
        out[i] = found.values[i];
    }
    return WB_OK;
}
