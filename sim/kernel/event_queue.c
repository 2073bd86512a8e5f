/*
 * The verbs of the pending-event set over either of its bodies: heap (plain, the oracle) or
 * calendar (fast, the default). What both share is here: the order key, the limit, cancellation.
 */
#include "sim/kernel/event_queue.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/kernel/event_calendar.h"
#include "sim/kernel/event_heap.h"

/*
 * Cancellation. A cancellable event lies in the heap or calendar with PHASE_HAS_TICKET set and the
 * number of its ticket instead of its subject, which the ticket keeps. Cancelling marks the ticket;
 * the event itself is stale from then on and is dropped when it comes to the front, or all at once
 * when the stale ones outnumber the pending. So cancelling is constant time, taking plain events
 * pays one well-predicted test, and a timer that is set anew a million times leaves no heap of
 * dead events. The road not taken, a position index kept up to date on every move, would make
 * every move of every event write to a second place.
 */
typedef enum ticket_state {
    TICKET_FREE,
    TICKET_PENDING,
    TICKET_CANCELLED,
} ticket_state;

typedef struct wb_event_ticket {
    uint32_t subject;    /* of the event while it is in the queue; next free ticket when FREE */
    uint32_t generation; /* > 0; high half of the handle, so that an old handle is told apart */
    ticket_state state;
} wb_event_ticket;

#define PHASE_HAS_TICKET UINT16_C(0x8000)
#define TICKET_NONE      UINT32_MAX

/* Stale events that are let lie whatever the number of pending ones. */
enum {
    STALE_MIN = 64
};

void wb_event_queue_init(wb_event_queue *queue, wb_event_queue_kind kind, size_t limit)
{
    *queue = (wb_event_queue){.kind = kind, .free_ticket = TICKET_NONE};
    queue->limit = limit == 0 ? WB_EVENT_QUEUE_LIMIT_DEFAULT : limit;
    assert(queue->limit <= UINT32_MAX / 4); /* buckets and tickets count in 32 bits */
    if (kind == WB_EVENT_QUEUE_HEAP) {
        queue->heap = wb_heap_memory_alloc(1, sizeof(*queue->heap));
        wb_event_heap_init(queue->heap);
    } else {
        assert(kind == WB_EVENT_QUEUE_CALENDAR);
        queue->calendar = wb_heap_memory_alloc(1, sizeof(*queue->calendar));
        wb_event_calendar_init(queue->calendar);
    }
}

void wb_event_queue_release(wb_event_queue *queue)
{
    if (queue->heap != NULL) {
        wb_event_heap_release(queue->heap);
    }
    if (queue->calendar != NULL) {
        wb_event_calendar_release(queue->calendar);
    }
    wb_heap_memory_free(queue->heap);
    wb_heap_memory_free(queue->calendar);
    wb_heap_memory_free(queue->tickets);
    *queue = (wb_event_queue){0};
}

/* ---- Tickets ---- */

/* A row of the table that is not in use; its generation is the one of its next handle. */
static uint32_t take_ticket(wb_event_queue *queue)
{
    uint32_t id = queue->free_ticket;
    if (id != TICKET_NONE) {
        assert(queue->tickets[id].state == TICKET_FREE);
        queue->free_ticket = queue->tickets[id].subject;
        return id;
    }
    if (queue->ticket_count == queue->ticket_capacity) {
        const size_t capacity =
            wb_heap_memory_next_capacity(queue->ticket_capacity, (size_t)queue->ticket_count + 1);
        assert(capacity < TICKET_NONE);
        queue->tickets = wb_heap_memory_resize(queue->tickets, capacity, sizeof(*queue->tickets));
        queue->ticket_capacity = (uint32_t)capacity;
    }
    id = queue->ticket_count++;
    queue->tickets[id].generation = 1;
    return id;
}

/* Ends the life of a handle: the row's next one will differ. */
static void free_ticket(wb_event_queue *queue, uint32_t id)
{
    wb_event_ticket *ticket = &queue->tickets[id];
    assert(ticket->state != TICKET_FREE);
    ticket->state = TICKET_FREE;
    ticket->generation += ticket->generation == UINT32_MAX ? 2 : 1;
    ticket->subject = queue->free_ticket;
    queue->free_ticket = id;
}

/* For wb_event_..._retain: frees the tickets of stale events. */
static bool is_not_stale(void *context, const wb_event *event)
{
    wb_event_queue *queue = context;
    if ((event->phase & PHASE_HAS_TICKET) == 0 ||
        queue->tickets[event->subject].state != TICKET_CANCELLED) {
        return true;
    }
    free_ticket(queue, event->subject);
    queue->stale_count--;
    return false;
}

/* Sweeps all stale events; costs as much as there are events, so a cancellation pays a constant
 * share when this happens after as many of them. */
static void drop_stale(wb_event_queue *queue)
{
    if (queue->kind == WB_EVENT_QUEUE_HEAP) {
        wb_event_heap_retain(queue->heap, is_not_stale, queue);
    } else {
        wb_event_calendar_retain(queue->calendar, is_not_stale, queue);
    }
    assert(queue->stale_count == 0);
    /* Heap and calendar met the stale events in orders of their own; handles must not show that. */
    queue->free_ticket = TICKET_NONE;
    for (uint32_t id = queue->ticket_count; id-- > 0;) {
        if (queue->tickets[id].state == TICKET_FREE) {
            queue->tickets[id].subject = queue->free_ticket;
            queue->free_ticket = id;
        }
    }
}

bool wb_event_queue_cancel(wb_event_queue *queue, uint64_t handle)
{
    const uint32_t id = (uint32_t)handle;
    if (handle == WB_EVENT_HANDLE_NONE) {
        return false;
    }
    assert(id < queue->ticket_count); /* else the handle is of another queue */
    wb_event_ticket *ticket = &queue->tickets[id];
    if (ticket->generation != (uint32_t)(handle >> 32) || ticket->state != TICKET_PENDING) {
        return false;
    }
    ticket->state = TICKET_CANCELLED;
    assert(queue->count > 0);
    queue->count--;
    queue->stale_count++;
    if (queue->stale_count > STALE_MIN + queue->count) {
        drop_stale(queue);
    }
    return true;
}

/* ---- Pushing ---- */

/* The user's excess, not the caller's bug: a trace may be larger than the limit allows. */
static wb_status fail_full(const wb_event_queue *queue, wb_error *err)
{
    return wb_fail(err, WB_ERR_LIMIT,
                   "more than %zu events pending at %" PRId64 " ms: raise limits.events",
                   queue->limit, queue->now_ms);
}

/* The rest of push where an event can't simply be appended; a function of its own, so that push
 * needs no stack. */
static void insert(wb_event_queue *queue, wb_event_key key, uint32_t subject, uint16_t kind,
                   uint16_t phase)
{
    if (queue->kind == WB_EVENT_QUEUE_HEAP) {
        wb_event_heap_push(queue->heap, key, subject, kind, phase);
    } else {
        wb_event_calendar_push(queue->calendar, key, subject, kind, phase);
    }
}

/* The next key in the order of the queue for an event at at_ms. */
static inline wb_event_key take_key(wb_event_queue *queue, int64_t at_ms, uint16_t phase)
{
    assert(at_ms >= queue->now_ms); /* the past is a bug of the caller, never an input */
    assert(phase < PHASE_HAS_TICKET);
    assert((queue->next_seq >> WB_EVENT_SEQ_BITS) == 0);
    queue->count++;
    const uint64_t order = (uint64_t)phase << WB_EVENT_SEQ_BITS | queue->next_seq++;
    return (wb_event_key)(uint64_t)at_ms << 64 | order;
}

wb_status wb_event_queue_push(wb_event_queue *queue, int64_t at_ms, uint16_t phase, uint16_t kind,
                              uint32_t subject, wb_error *err)
{
    if (queue->count == queue->limit) {
        return fail_full(queue, err);
    }
    const wb_event_key key = take_key(queue, at_ms, phase);
    if (queue->kind == WB_EVENT_QUEUE_CALENDAR) {
        wb_event_bucket *bucket = wb_event_calendar_aim_at(queue->calendar, key);
        if (bucket != NULL) {
            *wb_event_bucket_next(bucket) = wb_event_make(key, subject, kind, phase);
            queue->calendar->count++;
            return WB_OK;
        }
    }
    insert(queue, key, subject, kind, phase);
    return WB_OK;
}

wb_status wb_event_queue_push_cancellable(wb_event_queue *queue, const wb_event *event,
                                          uint64_t *out_handle, wb_error *err)
{
    if (queue->count == queue->limit) {
        return fail_full(queue, err);
    }
    const wb_event_key key = take_key(queue, event->at_ms, event->phase);
    const uint32_t id = take_ticket(queue);
    wb_event_ticket *ticket = &queue->tickets[id];
    ticket->state = TICKET_PENDING;
    ticket->subject = event->subject;
    insert(queue, key, id, event->kind, event->phase | PHASE_HAS_TICKET);
    *out_handle = (uint64_t)ticket->generation << 32 | id;
    return WB_OK;
}

/* ---- Taking ---- */

/* The two implementations in one place each; a table of functions would cost a call per event where
 * now the common case is inline. */
static const wb_event *front_of(wb_event_queue *queue)
{
    return queue->kind == WB_EVENT_QUEUE_HEAP ? wb_event_heap_front(queue->heap)
                                              : wb_event_calendar_front(queue->calendar);
}

static void drop_front(wb_event_queue *queue)
{
    if (queue->kind == WB_EVENT_QUEUE_HEAP) {
        wb_event_heap_drop_front(queue->heap);
    } else {
        wb_event_calendar_drop_front(queue->calendar);
    }
}

/* The earliest event that was not cancelled, or NULL; drops the stale ones before it. */
static const wb_event *pending_front(wb_event_queue *queue)
{
    for (;;) {
        const wb_event *front = front_of(queue);
        if (front == NULL || (front->phase & PHASE_HAS_TICKET) == 0 ||
            queue->tickets[front->subject].state != TICKET_CANCELLED) {
            return front;
        }
        free_ticket(queue, front->subject);
        queue->stale_count--;
        drop_front(queue);
    }
}

/* pop_until in general: new days, tickets, the heap. */
static bool take(wb_event_queue *queue, int64_t until_ms, wb_event *out)
{
    const wb_event *front = pending_front(queue);
    if (front == NULL || front->at_ms > until_ms) {
        return false;
    }
    assert(queue->count > 0);
    *out = *front;
    drop_front(queue);
    if ((out->phase & PHASE_HAS_TICKET) != 0) {
        const uint32_t id = out->subject;
        out->subject = queue->tickets[id].subject;
        out->phase &= (uint16_t)~PHASE_HAS_TICKET;
        free_ticket(queue, id);
    }
    queue->count--;
    queue->now_ms = out->at_ms;
    return true;
}

bool wb_event_queue_pop_until(wb_event_queue *queue, int64_t until_ms, wb_event *out)
{
    if (queue->kind == WB_EVENT_QUEUE_CALENDAR) {
        const wb_event *front = wb_event_calendar_quick_front(queue->calendar);
        if (front != NULL && (front->phase & PHASE_HAS_TICKET) == 0 && front->at_ms <= until_ms) {
            *out = *front;
            wb_event_calendar_drop_quick_front(queue->calendar);
            queue->count--;
            queue->now_ms = front->at_ms;
            return true;
        }
    }
    return take(queue, until_ms, out);
}

bool wb_event_queue_pop(wb_event_queue *queue, wb_event *out)
{
    return wb_event_queue_pop_until(queue, INT64_MAX, out);
}

bool wb_event_queue_peek_time(wb_event_queue *queue, int64_t *out_at_ms)
{
    const wb_event *front = pending_front(queue);
    if (front == NULL) {
        return false;
    }
    *out_at_ms = front->at_ms;
    return true;
}

/* ---- Special calls ---- */

size_t wb_event_queue_count(const wb_event_queue *queue)
{
    return queue->count;
}

size_t wb_event_queue_memory_bytes(const wb_event_queue *queue)
{
    const size_t ticket_bytes = queue->ticket_capacity * sizeof(*queue->tickets);
    return ticket_bytes + (queue->kind == WB_EVENT_QUEUE_HEAP
                               ? wb_event_heap_memory_bytes(queue->heap)
                               : wb_event_calendar_memory_bytes(queue->calendar));
}

static const char *const kind_names[] = {
    [WB_EVENT_QUEUE_CALENDAR] = "calendar",
    [WB_EVENT_QUEUE_HEAP] = "heap",
};

const char *wb_event_queue_kind_name(wb_event_queue_kind kind)
{
    assert((size_t)kind < sizeof(kind_names) / sizeof(kind_names[0]));
    return kind_names[kind];
}

bool wb_event_queue_kind_find(const char *name, wb_event_queue_kind *out)
{
    for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++) {
        if (strcmp(name, kind_names[i]) == 0) {
            *out = (wb_event_queue_kind)i;
            return true;
        }
    }
    return false;
}

void wb_event_queue_check(const wb_event_queue *queue)
{
    const size_t in_queue = queue->count + queue->stale_count;
    if (queue->kind == WB_EVENT_QUEUE_HEAP) {
        wb_event_heap_check(queue->heap);
        assert(queue->heap->count == in_queue);
    } else {
        wb_event_calendar_check(queue->calendar);
        assert(queue->calendar->count == in_queue);
    }
    size_t cancelled = 0;
    for (uint32_t id = 0; id < queue->ticket_count; id++) {
        cancelled += queue->tickets[id].state == TICKET_CANCELLED;
    }
    assert(cancelled == queue->stale_count);
}
