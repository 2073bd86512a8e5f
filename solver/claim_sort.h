/*
 * The sort that decides which open claim a pod is tried on first.
 *
 * Karpenter sorts its open claims by number of pods before each try with Go's sort.Slice: a
 * pattern-defeating quicksort, unstable but deterministic. Above 12 claims equal counts are
 * permuted, and that changes packing (spec/scheduling.md section 14.1), so the algorithm is
 * reproduced step by step. Up to some 20,000 claims, sorted once per pod, and nearly sorted each
 * time. Source: appendix A of the specification.
 */
#ifndef WB_SOLVER_CLAIM_SORT_H
#define WB_SOLVER_CLAIM_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An element: what is compared above, what it stands for below. */
static inline uint64_t wb_claim_sort_item(uint32_t key, uint32_t id)
{
    return (uint64_t)key << 32 | id;
}

static inline uint32_t wb_claim_sort_key(uint64_t item)
{
    return (uint32_t)(item >> 32);
}

static inline uint32_t wb_claim_sort_id(uint64_t item)
{
    return (uint32_t)item;
}

/* Sorts by key alone, into exactly the permutation that Go's sort.Slice leaves. */
void wb_claim_sort(uint64_t *items, size_t count);

/* Whether wb_claim_sort would take the array for sorted at first sight (its pivot samples are in
 * order), so that it only mends up to five places; count must be above 12. */
bool wb_claim_sort_looks_sorted(const uint64_t *items, size_t count);

#endif
