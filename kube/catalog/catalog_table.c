/*
 * The bytes of a table are cut into cells as the reader goes, and never copied.
 *
 * All cells of a row are cut, though a region needs two of 34: finding line ends and tabs by memchr
 * is so cheap (0.6 ms for all tables together) that cutting on demand would only add cases. Asserts
 * stand for error messages, since the tables are part of the program; tests read them all.
 */
#include "kube/catalog/catalog_table.h"

#include <assert.h>
#include <string.h>

/* Defined in catalog_data.S. */
#define DECLARE_TABLE(name)                     \
    extern const char wb_catalog_data_##name[]; \
    extern const char wb_catalog_data_##name##_end[]

DECLARE_TABLE(instance_types);
DECLARE_TABLE(on_demand_prices);
DECLARE_TABLE(regions);
DECLARE_TABLE(spot_linux);
DECLARE_TABLE(spot_windows);
DECLARE_TABLE(ebs_limits);

static const struct {
    const char *begin, *end;
} tables[WB_CATALOG_TABLE_COUNT] = {
    [WB_CATALOG_TABLE_INSTANCE_TYPES] = {wb_catalog_data_instance_types,
                                         wb_catalog_data_instance_types_end},
    [WB_CATALOG_TABLE_ON_DEMAND_PRICES] = {wb_catalog_data_on_demand_prices,
                                           wb_catalog_data_on_demand_prices_end},
    [WB_CATALOG_TABLE_REGIONS] = {wb_catalog_data_regions, wb_catalog_data_regions_end},
    [WB_CATALOG_TABLE_SPOT_LINUX] = {wb_catalog_data_spot_linux, wb_catalog_data_spot_linux_end},
    [WB_CATALOG_TABLE_SPOT_WINDOWS] = {wb_catalog_data_spot_windows,
                                       wb_catalog_data_spot_windows_end},
    [WB_CATALOG_TABLE_EBS_LIMITS] = {wb_catalog_data_ebs_limits, wb_catalog_data_ebs_limits_end},
};

/* Splits the line at cursor into cells and moves cursor behind it; returns the count. */
static uint32_t split_line(wb_catalog_table *table, wb_catalog_cell *cells)
{
    const char *line_end = memchr(table->cursor, '\n', (size_t)(table->end - table->cursor));
    assert(line_end != NULL); /* every line of ours ends in a newline */
    const char *cursor = table->cursor;
    uint32_t count = 0;
    for (;;) {
        assert(count < WB_CATALOG_TABLE_COLUMNS_MAX);
        const char *tab = memchr(cursor, '\t', (size_t)(line_end - cursor));
        const char *cell_end = tab != NULL ? tab : line_end;
        assert(cell_end > cursor); /* an empty cell is written as "-" */
        cells[count++] = (wb_catalog_cell){cursor, (uint32_t)(cell_end - cursor)};
        if (tab == NULL) {
            break;
        }
        cursor = tab + 1;
    }
    table->cursor = line_end + 1;
    return count;
}

void wb_catalog_table_open(wb_catalog_table *table, wb_catalog_table_name name)
{
    assert(name < WB_CATALOG_TABLE_COUNT);
    *table = (wb_catalog_table){.cursor = tables[name].begin, .end = tables[name].end};
    while (table->cursor < table->end && *table->cursor == '#') {
        const char *line_end = memchr(table->cursor, '\n', (size_t)(table->end - table->cursor));
        assert(line_end != NULL);
        table->cursor = line_end + 1;
    }
    assert(table->cursor < table->end); /* the line of column names */
    table->column_count = split_line(table, table->columns);
}

bool wb_catalog_table_next(wb_catalog_table *table)
{
    table->is_row_taken = false;
    table->has_row = table->cursor < table->end;
    if (table->has_row) {
        const uint32_t count = split_line(table, table->cells);
        assert(count == table->column_count);
    }
    return table->has_row;
}

bool wb_catalog_table_seek(wb_catalog_table *table, wb_catalog_cell row_name)
{
    assert(row_name.length > 0);
    const bool is_at_start = !table->has_row && table->cursor < table->end;
    if (is_at_start || table->is_row_taken) {
        wb_catalog_table_next(table);
    }
    table->is_row_taken = table->has_row && table->cells[0].length == row_name.length &&
                          memcmp(table->cells[0].text, row_name.text, row_name.length) == 0;
    return table->is_row_taken;
}

uint32_t wb_catalog_table_column(const wb_catalog_table *table, const char *name)
{
    assert(name != NULL);
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (wb_catalog_cell_equals(table->columns[i], name)) {
            return i;
        }
    }
    return UINT32_MAX;
}

wb_catalog_cell wb_catalog_table_cell(const wb_catalog_table *table, uint32_t column)
{
    assert(table->has_row);
    assert(column < table->column_count);
    wb_catalog_cell cell = table->cells[column];
    if (cell.length == 1 && cell.text[0] == '-') {
        cell.length = 0;
    }
    return cell;
}

/* Composite cells ("nvidia:a10g:4:22888") are few, so they are split when read, not before. */
wb_catalog_cell wb_catalog_cell_split(wb_catalog_cell *cell, char separator)
{
    assert(cell->text != NULL);
    const char *found = memchr(cell->text, separator, cell->length);
    const uint32_t length = found != NULL ? (uint32_t)(found - cell->text) : cell->length;
    const uint32_t skipped = found != NULL ? length + 1 : length;
    const wb_catalog_cell part = {cell->text, length};
    *cell = (wb_catalog_cell){cell->text + skipped, cell->length - skipped};
    return part;
}

bool wb_catalog_cell_equals(wb_catalog_cell cell, const char *text)
{
    assert(text != NULL);
    return strlen(text) == cell.length && memcmp(cell.text, text, cell.length) == 0;
}

/* No strtoll: cells do not end in a zero byte, and whatever is no digit is our own mistake. */
int64_t wb_catalog_cell_integer(wb_catalog_cell cell)
{
    assert(cell.length <= 18); /* cannot overflow */
    const bool is_negative = cell.length > 0 && cell.text[0] == '-';
    int64_t value = 0;
    for (uint32_t i = is_negative ? 1 : 0; i < cell.length; i++) {
        assert(cell.text[i] >= '0' && cell.text[i] <= '9');
        value = value * 10 + (cell.text[i] - '0');
    }
    return is_negative ? -value : value;
}

/* Both numbers are whole and below 2^53, hence exact, and IEEE division rounds correctly: the
 * result is what strtod would give, without its locale and its need of a zero byte. */
double wb_catalog_cell_decimal(wb_catalog_cell cell)
{
    assert(cell.length <= 16); /* 15 digits and the point: below 2^53 */
    int64_t digits = 0;
    int64_t scale = 1;
    bool is_fraction = false;
    for (uint32_t i = 0; i < cell.length; i++) {
        if (cell.text[i] == '.') {
            assert(!is_fraction);
            is_fraction = true;
            continue;
        }
        assert(cell.text[i] >= '0' && cell.text[i] <= '9');
        digits = digits * 10 + (cell.text[i] - '0');
        scale *= is_fraction ? 10 : 1;
    }
    return (double)digits / (double)scale;
}
