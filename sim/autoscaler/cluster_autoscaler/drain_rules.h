/*
 * What stands in the way of emptying a node, pod by pod: the table of
 * spec/cluster-autoscaler.md section 5, first rule that decides.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_DRAIN_RULES_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_DRAIN_RULES_H

#include "sim/autoscaler/cluster_autoscaler/ca_flags.h"
#include "sim/autoscaler/cluster_autoscaler/ca_snapshot.h"
#include "sim/autoscaler/cluster_autoscaler/ca_world.h"

typedef enum wb_drain_outcome {
    WB_DRAIN_IGNORED,       /* nothing is done about it: static, or as good as gone */
    WB_DRAIN_DAEMON,        /* stays until the end, evicted along */
    WB_DRAIN_MOVABLE,       /* needs another place */
    WB_DRAIN_ON_COMPLETION, /* the node may be unneeded but waits for the pod's end */
    WB_DRAIN_BLOCKED,
} wb_drain_outcome;

typedef struct wb_drain_rules {
    const wb_ca_snapshot *snapshot;
    const wb_ca_flags *flags;
    const wb_ca_world *world;
    const wb_ca_budget *budgets; /* PDBs, with what this pass has left of them */
    uint32_t budget_count;
    uint32_t annotation_local_volumes; /* interned name */
    int64_t now_ms;
} wb_drain_rules;

/* What happens to pod when its node is drained; *out_reason (a literal, the real program's word) is
 * set when it blocks. */
wb_drain_outcome wb_drain_rules_judge(const wb_drain_rules *rules, const wb_ca_snapshot_pod *pod,
                                      const char **out_reason);

/* Whether a pod was told to end so long ago that it is as good as gone. */
bool wb_drain_rules_is_overdue(const wb_ca_snapshot *snapshot, const wb_ca_snapshot_pod *pod,
                               int64_t now_ms);

/* Whether the PDB selects pods of shape. */
bool wb_drain_rules_selects(const wb_ca_snapshot *snapshot, const wb_pdb *pdb, uint32_t shape);

#endif
