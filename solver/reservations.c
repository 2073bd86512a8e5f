#include "solver/reservations.h"

#include <assert.h>

static uint32_t find_id(const wb_reservations *reservations, uint32_t id)
{
    uint32_t index = 0;
    while (index < reservations->count && reservations->ids[index] != id) {
        index++;
    }
    return index;
}

wb_reservations wb_reservations_start(wb_arena *arena, const wb_solver_world *world)
{
    assert(arena != NULL && world != NULL);
    wb_reservations made = {0};
    const uint32_t room = world->reserved_count;
    if (room == 0 || world->reserved_capacity_off) {
        return made;
    }
    made.ids = WB_ARENA_ARRAY(arena, uint32_t, room);
    made.left = WB_ARENA_ARRAY(arena, int32_t, room);
    for (uint32_t i = 0; i < room; i++) {
        const wb_offering *offering = &world->offerings[world->reserved_offerings[i]].now;
        const uint32_t index = find_id(&made, offering->reservation_id);
        if (index == made.count) {
            made.ids[made.count] = offering->reservation_id;
            made.left[made.count++] = offering->reservation_count;
        } else if (offering->reservation_count < made.left[index]) {
            made.left[index] = offering->reservation_count;
        }
    }
    return made;
}

static bool holds(wb_reservation_set set, uint32_t index)
{
    for (uint32_t i = 0; i < set.count; i++) {
        if (set.indices[i] == index) {
            return true;
        }
    }
    return false;
}

/* Adds index to an ascending list, once. */
static uint32_t insert_index(uint32_t *indices, uint32_t count, uint32_t index)
{
    uint32_t slot = count;
    while (slot > 0 && indices[slot - 1] >= index) {
        if (indices[slot - 1] == index) {
            return count;
        }
        slot--;
    }
    for (uint32_t i = count; i > slot; i--) {
        indices[i] = indices[i - 1];
    }
    indices[slot] = index;
    return count + 1;
}

wb_reservation_answer wb_reservations_choose(const wb_reservations *reservations, wb_arena *arena,
                                             const wb_solver_world *world,
                                             const wb_reservation_query *query,
                                             wb_reservation_set *out)
{
    assert(reservations != NULL && arena != NULL && world != NULL && query != NULL);
    *out = (wb_reservation_set){0};
    if (reservations->count == 0) {
        return WB_RESERVATION_FINE;
    }
    uint32_t *indices = WB_ARENA_ARRAY(arena, uint32_t, reservations->count + 1);
    bool some_is_compatible = false;
    for (size_t t = wb_bitset_next(query->types, world->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(query->types, world->word_count, t + 1)) {
        const wb_world_type *type = &world->types[t];
        for (uint32_t i = 0; i < type->offering_count; i++) {
            const wb_world_offering *offering = &world->offerings[type->first_offering + i];
            if (offering->now.capacity_type != WB_CAPACITY_RESERVED ||
                !offering->now.is_available ||
                wb_requirements_compatible(world->intern, query->requirements,
                                           offering->requirements, WB_UNDEFINED_WELL_KNOWN,
                                           NULL) != WB_COMPATIBLE) {
                continue;
            }
            some_is_compatible = true;
            const uint32_t index = find_id(reservations, offering->now.reservation_id);
            if (holds(query->held, index) || reservations->left[index] > 0) {
                out->count = insert_index(indices, out->count, index);
            }
        }
    }
    out->indices = indices;
    if (out->count > 0) {
        return WB_RESERVATION_FINE;
    }
    return some_is_compatible      ? WB_RESERVATION_ALL_TAKEN
           : query->held.count > 0 ? WB_RESERVATION_WOULD_LOSE
                                   : WB_RESERVATION_FINE;
}

void wb_reservations_exchange(wb_reservations *reservations, wb_reservation_set before,
                              wb_reservation_set after)
{
    for (uint32_t i = 0; i < before.count; i++) {
        reservations->left[before.indices[i]] += !holds(after, before.indices[i]);
    }
    for (uint32_t i = 0; i < after.count; i++) {
        if (!holds(before, after.indices[i])) {
            assert(reservations->left[after.indices[i]] > 0);
            reservations->left[after.indices[i]]--;
        }
    }
}
