/* The bill of a run, written with it line by line. */
#include <assert.h>

#include "sim/store/store_bill.h"
#include "sim/store/store_internal.h"

void wb_recorder_set_bill(wb_recorder *recorder, const wb_bill *bill)
{
    assert(recorder != NULL && bill != NULL);
    recorder->bill = bill;
}

double wb_recorder_paid_usd(const wb_recorder *recorder)
{
    assert(recorder != NULL);
    return recorder->bill != NULL ? (double)recorder->bill->total_nusd / 1e9 : -1.0;
}

wb_status wb_recorder_write_bill(wb_recorder *recorder, wb_error *err)
{
    const wb_bill *bill = recorder->bill;
    if (bill == NULL) {
        return WB_OK;
    }
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store, "INSERT INTO bill VALUES (?, ?, ?, ?, ?, ?, ?)",
                            &statement, err));
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < bill->item_count && status == WB_OK; i++) {
        const wb_bill_item *item = &bill->items[i];
        wb_row row = wb_row_begin(statement, NULL, recorder->run_id);
        wb_row_add_int(&row, i);
        wb_row_add_text(&row, item->item);
        wb_row_add_text(&row, item->detail);
        (void)sqlite3_bind_double(statement, row.next++, item->quantity);
        wb_row_add_text(&row, item->unit);
        wb_row_add_int(&row, item->cost_nusd);
        status = wb_row_insert(&row, recorder->store, err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}
