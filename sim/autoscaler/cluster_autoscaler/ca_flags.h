/*
 * Cluster Autoscaler's command-line flags: names, defaults and meaning of the release of August
 * 2026 (spec/cluster-autoscaler.md section 9). One table gives parsing, defaults, checks and help.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_FLAGS_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CA_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/findings.h"
#include "sim/autoscaler/contender.h"

#define WB_CA_FLAGS_LIST_MAX 16

/* A flag that may be given as a comma list. */
typedef struct wb_ca_flags_list {
    const char *items[WB_CA_FLAGS_LIST_MAX]; /* zero-terminated; in the arena of the findings */
    uint32_t count;
} wb_ca_flags_list;

/* "0:320000" */
typedef struct wb_ca_flags_range {
    int64_t minimum, maximum;
} wb_ca_flags_range;

typedef struct wb_ca_flags {
    int64_t scan_interval_ms;
    bool frequent_loops_enabled;
    wb_ca_flags_list expander;
    const char *estimator;
    const char *priority_config; /* text of the ConfigMap's key; "" when there is none (our own) */
    int64_t max_nodes_per_scaleup, max_nodes_total;
    wb_ca_flags_range cores_total, memory_total_gib;
    bool balance_similar_node_groups;
    double memory_difference_ratio, max_allocatable_difference_ratio, max_free_difference_ratio;
    wb_ca_flags_list balancing_ignore_label, balancing_label;
    int64_t new_pod_scale_up_delay_ms;
    int64_t expendable_pods_priority_cutoff;
    bool scale_up_from_zero, force_ds, enforce_node_group_min_size, salvo_scale_up;
    bool fastpath_binpacking_enabled;
    wb_ca_flags_list startup_taint, ignore_taint;

    int64_t max_node_provision_time_ms, max_node_startup_time_ms;
    double max_total_unready_percentage;
    int64_t ok_total_unready_count;
    int64_t initial_backoff_ms, max_backoff_ms, backoff_reset_ms;
    bool force_delete_unregistered_nodes;

    bool scale_down_enabled, scale_down_unready_enabled, scale_down_delay_type_local;
    double scale_down_utilization_threshold, scale_down_gpu_utilization_threshold;
    int64_t scale_down_unneeded_time_ms, scale_down_unready_time_ms;
    int64_t delay_after_add_ms, delay_after_delete_ms, delay_after_failure_ms;
    bool ignore_daemonsets_utilization, ignore_mirror_pods_utilization;
    bool skip_nodes_with_system_pods, skip_nodes_with_local_storage;
    bool skip_nodes_with_custom_controller_pods;
    int64_t min_replica_count, blocking_system_pod_timeout_ms;
    int64_t max_scale_down_parallelism, max_drain_parallelism;
    int64_t unremovable_recheck_ms;
    int64_t group_binpacking_limit_ms, binpacking_limit_ms; /* time limits of what is computed: */
    int64_t simulation_limit_ms;                            /* of use with decision latency */
    int64_t max_bulk_soft_taint_count;
    int64_t delay_after_taint_ms, max_graceful_termination_s, max_pod_eviction_time_ms;
    bool evicts_daemons_of_empty, evicts_daemons_of_occupied, cordons_before_terminating;
} wb_ca_flags;

/* Sets every flag to its default; texts are literals. */
void wb_ca_flags_init(wb_ca_flags *flags);

/* Sets what settings say, on top of what is there. Unknown names, unreadable values and flags that
 * ask for what is not modelled are findings at the setting's position. findings->arena holds the
 * lists' texts. */
void wb_ca_flags_apply(wb_ca_flags *flags, const wb_setting *settings, uint32_t count,
                       wb_findings *findings);

/* Name, default and one line of help of the index-th flag that has a meaning here; false beyond the
 * last. */
bool wb_ca_flags_describe(uint32_t index, const char **out_name, const char **out_default,
                          const char **out_help);

#endif
