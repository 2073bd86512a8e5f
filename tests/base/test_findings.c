#include <string.h>

#include "base/findings.h"
#include "tests/harness.h"

static wb_arena arena;

static const struct {
    const char *name;
    wb_position position;
    const char *path, *text;
} place_rows[] = {
    {"all parts", {"p.yaml", 14, 7}, "spec.limits", "p.yaml:14:7: spec.limits: wrong"},
    {"no path", {"p.yaml", 14, 7}, NULL, "p.yaml:14:7: wrong"},
    {"an empty path", {"p.yaml", 14, 7}, "", "p.yaml:14:7: wrong"},
    {"no column", {"p.csv", 14, 0}, "cpu", "p.csv:14: cpu: wrong"},
    {"no line", {"p.csv", 0, 0}, "cpu", "p.csv: cpu: wrong"},
    {"no file", {NULL, 0, 0}, "--seed", "--seed: wrong"},
    {"nothing known", {NULL, 0, 0}, NULL, "wrong"},
};

static void print_the_place(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(place_rows); i++) {
        wb_findings findings;
        wb_findings_init(&findings, &arena, false);
        wb_findings_add(&findings, WB_SEVERITY_ERROR, place_rows[i].position, place_rows[i].path,
                        "%s", "wrong");
        CU_ASSERT_EQUAL(findings.error_count, 1);
        CU_ASSERT_STRING_EQUAL(findings.errors[0].text, place_rows[i].text);
        wb_error err;
        CU_ASSERT_EQUAL(wb_findings_status(&findings, &err), WB_ERR_INPUT);
        CU_ASSERT_STRING_EQUAL(err.text, place_rows[i].text);
    }
}

static void add_errors(wb_findings *findings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, (wb_position){NULL, 0, 0}, NULL, "error %zu",
                        i);
    }
}

static void keep_twenty_errors(void)
{
    wb_findings findings;
    wb_error err;
    wb_findings_init(&findings, &arena, true);
    CU_ASSERT_TRUE(findings.strict);
    CU_ASSERT_EQUAL(wb_findings_status(&findings, &err), WB_OK);
    add_errors(&findings, WB_FINDINGS_MAX - 1);
    CU_ASSERT_FALSE(wb_findings_is_full(&findings));
    add_errors(&findings, 3);
    CU_ASSERT_TRUE(wb_findings_is_full(&findings));
    CU_ASSERT_EQUAL(findings.error_count, WB_FINDINGS_MAX);
    CU_ASSERT_EQUAL(findings.dropped_count, 2);
    CU_ASSERT_EQUAL(wb_findings_status(&findings, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "error 0 (and 21 more)");
}

static void keep_all_warnings(void)
{
    wb_findings findings;
    wb_findings_init(&findings, &arena, false);
    for (int i = 0; i < 1000; i++) {
        wb_findings_add(&findings, WB_SEVERITY_WARNING, (wb_position){"f", 1, 1}, NULL, "w%d", i);
    }
    CU_ASSERT_EQUAL(findings.warning_count, 1000);
    CU_ASSERT_STRING_EQUAL(findings.warnings[999].text, "f:1:1: w999");
    CU_ASSERT_EQUAL(wb_findings_status(&findings, NULL), WB_OK);
}

static void cut_long_texts(void)
{
    char text[3000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    wb_findings findings;
    wb_error err;
    wb_findings_init(&findings, &arena, false);
    wb_findings_add(&findings, WB_SEVERITY_ERROR, (wb_position){text, 1, 1}, text, "%s", text);
    add_errors(&findings, 1);
    CU_ASSERT_EQUAL(strlen(findings.errors[0].text), 1023);
    CU_ASSERT_EQUAL(wb_findings_status(&findings, &err), WB_ERR_INPUT);
    CU_ASSERT(strstr(err.text, " (and 1 more)") != NULL);
}

static const wb_test_case cases[] = {
    {"a finding names the place as far as it is known", print_the_place},
    {"twenty errors are kept, the rest is counted", keep_twenty_errors},
    {"all warnings are kept and fail nothing", keep_all_warnings},
    {"long texts are cut, the count of others stays", cut_long_texts},
};

int main(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    const int result = wb_test_run("findings", cases, WB_TEST_COUNT(cases));
    wb_arena_release(&arena);
    return result;
}
