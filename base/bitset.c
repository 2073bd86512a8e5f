/*
 * Bitsets, as loops over words that compilers turn into vector instructions by themselves.
 *
 * The solver asks millions of times whether two sets of instance types meet (22 words each), so the
 * loops are plain, take word counts and leave at the first answer. Hand-written SIMD was not worth
 * its lines: at 22 words the call costs as much as the work.
 */
#include "base/bitset.h"

#include <assert.h>
#include <string.h>

void wb_bitset_fill(uint64_t *words, size_t bit_count)
{
    assert(words != NULL || bit_count == 0);
    const size_t whole = bit_count / 64;
    for (size_t i = 0; i < whole; i++) {
        words[i] = UINT64_MAX;
    }
    /* The tail stays empty so that member counts and comparisons need no mask. */
    if (bit_count % 64 != 0) {
        words[whole] = (UINT64_C(1) << (bit_count % 64)) - 1;
    }
}

void wb_bitset_clear(uint64_t *words, size_t word_count)
{
    assert(words != NULL || word_count == 0);
    for (size_t i = 0; i < word_count; i++) {
        words[i] = 0;
    }
}

void wb_bitset_copy(uint64_t *to, const uint64_t *from, size_t word_count)
{
    assert((to != NULL && from != NULL) || word_count == 0);
    if (word_count > 0) {
        memmove(to, from, word_count * sizeof(*to));
    }
}

void wb_bitset_and(uint64_t *to, const uint64_t *with, size_t word_count)
{
    assert((to != NULL && with != NULL) || word_count == 0);
    for (size_t i = 0; i < word_count; i++) {
        to[i] &= with[i];
    }
}

void wb_bitset_or(uint64_t *to, const uint64_t *with, size_t word_count)
{
    assert((to != NULL && with != NULL) || word_count == 0);
    for (size_t i = 0; i < word_count; i++) {
        to[i] |= with[i];
    }
}

void wb_bitset_and_not(uint64_t *to, const uint64_t *without, size_t word_count)
{
    assert((to != NULL && without != NULL) || word_count == 0);
    for (size_t i = 0; i < word_count; i++) {
        to[i] &= ~without[i];
    }
}

bool wb_bitset_is_empty(const uint64_t *words, size_t word_count)
{
    assert(words != NULL || word_count == 0);
    for (size_t i = 0; i < word_count; i++) {
        if (words[i] != 0) {
            return false;
        }
    }
    return true;
}

bool wb_bitset_intersects(const uint64_t *a, const uint64_t *b, size_t word_count)
{
    assert((a != NULL && b != NULL) || word_count == 0);
    for (size_t i = 0; i < word_count; i++) {
        if ((a[i] & b[i]) != 0) {
            return true;
        }
    }
    return false;
}

bool wb_bitset_equals(const uint64_t *a, const uint64_t *b, size_t word_count)
{
    assert((a != NULL && b != NULL) || word_count == 0);
    return word_count == 0 || memcmp(a, b, word_count * sizeof(*a)) == 0;
}

size_t wb_bitset_member_count(const uint64_t *words, size_t word_count)
{
    assert(words != NULL || word_count == 0);
    size_t count = 0;
    for (size_t i = 0; i < word_count; i++) {
        count += (size_t)__builtin_popcountll(words[i]);
    }
    return count;
}

size_t wb_bitset_next(const uint64_t *words, size_t word_count, size_t from)
{
    assert(words != NULL || word_count == 0);
    size_t word = from / 64;
    if (word >= word_count) {
        return SIZE_MAX;
    }
    uint64_t rest = words[word] & (UINT64_MAX << (from % 64));
    while (rest == 0) {
        if (++word == word_count) {
            return SIZE_MAX;
        }
        rest = words[word];
    }
    return word * 64 + (size_t)__builtin_ctzll(rest);
}
