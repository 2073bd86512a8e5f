#include "sim/store/store_bound.h"

#include <assert.h>

#include "sim/store/store_internal.h"

static const char *column_text(wb_arena *arena, sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return wb_arena_copy_string(arena, text != NULL ? (const char *)text : "");
}

static wb_status read_mix(wb_store *store, wb_arena *arena, int64_t run_id, wb_store_bound *out,
                          wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT position, instance_type, zone, capacity_type, node_ms,"
                            " cost_nusd FROM bound_machines WHERE run_id = ? ORDER BY position",
                            &statement, err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    wb_store_bound_machine *mix = NULL;
    uint32_t count = 0;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        mix = wb_arena_grow(arena, mix, count, (size_t)count + 1, sizeof mix[0]);
        mix[count++] = (wb_store_bound_machine){
            .position = (uint32_t)sqlite3_column_int64(statement, 0),
            .instance_type = column_text(arena, statement, 1),
            .zone = column_text(arena, statement, 2),
            .capacity_type = column_text(arena, statement, 3),
            .node_ms = sqlite3_column_int64(statement, 4),
            .cost_nusd = sqlite3_column_int64(statement, 5),
        };
    }
    (void)sqlite3_finalize(statement);
    if (step != SQLITE_DONE) {
        return wb_store_fail(store, "read", err);
    }
    out->mix = mix;
    out->mix_count = count;
    return WB_OK;
}

wb_status wb_store_bound_read(wb_store *store, wb_arena *arena, int64_t run_id, wb_store_bound *out,
                              bool *out_found, wb_error *err)
{
    assert(store != NULL && out != NULL && out_found != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT bound_nusd, own_bound_nusd, served_pod_ms, classes, intervals,"
                            " rounding_bits, machines, own_machines, seen_machines, counts_daemons"
                            " FROM bounds WHERE run_id = ?",
                            &statement, err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    const int step = sqlite3_step(statement);
    wb_store_bound found = {0};
    if (step == SQLITE_ROW) {
        found = (wb_store_bound){
            .bound_nusd = sqlite3_column_int64(statement, 0),
            .own_nusd = sqlite3_column_int64(statement, 1),
            .served_pod_ms = sqlite3_column_int64(statement, 2),
            .class_count = (uint32_t)sqlite3_column_int64(statement, 3),
            .interval_count = (uint32_t)sqlite3_column_int64(statement, 4),
            .rounding_bits = (uint32_t)sqlite3_column_int64(statement, 5),
            .machine_count = (uint32_t)sqlite3_column_int64(statement, 6),
            .own_machine_count = (uint32_t)sqlite3_column_int64(statement, 7),
            .seen_machine_count = (uint32_t)sqlite3_column_int64(statement, 8),
            .counts_daemons = sqlite3_column_int64(statement, 9) != 0,
        };
    }
    (void)sqlite3_finalize(statement);
    if (step != SQLITE_ROW && step != SQLITE_DONE) {
        return wb_store_fail(store, "read", err);
    }
    *out_found = step == SQLITE_ROW;
    if (*out_found) {
        WB_TRY(read_mix(store, arena, run_id, &found, err));
        *out = found;
    }
    return WB_OK;
}
