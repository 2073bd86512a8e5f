/* The owners of pods: what a manifest says about how many pods there are and how they are made. */
#ifndef WB_KUBE_WORKLOAD_H
#define WB_KUBE_WORKLOAD_H

#include "kube/pod.h"

/* Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, ReplicationController. */
typedef struct wb_workload {
    wb_owner_kind kind;
    uint32_t name, namespace_name, uid; /* interned */
    const wb_pod_template *template;
    wb_label_selector selector;
    int32_t replicas;                   /* default 1; DaemonSet: not used */
    int32_t max_unavailable, max_surge; /* Deployment rolling update, in pods; default 25 % of
                                           replicas, down and up */
    int32_t completions, parallelism, backoff_limit; /* Job and CronJob; defaults 1, 1, 6 */
    uint32_t schedule;                               /* CronJob: text, interned */
    bool is_suspended;
    const wb_volume *claim_templates; /* StatefulSet volumeClaimTemplates: name, storage_class */
    uint32_t claim_template_count;
    int64_t created_ms;           /* -1: absent */
    const struct wb_node *source; /* borrowed: the document it was read from; NULL: none */
} wb_workload;

#endif
