/*
 * Rows of a result in the format that -o asked for: an aligned table for people, JSON, CSV or
 * Markdown for programs and pages. A cell carries its text and, for JSON, whether it is a number.
 */
#ifndef WB_TOOLS_CLI_RESULT_TABLE_H
#define WB_TOOLS_CLI_RESULT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

#define WB_RESULT_COLUMNS_MAX 32

typedef struct wb_result_column {
    const char *title; /* of the table; JSON and CSV use key */
    const char *key;
    bool is_number; /* right-aligned; bare in JSON */
    bool is_wide;   /* shown only by -o wide (JSON and CSV always have it) */
} wb_result_column;

typedef struct wb_result_table {
    wb_arena *arena; /* borrowed */
    const wb_result_column *columns;
    uint32_t column_count;
    const char **cells; /* row by row; NULL is "-" in tables, null in JSON, empty in CSV */
    uint32_t row_count, row_capacity;
    bool is_colored; /* the head line stands out; aligned tables only */
} wb_result_table;

/* Starts without rows; columns must outlive the table. */
void wb_result_table_init(wb_result_table *table, wb_arena *arena, const wb_result_column *columns,
                          uint32_t column_count);

/* Begins a row of NULL cells; set fills one cell of the newest row (text is copied). */
void wb_result_table_add_row(wb_result_table *table);
void wb_result_table_set(wb_result_table *table, uint32_t column, const char *text);
WB_PRINTF(3, 4)
void wb_result_table_set_format(wb_result_table *table, uint32_t column, const char *fmt, ...);

/* format: table, wide, json (a list of objects), csv or markdown (asserted). */
void wb_result_table_print(const wb_result_table *table, const char *format, wb_text *out);

#endif
