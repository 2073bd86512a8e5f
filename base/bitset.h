/*
 * Sets over small interned worlds (instance types, zones, label values) as arrays of words.
 *
 * A bitset is just uint64_t words that the caller keeps; the word count goes along in each call, so
 * that inner loops work on plain arrays. Some 1,400 instance types make 22 words.
 *
 * The members of the intersection of two sets, in ascending order:
 *
 *     wb_bitset_copy(both, a, word_count);
 *     wb_bitset_and(both, b, word_count);
 *     for (size_t i = wb_bitset_next(both, word_count, 0); i != SIZE_MAX;
 *          i = wb_bitset_next(both, word_count, i + 1)) {
 *         ...
 *     }
 *
 * All sets of one call have the same word count. Bits at or above the set's size stay 0: whoever
 * adds members above it breaks counts and comparisons.
 */
#ifndef WB_BASE_BITSET_H
#define WB_BASE_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words needed for bit_count bits. */
static inline size_t wb_bitset_word_count(size_t bit_count)
{
    return (bit_count + 63) / 64;
}

static inline bool wb_bitset_has(const uint64_t *words, size_t bit)
{
    return (words[bit / 64] >> (bit % 64)) & 1U;
}

static inline void wb_bitset_add(uint64_t *words, size_t bit)
{
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static inline void wb_bitset_remove(uint64_t *words, size_t bit)
{
    words[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

/* Makes bits 0 .. bit_count-1 members and leaves the tail of the last word empty. */
void wb_bitset_fill(uint64_t *words, size_t bit_count);
void wb_bitset_clear(uint64_t *words, size_t word_count);
void wb_bitset_copy(uint64_t *to, const uint64_t *from, size_t word_count);
void wb_bitset_and(uint64_t *to, const uint64_t *with, size_t word_count);
void wb_bitset_or(uint64_t *to, const uint64_t *with, size_t word_count);
void wb_bitset_and_not(uint64_t *to, const uint64_t *without, size_t word_count);
bool wb_bitset_is_empty(const uint64_t *words, size_t word_count);
bool wb_bitset_intersects(const uint64_t *a, const uint64_t *b, size_t word_count);
bool wb_bitset_equals(const uint64_t *a, const uint64_t *b, size_t word_count);
size_t wb_bitset_member_count(const uint64_t *words, size_t word_count);

/* The lowest member at or above from, or SIZE_MAX; walks a set: for (b = next(w, n, 0); ...). */
size_t wb_bitset_next(const uint64_t *words, size_t word_count, size_t from);

#endif
