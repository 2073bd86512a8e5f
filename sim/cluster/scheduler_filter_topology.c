/*
 * Filters that look at other nodes too: hard PodTopologySpread constraints and required
 * InterPodAffinity, both directions. All counts come from trackers, so a check is a few additions
 * per constraint, whatever the size of the cluster.
 */
#include <assert.h>

#include "sim/cluster/scheduler_internal.h"

static bool reject(wb_scheduler_rejection *out, wb_scheduler_plugin plugin,
                   wb_scheduler_reason reason, bool is_unresolvable)
{
    assert(plugin < WB_PLUGIN_COUNT && reason < WB_REASON_COUNT);
    *out = (wb_scheduler_rejection){.plugin = (uint8_t)plugin,
                                    .reason = (uint8_t)reason,
                                    .is_unresolvable = is_unresolvable};
    return false;
}

/* Pods in the emptiest domain; with fewer domains than minDomains asks for: 0. */
static int32_t least_count(const wb_scheduler_tracker *tracker, const wb_scheduler_spread *spread)
{
    assert(tracker->needs_least && spread->min_domains >= 1);
    return (int32_t)tracker->live_domains < spread->min_domains ? 0 : tracker->least;
}

/* Constraint by constraint in the order of the template, since the first to reject is reported. */
static bool spread_passes(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                          uint32_t slot, wb_scheduler_rejection *out)
{
    for (uint32_t i = 0; i < shape->hard_count; i++) {
        const wb_scheduler_spread *spread = &shape->hard[i];
        const wb_scheduler_tracker *tracker = &core->trackers[spread->tracker];
        const uint32_t domain = wb_scheduler_counts_domain(core, spread->tracker, slot);
        if (domain == WB_SCHEDULER_NONE) {
            return reject(out, WB_PLUGIN_POD_TOPOLOGY_SPREAD, WB_REASON_SPREAD_LABEL, true);
        }
        const int32_t skew =
            tracker->pods_of_domain[domain] + spread->self_match - least_count(tracker, spread);
        if (skew > spread->max_skew) {
            return reject(out, WB_PLUGIN_POD_TOPOLOGY_SPREAD, WB_REASON_SPREAD, false);
        }
    }
    return true;
}

/* Each term has a matching pod in the node's domain; or nothing matches anywhere and the pod is the
 * first of a group that likes itself. A node without a key of some term never passes. */
static bool affinity_passes(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                            uint32_t slot)
{
    bool has_company = true;
    int64_t anywhere = 0;
    for (uint32_t i = 0; i < shape->affinity_count; i++) {
        const uint32_t tracker = shape->affinity[i];
        if (wb_scheduler_counts_domain(core, tracker, slot) == WB_SCHEDULER_NONE) {
            return false;
        }
        has_company = has_company && wb_scheduler_counts_on(core, tracker, slot) > 0;
        anywhere += core->trackers[tracker].total;
    }
    return has_company || (anywhere == 0 && shape->matches_own_affinity);
}

/* A node without the key of a term counts 0 there, and passes. */
static bool anti_affinity_passes(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                 uint32_t slot)
{
    for (uint32_t i = 0; i < shape->anti_affinity_count; i++) {
        if (wb_scheduler_counts_on(core, shape->anti_affinity[i], slot) > 0) {
            return false;
        }
    }
    return true;
}

/* Running pods' required anti-affinity towards this one. */
static bool others_allow(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                         uint32_t slot)
{
    for (uint32_t i = 0; i < shape->hit_terms.count; i++) {
        const wb_scheduler_term *term = &core->terms[shape->hit_terms.items[i]];
        if (term->kind == WB_TERM_ANTI_REQUIRED &&
            wb_scheduler_counts_on(core, term->tracker, slot) > 0) {
            return false;
        }
    }
    return true;
}

bool wb_scheduler_filter_topology_applies(const wb_scheduler_core *core,
                                          const wb_scheduler_shape *shape)
{
    assert(shape->are_constraints_ready);
    if (shape->hard_count > 0 || shape->affinity_count > 0 || shape->anti_affinity_count > 0) {
        return true;
    }
    for (uint32_t i = 0; i < shape->hit_terms.count; i++) {
        const wb_scheduler_term *term = &core->terms[shape->hit_terms.items[i]];
        if (term->kind == WB_TERM_ANTI_REQUIRED && core->trackers[term->tracker].total > 0) {
            return true;
        }
    }
    return false;
}

bool wb_scheduler_filter_topology_passes(wb_scheduler_core *core, wb_scheduler_shape *shape,
                                         uint32_t slot, wb_scheduler_rejection *out)
{
    assert(shape->are_constraints_ready && core->rows[slot].is_present);
    core->counters.filter_calls++;
    if (!spread_passes(core, shape, slot, out)) {
        return false;
    }
    if (!affinity_passes(core, shape, slot)) {
        return reject(out, WB_PLUGIN_INTER_POD_AFFINITY, WB_REASON_AFFINITY, true);
    }
    if (!anti_affinity_passes(core, shape, slot)) {
        return reject(out, WB_PLUGIN_INTER_POD_AFFINITY, WB_REASON_ANTI_AFFINITY, false);
    }
    if (!others_allow(core, shape, slot)) {
        return reject(out, WB_PLUGIN_INTER_POD_AFFINITY, WB_REASON_EXISTING_ANTI_AFFINITY, false);
    }
    return true;
}
