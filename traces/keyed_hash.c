#include "traces/keyed_hash.h"

#include <assert.h>

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static void do_rounds(uint64_t v[4], int count)
{
    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

/* Little endian on any machine. */
static uint64_t load_word(const unsigned char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)bytes[i] << (8 * i);
    }
    return word;
}

uint64_t wb_keyed_hash_bytes(wb_keyed_hash_key key, const void *bytes, size_t length)
{
    assert(bytes != NULL);
    const unsigned char *at = bytes;
    uint64_t v[4] = {
        key.words[0] ^ UINT64_C(0x736f6d6570736575), /* "somepseudorandomlygeneratedbytes" */
        key.words[1] ^ UINT64_C(0x646f72616e646f6d),
        key.words[0] ^ UINT64_C(0x6c7967656e657261),
        key.words[1] ^ UINT64_C(0x7465646279746573),
    };
    for (size_t left = length; left >= 8; left -= 8, at += 8) {
        const uint64_t word = load_word(at, 8);
        v[3] ^= word;
        do_rounds(v, 2);
        v[0] ^= word;
    }
    const uint64_t last = load_word(at, length & 7) | (uint64_t)length << 56;
    v[3] ^= last;
    do_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    do_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

wb_keyed_hash_key wb_keyed_hash_key_of(const char *phrase, size_t length)
{
    const wb_keyed_hash_key first = {{1, 0}};
    const wb_keyed_hash_key second = {{2, 0}};
    return (wb_keyed_hash_key){
        {wb_keyed_hash_bytes(first, phrase, length), wb_keyed_hash_bytes(second, phrase, length)}};
}
