/*
 * A sweep: the points that its search makes of the parameters, run, and what they say together.
 *
 *     WB_TRY(wb_sweep_init(&sweep, &arena, &spec, digest, err));    points, the baseline first
 *     WB_TRY(wb_sweep_run(&sweep, &options, err));                  in rounds, if it has several
 *     wb_sweep_judge(&sweep);                                       feasible, front, best
 *     WB_TRY(wb_sweep_take_apart(&sweep, &options, err));           what each change brought
 *     WB_TRY(wb_sweep_finish(&sweep, &options, err));               all runs into the result
 *
 * Runs go through the pool (bench/run_pool.h): what is finished is never done again, and the result
 * does not depend on how many workers there were. A point's figures are means over its seeds.
 */
#ifndef WB_BENCH_SWEEP_H
#define WB_BENCH_SWEEP_H

#include "bench/run_pool.h"
#include "bench/sweep_spec.h"

#define WB_SWEEP_FIGURES_MAX 64

/* What a point is there for. */
typedef enum wb_sweep_role {
    WB_SWEEP_TRIED,    /* a point of the search, or what is there now */
    WB_SWEEP_PUT_BACK, /* the best point with one of its changes taken back */
    WB_SWEEP_UNSEEN,   /* what is there now, and the best point, on what the search has not seen */
} wb_sweep_role;

typedef struct wb_sweep_point {
    wb_sweep_role role;
    const wb_sweep_value *values[WB_SWEEP_PARAMETERS_MAX]; /* NULL: as the files have it */
    uint32_t round;                                        /* the last that it ran in */
    uint32_t put_back;           /* PUT_BACK: the parameter that is as in the files again */
    uint32_t run_count;          /* of its last round: one per seed */
    const wb_run_figures **runs; /* these, in the order of seeds */
    double figures[WB_SWEEP_FIGURES_MAX]; /* by the figure list: means over runs */
    bool is_complete;                     /* it ran at full length */
    bool is_feasible; /* complete, and no more pods never ran or were lost than in the baseline */
    bool is_within;   /* feasible, and within the limits */
    bool is_on_front; /* feasible, and no other is as good in all objectives and better in one */
} wb_sweep_point;

/* One run of a point. */
typedef struct wb_sweep_run_of {
    uint32_t point, round, seed_index;
} wb_sweep_run_of;

/* The two parts of the time. */
typedef struct wb_sweep_split {
    const char **seen_paths, **unseen_paths; /* of traces; instead of the scenario's */
    uint32_t path_count;
    double share; /* that is seen, of a horizon where the scenario has one */
} wb_sweep_split;

typedef struct wb_sweep {
    const wb_sweep_spec *spec; /* borrowed */
    wb_arena *arena;           /* borrowed */
    const char *inputs_digest; /* of the scenario and its traces */
    wb_sweep_point *points;
    uint32_t point_count; /* the first is the baseline */
    uint32_t best;        /* UINT32_MAX: none is within the limits */
    wb_run_job *jobs;
    wb_sweep_run_of *runs; /* by job */
    wb_run_outcome *outcomes;
    uint32_t job_count, job_capacity;
    const wb_sweep_split *split; /* borrowed; NULL: the search sees all of the time */
} wb_sweep;

/* Makes the points. WB_ERR_LIMIT: too many of them. inputs_digest is borrowed. */
WB_MUST_CHECK wb_status wb_sweep_init(wb_sweep *sweep, wb_arena *arena, const wb_sweep_spec *spec,
                                      const char *inputs_digest, wb_error *err);

/* Runs all rounds. options->db_path gives the parts their folder; the result is not written yet.
 * The first job that fails ends it with its error. */
WB_MUST_CHECK wb_status wb_sweep_run(wb_sweep *sweep, const wb_run_pool_options *options,
                                     wb_error *err);

/* Runs a shard of the points instead (options->shard_count > 0) and writes them to
 * options->db_path; shards are merged, and the search then goes on from options->known_path. Not
 * for halving, whose rounds hang on all points (asserted). */
WB_MUST_CHECK wb_status wb_sweep_run_shard(wb_sweep *sweep, const wb_run_pool_options *options,
                                           wb_error *err);

/* Means, feasibility, the front, and the best point: least of spec->minimise within the limits. */
void wb_sweep_judge(wb_sweep *sweep);

/* Runs the best point once more for each of its changes, without that one: appended to points, with
 * put_back set. Nothing without a best point, or when that is the baseline. */
WB_MUST_CHECK wb_status wb_sweep_take_apart(wb_sweep *sweep, const wb_run_pool_options *options,
                                            wb_error *err);

/* Runs what is there now and the best point on the part of the time that the search has not seen:
 * appended to points, in this order, with role UNSEEN. Nothing without a best point. */
WB_MUST_CHECK wb_status wb_sweep_check_unseen(wb_sweep *sweep, const wb_run_pool_options *options,
                                              wb_error *err);

/* Writes the result (options->db_path) from what is finished. */
WB_MUST_CHECK wb_status wb_sweep_finish(wb_sweep *sweep, const wb_run_pool_options *options,
                                        wb_error *err);

/* "consolidateAfter=30s consolidationPolicy=Balanced", or "as it is": the changes of a point. */
void wb_sweep_point_print(const wb_sweep *sweep, const wb_sweep_point *point, wb_text *out);

#endif
