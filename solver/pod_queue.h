/*
 * The order in which pods are tried: largest first, failed ones again at the tail.
 *
 * CPU descending, memory descending, then the oldest (creation times have whole seconds), then the
 * uid's text. Batches of 1 to 100,000 pods have 1 to 1,000 distinct sizes, and within a size they
 * often come in order already, so pods are dealt into one bucket per size, and only buckets that
 * are out of order are sorted. Source: spec/scheduling.md section 4.
 */
#ifndef WB_SOLVER_POD_QUEUE_H
#define WB_SOLVER_POD_QUEUE_H

#include "solver/provisioning.h"

/* A ring of pod indices. */
typedef struct wb_pod_queue {
    uint32_t *ring;
    uint32_t capacity, head, length;
} wb_pod_queue;

/* All pods of the problem, in order. Lives in arena. */
wb_pod_queue wb_pod_queue_make(wb_arena *arena, wb_solver_world *world,
                               const wb_solver_problem *problem);

/* The pod at the head, without taking it; the queue must not be empty. */
uint32_t wb_pod_queue_peek(const wb_pod_queue *queue);

/* Takes the head away. */
void wb_pod_queue_pop(wb_pod_queue *queue);

/* Appends a pod that was popped before. */
void wb_pod_queue_push(wb_pod_queue *queue, uint32_t pod_index);

#endif
