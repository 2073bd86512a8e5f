/*
 * What will bite: a look at NodePools, NodeClasses, workloads and PDBs before a cluster meets them.
 *
 * The pods of all workloads are placed in an empty cluster without limits (a solve), and the rest
 * is judged from the objects: requirements that contradict, pools that can never win, budgets that
 * block every drain. Each finding has a place, a severity and one sentence. An error is something
 * that will not work; a warning is something that works worse than it looks.
 *
 * The findings that the API server would have to make if it knew of nodes ("refusals": conflicting
 * requirements, an affinity to nothing, an unknown topology key) are in its own words, and solve
 * refuses manifests for them.
 */
#ifndef WB_SCENARIOS_ONE_SHOT_LINT_H
#define WB_SCENARIOS_ONE_SHOT_LINT_H

#include "base/findings.h"
#include "scenarios/one_shot/one_shot.h"

typedef struct wb_lint_finding {
    wb_severity severity;
    wb_position position;
    const char *check;  /* "pool-never-wins": a name to look up in docs/solve.md */
    const char *object; /* "NodePool general" */
    const char *path;   /* of the field; "" where the object as a whole is meant */
    const char *text;   /* one sentence, in the arena */
    bool is_refusal, is_manifest;
} wb_lint_finding;

typedef struct wb_lint_report {
    wb_lint_finding *findings; /* pools, then workloads, then budgets, in the order of the files */
    uint32_t count, capacity;
    uint32_t error_count, warning_count;
} wb_lint_report;

/* All checks. input was read with ignores_cluster. Everything lives in arena. */
void wb_lint_run(wb_arena *arena, const wb_one_shot_input *input, wb_lint_report *out);

/* The refusals among manifests only (a dump's objects were accepted once), as errors of findings;
 * WB_ERR_INPUT when there is one. */
WB_MUST_CHECK wb_status wb_lint_refuse(wb_arena *arena, const wb_one_shot_input *input,
                                       wb_findings *findings, wb_error *err);

#endif
