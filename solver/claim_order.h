/*
 * Open claims in the order in which a pod is tried on them, kept up as claims grow.
 *
 * Upstream sorts the claims by number of pods before every try (claim_sort.h). Between two sorts at
 * most one claim has changed, so the array is sorted but for one element, and what the sort then
 * does can be said without running it: with up to 12 claims, or with 50 and more where none of its
 * nine pivot samples meets the stray, the claim moves behind its former equals,
 *
 *     1 1 1 2 2 2 2 5      the third grows:   1 1 2 2 2 2 2 5
 *         ^                                       ^
 *     a b c d e f g h                         a b d e f g c h  <- c is first of the larger ones
 *
 * (a run is rotated by one); otherwise the sort is run. A new claim goes behind the other claims of
 * one pod. Ids are kept in runs of equal count, so that a rotation moves 4 bytes per claim. Up to
 * some 20,000 claims, 5 changes each. tests/solver/test_claim_order.c holds it to the real sort.
 */
#ifndef WB_SOLVER_CLAIM_ORDER_H
#define WB_SOLVER_CLAIM_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct wb_claim_order {
    wb_arena *arena;     /* borrowed */
    uint32_t *ids;       /* in order */
    uint32_t *run_start; /* run_start[n]: place of the first claim with n pods or more */
    uint32_t count, capacity;
    uint32_t run_count; /* of run_start; the last run is empty */
    uint32_t run_capacity;
    uint64_t *items; /* room for running the sort */
    uint32_t item_capacity;
    uint32_t grown_place; /* of the claim that grew since the last settling; UINT32_MAX: none */
    uint32_t grown_count; /* the pods that it had */
    bool has_new;         /* a claim was added since: it is the last */
    bool is_stable;       /* the other mode: a stable sort */
} wb_claim_order;

/* Starts empty. */
void wb_claim_order_init(wb_claim_order *order, wb_arena *arena, bool is_stable);

/* Adds claim id, with one pod in it. One change at a time: settle before the next. */
void wb_claim_order_add(wb_claim_order *order, uint32_t id);

/* The claim at place, which had pod_count pods, got one more. One change at a time: settle before
 * the next. */
void wb_claim_order_grow(wb_claim_order *order, uint32_t place, uint32_t pod_count);

/* Brings ids into the order in which upstream's sort would leave them now. */
void wb_claim_order_settle(wb_claim_order *order);

/* How many pods the claim at place has; order must be settled. */
uint32_t wb_claim_order_pod_count(const wb_claim_order *order, uint32_t place);

#endif
