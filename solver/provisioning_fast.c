/*
 * Claims the fast way: the same decisions as provisioning_claims.c, found without trying each claim
 * from scratch.
 *
 * What a pod makes of a claim's requirements is an edge between classes (claim_classes.h), and
 * topology is consulted once per class and try, not once per claim.
 *
 * A claim that refused a pod for a reason that can't go away (it is full, narrowed, its host taken)
 * is struck off a bitset that all pods of that shape and variant share, so each pair is looked at
 * once; with no claim left, none is. Runs of claims whose classes all refused are passed over.
 *
 * Which types have room is a few ANDs of bitsets (type_columns.h), and the order of claims is kept
 * up, not sorted (claim_order.h). Why a pod was refused is found at the end, for those that stayed
 * refused.
 */
#include <assert.h>
#include <string.h>

#include "solver/host_ports.h"
#include "solver/min_values.h"
#include "solver/provisioning_internal.h"

/* What a claim says to a pod. */
typedef enum answer {
    ANSWER_YES,
    ANSWER_NOT_NOW, /* may change with other placements */
    ANSWER_NEVER,
} answer;

void wb_provisioning_start_fast(wb_solve *solve)
{
    assert(solve != NULL);
    const wb_solver_world *world = solve->world;
    solve->classes = wb_claim_classes_get(solve->world);
    wb_class_runs_init(&solve->class_runs, solve->arena);
    wb_claim_order_init(&solve->claim_order, solve->arena,
                        solve->problem->options.open_claim_sort == WB_OPEN_CLAIM_SORT_STABLE);
    solve->total = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count);
    solve->floor = WB_ARENA_ARRAY(solve->arena, int64_t, solve->resource_count);
    solve->scratch_types = WB_ARENA_ARRAY(solve->arena, uint64_t, world->word_count);
    solve->group_types = WB_ARENA_ARRAY(solve->arena, uint64_t, world->word_count);
}

/* A rule that binds the variant, in the list of host rules or of the others. */
static void add_rule(wb_solve *solve, wb_variant_state *state, const wb_pod_labels *labels,
                     uint32_t group_index)
{
    assert(solve != NULL && state != NULL && labels != NULL);
    wb_topology_group *group = solve->topology.groups[group_index];
    const wb_bound_rule rule = {group, wb_topology_group_selects(group, labels)};
    if (group->is_hostname) {
        state->host_rules[state->host_rule_count++] = rule;
    } else {
        state->domain_rules[state->domain_rule_count++] = rule;
    }
}

wb_variant_state *wb_provisioning_make_ready(wb_solve *solve, wb_pod_variant *variant)
{
    assert(solve != NULL && variant != NULL);
    wb_variant_state *state = wb_provisioning_variant_state(solve, variant);
    wb_solver_world *world = solve->world;
    const wb_kind_state *kind_state = wb_provisioning_kind_state(solve, variant->kind);
    const size_t room = (size_t)state->owned.count + kind_state->selecting->count;
    state->is_ready = true;
    state->host_rules = WB_ARENA_ARRAY(solve->arena, wb_bound_rule, room);
    state->domain_rules = WB_ARENA_ARRAY(solve->arena, wb_bound_rule, room);
    for (uint32_t i = 0; i < state->owned.count; i++) {
        add_rule(solve, state, variant->kind->labels, state->owned.groups[i]);
    }
    for (uint32_t i = 0; i < kind_state->selecting->count; i++) {
        const uint32_t group = kind_state->selecting->groups[i];
        if (solve->topology.groups[group]->kind == WB_TOPOLOGY_INVERSE) {
            add_rule(solve, state, variant->kind->labels, group);
        }
    }
    if (!variant->is_interned) {
        variant->set_id = wb_requirement_sets_intern(
            &solve->classes->sets,
            wb_requirements_without(world->arena, variant->requirements, WB_NAME_HOSTNAME));
        variant->allows_new_host =
            wb_provisioning_allows_new_host(world->intern, variant->requirements);
        variant->tolerated_pools =
            WB_ARENA_ARRAY(world->arena, uint64_t, wb_bitset_word_count(world->pool_count));
        for (uint32_t p = 0; p < world->pool_count; p++) {
            const wb_nodepool *pool = world->pools[p].nodepool;
            if (wb_taints_tolerated(world->intern, pool->taints, pool->taint_count,
                                    variant->tolerance)) {
                wb_bitset_add(variant->tolerated_pools, p);
            }
        }
        variant->is_interned = true;
    }
    return state;
}

/* Strikes off claims whose hosts the rule finds taken; they stay so. */
static void strike_taken(wb_open_set *set, const wb_bound_rule *rule)
{
    assert(set != NULL && rule != NULL);
    const wb_topology_taken *taken = &rule->group->taken[rule->selects_itself];
    const size_t words = wb_bitset_word_count(set->seen_claims);
    for (size_t w = 0; w < words && w < taken->word_count; w++) {
        const uint64_t struck = set->open[w] & taken->claims[w];
        if (struck != 0) {
            set->open[w] &= ~struck;
            set->open_count -= (uint32_t)wb_bitset_member_count(&struck, 1);
        }
    }
}

/* Claims that were opened since the last try are open. */
static void extend_open(wb_solve *solve, wb_open_set *set)
{
    assert(solve != NULL && set != NULL);
    const uint32_t count = solve->claim_count;
    const uint32_t words = (uint32_t)wb_bitset_word_count(count);
    if (words > set->word_count) {
        const uint32_t capacity = words * 2 + 2;
        uint64_t *open =
            wb_arena_grow(solve->arena, set->open, set->word_count, capacity, sizeof(*open));
        memset(open + set->word_count, 0, (capacity - set->word_count) * sizeof(*open));
        set->open = open;
        set->word_count = capacity;
    }
    set->open_count += count - set->seen_claims;
    for (uint32_t c = set->seen_claims; c < count;) {
        if (c % 64 == 0 && c + 64 <= count) {
            set->open[c / 64] = UINT64_MAX;
            c += 64;
        } else {
            wb_bitset_add(set->open, c++);
        }
    }
    set->seen_claims = count;
}

wb_open_set *wb_provisioning_open_set(wb_solve *solve, const wb_pod_state *pod)
{
    assert(solve != NULL && pod != NULL);
    wb_shape_state *state = wb_provisioning_shape_state(solve, pod->shape);
    const uint32_t step = pod->variant->step;
    if (step == 0) {
        return &state->first_set;
    }
    if (step > state->more_set_count) {
        state->more_sets = wb_arena_grow(solve->arena, state->more_sets, state->more_set_count,
                                         step, sizeof(*state->more_sets));
        memset(state->more_sets + state->more_set_count, 0,
               (step - state->more_set_count) * sizeof(*state->more_sets));
        state->more_set_count = step;
    }
    return &state->more_sets[step - 1];
}

/* The open claims of the pod's shape and variant, as of now. */
static wb_open_set *open_claims(wb_solve *solve, const wb_pod_state *pod,
                                const wb_variant_state *variant)
{
    assert(solve != NULL && pod != NULL && variant != NULL);
    wb_open_set *set = wb_provisioning_open_set(solve, pod);
    extend_open(solve, set);
    for (uint32_t i = 0; i < variant->host_rule_count && set->open_count > 0; i++) {
        strike_taken(set, &variant->host_rules[i]);
    }
    return set;
}

/* The class after every domain rule had its say, or NULL. Source: topology.c, narrow_by. */
static wb_claim_class *consult_rules(wb_solve *solve, const wb_pod_variant *variant,
                                     const wb_variant_state *state, wb_claim_class *class)
{
    assert(solve != NULL && variant != NULL && state != NULL && class != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(solve->arena);
    const wb_intern *intern = solve->world->intern;
    wb_requirements choices = {0};
    uint32_t set_id = 0;
    for (uint32_t i = 0; i < state->domain_rule_count; i++) {
        const wb_topology_group *group = state->domain_rules[i].group;
        const wb_requirement choice =
            wb_topology_group_choose(group, solve->arena, intern,
                                     state->domain_rules[i].selects_itself,
                                     wb_requirements_get(variant->strict, group->key),
                                     wb_requirements_get(class->requirements, group->key));
        if (choice.value_count == 0) {
            wb_arena_rewind(solve->arena, mark);
            return NULL;
        }
        if (state->domain_rule_count == 1 && choice.value_count == 1) {
            set_id =
                wb_requirement_sets_of_value(&solve->classes->sets, choice.key, choice.values[0]);
        } else {
            choices = wb_requirements_add(solve->arena, intern, choices, &choice);
        }
    }
    if (choices.count > 0) {
        set_id = wb_requirement_sets_intern(&solve->classes->sets, choices);
    }
    wb_arena_rewind(solve->arena, mark);
    return wb_claim_classes_narrow(solve->classes, class, set_id);
}

/* The same, once per class and try. */
static wb_claim_class *narrow_class(wb_solve *solve, const wb_pod_variant *variant,
                                    const wb_variant_state *state, wb_claim_class *class)
{
    assert(solve != NULL && variant != NULL && state != NULL && class != NULL);
    if (state->domain_rule_count == 0) {
        return class;
    }
    if (class->try_serial != solve->try_serial) {
        class->try_serial = solve->try_serial;
        class->try_class = consult_rules(solve, variant, state, class);
    }
    return class->try_class;
}

/* Below any amount, daemons taken off. */
static const int64_t unknown_floor = INT64_MIN / 2;

/* Nothing is known of the room that types have: also none for daemons alone. */
static void forget_floor(wb_solve *solve)
{
    for (uint32_t r = 0; r < solve->resource_count; r++) {
        solve->floor[r] = unknown_floor;
    }
}

/* Types of one daemon group that have room for total and the group's daemons. All have room for
 * floor already, which is raised to what those that stay have. */
static bool keep_fitting(wb_solve *solve, const wb_daemon_group *group, uint64_t *types)
{
    assert(solve != NULL && group != NULL);
    bool some = true;
    for (uint32_t r = 0; r < solve->resource_count && some; r++) {
        const int64_t daemons = r < group->resource_count ? group->overhead[r] : 0;
        const int64_t needed = solve->total[r] + daemons;
        if (needed > 0 && solve->total[r] > solve->floor[r]) {
            some = wb_type_columns_keep_at_least(&solve->classes->room, r, needed, types,
                                                 &solve->floor[r]);
            solve->floor[r] -= daemons;
        }
    }
    return some;
}

/* Types of every daemon group whose daemons leave the pod's ports free. */
static bool keep_fitting_by_group(wb_solve *solve, const wb_open_claim *claim,
                                  const wb_solver_shape *shape, const uint64_t *allowed)
{
    assert(solve != NULL && claim != NULL && shape != NULL);
    const wb_world_pool *pool = &solve->world->pools[claim->pool_index];
    const size_t words = solve->world->word_count;
    bool some = false;
    wb_bitset_clear(solve->scratch_types, words);
    for (uint32_t g = 0; g < pool->group_count; g++) {
        const wb_daemon_group *group = &pool->groups[g];
        if (wb_host_ports_clash(shape->ports, shape->port_count, group->ports, group->port_count)) {
            continue;
        }
        for (size_t w = 0; w < words; w++) {
            solve->group_types[w] = claim->types[w] & allowed[w] & group->types[w];
        }
        forget_floor(solve);
        if (keep_fitting(solve, group, solve->group_types)) {
            wb_bitset_or(solve->scratch_types, solve->group_types, words);
            some = some || !wb_bitset_is_empty(solve->group_types, words);
        }
    }
    return some;
}

/* Leaves in scratch_types the candidates that class and room leave; false: none. */
static bool find_types(wb_solve *solve, const wb_open_claim *claim, const wb_solver_shape *shape,
                       wb_claim_class *class)
{
    assert(solve != NULL && claim != NULL && shape != NULL && class != NULL);
    const wb_solver_world *world = solve->world;
    const wb_world_pool *pool = &world->pools[claim->pool_index];
    const size_t words = world->word_count;
    bool is_above_floor = class != claim->class;
    memcpy(solve->total, claim->requests, solve->resource_count * sizeof(*solve->total));
    for (uint32_t i = 0; i < shape->demands.count; i++) {
        const uint32_t r = shape->demands.items[i].resource;
        solve->total[r] += shape->demands.items[i].amount;
        is_above_floor = is_above_floor || solve->total[r] > claim->floor[r];
    }
    memcpy(solve->floor, claim->floor, solve->resource_count * sizeof(*solve->floor));
    if (!is_above_floor) { /* all types have room for that much */
        wb_bitset_copy(solve->scratch_types, claim->types, words);
        return true;
    }
    const uint64_t *allowed = wb_claim_classes_allowed(solve->classes, class);
    if (pool->group_count != 1 || pool->groups[0].port_count > 0) {
        const bool some = keep_fitting_by_group(solve, claim, shape, allowed);
        forget_floor(solve);
        return some;
    }
    uint64_t any = 0;
    for (size_t w = 0; w < words; w++) {
        solve->scratch_types[w] = claim->types[w] & allowed[w];
        any |= solve->scratch_types[w];
    }
    return any != 0 && keep_fitting(solve, &pool->groups[0], solve->scratch_types);
}

/* Host rules of the variant on one host. */
static answer ask_host(const wb_variant_state *state, uint32_t host_index)
{
    for (uint32_t i = 0; i < state->host_rule_count; i++) {
        const wb_bound_rule *rule = &state->host_rules[i];
        if (!wb_topology_group_allows_host(rule->group, rule->selects_itself, host_index)) {
            /* Counts only grow: a taken host stays taken, an empty one may get the pod's friend. */
            return rule->group->kind == WB_TOPOLOGY_AFFINITY ? ANSWER_NOT_NOW : ANSWER_NEVER;
        }
    }
    return ANSWER_YES;
}

/* minValues and reservations of the types in scratch_types. */
static answer ask_last(wb_solve *solve, const wb_open_claim *claim, bool may_relax_min_values,
                       answer refusal, wb_fast_attempt *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    const wb_solver_world *world = solve->world;
    wb_claim_class *class = out->class;
    if (class->has_min_values && may_relax_min_values) {
        const wb_requirements relaxed =
            wb_min_values_relax(world, solve->arena, class->requirements, solve->scratch_types,
                                &out->min_values_relaxed);
        out->class = out->min_values_relaxed
                         ? wb_claim_classes_intern(solve->classes, class, relaxed)
                         : class;
    } else if (class->has_min_values &&
               !wb_min_values_satisfied(world, class->requirements, solve->scratch_types)) {
        return refusal;
    }
    if (solve->reservations.count == 0) {
        return ANSWER_YES;
    }
    const wb_reservation_query wish = {solve->scratch_types, out->class->requirements,
                                       claim->reserved};
    const wb_reservation_answer reserved =
        wb_reservations_choose(&solve->reservations, solve->arena, world, &wish, &out->reserved);
    out->is_reserved_refusal = reserved != WB_RESERVATION_FINE &&
                               solve->problem->options.reserved_mode == WB_RESERVED_STRICT;
    return out->is_reserved_refusal ? ANSWER_NOT_NOW : ANSWER_YES;
}

/* Pods whose volumes restrict them go the plain way, alternative by alternative. */
static answer ask_plainly(wb_solve *solve, const wb_open_claim *claim, uint32_t pod_index,
                          bool may_relax_min_values, wb_fast_attempt *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    wb_claim_attempt attempt;
    wb_provisioning_attempt(solve, claim, pod_index, may_relax_min_values, &attempt);
    if (attempt.refused != 0) {
        out->is_reserved_refusal = (attempt.refused & WB_REFUSED_RESERVED_OFFERING) != 0;
        return ANSWER_NOT_NOW;
    }
    out->class = wb_claim_classes_intern(solve->classes, claim->class, attempt.requirements);
    out->reserved = attempt.reserved;
    out->min_values_relaxed = attempt.min_values_relaxed;
    wb_bitset_copy(solve->scratch_types, attempt.types, solve->world->word_count);
    forget_floor(solve);
    return ANSWER_YES;
}

/* Whether the claim takes the pod; the types that stay are in scratch_types then. */
static answer ask_claim(wb_solve *solve, const wb_open_claim *claim, uint32_t pod_index,
                        bool may_relax_min_values, wb_fast_attempt *out)
{
    assert(solve != NULL && claim != NULL && out != NULL);
    const wb_pod_state *pod = &solve->pods[pod_index];
    const wb_pod_variant *variant = pod->variant;
    const wb_solver_shape *shape = pod->shape;
    const wb_variant_state *state = variant->solve_data;
    *out = (wb_fast_attempt){0};
    if (wb_provisioning_volumes(solve, pod_index) != NULL) {
        return ask_plainly(solve, claim, pod_index, may_relax_min_values, out);
    }
    if (!wb_bitset_has(variant->tolerated_pools, claim->pool_index) || !variant->allows_new_host ||
        (shape->port_count > 0 &&
         wb_host_ports_clash(shape->ports, shape->port_count, claim->ports, claim->port_count))) {
        return ANSWER_NEVER;
    }
    const answer host = ask_host(state, claim->host_index);
    if (host != ANSWER_YES) {
        return host;
    }
    bool fails_for_good = false;
    wb_claim_class *class =
        wb_claim_classes_join(solve->classes, claim->class, variant->set_id, &fails_for_good);
    class = class == NULL ? NULL : narrow_class(solve, variant, state, class);
    if (class == NULL) { /* no other claim of that class needs to be asked */
        solve->classes->refused_try[claim->class->id] = solve->try_serial;
        return fails_for_good ? ANSWER_NEVER : ANSWER_NOT_NOW;
    }
    /* Without a choice of domain, types can only become fewer. */
    const answer refusal = state->domain_rule_count == 0 ? ANSWER_NEVER : ANSWER_NOT_NOW;
    if (!find_types(solve, claim, shape, class)) {
        return refusal;
    }
    out->class = class;
    return ask_last(solve, claim, may_relax_min_values, refusal, out);
}

static void commit(wb_solve *solve, wb_open_claim *claim, uint32_t claim_index, uint32_t pod_index,
                   const wb_fast_attempt *attempt)
{
    assert(solve != NULL && claim != NULL && attempt != NULL);
    if (claim_index < solve->claim_count) { /* not a new one, which is listed later */
        wb_class_runs_move(&solve->class_runs, claim->class->id, attempt->class->id,
                           claim->pod_count);
        solve->class_of_claim[claim_index] = attempt->class->id;
    }
    claim->class = attempt->class;
    claim->requirements = attempt->class->requirements;
    wb_bitset_copy(claim->types, solve->scratch_types, solve->world->word_count);
    memcpy(claim->floor, solve->floor, solve->resource_count * sizeof(*claim->floor));
    if (attempt->reserved.count > 0 || claim->reserved.count > 0) {
        wb_reservations_exchange(&solve->reservations, claim->reserved, attempt->reserved);
        claim->reserved = attempt->reserved;
    }
    wb_provisioning_take_pod(solve, claim, claim_index, pod_index);
}

/* Asks the claim at a place of the order; true when the pod went in. */
static bool try_place(wb_solve *solve, uint32_t place, uint32_t pod_index, wb_open_set *set)
{
    assert(solve != NULL && set != NULL);
    const uint32_t id = solve->claim_order.ids[place];
    wb_fast_attempt attempt;
    solve->work.claim_checks++;
    const answer said = ask_claim(solve, solve->claims[id], pod_index, false, &attempt);
    if (said == ANSWER_YES) {
        commit(solve, solve->claims[id], id, pod_index, &attempt);
        wb_claim_order_grow(&solve->claim_order, place, solve->claims[id]->pod_count - 1);
        return true;
    }
    if (said == ANSWER_NEVER) {
        wb_bitset_remove(set->open, id);
        set->open_count--;
    }
    return false;
}

/* Whether a run may hold a claim for the pod: its class has not refused this try. */
static bool run_is_worth_a_look(const wb_solve *solve, uint32_t run)
{
    return wb_class_runs_has_open(&solve->class_runs, run, solve->classes->refused_try,
                                  solve->try_serial);
}

/* Asks the open claims of one run in order. */
static bool try_run(wb_solve *solve, uint32_t run, uint32_t pod_index, wb_open_set *set)
{
    assert(solve != NULL && set != NULL);
    const wb_claim_order *order = &solve->claim_order;
    for (uint32_t place = order->run_start[run]; place < order->run_start[run + 1]; place++) {
        const uint32_t id = order->ids[place];
        if (!wb_bitset_has(set->open, id) ||
            solve->classes->refused_try[solve->class_of_claim[id]] == solve->try_serial) {
            continue;
        }
        if (try_place(solve, place, pod_index, set)) {
            return true;
        }
        if (!run_is_worth_a_look(solve, run)) {
            return false;
        }
    }
    return false;
}

/* When few claims are open: only the runs that hold one. */
static bool try_sparse(wb_solve *solve, uint32_t pod_index, wb_open_set *set)
{
    assert(solve != NULL && set != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(solve->arena);
    const uint32_t run_count = solve->claim_order.run_count;
    const size_t run_words = wb_bitset_word_count(run_count);
    uint64_t *runs = WB_ARENA_ARRAY(solve->arena, uint64_t, run_words);
    const size_t words = wb_bitset_word_count(solve->claim_count);
    for (size_t id = wb_bitset_next(set->open, words, 0); id != SIZE_MAX;
         id = wb_bitset_next(set->open, words, id + 1)) {
        wb_bitset_add(runs, solve->claims[id]->pod_count);
    }
    for (size_t run = wb_bitset_next(runs, run_words, 0); run != SIZE_MAX;
         run = wb_bitset_next(runs, run_words, run + 1)) {
        if (run_is_worth_a_look(solve, (uint32_t)run) &&
            try_run(solve, (uint32_t)run, pod_index, set)) {
            return true;
        }
    }
    wb_arena_rewind(solve->arena, mark);
    return false;
}

bool wb_provisioning_try_claims_fast(wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    const wb_variant_state *state =
        wb_provisioning_ready_variant(solve, solve->pods[pod_index].variant);
    solve->try_serial = ++solve->world->try_serial;
    wb_claim_order_settle(&solve->claim_order);
    wb_open_set *set = open_claims(solve, &solve->pods[pod_index], state);
    if (set->open_count == 0) {
        return false;
    }
    if (set->open_count < solve->claim_count / 16) {
        return try_sparse(solve, pod_index, set);
    }
    const wb_claim_order *order = &solve->claim_order;
    for (uint32_t place = 0; place < order->count;) { /* from run to run: most counts have none */
        const uint32_t run = solve->claims[order->ids[place]]->pod_count;
        if (run_is_worth_a_look(solve, run) && try_run(solve, run, pod_index, set)) {
            return true;
        }
        place = order->run_start[run + 1];
    }
    return false;
}

/* The class of the newest claim in the column of classes, which scans read instead of claims. */
static void list_class(wb_solve *solve, const wb_open_claim *claim)
{
    assert(solve != NULL && claim != NULL);
    if (solve->claim_count > solve->class_of_claim_capacity) {
        const uint32_t capacity = solve->claim_capacity;
        solve->class_of_claim =
            wb_arena_grow(solve->arena, solve->class_of_claim, solve->claim_count - 1, capacity,
                          sizeof(*solve->class_of_claim));
        solve->class_of_claim_capacity = capacity;
    }
    solve->class_of_claim[solve->claim_count - 1] = claim->class->id;
    wb_class_runs_add(&solve->class_runs, claim->class->id, claim->pod_count);
}

/* Opens a claim in the pool if it takes the pod. */
static answer try_pool(wb_solve *solve, uint32_t pool_index, uint32_t pod_index,
                       wb_fast_attempt *attempt)
{
    assert(solve != NULL && attempt != NULL);
    const wb_solver_world *world = solve->world;
    wb_open_claim *claim = wb_provisioning_new_claim(solve, pool_index);
    claim->class = wb_claim_classes_of_pool(solve->classes, pool_index);
    forget_floor(solve);
    memcpy(claim->floor, solve->floor, solve->resource_count * sizeof(*claim->floor));
    if (wb_provisioning_filter_by_limits(solve, pool_index, claim->types) != 0) {
        return ANSWER_NOT_NOW;
    }
    const answer said = ask_claim(solve, claim, pod_index, world->min_values_best_effort, attempt);
    if (said == ANSWER_YES) {
        commit(solve, claim, solve->claim_count, pod_index, attempt);
        wb_provisioning_keep_claim(solve, claim);
        list_class(solve, claim);
        wb_claim_order_add(&solve->claim_order, solve->claim_count - 1);
        solve->limits[pool_index].min_values_relaxed = attempt->min_values_relaxed;
    }
    return said;
}

wb_new_claim_answer wb_provisioning_try_new_claim_fast(wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    for (uint32_t p = 0; p < solve->world->pool_count; p++) {
        if (solve->world->pools[p].type_count == 0) {
            continue;
        }
        solve->work.template_checks++;
        const wb_arena_mark mark = wb_arena_get_mark(solve->arena);
        wb_fast_attempt attempt = {0};
        if (try_pool(solve, p, pod_index, &attempt) == ANSWER_YES) {
            return WB_NEW_CLAIM_OPENED;
        }
        wb_arena_rewind(solve->arena, mark);
        if (attempt.is_reserved_refusal) {
            return WB_NEW_CLAIM_WAITS;
        }
    }
    return WB_NEW_CLAIM_REFUSED;
}
