/*
 * One scheduling cycle: prefilters, the filter chain of one node, and what follows from the search.
 */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "sim/cluster/scheduler_internal.h"

/* ---- filters ---- */

void wb_scheduler_cycle_begin(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                              wb_scheduler_cycle *out)
{
    assert(pod->shape < core->shape_count);
    wb_scheduler_shape *shape = &core->shapes[pod->shape];
    wb_scheduler_shape_prepare(core, shape);
    *out = (wb_scheduler_cycle){
        .pod = pod,
        .shape = shape,
        .soft = wb_scheduler_shape_soft(core, pod->shape, pod->group),
        .all = {.plugin = WB_PLUGIN_PASSED},
    };
    if (shape->has_named_nodes && shape->named_node_count == 0) {
        out->all = (wb_scheduler_rejection){.plugin = WB_PLUGIN_NODE_AFFINITY,
                                            .reason = WB_REASON_TERMS_CONFLICT,
                                            .is_unresolvable = true};
        return;
    }
    if (shape->uses_volumes) {
        wb_scheduler_volumes_plan(core, out);
    }
}

/* The filters once, with what is placed on the node now. */
static bool chain_passes(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, uint32_t slot,
                         wb_scheduler_rejection *out)
{
    assert(slot < core->slot_count && core->rows[slot].is_present);
    const wb_scheduler_entry *entry = wb_scheduler_filter_node_entry(core, cycle->shape, slot);
    if (entry->plugin != WB_PLUGIN_PASSED) {
        const wb_scheduler_detail *detail =
            wb_scheduler_filter_node_detail(core, cycle->shape, slot);
        *out = (wb_scheduler_rejection){.plugin = entry->plugin,
                                        .is_unresolvable = detail->is_unresolvable,
                                        .lacking = detail->lacking};
        if (out->plugin != WB_PLUGIN_NODE_RESOURCES_FIT) {
            out->reason = (uint8_t)wb_scheduler_report_plugin_reason(out->plugin);
        }
        return false;
    }
    if (cycle->volumes != NULL && !wb_scheduler_volumes_pass(core, cycle, slot, out)) {
        return false;
    }
    if (wb_scheduler_filter_topology_applies(core, cycle->shape) &&
        !wb_scheduler_filter_topology_passes(core, cycle->shape, slot, out)) {
        return false;
    }
    *out = (wb_scheduler_rejection){.plugin = WB_PLUGIN_PASSED};
    return true;
}

/* Places the pods that are nominated to slot and not less urgent than the cycle's; their rows. */
static uint32_t *place_nominated(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                 uint32_t slot, uint32_t *out_count)
{
    uint32_t count = 0;
    for (uint32_t id = core->rows[slot].first_nominated; id != WB_SCHEDULER_NONE;
         id = core->nominations[id].next) {
        count++;
    }
    uint32_t *rows = WB_ARENA_ARRAY(&core->scratch, uint32_t, (size_t)count + 1);
    uint32_t placed = 0;
    for (uint32_t id = core->rows[slot].first_nominated; id != WB_SCHEDULER_NONE;
         id = core->nominations[id].next) {
        const wb_scheduler_core_pod *other = &core->nominations[id].pod;
        if (other->pod_id != cycle->pod->pod_id &&
            core->shapes[other->shape].priority >= cycle->shape->priority) {
            rows[placed++] = wb_scheduler_core_place(core, other, slot);
        }
    }
    *out_count = placed;
    return rows;
}

bool wb_scheduler_cycle_passes(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                               uint32_t slot, wb_scheduler_rejection *out)
{
    if (core->rows[slot].first_nominated == WB_SCHEDULER_NONE) {
        return chain_passes(core, cycle, slot, out);
    }
    const wb_arena_mark mark = wb_arena_get_mark(&core->scratch);
    uint32_t count = 0;
    const uint32_t *rows = place_nominated(core, cycle, slot, &count);
    bool passes = true;
    if (count > 0) {
        passes = chain_passes(core, cycle, slot, out);
        for (uint32_t i = count; i-- > 0;) {
            wb_scheduler_core_displace(core, rows[i]);
        }
    }
    wb_arena_rewind(&core->scratch, mark);
    return passes && chain_passes(core, cycle, slot, out);
}

/* ---- failing ---- */

/* No node: tells why, tries preemption, and remembers for the next pod of the shape. */
static void fail(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                 wb_scheduler_report *report, wb_scheduler_decision *out)
{
    assert(core->feasible_count == 0 && out->node_id == WB_SCHEDULER_NONE);
    wb_scheduler_shape *shape = cycle->shape;
    wb_scheduler_failure *failure = &shape->failure;
    uint32_t *histogram = WB_ARENA_ARRAY(&core->scratch, uint32_t, WB_SCHEDULER_HISTOGRAM);
    for (uint32_t i = 0; i < core->order.count; i++) {
        const wb_scheduler_rejection *rejection = &core->rejections[core->order.items[i]];
        wb_scheduler_report_count(rejection, histogram);
        out->plugins |= 1U << rejection->plugin;
    }
    if (core->node_count == 0) {
        out->plugins = WB_SCHEDULER_ALL_PLUGINS; /* nobody rejected it: any event may help */
    }
    wb_scheduler_report_message(core, cycle->all_text, histogram, &failure->message);
    if (cycle->all.plugin != WB_PLUGIN_PASSED && core->node_count > 0) {
        /* A prefilter speaks for all nodes at once. */
        wb_text_clear(&failure->message);
        wb_text_add_format(&failure->message, "0/%u nodes are available: ", core->node_count);
        wb_scheduler_report_reason(core, cycle->all_text, &cycle->all, &failure->message);
        wb_text_add_string(&failure->message, ".");
    }
    out->message = wb_text_string(&failure->message);
    if (!cycle->shape->rules->preemption_is_off && core->node_count > 0) {
        wb_scheduler_preemption_run(core, cycle, report, out);
    }
    wb_scheduler_failure_remember(core, cycle, out);
}

/* ---- deciding ---- */

static void begin_report(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                         wb_scheduler_report *report)
{
    assert(report->arena != NULL && report->nodes == NULL);
    report->nodes =
        WB_ARENA_ARRAY(report->arena, wb_scheduler_report_node, (size_t)core->order.count + 1);
    report->feasible_count = core->feasible_count;
    /* In the order of core->feasible, so that scores can be matched; then the others. */
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        report->nodes[report->node_count++] =
            (wb_scheduler_report_node){.node_id = core->rows[core->feasible[n]].node.node_id,
                                       .plugin = WB_PLUGIN_PASSED,
                                       .reason = ""};
    }
    for (uint32_t i = 0; i < core->order.count; i++) {
        const uint32_t slot = core->order.items[i];
        const wb_scheduler_rejection *rejection = &core->rejections[slot];
        if (!rejection->is_visited || rejection->plugin == WB_PLUGIN_PASSED) {
            continue;
        }
        wb_text text;
        wb_text_init(&text);
        wb_scheduler_report_reason(core, cycle->all_text, rejection, &text);
        report->nodes[report->node_count++] = (wb_scheduler_report_node){
            .node_id = core->rows[slot].node.node_id,
            .plugin = rejection->plugin,
            .is_unresolvable = rejection->is_unresolvable,
            .reason = wb_arena_copy_string(report->arena, wb_text_string(&text))};
        wb_text_release(&text);
    }
}

void wb_scheduler_core_decide(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                              wb_scheduler_report *report, wb_scheduler_decision *out)
{
    assert(pod != NULL && out != NULL && pod->shape < core->shape_count);
    core->counters.cycles++;
    *out = (wb_scheduler_decision){.node_id = WB_SCHEDULER_NONE,
                                   .nominated_node_id = WB_SCHEDULER_NONE};
    wb_arena_clear(&core->scratch);
    wb_scheduler_core_refresh_order(core);
    wb_scheduler_cycle cycle;
    wb_scheduler_cycle_begin(core, pod, &cycle);
    if (report == NULL && wb_scheduler_failure_is_known(core, &cycle, out)) {
        return;
    }
    wb_scheduler_search_prepare(core, cycle.shape);
    wb_scheduler_search_run(core, &cycle, report != NULL);
    const bool fails = core->feasible_count == 0;
    if (fails || (report != NULL && cycle.shape->has_named_nodes)) {
        wb_scheduler_search_explain(core, &cycle);
    }
    if (report != NULL) {
        begin_report(core, &cycle, report);
    }
    if (fails) {
        fail(core, &cycle, report, out);
        return;
    }
    cycle.shape->failure.is_known = false;
    out->node_id = core->rows[wb_scheduler_choose_run(core, &cycle, report)].node.node_id;
}

/* ---- asking about one node ---- */

wb_scheduler_plugin wb_scheduler_core_filter(wb_scheduler_core *core,
                                             const wb_scheduler_core_pod *pod, uint32_t node_id,
                                             char *out_reason, size_t reason_size)
{
    wb_arena_clear(&core->scratch);
    wb_scheduler_core_refresh_order(core);
    wb_scheduler_cycle cycle;
    wb_scheduler_cycle_begin(core, pod, &cycle);
    const uint32_t slot = wb_scheduler_core_slot(core, node_id);
    assert(slot != WB_SCHEDULER_NONE);
    wb_scheduler_rejection rejection = cycle.all;
    if (rejection.plugin == WB_PLUGIN_PASSED) {
        (void)wb_scheduler_cycle_passes(core, &cycle, slot, &rejection);
    }
    if (out_reason != NULL && reason_size > 0) {
        out_reason[0] = '\0';
        if (rejection.plugin != WB_PLUGIN_PASSED) {
            wb_text text;
            wb_text_init(&text);
            wb_scheduler_report_reason(core, cycle.all_text, &rejection, &text);
            const size_t length = text.length < reason_size ? text.length : reason_size - 1;
            memcpy(out_reason, wb_text_string(&text), length);
            out_reason[length] = '\0';
            wb_text_release(&text);
        }
    }
    return rejection.plugin;
}
