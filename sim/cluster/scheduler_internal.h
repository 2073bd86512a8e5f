/*
 * Inside of the scheduler's core: the tables, and the calls between scheduler_*.c. Only those files
 * include it.
 *
 *   shape ──▶ requests, tolerations ...         one per template: all that depends on it alone
 *     │  ╲
 *     │   ▶ entries[slot]: what the node-local filters and scores said, at which node version
 *     ▼
 *   group: a set of pods (by selector, by carried term, by owner), counted per node slot
 *     ▼
 *   tracker: a group counted per topology domain, over the nodes that are eligible
 *     ▼
 *   topology: one label key; which domain each node slot lies in
 *
 * Node-local: NodeUnschedulable to NodeResourcesFit, and the scores of resources, taints and node
 * affinity. They read one node and the shape, so an entry stays true while the node's version does.
 */
#ifndef WB_SIM_CLUSTER_SCHEDULER_INTERNAL_H
#define WB_SIM_CLUSTER_SCHEDULER_INTERNAL_H

#include "base/arena.h"
#include "base/hash_map.h"
#include "base/text.h"
#include "sim/cluster/scheduler_core.h"
#include "sim/cluster/scheduler_report.h"

#define WB_SCHEDULER_TAINTS_MAX    16
#define WB_SCHEDULER_RESOURCES_MAX 64
#define WB_NODE_SCORE_MAX          100

/* A shape that failed longer ago than this many changes is looked at on every node again. */
#define WB_SCHEDULER_CHANGES_MAX 65536U

/* Entries over all shapes; 32 bytes each. */
#define WB_SCHEDULER_ENTRIES_MAX UINT64_C(4194304)

/* Dense indices of the resources that every node has. */
enum {
    WB_SCHEDULER_RESOURCE_CPU,
    WB_SCHEDULER_RESOURCE_MEMORY,
    WB_SCHEDULER_RESOURCE_PODS
};

/* A growable list of ids. */
typedef struct wb_scheduler_list {
    uint32_t *items; /* owned */
    uint32_t count, capacity;
} wb_scheduler_list;

/* Why a node is rejected; NodeResourcesFit names the lacking resources instead. */
typedef enum wb_scheduler_reason {
    WB_REASON_NONE,
    WB_REASON_UNSCHEDULABLE,
    WB_REASON_NODE_NAME,
    WB_REASON_TAINT,
    WB_REASON_NODE_AFFINITY,
    WB_REASON_EXCLUDED,
    WB_REASON_TERMS_CONFLICT,
    WB_REASON_PORTS,
    WB_REASON_RWOP,
    WB_REASON_VOLUME_COUNT,
    WB_REASON_NO_VOLUME,
    WB_REASON_VOLUME_NODE,
    WB_REASON_VOLUME_MISSING,
    WB_REASON_IMMEDIATE_UNBOUND,
    WB_REASON_VOLUME_ZONE,
    WB_REASON_VOLUME_TEXT, /* the cycle's all_text */
    WB_REASON_SPREAD,
    WB_REASON_SPREAD_LABEL,
    WB_REASON_AFFINITY,
    WB_REASON_ANTI_AFFINITY,
    WB_REASON_EXISTING_ANTI_AFFINITY,
    WB_REASON_COUNT
} wb_scheduler_reason;

/* ---- rows ---- */

/* What the node-local plugins say of one shape on one node: the part that every search reads. Eight
 * bytes, so that the entries of 500 nodes lie in one page. */
typedef struct wb_scheduler_entry {
    uint32_t version;      /* of the node when this was worked out; 0: never */
    uint8_t plugin;        /* first node-local filter that rejects, or PASSED */
    uint8_t fit, balanced; /* scores, 0 to 100 */
    uint8_t soft_taints;   /* PreferNoSchedule taints that are not tolerated */
} wb_scheduler_entry;

/* The part that is read when the node changed, or when somebody asks why. */
typedef struct wb_scheduler_detail {
    uint64_t lacking;        /* bit per dense resource that does not fit */
    uint32_t static_version; /* of the node's labels, taints and cordon */
    int32_t preferred;       /* sum of the weights of matching preferred node terms */
    uint8_t static_plugin; /* first of NodeUnschedulable .. NodeAffinity that rejects, or PASSED */
    uint8_t soft_taints;   /* as in the entry */
    bool is_unresolvable;  /* of the entry's rejection */
} wb_scheduler_detail;

typedef struct wb_scheduler_row {
    wb_scheduler_core_node node; /* taints and allocatable replaced by copies below */
    wb_taint taints[WB_SCHEDULER_TAINTS_MAX];
    bool is_present;
    uint32_t zone;           /* index into zones */
    uint32_t static_version; /* of labels, taints, cordon, allocatable */
    uint32_t first_pod;      /* chain through pods[].next */
    uint32_t pod_count, host_port_pod_count;
    uint32_t first_nominated; /* chain through nominations[].next */
    int64_t nonzero_cpu_milli,
        nonzero_memory_bytes; /* of its pods, with defaults for missing requests */
} wb_scheduler_row;

typedef struct wb_scheduler_pod_row {
    wb_scheduler_core_pod pod;
    uint32_t slot; /* of its node; WB_SCHEDULER_NONE: the row is unused */
    uint32_t next, previous;
} wb_scheduler_pod_row;

typedef struct wb_scheduler_nomination {
    wb_scheduler_core_pod pod;
    uint32_t slot; /* WB_SCHEDULER_NONE: the row is unused */
    uint32_t next;
} wb_scheduler_nomination;

typedef struct wb_scheduler_request {
    uint32_t resource; /* dense index */
    int64_t amount;    /* > 0 */
} wb_scheduler_request;

/* ---- topology counts ---- */

/* Which namespaces and labels a term selects. Arrays are borrowed from the template, or lie in the
 * core's arena. */
typedef struct wb_scheduler_predicate {
    uint32_t own_namespace; /* where neither list nor selector is given */
    const uint32_t *namespaces;
    uint32_t namespace_count;
    wb_label_selector namespace_selector;
    wb_label_selector selector; /* with what matchLabelKeys add */
    bool empty_selects_nothing; /* spread counts no pod for an empty selector */
} wb_scheduler_predicate;

typedef enum wb_scheduler_group_kind {
    WB_GROUP_SELECTED, /* pods of shapes that every predicate matches */
    WB_GROUP_CARRIERS, /* pods of shapes that carry a term */
    WB_GROUP_OWNED,    /* pods whose group it is */
} wb_scheduler_group_kind;

typedef struct wb_scheduler_group {
    wb_scheduler_group_kind kind;
    const wb_scheduler_predicate *predicates; /* SELECTED */
    uint32_t predicate_count;
    uint32_t subject;        /* CARRIERS: index into terms; OWNED: the owner's id */
    bool skips_terminating;  /* spread does, affinity does not */
    uint16_t *count_of_slot; /* owned */
    wb_scheduler_list trackers;
} wb_scheduler_group;

typedef struct wb_scheduler_topology {
    uint32_t key;             /* interned label key */
    uint32_t *domain_of_slot; /* owned; WB_SCHEDULER_NONE: the node lacks the key */
    uint32_t *value_of_domain, *node_count_of_domain; /* owned */
    wb_scheduler_list free_domains;
    wb_hash_map domain_by_value;
    uint32_t domain_count, domain_capacity; /* domains ever used; ids are reused */
    wb_scheduler_list trackers;
} wb_scheduler_topology;

/* Which nodes take part in a spread constraint. Shared between equal constraints. */
typedef struct wb_scheduler_eligibility {
    const wb_pod_template
        *template; /* borrowed: whose node affinity and tolerations are honoured */
    bool honors_affinity, honors_taints;
    const uint32_t *keys; /* label keys that a node must have, all of them */
    uint32_t key_count;
    uint64_t hash;
    uint8_t *eligible_of_slot; /* owned */
} wb_scheduler_eligibility;

typedef struct wb_scheduler_tracker {
    uint32_t group, topology;
    uint32_t eligibility;                      /* WB_SCHEDULER_NONE: every node with the key */
    int32_t *pods_of_domain, *nodes_of_domain; /* owned */
    /* For the minimum over domains: how many domains hold how many pods. */
    uint32_t *domains_with_count; /* owned */
    uint32_t count_capacity;
    bool needs_least;      /* the two above are kept only for hard spread constraints */
    int32_t least;         /* pods in the emptiest live domain */
    uint32_t live_domains; /* with at least one eligible node */
    int64_t total;         /* pods over all live domains */
} wb_scheduler_tracker;

typedef enum wb_scheduler_term_kind {
    WB_TERM_ANTI_REQUIRED,
    WB_TERM_AFFINITY_REQUIRED,
    WB_TERM_PREFERRED, /* the sign of the weight says which */
} wb_scheduler_term_kind;

/* A pod (anti-)affinity term as running pods carry it. Equal terms share one. */
typedef struct wb_scheduler_term {
    wb_scheduler_predicate predicate;
    wb_scheduler_term_kind kind;
    int32_t weight;
    uint32_t group, tracker; /* of its carriers, over its topology key */
    uint32_t topology_key;
    uint64_t hash;
} wb_scheduler_term;

/* ---- shapes ---- */

typedef struct wb_scheduler_spread {
    uint32_t topology; /* of the key */
    uint32_t group;
    uint32_t
        tracker; /* WB_SCHEDULER_NONE for a soft constraint over host names: the node's count */
    int32_t max_skew, min_domains;
    int32_t self_match; /* 1 when the pod matches its own selector */
} wb_scheduler_spread;

/* The soft constraints that score a pod: its own, or the system's for its group. */
typedef struct wb_scheduler_spread_set {
    wb_scheduler_spread *items; /* in the core's arena */
    uint32_t count;
    const uint32_t *keys;   /* topology key of each item */
    bool requires_all_keys; /* a node that lacks one takes no part; not so for the system's own */
} wb_scheduler_spread_set;

typedef struct wb_scheduler_weighted {
    uint32_t tracker;
    int32_t weight;
} wb_scheduler_weighted;

/* How pods of a shape fail: how many nodes reject them for which reason. While is_counted, entries
 * keep the histogram in step when they are refreshed. */
#define WB_SCHEDULER_HISTOGRAM (WB_REASON_COUNT + WB_SCHEDULER_RESOURCES_MAX)

typedef struct wb_scheduler_failure {
    uint32_t *histogram;   /* owned; nodes by reason, then by lacking resource */
    uint64_t change_count; /* of the core when the failure was last looked at */
    uint32_t plugins;
    uint32_t passing_count; /* entries that pass: with one, the pod may fit after all */
    bool is_known;          /* no node was feasible at change_count */
    bool is_counted;        /* the node-local filters alone said so: the histogram is exact */
    bool is_text_stale;
    wb_text message;
} wb_scheduler_failure;

/* A resource of NodeResourcesFit's scoring strategy. */
typedef struct wb_scheduler_fit_resource {
    uint32_t resource; /* dense index */
    int64_t weight;
} wb_scheduler_fit_resource;

/* A profile, ready to use. */
typedef struct wb_scheduler_rules {
    const wb_scheduler_profile *config;             /* borrowed */
    int64_t weights[WB_PLUGIN_COUNT];               /* 0: the plugin does not score */
    const wb_scheduler_fit_resource *fit_resources; /* in the core's arena */
    uint32_t fit_resource_count;
    int32_t percentage; /* of nodes to score; 0: adaptive */
    bool preemption_is_off;
} wb_scheduler_rules;

typedef struct wb_scheduler_shape {
    const wb_pod_template *template; /* borrowed */
    const wb_scheduler_rules *rules; /* of its schedulerName's profile */
    uint32_t namespace_name;
    int32_t priority;

    const wb_scheduler_request *requests; /* in the core's arena; zero amounts left out */
    uint32_t request_count;
    int64_t cpu_milli, memory_bytes;                 /* effective */
    int64_t score_cpu_milli, score_memory_bytes;     /* for the fit score, while pending */
    int64_t nonzero_cpu_milli, nonzero_memory_bytes; /* for the fit score, once on a node */

    const uint32_t *named_nodes; /* where every required term names nodes: these, by name id */
    uint32_t named_node_count;
    bool has_named_nodes;
    bool uses_volumes, uses_host_ports;

    wb_scheduler_spread *hard; /* DoNotSchedule */
    uint32_t hard_count;
    wb_scheduler_spread_set soft;     /* of its own */
    uint32_t *affinity;               /* trackers: required, one per term */
    uint32_t *anti_affinity;          /* trackers: required */
    wb_scheduler_weighted *preferred; /* both signs */
    uint32_t affinity_count, anti_affinity_count, preferred_count;
    bool matches_own_affinity;  /* the first of a group may be alone */
    bool are_constraints_ready; /* the trackers above exist: made when first asked for */

    wb_scheduler_list groups; /* whose pods it counts among */
    wb_scheduler_list carried_terms;
    wb_scheduler_list hit_terms; /* carried by others, and match this shape */

    wb_scheduler_entry *entries;  /* owned; by slot; NULL while not cached */
    wb_scheduler_detail *details; /* owned; beside entries */
    uint32_t entry_capacity;
    uint64_t entries_used_at; /* cycle: the longest unused cache goes first */
    uint32_t use_count;       /* cycles; the second one is worth a cache */
    wb_scheduler_failure failure;
} wb_scheduler_shape;

/* ---- volumes ---- */

typedef struct wb_scheduler_volumes wb_scheduler_volumes;

/* One pod's volumes during one cycle. */
typedef struct wb_scheduler_volume_plan wb_scheduler_volume_plan;

/* ---- one cycle ---- */

typedef struct wb_scheduler_rejection {
    uint8_t plugin; /* wb_scheduler_plugin, or PASSED */
    bool is_unresolvable, is_prefilter, is_visited;
    uint8_t reason;   /* wb_scheduler_reason; not for the plugins that have lacking instead */
    uint64_t lacking; /* NodeResourcesFit: resources; VolumeBinding: reasons; a bit each */
} wb_scheduler_rejection;

typedef struct wb_scheduler_cycle {
    const wb_scheduler_core_pod *pod;
    wb_scheduler_shape *shape;
    wb_scheduler_spread_set soft;
    wb_scheduler_volume_plan *volumes; /* NULL: the pod has none */
    wb_scheduler_rejection all; /* a prefilter that rejects every node; plugin PASSED: none */
    const char *all_text;       /* its message, where it names something */
} wb_scheduler_cycle;

struct wb_scheduler_core {
    wb_intern *intern; /* borrowed */
    wb_arena arena;    /* what lives as long as the core */
    wb_arena scratch;  /* one call */
    wb_scheduler_core_options options;
    wb_scheduler_rules *rules; /* in arena: one per profile */
    uint32_t rules_count;

    wb_scheduler_row *rows; /* owned; by slot */
    uint32_t *versions;     /* owned; by slot: counts changes; never 0 once present */
    uint32_t *ranks;        /* owned; by slot: among present nodes by name */
    uint32_t slot_count, slot_capacity;
    wb_scheduler_list free_slots;
    wb_hash_map slot_by_node;
    uint32_t node_count;
    uint32_t resource_names[WB_SCHEDULER_RESOURCES_MAX];
    uint32_t resource_count, resource_stride;
    int64_t *allocatable, *requested; /* owned; slot * resource_stride + resource */
    wb_scheduler_list arrivals;       /* slots of present nodes as they came */
    wb_scheduler_list order;          /* the same as the search walks them: zone by zone in turn */
    wb_scheduler_list by_name;
    wb_scheduler_list *zones; /* owned: present nodes by zone, as they came */
    uint32_t zone_count, zone_capacity;
    wb_hash_map zone_by_key;
    bool is_order_stale;

    wb_scheduler_pod_row *pods; /* owned */
    uint32_t pod_row_count, pod_row_capacity;
    wb_scheduler_list free_pods;
    wb_hash_map pod_by_id;
    wb_scheduler_nomination *nominations; /* owned */
    uint32_t nomination_count, nomination_capacity, live_nomination_count;
    wb_scheduler_list free_nominations;
    wb_hash_map nomination_by_pod;

    wb_scheduler_shape *shapes; /* owned */
    uint32_t shape_count, shape_capacity;
    wb_hash_map shape_by_hash;
    wb_scheduler_group *groups; /* owned */
    uint32_t group_count, group_capacity;
    wb_scheduler_topology *topologies; /* owned */
    uint32_t topology_count, topology_capacity;
    wb_scheduler_eligibility *eligibilities; /* owned */
    uint32_t eligibility_count, eligibility_capacity;
    wb_scheduler_tracker *trackers; /* owned */
    uint32_t tracker_count, tracker_capacity;
    wb_scheduler_term *terms; /* owned */
    uint32_t term_count, term_capacity;
    wb_hash_map group_by_hash, tracker_by_key, soft_by_key;
    wb_scheduler_spread_set *soft_sets; /* owned: of default groups */
    uint32_t soft_set_count, soft_set_capacity;

    const wb_namespace *namespaces; /* borrowed */
    uint32_t namespace_count;
    wb_scheduler_volumes *volumes; /* owned; NULL: no storage was set */
    const wb_pdb *pdbs;            /* borrowed */
    uint32_t pdb_count;
    int32_t (*pdb_allowed)(void *context, uint32_t index);
    void *pdb_context; /* borrowed */

    uint32_t next_start; /* where the next search begins, in order */
    /* Every change of a node or of what is on it: the slot, in a ring. */
    uint32_t *changes;                 /* owned; WB_SCHEDULER_CHANGES_MAX */
    uint64_t change_count;             /* ever */
    uint64_t cached_entry_count;       /* over all shapes */
    uint32_t last_version;             /* of rows */
    wb_scheduler_entry uncached_entry; /* of a shape without cache */
    wb_scheduler_detail uncached_detail;
    int32_t *priorities;        /* owned: distinct priorities of placed pods, ascending */
    uint32_t *pods_of_priority; /* owned */
    uint32_t priority_count, priority_capacity;
    bool has_images;
    wb_scheduler_core_counters counters;

    /* Kept between cycles for their capacity. */
    uint32_t *feasible;                   /* owned: slots of the nodes found */
    wb_scheduler_entry *feasible_entries; /* owned; beside feasible */
    uint32_t feasible_count, feasible_capacity;
    wb_scheduler_list victims, displaced;
    int64_t *totals;                    /* owned; per feasible node */
    wb_scheduler_rejection *rejections; /* owned; per slot */
    uint32_t total_capacity, rejection_capacity;
    uint32_t *domain_marks; /* owned; per domain */
    uint32_t domain_mark_capacity, domain_mark;
};

/* ---- lists ---- */

/* Appends; frees the storage. */
void wb_scheduler_core_list_add(wb_scheduler_list *list, uint32_t item);
void wb_scheduler_core_list_release(wb_scheduler_list *list);

/* ---- tables (scheduler_core.c) ---- */

/* The slot of node_id, or WB_SCHEDULER_NONE. */
uint32_t wb_scheduler_core_slot(const wb_scheduler_core *core, uint32_t node_id);

/* The dense index of an interned resource name, added on first sight. */
uint32_t wb_scheduler_core_resource(wb_scheduler_core *core, uint32_t name);

/* Puts pod on slot, or takes row pod_row off, with all sums and counts; bumps the node's version.
 * What callers try out (nominated pods, victims) they undo the same way. */
uint32_t wb_scheduler_core_place(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                 uint32_t slot);
void wb_scheduler_core_displace(wb_scheduler_core *core, uint32_t pod_row);

/* Brings order and ranks up to date. */
void wb_scheduler_core_refresh_order(wb_scheduler_core *core);

/* ---- profiles (scheduler_profile.c) ---- */

/* Makes core->rules, before the first shape. */
void wb_scheduler_profile_init_all(wb_scheduler_core *core);

/* The rules for pods of a scheduler name; the first profile's when no profile has that name. */
const wb_scheduler_rules *wb_scheduler_profile_find(const wb_scheduler_core *core,
                                                    uint32_t scheduler_name);

/* ---- shapes (scheduler_shape.c) ---- */

/* Fills everything but the trackers. */
void wb_scheduler_shape_init(wb_scheduler_core *core, wb_scheduler_shape *shape,
                             const wb_pod_template *template, uint32_t namespace_name);
void wb_scheduler_shape_release(wb_scheduler_shape *shape);

/* Makes the trackers of its constraints, once. */
void wb_scheduler_shape_prepare(wb_scheduler_core *core, wb_scheduler_shape *shape);

/* The soft constraints of a pod of shape in group: its own, else the system's. */
wb_scheduler_spread_set wb_scheduler_shape_soft(wb_scheduler_core *core, uint32_t shape_id,
                                                uint32_t group);

/* ---- who counts (scheduler_groups.c) ---- */

/* Whether pods with labels in a namespace are selected. */
bool wb_scheduler_groups_predicate_matches(const wb_scheduler_core *core,
                                           const wb_scheduler_predicate *predicate,
                                           uint32_t namespace_name, wb_labels labels);

/* A group by content; predicates are copied into the core's arena when it is new. */
uint32_t wb_scheduler_groups_add_selected(wb_scheduler_core *core,
                                          const wb_scheduler_predicate *predicates, uint32_t count,
                                          bool skips_terminating);

/* Finds the groups that count a new shape, registers the terms that it carries, and matches terms
 * of others with it and its terms with others. */
void wb_scheduler_groups_add_shape(wb_scheduler_core *core, uint32_t shape_id);

/* The predicate of a pod term of a template in a namespace, match label keys folded in. */
wb_scheduler_predicate wb_scheduler_groups_term_predicate(wb_scheduler_core *core,
                                                          const wb_pod_term *term,
                                                          const wb_pod_template *template,
                                                          uint32_t namespace_name);

/* The predicate of a spread constraint, likewise. */
wb_scheduler_predicate wb_scheduler_groups_spread_predicate(wb_scheduler_core *core,
                                                            const wb_spread_constraint *constraint,
                                                            const wb_pod_template *template,
                                                            uint32_t namespace_name);

/* ---- how many where (scheduler_counts.c) ---- */

/* An eligibility by content; keys are copied when it is new. */
uint32_t wb_scheduler_counts_add_eligibility(wb_scheduler_core *core,
                                             const wb_scheduler_eligibility *wanted);

/* The topology of a label key, made on first sight. */
uint32_t wb_scheduler_counts_add_topology(wb_scheduler_core *core, uint32_t key);

/* The tracker of group over a label key among eligible nodes; made and counted on first sight. */
uint32_t wb_scheduler_counts_add_tracker(wb_scheduler_core *core, uint32_t group,
                                         uint32_t topology_key, uint32_t eligibility);

/* Has tracker keep its least from now on. */
void wb_scheduler_counts_need_least(wb_scheduler_core *core, uint32_t tracker);

/* Room for core->slot_capacity slots in everything kept by slot. */
void wb_scheduler_counts_grow_slots(wb_scheduler_core *core, uint32_t old_capacity);

/* When a node comes or goes, and around a change of its labels or taints. */
void wb_scheduler_counts_attach(wb_scheduler_core *core, uint32_t slot);
void wb_scheduler_counts_detach(wb_scheduler_core *core, uint32_t slot);

/* delta (+1, -1) pods like pod on slot. */
void wb_scheduler_counts_change(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                uint32_t slot, int32_t delta);

/* pod on slot begins to terminate. */
void wb_scheduler_counts_terminate(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                   uint32_t slot);

/* Changes the count of one group on one node, and of its trackers. */
void wb_scheduler_counts_add(wb_scheduler_core *core, uint32_t group, uint32_t slot, int32_t delta);
void wb_scheduler_counts_release(wb_scheduler_core *core);

/* The domain of slot under tracker's key, or WB_SCHEDULER_NONE. */
uint32_t wb_scheduler_counts_domain(const wb_scheduler_core *core, uint32_t tracker, uint32_t slot);

/* Pods of tracker in the domain of slot; 0 where the node lacks the key. */
int32_t wb_scheduler_counts_on(const wb_scheduler_core *core, uint32_t tracker, uint32_t slot);

/* ---- node-local plugins ---- */

/* Whether node satisfies nodeSelector and required node affinity of template. */
bool wb_scheduler_filter_node_affinity(const wb_scheduler_core *core,
                                       const wb_pod_template *template,
                                       const wb_scheduler_row *row);
bool wb_scheduler_filter_node_term(const wb_scheduler_core *core, const wb_node_term *term,
                                   wb_labels labels, uint32_t node_name);

/* Whether template tolerates the NoSchedule and NoExecute taints of row. */
bool wb_scheduler_filter_node_taints(const wb_scheduler_core *core, const wb_pod_template *template,
                                     const wb_scheduler_row *row);

/* What the node-local plugins say; from the shape's cache unless plain. Holds until the next call
 * for a shape without cache. */
const wb_scheduler_entry *wb_scheduler_filter_node_entry(wb_scheduler_core *core,
                                                         wb_scheduler_shape *shape, uint32_t slot);

/* The details behind the entry, brought up to date with it. */
const wb_scheduler_detail *wb_scheduler_filter_node_detail(wb_scheduler_core *core,
                                                           wb_scheduler_shape *shape,
                                                           uint32_t slot);

/* The node of slot is gone: takes its verdict out of the shape's histogram. */
void wb_scheduler_filter_node_forget(wb_scheduler_shape *shape, uint32_t slot);

/* Fills fit and balanced of entry, which depend on what runs on the node. */
void wb_scheduler_score_node_fill(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                  uint32_t slot, wb_scheduler_entry *entry);

/* Fills soft_taints and preferred of detail, which depend on labels and taints. */
void wb_scheduler_score_node_fill_static(const wb_scheduler_core *core,
                                         const wb_scheduler_shape *shape, uint32_t slot,
                                         wb_scheduler_detail *detail);

/* ImageLocality, 0 to 100. */
int64_t wb_scheduler_score_node_images(const wb_scheduler_core *core,
                                       const wb_scheduler_shape *shape, uint32_t slot);

/* ---- plugins that look beyond the node ---- */

/* Spread and affinity, in this order; true when they pass. */
bool wb_scheduler_filter_topology_passes(wb_scheduler_core *core, wb_scheduler_shape *shape,
                                         uint32_t slot, wb_scheduler_rejection *out);

/* Whether these filters can reject anything at all. */
bool wb_scheduler_filter_topology_applies(const wb_scheduler_core *core,
                                          const wb_scheduler_shape *shape);

/* Whether preferred affinity, of the pod or of running ones towards it, may score at all. */
bool wb_scheduler_score_topology_applies(const wb_scheduler_core *core,
                                         const wb_scheduler_shape *shape);

/* Scores of the feasible nodes, 0 to 100 each, before weighting; false when the plugin is skipped.
 * */
bool wb_scheduler_score_topology_spread(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                        int64_t *scores);
bool wb_scheduler_score_topology_affinity(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                          int64_t *scores);

/* ---- volumes (scheduler_volumes.c) ---- */

/* Forgets what was set by wb_scheduler_core_set_storage. */
void wb_scheduler_volumes_release(wb_scheduler_core *core);

/* The plan of pod for one cycle, in scratch; fills cycle->all when a prefilter rejects. */
void wb_scheduler_volumes_plan(wb_scheduler_core *core, wb_scheduler_cycle *cycle);
bool wb_scheduler_volumes_pass(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                               uint32_t slot, wb_scheduler_rejection *out);

/* A pod with volumes came to slot or left it. */
void wb_scheduler_volumes_change(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                 uint32_t slot, int32_t delta);

/* ---- the cycle (scheduler_cycle.c) ---- */

/* Prefilters of pod. */
void wb_scheduler_cycle_begin(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                              wb_scheduler_cycle *out);

/* The whole filter chain on slot, twice where pods of no lower priority are nominated there. */
bool wb_scheduler_cycle_passes(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                               uint32_t slot, wb_scheduler_rejection *out);

/* ---- the search (scheduler_search.c) ---- */

/* Counts a use of shape and gives it a cache when that pays. */
void wb_scheduler_search_prepare(wb_scheduler_core *core, wb_scheduler_shape *shape);

/* Fills core->feasible and core->feasible_entries. records: core->rejections of the nodes that were
 * looked at, too. */
void wb_scheduler_search_run(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                             bool records);

/* After a search without success: gives every present node its reason in core->rejections. */
void wb_scheduler_search_explain(wb_scheduler_core *core, const wb_scheduler_cycle *cycle);

/* ---- the choice (scheduler_choose.c) ---- */

/* The slot of the best feasible node; ties go to the first by name, or are drawn. */
uint32_t wb_scheduler_choose_run(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                 struct wb_scheduler_report *report);

/* ---- known failures (scheduler_failure.c) ---- */

/* Whether some placed pod has a lower priority and the shape may preempt it. */
bool wb_scheduler_failure_may_preempt(const wb_scheduler_core *core,
                                      const wb_scheduler_shape *shape);

/* True, with plugins and message in out, when the cycle's pod is known to fail without a search. */
bool wb_scheduler_failure_is_known(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                   wb_scheduler_decision *out);

/* After a search without success, and after preemption. */
void wb_scheduler_failure_remember(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                   const wb_scheduler_decision *decision);

/* ---- preemption (scheduler_preemption.c) ---- */

/* After a cycle without a feasible node, with core->rejections of every node. */
void wb_scheduler_preemption_run(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                 struct wb_scheduler_report *report, wb_scheduler_decision *out);

/* ---- words (scheduler_report.c) ---- */

/* The reason for which a filter rejects that has only one. */
wb_scheduler_reason wb_scheduler_report_plugin_reason(wb_scheduler_plugin plugin);

/* The plugin that a row of a node-local histogram comes from. */
wb_scheduler_plugin wb_scheduler_report_reason_plugin(uint32_t row);

/* Adds the message of one rejection to out: several reasons sorted, joined by "; ". cycle_text is
 * that of the cycle, for rejections that name something. */
void wb_scheduler_report_reason(wb_scheduler_core *core, const char *cycle_text,
                                const wb_scheduler_rejection *rejection, wb_text *out);

/* Counts one node in a histogram of WB_SCHEDULER_HISTOGRAM rows. */
void wb_scheduler_report_count(const wb_scheduler_rejection *rejection, uint32_t *histogram);

/* Sets out to "0/5 nodes are available: 1 ..., 4 ...." */
void wb_scheduler_report_message(wb_scheduler_core *core, const char *cycle_text,
                                 const uint32_t *histogram, wb_text *out);

#endif
