/* Spelling of keys, values and names, as apimachinery's validation judges it. */
#include <string.h>

#include "kube/syntax.h"
#include "tests/harness.h"

#define LETTERS_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *text;
    bool as_key, as_value, as_subdomain, as_label;
} cases[] = {
    /* text, qualified name, label value, DNS subdomain, DNS label */
    {"a", true, true, true, true},
    {"", false, true, false, false},
    {"a-b", true, true, true, true},
    {"A_b.c", true, true, false, false},
    {"a.b", true, true, true, false},
    {"a..b", true, true, false, false},
    {"-a", false, false, false, false},
    {"a-", false, false, false, false},
    {"1", true, true, true, true},
    {"a b", false, false, false, false},
    {"a/b", true, false, false, false},
    {"example.com/a", true, false, false, false},
    {"Example.com/a", false, false, false, false},
    {"/a", false, false, false, false},
    {"a/", false, false, false, false},
    {"a/b/c", false, false, false, false},
    {"a\xc3\xa9", false, false, false, false},
    {LETTERS_63, true, true, true, true},
    {LETTERS_63 "a", false, false, true, false},
    {"x.com/" LETTERS_63 "a", false, false, false, false},
};

static void spelling_is_judged_by_use(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        const char *text = cases[i].text;
        if ((wb_syntax_check_qualified_name(text) == NULL) != cases[i].as_key ||
            (wb_syntax_check_label_value(text) == NULL) != cases[i].as_value ||
            (wb_syntax_check_dns_subdomain(text) == NULL) != cases[i].as_subdomain ||
            (wb_syntax_check_dns_label(text) == NULL) != cases[i].as_label) {
            printf("\n'%s'\n", text);
            CU_FAIL("judged wrongly");
        }
    }
}

static const struct {
    const char *text;
    bool is_integer;
    int64_t value;
} integers[] = {
    {"0", true, 0},
    {"-5", true, -5},
    {"+7", true, 7},
    {"007", true, 7},
    {"9223372036854775807", true, INT64_MAX},
    {"9223372036854775808", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {" 1", false, 0},
    {"1.0", false, 0},
    {"1e3", false, 0},
    {"0x10", false, 0},
};

static void integers_are_plain_decimals(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(integers); i++) {
        int64_t value = 0;
        CU_ASSERT_EQUAL(wb_syntax_parse_int64(integers[i].text, &value), integers[i].is_integer);
        CU_ASSERT_EQUAL(value, integers[i].value);
    }
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"spelling is judged by use", spelling_is_judged_by_use},
        {"integers are plain decimals", integers_are_plain_decimals},
    };
    return wb_test_run("syntax", tests, WB_TEST_COUNT(tests));
}
