/*
 * Tables line by line. Fields are cut in place: a separator becomes the zero byte that ends its
 * field, and a doubled quote moves what follows it one byte down.
 */
#include "traces/csv_rows.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/line_reader.h"
#include "base/utf8.h"

/* In a row: a packed file of a few bytes can hold milliards of them. */
#define EMPTY_LINES_MAX 1000

struct wb_csv_rows {
    wb_line_reader *lines; /* owned */
    char *path;            /* owned */
    char *header;          /* owned: a copy of the first line, cut at its separators */
    const char *names[WB_CSV_COLUMNS_MAX];  /* point into header */
    const char *fields[WB_CSV_COLUMNS_MAX]; /* point into the line reader's line */
    uint32_t column_count;                  /* 0: not known before the first row */
    char separator;
};

static unsigned long long line_number(const wb_csv_rows *rows)
{
    return (unsigned long long)wb_line_reader_line(rows->lines);
}

/* Cuts the quoted field at *at, which stands on the quote. *at is then on the separator or end. */
static const char *cut_quoted(char **at)
{
    assert(**at == '"');
    char *start = *at + 1;
    char *to = start;
    char *from = start;
    while (*from != 0 && !(from[0] == '"' && from[1] != '"')) {
        from += from[0] == '"' ? 1 : 0; /* a doubled quote stands for one */
        *to++ = *from++;
    }
    if (*from == 0) {
        return NULL; /* not closed */
    }
    *at = from + 1;
    *to = 0;
    return start;
}

/* Cuts line into fields; their number, or a failure. */
static wb_status cut_line(const wb_csv_rows *rows, char *line, const char **fields,
                          uint32_t *out_count, wb_error *err)
{
    uint32_t count = 0;
    for (char *at = line;;) {
        if (count == WB_CSV_COLUMNS_MAX) {
            return wb_fail(err, WB_ERR_INPUT, "%s:%llu: more than %d fields", rows->path,
                           line_number(rows), WB_CSV_COLUMNS_MAX);
        }
        const char *field = at;
        if (*at == '"') {
            field = cut_quoted(&at);
        } else {
            while (*at != 0 && *at != rows->separator) {
                at++;
            }
        }
        if (field == NULL || (*at != 0 && *at != rows->separator)) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s:%llu: field %u: a quote that is not closed on its line, or text "
                           "behind one",
                           rows->path, line_number(rows), count + 1);
        }
        fields[count++] = field;
        if (*at == 0) {
            break;
        }
        *at++ = 0;
    }
    *out_count = count;
    return WB_OK;
}

/* The next line that is not empty, whole and valid; NULL at the end. */
static wb_status next_line(const wb_csv_rows *rows, char **out, size_t *out_length, wb_error *err)
{
    bool is_cut = false;
    uint32_t empty_count = 0;
    WB_TRY(wb_line_reader_next(rows->lines, out, out_length, &is_cut, err));
    while (*out != NULL && *out_length == 0) {
        if (++empty_count > EMPTY_LINES_MAX) {
            return wb_fail(err, WB_ERR_INPUT, "%s:%llu: more than %d empty lines, expected rows",
                           rows->path, line_number(rows), EMPTY_LINES_MAX);
        }
        WB_TRY(wb_line_reader_next(rows->lines, out, out_length, &is_cut, err));
    }
    if (*out == NULL) {
        return WB_OK;
    }
    if (is_cut) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: the list is cut in the middle of a row, expected a line end",
                       rows->path, line_number(rows));
    }
    const size_t invalid = wb_utf8_find_invalid(*out, *out_length);
    if (invalid < *out_length || memchr(*out, 0, *out_length) != NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: the row is not text, expected UTF-8",
                       rows->path, line_number(rows));
    }
    return WB_OK;
}

static wb_status read_header(wb_csv_rows *rows, wb_error *err)
{
    char *line = NULL;
    size_t length = 0;
    WB_TRY(next_line(rows, &line, &length, err));
    if (line == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s: is empty, expected a line of column names",
                       rows->path);
    }
    rows->header = wb_heap_memory_alloc(length + 1, 1);
    memcpy(rows->header, line, length + 1);
    WB_TRY(cut_line(rows, rows->header, rows->names, &rows->column_count, err));
    for (uint32_t i = 1; i < rows->column_count; i++) {
        if (wb_csv_rows_column(rows, rows->names[i]) != i) {
            return wb_fail(err, WB_ERR_INPUT, "%s:1: two columns are named '%s'", rows->path,
                           rows->names[i]);
        }
    }
    return WB_OK;
}

wb_status wb_csv_rows_open(const char *path, char separator, bool has_header, wb_csv_rows **out,
                           wb_error *err)
{
    assert(path != NULL && separator != 0 && out != NULL);
    wb_csv_rows *rows = wb_heap_memory_zalloc(1, sizeof *rows);
    rows->separator = separator;
    rows->path = wb_heap_memory_alloc(strlen(path) + 1, 1);
    memcpy(rows->path, path, strlen(path) + 1);
    wb_status status = wb_line_reader_open(path, &rows->lines, err);
    if (status == WB_OK && has_header) {
        status = read_header(rows, err);
    }
    if (status != WB_OK) {
        wb_csv_rows_close(rows);
        return status;
    }
    *out = rows;
    return WB_OK;
}

void wb_csv_rows_close(wb_csv_rows *rows)
{
    if (rows != NULL) {
        wb_line_reader_close(rows->lines);
        wb_heap_memory_free(rows->header);
        wb_heap_memory_free(rows->path);
        wb_heap_memory_free(rows);
    }
}

uint32_t wb_csv_rows_column(const wb_csv_rows *rows, const char *name)
{
    assert(rows != NULL && name != NULL);
    for (uint32_t i = 0; rows->header != NULL && i < rows->column_count; i++) {
        if (strcmp(rows->names[i], name) == 0) {
            return i;
        }
    }
    return WB_CSV_NO_COLUMN;
}

wb_status wb_csv_rows_require(const wb_csv_rows *rows, const char *name, uint32_t *out,
                              wb_error *err)
{
    assert(out != NULL);
    const uint32_t column = wb_csv_rows_column(rows, name);
    if (column == WB_CSV_NO_COLUMN) {
        return wb_fail(err, WB_ERR_INPUT, "%s:1: the column '%s' is missing", rows->path, name);
    }
    *out = column;
    return WB_OK;
}

wb_status wb_csv_rows_next(wb_csv_rows *rows, bool *out_is_there, wb_error *err)
{
    assert(rows != NULL && out_is_there != NULL);
    char *line = NULL;
    size_t length = 0;
    WB_TRY(next_line(rows, &line, &length, err));
    *out_is_there = line != NULL;
    if (line == NULL) {
        return WB_OK;
    }
    uint32_t count = 0;
    WB_TRY(cut_line(rows, line, rows->fields, &count, err));
    if (rows->column_count == 0) {
        rows->column_count = count;
    }
    if (count != rows->column_count) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: found %u fields, expected %u", rows->path,
                       line_number(rows), count, rows->column_count);
    }
    return WB_OK;
}

uint32_t wb_csv_rows_column_count(const wb_csv_rows *rows)
{
    assert(rows != NULL);
    return rows->column_count;
}

const char *wb_csv_rows_column_name(const wb_csv_rows *rows, uint32_t column)
{
    assert(rows != NULL && rows->header != NULL && column < rows->column_count);
    return rows->names[column];
}

const char *wb_csv_rows_text(const wb_csv_rows *rows, uint32_t column)
{
    assert(rows != NULL && (column == WB_CSV_NO_COLUMN || column < rows->column_count));
    return column == WB_CSV_NO_COLUMN ? "" : rows->fields[column];
}

bool wb_csv_rows_parse_scaled(const char *text, const wb_csv_range *range, int64_t *out)
{
    assert(text != NULL && range != NULL && out != NULL);
    assert(range->maximum * range->scale < 9e18 && range->minimum * range->scale > -9e18);
    /* strtod also takes "nan", "inf", hexadecimal digits and blanks in front. */
    if (*text == 0 || text[strspn(text, "0123456789+-.eE")] != 0) {
        return false;
    }
    char *end = NULL;
    const double value = strtod(text, &end);
    if (*end != 0 || !(value >= range->minimum && value <= range->maximum)) {
        return false;
    }
    *out = (int64_t)floor(value * range->scale + 0.5);
    return true;
}

wb_status wb_csv_rows_scaled(const wb_csv_rows *rows, uint32_t column, const wb_csv_range *range,
                             int64_t *out, wb_error *err)
{
    const char *text = wb_csv_rows_text(rows, column);
    if (!wb_csv_rows_parse_scaled(text, range, out)) {
        const bool has_name = rows->header != NULL && column != WB_CSV_NO_COLUMN;
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: %s: '%.64s' is not a number from %g to %g",
                       rows->path, line_number(rows), has_name ? rows->names[column] : "field",
                       text, range->minimum, range->maximum);
    }
    return WB_OK;
}

uint64_t wb_csv_rows_line(const wb_csv_rows *rows)
{
    assert(rows != NULL);
    return wb_line_reader_line(rows->lines);
}

const char *wb_csv_rows_path(const wb_csv_rows *rows)
{
    assert(rows != NULL);
    return rows->path;
}
