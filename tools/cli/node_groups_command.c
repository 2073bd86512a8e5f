/* werkbank bench node-groups: Cluster Autoscaler's scale-up and scale-down passes. */
#include "bench/node_groups.h"
#include "bench/stopwatch.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/table_output.h"

static const wb_option options[] = {
    {.name = "pods",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "10000",
     .minimum = 1,
     .maximum = 10000000,
     .help = "pending pods to scale up for"},
    {.name = "groups",
     .kind = WB_OPTION_INTEGER,
     .value_name = "G",
     .default_text = "20",
     .minimum = 1,
     .maximum = 10000,
     .help = "empty node groups, of 18 instance types"},
    {.name = "identical", .kind = WB_OPTION_FLAG, .help = "pods of one ReplicaSet"},
    {.name = "nodes",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1000",
     .minimum = 1,
     .maximum = 1000000,
     .help = "nodes to look for unneeded ones among"},
    {.name = "parallelism",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "10",
     .minimum = 1,
     .maximum = 1000000,
     .help = "--max-scale-down-parallelism: a pass looks for twice as many"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed of the pods' sizes"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column columns[] = {
    {"PODS", "pods", true, false},
    {"GROUPS", "groups", true, false},
    {"SCALE-UP MS", "scale_up_ms", true, false},
    {"OPTIONS", "options", true, false},
    {"NODES ADDED", "nodes_added", true, false},
    {"NODES", "nodes", true, false},
    {"SCALE-DOWN MS", "scale_down_ms", true, false},
    {"UNNEEDED", "unneeded", true, false},
    {"RSS BYTES", "rss_bytes", true, false},
    {"RULE CHECKS", "rule_checks", true, true},
};

static void fill_row(wb_result_table *table, const wb_node_groups_options *bench,
                     const wb_node_groups_result *result)
{
    wb_result_table_add_row(table);
    wb_result_table_set_format(table, 0, "%u", bench->pod_count);
    wb_result_table_set_format(table, 1, "%u", bench->group_count);
    wb_result_table_set_format(table, 2, "%.3f", result->scale_up_ms);
    wb_result_table_set_format(table, 3, "%u", result->option_count);
    wb_result_table_set_format(table, 4, "%u", result->added_node_count);
    wb_result_table_set_format(table, 5, "%u", bench->node_count);
    wb_result_table_set_format(table, 6, "%.3f", result->scale_down_ms);
    wb_result_table_set_format(table, 7, "%u", result->unneeded_count);
    wb_result_table_set_format(table, 8, "%lld", (long long)wb_stopwatch_resident_bytes_max());
    wb_result_table_set_format(table, 9, "%llu", (unsigned long long)result->rule_checks);
}

static wb_exit run(wb_invocation *invocation)
{
    const wb_node_groups_options bench = {
        .pod_count = (uint32_t)wb_command_number(invocation, "pods"),
        .group_count = (uint32_t)wb_command_number(invocation, "groups"),
        .node_count = (uint32_t)wb_command_number(invocation, "nodes"),
        .parallelism = wb_command_number(invocation, "parallelism"),
        .are_identical = wb_command_flag(invocation, "identical"),
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    wb_node_groups_result result;
    wb_node_groups_run(&bench, &result);
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, columns, sizeof(columns) / sizeof(columns[0]));
    fill_row(&table, &bench, &result);
    return wb_table_output_write(invocation, &table);
}

const wb_command wb_bench_node_groups_command = {
    .name = "bench node-groups",
    .operands = "",
    .summary = "time Cluster Autoscaler's scale-up and scale-down passes",
    .description =
        "One cold pass each, in one thread. Times are CPU milliseconds; making the pods,\n"
        "nodes and groups is not timed.",
    .examples = "  werkbank bench node-groups --pods 10000 --groups 20\n"
                "  werkbank bench node-groups --nodes 1000 --parallelism 1000 -o json",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
