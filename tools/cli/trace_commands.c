/* werkbank trace generate: the work is in traces/; here are options and the report. */
#include <stdio.h>
#include <string.h>

#include "kube/names.h"
#include "traces/trace_generate.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/terminal.h"

static const wb_option generate_options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the trace to write, packed when the name ends in .zst"},
    {.name = "scale-percent",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "100",
     .minimum = 1,
     .maximum = 1000000000,
     .help = "replicas and arrival rates in per cent of the specification's"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed, instead of the specification's"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column generate_columns[] = {
    {"TRACE", "trace", false, false},
    {"PODS", "pods", true, false},
    {"SERVICE PODS", "service_pods", true, false},
    {"BATCH PODS", "batch_pods", true, false},
    {"SHAPES", "shapes", true, false},
    {"SPAN MS", "span_ms", true, false},
};

static wb_exit print_generated(wb_invocation *invocation, const char *path,
                               const wb_trace_generate_report *report)
{
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, generate_columns,
                         sizeof(generate_columns) / sizeof(generate_columns[0]));
    wb_result_table_add_row(&table);
    wb_result_table_set(&table, 0, path);
    wb_result_table_set_format(&table, 1, "%llu", (unsigned long long)report->pod_count);
    wb_result_table_set_format(&table, 2, "%llu", (unsigned long long)report->service_pod_count);
    wb_result_table_set_format(&table, 3, "%llu", (unsigned long long)report->batch_pod_count);
    wb_result_table_set_format(&table, 4, "%u", report->shape_count);
    wb_result_table_set_format(&table, 5, "%lld", (long long)report->end_ms);
    wb_text text;
    wb_text_init(&text);
    if (strcmp(path, "-") != 0) { /* else the trace itself is the result */
        table.is_colored = wb_terminal_has_color(invocation);
        wb_result_table_print(&table, wb_command_text(invocation, "output"), &text);
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

static wb_exit run_generate(wb_invocation *invocation)
{
    const wb_trace_generate_options options = {
        .spec_path = invocation->operands[0],
        .output_path = wb_command_text(invocation, "out"),
        .scale = (double)wb_command_number(invocation, "scale-percent") / 100.0,
        .seed_is_set = wb_command_flag(invocation, "seed"),
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    if (options.output_path == NULL) {
        wb_terminal_error("--out is missing, expected the trace to write");
        return WB_EXIT_USAGE;
    }
    wb_intern intern;
    wb_findings findings;
    wb_intern_init(&intern, invocation->arena);
    wb_names_init(&intern);
    wb_findings_init(&findings, invocation->arena, true);
    wb_trace_generate_report report;
    wb_error err;
    const wb_status status =
        wb_trace_generate(&options, invocation->arena, &intern, &findings, &report, &err);
    wb_terminal_print_findings(&findings, wb_command_flag(invocation, "quiet"));
    wb_intern_release(&intern);
    if (status != WB_OK) {
        if (findings.error_count == 0) {
            wb_terminal_error("%s", err.text);
        }
        return WB_EXIT_USAGE;
    }
    return print_generated(invocation, options.output_path, &report);
}

const wb_command wb_trace_generate_command = {
    .name = "trace generate",
    .operands = "SPEC.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "make a trace of services and batch jobs from a short specification",
    .description =
        "Writes a trace of services whose replicas follow the day and of batch queues with\n"
        "Poisson arrivals and lognormal durations. Same specification and seed, same bytes.",
    .examples = "  werkbank trace generate scenarios/day/day.spec.yaml --out day.trace.zst",
    .options = generate_options,
    .option_count = sizeof(generate_options) / sizeof(generate_options[0]),
    .run = run_generate,
};
