/*
 * A look inside a world, for those who explain its decisions: what a type and a NodePool require,
 * what DaemonSets take of a node. Reads only; the decisions themselves are provisioning.h's.
 */
#ifndef WB_SOLVER_WORLD_VIEW_H
#define WB_SOLVER_WORLD_VIEW_H

#include "solver/requirements.h"
#include "solver/solver_world.h"

/* The types that a pool's catalog has, as a range of the world's index. */
typedef struct wb_world_view_types {
    uint32_t begin, end;
} wb_world_view_types;
wb_world_view_types wb_world_view_pool_types(const wb_solver_world *world, uint32_t pool_index);

/* What the type can be: its labels, zones, markets. Borrowed from the world. */
wb_requirements wb_world_view_type_requirements(const wb_solver_world *world, uint32_t type_index);

/* What every NodeClaim of the pool starts from: requirements, labels, name and class. Borrowed from
 * the world. */
wb_requirements wb_world_view_pool_requirements(const wb_solver_world *world, uint32_t pool_index);

/* What the DaemonSets of a node of that type from that pool ask for, as the last solve grouped
 * them; nothing for types that the pool can't use. Lives in arena. */
wb_resource_list wb_world_view_daemon_requests(wb_arena *arena, const wb_solver_world *world,
                                               uint32_t pool_index, uint32_t type_index);

/* Whether some available offering of the type lies in the requirements' zones and markets. */
bool wb_world_view_has_offering(const wb_solver_world *world, uint32_t type_index,
                                wb_requirements requirements);

/* Distinct values that the types (a bitset over the world's index) have under a label key: what
 * minValues counts. */
uint32_t wb_world_view_value_count(const wb_solver_world *world, const uint64_t *types,
                                   uint32_t key);

#endif
