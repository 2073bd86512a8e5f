/*
 * PersistentVolumeClaim, PersistentVolume, StorageClass, CSINode: what ties a pod to zones and
 * nodes.
 *
 * In-tree names of cloud disks are translated to the CSI drivers that took them over, since attach
 * limits and topology go by driver. Keys of topology stay as they are written; the solver knows the
 * aliases.
 *
 * What is read, and what must hold:
 *
 *   PersistentVolumeClaim   accessModes, at least one; storage > 0; class by spec or an old
 *                           annotation; bound by volumeName and the binder's annotation, lost
 *                           by phase
 *   PersistentVolume        driver; nodeAffinity.required, at least one term; claimRef; free when
 *                           Available or without a phase, and unclaimed
 *   StorageClass            provisioner; Immediate by default; topologies as In expressions
 *   CSINode                 a limit per driver; none given is no limit
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

/* In-tree plugins and the CSI drivers that took them over (k8s.io/csi-translation-lib): limits and
 * topology go by the driver's name. */
static const struct {
    const char *volume_field, *plugin, *driver;
} migrated[] = {
    {"awsElasticBlockStore", "kubernetes.io/aws-ebs", "ebs.csi.aws.com"},
    {"azureDisk", "kubernetes.io/azure-disk", "disk.csi.azure.com"},
    {"azureFile", "kubernetes.io/azure-file", "file.csi.azure.com"},
    {"cinder", "kubernetes.io/cinder", "cinder.csi.openstack.org"},
    {"gcePersistentDisk", "kubernetes.io/gce-pd", "pd.csi.storage.gke.io"},
    {"portworxVolume", "kubernetes.io/portworx-volume", "pxd.portworx.com"},
    {"vsphereVolume", "kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"},
};

uint32_t wb_manifest_csi_name(wb_intern *intern, const char *plugin)
{
    assert(intern != NULL);
    assert(plugin != NULL);
    for (size_t i = 0; i < sizeof(migrated) / sizeof(migrated[0]); i++) {
        if (strcmp(plugin, migrated[i].plugin) == 0) {
            return wb_intern_add(intern, migrated[i].driver);
        }
    }
    return wb_intern_add(intern, plugin);
}

/* An amount of "storage" in bytes; 0 when none is given. */
static int64_t decode_storage_bytes(const wb_field *resources)
{
    const wb_field storage = wb_field_get(resources, "storage");
    int64_t bytes = 0;
    if (wb_field_is_set(&storage) && wb_manifest_decode_quantity(&storage, false, &bytes) &&
        bytes <= 0) {
        wb_field_invalid(&storage, "must be greater than zero");
    }
    return bytes;
}

/* Only ReadWriteOncePod means something to a scheduler: one pod at a time. */
static bool lists_access_mode(const wb_field *spec, const char *mode)
{
    const wb_field modes = wb_field_get(spec, "accessModes");
    for (uint32_t i = 0; i < wb_field_count(&modes); i++) {
        const wb_field element = wb_field_at(&modes, i);
        if (strcmp(wb_field_text(&element), mode) == 0) {
            return true;
        }
    }
    return false;
}

static void check_access_modes(const wb_field *spec)
{
    static const char *const names[] = {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany",
                                        "ReadWriteOncePod"};
    const wb_field modes = wb_field_get(spec, "accessModes");
    if (wb_field_count(&modes) == 0) {
        wb_field_error(&modes, "Required value: at least 1 access mode is required");
    }
    for (uint32_t i = 0; i < wb_field_count(&modes); i++) {
        const wb_field element = wb_field_at(&modes, i);
        (void)wb_field_choice(&element, names, 4, 0);
    }
}

/* Annotations are read here and not kept: the context drops those that only storage knows. */

/* --- PersistentVolumeClaim ------------------------------------------------------------- */

/* Bound, lost or open: what a pod that uses the claim can hope for follows from these. */
bool wb_manifest_read_volume_claim(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_volume_claim *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_persistent_volume_claim);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field annotations = wb_field_get(&metadata, "annotations");
    const wb_field bind_completed = wb_field_get(&annotations, "pv.kubernetes.io/bind-completed");
    const wb_field old_class =
        wb_field_get(&annotations, "volume.beta.kubernetes.io/storage-class");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field resources = wb_field_get(&spec, "resources");
    const wb_field requests = wb_field_get(&resources, "requests");
    const wb_field status = wb_field_get(object, "status");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_NAMESPACED, &meta);
    *out = (wb_volume_claim){
        .name = meta.name,
        .namespace_name = meta.namespace_name,
        .uid = meta.uid,
        .storage_class = wb_field_get_id(&spec, "storageClassName"),
        .volume_name = wb_field_get_id(&spec, "volumeName"),
        .is_bind_completed = wb_field_is_set(&bind_completed),
        .is_lost = wb_field_get_is(&status, "phase", "Lost"),
        .is_deleting = meta.deletion_ms >= 0,
        .is_read_write_once_pod = lists_access_mode(&spec, "ReadWriteOncePod"),
        .selected_node = wb_field_get_id(&annotations, "volume.kubernetes.io/selected-node"),
        .request_bytes = decode_storage_bytes(&requests),
    };
    if (wb_field_is_set(&old_class)) {
        out->storage_class = wb_field_id(&old_class);
    }
    check_access_modes(&spec);
    return wb_field_error_count(object) == errors_before;
}

/* --- PersistentVolume ------------------------------------------------------------------ */

/* 0 for what is attached to no node: NFS, host paths. */
static uint32_t decode_driver(const wb_field *spec)
{
    const wb_field csi = wb_field_get(spec, "csi");
    if (wb_field_is_set(&csi)) {
        const wb_field driver = wb_field_get(&csi, "driver");
        (void)wb_field_require(&driver, NULL);
        return wb_field_id(&driver);
    }
    for (size_t i = 0; i < sizeof(migrated) / sizeof(migrated[0]); i++) {
        const wb_field source = wb_field_get(spec, migrated[i].volume_field);
        if (wb_field_is_set(&source)) {
            return wb_intern_add(spec->context->intern, migrated[i].driver);
        }
    }
    return 0;
}

/* The node affinity is the volume's place; capacity serves static binding. */
bool wb_manifest_read_persistent_volume(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_persistent_volume *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_persistent_volume);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field status = wb_field_get(object, "status");
    const wb_field phase = wb_field_get(&status, "phase");
    const wb_field capacity = wb_field_get(&spec, "capacity");
    const wb_field claim = wb_field_get(&spec, "claimRef");
    const wb_field local = wb_field_get(&spec, "local");
    const wb_field host_path = wb_field_get(&spec, "hostPath");
    const wb_field affinity = wb_field_get(&spec, "nodeAffinity");
    const wb_field required = wb_field_get(&affinity, "required");
    const wb_field terms = wb_field_get(&required, "nodeSelectorTerms");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_persistent_volume){
        .name = meta.name,
        .storage_class = wb_field_get_id(&spec, "storageClassName"),
        .driver = decode_driver(&spec),
        .labels = meta.labels,
        .is_local_or_host_path = wb_field_is_set(&local) || wb_field_is_set(&host_path),
        .is_deleting = meta.deletion_ms >= 0,
        .is_available =
            !wb_field_is_set(&claim) &&
            (!wb_field_is_set(&phase) || wb_field_get_is(&status, "phase", "Available")),
        .claim_namespace = wb_field_get_id(&claim, "namespace"),
        .claim_name = wb_field_get_id(&claim, "name"),
        .capacity_bytes = decode_storage_bytes(&capacity),
    };
    out->required_terms = wb_manifest_decode_node_terms(&terms, &out->required_term_count);
    if (wb_field_is_set(&required) && out->required_term_count == 0) {
        wb_field_error(&terms, "Required value: must have at least one node selector term");
    }
    return wb_field_error_count(object) == errors_before;
}

/* --- StorageClass ---------------------------------------------------------------------- */

/* matchLabelExpressions of one allowed topology: key and values, always In. */
static void decode_topology(const wb_field *field, wb_node_term *out)
{
    assert(out != NULL);
    const wb_field list = wb_field_get(field, "matchLabelExpressions");
    const uint32_t count = wb_field_count(&list);
    *out = (wb_node_term){.expression_count = count};
    wb_label_expression *expressions =
        WB_ARENA_ARRAY(field->context->arena, wb_label_expression, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(&list, i);
        const wb_field key = wb_field_get(&element, "key");
        const wb_field values = wb_field_get(&element, "values");
        (void)wb_field_require(&key, NULL);
        expressions[i] = (wb_label_expression){.key = wb_field_id(&key), .op = WB_OPERATOR_IN};
        expressions[i].values = wb_field_ids(&values, &expressions[i].value_count);
        if (expressions[i].value_count == 0) {
            wb_field_error(&values, "Required value");
        }
    }
    out->expressions = expressions;
}

/* The beta annotation is still written by old add-ons. */
static bool is_default_class(const wb_field *annotations)
{
    return wb_field_get_is(annotations, "storageclass.kubernetes.io/is-default-class", "true") ||
           wb_field_get_is(annotations, "storageclass.beta.kubernetes.io/is-default-class", "true");
}

/* Immediate binding is the default, and what Karpenter ignores pods for. */
bool wb_manifest_read_storage_class(const wb_field *object, void *out_object)
{
    static const char *const names[] = {"Immediate", "WaitForFirstConsumer"};
    assert(object != NULL);
    assert(out_object != NULL);
    wb_storage_class *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_storage_class);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field annotations = wb_field_get(&metadata, "annotations");
    const wb_field provisioner = wb_field_get(object, "provisioner");
    const wb_field mode = wb_field_get(object, "volumeBindingMode");
    const wb_field topologies = wb_field_get(object, "allowedTopologies");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    (void)wb_field_require(&provisioner, NULL);
    *out = (wb_storage_class){
        .name = meta.name,
        .provisioner = wb_manifest_csi_name(object->context->intern, wb_field_text(&provisioner)),
        .is_immediate = wb_field_choice(&mode, names, 2, 0) == 0,
        .is_default = is_default_class(&annotations),
        .allowed_topology_count = wb_field_count(&topologies),
    };
    wb_node_term *terms =
        WB_ARENA_ARRAY(object->context->arena, wb_node_term, out->allowed_topology_count);
    for (uint32_t i = 0; i < out->allowed_topology_count; i++) {
        const wb_field element = wb_field_at(&topologies, i);
        decode_topology(&element, &terms[i]);
    }
    out->allowed_topologies = terms;
    return wb_field_error_count(object) == errors_before;
}

/* --- CSINode --------------------------------------------------------------------------- */

/* No count means no limit, not a limit of zero. */
bool wb_manifest_read_attach_limits(const wb_field *object, const wb_attach_limit **out,
                                    uint32_t *out_count)
{
    assert(object != NULL);
    assert(out != NULL && out_count != NULL);
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_csi_node);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field drivers = wb_field_get(&spec, "drivers");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    const uint32_t count = wb_field_count(&drivers);
    wb_attach_limit *limits = WB_ARENA_ARRAY(object->context->arena, wb_attach_limit, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field driver = wb_field_at(&drivers, i);
        const wb_field name = wb_field_get(&driver, "name");
        const wb_field allocatable = wb_field_get(&driver, "allocatable");
        const wb_field most = wb_field_get(&allocatable, "count");
        (void)wb_field_require(&name, NULL);
        limits[i] = (wb_attach_limit){
            .node_name = meta.name,
            .driver = wb_field_id(&name),
            .count = wb_field_int32(&most, -1),
        };
        if (wb_field_is_set(&most) && limits[i].count < 0) {
            wb_field_invalid(&most, "must be greater than or equal to 0");
        }
    }
    *out = limits;
    *out_count = count;
    return wb_field_error_count(object) == errors_before;
}
