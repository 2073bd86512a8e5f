/* Paired differences: mean and interval against hand-made ones, and what one pair may claim. */
#include <stdbool.h>

#include "bench/paired.h"
#include "tests/harness.h"

static const struct {
    const char *name;
    double values[5], baselines[5];
    uint32_t count;
    double mean, half_width;
    bool is_significant;
} rows[] = {
    {"one pair is taken at its word", {7}, {5}, 1, 2.0, 0.0, true},
    {"one pair of equals shows nothing", {5}, {5}, 1, 0.0, 0.0, false},
    /* differences 1 2 3 4 5: deviation sqrt(2.5), t(4) = 2.776, 2.776 * sqrt(2.5 / 5) */
    {"five pairs", {11, 22, 33, 44, 55}, {10, 20, 30, 40, 50}, 5, 3.0, 1.96293, true},
    /* differences -1 and 3: deviation sqrt(8), t(1) = 12.706, 12.706 * sqrt(8 / 2) */
    {"two that disagree", {9, 23}, {10, 20}, 2, 1.0, 25.412, false},
    {"the weather common to both drops out",
     {1001, 2001, 7001},
     {1000, 2000, 7000},
     3,
     1.0,
     0.0,
     true},
    {"cheaper is negative", {1, 1, 1}, {2, 2, 2}, 3, -1.0, 0.0, true},
};

static void table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        const wb_paired got =
            wb_paired_differences(rows[i].values, rows[i].baselines, rows[i].count);
        const bool is_right = got.count == rows[i].count && got.mean - rows[i].mean < 1e-9 &&
                              rows[i].mean - got.mean < 1e-9 &&
                              got.half_width - rows[i].half_width < 1e-4 &&
                              rows[i].half_width - got.half_width < 1e-4 &&
                              wb_paired_is_significant(&got) == rows[i].is_significant;
        if (!is_right) {
            printf("\n  %s: %f ± %f\n", rows[i].name, got.mean, got.half_width);
        }
        CU_ASSERT(is_right);
    }
}

/* More pairs of the same spread narrow the interval, across all steps of the quantile's table. */
static void more_pairs_tell_more(void)
{
    double values[1200];
    double baselines[1200] = {0};
    for (uint32_t i = 0; i < WB_TEST_COUNT(values); i++) {
        values[i] = i % 2 == 0 ? 1.0 : -1.0;
    }
    double last = 1e9;
    for (uint32_t count = 2; count <= WB_TEST_COUNT(values); count += 2) {
        const wb_paired got = wb_paired_differences(values, baselines, count);
        CU_ASSERT(got.half_width > 0.0 && got.half_width < last);
        last = got.half_width;
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"mean, interval and claim are those of the table", table},
        {"more pairs narrow the interval", more_pairs_tell_more},
    };
    return wb_test_run("paired", cases, WB_TEST_COUNT(cases));
}
