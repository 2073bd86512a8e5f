/*
 * One solve from the inside: what the files provisioning_*.c share.
 *
 *     provisioning_base.c          what solves over the same nodes share
 *     provisioning.c               the queue of pods, the three places a pod may go, relaxation
 *     provisioning_nodes.c         existing nodes, one by one (the plain version)
 *     provisioning_claims.c        open and new claims, one by one (the plain version)
 *     provisioning_filter.c        which instance types are left (the plain version)
 *     provisioning_nodes_fast.c    the same decisions about nodes
 *     provisioning_fast.c          and about claims, without asking each
 *     provisioning_result.c        claims as the caller gets them
 */
#ifndef WB_SOLVER_PROVISIONING_INTERNAL_H
#define WB_SOLVER_PROVISIONING_INTERNAL_H

#include "solver/claim_classes.h"
#include "solver/claim_order.h"
#include "solver/class_runs.h"
#include "solver/offering_filter.h"
#include "solver/provisioning_base.h"
#include "solver/reservations.h"
#include "solver/solver_node_internal.h"
#include "solver/topology.h"
#include "solver/volumes.h"

/* A NodeClaim in the making. */
typedef struct wb_open_claim {
    uint32_t pool_index, host_index;
    wb_claim_class *class;        /* of the same requirements; fast solver only */
    wb_requirements requirements; /* without hostname: that is host_index */
    uint64_t *types;              /* candidates */
    int64_t *requests;            /* dense, of the pods */
    int64_t *floor; /* dense: every candidate has room for at least that much; fast solver only */
    uint32_t *pods;
    uint32_t pod_count, pod_capacity;
    wb_host_port *ports;
    uint32_t port_count;
    wb_reservation_set reserved;
} wb_open_claim;

/* An existing node in this solve: its own state until the first pod, then a copy. */
typedef struct wb_live_node {
    wb_solver_node *node; /* borrowed */
    uint32_t node_index;
    bool only_pending, is_full;
    bool is_over_attached; /* more claims than a driver may attach: takes no pod at all */
    wb_requirements requirements;
    const int64_t *remaining; /* node's own, or left */
    int64_t *left;            /* what this solve has left of it; NULL: nothing was placed */
    uint32_t remaining_count;
    wb_host_port *ports; /* of pods placed here by this solve */
    uint32_t port_count;
    wb_volume_pod *volume_pods; /* the same, those with volumes */
    uint32_t volume_pod_count;
} wb_live_node;

/* Room in the two resources that mostly decide. */
typedef struct wb_node_room {
    int64_t cpu_milli, memory_bytes;
} wb_node_room;

/* Rooms of the live nodes by level, two levels to each doubling, so that 64 nodes are passed over
 * at a time: per level and resource a bitset says which nodes have at least that level.
 *
 *     a pod of 1500 milli-CPU and 4 GiB:   CPU row of 1024 to 1535   ..x.xx.x
 *                                          memory row of 4 GiB       .xx..x.x
 *     nodes to be looked at                                          ..   x.x
 */
enum {
    WB_NODE_ROOMS_LEVELS = 72
};
typedef struct wb_node_rooms {
    wb_node_room *rooms;
    uint64_t *cpu_rows, *memory_rows; /* WB_NODE_ROOMS_LEVELS bitsets each */
    uint32_t word_count;
} wb_node_rooms;

/* What a NodePool has left, and the mark that its claims share. */
typedef struct wb_pool_limits {
    int64_t *left; /* per limit of the pool */
    int64_t nodes_left;
    bool min_values_relaxed; /* of the claim opened last: upstream's claims of one template share
                                their annotations, so the last one's mark is everybody's */
} wb_pool_limits;

/* provisioning_base.h. Between two solves everything is as the cluster has it. */
struct wb_provisioning_base {
    wb_arena *arena;        /* borrowed */
    wb_solver_world *world; /* borrowed */
    wb_topology_cluster cluster;
    wb_live_node *nodes; /* in the order in which they are tried */
    uint32_t node_count;
    uint32_t given_count;    /* of the problem's nodes */
    uint8_t *roles;          /* of these */
    uint32_t *place_of_node; /* by index into the problem's nodes; UINT32_MAX: not offered */
    wb_node_rooms rooms;
    wb_pool_limits *limits; /* per pool, the nodes charged */
    wb_reservations reservations;
    uint64_t offering_version; /* of the world, that all this was built from */
    uint32_t resource_count;
    uint32_t *changed; /* places that the solve under way has changed */
    uint32_t changed_count;
};

/* What a solve keeps per variant, kind and shape (their solve_data). */
typedef struct wb_bound_rule {
    const wb_topology_group *group;
    bool selects_itself;
} wb_bound_rule;

typedef struct wb_variant_state {
    wb_topology_list owned;
    /* Below: fast solver only. */
    bool is_ready;
    wb_bound_rule *host_rules, *domain_rules; /* own rules, and others' that bind it */
    uint32_t host_rule_count, domain_rule_count;
} wb_variant_state;

typedef struct wb_kind_state {
    const wb_topology_list *selecting; /* of its labels */
    wb_topology_list inverse;
} wb_kind_state;

/* Claims and nodes that may still take a pod of one shape and variant. */
typedef struct wb_open_set {
    uint64_t *open; /* bitset */
    uint32_t word_count, open_count, seen_claims;
    uint32_t next_node;     /* nodes before it are refused for good */
    uint64_t *struck_nodes; /* behind it; bitset, NULL: none */
    uint64_t node_version;  /* solve->node_version that the two hold for */
} wb_open_set;

typedef struct wb_shape_state {
    wb_open_set first_set;  /* of the variant that pods came with; fast solver only */
    wb_open_set *more_sets; /* of relaxed ones, by the variant's step less 1 */
    uint32_t more_set_count;
    uint64_t refused_at[2]; /* 1 + pods placed when one of these was refused; by whether it was
                               kept off nodes that only take pending pods */
    uint32_t reason;        /* WB_REFUSED_* of those that stayed refused */
} wb_shape_state;

typedef struct wb_pod_state {
    wb_solver_shape *shape;
    wb_pod_variant *variant;
    uint32_t last_length; /* of the queue after the last push; 0: never pushed */
} wb_pod_state;

/* What a pod's volumes ask for, found at its first try. */
typedef struct wb_pod_volumes {
    bool are_known;
    const wb_volume_choices *choices; /* NULL: nothing that restricts */
} wb_pod_volumes;

/* How the types of a candidate fared; counts are filled when explaining. */
typedef struct wb_filter_outcome {
    bool req, fit, off;             /* some type met this one */
    bool req_fit, req_off, fit_off; /* some type met these two and not the third */
    uint32_t req_count, fit_count, off_count;
} wb_filter_outcome;

/* A pod on its way into a claim, and what the claim would become. */
typedef struct wb_claim_attempt {
    wb_requirements requirements;
    uint64_t *types;
    wb_reservation_set reserved;
    bool min_values_relaxed;
    uint32_t refused; /* WB_REFUSED_*; 0: it goes in */
    uint32_t key;     /* of the refusal, if any */
    wb_filter_outcome outcome;
} wb_claim_attempt;

/* The same for the fast solver; the types are in solve->scratch_types. */
typedef struct wb_fast_attempt {
    wb_claim_class *class;
    wb_reservation_set reserved;
    bool min_values_relaxed, is_reserved_refusal;
} wb_fast_attempt;

/* Types of claims as results show them: claims with equal types of one class share a list. */
typedef struct wb_type_list {
    const wb_claim_class *class;
    const uint64_t *types;
    const uint32_t *indices;
    uint32_t count;
    wb_solver_cheapest cheapest;
} wb_type_list;

typedef struct wb_solve {
    wb_arena *arena;
    wb_solver_world *world;
    const wb_solver_problem *problem;
    wb_topology topology;
    uint64_t serial;
    uint32_t resource_count;
    wb_pod_state *pods;
    wb_pod_volumes *volumes; /* per pod; NULL: none has claims so far */
    wb_provisioning_base *base;
    wb_live_node *nodes; /* the base's */
    uint32_t node_count;
    uint64_t node_version; /* changes when a node's labels come to say something else */
    wb_open_claim **claims;
    uint64_t *order; /* claims as last sorted: wb_claim_sort items */
    uint32_t claim_count, claim_capacity;
    wb_pool_limits *limits; /* per pool */
    wb_reservations reservations;
    wb_solver_placement *placements;
    wb_solver_reason *reasons; /* explain: pool_count per pod, of the last attempt */
    wb_solver_work work;
    uint64_t placement_count; /* pods placed so far */
    /* Below: fast solver only. */
    wb_claim_classes *classes;
    wb_claim_order claim_order; /* instead of order */
    uint32_t *class_of_claim;   /* ids, by claim */
    wb_class_runs class_runs;
    uint32_t class_of_claim_capacity;
    uint64_t try_serial;
    int64_t *floor; /* dense: of what scratch_types holds */
    int64_t *total; /* dense: what the claim at hand would hold */
    wb_type_list *lists;
    uint32_t list_count, list_capacity;
    wb_hash_map list_by_hash;
    uint64_t *scratch_types, *group_types; /* bitsets */
} wb_solve;

/* State of a variant, kind or shape in this solve, made on first use. */
wb_variant_state *wb_provisioning_make_variant_state(wb_solve *solve, wb_pod_variant *variant);
wb_kind_state *wb_provisioning_make_kind_state(wb_solve *solve, wb_pod_kind *kind);
wb_shape_state *wb_provisioning_make_shape_state(wb_solve *solve, wb_solver_shape *shape);

static inline wb_variant_state *wb_provisioning_variant_state(wb_solve *solve,
                                                              wb_pod_variant *variant)
{
    return variant->solve_serial == solve->serial
               ? variant->solve_data
               : wb_provisioning_make_variant_state(solve, variant);
}

static inline wb_kind_state *wb_provisioning_kind_state(wb_solve *solve, wb_pod_kind *kind)
{
    return kind->solve_serial == solve->serial ? kind->solve_data
                                               : wb_provisioning_make_kind_state(solve, kind);
}

static inline wb_shape_state *wb_provisioning_shape_state(wb_solve *solve, wb_solver_shape *shape)
{
    return shape->solve_serial == solve->serial ? shape->solve_data
                                                : wb_provisioning_make_shape_state(solve, shape);
}

/* The base: up to date with its world; its nodes without removed, its limits and reservations
 * copied, for a solve; one node's room after a placement; the first node at or behind from with
 * that much CPU and memory, or node_count; as it was before the solve. */
void wb_provisioning_base_refresh(wb_provisioning_base *base, const wb_solver_problem *problem);
void wb_provisioning_base_lend(wb_provisioning_base *base, wb_solve *solve, const uint32_t *removed,
                               uint32_t removed_count);
void wb_provisioning_base_measure(wb_provisioning_base *base, uint32_t place);
uint32_t wb_provisioning_base_next(const wb_provisioning_base *base, uint32_t from,
                                   int64_t cpu_milli, int64_t memory_bytes);
void wb_provisioning_base_restore(wb_provisioning_base *base);

/* Existing nodes: try a pod on each. */
bool wb_provisioning_try_nodes(wb_solve *solve, uint32_t pod_index);
bool wb_provisioning_try_nodes_fast(wb_solve *solve, uint32_t pod_index);

/* The plain check of one node: whether it takes the pod, and its requirements then. */
bool wb_provisioning_node_accepts(wb_solve *solve, const wb_live_node *live, uint32_t pod_index,
                                  wb_requirements *out);
void wb_provisioning_place_on_node(wb_solve *solve, wb_live_node *live, uint32_t pod_index,
                                   wb_requirements requirements);

/* The set of the pod's shape and variant, made on first use. */
wb_open_set *wb_provisioning_open_set(wb_solve *solve, const wb_pod_state *pod);

/* What the fast solver looks up of a variant, made at its first try. */
wb_variant_state *wb_provisioning_make_ready(wb_solve *solve, wb_pod_variant *variant);

static inline wb_variant_state *wb_provisioning_ready_variant(wb_solve *solve,
                                                              wb_pod_variant *variant)
{
    wb_variant_state *state = wb_provisioning_variant_state(solve, variant);
    return state->is_ready ? state : wb_provisioning_make_ready(solve, variant);
}

/* Where the pod's volumes let it go; NULL: anywhere. */
static inline const wb_volume_choices *wb_provisioning_volumes(const wb_solve *solve,
                                                               uint32_t pod_index)
{
    return solve->volumes == NULL ? NULL : solve->volumes[pod_index].choices;
}

/* Whether the pod is kept off nodes that only take pending pods: it runs on a node that stays. */
bool wb_provisioning_is_restricted(const wb_solve *solve, uint32_t pod_index);

/* Claims: try a pod on the open ones in order, or open one. WB_REFUSED_* of all pools, 0:
 * placed. */
bool wb_provisioning_try_claims(wb_solve *solve, uint32_t pod_index);
uint32_t wb_provisioning_try_new_claim(wb_solve *solve, uint32_t pod_index);

/* Whether requirements that name hostname let a pod onto a claim's host: In {a name that nobody
 * knows}, which a claim's map leaves out. */
bool wb_provisioning_allows_new_host(const wb_intern *intern, wb_requirements asked);

/* Pieces that both solvers use. A new claim of a pool, empty; candidates that stay under the pool's
 * limits (0, or WB_REFUSED_*); the pod goes into the claim, whose requirements and types are set;
 * the claim, with its first pod, is charged and listed. */
wb_open_claim *wb_provisioning_new_claim(wb_solve *solve, uint32_t pool_index);
uint32_t wb_provisioning_filter_by_limits(wb_solve *solve, uint32_t pool_index, uint64_t *types);
void wb_provisioning_take_pod(wb_solve *solve, wb_open_claim *claim, uint32_t claim_index,
                              uint32_t pod_index);
void wb_provisioning_keep_claim(wb_solve *solve, wb_open_claim *claim);

typedef enum wb_new_claim_answer {
    WB_NEW_CLAIM_OPENED,
    WB_NEW_CLAIM_REFUSED,
    WB_NEW_CLAIM_WAITS, /* for a reservation: the pod must not be relaxed */
} wb_new_claim_answer;

/* The fast solver's counterparts. Why a pod was refused they don't say. */
void wb_provisioning_start_fast(wb_solve *solve);
bool wb_provisioning_try_claims_fast(wb_solve *solve, uint32_t pod_index);
wb_new_claim_answer wb_provisioning_try_new_claim_fast(wb_solve *solve, uint32_t pod_index);

/* Why the pod, which found no place in the solve as it stands, finds none. */
uint32_t wb_provisioning_classify(wb_solve *solve, uint32_t pod_index);

/* The claim as it would be with the pod; everything in solve->arena. */
void wb_provisioning_attempt(wb_solve *solve, const wb_open_claim *claim, uint32_t pod_index,
                             bool may_relax_min_values, wb_claim_attempt *out);

/* Types of candidates that requirements and room allow; total is dense, pods only. */
typedef struct wb_filter_query {
    const wb_world_pool *pool;
    const uint64_t *candidates;
    wb_requirements requirements;
    wb_offering_filter offerings; /* of the same requirements */
    const int64_t *total;
    const wb_host_port *ports; /* of the pod: daemons may hold them */
    uint32_t port_count;
    bool counts; /* fill the outcome's counts */
} wb_filter_query;

/* The outcome is of the types that were looked at: those whose daemons hold the pod's ports are
 * not. */
void wb_provisioning_filter(const wb_solve *solve, const wb_filter_query *query,
                            uint64_t *out_types, wb_filter_outcome *outcome);

/* WB_REFUSED_INSTANCE_TYPES with the sub-class of an outcome that left nothing. */
uint32_t wb_provisioning_types_refused(const wb_filter_outcome *outcome);

/* Turns the solve's claims into the result. */
void wb_provisioning_finish(wb_solve *solve, wb_solver_result *out);

#endif
