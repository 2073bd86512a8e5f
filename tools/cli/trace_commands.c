/*
 * werkbank trace import, generate and info: everything about traces that is not a run. The work is
 * in traces/; here are options, and reports for people and programs.
 */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_generate.h"
#include "traces/trace_import.h"
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

static const wb_option import_options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the trace to write, packed when the name ends in .zst"},
    {.name = "format",
     .kind = WB_OPTION_CHOICE,
     .value_name = "NAME",
     .choices = "openb|simkube|gpu-nodes|dlrm|spot-gpu|borg|azure|skypilot|spot-price|csv",
     .help = "what the recording is; recognised by its content otherwise"},
    {.name = "machine",
     .kind = WB_OPTION_TEXT,
     .value_name = "CPU,MEMORY",
     .default_text = "128,512Gi",
     .help = "what 1.0 means where units are shares of a machine (borg, azure)"},
    {.name = "leave-out",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "RESOURCE",
     .help = "a resource that is not taken into requests (dlrm: rdma/nic-percent)"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column import_columns[] = {
    {"TRACE", "trace", false, false},    {"FORMAT", "format", false, false},
    {"PODS", "pods", true, false},       {"SHAPES", "shapes", true, false},
    {"OBJECTS", "objects", true, false}, {"SPAN MS", "span_ms", true, false},
};

static void print_import(wb_invocation *invocation, const char *out_path,
                         const wb_trace_import_report *report, wb_text *out)
{
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, import_columns,
                         sizeof(import_columns) / sizeof(import_columns[0]));
    wb_result_table_add_row(&table);
    wb_result_table_set(&table, 0, out_path);
    wb_result_table_set(&table, 1, report->format);
    wb_result_table_set_format(&table, 2, "%llu", (unsigned long long)report->pod_count);
    wb_result_table_set_format(&table, 3, "%llu", (unsigned long long)report->shape_count);
    wb_result_table_set_format(&table, 4, "%llu", (unsigned long long)report->object_count);
    wb_result_table_set_format(&table, 5, "%lld", (long long)report->end_ms);
    table.is_colored = wb_terminal_has_color(invocation);
    wb_result_table_print(&table, wb_command_text(invocation, "output"), out);
}

/* "128,512Gi": CPUs and memory of a machine. */
static wb_status parse_machine(const char *text, int64_t *out_cpu_milli, int64_t *out_memory_bytes,
                               wb_error *err)
{
    char cpu[32];
    wb_quantity cpus;
    wb_quantity memory;
    wb_error inner;
    const char *comma = strchr(text, ',');
    (void)snprintf(cpu, sizeof cpu, "%.*s", comma == NULL ? 0 : (int)(comma - text), text);
    if (comma == NULL || wb_quantity_parse(cpu, &cpus, &inner) != WB_OK ||
        wb_quantity_parse(comma + 1, &memory, &inner) != WB_OK || wb_quantity_milli(&cpus) < 1 ||
        wb_quantity_milli(&cpus) > 1000000000 || wb_quantity_units(&memory) < 1 ||
        wb_quantity_units(&memory) > INT64_C(1) << 50) {
        return wb_fail(err, WB_ERR_INPUT,
                       "--machine: '%s' is not CPUs and memory, expected such as 128,512Gi", text);
    }
    *out_cpu_milli = wb_quantity_milli(&cpus);
    *out_memory_bytes = wb_quantity_units(&memory);
    return WB_OK;
}

static wb_exit run_import(wb_invocation *invocation)
{
    const wb_option_value *left_out = wb_command_value(invocation, "leave-out");
    wb_trace_import_options options = {
        .input_path = invocation->operands[0],
        .output_path = wb_command_text(invocation, "out"),
        .format = wb_command_text(invocation, "format"),
        .left_out = left_out->texts,
        .left_out_count = left_out->text_count,
    };
    if (options.output_path == NULL) {
        wb_terminal_error("--out is missing, expected the trace to write");
        return WB_EXIT_USAGE;
    }
    wb_trace_import_report report;
    wb_error err;
    if (parse_machine(wb_command_text(invocation, "machine"), &options.machine_cpu_milli,
                      &options.machine_memory_bytes, &err) != WB_OK ||
        wb_trace_import(&options, invocation->arena, &report, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    for (uint32_t i = 0; i < report.note_count && !wb_command_flag(invocation, "quiet"); i++) {
        wb_terminal_error("%s: %s", options.input_path, report.notes[i]);
    }
    wb_text text;
    wb_text_init(&text);
    if (strcmp(options.output_path, "-") != 0) { /* else the trace itself is the result */
        print_import(invocation, options.output_path, &report, &text);
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

const wb_command wb_trace_import_command = {
    .name = "trace import",
    .operands = "RECORDING",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "turn a public or recorded trace into ours",
    .description =
        "Reads a recording (an Alibaba openb pod list, a SimKube trace) and writes it in\n"
        "werkbank's trace format. What was mapped or repaired is said on standard error.",
    .examples = "  werkbank trace import openb_pod_list_default.csv --out openb.trace.zst\n"
                "  werkbank trace import dsb-scaling.sktrace --out dsb.trace",
    .options = import_options,
    .option_count = sizeof(import_options) / sizeof(import_options[0]),
    .run = run_import,
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
