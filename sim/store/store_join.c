/*
 * Copying runs between databases by ATTACH and INSERT ... SELECT, table by table.
 *
 * The tables and their columns are read from the schema and not listed here: a table that is added
 * to it is joined too. Every table has run_id as its first column and is keyed by it; rows come in
 * order of that key, so the file that is made does not depend on how its sources were laid out.
 * One attach per run costs some 0.1 ms, nothing beside the run.
 */
#include "sim/store/store_join.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/store/store_internal.h"

#define SQL_BYTES_MAX 4096

/* The tables that a joined run has with figures alone. */
static const char *const figure_tables[] = {"runs", "figures", "work", "bounds", "bill"};

static bool is_kept(const char *table, wb_store_keep keep)
{
    if (keep == WB_STORE_KEEP_ALL) {
        return strcmp(table, "jobs") != 0; /* said anew for the new set */
    }
    for (size_t i = 0; i < sizeof(figure_tables) / sizeof(figure_tables[0]); i++) {
        if (strcmp(table, figure_tables[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* "run_id, a, b" of table, all but the first, each behind a comma. Wall clocks are blanked. */
static wb_status print_columns(wb_store *store, const char *table, char *out, size_t size,
                               wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, "SELECT name FROM pragma_table_info(?1) WHERE cid > 0",
                            &statement, err));
    (void)sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
    size_t length = 0;
    int step = SQLITE_ROW;
    out[0] = 0;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        const size_t name_length = strlen(name);
        const bool is_wall = name_length > 5 && strcmp(name + name_length - 5, "_wall") == 0;
        length += (size_t)snprintf(out + length, size - length, ", %s", is_wall ? "''" : name);
        assert(length < size); /* our own schema */
    }
    (void)sqlite3_finalize(statement);
    return step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "read", err);
}

static wb_status copy_table(wb_store *store, const char *table, int64_t from_id, int64_t to_id,
                            wb_error *err)
{
    char columns[SQL_BYTES_MAX / 2];
    char sql[SQL_BYTES_MAX];
    WB_TRY(print_columns(store, table, columns, sizeof columns, err));
    const int length =
        snprintf(sql, sizeof sql, "INSERT INTO main.%s SELECT ?1%s FROM part.%s WHERE run_id = ?2",
                 table, columns, table);
    assert(length > 0 && (size_t)length < sizeof sql);
    (void)length;
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, sql, &statement, err));
    (void)sqlite3_bind_int64(statement, 1, to_id);
    (void)sqlite3_bind_int64(statement, 2, from_id);
    const int step = sqlite3_step(statement);
    (void)sqlite3_finalize(statement);
    return step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "join a run", err);
}

static wb_status copy_tables(wb_store *store, int64_t from_id, int64_t to_id, wb_store_keep keep,
                             wb_error *err)
{
    sqlite3_stmt *tables = NULL;
    WB_TRY(wb_store_prepare(
        store, "SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY rowid", &tables,
        err));
    wb_status status = WB_OK;
    int step = SQLITE_ROW;
    while (status == WB_OK && (step = sqlite3_step(tables)) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        if (is_kept(table, keep)) {
            status = copy_table(store, table, from_id, to_id, err);
        }
    }
    (void)sqlite3_finalize(tables);
    WB_TRY(status);
    return step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "read", err);
}

/* A number from the attached or the main database, for run_id. */
static wb_status ask(wb_store *store, const char *sql, int64_t run_id, int64_t *out, wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, sql, &statement, err));
    if (sqlite3_bind_parameter_count(statement) > 0) {
        (void)sqlite3_bind_int64(statement, 1, run_id);
    }
    const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    *out = has_row ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    return has_row ? WB_OK : wb_store_fail(store, "read", err);
}

static wb_status attach(wb_store *store, const char *path, wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, "ATTACH ?1 AS part", &statement, err));
    (void)sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    const int step = sqlite3_step(statement);
    (void)sqlite3_finalize(statement);
    return step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "attach a part", err);
}

static wb_status join_attached(wb_store *store, const char *path, int64_t run_id,
                               wb_store_keep keep, int64_t *out_run_id, wb_error *err)
{
    int64_t count = 0;
    int64_t last_id = 0;
    WB_TRY(ask(store,
               "SELECT count(*) FROM part.runs WHERE run_id = ?1"
               " AND state = 'finished'",
               run_id, &count, err));
    if (count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: run %lld is not finished, expected a finished run",
                       path, (long long)run_id);
    }
    WB_TRY(ask(store, "SELECT coalesce(max(run_id), 0) FROM main.runs", 0, &last_id, err));
    WB_TRY(copy_tables(store, run_id, last_id + 1, keep, err));
    *out_run_id = last_id + 1;
    return WB_OK;
}

wb_status wb_store_join_run(wb_store *store, const char *path, int64_t run_id, wb_store_keep keep,
                            int64_t *out_run_id, wb_error *err)
{
    assert(store != NULL && path != NULL && out_run_id != NULL);
    wb_store *part = NULL; /* says clearly what is wrong with the file, if anything */
    WB_TRY(wb_store_open_readonly(path, &part, err));
    wb_store_close(part);
    /* DETACH wants no transaction open: each run is one of its own. */
    WB_TRY(attach(store, path, err));
    WB_TRY(wb_store_execute(store, "BEGIN", err));
    WB_TRY(join_attached(store, path, run_id, keep, out_run_id, err));
    return wb_store_execute(store, "COMMIT; DETACH part", err);
}

wb_status wb_store_join_job(wb_store *store, const wb_store_job *job, wb_error *err)
{
    assert(store != NULL && job != NULL);
    assert(job->position >= 0 && job->position < job->job_count);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)", &statement, err));
    wb_row row = wb_row_begin(statement, NULL, job->run_id);
    wb_row_add_text(&row, job->set_name);
    wb_row_add_text(&row, job->set_digest);
    wb_row_add_int(&row, job->position);
    wb_row_add_int(&row, job->job_count);
    wb_row_add_text(&row, job->job_key);
    const wb_status status = wb_row_insert(&row, store, err);
    (void)sqlite3_finalize(statement);
    return status;
}

static const char *copy_column(wb_arena *arena, sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return wb_arena_copy_string(arena, text != NULL ? (const char *)text : "");
}

wb_status wb_store_join_jobs(wb_store *store, wb_arena *arena, wb_store_job **out,
                             uint32_t *out_count, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL && out_count != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store,
                            "SELECT run_id, set_name, set_digest, position, job_count, job_key"
                            " FROM jobs ORDER BY run_id",
                            &statement, err));
    wb_store_job *rows = NULL;
    uint32_t count = 0;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        rows = wb_arena_grow(arena, rows, count, (size_t)count + 1, sizeof rows[0]);
        rows[count++] = (wb_store_job){
            .run_id = sqlite3_column_int64(statement, 0),
            .set_name = copy_column(arena, statement, 1),
            .set_digest = copy_column(arena, statement, 2),
            .position = sqlite3_column_int64(statement, 3),
            .job_count = sqlite3_column_int64(statement, 4),
            .job_key = copy_column(arena, statement, 5),
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

wb_status wb_store_join_open(const char *path, wb_store **out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    wb_store *store = NULL;
    WB_TRY(wb_store_open(path, &store, err));
    /* Nobody else knows the name yet, and it is renamed when complete: no log, no sync. */
    const wb_status status =
        wb_store_execute(store, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", err);
    if (status != WB_OK) {
        wb_store_close(store);
        return status;
    }
    *out = store;
    return WB_OK;
}
