/*
 * Feeds a scenario's workload into a cluster: traces record by record (one pending event per trace,
 * constant memory), and the scenario's own steps at their times.
 */
#ifndef WB_SCENARIOS_WORKLOAD_FEED_H
#define WB_SCENARIOS_WORKLOAD_FEED_H

#include "sim/autoscaler/autoscaler.h"
#include "sim/cluster/cluster.h"
#include "scenarios/scenario.h"

typedef struct wb_workload_feed wb_workload_feed;

/* Who hears of what traces recorded beside their workload (sim/autoscaler/autoscaler.h). */
typedef struct wb_workload_witness {
    const wb_autoscaler_ops *ops; /* borrowed */
    void *self;
} wb_workload_witness;

/* Puts the scenario's base workloads (DaemonSets ...) in force, opens the traces and schedules the
 * first record of each and the first step. cluster must outlive the feed. */
WB_MUST_CHECK wb_status wb_workload_feed_open(const wb_scenario *scenario, wb_cluster *cluster,
                                              wb_workload_witness witness, wb_workload_feed **out,
                                              wb_error *err);

/* NULL is allowed. */
void wb_workload_feed_close(wb_workload_feed *feed);

/* True when every record and step has been applied. */
bool wb_workload_feed_has_ended(const wb_workload_feed *feed);

/* The last time that the workload mentions: ends of traces (shifted), steps, recorded ends. */
int64_t wb_workload_feed_end_ms(const wb_workload_feed *feed);

#endif
