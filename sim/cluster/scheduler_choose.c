/*
 * The choice among feasible nodes: every score plugin, weighted, and the highest total.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/scheduler_internal.h"

static const int64_t weights[WB_PLUGIN_COUNT] = {
    [WB_PLUGIN_TAINT_TOLERATION] = 3,    [WB_PLUGIN_NODE_AFFINITY] = 2,
    [WB_PLUGIN_NODE_RESOURCES_FIT] = 1,  [WB_PLUGIN_POD_TOPOLOGY_SPREAD] = 2,
    [WB_PLUGIN_INTER_POD_AFFINITY] = 2,  [WB_PLUGIN_DYNAMIC_RESOURCES] = 2,
    [WB_PLUGIN_BALANCED_ALLOCATION] = 1, [WB_PLUGIN_IMAGE_LOCALITY] = 1,
};

/* Adds one plugin's scores to the totals, and to the report. */
static void add_scores(wb_scheduler_core *core, wb_scheduler_report *report,
                       wb_scheduler_plugin plugin, const int64_t *scores)
{
    assert(plugin < WB_PLUGIN_COUNT && weights[plugin] > 0);
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        core->totals[n] += scores[n] * weights[plugin];
    }
    if (report == NULL) {
        return;
    }
    report->score_plugins |= 1U << plugin;
    for (uint32_t i = 0, n = 0; i < report->node_count; i++) {
        if (report->nodes[i].plugin == WB_PLUGIN_PASSED) {
            assert(n < core->feasible_count);
            report->nodes[i].scores[plugin] = scores[n] * weights[plugin];
            report->nodes[i].total = core->totals[n];
            n++;
        }
    }
}

/* Fewest soft taints best, as against the node with the most; without any, all are equally good. */
static void score_taints(const wb_scheduler_core *core, int64_t *scores)
{
    int64_t most = 0;
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        const int64_t taints = core->feasible_entries[n].soft_taints;
        most = taints > most ? taints : most;
    }
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        const int64_t taints = core->feasible_entries[n].soft_taints;
        scores[n] =
            most == 0 ? WB_NODE_SCORE_MAX : WB_NODE_SCORE_MAX - WB_NODE_SCORE_MAX * taints / most;
    }
}

/* Lies with the details, not with the entries: few pods have preferred node terms. */
static int64_t preferred_of(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, uint32_t n)
{
    assert(n < core->feasible_count);
    return wb_scheduler_filter_node_detail(core, cycle->shape, core->feasible[n])->preferred;
}

/* Reversed to nothing: the most weight is 100, and no weight anywhere leaves zeros. */
static void score_preferred(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                            int64_t *scores)
{
    int64_t most = 0;
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        const int64_t weight = preferred_of(core, cycle, n);
        most = weight > most ? weight : most;
    }
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        const int64_t weight = preferred_of(core, cycle, n);
        scores[n] = most == 0 ? weight : weight * WB_NODE_SCORE_MAX / most;
    }
}

/* The scores that the entries hold, and the constant ones. */
static void score_local(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                        wb_scheduler_report *report, int64_t *scores)
{
    const wb_scheduler_shape *shape = cycle->shape;
    score_taints(core, scores);
    add_scores(core, report, WB_PLUGIN_TAINT_TOLERATION, scores);
    if (shape->template->preferred_term_count > 0) {
        score_preferred(core, cycle, scores);
        add_scores(core, report, WB_PLUGIN_NODE_AFFINITY, scores);
    }
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        scores[n] = core->feasible_entries[n].fit;
    }
    add_scores(core, report, WB_PLUGIN_NODE_RESOURCES_FIT, scores);
    if (shape->cpu_milli > 0 || shape->memory_bytes > 0) {
        for (uint32_t n = 0; n < core->feasible_count; n++) {
            scores[n] = core->feasible_entries[n].balanced;
        }
        add_scores(core, report, WB_PLUGIN_BALANCED_ALLOCATION, scores);
    }
    if (core->has_images || report != NULL) {
        for (uint32_t n = 0; n < core->feasible_count; n++) {
            scores[n] = wb_scheduler_score_node_images(core, shape, core->feasible[n]);
        }
        add_scores(core, report, WB_PLUGIN_IMAGE_LOCALITY, scores);
    }
    if (report != NULL) { /* no resource claims here: always 0 */
        memset(scores, 0, core->feasible_count * sizeof(*scores));
        add_scores(core, report, WB_PLUGIN_DYNAMIC_RESOURCES, scores);
    }
}

/* Whether the entries alone decide: what is left out is the same for all nodes. */
static bool entries_decide(wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    if (cycle->soft.count > 0 || core->has_images ||
        cycle->shape->template->preferred_term_count > 0 ||
        wb_scheduler_score_topology_applies(core, cycle->shape)) {
        return false;
    }
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        if (core->feasible_entries[n].soft_taints != 0) {
            return false;
        }
    }
    return true;
}

/* Totals of fit and balanced allocation, less the constant that the other plugins add. */
static void total_entries(wb_scheduler_core *core)
{
    const wb_scheduler_entry *restrict entries = core->feasible_entries;
    int64_t *restrict totals = core->totals;
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        totals[n] = (int64_t)entries[n].fit + entries[n].balanced;
    }
}

/* Fills core->totals of the feasible nodes. */
static void score_feasible(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                           wb_scheduler_report *report)
{
    assert(core->feasible_count > 1);
    const uint32_t count = core->feasible_count;
    if (core->total_capacity < count) {
        core->total_capacity = core->feasible_capacity;
        core->totals =
            wb_heap_memory_resize(core->totals, core->total_capacity, sizeof(*core->totals));
    }
    core->counters.score_calls += count;
    if (report == NULL && !core->options.is_plain && entries_decide(core, cycle)) {
        total_entries(core);
        return;
    }
    memset(core->totals, 0, count * sizeof(*core->totals));
    int64_t *scores = wb_arena_alloc(&core->scratch, count * sizeof(*scores));
    score_local(core, cycle, report, scores);
    if (wb_scheduler_score_topology_spread(core, cycle, scores)) {
        add_scores(core, report, WB_PLUGIN_POD_TOPOLOGY_SPREAD, scores);
    }
    if (wb_scheduler_score_topology_affinity(core, cycle, scores)) {
        add_scores(core, report, WB_PLUGIN_INTER_POD_AFFINITY, scores);
    }
}

uint32_t wb_scheduler_choose_run(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                 wb_scheduler_report *report)
{
    assert(core->feasible_count > 0);
    if (core->feasible_count == 1) {
        return core->feasible[0]; /* taken without scoring */
    }
    score_feasible(core, cycle, report);
    const uint32_t *restrict slots = core->feasible;
    const int64_t *restrict totals = core->totals;
    uint32_t best = 0;
    for (uint32_t n = 1; n < core->feasible_count; n++) {
        if (totals[n] > totals[best] ||
            (totals[n] == totals[best] && core->ranks[slots[n]] < core->ranks[slots[best]])) {
            best = n;
        }
    }
    return slots[best];
}
