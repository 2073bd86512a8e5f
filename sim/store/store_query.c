/* Reading back: the figures of finished runs, and why pods never ran. */
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
