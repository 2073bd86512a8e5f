/* werkbank bench consolidation: passes of Karpenter's disruption loop. */
#include <stdio.h>
#include <string.h>

#include "bench/consolidation_bench.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/table_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "nodes",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1000",
     .minimum = 1,
     .maximum = 100000,
     .help = "nodes, with ten pods each"},
    {.name = "packing",
     .kind = WB_OPTION_CHOICE,
     .value_name = "KIND",
     .default_text = "loose",
     .choices = "loose|tight",
     .help = "loose: much to gain; tight: nothing, so every node is tried"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed of the sizes of nodes and pods"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column columns[] = {
    {"NODES", "nodes", true, false},
    {"PODS", "pods", true, false},
    {"TYPES", "types", true, false},
    {"PASS MS", "pass_ms", true, false},
    {"MULTI MS", "multi_node_ms", true, false},
    {"MULTI RESULT", "multi_node_result", false, false},
    {"SINGLE MS", "single_node_ms", true, false},
    {"SINGLE RESULT", "single_node_result", false, false},
    {"TRIED", "single_node_simulations", true, false},
    {"WORLD MS", "world_ms", true, true},
    {"RSS BYTES", "rss_bytes", true, false},
};

static void set_result(wb_result_table *table, uint32_t column,
                       const wb_consolidation_bench_method *method)
{
    if (method->removed_count == 0) {
        wb_result_table_set_format(table, column, "nothing");
    } else if (method->made_count == 0) {
        wb_result_table_set_format(table, column, "delete %u", method->removed_count);
    } else {
        wb_result_table_set_format(table, column, "replace %u by %u", method->removed_count,
                                   method->made_count);
    }
}

static void fill_row(wb_result_table *table, uint32_t node_count,
                     const wb_consolidation_bench_result *result)
{
    wb_result_table_add_row(table);
    wb_result_table_set_format(table, 0, "%u", node_count);
    wb_result_table_set_format(table, 1, "%u", result->pod_count);
    wb_result_table_set_format(table, 2, "%u", result->type_count);
    wb_result_table_set_format(table, 3, "%.3f", result->pass_ms);
    wb_result_table_set_format(table, 4, "%.3f", result->multi_node.ms);
    set_result(table, 5, &result->multi_node);
    wb_result_table_set_format(table, 6, "%.3f", result->single_node.ms);
    set_result(table, 7, &result->single_node);
    wb_result_table_set_format(table, 8, "%u", result->single_node.simulation_count);
    wb_result_table_set_format(table, 9, "%.3f", result->world_ms);
    wb_result_table_set_format(table, 10, "%lld", (long long)result->rss_bytes);
}

static wb_exit run(wb_invocation *invocation)
{
    const wb_consolidation_bench_options bench = {
        .node_count = (uint32_t)wb_command_number(invocation, "nodes"),
        .is_tight = strcmp(wb_command_text(invocation, "packing"), "tight") == 0,
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    wb_consolidation_bench_result result;
    wb_error err = {0};
    if (wb_consolidation_bench_run(&bench, &result, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, columns, sizeof(columns) / sizeof(columns[0]));
    fill_row(&table, bench.node_count, &result);
    return wb_table_output_write(invocation, &table);
}

const wb_command wb_bench_consolidation_command = {
    .name = "bench consolidation",
    .operands = "",
    .summary = "time passes of Karpenter's disruption loop",
    .description =
        "One cold pass (candidates, budgets, search, validation without its 15 s), and the\n"
        "two consolidations alone, in one thread. Times are CPU milliseconds; making the\n"
        "cluster is not timed.",
    .examples = "  werkbank bench consolidation --nodes 1000 --packing tight\n"
                "  werkbank bench consolidation --nodes 10000 --packing loose -o json",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
