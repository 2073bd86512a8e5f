#include "bench/shard.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An engine's array, by its environment variables; NULL: it has no such one. */
static const struct {
    const char *index, *count, *minimum, *step;
} engines[] = {
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN",
     "SLURM_ARRAY_TASK_STEP"},
    {"AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", NULL, NULL},
    {"JOB_COMPLETION_INDEX", NULL, NULL, NULL},
};

static const char count_name[] = "WERKBANK_SHARD_COUNT";

static const char *variable(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *text = name != NULL ? getenv(name) : NULL;
    return text != NULL && *text != 0 ? text : NULL;
}

/* A number of the environment; fallback where it is not set. */
static wb_status read_number(const char *name, int64_t fallback, int64_t *out, wb_error *err)
{
    const char *text = variable(name);
    *out = fallback;
    if (text == NULL) {
        return WB_OK;
    }
    char *end = NULL;
    const long long value = strtoll(text, &end, 10);
    if (*end != 0 || value < 0 || value > UINT32_MAX) {
        return wb_fail(err, WB_ERR_INPUT, "%s: '%s' is no number, expected one from 0", name, text);
    }
    *out = value;
    return WB_OK;
}

static wb_status check(int64_t index, int64_t count, const char *source, wb_shard *out,
                       wb_error *err)
{
    if (count < 1 || count > WB_SHARD_COUNT_MAX || index < 0 || index >= count) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: shard %lld of %lld, expected an index from 0 below the count, and a "
                       "count of at most %d",
                       source, (long long)index, (long long)count, WB_SHARD_COUNT_MAX);
    }
    *out = (wb_shard){(uint32_t)index, (uint32_t)count, source};
    return WB_OK;
}

static wb_status find_in_environment(wb_shard *out, wb_error *err)
{
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        if (variable(engines[i].index) == NULL) {
            continue;
        }
        int64_t index = 0;
        int64_t count = 0;
        int64_t minimum = 0;
        int64_t step = 1;
        WB_TRY(read_number(engines[i].index, 0, &index, err));
        WB_TRY(read_number(count_name, 0, &count, err));
        if (count == 0) { /* else the array may be one task of a larger one, started again */
            WB_TRY(read_number(engines[i].count, 0, &count, err));
            WB_TRY(read_number(engines[i].minimum, 0, &minimum, err));
            WB_TRY(read_number(engines[i].step, 1, &step, err));
        }
        if (count == 0) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s is set, but not of how many: expected %s, or --shard I/N, or "
                           "--shard all",
                           engines[i].index, count_name);
        }
        if (step < 1 || index < minimum || (index - minimum) % step != 0) {
            return wb_fail(err, WB_ERR_INPUT, "%s: %lld is none of %lld, %lld + %lld, ...",
                           engines[i].index, (long long)index, (long long)minimum,
                           (long long)minimum, (long long)step);
        }
        return check((index - minimum) / step, count, engines[i].index, out, err);
    }
    *out = (wb_shard){0, 0, ""};
    return WB_OK;
}

wb_status wb_shard_find(const char *text, wb_shard *out, wb_error *err)
{
    assert(out != NULL);
    if (text == NULL) {
        return find_in_environment(out, err);
    }
    if (strcmp(text, "all") == 0) {
        *out = (wb_shard){0, 0, ""};
        return WB_OK;
    }
    char *slash = NULL;
    char *end = NULL;
    const long long index = strtoll(text, &slash, 10);
    const bool has_index = slash != text && *slash == '/';
    const long long count = has_index ? strtoll(slash + 1, &end, 10) : 0;
    if (!has_index || end == slash + 1 || *end != 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "--shard: '%s' is no share, expected one such as 3/20, from 0, or all",
                       text);
    }
    return check(index, count, "--shard", out, err);
}

const char *wb_shard_path(const wb_shard *shard, const char *path, wb_arena *arena)
{
    assert(shard != NULL && path != NULL && arena != NULL);
    if (shard->count == 0) {
        return path;
    }
    const char *dot = strrchr(path, '.');
    const char *slash = strrchr(path, '/');
    const size_t stem =
        dot != NULL && (slash == NULL || dot > slash) ? (size_t)(dot - path) : strlen(path);
    const size_t size = strlen(path) + 40;
    char *out = wb_arena_alloc(arena, size);
    (void)snprintf(out, size, "%.*s.%04u-of-%04u%s", (int)stem, path, shard->index, shard->count,
                   path + stem);
    return out;
}
