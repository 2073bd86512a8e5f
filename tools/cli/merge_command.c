/* werkbank merge: shards of a suite or sweep into one database. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bench/merge.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "write the joined database to this file (needed)"},
    {.name = "keep",
     .kind = WB_OPTION_CHOICE,
     .value_name = "WHAT",
     .default_text = "all",
     .choices = "all|figures",
     .help = "take over every row, or one row per run: identity, figures, work"},
    {.name = "partial",
     .kind = WB_OPTION_FLAG,
     .help = "join what is there although runs of the set are missing"},
};

static wb_exit run(wb_invocation *invocation)
{
    const wb_merge_options merge = {
        .paths = invocation->operands,
        .path_count = invocation->operand_count,
        .out_path = wb_command_text(invocation, "out"),
        .keep = strcmp(wb_command_text(invocation, "keep"), "figures") == 0 ? WB_STORE_KEEP_FIGURES
                                                                            : WB_STORE_KEEP_ALL,
        .may_lack_runs = wb_command_flag(invocation, "partial"),
    };
    if (merge.out_path == NULL) {
        wb_terminal_error("--out: is missing, expected a file for the joined database");
        return WB_EXIT_USAGE;
    }
    for (uint32_t i = 0; i < merge.path_count; i++) {
        if (access(merge.paths[i], R_OK) != 0) {
            wb_error err;
            (void)wb_fail_io(&err, merge.paths[i], "open", errno);
            wb_terminal_error("%s", err.text);
            return WB_EXIT_USAGE;
        }
        if (strcmp(merge.paths[i], merge.out_path) == 0) {
            wb_terminal_error("--out: '%s' is one of the shards, expected another file",
                              merge.out_path);
            return WB_EXIT_USAGE;
        }
    }
    wb_merge_result result;
    wb_error err = {0};
    const wb_status status = wb_merge_run(&merge, invocation->arena, &result, &err);
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        return status == WB_ERR_INPUT ? WB_EXIT_USAGE : WB_EXIT_FAILED;
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s: %u of %u runs of '%s' from %u database%s", merge.out_path,
                       result.run_count, result.job_count, result.set_name, merge.path_count,
                       merge.path_count == 1 ? "" : "s");
    if (result.repeated_count > 0) {
        wb_text_add_format(&text, ", %u were there twice and the same", result.repeated_count);
    }
    wb_text_add_string(&text, "\n");
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

const wb_command wb_merge_command = {
    .name = "merge",
    .operands = "SHARD.db...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "join the shards of a suite or sweep into one database",
    .description =
        "Joins databases that the tasks of an array wrote (--shard, Slurm, Kubernetes Indexed\n"
        "Jobs, AWS Batch) in the order of jobs: the result is the one that a single process would\n"
        "have written, to the byte. Shards of other versions, programs, inputs or jobs are\n"
        "refused, and so is a set that is not complete.",
    .examples = "  werkbank merge full.*-of-0020.db --out full.db",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
