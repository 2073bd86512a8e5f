/*
 * Parsing by the option tables. One pass over the words; every word is an option of a row, its
 * value, or an operand.
 *
 * Values are checked here by the row (a number's range, a choice's words), so that a subcommand
 * sees only what its table allows, and a wrong word is told with the nearest right one. Help and
 * pages come from the same tables in command_help.c.
 */
#include "tools/cli/command.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/nearest.h"

static const wb_option common_options[] = {
    {.name = "help", .letter = 'h', .kind = WB_OPTION_FLAG, .help = "print this help and exit"},
    {.name = "quiet",
     .letter = 'q',
     .kind = WB_OPTION_FLAG,
     .help = "no progress and no warnings on standard error"},
    {.name = "color",
     .kind = WB_OPTION_CHOICE,
     .value_name = "WHEN",
     .default_text = "auto",
     .choices = "auto|always|never",
     .help = "colour in tables; auto means on a terminal without NO_COLOR"},
};

const wb_option *wb_command_common_options(uint32_t *out_count)
{
    *out_count = (uint32_t)(sizeof(common_options) / sizeof(common_options[0]));
    return common_options;
}

const wb_command *wb_command_find(int argc, char *const *argv, int *out_word_count)
{
    uint32_t count = 0;
    const wb_command *const *all = wb_command_list(&count);
    assert(out_word_count != NULL);
    for (int words = argc > 2 ? 2 : 1; words >= 1 && argc > 1; words--) {
        char name[96];
        if (words == 2) {
            (void)snprintf(name, sizeof name, "%s %s", argv[1], argv[2]);
        } else {
            (void)snprintf(name, sizeof name, "%s", argv[1]);
        }
        for (uint32_t i = 0; i < count; i++) {
            if (strcmp(all[i]->name, name) == 0) {
                *out_word_count = words;
                return all[i];
            }
        }
    }
    return NULL;
}

/* The row of an option and the slot of its value. */
typedef struct option_place {
    const wb_option *row;
    uint32_t slot;
} option_place;

static option_place option_at(const wb_command *command, uint32_t slot)
{
    if (slot < command->option_count) {
        return (option_place){&command->options[slot], slot};
    }
    uint32_t common_count = 0;
    const wb_option *common = wb_command_common_options(&common_count);
    assert(slot - command->option_count < common_count);
    return (option_place){&common[slot - command->option_count], slot};
}

static uint32_t slot_count(const wb_command *command)
{
    uint32_t common_count = 0;
    (void)wb_command_common_options(&common_count);
    return command->option_count + common_count;
}

static bool find_option(const wb_command *command, const char *name, size_t length, char letter,
                        option_place *out)
{
    assert((name == NULL) != (letter == 0)); /* one of the two spellings */
    for (uint32_t slot = 0; slot < slot_count(command); slot++) {
        const option_place place = option_at(command, slot);
        const bool is_same = name != NULL ? strlen(place.row->name) == length &&
                                                strncmp(place.row->name, name, length) == 0
                                          : letter != 0 && place.row->letter == letter;
        if (is_same) {
            *out = place;
            return true;
        }
    }
    return false;
}

static wb_status fail_unknown(const wb_command *command, const char *name, size_t length,
                              wb_error *err)
{
    const char *names[64];
    assert(slot_count(command) <= 64);
    for (uint32_t slot = 0; slot < slot_count(command); slot++) {
        names[slot] = option_at(command, slot).row->name;
    }
    const char *nearest = wb_nearest_name(name, length, names, slot_count(command));
    if (nearest != NULL) {
        return wb_fail(err, WB_ERR_INPUT, "unknown option '--%.*s', did you mean '--%s'?",
                       (int)length, name, nearest);
    }
    return wb_fail(err, WB_ERR_INPUT,
                   "unknown option '--%.*s', expected one of 'werkbank %s --help'", (int)length,
                   name, command->name);
}

/* choices is "a|b|c"; value must be one of them, whole. */
static bool is_choice(const char *choices, const char *value)
{
    assert(choices != NULL && value != NULL);
    const size_t length = strlen(value);
    for (const char *at = choices; at != NULL; at = strchr(at, '|')) {
        at += *at == '|' ? 1 : 0;
        if (length > 0 && strncmp(at, value, length) == 0 &&
            (at[length] == '|' || at[length] == 0)) {
            return true;
        }
    }
    return false;
}

/* A whole number, decimal, within the row's range; "10k" and "1e3" are slips. */
static wb_status set_number(const wb_option *row, const char *value, wb_option_value *out,
                            wb_error *err)
{
    assert(row->kind == WB_OPTION_INTEGER && row->minimum <= row->maximum);
    char *end = NULL;
    errno = 0;
    const long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != 0 || number < row->minimum || number > row->maximum) {
        return wb_fail(err, WB_ERR_INPUT, "--%s: '%s' is not a whole number between %lld and %lld",
                       row->name, value, (long long)row->minimum, (long long)row->maximum);
    }
    out->number = number;
    return WB_OK;
}

static wb_status set_value(const wb_option *row, wb_arena *arena, const char *value,
                           wb_option_value *out, wb_error *err)
{
    wb_error inner = {0};
    switch (row->kind) {
    case WB_OPTION_FLAG:
    case WB_OPTION_TEXT: break;
    case WB_OPTION_INTEGER: WB_TRY(set_number(row, value, out, err)); break;
    case WB_OPTION_DURATION:
        if (wb_duration_parse(value, &out->number, &inner) != WB_OK) {
            return wb_fail(err, WB_ERR_INPUT, "--%s: '%s' is not a duration like 1h30m", row->name,
                           value);
        }
        break;
    case WB_OPTION_CHOICE:
        if (!is_choice(row->choices, value)) {
            return wb_fail(err, WB_ERR_INPUT, "--%s: '%s' is not one of %s", row->name, value,
                           row->choices);
        }
        break;
    }
    if (out->is_set && !row->is_repeated && row->kind != WB_OPTION_FLAG) {
        return wb_fail(err, WB_ERR_INPUT, "--%s is given twice, expected once", row->name);
    }
    if (row->is_repeated) {
        const uint32_t count = out->text_count;
        out->texts = wb_arena_grow(arena, out->texts, count, count + 1U, sizeof out->texts[0]);
        out->texts[out->text_count++] = value;
    }
    out->is_set = true;
    out->text = value;
    return WB_OK;
}

/* Where the parser stands in argv. */
typedef struct parse_state {
    const wb_command *command;
    int argc;
    char *const *argv;
    int next;
    bool only_operands; /* "--" was seen */
    wb_invocation *out;
} parse_state;

static wb_status take_value(parse_state *state, option_place place, const char *attached,
                            wb_error *err)
{
    const char *value = attached;
    if (place.row->kind == WB_OPTION_FLAG) {
        if (attached != NULL) {
            return wb_fail(err, WB_ERR_INPUT, "--%s takes no value, found '%s'", place.row->name,
                           attached);
        }
        value = "true";
    } else if (value == NULL) {
        if (state->next >= state->argc) {
            return wb_fail(err, WB_ERR_INPUT, "--%s needs a value, expected %s", place.row->name,
                           place.row->value_name);
        }
        value = state->argv[state->next++];
    }
    return set_value(place.row, state->out->arena, value, &state->out->values[place.slot], err);
}

static wb_status parse_long(parse_state *state, const char *argument, wb_error *err)
{
    const char *name = argument + 2;
    const char *equals = strchr(name, '=');
    const size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    option_place place;
    if (!find_option(state->command, name, length, 0, &place)) {
        return fail_unknown(state->command, name, length, err);
    }
    return take_value(state, place, equals != NULL ? equals + 1 : NULL, err);
}

static wb_status parse_short(parse_state *state, const char *argument, wb_error *err)
{
    for (const char *at = argument + 1; *at != 0; at++) {
        option_place place;
        if (!find_option(state->command, NULL, 0, *at, &place)) {
            return wb_fail(err, WB_ERR_INPUT,
                           "unknown option '-%c', expected one of 'werkbank %s --help'", *at,
                           state->command->name);
        }
        if (place.row->kind != WB_OPTION_FLAG) {
            const char *attached = at[1] == '=' ? at + 2 : at + 1;
            return take_value(state, place, at[1] != 0 ? attached : NULL, err);
        }
        WB_TRY(take_value(state, place, NULL, err));
    }
    return WB_OK;
}

static void fill_defaults(const wb_command *command, wb_invocation *out)
{
    for (uint32_t slot = 0; slot < slot_count(command); slot++) {
        const wb_option *row = option_at(command, slot).row;
        wb_option_value *value = &out->values[slot];
        if (value->is_set || row->default_text == NULL) {
            continue;
        }
        const wb_status status = set_value(row, out->arena, row->default_text, value, NULL);
        assert(status == WB_OK); /* a default outside its own range is a bug of the table */
        (void)status;
        value->is_set = false;
    }
}

static wb_status check_operands(const wb_command *command, const wb_invocation *out, wb_error *err)
{
    if (wb_command_flag(out, "help")) {
        return WB_OK;
    }
    if (out->operand_count < command->operand_minimum) {
        return wb_fail(err, WB_ERR_INPUT, "%s is missing, expected: werkbank %s %s",
                       command->operands, command->name, command->operands);
    }
    if (out->operand_count > command->operand_maximum) {
        return wb_fail(err, WB_ERR_INPUT, "unexpected argument '%s', expected: werkbank %s %s",
                       out->operands[command->operand_maximum], command->name, command->operands);
    }
    return WB_OK;
}

/* One argument: an operand, the end of options, or an option with its value. */
static wb_status take_argument(parse_state *state, const char *argument, wb_error *err)
{
    assert(argument != NULL);
    if (state->only_operands || argument[0] != '-' || argument[1] == 0) {
        state->out->operands[state->out->operand_count++] = argument;
        return WB_OK;
    }
    if (strcmp(argument, "--") == 0) {
        state->only_operands = true;
        return WB_OK;
    }
    return argument[1] == '-' ? parse_long(state, argument, err)
                              : parse_short(state, argument, err);
}

wb_status wb_command_parse(const wb_command *command, int argc, char *const *argv, wb_arena *arena,
                           wb_invocation *out, wb_error *err)
{
    assert(command != NULL && arena != NULL && out != NULL);
    *out = (wb_invocation){.command = command, .arena = arena};
    out->values = WB_ARENA_ARRAY(arena, wb_option_value, slot_count(command));
    out->operands = WB_ARENA_ARRAY(arena, const char *, (size_t)argc + 1);
    parse_state state = {.command = command, .argc = argc, .argv = argv, .out = out};
    while (state.next < argc) {
        WB_TRY(take_argument(&state, argv[state.next++], err));
    }
    fill_defaults(command, out);
    return check_operands(command, out, err);
}

const wb_option_value *wb_command_value(const wb_invocation *invocation, const char *name)
{
    option_place place = {0};
    const bool is_known = find_option(invocation->command, name, strlen(name), 0, &place);
    assert(is_known);
    (void)is_known;
    return &invocation->values[place.slot];
}

const char *wb_command_text(const wb_invocation *invocation, const char *name)
{
    return wb_command_value(invocation, name)->text;
}

int64_t wb_command_number(const wb_invocation *invocation, const char *name)
{
    return wb_command_value(invocation, name)->number;
}

bool wb_command_flag(const wb_invocation *invocation, const char *name)
{
    return wb_command_value(invocation, name)->is_set;
}
