/*
 * Rows of any query, one at a time, for tools that draw and export: they bring the SQL and a
 * callback and see integers, texts and NULLs, but never SQLite.
 */
#include "sim/store/store_rows.h"

#include <assert.h>

#include "sim/store/store_internal.h"

struct wb_store_row {
    sqlite3_stmt *statement; /* borrowed; standing on the row */
};

static wb_status read_rows(wb_store *store, sqlite3_stmt *statement, wb_store_row_fn see,
                           void *context, wb_error *err)
{
    const wb_store_row row = {.statement = statement};
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        see(context, &row);
    }
    return step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "read", err);
}

wb_status wb_store_rows_read(wb_store *store, const wb_store_query *query, wb_store_row_fn see,
                             void *context, wb_error *err)
{
    assert(store != NULL && query != NULL && query->sql != NULL && see != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, query->sql, &statement, err));
    const int parameter_count = sqlite3_bind_parameter_count(statement);
    assert(parameter_count <= 3 && (parameter_count < 3 || query->text != NULL));
    if (parameter_count >= 1) {
        (void)sqlite3_bind_int64(statement, 1, query->run_id);
    }
    if (parameter_count >= 2) {
        (void)sqlite3_bind_int64(statement, 2, query->subject);
    }
    if (parameter_count >= 3) {
        (void)sqlite3_bind_text(statement, 3, query->text, -1, SQLITE_STATIC);
    }
    const wb_status status = read_rows(store, statement, see, context, err);
    (void)sqlite3_finalize(statement);
    return status;
}

int64_t wb_store_rows_int(const wb_store_row *row, int column)
{
    assert(column >= 0 && column < sqlite3_column_count(row->statement));
    return sqlite3_column_int64(row->statement, column);
}

const char *wb_store_rows_text(const wb_store_row *row, int column)
{
    assert(column >= 0 && column < sqlite3_column_count(row->statement));
    const unsigned char *text = sqlite3_column_text(row->statement, column);
    return text != NULL ? (const char *)text : "";
}

bool wb_store_rows_is_null(const wb_store_row *row, int column)
{
    assert(column >= 0 && column < sqlite3_column_count(row->statement));
    return sqlite3_column_type(row->statement, column) == SQLITE_NULL;
}

int wb_store_rows_column_count(const wb_store_row *row)
{
    assert(row != NULL);
    return sqlite3_column_count(row->statement);
}

const char *wb_store_rows_column_name(const wb_store_row *row, int column)
{
    assert(column >= 0 && column < sqlite3_column_count(row->statement));
    return sqlite3_column_name(row->statement, column);
}
