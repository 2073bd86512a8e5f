/*
 * Topology groups as the running cluster has them, before any pod of a batch is taken out or
 * placed: the same for all solves over the same nodes.
 *
 * To count a rule means to look at every node and every shape that runs, so each rule is counted
 * once. A solve starts its groups as copies that borrow the counts until it changes them, and
 * subtracts the pods of its batch that run on nodes (topology.c).
 *
 *     cluster    zone spread of app a:  {a: 7, b: 6, c: 7}       counted once
 *     solve 1    two pods of zone c move:  {a: 7, b: 6, c: 5}    borrowed, then its own
 *     solve 2    nobody of app a moves:                          borrowed
 *
 * Some 1 to 1,000 rules. Variants, kinds and labels remember their part.
 */
#ifndef WB_SOLVER_TOPOLOGY_CLUSTER_H
#define WB_SOLVER_TOPOLOGY_CLUSTER_H

#include "solver/provisioning.h"
#include "solver/topology_group.h"
#include "solver/topology_rules.h"

typedef struct wb_cluster_group {
    wb_topology_group counted;
    wb_taints_tolerance tolerance; /* that the universe of domains was chosen by */
    bool honors_taints;
    uint64_t solve_serial; /* scratch: the solve that has it as its group solve_index */
    uint32_t solve_index;
    /* Inverse groups only: how many shapes that run own it, whether these tolerate different
     * taints. */
    uint32_t owner_count;
    bool owners_differ;
    uint64_t gone_serial; /* scratch: the solve whose batch has all pods of gone_count owners */
    uint32_t gone_count;
} wb_cluster_group;

/* The rules of a variant. */
typedef struct wb_cluster_rules {
    wb_cluster_group **groups;
    uint32_t count;
} wb_cluster_rules;

/* The inverse rules of a kind; known[i] is the cluster's group of drafts[i], NULL when no running
 * pod owns one. */
typedef struct wb_cluster_kind {
    wb_topology_rules rules;
    wb_cluster_group **known;
} wb_cluster_kind;

/* A shape that runs and has required anti-affinity, and how many run. */
typedef struct wb_repelling_shape {
    wb_solver_shape *shape;
    uint32_t running_count;
} wb_repelling_shape;

typedef struct wb_topology_cluster {
    wb_arena *arena;        /* borrowed */
    wb_solver_world *world; /* borrowed */
    uint64_t node_serial;   /* that the nodes are stamped with */
    uint64_t serial;        /* of what variants, kinds and labels remember */
    uint32_t label_set_count;
    wb_cluster_group **counted; /* all but inverse ones */
    uint32_t counted_count, counted_capacity;
    wb_cluster_group **inverse; /* of running pods, in the order in which they come into being */
    uint32_t inverse_count, inverse_capacity;
    wb_repelling_shape *repelling;
    uint32_t repelling_count, repelling_capacity;
} wb_topology_cluster;

/* Stamps the nodes of problem and counts the anti-affinity of what runs on them. Lives in arena. */
void wb_topology_cluster_start(wb_topology_cluster *cluster, wb_arena *arena,
                               wb_solver_world *world, const wb_solver_problem *problem);

/* Stamps the nodes anew where others were stamped since, and starts over where the world has met
 * labels since: a rule may select their namespace. */
void wb_topology_cluster_refresh(wb_topology_cluster *cluster, const wb_solver_problem *problem);

/* The rules of a variant, counted; the inverse ones of a kind. */
const wb_cluster_rules *wb_topology_cluster_rules(wb_topology_cluster *cluster,
                                                  const wb_solver_problem *problem,
                                                  wb_pod_variant *variant);
const wb_cluster_kind *wb_topology_cluster_kind(wb_topology_cluster *cluster,
                                                const wb_solver_problem *problem,
                                                wb_pod_kind *kind);

/* Whether an earlier rule of the kind is the same group: two rules of one pod may be. */
bool wb_topology_cluster_is_repeated(const wb_cluster_kind *kind, uint32_t rule);

/* The inverse groups that select labels, as ascending indices into inverse. */
typedef struct wb_cluster_selecting {
    uint32_t *indices;
    uint32_t count;
} wb_cluster_selecting;

/* Those of labels. */
const wb_cluster_selecting *wb_topology_cluster_selecting(wb_topology_cluster *cluster,
                                                          wb_pod_labels *labels);

/* A group of draft's rule that counts nothing yet; honors_taints: only domains of pools whose
 * taints are tolerated. */
wb_topology_group wb_topology_cluster_uncounted(wb_arena *arena, wb_solver_world *world,
                                                const wb_solver_problem *problem,
                                                const wb_topology_group *draft,
                                                const wb_taints_tolerance *honored);

/* Whether pods on the node count in the group; all that run of a shape counted; delta on one node
 * counted, or taken out again. */
bool wb_topology_cluster_counts(const wb_solver_world *world, const wb_topology_group *group,
                                const wb_solver_node *node);
void wb_topology_cluster_count_shape(wb_arena *arena, const wb_topology_cluster *cluster,
                                     wb_topology_group *group, const wb_solver_shape *shape);
void wb_topology_cluster_count(wb_arena *arena, const wb_solver_world *world,
                               wb_topology_group *group, const wb_solver_node *node, int32_t delta);

/* Whether a node on offer makes the group know a domain in which nobody counts. */
bool wb_topology_cluster_has(const wb_solver_world *world, const wb_solver_problem *problem,
                             const wb_topology_group *group, uint32_t value);

#endif
