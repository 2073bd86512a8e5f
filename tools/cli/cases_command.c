/*
 * werkbank cases: golden files, replayed. Every mismatch is a line on standard output, for this
 * command's result are the mismatches; the counts come last. Status 1 when a case fails.
 */
#include <stdio.h>
#include <string.h>

#include "bench/cases.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "catalog",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the instance catalog, instead of the one that each case names"},
    {.name = "open-claim-sort",
     .kind = WB_OPTION_CHOICE,
     .value_name = "ORDER",
     .default_text = "exact",
     .choices = "exact|stable",
     .help = "upstream's unstable order of open claims, or a stable one"},
    {.name = "plain",
     .kind = WB_OPTION_FLAG,
     .help = "run the plain solver, which the fast one is held against"},
    {.name = "features", .kind = WB_OPTION_FLAG, .help = "count the cases of each feature too"},
};

static void add_line(void *context, const char *line)
{
    wb_text_add_format(context, "%s\n", line);
}

static wb_exit run(wb_invocation *invocation)
{
    wb_text text;
    wb_text_init(&text);
    const wb_cases_options cases = {
        .paths = invocation->operands,
        .path_count = invocation->operand_count,
        .catalog_path = wb_command_text(invocation, "catalog"),
        .open_claims_are_stable =
            strcmp(wb_command_text(invocation, "open-claim-sort"), "stable") == 0,
        .plain = wb_command_flag(invocation, "plain"),
        .on_line = add_line,
        .context = &text,
    };
    wb_cases_report report;
    wb_error err;
    if (wb_cases_run(&cases, &report, &err) != WB_OK) {
        wb_text_release(&text);
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    for (size_t i = 0; wb_command_flag(invocation, "features") && i < report.feature_count; i++) {
        wb_text_add_format(&text, "%-40s %5zu passed %5zu failed\n", report.features[i].name,
                           report.features[i].passed, report.features[i].failed);
    }
    wb_text_add_format(&text, "%zu passed, %zu failed\n", report.passed, report.failed);
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    if (written != WB_EXIT_DONE) {
        return written;
    }
    return report.failed > 0 ? WB_EXIT_FINDING : WB_EXIT_DONE;
}

const wb_command wb_cases_command = {
    .name = "cases",
    .operands = "PATH...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "replay golden files and compare with the real programs' outcomes",
    .description =
        "Replays golden files (a file or a folder; .json or .jsonl, packed or not), prints a\n"
        "line per mismatch, and closes with how many passed and failed. Exit 1 when some\n"
        "failed.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
