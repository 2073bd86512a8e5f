/*
 * Disruption: which nodes go, and what comes in their place, decided as Karpenter's disruption
 * controller decides it.
 *
 * Pure: a picture of the cluster at one moment in, commands out. What waits and what acts (the 15 s
 * before a command is believed, taints, launches, drains) is the caller's; it comes back with a
 * second picture and asks whether the command still holds.
 *
 *     wb_disruption *before = wb_disruption_new(&arena, &scratch, &picture);
 *     for (method = 0; method < WB_DISRUPTION_METHOD_COUNT; method++) {
 *         wb_disruption_outcome found = wb_disruption_compute(before, method);
 *         if (found.command_count > 0) { ... }       the first method with a command wins
 *     }
 *     ... 15 s later, another picture ...
 *     verdict = wb_disruption_validate(after, &found.commands[0], &command);
 *
 * Up to 10,000 nodes with some 10 to 30 pods each; a pass looks at every pod of a possible
 * candidate once, and simulates the removal of up to as many sets of nodes as there are candidates.
 * Source: Karpenter core, spec/disruption.md sections 3 to 12.
 */
#ifndef WB_SOLVER_DISRUPTION_H
#define WB_SOLVER_DISRUPTION_H

#include "kube/nodepool.h"
#include "kube/policy.h"
#include "solver/provisioning.h"

/* In the order in which the loop asks them. */
typedef enum wb_disruption_method {
    WB_DISRUPTION_EMPTINESS,
    WB_DISRUPTION_STATIC_DRIFT,
    WB_DISRUPTION_DRIFT,
    WB_DISRUPTION_MULTI_NODE,
    WB_DISRUPTION_SINGLE_NODE,
    WB_DISRUPTION_METHOD_COUNT
} wb_disruption_method;

/* ---- the picture ---- */

/* A pod that is bound to a node, DaemonSets' and finished ones included. */
typedef struct wb_disruption_pod {
    uint32_t name, namespace_name, uid; /* interned */
    uint32_t shape_id;                  /* of the world */
    const wb_pod_template *template;    /* borrowed; pods of one shape may differ in annotations
                                           and priority */
    int64_t created_ms;
    int64_t start_ms; /* status.startTime; -1: none */
    wb_owner_kind owner_kind;
    wb_pod_phase phase;
    bool is_terminating; /* has a deletionTimestamp */
    bool ready_is_false; /* condition Ready is False, said explicitly */
} wb_disruption_pod;

/* A node, or a NodeClaim whose node has not come yet. Times are epoch ms. */
typedef struct wb_disruption_node {
    wb_solver_node *solver_node;   /* borrowed: labels, taints, room, whether it is initialised */
    const wb_disruption_pod *pods; /* borrowed; may be left out where the node's own flags below
                                      keep it from being a candidate, unless it is marked */
    uint32_t pod_count;
    bool has_claim;      /* a NodeClaim of ours */
    bool is_ready;       /* condition Ready */
    bool is_queued;      /* part of a running command */
    bool is_marked;      /* for deletion: by a command, by a deletionTimestamp, or is_terminating */
    bool is_terminating; /* condition InstanceTerminating: no longer counted by budgets */
    bool is_nominated;   /* a pod is on its way to it */
    bool is_protected;   /* annotation karpenter.sh/do-not-disrupt is "true" */
    bool has_buffer_pods;
    bool is_consolidatable; /* condition Consolidatable: wb_disruption_is_consolidatable */
    int64_t created_ms;
    int64_t initialized_ms;              /* -1: the condition is not true */
    int64_t last_pod_event_ms;           /* status.lastPodEventTime; -1: none */
    int64_t drifted_ms;                  /* since when condition Drifted is true; -1: it is not */
    int64_t expire_after_ms;             /* WB_DURATION_NEVER */
    int64_t termination_grace_period_ms; /* -1: none */
} wb_disruption_node;

/* A NodePool, static ones included, and the types of its NodeClass (NULL or without types: nodes of
 * the pool are left alone). The catalog is one that the world was made with. */
typedef struct wb_disruption_pool {
    const wb_nodepool *nodepool; /* borrowed */
    const wb_catalog *catalog;   /* borrowed */
    int64_t reserved_nodes;      /* static pools: NodeClaims that are promised and not yet made */
} wb_disruption_pool;

/* Work done, for whoever counts it. */
typedef struct wb_disruption_work {
    uint64_t simulations, requirement_checks;
} wb_disruption_work;

typedef struct wb_disruption_state {
    int64_t now_ms; /* epoch */
    wb_solver_world *world;
    const wb_disruption_pool *pools;
    uint32_t pool_count;
    const wb_disruption_node *nodes; /* names are unique */
    uint32_t node_count;
    const wb_solver_pod *pending_pods; /* provisionable and valid; bound_node_index UINT32_MAX */
    uint32_t pending_pod_count;
    const wb_pdb *pdbs; /* with their status */
    uint32_t pdb_count;
    const wb_solver_problem *frame; /* namespaces, storage and options; pods and nodes are not
                                       read */
    bool spot_to_spot;              /* feature gate SpotToSpotConsolidation */
    wb_disruption_work *work;       /* borrowed: added to by each simulation; NULL: nobody counts */
    /* How many removals may be simulated, in place of the real limits of one and three minutes; 0:
     * no limit. */
    uint32_t multi_node_limit, single_node_limit;
    const uint32_t
        *unseen_pools; /* names of pools that the last single-node search did not reach */
    uint32_t unseen_pool_count;
} wb_disruption_state;

/* Whether the condition Consolidatable is due: consolidateAfter has passed since the last pod
 * event, or since the node was initialised where there was none. Section 14. */
bool wb_disruption_is_consolidatable(const wb_nodepool *pool, int64_t initialized_ms,
                                     int64_t last_pod_event_ms, int64_t now_ms);

/* RequirementsDrifted: the labels of a NodeClaim no longer meet its pool's requirements. Memory of
 * the comparison is taken from scratch and given back. Section 14. */
bool wb_disruption_requirements_drifted(wb_arena *scratch, wb_intern *intern,
                                        const wb_nodepool *pool, wb_labels labels);

/* InstanceTypeNotFound: the type that labels name, in their zone and market, is not offered at all,
 * not even unavailable. Karpenter asks this of claims older than an hour. Section 14. */
bool wb_disruption_type_not_found(const wb_catalog *catalog, wb_labels labels);

/* One picture being looked at. Lives in arena, as does everything that the calls below return;
 * scratch is emptied to where it stands now after each simulation. Both, and state with all that it
 * points to, must outlive the result. Nodes of state are not changed, but no two pictures may share
 * a world in two threads. */
typedef struct wb_disruption wb_disruption;
wb_disruption *wb_disruption_new(wb_arena *arena, wb_arena *scratch,
                                 const wb_disruption_state *state);

/* ---- why not ---- */

/* Why a node was not disrupted: a set, joined over all that was computed from one picture. In the
 * order in which it is asked. */
#define WB_BLOCKED_QUEUED                    (1U << 0)
#define WB_BLOCKED_NOT_MANAGED               (1U << 1)
#define WB_BLOCKED_NO_NODE                   (1U << 2)
#define WB_BLOCKED_NOT_INITIALIZED           (1U << 3)
#define WB_BLOCKED_DELETING                  (1U << 4)
#define WB_BLOCKED_NOMINATED                 (1U << 5)
#define WB_BLOCKED_NODE_DO_NOT_DISRUPT       (1U << 6)
#define WB_BLOCKED_NO_NODEPOOL_LABEL         (1U << 7)
#define WB_BLOCKED_NODEPOOL_NOT_FOUND        (1U << 8)
#define WB_BLOCKED_POD_DO_NOT_DISRUPT        (1U << 9)
#define WB_BLOCKED_PDB                       (1U << 10)
#define WB_BLOCKED_MULTIPLE_PDBS             (1U << 11)
#define WB_BLOCKED_INSTANCE_TYPE_NOT_FOUND   (1U << 12)
#define WB_BLOCKED_NO_CAPACITY_TYPE          (1U << 13)
#define WB_BLOCKED_NO_ZONE                   (1U << 14)
#define WB_BLOCKED_CONSOLIDATION_DISABLED    (1U << 15) /* consolidateAfter: Never */
#define WB_BLOCKED_BUFFER_PODS               (1U << 16)
#define WB_BLOCKED_POLICY_WHEN_EMPTY         (1U << 17)
#define WB_BLOCKED_PODS_WOULD_NOT_SCHEDULE   (1U << 18)
#define WB_BLOCKED_UNINITIALIZED_DESTINATION (1U << 19)
#define WB_BLOCKED_MORE_THAN_ONE_NEW_NODE    (1U << 20)
#define WB_BLOCKED_NOT_CHEAPER               (1U << 21)
#define WB_BLOCKED_MIN_VALUES                (1U << 22) /* broken by the price filter */
#define WB_BLOCKED_SPOT_TO_SPOT_DISABLED     (1U << 23)
#define WB_BLOCKED_SPOT_TO_SPOT_TOO_FEW      (1U << 24)
/* Those that Karpenter keeps to itself: no event names them. */
#define WB_BLOCKED_NOT_CONSOLIDATABLE (1U << 25) /* within consolidateAfter */
#define WB_BLOCKED_BUDGET             (1U << 26)
#define WB_BLOCKED_SCORE              (1U << 27) /* Balanced */
#define WB_BLOCKED_SILENT                                                         \
    (WB_BLOCKED_QUEUED | WB_BLOCKED_NOT_MANAGED | WB_BLOCKED_NOT_CONSOLIDATABLE | \
     WB_BLOCKED_BUDGET | WB_BLOCKED_SCORE)

/* The set of a node (index into state.nodes), of what was computed so far. */
uint32_t wb_disruption_blocked(const wb_disruption *disruption, uint32_t node_index);

/* Reasons (WB_DISRUPTION_EMPTY ...) for which a pool's budgets allow no disruption at all, as far
 * as budgets were asked for. */
uint32_t wb_disruption_blocked_pool(const wb_disruption *disruption, uint32_t pool_index);

/* The word of the golden files for one bit ("pdb"), and half a sentence for people. */
const char *wb_disruption_blocked_name(uint32_t bit);
const char *wb_disruption_blocked_sentence(uint32_t bit);

/* A pod that keeps its node, by itself, from being a candidate. */
typedef struct wb_disruption_holder {
    uint32_t pod_index;    /* into the node's pods */
    uint32_t blocked;      /* WB_BLOCKED_POD_DO_NOT_DISRUPT, _PDB or _MULTIPLE_PDBS */
    const wb_pdb *pdbs[2]; /* borrowed: those that select it, two at most */
} wb_disruption_holder;

/* All such pods of a node, whatever else keeps it; returns how many. The array lives in the
 * picture's arena. */
uint32_t wb_disruption_holders(wb_disruption *disruption, uint32_t node_index,
                               const wb_disruption_holder **out);

/* A pod of a node of the picture. */
const wb_disruption_pod *wb_disruption_pod_of(const wb_disruption *disruption, uint32_t node_index,
                                              uint32_t pod_index);

/* Adds how the pod holds it, up to the pod's name: "PDB shop/web (minAvailable 2, 2 of 2 pods
 * healthy) allows no eviction of ". */
void wb_disruption_print_hold(const wb_intern *intern, const wb_disruption_holder *holder,
                              wb_text *out);

/* What came of simulating the removal of one node alone, for people who ask why it stays. */
typedef struct wb_disruption_removal {
    uint32_t blocked;          /* WB_BLOCKED_* of pods without a place; 0: all have one */
    const wb_solver_pod *pods; /* pending ones first, then those that run */
    uint32_t pod_count, pending_count;
    wb_solver_result result; /* with reasons where the state's frame explains */
    bool is_spot_to_spot;    /* a spot node whose pods need a node that may be spot */
    /* Of the new node, where exactly one is needed. */
    uint32_t type_count, cheaper_count; /* that would do; that launch for less than the node */
    uint32_t best_type_index;           /* of the world: the one that launches for least */
    double best_usd_per_hour;           /* at worst, over the zones that it may launch in */
} wb_disruption_removal;

/* Simulates it as consolidation would. The node must pass the checks of its own (no WB_BLOCKED_*
 * up to NODEPOOL_NOT_FOUND; its pods may hold it). The result lies in scratch until the caller
 * rewinds that. */
wb_disruption_removal wb_disruption_try_removal(wb_disruption *disruption, uint32_t node_index);

/* ---- candidates ---- */

typedef struct wb_disruption_candidate {
    uint32_t node_index; /* into state.nodes */
    uint32_t pool_index; /* into state.pools */
    uint32_t type_index; /* of the world; UINT32_MAX: the pool does not know the type */
    uint32_t capacity_type_name, zone; /* labels; interned; 0: absent */
    uint32_t reschedulable_count;
    bool has_offering;         /* the type is offered in its zone and market, available or not */
    double price_usd_per_hour; /* of that offering; 0 without one */
    double reschedule_cost;    /* 1 + the positive eviction costs of reschedulable pods */
    double disruption_cost;    /* the older measure: all pods' costs, less with age */
    double savings_ratio;      /* price / reschedule_cost */
} wb_disruption_candidate;

typedef struct wb_disruption_candidates {
    const wb_disruption_candidate *items;
    uint32_t count;
} wb_disruption_candidates;

/* Nodes that the method may take, highest savings ratio first, ties by name. Sections 3 and 4. */
wb_disruption_candidates wb_disruption_find(wb_disruption *disruption, wb_disruption_method method);

/* Nodes that pass the checks common to all graceful methods, before any method's own filter. */
wb_disruption_candidates wb_disruption_find_all(wb_disruption *disruption);

/* Cost of evicting one pod of a template, -10 to 10. */
double wb_disruption_eviction_cost(const wb_intern *intern, const wb_pod_template *template);

/* ---- budgets ---- */

/* How many nodes of a pool of node_count may be disrupted for a reason (one WB_DISRUPTION_* bit) at
 * a moment, before those on their way are subtracted; INT32_MAX: no budget applies. Section 5. */
int64_t wb_disruption_budget(const wb_nodepool *pool, int64_t node_count, uint32_t reason,
                             int64_t now_ms);

/* What is left of it, per pool of the picture. The array is the caller's to spend. */
int64_t *wb_disruption_allowances(wb_disruption *disruption, uint32_t reason);

/* ---- commands ---- */

/* A NodeClaim to be made before the candidates go. */
typedef struct wb_disruption_replacement {
    const wb_nodepool *nodepool; /* borrowed */
    uint32_t pool_index;         /* into state.pools */
    wb_requirements requirements;
    const uint32_t *type_indices; /* of the world; cheapest first under the requirements, ties by
                                     name, those without an offering last; none: a static pool's */
    uint32_t type_count;
    wb_solver_cheapest cheapest; /* of the first type */
    wb_resource_list requests;
    uint32_t pod_count;
} wb_disruption_replacement;

/* Where the simulation put a pod. Names are interned. */
typedef struct wb_disruption_move {
    uint32_t name, namespace_name;
    uint32_t from_node;         /* its name; 0: pending */
    uint32_t to_node;           /* 0: to a replacement */
    uint32_t replacement_index; /* UINT32_MAX: to a node */
} wb_disruption_move;

typedef struct wb_disruption_command {
    wb_disruption_method method;
    const wb_disruption_candidate *candidates;
    const uint32_t *candidate_names; /* interned: what the next picture knows them by */
    uint32_t candidate_count;
    const wb_disruption_replacement *replacements; /* none: delete */
    uint32_t replacement_count;
    double saving_usd_per_hour; /* as Karpenter estimates it: section 9.1, end */
    const wb_disruption_move *moves;
    uint32_t move_count;
} wb_disruption_command;

typedef struct wb_disruption_outcome {
    wb_disruption_command *commands;
    uint32_t command_count;
    uint32_t candidate_count;  /* of the method, before budgets */
    uint32_t simulation_count; /* removals tried */
    bool
        is_constrained; /* a budget kept somebody out: a search that found nothing proves nothing */
    bool is_cut_off;    /* a limit on simulations was reached */
    const uint32_t *unseen_pools; /* single-node, cut off: names of pools not reached */
    uint32_t unseen_pool_count;
} wb_disruption_outcome;

/* What the method proposes: no command or one; static drift: any number. Sections 7 to 11. */
wb_disruption_outcome wb_disruption_compute(wb_disruption *disruption, wb_disruption_method method);

/* The budgets' reason of a method, one WB_DISRUPTION_* bit; its name ("Empty"); the method's own
 * name ("multi-node"). Whether its commands wait and are validated. */
uint32_t wb_disruption_reason(wb_disruption_method method);
const char *wb_disruption_reason_name(wb_disruption_method method);
const char *wb_disruption_method_name(wb_disruption_method method);
bool wb_disruption_waits(wb_disruption_method method);

/* ---- validation ---- */

typedef enum wb_disruption_verdict {
    WB_DISRUPTION_VALID,
    WB_DISRUPTION_CHURN, /* a candidate is none any more */
    WB_DISRUPTION_OVER_BUDGET,
    WB_DISRUPTION_RESCHEDULED, /* the simulation does not come to the same any more */
} wb_disruption_verdict;

/* Whether a command that was computed from an earlier picture holds in this one, whose world has
 * the same instance types. *out (only when valid) is what to do: the command as planned
 * (replacement and moves still point into the earlier arena), of emptiness without the nodes that
 * are no longer empty; its candidates are of this picture. Section 12. */
wb_disruption_verdict wb_disruption_validate(wb_disruption *now,
                                             const wb_disruption_command *command,
                                             wb_disruption_command *out);

/* "churn", "budget", "scheduling"; "" when valid. */
const char *wb_disruption_verdict_name(wb_disruption_verdict verdict);

/* ---- the Balanced policy ---- */

typedef struct wb_disruption_totals {
    double cost_usd_per_hour; /* of all the pool's NodeClaims */
    double disruption_cost;   /* of all nodes labelled with the pool, candidates or not */
} wb_disruption_totals;

/* Per pool of the picture; zeros for a pool none of whose nodes is a candidate. Section 11. */
const wb_disruption_totals *wb_disruption_pool_totals(wb_disruption *disruption);

/* The worth of a move: (saving / cost) / (disruption / disruption of the pool); 0 without saving or
 * totals. */
double wb_disruption_score(double saving_usd_per_hour, double disruption_cost,
                           wb_disruption_totals totals);

#define WB_DISRUPTION_SCORE_MIN 0.5 /* a move under Balanced must reach this: 1/k, k = 2 */

#endif
