/*
 * The choice among feasible nodes: every score plugin, weighted, and the highest total.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/random.h"
#include "sim/cluster/scheduler_internal.h"

/* Adds one plugin's scores to the totals, and to the report. */
static void add_scores(wb_scheduler_core *core, const wb_scheduler_rules *rules,
                       wb_scheduler_report *report, wb_scheduler_plugin plugin,
                       const int64_t *scores)
{
    assert(plugin < WB_PLUGIN_COUNT && rules->weights[plugin] > 0);
    const int64_t weight = rules->weights[plugin];
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        core->totals[n] += scores[n] * weight;
    }
    if (report == NULL) {
        return;
    }
    report->score_plugins |= 1U << plugin;
    for (uint32_t i = 0, n = 0; i < report->node_count; i++) {
        if (report->nodes[i].plugin == WB_PLUGIN_PASSED) {
            assert(n < core->feasible_count);
            report->nodes[i].scores[plugin] = scores[n] * weight;
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

static void score_fit(const wb_scheduler_core *core, int64_t *scores)
{
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        scores[n] = core->feasible_entries[n].fit;
    }
}

static void score_balance(const wb_scheduler_core *core, int64_t *scores)
{
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        scores[n] = core->feasible_entries[n].balanced;
    }
}

/* The scores that the entries hold, and the constant ones; those without weight are not run. */
static void score_local(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                        wb_scheduler_report *report, int64_t *scores)
{
    const wb_scheduler_shape *shape = cycle->shape;
    const wb_scheduler_rules *rules = shape->rules;
    const int64_t *weights = rules->weights;
    if (weights[WB_PLUGIN_TAINT_TOLERATION] > 0) {
        score_taints(core, scores);
        add_scores(core, rules, report, WB_PLUGIN_TAINT_TOLERATION, scores);
    }
    if (shape->template->preferred_term_count > 0 && weights[WB_PLUGIN_NODE_AFFINITY] > 0) {
        score_preferred(core, cycle, scores);
        add_scores(core, rules, report, WB_PLUGIN_NODE_AFFINITY, scores);
    }
    if (weights[WB_PLUGIN_NODE_RESOURCES_FIT] > 0) {
        score_fit(core, scores);
        add_scores(core, rules, report, WB_PLUGIN_NODE_RESOURCES_FIT, scores);
    }
    if ((shape->cpu_milli > 0 || shape->memory_bytes > 0) &&
        weights[WB_PLUGIN_BALANCED_ALLOCATION] > 0) {
        score_balance(core, scores);
        add_scores(core, rules, report, WB_PLUGIN_BALANCED_ALLOCATION, scores);
    }
    if ((core->has_images || report != NULL) && weights[WB_PLUGIN_IMAGE_LOCALITY] > 0) {
        for (uint32_t n = 0; n < core->feasible_count; n++) {
            scores[n] = wb_scheduler_score_node_images(core, shape, core->feasible[n]);
        }
        add_scores(core, rules, report, WB_PLUGIN_IMAGE_LOCALITY, scores);
    }
    if (report != NULL) { /* no resource claims here: always 0 */
        memset(scores, 0, core->feasible_count * sizeof(*scores));
        add_scores(core, rules, report, WB_PLUGIN_DYNAMIC_RESOURCES, scores);
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
static void total_entries(wb_scheduler_core *core, const wb_scheduler_rules *rules)
{
    const wb_scheduler_entry *restrict entries = core->feasible_entries;
    const int64_t fit = rules->weights[WB_PLUGIN_NODE_RESOURCES_FIT];
    const int64_t balanced = rules->weights[WB_PLUGIN_BALANCED_ALLOCATION];
    int64_t *restrict totals = core->totals;
    for (uint32_t n = 0; n < core->feasible_count; n++) {
        totals[n] = fit * entries[n].fit + balanced * entries[n].balanced;
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
        total_entries(core, cycle->shape->rules);
        return;
    }
    memset(core->totals, 0, count * sizeof(*core->totals));
    int64_t *scores = wb_arena_alloc(&core->scratch, count * sizeof(*scores));
    score_local(core, cycle, report, scores);
    const wb_scheduler_rules *rules = cycle->shape->rules;
    if (rules->weights[WB_PLUGIN_POD_TOPOLOGY_SPREAD] > 0 &&
        wb_scheduler_score_topology_spread(core, cycle, scores)) {
        add_scores(core, rules, report, WB_PLUGIN_POD_TOPOLOGY_SPREAD, scores);
    }
    if (rules->weights[WB_PLUGIN_INTER_POD_AFFINITY] > 0 &&
        wb_scheduler_score_topology_affinity(core, cycle, scores)) {
        add_scores(core, rules, report, WB_PLUGIN_INTER_POD_AFFINITY, scores);
    }
}

/* Among equally good nodes: the one that the pod draws. Each node's lot depends on pod and node
 * alone, so a node that comes or goes does not change who wins among the others. */
static uint64_t draw_lot(const wb_scheduler_core *core, uint32_t pod_id, uint32_t slot)
{
    const wb_random_key key = {core->options.tie_seed, WB_RANDOM_SCHEDULER_TIE, pod_id};
    return wb_random_bits(key, core->rows[slot].node.node_id);
}

/* Whether a of two equally good nodes is taken before b. */
static bool wins_tie(const wb_scheduler_core *core, uint32_t pod_id, uint32_t a, uint32_t b)
{
    if (core->options.ties_are_drawn) {
        const uint64_t lot_of_a = draw_lot(core, pod_id, a);
        const uint64_t lot_of_b = draw_lot(core, pod_id, b);
        if (lot_of_a != lot_of_b) {
            return lot_of_a < lot_of_b;
        }
    }
    return core->ranks[a] < core->ranks[b];
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
            (totals[n] == totals[best] &&
             wins_tie(core, cycle->pod->pod_id, slots[n], slots[best]))) {
            best = n;
        }
    }
    return slots[best];
}
