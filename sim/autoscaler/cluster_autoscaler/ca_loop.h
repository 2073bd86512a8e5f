/*
 * Cluster Autoscaler's main loop: one pass looks at everything, scales up, then down, as
 * spec/cluster-autoscaler.md section 1 states it, in its order.
 *
 *     refresh ─▶ templates ─▶ health of groups ─▶ upcoming nodes ─▶ pending pods ─▶ scale-up
 *                                                                      │
 *                                 node deletions (own timers) ◀── scale-down ◀┘
 *
 * All state of the autoscaler is here; what it sees and does goes through a wb_ca_world, so the
 * same loop runs in a simulation and in the golden cases. Has no clock: the caller says what time
 * it is, and is told when the next pass can differ from this one. Everything that one pass found is
 * left in report until the next pass.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_LOOP_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_LOOP_H

#include "base/hash_map.h"
#include "sim/autoscaler/cluster_autoscaler/ca_flags.h"
#include "sim/autoscaler/cluster_autoscaler/ca_snapshot.h"
#include "sim/autoscaler/cluster_autoscaler/ca_world.h"
#include "sim/autoscaler/cluster_autoscaler/expander.h"
#include "sim/autoscaler/cluster_autoscaler/group_health.h"
#include "sim/autoscaler/cluster_autoscaler/node_template.h"
#include "sim/autoscaler/cluster_autoscaler/pending_pods.h"
#include "sim/autoscaler/cluster_autoscaler/scale_down.h"
#include "sim/autoscaler/cluster_autoscaler/scale_up.h"
#include "sim/autoscaler/decision_latency.h"

/* What the last pass found, for reports, explanations and tests. */
typedef struct wb_ca_report {
    bool is_unhealthy; /* the cluster: nothing was done */
    wb_scale_up_report scale_up;
    uint32_t pending_count; /* pods that fit nowhere, before scale-up */
    uint32_t removal_count; /* nodes that scale-down tried to empty */
    bool is_cut_off;        /* a time limit ended an estimate, the estimates or scale-down */
} wb_ca_report;

typedef struct wb_ca_loop {
    wb_ca_flags flags;
    wb_decision_latency latency;
    wb_ca_world world; /* ops; context borrowed */
    wb_arena *arena;   /* borrowed: lives as long as the loop */
    wb_arena scratch;  /* one pass */
    wb_intern *intern; /* borrowed */
    uint32_t annotation_local_volumes, annotation_scale_up_delay; /* interned names */

    wb_ca_group *groups; /* in the arena */
    wb_group_health *health;
    wb_node_template *templates;
    uint32_t group_count;

    wb_ca_snapshot snapshot;
    wb_hash_map row_by_node; /* the world's node id to its row in the snapshot */
    wb_expander expander;
    wb_pending_pods pending;
    wb_scale_down scale_down;

    int64_t now_ms;
    int64_t last_pass_ms, shortest_interval_ms;
    int64_t last_scale_up_ms, last_delete_ms, last_failure_ms; /* INT64_MIN: never */
    bool scale_down_is_off; /* for the rest of this pass: all pending pods are new */
    bool has_changed;       /* this pass changed something: the next may go on from there */
    bool was_productive;    /* it scaled up or began a deletion */
    int64_t next_ms;        /* when time alone may change the next pass; INT64_MAX: never */
    wb_ca_report report;
    uint64_t pass_count;
} wb_ca_loop;

typedef struct wb_ca_loop_options {
    const wb_ca_flags *flags;
    const wb_ca_world *world;
    const wb_ca_group *groups; /* borrowed */
    uint32_t group_count;
    uint64_t seed;
    wb_decision_latency latency; /* whose time limits are kept; off: none is met */
} wb_ca_loop_options;

/* WB_ERR_INPUT: the flags name an expander that is none. arena and intern must outlive loop. */
WB_MUST_CHECK wb_status wb_ca_loop_init(wb_ca_loop *loop, wb_arena *arena, wb_intern *intern,
                                        const wb_ca_loop_options *options, wb_error *err);
void wb_ca_loop_release(wb_ca_loop *loop);

/* Keeps the snapshot's node and the map in step; the world calls these when nodes change. */
uint32_t wb_ca_loop_set_node(wb_ca_loop *loop, const wb_ca_snapshot_node *node);
void wb_ca_loop_remove_node(wb_ca_loop *loop, uint32_t node_id);

/* Row of a node of the world, or WB_CA_SNAPSHOT_NONE. */
uint32_t wb_ca_loop_find_row(const wb_ca_loop *loop, uint32_t node_id);

/* One pass at now_ms, which must not go back. */
void wb_ca_loop_run(wb_ca_loop *loop, int64_t now_ms);

/* Lets deletions go on that are due at now_ms; and when the next one is (INT64_MAX: none). */
void wb_ca_loop_run_deletions(wb_ca_loop *loop, int64_t now_ms);
int64_t wb_ca_loop_next_deletion_ms(const wb_ca_loop *loop);

/* ---- for the parts of the loop ---- */

/* Notes that the next pass may differ at at_ms, if that lies ahead. */
void wb_ca_loop_wake_at(wb_ca_loop *loop, int64_t at_ms);

/* Whether the node counts as ready: it is, and carries no start-up taint. */
bool wb_ca_loop_node_is_ready(const wb_ca_loop *loop, uint32_t row);

/* Whether the node is being deleted by the autoscaler, or was told to be. */
bool wb_ca_loop_node_is_deleted(const wb_ca_loop *loop, uint32_t row);

#endif
