/*
 * Node groups that a competent engineer would make for given NodePools and a workload, so that a
 * comparison with Cluster Autoscaler is fair, and naive ones to compare with those.
 *
 * The rules, which are those of Cluster Autoscaler's and EKS' best-practice guides:
 *
 *   one class of nodes per pool, architecture, GPU model and cpu:memory ratio (2, 4, 8 GiB a core);
 *     a class of less than a tenth of its pool joins the nearest, and what no other class can take
 *     stays
 *   nodes of three of the larger pods, and at most some 25 nodes for the mean demand; pods that do
 *     not fit such a node get a second, larger group of the class
 *   spot where the pool allows it: types of the same size mixed, with on-demand behind it by the
 *     priority expander
 *   a group per zone, balanced, where volumes or rules bind pods to zones
 *
 * Pure: everything is in the arguments, the arena takes the results. Some ten pools, some thousand
 * kinds of pods, 1,400 types.
 */
#ifndef WB_SCENARIOS_NODE_GROUP_ADVICE_H
#define WB_SCENARIOS_NODE_GROUP_ADVICE_H

#include "scenarios/node_group_demand.h"

typedef struct wb_node_group_advice_group {
    wb_node_group group; /* what a scenario would load */
    const char *why;     /* one sentence */
    double node_count;   /* for the mean demand, packed without a gap; 0 for a fallback */
    double pod_count;    /* at a time */
} wb_node_group_advice_group;

/* One contender: its groups and flags. */
typedef struct wb_node_group_advice_set {
    const char *name; /* "engineered", "naive" */
    const wb_node_group_advice_group *groups;
    const wb_setting *flags;
    uint32_t group_count, flag_count;
} wb_node_group_advice_set;

typedef struct wb_node_group_advice {
    wb_node_group_advice_set engineered, naive;
    const char *const *notes; /* sentences: what was assumed, what no group takes */
    uint32_t note_count;
} wb_node_group_advice;

typedef struct wb_node_group_advice_input {
    wb_intern *intern;
    const wb_catalog *catalog;
    const wb_nodepool *pools;
    const uint32_t *zones;
    uint32_t pool_count, zone_count;
    const wb_node_group_demand *demand;
} wb_node_group_advice_input;

/* Everything in *out lives in arena. WB_ERR_INPUT: there is no pod, or no pool that takes one. */
WB_MUST_CHECK wb_status wb_node_group_advice_make(wb_arena *arena,
                                                  const wb_node_group_advice_input *input,
                                                  wb_node_group_advice *out, wb_error *err);

#endif
