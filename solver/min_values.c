#include "solver/min_values.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"

/* Distinct values under key over the types, counting stops at enough. Values number some 1,000 at
 * most (instance types), 3 to 150 as a rule (zones, families). */
static uint32_t count_values(const wb_solver_world *world, const uint64_t *types, uint32_t key,
                             uint32_t enough)
{
    uint64_t *seen = wb_heap_memory_zalloc(wb_bitset_word_count(world->intern->count), 8);
    uint32_t count = 0;
    for (size_t t = wb_bitset_next(types, world->word_count, 0); t != SIZE_MAX && count < enough;
         t = wb_bitset_next(types, world->word_count, t + 1)) {
        const wb_requirement *of_type = wb_requirements_get(world->types[t].requirements, key);
        if (of_type == NULL || of_type->is_complement) {
            continue; /* only plain sets contribute */
        }
        for (uint32_t i = 0; i < of_type->value_count; i++) {
            const uint32_t value = of_type->values[i];
            count += !wb_bitset_has(seen, value);
            wb_bitset_add(seen, value);
        }
    }
    wb_heap_memory_free(seen);
    return count;
}

bool wb_min_values_satisfied(const wb_solver_world *world, wb_requirements requirements,
                             const uint64_t *types)
{
    assert(world != NULL);
    if (wb_bitset_is_empty(types, world->word_count)) {
        return true;
    }
    for (uint32_t i = 0; i < requirements.count; i++) {
        const wb_requirement *one = &requirements.items[i];
        const uint32_t needed = one->min_values > 0 ? (uint32_t)one->min_values : 0;
        if (needed > 0 && count_values(world, types, one->key, needed) < needed) {
            return false;
        }
    }
    return true;
}

wb_requirements wb_min_values_relax(const wb_solver_world *world, wb_arena *arena,
                                    wb_requirements requirements, const uint64_t *types,
                                    bool *out_changed)
{
    assert(world != NULL && arena != NULL);
    *out_changed = false;
    if (wb_bitset_is_empty(types, world->word_count)) {
        return requirements;
    }
    for (uint32_t i = 0; i < requirements.count; i++) {
        wb_requirement one = requirements.items[i];
        const uint32_t needed = one.min_values > 0 ? (uint32_t)one.min_values : 0;
        if (needed == 0) {
            continue;
        }
        const uint32_t available = count_values(world, types, one.key, needed);
        if (available < needed) {
            one.min_values = (int32_t)available;
            requirements = wb_requirements_set(arena, requirements, &one);
            *out_changed = true;
        }
    }
    return requirements;
}
