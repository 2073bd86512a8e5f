/*
 * UTF-8 by the table of RFC 3629. Nearly all text that we read is ASCII, so callers skip that by
 * the word and come here for the rest.
 */
#include "base/utf8.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* RFC 3629 section 4: only the second byte has a range that depends on the first. The narrow ones
 * keep out overlong forms (e0, f0), surrogates (ed) and what lies beyond U+10FFFF (f4). */
static const struct {
    unsigned char first_low, first_high, second_low, second_high, length;
} forms[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool is_in(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

/* Whether bytes from the third on all continue a sequence of length bytes. */
static bool continues(const unsigned char *bytes, size_t length)
{
    for (size_t i = 2; i < length; i++) {
        if (!is_in(bytes[i], 0x80, 0xbf)) {
            return false;
        }
    }
    return true;
}

size_t wb_utf8_sequence_length(const char *text, size_t length)
{
    assert(text != NULL || length == 0);
    if (length == 0) {
        return 0;
    }
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (is_in(bytes[0], forms[i].first_low, forms[i].first_high)) {
            const bool is_valid = length >= forms[i].length &&
                                  is_in(bytes[1], forms[i].second_low, forms[i].second_high) &&
                                  continues(bytes, forms[i].length);
            return is_valid ? forms[i].length : 0;
        }
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
