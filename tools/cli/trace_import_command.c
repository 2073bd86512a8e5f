/*
 * werkbank trace import: recordings of all kinds into a trace of ours. The work is in traces/; here
 * are options, and what was read, repaired and dropped, for people and programs.
 */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "traces/trace_import.h"
#include "tools/cli/command_list.h"
#include "tools/cli/json_output.h"
#include "tools/cli/result_table.h"
#include "tools/cli/terminal.h"

static const wb_option import_options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the trace to write, packed when the name ends in .zst"},
    {.name = "format",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help =
         "what the recording is: openb, simkube, gpu-nodes, dlrm, spot-gpu, borg, azure, "
         "skypilot, spot-price, spot-advisor, csv, recording; recognised by its content otherwise"},
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
    {.name = "history",
     .kind = WB_OPTION_DURATION,
     .value_name = "DURATION",
     .help = "recordings of a cluster: what was created so long before they began keeps its time; "
             "older is there from the start (default 1m; lists alone: all times are kept)"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column import_columns[] = {
    {"TRACE", "trace", false, false},    {"FORMAT", "format", false, false},
    {"PODS", "pods", true, false},       {"SHAPES", "shapes", true, false},
    {"OBJECTS", "objects", true, false}, {"SPAN MS", "span_ms", true, false},
};

/* What only the recording of a cluster has. */
static const wb_result_column recording_columns[] = {
    {"TRACE", "trace", false, false},        {"FORMAT", "format", false, false},
    {"PODS", "pods", true, false},           {"SHAPES", "shapes", true, false},
    {"OBJECTS", "objects", true, false},     {"SPAN MS", "span_ms", true, false},
    {"NODES", "nodes", true, false},         {"SCALES", "scales", true, false},
    {"SPOT", "spot_events", true, false},    {"CPU HOURS", "cpu_hours", true, false},
    {"READ", "documents_read", true, false}, {"BYTES", "bytes_read", true, true},
    {"EPOCH", "epoch", false, false},
};

static const wb_result_column change_columns[] = {
    {"WHAT", "action", false, false},
    {"TIMES", "count", true, false},
    {"REASON", "reason", false, false},
    {"THE FIRST ONE", "example", false, false},
};

static void fill_row(wb_result_table *table, const char *out_path,
                     const wb_trace_import_report *report)
{
    char epoch[48] = "";
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, out_path);
    wb_result_table_set(table, 1, report->format);
    wb_result_table_set_format(table, 2, "%llu", (unsigned long long)report->pod_count);
    wb_result_table_set_format(table, 3, "%llu", (unsigned long long)report->shape_count);
    wb_result_table_set_format(table, 4, "%llu", (unsigned long long)report->object_count);
    wb_result_table_set_format(table, 5, "%lld", (long long)report->end_ms);
    if (table->column_count == sizeof(import_columns) / sizeof(import_columns[0])) {
        return;
    }
    wb_duration_print_time(report->epoch_ms, epoch);
    wb_result_table_set_format(table, 6, "%llu", (unsigned long long)report->node_count);
    wb_result_table_set_format(table, 7, "%llu", (unsigned long long)report->scale_count);
    wb_result_table_set_format(table, 8, "%llu", (unsigned long long)report->spot_count);
    wb_result_table_set_format(table, 9, "%.3f", (double)report->cpu_milli_hours / 1e3);
    wb_result_table_set_format(table, 10, "%llu", (unsigned long long)report->event_count);
    wb_result_table_set_format(table, 11, "%llu", (unsigned long long)report->byte_count);
    wb_result_table_set(table, 12, epoch);
}

static void fill_changes(wb_result_table *table, const wb_trace_import_report *report)
{
    for (uint32_t i = 0; i < report->change_count; i++) {
        const wb_trace_import_change *change = &report->changes[i];
        wb_result_table_add_row(table);
        wb_result_table_set(table, 0, change->action);
        wb_result_table_set_format(table, 1, "%llu", (unsigned long long)change->count);
        wb_result_table_set(table, 2, change->reason);
        wb_result_table_set(table, 3, change->example);
    }
}

/* The one row, and what was changed in a list of its own: as "changes" of the row in JSON. */
static void print_recording(wb_invocation *invocation, const char *out_path,
                            const wb_trace_import_report *report, wb_text *out)
{
    const char *format = wb_command_text(invocation, "output");
    wb_result_table row;
    wb_result_table changes;
    wb_result_table_init(&row, invocation->arena, recording_columns,
                         sizeof(recording_columns) / sizeof(recording_columns[0]));
    wb_result_table_init(&changes, invocation->arena, change_columns,
                         sizeof(change_columns) / sizeof(change_columns[0]));
    fill_row(&row, out_path, report);
    fill_changes(&changes, report);
    row.is_colored = wb_terminal_has_color(invocation);
    changes.is_colored = row.is_colored;
    if (strcmp(format, "json") != 0) {
        wb_result_table_print(&row, format, out);
        if (changes.row_count > 0 && strcmp(format, "table") == 0) {
            wb_text_add_string(out, "\n");
            wb_result_table_print(&changes, format, out);
        }
        return;
    }
    wb_text list;
    wb_text_init(&list);
    wb_result_table_print(&row, format, &list);
    const char *end = strrchr(wb_text_string(&list), '}'); /* of the one object */
    wb_text_add(out, wb_text_string(&list), (size_t)(end - wb_text_string(&list)));
    wb_text_clear(&list);
    wb_result_table_print(&changes, format, &list);
    wb_text_add_string(out, ",\"changes\":");
    wb_text_add_string(out, wb_text_string(&list));
    wb_text_add_string(out, "}]\n");
    wb_text_release(&list);
}

static void print_import(wb_invocation *invocation, const char *out_path,
                         const wb_trace_import_report *report, wb_text *out)
{
    if (strcmp(report->format, "recording") == 0) {
        print_recording(invocation, out_path, report, out);
        return;
    }
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, import_columns,
                         sizeof(import_columns) / sizeof(import_columns[0]));
    fill_row(&table, out_path, report);
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
        .input_paths = invocation->operands,
        .input_count = invocation->operand_count,
        .output_path = wb_command_text(invocation, "out"),
        .format = wb_command_text(invocation, "format"),
        .left_out = left_out->texts,
        .left_out_count = left_out->text_count,
        .has_history = wb_command_value(invocation, "history")->is_set,
        .history_ms = wb_command_number(invocation, "history"),
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
    .operands = "RECORDING...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "turn public traces, or the recording of a cluster, into a trace of ours",
    .description =
        "Reads a public trace (Alibaba, Borg, Azure, SimKube, SkyPilot, spot prices, CSV), or\n"
        "the files of one cluster's recording: kubectl's lists and watches as JSON, the API\n"
        "server's audit log, EC2's spot events and price history, all into one trace. Kinds\n"
        "are told by content. What was mapped is said on standard error; what a recording\n"
        "lost, and how it was repaired, stands below the result.",
    .examples = "  werkbank trace import openb_pod_list_default.csv --out openb.trace.zst\n"
                "  werkbank trace import pods-watch.json nodes-watch.json all.json --out "
                "mine.trace.zst",
    .options = import_options,
    .option_count = sizeof(import_options) / sizeof(import_options[0]),
    .run = run_import,
};
