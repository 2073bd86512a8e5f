/*
 * Who looks after interrupted machines beside Cluster Autoscaler, which itself does not react: the
 * AWS Node Termination Handler where the scenario has it installed, and EKS for the spot groups
 * that it manages. At the two-minute notice the node is cordoned and drained like by kubectl drain:
 * every pod but DaemonSets' is evicted, refused ones again every five seconds until the machine is
 * gone. Without either the pods go down with the machine. Source: spec/cluster-autoscaler.md
 * section 8.
 */
#include <assert.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler_internal.h"

#define RETRY_MS (5 * WB_MS_PER_SECOND) /* kubectl drain, after a 429 */

static bool is_looked_after(const wb_cluster_autoscaler *self, const wb_instance *instance)
{
    if (self->contender->has_termination_handler) {
        return true;
    }
    for (uint32_t group = 0; group < self->loop.group_count; group++) {
        if (self->groups[group].asg_id == instance->asg_id) {
            return self->groups[group].config->drains_at_notice;
        }
    }
    return false;
}

static void tell(wb_cluster_autoscaler *self, uint32_t node_id)
{
    const wb_cluster_node *node = &self->env.cluster->nodes[node_id];
    const bool is_warned = self->env.cloud->instances[node->instance_id].notice_ms >= 0;
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = is_warned ? "interruption" : "maintenance",
        .subject = wb_intern_text(self->env.intern, node->name),
        .outcome = "cordon and drain",
        .reason = is_warned ? "EC2 takes the spot instance back in two minutes"
                            : "EC2 has announced that it will stop the machine",
        .pod_count = (int64_t)node->movable_pod_count,
        .node_count = 1,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

/* Evicts what can be; true when a PDB refused something. */
static bool drain(wb_cluster_autoscaler *self, uint32_t node_id)
{
    wb_cluster *cluster = self->env.cluster;
    uint32_t *ids =
        wb_heap_memory_alloc((size_t)cluster->nodes[node_id].pod_count + 1, sizeof(*ids));
    uint32_t count = 0;
    bool is_refused = false;
    for (uint32_t pod_id = cluster->nodes[node_id].first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        if (!wb_cluster_pod_is_daemon(cluster, pod_id)) {
            ids[count++] = pod_id;
        }
    }
    for (uint32_t i = count; i-- > 0;) { /* the chain is newest first; evicting changes it */
        is_refused =
            wb_cluster_evict_pod(cluster, ids[i], WB_CAUSE_INTERRUPTION) == WB_EVICTION_REFUSED ||
            is_refused;
    }
    wb_heap_memory_free(ids);
    return is_refused;
}

static wb_status on_handler(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster_autoscaler *self = context;
    const wb_instance *instance = &self->env.cloud->instances[event->subject];
    const uint32_t node_id = instance->node_id;
    if (instance->ended_ms >= 0 || node_id == WB_NO_ID ||
        self->env.cluster->nodes[node_id].state == WB_NODE_STATE_GONE) {
        return WB_OK;
    }
    if (!self->env.cluster->nodes[node_id].is_unschedulable) {
        wb_cluster_cordon_node(self->env.cluster, node_id, true);
        wb_cluster_set_node_draining(self->env.cluster, node_id, true);
        tell(self, node_id);
    }
    if (!drain(self, node_id)) {
        return wb_cluster_status(self->env.cluster, err);
    }
    return wb_kernel_schedule(self->env.kernel, event->at_ms + RETRY_MS, WB_PHASE_CONTROLLER,
                              event->kind, event->subject, err);
}

/* The handler acts in a controller's turn, in the same millisecond. */
static void on_notice(void *context, uint32_t instance_id)
{
    wb_cluster_autoscaler *self = context;
    assert(instance_id < self->env.cloud->instance_count);
    if (is_looked_after(self, &self->env.cloud->instances[instance_id])) {
        const wb_status status =
            wb_kernel_schedule(self->env.kernel, self->env.kernel->now_ms, WB_PHASE_CONTROLLER,
                               WB_CLUSTER_AUTOSCALER_EVENT_HANDLER, instance_id, NULL);
        assert(status == WB_OK); /* as few as machines that are interrupted at once */
        (void)status;
    }
}

void wb_cluster_autoscaler_heed_interruptions(wb_cluster_autoscaler *self)
{
    const wb_cloud_client client = {
        .context = self,
        .interruption_notice = on_notice,
        .maintenance_announced = on_notice,
    };
    wb_cloud_set_client(self->env.cloud, &client);
    wb_kernel_subscribe(self->env.kernel, WB_CLUSTER_AUTOSCALER_EVENT_HANDLER, on_handler, self);
}
