/*
 * Interned requirement maps: equal maps have one id, so that what follows from a map is computed
 * once. A world sees some 5 to 10,000 distinct maps (of pods, and of topology choices).
 */
#ifndef WB_SOLVER_REQUIREMENT_SETS_H
#define WB_SOLVER_REQUIREMENT_SETS_H

#include "base/hash_map.h"
#include "solver/requirements.h"

typedef struct wb_requirement_sets {
    wb_arena *arena;       /* borrowed: where the maps live */
    wb_requirements *maps; /* by id; id 0 is the empty map */
    uint32_t count, capacity;
    wb_hash_map by_hash;  /* equal hashes sit in neighbouring keys */
    wb_hash_map by_value; /* of (key, value): the map {key In value} */
} wb_requirement_sets;

/* Starts with the empty map, id 0. */
void wb_requirement_sets_init(wb_requirement_sets *sets, wb_arena *arena);
void wb_requirement_sets_release(wb_requirement_sets *sets);

/* The id of a map, which is copied on first sight. */
uint32_t wb_requirement_sets_intern(wb_requirement_sets *sets, wb_requirements map);

/* The id of the map {key In value}, the most common topology choice. */
uint32_t wb_requirement_sets_of_value(wb_requirement_sets *sets, uint32_t key, uint32_t value);

static inline wb_requirements wb_requirement_sets_get(const wb_requirement_sets *sets, uint32_t id)
{
    return sets->maps[id];
}

#endif
