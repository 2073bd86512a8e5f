#include "solver/requirement_sets.h"

#include <assert.h>

void wb_requirement_sets_init(wb_requirement_sets *sets, wb_arena *arena)
{
    assert(sets != NULL);
    assert(arena != NULL);
    *sets = (wb_requirement_sets){.arena = arena, .count = 1, .capacity = 16};
    sets->maps = WB_ARENA_ARRAY(arena, wb_requirements, sets->capacity);
    wb_hash_map_init(&sets->by_hash);
    wb_hash_map_init(&sets->by_value);
}

void wb_requirement_sets_release(wb_requirement_sets *sets)
{
    assert(sets != NULL);
    wb_hash_map_release(&sets->by_hash);
    wb_hash_map_release(&sets->by_value);
}

uint32_t wb_requirement_sets_intern(wb_requirement_sets *sets, wb_requirements map)
{
    if (map.count == 0) {
        return 0;
    }
    uint64_t key = wb_requirements_hash(map);
    uint64_t found = 0;
    for (; wb_hash_map_get(&sets->by_hash, key, &found); key++) {
        assert(found < sets->count);
        if (wb_requirements_equals(sets->maps[found], map)) {
            return (uint32_t)found;
        }
    }
    if (sets->count == sets->capacity) {
        const uint32_t capacity = sets->capacity * 2;
        sets->maps =
            wb_arena_grow(sets->arena, sets->maps, sets->count, capacity, sizeof(*sets->maps));
        sets->capacity = capacity;
    }
    sets->maps[sets->count] = wb_requirements_copy(sets->arena, map);
    (void)wb_hash_map_put(&sets->by_hash, key, sets->count);
    return sets->count++;
}

uint32_t wb_requirement_sets_of_value(wb_requirement_sets *sets, uint32_t key, uint32_t value)
{
    assert(sets != NULL);
    const uint64_t pair = (uint64_t)key << 32 | value;
    uint64_t found = 0;
    if (wb_hash_map_get(&sets->by_value, pair, &found)) {
        return (uint32_t)found;
    }
    const wb_requirement one = {.key = key, .values = &value, .value_count = 1};
    const uint32_t id =
        wb_requirement_sets_intern(sets, (wb_requirements){.items = &one, .count = 1});
    (void)wb_hash_map_put(&sets->by_value, pair, id);
    return id;
}
