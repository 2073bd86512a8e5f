/*
 * Many independent simulations on several cores: jobs in, figures of each out.
 *
 *     jobs      0 1 2 3 4 5 ...      each a scenario, a contender, a seed, what else differs
 *     workers   ├─0─┤├──2──┤         one forked process per job, -j of them at a time: a crash is
 *               ├──1──┤├─3─┤         that job's error and no more
 *     parts     FOLDER/000000-<key>.db ...     each worker's own database, renamed when whole
 *     result    FILE.db              the parts joined in the order of jobs, not of completion
 *
 * What is there of a job when the pool begins is taken as done, as long as its key is the same: a
 * pool that was killed goes on where it was, and the result is the same to the byte, with any
 * number of workers. A result that is there already, of the same set, is read and nothing is run:
 * a shard may be started twice. The result appears under its name only when every job of it is
 * done; then the parts go. Two pools on one folder exclude each other by a lock. Knows scenarios
 * and the store, nothing of suites or sweeps.
 *
 *     wb_run_pool_options options = {.worker_count = 2, .db_path = "r.db", .version = "0.1.0"};
 *     WB_TRY(wb_run_pool_run(jobs, job_count, &options, arena, outcomes, err));
 *     for (uint32_t i = 0; i < job_count; i++) { ... outcomes[i].figures.cost_nusd ... }
 */
#ifndef WB_BENCH_RUN_POOL_H
#define WB_BENCH_RUN_POOL_H

#include <signal.h>
#include <stdbool.h>

#include "sim/store/store_join.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_patch.h"

#define WB_RUN_POOL_WORKERS_MAX 512

/* One simulation. All texts are borrowed. */
typedef struct wb_run_job {
    const char *key; /* what it is, for people and for going on: names all in which it differs from
                        others, "day/karpenter/seed=7"; unique among the jobs */
    const char *inputs_digest; /* of what it reads: a part of the key; "" or NULL: not known */
    const char *scenario_path, *contender; /* contender by its name in the scenario */
    bool seed_is_set;                      /* else the scenario's */
    uint64_t seed;
    const char *const *trace_paths; /* instead of the scenario's; NULL with trace_count 0 */
    uint32_t trace_count;
    const char *catalog_path;         /* instead of the shipped one; NULL */
    const wb_scenario_patch *patches; /* to its files; must be said in key */
    uint32_t patch_count;
    /* Called in the worker with the loaded scenario before it runs, to change what a field of a job
     * cannot say. May be NULL. What it changes must be said in key. Lives in the worker's arena. */
    wb_status (*prepare)(const struct wb_run_job *job, wb_arena *arena, wb_intern *intern,
                         wb_scenario *scenario, wb_error *err);
    const void *context; /* for prepare; the worker has a copy of the caller's memory */
} wb_run_job;

/* How a job came out. */
typedef struct wb_run_outcome {
    bool is_mine;     /* of this shard; else nothing below is set */
    bool is_finished; /* figures are set */
    bool was_there;   /* finished by an earlier pool */
    wb_status status;
    const char *error;      /* "" or one sentence; lives in the arena */
    wb_run_figures figures; /* run_id is that in the result */
} wb_run_outcome;

/* Where the pool stands; for a progress line. */
typedef struct wb_run_pool_progress {
    uint32_t job_count, done_count, was_there_count, failed_count, running_count; /* of the shard */
    const char *key; /* of the job that ended last; "" before */
} wb_run_pool_progress;

typedef struct wb_run_pool_options {
    uint32_t worker_count; /* >= 1 */
    const char *db_path;   /* the result; replaced when there; NULL: figures only, no file */
    const char *folder; /* of the parts; NULL: db_path with ".parts" behind, or a temporary one */
    const char *known_path; /* a merged database of this very set, whose runs are taken as done, as
                               if an earlier pool had left them in the folder; NULL: none */
    wb_store_keep keep;     /* what the result holds of each run */
    const char *version;    /* of the program: every run records it, and it is part of the key */
    bool keeps_parts;     /* of a pool that ended well: another with these and more jobs follows */
    const char *program;  /* fingerprint of the program file, likewise part of the key, so that a
                             rebuilt program begins anew; NULL: not known */
    const char *set_name; /* of the suite or sweep, for table jobs; NULL: "" */
    uint32_t shard_index, shard_count; /* jobs index, index + count, ...; count 0: all of them */
    const volatile sig_atomic_t *stop_flag; /* borrowed; NULL: nobody stops it */
    void (*progress)(void *context, const wb_run_pool_progress *progress); /* may be NULL */
    void *progress_context;
} wb_run_pool_options;

/* Runs all jobs of the shard; out has room for job_count. A job that fails or crashes is told in
 * its outcome, the others go on, and the call returns WB_OK: then no result is written, and what is
 * finished stays in the folder. WB_ERR_LIMIT "interrupted": stop_flag was raised, likewise.
 * WB_ERR_INPUT: two jobs with one key; WB_ERR_IO: a folder or database that cannot be written. */
WB_MUST_CHECK wb_status wb_run_pool_run(const wb_run_job *jobs, uint32_t job_count,
                                        const wb_run_pool_options *options, wb_arena *arena,
                                        wb_run_outcome *out, wb_error *err);

/* The jobs of outcomes that did not finish, though they were this shard's. */
uint32_t wb_run_pool_failed_count(const wb_run_outcome *outcomes, uint32_t count);

#endif
