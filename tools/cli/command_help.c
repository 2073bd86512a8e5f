/*
 * Help for people and pages for man and the shells, all from the option tables: what is printed
 * cannot drift from what is parsed. Text is wrapped here and not in the tables; lines of help end
 * at 96 columns, which a terminal of 100 shows whole.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tools/cli/command.h"

#define HELP_COLUMNS   96 /* a line of help ends here */
#define OPTION_COLUMNS 30 /* where an option's text begins */

/* Adds text word by word from the column at hand; lines that follow begin below the first. */
static void add_wrapped(wb_text *out, const char *text, size_t column)
{
    assert(column < HELP_COLUMNS);
    const size_t indent = column;
    for (const char *word = text; *word != 0;) {
        const size_t length = strcspn(word, " ");
        if (column > indent && column + 1 + length > HELP_COLUMNS) {
            wb_text_add_format(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            wb_text_add_string(out, " ");
            column++;
        }
        wb_text_add(out, word, length);
        column += length;
        word += length;
        word += strspn(word, " ");
    }
}

static void add_option_line(const wb_option *row, wb_text *out)
{
    char head[96];
    wb_text text;
    wb_text_init(&text);
    const char *value = row->value_name != NULL ? row->value_name : "";
    if (row->letter != 0) {
        (void)snprintf(head, sizeof head, "-%c, --%s%s%s", row->letter, row->name,
                       *value != 0 ? " " : "", value);
    } else {
        (void)snprintf(head, sizeof head, "    --%s%s%s", row->name, *value != 0 ? " " : "", value);
    }
    wb_text_add_string(&text, row->help);
    if (row->kind == WB_OPTION_CHOICE) {
        wb_text_add_format(&text, ": %s", row->choices);
    }
    if (row->is_repeated) {
        wb_text_add_string(&text, "; may be repeated");
    }
    if (row->default_text != NULL) {
        wb_text_add_format(&text, " (default %s)", row->default_text);
    }
    wb_text_add_format(out, "  %-26s  ", head);
    if (strlen(head) > OPTION_COLUMNS - 4) { /* no room beside it */
        wb_text_add_format(out, "\n%*s", OPTION_COLUMNS, "");
    }
    add_wrapped(out, wb_text_string(&text), OPTION_COLUMNS);
    wb_text_add_string(out, "\n");
    wb_text_release(&text);
}

void wb_command_print_help(const wb_command *command, wb_text *out)
{
    assert(command != NULL && out != NULL);
    wb_text_add_format(out, "usage: werkbank %s%s%s [options]\n\n%s\n", command->name,
                       command->operands[0] != 0 ? " " : "", command->operands,
                       command->description);
    if (command->option_count > 0) {
        wb_text_add_string(out, "\noptions:\n");
    }
    for (uint32_t i = 0; i < command->option_count; i++) {
        add_option_line(&command->options[i], out);
    }
    wb_text_add_string(out, "\ncommon options:\n");
    uint32_t common_count = 0;
    const wb_option *common = wb_command_common_options(&common_count);
    for (uint32_t i = 0; i < common_count; i++) {
        add_option_line(&common[i], out);
    }
    if (command->examples != NULL) {
        wb_text_add_format(out, "\nexamples:\n%s\n", command->examples);
    }
}

bool wb_command_print_group(const char *word, wb_text *out)
{
    assert(word != NULL && out != NULL);
    const size_t length = strlen(word);
    const size_t before = out->length;
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (strncmp(all[i]->name, word, length) != 0 || all[i]->name[length] != ' ') {
            continue;
        }
        if (out->length == before) {
            wb_text_add_format(out, "usage: werkbank %s COMMAND [options]\n\ncommands:\n", word);
        }
        wb_text_add_format(out, "  %-18s  %s\n", all[i]->name, all[i]->summary);
    }
    return out->length > before;
}

void wb_command_print_overview(wb_text *out)
{
    assert(out != NULL);
    wb_text_add_string(
        out, "werkbank: an offline simulator and benchmarking workbench for Kubernetes node\n"
             "autoscaling on EKS. Replays pod traces under Karpenter and Cluster Autoscaler in\n"
             "virtual time and compares what they cost and how long pods wait.\n\n"
             "usage: werkbank COMMAND [options]\n\ncommands:\n");
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, "  %-18s  %s\n", all[i]->name, all[i]->summary);
    }
    wb_text_add_string(out, "\n'werkbank COMMAND --help' explains one. Results go to standard "
                            "output, everything else to\nstandard error. Exit status: 0 done, 1 a "
                            "finding or a failed check, 2 usage or bad input,\n3 failed while "
                            "running, 130/143 on signals.\n");
}

static void add_man_text(wb_text *out, const char *text)
{
    for (const char *at = text; *at != 0; at++) {
        if (*at == '-' || *at == '\\') {
            wb_text_add_string(out, "\\");
        }
        wb_text_add(out, at, 1);
    }
}

static void add_man_option(const wb_option *row, wb_text *out)
{
    wb_text_add_string(out, ".TP\n");
    if (row->letter != 0) {
        wb_text_add_format(out, "\\fB\\-%c\\fR, ", row->letter);
    }
    wb_text_add_string(out, "\\fB\\-\\-");
    add_man_text(out, row->name);
    wb_text_add_format(out, "\\fR%s%s\n", row->value_name != NULL ? " " : "",
                       row->value_name != NULL ? row->value_name : "");
    add_man_text(out, row->help);
    if (row->choices != NULL) {
        wb_text_add_format(out, ": %s", row->choices);
    }
    if (row->default_text != NULL) {
        wb_text_add_format(out, " (default %s)", row->default_text);
    }
    wb_text_add_string(out, "\n");
}

void wb_command_print_man(wb_text *out)
{
    assert(out != NULL);
    wb_text_add_string(out,
                       ".TH WERKBANK 1 \"\" \"werkbank\" \"User Commands\"\n.SH NAME\nwerkbank "
                       "\\- simulate and compare Kubernetes node autoscaling on EKS\n"
                       ".SH SYNOPSIS\n.B werkbank\n.I COMMAND\n[options]\n.SH COMMANDS\n");
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, ".SS werkbank %s %s\n", all[i]->name, all[i]->operands);
        add_man_text(out, all[i]->description);
        wb_text_add_string(out, "\n");
        for (uint32_t j = 0; j < all[i]->option_count; j++) {
            add_man_option(&all[i]->options[j], out);
        }
    }
    wb_text_add_string(out, ".SH COMMON OPTIONS\n");
    uint32_t common_count = 0;
    const wb_option *common = wb_command_common_options(&common_count);
    for (uint32_t i = 0; i < common_count; i++) {
        add_man_option(&common[i], out);
    }
    wb_text_add_string(out, ".SH EXIT STATUS\n0 done; 1 a finding or a check failed; 2 usage or "
                            "bad input; 3 failed while running; 130, 143 ended by a signal.\n");
}

static void add_bash_words(const wb_command *command, wb_text *out)
{
    for (uint32_t i = 0; i < command->option_count; i++) {
        wb_text_add_format(out, "--%s ", command->options[i].name);
    }
    uint32_t common_count = 0;
    const wb_option *common = wb_command_common_options(&common_count);
    for (uint32_t i = 0; i < common_count; i++) {
        wb_text_add_format(out, "--%s%s", common[i].name, i + 1 < common_count ? " " : "");
    }
}

/* Adds each command's first word once, or the second words of those that begin with first. */
static void add_command_words(const char *first, wb_text *out)
{
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    const size_t first_length = first != NULL ? strlen(first) : 0;
    const char *last = "";
    for (uint32_t i = 0; i < count; i++) {
        const char *name = all[i]->name;
        const size_t length = strcspn(name, " ");
        if (first == NULL) {
            const bool is_new = strncmp(last, name, length) != 0 || strcspn(last, " ") != length;
            if (is_new) {
                wb_text_add_format(out, "%.*s ", (int)length, name);
            }
            last = name;
        } else if (length == first_length && strncmp(name, first, length) == 0 &&
                   name[length] == ' ') {
            wb_text_add_format(out, "%s ", name + length + 1);
        }
    }
}

/* Second words: one case per first word that has any. */
static void add_second_words(wb_text *out)
{
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    for (uint32_t i = 0; i < count; i++) {
        const char *space = strchr(all[i]->name, ' ');
        const size_t length = space != NULL ? (size_t)(space - all[i]->name) : 0;
        const bool is_repeated = i > 0 && strncmp(all[i - 1]->name, all[i]->name, length + 1) == 0;
        if (space == NULL || is_repeated) {
            continue;
        }
        char first[64];
        (void)snprintf(first, sizeof first, "%.*s", (int)length, all[i]->name);
        wb_text_add_format(out, "        %s) list=\"", first);
        add_command_words(first, out);
        wb_text_add_string(out, "\" ;;\n");
    }
}

/* Commands by their words, then options behind a dash, else files. */
static void print_bash(wb_text *out)
{
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    wb_text_add_string(out, "_werkbank() {\n    local cur=${COMP_WORDS[COMP_CWORD]} list=\n"
                            "    if [[ $COMP_CWORD -eq 1 ]]; then\n        list=\"");
    add_command_words(NULL, out);
    wb_text_add_string(out, "\"\n    elif [[ $COMP_CWORD -eq 2 ]]; then\n"
                            "        case ${COMP_WORDS[1]} in\n");
    add_second_words(out);
    wb_text_add_string(out, "        esac\n    fi\n    if [[ -z $list && $cur == -* ]]; then\n"
                            "        case \"${COMP_WORDS[1]} ${COMP_WORDS[2]} \" in\n");
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, "        \"%s \"*) list=\"", all[i]->name);
        add_bash_words(all[i], out);
        wb_text_add_string(out, "\" ;;\n");
    }
    wb_text_add_string(out, "        esac\n    fi\n    if [[ -n $list ]]; then\n"
                            "        COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n    else\n"
                            "        COMPREPLY=($(compgen -f -- \"$cur\"))\n    fi\n}\n"
                            "complete -o filenames -F _werkbank werkbank\n");
}

/* -d '<text>', with fish's escapes. */
static void add_fish_description(wb_text *out, const char *text)
{
    wb_text_add_string(out, " -d '");
    for (const char *at = text; *at != 0; at++) {
        if (*at == '\'' || *at == '\\') {
            wb_text_add_string(out, "\\");
        }
        wb_text_add(out, at, 1);
    }
    wb_text_add_string(out, "'\n");
}

static void print_fish(wb_text *out)
{
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = all[i]->name;
        const char *space = strchr(name, ' ');
        const int length = space != NULL ? (int)(space - name) : (int)strlen(name);
        wb_text_add_format(out, "complete -c werkbank -n __fish_use_subcommand -a %.*s", length,
                           name);
        add_fish_description(out, all[i]->summary);
        if (space != NULL) {
            wb_text_add_format(out,
                               "complete -c werkbank -n '__fish_seen_subcommand_from %.*s' -a %s",
                               length, name, space + 1);
            add_fish_description(out, all[i]->summary);
        }
        for (uint32_t j = 0; j < all[i]->option_count; j++) {
            wb_text_add_format(out,
                               "complete -c werkbank -n '__fish_seen_subcommand_from %s' -l %s",
                               space != NULL ? space + 1 : name, all[i]->options[j].name);
            add_fish_description(out, all[i]->options[j].help);
        }
    }
}

bool wb_command_print_completion(const char *shell, wb_text *out)
{
    assert(shell != NULL && out != NULL);
    if (strcmp(shell, "bash") == 0) {
        print_bash(out);
        return true;
    }
    if (strcmp(shell, "zsh") == 0) { /* zsh runs bash's completions through bashcompinit */
        wb_text_add_string(out, "autoload -U +X bashcompinit && bashcompinit\n");
        print_bash(out);
        return true;
    }
    if (strcmp(shell, "fish") == 0) {
        print_fish(out);
        return true;
    }
    return false;
}
