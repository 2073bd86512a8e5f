/*
 * What the loop sees and does in a simulated run: ASGs as the AWS provider remembers them (read
 * anew at most once a minute, own changes counted at once), PDBs, DaemonSets, taints, evictions.
 * Source: spec/cluster-autoscaler.md section 8.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler_internal.h"

#define REFRESH_MS       WB_MS_PER_MINUTE
#define REFRESH_RETRY_MS 10000 /* the next loop, as a rule */

/* Placeholders stand for instances that are wanted and not there yet; numbered above all ids. */
#define PLACEHOLDER_BASE (UINT64_C(1) << 40)

/* ---- groups ---- */

/* DescribeAutoScalingGroups leaves out what is shutting down. */
static bool is_listed(const wb_instance *instance, uint32_t asg_id)
{
    return instance->asg_id == asg_id &&
           (instance->state == WB_INSTANCE_PENDING || instance->state == WB_INSTANCE_RUNNING);
}

/* One group as the provider's cache has it after a refresh. */
static void read_group(wb_cluster_autoscaler *self, wb_cluster_autoscaler_group *group)
{
    const wb_cloud *cloud = self->env.cloud;
    group->known_count = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        if (!is_listed(&cloud->instances[instance_id], group->asg_id)) {
            continue;
        }
        if (group->known_count == group->known_capacity) {
            const size_t capacity = wb_heap_memory_next_capacity(group->known_capacity,
                                                                 (size_t)group->known_count + 16);
            group->known = wb_heap_memory_resize(group->known, capacity, sizeof(*group->known));
            group->known_capacity = (uint32_t)capacity;
        }
        group->known[group->known_count++] = instance_id;
    }
    group->known_desired = cloud->asgs[group->asg_id].desired_count;
    group->shows_failure = group->failed_ms >= 0 && group->failed_ms >= group->changed_ms;
}

static void refresh(void *context)
{
    wb_cluster_autoscaler *self = context;
    const int64_t now_ms = self->env.kernel->now_ms;
    if (self->refreshed_ms >= 0 && !self->must_refresh &&
        now_ms - self->refreshed_ms < REFRESH_MS) {
        wb_ca_loop_wake_at(&self->loop, self->refreshed_ms + REFRESH_MS);
        return;
    }
    if (wb_cloud_describe(self->env.cloud, WB_CLOUD_DESCRIBE_AUTO_SCALING_GROUPS) != NULL &&
        self->refreshed_ms >= 0) { /* refused: the old picture stays until a later loop */
        wb_ca_loop_wake_at(&self->loop, now_ms + REFRESH_RETRY_MS);
        return;
    }
    self->refreshed_ms = now_ms;
    self->must_refresh = false;
    for (uint32_t group = 0; group < self->loop.group_count; group++) {
        read_group(self, &self->groups[group]);
    }
}

static int32_t target_size(void *context, uint32_t group)
{
    const wb_cluster_autoscaler *self = context;
    return self->groups[group].known_desired;
}

/* Instances that are wanted and that the last refresh did not show. */
static uint32_t placeholder_count(const wb_cluster_autoscaler_group *group)
{
    const int64_t missing = (int64_t)group->known_desired - (int64_t)group->known_count;
    return missing > 0 ? (uint32_t)missing : 0;
}

static uint32_t instances(void *context, uint32_t index, const wb_ca_instance **out)
{
    assert(index < ((wb_cluster_autoscaler *)context)->loop.group_count);
    wb_cluster_autoscaler *self = context;
    const wb_cluster_autoscaler_group *group = &self->groups[index];
    const uint32_t placeholders = placeholder_count(group);
    const size_t needed = (size_t)group->known_count + placeholders;
    if (needed > self->instance_capacity) {
        const size_t capacity = wb_heap_memory_next_capacity(self->instance_capacity, needed);
        self->instances =
            wb_heap_memory_resize(self->instances, capacity, sizeof(*self->instances));
        self->instance_capacity = (uint32_t)capacity;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->known_count; i++) {
        const uint32_t instance_id = group->known[i];
        const uint32_t node_id = self->env.cloud->instances[instance_id].node_id;
        const bool has_node =
            node_id != WB_NO_ID && wb_ca_loop_find_row(&self->loop, node_id) != WB_CA_SNAPSHOT_NONE;
        self->instances[count++] =
            (wb_ca_instance){.key = instance_id,
                             .node_id = has_node ? node_id : WB_CA_SNAPSHOT_NONE};
    }
    for (uint32_t i = 0; i < placeholders; i++) {
        self->instances[count++] = (wb_ca_instance){
            .key = PLACEHOLDER_BASE + i,
            .node_id = WB_CA_SNAPSHOT_NONE,
            .has_failed = group->shows_failure,
        };
    }
    *out = self->instances;
    return count;
}

/* SetDesiredCapacity, counted at once. */
static bool set_desired(wb_cluster_autoscaler *self, uint32_t index, int32_t desired)
{
    assert(index < self->loop.group_count);
    wb_cluster_autoscaler_group *group = &self->groups[index];
    if (wb_cloud_set_desired(self->env.cloud, group->asg_id, desired, NULL) != WB_OK) {
        return false;
    }
    group->known_desired = desired;
    group->changed_ms = self->env.kernel->now_ms;
    group->shows_failure = false;
    return true;
}

static bool increase_size(void *context, uint32_t group, int32_t delta)
{
    wb_cluster_autoscaler *self = context;
    assert(delta > 0);
    const int32_t desired = self->groups[group].known_desired + delta;
    if (wb_cluster_autoscaler_holds_back(self)) {
        self->groups[group].known_desired = desired;
        self->groups[group].is_held_back = true;
        return true;
    }
    return set_desired(self, group, desired);
}

void wb_cluster_autoscaler_set_sizes(wb_cluster_autoscaler *self)
{
    for (uint32_t group = 0; group < self->loop.group_count; group++) {
        if (self->groups[group].is_held_back) {
            self->groups[group].is_held_back = false;
            /* One that fails shows as nodes that do not come. */
            (void)set_desired(self, group, self->groups[group].known_desired);
        }
    }
}

/* AWS refuses to go below what exists, and placeholders count as existing: so always. */
static bool decrease_target(void *context, uint32_t group, int32_t delta)
{
    (void)context;
    (void)group;
    (void)delta;
    return false;
}

/* TerminateInstanceInAutoScalingGroup with decrement, counted at once. */
static bool terminate(wb_cluster_autoscaler *self, uint32_t index, uint32_t instance_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    wb_cluster_autoscaler_group *group = &self->groups[index];
    if (self->env.cloud->instances[instance_id].state != WB_INSTANCE_PENDING &&
        self->env.cloud->instances[instance_id].state != WB_INSTANCE_RUNNING) {
        return true; /* gone already */
    }
    if (wb_cloud_asg_terminate(self->env.cloud, instance_id, WB_CAUSE_SCALE_DOWN) != NULL) {
        return false;
    }
    group->known_desired--;
    group->changed_ms = self->env.kernel->now_ms;
    self->must_refresh = true;
    return true;
}

static bool delete_instances(void *context, uint32_t group, const uint64_t *keys, uint32_t count)
{
    wb_cluster_autoscaler *self = context;
    int32_t placeholders = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (keys[i] >= PLACEHOLDER_BASE) {
            placeholders++;
        } else if (!terminate(self, group, (uint32_t)keys[i])) {
            return false;
        }
    }
    return placeholders == 0 ||
           set_desired(self, group, self->groups[group].known_desired - placeholders);
}

static bool delete_node(void *context, uint32_t node_id)
{
    wb_cluster_autoscaler *self = context;
    const wb_cluster_node *node = &self->env.cluster->nodes[node_id];
    const uint32_t row = wb_ca_loop_find_row(&self->loop, node_id);
    assert(row != WB_CA_SNAPSHOT_NONE && node->instance_id != WB_NO_ID);
    return terminate(self, self->loop.snapshot.nodes[row].group, node->instance_id);
}

/* ---- pods, PDBs, DaemonSets ---- */

/* Waits for a node: bound or gone ones have left the list by that alone. */
static bool is_waiting(const wb_cluster *cluster, uint32_t pod_id)
{
    return cluster->pods.state[pod_id] == WB_POD_STATE_PENDING &&
           (cluster->pods.flags[pod_id] & WB_POD_IS_PINNED) == 0;
}

static uint32_t pending_pods(void *context, const wb_ca_snapshot_pod **out)
{
    wb_cluster_autoscaler *self = context;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->pending_count; i++) {
        if (is_waiting(self->env.cluster, self->pending[i])) {
            self->pending[kept++] = self->pending[i];
        }
    }
    self->pending_count = kept;
    if (kept > self->pending_pod_capacity) {
        const size_t capacity = wb_heap_memory_next_capacity(self->pending_pod_capacity, kept);
        self->pending_pods =
            wb_heap_memory_resize(self->pending_pods, capacity, sizeof(*self->pending_pods));
        self->pending_pod_capacity = (uint32_t)capacity;
    }
    for (uint32_t i = 0; i < kept; i++) {
        self->pending_pods[i] = wb_cluster_autoscaler_describe_pod(self, self->pending[i]);
    }
    *out = self->pending_pods;
    return kept;
}

static uint32_t budgets(void *context, const wb_ca_budget **out)
{
    wb_cluster_autoscaler *self = context;
    const wb_cluster *cluster = self->env.cluster;
    if (cluster->pdb_count > self->budget_capacity) {
        self->budgets =
            wb_heap_memory_resize(self->budgets, cluster->pdb_count, sizeof(*self->budgets));
        self->budget_capacity = cluster->pdb_count;
    }
    for (uint32_t i = 0; i < cluster->pdb_count; i++) {
        self->budgets[i] =
            (wb_ca_budget){&cluster->pdbs[i], wb_cluster_pdb_allowed(cluster, &cluster->pdbs[i])};
    }
    *out = self->budgets;
    return cluster->pdb_count;
}

static int32_t replicas(void *context, const wb_ca_snapshot_pod *pod)
{
    const wb_cluster_autoscaler *self = context;
    const wb_owner *owner = &self->env.cluster->owners[pod->owner];
    return owner->desired_replicas >= 0 ? owner->desired_replicas : (int32_t)owner->active_count;
}

static uint32_t daemons(void *context, wb_labels labels, const wb_taint *taints,
                        uint32_t taint_count, wb_node_template_pod *out)
{
    wb_cluster_autoscaler *self = context;
    wb_cluster *cluster = self->env.cluster;
    uint32_t *indices = wb_heap_memory_alloc((size_t)cluster->workload_count + 1, sizeof(*indices));
    uint32_t count = wb_cluster_daemonsets_for(cluster, labels, taints, taint_count, indices);
    count = count < WB_NODE_TEMPLATE_PODS_MAX ? count : WB_NODE_TEMPLATE_PODS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const wb_workload *workload = &cluster->workloads[indices[i]];
        const uint32_t shape_id =
            wb_cluster_add_shape(cluster, workload->template, workload->namespace_name);
        const char *priority_class =
            wb_intern_text(cluster->intern, workload->template->priority_class_name);
        out[i] = (wb_node_template_pod){
            .shape = wb_cluster_autoscaler_shape(self, shape_id),
            .owner = wb_cluster_add_owner(cluster, workload->kind, workload->namespace_name,
                                          workload->name),
            .is_critical = strcmp(priority_class, "system-node-critical") == 0,
        };
    }
    wb_heap_memory_free(indices);
    return count;
}

static wb_ca_eviction evict(void *context, uint32_t pod_id)
{
    wb_cluster_autoscaler *self = context;
    switch (wb_cluster_evict_pod(self->env.cluster, pod_id, WB_CAUSE_SCALE_DOWN)) {
    case WB_EVICTION_ACCEPTED: return WB_CA_EVICTION_ACCEPTED;
    case WB_EVICTION_REFUSED: return WB_CA_EVICTION_REFUSED;
    case WB_EVICTION_GONE: break;
    }
    return WB_CA_EVICTION_GONE;
}

/* ---- taints, telling ---- */

static void set_taint(void *context, uint32_t node_id, wb_ca_taint taint, bool is_on)
{
    wb_cluster_autoscaler *self = context;
    wb_cluster *cluster = self->env.cluster;
    const bool is_candidate = taint == WB_CA_TAINT_CANDIDATE;
    const wb_taint wanted = {
        .key = is_candidate ? WB_NAME_TAINT_DELETION_CANDIDATE : WB_NAME_TAINT_TO_BE_DELETED,
        .effect = is_candidate ? WB_TAINT_PREFER_NO_SCHEDULE : WB_TAINT_NO_SCHEDULE,
    };
    if (cluster->nodes[node_id].state == WB_NODE_STATE_GONE) {
        return;
    }
    if (!is_on) {
        (void)wb_cluster_remove_node_taint(cluster, node_id, wanted.key, wanted.effect);
    } else if (cluster->nodes[node_id].taint_count + 2 < WB_NODE_TAINTS_MAX) {
        wb_cluster_add_node_taint(cluster, node_id, wanted);
    }
    if (!is_candidate) {
        wb_cluster_set_node_draining(cluster, node_id, is_on);
        if (self->loop.flags.cordons_before_terminating) {
            wb_cluster_cordon_node(cluster, node_id, is_on);
        }
    }
}

static void decided(void *context, const wb_decision *decision)
{
    wb_cluster_autoscaler *self = context;
    WB_NOTIFY(self->env.observers, decision, decision);
}

static void held(void *context, uint32_t node_id, const wb_hold *hold)
{
    wb_cluster_autoscaler *self = context;
    WB_NOTIFY(self->env.observers, node_held, node_id, hold);
}

wb_ca_world wb_cluster_autoscaler_world(wb_cluster_autoscaler *self)
{
    return (wb_ca_world){
        .context = self,
        .refresh = refresh,
        .target_size = target_size,
        .instances = instances,
        .pending_pods = pending_pods,
        .budgets = budgets,
        .replicas = replicas,
        .daemons = daemons,
        .increase_size = increase_size,
        .decrease_target = decrease_target,
        .delete_instances = delete_instances,
        .delete_node = delete_node,
        .set_taint = set_taint,
        .evict = evict,
        .decided = decided,
        .held = held,
    };
}
