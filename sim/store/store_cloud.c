/* What the cloud did to a run, read back through the views. */
#include <assert.h>

#include "sim/store/store.h"
#include "sim/store/store_internal.h"

wb_status wb_store_warnings(wb_store *store, int64_t run_id, wb_warning_summary *out, wb_error *err)
{
    assert(store != NULL && out != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(
        store,
        "SELECT recommended, warned, taken, unwarned, left_early, drained, pods,"
        " pods_lost, coalesce(mean_drain_s, 0) FROM warnings_summary WHERE run_id = ?",
        &statement, err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    const int step = sqlite3_step(statement);
    *out = (wb_warning_summary){0};
    if (step == SQLITE_ROW) {
        *out = (wb_warning_summary){
            .recommended = sqlite3_column_int64(statement, 0),
            .warned = sqlite3_column_int64(statement, 1),
            .taken = sqlite3_column_int64(statement, 2),
            .unwarned = sqlite3_column_int64(statement, 3),
            .left_early = sqlite3_column_int64(statement, 4),
            .drained = sqlite3_column_int64(statement, 5),
            .pods = sqlite3_column_int64(statement, 6),
            .pods_lost = sqlite3_column_int64(statement, 7),
            .mean_drain_s = sqlite3_column_double(statement, 8),
        };
    }
    (void)sqlite3_finalize(statement);
    return step == SQLITE_ROW || step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "read", err);
}

wb_status wb_store_api_errors(wb_store *store, wb_arena *arena, int64_t run_id,
                              wb_api_error_row **out, uint32_t *out_count, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL && out_count != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT call, error, calls, sum(calls) OVER (PARTITION BY call) AS n,"
                            " error IS NOT NULL FROM api_calls WHERE run_id = ?"
                            " ORDER BY calls DESC, position",
                            &statement, err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    wb_api_error_row *rows = NULL;
    uint32_t count = 0;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        if (sqlite3_column_int(statement, 4) == 0) {
            continue;
        }
        rows = wb_arena_grow(arena, rows, count, (size_t)count + 1, sizeof rows[0]);
        rows[count++] = (wb_api_error_row){
            .call = wb_arena_copy_string(arena, (const char *)sqlite3_column_text(statement, 0)),
            .error = wb_arena_copy_string(arena, (const char *)sqlite3_column_text(statement, 1)),
            .failed = sqlite3_column_int64(statement, 2),
            .calls = sqlite3_column_int64(statement, 3),
        };
    }
    (void)sqlite3_finalize(statement);
    if (step != SQLITE_DONE) {
        return wb_store_fail(store, "read", err);
    }
    *out = rows;
    *out_count = count;
    return WB_OK;
}
