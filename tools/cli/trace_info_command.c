/* werkbank trace info: what is in a trace, as table, JSON, CSV or a picture. */
#include <string.h>

#include "base/file_writer.h"
#include "base/heap_memory.h"
#include "tools/cli/command_list.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_info_output.h"
#include "tools/cli/trace_info_plot.h"

static const wb_option options[] = {
    WB_OPTION_OUTPUT("table|json|csv"),
    {.name = "plot",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "also draw the first trace to FILE: .svg, .png, or .gp for gnuplot's program"},
};

/* Draws stats to path in the format of its ending. */
static wb_status draw(const char *trace_path, const wb_trace_stats *stats, const char *path,
                      wb_error *err)
{
    const char *dot = strrchr(path, '.');
    const char *format = dot == NULL ? "" : dot + 1;
    if (strcmp(format, "svg") != 0 && strcmp(format, "png") != 0 && strcmp(format, "gp") != 0) {
        return wb_fail(err, WB_ERR_INPUT, "--plot: '%s' does not end in .svg, .png or .gp", path);
    }
    wb_text picture;
    wb_text_init(&picture);
    wb_status status = wb_trace_info_plot_draw(trace_path, stats, format, &picture, err);
    if (status == WB_OK) {
        status = wb_file_writer_write_file(path, wb_text_string(&picture), picture.length, err);
    }
    wb_text_release(&picture);
    return status;
}

/* All traces read; the first one drawn where that was asked for. */
static wb_status read_all(const wb_invocation *invocation, wb_trace_stats *stats, wb_error *err)
{
    const char *plot_path = wb_command_text(invocation, "plot");
    for (uint32_t i = 0; i < invocation->operand_count; i++) {
        WB_TRY(wb_trace_stats_read(invocation->operands[i], &stats[i], err));
    }
    return plot_path == NULL ? WB_OK : draw(invocation->operands[0], &stats[0], plot_path, err);
}

static wb_exit run(wb_invocation *invocation)
{
    wb_trace_stats *stats = wb_heap_memory_zalloc(invocation->operand_count, sizeof *stats);
    wb_error err;
    wb_exit exit_status = WB_EXIT_DONE;
    const wb_status status = read_all(invocation, stats, &err);
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        exit_status = WB_EXIT_USAGE;
    } else {
        wb_text text;
        wb_text_init(&text);
        const wb_trace_info_set set = {.paths = invocation->operands,
                                       .stats = stats,
                                       .count = invocation->operand_count,
                                       .is_colored = wb_terminal_has_color(invocation)};
        wb_trace_info_output_print(&set, invocation->arena, wb_command_text(invocation, "output"),
                                   &text);
        exit_status = wb_terminal_write_result(&text);
        wb_text_release(&text);
    }
    wb_heap_memory_free(stats);
    return exit_status;
}

const wb_command wb_trace_info_command = {
    .name = "trace info",
    .operands = "TRACE...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "what is in a trace: counts, hours, rates, sizes, shapes",
    .description =
        "Reads each trace through once in constant memory, checks every record, and prints\n"
        "counts, span, the CPU and GPU hours asked for, arrivals and concurrency over time,\n"
        "histograms of requests and lifetimes, and the leading shapes.\n"
        "CPU HOURS are what a replay asks for (pods with a known end); RESIDENT is creation to\n"
        "end as recorded, time that pods waited included, open ends cut at the end of the trace;\n"
        "DECLARED are replicas of applied workloads.",
    .examples = "  werkbank trace info day.trace.zst\n"
                "  werkbank trace info openb.trace -o json\n"
                "  werkbank trace info openb.trace --plot openb.svg",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
