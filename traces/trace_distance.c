#include "traces/trace_distance.h"

#include <assert.h>

static const struct {
    const char *name, *unit;
} measures[WB_TRACE_MEASURE_COUNT] = {
    [WB_TRACE_MEASURE_GAP] = {"inter-arrival time", "ms"},
    [WB_TRACE_MEASURE_CPU] = {"CPU request", "mCPU"},
    [WB_TRACE_MEASURE_MEMORY] = {"memory request", "MiB"},
    [WB_TRACE_MEASURE_LIFETIME] = {"lifetime", "s"},
    [WB_TRACE_MEASURE_PODS] = {"pods there", "pods"},
    [WB_TRACE_MEASURE_CPUS_IN_USE] = {"CPUs asked for", "mCPU"},
};

const char *wb_trace_distance_name(wb_trace_measure measure)
{
    assert(measure < WB_TRACE_MEASURE_COUNT);
    return measures[measure].name;
}

const char *wb_trace_distance_unit(wb_trace_measure measure)
{
    assert(measure < WB_TRACE_MEASURE_COUNT);
    return measures[measure].unit;
}

static double distance_of(const wb_trace_histogram *first, const wb_trace_histogram *second)
{
    double largest = 0.0;
    uint64_t first_below = 0;
    uint64_t second_below = 0;
    if (first->count == 0 || second->count == 0) {
        return 0.0;
    }
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS; i++) {
        first_below += first->counts[i];
        second_below += second->counts[i];
        const double difference = (double)first_below / (double)first->count -
                                  (double)second_below / (double)second->count;
        const double size = difference < 0.0 ? -difference : difference;
        largest = size > largest ? size : largest;
    }
    assert(first_below == first->count && second_below == second->count);
    return largest;
}

static int64_t times(int64_t value, double factor)
{
    const double product = (double)value * factor + 0.5;
    return product > 9e18 ? INT64_MAX : (int64_t)product;
}

/* Each value times factor; a bucket stands at its middle. Unscaled nothing moves. */
static void add_scaled(const wb_trace_histogram *from, double factor, wb_trace_histogram *out)
{
    assert(factor > 0.0);
    if (factor >= 1.0 && factor <= 1.0) {
        *out = *from;
        return;
    }
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS; i++) {
        if (from->counts[i] > 0) {
            const int64_t begin = wb_trace_histogram_bucket_start(i);
            const int64_t end = i + 1 < WB_TRACE_HISTOGRAM_BUCKETS
                                    ? wb_trace_histogram_bucket_start(i + 1) - 1
                                    : begin;
            wb_trace_histogram_add(out, times(begin + (end - begin) / 2, factor), from->counts[i]);
        }
    }
}

/* What is there at the end of each bin, a value a bin. */
static void add_running(const wb_trace_series *series, int64_t end_ms, double factor,
                        wb_trace_histogram *out)
{
    int64_t there = 0;
    const uint32_t count = wb_trace_series_bin_count(series, end_ms);
    for (uint32_t i = 0; i + 1 < count; i++) { /* the last bin is where all that is left ends */
        there += series->sums[i];
        wb_trace_histogram_add(out, times(there > 0 ? there : 0, factor), 1);
    }
}

static void fill(const wb_trace_stats *stats, double scale, bool is_second, wb_trace_distance *out)
{
    const int64_t end_ms = stats->summary.end_ms;
    const wb_trace_histogram *plain[] = {&stats->gaps, &stats->cpu_requests,
                                         &stats->memory_requests, &stats->lifetimes};
    for (uint32_t i = 0; i < 4; i++) {
        add_scaled(plain[i], i == WB_TRACE_MEASURE_GAP ? scale : 1.0,
                   is_second ? &out[i].second : &out[i].first);
    }
    const wb_trace_series *there[] = {&stats->pods, &stats->cpu_milli};
    for (uint32_t i = 0; i < 2; i++) {
        wb_trace_distance *measure = &out[WB_TRACE_MEASURE_PODS + i];
        add_running(there[i], end_ms, 1.0 / scale, is_second ? &measure->second : &measure->first);
    }
}

void wb_trace_distance_measure(const wb_trace_stats *first, const wb_trace_stats *second,
                               double scale, wb_trace_distance *out)
{
    assert(first != NULL && second != NULL && out != NULL && scale > 0.0);
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        out[i] = (wb_trace_distance){0};
    }
    fill(first, 1.0, false, out);
    fill(second, scale, true, out);
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        out[i].distance = distance_of(&out[i].first, &out[i].second);
    }
}
