/*
 * werkbank sweep: many points of a user's settings, and what they say together.
 *
 *     load    the sweep, and the scenario once, to see that it is right   wrong: status 2
 *     run     all points, in rounds; a signal leaves what is finished     status 130 or 143
 *     judge   front, best point, what each of its changes brought
 *     print   from the figures of the runs, which are in the database
 */
#include <stdio.h>
#include <string.h>

#include "base/file_writer.h"
#include "kube/names.h"
#include "bench/sweep.h"
#include "tools/cli/command_list.h"
#include "tools/cli/sweep_manifests.h"
#include "tools/cli/sweep_output.h"
#include "tools/cli/terminal.h"
#include "tools/cli/version.h"
#include "tools/plot/gnuplot.h"
#include "tools/plot/plot_front.h"

static const wb_option options[] = {
    {.name = "db",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the database of all runs (default: NAME.sweep.db); a sweep that was stopped goes on "
             "where it was when it is given the same"},
    {.name = "jobs",
     .letter = 'j',
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1",
     .minimum = 1,
     .maximum = WB_RUN_POOL_WORKERS_MAX,
     .help = "simulations at a time"},
    {.name = "all",
     .kind = WB_OPTION_FLAG,
     .help = "every point in the table, not the front alone"},
    {.name = "plot",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "draw the points, cost against latency, into FILE.svg or FILE.png"},
    {.name = "write-best",
     .kind = WB_OPTION_TEXT,
     .value_name = "DIR",
     .help = "write the manifests of the best point into this folder, each changed line with what "
             "it brought"},
    WB_OPTION_OUTPUT("table|json|csv|markdown"),
};

typedef struct sweep_state {
    wb_invocation *invocation;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_sweep_spec spec;
    wb_sweep sweep;
    wb_run_pool_options pool;
    double started_at;
} sweep_state;

static void show_progress(void *context, const wb_run_pool_progress *progress)
{
    const sweep_state *state = context;
    const uint32_t fresh = progress->done_count - progress->was_there_count;
    const uint32_t left = progress->job_count - progress->done_count;
    const double seconds = wb_terminal_seconds() - state->started_at;
    char bar[21];
    for (uint32_t i = 0; i < 20; i++) {
        bar[i] = i * progress->job_count < progress->done_count * 20 ? '#' : '.';
    }
    bar[20] = 0;
    wb_terminal_show_progress("%s [%s] %u of %u runs, %u were there, ETA %.0f s", state->spec.name,
                              bar, progress->done_count, progress->job_count,
                              progress->was_there_count, fresh > 0 ? seconds / fresh * left : 0.0);
}

/* The scenario as it is: faults in it are told once, not per point. Its digest and its traces' are
 * the fingerprint of what the sweep reads. */
static wb_status check_scenario(sweep_state *state, const char **out_digest, wb_error *err)
{
    wb_scenario scenario;
    const wb_scenario_overrides overrides = {
        .findings = &state->findings,
        .trace_paths = state->spec.trace_paths,
        .trace_count = state->spec.trace_count,
    };
    WB_TRY(wb_scenario_load(&state->arena, &state->intern, state->spec.scenario_path, &overrides,
                            &scenario, err));
    wb_text digest;
    wb_text_init(&digest);
    wb_text_add_format(&digest, "%s", scenario.digest);
    for (uint32_t i = 0; i < scenario.trace_count; i++) {
        wb_text_add_format(&digest, " %s", scenario.traces[i].summary.digest);
    }
    *out_digest = wb_arena_copy_string(&state->arena, wb_text_string(&digest));
    wb_text_release(&digest);
    return WB_OK;
}

static wb_status load(sweep_state *state, wb_error *err)
{
    const wb_decode_context context = {
        .arena = &state->arena,
        .intern = &state->intern,
        .findings = &state->findings,
    };
    const char *digest = NULL;
    wb_status status =
        wb_sweep_spec_load(&context, state->invocation->operands[0], &state->spec, err);
    status = status == WB_OK ? check_scenario(state, &digest, err) : status;
    wb_terminal_print_findings(&state->findings, wb_command_flag(state->invocation, "quiet"));
    if (status != WB_OK && state->findings.error_count > 0) {
        err->text[0] = 0; /* said already, finding by finding */
    }
    WB_TRY(status);
    return wb_sweep_init(&state->sweep, &state->arena, &state->spec, digest, err);
}

static void set_pool(sweep_state *state)
{
    const char *db = wb_command_text(state->invocation, "db");
    if (db == NULL) {
        wb_text name;
        wb_text_init(&name);
        wb_text_add_format(&name, "%s.sweep.db", state->spec.name);
        db = wb_arena_copy_string(&state->arena, wb_text_string(&name));
        wb_text_release(&name);
    }
    const bool has_progress = wb_terminal_has_progress(state->invocation);
    state->pool = (wb_run_pool_options){
        .worker_count = (uint32_t)wb_command_number(state->invocation, "jobs"),
        .db_path = db,
        .keep = WB_STORE_KEEP_FIGURES,
        .version = WB_VERSION,
        .set_name = state->spec.name,
        .stop_flag = wb_terminal_stop_flag(),
        .progress = has_progress ? show_progress : NULL,
        .progress_context = state,
    };
    state->started_at = wb_terminal_seconds();
}

static wb_status search(sweep_state *state, wb_error *err)
{
    WB_TRY(wb_sweep_run(&state->sweep, &state->pool, err));
    wb_sweep_judge(&state->sweep);
    WB_TRY(wb_sweep_take_apart(&state->sweep, &state->pool, err));
    WB_TRY(wb_sweep_finish(&state->sweep, &state->pool, err));
    wb_terminal_finish_progress();
    return WB_OK;
}

static wb_status draw(sweep_state *state, const char *path, wb_error *err)
{
    const size_t length = strlen(path);
    const bool is_png = length > 4 && strcmp(path + length - 4, ".png") == 0;
    if (!is_png && !(length > 4 && strcmp(path + length - 4, ".svg") == 0)) {
        return wb_fail(err, WB_ERR_INPUT, "--plot: '%s' does not end in .svg or .png", path);
    }
    wb_text program;
    wb_text picture;
    wb_text_init(&program);
    wb_text_init(&picture);
    wb_plot_front_write(&state->sweep, is_png ? "png" : "svg", &program);
    wb_status status = wb_gnuplot_run(&program, &picture, err);
    status = status == WB_OK ? wb_file_writer_write_file(path, picture.bytes, picture.length, err)
                             : status;
    wb_text_release(&program);
    wb_text_release(&picture);
    return status;
}

static wb_status tell(sweep_state *state, wb_error *err)
{
    const char *plot = wb_command_text(state->invocation, "plot");
    const char *folder = wb_command_text(state->invocation, "write-best");
    const wb_sweep_output output = {
        .sweep = &state->sweep,
        .format = wb_command_text(state->invocation, "output"),
        .shows_all = wb_command_flag(state->invocation, "all"),
        .is_colored = wb_terminal_has_color(state->invocation),
    };
    wb_text text;
    wb_text_init(&text);
    wb_sweep_output_print(&output, &text);
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    if (written != WB_EXIT_DONE) {
        err->text[0] = 0; /* said by the writer */
        return WB_ERR_IO;
    }
    WB_TRY(plot == NULL ? WB_OK : draw(state, plot, err));
    return folder == NULL ? WB_OK : wb_sweep_manifests_write(&state->sweep, folder, err);
}

static wb_exit execute(sweep_state *state)
{
    wb_error err = {0};
    wb_status status = load(state, &err);
    wb_exit failure = WB_EXIT_USAGE;
    if (status == WB_OK) {
        set_pool(state);
        failure = WB_EXIT_FAILED;
        status = search(state, &err);
        status = status == WB_OK ? tell(state, &err) : status;
    }
    wb_terminal_finish_progress();
    if (status == WB_OK) {
        return WB_EXIT_DONE;
    }
    if (*wb_terminal_stop_flag() != 0) {
        wb_terminal_error(
            "interrupted; what is finished stays in %s.parts: the same command goes on",
            state->pool.db_path);
        return wb_terminal_signal_exit();
    }
    if (err.text[0] != 0) {
        wb_terminal_error("%s", err.text);
    }
    return status == WB_ERR_INPUT ? WB_EXIT_USAGE : failure;
}

static wb_exit run(wb_invocation *invocation)
{
    sweep_state state = {.invocation = invocation};
    wb_arena_init(&state.arena, "sweep", 0, NULL);
    wb_intern_init(&state.intern, &state.arena);
    wb_names_init(&state.intern);
    wb_findings_init(&state.findings, &state.arena, false);
    const wb_exit exit_status = execute(&state);
    wb_intern_release(&state.intern);
    wb_arena_release(&state.arena);
    return exit_status;
}

const wb_command wb_sweep_command = {
    .name = "sweep",
    .operands = "SWEEP.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "try many settings of a scenario, and show which are worth it",
    .description =
        "Runs a scenario for every point of a search over the user's own settings: fields of\n"
        "manifests, of node groups and flags, with lists or ranges of values. Prints the Pareto\n"
        "front of the objectives (cost, p99 latency and disruptions unless told otherwise), the\n"
        "best point within limits, and what each of its changes brings on its own. Stopped, it\n"
        "goes on where it was; the result does not depend on -j.",
    .examples = "  werkbank sweep scenarios/sweeps/day.yaml -j 2 --plot front.svg\n"
                "  werkbank sweep pool.yaml -j 8 --write-best best/",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
