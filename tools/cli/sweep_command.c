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
#include "bench/shard.h"
#include "bench/sweep.h"
#include "tools/cli/command_list.h"
#include "tools/cli/sweep_manifests.h"
#include "tools/cli/sweep_output.h"
#include "tools/cli/sweep_session.h"
#include "tools/cli/terminal.h"
#include "tools/plot/gnuplot.h"
#include "tools/plot/plot_front.h"

static const wb_option options[] = {
    WB_SWEEP_OPTION_DB,
    WB_SWEEP_OPTION_JOBS,
    WB_SWEEP_OPTION_TRACE,
    {.name = "all",
     .kind = WB_OPTION_FLAG,
     .help = "every point in the table, not the front alone"},
    {.name = "plot",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "draw the points, cost against latency, into FILE.svg or FILE.png"},
    WB_SWEEP_OPTION_WRITE_BEST,
    {.name = "shard",
     .kind = WB_OPTION_TEXT,
     .value_name = "I/N",
     .help = "run only share I of N of the points, from 0, into FILE.I-of-N.db (default: what "
             "Slurm, Kubernetes or AWS Batch say in an array; 'all' ignores them)"},
    {.name = "merged",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "take the runs of this database, which merge made of all shards, as done"},
    WB_OPTION_OUTPUT("table|json|csv|markdown"),
};

static wb_status search(wb_sweep_session *session, wb_error *err)
{
    WB_TRY(wb_sweep_run(&session->sweep, &session->pool, err));
    wb_sweep_judge(&session->sweep);
    WB_TRY(wb_sweep_take_apart(&session->sweep, &session->pool, err));
    WB_TRY(wb_sweep_finish(&session->sweep, &session->pool, err));
    wb_terminal_finish_progress();
    return WB_OK;
}

/* One shard of the points, and nothing about them: that is for whoever has them all. */
static wb_status run_shard(wb_sweep_session *session, const wb_shard *shard, wb_error *err)
{
    if (session->spec.method == WB_SWEEP_HALVING) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: successive halving needs all points of a round, expected grid or "
                       "random for shards",
                       shard->source);
    }
    session->pool.db_path = wb_shard_path(shard, session->pool.db_path, &session->arena);
    session->pool.shard_index = shard->index;
    session->pool.shard_count = shard->count;
    if (!wb_command_flag(session->invocation, "quiet")) {
        wb_terminal_error("shard %u of %u (%s) goes to %s", shard->index, shard->count,
                          shard->source, session->pool.db_path);
    }
    return wb_sweep_run_shard(&session->sweep, &session->pool, err);
}

static wb_status draw(wb_sweep_session *session, const char *path, wb_error *err)
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
    wb_plot_front_write(&session->sweep, is_png ? "png" : "svg", &program);
    wb_status status = wb_gnuplot_run(&program, &picture, err);
    status = status == WB_OK ? wb_file_writer_write_file(path, picture.bytes, picture.length, err)
                             : status;
    wb_text_release(&program);
    wb_text_release(&picture);
    return status;
}

static wb_status tell(wb_sweep_session *session, wb_error *err)
{
    const char *plot = wb_command_text(session->invocation, "plot");
    const char *folder = wb_command_text(session->invocation, "write-best");
    const wb_sweep_output output = {
        .sweep = &session->sweep,
        .format = wb_command_text(session->invocation, "output"),
        .shows_all = wb_command_flag(session->invocation, "all"),
        .is_colored = wb_terminal_has_color(session->invocation),
        .price_source = session->scenario.catalog.price_source,
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
    WB_TRY(plot == NULL ? WB_OK : draw(session, plot, err));
    return folder == NULL ? WB_OK : wb_sweep_manifests_write(&session->sweep, folder, err);
}

/* A shard, or the whole search and its result. With merged shards at hand an array's variables are
 * none of our business. */
static wb_status work(wb_sweep_session *session, wb_error *err)
{
    const char *text = wb_command_text(session->invocation, "shard");
    wb_shard shard = {0, 0, ""};
    if (session->pool.known_path == NULL || text != NULL) {
        WB_TRY(wb_shard_find(text, &shard, err));
    }
    if (shard.count > 0) {
        return run_shard(session, &shard, err);
    }
    WB_TRY(search(session, err));
    return tell(session, err);
}

static wb_exit run(wb_invocation *invocation)
{
    wb_sweep_session session;
    wb_error err = {0};
    wb_sweep_session_init(&session, invocation);
    wb_status status = wb_sweep_session_load(&session, &err);
    if (status == WB_OK) {
        wb_sweep_session_set_pool(&session, "sweep");
        session.pool.known_path = wb_command_text(invocation, "merged");
        status = work(&session, &err);
    }
    const wb_exit exit_status = wb_sweep_session_end(&session, status, &err);
    wb_sweep_session_release(&session);
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
                "  werkbank sweep pool.yaml -j 8 --write-best best/\n"
                "  werkbank sweep pool.yaml --shard 3/20 --db pool.db\n"
                "  werkbank sweep pool.yaml --merged pool.merged.db --write-best best/",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
