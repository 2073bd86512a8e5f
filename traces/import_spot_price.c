/*
 * Changes of AWS spot prices as an archive of them keeps them: tab-separated rows without a header
 *
 *   use1-az2   m5.large   Linux/UNIX   0.038100   2022-05-31T18:20:41+00:00
 *
 * (zone id, type, product, USD per hour, time), one file a month, millions of rows. Linux prices
 * become spot records "price" of the pool (type, zone id); other products are left out and counted.
 * A price holds until the next one of its pool. Time 0 is the first row's.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "traces/csv_rows.h"
#include "traces/import_internal.h"
#include "traces/trace_sort.h"

#define PRODUCT "Linux/UNIX"

enum {
    FIELD_ZONE,
    FIELD_TYPE,
    FIELD_PRODUCT,
    FIELD_PRICE,
    FIELD_TIME,
    FIELD_COUNT
};

static const wb_csv_range price_range = {1e9, 0, 1e6};

typedef struct price_table {
    wb_import *import;
    wb_csv_rows *rows;
    wb_trace_sort *sort; /* owned: zone, zero byte, type, zero byte, price */
    wb_text record;
    uint64_t other_count;
} price_table;

/* Five fields in the first line, of which the last is a time and the last but one a number. */
static bool recognises(const wb_import *import)
{
    char line[512];
    (void)snprintf(line, sizeof line, "%.*s", (int)strcspn(import->text, "\r\n"), import->text);
    const char *fields[FIELD_COUNT] = {line};
    size_t count = 1;
    for (char *at = line; *at != 0; at++) {
        if (*at == '\t') {
            *at = 0;
            if (count == FIELD_COUNT) {
                return false;
            }
            fields[count++] = at + 1;
        }
    }
    int64_t ignored = 0;
    wb_error unused;
    return count == FIELD_COUNT && strchr(fields[FIELD_TYPE], '.') != NULL &&
           wb_csv_rows_parse_scaled(fields[FIELD_PRICE], &price_range, &ignored) &&
           wb_duration_parse_time(fields[FIELD_TIME], &ignored, &unused) == WB_OK;
}

static wb_status read_row(price_table *table, wb_error *err)
{
    const wb_csv_rows *rows = table->rows;
    int64_t price_nusd = 0;
    int64_t epoch_ms = 0;
    const char *time = wb_csv_rows_text(rows, FIELD_TIME);
    wb_error inner;
    WB_TRY(wb_csv_rows_scaled(rows, FIELD_PRICE, &price_range, &price_nusd, err));
    if (wb_duration_parse_time(time, &epoch_ms, &inner) != WB_OK) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: '%.64s' is not a time such as "
                       "2022-05-31T18:20:41+00:00",
                       wb_csv_rows_path(rows), (unsigned long long)wb_csv_rows_line(rows), time);
    }
    const char *zone = wb_csv_rows_text(rows, FIELD_ZONE);
    const char *type = wb_csv_rows_text(rows, FIELD_TYPE);
    if (*zone == 0 || *type == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: the zone or the instance type is empty",
                       wb_csv_rows_path(rows), (unsigned long long)wb_csv_rows_line(rows));
    }
    if (strcmp(wb_csv_rows_text(rows, FIELD_PRODUCT), PRODUCT) != 0) {
        table->other_count++;
        return WB_OK;
    }
    wb_text_clear(&table->record);
    wb_text_add(&table->record, (const char *)&price_nusd, sizeof price_nusd);
    wb_text_add(&table->record, zone, strlen(zone) + 1);
    wb_text_add(&table->record, type, strlen(type) + 1);
    return wb_trace_sort_add(table->sort, epoch_ms, wb_text_string(&table->record),
                             table->record.length, err);
}

static wb_status read_rows(price_table *table, wb_error *err)
{
    for (;;) {
        bool is_there = false;
        WB_TRY(wb_csv_rows_next(table->rows, &is_there, err));
        if (!is_there) {
            return wb_trace_sort_finish(table->sort, err);
        }
        if (wb_csv_rows_column_count(table->rows) != FIELD_COUNT) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s:1: found %u fields, expected %d: zone, type, product, price, time",
                           table->import->options->input_path,
                           wb_csv_rows_column_count(table->rows), FIELD_COUNT);
        }
        WB_TRY(read_row(table, err));
    }
}

static wb_status write_price(price_table *table, const wb_trace_sort_record *record,
                             int64_t epoch_ms, wb_trace_writer *writer, wb_error *err)
{
    wb_trace_spot spot = {.at_ms = record->at_ms - epoch_ms, .event = WB_TRACE_SPOT_PRICE};
    assert(record->length > sizeof spot.value);
    memcpy(&spot.value, record->bytes, sizeof spot.value);
    spot.zone = record->bytes + sizeof spot.value;
    spot.instance_type = spot.zone + strlen(spot.zone) + 1;
    if (spot.at_ms > WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT, "%s: prices over more than 31 years",
                       table->import->options->input_path);
    }
    table->import->report->object_count++;
    table->import->report->end_ms = spot.at_ms;
    return wb_trace_writer_spot(writer, &spot, err);
}

static wb_status write_prices(price_table *table, wb_error *err)
{
    wb_trace_sort_record record;
    WB_TRY(wb_trace_sort_next(table->sort, &record, err));
    if (record.bytes == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no prices of " PRODUCT,
                       table->import->options->input_path);
    }
    const int64_t epoch_ms = record.at_ms;
    const wb_trace_info_header header = {.epoch_ms = epoch_ms < 0 ? -1 : epoch_ms,
                                         .end_ms = -1,
                                         .source = "spot-price"};
    wb_trace_writer *writer = NULL;
    WB_TRY(wb_trace_writer_open(table->import->options->output_path, &header, &writer, err));
    wb_status status = WB_OK;
    while (status == WB_OK && record.bytes != NULL) {
        status = write_price(table, &record, epoch_ms, writer, err);
        if (status == WB_OK) {
            status = wb_trace_sort_next(table->sort, &record, err);
        }
    }
    if (status != WB_OK) {
        wb_trace_writer_abandon(writer);
        return status;
    }
    return wb_trace_writer_commit(writer, table->import->report->end_ms, err);
}

static wb_status read(wb_import *import, wb_error *err)
{
    price_table table = {.import = import};
    WB_TRY(wb_csv_rows_open(import->options->input_path, '\t', false, &table.rows, err));
    table.sort = wb_trace_sort_new(0);
    wb_text_init(&table.record);
    wb_status status = read_rows(&table, err);
    if (status == WB_OK) {
        status = write_prices(&table, err);
    }
    wb_text_release(&table.record);
    wb_trace_sort_free(table.sort);
    wb_csv_rows_close(table.rows);
    if (status == WB_OK) {
        wb_trace_import_note(import,
                             "%llu price changes; %llu of other products than " PRODUCT
                             " are left out; zones are ids (use1-az2), which belong to no account",
                             (unsigned long long)import->report->object_count,
                             (unsigned long long)table.other_count);
    }
    return status;
}

const wb_importer wb_import_spot_price = {
    .name = "spot-price",
    .help = "AWS spot price changes, tab-separated (zone id, type, product, price, time)",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
