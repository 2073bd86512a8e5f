/* The effective parameters of one run, as the JSON that every run records: what a person or a diff
 * of two runs wants to see beside scenario, seed and version. */
#ifndef WB_SCENARIOS_RUN_PARAMETERS_H
#define WB_SCENARIOS_RUN_PARAMETERS_H

#include "base/text.h"
#include "scenarios/scenario.h"

/* Appends one JSON object: settings and flags as given, boot model, scheduler, node groups. */
void wb_run_parameters_print(const wb_scenario *scenario, const wb_contender *contender,
                             const wb_intern *intern, wb_text *out);

#endif
