/*
 * What one scheduling cycle looked at, node by node: for the golden cases and for explanations.
 * Costs nothing when nobody asks for it.
 */
#ifndef WB_SIM_CLUSTER_SCHEDULER_REPORT_H
#define WB_SIM_CLUSTER_SCHEDULER_REPORT_H

#include "base/arena.h"
#include "sim/cluster/scheduler_core.h"

typedef struct wb_scheduler_report_node {
    uint32_t node_id;
    wb_scheduler_plugin plugin;      /* the first that rejects; PASSED: feasible */
    bool is_unresolvable;            /* removing pods cannot help */
    const char *reason;              /* "" when feasible */
    int64_t scores[WB_PLUGIN_COUNT]; /* normalised times weight; of the plugins in score_plugins */
    int64_t total;
} wb_scheduler_report_node;

/* A node on which preemption would work. */
typedef struct wb_scheduler_report_candidate {
    uint32_t node_id;
    const uint32_t *victims; /* pod ids, most important first */
    uint32_t victim_count;
    int32_t pdb_violations;
    bool is_equally_good; /* ties with the chosen one after all criteria */
} wb_scheduler_report_candidate;

typedef struct wb_scheduler_report {
    wb_arena *arena;                 /* borrowed: where everything below lives; set by the caller */
    wb_scheduler_report_node *nodes; /* those looked at, in the order of the search */
    uint32_t node_count, feasible_count;
    uint32_t score_plugins; /* bit per plugin that scored; 0: there was nothing to choose */
    wb_scheduler_report_candidate *candidates;
    uint32_t candidate_count;
} wb_scheduler_report;

#endif
