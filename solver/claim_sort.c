#include "solver/claim_sort.h"

#include <assert.h>
#include <stdbool.h>

enum {
    INSERTION_LENGTH = 12, /* up to here insertion sort: stable */
    NINTHER_LENGTH = 50,   /* from here medians of three medians, and shifting of strays */
    MENDED_PLACES = 5,     /* strays that partial insertion puts right before it gives up */
    ALL_SWAPPED = 12,      /* every one of the four medians' comparisons was the wrong way round */
};

typedef enum order_hint {
    HINT_NONE,
    HINT_INCREASING,
    HINT_DECREASING,
} order_hint;

static bool is_less(const uint64_t *items, size_t i, size_t j)
{
    return wb_claim_sort_key(items[i]) < wb_claim_sort_key(items[j]);
}

static void swap_items(uint64_t *items, size_t i, size_t j)
{
    const uint64_t kept = items[i];
    items[i] = items[j];
    items[j] = kept;
}

static unsigned bit_length(size_t n)
{
    unsigned bits = 0;
    for (; n != 0; n >>= 1) {
        bits++;
    }
    return bits;
}

static void sort_by_insertion(uint64_t *items, size_t a, size_t b)
{
    for (size_t i = a + 1; i < b; i++) {
        for (size_t j = i; j > a && is_less(items, j, j - 1); j--) {
            swap_items(items, j, j - 1);
        }
    }
}

static void sift_down(uint64_t *heap, size_t root, size_t count)
{
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && is_less(heap, child, child + 1)) {
            child++;
        }
        if (!is_less(heap, root, child)) {
            return;
        }
        swap_items(heap, root, child);
        root = child;
    }
}

static void sort_by_heap(uint64_t *heap, size_t count)
{
    for (size_t i = (count - 1) / 2 + 1; i-- > 0;) {
        sift_down(heap, i, count);
    }
    for (size_t i = count; i-- > 0;) {
        swap_items(heap, 0, i);
        sift_down(heap, 0, i);
    }
}

/* Scatters three elements with a fixed xorshift, against inputs that keep partitions lopsided. */
static void break_patterns(uint64_t *items, size_t a, size_t length)
{
    assert(length >= 8);
    uint64_t random = length;
    const uint64_t mask = (UINT64_C(1) << bit_length(length)) - 1;
    const size_t middle = a + length / 4 * 2;
    for (size_t i = 0; i < 3; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        size_t other = (size_t)(random & mask);
        other -= other >= length ? length : 0;
        swap_items(items, middle - 1 + i, a + other);
    }
}

static void order_pair(const uint64_t *items, size_t *p, size_t *q, unsigned *swaps)
{
    if (is_less(items, *q, *p)) {
        const size_t kept = *p;
        *p = *q;
        *q = kept;
        (*swaps)++;
    }
}

static size_t median_of(const uint64_t *items, size_t p, size_t q, size_t r, unsigned *swaps)
{
    order_pair(items, &p, &q, swaps);
    order_pair(items, &q, &r, swaps);
    order_pair(items, &p, &q, swaps);
    return q;
}

static size_t choose_pivot(const uint64_t *items, size_t a, size_t b, order_hint *hint)
{
    const size_t length = b - a;
    assert(length > INSERTION_LENGTH);
    unsigned swaps = 0;
    size_t i = a + length / 4;
    size_t j = a + length / 4 * 2;
    size_t k = a + length / 4 * 3;
    if (length >= NINTHER_LENGTH) {
        i = median_of(items, i - 1, i, i + 1, &swaps);
        j = median_of(items, j - 1, j, j + 1, &swaps);
        k = median_of(items, k - 1, k, k + 1, &swaps);
    }
    j = median_of(items, i, j, k, &swaps);
    *hint = swaps == 0 ? HINT_INCREASING : swaps == ALL_SWAPPED ? HINT_DECREASING : HINT_NONE;
    return j;
}

static void reverse_range(uint64_t *items, size_t a, size_t b)
{
    for (; a + 1 < b; a++, b--) {
        swap_items(items, a, b - 1);
    }
}

/* Puts up to five strays right; true when the range is sorted then. */
static bool mend_nearly_sorted(uint64_t *items, size_t a, size_t b)
{
    size_t i = a + 1;
    for (int step = 0; step < MENDED_PLACES; step++) {
        while (i < b && !is_less(items, i, i - 1)) {
            i++;
        }
        if (i == b) {
            return true;
        }
        if (b - a < NINTHER_LENGTH) {
            return false;
        }
        swap_items(items, i, i - 1);
        if (i - a >= 2) { /* the bound is 1, not a: so it is upstream */
            for (size_t j = i - 1; j >= 1 && is_less(items, j, j - 1); j--) {
                swap_items(items, j, j - 1);
            }
        }
        if (b - i >= 2) {
            for (size_t j = i + 1; j < b && is_less(items, j, j - 1); j++) {
                swap_items(items, j, j - 1);
            }
        }
    }
    return false;
}

/* Elements equal to the pivot to the left; nothing in the range is less. Returns where the greater
 * ones begin. */
static size_t partition_equal(uint64_t *items, size_t a, size_t b, size_t pivot)
{
    swap_items(items, a, pivot);
    size_t i = a + 1;
    size_t j = b - 1;
    for (;; i++, j--) {
        while (i <= j && !is_less(items, a, i)) {
            i++;
        }
        while (i <= j && is_less(items, a, j)) {
            j--;
        }
        if (i > j) {
            return i;
        }
        swap_items(items, i, j);
    }
}

/* Smaller elements left of the pivot, whose place is returned; *was_partitioned: nothing moved. */
static size_t partition(uint64_t *items, size_t a, size_t b, size_t pivot, bool *was_partitioned)
{
    swap_items(items, a, pivot);
    *was_partitioned = true;
    size_t i = a + 1;
    size_t j = b - 1;
    for (;; i++, j--) {
        while (i <= j && is_less(items, i, a)) {
            i++;
        }
        while (i <= j && !is_less(items, j, a)) {
            j--;
        }
        if (i > j) {
            swap_items(items, j, a);
            return j;
        }
        swap_items(items, i, j);
        *was_partitioned = false;
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): the smaller side is entered, so at most log2(count) deep */
static void sort_range(uint64_t *items, size_t a, size_t b, unsigned budget)
{
    bool was_balanced = true;
    bool was_partitioned = true;
    while (b - a > INSERTION_LENGTH) {
        const size_t length = b - a;
        if (budget == 0) {
            sort_by_heap(items + a, length);
            return;
        }
        if (!was_balanced) {
            break_patterns(items, a, length);
            budget--;
        }
        order_hint hint = HINT_NONE;
        size_t pivot = choose_pivot(items, a, b, &hint);
        if (hint == HINT_DECREASING) {
            reverse_range(items, a, b);
            pivot = b - 1 - (pivot - a);
            hint = HINT_INCREASING;
        }
        if (was_balanced && was_partitioned && hint == HINT_INCREASING &&
            mend_nearly_sorted(items, a, b)) {
            return;
        }
        if (a > 0 && !is_less(items, a - 1, pivot)) {
            a = partition_equal(items, a, b, pivot);
            continue;
        }
        const size_t middle = partition(items, a, b, pivot, &was_partitioned);
        if (middle - a < b - middle) {
            was_balanced = middle - a >= length / 8;
            sort_range(items, a, middle, budget);
            a = middle + 1;
        } else {
            was_balanced = b - middle >= length / 8;
            sort_range(items, middle + 1, b, budget);
            b = middle;
        }
    }
    sort_by_insertion(items, a, b);
}

void wb_claim_sort(uint64_t *items, size_t count)
{
    assert(count == 0 || items != NULL);
    assert(count <= UINT32_MAX);
    sort_range(items, 0, count, bit_length(count));
}

bool wb_claim_sort_looks_sorted(const uint64_t *items, size_t count)
{
    order_hint hint = HINT_NONE;
    (void)choose_pivot(items, 0, count, &hint);
    return hint == HINT_INCREASING;
}
