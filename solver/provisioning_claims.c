/*
 * Claims, one candidate at a time: the plain version, which the fast one is held to.
 * Source: spec/scheduling.md sections 7(b), 7(c), 12.
 */
#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "solver/claim_sort.h"
#include "solver/host_ports.h"
#include "solver/min_values.h"
#include "solver/provisioning_internal.h"

/* hostname is not in a claim's map: it is In {a name that nobody knows}. */
bool wb_provisioning_allows_new_host(const wb_intern *intern, wb_requirements asked)
{
    assert(intern != NULL);
    const wb_requirement *host = wb_requirements_get(asked, WB_NAME_HOSTNAME);
    return host == NULL || (host->is_complement && !host->has_gte && !host->has_lte &&
                            wb_requirement_has(intern, host, 0));
}

/* Requirements without hostname, which wb_provisioning_allows_new_host has judged. */
static wb_requirements join(wb_solve *solve, wb_requirements claim, wb_requirements asked)
{
    const wb_requirements rest = wb_requirements_without(solve->arena, asked, WB_NAME_HOSTNAME);
    return wb_requirements_merge(solve->arena, solve->world->intern, claim, rest);
}

static uint32_t refused_by(wb_compatibility compatibility, uint32_t otherwise)
{
    return compatibility == WB_INCOMPATIBLE_UNDEFINED
               ? WB_REFUSED_REQUIREMENTS | WB_REFUSED_UNDEFINED_LABEL
               : otherwise;
}

/* Types, minValues and reservations, once requirements are settled. */
static void attempt_types(wb_solve *solve, const wb_open_claim *claim, uint32_t pod_index,
                          bool may_relax_min_values, wb_claim_attempt *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    const wb_solver_world *world = solve->world;
    const wb_solver_shape *shape = solve->pods[pod_index].shape;
    int64_t *total = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count);
    memcpy(total, claim->requests, solve->resource_count * sizeof(*total));
    for (uint32_t i = 0; i < shape->demands.count; i++) {
        total[shape->demands.items[i].resource] += shape->demands.items[i].amount;
    }
    const wb_filter_query query = {
        .pool = &world->pools[claim->pool_index],
        .candidates = claim->types,
        .requirements = out->requirements,
        .offerings = wb_offering_filter_of(world, out->requirements),
        .total = total,
        .ports = shape->ports,
        .port_count = shape->port_count,
        .counts = solve->problem->options.explain,
    };
    out->types = WB_ARENA_ARRAY(solve->arena, uint64_t, world->word_count);
    wb_provisioning_filter(solve, &query, out->types, &out->outcome);
    solve->work.type_checks += world->pools[claim->pool_index].type_count;
    if (may_relax_min_values) {
        out->requirements = wb_min_values_relax(world, solve->arena, out->requirements, out->types,
                                                &out->min_values_relaxed);
    } else if (!wb_min_values_satisfied(world, out->requirements, out->types)) {
        out->refused = WB_REFUSED_MIN_VALUES;
        return;
    }
    if (wb_bitset_is_empty(out->types, world->word_count)) {
        out->refused = wb_provisioning_types_refused(&out->outcome);
        return;
    }
    const wb_reservation_query wish = {out->types, out->requirements, claim->reserved};
    const wb_reservation_answer answer =
        wb_reservations_choose(&solve->reservations, solve->arena, world, &wish, &out->reserved);
    if (answer != WB_RESERVATION_FINE &&
        solve->problem->options.reserved_mode == WB_RESERVED_STRICT) {
        out->refused = WB_REFUSED_RESERVED_OFFERING;
    }
}

/* One alternative of the pod's volumes, from the claim's requirements with the pod's on. */
static void attempt_choice(wb_solve *solve, const wb_open_claim *claim, uint32_t pod_index,
                           wb_requirements with_pod, wb_requirements asked, wb_claim_attempt *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    const wb_intern *intern = solve->world->intern;
    wb_pod_variant *variant = solve->pods[pod_index].variant;
    out->refused = 0;
    if (!wb_provisioning_allows_new_host(intern, asked) ||
        wb_requirements_compatible(intern, with_pod,
                                   wb_requirements_without(solve->arena, asked, WB_NAME_HOSTNAME),
                                   WB_UNDEFINED_WELL_KNOWN, &out->key) != WB_COMPATIBLE) {
        out->refused = WB_REFUSED_VOLUME_REQUIREMENTS;
        return;
    }
    const wb_topology_query query = {
        .variant = variant,
        .owned = &wb_provisioning_variant_state(solve, variant)->owned,
        .selecting = wb_provisioning_kind_state(solve, variant->kind)->selecting,
        .host_index = claim->host_index,
        .node_side = join(solve, with_pod, asked),
    };
    wb_requirements narrowed = {0};
    if (!wb_topology_narrow(&solve->topology, solve->arena, &query, &narrowed, &out->key)) {
        out->refused = WB_REFUSED_TOPOLOGY;
        return;
    }
    const wb_compatibility settled = wb_requirements_compatible(intern, query.node_side, narrowed,
                                                                WB_UNDEFINED_WELL_KNOWN, &out->key);
    if (settled != WB_COMPATIBLE) {
        out->refused = refused_by(settled, WB_REFUSED_TOPOLOGY_CONFLICT);
        return;
    }
    out->requirements = wb_requirements_merge(solve->arena, intern, query.node_side, narrowed);
}

void wb_provisioning_attempt(wb_solve *solve, const wb_open_claim *claim, uint32_t pod_index,
                             bool may_relax_min_values, wb_claim_attempt *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    const wb_intern *intern = solve->world->intern;
    const wb_pod_state *pod = &solve->pods[pod_index];
    const wb_pod_variant *variant = pod->variant;
    const wb_nodepool *nodepool = solve->world->pools[claim->pool_index].nodepool;
    *out = (wb_claim_attempt){0};
    if (!wb_taints_tolerated(intern, nodepool->taints, nodepool->taint_count, variant->tolerance)) {
        out->refused = WB_REFUSED_TAINT;
        return;
    }
    if (wb_host_ports_clash(pod->shape->ports, pod->shape->port_count, claim->ports,
                            claim->port_count)) {
        out->refused = wb_provisioning_types_refused(&out->outcome);
        return;
    }
    const wb_compatibility compatibility = wb_requirements_compatible(
        intern, claim->requirements,
        wb_requirements_without(solve->arena, variant->requirements, WB_NAME_HOSTNAME),
        WB_UNDEFINED_WELL_KNOWN, &out->key);
    if (compatibility != WB_COMPATIBLE ||
        !wb_provisioning_allows_new_host(intern, variant->requirements)) {
        out->refused = refused_by(compatibility, WB_REFUSED_REQUIREMENTS);
        return;
    }
    const wb_requirements with_pod = join(solve, claim->requirements, variant->requirements);
    static const wb_requirements nothing = {0};
    const wb_volume_choices *volumes = wb_provisioning_volumes(solve, pod_index);
    const uint32_t choices = volumes != NULL ? volumes->count : 1;
    for (uint32_t c = 0; c < choices; c++) {
        attempt_choice(solve, claim, pod_index, with_pod,
                       volumes != NULL ? volumes->alternatives[c] : nothing, out);
        if (out->refused == 0) {
            attempt_types(solve, claim, pod_index, may_relax_min_values, out);
        }
        if (out->refused == 0) {
            return;
        }
    }
}

void wb_provisioning_take_pod(wb_solve *solve, wb_open_claim *claim, uint32_t claim_index,
                              uint32_t pod_index)
{
    assert(solve != NULL && claim != NULL);
    const wb_solver_shape *shape = solve->pods[pod_index].shape;
    for (uint32_t i = 0; i < shape->demands.count; i++) {
        claim->requests[shape->demands.items[i].resource] += shape->demands.items[i].amount;
    }
    for (uint32_t i = 0; i < shape->port_count; i++) {
        claim->ports = wb_arena_grow(solve->arena, claim->ports, claim->port_count,
                                     claim->port_count + 1U, sizeof(*claim->ports));
        claim->ports[claim->port_count++] = shape->ports[i];
    }
    if (claim->pod_count == claim->pod_capacity) {
        const uint32_t capacity = claim->pod_capacity * 2 + 4;
        claim->pods = wb_arena_grow(solve->arena, claim->pods, claim->pod_count, capacity,
                                    sizeof(*claim->pods));
        claim->pod_capacity = capacity;
    }
    claim->pods[claim->pod_count++] = pod_index;
    const wb_nodepool *nodepool = solve->world->pools[claim->pool_index].nodepool;
    const wb_kind_state *state =
        wb_provisioning_kind_state(solve, solve->pods[pod_index].shape->kind);
    const wb_topology_placement placement = {
        .selecting = state->selecting,
        .inverse = &state->inverse,
        .host_index = claim->host_index,
        .requirements = claim->requirements,
        .taints = nodepool->taints,
        .taint_count = nodepool->taint_count,
    };
    wb_topology_record(&solve->topology, &placement);
    solve->placements[pod_index].claim_index = claim_index;
}

/* The claim becomes what the attempt found, with the pod in it. */
static void commit(wb_solve *solve, wb_open_claim *claim, uint32_t claim_index, uint32_t pod_index,
                   const wb_claim_attempt *attempt)
{
    assert(solve != NULL && claim != NULL && attempt != NULL);
    claim->requirements = attempt->requirements;
    claim->types = attempt->types;
    wb_reservations_exchange(&solve->reservations, claim->reserved, attempt->reserved);
    claim->reserved = attempt->reserved;
    wb_provisioning_take_pod(solve, claim, claim_index, pod_index);
}

static int compare_order(const void *a, const void *b, void *context)
{
    (void)context;
    const uint32_t p = wb_claim_sort_key(*(const uint64_t *)a);
    const uint32_t q = wb_claim_sort_key(*(const uint64_t *)b);
    return (p > q) - (p < q);
}

static void sort_claims(wb_solve *solve)
{
    for (uint32_t i = 0; i < solve->claim_count; i++) {
        const uint32_t id = wb_claim_sort_id(solve->order[i]);
        solve->order[i] = wb_claim_sort_item(solve->claims[id]->pod_count, id);
    }
    if (solve->problem->options.open_claim_sort == WB_OPEN_CLAIM_SORT_STABLE) {
        wb_sort_stable(solve->order, solve->claim_count, sizeof(*solve->order), compare_order,
                       NULL);
    } else {
        wb_claim_sort(solve->order, solve->claim_count);
    }
}

bool wb_provisioning_try_claims(wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    sort_claims(solve);
    for (uint32_t i = 0; i < solve->claim_count; i++) {
        const uint32_t id = wb_claim_sort_id(solve->order[i]);
        const wb_arena_mark mark = wb_arena_get_mark(solve->arena);
        wb_claim_attempt attempt;
        solve->work.claim_checks++;
        wb_provisioning_attempt(solve, solve->claims[id], pod_index, false, &attempt);
        if (attempt.refused == 0) {
            commit(solve, solve->claims[id], id, pod_index, &attempt);
            return true;
        }
        wb_arena_rewind(solve->arena, mark);
    }
    return false;
}

/* Candidates of a new claim that stay under the pool's limits. */
uint32_t wb_provisioning_filter_by_limits(wb_solve *solve, uint32_t pool_index, uint64_t *types)
{
    assert(solve != NULL);
    const wb_solver_world *world = solve->world;
    const wb_world_pool *pool = &world->pools[pool_index];
    const wb_pool_limits *limits = &solve->limits[pool_index];
    wb_bitset_copy(types, pool->types, world->word_count);
    if (limits->nodes_left <= 0) { /* none left is asked before, too few only among the others */
        return limits->nodes_left == 0 ? WB_REFUSED_NODE_LIMITS : WB_REFUSED_LIMITS;
    }
    for (uint32_t i = 0; i < pool->limits.count; i++) {
        const uint32_t r = pool->limits.items[i].resource;
        if (pool->largest[i] <= limits->left[i]) {
            continue; /* the ordinary case: far from the limit */
        }
        for (size_t t = wb_bitset_next(types, world->word_count, 0); t != SIZE_MAX;
             t = wb_bitset_next(types, world->word_count, t + 1)) {
            if (wb_solver_world_capacity_of(world, r, (uint32_t)t) > limits->left[i]) {
                wb_bitset_remove(types, t);
            }
        }
    }
    return wb_bitset_is_empty(types, world->word_count) ? WB_REFUSED_LIMITS : 0;
}

/* A new claim is charged as the largest of its types, resource by resource. */
static void charge_limits(wb_solve *solve, const wb_open_claim *claim)
{
    assert(solve != NULL && claim != NULL);
    const wb_world_pool *pool = &solve->world->pools[claim->pool_index];
    for (uint32_t i = 0; i < pool->limits.count; i++) {
        int64_t charged = pool->largest[i]; /* mostly the pool's largest type is still possible */
        if (charged > 0 && !wb_bitset_has(claim->types, pool->largest_type[i])) {
            charged = wb_type_columns_largest(&wb_claim_classes_get(solve->world)->capacity,
                                              pool->limits.items[i].resource, claim->types);
        }
        solve->limits[claim->pool_index].left[i] -= charged;
    }
}

void wb_provisioning_keep_claim(wb_solve *solve, wb_open_claim *claim)
{
    assert(solve != NULL && claim != NULL);
    charge_limits(solve, claim);
    if (solve->claim_count == solve->claim_capacity) {
        const uint32_t capacity = solve->claim_capacity * 2 + 16;
        solve->claims = wb_arena_grow(solve->arena, solve->claims, solve->claim_count, capacity,
                                      sizeof(wb_open_claim *));
        solve->order = wb_arena_grow(solve->arena, solve->order, solve->claim_count, capacity,
                                     sizeof(*solve->order));
        solve->claim_capacity = capacity;
    }
    solve->claims[solve->claim_count] = claim;
    solve->order[solve->claim_count] = wb_claim_sort_item(claim->pod_count, solve->claim_count);
    solve->claim_count++;
}

wb_open_claim *wb_provisioning_new_claim(wb_solve *solve, uint32_t pool_index)
{
    assert(solve != NULL);
    const wb_solver_world *world = solve->world;
    wb_open_claim *claim = WB_ARENA_NEW(solve->arena, wb_open_claim);
    *claim = (wb_open_claim){
        .pool_index = pool_index,
        .host_index = solve->problem->node_count + solve->claim_count,
        .requirements = world->pools[pool_index].requirements,
        .types = WB_ARENA_ARRAY(solve->arena, uint64_t, world->word_count),
        .requests = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count),
        .floor = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count),
    };
    return claim;
}

static void explain(wb_solve *solve, uint32_t pod_index, uint32_t pool_index,
                    const wb_claim_attempt *attempt)
{
    assert(solve != NULL && attempt != NULL);
    if (solve->reasons == NULL) {
        return;
    }
    const uint32_t pools = solve->world->pool_count;
    solve->reasons[(size_t)pod_index * pools + pool_index] = (wb_solver_reason){
        .pod_index = pod_index,
        .pool_index = pool_index,
        .refused = attempt->refused,
        .key = attempt->key,
        .type_count = solve->world->pools[pool_index].type_count,
        .req_type_count = attempt->outcome.req_count,
        .fit_type_count = attempt->outcome.fit_count,
        .off_type_count = attempt->outcome.off_count,
    };
}

static void attempt_pool(wb_solve *solve, uint32_t pod_index, wb_open_claim *claim,
                         wb_claim_attempt *attempt)
{
    assert(solve != NULL && claim != NULL && attempt != NULL);
    const uint32_t pool_index = claim->pool_index;
    *attempt = (wb_claim_attempt){
        .refused = wb_provisioning_filter_by_limits(solve, pool_index, claim->types)};
    if (attempt->refused == 0) {
        wb_provisioning_attempt(solve, claim, pod_index, solve->world->min_values_best_effort,
                                attempt);
    }
    explain(solve, pod_index, pool_index, attempt);
}

/* Walks the pools; keeps the claim of the first that works, unless this is to classify only. */
static uint32_t walk_pools(wb_solve *solve, uint32_t pod_index, bool keeps)
{
    uint32_t refused = 0;
    bool has_pool = false;
    for (uint32_t p = 0; p < solve->world->pool_count; p++) {
        if (solve->world->pools[p].type_count == 0) {
            continue;
        }
        has_pool = true;
        solve->work.template_checks++;
        const wb_arena_mark mark = wb_arena_get_mark(solve->arena);
        wb_open_claim *claim = wb_provisioning_new_claim(solve, p);
        wb_claim_attempt attempt;
        attempt_pool(solve, pod_index, claim, &attempt);
        assert(keeps || attempt.refused != 0); /* it was refused in this very state */
        if (attempt.refused == 0) {
            commit(solve, claim, solve->claim_count, pod_index, &attempt);
            wb_provisioning_keep_claim(solve, claim);
            solve->limits[p].min_values_relaxed = attempt.min_values_relaxed;
            return 0;
        }
        wb_arena_rewind(solve->arena, mark);
        refused |= attempt.refused;
        if ((attempt.refused & WB_REFUSED_RESERVED_OFFERING) != 0) {
            break; /* lighter pools are not tried: the pod waits for the reservation */
        }
    }
    return has_pool ? refused : WB_REFUSED_NO_NODEPOOL;
}

uint32_t wb_provisioning_try_new_claim(wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    return walk_pools(solve, pod_index, true);
}

uint32_t wb_provisioning_classify(wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    return walk_pools(solve, pod_index, false);
}
