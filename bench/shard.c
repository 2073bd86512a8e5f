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

/* A task's number and what its array's numbers are. */
typedef struct array_task {
    int64_t index, count, minimum, step;
} array_task;

static wb_status read_task(size_t engine, array_task *out, wb_error *err)
{
    *out = (array_task){.step = 1};
    WB_TRY(read_number(engines[engine].index, 0, &out->index, err));
    WB_TRY(read_number(count_name, 0, &out->count, err));
    if (out->count > 0) {
        return WB_OK; /* the array may be one task of a larger one, started again */
    }
    WB_TRY(read_number(engines[engine].count, 0, &out->count, err));
    WB_TRY(read_number(engines[engine].minimum, 0, &out->minimum, err));
    return read_number(engines[engine].step, 1, &out->step, err);
}

static wb_status judge_task(const array_task *task, const char *source, wb_shard *out,
                            wb_error *err)
{
    if (task->count == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s is set, but not of how many: expected %s, or --shard I/N, or --shard "
                       "all",
                       source, count_name);
    }
    const int64_t distance = task->index - task->minimum;
    if (task->step < 1 || distance < 0 || distance % task->step != 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: %lld is none of %lld, %lld + %lld, ...", source,
                       (long long)task->index, (long long)task->minimum, (long long)task->minimum,
                       (long long)task->step);
    }
    return check(distance / task->step, task->count, source, out, err);
}

static wb_status find_in_environment(wb_shard *out, wb_error *err)
{
    const size_t engine_count = sizeof(engines) / sizeof(engines[0]);
    size_t i = 0;
    while (i < engine_count && variable(engines[i].index) == NULL) {
        i++;
    }
    if (i < engine_count) {
        array_task task;
        WB_TRY(read_task(i, &task, err));
        return judge_task(&task, engines[i].index, out, err);
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
