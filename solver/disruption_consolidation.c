/*
 * What a set of nodes may be replaced by: nothing, one cheaper node, or no command at all.
 * Source: spec/disruption.md sections 9.1, 9.2 (same-type rule) and 10.
 */
#include <assert.h>
#include <float.h>
#include <string.h>

#include "kube/names.h"
#include "solver/disruption_internal.h"
#include "solver/min_values.h"
#include "solver/offering_filter.h"

/* A single spot node moves to spot only when so many cheaper types fit; the request is cut to them,
 * so that what is launched is among the cheapest and stays put. */
#define SPOT_TO_SPOT_TYPES_MIN 15

static bool all_are_spot(wb_disruption_set set)
{
    for (uint32_t i = 0; i < set.count; i++) {
        if (set.items[i].capacity_type_name != WB_NAME_SPOT) {
            return false;
        }
    }
    return true;
}

static bool allows_market(const wb_disruption *disruption, const wb_disruption_draft *draft,
                          uint32_t market)
{
    const wb_requirement *asked = wb_requirements_get(draft->requirements, WB_NAME_CAPACITY_TYPE);
    return asked == NULL || wb_requirement_has(disruption->intern, asked, market);
}

static void pin_to_spot(wb_disruption *disruption, wb_disruption_draft *draft)
{
    static const uint32_t spot[] = {WB_NAME_SPOT};
    const wb_requirement only =
        wb_requirement_in(disruption->scratch, WB_NAME_CAPACITY_TYPE, spot, 1);
    draft->requirements =
        wb_requirements_add(disruption->scratch, disruption->intern, draft->requirements, &only);
}

/* Whether the first count types offer what minValues asks for; unlike provisioning's, this check
 * knows no best effort. */
static bool meets_min_values(wb_disruption *disruption, const wb_disruption_draft *draft,
                             uint32_t count)
{
    if (!wb_requirements_has_min_values(draft->requirements)) {
        return true;
    }
    const wb_solver_world *world = disruption->world;
    uint64_t *types = WB_ARENA_ARRAY(disruption->scratch, uint64_t, world->word_count);
    for (uint32_t i = 0; i < count; i++) {
        wb_bitset_add(types, draft->types[i]);
    }
    return wb_min_values_satisfied(world, draft->requirements, types);
}

/* Keeps the types that launch for less than limit; WB_BLOCKED_* when that leaves too little. Types
 * come cheapest first, and none launches for less than its cheapest offering: from the first that
 * has none below the limit on, none need be asked. */
static uint32_t keep_cheaper(wb_disruption *disruption, wb_disruption_draft *draft, double limit)
{
    const wb_offering_filter filter = wb_offering_filter_of(disruption->world, draft->requirements);
    const wb_offering_filter given =
        wb_offering_filter_of(disruption->world, draft->claim->requirements);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < draft->type_count; i++) {
        if (wb_offering_filter_price(&given, draft->types[i]) >= limit) {
            break;
        }
        if (wb_offering_filter_launch_price(&filter, draft->types[i]) < limit) {
            draft->types[kept++] = draft->types[i];
        }
    }
    draft->type_count = kept;
    if (!meets_min_values(disruption, draft, kept)) {
        return WB_BLOCKED_MIN_VALUES;
    }
    return kept == 0 ? WB_BLOCKED_NOT_CHEAPER : 0;
}

/* How many types from the front of the list minValues needs. */
static uint32_t count_needed(wb_disruption *disruption, const wb_disruption_draft *draft)
{
    if (!wb_requirements_has_min_values(draft->requirements)) {
        return 0;
    }
    uint32_t low = 1; /* more types never offer less: a binary search will do */
    uint32_t high = draft->type_count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (meets_min_values(disruption, draft, middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static uint32_t apply_spot_to_spot(wb_disruption *disruption, wb_disruption_set set,
                                   wb_disruption_draft *draft)
{
    if (!disruption->state->spot_to_spot) {
        return WB_BLOCKED_SPOT_TO_SPOT_DISABLED;
    }
    pin_to_spot(disruption, draft);
    const uint32_t refused = keep_cheaper(disruption, draft, wb_disruption_set_price(set));
    if (refused != 0 || set.count > 1) {
        return refused;
    }
    if (draft->type_count < SPOT_TO_SPOT_TYPES_MIN) {
        return WB_BLOCKED_SPOT_TO_SPOT_TOO_FEW;
    }
    const uint32_t needed = count_needed(disruption, draft);
    const uint32_t most = needed > SPOT_TO_SPOT_TYPES_MIN ? needed : SPOT_TO_SPOT_TYPES_MIN;
    draft->type_count = draft->type_count < most ? draft->type_count : most;
    return 0;
}

/* Narrows the draft to what is worth it; WB_BLOCKED_* when nothing is. */
static uint32_t apply_price_rules(wb_disruption *disruption, wb_disruption_set set,
                                  wb_disruption_draft *draft)
{
    const bool may_be_spot = allows_market(disruption, draft, WB_NAME_SPOT);
    if (may_be_spot && all_are_spot(set)) {
        return apply_spot_to_spot(disruption, set, draft);
    }
    const uint32_t refused = keep_cheaper(disruption, draft, wb_disruption_set_price(set));
    if (refused == 0 && may_be_spot && allows_market(disruption, draft, WB_NAME_ON_DEMAND)) {
        pin_to_spot(disruption, draft); /* a failed launch must not fall back to dearer on-demand */
    }
    return refused;
}

/* The lowest price at which a removed node of that type runs; 0 when no offering says what it
 * costs; DBL_MAX when no removed node is of that type. */
static double price_of_removed(const wb_disruption *disruption, wb_disruption_set set,
                               uint32_t type_name)
{
    const wb_solver_world *world = disruption->world;
    bool some = false;
    double lowest = DBL_MAX;
    for (uint32_t i = 0; i < set.count; i++) {
        const wb_disruption_candidate *candidate = &set.items[i];
        assert(candidate->type_index != UINT32_MAX); /* the filter of candidates saw to it */
        if (world->types[candidate->type_index].source->name != type_name) {
            continue;
        }
        some = true;
        if (candidate->has_offering && candidate->price_usd_per_hour < lowest) {
            lowest = candidate->price_usd_per_hour;
        }
    }
    return some && lowest >= DBL_MAX ? 0 : lowest;
}

/* Replacing many nodes by one of a type that is among them is no better than keeping that one and
 * deleting the others: only cheaper types are left. False: none. */
static bool apply_same_type_rule(wb_disruption *disruption, wb_disruption_set set,
                                 wb_disruption_draft *draft)
{
    double limit = DBL_MAX;
    for (uint32_t i = 0; i < draft->type_count; i++) {
        const uint32_t name = disruption->world->types[draft->types[i]].source->name;
        const double price = price_of_removed(disruption, set, name);
        limit = price < limit ? price : limit;
    }
    return keep_cheaper(disruption, draft, limit) == 0;
}

/* What the set costs less what the first type of the list costs, which was the cheapest before the
 * replacement was pinned; where pinning leaves it no offering, it counts as free. */
static double estimate_saving(const wb_disruption *disruption, wb_disruption_set set,
                              const wb_disruption_draft *draft)
{
    const wb_solver_cheapest first =
        wb_provisioning_cheapest(disruption->world, draft->requirements, draft->types[0]);
    const double price = first.type_index != UINT32_MAX ? first.price_usd_per_hour : 0;
    return wb_disruption_set_price(set) - price;
}

/* Fills a draft from the one claim of a trial and puts it through all rules; WB_BLOCKED_* or 0. */
static uint32_t make_draft(wb_disruption *disruption, wb_disruption_set set,
                           wb_disruption_method method, const wb_solver_claim *claim,
                           wb_disruption_draft *out)
{
    uint32_t *types =
        wb_arena_alloc(disruption->scratch, (claim->type_count + 1U) * sizeof(*types));
    memcpy(types, claim->type_indices, claim->type_count * sizeof(*types));
    *out = (wb_disruption_draft){claim, claim->requirements, types, claim->type_count};
    const uint32_t refused = apply_price_rules(disruption, set, out);
    if (refused != 0) {
        return refused;
    }
    if (method == WB_DISRUPTION_MULTI_NODE && !apply_same_type_rule(disruption, set, out)) {
        return WB_BLOCKED_NOT_CHEAPER;
    }
    return 0;
}

/* WB_BLOCKED_* or 0; everything but the command in scratch. */
static uint32_t try_set(wb_disruption *disruption, wb_disruption_set set,
                        wb_disruption_method method, wb_disruption_command *out)
{
    wb_disruption_trial trial;
    if (!wb_disruption_simulate(disruption, set, true, &trial)) {
        return WB_BLOCKED_DELETING;
    }
    if (trial.blocked != 0) {
        return trial.blocked;
    }
    if (trial.result.claim_count > 1) {
        return WB_BLOCKED_MORE_THAN_ONE_NEW_NODE;
    }
    wb_disruption_draft draft = {0};
    double saving = wb_disruption_set_price(set);
    if (trial.result.claim_count == 1) {
        const uint32_t refused =
            make_draft(disruption, set, method, &trial.result.claims[0], &draft);
        if (refused != 0) {
            return refused;
        }
        saving = estimate_saving(disruption, set, &draft);
    }
    if (!wb_disruption_approves(disruption, set, saving)) {
        return WB_BLOCKED_SCORE;
    }
    *out = wb_disruption_command_start(disruption, method, set);
    out->saving_usd_per_hour = saving;
    if (draft.claim != NULL) {
        wb_disruption_command_add_draft(disruption, &draft, out);
    }
    wb_disruption_command_add_moves(disruption, &trial, out);
    return 0;
}

bool wb_disruption_consolidate(wb_disruption *disruption, wb_disruption_set set,
                               wb_disruption_method method, wb_disruption_command *out)
{
    assert(set.count > 0 && out != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(disruption->scratch);
    const uint32_t refused = try_set(disruption, set, method, out);
    wb_arena_rewind(disruption->scratch, mark);
    if (set.count == 1) { /* of a larger set nobody knows who is to blame */
        wb_disruption_note(disruption, set.items[0].node_index, refused);
    }
    return refused == 0;
}

/* How the one new node compares with the old one, by the prices that the rules above look at. */
static void compare_prices(wb_disruption *disruption, wb_disruption_set set,
                           const wb_solver_claim *claim, wb_disruption_removal *out)
{
    assert(set.count == 1);
    wb_disruption_draft draft = {.claim = claim, .requirements = claim->requirements};
    out->is_spot_to_spot = all_are_spot(set) && allows_market(disruption, &draft, WB_NAME_SPOT);
    if (out->is_spot_to_spot) {
        pin_to_spot(disruption, &draft);
    }
    const wb_offering_filter filter = wb_offering_filter_of(disruption->world, draft.requirements);
    out->type_count = claim->type_count;
    out->best_usd_per_hour = DBL_MAX;
    for (uint32_t i = 0; i < claim->type_count; i++) {
        const double price = wb_offering_filter_launch_price(&filter, claim->type_indices[i]);
        out->cheaper_count += price < wb_disruption_set_price(set);
        if (price < out->best_usd_per_hour) {
            out->best_usd_per_hour = price;
            out->best_type_index = claim->type_indices[i];
        }
    }
}

wb_disruption_removal wb_disruption_try_removal(wb_disruption *disruption, uint32_t node_index)
{
    const wb_disruption_facts *facts = wb_disruption_facts_of(disruption, node_index);
    assert(facts->node_block == 0);
    const wb_disruption_set set = {&facts->candidate, 1};
    wb_disruption_removal made = {.best_type_index = UINT32_MAX};
    wb_disruption_trial trial;
    if (!wb_disruption_simulate(disruption, set, true, &trial)) {
        made.blocked = WB_BLOCKED_DELETING;
        return made;
    }
    made.blocked = trial.blocked;
    made.pods = trial.pods;
    made.pod_count = trial.pod_count;
    made.pending_count = trial.pending_count;
    made.result = trial.result;
    if (trial.result.claim_count == 1) {
        compare_prices(disruption, set, &trial.result.claims[0], &made);
    }
    return made;
}
