#include "solver/claim_order.h"

#include <assert.h>
#include <string.h>

#include "solver/claim_sort.h"

enum {
    SHORT = 12,   /* up to here the sort is an insertion sort, hence stable */
    SHIFTING = 50 /* from here it puts a stray right by shifting, if no sample meets it */
};

void wb_claim_order_init(wb_claim_order *order, wb_arena *arena, bool is_stable)
{
    assert(arena != NULL);
    *order = (wb_claim_order){.arena = arena, .grown_place = UINT32_MAX, .is_stable = is_stable};
}

/* Runs 0 .. pod_count + 1 exist afterwards; new ones are empty, at the end. */
static void reserve_runs(wb_claim_order *order, uint32_t pod_count)
{
    const uint32_t needed = pod_count + 2;
    if (needed > order->run_capacity) {
        const uint32_t capacity = needed * 2 + 16;
        order->run_start = wb_arena_grow(order->arena, order->run_start, order->run_count, capacity,
                                         sizeof(*order->run_start));
        order->run_capacity = capacity;
    }
    for (; order->run_count < needed; order->run_count++) {
        order->run_start[order->run_count] = order->count;
    }
}

uint32_t wb_claim_order_pod_count(const wb_claim_order *order, uint32_t place)
{
    assert(place < order->count);
    uint32_t low = 0;
    uint32_t high = order->run_count;
    while (low + 1 < high) { /* the last run that starts at or before place */
        const uint32_t middle = low + (high - low) / 2;
        if (order->run_start[middle] <= place) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

void wb_claim_order_add(wb_claim_order *order, uint32_t id)
{
    assert(order->grown_place == UINT32_MAX && !order->has_new);
    if (order->count == order->capacity) {
        const uint32_t capacity = order->capacity * 2 + 64;
        order->ids =
            wb_arena_grow(order->arena, order->ids, order->count, capacity, sizeof(*order->ids));
        order->capacity = capacity;
    }
    reserve_runs(order, 1);
    order->ids[order->count++] = id;
    order->has_new = true;
}

void wb_claim_order_grow(wb_claim_order *order, uint32_t place, uint32_t pod_count)
{
    assert(order->grown_place == UINT32_MAX && !order->has_new);
    assert(place < order->count);
    assert(order->run_start[pod_count] <= place && place < order->run_start[pod_count + 1]);
    order->grown_place = place;
    order->grown_count = pod_count;
}

/* Whether one of the sort's samples, three neighbours around each quarter, holds both the grown
 * claim and the smaller one behind it: then the array does not look sorted. */
static bool is_sampled(uint32_t count, uint32_t place)
{
    for (uint32_t quarter = 1; quarter <= 3; quarter++) {
        const uint32_t middle = count / 4 * quarter;
        if (place == middle || place + 1 == middle) {
            return true;
        }
    }
    return false;
}

/* Runs the real sort on what the array looks like now; pod_count_of_last: of a new claim. */
static void run_sort(wb_claim_order *order)
{
    if (order->count > order->item_capacity) {
        order->item_capacity = order->capacity;
        order->items = wb_arena_alloc(order->arena, order->item_capacity * sizeof(*order->items));
    }
    const uint32_t old_count = order->count - (order->has_new ? 1 : 0);
    for (uint32_t run = 0; run + 1 < order->run_count; run++) {
        for (uint32_t i = order->run_start[run]; i < order->run_start[run + 1]; i++) {
            order->items[i] = wb_claim_sort_item(run, order->ids[i]);
        }
    }
    if (order->has_new) {
        order->items[old_count] = wb_claim_sort_item(1, order->ids[old_count]);
    } else {
        order->items[order->grown_place] += UINT64_C(1) << 32;
    }
    wb_claim_sort(order->items, order->count);
    for (uint32_t i = 0; i < order->count; i++) {
        order->ids[i] = wb_claim_sort_id(order->items[i]);
    }
}

static void settle_new(wb_claim_order *order)
{
    const uint32_t place = order->run_start[2]; /* behind the claims of one pod */
    const uint32_t last = order->count - 1;
    const bool is_in_order = place == last;
    if (!is_in_order && !order->is_stable && order->count > SHORT && order->count < SHIFTING) {
        run_sort(order);
    } else {
        const uint32_t id = order->ids[last];
        memmove(order->ids + place + 1, order->ids + place, (last - place) * sizeof(*order->ids));
        order->ids[place] = id;
    }
    for (uint32_t run = 2; run < order->run_count; run++) {
        order->run_start[run]++;
    }
    order->has_new = false;
}

static void settle_grown(wb_claim_order *order)
{
    const uint32_t place = order->grown_place;
    const uint32_t pod_count = order->grown_count;
    reserve_runs(order, pod_count + 1);
    const uint32_t last = order->run_start[pod_count + 1] - 1; /* of its former equals */
    const bool runs_sort = place < last && !order->is_stable && order->count > SHORT &&
                           (order->count < SHIFTING || is_sampled(order->count, place));
    if (runs_sort) {
        run_sort(order);
    } else {
        const uint32_t id = order->ids[place];
        memmove(order->ids + place, order->ids + place + 1, (last - place) * sizeof(*order->ids));
        order->ids[last] = id;
    }
    order->run_start[pod_count + 1]--;
    order->grown_place = UINT32_MAX;
}

void wb_claim_order_settle(wb_claim_order *order)
{
    if (order->has_new) {
        settle_new(order);
    } else if (order->grown_place != UINT32_MAX) {
        settle_grown(order);
    }
}
