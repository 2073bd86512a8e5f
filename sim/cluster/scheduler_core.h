/*
 * kube-scheduler's decision about one pod, over a set of nodes and the pods on them: no clock, no
 * queue, no cluster behind it. The simulation's scheduler feeds it from the cluster's tables; the
 * golden cases feed it from manifests; so both run the same filters and scores.
 *
 * It keeps what kube-scheduler keeps in its cache: nodes in slots (reused, so that a slot number
 * stays below the peak of living nodes), the pods on them, and one shape per distinct template,
 * where everything that depends on the template alone is worked out once. Counts per topology
 * domain are kept up to date by every pod that comes or goes (scheduler_counts.c), never recounted.
 *
 * Plain mode (is_plain) evaluates every node anew in every cycle; it is the oracle for the caches
 * and gives the same decisions, messages and counts.
 *
 * Source: spec/kube-scheduler.md, kube-scheduler 1.36. A configuration may bring other profiles
 * than the default one; a pod is placed by that of its schedulerName.
 */
#ifndef WB_SIM_CLUSTER_SCHEDULER_CORE_H
#define WB_SIM_CLUSTER_SCHEDULER_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "kube/node_object.h"
#include "kube/pod.h"
#include "kube/policy.h"
#include "kube/scheduler_config.h"
#include "kube/storage.h"

#define WB_SCHEDULER_NONE UINT32_MAX

/* The plugins of the default profile that decide something: filters in their order, then those that
 * only score. */
typedef enum wb_scheduler_plugin {
    WB_PLUGIN_NODE_UNSCHEDULABLE,
    WB_PLUGIN_NODE_NAME,
    WB_PLUGIN_TAINT_TOLERATION,
    WB_PLUGIN_NODE_AFFINITY,
    WB_PLUGIN_NODE_PORTS,
    WB_PLUGIN_NODE_RESOURCES_FIT,
    WB_PLUGIN_VOLUME_RESTRICTIONS,
    WB_PLUGIN_NODE_VOLUME_LIMITS,
    WB_PLUGIN_VOLUME_BINDING,
    WB_PLUGIN_VOLUME_ZONE,
    WB_PLUGIN_POD_TOPOLOGY_SPREAD,
    WB_PLUGIN_INTER_POD_AFFINITY,
    WB_PLUGIN_DYNAMIC_RESOURCES,
    WB_PLUGIN_BALANCED_ALLOCATION,
    WB_PLUGIN_IMAGE_LOCALITY,
    WB_PLUGIN_COUNT,
    WB_PLUGIN_PASSED = WB_PLUGIN_COUNT /* no filter rejects */
} wb_scheduler_plugin;

/* Bits of the filters that read one node alone: an event elsewhere cannot change their verdict. */
#define WB_SCHEDULER_LOCAL_PLUGINS                                      \
    (1U << WB_PLUGIN_NODE_UNSCHEDULABLE | 1U << WB_PLUGIN_NODE_NAME |   \
     1U << WB_PLUGIN_TAINT_TOLERATION | 1U << WB_PLUGIN_NODE_AFFINITY | \
     1U << WB_PLUGIN_NODE_PORTS | 1U << WB_PLUGIN_NODE_RESOURCES_FIT)

/* Bits of all filters. */
#define WB_SCHEDULER_ALL_PLUGINS ((1U << (WB_PLUGIN_INTER_POD_AFFINITY + 1)) - 1)

/* "NodeResourcesFit", ...; NULL for WB_PLUGIN_PASSED. */
const char *wb_scheduler_core_plugin_name(wb_scheduler_plugin plugin);

typedef struct wb_scheduler_core wb_scheduler_core;

typedef struct wb_scheduler_core_options {
    const wb_scheduler_config *config;    /* borrowed: profiles; NULL: the default one */
    int32_t percentage_of_nodes_to_score; /* overrules the profiles' own; 0: it does not */
    bool preemption_is_off;
    bool ties_are_drawn; /* by tie_seed and pod, among the best nodes; false: first by name */
    uint64_t tie_seed;
    bool is_plain; /* no caches: the oracle */
} wb_scheduler_core_options;

/* A core without nodes, owned by the caller. intern must be made by wb_names_init and outlive it.
 * */
wb_scheduler_core *wb_scheduler_core_new(wb_intern *intern,
                                         const wb_scheduler_core_options *options);
void wb_scheduler_core_free(wb_scheduler_core *core);

/* ---- what does not change during a run ---- */

/* Labels of namespaces, for namespaceSelector. Borrowed; a namespace that is not listed has none.
 * */
void wb_scheduler_core_set_namespaces(wb_scheduler_core *core, const wb_namespace *namespaces,
                                      uint32_t count);

/* PVCs, PVs, classes and attach limits; all arrays borrowed. */
typedef struct wb_scheduler_storage {
    const wb_volume_claim *claims;
    const wb_persistent_volume *volumes;
    const wb_storage_class *classes;
    const wb_attach_limit *limits;
    uint32_t claim_count, volume_count, class_count, limit_count;
    /* Controllers run in no time (a simulation): ephemeral claims exist, a provisioned volume is
     * there and lies in the zone of the node. False: claims that wait for a controller go on
     * waiting. */
    bool provisions_at_once;
} wb_scheduler_storage;

/* Replaces what was set before, and forgets which volumes were handed out. */
void wb_scheduler_core_set_storage(wb_scheduler_core *core, const wb_scheduler_storage *storage);

/* Takes over in which zones claims were provisioned; both cores have the same claims. */
void wb_scheduler_core_copy_claim_zones(wb_scheduler_core *core, const wb_scheduler_core *from);

/* PDBs for preemption, borrowed. allowed tells how many disruptions pdbs[index] allows now; NULL:
 * the number in its status. */
void wb_scheduler_core_set_pdbs(wb_scheduler_core *core, const wb_pdb *pdbs, uint32_t count,
                                int32_t (*allowed)(void *context, uint32_t index), void *context);

/* ---- nodes ---- */

typedef struct wb_scheduler_core_node {
    uint32_t node_id; /* the caller's name for it, unique among present nodes */
    uint32_t name;    /* interned */
    wb_labels labels; /* borrowed until the node is changed or removed */
    const wb_taint *taints;
    uint32_t taint_count;
    const wb_node_image *images; /* borrowed like labels */
    uint32_t image_count;
    const wb_resource *allocatable; /* in any order; copied */
    uint32_t allocatable_count;
    bool is_unschedulable;
    uint32_t volume_driver; /* interned: whose volumes volume_limit is of */
    int32_t volume_limit;   /* where no CSINode is told of; 0: none */
} wb_scheduler_core_node;

/* Adds the node, or replaces what was known of it (its pods stay). */
void wb_scheduler_core_set_node(wb_scheduler_core *core, const wb_scheduler_core_node *node);

/* Its pods must be gone (asserted). Unknown ids are ignored. */
void wb_scheduler_core_remove_node(wb_scheduler_core *core, uint32_t node_id);
bool wb_scheduler_core_has_node(const wb_scheduler_core *core, uint32_t node_id);

/* ---- pods ---- */

/* The shape of pods with this template in this namespace; shape ids count from 0. template is
 * borrowed for as long as the core lives. */
uint32_t wb_scheduler_core_add_shape(wb_scheduler_core *core, const wb_pod_template *template,
                                     uint32_t namespace_name);

/* A group of pods over which the system's default constraints spread a pod without constraints of
 * its own: those in namespace_name that all selectors match (of their Services and their owner). */
uint32_t wb_scheduler_core_add_default_group(wb_scheduler_core *core, uint32_t namespace_name,
                                             const wb_label_selector *selectors, uint32_t count);

/* The same where only the owner is known: its pods, told by wb_scheduler_core_pod.group. NONE:
 * there are too many groups already; its pods are not spread by default. */
uint32_t wb_scheduler_core_add_owner_group(wb_scheduler_core *core, uint32_t owner_id);

typedef struct wb_scheduler_core_pod {
    uint32_t pod_id;  /* the caller's, unique among pods */
    uint32_t shape;   /* of wb_scheduler_core_add_shape */
    uint32_t group;   /* for default spreading; WB_SCHEDULER_NONE: a stray pod */
    const char *name; /* borrowed while the core knows the pod */
    int64_t start_ms; /* for the order of victims; any origin */
    bool is_terminating;
} wb_scheduler_core_pod;

/* The pod is on the node from now on; a nomination of its ends. */
void wb_scheduler_core_assign(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                              uint32_t node_id);

/* Off its node; false when it was on none. */
bool wb_scheduler_core_unassign(wb_scheduler_core *core, uint32_t pod_id);

/* Spread constraints no longer count it. */
void wb_scheduler_core_set_terminating(wb_scheduler_core *core, uint32_t pod_id);

/* Pending pod is nominated to node: pods of lower or equal priority see it there. Replaces an
 * earlier nomination. */
void wb_scheduler_core_nominate(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                uint32_t node_id);
void wb_scheduler_core_clear_nomination(wb_scheduler_core *core, uint32_t pod_id);

/* The node to which pod is nominated, or WB_SCHEDULER_NONE. */
uint32_t wb_scheduler_core_nominated_node(const wb_scheduler_core *core, uint32_t pod_id);

/* ---- deciding ---- */

/* What was decided about one pod. Arrays live until the next call on core. */
typedef struct wb_scheduler_decision {
    uint32_t node_id; /* WB_SCHEDULER_NONE: no node is feasible */
    uint32_t plugins; /* bit per plugin that rejected some node; when node_id is NONE */
    /* Preemption: the node to clear, its victims (most important first); NONE: no candidate. The
     * core has already nominated the pod. */
    uint32_t nominated_node_id;
    const uint32_t *victims;
    uint32_t victim_count;
    /* Pods of lower priority whose nomination to that node ended. */
    const uint32_t *displaced;
    uint32_t displaced_count;
    bool was_known; /* an equal pod failed before and nothing that could help has changed since */
    const char *message; /* "0/5 nodes are available: 3 Insufficient cpu, ..."; NULL when bound */
} wb_scheduler_decision;

struct wb_scheduler_report;

/* One scheduling cycle for pod: filters, scores, preemption. Neither binds nor evicts; records
 * nominations. report may be NULL; else it is filled in (scheduler_report.h). */
void wb_scheduler_core_decide(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                              struct wb_scheduler_report *report, wb_scheduler_decision *out);

/* Reserves the volumes of pod on node, as the cycle does before it binds. */
void wb_scheduler_core_reserve_volumes(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                       uint32_t node_id);

/* The first filter that rejects pod on node (all filters, prefilters included), or
 * WB_PLUGIN_PASSED. out_reason (may be NULL) gets the user's message. */
wb_scheduler_plugin wb_scheduler_core_filter(wb_scheduler_core *core,
                                             const wb_scheduler_core_pod *pod, uint32_t node_id,
                                             char *out_reason, size_t reason_size);

/* Whether a change of node could help a pod of shape that the plugins (bits) rejected: filters that
 * depend on the node alone are asked; for the others any change may help. */
bool wb_scheduler_core_node_may_help(wb_scheduler_core *core, uint32_t shape, uint32_t plugins,
                                     uint32_t node_id);

/* Whether a pod of other shape that comes (or goes) could help a pod of shape that spread or
 * affinity rejected. */
bool wb_scheduler_core_pod_may_help(wb_scheduler_core *core, uint32_t shape, uint32_t plugins,
                                    uint32_t other_shape, bool comes);

/* Whether pods of shape fail alike now, and without a trace: no volumes of their own, nobody whom
 * they could preempt, no nominations about. */
bool wb_scheduler_core_pods_are_alike(const wb_scheduler_core *core, uint32_t shape);

/* Priority of the pods of a shape. */
int32_t wb_scheduler_core_priority(const wb_scheduler_core *core, uint32_t shape);

/* Work done so far. */
typedef struct wb_scheduler_core_counters {
    uint64_t cycles, filter_calls, score_calls, preemptions, known_failures;
} wb_scheduler_core_counters;

/* What was done so far. */
wb_scheduler_core_counters wb_scheduler_core_get_counters(const wb_scheduler_core *core);

/* Recomputes every sum, chain and topology count and asserts that they agree; for tests. */
void wb_scheduler_core_check(const wb_scheduler_core *core);

#endif
