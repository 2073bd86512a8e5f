/* Text of any kind in a page, and pictures as data. */
#include <string.h>

#include "tests/harness.h"
#include "tools/report/html.h"

static const struct {
    const char *name, *text, *html;
} texts[] = {
    {"plain text stays", "pod web-1", "pod web-1"},
    {"markup is shown, not obeyed", "<script>alert('x')</script>",
     "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
    {"references are not read twice", "&lt;", "&amp;lt;"},
    {"quotes can't end an attribute", "a\" onload=\"b", "a&quot; onload=&quot;b"},
    {"letters of all tongues stay", "K\xC3\xBCste \xE2\x82\xAC", "K\xC3\xBCste \xE2\x82\xAC"},
    {"broken UTF-8 is replaced", "a\xFF\xC3z", "a\xEF\xBF\xBD\xEF\xBF\xBDz"},
    {"control characters go", "a\x01\x1B[1mb", "a[1mb"},
    {"nothing is nothing", "", ""},
};

static void escape(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(texts); i++) {
        wb_text out;
        wb_text_init(&out);
        wb_html_add_text(&out, texts[i].text);
        if (strcmp(wb_text_string(&out), texts[i].html) != 0) {
            printf("\n  %s: %s\n", texts[i].name, wb_text_string(&out));
        }
        CU_ASSERT_STRING_EQUAL(wb_text_string(&out), texts[i].html);
        wb_text_release(&out);
    }
}

static void encode(void)
{
    static const char *const rows[][2] = {
        {"M", "TQ=="}, {"Ma", "TWE="}, {"Man", "TWFu"}, {"\xFB\xFF\xFE", "+//+"}};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_text svg;
        wb_text out;
        char expected[160];
        wb_text_init(&svg);
        wb_text_init(&out);
        wb_text_add_string(&svg, rows[i][0]);
        wb_html_add_picture(&out, &svg, "a \"b\"", "c");
        (void)snprintf(expected, sizeof expected,
                       "<figure><img alt=\"a &quot;b&quot;\" src=\"data:image/svg+xml;base64,%s\">"
                       "<figcaption>c</figcaption></figure>\n",
                       rows[i][1]);
        CU_ASSERT_STRING_EQUAL(wb_text_string(&out), expected);
        wb_text_release(&svg);
        wb_text_release(&out);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"text is escaped", escape},
        {"pictures are base64 of their bytes", encode},
    };
    return wb_test_run("html", cases, WB_TEST_COUNT(cases));
}
