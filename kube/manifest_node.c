/*
 * Node, as a dump of a cluster shows it.
 *
 * Users write no nodes, so what is checked is what could not be worked with: taints that contradict
 * themselves, negative amounts. Managed nodes are recognised by their labels, above.
 *
 * What is read:
 *
 *     spec.providerID, taints, unschedulable
 *     status.capacity, allocatable    capacity stands in for a missing allocatable
 *     status.images                   one row per name
 *     status.conditions               Ready; of all, when they were last confirmed
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

/* Unknown is not ready: the kubelet has not been heard of. */
static bool ready_condition_is_true(const wb_field *status)
{
    const wb_field conditions = wb_field_get(status, "conditions");
    for (uint32_t i = 0; i < wb_field_count(&conditions); i++) {
        const wb_field condition = wb_field_at(&conditions, i);
        if (wb_field_get_is(&condition, "type", "Ready")) {
            return wb_field_get_is(&condition, "status", "True");
        }
    }
    return false;
}

static int64_t newest_heartbeat_ms(const wb_field *status)
{
    const wb_field conditions = wb_field_get(status, "conditions");
    int64_t newest_ms = -1;
    for (uint32_t i = 0; i < wb_field_count(&conditions); i++) {
        const wb_field condition = wb_field_at(&conditions, i);
        const int64_t at_ms = wb_field_get_time_ms(&condition, "lastHeartbeatTime");
        newest_ms = at_ms > newest_ms ? at_ms : newest_ms;
    }
    return newest_ms;
}

/* An image has several names (by tag, by digest): one row each, so that a lookup is a walk. */
static void decode_images(const wb_field *status, wb_node_object *out)
{
    const wb_field images = wb_field_get(status, "images");
    uint32_t count = 0;
    for (uint32_t i = 0; i < wb_field_count(&images); i++) {
        const wb_field image = wb_field_at(&images, i);
        const wb_field names = wb_field_get(&image, "names");
        count += wb_field_count(&names);
    }
    if (count == 0) {
        return;
    }
    wb_node_image *rows = WB_ARENA_ARRAY(status->context->arena, wb_node_image, count);
    for (uint32_t i = 0; i < wb_field_count(&images); i++) {
        const wb_field image = wb_field_at(&images, i);
        const wb_field names = wb_field_get(&image, "names");
        const wb_field size = wb_field_get(&image, "sizeBytes");
        for (uint32_t j = 0; j < wb_field_count(&names); j++) {
            const wb_field name = wb_field_at(&names, j);
            rows[out->image_count++] = (wb_node_image){
                .name = wb_field_id(&name),
                .size_bytes = wb_field_int64(&size, 0),
            };
        }
    }
    assert(out->image_count == count);
    out->images = rows;
}

/* Capacity and allocatable are taken as the kubelet reports them, eviction thresholds included. */
bool wb_manifest_read_node(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_node_object *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_node);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field status = wb_field_get(object, "status");
    const wb_field taints = wb_field_get(&spec, "taints");
    const wb_field capacity = wb_field_get(&status, "capacity");
    const wb_field allocatable = wb_field_get(&status, "allocatable");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_node_object){
        .name = meta.name,
        .uid = meta.uid,
        .provider_id = wb_field_get_id(&spec, "providerID"),
        .labels = meta.labels,
        .annotations = meta.annotations,
        .capacity = wb_manifest_decode_resource_map(&capacity, WB_RESOURCES_POSITIVE),
        .allocatable = wb_manifest_decode_resource_map(&allocatable, WB_RESOURCES_POSITIVE),
        .created_ms = meta.created_ms,
        .deletion_ms = meta.deletion_ms,
        .heartbeat_ms = newest_heartbeat_ms(&status),
        .is_unschedulable = wb_field_get_bool(&spec, "unschedulable", false),
        .is_ready = ready_condition_is_true(&status),
    };
    if (out->allocatable.count == 0) {
        out->allocatable = out->capacity; /* the API server's default */
    }
    out->taints = wb_manifest_decode_taint_list(&taints, &out->taint_count);
    decode_images(&status, out);
    return wb_field_error_count(object) == errors_before;
}

bool wb_manifest_decode_node(const wb_decode_context *context, const wb_node *node,
                             wb_node_object *out)
{
    const wb_field object = wb_field_root(context, node, NULL);
    return wb_manifest_read_node(&object, out);
}
