/*
 * The API server's audit log: who changed what, with the object before or after.
 *
 * Only the last stage of a request counts (each stage is an event of its own), and only requests
 * that were granted. What an event brings depends on its level: RequestResponse has the object as
 * it is stored, Request what was asked for, Metadata names only. EKS logs some pods at Metadata, so
 * every branch below makes do with less.
 *
 * Times are those of the request, cut to whole seconds: objects hold whole seconds, and both
 * sources are to say the same of a pod.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "traces/recording_internal.h"

/* One event, taken apart. */
typedef struct audit_event {
    const char *verb, *resource, *subresource, *namespace_name, *name;
    const wb_node *request, *response; /* NULL or maps */
    int64_t at_ms;                     /* -1: without a time */
    bool is_kubelet;
} audit_event;

static const wb_node *map_of(const wb_node *node)
{
    return node != NULL && node->kind == WB_NODE_MAP ? node : NULL;
}

static bool is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

static int64_t time_of(const wb_node *root)
{
    static const char *const fields[] = {"requestReceivedTimestamp", "stageTimestamp", "timestamp"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const int64_t at_ms = wb_recording_clock_time(wb_node_get(root, fields[i]));
        if (at_ms >= 0) {
            return at_ms - at_ms % WB_MS_PER_SECOND;
        }
    }
    return -1;
}

static audit_event take_apart(const wb_node *root)
{
    const wb_node *reference = wb_node_get(root, "objectRef");
    const char *user = wb_node_string(wb_node_find(root, "user.username"), "");
    return (audit_event){
        .verb = wb_node_string(wb_node_get(root, "verb"), ""),
        .resource = wb_node_string(wb_node_get(reference, "resource"), ""),
        .subresource = wb_node_string(wb_node_get(reference, "subresource"), ""),
        .namespace_name = wb_node_string(wb_node_get(reference, "namespace"), ""),
        .name = wb_node_string(wb_node_get(reference, "name"), ""),
        .request = map_of(wb_node_get(root, "requestObject")),
        .response = map_of(wb_node_get(root, "responseObject")),
        .at_ms = time_of(root),
        .is_kubelet = strncmp(user, "system:node:", 12) == 0,
    };
}

static bool is_object(const wb_node *node, const char *kind)
{
    return node != NULL && is(wb_node_string(wb_node_get(node, "kind"), ""), kind);
}

/* ---- pods ---- */

static void create_pod(wb_recording *recording, const audit_event *event)
{
    if (is_object(event->response, "Pod")) {
        wb_recording_event_object(recording, event->response, WB_RECORDING_ADDED,
                                  WB_RECORDING_FROM_AUDIT, event->at_ms);
        return;
    }
    const char *name = *event->name != 0
                           ? event->name
                           : wb_node_string(wb_node_find(event->request, "metadata.name"), "");
    wb_recording_pod *pod =
        wb_recording_pods_named(recording, event->namespace_name, name, event->at_ms, true);
    if (pod == NULL) {
        return; /* a generated name, which the log does not tell at this level */
    }
    pod->sources |= WB_RECORDING_FROM_AUDIT;
    wb_recording_pods_set_time(&pod->created_ms, event->at_ms);
    if (event->request != NULL && pod->shape == UINT32_MAX) {
        pod->shape = wb_recording_shapes_of(recording, event->request);
        pod->owner = wb_recording_shapes_owner_of(recording, event->request);
    }
}

static void bind_pod(wb_recording *recording, const audit_event *event)
{
    const char *node = wb_node_string(wb_node_find(event->request, "target.name"), "");
    wb_recording_pod *pod =
        wb_recording_pods_named(recording, event->namespace_name, event->name, event->at_ms, true);
    if (pod == NULL) {
        return;
    }
    wb_recording_pods_set_time(&pod->created_ms, event->at_ms);
    pod->bound_ms = event->at_ms; /* of all that tell of it the request knows best */
    pod->sources |= WB_RECORDING_FROM_AUDIT;
    if (*node != 0) {
        pod->node = wb_intern_add(&recording->intern, node);
    }
}

/* Two deletions make one graceful one: the caller's, then the kubelet's with grace 0. */
static void delete_pod(wb_recording *recording, const audit_event *event)
{
    const wb_node *grace = wb_node_get(event->request, "gracePeriodSeconds");
    const bool is_last = event->is_kubelet || wb_node_int64(grace, -1) == 0;
    if (is_object(event->response, "Pod")) {
        const wb_node *deadline = wb_node_find(event->response, "metadata.deletionTimestamp");
        wb_recording_event_object(recording, event->response,
                                  deadline == NULL ? WB_RECORDING_REMOVED : WB_RECORDING_CHANGED,
                                  WB_RECORDING_FROM_AUDIT, event->at_ms);
        return;
    }
    wb_recording_pod *pod =
        wb_recording_pods_named(recording, event->namespace_name, event->name, event->at_ms, false);
    if (pod == NULL) {
        return;
    }
    wb_recording_pods_set_time(&pod->asked_ms, event->at_ms);
    if (is_last || pod->node == 0) {
        wb_recording_pods_set_time(&pod->gone_ms, event->at_ms);
        pod->is_gone = true;
    }
}

/* An accepted eviction is a deletion by another name; its caller sends no other. */
static void evict_pod(wb_recording *recording, const audit_event *event)
{
    wb_recording_count(recording, WB_RECORDING_EVICTED, NULL);
    wb_recording_pod *pod =
        wb_recording_pods_named(recording, event->namespace_name, event->name, event->at_ms, false);
    if (pod != NULL && (pod->asked_ms < 0 || event->at_ms < pod->asked_ms)) {
        pod->asked_ms = event->at_ms;
    }
}

static void change_pod(wb_recording *recording, const audit_event *event)
{
    if (is_object(event->response, "Pod")) {
        wb_recording_event_object(recording, event->response, WB_RECORDING_CHANGED,
                                  WB_RECORDING_FROM_AUDIT, event->at_ms);
        return;
    }
    wb_recording_pod *pod =
        wb_recording_pods_named(recording, event->namespace_name, event->name, event->at_ms, false);
    if (pod != NULL) {
        wb_recording_pods_status(pod, wb_node_get(event->request, "status"), true);
    }
}

static void take_pod(wb_recording *recording, const audit_event *event)
{
    if (is(event->verb, "deletecollection")) {
        wb_recording_count(recording, WB_RECORDING_DELETECOLLECTION, NULL);
    } else if (is(event->verb, "delete")) {
        delete_pod(recording, event);
    } else if (is(event->subresource, "binding")) {
        bind_pod(recording, event);
    } else if (is(event->subresource, "eviction")) {
        evict_pod(recording, event);
    } else if (is(event->verb, "create") && *event->subresource == 0) {
        create_pod(recording, event);
    } else if (*event->subresource == 0 || is(event->subresource, "status")) {
        change_pod(recording, event);
    } else {
        wb_recording_count(recording, WB_RECORDING_AUDIT_OTHER, event->subresource);
    }
}

/* ---- everything else ---- */

static const struct {
    const char *resource, *kind;
} resources[] = {
    {"nodes", "Node"},
    {"namespaces", "Namespace"},
    {"persistentvolumeclaims", "PersistentVolumeClaim"},
    {"persistentvolumes", "PersistentVolume"},
    {"storageclasses", "StorageClass"},
    {"priorityclasses", "PriorityClass"},
    {"poddisruptionbudgets", "PodDisruptionBudget"},
    {"daemonsets", "DaemonSet"},
    {"deployments", "Deployment"},
    {"statefulsets", "StatefulSet"},
    {"replicasets", "ReplicaSet"},
    {"replicationcontrollers", "ReplicationController"},
};

static void take_scale(wb_recording *recording, const audit_event *event, const char *kind)
{
    const wb_node *body = event->response != NULL ? event->response : event->request;
    const int64_t replicas = wb_node_int64(wb_node_find(body, "spec.replicas"), -1);
    if (replicas < 0 || replicas > INT32_MAX || *event->name == 0) {
        return;
    }
    const wb_recording_scale scale = {.at_ms = event->at_ms,
                                      .replicas = (int32_t)replicas,
                                      .is_exact = true};
    wb_recording_objects_scale(recording, &scale, kind, event->namespace_name, event->name);
}

static void take_other(wb_recording *recording, const audit_event *event, const char *kind)
{
    const bool is_created = is(event->verb, "create");
    if (is(event->verb, "delete")) {
        wb_recording_objects_delete(recording, kind, event->namespace_name, event->name,
                                    event->at_ms);
    } else if (is(event->subresource, "scale")) {
        take_scale(recording, event, kind);
    } else if (is_object(event->response, kind)) {
        wb_recording_event_object(recording, event->response,
                                  is_created ? WB_RECORDING_ADDED : WB_RECORDING_CHANGED,
                                  WB_RECORDING_FROM_AUDIT, event->at_ms);
    } else if (is(kind, "Node") && event->request != NULL) {
        wb_recording_objects_node_status(recording, event->name,
                                         wb_node_get(event->request, "status"), event->at_ms);
    } else if (is(kind, "Namespace") && is_created) {
        wb_recording_objects_create(recording, kind, event->name, event->at_ms);
    } else {
        wb_recording_count(recording, WB_RECORDING_AUDIT_OTHER, event->resource);
    }
}

static bool is_read(const char *verb)
{
    return is(verb, "get") || is(verb, "list") || is(verb, "watch");
}

static void take_event(wb_recording *recording, const wb_node *root)
{
    const audit_event event = take_apart(root);
    const int64_t code = wb_node_int64(wb_node_find(root, "responseStatus.code"), 200);
    const char *stage = wb_node_string(wb_node_get(root, "stage"), "ResponseComplete");
    if (!is(stage, "ResponseComplete")) {
        wb_recording_count(recording, WB_RECORDING_AUDIT_STAGE, NULL);
        return;
    }
    if (event.at_ms >= 0) {
        recording->has_audit = true;
        if (recording->earliest_ms < 0 || event.at_ms < recording->earliest_ms) {
            recording->earliest_ms = event.at_ms;
        }
        recording->audit_end_ms =
            event.at_ms > recording->audit_end_ms ? event.at_ms : recording->audit_end_ms;
        recording->latest_ms =
            event.at_ms > recording->latest_ms ? event.at_ms : recording->latest_ms;
    }
    if (is_read(event.verb)) {
        wb_recording_count(recording, WB_RECORDING_AUDIT_READ, NULL);
        return;
    }
    if (code >= 300) {
        wb_recording_count(recording,
                           is(event.subresource, "eviction") && code == 429
                               ? WB_RECORDING_EVICTION_REFUSED
                               : WB_RECORDING_AUDIT_FAILED,
                           NULL);
        return;
    }
    if (is(event.resource, "pods")) {
        take_pod(recording, &event);
        return;
    }
    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
        if (is(resources[i].resource, event.resource)) {
            take_other(recording, &event, resources[i].kind);
            return;
        }
    }
    wb_recording_count(recording, WB_RECORDING_AUDIT_OTHER, event.resource);
}

bool wb_recording_audit_take(wb_recording *recording, const wb_node *root)
{
    assert(recording != NULL);
    const char *version = wb_node_string(wb_node_get(root, "apiVersion"), "");
    if (strncmp(version, "audit.k8s.io/", 13) != 0) {
        return false;
    }
    take_event(recording, root);
    return true;
}
