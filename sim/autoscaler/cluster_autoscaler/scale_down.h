/*
 * Scale-down: which nodes are unneeded, since when, and which of them go
 * (spec/cluster-autoscaler.md sections 5 and 6). What happens to those that go is node_deletion.h's
 * business. Some hundreds of nodes, looked at in every pass.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_SCALE_DOWN_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_SCALE_DOWN_H

#include "base/hash_map.h"
#include "sim/autoscaler/cluster_autoscaler/drain_rules.h"
#include "sim/autoscaler/cluster_autoscaler/node_deletion.h"

struct wb_ca_loop;

/* Why a node stays. */
typedef enum wb_scale_down_reason {
    WB_SCALE_DOWN_NO_REASON,
    WB_SCALE_DOWN_CURRENTLY_BEING_DELETED,
    WB_SCALE_DOWN_DISABLED_ANNOTATION,
    WB_SCALE_DOWN_UNREADY_DISABLED,
    WB_SCALE_DOWN_NOT_UNDERUTILIZED,
    WB_SCALE_DOWN_RECENTLY_UNREMOVABLE,
    WB_SCALE_DOWN_NO_PLACE,
    WB_SCALE_DOWN_BLOCKED_BY_POD,
    WB_SCALE_DOWN_BLOCKED_BY_ON_COMPLETION,
    WB_SCALE_DOWN_NOT_UNNEEDED_LONG_ENOUGH,
    WB_SCALE_DOWN_NOT_UNREADY_LONG_ENOUGH,
    WB_SCALE_DOWN_MIN_SIZE,
    WB_SCALE_DOWN_MIN_RESOURCES,
} wb_scale_down_reason;

/* What is remembered of a node, by its row in the snapshot. */
typedef struct wb_scale_down_mark {
    uint32_t node_id;            /* whose mark it is; another: the row has a new node */
    int64_t unneeded_since_ms;   /* -1: it is needed */
    int64_t retry_at_ms;         /* not looked at again before that */
    wb_scale_down_reason reason; /* of the last pass */
    wb_scale_down_reason told;   /* to the world */
    bool is_unneeded;            /* in the last pass */
    bool is_empty;               /* nothing to move */
    bool is_risky;               /* its drain would need a PDB twice */
    bool waits_for_completion;   /* of a pod that may not be moved */
    bool has_soft_taint;
    bool has_utilization;
    double utilization;       /* of the last pass that worked it out */
    const char *utilized;     /* "cpu", "memory", or the name of the GPU's resource */
    const char *blocking_pod; /* name; NULL: none. Valid for the pass */
    const char *blocking_reason;
} wb_scale_down_mark;

typedef struct wb_scale_down {
    wb_scale_down_mark *marks; /* owned; by row of the snapshot */
    uint32_t mark_count;
    wb_ca_budget *budgets; /* owned: what this pass has left */
    uint32_t budget_count, budget_capacity;
    wb_hash_map node_by_pod; /* hints: where a pod was moved to in the last simulation */
    uint32_t unneeded_count;
    wb_node_deletions deletions;
    bool is_in_cooldown; /* in the last pass */
} wb_scale_down;

/* Starts without marks; frees what is inside. */
void wb_scale_down_init(wb_scale_down *scale_down);
void wb_scale_down_release(wb_scale_down *scale_down);

/* "NotUnderutilized", ...: the real program's words. */
const char *wb_scale_down_reason_name(wb_scale_down_reason reason);

/* One pass over the loop's snapshot, within its fork: who is unneeded, and whether that changed. */
void wb_scale_down_plan(struct wb_ca_loop *loop);

/* Begins deletions, unless in cool-down; soft taints. */
void wb_scale_down_act(struct wb_ca_loop *loop);

/* At the end of a pass: tells the world why nodes stay, where that has changed. */
void wb_scale_down_tell(struct wb_ca_loop *loop);

/* Forgets all unneeded timers. */
void wb_scale_down_forget(struct wb_ca_loop *loop);

#endif
