/*
 * Taking pods away: PDBs, the eviction API, and what owners do about it.
 *
 * PDBs are not counted by walking pods: each PDB has its two sums (wb_pdb_count), each shape the
 * list of PDBs that select it, so an eviction costs the same among ten pods and a million.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/cluster_internal.h"
#include "sim/kernel/event_kinds.h"

#define POD_NAME_BYTES 320 /* a name of 253, "-r", ten digits */

bool wb_cluster_cause_is_eviction(wb_cause cause)
{
    assert(cause < WB_CAUSE_COUNT);
    return cause != WB_CAUSE_NONE && cause != WB_CAUSE_FINISHED && cause != WB_CAUSE_WORKLOAD &&
           cause != WB_CAUSE_HORIZON;
}

/* ---- disruption controller ---- */

bool wb_cluster_owner_states_replicas(const wb_cluster *cluster, uint32_t owner_id)
{
    if (owner_id == WB_NO_ID) {
        return false;
    }
    const wb_owner *owner = &cluster->owners[owner_id];
    return owner->desired_replicas >= 0 && owner->kind != WB_OWNER_JOB;
}

void wb_cluster_count_desired(wb_cluster *cluster, uint32_t owner_id, int32_t sign)
{
    if (!wb_cluster_owner_states_replicas(cluster, owner_id)) {
        return;
    }
    const wb_owner *owner = &cluster->owners[owner_id];
    const wb_controller *controller = wb_cluster_controller_of(cluster, owner_id);
    assert(controller != NULL);
    const wb_shape *shape = &cluster->shapes[controller->shape_id];
    for (uint32_t i = 0; i < shape->pdb_count; i++) {
        wb_pdb_count *count = &cluster->pdb_counts[shape->pdbs[i]];
        count->expected += sign * owner->desired_replicas;
        assert(count->expected >= 0);
    }
}

/* A PDB selects by the labels of the template; all pods of a shape have the same. */
static bool selects_shape(const wb_pdb *pdb, const wb_shape *shape)
{
    return pdb->namespace_name == shape->namespace_name &&
           wb_label_selector_matches(&pdb->selector, shape->template->labels);
}

void wb_cluster_match_pdbs(wb_cluster *cluster, uint32_t shape_id)
{
    wb_shape *shape = &cluster->shapes[shape_id];
    uint32_t count = 0;
    for (uint32_t i = 0; i < cluster->pdb_count; i++) {
        count += selects_shape(&cluster->pdbs[i], shape) ? 1U : 0U;
    }
    uint32_t *list = WB_ARENA_ARRAY(cluster->arena, uint32_t, count);
    shape->pdb_count = count;
    shape->pdbs = list;
    count = 0;
    for (uint32_t i = 0; i < cluster->pdb_count && count < shape->pdb_count; i++) {
        if (selects_shape(&cluster->pdbs[i], shape)) {
            list[count++] = i;
        }
    }
    assert(count == shape->pdb_count);
}

/* Every pod's and every controller's part of the PDBs' sums (and of all others) in or out. */
static void count_everything(wb_cluster *cluster, int32_t sign)
{
    for (uint32_t pod_id = 0; pod_id < cluster->pods.count; pod_id++) {
        cluster->visit_count++;
        wb_cluster_count_pod(cluster, pod_id, sign);
    }
    for (uint32_t owner_id = 0; owner_id < cluster->owner_count; owner_id++) {
        wb_cluster_count_desired(cluster, owner_id, sign);
    }
}

/* Between taking all shares out and putting them in again: what is selected starts anew. */
static void restart_pdbs(wb_cluster *cluster)
{
    wb_heap_memory_free(cluster->pdb_counts);
    cluster->pdb_counts = wb_heap_memory_zalloc(cluster->pdb_count, sizeof(*cluster->pdb_counts));
    for (uint32_t shape_id = 0; shape_id < cluster->shape_count; shape_id++) {
        wb_cluster_match_pdbs(cluster, shape_id);
    }
    cluster->version++;
}

/* Linear: PDBs come and go a few times in a run, and are a few hundred at most. */
static uint32_t find_pdb(const wb_cluster *cluster, uint32_t namespace_name, uint32_t name)
{
    uint32_t i = 0;
    while (i < cluster->pdb_count &&
           (cluster->pdbs[i].namespace_name != namespace_name || cluster->pdbs[i].name != name)) {
        i++;
    }
    return i;
}

void wb_cluster_apply_pdb(wb_cluster *cluster, const wb_pdb *pdb)
{
    assert(cluster != NULL && pdb != NULL);
    const uint32_t index = find_pdb(cluster, pdb->namespace_name, pdb->name);
    count_everything(cluster, -1);
    if (index == cluster->pdb_count) {
        cluster->pdb_count++;
        cluster->pdbs =
            wb_heap_memory_resize(cluster->pdbs, cluster->pdb_count, sizeof(*cluster->pdbs));
    }
    cluster->pdbs[index] = *pdb;
    restart_pdbs(cluster);
    count_everything(cluster, 1);
}

bool wb_cluster_delete_pdb(wb_cluster *cluster, uint32_t namespace_name, uint32_t name)
{
    assert(cluster != NULL);
    const uint32_t index = find_pdb(cluster, namespace_name, name);
    if (index == cluster->pdb_count) {
        return false;
    }
    count_everything(cluster, -1);
    cluster->pdb_count--;
    memmove(cluster->pdbs + index, cluster->pdbs + index + 1,
            (cluster->pdb_count - index) * sizeof(*cluster->pdbs));
    restart_pdbs(cluster);
    count_everything(cluster, 1);
    return true;
}

int32_t wb_cluster_pdb_allowed(const wb_cluster *cluster, const wb_pdb *pdb)
{
    assert(cluster != NULL);
    assert(pdb >= cluster->pdbs && pdb < cluster->pdbs + cluster->pdb_count);
    const wb_pdb_count count = cluster->pdb_counts[pdb - cluster->pdbs];
    return wb_pdb_allowed(pdb, count.expected, count.healthy);
}

static bool is_healthy(const wb_cluster *cluster, uint32_t pod_id)
{
    return cluster->pods.state[pod_id] == WB_POD_STATE_RUNNING &&
           cluster->nodes[cluster->pods.node_id[pod_id]].is_ready;
}

/* The pod is active. Source: the eviction REST handler of the API server. */
static bool pdbs_allow(const wb_cluster *cluster, uint32_t pod_id)
{
    if (cluster->pods.state[pod_id] != WB_POD_STATE_RUNNING) {
        return true; /* phase Pending: PDBs are not asked */
    }
    const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[pod_id]];
    if (shape->pdb_count != 1) {
        return shape->pdb_count == 0;
    }
    const wb_pdb *pdb = &cluster->pdbs[shape->pdbs[0]];
    const wb_pdb_count count = cluster->pdb_counts[shape->pdbs[0]];
    if (is_healthy(cluster, pod_id)) {
        return wb_pdb_allowed(pdb, count.expected, count.healthy) > 0;
    }
    /* An unhealthy pod takes nothing from the healthy ones. IfHealthyBudget lets it go when these
     * suffice, that is, when one more healthy pod could be spared. */
    return pdb->always_allows_unhealthy ||
           wb_pdb_allowed(pdb, count.expected, count.healthy + 1) > 0;
}

bool wb_cluster_can_evict(const wb_cluster *cluster, uint32_t pod_id)
{
    assert(cluster != NULL && pod_id < cluster->pods.count);
    return cluster->pods.state[pod_id] < WB_POD_STATE_TERMINATING && pdbs_allow(cluster, pod_id);
}

/* ---- replacement ---- */

bool wb_cluster_pod_awaits_successor(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    const uint32_t owner_id = pods->owner_id[pod_id];
    return pods->state[pod_id] == WB_POD_STATE_TERMINATING && owner_id != WB_NO_ID &&
           cluster->owners[owner_id].kind == WB_OWNER_STATEFUL_SET &&
           wb_cluster_cause_is_eviction((wb_cause)pods->cause[pod_id]);
}

/* What is left to do of a run to completion: all of it, unless its progress was saved. */
static int64_t remaining_ms(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    const int64_t full_ms = pods->duration_ms[pod_id];
    if ((pods->flags[pod_id] & WB_POD_IS_CHECKPOINTED) == 0 || pods->running_ms[pod_id] < 0) {
        return full_ms;
    }
    /* It worked until it was told to stop, which is now (or, for a StatefulSet, a moment ago). */
    const int64_t left_ms = full_ms - (cluster->kernel->now_ms - pods->running_ms[pod_id]);
    return left_ms > 0 ? left_ms : 0;
}

/* "web-7x", "web-7x-r1", "web-7x-r2": shows whom a pod came for, and clashes with no other name of
 * the trace. A StatefulSet's pod keeps its name. */
static void print_successor_name(const wb_cluster *cluster, uint32_t pod_id,
                                 char out[POD_NAME_BYTES])
{
    const wb_pod_table *pods = &cluster->pods;
    const char *name = pods->name[pod_id];
    if (cluster->owners[pods->owner_id[pod_id]].kind == WB_OWNER_STATEFUL_SET) {
        (void)snprintf(out, POD_NAME_BYTES, "%s", name);
        return;
    }
    size_t stem_length = strlen(name);
    unsigned long turn = 0;
    if (pods->replaces[pod_id] != WB_NO_ID) { /* then the end is ours */
        const char *suffix = strrchr(name, 'r');
        assert(suffix != NULL && suffix > name && suffix[-1] == '-');
        turn = strtoul(suffix + 1, NULL, 10);
        stem_length = (size_t)(suffix - 1 - name);
    }
    const size_t longest = POD_NAME_BYTES - sizeof("-r4294967295");
    stem_length = stem_length < longest ? stem_length : longest; /* the end must not be cut off */
    (void)snprintf(out, POD_NAME_BYTES, "%.*s-r%lu", (int)stem_length, name, turn + 1);
}

/* A pod whose owner is driven by the trace. */
static void replace_recorded_pod(wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    const wb_lifetime_kind lifetime = (wb_lifetime_kind)pods->lifetime[pod_id];
    if (lifetime == WB_LIFETIME_UNTIL && pods->end_ms[pod_id] <= cluster->kernel->now_ms) {
        return;
    }
    char name[POD_NAME_BYTES];
    print_successor_name(cluster, pod_id, name);
    const uint32_t shape_id = pods->shape_id[pod_id];
    const wb_pod_create create = {
        .name = name,
        .namespace_name = cluster->shapes[shape_id].namespace_name,
        .shape_id = shape_id,
        .owner_id = pods->owner_id[pod_id],
        .lifetime = lifetime,
        .end_ms = pods->end_ms[pod_id],
        .duration_ms = lifetime == WB_LIFETIME_DURATION ? remaining_ms(cluster, pod_id) : -1,
        .is_checkpointed = (pods->flags[pod_id] & WB_POD_IS_CHECKPOINTED) != 0,
        .bound_node_id = WB_NO_ID,
        .replaces = pod_id,
    };
    uint32_t replacement;
    wb_error err;
    if (wb_cluster_create_pod(cluster, &create, &replacement, &err) != WB_OK) {
        wb_cluster_defer_error(cluster, &err);
    }
}

void wb_cluster_succeed_pod(wb_cluster *cluster, uint32_t pod_id)
{
    assert(!wb_cluster_pod_is_living(cluster, pod_id));
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    if (wb_cluster_controller_of(cluster, owner_id) == NULL) {
        replace_recorded_pod(cluster, pod_id);
    } /* else the controller fills the slot (wb_cluster_controller_ended_pod) */
}

/* Applies the owner's rule to a pod that was just taken away; counts it as an eviction. */
static void replace_pod(wb_cluster *cluster, uint32_t pod_id)
{
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    cluster->eviction_count++;
    if (owner_id == WB_NO_ID || wb_cluster_pod_awaits_successor(cluster, pod_id)) {
        return;
    }
    if (wb_cluster_controller_of(cluster, owner_id) == NULL) {
        replace_recorded_pod(cluster, pod_id);
    } else {
        wb_cluster_controller_replace_pod(cluster, pod_id);
    }
}

/* ---- verbs ---- */

void wb_cluster_take_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause, int64_t limit_ms)
{
    const bool is_daemon = wb_cluster_pod_is_daemon(cluster, pod_id);
    if (!is_daemon) {
        wb_cluster_controller_loses_pod(cluster, pod_id);
    }
    wb_cluster_terminate_pod(cluster, pod_id, cause, limit_ms);
    if (!is_daemon) { /* a daemon's controller looks again when it is gone */
        replace_pod(cluster, pod_id);
    }
}

/* One door for eviction, force and preemption: bound or not, with a PDB or without. */
static void take_away(wb_cluster *cluster, uint32_t pod_id, wb_cause cause, int64_t limit_ms)
{
    wb_cluster_take_pod(cluster, pod_id, cause, limit_ms);
    wb_cluster_end_unbound(cluster, pod_id);
}

wb_eviction wb_cluster_evict_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause)
{
    assert(cluster != NULL && pod_id < cluster->pods.count);
    assert(wb_cluster_cause_is_eviction(cause));
    if (cluster->pods.state[pod_id] >= WB_POD_STATE_TERMINATING) {
        return WB_EVICTION_GONE;
    }
    if (!pdbs_allow(cluster, pod_id)) {
        cluster->eviction_refused_count++;
        WB_NOTIFY(cluster->observers, eviction_refused, pod_id);
        return WB_EVICTION_REFUSED;
    }
    take_away(cluster, pod_id, cause, -1);
    return WB_EVICTION_ACCEPTED;
}

void wb_cluster_kill_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause, int64_t limit_ms)
{
    assert(cluster != NULL && pod_id < cluster->pods.count);
    assert(wb_cluster_cause_is_eviction(cause));
    assert(limit_ms >= -1);
    wb_pod_table *pods = &cluster->pods;
    if (!wb_cluster_pod_is_living(cluster, pod_id)) {
        return;
    }
    if (pods->state[pod_id] != WB_POD_STATE_TERMINATING) {
        take_away(cluster, pod_id, cause, limit_ms);
        return;
    }
    const int64_t latest_ms = cluster->kernel->now_ms + limit_ms;
    if (limit_ms >= 0 && latest_ms < pods->due_ms[pod_id]) {
        pods->due_ms[pod_id] = latest_ms;
        wb_cluster_schedule(cluster, latest_ms, WB_EVENT_POD_KILLED, pod_id);
    }
}
