/*
 * Streams, lists and kinds: finds the decoder of each object and keeps what it makes.
 *
 * A kind is a row of a table: where it lives, what reads it, where the result goes. To read another
 * kind, write a reader that fills a struct, give wb_manifest an array and a count, add a row. Dumps
 * hold up to a million objects of one kind, so arrays grow by doubling and objects are decoded in
 * their place.
 *
 *     a file or folder ──▶ documents ──▶ lists ──▶ objects ──▶ kind and version ──▶ reader
 *                                                                 │
 *                                               unknown: a warning; earlier: converted first
 */
#include "kube/manifest.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sort.h"
#include "kube/manifest_internal.h"
#include "kube/schema.h"

enum {
    LIST_DEPTH_LIMIT = 4,
    NAME_SIZE = 128,
    PATH_LIMIT = 4096,
    FILES_LIMIT = 10000
};

/* --- Kinds ----------------------------------------------------------------------------- */

/* One kind that is read: where it lives, what reads it, where the result goes. */
typedef struct wb_kind_row {
    const char *group, *version, *kind;
    bool (*read)(const wb_field *object, void *out);
    size_t size; /* of the struct that read fills */
    size_t array_offset, count_offset;
} wb_kind_row;

#define KIND(group, version, kind, reader, type, array, count)                    \
    {                                                                             \
        group, version, kind, reader, sizeof(type), offsetof(wb_manifest, array), \
            offsetof(wb_manifest, count)                                          \
    }
#define WORKLOAD(group, kind) \
    KIND(group, "v1", kind, wb_manifest_read_workload, wb_workload, workloads, workload_count)

static const wb_kind_row kinds[] = {
    KIND("", "v1", "Pod", wb_manifest_read_pod, wb_pod, pods, pod_count),
    KIND("", "v1", "Node", wb_manifest_read_node, wb_node_object, nodes, node_count),
    KIND("", "v1", "Namespace", wb_manifest_read_namespace, wb_namespace, namespaces,
         namespace_count),
    KIND("", "v1", "PersistentVolumeClaim", wb_manifest_read_volume_claim, wb_volume_claim,
         volume_claims, volume_claim_count),
    KIND("", "v1", "PersistentVolume", wb_manifest_read_persistent_volume, wb_persistent_volume,
         persistent_volumes, persistent_volume_count),
    KIND("storage.k8s.io", "v1", "StorageClass", wb_manifest_read_storage_class, wb_storage_class,
         storage_classes, storage_class_count),
    KIND("policy", "v1", "PodDisruptionBudget", wb_manifest_read_pdb, wb_pdb, pdbs, pdb_count),
    KIND("scheduling.k8s.io", "v1", "PriorityClass", wb_manifest_read_priority_class,
         wb_priority_class, priority_classes, priority_class_count),
    KIND("karpenter.sh", "v1", "NodePool", wb_manifest_read_nodepool, wb_nodepool, nodepools,
         nodepool_count),
    KIND("karpenter.sh", "v1", "NodeClaim", wb_manifest_read_nodeclaim, wb_nodeclaim, nodeclaims,
         nodeclaim_count),
    KIND("karpenter.k8s.aws", "v1", "EC2NodeClass", wb_manifest_read_nodeclass, wb_nodeclass,
         nodeclasses, nodeclass_count),
    KIND("karpenter.sh", "v1alpha1", "NodeOverlay", wb_manifest_read_node_overlay, wb_node_overlay,
         node_overlays, node_overlay_count),
    KIND("autoscaling", "v2", "HorizontalPodAutoscaler", wb_manifest_read_hpa, wb_hpa, hpas,
         hpa_count),
    WORKLOAD("apps", "Deployment"),
    WORKLOAD("apps", "ReplicaSet"),
    WORKLOAD("apps", "StatefulSet"),
    WORKLOAD("apps", "DaemonSet"),
    WORKLOAD("batch", "Job"),
    WORKLOAD("batch", "CronJob"),
    WORKLOAD("", "ReplicationController"),
    /* Holds a limit per driver, so it goes a way of its own. */
    {"storage.k8s.io", "v1", "CSINode", NULL, 0, 0, 0},
};

enum {
    KIND_COUNT = sizeof(kinds) / sizeof(kinds[0])
};

/* Kinds that a manifest or a dump may hold and that decide nothing here: no warning. */
static const char *const skipped_kinds[] = {
    "APIService",
    "Binding",
    "CSIDriver",
    "CSIStorageCapacity",
    "Certificate",
    "CertificateSigningRequest",
    "ClusterIssuer",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "ControllerRevision",
    "CustomResourceDefinition",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "FlowSchema",
    "Ingress",
    "IngressClass",
    "Issuer",
    "Lease",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "NetworkPolicy",
    "PodMonitor",
    "PodTemplate",
    "PriorityLevelConfiguration",
    "PrometheusRule",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
    "ValidatingWebhookConfiguration",
    "VerticalPodAutoscaler",
    "VolumeAttachment",
};

enum {
    SKIPPED_COUNT = sizeof(skipped_kinds) / sizeof(skipped_kinds[0])
};

/* Some twenty kinds: a walk is as fast as anything. */
static const wb_kind_row *find_kind(const char *kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool is_skipped_kind(const char *kind)
{
    for (size_t i = 0; i < SKIPPED_COUNT; i++) {
        if (strcmp(skipped_kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

/* "apps/v1", or "v1" in the core group. */
static void print_api_version(const wb_kind_row *row, char *out, size_t size)
{
    (void)snprintf(out, size, "%s%s%s", row->group, row->group[0] != '\0' ? "/" : "", row->version);
}

/* --- Storing --------------------------------------------------------------------------- */

void wb_manifest_init(wb_manifest *manifest)
{
    assert(manifest != NULL);
    *manifest = (wb_manifest){0};
}

/* Room for extra elements behind count: arrays grow when their count is a power of two (or comes
 * to cross one), so no capacity has to be kept beside them. */
static void *grow_array(wb_arena *arena, void *array, uint32_t count, uint32_t extra, size_t size)
{
    assert(size > 0 && extra > 0);
    size_t capacity = 8;
    while (capacity < count) {
        capacity *= 2;
    }
    const size_t needed = (size_t)count + extra;
    if (array != NULL && needed <= capacity) {
        return array;
    }
    while (capacity < needed) {
        capacity *= 2;
    }
    return wb_arena_grow(arena, array, count, capacity, size);
}

/* Arrays of all kinds are handled as bytes: a pointer is read and written by memcpy, for a pointer
 * to one type is no pointer to another. */
static void append(wb_manifest *manifest, const wb_kind_row *row, const wb_field *object)
{
    assert(row->read != NULL && row->size > 0);
    unsigned char *base = (unsigned char *)manifest;
    void *array = NULL;
    uint32_t count = 0;
    memcpy(&array, base + row->array_offset, sizeof(array));
    memcpy(&count, base + row->count_offset, sizeof(count));
    array = grow_array(object->context->arena, array, count, 1, row->size);
    memcpy(base + row->array_offset, &array, sizeof(array));
    if (row->read(object, (unsigned char *)array + count * row->size)) {
        count++;
        memcpy(base + row->count_offset, &count, sizeof(count));
    }
}

/* One CSINode is as many rows as it has drivers. */
static void append_attach_limits(wb_manifest *manifest, const wb_field *object)
{
    const wb_attach_limit *limits = NULL;
    uint32_t count = 0;
    if (!wb_manifest_read_attach_limits(object, &limits, &count) || count == 0) {
        return;
    }
    manifest->attach_limits = grow_array(object->context->arena, manifest->attach_limits,
                                         manifest->attach_limit_count, count, sizeof(*limits));
    memcpy(manifest->attach_limits + manifest->attach_limit_count, limits, count * sizeof(*limits));
    manifest->attach_limit_count += count;
}

/* --- Objects and lists ----------------------------------------------------------------- */

/* Unknown kinds are somebody's custom resources and ignored, near misses probably typos. */
static void complain_of_kind(const wb_field *object, const char *kind)
{
    const char *names[KIND_COUNT + SKIPPED_COUNT];
    for (size_t i = 0; i < KIND_COUNT; i++) {
        names[i] = kinds[i].kind;
    }
    for (size_t i = 0; i < SKIPPED_COUNT; i++) {
        names[KIND_COUNT + i] = skipped_kinds[i];
    }
    const wb_field place = wb_field_get(object, "kind");
    const char *nearest = wb_schema_nearest(kind, names, KIND_COUNT + SKIPPED_COUNT);
    if (nearest != NULL && object->context->findings->strict) {
        wb_field_error(&place, "'%.60s' is not known, did you mean '%s'?", kind, nearest);
    } else if (nearest != NULL) {
        wb_field_warn(&place, "'%.60s' is not known, did you mean '%s'?", kind, nearest);
    } else {
        wb_field_warn(&place, "'%.60s' is not known and is ignored", kind);
    }
}

/* A group of somebody else's ("serving.knative.dev"): Kubernetes' own have no dot or end in
 * .k8s.io, and ours are known. */
static bool is_foreign_group(const char *api_version, const wb_kind_row *row)
{
    const size_t length = strcspn(api_version, "/");
    if (api_version[length] == '\0' || memchr(api_version, '.', length) == NULL ||
        (strlen(row->group) == length && strncmp(api_version, row->group, length) == 0)) {
        return false;
    }
    return length < 7 || strncmp(api_version + length - 7, ".k8s.io", 7) != 0;
}

/* True when the object's group and version are the ones that row reads. */
static bool version_fits(const wb_field *object, const wb_kind_row *row, const char *api_version)
{
    char expected[NAME_SIZE];
    print_api_version(row, expected, sizeof(expected));
    if (strcmp(api_version, expected) == 0 ||
        (strcmp(row->group, "autoscaling") == 0 && strcmp(api_version, "autoscaling/v1") == 0)) {
        return true; /* v1, still served, has one field of its own, which the reader knows */
    }
    const wb_field place = wb_field_get(object, "apiVersion");
    /* Old autoscalers decide nothing where there is no load for them. */
    if (is_foreign_group(api_version, row) || strcmp(row->group, "autoscaling") == 0) {
        wb_field_warn(&place, "%.60s of %s is not known and the object is ignored; expected %s",
                      api_version, row->kind, expected);
    } else {
        wb_field_error(&place, "%.60s of %s is not read yet; expected %s", api_version, row->kind,
                       expected);
    }
    return false;
}

/* An object of an earlier API is read as what it is converted to. True when it was one. */
static bool add_converted(wb_manifest *manifest, const wb_field *object, const char *kind,
                          const char *api_version)
{
    const wb_node *converted = NULL;
    if (!wb_manifest_convert(object, kind, api_version, &converted)) {
        return false;
    }
    if (converted != NULL) {
        const wb_field root = wb_field_root(object->context, converted, NULL);
        append(manifest, find_kind(wb_node_string(wb_node_get(converted, "kind"), "")), &root);
    }
    return true;
}

/* The same, with the class that an early pool holds itself. */
static bool add_older(wb_manifest *manifest, const wb_field *object, const char *kind,
                      const char *api_version)
{
    if (!add_converted(manifest, object, kind, api_version)) {
        return false;
    }
    const wb_node *template = wb_manifest_inline_template(object, kind);
    if (template != NULL) {
        const wb_field root = wb_field_root(object->context, template, NULL);
        (void)add_converted(manifest, &root, wb_node_string(wb_node_get(template, "kind"), ""),
                            wb_node_string(wb_node_get(template, "apiVersion"), ""));
    }
    return true;
}

/* Three ways out: decoded, known to decide nothing, or complained about. */
static void add_object(wb_manifest *manifest, const wb_field *object, const char *kind,
                       const char *api_version)
{
    if (add_older(manifest, object, kind, api_version)) {
        return;
    }
    const wb_kind_row *row = find_kind(kind);
    if (row == NULL) {
        if (!is_skipped_kind(kind)) {
            complain_of_kind(object, kind);
        }
        manifest->skipped_count++;
    } else if (!version_fits(object, row, api_version)) {
        manifest->skipped_count++;
    } else if (row->read != NULL) {
        append(manifest, row, object);
    } else {
        append_attach_limits(manifest, object);
    }
}

/* No kind of ours ends so, but for lists. */
static bool ends_in_list(const char *kind)
{
    const size_t length = strlen(kind);
    return length >= 4 && strcmp(kind + length - 4, "List") == 0;
}

static void add_field(wb_manifest *manifest, const wb_field *object, const char *item_kind,
                      const char *item_api_version, int depth);

/* NOLINTBEGIN(misc-no-recursion): lists in lists, at most LIST_DEPTH_LIMIT deep */

/* Items of a typed list may leave out kind and apiVersion: a PodList holds Pods. */
static void add_list(wb_manifest *manifest, const wb_field *list, const char *kind,
                     const char *api_version, int depth)
{
    assert(ends_in_list(kind));
    char item_kind[NAME_SIZE];
    const size_t length = strlen(kind) - strlen("List");
    const wb_field items = wb_field_get(list, "items");
    (void)snprintf(item_kind, sizeof(item_kind), "%.*s", (int)(length < 100 ? length : 100), kind);
    if (wb_field_is_set(&items) && items.node->kind != WB_NODE_LIST) {
        wb_field_error(&items, "expected a list, found %s", wb_node_kind_name(items.node->kind));
        return;
    }
    for (uint32_t i = 0; i < wb_field_count(&items); i++) {
        if (wb_findings_is_full(list->context->findings)) {
            return;
        }
        const wb_field item = wb_field_at(&items, i);
        add_field(manifest, &item, item_kind, length > 0 ? api_version : "", depth + 1);
    }
}

/* item_kind and item_api_version stand in for what the object itself does not say. */
static void add_field(wb_manifest *manifest, const wb_field *object, const char *item_kind,
                      const char *item_api_version, int depth)
{
    if (!wb_field_is_set(object) || object->node->kind != WB_NODE_MAP) {
        wb_field_error(object,
                       "expected an object (a map with apiVersion, kind and metadata), "
                       "found %s",
                       wb_field_is_set(object) ? wb_node_kind_name(object->node->kind) : "null");
        return;
    }
    const wb_field kind_field = wb_field_get(object, "kind");
    const wb_field version_field = wb_field_get(object, "apiVersion");
    const char *kind = wb_field_is_set(&kind_field) ? wb_field_text(&kind_field) : item_kind;
    const char *api_version =
        wb_field_is_set(&version_field) ? wb_field_text(&version_field) : item_api_version;
    if (kind[0] == '\0' || api_version[0] == '\0') {
        (void)wb_field_require(kind[0] == '\0' ? &kind_field : &version_field, NULL);
        return;
    }
    if (!ends_in_list(kind)) {
        add_object(manifest, object, kind, api_version);
    } else if (depth >= LIST_DEPTH_LIMIT) {
        wb_field_error(object, "lists are nested more than %d deep", LIST_DEPTH_LIMIT);
    } else {
        add_list(manifest, object, kind, api_version, depth);
    }
}

/* NOLINTEND(misc-no-recursion) */

void wb_manifest_add_document(wb_manifest *manifest, const wb_decode_context *context,
                              const wb_node *root)
{
    assert(manifest != NULL);
    assert(context != NULL);
    assert(root != NULL);
    const wb_field object = wb_field_root(context, root, NULL);
    add_field(manifest, &object, "", "", 0);
}

/* --- Files and folders ----------------------------------------------------------------- */

/* Reading goes on over the documents of a file until the findings are full. */
static wb_status add_file(wb_manifest *manifest, const wb_decode_context *context, const char *path,
                          wb_error *err)
{
    wb_document_stream stream;
    WB_TRY(wb_document_read_file(context->arena, path, 0, &stream, err));
    for (size_t i = 0; i < stream.count; i++) {
        if (wb_findings_is_full(context->findings)) {
            break;
        }
        wb_manifest_add_document(manifest, context, stream.roots[i]);
    }
    return WB_OK;
}

/* Hidden files are editors' and version control's. */
static bool is_manifest_name(const char *name)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    const size_t length = strlen(name);
    for (size_t i = 0; name[0] != '.' && i < sizeof(endings) / sizeof(endings[0]); i++) {
        const size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(name + length - ending, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int compare_names(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The manifests in a folder, sorted: readdir's order differs between file systems. */
static wb_status list_folder(const wb_decode_context *context, const char *path,
                             const char ***out_names, size_t *out_count, wb_error *err)
{
    assert(out_names != NULL && out_count != NULL);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return wb_fail_io(err, path, "list", errno);
    }
    const char **names = NULL;
    size_t count = 0;
    const struct dirent *entry = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): safe on a stream that no other thread has */
    while (count < FILES_LIMIT && (entry = readdir(folder)) != NULL) {
        if (is_manifest_name(entry->d_name)) {
            const char *name = wb_arena_copy_string(context->arena, entry->d_name);
            names = wb_arena_grow(context->arena, names, count, count + 1, sizeof(*names));
            names[count++] = name;
        }
    }
    (void)closedir(folder);
    if (count == FILES_LIMIT) {
        return wb_fail(err, WB_ERR_LIMIT, "'%.300s' holds more than %d manifests", path,
                       FILES_LIMIT - 1);
    }
    wb_sort(names, count, sizeof(*names), compare_names, NULL);
    *out_names = names;
    *out_count = count;
    return WB_OK;
}

static wb_status add_folder(wb_manifest *manifest, const wb_decode_context *context,
                            const char *path, wb_error *err)
{
    const char **names = NULL;
    size_t count = 0;
    WB_TRY(list_folder(context, path, &names, &count, err));
    if (count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "'%.300s' holds no .yaml, .yml or .json file", path);
    }
    for (size_t i = 0; i < count; i++) {
        char file[PATH_LIMIT];
        const int length = snprintf(file, sizeof(file), "%s/%s", path, names[i]);
        if (length < 0 || (size_t)length >= sizeof(file)) {
            return wb_fail(err, WB_ERR_LIMIT, "'%.300s': path too long", path);
        }
        WB_TRY(add_file(manifest, context, file, err));
    }
    return WB_OK;
}

/* "-" is standard input even where a folder of that name exists, as in every tool. */
wb_status wb_manifest_add_path(wb_manifest *manifest, const wb_decode_context *context,
                               const char *path, wb_error *err)
{
    assert(manifest != NULL);
    assert(context != NULL);
    assert(path != NULL);
    struct stat info;
    if (strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return add_folder(manifest, context, path, err);
    }
    return add_file(manifest, context, path, err);
}

/* --- Pieces ---------------------------------------------------------------------------- */

wb_labels wb_manifest_decode_labels(const wb_decode_context *context, const wb_node *node,
                                    const char *path)
{
    static const wb_schema_field expected = {"", WB_SCHEMA_STRING, WB_SCHEMA_MAP, NULL};
    const wb_field field = wb_field_root(context, node, path);
    wb_schema_check_value(&field, &expected);
    return wb_manifest_decode_label_map(&field);
}

wb_resource_list wb_manifest_decode_resources(const wb_decode_context *context, const wb_node *node,
                                              const char *path)
{
    static const wb_schema_field expected = {"", WB_SCHEMA_QUANTITY, WB_SCHEMA_MAP, NULL};
    const wb_field field = wb_field_root(context, node, path);
    wb_schema_check_value(&field, &expected);
    return wb_manifest_decode_resource_map(&field, WB_RESOURCES_POSITIVE);
}

bool wb_manifest_decode_selector(const wb_decode_context *context, const wb_node *node,
                                 const char *path, wb_label_selector *out)
{
    const wb_field field = wb_field_root(context, node, path);
    const size_t errors_before = wb_field_error_count(&field);
    wb_schema_check(&field, &wb_schema_label_selector);
    wb_manifest_decode_label_selector(&field, out);
    return wb_field_error_count(&field) == errors_before;
}

const wb_taint *wb_manifest_decode_taints(const wb_decode_context *context, const wb_node *node,
                                          const char *path, uint32_t *out_count)
{
    static const wb_schema_field expected = {"", WB_SCHEMA_OBJECT, WB_SCHEMA_LIST,
                                             &wb_schema_taint};
    const wb_field field = wb_field_root(context, node, path);
    wb_schema_check_value(&field, &expected);
    return wb_manifest_decode_taint_list(&field, out_count);
}
