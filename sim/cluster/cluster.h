/*
 * The Kubernetes side of a simulation: pods, nodes, owners, PDBs, DaemonSets, and the kubelets'
 * life cycle, as tables with verbs.
 *
 * Pods and nodes are rows, named by id; rows are never reused, so an id stays readable after the
 * thing is gone. Columns are struct-of-arrays, sized for 1,000,000 pods and 100,000 nodes; the hot
 * ones come first. Everything that changes goes through the verbs below, which announce it to the
 * observers. Equal pod templates share one shape (shape_id). Who may write: this folder only.
 * Knows the kernel; knows nothing of clouds, prices or autoscalers.
 *
 * Eviction, by kind of owner (docs: "What happens to a replayed pod that is evicted"):
 *   service-like (Deployment, ReplicaSet, StatefulSet, ReplicationController): a replacement pod at
 *     once, which lives until the recorded end;
 *   run-to-completion (Job, CronJob, batch task): a replacement that starts again with the full
 *     duration, or with what was left when is_checkpointed;
 *   bare pod: lost. DaemonSet pods come back with their node.
 */
#ifndef WB_SIM_CLUSTER_CLUSTER_H
#define WB_SIM_CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_map.h"
#include "base/intern.h"
#include "kube/manifest.h"
#include "sim/cluster/observer.h"
#include "sim/kernel/kernel.h"

#define WB_NO_ID UINT32_MAX

typedef enum wb_pod_state {
    WB_POD_STATE_PENDING,     /* created, no node; gated ones too */
    WB_POD_STATE_STARTING,    /* bound; image pull, volumes, container start */
    WB_POD_STATE_RUNNING,     /* started, and ready */
    WB_POD_STATE_TERMINATING, /* deleted or evicted, within its grace period */
    WB_POD_STATE_SUCCEEDED,   /* ran to completion */
    WB_POD_STATE_DELETED,     /* ended as recorded, or scaled down */
    WB_POD_STATE_EVICTED,     /* taken away; `replaced_by` says by what */
    WB_POD_STATE_LOST,        /* evicted or killed, and nobody re-created it */
} wb_pod_state;

/* How long a pod lives. */
typedef enum wb_lifetime_kind {
    WB_LIFETIME_OPEN,     /* until its owner or the trace deletes it */
    WB_LIFETIME_UNTIL,    /* a service: deleted at end_ms, whenever it started */
    WB_LIFETIME_DURATION, /* run to completion: duration_ms of running, whenever it started */
} wb_lifetime_kind;

/* What wb_cluster_create_pod needs to know. */
typedef struct wb_pod_create {
    const char *name;        /* copied; unique within its namespace among living pods */
    uint32_t namespace_name; /* interned */
    uint32_t shape_id;
    uint32_t owner_id; /* WB_NO_ID: a bare pod */
    wb_lifetime_kind lifetime;
    int64_t end_ms, duration_ms;
    bool is_checkpointed;
    uint32_t bound_node_id; /* WB_NO_ID, or where it already runs (DaemonSets pin by affinity) */
    uint32_t replaces;      /* pod id, or WB_NO_ID */
} wb_pod_create;

/* One row per distinct template. */
typedef struct wb_shape {
    const wb_pod_template *template; /* borrowed: run arena */
    uint32_t namespace_name;         /* pods of two namespaces never share a shape */
    uint32_t owner_hint;
    int64_t cpu_milli, memory_bytes; /* effective requests, copied here for the hot path */
    uint32_t pod_count;              /* pods ever made of it */
    bool needs_host_port, has_pod_terms, has_spread, has_volumes;
} wb_shape;

typedef struct wb_owner {
    wb_owner_kind kind;
    uint32_t namespace_name, name; /* interned */
    int32_t desired_replicas;      /* workloads under a controller here; -1: driven by the trace */
    uint32_t workload_index;       /* into workloads, or WB_NO_ID */
    uint32_t living_count;
    uint32_t created_count; /* names pods: <owner>-<ordinal> */
} wb_owner;

typedef struct wb_pod_table {
    uint8_t *state; /* wb_pod_state */
    uint32_t *shape_id, *owner_id, *node_id;
    int64_t *created_ms, *bound_ms, *running_ms, *gone_ms; /* -1: not yet */
    int64_t *first_unschedulable_ms;                       /* -1: never refused */
    int64_t *end_ms, *duration_ms;
    uint8_t *lifetime; /* wb_lifetime_kind */
    uint8_t *cause;    /* wb_cause, once gone or terminating */
    uint8_t *flags;    /* WB_POD_* below */
    uint32_t *replaces, *replaced_by;
    uint32_t *nominated_node_id;
    const char **name;      /* in the run arena */
    uint32_t *next_on_node; /* chain of the pods of a node, WB_NO_ID ends it */
    uint32_t *previous_on_node;
    uint32_t count, capacity;
} wb_pod_table;

#define WB_POD_IS_DAEMON       1U
#define WB_POD_IS_CHECKPOINTED 2U
#define WB_POD_IS_BATCH        4U
#define WB_POD_IS_REPLACEMENT  8U

typedef enum wb_node_state {
    WB_NODE_STATE_REGISTERED, /* object there, not ready */
    WB_NODE_STATE_READY,
    WB_NODE_STATE_DRAINING, /* told to by wb_cluster_node_set_draining; still ready */
    WB_NODE_STATE_GONE,
} wb_node_state;

#define WB_NODE_TAINTS_MAX 16

/* One node. Open for reading; resources are dense, indexed by wb_cluster_resource_index. */
typedef struct wb_cluster_node {
    uint32_t name; /* interned */
    wb_node_state state;
    bool is_ready, is_unschedulable, is_managed_by_contender;
    wb_labels labels;
    wb_taint taints[WB_NODE_TAINTS_MAX];
    uint32_t taint_count;
    int64_t *capacity, *allocatable, *requested;   /* cluster->resource_count entries each */
    int64_t daemon_cpu_milli, daemon_memory_bytes; /* the part of requested that is daemons' */
    uint32_t first_pod;           /* chain through pods.next_on_node, newest first */
    uint32_t pod_count;           /* on it now, daemons included */
    uint32_t movable_pod_count;   /* on it now, without daemons */
    uint32_t instance_id;         /* of the cloud; WB_NO_ID for a fixed node without one */
    uint32_t claim_id;            /* the contender's NodeClaim; WB_NO_ID: none */
    uint32_t zone, instance_type; /* interned: copies of the labels */
    int64_t added_ms, ready_ms, gone_ms;
    int64_t last_pod_event_ms; /* a non-daemon pod was bound, ended or began to terminate; -1 */
    int64_t empty_since_ms;    /* without non-daemon pods since; -1: not empty */
    uint64_t version;          /* counts changes: caches compare it */
    /* Image and start delay of pods on this node: median of the boot model, drawn per pod. */
    int64_t pod_start_median_ms;
} wb_cluster_node;

typedef struct wb_cluster_options {
    uint64_t seed;
    int64_t pod_start_ms;         /* container start once the image is there */
    int64_t image_pull_median_ms; /* first pod of an image on a node; 0: none */
    double image_pull_sigma;
    int64_t schedule_mark_ms; /* from creation to the first scheduling attempt; default 0 */
    uint64_t pod_limit;       /* 0: 2^31 */
} wb_cluster_options;

typedef struct wb_cluster {
    wb_kernel *kernel;       /* borrowed */
    wb_arena *arena;         /* borrowed: run lifetime */
    wb_intern *intern;       /* borrowed */
    wb_observers *observers; /* borrowed */
    wb_cluster_options options;
    wb_pod_table pods;
    wb_cluster_node *nodes; /* owned */
    wb_shape *shapes;       /* owned */
    wb_owner *owners;       /* owned */
    const wb_pdb *pdbs;     /* borrowed: manifests in force */
    wb_workload *workloads; /* owned: controllers in force, DaemonSets among them */
    uint32_t node_count, shape_count, owner_count, pdb_count, workload_count;
    uint32_t node_capacity, shape_capacity, owner_capacity, workload_capacity;
    uint32_t ready_node_count, living_node_count;
    uint32_t *living_nodes;                /* owned: ids of nodes not gone, ascending */
    uint32_t pending_count, running_count; /* pods, daemons not counted */
    uint32_t resource_names[64];           /* interned; index is the dense resource index */
    uint32_t resource_count; /* cpu 0, memory 1, pods 2, ephemeral-storage 3, then others */
    wb_hash_map shape_by_hash, owner_by_key, pod_by_name;
    const wb_manifest *manifest;    /* storage, namespaces, priority classes; borrowed */
    uint64_t version;               /* counts every change of pods or nodes */
    struct wb_scheduler *scheduler; /* borrowed; NULL in tests without one */
    uint64_t eviction_count, eviction_refused_count, lost_count;
} wb_cluster;

/* kernel, arena, intern and observers must outlive cluster. Subscribes to its event kinds. */
void wb_cluster_init(wb_cluster *cluster, wb_kernel *kernel, wb_arena *arena, wb_intern *intern,
                     wb_observers *observers, const wb_cluster_options *options);
void wb_cluster_release(wb_cluster *cluster);

/* Dense index of an interned resource name; adds it on first sight (at most 64 in all, asserted:
 * the loader refuses more). */
uint32_t wb_cluster_resource_index(wb_cluster *cluster, uint32_t name);

/* ---- workload side ---- */

/* The shape of template in a namespace; equal templates get the same id. template must live as long
 * as the run. */
uint32_t wb_cluster_add_shape(wb_cluster *cluster, const wb_pod_template *template,
                              uint32_t namespace_name);

/* The owner (kind, namespace, name), made on first sight with desired_replicas -1. */
uint32_t wb_cluster_add_owner(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                              uint32_t name);

/* Creates a pod now and queues it for the scheduler. WB_ERR_LIMIT: more than options.pod_limit. */
WB_MUST_CHECK wb_status wb_cluster_create_pod(wb_cluster *cluster, const wb_pod_create *create,
                                              uint32_t *out_pod_id, wb_error *err);

/* Deletes a pod: graceful when it runs (its grace period, then gone), at once when it is pending.
 * A pod that is already terminating or gone is left alone. No replacement. */
void wb_cluster_delete_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause);

/* Puts a workload (Deployment, StatefulSet, DaemonSet, Job, CronJob, ReplicaSet) in force, or
 * changes the one of that kind and name: replicas scale up and down; a changed template rolls. */
WB_MUST_CHECK wb_status wb_cluster_apply_workload(wb_cluster *cluster, const wb_workload *workload,
                                                  wb_error *err);

/* Deletes it with its pods; unknown ones are ignored (false). */
bool wb_cluster_delete_workload(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                                uint32_t name);

/* The living pod of that name, or WB_NO_ID. */
uint32_t wb_cluster_find_pod(const wb_cluster *cluster, uint32_t namespace_name, const char *name);

/* ---- nodes ---- */

typedef struct wb_node_create {
    const char *name; /* copied */
    wb_labels labels; /* hostname is added */
    const wb_taint *taints;
    uint32_t taint_count;
    wb_resource_list capacity, allocatable;
    uint32_t instance_id, claim_id;
    bool is_ready; /* false: joins not ready, with the not-ready taints */
    bool is_managed_by_contender;
    int64_t pod_start_median_ms; /* -1: the cluster's */
} wb_node_create;

/* The Node object appears; DaemonSet pods for it are created. */
uint32_t wb_cluster_add_node(wb_cluster *cluster, const wb_node_create *create);

/* Ready: the not-ready taints go, pods may start, waiting pods are tried. */
void wb_cluster_set_node_ready(wb_cluster *cluster, uint32_t node_id, bool is_ready);
void wb_cluster_add_node_taint(wb_cluster *cluster, uint32_t node_id, wb_taint taint);

/* False when there was no such taint (key and effect). */
bool wb_cluster_remove_node_taint(wb_cluster *cluster, uint32_t node_id, uint32_t key,
                                  wb_taint_effect effect);
void wb_cluster_set_node_label(wb_cluster *cluster, uint32_t node_id, uint32_t key, uint32_t value);
void wb_cluster_cordon_node(wb_cluster *cluster, uint32_t node_id, bool is_cordoned);

/* A word for people and the store; taints and evictions are the contender's business. */
void wb_cluster_set_node_draining(wb_cluster *cluster, uint32_t node_id, bool is_draining);

/* The Node object goes; pods still on it are killed at once and replaced by their owners' rules. */
void wb_cluster_remove_node(wb_cluster *cluster, uint32_t node_id, wb_cause cause);

/* ---- eviction ---- */

typedef enum wb_eviction {
    WB_EVICTION_ACCEPTED,
    WB_EVICTION_REFUSED, /* 429: a PDB, or more than one PDB */
    WB_EVICTION_GONE,    /* 404: not there any more, or terminating already */
} wb_eviction;

/* The eviction API: PDBs first, then graceful deletion, then the owner's replacement. */
wb_eviction wb_cluster_evict_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause);

/* The same without asking PDBs (TGP, preemption, force), with a grace period of at most limit_ms
 * (-1: the pod's own). */
void wb_cluster_kill_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause, int64_t limit_ms);

/* Disruptions that pdb allows now, counted from the living pods. */
int32_t wb_cluster_pdb_allowed(const wb_cluster *cluster, const wb_pdb *pdb);

/* Whether an eviction of pod would be accepted now. */
bool wb_cluster_can_evict(const wb_cluster *cluster, uint32_t pod_id);

/* ---- for the scheduler ---- */

/* Binds a pending pod: requests count at once; the pod starts after pull and start delays (once the
 * node is ready). */
void wb_cluster_bind_pod(wb_cluster *cluster, uint32_t pod_id, uint32_t node_id);
void wb_cluster_mark_unschedulable(wb_cluster *cluster, uint32_t pod_id, const char *reason);

/* ---- reading ---- */

bool wb_cluster_pod_is_living(const wb_cluster *cluster, uint32_t pod_id);
bool wb_cluster_pod_is_daemon(const wb_cluster *cluster, uint32_t pod_id);
const wb_pod_template *wb_cluster_pod_template(const wb_cluster *cluster, uint32_t pod_id);

/* DaemonSets whose pods would run on a node with these labels and taints. Returns the count;
 * out_workloads (room for workload_count) gets indices into workloads, in order of application. */
uint32_t wb_cluster_daemonsets_for(const wb_cluster *cluster, wb_labels labels,
                                   const wb_taint *taints, uint32_t taint_count,
                                   uint32_t *out_workloads);

#endif
