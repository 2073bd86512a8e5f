/*
 * What a bound pod must have before its containers start: the gates that the cloud sets, and which
 * of them a pod stands before.
 */
#include <assert.h>

#include "sim/cluster/cluster_internal.h"

void wb_cluster_add_start_gate(wb_cluster *cluster, const wb_cluster_start_gate *gate)
{
    assert(gate->ready_ms != NULL && gate->need != NULL);
    assert(cluster->start_gate_count < WB_CLUSTER_START_GATES_MAX);
    cluster->start_gates[cluster->start_gate_count++] = *gate;
}

int64_t wb_cluster_pass_gates(wb_cluster *cluster, uint32_t pod_id)
{
    assert(cluster != NULL && pod_id < cluster->pods.count);
    int64_t ready_ms = cluster->kernel->now_ms;
    for (uint32_t i = 0; i < cluster->start_gate_count && ready_ms < INT64_MAX; i++) {
        const wb_cluster_start_gate *gate = &cluster->start_gates[i];
        const int64_t of_gate_ms = gate->ready_ms(gate->context, pod_id);
        ready_ms = of_gate_ms > ready_ms ? of_gate_ms : ready_ms;
        if (of_gate_ms == INT64_MAX) {
            (void)wb_hash_map_put(&cluster->gate_by_pod, pod_id, i);
        }
    }
    if (ready_ms < INT64_MAX && cluster->gate_by_pod.used_count > 0) {
        (void)wb_hash_map_remove(&cluster->gate_by_pod, pod_id);
    }
    return ready_ms;
}

const char *wb_cluster_start_need(const wb_cluster *cluster, uint32_t pod_id)
{
    assert(cluster != NULL && pod_id < cluster->pods.count);
    uint64_t gate = 0;
    return wb_hash_map_get(&cluster->gate_by_pod, pod_id, &gate) ? cluster->start_gates[gate].need
                                                                 : NULL;
}
