/*
 * Auto Scaling groups: a number that is wanted, and launches until it is there.
 *
 * A change of the desired capacity is acted on after the group's reaction time (boot model, phase
 * asg). An instance that goes without the group being told to shrink is replaced after the health
 * check (phase health). Numbers are units: an instance counts its type's weight, 1 as a rule. While
 * a machine is replaced before it goes, the group stands above its desired capacity by the surge.
 * What is launched where is in cloud_asg_launch.c, what is evened out in cloud_asg_rebalance.c.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/heap_memory.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

#define RETRY_MS 60000 /* after a launch that found no capacity: spec/cluster-autoscaler.md 8 */

void wb_cloud_asg_look_later(wb_cloud *cloud, uint32_t asg_id, int64_t delay_ms)
{
    assert(asg_id < cloud->asg_count && delay_ms >= 0);
    const wb_status status =
        wb_kernel_schedule(cloud->kernel, cloud->kernel->now_ms + delay_ms, WB_PHASE_CLOUD,
                           WB_EVENT_ASG_RECONCILE, asg_id, NULL);
    assert(status == WB_OK);
    (void)status;
}

bool wb_cloud_asg_counts(const wb_instance *instance, uint32_t asg_id)
{
    return instance->asg_id == asg_id && instance->ended_ms < 0;
}

int32_t wb_cloud_asg_weight(const wb_asg *asg, uint32_t type_index)
{
    assert(asg != NULL);
    for (uint32_t i = 0; asg->policy.weights != NULL && i < asg->type_count; i++) {
        if (asg->type_indexes[i] == type_index) {
            return asg->policy.weights[i];
        }
    }
    return 1;
}

/* The newest instance that no node came of yet, else the newest of all. */
static uint32_t pick_surplus(const wb_cloud *cloud, uint32_t asg_id)
{
    uint32_t newest = WB_NO_ID;
    for (uint32_t i = cloud->living_instance_count; i-- > 0;) {
        const uint32_t instance_id = cloud->living_instances[i];
        if (!wb_cloud_asg_counts(&cloud->instances[instance_id], asg_id)) {
            continue;
        }
        if (cloud->instances[instance_id].node_id == WB_NO_ID) {
            return instance_id;
        }
        newest = newest == WB_NO_ID ? instance_id : newest;
    }
    return newest;
}

/* Takes out what is beyond the wanted units; with weights only what leaves enough. */
static void shed_surplus(wb_cloud *cloud, uint32_t asg_id, int32_t wanted)
{
    while (cloud->asgs[asg_id].unit_count > wanted) {
        const uint32_t surplus = pick_surplus(cloud, asg_id);
        assert(surplus != WB_NO_ID);
        const int32_t weight =
            wb_cloud_asg_weight(&cloud->asgs[asg_id], cloud->instances[surplus].type_index);
        if (cloud->asgs[asg_id].unit_count - weight < wanted) {
            return;
        }
        wb_cloud_asg_end(cloud, surplus, WB_CAUSE_SCALE_DOWN);
    }
}

static wb_status on_reconcile(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    (void)err;
    const uint32_t asg_id = event->subject;
    const int32_t wanted = cloud->asgs[asg_id].desired_count + cloud->asgs[asg_id].surge_count;
    while (cloud->asgs[asg_id].unit_count < wanted) {
        if (!wb_cloud_asg_launch(cloud, asg_id)) {
            wb_cloud_asg_look_later(cloud, asg_id, RETRY_MS);
            return WB_OK;
        }
    }
    shed_surplus(cloud, asg_id, wanted);
    wb_cloud_asg_rebalance(cloud, asg_id);
    return WB_OK;
}

void wb_cloud_asg_init(wb_cloud *cloud)
{
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_ASG_RECONCILE, on_reconcile, cloud);
}

/* The group's reaction time; the n-th change of the same group draws alike for every contender. */
static int64_t reaction_ms(wb_cloud *cloud, uint32_t asg_id, const wb_boot_phase *phase,
                           uint32_t phase_index)
{
    wb_asg *asg = &cloud->asgs[asg_id];
    const uint64_t pool = wb_digest_hash64(asg->name, strlen(asg->name));
    uint64_t *count = phase_index == WB_BOOT_PHASE_ASG ? &asg->change_count : &asg->loss_count;
    return wb_boot_model_draw(phase, cloud->seed, pool, (*count)++, phase_index);
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
    wb_asg *added = &cloud->asgs[asg_id];
    *added = *asg;
    added->instance_count = added->unit_count = 0;
    added->surge_count = added->zone_surge_count = 0;
    added->change_count = added->loss_count = 0;
    if (asg->desired_count > 0) {
        wb_cloud_asg_look_later(cloud, asg_id, 0);
    }
    return asg_id;
}

wb_status wb_cloud_set_desired(wb_cloud *cloud, uint32_t asg_id, int32_t desired, wb_error *err)
{
    assert(asg_id < cloud->asg_count);
    wb_asg *asg = &cloud->asgs[asg_id];
    const wb_cloud_action action = WB_CLOUD_SET_DESIRED_CAPACITY;
    wb_cloud_call call = {.action = action, .instance_id = WB_NO_ID, .asg_id = asg_id};
    const char *code = wb_cloud_api_begin(&cloud->api, &call);
    if (code != NULL) {
        wb_cloud_announce_error(cloud, action, code, WB_NO_ID);
        return wb_fail(err, WB_ERR_LIMIT, "SetDesiredCapacity of '%s': %s", asg->name, code);
    }
    const bool is_allowed = desired >= asg->min_count && desired <= asg->max_count;
    wb_cloud_api_end(&cloud->api, action, is_allowed ? NULL : "ValidationError");
    if (!is_allowed) {
        return wb_fail(err, WB_ERR_INPUT,
                       "SetDesiredCapacity: %d is outside the minimum %d and maximum %d of '%s'",
                       desired, asg->min_count, asg->max_count, asg->name);
    }
    asg->desired_count = desired;
    wb_cloud_asg_look_later(cloud, asg_id,
                            call.delay_ms +
                                reaction_ms(cloud, asg_id, &cloud->boot.asg, WB_BOOT_PHASE_ASG));
    return WB_OK;
}

void wb_cloud_asg_lost_instance(wb_cloud *cloud, uint32_t instance_id, bool is_decrement)
{
    const wb_instance *instance = &cloud->instances[instance_id];
    const uint32_t asg_id = instance->asg_id;
    wb_asg *asg = &cloud->asgs[asg_id];
    assert(asg->instance_count > 0);
    const int32_t weight = wb_cloud_asg_weight(asg, instance->type_index);
    asg->instance_count--;
    asg->unit_count -= weight;
    if (instance->is_at_risk) { /* its replacement is on its way, or stands already */
        asg->surge_count -= weight;
    }
    if (is_decrement) {
        asg->desired_count -= weight;
    }
    if (asg->unit_count < asg->desired_count + asg->surge_count || asg->policy.rebalances_zones) {
        wb_cloud_asg_look_later(
            cloud, asg_id, reaction_ms(cloud, asg_id, &cloud->boot.health, WB_BOOT_PHASE_HEALTH));
    }
}
