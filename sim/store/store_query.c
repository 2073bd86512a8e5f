/*
 * Reading back, through the views of the schema: the figures of finished runs, why pods never ran,
 * what a contender decided.
 *
 * Nothing is computed here that a view does not say: what the tools print and what the sqlite3
 * shell shows are one. Results are a handful of rows and live in the caller's arena.
 */
#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim/store/store.h"
#include "sim/store/store_internal.h"

#define COLUMN(column)                                   \
    {                                                    \
#        column, offsetof(wb_run_figures, column), false \
    }
#define SHARE(column)                                   \
    {                                                   \
#        column, offsetof(wb_run_figures, column), true \
    }

/* A new figure: a row here, a column of the schema, a row of bench/figure_list.c. */
static const wb_figure_column figure_columns[] = {
    COLUMN(pods_total),
    COLUMN(pods_finished),
    COLUMN(pods_running),
    COLUMN(pods_unscheduled),
    COLUMN(pods_lost),
    COLUMN(cost_nusd),
    COLUMN(cost_on_demand_nusd),
    COLUMN(cost_spot_nusd),
    COLUMN(cost_idle_nusd),
    COLUMN(pod_latency_ms_p50),
    COLUMN(pod_latency_ms_p90),
    COLUMN(pod_latency_ms_p99),
    COLUMN(pod_latency_ms_max),
    COLUMN(nodes_launched),
    COLUMN(nodes_max),
    COLUMN(node_ms),
    COLUMN(evictions),
    COLUMN(evictions_refused),
    COLUMN(interruptions),
    COLUMN(api_calls),
    COLUMN(pending_pod_ms),
    SHARE(utilisation_cpu),
    SHARE(utilisation_memory),
    SHARE(committed_cpu),
    SHARE(committed_memory),
    SHARE(daemon_cpu),
    SHARE(daemon_memory),
    COLUMN(disruptions),
    COLUMN(churn),
    COLUMN(interruptions_survived),
    COLUMN(work_lost_cpu_milli_ms),
    SHARE(blast_radius),
    SHARE(not_modelled),
    SHARE(cost_above_bound),
    SHARE(paid_usd),
};

const wb_figure_column *wb_store_figure_columns(uint32_t *out_count)
{
    assert(out_count != NULL);
    *out_count = (uint32_t)(sizeof(figure_columns) / sizeof(figure_columns[0]));
    return figure_columns;
}

static const char *column_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text != NULL ? (const char *)text : "";
}

/* Five columns that say whose figures they are, then those of the list. */
static void print_figures_select(wb_text *out)
{
    uint32_t count = 0;
    const wb_figure_column *columns = wb_store_figure_columns(&count);
    wb_text_add_string(out, "SELECT r.run_id, r.contender, coalesce(r.digest, ''), r.scenario,"
                            " r.seed");
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, ", f.%s", columns[i].name);
    }
    wb_text_add_string(out, " FROM runs r JOIN figures f USING (run_id)"
                            " WHERE r.state = 'finished' ORDER BY r.run_id");
}

static void read_figures(sqlite3_stmt *statement, wb_run_figures *out)
{
    *out = (wb_run_figures){.run_id = sqlite3_column_int64(statement, 0),
                            .seed = (uint64_t)sqlite3_column_int64(statement, 4)};
    (void)snprintf(out->contender, sizeof out->contender, "%s", column_text(statement, 1));
    (void)snprintf(out->digest, sizeof out->digest, "%s", column_text(statement, 2));
    (void)snprintf(out->scenario, sizeof out->scenario, "%s", column_text(statement, 3));
    uint32_t count = 0;
    const wb_figure_column *columns = wb_store_figure_columns(&count);
    for (uint32_t i = 0; i < count; i++) {
        char *field = (char *)out + columns[i].offset;
        const double real = sqlite3_column_double(statement, 5 + (int)i);
        const int64_t whole = sqlite3_column_int64(statement, 5 + (int)i);
        if (columns[i].is_real) {
            memcpy(field, &real, sizeof real);
        } else {
            memcpy(field, &whole, sizeof whole);
        }
    }
}

wb_status wb_store_figures(wb_store *store, wb_arena *arena, wb_run_figures **out,
                           uint32_t *out_count, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL && out_count != NULL);
    sqlite3_stmt *statement = NULL;
    wb_text sql;
    wb_text_init(&sql);
    print_figures_select(&sql);
    const wb_status status = wb_store_prepare(store, wb_text_string(&sql), &statement, err);
    wb_text_release(&sql);
    WB_TRY(status);
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

wb_status wb_store_price_source(wb_store *store, wb_arena *arena, const char **out, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT coalesce(group_concat(price_source, ' | '), '') FROM"
                            " (SELECT price_source FROM runs WHERE state = 'finished'"
                            " GROUP BY price_source ORDER BY min(run_id))",
                            &statement, err));
    const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    *out =
        has_row ? wb_arena_copy_string(arena, (const char *)sqlite3_column_text(statement, 0)) : "";
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
