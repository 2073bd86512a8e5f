/* The werkbank command: finds the subcommand, parses its line, runs it, turns status into exit. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/heap_memory.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_source.h"

/* A wrong command line is answered with the one line that matters, and where to read on. */
static wb_exit complain(const char *message)
{
    wb_terminal_error("%s", message);
    return WB_EXIT_USAGE;
}

static wb_exit print_help_of(const wb_command *command)
{
    wb_text text;
    wb_text_init(&text);
    if (command == NULL) {
        wb_command_print_overview(&text);
    } else {
        wb_command_print_help(command, &text);
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

/* "werkbank trace", alone or with --help: the commands of that name. False: there are none. */
static bool print_group(int argc, char *const *argv, wb_exit *out)
{
    const bool asks = argc == 3 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
    wb_text text;
    wb_text_init(&text);
    const bool is_there = (argc == 2 || asks) && wb_command_print_group(argv[1], &text);
    if (is_there) {
        *out = wb_terminal_write_result(&text);
        *out = asks ? *out : WB_EXIT_USAGE;
    }
    wb_text_release(&text);
    return is_there;
}

static wb_exit run(int argc, char **argv, wb_arena *arena)
{
    if (argc < 2) {
        (void)print_help_of(NULL);
        return WB_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return print_help_of(NULL);
    }
    if (strcmp(argv[1], "--version") == 0) {
        argv[1] += 2;
    }
    int word_count = 0;
    const wb_command *command = wb_command_find(argc, argv, &word_count);
    char message[256];
    wb_exit exit_status = WB_EXIT_DONE;
    if (command == NULL && print_group(argc, argv, &exit_status)) {
        return exit_status;
    }
    if (command == NULL) {
        (void)snprintf(message, sizeof message,
                       "unknown command '%s%s%s', expected one of 'werkbank help'", argv[1],
                       argc > 2 && argv[2][0] != '-' ? " " : "",
                       argc > 2 && argv[2][0] != '-' ? argv[2] : "");
        return complain(message);
    }
    wb_invocation invocation;
    wb_error err;
    if (wb_command_parse(command, argc - 1 - word_count, argv + 1 + word_count, arena, &invocation,
                         &err) != WB_OK) {
        return complain(err.text);
    }
    if (wb_command_flag(&invocation, "help")) {
        return print_help_of(command);
    }
    return command->run(&invocation);
}

/* The system refused memory, wherever that was. Only what needs no memory is done: traces imported
 * on the way are removed, and the database is left as a killed run leaves it, valid and with that
 * run unfinished. _exit and not exit: nothing that was registered or buffered may run half. */
static void end_without_memory(size_t request_bytes)
{
    wb_trace_source_remove_all();
    wb_terminal_error("out of memory: the system refused a request of %zu bytes", request_bytes);
    _exit(WB_EXIT_FAILED);
}

int main(int argc, char **argv)
{
    wb_terminal_catch_signals();
    wb_heap_memory_on_refusal(end_without_memory);
    wb_heap_memory_keep_freed();
    wb_arena arena;
    wb_arena_init(&arena, "process", 0, NULL);
    const wb_exit exit_status = run(argc, argv, &arena);
    wb_arena_release(&arena);
    return (int)exit_status;
}
