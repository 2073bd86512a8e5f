#include "sim/cloud/market.h"

#include <assert.h>
#include <stddef.h>

wb_market wb_market_none(void)
{
    return (wb_market){.quotas = wb_quota_unlimited()};
}

/* Points that lie at or before a time. */
static uint32_t count_until(const wb_market_series *series, int64_t at_ms)
{
    uint32_t low = 0;
    uint32_t high = series->point_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (series->points[middle].at_ms <= at_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int64_t wb_market_value(const wb_market_series *series, int64_t at_ms, int64_t fallback)
{
    assert(series != NULL);
    const uint32_t count = count_until(series, at_ms);
    return count == 0 ? fallback : series->points[count - 1].value;
}

bool wb_market_names(const wb_market_series *series, uint32_t type_index, uint32_t zone)
{
    assert(series != NULL);
    return (series->type_index == WB_MARKET_ANY_TYPE || series->type_index == type_index) &&
           (series->zone == WB_MARKET_ANY_ZONE || series->zone == zone);
}

/* Second k begins at from_ms + 1000 k, so a stretch up to a point holds the seconds that begin
 * before it. Sums of months pass 64 bits before the division. */
int64_t wb_market_bill_nusd(const wb_market_series *series, int64_t from_ms, int64_t seconds,
                            int64_t fallback)
{
    __extension__ typedef __int128 wide;
    assert(series != NULL && seconds >= 0);
    wide sum = 0;
    int64_t done = 0;
    uint32_t next = count_until(series, from_ms);
    int64_t price = next == 0 ? fallback : series->points[next - 1].value;
    while (done < seconds) {
        int64_t until = seconds;
        if (next < series->point_count) {
            const int64_t begun = (series->points[next].at_ms - from_ms + 999) / 1000;
            until = begun < seconds ? begun : seconds;
        }
        sum += (wide)price * (until - done);
        done = until;
        if (done < seconds) {
            price = series->points[next++].value;
        }
    }
    const wide cost = (sum + 1800) / 3600;
    assert(cost >= 0 && cost <= INT64_MAX);
    return (int64_t)cost;
}
