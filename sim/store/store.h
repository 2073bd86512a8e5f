/*
 * The record of runs: one SQLite file, many runs, and the queries that the tools print.
 *
 * A run is one row in `runs` (state running, finished, failed) with its inputs' hashes, seed,
 * version and parameters; all other tables hang on run_id. A killed run stays "running" and never
 * mixes with finished ones. WAL, batched inserts through prepared statements, user_version and
 * application_id set. Every figure that a tool prints is a view in the schema. The digest of a run
 * is a fingerprint over every row that it recorded, field by field, less wall-clock columns.
 * The recorder is a wb_observer: what it does not hear, it does not know.
 */
#ifndef WB_SIM_STORE_STORE_H
#define WB_SIM_STORE_STORE_H

#include "sim/autoscaler/autoscaler.h"
#include "sim/cloud/cloud.h"

#define WB_STORE_SCHEMA_VERSION 3

typedef struct wb_store wb_store;

/* Opens or makes the database. WB_ERR_INPUT: not a werkbank database, or another schema version;
 * WB_ERR_IO: cannot be opened or written. path ":memory:" keeps it in memory. */
WB_MUST_CHECK wb_status wb_store_open(const char *path, wb_store **out, wb_error *err);

/* The same for reading only (compare, plot, report). */
WB_MUST_CHECK wb_status wb_store_open_readonly(const char *path, wb_store **out, wb_error *err);
void wb_store_close(wb_store *store);

/* What identifies a run; texts are copied into the database. */
typedef struct wb_run_identity {
    const char *scenario_name, *scenario_digest;
    const char *trace_digest; /* of all traces, joined; "" without */
    const char *contender_name, *contender_kind;
    const char *parameters_json; /* the effective settings, for people and diff */
    const char *price_source;
    uint64_t seed;
    const char *version;
    int64_t epoch_ms; /* calendar time of virtual 0; -1: none */
    /* Pods and objects of the recordings that the traces were made of, and how many of these are
     * left out or stand for something that is not modelled. */
    int64_t trace_record_count, trace_unmodelled_count;
} wb_run_identity;

/* One run being recorded. */
typedef struct wb_recorder wb_recorder;

/* Inserts the run as "running" (committed at once), begins recording, and adds itself to the
 * env's observers. ops and self may be NULL (no claims to view). */
WB_MUST_CHECK wb_status wb_recorder_begin(wb_store *store, const wb_autoscaler_env *env,
                                          const wb_run_identity *identity, wb_recorder **out,
                                          wb_error *err);
void wb_recorder_set_contender(wb_recorder *recorder, const wb_autoscaler_ops *ops, void *self);

/* Writes a row of the time series: nodes, pods by state, requested and allocatable by resource,
 * cost rate and sum. Called by the run at its sample interval and at the end. */
WB_MUST_CHECK wb_status wb_recorder_sample(wb_recorder *recorder, wb_error *err);

/* An error that a hook met while writing (hooks return nothing): WB_OK or the first one. */
WB_MUST_CHECK wb_status wb_recorder_status(const wb_recorder *recorder, wb_error *err);

/* The figures of one run: what run prints, compare compares, and `runs_summary` shows. */
typedef struct wb_run_figures {
    int64_t run_id;
    char scenario[64], contender[64];
    uint64_t seed;
    /* Every pod of the workload (replacements and DaemonSets' not counted) ends in exactly one:
     * finished (ran to completion, or to its recorded end), running when the run ended, never ran,
     * or ran and was lost (evicted and not running again at the end). */
    int64_t pods_total, pods_finished, pods_running, pods_unscheduled, pods_lost;
    int64_t cost_nusd, cost_on_demand_nusd, cost_spot_nusd, cost_idle_nusd;
    int64_t pod_latency_ms_p50, pod_latency_ms_p90, pod_latency_ms_p99, pod_latency_ms_max;
    int64_t nodes_launched, nodes_max, node_ms; /* node_hours = node_ms / 3.6e6 */
    int64_t evictions, evictions_refused, interruptions, api_calls;
    int64_t pending_pod_ms;                     /* integral of pending pods over time */
    double utilisation_cpu, utilisation_memory; /* requested over allocatable, over node time */
    /* Requested over the machines' capacity, over node time: by pods of the workload (committed),
     * and by DaemonSets' beside them. */
    double committed_cpu, committed_memory, daemon_cpu, daemon_memory;
    int64_t disruptions;            /* nodes that the contender took away of its own accord */
    int64_t churn;                  /* nodes launched, and nodes gone before the run ended */
    int64_t interruptions_survived; /* all pods had left the machine before it went, none lost */
    int64_t work_lost_cpu_milli_ms; /* done by batch pods, then thrown away by an eviction */
    double blast_radius;            /* of all pod time, what the largest (type, zone) carried */
    double not_modelled;            /* of the trace's pods and objects: see wb_run_identity */
    double paid_usd;                /* as the company pays it (spec.money); -1: not asked for */
    double cost_above_bound;        /* cost over its lower bound, less 1; -1: there is no bound */
    char digest[33];
} wb_run_figures;

/* Writes every pod, node, instance and claim row that is still open, the figures, and state
 * "finished", in one last transaction; frees recorder. */
WB_MUST_CHECK wb_status wb_recorder_finish(wb_recorder *recorder, wb_run_figures *out,
                                           wb_error *err);

/* Marks the run "failed" with the reason, keeps what was written; frees recorder. */
void wb_recorder_fail(wb_recorder *recorder, const char *reason);

/* Ends recording without a verdict: an interrupted run stays "running", which every reader shows as
 * unfinished; frees recorder. */
void wb_recorder_abandon(wb_recorder *recorder);

/* ---- reading ---- */

/* The finished runs of the database in order of run_id; the array lives in arena. */
WB_MUST_CHECK wb_status wb_store_figures(wb_store *store, wb_arena *arena, wb_run_figures **out,
                                         uint32_t *out_count, wb_error *err);

/* Runs that are not finished: interrupted, killed, failed, or going on. */
WB_MUST_CHECK wb_status wb_store_unfinished_count(wb_store *store, int64_t *out, wb_error *err);

/* Where the prices of the finished runs come from, with dates; of several sources all, in the order
 * of runs. In arena. */
WB_MUST_CHECK wb_status wb_store_price_source(wb_store *store, wb_arena *arena, const char **out,
                                              wb_error *err);

/* Pods that never ran, with the reason recorded, grouped: reason, count, an example's name. */
typedef struct wb_unscheduled_group {
    const char *reason, *example_pod;
    int64_t pod_count;
} wb_unscheduled_group;

/* Those groups of one run, largest first; they live in arena. */
WB_MUST_CHECK wb_status wb_store_unscheduled(wb_store *store, wb_arena *arena, int64_t run_id,
                                             wb_unscheduled_group **out, uint32_t *out_count,
                                             wb_error *err);

/* What became of the machines that EC2 warned or took in one run; all 0 where there were none. */
typedef struct wb_warning_summary {
    int64_t recommended, warned; /* machines */
    int64_t taken, unwarned;     /* ended by EC2; of these without a warning */
    int64_t left_early;          /* given up after a recommendation, before a warning */
    int64_t drained;             /* warned, and no pod was on them when they ended */
    int64_t pods, pods_lost;     /* on them at the warning (or end without one); at the end */
    double mean_drain_s;         /* from the warning to the last pod's leaving, where some was */
} wb_warning_summary;
WB_MUST_CHECK wb_status wb_store_warnings(wb_store *store, int64_t run_id, wb_warning_summary *out,
                                          wb_error *err);

/* A call of the cloud's API that failed so, of so many calls of that name. */
typedef struct wb_api_error_row {
    const char *call, *error;
    int64_t failed, calls;
} wb_api_error_row;

/* Those of one run, most frequent first; they live in arena. */
WB_MUST_CHECK wb_status wb_store_api_errors(wb_store *store, wb_arena *arena, int64_t run_id,
                                            wb_api_error_row **out, uint32_t *out_count,
                                            wb_error *err);

/* A decision as the contender told it. */
typedef struct wb_decision_row {
    int64_t at_ms;
    const char *kind, *subject, *outcome, *reason;
    int64_t pod_count, node_count, saving_nusd_per_hour;
} wb_decision_row;

typedef struct wb_decision_rows {
    const wb_decision_row *items; /* the first ones, in order of time */
    uint32_t count;
    int64_t total_count; /* of the run */
} wb_decision_rows;

/* The first limit decisions of one run; they live in arena. */
WB_MUST_CHECK wb_status wb_store_decisions(wb_store *store, wb_arena *arena, int64_t run_id,
                                           uint32_t limit, wb_decision_rows *out, wb_error *err);

#endif
