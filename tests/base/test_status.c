#include <errno.h>
#include <string.h>

#include "base/status.h"
#include "tests/harness.h"

static void fill_the_error(void)
{
    wb_error err = {WB_OK, ""};
    CU_ASSERT_EQUAL(wb_fail(&err, WB_ERR_LIMIT, "%d of %s", 3, "pods"), WB_ERR_LIMIT);
    CU_ASSERT_EQUAL(err.status, WB_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(err.text, "3 of pods");
}

static void allow_no_error(void)
{
    CU_ASSERT_EQUAL(wb_fail(NULL, WB_ERR_IO, "%s", "x"), WB_ERR_IO);
}

static void wrap_its_own_text(void)
{
    wb_error err = {WB_OK, ""};
    (void)wb_fail(&err, WB_ERR_INPUT, "inner");
    (void)wb_fail(&err, WB_ERR_INPUT, "outer: %s", err.text);
    CU_ASSERT_STRING_EQUAL(err.text, "outer: inner");
}

static void cut_a_long_text(void)
{
    wb_error err = {WB_OK, ""};
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)wb_fail(&err, WB_ERR_INPUT, "%s", text);
    CU_ASSERT_EQUAL(strlen(err.text), sizeof(err.text) - 1);
}

static void stay_on_one_line(void)
{
    wb_error err = {WB_OK, ""};
    (void)wb_fail(&err, WB_ERR_INPUT, "unknown key '%s'", "a\nb\x1b[31m\x7f\xc3\xa9");
    CU_ASSERT_STRING_EQUAL(err.text, "unknown key 'a b [31m \xc3\xa9'");
}

static void name_path_and_reason(void)
{
    wb_error err = {WB_OK, ""};
    CU_ASSERT_EQUAL(wb_fail_io(&err, "a/b", "open", ENOENT), WB_ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "a/b: cannot open: No such file or directory");
}

static wb_status try_three(wb_status second, int *reached)
{
    *reached = 1;
    WB_TRY(WB_OK);
    *reached = 2;
    WB_TRY(second);
    *reached = 3;
    return WB_OK;
}

static void stop_at_the_first_failure(void)
{
    int reached = 0;
    CU_ASSERT_EQUAL(try_three(WB_ERR_IO, &reached), WB_ERR_IO);
    CU_ASSERT_EQUAL(reached, 2);
    CU_ASSERT_EQUAL(try_three(WB_OK, &reached), WB_OK);
    CU_ASSERT_EQUAL(reached, 3);
}

static const wb_test_case cases[] = {
    {"a failure fills status and text", fill_the_error},
    {"no error struct is needed", allow_no_error},
    {"an error may be wrapped into itself", wrap_its_own_text},
    {"a text beyond the room is cut", cut_a_long_text},
    {"what a message quotes cannot break its line", stay_on_one_line},
    {"a system error names path and reason", name_path_and_reason},
    {"WB_TRY returns the first failure", stop_at_the_first_failure},
};

int main(void)
{
    return wb_test_run("status", cases, WB_TEST_COUNT(cases));
}
