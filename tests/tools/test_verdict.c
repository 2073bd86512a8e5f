/* Runs by contender, and the sentences that come of them. */
#include <string.h>

#include "tests/harness.h"
#include "tools/report/verdict.h"

#define RUN(name, seed_, usd, p99)                                                  \
    {                                                                               \
        .contender = name, .seed = (seed_), .cost_nusd = (usd)*INT64_C(1000000000), \
        .pod_latency_ms_p99 = (p99)                                                 \
    }

static const struct {
    const char *name;
    wb_run_figures runs[6];
    uint32_t count;
    const char *verdict;
} rows[] = {
    {"a single contender is not compared", {RUN("a", 1, 10, 1000)}, 1, ""},
    {"more and longer",
     {RUN("a", 1, 100, 1000), RUN("b", 1, 125, 3500)},
     2,
     "b costs 25.0 % more than a; its p99 pod latency is 2.5 s longer\n"},
    {"less and shorter",
     {RUN("a", 1, 100, 1000), RUN("b", 1, 50, 500)},
     2,
     "b costs 50.0 % less than a; its p99 pod latency is 0.5 s shorter\n"},
    {"equal",
     {RUN("a", 1, 100, 1000), RUN("b", 1, 100, 1000)},
     2,
     "b costs the same as a; its p99 pod latency is the same\n"},
    {"seeds are paired, in whatever order they come",
     {RUN("a", 1, 100, 1000), RUN("a", 2, 300, 1000), RUN("b", 2, 270, 2000),
      RUN("b", 1, 90, 2000)},
     4,
     "b does not differ in cost from a beyond chance (-10.0 % ± 63.5 %); its p99 pod latency is "
     "1.0 s ± 0.0 s longer (2 seeds, 95 % confidence)\n"},
    {"a run recorded again replaces",
     {RUN("a", 1, 100, 1000), RUN("b", 1, 999, 9999), RUN("b", 1, 110, 1000)},
     3,
     "b costs 10.0 % more than a; its p99 pod latency is the same\n"},
    {"no seed in common",
     {RUN("a", 1, 100, 1000), RUN("b", 2, 110, 1000)},
     2,
     "b cannot be compared with a in cost\n"},
    {"pods left behind are said",
     {RUN("a", 1, 100, 1000),
      {.contender = "b",
       .seed = 1,
       .cost_nusd = INT64_C(50000000000),
       .pods_unscheduled = 4,
       .pod_latency_ms_p99 = 1000}},
     2,
     "b costs 50.0 % less than a; its p99 pod latency is the same; 4 of its pods never ran, 0 of "
     "a's\n"},
};

static void table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_arena arena;
        wb_arena_init(&arena, "test", 0, NULL);
        wb_text out;
        wb_text_init(&out);
        const wb_run_groups groups = wb_run_groups_make(rows[i].runs, rows[i].count, &arena);
        const wb_run_group *baseline = wb_run_groups_find(&groups, "a");
        CU_ASSERT_PTR_NOT_NULL_FATAL(baseline);
        CU_ASSERT_PTR_NULL(wb_run_groups_find(&groups, "nobody"));
        wb_verdict_add(&groups, baseline, &out);
        if (strcmp(wb_text_string(&out), rows[i].verdict) != 0) {
            printf("\n  %s: %s", rows[i].name, wb_text_string(&out));
        }
        CU_ASSERT_STRING_EQUAL(wb_text_string(&out), rows[i].verdict);
        wb_text_release(&out);
        wb_arena_release(&arena);
    }
}

static void mean_of_seeds(void)
{
    const wb_run_figures runs[] = {RUN("a", 1, 100, 1000), RUN("a", 2, 301, 1001)};
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    const wb_run_groups groups = wb_run_groups_make(runs, 2, &arena);
    CU_ASSERT_EQUAL(groups.count, 1);
    CU_ASSERT_EQUAL(groups.items[0].run_count, 2);
    CU_ASSERT_EQUAL(groups.items[0].mean.cost_nusd, INT64_C(200500000000));
    CU_ASSERT_EQUAL(groups.items[0].mean.pod_latency_ms_p99, 1001); /* halves go up */
    wb_arena_release(&arena);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"each comparison gets its sentence", table},
        {"several seeds of a contender become their mean", mean_of_seeds},
    };
    return wb_test_run("verdict", cases, WB_TEST_COUNT(cases));
}
