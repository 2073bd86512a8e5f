/* The bound of a run, written with it: one row, and the mix of machines behind it. */
#include <assert.h>

#include "sim/store/store_bound.h"
#include "sim/store/store_internal.h"

void wb_recorder_set_bound(wb_recorder *recorder, const wb_store_bound *bound)
{
    assert(recorder != NULL && bound != NULL);
    recorder->bound = bound;
}

double wb_recorder_above_bound(const wb_recorder *recorder, int64_t cost_nusd)
{
    assert(recorder != NULL);
    const wb_store_bound *bound = recorder->bound;
    return bound != NULL && bound->bound_nusd > 0
               ? (double)cost_nusd / (double)bound->bound_nusd - 1.0
               : -1.0;
}

static wb_status insert_mix(const wb_recorder *recorder, const wb_store_bound *bound, wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store,
                            "INSERT INTO bound_machines VALUES (?, ?, ?, ?, ?, ?, ?)", &statement,
                            err));
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < bound->mix_count && status == WB_OK; i++) {
        const wb_store_bound_machine *machine = &bound->mix[i];
        wb_row row = wb_row_begin(statement, NULL, recorder->run_id);
        wb_row_add_int(&row, machine->position);
        wb_row_add_text(&row, machine->instance_type);
        wb_row_add_text(&row, machine->zone);
        wb_row_add_text(&row, machine->capacity_type);
        wb_row_add_int(&row, machine->node_ms);
        wb_row_add_int(&row, machine->cost_nusd);
        status = wb_row_insert(&row, recorder->store, err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

wb_status wb_recorder_write_bound(wb_recorder *recorder, wb_error *err)
{
    const wb_store_bound *bound = recorder->bound;
    if (bound == NULL) {
        return WB_OK;
    }
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store,
                            "INSERT INTO bounds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &statement, err));
    const int64_t numbers[] = {
        bound->bound_nusd,         bound->own_nusd,
        bound->served_pod_ms,      bound->class_count,
        bound->interval_count,     bound->rounding_bits,
        bound->machine_count,      bound->own_machine_count,
        bound->seen_machine_count, bound->counts_daemons ? 1 : 0,
    };
    wb_row row = wb_row_begin(statement, NULL, recorder->run_id);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        wb_row_add_int(&row, numbers[i]);
    }
    const wb_status status = wb_row_insert(&row, recorder->store, err);
    (void)sqlite3_finalize(statement);
    WB_TRY(status);
    return insert_mix(recorder, bound, err);
}
