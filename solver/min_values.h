/*
 * minValues: a claim must stay able to choose among so many families, zones, sizes.
 * Source: spec/scheduling.md section 2.7.
 */
#ifndef WB_SOLVER_MIN_VALUES_H
#define WB_SOLVER_MIN_VALUES_H

#include "solver/solver_world_internal.h"

/* Whether the types of the bitset offer enough distinct values for every requirement with
 * minValues. No types at all pass: that failure has another name. */
bool wb_min_values_satisfied(const wb_solver_world *world, wb_requirements requirements,
                             const uint64_t *types);

/* The same requirements with each unmet minValues lowered to what the types offer, in arena;
 * *out_changed says whether any was. */
wb_requirements wb_min_values_relax(const wb_solver_world *world, wb_arena *arena,
                                    wb_requirements requirements, const uint64_t *types,
                                    bool *out_changed);

#endif
