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
    SAMPLE_COVERED_NUMERATOR = 7,
    SAMPLE_COVERED_DENOMINATOR = 8
};

/* Bounds of the number of equal buckets of a rung, as powers of two. */
enum {
    RUNG_BITS_MIN = 2,
    RUNG_BITS_MAX = 10
};

/* A bucket of more than this share of all pending events is cut, within these bounds. */
enum {
    DAY_SHARE = 32,
    DAY_MIN = 32,
    DAY_MAX = 4096
};

/* Slots used for sorting a day. */
enum {
    SLOT_BITS_MAX = 12
};

/* Up to here a day is sorted by insertion. */
enum {
    INSERTION_MAX = 16
};

static const wb_event_key KEY_END = ~(wb_event_key)0;

void wb_event_calendar_init(wb_event_calendar *calendar)
{
    *calendar = (wb_event_calendar){0};
    wb_event_heap_init(&calendar->fresh);
    wb_event_pool_init(&calendar->pool);
    calendar->today_end = KEY_END;
    calendar->today_capacity = DAY_MIN;
    calendar->today = wb_heap_memory_alloc(calendar->today_capacity, sizeof(wb_event));
    calendar->slot_ends = wb_heap_memory_alloc((size_t)1 << SLOT_BITS_MAX, sizeof(uint32_t));
}

void wb_event_calendar_release(wb_event_calendar *calendar)
{
    for (size_t i = 0; i < WB_EVENT_RUNG_LIMIT; i++) {
        wb_heap_memory_free(calendar->rungs[i].buckets);
    }
    wb_event_heap_release(&calendar->fresh);
    wb_event_pool_release(&calendar->pool);
    wb_heap_memory_free(calendar->today);
    wb_heap_memory_free(calendar->slot_ends);
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
    return share < DAY_MIN ? DAY_MIN : share > DAY_MAX ? DAY_MAX : share;
}

/* ---- Rungs ---- */

static inline uint32_t bucket_of(const wb_event_rung *rung, wb_event_key key)
{
    if (key < rung->base) {
        return 0;
    }
    const wb_event_key offset = (key - rung->base) >> rung->shift;
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

/* Lays out rung for about count events that are spread like the sample. */
static void fit_rung(wb_event_rung *rung, const wb_event_key *keys, size_t key_count, size_t count,
                     size_t limit)
{
    const wb_event_key low = keys[0];
    const wb_event_key high =
        keys[(key_count - 1) * SAMPLE_COVERED_NUMERATOR / SAMPLE_COVERED_DENOMINATOR];
    const size_t wanted = count * 8 / limit;
    unsigned bits = RUNG_BITS_MIN;
    while (bits < RUNG_BITS_MAX && ((size_t)1 << bits) < wanted) {
        bits++;
    }
    const unsigned width = key_width(high - low);
    rung->shift = width > bits ? width - bits : 0;
    rung->base = low >> rung->shift << rung->shift;
    rung->last = (uint32_t)((high - rung->base) >> rung->shift) + 2;
    rung->next = 0;
    assert(rung->last >= 2 && rung->last <= ((uint32_t)1 << RUNG_BITS_MAX) + 2);
}

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

/* Lowest and highest key of a chain; brings it into cache on the way. */
static void find_key_range(const wb_event_chunk *chunk, size_t count, wb_event_key *out_low,
                           wb_event_key *out_high)
{
    wb_event_key low = KEY_END;
    wb_event_key high = 0;
    for (size_t left = count; left > 0; chunk = chunk->older) {
        const size_t here = chunk_count(left);
        for (size_t i = 0; i < here; i++) {
            const wb_event_key key = wb_event_key_of(&chunk->events[i]);
            low = key < low ? key : low;
            high = key > high ? key : high;
        }
        left -= here;
    }
    *out_low = low;
    *out_high = high;
}

/* Moves a chain to today in about the right order: by counting how many events fall into each of
 * equal slots of the key range, one slot per event or so. slot_ends[s] becomes the index where slot
 * s begins. Returns the number of slots. */
static size_t scatter(wb_event_calendar *calendar, wb_event_chunk *chunk, size_t count)
{
    wb_event_key low, high;
    find_key_range(chunk, count, &low, &high);
    unsigned bits = 4;
    while (bits < SLOT_BITS_MAX && ((size_t)1 << bits) < count) {
        bits++;
    }
    const unsigned width = key_width(high - low);
    const unsigned shift = width > bits ? width - bits : 0;
    const size_t slot_count = (size_t)((high - low) >> shift) + 1;
    uint32_t *ends = calendar->slot_ends;
    memset(ends, 0, slot_count * sizeof(*ends));

    const wb_event_chunk *walk = chunk;
    for (size_t left = count; left > 0; walk = walk->older) {
        const size_t here = chunk_count(left);
        for (size_t i = 0; i < here; i++) {
            ends[(size_t)((wb_event_key_of(&walk->events[i]) - low) >> shift)]++;
        }
        left -= here;
    }
    uint32_t begin = 0;
    for (size_t slot = 0; slot < slot_count; slot++) {
        const uint32_t in_slot = ends[slot];
        ends[slot] = begin;
        begin += in_slot;
    }
    for (size_t left = count; left > 0;) {
        const size_t here = chunk_count(left);
        for (size_t i = 0; i < here; i++) {
            const wb_event *event = &chunk->events[i];
            calendar->today[ends[(size_t)((wb_event_key_of(event) - low) >> shift)]++] = *event;
        }
        wb_event_chunk *next = chunk->older;
        wb_event_pool_give_back(&calendar->pool, chunk);
        chunk = next;
        left -= here;
    }
    return slot_count;
}

/* Finishes what scatter began: slots are in order among each other. */
static void sort_slots(wb_event_calendar *calendar, size_t slot_count)
{
    size_t begin = 0;
    for (size_t slot = 0; slot < slot_count; slot++) {
        wb_event *events = &calendar->today[begin];
        const size_t count = calendar->slot_ends[slot] - begin;
        begin = calendar->slot_ends[slot];
        if (count <= INSERTION_MAX) {
            sort_by_insertion(events, count);
        } else if (!is_sorted(events, count)) {
            wb_event_heap_sort(events, count);
        }
    }
}

static void copy_chain(wb_event_calendar *calendar, wb_event_chunk *chunk, size_t count)
{
    wb_event *to = calendar->today;
    for (size_t left = count; left > 0;) {
        const size_t here = chunk_count(left);
        memcpy(to, chunk->events, here * sizeof(wb_event));
        to += here;
        wb_event_chunk *next = chunk->older;
        wb_event_pool_give_back(&calendar->pool, chunk);
        chunk = next;
        left -= here;
    }
}

/* Makes bucket's events today's. */
static void open_day(wb_event_calendar *calendar, wb_event_bucket *bucket)
{
    const size_t count = bucket->count;
    assert(count > 0 && calendar->today_next == calendar->today_count);
    if (calendar->today_capacity < count) {
        calendar->today_capacity = wb_heap_memory_next_capacity(calendar->today_capacity, count);
        wb_heap_memory_free(calendar->today);
        calendar->today = wb_heap_memory_alloc(calendar->today_capacity, sizeof(wb_event));
    }
    wb_event_chunk *chunk = wb_event_bucket_take_oldest_first(bucket);
    if (count <= INSERTION_MAX) {
        copy_chain(calendar, chunk, count);
        sort_by_insertion(calendar->today, count);
    } else {
        sort_slots(calendar, scatter(calendar, chunk, count));
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

bool wb_event_calendar_turn_page(wb_event_calendar *calendar)
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
        const bool can_cut = index == rung->last || calendar->rung_count < WB_EVENT_RUNG_LIMIT;
        if (bucket->count <= day_limit(calendar) || !can_cut) {
            open_day(calendar, bucket);
            calendar->today_end = end;
            return true;
        }
        wb_event_bucket crowded = *bucket;
        *bucket = WB_EVENT_BUCKET_EMPTY;
        if (index == rung->last) {
            calendar->rung_count--; /* nothing is left of rung: the new one takes its place */
        }
        lay_rung(calendar, &crowded, end);
    }
    return false;
}

/* ---- Pushing ---- */

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
}

static void push_today(wb_event_calendar *calendar, const wb_event *event)
{
    wb_event_heap_push(&calendar->fresh, event);
    calendar->work.heaped++;
    if (calendar->fresh.count > 2 * day_limit(calendar) &&
        calendar->rung_count < WB_EVENT_RUNG_LIMIT) {
        cut_today(calendar);
    }
}

void wb_event_calendar_push(wb_event_calendar *calendar, const wb_event *event)
{
    assert(event->at_ms >= 0);
    const wb_event_key key = wb_event_key_of(event);
    calendar->count++;
    if (key < calendar->today_end) {
        push_today(calendar, event);
        return;
    }
    wb_event_rung *rung = &calendar->rungs[calendar->rung_count - 1];
    while (key >= rung->end) {
        assert(rung > calendar->rungs);
        rung--;
    }
    wb_event_bucket_append(&rung->buckets[bucket_of(rung, key)], &calendar->pool, event);
    calendar->work.appended++;
}

/* ---- Special calls ---- */

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
            assert(i >= rung->next || rung->buckets[i].count == 0);
            count += check_bucket(rung, i);
        }
    }
    assert(end == KEY_END && count == calendar->count);
}
