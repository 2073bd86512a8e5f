/* werkbank report: one HTML page about a database's runs. */
#include "base/file_writer.h"
#include "sim/store/store.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"
#include "tools/report/report.h"

static const wb_option options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "write the page to FILE (standard output otherwise)"},
    {.name = "baseline",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "the contender that ratios are against (the first run otherwise)"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "draw and tell the runs of this seed (the lowest one otherwise)"},
    {.name = "no-plots",
     .kind = WB_OPTION_FLAG,
     .help = "leave out the pictures, which need gnuplot"},
};

static wb_status make_page(const wb_invocation *invocation, wb_text *page, wb_error *err)
{
    const wb_option_value *seed = wb_command_value(invocation, "seed");
    const wb_report_options report = {
        .baseline = wb_command_text(invocation, "baseline"),
        .seed = seed->is_set ? seed->number : -1,
        .has_plots = !wb_command_flag(invocation, "no-plots"),
    };
    wb_store *store = NULL;
    WB_TRY(wb_store_open_readonly(invocation->operands[0], &store, err));
    const wb_status status = wb_report_write(store, &report, invocation->arena, page, err);
    wb_store_close(store);
    return status;
}

static wb_exit run(wb_invocation *invocation)
{
    const char *path = wb_command_text(invocation, "out");
    wb_text page;
    wb_text_init(&page);
    wb_error err = {0};
    wb_status status = make_page(invocation, &page, &err);
    if (status == WB_OK && path != NULL) {
        status = wb_file_writer_write_file(path, page.bytes, page.length, &err);
    }
    wb_exit exit_status = WB_EXIT_DONE;
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        exit_status = status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    } else if (path == NULL) {
        exit_status = wb_terminal_write_result(&page);
    }
    wb_text_release(&page);
    return exit_status;
}

const wb_command wb_report_command = {
    .name = "report",
    .operands = "FILE.db",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "one HTML page about a database's runs: verdict, figures, plots, decisions",
    .description =
        "Writes one page that needs no network and no script: the verdict in words, all\n"
        "figures, every plot, the decisions that mattered most, and what is needed to\n"
        "run it again. It reads in light and dark, on a phone, and on paper.",
    .examples = "  werkbank report day.db --out day.html",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
