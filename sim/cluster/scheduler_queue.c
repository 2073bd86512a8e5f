#include "sim/cluster/scheduler_queue.h"

#include <assert.h>

#include "base/heap_memory.h"

#define MS_PER_SECOND INT64_C(1000)

/* ---- order ---- */

static bool is_before_in_active(const wb_scheduler_queue_item *a, const wb_scheduler_queue_item *b)
{
    if (a->priority != b->priority) {
        return a->priority > b->priority;
    }
    if (a->stamp_ms != b->stamp_ms) {
        return a->stamp_ms < b->stamp_ms;
    }
    assert(a == b || a->stamp_seq != b->stamp_seq);
    return a->stamp_seq < b->stamp_seq;
}

static bool is_before(const wb_scheduler_queue *queue, const wb_scheduler_queue_heap *heap,
                      uint32_t x, uint32_t y)
{
    const wb_scheduler_queue_item *a = &queue->items[x];
    const wb_scheduler_queue_item *b = &queue->items[y];
    if (heap->is_backoff && a->backoff_end_ms != b->backoff_end_ms) {
        return a->backoff_end_ms < b->backoff_end_ms;
    }
    return is_before_in_active(a, b);
}

/* ---- heaps ---- */

static void put_at(wb_scheduler_queue *queue, wb_scheduler_queue_heap *heap, uint32_t index,
                   uint32_t item)
{
    heap->items[index] = item;
    queue->items[item].heap_index = index;
}

static void sift_up(wb_scheduler_queue *queue, wb_scheduler_queue_heap *heap, uint32_t index)
{
    const uint32_t item = heap->items[index];
    while (index > 0 && is_before(queue, heap, item, heap->items[(index - 1) / 2])) {
        put_at(queue, heap, index, heap->items[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put_at(queue, heap, index, item);
}

static void sift_down(wb_scheduler_queue *queue, wb_scheduler_queue_heap *heap, uint32_t index)
{
    const uint32_t item = heap->items[index];
    for (uint32_t child = 2 * index + 1; child < heap->count; child = 2 * index + 1) {
        if (child + 1 < heap->count &&
            is_before(queue, heap, heap->items[child + 1], heap->items[child])) {
            child++;
        }
        if (!is_before(queue, heap, heap->items[child], item)) {
            break;
        }
        put_at(queue, heap, index, heap->items[child]);
        index = child;
    }
    put_at(queue, heap, index, item);
}

static void heap_add(wb_scheduler_queue *queue, wb_scheduler_queue_heap *heap, uint32_t item)
{
    if (heap->count == heap->capacity) {
        heap->capacity =
            (uint32_t)wb_heap_memory_next_capacity(heap->capacity, (size_t)heap->count + 64);
        heap->items = wb_heap_memory_resize(heap->items, heap->capacity, sizeof(*heap->items));
    }
    put_at(queue, heap, heap->count++, item);
    sift_up(queue, heap, heap->count - 1);
}

static void heap_remove(wb_scheduler_queue *queue, wb_scheduler_queue_heap *heap, uint32_t item)
{
    const uint32_t index = queue->items[item].heap_index;
    assert(index < heap->count && heap->items[index] == item);
    const uint32_t last = heap->items[--heap->count];
    if (last == item) {
        return;
    }
    put_at(queue, heap, index, last);
    sift_up(queue, heap, index);
    sift_down(queue, heap, queue->items[last].heap_index);
}

/* ---- groups ---- */

static uint32_t find_group(wb_scheduler_queue *queue, uint32_t shape)
{
    uint64_t found = 0;
    if (wb_hash_map_get(&queue->group_by_shape, shape, &found)) {
        return (uint32_t)found;
    }
    if (queue->group_count == queue->group_capacity) {
        queue->group_capacity = queue->group_capacity * 2 + 16;
        queue->groups =
            wb_heap_memory_resize(queue->groups, queue->group_capacity, sizeof(*queue->groups));
        queue->live_groups = wb_heap_memory_resize(queue->live_groups, queue->group_capacity,
                                                   sizeof(*queue->live_groups));
    }
    const uint32_t id = queue->group_count++;
    queue->groups[id] = (wb_scheduler_queue_group){.shape = shape,
                                                   .first = WB_SCHEDULER_QUEUE_NONE,
                                                   .last = WB_SCHEDULER_QUEUE_NONE};
    wb_hash_map_put(&queue->group_by_shape, shape, id);
    return id;
}

/* Puts item behind previous (NONE: in front). */
static void link_item(wb_scheduler_queue *queue, wb_scheduler_queue_group *group, uint32_t item_id,
                      uint32_t previous)
{
    wb_scheduler_queue_item *item = &queue->items[item_id];
    item->previous = previous;
    item->next = previous == WB_SCHEDULER_QUEUE_NONE ? group->first : queue->items[previous].next;
    if (previous == WB_SCHEDULER_QUEUE_NONE) {
        group->first = item_id;
    } else {
        queue->items[previous].next = item_id;
    }
    if (item->next == WB_SCHEDULER_QUEUE_NONE) {
        group->last = item_id;
    } else {
        queue->items[item->next].previous = item_id;
    }
}

static void join_group(wb_scheduler_queue *queue, uint32_t item_id, uint32_t group_id,
                       bool in_front)
{
    wb_scheduler_queue_group *group = &queue->groups[group_id];
    if (group->count == 0) {
        group->live_index = queue->live_group_count;
        queue->live_groups[queue->live_group_count++] = group_id;
    }
    link_item(queue, group, item_id, in_front ? WB_SCHEDULER_QUEUE_NONE : group->last);
    queue->items[item_id].group = group_id;
    queue->items[item_id].touch_count = group->touch_count;
    group->count++;
    queue->unschedulable_count++;
}

/* A whole second, so that pods whose back-off ends in one second line up by priority. */
static int64_t backoff_end_ms(const wb_scheduler_queue *queue, const wb_scheduler_queue_item *item)
{
    const int64_t end_ms = item->stamp_ms + wb_scheduler_queue_backoff_ms(queue, item->attempts);
    return end_ms / MS_PER_SECOND * MS_PER_SECOND;
}

/* When item was put back last, by itself or with its group. */
static int64_t effective_stamp_ms(const wb_scheduler_queue *queue,
                                  const wb_scheduler_queue_item *item)
{
    const wb_scheduler_queue_group *group = &queue->groups[item->group];
    return item->touch_count < group->touch_count ? group->touch_ms : item->stamp_ms;
}

/* Writes down what happened to the whole group while item lay in it. */
static void settle(const wb_scheduler_queue *queue, wb_scheduler_queue_item *item)
{
    const wb_scheduler_queue_group *group = &queue->groups[item->group];
    if (item->touch_count < group->touch_count) {
        item->stamp_ms = group->touch_ms; /* stamp_seq keeps the order within the group */
        item->attempts += group->touch_count - item->touch_count;
        item->touch_count = group->touch_count;
    }
    item->backoff_end_ms = backoff_end_ms(queue, item);
}

static void leave_group(wb_scheduler_queue *queue, uint32_t item_id)
{
    wb_scheduler_queue_item *item = &queue->items[item_id];
    wb_scheduler_queue_group *group = &queue->groups[item->group];
    assert(group->count > 0 && queue->unschedulable_count > 0);
    settle(queue, item);
    if (item->previous == WB_SCHEDULER_QUEUE_NONE) {
        group->first = item->next;
    } else {
        queue->items[item->previous].next = item->next;
    }
    if (item->next == WB_SCHEDULER_QUEUE_NONE) {
        group->last = item->previous;
    } else {
        queue->items[item->next].previous = item->previous;
    }
    queue->unschedulable_count--;
    if (--group->count == 0) {
        const uint32_t moved = queue->live_groups[--queue->live_group_count];
        queue->live_groups[group->live_index] = moved;
        queue->groups[moved].live_index = group->live_index;
    }
}

/* ---- places ---- */

/* Takes item out of where it is. */
static void take_out(wb_scheduler_queue *queue, uint32_t item_id)
{
    wb_scheduler_queue_item *item = &queue->items[item_id];
    if (item->place == WB_QUEUE_ACTIVE) {
        heap_remove(queue, &queue->active, item_id);
    } else if (item->place == WB_QUEUE_BACKOFF) {
        heap_remove(queue, &queue->backoff, item_id);
    } else if (item->place == WB_QUEUE_UNSCHEDULABLE) {
        leave_group(queue, item_id);
    }
    item->place = WB_QUEUE_NOWHERE;
}

static void put_active(wb_scheduler_queue *queue, uint32_t item_id)
{
    assert(queue->items[item_id].place == WB_QUEUE_NOWHERE);
    queue->items[item_id].place = WB_QUEUE_ACTIVE;
    heap_add(queue, &queue->active, item_id);
}

static void stamp(wb_scheduler_queue *queue, wb_scheduler_queue_item *item, int64_t now_ms)
{
    item->stamp_ms = now_ms;
    item->stamp_seq = queue->next_seq++;
}

/* The item of pod_id, or NONE. */
static uint32_t find_item(const wb_scheduler_queue *queue, uint32_t pod_id)
{
    uint64_t found = 0;
    return wb_hash_map_get(&queue->item_by_pod, pod_id, &found) ? (uint32_t)found
                                                                : WB_SCHEDULER_QUEUE_NONE;
}

/* ---- life cycle ---- */

void wb_scheduler_queue_init(wb_scheduler_queue *queue)
{
    *queue = (wb_scheduler_queue){
        .backoff = {.is_backoff = true},
        .first_backoff_ms = WB_SCHEDULER_BACKOFF_FIRST_MS,
        .longest_backoff_ms = WB_SCHEDULER_BACKOFF_MAX_MS,
    };
    wb_hash_map_init(&queue->item_by_pod);
    wb_hash_map_init(&queue->group_by_shape);
}

void wb_scheduler_queue_release(wb_scheduler_queue *queue)
{
    wb_heap_memory_free(queue->items);
    wb_heap_memory_free(queue->free_items);
    wb_heap_memory_free(queue->active.items);
    wb_heap_memory_free(queue->backoff.items);
    wb_heap_memory_free(queue->groups);
    wb_heap_memory_free(queue->live_groups);
    wb_hash_map_release(&queue->item_by_pod);
    wb_hash_map_release(&queue->group_by_shape);
}

static uint32_t add_item(wb_scheduler_queue *queue)
{
    if (queue->free_count > 0) {
        return queue->free_items[--queue->free_count];
    }
    if (queue->item_count == queue->item_capacity) {
        queue->item_capacity =
            (uint32_t)wb_heap_memory_next_capacity(queue->item_capacity,
                                                   (size_t)queue->item_count + 64);
        queue->items =
            wb_heap_memory_resize(queue->items, queue->item_capacity, sizeof(*queue->items));
    }
    return queue->item_count++;
}

void wb_scheduler_queue_add(wb_scheduler_queue *queue, uint32_t pod_id, uint32_t shape,
                            int32_t priority, int64_t now_ms)
{
    if (find_item(queue, pod_id) != WB_SCHEDULER_QUEUE_NONE) {
        return;
    }
    const uint32_t id = add_item(queue);
    queue->items[id] =
        (wb_scheduler_queue_item){.pod_id = pod_id, .shape = shape, .priority = priority};
    stamp(queue, &queue->items[id], now_ms);
    wb_hash_map_put(&queue->item_by_pod, pod_id, id);
    put_active(queue, id);
}

bool wb_scheduler_queue_remove(wb_scheduler_queue *queue, uint32_t pod_id, int64_t now_ms)
{
    const uint32_t id = find_item(queue, pod_id);
    if (id == WB_SCHEDULER_QUEUE_NONE) {
        return false;
    }
    take_out(queue, id);
    wb_hash_map_remove(&queue->item_by_pod, pod_id);
    if (queue->free_count == queue->free_capacity) {
        queue->free_capacity = queue->free_capacity * 2 + 64;
        queue->free_items = wb_heap_memory_resize(queue->free_items, queue->free_capacity,
                                                  sizeof(*queue->free_items));
    }
    queue->free_items[queue->free_count++] = id;
    if (queue->items[id].is_out) {
        const uint32_t group = queue->items[id].group;
        queue->groups[group].is_out = false;
        wb_scheduler_queue_wake_first(queue, group, now_ms);
    }
    return true;
}

/* ---- one attempt ---- */

bool wb_scheduler_queue_is_ready(const wb_scheduler_queue *queue)
{
    return queue->active.count > 0 || (!queue->waits_for_backoff && queue->backoff.count > 0);
}

bool wb_scheduler_queue_pop(wb_scheduler_queue *queue, uint32_t *out_pod_id)
{
    if (!wb_scheduler_queue_is_ready(queue)) {
        return false;
    }
    const wb_scheduler_queue_heap *heap =
        queue->active.count > 0 ? &queue->active : &queue->backoff;
    const uint32_t id = heap->items[0];
    take_out(queue, id);
    queue->items[id].place = WB_QUEUE_IN_FLIGHT;
    queue->items[id].attempts++;
    *out_pod_id = queue->items[id].pod_id;
    return true;
}

int64_t wb_scheduler_queue_backoff_ms(const wb_scheduler_queue *queue, uint32_t attempts)
{
    assert(queue->first_backoff_ms > 0 && queue->longest_backoff_ms >= queue->first_backoff_ms);
    if (attempts == 0) {
        return 0;
    }
    int64_t duration_ms = queue->first_backoff_ms;
    for (uint32_t i = 1; i < attempts; i++) {
        if (duration_ms > queue->longest_backoff_ms - duration_ms) {
            return queue->longest_backoff_ms;
        }
        duration_ms *= 2;
    }
    return duration_ms;
}

void wb_scheduler_queue_reject(wb_scheduler_queue *queue, uint32_t pod_id, uint32_t plugins,
                               int64_t now_ms)
{
    const uint32_t id = find_item(queue, pod_id);
    assert(id != WB_SCHEDULER_QUEUE_NONE && queue->items[id].place == WB_QUEUE_IN_FLIGHT);
    wb_scheduler_queue_item *item = &queue->items[id];
    const uint32_t group_id = find_group(queue, item->shape);
    wb_scheduler_queue_group *group = &queue->groups[group_id];
    item->place = WB_QUEUE_UNSCHEDULABLE;
    group->plugins = plugins;
    if (item->is_out) {
        /* It failed for all. Stamps are renewed, sequence numbers are not: they keep the order
         * within the group, whose first it still is. */
        assert(item->group == group_id && group->is_out);
        group->is_out = false;
        group->touch_count++;
        group->touch_ms = now_ms;
        item->stamp_ms = now_ms;
    } else {
        stamp(queue, item, now_ms);
    }
    join_group(queue, id, group_id, item->is_out);
    item->is_out = false;
}

/* ---- events ---- */

static void wake_item(wb_scheduler_queue *queue, uint32_t id, int64_t now_ms)
{
    assert(queue->items[id].place == WB_QUEUE_UNSCHEDULABLE);
    take_out(queue, id);
    if (queue->items[id].backoff_end_ms > now_ms) {
        queue->items[id].place = WB_QUEUE_BACKOFF;
        heap_add(queue, &queue->backoff, id);
    } else {
        put_active(queue, id);
    }
}

void wb_scheduler_queue_wake(wb_scheduler_queue *queue, uint32_t pod_id, int64_t now_ms)
{
    const uint32_t id = find_item(queue, pod_id);
    if (id != WB_SCHEDULER_QUEUE_NONE && queue->items[id].place == WB_QUEUE_UNSCHEDULABLE) {
        wake_item(queue, id, now_ms);
    }
}

void wb_scheduler_queue_wake_group(wb_scheduler_queue *queue, uint32_t group, int64_t now_ms)
{
    assert(group < queue->group_count);
    while (queue->groups[group].first != WB_SCHEDULER_QUEUE_NONE) {
        wake_item(queue, queue->groups[group].first, now_ms);
    }
}

void wb_scheduler_queue_wake_first(wb_scheduler_queue *queue, uint32_t group_id, int64_t now_ms)
{
    assert(group_id < queue->group_count && !queue->waits_for_backoff);
    wb_scheduler_queue_group *group = &queue->groups[group_id];
    if (group->is_out || group->count == 0) {
        return;
    }
    const uint32_t id = group->first;
    group->is_out = true;
    queue->items[id].is_out = true;
    wake_item(queue, id, now_ms);
}

void wb_scheduler_queue_end_backoffs(wb_scheduler_queue *queue, int64_t now_ms)
{
    while (queue->backoff.count > 0 &&
           queue->items[queue->backoff.items[0]].backoff_end_ms <= now_ms) {
        const uint32_t id = queue->backoff.items[0];
        take_out(queue, id);
        put_active(queue, id);
    }
}

bool wb_scheduler_queue_is_overdue(const wb_scheduler_queue *queue, uint32_t group, int64_t now_ms)
{
    const uint32_t first = queue->groups[group].first;
    return first != WB_SCHEDULER_QUEUE_NONE &&
           now_ms - effective_stamp_ms(queue, &queue->items[first]) > WB_SCHEDULER_FLUSH_AGE_MS;
}

int64_t wb_scheduler_queue_next_backoff_ms(const wb_scheduler_queue *queue)
{
    return queue->backoff.count == 0 ? -1 : queue->items[queue->backoff.items[0]].backoff_end_ms;
}

int64_t wb_scheduler_queue_next_flush_ms(const wb_scheduler_queue *queue)
{
    int64_t oldest_ms = INT64_MAX;
    for (uint32_t i = 0; i < queue->live_group_count; i++) {
        const uint32_t first = queue->groups[queue->live_groups[i]].first;
        const int64_t stamp_ms = effective_stamp_ms(queue, &queue->items[first]);
        oldest_ms = stamp_ms < oldest_ms ? stamp_ms : oldest_ms;
    }
    if (oldest_ms == INT64_MAX) {
        return -1;
    }
    /* The first flush that finds it older than the limit, not just as old. */
    return ((oldest_ms + WB_SCHEDULER_FLUSH_AGE_MS) / WB_SCHEDULER_FLUSH_PERIOD_MS + 1) *
           WB_SCHEDULER_FLUSH_PERIOD_MS;
}

wb_scheduler_queue_place wb_scheduler_queue_find(const wb_scheduler_queue *queue, uint32_t pod_id)
{
    const uint32_t id = find_item(queue, pod_id);
    return id == WB_SCHEDULER_QUEUE_NONE ? WB_QUEUE_NOWHERE : queue->items[id].place;
}
