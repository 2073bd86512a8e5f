/*
 * One-shot provisioning: the user's own files in, the NodeClaims that Karpenter would make out. No
 * clock, no simulation: one batch, one solve.
 *
 *     files ──▶ wb_one_shot_read ──▶ input: pools, pods, nodes ──▶ wb_one_shot_solve ──▶ solution
 *                                       └── with a change of it ────────┘
 *
 * Files are manifests (NodePools, NodeClasses, Deployments, Pods ...), dumps of a live cluster
 * (kubectl get nodes,pods,... -o json), or both. Workloads are expanded to the pods that the files
 * do not hold yet; pods that run take room on their nodes; pods that the scheduler has given up on
 * are what is solved for. An input is not changed by solving, so that it can be solved again and
 * again under small changes ("what if this taint went?"). Up to a million pods.
 */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_H

#include "base/findings.h"
#include "kube/catalog/catalog.h"
#include "kube/manifest.h"
#include "solver/launch.h"
#include "solver/provisioning.h"

#define WB_ONE_SHOT_NONE UINT32_MAX

typedef struct wb_one_shot_options {
    const char *const *paths; /* files, folders, "-" */
    const char *const *zones; /* none: the region's a, b, c and those that the files name */
    const char *const *pools; /* NodePools to keep; none: all */
    uint32_t path_count, zone_count, pool_count;
    const char *region;       /* NULL: the one that the files name, else us-east-1 */
    const char *catalog_path; /* NULL: the shipped catalog of the region */
    wb_preference_policy preference_policy;
    wb_open_claim_sort open_claim_sort;
    bool min_values_best_effort;
    bool ignores_cluster; /* lint: no nodes, and every pod of every workload is to be placed */
} wb_one_shot_options;

/* Pods that belong together for people: those of one workload, or a bare pod. */
typedef struct wb_one_shot_group {
    const char *kind;              /* "Deployment" ... "Pod" */
    uint32_t namespace_name, name; /* interned */
    uint32_t pod_count;            /* of the input's pods */
    bool is_manifest;              /* written by the user: the API server has not seen it yet */
    const wb_node *source; /* borrowed: its object; a pod's where the workload is not there */
    const char *spec_path; /* of the pod spec in source: "spec.template.spec" */
} wb_one_shot_group;

/* A pod that wants a place: pending, or on a node that is being deleted. */
typedef struct wb_one_shot_pod {
    uint32_t name, namespace_name, uid; /* interned */
    int64_t created_ms;
    const wb_pod_template *template; /* borrowed */
    uint32_t group_index;
    uint32_t bound_node_index; /* of the input's nodes; WB_ONE_SHOT_NONE: pending */
} wb_one_shot_pod;

/* A pod that runs. */
typedef struct wb_one_shot_running {
    uint32_t name, namespace_name;
    const wb_pod_template *template; /* borrowed */
    uint32_t node_index;
    uint32_t flags;    /* WB_SOLVER_POD_* */
    const wb_pod *pod; /* borrowed: the object */
} wb_one_shot_running;

typedef struct wb_one_shot_node {
    wb_solver_node_desc desc;
    uint8_t role;                 /* wb_node_role */
    const wb_node_object *object; /* borrowed; NULL: a NodeClaim whose node is not there yet */
    const wb_nodeclaim *claim;    /* borrowed; NULL: none in the files */
} wb_one_shot_node;

/* Everything that was read, ready to be solved. All in the arena that it was read into. */
typedef struct wb_one_shot_input {
    wb_one_shot_options options;
    wb_intern *intern; /* borrowed */
    wb_manifest manifest;
    wb_catalog catalog;
    bool region_is_assumed;
    const wb_solver_pool *pools; /* those that --pool keeps */
    const wb_one_shot_group *groups;
    const wb_one_shot_pod *pods;
    const wb_one_shot_running *running;
    const wb_one_shot_node *nodes;
    const wb_pod_template *const *daemons;
    const char *const *notes; /* sentences: what was assumed or left out */
    uint32_t pool_count, group_count, pod_count, running_count, node_count, daemon_count;
    uint32_t note_count;
    uint32_t daemon_namespace;
    wb_solver_problem storage; /* namespaces, claims, volumes and classes only */
} wb_one_shot_input;

/* Reads the files. What is wrong in them goes to findings; then, and when a file or the catalog
 * can't be read, not WB_OK. Everything lives in arena; intern must have seen wb_names_init. */
WB_MUST_CHECK wb_status wb_one_shot_read(wb_arena *arena, wb_intern *intern,
                                         const wb_one_shot_options *options, wb_findings *findings,
                                         wb_one_shot_input *out, wb_error *err);

/* The same pods and pools but for what is replaced. */
typedef struct wb_one_shot_change {
    const wb_pod_template *const *templates_from; /* pods of one of these ... */
    const wb_pod_template *const *templates_to;   /* ... have the one beside it */
    uint32_t template_count;
    const wb_solver_pool *pools; /* instead of the input's; as many; NULL: no change */
} wb_one_shot_change;

/* A NodeClaim as it would be launched. */
typedef struct wb_one_shot_claim {
    const char *name; /* "<pool>-<number>", numbers from 1 in each pool */
    const wb_solver_claim *made;
    wb_launch_plan plan;
    uint32_t type_index; /* the cheapest of the plan; WB_ONE_SHOT_NONE: nothing can be launched */
    uint32_t zone;       /* interned */
    wb_capacity_type capacity_type;
    double price_usd_per_hour;
    int64_t cpu_requested_milli, cpu_allocatable_milli;
    int64_t memory_requested_bytes, memory_allocatable_bytes;
} wb_one_shot_claim;

typedef struct wb_one_shot_solution {
    const wb_one_shot_input *input; /* borrowed */
    wb_solver_world *world;
    wb_solver_node **nodes; /* owned until release */
    wb_solver_problem problem;
    const wb_pod_verdict *verdicts; /* per pod of the input */
    const uint32_t *problem_index;  /* per pod of the input: in problem.pods, or WB_ONE_SHOT_NONE */
    const uint32_t *pod_index;      /* per pod of the problem: in input.pods */
    wb_solver_result result;
    const wb_one_shot_claim *claims; /* one per result.claims */
    double price_usd_per_hour;       /* of all claims */
    uint32_t on_node_count;          /* pods placed on existing nodes */
    uint32_t left_count;             /* pods without a place, ignored ones included */
} wb_one_shot_solution;

/* Solves input, changed if change is not NULL. explains fills result.reasons. Everything lives in
 * arena, until released. */
void wb_one_shot_solve(wb_arena *arena, const wb_one_shot_input *input,
                       const wb_one_shot_change *change, bool explains, wb_one_shot_solution *out);

/* Gives back what lies outside the arena. */
void wb_one_shot_release(wb_one_shot_solution *solution);

/* Where a pod of the input went: the index of a claim, of a node, or WB_ONE_SHOT_NONE for both. */
bool wb_one_shot_is_placed(const wb_one_shot_solution *solution, uint32_t pod_index,
                           uint32_t *out_claim_index, uint32_t *out_node_index);

/* Adds why a pod was not placed, in one sentence without a full stop: Karpenter's reason for not
 * considering it, or what each NodePool refused it for (after solving with explains). */
void wb_one_shot_print_reason(const wb_one_shot_solution *solution, uint32_t pod_index,
                              wb_text *out);

/* Adds "Deployment shop/web". */
void wb_one_shot_print_group(const wb_one_shot_input *input, const wb_one_shot_group *group,
                             wb_text *out);

#endif
