#include "tools/cli/suite_session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kube/names.h"
#include "tools/cli/program_file.h"
#include "tools/cli/terminal.h"
#include "tools/cli/version.h"

#define FAILURES_SHOWN 10

/* By option, or by what the machine or Slurm gives. */
static uint32_t find_worker_count(const wb_invocation *invocation)
{
    assert(invocation != NULL);
    const int64_t asked = wb_command_number(invocation, "jobs");
    if (asked > 0) {
        return (uint32_t)asked;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *slurm = getenv("SLURM_CPUS_PER_TASK");
    long count = slurm != NULL ? strtol(slurm, NULL, 10) : 0;
    count = count > 0 ? count : sysconf(_SC_NPROCESSORS_ONLN);
    count = count > WB_RUN_POOL_WORKERS_MAX ? WB_RUN_POOL_WORKERS_MAX : count;
    return count > 0 ? (uint32_t)count : 1;
}

/* "ci: 12 of 40 runs, 2 at work, ETA 30 s"; the rate is that of this process' own runs. */
static void show_progress(void *context, const wb_run_pool_progress *progress)
{
    const wb_suite_session *session = context;
    const double seconds = wb_terminal_seconds() - session->started_at;
    const uint32_t made = progress->done_count - progress->was_there_count;
    const uint32_t left = progress->job_count - progress->done_count;
    char eta[32] = "";
    if (made > 0) {
        (void)snprintf(eta, sizeof eta, ", ETA %.0f s", seconds / (double)made * (double)left);
    }
    char failed[32] = "";
    if (progress->failed_count > 0) {
        (void)snprintf(failed, sizeof failed, ", %u failed", progress->failed_count);
    }
    wb_terminal_show_progress("%s: %u of %u runs, %u at work%s%s", session->suite.name,
                              progress->done_count, progress->job_count, progress->running_count,
                              failed, eta);
}

static void say_what_is_absent(const wb_suite_session *session)
{
    const bool is_quiet = wb_command_flag(session->invocation, "quiet");
    for (uint32_t i = 0; i < session->suite.absent_count && !is_quiet; i++) {
        wb_terminal_error("warning: trace '%s' is absent, its optional runs are left out",
                          session->suite.absent[i]);
    }
}

wb_exit wb_suite_session_open(wb_suite_session *session, wb_invocation *invocation)
{
    assert(session != NULL && invocation != NULL && invocation->operand_count > 0);
    *session = (wb_suite_session){.invocation = invocation};
    wb_arena_init(&session->arena, "suite", 0, NULL);
    wb_intern_init(&session->intern, &session->arena);
    wb_names_init(&session->intern);
    wb_findings_init(&session->findings, &session->arena, wb_command_flag(invocation, "strict"));
    const wb_option_value *folders = wb_command_value(invocation, "traces");
    const wb_suite_options options = {
        .findings = &session->findings,
        .trace_folders = folders->texts,
        .trace_folder_count = folders->text_count,
    };
    wb_error err = {0};
    const wb_status status =
        wb_suite_load(&session->arena, &session->intern, invocation->operands[0], &options,
                      &session->suite, &err);
    if (wb_terminal_close_findings(invocation, &session->findings, status, &err) != WB_OK) {
        wb_terminal_print_error(&err);
        return WB_EXIT_USAGE;
    }
    say_what_is_absent(session);
    return WB_EXIT_DONE;
}

/* A database of one's own, where --db names none. */
static wb_exit find_database(wb_suite_session *session, const wb_shard *shard)
{
    const char *path = wb_command_text(session->invocation, "db");
    if (path != NULL) {
        session->db_path = shard != NULL ? wb_shard_path(shard, path, &session->arena) : path;
        return WB_EXIT_DONE;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *root = getenv("TMPDIR");
    char folder[3000];
    (void)snprintf(folder, sizeof folder, "%s/werkbank-XXXXXX",
                   root != NULL && *root != 0 ? root : "/tmp");
    if (mkdtemp(folder) == NULL) {
        wb_terminal_error("%s: cannot make a folder for the runs; --db FILE keeps them elsewhere",
                          folder);
        return WB_EXIT_FAILED;
    }
    char file[3100];
    (void)snprintf(file, sizeof file, "%s/runs.db", folder);
    session->db_path = wb_arena_copy_string(&session->arena, file);
    session->is_temporary = true;
    return WB_EXIT_DONE;
}

static wb_exit say_failures(const wb_suite_session *session, uint32_t failed_count)
{
    uint32_t shown = 0;
    for (uint32_t i = 0; i < session->suite.job_count && shown < FAILURES_SHOWN; i++) {
        const wb_run_outcome *outcome = &session->outcomes[i];
        if (outcome->is_mine && !outcome->is_finished) {
            wb_terminal_error("%s: %s", session->suite.jobs[i].key, outcome->error);
            shown++;
        }
    }
    if (failed_count > shown) {
        wb_terminal_error("and %u more runs failed", failed_count - shown);
    }
    return WB_EXIT_FAILED;
}

static void say_what_was_there(const wb_suite_session *session)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < session->suite.job_count; i++) {
        count += session->outcomes[i].was_there ? 1U : 0U;
    }
    if (count > 0 && !wb_command_flag(session->invocation, "quiet")) {
        wb_terminal_error("%u run%s there already, of the same program and inputs", count,
                          count == 1 ? " was" : "s were");
    }
}

static wb_exit open_found(wb_suite_session *session, const char *path)
{
    wb_error err = {0};
    if (wb_store_open_readonly(path, &session->store, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    if (wb_baseline_from_store(session->store, &session->arena, &session->found, &err) != WB_OK) {
        wb_terminal_error("%s: %s", path, err.text);
        return WB_EXIT_USAGE;
    }
    return WB_EXIT_DONE;
}

wb_exit wb_suite_session_read(wb_suite_session *session, const char *path)
{
    assert(session != NULL && path != NULL);
    session->db_path = path;
    return open_found(session, path);
}

wb_exit wb_suite_session_run(wb_suite_session *session, const wb_shard *shard)
{
    assert(session != NULL && session->suite.job_count > 0);
    wb_invocation *invocation = session->invocation;
    const wb_exit found = find_database(session, shard);
    if (found != WB_EXIT_DONE) {
        return found;
    }
    session->outcomes = WB_ARENA_ARRAY(&session->arena, wb_run_outcome, session->suite.job_count);
    session->started_at = wb_terminal_seconds();
    const wb_run_pool_options options = {
        .worker_count = find_worker_count(invocation),
        .db_path = session->db_path,
        .folder = wb_command_text(invocation, "work"),
        .keep = session->keep,
        .version = WB_VERSION,
        .program = wb_program_file_digest(&session->arena),
        .set_name = session->suite.name,
        .shard_index = shard != NULL ? shard->index : 0,
        .shard_count = shard != NULL ? shard->count : 0,
        .stop_flag = wb_terminal_stop_flag(),
        .progress = wb_terminal_has_progress(invocation) ? show_progress : NULL,
        .progress_context = session,
    };
    wb_error err = {0};
    const wb_status status = wb_run_pool_run(session->suite.jobs, session->suite.job_count,
                                             &options, &session->arena, session->outcomes, &err);
    wb_terminal_finish_progress();
    if (*wb_terminal_stop_flag() != 0) {
        wb_terminal_error("interrupted; started again it goes on from here");
        return wb_terminal_signal_exit();
    }
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_FAILED;
    }
    const uint32_t failed_count =
        wb_run_pool_failed_count(session->outcomes, session->suite.job_count);
    if (failed_count > 0) {
        return say_failures(session, failed_count);
    }
    say_what_was_there(session);
    return open_found(session, session->db_path);
}

void wb_suite_session_close(wb_suite_session *session)
{
    assert(session != NULL);
    wb_store_close(session->store);
    if (session->is_temporary) {
        char *slash = strrchr(session->db_path, '/');
        (void)unlink(session->db_path);
        *slash = 0;
        (void)rmdir(session->db_path);
    }
    wb_intern_release(&session->intern);
    wb_arena_release(&session->arena);
}
