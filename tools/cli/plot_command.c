/* werkbank plot: one picture of a database's runs, drawn by gnuplot. */
#include <string.h>

#include "base/file_writer.h"
#include "sim/store/store.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"
#include "tools/plot/gnuplot.h"
#include "tools/plot/plot.h"

static const wb_option options[] = {
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "write FILE: .svg, .png, or .gp for gnuplot's program with the data "
             "(SVG on standard output otherwise)"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "the runs of this seed (the lowest one otherwise)"},
};

/* "svg", "png" or "gp"; NULL for another ending. */
static const char *format_of(const char *path)
{
    static const char *const formats[] = {"svg", "png", "gp"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(dot + 1, formats[i]) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

static bool is_kind(const char *name)
{
    uint32_t count = 0;
    const wb_plot_kind *kinds = wb_plot_kinds(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static wb_status check_kind(const char *name, wb_error *err)
{
    if (is_kind(name)) {
        return WB_OK;
    }
    wb_text known;
    wb_text_init(&known);
    uint32_t count = 0;
    const wb_plot_kind *kinds = wb_plot_kinds(&count);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&known, "%s%s", i == 0 ? "" : ", ", kinds[i].name);
    }
    const wb_status status =
        wb_fail(err, WB_ERR_INPUT, "'%s' is no kind of plot, expected one of %s", name,
                wb_text_string(&known));
    wb_text_release(&known);
    return status;
}

/* The program, or the picture made of it. */
static wb_status draw(const wb_run_set *set, const char *kind, const char *format, wb_text *out,
                      wb_error *err)
{
    const bool is_program = strcmp(format, "gp") == 0;
    const wb_plot_target target = {.format = is_program ? "svg" : format};
    wb_text program;
    wb_text_init(&program);
    wb_status status = wb_plot_write_script(set, kind, &target, &program, err);
    if (status == WB_OK && is_program) {
        wb_text_add(out, program.bytes, program.length);
    } else if (status == WB_OK) {
        status = wb_gnuplot_run(&program, out, err);
    }
    wb_text_release(&program);
    return status;
}

static wb_status plot(const wb_invocation *invocation, wb_text *out, wb_error *err)
{
    const char *path = wb_command_text(invocation, "out");
    const char *format = path != NULL ? format_of(path) : "svg";
    if (format == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "--out: '%s' does not end in .svg, .png or .gp", path);
    }
    WB_TRY(check_kind(invocation->operands[1], err));
    const wb_option_value *seed = wb_command_value(invocation, "seed");
    wb_store *store = NULL;
    WB_TRY(wb_store_open_readonly(invocation->operands[0], &store, err));
    wb_run_set set;
    wb_status status =
        wb_run_set_open(store, seed->is_set ? seed->number : -1, invocation->arena, &set, err);
    if (status == WB_OK) {
        status = draw(&set, invocation->operands[1], format, out, err);
    }
    wb_store_close(store);
    return status == WB_OK && path != NULL
               ? wb_file_writer_write_file(path, out->bytes, out->length, err)
               : status;
}

static wb_exit run(wb_invocation *invocation)
{
    wb_text picture;
    wb_text_init(&picture);
    wb_error err = {0};
    const wb_status status = plot(invocation, &picture, &err);
    wb_exit exit_status = WB_EXIT_DONE;
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        exit_status = status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    } else if (wb_command_text(invocation, "out") == NULL) {
        exit_status = wb_terminal_write_result(&picture);
    }
    wb_text_release(&picture);
    return exit_status;
}

const wb_command wb_plot_command = {
    .name = "plot",
    .operands = "FILE.db KIND",
    .operand_minimum = 2,
    .operand_maximum = 2,
    .summary = "a picture of a database's runs, by gnuplot",
    .description =
        "Draws the runs of one database, a line or a panel per contender:\n"
        "  nodes        nodes, running and waiting pods over time\n"
        "  cost         cost over time: in all, and per hour\n"
        "  latency      pod latency: the share of pods that ran within a time\n"
        "  utilisation  CPU requested of what nodes offer, over nodes and time\n"
        "  mix          nodes by instance type over time\n"
        "  gantt        each node from launch to end, with what ended it\n"
        "  churn        what disruption saved against the pods that it evicted\n"
        "  arrivals     pods created per hour\n"
        "A contender has the same colour in every plot. gnuplot must be installed; FILE.gp keeps\n"
        "the program with its data, to be changed by hand.",
    .examples = "  werkbank plot day.db nodes --out nodes.svg\n"
                "  werkbank plot day.db latency --out latency.png",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
