/*
 * XXH3 of 128 bits, streamed: some 10 GB/s, so that hashing all that a run records costs nothing
 * beside recording it. It guards against change, not against malice. The library's results are
 * fixed by its specification since 0.8.0, and the test pins them.
 */
#include "base/digest.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/heap_memory.h"

#define STATE_BYTES 576 /* of the library's state, for the message of a refusal */

struct wb_digest {
    XXH3_state_t *state; /* owned; asks for an alignment of 64 that only its library gives */
};

wb_digest *wb_digest_new(void)
{
    wb_digest *digest = wb_heap_memory_zalloc(1, sizeof(*digest));
    digest->state = XXH3_createState();
    if (digest->state == NULL) {
        wb_heap_memory_refuse(STATE_BYTES);
    }
    const XXH_errorcode reset = XXH3_128bits_reset(digest->state);
    assert(reset == XXH_OK);
    (void)reset;
    return digest;
}

void wb_digest_free(wb_digest *digest)
{
    if (digest != NULL) {
        (void)XXH3_freeState(digest->state);
        wb_heap_memory_free(digest);
    }
}

void wb_digest_add_bytes(wb_digest *digest, const void *bytes, size_t size)
{
    assert(digest != NULL);
    assert(bytes != NULL || size == 0);
    if (size > 0) {
        const XXH_errorcode added = XXH3_128bits_update(digest->state, bytes, size);
        assert(added == XXH_OK);
        (void)added;
    }
}

void wb_digest_add_int64(wb_digest *digest, int64_t value)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)(((uint64_t)value >> (8 * i)) & 0xff);
    }
    wb_digest_add_bytes(digest, bytes, sizeof(bytes));
}

void wb_digest_add_text(wb_digest *digest, const char *text)
{
    assert(text != NULL);
    /* Without the length ("ab", "c") and ("a", "bc") would have one digest. */
    const size_t length = strlen(text);
    wb_digest_add_int64(digest, (int64_t)length);
    wb_digest_add_bytes(digest, text, length);
}

void wb_digest_text(const wb_digest *digest, char out[33])
{
    assert(digest != NULL);
    assert(out != NULL);
    const XXH128_hash_t hash = XXH3_128bits_digest(digest->state);
    (void)snprintf(out, 33, "%016llx%016llx", (unsigned long long)hash.high64,
                   (unsigned long long)hash.low64);
}

uint64_t wb_digest_hash64(const void *bytes, size_t size)
{
    assert(bytes != NULL || size == 0);
    return XXH3_64bits(bytes, size);
}
