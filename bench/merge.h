/*
 * Shards into one: the databases that the tasks of an array wrote become the one that a single
 * process would have written, to the byte, however many they were.
 *
 *     suite.0000-of-0003.db   jobs 0 3 6 ...  ┐
 *     suite.0001-of-0003.db   jobs 1 4 7 ...  ├─▶  suite.db   jobs 0 1 2 3 ...
 *     suite.0002-of-0003.db   jobs 2 5 8 ...  ┘
 *
 * All must be of one set: the same jobs, inputs, version and program, by the set's fingerprint. A
 * job that is in two of them (a shard was run twice) must be the same in both.
 */
#ifndef WB_BENCH_MERGE_H
#define WB_BENCH_MERGE_H

#include <stdbool.h>

#include "sim/store/store_join.h"

typedef struct wb_merge_options {
    const char *const *paths; /* of the shards, in any order */
    uint32_t path_count;
    const char *out_path; /* written under a temporary name, then renamed; replaced when there */
    wb_store_keep keep;
    bool may_lack_runs; /* else every job of the set must be there */
} wb_merge_options;

typedef struct wb_merge_result {
    uint32_t run_count, job_count; /* joined; in the set */
    uint32_t repeated_count;       /* runs that were there more than once */
    const char *set_name;          /* lives in the arena */
} wb_merge_result;

/* WB_ERR_INPUT names the file and what is wrong with it, or the first jobs that are missing. */
WB_MUST_CHECK wb_status wb_merge_run(const wb_merge_options *options, wb_arena *arena,
                                     wb_merge_result *out, wb_error *err);

#endif
