/*
 * Auto Scaling groups: a number that is wanted, and launches until it is there.
 *
 * A change of the desired capacity is acted on after the group's reaction time (boot model, phase
 * asg). An instance that goes without the group being told to shrink is replaced after the health
 * check. Zones are kept even: a launch goes to the zone with the fewest instances of the group.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/heap_memory.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

#define HEALTH_CHECK_MS 60000 /* spec/cluster-autoscaler.md section 8: a minute or two */

static void schedule_reconcile(wb_cloud *cloud, uint32_t asg_id, int64_t delay_ms)
{
    const wb_status status =
        wb_kernel_schedule(cloud->kernel, cloud->kernel->now_ms + delay_ms, WB_PHASE_CLOUD,
                           WB_EVENT_ASG_RECONCILE, asg_id, NULL);
    assert(status == WB_OK);
    (void)status;
}

static bool counts_for(const wb_instance *instance, uint32_t asg_id)
{
    return instance->asg_id == asg_id && instance->ended_ms < 0;
}

static uint32_t zone_population(const wb_cloud *cloud, uint32_t asg_id, uint32_t zone)
{
    uint32_t population = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const wb_instance *instance = &cloud->instances[cloud->living_instances[i]];
        population += counts_for(instance, asg_id) && instance->zone == zone ? 1U : 0U;
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
        const uint32_t population = zone_population(cloud, asg_id, asg->zones[i]);
        if (!tried[i] && (best == UINT32_MAX || population < best_population)) {
            best = i;
            best_population = population;
        }
    }
    assert(best != UINT32_MAX);
    return best;
}

/* Launches one instance of the group's cheapest type in a zone; false when it has no capacity. */
static bool launch_in(wb_cloud *cloud, uint32_t asg_id, uint32_t zone)
{
    const wb_asg asg = cloud->asgs[asg_id];
    wb_fleet_override *overrides = WB_ARENA_ARRAY(cloud->arena, wb_fleet_override, asg.type_count);
    for (uint32_t i = 0; i < asg.type_count; i++) {
        double price = 0.0;
        (void)wb_catalog_price(cloud->catalog, asg.type_indexes[i], zone, asg.capacity_type,
                               &price);
        overrides[i] = (wb_fleet_override){asg.type_indexes[i], zone, price};
    }
    const wb_fleet_request request = {
        .overrides = overrides,
        .override_count = asg.type_count,
        .capacity_type = asg.capacity_type,
        .launch_template = asg.launch_template,
        .claim_id = WB_NO_ID,
    };
    wb_fleet_result result = {.instance_id = WB_NO_ID};
    const uint32_t chosen = wb_cloud_choose(cloud, &request, &result);
    if (chosen == UINT32_MAX) {
        return false;
    }
    (void)wb_cloud_launch(cloud, &request, &overrides[chosen], asg_id);
    cloud->asgs[asg_id].instance_count++;
    return true;
}

static void announce_shortage(const wb_cloud *cloud, const char *group_name)
{
    WB_NOTIFY(cloud->observers, cloud_error, "RunInstances", "InsufficientInstanceCapacity",
              group_name);
}

/* Launches one instance in the zone that has fewest; false when no zone has capacity. */
static bool launch_one(wb_cloud *cloud, uint32_t asg_id)
{
    bool tried[64] = {false};
    const uint32_t zone_count = cloud->asgs[asg_id].zone_count;
    assert(zone_count <= 64);
    for (uint32_t attempt = 0; attempt < zone_count; attempt++) {
        const uint32_t best = emptiest_zone(cloud, asg_id, tried);
        tried[best] = true;
        if (launch_in(cloud, asg_id, cloud->asgs[asg_id].zones[best])) {
            return true;
        }
        announce_shortage(cloud, cloud->asgs[asg_id].name);
    }
    return false;
}

/* The newest instance that no node came of yet, else the newest of all. */
static uint32_t pick_surplus(const wb_cloud *cloud, uint32_t asg_id)
{
    uint32_t newest = WB_NO_ID;
    for (uint32_t i = cloud->living_instance_count; i-- > 0;) {
        const uint32_t instance_id = cloud->living_instances[i];
        if (!counts_for(&cloud->instances[instance_id], asg_id)) {
            continue;
        }
        if (cloud->instances[instance_id].node_id == WB_NO_ID) {
            return instance_id;
        }
        newest = newest == WB_NO_ID ? instance_id : newest;
    }
    return newest;
}

static wb_status on_reconcile(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    (void)err;
    const uint32_t asg_id = event->subject;
    while (cloud->asgs[asg_id].instance_count < cloud->asgs[asg_id].desired_count) {
        if (!launch_one(cloud, asg_id)) {
            schedule_reconcile(cloud, asg_id, HEALTH_CHECK_MS);
            return WB_OK;
        }
    }
    while (cloud->asgs[asg_id].instance_count > cloud->asgs[asg_id].desired_count) {
        const uint32_t surplus = pick_surplus(cloud, asg_id);
        assert(surplus != WB_NO_ID);
        wb_cloud_terminate(cloud, surplus, WB_CAUSE_SCALE_DOWN);
    }
    return WB_OK;
}

void wb_cloud_asg_init(wb_cloud *cloud)
{
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_ASG_RECONCILE, on_reconcile, cloud);
}

/* The group's reaction time; the n-th change of the same group draws alike for every contender. */
static int64_t reaction_ms(wb_cloud *cloud, uint32_t asg_id)
{
    wb_asg *asg = &cloud->asgs[asg_id];
    const uint64_t pool = wb_digest_hash64(asg->name, strlen(asg->name));
    return wb_boot_model_draw(&cloud->boot.asg, cloud->seed, pool, asg->change_count++,
                              WB_BOOT_PHASE_ASG);
}

uint32_t wb_cloud_add_asg(wb_cloud *cloud, const wb_asg *asg)
{
    assert(asg->type_count > 0 && asg->zone_count > 0 && asg->min_count <= asg->max_count);
    if (cloud->asg_count == cloud->asg_capacity) {
        const size_t capacity =
            wb_heap_memory_next_capacity(cloud->asg_capacity, cloud->asg_count + 1U);
        cloud->asgs = wb_heap_memory_resize(cloud->asgs, capacity, sizeof cloud->asgs[0]);
        cloud->asg_capacity = (uint32_t)capacity;
    }
    const uint32_t asg_id = cloud->asg_count++;
    cloud->asgs[asg_id] = *asg;
    cloud->asgs[asg_id].instance_count = 0;
    cloud->asgs[asg_id].change_count = 0;
    if (asg->desired_count > 0) {
        schedule_reconcile(cloud, asg_id, 0);
    }
    return asg_id;
}

wb_status wb_cloud_set_desired(wb_cloud *cloud, uint32_t asg_id, int32_t desired, wb_error *err)
{
    assert(asg_id < cloud->asg_count);
    wb_asg *asg = &cloud->asgs[asg_id];
    cloud->api_call_count++;
    if (desired < asg->min_count || desired > asg->max_count) {
        cloud->api_error_count++;
        return wb_fail(err, WB_ERR_INPUT,
                       "SetDesiredCapacity: %d is outside the minimum %d and maximum %d of '%s'",
                       desired, asg->min_count, asg->max_count, asg->name);
    }
    asg->desired_count = desired;
    schedule_reconcile(cloud, asg_id, reaction_ms(cloud, asg_id));
    return WB_OK;
}

void wb_cloud_asg_lost_instance(wb_cloud *cloud, uint32_t asg_id, bool is_decrement)
{
    wb_asg *asg = &cloud->asgs[asg_id];
    assert(asg->instance_count > 0);
    asg->instance_count--;
    if (is_decrement) {
        asg->desired_count--;
    } else if (asg->instance_count < asg->desired_count) {
        schedule_reconcile(cloud, asg_id, HEALTH_CHECK_MS);
    }
}
