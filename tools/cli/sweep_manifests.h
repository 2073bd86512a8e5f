/* The best point of a sweep as files: the user's manifests with its values in them, each changed
 * line with what it was and what the change brought. */
#ifndef WB_TOOLS_CLI_SWEEP_MANIFESTS_H
#define WB_TOOLS_CLI_SWEEP_MANIFESTS_H

#include "bench/sweep.h"

/* Writes every manifest, node group file and scenario that the best point changes into folder (made
 * if need be), under its own name. Says on standard error what was written; without a best point
 * there is nothing to write, which is said too. */
WB_MUST_CHECK wb_status wb_sweep_manifests_write(const wb_sweep *sweep, const char *folder,
                                                 wb_error *err);

#endif
