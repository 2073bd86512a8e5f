/*
 * The folder in which a pool keeps what is finished: one database per job, named by its place and a
 * fingerprint of its key, so that what another set left there is never mistaken for one's own.
 */
#ifndef WB_BENCH_RUN_PARTS_H
#define WB_BENCH_RUN_PARTS_H

#include "bench/run_pool.h"

#define WB_RUN_PARTS_PATH_MAX 4096

typedef struct wb_run_parts {
    char folder[WB_RUN_PARTS_PATH_MAX];
    int lock;          /* owned: of the file "lock" in the folder; -1: not open */
    bool is_temporary; /* made for this pool alone, and removed with it */
} wb_run_parts;

/* Makes or takes the folder and locks it. WB_ERR_IO: not possible; WB_ERR_LIMIT: another pool has
 * it. */
WB_MUST_CHECK wb_status wb_run_parts_open(const wb_run_pool_options *options, wb_run_parts *out,
                                          wb_error *err);

/* Gives the folder back; is_done: with all parts, and the folder, removed. */
void wb_run_parts_close(wb_run_parts *parts, bool is_done);

/* Where the part of the index-th job is, or will be; lives in arena. */
const char *wb_run_parts_path(const wb_run_parts *parts, const wb_run_job *job, uint32_t index,
                              const wb_run_pool_options *options, wb_arena *arena);

/* Reads the figures of a finished part; false when it is not there or not whole. */
bool wb_run_parts_read(const char *path, wb_arena *arena, wb_run_figures *out);

#endif
