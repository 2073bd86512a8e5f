#include "scenarios/workload_feed.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/hpa_controller.h"
#include "sim/kernel/event_kinds.h"

/* One trace being read: the next record is held until its time has come. */
typedef struct trace_feed {
    const wb_scenario_trace *trace; /* borrowed */
    wb_trace_reader *reader;        /* owned */
    wb_trace_record next;
    uint32_t *shape_ids; /* owned; by the trace's shape number */
    uint32_t *owner_ids; /* owned; by the trace's owner number */
    uint32_t shape_count, shape_capacity, owner_count, owner_capacity;
    bool has_ended;
} trace_feed;

struct wb_workload_feed {
    const wb_scenario *scenario; /* borrowed */
    wb_cluster *cluster;         /* borrowed */
    trace_feed *traces;          /* owned; trace_count of the scenario */
    wb_hpa_controller *hpas;     /* owned */
    wb_workload_witness witness;
    uint32_t next_step, ended_trace_count;
    int64_t end_ms;
};

static void remember_id(uint32_t **ids, uint32_t *count, uint32_t *capacity, uint32_t id)
{
    if (*count == *capacity) {
        *capacity = (uint32_t)wb_heap_memory_next_capacity(*capacity, (size_t)*count + 1);
        *ids = wb_heap_memory_resize(*ids, *capacity, sizeof(uint32_t));
    }
    (*ids)[(*count)++] = id;
}

/* Classes that every cluster has. Source: kubernetes.io/docs, PriorityClass. */
static const struct {
    const char *name;
    int32_t value;
} system_classes[] = {
    {"system-cluster-critical", 2000000000},
    {"system-node-critical", 2000001000},
};

/* The priority that admission would give a pod of this template; false: none of its own. */
static bool find_priority(const wb_workload_feed *feed, const wb_pod_template *template,
                          int32_t *out)
{
    const wb_manifest *base = feed->scenario->base;
    for (uint32_t i = 0; i < base->priority_class_count; i++) {
        const wb_priority_class *class = &base->priority_classes[i];
        if (class->name == template->priority_class_name ||
            (template->priority_class_name == 0 && class->is_global_default)) {
            *out = class->value;
            return true;
        }
    }
    const char *name = wb_intern_text(feed->cluster->intern, template->priority_class_name);
    for (size_t i = 0; i < sizeof(system_classes) / sizeof(system_classes[0]); i++) {
        if (strcmp(system_classes[i].name, name) == 0) {
            *out = system_classes[i].value;
            return true;
        }
    }
    return false;
}

/* The template as the API server would store it: priorityClassName resolved. */
static const wb_pod_template *admit(const wb_workload_feed *feed, const wb_pod_template *template)
{
    int32_t priority = 0;
    if (template->priority_is_set || !find_priority(feed, template, &priority)) {
        return template;
    }
    wb_pod_template *admitted = WB_ARENA_NEW(feed->cluster->arena, wb_pod_template);
    *admitted = *template;
    admitted->priority = priority;
    admitted->priority_is_set = true;
    return admitted;
}

/* Pods that come with their nodes, whosever these are: static ones, and those of DaemonSets that
 * the trace applies or that are in force. Their records tell what was on the recorded nodes. */
static bool comes_with_nodes(const wb_workload_feed *feed, const trace_feed *trace,
                             uint32_t owner_id)
{
    if (owner_id == WB_NO_ID) {
        return false;
    }
    const wb_owner *owner = &feed->cluster->owners[owner_id];
    return owner->kind == WB_OWNER_NODE ||
           (owner->kind == WB_OWNER_DAEMON_SET &&
            (trace->trace->has_daemon_sets || owner->workload_index != WB_NO_ID));
}

static bool is_re_enacted(const wb_workload_feed *feed, const wb_trace_record *record)
{
    return feed->witness.ops->see_record != NULL && record->history.node_name != NULL;
}

static wb_status create_pod(wb_workload_feed *feed, const trace_feed *trace, wb_error *err)
{
    const wb_trace_record *record = &trace->next;
    const int64_t shift_ms = trace->trace->shift_ms;
    const uint32_t shape_id = trace->shape_ids[record->shape_number];
    const bool is_batch = record->runs_ms >= 0;
    const uint32_t owner_id =
        record->owner_number == UINT32_MAX ? WB_NO_ID : trace->owner_ids[record->owner_number];
    if (comes_with_nodes(feed, trace, owner_id)) {
        return WB_OK;
    }
    const wb_pod_create create = {
        .name = record->name,
        .namespace_name = feed->cluster->shapes[shape_id].namespace_name,
        .shape_id = shape_id,
        .owner_id = owner_id,
        .lifetime = is_batch                ? WB_LIFETIME_DURATION
                    : record->until_ms >= 0 ? WB_LIFETIME_UNTIL
                                            : WB_LIFETIME_OPEN,
        .end_ms = record->until_ms >= 0 ? record->until_ms + shift_ms : -1,
        .duration_ms = record->runs_ms,
        .is_checkpointed = record->is_checkpointed,
        .bound_node_id = WB_NO_ID,
        .is_held = is_re_enacted(feed, record),
        .replaces = WB_NO_ID,
    };
    uint32_t pod_id = WB_NO_ID;
    if (create.end_ms > feed->end_ms) {
        feed->end_ms = create.end_ms;
    }
    WB_TRY(wb_cluster_create_pod(feed->cluster, &create, &pod_id, err));
    return create.is_held
               ? feed->witness.ops->see_record(feed->witness.self, record, shift_ms, pod_id, err)
               : WB_OK;
}

/* A recorded node: nobody's business but the witness's. */
static wb_status tell_node(const wb_workload_feed *feed, const trace_feed *trace, wb_error *err)
{
    return feed->witness.ops->see_record == NULL
               ? WB_OK
               : feed->witness.ops->see_record(feed->witness.self, &trace->next,
                                               trace->trace->shift_ms, WB_NO_ID, err);
}

/* Objects of a manifest that change the cluster while it runs. */
static wb_status apply_manifest(wb_workload_feed *feed, const wb_manifest *manifest, wb_error *err)
{
    wb_cluster *cluster = feed->cluster;
    for (uint32_t i = 0; i < manifest->pdb_count; i++) {
        wb_cluster_apply_pdb(cluster, &manifest->pdbs[i]);
    }
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        wb_workload workload = manifest->workloads[i];
        workload.template = admit(feed, workload.template);
        WB_TRY(wb_cluster_apply_workload(cluster, &workload, err));
    }
    for (uint32_t i = 0; i < manifest->hpa_count; i++) {
        wb_hpa_controller_apply(feed->hpas, &manifest->hpas[i]);
    }
    for (uint32_t i = 0; i < manifest->pod_count; i++) {
        const wb_pod *pod = &manifest->pods[i];
        const wb_pod_create create = {
            .name = wb_intern_text(cluster->intern, pod->name),
            .namespace_name = pod->namespace_name,
            .shape_id =
                wb_cluster_add_shape(cluster, admit(feed, pod->template), pod->namespace_name),
            .owner_id = WB_NO_ID,
            .lifetime = WB_LIFETIME_OPEN,
            .end_ms = -1,
            .duration_ms = -1,
            .bound_node_id = WB_NO_ID,
            .replaces = WB_NO_ID,
        };
        uint32_t pod_id = WB_NO_ID;
        WB_TRY(wb_cluster_create_pod(cluster, &create, &pod_id, err));
    }
    return WB_OK;
}

static void delete_object(wb_workload_feed *feed, const wb_trace_record *record)
{
    wb_cluster *cluster = feed->cluster;
    if (strcmp(record->delete_kind, "Pod") == 0) {
        const uint32_t pod_id = wb_cluster_find_pod(cluster, record->namespace_name, record->name);
        if (pod_id != WB_NO_ID) {
            wb_cluster_delete_pod(cluster, pod_id, WB_CAUSE_WORKLOAD);
        }
        return;
    }
    const uint32_t name = wb_intern_find(cluster->intern, record->name);
    if (name != 0 && strcmp(record->delete_kind, "HorizontalPodAutoscaler") == 0) {
        (void)wb_hpa_controller_delete(feed->hpas, record->namespace_name, name);
    } else if (name != 0) {
        (void)wb_cluster_delete_workload(cluster, record->owner_kind, record->namespace_name, name);
    }
}

static wb_status apply_record(wb_workload_feed *feed, trace_feed *trace, wb_error *err)
{
    const wb_trace_record *record = &trace->next;
    wb_cluster *cluster = feed->cluster;
    switch (record->kind) {
    case WB_TRACE_SHAPE:
        remember_id(&trace->shape_ids, &trace->shape_count, &trace->shape_capacity,
                    wb_cluster_add_shape(cluster, admit(feed, record->template),
                                         record->namespace_name));
        return WB_OK;
    case WB_TRACE_OWNER:
        remember_id(&trace->owner_ids, &trace->owner_count, &trace->owner_capacity,
                    wb_cluster_add_owner(cluster, record->owner_kind, record->namespace_name,
                                         wb_intern_add(cluster->intern, record->name)));
        return WB_OK;
    case WB_TRACE_POD: return create_pod(feed, trace, err);
    case WB_TRACE_APPLY: return apply_manifest(feed, record->manifest, err);
    case WB_TRACE_DELETE: delete_object(feed, record); return WB_OK;
    case WB_TRACE_SCALE: /* of a workload whose pods are records: history */
        (void)wb_cluster_scale_workload(cluster, record->owner_kind, record->namespace_name,
                                        wb_intern_add(cluster->intern, record->name),
                                        record->replicas);
        return WB_OK;
    case WB_TRACE_NODE: return tell_node(feed, trace, err);
    case WB_TRACE_SPOT: return WB_OK;
    case WB_TRACE_END:
        trace->has_ended = true;
        feed->ended_trace_count++;
        return WB_OK;
    }
    return WB_OK;
}

static bool has_time(const wb_trace_record *record)
{
    return record->kind != WB_TRACE_SHAPE && record->kind != WB_TRACE_OWNER;
}

static int64_t time_of(const trace_feed *trace)
{
    const int64_t at_ms = trace->next.at_ms + trace->trace->shift_ms;
    return at_ms > 0 ? at_ms : 0;
}

/* Applies the record that is held and takes the next one. */
static wb_status advance(wb_workload_feed *feed, trace_feed *trace, wb_error *err)
{
    WB_TRY(apply_record(feed, trace, err));
    return trace->has_ended ? WB_OK : wb_trace_reader_next(trace->reader, &trace->next, err);
}

/* Applies what is due now and schedules the next record that lies ahead. */
static wb_status feed_due(wb_workload_feed *feed, uint32_t trace_index, wb_error *err)
{
    trace_feed *trace = &feed->traces[trace_index];
    const int64_t now_ms = feed->cluster->kernel->now_ms;
    while (!trace->has_ended) {
        if (has_time(&trace->next) && time_of(trace) > now_ms) {
            return wb_kernel_schedule(feed->cluster->kernel, time_of(trace), WB_PHASE_CLUSTER,
                                      WB_EVENT_TRACE_NEXT, trace_index, err);
        }
        WB_TRY(advance(feed, trace, err));
    }
    return WB_OK;
}

static wb_status on_trace_next(void *context, const wb_event *event, wb_error *err)
{
    return feed_due(context, event->subject, err);
}

static wb_status apply_step(wb_workload_feed *feed, const wb_scenario_step *step, wb_error *err)
{
    wb_cluster *cluster = feed->cluster;
    switch (step->kind) {
    case WB_STEP_APPLY: return apply_manifest(feed, step->manifest, err);
    case WB_STEP_DELETE:
        (void)wb_cluster_delete_workload(cluster, step->owner_kind, step->namespace_name,
                                         step->name);
        return WB_OK;
    case WB_STEP_SCALE:
        if (!wb_cluster_scale_workload(cluster, step->owner_kind, step->namespace_name, step->name,
                                       step->replicas)) {
            return wb_fail(err, WB_ERR_INPUT,
                           "scale at %lld ms: no workload '%s' is there, expected one that was "
                           "applied before",
                           (long long)step->at_ms, wb_intern_text(cluster->intern, step->name));
        }
        return WB_OK;
    }
    return WB_OK;
}

static wb_status steps_due(wb_workload_feed *feed, wb_error *err)
{
    const wb_scenario *scenario = feed->scenario;
    const int64_t now_ms = feed->cluster->kernel->now_ms;
    while (feed->next_step < scenario->step_count) {
        const wb_scenario_step *step = &scenario->steps[feed->next_step];
        if (step->at_ms > now_ms) {
            return wb_kernel_schedule(feed->cluster->kernel, step->at_ms, WB_PHASE_CLUSTER,
                                      WB_EVENT_SCENARIO_STEP, 0, err);
        }
        WB_TRY(apply_step(feed, step, err));
        feed->next_step++;
    }
    return WB_OK;
}

static wb_status on_scenario_step(void *context, const wb_event *event, wb_error *err)
{
    (void)event;
    return steps_due(context, err);
}

static wb_status open_traces(wb_workload_feed *feed, wb_error *err)
{
    const wb_scenario *scenario = feed->scenario;
    for (uint32_t i = 0; i < scenario->trace_count; i++) {
        trace_feed *trace = &feed->traces[i];
        trace->trace = &scenario->traces[i];
        WB_TRY(wb_trace_reader_open(trace->trace->path, feed->cluster->arena, feed->cluster->intern,
                                    &trace->reader, err));
        WB_TRY(wb_trace_reader_next(trace->reader, &trace->next, err));
        const int64_t end_ms = trace->trace->summary.end_ms + trace->trace->shift_ms;
        feed->end_ms = end_ms > feed->end_ms ? end_ms : feed->end_ms;
        WB_TRY(feed_due(feed, i, err));
    }
    return WB_OK;
}

wb_status wb_workload_feed_open(const wb_scenario *scenario, wb_cluster *cluster,
                                wb_workload_witness witness, wb_workload_feed **out, wb_error *err)
{
    assert(scenario != NULL && cluster != NULL && out != NULL && witness.ops != NULL);
    wb_workload_feed *feed = wb_heap_memory_zalloc(1, sizeof *feed);
    feed->scenario = scenario;
    feed->cluster = cluster;
    feed->witness = witness;
    feed->traces = wb_heap_memory_zalloc(scenario->trace_count + 1U, sizeof feed->traces[0]);
    for (uint32_t i = 0; i < scenario->step_count; i++) {
        feed->end_ms =
            scenario->steps[i].at_ms > feed->end_ms ? scenario->steps[i].at_ms : feed->end_ms;
    }
    for (uint32_t i = 0; i < scenario->signal_count; i++) {
        const wb_load_signal *signal = &scenario->signals[i];
        const int64_t last_ms = signal->points[signal->point_count - 1].at_ms;
        feed->end_ms = last_ms > feed->end_ms ? last_ms : feed->end_ms;
    }
    feed->hpas = wb_hpa_controller_new(cluster, scenario->signals, scenario->signal_count);
    *out = feed; /* the caller closes it, on failure too */
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_TRACE_NEXT, on_trace_next, feed);
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_SCENARIO_STEP, on_scenario_step, feed);
    WB_TRY(apply_manifest(feed, scenario->base, err));
    WB_TRY(open_traces(feed, err));
    return steps_due(feed, err);
}

void wb_workload_feed_close(wb_workload_feed *feed)
{
    if (feed == NULL) {
        return;
    }
    for (uint32_t i = 0; i < feed->scenario->trace_count; i++) {
        wb_trace_reader_close(feed->traces[i].reader);
        wb_heap_memory_free(feed->traces[i].shape_ids);
        wb_heap_memory_free(feed->traces[i].owner_ids);
    }
    wb_hpa_controller_free(feed->hpas);
    wb_heap_memory_free(feed->traces);
    wb_heap_memory_free(feed);
}

bool wb_workload_feed_has_ended(const wb_workload_feed *feed)
{
    return feed->ended_trace_count == feed->scenario->trace_count &&
           feed->next_step == feed->scenario->step_count;
}

int64_t wb_workload_feed_end_ms(const wb_workload_feed *feed)
{
    return feed->end_ms;
}
