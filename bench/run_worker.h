/*
 * One job of a pool in a process of its own: loads, runs, leaves a database with one finished run.
 */
#ifndef WB_BENCH_RUN_WORKER_H
#define WB_BENCH_RUN_WORKER_H

#include <sys/types.h>

#include "bench/run_pool.h"

typedef struct wb_run_worker {
    pid_t pid;
    int pipe;       /* owned: the worker's complaint, then its end */
    uint32_t job;   /* index */
    wb_error error; /* filled by wait */
} wb_run_worker;

/* Forks a worker that writes the part to path, by way of "<path>.tmp". */
WB_MUST_CHECK wb_status wb_run_worker_start(const wb_run_job *job, const char *path,
                                            const wb_run_pool_options *options, wb_run_worker *out,
                                            wb_error *err);

/* Takes the end of a worker whose pipe is at its end; WB_OK when the part is there. How it went
 * wrong is in worker->error: its own sentence, or the signal that ended it. */
WB_MUST_CHECK wb_status wb_run_worker_wait(wb_run_worker *worker);

#endif
