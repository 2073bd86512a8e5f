/*
 * AWS' Spot Instance Advisor: what spot saved on average over the last month, and how often it was
 * interrupted, per region, system and type. Two forms:
 *
 *   spot-advisor-data.json   {"spot_advisor": {region: {"Linux": {type: {"s": 70, "r": 1}}}}}
 *   CSV                      region, os, instance_type, savings_pct, interruption_band
 *
 * Savings on the shipped on-demand price become spot records "price" at time 0, one per zone of the
 * region. The band is a rate without events: it makes no records, and is counted in a note.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/document.h"
#include "kube/catalog/catalog.h"
#include "kube/catalog/catalog_shipped.h"
#include "kube/names.h"
#include "traces/csv_rows.h"
#include "traces/import_internal.h"

#define INPUT_LIMIT_BYTES ((size_t)64 << 20) /* the real one has 3 MB */
#define BAND_COUNT        5

static const wb_csv_range savings_range = {1, -1000, 100};
static const wb_csv_range band_range = {1, 0, BAND_COUNT - 1};
static const char csv_header[] = "region,os,instance_type,savings_pct,interruption_band";

typedef struct advisor_table {
    wb_import *import;
    wb_trace_writer *writer; /* owned */
    wb_intern intern;
    char region[64]; /* whose catalog is loaded; "" for none */
    wb_catalog catalog;
    bool has_catalog;
    uint64_t pool_count, unpriced_count, other_count;
    uint64_t bands[BAND_COUNT];
} advisor_table;

/* One line of advice. */
typedef struct advice {
    const char *region, *os, *type;
    int64_t savings_percent, band;
} advice;

static bool recognises(const wb_import *import)
{
    return strncmp(import->text, csv_header, sizeof csv_header - 1) == 0 ||
           (import->text[0] == '{' && strstr(import->text, "\"spot_advisor\"") != NULL);
}

/* Advice comes region by region, so one catalog at a time is enough. */
static void load_region(advisor_table *table, const char *region)
{
    wb_error ignored;
    if (strcmp(table->region, region) == 0) {
        return;
    }
    (void)snprintf(table->region, sizeof table->region, "%s", region);
    const wb_catalog_place place = {.region = table->region};
    table->has_catalog = wb_catalog_load(table->import->arena, &table->intern, &place,
                                         &table->catalog, &ignored) == WB_OK;
}

static wb_status take_advice(advisor_table *table, const advice *row, wb_error *err)
{
    double on_demand_usd = 0;
    if (strcmp(row->os, "Linux") != 0) {
        table->other_count++;
        return WB_OK;
    }
    load_region(table, row->region);
    const uint32_t name = wb_intern_find(&table->intern, row->type);
    const uint32_t index =
        table->has_catalog && name != 0 ? wb_catalog_find(&table->catalog, name) : UINT32_MAX;
    if (index == UINT32_MAX || !wb_catalog_price(&table->catalog, index, table->catalog.zones[0],
                                                 WB_CAPACITY_ON_DEMAND, &on_demand_usd)) {
        table->unpriced_count++;
        return WB_OK;
    }
    const double price_usd =
        wb_catalog_shipped_spot_price(on_demand_usd, (int32_t)row->savings_percent);
    table->pool_count++;
    table->bands[row->band]++;
    for (uint32_t i = 0; i < table->catalog.zone_count; i++) {
        const wb_trace_spot spot = {
            .event = WB_TRACE_SPOT_PRICE,
            .instance_type = row->type,
            .zone = wb_intern_text(&table->intern, table->catalog.zones[i]),
            .value = (int64_t)(price_usd * 1e9 + 0.5),
        };
        assert(spot.value >= 0);
        table->import->report->object_count++;
        WB_TRY(wb_trace_writer_spot(table->writer, &spot, err));
    }
    return WB_OK;
}

static wb_status read_csv(advisor_table *table, wb_error *err)
{
    wb_csv_rows *rows = NULL;
    WB_TRY(wb_csv_rows_open(table->import->options->input_path, ',', true, &rows, err));
    wb_status status = wb_csv_rows_column_count(rows) == 5
                           ? WB_OK
                           : wb_fail(err, WB_ERR_INPUT, "%s:1: unknown columns, expected '%s'",
                                     wb_csv_rows_path(rows), csv_header);
    for (bool is_there = true; status == WB_OK && is_there;) {
        advice row = {.region = NULL};
        status = wb_csv_rows_next(rows, &is_there, err);
        if (status == WB_OK && is_there) {
            row.region = wb_csv_rows_text(rows, 0);
            row.os = wb_csv_rows_text(rows, 1);
            row.type = wb_csv_rows_text(rows, 2);
            status = wb_csv_rows_scaled(rows, 3, &savings_range, &row.savings_percent, err);
        }
        if (status == WB_OK && is_there) {
            status = wb_csv_rows_scaled(rows, 4, &band_range, &row.band, err);
        }
        if (status == WB_OK && is_there) {
            status = take_advice(table, &row, err);
        }
    }
    wb_csv_rows_close(rows);
    return status;
}

/* One system of one region: a map from type to {"s": savings, "r": band}. */
static wb_status read_types(advisor_table *table, const char *region, const char *os,
                            const wb_node *types, wb_error *err)
{
    for (uint32_t i = 0; types->kind == WB_NODE_MAP && i < types->count; i++) {
        const advice row = {.region = region,
                            .os = os,
                            .type = types->keys[i],
                            .savings_percent =
                                wb_node_int64(wb_node_get(types->children[i], "s"), INT64_MAX),
                            .band = wb_node_int64(wb_node_get(types->children[i], "r"), -1)};
        if (row.savings_percent > 100 || row.savings_percent < -1000 || row.band < 0 ||
            row.band >= BAND_COUNT) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s: spot_advisor.%s.%s.%s: expected 's' from -1000 to 100 and 'r' "
                           "from 0 to 4",
                           table->import->options->input_path, region, os, types->keys[i]);
        }
        WB_TRY(take_advice(table, &row, err));
    }
    return WB_OK;
}

/* One region: a map from system to types. */
static wb_status read_systems(advisor_table *table, const char *region, const wb_node *systems,
                              wb_error *err)
{
    for (uint32_t i = 0; systems->kind == WB_NODE_MAP && i < systems->count; i++) {
        WB_TRY(read_types(table, region, systems->keys[i], systems->children[i], err));
    }
    return WB_OK;
}

static wb_status read_json(advisor_table *table, wb_error *err)
{
    wb_document_stream stream = {0};
    WB_TRY(wb_document_read_file(table->import->arena, table->import->options->input_path,
                                 INPUT_LIMIT_BYTES, &stream, err));
    const wb_node *regions =
        stream.count == 1 ? wb_node_get(stream.roots[0], "spot_advisor") : NULL;
    if (regions == NULL || regions->kind != WB_NODE_MAP) {
        return wb_fail(err, WB_ERR_INPUT, "%s: 'spot_advisor' is missing, expected a map",
                       table->import->options->input_path);
    }
    for (uint32_t i = 0; i < regions->count; i++) {
        WB_TRY(read_systems(table, regions->keys[i], regions->children[i], err));
    }
    return WB_OK;
}

static wb_status read_advice(advisor_table *table, wb_error *err)
{
    WB_TRY(table->import->text[0] == '{' ? read_json(table, err) : read_csv(table, err));
    if (table->pool_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no advice on Linux types with a known price",
                       table->import->options->input_path);
    }
    return WB_OK;
}

static wb_status read(wb_import *import, wb_error *err)
{
    advisor_table table = {.import = import};
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = 0, .source = "spot-advisor"};
    WB_TRY(wb_trace_writer_open(import->options->output_path, &header, &table.writer, err));
    wb_intern_init(&table.intern, import->arena);
    wb_names_init(&table.intern);
    const wb_status status = read_advice(&table, err);
    wb_intern_release(&table.intern);
    if (status != WB_OK) {
        wb_trace_writer_abandon(table.writer);
        return status;
    }
    import->report->end_ms = 0;
    wb_trace_import_note(import,
                         "%llu pools of a region and type priced by their savings; left out: %llu "
                         "without a known on-demand price, %llu of other systems",
                         (unsigned long long)table.pool_count,
                         (unsigned long long)table.unpriced_count,
                         (unsigned long long)table.other_count);
    wb_trace_import_note(import,
                         "interruption bands are rates of a month, not events, and make no "
                         "records: %llu below 5 %%, %llu, %llu, %llu, %llu above 20 %%",
                         (unsigned long long)table.bands[0], (unsigned long long)table.bands[1],
                         (unsigned long long)table.bands[2], (unsigned long long)table.bands[3],
                         (unsigned long long)table.bands[4]);
    return wb_trace_writer_commit(table.writer, 0, err);
}

const wb_importer wb_import_spot_advisor = {
    .name = "spot-advisor",
    .help = "AWS Spot Instance Advisor, JSON or CSV",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
