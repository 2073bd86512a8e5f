/* Faults meet the machines that stand when they come (fault.h); those of calls, messages and
 * offerings are in cloud_fault_windows.c. */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/random.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

/* How long the kubelet of a machine that vanished is waited for: kube-controller-manager's
 * --node-monitor-grace-period, since Kubernetes 1.32. */
#define SILENCE_MS (50 * WB_MS_PER_SECOND)

/* How long a status check must fail before anybody acts on it: facts/aws-api.md section 3 has two
 * minutes for Karpenter; that a group's health check waits as long is an assumption. */
#define IMPAIRED_MS (2 * WB_MS_PER_MINUTE)

#define NEXT_SALT UINT64_C(0x6661756c742d6174) /* keeps times apart from the draws of machines */

/* Subjects of the timer: fault << 2, and what comes. */
typedef enum fault_step {
    STEP_BEGIN,
    STEP_END,
    STEP_SILENT,   /* the nodes of machines that vanished turn NotReady */
    STEP_REPLACED, /* groups replace their impaired machines */
} fault_step;

static void schedule(wb_cloud *cloud, int64_t at_ms, uint32_t fault_index, fault_step step)
{
    const wb_status status =
        wb_kernel_schedule(cloud->kernel, at_ms, WB_PHASE_CLOUD, WB_EVENT_CLOUD_TIMER,
                           fault_index << 2 | (uint32_t)step, NULL);
    assert(status == WB_OK);
    (void)status;
}

bool wb_cloud_faults_is_on(const wb_cloud *cloud, uint32_t fault_index)
{
    const wb_fault *fault = &cloud->faults[fault_index];
    const int64_t begun_ms = cloud->fault_tallies[fault_index].begun_ms;
    return begun_ms >= 0 && (fault->for_ms < 0 || cloud->kernel->now_ms < begun_ms + fault->for_ms);
}

/* ---- which machines ---- */

bool wb_cloud_faults_hit(const wb_cloud *cloud, uint32_t fault_index, const wb_instance *instance)
{
    const wb_fault *fault = &cloud->faults[fault_index];
    const uint64_t pool =
        wb_cloud_pool_hash(cloud, instance->type_index, instance->zone, instance->capacity_type);
    const uint32_t turn = cloud->fault_tallies[fault_index].turn;
    const uint64_t first = wb_hash_map_join(pool, fault_index);
    const wb_random_key key = {cloud->seed, WB_RANDOM_FAULT,
                               turn > 1 ? wb_hash_map_join(first, turn) : first};
    return wb_random_unit(key, instance->pool_ordinal) < fault->share;
}

bool wb_cloud_faults_keep_away(wb_cloud *cloud, uint32_t instance_id)
{
    assert(instance_id < cloud->instance_count);
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault *fault = &cloud->faults[i];
        if (fault->kind == WB_FAULT_NEVER_REGISTERS && wb_cloud_faults_is_on(cloud, i) &&
            wb_cloud_faults_hit(cloud, i, &cloud->instances[instance_id])) {
            cloud->fault_tallies[i].hit_count++;
            return true;
        }
    }
    return false;
}

/* A machine whose node has joined, is there and has been Ready. */
static bool is_standing(const wb_cloud *cloud, const wb_instance *instance)
{
    return instance->state == WB_INSTANCE_RUNNING && instance->node_id != WB_NO_ID &&
           cloud->cluster->nodes[instance->node_id].state != WB_NODE_STATE_GONE &&
           instance->ready_ms >= 0;
}

/* ---- what they meet ---- */

static void strike(wb_cloud *cloud, const wb_fault *fault, uint32_t instance_id)
{
    const uint32_t node_id = cloud->instances[instance_id].node_id;
    WB_NOTIFY(cloud->observers, fault_hit, node_id, wb_fault_kind_name(fault->kind));
    if (fault->kind == WB_FAULT_NOT_READY) {
        wb_cluster_set_node_condition(cloud->cluster, node_id,
                                      wb_cluster_ready_condition(cloud->cluster));
        wb_cluster_set_node_unreachable(cloud->cluster, node_id);
    } else if (fault->kind == WB_FAULT_CONDITION) {
        wb_cluster_set_node_condition(cloud->cluster, node_id, fault->condition);
    } else if (fault->kind == WB_FAULT_LOST) {
        wb_cloud_lose(cloud, instance_id);
        wb_cluster_set_node_unreachable(cloud->cluster, node_id);
        if (cloud->client.instance_stopped != NULL) {
            cloud->client.instance_stopped(cloud->client.context, instance_id);
        }
    } else if (fault->kind == WB_FAULT_VANISHES) {
        cloud->instances[instance_id].has_vanished = true;
        wb_cloud_lose(cloud, instance_id);
    } else if (fault->kind == WB_FAULT_IMPAIRED) {
        cloud->instances[instance_id].impaired_ms = cloud->kernel->now_ms;
        if (cloud->client.instance_impaired != NULL) {
            cloud->client.instance_impaired(cloud->client.context, instance_id);
        }
    } else if (fault->kind == WB_FAULT_MAINTENANCE) {
        if (cloud->client.maintenance_announced != NULL) {
            cloud->client.maintenance_announced(cloud->client.context, instance_id);
        }
    } else if (fault->kind == WB_FAULT_ORPHANED) {
        cloud->client.claim_lost(cloud->client.context, instance_id);
    }
}

static void recover(wb_cloud *cloud, const wb_fault *fault, uint32_t instance_id)
{
    const uint32_t node_id = cloud->instances[instance_id].node_id;
    cloud->instances[instance_id].fault_index = WB_NO_ID;
    if (fault->kind == WB_FAULT_IMPAIRED) {
        cloud->instances[instance_id].impaired_ms = -1;
        return;
    }
    if (fault->kind == WB_FAULT_MAINTENANCE) { /* who has not left by now is left */
        wb_cloud_stop_instance(cloud, instance_id);
        return;
    }
    wb_cluster_set_node_condition(cloud->cluster, node_id, 0);
    if (fault->kind == WB_FAULT_NOT_READY) {
        wb_cluster_set_node_ready(cloud->cluster, node_id, true);
    }
}

/* A fault of machines hits those that stand, the oldest first, up to its count. */
static void strike_machines(wb_cloud *cloud, uint32_t fault_index)
{
    const wb_fault *fault = &cloud->faults[fault_index];
    uint32_t left = fault->count;
    if (fault->kind == WB_FAULT_ORPHANED && cloud->client.claim_lost == NULL) {
        return; /* machines of a group have no NodeClaim */
    }
    for (uint32_t i = 0; i < cloud->living_instance_count && left > 0; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        const wb_instance *instance = &cloud->instances[instance_id];
        if (is_standing(cloud, instance) && wb_cloud_faults_hit(cloud, fault_index, instance) &&
            instance->fault_index == WB_NO_ID) {
            left--;
            cloud->instances[instance_id].fault_index = fault_index;
            cloud->fault_tallies[fault_index].hit_count++;
            strike(cloud, fault, instance_id);
        }
    }
}

static void end_illness(wb_cloud *cloud, uint32_t fault_index)
{
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        if (cloud->instances[instance_id].fault_index == fault_index &&
            is_standing(cloud, &cloud->instances[instance_id])) {
            recover(cloud, &cloud->faults[fault_index], instance_id);
        }
    }
}

/* A group ends machines whose status checks have failed for long enough, and launches others. */
static void replace_impaired(wb_cloud *cloud, uint32_t fault_index)
{
    for (uint32_t i = 0; i < cloud->instance_count; i++) {
        const wb_instance *instance = &cloud->instances[i];
        if (instance->fault_index == fault_index && instance->asg_id != WB_NO_ID &&
            instance->ended_ms < 0 && instance->impaired_ms >= 0 &&
            instance->impaired_ms + IMPAIRED_MS <= cloud->kernel->now_ms) {
            wb_cloud_asg_end(cloud, i, WB_CAUSE_NODE_REPAIR);
        }
    }
}

/* Machines that vanished are not running, some not even shutting down any more. */
static void fall_silent(wb_cloud *cloud, uint32_t fault_index)
{
    for (uint32_t i = 0; i < cloud->instance_count; i++) {
        const wb_instance *instance = &cloud->instances[i];
        if (instance->fault_index == fault_index &&
            instance->ended_ms + SILENCE_MS <= cloud->kernel->now_ms &&
            cloud->cluster->nodes[instance->node_id].state != WB_NODE_STATE_GONE) {
            wb_cluster_set_node_unreachable(cloud->cluster, instance->node_id);
        }
    }
}

/* ---- when ---- */

static void announce(const wb_cloud *cloud, uint32_t fault_index, bool is_over)
{
    char detail[256];
    wb_cloud_fault_describe(cloud, fault_index, is_over, detail, sizeof detail);
    const wb_fault_note note = {
        .kind = wb_fault_kind_name(cloud->faults[fault_index].kind),
        .detail = detail,
        .is_over = is_over,
    };
    WB_NOTIFY(cloud->observers, fault, &note);
}

/* What waits for the control plane while it stands still: whatever the API server, the scheduler,
 * kube-controller-manager or an autoscaler would do. Kubelets go on with the pods that they have,
 * and so do EC2 and the groups. */
static void stop_control_plane(wb_cloud *cloud, int64_t until_ms)
{
    static const wb_event_kind kinds[] = {
        WB_EVENT_INSTANCE_REGISTERED,
        WB_EVENT_INSTANCE_READY,
        WB_EVENT_INSTANCE_AGENT_DONE,
        WB_EVENT_POD_TAINTED,
        WB_EVENT_WORKLOAD_RECONCILE,
        WB_EVENT_CRON_FIRE,
        WB_EVENT_HPA_SYNC,
        WB_EVENT_SCHEDULER_CYCLE,
        WB_EVENT_SCHEDULER_BACKOFF,
        WB_EVENT_SCHEDULER_FLUSH,
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        wb_kernel_hold(cloud->kernel, (uint16_t)kinds[i], until_ms);
    }
    for (int kind = WB_EVENT_CONTROLLER_FIRST; kind <= WB_EVENT_CONTROLLER_LAST; kind++) {
        wb_kernel_hold(cloud->kernel, (uint16_t)kind, until_ms);
    }
}

/* When a fault that is drawn comes next: the same for every contender. */
static void schedule_next(wb_cloud *cloud, uint32_t fault_index, int64_t from_ms)
{
    const wb_fault *fault = &cloud->faults[fault_index];
    const wb_random_key key = {cloud->seed, WB_RANDOM_FAULT,
                               wb_hash_map_join(NEXT_SALT, fault_index)};
    const double wait_ms =
        wb_random_exponential(key, cloud->fault_tallies[fault_index].turn, (double)fault->every_ms);
    schedule(cloud, from_ms + (int64_t)wait_ms + 1, fault_index, STEP_BEGIN);
}

static void begin_fault(wb_cloud *cloud, uint32_t fault_index)
{
    const wb_fault *fault = &cloud->faults[fault_index];
    const int64_t now_ms = cloud->kernel->now_ms;
    cloud->fault_tallies[fault_index].begun_ms = now_ms;
    cloud->fault_tallies[fault_index].hit_count = 0;
    cloud->fault_tallies[fault_index].turn++;
    if (fault->kind <= WB_FAULT_ORPHANED) {
        strike_machines(cloud, fault_index);
    } else if (fault->kind == WB_FAULT_CONTROL_PLANE) {
        stop_control_plane(cloud, now_ms + fault->for_ms);
    } else if (fault->kind == WB_FAULT_OFFERING_ENDS) {
        wb_cloud_fault_end_offering(cloud, fault_index);
    }
    announce(cloud, fault_index, false);
    if (fault->kind == WB_FAULT_VANISHES && cloud->fault_tallies[fault_index].hit_count > 0) {
        schedule(cloud, now_ms + SILENCE_MS, fault_index, STEP_SILENT);
    }
    if (fault->kind == WB_FAULT_IMPAIRED && cloud->fault_tallies[fault_index].hit_count > 0) {
        schedule(cloud, now_ms + IMPAIRED_MS, fault_index, STEP_REPLACED);
    }
    if (fault->for_ms >= 0) {
        schedule(cloud, now_ms + fault->for_ms, fault_index, STEP_END);
    }
    if (fault->every_ms > 0) {
        schedule_next(cloud, fault_index, now_ms + (fault->for_ms > 0 ? fault->for_ms : 0));
    }
}

static void end_fault(wb_cloud *cloud, uint32_t fault_index)
{
    const wb_fault_kind kind = cloud->faults[fault_index].kind;
    if (kind <= WB_FAULT_CONDITION || kind == WB_FAULT_IMPAIRED || kind == WB_FAULT_MAINTENANCE) {
        end_illness(cloud, fault_index);
    }
    announce(cloud, fault_index, true);
}

void wb_cloud_faults_close(wb_cloud *cloud)
{
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault *fault = &cloud->faults[i];
        if (fault->kind >= WB_FAULT_NEVER_REGISTERS && wb_cloud_faults_is_on(cloud, i)) {
            announce(cloud, i, true);
        }
    }
}

static wb_status on_timer(void *context, const wb_event *event, wb_error *err)
{
    const uint32_t fault_index = event->subject >> 2;
    (void)err;
    switch ((fault_step)(event->subject & 3U)) {
    case STEP_BEGIN: begin_fault(context, fault_index); break;
    case STEP_END: end_fault(context, fault_index); break;
    case STEP_SILENT: fall_silent(context, fault_index); break;
    case STEP_REPLACED: replace_impaired(context, fault_index); break;
    }
    return WB_OK;
}

void wb_cloud_faults_init(wb_cloud *cloud)
{
    assert(cloud->fault_count < UINT32_MAX / 4);
    cloud->fault_tallies = WB_ARENA_ARRAY(cloud->arena, wb_cloud_fault_tally, cloud->fault_count);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_CLOUD_TIMER, on_timer, cloud);
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        assert(cloud->faults[i].kind != WB_FAULT_CONTROL_PLANE || cloud->faults[i].for_ms > 0);
        cloud->fault_tallies[i].begun_ms = -1;
        if (cloud->faults[i].every_ms > 0) {
            schedule_next(cloud, i, cloud->faults[i].at_ms);
        } else {
            schedule(cloud, cloud->faults[i].at_ms, i, STEP_BEGIN);
        }
    }
    wb_cloud_fault_windows_init(cloud);
}
