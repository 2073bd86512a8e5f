/*
 * Sorting that is the same everywhere: a stable merge sort, and in debug builds an assert that no
 * two elements compare equal (every comparator ends with an id). qsort differs between C libraries.
 *
 * A comparator's last key is an id, so that no two elements compare equal:
 *
 *     static int compare_nodes(const void *a, const void *b, void *context)
 *     {
 *         const wb_candidate *left = a, *right = b;
 *         if (left->cost_nusd != right->cost_nusd) {
 *             return left->cost_nusd < right->cost_nusd ? -1 : 1;
 *         }
 *         return left->node_id < right->node_id ? -1 : 1;
 *     }
 */
#ifndef WB_BASE_SORT_H
#define WB_BASE_SORT_H

#include <stddef.h>

/* < 0, 0, > 0 as in qsort; context is passed through. */
typedef int (*wb_sort_compare)(const void *a, const void *b, void *context);

/* Sorts count elements of size bytes, stably. The comparator must be total. */
void wb_sort(void *base, size_t count, size_t size, wb_sort_compare compare, void *context);

/* The same where equal elements are expected and their input order is what should decide. */
void wb_sort_stable(void *base, size_t count, size_t size, wb_sort_compare compare, void *context);

#endif
