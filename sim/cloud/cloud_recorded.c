/* Machines of a recording: they come and go as they did, and all that is left to the cloud is their
 * bill. Nothing of the mock's own (boot, quotas, faults, spot's waves) touches them. */
#include <assert.h>

#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

static const wb_launch_template recorded_template = {.name_prefix = "recorded",
                                                     .never_registers = true};

uint32_t wb_cloud_add_recorded(wb_cloud *cloud, const wb_fleet_override *offering,
                               wb_capacity_type capacity_type)
{
    assert(cloud != NULL && offering != NULL);
    assert(wb_cloud_offering(cloud, offering->type_index, offering->zone, capacity_type) != NULL);
    const int64_t now_ms = cloud->kernel->now_ms;
    const uint32_t instance_id = cloud->instance_count;
    *wb_cloud_add_instance_row(cloud) = (wb_instance){
        .state = WB_INSTANCE_RUNNING,
        .capacity_type = capacity_type,
        .type_index = offering->type_index,
        .zone = offering->zone,
        .claim_id = WB_NO_ID,
        .node_id = WB_NO_ID,
        .fault_index = WB_NO_ID,
        .asg_id = WB_NO_ID,
        .launch_template = &recorded_template,
        .price_nusd_per_hour =
            wb_cloud_price_nusd(cloud, offering->type_index, offering->zone, capacity_type),
        .requested_ms = now_ms,
        .launched_ms = now_ms,
        .running_ms = now_ms,
        .registered_ms = now_ms,
        .ready_ms = -1, /* faults look for machines that were ready */
        .ended_ms = -1,
        .recommended_ms = -1,
        .notice_ms = -1,
        .reserved_until_ms = -1,
        .is_recorded = true,
    };
    WB_NOTIFY(cloud->observers, instance_launched, instance_id);
    return instance_id;
}

void wb_cloud_join_recorded(wb_cloud *cloud, uint32_t instance_id, uint32_t node_id)
{
    assert(instance_id < cloud->instance_count && cloud->instances[instance_id].is_recorded);
    cloud->instances[instance_id].node_id = node_id;
}

void wb_cloud_end_recorded(wb_cloud *cloud, uint32_t instance_id, wb_cause cause)
{
    assert(instance_id < cloud->instance_count && cloud->instances[instance_id].is_recorded);
    wb_instance *instance = &cloud->instances[instance_id];
    if (instance->ended_ms >= 0) {
        return;
    }
    instance->cost_nusd = wb_cloud_instance_cost_nusd(cloud, instance_id, cloud->kernel->now_ms);
    instance->ended_ms = cloud->kernel->now_ms;
    instance->cause = cause;
    instance->state = WB_INSTANCE_TERMINATED;
    cloud->ended_cost_nusd[instance->capacity_type] += instance->cost_nusd;
    wb_cloud_forget_living(cloud, instance_id);
    WB_NOTIFY(cloud->observers, instance_ended, instance_id, cause);
}
