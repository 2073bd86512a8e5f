/* werkbank export: recorded runs in the formats of other programs. */
#include <assert.h>

#include "sim/store/store.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"
#include "tools/export/export.h"

static const wb_option options[] = {
    {.name = "as",
     .kind = WB_OPTION_CHOICE,
     .value_name = "FORMAT",
     .default_text = "csv",
     .choices = "openmetrics|focus|perfetto|csv|events",
     .help = "what to write"},
    {.name = "view",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .default_text = "runs_summary",
     .help = "with --as csv: the table or view (docs/database.md)"},
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .default_text = "-",
     .help = "write FILE, packed when it ends in .zst; - is standard output"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "the runs of this seed (the lowest one otherwise)"},
};

static wb_status write_all(const wb_invocation *invocation, wb_store *store, wb_export_sink *sink,
                           wb_error *err)
{
    const wb_export_format *format = wb_export_find(wb_command_text(invocation, "as"));
    assert(format != NULL); /* the choices are the formats */
    const wb_option_value *seed = wb_command_value(invocation, "seed");
    wb_run_set set;
    WB_TRY(wb_run_set_open(store, seed->is_set ? seed->number : -1, invocation->arena, &set, err));
    WB_TRY(format->write(&set, wb_command_text(invocation, "view"), sink, err));
    wb_export_sink_flush(sink, true);
    return sink->status == WB_OK ? WB_OK : wb_fail(err, sink->status, "%s", sink->error.text);
}

static wb_status export_runs(const wb_invocation *invocation, wb_error *err)
{
    wb_store *store = NULL;
    WB_TRY(wb_store_open_readonly(invocation->operands[0], &store, err));
    wb_export_sink sink = {.status = WB_OK};
    wb_text_init(&sink.text);
    wb_status status = wb_file_writer_open(wb_command_text(invocation, "out"), &sink.writer, err);
    if (status == WB_OK) {
        status = write_all(invocation, store, &sink, err);
        if (status == WB_OK) {
            status = wb_file_writer_commit(sink.writer, err);
        } else {
            wb_file_writer_abandon(sink.writer);
        }
    }
    wb_text_release(&sink.text);
    wb_store_close(store);
    return status;
}

static wb_exit run(wb_invocation *invocation)
{
    wb_error err = {0};
    const wb_status status = export_runs(invocation, &err);
    if (status == WB_OK) {
        return WB_EXIT_DONE;
    }
    wb_terminal_error("%s", err.text);
    return status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
}

const wb_command wb_export_command = {
    .name = "export",
    .operands = "FILE.db",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "recorded runs in the formats of other programs",
    .description =
        "Writes the runs of one database as\n"
        "  openmetrics  metrics over time, under Karpenter's and Cluster Autoscaler's own names;\n"
        "               'promtool tsdb create-blocks-from openmetrics' loads them\n"
        "  focus        cost rows after FOCUS 1.0, one per instance and month, CSV\n"
        "  perfetto     nodes and pods as trace events, for ui.perfetto.dev\n"
        "  csv          a table or view, all rows\n"
        "  events       Kubernetes Events, as kubectl prints a list",
    .examples = "  werkbank export day.db --as openmetrics --out day.om\n"
                "  werkbank export day.db --as csv --view costs",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
