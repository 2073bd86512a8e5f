/* Histograms and series against plain counting; the statistics of a trace made by hand. */
#include <string.h>

#include "base/random.h"
#include "traces/trace_histogram.h"
#include "traces/trace_series.h"
#include "tests/harness.h"

/* Buckets follow each other without gaps up to the largest number. */
static void place_every_value(void)
{
    for (uint32_t i = 0; i + 1 < WB_TRACE_HISTOGRAM_BUCKETS; i++) {
        wb_trace_histogram histogram = {.count = 0};
        const int64_t start = wb_trace_histogram_bucket_start(i);
        const int64_t next = wb_trace_histogram_bucket_start(i + 1);
        CU_ASSERT_FATAL(start < next);
        wb_trace_histogram_add(&histogram, start, 1);
        wb_trace_histogram_add(&histogram, next - 1, 1);
        CU_ASSERT_EQUAL(histogram.counts[i], 2);
        CU_ASSERT(next - start <= start / 8 + 1); /* 12.5 % */
    }
    wb_trace_histogram histogram = {.count = 0};
    wb_trace_histogram_add(&histogram, INT64_MAX, 3);
    CU_ASSERT_EQUAL(histogram.counts[WB_TRACE_HISTOGRAM_BUCKETS - 1], 3);
    CU_ASSERT_EQUAL(histogram.maximum, INT64_MAX);
}

static void tell_quantiles(void)
{
    wb_trace_histogram histogram = {.count = 0};
    CU_ASSERT_EQUAL(wb_trace_histogram_quantile(&histogram, 0.5), 0);
    wb_trace_histogram_add(&histogram, 500, 60);
    wb_trace_histogram_add(&histogram, 2000, 39);
    wb_trace_histogram_add(&histogram, 120200, 1);
    CU_ASSERT_EQUAL(wb_trace_histogram_quantile(&histogram, 0), 500);
    CU_ASSERT_EQUAL(wb_trace_histogram_quantile(&histogram, 0.5), 500);
    CU_ASSERT_EQUAL(wb_trace_histogram_quantile(&histogram, 0.9), 2000);
    CU_ASSERT_EQUAL(wb_trace_histogram_quantile(&histogram, 0.99), 2000);
    CU_ASSERT_EQUAL(wb_trace_histogram_quantile(&histogram, 1), 120200);
    CU_ASSERT_EQUAL(wb_trace_histogram_count_between(&histogram, 0, 1024), 60);
    CU_ASSERT_EQUAL(wb_trace_histogram_count_between(&histogram, 1024, INT64_MAX), 40);
}

/* Random amounts at random times, wide ones first or last, against one bin of each width. */
static void keep_sums_while_widths_double(void)
{
    for (uint64_t round = 0; round < 20; round++) {
        static wb_trace_series series;
        static int64_t times[500];
        static int64_t amounts[500];
        memset(&series, 0, sizeof series);
        for (uint64_t i = 0; i < 500; i++) {
            const wb_random_key key = {round, WB_RANDOM_TEST, i};
            times[i] = (int64_t)wb_random_below(key, 0, UINT64_C(1) << (2 * round));
            amounts[i] = (int64_t)wb_random_below(key, 1, 100) - 50;
            wb_trace_series_add(&series, times[i], amounts[i]);
        }
        int64_t expected_peak = 0;
        int64_t sum = 0;
        for (uint32_t bin = 0; bin < WB_TRACE_SERIES_BINS; bin++) {
            int64_t expected = 0;
            for (size_t i = 0; i < 500; i++) {
                expected += times[i] / series.width_ms == bin ? amounts[i] : 0;
            }
            CU_ASSERT_EQUAL(series.sums[bin], expected);
            sum += expected;
            expected_peak = sum > expected_peak ? sum : expected_peak;
        }
        const int64_t end_ms = series.width_ms * WB_TRACE_SERIES_BINS - 1;
        CU_ASSERT_EQUAL(wb_trace_series_running_peak(&series, end_ms), expected_peak);
        CU_ASSERT_EQUAL(wb_trace_series_bin_count(&series, end_ms), WB_TRACE_SERIES_BINS);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"every value has its bucket", place_every_value},
        {"quantiles", tell_quantiles},
        {"series whose bins double", keep_sums_while_widths_double},
    };
    return wb_test_run("trace statistics", cases, WB_TEST_COUNT(cases));
}
