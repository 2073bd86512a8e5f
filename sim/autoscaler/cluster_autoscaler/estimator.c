/*
 * Both ways follow the same steps, group of equal pods by group: first all nodes added so far, then
 * the last one, then new ones, until one more would not help. They differ in what "fits" costs. The
 * names of the two: place_group asks the rules, fill_group divides.
 */
#include "sim/autoscaler/cluster_autoscaler/estimator.h"

#include <assert.h>

#include "base/sort.h"
#include "kube/names.h"

/* Resources that matter to one estimate: those that some pod asks for, and pods. */
#define RESOURCES_MAX 16

typedef struct work {
    wb_ca_snapshot *snapshot;
    wb_arena *arena;
    const wb_estimator_request *request;
    wb_estimator_result *result;
    double *scores;
    uint32_t added_count; /* nodes added, with or without pods */

    /* the plain way */
    uint32_t *rows;
    uint32_t row_capacity;
    uint32_t *pods_on; /* per added node */

    /* the fast way */
    uint32_t resources[RESOURCES_MAX];
    uint32_t resource_count;
    int64_t fresh[RESOURCES_MAX]; /* free on a new node */
    int64_t *free;                /* added node * resource_count + resource */
} work;

/* ---- order ---- */

/* Share of a node that one pod takes. */
static double score_of(const work *w, uint32_t shape)
{
    const wb_resource_list allocatable = w->request->template->allocatable;
    const int64_t cpu_milli = wb_resource_list_get(allocatable, WB_NAME_CPU);
    const int64_t memory_bytes = wb_resource_list_get(allocatable, WB_NAME_MEMORY);
    const wb_ca_snapshot_shape *pod = &w->snapshot->shapes[shape];
    double score = 0.0;
    if (cpu_milli > 0) {
        score += (double)pod->cpu_milli / (double)cpu_milli;
    }
    if (memory_bytes > 0) {
        score += (double)pod->memory_bytes / (double)memory_bytes;
    }
    return score;
}

static int compare_scores(const void *a, const void *b, void *context)
{
    const double *scores = context;
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    if (scores[left] < scores[right] || scores[left] > scores[right]) {
        return scores[left] > scores[right] ? -1 : 1;
    }
    return left < right ? -1 : left > right ? 1 : 0;
}

/* Indices of the groups of pods: big pods first. */
static uint32_t *order_groups(work *w)
{
    const uint32_t count = w->request->group_count;
    uint32_t *order = WB_ARENA_ARRAY(w->arena, uint32_t, (size_t)count + 1);
    w->scores = WB_ARENA_ARRAY(w->arena, double, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
        w->scores[i] = score_of(w, w->request->pods[i].shape);
    }
    wb_sort(order, count, sizeof(*order), compare_scores, w->scores);
    return order;
}

/* ---- the plain way ---- */

/* Puts one pod on an added node if the rules let it. */
static bool place(work *w, uint32_t node, uint32_t shape)
{
    assert(node < w->added_count);
    if (!wb_ca_snapshot_fits(w->snapshot, shape, w->rows[node])) {
        return false;
    }
    const wb_ca_snapshot_pod pod = {.pod_id = WB_CA_SNAPSHOT_NONE,
                                    .shape = shape,
                                    .owner = WB_CA_SNAPSHOT_NONE,
                                    .name = "",
                                    .deletion_ms = -1};
    (void)wb_ca_snapshot_add_pod(w->snapshot, &pod, w->rows[node]);
    w->result->node_count += w->pods_on[node] == 0 ? 1U : 0U;
    w->pods_on[node]++;
    return true;
}

/* First phase: any added node, the oldest first. */
static bool place_on_any(work *w, uint32_t shape)
{
    for (uint32_t node = 0; node < w->added_count; node++) {
        if (place(w, node, shape)) {
            return true;
        }
    }
    return false;
}

/* Whether one more node may be added; present pods that are placed are not in the result yet. */
static bool may_add(work *w, uint32_t placed)
{
    const uint32_t limit = w->request->pod_limit;
    if (w->added_count >= w->request->node_limit ||
        (limit > 0 && w->result->pod_count + placed >= limit)) {
        w->result->was_limited = true;
        return false;
    }
    return true;
}

static void add_node(work *w)
{
    assert(w->added_count < w->request->node_limit);
    if (w->added_count == w->row_capacity) {
        const uint32_t capacity = w->row_capacity * 2 + 16;
        w->rows = wb_arena_grow(w->arena, w->rows, w->added_count, capacity, sizeof(*w->rows));
        w->pods_on =
            wb_arena_grow(w->arena, w->pods_on, w->added_count, capacity, sizeof(*w->pods_on));
        w->row_capacity = capacity;
    }
    w->pods_on[w->added_count] = 0;
    w->rows[w->added_count] =
        wb_node_template_add_node(w->request->template, w->snapshot, w->arena, w->added_count);
    w->added_count++;
}

/* Only then may older nodes help where the newest does not. */
static bool has_host_spread(const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->spread_count; i++) {
        if (template->spreads[i].topology_key == WB_NAME_HOSTNAME) {
            return true;
        }
    }
    return false;
}

/* On the node that was added last; or, when only host spread speaks against it, on any other. */
static bool place_on_last(work *w, uint32_t shape)
{
    if (w->added_count == 0) {
        return false;
    }
    const uint32_t last = w->added_count - 1;
    if (place(w, last, shape)) {
        return true;
    }
    return has_host_spread(w->snapshot->shapes[shape].template) &&
           wb_ca_snapshot_check(w->snapshot, shape, w->rows[last], NULL, 0) ==
               WB_PLUGIN_POD_TOPOLOGY_SPREAD &&
           place_on_any(w, shape);
}

/* How many of count pods found a place. */
static uint32_t place_group(work *w, uint32_t shape, uint32_t count)
{
    assert(w->snapshot->fork_depth > 0);
    uint32_t placed = 0;
    while (placed < count && place_on_any(w, shape)) {
        placed++;
    }
    while (placed < count) {
        if (!place_on_last(w, shape)) {
            const bool last_is_empty = w->added_count > 0 && w->pods_on[w->added_count - 1] == 0;
            if (last_is_empty || !may_add(w, placed)) {
                break;
            }
            add_node(w);
            if (!place(w, w->added_count - 1, shape)) {
                break; /* one more node would not help */
            }
        }
        placed++;
    }
    return placed;
}

/* ---- the fast way ---- */

/* Where a resource stands in the vectors of the fast way; resource_count: nowhere. */
static uint32_t resource_index(const work *w, uint32_t name)
{
    uint32_t i = 0;
    while (i < w->resource_count && w->resources[i] != name) {
        i++;
    }
    return i;
}

/* Takes what a pod of shape asks for out of fresh. */
static void use_fresh(work *w, uint32_t shape)
{
    const wb_resource_list requests = w->snapshot->shapes[shape].template->requests;
    for (uint32_t i = 0; i < requests.count; i++) {
        const uint32_t index = resource_index(w, requests.items[i].name);
        if (index < w->resource_count && requests.items[i].name != WB_NAME_PODS) {
            w->fresh[index] -= requests.items[i].amount;
        }
    }
    w->fresh[0]--; /* pods */
}

/* Adds the resources that pods of shape ask for; false when there are too many in all. */
static bool gather_resources(work *w, uint32_t shape)
{
    const wb_resource_list requests = w->snapshot->shapes[shape].template->requests;
    for (uint32_t i = 0; i < requests.count; i++) {
        const uint32_t name = requests.items[i].name;
        if (requests.items[i].amount <= 0 || resource_index(w, name) < w->resource_count) {
            continue;
        }
        if (w->resource_count == RESOURCES_MAX) {
            return false;
        }
        w->resources[w->resource_count++] = name;
    }
    return true;
}

/* Whether resources alone decide, and are few enough; then the vectors of the fast way are set. */
static bool prepare_fast(work *w)
{
    const wb_estimator_request *request = w->request;
    if (request->is_plain) {
        return false;
    }
    w->resources[w->resource_count++] = WB_NAME_PODS;
    for (uint32_t g = 0; g < request->group_count; g++) {
        const uint32_t shape = request->pods[g].shape;
        if (!wb_ca_snapshot_is_plain(w->snapshot, shape) || !gather_resources(w, shape)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < w->resource_count; i++) {
        w->fresh[i] = wb_resource_list_get(request->template->allocatable, w->resources[i]);
    }
    for (uint32_t i = 0; i < request->template->pod_count; i++) {
        use_fresh(w, request->template->pods[i].shape);
    }
    return true;
}

/* What one pod of shape takes of each resource. */
static void fill_need(const work *w, uint32_t shape, int64_t *need)
{
    assert(w->resource_count > 0 && w->resources[0] == WB_NAME_PODS);
    const wb_resource_list requests = w->snapshot->shapes[shape].template->requests;
    for (uint32_t i = 0; i < w->resource_count; i++) {
        need[i] = i == 0 ? 1 : wb_resource_list_get(requests, w->resources[i]);
    }
}

/* How many pods of that need fit into free, at most limit. */
static uint32_t count_fitting(const int64_t *free, const int64_t *need, uint32_t resource_count,
                              uint32_t limit)
{
    int64_t fitting = limit;
    for (uint32_t i = 0; i < resource_count && fitting > 0; i++) {
        if (need[i] > 0 && free[i] < need[i] * fitting) {
            fitting = free[i] < need[i] ? 0 : free[i] / need[i];
        }
    }
    return (uint32_t)fitting;
}

/* Puts count pods on an added node. */
static void take(work *w, uint32_t node, const int64_t *need, uint32_t count)
{
    assert(node < w->added_count);
    int64_t *free = &w->free[(size_t)node * w->resource_count];
    for (uint32_t i = 0; i < w->resource_count; i++) {
        free[i] -= need[i] * count;
    }
    w->result->node_count += w->pods_on[node] == 0 && count > 0 ? 1U : 0U;
    w->pods_on[node] += count;
}

static void add_fresh_node(work *w)
{
    assert(w->added_count < w->request->node_limit);
    if (w->added_count == w->row_capacity) {
        const uint32_t capacity = w->row_capacity * 2 + 64;
        w->free = wb_arena_grow(w->arena, w->free, (size_t)w->added_count * w->resource_count,
                                (size_t)capacity * w->resource_count, sizeof(*w->free));
        w->pods_on =
            wb_arena_grow(w->arena, w->pods_on, w->added_count, capacity, sizeof(*w->pods_on));
        w->row_capacity = capacity;
    }
    for (uint32_t i = 0; i < w->resource_count; i++) {
        w->free[(size_t)w->added_count * w->resource_count + i] = w->fresh[i];
    }
    w->pods_on[w->added_count++] = 0;
}

/* The same as place_group: equal pods that fit nowhere leave every node as full as one by one. */
static uint32_t fill_group(work *w, uint32_t shape, uint32_t count)
{
    int64_t need[RESOURCES_MAX];
    fill_need(w, shape, need);
    uint32_t placed = 0;
    for (uint32_t node = 0; node < w->added_count && placed < count; node++) {
        const uint32_t fitting = count_fitting(&w->free[(size_t)node * w->resource_count], need,
                                               w->resource_count, count - placed);
        if (fitting > 0) {
            take(w, node, need, fitting);
            placed += fitting;
        }
    }
    while (placed < count) {
        const bool last_is_empty = w->added_count > 0 && w->pods_on[w->added_count - 1] == 0;
        if (last_is_empty || !may_add(w, placed)) {
            break;
        }
        add_fresh_node(w);
        const uint32_t node = w->added_count - 1;
        const uint32_t fitting = count_fitting(&w->free[(size_t)node * w->resource_count], need,
                                               w->resource_count, count - placed);
        if (fitting == 0) {
            break;
        }
        take(w, node, need, fitting);
        placed += fitting;
    }
    return placed;
}

/* ---- both ---- */

/* --fastpath-binpacking-enabled: the most numerous group goes last. */
static void move_largest_last(const work *w, uint32_t *order)
{
    assert(w->request->group_count > 0);
    const uint32_t count = w->request->group_count;
    uint32_t largest = 0;
    for (uint32_t i = 1; i < count; i++) {
        if (w->request->pods[order[i]].count > w->request->pods[order[largest]].count) {
            largest = i;
        }
    }
    const uint32_t moved = order[largest];
    for (uint32_t i = largest; i + 1 < count; i++) {
        order[i] = order[i + 1];
    }
    order[count - 1] = moved;
}

void wb_estimator_run(wb_ca_snapshot *snapshot, wb_arena *arena,
                      const wb_estimator_request *request, wb_estimator_result *out)
{
    assert(request->template->is_known && request->group_count > 0);
    *out = (wb_estimator_result){
        .placed = WB_ARENA_ARRAY(arena, uint32_t, request->group_count),
    };
    work w = {.snapshot = snapshot, .arena = arena, .request = request, .result = out};
    uint32_t *order = order_groups(&w);
    if (request->fills_by_division) {
        move_largest_last(&w, order);
    }
    const bool is_fast = prepare_fast(&w);
    const uint32_t mark = is_fast ? 0 : wb_ca_snapshot_fork(snapshot);
    for (uint32_t i = 0; i < request->group_count; i++) {
        const wb_estimator_pods *pods = &request->pods[order[i]];
        const uint32_t placed = is_fast ? fill_group(&w, pods->shape, pods->count)
                                        : place_group(&w, pods->shape, pods->count);
        out->placed[order[i]] = placed;
        out->pod_count += placed;
    }
    if (!is_fast) {
        wb_ca_snapshot_revert(snapshot, mark);
    }
}
