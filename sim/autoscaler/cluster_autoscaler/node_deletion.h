/*
 * Deleting a node, step by step over simulated time (spec/cluster-autoscaler.md section 6):
 *
 *   taint ─5 s─▶ look again ─▶ evict, retry every 10 s ─▶ wait until pods are gone ─▶ cloud call
 *                    │             │ 2 min                     │ 10.5 min
 *                    ▼             ▼                           ▼
 *                given back: the taint goes, the node counts as needed anew
 *
 * At most max-scale-down-parallelism at a time.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_NODE_DELETION_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_NODE_DELETION_H

#include <stdbool.h>
#include <stdint.h>

struct wb_ca_loop;

typedef enum wb_node_deletion_stage {
    WB_NODE_DELETION_TAINTED,
    WB_NODE_DELETION_EVICTING,
    WB_NODE_DELETION_EMPTYING,
} wb_node_deletion_stage;

typedef struct wb_node_deletion {
    uint32_t node_id, group;
    bool is_drain;
    wb_node_deletion_stage stage;
    int64_t begun_ms, next_ms, limit_ms; /* limit: of the present stage */
    uint32_t *refused;                   /* owned: pod ids that are still to be evicted */
    uint32_t refused_count;
    uint32_t moved_count; /* pods evicted */
    uint64_t ordinal;     /* order of beginning */
} wb_node_deletion;

typedef struct wb_node_deletions {
    wb_node_deletion *items; /* owned; in progress, by order of beginning */
    uint32_t count, capacity;
    uint64_t begun_count, failed_count;
} wb_node_deletions;

/* Starts with nothing going on; frees what is inside. */
void wb_node_deletion_init(wb_node_deletions *deletions);
void wb_node_deletion_release(wb_node_deletions *deletions);

/* Taints the node; the rest follows in wb_node_deletion_run. */
void wb_node_deletion_begin(struct wb_ca_loop *loop, uint32_t row, bool is_drain);

/* Does what is due. */
void wb_node_deletion_run(struct wb_ca_loop *loop);
int64_t wb_node_deletion_next_ms(const wb_node_deletions *deletions);

/* Whether the node is being deleted. */
bool wb_node_deletion_is_going_on(const wb_node_deletions *deletions, uint32_t node_id);

/* Of a group, or of all (WB_CA_SNAPSHOT_NONE); those that drain only, or all. */
uint32_t wb_node_deletion_count(const wb_node_deletions *deletions, uint32_t group,
                                bool only_drains);

#endif
