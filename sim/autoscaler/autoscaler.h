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

#include "traces/trace.h"
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
    const char *ruled_out;    /* pools and types that could not serve, and why; "" */
    int64_t drifted_ms;       /* since when it is not what its NodePool asks for; -1: it is */
    const char *drift;        /* "AMIDrift"; "" */
} wb_claim_view;

/* One command of Karpenter's disruption loop, for the recorder. */
typedef struct wb_command_view {
    const char *method;        /* "emptiness", "drift", "multi-node consolidation" ... */
    const char *reason;        /* that budgets refer to: "Empty", "Drifted", "Underutilized" */
    const char *state;         /* "validating", "waiting", "done", "failed", "rejected" */
    const char *failure;       /* why rejected ("churn", "budget", "scheduling") or failed; "" */
    int64_t found_ms;          /* computed */
    int64_t started_ms;        /* its nodes tainted, its replacements launched; -1: not (yet) */
    int64_t deleted_ms;        /* replacements initialised, its nodes told to go */
    int64_t finished_ms;       /* the last of its nodes gone */
    uint32_t considered_count; /* candidates of the method, this command's among them */
    uint32_t simulation_count; /* removals that were tried for it */
    const uint32_t *candidate_ids;   /* claims */
    const uint32_t *replacement_ids; /* claims; WB_NO_ID: not launched */
    uint32_t candidate_count, replacement_count;
    uint32_t evicted_pod_count;             /* DaemonSets' not counted */
    int64_t predicted_saving_nusd_per_hour; /* as the method estimated it */
    int64_t actual_saving_nusd_per_hour;    /* by what was launched; of commands that are done */
} wb_command_view;

/* Work that a contender did so far, counted and never timed. */
typedef struct wb_autoscaler_work {
    uint64_t simulations;        /* solves, removals and scale-ups that were tried out */
    uint64_t requirement_checks; /* pods held against a node, claim, template or instance type */
} wb_autoscaler_work;

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

    /* May be NULL. Fills *out for command_id; false when there is no such command. */
    bool (*view_command)(const void *self, uint32_t command_id, wb_command_view *out);

    /* May be NULL. Why this pending pod has no node, in one sentence; false: nothing known. */
    bool (*explain_pod)(const void *self, uint32_t pod_id, char *out, size_t out_size);

    /* May be NULL. What the contender has done so far. */
    void (*count_work)(const void *self, wb_autoscaler_work *out);

    /* May be NULL. What a trace recorded of the cluster beside its workload, record by record at
     * its time: each NODE, and each POD with a history, whose pod (pod_id) was created held
     * (WB_NO_ID for nodes). Times in record are the trace's, shift_ms makes them the run's. Only a
     * contender that re-enacts a recording has it; for all others pods go to the scheduler. */
    wb_status (*see_record)(void *self, const wb_trace_record *record, int64_t shift_ms,
                            uint32_t pod_id, wb_error *err);

    /* May be NULL. Frees what does not live in the arena. */
    void (*destroy)(void *self);
} wb_autoscaler_ops;

/* The ops of a kind, or NULL; and all kinds, in the order of the table. */
const wb_autoscaler_ops *wb_autoscaler_find(const char *kind);
const wb_autoscaler_ops *const *wb_autoscaler_all(uint32_t *out_count);

#endif
