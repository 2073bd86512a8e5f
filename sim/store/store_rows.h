/*
 * Rows of any table or view of the database, one at a time, for readers that draw or export.
 * Figures stay views of the schema: who reads rows here bins, sorts and lays out, and computes
 * nothing that has a name.
 *
 *     static void see_sample(void *context, const wb_store_row *row)
 *     {
 *         series *of = context;
 *         add_point(of, wb_store_rows_int(row, 0), wb_store_rows_int(row, 1));
 *     }
 *     ...
 *     const wb_store_query query = {
 *         "SELECT at_ms, nodes FROM samples WHERE run_id = ?1 ORDER BY sample_id", run_id, 0};
 *     WB_TRY(wb_store_rows_read(store, &query, see_sample, &series, err));
 */
#ifndef WB_SIM_STORE_STORE_ROWS_H
#define WB_SIM_STORE_STORE_ROWS_H

#include <stdbool.h>

#include "sim/store/store.h"

/* The row at hand; valid within the callback only. */
typedef struct wb_store_row wb_store_row;

typedef void (*wb_store_row_fn)(void *context, const wb_store_row *row);

/* What is asked: sql is our own, never a user's. */
typedef struct wb_store_query {
    const char *sql;
    int64_t run_id;   /* ?1 */
    int64_t subject;  /* ?2: an id, a time */
    const char *text; /* ?3: a name; borrowed */
} wb_store_query;

/* Hands every row to see, in the query's order. WB_ERR_IO with path and SQLite's words. */
WB_MUST_CHECK wb_status wb_store_rows_read(wb_store *store, const wb_store_query *query,
                                           wb_store_row_fn see, void *context, wb_error *err);

/* A value by column, from 0; NULL is 0 and "". text lives until see returns. */
int64_t wb_store_rows_int(const wb_store_row *row, int column);
const char *wb_store_rows_text(const wb_store_row *row, int column);
int wb_store_rows_column_count(const wb_store_row *row);
const char *wb_store_rows_column_name(const wb_store_row *row, int column);
bool wb_store_rows_is_null(const wb_store_row *row, int column);

#endif
