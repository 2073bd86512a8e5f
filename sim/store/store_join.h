/*
 * Databases into one: how runs that were made side by side, by workers or on other machines, come
 * together. Rows are copied by table and key order, so the same runs in the same order give the
 * same rows, whoever made them and whenever.
 *
 *     workers    part 0.db    part 1.db    part 2.db        one finished run each, in any order
 *                    └────────────┼────────────┘
 *     join                    result.db                     runs 1, 2, 3 in the order of the jobs
 *
 * Wall clocks stay behind in the parts: what is joined is a function of inputs, seeds and version.
 */
#ifndef WB_SIM_STORE_STORE_JOIN_H
#define WB_SIM_STORE_STORE_JOIN_H

#include "sim/store/store.h"

/* What is taken over of a run. */
typedef enum wb_store_keep {
    WB_STORE_KEEP_ALL,     /* every row */
    WB_STORE_KEEP_FIGURES, /* the tables with one row per run: identity, figures, work */
} wb_store_keep;

/* A run's place in a set of runs (a suite, a sweep): the row of table jobs. */
typedef struct wb_store_job {
    int64_t run_id;
    const char *set_name;   /* of the suite or sweep */
    const char *set_digest; /* of all its jobs: who has the same digest has the same jobs */
    int64_t position, job_count;
    const char *job_key; /* what the job is, in words that are unique in its set */
} wb_store_job;

/* Copies run_id of the database at path, which must be finished there, into the store as its next
 * run, whose id goes to *out_run_id. WB_ERR_INPUT: no such database, or no such finished run. No
 * transaction may be open. */
WB_MUST_CHECK wb_status wb_store_join_run(wb_store *store, const char *path, int64_t run_id,
                                          wb_store_keep keep, int64_t *out_run_id, wb_error *err);

/* Writes down which job of which set a run of the store is. */
WB_MUST_CHECK wb_status wb_store_join_job(wb_store *store, const wb_store_job *job, wb_error *err);

/* The jobs of the store's runs in order of run_id; they live in arena. */
WB_MUST_CHECK wb_status wb_store_join_jobs(wb_store *store, wb_arena *arena, wb_store_job **out,
                                           uint32_t *out_count, wb_error *err);

/* Makes a new database at path for joining: without a write-ahead log, so that it is one file whose
 * bytes follow from its rows. A file into which a run failed to go is good for nothing. */
WB_MUST_CHECK wb_status wb_store_join_open(const char *path, wb_store **out, wb_error *err);

#endif
