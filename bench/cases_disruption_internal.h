/*
 * What the files of the disruption cases share: a case as the solver's picture of a cluster, and
 * what ours made of it. Format: golden/disruption/README.md.
 */
#ifndef WB_BENCH_CASES_DISRUPTION_INTERNAL_H
#define WB_BENCH_CASES_DISRUPTION_INTERNAL_H

#include "solver/disruption.h"
#include "bench/case_input.h"
#include "bench/cases_internal.h"

typedef struct wb_disruption_case {
    wb_decode_context context;
    wb_case_input input;       /* world, pools, storage */
    wb_disruption_pool *pools; /* as in input.nodepools */
    wb_disruption_node *nodes;
    wb_disruption_pod **pods;      /* per node; what nodes[i].pods points to */
    const wb_nodepool **nodepools; /* per node; NULL: none of the case's */
    int64_t *nominated_until_ms;   /* per node; 0: was not */
    wb_solver_pod *pending_pods;
    wb_pdb *pdbs;
    wb_disruption_state state;
    const wb_node *changes; /* duringValidation, until they were applied; NULL: none */
} wb_disruption_case;

/* Decodes a case and prepares its world. */
WB_MUST_CHECK wb_status wb_cases_disruption_load(wb_cases_case *one, wb_disruption_case *out,
                                                 wb_error *err);

/* The 15 s of a validation pass, and with them what the case says that happens meanwhile; once. */
void wb_cases_disruption_wait(wb_disruption_case *of);

/* Frees nodes and world. */
void wb_cases_disruption_release(wb_disruption_case *of);

#define WB_CASES_DISRUPTION_VALIDATIONS 8 /* one per method that waits, and room to spare */

/* What ours did, gathered over the pictures of a case. */
typedef struct wb_disruption_case_result {
    wb_disruption_outcome by_method[WB_DISRUPTION_METHOD_COUNT];
    bool *is_eligible[WB_DISRUPTION_METHOD_COUNT]; /* per node */
    wb_disruption_candidates candidates;           /* all that some class lets through */
    uint32_t *blocked;                             /* per node: WB_BLOCKED_* */
    uint32_t *blocked_pool;                        /* per pool: reasons */
    const char *validations[WB_CASES_DISRUPTION_VALIDATIONS];
    uint32_t validation_count;
    int64_t *allowances[WB_DISRUPTION_METHOD_COUNT]; /* per pool; NULL: it was not asked */
    const wb_disruption_totals *totals;
} wb_disruption_case_result;

/* The methods' names in the case files. */
extern const char *const wb_cases_disruption_methods[WB_DISRUPTION_METHOD_COUNT];

/* Compares everything that is recorded. */
void wb_cases_disruption_compare(wb_cases_case *one, const wb_disruption_case *of,
                                 const wb_disruption_case_result *result);

/* Words sorted and joined by blanks, in the case's arena. */
const char *wb_cases_disruption_join(wb_arena *arena, const char **words, uint32_t count);

#endif
