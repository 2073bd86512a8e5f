/*
 * Jobs and CronJobs.
 *
 * A Job keeps min(parallelism, completions - succeeded) pods active. A pod that is taken away is
 * created again at once and counts against backoffLimit, as a drained pod does without a
 * podFailurePolicy; past the limit the Job gives up: its pods are deleted and the pod that was
 * taken last is lost. (The real controller also waits 10 s and more before it creates again.)
 *
 * A CronJob makes a Job "<name>-<minutes since 1970>" at each hit of its schedule in UTC, whether
 * or not the one before is done (concurrencyPolicy Allow, the default).
 *
 * No manifest says how long a Job runs. Annotation werkbank/duration of the pod template does
 * ("90s", "1h30m"), else options.job_duration_ms.
 */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "sim/cluster/cluster_internal.h"
#include "sim/kernel/event_kinds.h"

#define JOB_NAME_BYTES 320

int64_t wb_cluster_job_duration_ms(const wb_cluster *cluster, const wb_pod_template *template)
{
    const uint32_t value = wb_labels_get(template->annotations, cluster->controllers->duration_key);
    int64_t duration_ms;
    if (value != 0 &&
        wb_duration_parse(wb_intern_text(cluster->intern, value), &duration_ms, NULL) == WB_OK &&
        duration_ms >= 0) {
        return duration_ms;
    }
    return cluster->options.job_duration_ms;
}

/* A CronJob's Job that is done leaves its row to the next one. */
static void retire(wb_cluster *cluster, uint32_t workload_index)
{
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    const wb_owner *owner = &cluster->owners[controller->owner_id];
    if (controller->parent_index != WB_NO_ID && owner->living_count == 0) {
        wb_cluster_remove_workload_row(cluster, workload_index);
    }
}

void wb_cluster_reconcile_job(wb_cluster *cluster, uint32_t workload_index)
{
    const wb_workload *workload = &cluster->workloads[workload_index];
    wb_controller *controller = &cluster->controllers->items[workload_index];
    wb_owner *owner = &cluster->owners[controller->owner_id];
    int32_t wanted = workload->completions - controller->succeeded_count;
    controller->is_over = controller->is_over || wanted <= 0;
    wanted = wanted < workload->parallelism ? wanted : workload->parallelism;
    if (controller->is_over || workload->is_suspended) {
        wanted = 0;
    }
    owner->desired_replicas = wanted;
    const uint32_t active = owner->active_count;
    for (uint32_t i = active; (int64_t)i < wanted; i++) {
        if (wb_cluster_create_controlled(cluster, workload_index, owner->created_count++,
                                         WB_NO_ID) == WB_NO_ID) {
            return;
        }
    }
    if ((int64_t)active > wanted) {
        wb_cluster_delete_replicas(cluster, workload_index, active - (uint32_t)wanted, false);
    }
    if (controller->is_over) {
        retire(cluster, workload_index);
    }
}

/* The next firing after the present moment. */
static void arm(wb_cluster *cluster, uint32_t workload_index)
{
    wb_controller *controller = &cluster->controllers->items[workload_index];
    const int64_t epoch_ms = cluster->options.epoch_unix_ms;
    int64_t fire_unix_ms;
    controller->fire_ms = -1;
    if (wb_cron_next(&controller->cron, epoch_ms + cluster->kernel->now_ms, &fire_unix_ms)) {
        controller->fire_ms = fire_unix_ms - epoch_ms;
        wb_cluster_schedule(cluster, controller->fire_ms, WB_EVENT_CRON_FIRE, workload_index);
    }
}

void wb_cluster_apply_cron(wb_cluster *cluster, uint32_t workload_index)
{
    cluster->controllers->items[workload_index].fire_ms = -1; /* an earlier schedule's */
    if (!cluster->workloads[workload_index].is_suspended) {
        arm(cluster, workload_index);
    }
}

void wb_cluster_fire_cron(wb_cluster *cluster, uint32_t workload_index)
{
    const int64_t now_unix_ms = cluster->options.epoch_unix_ms + cluster->kernel->now_ms;
    wb_workload job = cluster->workloads[workload_index];
    char name[JOB_NAME_BYTES];
    assert(job.kind == WB_OWNER_CRON_JOB);
    (void)snprintf(name, sizeof(name), "%s-%lld", wb_intern_text(cluster->intern, job.name),
                   (long long)(now_unix_ms / WB_MS_PER_MINUTE));
    job.kind = WB_OWNER_JOB;
    job.name = wb_intern_add(cluster->intern, name);
    job.is_suspended = false;
    const uint32_t owner_id =
        wb_cluster_add_owner(cluster, WB_OWNER_JOB, job.namespace_name, job.name);
    const uint32_t job_index = wb_cluster_add_workload_row(cluster, &job, owner_id);
    cluster->controllers->items[job_index].parent_index = workload_index;
    arm(cluster, workload_index);
    wb_cluster_reconcile_job(cluster, job_index);
}
