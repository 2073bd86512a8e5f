/*
 * When EC2 takes spot capacity back: waves per capacity pool (instance type x zone), as a pure
 * function of (seed, pool, time). Nothing here knows instances, groups or contenders, so that two
 * contenders that stand in one pool meet the same waves, and the n-th machine ever of that pool is
 * taken by the same wave whoever launched it.
 *
 *   waves of a pool    Poisson, mean gap = share / hazard
 *   one wave           takes each machine that stands there with probability share
 *   after it           the pool sells nothing for so long (shortage)
 *
 * hazard = -ln(1 - p) / 730 h, p the share of machines that the spot advisor saw interrupted in a
 * month: per machine the rate is the advisor's, but machines go in groups, as recorded traces show
 * (facts/aws-api.md section 7). The bands' middles stand for p; the last band, "over 20 %", has no
 * upper end and types newer than the advisor have no band: both are values that a scenario may set.
 */
#ifndef WB_SIM_CLOUD_SPOT_WEATHER_H
#define WB_SIM_CLOUD_SPOT_WEATHER_H

#include <stdbool.h>
#include <stdint.h>

#define WB_SPOT_WEATHER_BANDS 5
#define WB_SPOT_WEATHER_NEVER INT64_MAX

/* An interruption that the scenario sets at a time. */
typedef struct wb_spot_weather_event {
    int64_t at_ms;       /* of the notice */
    uint32_t type_index; /* catalog; UINT32_MAX: any */
    uint32_t zone;       /* interned; 0: any */
    uint32_t count;      /* the oldest of the machines that match; UINT32_MAX: all */
} wb_spot_weather_event;

typedef struct wb_spot_weather {
    bool is_on;                /* waves by the advisor's bands; events happen either way */
    int64_t notice_ms;         /* from the warning to the end of the machine */
    int64_t rebalance_lead_ms; /* from the rebalance recommendation to the warning */
    int64_t shortage_ms;       /* from the end of the machines until the pool sells again */
    double share;              /* of a pool's machines that one wave takes, in (0, 1] */
    double monthly[WB_SPOT_WEATHER_BANDS]; /* p of the bands */
    double unknown_monthly;                /* p of a type without a band */
    bool first_hour_is_free_when_left; /* and so is who leaves between the warning and its end */
    bool first_hour_is_charged; /* EC2 charges nothing when it interrupts within the first hour */
    const wb_spot_weather_event *events; /* borrowed; by at_ms */
    uint32_t event_count;
} wb_spot_weather;

/* No waves; what they would be: 120 s of notice, the recommendation with it, half of a pool at
 * once, ten minutes of shortage, the middles of the bands (2.5, 7.5, 12.5, 17.5 and 30 %), 12.5 %
 * where there is none. */
wb_spot_weather wb_spot_weather_default(void);

/* Interruptions per machine and hour for the advisor's band (-1: not known). */
double wb_spot_weather_hazard(const wb_spot_weather *weather, int32_t band);

/* The pool's wave of that index (from 0) after the wave before it (or time 0): when the warning is
 * sent. NEVER where no wave comes. pool is a stable hash of its name. */
int64_t wb_spot_weather_next_ms(const wb_spot_weather *weather, uint64_t seed, uint64_t pool,
                                int32_t band, uint32_t wave_index, int64_t previous_ms);

/* Whether that wave takes the ordinal-th machine ever of the pool, if it stands there. */
bool wb_spot_weather_takes(const wb_spot_weather *weather, uint64_t seed, uint64_t pool,
                           uint32_t wave_index, uint64_t ordinal);

/* How much capacity a pool has to spare at a time, between 0 and 1, changing hourly: what the
 * capacity-optimized strategies go by. Without waves all pools are alike (1). */
double wb_spot_weather_depth(const wb_spot_weather *weather, uint64_t seed, uint64_t pool,
                             int32_t band, int64_t at_ms);

#endif
