/* The bill of a run in one line, for people who read its figures. */
#ifndef WB_TOOLS_CLI_BILL_STORY_H
#define WB_TOOLS_CLI_BILL_STORY_H

#include "sim/store/store_bill.h"

/* Appends "karpenter pays $332.10: on-demand $88.10, savings plan csp $240.00 ...", or nothing
 * where the run has no bill. */
WB_MUST_CHECK wb_status wb_bill_story_print(wb_store *store, const wb_run_figures *run,
                                            wb_arena *arena, wb_text *out, wb_error *err);

#endif
