#include "sim/cloud/spot_weather.h"

#include <assert.h>
#include <stddef.h>

#include "base/duration.h"
#include "base/random.h"

#define HOURS_PER_MONTH 730.0 /* facts/aws-api.md section 7 */

wb_spot_weather wb_spot_weather_default(void)
{
    return (wb_spot_weather){
        .notice_ms = 2 * WB_MS_PER_MINUTE,
        .shortage_ms = 10 * WB_MS_PER_MINUTE,
        .share = 0.5,
        .monthly = {0.025, 0.075, 0.125, 0.175, 0.30},
        .unknown_monthly = 0.125,
    };
}

static double monthly_of(const wb_spot_weather *weather, int32_t band)
{
    assert(band < WB_SPOT_WEATHER_BANDS);
    return band < 0 ? weather->unknown_monthly : weather->monthly[band];
}

double wb_spot_weather_hazard(const wb_spot_weather *weather, int32_t band)
{
    const double monthly = monthly_of(weather, band);
    assert(monthly >= 0.0 && monthly < 1.0);
    return -wb_random_log(1.0 - monthly) / HOURS_PER_MONTH;
}

int64_t wb_spot_weather_next_ms(const wb_spot_weather *weather, uint64_t seed, uint64_t pool,
                                int32_t band, uint32_t wave_index, int64_t previous_ms)
{
    assert(weather != NULL && previous_ms >= 0);
    const double hazard = wb_spot_weather_hazard(weather, band);
    if (!weather->is_on || hazard <= 0.0 || previous_ms == WB_SPOT_WEATHER_NEVER) {
        return WB_SPOT_WEATHER_NEVER;
    }
    assert(weather->share > 0.0 && weather->share <= 1.0);
    const wb_random_key key = {seed, WB_RANDOM_SPOT_INTERRUPTION, pool};
    const double mean_ms = weather->share / hazard * (double)WB_MS_PER_HOUR;
    const double gap_ms = wb_random_exponential(key, wave_index, mean_ms);
    /* Waves never meet: a machine that is warned is not warned again. */
    const int64_t least_ms = weather->notice_ms + weather->rebalance_lead_ms + 1;
    if (gap_ms > 1e15 || previous_ms > INT64_MAX / 2) {
        return WB_SPOT_WEATHER_NEVER;
    }
    return previous_ms + (gap_ms > (double)least_ms ? (int64_t)gap_ms : least_ms);
}

bool wb_spot_weather_takes(const wb_spot_weather *weather, uint64_t seed, uint64_t pool,
                           uint32_t wave_index, uint64_t ordinal)
{
    assert(weather != NULL);
    /* A pool's waves draw with its plain hash; its machines with one that the wave has stirred. */
    const uint64_t stirred = pool ^ (((uint64_t)wave_index + 1) * UINT64_C(0x9E3779B97F4A7C15));
    const wb_random_key key = {seed, WB_RANDOM_SPOT_INTERRUPTION, stirred};
    return wb_random_unit(key, ordinal) < weather->share;
}

double wb_spot_weather_depth(const wb_spot_weather *weather, uint64_t seed, uint64_t pool,
                             int32_t band, int64_t at_ms)
{
    assert(weather != NULL && at_ms >= 0);
    if (!weather->is_on) {
        return 1.0;
    }
    const wb_random_key key = {seed, WB_RANDOM_POOL_CAPACITY, pool};
    const double swing = wb_random_unit(key, (uint64_t)(at_ms / WB_MS_PER_HOUR));
    return (1.0 - monthly_of(weather, band)) * (0.5 + 0.5 * swing);
}
