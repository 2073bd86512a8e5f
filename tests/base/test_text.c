#include <string.h>

#include "base/text.h"
#include "tests/harness.h"

static const struct {
    const char *name, *input, *json, *csv;
} escape_rows[] = {
    {"plain text", "pod-1", "\"pod-1\"", "pod-1"},
    {"nothing", "", "\"\"", ""},
    {"a quote", "a\"b", "\"a\\\"b\"", "\"a\"\"b\""},
    {"a backslash", "a\\b", "\"a\\\\b\"", "a\\b"},
    {"a comma", "a,b", "\"a,b\"", "\"a,b\""},
    {"line ends", "a\nb\r", "\"a\\nb\\r\"", "\"a\nb\r\""},
    {"a tab", "\t", "\"\\t\"", "\t"},
    {"a control character", "\x01", "\"\\u0001\"", "\x01"},
    {"delete", "\x7f", "\"\x7f\"", "\x7f"},
    {"two bytes of UTF-8", "\xc3\xa9", "\"\xc3\xa9\"", "\xc3\xa9"},
    {"four bytes of UTF-8", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80"},
    {"a broken byte",
     "a\xff"
     "b",
     "\"a\xef\xbf\xbd"
     "b\"",
     "a\xff"
     "b"},
    {"a cut sequence", "\xc3", "\"\xef\xbf\xbd\"", "\xc3"},
    {"only quotes", "\"\"", "\"\\\"\\\"\"", "\"\"\"\"\"\""},
};

static void escape(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(escape_rows); i++) {
        wb_text text;
        wb_text_init(&text);
        wb_text_add_json_string(&text, escape_rows[i].input);
        CU_ASSERT_STRING_EQUAL(wb_text_string(&text), escape_rows[i].json);
        wb_text_clear(&text);
        wb_text_add_csv_field(&text, escape_rows[i].input);
        CU_ASSERT_STRING_EQUAL(wb_text_string(&text), escape_rows[i].csv);
        wb_text_release(&text);
    }
}

static void be_empty_at_first(void)
{
    wb_text text;
    wb_text_init(&text);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&text), "");
    wb_text_clear(&text);
    wb_text_add(&text, NULL, 0);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&text), "");
    wb_text_release(&text);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&text), "");
}

static void grow_piece_by_piece(void)
{
    wb_text text;
    wb_text_init(&text);
    char expected[6000] = "";
    size_t length = 0;
    for (int i = 0; i < 1000; i++) {
        wb_text_add_format(&text, "%d,", i);
        length += (size_t)snprintf(expected + length, sizeof(expected) - length, "%d,", i);
    }
    CU_ASSERT_EQUAL(text.length, length);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&text), expected);
    wb_text_release(&text);
}

static void format_beyond_the_room(void)
{
    char long_text[500];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "<%s>", long_text);
    CU_ASSERT_EQUAL(text.length, sizeof(long_text) + 1);
    CU_ASSERT_EQUAL(wb_text_string(&text)[500], '>');
    wb_text_release(&text);
}

static void carry_zero_bytes(void)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_json_bytes(&text, "a\0b", 3);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&text), "\"a\\u0000b\"");
    wb_text_release(&text);
}

static const wb_test_case cases[] = {
    {"strings are escaped for JSON and CSV", escape},
    {"a text is empty before anything is added", be_empty_at_first},
    {"a text grows piece by piece", grow_piece_by_piece},
    {"a format longer than the room is printed whole", format_beyond_the_room},
    {"zero bytes become escapes", carry_zero_bytes},
};

int main(void)
{
    return wb_test_run("text", cases, WB_TEST_COUNT(cases));
}
