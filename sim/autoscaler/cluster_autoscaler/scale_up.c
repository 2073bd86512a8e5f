/*
 * One scale-up: pods into classes of equal ones, groups that may grow, an estimate for each, the
 * expander's choice, the cloud call. Work grows with classes times groups, not with pods.
 */
#include "sim/autoscaler/cluster_autoscaler/scale_up.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"
#include "sim/autoscaler/cluster_autoscaler/estimator.h"
#include "sim/autoscaler/cluster_autoscaler/similar_groups.h"

#define GIB (INT64_C(1) << 30)

/* Rounds of one salvo: the real program stops after a minute. */
#define SALVO_ROUNDS_MAX 60U
#define SALVO_ORDINAL    200000U

/* Equal pods of one controller, and which of them. */
typedef struct pod_class {
    wb_estimator_pods pods;
    bool is_helped; /* some group can take it */
} pod_class;

/* One option with what is needed to execute it. */
typedef struct group_plan {
    uint32_t *classes; /* indices of those that fit the group's template */
    uint32_t class_count;
    wb_estimator_result estimate;
} group_plan;

typedef struct work {
    wb_ca_loop *loop;
    wb_arena *arena; /* the loop's scratch */
    pod_class *classes;
    uint32_t class_count;
    uint32_t *class_of;                /* by index into pending.items */
    group_plan *plans;                 /* by group */
    int64_t cores_milli, memory_bytes; /* of the cluster, upcoming nodes included */
    uint32_t node_count;               /* likewise */
    int64_t spent_ms;                  /* computing, as decision latency has it */
} work;

static const char *const result_names[] = {
    [WB_SCALE_UP_NOT_TRIED] = "ScaleUpNotTried",
    [WB_SCALE_UP_NOT_NEEDED] = "ScaleUpNotNeeded",
    [WB_SCALE_UP_IN_COOLDOWN] = "ScaleUpInCooldown",
    [WB_SCALE_UP_NO_OPTIONS] = "ScaleUpNoOptionsAvailable",
    [WB_SCALE_UP_AT_MAX_NODES] = "ScaleUpLimitedByMaxNodesTotal",
    [WB_SCALE_UP_SUCCESSFUL] = "ScaleUpSuccessful",
    [WB_SCALE_UP_ERROR] = "ScaleUpError",
};

static const char *const skip_texts[] = {
    [WB_SCALE_UP_CONSIDERED] = "",
    [WB_SCALE_UP_SKIP_UNHEALTHY] = "not healthy: too many of its nodes are missing",
    [WB_SCALE_UP_SKIP_BACKED_OFF] = "in back-off after a failed scale-up",
    [WB_SCALE_UP_SKIP_MAX_SIZE] = "at its maximum size",
    [WB_SCALE_UP_SKIP_LIMIT] = "one more node exceeds the cluster's limit of cores or memory",
    [WB_SCALE_UP_SKIP_NO_TEMPLATE] = "no template of its nodes is known",
};

const char *wb_scale_up_result_name(wb_scale_up_result result)
{
    assert(result <= WB_SCALE_UP_ERROR);
    return result_names[result];
}

const char *wb_scale_up_skip_text(wb_scale_up_skip skip)
{
    assert(skip <= WB_SCALE_UP_SKIP_NO_TEMPLATE);
    return skip_texts[skip];
}

/* ---- equal pods ---- */

/* Classes in order of their first pod. Bare pods are alone each there; where only resources decide
 * equal ones may as well go together. */
static void classify(work *w)
{
    const wb_pending_pods *pending = &w->loop->pending;
    wb_hash_map class_by_key;
    wb_hash_map_init(&class_by_key);
    w->classes = WB_ARENA_ARRAY(w->arena, pod_class, pending->count);
    w->class_of = WB_ARENA_ARRAY(w->arena, uint32_t, pending->count);
    for (uint32_t i = 0; i < pending->count; i++) {
        const wb_ca_snapshot_pod *pod = &pending->items[i];
        const bool is_alone = pod->owner == WB_CA_SNAPSHOT_NONE &&
                              !wb_ca_snapshot_is_plain(&w->loop->snapshot, pod->shape);
        const uint64_t key = (uint64_t)pod->owner << 32 | pod->shape;
        uint64_t index = w->class_count;
        if (is_alone || !wb_hash_map_get(&class_by_key, key, &index)) {
            if (!is_alone) {
                (void)wb_hash_map_put(&class_by_key, key, w->class_count);
            }
            index = w->class_count++;
            w->classes[index].pods.shape = pod->shape;
        }
        w->classes[index].pods.count++;
        w->class_of[i] = (uint32_t)index;
    }
    wb_hash_map_release(&class_by_key);
}

/* ---- limits ---- */

/* Cores, memory and nodes that exist or are on their way: limits count both. */
static void sum_cluster(work *w)
{
    const wb_ca_snapshot *snapshot = &w->loop->snapshot;
    for (uint32_t i = 0; i < snapshot->order_count; i++) {
        const wb_resource_list capacity = snapshot->nodes[snapshot->order[i]].capacity;
        w->cores_milli += wb_resource_list_get(capacity, WB_NAME_CPU);
        w->memory_bytes += wb_resource_list_get(capacity, WB_NAME_MEMORY);
    }
    w->node_count = snapshot->order_count;
}

/* How many nodes of the template fit under the limits of cores and memory. */
static int64_t nodes_under_limits(const work *w, const wb_node_template *template)
{
    assert(template->is_known);
    const wb_ca_flags *flags = &w->loop->flags;
    const int64_t cpu_milli = wb_resource_list_get(template->capacity, WB_NAME_CPU);
    const int64_t memory_bytes = wb_resource_list_get(template->capacity, WB_NAME_MEMORY);
    int64_t count = INT32_MAX;
    if (cpu_milli > 0) {
        const int64_t left = flags->cores_total.maximum * 1000 - w->cores_milli;
        count = left / cpu_milli < count ? left / cpu_milli : count;
    }
    if (memory_bytes > 0) {
        const int64_t left = flags->memory_total_gib.maximum * GIB - w->memory_bytes;
        count = left / memory_bytes < count ? left / memory_bytes : count;
    }
    return count > 0 ? count : 0;
}

/* Nodes that may still be added in all; INT32_MAX: any number. */
static int64_t nodes_under_total(const work *w)
{
    const int64_t total = w->loop->flags.max_nodes_total;
    if (total <= 0) {
        return INT32_MAX;
    }
    return total > w->node_count ? total - w->node_count : 0;
}

/* Why a group is not considered at all. */
static wb_scale_up_skip skip_of(const work *w, uint32_t group)
{
    assert(group < w->loop->group_count);
    const wb_ca_loop *loop = w->loop;
    const wb_group_health *health = &loop->health[group];
    if (!wb_group_health_is_healthy(health, &loop->flags)) {
        return WB_SCALE_UP_SKIP_UNHEALTHY;
    }
    if (wb_group_health_is_backed_off(health, loop->now_ms)) {
        return WB_SCALE_UP_SKIP_BACKED_OFF;
    }
    if (health->target >= loop->groups[group].max_count) {
        return WB_SCALE_UP_SKIP_MAX_SIZE;
    }
    if (!loop->templates[group].is_known) {
        return WB_SCALE_UP_SKIP_NO_TEMPLATE;
    }
    return nodes_under_limits(w, &loop->templates[group]) < 1 ? WB_SCALE_UP_SKIP_LIMIT
                                                              : WB_SCALE_UP_CONSIDERED;
}

/* ---- options ---- */

/* The classes whose first pod passes all rules on an empty node of the group. */
static void find_classes(work *w, uint32_t group)
{
    wb_ca_loop *loop = w->loop;
    group_plan *plan = &w->plans[group];
    plan->classes = WB_ARENA_ARRAY(w->arena, uint32_t, w->class_count);
    const uint32_t mark = wb_ca_snapshot_fork(&loop->snapshot);
    const uint32_t row =
        wb_node_template_add_node(&loop->templates[group], &loop->snapshot, w->arena, 0);
    for (uint32_t i = 0; i < w->class_count; i++) {
        if (wb_ca_snapshot_fits(&loop->snapshot, w->classes[i].pods.shape, row)) {
            plan->classes[plan->class_count++] = i;
            w->classes[i].is_helped = true;
        }
    }
    wb_ca_snapshot_revert(&loop->snapshot, mark);
}

/* Free places of the group, and of those that it is balanced with. */
static int64_t headroom(const work *w, uint32_t group, const uint32_t *similar, uint32_t count)
{
    const wb_ca_loop *loop = w->loop;
    int64_t places = loop->groups[group].max_count - loop->health[group].target;
    for (uint32_t i = 0; i < count; i++) {
        places += loop->groups[similar[i]].max_count - loop->health[similar[i]].target;
    }
    return places;
}

/* How many nodes one estimate may add. */
static uint32_t node_limit(const work *w, int64_t places)
{
    int64_t limit = places;
    if (w->loop->flags.max_nodes_per_scaleup > 0 && w->loop->flags.max_nodes_per_scaleup < limit) {
        limit = w->loop->flags.max_nodes_per_scaleup;
    }
    const int64_t under_total = nodes_under_total(w);
    limit = under_total < limit ? under_total : limit;
    return limit > 0 ? (uint32_t)limit : 0;
}

/* Sums over the pods that an estimate placed. */
static void fill_option(const work *w, uint32_t group, wb_expander_option *option)
{
    assert(group < w->loop->group_count);
    const wb_ca_loop *loop = w->loop;
    const group_plan *plan = &w->plans[group];
    const wb_node_template *template = &loop->templates[group];
    *option = (wb_expander_option){
        .group = group,
        .group_name = loop->groups[group].name,
        .node_count = plan->estimate.node_count,
        .pod_count = plan->estimate.pod_count,
        .node_cpu_milli = wb_resource_list_get(template->capacity, WB_NAME_CPU),
        .node_memory_bytes = wb_resource_list_get(template->capacity, WB_NAME_MEMORY),
        .node_has_gpu = wb_resource_list_get(template->capacity, WB_NAME_NVIDIA_GPU) > 0,
        .node_price = loop->groups[group].price_per_hour,
        .is_price_known = loop->groups[group].is_price_known,
    };
    for (uint32_t i = 0; i < plan->class_count; i++) {
        const wb_ca_snapshot_shape *shape =
            &loop->snapshot.shapes[w->classes[plan->classes[i]].pods.shape];
        option->cpu_milli += shape->cpu_milli * plan->estimate.placed[i];
        option->memory_bytes += shape->memory_bytes * plan->estimate.placed[i];
    }
}

/* Whether the other group takes every class that this one takes; both lists ascend. */
static bool takes_all(const group_plan *other, const group_plan *plan)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < other->class_count && found < plan->class_count; i++) {
        found += other->classes[i] == plan->classes[found] ? 1U : 0U;
    }
    return found == plan->class_count;
}

/* The groups that an option of group is balanced with, into out; how many. */
static uint32_t find_similar(const work *w, uint32_t group, uint32_t *out)
{
    const wb_ca_loop *loop = w->loop;
    if (!loop->flags.balance_similar_node_groups) {
        return 0;
    }
    const uint32_t count = wb_similar_groups_find(loop, group, out);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (loop->report.scale_up.skips[out[i]] == WB_SCALE_UP_CONSIDERED &&
            takes_all(&w->plans[out[i]], &w->plans[group])) {
            out[kept++] = out[i];
        }
    }
    return kept;
}

/* Counts the time that the estimate takes; how many pods it gets to, 0: all. */
static uint32_t take_time(work *w, const wb_estimator_pods *pods, uint32_t class_count)
{
    wb_ca_loop *loop = w->loop;
    const int64_t limit_ms = loop->flags.group_binpacking_limit_ms;
    uint32_t pod_count = 0;
    for (uint32_t i = 0; i < class_count; i++) {
        pod_count += pods[i].count;
    }
    const uint32_t in_time =
        wb_decision_latency_pods_estimated(&loop->latency, pod_count, class_count, limit_ms);
    w->spent_ms += in_time > 0
                       ? limit_ms
                       : wb_decision_latency_estimate_ms(&loop->latency, pod_count, class_count);
    loop->report.is_cut_off = loop->report.is_cut_off || in_time > 0;
    return in_time;
}

/* Estimates one group; what helps no pod is no option. */
static void add_option(work *w, uint32_t group)
{
    wb_ca_loop *loop = w->loop;
    wb_scale_up_report *report = &loop->report.scale_up;
    group_plan *plan = &w->plans[group];
    uint32_t *similar = WB_ARENA_ARRAY(w->arena, uint32_t, loop->group_count);
    const uint32_t similar_count = find_similar(w, group, similar);
    wb_estimator_pods *pods = WB_ARENA_ARRAY(w->arena, wb_estimator_pods, plan->class_count);
    for (uint32_t i = 0; i < plan->class_count; i++) {
        pods[i] = w->classes[plan->classes[i]].pods;
    }
    const wb_estimator_request request = {
        .template = &loop->templates[group],
        .pods = pods,
        .group_count = plan->class_count,
        .node_limit = node_limit(w, headroom(w, group, similar, similar_count)),
        .pod_limit = take_time(w, pods, plan->class_count),
        .fills_by_division = loop->flags.fastpath_binpacking_enabled,
    };
    wb_estimator_run(&loop->snapshot, w->arena, &request, &plan->estimate);
    if (plan->estimate.node_count == 0 || plan->estimate.pod_count == 0) {
        return;
    }
    report->similar[report->option_count] = similar;
    report->similar_counts[report->option_count] = similar_count;
    fill_option(w, group, &report->options[report->option_count++]);
}

/* All groups are asked which classes they take before the first estimate: balancing compares
 * them. */
static void find_options(work *w)
{
    wb_ca_loop *loop = w->loop;
    wb_scale_up_report *report = &loop->report.scale_up;
    w->plans = WB_ARENA_ARRAY(w->arena, group_plan, loop->group_count);
    report->skips = WB_ARENA_ARRAY(w->arena, wb_scale_up_skip, loop->group_count);
    report->options = WB_ARENA_ARRAY(w->arena, wb_expander_option, loop->group_count);
    report->similar = WB_ARENA_ARRAY(w->arena, uint32_t *, loop->group_count);
    report->similar_counts = WB_ARENA_ARRAY(w->arena, uint32_t, loop->group_count);
    for (uint32_t group = 0; group < loop->group_count; group++) {
        report->skips[group] = skip_of(w, group);
        if (report->skips[group] == WB_SCALE_UP_CONSIDERED) {
            find_classes(w, group);
        }
    }
    const int64_t limit_ms = loop->flags.binpacking_limit_ms;
    for (uint32_t group = 0; group < loop->group_count; group++) {
        if (limit_ms > 0 && w->spent_ms >= limit_ms) {
            loop->report.is_cut_off = true; /* the groups so far are the options */
            break;
        }
        if (w->plans[group].class_count > 0) {
            add_option(w, group);
        }
    }
}

/* Pods that no considered group takes, for explanations. */
static void list_unhelped(const work *w)
{
    wb_ca_loop *loop = w->loop;
    wb_scale_up_report *report = &loop->report.scale_up;
    report->unhelped_pods = WB_ARENA_ARRAY(w->arena, uint32_t, loop->pending.count);
    for (uint32_t i = 0; i < loop->pending.count; i++) {
        if (!w->classes[w->class_of[i]].is_helped) {
            report->unhelped_pods[report->unhelped_count++] = loop->pending.items[i].pod_id;
        }
    }
}

/* ---- execution ---- */

/* Asks the cloud; notes the request. False when the call failed. */
static bool increase(wb_ca_loop *loop, uint32_t group, int32_t delta)
{
    assert(delta > 0);
    wb_group_health *health = &loop->health[group];
    if (!loop->world.increase_size(loop->world.context, group, delta)) {
        wb_group_health_fail(health, &loop->flags, loop->now_ms);
        return false;
    }
    health->target += delta;
    wb_group_health_request(health, &loop->flags, delta, loop->now_ms);
    health->last_scale_up_ms = loop->now_ms;
    loop->last_scale_up_ms = loop->now_ms;
    loop->was_productive = true;
    loop->has_changed = true;
    return true;
}

/* One line of the decisions table per group that grows. */
static void announce(wb_ca_loop *loop, const wb_expander_option *option, uint32_t group,
                     int32_t delta, const char *reason)
{
    char outcome[96];
    (void)snprintf(outcome, sizeof(outcome), "%d to %d nodes", loop->health[group].target - delta,
                   loop->health[group].target);
    const wb_decision decision = {
        .at_ms = loop->now_ms,
        .kind = "scale-up",
        .subject = loop->groups[group].name,
        .outcome = outcome,
        .reason = reason,
        .pod_count = option != NULL ? option->pod_count : 0,
        .node_count = delta,
    };
    loop->world.decided(loop->world.context, &decision);
}

/* How many of count nodes each of the groups gets: the smallest group first, ties in order of the
 * list. */
static void spread(const wb_ca_loop *loop, const uint32_t *groups, uint32_t group_count,
                   int64_t count, int32_t *out_deltas)
{
    for (; count > 0; count--) {
        uint32_t smallest = group_count;
        for (uint32_t i = 0; i < group_count; i++) {
            const int32_t size = loop->health[groups[i]].target + out_deltas[i];
            if (size < loop->groups[groups[i]].max_count &&
                (smallest == group_count ||
                 size < loop->health[groups[smallest]].target + out_deltas[smallest])) {
                smallest = i;
            }
        }
        if (smallest == group_count) {
            return; /* all full */
        }
        out_deltas[smallest]++;
    }
}

/* The chosen option, cut to the cluster's limits, spread over similar groups. */
static void execute(work *w, uint32_t chosen)
{
    assert(chosen < w->loop->report.scale_up.option_count);
    wb_ca_loop *loop = w->loop;
    wb_scale_up_report *report = &loop->report.scale_up;
    const wb_expander_option *option = &report->options[chosen];
    int64_t count = option->node_count;
    const int64_t under_total = nodes_under_total(w);
    const int64_t under_limits = nodes_under_limits(w, &loop->templates[option->group]);
    count = under_total < count ? under_total : count;
    count = under_limits < count ? under_limits : count;
    const uint32_t group_count = report->similar_counts[chosen] + 1;
    uint32_t *groups = WB_ARENA_ARRAY(w->arena, uint32_t, group_count);
    int32_t *deltas = WB_ARENA_ARRAY(w->arena, int32_t, group_count);
    groups[0] = option->group;
    for (uint32_t i = 1; i < group_count; i++) {
        groups[i] = report->similar[chosen][i - 1];
    }
    spread(loop, groups, group_count, count, deltas);
    report->result = WB_SCALE_UP_ERROR;
    for (uint32_t i = 0; i < group_count; i++) {
        if (deltas[i] > 0 && increase(loop, groups[i], deltas[i])) {
            report->increases[groups[i]] = deltas[i];
            report->result = WB_SCALE_UP_SUCCESSFUL;
            announce(loop, option, groups[i], deltas[i], report->reason);
        }
    }
}

/* Options, choice, cloud calls, once; what was asked for goes to report->increases. */
static void run_round(wb_ca_loop *loop)
{
    wb_scale_up_report *report = &loop->report.scale_up;
    work w = {.loop = loop, .arena = &loop->scratch};
    report->increases = WB_ARENA_ARRAY(w.arena, int32_t, (size_t)loop->group_count + 1);
    classify(&w);
    sum_cluster(&w);
    find_options(&w);
    list_unhelped(&w);
    if (report->option_count == 0) {
        report->result = WB_SCALE_UP_NO_OPTIONS;
        return;
    }
    char reason[256];
    loop->expander.cluster_node_count = w.node_count;
    report->chosen = wb_expander_choose(&loop->expander, report->options, report->option_count,
                                        reason, sizeof(reason));
    report->reason = wb_arena_copy_string(w.arena, reason);
    execute(&w, report->chosen);
}

/* Puts what a round asked for into the snapshot, so that the next one is about the rest. */
static void add_asked_nodes(wb_ca_loop *loop, const int32_t *increases, uint32_t round)
{
    for (uint32_t group = 0; group < loop->group_count; group++) {
        for (int32_t i = 0; i < increases[group]; i++) {
            /* Numbers that neither estimates nor upcoming nodes use. */
            (void)wb_node_template_add_node(&loop->templates[group], &loop->snapshot,
                                            &loop->scratch, SALVO_ORDINAL * round + (uint32_t)i);
        }
    }
}

void wb_scale_up_run(wb_ca_loop *loop)
{
    assert(loop->pending.count > 0 && loop->snapshot.fork_depth > 0);
    run_round(loop);
    /* --salvo-scale-up goes on with the pods that the chosen option left over. The report stays
     * that of the first round, with the increases of all. */
    const wb_scale_up_report first = loop->report.scale_up;
    const int32_t *last = first.increases;
    bool goes_on = loop->flags.salvo_scale_up && first.result == WB_SCALE_UP_SUCCESSFUL;
    for (uint32_t round = 1; goes_on && round < SALVO_ROUNDS_MAX; round++) {
        add_asked_nodes(loop, last, round);
        wb_pending_pods_refit(loop);
        if (loop->pending.count == 0) {
            break;
        }
        loop->report.scale_up = (wb_scale_up_report){0};
        run_round(loop);
        goes_on = loop->report.scale_up.result == WB_SCALE_UP_SUCCESSFUL;
        last = loop->report.scale_up.increases;
        for (uint32_t group = 0; group < loop->group_count; group++) {
            first.increases[group] += last[group];
        }
    }
    loop->report.scale_up = first;
}

void wb_scale_up_to_minimum(wb_ca_loop *loop)
{
    assert(loop->snapshot.fork_depth == 0);
    wb_scale_up_report *report = &loop->report.scale_up;
    for (uint32_t group = 0; group < loop->group_count; group++) {
        const int32_t delta = loop->groups[group].min_count - loop->health[group].target;
        if (delta <= 0 || wb_group_health_is_backed_off(&loop->health[group], loop->now_ms) ||
            !increase(loop, group, delta)) {
            continue;
        }
        if (report->increases == NULL) {
            report->increases = WB_ARENA_ARRAY(&loop->scratch, int32_t, loop->group_count);
        }
        report->increases[group] += delta;
        report->result = WB_SCALE_UP_SUCCESSFUL;
        announce(loop, NULL, group, delta, "the group is below its minimum size");
    }
}
