/*
 * Open addressing with linear probing.
 *
 * Who uses it: the solver for pairs of ids, the cluster for uids, the traces for names that were
 * hashed before; from a few keys to a million, looked up ten times as often as changed. Three
 * arrays and not one of structs: a search reads states and keys only, and a state is one byte.
 *
 *     states  | used | empty | removed | used | ...
 *     keys    |  17  |   ?   |    ?    |  99  | ...     a search from 17's slot passes removed ones
 *     values  |  ..  |   ?   |    ?    |  ..  | ...     and ends at the first empty one
 *
 * Keys go through mix() first, so that ids which count up, or differ in high bits only, spread. A
 * map built from hostile keys degrades to a list; keys that users choose are interned before, and
 * their ids are ours.
 */
#include "base/hash_map.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"

enum {
    SLOT_EMPTY,
    SLOT_USED,
    SLOT_REMOVED
};

/* Linear probing; at most three quarters of the slots are not empty, so that a search ends. */
static const size_t least_slot_count = 16;

uint64_t wb_hash_map_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t wb_hash_map_join(uint64_t a, uint64_t b)
{
    /* The golden ratio keeps join(0, 0) off zero and join(a, b) apart from join(b, a). */
    return wb_hash_map_mix(wb_hash_map_mix(a + UINT64_C(0x9e3779b97f4a7c15)) + b);
}

/* The slot that holds key, else the one where it should go: the first removed one on the way, or
 * the empty one that ended the search. */
static size_t find_slot(const wb_hash_map *map, uint64_t key)
{
    assert(map->slot_count > 0);
    assert(map->used_count + map->removed_count < map->slot_count);
    const size_t mask = map->slot_count - 1;
    size_t reusable = SIZE_MAX;
    size_t slot = (size_t)wb_hash_map_mix(key) & mask;
    while (map->states[slot] != SLOT_EMPTY) {
        if (map->states[slot] == SLOT_USED && map->keys[slot] == key) {
            return slot;
        }
        if (map->states[slot] == SLOT_REMOVED && reusable == SIZE_MAX) {
            reusable = slot;
        }
        slot = (slot + 1) & mask;
    }
    return reusable != SIZE_MAX ? reusable : slot;
}

/* Keys and values need no zeroing: states says which of them mean something. */
static void allocate_slots(wb_hash_map *map, size_t slot_count)
{
    assert(slot_count >= least_slot_count);
    assert((slot_count & (slot_count - 1)) == 0);
    *map = (wb_hash_map){
        .keys = wb_heap_memory_alloc(slot_count, sizeof(*map->keys)),
        .values = wb_heap_memory_alloc(slot_count, sizeof(*map->values)),
        .states = wb_heap_memory_zalloc(slot_count, sizeof(*map->states)),
        .slot_count = slot_count,
    };
}

/* Makes room for one more. Also sweeps removed marks out: a map that is filled and emptied again
 * and again keeps its size. */
static void make_room(wb_hash_map *map)
{
    if ((map->used_count + map->removed_count + 1) * 4 <= map->slot_count * 3) {
        return;
    }
    size_t slot_count = map->slot_count == 0 ? least_slot_count : map->slot_count;
    while ((map->used_count + 1) * 2 > slot_count) {
        slot_count *= 2;
    }
    wb_hash_map old = *map;
    allocate_slots(map, slot_count);
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.states[i] == SLOT_USED) {
            const size_t slot = find_slot(map, old.keys[i]);
            map->keys[slot] = old.keys[i];
            map->values[slot] = old.values[i];
            map->states[slot] = SLOT_USED;
            map->used_count++;
        }
    }
    assert(map->used_count == old.used_count);
    wb_hash_map_release(&old);
}

void wb_hash_map_init(wb_hash_map *map)
{
    assert(map != NULL);
    *map = (wb_hash_map){0};
}

void wb_hash_map_release(wb_hash_map *map)
{
    assert(map != NULL);
    wb_heap_memory_free(map->keys);
    wb_heap_memory_free(map->values);
    wb_heap_memory_free(map->states);
    *map = (wb_hash_map){0};
}

void wb_hash_map_clear(wb_hash_map *map)
{
    assert(map != NULL);
    if (map->slot_count > 0) {
        memset(map->states, SLOT_EMPTY, map->slot_count);
    }
    map->used_count = 0;
    map->removed_count = 0;
}

/* Makes room first, since growing moves all slots: a slot found before would be stale. */
bool wb_hash_map_put(wb_hash_map *map, uint64_t key, uint64_t value)
{
    assert(map != NULL);
    make_room(map);
    const size_t slot = find_slot(map, key);
    const bool is_new = map->states[slot] != SLOT_USED;
    if (is_new) {
        map->removed_count -= map->states[slot] == SLOT_REMOVED ? 1U : 0U;
        map->used_count++;
    }
    map->keys[slot] = key;
    map->values[slot] = value;
    map->states[slot] = SLOT_USED;
    return is_new;
}

bool wb_hash_map_get(const wb_hash_map *map, uint64_t key, uint64_t *out)
{
    assert(map != NULL);
    assert(out != NULL);
    if (map->used_count == 0) {
        return false;
    }
    const size_t slot = find_slot(map, key);
    if (map->states[slot] != SLOT_USED) {
        return false;
    }
    *out = map->values[slot];
    return true;
}

/* Leaves a mark and not an empty slot: searches for keys that were pushed past this one must go
 * on. */
bool wb_hash_map_remove(wb_hash_map *map, uint64_t key)
{
    assert(map != NULL);
    if (map->used_count == 0) {
        return false;
    }
    const size_t slot = find_slot(map, key);
    if (map->states[slot] != SLOT_USED) {
        return false;
    }
    map->states[slot] = SLOT_REMOVED;
    map->used_count--;
    map->removed_count++;
    return true;
}
