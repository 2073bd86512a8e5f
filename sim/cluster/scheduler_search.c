/*
 * The search for feasible nodes.
 *
 * It begins where the last one stopped and ends when enough nodes are found (all below 100 nodes,
 * else an adaptive share), so a cycle costs some hundreds of nodes at most. What the node-local
 * plugins say is cached per shape and node (scheduler_filter_node.c): with nothing else to ask, a
 * search is a walk over eight-byte entries. Reasons are worked out only when somebody needs them:
 * for a report, or when no node was found.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/scheduler_internal.h"

/* Below this many nodes all are looked at; kube-scheduler's minFeasibleNodesToFind. */
#define LEAST_NODES_TO_FIND 100U

/* Share of nodes below which the adaptive percentage does not sink. */
#define LEAST_PERCENTAGE 5U

/* ---- caches ---- */

/* The histogram of a failure needs the entries that it counted. */
static void drop_entries(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    assert(core->cached_entry_count >= shape->entry_capacity);
    core->cached_entry_count -= shape->entry_capacity;
    wb_heap_memory_free(shape->entries);
    wb_heap_memory_free(shape->details);
    shape->entries = NULL;
    shape->details = NULL;
    shape->entry_capacity = 0;
    shape->failure.is_counted = false;
}

/* Makes room for wanted more entries by dropping the caches that were not used for longest. */
static void limit_entries(wb_scheduler_core *core, const wb_scheduler_shape *keep, uint64_t wanted)
{
    while (core->cached_entry_count > 0 &&
           core->cached_entry_count + wanted > WB_SCHEDULER_ENTRIES_MAX) {
        wb_scheduler_shape *oldest = NULL;
        for (uint32_t i = 0; i < core->shape_count; i++) {
            wb_scheduler_shape *shape = &core->shapes[i];
            if (shape != keep && shape->entries != NULL &&
                (oldest == NULL || shape->entries_used_at < oldest->entries_used_at)) {
                oldest = shape;
            }
        }
        if (oldest == NULL) {
            return;
        }
        drop_entries(core, oldest);
    }
}

/* A shape that comes a second time gets a cache: one that never comes back would not repay it. */
void wb_scheduler_search_prepare(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    shape->use_count++;
    shape->entries_used_at = core->counters.cycles;
    if (core->options.is_plain || shape->use_count < 2 || core->slot_capacity == 0 ||
        shape->entry_capacity == core->slot_capacity) {
        return;
    }
    const uint32_t old = shape->entry_capacity;
    const uint32_t capacity = core->slot_capacity;
    assert(capacity > old); /* slots are never given back */
    limit_entries(core, shape, capacity - old);
    shape->entries = wb_heap_memory_resize(shape->entries, capacity, sizeof(*shape->entries));
    memset(&shape->entries[old], 0, (capacity - old) * sizeof(*shape->entries));
    shape->details = wb_heap_memory_resize(shape->details, capacity, sizeof(*shape->details));
    memset(&shape->details[old], 0, (capacity - old) * sizeof(*shape->details));
    shape->entry_capacity = capacity;
    core->cached_entry_count += capacity - old;
}

/* ---- the search ---- */

/* How many feasible nodes end the search. */
static uint32_t count_to_find(const wb_scheduler_shape *shape, uint32_t node_count)
{
    assert(shape->rules->percentage >= 0);
    uint32_t percentage = (uint32_t)shape->rules->percentage;
    if (node_count < LEAST_NODES_TO_FIND || percentage >= 100) {
        return node_count;
    }
    if (percentage == 0) {
        const uint32_t decrease = node_count / 125;
        percentage = decrease < 50 - LEAST_PERCENTAGE ? 50 - decrease : LEAST_PERCENTAGE;
    }
    const uint32_t wanted = (uint32_t)((uint64_t)node_count * percentage / 100);
    return wanted < LEAST_NODES_TO_FIND ? LEAST_NODES_TO_FIND : wanted;
}

/* Room for count feasible nodes. */
static void reserve_feasible(wb_scheduler_core *core, uint32_t count)
{
    if (count <= core->feasible_capacity) {
        return;
    }
    core->feasible_capacity =
        (uint32_t)wb_heap_memory_next_capacity(core->feasible_capacity, count);
    core->feasible =
        wb_heap_memory_resize(core->feasible, core->feasible_capacity, sizeof(*core->feasible));
    core->feasible_entries = wb_heap_memory_resize(core->feasible_entries, core->feasible_capacity,
                                                   sizeof(*core->feasible_entries));
}

/* Looks at one node: true, and it joins the feasible ones, when every filter passes. */
static bool visit(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, uint32_t slot,
                  bool records)
{
    assert(!records || slot < core->rejection_capacity);
    wb_scheduler_rejection rejection;
    const bool passes = wb_scheduler_cycle_passes(core, cycle, slot, &rejection);
    if (passes) {
        reserve_feasible(core, core->feasible_count + 1);
        core->feasible[core->feasible_count] = slot;
        core->feasible_entries[core->feasible_count++] =
            *wb_scheduler_filter_node_entry(core, cycle->shape, slot);
    }
    if (records) {
        rejection.is_visited = true;
        core->rejections[slot] = rejection;
    }
    return passes;
}

/* The slot of the node of that name, or WB_SCHEDULER_NONE. */
static uint32_t find_named(const wb_scheduler_core *core, uint32_t name)
{
    const char *text = wb_intern_text(core->intern, name);
    uint32_t low = 0;
    uint32_t high = core->by_name.count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const uint32_t slot = core->by_name.items[middle];
        const int order = strcmp(wb_intern_text(core->intern, core->rows[slot].node.name), text);
        if (order == 0) {
            return slot;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return WB_SCHEDULER_NONE;
}

/* Whether the shape's terms name the node. */
static bool names_node(const wb_scheduler_shape *shape, uint32_t name)
{
    for (uint32_t i = 0; i < shape->named_node_count; i++) {
        if (shape->named_nodes[i] == name) {
            return true;
        }
    }
    return false;
}

static bool is_feasible(const wb_scheduler_core *core, uint32_t slot)
{
    for (uint32_t i = 0; i < core->feasible_count; i++) {
        if (core->feasible[i] == slot) {
            return true;
        }
    }
    return false;
}

/* A pod that names its nodes looks at no other; the same name may come up in several terms. */
static uint32_t visit_named(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, bool records)
{
    uint32_t visited = 0;
    for (uint32_t i = 0; i < cycle->shape->named_node_count; i++) {
        const uint32_t slot = find_named(core, cycle->shape->named_nodes[i]);
        if (slot != WB_SCHEDULER_NONE && !is_feasible(core, slot)) {
            (void)visit(core, cycle, slot, records);
            visited++;
        }
    }
    return visited;
}

/* The search itself: from where the last one stopped, around all nodes at most once. */
static uint32_t visit_in_order(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                               bool records)
{
    assert(core->order.count == core->node_count);
    const uint32_t count = core->order.count;
    const uint32_t wanted = count_to_find(cycle->shape, count);
    uint32_t at = core->next_start < count ? core->next_start : 0;
    for (uint32_t visited = 0; visited < count; visited++) {
        if (visit(core, cycle, core->order.items[at], records) && core->feasible_count == wanted) {
            return visited + 1;
        }
        at = at + 1 == count ? 0 : at + 1;
    }
    return count;
}

/* Whether the entries alone decide: nothing that looks beyond the node applies, and there is a
 * cache to walk. */
static bool entries_decide(const wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    return cycle->shape->entries != NULL && cycle->volumes == NULL &&
           core->live_nomination_count == 0 &&
           !wb_scheduler_filter_topology_applies(core, cycle->shape);
}

/* visit_in_order for the most frequent case, without a call per node that did not change. */
static uint32_t walk_entries(wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    assert(core->order.count == core->node_count);
    wb_scheduler_shape *shape = cycle->shape;
    const uint32_t count = core->order.count;
    const uint32_t wanted = count_to_find(shape, count);
    const uint32_t *restrict order = core->order.items;
    const uint32_t *restrict versions = core->versions;
    const wb_scheduler_entry *entries = shape->entries;
    assert(shape->entry_capacity >= core->slot_count);
    reserve_feasible(core, wanted);
    uint32_t *restrict feasible = core->feasible;
    wb_scheduler_entry *restrict feasible_entries = core->feasible_entries;
    uint32_t found = 0;
    uint32_t visited = 0;
    uint32_t at = core->next_start < count ? core->next_start : 0;
    for (; visited < count && found < wanted; visited++) {
        const uint32_t slot = order[at];
        if (entries[slot].version != versions[slot]) {
            (void)wb_scheduler_filter_node_entry(core, shape, slot);
        }
        feasible[found] = slot;
        feasible_entries[found] = entries[slot];
        found += entries[slot].plugin == WB_PLUGIN_PASSED ? 1 : 0;
        at = at + 1 == count ? 0 : at + 1;
    }
    core->feasible_count = found;
    return visited;
}

static void clear_rejections(wb_scheduler_core *core)
{
    if (core->rejection_capacity < core->slot_capacity) {
        core->rejection_capacity = core->slot_capacity;
        core->rejections = wb_heap_memory_resize(core->rejections, core->rejection_capacity,
                                                 sizeof(*core->rejections));
    }
    if (core->slot_count > 0) {
        memset(core->rejections, 0, (size_t)core->slot_count * sizeof(*core->rejections));
    }
}

void wb_scheduler_search_run(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, bool records)
{
    assert(!core->is_order_stale);
    core->feasible_count = 0;
    if (records) {
        clear_rejections(core);
    }
    if (cycle->all.plugin != WB_PLUGIN_PASSED || core->node_count == 0) {
        return;
    }
    const uint32_t nominated = wb_scheduler_core_nominated_node(core, cycle->pod->pod_id);
    if (nominated != WB_SCHEDULER_NONE &&
        visit(core, cycle, wb_scheduler_core_slot(core, nominated), records)) {
        return; /* no other node is looked at */
    }
    uint32_t visited = 0;
    if (cycle->shape->has_named_nodes) {
        visited = visit_named(core, cycle, records);
    } else if (!records && entries_decide(core, cycle)) {
        visited = walk_entries(core, cycle);
    } else {
        visited = visit_in_order(core, cycle, records);
    }
    core->next_start = (core->next_start + visited) % core->node_count;
}

void wb_scheduler_search_explain(wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    const bool is_named = cycle->shape->has_named_nodes;
    if (cycle->all.plugin != WB_PLUGIN_PASSED || core->feasible_count == 0) {
        clear_rejections(core);
    }
    for (uint32_t i = 0; i < core->order.count; i++) {
        const uint32_t slot = core->order.items[i];
        wb_scheduler_rejection *rejection = &core->rejections[slot];
        if (rejection->is_visited) {
            continue;
        }
        if (cycle->all.plugin != WB_PLUGIN_PASSED) {
            *rejection = cycle->all;
        } else if (is_named && !names_node(cycle->shape, core->rows[slot].node.name)) {
            *rejection = (wb_scheduler_rejection){.plugin = WB_PLUGIN_NODE_AFFINITY,
                                                  .reason = WB_REASON_EXCLUDED,
                                                  .is_unresolvable = true};
        } else {
            (void)wb_scheduler_cycle_passes(core, cycle, slot, rejection);
        }
        rejection->is_visited = true;
    }
}
