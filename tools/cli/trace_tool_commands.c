/*
 * werkbank trace cut, scale, merge, shift and anonymize: traces made of traces. The work is in
 * traces/; here are options, and one form of report for all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_anonymize.h"
#include "traces/trace_cut.h"
#include "traces/trace_merge.h"
#include "traces/trace_scale.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/terminal.h"

#define OPTION_OUT                                                      \
    {                                                                   \
        .name = "out", .kind = WB_OPTION_TEXT, .value_name = "FILE",    \
        .help = "the trace to write, packed when the name ends in .zst" \
    }

static const wb_result_column columns[] = {
    {"TRACE", "trace", false, false}, {"PODS READ", "pods_read", true, false},
    {"PODS", "pods", true, false},    {"RECORDS", "records", true, false},
    {"SPAN", "span", false, false},   {"SPAN MS", "span_ms", true, true},
};

/* --out, or the usage message. */
static bool has_out(const wb_invocation *invocation)
{
    if (wb_command_text(invocation, "out") == NULL) {
        wb_terminal_error("--out is missing, expected the trace to write");
        return false;
    }
    return true;
}

/* The table, JSON or CSV of what was done; or the failure. */
static wb_exit finish(wb_invocation *invocation, wb_status status, const wb_error *err,
                      const wb_trace_tool_report *report)
{
    const char *path = wb_command_text(invocation, "out");
    if (status != WB_OK) {
        wb_terminal_error("%s", err->text);
        return status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    }
    char span[48];
    wb_text text;
    wb_result_table table;
    wb_text_init(&text);
    wb_duration_print(report->end_ms, span);
    wb_result_table_init(&table, invocation->arena, columns, sizeof(columns) / sizeof(columns[0]));
    wb_result_table_add_row(&table);
    wb_result_table_set(&table, 0, path);
    wb_result_table_set_format(&table, 1, "%llu", (unsigned long long)report->read_pod_count);
    wb_result_table_set_format(&table, 2, "%llu", (unsigned long long)report->pod_count);
    wb_result_table_set_format(&table, 3, "%llu", (unsigned long long)report->record_count);
    wb_result_table_set(&table, 4, span);
    wb_result_table_set_format(&table, 5, "%lld", (long long)report->end_ms);
    table.is_colored = wb_terminal_has_color(invocation);
    if (strcmp(path, "-") != 0) { /* else the trace itself is the result */
        wb_result_table_print(&table, wb_command_text(invocation, "output"), &text);
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

/* ---- cut ---- */

static const wb_option cut_options[] = {
    OPTION_OUT,
    {.name = "from",
     .kind = WB_OPTION_TEXT,
     .value_name = "TIME",
     .default_text = "0s",
     .help = "where the part begins: a duration since the start, or a calendar time"},
    {.name = "to",
     .kind = WB_OPTION_TEXT,
     .value_name = "TIME",
     .help = "where it ends (the end of the trace otherwise)"},
    {.name = "namespace",
     .letter = 'n',
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "NAME",
     .help = "only this namespace; several may be given"},
    {.name = "label",
     .letter = 'l',
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "KEY=VALUE",
     .help = "only pods with this label; several must all hold"},
    {.name = "leave-running",
     .kind = WB_OPTION_FLAG,
     .help = "leave out pods that began before the part"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

/* The calendar time of the trace's 0; -1: none. */
static wb_status read_epoch(const char *path, wb_arena *arena, int64_t *out, wb_error *err)
{
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    wb_intern_init(&intern, arena);
    wb_names_init(&intern);
    const wb_status status = wb_trace_reader_open(path, arena, &intern, &reader, err);
    if (status == WB_OK) {
        *out = wb_trace_reader_header(reader)->epoch_ms;
        wb_trace_reader_close(reader);
    }
    wb_intern_release(&intern);
    return status;
}

/* "2640h" or "2026-01-05T10:00:00Z" as a time of the trace. */
static wb_status parse_time(const wb_invocation *invocation, const char *option, int64_t *out,
                            wb_error *err)
{
    const char *text = wb_command_text(invocation, option);
    const char *path = invocation->operands[0];
    wb_error inner;
    int64_t epoch_ms = -1;
    if (wb_duration_parse(text, out, &inner) != WB_OK) {
        if (wb_duration_parse_time(text, out, &inner) != WB_OK) {
            return wb_fail(err, WB_ERR_INPUT,
                           "--%s: '%s' is no time, expected a duration such as 36h or a calendar "
                           "time such as 2026-01-05T10:00:00Z",
                           option, text);
        }
        WB_TRY(read_epoch(path, invocation->arena, &epoch_ms, err));
        if (epoch_ms < 0) {
            return wb_fail(err, WB_ERR_INPUT,
                           "--%s: %s has no calendar, expected a duration since its start", option,
                           path);
        }
        *out -= epoch_ms;
    }
    if (*out < 0 || *out > WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT, "--%s: '%s' lies before the trace or 31 years behind it",
                       option, text);
    }
    return WB_OK;
}

static wb_status do_cut(const wb_invocation *invocation, wb_trace_tool_report *out, wb_error *err)
{
    const wb_option_value *namespaces = wb_command_value(invocation, "namespace");
    const wb_option_value *labels = wb_command_value(invocation, "label");
    wb_trace_cut_options options = {
        .to_ms = -1,
        .namespaces = namespaces->texts,
        .namespace_count = namespaces->text_count,
        .labels = labels->texts,
        .label_count = labels->text_count,
        .leaves_running = wb_command_flag(invocation, "leave-running"),
    };
    WB_TRY(parse_time(invocation, "from", &options.from_ms, err));
    if (wb_command_text(invocation, "to") != NULL) {
        WB_TRY(parse_time(invocation, "to", &options.to_ms, err));
        if (options.to_ms < options.from_ms) {
            return wb_fail(err, WB_ERR_INPUT, "--to lies before --from");
        }
    }
    return wb_trace_cut(invocation->operands[0], &options, wb_command_text(invocation, "out"), out,
                        err);
}

static wb_exit run_cut(wb_invocation *invocation)
{
    wb_trace_tool_report report;
    wb_error err;
    if (!has_out(invocation)) {
        return WB_EXIT_USAGE;
    }
    const wb_status status = do_cut(invocation, &report, &err);
    if (status == WB_OK && report.carried_count > 0 && !wb_command_flag(invocation, "quiet")) {
        wb_terminal_error("%llu pods that began before the part are created at its begin",
                          (unsigned long long)report.carried_count);
    }
    return finish(invocation, status, &err, &report);
}

const wb_command wb_trace_cut_command = {
    .name = "trace cut",
    .operands = "TRACE",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "a part of a trace: some time, some namespaces, some labels",
    .description =
        "Writes the records of a window of time, its times counted from the window's begin. What\n"
        "is there at that moment comes with it: pods that live on (with what they have left to\n"
        "run), applied objects as they were last, nodes, and prices of spot pools. Pods that are\n"
        "deleted behind the window are there to its end.",
    .examples = "  werkbank trace cut openb.trace --from 9504000s --out busy.trace\n"
                "  werkbank trace cut day.trace.zst --from 8h --to 10h -n shop -l app=web --out "
                "web.trace",
    .options = cut_options,
    .option_count = sizeof(cut_options) / sizeof(cut_options[0]),
    .run = run_cut,
};

/* ---- scale ---- */

static const wb_option scale_options[] = {
    OPTION_OUT,
    {.name = "rate",
     .kind = WB_OPTION_TEXT,
     .value_name = "X",
     .default_text = "1",
     .help = "pods for each one: 0.1 keeps a tenth, 2.5 makes two or three"},
    {.name = "size",
     .kind = WB_OPTION_TEXT,
     .value_name = "X",
     .default_text = "1",
     .help = "factor of CPU and memory requests"},
    {.name = "jitter",
     .kind = WB_OPTION_DURATION,
     .value_name = "DURATION",
     .default_text = "1m",
     .help = "copies arrive up to so much later than their pod"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed of what is kept, copied and delayed"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static wb_status parse_factor(const wb_invocation *invocation, const char *option, double minimum,
                              double maximum, double *out, wb_error *err)
{
    const char *text = wb_command_text(invocation, option);
    char *end = NULL;
    *out = strtod(text, &end);
    if (*text == 0 || text[strspn(text, "0123456789.")] != 0 || *end != 0 ||
        !(*out >= minimum && *out <= maximum)) {
        return wb_fail(err, WB_ERR_INPUT, "--%s: '%s' is not a number from %g to %g", option, text,
                       minimum, maximum);
    }
    return WB_OK;
}

static wb_status do_scale(const wb_invocation *invocation, wb_trace_tool_report *out, wb_error *err)
{
    wb_trace_scale_options options = {
        .jitter_ms = wb_command_number(invocation, "jitter"),
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    WB_TRY(parse_factor(invocation, "rate", 0, 10000, &options.rate, err));
    WB_TRY(parse_factor(invocation, "size", 0.0001, 10000, &options.size, err));
    if (options.jitter_ms < 0 || options.jitter_ms > WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT, "--jitter: is not a duration of 0 or more");
    }
    return wb_trace_scale_pods(invocation->operands[0], &options,
                               wb_command_text(invocation, "out"), out, err);
}

static wb_exit run_scale(wb_invocation *invocation)
{
    wb_trace_tool_report report = {0};
    wb_error err;
    return has_out(invocation)
               ? finish(invocation, do_scale(invocation, &report, &err), &err, &report)
               : WB_EXIT_USAGE;
}

const wb_command wb_trace_scale_command = {
    .name = "trace scale",
    .operands = "TRACE",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "more or fewer pods of the same kind, larger or smaller ones",
    .description =
        "Thins a trace, or copies its pods with jittered arrivals (NAME-x1, NAME-x2 ...), and\n"
        "multiplies requests. Which pods stay and when copies come depends on the seed and on\n"
        "their names only. Replicas of applied workloads are multiplied too; GPUs keep their size.",
    .examples =
        "  werkbank trace scale day.trace.zst --rate 0.1 --out tenth.trace\n"
        "  werkbank trace scale day.trace.zst --rate 3 --jitter 10m --seed 7 --out three.trace\n"
        "  werkbank trace scale day.trace.zst --size 1.5 --out larger.trace",
    .options = scale_options,
    .option_count = sizeof(scale_options) / sizeof(scale_options[0]),
    .run = run_scale,
};

/* ---- merge and shift ---- */

static const wb_option merge_options[] = {
    OPTION_OUT,
    {.name = "from-start",
     .kind = WB_OPTION_FLAG,
     .help = "begin all traces at 0, also when their calendar says otherwise"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static wb_exit run_merge(wb_invocation *invocation)
{
    wb_trace_tool_report report = {0};
    wb_error err;
    if (!has_out(invocation)) {
        return WB_EXIT_USAGE;
    }
    const wb_trace_merge_options options = {
        .ignores_calendar = wb_command_flag(invocation, "from-start"),
    };
    wb_trace_merge_input *inputs =
        WB_ARENA_ARRAY(invocation->arena, wb_trace_merge_input, invocation->operand_count);
    for (uint32_t i = 0; i < invocation->operand_count; i++) {
        inputs[i].path = invocation->operands[i];
    }
    const wb_status status = wb_trace_merge(inputs, invocation->operand_count, &options,
                                            wb_command_text(invocation, "out"), &report, &err);
    return finish(invocation, status, &err, &report);
}

const wb_command wb_trace_merge_command = {
    .name = "trace merge",
    .operands = "TRACE...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "several traces as one, in order of time",
    .description =
        "Joins traces record by record: pods with nodes, workloads with spot events, one cluster\n"
        "with another. Traces that all have a calendar are laid out by it, others begin at 0. A\n"
        "workload or pod of the same namespace and name is taken to be the same in all.",
    .examples = "  werkbank trace merge pods.trace nodes.trace --out cluster.trace.zst",
    .options = merge_options,
    .option_count = sizeof(merge_options) / sizeof(merge_options[0]),
    .run = run_merge,
};

static const wb_option shift_options[] = {
    OPTION_OUT,
    {.name = "by",
     .kind = WB_OPTION_TEXT,
     .value_name = "DURATION",
     .default_text = "0s",
     .help = "added to every time; may be negative (-30m)"},
    {.name = "epoch",
     .kind = WB_OPTION_TEXT,
     .value_name = "TIME",
     .help = "the calendar time of 0, such as 2026-01-05T00:00:00Z"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static wb_status do_shift(const wb_invocation *invocation, wb_trace_tool_report *out, wb_error *err)
{
    const char *by = wb_command_text(invocation, "by");
    const char *epoch = wb_command_text(invocation, "epoch");
    wb_trace_merge_input input = {.path = invocation->operands[0]};
    wb_trace_merge_options options = {.ignores_calendar = true, .has_epoch = epoch != NULL};
    wb_error inner;
    if (wb_duration_parse(by, &input.shift_ms, &inner) != WB_OK ||
        input.shift_ms > WB_TRACE_TIME_MAX_MS || input.shift_ms < -WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT, "--by: '%s' is no duration such as 36h or -30m", by);
    }
    if (epoch != NULL && wb_duration_parse_time(epoch, &options.epoch_ms, &inner) != WB_OK) {
        return wb_fail(err, WB_ERR_INPUT, "--epoch: '%s' is no time such as 2026-01-05T00:00:00Z",
                       epoch);
    }
    return wb_trace_merge(&input, 1, &options, wb_command_text(invocation, "out"), out, err);
}

static wb_exit run_shift(wb_invocation *invocation)
{
    wb_trace_tool_report report = {0};
    wb_error err;
    return has_out(invocation)
               ? finish(invocation, do_shift(invocation, &report, &err), &err, &report)
               : WB_EXIT_USAGE;
}

const wb_command wb_trace_shift_command = {
    .name = "trace shift",
    .operands = "TRACE",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "the same trace later or earlier, or in another calendar",
    .description =
        "Adds a duration to every time of a trace, or says what calendar time its 0 is.\n"
        "A record may not come before 0: trace cut --from takes a beginning away.",
    .examples =
        "  werkbank trace shift night.trace --by 8h --out morning.trace\n"
        "  werkbank trace shift openb.trace --epoch 2023-01-02T00:00:00Z --out openb-2023.trace",
    .options = shift_options,
    .option_count = sizeof(shift_options) / sizeof(shift_options[0]),
    .run = run_shift,
};

/* ---- anonymize ---- */

static const wb_option anonymize_options[] = {
    OPTION_OUT,
    {.name = "key-file",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the key: bytes that nobody else has, such as 32 of /dev/urandom"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static wb_status do_anonymize(const wb_invocation *invocation, wb_trace_tool_report *out,
                              wb_error *err)
{
    const char *key_path = wb_command_text(invocation, "key-file");
    char *key = NULL;
    size_t length = 0;
    if (key_path == NULL) {
        return wb_fail(err, WB_ERR_INPUT,
                       "--key-file is missing, expected a file with a key: names are hashed with "
                       "it");
    }
    WB_TRY(wb_file_read(invocation->arena, key_path, (size_t)1 << 20, &key, &length, err));
    if (length < 8) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: a key of %zu bytes could be guessed, expected at least 8", key_path,
                       length);
    }
    return wb_trace_anonymize(invocation->operands[0], key, length,
                              wb_command_text(invocation, "out"), out, err);
}

static wb_exit run_anonymize(wb_invocation *invocation)
{
    wb_trace_tool_report report = {0};
    wb_error err;
    if (!has_out(invocation)) {
        return WB_EXIT_USAGE;
    }
    const wb_status status = do_anonymize(invocation, &report, &err);
    if (status == WB_OK && !wb_command_flag(invocation, "quiet")) {
        wb_terminal_error("kept as it was:");
        for (const char *const *line = wb_trace_anonymize_kept(); *line != NULL; line++) {
            wb_terminal_error("  %s", *line);
        }
    }
    return finish(invocation, status, &err, &report);
}

const wb_command wb_trace_anonymize_command = {
    .name = "trace anonymize",
    .operands = "TRACE",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "the same trace without names, to give away",
    .description =
        "Replaces names, namespaces, labels, images and nodes by hashes made with a key, leaves\n"
        "out what decides nothing, and says what it kept. Equal names stay equal, so selectors\n"
        "still select; with the same key also across traces. A replay decides the same.",
    .examples = "  head -c 32 /dev/urandom >key\n"
                "  werkbank trace anonymize ours.trace.zst --key-file key --out theirs.trace.zst",
    .options = anonymize_options,
    .option_count = sizeof(anonymize_options) / sizeof(anonymize_options[0]),
    .run = run_anonymize,
};
