/*
 * werkbank trace generate, from a specification or fitted to a trace: the work is in traces/; here
 * are options and the report.
 */
#include <stdio.h>
#include <string.h>

#include "base/file_writer.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "traces/trace_fit.h"
#include "traces/trace_generate.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_fit_output.h"
#include "tools/plot/gnuplot.h"
#include "tools/plot/plot_fit.h"

static const wb_option generate_options[] = {
    {.name = "fit",
     .kind = WB_OPTION_TEXT,
     .value_name = "TRACE",
     .help = "instead of a specification: one that is fitted to this trace"},
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the trace to write, packed when the name ends in .zst"},
    {.name = "scale-percent",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "100",
     .minimum = 1,
     .maximum = 1000000000,
     .help = "replicas and arrival rates in per cent of the specification's"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed, instead of the specification's"},
    {.name = "span",
     .kind = WB_OPTION_DURATION,
     .value_name = "DURATION",
     .help = "with --fit: how long the trace is to be (as long as the one fitted to otherwise)"},
    {.name = "write-spec",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "with --fit: also write the specification, which makes the same trace"},
    {.name = "plot",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "with --fit: draw how close it is to FILE: .svg, .png, or .gp for gnuplot's program"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column generate_columns[] = {
    {"TRACE", "trace", false, false},
    {"PODS", "pods", true, false},
    {"SERVICE PODS", "service_pods", true, false},
    {"BATCH PODS", "batch_pods", true, false},
    {"SHAPES", "shapes", true, false},
    {"SPAN MS", "span_ms", true, false},
};

static wb_exit print_generated(wb_invocation *invocation, const char *path,
                               const wb_trace_generate_report *report)
{
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, generate_columns,
                         sizeof(generate_columns) / sizeof(generate_columns[0]));
    wb_result_table_add_row(&table);
    wb_result_table_set(&table, 0, path);
    wb_result_table_set_format(&table, 1, "%llu", (unsigned long long)report->pod_count);
    wb_result_table_set_format(&table, 2, "%llu", (unsigned long long)report->service_pod_count);
    wb_result_table_set_format(&table, 3, "%llu", (unsigned long long)report->batch_pod_count);
    wb_result_table_set_format(&table, 4, "%u", report->shape_count);
    wb_result_table_set_format(&table, 5, "%lld", (long long)report->end_ms);
    wb_text text;
    wb_text_init(&text);
    if (strcmp(path, "-") != 0) { /* else the trace itself is the result */
        table.is_colored = wb_terminal_has_color(invocation);
        wb_result_table_print(&table, wb_command_text(invocation, "output"), &text);
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

/* Generates; findings are printed here, so that what is left to say is err alone ("": nothing). */
static wb_status generate(const wb_invocation *invocation, const wb_trace_generate_options *options,
                          wb_trace_generate_report *report, wb_error *err)
{
    wb_intern intern;
    wb_findings findings;
    wb_intern_init(&intern, invocation->arena);
    wb_names_init(&intern);
    wb_findings_init(&findings, invocation->arena, true);
    const wb_status status =
        wb_trace_generate(options, invocation->arena, &intern, &findings, report, err);
    wb_intern_release(&intern);
    return wb_terminal_close_findings(invocation, &findings, status, err);
}

/* ---- --fit ---- */

/* Draws the distances to path in the format of its ending. */
static wb_status draw_fit(const wb_trace_fit_result *result, const char *path, wb_error *err)
{
    const char *dot = strrchr(path, '.');
    const char *format = dot == NULL ? "" : dot + 1;
    const char *slash = strrchr(result->trace_path, '/');
    const bool is_program = strcmp(format, "gp") == 0;
    if (strcmp(format, "svg") != 0 && strcmp(format, "png") != 0 && !is_program) {
        return wb_fail(err, WB_ERR_INPUT, "--plot: '%s' does not end in .svg, .png or .gp", path);
    }
    wb_text program;
    wb_text picture;
    wb_text_init(&program);
    wb_text_init(&picture);
    wb_plot_fit_write(result->distances, slash == NULL ? result->trace_path : slash + 1, format,
                      &program);
    wb_status status = is_program ? WB_OK : wb_gnuplot_run(&program, &picture, err);
    const wb_text *drawn = is_program ? &program : &picture;
    if (status == WB_OK) {
        status = wb_file_writer_write_file(path, wb_text_string(drawn), drawn->length, err);
    }
    wb_text_release(&program);
    wb_text_release(&picture);
    return status;
}

/* Both traces measured, and what is asked for of it. stats: two. */
static wb_status compare(const wb_invocation *invocation, double scale, wb_trace_stats *stats,
                         wb_trace_distance *distances, wb_trace_fit_result *result, wb_error *err)
{
    const char *plot = wb_command_text(invocation, "plot");
    WB_TRY(wb_trace_stats_read(result->trace_path, &stats[0], err));
    WB_TRY(wb_trace_stats_read(result->output_path, &stats[1], err));
    wb_trace_distance_measure(&stats[0], &stats[1], scale, distances);
    result->recorded = &stats[0].summary;
    result->generated = &stats[1].summary;
    result->distances = distances;
    return plot != NULL ? draw_fit(result, plot, err) : WB_OK;
}

static wb_exit print_fit(wb_invocation *invocation, const wb_trace_fit_result *result)
{
    wb_text text;
    if (!wb_command_flag(invocation, "quiet") && result->fit->object_count > 0) {
        wb_terminal_error("%llu applied objects are left out: their controllers' pods are not "
                          "fitted",
                          (unsigned long long)result->fit->object_count);
    }
    if (!wb_command_flag(invocation, "quiet") && result->fit->dropped_count > 0) {
        wb_terminal_error("%llu pods of rare shapes are left out",
                          (unsigned long long)result->fit->dropped_count);
    }
    wb_text_init(&text);
    wb_trace_fit_output_print(result, invocation->arena, wb_command_text(invocation, "output"),
                              &text);
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

static wb_status fit_spec(const wb_invocation *invocation, const wb_trace_generate_options *options,
                          wb_text *spec, wb_trace_fit_report *report, wb_error *err)
{
    const char *spec_path = wb_command_text(invocation, "write-spec");
    const wb_trace_fit_options fit_options = {
        .span_ms = wb_command_flag(invocation, "span") ? wb_command_number(invocation, "span") : 0,
        .seed = options->seed_is_set ? options->seed : 1,
    };
    if (fit_options.span_ms < 0 || fit_options.span_ms > WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT, "--span: is not a duration of 0 to 31 years");
    }
    WB_TRY(wb_trace_fit(options->spec_path, &fit_options, spec, report, err));
    return spec_path == NULL
               ? WB_OK
               : wb_file_writer_write_file(spec_path, wb_text_string(spec), spec->length, err);
}

static wb_exit run_fit(wb_invocation *invocation, wb_trace_generate_options options)
{
    wb_error err = {0};
    wb_text spec;
    wb_trace_fit_report fit_report;
    wb_trace_generate_report report;
    wb_trace_fit_result result = {.trace_path = options.spec_path,
                                  .output_path = options.output_path,
                                  .fit = &fit_report,
                                  .is_colored = wb_terminal_has_color(invocation)};
    wb_trace_stats *stats = wb_heap_memory_zalloc(2, sizeof *stats);
    wb_trace_distance *distances = wb_heap_memory_zalloc(WB_TRACE_MEASURE_COUNT, sizeof *distances);
    wb_text_init(&spec);
    wb_status status = fit_spec(invocation, &options, &spec, &fit_report, &err);
    if (status == WB_OK) {
        options.spec_text = wb_text_string(&spec);
        status = generate(invocation, &options, &report, &err);
    }
    if (status == WB_OK) {
        status = compare(invocation, options.scale, stats, distances, &result, &err);
    }
    wb_exit exit_status = WB_EXIT_DONE;
    if (status == WB_OK) {
        exit_status = print_fit(invocation, &result);
    } else {
        wb_terminal_print_error(&err);
        exit_status = status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    }
    wb_text_release(&spec);
    wb_heap_memory_free(stats);
    wb_heap_memory_free(distances);
    return exit_status;
}

/* ---- both ---- */

/* One line about options that do not go together; NULL: they do. */
static const char *misused(const wb_invocation *invocation)
{
    const char *fit = wb_command_text(invocation, "fit");
    const char *out = wb_command_text(invocation, "out");
    if (fit != NULL && invocation->operand_count > 0) {
        return "--fit takes the place of SPEC.yaml, expected one of the two";
    }
    if (fit == NULL && invocation->operand_count == 0) {
        return "SPEC.yaml is missing, expected a specification, or a trace to fit one to (--fit)";
    }
    if (out == NULL) {
        return "--out is missing, expected the trace to write";
    }
    if (fit == NULL &&
        (wb_command_flag(invocation, "span") || wb_command_text(invocation, "write-spec") != NULL ||
         wb_command_text(invocation, "plot") != NULL)) {
        return "--span, --write-spec and --plot go with --fit";
    }
    if (fit != NULL && (strcmp(out, "-") == 0 || strcmp(fit, "-") == 0)) {
        return "--fit reads both traces again to compare them, expected files instead of -";
    }
    return NULL;
}

static wb_exit run_generate(wb_invocation *invocation)
{
    const char *problem = misused(invocation);
    if (problem != NULL) {
        wb_terminal_error("%s", problem);
        return WB_EXIT_USAGE;
    }
    const char *fit = wb_command_text(invocation, "fit");
    const wb_trace_generate_options options = {
        .spec_path = fit != NULL ? fit : invocation->operands[0],
        .output_path = wb_command_text(invocation, "out"),
        .scale = (double)wb_command_number(invocation, "scale-percent") / 100.0,
        .seed_is_set = wb_command_flag(invocation, "seed"),
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    if (fit != NULL) {
        return run_fit(invocation, options);
    }
    wb_trace_generate_report report;
    wb_error err;
    if (generate(invocation, &options, &report, &err) != WB_OK) {
        wb_terminal_print_error(&err);
        return WB_EXIT_USAGE;
    }
    return print_generated(invocation, options.output_path, &report);
}

const wb_command wb_trace_generate_command = {
    .name = "trace generate",
    .operands = "[SPEC.yaml]",
    .operand_minimum = 0,
    .operand_maximum = 1,
    .summary = "make a trace from a short specification, or one like a recorded trace",
    .description =
        "Writes a trace of services (weeks, flash crowds, rollouts, volumes, constraints)\n"
        "and of batch queues (Poisson, bursts, heavy tails, stages, gangs, schedules).\n"
        "Same specification and seed, same bytes. With --fit the specification is fitted\n"
        "to a recorded trace, and the answer tells how close the new one is, by\n"
        "Kolmogorov-Smirnov distances: 0 is alike.",
    .examples =
        "  werkbank trace generate scenarios/day/day.spec.yaml --out day.trace.zst\n"
        "  werkbank trace generate --fit day.trace.zst --span 720h --out month.trace\n"
        "  werkbank trace generate --fit day.trace.zst --scale-percent 1000 --out big.trace",
    .options = generate_options,
    .option_count = sizeof(generate_options) / sizeof(generate_options[0]),
    .run = run_generate,
};
