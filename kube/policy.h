/* PodDisruptionBudget, PriorityClass, Namespace. */
#ifndef WB_KUBE_POLICY_H
#define WB_KUBE_POLICY_H

#include "kube/label.h"

typedef enum wb_bound_kind {
    WB_BOUND_NONE,
    WB_BOUND_COUNT,
    WB_BOUND_PERCENT,
} wb_bound_kind;

typedef struct wb_pdb {
    uint32_t name, namespace_name; /* interned */
    wb_label_selector selector;    /* empty selector selects every pod of the namespace */
    wb_bound_kind min_available_kind, max_unavailable_kind; /* one of the two is set */
    int32_t min_available, max_unavailable;
    bool always_allows_unhealthy; /* unhealthyPodEvictionPolicy AlwaysAllow */
    bool status_is_set;
    int32_t disruptions_allowed, current_healthy, desired_healthy, expected_pods; /* status */
    const uint32_t *disrupted_pods; /* names in status.disruptedPods; interned */
    uint32_t disrupted_pod_count;
    const struct wb_node *source; /* borrowed: the document it was read from; NULL: none */
} wb_pdb;

typedef struct wb_priority_class {
    uint32_t name;
    int32_t value;
    bool is_global_default, never_preempts;
} wb_priority_class;

typedef struct wb_namespace {
    uint32_t name;
    wb_labels labels; /* kubernetes.io/metadata.name filled in */
} wb_namespace;

/* How many pods of expected_count selected ones may be disrupted now when healthy_count of them are
 * healthy; never negative. Percentages round up, as the disruption controller does. */
int32_t wb_pdb_allowed(const wb_pdb *pdb, int32_t expected_count, int32_t healthy_count);

#endif
