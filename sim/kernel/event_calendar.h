/*
 * Events in a calendar whose crowded days are cut into hours only when they are reached: the fast
 * implementation behind event_queue.h. Private to sim/kernel.
 *
 *     time ───▶
 *     │ today │  rung 1: the rest of a crowded day   │
 *     │ sorted├──┬──┬──┬──┬──┬──┬────────────────────┤
 *     │ + heap│  rung 0: days               │ day 5  │ day 6 │ ... │ last: all that is later │
 *
 * - Today is a sorted array that is served from the front. What is pushed into today (all keys below
 *   today_end) goes to a small heap beside it, so a handler that schedules for "now" is cheap.
 * - A rung cuts a stretch of keys into equal buckets, unsorted lists. A push finds the lowest rung
 *   whose stretch holds its key: a subtraction, a shift, an append to memory that is in cache.
 * - When today is over the next bucket of the lowest rung becomes today: sorted if it is small, or
 *   else cut by a new rung below. So each event is moved two or three times in its life, each time
 *   in passing, instead of log2(n) times at random; that is the whole gain over a heap.
 * - The first and last bucket of a rung are open: they take what lies before and behind the equal
 *   ones. The last bucket of rung 0 is the overflow list of far-future events.
 * - Widths adapt: a rung is laid over the middle of a sample of the very events it is to hold, so
 *   neither a burst nor a straggler a year ahead spoils it.
 * - A key is the whole 128-bit (at_ms, phase, seq), and so is the width of a bucket. A million events
 *   in one millisecond are cut by phase and seq like any others; there is no quadratic case.
 */
#ifndef WB_SIM_KERNEL_EVENT_CALENDAR_H
#define WB_SIM_KERNEL_EVENT_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/event.h"
#include "sim/kernel/event_bucket.h"
#include "sim/kernel/event_heap.h"

typedef struct wb_event_rung {
    wb_event_key base;        /* first key of bucket 1, a multiple of the width */
    wb_event_key end;         /* first key behind the last bucket */
    unsigned shift;           /* width of buckets 1 .. last-1 is 2^shift */
    uint32_t last;            /* index of the last bucket, >= 2 */
    uint32_t next;            /* first bucket that has not been served */
    wb_event_bucket *buckets; /* owned */
    uint32_t bucket_capacity;
} wb_event_rung;

#define WB_EVENT_RUNG_LIMIT 24

/* Work done so far, for tests: counted, never timed. */
typedef struct wb_event_calendar_work {
    uint64_t appended; /* events put into a bucket by push */
    uint64_t moved;    /* events moved from a bucket to another when it was cut */
    uint64_t sorted;   /* events moved into today's array */
    uint64_t heaped;   /* events pushed into today's heap */
} wb_event_calendar_work;

typedef struct wb_event_calendar {
    wb_event *today; /* owned; sorted; today[today_next .. today_count-1] are still to be served */
    size_t today_next, today_count, today_capacity;
    wb_event_heap fresh;    /* pushed into today since it was sorted */
    wb_event_key today_end; /* keys below it belong to today */
    size_t count;

    wb_event_rung rungs[WB_EVENT_RUNG_LIMIT];
    uint32_t rung_count;

    wb_event_pool pool;  /* where the buckets' chunks come from */
    uint32_t *slot_ends; /* owned; scratch for sorting a day */

    wb_event_calendar_work work;
} wb_event_calendar;

void wb_event_calendar_init(wb_event_calendar *calendar);
void wb_event_calendar_release(wb_event_calendar *calendar);

/* Adds event, with the order it carries. */
void wb_event_calendar_push(wb_event_calendar *calendar, const wb_event *event);

/* Makes a day with at least one event today; false when the calendar is empty. */
bool wb_event_calendar_turn_page(wb_event_calendar *calendar);

/* The earliest event, or NULL; valid until the next change. */
static inline const wb_event *wb_event_calendar_front(wb_event_calendar *calendar)
{
    if (calendar->today_next == calendar->today_count && calendar->fresh.count == 0 &&
        !wb_event_calendar_turn_page(calendar)) {
        return NULL;
    }
    const wb_event *front = &calendar->today[calendar->today_next];
    if (calendar->fresh.count > 0 && (calendar->today_next == calendar->today_count ||
                                      wb_event_comes_before(&calendar->fresh.events[0], front))) {
        front = &calendar->fresh.events[0];
    }
    return front;
}

/* Removes the event that front just gave. */
static inline void wb_event_calendar_drop_front(wb_event_calendar *calendar, const wb_event *front)
{
    calendar->count--;
    if (calendar->fresh.count > 0 && front == &calendar->fresh.events[0]) {
        wb_event_heap_drop_front(&calendar->fresh);
    } else {
        calendar->today_next++;
    }
}

/* Removes the events that keep says false to; it is asked once for each. */
void wb_event_calendar_retain(wb_event_calendar *calendar, wb_event_filter keep, void *context);

/* Bytes held from the system, spare room included. */
size_t wb_event_calendar_memory_bytes(const wb_event_calendar *calendar);

/* Asserts the invariants; O(count). */
void wb_event_calendar_check(const wb_event_calendar *calendar);

#endif
