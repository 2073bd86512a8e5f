/*
 * The Balanced policy: a move must save as large a part of its pool's cost as it disturbs of the
 * pool's work, give or take a factor of two. Source: spec/disruption.md section 11; the design's
 * worked examples are in facts/published-results.md §5.
 */
#include <assert.h>
#include <math.h>

#include "kube/names.h"
#include "solver/disruption_internal.h"

double wb_disruption_score(double saving_usd_per_hour, double disruption_cost,
                           wb_disruption_totals totals)
{
    if (totals.cost_usd_per_hour <= 0.0 || totals.disruption_cost <= 0.0) {
        return 0.0;
    }
    const double saved = saving_usd_per_hour / totals.cost_usd_per_hour;
    const double disturbed = disruption_cost / totals.disruption_cost;
    if (saved <= 0.0) {
        return 0.0;
    }
    return disturbed > 0.0 ? saved / disturbed : (double)INFINITY;
}

/* Of a node that is no candidate: every pod that is not finished and no DaemonSet's, terminating
 * and static ones included. */
static double stored_cost(wb_disruption *disruption, const wb_disruption_node *node)
{
    double cost = WB_DISRUPTION_BASE_COST;
    for (uint32_t i = 0; i < node->pod_count; i++) {
        const wb_disruption_pod *pod = &node->pods[i];
        if (pod->phase == WB_POD_SUCCEEDED || pod->phase == WB_POD_FAILED ||
            pod->owner_kind == WB_OWNER_DAEMON_SET) {
            continue;
        }
        const double of_pod = wb_disruption_pod_cost(disruption, pod);
        cost += of_pod > 0.0 ? of_pod : 0.0;
    }
    return cost;
}

const wb_disruption_totals *wb_disruption_pool_totals(wb_disruption *disruption)
{
    assert(disruption != NULL);
    if (disruption->totals != NULL) {
        return disruption->totals;
    }
    const wb_disruption_state *state = disruption->state;
    wb_disruption_totals *totals =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_totals, state->pool_count);
    bool *has_candidate = WB_ARENA_ARRAY(disruption->arena, bool, state->pool_count);
    for (uint32_t i = 0; i < state->node_count; i++) {
        const uint32_t pool = disruption->pool_of_node[i];
        if (pool == UINT32_MAX) {
            continue;
        }
        const wb_disruption_facts *facts = wb_disruption_facts_of(disruption, i);
        const bool is_candidate = facts->node_block == 0 && facts->pod_block == 0;
        has_candidate[pool] = has_candidate[pool] || is_candidate;
        totals[pool].disruption_cost += is_candidate ? facts->candidate.reschedule_cost
                                                     : stored_cost(disruption, &state->nodes[i]);
        if (state->nodes[i].has_claim) {
            double price = 0;
            (void)wb_disruption_price_of(disruption, i, wb_disruption_type_of(disruption, i),
                                         &price);
            totals[pool].cost_usd_per_hour += price;
        }
    }
    for (uint32_t p = 0; p < state->pool_count; p++) {
        if (!has_candidate[p]) {
            totals[p] = (wb_disruption_totals){0};
        }
    }
    disruption->totals = totals;
    return totals;
}

static bool is_balanced(const wb_disruption *disruption, uint32_t pool_index)
{
    return disruption->state->pools[pool_index].nodepool->consolidation_policy ==
           WB_CONSOLIDATE_BALANCED;
}

/* One pool's part of a set. */
typedef struct pool_share {
    double price_usd_per_hour, disruption_cost;
    bool is_whole; /* the set is all of this pool */
} pool_share;

static pool_share share_of(wb_disruption_set set, uint32_t pool_index)
{
    pool_share share = {.is_whole = true};
    for (uint32_t i = 0; i < set.count; i++) {
        if (set.items[i].pool_index != pool_index) {
            share.is_whole = false;
            continue;
        }
        share.price_usd_per_hour += set.items[i].price_usd_per_hour;
        share.disruption_cost += set.items[i].reschedule_cost;
    }
    return share;
}

bool wb_disruption_approves(wb_disruption *disruption, wb_disruption_set set,
                            double saving_usd_per_hour)
{
    assert(disruption != NULL);
    const double price = wb_disruption_set_price(set);
    for (uint32_t p = 0; p < disruption->state->pool_count; p++) {
        if (!is_balanced(disruption, p)) {
            continue;
        }
        const pool_share share = share_of(set, p);
        if (share.disruption_cost <= 0.0) {
            continue; /* no node of this pool: each counts 1 at least */
        }
        const double saving = price > 0.0 && !share.is_whole
                                  ? saving_usd_per_hour * (share.price_usd_per_hour / price)
                                  : saving_usd_per_hour;
        const double score = wb_disruption_score(saving, share.disruption_cost,
                                                 wb_disruption_pool_totals(disruption)[p]);
        if (score < WB_DISRUPTION_SCORE_MIN) {
            return false;
        }
    }
    return true;
}

bool wb_disruption_may_pass(wb_disruption *disruption, const wb_disruption_candidate *candidate)
{
    assert(disruption != NULL && candidate != NULL);
    if (!is_balanced(disruption, candidate->pool_index)) {
        return true;
    }
    const wb_disruption_totals totals =
        wb_disruption_pool_totals(disruption)[candidate->pool_index];
    if (totals.cost_usd_per_hour <= 0.0) {
        return true;
    }
    return wb_disruption_score(candidate->price_usd_per_hour, candidate->reschedule_cost, totals) >=
           WB_DISRUPTION_SCORE_MIN;
}
