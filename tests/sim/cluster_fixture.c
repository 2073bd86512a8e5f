#include "tests/sim/cluster_fixture.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/kernel/event_kinds.h"

/* First fit over nodes by id; pods in order of arrival. Quadratic, and simple enough to trust. */
struct wb_scheduler {
    wb_cluster *cluster; /* borrowed */
    uint32_t *queue;     /* owned */
    uint32_t count, capacity;
    bool is_scheduled;
};

/* ---- the scheduler ---- */

static void wake(struct wb_scheduler *scheduler)
{
    if (!scheduler->is_scheduled) {
        scheduler->is_scheduled = true;
        wb_kernel *kernel = scheduler->cluster->kernel;
        const wb_status status = wb_kernel_schedule(kernel, kernel->now_ms, WB_PHASE_SCHEDULER,
                                                    WB_EVENT_SCHEDULER_CYCLE, 0, NULL);
        assert(status == WB_OK);
    }
}

static void enqueue(struct wb_scheduler *scheduler, uint32_t pod_id)
{
    if (scheduler->count == scheduler->capacity) {
        scheduler->capacity =
            (uint32_t)wb_heap_memory_next_capacity(scheduler->capacity, scheduler->count + 1U);
        scheduler->queue =
            wb_heap_memory_resize(scheduler->queue, scheduler->capacity, sizeof(uint32_t));
    }
    scheduler->queue[scheduler->count++] = pod_id;
    wake(scheduler);
}

static void forget(struct wb_scheduler *scheduler, uint32_t pod_id)
{
    uint32_t at = 0;
    while (at < scheduler->count && scheduler->queue[at] != pod_id) {
        at++;
    }
    assert(at < scheduler->count); /* only what was queued is forgotten */
    scheduler->count--;
    memmove(scheduler->queue + at, scheduler->queue + at + 1,
            (scheduler->count - at) * sizeof(uint32_t));
}

static void see_node(struct wb_scheduler *scheduler, uint32_t node_id)
{
    assert(node_id < scheduler->cluster->node_count);
    wake(scheduler);
}

static void see_assigned(struct wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id)
{
    assert(scheduler->cluster->pods.node_id[pod_id] == node_id);
}

static void see_removed(struct wb_scheduler *scheduler, uint32_t pod_id, uint32_t node_id)
{
    assert(scheduler->cluster->pods.node_id[pod_id] == node_id);
    wake(scheduler);
}

static const wb_cluster_scheduler_ops scheduler_ops = {enqueue, forget, see_node, see_assigned,
                                                       see_removed};

static bool accepts_pods(const wb_cluster_node *node)
{
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (node->taints[i].effect != WB_TAINT_PREFER_NO_SCHEDULE) {
            return false;
        }
    }
    return !node->is_unschedulable;
}

static uint32_t find_fit(const wb_cluster *cluster, uint32_t pod_id)
{
    for (uint32_t i = 0; i < cluster->living_node_count; i++) {
        const uint32_t node_id = cluster->living_nodes[i];
        if (accepts_pods(&cluster->nodes[node_id]) &&
            wb_cluster_node_fits(cluster, node_id, cluster->pods.shape_id[pod_id])) {
            return node_id;
        }
    }
    return WB_NO_ID;
}

static wb_status run_cycle(void *context, const wb_event *event, wb_error *err)
{
    struct wb_scheduler *scheduler = context;
    (void)event;
    scheduler->is_scheduled = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scheduler->count; i++) {
        const uint32_t pod_id = scheduler->queue[i];
        const uint32_t node_id = find_fit(scheduler->cluster, pod_id);
        if (node_id != WB_NO_ID) {
            wb_cluster_bind_pod(scheduler->cluster, pod_id, node_id);
        } else {
            scheduler->queue[kept++] = pod_id;
            wb_cluster_mark_unschedulable(scheduler->cluster, pod_id, "no node fits");
        }
    }
    scheduler->count = kept;
    return wb_cluster_status(scheduler->cluster, err);
}

/* ---- the observer ---- */

static void see_pod_created(void *context, uint32_t pod_id)
{
    (void)pod_id;
    ((wb_cluster_fixture_calls *)context)->created++;
}

static void see_pod_unschedulable(void *context, uint32_t pod_id, const char *reason)
{
    (void)pod_id;
    assert(reason != NULL);
    ((wb_cluster_fixture_calls *)context)->unschedulable++;
}

static void see_pod_bound(void *context, uint32_t pod_id, uint32_t node_id)
{
    (void)pod_id;
    (void)node_id;
    ((wb_cluster_fixture_calls *)context)->bound++;
}

static void see_pod_running(void *context, uint32_t pod_id)
{
    (void)pod_id;
    ((wb_cluster_fixture_calls *)context)->running++;
}

static void see_pod_terminating(void *context, uint32_t pod_id, wb_cause cause)
{
    (void)pod_id;
    (void)cause;
    ((wb_cluster_fixture_calls *)context)->terminating++;
}

static void see_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    (void)pod_id;
    (void)cause;
    ((wb_cluster_fixture_calls *)context)->gone++;
}

static void see_refused(void *context, uint32_t pod_id)
{
    (void)pod_id;
    ((wb_cluster_fixture_calls *)context)->refused++;
}

static void see_node_added(void *context, uint32_t node_id)
{
    (void)node_id;
    ((wb_cluster_fixture_calls *)context)->node_added++;
}

static void see_node_ready(void *context, uint32_t node_id)
{
    (void)node_id;
    ((wb_cluster_fixture_calls *)context)->node_ready++;
}

static void see_node_changed(void *context, uint32_t node_id)
{
    (void)node_id;
    ((wb_cluster_fixture_calls *)context)->node_changed++;
}

static void see_node_removed(void *context, uint32_t node_id, wb_cause cause)
{
    (void)node_id;
    (void)cause;
    ((wb_cluster_fixture_calls *)context)->node_removed++;
}

/* ---- the fixture ---- */

void wb_cluster_fixture_init(wb_cluster_fixture *fixture, const wb_cluster_options *options)
{
    *fixture = (wb_cluster_fixture){.scheduler = NULL};
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    wb_intern_init(&fixture->intern, &fixture->arena);
    wb_names_init(&fixture->intern);
    wb_kernel_init(&fixture->kernel, WB_EVENT_QUEUE_HEAP, 0);
    wb_observers_init(&fixture->observers);
    const wb_observer observer = {
        .context = &fixture->calls,
        .pod_created = see_pod_created,
        .pod_unschedulable = see_pod_unschedulable,
        .pod_bound = see_pod_bound,
        .pod_running = see_pod_running,
        .pod_terminating = see_pod_terminating,
        .pod_gone = see_pod_gone,
        .eviction_refused = see_refused,
        .node_added = see_node_added,
        .node_ready = see_node_ready,
        .node_changed = see_node_changed,
        .node_removed = see_node_removed,
    };
    wb_observers_add(&fixture->observers, &observer);
    const wb_cluster_options defaults = wb_cluster_default_options();
    wb_cluster_init(&fixture->cluster, &fixture->kernel, &fixture->arena, &fixture->intern,
                    &fixture->observers, options != NULL ? options : &defaults);
    fixture->scheduler = wb_heap_memory_zalloc(1, sizeof(*fixture->scheduler));
    fixture->scheduler->cluster = &fixture->cluster;
    wb_kernel_subscribe(&fixture->kernel, WB_EVENT_SCHEDULER_CYCLE, run_cycle, fixture->scheduler);
    wb_cluster_set_scheduler(&fixture->cluster, fixture->scheduler, &scheduler_ops);
}

void wb_cluster_fixture_release(wb_cluster_fixture *fixture)
{
    wb_cluster_check(&fixture->cluster);
    wb_cluster_release(&fixture->cluster);
    wb_kernel_release(&fixture->kernel);
    wb_intern_release(&fixture->intern);
    wb_arena_release(&fixture->arena);
    wb_heap_memory_free(fixture->scheduler->queue);
    wb_heap_memory_free(fixture->scheduler);
}

static wb_labels one_label(wb_cluster_fixture *fixture, const char *key, const char *value)
{
    const wb_labels none = {NULL, 0};
    return wb_labels_with(&fixture->arena, none, wb_intern_add(&fixture->intern, key),
                          wb_intern_add(&fixture->intern, value));
}

wb_pod_template *wb_cluster_fixture_template(wb_cluster_fixture *fixture, const char *app,
                                             int64_t cpu_milli, int64_t memory_bytes)
{
    wb_pod_template *template = WB_ARENA_NEW(&fixture->arena, wb_pod_template);
    wb_resource_list requests = {NULL, 0};
    requests = wb_resource_list_with(&fixture->arena, requests, WB_NAME_CPU, cpu_milli);
    requests = wb_resource_list_with(&fixture->arena, requests, WB_NAME_MEMORY, memory_bytes);
    requests = wb_resource_list_with(&fixture->arena, requests, WB_NAME_PODS, 1);
    template->labels = one_label(fixture, "app", app);
    template->requests = requests;
    template->grace_period_ms = 30000;
    return template;
}

static uint32_t add_node(wb_cluster_fixture *fixture, const char *name, int64_t cpus, bool is_ready)
{
    wb_resource_list capacity = {NULL, 0};
    capacity = wb_resource_list_with(&fixture->arena, capacity, WB_NAME_CPU, cpus * 1000);
    capacity = wb_resource_list_with(&fixture->arena, capacity, WB_NAME_MEMORY, cpus << 32);
    capacity = wb_resource_list_with(&fixture->arena, capacity, WB_NAME_PODS, 110);
    const wb_node_create create = {.name = name,
                                   .labels = one_label(fixture, "pool", "a"),
                                   .capacity = capacity,
                                   .allocatable = capacity,
                                   .instance_id = WB_NO_ID,
                                   .claim_id = WB_NO_ID,
                                   .is_ready = is_ready,
                                   .pod_start_median_ms = -1};
    return wb_cluster_add_node(&fixture->cluster, &create);
}

uint32_t wb_cluster_fixture_node(wb_cluster_fixture *fixture, const char *name, int64_t cpus)
{
    return add_node(fixture, name, cpus, true);
}

uint32_t wb_cluster_fixture_new_node(wb_cluster_fixture *fixture, const char *name, int64_t cpus)
{
    return add_node(fixture, name, cpus, false);
}

uint32_t wb_cluster_fixture_owner(wb_cluster_fixture *fixture, wb_owner_kind kind, const char *name)
{
    return kind == WB_OWNER_NONE ? WB_NO_ID
                                 : wb_cluster_add_owner(&fixture->cluster, kind, WB_NAME_DEFAULT,
                                                        wb_intern_add(&fixture->intern, name));
}

uint32_t wb_cluster_fixture_pod(wb_cluster_fixture *fixture, const char *name, const char *app,
                                wb_pod_create create)
{
    create.name = name;
    create.namespace_name = WB_NAME_DEFAULT;
    create.shape_id =
        wb_cluster_add_shape(&fixture->cluster,
                             wb_cluster_fixture_template(fixture, app, 100, INT64_C(128) << 20),
                             WB_NAME_DEFAULT);
    uint32_t pod_id = WB_NO_ID;
    const wb_status status = wb_cluster_create_pod(&fixture->cluster, &create, &pod_id, NULL);
    assert(status == WB_OK);
    return pod_id;
}

wb_label_selector wb_cluster_fixture_selector(wb_cluster_fixture *fixture, const char *app)
{
    uint32_t *value = WB_ARENA_NEW(&fixture->arena, uint32_t);
    *value = wb_intern_add(&fixture->intern, app);
    wb_label_expression *expression = WB_ARENA_NEW(&fixture->arena, wb_label_expression);
    *expression = (wb_label_expression){.key = wb_intern_add(&fixture->intern, "app"),
                                        .op = WB_OPERATOR_IN,
                                        .value_count = 1,
                                        .values = value};
    return (wb_label_selector){true, 1, expression};
}

wb_workload wb_cluster_fixture_workload(wb_cluster_fixture *fixture, wb_owner_kind kind,
                                        const char *name, int32_t replicas)
{
    return (wb_workload){
        .kind = kind,
        .name = wb_intern_add(&fixture->intern, name),
        .namespace_name = WB_NAME_DEFAULT,
        .template = wb_cluster_fixture_template(fixture, name, 100, INT64_C(128) << 20),
        .selector = wb_cluster_fixture_selector(fixture, name),
        .replicas = replicas,
        .max_unavailable = replicas / 4,
        .max_surge = (replicas + 3) / 4,
        .completions = 1,
        .parallelism = 1,
        .backoff_limit = 6,
        .created_ms = -1,
    };
}

uint32_t wb_cluster_fixture_apply(wb_cluster_fixture *fixture, const wb_workload *workload)
{
    const wb_status status = wb_cluster_apply_workload(&fixture->cluster, workload, NULL);
    assert(status == WB_OK);
    wb_cluster_check(&fixture->cluster);
    return wb_cluster_add_owner(&fixture->cluster, workload->kind, workload->namespace_name,
                                workload->name);
}

void wb_cluster_fixture_run(wb_cluster_fixture *fixture, int64_t at_ms)
{
    const wb_status status = wb_kernel_run_until(&fixture->kernel, at_ms, NULL);
    assert(status == WB_OK);
    wb_cluster_check(&fixture->cluster);
}

uint32_t wb_cluster_fixture_find(const wb_cluster_fixture *fixture, const char *name)
{
    return wb_cluster_find_pod(&fixture->cluster, WB_NAME_DEFAULT, name);
}
