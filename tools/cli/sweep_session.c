#include "tools/cli/sweep_session.h"

#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "tools/cli/program_file.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_source.h"
#include "tools/cli/version.h"

void wb_sweep_session_init(wb_sweep_session *session, wb_invocation *invocation)
{
    assert(session != NULL && invocation != NULL);
    *session = (wb_sweep_session){.invocation = invocation};
    wb_arena_init(&session->arena, "sweep", 0, NULL);
    wb_intern_init(&session->intern, &session->arena);
    wb_names_init(&session->intern);
    wb_findings_init(&session->findings, &session->arena, false);
}

void wb_sweep_session_release(wb_sweep_session *session)
{
    assert(session != NULL);
    wb_trace_source_remove_all();
    wb_intern_release(&session->intern);
    wb_arena_release(&session->arena);
}

static void show_progress(void *context, const wb_run_pool_progress *progress)
{
    const wb_sweep_session *session = context;
    const uint32_t fresh = progress->done_count - progress->was_there_count;
    const uint32_t left = progress->job_count - progress->done_count;
    const double seconds = wb_terminal_seconds() - session->started_at;
    char bar[21];
    for (uint32_t i = 0; i < 20; i++) {
        bar[i] = i * progress->job_count < progress->done_count * 20 ? '#' : '.';
    }
    bar[20] = 0;
    wb_terminal_show_progress("%s [%s] %u of %u runs, %u were there, ETA %.0f s",
                              session->spec.name, bar, progress->done_count, progress->job_count,
                              progress->was_there_count, fresh > 0 ? seconds / fresh * left : 0.0);
}

/* The scenario as it is: faults in it are told once, not per point. Its digest and its traces' are
 * the fingerprint of what the sweep reads. */
static wb_status check_scenario(wb_sweep_session *session, const char **out_digest, wb_error *err)
{
    const wb_scenario_overrides overrides = {
        .findings = &session->findings,
        .trace_paths = session->spec.trace_paths,
        .trace_count = session->spec.trace_count,
    };
    WB_TRY(wb_scenario_load(&session->arena, &session->intern, session->spec.scenario_path,
                            &overrides, &session->scenario, err));
    wb_text digest;
    wb_text_init(&digest);
    wb_text_add_format(&digest, "%s", session->scenario.digest);
    for (uint32_t i = 0; i < session->scenario.trace_count; i++) {
        wb_text_add_format(&digest, " %s", session->scenario.traces[i].summary.digest);
    }
    *out_digest = wb_arena_copy_string(&session->arena, wb_text_string(&digest));
    wb_text_release(&digest);
    return WB_OK;
}

/* Traces of the command line, or of the sweep's file, in our own format. */
static wb_status open_traces(wb_sweep_session *session, wb_error *err)
{
    wb_sweep_spec *spec = &session->spec;
    const wb_option_value *given = wb_command_value(session->invocation, "trace");
    const bool is_quiet = wb_command_flag(session->invocation, "quiet");
    const char *const *paths = given->text_count > 0 ? given->texts : spec->trace_paths;
    const uint32_t count = given->text_count > 0 ? given->text_count : spec->trace_count;
    const char **opened = WB_ARENA_ARRAY(&session->arena, const char *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        WB_TRY(wb_trace_source_open(paths[i], is_quiet, &session->arena, &opened[i], err));
    }
    spec->trace_paths = opened;
    spec->trace_count = count;
    return WB_OK;
}

wb_status wb_sweep_session_load(wb_sweep_session *session, wb_error *err)
{
    assert(session != NULL);
    const wb_decode_context context = {
        .arena = &session->arena,
        .intern = &session->intern,
        .findings = &session->findings,
    };
    const char *digest = NULL;
    wb_status status =
        wb_sweep_spec_load(&context, session->invocation->operands[0], &session->spec, err);
    status = status == WB_OK ? open_traces(session, err) : status;
    status = status == WB_OK ? check_scenario(session, &digest, err) : status;
    WB_TRY(wb_terminal_close_findings(session->invocation, &session->findings, status, err));
    return wb_sweep_init(&session->sweep, &session->arena, &session->spec, digest, err);
}

void wb_sweep_session_set_pool(wb_sweep_session *session, const char *suffix)
{
    assert(session != NULL);
    const char *db = wb_command_text(session->invocation, "db");
    if (db == NULL) {
        wb_text name;
        wb_text_init(&name);
        wb_text_add_format(&name, "%s.%s.db", session->spec.name, suffix);
        db = wb_arena_copy_string(&session->arena, wb_text_string(&name));
        wb_text_release(&name);
    }
    const bool has_progress = wb_terminal_has_progress(session->invocation);
    session->pool = (wb_run_pool_options){
        .worker_count = (uint32_t)wb_command_number(session->invocation, "jobs"),
        .db_path = db,
        .keep = WB_STORE_KEEP_FIGURES,
        .version = WB_VERSION,
        .program = wb_program_file_digest(&session->arena),
        .set_name = session->spec.name,
        .stop_flag = wb_terminal_stop_flag(),
        .progress = has_progress ? show_progress : NULL,
        .progress_context = session,
    };
    session->started_at = wb_terminal_seconds();
}

wb_exit wb_sweep_session_end(wb_sweep_session *session, wb_status status, const wb_error *err)
{
    assert(session != NULL && err != NULL);
    wb_terminal_finish_progress();
    if (status == WB_OK) {
        return WB_EXIT_DONE;
    }
    if (*wb_terminal_stop_flag() != 0) {
        wb_terminal_error("interrupted; what is finished stays in %s.parts: the same command goes "
                          "on",
                          session->pool.db_path);
        return wb_terminal_signal_exit();
    }
    wb_terminal_print_error(err);
    const bool is_loaded = session->pool.db_path != NULL;
    return status == WB_ERR_INPUT || !is_loaded ? WB_EXIT_USAGE : WB_EXIT_FAILED;
}
