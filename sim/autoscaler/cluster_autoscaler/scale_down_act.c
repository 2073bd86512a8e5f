/*
 * The second half of scale-down: of the unneeded nodes, those that are ripe go, within the groups'
 * minima and the budgets of deletions at a time; the others get a soft taint.
 */
#include <assert.h>

#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"
#include "sim/autoscaler/cluster_autoscaler/scale_down.h"

#define GIB (INT64_C(1) << 30)

/* What is left to take away in one pass. */
typedef struct removal_quota {
    int32_t *sizes; /* by group: target less deletions, going on and chosen */
    int64_t cores_milli, memory_bytes;
} removal_quota;

/* ---- cool-down ---- */

/* Whether a delay since something is still running; then the pass at its end is wanted. */
static bool is_within(wb_ca_loop *loop, int64_t since_ms, int64_t delay_ms)
{
    if (since_ms == INT64_MIN || since_ms + delay_ms <= loop->now_ms) {
        return false;
    }
    wb_ca_loop_wake_at(loop, since_ms + delay_ms);
    return true;
}

/* All three are asked, so that each can ask for its pass. */
static bool is_in_cooldown(wb_ca_loop *loop)
{
    const wb_ca_flags *flags = &loop->flags;
    if (loop->scale_down_is_off) {
        return true;
    }
    if (flags->scale_down_delay_type_local) {
        return false; /* looked at group by group */
    }
    const bool after_add = is_within(loop, loop->last_scale_up_ms, flags->delay_after_add_ms);
    const bool after_failure =
        is_within(loop, loop->last_failure_ms, flags->delay_after_failure_ms);
    const bool after_delete = is_within(loop, loop->last_delete_ms, flags->delay_after_delete_ms);
    return after_add || after_failure || after_delete;
}

/* The same per group, with --scale-down-delay-type-local. */
static bool group_is_in_cooldown(wb_ca_loop *loop, uint32_t group)
{
    const wb_ca_flags *flags = &loop->flags;
    const wb_group_health *health = &loop->health[group];
    if (!flags->scale_down_delay_type_local) {
        return false;
    }
    const bool after_add = is_within(loop, health->last_scale_up_ms, flags->delay_after_add_ms);
    const bool after_delete = is_within(loop, health->last_delete_ms, flags->delay_after_delete_ms);
    return after_add || after_delete;
}

/* ---- who is ripe ---- */

/* Why an unneeded node does not go yet. */
static wb_scale_down_reason ripeness(wb_ca_loop *loop, uint32_t row)
{
    assert(loop->scale_down.marks[row].unneeded_since_ms >= 0);
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    const wb_scale_down_mark *mark = &loop->scale_down.marks[row];
    const bool is_ready = wb_ca_loop_node_is_ready(loop, row);
    const wb_ca_group *group = &loop->groups[node->group];
    const int64_t wait_ms = is_ready ? group->unneeded_time_ms : group->unready_time_ms;
    if (mark->unneeded_since_ms + wait_ms >= loop->now_ms) {
        wb_ca_loop_wake_at(loop, mark->unneeded_since_ms + wait_ms + 1);
        return is_ready ? WB_SCALE_DOWN_NOT_UNNEEDED_LONG_ENOUGH
                        : WB_SCALE_DOWN_NOT_UNREADY_LONG_ENOUGH;
    }
    return mark->waits_for_completion ? WB_SCALE_DOWN_BLOCKED_BY_ON_COMPLETION
                                      : WB_SCALE_DOWN_NO_REASON;
}

/* What is left once the deletions that go on are over. */
static removal_quota make_quota(wb_ca_loop *loop)
{
    removal_quota quota = {.sizes = WB_ARENA_ARRAY(&loop->scratch, int32_t, loop->group_count)};
    for (uint32_t group = 0; group < loop->group_count; group++) {
        quota.sizes[group] =
            loop->health[group].target -
            (int32_t)wb_node_deletion_count(&loop->scale_down.deletions, group, false);
    }
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        const wb_ca_snapshot_node *node = &loop->snapshot.nodes[loop->snapshot.order[i]];
        if (!wb_node_deletion_is_going_on(&loop->scale_down.deletions, node->node_id)) {
            quota.cores_milli += wb_resource_list_get(node->capacity, WB_NAME_CPU);
            quota.memory_bytes += wb_resource_list_get(node->capacity, WB_NAME_MEMORY);
        }
    }
    return quota;
}

/* Takes the node out of the quota, or says why not. */
static wb_scale_down_reason take(const wb_ca_loop *loop, removal_quota *quota, uint32_t row)
{
    assert(loop->snapshot.nodes[row].group < loop->group_count);
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    const int64_t cpu_milli = wb_resource_list_get(node->capacity, WB_NAME_CPU);
    const int64_t memory_bytes = wb_resource_list_get(node->capacity, WB_NAME_MEMORY);
    if (quota->sizes[node->group] <= loop->groups[node->group].min_count) {
        return WB_SCALE_DOWN_MIN_SIZE;
    }
    if (quota->cores_milli - cpu_milli < loop->flags.cores_total.minimum * 1000 ||
        quota->memory_bytes - memory_bytes < loop->flags.memory_total_gib.minimum * GIB) {
        return WB_SCALE_DOWN_MIN_RESOURCES;
    }
    quota->sizes[node->group]--;
    quota->cores_milli -= cpu_milli;
    quota->memory_bytes -= memory_bytes;
    return WB_SCALE_DOWN_NO_REASON;
}

/* Empty ones, then those to drain, then the risky ones. */
static uint32_t rank_of(const wb_scale_down_mark *mark)
{
    return mark->is_empty ? 0 : mark->is_risky ? 2 : 1;
}

/* Whether an unneeded node goes now; else its mark says why not. */
static bool may_go(wb_ca_loop *loop, removal_quota *quota, uint32_t row)
{
    wb_scale_down_mark *mark = &loop->scale_down.marks[row];
    mark->reason = ripeness(loop, row);
    if (mark->reason != WB_SCALE_DOWN_NO_REASON ||
        group_is_in_cooldown(loop, loop->snapshot.nodes[row].group)) {
        return false;
    }
    mark->reason = take(loop, quota, row);
    return mark->reason == WB_SCALE_DOWN_NO_REASON;
}

/* The unneeded nodes that may go now; their rows in that order. */
static uint32_t list_ripe(wb_ca_loop *loop, uint32_t *rows)
{
    removal_quota quota = make_quota(loop);
    uint32_t count = 0;
    for (uint32_t rank = 0; rank < 3; rank++) {
        for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
            const uint32_t row = loop->snapshot.order[i];
            const wb_scale_down_mark *mark = &loop->scale_down.marks[row];
            if (mark->is_unneeded && rank_of(mark) == rank && may_go(loop, &quota, row)) {
                rows[count++] = row;
            }
        }
    }
    return count;
}

/* ---- deletions ---- */

/* Begins what the budgets allow of the ripe ones; how many. */
static uint32_t begin_deletions(wb_ca_loop *loop, const uint32_t *rows, uint32_t count)
{
    const wb_node_deletions *deletions = &loop->scale_down.deletions;
    int64_t places = loop->flags.max_scale_down_parallelism -
                     wb_node_deletion_count(deletions, WB_CA_SNAPSHOT_NONE, false);
    int64_t drains = loop->flags.max_drain_parallelism -
                     wb_node_deletion_count(deletions, WB_CA_SNAPSHOT_NONE, true);
    uint32_t begun = 0;
    for (uint32_t i = 0; i < count && places > 0; i++) {
        const bool is_drain = !loop->scale_down.marks[rows[i]].is_empty;
        if (is_drain && drains <= 0) {
            continue;
        }
        wb_node_deletion_begin(loop, rows[i], is_drain);
        places--;
        drains -= is_drain ? 1 : 0;
        begun++;
    }
    return begun;
}

/* Taints are the world's business; told outside of the fork, by node. */
static void tell_taints(wb_ca_loop *loop, uint32_t first)
{
    const wb_node_deletions *deletions = &loop->scale_down.deletions;
    for (uint32_t i = first; i < deletions->count; i++) {
        loop->world.set_taint(loop->world.context, deletions->items[i].node_id,
                              WB_CA_TAINT_TO_BE_DELETED, true);
    }
}

/* Soft taints on unneeded nodes, off the others; so many per pass. */
static void update_soft_taints(wb_ca_loop *loop)
{
    int64_t left = loop->flags.max_bulk_soft_taint_count;
    if (left == 0) {
        return;
    }
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        const uint32_t row = loop->snapshot.order[i];
        wb_scale_down_mark *mark = &loop->scale_down.marks[row];
        if (mark->is_unneeded == mark->has_soft_taint ||
            wb_node_deletion_is_going_on(&loop->scale_down.deletions, mark->node_id)) {
            continue;
        }
        if (left-- == 0) {
            loop->has_changed = true; /* the rest in the next pass */
            return;
        }
        mark->has_soft_taint = mark->is_unneeded;
        loop->world.set_taint(loop->world.context, mark->node_id, WB_CA_TAINT_CANDIDATE,
                              mark->is_unneeded);
    }
}

void wb_scale_down_act(wb_ca_loop *loop)
{
    assert(loop->snapshot.fork_depth == 0); /* the world may change nodes */
    wb_scale_down *scale_down = &loop->scale_down;
    scale_down->is_in_cooldown = is_in_cooldown(loop);
    if (scale_down->is_in_cooldown) {
        return;
    }
    const uint32_t first = scale_down->deletions.count;
    uint32_t *rows =
        WB_ARENA_ARRAY(&loop->scratch, uint32_t, (size_t)loop->snapshot.order_count + 1);
    const uint32_t count = list_ripe(loop, rows);
    if (begin_deletions(loop, rows, count) > 0) {
        tell_taints(loop, first);
        loop->last_delete_ms = loop->now_ms;
        loop->was_productive = true;
        loop->has_changed = true;
        return;
    }
    update_soft_taints(loop);
}
