/*
 * What a scenario sets or a recording says about EC2's market: how many machines a capacity pool
 * (instance type x zone x market) can hold over time, what spot costs there over time, what
 * happened to single machines, which zones fail, and what the account may have. Plain data and pure
 * functions of time: nothing here knows machines, seeds or contenders.
 */
#ifndef WB_SIM_CLOUD_MARKET_H
#define WB_SIM_CLOUD_MARKET_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/cloud/quota.h"

#define WB_MARKET_ANY_TYPE  UINT32_MAX
#define WB_MARKET_ANY_ZONE  0
#define WB_MARKET_UNLIMITED INT64_C(-1)

/* A value from a time on, until the next point. */
typedef struct wb_market_point {
    int64_t at_ms, value;
} wb_market_point;

typedef struct wb_market_series {
    uint32_t type_index;           /* catalog; ANY_TYPE */
    uint32_t zone;                 /* interned; ANY_ZONE */
    const wb_market_point *points; /* borrowed; ascending times, each once */
    uint32_t point_count;
} wb_market_series;

/* How many machines each pool that matches may hold. */
typedef struct wb_market_capacity {
    wb_market_series series; /* values: machines, or UNLIMITED; before the first point: UNLIMITED */
    uint32_t markets;        /* bits 1 << wb_capacity_type */
    bool takes;              /* a step down takes spot machines that stand there */
    bool is_share; /* a recording of others' machines: a step down takes the same share of ours, and
                      only 0 refuses launches; else the count itself is the limit */
    const char *code; /* what a refused launch is told, a literal */
} wb_market_capacity;

/* What happened to one machine. */
typedef enum wb_market_event_kind {
    WB_MARKET_INTERRUPTION, /* the two-minute warning */
    WB_MARKET_REBALANCE,    /* the recommendation */
    WB_MARKET_ENDED,        /* it stops, without a warning where none came before */
} wb_market_event_kind;

typedef struct wb_market_event {
    int64_t at_ms;
    wb_market_event_kind kind;
    uint32_t type_index, zone; /* as in a series */
    uint32_t recorded_id;      /* the machine of the recording: dense from 0 */
} wb_market_event;

typedef enum wb_outage_kind {
    WB_OUTAGE_UNREACHABLE, /* the zone's machines do not report, and come back */
    WB_OUTAGE_LOST,        /* they end without warning */
} wb_outage_kind;

/* A whole zone fails: nothing launches there as long. */
typedef struct wb_outage {
    wb_outage_kind kind;
    uint32_t zone;
    int64_t at_ms, for_ms; /* for_ms -1: for good */
} wb_outage;

typedef struct wb_market {
    const wb_market_capacity *capacities; /* all borrowed */
    const wb_market_series *prices;       /* spot, nano-dollars per hour; no two of one pool */
    const wb_market_event *events;        /* by time */
    const wb_outage *outages;
    wb_quotas quotas;
    uint32_t capacity_count, price_count, event_count, outage_count, recorded_count;
} wb_market;

/* Nothing is limited, no price moves, nothing fails. */
wb_market wb_market_none(void);

/* The value in force at a time; fallback before the first point. */
int64_t wb_market_value(const wb_market_series *series, int64_t at_ms, int64_t fallback);

/* Whether a pool is one that the series is about. */
bool wb_market_names(const wb_market_series *series, uint32_t type_index, uint32_t zone);

/* Nano-dollars for so many seconds from from_ms on, each at the price in force when it began,
 * rounded once. fallback: the price before the first point. */
int64_t wb_market_bill_nusd(const wb_market_series *series, int64_t from_ms, int64_t seconds,
                            int64_t fallback);

#endif
