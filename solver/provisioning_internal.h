/*
 * One solve from the inside: what the files provisioning_*.c share.
 *
 *     provisioning.c          the queue and the three places a pod may go
 *     provisioning_nodes.c    existing nodes
 *     provisioning_claims.c   open and new claims, one candidate at a time (the plain version)
 *     provisioning_filter.c   which instance types are left
 *     provisioning_result.c   claims as the caller gets them
 */
#ifndef WB_SOLVER_PROVISIONING_INTERNAL_H
#define WB_SOLVER_PROVISIONING_INTERNAL_H

#include "solver/provisioning.h"
#include "solver/reservations.h"
#include "solver/solver_node_internal.h"
#include "solver/topology.h"
#include "solver/volumes.h"

/* A NodeClaim in the making. */
typedef struct wb_open_claim {
    uint32_t pool_index, host_index;
    wb_requirements requirements; /* without hostname: that is host_index */
    uint64_t *types;              /* candidates */
    int64_t *requests;            /* dense, of the pods */
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
    bool only_pending, is_touched, is_full;
    wb_requirements requirements;
    const int64_t *remaining; /* node's own, or a copy in the arena */
    uint32_t remaining_count;
    wb_host_port *ports; /* of pods placed here by this solve */
    uint32_t port_count;
    wb_volume_pod *volume_pods; /* the same, those with volumes */
    uint32_t volume_pod_count;
} wb_live_node;

/* What a solve keeps per variant and per shape (variant->solve_data, shape->solve_data). */
typedef struct wb_variant_state {
    wb_topology_list owned;
} wb_variant_state;

typedef struct wb_shape_state {
    wb_topology_list selecting, inverse;
} wb_shape_state;

typedef struct wb_pod_state {
    wb_pod_variant *variant;
    const wb_volume_choices *volumes; /* NULL: none that matter */
    uint32_t last_length;             /* of the queue after the last push; 0: never pushed */
} wb_pod_state;

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

/* What a NodePool has left, and the mark that its claims share. */
typedef struct wb_pool_limits {
    int64_t *left; /* per limit of the pool */
    int64_t nodes_left;
    bool min_values_relaxed; /* of the claim opened last: upstream's claims of one template share
                                their annotations, so the last one's mark is everybody's */
} wb_pool_limits;

typedef struct wb_solve {
    wb_arena *arena;
    wb_solver_world *world;
    const wb_solver_problem *problem;
    wb_topology topology;
    uint64_t serial;
    uint32_t resource_count;
    wb_pod_state *pods;
    wb_live_node *nodes; /* in the order in which they are tried */
    uint32_t node_count;
    wb_open_claim **claims;
    uint64_t *order; /* claims as last sorted: wb_claim_sort items */
    uint32_t claim_count, claim_capacity;
    wb_pool_limits *limits; /* per pool */
    wb_reservations reservations;
    wb_solver_placement *placements;
    wb_solver_reason *reasons; /* explain: pool_count per pod, of the last attempt */
    wb_solver_work work;
} wb_solve;

/* State of a variant or shape in this solve, made on first use. */
wb_variant_state *wb_provisioning_variant_state(wb_solve *solve, wb_pod_variant *variant);
wb_shape_state *wb_provisioning_shape_state(wb_solve *solve, wb_solver_shape *shape);

/* Existing nodes: order them, try a pod on each. */
void wb_provisioning_start_nodes(wb_solve *solve);
bool wb_provisioning_try_nodes(wb_solve *solve, uint32_t pod_index);

/* Claims: try a pod on the open ones in order, or open one. WB_REFUSED_* of all pools, 0:
 * placed. */
void wb_provisioning_start_limits(wb_solve *solve);
bool wb_provisioning_try_claims(wb_solve *solve, uint32_t pod_index);
uint32_t wb_provisioning_try_new_claim(wb_solve *solve, uint32_t pod_index);

/* The claim as it would be with the pod; everything in solve->arena. */
void wb_provisioning_attempt(wb_solve *solve, const wb_open_claim *claim, uint32_t pod_index,
                             bool may_relax_min_values, wb_claim_attempt *out);

/* Types of candidates that requirements and room allow; total is dense, pods only. */
typedef struct wb_filter_query {
    const wb_world_pool *pool;
    const uint64_t *candidates;
    wb_requirements requirements;
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
