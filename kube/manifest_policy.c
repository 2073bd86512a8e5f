/*
 * PodDisruptionBudget, PriorityClass, Namespace: what limits and orders pods, and what groups them.
 *
 * What is read, and what must hold:
 *
 *   PodDisruptionBudget   minAvailable or maxUnavailable: a number or 0 % to 100 %, not both; an
 *                         empty selector selects the whole namespace, none selects nothing
 *   PriorityClass         value, at most a billion but for system classes; preemptionPolicy
 *   Namespace             name and labels
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

enum {
    HIGHEST_USER_PRIORITY = 1000000000
};

/* "25%": digits, a percent sign, at most 100. -1 after a finding. */
static int32_t decode_percent(const wb_field *field)
{
    const char *text = wb_field_text(field);
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || strcmp(text + digits, "%") != 0) {
        wb_field_invalid(field, "a valid percent string must be a numeric string followed by an "
                                "ending '%%' (e.g. '1%%', '93%%')");
        return -1;
    }
    int32_t percent = 0;
    for (size_t i = 0; i < digits && percent <= 100; i++) {
        percent = percent * 10 + (text[i] - '0');
    }
    if (percent > 100) {
        wb_field_invalid(field, "must not be greater than 100%%");
        return -1;
    }
    return percent;
}

/* An integer or a percentage, as intstr.IntOrString has it; rounding is left to who knows the
 * total. */
wb_bound_kind wb_manifest_decode_bound(const wb_field *field, int32_t *out)
{
    assert(field != NULL);
    assert(out != NULL);
    if (!wb_field_is_set(field)) {
        return WB_BOUND_NONE;
    }
    if (field->node->kind == WB_NODE_STRING) {
        const int32_t percent = decode_percent(field);
        *out = percent < 0 ? 0 : percent;
        return WB_BOUND_PERCENT;
    }
    *out = wb_field_int32(field, 0);
    if (*out < 0) {
        wb_field_invalid(field, "must be greater than or equal to 0");
        *out = 0;
    }
    return WB_BOUND_COUNT;
}

/* --- PodDisruptionBudget --------------------------------------------------------------- */

/* The API server lets a budget without any bound pass, and it then blocks every eviction. */
static void decode_bounds(const wb_field *object, const wb_field *spec, wb_pdb *out)
{
    const wb_field min_available = wb_field_get(spec, "minAvailable");
    const wb_field max_unavailable = wb_field_get(spec, "maxUnavailable");
    out->min_available_kind = wb_manifest_decode_bound(&min_available, &out->min_available);
    out->max_unavailable_kind = wb_manifest_decode_bound(&max_unavailable, &out->max_unavailable);
    if (wb_field_is_set(&min_available) && wb_field_is_set(&max_unavailable)) {
        wb_field_error(spec, "Invalid value: minAvailable and maxUnavailable cannot be both set");
    } else if (!wb_field_is_set(&min_available) && !wb_field_is_set(&max_unavailable)) {
        wb_field_warn(wb_field_is_set(spec) ? spec : object,
                      "neither minAvailable nor maxUnavailable is set: the disruption controller "
                      "will not allow any eviction");
    }
}

/* The controller's last word, for dumps; a simulation counts for itself. */
static void decode_pdb_status(const wb_field *object, wb_pdb *out)
{
    const wb_field status = wb_field_get(object, "status");
    const wb_field disrupted = wb_field_get(&status, "disruptedPods");
    const wb_field allowed = wb_field_get(&status, "disruptionsAllowed");
    out->status_is_set = wb_field_is_set(&allowed);
    out->disruptions_allowed = wb_field_int32(&allowed, 0);
    out->current_healthy = wb_field_get_int32(&status, "currentHealthy", 0);
    out->desired_healthy = wb_field_get_int32(&status, "desiredHealthy", 0);
    out->expected_pods = wb_field_get_int32(&status, "expectedPods", 0);
    const uint32_t count = wb_field_entry_count(&disrupted);
    if (count == 0) {
        return;
    }
    uint32_t *names = WB_ARENA_ARRAY(object->context->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&disrupted, i);
        names[i] = wb_intern_add(object->context->intern, entry.name);
    }
    out->disrupted_pods = names;
    out->disrupted_pod_count = count;
}

bool wb_manifest_read_pdb(const wb_field *object, void *out_object)
{
    static const char *const names[] = {"IfHealthyBudget", "AlwaysAllow"};
    assert(object != NULL);
    assert(out_object != NULL);
    wb_pdb *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_pod_disruption_budget);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field selector = wb_field_get(&spec, "selector");
    const wb_field unhealthy = wb_field_get(&spec, "unhealthyPodEvictionPolicy");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_NAMESPACED, &meta);
    *out = (wb_pdb){
        .name = meta.name,
        .namespace_name = meta.namespace_name,
        .always_allows_unhealthy = wb_field_choice(&unhealthy, names, 2, 0) == 1,
        .source = object->node,
    };
    wb_manifest_decode_label_selector(&selector, &out->selector);
    decode_bounds(object, &spec, out);
    decode_pdb_status(object, out);
    return wb_field_error_count(object) == errors_before;
}

bool wb_manifest_decode_pdb(const wb_decode_context *context, const wb_node *node, wb_pdb *out)
{
    const wb_field object = wb_field_root(context, node, NULL);
    return wb_manifest_read_pdb(&object, out);
}

/* --- PriorityClass and Namespace ------------------------------------------------------- */

/* The ceiling keeps users below the system classes. */
bool wb_manifest_read_priority_class(const wb_field *object, void *out_object)
{
    static const char *const names[] = {"PreemptLowerPriority", "Never"};
    assert(object != NULL);
    assert(out_object != NULL);
    wb_priority_class *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_priority_class);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field value = wb_field_get(object, "value");
    const wb_field policy = wb_field_get(object, "preemptionPolicy");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_priority_class){
        .name = meta.name,
        .value = wb_field_int32(&value, 0),
        .is_global_default = wb_field_get_bool(object, "globalDefault", false),
        .never_preempts = wb_field_choice(&policy, names, 2, 0) == 1,
    };
    (void)wb_field_require(&value, NULL);
    const char *name = wb_intern_text(object->context->intern, meta.name);
    if (out->value > HIGHEST_USER_PRIORITY && strncmp(name, "system-", 7) != 0) {
        wb_field_error(&value, "Forbidden: maximum allowed value of a user defined priority is %d",
                       HIGHEST_USER_PRIORITY);
    }
    return wb_field_error_count(object) == errors_before;
}

/* The API server labels every namespace with its own name, which selectors rely on. */
bool wb_manifest_read_namespace(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_namespace *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_namespace);
    const wb_field metadata = wb_field_get(object, "metadata");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_namespace){
        .name = meta.name,
        .labels =
            wb_labels_with(object->context->arena, meta.labels, WB_NAME_NAMESPACE_NAME, meta.name),
    };
    return wb_field_error_count(object) == errors_before;
}
