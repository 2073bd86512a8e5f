/*
 * Pods per topology domain, kept up to date as pods and nodes come and go.
 *
 *     group ──count_of_slot──▶ node slot ──domain_of_slot──▶ domain      (topology: one label key)
 *       └───────────── tracker: pods_of_domain, nodes_of_domain ─────────┘
 *
 * A tracker counts one group over one key, among eligible nodes only where a spread constraint says
 * so. A domain is live while an eligible node lies in it; hard constraints need the least count
 * over the live domains, which a histogram of counts gives in constant time (kube-scheduler
 * recounts all pods of all nodes in each cycle).
 *
 * Invariants (wb_scheduler_core_check): a tracker's pods_of_domain is the sum of its group's
 * count_of_slot over the eligible nodes of the domain; a node that is detached contributes nothing.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/scheduler_internal.h"

/* ---- one tracker ---- */

/* Moves one live domain from a count to another in the histogram; -1: from or to not being live. */
static void move_domain(wb_scheduler_tracker *tracker, int32_t from, int32_t to)
{
    assert(tracker->needs_least && (from >= 0 || to >= 0));
    if (from >= 0) {
        assert(tracker->domains_with_count[from] > 0);
        tracker->domains_with_count[from]--;
    }
    if (to >= 0) {
        if ((uint32_t)to >= tracker->count_capacity) {
            const uint32_t old = tracker->count_capacity;
            tracker->count_capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)to + 16);
            tracker->domains_with_count =
                wb_heap_memory_resize(tracker->domains_with_count, tracker->count_capacity,
                                      sizeof(*tracker->domains_with_count));
            memset(&tracker->domains_with_count[old], 0,
                   (tracker->count_capacity - old) * sizeof(*tracker->domains_with_count));
        }
        tracker->domains_with_count[to]++;
        if (tracker->live_domains == 1 || to < tracker->least) {
            tracker->least = to;
        }
    }
    while (tracker->live_domains > 0 && tracker->domains_with_count[tracker->least] == 0) {
        tracker->least++;
        assert((uint32_t)tracker->least < tracker->count_capacity);
    }
}

/* delta pods more in a live domain. */
static void add_pods(wb_scheduler_tracker *tracker, uint32_t domain, int32_t delta)
{
    int32_t *pods = &tracker->pods_of_domain[domain];
    assert(tracker->nodes_of_domain[domain] > 0);
    assert(*pods + delta >= 0);
    *pods += delta;
    tracker->total += delta;
    if (tracker->needs_least && delta != 0) {
        move_domain(tracker, *pods - delta, *pods);
    }
}

/* One eligible node more: the first makes its domain live, with no pods yet. */
static void add_node(wb_scheduler_tracker *tracker, uint32_t domain)
{
    if (tracker->nodes_of_domain[domain]++ == 0) {
        assert(tracker->pods_of_domain[domain] == 0);
        tracker->live_domains++;
        if (tracker->needs_least) {
            move_domain(tracker, -1, 0);
        }
    }
}

/* One eligible node less; its pods were taken out before. */
static void remove_node(wb_scheduler_tracker *tracker, uint32_t domain)
{
    assert(tracker->nodes_of_domain[domain] > 0);
    if (--tracker->nodes_of_domain[domain] == 0) {
        assert(tracker->pods_of_domain[domain] == 0);
        tracker->live_domains--;
        if (tracker->needs_least) {
            move_domain(tracker, 0, -1);
        }
    }
}

/* The domain in which slot counts for tracker, or WB_SCHEDULER_NONE. */
static uint32_t counted_domain(const wb_scheduler_core *core, const wb_scheduler_tracker *tracker,
                               uint32_t slot)
{
    assert(tracker->topology < core->topology_count);
    if (tracker->eligibility != WB_SCHEDULER_NONE &&
        !core->eligibilities[tracker->eligibility].eligible_of_slot[slot]) {
        return WB_SCHEDULER_NONE;
    }
    return core->topologies[tracker->topology].domain_of_slot[slot];
}

/* Counts what is on slot, unless tracker leaves the node out. */
static void attach_tracker(wb_scheduler_core *core, wb_scheduler_tracker *tracker, uint32_t slot)
{
    const uint32_t domain = counted_domain(core, tracker, slot);
    if (domain != WB_SCHEDULER_NONE) {
        add_node(tracker, domain);
        add_pods(tracker, domain, core->groups[tracker->group].count_of_slot[slot]);
    }
}

/* The reverse, while labels and eligibility are still those of attach_tracker. */
static void detach_tracker(wb_scheduler_core *core, wb_scheduler_tracker *tracker, uint32_t slot)
{
    const uint32_t domain = counted_domain(core, tracker, slot);
    if (domain != WB_SCHEDULER_NONE) {
        add_pods(tracker, domain, -(int32_t)core->groups[tracker->group].count_of_slot[slot]);
        remove_node(tracker, domain);
    }
}

void wb_scheduler_counts_need_least(wb_scheduler_core *core, uint32_t tracker_id)
{
    wb_scheduler_tracker *tracker = &core->trackers[tracker_id];
    if (tracker->needs_least) {
        return;
    }
    tracker->needs_least = true;
    const uint32_t live_domains = tracker->live_domains;
    tracker->live_domains = 0;
    const wb_scheduler_topology *topology = &core->topologies[tracker->topology];
    for (uint32_t domain = 0; domain < topology->domain_count; domain++) {
        if (tracker->nodes_of_domain[domain] > 0) {
            tracker->live_domains++;
            move_domain(tracker, -1, tracker->pods_of_domain[domain]);
        }
    }
    assert(tracker->live_domains == live_domains);
    (void)live_domains;
}

/* ---- topologies ---- */

/* All trackers of a topology share its domain ids, and grow with them. */
static void grow_domains(wb_scheduler_core *core, wb_scheduler_topology *topology)
{
    const uint32_t old = topology->domain_capacity;
    const uint32_t capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)old + 8);
    topology->value_of_domain = wb_heap_memory_resize(topology->value_of_domain, capacity,
                                                      sizeof(*topology->value_of_domain));
    topology->node_count_of_domain = wb_heap_memory_resize(topology->node_count_of_domain, capacity,
                                                           sizeof(*topology->node_count_of_domain));
    memset(&topology->node_count_of_domain[old], 0,
           (capacity - old) * sizeof(*topology->node_count_of_domain));
    topology->domain_capacity = capacity;
    for (uint32_t i = 0; i < topology->trackers.count; i++) {
        wb_scheduler_tracker *tracker = &core->trackers[topology->trackers.items[i]];
        int32_t **const columns[] = {&tracker->pods_of_domain, &tracker->nodes_of_domain};
        for (size_t c = 0; c < 2; c++) {
            *columns[c] = wb_heap_memory_resize(*columns[c], capacity, sizeof(**columns[c]));
            memset(&(*columns[c])[old], 0, (capacity - old) * sizeof(**columns[c]));
        }
    }
}

/* Puts a present node into the domain of its label value. */
static void enter_domain(wb_scheduler_core *core, wb_scheduler_topology *topology, uint32_t slot)
{
    assert(core->rows[slot].is_present);
    const wb_labels labels = core->rows[slot].node.labels;
    topology->domain_of_slot[slot] = WB_SCHEDULER_NONE;
    if (!wb_labels_has(labels, topology->key)) {
        return;
    }
    const uint32_t value = wb_labels_get(labels, topology->key);
    uint64_t domain = 0;
    if (!wb_hash_map_get(&topology->domain_by_value, value, &domain)) {
        if (topology->free_domains.count > 0) {
            domain = topology->free_domains.items[--topology->free_domains.count];
        } else {
            if (topology->domain_count == topology->domain_capacity) {
                grow_domains(core, topology);
            }
            domain = topology->domain_count++;
        }
        topology->value_of_domain[domain] = value;
        wb_hash_map_put(&topology->domain_by_value, value, domain);
    }
    topology->node_count_of_domain[domain]++;
    topology->domain_of_slot[slot] = (uint32_t)domain;
}

/* The last node takes the domain with it; its id is free for another value. By then no tracker
 * counts anything in it. */
static void leave_domain(wb_scheduler_topology *topology, uint32_t slot)
{
    const uint32_t domain = topology->domain_of_slot[slot];
    if (domain == WB_SCHEDULER_NONE) {
        return;
    }
    assert(topology->node_count_of_domain[domain] > 0);
    if (--topology->node_count_of_domain[domain] == 0) {
        wb_hash_map_remove(&topology->domain_by_value, topology->value_of_domain[domain]);
        wb_scheduler_core_list_add(&topology->free_domains, domain);
    }
    topology->domain_of_slot[slot] = WB_SCHEDULER_NONE;
}

uint32_t wb_scheduler_counts_add_topology(wb_scheduler_core *core, uint32_t key)
{
    assert(key != 0);
    for (uint32_t i = 0; i < core->topology_count; i++) {
        if (core->topologies[i].key == key) {
            return i;
        }
    }
    if (core->topology_count == core->topology_capacity) {
        core->topology_capacity = core->topology_capacity * 2 + 4;
        core->topologies = wb_heap_memory_resize(core->topologies, core->topology_capacity,
                                                 sizeof(*core->topologies));
    }
    wb_scheduler_topology *topology = &core->topologies[core->topology_count];
    *topology = (wb_scheduler_topology){
        .key = key,
        .domain_of_slot = wb_heap_memory_alloc((size_t)core->slot_capacity + 1,
                                               sizeof(*topology->domain_of_slot)),
    };
    wb_hash_map_init(&topology->domain_by_value);
    for (uint32_t slot = 0; slot < core->slot_capacity; slot++) {
        topology->domain_of_slot[slot] = WB_SCHEDULER_NONE;
    }
    for (uint32_t i = 0; i < core->arrivals.count; i++) {
        enter_domain(core, topology, core->arrivals.items[i]);
    }
    return core->topology_count++;
}

/* ---- eligibilities ---- */

/* nodeAffinityPolicy and nodeTaintsPolicy of spec/kube-scheduler.md section 3. Cordons as such
 * are not looked at. */
static bool node_is_eligible(const wb_scheduler_core *core,
                             const wb_scheduler_eligibility *eligibility, uint32_t slot)
{
    const wb_scheduler_row *row = &core->rows[slot];
    for (uint32_t i = 0; i < eligibility->key_count; i++) {
        if (!wb_labels_has(row->node.labels, eligibility->keys[i])) {
            return false;
        }
    }
    if (eligibility->honors_affinity &&
        !wb_scheduler_filter_node_affinity(core, eligibility->template, row)) {
        return false;
    }
    return !eligibility->honors_taints ||
           wb_scheduler_filter_node_taints(core, eligibility->template, row);
}

/* Only what eligibility reads of a template; equal values mean equal eligible nodes. */
static uint64_t hash_eligibility(const wb_scheduler_eligibility *wanted)
{
    uint64_t hash = (uint64_t)wanted->honors_affinity << 1 | wanted->honors_taints;
    for (uint32_t i = 0; i < wanted->key_count; i++) {
        hash = wb_hash_map_join(hash, wanted->keys[i]);
    }
    const wb_pod_template *t = wanted->template;
    if (wanted->honors_affinity && (t->node_selector.count > 0 || t->required_is_set)) {
        hash = wb_hash_map_join(hash, wb_pod_template_hash(t));
    } else if (wanted->honors_taints && t->toleration_count > 0) {
        hash = wb_hash_map_join(hash, wb_pod_template_hash(t));
    }
    return hash;
}

/* Whether two eligibilities read the same: equal keys and policies, and templates that are equal or
 * say nothing. */
static bool eligibilities_equal(const wb_scheduler_eligibility *a,
                                const wb_scheduler_eligibility *b)
{
    if (a->hash != b->hash || a->honors_affinity != b->honors_affinity ||
        a->honors_taints != b->honors_taints || a->key_count != b->key_count) {
        return false;
    }
    if (a->key_count > 0 && memcmp(a->keys, b->keys, a->key_count * sizeof(*a->keys)) != 0) {
        return false;
    }
    const wb_pod_template *x = a->template;
    const wb_pod_template *y = b->template;
    const bool has_affinity =
        a->honors_affinity && (x->node_selector.count > 0 || x->required_is_set ||
                               y->node_selector.count > 0 || y->required_is_set);
    const bool has_tolerations =
        a->honors_taints && (x->toleration_count > 0 || y->toleration_count > 0);
    return (!has_affinity && !has_tolerations) || wb_pod_template_equals(x, y);
}

uint32_t wb_scheduler_counts_add_eligibility(wb_scheduler_core *core,
                                             const wb_scheduler_eligibility *wanted)
{
    assert(wanted->template != NULL);
    wb_scheduler_eligibility eligibility = *wanted;
    eligibility.hash = hash_eligibility(wanted);
    for (uint32_t i = 0; i < core->eligibility_count; i++) {
        if (eligibilities_equal(&core->eligibilities[i], &eligibility)) {
            return i;
        }
    }
    if (core->eligibility_count == core->eligibility_capacity) {
        core->eligibility_capacity = core->eligibility_capacity * 2 + 8;
        core->eligibilities = wb_heap_memory_resize(core->eligibilities, core->eligibility_capacity,
                                                    sizeof(*core->eligibilities));
    }
    uint32_t *keys = WB_ARENA_ARRAY(&core->arena, uint32_t, (size_t)wanted->key_count + 1);
    for (uint32_t i = 0; i < wanted->key_count; i++) {
        keys[i] = wanted->keys[i];
    }
    eligibility.keys = keys;
    eligibility.eligible_of_slot = wb_heap_memory_zalloc((size_t)core->slot_capacity + 1, 1);
    for (uint32_t i = 0; i < core->arrivals.count; i++) {
        const uint32_t slot = core->arrivals.items[i];
        eligibility.eligible_of_slot[slot] = node_is_eligible(core, &eligibility, slot);
    }
    core->eligibilities[core->eligibility_count] = eligibility;
    return core->eligibility_count++;
}

/* ---- trackers ---- */

uint32_t wb_scheduler_counts_add_tracker(wb_scheduler_core *core, uint32_t group,
                                         uint32_t topology_key, uint32_t eligibility)
{
    assert(group < core->group_count);
    const uint32_t topology_id = wb_scheduler_counts_add_topology(core, topology_key);
    uint64_t key = wb_hash_map_join((uint64_t)group << 32 | topology_id, eligibility);
    uint64_t found = 0;
    for (; wb_hash_map_get(&core->tracker_by_key, key, &found); key++) {
        const wb_scheduler_tracker *tracker = &core->trackers[found];
        if (tracker->group == group && tracker->topology == topology_id &&
            tracker->eligibility == eligibility) {
            return (uint32_t)found;
        }
    }
    if (core->tracker_count == core->tracker_capacity) {
        core->tracker_capacity = core->tracker_capacity * 2 + 16;
        core->trackers =
            wb_heap_memory_resize(core->trackers, core->tracker_capacity, sizeof(*core->trackers));
    }
    const uint32_t id = core->tracker_count++;
    wb_scheduler_topology *topology = &core->topologies[topology_id];
    const size_t capacity = (size_t)topology->domain_capacity + 1;
    core->trackers[id] = (wb_scheduler_tracker){
        .group = group,
        .topology = topology_id,
        .eligibility = eligibility,
        .pods_of_domain = wb_heap_memory_zalloc(capacity, sizeof(int32_t)),
        .nodes_of_domain = wb_heap_memory_zalloc(capacity, sizeof(int32_t)),
    };
    wb_hash_map_put(&core->tracker_by_key, key, id);
    wb_scheduler_core_list_add(&topology->trackers, id);
    wb_scheduler_core_list_add(&core->groups[group].trackers, id);
    for (uint32_t i = 0; i < core->arrivals.count; i++) {
        attach_tracker(core, &core->trackers[id], core->arrivals.items[i]);
    }
    return id;
}

/* ---- what changes ---- */

void wb_scheduler_counts_grow_slots(wb_scheduler_core *core, uint32_t old_capacity)
{
    const size_t added = core->slot_capacity - old_capacity;
    const size_t capacity = (size_t)core->slot_capacity + 1;
    for (uint32_t i = 0; i < core->group_count; i++) {
        uint16_t **column = &core->groups[i].count_of_slot;
        *column = wb_heap_memory_resize(*column, capacity, sizeof(**column));
        memset(&(*column)[old_capacity], 0, added * sizeof(**column));
    }
    for (uint32_t i = 0; i < core->topology_count; i++) {
        uint32_t **column = &core->topologies[i].domain_of_slot;
        *column = wb_heap_memory_resize(*column, capacity, sizeof(**column));
        for (uint32_t slot = old_capacity; slot < core->slot_capacity; slot++) {
            (*column)[slot] = WB_SCHEDULER_NONE;
        }
    }
    for (uint32_t i = 0; i < core->eligibility_count; i++) {
        uint8_t **column = &core->eligibilities[i].eligible_of_slot;
        *column = wb_heap_memory_resize(*column, capacity, 1);
        memset(&(*column)[old_capacity], 0, added);
    }
}

void wb_scheduler_counts_attach(wb_scheduler_core *core, uint32_t slot)
{
    assert(core->rows[slot].is_present);
    for (uint32_t i = 0; i < core->topology_count; i++) {
        enter_domain(core, &core->topologies[i], slot);
    }
    for (uint32_t i = 0; i < core->eligibility_count; i++) {
        core->eligibilities[i].eligible_of_slot[slot] =
            node_is_eligible(core, &core->eligibilities[i], slot);
    }
    for (uint32_t i = 0; i < core->tracker_count; i++) {
        attach_tracker(core, &core->trackers[i], slot);
    }
}

void wb_scheduler_counts_detach(wb_scheduler_core *core, uint32_t slot)
{
    for (uint32_t i = 0; i < core->tracker_count; i++) {
        detach_tracker(core, &core->trackers[i], slot);
    }
    for (uint32_t i = 0; i < core->topology_count; i++) {
        leave_domain(&core->topologies[i], slot);
    }
}

void wb_scheduler_counts_add(wb_scheduler_core *core, uint32_t group_id, uint32_t slot,
                             int32_t delta)
{
    assert(group_id < core->group_count && slot < core->slot_count);
    wb_scheduler_group *group = &core->groups[group_id];
    assert((int32_t)group->count_of_slot[slot] + delta >= 0);
    assert((int32_t)group->count_of_slot[slot] + delta <= UINT16_MAX);
    group->count_of_slot[slot] = (uint16_t)((int32_t)group->count_of_slot[slot] + delta);
    for (uint32_t i = 0; i < group->trackers.count; i++) {
        wb_scheduler_tracker *tracker = &core->trackers[group->trackers.items[i]];
        const uint32_t domain = counted_domain(core, tracker, slot);
        if (domain != WB_SCHEDULER_NONE) {
            add_pods(tracker, domain, delta);
        }
    }
}

/* The group that pod names belongs to it by name only when it is an owner's. */
static bool counts_by_name(const wb_scheduler_core *core, const wb_scheduler_core_pod *pod)
{
    return pod->group != WB_SCHEDULER_NONE && core->groups[pod->group].kind == WB_GROUP_OWNED;
}

void wb_scheduler_counts_change(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                uint32_t slot, int32_t delta)
{
    assert(delta == 1 || delta == -1);
    const wb_scheduler_list *groups = &core->shapes[pod->shape].groups;
    for (uint32_t i = 0; i < groups->count; i++) {
        if (!pod->is_terminating || !core->groups[groups->items[i]].skips_terminating) {
            wb_scheduler_counts_add(core, groups->items[i], slot, delta);
        }
    }
    if (counts_by_name(core, pod) && !pod->is_terminating) {
        wb_scheduler_counts_add(core, pod->group, slot, delta);
    }
}

void wb_scheduler_counts_terminate(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                   uint32_t slot)
{
    assert(!pod->is_terminating);
    const wb_scheduler_list *groups = &core->shapes[pod->shape].groups;
    for (uint32_t i = 0; i < groups->count; i++) {
        if (core->groups[groups->items[i]].skips_terminating) {
            wb_scheduler_counts_add(core, groups->items[i], slot, -1);
        }
    }
    if (counts_by_name(core, pod)) {
        wb_scheduler_counts_add(core, pod->group, slot, -1);
    }
}

void wb_scheduler_counts_release(wb_scheduler_core *core)
{
    for (uint32_t i = 0; i < core->group_count; i++) {
        wb_heap_memory_free(core->groups[i].count_of_slot);
        wb_scheduler_core_list_release(&core->groups[i].trackers);
    }
    for (uint32_t i = 0; i < core->topology_count; i++) {
        wb_scheduler_topology *topology = &core->topologies[i];
        wb_heap_memory_free(topology->domain_of_slot);
        wb_heap_memory_free(topology->value_of_domain);
        wb_heap_memory_free(topology->node_count_of_domain);
        wb_hash_map_release(&topology->domain_by_value);
        wb_scheduler_core_list_release(&topology->free_domains);
        wb_scheduler_core_list_release(&topology->trackers);
    }
    for (uint32_t i = 0; i < core->eligibility_count; i++) {
        wb_heap_memory_free(core->eligibilities[i].eligible_of_slot);
    }
    for (uint32_t i = 0; i < core->tracker_count; i++) {
        wb_heap_memory_free(core->trackers[i].pods_of_domain);
        wb_heap_memory_free(core->trackers[i].nodes_of_domain);
        wb_heap_memory_free(core->trackers[i].domains_with_count);
    }
    wb_heap_memory_free(core->groups);
    wb_heap_memory_free(core->topologies);
    wb_heap_memory_free(core->eligibilities);
    wb_heap_memory_free(core->trackers);
    wb_heap_memory_free(core->terms);
}

/* ---- reading ---- */

uint32_t wb_scheduler_counts_domain(const wb_scheduler_core *core, uint32_t tracker, uint32_t slot)
{
    assert(tracker < core->tracker_count);
    return core->topologies[core->trackers[tracker].topology].domain_of_slot[slot];
}

int32_t wb_scheduler_counts_on(const wb_scheduler_core *core, uint32_t tracker, uint32_t slot)
{
    const uint32_t domain = wb_scheduler_counts_domain(core, tracker, slot);
    return domain == WB_SCHEDULER_NONE ? 0 : core->trackers[tracker].pods_of_domain[domain];
}
