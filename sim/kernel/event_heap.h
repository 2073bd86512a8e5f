/*
 * Events in a binary min-heap: the plain implementation behind event_queue.h and its oracle. The
 * calendar uses the same heap for the few events that are pushed into the day it is serving.
 *
 *     events[i] comes before events[2i+1] and events[2i+2]; events[0] is the earliest
 *
 * Entries are whole events, not indices: a comparison then touches one line of memory instead of
 * two. Private to sim/kernel.
 */
#ifndef WB_SIM_KERNEL_EVENT_HEAP_H
#define WB_SIM_KERNEL_EVENT_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/kernel/event.h"

typedef struct wb_event_heap {
    wb_event *events; /* owned */
    size_t count, capacity;
} wb_event_heap;

/* Whether an event stays; context is passed through. */
typedef bool (*wb_event_filter)(void *context, const wb_event *event);

/* Starts empty and without memory. */
void wb_event_heap_init(wb_event_heap *heap);

/* Frees what is inside. */
void wb_event_heap_release(wb_event_heap *heap);

/* Adds an event, with the order that is in its key. */
void wb_event_heap_push(wb_event_heap *heap, wb_event_key key, uint32_t subject, uint16_t kind,
                        uint16_t phase);

/* The earliest event, or NULL; valid until the next change. */
static inline const wb_event *wb_event_heap_front(const wb_event_heap *heap)
{
    return heap->count == 0 ? NULL : &heap->events[0];
}

/* Removes the earliest event; there must be one. */
void wb_event_heap_drop_front(wb_event_heap *heap);

/* Removes the events that keep says false to; it is asked once for each. */
void wb_event_heap_retain(wb_event_heap *heap, wb_event_filter keep, void *context);

/* Sorts a plain array of events in place, earliest first, in count * log(count) at worst. */
void wb_event_heap_sort(wb_event *events, size_t count);

/* Bytes held from the system, spare room included. */
size_t wb_event_heap_memory_bytes(const wb_event_heap *heap);

/* Asserts the heap's invariant; O(count). */
void wb_event_heap_check(const wb_event_heap *heap);

#endif
