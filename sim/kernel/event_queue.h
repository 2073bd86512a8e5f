/*
 * The pending-event set of one simulation: earliest first, with cancellation and a limit.
 *
 * Two implementations behind one contract give the same events in the same order, and the same
 * handles, on the same calls: a binary heap, plain enough to be the oracle, and a calendar that is
 * ten times faster and more at a million pending events (docs/benchmarks.md). A run picks one by
 * name. Typical sizes: 10^3 to 10^6 pending; a replayed trace may push its arrivals one ahead of
 * another or all at once. Knows nothing of pods or nodes, and nothing of what a tick of time is:
 * the simulator counts milliseconds, the hold model finer steps. Depends on base/ only.
 */
#ifndef WB_SIM_KERNEL_EVENT_QUEUE_H
#define WB_SIM_KERNEL_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/kernel/event.h"

typedef enum wb_event_queue_kind {
    WB_EVENT_QUEUE_CALENDAR, /* the default: buckets that are refined where events crowd */
    WB_EVENT_QUEUE_HEAP,     /* the oracle */
} wb_event_queue_kind;

/* Pending events that a queue takes when the caller states no limit of its own. */
#define WB_EVENT_QUEUE_LIMIT_DEFAULT ((size_t)1 << 26)

/* No event has this handle. */
#define WB_EVENT_HANDLE_NONE UINT64_C(0)

struct wb_event_heap;
struct wb_event_calendar;
struct wb_event_ticket;

typedef struct wb_event_queue {
    wb_event_queue_kind kind;
    size_t count; /* pending, the cancelled ones not counted */
    size_t limit; /* of count */
    uint64_t next_seq;
    int64_t now_ms; /* time of the last pop; never goes back */

    struct wb_event_calendar *calendar; /* owned; NULL unless kind is CALENDAR */
    struct wb_event_heap *heap;         /* owned; NULL unless kind is HEAP */

    /* Cancellation: a row per cancellable event; plain events have none. */
    struct wb_event_ticket *tickets; /* owned */
    uint32_t ticket_count, ticket_capacity;
    uint32_t free_ticket; /* head of the list of unused rows */
    size_t stale_count;   /* cancelled, but still lying in the heap or calendar */
} wb_event_queue;

/* Starts empty at time 0. limit 0 means WB_EVENT_QUEUE_LIMIT_DEFAULT. */
void wb_event_queue_init(wb_event_queue *queue, wb_event_queue_kind kind, size_t limit);

/* Frees what is inside; pending events are forgotten. */
void wb_event_queue_release(wb_event_queue *queue);

/* Adds an event; phase must be below 2^15. at_ms must not lie before queue->now_ms (asserted). With
 * queue->limit events pending: WB_ERR_LIMIT, and the queue is as it was. */
WB_MUST_CHECK wb_status wb_event_queue_push(wb_event_queue *queue, int64_t at_ms, uint16_t phase,
                                            uint16_t kind, uint32_t subject, wb_error *err);

/* The same for a copy of *event (its order is ignored), which may be cancelled; *out_handle names
 * it until it is popped or cancelled, and is never WB_EVENT_HANDLE_NONE. Costs 12 bytes and a few
 * instructions more. */
WB_MUST_CHECK wb_status wb_event_queue_push_cancellable(wb_event_queue *queue,
                                                        const wb_event *event, uint64_t *out_handle,
                                                        wb_error *err);

/* Takes back a pending event, in constant time; false when handle is NONE, popped or cancelled. */
bool wb_event_queue_cancel(wb_event_queue *queue, uint64_t handle);

/* Moves the earliest event to *out and the clock to its time; false when none is left. */
bool wb_event_queue_pop(wb_event_queue *queue, wb_event *out);

/* The same, but only when the earliest event is not later than until_ms. */
bool wb_event_queue_pop_until(wb_event_queue *queue, int64_t until_ms, wb_event *out);

/* Time of the earliest event, which stays; false, and *out_at_ms untouched, when none is left. */
bool wb_event_queue_peek_time(wb_event_queue *queue, int64_t *out_at_ms);

/* Pending events, the cancelled ones not counted. */
size_t wb_event_queue_count(const wb_event_queue *queue);

/* Bytes that the queue holds from the system now, spare room included. */
size_t wb_event_queue_memory_bytes(const wb_event_queue *queue);

/* "calendar", "heap": for options and reports. */
const char *wb_event_queue_kind_name(wb_event_queue_kind kind);

/* The kind of that name; false when there is none. */
bool wb_event_queue_kind_find(const char *name, wb_event_queue_kind *out);

/* Walks everything and asserts the invariants; O(count), for tests and debug builds. */
void wb_event_queue_check(const wb_event_queue *queue);

#endif
