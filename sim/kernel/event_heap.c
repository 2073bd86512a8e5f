/*
 * A binary min-heap in pages: the plain implementation that the calendar is held to, and the part
 * of the calendar that takes what is pushed for today. Some 12 levels at a simulation's usual few
 * thousand pending events, 20 at a million.
 */
#include "sim/kernel/event_heap.h"

#include <assert.h>
#include <string.h>

#include "base/page_memory.h"

/* Every comparison reads the whole key, so an event stays one struct and not three arrays. */
static_assert(sizeof(wb_event) == 24, "an event grew: run bench/hold before accepting it");

/* First room: one page's worth. */
enum {
    CAPACITY_MIN = 170
};

void wb_event_heap_init(wb_event_heap *heap)
{
    *heap = (wb_event_heap){0};
}

void wb_event_heap_release(wb_event_heap *heap)
{
    wb_page_memory_free(heap->events, heap->capacity * sizeof(wb_event));
    *heap = (wb_event_heap){0};
}

/* By half and not double: at a million events the spare room is what counts in memory. */
static void grow(wb_event_heap *heap)
{
    assert(heap->count <= heap->capacity);
    const size_t capacity = heap->count < CAPACITY_MIN ? CAPACITY_MIN : heap->count / 2 * 3;
    wb_event *events = wb_page_memory_alloc(capacity * sizeof(wb_event));
    if (heap->count > 0) {
        memcpy(events, heap->events, heap->count * sizeof(wb_event));
    }
    wb_page_memory_free(heap->events, heap->capacity * sizeof(wb_event));
    heap->events = events;
    heap->capacity = capacity;
}

/* Lets event sink from the hole at slot to its place among count events. */
static void sift_down(wb_event *events, size_t count, size_t slot, wb_event event)
{
    for (size_t child = 2 * slot + 1; child < count; child = 2 * slot + 1) {
        /* One of the four grandchildren is next, and it isn't known which: fetching all four, 96
         * bytes, while the children are compared halves the time of a hold at 10^6 pending. */
        if (4 * slot + 6 < count) {
            __builtin_prefetch(&events[4 * slot + 3]);
            __builtin_prefetch(&events[4 * slot + 6]);
        }
        if (child + 1 < count) {
            /* Added, not branched on: which child is earlier can't be predicted. */
            child += (size_t)wb_event_comes_before(&events[child + 1], &events[child]);
        }
        if (!wb_event_comes_before(&events[child], &event)) {
            break;
        }
        events[slot] = events[child];
        slot = child;
    }
    events[slot] = event;
}

void wb_event_heap_push(wb_event_heap *heap, wb_event_key key, uint32_t subject, uint16_t kind,
                        uint16_t phase)
{
    if (heap->count == heap->capacity) {
        grow(heap);
    }
    wb_event *events = heap->events;
    size_t slot = heap->count++;
    while (slot > 0 && key < wb_event_key_of(&events[(slot - 1) / 2])) {
        events[slot] = events[(slot - 1) / 2];
        slot = (slot - 1) / 2;
    }
    events[slot] = wb_event_make(key, subject, kind, phase);
}

void wb_event_heap_drop_front(wb_event_heap *heap)
{
    assert(heap->count > 0);
    /* The last event takes the root's place and sinks to where it belongs. */
    heap->count--;
    if (heap->count > 0) {
        sift_down(heap->events, heap->count, 0, heap->events[heap->count]);
    }
}

void wb_event_heap_retain(wb_event_heap *heap, wb_event_filter keep, void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < heap->count; i++) {
        if (keep(context, &heap->events[i])) {
            heap->events[kept++] = heap->events[i];
        }
    }
    heap->count = kept;
    /* Floyd's way: heaps of two are joined to heaps of four and so on, in linear time. */
    for (size_t slot = kept / 2; slot-- > 0;) {
        sift_down(heap->events, kept, slot, heap->events[slot]);
    }
}

/* Heap sort with the heap that we have: the earliest is taken off to the end again and again, which
 * leaves the array latest first; then it is turned round. */
void wb_event_heap_sort(wb_event *events, size_t count)
{
    for (size_t slot = count / 2; slot-- > 0;) {
        sift_down(events, count, slot, events[slot]);
    }
    for (size_t left = count; left-- > 1;) {
        const wb_event last = events[left];
        events[left] = events[0];
        sift_down(events, left, 0, last);
    }
    for (size_t i = 0, j = count; i + 1 < j; i++) {
        const wb_event early = events[--j];
        events[j] = events[i];
        events[i] = early;
    }
}

size_t wb_event_heap_memory_bytes(const wb_event_heap *heap)
{
    return heap->capacity * sizeof(wb_event);
}

void wb_event_heap_check(const wb_event_heap *heap)
{
    assert(heap->count <= heap->capacity);
    for (size_t slot = 1; slot < heap->count; slot++) {
        assert(wb_event_comes_before(&heap->events[(slot - 1) / 2], &heap->events[slot]));
    }
}
