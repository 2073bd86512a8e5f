/* UTF-8 against the definition: every code point, and every sequence of up to three bytes. */
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "tests/harness.h"

static void read_back_every_code_point(void)
{
    size_t wrong = 0;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        if (code >= 0xd800 && code <= 0xdfff) {
            continue;
        }
        char bytes[4];
        const size_t length = wb_utf8_encode(code, bytes);
        const size_t expected = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        wrong += length != expected || wb_utf8_sequence_length(bytes, length) != length ||
                 (length > 1 && wb_utf8_sequence_length(bytes, length - 1) != 0);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* Decodes by the bit patterns alone, then asks whether the shortest form was used. */
static size_t length_by_definition(const unsigned char *b, size_t length)
{
    static const struct {
        unsigned mask, lead, count;
    } forms[] = {{0x80, 0x00, 1}, {0xe0, 0xc0, 2}, {0xf0, 0xe0, 3}, {0xf8, 0xf0, 4}};
    for (size_t f = 0; f < WB_TEST_COUNT(forms); f++) {
        if ((b[0] & forms[f].mask) != forms[f].lead || forms[f].count > length) {
            continue;
        }
        uint32_t code = b[0] & ~forms[f].mask & 0xffU;
        for (size_t i = 1; i < forms[f].count; i++) {
            if ((b[i] & 0xc0) != 0x80) {
                return 0;
            }
            code = code << 6 | (b[i] & 0x3fU);
        }
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        const bool is_valid =
            code >= least[forms[f].count] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        return is_valid ? forms[f].count : 0;
    }
    return 0;
}

static void judge_every_short_sequence(void)
{
    size_t wrong = 0;
    for (uint32_t bits = 0; bits < 1U << 24; bits++) {
        const unsigned char bytes[4] = {(unsigned char)(bits >> 16), (unsigned char)(bits >> 8),
                                        (unsigned char)bits, 0x80};
        wrong += wb_utf8_sequence_length((const char *)bytes, 4) != length_by_definition(bytes, 4);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void find_the_first_invalid_byte(void)
{
    char text[100];
    for (size_t at = 0; at < sizeof(text); at++) {
        memset(text, 'x', sizeof(text));
        CU_ASSERT_EQUAL(wb_utf8_find_invalid(text, sizeof(text)), sizeof(text));
        text[at] = (char)0xc3; /* needs another byte */
        CU_ASSERT_EQUAL(wb_utf8_find_invalid(text, sizeof(text)), at);
        if (at + 1 < sizeof(text)) {
            text[at + 1] = (char)0xa9;
            CU_ASSERT_EQUAL(wb_utf8_find_invalid(text, sizeof(text)), sizeof(text));
        }
    }
    CU_ASSERT_EQUAL(wb_utf8_find_invalid(NULL, 0), 0);
}

static const wb_test_case cases[] = {
    {"every code point is read back, and refused when cut", read_back_every_code_point},
    {"every sequence of three bytes is judged by the definition", judge_every_short_sequence},
    {"the first invalid byte is found at any offset", find_the_first_invalid_byte},
};

int main(void)
{
    return wb_test_run("utf8", cases, WB_TEST_COUNT(cases));
}
