/*
 * The calendar of pending events: sorted today, unsorted later (event_calendar.h draws it and says
 * why).
 *
 * Life of a rung: it is laid over a crowded bucket when that is reached, its width fitted to a
 * sample of 64 of the bucket's events, so that each bucket of its own should hold less than a
 * day's worth. Buckets are then served from the front, each becoming today: sorted by counting
 * into slots and served by index. What is pushed for today meanwhile goes to the small heap beside
 * it, and what is pushed for later into its bucket.
 *
 * The constants below were found by trying powers of two on the hold model (werkbank bench hold).
 * None of them can change the order in which events leave: tests hold the calendar to a sorted
 * array and to the plain heap, event by event.
 */
#include "sim/kernel/event_calendar.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"

/* Keys of sampled events that a rung is fitted to. */
enum {
    SAMPLE_MAX = 64
};

/* The rung's equal buckets reach to this share of the sample; what lies beyond goes to the open
 * last bucket, and into a rung of its own when that is reached. */
enum {
    SAMPLE_COVERED_NUMERATOR = 15,
    SAMPLE_COVERED_DENOMINATOR = 16
};

/* Bounds of the number of equal buckets of a rung, as powers of two. */
enum {
    RUNG_BITS_MIN = 2,
    RUNG_BITS_MAX = 10
};

/* A bucket of more than 1/32 of all pending events is cut, but not below about a hundred events
 * (1/8 of all and 16 where there are fewer), and in any case above some thousands. Found by trying
 * powers of two on the hold model; anything within a factor of two is as good within the noise. */
enum {
    DAY_SHARE = 32,
    DAY_MIN = 16,
    DAY_MIN_SHARE = 8,
    DAY_MIN_LARGE = 128,
    DAY_MAX = 4096
};

/* Buckets of a rung per day's worth of events: what is pushed while the rung is served comes on top
 * of what it is laid for, and a bucket should stay below a day then, too. */
enum {
    BUCKETS_PER_DAY = 8
};

/* Events in the heap beside today that are never reason to cut today. */
enum {
    FRESH_MIN = 16
};

/* A day is sorted by counting into slots: how many for each of its events, and bounds as powers of
 * two. */
enum {
    SLOTS_PER_EVENT = 2,
    SLOT_BITS_MIN = 5,
    SLOT_BITS_MAX = 13
};

/* Up to here a day is sorted by counting smaller keys (so many at a time), and a slot of a longer
 * day by insertion. */
enum {
    RANK_MAX = 24,
    RANK_STEP = 4,
    INSERTION_MAX = 16
};

enum {
    CACHE_LINE_BYTES = 64
};

/* Behind every key: times are below 2^63. */
static const wb_event_key KEY_END = ~(wb_event_key)0;

void wb_event_calendar_init(wb_event_calendar *calendar)
{
    *calendar = (wb_event_calendar){0};
    wb_event_heap_init(&calendar->fresh);
    wb_event_pool_init(&calendar->pool);
    calendar->today_end = KEY_END; /* no rung yet: everything is pushed into today's heap */
    calendar->today_capacity = DAY_MIN;
    calendar->today = wb_heap_memory_alloc(calendar->today_capacity, sizeof(wb_event));
    calendar->slots = wb_heap_memory_alloc((size_t)1 << SLOT_BITS_MAX, sizeof(uint32_t));
}

void wb_event_calendar_release(wb_event_calendar *calendar)
{
    for (size_t i = 0; i < WB_EVENT_RUNG_LIMIT; i++) {
        wb_heap_memory_free(calendar->rungs[i].buckets);
    }
    wb_event_heap_release(&calendar->fresh);
    wb_event_pool_release(&calendar->pool);
    wb_heap_memory_free(calendar->today);
    wb_heap_memory_free(calendar->slots);
    *calendar = (wb_event_calendar){0};
}

/* Number of bits that key needs. */
static unsigned key_width(wb_event_key key)
{
    const uint64_t high = (uint64_t)(key >> 64);
    const uint64_t low = (uint64_t)key;
    if (high != 0) {
        return 128U - (unsigned)__builtin_clzll(high);
    }
    return low == 0 ? 0 : 64U - (unsigned)__builtin_clzll(low);
}

/* How many events today may hold. A fixed share, so that few pushes fall into today and its heap
 * stays small; bounded so that sorting stays in the second-level cache. */
static size_t day_limit(const wb_event_calendar *calendar)
{
    const size_t share = calendar->count / DAY_SHARE;
    const size_t small = calendar->count / DAY_MIN_SHARE + DAY_MIN;
    const size_t minimum = small < DAY_MIN_LARGE ? small : DAY_MIN_LARGE;
    return share < minimum ? minimum : share > DAY_MAX ? DAY_MAX : share;
}

/* ---- Rungs ---- */

/* Where the event of key belongs in rung, whose stretch must hold it. */
static inline uint32_t bucket_of(const wb_event_rung *rung, wb_event_key key)
{
    if (key < rung->base) {
        return 0;
    }
    /* The base is a multiple of the width, so whole ticks can do without the lower half. */
    const wb_event_key offset =
        rung->shift >= 64 ? (uint64_t)((key >> 64) - (rung->base >> 64)) >> (rung->shift - 64)
                          : (key - rung->base) >> rung->shift;
    return offset < rung->last - 1 ? (uint32_t)offset + 1 : rung->last;
}

/* First key behind bucket index. */
static wb_event_key bucket_end(const wb_event_rung *rung, uint32_t index)
{
    const wb_event_key end = rung->base + ((wb_event_key)index << rung->shift);
    return index == rung->last || end > rung->end ? rung->end : end;
}

/* Sorts keys (SAMPLE_MAX at most) by insertion. */
static void sort_keys(wb_event_key *keys, size_t count)
{
    assert(count <= SAMPLE_MAX);
    for (size_t i = 1; i < count; i++) {
        const wb_event_key key = keys[i];
        size_t slot = i;
        for (; slot > 0 && key < keys[slot - 1]; slot--) {
            keys[slot] = keys[slot - 1];
        }
        keys[slot] = key;
    }
}

/* Events in a chunk of a chain of left events. */
static size_t chunk_count(size_t left)
{
    return left < WB_EVENT_CHUNK_CAPACITY ? left : WB_EVENT_CHUNK_CAPACITY;
}

/* Asks for chunk, which may be NULL, to be brought into cache: chunks lie anywhere, so the next one
 * of a chain is fetched while one is worked on. */
static inline void fetch_chunk(const wb_event_chunk *chunk)
{
    for (size_t line = 0; chunk != NULL && line < sizeof(*chunk); line += CACHE_LINE_BYTES) {
        __builtin_prefetch((const char *)chunk + line);
    }
}

/* Keys of events spread evenly over a chain of count events, sorted; returns how many. */
static size_t sample_keys(const wb_event_chunk *chunk, size_t count, wb_event_key *keys)
{
    const size_t stride = (count + SAMPLE_MAX - 1) / SAMPLE_MAX;
    size_t taken = 0;
    size_t wanted = stride / 2; /* position of the next sample, from the chunk's first event */
    for (size_t left = count; left > 0; chunk = chunk->older) {
        const size_t here = chunk_count(left);
        for (; wanted < here && taken < SAMPLE_MAX; wanted += stride) {
            keys[taken++] = wb_event_key_of(&chunk->events[wanted]);
        }
        wanted -= here;
        left -= here;
    }
    assert(taken >= 1);
    sort_keys(keys, taken);
    return taken;
}

/* Lays out rung for about count events that are spread like the sample. The lowest and a high
 * key of the sample come to lie in different buckets, so no bucket of the rung gets all of them:
 * cutting again and again always ends. */
static void fit_rung(wb_event_rung *rung, const wb_event_key *keys, size_t key_count, size_t count,
                     size_t limit)
{
    const wb_event_key low = keys[0];
    const wb_event_key high =
        keys[(key_count - 1) * SAMPLE_COVERED_NUMERATOR / SAMPLE_COVERED_DENOMINATOR];
    const size_t wanted = count * BUCKETS_PER_DAY / limit;
    unsigned bits = RUNG_BITS_MIN;
    while (bits < RUNG_BITS_MAX && ((size_t)1 << bits) < wanted) {
        bits++;
    }
    assert(low <= high);
    const unsigned width = key_width(high - low);
    rung->shift = width > bits ? width - bits : 0;
    rung->base = low >> rung->shift << rung->shift;
    rung->last = (uint32_t)((high - rung->base) >> rung->shift) + 2;
    rung->next = 0;
    assert(rung->last >= 2 && rung->last <= ((uint32_t)1 << RUNG_BITS_MAX) + 2);
}

/* Makes rung's buckets 0 .. last empty, in an array that is kept for the next rung of this
 * level. */
static void clear_buckets(wb_event_rung *rung)
{
    if (rung->bucket_capacity <= rung->last) {
        wb_heap_memory_free(rung->buckets);
        rung->bucket_capacity = rung->last + 1;
        rung->buckets = wb_heap_memory_alloc(rung->bucket_capacity, sizeof(wb_event_bucket));
    }
    for (uint32_t i = 0; i <= rung->last; i++) {
        rung->buckets[i] = WB_EVENT_BUCKET_EMPTY;
    }
}

/* Cuts bucket, which holds all events below end that are not in lower rungs, into a new lowest
 * rung. The chain is walked oldest first, so equal times stay in the order of their seq, which
 * makes sorting them later a mere check. */
static void lay_rung(wb_event_calendar *calendar, wb_event_bucket *bucket, wb_event_key end)
{
    assert(calendar->rung_count < WB_EVENT_RUNG_LIMIT && bucket->count > 0);
    const size_t count = bucket->count;
    wb_event_chunk *chunk = wb_event_bucket_take_oldest_first(bucket);

    wb_event_key keys[SAMPLE_MAX];
    const size_t key_count = sample_keys(chunk, count, keys);
    wb_event_rung *rung = &calendar->rungs[calendar->rung_count++];
    fit_rung(rung, keys, key_count, count, day_limit(calendar));
    rung->end = end;
    clear_buckets(rung);

    for (size_t left = count; left > 0;) {
        const size_t here = chunk_count(left);
        fetch_chunk(left > here ? chunk->older : NULL);
        for (size_t i = 0; i < here; i++) {
            const wb_event *event = &chunk->events[i];
            wb_event_bucket_append(&rung->buckets[bucket_of(rung, wb_event_key_of(event))],
                                   &calendar->pool, event);
        }
        wb_event_chunk *next = chunk->older;
        wb_event_pool_give_back(&calendar->pool, chunk);
        chunk = next;
        left -= here;
    }
    calendar->work.moved += count;
}

/* ---- Today ---- */

/* Quadratic in how far events lie from their place: for short or almost sorted arrays. */
static void sort_by_insertion(wb_event *events, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (!wb_event_comes_before(&events[i], &events[i - 1])) {
            continue;
        }
        const wb_event event = events[i];
        size_t slot = i;
        do {
            events[slot] = events[slot - 1];
            slot--;
        } while (slot > 0 && wb_event_comes_before(&event, &events[slot - 1]));
        events[slot] = event;
    }
}

static bool is_sorted(const wb_event *events, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (wb_event_comes_before(&events[i], &events[i - 1])) {
            return false;
        }
    }
    return true;
}

/* Lowest and highest key of a bucket; brings it into cache on the way. */
static void find_key_range(const wb_event_bucket *bucket, wb_event_key *out_low,
                           wb_event_key *out_high)
{
    wb_event_key low = KEY_END;
    wb_event_key high = 0;
    size_t here = bucket->newest_count;
    for (const wb_event_chunk *chunk = bucket->newest; chunk != NULL; chunk = chunk->older) {
        for (size_t i = 0; i < here; i++) {
            const wb_event_key key = wb_event_key_of(&chunk->events[i]);
            low = key < low ? key : low;
            high = key > high ? key : high;
        }
        here = WB_EVENT_CHUNK_CAPACITY;
    }
    *out_low = low;
    *out_high = high;
}

/* A range of keys cut into equal slots, about two per event. */
typedef struct slot_grid {
    wb_event_key low;
    unsigned shift;
    size_t slot_count;
} slot_grid;

/* A grid over low .. high for count events. */
static slot_grid fit_slots(wb_event_key low, wb_event_key high, size_t count)
{
    unsigned bits = SLOT_BITS_MIN;
    while (bits < SLOT_BITS_MAX && ((size_t)1 << bits) < SLOTS_PER_EVENT * count) {
        bits++;
    }
    assert(low <= high && count > 0);
    const unsigned width = key_width(high - low);
    const unsigned shift = width > bits ? width - bits : 0;
    return (slot_grid){low, shift, (size_t)((high - low) >> shift) + 1};
}

static inline size_t slot_of(const slot_grid *grid, const wb_event *event)
{
    return (size_t)((wb_event_key_of(event) - grid->low) >> grid->shift);
}

/* Turns the bucket's chain round, as wb_event_bucket_take_oldest_first does, and on the way counts
 * the events of each slot. */
static wb_event_chunk *count_slots(const slot_grid *grid, wb_event_bucket *bucket,
                                   uint32_t *slot_counts)
{
    wb_event_chunk *behind = NULL;
    size_t here = bucket->newest_count;
    for (wb_event_chunk *chunk = bucket->newest; chunk != NULL;) {
        wb_event_chunk *older = chunk->older;
        fetch_chunk(older);
        for (size_t i = 0; i < here; i++) {
            slot_counts[slot_of(grid, &chunk->events[i])]++;
        }
        here = WB_EVENT_CHUNK_CAPACITY;
        chunk->older = behind;
        behind = chunk;
        chunk = older;
    }
    *bucket = WB_EVENT_BUCKET_EMPTY;
    return behind;
}

/* Turns counts into the index where each slot begins; returns the largest count. */
static uint32_t sum_slots(uint32_t *slots, size_t slot_count)
{
    uint32_t begin = 0;
    uint32_t largest = 0;
    for (size_t slot = 0; slot < slot_count; slot++) {
        const uint32_t in_slot = slots[slot];
        largest = in_slot > largest ? in_slot : largest;
        slots[slot] = begin;
        begin += in_slot;
    }
    return largest;
}

/* Moves bucket's events to today, slot by slot: for each the place is known after counting, so no
 * comparison is needed but between the few of one slot. Returns the largest slot's count;
 * afterwards calendar->slots[s] is the index where slot s ends. */
static uint32_t scatter(wb_event_calendar *calendar, const slot_grid *grid, wb_event_bucket *bucket)
{
    const size_t count = bucket->count;
    memset(calendar->slots, 0, grid->slot_count * sizeof(*calendar->slots));
    wb_event_chunk *chunk = count_slots(grid, bucket, calendar->slots);
    const uint32_t largest = sum_slots(calendar->slots, grid->slot_count);
    for (size_t left = count; left > 0;) {
        const size_t here = chunk_count(left);
        for (size_t i = 0; i < here; i++) {
            const wb_event *event = &chunk->events[i];
            calendar->today[calendar->slots[slot_of(grid, event)]++] = *event;
        }
        wb_event_chunk *next = chunk->older;
        wb_event_pool_give_back(&calendar->pool, chunk);
        chunk = next;
        left -= here;
    }
    return largest;
}

/* Sorts each slot for itself, where some slot is too large for insertion over the whole day: many
 * events of one millisecond, say, which mostly lie in order of their seq already. */
static void sort_slots(wb_event_calendar *calendar, size_t slot_count)
{
    size_t begin = 0;
    for (size_t slot = 0; slot < slot_count; slot++) {
        wb_event *events = &calendar->today[begin];
        const size_t count = calendar->slots[slot] - begin;
        begin = calendar->slots[slot];
        if (count <= INSERTION_MAX) {
            sort_by_insertion(events, count);
        } else if (!is_sorted(events, count)) {
            wb_event_heap_sort(events, count);
        }
    }
}

/* Moves a short list to today, each event straight to its place: how many keys are smaller is its
 * index. Quadratic, but without a branch that depends on a key: up to some twenty events that beats
 * sorting, which guesses wrong at every second comparison. */
static void place_by_rank(wb_event_calendar *calendar, wb_event_bucket *bucket)
{
    const wb_event *events[RANK_MAX];
    wb_event_key keys[RANK_MAX + RANK_STEP];
    size_t count = 0;
    size_t here = bucket->newest_count;
    for (wb_event_chunk *chunk = bucket->newest; chunk != NULL;) {
        for (size_t i = 0; i < here; i++) {
            events[count] = &chunk->events[i];
            keys[count++] = wb_event_key_of(&chunk->events[i]);
        }
        here = WB_EVENT_CHUNK_CAPACITY;
        wb_event_chunk *older = chunk->older;
        wb_event_pool_give_back(&calendar->pool, chunk); /* its events stay readable till reused */
        chunk = older;
    }
    for (size_t i = 0; i < RANK_STEP; i++) {
        keys[count + i] = KEY_END; /* so that ranks may be counted in whole steps */
    }
    for (size_t i = 0; i < count; i++) {
        const wb_event_key key = keys[i];
        size_t rank = 0;
        for (size_t j = 0; j < count; j += RANK_STEP) {
            rank += (size_t)(keys[j] < key) + (size_t)(keys[j + 1] < key) +
                    (size_t)(keys[j + 2] < key) + (size_t)(keys[j + 3] < key);
        }
        calendar->today[rank] = *events[i];
    }
    *bucket = WB_EVENT_BUCKET_EMPTY;
}

/* Makes room for count events in today, which is over: nothing of it is kept. */
static void reserve_today(wb_event_calendar *calendar, size_t count)
{
    if (calendar->today_capacity < count) {
        calendar->today_capacity = wb_heap_memory_next_capacity(calendar->today_capacity, count);
        wb_heap_memory_free(calendar->today);
        calendar->today = wb_heap_memory_alloc(calendar->today_capacity, sizeof(wb_event));
    }
}

/* Makes the events of bucket index of rung today's. */
static void open_day(wb_event_calendar *calendar, const wb_event_rung *rung, uint32_t index)
{
    wb_event_bucket *bucket = &rung->buckets[index];
    const size_t count = bucket->count;
    assert(count > 0 && calendar->today_next == calendar->today_count);
    reserve_today(calendar, count);
    if (count <= RANK_MAX) {
        place_by_rank(calendar, bucket);
    } else {
        wb_event_key low = rung->base + ((wb_event_key)(index - 1) << rung->shift);
        wb_event_key high = low + (((wb_event_key)1 << rung->shift) - 1);
        if (index == 0 || index == rung->last) {
            find_key_range(bucket, &low, &high); /* an open bucket has no width of its own */
        }
        const slot_grid grid = fit_slots(low, high, count);
        if (scatter(calendar, &grid, bucket) <= INSERTION_MAX) {
            sort_by_insertion(calendar->today, count);
        } else {
            sort_slots(calendar, grid.slot_count);
        }
    }
    calendar->today_next = 0;
    calendar->today_count = count;
    calendar->work.sorted += count;
}

/* The next bucket of rung that holds events, or NULL. */
static wb_event_bucket *next_bucket(wb_event_rung *rung)
{
    while (rung->next <= rung->last) {
        wb_event_bucket *bucket = &rung->buckets[rung->next++];
        if (bucket->count > 0) {
            return bucket;
        }
    }
    return NULL;
}

/* Recomputes calendar->aim after rung 0 changed. */
static void take_aim(wb_event_calendar *calendar)
{
    const wb_event_rung *rung = &calendar->rungs[0];
    if (calendar->rung_count == 0 || rung->shift < 64) {
        calendar->aim.span = 0; /* no rung, or buckets finer than a tick */
        return;
    }
    calendar->aim.base = (uint64_t)(rung->base >> 64);
    calendar->aim.span = (uint64_t)(rung->end >> 64) - calendar->aim.base;
    calendar->aim.shift = rung->shift - 64;
    calendar->aim.last = rung->last - 1;
    calendar->aim.buckets = rung->buckets + 1;
}

/* Makes a day with at least one event today; false when the calendar is empty. */
static bool turn_page(wb_event_calendar *calendar)
{
    assert(calendar->today_next == calendar->today_count && calendar->fresh.count == 0);
    while (calendar->rung_count > 0) {
        wb_event_rung *rung = &calendar->rungs[calendar->rung_count - 1];
        wb_event_bucket *bucket = next_bucket(rung);
        if (bucket == NULL) {
            calendar->today_end = rung->end;
            calendar->rung_count--;
            continue;
        }
        const uint32_t index = rung->next - 1;
        const wb_event_key end = bucket_end(rung, index);
        /* At the last level (which no input has come near) a crowded day is sorted as it is. */
        const bool can_cut = index == rung->last || calendar->rung_count < WB_EVENT_RUNG_LIMIT;
        if (bucket->count <= day_limit(calendar) || !can_cut) {
            open_day(calendar, rung, index);
            calendar->today_end = end;
            take_aim(calendar);
            return true;
        }
        wb_event_bucket crowded = *bucket;
        *bucket = WB_EVENT_BUCKET_EMPTY;
        if (index == rung->last) {
            calendar->rung_count--; /* nothing is left of rung: the new one takes its place */
        }
        lay_rung(calendar, &crowded, end);
    }
    take_aim(calendar);
    return false;
}

/* ---- Pushing ---- */

/* Whether the heap beside today has grown so large that cutting both pays: the moves of that are
 * then at most three for each event that was pushed into the heap. */
static bool is_today_overgrown(const wb_event_calendar *calendar)
{
    const size_t left = calendar->today_count - calendar->today_next;
    return calendar->fresh.count > FRESH_MIN && calendar->fresh.count > left / 2;
}

/* Turns what is left of today, with its overgrown heap, into a rung. */
static void cut_today(wb_event_calendar *calendar)
{
    wb_event_bucket bucket = WB_EVENT_BUCKET_EMPTY;
    for (size_t i = calendar->today_next; i < calendar->today_count; i++) {
        wb_event_bucket_append(&bucket, &calendar->pool, &calendar->today[i]);
    }
    for (size_t i = 0; i < calendar->fresh.count; i++) {
        wb_event_bucket_append(&bucket, &calendar->pool, &calendar->fresh.events[i]);
    }
    calendar->today_next = 0;
    calendar->today_count = 0;
    calendar->fresh.count = 0;
    lay_rung(calendar, &bucket, calendar->today_end);
    calendar->today_end = 0; /* no day is open */
    take_aim(calendar);
}

void wb_event_calendar_push(wb_event_calendar *calendar, wb_event_key key, uint32_t subject,
                            uint16_t kind, uint16_t phase)
{
    assert(key >> 127 == 0); /* times are not negative */
    assert(calendar->rung_count > 0 || calendar->today_end == KEY_END);
    calendar->count++;
    if (key < calendar->today_end) {
        wb_event_heap_push(&calendar->fresh, key, subject, kind, phase);
        calendar->work.heaped++;
        if (is_today_overgrown(calendar) && calendar->rung_count < WB_EVENT_RUNG_LIMIT) {
            cut_today(calendar);
        }
        return;
    }
    wb_event_rung *rung = &calendar->rungs[calendar->rung_count - 1];
    while (key >= rung->end) {
        assert(rung > calendar->rungs);
        rung--;
    }
    wb_event_bucket *bucket = &rung->buckets[bucket_of(rung, key)];
    if (!wb_event_bucket_has_room(bucket)) {
        wb_event_bucket_extend(bucket, &calendar->pool);
    }
    *wb_event_bucket_next(bucket) = wb_event_make(key, subject, kind, phase);
}

/* ---- Taking ---- */

const wb_event *wb_event_calendar_front(wb_event_calendar *calendar)
{
    const wb_event *front = wb_event_calendar_quick_front(calendar);
    if (front != NULL) {
        return front;
    }
    if (calendar->fresh.count > 0) {
        return wb_event_heap_front(&calendar->fresh);
    }
    return turn_page(calendar) ? &calendar->today[0] : NULL;
}

void wb_event_calendar_drop_front(wb_event_calendar *calendar)
{
    assert(calendar->count > 0);
    if (wb_event_calendar_quick_front(calendar) != NULL) {
        wb_event_calendar_drop_quick_front(calendar);
        return;
    }
    calendar->count--;
    wb_event_heap_drop_front(&calendar->fresh);
}

/* ---- Special calls ---- */

/* Rewrites the list through the pool: a chunk is given back before the next is needed. */
static void retain_in_bucket(wb_event_calendar *calendar, wb_event_bucket *bucket,
                             wb_event_filter keep, void *context)
{
    size_t left = bucket->count;
    wb_event_chunk *chunk = wb_event_bucket_take_oldest_first(bucket);
    while (left > 0) {
        const size_t here = chunk_count(left);
        for (size_t i = 0; i < here; i++) {
            if (keep(context, &chunk->events[i])) {
                wb_event_bucket_append(bucket, &calendar->pool, &chunk->events[i]);
            }
        }
        wb_event_chunk *next = chunk->older;
        wb_event_pool_give_back(&calendar->pool, chunk);
        chunk = next;
        left -= here;
    }
}

void wb_event_calendar_retain(wb_event_calendar *calendar, wb_event_filter keep, void *context)
{
    size_t kept = 0;
    for (size_t i = calendar->today_next; i < calendar->today_count; i++) {
        if (keep(context, &calendar->today[i])) {
            calendar->today[kept++] = calendar->today[i];
        }
    }
    calendar->today_next = 0;
    calendar->today_count = kept;
    wb_event_heap_retain(&calendar->fresh, keep, context);
    calendar->count = kept + calendar->fresh.count;
    for (uint32_t r = 0; r < calendar->rung_count; r++) {
        wb_event_rung *rung = &calendar->rungs[r];
        for (uint32_t i = rung->next; i <= rung->last; i++) {
            retain_in_bucket(calendar, &rung->buckets[i], keep, context);
            calendar->count += rung->buckets[i].count;
        }
    }
}

size_t wb_event_calendar_memory_bytes(const wb_event_calendar *calendar)
{
    size_t bytes = calendar->pool.memory_bytes + wb_event_heap_memory_bytes(&calendar->fresh) +
                   calendar->today_capacity * sizeof(wb_event) +
                   ((size_t)1 << SLOT_BITS_MAX) * sizeof(uint32_t);
    for (size_t i = 0; i < WB_EVENT_RUNG_LIMIT; i++) {
        bytes += calendar->rungs[i].bucket_capacity * sizeof(wb_event_bucket);
    }
    return bytes;
}

/* Asserts that bucket index of rung holds only what belongs there; returns how many that are. */
static size_t check_bucket(const wb_event_rung *rung, uint32_t index)
{
    const wb_event_bucket *bucket = &rung->buckets[index];
    size_t here = bucket->newest_count;
    size_t count = 0;
    for (const wb_event_chunk *chunk = bucket->newest; chunk != NULL; chunk = chunk->older) {
        for (size_t i = 0; i < here; i++) {
            const wb_event_key key = wb_event_key_of(&chunk->events[i]);
            assert(key < rung->end && bucket_of(rung, key) == index);
        }
        count += here;
        here = WB_EVENT_CHUNK_CAPACITY;
    }
    assert(count == bucket->count);
    return count;
}

void wb_event_calendar_check(const wb_event_calendar *calendar)
{
    size_t count = calendar->today_count - calendar->today_next + calendar->fresh.count;
    assert(calendar->today_next <= calendar->today_count);
    assert(is_sorted(calendar->today + calendar->today_next,
                     calendar->today_count - calendar->today_next));
    wb_event_heap_check(&calendar->fresh);
    wb_event_key end = calendar->today_end;
    for (uint32_t r = calendar->rung_count; r-- > 0;) {
        const wb_event_rung *rung = &calendar->rungs[r];
        assert(rung->end >= end);
        end = rung->end;
        for (uint32_t i = 0; i <= rung->last; i++) {
            assert(i >= rung->next || !wb_event_bucket_has_room(&rung->buckets[i]));
            count += check_bucket(rung, i);
        }
    }
    assert(end == KEY_END && count == calendar->count);
}
