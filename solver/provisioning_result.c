/*
 * From open claims to what the caller gets: requirements as a NodeClaim shows them, types by price
 * cut to the limit, daemon overhead added. Source: spec/scheduling.md sections 7 (end), 8, 13, 13c.
 */
#include <assert.h>
#include <float.h>
#include <string.h>

#include "base/sort.h"
#include "solver/min_values.h"
#include "solver/provisioning_internal.h"

static int compare_capacity_types(wb_capacity_type a, wb_capacity_type b)
{
    return strcmp(wb_capacity_type_name(a), wb_capacity_type_name(b));
}

wb_solver_cheapest wb_provisioning_cheapest(const wb_solver_world *world,
                                            wb_requirements requirements, uint32_t type_index)
{
    assert(type_index < world->type_count);
    const wb_world_type *type = &world->types[type_index];
    wb_solver_cheapest best = {UINT32_MAX, UINT32_MAX, DBL_MAX};
    const wb_offering *best_offering = NULL;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_world_offering *offering = &world->offerings[type->first_offering + i];
        const double price = offering->now.price_usd_per_hour;
        if (!offering->now.is_available || price > best.price_usd_per_hour ||
            wb_requirements_compatible(world->intern, requirements, offering->requirements,
                                       WB_UNDEFINED_WELL_KNOWN, NULL) != WB_COMPATIBLE) {
            continue;
        }
        int order = best_offering == NULL || price < best.price_usd_per_hour ? -1 : 0;
        if (order == 0) {
            order = strcmp(wb_intern_text(world->intern, offering->now.zone),
                           wb_intern_text(world->intern, best_offering->zone));
        }
        if (order == 0) {
            order =
                compare_capacity_types(offering->now.capacity_type, best_offering->capacity_type);
        }
        if (order < 0) {
            best = (wb_solver_cheapest){type_index, i, price};
            best_offering = &offering->now;
        }
    }
    return best;
}

/* hostname never was in the map; the simulation's keys go, reservations come. */
static wb_requirements final_requirements(wb_solve *solve, const wb_open_claim *claim)
{
    wb_arena *arena = solve->arena;
    wb_requirements made = wb_requirements_without(arena, claim->requirements, WB_NAME_REGISTERED);
    made = wb_requirements_without(arena, made, WB_NAME_INITIALIZED);
    if (claim->reserved.count > 0) {
        static const uint32_t is_reserved[] = {WB_NAME_RESERVED};
        const wb_requirement market =
            wb_requirement_in(arena, WB_NAME_CAPACITY_TYPE, is_reserved, 1);
        made = wb_requirements_set(arena, made, &market);
        uint32_t *ids = WB_ARENA_ARRAY(arena, uint32_t, claim->reserved.count);
        for (uint32_t i = 0; i < claim->reserved.count; i++) {
            ids[i] = solve->reservations.ids[claim->reserved.indices[i]];
        }
        const wb_requirement reserved =
            wb_requirement_in(arena, WB_NAME_CAPACITY_RESERVATION_ID, ids, claim->reserved.count);
        made = wb_requirements_add(arena, solve->world->intern, made, &reserved);
    }
    return made;
}

/* Pods, and once the least overhead of the groups that still have a type: a running minimum in
 * which an empty value gives way to the next group's, and a resource missing in one is dropped. */
static wb_resource_list final_requests(wb_solve *solve, const wb_open_claim *claim)
{
    const wb_world_pool *pool = &solve->world->pools[claim->pool_index];
    int64_t *least = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count);
    bool *named = WB_ARENA_ARRAY(solve->arena, bool, solve->resource_count);
    bool is_empty = true;
    for (uint32_t g = 0; g < pool->group_count; g++) {
        const wb_daemon_group *group = &pool->groups[g];
        if (!wb_bitset_intersects(group->types, claim->types, solve->world->word_count)) {
            continue;
        }
        bool is_still_empty = true;
        for (uint32_t r = 0; r < group->resource_count; r++) {
            const bool has = group->has_overhead[r];
            if (is_empty) {
                least[r] = group->overhead[r];
                named[r] = has;
            } else {
                least[r] = group->overhead[r] < least[r] ? group->overhead[r] : least[r];
                named[r] = named[r] && has;
            }
            is_still_empty = is_still_empty && !named[r];
        }
        is_empty = is_still_empty;
    }
    int64_t *sum = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count);
    for (uint32_t r = 0; r < solve->resource_count; r++) {
        sum[r] = claim->requests[r] + (named[r] ? least[r] : 0);
    }
    return wb_solver_world_list(solve->world, solve->arena, sum, solve->resource_count);
}

typedef struct priced_type {
    double price;
    uint32_t name_rank, type_index;
} priced_type;

static int compare_prices(const void *a, const void *b, void *context)
{
    (void)context;
    const priced_type *p = a;
    const priced_type *q = b;
    if (p->price < q->price || p->price > q->price) {
        return p->price < q->price ? -1 : 1;
    }
    return (p->name_rank > q->name_rank) - (p->name_rank < q->name_rank);
}

/* Fills type_indices, type_count and cheapest. */
static void order_types(wb_solve *solve, const wb_open_claim *claim, wb_solver_claim *out)
{
    const wb_solver_world *world = solve->world;
    const size_t words = world->word_count;
    const size_t count = wb_bitset_member_count(claim->types, words);
    priced_type *priced = WB_ARENA_ARRAY(solve->arena, priced_type, count);
    size_t slot = 0;
    for (size_t t = wb_bitset_next(claim->types, words, 0); t != SIZE_MAX;
         t = wb_bitset_next(claim->types, words, t + 1)) {
        priced[slot++] = (priced_type){
            wb_provisioning_cheapest(world, out->requirements, (uint32_t)t).price_usd_per_hour,
            world->types[t].name_rank, (uint32_t)t};
    }
    wb_sort(priced, count, sizeof(*priced), compare_prices, NULL);
    const uint32_t limit = solve->problem->options.max_types != 0
                               ? solve->problem->options.max_types
                               : WB_PROVISIONING_MAX_TYPES;
    out->type_count = count < limit ? (uint32_t)count : limit;
    uint32_t *indices = WB_ARENA_ARRAY(solve->arena, uint32_t, out->type_count);
    for (uint32_t i = 0; i < out->type_count; i++) {
        indices[i] = priced[i].type_index;
    }
    out->type_indices = indices;
    out->cheapest = (wb_solver_cheapest){UINT32_MAX, UINT32_MAX, DBL_MAX};
    if (count > 0) {
        out->cheapest = wb_provisioning_cheapest(world, out->requirements, indices[0]);
    }
}

/* Whether the cut list still has the values that minValues asks for. */
static bool cut_keeps_min_values(wb_solve *solve, const wb_solver_claim *claim)
{
    const wb_solver_world *world = solve->world;
    if (world->min_values_best_effort || !wb_requirements_has_min_values(claim->requirements)) {
        return true;
    }
    uint64_t *kept = WB_ARENA_ARRAY(solve->arena, uint64_t, world->word_count);
    for (uint32_t i = 0; i < claim->type_count; i++) {
        wb_bitset_add(kept, claim->type_indices[i]);
    }
    return wb_min_values_satisfied(world, claim->requirements, kept);
}

static void finish_claim(wb_solve *solve, const wb_open_claim *claim, wb_solver_result *out)
{
    wb_solver_claim *made = &out->claims[out->claim_count];
    *made = (wb_solver_claim){
        .pool_index = claim->pool_index,
        .requirements = final_requirements(solve, claim),
        .requests = final_requests(solve, claim),
        .pod_indices = claim->pods,
        .pod_count = claim->pod_count,
        .min_values_relaxed = solve->limits[claim->pool_index].min_values_relaxed,
    };
    order_types(solve, claim, made);
    const bool is_kept = cut_keeps_min_values(solve, made);
    for (uint32_t i = 0; i < claim->pod_count; i++) {
        wb_solver_placement *placement = &out->placements[claim->pods[i]];
        placement->claim_index = is_kept ? out->claim_count : WB_PLACED_ON_NONE;
        placement->refused = is_kept ? 0 : WB_REFUSED_MIN_VALUES;
    }
    out->claim_count += is_kept;
}

static void gather_reasons(wb_solve *solve, wb_solver_result *out)
{
    const uint32_t pools = solve->world->pool_count;
    const size_t room = (size_t)solve->problem->pod_count * pools;
    out->reasons = WB_ARENA_ARRAY(solve->arena, wb_solver_reason, room);
    for (size_t i = 0; i < room; i++) {
        if (solve->placements[i / pools].refused != 0 && solve->reasons[i].refused != 0) {
            out->reasons[out->reason_count++] = solve->reasons[i];
        }
    }
}

void wb_provisioning_finish(wb_solve *solve, wb_solver_result *out)
{
    out->placements = solve->placements;
    out->claims = WB_ARENA_ARRAY(solve->arena, wb_solver_claim, solve->claim_count);
    for (uint32_t c = 0; c < solve->claim_count; c++) {
        finish_claim(solve, solve->claims[c], out);
    }
    for (uint32_t i = 0; i < solve->problem->pod_count; i++) {
        out->refused_count += out->placements[i].refused != 0;
    }
    out->placed_count = solve->problem->pod_count - out->refused_count;
    if (solve->reasons != NULL) {
        gather_reasons(solve, out);
    }
    out->work = solve->work;
}
