/*
 * The contender that re-enacts a recording: what really happened, and what it cost.
 *
 * Nodes appear, become ready, are tainted, cordoned and go when the trace says so, with the labels
 * and sizes that were recorded. Pods are bound when and where they were, and start when they did;
 * those whose node the recording does not know are left to the scheduler. A node costs what its
 * instance type costs in the catalog from the time the node is there (the boot before it, which was
 * billed too, is not in a recording); a type that the catalog does not have costs nothing, and the
 * decisions say so.
 *
 *   trace: node n ready, object ──▶ instance (bill) + Node ──▶ taints, cordon ──▶ gone: both end
 *          pod p node n bound t ──▶ held ... at t bound to n, or given up after a minute
 *
 * What lies on a node that goes is deleted with it: its end in the recording may come seconds
 * later, and what replaced it is in the trace.
 */
#include "sim/autoscaler/recorded/recorded_autoscaler.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/hash_map.h"
#include "kube/names.h"
#include "sim/kernel/event_kinds.h"

/* A node's record may come a little after its first pod's: clocks differ. */
#define WAIT_FOR_NODE_MS WB_MS_PER_MINUTE

enum {
    EVENT_BIND = WB_EVENT_CONTROLLER_FIRST, /* subject: pod */
    EVENT_GIVE_UP,                          /* subject: pod */
};

typedef struct recorded_state {
    wb_autoscaler_env env;
    wb_hash_map node_by_pod;  /* pod id to the interned name of its node, until it is bound */
    wb_hash_map start_by_pod; /* pod id to the time when it started, where known */
    uint32_t *waiting;        /* owned by the arena: pods whose node is not there yet */
    uint32_t waiting_count, waiting_capacity;
    uint64_t unpriced_types[16]; /* interned names of types that were complained about */
    uint32_t unpriced_count;
} recorded_state;

static void validate(const wb_contender *contender, wb_intern *intern, wb_findings *findings)
{
    (void)intern;
    for (uint32_t i = 0; i < contender->setting_count; i++) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, contender->settings[i].position, "settings",
                        "'%s' is not a setting of contender kind 'recorded', which has none",
                        contender->settings[i].name);
    }
}

static void decide(const recorded_state *state, const char *kind, uint32_t subject,
                   const char *reason)
{
    const wb_decision decision = {
        .at_ms = state->env.kernel->now_ms,
        .kind = kind,
        .subject = wb_intern_text(state->env.intern, subject),
        .outcome = "",
        .reason = reason,
        .pod_count = strcmp(kind, "unrecorded-node") == 0 ? 1 : 0,
        .node_count = strcmp(kind, "unpriced-node") == 0 ? 1 : 0,
    };
    WB_NOTIFY(state->env.observers, decision, &decision);
}

/* ---- money ---- */

/* The market in which a node was bought, by the labels of Karpenter, EKS and kOps. */
static wb_capacity_type market_of(const recorded_state *state, wb_labels labels)
{
    static const char *const keys[] = {"karpenter.sh/capacity-type",
                                       "eks.amazonaws.com/capacityType",
                                       "node.kubernetes.io/lifecycle"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const uint32_t key = wb_intern_find(state->env.intern, keys[i]);
        const char *value =
            key != 0 ? wb_intern_text(state->env.intern, wb_labels_get(labels, key)) : "";
        if (strcmp(value, "spot") == 0 || strcmp(value, "SPOT") == 0) {
            return WB_CAPACITY_SPOT;
        }
    }
    return WB_CAPACITY_ON_DEMAND;
}

/* The type's offering in its zone; else in any zone, for account-specific zone names and regions
 * differ while prices hardly do. False: the catalog has none in that market. */
static bool find_offering(const recorded_state *state, uint32_t type_index, uint32_t zone,
                          wb_capacity_type market, wb_fleet_override *out)
{
    const wb_catalog_type *type = &state->env.catalog->types[type_index];
    bool is_found = false;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->offerings[i];
        if (offering->capacity_type != market || (is_found && offering->zone != zone)) {
            continue;
        }
        *out = (wb_fleet_override){.type_index = type_index, .zone = offering->zone};
        is_found = true;
        if (offering->zone == zone) {
            break;
        }
    }
    return is_found;
}

static void complain_of_type(recorded_state *state, uint32_t name, uint32_t type)
{
    for (uint32_t i = 0; i < state->unpriced_count; i++) {
        if (state->unpriced_types[i] == type) {
            return;
        }
    }
    if (state->unpriced_count < sizeof(state->unpriced_types) / sizeof(state->unpriced_types[0])) {
        state->unpriced_types[state->unpriced_count++] = type;
    }
    char reason[256];
    (void)snprintf(reason, sizeof reason,
                   "instance type '%.80s' is not in the catalog: its nodes cost nothing here",
                   wb_intern_text(state->env.intern, type));
    decide(state, "unpriced-node", name, reason);
}

/* The machine under a node; WB_NO_ID: the catalog does not know its type. */
static uint32_t launch(recorded_state *state, const wb_node_object *node)
{
    const uint32_t type = wb_labels_get(node->labels, WB_NAME_INSTANCE_TYPE);
    const uint32_t type_index = type != 0 ? wb_catalog_find(state->env.catalog, type) : UINT32_MAX;
    const uint32_t zone = wb_labels_get(node->labels, WB_NAME_ZONE);
    const wb_capacity_type market = market_of(state, node->labels);
    wb_fleet_override offering;
    if (type_index != UINT32_MAX) {
        if (find_offering(state, type_index, zone, market, &offering)) {
            return wb_cloud_add_recorded(state->env.cloud, &offering, market);
        }
        if (find_offering(state, type_index, zone, WB_CAPACITY_ON_DEMAND, &offering)) {
            return wb_cloud_add_recorded(state->env.cloud, &offering, WB_CAPACITY_ON_DEMAND);
        }
    }
    complain_of_type(state, node->name, type);
    return WB_NO_ID;
}

/* ---- pods ---- */

static void bind(recorded_state *state, uint32_t pod_id, uint32_t node_id)
{
    wb_cluster *cluster = state->env.cluster;
    uint64_t start_ms = 0;
    (void)wb_hash_map_remove(&state->node_by_pod, pod_id);
    if (cluster->pods.state[pod_id] != WB_POD_STATE_PENDING) {
        return; /* deleted meanwhile */
    }
    wb_cluster_bind_pod(cluster, pod_id, node_id);
    if (wb_hash_map_get(&state->start_by_pod, pod_id, &start_ms)) {
        wb_cluster_start_pod_at(cluster, pod_id, (int64_t)start_ms);
        (void)wb_hash_map_remove(&state->start_by_pod, pod_id);
    }
}

static wb_status schedule(const recorded_state *state, int64_t at_ms, int kind, uint32_t subject,
                          wb_error *err)
{
    const int64_t now_ms = state->env.kernel->now_ms;
    return wb_kernel_schedule(state->env.kernel, at_ms > now_ms ? at_ms : now_ms,
                              WB_PHASE_SCHEDULER, (uint16_t)kind, subject, err);
}

static wb_status on_bind(void *context, const wb_event *event, wb_error *err)
{
    recorded_state *state = context;
    uint64_t name = 0;
    if (!wb_hash_map_get(&state->node_by_pod, event->subject, &name)) {
        return WB_OK;
    }
    const uint32_t node_id = wb_cluster_find_node(state->env.cluster, (uint32_t)name);
    if (node_id != WB_NO_ID) {
        bind(state, event->subject, node_id);
        return WB_OK;
    }
    if (state->waiting_count == state->waiting_capacity) {
        const uint32_t capacity = state->waiting_capacity * 2 + 16;
        state->waiting = wb_arena_grow(state->env.arena, state->waiting, state->waiting_capacity,
                                       capacity, sizeof state->waiting[0]);
        state->waiting_capacity = capacity;
    }
    state->waiting[state->waiting_count++] = event->subject;
    return schedule(state, state->env.kernel->now_ms + WAIT_FOR_NODE_MS, EVENT_GIVE_UP,
                    event->subject, err);
}

static void forget_waiting(recorded_state *state, uint32_t pod_id)
{
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        if (state->waiting[i] == pod_id) {
            memmove(&state->waiting[i], &state->waiting[i + 1],
                    (state->waiting_count - i - 1) * sizeof state->waiting[0]);
            state->waiting_count--;
            return;
        }
    }
}

/* Its node did not come: the scheduler may put the pod where there is room. */
static wb_status on_give_up(void *context, const wb_event *event, wb_error *err)
{
    recorded_state *state = context;
    uint64_t name = 0;
    (void)err;
    if (!wb_hash_map_get(&state->node_by_pod, event->subject, &name)) {
        return WB_OK;
    }
    (void)wb_hash_map_remove(&state->node_by_pod, event->subject);
    forget_waiting(state, event->subject);
    if (wb_cluster_pod_is_living(state->env.cluster, event->subject)) {
        char reason[256];
        (void)snprintf(reason, sizeof reason,
                       "pod '%.80s' ran on a node that is not in the recording: the scheduler "
                       "places it",
                       state->env.cluster->pods.name[event->subject]);
        decide(state, "unrecorded-node", (uint32_t)name, reason);
        wb_cluster_release_pod(state->env.cluster, event->subject);
    }
    return WB_OK;
}

/* Pods whose time came before their node did. */
static void bind_waiting(recorded_state *state, uint32_t name, uint32_t node_id)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        const uint32_t pod_id = state->waiting[i];
        uint64_t wanted = 0;
        if (wb_hash_map_get(&state->node_by_pod, pod_id, &wanted) && wanted == name) {
            bind(state, pod_id, node_id);
        } else {
            state->waiting[kept++] = pod_id;
        }
    }
    state->waiting_count = kept;
}

/* ---- nodes ---- */

/* Taints that the cluster itself sets and lifts with readiness and cordon. */
static bool is_own_taint(const wb_taint *taint)
{
    return taint->key == WB_NAME_TAINT_NOT_READY || taint->key == WB_NAME_TAINT_UNREACHABLE ||
           taint->key == WB_NAME_TAINT_UNSCHEDULABLE;
}

static bool has_taint(const wb_taint *taints, uint32_t count, const wb_taint *taint)
{
    for (uint32_t i = 0; i < count; i++) {
        if (taints[i].key == taint->key && taints[i].effect == taint->effect) {
            return true;
        }
    }
    return false;
}

static void set_taints(const recorded_state *state, uint32_t node_id, const wb_node_object *wanted)
{
    wb_cluster *cluster = state->env.cluster;
    for (uint32_t i = cluster->nodes[node_id].taint_count; i > 0; i--) {
        const wb_taint taint = cluster->nodes[node_id].taints[i - 1];
        if (!is_own_taint(&taint) && !has_taint(wanted->taints, wanted->taint_count, &taint)) {
            (void)wb_cluster_remove_node_taint(cluster, node_id, taint.key, taint.effect);
        }
    }
    for (uint32_t i = 0; i < wanted->taint_count; i++) {
        const wb_cluster_node *node = &cluster->nodes[node_id];
        if (!is_own_taint(&wanted->taints[i]) && node->taint_count < WB_NODE_TAINTS_MAX &&
            !has_taint(node->taints, node->taint_count, &wanted->taints[i])) {
            wb_cluster_add_node_taint(cluster, node_id, wanted->taints[i]);
        }
    }
}

static void set_labels(const recorded_state *state, uint32_t node_id, wb_labels wanted)
{
    for (uint32_t i = 0; i < wanted.count; i++) {
        const wb_label label = wanted.items[i];
        if (wb_labels_get(state->env.cluster->nodes[node_id].labels, label.key) != label.value) {
            wb_cluster_set_node_label(state->env.cluster, node_id, label.key, label.value);
        }
    }
}

static void change_node(recorded_state *state, uint32_t node_id, const wb_node_object *object,
                        bool is_ready)
{
    wb_cluster *cluster = state->env.cluster;
    set_taints(state, node_id, object);
    set_labels(state, node_id, object->labels);
    if (cluster->nodes[node_id].is_unschedulable != object->is_unschedulable) {
        wb_cluster_cordon_node(cluster, node_id, object->is_unschedulable);
    }
    if (cluster->nodes[node_id].is_ready != is_ready) {
        wb_cluster_set_node_ready(cluster, node_id, is_ready);
    }
}

static void add_node(recorded_state *state, const wb_node_object *object, bool is_ready)
{
    wb_cluster *cluster = state->env.cluster;
    const uint32_t instance_id = launch(state, object);
    const wb_node_create create = {
        .name = wb_intern_text(state->env.intern, object->name),
        .labels = object->labels,
        .capacity = object->capacity.count > 0 ? object->capacity : object->allocatable,
        .allocatable = object->allocatable,
        .instance_id = instance_id,
        .claim_id = WB_NO_ID,
        .is_ready = is_ready,
        .is_managed_by_contender = true,
        .pod_start_median_ms = -1,
    };
    const uint32_t node_id = wb_cluster_add_node(cluster, &create);
    if (instance_id != WB_NO_ID) {
        wb_cloud_join_recorded(state->env.cloud, instance_id, node_id);
    }
    change_node(state, node_id, object, is_ready);
    bind_waiting(state, object->name, node_id);
}

static void remove_node(recorded_state *state, uint32_t node_id)
{
    wb_cluster *cluster = state->env.cluster;
    for (uint32_t pod_id = cluster->nodes[node_id].first_pod; pod_id != WB_NO_ID;) {
        const uint32_t next = cluster->pods.next_on_node[pod_id];
        if (!wb_cluster_pod_is_daemon(cluster, pod_id)) {
            wb_cluster_delete_pod(cluster, pod_id, WB_CAUSE_WORKLOAD);
        }
        pod_id = next;
    }
    const uint32_t instance_id = cluster->nodes[node_id].instance_id;
    if (instance_id != WB_NO_ID) {
        wb_cloud_end_recorded(state->env.cloud, instance_id, WB_CAUSE_RECORDED);
    }
    wb_cluster_remove_node(cluster, node_id, WB_CAUSE_RECORDED);
}

/* ---- the hooks ---- */

static wb_status see_record(void *self, const wb_trace_record *record, int64_t shift_ms,
                            uint32_t pod_id, wb_error *err)
{
    recorded_state *state = self;
    if (record->kind == WB_TRACE_POD) {
        assert(pod_id != WB_NO_ID && record->history.node_name != NULL);
        const wb_trace_pod_history *history = &record->history;
        (void)wb_hash_map_put(&state->node_by_pod, pod_id,
                              wb_intern_add(state->env.intern, history->node_name));
        if (history->started_ms >= 0 && history->started_ms + shift_ms >= 0) {
            (void)wb_hash_map_put(&state->start_by_pod, pod_id,
                                  (uint64_t)(history->started_ms + shift_ms));
        }
        const int64_t bound_ms = history->bound_ms >= 0 ? history->bound_ms : record->at_ms;
        return schedule(state, bound_ms + shift_ms, EVENT_BIND, pod_id, err);
    }
    assert(record->kind == WB_TRACE_NODE);
    const uint32_t name = wb_intern_add(state->env.intern, record->name);
    const uint32_t node_id = wb_cluster_find_node(state->env.cluster, name);
    if (record->node == NULL) {
        if (node_id != WB_NO_ID) {
            remove_node(state, node_id);
        }
    } else if (node_id == WB_NO_ID) {
        add_node(state, record->node, record->is_ready);
    } else {
        change_node(state, node_id, record->node, record->is_ready);
    }
    return WB_OK;
}

static wb_status create(const wb_autoscaler_env *env, const wb_contender *contender,
                        void **out_self, wb_error *err)
{
    (void)contender;
    (void)err;
    recorded_state *state = WB_ARENA_NEW(env->arena, recorded_state);
    state->env = *env;
    wb_hash_map_init(&state->node_by_pod);
    wb_hash_map_init(&state->start_by_pod);
    wb_kernel_subscribe(env->kernel, EVENT_BIND, on_bind, state);
    wb_kernel_subscribe(env->kernel, EVENT_GIVE_UP, on_give_up, state);
    *out_self = state;
    return WB_OK;
}

static wb_status start(void *self, wb_error *err)
{
    assert(self != NULL);
    (void)err;
    return WB_OK; /* the trace is what starts things */
}

static void destroy(void *self)
{
    recorded_state *state = self;
    wb_hash_map_release(&state->node_by_pod);
    wb_hash_map_release(&state->start_by_pod);
}

const wb_autoscaler_ops wb_recorded_autoscaler_ops = {
    .kind = "recorded",
    .help = "what really happened, as the trace recorded it",
    .validate = validate,
    .create = create,
    .start = start,
    .see_record = see_record,
    .destroy = destroy,
};
