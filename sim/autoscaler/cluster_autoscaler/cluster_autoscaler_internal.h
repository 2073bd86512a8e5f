/* What the files of the contender share: the run's side of Cluster Autoscaler. */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CLUSTER_AUTOSCALER_INTERNAL_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CLUSTER_AUTOSCALER_INTERNAL_H

#include "sim/autoscaler/autoscaler.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"
#include "sim/kernel/event_kinds.h"

/* Our events. */
enum {
    WB_CLUSTER_AUTOSCALER_EVENT_PASS = WB_EVENT_CONTROLLER_FIRST,
    WB_CLUSTER_AUTOSCALER_EVENT_DELETIONS,
    WB_CLUSTER_AUTOSCALER_EVENT_HANDLER, /* subject: instance */
    WB_CLUSTER_AUTOSCALER_EVENT_SIZES,   /* a loop is over: sizes that it chose are set */
};

/* One ASG, as the AWS provider remembers it between two refreshes. */
typedef struct wb_cluster_autoscaler_group {
    uint32_t asg_id;
    const wb_node_group *config; /* borrowed: the scenario's */
    int32_t known_desired;       /* as of the last refresh, with own changes since */
    uint32_t *known;             /* owned: instance ids as of the last refresh, ascending */
    uint32_t known_count, known_capacity;
    int64_t changed_ms; /* last own change of the desired capacity; -1: none */
    int64_t failed_ms;  /* last failed launch that the group's activities show; -1: none */
    bool is_held_back;  /* known_desired is not set yet: its loop still computes */
    bool shows_failure; /* as of the last refresh: placeholders count as failed */
} wb_cluster_autoscaler_group;

typedef struct wb_cluster_autoscaler {
    struct wb_cluster_autoscaler *self; /* this: explaining forks the snapshot and reverts it */
    wb_autoscaler_env env;
    const wb_contender *contender; /* borrowed */
    wb_ca_loop loop;
    wb_cluster_autoscaler_group *groups; /* in the arena; as many as loop.groups */
    wb_ca_instance *instances;           /* owned: handed out to the loop */
    uint32_t instance_capacity;
    wb_ca_budget *budgets; /* owned: likewise */
    uint32_t budget_capacity;

    uint32_t *shape_of; /* owned: the snapshot's shape of each of the cluster's */
    uint32_t shape_capacity;
    uint32_t *row_of_pod; /* owned: the snapshot's row of each of the cluster's pods */
    uint32_t pod_capacity;
    wb_resource_list *capacity_of, *allocatable_of; /* owned: by node id */
    uint32_t node_capacity;
    uint32_t *dirty_nodes; /* owned: ids whose rows in the snapshot are out of date */
    uint32_t dirty_count, dirty_capacity;
    uint32_t *pending; /* owned: ids in order of creation; some no longer pending */
    uint32_t pending_count, pending_capacity;
    wb_ca_snapshot_pod *pending_pods; /* owned: handed out to the loop */
    uint32_t pending_pod_capacity;
    bool has_manifest;

    int64_t refreshed_ms;   /* -1: never */
    bool must_refresh;      /* after an own termination */
    int64_t free_ms;        /* when the last loop was over, with a decision latency */
    int64_t pass_at_ms;     /* of the one valid pass event; -1: none */
    int64_t deletion_at_ms; /* likewise of deletions */
} wb_cluster_autoscaler;

/* ---- cluster_autoscaler_world.c ---- */

/* The ops through which the loop sees and changes the run. */
wb_ca_world wb_cluster_autoscaler_world(wb_cluster_autoscaler *self);

/* SetDesiredCapacity of the groups whose sizes were held back. */
void wb_cluster_autoscaler_set_sizes(wb_cluster_autoscaler *self);

/* ---- cluster_autoscaler_latency.c ---- */

/* Whether sizes wait until the loop that chose them is over. */
bool wb_cluster_autoscaler_holds_back(const wb_cluster_autoscaler *self);

/* Milliseconds that the loop which has just run takes the real program; 0 without a latency. */
int64_t wb_cluster_autoscaler_take_time(wb_cluster_autoscaler *self);

/* ---- cluster_autoscaler_mirror.c ---- */

/* Brings the snapshot's nodes up to date. */
void wb_cluster_autoscaler_sync_nodes(wb_cluster_autoscaler *self);

/* The snapshot's shape of one of the cluster's. */
uint32_t wb_cluster_autoscaler_shape(wb_cluster_autoscaler *self, uint32_t shape_id);

/* What the snapshot is to know of a pod. */
wb_ca_snapshot_pod wb_cluster_autoscaler_describe_pod(wb_cluster_autoscaler *self, uint32_t pod_id);

/* Listens to the cluster; wake is called after each change that a pass may care about. */
void wb_cluster_autoscaler_listen(wb_cluster_autoscaler *self);

/* ---- cluster_autoscaler_interruption.c ---- */

/* Subscribes the termination handler; before the first instance. */
void wb_cluster_autoscaler_heed_interruptions(wb_cluster_autoscaler *self);

/* ---- cluster_autoscaler.c ---- */

/* Something has changed: the next pass is due on its tick, or at once (frequent loops). */
void wb_cluster_autoscaler_wake(wb_cluster_autoscaler *self, bool at_once);

#endif
