/* werkbank bench trace: how fast traces and recordings are read. */
#include "bench/trace_bench.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/table_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "pods",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1000000",
     .minimum = 1,
     .maximum = 100000000,
     .help = "pods of the trace that is made, without FILE"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column columns[] = {
    {"STEP", "step", false, false},           {"BYTES", "bytes", true, false},
    {"RECORDS", "records", true, false},      {"CPU MS", "cpu_ms", true, false},
    {"MB/S", "megabytes_per_s", true, false}, {"RECORDS/S", "records_per_s", true, false},
    {"RSS BYTES", "rss_bytes", true, false},
};

static wb_exit run(wb_invocation *invocation)
{
    const wb_trace_bench_options bench = {
        .path = invocation->operand_count > 0 ? invocation->operands[0] : NULL,
        .pod_count = (uint64_t)wb_command_number(invocation, "pods"),
    };
    wb_trace_bench_result result;
    wb_error err;
    if (wb_trace_bench_run(&bench, invocation->arena, &result, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t i = 0; i < result.step_count; i++) {
        const wb_trace_bench_step *step = &result.steps[i];
        wb_result_table_add_row(&table);
        wb_result_table_set(&table, 0, step->name);
        wb_result_table_set_format(&table, 1, "%llu", (unsigned long long)step->bytes);
        wb_result_table_set_format(&table, 2, "%llu", (unsigned long long)step->records);
        wb_result_table_set_format(&table, 3, "%.1f", step->cpu_ms);
        wb_result_table_set_format(&table, 4, "%.0f", (double)step->bytes / step->cpu_ms / 1e3);
        wb_result_table_set_format(&table, 5, "%.0f", (double)step->records / step->cpu_ms * 1e3);
        wb_result_table_set_format(&table, 6, "%lld", (long long)result.rss_bytes);
    }
    return wb_table_output_write(invocation, &table);
}

const wb_command wb_bench_trace_command = {
    .name = "bench trace",
    .operands = "[FILE]",
    .operand_minimum = 0,
    .operand_maximum = 1,
    .summary = "time reading, counting, copying and importing of traces",
    .description =
        "Reads a trace by the fast way and the plain one, sums it up as trace info does, and\n"
        "copies it as the tools do; or imports a recording. Without FILE a trace is made in\n"
        "/tmp. CPU time of one thread; megabytes are millions of bytes of the file.",
    .examples = "  werkbank bench trace --pods 1000000\n"
                "  werkbank bench trace audit.jsonl -o json",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
