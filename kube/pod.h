/*
 * What scheduling reads of a Pod. The template (labels and spec) is what thousands of pods share;
 * the pod itself adds only its identity and its past.
 */
#ifndef WB_KUBE_POD_H
#define WB_KUBE_POD_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/label.h"
#include "kube/resource.h"

/* One term of node affinity: expressions ANDed with fields (metadata.name only). A term with
 * neither matches nothing. */
typedef struct wb_node_term {
    const wb_label_expression *expressions;
    const wb_label_expression *fields;
    uint32_t expression_count, field_count;
    int32_t weight; /* preferred terms only, 1 to 100 */
} wb_node_term;

/* One term of pod affinity or anti-affinity. */
typedef struct wb_pod_term {
    wb_label_selector selector;
    wb_label_selector namespace_selector;
    const uint32_t *namespaces; /* interned */
    uint32_t namespace_count;
    uint32_t topology_key;
    const uint32_t *match_label_keys, *mismatch_label_keys;
    uint32_t match_label_key_count, mismatch_label_key_count;
    int32_t weight; /* preferred terms only */
} wb_pod_term;

typedef enum wb_spread_unsatisfiable {
    WB_SPREAD_DO_NOT_SCHEDULE,
    WB_SPREAD_SCHEDULE_ANYWAY,
} wb_spread_unsatisfiable;

typedef enum wb_node_policy {
    WB_NODE_POLICY_UNSET,
    WB_NODE_POLICY_HONOR,
    WB_NODE_POLICY_IGNORE,
} wb_node_policy;

typedef struct wb_spread_constraint {
    int32_t max_skew;
    int32_t min_domains; /* 0: not set */
    uint32_t topology_key;
    wb_spread_unsatisfiable when_unsatisfiable;
    wb_label_selector selector;
    wb_node_policy node_affinity_policy; /* unset means Honor */
    wb_node_policy node_taints_policy;   /* unset means Ignore */
    const uint32_t *match_label_keys;
    uint32_t match_label_key_count;
} wb_spread_constraint;

typedef enum wb_port_protocol {
    WB_PORT_TCP,
    WB_PORT_UDP,
    WB_PORT_SCTP,
} wb_port_protocol;

typedef struct wb_host_port {
    uint32_t ip; /* interned; 0 is 0.0.0.0 */
    uint16_t port;
    wb_port_protocol protocol;
    bool is_init_container; /* sidecars: kube-scheduler counts them, Karpenter does not */
} wb_host_port;

typedef struct wb_container {
    uint32_t name, image;      /* interned */
    wb_resource_list requests; /* a missing request is filled from limits */
    wb_resource_list limits;
    bool is_init, is_sidecar; /* sidecar: init container with restartPolicy Always */
} wb_container;

typedef enum wb_volume_kind {
    WB_VOLUME_CLAIM,     /* persistentVolumeClaim */
    WB_VOLUME_EPHEMERAL, /* generic ephemeral: claim "<pod>-<volume>" */
    WB_VOLUME_EMPTY_DIR,
    WB_VOLUME_EMPTY_DIR_MEMORY,
    WB_VOLUME_HOST_PATH,
    WB_VOLUME_OTHER, /* configMap, secret, projected ...: no constraint */
} wb_volume_kind;

typedef struct wb_volume {
    wb_volume_kind kind;
    uint32_t name;          /* interned */
    uint32_t claim_name;    /* WB_VOLUME_CLAIM */
    uint32_t storage_class; /* WB_VOLUME_EPHEMERAL; 0: none given */
} wb_volume;

typedef enum wb_preemption_policy {
    WB_PREEMPT_LOWER_PRIORITY,
    WB_PREEMPT_NEVER,
} wb_preemption_policy;

/* PodTemplateSpec, reduced to what decides. Shared between pods; read-only after decoding. */
typedef struct wb_pod_template {
    /* First what is read of every pod of a cluster again and again: two cache lines. */
    wb_labels labels, annotations;
    int32_t priority;
    bool priority_is_set, required_is_set;
    bool has_scheduling_gates, has_resource_claims, is_host_network;
    wb_preemption_policy preemption_policy;
    wb_resource_list requests; /* effective: containers, init, sidecars, overhead, pods: 1 */
    wb_labels node_selector;
    uint32_t container_count, required_term_count, preferred_term_count;
    uint32_t affinity_required_count, affinity_preferred_count;
    uint32_t anti_affinity_required_count, anti_affinity_preferred_count;
    uint32_t toleration_count, spread_count, host_port_count, volume_count;
    uint32_t node_name;                  /* spec.nodeName; 0: none */
    wb_resource_list pod_level_requests; /* spec.resources.requests, as given */
    wb_resource_list overhead;
    const wb_container *containers;      /* init containers among them, in start order */
    const wb_node_term *required_terms;  /* ORed; required_is_set with none matches nothing */
    const wb_node_term *preferred_terms; /* in the order of the file */
    const wb_pod_term *affinity_required, *affinity_preferred;
    const wb_pod_term *anti_affinity_required, *anti_affinity_preferred;
    const wb_toleration *tolerations;
    const wb_spread_constraint *spreads;
    const wb_host_port *host_ports;
    const wb_volume *volumes;
    uint32_t priority_class_name; /* interned */
    uint32_t scheduler_name;
    int64_t grace_period_ms; /* terminationGracePeriodSeconds, default 30 s */
    bool restarts_always;    /* restartPolicy Always */
} wb_pod_template;

typedef enum wb_owner_kind {
    WB_OWNER_NONE, /* a bare pod */
    WB_OWNER_REPLICA_SET,
    WB_OWNER_DEPLOYMENT, /* a ReplicaSet of a Deployment, seen through */
    WB_OWNER_STATEFUL_SET,
    WB_OWNER_DAEMON_SET,
    WB_OWNER_JOB,
    WB_OWNER_CRON_JOB,
    WB_OWNER_REPLICATION_CONTROLLER,
    WB_OWNER_NODE, /* a static (mirror) pod */
    WB_OWNER_OTHER,
} wb_owner_kind;

typedef enum wb_pod_phase {
    WB_POD_PENDING,
    WB_POD_RUNNING,
    WB_POD_SUCCEEDED,
    WB_POD_FAILED,
    WB_POD_UNKNOWN,
} wb_pod_phase;

/* A Pod object as a manifest or a dump shows it. Times are epoch ms, -1 when absent. */
typedef struct wb_pod {
    uint32_t name, namespace_name, uid; /* interned; namespace "default" is filled in */
    const wb_pod_template *template;    /* borrowed: the manifest's arena */
    wb_owner_kind owner_kind;
    uint32_t owner_name, owner_uid, owner_api_version; /* the controller's; interned */
    int64_t created_ms, deletion_ms, start_ms, scheduled_ms, finished_ms;
    wb_pod_phase phase;
    uint32_t nominated_node_name;
    bool is_unschedulable;        /* condition PodScheduled False, reason Unschedulable */
    bool is_ready;                /* condition Ready True */
    bool ready_is_false;          /* condition Ready False, said explicitly */
    const struct wb_node *source; /* borrowed: the document it was read from; NULL: none */
} wb_pod;

/* Whether two templates are the same to every decision (a deep comparison), and a hash to go with
 * it: equal templates have equal hashes. Annotations count. */
bool wb_pod_template_equals(const wb_pod_template *a, const wb_pod_template *b);
uint64_t wb_pod_template_hash(const wb_pod_template *template);

/* Whether two templates are the same to whoever places their pods: requests, labels, selectors,
 * affinity, spread, tolerations, ports, volumes. Images, priorities and annotations don't count. */
bool wb_pod_template_places_alike(const wb_pod_template *a, const wb_pod_template *b);

/* Effective requests by the standard arithmetic (spec/scheduling.md section 3), pods: 1 included;
 * called by the decoder, and again where a DaemonSet's limits fill in requests. */
wb_resource_list wb_pod_template_requests(wb_arena *arena, const wb_pod_template *template);

#endif
