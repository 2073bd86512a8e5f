/* HorizontalPodAutoscaler (autoscaling/v2), reduced to what decides how many replicas there are. */
#ifndef WB_KUBE_HPA_H
#define WB_KUBE_HPA_H

#include "kube/pod.h"

typedef enum wb_hpa_metric_kind {
    WB_HPA_RESOURCE, /* usage of the pods, cpu or memory */
    WB_HPA_PODS,     /* another metric, per pod */
    WB_HPA_EXTERNAL, /* a number that is not tied to pods */
} wb_hpa_metric_kind;

typedef enum wb_hpa_target_kind {
    WB_HPA_UTILIZATION,   /* percent of what the pods request; Resource only */
    WB_HPA_AVERAGE_VALUE, /* per pod, in thousandths */
    WB_HPA_VALUE,         /* the whole, in thousandths; External only */
} wb_hpa_target_kind;

typedef struct wb_hpa_metric {
    wb_hpa_metric_kind kind;
    uint32_t name; /* interned: cpu, memory, or the metric's own */
    wb_hpa_target_kind target_kind;
    int64_t target; /* percent, or thousandths of the metric's unit (of a CPU, of a byte) */
} wb_hpa_metric;

typedef enum wb_hpa_select {
    WB_HPA_SELECT_MAX, /* of what the policies allow, the largest change */
    WB_HPA_SELECT_MIN,
    WB_HPA_SELECT_DISABLED, /* no change in this direction */
} wb_hpa_select;

typedef struct wb_hpa_policy {
    bool is_percent; /* of the replicas at the start of the period; false: pods */
    int32_t value;
    int64_t period_ms;
} wb_hpa_policy;

/* What behavior says about one direction. */
typedef struct wb_hpa_rules {
    int64_t window_ms; /* stabilizationWindowSeconds */
    wb_hpa_select select;
    const wb_hpa_policy *policies;
    uint32_t policy_count;
    double tolerance; /* 0.1 by default */
} wb_hpa_rules;

typedef struct wb_hpa {
    uint32_t name, namespace_name; /* interned */
    wb_owner_kind target_kind;     /* scaleTargetRef */
    uint32_t target_name;
    int32_t min_replicas, max_replicas;
    const wb_hpa_metric *metrics;
    uint32_t metric_count;
    bool has_behavior; /* false: the older rules, which up and down do not describe */
    wb_hpa_rules up, down;
} wb_hpa;

#endif
