/* MessagePack to JSON: every type, and input that lies. */
#include <stdbool.h>
#include <string.h>

#include "base/heap_memory.h"
#include "traces/msgpack.h"
#include "tests/harness.h"

static const struct {
    const char *name;
    const char *bytes;
    size_t length;
    const char *json;
} value_cases[] = {
#define ROW(name, bytes, json)               \
    {                                        \
        name, bytes, sizeof(bytes) - 1, json \
    }
    ROW("the smallest positive fixint", "\x00", "0"),
    ROW("the largest positive fixint", "\x7f", "127"),
    ROW("the largest negative fixint", "\xff", "-1"),
    ROW("the smallest negative fixint", "\xe0", "-32"),
    ROW("nil", "\xc0", "null"),
    ROW("false", "\xc2", "false"),
    ROW("true", "\xc3", "true"),
    ROW("8 bits", "\xcc\xff", "255"),
    ROW("16 bits", "\xcd\xff\xfe", "65534"),
    ROW("32 bits", "\xce\xff\xff\xff\xff", "4294967295"),
    ROW("64 bits keep every digit", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
    ROW("a hash beyond 2^53", "\xcf\x00\x20\x00\x00\x00\x00\x00\x01", "9007199254740993"),
    ROW("signed 8 bits", "\xd0\x80", "-128"),
    ROW("signed 16 bits", "\xd1\x80\x00", "-32768"),
    ROW("signed 32 bits", "\xd2\x80\x00\x00\x00", "-2147483648"),
    ROW("signed 64 bits", "\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "-9223372036854775808"),
    ROW("signed and positive", "\xd1\x7f\xff", "32767"),
    ROW("a float", "\xca\x3f\xc0\x00\x00", "1.5"),
    ROW("a double", "\xcb\xc0\x04\x00\x00\x00\x00\x00\x00", "-2.5"),
    ROW("an empty string", "\xa0", "\"\""),
    ROW("a fixstr",
        "\xa3"
        "abc",
        "\"abc\""),
    ROW("a str8",
        "\xd9\x02"
        "a\"",
        "\"a\\\"\""),
    ROW("a str16",
        "\xda\x00\x01"
        "\n",
        "\"\\n\""),
    ROW("a str32 with a zero byte",
        "\xdb\x00\x00\x00\x03"
        "a\0b",
        "\"a\\u0000b\""),
    ROW("bytes that are no UTF-8", "\xa1\xff", "\"\xef\xbf\xbd\""),
    ROW("binary data is null",
        "\xc4\x02"
        "ab",
        "null"),
    ROW("binary data of 16 bits",
        "\xc5\x00\x01"
        "a",
        "null"),
    ROW("an extension is null",
        "\xc7\x01\x05"
        "x",
        "null"),
    ROW("an empty list", "\x90", "[]"),
    ROW("a list",
        "\x93\x01\xc0\xa1"
        "x",
        "[1,null,\"x\"]"),
    ROW("the longest fixarray", "\x9f\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01",
        "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"),
    ROW("a list of 16 bits", "\xdc\x00\x02\x01\x02", "[1,2]"),
    ROW("a list of 32 bits", "\xdd\x00\x00\x00\x01\x90", "[[]]"),
    ROW("an empty map", "\x80", "{}"),
    ROW("a map",
        "\x82\xa1"
        "a\x01\xa1"
        "b\x80",
        "{\"a\":1,\"b\":{}}"),
    ROW("a map of 16 bits",
        "\xde\x00\x01\xa1"
        "a\x01",
        "{\"a\":1}"),
    ROW("a map of 32 bits",
        "\xdf\x00\x00\x00\x01\xa1"
        "a\x01",
        "{\"a\":1}"),
    ROW("SimKube's key of two strings",
        "\x81\x92\xa2"
        "v1\xa3"
        "a/b\x01",
        "{\"v1|a/b\":1}"),
    ROW("a hash as a key", "\x81\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xc0",
        "{\"18446744073709551615\":null}"),
    ROW("a comma in a key of one string stays",
        "\x81\xa3"
        "a,b\x01",
        "{\"a,b\":1}"),
#undef ROW
};

static void convert_every_type(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(value_cases); i++) {
        wb_text out;
        wb_error err = {0};
        wb_text_init(&out);
        const wb_status status = wb_msgpack_to_json((const unsigned char *)value_cases[i].bytes,
                                                    value_cases[i].length, &out, &err);
        const bool is_same =
            status == WB_OK && strcmp(wb_text_string(&out), value_cases[i].json) == 0;
        if (!is_same) {
            printf("\n  %s: %s %s\n", value_cases[i].name, wb_text_string(&out), err.text);
        }
        CU_ASSERT(is_same);
        wb_text_release(&out);
    }
}

/* Cut anywhere, a value is refused, and the message says where. */
static void refuse_values_that_are_cut(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(value_cases); i++) {
        for (size_t length = 0; length < value_cases[i].length; length++) {
            /* a copy of that size, so that a sanitizer sees a read beyond it */
            unsigned char *bytes = wb_heap_memory_alloc(length + 1, 1);
            memcpy(bytes, value_cases[i].bytes, length);
            wb_text out;
            wb_error err = {0};
            wb_text_init(&out);
            CU_ASSERT_EQUAL(wb_msgpack_to_json(bytes, length, &out, &err), WB_ERR_INPUT);
            CU_ASSERT(strncmp(err.text, "byte ", 5) == 0);
            wb_text_release(&out);
            wb_heap_memory_free(bytes);
        }
    }
}

static const struct {
    const char *name;
    const char *bytes;
    size_t length;
    const char *message;
} bad_cases[] = {
#define ROW(name, bytes, message)               \
    {                                           \
        name, bytes, sizeof(bytes) - 1, message \
    }
    ROW("nothing at all", "", "byte 0: the data ends in the middle of a value"),
    ROW("two values", "\x01\x02", "byte 1: data behind the end of the value"),
    ROW("a string of 4 GiB",
        "\xdb\xff\xff\xff\xff"
        "a",
        "byte 5: a length runs past the end of the data"),
    ROW("a list of 4 G", "\xdd\xff\xff\xff\xff\x01", "byte 5: an array is longer than the data"),
    ROW("a map of 4 G", "\xdf\xff\xff\xff\xff\x01\x01", "byte 5: a map is longer than the data"),
    ROW("a map of two in three bytes", "\x82\x01\x01\x01", "byte 1: a map is longer than the data"),
    ROW("an extension of 4 GiB", "\xc9\xff\xff\xff\xff\x01",
        "byte 5: a length runs past the end of the data"),
    ROW("the type that is never used", "\xc1", "byte 0: a type that traces do not use"),
    ROW("a fixed extension", "\x91\xd4\x01\x01", "byte 1: a type that traces do not use"),
    ROW("not a number", "\xca\x7f\xc0\x00\x00", "byte 1: a number that is not finite"),
    ROW("infinity", "\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", "byte 1: a number that is not finite"),
    ROW("a map as a key", "\x81\x81\x01\x02\x03", "byte 1: a map as a key of a map"),
    ROW("a map in a list as a key", "\x81\x91\x80\x03", "byte 2: a map as a key of a map"),
#undef ROW
};

static void refuse_lies(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        wb_text out;
        wb_error err = {0};
        wb_text_init(&out);
        const wb_status status = wb_msgpack_to_json((const unsigned char *)bad_cases[i].bytes,
                                                    bad_cases[i].length, &out, &err);
        if (strcmp(err.text, bad_cases[i].message) != 0) {
            printf("\n  %s: %s\n", bad_cases[i].name, err.text);
        }
        CU_ASSERT_EQUAL(status, WB_ERR_INPUT);
        CU_ASSERT_STRING_EQUAL(err.text, bad_cases[i].message);
        wb_text_release(&out);
    }
}

/* 100 lists in one another are converted, 101 are not; a million do not overflow the stack. */
static void bound_the_nesting(void)
{
    static unsigned char bytes[1000000];
    memset(bytes, 0x91, sizeof bytes);
    wb_text out;
    wb_error err = {0};
    wb_text_init(&out);
    bytes[100] = 0x01;
    CU_ASSERT_EQUAL(wb_msgpack_to_json(bytes, 101, &out, &err), WB_OK);
    bytes[100] = 0x91;
    bytes[101] = 0x01;
    CU_ASSERT_EQUAL(wb_msgpack_to_json(bytes, 102, &out, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "byte 101: nested deeper than 100 levels");
    CU_ASSERT_EQUAL(wb_msgpack_to_json(bytes, sizeof bytes, &out, &err), WB_ERR_INPUT);
    wb_text_release(&out);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"every type becomes the nearest JSON", convert_every_type},
        {"a value cut anywhere is refused", refuse_values_that_are_cut},
        {"lies are refused with their place", refuse_lies},
        {"nesting is bounded", bound_the_nesting},
    };
    return wb_test_run("msgpack", cases, WB_TEST_COUNT(cases));
}
