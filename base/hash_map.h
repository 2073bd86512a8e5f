/*
 * 64-bit key to 64-bit value, open addressing. Offers no iteration, so that hash order can never
 * decide anything: whoever needs order keeps an array beside it.
 *
 * A key that is a pair is joined first; a value is an id or an index into the caller's array:
 *
 *     uint64_t row = 0;
 *     if (!wb_hash_map_get(&map, wb_hash_map_join(pod_shape, node_shape), &row)) {
 *         row = append_row(table, pod_shape, node_shape);
 *         wb_hash_map_put(&map, wb_hash_map_join(pod_shape, node_shape), row);
 *     }
 *
 * A joined key stands for its pair only as far as 64 bits go: compare the row where a collision
 * would matter.
 */
#ifndef WB_BASE_HASH_MAP_H
#define WB_BASE_HASH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wb_hash_map {
    uint64_t *keys;   /* owned */
    uint64_t *values; /* owned */
    uint8_t *states;  /* owned: 0 empty, 1 used, 2 removed */
    size_t slot_count, used_count, removed_count;
} wb_hash_map;

/* Starts empty, without memory. */
void wb_hash_map_init(wb_hash_map *map);

/* Frees the slots; map is then as after init. */
void wb_hash_map_release(wb_hash_map *map);

/* Forgets all keys but keeps the slots: for maps that are filled again and again. */
void wb_hash_map_clear(wb_hash_map *map);

/* Sets key's value; true when the key was not there before. */
bool wb_hash_map_put(wb_hash_map *map, uint64_t key, uint64_t value);

/* Moves key's value to *out; false, and *out untouched, when it is not there. */
bool wb_hash_map_get(const wb_hash_map *map, uint64_t key, uint64_t *out);

/* False when it was not there. */
bool wb_hash_map_remove(wb_hash_map *map, uint64_t key);

/* Spreads a 64-bit value (splitmix64's finaliser), and joins two into one. */
uint64_t wb_hash_map_mix(uint64_t value);
uint64_t wb_hash_map_join(uint64_t a, uint64_t b);

#endif
