#include "base/utf8.h"

#include <assert.h>
#include <string.h>

static int is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t wb_utf8_sequence_length(const char *text, size_t length)
{
    assert(text != NULL || length == 0);
    const unsigned char *b = (const unsigned char *)text;
    if (length == 0) {
        return 0;
    }
    if (b[0] < 0x80) {
        return 1;
    }
    /* RFC 3629 section 4: only the second byte has ranges that depend on the first. */
    if (b[0] >= 0xc2 && b[0] <= 0xdf) {
        return length >= 2 && is_continuation(b[1]) ? 2 : 0;
    }
    if (b[0] >= 0xe0 && b[0] <= 0xef) {
        const unsigned low = b[0] == 0xe0 ? 0xa0 : 0x80;
        const unsigned high = b[0] == 0xed ? 0x9f : 0xbf;
        return length >= 3 && b[1] >= low && b[1] <= high && is_continuation(b[2]) ? 3 : 0;
    }
    if (b[0] >= 0xf0 && b[0] <= 0xf4) {
        const unsigned low = b[0] == 0xf0 ? 0x90 : 0x80;
        const unsigned high = b[0] == 0xf4 ? 0x8f : 0xbf;
        return length >= 4 && b[1] >= low && b[1] <= high && is_continuation(b[2]) &&
                       is_continuation(b[3])
                   ? 4
                   : 0;
    }
    return 0;
}

size_t wb_utf8_find_invalid(const char *text, size_t length)
{
    assert(text != NULL || length == 0);
    size_t at = 0;
    while (at < length) {
        /* Eight bytes of ASCII at a time: manifests and traces hold little else. */
        uint64_t word = 0;
        if (length - at >= sizeof(word)) {
            memcpy(&word, text + at, sizeof(word));
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof(word);
                continue;
            }
        }
        const size_t step = wb_utf8_sequence_length(text + at, length - at);
        if (step == 0) {
            return at;
        }
        at += step;
    }
    return length;
}

size_t wb_utf8_encode(uint32_t code_point, char out[4])
{
    assert(code_point <= 0x10ffff);
    assert(code_point < 0xd800 || code_point > 0xdfff);
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | (code_point >> 6));
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | (code_point >> 12));
        out[1] = (char)(0x80 | ((code_point >> 6) & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (code_point >> 18));
    out[1] = (char)(0x80 | ((code_point >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((code_point >> 6) & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}
