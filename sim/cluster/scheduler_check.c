/* Recounts everything that the scheduler's core keeps up to date, and asserts that it agrees. */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/scheduler_internal.h"

/* Sums of one node over its chain of pods. */
static void check_row(const wb_scheduler_core *core, uint32_t slot)
{
    const wb_scheduler_row *row = &core->rows[slot];
    int64_t requested[WB_SCHEDULER_RESOURCES_MAX] = {0};
    int64_t nonzero_cpu_milli = 0;
    uint32_t count = 0;
    for (uint32_t pod = row->first_pod; pod != WB_SCHEDULER_NONE; pod = core->pods[pod].next) {
        assert(core->pods[pod].slot == slot);
        const wb_scheduler_shape *shape = &core->shapes[core->pods[pod].pod.shape];
        for (uint32_t i = 0; i < shape->request_count; i++) {
            requested[shape->requests[i].resource] += shape->requests[i].amount;
        }
        nonzero_cpu_milli += shape->nonzero_cpu_milli;
        count++;
    }
    assert(count == row->pod_count);
    assert(nonzero_cpu_milli == row->nonzero_cpu_milli);
    const int64_t *kept = &core->requested[(size_t)slot * core->resource_stride];
    for (uint32_t i = 0; i < core->resource_count; i++) {
        assert(i == WB_SCHEDULER_RESOURCE_PODS ? kept[i] == (int64_t)count
                                               : kept[i] == requested[i]);
    }
}

static bool group_counts(const wb_scheduler_core *core, uint32_t group_id,
                         const wb_scheduler_core_pod *pod)
{
    const wb_scheduler_group *group = &core->groups[group_id];
    if (group->skips_terminating && pod->is_terminating) {
        return false;
    }
    if (group->kind == WB_GROUP_OWNED) {
        return pod->group == group_id;
    }
    const wb_scheduler_list *groups = &core->shapes[pod->shape].groups;
    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->items[i] == group_id) {
            return true;
        }
    }
    return false;
}

static void check_group(const wb_scheduler_core *core, uint32_t group_id)
{
    uint32_t *counts = wb_heap_memory_zalloc((size_t)core->slot_count + 1, sizeof(*counts));
    for (uint32_t i = 0; i < core->pod_row_count; i++) {
        if (core->pods[i].slot != WB_SCHEDULER_NONE &&
            group_counts(core, group_id, &core->pods[i].pod)) {
            counts[core->pods[i].slot]++;
        }
    }
    for (uint32_t slot = 0; slot < core->slot_count; slot++) {
        assert(counts[slot] == core->groups[group_id].count_of_slot[slot]);
    }
    wb_heap_memory_free(counts);
}

static void check_tracker(const wb_scheduler_core *core, const wb_scheduler_tracker *tracker)
{
    const wb_scheduler_topology *topology = &core->topologies[tracker->topology];
    const size_t size = (size_t)topology->domain_count + 1;
    int32_t *pods = wb_heap_memory_zalloc(size, sizeof(*pods));
    int32_t *nodes = wb_heap_memory_zalloc(size, sizeof(*nodes));
    for (uint32_t i = 0; i < core->arrivals.count; i++) {
        const uint32_t slot = core->arrivals.items[i];
        const uint32_t domain = topology->domain_of_slot[slot];
        const bool is_eligible =
            tracker->eligibility == WB_SCHEDULER_NONE ||
            core->eligibilities[tracker->eligibility].eligible_of_slot[slot] != 0;
        if (domain != WB_SCHEDULER_NONE && is_eligible) {
            pods[domain] += core->groups[tracker->group].count_of_slot[slot];
            nodes[domain]++;
        }
    }
    int32_t least = INT32_MAX;
    uint32_t live = 0;
    for (uint32_t domain = 0; domain < topology->domain_count; domain++) {
        assert(pods[domain] == tracker->pods_of_domain[domain]);
        assert(nodes[domain] == tracker->nodes_of_domain[domain]);
        if (nodes[domain] > 0) {
            live++;
            least = pods[domain] < least ? pods[domain] : least;
        }
    }
    assert(live == tracker->live_domains);
    assert(!tracker->needs_least || live == 0 || least == tracker->least);
    wb_heap_memory_free(pods);
    wb_heap_memory_free(nodes);
}

void wb_scheduler_core_check(const wb_scheduler_core *core)
{
    assert(core->arrivals.count == core->node_count && core->by_name.count == core->node_count);
    for (uint32_t i = 0; i < core->arrivals.count; i++) {
        assert(core->rows[core->arrivals.items[i]].is_present);
        check_row(core, core->arrivals.items[i]);
    }
    for (uint32_t i = 1; i < core->by_name.count; i++) {
        const uint32_t before = core->rows[core->by_name.items[i - 1]].node.name;
        const uint32_t after = core->rows[core->by_name.items[i]].node.name;
        assert(strcmp(wb_intern_text(core->intern, before), wb_intern_text(core->intern, after)) <
               0);
    }
    for (uint32_t i = 0; i < core->group_count; i++) {
        check_group(core, i);
    }
    for (uint32_t i = 0; i < core->tracker_count; i++) {
        check_tracker(core, &core->trackers[i]);
    }
}
