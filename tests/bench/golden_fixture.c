#include "tests/bench/golden_fixture.h"

#include "tests/harness.h"

const char *wb_golden_fixture_folder(const char *name)
{
    static char folder[1024];
    const char *shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("no folder of golden vectors (WERKBANK_SHARED)");
    }
    (void)snprintf(folder, sizeof(folder), "%s/golden/%s", shared, name);
    return folder;
}

static void print_line(void *context, const char *line)
{
    (void)context;
    printf("\n    %.600s", line);
}

void wb_golden_fixture_run(const char *folder, wb_cases_options options, wb_cases_report *out)
{
    const char *const paths[] = {folder};
    wb_error err = {0};
    options.paths = paths;
    options.path_count = 1;
    options.on_line = print_line;
    CU_ASSERT_EQUAL(wb_cases_run(&options, out, &err), WB_OK);
    if (err.text[0] != 0) {
        print_line(NULL, err.text);
    }
}

void wb_golden_fixture_pass(const char *folder, wb_cases_options options, size_t least_count)
{
    wb_cases_report report = {0};
    wb_golden_fixture_run(folder, options, &report);
    CU_ASSERT_EQUAL(report.failed, 0);
    CU_ASSERT(report.passed >= least_count);
    printf("\n    %zu passed, %zu failed", report.passed, report.failed);
}
