/*
 * What a group launches next, and where: the market by the policy's base and percentage, the zone
 * that has fewest of the group (others when it has no capacity), the type by the market's strategy.
 * A market that is short is not replaced by the other one, as in the real service.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

#define ZONES_MAX 64

uint32_t wb_cloud_asg_population(const wb_cloud *cloud, uint32_t asg_id, uint32_t zone)
{
    assert(asg_id < cloud->asg_count);
    uint32_t population = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const wb_instance *instance = &cloud->instances[cloud->living_instances[i]];
        population += wb_cloud_asg_counts(instance, asg_id) && instance->zone == zone ? 1U : 0U;
    }
    return population;
}

/* Index of the zone that has fewest instances of the group, among those not tried yet. */
static uint32_t emptiest_zone(const wb_cloud *cloud, uint32_t asg_id, const bool *tried)
{
    const wb_asg *asg = &cloud->asgs[asg_id];
    uint32_t best = UINT32_MAX;
    uint32_t best_population = 0;
    for (uint32_t i = 0; i < asg->zone_count; i++) {
        const uint32_t population = wb_cloud_asg_population(cloud, asg_id, asg->zones[i]);
        if (!tried[i] && (best == UINT32_MAX || population < best_population)) {
            best = i;
            best_population = population;
        }
    }
    assert(best != UINT32_MAX);
    return best;
}

/* Units that are on-demand now. */
static int32_t on_demand_units(const wb_cloud *cloud, uint32_t asg_id)
{
    const wb_asg *asg = &cloud->asgs[asg_id];
    int32_t units = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const wb_instance *instance = &cloud->instances[cloud->living_instances[i]];
        if (wb_cloud_asg_counts(instance, asg_id) &&
            instance->capacity_type == WB_CAPACITY_ON_DEMAND) {
            units += wb_cloud_asg_weight(asg, instance->type_index);
        }
    }
    return units;
}

/* On-demand first, as long as the group's share of it is not there. */
static wb_capacity_type next_market(const wb_cloud *cloud, uint32_t asg_id)
{
    const wb_asg *asg = &cloud->asgs[asg_id];
    const wb_asg_policy *policy = &asg->policy;
    if (!policy->is_mixed) {
        return asg->capacity_type;
    }
    const int32_t wanted = asg->desired_count; /* a surge replaces what has a market already */
    const int32_t above = wanted > policy->on_demand_base ? wanted - policy->on_demand_base : 0;
    const int64_t share = ((int64_t)above * policy->on_demand_percentage + 99) / 100;
    const int64_t on_demand = wanted - above + share;
    return on_demand_units(cloud, asg_id) < on_demand ? WB_CAPACITY_ON_DEMAND : WB_CAPACITY_SPOT;
}

/* Instances of the group in one pool. */
static uint32_t pool_population(const wb_cloud *cloud, uint32_t asg_id,
                                const wb_fleet_override *override)
{
    uint32_t population = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const wb_instance *instance = &cloud->instances[cloud->living_instances[i]];
        population += wb_cloud_asg_counts(instance, asg_id) && instance->zone == override->zone &&
                              instance->type_index == override->type_index
                          ? 1U
                          : 0U;
    }
    return population;
}

/* lowest-price over N pools: the N cheapest that have capacity, the emptiest of the group's first.
 * Leaves these in overrides and returns how many. */
static uint32_t keep_cheapest_pools(wb_cloud *cloud, uint32_t asg_id, wb_fleet_override *overrides,
                                    uint32_t count)
{
    const uint32_t wanted = (uint32_t)cloud->asgs[asg_id].policy.spot_pool_count;
    uint32_t kept = 0;
    for (; kept < wanted; kept++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = kept; i < count; i++) {
            if (wb_cloud_refusal(cloud, overrides[i].type_index, overrides[i].zone,
                                 WB_CAPACITY_SPOT) == NULL &&
                (best == UINT32_MAX || overrides[i].priority < overrides[best].priority)) {
                best = i;
            }
        }
        if (best == UINT32_MAX) {
            break;
        }
        const wb_fleet_override found = overrides[best];
        overrides[best] = overrides[kept];
        overrides[kept] = found;
    }
    for (uint32_t i = 0; i < kept; i++) {
        overrides[i].priority = (double)pool_population(cloud, asg_id, &overrides[i]);
    }
    return kept > 0 ? kept : count; /* none: let the refusals be told */
}

/* The group's types in a zone, each with what its strategy goes by: place in the list, or price of
 * a unit. */
static uint32_t list_overrides(const wb_cloud *cloud, uint32_t asg_id, uint32_t zone,
                               const wb_fleet_request *request, wb_fleet_override *out)
{
    const wb_asg *asg = &cloud->asgs[asg_id];
    const bool by_place = request->strategy == WB_ALLOCATION_PRIORITIZED ||
                          request->strategy == WB_ALLOCATION_CAPACITY_OPTIMIZED_PRIORITIZED;
    for (uint32_t i = 0; i < asg->type_count; i++) {
        const double price =
            wb_cloud_offering(cloud, asg->type_indexes[i], zone, request->capacity_type) == NULL
                ? 0.0
                : (double)wb_cloud_price_nusd(cloud, asg->type_indexes[i], zone,
                                              request->capacity_type);
        const double weight = (double)wb_cloud_asg_weight(asg, asg->type_indexes[i]);
        out[i] = (wb_fleet_override){asg->type_indexes[i], zone,
                                     by_place ? (double)i : price / weight, 0};
    }
    return asg->type_count;
}

bool wb_cloud_asg_launch_in(wb_cloud *cloud, uint32_t asg_id, uint32_t zone)
{
    assert(asg_id < cloud->asg_count);
    const wb_asg asg = cloud->asgs[asg_id];
    const wb_capacity_type market = next_market(cloud, asg_id);
    wb_fleet_request request = {
        .capacity_type = market,
        .strategy =
            market == WB_CAPACITY_SPOT ? asg.policy.spot_strategy : asg.policy.on_demand_strategy,
        .launch_template = asg.launch_template,
        .claim_id = WB_NO_ID,
    };
    wb_fleet_override *overrides = wb_heap_memory_alloc(asg.type_count, sizeof(*overrides));
    request.overrides = overrides;
    request.override_count = list_overrides(cloud, asg_id, zone, &request, overrides);
    if (market == WB_CAPACITY_SPOT && request.strategy == WB_ALLOCATION_LOWEST_PRICE &&
        asg.policy.spot_pool_count > 1) {
        request.override_count =
            keep_cheapest_pools(cloud, asg_id, overrides, request.override_count);
    }
    wb_fleet_result result = {.instance_id = WB_NO_ID};
    const uint32_t chosen = wb_cloud_choose(cloud, &request, &result);
    if (chosen != UINT32_MAX) {
        (void)wb_cloud_launch(cloud, &request, &overrides[chosen], asg_id, 0);
        cloud->asgs[asg_id].instance_count++;
        cloud->asgs[asg_id].unit_count +=
            wb_cloud_asg_weight(&cloud->asgs[asg_id], overrides[chosen].type_index);
    }
    if (chosen == UINT32_MAX && result.error_count > 0) {
        cloud->asgs[asg_id].refusal = result.errors[0].code;
    }
    wb_heap_memory_free(overrides);
    return chosen != UINT32_MAX;
}

static void announce_shortage(const wb_cloud *cloud, const wb_asg *asg)
{
    assert(asg->refusal != NULL);
    WB_NOTIFY(cloud->observers, cloud_error, "RunInstances", asg->refusal, asg->name);
}

bool wb_cloud_asg_launch(wb_cloud *cloud, uint32_t asg_id)
{
    bool tried[ZONES_MAX] = {false};
    const uint32_t zone_count = cloud->asgs[asg_id].zone_count;
    assert(zone_count <= ZONES_MAX);
    for (uint32_t attempt = 0; attempt < zone_count; attempt++) {
        const uint32_t best = emptiest_zone(cloud, asg_id, tried);
        tried[best] = true;
        const bool is_launched =
            wb_cloud_asg_launch_in(cloud, asg_id, cloud->asgs[asg_id].zones[best]);
        /* AWS calls for itself: counted for the user who reads the group's activities. */
        wb_cloud_api_end(&cloud->api, WB_CLOUD_RUN_INSTANCES,
                         is_launched ? NULL : cloud->asgs[asg_id].refusal);
        if (is_launched) {
            return true;
        }
        announce_shortage(cloud, &cloud->asgs[asg_id]);
    }
    return false;
}
