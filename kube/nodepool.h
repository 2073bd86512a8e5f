/*
 * Karpenter's own objects: NodePool v1 and NodeClaim v1 (karpenter.sh), with the defaults and the
 * validation of its API (CEL rules and runtime validation). v1beta1 and v1alpha5 manifests are
 * converted to these.
 */
#ifndef WB_KUBE_NODEPOOL_H
#define WB_KUBE_NODEPOOL_H

#include "kube/label.h"
#include "kube/resource.h"

typedef enum wb_consolidation_policy {
    WB_CONSOLIDATE_WHEN_EMPTY_OR_UNDERUTILIZED,
    WB_CONSOLIDATE_WHEN_EMPTY,
    WB_CONSOLIDATE_BALANCED,
} wb_consolidation_policy;

#define WB_DISRUPTION_EMPTY         1U /* bits of wb_budget.reasons */
#define WB_DISRUPTION_DRIFTED       2U
#define WB_DISRUPTION_UNDERUTILIZED 4U

typedef struct wb_budget {
    bool is_percent;
    int32_t nodes;        /* a number of nodes or of percent */
    uint32_t reasons;     /* bits; 0: all */
    const char *schedule; /* cron text in UTC; NULL: always */
    int64_t duration_ms;  /* with schedule */
} wb_budget;

typedef struct wb_nodepool {
    uint32_t name, uid; /* interned */
    int32_t weight;     /* 0 when absent */
    bool is_deleting, is_ready;
    int32_t replicas;              /* static pools; -1: not static */
    wb_labels labels, annotations; /* of the template */
    const wb_label_expression *requirements;
    const wb_taint *taints, *startup_taints;
    const wb_budget *budgets; /* the default of 10 % filled in */
    uint32_t requirement_count, taint_count, startup_taint_count, budget_count;
    uint32_t node_class_group, node_class_kind, node_class_name; /* interned */
    int64_t expire_after_ms;             /* default 720h; WB_DURATION_NEVER */
    int64_t termination_grace_period_ms; /* -1: none */
    int64_t consolidate_after_ms;        /* default 0; WB_DURATION_NEVER */
    wb_consolidation_policy consolidation_policy;
    wb_resource_list limits; /* spec.limits; a resource that is not listed is not limited */
    int64_t limit_nodes;     /* spec.limits.nodes; -1: none */
    const struct wb_nodeclass *kubelet; /* of a pool from before v1: its own settings, which go
                                           before those of its NodeClass; NULL: none */
    uint64_t template_hash; /* what annotation karpenter.sh/nodepool-hash stands for: the template
                               without its requirements */
    const struct wb_node *source; /* borrowed: the document it was read from; NULL: none */
} wb_nodepool;

typedef struct wb_nodeclaim {
    uint32_t name, nodepool; /* interned */
    wb_labels labels, annotations;
    const wb_label_expression *requirements;
    const wb_taint *taints, *startup_taints;
    uint32_t requirement_count, taint_count, startup_taint_count;
    uint32_t node_class_name;
    wb_resource_list requests, capacity, allocatable;
    uint32_t provider_id, node_name;
    int64_t created_ms, deletion_ms, expire_after_ms, termination_grace_period_ms;
    int64_t launched_ms, registered_ms, initialized_ms, last_pod_event_ms; /* -1: not yet */
    int64_t drifted_ms, consolidatable_ms; /* when the condition turned true; -1: it is not true */
} wb_nodeclaim;

#endif
