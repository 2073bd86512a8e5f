/*
 * The queue of pods and the three places each may go. Source: spec/scheduling.md sections 4, 7, 11.
 */
#include "solver/provisioning.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "solver/pod_queue.h"
#include "solver/provisioning_internal.h"
#include "solver/validator.h"

#ifdef WB_DEBUG_CHECKS
static const bool results_are_checked = true;
#else
static const bool results_are_checked = false;
#endif

/* Some reason, to be named when the solve is over. */
#define REFUSED_SOMEHOW (1U << 31)

wb_variant_state *wb_provisioning_make_variant_state(wb_solve *solve, wb_pod_variant *variant)
{
    assert(solve != NULL && variant != NULL);
    variant->solve_serial = solve->serial;
    wb_variant_state *state = WB_ARENA_NEW(solve->arena, wb_variant_state);
    variant->solve_data = state;
    state->owned = wb_topology_own(&solve->topology, variant);
    return state;
}

wb_kind_state *wb_provisioning_make_kind_state(wb_solve *solve, wb_pod_kind *kind)
{
    assert(solve != NULL && kind != NULL);
    kind->solve_serial = solve->serial;
    wb_kind_state *state = WB_ARENA_NEW(solve->arena, wb_kind_state);
    kind->solve_data = state;
    state->inverse = wb_topology_own_inverse(&solve->topology, kind);
    return state;
}

wb_shape_state *wb_provisioning_make_shape_state(wb_solve *solve, wb_solver_shape *shape)
{
    assert(solve != NULL && shape != NULL);
    shape->solve_serial = solve->serial;
    shape->solve_data = WB_ARENA_NEW(solve->arena, wb_shape_state);
    return shape->solve_data;
}

static void ready_volumes(wb_solve *solve, uint32_t pod_index)
{
    if (solve->volumes == NULL) {
        solve->volumes = WB_ARENA_ARRAY(solve->arena, wb_pod_volumes, solve->problem->pod_count);
    }
    wb_pod_volumes *volumes = &solve->volumes[pod_index];
    if (volumes->are_known) {
        return;
    }
    const wb_solver_pod *given = &solve->problem->pods[pod_index];
    wb_volume_choices *choices = WB_ARENA_NEW(solve->arena, wb_volume_choices);
    *choices = wb_volumes_choices(solve->arena, solve->world->intern, solve->problem,
                                  solve->pods[pod_index].shape->template, given->name,
                                  given->namespace_name);
    const bool asks_nothing = choices->count == 1 && choices->alternatives[0].count == 0;
    volumes->choices = asks_nothing ? NULL : choices;
    volumes->are_known = true;
}

/* Makes what the pod's attempts will look up, so that attempts allocate nothing that lasts. */
static void ready_pod(wb_solve *solve, uint32_t pod_index)
{
    wb_pod_state *pod = &solve->pods[pod_index];
    const wb_solver_shape *shape = pod->shape;
    wb_kind_state *state = wb_provisioning_kind_state(solve, shape->kind);
    (void)wb_provisioning_variant_state(solve, pod->variant);
    state->selecting = wb_topology_selecting(&solve->topology, shape->kind->labels);
    if (shape->has_claim_volumes) {
        ready_volumes(solve, pod_index);
    }
}

/* One try of the pod as it is now: 0, or why not. The fast solver does not say why, but for the
 * case that must not be relaxed. */
static uint32_t try_once(wb_solve *solve, uint32_t pod_index)
{
    solve->work.pod_tries++;
    if (solve->problem->options.plain) {
        return wb_provisioning_try_nodes(solve, pod_index) ||
                       wb_provisioning_try_claims(solve, pod_index)
                   ? 0
                   : wb_provisioning_try_new_claim(solve, pod_index);
    }
    if (wb_provisioning_try_nodes_fast(solve, pod_index) ||
        wb_provisioning_try_claims_fast(solve, pod_index)) {
        return 0;
    }
    switch (wb_provisioning_try_new_claim_fast(solve, pod_index)) {
    case WB_NEW_CLAIM_OPENED: return 0;
    case WB_NEW_CLAIM_WAITS: return WB_REFUSED_RESERVED_OFFERING;
    case WB_NEW_CLAIM_REFUSED: break;
    }
    return REFUSED_SOMEHOW;
}

/* Tries the pod as it is, then relaxed further and further. 0: placed. */
static uint32_t relax_until_placed(wb_solve *solve, uint32_t pod_index)
{
    wb_pod_state *pod = &solve->pods[pod_index];
    for (;;) {
        ready_pod(solve, pod_index);
        const uint32_t refused = try_once(solve, pod_index);
        if (refused == 0 || (refused & WB_REFUSED_RESERVED_OFFERING) != 0) {
            return refused;
        }
        wb_pod_variant *relaxed = wb_pod_shape_relax(solve->world, pod->variant);
        if (relaxed == NULL) {
            return refused;
        }
        pod->variant = relaxed;
        solve->work.relaxations++;
    }
}

/* Where pods of one shape were refused and nothing was placed since, the next will be too. Not for
 * pods with volumes of their own. */
static uint32_t place_pod(wb_solve *solve, uint32_t pod_index)
{
    wb_solver_shape *shape = solve->pods[pod_index].shape;
    if (shape->template->has_resource_claims) {
        return WB_REFUSED_DRA;
    }
    uint64_t *refused_at = &wb_provisioning_shape_state(solve, shape)
                                ->refused_at[wb_provisioning_is_restricted(solve, pod_index)];
    const bool remembers = !solve->problem->options.plain && !shape->has_claim_volumes;
    if (remembers && *refused_at == solve->placement_count + 1) {
        return REFUSED_SOMEHOW;
    }
    const uint32_t refused = relax_until_placed(solve, pod_index);
    if (refused == 0) {
        solve->placement_count++;
    } else if (remembers) {
        *refused_at = solve->placement_count + 1;
    }
    return refused;
}

/* The class of a pod that stayed refused: what its last try met, in the state that has not changed
 * since. */
static uint32_t find_reason(wb_solve *solve, uint32_t pod_index)
{
    wb_pod_state *pod = &solve->pods[pod_index];
    if (pod->shape->template->has_resource_claims) {
        return WB_REFUSED_DRA;
    }
    for (;;) {
        ready_pod(solve, pod_index);
        const uint32_t refused = wb_provisioning_classify(solve, pod_index);
        wb_pod_variant *relaxed = (refused & WB_REFUSED_RESERVED_OFFERING) != 0
                                      ? NULL
                                      : wb_pod_shape_relax(solve->world, pod->variant);
        if (relaxed == NULL) {
            return refused;
        }
        pod->variant = relaxed;
    }
}

/* Shapes that stayed refused share their reason, unless each pod's is wanted in full. */
static void find_reasons(wb_solve *solve)
{
    const wb_solver_problem *problem = solve->problem;
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        if ((solve->placements[i].refused & ~WB_REFUSED_CUT_OFF) == 0) {
            continue; /* placed, or not looked at */
        }
        wb_solver_shape *shape = solve->pods[i].shape;
        wb_shape_state *state = wb_provisioning_shape_state(solve, shape);
        if (state->reason == 0 || shape->has_claim_volumes || problem->options.explain) {
            state->reason = find_reason(solve, i);
        }
        solve->placements[i].refused = state->reason;
    }
}

/* Pods whose turn did not come; those that were refused before keep their reason. */
static void cut_off(wb_solve *solve, wb_pod_queue *queue)
{
    while (queue->length > 0) {
        wb_solver_placement *placement = &solve->placements[wb_pod_queue_peek(queue)];
        placement->refused = placement->refused != 0 ? placement->refused : WB_REFUSED_CUT_OFF;
        wb_pod_queue_pop(queue);
    }
}

/* Until all are placed, or a whole cycle brought no progress. */
static void run_queue(wb_solve *solve)
{
    wb_pod_queue queue = wb_pod_queue_make(solve->arena, solve->world, solve->problem);
    const uint32_t limit = solve->problem->options.try_limit;
    for (uint32_t tries = 0; queue.length > 0; tries++) {
        if (limit != 0 && tries == limit) {
            cut_off(solve, &queue);
            return;
        }
        const uint32_t pod_index = wb_pod_queue_peek(&queue);
        wb_pod_state *pod = &solve->pods[pod_index];
        if (pod->last_length == queue.length) {
            return;
        }
        wb_pod_queue_pop(&queue);
        const uint32_t refused = place_pod(solve, pod_index);
        solve->placements[pod_index].refused = refused;
        if (refused != 0) {
            pod->variant = wb_pod_shape_first(solve->world, pod->shape->kind,
                                              solve->problem->options.preference_policy);
            wb_pod_queue_push(&queue, pod_index);
            pod->last_length = queue.length;
        }
    }
}

/* Groups come into being in the order of the input, which decides whose tolerations count. */
static void start_pods(wb_solve *solve)
{
    const wb_solver_problem *problem = solve->problem;
    solve->pods = WB_ARENA_ARRAY(solve->arena, wb_pod_state, problem->pod_count);
    solve->placements = WB_ARENA_ARRAY(solve->arena, wb_solver_placement, problem->pod_count);
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        wb_solver_shape *shape = wb_pod_shape_get(solve->world, problem->pods[i].shape_id);
        solve->pods[i].shape = shape;
        solve->pods[i].variant =
            wb_pod_shape_first(solve->world, shape->kind, problem->options.preference_policy);
        solve->placements[i].node_index = WB_PLACED_ON_NONE;
        solve->placements[i].claim_index = WB_PLACED_ON_NONE;
        (void)wb_provisioning_kind_state(solve, shape->kind);
        (void)wb_provisioning_variant_state(solve, solve->pods[i].variant);
    }
}

static void place_pods(wb_solve *solve)
{
    const bool is_plain = solve->problem->options.plain;
    if (solve->world->pool_count == 0) { /* upstream schedules nothing at all then */
        for (uint32_t i = 0; i < solve->problem->pod_count; i++) {
            solve->placements[i].refused = WB_REFUSED_NO_NODEPOOL;
        }
        return;
    }
    if (!is_plain) {
        wb_provisioning_start_fast(solve);
    }
    run_queue(solve);
    if (!is_plain) {
        find_reasons(solve);
    }
}

/* In debug builds every result of every program is held to the constraints. */
static void check_result(const wb_solver_world *world, const wb_solver_problem *problem,
                         const wb_solver_result *result)
{
    assert(world != NULL && problem != NULL && result != NULL);
    wb_text violation;
    wb_text_init(&violation);
    if (!wb_validator_accepts_solve(world, problem, result, &violation)) {
        (void)fprintf(stderr, "werkbank: a solve breaks a constraint: %s\n",
                      wb_text_string(&violation));
        assert(false);
    }
    wb_text_release(&violation);
}

wb_solver_result wb_provisioning_solve_from(wb_arena *arena, wb_provisioning_base *base,
                                            const wb_solver_problem *problem,
                                            const uint32_t *removed, uint32_t removed_count)
{
    assert(problem->pod_count == 0 || problem->pods != NULL);
    assert(problem->node_count == 0 || problem->nodes != NULL);
    wb_solver_world *world = base->world;
    wb_provisioning_base_refresh(base, problem);
    wb_solve *solve = WB_ARENA_NEW(arena, wb_solve);
    solve->arena = arena;
    solve->world = world;
    solve->problem = problem;
    solve->resource_count = world->resource_count;
    if (problem->options.explain) {
        solve->reasons =
            WB_ARENA_ARRAY(arena, wb_solver_reason, (size_t)problem->pod_count * world->pool_count);
    }
    wb_topology_init(&solve->topology, arena, world, problem, &base->cluster);
    solve->serial = solve->topology.serial;
    wb_provisioning_base_lend(base, solve, removed, removed_count);
    start_pods(solve);
    place_pods(solve);
    wb_solver_result result = {0};
    wb_provisioning_finish(solve, &result);
    wb_provisioning_base_restore(base);
    if (results_are_checked) {
        check_result(world, problem, &result);
    }
    return result;
}

wb_solver_result wb_provisioning_solve(wb_arena *arena, wb_solver_world *world,
                                       const wb_solver_problem *problem)
{
    assert(arena != NULL && world != NULL && problem != NULL);
    wb_provisioning_base *base = wb_provisioning_base_new(arena, world, problem);
    return wb_provisioning_solve_from(arena, base, problem, NULL, 0);
}
