/*
 * Scores that look at other nodes too: soft PodTopologySpread constraints (a pod's own, or the
 * system's) and preferred InterPodAffinity. Floating point is kube-scheduler's, operation by
 * operation; the logarithm is ours, so that every machine gives the same bits.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/random.h"
#include "sim/cluster/scheduler_internal.h"

/* ---- spread ---- */

static const uint32_t *domains_of(const wb_scheduler_core *core, const wb_scheduler_spread *spread)
{
    return core->topologies[spread->topology].domain_of_slot;
}

/* Nodes that take part in scoring: all, or those with every key. */
static uint32_t mark_participants(wb_scheduler_core *core, const wb_scheduler_spread_set *set,
                                  bool *takes_part)
{
    assert(set->count > 0);
    const uint32_t count = core->feasible_count;
    memset(takes_part, true, count * sizeof(*takes_part));
    if (!set->requires_all_keys) {
        return count;
    }
    uint32_t left = count;
    for (uint32_t i = 0; i < set->count; i++) {
        const uint32_t *domain_of_slot = domains_of(core, &set->items[i]);
        for (uint32_t n = 0; n < count; n++) {
            if (takes_part[n] && domain_of_slot[core->feasible[n]] == WB_SCHEDULER_NONE) {
                takes_part[n] = false;
                left--;
            }
        }
    }
    return left;
}

/* How many domains the participants lie in; nodes without the key are one more domain, that of the
 * empty value (only the system's constraints let them in). */
static uint32_t count_domains(wb_scheduler_core *core, uint32_t topology_id, const bool *takes_part)
{
    assert(topology_id < core->topology_count);
    const wb_scheduler_topology *topology = &core->topologies[topology_id];
    const uint32_t needed = topology->domain_count + 1;
    if (core->domain_mark_capacity < needed) {
        core->domain_marks =
            wb_heap_memory_resize(core->domain_marks, needed, sizeof(*core->domain_marks));
        memset(&core->domain_marks[core->domain_mark_capacity], 0,
               (needed - core->domain_mark_capacity) * sizeof(*core->domain_marks));
        core->domain_mark_capacity = needed;
    }
    const uint32_t mark = ++core->domain_mark;
    assert(mark != 0);
    uint32_t count = 0;
    for (uint32_t i = 0; i < core->feasible_count; i++) {
        if (!takes_part[i]) {
            continue;
        }
        uint32_t domain = topology->domain_of_slot[core->feasible[i]];
        domain = domain == WB_SCHEDULER_NONE ? topology->domain_count : domain;
        count += core->domain_marks[domain] == mark ? 0 : 1;
        core->domain_marks[domain] = mark;
    }
    return count;
}

/* Adds what one constraint costs to the raw scores: matching pods near each node, weighted. */
static void add_costs(const wb_scheduler_core *core, const wb_scheduler_spread *spread,
                      double weight, const bool *takes_part, double *costs)
{
    assert(weight > 0);
    const uint32_t *restrict domain_of_slot = domains_of(core, spread);
    const uint16_t *restrict on_slot = core->groups[spread->group].count_of_slot;
    const int32_t *restrict in_domain = spread->tracker == WB_SCHEDULER_NONE
                                            ? NULL
                                            : core->trackers[spread->tracker].pods_of_domain;
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        const uint32_t slot = core->feasible[n];
        const uint32_t domain = domain_of_slot[slot];
        if (takes_part[n] && domain != WB_SCHEDULER_NONE) {
            const int64_t pods = in_domain == NULL ? on_slot[slot] : in_domain[domain];
            const double weighted = (double)pods * weight;
            costs[n] += weighted + (double)(spread->max_skew - 1);
        }
    }
}

/* Half away from zero, as Go's math.Round; value is not negative. */
static int64_t round_half_up(double value)
{
    assert(value >= 0);
    const int64_t whole = (int64_t)value;
    return value - (double)whole >= 0.5 ? whole + 1 : whole;
}

/* Turns costs into 0 to 100, least cost best; who takes no part gets 0. */
static void normalise_costs(const bool *takes_part, int64_t *scores, uint32_t count)
{
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (takes_part[i]) {
            least = scores[i] < least ? scores[i] : least;
            most = scores[i] > most ? scores[i] : most;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!takes_part[i]) {
            scores[i] = 0;
        } else if (most == 0) {
            scores[i] = WB_NODE_SCORE_MAX;
        } else {
            scores[i] = WB_NODE_SCORE_MAX * (most + least - scores[i]) / most;
        }
    }
}

bool wb_scheduler_score_topology_spread(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                        int64_t *scores)
{
    const wb_scheduler_spread_set *set = &cycle->soft;
    if (set->count == 0) {
        return false;
    }
    const uint32_t count = core->feasible_count;
    bool *takes_part = WB_ARENA_ARRAY(&core->scratch, bool, (size_t)count + 1);
    double *costs = WB_ARENA_ARRAY(&core->scratch, double, (size_t)count + 1);
    const uint32_t participants = mark_participants(core, set, takes_part);
    for (uint32_t i = 0; i < set->count; i++) {
        const wb_scheduler_spread *spread = &set->items[i];
        const uint32_t domains = spread->tracker == WB_SCHEDULER_NONE
                                     ? participants
                                     : count_domains(core, spread->topology, takes_part);
        add_costs(core, spread, wb_random_log((double)(domains + 2)), takes_part, costs);
    }
    for (uint32_t n = 0; n < count; n++) {
        scores[n] = round_half_up(costs[n]);
    }
    normalise_costs(takes_part, scores, count);
    return true;
}

/* ---- affinity ---- */

/* What a term that running pods carry weighs for pods of shape: the profile's say for required
 * affinity, which has no weight of its own. 0: it does not count. */
static int32_t weight_of_hit(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                             const wb_scheduler_term *term)
{
    const wb_scheduler_profile *profile = shape->rules->config;
    if (core->trackers[term->tracker].total == 0) {
        return 0;
    }
    switch (term->kind) {
    case WB_TERM_AFFINITY_REQUIRED: return profile->hard_affinity_weight;
    case WB_TERM_PREFERRED: return profile->ignores_preferred_terms_of_existing ? 0 : term->weight;
    case WB_TERM_ANTI_REQUIRED: break;
    }
    return 0;
}

/* The trackers that bear on cycle's pod, with weights: of its preferred terms, and of running pods'
 * terms that select it. Those that count nobody are left out. */
static uint32_t gather_weights(wb_scheduler_core *core, const wb_scheduler_shape *shape,
                               wb_scheduler_weighted **out)
{
    const size_t most = (size_t)shape->preferred_count + shape->hit_terms.count + 1;
    wb_scheduler_weighted *found = WB_ARENA_ARRAY(&core->scratch, wb_scheduler_weighted, most);
    uint32_t count = 0;
    for (uint32_t i = 0; i < shape->preferred_count; i++) {
        if (core->trackers[shape->preferred[i].tracker].total > 0) {
            found[count++] = shape->preferred[i];
        }
    }
    for (uint32_t i = 0; i < shape->hit_terms.count; i++) {
        const wb_scheduler_term *term = &core->terms[shape->hit_terms.items[i]];
        const int32_t weight = weight_of_hit(core, shape, term);
        if (weight != 0) {
            found[count++] = (wb_scheduler_weighted){.tracker = term->tracker, .weight = weight};
        }
    }
    *out = found;
    return count;
}

bool wb_scheduler_score_topology_applies(const wb_scheduler_core *core,
                                         const wb_scheduler_shape *shape)
{
    if (shape->rules->weights[WB_PLUGIN_INTER_POD_AFFINITY] == 0) {
        return false;
    }
    if (shape->preferred_count > 0) {
        return true;
    }
    for (uint32_t i = 0; i < shape->hit_terms.count; i++) {
        const wb_scheduler_term *term = &core->terms[shape->hit_terms.items[i]];
        if (weight_of_hit(core, shape, term) != 0) {
            return true;
        }
    }
    return false;
}

bool wb_scheduler_score_topology_affinity(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                          int64_t *scores)
{
    assert(core->feasible_count > 0);
    wb_scheduler_weighted *weights = NULL;
    const uint32_t weight_count = gather_weights(core, cycle->shape, &weights);
    if (weight_count == 0) {
        return false;
    }
    int64_t least = INT64_MAX;
    int64_t most = INT64_MIN;
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        int64_t sum = 0;
        for (uint32_t i = 0; i < weight_count; i++) {
            sum += (int64_t)weights[i].weight *
                   wb_scheduler_counts_on(core, weights[i].tracker, core->feasible[n]);
        }
        scores[n] = sum;
        least = sum < least ? sum : least;
        most = sum > most ? sum : most;
    }
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        if (most == least) {
            scores[n] = 0;
            continue;
        }
        const double share = (double)(scores[n] - least) / (double)(most - least);
        scores[n] = (int64_t)((double)WB_NODE_SCORE_MAX * share);
    }
    return true;
}
