/*
 * The faults of a run in a few lines: which there were, when, what each has hit, and what became of
 * the pods.
 */
#ifndef WB_TOOLS_CLI_FAULT_STORY_H
#define WB_TOOLS_CLI_FAULT_STORY_H

#include "base/text.h"
#include "sim/store/store.h"

/* Adds the lines of one run; none where the scenario set no fault. */
WB_MUST_CHECK wb_status wb_fault_story_print(wb_store *store, const wb_run_figures *run,
                                             wb_text *out, wb_error *err);

#endif
