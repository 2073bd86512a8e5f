/*
 * What is known of a shape that failed: equal pods need no scan of their own.
 *
 *     a full search found no node ──▶ remember: histogram of verdicts over all nodes
 *     nodes change ──▶ ring of changed slots ──▶ the next equal pod refreshes those entries only
 *     an entry passes ──▶ the next equal pod is searched for in full
 *
 * Exact for shapes that node-local filters reject everywhere (the usual case: no room). Others are
 * known to fail only while nothing at all has changed. The plain mode never asks here, and gives
 * the same decisions and messages.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/scheduler_internal.h"

/* Whether some placed pod has a lower priority: else preemption has no victims. */
bool wb_scheduler_failure_may_preempt(const wb_scheduler_core *core,
                                      const wb_scheduler_shape *shape)
{
    if (shape->rules->preemption_is_off || shape->template->preemption_policy == WB_PREEMPT_NEVER) {
        return false;
    }
    for (uint32_t i = 0; i < core->priority_count && core->priorities[i] < shape->priority; i++) {
        if (core->pods_of_priority[i] > 0) {
            return true;
        }
    }
    return false;
}

bool wb_scheduler_core_pods_are_alike(const wb_scheduler_core *core, uint32_t shape_id)
{
    assert(shape_id < core->shape_count);
    const wb_scheduler_shape *shape = &core->shapes[shape_id];
    return !shape->uses_volumes && core->live_nomination_count == 0 &&
           !wb_scheduler_failure_may_preempt(core, shape);
}

/* Brings the entry of one slot, and with it the histogram, up to date. */
static void refresh_slot(wb_scheduler_core *core, wb_scheduler_shape *shape, uint32_t slot)
{
    assert(slot < core->slot_count);
    if (slot >= shape->entry_capacity) {
        return;
    }
    if (core->rows[slot].is_present) {
        (void)wb_scheduler_filter_node_entry(core, shape, slot);
    } else {
        wb_scheduler_filter_node_forget(shape, slot);
    }
}

/* Applies the changes since the shape was last looked at. False: too many, or no room for entries
 * of new slots; the shape must be searched for in full. */
static bool catch_up(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    assert(shape->failure.is_counted && shape->failure.change_count <= core->change_count);
    wb_scheduler_failure *failure = &shape->failure;
    if (shape->entry_capacity < core->slot_count) {
        return false;
    }
    const uint64_t behind = core->change_count - failure->change_count;
    if (behind >= WB_SCHEDULER_CHANGES_MAX || behind > core->slot_count) {
        for (uint32_t slot = 0; slot < core->slot_count; slot++) {
            refresh_slot(core, shape, slot);
        }
    } else {
        for (uint64_t i = failure->change_count; i < core->change_count; i++) {
            refresh_slot(core, shape, core->changes[i % WB_SCHEDULER_CHANGES_MAX]);
        }
    }
    failure->change_count = core->change_count;
    return true;
}

/* Message and plugins from the histogram. */
static void retell(wb_scheduler_core *core, wb_scheduler_failure *failure)
{
    assert(failure->histogram != NULL && failure->passing_count == 0);
    wb_scheduler_report_message(core, NULL, failure->histogram, &failure->message);
    failure->plugins = 0;
    for (uint32_t row = 0; row < WB_SCHEDULER_HISTOGRAM; row++) {
        if (failure->histogram[row] > 0) {
            failure->plugins |= 1U << wb_scheduler_report_reason_plugin(row);
        }
    }
    failure->is_text_stale = false;
}

bool wb_scheduler_failure_is_known(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                   wb_scheduler_decision *out)
{
    wb_scheduler_shape *shape = cycle->shape;
    wb_scheduler_failure *failure = &shape->failure;
    if (core->options.is_plain || !failure->is_known || shape->uses_volumes ||
        core->node_count == 0 || core->live_nomination_count > 0) {
        return false;
    }
    if (failure->change_count != core->change_count) {
        if (!failure->is_counted || wb_scheduler_failure_may_preempt(core, shape) ||
            !catch_up(core, shape) || failure->passing_count > 0) {
            return false;
        }
        if (failure->is_text_stale) {
            retell(core, failure);
        }
    }
    core->counters.known_failures++;
    out->plugins = failure->plugins;
    out->message = wb_text_string(&failure->message);
    out->was_known = true;
    return true;
}

/* Counts every node's verdict anew. */
static void count_all(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    assert(shape->entries != NULL && !shape->failure.is_counted);
    wb_scheduler_failure *failure = &shape->failure;
    if (failure->histogram == NULL) {
        failure->histogram =
            wb_heap_memory_alloc(WB_SCHEDULER_HISTOGRAM, sizeof(*failure->histogram));
    }
    memset(failure->histogram, 0, WB_SCHEDULER_HISTOGRAM * sizeof(*failure->histogram));
    failure->passing_count = 0;
    for (uint32_t slot = 0; slot < shape->entry_capacity; slot++) {
        shape->entries[slot].version = 0; /* static verdicts stay true */
    }
    failure->is_counted = true; /* from here on filling an entry counts it */
    for (uint32_t i = 0; i < core->order.count; i++) {
        (void)wb_scheduler_filter_node_entry(core, shape, core->order.items[i]);
    }
}

void wb_scheduler_failure_remember(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                   const wb_scheduler_decision *decision)
{
    assert(decision->node_id == WB_SCHEDULER_NONE);
    wb_scheduler_shape *shape = cycle->shape;
    wb_scheduler_failure *failure = &shape->failure;
    failure->plugins = decision->plugins;
    /* A pod that is waiting for its victims is tried again in full. */
    failure->is_known = decision->nominated_node_id == WB_SCHEDULER_NONE;
    const bool is_local = cycle->volumes == NULL && cycle->all.plugin == WB_PLUGIN_PASSED &&
                          !shape->has_named_nodes && core->live_nomination_count == 0;
    if (!is_local || shape->entries == NULL || shape->entry_capacity < core->slot_count) {
        failure->is_counted = false;
    } else if (!failure->is_counted) {
        count_all(core, shape);
    } else {
        (void)catch_up(core, shape);
    }
    failure->is_text_stale = false; /* the search has just told it */
    failure->change_count = core->change_count;
}
