/*
 * Fields of HorizontalPodAutoscaler (autoscaling/v2, and the one that v1 has beside them).
 * Source: the json tags of k8s.io/api/autoscaling/v2, v0.36.
 */
#include "kube/schema_table.h"

/* Tables are filled to the end of the line, as in the other schema files. */
/* clang-format off */

static const wb_schema_field reference_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_STRING("name")};
static const wb_schema reference = WB_SCHEMA_OF(reference_fields);
static const wb_schema_field policy_fields[] = {
    WB_INTEGER("periodSeconds"), WB_STRING("type"), WB_INTEGER("value")};
static const wb_schema policy = WB_SCHEMA_OF(policy_fields);
static const wb_schema_field rules_fields[] = {
    WB_LIST_OF_OBJECTS("policies", &policy), WB_STRING("selectPolicy"),
    WB_INTEGER("stabilizationWindowSeconds"), WB_QUANTITY("tolerance")};
static const wb_schema rules = WB_SCHEMA_OF(rules_fields);
static const wb_schema_field behavior_fields[] = {
    WB_OBJECT("scaleDown", &rules), WB_OBJECT("scaleUp", &rules)};
static const wb_schema behavior = WB_SCHEMA_OF(behavior_fields);
static const wb_schema_field target_fields[] = {
    WB_INTEGER("averageUtilization"), WB_QUANTITY("averageValue"), WB_STRING("type"),
    WB_QUANTITY("value")};
static const wb_schema target = WB_SCHEMA_OF(target_fields);
static const wb_schema_field identifier_fields[] = {
    WB_STRING("name"), WB_OBJECT("selector", &wb_schema_label_selector)};
static const wb_schema identifier = WB_SCHEMA_OF(identifier_fields);
static const wb_schema_field resource_fields[] = {WB_STRING("name"), WB_OBJECT("target", &target)};
static const wb_schema resource = WB_SCHEMA_OF(resource_fields);
static const wb_schema_field pods_fields[] = {
    WB_OBJECT("metric", &identifier), WB_OBJECT("target", &target)};
static const wb_schema pods = WB_SCHEMA_OF(pods_fields);
static const wb_schema_field metric_fields[] = {
    WB_ANY("containerResource"), WB_OBJECT("external", &pods), WB_ANY("object"),
    WB_OBJECT("pods", &pods), WB_OBJECT("resource", &resource), WB_STRING("type")};
static const wb_schema metric = WB_SCHEMA_OF(metric_fields);
static const wb_schema_field spec_fields[] = {
    WB_OBJECT("behavior", &behavior), WB_INTEGER("maxReplicas"),
    WB_LIST_OF_OBJECTS("metrics", &metric), WB_INTEGER("minReplicas"),
    WB_OBJECT("scaleTargetRef", &reference),
    WB_INTEGER("targetCPUUtilizationPercentage")};
static const wb_schema spec = WB_SCHEMA_OF(spec_fields);
static const wb_schema_field autoscaler_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &spec), WB_ANY("status")};
const wb_schema wb_schema_horizontal_pod_autoscaler = WB_SCHEMA_OF(autoscaler_fields);
