/*
 * Points as runs: a job per point and seed, in rounds where the search has several.
 *
 * All rounds are one growing list of jobs, and the pool is asked to do that list again and again:
 * what earlier rounds did is there already. So a sweep that was killed in its third round finds the
 * first two in the folder, and the result holds every run in one order.
 */
#include "bench/sweep.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/sweep_internal.h"

/* ---- jobs ---- */

/* The run ends after a share of the scenario's length. */
static wb_status cut_horizon(const wb_run_job *job, wb_arena *arena, wb_intern *intern,
                             wb_scenario *scenario, wb_error *err)
{
    (void)arena;
    (void)intern;
    const wb_sweep_window *window = job->context;
    int64_t end_ms = scenario->horizon_ms;
    for (uint32_t i = 0; i < scenario->trace_count && scenario->horizon_ms < 0; i++) {
        const int64_t until_ms = scenario->traces[i].summary.end_ms + scenario->traces[i].shift_ms;
        end_ms = until_ms > end_ms ? until_ms : end_ms;
    }
    if (end_ms <= 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: has neither a horizon nor a trace, of which a round could run a part",
                       scenario->path);
    }
    const double share = window->share * (scenario->horizon_ms >= 0 ? window->horizon_share : 1.0);
    if (share < 1.0) {
        scenario->horizon_ms = (int64_t)((double)end_ms * share) + 1;
    }
    return WB_OK;
}

static const char *keep_text(wb_arena *arena, wb_text *text)
{
    const char *kept = wb_arena_copy_string(arena, wb_text_string(text));
    wb_text_release(text);
    return kept;
}

/* Names all in which a run differs from others. */
static const char *key_of(const wb_sweep *sweep, const wb_sweep_point *point, double share,
                          uint32_t seed_index)
{
    const wb_sweep_spec *spec = sweep->spec;
    wb_text key;
    wb_text_init(&key);
    wb_text_add_format(&key, "%s", spec->contender);
    if (sweep->split != NULL) {
        wb_text_add_format(&key, " %s %.4f", point->role == WB_SWEEP_UNSEEN ? "after" : "until",
                           sweep->split->share);
    }
    if (seed_index < spec->seed_count) {
        wb_text_add_format(&key, " seed=%llu", (unsigned long long)spec->seeds[seed_index]);
    }
    if (share < 1.0) {
        wb_text_add_format(&key, " horizon=%.4f", share);
    }
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        if (point->values[p] != NULL) {
            wb_text_add_format(&key, " %s:%s=", spec->parameters[p].target,
                               spec->parameters[p].path);
            if (point->values[p]->node != NULL) {
                wb_node_print_json(point->values[p]->node, &key);
            }
        }
    }
    return keep_text(sweep->arena, &key);
}

static void set_patches(const wb_sweep *sweep, const wb_sweep_point *point, wb_run_job *job)
{
    const wb_sweep_spec *spec = sweep->spec;
    wb_scenario_patch *patches =
        WB_ARENA_ARRAY(sweep->arena, wb_scenario_patch, (size_t)spec->parameter_count + 1);
    uint32_t count = 0;
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        if (point->values[p] != NULL) {
            patches[count++] = (wb_scenario_patch){
                .target = spec->parameters[p].target,
                .path = spec->parameters[p].path,
                .value = point->values[p]->node,
            };
        }
    }
    job->patches = patches;
    job->patch_count = count;
}

static void grow_jobs(wb_sweep *sweep)
{
    const uint32_t old = sweep->job_capacity;
    const uint32_t capacity = old * 2 + 64;
    wb_arena *arena = sweep->arena;
    sweep->jobs = wb_arena_grow(arena, sweep->jobs, old, capacity, sizeof sweep->jobs[0]);
    sweep->runs = wb_arena_grow(arena, sweep->runs, old, capacity, sizeof sweep->runs[0]);
    sweep->outcomes =
        wb_arena_grow(arena, sweep->outcomes, old, capacity, sizeof sweep->outcomes[0]);
    sweep->job_capacity = capacity;
}

static void add_job(wb_sweep *sweep, uint32_t point_index, uint32_t round, double share,
                    uint32_t seed_index)
{
    const wb_sweep_spec *spec = sweep->spec;
    const wb_sweep_point *point = &sweep->points[point_index];
    if (sweep->job_count == sweep->job_capacity) {
        grow_jobs(sweep);
    }
    wb_run_job job = {
        .key = key_of(sweep, point, share, seed_index),
        .inputs_digest = sweep->inputs_digest,
        .scenario_path = spec->scenario_path,
        .contender = spec->contender,
        .seed_is_set = spec->seed_count > 0,
        .seed = spec->seed_count > 0 ? spec->seeds[seed_index] : 0,
        .trace_paths = spec->trace_paths,
        .trace_count = spec->trace_count,
    };
    set_patches(sweep, point, &job);
    if (sweep->split != NULL) {
        const bool is_unseen = point->role == WB_SWEEP_UNSEEN;
        job.trace_paths = is_unseen ? sweep->split->unseen_paths : sweep->split->seen_paths;
        job.trace_count = sweep->split->path_count;
    }
    if (share < 1.0 || sweep->split != NULL) {
        wb_sweep_window *window = WB_ARENA_NEW(sweep->arena, wb_sweep_window);
        const double seen = sweep->split == NULL ? 1.0 : sweep->split->share;
        window->share = share;
        window->horizon_share = point->role == WB_SWEEP_UNSEEN ? 1.0 - seen : seen;
        job.prepare = cut_horizon;
        job.context = window;
    }
    sweep->runs[sweep->job_count] =
        (wb_sweep_run_of){.point = point_index, .round = round, .seed_index = seed_index};
    sweep->jobs[sweep->job_count++] = job;
}

/* ---- rounds ---- */

static uint32_t seeds_of(const wb_sweep_spec *spec)
{
    return spec->seed_count > 0 ? spec->seed_count : 1;
}

/* The share of the work that a round does; 1 in the last. */
static double share_of_round(const wb_sweep_spec *spec, uint32_t round, uint32_t round_count)
{
    return pow(spec->keep_share, (double)(round_count - 1 - round));
}

static void add_point(wb_sweep *sweep, uint32_t point, uint32_t round, double share)
{
    const wb_sweep_spec *spec = sweep->spec;
    const bool by_seeds = spec->resource == WB_SWEEP_SEEDS;
    const uint32_t seeds = seeds_of(spec);
    const uint32_t part = (uint32_t)ceil(seeds * share);
    const uint32_t count = by_seeds && part < seeds ? part : seeds;
    for (uint32_t s = 0; s < count; s++) {
        add_job(sweep, point, round, by_seeds ? 1.0 : share, s);
    }
    sweep->points[point].round = round;
    sweep->points[point].is_complete = share >= 1.0;
}

static wb_status check_outcomes(const wb_sweep *sweep, wb_error *err)
{
    for (uint32_t i = 0; i < sweep->job_count; i++) {
        const wb_run_outcome *outcome = &sweep->outcomes[i];
        if (outcome->is_mine && !outcome->is_finished) {
            return wb_fail(err, outcome->status == WB_OK ? WB_ERR_IO : outcome->status, "%s: %s",
                           sweep->jobs[i].key, outcome->error);
        }
    }
    return WB_OK;
}

static bool is_as_it_is(const wb_sweep *sweep, const wb_sweep_point *point)
{
    for (uint32_t p = 0; p < sweep->spec->parameter_count; p++) {
        if (point->values[p] != NULL) {
            return false;
        }
    }
    return true;
}

/* Hands each point the runs of its last round. */
static void hand_out(wb_sweep *sweep)
{
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        sweep->points[i].run_count = 0;
        sweep->points[i].runs =
            WB_ARENA_ARRAY(sweep->arena, const wb_run_figures *, seeds_of(sweep->spec));
    }
    for (uint32_t i = 0; i < sweep->job_count; i++) {
        wb_sweep_point *point = &sweep->points[sweep->runs[i].point];
        if (sweep->runs[i].round == point->round && sweep->outcomes[i].is_finished) {
            point->runs[point->run_count++] = &sweep->outcomes[i].figures;
        }
    }
    for (uint32_t i = 1; i < sweep->point_count; i++) {
        const bool is_put_back = sweep->points[i].role == WB_SWEEP_PUT_BACK;
        if (is_put_back &&
            is_as_it_is(sweep, &sweep->points[i])) { /* the best of one parameter, put back */
            sweep->points[i].runs = sweep->points[0].runs;
            sweep->points[i].run_count = sweep->points[0].run_count;
        }
    }
}

/* Does the list as it is now; what was done before is there. */
static wb_status run_list(wb_sweep *sweep, const wb_run_pool_options *options, bool is_first,
                          bool is_last, wb_error *err)
{
    char folder[4096];
    wb_run_pool_options own = *options;
    own.known_path = is_first ? options->known_path : NULL; /* later lists hold what it has */
    if (!is_last) {
        (void)snprintf(folder, sizeof folder, "%s.parts", options->db_path);
        own.folder = options->folder != NULL ? options->folder : folder;
        own.db_path = NULL;
        own.keeps_parts = true;
    }
    WB_TRY(
        wb_run_pool_run(sweep->jobs, sweep->job_count, &own, sweep->arena, sweep->outcomes, err));
    WB_TRY(check_outcomes(sweep, err));
    hand_out(sweep);
    return WB_OK;
}

wb_status wb_sweep_run(wb_sweep *sweep, const wb_run_pool_options *options, wb_error *err)
{
    assert(sweep != NULL && options != NULL && options->db_path != NULL);
    const wb_sweep_spec *spec = sweep->spec;
    const uint32_t rounds = spec->method == WB_SWEEP_HALVING ? spec->round_count : 1;
    uint32_t count = sweep->point_count - 1;
    uint32_t *left = WB_ARENA_ARRAY(sweep->arena, uint32_t, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        left[i] = i + 1;
    }
    for (uint32_t round = 0; round < rounds; round++) {
        const double share = share_of_round(spec, round, rounds);
        add_point(sweep, 0, round, share); /* the baseline is in every round */
        for (uint32_t i = 0; i < count; i++) {
            add_point(sweep, left[i], round, share);
        }
        WB_TRY(run_list(sweep, options, round == 0, false, err));
        if (round + 1 == rounds) {
            return WB_OK;
        }
        for (uint32_t i = 0; i < sweep->point_count; i++) {
            (void)wb_sweep_average(sweep, &sweep->points[i]);
        }
        wb_sweep_rank(sweep, left, count);
        const uint32_t kept = (uint32_t)ceil(count * spec->keep_share);
        count = kept < count ? kept : count;
    }
    return WB_OK;
}

wb_status wb_sweep_run_shard(wb_sweep *sweep, const wb_run_pool_options *options, wb_error *err)
{
    assert(sweep != NULL && options != NULL && options->db_path != NULL);
    assert(options->shard_count > 0 && sweep->spec->method != WB_SWEEP_HALVING);
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        add_point(sweep, i, 0, 1.0);
    }
    WB_TRY(wb_run_pool_run(sweep->jobs, sweep->job_count, options, sweep->arena, sweep->outcomes,
                           err));
    return check_outcomes(sweep, err);
}

wb_status wb_sweep_take_apart(wb_sweep *sweep, const wb_run_pool_options *options, wb_error *err)
{
    assert(sweep != NULL && options != NULL);
    const wb_sweep_spec *spec = sweep->spec;
    if (sweep->best == UINT32_MAX || sweep->best == 0) {
        return WB_OK;
    }
    const uint32_t old = sweep->point_count;
    const uint32_t round = sweep->points[sweep->best].round;
    sweep->points = wb_arena_grow(sweep->arena, sweep->points, old, old + spec->parameter_count,
                                  sizeof sweep->points[0]);
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        wb_sweep_point *copy = &sweep->points[sweep->point_count];
        *copy = (wb_sweep_point){.role = WB_SWEEP_PUT_BACK, .put_back = p};
        memcpy(copy->values, sweep->points[sweep->best].values, sizeof copy->values);
        copy->values[p] = NULL;
        if (is_as_it_is(sweep, copy)) { /* the baseline has run */
            copy->is_complete = true;
            sweep->point_count++;
        } else {
            add_point(sweep, sweep->point_count++, round, 1.0);
        }
    }
    WB_TRY(run_list(sweep, options, false, false, err));
    wb_sweep_judge(sweep);
    return WB_OK;
}

wb_status wb_sweep_check_unseen(wb_sweep *sweep, const wb_run_pool_options *options, wb_error *err)
{
    assert(sweep != NULL && sweep->split != NULL && options != NULL);
    if (sweep->best == UINT32_MAX) {
        return WB_OK;
    }
    const uint32_t old = sweep->point_count;
    const uint32_t round = sweep->points[0].round;
    const uint32_t sources[2] = {0, sweep->best};
    sweep->points =
        wb_arena_grow(sweep->arena, sweep->points, old, old + 2, sizeof sweep->points[0]);
    for (uint32_t i = 0; i < 2 && (i == 0 || sweep->best != 0); i++) {
        wb_sweep_point *copy = &sweep->points[sweep->point_count];
        *copy = (wb_sweep_point){.role = WB_SWEEP_UNSEEN};
        memcpy(copy->values, sweep->points[sources[i]].values, sizeof copy->values);
        add_point(sweep, sweep->point_count++, round, 1.0);
    }
    WB_TRY(run_list(sweep, options, false, false, err));
    wb_sweep_judge(sweep);
    return WB_OK;
}

wb_status wb_sweep_finish(wb_sweep *sweep, const wb_run_pool_options *options, wb_error *err)
{
    assert(sweep != NULL && options != NULL && options->db_path != NULL);
    WB_TRY(run_list(sweep, options, false, true, err));
    wb_sweep_judge(sweep);
    return WB_OK;
}
