/*
 * The HorizontalPodAutoscaler's controller: every 15 s it compares what the pods of a workload use
 * with what they should, and sets the replicas of the workload.
 *
 * What pods use is the load signal of their workload, spread evenly over those that run on a ready
 * node, up to their cpu limit. As with a metrics server, a pod has no metric for its first 15 s;
 * its cpu counts only after 30 s, when the first window that lies behind its readiness is over.
 * A metric without a signal cannot be read: as in the real controller, the workload may then grow
 * for the sake of other metrics but not shrink.
 *
 * Source: kubernetes.io/docs, "Horizontal Pod Autoscaling"; k8s.io/kubernetes
 * pkg/controller/podautoscaler, v1.36.
 */
#ifndef WB_SIM_CLUSTER_HPA_CONTROLLER_H
#define WB_SIM_CLUSTER_HPA_CONTROLLER_H

#include "sim/cluster/cluster.h"
#include "sim/cluster/load_signal.h"

/* --horizontal-pod-autoscaler-sync-period and -cpu-initialization-period; how old a pod's first
 * metric is, and how old it must be for its cpu to count. */
#define WB_HPA_SYNC_MS         INT64_C(15000)
#define WB_HPA_CPU_INITIAL_MS  INT64_C(300000)
#define WB_HPA_FIRST_METRIC_MS INT64_C(15000)
#define WB_HPA_CPU_TRUSTED_MS  INT64_C(30000)

typedef struct wb_hpa_controller wb_hpa_controller;

/* A controller without autoscalers, owned by the caller. signals are borrowed; cluster must outlive
 * it. Subscribes to WB_EVENT_HPA_SYNC. */
wb_hpa_controller *wb_hpa_controller_new(wb_cluster *cluster, const wb_load_signal *signals,
                                         uint32_t signal_count);
void wb_hpa_controller_free(wb_hpa_controller *controller);

/* Puts hpa in force (copied; its arrays must live as long as the run), or changes the one of that
 * namespace and name. One of whose metrics no signal feeds any is left out: its replicas are what
 * the workload says. */
void wb_hpa_controller_apply(wb_hpa_controller *controller, const wb_hpa *hpa);

/* False when there was none of that name. */
bool wb_hpa_controller_delete(wb_hpa_controller *controller, uint32_t namespace_name,
                              uint32_t name);

#endif
