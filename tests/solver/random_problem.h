/*
 * Random small problems for the solver, each a pure function of its number.
 *
 * They mix all that placement reads: up to 12 instance types in three zones and three markets;
 * NodePools with weights, taints, limits, bounds and minValues; DaemonSets with choices and ports;
 * existing nodes in every state, with pods that stay, go or are moved; volumes, namespaces,
 * selectors, affinity, spread, tolerations, host ports, GPUs. Few names for each thing, so that
 * rules meet.
 */
#ifndef WB_TESTS_SOLVER_RANDOM_PROBLEM_H
#define WB_TESTS_SOLVER_RANDOM_PROBLEM_H

#include "base/random.h"
#include "solver/validator.h"

#define WB_RANDOM_PROBLEM_MOST_POOLS     3
#define WB_RANDOM_PROBLEM_MOST_NODES     4
#define WB_RANDOM_PROBLEM_MOST_TEMPLATES 5
#define WB_RANDOM_PROBLEM_MOST_DAEMONS   2
#define WB_RANDOM_PROBLEM_MOST_PODS      150 /* one in 250 has more than 12 */

/* Draws, in order. */
typedef struct wb_random_problem_dice {
    wb_random_key key;
    uint64_t draw;
    wb_arena *arena;
    wb_intern *intern;
} wb_random_problem_dice;

typedef struct wb_random_problem {
    wb_catalog catalog;
    wb_nodepool pools[WB_RANDOM_PROBLEM_MOST_POOLS];
    wb_solver_pool world_pools[WB_RANDOM_PROBLEM_MOST_POOLS];
    const wb_pod_template *daemons[WB_RANDOM_PROBLEM_MOST_DAEMONS];
    const wb_pod_template *templates[WB_RANDOM_PROBLEM_MOST_TEMPLATES];
    uint32_t template_count;
    wb_solver_world_desc desc;
    wb_solver_world *world;
    wb_solver_node *nodes[WB_RANDOM_PROBLEM_MOST_NODES];
    wb_validator_node shown_nodes[WB_RANDOM_PROBLEM_MOST_NODES]; /* the same, in objects */
    uint8_t roles[WB_RANDOM_PROBLEM_MOST_NODES];
    wb_namespace namespaces[1];
    wb_storage_class storage_classes[2];
    wb_persistent_volume volumes[2];
    wb_volume_claim volume_claims[3];
    wb_solver_pod pods[WB_RANDOM_PROBLEM_MOST_PODS];
    const wb_pod_template *pod_templates[WB_RANDOM_PROBLEM_MOST_PODS];
    wb_solver_problem problem;
} wb_random_problem;

/* The problem of that number, in arena (and the heap: see release). intern must be fresh but for
 * wb_names_init. */
void wb_random_problem_make(wb_arena *arena, wb_intern *intern, uint64_t number,
                            wb_random_problem *out);

/* Frees nodes and world. */
void wb_random_problem_release(wb_random_problem *problem);

/* The problem as the validator reads it; borrows from problem. */
wb_validator_input wb_random_problem_input(const wb_random_problem *problem);

/* ---- pieces, shared by random_problem.c and random_problem_pods.c ---- */

/* Uniform below bound; true in so many of a hundred cases. */
uint32_t wb_random_problem_roll(wb_random_problem_dice *from, uint32_t bound);
bool wb_random_problem_chance(wb_random_problem_dice *from, uint32_t percent);

/* "zone-1", interned. */
uint32_t wb_random_problem_name(const wb_random_problem_dice *from, const char *prefix,
                                uint32_t number);

/* CPU and memory, pods unless 0. */
wb_resource_list wb_random_problem_sizes(const wb_random_problem_dice *from, int64_t cpu_milli,
                                         int64_t memory_mib, int64_t pods);

/* The same with so much local disk, which others may not ask for. */
wb_resource_list wb_random_problem_with_disk(const wb_random_problem_dice *from,
                                             wb_resource_list list, uint32_t gib);

/* key In value. */
wb_label_expression wb_random_problem_in(const wb_random_problem_dice *from, uint32_t key,
                                         uint32_t value);

/* One of two namespaces: the default one or "other". */
uint32_t wb_random_problem_namespace(wb_random_problem_dice *from);

/* A template for pods; one for a DaemonSet. */
const wb_pod_template *wb_random_problem_template(wb_random_problem_dice *from);
const wb_pod_template *wb_random_problem_daemon(wb_random_problem_dice *from);

#endif
