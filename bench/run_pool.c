/*
 * The parent of the workers: starts the next job when one ends, takes their ends as they come, and
 * joins the parts in order when all are there.
 *
 * It sleeps in poll on the workers' pipes, at most PULSE_MS at a time so that a raised stop flag is
 * seen and the progress line moves. No database is open while workers are forked: SQLite forbids
 * it.
 */
#include "bench/run_pool.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/hash_map.h"
#include "bench/run_parts.h"
#include "bench/run_worker.h"

#define PULSE_MS 200

typedef struct run_pool {
    const wb_run_job *jobs;
    const wb_run_pool_options *options;
    wb_arena *arena;
    wb_run_outcome *outcomes;
    wb_run_parts parts;
    const char **paths; /* by job; of the shard's jobs */
    char set_digest[33];
    wb_run_worker workers[WB_RUN_POOL_WORKERS_MAX];
    uint32_t job_count, worker_count; /* workers: at work now */
    wb_run_pool_progress progress;
} run_pool;

static bool is_mine(const wb_run_pool_options *options, uint32_t index)
{
    return options->shard_count == 0 || index % options->shard_count == options->shard_index;
}

static void tell_progress(run_pool *pool)
{
    pool->progress.running_count = pool->worker_count;
    if (pool->options->progress != NULL) {
        pool->options->progress(pool->options->progress_context, &pool->progress);
    }
}

/* The key is what a part is found by, and what table jobs calls the run. */
static wb_status check_keys(const wb_run_job *jobs, uint32_t count, wb_error *err)
{
    wb_hash_map seen;
    wb_hash_map_init(&seen);
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < count && status == WB_OK; i++) {
        assert(jobs[i].key != NULL && jobs[i].scenario_path != NULL && jobs[i].contender != NULL);
        const uint64_t hash = wb_digest_hash64(jobs[i].key, strlen(jobs[i].key));
        uint64_t other = 0;
        if (wb_hash_map_get(&seen, hash, &other) && strcmp(jobs[other].key, jobs[i].key) == 0) {
            status = wb_fail(err, WB_ERR_INPUT, "'%s' occurs twice, expected each run once",
                             jobs[i].key);
        }
        (void)wb_hash_map_put(&seen, hash, i);
    }
    wb_hash_map_release(&seen);
    return status;
}

/* Which jobs are the shard's. */
static void begin_outcomes(run_pool *pool)
{
    for (uint32_t i = 0; i < pool->job_count; i++) {
        pool->outcomes[i] = (wb_run_outcome){.error = "", .is_mine = is_mine(pool->options, i)};
    }
}

/* Marks the jobs that an earlier pool finished. */
static void look_for_parts(run_pool *pool)
{
    for (uint32_t i = 0; i < pool->job_count; i++) {
        wb_run_outcome *outcome = &pool->outcomes[i];
        if (!outcome->is_mine) {
            continue;
        }
        pool->paths[i] =
            wb_run_parts_path(&pool->parts, &pool->jobs[i], i, pool->options, pool->arena);
        outcome->is_finished = wb_run_parts_read(pool->paths[i], pool->arena, &outcome->figures);
        outcome->was_there = outcome->is_finished;
        pool->progress.job_count++;
        pool->progress.done_count += outcome->is_finished ? 1U : 0U;
    }
    pool->progress.was_there_count = pool->progress.done_count;
}

/* A fingerprint over all jobs in order, whatever the shard: who has the same has the same set. */
static void print_set_digest(const run_pool *pool, char out[33])
{
    assert(pool != NULL);
    const wb_run_pool_options *options = pool->options;
    wb_digest *digest = wb_digest_new();
    wb_digest_add_text(digest, options->version);
    wb_digest_add_text(digest, options->program != NULL ? options->program : "");
    wb_digest_add_int64(digest, options->keep);
    for (uint32_t i = 0; i < pool->job_count; i++) {
        const wb_run_job *job = &pool->jobs[i];
        wb_digest_add_text(digest, job->key);
        wb_digest_add_text(digest, job->inputs_digest != NULL ? job->inputs_digest : "");
    }
    wb_digest_text(digest, out);
    wb_digest_free(digest);
}

/* The outcomes of a result that is there, as far as it is of this set. */
static wb_status take_result(run_pool *pool, wb_store *store)
{
    wb_store_job *jobs = NULL;
    wb_run_figures *figures = NULL;
    uint32_t job_count = 0;
    uint32_t run_count = 0;
    WB_TRY(wb_store_join_jobs(store, pool->arena, &jobs, &job_count, NULL));
    WB_TRY(wb_store_figures(store, pool->arena, &figures, &run_count, NULL));
    if (job_count != run_count) {
        return WB_ERR_INPUT;
    }
    for (uint32_t i = 0; i < job_count; i++) {
        if (strcmp(jobs[i].set_digest, pool->set_digest) == 0 &&
            jobs[i].position < pool->job_count && pool->outcomes[jobs[i].position].is_mine) {
            wb_run_outcome *outcome = &pool->outcomes[jobs[i].position];
            outcome->is_finished = true;
            outcome->was_there = true;
            outcome->figures = figures[i];
        }
    }
    return WB_OK;
}

/* True when the result is there and holds every run of the shard, made by this very program of
 * these very inputs. */
static bool is_done_already(run_pool *pool)
{
    assert(pool != NULL);
    const char *path = pool->options->db_path;
    wb_store *store = NULL;
    if (path == NULL || access(path, R_OK) != 0 ||
        wb_store_open_readonly(path, &store, NULL) != WB_OK) {
        return false;
    }
    const wb_status status = take_result(pool, store);
    wb_store_close(store);
    if (status == WB_OK && wb_run_pool_failed_count(pool->outcomes, pool->job_count) == 0) {
        return true;
    }
    for (uint32_t i = 0; i < pool->job_count; i++) {
        pool->outcomes[i].is_finished = pool->outcomes[i].was_there = false;
    }
    return false;
}

/* One run of the merged database as the part that its worker would have left. */
static wb_status make_part(const run_pool *pool, const wb_store_job *job, wb_error *err)
{
    const char *path = pool->paths[job->position];
    char temporary[WB_RUN_PARTS_PATH_MAX + 64];
    (void)snprintf(temporary, sizeof temporary, "%s.tmp", path);
    (void)unlink(temporary);
    wb_store *part = NULL;
    int64_t run_id = 0;
    WB_TRY(wb_store_join_open(temporary, &part, err));
    const wb_status status = wb_store_join_run(part, pool->options->known_path, job->run_id,
                                               pool->options->keep, &run_id, err);
    wb_store_close(part);
    WB_TRY(status);
    return rename(temporary, path) == 0 ? WB_OK : wb_fail_io(err, path, "rename a part to", errno);
}

/* Fills the folder from what shards have made and merge has joined. */
static wb_status take_known(run_pool *pool, wb_error *err)
{
    const char *known = pool->options->known_path;
    if (known == NULL) {
        return WB_OK;
    }
    wb_store *store = NULL;
    wb_store_job *jobs = NULL;
    uint32_t count = 0;
    WB_TRY(wb_store_open_readonly(known, &store, err));
    const wb_status status = wb_store_join_jobs(store, pool->arena, &jobs, &count, err);
    wb_store_close(store);
    WB_TRY(status);
    if (count == 0 || strcmp(jobs[0].set_digest, pool->set_digest) != 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: of another set (other jobs, inputs, version or program), expected "
                       "merged shards of this one",
                       known);
    }
    for (uint32_t i = 0; i < count; i++) {
        const bool is_known = jobs[i].position >= 0 && jobs[i].position < pool->job_count;
        wb_run_outcome *outcome = is_known ? &pool->outcomes[jobs[i].position] : NULL;
        if (outcome == NULL || !outcome->is_mine || outcome->is_finished) {
            continue;
        }
        WB_TRY(make_part(pool, &jobs[i], err));
        outcome->is_finished =
            wb_run_parts_read(pool->paths[jobs[i].position], pool->arena, &outcome->figures);
        outcome->was_there = outcome->is_finished;
        pool->progress.done_count += outcome->is_finished ? 1U : 0U;
    }
    pool->progress.was_there_count = pool->progress.done_count;
    return WB_OK;
}

static void take_end(run_pool *pool, uint32_t slot)
{
    wb_run_worker worker = pool->workers[slot];
    pool->workers[slot] = pool->workers[--pool->worker_count];
    wb_run_outcome *outcome = &pool->outcomes[worker.job];
    outcome->status = wb_run_worker_wait(&worker);
    if (outcome->status == WB_OK) {
        outcome->is_finished =
            wb_run_parts_read(pool->paths[worker.job], pool->arena, &outcome->figures);
        if (!outcome->is_finished) {
            outcome->status = wb_fail(&worker.error, WB_ERR_IO, "%s: its worker left nothing there",
                                      pool->paths[worker.job]);
        }
    }
    if (!outcome->is_finished) {
        outcome->error = wb_arena_copy_string(pool->arena, worker.error.text);
        pool->progress.failed_count++;
    }
    pool->progress.done_count++;
    pool->progress.key = pool->jobs[worker.job].key;
}

/* Sleeps until a worker ends, or for PULSE_MS. */
static void wait_for_ends(run_pool *pool)
{
    struct pollfd polled[WB_RUN_POOL_WORKERS_MAX];
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        polled[i] = (struct pollfd){.fd = pool->workers[i].pipe, .events = POLLIN};
    }
    if (poll(polled, pool->worker_count, PULSE_MS) > 0) {
        for (uint32_t i = pool->worker_count; i-- > 0;) { /* backwards: an end moves the last */
            if (polled[i].revents != 0) {
                take_end(pool, i);
            }
        }
    }
    tell_progress(pool);
}

static bool is_stopped(const run_pool *pool)
{
    return pool->options->stop_flag != NULL && *pool->options->stop_flag != 0;
}

/* A terminal's interrupt reaches the workers too, a SIGTERM only the parent. */
static void stop_workers(run_pool *pool)
{
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        (void)kill(pool->workers[i].pid, SIGTERM);
    }
    while (pool->worker_count > 0) {
        take_end(pool, pool->worker_count - 1);
    }
}

static wb_status run_jobs(run_pool *pool, wb_error *err)
{
    uint32_t next = 0;
    wb_status status = WB_OK;
    while (status == WB_OK && !is_stopped(pool)) {
        while (next < pool->job_count &&
               (!pool->outcomes[next].is_mine || pool->outcomes[next].is_finished)) {
            next++;
        }
        if (next < pool->job_count && pool->worker_count < pool->options->worker_count) {
            wb_run_worker *worker = &pool->workers[pool->worker_count];
            status = wb_run_worker_start(&pool->jobs[next], pool->paths[next], pool->options,
                                         worker, err);
            if (status == WB_OK) {
                worker->job = next++;
                pool->worker_count++;
            }
        } else if (pool->worker_count > 0) {
            wait_for_ends(pool);
        } else {
            return WB_OK;
        }
    }
    stop_workers(pool);
    return status != WB_OK ? status : wb_fail(err, WB_ERR_LIMIT, "interrupted");
}

static wb_status join_parts(run_pool *pool, wb_store *store, wb_error *err)
{
    const char *set_name = pool->options->set_name;
    for (uint32_t i = 0; i < pool->job_count; i++) {
        if (!pool->outcomes[i].is_mine) {
            continue;
        }
        wb_store_job job = {
            .set_name = set_name != NULL ? set_name : "",
            .set_digest = pool->set_digest,
            .position = i,
            .job_count = pool->job_count,
            .job_key = pool->jobs[i].key,
        };
        WB_TRY(wb_store_join_run(store, pool->paths[i], 1, pool->options->keep, &job.run_id, err));
        WB_TRY(wb_store_join_job(store, &job, err));
        pool->outcomes[i].figures.run_id = job.run_id;
    }
    return WB_OK;
}

/* The result under a temporary name, then its own: it is complete or not there. */
static wb_status write_result(run_pool *pool, wb_error *err)
{
    char temporary[WB_RUN_PARTS_PATH_MAX + 32];
    (void)snprintf(temporary, sizeof temporary, "%s.tmp-%ld", pool->options->db_path,
                   (long)getpid());
    (void)unlink(temporary);
    wb_store *store = NULL;
    wb_status status = wb_store_join_open(temporary, &store, err);
    status = status == WB_OK ? join_parts(pool, store, err) : status;
    wb_store_close(store);
    if (status == WB_OK && rename(temporary, pool->options->db_path) != 0) {
        status = wb_fail_io(err, pool->options->db_path, "rename the result to", errno);
    }
    if (status != WB_OK) {
        (void)unlink(temporary);
    }
    return status;
}

uint32_t wb_run_pool_failed_count(const wb_run_outcome *outcomes, uint32_t count)
{
    assert(outcomes != NULL || count == 0);
    uint32_t failed_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        failed_count += outcomes[i].is_mine && !outcomes[i].is_finished ? 1U : 0U;
    }
    return failed_count;
}

wb_status wb_run_pool_run(const wb_run_job *jobs, uint32_t job_count,
                          const wb_run_pool_options *options, wb_arena *arena, wb_run_outcome *out,
                          wb_error *err)
{
    assert(jobs != NULL && job_count > 0 && options != NULL && arena != NULL && out != NULL);
    assert(options->worker_count >= 1 && options->worker_count <= WB_RUN_POOL_WORKERS_MAX);
    assert(options->shard_count == 0 || options->shard_index < options->shard_count);
    run_pool *pool = WB_ARENA_NEW(arena, run_pool);
    *pool = (run_pool){
        .jobs = jobs,
        .options = options,
        .arena = arena,
        .outcomes = out,
        .paths = WB_ARENA_ARRAY(arena, const char *, job_count),
        .job_count = job_count,
        .progress = {.key = ""},
    };
    WB_TRY(check_keys(jobs, job_count, err));
    begin_outcomes(pool);
    print_set_digest(pool, pool->set_digest);
    if (is_done_already(pool)) {
        return WB_OK;
    }
    WB_TRY(wb_run_parts_open(options, &pool->parts, err));
    look_for_parts(pool);
    wb_status status = take_known(pool, err);
    status = status == WB_OK ? run_jobs(pool, err) : status;
    const bool is_complete = status == WB_OK && wb_run_pool_failed_count(out, job_count) == 0;
    if (is_complete && options->db_path != NULL) {
        status = write_result(pool, err);
    }
    wb_run_parts_close(&pool->parts, is_complete && status == WB_OK && !options->keeps_parts);
    return status;
}
