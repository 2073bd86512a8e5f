/*
 * The table of flags, and the readers of their values: Go's flag package as far as users meet it.
 * A flag is a row: name, kind, where its value goes, its default as one would write it. Defaults
 * pass through the same readers as what users write, so a bad default fails the first run.
 */
#include "sim/autoscaler/cluster_autoscaler/ca_flags.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/nearest.h"

typedef enum flag_kind {
    FLAG_BOOL,
    FLAG_INTEGER,
    FLAG_NUMBER,
    FLAG_DURATION,
    FLAG_TEXT,
    FLAG_LIST,
    FLAG_RANGE,
} flag_kind;

#define FLAG(field) offsetof(wb_ca_flags, field)

static const struct {
    const char *name;
    flag_kind kind;
    size_t offset;
    const char *preset; /* as one would write it */
    const char *help;
} flags_table[] = {
    {"scan-interval", FLAG_DURATION, FLAG(scan_interval_ms), "10s", "time between two loops"},
    {"frequent-loops-enabled", FLAG_BOOL, FLAG(frequent_loops_enabled), "true",
     "loop at once after a productive loop and when a pod becomes unschedulable"},
    {"expander", FLAG_LIST, FLAG(expander), "least-waste",
     "how a node group is chosen: a comma list of random, most-pods, least-nodes, least-waste, "
     "priority, price"},
    {"estimator", FLAG_TEXT, FLAG(estimator), "binpacking", "how nodes are counted: binpacking"},
    {"priority-config", FLAG_TEXT, FLAG(priority_config), "",
     "text of cluster-autoscaler-priority-expander's key 'priorities'"},
    {"max-nodes-per-scaleup", FLAG_INTEGER, FLAG(max_nodes_per_scaleup), "1000",
     "nodes added by one estimate at most"},
    {"max-nodes-total", FLAG_INTEGER, FLAG(max_nodes_total), "0", "nodes in all; 0: no limit"},
    {"cores-total", FLAG_RANGE, FLAG(cores_total), "0:320000", "cores in all, minimum:maximum"},
    {"memory-total", FLAG_RANGE, FLAG(memory_total_gib), "0:6400000",
     "GiB in all, minimum:maximum"},
    {"balance-similar-node-groups", FLAG_BOOL, FLAG(balance_similar_node_groups), "false",
     "spread a scale-up over groups that are alike"},
    {"memory-difference-ratio", FLAG_NUMBER, FLAG(memory_difference_ratio), "0.015",
     "capacity of memory may differ so much between similar groups"},
    {"max-allocatable-difference-ratio", FLAG_NUMBER, FLAG(max_allocatable_difference_ratio),
     "0.05", "the same for allocatable"},
    {"max-free-difference-ratio", FLAG_NUMBER, FLAG(max_free_difference_ratio), "0.05",
     "the same for what is free"},
    {"balancing-ignore-label", FLAG_LIST, FLAG(balancing_ignore_label), "",
     "labels in which similar groups may differ"},
    {"balancing-label", FLAG_LIST, FLAG(balancing_label), "",
     "the only labels in which similar groups must agree"},
    {"new-pod-scale-up-delay", FLAG_DURATION, FLAG(new_pod_scale_up_delay_ms), "0s",
     "pods younger than this cause no scale-up"},
    {"expendable-pods-priority-cutoff", FLAG_INTEGER, FLAG(expendable_pods_priority_cutoff), "-10",
     "pods below this priority hold no node and cause no scale-up"},
    {"scale-up-from-zero", FLAG_BOOL, FLAG(scale_up_from_zero), "true",
     "scale up when no node is ready"},
    {"force-ds", FLAG_BOOL, FLAG(force_ds), "false",
     "count DaemonSets on templates that do not run there yet"},
    {"enforce-node-group-min-size", FLAG_BOOL, FLAG(enforce_node_group_min_size), "false",
     "raise groups below their minimum"},
    {"salvo-scale-up", FLAG_BOOL, FLAG(salvo_scale_up), "false", "several options in one loop"},
    {"fastpath-binpacking-enabled", FLAG_BOOL, FLAG(fastpath_binpacking_enabled), "false",
     "estimate the most numerous pods by arithmetic"},
    {"startup-taint", FLAG_LIST, FLAG(startup_taint), "", "a node with such a taint is not ready"},
    {"ignore-taint", FLAG_LIST, FLAG(ignore_taint), "", "the older name of startup-taint"},
    {"max-node-provision-time", FLAG_DURATION, FLAG(max_node_provision_time_ms), "15m",
     "a scale-up that takes longer has failed"},
    {"max-node-startup-time", FLAG_DURATION, FLAG(max_node_startup_time_ms), "15m",
     "a node that is not ready for longer is unready"},
    {"max-total-unready-percentage", FLAG_NUMBER, FLAG(max_total_unready_percentage), "45",
     "share of unready nodes above which nothing is done"},
    {"ok-total-unready-count", FLAG_INTEGER, FLAG(ok_total_unready_count), "3",
     "number of unready nodes that is always tolerated"},
    {"initial-node-group-backoff-duration", FLAG_DURATION, FLAG(initial_backoff_ms), "5m",
     "first back-off of a group after a failed scale-up"},
    {"max-node-group-backoff-duration", FLAG_DURATION, FLAG(max_backoff_ms), "30m",
     "longest back-off"},
    {"node-group-backoff-reset-timeout", FLAG_DURATION, FLAG(backoff_reset_ms), "3h",
     "a failure is forgotten after this time"},
    {"force-delete-unregistered-nodes", FLAG_BOOL, FLAG(force_delete_unregistered_nodes), "false",
     "remove unregistered instances below the minimum too"},
    {"scale-down-enabled", FLAG_BOOL, FLAG(scale_down_enabled), "true", "scale down at all"},
    {"scale-down-unready-enabled", FLAG_BOOL, FLAG(scale_down_unready_enabled), "true",
     "remove unready nodes"},
    {"scale-down-delay-type-local", FLAG_BOOL, FLAG(scale_down_delay_type_local), "false",
     "the scale-down delays count per group"},
    {"scale-down-utilization-threshold", FLAG_NUMBER, FLAG(scale_down_utilization_threshold), "0.5",
     "utilisation up to which a node may be unneeded"},
    {"scale-down-gpu-utilization-threshold", FLAG_NUMBER,
     FLAG(scale_down_gpu_utilization_threshold), "0.5", "the same for nodes with GPUs"},
    {"scale-down-unneeded-time", FLAG_DURATION, FLAG(scale_down_unneeded_time_ms), "10m",
     "how long a node is unneeded before it goes"},
    {"scale-down-unready-time", FLAG_DURATION, FLAG(scale_down_unready_time_ms), "20m",
     "the same for unready nodes"},
    {"scale-down-delay-after-add", FLAG_DURATION, FLAG(delay_after_add_ms), "10m",
     "no scale-down so long after a scale-up"},
    {"scale-down-delay-after-delete", FLAG_DURATION, FLAG(delay_after_delete_ms), "0s",
     "no scale-down so long after a deletion"},
    {"scale-down-delay-after-failure", FLAG_DURATION, FLAG(delay_after_failure_ms), "3m",
     "no scale-down so long after a failed one"},
    {"ignore-daemonsets-utilization", FLAG_BOOL, FLAG(ignore_daemonsets_utilization), "false",
     "DaemonSet pods do not count as utilisation"},
    {"ignore-mirror-pods-utilization", FLAG_BOOL, FLAG(ignore_mirror_pods_utilization), "false",
     "static pods do not count as utilisation"},
    {"skip-nodes-with-system-pods", FLAG_BOOL, FLAG(skip_nodes_with_system_pods), "true",
     "pods of kube-system block a node"},
    {"skip-nodes-with-local-storage", FLAG_BOOL, FLAG(skip_nodes_with_local_storage), "true",
     "pods with local storage block a node"},
    {"skip-nodes-with-custom-controller-pods", FLAG_BOOL,
     FLAG(skip_nodes_with_custom_controller_pods), "true",
     "pods of other controllers block a node"},
    {"min-replica-count", FLAG_INTEGER, FLAG(min_replica_count), "0",
     "replicas that a set needs before its pods are moved"},
    {"blocking-system-pod-distruption-timeout", FLAG_DURATION, FLAG(blocking_system_pod_timeout_ms),
     "1h", "age at which a pod of kube-system stops to block"},
    {"max-scale-down-parallelism", FLAG_INTEGER, FLAG(max_scale_down_parallelism), "10",
     "nodes that are deleted at once"},
    {"max-drain-parallelism", FLAG_INTEGER, FLAG(max_drain_parallelism), "1",
     "of these, nodes that are drained at once"},
    {"unremovable-node-recheck-timeout", FLAG_DURATION, FLAG(unremovable_recheck_ms), "5m",
     "when a node that could not be removed is looked at again"},
    {"max-nodegroup-binpacking-duration", FLAG_DURATION, FLAG(group_binpacking_limit_ms), "10s",
     "no node is added by an estimate that has computed for longer (decisionLatency)"},
    {"max-binpacking-time", FLAG_DURATION, FLAG(binpacking_limit_ms), "5m",
     "no further group is estimated for after so much computing (decisionLatency)"},
    {"scale-down-simulation-timeout", FLAG_DURATION, FLAG(simulation_limit_ms), "30s",
     "no further node is tried after so much computing (decisionLatency)"},
    {"max-bulk-soft-taint-count", FLAG_INTEGER, FLAG(max_bulk_soft_taint_count), "10",
     "soft taints changed in one loop; 0: none at all"},
    {"node-delete-delay-after-taint", FLAG_DURATION, FLAG(delay_after_taint_ms), "5s",
     "between the taint and the deletion"},
    {"max-graceful-termination-sec", FLAG_INTEGER, FLAG(max_graceful_termination_s), "600",
     "grace period of evicted pods at most"},
    {"max-pod-eviction-time", FLAG_DURATION, FLAG(max_pod_eviction_time_ms), "2m",
     "how long refused evictions are retried"},
    {"daemonset-eviction-for-empty-nodes", FLAG_BOOL, FLAG(evicts_daemons_of_empty), "false",
     "evict DaemonSet pods of empty nodes"},
    {"daemonset-eviction-for-occupied-nodes", FLAG_BOOL, FLAG(evicts_daemons_of_occupied), "true",
     "evict DaemonSet pods of drained nodes"},
    {"cordon-node-before-terminating", FLAG_BOOL, FLAG(cordons_before_terminating), "true",
     "cordon nodes that are deleted"},
};

/* Flags that are accepted and do nothing here; why, where a user should hear of it: what only says
 * where and how the program runs passes in silence. */
#define CLOCK  "bounds wall-clock time, of which a simulation uses none"
#define OF_OLD "has none in the release that is simulated either"
#define ABSENT "asks for what is not simulated"

static const struct {
    const char *name, *why;
} idle_flags[] = {
    {"nodes", NULL},
    {"node-group-auto-discovery", NULL},
    {"cloud-provider", NULL},
    {"cloud-config", NULL},
    {"cluster-name", NULL},
    {"namespace", NULL},
    {"kubeconfig", NULL},
    {"kubernetes", NULL},
    {"kube-api-content-type", NULL},
    {"kube-client-qps", NULL},
    {"kube-client-burst", NULL},
    {"aws-use-static-instance-list", NULL},
    {"leader-elect", NULL},
    {"leader-elect-lease-duration", NULL},
    {"leader-elect-renew-deadline", NULL},
    {"leader-elect-retry-period", NULL},
    {"leader-elect-resource-lock", NULL},
    {"leader-elect-resource-name", NULL},
    {"leader-elect-resource-namespace", NULL},
    {"v", NULL},
    {"vmodule", NULL},
    {"logtostderr", NULL},
    {"alsologtostderr", NULL},
    {"stderrthreshold", NULL},
    {"log-dir", NULL},
    {"log-file", NULL},
    {"log-file-max-size", NULL},
    {"log-backtrace-at", NULL},
    {"log-flush-frequency", NULL},
    {"log-json-info-buffer-size", NULL},
    {"log-json-split-stream", NULL},
    {"log-text-info-buffer-size", NULL},
    {"log-text-split-stream", NULL},
    {"logging-format", NULL},
    {"one-output", NULL},
    {"skip-headers", NULL},
    {"skip-log-headers", NULL},
    {"add-dir-header", NULL},
    {"address", NULL},
    {"profiling", NULL},
    {"record-duplicated-events", NULL},
    {"write-status-configmap", NULL},
    {"status-config-map-name", NULL},
    {"max-inactivity", NULL},
    {"max-failing-time", NULL},
    {"user-agent", NULL},
    {"emit-per-nodegroup-metrics", NULL},
    {"debugging-snapshot-enabled", NULL},
    {"cluster-snapshot-parallelism", NULL},
    {"predicate-parallelism", NULL},
    {"node-info-cache-expire-time", NULL},
    {"gce-concurrent-refreshes", NULL},
    {"gce-mig-instances-min-refresh-wait-time", NULL},
    {"bulk-mig-instances-listing-enabled", NULL},
    {"gce-expander-ephemeral-storage-support", NULL},
    {"clusterapi-cloud-config-authoritative", NULL},
    {"max-bulk-soft-taint-time", CLOCK},
    {"dynamic-node-delete-delay-after-taint-enabled", CLOCK},
    {"node-deletion-candidate-ttl", CLOCK},
    {"max-empty-bulk-delete", OF_OLD},
    {"scale-down-non-empty-candidates-count", OF_OLD},
    {"scale-down-candidates-pool-ratio", OF_OLD},
    {"scale-down-candidates-pool-min-count", OF_OLD},
    {"node-deletion-delay-timeout", ABSENT},
    {"node-deletion-batcher-interval", ABSENT},
    {"parallel-scale-up", ABSENT},
    {"bypassed-scheduler-names", ABSENT},
    {"regional", ABSENT},
    {"feature-gates", ABSENT},
    {"drain-priority-config", ABSENT},
    {"max-autoprovisioned-node-group-count", ABSENT},
    {"node-autoprovisioning-enabled", ABSENT},
    {"async-node-groups", ABSENT},
    {"gpu-total", ABSENT},
    {"scheduler-config", ABSENT},
    {"status-taint", ABSENT},
    {"scale-from-unschedulable", ABSENT},
    {"force-delete-failed-nodes", ABSENT},
    {"grpc-expander-cert", ABSENT},
    {"grpc-expander-url", ABSENT},
    {"enable-provisioning-requests", ABSENT},
    {"provisioning-request-initial-backoff-time", ABSENT},
    {"provisioning-request-max-backoff-time", ABSENT},
    {"provisioning-request-max-backoff-cache-size", ABSENT},
    {"check-capacity-batch-processing", ABSENT},
    {"check-capacity-provisioning-request-max-batch-size", ABSENT},
    {"check-capacity-provisioning-request-batch-timebox", ABSENT},
    {"check-capacity-processor-instance", ABSENT},
    {"enable-proactive-scaleup", ABSENT},
    {"pod-injection-limit", ABSENT},
    {"enable-dynamic-resource-allocation", ABSENT},
    {"enable-csi-node-aware-scheduling", ABSENT},
    {"capacity-buffer-controller-enabled", ABSENT},
    {"capacity-buffer-pod-injection-enabled", ABSENT},
};

enum {
    FLAG_COUNT = sizeof(flags_table) / sizeof(flags_table[0]),
    IDLE_COUNT = sizeof(idle_flags) / sizeof(idle_flags[0])
};

/* What strconv.ParseBool takes. */
static bool parse_bool(const char *text, bool *out)
{
    static const char *const yes[] = {"true", "True", "TRUE", "1", "t"};
    static const char *const no[] = {"false", "False", "FALSE", "0", "f"};
    for (size_t i = 0; i < 5; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *out = strcmp(text, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

/* Decimal, all of it. */
static bool parse_integer(const char *text, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0) {
        return false;
    }
    *out = value;
    return true;
}

/* Finite, all of it. */
static bool parse_number(const char *text, double *out)
{
    char *end = NULL;
    errno = 0;
    const double value = strtod(text, &end);
    const bool is_finite = value - value == 0.0; /* neither infinite nor no number */
    if (end == text || *end != '\0' || errno != 0 || !is_finite) {
        return false;
    }
    *out = value;
    return true;
}

/* "minimum:maximum", neither negative. */
static bool parse_range(const char *text, wb_ca_flags_range *out)
{
    const char *colon = strchr(text, ':');
    char left[32];
    if (colon == NULL || (size_t)(colon - text) >= sizeof(left)) {
        return false;
    }
    memcpy(left, text, (size_t)(colon - text));
    left[colon - text] = '\0';
    wb_ca_flags_range range;
    if (!parse_integer(left, &range.minimum) || !parse_integer(colon + 1, &range.maximum) ||
        range.minimum < 0 || range.maximum < range.minimum) {
        return false;
    }
    *out = range;
    return true;
}

/* Splits at commas; empty parts are left out. arena may be NULL for a single literal. */
static bool parse_list(wb_arena *arena, const char *text, wb_ca_flags_list *out)
{
    wb_ca_flags_list list = {.count = 0};
    while (*text != '\0') {
        const size_t length = strcspn(text, ",");
        if (length > 0) {
            if (list.count == WB_CA_FLAGS_LIST_MAX) {
                return false;
            }
            const bool is_whole = text[length] == '\0';
            assert(is_whole || arena != NULL);
            list.items[list.count++] = is_whole ? text : wb_arena_copy_text(arena, text, length);
        }
        text += length + (text[length] == ',' ? 1 : 0);
    }
    *out = list;
    return true;
}

/* What a value of kind looks like, for messages. */
static const char *expectation(flag_kind kind)
{
    static const char *const texts[] = {
        [FLAG_BOOL] = "true or false",    [FLAG_INTEGER] = "a whole number",
        [FLAG_NUMBER] = "a number",       [FLAG_DURATION] = "a duration like 10m or 90s",
        [FLAG_TEXT] = "a text",           [FLAG_LIST] = "at most 16 parts between commas",
        [FLAG_RANGE] = "minimum:maximum",
    };
    return texts[kind];
}

/* False when value can't be read; the field is then as it was. */
static bool set_flag(wb_ca_flags *flags, size_t index, const char *value, wb_arena *arena)
{
    assert(index < FLAG_COUNT && value != NULL);
    void *field = (char *)flags + flags_table[index].offset;
    switch (flags_table[index].kind) {
    case FLAG_BOOL: return parse_bool(value, field);
    case FLAG_INTEGER: return parse_integer(value, field);
    case FLAG_NUMBER: return parse_number(value, field);
    case FLAG_TEXT: *(const char **)field = value; return true;
    case FLAG_LIST: return parse_list(arena, value, field);
    case FLAG_RANGE: return parse_range(value, field);
    case FLAG_DURATION: break;
    }
    int64_t ms = 0;
    if (wb_duration_parse(value, &ms, NULL) != WB_OK || ms < 0) {
        return false;
    }
    *(int64_t *)field = ms;
    return true;
}

void wb_ca_flags_init(wb_ca_flags *flags)
{
    assert(flags != NULL);
    *flags = (wb_ca_flags){0};
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        const bool is_set = set_flag(flags, i, flags_table[i].preset, NULL);
        assert(is_set); /* the table's own text */
        (void)is_set;
    }
}

/* Index of a flag that is accepted without effect, or IDLE_COUNT. klog's flags are spelt with
 * underscores, too. */
static size_t find_idle(const char *name)
{
    for (size_t i = 0; i < IDLE_COUNT; i++) {
        const char *known = idle_flags[i].name;
        size_t at = 0;
        while (known[at] != '\0' &&
               (known[at] == name[at] || (known[at] == '-' && name[at] == '_'))) {
            at++;
        }
        if (known[at] == '\0' && name[at] == '\0') {
            return i;
        }
    }
    return IDLE_COUNT;
}

/* One line at the flag's place, with the name that was probably meant. */
static void refuse_unknown(const wb_setting *setting, const char *name, wb_findings *findings)
{
    const char *names[FLAG_COUNT + IDLE_COUNT];
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        names[i] = flags_table[i].name;
    }
    for (size_t i = 0; i < IDLE_COUNT; i++) {
        names[FLAG_COUNT + i] = idle_flags[i].name;
    }
    const char *near = wb_nearest_name(name, strlen(name), names, FLAG_COUNT + IDLE_COUNT);
    wb_findings_add(findings, WB_SEVERITY_ERROR, setting->position, "flags",
                    "'%s' is not a flag of Cluster Autoscaler%s%s%s", name,
                    near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
                    near != NULL ? "'?" : "");
}

/* A flag that is not in the table: without effect here, or none at all. */
static void accept_idle(const wb_setting *setting, const char *name, wb_findings *findings)
{
    const size_t index = find_idle(name);
    if (index == IDLE_COUNT) {
        refuse_unknown(setting, name, findings);
    } else if (idle_flags[index].why != NULL) {
        wb_findings_add(findings, WB_SEVERITY_WARNING, setting->position, "flags",
                        "%s has no effect: it %s", name, idle_flags[index].why);
    }
}

/* What a kind alone can't say about a value. */
static void check_values(const wb_ca_flags *flags, const wb_setting *setting, const char *name,
                         wb_findings *findings)
{
    if (strcmp(name, "estimator") == 0 && strcmp(flags->estimator, "binpacking") != 0) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, setting->position, "flags",
                        "estimator '%s' is not known, expected binpacking", flags->estimator);
    }
    if (strcmp(name, "scan-interval") == 0 && flags->scan_interval_ms < WB_MS_PER_SECOND) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, setting->position, "flags",
                        "scan-interval is '%s', expected one second or more", setting->value);
    }
}

void wb_ca_flags_apply(wb_ca_flags *flags, const wb_setting *settings, uint32_t count,
                       wb_findings *findings)
{
    assert(flags != NULL && findings != NULL && (settings != NULL || count == 0));
    for (uint32_t i = 0; i < count; i++) {
        const wb_setting *setting = &settings[i];
        const char *name = setting->name;
        while (*name == '-') { /* people copy --flag */
            name++;
        }
        size_t index = 0;
        while (index < FLAG_COUNT && strcmp(flags_table[index].name, name) != 0) {
            index++;
        }
        if (index == FLAG_COUNT) {
            accept_idle(setting, name, findings);
            continue;
        }
        const char *value = setting->value != NULL ? setting->value : "";
        if (!set_flag(flags, index, value, findings->arena)) {
            wb_findings_add(findings, WB_SEVERITY_ERROR, setting->position, "flags",
                            "%s is '%s', expected %s", name, value,
                            expectation(flags_table[index].kind));
            continue;
        }
        check_values(flags, setting, name, findings);
    }
}

bool wb_ca_flags_describe(uint32_t index, const char **out_name, const char **out_default,
                          const char **out_help)
{
    assert(out_name != NULL && out_default != NULL && out_help != NULL);
    if (index >= FLAG_COUNT) {
        return false;
    }
    *out_name = flags_table[index].name;
    *out_default = flags_table[index].preset;
    *out_help = flags_table[index].help;
    return true;
}
