/* Faults meet the machines that stand when they come (fault.h). */
#include <assert.h>

#include "base/random.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

/* Subjects of the timer: fault << 1, and one more for its end. */
static void schedule(wb_cloud *cloud, int64_t at_ms, uint32_t subject)
{
    const wb_status status = wb_kernel_schedule(cloud->kernel, at_ms, WB_PHASE_CLOUD,
                                                WB_EVENT_CLOUD_TIMER, subject, NULL);
    assert(status == WB_OK);
    (void)status;
}

static bool hits(const wb_cloud *cloud, uint32_t fault_index, const wb_instance *instance)
{
    const wb_fault *fault = &cloud->faults[fault_index];
    const uint64_t pool =
        wb_cloud_pool_hash(cloud, instance->type_index, instance->zone, instance->capacity_type);
    const wb_random_key key = {cloud->seed, WB_RANDOM_FAULT, wb_hash_map_join(pool, fault_index)};
    return wb_random_unit(key, instance->pool_ordinal) < fault->share;
}

bool wb_cloud_faults_keep_away(const wb_cloud *cloud, uint32_t instance_id)
{
    assert(instance_id < cloud->instance_count);
    const int64_t now_ms = cloud->kernel->now_ms;
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault *fault = &cloud->faults[i];
        const bool is_on = fault->kind == WB_FAULT_NEVER_REGISTERS && fault->at_ms <= now_ms &&
                           (fault->for_ms < 0 || now_ms < fault->at_ms + fault->for_ms);
        if (is_on && hits(cloud, i, &cloud->instances[instance_id])) {
            return true;
        }
    }
    return false;
}

/* A machine whose node has joined, is there and has been Ready. */
static bool is_standing(const wb_cloud *cloud, const wb_instance *instance)
{
    return instance->state == WB_INSTANCE_RUNNING && instance->node_id != WB_NO_ID &&
           cloud->cluster->nodes[instance->node_id].state != WB_NODE_STATE_GONE &&
           instance->ready_ms >= 0;
}

static void strike(wb_cloud *cloud, const wb_fault *fault, uint32_t instance_id)
{
    const uint32_t node_id = cloud->instances[instance_id].node_id;
    switch (fault->kind) {
    case WB_FAULT_NOT_READY:
        wb_cluster_set_node_condition(cloud->cluster, node_id,
                                      wb_cluster_ready_condition(cloud->cluster));
        wb_cluster_set_node_unreachable(cloud->cluster, node_id);
        break;
    case WB_FAULT_CONDITION:
        wb_cluster_set_node_condition(cloud->cluster, node_id, fault->condition);
        break;
    case WB_FAULT_LOST:
        wb_cloud_lose(cloud, instance_id);
        wb_cluster_set_node_unreachable(cloud->cluster, node_id);
        if (cloud->client.instance_stopped != NULL) {
            cloud->client.instance_stopped(cloud->client.context, instance_id);
        }
        break;
    case WB_FAULT_NEVER_REGISTERS: break; /* machines ask for it when they start */
    }
}

static void recover(wb_cloud *cloud, const wb_fault *fault, uint32_t instance_id)
{
    const uint32_t node_id = cloud->instances[instance_id].node_id;
    cloud->instances[instance_id].fault_index = WB_NO_ID;
    wb_cluster_set_node_condition(cloud->cluster, node_id, 0);
    if (fault->kind == WB_FAULT_NOT_READY) {
        wb_cluster_set_node_ready(cloud->cluster, node_id, true);
    }
}

static void end_fault(wb_cloud *cloud, uint32_t fault_index)
{
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        if (cloud->instances[instance_id].fault_index == fault_index &&
            is_standing(cloud, &cloud->instances[instance_id])) {
            recover(cloud, &cloud->faults[fault_index], instance_id);
        }
    }
}

static void begin_fault(wb_cloud *cloud, uint32_t fault_index)
{
    const wb_fault *fault = &cloud->faults[fault_index];
    uint32_t left = fault->count;
    for (uint32_t i = 0; i < cloud->living_instance_count && left > 0; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        const wb_instance *instance = &cloud->instances[instance_id];
        if (is_standing(cloud, instance) && hits(cloud, fault_index, instance) &&
            instance->fault_index == WB_NO_ID) {
            left--;
            cloud->instances[instance_id].fault_index = fault_index;
            strike(cloud, fault, instance_id);
        }
    }
    if (fault->for_ms >= 0 && fault->kind <= WB_FAULT_CONDITION) {
        schedule(cloud, cloud->kernel->now_ms + fault->for_ms, fault_index << 1 | 1U);
    }
}

static wb_status on_timer(void *context, const wb_event *event, wb_error *err)
{
    (void)err;
    if ((event->subject & 1U) != 0) {
        end_fault(context, event->subject >> 1);
    } else {
        begin_fault(context, event->subject >> 1);
    }
    return WB_OK;
}

void wb_cloud_faults_init(wb_cloud *cloud)
{
    assert(cloud->fault_count < UINT32_MAX / 2);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_CLOUD_TIMER, on_timer, cloud);
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        if (cloud->faults[i].kind != WB_FAULT_NEVER_REGISTERS) {
            schedule(cloud, cloud->faults[i].at_ms, i << 1);
        }
    }
}
