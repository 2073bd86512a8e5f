/*
 * A fork and not a thread: a simulation that fails an assert or runs out of memory takes only its
 * own process with it, and nothing in the floors below needs to know of locks. The worker says what
 * went wrong in one sentence down a pipe; its end is the end of the pipe, which the pool polls.
 *
 * The worker dies with its parent (Linux), so that a killed pool leaves nobody behind who writes.
 */
#include "bench/run_worker.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

#include "kube/names.h"
#include "scenarios/simulation.h"

/* What the worker's process holds. */
typedef struct worker_state {
    const wb_run_job *job;
    const wb_run_pool_options *options;
    const char *path;
    wb_arena arena;
    wb_intern intern;
    wb_scenario scenario;
} worker_state;

static wb_status load(worker_state *state, wb_error *err)
{
    const wb_run_job *job = state->job;
    wb_findings findings;
    wb_findings_init(&findings, &state->arena, false);
    const wb_scenario_overrides overrides = {
        .findings = &findings,
        .trace_paths = job->trace_paths,
        .trace_count = job->trace_count,
        .seed_is_set = job->seed_is_set,
        .seed = job->seed,
        .catalog_path = job->catalog_path,
        .patches = job->patches,
        .patch_count = job->patch_count,
    };
    WB_TRY(wb_scenario_load(&state->arena, &state->intern, job->scenario_path, &overrides,
                            &state->scenario, err));
    if (job->prepare != NULL) {
        WB_TRY(job->prepare(job, &state->arena, &state->intern, &state->scenario, err));
    }
    return WB_OK;
}

static wb_status find_contender(const worker_state *state, uint32_t *out, wb_error *err)
{
    for (uint32_t i = 0; i < state->scenario.contender_count; i++) {
        if (strcmp(state->scenario.contenders[i].name, state->job->contender) == 0) {
            *out = i;
            return WB_OK;
        }
    }
    return wb_fail(err, WB_ERR_INPUT, "%s: no contender '%s', expected one such as '%s'",
                   state->scenario.path, state->job->contender, state->scenario.contenders[0].name);
}

/* The whole record first; a result of figures alone takes over just these. */
static wb_status simulate(worker_state *state, const char *path, wb_error *err)
{
    uint32_t contender = 0;
    WB_TRY(find_contender(state, &contender, err));
    wb_store *store = NULL;
    WB_TRY(wb_store_join_open(path, &store, err));
    const wb_simulation_options simulation = {
        .store = store,
        .stop_flag = state->options->stop_flag,
        .version = state->options->version,
    };
    wb_run_figures figures;
    const wb_status status =
        wb_simulation_run(&state->scenario, &state->intern, contender, &simulation, &figures, err);
    wb_store_close(store);
    return status;
}

static wb_status keep_figures(const char *full_path, const char *path, wb_error *err)
{
    wb_store *store = NULL;
    WB_TRY(wb_store_join_open(path, &store, err));
    int64_t run_id = 0;
    const wb_status status =
        wb_store_join_run(store, full_path, 1, WB_STORE_KEEP_FIGURES, &run_id, err);
    wb_store_close(store);
    return status;
}

/* A leftover of a killed worker is removed first: its name is the same. */
static wb_status make_part(worker_state *state, wb_error *err)
{
    char temporary[4200];
    char full[4200];
    (void)snprintf(temporary, sizeof temporary, "%s.tmp", state->path);
    (void)snprintf(full, sizeof full, "%s.full.tmp", state->path);
    (void)unlink(temporary);
    (void)unlink(full);
    WB_TRY(load(state, err));
    if (state->options->keep == WB_STORE_KEEP_FIGURES) {
        wb_status status = simulate(state, full, err);
        status = status == WB_OK ? keep_figures(full, temporary, err) : status;
        (void)unlink(full);
        WB_TRY(status);
    } else {
        WB_TRY(simulate(state, temporary, err));
    }
    if (rename(temporary, state->path) != 0) {
        return wb_fail_io(err, state->path, "rename a part to", errno);
    }
    return WB_OK;
}

/* The worker's whole life. Arenas go with the process. */
static int work(const wb_run_job *job, const char *path, const wb_run_pool_options *options,
                int pipe_end)
{
    static worker_state state;
    state = (worker_state){.job = job, .options = options, .path = path};
    wb_arena_init(&state.arena, "scenario", 0, NULL);
    wb_intern_init(&state.intern, &state.arena);
    wb_names_init(&state.intern);
    wb_error err = {0};
    if (make_part(&state, &err) == WB_OK) {
        return 0;
    }
    /* Shorter than PIPE_BUF: it goes out whole or, the pool being gone, not at all. */
    static_assert(sizeof err.text <= 512, "a complaint must fit into one write to a pipe");
    const ssize_t written = write(pipe_end, err.text, strlen(err.text));
    return written > 0 ? 1 + (int)err.status : 1;
}

wb_status wb_run_worker_start(const wb_run_job *job, const char *path,
                              const wb_run_pool_options *options, wb_run_worker *out, wb_error *err)
{
    assert(job != NULL && path != NULL && options != NULL && out != NULL);
    int ends[2];
    if (pipe(ends) != 0) {
        return wb_fail_io(err, path, "make a pipe for the worker of", errno);
    }
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) {
        const int error_number = errno;
        (void)close(ends[0]);
        (void)close(ends[1]);
        return wb_fail_io(err, path, "fork a worker for", error_number);
    }
    if (child == 0) {
        (void)close(ends[0]);
#ifdef __linux__
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        if (getppid() != parent) {
            _exit(1); /* the pool died before the line above could tell */
        }
        _exit(work(job, path, options, ends[1]));
    }
    (void)close(ends[1]);
    *out = (wb_run_worker){.pid = child, .pipe = ends[0]};
    return WB_OK;
}

/* What the worker wrote before its end. */
static void read_complaint(wb_run_worker *worker)
{
    size_t length = 0;
    for (;;) {
        const ssize_t got =
            read(worker->pipe, worker->error.text + length, sizeof worker->error.text - 1 - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        length += (size_t)got;
    }
    worker->error.text[length] = 0;
    (void)close(worker->pipe);
}

wb_status wb_run_worker_wait(wb_run_worker *worker)
{
    assert(worker != NULL && worker->pid > 0);
    read_complaint(worker);
    int state = 0;
    while (waitpid(worker->pid, &state, 0) < 0 && errno == EINTR) {}
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0) {
        return WB_OK;
    }
    if (WIFSIGNALED(state)) {
        return wb_fail(&worker->error, WB_ERR_IO, "its worker was ended by signal %d",
                       WTERMSIG(state));
    }
    const int code = WEXITSTATUS(state);
    if (worker->error.text[0] == 0) {
        return wb_fail(&worker->error, WB_ERR_IO, "its worker ended with status %d", code);
    }
    worker->error.status =
        code == 1 + WB_ERR_INPUT || code == 1 + WB_ERR_LIMIT ? (wb_status)(code - 1) : WB_ERR_IO;
    return worker->error.status;
}
