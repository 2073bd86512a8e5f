#include "sim/cluster/load_signal.h"

#include <assert.h>
#include <stddef.h>

/* The last point at or before at_ms, or 0. */
static uint32_t find_point(const wb_load_signal *signal, int64_t at_ms)
{
    uint32_t low = 0;
    uint32_t high = signal->point_count;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (signal->points[middle].at_ms <= at_ms) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

int64_t wb_load_signal_at(const wb_load_signal *signal, int64_t at_ms)
{
    assert(signal->point_count > 0 && signal->points != NULL);
    const uint32_t index = find_point(signal, at_ms);
    const wb_load_point *here = &signal->points[index];
    if (signal->is_stepped || index + 1 == signal->point_count || at_ms <= here->at_ms) {
        return here->value;
    }
    const wb_load_point *next = &signal->points[index + 1];
    const double share = (double)(at_ms - here->at_ms) / (double)(next->at_ms - here->at_ms);
    return here->value + (int64_t)((double)(next->value - here->value) * share);
}

const wb_load_signal *wb_load_signal_find(const wb_load_signal *signals, uint32_t count,
                                          const wb_hpa *hpa, const wb_hpa_metric *metric)
{
    assert(hpa != NULL && metric != NULL);
    for (uint32_t i = 0; i < count; i++) {
        const wb_load_signal *signal = &signals[i];
        const bool is_target = signal->target_kind == hpa->target_kind &&
                               signal->target_name == hpa->target_name &&
                               signal->namespace_name == hpa->namespace_name;
        if (signal->metric == metric->name &&
            (metric->kind == WB_HPA_EXTERNAL ? signal->is_external || is_target
                                             : !signal->is_external && is_target)) {
            return signal;
        }
    }
    return NULL;
}
