/* The bill of a finished run, from its machines and pods. */
#ifndef WB_SCENARIOS_RUN_BILL_H
#define WB_SCENARIOS_RUN_BILL_H

#include "scenarios/scenario.h"

/* The bill by scenario->money of a run that ended at end_ms and whose machines are billed to there.
 * Lives in arena. */
wb_bill wb_run_bill_compute(const wb_scenario *scenario, const wb_cluster *cluster,
                            const wb_cloud *cloud, int64_t end_ms, wb_arena *arena);

#endif
