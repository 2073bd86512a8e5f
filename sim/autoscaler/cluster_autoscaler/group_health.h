/*
 * The cluster-state registry's view of one node group: how many of its machines are what, which
 * scale-up it waits for, and whether it is backed off after a failure
 * (spec/cluster-autoscaler.md section 7). Updated once in every loop.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_GROUP_HEALTH_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_GROUP_HEALTH_H

#include "sim/autoscaler/cluster_autoscaler/ca_flags.h"
#include "sim/autoscaler/cluster_autoscaler/ca_world.h"

/* An instance without a node. */
typedef struct wb_group_health_missing {
    uint64_t key;
    int64_t since_ms;
    bool has_failed;
} wb_group_health_missing;

typedef struct wb_group_health {
    /* Counted in this loop. */
    int32_t target;
    int32_t ready, unready, not_started, deleted; /* nodes */
    int32_t unregistered, long_unregistered;      /* instances without a node */
    wb_group_health_missing *missing;             /* owned; by key */
    uint32_t missing_count;

    /* The open scale-up. */
    bool has_request;
    int32_t request_increase;
    int64_t request_expected_ms; /* by when all of it should be there */

    /* Back-off; duration 0: never failed, or forgotten. */
    int64_t backoff_until_ms, backoff_duration_ms, last_failure_ms;

    /* Registered nodes and target differ since; -1: they don't. */
    int64_t wrong_since_ms;
    int32_t wrong_registered, wrong_target;

    int64_t last_scale_up_ms, last_delete_ms, last_delete_failure_ms; /* INT64_MIN: never */
} wb_group_health;

/* What an update found. */
typedef struct wb_group_health_news {
    int32_t timed_out_increase; /* of a scale-up that took too long; 0: none */
    int32_t new_failure_count;  /* instances that the cloud could not make, seen first now */
} wb_group_health_news;

/* Starts without machines, requests or failures; frees what is inside. */
void wb_group_health_init(wb_group_health *health);
void wb_group_health_release(wb_group_health *health);

/* Before the nodes of a loop are counted into ready .. deleted. */
void wb_group_health_begin(wb_group_health *health, int32_t target);

/* After that: instances, requests, creation errors, back-off. */
void wb_group_health_update(wb_group_health *health, const wb_ca_flags *flags,
                            const wb_ca_instance *instances, uint32_t count, int64_t now_ms,
                            wb_group_health_news *out);

/* The request grows (or shrinks: delta < 0; it ends at nothing). */
void wb_group_health_request(wb_group_health *health, const wb_ca_flags *flags, int32_t delta,
                             int64_t now_ms);

/* A scale-up failed: backs off, longer when the last back-off was over. */
void wb_group_health_fail(wb_group_health *health, const wb_ca_flags *flags, int64_t now_ms);
bool wb_group_health_is_backed_off(const wb_group_health *health, int64_t now_ms);

/* Whether too much of the group is missing to trust it. */
bool wb_group_health_is_healthy(const wb_group_health *health, const wb_ca_flags *flags);

/* Nodes that will still come of the open request. */
int32_t wb_group_health_upcoming(const wb_group_health *health, int64_t now_ms);

/* By how much the target is to be lowered since registered nodes have been fewer for too long. */
int32_t wb_group_health_excess(const wb_group_health *health, const wb_ca_flags *flags,
                               int64_t now_ms);

/* When anything here changes by time alone, after now_ms; INT64_MAX: never. */
int64_t wb_group_health_next_ms(const wb_group_health *health, const wb_ca_flags *flags,
                                int64_t now_ms);

#endif
