#include "bench/program_run.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/stopwatch.h"

#define TRACES_MAX 16
#define WORDS_MAX  (16 + 2 * TRACES_MAX)

/* In the child: its results are of no interest, its complaints are. */
static void become(const char *path, const char *const *words)
{
    const int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0) {
        (void)dup2(nowhere, STDOUT_FILENO);
    }
    union {
        const char *const *ours;
        char *const *theirs; /* exec takes the words as char *, and leaves them alone */
    } argument = {.ours = words};
    (void)execv(path, argument.theirs);
    _exit(127);
}

wb_status wb_program_run_job(const char *path, const wb_run_job *job, const char *db_path,
                             int64_t *out_cpu_ns, wb_error *err)
{
    assert(path != NULL && job != NULL);
    if (job->trace_count > TRACES_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "%s: more than %d traces", job->key, TRACES_MAX);
    }
    char seed[32];
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)job->seed);
    const char *words[WORDS_MAX] = {path,          "run",          job->scenario_path,
                                    "--contender", job->contender, "-q",
                                    "-o",          "csv"};
    uint32_t count = 8;
    for (uint32_t i = 0; i < job->trace_count; i++) {
        words[count++] = "--trace";
        words[count++] = job->trace_paths[i];
    }
    if (job->seed_is_set) {
        words[count++] = "--seed";
        words[count++] = seed;
    }
    if (db_path != NULL) {
        words[count++] = "--db";
        words[count++] = db_path;
    }
    words[count] = NULL;
    const int64_t before_ns = wb_stopwatch_children_cpu_ns();
    const pid_t child = fork();
    if (child < 0) {
        return wb_fail_io(err, path, "fork for", errno);
    }
    if (child == 0) {
        become(path, words);
    }
    int state = 0;
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
        return wb_fail(err, WB_ERR_IO, "%s: failed to run %s (%s %d)", path, job->key,
                       WIFEXITED(state) ? "status" : "signal",
                       WIFEXITED(state) ? WEXITSTATUS(state) : WTERMSIG(state));
    }
    if (out_cpu_ns != NULL) {
        *out_cpu_ns = wb_stopwatch_children_cpu_ns() - before_ns;
    }
    return WB_OK;
}

/* One job: the least CPU time that each program took for it. */
static wb_status run_rounds(const wb_program_turns *turns, const wb_run_job *job,
                            int64_t out_least_ns[2], wb_error *err)
{
    const char *const paths[2] = {turns->before_path, turns->after_path};
    out_least_ns[0] = out_least_ns[1] = INT64_MAX;
    for (uint32_t turn = 0; turn < 2 * turns->rounds; turn++) {
        const uint32_t side = turn % 2;
        int64_t ns = 0;
        WB_TRY(wb_program_run_job(paths[side], job, NULL, &ns, err));
        out_least_ns[side] = ns < out_least_ns[side] ? ns : out_least_ns[side];
    }
    return WB_OK;
}

wb_status wb_program_run_turns(const wb_program_turns *turns, const wb_run_job *jobs,
                               uint32_t job_count, wb_program_times *out, wb_error *err)
{
    assert(turns != NULL && turns->rounds > 0 && jobs != NULL && out != NULL);
    wb_program_times times = {0, 0, 1.0};
    for (uint32_t i = 0; i < job_count; i++) {
        int64_t least_ns[2];
        WB_TRY(run_rounds(turns, &jobs[i], least_ns, err));
        times.before_ns += least_ns[0];
        times.after_ns += least_ns[1];
    }
    times.ratio = times.before_ns > 0 ? (double)times.after_ns / (double)times.before_ns : 1.0;
    *out = times;
    return WB_OK;
}
