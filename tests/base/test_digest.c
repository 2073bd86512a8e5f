#include <string.h>

#include "base/digest.h"
#include "tests/harness.h"

static void check_text(const wb_digest *digest, const char *expected)
{
    char text[33];
    wb_digest_text(digest, text);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void pin_the_algorithm(void)
{
    /* XXH3 of nothing, from xxHash's own specification: no other algorithm gives these. */
    CU_ASSERT_EQUAL(wb_digest_hash64("", 0), UINT64_C(0x2d06800538d394c2));
    CU_ASSERT_EQUAL(wb_digest_hash64(NULL, 0), UINT64_C(0x2d06800538d394c2));
    wb_digest *digest = wb_digest_new();
    check_text(digest, "99aa06d3014798d86001c324468d497f");
    wb_digest_free(digest);
    wb_digest_free(NULL);
}

static void pin_the_fields(void)
{
    wb_digest *fields = wb_digest_new();
    wb_digest *bytes = wb_digest_new();
    wb_digest_add_int64(fields, -2);
    wb_digest_add_text(fields, "pod");
    wb_digest_add_bytes(bytes, "\xfe\xff\xff\xff\xff\xff\xff\xff\3\0\0\0\0\0\0\0pod", 19);
    char expected[33];
    wb_digest_text(bytes, expected);
    check_text(fields, expected);
    wb_digest_free(fields);
    wb_digest_free(bytes);
}

static void ignore_how_bytes_are_cut(void)
{
    char data[5000];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (char)(i * 7 + i / 256);
    }
    wb_digest *whole = wb_digest_new();
    wb_digest_add_bytes(whole, data, sizeof(data));
    char expected[33];
    wb_digest_text(whole, expected);
    wb_digest_free(whole);
    for (size_t step = 1; step < 700; step += 31) {
        wb_digest *cut = wb_digest_new();
        for (size_t at = 0; at < sizeof(data); at += step) {
            char ignored[33];
            wb_digest_add_bytes(cut, data + at,
                                at + step > sizeof(data) ? sizeof(data) - at : step);
            wb_digest_text(cut, ignored); /* asking in between changes nothing */
        }
        check_text(cut, expected);
        wb_digest_free(cut);
    }
}

static void keep_neighbours_apart(void)
{
    wb_digest *a = wb_digest_new();
    wb_digest *b = wb_digest_new();
    wb_digest_add_text(a, "ab");
    wb_digest_add_text(a, "c");
    wb_digest_add_text(b, "a");
    wb_digest_add_text(b, "bc");
    char text_a[33];
    char text_b[33];
    wb_digest_text(a, text_a);
    wb_digest_text(b, text_b);
    CU_ASSERT(strcmp(text_a, text_b) != 0);
    wb_digest_free(a);
    wb_digest_free(b);
}

static const wb_test_case cases[] = {
    {"the algorithm is XXH3", pin_the_algorithm},
    {"integers are little endian, texts carry their length", pin_the_fields},
    {"how bytes are cut into calls does not matter", ignore_how_bytes_are_cut},
    {"neighbouring texts stay apart", keep_neighbours_apart},
};

int main(void)
{
    return wb_test_run("digest", cases, WB_TEST_COUNT(cases));
}
