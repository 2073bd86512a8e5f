/*
 * One scheduling cycle: prefilters, the search for feasible nodes, scores, the choice.
 *
 * The search begins where the last one stopped and ends when enough nodes are found (all below 100
 * nodes, else an adaptive share), so a cycle's cost is bounded by some hundreds of nodes. What each
 * node-local plugin says is cached per shape and node (scheduler_filter_node.c); a shape that
 * failed keeps a histogram of its rejections and is brought up to date from the ring of changes,
 * so that ten thousand equal pods that wait cost no scan each.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_internal.h"

/* Below this many nodes all are looked at; kube-scheduler's minFeasibleNodesToFind. */
#define LEAST_NODES_TO_FIND 100U

/* Share of nodes below which the adaptive percentage does not sink. */
#define LEAST_PERCENTAGE 5U

/* ---- caches ---- */

static void drop_entries(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    core->cached_entry_count -= shape->entry_capacity;
    wb_heap_memory_free(shape->entries);
    shape->entries = NULL;
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
static void prepare_cache(wb_scheduler_core *core, wb_scheduler_shape *shape)
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
    shape->entry_capacity = capacity;
    core->cached_entry_count += capacity - old;
}

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
    const wb_scheduler_entry *entry = wb_scheduler_filter_node_entry(core, cycle->shape, slot);
    if (entry->plugin != WB_PLUGIN_PASSED) {
        *out = (wb_scheduler_rejection){.plugin = entry->plugin,
                                        .is_unresolvable = entry->is_unresolvable,
                                        .lacking = entry->lacking};
        if (entry->plugin != WB_PLUGIN_NODE_RESOURCES_FIT) {
            out->reason = (uint8_t)wb_scheduler_report_plugin_reason(entry->plugin);
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

/* ---- the search ---- */

/* How many feasible nodes end the search. */
static uint32_t count_to_find(const wb_scheduler_core *core, uint32_t node_count)
{
    uint32_t percentage = (uint32_t)core->options.percentage_of_nodes_to_score;
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

/* Looks at one node: true, and it joins the feasible ones, when every filter passes. */
static bool visit(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, uint32_t slot)
{
    wb_scheduler_rejection *rejection = &core->rejections[slot];
    if (!wb_scheduler_cycle_passes(core, cycle, slot, rejection)) {
        rejection->is_visited = true;
        return false;
    }
    rejection->is_visited = true;
    wb_scheduler_core_list_add(&core->feasible, slot);
    if (core->feasible.count > core->feasible_entry_capacity) {
        core->feasible_entry_capacity = core->feasible.capacity;
        core->feasible_entries =
            wb_heap_memory_resize(core->feasible_entries, core->feasible_entry_capacity,
                                  sizeof(*core->feasible_entries));
    }
    core->feasible_entries[core->feasible.count - 1] =
        *wb_scheduler_filter_node_entry(core, cycle->shape, slot);
    return true;
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

static uint32_t visit_named(wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    uint32_t visited = 0;
    for (uint32_t i = 0; i < cycle->shape->named_node_count; i++) {
        const uint32_t slot = find_named(core, cycle->shape->named_nodes[i]);
        if (slot != WB_SCHEDULER_NONE && !core->rejections[slot].is_visited) {
            (void)visit(core, cycle, slot);
            visited++;
        }
    }
    return visited;
}

static uint32_t visit_in_order(wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    const uint32_t count = core->order.count;
    const uint32_t wanted = count_to_find(core, count);
    uint32_t at = core->next_start < count ? core->next_start : 0;
    for (uint32_t visited = 0; visited < count; visited++) {
        if (visit(core, cycle, core->order.items[at]) && core->feasible.count == wanted) {
            return visited + 1;
        }
        at = at + 1 == count ? 0 : at + 1;
    }
    return count;
}

static void clear_rejections(wb_scheduler_core *core)
{
    if (core->rejection_capacity < core->slot_capacity) {
        core->rejection_capacity = core->slot_capacity;
        core->rejections = wb_heap_memory_resize(core->rejections, core->rejection_capacity,
                                                 sizeof(*core->rejections));
    }
    memset(core->rejections, 0, (size_t)core->slot_count * sizeof(*core->rejections));
}

/* Fills core->feasible, and core->rejections of the nodes that were looked at. */
static void find_feasible(wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    core->feasible.count = 0;
    clear_rejections(core);
    if (cycle->all.plugin != WB_PLUGIN_PASSED || core->node_count == 0) {
        return;
    }
    const uint32_t nominated = wb_scheduler_core_nominated_node(core, cycle->pod->pod_id);
    if (nominated != WB_SCHEDULER_NONE) {
        const uint32_t slot = wb_scheduler_core_slot(core, nominated);
        if (visit(core, cycle, slot)) {
            return; /* no other node is looked at */
        }
        core->rejections[slot] = (wb_scheduler_rejection){0};
    }
    const uint32_t visited =
        cycle->shape->has_named_nodes ? visit_named(core, cycle) : visit_in_order(core, cycle);
    core->next_start = (core->next_start + visited) % core->node_count;
}

/* ---- scores ---- */

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
    for (uint32_t n = 0; n < core->feasible.count; n++) {
        core->totals[n] += scores[n] * weights[plugin];
    }
    if (report == NULL) {
        return;
    }
    report->score_plugins |= 1U << plugin;
    for (uint32_t i = 0, n = 0; i < report->node_count; i++) {
        if (report->nodes[i].plugin == WB_PLUGIN_PASSED) {
            assert(n < core->feasible.count);
            report->nodes[i].scores[plugin] = scores[n] * weights[plugin];
            report->nodes[i].total = core->totals[n];
            n++;
        }
    }
}

static void score_taints(const wb_scheduler_core *core, int64_t *scores)
{
    int64_t most = 0;
    for (uint32_t n = 0; n < core->feasible.count; n++) {
        const int64_t taints = core->feasible_entries[n].soft_taints;
        most = taints > most ? taints : most;
    }
    for (uint32_t n = 0; n < core->feasible.count; n++) {
        const int64_t taints = core->feasible_entries[n].soft_taints;
        scores[n] =
            most == 0 ? WB_NODE_SCORE_MAX : WB_NODE_SCORE_MAX - WB_NODE_SCORE_MAX * taints / most;
    }
}

static void score_preferred(const wb_scheduler_core *core, int64_t *scores)
{
    int64_t most = 0;
    for (uint32_t n = 0; n < core->feasible.count; n++) {
        const int64_t weight = core->feasible_entries[n].preferred;
        most = weight > most ? weight : most;
    }
    for (uint32_t n = 0; n < core->feasible.count; n++) {
        const int64_t weight = core->feasible_entries[n].preferred;
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
        score_preferred(core, scores);
        add_scores(core, report, WB_PLUGIN_NODE_AFFINITY, scores);
    }
    for (uint32_t n = 0; n < core->feasible.count; n++) {
        scores[n] = core->feasible_entries[n].fit;
    }
    add_scores(core, report, WB_PLUGIN_NODE_RESOURCES_FIT, scores);
    if (shape->cpu_milli > 0 || shape->memory_bytes > 0) {
        for (uint32_t n = 0; n < core->feasible.count; n++) {
            scores[n] = core->feasible_entries[n].balanced;
        }
        add_scores(core, report, WB_PLUGIN_BALANCED_ALLOCATION, scores);
    }
    if (core->has_images || report != NULL) {
        for (uint32_t n = 0; n < core->feasible.count; n++) {
            scores[n] = wb_scheduler_score_node_images(core, shape, core->feasible.items[n]);
        }
        add_scores(core, report, WB_PLUGIN_IMAGE_LOCALITY, scores);
    }
    if (report != NULL) { /* no resource claims here: always 0 */
        memset(scores, 0, core->feasible.count * sizeof(*scores));
        add_scores(core, report, WB_PLUGIN_DYNAMIC_RESOURCES, scores);
    }
}

/* Fills core->totals of the feasible nodes. */
static void score_feasible(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                           wb_scheduler_report *report)
{
    const uint32_t count = core->feasible.count;
    if (core->total_capacity < count) {
        core->total_capacity = core->feasible.capacity;
        core->totals =
            wb_heap_memory_resize(core->totals, core->total_capacity, sizeof(*core->totals));
    }
    memset(core->totals, 0, count * sizeof(*core->totals));
    core->counters.score_calls += count;
    int64_t *scores = wb_arena_alloc(&core->scratch, count * sizeof(*scores));
    score_local(core, cycle, report, scores);
    if (wb_scheduler_score_topology_spread(core, cycle, scores)) {
        add_scores(core, report, WB_PLUGIN_POD_TOPOLOGY_SPREAD, scores);
    }
    if (wb_scheduler_score_topology_affinity(core, cycle, scores)) {
        add_scores(core, report, WB_PLUGIN_INTER_POD_AFFINITY, scores);
    }
}

/* The feasible node with the highest total; ties go to the first by name. */
static uint32_t choose(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                       wb_scheduler_report *report)
{
    assert(core->feasible.count > 0);
    if (core->feasible.count == 1) {
        return core->feasible.items[0];
    }
    score_feasible(core, cycle, report);
    uint32_t best = 0;
    for (uint32_t n = 1; n < core->feasible.count; n++) {
        const uint32_t rank = core->rows[core->feasible.items[n]].rank;
        if (core->totals[n] > core->totals[best] ||
            (core->totals[n] == core->totals[best] &&
             rank < core->rows[core->feasible.items[best]].rank)) {
            best = n;
        }
    }
    return core->feasible.items[best];
}

/* ---- failing ---- */

/* Gives the nodes that were not looked at their reason, so that every present node has one. */
static void complete_rejections(wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    for (uint32_t i = 0; i < core->order.count; i++) {
        wb_scheduler_rejection *rejection = &core->rejections[core->order.items[i]];
        if (rejection->is_visited) {
            continue;
        }
        *rejection = cycle->all;
        if (cycle->all.plugin == WB_PLUGIN_PASSED) {
            assert(cycle->shape->has_named_nodes);
            *rejection = (wb_scheduler_rejection){.plugin = WB_PLUGIN_NODE_AFFINITY,
                                                  .reason = WB_REASON_EXCLUDED,
                                                  .is_unresolvable = true};
        }
        rejection->is_visited = true;
    }
}

static void fail(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                 wb_scheduler_report *report, wb_scheduler_decision *out)
{
    wb_scheduler_shape *shape = cycle->shape;
    wb_scheduler_failure *failure = &shape->failure;
    uint32_t *histogram = WB_ARENA_ARRAY(&core->scratch, uint32_t, WB_SCHEDULER_HISTOGRAM);
    for (uint32_t i = 0; i < core->order.count; i++) {
        const wb_scheduler_rejection *rejection = &core->rejections[core->order.items[i]];
        wb_scheduler_report_count(rejection, histogram);
        out->plugins |= 1U << rejection->plugin;
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
    if (!core->options.preemption_is_off && core->node_count > 0) {
        wb_scheduler_preemption_run(core, cycle, report, out);
    }
    wb_scheduler_failure_remember(core, cycle, out);
}

/* ---- deciding ---- */

static void begin_report(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                         wb_scheduler_report *report)
{
    report->nodes =
        WB_ARENA_ARRAY(report->arena, wb_scheduler_report_node, (size_t)core->order.count + 1);
    report->feasible_count = core->feasible.count;
    /* In the order of core->feasible, so that scores can be matched; then the others. */
    for (uint32_t n = 0; n < core->feasible.count; n++) {
        report->nodes[report->node_count++] =
            (wb_scheduler_report_node){.node_id = core->rows[core->feasible.items[n]].node.node_id,
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
    prepare_cache(core, cycle.shape);
    find_feasible(core, &cycle);
    const bool fails = core->feasible.count == 0;
    if (fails || (report != NULL && cycle.shape->has_named_nodes)) {
        complete_rejections(core, &cycle);
    }
    if (report != NULL) {
        begin_report(core, &cycle, report);
    }
    if (fails) {
        fail(core, &cycle, report, out);
        return;
    }
    cycle.shape->failure.is_known = false;
    out->node_id = core->rows[choose(core, &cycle, report)].node.node_id;
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
