/*
 * Everything that is no pod, as versions: how a node, a budget, a claim was from some time on.
 *
 * A version is kept as the compact text that will stand in the trace, with all that changes without
 * meaning anything left out (status, managedFields, heartbeats), so that two sights of an unchanged
 * object are one version. Workloads are kept as their replicas only, since their pods are records;
 * a DaemonSet is kept whole, since its pods come with nodes, whosever these are.
 */
#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "traces/recording_internal.h"

/* What is kept of each kind beside name and namespace. */
typedef enum keep_rule {
    KEEP_NODE,
    KEEP_SPEC,     /* spec as it is */
    KEEP_TOP,      /* all fields but status */
    KEEP_LABELS,   /* nothing but its labels */
    KEEP_DAEMON,   /* selector and template */
    KEEP_REPLICAS, /* spec.replicas, as a scale */
} keep_rule;

static const struct {
    const char *kind;
    const char *api_version;
    keep_rule rule;
} kept_kinds[] = {
    {"Node", "v1", KEEP_NODE},
    {"Namespace", "v1", KEEP_LABELS},
    {"PersistentVolumeClaim", "v1", KEEP_SPEC},
    {"PersistentVolume", "v1", KEEP_SPEC},
    {"StorageClass", "storage.k8s.io/v1", KEEP_TOP},
    {"PriorityClass", "scheduling.k8s.io/v1", KEEP_TOP},
    {"PodDisruptionBudget", "policy/v1", KEEP_SPEC},
    {"DaemonSet", "apps/v1", KEEP_DAEMON},
    {"Deployment", "apps/v1", KEEP_REPLICAS},
    {"StatefulSet", "apps/v1", KEEP_REPLICAS},
    {"ReplicaSet", "apps/v1", KEEP_REPLICAS},
    {"ReplicationController", "v1", KEEP_REPLICAS},
};

#define KIND_COUNT (sizeof(kept_kinds) / sizeof(kept_kinds[0]))

static size_t kind_index(const char *kind)
{
    size_t i = 0;
    while (i < KIND_COUNT && strcmp(kept_kinds[i].kind, kind) != 0) {
        i++;
    }
    return i;
}

bool wb_recording_objects_keeps(const char *kind)
{
    return kind_index(kind) < KIND_COUNT;
}

static bool is_map(const wb_node *node)
{
    return node != NULL && node->kind == WB_NODE_MAP;
}

static uint32_t row_of(wb_recording *recording, const char *kind, const char *namespace_name,
                       const char *name)
{
    assert(kind != NULL && namespace_name != NULL && name != NULL);
    const uint32_t kind_id = wb_intern_add(&recording->intern, kind);
    const uint32_t namespace_id = wb_intern_add(&recording->intern, namespace_name);
    const uint32_t name_id = wb_intern_add(&recording->intern, name);
    const uint64_t key = wb_hash_map_join(wb_hash_map_join(kind_id, namespace_id), name_id);
    uint64_t row = 0;
    if (!wb_hash_map_get(&recording->object_by_key, key, &row)) {
        row = recording->objects.count;
        (void)wb_hash_map_put(&recording->object_by_key, key, row);
        *WB_RECORDING_ADD(recording->objects) =
            (wb_recording_object){.kind = kind_id,
                                  .namespace_name = namespace_id,
                                  .name = name_id,
                                  .created_ms = -1,
                                  .is_node = strcmp(kind, "Node") == 0};
    }
    return (uint32_t)row;
}

/* ---- texts ---- */

static void print_meta(const wb_node *object, size_t kind, wb_text *out)
{
    const wb_node *metadata = wb_node_get(object, "metadata");
    wb_text_add_format(out, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{",
                       kept_kinds[kind].api_version, kept_kinds[kind].kind);
    wb_recording_json_add(out, "name", wb_node_get(metadata, "name"));
    wb_recording_json_add(out, "namespace", wb_node_get(metadata, "namespace"));
    wb_recording_json_add(out, "labels", wb_node_get(metadata, "labels"));
    const wb_node *is_default = wb_node_get(wb_node_get(metadata, "annotations"),
                                            "storageclass.kubernetes.io/is-default-class");
    if (is_default != NULL) {
        wb_text_add_string(out, ",\"annotations\":{");
        wb_recording_json_add(out, "storageclass.kubernetes.io/is-default-class", is_default);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "}");
}

/* "{}" when the kubelet has not reported sizes yet. */
static void print_node_status(const wb_node *status, wb_text *out)
{
    wb_text_add_string(out, "{");
    wb_recording_json_add(out, "allocatable", wb_node_get(status, "allocatable"));
    wb_recording_json_add(out, "capacity", wb_node_get(status, "capacity"));
    wb_text_add_string(out, "}");
}

static void print_node(const wb_node *object, wb_text *out)
{
    static const char *const spec_keys[] = {"providerID", "taints", "unschedulable"};
    wb_text_add_string(out, ",\"spec\":{");
    for (size_t i = 0; i < 3; i++) {
        wb_recording_json_add(out, spec_keys[i],
                              wb_node_get(wb_node_get(object, "spec"), spec_keys[i]));
    }
    wb_text_add_string(out, "},\"status\":");
    print_node_status(wb_node_get(object, "status"), out);
}

static void print_daemon_set(const wb_node *object, wb_text *out)
{
    const wb_node *template = wb_node_find(object, "spec.template");
    wb_text_add_string(out, ",\"spec\":{");
    wb_recording_json_add(out, "selector", wb_node_find(object, "spec.selector"));
    wb_recording_json_add_key(out, "template");
    wb_recording_shapes_print_template(wb_node_get(template, "metadata"),
                                       wb_node_get(template, "spec"), false, out);
    wb_text_add_string(out, "}");
}

static void print_object(const wb_node *object, size_t kind, wb_text *out)
{
    print_meta(object, kind, out);
    switch (kept_kinds[kind].rule) {
    case KEEP_NODE: print_node(object, out); break;
    case KEEP_SPEC: wb_recording_json_add(out, "spec", wb_node_get(object, "spec")); break;
    case KEEP_DAEMON: print_daemon_set(object, out); break;
    case KEEP_TOP:
        for (uint32_t i = 0; i < object->count; i++) {
            const char *key = object->keys[i];
            if (strcmp(key, "apiVersion") != 0 && strcmp(key, "kind") != 0 &&
                strcmp(key, "metadata") != 0 && strcmp(key, "status") != 0) {
                wb_recording_json_add(out, key, object->children[i]);
            }
        }
        break;
    case KEEP_LABELS:
    case KEEP_REPLICAS: break;
    }
    wb_text_add_string(out, "}");
}

/* ---- versions ---- */

/* Ready as the object's conditions have it; false without them. *out_since_ms: since when. */
static bool find_ready(const wb_node *status, bool *out_is_ready, int64_t *out_since_ms)
{
    const wb_node *list = wb_node_get(status, "conditions");
    for (uint32_t i = 0; list != NULL && list->kind == WB_NODE_LIST && i < list->count; i++) {
        const wb_node *condition = list->children[i];
        if (strcmp(wb_node_string(wb_node_get(condition, "type"), ""), "Ready") == 0) {
            *out_is_ready =
                strcmp(wb_node_string(wb_node_get(condition, "status"), ""), "True") == 0;
            *out_since_ms = wb_recording_clock_time(wb_node_get(condition, "lastTransitionTime"));
            return true;
        }
    }
    return false;
}

static wb_recording_version *add_version(wb_recording *recording, uint32_t object)
{
    wb_recording_version *version = WB_RECORDING_ADD(recording->versions);
    *version = (wb_recording_version){
        .object = object, .sequence = recording->sequence++, .at_ms = -1, .ready_ms = -1};
    return version;
}

/* When an update was: the newest entry of managedFields, if kubectl left them in. */
static int64_t update_time(const wb_node *object)
{
    const wb_node *fields = wb_node_find(object, "metadata.managedFields");
    int64_t at_ms = -1;
    for (uint32_t i = 0; fields != NULL && fields->kind == WB_NODE_LIST && i < fields->count; i++) {
        const int64_t time_ms = wb_recording_clock_time(wb_node_get(fields->children[i], "time"));
        at_ms = time_ms > at_ms ? time_ms : at_ms;
    }
    return at_ms;
}

/* The sizes that a status tells, in the recording's arena; NULL: none. */
static const char *sizes_of(wb_recording *recording, const wb_node *status)
{
    if (wb_node_get(status, "allocatable") == NULL && wb_node_get(status, "capacity") == NULL) {
        return NULL;
    }
    wb_text json;
    wb_text_init(&json);
    print_node_status(status, &json);
    const char *copy = wb_arena_copy_text(&recording->arena, wb_text_string(&json), json.length);
    wb_text_release(&json);
    return copy;
}

static void see_version(wb_recording *recording, uint32_t row, size_t kind, const wb_node *object,
                        int64_t at_ms)
{
    wb_text json;
    wb_text_init(&json);
    print_object(object, kind, &json);
    wb_recording_version *version = add_version(recording, row);
    version->revision = wb_recording_clock_revision(object);
    version->is_exact = at_ms >= 0;
    version->at_ms = at_ms >= 0 ? at_ms : update_time(object);
    version->json = wb_arena_copy_text(&recording->arena, wb_text_string(&json), json.length);
    if (kept_kinds[kind].rule == KEEP_NODE) {
        const wb_node *status = wb_node_get(object, "status");
        (void)find_ready(status, &version->is_ready, &version->ready_ms);
        version->status = sizes_of(recording, status);
    }
    wb_text_release(&json);
}

static void see_replicas(wb_recording *recording, uint32_t row, const wb_node *object,
                         int64_t at_ms)
{
    const int64_t replicas = wb_node_int64(wb_node_find(object, "spec.replicas"), 1);
    const wb_node *owners = wb_node_find(object, "metadata.ownerReferences");
    if (owners != NULL && owners->count > 0) {
        return; /* a Deployment's ReplicaSet: the Deployment tells */
    }
    if (replicas < 0 || replicas > INT32_MAX) {
        return;
    }
    *WB_RECORDING_ADD(recording->scales) =
        (wb_recording_scale){.object = row,
                             .sequence = recording->sequence++,
                             .revision = wb_recording_clock_revision(object),
                             .is_exact = at_ms >= 0,
                             .at_ms = at_ms >= 0 ? at_ms : update_time(object),
                             .replicas = (int32_t)replicas};
}

/* The newest revision of the object that this source has told of: what it tells again is known. */
static uint64_t *told_revision(wb_recording_object *object, uint8_t source)
{
    return source == WB_RECORDING_FROM_AUDIT   ? &object->audit_revision
           : source == WB_RECORDING_FROM_WATCH ? &object->watch_revision
                                               : &object->revision;
}

void wb_recording_objects_see(wb_recording *recording, const wb_node *object,
                              wb_recording_sight sight, uint8_t source, int64_t at_ms)
{
    assert(recording != NULL && is_map(object));
    const wb_node *metadata = wb_node_get(object, "metadata");
    const size_t kind = kind_index(wb_node_string(wb_node_get(object, "kind"), ""));
    const char *name = wb_node_string(wb_node_get(metadata, "name"), "");
    assert(kind < KIND_COUNT);
    if (*name == 0) {
        wb_recording_count(recording, WB_RECORDING_NO_NAME, NULL);
        return;
    }
    const uint64_t revision = wb_recording_clock_revision(object);
    const uint32_t row = row_of(recording, kept_kinds[kind].kind,
                                wb_node_string(wb_node_get(metadata, "namespace"), ""), name);
    wb_recording_object *known = &recording->objects.rows[row];
    uint64_t *told = told_revision(known, source);
    const bool was_known = revision != 0 && revision <= *told;
    if (source == WB_RECORDING_FROM_WATCH) {
        if (known->session == 0 && sight != WB_RECORDING_ADDED && known->sources == 0) {
            wb_recording_count(recording, WB_RECORDING_FIRST_MODIFIED, NULL);
        }
        if (was_known && (sight != WB_RECORDING_REMOVED || known->is_gone)) {
            wb_recording_count(recording, WB_RECORDING_DUPLICATE, NULL);
        }
        known->watch_revision = revision > known->watch_revision ? revision : known->watch_revision;
        known->session = recording->session;
    }
    const int64_t created_ms = wb_recording_clock_time(wb_node_get(metadata, "creationTimestamp"));
    known->sources |= source;
    *told = revision > *told ? revision : *told;
    known->revision = revision > known->revision ? revision : known->revision;
    known->created_ms = known->created_ms < 0 ? created_ms : known->created_ms;
    if (sight == WB_RECORDING_REMOVED) {
        known->is_gone = true;
        wb_recording_version *version = add_version(recording, row);
        version->revision = revision;
        version->at_ms = at_ms;
        version->is_exact = at_ms >= 0;
        return;
    }
    known->is_gone = false;
    if (was_known) {
        return;
    }
    if (kept_kinds[kind].rule == KEEP_REPLICAS) {
        see_replicas(recording, row, object, at_ms);
    } else {
        see_version(recording, row, kind, object, at_ms);
    }
}

uint32_t wb_recording_objects_find(const wb_recording *recording, const char *kind,
                                   const char *namespace_name, const char *name)
{
    const uint32_t ids[] = {wb_intern_find(&recording->intern, kind),
                            wb_intern_find(&recording->intern, namespace_name),
                            wb_intern_find(&recording->intern, name)};
    const uint64_t key = wb_hash_map_join(wb_hash_map_join(ids[0], ids[1]), ids[2]);
    uint64_t row = 0;
    return wb_hash_map_get(&recording->object_by_key, key, &row) ? (uint32_t)row : UINT32_MAX;
}

void wb_recording_objects_create(wb_recording *recording, const char *kind, const char *name,
                                 int64_t at_ms)
{
    const size_t index = kind_index(kind);
    assert(index < KIND_COUNT && kept_kinds[index].rule == KEEP_LABELS);
    const uint32_t row = row_of(recording, kind, "", name);
    if (recording->objects.rows[row].sources != 0 || *name == 0) {
        return;
    }
    wb_text json;
    wb_text_init(&json);
    wb_text_add_format(&json, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":",
                       kept_kinds[index].api_version, kind);
    wb_text_add_json_string(&json, name);
    wb_text_add_string(&json, "}}");
    wb_recording_version *version = add_version(recording, row);
    version->at_ms = at_ms;
    version->is_exact = true;
    version->json = wb_arena_copy_text(&recording->arena, wb_text_string(&json), json.length);
    recording->objects.rows[row].created_ms = at_ms;
    recording->objects.rows[row].sources |= WB_RECORDING_FROM_AUDIT;
    wb_text_release(&json);
}

void wb_recording_objects_delete(wb_recording *recording, const char *kind,
                                 const char *namespace_name, const char *name, int64_t at_ms)
{
    if (!wb_recording_objects_keeps(kind) || *name == 0) {
        return;
    }
    const uint32_t row = row_of(recording, kind, namespace_name, name);
    wb_recording_version *version = add_version(recording, row);
    version->at_ms = at_ms;
    version->is_exact = true;
    recording->objects.rows[row].is_gone = true;
    recording->objects.rows[row].sources |= WB_RECORDING_FROM_AUDIT;
}

void wb_recording_objects_node_status(wb_recording *recording, const char *name,
                                      const wb_node *status, int64_t at_ms)
{
    bool is_ready = false;
    int64_t since_ms = -1;
    if (*name == 0 || !find_ready(status, &is_ready, &since_ms)) {
        return;
    }
    wb_recording_version *version = add_version(recording, row_of(recording, "Node", "", name));
    version->at_ms = at_ms;
    version->is_exact = true;
    version->is_patch = true;
    version->status = sizes_of(recording, status);
    version->is_ready = is_ready;
    version->ready_ms = since_ms;
}

void wb_recording_objects_scale(wb_recording *recording, const wb_recording_scale *scale,
                                const char *kind, const char *namespace_name, const char *name)
{
    assert(scale->replicas >= 0);
    wb_recording_scale *row = WB_RECORDING_ADD(recording->scales);
    *row = *scale;
    row->object = row_of(recording, kind, namespace_name, name);
    row->sequence = recording->sequence++;
}
