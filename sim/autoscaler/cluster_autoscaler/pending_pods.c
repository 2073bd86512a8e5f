/*
 * From the list of pods without a node to those that new nodes are for. Some 10,000 pods at a time
 * in a burst, a handful otherwise. Equal pods fail together: after the first one that fits nowhere
 * the others of its shape cost a comparison each.
 */
#include "sim/autoscaler/cluster_autoscaler/pending_pods.h"

#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"

/* Pods must be older than this before they cause a scale-up: more may be on their way. */
#define YOUNG_MS     (2 * WB_MS_PER_SECOND)
#define YOUNG_GPU_MS (30 * WB_MS_PER_SECOND)

void wb_pending_pods_init(wb_pending_pods *pending)
{
    assert(pending != NULL);
    *pending =
        (wb_pending_pods){.oldest_created_ms = INT64_MAX, .oldest_gpu_created_ms = INT64_MAX};
    wb_hash_map_init(&pending->node_by_pod);
}

void wb_pending_pods_release(wb_pending_pods *pending)
{
    wb_heap_memory_free(pending->items);
    wb_heap_memory_free(pending->failed_in);
    wb_hash_map_release(&pending->node_by_pod);
    *pending = (wb_pending_pods){0};
}

/* ---- gathering ---- */

/* Appends a copy. */
static void add(wb_pending_pods *pending, const wb_ca_snapshot_pod *pod)
{
    if (pending->count == pending->capacity) {
        pending->capacity =
            (uint32_t)wb_heap_memory_next_capacity(pending->capacity, (size_t)pending->count + 64);
        pending->items =
            wb_heap_memory_resize(pending->items, pending->capacity, sizeof(*pending->items));
    }
    pending->items[pending->count++] = *pod;
}

/* Pods of so low a priority cause nothing. */
static bool is_expendable(const wb_ca_loop *loop, uint32_t shape)
{
    return loop->snapshot.shapes[shape].priority < loop->flags.expendable_pods_priority_cutoff;
}

/* Pods of nodes that are being drained need places too; those told to end have replacements that
 * are pending by themselves. */
static void add_draining(wb_ca_loop *loop)
{
    const wb_ca_snapshot *snapshot = &loop->snapshot;
    const wb_node_deletions *deletions = &loop->scale_down.deletions;
    for (uint32_t i = 0; i < deletions->count; i++) {
        const uint32_t row = deletions->items[i].is_drain
                                 ? wb_ca_loop_find_row(loop, deletions->items[i].node_id)
                                 : WB_CA_SNAPSHOT_NONE;
        if (row == WB_CA_SNAPSHOT_NONE) {
            continue;
        }
        for (uint32_t p = snapshot->nodes[row].first_pod; p != WB_CA_SNAPSHOT_NONE;
             p = snapshot->pods[p].next) {
            const wb_ca_snapshot_pod *pod = &snapshot->pods[p];
            if (!pod->is_daemon && !pod->is_mirror && pod->deletion_ms < 0) {
                add(&loop->pending, pod);
            }
        }
    }
}

/* ---- placing on what is there ---- */

/* High first; equal ones keep their order, which is that of creation. */
static int compare_priorities(const void *a, const void *b, void *context)
{
    const wb_ca_snapshot *snapshot = context;
    const int32_t left = snapshot->shapes[((const wb_ca_snapshot_pod *)a)->shape].priority;
    const int32_t right = snapshot->shapes[((const wb_ca_snapshot_pod *)b)->shape].priority;
    return left > right ? -1 : left < right ? 1 : 0;
}

static void sort_by_priority(wb_ca_loop *loop)
{
    wb_pending_pods *pending = &loop->pending;
    for (uint32_t i = 1; i < pending->count; i++) {
        if (compare_priorities(&pending->items[i - 1], &pending->items[i], &loop->snapshot) != 0) {
            wb_sort_stable(pending->items, pending->count, sizeof(*pending->items),
                           compare_priorities, &loop->snapshot);
            return;
        }
    }
}

/* Room for a mark per shape. */
static void grow_failures(wb_pending_pods *pending, uint32_t shape_count)
{
    if (shape_count <= pending->failed_capacity) {
        return;
    }
    const uint32_t old = pending->failed_capacity;
    const size_t capacity = wb_heap_memory_next_capacity(old, shape_count);
    pending->failed_in =
        wb_heap_memory_resize(pending->failed_in, capacity, sizeof(*pending->failed_in));
    memset(&pending->failed_in[old], 0, (capacity - old) * sizeof(*pending->failed_in));
    pending->failed_capacity = (uint32_t)capacity;
}

/* Where the pod was put in the last pass, if that node is still there. */
static uint32_t hint_row(const wb_ca_loop *loop, uint32_t pod_id)
{
    uint64_t node_id = 0;
    return wb_hash_map_get(&loop->pending.node_by_pod, pod_id, &node_id)
               ? wb_ca_loop_find_row(loop, (uint32_t)node_id)
               : WB_CA_SNAPSHOT_NONE;
}

/* Puts the pod where it fits. Once a pod of a shape failed, equal ones fail too in this pass, for
 * nodes only fill up. */
static bool place(wb_ca_loop *loop, const wb_ca_snapshot_pod *pod, wb_hash_map *hints)
{
    assert(pod->shape < loop->pending.failed_capacity);
    wb_pending_pods *pending = &loop->pending;
    if (pending->failed_in[pod->shape] == pending->pass) {
        return false;
    }
    const uint32_t row =
        wb_ca_snapshot_find_node(&loop->snapshot, pod->shape, hint_row(loop, pod->pod_id));
    if (row == WB_CA_SNAPSHOT_NONE) {
        pending->failed_in[pod->shape] = pending->pass;
        return false;
    }
    (void)wb_ca_snapshot_add_pod(&loop->snapshot, pod, row);
    const uint32_t node_id = loop->snapshot.nodes[row].node_id;
    if (node_id == WB_CA_SNAPSHOT_NONE) {
        pending->upcoming_fit_count++;
    } else if (pod->pod_id != WB_CA_SNAPSHOT_NONE) {
        (void)wb_hash_map_put(hints, pod->pod_id, node_id);
    }
    return true;
}

/* ---- age ---- */

/* Longer by annotation, never shorter. */
static int64_t delay_ms(const wb_ca_loop *loop, uint32_t shape)
{
    const wb_pod_template *template = loop->snapshot.shapes[shape].template;
    const char *text = wb_intern_text(loop->intern, wb_labels_get(template->annotations,
                                                                  loop->annotation_scale_up_delay));
    int64_t own_ms = 0;
    if (text[0] != '\0' && wb_duration_parse(text, &own_ms, NULL) == WB_OK &&
        own_ms > loop->flags.new_pod_scale_up_delay_ms) {
        return own_ms;
    }
    return loop->flags.new_pod_scale_up_delay_ms;
}

/* Pods with GPUs are waited for a little longer: they come in batches. */
static bool asks_for_gpu(const wb_pod_template *template)
{
    return wb_resource_list_get(template->requests, WB_NAME_NVIDIA_GPU) > 0 ||
           wb_resource_list_get(template->requests, WB_NAME_AMD_GPU) > 0;
}

/* Keeps what still causes a scale-up: no DaemonSet's pod, none too young. */
static void keep_if_due(wb_ca_loop *loop, const wb_ca_snapshot_pod *pod, uint32_t *kept_count)
{
    wb_pending_pods *pending = &loop->pending;
    if (pod->is_daemon) {
        return;
    }
    const int64_t delay = delay_ms(loop, pod->shape);
    if (delay > 0 && loop->now_ms - pod->created_ms <= delay) {
        wb_ca_loop_wake_at(loop, pod->created_ms + delay + 1);
        return;
    }
    if (pod->created_ms < pending->oldest_created_ms) {
        pending->oldest_created_ms = pod->created_ms;
    }
    if (asks_for_gpu(loop->snapshot.shapes[pod->shape].template) &&
        pod->created_ms < pending->oldest_gpu_created_ms) {
        pending->oldest_gpu_created_ms = pod->created_ms;
    }
    const wb_ca_snapshot_pod kept = *pod; /* may be its own place */
    pending->items[(*kept_count)++] = kept;
}

void wb_pending_pods_gather(wb_ca_loop *loop)
{
    assert(loop->snapshot.fork_depth > 0);
    wb_pending_pods *pending = &loop->pending;
    pending->count = 0;
    pending->pass++;
    pending->upcoming_fit_count = 0;
    pending->oldest_created_ms = INT64_MAX;
    pending->oldest_gpu_created_ms = INT64_MAX;
    const wb_ca_snapshot_pod *all = NULL;
    const uint32_t all_count = loop->world.pending_pods(loop->world.context, &all);
    for (uint32_t i = 0; i < all_count; i++) {
        if (!is_expendable(loop, all[i].shape)) {
            add(pending, &all[i]);
        }
    }
    add_draining(loop);
    if (pending->count == 0) {
        wb_hash_map_clear(&pending->node_by_pod);
        return;
    }
    sort_by_priority(loop);
    grow_failures(pending, loop->snapshot.shape_count);
    wb_hash_map hints;
    wb_hash_map_init(&hints);
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < pending->count; i++) {
        if (!place(loop, &pending->items[i], &hints)) {
            keep_if_due(loop, &pending->items[i], &kept_count);
        }
    }
    pending->count = kept_count;
    wb_hash_map_release(&pending->node_by_pod);
    pending->node_by_pod = hints;
}

void wb_pending_pods_refit(wb_ca_loop *loop)
{
    wb_pending_pods *pending = &loop->pending;
    assert(loop->snapshot.fork_depth > 0);
    pending->pass++; /* what failed before may fit now */
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < pending->count; i++) {
        const wb_ca_snapshot_pod pod = pending->items[i];
        if (!place(loop, &pod, &pending->node_by_pod)) {
            pending->items[kept_count++] = pod;
        }
    }
    pending->count = kept_count;
}

bool wb_pending_pods_are_all_new(const wb_pending_pods *pending, int64_t now_ms)
{
    assert(pending->count > 0);
    if (pending->oldest_gpu_created_ms != INT64_MAX &&
        pending->oldest_gpu_created_ms + YOUNG_GPU_MS > now_ms) {
        return true;
    }
    return pending->oldest_created_ms + YOUNG_MS > now_ms;
}
