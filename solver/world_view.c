#include "solver/world_view.h"

#include <assert.h>

#include "base/heap_memory.h"
#include "solver/solver_world_internal.h"

wb_world_view_types wb_world_view_pool_types(const wb_solver_world *world, uint32_t pool_index)
{
    assert(pool_index < world->pool_count);
    return (wb_world_view_types){world->pools[pool_index].type_begin,
                                 world->pools[pool_index].type_end};
}

wb_requirements wb_world_view_type_requirements(const wb_solver_world *world, uint32_t type_index)
{
    assert(type_index < world->type_count);
    return world->types[type_index].requirements;
}

wb_requirements wb_world_view_pool_requirements(const wb_solver_world *world, uint32_t pool_index)
{
    assert(pool_index < world->pool_count);
    return world->pools[pool_index].requirements;
}

wb_resource_list wb_world_view_daemon_requests(wb_arena *arena, const wb_solver_world *world,
                                               uint32_t pool_index, uint32_t type_index)
{
    assert(pool_index < world->pool_count && type_index < world->type_count);
    const wb_world_pool *pool = &world->pools[pool_index];
    for (uint32_t g = 0; g < pool->group_count; g++) {
        if (wb_bitset_has(pool->groups[g].types, type_index)) {
            return wb_solver_world_list(world, arena, pool->groups[g].overhead,
                                        pool->groups[g].resource_count);
        }
    }
    return (wb_resource_list){0};
}

bool wb_world_view_has_offering(const wb_solver_world *world, uint32_t type_index,
                                wb_requirements requirements)
{
    assert(type_index < world->type_count);
    const wb_world_type *type = &world->types[type_index];
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_world_offering *offering = &world->offerings[type->first_offering + i];
        if (offering->now.is_available &&
            wb_requirements_compatible(world->intern, requirements, offering->requirements,
                                       WB_UNDEFINED_WELL_KNOWN, NULL) == WB_COMPATIBLE) {
            return true;
        }
    }
    return false;
}

uint32_t wb_world_view_value_count(const wb_solver_world *world, const uint64_t *types,
                                   uint32_t key)
{
    assert(types != NULL && key != 0);
    uint64_t *seen =
        wb_heap_memory_zalloc(wb_bitset_word_count(world->intern->count), sizeof(*seen));
    uint32_t count = 0;
    for (size_t t = wb_bitset_next(types, world->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(types, world->word_count, t + 1)) {
        const wb_requirement *of_type = wb_requirements_get(world->types[t].requirements, key);
        for (uint32_t i = 0; of_type != NULL && !of_type->is_complement && i < of_type->value_count;
             i++) {
            count += !wb_bitset_has(seen, of_type->values[i]);
            wb_bitset_add(seen, of_type->values[i]);
        }
    }
    wb_heap_memory_free(seen);
    return count;
}
