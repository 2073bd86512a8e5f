/* werkbank trace validate, convert and diff: whether traces are good, other forms, comparison. */
#include <stddef.h>
#include <string.h>

#include "base/duration.h"
#include "base/file_writer.h"
#include "traces/trace_diff.h"
#include "traces/trace_merge.h"
#include "traces/trace_table.h"
#include "traces/trace_validate.h"
#include "tools/cli/command_list.h"
#include "tools/cli/json_output.h"
#include "tools/cli/result_table.h"
#include "tools/cli/table_output.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_source.h"

static const wb_option validate_options[] = {
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column validate_columns[] = {
    {"TRACE", "trace", false, false},
    {"VALID", "valid", false, false},
    {"RECORDS", "records", true, false},
    {"ODDITIES", "oddities", true, false},
    {"LATE ENDS", "late_ends", true, false},
    {"UNKNOWN DELETES", "unknown_deletes", true, false},
    {"UNKNOWN SCALES", "unknown_scales", true, false},
    {"TWICE", "twice", true, false},
    {"UNKNOWN NODES", "unknown_nodes", true, false},
    {"UNUSED SHAPES", "unused_shapes", true, false},
    {"UNUSED OWNERS", "unused_owners", true, false},
    {"MESSAGE", "message", false, false},
};

static void add_validated(wb_result_table *table, const char *path, wb_status status,
                          const wb_trace_oddities *found, const wb_error *err)
{
    const uint64_t counts[] = {found->record_count,        wb_trace_validate_oddity_count(found),
                               found->late_end_count,      found->unknown_delete_count,
                               found->unknown_scale_count, found->twice_count,
                               found->unknown_node_count,  found->unused_shape_count,
                               found->unused_owner_count};
    const size_t count = sizeof(counts) / sizeof(counts[0]);
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, path);
    wb_result_table_set(table, 1, status == WB_OK ? "yes" : "no");
    for (uint32_t i = 0; i < count && status == WB_OK; i++) {
        wb_result_table_set_format(table, 2 + i, "%llu", (unsigned long long)counts[i]);
    }
    if (status != WB_OK) {
        wb_result_table_set(table, 2 + (uint32_t)count, err->text);
    }
}

static wb_exit run_validate(wb_invocation *invocation)
{
    wb_result_table table;
    bool is_good = true;
    wb_result_table_init(&table, invocation->arena, validate_columns,
                         sizeof(validate_columns) / sizeof(validate_columns[0]));
    for (uint32_t i = 0; i < invocation->operand_count; i++) {
        wb_trace_oddities found;
        wb_error err;
        const wb_status status = wb_trace_validate(invocation->operands[i], &found, &err);
        add_validated(&table, invocation->operands[i], status, &found, &err);
        is_good = is_good && status == WB_OK;
    }
    const wb_exit exit_status = wb_table_output_write(invocation, &table);
    return exit_status == WB_EXIT_DONE && !is_good ? WB_EXIT_FINDING : exit_status;
}

const wb_command wb_trace_validate_command = {
    .name = "trace validate",
    .operands = "TRACE...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "whether traces are good, and what is odd in them",
    .description =
        "Reads every record as a run would. A trace that a run would refuse is told with file,\n"
        "line and field, and the exit status is 1. Oddities are allowed, and counted: pods that\n"
        "end behind the trace, deletes and scales of what is not there, pods without end of a\n"
        "name that is there, pods on nodes that are not, shapes and owners that no pod uses.",
    .examples = "  werkbank trace validate *.trace.zst",
    .options = validate_options,
    .option_count = sizeof(validate_options) / sizeof(validate_options[0]),
    .run = run_validate,
};

/* ---- convert ---- */

static const wb_option convert_options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "what to write: .csv is a table of pods, else a trace; packed when it ends in .zst"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column convert_columns[] = {
    {"FILE", "file", false, false},      {"FORM", "form", false, false},
    {"PODS", "pods", true, false},       {"RECORDS LEFT OUT", "records_left_out", true, false},
    {"SPAN MS", "span_ms", true, false},
};

static bool is_table_name(const char *path)
{
    const char *dot = strstr(path, ".csv");
    return dot != NULL && (dot[4] == 0 || strcmp(dot + 4, ".zst") == 0);
}

/* A table, or the trace again: shapes and owners renumbered, packed or not. */
static wb_status do_convert(const wb_invocation *invocation, const char *out_path,
                            wb_trace_tool_report *out, wb_error *err)
{
    const char *path = NULL;
    WB_TRY(wb_trace_source_open(invocation->operands[0], wb_command_flag(invocation, "quiet"),
                                invocation->arena, &path, err));
    if (is_table_name(out_path)) {
        return wb_trace_table_write(path, out_path, out, err);
    }
    const wb_trace_merge_input input = {.path = path};
    const wb_trace_merge_options options = {.ignores_calendar = true};
    WB_TRY(wb_trace_merge(&input, 1, &options, out_path, out, err));
    out->record_count = 0; /* nothing was left out */
    return WB_OK;
}

static wb_exit run_convert(wb_invocation *invocation)
{
    const char *out_path = wb_command_text(invocation, "out");
    wb_trace_tool_report report;
    wb_error err;
    if (out_path == NULL) {
        wb_terminal_error("--out is missing, expected the file to write");
        return WB_EXIT_USAGE;
    }
    const wb_status status = do_convert(invocation, out_path, &report, &err);
    wb_trace_source_remove_all();
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        return status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    }
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, convert_columns,
                         sizeof(convert_columns) / sizeof(convert_columns[0]));
    wb_result_table_add_row(&table);
    wb_result_table_set(&table, 0, out_path);
    wb_result_table_set(&table, 1, is_table_name(out_path) ? "csv" : "trace");
    wb_result_table_set_format(&table, 2, "%llu", (unsigned long long)report.pod_count);
    wb_result_table_set_format(&table, 3, "%llu", (unsigned long long)report.record_count);
    wb_result_table_set_format(&table, 4, "%lld", (long long)report.end_ms);
    return strcmp(out_path, "-") == 0 ? WB_EXIT_DONE : wb_table_output_write(invocation, &table);
}

const wb_command wb_trace_convert_command = {
    .name = "trace convert",
    .operands = "TRACE",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "a trace packed, unpacked, or as a table of pods",
    .description =
        "Writes a trace (or a recording that trace import knows) in another form: FILE.trace,\n"
        "FILE.trace.zst, or FILE.csv with a row per pod, which trace import --format csv reads.\n"
        "A table has requests and ends, no constraints; what has no column is counted.",
    .examples = "  werkbank trace convert day.trace.zst --out day.csv\n"
                "  werkbank trace convert day.trace --out day.trace.zst",
    .options = convert_options,
    .option_count = sizeof(convert_options) / sizeof(convert_options[0]),
    .run = run_convert,
};

/* ---- diff ---- */

static const wb_option diff_options[] = {
    WB_OPTION_OUTPUT("table|json"),
};

/* What both traces are compared in. */
static const struct {
    const char *title, *key;
    size_t offset; /* of a uint64_t or int64_t in wb_trace_summary */
} compared[] = {
    {"records", "records", offsetof(wb_trace_summary, record_count)},
    {"pods", "pods", offsetof(wb_trace_summary, pod_count)},
    {"services", "services", offsetof(wb_trace_summary, service_count)},
    {"batch", "batch", offsetof(wb_trace_summary, batch_count)},
    {"open", "open", offsetof(wb_trace_summary, open_count)},
    {"shapes", "shapes", offsetof(wb_trace_summary, shape_count)},
    {"owners", "owners", offsetof(wb_trace_summary, owner_count)},
    {"applied", "applied", offsetof(wb_trace_summary, apply_count)},
    {"deleted", "deleted", offsetof(wb_trace_summary, delete_count)},
    {"nodes", "nodes", offsetof(wb_trace_summary, node_count)},
    {"scales", "scales", offsetof(wb_trace_summary, scale_count)},
    {"spot", "spot", offsetof(wb_trace_summary, spot_count)},
    {"end ms", "end_ms", offsetof(wb_trace_summary, end_ms)},
    {"epoch ms", "epoch_ms", offsetof(wb_trace_summary, epoch_ms)},
    {"CPU milli-hours", "cpu_milli_hours", offsetof(wb_trace_summary, cpu_milli_hours)},
    {"GPU milli-hours", "gpu_milli_hours", offsetof(wb_trace_summary, gpu_milli_hours)},
};

#define COMPARED_COUNT (sizeof(compared) / sizeof(compared[0]))

static long long value_of(const wb_trace_summary *summary, size_t index)
{
    int64_t value = 0;
    memcpy(&value, (const char *)summary + compared[index].offset, sizeof value);
    return (long long)value;
}

static void print_diff(const wb_invocation *invocation, const wb_trace_diff *diff, wb_text *out)
{
    const char *const *paths = invocation->operands;
    if (diff->is_same) {
        wb_text_add_format(out, "the same %llu records\n",
                           (unsigned long long)diff->same_record_count + 1);
        return;
    }
    wb_text_add_format(out, "%llu records are the same, then\n< %s:%llu: %s\n> %s:%llu: %s\n\n",
                       (unsigned long long)diff->same_record_count, paths[0],
                       (unsigned long long)diff->line_a, diff->text_a, paths[1],
                       (unsigned long long)diff->line_b, diff->text_b);
    wb_text_add_format(out, "%-16s %20s %20s %20s\n", "", "<", ">", "difference");
    for (size_t i = 0; i < COMPARED_COUNT; i++) {
        const long long a = value_of(&diff->a, i);
        const long long b = value_of(&diff->b, i);
        if (a != 0 || b != 0) {
            wb_text_add_format(out, "%-16s %20lld %20lld %20lld\n", compared[i].title, a, b, b - a);
        }
    }
}

static void add_side(cJSON *json, const char *key, const wb_trace_summary *summary, uint64_t line,
                     const char *text)
{
    cJSON *side = cJSON_AddObjectToObject(json, key);
    for (size_t i = 0; i < COMPARED_COUNT; i++) {
        (void)cJSON_AddNumberToObject(side, compared[i].key, (double)value_of(summary, i));
    }
    if (line > 0) {
        (void)cJSON_AddNumberToObject(side, "line", (double)line);
        (void)cJSON_AddStringToObject(side, "text", text);
    }
}

static wb_exit run_diff(wb_invocation *invocation)
{
    wb_trace_diff diff;
    wb_error err;
    if (wb_trace_diff_traces(invocation->operands[0], invocation->operands[1], invocation->arena,
                             &diff, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    wb_text text;
    wb_text_init(&text);
    if (strcmp(wb_command_text(invocation, "output"), "json") == 0) {
        cJSON *json = wb_json_output_new();
        (void)cJSON_AddBoolToObject(json, "same", diff.is_same);
        (void)cJSON_AddNumberToObject(json, "same_records", (double)diff.same_record_count);
        add_side(json, "a", &diff.a, diff.line_a, diff.text_a);
        add_side(json, "b", &diff.b, diff.line_b, diff.text_b);
        wb_json_output_print(json, &text);
    } else {
        print_diff(invocation, &diff, &text);
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status == WB_EXIT_DONE && !diff.is_same ? WB_EXIT_FINDING : exit_status;
}

const wb_command wb_trace_diff_command = {
    .name = "trace diff",
    .operands = "TRACE TRACE",
    .operand_minimum = 2,
    .operand_maximum = 2,
    .summary = "where two traces begin to differ, and in what",
    .description = "Compares record by record (first lines aside), shows the first two lines that\n"
                   "differ, and both traces' counts. Exit status 1 when they differ.",
    .examples = "  werkbank trace diff before.trace after.trace.zst",
    .options = diff_options,
    .option_count = sizeof(diff_options) / sizeof(diff_options[0]),
    .run = run_diff,
};
