/*
 * The domains that a topology key can have before any node exists: what NodePools and their
 * instance types can give. Made once per world and key. Source: spec/scheduling.md section 10.2.
 */
#ifndef WB_SOLVER_TOPOLOGY_UNIVERSE_H
#define WB_SOLVER_TOPOLOGY_UNIVERSE_H

#include "solver/solver_world_internal.h"

/* Valid as long as the world. */
const wb_world_universe *wb_topology_universe_get(wb_solver_world *world, uint32_t key);

#endif
