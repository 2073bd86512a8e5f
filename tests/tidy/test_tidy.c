/* The style of the house, held against every file of the tree. */
#include <stdlib.h>

#include "tests/harness.h"
#include "tests/tidy/tidy_rule.h"
#include "tests/tidy/tidy_totals.h"
#include "tests/tidy/tidy_tree.h"

/* What the shipped code must reach as a whole. */
#define LONG_FUNCTION_PERCENT_MAX 3.0
#define COMMENT_PERCENT_MIN       20.0
#define ASSERTS_PER_1000_MIN      20.0

static wb_arena arena;
static wb_tidy_tree tree;

static void load_the_tree(void)
{
    const char *root = getenv("WERKBANK_SOURCE");
    wb_error err = {.text = "WERKBANK_SOURCE is not set"};
    wb_tidy_tree_init(&tree, &arena);
    if (root == NULL || wb_tidy_tree_load(&tree, root, &err) != WB_OK) {
        printf("%s\n", err.text);
        CU_FAIL_FATAL("the tree cannot be read");
    }
    CU_ASSERT(tree.count > 20);
}

static void keep_every_rule(void)
{
    wb_tidy_report report;
    wb_tidy_report_init(&report, &arena);
    wb_tidy_rule_run_all(&tree, &report);
    printf("\n");
    for (size_t i = 0; i < report.count; i++) {
        const wb_tidy_finding *finding = &report.findings[i];
        printf("%s:%u: %s: %s\n", finding->path, finding->line, finding->rule, finding->message);
    }
    for (size_t i = 0; i < wb_tidy_rule_count() && report.count > 0; i++) {
        const wb_tidy_rule *rule = wb_tidy_rule_at(i);
        const size_t count = wb_tidy_report_rule_count(&report, rule->name);
        if (count > 0) {
            printf("%6zu against %-16s %s\n", count, rule->name, rule->law);
        }
    }
    CU_ASSERT_EQUAL(report.count, 0);
}

static void print_totals(const char *name, const wb_tidy_totals *totals)
{
    printf("%s: %zu files, %zu lines, %zu functions of %u (median), %u (90 %%), %u (longest) "
           "lines, %.1f %% over %d; %.1f %% of lines commented; %.1f asserts per 1,000 lines\n",
           name, totals->file_count, totals->line_count, totals->function_count,
           totals->lines_median, totals->lines_p90, totals->lines_max,
           wb_tidy_totals_long_function_percent(totals), WB_TIDY_LONG_FUNCTION,
           wb_tidy_totals_comment_percent(totals), wb_tidy_totals_asserts_per_1000(totals));
}

static void reach_the_totals(void)
{
    wb_tidy_totals house;
    wb_tidy_totals tests;
    wb_tidy_totals_init(&house, &tree, false);
    wb_tidy_totals_init(&tests, &tree, true);
    printf("\n");
    print_totals("house", &house);
    print_totals("tests", &tests);
    CU_ASSERT(wb_tidy_totals_long_function_percent(&house) <= LONG_FUNCTION_PERCENT_MAX);
    CU_ASSERT(wb_tidy_totals_comment_percent(&house) >= COMMENT_PERCENT_MIN);
    CU_ASSERT(wb_tidy_totals_asserts_per_1000(&house) >= ASSERTS_PER_1000_MIN);
}

static const wb_test_case cases[] = {
    {"the tree can be read", load_the_tree},
    {"every file keeps every rule", keep_every_rule},
    {"the house as a whole has short functions, comments and asserts", reach_the_totals},
};

int main(void)
{
    wb_arena_init(&arena, "tidy", 0, NULL);
    const int status = wb_test_run("tidy", cases, WB_TEST_COUNT(cases));
    wb_arena_release(&arena);
    return status;
}
