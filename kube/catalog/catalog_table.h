/*
 * Reads the tables that are compiled into the program (kube/catalog/data/<name>.tsv).
 *
 * A table is lines of tab-separated cells: comment lines ("# ..."), a line of column names, then
 * rows, each as many cells as there are columns; "-" is "nothing here". The first cell is the row's
 * name. Cells point into the program's own data, so nothing is allocated and nothing ends in a zero
 * byte. The largest table (spot_linux) has 895 rows of 34 cells; reading it takes well under a
 * millisecond. A table that breaks its format is a mistake of ours and asserts; the reader knows
 * nothing of what the cells mean.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_TABLE_H
#define WB_KUBE_CATALOG_CATALOG_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define WB_CATALOG_TABLE_COLUMNS_MAX 48

typedef enum wb_catalog_table_name {
    WB_CATALOG_TABLE_INSTANCE_TYPES,
    WB_CATALOG_TABLE_ON_DEMAND_PRICES,
    WB_CATALOG_TABLE_REGIONS,
    WB_CATALOG_TABLE_SPOT_LINUX,
    WB_CATALOG_TABLE_SPOT_WINDOWS,
    WB_CATALOG_TABLE_EBS_LIMITS,
    WB_CATALOG_TABLE_COUNT,
} wb_catalog_table_name;

/* A piece of text that does not end in a zero byte. */
typedef struct wb_catalog_cell {
    const char *text; /* borrowed from the program's data, or from another cell */
    uint32_t length;
} wb_catalog_cell;

typedef struct wb_catalog_table {
    const char *cursor, *end; /* the line after the current row */
    wb_catalog_cell columns[WB_CATALOG_TABLE_COLUMNS_MAX];
    uint32_t column_count;
    wb_catalog_cell cells[WB_CATALOG_TABLE_COLUMNS_MAX]; /* the current row */
    bool has_row;                                        /* cells hold a row */
    bool is_row_taken;                                   /* seek has handed it out */
} wb_catalog_table;

/* Stands before the first row of a shipped table. */
void wb_catalog_table_open(wb_catalog_table *table, wb_catalog_table_name name);

/* Moves on to the next row; false at the end. */
bool wb_catalog_table_next(wb_catalog_table *table);

/* For walking along another table whose rows have the same order: true when the next row not yet
 * taken is row_name's, which takes it into cells; else it stays for a later call. */
bool wb_catalog_table_seek(wb_catalog_table *table, wb_catalog_cell row_name);

/* Index of the column with that name, or UINT32_MAX. */
uint32_t wb_catalog_table_column(const wb_catalog_table *table, const char *name);

/* The cell at column of the current row; of length 0 where the table says "-". */
wb_catalog_cell wb_catalog_table_cell(const wb_catalog_table *table, uint32_t column);

/* The part of cell before the first separator, which moves cell past it. */
wb_catalog_cell wb_catalog_cell_split(wb_catalog_cell *cell, char separator);

/* Whether cell is exactly text; an empty cell equals "". */
bool wb_catalog_cell_equals(wb_catalog_cell cell, const char *text);

/* A whole number, negative ones included; 0 for an empty cell. */
int64_t wb_catalog_cell_integer(wb_catalog_cell cell);

/* A plain decimal ("0.0255") as the double nearest to it; 0 for an empty cell. At most 15 digits,
 * so that one correctly rounded division of two exact doubles gives it. */
double wb_catalog_cell_decimal(wb_catalog_cell cell);

#endif
