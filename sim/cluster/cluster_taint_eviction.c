/*
 * kube-controller-manager's taint eviction, for nodes that are not ready or unreachable; and what
 * becomes of terminating pods whose kubelet is silent.
 *
 * A pod leaves such a node when it has tolerated the NoExecute taint for its tolerationSeconds,
 * which the API server sets to 300 s where a pod says nothing. It is deleted, not evicted: PDBs are
 * not asked. A silent kubelet never confirms: the pod stays as an object until the kubelet speaks
 * again or the Node goes, so a StatefulSet's place is taken until then. The real controller taints
 * the nodes of a zone one in ten seconds, and holds off where most of a zone are ill; here all are
 * tainted at once. Source: Kubernetes' node life-cycle and taint eviction controllers, admission
 * plugin DefaultTolerationSeconds.
 */
#include <assert.h>

#include "base/duration.h"
#include "kube/names.h"
#include "sim/cluster/cluster_internal.h"

#define DEFAULT_TOLERATION_MS (300 * WB_MS_PER_SECOND)

/* Whether the toleration keeps the API server from adding one of its own for that taint. */
static bool speaks_of(const wb_toleration *toleration, uint32_t key)
{
    return (toleration->key == key || toleration->key == 0) &&
           (toleration->effect == WB_TAINT_NO_EXECUTE || toleration->effect == WB_TAINT_ANY);
}

int64_t wb_cluster_pod_tolerates_ms(const wb_cluster *cluster, uint32_t pod_id, bool is_unreachable)
{
    assert(cluster != NULL && pod_id < cluster->pods.count);
    const wb_pod_template *template = wb_cluster_pod_template(cluster, pod_id);
    const wb_taint taint = {
        .key = is_unreachable ? WB_NAME_TAINT_UNREACHABLE : WB_NAME_TAINT_NOT_READY,
        .effect = WB_TAINT_NO_EXECUTE,
    };
    bool is_mentioned = false;
    bool is_tolerated = false;
    int64_t least_ms = INT64_MAX;
    for (uint32_t i = 0; i < template->toleration_count; i++) {
        const wb_toleration *toleration = &template->tolerations[i];
        is_mentioned = is_mentioned || speaks_of(toleration, taint.key);
        if (!wb_toleration_tolerates(cluster->intern, toleration, &taint)) {
            continue;
        }
        is_tolerated = true;
        if (toleration->seconds >= 0 && toleration->seconds * WB_MS_PER_SECOND < least_ms) {
            least_ms = toleration->seconds * WB_MS_PER_SECOND;
        }
    }
    if (!is_mentioned) {
        return DEFAULT_TOLERATION_MS;
    }
    return is_tolerated ? least_ms : 0;
}

/* Since when the pod has had to tolerate the taint of its node. */
static int64_t tainted_since_ms(const wb_cluster *cluster, uint32_t pod_id)
{
    const int64_t node_ms = cluster->nodes[cluster->pods.node_id[pod_id]].not_ready_ms;
    const int64_t bound_ms = cluster->pods.bound_ms[pod_id];
    assert(node_ms >= 0);
    return bound_ms > node_ms ? bound_ms : node_ms;
}

/* When the pod is to go; INT64_MAX: it stays. */
static int64_t leave_ms(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_cluster_node *node = &cluster->nodes[cluster->pods.node_id[pod_id]];
    if (node->is_ready || wb_cluster_pod_is_daemon(cluster, pod_id) ||
        cluster->pods.state[pod_id] >= WB_POD_STATE_TERMINATING) {
        return INT64_MAX; /* daemons tolerate it for ever */
    }
    const int64_t tolerated_ms = wb_cluster_pod_tolerates_ms(cluster, pod_id, node->is_unreachable);
    return tolerated_ms == INT64_MAX ? INT64_MAX : tainted_since_ms(cluster, pod_id) + tolerated_ms;
}

void wb_cluster_watch_pod(wb_cluster *cluster, uint32_t pod_id)
{
    const int64_t at_ms = leave_ms(cluster, pod_id);
    if (at_ms != INT64_MAX) {
        wb_cluster_schedule(cluster, at_ms, WB_EVENT_POD_TAINTED, pod_id);
    }
}

void wb_cluster_watch_node(wb_cluster *cluster, uint32_t node_id)
{
    const wb_cluster_node *node = &cluster->nodes[node_id];
    assert(!node->is_ready);
    for (uint32_t pod_id = node->first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        cluster->visit_count++;
        wb_cluster_watch_pod(cluster, pod_id);
    }
}

/* A node that has recovered meanwhile, or fallen ill again, has made the event void. */
static wb_status handle_tainted(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster *cluster = context;
    const uint32_t pod_id = event->subject;
    if (wb_cluster_pod_is_living(cluster, pod_id) && cluster->pods.node_id[pod_id] != WB_NO_ID &&
        leave_ms(cluster, pod_id) <= cluster->kernel->now_ms) {
        wb_cluster_kill_pod(cluster, pod_id, WB_CAUSE_NODE_NOT_READY, -1);
    }
    return wb_cluster_status(cluster, err);
}

/* ---- pods that a silent kubelet should stop ---- */

static int64_t grace_beyond_stop_ms(const wb_cluster *cluster, uint32_t pod_id)
{
    return wb_cluster_pod_template(cluster, pod_id)->grace_period_ms -
           wb_cluster_stop_ms(cluster, pod_id);
}

/* From now on due_ms is the pod's deletionTimestamp: the end of its grace period. */
void wb_cluster_suspend_terminations(wb_cluster *cluster, uint32_t node_id)
{
    wb_pod_table *pods = &cluster->pods;
    for (uint32_t pod_id = cluster->nodes[node_id].first_pod; pod_id != WB_NO_ID;
         pod_id = pods->next_on_node[pod_id]) {
        cluster->visit_count++;
        if (pods->state[pod_id] == WB_POD_STATE_TERMINATING) {
            pods->due_ms[pod_id] += grace_beyond_stop_ms(cluster, pod_id);
            wb_cluster_schedule(cluster, pods->due_ms[pod_id], WB_EVENT_POD_KILLED, pod_id);
        }
    }
}

void wb_cluster_resume_terminations(wb_cluster *cluster, uint32_t node_id)
{
    wb_pod_table *pods = &cluster->pods;
    for (uint32_t pod_id = cluster->nodes[node_id].first_pod; pod_id != WB_NO_ID;
         pod_id = pods->next_on_node[pod_id]) {
        cluster->visit_count++;
        if (pods->state[pod_id] == WB_POD_STATE_TERMINATING) {
            wb_cluster_forget_stuck(cluster, pod_id);
            pods->due_ms[pod_id] = cluster->kernel->now_ms + wb_cluster_stop_ms(cluster, pod_id);
            wb_cluster_schedule(cluster, pods->due_ms[pod_id], WB_EVENT_POD_KILLED, pod_id);
        }
    }
}

/* What is_stuck means to the two counts, once in and once out. */
static void count_stuck(wb_cluster *cluster, uint32_t pod_id, uint32_t change)
{
    const uint8_t flags = cluster->pods.flags[pod_id];
    if ((flags & WB_POD_IS_DAEMON) == 0) {
        cluster->stuck_count += change;
        cluster->stuck_batch_count += (flags & WB_POD_IS_BATCH) != 0 ? change : 0;
    }
}

void wb_cluster_note_stuck(wb_cluster *cluster, uint32_t pod_id)
{
    assert(cluster->pods.state[pod_id] == WB_POD_STATE_TERMINATING);
    if ((cluster->pods.flags[pod_id] & WB_POD_IS_STUCK) == 0) {
        cluster->pods.flags[pod_id] |= WB_POD_IS_STUCK;
        count_stuck(cluster, pod_id, 1);
    }
}

void wb_cluster_forget_stuck(wb_cluster *cluster, uint32_t pod_id)
{
    if ((cluster->pods.flags[pod_id] & WB_POD_IS_STUCK) != 0) {
        cluster->pods.flags[pod_id] &= (uint8_t)~WB_POD_IS_STUCK;
        count_stuck(cluster, pod_id, UINT32_MAX); /* minus one, modulo 2^32 */
    }
}

void wb_cluster_subscribe_taints(wb_cluster *cluster)
{
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_POD_TAINTED, handle_tainted, cluster);
}
