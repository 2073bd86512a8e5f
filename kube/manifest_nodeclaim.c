/*
 * NodeClaim v1, as a dump of a cluster shows it. Karpenter writes these, users don't: what is
 * checked is what we could not work with.
 *
 * What is read, and its default:
 *
 *     metadata.labels                 the pool's name is one of them
 *     spec.requirements, taints, startupTaints, nodeClassRef, resources.requests
 *     spec.expireAfter                720h
 *     spec.terminationGracePeriod     none
 *     status.capacity, allocatable, providerID, nodeName, lastPodEventTime
 *     status.conditions               since when Launched, Registered, Initialized, Drifted and
 *                                     Consolidatable hold; -1 for those that do not
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

enum {
    DEFAULT_EXPIRE_HOURS = 720
};

/* Requirements are Karpenter's own and may name its restricted labels: no rules for keys. */
static void decode_spec(const wb_field *object, wb_nodeclaim *out)
{
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field taints = wb_field_get(&spec, "taints");
    const wb_field startup_taints = wb_field_get(&spec, "startupTaints");
    const wb_field reference = wb_field_get(&spec, "nodeClassRef");
    const wb_field resources = wb_field_get(&spec, "resources");
    const wb_field requests = wb_field_get(&resources, "requests");
    out->requirements = wb_manifest_decode_requirements(&spec, false, &out->requirement_count);
    out->taints = wb_manifest_decode_taint_list(&taints, &out->taint_count);
    out->startup_taints = wb_manifest_decode_taint_list(&startup_taints, &out->startup_taint_count);
    wb_manifest_check_class_reference(&reference);
    out->node_class_name = wb_field_get_id(&reference, "name");
    out->requests = wb_manifest_decode_resource_map(&requests, WB_RESOURCES_POSITIVE);
    out->expire_after_ms = wb_manifest_decode_duration(&spec, "expireAfter", true,
                                                       DEFAULT_EXPIRE_HOURS * WB_MS_PER_HOUR);
    out->termination_grace_period_ms =
        wb_manifest_decode_duration(&spec, "terminationGracePeriod", false, -1);
}

/* Since when a condition holds; conditions that are False or Unknown leave the -1. */
static void decode_condition(const wb_field *condition, wb_nodeclaim *out)
{
    const struct {
        const char *type;
        int64_t *at_ms;
    } known[] = {
        {"Launched", &out->launched_ms},
        {"Registered", &out->registered_ms},
        {"Initialized", &out->initialized_ms},
        {"Drifted", &out->drifted_ms},
        {"Consolidatable", &out->consolidatable_ms},
    };
    if (!wb_field_get_is(condition, "status", "True")) {
        return;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (wb_field_get_is(condition, "type", known[i].type)) {
            *known[i].at_ms = wb_field_get_time_ms(condition, "lastTransitionTime");
        }
    }
}

/* What a claim has been through, which disruption decides by. */
static void decode_status(const wb_field *object, wb_nodeclaim *out)
{
    const wb_field status = wb_field_get(object, "status");
    const wb_field capacity = wb_field_get(&status, "capacity");
    const wb_field allocatable = wb_field_get(&status, "allocatable");
    const wb_field conditions = wb_field_get(&status, "conditions");
    out->capacity = wb_manifest_decode_resource_map(&capacity, WB_RESOURCES_ANY);
    out->allocatable = wb_manifest_decode_resource_map(&allocatable, WB_RESOURCES_ANY);
    out->provider_id = wb_field_get_id(&status, "providerID");
    out->node_name = wb_field_get_id(&status, "nodeName");
    out->last_pod_event_ms = wb_field_get_time_ms(&status, "lastPodEventTime");
    for (uint32_t i = 0; i < wb_field_count(&conditions); i++) {
        const wb_field condition = wb_field_at(&conditions, i);
        decode_condition(&condition, out);
    }
}

bool wb_manifest_read_nodeclaim(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_nodeclaim *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_node_claim);
    const wb_field metadata = wb_field_get(object, "metadata");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_nodeclaim){
        .name = meta.name,
        .nodepool = wb_labels_get(meta.labels, WB_NAME_NODEPOOL),
        .labels = meta.labels,
        .annotations = meta.annotations,
        .created_ms = meta.created_ms,
        .deletion_ms = meta.deletion_ms,
        .launched_ms = -1,
        .registered_ms = -1,
        .initialized_ms = -1,
        .last_pod_event_ms = -1,
        .drifted_ms = -1,
        .consolidatable_ms = -1,
    };
    decode_spec(object, out);
    decode_status(object, out);
    return wb_field_error_count(object) == errors_before;
}

bool wb_manifest_decode_nodeclaim(const wb_decode_context *context, const wb_node *node,
                                  wb_nodeclaim *out)
{
    const wb_field object = wb_field_root(context, node, NULL);
    return wb_manifest_read_nodeclaim(&object, out);
}
