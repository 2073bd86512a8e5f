/*
 * Capacity reservations: how many instances each still has, and which claim holds how many of them.
 * Source: spec/scheduling.md section 13. Some 0 to 20 reservations.
 */
#ifndef WB_SOLVER_RESERVATIONS_H
#define WB_SOLVER_RESERVATIONS_H

#include "solver/solver_world_internal.h"

typedef struct wb_reservations {
    uint32_t *ids; /* interned, in the order of the catalogue */
    int32_t *left; /* may end below zero only if a reservation started there */
    uint32_t count;
} wb_reservations;

/* A set of reservations by their index, as a claim holds it. */
typedef struct wb_reservation_set {
    const uint32_t *indices; /* ascending */
    uint32_t count;
} wb_reservation_set;

/* The smallest count that any offering shows for an id is what it has. */
wb_reservations wb_reservations_start(wb_arena *arena, const wb_solver_world *world);

typedef enum wb_reservation_answer {
    WB_RESERVATION_FINE,
    WB_RESERVATION_ALL_TAKEN,  /* compatible reserved offerings exist, none can be had */
    WB_RESERVATION_WOULD_LOSE, /* the claim holds some and would keep none */
} wb_reservation_answer;

/* A claim that is about to change: its candidate types and requirements to be, what it holds. */
typedef struct wb_reservation_query {
    const uint64_t *types;
    wb_requirements requirements;
    wb_reservation_set held;
} wb_reservation_query;

/* What the claim could hold then; *out lives in arena. In fallback mode the caller ignores the
 * answer. */
wb_reservation_answer wb_reservations_choose(const wb_reservations *reservations, wb_arena *arena,
                                             const wb_solver_world *world,
                                             const wb_reservation_query *query,
                                             wb_reservation_set *out);

/* Gives back what is only in before and takes what is only in after. */
void wb_reservations_exchange(wb_reservations *reservations, wb_reservation_set before,
                              wb_reservation_set after);

#endif
