/*
 * Fingerprints (not security): a streamed 128-bit XXH3 over fields written one by one, never over
 * raw structs with padding. Used for input hashes and for the digest of all that a run recorded.
 */
#ifndef WB_BASE_DIGEST_H
#define WB_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

typedef struct wb_digest wb_digest;

/* A new empty digest, owned by the caller. */
wb_digest *wb_digest_new(void);
/* NULL is allowed. */
void wb_digest_free(wb_digest *digest);

/* Adds size bytes; how they are cut into calls does not matter. */
void wb_digest_add_bytes(wb_digest *digest, const void *bytes, size_t size);
/* Adds eight bytes, little endian on any machine. */
void wb_digest_add_int64(wb_digest *digest, int64_t value);

/* Adds the length (as by add_int64) and then the bytes, so that neighbouring texts stay apart. */
void wb_digest_add_text(wb_digest *digest, const char *text);

/* 32 lower-case hexadecimal digits of what was added so far; more may be added after. */
void wb_digest_text(const wb_digest *digest, char out[33]);

/* One-shot 64-bit hash of bytes, the same on every machine and for ever. */
uint64_t wb_digest_hash64(const void *bytes, size_t size);

#endif
