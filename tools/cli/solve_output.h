/*
 * A one-shot solution as people and programs read it: aligned tables, one JSON object, NodeClaim
 * objects in YAML. Adds text only; the command writes it.
 */
#ifndef WB_TOOLS_CLI_SOLVE_OUTPUT_H
#define WB_TOOLS_CLI_SOLVE_OUTPUT_H

#include "base/text.h"
#include "scenarios/one_shot/one_shot.h"
#include "scenarios/one_shot/one_shot_bound.h"

/* NodeClaims, then workloads and where their pods went, then what is left over and why, then one
 * line of totals. scratch holds what is needed on the way. */
void wb_solve_output_table(const wb_one_shot_solution *solution, wb_arena *scratch, wb_text *out);

/* The members of one JSON object (docs/solve.md), without the closing brace: what explains comes
 * behind. */
void wb_solve_output_json(const wb_one_shot_solution *solution, wb_text *out);

/* A karpenter.sh/v1 NodeClaim per claim, divided by "---". */
void wb_solve_output_yaml(const wb_one_shot_solution *solution, wb_arena *scratch, wb_text *out);

/* "namespace/name" of a pod of the input. */
void wb_solve_output_pod(const wb_one_shot_input *input, uint32_t pod_index, wb_text *out);

/* What the plan costs beside the least that is possible: a line, or a member of the JSON object. */
void wb_solve_output_bound(const wb_one_shot_bound *bound, const char *currency, wb_text *out);
void wb_solve_output_bound_json(const wb_one_shot_bound *bound, wb_text *out);

#endif
