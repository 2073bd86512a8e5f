/*
 * A job run by a program file, this one or an older one: how a gate asks the baseline's program
 * what it decided, and how long it takes, in the same job on the same machine.
 *
 *     times in turns      old new old new old new ...     a machine that slows down slows both
 *
 * The program is used by its command line (werkbank run ... --contender ... --seed ... --db ...),
 * which every version has.
 */
#ifndef WB_BENCH_PROGRAM_RUN_H
#define WB_BENCH_PROGRAM_RUN_H

#include "bench/run_pool.h"

/* Runs job by the program at path; db_path (may be NULL) gets the run. *out_cpu_ns (may be NULL):
 * the CPU time of its process. WB_ERR_IO: it cannot be started, or ended badly. */
WB_MUST_CHECK wb_status wb_program_run_job(const char *path, const wb_run_job *job,
                                           const char *db_path, int64_t *out_cpu_ns, wb_error *err);

/* Two programs' times. */
typedef struct wb_program_times {
    int64_t before_ns, after_ns; /* summed over jobs: of each, the least of its rounds */
    double ratio;                /* after over before */
} wb_program_times;

typedef struct wb_program_turns {
    const char *before_path, *after_path; /* the programs */
    uint32_t rounds;                      /* >= 1 */
} wb_program_turns;

/* Runs every job so many rounds by both programs in turns. */
WB_MUST_CHECK wb_status wb_program_run_turns(const wb_program_turns *turns, const wb_run_job *jobs,
                                             uint32_t job_count, wb_program_times *out,
                                             wb_error *err);

#endif
