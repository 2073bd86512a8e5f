/*
 * The one interface behind which every contender stands.
 *
 * A contender sees the cluster, the clock and its own configuration; it acts through the cloud's
 * calls and the cluster's verbs (taints, cordons, evictions, node removal). It must not look into
 * what the mock keeps secret (future interruptions, capacity). It listens as a wb_observer and
 * wakes itself with events of its own kinds (WB_EVENT_CONTROLLER_FIRST ..). Idle polls must cost
 * nothing: a contender that polls every 10 s sleeps until something it depends on can have changed,
 * and then wakes on the tick at which the real one would have looked.
 *
 * To add a contender: copy null/null_autoscaler.c, fill the hooks, add a row to the table in
 * autoscaler.c.
 */
#ifndef WB_SIM_AUTOSCALER_AUTOSCALER_H
#define WB_SIM_AUTOSCALER_AUTOSCALER_H

#include "sim/autoscaler/contender.h"
#include "sim/cloud/cloud.h"
#include "sim/cluster/scheduler.h"

/* All that a contender may touch; everything borrowed, run lifetime. */
typedef struct wb_autoscaler_env {
    wb_kernel *kernel;
    wb_cluster *cluster;
    wb_scheduler *scheduler;
    wb_cloud *cloud;
    wb_observers *observers;
    wb_arena *arena;
    wb_intern *intern;
    const wb_catalog *catalog;
    uint64_t seed;
    const uint32_t *zones; /* interned: the scenario's */
    uint32_t zone_count;
} wb_autoscaler_env;

/* One NodeClaim of Karpenter, for the recorder; a node group's instance has none. */
typedef struct wb_claim_view {
    const char *name, *nodepool;
    uint32_t instance_id, node_id;                                           /* WB_NO_ID: not yet */
    int64_t created_ms, launched_ms, registered_ms, initialized_ms, gone_ms; /* -1: not yet */
    wb_cause cause;
    uint32_t pod_count;                               /* that it was made for */
    uint32_t type_count;                              /* instance types that could have served */
    const char *instance_type, *zone, *capacity_type; /* launched; "" before */
    double price_usd_per_hour;
    const char *alternatives; /* the next cheapest, "c7g.large 0.0725, ..." */
} wb_claim_view;

typedef struct wb_autoscaler_ops {
    const char *kind; /* "karpenter" */
    const char *help; /* one line for --help */

    /* Required. Checks the contender's settings without a run: complaints go to findings. */
    void (*validate)(const wb_contender *contender, wb_intern *intern, wb_findings *findings);

    /* Required. Makes the controller's state in env->arena and subscribes; acts only in events. */
    wb_status (*create)(const wb_autoscaler_env *env, const wb_contender *contender,
                        void **out_self, wb_error *err);

    /* Required. The controllers start at time 0 (first polls, fixed nodes). */
    wb_status (*start)(void *self, wb_error *err);

    /* May be NULL. Fills *out for claim_id; false when there is no such claim. */
    bool (*view_claim)(const void *self, uint32_t claim_id, wb_claim_view *out);

    /* May be NULL. Why this pending pod has no node, in one sentence; false: nothing known. */
    bool (*explain_pod)(const void *self, uint32_t pod_id, char *out, size_t out_size);

    /* May be NULL. Frees what does not live in the arena. */
    void (*destroy)(void *self);
} wb_autoscaler_ops;

/* The ops of a kind, or NULL; and all kinds, in the order of the table. */
const wb_autoscaler_ops *wb_autoscaler_find(const char *kind);
const wb_autoscaler_ops *const *wb_autoscaler_all(uint32_t *out_count);

#endif
