/*
 * First every shard is read and checked, then runs are copied in the order of their jobs. A set of
 * a million jobs costs some 100 MB here, for keys and places.
 */
#include "bench/merge.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/store/store_rows.h"

#define MISSING_SHOWN 3

/* Where a job's run is. */
typedef struct merge_place {
    const char *path; /* NULL: nowhere yet */
    int64_t run_id;
    const char *job_key;
    char digest[33];
} merge_place;

typedef struct merge_state {
    const wb_merge_options *options;
    wb_arena *arena;
    const char *first_path, *set_digest, *version; /* of the first shard; NULL before */
    merge_place *places;                           /* by position */
    wb_merge_result result;
} merge_state;

typedef struct version_list {
    wb_arena *arena;
    const char *text;
} version_list;

static void see_version(void *context, const wb_store_row *row)
{
    version_list *versions = context;
    versions->text = wb_arena_copy_string(versions->arena, wb_store_rows_text(row, 0));
}

/* What all shards must share. The version is looked at first: it says more than a fingerprint. */
static wb_status check_set(merge_state *state, const char *path, const wb_store_job *job,
                           const char *version, wb_error *err)
{
    assert(state != NULL);
    if (state->first_path == NULL) {
        state->first_path = path;
        state->set_digest = job->set_digest;
        state->version = version;
        state->result.job_count = (uint32_t)job->job_count;
        state->result.set_name = job->set_name;
        state->places =
            WB_ARENA_ARRAY(state->arena, merge_place, (size_t)state->result.job_count + 1);
        return WB_OK;
    }
    if (strcmp(version, state->version) != 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: made by version '%s', %s by '%s', expected one",
                       path, version, state->first_path, state->version);
    }
    if (strcmp(job->set_digest, state->set_digest) != 0) {
        return wb_fail(
            err, WB_ERR_INPUT,
            "%s: of another set than %s (other jobs, inputs or program), expected shards "
            "of one",
            path, state->first_path);
    }
    return WB_OK;
}

static wb_status take_run(merge_state *state, const char *path, const wb_store_job *job,
                          const wb_run_figures *figures, wb_error *err)
{
    if (job->position < 0 || job->position >= state->result.job_count) {
        return wb_fail(err, WB_ERR_INPUT, "%s: job %lld of %u is none", path,
                       (long long)job->position, state->result.job_count);
    }
    merge_place *place = &state->places[job->position];
    if (place->path != NULL) {
        if (strcmp(place->digest, figures->digest) != 0) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s: '%s' gave other rows than in %s, expected the same", path,
                           job->job_key, place->path);
        }
        state->result.repeated_count++;
        return WB_OK;
    }
    *place = (merge_place){.path = path, .run_id = job->run_id, .job_key = job->job_key};
    memcpy(place->digest, figures->digest, sizeof place->digest);
    state->result.run_count++;
    return WB_OK;
}

static wb_status read_shard(merge_state *state, const char *path, wb_store *store, wb_error *err)
{
    wb_store_job *jobs = NULL;
    wb_run_figures *figures = NULL;
    uint32_t job_count = 0;
    uint32_t run_count = 0;
    version_list versions = {.arena = state->arena, .text = ""};
    const wb_store_query query = {
        .sql = "SELECT group_concat(version, ' and ') FROM (SELECT DISTINCT version FROM runs"
               " ORDER BY 1)"};
    WB_TRY(wb_store_join_jobs(store, state->arena, &jobs, &job_count, err));
    WB_TRY(wb_store_figures(store, state->arena, &figures, &run_count, err));
    WB_TRY(wb_store_rows_read(store, &query, see_version, &versions, err));
    if (job_count == 0 || job_count != run_count) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: %u of %u runs belong to a suite or sweep, expected a shard's database",
                       path, job_count, run_count);
    }
    for (uint32_t i = 0; i < job_count; i++) {
        assert(jobs[i].run_id == figures[i].run_id);
        WB_TRY(check_set(state, path, &jobs[i], versions.text, err));
        WB_TRY(take_run(state, path, &jobs[i], &figures[i], err));
    }
    return WB_OK;
}

static wb_status read_shards(merge_state *state, wb_error *err)
{
    for (uint32_t i = 0; i < state->options->path_count; i++) {
        const char *path = state->options->paths[i];
        wb_store *store = NULL;
        WB_TRY(wb_store_open_readonly(path, &store, err));
        const wb_status status = read_shard(state, path, store, err);
        wb_store_close(store);
        WB_TRY(status);
    }
    return WB_OK;
}

/* The names of missing jobs are in their shards: positions say which one. */
static wb_status check_complete(const merge_state *state, wb_error *err)
{
    const wb_merge_result *result = &state->result;
    if (result->run_count == result->job_count || state->options->may_lack_runs) {
        return WB_OK;
    }
    char list[128] = "";
    size_t length = 0;
    uint32_t shown = 0;
    for (uint32_t i = 0; i < result->job_count && shown < MISSING_SHOWN; i++) {
        if (state->places[i].path == NULL) {
            length += (size_t)snprintf(list + length, sizeof list - length, "%s%u",
                                       shown == 0 ? "" : ", ", i);
            shown++;
        }
    }
    const uint32_t missing_count = result->job_count - result->run_count;
    return wb_fail(err, WB_ERR_INPUT,
                   "%u of %u jobs are missing (no. %s%s, from 0), expected all shards",
                   missing_count, result->job_count, list, missing_count > shown ? ", ..." : "");
}

static wb_status copy_runs(const merge_state *state, wb_store *store, wb_error *err)
{
    for (uint32_t i = 0; i < state->result.job_count; i++) {
        const merge_place *place = &state->places[i];
        if (place->path == NULL) {
            continue;
        }
        wb_store_job job = {
            .set_name = state->result.set_name,
            .set_digest = state->set_digest,
            .position = i,
            .job_count = state->result.job_count,
            .job_key = place->job_key,
        };
        WB_TRY(wb_store_join_run(store, place->path, place->run_id, state->options->keep,
                                 &job.run_id, err));
        WB_TRY(wb_store_join_job(store, &job, err));
    }
    return WB_OK;
}

static wb_status write_result(const merge_state *state, wb_error *err)
{
    assert(state != NULL);
    char temporary[4096];
    const char *path = state->options->out_path;
    const int length = snprintf(temporary, sizeof temporary, "%s.tmp-%ld", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary) {
        return wb_fail(err, WB_ERR_LIMIT, "%s: the path is too long", path);
    }
    (void)unlink(temporary);
    wb_store *store = NULL;
    wb_status status = wb_store_join_open(temporary, &store, err);
    status = status == WB_OK ? copy_runs(state, store, err) : status;
    wb_store_close(store);
    if (status == WB_OK && rename(temporary, path) != 0) {
        status = wb_fail_io(err, path, "rename the result to", errno);
    }
    if (status != WB_OK) {
        (void)unlink(temporary);
    }
    return status;
}

wb_status wb_merge_run(const wb_merge_options *options, wb_arena *arena, wb_merge_result *out,
                       wb_error *err)
{
    assert(options != NULL && options->path_count > 0 && options->out_path != NULL);
    assert(arena != NULL && out != NULL);
    merge_state state = {.options = options, .arena = arena, .result = {.set_name = ""}};
    WB_TRY(read_shards(&state, err));
    WB_TRY(check_complete(&state, err));
    WB_TRY(write_result(&state, err));
    *out = state.result;
    return WB_OK;
}
