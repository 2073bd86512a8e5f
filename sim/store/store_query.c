/*
 * Reading back, through the views of the schema: the figures of finished runs, why pods never ran,
 * what a contender decided.
 *
 * Nothing is computed here that a view does not say: what the tools print and what the sqlite3
 * shell shows are one. Results are a handful of rows and live in the caller's arena.
 */
#include <assert.h>
#include <stdio.h>

#include "sim/store/store.h"
#include "sim/store/store_internal.h"

static const char figures_sql[] =
    "SELECT r.run_id, r.contender, coalesce(r.digest, ''), f.pods_total, f.pods_finished,"
    " f.pods_running, f.pods_unscheduled, f.pods_lost, f.cost_nusd, f.cost_on_demand_nusd,"
    " f.cost_spot_nusd, f.cost_idle_nusd, f.pod_latency_ms_p50, f.pod_latency_ms_p90,"
    " f.pod_latency_ms_p99, f.pod_latency_ms_max, f.nodes_launched, f.nodes_max, f.node_ms,"
    " f.evictions, f.evictions_refused, f.interruptions, f.api_calls, f.pending_pod_ms,"
    " f.utilisation_cpu, f.utilisation_memory, r.scenario, r.seed"
    " FROM runs r JOIN figures f USING (run_id) WHERE r.state = 'finished' ORDER BY r.run_id";

static const char *column_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text != NULL ? (const char *)text : "";
}

static void read_figures(sqlite3_stmt *statement, wb_run_figures *out)
{
    int64_t *const numbers[] = {
        &out->pods_total,          &out->pods_finished,
        &out->pods_running,        &out->pods_unscheduled,
        &out->pods_lost,           &out->cost_nusd,
        &out->cost_on_demand_nusd, &out->cost_spot_nusd,
        &out->cost_idle_nusd,      &out->pod_latency_ms_p50,
        &out->pod_latency_ms_p90,  &out->pod_latency_ms_p99,
        &out->pod_latency_ms_max,  &out->nodes_launched,
        &out->nodes_max,           &out->node_ms,
        &out->evictions,           &out->evictions_refused,
        &out->interruptions,       &out->api_calls,
        &out->pending_pod_ms,
    };
    *out = (wb_run_figures){.run_id = sqlite3_column_int64(statement, 0)};
    (void)snprintf(out->contender, sizeof out->contender, "%s", column_text(statement, 1));
    (void)snprintf(out->digest, sizeof out->digest, "%s", column_text(statement, 2));
    int column = 3;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        *numbers[i] = sqlite3_column_int64(statement, column++);
    }
    out->utilisation_cpu = sqlite3_column_double(statement, column++);
    out->utilisation_memory = sqlite3_column_double(statement, column++);
    (void)snprintf(out->scenario, sizeof out->scenario, "%s", column_text(statement, column++));
    out->seed = (uint64_t)sqlite3_column_int64(statement, column);
}

wb_status wb_store_figures(wb_store *store, wb_arena *arena, wb_run_figures **out,
                           uint32_t *out_count, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL && out_count != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, figures_sql, &statement, err));
    wb_run_figures *rows = NULL;
    uint32_t count = 0;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        rows = wb_arena_grow(arena, rows, count, (size_t)count + 1, sizeof rows[0]);
        read_figures(statement, &rows[count++]);
    }
    (void)sqlite3_finalize(statement);
    if (step != SQLITE_DONE) {
        return wb_store_fail(store, "read", err);
    }
    *out = rows;
    *out_count = count;
    return WB_OK;
}

wb_status wb_store_unfinished_count(wb_store *store, int64_t *out, wb_error *err)
{
    assert(store != NULL && out != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, "SELECT count(*) FROM runs WHERE state <> 'finished'",
                            &statement, err));
    const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    *out = has_row ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    return has_row ? WB_OK : wb_store_fail(store, "read", err);
}

wb_status wb_store_unscheduled(wb_store *store, wb_arena *arena, int64_t run_id,
                               wb_unscheduled_group **out, uint32_t *out_count, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL && out_count != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT reason, example, pods FROM unscheduled WHERE run_id = ?"
                            " ORDER BY pods DESC, reason",
                            &statement, err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    wb_unscheduled_group *rows = NULL;
    uint32_t count = 0;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        rows = wb_arena_grow(arena, rows, count, (size_t)count + 1, sizeof rows[0]);
        rows[count++] = (wb_unscheduled_group){
            .reason = wb_arena_copy_string(arena, column_text(statement, 0)),
            .example_pod = wb_arena_copy_string(arena, column_text(statement, 1)),
            .pod_count = sqlite3_column_int64(statement, 2),
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

static wb_status count_decisions(wb_store *store, int64_t run_id, int64_t *out, wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, "SELECT count(*) FROM decisions WHERE run_id = ?", &statement,
                            err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    *out = has_row ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    return has_row ? WB_OK : wb_store_fail(store, "read", err);
}

wb_status wb_store_decisions(wb_store *store, wb_arena *arena, int64_t run_id, uint32_t limit,
                             wb_decision_rows *out, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL);
    wb_decision_row *rows = WB_ARENA_ARRAY(arena, wb_decision_row, (size_t)limit + 1);
    wb_decision_rows found = {.items = rows};
    WB_TRY(count_decisions(store, run_id, &found.total_count, err));
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT at_ms, kind, subject, outcome, reason, pod_count, node_count,"
                            " saving_nusd_per_hour FROM decisions WHERE run_id = ?"
                            " ORDER BY decision_id LIMIT ?",
                            &statement, err));
    (void)sqlite3_bind_int64(statement, 1, run_id);
    (void)sqlite3_bind_int64(statement, 2, limit);
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        rows[found.count++] = (wb_decision_row){
            .at_ms = sqlite3_column_int64(statement, 0),
            .kind = wb_arena_copy_string(arena, column_text(statement, 1)),
            .subject = wb_arena_copy_string(arena, column_text(statement, 2)),
            .outcome = wb_arena_copy_string(arena, column_text(statement, 3)),
            .reason = wb_arena_copy_string(arena, column_text(statement, 4)),
            .pod_count = sqlite3_column_int64(statement, 5),
            .node_count = sqlite3_column_int64(statement, 6),
            .saving_nusd_per_hour = sqlite3_column_int64(statement, 7),
        };
    }
    (void)sqlite3_finalize(statement);
    if (step != SQLITE_DONE) {
        return wb_store_fail(store, "read", err);
    }
    *out = found;
    return WB_OK;
}
