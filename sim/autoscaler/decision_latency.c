#include "sim/autoscaler/decision_latency.h"

#include <assert.h>
#include <stddef.h>

/* A measured point: so many pods took so long. */
typedef struct point {
    int64_t pods, us;
} point;

/* Karpenter core, one cold solve of its five classes of pods over 400 types. */
static const point solve_curve[] = {
    {0, 0},           {1000, 2240000},   {2000, 6070000},
    {5000, 18700000}, {10000, 38400000}, {20000, 109000000},
};

/* Cluster Autoscaler, 20 groups: all pods of one ReplicaSet, and ReplicaSets of 1 to 40 pods. */
static const point identical_curve[] = {
    {0, 0},
    {1000, 740000},
    {5000, 4700000},
    {10000, 10060000},
};
static const point diverse_curve[] = {
    {0, 0},
    {1000, 1720000},
    {5000, 14360000},
    {10000, 38060000},
};

#define PREFERRING_POD_US 21850 /* 4,000 pods with preferences: 87.4 s */
#define REMOVAL_BASE_US   180000
#define REMOVAL_NODE_US   350 /* 100 nodes: 0.215 s a removal; 300: 0.29 s */
#define MEASURED_TYPES    1345
#define MEASURED_GROUPS   20
#define SCALE_DOWN_US     180 /* per node; the pass stops at 20 unneeded ones */
#define MEASURED_REMOVALS 20
#define EMPTYING_US       1900 /* per further node: 1,000 nodes, 683 unneeded 1.50 s */
#define DIVERSE_PODS      20   /* pods per controller that were measured as "diverse" */

/* Between two points on a line; beyond the last one the last line goes on. */
static int64_t interpolate(const point *points, size_t count, int64_t pods)
{
    assert(count >= 2);
    assert(pods >= 0);
    size_t i = 1;
    while (i + 1 < count && pods > points[i].pods) {
        i++;
    }
    const point from = points[i - 1];
    const point to = points[i];
    return from.us + (pods - from.pods) * (to.us - from.us) / (to.pods - from.pods);
}

static int64_t scaled_ms(const wb_decision_latency *latency, int64_t us)
{
    assert(latency->percent <= WB_DECISION_LATENCY_PERCENT_MAX);
    assert(us >= 0);
    return (us * latency->percent + 50000) / 100000;
}

static int64_t removal_us(uint32_t node_count, uint32_t type_count)
{
    return (int64_t)REMOVAL_BASE_US * type_count / MEASURED_TYPES +
           (int64_t)REMOVAL_NODE_US * node_count;
}

/* Every pass copies the nodes and builds its tables of types, as one that simulates a removal. */
static int64_t solve_us(const wb_decision_size *size)
{
    assert(size->preferring_count <= size->pod_count);
    const size_t count = sizeof(solve_curve) / sizeof(solve_curve[0]);
    return removal_us(size->node_count, size->type_count) +
           interpolate(solve_curve, count, size->pod_count - size->preferring_count) +
           (int64_t)PREFERRING_POD_US * size->preferring_count;
}

int64_t wb_decision_latency_solve_ms(const wb_decision_latency *latency,
                                     const wb_decision_size *size)
{
    assert(latency != NULL);
    assert(size != NULL);
    return latency->percent == 0 ? 0 : scaled_ms(latency, solve_us(size));
}

uint32_t wb_decision_latency_pods_in_time(const wb_decision_latency *latency,
                                          const wb_decision_size *size)
{
    assert(latency != NULL);
    assert(size != NULL);
    if (wb_decision_latency_solve_ms(latency, size) <= WB_DECISION_LATENCY_SOLVE_LIMIT_MS) {
        return size->pod_count;
    }
    uint32_t in_time = 1; /* the most that are in time lie in [in_time, too_many) */
    uint32_t too_many = size->pod_count;
    while (too_many - in_time > 1) {
        const uint32_t middle = in_time + (too_many - in_time) / 2;
        wb_decision_size part = *size;
        part.pod_count = middle;
        part.preferring_count =
            (uint32_t)((uint64_t)size->preferring_count * middle / size->pod_count);
        if (wb_decision_latency_solve_ms(latency, &part) <= WB_DECISION_LATENCY_SOLVE_LIMIT_MS) {
            in_time = middle;
        } else {
            too_many = middle;
        }
    }
    return in_time;
}

int64_t wb_decision_latency_removal_ms(const wb_decision_latency *latency, uint32_t node_count,
                                       uint32_t type_count)
{
    assert(latency != NULL);
    return latency->percent == 0 ? 0 : scaled_ms(latency, removal_us(node_count, type_count));
}

uint32_t wb_decision_latency_removals_in_time(const wb_decision_latency *latency,
                                              uint32_t node_count, uint32_t type_count,
                                              int64_t limit_ms)
{
    assert(limit_ms > 0);
    const int64_t one_ms = wb_decision_latency_removal_ms(latency, node_count, type_count);
    if (one_ms == 0) {
        return 0;
    }
    const int64_t count = limit_ms / one_ms;
    return count > 1 ? (uint32_t)count : 1;
}

/* Microseconds of the estimates for MEASURED_GROUPS groups. */
static int64_t estimates_us(uint32_t pod_count, uint32_t owner_count)
{
    const size_t count = sizeof(diverse_curve) / sizeof(diverse_curve[0]);
    const int64_t identical_us = interpolate(identical_curve, count, pod_count);
    const int64_t diverse_us = interpolate(diverse_curve, count, pod_count);
    /* One controller to one for 20 pods: that far on the way between the two curves. */
    const int64_t full = pod_count / DIVERSE_PODS;
    const int64_t part = owner_count < full ? owner_count : full;
    return identical_us + (full > 0 ? (diverse_us - identical_us) * part / full : 0);
}

int64_t wb_decision_latency_estimate_ms(const wb_decision_latency *latency, uint32_t pod_count,
                                        uint32_t owner_count)
{
    assert(latency != NULL);
    return latency->percent == 0
               ? 0
               : scaled_ms(latency, estimates_us(pod_count, owner_count) / MEASURED_GROUPS);
}

/* Of all groups: each up to its limit, none begun when that of all is over. */
static int64_t estimates_ms(const wb_decision_latency *latency, const wb_decision_loop *loop)
{
    assert(latency->percent > 0);
    int64_t one_ms = wb_decision_latency_estimate_ms(latency, loop->pod_count, loop->owner_count);
    int64_t all_ms = scaled_ms(latency, estimates_us(loop->pod_count, loop->owner_count) *
                                            loop->group_count / MEASURED_GROUPS);
    if (loop->group_limit_ms > 0 && one_ms > loop->group_limit_ms) {
        one_ms = loop->group_limit_ms;
        all_ms = one_ms * loop->group_count;
    }
    if (loop->estimates_limit_ms > 0 && all_ms > loop->estimates_limit_ms && one_ms > 0) {
        const int64_t begun = (loop->estimates_limit_ms + one_ms - 1) / one_ms;
        all_ms = begun * one_ms < all_ms ? begun * one_ms : all_ms;
    }
    return all_ms;
}

int64_t wb_decision_latency_loop_ms(const wb_decision_latency *latency,
                                    const wb_decision_loop *loop)
{
    assert(latency != NULL);
    assert(loop != NULL);
    if (latency->percent == 0) {
        return 0;
    }
    const int64_t beyond =
        loop->removal_count > MEASURED_REMOVALS ? loop->removal_count - MEASURED_REMOVALS : 0;
    return estimates_ms(latency, loop) +
           scaled_ms(latency,
                     (int64_t)SCALE_DOWN_US * loop->node_count + (int64_t)EMPTYING_US * beyond);
}

uint32_t wb_decision_latency_pods_estimated(const wb_decision_latency *latency, uint32_t pod_count,
                                            uint32_t owner_count, int64_t limit_ms)
{
    assert(latency != NULL);
    if (limit_ms <= 0 ||
        wb_decision_latency_estimate_ms(latency, pod_count, owner_count) <= limit_ms) {
        return 0;
    }
    uint32_t in_time = 1; /* the most that are in time lie in [in_time, too_many) */
    uint32_t too_many = pod_count;
    while (too_many - in_time > 1) {
        const uint32_t middle = in_time + (too_many - in_time) / 2;
        const uint32_t owners = (uint32_t)((uint64_t)owner_count * middle / pod_count);
        if (wb_decision_latency_estimate_ms(latency, middle, owners) <= limit_ms) {
            in_time = middle;
        } else {
            too_many = middle;
        }
    }
    return in_time;
}

uint32_t wb_decision_latency_emptied_in_time(const wb_decision_latency *latency, int64_t limit_ms)
{
    assert(latency != NULL);
    if (latency->percent == 0 || limit_ms <= 0) {
        return 0;
    }
    const int64_t count = limit_ms * 100000 / ((int64_t)EMPTYING_US * latency->percent);
    return count > UINT32_MAX ? UINT32_MAX : count > 1 ? (uint32_t)count : 1;
}
