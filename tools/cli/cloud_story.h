/*
 * What the cloud did to a run, in a few lines under its figures: machines that EC2 warned or took,
 * API calls that failed, and what IAM refused.
 */
#ifndef WB_TOOLS_CLI_CLOUD_STORY_H
#define WB_TOOLS_CLI_CLOUD_STORY_H

#include "base/text.h"
#include "sim/store/store.h"

/* Adds the lines of one run; none where nothing of the kind happened. */
WB_MUST_CHECK wb_status wb_cloud_story_print(wb_store *store, const wb_run_figures *run,
                                             wb_arena *arena, wb_text *out, wb_error *err);

#endif
