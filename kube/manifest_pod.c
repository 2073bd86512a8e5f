/*
 * Pod and PodTemplateSpec: what scheduling reads of them, with the API server's defaults.
 *
 * Not filled in: the tolerations that the DefaultTolerationSeconds plugin adds (300 s of NoExecute
 * not-ready and unreachable). Dumps carry them; for manifests they would only make two equal pods
 * unequal, as nothing here evicts after 300 s.
 *
 * What is read besides containers (manifest_container.c) and placement (manifest_affinity.c):
 *
 *     metadata.ownerReferences            the controller's, by group and kind
 *     spec.resources                      pod-level: cpu, memory, huge pages; replaces the sum
 *     spec.overhead                       on top of everything
 *     spec.priority, priorityClassName    as given; classes are resolved above
 *     spec.preemptionPolicy               PreemptLowerPriority by default
 *     spec.terminationGracePeriodSeconds  30 by default
 *     spec.restartPolicy                  Always by default
 *     spec.schedulerName                  default-scheduler by default
 *     spec.schedulingGates                any gate keeps the pod from being scheduled
 *     status.phase                        Pending by default
 *     status.conditions                   PodScheduled: since when, or Unschedulable; Ready
 *     status.containerStatuses            when the last one ended; resizes under way
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

enum {
    DEFAULT_GRACE_SECONDS = 30
};

/* --- Template ----------------------------------------------------------------------- */

/* Of gates and device claims only their existence matters. */
static bool lists_any(const wb_field *spec, const char *name)
{
    const wb_field list = wb_field_get(spec, name);
    return wb_field_count(&list) > 0;
}

/* Only what cgroups share out among containers can be asked for by the pod as a whole. */
static void check_pod_level_names(const wb_field *map)
{
    for (uint32_t i = 0; i < wb_field_entry_count(map); i++) {
        const wb_field entry = wb_field_at(map, i);
        if (strcmp(entry.name, "cpu") != 0 && strcmp(entry.name, "memory") != 0 &&
            strncmp(entry.name, "hugepages-", 10) != 0) {
            wb_field_error(&entry,
                           "Unsupported value: \"%.60s\": supported values: cpu, memory, "
                           "hugepages-<size>",
                           entry.name);
        }
    }
}

/* Pod-level requests; where only a pod-level limit is given and no container asks for the resource,
 * the limit is the request (KEP-2837). */
static void decode_pod_level(const wb_field *spec, wb_pod_template *out)
{
    assert(out->containers != NULL || out->container_count == 0);
    wb_arena *arena = spec->context->arena;
    const wb_field resources = wb_field_get(spec, "resources");
    const wb_field requests = wb_field_get(&resources, "requests");
    const wb_field limits = wb_field_get(&resources, "limits");
    out->pod_level_requests = wb_manifest_decode_resource_map(&requests, WB_RESOURCES_POSITIVE);
    const wb_resource_list most = wb_manifest_decode_resource_map(&limits, WB_RESOURCES_POSITIVE);
    check_pod_level_names(&requests);
    check_pod_level_names(&limits);
    for (uint32_t i = 0; i < most.count; i++) {
        const uint32_t name = most.items[i].name;
        bool is_asked = wb_resource_list_has(out->pod_level_requests, name);
        for (uint32_t j = 0; j < out->container_count; j++) {
            is_asked = is_asked || wb_resource_list_has(out->containers[j].requests, name);
        }
        if (!is_asked) {
            out->pod_level_requests =
                wb_resource_list_with(arena, out->pod_level_requests, name, most.items[i].amount);
        }
    }
}

/* Classes are resolved above, where PriorityClasses are known; a dump has the number already. */
static void decode_priority(const wb_field *spec, wb_pod_template *out)
{
    static const char *const names[] = {"PreemptLowerPriority", "Never"};
    const wb_field priority = wb_field_get(spec, "priority");
    const wb_field policy = wb_field_get(spec, "preemptionPolicy");
    out->priority = wb_field_int32(&priority, 0);
    out->priority_is_set = wb_field_is_set(&priority);
    out->priority_class_name = wb_field_get_id(spec, "priorityClassName");
    out->preemption_policy =
        (wb_preemption_policy)wb_field_choice(&policy, names, 2, WB_PREEMPT_LOWER_PRIORITY);
}

/* Only "always" matters: such a pod never ends by itself. */
static void decode_restart_policy(const wb_field *spec, wb_pod_template *out)
{
    static const char *const names[] = {"Always", "OnFailure", "Never"};
    const wb_field policy = wb_field_get(spec, "restartPolicy");
    out->restarts_always = wb_field_choice(&policy, names, 3, 0) == 0;
}

/* All that narrows the choice of a node. */
static void decode_node_choice(const wb_field *spec, wb_pod_template *out)
{
    const wb_field node_selector = wb_field_get(spec, "nodeSelector");
    const wb_field affinity = wb_field_get(spec, "affinity");
    const wb_field tolerations = wb_field_get(spec, "tolerations");
    const wb_field spreads = wb_field_get(spec, "topologySpreadConstraints");
    out->node_selector = wb_manifest_decode_label_map(&node_selector);
    wb_manifest_decode_affinity(&affinity, out);
    wb_manifest_decode_tolerations(&tolerations, out);
    wb_manifest_decode_spreads(&spreads, out);
    out->node_name = wb_field_get_id(spec, "nodeName");
}

/* Rules over several fields of a spec. */
static void check_spec(const wb_field *spec, const wb_pod_template *template)
{
    const wb_field node_name = wb_field_get(spec, "nodeName");
    const wb_field deadline = wb_field_get(spec, "activeDeadlineSeconds");
    const wb_field init = wb_field_get(spec, "initContainers");
    if (template->node_name != 0 && template->has_scheduling_gates) {
        wb_field_error(&node_name, "Forbidden: cannot be set until all schedulingGates have been "
                                   "cleared");
    }
    if (wb_field_is_set(&deadline) && wb_field_int64(&deadline, 1) < 1) {
        wb_field_invalid(&deadline, "must be between 1 and 2147483647, inclusive");
    }
    for (uint32_t i = 0; i < wb_field_count(&init); i++) {
        static const char *const names[] = {"Always", "OnFailure", "Never"};
        const wb_field container = wb_field_at(&init, i);
        const wb_field policy = wb_field_get(&container, "restartPolicy");
        (void)wb_field_choice(&policy, names, 3, 0);
    }
}

/* Containers before pod-level resources, and requests last: each needs the one before. */
void wb_manifest_decode_pod_spec(const wb_object_meta *meta, const wb_field *spec,
                                 wb_pod_template *out)
{
    assert(meta != NULL);
    assert(spec != NULL);
    assert(out != NULL);
    wb_arena *arena = spec->context->arena;
    const wb_field grace = wb_field_get(spec, "terminationGracePeriodSeconds");
    const wb_field overhead = wb_field_get(spec, "overhead");
    const wb_field scheduler = wb_field_get(spec, "schedulerName");
    *out = (wb_pod_template){
        .labels = meta->labels,
        .annotations = meta->annotations,
        .overhead = wb_manifest_decode_resource_map(&overhead, WB_RESOURCES_POSITIVE),
        .is_host_network = wb_field_get_bool(spec, "hostNetwork", false),
        .has_scheduling_gates = lists_any(spec, "schedulingGates"),
        .has_resource_claims = lists_any(spec, "resourceClaims"),
        .grace_period_ms = wb_field_seconds_ms(&grace, DEFAULT_GRACE_SECONDS * WB_MS_PER_SECOND),
    };
    out->scheduler_name = wb_field_text(&scheduler)[0] != '\0'
                              ? wb_field_id(&scheduler)
                              : wb_intern_add(spec->context->intern, "default-scheduler");
    wb_manifest_decode_containers(spec, out);
    decode_pod_level(spec, out);
    wb_manifest_decode_volumes(spec, out);
    decode_node_choice(spec, out);
    decode_priority(spec, out);
    decode_restart_policy(spec, out);
    check_spec(spec, out);
    out->requests = wb_pod_template_requests(arena, out);
}

void wb_manifest_decode_template_field(const wb_field *template, wb_pod_template *out)
{
    assert(template != NULL);
    const wb_field metadata = wb_field_get(template, "metadata");
    const wb_field spec = wb_field_get(template, "spec");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_TEMPLATE, &meta);
    wb_manifest_decode_pod_spec(&meta, &spec, out);
}

bool wb_manifest_decode_pod_template(const wb_decode_context *context, const wb_node *metadata,
                                     const wb_node *spec, wb_pod_template *out)
{
    const wb_field meta_field = wb_field_root(context, metadata, "metadata");
    const wb_field spec_field = wb_field_root(context, spec, "spec");
    const size_t errors_before = wb_field_error_count(&spec_field);
    wb_object_meta meta;
    wb_schema_check(&meta_field, &wb_schema_object_meta);
    wb_schema_check(&spec_field, &wb_schema_pod_spec);
    wb_manifest_decode_meta(&meta_field, WB_META_TEMPLATE, &meta);
    wb_manifest_decode_pod_spec(&meta, &spec_field, out);
    return wb_field_error_count(&spec_field) == errors_before;
}

/* --- Owner -------------------------------------------------------------------------- */

static const struct {
    const char *group, *kind;
    wb_owner_kind owner;
} owner_kinds[] = {
    {"apps", "ReplicaSet", WB_OWNER_REPLICA_SET},
    {"apps", "Deployment", WB_OWNER_DEPLOYMENT},
    {"apps", "StatefulSet", WB_OWNER_STATEFUL_SET},
    {"apps", "DaemonSet", WB_OWNER_DAEMON_SET},
    {"batch", "Job", WB_OWNER_JOB},
    {"batch", "CronJob", WB_OWNER_CRON_JOB},
    {"", "ReplicationController", WB_OWNER_REPLICATION_CONTROLLER},
    {"", "Node", WB_OWNER_NODE},
};

/* Whether "apps/v1" lies in group "apps"; "v1" lies in the core group "". */
static bool lies_in_group(const char *api_version, const char *group)
{
    const char *slash = strchr(api_version, '/');
    const size_t length = slash != NULL ? (size_t)(slash - api_version) : 0;
    return strlen(group) == length && strncmp(api_version, group, length) == 0;
}

/* By group too: other groups have DaemonSets of their own, which mean nothing to Karpenter. */
static wb_owner_kind find_owner_kind(const char *api_version, const char *kind)
{
    for (size_t i = 0; i < sizeof(owner_kinds) / sizeof(owner_kinds[0]); i++) {
        if (strcmp(kind, owner_kinds[i].kind) == 0 &&
            lies_in_group(api_version, owner_kinds[i].group)) {
            return owner_kinds[i].owner;
        }
    }
    return WB_OWNER_OTHER;
}

/* The controller's reference, or the first one where none is marked (hand-written tests). */
static void decode_owner(const wb_field *pod, wb_pod *out)
{
    assert(out->owner_kind == WB_OWNER_NONE);
    const wb_field meta = wb_field_get(pod, "metadata");
    const wb_field list = wb_field_get(&meta, "ownerReferences");
    if (wb_field_count(&list) == 0) {
        return;
    }
    wb_field chosen = wb_field_at(&list, 0);
    for (uint32_t i = 0; i < wb_field_count(&list); i++) {
        const wb_field reference = wb_field_at(&list, i);
        if (wb_field_get_bool(&reference, "controller", false)) {
            chosen = reference;
            break;
        }
    }
    const wb_field api_version = wb_field_get(&chosen, "apiVersion");
    const wb_field kind = wb_field_get(&chosen, "kind");
    out->owner_kind = find_owner_kind(wb_field_text(&api_version), wb_field_text(&kind));
    out->owner_name = wb_field_get_id(&chosen, "name");
    out->owner_uid = wb_field_get_id(&chosen, "uid");
    out->owner_api_version = wb_field_id(&api_version);
}

/* --- Status ------------------------------------------------------------------------- */

/* Unschedulable is what makes a pod provisionable; a gated one has another reason. */
static void decode_condition(const wb_field *condition, wb_pod *out)
{
    const bool is_true = wb_field_get_is(condition, "status", "True");
    const bool is_false = wb_field_get_is(condition, "status", "False");
    if (wb_field_get_is(condition, "type", "PodScheduled")) {
        out->is_unschedulable = is_false && wb_field_get_is(condition, "reason", "Unschedulable");
        if (is_true) {
            out->scheduled_ms = wb_field_get_time_ms(condition, "lastTransitionTime");
        }
    } else if (wb_field_get_is(condition, "type", "Ready")) {
        out->is_ready = is_true;
        out->ready_is_false = is_false;
    }
}

/* When the last container ended; -1 when none says so. */
static int64_t latest_end_ms(const wb_field *status)
{
    const wb_field list = wb_field_get(status, "containerStatuses");
    int64_t latest_ms = -1;
    for (uint32_t i = 0; i < wb_field_count(&list); i++) {
        const wb_field container = wb_field_at(&list, i);
        const wb_field state = wb_field_get(&container, "state");
        const wb_field terminated = wb_field_get(&state, "terminated");
        const int64_t at_ms = wb_field_get_time_ms(&terminated, "finishedAt");
        latest_ms = at_ms > latest_ms ? at_ms : latest_ms;
    }
    return latest_ms;
}

/* An evicted pod has no container statuses: its Ready condition turned then. */
static int64_t ready_change_ms(const wb_field *conditions)
{
    for (uint32_t i = 0; i < wb_field_count(conditions); i++) {
        const wb_field condition = wb_field_at(conditions, i);
        if (wb_field_get_is(&condition, "type", "Ready")) {
            return wb_field_get_time_ms(&condition, "lastTransitionTime");
        }
    }
    return -1;
}

/* A manifest has no status: its pod is pending and new. */
static void decode_status(const wb_field *pod, wb_pod *out)
{
    static const char *const names[] = {"Pending", "Running", "Succeeded", "Failed", "Unknown"};
    const wb_field status = wb_field_get(pod, "status");
    const wb_field phase = wb_field_get(&status, "phase");
    const wb_field conditions = wb_field_get(&status, "conditions");
    out->phase = wb_field_text(&phase)[0] != '\0'
                     ? (wb_pod_phase)wb_field_choice(&phase, names, 5, WB_POD_UNKNOWN)
                     : WB_POD_PENDING;
    out->nominated_node_name = wb_field_get_id(&status, "nominatedNodeName");
    out->start_ms = wb_field_get_time_ms(&status, "startTime");
    for (uint32_t i = 0; i < wb_field_count(&conditions); i++) {
        const wb_field condition = wb_field_at(&conditions, i);
        decode_condition(&condition, out);
    }
    if (out->phase == WB_POD_SUCCEEDED || out->phase == WB_POD_FAILED) {
        out->finished_ms = latest_end_ms(&status);
        if (out->finished_ms < 0) {
            out->finished_ms = ready_change_ms(&conditions);
        }
    }
}

/* --- In-place resize ------------------------------------------------------------------- */

/* The status of the container of that name, absent when there is none. */
static wb_field find_container_status(const wb_field *list, uint32_t name)
{
    assert(list != NULL);
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field status = wb_field_at(list, i);
        if (wb_field_get_id(&status, "name") == name) {
            return status;
        }
    }
    return wb_field_get(list, "name"); /* a list has no children by name */
}

/* The kubelet says so when the node could never hold what is asked for. */
static bool resize_is_infeasible(const wb_field *status)
{
    const wb_field conditions = wb_field_get(status, "conditions");
    for (uint32_t i = 0; i < wb_field_count(&conditions); i++) {
        const wb_field condition = wb_field_at(&conditions, i);
        if (wb_field_get_is(&condition, "type", "PodResizePending")) {
            return wb_field_get_is(&condition, "reason", "Infeasible");
        }
    }
    return false;
}

/* While a resize is under way the node has to hold the largest of what is asked for, what was
 * granted and what runs; a resize that can't be counts as not asked for. */
static wb_resource_list resized_requests(const wb_field *status, wb_resource_list asked,
                                         bool is_infeasible)
{
    wb_arena *arena = status->context->arena;
    const wb_field resources = wb_field_get(status, "resources");
    const wb_field running = wb_field_get(&resources, "requests");
    const wb_field granted = wb_field_get(status, "allocatedResources");
    if (!wb_field_is_set(&resources)) {
        return asked;
    }
    const wb_resource_list held =
        wb_resource_list_max(arena,
                             wb_manifest_decode_resource_map(&running, WB_RESOURCES_POSITIVE),
                             wb_manifest_decode_resource_map(&granted, WB_RESOURCES_POSITIVE));
    return is_infeasible ? held : wb_resource_list_max(arena, asked, held);
}

/* Effective requests of a running pod (component-helpers resource.PodRequests with
 * UseStatusResources); the template's containers stay as the spec has them. */
static void apply_resize(const wb_field *pod, wb_pod_template *template)
{
    assert(template->containers != NULL || template->container_count == 0);
    const wb_field status = wb_field_get(pod, "status");
    const wb_field statuses = wb_field_get(&status, "containerStatuses");
    const wb_field init_statuses = wb_field_get(&status, "initContainerStatuses");
    if (wb_field_count(&statuses) == 0 || template->container_count == 0) {
        return;
    }
    wb_arena *arena = pod->context->arena;
    const bool is_infeasible = resize_is_infeasible(&status);
    wb_container *containers = WB_ARENA_ARRAY(arena, wb_container, template->container_count);
    for (uint32_t i = 0; i < template->container_count; i++) {
        containers[i] = template->containers[i];
        if (!containers[i].is_init || containers[i].is_sidecar) {
            const wb_field found =
                find_container_status(containers[i].is_init ? &init_statuses : &statuses,
                                      containers[i].name);
            containers[i].requests =
                resized_requests(&found, containers[i].requests, is_infeasible);
        }
    }
    wb_pod_template resized = *template;
    resized.containers = containers;
    template->requests = wb_pod_template_requests(arena, &resized);
}

/* --- Pod ---------------------------------------------------------------------------- */

/* The template is a struct of its own, so that equal ones can be shared afterwards. */
bool wb_manifest_read_pod(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_pod *out = out_object;
    wb_arena *arena = object->context->arena;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_pod);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_NAMESPACED, &meta);
    wb_pod_template *template = WB_ARENA_NEW(arena, wb_pod_template);
    wb_manifest_decode_pod_spec(&meta, &spec, template);
    *out = (wb_pod){
        .name = meta.name,
        .namespace_name = meta.namespace_name,
        .uid = meta.uid,
        .template = template,
        .created_ms = meta.created_ms,
        .deletion_ms = meta.deletion_ms,
        .start_ms = -1,
        .scheduled_ms = -1,
        .finished_ms = -1,
        .source = object->node,
    };
    apply_resize(object, template);
    decode_owner(object, out);
    decode_status(object, out);
    return wb_field_error_count(object) == errors_before;
}

bool wb_manifest_decode_pod(const wb_decode_context *context, const wb_node *node, wb_pod *out)
{
    const wb_field object = wb_field_root(context, node, NULL);
    return wb_manifest_read_pod(&object, out);
}
