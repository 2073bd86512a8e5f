/* Any table or view as CSV (RFC 4180): a head line of column names, then every row. */
#include <assert.h>
#include <stdio.h>

#include "sim/store/store_rows.h"
#include "tools/export/export.h"

typedef struct csv_writer {
    wb_export_sink *sink;
    uint32_t row_count;
} csv_writer;

static void see_row(void *context, const wb_store_row *row)
{
    csv_writer *writer = context;
    wb_text *out = &writer->sink->text;
    const int count = wb_store_rows_column_count(row);
    if (writer->row_count++ == 0) {
        for (int i = 0; i < count; i++) {
            wb_text_add_string(out, i > 0 ? "," : "");
            wb_text_add_csv_field(out, wb_store_rows_column_name(row, i));
        }
        wb_text_add_string(out, "\r\n");
    }
    for (int i = 0; i < count; i++) {
        wb_text_add_string(out, i > 0 ? "," : "");
        wb_text_add_csv_field(out, wb_store_rows_text(row, i));
    }
    wb_text_add_string(out, "\r\n");
    wb_export_sink_flush(writer->sink, false);
}

/* Row: a name. */
static void see_name(void *context, const wb_store_row *row)
{
    (void)snprintf(context, 64, "%s", wb_store_rows_text(row, 0));
}

wb_status wb_export_csv(const wb_run_set *set, const char *view, wb_export_sink *sink,
                        wb_error *err)
{
    assert(set != NULL && view != NULL && sink != NULL);
    char name[64] = "";
    const wb_store_query known = {
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?3"
        " AND ?1 = ?1 AND ?2 = ?2",
        0, 0, view};
    WB_TRY(wb_store_rows_read(set->store, &known, see_name, name, err));
    if (name[0] == '\0') {
        return wb_fail(err, WB_ERR_INPUT,
                       "--view: '%s' is no table or view of the database (docs/database.md)", view);
    }
    char sql[96];
    (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", name);
    csv_writer writer = {.sink = sink};
    const wb_store_query all = {sql, 0, 0, NULL};
    return wb_store_rows_read(set->store, &all, see_row, &writer, err);
}
