#include "traces/trace_series.h"

#include <assert.h>
#include <string.h>

/* What a hostile trace sums up to beyond 2^63 shows as the largest number. */
static int64_t add_saturated(int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

static void double_width(wb_trace_series *series)
{
    for (uint32_t i = 0; i < WB_TRACE_SERIES_BINS / 2; i++) {
        series->sums[i] =
            add_saturated(series->sums[2 * (size_t)i], series->sums[2 * (size_t)i + 1]);
    }
    memset(series->sums + WB_TRACE_SERIES_BINS / 2, 0, sizeof series->sums / 2);
    series->width_ms *= 2;
}

void wb_trace_series_reach(wb_trace_series *series, int64_t end_ms)
{
    assert(series != NULL && end_ms >= 0 && end_ms < INT64_MAX / 4);
    series->width_ms = series->width_ms == 0 ? 1 : series->width_ms;
    while (end_ms / series->width_ms >= WB_TRACE_SERIES_BINS) {
        double_width(series);
    }
}

void wb_trace_series_add(wb_trace_series *series, int64_t at_ms, int64_t amount)
{
    wb_trace_series_reach(series, at_ms);
    int64_t *sum = &series->sums[at_ms / series->width_ms];
    *sum = add_saturated(*sum, amount);
}

uint32_t wb_trace_series_bin_count(const wb_trace_series *series, int64_t at_ms)
{
    assert(series != NULL && at_ms >= 0);
    if (series->width_ms == 0) {
        return 0;
    }
    const int64_t bin = at_ms / series->width_ms;
    return bin >= WB_TRACE_SERIES_BINS ? WB_TRACE_SERIES_BINS : (uint32_t)bin + 1;
}

int64_t wb_trace_series_running_peak(const wb_trace_series *series, int64_t end_ms)
{
    int64_t peak = 0;
    int64_t sum = 0;
    for (uint32_t i = 0; i < wb_trace_series_bin_count(series, end_ms); i++) {
        sum = add_saturated(sum, series->sums[i]);
        peak = sum > peak ? sum : peak;
    }
    return peak;
}
