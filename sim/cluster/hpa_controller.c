#include "sim/cluster/hpa_controller.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cluster/cluster_internal.h"
#include "sim/cluster/hpa_math.h"

#define REASON_SIZE 256

/* One autoscaler in force. */
typedef struct autoscaler {
    wb_hpa hpa;
    wb_hpa_history history;
    bool is_in_force; /* false: deleted; its row and its event remain */
} autoscaler;

struct wb_hpa_controller {
    wb_cluster *cluster;           /* borrowed */
    const wb_load_signal *signals; /* borrowed */
    uint32_t signal_count;
    autoscaler *items; /* owned */
    uint32_t count, capacity;
};

/* What one look made of the metrics. */
typedef struct proposal {
    int32_t replicas; /* -1: none */
    const wb_hpa_metric *metric;
    int64_t usage; /* of that metric, in all */
} proposal;

/* ---- what pods use ---- */

/* Thousandths of the resource that one pod of template asks for. */
static int64_t request_of(const wb_pod_template *template, uint32_t resource)
{
    const int64_t amount = wb_resource_list_get(template->requests, resource);
    return resource == WB_NAME_CPU ? amount : amount * 1000;
}

/* The cpu that a pod can use at most, in thousandths; INT64_MAX: no limit. */
static int64_t cpu_limit(const wb_pod_template *template)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < template->container_count; i++) {
        const wb_container *container = &template->containers[i];
        if (container->is_init && !container->is_sidecar) {
            continue;
        }
        if (!wb_resource_list_has(container->limits, WB_NAME_CPU)) {
            return INT64_MAX;
        }
        sum += wb_resource_list_get(container->limits, WB_NAME_CPU);
    }
    return sum > 0 ? sum : INT64_MAX;
}

static bool is_serving(const wb_cluster *cluster, uint32_t pod_id)
{
    return cluster->pods.state[pod_id] == WB_POD_STATE_RUNNING &&
           cluster->nodes[cluster->pods.node_id[pod_id]].is_ready;
}

static int32_t count_serving(const wb_cluster *cluster, const wb_owner *owner)
{
    int32_t count = 0;
    for (uint32_t pod_id = owner->first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_of_owner[pod_id]) {
        count += is_serving(cluster, pod_id) ? 1 : 0;
    }
    return count;
}

/* Sorts one pod into ready, unready and missing, with what it uses and asks for. */
static void add_pod(const wb_cluster *cluster, uint32_t pod_id, uint32_t resource, int64_t share,
                    wb_hpa_pods *out)
{
    const wb_pod_table *pods = &cluster->pods;
    const int64_t now_ms = cluster->kernel->now_ms;
    const wb_pod_template *template = wb_cluster_pod_template(cluster, pod_id);
    const int64_t request = request_of(template, resource);
    const bool is_cpu = resource == WB_NAME_CPU;
    if (pods->state[pod_id] == WB_POD_STATE_TERMINATING) {
        return;
    }
    if (pods->state[pod_id] != WB_POD_STATE_RUNNING) {
        out->unready_count++;
        out->unready_requests += request;
        return;
    }
    const int64_t age_ms = now_ms - pods->running_ms[pod_id];
    const bool is_new = now_ms - pods->bound_ms[pod_id] < WB_HPA_CPU_INITIAL_MS;
    if (!is_serving(cluster, pod_id) || age_ms < WB_HPA_FIRST_METRIC_MS) {
        out->missing_count++;
        out->missing_requests += request;
    } else if (is_cpu && is_new && age_ms < WB_HPA_CPU_TRUSTED_MS) {
        out->unready_count++;
        out->unready_requests += request;
    } else {
        const int64_t limit = is_cpu ? cpu_limit(template) : INT64_MAX;
        out->ready_count++;
        out->ready_requests += request;
        out->usage += share < limit ? share : limit;
    }
}

static wb_hpa_pods look_at_pods(const wb_cluster *cluster, const wb_owner *owner, uint32_t resource,
                                int64_t load)
{
    const int32_t serving = count_serving(cluster, owner);
    const int64_t share = serving > 0 ? load / serving : 0;
    wb_hpa_pods pods = {0};
    for (uint32_t pod_id = owner->first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_of_owner[pod_id]) {
        add_pod(cluster, pod_id, resource, share, &pods);
    }
    return pods;
}

/* ---- a proposal ---- */

static int32_t propose(const wb_hpa_controller *controller, const autoscaler *item,
                       const wb_owner *owner, const wb_hpa_metric *metric, int32_t current,
                       int64_t *out_usage)
{
    const wb_load_signal *signal =
        wb_load_signal_find(controller->signals, controller->signal_count, &item->hpa, metric);
    if (signal == NULL) {
        return -1;
    }
    const wb_cluster *cluster = controller->cluster;
    const wb_hpa_tolerances tolerances = {item->hpa.up.tolerance, item->hpa.down.tolerance};
    const int64_t load = wb_load_signal_at(signal, cluster->kernel->now_ms);
    if (metric->kind == WB_HPA_EXTERNAL) {
        *out_usage = load;
        return wb_hpa_math_by_value(metric, load, (int32_t)owner->active_count,
                                    count_serving(cluster, owner), tolerances);
    }
    const wb_hpa_pods pods = look_at_pods(cluster, owner, metric->name, load);
    *out_usage = pods.usage;
    return wb_hpa_math_by_pods(metric, &pods, current, tolerances);
}

/* The largest of what the metrics propose. Where one cannot be read, nothing shrinks. */
static proposal propose_all(const wb_hpa_controller *controller, const autoscaler *item,
                            const wb_owner *owner, int32_t current)
{
    proposal best = {.replicas = -1};
    bool is_blind = false;
    for (uint32_t i = 0; i < item->hpa.metric_count; i++) {
        int64_t usage = 0;
        const int32_t replicas =
            propose(controller, item, owner, &item->hpa.metrics[i], current, &usage);
        is_blind = is_blind || replicas < 0;
        if (replicas > best.replicas) {
            best = (proposal){replicas, &item->hpa.metrics[i], usage};
        }
    }
    if (is_blind && best.replicas < current) {
        best.replicas = -1;
    }
    return best;
}

/* ---- a decision ---- */

static void explain(const wb_cluster *cluster, const proposal *found, char *out)
{
    if (found->metric == NULL) {
        (void)snprintf(out, REASON_SIZE, "the replicas lay outside of its bounds");
        return;
    }
    static const char *const targets[] = {"% of requests", " thousandths a pod", " thousandths"};
    (void)snprintf(out, REASON_SIZE, "%s at %lld thousandths in all, target %lld%s: %d wanted",
                   wb_intern_text(cluster->intern, found->metric->name), (long long)found->usage,
                   (long long)found->metric->target, targets[found->metric->target_kind],
                   found->replicas);
}

/* Sets the replicas, and tells. */
static void scale(wb_hpa_controller *controller, autoscaler *item, const proposal *found,
                  int32_t current, int32_t next)
{
    wb_cluster *cluster = controller->cluster;
    const wb_hpa *hpa = &item->hpa;
    char outcome[64];
    char reason[REASON_SIZE];
    (void)snprintf(outcome, sizeof(outcome), "%d to %d replicas", current, next);
    explain(cluster, found, reason);
    const wb_decision decision = {
        .at_ms = cluster->kernel->now_ms,
        .kind = "replicas",
        .subject = wb_intern_text(cluster->intern, hpa->target_name),
        .outcome = outcome,
        .reason = reason,
        .pod_count = next > current ? next - current : current - next,
    };
    WB_NOTIFY(cluster->observers, decision, &decision);
    wb_hpa_math_remember_change(hpa, &item->history, cluster->kernel->now_ms, current, next);
    (void)wb_cluster_scale_workload(cluster, hpa->target_kind, hpa->namespace_name,
                                    hpa->target_name, next);
}

/* One look at one autoscaler. At 0 replicas it is switched off, as the docs say. */
static void look(wb_hpa_controller *controller, autoscaler *item)
{
    wb_cluster *cluster = controller->cluster;
    const wb_hpa *hpa = &item->hpa;
    const uint32_t owner_id =
        wb_cluster_find_owner(cluster, hpa->target_kind, hpa->namespace_name, hpa->target_name);
    if (owner_id == WB_NO_ID || cluster->owners[owner_id].workload_index == WB_NO_ID) {
        return; /* not there yet, or not any more */
    }
    const wb_owner *owner = &cluster->owners[owner_id];
    const int32_t current = cluster->workloads[owner->workload_index].replicas;
    proposal found = {.replicas = -1};
    int32_t next = current;
    if (current == 0) {
        return;
    }
    if (current > hpa->max_replicas) {
        next = hpa->max_replicas;
    } else if (current < hpa->min_replicas) {
        next = hpa->min_replicas;
    } else {
        found = propose_all(controller, item, owner, current);
        if (found.replicas < 0) {
            return;
        }
        next = wb_hpa_math_limit(hpa, &item->history, cluster->kernel->now_ms, current,
                                 found.replicas);
    }
    if (next != current) {
        scale(controller, item, &found, current, next);
    }
}

static wb_status on_sync(void *context, const wb_event *event, wb_error *err)
{
    wb_hpa_controller *controller = context;
    assert(event->subject < controller->count);
    autoscaler *item = &controller->items[event->subject];
    if (!item->is_in_force) {
        return WB_OK;
    }
    look(controller, item);
    wb_cluster_schedule(controller->cluster, controller->cluster->kernel->now_ms + WB_HPA_SYNC_MS,
                        WB_EVENT_HPA_SYNC, event->subject);
    return wb_cluster_status(controller->cluster, err);
}

/* ---- life cycle ---- */

wb_hpa_controller *wb_hpa_controller_new(wb_cluster *cluster, const wb_load_signal *signals,
                                         uint32_t signal_count)
{
    assert(cluster != NULL && (signals != NULL || signal_count == 0));
    wb_hpa_controller *controller = wb_heap_memory_zalloc(1, sizeof(*controller));
    controller->cluster = cluster;
    controller->signals = signals;
    controller->signal_count = signal_count;
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_HPA_SYNC, on_sync, controller);
    return controller;
}

void wb_hpa_controller_free(wb_hpa_controller *controller)
{
    if (controller == NULL) {
        return;
    }
    for (uint32_t i = 0; i < controller->count; i++) {
        wb_hpa_math_release(&controller->items[i].history);
    }
    wb_heap_memory_free(controller->items);
    wb_heap_memory_free(controller);
}

static autoscaler *find(wb_hpa_controller *controller, uint32_t namespace_name, uint32_t name)
{
    for (uint32_t i = 0; i < controller->count; i++) {
        autoscaler *item = &controller->items[i];
        if (item->is_in_force && item->hpa.name == name &&
            item->hpa.namespace_name == namespace_name) {
            return item;
        }
    }
    return NULL;
}

static bool has_signal(const wb_hpa_controller *controller, const wb_hpa *hpa)
{
    for (uint32_t i = 0; i < hpa->metric_count; i++) {
        if (wb_load_signal_find(controller->signals, controller->signal_count, hpa,
                                &hpa->metrics[i]) != NULL) {
            return true;
        }
    }
    return false;
}

void wb_hpa_controller_apply(wb_hpa_controller *controller, const wb_hpa *hpa)
{
    assert(controller != NULL && hpa != NULL);
    autoscaler *known = find(controller, hpa->namespace_name, hpa->name);
    if (known != NULL) {
        known->hpa = *hpa;
        return;
    }
    if (!has_signal(controller, hpa)) {
        return;
    }
    if (controller->count == controller->capacity) {
        controller->capacity = controller->capacity * 2 + 8;
        controller->items = wb_heap_memory_resize(controller->items, controller->capacity,
                                                  sizeof(*controller->items));
    }
    const uint32_t index = controller->count++;
    controller->items[index] = (autoscaler){.hpa = *hpa, .is_in_force = true};
    wb_cluster_schedule(controller->cluster, controller->cluster->kernel->now_ms, WB_EVENT_HPA_SYNC,
                        index);
}

bool wb_hpa_controller_delete(wb_hpa_controller *controller, uint32_t namespace_name, uint32_t name)
{
    assert(controller != NULL);
    autoscaler *item = find(controller, namespace_name, name);
    if (item == NULL) {
        return false;
    }
    item->is_in_force = false;
    wb_hpa_math_release(&item->history);
    return true;
}
