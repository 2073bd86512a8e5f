/* werkbank bench solver: the provisioning solver on upstream's own benchmark workload. */
#include <string.h>

#include "bench/solver_bench.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/table_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "case",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "a recorded input, such as bench-diverse-5000.json.gz"},
    {.name = "diverse",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "0",
     .minimum = 0,
     .maximum = 10000000,
     .help = "generate N pods of upstream's five classes"},
    {.name = "preference",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "0",
     .minimum = 0,
     .maximum = 10000000,
     .help = "generate N equal pods with preferences"},
    {.name = "ignore-preferences", .kind = WB_OPTION_FLAG, .help = "PreferencePolicy Ignore"},
    {.name = "plain", .kind = WB_OPTION_FLAG, .help = "the plain solver"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "42",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed of generated pods"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column columns[] = {
    {"PODS", "pods", true, false},
    {"NODES", "nodes", true, false},
    {"UNSCHEDULED", "unscheduled", true, false},
    {"SOLVE MS", "solve_ms", true, false},
    {"WORLD MS", "world_ms", true, false},
    {"SHAPES MS", "shapes_ms", true, false},
    {"USD/H", "usd_per_hour", true, false},
    {"RSS BYTES", "rss_bytes", true, false},
    {"NODE CHECKS", "node_checks", true, true},
    {"CLAIM CHECKS", "claim_checks", true, true},
    {"TYPE CHECKS", "type_checks", true, true},
    {"RELAXATIONS", "relaxations", true, true},
};

static void fill_row(wb_result_table *table, const wb_solver_bench_result *result)
{
    const uint64_t work[] = {result->node_checks, result->claim_checks, result->type_checks,
                             result->relaxations};
    wb_result_table_add_row(table);
    wb_result_table_set_format(table, 0, "%u", result->pods);
    wb_result_table_set_format(table, 1, "%u", result->nodes);
    wb_result_table_set_format(table, 2, "%u", result->unscheduled);
    wb_result_table_set_format(table, 3, "%.3f", result->solve_ms);
    wb_result_table_set_format(table, 4, "%.3f", result->world_ms);
    wb_result_table_set_format(table, 5, "%.3f", result->shapes_ms);
    wb_result_table_set_format(table, 6, "%.2f", result->usd_per_hour);
    wb_result_table_set_format(table, 7, "%lld", (long long)result->rss_bytes);
    for (uint32_t i = 0; i < sizeof(work) / sizeof(work[0]); i++) {
        wb_result_table_set_format(table, 8 + i, "%llu", (unsigned long long)work[i]);
    }
}

static wb_exit run(wb_invocation *invocation)
{
    const wb_solver_bench_options bench = {
        .case_path = wb_command_text(invocation, "case"),
        .diverse_pods = (uint32_t)wb_command_number(invocation, "diverse"),
        .preference_pods = (uint32_t)wb_command_number(invocation, "preference"),
        .preferences_ignored = wb_command_flag(invocation, "ignore-preferences"),
        .plain = wb_command_flag(invocation, "plain"),
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    wb_solver_bench_result result;
    wb_error err;
    if (wb_solver_bench_run(&bench, &result, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, columns, sizeof(columns) / sizeof(columns[0]));
    fill_row(&table, &result);
    return wb_table_output_write(invocation, &table);
}

const wb_command wb_bench_solver_command = {
    .name = "bench solver",
    .operands = "",
    .summary = "time a provisioning solve on upstream's benchmark workload",
    .description =
        "One cold solve in one thread; reading and decoding are not timed. Times are CPU\n"
        "milliseconds.",
    .examples = "  werkbank bench solver --diverse 5000\n"
                "  werkbank bench solver --case bench-diverse-5000.json.gz -o json",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
