/* What the validator's files share: the outcome as hosts with pods on them. */
#ifndef WB_SOLVER_VALIDATOR_INTERNAL_H
#define WB_SOLVER_VALIDATOR_INTERNAL_H

#include "solver/solver_node_internal.h"
#include "solver/validator.h"

/* A pod on a host: of the batch, or count equal ones that run there already. */
typedef struct wb_validator_pod {
    const wb_solver_shape *shape;
    uint32_t pod_index; /* UINT32_MAX: runs already */
    uint32_t count;
} wb_validator_pod;

/* A node or a claim. */
typedef struct wb_validator_host {
    const wb_solver_node *node;   /* NULL: a claim */
    const wb_solver_claim *claim; /* NULL: a node */
    wb_validator_pod *pods;
    uint32_t pod_count, pod_capacity;
    uint32_t new_count; /* of the batch */
} wb_validator_host;

typedef struct wb_validation {
    wb_arena *arena;
    wb_solver_world *world;
    const wb_solver_problem *problem;
    const wb_solver_result *result;
    wb_text *out;
    uint32_t violation_count;
    bool moves_pods;          /* some pod of the batch runs on a node now */
    wb_validator_host *hosts; /* nodes in the order of the problem, then claims */
    uint32_t host_count;
} wb_validation;

/* Adds a line. pod_index UINT32_MAX: about no pod. */
WB_PRINTF(3, 4)
void wb_validator_report(wb_validation *check, uint32_t pod_index, const char *fmt, ...);

/* Values that a host has or may get under a label key; false: it may have none at all. *out_values
 * is NULL when any value is possible. hostname is never asked for. */
bool wb_validator_domain(const wb_validation *check, const wb_validator_host *host, uint32_t key,
                         const uint32_t **out_values, uint32_t *out_count);

/* Upstream's quirk: selector, required and preferred terms are one requirement per key, and two
 * that contradict each other make DoesNotExist, which a node without the label meets (and which no
 * spread counts). True for pods that this may happen to. */
bool wb_validator_may_contradict_itself(const wb_pod_template *pod);

/* Rules between pods: ports, anti-affinity, affinity, spread. */
void wb_validator_check_hosts(wb_validation *check);

#endif
