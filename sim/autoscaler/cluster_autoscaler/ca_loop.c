/*
 * The order of one pass. Everything that looks at more than one step is here: when a step ends the
 * pass, what belongs to the fork and what to the world, and which timers make a later pass differ.
 * Steps that the specification numbers are called in its order (look_around: 2 to 8; add_upcoming:
 * 9; scale_up: 10 to 12; scale-down: 13; to the minimum: 14).
 */
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"

#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"

/* A node that is to be the template of its group must have been ready for so long. */
#define GOOD_AFTER_MS WB_MS_PER_MINUTE

wb_status wb_ca_loop_init(wb_ca_loop *loop, wb_arena *arena, wb_intern *intern,
                          const wb_ca_loop_options *options, wb_error *err)
{
    assert(loop != NULL && arena != NULL && intern != NULL);
    *loop = (wb_ca_loop){
        .flags = *options->flags,
        .latency = options->latency,
        .world = *options->world,
        .arena = arena,
        .intern = intern,
        .annotation_local_volumes =
            wb_intern_add(intern, "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"),
        .annotation_scale_up_delay =
            wb_intern_add(intern, "cluster-autoscaler.kubernetes.io/pod-scale-up-delay"),
        .group_count = options->group_count,
        .now_ms = -1,
        .last_pass_ms = -1,
        .last_scale_up_ms = INT64_MIN,
        .last_delete_ms = INT64_MIN,
        .last_failure_ms = INT64_MIN,
    };
    WB_TRY(wb_expander_init(&loop->expander, arena, options->flags, options->seed, err));
    wb_arena_init(&loop->scratch, "cluster autoscaler", 0, NULL);
    loop->groups = WB_ARENA_ARRAY(arena, wb_ca_group, (size_t)options->group_count + 1);
    loop->health = WB_ARENA_ARRAY(arena, wb_group_health, (size_t)options->group_count + 1);
    loop->templates = WB_ARENA_ARRAY(arena, wb_node_template, (size_t)options->group_count + 1);
    for (uint32_t group = 0; group < options->group_count; group++) {
        loop->groups[group] = options->groups[group];
        wb_group_health_init(&loop->health[group]);
        loop->templates[group].group = group;
        loop->templates[group].group_name = options->groups[group].name;
    }
    wb_ca_snapshot_init(&loop->snapshot, intern);
    wb_hash_map_init(&loop->row_by_node);
    wb_pending_pods_init(&loop->pending);
    wb_scale_down_init(&loop->scale_down);
    return WB_OK;
}

void wb_ca_loop_release(wb_ca_loop *loop)
{
    assert(loop->snapshot.fork_depth == 0);
    for (uint32_t group = 0; group < loop->group_count; group++) {
        wb_group_health_release(&loop->health[group]);
    }
    wb_scale_down_release(&loop->scale_down);
    wb_pending_pods_release(&loop->pending);
    wb_hash_map_release(&loop->row_by_node);
    wb_ca_snapshot_release(&loop->snapshot);
    wb_arena_release(&loop->scratch);
}

/* ---- nodes ---- */

uint32_t wb_ca_loop_find_row(const wb_ca_loop *loop, uint32_t node_id)
{
    uint64_t row = 0;
    return wb_hash_map_get(&loop->row_by_node, node_id, &row) ? (uint32_t)row : WB_CA_SNAPSHOT_NONE;
}

uint32_t wb_ca_loop_set_node(wb_ca_loop *loop, const wb_ca_snapshot_node *node)
{
    assert(node->node_id != WB_CA_SNAPSHOT_NONE);
    uint32_t row = wb_ca_loop_find_row(loop, node->node_id);
    if (row != WB_CA_SNAPSHOT_NONE) {
        wb_ca_snapshot_change_node(&loop->snapshot, row, node);
        return row;
    }
    row = wb_ca_snapshot_add_node(&loop->snapshot, node);
    (void)wb_hash_map_put(&loop->row_by_node, node->node_id, row);
    return row;
}

void wb_ca_loop_remove_node(wb_ca_loop *loop, uint32_t node_id)
{
    assert(loop->snapshot.fork_depth == 0);
    const uint32_t row = wb_ca_loop_find_row(loop, node_id);
    if (row != WB_CA_SNAPSHOT_NONE) {
        wb_ca_snapshot_remove_node(&loop->snapshot, row);
        (void)wb_hash_map_remove(&loop->row_by_node, node_id);
    }
}

bool wb_ca_loop_node_is_ready(const wb_ca_loop *loop, uint32_t row)
{
    assert(row < loop->snapshot.node_row_count);
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (wb_node_template_is_startup_taint(loop->intern, &loop->flags, node->taints[i].key)) {
            return false;
        }
    }
    return node->is_ready;
}

bool wb_ca_loop_node_is_deleted(const wb_ca_loop *loop, uint32_t row)
{
    assert(row < loop->snapshot.node_row_count);
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (node->taints[i].key == WB_NAME_TAINT_TO_BE_DELETED) {
            return true;
        }
    }
    return wb_node_deletion_is_going_on(&loop->scale_down.deletions, node->node_id);
}

void wb_ca_loop_wake_at(wb_ca_loop *loop, int64_t at_ms)
{
    if (at_ms > loop->now_ms && at_ms < loop->next_ms) {
        loop->next_ms = at_ms;
    }
}

/* ---- templates ---- */

/* DaemonSets that would run on such a node and are not on the template yet. A template of a real
 * node gets only those that no node may do without, unless --force-ds. */
static void add_daemons(wb_ca_loop *loop, wb_node_template *template, bool only_critical)
{
    assert(template->is_known);
    wb_node_template_pod daemons[WB_NODE_TEMPLATE_PODS_MAX];
    const uint32_t count = loop->world.daemons(loop->world.context, template->labels,
                                               template->taints, template->taint_count, daemons);
    for (uint32_t i = 0; i < count; i++) {
        if (!only_critical || daemons[i].is_critical) {
            wb_node_template_add_pod(template, &daemons[i]);
        }
    }
}

/* kube-proxy as a static pod of 100 milli-cores, which the AWS provider adds. */
static uint32_t kube_proxy_shape(wb_ca_loop *loop)
{
    static const wb_resource requests[] = {{WB_NAME_CPU, 100}, {WB_NAME_PODS, 1}};
    static const wb_pod_template template = {.requests = {requests, 2}};
    return wb_ca_snapshot_add_shape(&loop->snapshot, &template, WB_NAME_KUBE_SYSTEM);
}

/* From the instance type and the group's own labels and taints; all DaemonSets that fit. */
static void make_from_zero(wb_ca_loop *loop, uint32_t group, wb_node_template *out)
{
    const wb_ca_group *config = &loop->groups[group];
    *out = (wb_node_template){
        .is_known = config->capacity.count > 0,
        .group = group,
        .group_name = config->name,
        .labels = config->labels,
        .taint_count = config->taint_count,
        .capacity = config->capacity,
        .allocatable = config->capacity,
    };
    assert(config->taint_count <= WB_CA_SNAPSHOT_TAINTS_MAX);
    if (config->taint_count > 0) {
        memcpy(out->taints, config->taints, config->taint_count * sizeof(out->taints[0]));
    }
    const wb_node_template_pod proxy = {.shape = kube_proxy_shape(loop),
                                        .owner = WB_CA_SNAPSHOT_NONE,
                                        .is_mirror = true};
    wb_node_template_add_pod(out, &proxy);
    add_daemons(loop, out, false);
}

/* Good nodes first in the list win; groups without one keep what they had. */
static void refresh_templates(wb_ca_loop *loop)
{
    bool *is_fresh = WB_ARENA_ARRAY(&loop->scratch, bool, (size_t)loop->group_count + 1);
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        const uint32_t row = loop->snapshot.order[i];
        const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
        if (node->group == WB_CA_SNAPSHOT_NONE || is_fresh[node->group] || node->is_unschedulable ||
            !wb_ca_loop_node_is_ready(loop, row) || wb_ca_loop_node_is_deleted(loop, row)) {
            continue;
        }
        if (node->ready_since_ms + GOOD_AFTER_MS >= loop->now_ms) {
            wb_ca_loop_wake_at(loop, node->ready_since_ms + GOOD_AFTER_MS + 1);
            continue;
        }
        wb_node_template *template = &loop->templates[node->group];
        wb_node_template_take_node(&loop->snapshot, &loop->flags, row, template);
        add_daemons(loop, template, !loop->flags.force_ds);
        is_fresh[node->group] = true;
    }
    for (uint32_t group = 0; group < loop->group_count; group++) {
        if (!is_fresh[group] && !loop->templates[group].is_from_node) {
            make_from_zero(loop, group, &loop->templates[group]);
        }
    }
}

/* ---- health ---- */

/* Not ready yet, but young enough to become so. */
static bool is_starting(const wb_ca_loop *loop, const wb_ca_snapshot_node *node)
{
    return node->created_ms + loop->flags.max_node_startup_time_ms > loop->now_ms;
}

/* Rows of the nodes that have a machine in the cloud's list. */
static bool *mark_backed(wb_ca_loop *loop)
{
    bool *is_backed =
        WB_ARENA_ARRAY(&loop->scratch, bool, (size_t)loop->snapshot.node_row_count + 1);
    for (uint32_t group = 0; group < loop->group_count; group++) {
        const wb_ca_instance *instances = NULL;
        const uint32_t count = loop->world.instances(loop->world.context, group, &instances);
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t row = instances[i].node_id != WB_CA_SNAPSHOT_NONE
                                     ? wb_ca_loop_find_row(loop, instances[i].node_id)
                                     : WB_CA_SNAPSHOT_NONE;
            if (row != WB_CA_SNAPSHOT_NONE) {
                is_backed[row] = true;
            }
        }
    }
    return is_backed;
}

/* Every registered node is one of four things to its group. */
static void count_nodes(wb_ca_loop *loop)
{
    const bool *is_backed = mark_backed(loop);
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        const uint32_t row = loop->snapshot.order[i];
        const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
        if (node->group == WB_CA_SNAPSHOT_NONE) {
            continue;
        }
        wb_group_health *health = &loop->health[node->group];
        if (!is_backed[row]) {
            health->deleted++;
        } else if (wb_ca_loop_node_is_ready(loop, row)) {
            health->ready++;
        } else if (is_starting(loop, node)) {
            health->not_started++;
            wb_ca_loop_wake_at(loop, node->created_ms + loop->flags.max_node_startup_time_ms);
        } else {
            health->unready++;
        }
    }
}

/* A scale-up that took too long: the target is lowered again, where the cloud lets us. */
static void give_up(wb_ca_loop *loop, uint32_t group, int32_t increase)
{
    assert(group < loop->group_count && increase > 0);
    if (loop->world.decrease_target(loop->world.context, group, increase)) {
        loop->health[group].target -= increase;
    }
    const wb_decision decision = {
        .at_ms = loop->now_ms,
        .kind = "scale-up",
        .subject = loop->groups[group].name,
        .outcome = "failed",
        .reason = "the nodes did not come within max-node-provision-time: backed off",
        .node_count = increase,
    };
    loop->world.decided(loop->world.context, &decision);
}

/* Step 5: counts, requests that are over, creation errors. */
static void update_health(wb_ca_loop *loop)
{
    for (uint32_t group = 0; group < loop->group_count; group++) {
        wb_group_health_begin(&loop->health[group],
                              loop->world.target_size(loop->world.context, group));
    }
    count_nodes(loop);
    for (uint32_t group = 0; group < loop->group_count; group++) {
        const wb_ca_instance *instances = NULL;
        const uint32_t count = loop->world.instances(loop->world.context, group, &instances);
        wb_group_health_news news;
        wb_group_health_update(&loop->health[group], &loop->flags, instances, count, loop->now_ms,
                               &news);
        if (news.timed_out_increase > 0) {
            give_up(loop, group, news.timed_out_increase);
            loop->has_changed = true;
        }
        if (news.new_failure_count > 0) {
            loop->has_changed = true;
        }
    }
}

/* Removes instances by a predicate of the missing ones; never more than limit. */
static void remove_missing(wb_ca_loop *loop, uint32_t group, bool only_failed, int32_t limit)
{
    assert(group < loop->group_count && limit > 0);
    wb_group_health *health = &loop->health[group];
    uint64_t *keys = WB_ARENA_ARRAY(&loop->scratch, uint64_t, (size_t)health->missing_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < health->missing_count && (int32_t)count < limit; i++) {
        const wb_group_health_missing *missing = &health->missing[i];
        const bool is_old =
            missing->since_ms + loop->flags.max_node_provision_time_ms < loop->now_ms;
        if (only_failed ? missing->has_failed : is_old && !missing->has_failed) {
            keys[count++] = missing->key;
        }
    }
    if (count > 0 && loop->world.delete_instances(loop->world.context, group, keys, count)) {
        health->target = loop->world.target_size(loop->world.context, group);
        loop->has_changed = true;
    }
}

/* Step 6: what did not become a node in time, but never below the group's minimum. */
static void remove_unregistered(wb_ca_loop *loop)
{
    for (uint32_t group = 0; group < loop->group_count; group++) {
        const int32_t spare = loop->health[group].target - loop->groups[group].min_count;
        const int32_t limit = loop->flags.force_delete_unregistered_nodes ? INT32_MAX : spare;
        if (loop->health[group].long_unregistered > 0 && limit > 0) {
            remove_missing(loop, group, false, limit);
        }
    }
}

/* Step 8: what the cloud could not make. */
static void remove_failed(wb_ca_loop *loop)
{
    for (uint32_t group = 0; group < loop->group_count; group++) {
        remove_missing(loop, group, true, INT32_MAX);
    }
}

/* True when a target was lowered to what is registered: the pass ends there. */
static bool correct_sizes(wb_ca_loop *loop)
{
    bool any = false;
    for (uint32_t group = 0; group < loop->group_count; group++) {
        wb_group_health *health = &loop->health[group];
        const int32_t excess = wb_group_health_excess(health, &loop->flags, loop->now_ms);
        if (excess > 0 && loop->world.decrease_target(loop->world.context, group, excess)) {
            health->target -= excess;
            loop->has_changed = true;
            any = true;
        }
    }
    return any;
}

/* Step 7: with too many unready nodes nothing is trusted. */
static bool cluster_is_healthy(const wb_ca_loop *loop)
{
    int64_t unready = 0;
    for (uint32_t group = 0; group < loop->group_count; group++) {
        unready += loop->health[group].unready;
    }
    return unready <= loop->flags.ok_total_unready_count ||
           (double)unready <= loop->flags.max_total_unready_percentage / 100.0 *
                                  (double)loop->snapshot.order_count;
}

/* ---- upcoming nodes ---- */

/* Within the fork: copies of templates for what is on its way; nodes that are starting up are among
 * those and leave. */
static void add_upcoming(wb_ca_loop *loop)
{
    assert(loop->snapshot.fork_depth == 1);
    wb_ca_snapshot *snapshot = &loop->snapshot;
    for (uint32_t group = 0; group < loop->group_count; group++) {
        const int32_t count = wb_group_health_upcoming(&loop->health[group], loop->now_ms);
        if (count == 0 || !loop->templates[group].is_known) {
            continue;
        }
        for (uint32_t i = snapshot->order_count; i-- > 0;) {
            const uint32_t row = snapshot->order[i];
            const wb_ca_snapshot_node *node = &snapshot->nodes[row];
            if (node->group == group && node->node_id != WB_CA_SNAPSHOT_NONE &&
                !wb_ca_loop_node_is_ready(loop, row) && is_starting(loop, node)) {
                wb_ca_snapshot_remove_node(snapshot, row);
            }
        }
        for (int32_t i = 0; i < count; i++) {
            /* Numbers above those of estimates, whose nodes may stand beside these. */
            (void)wb_node_template_add_node(&loop->templates[group], snapshot, &loop->scratch,
                                            100000U + (uint32_t)i);
        }
    }
}

/* ---- one pass ---- */

/* Steps 10 to 12. */
static void scale_up(wb_ca_loop *loop)
{
    wb_scale_up_report *report = &loop->report.scale_up;
    wb_pending_pods_gather(loop);
    loop->report.pending_count = loop->pending.count;
    if (loop->pending.count == 0) {
        report->result = WB_SCALE_UP_NOT_NEEDED;
        return;
    }
    const int64_t total = loop->flags.max_nodes_total;
    int64_t ready = 0;
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        const uint32_t row = loop->snapshot.order[i];
        ready += loop->snapshot.nodes[row].node_id != WB_CA_SNAPSHOT_NONE &&
                         wb_ca_loop_node_is_ready(loop, row)
                     ? 1
                     : 0;
    }
    if (total > 0 && ready >= total) {
        report->result = WB_SCALE_UP_AT_MAX_NODES;
        return;
    }
    if (wb_pending_pods_are_all_new(&loop->pending, loop->now_ms)) {
        report->result = WB_SCALE_UP_IN_COOLDOWN;
        loop->scale_down_is_off = true;
        loop->has_changed = true; /* they grow older */
        return;
    }
    wb_scale_up_run(loop);
}

/* The shortest interval bounds how many unneeded nodes are worth knowing. */
static void note_interval(wb_ca_loop *loop)
{
    if (loop->last_pass_ms >= 0) {
        const int64_t interval_ms = loop->now_ms - loop->last_pass_ms;
        if (loop->shortest_interval_ms == 0 || interval_ms < loop->shortest_interval_ms) {
            loop->shortest_interval_ms = interval_ms;
        }
    }
    loop->last_pass_ms = loop->now_ms;
}

/* For --scale-up-from-zero=false. */
static bool any_node_is_ready(const wb_ca_loop *loop)
{
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        if (wb_ca_loop_node_is_ready(loop, loop->snapshot.order[i])) {
            return true;
        }
    }
    return false;
}

/* Steps 2 to 8; false: the pass ends here. */
static bool look_around(wb_ca_loop *loop)
{
    if (!loop->flags.scale_up_from_zero && !any_node_is_ready(loop)) {
        return false;
    }
    loop->world.refresh(loop->world.context);
    refresh_templates(loop);
    update_health(loop);
    remove_unregistered(loop);
    if (!cluster_is_healthy(loop)) {
        loop->report.is_unhealthy = true;
        wb_scale_down_forget(loop);
        return false;
    }
    remove_failed(loop);
    return !correct_sizes(loop);
}

void wb_ca_loop_run(wb_ca_loop *loop, int64_t now_ms)
{
    assert(now_ms >= loop->now_ms && loop->snapshot.fork_depth == 0);
    loop->now_ms = now_ms;
    wb_arena_clear(&loop->scratch);
    loop->report = (wb_ca_report){0};
    loop->has_changed = false;
    loop->was_productive = false;
    loop->scale_down_is_off = false;
    loop->next_ms = INT64_MAX;
    loop->pass_count++;
    note_interval(loop);
    if (!look_around(loop)) {
        return;
    }
    const uint32_t mark = wb_ca_snapshot_fork(&loop->snapshot);
    add_upcoming(loop);
    scale_up(loop);
    if (loop->flags.scale_down_enabled) {
        wb_scale_down_plan(loop);
    }
    wb_ca_snapshot_revert(&loop->snapshot, mark);
    if (loop->flags.scale_down_enabled) {
        wb_scale_down_act(loop);
        wb_scale_down_tell(loop);
    }
    if (loop->flags.enforce_node_group_min_size) {
        wb_scale_up_to_minimum(loop);
    }
    for (uint32_t group = 0; group < loop->group_count; group++) {
        wb_ca_loop_wake_at(loop,
                           wb_group_health_next_ms(&loop->health[group], &loop->flags, now_ms));
    }
}

void wb_ca_loop_run_deletions(wb_ca_loop *loop, int64_t now_ms)
{
    assert(now_ms >= loop->now_ms);
    loop->now_ms = now_ms;
    wb_node_deletion_run(loop);
}

int64_t wb_ca_loop_next_deletion_ms(const wb_ca_loop *loop)
{
    return wb_node_deletion_next_ms(&loop->scale_down.deletions);
}
