/*
 * werkbank catalog list, show and import: the shipped catalog looked through, or another one made
 * from what the AWS command line prints. Selecting and importing are in kube/catalog; here are
 * options and tables.
 */
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "kube/catalog/catalog_import.h"
#include "kube/catalog/catalog_query.h"
#include "kube/names.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/terminal.h"

static const wb_option list_options[] = {
    {.name = "region",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .default_text = "us-east-1",
     .help = "the region whose types and prices are shown"},
    {.name = "selector",
     .letter = 'l',
     .kind = WB_OPTION_TEXT,
     .value_name = "EXPRESSION",
     .help = "labels to match, as kubectl's -l, short keys too: 'instance-family in (m5,c5),"
             "instance-cpu>8,!instance-gpu-name'"},
    {.name = "sort",
     .kind = WB_OPTION_CHOICE,
     .value_name = "ORDER",
     .default_text = "price",
     .choices = "catalog|name|price|on-demand|spot|cpu|memory",
     .help = "the order of rows"},
    {.name = "descending", .kind = WB_OPTION_FLAG, .help = "the other way round"},
    {.name = "per-zone", .kind = WB_OPTION_FLAG, .help = "a row per type and zone"},
    {.name = "limit",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "0",
     .minimum = 0,
     .maximum = 1000000,
     .help = "at most this many rows, 0 for all"},
    {.name = "catalog",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "a catalog from catalog import instead of the shipped one"},
    WB_OPTION_OUTPUT("table|wide|json|csv|markdown"),
};

static const wb_result_column list_columns[] = {
    {"TYPE", "instance_type", false, false},
    {"ZONE", "zone", false, true},
    {"CPU", "cpu", true, false},
    {"MEMORY", "memory", false, false},
    {"GPU", "gpu_count", true, false},
    {"PODS", "pods", true, false},
    {"ALLOCATABLE CPU", "allocatable_cpu", false, true},
    {"ALLOCATABLE MEMORY", "allocatable_memory", false, true},
    {"ON-DEMAND/H", "on_demand_price_per_hour", true, false},
    {"SPOT/H", "spot_price_per_hour", true, false},
};

static const wb_option show_options[] = {
    {.name = "region",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .default_text = "us-east-1",
     .help = "the region whose prices are shown"},
    {.name = "catalog",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "a catalog from catalog import instead of the shipped one"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column show_columns[] = {
    {"GROUP", "group", false, false},
    {"NAME", "name", false, false},
    {"VALUE", "value", false, false},
};

static const wb_option import_options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the catalog to write, as JSON"},
    {.name = "region",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "the region; otherwise the one that the files name"},
    {.name = "zone",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "NAME",
     .help = "a zone of the region; otherwise those that the files name"},
};

/* The catalog that --catalog or --region names, in the invocation's arena. */
static wb_status load_catalog(wb_invocation *invocation, wb_intern *intern, wb_catalog *out,
                              wb_error *err)
{
    const char *path = wb_command_text(invocation, "catalog");
    wb_intern_init(intern, invocation->arena);
    wb_names_init(intern);
    if (path != NULL) {
        return wb_catalog_import_read_back(invocation->arena, intern, path, out, err);
    }
    const wb_catalog_place place = {.region = wb_command_text(invocation, "region")};
    return wb_catalog_load(invocation->arena, intern, &place, out, err);
}

static void set_price(wb_result_table *table, uint32_t column, double price)
{
    if (price >= 0.0) {
        wb_result_table_set_format(table, column, "%.6f", price);
    }
}

static void add_list_row(wb_result_table *table, const wb_intern *intern, const wb_catalog *catalog,
                         const wb_catalog_row *row)
{
    char text[48];
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, wb_intern_text(intern, catalog->types[row->type_index].name));
    if (row->zone != 0) {
        wb_result_table_set(table, 1, wb_intern_text(intern, row->zone));
    }
    wb_result_table_set_format(table, 2, "%lld", (long long)(row->cpu_milli / 1000));
    wb_quantity_print_bytes(row->memory_bytes, text);
    wb_result_table_set(table, 3, text);
    wb_result_table_set_format(table, 4, "%lld", (long long)row->gpu_count);
    wb_result_table_set_format(table, 5, "%lld", (long long)row->pods);
    wb_quantity_print_milli(row->allocatable_cpu_milli, text);
    wb_result_table_set(table, 6, text);
    wb_quantity_print_bytes(row->allocatable_memory_bytes, text);
    wb_result_table_set(table, 7, text);
    set_price(table, 8, row->on_demand_price);
    set_price(table, 9, row->spot_price);
}

static wb_exit print_table(const wb_invocation *invocation, wb_result_table *table,
                           const char *below)
{
    const char *format = wb_command_text(invocation, "output");
    wb_text text;
    wb_text_init(&text);
    table->is_colored = wb_terminal_has_color(invocation);
    wb_result_table_print(table, format, &text);
    if (below != NULL && (strcmp(format, "table") == 0 || strcmp(format, "wide") == 0)) {
        wb_text_add_format(&text, "\nprices: %s\n", below);
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

static wb_exit run_list(wb_invocation *invocation)
{
    wb_intern intern;
    wb_catalog catalog;
    wb_catalog_rows rows = {0};
    wb_error err;
    wb_catalog_query query = {
        .selector = wb_command_text(invocation, "selector"),
        .globs = invocation->operands,
        .glob_count = invocation->operand_count,
        .is_descending = wb_command_flag(invocation, "descending"),
        .per_zone = wb_command_flag(invocation, "per-zone"),
        .row_limit = (uint32_t)wb_command_number(invocation, "limit"),
    };
    (void)wb_catalog_query_parse_order(wb_command_text(invocation, "sort"), &query.order);
    if (load_catalog(invocation, &intern, &catalog, &err) != WB_OK ||
        wb_catalog_query_rows(invocation->arena, &intern, &catalog, &query, &rows, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        wb_intern_release(&intern);
        return WB_EXIT_USAGE;
    }
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, list_columns,
                         sizeof(list_columns) / sizeof(list_columns[0]));
    for (uint32_t i = 0; i < rows.count; i++) {
        add_list_row(&table, &intern, &catalog, &rows.items[i]);
    }
    const wb_exit exit_status = print_table(invocation, &table, catalog.price_source);
    wb_intern_release(&intern);
    return exit_status;
}

const wb_command wb_catalog_list_command = {
    .name = "catalog list",
    .operands = "[GLOB...]",
    .operand_maximum = UINT32_MAX,
    .summary = "EC2 instance types with sizes and prices",
    .description =
        "Lists the instance types of a region, filtered by name (shell globs) and labels,\n"
        "with capacity and prices per hour, cheapest first unless told otherwise.",
    .examples = "  werkbank catalog list 'm5.*' --sort cpu\n"
                "  werkbank catalog list -l 'kubernetes.io/arch=arm64,instance-cpu>31' --sort spot",
    .options = list_options,
    .option_count = sizeof(list_options) / sizeof(list_options[0]),
    .run = run_list,
};

static void add_offerings(wb_result_table *table, const wb_intern *intern,
                          const wb_catalog_type *type)
{
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->offerings[i];
        wb_result_table_add_row(table);
        wb_result_table_set(table, 0, "offering");
        wb_result_table_set_format(table, 1, "%s %s", wb_intern_text(intern, offering->zone),
                                   wb_capacity_type_name(offering->capacity_type));
        wb_result_table_set_format(table, 2, "%.6f%s", offering->price_usd_per_hour,
                                   offering->is_available ? "" : " (not available)");
    }
}

static wb_exit run_show(wb_invocation *invocation)
{
    wb_intern intern;
    wb_catalog catalog;
    uint32_t type_index = 0;
    wb_error err;
    if (load_catalog(invocation, &intern, &catalog, &err) != WB_OK ||
        wb_catalog_query_find(&catalog, &intern, invocation->operands[0], &type_index, &err) !=
            WB_OK) {
        wb_terminal_error("%s", err.text);
        wb_intern_release(&intern);
        return WB_EXIT_USAGE;
    }
    const wb_catalog_detail *details = NULL;
    const uint32_t count =
        wb_catalog_query_details(invocation->arena, &intern, &catalog, type_index, &details);
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, show_columns,
                         sizeof(show_columns) / sizeof(show_columns[0]));
    for (uint32_t i = 0; i < count; i++) {
        wb_result_table_add_row(&table);
        wb_result_table_set(&table, 0, details[i].group);
        wb_result_table_set(&table, 1, details[i].name);
        wb_result_table_set(&table, 2, details[i].value);
    }
    add_offerings(&table, &intern, &catalog.types[type_index]);
    const wb_exit exit_status = print_table(invocation, &table, catalog.price_source);
    wb_intern_release(&intern);
    return exit_status;
}

const wb_command wb_catalog_show_command = {
    .name = "catalog show",
    .operands = "TYPE",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "everything known of one instance type",
    .description =
        "Prints capacity, overhead, allocatable, labels, limits and offerings of a type.",
    .examples = "  werkbank catalog show m5.large",
    .options = show_options,
    .option_count = sizeof(show_options) / sizeof(show_options[0]),
    .run = run_show,
};

static wb_exit run_import(wb_invocation *invocation)
{
    const wb_option_value *zones = wb_command_value(invocation, "zone");
    const char *out_path = wb_command_text(invocation, "out");
    if (out_path == NULL) {
        wb_terminal_error("--out is missing, expected the catalog to write");
        return WB_EXIT_USAGE;
    }
    const wb_catalog_import_options options = {
        .paths = invocation->operands,
        .path_count = invocation->operand_count,
        .region = wb_command_text(invocation, "region"),
        .zones = (const char *const *)zones->texts,
        .zone_count = zones->text_count,
    };
    wb_intern intern;
    wb_intern_init(&intern, invocation->arena);
    wb_names_init(&intern);
    wb_catalog catalog;
    wb_catalog_import_counts counts;
    wb_error err;
    wb_status status =
        wb_catalog_import(invocation->arena, &intern, &options, &catalog, &counts, &err);
    if (status == WB_OK) {
        status = wb_catalog_import_write(&catalog, &intern, out_path, &err);
    }
    wb_intern_release(&intern);
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    if (!wb_command_flag(invocation, "quiet")) {
        wb_terminal_error("%s: %u types; read %u types, %u on-demand prices, %u spot prices; %u "
                          "records of other systems skipped, %u types without a price left out",
                          out_path, catalog.type_count, counts.instance_types,
                          counts.on_demand_prices, counts.spot_prices, counts.skipped,
                          counts.unpriced_types);
    }
    return WB_EXIT_DONE;
}

const wb_command wb_catalog_import_command = {
    .name = "catalog import",
    .operands = "FILE...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "a catalog from AWS' own JSON, for other regions and prices",
    .description = "Reads what these print as JSON, any number of files, and writes one catalog:\n"
                   "aws ec2 describe-instance-types, describe-instance-type-offerings,\n"
                   "describe-spot-price-history; aws pricing get-products; the bulk price list.",
    .examples = "  werkbank catalog import types.json spot.json prices.json --out eu.json\n"
                "  werkbank run scenario.yaml --catalog eu.json",
    .options = import_options,
    .option_count = sizeof(import_options) / sizeof(import_options[0]),
    .run = run_import,
};
