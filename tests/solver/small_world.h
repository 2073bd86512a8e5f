/* A small world for unit tests: a catalog made by hand, one NodePool, some pod templates. */
#ifndef WB_TESTS_SOLVER_SMALL_WORLD_H
#define WB_TESTS_SOLVER_SMALL_WORLD_H

#include "solver/solver_world.h"

typedef struct wb_small_world {
    wb_arena arena;
    wb_intern intern;
    wb_catalog catalog;
    wb_nodepool pool;
    wb_solver_pool world_pool;
    wb_solver_world *world;
} wb_small_world;

/* A type in zones a and b with cpu CPU, twice as many GiB, for 0.1 $ per CPU on demand and half of
 * it as spot. A type whose name has "metal" or "gpu" in it is what it says. */
typedef struct wb_small_type {
    const char *name;
    int64_t cpu;
} wb_small_type;

/* A catalog of those types, one NodePool that asks for nothing, and a world of both. */
void wb_small_world_init(wb_small_world *small, const wb_small_type *types, uint32_t count);

/* Everything that init made. */
void wb_small_world_release(wb_small_world *small);

/* cpu_milli, memory_mib and one pod. */
wb_resource_list wb_small_world_requests(wb_small_world *small, int64_t cpu_milli,
                                         int64_t memory_mib);

/* A pod that only asks for that. */
wb_pod_template *wb_small_world_template(wb_small_world *small, int64_t cpu_milli,
                                         int64_t memory_mib);

#endif
