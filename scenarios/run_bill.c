#include "scenarios/run_bill.h"

#include <assert.h>

#include "base/duration.h"

#define ZONES_MAX 64

/* Pod time in all and by zone. */
typedef struct zone_time {
    uint32_t zones[ZONES_MAX];
    double ms[ZONES_MAX];
    uint32_t count;
    double total_ms;
} zone_time;

static void add_time(zone_time *of, uint32_t zone, double ms)
{
    uint32_t at = 0;
    while (at < of->count && of->zones[at] != zone) {
        at++;
    }
    if (at == ZONES_MAX) {
        return; /* more zones than any region has */
    }
    if (at == of->count) {
        of->zones[of->count++] = zone;
    }
    of->ms[at] += ms;
    of->total_ms += ms;
}

wb_bill wb_run_bill_compute(const wb_scenario *scenario, const wb_cluster *cluster,
                            const wb_cloud *cloud, int64_t end_ms, wb_arena *arena)
{
    assert(scenario != NULL && cluster != NULL && cloud != NULL && arena != NULL);
    const wb_pod_table *pods = &cluster->pods;
    zone_time *time = WB_ARENA_NEW(arena, zone_time);
    for (uint32_t i = 0; i < pods->count; i++) {
        if (pods->running_ms[i] >= 0 && pods->node_id[i] != WB_NO_ID) {
            const int64_t gone_ms = pods->gone_ms[i] >= 0 ? pods->gone_ms[i] : end_ms;
            add_time(time, cluster->nodes[pods->node_id[i]].zone,
                     (double)(gone_ms - pods->running_ms[i]));
        }
    }
    double same = 0.0;
    for (uint32_t i = 0; i < time->count && time->total_ms > 0.0; i++) {
        const double share = time->ms[i] / time->total_ms;
        same += share * share;
    }
    const double apart = 1.0 - same;
    const wb_bill_pods use = {
        .pod_hours = time->total_ms / (double)WB_MS_PER_HOUR,
        .cross_zone_share = time->total_ms > 0.0 && apart > 0.0 ? apart : 0.0,
    };
    return wb_money_bill(&scenario->money, cloud, &use, end_ms, scenario->epoch_ms, arena);
}
