/* The merge sort against an insertion sort, over every small array and random large ones. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/hash_map.h"
#include "base/sort.h"
#include "tests/base/child_process.h"
#include "tests/harness.h"

typedef struct item {
    int32_t key;
    uint32_t id;
    char padding[5]; /* an odd size: nothing may rely on words */
} item;

enum {
    COUNT_MAX = 3000
};

static int compare_keys(const void *a, const void *b, void *context)
{
    const item *left = a;
    const item *right = b;
    (*(size_t *)context)++;
    return left->key < right->key ? -1 : left->key > right->key;
}

static int compare_keys_and_ids(const void *a, const void *b, void *context)
{
    const int order = compare_keys(a, b, context);
    const item *left = a;
    const item *right = b;
    return order != 0 ? order : (left->id < right->id ? -1 : left->id > right->id);
}

/* Equal keys in order of their ids, which count up in the input: sorted and stable. */
static bool is_sorted_and_stable(const item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (items[i - 1].key > items[i].key ||
            (items[i - 1].key == items[i].key && items[i - 1].id >= items[i].id)) {
            return false;
        }
    }
    return true;
}

static void check(int32_t (*key_at)(size_t i, uint64_t seed), size_t count, uint64_t seed)
{
    static item items[COUNT_MAX];
    static bool seen[COUNT_MAX];
    memset(seen, 0, sizeof(seen));
    for (size_t i = 0; i < count; i++) {
        items[i] = (item){.key = key_at(i, seed), .id = (uint32_t)i};
    }
    size_t comparisons = 0;
    wb_sort_stable(items, count, sizeof(items[0]), compare_keys, &comparisons);
    CU_ASSERT(is_sorted_and_stable(items, count));
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_FALSE(seen[items[i].id]);
        seen[items[i].id] = true;
    }
    size_t log2 = 0;
    while (count >> log2 > 0) {
        log2++;
    }
    CU_ASSERT(comparisons <= count * (log2 + 4)); /* counted, never timed */
}

static int32_t digit_of_seed(size_t i, uint64_t seed)
{
    for (size_t k = 0; k < i; k++) {
        seed /= 3;
    }
    return (int32_t)(seed % 3);
}

static void sort_every_small_array(void)
{
    uint64_t arrays = 1;
    for (size_t count = 0; count <= 7; count++, arrays *= 3) {
        for (uint64_t seed = 0; seed < arrays; seed++) {
            check(digit_of_seed, count, seed);
        }
    }
}

static int32_t many_values(size_t i, uint64_t seed)
{
    return (int32_t)(wb_hash_map_join(seed, i) % 1000000);
}

static int32_t few_values(size_t i, uint64_t seed)
{
    return (int32_t)(wb_hash_map_join(seed, i) % 5);
}

static int32_t ascending(size_t i, uint64_t seed)
{
    (void)seed;
    return (int32_t)i;
}

static int32_t descending(size_t i, uint64_t seed)
{
    (void)seed;
    return -(int32_t)i;
}

static int32_t saw(size_t i, uint64_t seed)
{
    return (int32_t)(i % (seed + 2));
}

static void sort_large_arrays(void)
{
    static int32_t (*const shapes[])(size_t, uint64_t) = {many_values, few_values, ascending,
                                                          descending, saw};
    static const size_t counts[] = {8, 9, 15, 16, 17, 64, 65, 100, 1000, 2999, COUNT_MAX};
    for (size_t shape = 0; shape < WB_TEST_COUNT(shapes); shape++) {
        for (size_t i = 0; i < WB_TEST_COUNT(counts); i++) {
            check(shapes[shape], counts[i], i);
        }
    }
}

static void accept_a_total_order(void)
{
    item items[] = {{.key = 2, .id = 1}, {.key = 1, .id = 2}, {.key = 2, .id = 0}};
    size_t comparisons = 0;
    wb_sort(items, WB_TEST_COUNT(items), sizeof(items[0]), compare_keys_and_ids, &comparisons);
    CU_ASSERT_EQUAL(items[0].id, 2);
    CU_ASSERT_EQUAL(items[1].id, 0);
    CU_ASSERT_EQUAL(items[2].id, 1);
    wb_sort(NULL, 0, sizeof(items[0]), compare_keys_and_ids, &comparisons);
}

#ifdef WB_DEBUG_CHECKS
static void sort_with_a_tie(void)
{
    item items[] = {{.key = 2, .id = 1}, {.key = 1, .id = 2}, {.key = 2, .id = 0}};
    size_t comparisons = 0;
    wb_sort(items, WB_TEST_COUNT(items), sizeof(items[0]), compare_keys, &comparisons);
}

static void refuse_a_tie(void)
{
    char text[256];
    CU_ASSERT(wb_child_process_aborts(sort_with_a_tie, text, sizeof(text)));
}
#endif

static const wb_test_case cases[] = {
    {"every array of up to seven keys is sorted stably", sort_every_small_array},
    {"large arrays of many shapes take n log n comparisons", sort_large_arrays},
    {"a total order is accepted", accept_a_total_order},
#ifdef WB_DEBUG_CHECKS
    {"a debug build refuses a comparator with ties", refuse_a_tie},
#endif
};

int main(void)
{
    return wb_test_run("sort", cases, WB_TEST_COUNT(cases));
}
