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
 *   service-like (Deployment, ReplicaSet, ReplicationController): a replacement pod at once, which
 *     lives until the recorded end; a StatefulSet's takes over the name, so it comes when the old
 *     one is gone;
 *   run-to-completion (Job, CronJob, batch task): a replacement that starts again with the full
 *     duration, or with what was left when is_checkpointed;
 *   bare pod: lost. DaemonSet pods come back with their node.
 *
 * Pointers into the tables (a node, a shape, the columns) hold until the next verb that adds a row.
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
    int64_t end_ms, duration_ms; /* the one that lifetime names; the other is ignored */
    bool is_checkpointed;
    uint32_t bound_node_id; /* WB_NO_ID, or where it already runs (DaemonSets pin by affinity) */
    bool is_held; /* kept out of the scheduler's queue: somebody else binds it, or releases it */
    uint32_t replaces; /* pod id, or WB_NO_ID */
} wb_pod_create;

/* One effective request of a shape, by dense resource index. */
typedef struct wb_shape_request {
    uint32_t resource;
    int64_t amount;
} wb_shape_request;

/* One row per distinct template. */
typedef struct wb_shape {
    const wb_pod_template *template;  /* borrowed: run arena */
    uint32_t namespace_name;          /* pods of two namespaces never share a shape */
    uint32_t owner_hint;              /* owner of the first pod made of it; WB_NO_ID before that */
    int64_t cpu_milli, memory_bytes;  /* effective requests, copied here for the hot path */
    const wb_shape_request *requests; /* all of them, by resource index; run arena */
    uint32_t request_count;
    uint32_t pod_count;    /* pods ever made of it */
    int32_t deletion_cost; /* annotation pod-deletion-cost; 0 when absent or unreadable */
    const uint32_t *pdbs;  /* indices into cluster->pdbs of those that select it; run arena */
    uint32_t pdb_count;
    uint32_t base_shape_id;  /* its own; of an ordinal with claims of its own: the workload's */
    uint32_t next_with_hash; /* another shape whose template has the same hash, or WB_NO_ID */
    bool needs_host_port, has_pod_terms, has_spread, has_volumes;
} wb_shape;

typedef struct wb_owner {
    wb_owner_kind kind;
    uint32_t namespace_name, name; /* interned */
    int32_t desired_replicas;      /* workloads under a controller here; -1: driven by the trace */
    uint32_t workload_index;       /* into workloads, or WB_NO_ID */
    uint32_t living_count;         /* pods not gone */
    uint32_t active_count;         /* of these, those that are not terminating */
    uint32_t created_count;        /* by a controller here; names pods: <owner>-<ordinal> */
    uint32_t first_pod;            /* chain of the living ones, newest first */
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
    uint32_t *next_of_owner, *previous_of_owner;
    int64_t *due_ms; /* of its one valid event (start, finish, end of grace); -1: none */
    uint32_t count, capacity;
} wb_pod_table;

#define WB_POD_IS_DAEMON       1U /* a DaemonSet's, or a static (mirror) pod */
#define WB_POD_IS_CHECKPOINTED 2U
#define WB_POD_IS_BATCH        4U
#define WB_POD_IS_REPLACEMENT  8U
#define WB_POD_IS_PINNED       16U /* by a controller here to one node: never in the queue */
#define WB_POD_IS_HELD         64U /* out of the queue until wb_cluster_release_pod */
#define WB_POD_IS_STUCK        32U /* should have stopped, but its kubelet is silent */

typedef enum wb_node_state {
    WB_NODE_STATE_REGISTERED, /* object there, not ready */
    WB_NODE_STATE_READY,
    WB_NODE_STATE_DRAINING, /* told to by wb_cluster_node_set_draining; still ready */
    WB_NODE_STATE_GONE,
} wb_node_state;

#define WB_NODE_TAINTS_MAX 16

/* One node. Open for reading; resources are dense, indexed by wb_cluster_resource_index.
 * version moves with labels, taints, readiness, cordon, and whenever a pod is bound to the node,
 * begins to terminate on it or leaves it: all that a filter or score can read. */
typedef struct wb_cluster_node {
    uint32_t name; /* interned */
    wb_node_state state;
    bool is_ready, is_unschedulable, is_managed_by_contender;
    bool is_unreachable; /* its kubelet is silent: what is told to stop there does not say it did */
    wb_labels labels;
    wb_taint taints[WB_NODE_TAINTS_MAX];
    uint32_t taint_count;
    int64_t *capacity, *allocatable, *requested;   /* cluster->resource_count entries and more */
    int64_t daemon_cpu_milli, daemon_memory_bytes; /* the part of requested that is daemons' */
    uint32_t first_pod;           /* chain through pods.next_on_node, newest first */
    uint32_t first_waiting;       /* the same of pinned pods that don't fit yet, oldest first */
    uint32_t pod_count;           /* on it now, daemons included */
    uint32_t movable_pod_count;   /* on it now, without daemons */
    uint32_t instance_id;         /* of the cloud; WB_NO_ID for a fixed node without one */
    uint32_t claim_id;            /* the contender's NodeClaim; WB_NO_ID: none */
    uint32_t zone, instance_type; /* interned: copies of the labels */
    int64_t added_ms, ready_ms, gone_ms;
    int64_t not_ready_ms;   /* since when it is not ready; -1: it is */
    uint32_t bad_condition; /* interned: the condition that is not as it should be; 0: none */
    int64_t bad_since_ms;
    int64_t last_pod_event_ms; /* a non-daemon pod was bound, finished or began to terminate; -1 */
    int64_t empty_since_ms;    /* without non-daemon pods since; -1: not empty */
    uint64_t version;          /* counts changes: caches compare it */
    int64_t pod_start_median_ms; /* container start on this node; -1: the cluster's pod_start_ms */
    int32_t volume_limit;        /* of cluster->volume_driver; 0: no limit */
    int32_t network_mbps;        /* 0: not known */
} wb_cluster_node;

typedef struct wb_image_size {
    uint32_t image; /* interned */
    int64_t bytes;
} wb_image_size;

/* How long pulls take by size: at so many bytes per second, or at the node's bandwidth where that
 * is less. bytes_per_second 0: every pull takes the same. */
typedef struct wb_image_pull_sizes {
    const wb_image_size *sizes; /* borrowed */
    uint32_t count;
    int64_t otherwise_bytes; /* of images that are not named */
    int64_t bytes_per_second;
} wb_image_pull_sizes;

typedef struct wb_cluster_options {
    uint64_t seed;
    int64_t pod_start_ms;         /* container start once the image is there */
    int64_t image_pull_median_ms; /* first pod of an image on a node; 0: none */
    double image_pull_sigma;
    wb_image_pull_sizes image_sizes; /* goes before the median */
    int64_t schedule_mark_ms;        /* from creation to the first scheduling attempt; default 0 */
    int64_t pod_stop_ms;     /* how long containers take to stop, at most their grace period */
    int64_t epoch_unix_ms;   /* calendar time of virtual time 0: CronJobs fire by it, in UTC */
    int64_t job_duration_ms; /* run time of a Job's pod without annotation werkbank/duration */
    uint64_t pod_limit;      /* 0: 2^31 */
} wb_cluster_options;

struct wb_scheduler;

/* What the cluster tells its scheduler (scheduler.h fills it in); every entry is required. */
typedef struct wb_cluster_scheduler_ops {
    /* A pod to schedule; never a pod that some workload here pins to a node (DaemonSets). */
    void (*enqueue)(struct wb_scheduler *scheduler, uint32_t pod_id);
    /* A pod that was queued is gone without having been bound. */
    void (*forget)(struct wb_scheduler *scheduler, uint32_t pod_id);
    /* Added, changed or gone: nodes[node_id] says which. */
    void (*node_changed)(struct wb_scheduler *scheduler, uint32_t node_id);
    /* Bound, by whomever; off its node. */
    void (*pod_assigned)(struct wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id);
    void (*pod_removed)(struct wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id);
} wb_cluster_scheduler_ops;

/* What the disruption controller knows about one PDB. */
typedef struct wb_pdb_count {
    int32_t healthy;  /* pods that it selects, running on a ready node, not terminating */
    int32_t expected; /* replicas desired by controllers here, plus living pods of all others */
} wb_pdb_count;

struct wb_cluster_workloads; /* the controllers' own memory, private to this folder */

/* What a bound pod on a ready node must have before its images are pulled: volumes, an address. */
typedef struct wb_cluster_start_gate {
    void *context; /* borrowed */
    /* When the pod has it, now or later; INT64_MAX: nobody knows, and whoever set the gate calls
     * wb_cluster_retry_start when it may be asked again. May be asked several times of one pod. */
    int64_t (*ready_ms)(void *context, uint32_t pod_id);
    const char *need; /* what it stands for, a literal: "an address of its subnet (...)" */
} wb_cluster_start_gate;

#define WB_CLUSTER_START_GATES_MAX 2

typedef struct wb_cluster {
    wb_kernel *kernel;       /* borrowed */
    wb_arena *arena;         /* borrowed: run lifetime */
    wb_intern *intern;       /* borrowed */
    wb_observers *observers; /* borrowed */
    wb_cluster_options options;
    wb_pod_table pods;
    wb_cluster_node *nodes;   /* owned */
    wb_shape *shapes;         /* owned */
    wb_owner *owners;         /* owned */
    wb_pdb *pdbs;             /* owned: those in force, in order of application */
    wb_pdb_count *pdb_counts; /* owned; one per PDB, kept up to date */
    wb_workload *workloads;   /* owned: controllers in force (kind NONE: an unused row) */
    struct wb_cluster_workloads *controllers; /* owned */
    uint32_t node_count, shape_count, owner_count, pdb_count, workload_count;
    uint32_t node_capacity, shape_capacity, owner_capacity, workload_capacity;
    uint32_t ready_node_count, living_node_count;
    uint32_t *living_nodes; /* owned: ids of nodes not gone, ascending */
    uint32_t pending_count, starting_count, running_count, terminating_count; /* without daemons */
    uint32_t stuck_count, stuck_batch_count; /* of these terminating ones, on unreachable nodes */
    uint32_t resource_names[64];             /* interned; index is the dense resource index */
    uint32_t resource_count;    /* cpu 0, memory 1, pods 2, ephemeral-storage 3, then others */
    uint32_t resource_capacity; /* entries of each node's resource columns */
    wb_hash_map shape_by_hash, owner_by_key, pod_by_name, node_by_name;
    wb_hash_map image_ready_ms;  /* (node, image): when the pull is or was over */
    const wb_manifest *manifest; /* storage, namespaces, priority classes; borrowed; may be NULL */
    wb_cluster_start_gate start_gates[WB_CLUSTER_START_GATES_MAX];
    uint32_t start_gate_count;
    wb_hash_map gate_by_pod; /* pods that a gate keeps from starting, to its index */
    uint32_t volume_driver;  /* interned: whose volumes are followed, claims of StatefulSets among
                               them; 0: none */
    uint64_t version;        /* counts every change of pods or nodes */
    struct wb_scheduler *scheduler;                /* borrowed; NULL in tests without one */
    const wb_cluster_scheduler_ops *scheduler_ops; /* borrowed; NULL exactly when scheduler is */
    uint64_t eviction_count; /* pods, daemons not counted, taken away: evicted, killed, node gone */
    uint64_t eviction_refused_count, lost_count;
    uint64_t visit_count;    /* rows walked by loops over pods; tests hold it against O(pods) */
    wb_error deferred_error; /* the first failure of a verb that returns no status */
} wb_cluster;

/* pod_stop_ms 1 s, job_duration_ms 60 s, everything else 0. */
wb_cluster_options wb_cluster_default_options(void);

/* kernel, arena, intern and observers must outlive cluster. Subscribes to its event kinds. */
void wb_cluster_init(wb_cluster *cluster, wb_kernel *kernel, wb_arena *arena, wb_intern *intern,
                     wb_observers *observers, const wb_cluster_options *options);
void wb_cluster_release(wb_cluster *cluster);

/* Called once by the scheduler; both must outlive the cluster's last verb. NULL, NULL takes it
 * away. */
void wb_cluster_set_scheduler(wb_cluster *cluster, struct wb_scheduler *scheduler,
                              const wb_cluster_scheduler_ops *ops);

/* Puts a PDB in force, or changes the one of that namespace and name. It is copied; what its
 * selector points to must live as long as the run. */
void wb_cluster_apply_pdb(wb_cluster *cluster, const wb_pdb *pdb);

/* False when there was none of that name. */
bool wb_cluster_delete_pdb(wb_cluster *cluster, uint32_t namespace_name, uint32_t name);

/* WB_OK, or the first failure (limit of pods or events) inside a verb that returns no status. The
 * cluster's own event handlers return it too, so a run ends at the next of its events. */
WB_MUST_CHECK wb_status wb_cluster_status(const wb_cluster *cluster, wb_error *err);

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

/* Deletes a pod: graceful when it is bound (it stops within its grace period), at once when it is
 * pending. A pod that is already terminating or gone is left alone, but the replacement that was
 * to come when it is gone (StatefulSet) won't. No replacement, except by a controller here. */
void wb_cluster_delete_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause);

/* Puts a workload (Deployment, StatefulSet, DaemonSet, Job, CronJob, ReplicaSet,
 * ReplicationController) in force, or changes the one of that kind and name: replicas scale up and
 * down; a changed template rolls. The workload is copied; its template must live as long as the
 * run. WB_ERR_INPUT: another kind, or a CronJob's schedule that can't be read. */
WB_MUST_CHECK wb_status wb_cluster_apply_workload(wb_cluster *cluster, const wb_workload *workload,
                                                  wb_error *err);

/* Applies the workload in force again with other replicas; false when there is none of that name.
 * What it can't do for lack of room (options.pod_limit) is a deferred error. */
bool wb_cluster_scale_workload(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                               uint32_t name, int32_t replicas);

/* Deletes it with its pods; unknown ones are ignored (false). */
bool wb_cluster_delete_workload(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                                uint32_t name);

/* Sets the replicas of a workload in force; false when there is none of that kind and name. */
bool wb_cluster_scale_workload(wb_cluster *cluster, wb_owner_kind kind, uint32_t namespace_name,
                               uint32_t name, int32_t replicas);

/* Puts a PDB in force (copied), or changes the one of that namespace and name. */
void wb_cluster_apply_pdb(wb_cluster *cluster, const wb_pdb *pdb);

/* The living pod of that name, or the living one that came in its stead; WB_NO_ID: none. */
uint32_t wb_cluster_find_pod(const wb_cluster *cluster, uint32_t namespace_name, const char *name);

/* The last of the pods that replaced pod_id one after another; pod_id itself when there are none.
 * What a trace records about a pod is meant for that one. */
uint32_t wb_cluster_latest_pod(const wb_cluster *cluster, uint32_t pod_id);

/* ---- nodes ---- */

typedef struct wb_node_create {
    const char *name; /* copied */
    wb_labels labels; /* hostname is added */
    const wb_taint *taints;
    uint32_t taint_count;
    wb_resource_list capacity, allocatable;
    uint32_t instance_id, claim_id;
    bool is_ready; /* false: joins not ready, with the not-ready taints (added here) */
    bool is_managed_by_contender;
    int64_t pod_start_median_ms; /* -1: the cluster's */
    int32_t volume_limit;        /* volumes of the cluster's driver at once; 0: no limit */
    int32_t network_mbps;        /* 0: not known */
} wb_node_create;

/* The Node object appears; DaemonSet pods for it are created. The name must not be that of a node
 * that is there (asserted). */
uint32_t wb_cluster_add_node(wb_cluster *cluster, const wb_node_create *create);

/* The node of that interned name that is not gone, or WB_NO_ID. */
uint32_t wb_cluster_find_node(const wb_cluster *cluster, uint32_t name);

/* Ready: the not-ready taints go, pods may start, waiting pods are tried. */
void wb_cluster_set_node_ready(wb_cluster *cluster, uint32_t node_id, bool is_ready);

/* Its kubelet falls silent: not ready, with the taints of an unreachable node, and pods that are
 * told to stop stay as they are until it speaks again (wb_cluster_set_node_ready) or the node
 * goes. */
void wb_cluster_set_node_unreachable(wb_cluster *cluster, uint32_t node_id);

/* How long a pod may stay on a node that is not ready, or unreachable: what its tolerations of that
 * NoExecute taint say, 300 s where it has none; INT64_MAX: for ever. */
int64_t wb_cluster_pod_tolerates_ms(const wb_cluster *cluster, uint32_t pod_id,
                                    bool is_unreachable);

/* A condition of the node turns bad (its name), or all are well again (0). A word for controllers:
 * nothing here depends on it; Ready is set by the verb above. */
void wb_cluster_set_node_condition(wb_cluster *cluster, uint32_t node_id, uint32_t condition);

/* The interned name of the condition Ready. */
uint32_t wb_cluster_ready_condition(const wb_cluster *cluster);

/* Replaces a taint of the same key and effect; at most WB_NODE_TAINTS_MAX (asserted). Pods that run
 * there stay, also under NoExecute, but for the two taints of a node that is not ready. */
void wb_cluster_add_node_taint(wb_cluster *cluster, uint32_t node_id, wb_taint taint);

/* False when there was no such taint (key and effect). */
bool wb_cluster_remove_node_taint(wb_cluster *cluster, uint32_t node_id, uint32_t key,
                                  wb_taint_effect effect);
void wb_cluster_set_node_label(wb_cluster *cluster, uint32_t node_id, uint32_t key, uint32_t value);

/* spec.unschedulable, and the taint that the node life-cycle controller adds for it. */
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
 * (-1: the pod's own). A pod that terminates already is held to limit_ms from now. */
void wb_cluster_kill_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause, int64_t limit_ms);

/* Disruptions that pdb, one of cluster->pdbs, allows now, counted from the living pods. */
int32_t wb_cluster_pdb_allowed(const wb_cluster *cluster, const wb_pdb *pdb);

/* Whether an eviction of pod would be accepted now. As in the eviction API: pods that have not
 * started don't ask PDBs; an unhealthy one may go when its PDB says AlwaysAllow, or when enough
 * others are healthy. */
bool wb_cluster_can_evict(const wb_cluster *cluster, uint32_t pod_id);

/* ---- for the scheduler ---- */

/* Binds a pending pod: requests count at once; the pod starts after pull and start delays (once the
 * node is ready). */
void wb_cluster_bind_pod(wb_cluster *cluster, uint32_t pod_id, uint32_t node_id);
void wb_cluster_mark_unschedulable(wb_cluster *cluster, uint32_t pod_id, const char *reason);

/* Hands a held pod that is still pending to the scheduler. */
void wb_cluster_release_pod(wb_cluster *cluster, uint32_t pod_id);

/* Adds a gate (copied), before the first pod is bound. */
void wb_cluster_add_start_gate(wb_cluster *cluster, const wb_cluster_start_gate *gate);

/* Asks the gates again for a pod that waits for one; others, and pods that are gone, are left
 * alone. */
void wb_cluster_retry_start(wb_cluster *cluster, uint32_t pod_id);

/* What the gate that keeps the pod from starting stands for; NULL: none does. */
const char *wb_cluster_start_need(const wb_cluster *cluster, uint32_t pod_id);

/* A bound pod that is starting starts at at_ms (now at the earliest), whatever pulls and starts
 * would take; on a node that is not ready this is left alone. */
void wb_cluster_start_pod_at(wb_cluster *cluster, uint32_t pod_id, int64_t at_ms);

/* ---- reading ---- */

/* Not gone: pending, bound, running or terminating; a DaemonSet's or static pod; its template. */
bool wb_cluster_pod_is_living(const wb_cluster *cluster, uint32_t pod_id);
bool wb_cluster_pod_is_daemon(const wb_cluster *cluster, uint32_t pod_id);
const wb_pod_template *wb_cluster_pod_template(const wb_cluster *cluster, uint32_t pod_id);

/* Whether cause takes a pod away against its owner's will (so that the owner replaces it). */
bool wb_cluster_cause_is_eviction(wb_cause cause);

/* Whether the shape's requests fit into what is left of the node's allocatable (resources only). */
bool wb_cluster_node_fits(const wb_cluster *cluster, uint32_t node_id, uint32_t shape_id);

/* DaemonSets whose pods would run on a node with these labels and taints (tolerations that the
 * DaemonSet controller adds included). Returns the count; out_workloads (room for workload_count)
 * gets indices into workloads, in order of application. */
uint32_t wb_cluster_daemonsets_for(const wb_cluster *cluster, wb_labels labels,
                                   const wb_taint *taints, uint32_t taint_count,
                                   uint32_t *out_workloads);

/* ---- special ---- */

/* Recomputes every sum, chain and counter from the pods' states and asserts that they agree;
 * O(everything), for tests and debug builds. */
void wb_cluster_check(const wb_cluster *cluster);

#endif
