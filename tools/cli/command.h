/*
 * One table per subcommand, from which parsing, --help, completion and the man page all come.
 *
 * A subcommand is a file of its own (run_command.c ...) that exports one wb_command; command_list.c
 * has them all. An option is a row: name, letter, kind, value name, default, range or choices,
 * help. Conventions: kubectl's -o and -f, GNU long options (--name=value, --name value, --),
 * repeated options where the row says so; exit status 0 done, 1 a finding, 2 usage or bad input,
 * 3 failed while running, 130/143 on signals.
 */
#ifndef WB_TOOLS_CLI_COMMAND_H
#define WB_TOOLS_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"

typedef enum wb_exit {
    WB_EXIT_DONE = 0,
    WB_EXIT_FINDING = 1,
    WB_EXIT_USAGE = 2,
    WB_EXIT_FAILED = 3,
    WB_EXIT_INTERRUPTED = 130,
    WB_EXIT_TERMINATED = 143,
} wb_exit;

typedef enum wb_option_kind {
    WB_OPTION_FLAG,     /* present or not */
    WB_OPTION_TEXT,     /* any text, a path */
    WB_OPTION_INTEGER,  /* within minimum and maximum */
    WB_OPTION_DURATION, /* Kubernetes' form, kept in ms */
    WB_OPTION_CHOICE,   /* one of choices, divided by | */
} wb_option_kind;

typedef struct wb_option {
    const char *name; /* without dashes */
    char letter;      /* short form; 0: none */
    wb_option_kind kind;
    bool is_repeated;         /* may occur several times (TEXT only) */
    const char *value_name;   /* "FILE", "N"; NULL for flags */
    const char *default_text; /* NULL: none */
    const char *choices;      /* CHOICE: "table|json|csv" */
    int64_t minimum, maximum; /* INTEGER */
    const char *help;         /* one sentence without capital or full stop */
} wb_option;

typedef struct wb_invocation wb_invocation;

/* The row of -o, which every subcommand with a result has: forms such as "table|json|csv"; the
 * default is the table, for people. */
#define WB_OPTION_OUTPUT(forms)                                                            \
    {                                                                                      \
        .name = "output", .letter = 'o', .kind = WB_OPTION_CHOICE, .value_name = "FORMAT", \
        .default_text = "table", .choices = (forms), .help = "format of standard output"   \
    }

typedef struct wb_command {
    const char *name;     /* "run", "trace import": one or two words */
    const char *operands; /* "SCENARIO.yaml", "FILE.db..." as in usage; "" for none */
    uint32_t operand_minimum, operand_maximum; /* maximum UINT32_MAX: any number */
    const char *summary;                       /* one line, for the list of commands */
    const char *description;                   /* paragraphs, for --help and the man page */
    const char *examples;                      /* lines, each a command; NULL: none */
    const wb_option *options;
    uint32_t option_count;
    wb_exit (*run)(wb_invocation *invocation);
} wb_command;

/* One option as given. */
typedef struct wb_option_value {
    bool is_set;
    const char *text;   /* the last one given, or the default */
    int64_t number;     /* INTEGER, DURATION */
    const char **texts; /* is_repeated: all of them, in order */
    uint32_t text_count;
} wb_option_value;

/* A parsed command line. Lives in arena. */
struct wb_invocation {
    const wb_command *command;
    wb_arena *arena;         /* borrowed; process lifetime */
    wb_option_value *values; /* one per option of the command, then one per common option */
    const char **operands;
    uint32_t operand_count;
};

/* Every subcommand takes these too: help, quiet, verbose, color. */
const wb_option *wb_command_common_options(uint32_t *out_count);

/* All subcommands, in the order of help. */
const wb_command *const *wb_command_list(uint32_t *out_count);

/* The subcommand that argv[1] (and argv[2]) name, or NULL; *out_word_count is 1 or 2. */
const wb_command *wb_command_find(int argc, char *const *argv, int *out_word_count);

/* Parses what follows the subcommand's words. WB_ERR_INPUT: the message names the option, what was
 * found and what was expected (the nearest known name for an unknown one). */
WB_MUST_CHECK wb_status wb_command_parse(const wb_command *command, int argc, char *const *argv,
                                         wb_arena *arena, wb_invocation *out, wb_error *err);

/* The value of an option by name; the name must be in the table (asserted). */
const wb_option_value *wb_command_value(const wb_invocation *invocation, const char *name);
const char *wb_command_text(const wb_invocation *invocation, const char *name);
int64_t wb_command_number(const wb_invocation *invocation, const char *name);
bool wb_command_flag(const wb_invocation *invocation, const char *name);

/* "usage: werkbank run SCENARIO.yaml [options]", description, options with defaults, examples. */
void wb_command_print_help(const wb_command *command, wb_text *out);

/* The overview: what werkbank is, every subcommand with its summary. */
void wb_command_print_overview(wb_text *out);

/* The commands whose first of two words is word ("trace"); false: there are none. */
bool wb_command_print_group(const char *word, wb_text *out);

/* The parts of whole pages that the man page and the completion scripts are made of. */
void wb_command_print_man(wb_text *out);

/* shell: bash, zsh or fish; false for another. */
bool wb_command_print_completion(const char *shell, wb_text *out);

#endif
