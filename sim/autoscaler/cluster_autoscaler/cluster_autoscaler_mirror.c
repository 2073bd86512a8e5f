/*
 * Keeps the autoscaler's snapshot in step with the cluster: pods at once, nodes before the next
 * pass (a node changes several times in an instant). Costs what changes.
 */
#include <assert.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler_internal.h"

/* A pod that became unschedulable sooner than this after its last change wakes the loop at once. */
#define FRESH_MS (10 * WB_MS_PER_SECOND)

/* Room for needed ids, new ones NONE. */
static uint32_t *grow_ids(uint32_t *ids, uint32_t *capacity, size_t needed)
{
    if (needed <= *capacity) {
        return ids;
    }
    const uint32_t old = *capacity;
    *capacity = (uint32_t)wb_heap_memory_next_capacity(old, needed);
    ids = wb_heap_memory_resize(ids, *capacity, sizeof(*ids));
    for (uint32_t i = old; i < *capacity; i++) {
        ids[i] = WB_CA_SNAPSHOT_NONE;
    }
    return ids;
}

/* ---- shapes ---- */

/* Namespaces and storage must be known to the rules before the first shape. */
static void read_manifest(wb_cluster_autoscaler *self)
{
    const wb_manifest *manifest = self->env.cluster->manifest;
    if (self->has_manifest || manifest == NULL) {
        return;
    }
    self->has_manifest = true;
    wb_scheduler_core *core = self->loop.snapshot.core;
    wb_scheduler_core_set_namespaces(core, manifest->namespaces, manifest->namespace_count);
    if (manifest->volume_claim_count + manifest->persistent_volume_count +
            manifest->storage_class_count >
        0) {
        const wb_scheduler_storage storage = {
            .claims = manifest->volume_claims,
            .volumes = manifest->persistent_volumes,
            .classes = manifest->storage_classes,
            .limits = manifest->attach_limits,
            .claim_count = manifest->volume_claim_count,
            .volume_count = manifest->persistent_volume_count,
            .class_count = manifest->storage_class_count,
            .limit_count = manifest->attach_limit_count,
            .provisions_at_once = true,
        };
        wb_scheduler_core_set_storage(core, &storage);
    }
}

uint32_t wb_cluster_autoscaler_shape(wb_cluster_autoscaler *self, uint32_t shape_id)
{
    const wb_cluster *cluster = self->env.cluster;
    assert(shape_id < cluster->shape_count);
    self->shape_of = grow_ids(self->shape_of, &self->shape_capacity, cluster->shape_count);
    if (self->shape_of[shape_id] == WB_CA_SNAPSHOT_NONE) {
        read_manifest(self);
        const wb_shape *shape = &cluster->shapes[shape_id];
        self->shape_of[shape_id] =
            wb_ca_snapshot_add_shape(&self->loop.snapshot, shape->template, shape->namespace_name);
    }
    return self->shape_of[shape_id];
}

/* ---- pods ---- */

wb_ca_snapshot_pod wb_cluster_autoscaler_describe_pod(wb_cluster_autoscaler *self, uint32_t pod_id)
{
    assert(pod_id < self->env.cluster->pods.count);
    const wb_cluster *cluster = self->env.cluster;
    const wb_pod_table *pods = &cluster->pods;
    const uint32_t owner_id = pods->owner_id[pod_id];
    const wb_owner_kind kind =
        owner_id != WB_NO_ID ? cluster->owners[owner_id].kind : WB_OWNER_NONE;
    const bool is_daemon = (pods->flags[pod_id] & WB_POD_IS_DAEMON) != 0;
    return (wb_ca_snapshot_pod){
        .pod_id = pod_id,
        .shape = wb_cluster_autoscaler_shape(self, pods->shape_id[pod_id]),
        .owner = owner_id,
        .owner_kind = kind,
        .name = pods->name[pod_id],
        .created_ms = pods->created_ms[pod_id],
        .deletion_ms =
            pods->state[pod_id] == WB_POD_STATE_TERMINATING ? self->env.kernel->now_ms : -1,
        .is_daemon = is_daemon && kind != WB_OWNER_NODE,
        .is_mirror = kind == WB_OWNER_NODE,
    };
}

static bool is_expendable(const wb_cluster_autoscaler *self, uint32_t shape)
{
    return self->loop.snapshot.shapes[shape].priority <
           self->loop.flags.expendable_pods_priority_cutoff;
}

/* The pod is on the node from now on. */
static void add_pod(wb_cluster_autoscaler *self, uint32_t pod_id, uint32_t node_row)
{
    const wb_ca_snapshot_pod pod = wb_cluster_autoscaler_describe_pod(self, pod_id);
    if (is_expendable(self, pod.shape)) {
        return; /* holds no node */
    }
    self->row_of_pod = grow_ids(self->row_of_pod, &self->pod_capacity, (size_t)pod_id + 1);
    assert(self->row_of_pod[pod_id] == WB_CA_SNAPSHOT_NONE);
    self->row_of_pod[pod_id] = wb_ca_snapshot_add_pod(&self->loop.snapshot, &pod, node_row);
}

/* Off its node; expendable ones and those that were never bound are not known. */
static void remove_pod(wb_cluster_autoscaler *self, uint32_t pod_id)
{
    if (pod_id < self->pod_capacity && self->row_of_pod[pod_id] != WB_CA_SNAPSHOT_NONE) {
        wb_ca_snapshot_remove_pod(&self->loop.snapshot, self->row_of_pod[pod_id]);
        self->row_of_pod[pod_id] = WB_CA_SNAPSHOT_NONE;
    }
}

/* ---- nodes ---- */

/* The non-zero amounts of a node's dense columns, by name. */
static wb_resource_list list_resources(const wb_cluster *cluster, const int64_t *amounts)
{
    wb_resource_list list = {0};
    wb_resource *items = WB_ARENA_ARRAY(cluster->arena, wb_resource, cluster->resource_count);
    for (uint32_t i = 0; i < cluster->resource_count; i++) {
        if (amounts[i] == 0) {
            continue;
        }
        uint32_t at = list.count;
        while (at > 0 && items[at - 1].name > cluster->resource_names[i]) {
            items[at] = items[at - 1];
            at--;
        }
        items[at] = (wb_resource){cluster->resource_names[i], amounts[i]};
        list.count++;
    }
    list.items = items;
    return list;
}

/* A node's resources do not change while it lives; they are listed once. */
static void describe_resources(wb_cluster_autoscaler *self, uint32_t node_id)
{
    const wb_cluster *cluster = self->env.cluster;
    if (node_id >= self->node_capacity) {
        const uint32_t old = self->node_capacity;
        const size_t capacity = wb_heap_memory_next_capacity(old, (size_t)node_id + 1);
        self->capacity_of =
            wb_heap_memory_resize(self->capacity_of, capacity, sizeof(*self->capacity_of));
        self->allocatable_of =
            wb_heap_memory_resize(self->allocatable_of, capacity, sizeof(*self->allocatable_of));
        for (size_t i = old; i < capacity; i++) {
            self->capacity_of[i] = (wb_resource_list){0};
            self->allocatable_of[i] = (wb_resource_list){0};
        }
        self->node_capacity = (uint32_t)capacity;
    }
    if (self->capacity_of[node_id].items == NULL) {
        const wb_cluster_node *node = &cluster->nodes[node_id];
        self->capacity_of[node_id] = list_resources(cluster, node->capacity);
        self->allocatable_of[node_id] = list_resources(cluster, node->allocatable);
    }
}

/* The group that launched an instance; nodes of nobody's have none. */
static uint32_t group_of(const wb_cluster_autoscaler *self, uint32_t instance_id)
{
    if (instance_id == WB_NO_ID) {
        return WB_CA_SNAPSHOT_NONE;
    }
    const uint32_t asg_id = self->env.cloud->instances[instance_id].asg_id;
    for (uint32_t group = 0; group < self->loop.group_count; group++) {
        if (self->groups[group].asg_id == asg_id) {
            return group;
        }
    }
    return WB_CA_SNAPSHOT_NONE;
}

/* What the snapshot is to know of a node. */
static wb_ca_snapshot_node describe_node(wb_cluster_autoscaler *self, uint32_t node_id)
{
    assert(node_id < self->env.cluster->node_count);
    describe_resources(self, node_id);
    const wb_cluster_node *node = &self->env.cluster->nodes[node_id];
    wb_ca_snapshot_node told = {
        .node_id = node_id,
        .name = node->name,
        .group = group_of(self, node->instance_id),
        .labels = node->labels,
        .taint_count = node->taint_count,
        .capacity = self->capacity_of[node_id],
        .allocatable = self->allocatable_of[node_id],
        .is_ready = node->is_ready,
        .is_unschedulable = node->is_unschedulable,
        .created_ms = node->added_ms,
        .ready_since_ms = node->ready_ms >= 0 ? node->ready_ms : node->added_ms,
    };
    assert(node->taint_count <= WB_CA_SNAPSHOT_TAINTS_MAX);
    for (uint32_t i = 0; i < node->taint_count; i++) {
        told.taints[i] = node->taints[i];
    }
    return told;
}

/* Duplicates are harmless; those in a row are avoided. */
static void mark_dirty(wb_cluster_autoscaler *self, uint32_t node_id)
{
    assert(node_id < self->env.cluster->node_count);
    self->dirty_nodes =
        grow_ids(self->dirty_nodes, &self->dirty_capacity, (size_t)self->dirty_count + 1);
    for (uint32_t i = self->dirty_count; i > 0 && i + 8 > self->dirty_count; i--) {
        if (self->dirty_nodes[i - 1] == node_id) {
            return; /* changes of one node come in a row */
        }
    }
    self->dirty_nodes[self->dirty_count++] = node_id;
}

void wb_cluster_autoscaler_sync_nodes(wb_cluster_autoscaler *self)
{
    if (self->env.cluster->volume_driver != 0) { /* where volumes lie is known to all */
        wb_scheduler_core_copy_claim_zones(self->loop.snapshot.core,
                                           wb_scheduler_get_core(self->env.scheduler));
    }
    read_manifest(self); /* before templates bring shapes of their own */
    for (uint32_t i = 0; i < self->dirty_count; i++) {
        const uint32_t node_id = self->dirty_nodes[i];
        if (self->env.cluster->nodes[node_id].state != WB_NODE_STATE_GONE) {
            const wb_ca_snapshot_node node = describe_node(self, node_id);
            (void)wb_ca_loop_set_node(&self->loop, &node);
        }
    }
    self->dirty_count = 0;
}

/* ---- what the cluster tells ---- */

static void on_node_added(void *context, uint32_t node_id)
{
    wb_cluster_autoscaler *self = context;
    const wb_ca_snapshot_node node = describe_node(self, node_id);
    (void)wb_ca_loop_set_node(&self->loop, &node); /* at once: its daemons come next */
    wb_cluster_autoscaler_wake(self, false);
}

static void on_node_changed(void *context, uint32_t node_id)
{
    wb_cluster_autoscaler *self = context;
    mark_dirty(self, node_id);
    wb_cluster_autoscaler_wake(self, false);
}

static void on_node_removed(void *context, uint32_t node_id, wb_cause cause)
{
    assert(((wb_cluster_autoscaler *)context)->loop.snapshot.fork_depth == 0);
    wb_cluster_autoscaler *self = context;
    (void)cause;
    const uint32_t row = wb_ca_loop_find_row(&self->loop, node_id);
    if (row != WB_CA_SNAPSHOT_NONE) {
        const wb_ca_snapshot *snapshot = &self->loop.snapshot;
        for (uint32_t p = snapshot->nodes[row].first_pod; p != WB_CA_SNAPSHOT_NONE;
             p = snapshot->pods[p].next) {
            self->row_of_pod[snapshot->pods[p].pod_id] = WB_CA_SNAPSHOT_NONE;
        }
        wb_ca_loop_remove_node(&self->loop, node_id);
    }
    wb_cluster_autoscaler_wake(self, false);
}

static void on_pod_bound(void *context, uint32_t pod_id, uint32_t node_id)
{
    assert(((wb_cluster_autoscaler *)context)->loop.snapshot.fork_depth == 0);
    wb_cluster_autoscaler *self = context;
    uint32_t row = wb_ca_loop_find_row(&self->loop, node_id);
    if (row == WB_CA_SNAPSHOT_NONE) {
        const wb_ca_snapshot_node node = describe_node(self, node_id);
        row = wb_ca_loop_set_node(&self->loop, &node);
    }
    add_pod(self, pod_id, row);
    wb_cluster_autoscaler_wake(self, false);
}

static void on_pod_terminating(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_cluster_autoscaler *self = context;
    (void)cause;
    if (pod_id < self->pod_capacity && self->row_of_pod[pod_id] != WB_CA_SNAPSHOT_NONE) {
        wb_ca_snapshot_end_pod(&self->loop.snapshot, self->row_of_pod[pod_id],
                               self->env.kernel->now_ms);
    }
    wb_cluster_autoscaler_wake(self, false);
}

static void on_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_cluster_autoscaler *self = context;
    (void)cause;
    remove_pod(self, pod_id);
    wb_cluster_autoscaler_wake(self, false);
}

/* New on the list; with frequent loops it starts a pass. */
static void on_pod_unschedulable(void *context, uint32_t pod_id, const char *reason)
{
    wb_cluster_autoscaler *self = context;
    const wb_pod_table *pods = &self->env.cluster->pods;
    (void)reason;
    if (pods->first_unschedulable_ms[pod_id] < self->env.kernel->now_ms) {
        return; /* known since an earlier attempt */
    }
    for (uint32_t i = self->pending_count; i > 0 && i + 2 > self->pending_count; i--) {
        if (self->pending[i - 1] == pod_id) {
            return; /* tried twice in one instant */
        }
    }
    self->pending =
        grow_ids(self->pending, &self->pending_capacity, (size_t)self->pending_count + 1);
    self->pending[self->pending_count++] = pod_id;
    wb_cluster_autoscaler_wake(self,
                               self->env.kernel->now_ms - pods->created_ms[pod_id] <= FRESH_MS);
}

/* What DescribeScalingActivities will show as a failed activity. */
static void on_cloud_error(void *context, const char *call, const char *code, const char *detail)
{
    wb_cluster_autoscaler *self = context;
    (void)call;
    (void)code;
    for (uint32_t group = 0; group < self->loop.group_count; group++) {
        const char *name = self->env.cloud->asgs[self->groups[group].asg_id].name;
        if (name == detail) { /* the cloud names the group by its own text */
            self->groups[group].failed_ms = self->env.kernel->now_ms;
            wb_cluster_autoscaler_wake(self, false);
        }
    }
}

void wb_cluster_autoscaler_listen(wb_cluster_autoscaler *self)
{
    const wb_observer observer = {
        .context = self,
        .pod_unschedulable = on_pod_unschedulable,
        .pod_bound = on_pod_bound,
        .pod_terminating = on_pod_terminating,
        .pod_gone = on_pod_gone,
        .node_added = on_node_added,
        .node_ready = on_node_changed,
        .node_changed = on_node_changed,
        .node_removed = on_node_removed,
        .cloud_error = on_cloud_error,
    };
    wb_observers_add(self->env.observers, &observer);
}
