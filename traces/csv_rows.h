/*
 * A table of text row by row (CSV or TSV; plain, .gz, .zst), its columns found by name.
 *
 * Public traces are tables whose columns come in the order of whoever exported them, with more of
 * them than one needs. A row is one line: a quoted field (RFC 4180) may hold the separator and
 * doubled quotes, no line end. Memory: one line.
 *
 *     const uint32_t cpu = wb_csv_rows_column(rows, "cpu_request");
 *     for (;;) {
 *         WB_TRY(wb_csv_rows_next(rows, &is_there, err));
 *         if (!is_there) {
 *             break;
 *         }
 *         WB_TRY(wb_csv_rows_scaled(rows, cpu, &cpu_range, &cpu_milli, err));
 *     }
 */
#ifndef WB_TRACES_CSV_ROWS_H
#define WB_TRACES_CSV_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define WB_CSV_COLUMNS_MAX 64
#define WB_CSV_NO_COLUMN   UINT32_MAX

/* A table being read. Opaque: holds a file. */
typedef struct wb_csv_rows wb_csv_rows;

/* Opens path. has_header: the first line names the columns, and is read. WB_ERR_INPUT: an empty
 * file, too many columns, a column named twice. */
WB_MUST_CHECK wb_status wb_csv_rows_open(const char *path, char separator, bool has_header,
                                         wb_csv_rows **out, wb_error *err);
/* NULL is allowed. */
void wb_csv_rows_close(wb_csv_rows *rows);

/* The column of that name, or WB_CSV_NO_COLUMN. */
uint32_t wb_csv_rows_column(const wb_csv_rows *rows, const char *name);

/* The same where there must be one: WB_ERR_INPUT names it. */
WB_MUST_CHECK wb_status wb_csv_rows_require(const wb_csv_rows *rows, const char *name,
                                            uint32_t *out, wb_error *err);

/* The next row; *out_is_there is false at the end. Empty lines are passed over. WB_ERR_INPUT: the
 * last row has no line end (the file is cut), a row has more or fewer fields than the header (than
 * the first row without one), a quote is not closed, bytes are no UTF-8. */
WB_MUST_CHECK wb_status wb_csv_rows_next(wb_csv_rows *rows, bool *out_is_there, wb_error *err);

/* Fields of every row; without a header not known (0) before the first row. */
uint32_t wb_csv_rows_column_count(const wb_csv_rows *rows);

/* The name of a column, which the table must have. */
const char *wb_csv_rows_column_name(const wb_csv_rows *rows, uint32_t column);

/* A field of the row, valid until the next; "" for WB_CSV_NO_COLUMN. */
const char *wb_csv_rows_text(const wb_csv_rows *rows, uint32_t column);

/* How a number becomes an integer: value x scale, rounded half up; between minimum and maximum of
 * the unscaled value. */
typedef struct wb_csv_range {
    double scale, minimum, maximum;
} wb_csv_range;

/* A field as number ("12", "0.5", "1.5e-05"). WB_ERR_INPUT with file, line and column name. */
WB_MUST_CHECK wb_status wb_csv_rows_scaled(const wb_csv_rows *rows, uint32_t column,
                                           const wb_csv_range *range, int64_t *out, wb_error *err);

/* text as such a number; false: it is none, or out of range. */
bool wb_csv_rows_parse_scaled(const char *text, const wb_csv_range *range, int64_t *out);

/* Line of the row in the file, from 1; and the path, for messages. */
uint64_t wb_csv_rows_line(const wb_csv_rows *rows);
const char *wb_csv_rows_path(const wb_csv_rows *rows);

#endif
