/*
 * Events in a calendar whose crowded days are cut into hours only when they are reached: the fast
 * implementation behind event_queue.h. Private to sim/kernel.
 *
 *     time ───▶
 *     │ today │  rung 1: the rest of a crowded day   │
 *     │ sorted├──┬──┬──┬──┬──┬──┬────────────────────┤
 *     │ + heap│  rung 0: days               │ day 5  │ day 6 │ ... │ last: all that is later
 *
 * - Today is a sorted array, served from the front. What is pushed into today (all keys below
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
 * - A key is the whole 128-bit (at_ms, phase, seq), and so is the width of a bucket. A million
 *   events in one millisecond are cut by phase and seq like any others; no case is quadratic.
 *
 * The road not taken is the classic calendar queue, one level of buckets that is rebuilt with
 * another width when the count has doubled or halved: a million buckets of eight events are a
 * million lines of memory to miss, and a burst in one millisecond has no width that fits.
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
    uint64_t moved;  /* events moved from a bucket to another when it was cut */
    uint64_t sorted; /* events moved into today's array */
    uint64_t heaped; /* events pushed into today's heap */
} wb_event_calendar_work;

/* Rung 0 in the form that push wants it: for times from base to base + span the bucket is
 * buckets[min((time - base) >> shift, last)]. What belongs to today or to a lower rung finds a
 * bucket that was served already: an empty one, which by its nature has no room. */
typedef struct wb_event_aim {
    uint64_t base;
    uint64_t span; /* 0: no event passes here */
    uint64_t last;
    wb_event_bucket *buckets; /* borrowed: from bucket 1 of the rung on */
    unsigned shift;
} wb_event_aim;

typedef struct wb_event_calendar {
    wb_event *today; /* owned; sorted; today[today_next .. today_count-1] are still to be served */
    size_t today_next, today_count, today_capacity;
    wb_event_heap fresh;    /* pushed into today since it was sorted */
    wb_event_key today_end; /* keys below it belong to today */
    size_t count;
    wb_event_aim aim;

    wb_event_rung rungs[WB_EVENT_RUNG_LIMIT];
    uint32_t rung_count;

    wb_event_pool pool; /* where the buckets' chunks come from */
    uint32_t *slots;    /* owned; scratch for sorting a day */

    wb_event_calendar_work work;
} wb_event_calendar;

/* Starts empty. */
void wb_event_calendar_init(wb_event_calendar *calendar);

/* Frees what is inside; pending events are forgotten. */
void wb_event_calendar_release(wb_event_calendar *calendar);

/* Adds an event, with the order that is in its key. */
void wb_event_calendar_push(wb_event_calendar *calendar, wb_event_key key, uint32_t subject,
                            uint16_t kind, uint16_t phase);

/* The bucket of rung 0 that the event of key belongs to, if push may append to it at once; NULL
 * sends it to wb_event_calendar_push. Most events pass here: a dozen instructions, no call. */
static inline wb_event_bucket *wb_event_calendar_aim_at(wb_event_calendar *calendar,
                                                        wb_event_key key)
{
    const wb_event_aim *aim = &calendar->aim;
    const uint64_t offset = (uint64_t)(key >> 64) - aim->base;
    if (offset >= aim->span) {
        return NULL;
    }
    const uint64_t index = offset >> aim->shift;
    wb_event_bucket *bucket = &aim->buckets[index < aim->last ? index : aim->last];
    return wb_event_bucket_has_room(bucket) ? bucket : NULL;
}

/* The earliest event where that takes no call: today's next, unless the heap beside it holds an
 * earlier one. NULL: ask wb_event_calendar_front. */
static inline const wb_event *wb_event_calendar_quick_front(const wb_event_calendar *calendar)
{
    const wb_event *front = &calendar->today[calendar->today_next];
    const bool is_first =
        calendar->today_next != calendar->today_count &&
        (calendar->fresh.count == 0 || wb_event_comes_before(front, calendar->fresh.events));
    return is_first ? front : NULL;
}

/* Removes the event that quick_front just gave. */
static inline void wb_event_calendar_drop_quick_front(wb_event_calendar *calendar)
{
    calendar->count--;
    calendar->today_next++;
}

/* The earliest event, or NULL when there is none; valid until the next change. */
const wb_event *wb_event_calendar_front(wb_event_calendar *calendar);

/* Removes the event that front just gave. */
void wb_event_calendar_drop_front(wb_event_calendar *calendar);

/* Removes the events that keep says false to; it is asked once for each. */
void wb_event_calendar_retain(wb_event_calendar *calendar, wb_event_filter keep, void *context);

/* Bytes held from the system, spare room included. */
size_t wb_event_calendar_memory_bytes(const wb_event_calendar *calendar);

/* Asserts the invariants; O(count). */
void wb_event_calendar_check(const wb_event_calendar *calendar);

#endif
