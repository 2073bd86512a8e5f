/*
 * What a run took to simulate, in units that have no noise: events, checks, simulations, rows. A
 * change that makes a run slower shows in one of them on any machine, which a time does not.
 */
#include <assert.h>

#include "sim/store/store_internal.h"

wb_status wb_recorder_write_work(wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL && recorder->run_id > 0);
    wb_autoscaler_work work = {0};
    if (recorder->ops != NULL && recorder->ops->count_work != NULL) {
        recorder->ops->count_work(recorder->contender_self, &work);
    }
    const wb_scheduler_counters scheduler = recorder->env.scheduler != NULL
                                                ? wb_scheduler_get_counters(recorder->env.scheduler)
                                                : (wb_scheduler_counters){0};
    const int64_t rows = sqlite3_total_changes64(recorder->store->db) - recorder->rows_before;
    assert(rows > 0);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store, "INSERT INTO work VALUES (?, ?, ?, ?, ?, ?, ?)",
                            &statement, err));
    wb_row row = wb_row_begin(statement, NULL, recorder->run_id);
    wb_row_add_int(&row, (int64_t)recorder->env.kernel->event_count);
    wb_row_add_int(&row, (int64_t)scheduler.cycles);
    wb_row_add_int(&row, (int64_t)scheduler.filter_calls);
    wb_row_add_int(&row, (int64_t)work.simulations);
    wb_row_add_int(&row, (int64_t)work.requirement_checks);
    wb_row_add_int(&row, rows);
    const wb_status status = wb_row_insert(&row, recorder->store, err);
    (void)sqlite3_finalize(statement);
    return status;
}
