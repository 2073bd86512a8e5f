/*
 * A merge sort, because it is stable and never worse than n log n, and because the same source
 * gives the same order everywhere. It takes a second buffer, which our arrays (at most some million
 * rows) can afford.
 */
#include "base/sort.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/heap_memory.h"

/*
 * Bottom-up merge sort between two buffers, on runs of RUN elements that were sorted by insertion.
 * Merging takes from the left on a tie, which is all that stability needs. Two neighbours that are
 * in order already are copied whole: most of our inputs are appended to a sorted list.
 */
enum {
    RUN = 8
};

typedef struct sorter {
    size_t size;
    wb_sort_compare compare;
    void *context;
} sorter;

/* Compares from the right, so that a run which is in order already costs one comparison each; moves
 * once. hold is room for one element. */
static void insert_sort(const sorter *s, unsigned char *base, size_t count, unsigned char *hold)
{
    for (size_t i = 1; i < count; i++) {
        size_t place = i;
        while (place > 0 &&
               s->compare(base + (place - 1) * s->size, base + i * s->size, s->context) > 0) {
            place--;
        }
        if (place < i) {
            memcpy(hold, base + i * s->size, s->size);
            memmove(base + (place + 1) * s->size, base + place * s->size, (i - place) * s->size);
            memcpy(base + place * s->size, hold, s->size);
        }
    }
}

/* Merges from[0, middle) and from[middle, count) to to. */
static void merge(const sorter *s, const unsigned char *from, size_t middle, size_t count,
                  unsigned char *to)
{
    const size_t size = s->size;
    if (middle >= count ||
        s->compare(from + (middle - 1) * size, from + middle * size, s->context) <= 0) {
        memcpy(to, from, count * size);
        return;
    }
    size_t left = 0;
    size_t right = middle;
    while (left < middle && right < count) {
        const unsigned char *a = from + left * size;
        const unsigned char *b = from + right * size;
        const bool take_left = s->compare(a, b, s->context) <= 0;
        memcpy(to, take_left ? a : b, size);
        to += size;
        left += take_left ? 1 : 0;
        right += take_left ? 0 : 1;
    }
    memcpy(to, from + left * size, (middle - left) * size);
    memcpy(to + (middle - left) * size, from + right * size, (count - right) * size);
}

void wb_sort_stable(void *base, size_t count, size_t size, wb_sort_compare compare, void *context)
{
    assert(base != NULL || count == 0);
    assert(size > 0);
    assert(compare != NULL);
    if (count < 2) {
        return;
    }
    const sorter s = {size, compare, context};
    unsigned char *from = base;
    unsigned char *to = wb_heap_memory_alloc(count, size);
    unsigned char *const buffer = to;
    for (size_t start = 0; start < count; start += RUN) {
        const size_t rest = count - start;
        insert_sort(&s, from + start * size, rest < RUN ? rest : RUN, buffer);
    }
    for (size_t width = RUN; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            const size_t rest = count - start;
            merge(&s, from + start * size, width, rest < 2 * width ? rest : 2 * width,
                  to + start * size);
        }
        unsigned char *swap = from;
        from = to;
        to = swap;
    }
    if (from == buffer) {
        memcpy(base, buffer, count * size);
    }
    wb_heap_memory_free(buffer);
}

void wb_sort(void *base, size_t count, size_t size, wb_sort_compare compare, void *context)
{
    wb_sort_stable(base, count, size, compare, context);
#ifdef WB_DEBUG_CHECKS
    const unsigned char *bytes = base;
    for (size_t i = 1; i < count; i++) {
        /* A tie means that the comparator forgot its id, and the order is an accident. */
        assert(compare(bytes + (i - 1) * size, bytes + i * size, context) < 0);
    }
#endif
}
