/*
 * Provisioning: which nodes a batch of pods needs, decided as Karpenter's scheduler decides it.
 *
 * Existing nodes first, then the claims opened in this solve, then a new claim from the first
 * NodePool that works (spec/scheduling.md section 7); pods that find no place are relaxed step by
 * step and tried again as long as any pod makes progress. Pure: structs in, structs out, memory
 * from the caller's arena; the same input gives the same result.
 *
 *     wb_solver_world *world = wb_solver_world_new(&process, &desc);
 *     problem.pods[i].shape_id = wb_solver_world_shape(world, template, namespace);
 *     wb_solver_result result = wb_provisioning_solve(&solve, world, &problem);
 */
#ifndef WB_SOLVER_PROVISIONING_H
#define WB_SOLVER_PROVISIONING_H

#include "kube/policy.h"
#include "kube/storage.h"
#include "solver/requirements.h"
#include "solver/solver_node.h"
#include "solver/solver_world.h"

#define WB_PROVISIONING_MAX_TYPES 600 /* instance types kept per claim; the launch cuts to 60 */

/* A pod of the batch. */
typedef struct wb_solver_pod {
    uint32_t name, namespace_name, uid; /* interned; uid orders equal pods by its text */
    int64_t created_ms;
    uint32_t shape_id;
    uint32_t bound_node_index; /* into problem.nodes: where it runs now (a node being removed);
                                  UINT32_MAX: pending. It is not counted in topology there */
    uint32_t flags;            /* of a bound one: WB_SOLVER_POD_TERMINATING as the node was told,
                                  WB_SOLVER_POD_PENDING */
} wb_solver_pod;

typedef enum wb_node_role {
    WB_NODE_ROLE_OFFERED,            /* takes pods */
    WB_NODE_ROLE_OFFERED_TO_PENDING, /* only pods with bound_node_index UINT32_MAX, those whose
                                        phase is Pending, and those from a node of role DELETING */
    WB_NODE_ROLE_REMOVED,  /* a candidate of disruption: no capacity, but its pods count */
    WB_NODE_ROLE_DELETING, /* marked for deletion: the same */
} wb_node_role;

typedef enum wb_preference_policy {
    WB_PREFERENCE_RESPECT,
    WB_PREFERENCE_IGNORE,
} wb_preference_policy;

typedef enum wb_reserved_mode {
    WB_RESERVED_STRICT,   /* provisioning */
    WB_RESERVED_FALLBACK, /* consolidation */
} wb_reserved_mode;

typedef enum wb_open_claim_sort {
    WB_OPEN_CLAIM_SORT_EXACT, /* upstream's unstable sort, appendix A */
    WB_OPEN_CLAIM_SORT_STABLE,
} wb_open_claim_sort;

typedef struct wb_solver_options {
    wb_preference_policy preference_policy;
    wb_reserved_mode reserved_mode;
    wb_open_claim_sort open_claim_sort;
    uint32_t max_types; /* 0: WB_PROVISIONING_MAX_TYPES */
    uint32_t try_limit; /* pods tried before the solve is cut off, in place of its time limit; 0:
                           none. What was placed by then stays */
    bool plain;         /* the plain version: the oracle of the fast one, same result */
    bool explain;       /* fill wb_solver_result.reasons */
} wb_solver_options;

typedef struct wb_solver_problem {
    const wb_solver_pod *pods; /* provisionable ones: see wb_provisioning_check */
    uint32_t pod_count;
    wb_solver_node *const *nodes; /* all nodes of the cluster, in any order; not changed */
    const uint8_t *node_roles;    /* wb_node_role per node; NULL: all offered */
    uint32_t node_count;
    const wb_namespace *namespaces; /* those with labels; others exist without */
    uint32_t namespace_count;
    const wb_volume_claim *volume_claims;
    const wb_persistent_volume *persistent_volumes;
    const wb_storage_class *storage_classes;
    uint32_t volume_claim_count, persistent_volume_count, storage_class_count;
    wb_solver_options options;
} wb_solver_problem;

/* Why a pod found no place: a set, joined over NodePools. */
#define WB_REFUSED_TAINT               (1U << 0)
#define WB_REFUSED_REQUIREMENTS        (1U << 1)
#define WB_REFUSED_UNDEFINED_LABEL     (1U << 2) /* goes with REQUIREMENTS */
#define WB_REFUSED_VOLUME_REQUIREMENTS (1U << 3)
#define WB_REFUSED_TOPOLOGY            (1U << 4)
#define WB_REFUSED_TOPOLOGY_CONFLICT   (1U << 5)
#define WB_REFUSED_LIMITS              (1U << 6)
#define WB_REFUSED_NODE_LIMITS         (1U << 7)
#define WB_REFUSED_MIN_VALUES          (1U << 8)
#define WB_REFUSED_RESERVED_OFFERING   (1U << 9)
#define WB_REFUSED_DRA                 (1U << 10)
#define WB_REFUSED_NO_NODEPOOL         (1U << 11)
#define WB_REFUSED_INSTANCE_TYPES      (1U << 12)

/* Sub-classes of INSTANCE_TYPES, one per NodePool: which criteria no type met on their own, in any
 * combination; or the pair that types met who failed the third; or all three together only. A type
 * "has room" (fit) only where it has a compatible available offering (off). */
#define WB_REFUSED_TYPES_REQ               (1U << 13)
#define WB_REFUSED_TYPES_FIT               (1U << 14)
#define WB_REFUSED_TYPES_REQ_FIT           (1U << 15)
#define WB_REFUSED_TYPES_OFF               (1U << 16)
#define WB_REFUSED_TYPES_REQ_OFF           (1U << 17)
#define WB_REFUSED_TYPES_FIT_OFF           (1U << 18)
#define WB_REFUSED_TYPES_REQ_FIT_OFF       (1U << 19)
#define WB_REFUSED_TYPES_REQ_AMONG_FIT_OFF (1U << 20)
#define WB_REFUSED_TYPES_FIT_AMONG_REQ_OFF (1U << 21)
#define WB_REFUSED_TYPES_OFF_AMONG_REQ_FIT (1U << 22)
#define WB_REFUSED_TYPES_TRIPLE            (1U << 23)

/* The solve was cut off before the pod's turn: options.try_limit. */
#define WB_REFUSED_CUT_OFF (1U << 24)

/* Why one NodePool was of no use to one pod, in its last attempt. */
typedef struct wb_solver_reason {
    uint32_t pod_index, pool_index;
    uint32_t refused;        /* WB_REFUSED_* of this pool */
    uint32_t key;            /* label or topology key concerned; 0: none */
    uint32_t type_count;     /* instance types that the pool offers */
    uint32_t req_type_count; /* of these, how many meet the requirements */
    uint32_t fit_type_count; /* have room */
    uint32_t off_type_count; /* have an available offering */
} wb_solver_reason;

typedef struct wb_solver_cheapest {
    uint32_t type_index, offering_index; /* UINT32_MAX: nothing is available any more */
    double price_usd_per_hour;
} wb_solver_cheapest;

/* A NodeClaim to be made. */
typedef struct wb_solver_claim {
    uint32_t pool_index;
    wb_requirements requirements; /* without hostname and the two simulation keys */
    const uint32_t *type_indices; /* cheapest first, ties by name; at most max_types */
    uint32_t type_count;
    wb_solver_cheapest cheapest; /* lowest compatible available offering */
    wb_resource_list requests;   /* pods and daemon overhead, without zeros */
    const uint32_t *pod_indices; /* into problem.pods, in the order in which they came */
    uint32_t pod_count;
    bool min_values_relaxed;
} wb_solver_claim;

#define WB_PLACED_ON_NONE UINT32_MAX

/* Where a pod went: one of the two indices is set, or neither. */
typedef struct wb_solver_placement {
    uint32_t node_index;  /* into problem.nodes, or WB_PLACED_ON_NONE */
    uint32_t claim_index; /* into result.claims, or WB_PLACED_ON_NONE */
    uint32_t refused;     /* WB_REFUSED_* when neither; 0 otherwise */
} wb_solver_placement;

/* Work done, for tests and benchmarks (counted, never timed). */
typedef struct wb_solver_work {
    uint64_t pod_tries, node_checks, claim_checks, template_checks, type_checks, relaxations;
} wb_solver_work;

/* All checks of it: pods held against a node, a claim, a template or an instance type. */
static inline uint64_t wb_provisioning_check_count(const wb_solver_work *work)
{
    return work->node_checks + work->claim_checks + work->template_checks + work->type_checks;
}

/* Everything in the arena of the solve. */
typedef struct wb_solver_result {
    wb_solver_claim *claims; /* in the order in which they were opened */
    uint32_t claim_count;
    wb_solver_placement *placements; /* one per pod of the problem */
    uint32_t placed_count, refused_count;
    wb_solver_reason *reasons; /* options.explain only; by pod, then by pool */
    uint32_t reason_count;
    wb_solver_work work;
} wb_solver_result;

/* One solve. world learns (shapes, tables), but nothing of the outcome stays in it. */
wb_solver_result wb_provisioning_solve(wb_arena *arena, wb_solver_world *world,
                                       const wb_solver_problem *problem);

/* Whether a pod may be in a batch at all, and whether Karpenter's validation lets it. */
typedef enum wb_pod_verdict {
    WB_POD_PROVISIONABLE,
    WB_POD_NOT_CONSIDERED,  /* bound, gated, daemon, static, nominated, not unschedulable */
    WB_POD_IGNORED_OPT_OUT, /* karpenter.sh/nodepool DoesNotExist */
    WB_POD_IGNORED_RESTRICTED_LABEL, /* a restricted key in selector or affinity */
    WB_POD_IGNORED_MATCH_FIELDS,
    WB_POD_IGNORED_UNKNOWN_VALUE, /* capacity type or tenancy asked for unknown values only */
    WB_POD_IGNORED_VOLUME,        /* a volume claim is missing, lost, not bindable */
} wb_pod_verdict;

/* Section 1. problem gives the storage objects; its pods and nodes are not read. */
wb_pod_verdict wb_provisioning_check(wb_intern *intern, const wb_solver_problem *problem,
                                     const wb_pod *pod);

/* The second half of it: validation of a template in a namespace, for callers (the simulation) that
 * know that the pod is pending. */
wb_pod_verdict wb_provisioning_validate(wb_intern *intern, const wb_solver_problem *problem,
                                        const wb_pod_template *template, uint32_t pod_name,
                                        uint32_t namespace_name);

/* The class names of a set as the golden files write them ("taint", "instance-types:fit", ...), one
 * at a time: bit is one WB_REFUSED_* bit. */
const char *wb_provisioning_refused_name(uint32_t bit);

/* The same as half a sentence for people: "none has room". */
const char *wb_provisioning_refused_sentence(uint32_t bit);

/* A sentence for people: "pool default: 27 instance types, none has room (fit)". */
void wb_provisioning_reason_print(const wb_solver_world *world, const wb_solver_reason *reason,
                                  wb_text *out);

/* The cheapest available offering of one type that requirements allow (ties by zone, then capacity
 * type); type_index UINT32_MAX when there is none. */
wb_solver_cheapest wb_provisioning_cheapest(const wb_solver_world *world,
                                            wb_requirements requirements, uint32_t type_index);

#endif
