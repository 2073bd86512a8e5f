/*
 * Which pods a scale-up is about: those without a node, less the expendable ones, those that fit on
 * nodes that are there or coming, and those that are too young
 * (spec/cluster-autoscaler.md section 1, steps 10 and 11).
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_PENDING_PODS_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_PENDING_PODS_H

#include "base/hash_map.h"
#include "sim/autoscaler/cluster_autoscaler/ca_snapshot.h"

struct wb_ca_loop;

typedef struct wb_pending_pods {
    wb_ca_snapshot_pod *items; /* owned: what is left after filtering, in order */
    uint32_t count, capacity;
    uint32_t *failed_in; /* owned; by shape: the pass in which a pod of it fitted nowhere */
    uint32_t failed_capacity, pass;
    wb_hash_map node_by_pod; /* hints: where a pod was put in the last pass */
    int64_t oldest_created_ms, oldest_gpu_created_ms; /* of items; INT64_MAX: none */
    uint32_t upcoming_fit_count; /* pods that wait for nodes which are on their way */
} wb_pending_pods;

/* Starts without pods and hints; frees what is inside. */
void wb_pending_pods_init(wb_pending_pods *pending);
void wb_pending_pods_release(wb_pending_pods *pending);

/* Gathers and filters; pods that fit are put into the loop's snapshot, within its fork. */
void wb_pending_pods_gather(struct wb_ca_loop *loop);

/* Tries the pods that are left once more, after nodes were put into the loop's snapshot; those that
 * fit now leave. */
void wb_pending_pods_refit(struct wb_ca_loop *loop);

/* Whether no pod is old enough yet to scale up for. */
bool wb_pending_pods_are_all_new(const wb_pending_pods *pending, int64_t now_ms);

#endif
