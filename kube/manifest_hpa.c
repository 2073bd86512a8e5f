/*
 * HorizontalPodAutoscaler (autoscaling/v2; v1 is the same with cpu alone).
 *
 * What is read, and what must hold:
 *
 *   scaleTargetRef   kind and name: Deployment, ReplicaSet, StatefulSet, ReplicationController
 *   replicas         minReplicas 1 by default, at least 1; maxReplicas, not below it
 *   metrics          Resource (cpu, memory), Pods, External; none at all is cpu at 80 %; others are
 *                    left out with a warning
 *   behavior         a window of 0 to 3600 s; policies of 1 to 1800 s; what a direction leaves out
 *                    is defaulted as the API server does
 *
 * Source: k8s.io/kubernetes pkg/apis/autoscaling (v2 defaults, validation), v1.36.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

enum {
    DEFAULT_UTILIZATION = 80,
    LONGEST_WINDOW_S = 3600,
    LONGEST_PERIOD_S = 1800
};

#define DEFAULT_TOLERANCE 0.1

/* ---- behavior ---- */

static const wb_hpa_policy default_up[] = {
    {.is_percent = false, .value = 4, .period_ms = 15 * WB_MS_PER_SECOND},
    {.is_percent = true, .value = 100, .period_ms = 15 * WB_MS_PER_SECOND},
};
static const wb_hpa_policy default_down[] = {
    {.is_percent = true, .value = 100, .period_ms = 15 * WB_MS_PER_SECOND},
};

/* The controller's --horizontal-pod-autoscaler-downscale-stabilization stands in for a window that
 * scaleDown does not state. */
static const wb_hpa_rules up_rules = {
    .window_ms = 0, .policies = default_up, .policy_count = 2, .tolerance = DEFAULT_TOLERANCE};
static const wb_hpa_rules down_rules = {.window_ms = 300 * WB_MS_PER_SECOND,
                                        .policies = default_down,
                                        .policy_count = 1,
                                        .tolerance = DEFAULT_TOLERANCE};

static int32_t read_bounded(const wb_field *owner, const char *name, int32_t least, int32_t most)
{
    const wb_field field = wb_field_get(owner, name);
    if (!wb_field_require(&field, NULL)) {
        return least;
    }
    const int32_t value = wb_field_int32(&field, least);
    if (value < least || value > most) {
        wb_field_invalid(&field, "must be from %d to %d", least, most);
        return least;
    }
    return value;
}

static void read_policies(const wb_field *list, wb_hpa_rules *out)
{
    static const char *const types[] = {"Pods", "Percent"};
    const uint32_t count = wb_field_count(list);
    if (count == 0) {
        if (wb_field_is_set(list) && out->select != WB_HPA_SELECT_DISABLED) {
            wb_field_error(list, "Required value: must specify at least one Policy");
        }
        return;
    }
    wb_hpa_policy *policies = WB_ARENA_ARRAY(list->context->arena, wb_hpa_policy, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(list, i);
        const wb_field type = wb_field_get(&entry, "type");
        policies[i] = (wb_hpa_policy){
            .is_percent = wb_field_choice(&type, types, 2, 0) == 1,
            .value = read_bounded(&entry, "value", 1, INT32_MAX),
            .period_ms =
                read_bounded(&entry, "periodSeconds", 1, LONGEST_PERIOD_S) * WB_MS_PER_SECOND,
        };
    }
    out->policies = policies;
    out->policy_count = count;
}

static void read_rules(const wb_field *rules, wb_hpa_rules *out)
{
    static const char *const selections[] = {"Max", "Min", "Disabled"};
    const wb_field window = wb_field_get(rules, "stabilizationWindowSeconds");
    const wb_field selection = wb_field_get(rules, "selectPolicy");
    const wb_field tolerance = wb_field_get(rules, "tolerance");
    const wb_field policies = wb_field_get(rules, "policies");
    if (wb_field_is_set(&window)) {
        out->window_ms = read_bounded(rules, "stabilizationWindowSeconds", 0, LONGEST_WINDOW_S) *
                         WB_MS_PER_SECOND;
    }
    out->select = (wb_hpa_select)wb_field_choice(&selection, selections, 3, WB_HPA_SELECT_MAX);
    int64_t thousandths = 0;
    if (wb_field_is_set(&tolerance) &&
        wb_manifest_decode_quantity(&tolerance, true, &thousandths)) {
        if (thousandths < 0) {
            wb_field_invalid(&tolerance, "must be greater than or equal to 0");
        }
        out->tolerance = (double)thousandths / 1000.0;
    }
    read_policies(&policies, out);
}

static void read_behavior(const wb_field *spec, wb_hpa *out)
{
    const wb_field behavior = wb_field_get(spec, "behavior");
    const wb_field up = wb_field_get(&behavior, "scaleUp");
    const wb_field down = wb_field_get(&behavior, "scaleDown");
    out->has_behavior = wb_field_is_set(&behavior);
    out->up = up_rules;
    out->down = down_rules;
    read_rules(&up, &out->up);
    read_rules(&down, &out->down);
}

/* ---- metrics ---- */

/* A target's quantity in thousandths, above 0. */
static void read_value(const wb_field *field, int64_t *out)
{
    if (wb_manifest_decode_quantity(field, true, out) && *out <= 0) {
        wb_field_invalid(field, "must be positive");
        *out = 1;
    }
}

/* What a metric should be: one of the three, as far as the metric's kind knows it. */
static void read_target(const wb_field *source, wb_hpa_metric *out)
{
    const wb_field target = wb_field_get(source, "target");
    const wb_field utilization = wb_field_get(&target, "averageUtilization");
    const wb_field average = wb_field_get(&target, "averageValue");
    const wb_field value = wb_field_get(&target, "value");
    out->target = 1;
    if (wb_field_is_set(&utilization) && out->kind == WB_HPA_RESOURCE) {
        out->target_kind = WB_HPA_UTILIZATION;
        out->target = read_bounded(&target, "averageUtilization", 1, INT32_MAX);
    } else if (wb_field_is_set(&average)) {
        out->target_kind = WB_HPA_AVERAGE_VALUE;
        read_value(&average, &out->target);
    } else if (wb_field_is_set(&value) && out->kind == WB_HPA_EXTERNAL) {
        out->target_kind = WB_HPA_VALUE;
        read_value(&value, &out->target);
    } else {
        wb_field_error(&target, "Required value: must set %s",
                       out->kind == WB_HPA_RESOURCE ? "either a target raw value or a target "
                                                      "utilization"
                       : out->kind == WB_HPA_PODS   ? "averageValue"
                                                    : "either a target value or averageValue");
    }
}

/* False: a kind of metric that is not simulated; a warning says so. */
static bool read_metric(const wb_field *entry, wb_hpa_metric *out)
{
    static const char *const types[] = {"Resource", "Pods", "External"};
    static const char *const sources[] = {"resource", "pods", "external"};
    const wb_field type = wb_field_get(entry, "type");
    uint32_t index = 0;
    while (index < 3 && strcmp(wb_field_text(&type), types[index]) != 0) {
        index++;
    }
    if (index == 3) {
        wb_field_warn(&type, "a metric of type '%s' is not simulated: it is left out",
                      wb_field_text(&type));
        return false;
    }
    *out = (wb_hpa_metric){.kind = (wb_hpa_metric_kind)index};
    const wb_field source = wb_field_get(entry, sources[index]);
    const wb_field metric = wb_field_get(&source, "metric");
    const wb_field name = wb_field_get(index == 0 ? &source : &metric, "name");
    (void)wb_field_require(&name, NULL);
    out->name = wb_field_id(&name);
    read_target(&source, out);
    return true;
}

static void read_metrics(const wb_field *spec, wb_hpa *out)
{
    const wb_field list = wb_field_get(spec, "metrics");
    const wb_field percentage = wb_field_get(spec, "targetCPUUtilizationPercentage");
    const uint32_t count = wb_field_count(&list);
    wb_hpa_metric *metrics = WB_ARENA_ARRAY(spec->context->arena, wb_hpa_metric, (size_t)count + 1);
    out->metrics = metrics;
    if (count == 0) {
        metrics[out->metric_count++] =
            (wb_hpa_metric){.kind = WB_HPA_RESOURCE,
                            .name = WB_NAME_CPU,
                            .target_kind = WB_HPA_UTILIZATION,
                            .target = wb_field_int32(&percentage, DEFAULT_UTILIZATION)};
        if (metrics[0].target <= 0) {
            wb_field_invalid(&percentage, "must be greater than 0");
            metrics[0].target = DEFAULT_UTILIZATION;
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        out->metric_count += read_metric(&entry, &metrics[out->metric_count]) ? 1U : 0U;
    }
}

/* ---- the whole ---- */

/* False: it scales something that is none of ours (a custom resource); a warning says so. */
static bool read_target_reference(const wb_field *spec, wb_hpa *out)
{
    static const char *const kinds[] = {"Deployment", "ReplicaSet", "StatefulSet",
                                        "ReplicationController"};
    static const wb_owner_kind owners[] = {WB_OWNER_DEPLOYMENT, WB_OWNER_REPLICA_SET,
                                           WB_OWNER_STATEFUL_SET, WB_OWNER_REPLICATION_CONTROLLER};
    const wb_field reference = wb_field_get(spec, "scaleTargetRef");
    const wb_field kind = wb_field_get(&reference, "kind");
    const wb_field name = wb_field_get(&reference, "name");
    if (!wb_field_require(&kind, NULL) || !wb_field_require(&name, NULL)) {
        return false;
    }
    uint32_t index = 0;
    while (index < 4 && strcmp(wb_field_text(&kind), kinds[index]) != 0) {
        index++;
    }
    if (index == 4) {
        wb_field_warn(&kind, "a '%s' is not scaled here: the autoscaler is left out",
                      wb_field_text(&kind));
        return false;
    }
    out->target_kind = owners[index];
    out->target_name = wb_field_id(&name);
    return true;
}

bool wb_manifest_read_hpa(const wb_field *object, void *out_object)
{
    assert(object != NULL && out_object != NULL);
    wb_hpa *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_horizontal_pod_autoscaler);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field most = wb_field_get(&spec, "maxReplicas");
    const wb_field least = wb_field_get(&spec, "minReplicas");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_NAMESPACED, &meta);
    *out = (wb_hpa){
        .name = meta.name,
        .namespace_name = meta.namespace_name,
        .min_replicas = wb_field_int32(&least, 1),
        .max_replicas = read_bounded(&spec, "maxReplicas", 1, INT32_MAX),
    };
    if (out->min_replicas < 1) {
        wb_field_invalid(&least, "must be greater than or equal to 1");
        out->min_replicas = 1;
    }
    if (wb_field_is_set(&most) && out->max_replicas < out->min_replicas) {
        wb_field_invalid(&most, "must be greater than or equal to `minReplicas`");
    }
    const bool is_ours = read_target_reference(&spec, out);
    read_metrics(&spec, out);
    read_behavior(&spec, out);
    return is_ours && wb_field_error_count(object) == errors_before;
}
