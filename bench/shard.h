/*
 * Which share of the jobs this process has: shard index of count takes jobs index, index + count,
 * and so on, so that neighbours, which tend to be alike in length, are spread.
 *
 * From the command line ("3/20", counted from 0) or from what the user's engine sets for the tasks
 * of an array:
 *
 *     Slurm array              SLURM_ARRAY_TASK_ID, _COUNT, _MIN, _STEP
 *     Kubernetes Indexed Job   JOB_COMPLETION_INDEX; the count is not told: WERKBANK_SHARD_COUNT
 *     AWS Batch array          AWS_BATCH_JOB_ARRAY_INDEX, AWS_BATCH_JOB_ARRAY_SIZE or likewise
 *
 * WERKBANK_SHARD_COUNT goes before what an engine says, and then its index is taken as it stands:
 * task 7 of 20 can be started again as an array of one.
 */
#ifndef WB_BENCH_SHARD_H
#define WB_BENCH_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define WB_SHARD_COUNT_MAX 1000000

typedef struct wb_shard {
    uint32_t index, count; /* count 0: no shards, all jobs are ours */
    const char *source;    /* "--shard", "SLURM_ARRAY_TASK_ID" ...; "" without */
} wb_shard;

/* text: of the option; "all" is all jobs whatever the engine says; NULL: ask the environment.
 * WB_ERR_INPUT: neither says a share clearly. */
WB_MUST_CHECK wb_status wb_shard_find(const char *text, wb_shard *out, wb_error *err);

/* "suite.db" of shard 3 of 20 is "suite.0003-of-0020.db"; without shards path itself. Lives in
 * arena. */
const char *wb_shard_path(const wb_shard *shard, const char *path, wb_arena *arena);

#endif
