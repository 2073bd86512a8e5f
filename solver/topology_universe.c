#include "solver/topology_universe.h"

#include <assert.h>
#include <string.h>

static void insert_domain(wb_solver_world *world, wb_world_universe *universe, uint32_t value,
                          uint32_t pool_index)
{
    assert(world != NULL && universe != NULL);
    const char *text = wb_intern_text(world->intern, value);
    uint32_t slot = universe->count;
    for (uint32_t i = 0; i < universe->count; i++) {
        if (universe->domains[i].value == value) {
            wb_bitset_add(universe->domains[i].pools, pool_index);
            return;
        }
        if (slot == universe->count &&
            strcmp(text, wb_intern_text(world->intern, universe->domains[i].value)) < 0) {
            slot = i;
        }
    }
    if (universe->count == universe->capacity) {
        const uint32_t capacity = universe->capacity * 2 + 8;
        universe->domains = wb_arena_grow(world->arena, universe->domains, universe->count,
                                          capacity, sizeof(*universe->domains));
        universe->capacity = capacity;
    }
    memmove(universe->domains + slot + 1, universe->domains + slot,
            (universe->count - slot) * sizeof(*universe->domains));
    universe->domains[slot] = (wb_world_domain){
        .value = value,
        .pools = WB_ARENA_ARRAY(world->arena, uint64_t, wb_bitset_word_count(world->pool_count)),
    };
    wb_bitset_add(universe->domains[slot].pools, pool_index);
    universe->count++;
}

/* What a pool alone can give: only what it lists with In. */
static void insert_given(wb_solver_world *world, wb_world_universe *universe, uint32_t pool_index,
                         const wb_requirement *given)
{
    assert(world != NULL && universe != NULL);
    for (uint32_t i = 0; given != NULL && !given->is_complement && i < given->value_count; i++) {
        insert_domain(world, universe, given->values[i], pool_index);
    }
}

/* Values of (pool and type); of a complement the excluded ones, which is upstream's quirk. */
static void insert_of_type(wb_solver_world *world, wb_world_universe *universe, uint32_t pool_index,
                           const wb_requirement *given, const wb_requirement *of_type)
{
    assert(world != NULL && universe != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(world->arena);
    wb_requirement both = {0};
    if (given != NULL && of_type != NULL) {
        both = wb_requirement_intersect(world->arena, world->intern, given, of_type);
    } else if (given != NULL || of_type != NULL) {
        both = given != NULL ? *given : *of_type;
    }
    uint32_t *values = wb_arena_alloc(world->arena, both.value_count * sizeof(*values));
    uint32_t count = 0;
    for (uint32_t i = 0; i < both.value_count; i++) {
        bool is_known = false; /* nearly always: types repeat each other's zones */
        for (uint32_t d = 0; d < universe->count && !is_known; d++) {
            is_known = universe->domains[d].value == both.values[i] &&
                       wb_bitset_has(universe->domains[d].pools, pool_index);
        }
        if (!is_known) {
            values[count++] = both.values[i];
        }
    }
    if (count == 0) {
        wb_arena_rewind(world->arena, mark);
    }
    for (uint32_t i = 0; i < count; i++) {
        insert_domain(world, universe, values[i], pool_index);
    }
}

const wb_world_universe *wb_topology_universe_get(wb_solver_world *world, uint32_t key)
{
    assert(world != NULL);
    assert(key != 0);
    for (uint32_t i = 0; i < world->universe_count; i++) {
        if (world->universes[i]->key == key) {
            return world->universes[i];
        }
    }
    wb_world_universe *universe = WB_ARENA_NEW(world->arena, wb_world_universe);
    universe->key = key;
    for (uint32_t p = 0; p < world->pool_count; p++) {
        const wb_world_pool *pool = &world->pools[p];
        const wb_requirement *given = wb_requirements_get(pool->given, key);
        for (uint32_t t = pool->type_begin; t < pool->type_end; t++) {
            insert_of_type(world, universe, p, given,
                           wb_requirements_get(world->types[t].requirements, key));
        }
        insert_given(world, universe, p, given);
    }
    world->universes = wb_arena_grow(world->arena, world->universes, world->universe_count,
                                     world->universe_count + 1, sizeof(wb_world_universe *));
    world->universes[world->universe_count++] = universe;
    return universe;
}
