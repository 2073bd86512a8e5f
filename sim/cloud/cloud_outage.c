/*
 * A whole zone fails (market.h): its machines end, or are not heard of until it is over, and
 * nothing launches there meanwhile. What boots while the zone is out waits for its end.
 */
#include <assert.h>

#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

int64_t wb_cloud_outage_end_ms(const wb_cloud *cloud, uint32_t zone)
{
    assert(cloud != NULL);
    const int64_t now_ms = cloud->kernel->now_ms;
    int64_t end_ms = -1;
    for (uint32_t i = 0; i < cloud->market.outage_count; i++) {
        const wb_outage *outage = &cloud->market.outages[i];
        const int64_t until_ms = outage->for_ms < 0 ? INT64_MAX : outage->at_ms + outage->for_ms;
        if (outage->zone == zone && outage->at_ms <= now_ms && now_ms < until_ms) {
            end_ms = until_ms > end_ms ? until_ms : end_ms;
        }
    }
    return end_ms;
}

/* Subjects: outage << 1, and one more for its end. */
static void schedule(wb_cloud *cloud, int64_t at_ms, uint32_t subject)
{
    const wb_status status = wb_kernel_schedule(cloud->kernel, at_ms, WB_PHASE_CLOUD,
                                                WB_EVENT_ZONE_OUTAGE, subject, NULL);
    assert(status == WB_OK); /* a scenario has a handful of these */
    (void)status;
}

static bool has_node(const wb_cloud *cloud, const wb_instance *instance)
{
    return instance->node_id != WB_NO_ID &&
           cloud->cluster->nodes[instance->node_id].state != WB_NODE_STATE_GONE;
}

static void cut_off(wb_cloud *cloud, uint32_t instance_id)
{
    const uint32_t node_id = cloud->instances[instance_id].node_id;
    if (has_node(cloud, &cloud->instances[instance_id])) {
        wb_cluster_set_node_condition(cloud->cluster, node_id,
                                      wb_cluster_ready_condition(cloud->cluster));
        wb_cluster_set_node_unreachable(cloud->cluster, node_id);
    }
}

static void reconnect(wb_cloud *cloud, uint32_t instance_id)
{
    const wb_instance *instance = &cloud->instances[instance_id];
    if (has_node(cloud, instance) && instance->fault_index == WB_NO_ID) {
        wb_cluster_set_node_condition(cloud->cluster, instance->node_id, 0);
        if (instance->ready_ms >= 0) {
            wb_cluster_set_node_ready(cloud->cluster, instance->node_id, true);
        }
    }
}

/* Ids first: what happens to a machine may launch others. */
static wb_status on_outage(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    const wb_outage *outage = &cloud->market.outages[event->subject >> 1];
    const bool is_end = (event->subject & 1U) != 0;
    const uint32_t count = cloud->instance_count;
    (void)err;
    for (uint32_t instance_id = 0; instance_id < count; instance_id++) {
        const wb_instance *instance = &cloud->instances[instance_id];
        if (instance->zone != outage->zone || instance->ended_ms >= 0) {
            continue;
        }
        if (outage->kind == WB_OUTAGE_LOST) {
            wb_cloud_stop_instance(cloud, instance_id);
        } else if (is_end) {
            reconnect(cloud, instance_id);
        } else {
            cut_off(cloud, instance_id);
        }
    }
    if (!is_end && outage->for_ms >= 0 && outage->kind == WB_OUTAGE_UNREACHABLE) {
        schedule(cloud, event->at_ms + outage->for_ms, event->subject | 1U);
    }
    return WB_OK;
}

void wb_cloud_outage_init(wb_cloud *cloud)
{
    assert(cloud->market.outage_count < UINT32_MAX / 2);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_ZONE_OUTAGE, on_outage, cloud);
    for (uint32_t i = 0; i < cloud->market.outage_count; i++) {
        schedule(cloud, cloud->market.outages[i].at_ms, i << 1);
    }
}
