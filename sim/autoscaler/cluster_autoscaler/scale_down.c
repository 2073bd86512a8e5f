/*
 * The first half of scale-down, in every pass: which nodes could go. The costly part is the
 * simulation of moves; it runs over candidates only, ends when enough are found, and leaves alone
 * for five minutes what could not be removed.
 */
#include "sim/autoscaler/cluster_autoscaler/scale_down.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/sort.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"

#define GIB (INT64_C(1) << 30)

static const char *const reason_names[] = {
    [WB_SCALE_DOWN_NO_REASON] = "",
    [WB_SCALE_DOWN_CURRENTLY_BEING_DELETED] = "CurrentlyBeingDeleted",
    [WB_SCALE_DOWN_DISABLED_ANNOTATION] = "ScaleDownDisabledAnnotation",
    [WB_SCALE_DOWN_UNREADY_DISABLED] = "ScaleDownUnreadyDisabled",
    [WB_SCALE_DOWN_NOT_UNDERUTILIZED] = "NotUnderutilized",
    [WB_SCALE_DOWN_RECENTLY_UNREMOVABLE] = "RecentlyUnremovable",
    [WB_SCALE_DOWN_NO_PLACE] = "NoPlaceToMovePods",
    [WB_SCALE_DOWN_BLOCKED_BY_POD] = "BlockedByPod",
    [WB_SCALE_DOWN_BLOCKED_BY_ON_COMPLETION] = "BlockedByOnCompletionPod",
    [WB_SCALE_DOWN_NOT_UNNEEDED_LONG_ENOUGH] = "NotUnneededLongEnough",
    [WB_SCALE_DOWN_NOT_UNREADY_LONG_ENOUGH] = "NotUnreadyLongEnough",
    [WB_SCALE_DOWN_MIN_SIZE] = "NodeGroupMinSizeReached",
    [WB_SCALE_DOWN_MIN_RESOURCES] = "MinimalResourceLimitExceeded",
};

const char *wb_scale_down_reason_name(wb_scale_down_reason reason)
{
    assert(reason <= WB_SCALE_DOWN_MIN_RESOURCES);
    return reason_names[reason];
}

void wb_scale_down_init(wb_scale_down *scale_down)
{
    assert(scale_down != NULL);
    *scale_down = (wb_scale_down){0};
    wb_hash_map_init(&scale_down->node_by_pod);
    wb_node_deletion_init(&scale_down->deletions);
}

void wb_scale_down_release(wb_scale_down *scale_down)
{
    wb_heap_memory_free(scale_down->marks);
    wb_heap_memory_free(scale_down->budgets);
    wb_hash_map_release(&scale_down->node_by_pod);
    wb_node_deletion_release(&scale_down->deletions);
    *scale_down = (wb_scale_down){0};
}

/* ---- marks ---- */

/* A mark for every row; rows that have a new node begin anew. */
static void refresh_marks(wb_ca_loop *loop)
{
    wb_scale_down *scale_down = &loop->scale_down;
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    if (scale_down->mark_count < snapshot->node_row_count) {
        const uint32_t old = scale_down->mark_count;
        const size_t count = wb_heap_memory_next_capacity(old, snapshot->node_row_count);
        scale_down->marks =
            wb_heap_memory_resize(scale_down->marks, count, sizeof(*scale_down->marks));
        for (size_t i = old; i < count; i++) {
            scale_down->marks[i] =
                (wb_scale_down_mark){.node_id = WB_CA_SNAPSHOT_NONE, .unneeded_since_ms = -1};
        }
        scale_down->mark_count = (uint32_t)count;
    }
    for (uint32_t i = 0; i < snapshot->order_count; i++) {
        const uint32_t row = snapshot->order[i];
        wb_scale_down_mark *mark = &scale_down->marks[row];
        if (mark->node_id != snapshot->nodes[row].node_id) {
            *mark = (wb_scale_down_mark){.node_id = snapshot->nodes[row].node_id,
                                         .unneeded_since_ms = -1};
        }
        mark->reason = WB_SCALE_DOWN_NO_REASON;
        mark->blocking_pod = NULL;
        mark->blocking_reason = NULL;
        mark->has_utilization = false;
    }
}

/* Upcoming nodes take part in the fork, but nobody removes what is not there. */
static bool is_real(const wb_ca_snapshot_node *node)
{
    return node->node_id != WB_CA_SNAPSHOT_NONE;
}

/* The pass uses budgets up as it goes; the world's own are not touched. */
static void copy_budgets(wb_ca_loop *loop)
{
    wb_scale_down *scale_down = &loop->scale_down;
    const wb_ca_budget *budgets = NULL;
    const uint32_t count = loop->world.budgets(loop->world.context, &budgets);
    if (count > scale_down->budget_capacity) {
        scale_down->budget_capacity = count;
        scale_down->budgets =
            wb_heap_memory_resize(scale_down->budgets, count, sizeof(*scale_down->budgets));
    }
    if (count > 0) {
        memcpy(scale_down->budgets, budgets, count * sizeof(*budgets));
    }
    scale_down->budget_count = count;
}

static wb_drain_rules rules_of(const wb_ca_loop *loop)
{
    return (wb_drain_rules){
        .snapshot = &loop->snapshot,
        .flags = &loop->flags,
        .world = &loop->world,
        .budgets = loop->scale_down.budgets,
        .budget_count = loop->scale_down.budget_count,
        .annotation_local_volumes = loop->annotation_local_volumes,
        .now_ms = loop->now_ms,
    };
}

/* ---- utilisation ---- */

/* The GPU resource that a node offers, or 0. */
static uint32_t gpu_resource(wb_resource_list allocatable)
{
    static const uint32_t names[] = {WB_NAME_NVIDIA_GPU, WB_NAME_AMD_GPU};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (wb_resource_list_get(allocatable, names[i]) > 0) {
            return names[i];
        }
    }
    return 0;
}

/* Requests over allocatable of one resource. */
static double use_of(const wb_ca_loop *loop, uint32_t row, uint32_t name)
{
    assert(row < loop->snapshot.node_row_count && name != 0);
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    const wb_ca_snapshot_node *node = &snapshot->nodes[row];
    const bool ignores_daemons = node->group != WB_CA_SNAPSHOT_NONE
                                     ? loop->groups[node->group].ignores_daemons
                                     : loop->flags.ignore_daemonsets_utilization;
    int64_t allocatable = wb_resource_list_get(node->allocatable, name);
    int64_t requested = 0;
    for (uint32_t p = node->first_pod; p != WB_CA_SNAPSHOT_NONE; p = snapshot->pods[p].next) {
        const wb_ca_snapshot_pod *pod = &snapshot->pods[p];
        const int64_t amount =
            wb_resource_list_get(snapshot->shapes[pod->shape].template->requests, name);
        if ((pod->is_daemon && ignores_daemons) ||
            (pod->is_mirror && loop->flags.ignore_mirror_pods_utilization)) {
            allocatable -= amount;
        } else if (!wb_drain_rules_is_overdue(snapshot, pod, loop->now_ms)) {
            requested += amount;
        }
    }
    return allocatable > 0 ? (double)requested / (double)allocatable : 0.0;
}

/* Works out the utilisation; nodes with GPUs are judged by these alone. */
static bool is_underutilized(wb_ca_loop *loop, uint32_t row)
{
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    wb_scale_down_mark *mark = &loop->scale_down.marks[row];
    const wb_ca_group *group = &loop->groups[node->group];
    const uint32_t gpu = gpu_resource(node->allocatable);
    mark->has_utilization = true;
    if (gpu != 0) {
        mark->utilization = use_of(loop, row, gpu);
        mark->utilized = wb_intern_text(loop->intern, gpu);
        return mark->utilization <= group->gpu_utilization_threshold;
    }
    const double cpu = use_of(loop, row, WB_NAME_CPU);
    const double memory = use_of(loop, row, WB_NAME_MEMORY);
    mark->utilization = cpu > memory ? cpu : memory;
    mark->utilized = cpu > memory ? "cpu" : "memory";
    return mark->utilization <= group->utilization_threshold;
}

/* ---- who may be looked at ---- */

/* Of groups that are above their minimum. */
static bool is_candidate(const wb_ca_loop *loop, uint32_t row)
{
    assert(row < loop->snapshot.node_row_count);
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    return is_real(node) && node->group != WB_CA_SNAPSHOT_NONE &&
           loop->health[node->group].target > loop->groups[node->group].min_count &&
           !wb_node_deletion_is_going_on(&loop->scale_down.deletions, node->node_id);
}

/* Why a candidate is not even simulated. */
static wb_scale_down_reason eligibility(wb_ca_loop *loop, uint32_t row)
{
    const wb_ca_snapshot_node *node = &loop->snapshot.nodes[row];
    const wb_scale_down_mark *mark = &loop->scale_down.marks[row];
    if (loop->now_ms < mark->retry_at_ms) {
        wb_ca_loop_wake_at(loop, mark->retry_at_ms);
        return WB_SCALE_DOWN_RECENTLY_UNREMOVABLE;
    }
    if (wb_ca_loop_node_is_deleted(loop, row)) {
        return WB_SCALE_DOWN_CURRENTLY_BEING_DELETED;
    }
    if (node->has_disabled_scale_down) {
        return WB_SCALE_DOWN_DISABLED_ANNOTATION;
    }
    if (!loop->flags.scale_down_unready_enabled && !wb_ca_loop_node_is_ready(loop, row)) {
        return WB_SCALE_DOWN_UNREADY_DISABLED;
    }
    return is_underutilized(loop, row) ? WB_SCALE_DOWN_NO_REASON : WB_SCALE_DOWN_NOT_UNDERUTILIZED;
}

/* Whether nothing on the node needs another place; blocked ones don't count as empty. */
static bool is_empty(const wb_ca_loop *loop, const wb_drain_rules *rules, uint32_t row)
{
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    for (uint32_t p = snapshot->nodes[row].first_pod; p != WB_CA_SNAPSHOT_NONE;
         p = snapshot->pods[p].next) {
        const char *reason = NULL;
        const wb_drain_outcome outcome = wb_drain_rules_judge(rules, &snapshot->pods[p], &reason);
        if (outcome != WB_DRAIN_IGNORED && outcome != WB_DRAIN_DAEMON) {
            return false;
        }
    }
    return true;
}

/* Empty nodes first, then those that were unneeded last time, each in the order of the list. */
static int compare_candidates(const void *a, const void *b, void *context)
{
    const wb_scale_down_mark *marks = context;
    const wb_scale_down_mark *left = &marks[*(const uint32_t *)a];
    const wb_scale_down_mark *right = &marks[*(const uint32_t *)b];
    if (left->is_empty != right->is_empty) {
        return left->is_empty ? -1 : 1;
    }
    if (left->is_unneeded != right->is_unneeded) {
        return left->is_unneeded ? -1 : 1;
    }
    return 0;
}

/* Rows of the nodes to simulate, best first. */
static uint32_t *list_candidates(wb_ca_loop *loop, uint32_t *out_count)
{
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    const wb_drain_rules rules = rules_of(loop);
    uint32_t *rows = WB_ARENA_ARRAY(&loop->scratch, uint32_t, (size_t)snapshot->order_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < snapshot->order_count; i++) {
        const uint32_t row = snapshot->order[i];
        if (!is_candidate(loop, row)) {
            continue;
        }
        wb_scale_down_mark *mark = &loop->scale_down.marks[row];
        mark->reason = eligibility(loop, row);
        if (mark->reason == WB_SCALE_DOWN_NO_REASON) {
            mark->is_empty = is_empty(loop, &rules, row);
            rows[count++] = row;
        }
    }
    wb_sort_stable(rows, count, sizeof(*rows), compare_candidates, loop->scale_down.marks);
    *out_count = count;
    return rows;
}

/* ---- simulation ---- */

/* The pods that need another place, as rows; false when one blocks. */
static bool list_moves(wb_ca_loop *loop, uint32_t row, uint32_t *moves, uint32_t *out_count)
{
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    wb_scale_down_mark *mark = &loop->scale_down.marks[row];
    const wb_drain_rules rules = rules_of(loop);
    mark->waits_for_completion = false;
    uint32_t count = 0;
    for (uint32_t p = snapshot->nodes[row].first_pod; p != WB_CA_SNAPSHOT_NONE;
         p = snapshot->pods[p].next) {
        const wb_ca_snapshot_pod *pod = &snapshot->pods[p];
        const char *reason = NULL;
        switch (wb_drain_rules_judge(&rules, pod, &reason)) {
        case WB_DRAIN_IGNORED:
        case WB_DRAIN_DAEMON: break;
        case WB_DRAIN_MOVABLE: moves[count++] = p; break;
        case WB_DRAIN_ON_COMPLETION: mark->waits_for_completion = true; break;
        case WB_DRAIN_BLOCKED:
            mark->blocking_pod = pod->name;
            mark->blocking_reason = reason;
            return false;
        }
    }
    *out_count = count;
    return true;
}

/* Uses the PDBs up; true when one of them is asked for more than it had. */
static bool use_budgets(wb_ca_loop *loop, const wb_ca_snapshot_pod *pods, uint32_t count)
{
    wb_scale_down *scale_down = &loop->scale_down;
    bool is_risky = false;
    for (uint32_t b = 0; b < scale_down->budget_count; b++) {
        for (uint32_t i = 0; i < count; i++) {
            if (wb_drain_rules_selects(&loop->snapshot, scale_down->budgets[b].pdb,
                                       pods[i].shape)) {
                is_risky = is_risky || scale_down->budgets[b].allowed < 1;
                scale_down->budgets[b].allowed--;
            }
        }
    }
    return is_risky;
}

/* Finds another node for a pod that was taken off its own. */
static bool place_elsewhere(wb_ca_loop *loop, const wb_ca_snapshot_pod *pod, wb_hash_map *hints)
{
    uint64_t hint = 0;
    const bool has_hint = wb_hash_map_get(&loop->scale_down.node_by_pod, pod->pod_id, &hint) ||
                          wb_hash_map_get(hints, pod->pod_id, &hint);
    const uint32_t hint_row =
        has_hint ? wb_ca_loop_find_row(loop, (uint32_t)hint) : WB_CA_SNAPSHOT_NONE;
    const uint32_t row = wb_ca_snapshot_find_node(&loop->snapshot, pod->shape, hint_row);
    if (row == WB_CA_SNAPSHOT_NONE) {
        return false;
    }
    (void)wb_ca_snapshot_add_pod(&loop->snapshot, pod, row);
    if (pod->pod_id != WB_CA_SNAPSHOT_NONE) {
        (void)wb_hash_map_put(hints, pod->pod_id, loop->snapshot.nodes[row].node_id);
    }
    return true;
}

/* Tries to empty the node; what moves stays moved when all fit. */
static wb_scale_down_reason simulate(wb_ca_loop *loop, uint32_t row, wb_hash_map *hints)
{
    wb_ca_snapshot *snapshot = &loop->snapshot;
    assert(row < snapshot->node_row_count && !snapshot->is_excluded[row]);
    const uint32_t pod_count = snapshot->nodes[row].pod_count;
    uint32_t *moves = WB_ARENA_ARRAY(&loop->scratch, uint32_t, (size_t)pod_count + 1);
    uint32_t count = 0;
    if (!list_moves(loop, row, moves, &count)) {
        return WB_SCALE_DOWN_BLOCKED_BY_POD;
    }
    wb_ca_snapshot_pod *pods =
        WB_ARENA_ARRAY(&loop->scratch, wb_ca_snapshot_pod, (size_t)count + 1);
    const uint32_t mark = wb_ca_snapshot_fork(snapshot);
    const uint32_t next_search = snapshot->next_search;
    snapshot->is_excluded[row] = true;
    for (uint32_t i = 0; i < count; i++) {
        pods[i] = snapshot->pods[moves[i]];
        wb_ca_snapshot_remove_pod(snapshot, moves[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!place_elsewhere(loop, &pods[i], hints)) {
            snapshot->is_excluded[row] = false;
            snapshot->next_search = next_search;
            wb_ca_snapshot_revert(snapshot, mark);
            return WB_SCALE_DOWN_NO_PLACE;
        }
    }
    wb_ca_snapshot_keep(snapshot, mark);
    loop->scale_down.marks[row].is_empty = count == 0;
    loop->scale_down.marks[row].is_risky = use_budgets(loop, pods, count);
    return WB_SCALE_DOWN_NO_REASON;
}

/* Beyond that many unneeded nodes there is no point in looking for more. */
static int64_t enough_unneeded(const wb_ca_loop *loop)
{
    const int64_t parallelism = loop->flags.max_scale_down_parallelism;
    const int64_t interval_ms = loop->shortest_interval_ms;
    int64_t loops = interval_ms > 0 ? loop->flags.scale_down_unneeded_time_ms / interval_ms : 1;
    loops = loops > 1 ? loops : 1;
    const int64_t growing = (int64_t)loop->scale_down.unneeded_count + 2 * parallelism;
    const int64_t most = parallelism * loops + parallelism;
    return growing < most ? growing : most;
}

/* Nodes that no pod may be moved to: those that go, and those that are not there yet. */
static void exclude_nodes(wb_ca_loop *loop)
{
    wb_ca_snapshot *snapshot = &loop->snapshot;
    for (uint32_t i = 0; i < snapshot->order_count; i++) {
        const uint32_t row = snapshot->order[i];
        const wb_ca_snapshot_node *node = &snapshot->nodes[row];
        snapshot->is_excluded[row] =
            !is_real(node) ||
            wb_node_deletion_is_going_on(&loop->scale_down.deletions, node->node_id);
    }
}

/* The next pass, and scale-up, search everywhere again. */
static void include_nodes(wb_ca_loop *loop)
{
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        loop->snapshot.is_excluded[loop->snapshot.order[i]] = false;
    }
}

/* Being needed once resets the time. */
static void set_unneeded(wb_ca_loop *loop, wb_scale_down_mark *mark, bool is_unneeded)
{
    if (mark->is_unneeded != is_unneeded) {
        loop->has_changed = true;
    }
    mark->is_unneeded = is_unneeded;
    if (!is_unneeded) {
        mark->unneeded_since_ms = -1;
    } else if (mark->unneeded_since_ms < 0) {
        mark->unneeded_since_ms = loop->now_ms;
    }
}

void wb_scale_down_plan(wb_ca_loop *loop)
{
    assert(loop->snapshot.fork_depth > 0);
    wb_scale_down *scale_down = &loop->scale_down;
    refresh_marks(loop);
    copy_budgets(loop);
    exclude_nodes(loop);
    uint32_t count = 0;
    const uint32_t *rows = list_candidates(loop, &count);
    bool *is_removable =
        WB_ARENA_ARRAY(&loop->scratch, bool, (size_t)loop->snapshot.node_row_count + 1);
    wb_hash_map hints;
    wb_hash_map_init(&hints);
    const int64_t enough = enough_unneeded(loop);
    const uint32_t in_time =
        wb_decision_latency_emptied_in_time(&loop->latency, loop->flags.simulation_limit_ms);
    loop->report.removal_count = 0;
    uint32_t found = 0;
    for (uint32_t i = 0; i < count && found < enough; i++) {
        if (in_time > 0 && i >= in_time) {
            loop->report.is_cut_off = true;
            break;
        }
        loop->report.removal_count++;
        wb_scale_down_mark *mark = &scale_down->marks[rows[i]];
        mark->reason = simulate(loop, rows[i], &hints);
        if (mark->reason == WB_SCALE_DOWN_NO_REASON) {
            is_removable[rows[i]] = true;
            found++;
        } else {
            mark->retry_at_ms = loop->now_ms + loop->flags.unremovable_recheck_ms;
            wb_ca_loop_wake_at(loop, mark->retry_at_ms);
        }
    }
    for (uint32_t i = 0; i < loop->snapshot.order_count; i++) {
        const uint32_t row = loop->snapshot.order[i];
        set_unneeded(loop, &scale_down->marks[row], is_removable[row]);
    }
    scale_down->unneeded_count = found;
    wb_hash_map_release(&scale_down->node_by_pod);
    scale_down->node_by_pod = hints;
    include_nodes(loop);
}

void wb_scale_down_forget(wb_ca_loop *loop)
{
    for (uint32_t i = 0; i < loop->scale_down.mark_count; i++) {
        loop->scale_down.marks[i].is_unneeded = false;
        loop->scale_down.marks[i].unneeded_since_ms = -1;
    }
    loop->scale_down.unneeded_count = 0;
}
