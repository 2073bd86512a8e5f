/* The commands of a disruption loop, written when a run ends: a row each, and one for every node
 * that went or came by it. */
#include <assert.h>
#include <string.h>

#include "sim/store/store.h"
#include "sim/store/store_internal.h"

static void fill_command(const wb_command_view *command, uint32_t command_id, wb_row *row)
{
    const bool is_done = strcmp(command->state, "done") == 0;
    wb_row_add_int(row, command_id);
    wb_row_add_text(row, command->method);
    wb_row_add_text(row, command->reason);
    wb_row_add_text(row, command->state);
    wb_row_add_text(row, command->failure);
    wb_row_add_int(row, command->found_ms);
    wb_row_add_int_or_null(row, command->started_ms);
    wb_row_add_int_or_null(row, command->deleted_ms);
    wb_row_add_int_or_null(row, command->finished_ms);
    wb_row_add_int(row, command->considered_count);
    wb_row_add_int(row, command->simulation_count);
    wb_row_add_int(row, command->candidate_count);
    wb_row_add_int(row, command->replacement_count);
    wb_row_add_int(row, command->evicted_pod_count);
    wb_row_add_int(row, command->predicted_saving_nusd_per_hour);
    if (is_done) {
        wb_row_add_int(row, command->actual_saving_nusd_per_hour);
    } else {
        wb_row_add_int_or_null(row, -1);
    }
}

/* What is to be written, and with what. */
typedef struct command_rows {
    wb_recorder *recorder;
    sqlite3_stmt *insert_command, *insert_node; /* owned */
} command_rows;

static wb_status write_node(const command_rows *rows, uint32_t command_id, uint32_t position,
                            const char *role, uint32_t claim_id, wb_error *err)
{
    const wb_recorder *recorder = rows->recorder;
    wb_claim_view claim = {.instance_id = WB_NO_ID, .node_id = WB_NO_ID};
    if (claim_id != WB_NO_ID) {
        (void)recorder->ops->view_claim(recorder->contender_self, claim_id, &claim);
    }
    wb_row row = wb_row_begin(rows->insert_node, recorder->digest, recorder->run_id);
    wb_row_add_int(&row, command_id);
    wb_row_add_int(&row, position);
    wb_row_add_text(&row, role);
    wb_row_add_id(&row, claim_id);
    wb_row_add_id(&row, claim.node_id);
    wb_row_add_text(&row, claim.nodepool);
    wb_row_add_text(&row, claim.instance_type);
    wb_row_add_text(&row, claim.capacity_type);
    wb_row_add_text(&row, claim.zone);
    wb_row_add_int(&row, (int64_t)(claim.price_usd_per_hour * 1e9 + 0.5));
    wb_row_add_text(&row, claim.alternatives);
    wb_row_add_text(&row, claim.drift);
    return wb_row_insert(&row, recorder->store, err);
}

static wb_status write_command(const command_rows *rows, uint32_t command_id,
                               const wb_command_view *command, wb_error *err)
{
    wb_row row = wb_row_begin(rows->insert_command, rows->recorder->digest, rows->recorder->run_id);
    fill_command(command, command_id, &row);
    WB_TRY(wb_row_insert(&row, rows->recorder->store, err));
    uint32_t position = 0;
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        WB_TRY(
            write_node(rows, command_id, position++, "candidate", command->candidate_ids[i], err));
    }
    for (uint32_t i = 0; i < command->replacement_count; i++) {
        WB_TRY(write_node(rows, command_id, position++, "replacement", command->replacement_ids[i],
                          err));
    }
    return WB_OK;
}

wb_status wb_recorder_write_commands(wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL);
    if (recorder->ops == NULL || recorder->ops->view_command == NULL) {
        return WB_OK;
    }
    assert(recorder->ops->view_claim != NULL); /* commands are about claims */
    command_rows rows = {.recorder = recorder};
    wb_status status = wb_store_prepare(recorder->store,
                                        "INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,"
                                        " ?, ?, ?, ?, ?, ?, ?, ?)",
                                        &rows.insert_command, err);
    if (status == WB_OK) {
        status = wb_store_prepare(recorder->store,
                                  "INSERT INTO command_nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                                  " ?, ?, ?)",
                                  &rows.insert_node, err);
    }
    wb_command_view command;
    for (uint32_t id = 0;
         status == WB_OK && recorder->ops->view_command(recorder->contender_self, id, &command);
         id++) {
        status = write_command(&rows, id, &command, err);
    }
    (void)sqlite3_finalize(rows.insert_command);
    (void)sqlite3_finalize(rows.insert_node);
    return status;
}
