/*
 * The rules in the order of the specification's table; a rule that does not apply lets the next one
 * look. Asked for every pod of every candidate, some 1,000 times a pass.
 */
#include "sim/autoscaler/cluster_autoscaler/drain_rules.h"

#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"

#define OVERDUE_AFTER_MS (30 * WB_MS_PER_SECOND) /* beyond the grace period */

bool wb_drain_rules_is_overdue(const wb_ca_snapshot *snapshot, const wb_ca_snapshot_pod *pod,
                               int64_t now_ms)
{
    return pod->deletion_ms >= 0 && pod->deletion_ms +
                                            snapshot->shapes[pod->shape].template->grace_period_ms +
                                            OVERDUE_AFTER_MS <
                                        now_ms;
}

bool wb_drain_rules_selects(const wb_ca_snapshot *snapshot, const wb_pdb *pdb, uint32_t shape)
{
    assert(shape < snapshot->shape_count);
    return pdb->namespace_name == snapshot->shapes[shape].namespace_name &&
           wb_label_selector_matches(&pdb->selector, snapshot->shapes[shape].template->labels);
}

/* Controllers that make a pod anew elsewhere. A Deployment stands for its ReplicaSet, a CronJob for
 * its Job. */
static bool is_replicated_kind(wb_owner_kind kind)
{
    return kind == WB_OWNER_REPLICA_SET || kind == WB_OWNER_DEPLOYMENT ||
           kind == WB_OWNER_STATEFUL_SET || kind == WB_OWNER_JOB || kind == WB_OWNER_CRON_JOB ||
           kind == WB_OWNER_REPLICATION_CONTROLLER;
}

/* Kinds to which --min-replica-count applies. */
static bool counts_replicas(wb_owner_kind kind)
{
    return kind == WB_OWNER_REPLICA_SET || kind == WB_OWNER_DEPLOYMENT ||
           kind == WB_OWNER_REPLICATION_CONTROLLER;
}

/* The word of the annotation safe-to-evict, or "". */
static const char *safe_to_evict(const wb_drain_rules *rules, const wb_pod_template *template)
{
    return wb_intern_text(rules->snapshot->intern,
                          wb_labels_get(template->annotations, WB_NAME_SAFE_TO_EVICT));
}

/* Whether name is one of the comma-separated names. */
static bool names_volume(const char *names, const char *name)
{
    const size_t wanted = strlen(name);
    while (*names != '\0') {
        names += strspn(names, " ");
        const size_t length = strcspn(names, ",");
        if (length == wanted && strncmp(names, name, length) == 0) {
            return true;
        }
        names += length + (names[length] == ',' ? 1 : 0);
    }
    return false;
}

/* Rule 11: data that would be gone, and that nobody declared safe to lose. */
static bool has_local_storage(const wb_drain_rules *rules, const wb_pod_template *template)
{
    const char *allowed =
        wb_intern_text(rules->snapshot->intern,
                       wb_labels_get(template->annotations, rules->annotation_local_volumes));
    for (uint32_t i = 0; i < template->volume_count; i++) {
        const wb_volume *volume = &template->volumes[i];
        if ((volume->kind == WB_VOLUME_EMPTY_DIR || volume->kind == WB_VOLUME_HOST_PATH) &&
            !names_volume(allowed, wb_intern_text(rules->snapshot->intern, volume->name))) {
            return true;
        }
    }
    return false;
}

/* Whether some PDB selects the pod; *out_is_short: one of them has nothing left. */
static bool has_budget(const wb_drain_rules *rules, uint32_t shape, bool *out_is_short)
{
    assert(rules->budgets != NULL || rules->budget_count == 0);
    bool is_selected = false;
    for (uint32_t i = 0; i < rules->budget_count; i++) {
        if (wb_drain_rules_selects(rules->snapshot, rules->budgets[i].pdb, shape)) {
            is_selected = true;
            *out_is_short = *out_is_short || rules->budgets[i].allowed < 1;
        }
    }
    return is_selected;
}

/* Sugar. */
static wb_drain_outcome block(const char *reason, const char **out_reason)
{
    *out_reason = reason;
    return WB_DRAIN_BLOCKED;
}

/* Rule 3: NULL when the controller is there and large enough. */
static const char *controller_trouble(const wb_drain_rules *rules, const wb_ca_snapshot_pod *pod)
{
    if (pod->owner == WB_CA_SNAPSHOT_NONE || !is_replicated_kind(pod->owner_kind)) {
        return NULL;
    }
    const int32_t replicas = rules->world->replicas(rules->world->context, pod);
    if (replicas == -1) {
        return "ControllerNotFound";
    }
    return counts_replicas(pod->owner_kind) && replicas >= 0 &&
                   replicas < rules->flags->min_replica_count
               ? "MinReplicasReached"
               : NULL;
}

/* Rules 8 to 12. */
static wb_drain_outcome judge_ordinary(const wb_drain_rules *rules, const wb_ca_snapshot_pod *pod,
                                       const char *safety, const char **out_reason)
{
    const wb_ca_flags *flags = rules->flags;
    const wb_ca_snapshot_shape *shape = &rules->snapshot->shapes[pod->shape];
    if (pod->owner == WB_CA_SNAPSHOT_NONE ||
        (flags->skip_nodes_with_custom_controller_pods && !is_replicated_kind(pod->owner_kind))) {
        return block("NotReplicated", out_reason);
    }
    bool is_short = false;
    const bool is_budgeted = has_budget(rules, pod->shape, &is_short);
    if (flags->skip_nodes_with_system_pods && shape->namespace_name == WB_NAME_KUBE_SYSTEM &&
        !is_budgeted) {
        return rules->now_ms - pod->created_ms < flags->blocking_system_pod_timeout_ms
                   ? block("UnmovableKubeSystemPod", out_reason)
                   : WB_DRAIN_MOVABLE;
    }
    if (strcmp(safety, "false") == 0) {
        return block("NotSafeToEvictAnnotation", out_reason);
    }
    if (flags->skip_nodes_with_local_storage && has_local_storage(rules, shape->template)) {
        return block("LocalStorageRequested", out_reason);
    }
    return is_short ? block("NotEnoughPdb", out_reason) : WB_DRAIN_MOVABLE;
}

wb_drain_outcome wb_drain_rules_judge(const wb_drain_rules *rules, const wb_ca_snapshot_pod *pod,
                                      const char **out_reason)
{
    assert(rules != NULL && pod->shape < rules->snapshot->shape_count);
    if (pod->is_mirror || wb_drain_rules_is_overdue(rules->snapshot, pod, rules->now_ms)) {
        return WB_DRAIN_IGNORED;
    }
    const char *trouble = controller_trouble(rules, pod);
    if (trouble != NULL) {
        return block(trouble, out_reason);
    }
    if (pod->is_daemon) {
        return WB_DRAIN_DAEMON;
    }
    const char *safety = safe_to_evict(rules, rules->snapshot->shapes[pod->shape].template);
    if (strcmp(safety, "true") == 0) {
        return WB_DRAIN_MOVABLE;
    }
    if (strcmp(safety, "on-completion") == 0) {
        return WB_DRAIN_ON_COMPLETION;
    }
    return judge_ordinary(rules, pod, safety, out_reason);
}
