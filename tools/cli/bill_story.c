#include "tools/cli/bill_story.h"

#include <assert.h>

wb_status wb_bill_story_print(wb_store *store, const wb_run_figures *run, wb_arena *arena,
                              wb_text *out, wb_error *err)
{
    assert(store != NULL && run != NULL && out != NULL);
    wb_bill bill;
    WB_TRY(wb_store_bill_read(store, arena, run->run_id, &bill, err));
    for (uint32_t i = 0, told = 0; i < bill.item_count; i++) {
        const wb_bill_item *item = &bill.items[i];
        if (item->cost_nusd == 0) {
            continue;
        }
        if (told++ == 0) {
            wb_text_add_format(out, "%s pays $%.2f: ", run->contender,
                               (double)bill.total_nusd / 1e9);
        } else {
            wb_text_add_string(out, ", ");
        }
        wb_text_add_format(out, "%s%s%s $%.2f", item->item, item->detail[0] != 0 ? " " : "",
                           item->detail, (double)item->cost_nusd / 1e9);
    }
    wb_text_add_string(out, bill.total_nusd > 0 ? "\n" : "");
    return WB_OK;
}
