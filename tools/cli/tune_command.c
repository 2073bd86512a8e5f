/*
 * werkbank tune: settings searched on one part of the time, judged on the part that the search has
 * not seen.
 *
 * A search over many points finds some that are good by chance on the time that it looked at. So
 * each trace of the scenario is cut in two; what is there now and the best point run on the second
 * part too, under the same seeds, and only what lasts there is a gain.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "traces/trace_cut.h"
#include "tools/cli/command_list.h"
#include "tools/cli/sweep_manifests.h"
#include "tools/cli/sweep_session.h"
#include "tools/cli/terminal.h"
#include "tools/cli/tune_output.h"

#define SEEDS 5 /* unless the sweep has its own */

static const wb_option options[] = {
    WB_SWEEP_OPTION_DB,         WB_SWEEP_OPTION_JOBS,           WB_SWEEP_OPTION_TRACE,
    WB_SWEEP_OPTION_WRITE_BEST, WB_OPTION_OUTPUT("table|json"),
};

static const char *part_path(wb_sweep_session *session, uint32_t trace, const char *part)
{
    wb_text path;
    wb_text_init(&path);
    wb_text_add_format(&path, "%s.%u-%s.trace.zst", session->pool.db_path, trace, part);
    const char *kept = wb_arena_copy_string(&session->arena, wb_text_string(&path));
    wb_text_release(&path);
    return kept;
}

/* Cuts every trace at the same time. */
static wb_status split_traces(wb_sweep_session *session, wb_sweep_split *out, wb_error *err)
{
    const wb_scenario *scenario = &session->scenario;
    if (scenario->trace_count == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: has no trace, expected one whose time can be split in two",
                       scenario->path);
    }
    out->share = session->spec.split;
    out->path_count = scenario->trace_count;
    out->seen_paths = WB_ARENA_ARRAY(&session->arena, const char *, out->path_count);
    out->unseen_paths = WB_ARENA_ARRAY(&session->arena, const char *, out->path_count);
    for (uint32_t i = 0; i < out->path_count; i++) {
        const wb_scenario_trace *trace = &scenario->traces[i];
        const int64_t at_ms = (int64_t)((double)trace->summary.end_ms * out->share);
        wb_trace_tool_report report;
        out->seen_paths[i] = part_path(session, i, "seen");
        out->unseen_paths[i] = part_path(session, i, "unseen");
        const wb_trace_cut_options seen = {.from_ms = 0, .to_ms = at_ms};
        const wb_trace_cut_options unseen = {.from_ms = at_ms, .to_ms = -1};
        WB_TRY(wb_trace_cut(trace->path, &seen, out->seen_paths[i], &report, err));
        WB_TRY(wb_trace_cut(trace->path, &unseen, out->unseen_paths[i], &report, err));
    }
    return WB_OK;
}

static void remove_parts(const wb_sweep_split *split)
{
    for (uint32_t i = 0; i < split->path_count; i++) {
        (void)unlink(split->seen_paths[i]);
        (void)unlink(split->unseen_paths[i]);
    }
}

/* One seed shows no chance; a sweep that names none gets some. */
static void give_seeds(wb_sweep_session *session)
{
    if (session->spec.seed_count > 0) {
        return;
    }
    uint64_t *seeds = WB_ARENA_ARRAY(&session->arena, uint64_t, SEEDS);
    for (uint32_t i = 0; i < SEEDS; i++) {
        seeds[i] = i + 1;
    }
    session->spec.seeds = seeds;
    session->spec.seed_count = SEEDS;
}

static wb_status search(wb_sweep_session *session, wb_error *err)
{
    wb_sweep *sweep = &session->sweep;
    WB_TRY(wb_sweep_run(sweep, &session->pool, err));
    wb_sweep_judge(sweep);
    WB_TRY(wb_sweep_take_apart(sweep, &session->pool, err));
    WB_TRY(wb_sweep_check_unseen(sweep, &session->pool, err));
    WB_TRY(wb_sweep_finish(sweep, &session->pool, err));
    wb_terminal_finish_progress();
    return WB_OK;
}

static wb_status tell(wb_sweep_session *session, wb_error *err)
{
    const char *folder = wb_command_text(session->invocation, "write-best");
    const bool is_json = strcmp(wb_command_text(session->invocation, "output"), "json") == 0;
    wb_text text;
    wb_text_init(&text);
    wb_tune_output_print(&session->sweep, session->scenario.catalog.price_source, is_json, &text);
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    if (written != WB_EXIT_DONE) {
        err->text[0] = 0; /* said by the writer */
        return WB_ERR_IO;
    }
    return folder == NULL ? WB_OK : wb_sweep_manifests_write(&session->sweep, folder, err);
}

static wb_exit run(wb_invocation *invocation)
{
    wb_sweep_session session;
    wb_sweep_split split = {0};
    wb_error err = {0};
    wb_sweep_session_init(&session, invocation);
    wb_status status = wb_sweep_session_load(&session, &err);
    if (status == WB_OK) {
        wb_sweep_session_set_pool(&session, "tune");
        give_seeds(&session);
        status = split_traces(&session, &split, &err);
        session.sweep.split = &split;
        status = status == WB_OK ? search(&session, &err) : status;
        status = status == WB_OK ? tell(&session, &err) : status;
        remove_parts(&split);
    }
    const wb_exit exit_status = wb_sweep_session_end(&session, status, &err);
    wb_sweep_session_release(&session);
    return exit_status;
}

const wb_command wb_tune_command = {
    .name = "tune",
    .operands = "SWEEP.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "search settings on one part of a trace, judge them on the rest",
    .description =
        "Searches as sweep does, but only on the first part of the scenario's traces (spec.split,\n"
        "half unless told otherwise), then runs what is there now and the best point on the rest,\n"
        "over several seeds, and says whether the gain lasts: differences with 95 % intervals\n"
        "from pairs of runs under the same seed. Tells which parameters matter, and by how much.",
    .examples = "  werkbank tune scenarios/sweeps/month.yaml -j 2\n"
                "  werkbank tune pool.yaml -j 8 --write-best tuned/",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
