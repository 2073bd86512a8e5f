/*
 * A scenario: cluster + workload + contenders, tied together by one YAML file
 * (apiVersion: werkbank/v1, kind: Scenario; docs/scenario.schema.json). The user's own manifests
 * stay as they are; the scenario names them. Loading checks everything that can be checked before a
 * run writes anything, and gathers findings.
 */
#ifndef WB_SCENARIOS_SCENARIO_H
#define WB_SCENARIOS_SCENARIO_H

#include "base/findings.h"
#include "kube/catalog/catalog.h"
#include "traces/trace.h"
#include "sim/autoscaler/contender.h"
#include "sim/cloud/money.h"
#include "sim/cluster/cluster.h"
#include "sim/cluster/load_signal.h"
#include "sim/cluster/scheduler.h"

/* One step of the workload: what happens to a manifest when. */
typedef enum wb_step_kind {
    WB_STEP_APPLY,
    WB_STEP_SCALE,
    WB_STEP_DELETE,
} wb_step_kind;

typedef struct wb_scenario_step {
    wb_step_kind kind;
    int64_t at_ms;
    const wb_manifest *manifest; /* APPLY */
    wb_owner_kind owner_kind;    /* SCALE, DELETE */
    uint32_t namespace_name, name;
    int32_t replicas; /* SCALE */
    int64_t over_ms;  /* SCALE: a ramp of that length; after loading its steps are there instead */
} wb_scenario_step;

typedef struct wb_scenario_trace {
    const char *path; /* resolved against the scenario's folder, or as given on the command line */
    int64_t shift_ms;
    wb_trace_summary summary; /* filled by loading: the trace was read through once */
    bool has_daemon_sets;     /* applies some: its records of their pods are history */
} wb_scenario_trace;

typedef struct wb_scenario {
    const char *name, *description, *path;
    char digest[33]; /* of the file and every manifest that it names */
    uint64_t seed;
    int64_t horizon_ms;         /* -1: until the workload is done */
    int64_t epoch_ms;           /* calendar time of 0; -1: the first trace's */
    int64_t sample_interval_ms; /* of the time series; default 60 s, at least span / 2000 */
    uint32_t region;
    const uint32_t *zones;
    uint32_t zone_count;
    wb_catalog catalog;
    wb_manifest *base; /* objects in force from the start: PDBs, storage, priority classes ... */
    wb_scenario_trace *traces;
    wb_load_signal *signals; /* of HorizontalPodAutoscalers */
    wb_scenario_step *steps; /* sorted by at_ms, then order in the file */
    wb_contender *contenders;
    uint32_t trace_count, step_count, contender_count, signal_count;
    wb_cluster_options cluster;
    wb_spot_weather spot;             /* the same for every contender */
    wb_market market;                 /* likewise */
    wb_money money;                   /* likewise; off unless set */
    wb_throttle_limits api_limits;    /* likewise */
    wb_network network;               /* likewise */
    wb_cloud_storage_options storage; /* likewise */
    const wb_fault *faults;           /* likewise */
    wb_image_pull_sizes image_sizes;  /* likewise */
    const wb_image_release *images;   /* likewise; by time */
    uint32_t fault_count, image_count;
    wb_decision_latency decision_latency; /* of contenders that say nothing of their own */
    wb_scheduler_options scheduler;       /* likewise */
} wb_scenario;

/* What the command line adds, and where complaints go. */
typedef struct wb_scenario_overrides {
    wb_findings *findings;          /* borrowed */
    const char *const *trace_paths; /* --trace: replaces the scenario's traces */
    uint32_t trace_count;
    const char *const *spot_paths; /* --spot: replaces the scenario's spot recordings */
    uint32_t spot_count;
    bool seed_is_set;
    uint64_t seed;
    const char *catalog_path;                /* --catalog: instead of the shipped one; NULL */
    const struct wb_scenario_patch *patches; /* made to the files as they are read; each must find
                                                its target */
    uint32_t patch_count;
} wb_scenario_overrides;

/* Loads path; all that is wrong goes to overrides->findings (then WB_ERR_INPUT). Everything lives
 * in arena. */
WB_MUST_CHECK wb_status wb_scenario_load(wb_arena *arena, wb_intern *intern, const char *path,
                                         const wb_scenario_overrides *overrides, wb_scenario *out,
                                         wb_error *err);

#endif
