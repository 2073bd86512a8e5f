/*
 * Queueing hints: whether an event could help a pod that failed, so that pods which it cannot help
 * stay where they are.
 *
 * For filters that depend on the node alone the answer is exact: the shape would pass them on that
 * node now. (kube-scheduler's own hints are looser: any freed resource wakes every pod that lacked
 * some. What it wakes in vain fails again, so the outcome is the same but for back-off.) Filters
 * that look beyond the node wake the pod whenever the event touches what they count.
 */
#include <assert.h>

#include "sim/cluster/scheduler_internal.h"

#define PLUGIN_BIT(plugin) (1U << (plugin))

bool wb_scheduler_core_node_may_help(wb_scheduler_core *core, uint32_t shape_id, uint32_t plugins,
                                     uint32_t node_id)
{
    assert(shape_id < core->shape_count);
    if ((plugins & ~WB_SCHEDULER_LOCAL_PLUGINS) != 0) {
        return true;
    }
    const uint32_t slot = wb_scheduler_core_slot(core, node_id);
    if (slot == WB_SCHEDULER_NONE) {
        return false; /* gone: helps only what counts domains or pods */
    }
    const wb_scheduler_entry *entry =
        wb_scheduler_filter_node_entry(core, &core->shapes[shape_id], slot);
    return entry->plugin == WB_PLUGIN_PASSED;
}

static bool lists_share(const wb_scheduler_list *groups, uint32_t group)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->items[i] == group) {
            return true;
        }
    }
    return false;
}

/* Whether some hard constraint of shape counts pods of other. */
static bool spread_counts(const wb_scheduler_shape *shape, const wb_scheduler_shape *other)
{
    for (uint32_t i = 0; i < shape->hard_count; i++) {
        if (lists_share(&other->groups, shape->hard[i].group)) {
            return true;
        }
    }
    return false;
}

static bool any_counts(const wb_scheduler_core *core, const uint32_t *trackers, uint32_t count,
                       const wb_scheduler_shape *other)
{
    for (uint32_t i = 0; i < count; i++) {
        if (lists_share(&other->groups, core->trackers[trackers[i]].group)) {
            return true;
        }
    }
    return false;
}

/* Whether affinity of shape looks for pods of other; or, when they go, anti-affinity of either kept
 * them apart. (The last one that affinity looks for may go, too: then the pod is the first of its
 * group.) */
static bool affinity_counts(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                            const wb_scheduler_shape *other, bool comes)
{
    if (any_counts(core, shape->affinity, shape->affinity_count, other) ||
        (!comes && any_counts(core, shape->anti_affinity, shape->anti_affinity_count, other))) {
        return true;
    }
    for (uint32_t i = 0; !comes && i < shape->hit_terms.count; i++) {
        const wb_scheduler_term *term = &core->terms[shape->hit_terms.items[i]];
        if (term->kind == WB_TERM_ANTI_REQUIRED && lists_share(&other->groups, term->group)) {
            return true;
        }
    }
    return false;
}

bool wb_scheduler_core_pod_may_help(wb_scheduler_core *core, uint32_t shape_id, uint32_t plugins,
                                    uint32_t other_shape, bool comes)
{
    assert(shape_id < core->shape_count && other_shape < core->shape_count);
    const wb_scheduler_shape *shape = &core->shapes[shape_id];
    const wb_scheduler_shape *other = &core->shapes[other_shape];
    if (!shape->are_constraints_ready) {
        return false; /* it was never tried: spread and affinity cannot have rejected it */
    }
    if ((plugins & PLUGIN_BIT(WB_PLUGIN_POD_TOPOLOGY_SPREAD)) != 0 && spread_counts(shape, other)) {
        return true;
    }
    if (!comes &&
        (plugins & (PLUGIN_BIT(WB_PLUGIN_VOLUME_RESTRICTIONS) |
                    PLUGIN_BIT(WB_PLUGIN_NODE_VOLUME_LIMITS))) != 0 &&
        other->uses_volumes) {
        return true;
    }
    return (plugins & PLUGIN_BIT(WB_PLUGIN_INTER_POD_AFFINITY)) != 0 &&
           affinity_counts(core, shape, other, comes);
}
