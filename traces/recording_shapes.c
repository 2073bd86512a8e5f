/*
 * Pod templates and owners out of recorded pods.
 *
 * A recorded pod is its template plus what admission, the scheduler and the kubelet wrote into it.
 * Kept is what decides where a pod may run, how much it needs and how it ends; all else is left
 * out, so that pods of one owner share one shape and a trace holds no commands, environment or
 * secrets' names. Two sources (a watch event, the audit log's response to the creation) give the
 * same text for the same pod.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/findings.h"
#include "base/heap_memory.h"
#include "base/text.h"
#include "kube/names.h"
#include "traces/recording_internal.h"

/* Labels that differ from pod to pod of one owner, or that binding adds. */
static const char *const own_labels[] = {
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
};

/* Annotations that some autoscaler or controller decides by. */
static const char *const kept_annotations[] = {
    "karpenter.sh/",
    "cluster-autoscaler.kubernetes.io/",
    "controller.kubernetes.io/pod-deletion-cost",
    "werkbank/",
};

/* Of a spec; containers, volumes and affinity are looked into. */
static const char *const kept_spec[] = {
    "affinity",          "containers",
    "hostNetwork",       "initContainers",
    "nodeSelector",      "overhead",
    "preemptionPolicy",  "priority",
    "priorityClassName", "resourceClaims",
    "resources",         "restartPolicy",
    "schedulerName",     "terminationGracePeriodSeconds",
    "tolerations",       "topologySpreadConstraints",
    "volumes",
};

static const char *const kept_container[] = {"name", "image", "resources", "restartPolicy"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *key, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins_with_one_of(const char *key, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], key, strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_map(const wb_node *node)
{
    return node != NULL && node->kind == WB_NODE_MAP;
}

static bool is_list(const wb_node *node)
{
    return node != NULL && node->kind == WB_NODE_LIST;
}

static void add_comma(wb_text *out)
{
    if (out->length > 0 && out->bytes[out->length - 1] != '[') {
        wb_text_add_string(out, ",");
    }
}

/* Whether text occurs in what spec says about affinity and spread: then a label of that name
 * decides something. */
static bool is_selected_by(const wb_node *spec, const char *label)
{
    wb_text rules;
    wb_text_init(&rules);
    const wb_node *affinity = wb_node_get(spec, "affinity");
    const wb_node *spread = wb_node_get(spec, "topologySpreadConstraints");
    if (affinity != NULL) {
        wb_node_print_json(affinity, &rules);
    }
    if (spread != NULL) {
        wb_node_print_json(spread, &rules);
    }
    const bool is_there = strstr(wb_text_string(&rules), label) != NULL;
    wb_text_release(&rules);
    return is_there;
}

/* Whether the template keeps this label of a pod. */
static bool keeps_label(const wb_node *spec, const char *key)
{
    if (!is_one_of(key, own_labels, COUNT_OF(own_labels))) {
        return true;
    }
    return strncmp(key, "topology.", 9) != 0 && is_selected_by(spec, key);
}

static bool keeps_annotation(const wb_node *spec, const char *key)
{
    (void)spec;
    return begins_with_one_of(key, kept_annotations, COUNT_OF(kept_annotations));
}

/* The entries of map that are kept, as the map key of out; nothing when there are none. */
static void print_kept(const char *key, const wb_node *map, const wb_node *spec,
                       bool (*keeps)(const wb_node *spec, const char *key), wb_text *out)
{
    const uint32_t count = is_map(map) ? map->count : 0;
    wb_node kept = {.kind = WB_NODE_MAP, .text = ""};
    kept.keys = wb_heap_memory_alloc((size_t)count + 1, sizeof(void *));
    kept.children = wb_heap_memory_alloc((size_t)count + 1, sizeof(void *));
    for (uint32_t i = 0; i < count; i++) {
        if (keeps(spec, map->keys[i])) {
            kept.keys[kept.count] = map->keys[i];
            kept.children[kept.count++] = map->children[i];
        }
    }
    if (kept.count > 0) {
        wb_recording_json_add(out, key, &kept);
    }
    wb_heap_memory_free(kept.keys);
    wb_heap_memory_free(kept.children);
}

static void print_metadata(const wb_node *metadata, const wb_node *spec, wb_text *out)
{
    wb_recording_json_add_key(out, "metadata");
    wb_text_add_string(out, "{");
    print_kept("annotations", wb_node_get(metadata, "annotations"), spec, keeps_annotation, out);
    print_kept("labels", wb_node_get(metadata, "labels"), spec, keeps_label, out);
    wb_text_add_string(out, "}");
}

/* Only ports on the host keep pods apart. */
static void print_host_ports(const wb_node *container, wb_text *out)
{
    const wb_node *ports = wb_node_get(container, "ports");
    bool has_any = false;
    for (uint32_t i = 0; is_list(ports) && i < ports->count; i++) {
        if (wb_node_int64(wb_node_get(ports->children[i], "hostPort"), 0) <= 0) {
            continue;
        }
        if (!has_any) {
            wb_recording_json_add_key(out, "ports");
            wb_text_add_string(out, "[");
        }
        has_any = true;
        add_comma(out);
        wb_recording_json_print(ports->children[i], out);
    }
    wb_text_add_string(out, has_any ? "]" : "");
}

static void print_containers(const char *key, const wb_node *containers, wb_text *out)
{
    if (!is_list(containers)) {
        return;
    }
    wb_recording_json_add_key(out, key);
    wb_text_add_string(out, "[");
    for (uint32_t i = 0; i < containers->count; i++) {
        const wb_node *container = containers->children[i];
        add_comma(out);
        wb_text_add_string(out, "{");
        for (size_t j = 0; j < COUNT_OF(kept_container); j++) {
            wb_recording_json_add(out, kept_container[j],
                                  wb_node_get(container, kept_container[j]));
        }
        print_host_ports(container, out);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "]");
}

/* Volumes that bind a pod to a place; ConfigMaps and empty folders do not. */
static void print_volumes(const wb_node *volumes, wb_text *out)
{
    bool has_any = false;
    for (uint32_t i = 0; is_list(volumes) && i < volumes->count; i++) {
        const wb_node *claim = wb_node_get(volumes->children[i], "persistentVolumeClaim");
        const wb_node *name = wb_node_get(volumes->children[i], "name");
        if (claim == NULL || name == NULL) {
            continue;
        }
        if (!has_any) {
            wb_recording_json_add_key(out, "volumes");
            wb_text_add_string(out, "[");
        }
        has_any = true;
        add_comma(out);
        wb_text_add_string(out, "{");
        wb_recording_json_add(out, "name", name);
        wb_recording_json_add(out, "persistentVolumeClaim", claim);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, has_any ? "]" : "");
}

/* A DaemonSet's controller pins each pod to its node by a term on the node's name, in place of the
 * required terms of the template, which a recorded pod no longer shows. */
static void print_affinity(const wb_node *affinity, bool is_daemon, wb_text *out)
{
    if (!is_daemon || !is_map(affinity)) {
        wb_recording_json_add(out, "affinity", affinity);
        return;
    }
    bool has_any = false;
    for (uint32_t i = 0; i < affinity->count; i++) {
        if (strcmp(affinity->keys[i], "nodeAffinity") == 0) {
            continue;
        }
        if (!has_any) {
            wb_recording_json_add_key(out, "affinity");
            wb_text_add_string(out, "{");
        }
        has_any = true;
        wb_recording_json_add(out, affinity->keys[i], affinity->children[i]);
    }
    wb_text_add_string(out, has_any ? "}" : "");
}

void wb_recording_shapes_print_template(const wb_node *metadata, const wb_node *spec,
                                        bool is_daemon, wb_text *out)
{
    assert(out != NULL);
    wb_text_add_string(out, "{");
    print_metadata(metadata, spec, out);
    wb_recording_json_add_key(out, "spec");
    wb_text_add_string(out, "{");
    for (size_t i = 0; i < COUNT_OF(kept_spec); i++) {
        const char *key = kept_spec[i];
        const wb_node *value = wb_node_get(spec, key);
        if (strcmp(key, "affinity") == 0) {
            print_affinity(value, is_daemon, out);
        } else if (strcmp(key, "containers") == 0 || strcmp(key, "initContainers") == 0) {
            print_containers(key, value, out);
        } else if (strcmp(key, "volumes") == 0) {
            print_volumes(value, out);
        } else {
            wb_recording_json_add(out, key, value);
        }
    }
    wb_text_add_string(out, "}}");
}

/* ---- shapes ---- */

/* Whether our own reader would take the template, and what it asks for. The API server took it, so
 * a refusal means that we do not understand something: those pods are left out, and counted. */
static void check_shape(wb_recording *recording, wb_recording_shape *shape)
{
    wb_arena_clear(&recording->check);
    wb_intern intern;
    wb_findings findings;
    wb_document_stream stream;
    wb_error err;
    wb_intern_init(&intern, &recording->check);
    wb_names_init(&intern);
    wb_findings_init(&findings, &recording->check, false);
    const wb_document_input input = {
        .file = "", .text = shape->json, .length = strlen(shape->json), .syntax = WB_DOCUMENT_JSON};
    const wb_decode_context context = {.arena = &recording->check,
                                       .intern = &intern,
                                       .findings = &findings};
    wb_pod_template decoded = {0};
    if (wb_document_read_text(&recording->check, &input, &stream, &err) != WB_OK) {
        shape->is_refused = true;
        wb_recording_count(recording, WB_RECORDING_SPEC_REFUSED, err.text);
    } else if (!wb_manifest_decode_pod_template(&context, wb_node_get(stream.roots[0], "metadata"),
                                                wb_node_get(stream.roots[0], "spec"), &decoded) ||
               findings.error_count > 0) {
        shape->is_refused = true;
        wb_recording_count(recording, WB_RECORDING_SPEC_REFUSED,
                           findings.error_count > 0 ? findings.errors[0].text : NULL);
    } else {
        shape->cpu_milli = wb_resource_list_get(decoded.requests, WB_NAME_CPU);
    }
    wb_intern_release(&intern);
}

static bool is_daemon_pod(const wb_node *pod)
{
    const wb_node *owners = wb_node_find(pod, "metadata.ownerReferences");
    for (uint32_t i = 0; is_list(owners) && i < owners->count; i++) {
        if (strcmp(wb_node_string(wb_node_get(owners->children[i], "kind"), ""), "DaemonSet") ==
            0) {
            return true;
        }
    }
    return false;
}

uint32_t wb_recording_shapes_of(wb_recording *recording, const wb_node *pod)
{
    const wb_node *spec = wb_node_get(pod, "spec");
    if (!is_list(wb_node_get(spec, "containers"))) {
        return UINT32_MAX;
    }
    const char *namespace_name = wb_node_string(wb_node_find(pod, "metadata.namespace"), "default");
    wb_text json;
    wb_text_init(&json);
    wb_recording_shapes_print_template(wb_node_get(pod, "metadata"), spec, is_daemon_pod(pod),
                                       &json);
    const uint32_t namespace_id = wb_intern_add(&recording->intern, namespace_name);
    const uint64_t hash =
        wb_hash_map_join(wb_digest_hash64(wb_text_string(&json), json.length), namespace_id);
    uint64_t row = 0;
    if (!wb_hash_map_get(&recording->shape_by_hash, hash, &row)) {
        row = recording->shapes.count;
        (void)wb_hash_map_put(&recording->shape_by_hash, hash, row);
        wb_recording_shape *shape = WB_RECORDING_ADD(recording->shapes);
        *shape = (wb_recording_shape){
            .json = wb_arena_copy_text(&recording->arena, wb_text_string(&json), json.length),
            .hash = hash,
            .namespace_name = namespace_id,
            .number = UINT32_MAX,
        };
        check_shape(recording, shape);
    }
    wb_text_release(&json);
    return (uint32_t)row;
}

/* ---- owners ---- */

static const wb_node *controller_of(const wb_node *pod)
{
    const wb_node *owners = wb_node_find(pod, "metadata.ownerReferences");
    for (uint32_t i = 0; is_list(owners) && i < owners->count; i++) {
        if (wb_node_bool(wb_node_get(owners->children[i], "controller"), false)) {
            return owners->children[i];
        }
    }
    return NULL;
}

/* A Deployment's ReplicaSet is named <deployment>-<pod-template-hash>: its pods are the
 * Deployment's. Length of the Deployment's name, or 0. */
static size_t deployment_length(const wb_node *pod, const char *name)
{
    const wb_node *labels = wb_node_find(pod, "metadata.labels");
    const char *hash = wb_node_string(wb_node_get(labels, "pod-template-hash"), "");
    const size_t length = strlen(name);
    const size_t hash_length = strlen(hash);
    if (hash_length == 0 || length < hash_length + 2 || name[length - hash_length - 1] != '-' ||
        strcmp(name + length - hash_length, hash) != 0) {
        return 0;
    }
    return length - hash_length - 1;
}

uint32_t wb_recording_shapes_owner_of(wb_recording *recording, const wb_node *pod)
{
    const wb_node *reference = controller_of(pod);
    const char *name = wb_node_string(wb_node_get(reference, "name"), "");
    if (*name == 0) {
        return UINT32_MAX;
    }
    wb_owner_kind kind = wb_trace_owner_kind(wb_node_string(wb_node_get(reference, "kind"), ""));
    size_t length = strlen(name);
    if (kind == WB_OWNER_REPLICA_SET && deployment_length(pod, name) > 0) {
        kind = WB_OWNER_DEPLOYMENT;
        length = deployment_length(pod, name);
    }
    const uint32_t namespace_name =
        wb_intern_add(&recording->intern,
                      wb_node_string(wb_node_find(pod, "metadata.namespace"), "default"));
    const uint32_t name_id = wb_intern_add_length(&recording->intern, name, length);
    const uint64_t key =
        wb_hash_map_join(wb_hash_map_join((uint64_t)kind, namespace_name), name_id);
    uint64_t row = 0;
    if (!wb_hash_map_get(&recording->owner_by_key, key, &row)) {
        row = recording->owners.count;
        (void)wb_hash_map_put(&recording->owner_by_key, key, row);
        *WB_RECORDING_ADD(recording->owners) =
            (wb_recording_owner){.kind = kind,
                                 .namespace_name = namespace_name,
                                 .name = name_id,
                                 .number = UINT32_MAX,
                                 .shape = UINT32_MAX};
    }
    return (uint32_t)row;
}

void wb_recording_shapes_print_daemon_set(const wb_recording *recording,
                                          const wb_recording_owner *owner, wb_text *out)
{
    assert(owner->shape != UINT32_MAX);
    const wb_recording_shape *shape = &recording->shapes.rows[owner->shape];
    wb_text_add_string(out, "{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{"
                            "\"name\":");
    wb_text_add_json_string(out, wb_intern_text(&recording->intern, owner->name));
    wb_text_add_string(out, ",\"namespace\":");
    wb_text_add_json_string(out, wb_intern_text(&recording->intern, owner->namespace_name));
    /* the true selector is not known from pods; a DaemonSet must have one, and this takes all */
    wb_text_add_string(out,
                       "},\"spec\":{\"selector\":{\"matchExpressions\":[{\"key\":\"werkbank/none\","
                       "\"operator\":\"DoesNotExist\"}]},\"template\":");
    wb_text_add_string(out, shape->json);
    wb_text_add_string(out, "}}");
}
