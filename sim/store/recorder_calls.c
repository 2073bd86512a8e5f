/* What IAM was asked and what it said: a row per call and decision, where a run has an identity. */
#include <assert.h>

#include "sim/cloud/identity.h"
#include "sim/store/store_internal.h"

/* How often, since when, and what the user reads, for one decision about a call. */
typedef struct call_decision {
    const char *name;
    uint64_t count;
    int64_t first_ms;
    const char *message, *hint;
} call_decision;

static wb_status write_decision(wb_recorder *recorder, sqlite3_stmt *statement, uint32_t call_id,
                                const call_decision *decision, wb_error *err)
{
    uint32_t call_count = 0;
    const wb_iam_call *call = &wb_iam_call_table(&call_count)[call_id];
    const wb_identity_count *count = &wb_identity_counts(recorder->env.cloud->identity)[call_id];
    assert(call_id < call_count && decision->count > 0);
    wb_row row = wb_row_begin(statement, recorder->digest, recorder->run_id);
    wb_row_add_int(&row, call_id);
    wb_row_add_text(&row, decision->name);
    wb_row_add_text(&row, wb_iam_call_step_name(call->step));
    wb_row_add_text(&row, call->action);
    wb_row_add_text(&row, call->resource);
    wb_row_add_text(&row, count->resource);
    wb_row_add_text(&row, count->condition);
    wb_row_add_int(&row, (int64_t)decision->count);
    wb_row_add_int(&row, decision->first_ms);
    wb_row_add_text(&row, decision->message);
    wb_row_add_text(&row, decision->hint);
    wb_row_add_text(&row, decision->message != NULL ? call->consequence : NULL);
    return wb_row_insert(&row, recorder->store, err);
}

static wb_status write_call(wb_recorder *recorder, sqlite3_stmt *statement, uint32_t call_id,
                            wb_error *err)
{
    const wb_identity_count *count = &wb_identity_counts(recorder->env.cloud->identity)[call_id];
    if (count->allowed_count > 0) {
        const call_decision allowed = {.name = wb_iam_decision_outcome_name(WB_IAM_ALLOWED),
                                       .count = count->allowed_count,
                                       .first_ms = count->first_ms};
        WB_TRY(write_decision(recorder, statement, call_id, &allowed, err));
    }
    if (count->refused_count > 0) {
        const call_decision refused = {.name = wb_iam_decision_outcome_name(count->outcome),
                                       .count = count->refused_count,
                                       .first_ms = count->first_refused_ms,
                                       .message = count->message,
                                       .hint = count->hint};
        WB_TRY(write_decision(recorder, statement, call_id, &refused, err));
    }
    return WB_OK;
}

wb_status wb_recorder_write_calls(wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL);
    if (recorder->env.cloud->identity == NULL) {
        return WB_OK;
    }
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store,
                            "INSERT INTO iam_calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &statement, err));
    uint32_t call_count = 0;
    (void)wb_iam_call_table(&call_count);
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < call_count && status == WB_OK; i++) {
        status = write_call(recorder, statement, i, err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}
