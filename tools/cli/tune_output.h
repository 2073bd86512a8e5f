/* What a tuning found: the best settings on what the search saw and on what it did not, and which
 * parameters matter. */
#ifndef WB_TOOLS_CLI_TUNE_OUTPUT_H
#define WB_TOOLS_CLI_TUNE_OUTPUT_H

#include "base/text.h"
#include "bench/sweep.h"

/* Appends the table or the JSON of a judged sweep whose best point was run on what it had not
 * seen. */
void wb_tune_output_print(const wb_sweep *sweep, const char *price_source, bool is_json,
                          wb_text *out);

#endif
