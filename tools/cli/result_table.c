/*
 * One table, five forms: aligned columns for people, the same wide, CSV with a header, JSON with
 * the columns' keys, Markdown. Widths are counted in characters and not bytes, so that names with
 * accents align.
 */
#include "tools/cli/result_table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HIDDEN_COLUMN SIZE_MAX /* as a width: only -o wide shows it */

void wb_result_table_init(wb_result_table *table, wb_arena *arena, const wb_result_column *columns,
                          uint32_t column_count)
{
    assert(column_count > 0 && column_count <= WB_RESULT_COLUMNS_MAX);
    *table = (wb_result_table){.arena = arena, .columns = columns, .column_count = column_count};
}

void wb_result_table_add_row(wb_result_table *table)
{
    assert(table != NULL);
    if (table->row_count == table->row_capacity) {
        const uint32_t capacity = table->row_capacity == 0 ? 16 : table->row_capacity * 2;
        table->cells =
            wb_arena_grow(table->arena, table->cells,
                          (size_t)table->row_capacity * table->column_count,
                          (size_t)capacity * table->column_count, sizeof table->cells[0]);
        table->row_capacity = capacity;
    }
    for (uint32_t i = 0; i < table->column_count; i++) {
        table->cells[table->row_count * table->column_count + i] = NULL;
    }
    table->row_count++;
}

void wb_result_table_set(wb_result_table *table, uint32_t column, const char *text)
{
    assert(table->row_count > 0 && column < table->column_count);
    table->cells[(table->row_count - 1) * table->column_count + column] =
        text == NULL ? NULL : wb_arena_copy_string(table->arena, text);
}

void wb_result_table_set_format(wb_result_table *table, uint32_t column, const char *fmt, ...)
{
    assert(table != NULL && fmt != NULL);
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    wb_result_table_set(table, column, text);
}

static const char *cell_at(const wb_result_table *table, uint32_t row, uint32_t column)
{
    assert(row < table->row_count && column < table->column_count);
    return table->cells[row * table->column_count + column];
}

/* Characters on the screen, taking every code point as one cell (names here are ASCII). */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (const char *at = text; *at != 0; at++) {
        width += ((unsigned char)*at & 0xC0U) != 0x80U ? 1U : 0U;
    }
    return width;
}

static void add_padded(wb_text *out, const char *text, size_t width, bool is_right)
{
    const size_t padding = width - width_of(text);
    for (size_t i = 0; is_right && i < padding; i++) {
        wb_text_add_string(out, " ");
    }
    wb_text_add_string(out, text);
    for (size_t i = 0; !is_right && i < padding; i++) {
        wb_text_add_string(out, " ");
    }
}

/* The widest cell of a column, its title included. */
static size_t column_width(const wb_result_table *table, uint32_t column)
{
    assert(column < table->column_count);
    size_t widest = width_of(table->columns[column].title);
    for (uint32_t r = 0; r < table->row_count; r++) {
        const char *cell = cell_at(table, r, column);
        const size_t width = width_of(cell != NULL ? cell : "-");
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* Line 0 is the titles. The last column of text is not padded: lines end where their text ends. */
static void print_line(const wb_result_table *table, uint32_t line, const size_t *widths,
                       uint32_t last, wb_text *out)
{
    assert(last < table->column_count);
    for (uint32_t c = 0; c <= last; c++) {
        const wb_result_column *column = &table->columns[c];
        if (widths[c] == HIDDEN_COLUMN) {
            continue;
        }
        const char *cell = line == 0 ? column->title : cell_at(table, line - 1, c);
        cell = cell != NULL ? cell : "-";
        const bool is_unpadded = c == last && !column->is_number;
        add_padded(out, cell, is_unpadded ? width_of(cell) : widths[c], column->is_number);
        wb_text_add_string(out, c == last ? "" : "   ");
    }
}

static void print_aligned(const wb_result_table *table, bool is_wide, wb_text *out)
{
    size_t widths[WB_RESULT_COLUMNS_MAX] = {0};
    uint32_t last = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        const bool is_shown = !table->columns[c].is_wide || is_wide;
        widths[c] = is_shown ? column_width(table, c) : HIDDEN_COLUMN;
        last = is_shown ? c : last;
    }
    for (uint32_t line = 0; line <= table->row_count; line++) {
        const bool is_bold = line == 0 && table->is_colored;
        wb_text_add_string(out, is_bold ? "\033[1m" : "");
        print_line(table, line, widths, last, out);
        wb_text_add_string(out, is_bold ? "\033[0m\n" : "\n");
    }
}

static void print_json(const wb_result_table *table, wb_text *out)
{
    wb_text_add_string(out, "[");
    for (uint32_t r = 0; r < table->row_count; r++) {
        wb_text_add_string(out, r == 0 ? "\n  {" : ",\n  {");
        for (uint32_t c = 0; c < table->column_count; c++) {
            const char *cell = cell_at(table, r, c);
            wb_text_add_string(out, c == 0 ? "" : ",");
            wb_text_add_json_string(out, table->columns[c].key);
            wb_text_add_string(out, ":");
            if (cell == NULL) {
                wb_text_add_string(out, "null");
            } else if (table->columns[c].is_number) {
                wb_text_add_string(out, cell);
            } else {
                wb_text_add_json_string(out, cell);
            }
        }
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, table->row_count == 0 ? "]\n" : "\n]\n");
}

static void print_csv(const wb_result_table *table, wb_text *out)
{
    for (uint32_t line = 0; line <= table->row_count; line++) {
        for (uint32_t c = 0; c < table->column_count; c++) {
            const char *cell = line == 0 ? table->columns[c].key : cell_at(table, line - 1, c);
            wb_text_add_csv_field(out, cell != NULL ? cell : "");
            wb_text_add_string(out, c + 1 < table->column_count ? "," : "\r\n");
        }
    }
}

static void print_markdown(const wb_result_table *table, wb_text *out)
{
    for (uint32_t line = 0; line <= table->row_count; line++) {
        for (uint32_t c = 0; c < table->column_count; c++) {
            const char *cell = line == 0 ? table->columns[c].title : cell_at(table, line - 1, c);
            wb_text_add_format(out, "| %s ", cell != NULL ? cell : "-");
        }
        wb_text_add_string(out, "|\n");
        for (uint32_t c = 0; line == 0 && c < table->column_count; c++) {
            wb_text_add_string(out, table->columns[c].is_number ? "|---:" : "|---");
        }
        wb_text_add_string(out, line == 0 ? "|\n" : "");
    }
}

void wb_result_table_print(const wb_result_table *table, const char *format, wb_text *out)
{
    assert(table != NULL && format != NULL && out != NULL);
    if (strcmp(format, "json") == 0) {
        print_json(table, out);
    } else if (strcmp(format, "csv") == 0) {
        print_csv(table, out);
    } else if (strcmp(format, "markdown") == 0) {
        print_markdown(table, out);
    } else {
        assert(strcmp(format, "table") == 0 || strcmp(format, "wide") == 0);
        print_aligned(table, strcmp(format, "wide") == 0, out);
    }
}
