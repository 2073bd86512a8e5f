/*
 * The least policy that recorded runs needed: every action that IAM was asked for, on the narrowest
 * resource and under the narrowest condition, as the table iam_calls has them.
 */
#ifndef WB_SCENARIOS_PREFLIGHT_LEAST_POLICY_H
#define WB_SCENARIOS_PREFLIGHT_LEAST_POLICY_H

#include "base/text.h"
#include "sim/store/store.h"

/* Of the finished runs of contender (NULL: of all) adds one IAM policy as JSON to out; the number
 * of runs goes to *out_runs, 0 when none has an identity (then nothing is added). */
WB_MUST_CHECK wb_status wb_least_policy_print(wb_store *store, wb_arena *arena,
                                              const char *contender, wb_text *out,
                                              uint32_t *out_runs, wb_error *err);

#endif
