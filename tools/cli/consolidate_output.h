/*
 * A dry run of disruption as people and programs read it: tables and reasons, one JSON object, the
 * same object in YAML. Adds text only; the command writes it.
 */
#ifndef WB_TOOLS_CLI_CONSOLIDATE_OUTPUT_H
#define WB_TOOLS_CLI_CONSOLIDATE_OUTPUT_H

#include "base/text.h"
#include "scenarios/one_shot/consolidate.h"

#define WB_CONSOLIDATE_HOURS_PER_MONTH 730 /* as AWS reckons */

/* Commands in order, where their pods go, totals, then every node that stays and why. scratch holds
 * what is needed on the way. */
void wb_consolidate_output_table(const wb_consolidate_report *report, wb_arena *scratch,
                                 wb_text *out);

/* One JSON object (docs/consolidate.md). */
void wb_consolidate_output_json(const wb_consolidate_report *report, wb_text *out);

/* The same object in YAML. */
void wb_consolidate_output_yaml(const wb_consolidate_report *report, wb_arena *scratch,
                                wb_text *out);

#endif
