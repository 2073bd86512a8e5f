/* Bitsets against arrays of bool, for every size up to a few words. */
#include <string.h>

#include "base/bitset.h"
#include "base/hash_map.h"
#include "tests/harness.h"

enum {
    BITS_MAX = 200,
    WORDS_MAX = 4
};

typedef struct pair {
    uint64_t words[WORDS_MAX];
    bool model[BITS_MAX];
} pair;

static void fill_at_random(pair *p, size_t bit_count, uint64_t seed)
{
    memset(p, 0, sizeof(*p));
    for (size_t bit = 0; bit < bit_count; bit++) {
        /* Some sets sparse, some dense: searches must skip whole words. */
        if (wb_hash_map_join(seed, bit) % 16 < seed % 17) {
            wb_bitset_add(p->words, bit);
            p->model[bit] = true;
        }
    }
}

static bool agrees(const pair *p, size_t bit_count)
{
    size_t members = 0;
    for (size_t bit = 0; bit < bit_count; bit++) {
        members += p->model[bit];
        if (wb_bitset_has(p->words, bit) != p->model[bit]) {
            return false;
        }
    }
    const size_t word_count = wb_bitset_word_count(bit_count);
    return wb_bitset_member_count(p->words, word_count) == members &&
           wb_bitset_is_empty(p->words, word_count) == (members == 0);
}

typedef void (*combine)(uint64_t *to, const uint64_t *with, size_t word_count);

static bool combine_bits(size_t operation, bool a, bool b)
{
    switch (operation) {
    case 0: return a && b;
    case 1: return a || b;
    default: return a && !b;
    }
}

static void check_combinations(size_t bit_count, uint64_t seed)
{
    static const combine combines[] = {wb_bitset_and, wb_bitset_or, wb_bitset_and_not};
    const size_t word_count = wb_bitset_word_count(bit_count);
    for (size_t operation = 0; operation < WB_TEST_COUNT(combines); operation++) {
        pair a;
        pair b;
        fill_at_random(&a, bit_count, seed);
        fill_at_random(&b, bit_count, seed * 31 + 7);
        bool common = false;
        for (size_t bit = 0; bit < bit_count; bit++) {
            common = common || (a.model[bit] && b.model[bit]);
            a.model[bit] = combine_bits(operation, a.model[bit], b.model[bit]);
        }
        CU_ASSERT_EQUAL(wb_bitset_intersects(a.words, b.words, word_count), common);
        combines[operation](a.words, b.words, word_count);
        CU_ASSERT(agrees(&a, bit_count));
    }
}

static void check_walk(size_t bit_count, uint64_t seed)
{
    pair p;
    fill_at_random(&p, bit_count, seed);
    const size_t word_count = wb_bitset_word_count(bit_count);
    for (size_t from = 0; from <= bit_count; from++) {
        size_t expected = from;
        while (expected < bit_count && !p.model[expected]) {
            expected++;
        }
        CU_ASSERT_EQUAL(wb_bitset_next(p.words, word_count, from),
                        expected < bit_count ? expected : SIZE_MAX);
    }
    CU_ASSERT_EQUAL(wb_bitset_next(p.words, word_count, BITS_MAX + 100), SIZE_MAX);
}

static void check_copies(size_t bit_count, uint64_t seed)
{
    const size_t word_count = wb_bitset_word_count(bit_count);
    pair a;
    pair b;
    fill_at_random(&a, bit_count, seed);
    memset(&b, 0, sizeof(b));
    wb_bitset_copy(b.words, a.words, word_count);
    CU_ASSERT(wb_bitset_equals(a.words, b.words, word_count));
    wb_bitset_fill(b.words, bit_count);
    CU_ASSERT_EQUAL(wb_bitset_member_count(b.words, word_count), bit_count);
    if (bit_count > 0) {
        wb_bitset_remove(b.words, bit_count - 1);
        CU_ASSERT_EQUAL(wb_bitset_member_count(b.words, word_count), bit_count - 1);
    }
    wb_bitset_clear(b.words, word_count);
    CU_ASSERT(wb_bitset_is_empty(b.words, word_count));
}

static void hold_to_the_model(void)
{
    for (size_t bit_count = 0; bit_count <= BITS_MAX; bit_count++) {
        for (uint64_t seed = 0; seed < 6; seed++) {
            check_combinations(bit_count, seed * 3 + bit_count);
            check_walk(bit_count, seed * 3 + bit_count);
            check_copies(bit_count, seed * 3 + bit_count);
        }
    }
}

static void leave_the_tail_empty(void)
{
    uint64_t words[2] = {0, 0};
    wb_bitset_fill(words, 65);
    CU_ASSERT_EQUAL(words[0], UINT64_MAX);
    CU_ASSERT_EQUAL(words[1], 1);
}

static const wb_test_case cases[] = {
    {"every operation agrees with an array of bool", hold_to_the_model},
    {"filling leaves the tail of the last word empty", leave_the_tail_empty},
};

int main(void)
{
    return wb_test_run("bitset", cases, WB_TEST_COUNT(cases));
}
