/*
 * What pods a workload asks nodes for: each kind of pod with how many of it there are at a time,
 * averaged over the span. From traces, from manifests, or from a whole scenario. Thousands of
 * kinds, a million pods: counted, never kept.
 */
#ifndef WB_SCENARIOS_NODE_GROUP_DEMAND_H
#define WB_SCENARIOS_NODE_GROUP_DEMAND_H

#include "scenarios/scenario.h"

typedef struct wb_node_group_demand_kind {
    const wb_pod_template *template; /* borrowed: the arena that it was read into */
    double count;                    /* at a time, in the mean */
    bool has_zonal_volume;           /* a StatefulSet's claims, or the template's own */
} wb_node_group_demand_kind;

typedef struct wb_node_group_demand {
    wb_arena *arena;   /* borrowed */
    wb_intern *intern; /* borrowed */
    wb_node_group_demand_kind *kinds;
    uint32_t count, capacity;
    /* What the DaemonSets put on every node, as far as manifests tell. */
    int64_t daemon_cpu_milli, daemon_memory_bytes;
    uint32_t daemon_count;
} wb_node_group_demand;

/* Starts empty; arena and intern must outlive it. */
void wb_node_group_demand_init(wb_node_group_demand *demand, wb_arena *arena, wb_intern *intern);

/* Adds a trace's pods by their mean number over its span; pods without a known end live to the
 * trace's. */
WB_MUST_CHECK wb_status wb_node_group_demand_add_trace(wb_node_group_demand *demand,
                                                       const char *path, wb_error *err);

/* Adds workloads by their replicas, and DaemonSets by what they put on every node. */
void wb_node_group_demand_add_manifest(wb_node_group_demand *demand, const wb_manifest *manifest);

/* Adds a scenario's objects, traces and the manifests that its workload applies. */
WB_MUST_CHECK wb_status wb_node_group_demand_add_scenario(wb_node_group_demand *demand,
                                                          const wb_scenario *scenario,
                                                          wb_error *err);

#endif
