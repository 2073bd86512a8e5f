/*
 * An independent check of a solver's answer: does it keep every constraint?
 *
 * It knows what Kubernetes and Karpenter promise, and nothing of how the solver searches: it reads
 * the problem and the result, matches label by label and pod by pod, and shares no code with the
 * solver but the algebra of requirements. So it is slow (pods times instance types times terms) and
 * meant for tests and debug builds: some 10 pods in the property test, some 1,000 in a scenario.
 * It does not judge whether the answer is a good one, only whether it may be given.
 *
 *     wb_text violation;
 *     wb_text_init(&violation);
 *     assert(wb_validator_accepts(&input, &result, &violation));
 *
 * What upstream leaves open on purpose is no violation: a claim over several domains of a key
 * counts for none of them yet; a pod whose hard rules met others only later keeps its place.
 */
#ifndef WB_SOLVER_VALIDATOR_H
#define WB_SOLVER_VALIDATOR_H

#include <stdbool.h>

#include "solver/provisioning.h"

/* A pod that runs on an existing node. */
typedef struct wb_validator_pod {
    const wb_pod_template *template; /* borrowed */
    uint32_t name, namespace_name;   /* interned */
    uint32_t flags;                  /* WB_SOLVER_POD_* */
    uint32_t count;                  /* of equal ones; 0 stands for 1 */
    bool
        is_in_batch; /* it is moved: one of the problem's pods with this node as bound_node_index */
} wb_validator_pod;

/* An existing node, as the solver was told of it and of its pods. */
typedef struct wb_validator_node {
    const wb_solver_node_desc *desc; /* borrowed */
    const wb_validator_pod *pods;    /* borrowed */
    uint32_t pod_count;
} wb_validator_node;

/* Everything borrowed. */
typedef struct wb_validator_input {
    const wb_solver_world_desc *desc; /* what world was made of */
    const wb_solver_world *world;     /* read for indices and for the offerings of the moment */
    const wb_solver_problem *problem;
    const wb_validator_node *nodes;          /* one per node of the problem, in its order */
    const wb_pod_template *const *templates; /* one per pod of the problem */
} wb_validator_input;

/* Whether result keeps every constraint of input. If not, violation (empty before) says in one
 * sentence which constraint is broken first, and by which pod, claim or node. */
bool wb_validator_accepts(const wb_validator_input *input, const wb_solver_result *result,
                          wb_text *violation);

/* The same for a solve that just ended, with what the solver knows of world and nodes taken at its
 * word: less independent, but it needs nothing else. Every solve of a debug build ends here. */
bool wb_validator_accepts_solve(const wb_solver_world *world, const wb_solver_problem *problem,
                                const wb_solver_result *result, wb_text *violation);

#endif
