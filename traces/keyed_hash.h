/*
 * A hash that nobody can recompute without its key: SipHash-2-4 (Aumasson and Bernstein, 2012), 64
 * bits. For names that must not be told but must stay equal where they were equal.
 */
#ifndef WB_TRACES_KEYED_HASH_H
#define WB_TRACES_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct wb_keyed_hash_key {
    uint64_t words[2];
} wb_keyed_hash_key;

/* A key from a pass phrase of any length: its two halves are hashes of it. A short phrase can be
 * guessed, whatever the hash. */
wb_keyed_hash_key wb_keyed_hash_key_of(const char *phrase, size_t length);

/* The hash of length bytes; the same on every machine. */
uint64_t wb_keyed_hash_bytes(wb_keyed_hash_key key, const void *bytes, size_t length);

#endif
