/* The sort of open claims: sorted whatever the input, stable up to 12, and a permutation. */
#include "base/random.h"
#include "solver/claim_sort.h"
#include "tests/harness.h"

enum {
    LONGEST = 700
};

static bool is_sorted_permutation(const uint64_t *items, const uint32_t *keys, size_t count)
{
    bool seen[LONGEST] = {false};
    for (size_t i = 0; i < count; i++) {
        const uint32_t id = wb_claim_sort_id(items[i]);
        if (id >= count || seen[id] || wb_claim_sort_key(items[i]) != keys[id] ||
            (i > 0 && wb_claim_sort_key(items[i - 1]) > wb_claim_sort_key(items[i]))) {
            return false;
        }
        seen[id] = true;
    }
    return true;
}

static void fill(uint64_t *items, uint32_t *keys, size_t count, uint64_t round)
{
    const wb_random_key key = {.seed = 7, .stream = WB_RANDOM_TEST, .ordinal = round};
    const uint64_t bound = 1 + wb_random_below(key, count, round % 3 == 0 ? 1000 : 5);
    for (size_t i = 0; i < count; i++) {
        keys[i] = (uint32_t)wb_random_below(key, i, bound);
        items[i] = wb_claim_sort_item(keys[i], (uint32_t)i);
    }
}

static void sorts_anything(void)
{
    static uint64_t items[LONGEST];
    static uint32_t keys[LONGEST];
    for (uint64_t round = 0; round < 3000; round++) {
        const wb_random_key key = {.seed = 8, .stream = WB_RANDOM_TEST, .ordinal = round};
        const size_t count = (size_t)wb_random_below(key, 0, LONGEST + 1);
        fill(items, keys, count, round);
        wb_claim_sort(items, count);
        CU_ASSERT_FATAL(is_sorted_permutation(items, keys, count));
    }
}

static void is_stable_when_short(void)
{
    uint64_t items[12];
    uint32_t keys[12];
    for (uint64_t round = 0; round < 500; round++) {
        fill(items, keys, 12, round);
        wb_claim_sort(items, 12);
        for (size_t i = 1; i < 12; i++) {
            CU_ASSERT_FATAL(items[i - 1] < items[i]); /* key, then id */
        }
    }
}

/* Known permutations: where a claim that grew lands, found by following appendix A by hand. */
static void moves_one_grown_claim(void)
{
    enum {
        COUNT = 60
    };
    uint64_t items[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        items[i] = wb_claim_sort_item(i == 5 ? 2 : 1, i);
    }
    CU_ASSERT_TRUE(wb_claim_sort_looks_sorted(items, COUNT));
    wb_claim_sort(items, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        const uint32_t expected = i < 5 ? i : i == COUNT - 1 ? 5 : i + 1;
        CU_ASSERT_EQUAL(wb_claim_sort_id(items[i]), expected);
    }
}

static void keeps_a_sorted_array(void)
{
    uint64_t items[LONGEST];
    for (uint32_t i = 0; i < LONGEST; i++) {
        items[i] = wb_claim_sort_item(i / 50, LONGEST - i);
    }
    wb_claim_sort(items, LONGEST);
    for (uint32_t i = 0; i < LONGEST; i++) {
        CU_ASSERT_EQUAL(items[i], wb_claim_sort_item(i / 50, LONGEST - i));
    }
}

static const wb_test_case cases[] = {
    {"any input is sorted, nothing is lost", sorts_anything},
    {"up to 12 elements the order of equals stays", is_stable_when_short},
    {"one grown claim goes behind its old equals", moves_one_grown_claim},
    {"a sorted array is left as it is", keeps_a_sorted_array},
};

int main(void)
{
    return wb_test_run("claim_sort", cases, WB_TEST_COUNT(cases));
}
