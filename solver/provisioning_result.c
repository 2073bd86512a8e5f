/*
 * From open claims to what the caller gets: requirements as a NodeClaim shows them, types by price
 * cut to the limit, daemon overhead added. Source: spec/scheduling.md sections 7 (end), 8, 13, 13c.
 */
#include <assert.h>
#include <float.h>
#include <string.h>

#include "solver/min_values.h"
#include "solver/provisioning_internal.h"

enum {
    FEW_CLAIMS = 8
};

static int compare_capacity_types(wb_capacity_type a, wb_capacity_type b)
{
    return strcmp(wb_capacity_type_name(a), wb_capacity_type_name(b));
}

wb_solver_cheapest wb_provisioning_cheapest(const wb_solver_world *world,
                                            wb_requirements requirements, uint32_t type_index)
{
    assert(type_index < world->type_count);
    const wb_world_type *type = &world->types[type_index];
    const wb_offering_filter filter = wb_offering_filter_of(world, requirements);
    wb_solver_cheapest best = {UINT32_MAX, UINT32_MAX, DBL_MAX};
    const wb_offering *best_offering = NULL;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_world_offering *offering = &world->offerings[type->first_offering + i];
        const double price = offering->now.price_usd_per_hour;
        if (price > best.price_usd_per_hour || !wb_offering_filter_allows(&filter, offering)) {
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
    assert(solve != NULL && claim != NULL);
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

/* Once the least overhead of the groups that still have a type: a running minimum in which an empty
 * value gives way to the next group's, and a resource missing in one is dropped. */
static void add_daemons(wb_solve *solve, const wb_open_claim *claim, int64_t *sum)
{
    assert(solve != NULL && claim != NULL);
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
    for (uint32_t r = 0; r < solve->resource_count; r++) {
        sum[r] += named[r] ? least[r] : 0;
    }
}

/* Pods and daemons. */
static wb_resource_list final_requests(wb_solve *solve, const wb_open_claim *claim)
{
    assert(solve != NULL && claim != NULL);
    if (solve->world->daemon_count == 0) {
        return wb_solver_world_list(solve->world, solve->arena, claim->requests,
                                    solve->resource_count);
    }
    int64_t *sum = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count);
    memcpy(sum, claim->requests, solve->resource_count * sizeof(*sum));
    add_daemons(solve, claim, sum);
    return wb_solver_world_list(solve->world, solve->arena, sum, solve->resource_count);
}

static uint32_t type_limit(const wb_solve *solve)
{
    const uint32_t given = solve->problem->options.max_types;
    return given != 0 ? given : WB_PROVISIONING_MAX_TYPES;
}

/* The claim's types in the order that class gives them, cut to the limit. */
static wb_type_list list_types(wb_solve *solve, wb_claim_class *class, const uint64_t *types)
{
    assert(solve != NULL && class != NULL);
    const wb_solver_world *world = solve->world;
    const uint32_t limit = type_limit(solve);
    const size_t all = wb_bitset_member_count(types, world->word_count);
    const uint32_t wanted = all < limit ? (uint32_t)all : limit;
    uint32_t *indices = wb_arena_alloc(solve->arena, wanted * sizeof(*indices));
    wb_type_list list = {.class = class, .types = types, .indices = indices};
    uint32_t count = 0;
    const uint32_t *order = wb_claim_classes_by_price(solve->classes, class, &count);
    for (uint32_t i = 0; i < count && list.count < wanted; i++) {
        if (wb_bitset_has(types, order[i])) {
            indices[list.count++] = order[i];
        }
    }
    list.cheapest = (wb_solver_cheapest){UINT32_MAX, UINT32_MAX, DBL_MAX};
    if (list.count > 0) {
        list.cheapest = wb_provisioning_cheapest(world, class->requirements, indices[0]);
    }
    return list;
}

static bool is_list_of(const wb_type_list *list, const wb_claim_class *class, const uint64_t *types,
                       size_t words)
{
    return list->class == class && wb_bitset_equals(list->types, types, words);
}

static const wb_type_list *add_list(wb_solve *solve, wb_claim_class *class, const uint64_t *types)
{
    assert(solve != NULL && class != NULL);
    if (solve->list_count == solve->list_capacity) {
        const uint32_t capacity = solve->list_capacity * 2 + FEW_CLAIMS;
        solve->lists = wb_arena_grow(solve->arena, solve->lists, solve->list_count, capacity,
                                     sizeof(*solve->lists));
        solve->list_capacity = capacity;
    }
    solve->lists[solve->list_count] = list_types(solve, class, types);
    return &solve->lists[solve->list_count++];
}

/* Claims of one class with the same types share a list; equal hashes sit in neighbouring keys. Few
 * claims are compared one by one. */
static const wb_type_list *find_list(wb_solve *solve, wb_claim_class *class, const uint64_t *types)
{
    assert(solve != NULL && class != NULL);
    const size_t words = solve->world->word_count;
    if (solve->claim_count <= FEW_CLAIMS) {
        for (uint32_t i = 0; i < solve->list_count; i++) {
            if (is_list_of(&solve->lists[i], class, types, words)) {
                return &solve->lists[i];
            }
        }
        return add_list(solve, class, types);
    }
    uint64_t key = class->id;
    for (size_t w = 0; w < words; w++) {
        key = wb_hash_map_join(key, types[w]);
    }
    uint64_t found = 0;
    for (; wb_hash_map_get(&solve->list_by_hash, key, &found); key++) {
        if (is_list_of(&solve->lists[found], class, types, words)) {
            return &solve->lists[found];
        }
    }
    (void)wb_hash_map_put(&solve->list_by_hash, key, solve->list_count);
    return add_list(solve, class, types);
}

/* Types that stay in the claim though its reservation's narrowing leaves them no offering come
 * last, by name: the plain way, type by type. */
static void order_reserved_types(wb_solve *solve, const wb_open_claim *claim, wb_solver_claim *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    const wb_solver_world *world = solve->world;
    const size_t words = world->word_count;
    const size_t count = wb_bitset_member_count(claim->types, words);
    wb_priced_type *priced = WB_ARENA_ARRAY(solve->arena, wb_priced_type, count);
    const wb_offering_filter filter = wb_offering_filter_of(world, out->requirements);
    size_t slot = 0;
    for (size_t t = wb_bitset_next(claim->types, words, 0); t != SIZE_MAX;
         t = wb_bitset_next(claim->types, words, t + 1)) {
        priced[slot++] =
            (wb_priced_type){wb_offering_filter_price(&filter, (uint32_t)t), (uint32_t)t};
    }
    wb_claim_classes_sort_priced(solve->world, priced, count);
    const uint32_t limit = type_limit(solve);
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

/* Fills requirements, type_indices, type_count and cheapest. */
static void order_types(wb_solve *solve, const wb_open_claim *claim, wb_solver_claim *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    if (solve->problem->options.plain || claim->reserved.count > 0) {
        out->requirements = final_requirements(solve, claim);
        order_reserved_types(solve, claim, out);
        return;
    }
    const wb_type_list *list = find_list(solve, claim->class, claim->types);
    out->requirements = wb_claim_classes_shown(solve->classes, claim->class);
    out->type_indices = list->indices;
    out->type_count = list->count;
    out->cheapest = list->cheapest;
}

/* Whether the cut list still has the values that minValues asks for. */
static bool cut_keeps_min_values(wb_solve *solve, const wb_solver_claim *claim)
{
    assert(solve != NULL && claim != NULL);
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
    assert(solve != NULL && claim != NULL && out != NULL);
    wb_solver_claim *made = &out->claims[out->claim_count];
    *made = (wb_solver_claim){
        .pool_index = claim->pool_index,
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
    assert(solve != NULL && out != NULL);
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
    assert(solve != NULL && out != NULL);
    out->placements = solve->placements;
    out->claims = WB_ARENA_ARRAY(solve->arena, wb_solver_claim, solve->claim_count);
    wb_hash_map_init(&solve->list_by_hash);
    for (uint32_t c = 0; c < solve->claim_count; c++) {
        finish_claim(solve, solve->claims[c], out);
    }
    wb_hash_map_release(&solve->list_by_hash);
    for (uint32_t i = 0; i < solve->problem->pod_count; i++) {
        out->refused_count += out->placements[i].refused != 0;
    }
    out->placed_count = solve->problem->pod_count - out->refused_count;
    if (solve->reasons != NULL) {
        gather_reasons(solve, out);
    }
    out->work = solve->work;
}
