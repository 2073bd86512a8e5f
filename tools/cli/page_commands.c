/*
 * werkbank help, man, completion and version: pages about the command itself. They go through the
 * same checked write as results, since a completion cut short by a full disk is a broken shell.
 */
#include <stdio.h>
#include <string.h>

#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"
#include "tools/cli/version.h"

static wb_exit print_text(wb_text *text)
{
    const wb_exit exit_status = wb_terminal_write_result(text);
    wb_text_release(text);
    return exit_status;
}

static wb_exit run_help(wb_invocation *invocation)
{
    wb_text text;
    wb_text_init(&text);
    if (invocation->operand_count == 0) {
        wb_command_print_overview(&text);
        return print_text(&text);
    }
    char *words[3] = {NULL, NULL, NULL};
    for (uint32_t i = 0; i < invocation->operand_count && i < 2; i++) {
        words[i + 1] = wb_arena_copy_string(invocation->arena, invocation->operands[i]);
    }
    int word_count = 0;
    const wb_command *command =
        wb_command_find((int)invocation->operand_count + 1, words, &word_count);
    if (command == NULL && invocation->operand_count == 1 &&
        wb_command_print_group(invocation->operands[0], &text)) {
        return print_text(&text);
    }
    if (command == NULL) {
        wb_text_release(&text);
        wb_terminal_error("unknown command '%s', expected one of 'werkbank help'",
                          invocation->operands[0]);
        return WB_EXIT_USAGE;
    }
    wb_command_print_help(command, &text);
    return print_text(&text);
}

const wb_command wb_help_command = {
    .name = "help",
    .operands = "[COMMAND]",
    .operand_maximum = 2,
    .summary = "the list of commands, or the help of one",
    .description = "Prints the list of commands, or the help of the one that is named.",
    .run = run_help,
};

static wb_exit run_version(wb_invocation *invocation)
{
    wb_text text;
    wb_text_init(&text);
    if (strcmp(wb_command_text(invocation, "output"), "json") == 0) {
        wb_text_add_format(&text, "{\"version\":\"%s\",\"compiler\":\"%s\"}\n", WB_VERSION,
                           __VERSION__);
    } else {
        wb_text_add_format(&text, "werkbank %s\n", WB_VERSION);
    }
    return print_text(&text);
}

static const wb_option version_options[] = {
    WB_OPTION_OUTPUT("table|json"),
};

const wb_command wb_version_command = {
    .name = "version",
    .operands = "",
    .summary = "the program's version",
    .description = "Prints the version of the program, which every run records.",
    .options = version_options,
    .option_count = 1,
    .run = run_version,
};

static wb_exit run_completion(wb_invocation *invocation)
{
    wb_text text;
    wb_text_init(&text);
    if (!wb_command_print_completion(invocation->operands[0], &text)) {
        wb_text_release(&text);
        wb_terminal_error("'%s' is not one of bash, zsh, fish", invocation->operands[0]);
        return WB_EXIT_USAGE;
    }
    return print_text(&text);
}

const wb_command wb_completion_command = {
    .name = "completion",
    .operands = "SHELL",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "a completion script for bash, zsh or fish",
    .description = "Prints a script that completes werkbank's commands and options.",
    .examples = "  werkbank completion bash > /etc/bash_completion.d/werkbank",
    .run = run_completion,
};

static wb_exit run_man(wb_invocation *invocation)
{
    (void)invocation;
    wb_text text;
    wb_text_init(&text);
    wb_command_print_man(&text);
    return print_text(&text);
}

const wb_command wb_man_command = {
    .name = "man",
    .operands = "",
    .summary = "the man page, as troff",
    .description = "Prints the man page of werkbank, made from the same tables as --help.",
    .examples = "  werkbank man | man -l -",
    .run = run_man,
};
