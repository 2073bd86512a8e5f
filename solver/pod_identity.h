/*
 * What makes two pods the same to the solver, written out as a row of numbers.
 *
 * Every field of a template that some placement decision reads goes into the row, in a fixed order
 * with counts in front of lists, so that two pods are the same shape exactly when their rows are
 * equal: a hash and a memcmp, where a comparison field by field cost six times as much. Names,
 * images, annotations and priorities do not go in. A pod of the usual kind takes 25 to 60 numbers.
 */
#ifndef WB_SOLVER_POD_IDENTITY_H
#define WB_SOLVER_POD_IDENTITY_H

#include <stddef.h>

#include "base/arena.h"
#include "kube/pod.h"

typedef struct wb_pod_identity {
    uint32_t *numbers; /* room that the caller lends, or a larger one in the arena */
    size_t count, capacity;
    wb_arena *arena; /* borrowed: for rows beyond the lent room */
} wb_pod_identity;

/* Starts an empty row on lent room. */
wb_pod_identity wb_pod_identity_start(wb_arena *arena, uint32_t *room, size_t capacity);

/* Appends what label selectors see: namespace and labels. */
void wb_pod_identity_write_labels(wb_pod_identity *row, wb_labels labels, uint32_t namespace_name);

/* Appends what makes a kind: labels, selectors, affinity, spread, tolerations. */
void wb_pod_identity_write_kind(wb_pod_identity *row, const wb_pod_template *template,
                                uint32_t namespace_name);

/* Appends what a shape has beside its kind: requests, ports, volumes. */
void wb_pod_identity_write_shape(wb_pod_identity *row, const wb_pod_template *template);

#endif
