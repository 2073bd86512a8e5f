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

static uint32_t find_group(wb_scheduler_queue *queue, uint32_t shape, uint32_t plugins)
{
    const uint64_t key = (uint64_t)shape << 32 | plugins;
    uint64_t found = 0;
    if (wb_hash_map_get(&queue->group_by_key, key, &found)) {
        return (uint32_t)found;
    }
    if (queue->group_count == queue->group_capacity) {
        queue->group_capacity = queue->group_capacity * 2 + 16;
        queue->groups =
            wb_heap_memory_resize(queue->groups, queue->group_capacity, sizeof(*queue->groups));
    }
    const uint32_t id = queue->group_count++;
    queue->groups[id] = (wb_scheduler_queue_group){.shape = shape,
                                                   .plugins = plugins,
                                                   .first = WB_SCHEDULER_QUEUE_NONE,
                                                   .last = WB_SCHEDULER_QUEUE_NONE};
    wb_hash_map_put(&queue->group_by_key, key, id);
    return id;
}

static void join_group(wb_scheduler_queue *queue, uint32_t item_id, uint32_t group_id)
{
    wb_scheduler_queue_item *item = &queue->items[item_id];
    wb_scheduler_queue_group *group = &queue->groups[group_id];
    item->group = group_id;
    item->next = WB_SCHEDULER_QUEUE_NONE;
    item->previous = group->last;
    if (group->last == WB_SCHEDULER_QUEUE_NONE) {
        group->first = item_id;
    } else {
        queue->items[group->last].next = item_id;
    }
    group->last = item_id;
    group->count++;
    queue->unschedulable_count++;
}

static void leave_group(wb_scheduler_queue *queue, uint32_t item_id)
{
    const wb_scheduler_queue_item *item = &queue->items[item_id];
    wb_scheduler_queue_group *group = &queue->groups[item->group];
    assert(group->count > 0 && queue->unschedulable_count > 0);
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
    group->count--;
    queue->unschedulable_count--;
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
    *queue = (wb_scheduler_queue){.backoff = {.is_backoff = true}};
    wb_hash_map_init(&queue->item_by_pod);
    wb_hash_map_init(&queue->group_by_key);
}

void wb_scheduler_queue_release(wb_scheduler_queue *queue)
{
    wb_heap_memory_free(queue->items);
    wb_heap_memory_free(queue->free_items);
    wb_heap_memory_free(queue->active.items);
    wb_heap_memory_free(queue->backoff.items);
    wb_heap_memory_free(queue->groups);
    wb_hash_map_release(&queue->item_by_pod);
    wb_hash_map_release(&queue->group_by_key);
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

bool wb_scheduler_queue_remove(wb_scheduler_queue *queue, uint32_t pod_id)
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

int64_t wb_scheduler_queue_backoff_ms(uint32_t attempts)
{
    if (attempts == 0) {
        return 0;
    }
    int64_t duration_ms = WB_SCHEDULER_BACKOFF_FIRST_MS;
    for (uint32_t i = 1; i < attempts && duration_ms < WB_SCHEDULER_BACKOFF_MAX_MS; i++) {
        duration_ms *= 2;
    }
    return duration_ms < WB_SCHEDULER_BACKOFF_MAX_MS ? duration_ms : WB_SCHEDULER_BACKOFF_MAX_MS;
}

void wb_scheduler_queue_reject(wb_scheduler_queue *queue, uint32_t pod_id, uint32_t plugins,
                               int64_t now_ms)
{
    const uint32_t id = find_item(queue, pod_id);
    assert(id != WB_SCHEDULER_QUEUE_NONE && queue->items[id].place == WB_QUEUE_IN_FLIGHT);
    wb_scheduler_queue_item *item = &queue->items[id];
    stamp(queue, item, now_ms);
    /* Whole seconds, so that pods whose back-off ends in one second line up by priority. */
    const int64_t end_ms = now_ms + wb_scheduler_queue_backoff_ms(item->attempts);
    item->backoff_end_ms = end_ms / MS_PER_SECOND * MS_PER_SECOND;
    item->place = WB_QUEUE_UNSCHEDULABLE;
    join_group(queue, id, find_group(queue, item->shape, plugins));
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

void wb_scheduler_queue_end_backoffs(wb_scheduler_queue *queue, int64_t now_ms)
{
    while (queue->backoff.count > 0 &&
           queue->items[queue->backoff.items[0]].backoff_end_ms <= now_ms) {
        const uint32_t id = queue->backoff.items[0];
        take_out(queue, id);
        put_active(queue, id);
    }
}

void wb_scheduler_queue_flush(wb_scheduler_queue *queue, int64_t now_ms)
{
    for (uint32_t i = 0; queue->unschedulable_count > 0 && i < queue->group_count; i++) {
        uint32_t id = queue->groups[i].first;
        while (id != WB_SCHEDULER_QUEUE_NONE &&
               now_ms - queue->items[id].stamp_ms > WB_SCHEDULER_FLUSH_AGE_MS) {
            wake_item(queue, id, now_ms);
            id = queue->groups[i].first;
        }
    }
}

int64_t wb_scheduler_queue_next_backoff_ms(const wb_scheduler_queue *queue)
{
    return queue->backoff.count == 0 ? -1 : queue->items[queue->backoff.items[0]].backoff_end_ms;
}

int64_t wb_scheduler_queue_next_flush_ms(const wb_scheduler_queue *queue)
{
    int64_t oldest_ms = INT64_MAX;
    for (uint32_t i = 0; queue->unschedulable_count > 0 && i < queue->group_count; i++) {
        const uint32_t first = queue->groups[i].first;
        if (first != WB_SCHEDULER_QUEUE_NONE && queue->items[first].stamp_ms < oldest_ms) {
            oldest_ms = queue->items[first].stamp_ms;
        }
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
