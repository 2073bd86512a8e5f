#include "traces/trace_histogram.h"

#include <assert.h>
#include <stddef.h>

/* Below 16 a bucket per value; above, the three bits behind the leading one choose among eight. */
static uint32_t bucket_of(int64_t value)
{
    assert(value >= 0);
    if (value < 16) {
        return (uint32_t)value;
    }
    const uint32_t exponent = 63 - (uint32_t)__builtin_clzll((uint64_t)value);
    const uint32_t step = (uint32_t)((uint64_t)value >> (exponent - 3)) & 7U;
    return (exponent - 2) * 8 + step;
}

int64_t wb_trace_histogram_bucket_start(uint32_t bucket)
{
    assert(bucket < WB_TRACE_HISTOGRAM_BUCKETS);
    if (bucket < 16) {
        return bucket;
    }
    const uint32_t exponent = bucket / 8 + 2;
    return (int64_t)((uint64_t)(8 + bucket % 8) << (exponent - 3));
}

void wb_trace_histogram_add(wb_trace_histogram *histogram, int64_t value, uint64_t count)
{
    assert(histogram != NULL);
    const uint32_t bucket = bucket_of(value);
    assert(bucket < WB_TRACE_HISTOGRAM_BUCKETS);
    if (histogram->count == 0 || value < histogram->minimum) {
        histogram->minimum = value;
    }
    if (histogram->count == 0 || value > histogram->maximum) {
        histogram->maximum = value;
    }
    int64_t added = 0;
    if (__builtin_mul_overflow(value, count, &added) ||
        __builtin_add_overflow(histogram->sums[bucket], added, &histogram->sums[bucket])) {
        histogram->sums[bucket] = INT64_MAX;
    }
    histogram->counts[bucket] += count;
    histogram->count += count;
}

int64_t wb_trace_histogram_quantile(const wb_trace_histogram *histogram, double quantile)
{
    assert(histogram != NULL && quantile >= 0 && quantile <= 1);
    const double wanted = quantile * (double)histogram->count;
    uint64_t below = 0;
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS && histogram->count > 0; i++) {
        below += histogram->counts[i];
        if (histogram->counts[i] > 0 && (double)below >= wanted) {
            return (int64_t)((uint64_t)histogram->sums[i] / histogram->counts[i]);
        }
    }
    return histogram->maximum;
}

uint64_t wb_trace_histogram_count_between(const wb_trace_histogram *histogram, int64_t from,
                                          int64_t to)
{
    assert(histogram != NULL && from <= to);
    uint64_t count = 0;
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS; i++) {
        const int64_t start = wb_trace_histogram_bucket_start(i);
        count += start >= from && start < to ? histogram->counts[i] : 0;
    }
    return count;
}
