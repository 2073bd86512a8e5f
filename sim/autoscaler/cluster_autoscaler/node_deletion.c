/*
 * The steps of a deletion. Each is a function that either finishes (false: the deletion is over) or
 * leaves the time at which it is to be called again. Steps act through the world, which may change
 * the snapshot under them: they gather ids first and act on those.
 */
#include "sim/autoscaler/cluster_autoscaler/node_deletion.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"

#define EVICTION_RETRY_MS    (10 * WB_MS_PER_SECOND)
#define EMPTYING_LOOK_MS     (5 * WB_MS_PER_SECOND)
#define EMPTYING_HEADROOM_MS (30 * WB_MS_PER_SECOND)

void wb_node_deletion_init(wb_node_deletions *deletions)
{
    assert(deletions != NULL);
    *deletions = (wb_node_deletions){0};
}

void wb_node_deletion_release(wb_node_deletions *deletions)
{
    for (uint32_t i = 0; i < deletions->count; i++) {
        wb_heap_memory_free(deletions->items[i].refused);
    }
    wb_heap_memory_free(deletions->items);
    *deletions = (wb_node_deletions){0};
}

bool wb_node_deletion_is_going_on(const wb_node_deletions *deletions, uint32_t node_id)
{
    for (uint32_t i = 0; i < deletions->count; i++) {
        if (deletions->items[i].node_id == node_id) {
            return true;
        }
    }
    return false;
}

uint32_t wb_node_deletion_count(const wb_node_deletions *deletions, uint32_t group,
                                bool only_drains)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < deletions->count; i++) {
        const wb_node_deletion *one = &deletions->items[i];
        count +=
            (group == WB_CA_SNAPSHOT_NONE || one->group == group) && (!only_drains || one->is_drain)
                ? 1U
                : 0U;
    }
    return count;
}

int64_t wb_node_deletion_next_ms(const wb_node_deletions *deletions)
{
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < deletions->count; i++) {
        next_ms = deletions->items[i].next_ms < next_ms ? deletions->items[i].next_ms : next_ms;
    }
    return next_ms;
}

/* One line of the decisions table. */
static void announce(wb_ca_loop *loop, const wb_node_deletion *one, const char *outcome,
                     const char *reason)
{
    const uint32_t row = wb_ca_loop_find_row(loop, one->node_id);
    const wb_decision decision = {
        .at_ms = loop->now_ms,
        .kind = "scale-down",
        .subject = row != WB_CA_SNAPSHOT_NONE
                       ? wb_intern_text(loop->intern, loop->snapshot.nodes[row].name)
                       : "",
        .outcome = outcome,
        .reason = reason,
        .pod_count = one->moved_count,
        .node_count = 1,
    };
    loop->world.decided(loop->world.context, &decision);
}

void wb_node_deletion_begin(wb_ca_loop *loop, uint32_t row, bool is_drain)
{
    assert(loop->snapshot.fork_depth == 0 && row < loop->snapshot.node_row_count);
    wb_node_deletions *deletions = &loop->scale_down.deletions;
    if (deletions->count == deletions->capacity) {
        deletions->capacity = deletions->capacity * 2 + 16;
        deletions->items =
            wb_heap_memory_resize(deletions->items, deletions->capacity, sizeof(*deletions->items));
    }
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    wb_node_deletion *one = &deletions->items[deletions->count++];
    *one = (wb_node_deletion){
        .node_id = node->node_id,
        .group = node->group,
        .is_drain = is_drain,
        .stage = WB_NODE_DELETION_TAINTED,
        .begun_ms = loop->now_ms,
        .next_ms = loop->now_ms + loop->flags.delay_after_taint_ms,
        .ordinal = deletions->begun_count++,
    };
    const wb_scale_down_mark *mark = &loop->scale_down.marks[row];
    char reason[160];
    (void)snprintf(reason, sizeof(reason), "unneeded for %lld s at utilisation %.2f of %s%s",
                   (long long)((loop->now_ms - mark->unneeded_since_ms) / WB_MS_PER_SECOND),
                   mark->utilization, mark->utilized != NULL ? mark->utilized : "cpu",
                   is_drain ? ", its pods fit elsewhere" : ", empty");
    announce(loop, one, is_drain ? "drain" : "delete", reason);
}

/* ---- steps; each says whether the deletion goes on ---- */

/* The node is needed again: taint and cordon go, and its unneeded time begins anew. */
static bool give_back(wb_ca_loop *loop, const wb_node_deletion *one, const char *reason)
{
    loop->world.set_taint(loop->world.context, one->node_id, WB_CA_TAINT_TO_BE_DELETED, false);
    loop->scale_down.deletions.failed_count++;
    loop->has_changed = true;
    announce(loop, one, "given back", reason);
    return false;
}

/* The machine is told to go. */
static bool finish(wb_ca_loop *loop, const wb_node_deletion *one)
{
    if (!loop->world.delete_node(loop->world.context, one->node_id)) {
        return give_back(loop, one, "the cloud refused to terminate it");
    }
    if (one->group != WB_CA_SNAPSHOT_NONE) {
        loop->health[one->group].last_delete_ms = loop->now_ms;
    }
    return false;
}

/* Evicts what is on the list; those refused stay on it. */
static void evict_listed(wb_ca_loop *loop, wb_node_deletion *one)
{
    assert(one->stage == WB_NODE_DELETION_EVICTING);
    uint32_t kept_count = 0;
    const uint32_t count = one->refused_count;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t pod_id = one->refused[i];
        const wb_ca_eviction outcome = loop->world.evict(loop->world.context, pod_id);
        one->moved_count += outcome == WB_CA_EVICTION_ACCEPTED ? 1U : 0U;
        if (outcome == WB_CA_EVICTION_REFUSED) {
            one->refused[kept_count++] = pod_id;
        }
    }
    one->refused_count = kept_count;
}

/* Best effort, and never tried again. */
static void evict_daemons(wb_ca_loop *loop, const wb_node_deletion *one, uint32_t row)
{
    const bool is_wanted = one->is_drain ? loop->flags.evicts_daemons_of_occupied
                                         : loop->flags.evicts_daemons_of_empty;
    if (!is_wanted) {
        return;
    }
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    const uint32_t count = snapshot->nodes[row].pod_count;
    uint32_t *daemons = wb_heap_memory_alloc((size_t)count + 1, sizeof(*daemons));
    uint32_t daemon_count = 0;
    for (uint32_t p = snapshot->nodes[row].first_pod; p != WB_CA_SNAPSHOT_NONE;
         p = snapshot->pods[p].next) {
        if (snapshot->pods[p].is_daemon && snapshot->pods[p].deletion_ms < 0) {
            daemons[daemon_count++] = snapshot->pods[p].pod_id;
        }
    }
    for (uint32_t i = 0; i < daemon_count; i++) {
        (void)loop->world.evict(loop->world.context, daemons[i]);
    }
    wb_heap_memory_free(daemons);
}

static bool look_for_end(wb_ca_loop *loop, wb_node_deletion *one, uint32_t row);

/* Evictions were accepted; now the pods must end. */
static bool begin_emptying(wb_ca_loop *loop, wb_node_deletion *one, uint32_t row)
{
    evict_daemons(loop, one, row);
    one->stage = WB_NODE_DELETION_EMPTYING;
    one->limit_ms = loop->now_ms + loop->flags.max_graceful_termination_s * WB_MS_PER_SECOND +
                    EMPTYING_HEADROOM_MS;
    return look_for_end(loop, one, row);
}

/* All at once the first time, then what was refused, every ten seconds. */
static bool try_evictions(wb_ca_loop *loop, wb_node_deletion *one, uint32_t row)
{
    evict_listed(loop, one);
    if (one->refused_count == 0) {
        return begin_emptying(loop, one, row);
    }
    one->next_ms = loop->now_ms + EVICTION_RETRY_MS;
    if (one->next_ms >= one->limit_ms) {
        one->next_ms = one->limit_ms; /* there the drain fails */
    }
    return true;
}

/* Pods that were there when the drain began and must be gone. */
static bool has_movable_pods(const wb_ca_loop *loop, uint32_t row)
{
    assert(row < loop->snapshot.node_row_count);
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    for (uint32_t p = snapshot->nodes[row].first_pod; p != WB_CA_SNAPSHOT_NONE;
         p = snapshot->pods[p].next) {
        if (!snapshot->pods[p].is_daemon && !snapshot->pods[p].is_mirror) {
            return true;
        }
    }
    return false;
}

static bool look_for_end(wb_ca_loop *loop, wb_node_deletion *one, uint32_t row)
{
    if (!has_movable_pods(loop, row)) {
        return finish(loop, one);
    }
    if (loop->now_ms >= one->limit_ms) {
        return give_back(loop, one, "its pods did not end in time");
    }
    one->next_ms = loop->now_ms + EMPTYING_LOOK_MS;
    return true;
}

/* After the taint has sunk in: are the pods still as they were? */
static bool look_again(wb_ca_loop *loop, wb_node_deletion *one, uint32_t row)
{
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    const wb_ca_budget *budgets = NULL;
    const uint32_t budget_count = loop->world.budgets(loop->world.context, &budgets);
    const wb_drain_rules rules = {
        .snapshot = snapshot,
        .flags = &loop->flags,
        .world = &loop->world,
        .budgets = budgets,
        .budget_count = budget_count,
        .annotation_local_volumes = loop->annotation_local_volumes,
        .now_ms = loop->now_ms,
    };
    one->refused =
        wb_heap_memory_alloc((size_t)snapshot->nodes[row].pod_count + 1, sizeof(*one->refused));
    for (uint32_t p = snapshot->nodes[row].first_pod; p != WB_CA_SNAPSHOT_NONE;
         p = snapshot->pods[p].next) {
        const char *reason = NULL;
        const wb_drain_outcome outcome = wb_drain_rules_judge(&rules, &snapshot->pods[p], &reason);
        if (outcome == WB_DRAIN_BLOCKED || outcome == WB_DRAIN_ON_COMPLETION) {
            return give_back(loop, one, "a pod that must not be moved came");
        }
        if (outcome == WB_DRAIN_MOVABLE) {
            one->refused[one->refused_count++] = snapshot->pods[p].pod_id;
        }
    }
    if (!one->is_drain) {
        if (one->refused_count > 0) {
            return give_back(loop, one, "a pod came while it was to be deleted as empty");
        }
        evict_daemons(loop, one, row);
        return finish(loop, one);
    }
    one->stage = WB_NODE_DELETION_EVICTING;
    one->limit_ms = loop->now_ms + loop->flags.max_pod_eviction_time_ms;
    return try_evictions(loop, one, row);
}

/* Whichever step is due. */
static bool step(wb_ca_loop *loop, wb_node_deletion *one)
{
    const uint32_t row = wb_ca_loop_find_row(loop, one->node_id);
    if (row == WB_CA_SNAPSHOT_NONE) {
        return false; /* somebody else took it away */
    }
    switch (one->stage) {
    case WB_NODE_DELETION_TAINTED: return look_again(loop, one, row);
    case WB_NODE_DELETION_EVICTING:
        return loop->now_ms >= one->limit_ms
                   ? give_back(loop, one, "evictions were refused for too long")
                   : try_evictions(loop, one, row);
    case WB_NODE_DELETION_EMPTYING: break;
    }
    return look_for_end(loop, one, row);
}

void wb_node_deletion_run(wb_ca_loop *loop)
{
    wb_node_deletions *deletions = &loop->scale_down.deletions;
    assert(loop->snapshot.fork_depth == 0);
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < deletions->count; i++) {
        wb_node_deletion one = deletions->items[i];
        const bool goes_on = one.next_ms > loop->now_ms || step(loop, &one);
        if (goes_on) {
            deletions->items[kept_count++] = one;
        } else {
            wb_heap_memory_free(one.refused);
        }
    }
    deletions->count = kept_count;
}
