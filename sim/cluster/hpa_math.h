/*
 * The arithmetic of the HorizontalPodAutoscaler's controller, without a cluster or a clock: from
 * what pods use to a proposal, and from a proposal to what stabilisation and policies let through.
 *
 * Source: k8s.io/kubernetes pkg/controller/podautoscaler (replica_calculator.go, horizontal.go),
 * v1.36; the public description is kubernetes.io/docs, "Horizontal Pod Autoscaling". Floating point
 * is the controller's, operation by operation.
 */
#ifndef WB_SIM_CLUSTER_HPA_MATH_H
#define WB_SIM_CLUSTER_HPA_MATH_H

#include "kube/hpa.h"

/* A metric of one target's pods. Amounts are thousandths: of a CPU, of a byte, of a request a
 * second. Terminating pods are not among them. */
typedef struct wb_hpa_pods {
    int32_t ready_count;   /* with a metric that counts */
    int32_t unready_count; /* not running yet, or so young that their cpu does not count */
    int32_t missing_count; /* running without a metric */
    int64_t usage;         /* of the ready ones, in all */
    int64_t ready_requests, unready_requests, missing_requests; /* for utilization */
} wb_hpa_pods;

/* How far a ratio may be from 1 without anything being done. */
typedef struct wb_hpa_tolerances {
    double up, down;
} wb_hpa_tolerances;

/* The replicas that a metric asks for; current when it is near enough to its target, -1 when there
 * is nothing to go by (no pod has a metric). metric is RESOURCE or PODS. */
int32_t wb_hpa_math_by_pods(const wb_hpa_metric *metric, const wb_hpa_pods *pods, int32_t current,
                            wb_hpa_tolerances tolerances);

/* The same of an EXTERNAL metric that is at value; status_count is the number of pods that the
 * target has, ready_count of those that are ready. */
int32_t wb_hpa_math_by_value(const wb_hpa_metric *metric, int64_t value, int32_t status_count,
                             int32_t ready_count, wb_hpa_tolerances tolerances);

/* ---- from a proposal to a decision ---- */

/* A recommendation, or a change that was made, and when. */
typedef struct wb_hpa_record {
    int64_t at_ms;
    int32_t amount;
} wb_hpa_record;

typedef struct wb_hpa_records {
    wb_hpa_record *items; /* owned; oldest first */
    uint32_t count, capacity;
} wb_hpa_records;

/* What the controller remembers of one autoscaler. Zeroed: nothing yet. */
typedef struct wb_hpa_history {
    wb_hpa_records recommendations; /* before stabilisation */
    wb_hpa_records ups, downs;      /* changes that were made, as positive numbers */
} wb_hpa_history;

/* What becomes of desired: stabilised over the windows, held to policies and bounds. Remembers
 * desired. */
int32_t wb_hpa_math_limit(const wb_hpa *hpa, wb_hpa_history *history, int64_t now_ms,
                          int32_t current, int32_t desired);

/* The change from current to next was made. */
void wb_hpa_math_remember_change(const wb_hpa *hpa, wb_hpa_history *history, int64_t now_ms,
                                 int32_t current, int32_t next);

/* Frees what is inside, leaving an empty one. */
void wb_hpa_math_release(wb_hpa_history *history);

#endif
