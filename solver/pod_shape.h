/*
 * Kinds, variants and shapes: what many pods have in common, so that it is found out once.
 *
 *     kind     labels, selectors, affinity, spread, tolerations: where a pod may go
 *     shape    a kind with requests, host ports and volumes: whether it fits there
 *     variant  a kind as relaxation leaves it, step by step:
 *
 *         kind ──▶ variant 0 ──▶ variant 1 ──▶ ... ──▶ last (nothing left to relax)
 *
 * A pod has a shape and, at any moment of a solve, "is" a variant of its kind. Some 1 to 10,000
 * shapes of a tenth as many kinds, 1 to 10 variants each, made on demand and kept by the world.
 * Source: spec/scheduling.md sections 2.5 and 11.
 */
#ifndef WB_SOLVER_POD_SHAPE_H
#define WB_SOLVER_POD_SHAPE_H

#include "solver/provisioning.h"
#include "solver/solver_world_internal.h"
#include "solver/taints.h"

typedef struct wb_pod_variant wb_pod_variant;

/* Labels in a namespace: what selectors see of pods, shared by all shapes that have them. */
struct wb_pod_labels {
    wb_labels labels;
    uint32_t namespace_name;
    const uint32_t *numbers; /* pod_identity.h */
    size_t number_count;
    uint64_t solve_serial;   /* solve that solve_data belongs to */
    void *solve_data;        /* its list of groups that select them */
    uint64_t cluster_serial; /* cluster that cluster_data belongs to: topology_cluster.h */
    void *cluster_data;      /* its groups that select them */
    wb_solver_shape *listed; /* shapes of these labels that some node was told of */
};

struct wb_pod_kind {
    const wb_pod_template
        *template; /* borrowed: of the first such pod; its requests mean nothing */
    wb_pod_labels *labels;
    const uint32_t *numbers; /* pod_identity.h */
    size_t number_count;
    wb_pod_variant *first[2]; /* by preference policy; NULL until asked for */
    uint64_t solve_serial;    /* solve that solve_data belongs to */
    void *solve_data;         /* what that solve keeps per kind */
    uint64_t cluster_serial;  /* cluster that cluster_data belongs to */
    void *cluster_data;       /* its inverse groups of the kind */
};

struct wb_solver_shape {
    uint32_t id;
    wb_pod_kind *kind;
    const wb_pod_template *template; /* borrowed: of the first such pod */
    const uint32_t *numbers;         /* pod_identity.h */
    size_t number_count;
    wb_demands demands;
    int64_t cpu_milli, memory_bytes; /* of demands: order of the queue */
    const wb_host_port *ports;       /* those that Karpenter counts: no init containers' */
    uint32_t port_count;
    bool has_claim_volumes;
    bool is_listed;               /* some node was told of a pod of this shape */
    wb_solver_shape *next_listed; /* of the same labels */
    wb_node_entry *running;       /* pods of this shape on nodes, newest first */
    uint64_t solve_serial;        /* solve that solve_data belongs to */
    void *solve_data;             /* what that solve keeps per shape */
    uint64_t queue_serial;        /* queue being made that queue_slot belongs to */
    uint32_t queue_slot;          /* among its shapes */
    uint64_t repelling_serial;    /* cluster that repelling_count belongs to */
    uint32_t repelling_count;     /* pods that run there, if anti-affinity is required */
    uint64_t batch_serial;        /* solve that batch_count belongs to */
    uint32_t batch_count;         /* pods of its batch that run */
    uint64_t gone_serial;         /* solve whose batch has all of repelling_count */
};

struct wb_pod_variant {
    wb_pod_kind *kind;
    uint32_t step; /* 0: the pod as it came */
    wb_preference_policy policy;
    const wb_node_term *required_terms;    /* what is left of them */
    const wb_node_term *preferred_terms;   /* heaviest first */
    const wb_pod_term *affinity_preferred; /* heaviest first */
    const wb_pod_term *anti_affinity_preferred;
    const wb_spread_constraint *spreads;
    uint32_t required_term_count, preferred_term_count;
    uint32_t affinity_preferred_count, anti_affinity_preferred_count, spread_count;
    wb_taints_tolerance tolerance;
    wb_requirements requirements; /* what the pod asks of a node, heaviest preference included */
    wb_requirements strict;       /* without the preference */
    wb_pod_variant *next;         /* one step relaxed; NULL: not made yet, or is_last */
    bool is_last;
    bool is_interned;          /* the next three are known */
    bool allows_new_host;      /* a claim's host, which has a name that nobody knows */
    uint32_t set_id;           /* requirements without hostname, in the claim classes' sets */
    uint64_t *tolerated_pools; /* bitset */
    uint64_t solve_serial;
    void *solve_data;
    uint64_t cluster_serial; /* cluster that cluster_data belongs to */
    void *cluster_data;      /* its groups of the variant's rules */
};

/* A new shape of that kind, which the caller lists under the next id. */
wb_solver_shape *wb_pod_shape_new(wb_solver_world *world, wb_pod_kind *kind,
                                  const wb_pod_template *template);

/* The shape behind an id. */
wb_solver_shape *wb_pod_shape_get(const wb_solver_world *world, uint32_t shape_id);

/* Pods of the kind as they came. */
wb_pod_variant *wb_pod_shape_first(wb_solver_world *world, wb_pod_kind *kind,
                                   wb_preference_policy policy);

/* One step relaxed, or NULL when nothing is left to relax. */
wb_pod_variant *wb_pod_shape_relax(wb_solver_world *world, wb_pod_variant *variant);

/* Requirements of a template's selector and of the first of terms, without preferences. */
wb_requirements wb_pod_shape_strict(wb_solver_world *world, const wb_pod_template *template,
                                    const wb_node_term *terms, uint32_t term_count);

#endif
