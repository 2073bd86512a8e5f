/*
 * Replacing machines before they go: capacity rebalancing (at EC2's rebalance recommendation) and
 * AZRebalance (zones that differ by more than one). Both launch first and terminate when the new
 * machine runs, without a drain and behind the autoscaler's back: which is why Cluster Autoscaler's
 * users suspend AZRebalance. Source: spec/cluster-autoscaler.md section 8.
 */
#include <assert.h>

#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

#define RETRY_MS 300000 /* the emptiest zone had no capacity */

typedef struct zone_span {
    uint32_t emptiest, fullest; /* interned */
    uint32_t fewest, most;
} zone_span;

static zone_span span_of(const wb_cloud *cloud, uint32_t asg_id)
{
    const wb_asg *asg = &cloud->asgs[asg_id];
    zone_span span = {.fewest = UINT32_MAX};
    for (uint32_t i = 0; i < asg->zone_count; i++) {
        const uint32_t population = wb_cloud_asg_population(cloud, asg_id, asg->zones[i]);
        if (population < span.fewest) {
            span.emptiest = asg->zones[i];
            span.fewest = population;
        }
        if (i == 0 || population > span.most) {
            span.fullest = asg->zones[i];
            span.most = population;
        }
    }
    return span;
}

void wb_cloud_asg_rebalance(wb_cloud *cloud, uint32_t asg_id)
{
    assert(asg_id < cloud->asg_count);
    wb_asg *asg = &cloud->asgs[asg_id];
    if (!asg->policy.rebalances_zones || asg->surge_count > 0) {
        return; /* a walk over all machines is spared */
    }
    const zone_span span = span_of(cloud, asg_id);
    if (span.most < span.fewest + 2) {
        return;
    }
    const int32_t before = asg->unit_count;
    if (!wb_cloud_asg_launch_in(cloud, asg_id, span.emptiest)) {
        wb_cloud_asg_look_later(cloud, asg_id, RETRY_MS);
        return;
    }
    asg = &cloud->asgs[asg_id];
    asg->surge_count += asg->unit_count - before;
    asg->zone_surge_count++;
}

/* The oldest of the group's machines that pass, or WB_NO_ID. */
static uint32_t oldest(const wb_cloud *cloud, uint32_t asg_id, bool only_at_risk, uint32_t zone)
{
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        const wb_instance *instance = &cloud->instances[instance_id];
        if (wb_cloud_asg_counts(instance, asg_id) && (!only_at_risk || instance->is_at_risk) &&
            (zone == 0 || instance->zone == zone)) {
            return instance_id;
        }
    }
    return WB_NO_ID;
}

void wb_cloud_asg_in_service(wb_cloud *cloud, uint32_t instance_id)
{
    const uint32_t asg_id = cloud->instances[instance_id].asg_id;
    wb_asg *asg = &cloud->asgs[asg_id];
    if (asg->surge_count == 0 || cloud->instances[instance_id].is_at_risk ||
        asg->unit_count < asg->desired_count + asg->surge_count) {
        return; /* what is missing comes first */
    }
    const uint32_t at_risk = oldest(cloud, asg_id, true, 0);
    if (at_risk != WB_NO_ID) {
        wb_cloud_asg_end(cloud, at_risk, WB_CAUSE_INTERRUPTION); /* lowers the surge */
        return;
    }
    if (asg->zone_surge_count > 0) {
        const uint32_t surplus = oldest(cloud, asg_id, false, span_of(cloud, asg_id).fullest);
        assert(surplus != WB_NO_ID);
        asg->zone_surge_count--;
        asg->surge_count -= wb_cloud_asg_weight(asg, cloud->instances[surplus].type_index);
        asg->surge_count = asg->surge_count < 0 ? 0 : asg->surge_count;
        wb_cloud_asg_end(cloud, surplus, WB_CAUSE_REBALANCE);
    }
}

void wb_cloud_asg_at_risk(wb_cloud *cloud, uint32_t instance_id)
{
    wb_instance *instance = &cloud->instances[instance_id];
    wb_asg *asg = &cloud->asgs[instance->asg_id];
    if (!asg->policy.rebalances_capacity || instance->is_at_risk) {
        return;
    }
    instance->is_at_risk = true;
    asg->surge_count += wb_cloud_asg_weight(asg, instance->type_index);
    wb_cloud_asg_look_later(cloud, instance->asg_id, 0);
}
