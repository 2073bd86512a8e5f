/* Explanations of a one-shot solution, for people and for programs. Adds text only. */
#ifndef WB_TOOLS_CLI_EXPLAIN_OUTPUT_H
#define WB_TOOLS_CLI_EXPLAIN_OUTPUT_H

#include "base/text.h"
#include "scenarios/one_shot/one_shot_explain.h"

/* Step by step, a blank line in front. */
void wb_explain_output_table(const wb_one_shot_solution *solution,
                             const wb_one_shot_explanation *explanation, wb_text *out);

/* One JSON object. */
void wb_explain_output_json(const wb_one_shot_solution *solution,
                            const wb_one_shot_explanation *explanation, wb_text *out);

#endif
