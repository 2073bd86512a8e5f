/*
 * Small worlds of machines and pods in which the cheapest packing of whole pods can be found by
 * trying everything: what lower bounds are held against.
 */
#ifndef WB_TESTS_SOLVER_PACKING_WORLD_H
#define WB_TESTS_SOLVER_PACKING_WORLD_H

#include "solver/cost_bound.h"

#define WB_PACKING_WORLD_MACHINES  8
#define WB_PACKING_WORLD_CLASSES   4
#define WB_PACKING_WORLD_RESOURCES 2

typedef struct wb_packing_world {
    double capacities[WB_PACKING_WORLD_MACHINES][WB_PACKING_WORLD_RESOURCES];
    uint64_t classes[WB_PACKING_WORLD_MACHINES];
    wb_cost_bound_machine machines[WB_PACKING_WORLD_MACHINES]; /* prices only, until problem */
    double requests[WB_PACKING_WORLD_CLASSES * WB_PACKING_WORLD_RESOURCES];
    double demand[WB_PACKING_WORLD_CLASSES]; /* whole numbers, for the search */
    uint32_t machine_count, class_count;
} wb_packing_world;

/* The world as a problem that points into it. */
wb_cost_bound_problem wb_packing_world_problem(wb_packing_world *world);

/* A world of that seed: 2 to 4 machines, 1 to 3 classes of 1 to 3 pods. */
void wb_packing_world_draw(uint64_t seed, wb_packing_world *out);

/* What the cheapest packing costs; -1: some pod runs nowhere. */
double wb_packing_world_cheapest(const wb_packing_world *world);

#endif
