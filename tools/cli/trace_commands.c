/*
 * werkbank trace generate and info: everything about traces that is not a run. The work is
 * in traces/; here are options, and reports for people and programs.
 */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_generate.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/terminal.h"

static const wb_option info_options[] = {
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column info_columns[] = {
    {"TRACE", "trace", false, false},        {"RECORDS", "records", true, false},
    {"PODS", "pods", true, false},           {"SERVICES", "services", true, false},
    {"BATCH", "batch", true, false},         {"OPEN", "open", true, false},
    {"SHAPES", "shapes", true, false},       {"OWNERS", "owners", true, false},
    {"APPLIED", "applied", true, false},     {"DELETED", "deleted", true, false},
    {"SPAN", "span", false, false},          {"SPAN MS", "span_ms", true, true},
    {"CPU HOURS", "cpu_hours", true, false}, {"GPU HOURS", "gpu_hours", true, false},
    {"DIGEST", "digest", false, true},
};

static void add_info_row(wb_result_table *table, const char *path, const wb_trace_summary *summary)
{
    const uint64_t counts[] = {summary->record_count, summary->pod_count,   summary->service_count,
                               summary->batch_count,  summary->open_count,  summary->shape_count,
                               summary->owner_count,  summary->apply_count, summary->delete_count};
    char span[48];
    wb_duration_print(summary->end_ms, span);
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, path);
    uint32_t column = 1;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        wb_result_table_set_format(table, column++, "%llu", (unsigned long long)counts[i]);
    }
    wb_result_table_set(table, column++, span);
    wb_result_table_set_format(table, column++, "%lld", (long long)summary->end_ms);
    wb_result_table_set_format(table, column++, "%.3f", (double)summary->cpu_milli_hours / 1e3);
    wb_result_table_set_format(table, column++, "%.3f", (double)summary->gpu_milli_hours / 1e3);
    wb_result_table_set(table, column, summary->digest);
}

static wb_exit run_info(wb_invocation *invocation)
{
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, info_columns,
                         sizeof(info_columns) / sizeof(info_columns[0]));
    for (uint32_t i = 0; i < invocation->operand_count; i++) {
        wb_trace_summary summary;
        wb_error err;
        if (wb_trace_check(invocation->operands[i], &summary, &err) != WB_OK) {
            wb_terminal_error("%s", err.text);
            return WB_EXIT_USAGE;
        }
        add_info_row(&table, invocation->operands[i], &summary);
    }
    wb_text text;
    wb_text_init(&text);
    table.is_colored = wb_terminal_has_color(invocation);
    wb_result_table_print(&table, wb_command_text(invocation, "output"), &text);
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

const wb_command wb_trace_info_command = {
    .name = "trace info",
    .operands = "TRACE...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "what is in a trace: pods, span, hours",
    .description =
        "Reads each trace through once, checks every record, and prints counts, span and\n"
        "the CPU and GPU hours that its pods ask for (those with a known end).",
    .examples = "  werkbank trace info day.trace.zst",
    .options = info_options,
    .option_count = sizeof(info_options) / sizeof(info_options[0]),
    .run = run_info,
};

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
