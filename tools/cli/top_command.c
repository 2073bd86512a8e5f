/* werkbank top: the nodes of a recorded run as time goes by, or at one moment. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "sim/store/store.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"
#include "tools/cli/top_screen.h"
#include "tools/top/node_lines.h"

static const wb_option options[] = {
    {.name = "at",
     .kind = WB_OPTION_DURATION,
     .value_name = "TIME",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "print this moment and end, such as 8h14m since the start"},
    {.name = "speed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "600",
     .minimum = 1,
     .maximum = 1000000,
     .help = "virtual seconds that go by in a second"},
    {.name = "sort",
     .kind = WB_OPTION_CHOICE,
     .value_name = "ORDER",
     .default_text = "age",
     .choices = "age|price|cpu|name",
     .help = "with --at: order of the nodes (cpu: least used first)"},
    {.name = "filter",
     .kind = WB_OPTION_TEXT,
     .value_name = "TEXT",
     .default_text = "",
     .help = "with --at: only nodes with TEXT in name, type, zone or market"},
    {.name = "width",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "120",
     .minimum = 20,
     .maximum = 1000,
     .help = "with --at: columns"},
    {.name = "contender",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "the run to begin with (the first otherwise)"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "the runs of this seed (the lowest one otherwise)"},
};

static wb_status find_run(const wb_invocation *invocation, const wb_run_set *set, uint32_t *out,
                          wb_error *err)
{
    const char *name = wb_command_text(invocation, "contender");
    for (uint32_t i = 0; i < set->run_count; i++) {
        if (name == NULL || strcmp(name, set->runs[i].contender) == 0) {
            *out = i;
            return WB_OK;
        }
    }
    return wb_fail(err, WB_ERR_INPUT,
                   "--contender: no finished run of '%s', expected one such as '%s'", name,
                   set->runs[0].contender);
}

static wb_node_order order_of(const char *name)
{
    int order = 0;
    while (strcmp(wb_node_view_order_name((wb_node_order)order), name) != 0) {
        order++; /* the choices are the names, so one of them is it */
    }
    return (wb_node_order)order;
}

static wb_status print_moment(const wb_invocation *invocation, const wb_run_set *set, uint32_t run,
                              wb_text *out, wb_error *err)
{
    wb_node_view view;
    WB_TRY(wb_node_view_read(set->store, set->runs[run].run_id, wb_command_number(invocation, "at"),
                             invocation->arena, &view, err));
    wb_node_view_arrange(&view, order_of(wb_command_text(invocation, "sort")),
                         wb_command_text(invocation, "filter"));
    char title[160];
    (void)snprintf(title, sizeof title, "%s, %s", set->scenario, set->runs[run].contender);
    const int size[2] = {(int)wb_command_number(invocation, "width"), INT32_MAX};
    wb_node_lines_add(&view, title, 0, size, out);
    return WB_OK;
}

static wb_status show(const wb_invocation *invocation, const wb_run_set *set, wb_text *out,
                      wb_error *err)
{
    uint32_t run = 0;
    WB_TRY(find_run(invocation, set, &run, err));
    if (wb_command_value(invocation, "at")->is_set) {
        return print_moment(invocation, set, run, out, err);
    }
    if (isatty(STDOUT_FILENO) == 0 || isatty(STDIN_FILENO) == 0) {
        return wb_fail(err, WB_ERR_INPUT, "top needs a terminal; --at TIME prints one moment");
    }
    const wb_top_screen_options screen = {.speed = wb_command_number(invocation, "speed"),
                                          .first_run = run};
    wb_terminal_catch_signals();
    return wb_top_screen_run(set, &screen, err);
}

static wb_status top(const wb_invocation *invocation, wb_text *out, wb_error *err)
{
    const wb_option_value *seed = wb_command_value(invocation, "seed");
    wb_store *store = NULL;
    WB_TRY(wb_store_open_readonly(invocation->operands[0], &store, err));
    wb_run_set set;
    wb_status status =
        wb_run_set_open(store, seed->is_set ? seed->number : -1, invocation->arena, &set, err);
    if (status == WB_OK) {
        status = show(invocation, &set, out, err);
    }
    wb_store_close(store);
    return status;
}

static wb_exit run(wb_invocation *invocation)
{
    wb_text text;
    wb_text_init(&text);
    wb_error err = {0};
    const wb_status status = top(invocation, &text, &err);
    wb_exit exit_status = WB_EXIT_DONE;
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        exit_status = status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    } else if (*wb_terminal_stop_flag() != 0) {
        exit_status = wb_terminal_signal_exit();
    } else {
        exit_status = wb_terminal_write_result(&text);
    }
    wb_text_release(&text);
    return exit_status;
}

const wb_command wb_top_command = {
    .name = "top",
    .operands = "FILE.db",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "the nodes of a recorded run as time goes by, in the terminal",
    .description =
        "Replays a run: nodes with type, zone, market, price and age, bars of requested against\n"
        "allocatable, and the price a month. Keys: space pauses, left and right step a minute,\n"
        "comma and dot an hour, + and - change the speed, up and down scroll, s sorts, / filters,\n"
        "tab goes to the next contender, g to the start, q quits.",
    .examples = "  werkbank top day.db --speed 3600\n"
                "  werkbank top day.db --at 8h14m --sort cpu",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
