#include "sim/store/store_bill.h"

#include <assert.h>

#include "sim/store/store_internal.h"

static const char *copy_column(sqlite3_stmt *statement, int column, wb_arena *arena)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text == NULL ? "" : wb_arena_copy_string(arena, (const char *)text);
}

static wb_status read_items(wb_store *store, sqlite3_stmt *statement, wb_arena *arena, wb_bill *out,
                            wb_error *err)
{
    wb_bill_item *items = NULL;
    uint32_t capacity = 0;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        if (out->item_count == capacity) {
            items = wb_arena_grow(arena, items, capacity, capacity * 2 + 16, sizeof items[0]);
            capacity = capacity * 2 + 16;
        }
        assert(items != NULL);
        items[out->item_count] = (wb_bill_item){
            .item = copy_column(statement, 0, arena),
            .detail = copy_column(statement, 1, arena),
            .quantity = sqlite3_column_double(statement, 2),
            .unit = copy_column(statement, 3, arena),
            .cost_nusd = sqlite3_column_int64(statement, 4),
        };
        out->total_nusd += items[out->item_count++].cost_nusd;
    }
    out->items = items;
    return step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "read the bill", err);
}

wb_status wb_store_bill_read(wb_store *store, wb_arena *arena, int64_t run_id, wb_bill *out,
                             wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL);
    *out = (wb_bill){0};
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT item, detail, quantity, unit, cost_nusd FROM bill"
                            " WHERE run_id = ?1 ORDER BY position",
                            &statement, err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    const wb_status status = read_items(store, statement, arena, out, err);
    (void)sqlite3_finalize(statement);
    return status;
}
