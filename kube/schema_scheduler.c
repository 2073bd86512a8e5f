/*
 * Fields of KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) and of the arguments of
 * plugins that come with kube-scheduler. Arguments are one table for all plugins: which plugin
 * reads which is looked at where they are read.
 * Source: the json tags of k8s.io/kube-scheduler/config/v1, v0.36.
 */
#include "kube/schema_table.h"

/* Tables are filled to the end of the line, as in the other schema files. */
/* clang-format off */

static const wb_schema_field plugin_fields[] = {WB_STRING("name"), WB_INTEGER("weight")};
static const wb_schema plugin = WB_SCHEMA_OF(plugin_fields);
static const wb_schema_field plugin_set_fields[] = {
    WB_LIST_OF_OBJECTS("disabled", &plugin), WB_LIST_OF_OBJECTS("enabled", &plugin)};
static const wb_schema plugin_set = WB_SCHEMA_OF(plugin_set_fields);
static const wb_schema_field plugins_fields[] = {
    WB_OBJECT("bind", &plugin_set), WB_OBJECT("filter", &plugin_set),
    WB_OBJECT("multiPoint", &plugin_set), WB_OBJECT("permit", &plugin_set),
    WB_OBJECT("placementGenerate", &plugin_set), WB_OBJECT("placementScore", &plugin_set),
    WB_OBJECT("postBind", &plugin_set), WB_OBJECT("postFilter", &plugin_set),
    WB_OBJECT("preBind", &plugin_set), WB_OBJECT("preEnqueue", &plugin_set),
    WB_OBJECT("preFilter", &plugin_set), WB_OBJECT("preScore", &plugin_set),
    WB_OBJECT("queueSort", &plugin_set), WB_OBJECT("reserve", &plugin_set),
    WB_OBJECT("score", &plugin_set)};
static const wb_schema plugins = WB_SCHEMA_OF(plugins_fields);
static const wb_schema_field resource_fields[] = {WB_STRING("name"), WB_INTEGER("weight")};
static const wb_schema resource = WB_SCHEMA_OF(resource_fields);
static const wb_schema_field point_fields[] = {WB_INTEGER("score"), WB_INTEGER("utilization")};
static const wb_schema point = WB_SCHEMA_OF(point_fields);
static const wb_schema_field ratio_fields[] = {WB_LIST_OF_OBJECTS("shape", &point)};
static const wb_schema ratio = WB_SCHEMA_OF(ratio_fields);
static const wb_schema_field strategy_fields[] = {
    WB_OBJECT("requestedToCapacityRatio", &ratio), WB_LIST_OF_OBJECTS("resources", &resource),
    WB_STRING("type")};
static const wb_schema strategy = WB_SCHEMA_OF(strategy_fields);
static const wb_schema_field constraint_fields[] = {
    WB_OBJECT("labelSelector", &wb_schema_label_selector), WB_LIST_OF_STRINGS("matchLabelKeys"),
    WB_INTEGER("maxSkew"), WB_INTEGER("minDomains"), WB_STRING("nodeAffinityPolicy"),
    WB_STRING("nodeTaintsPolicy"), WB_STRING("topologyKey"), WB_STRING("whenUnsatisfiable")};
static const wb_schema constraint = WB_SCHEMA_OF(constraint_fields);
static const wb_schema_field args_fields[] = {
    WB_ANY("addedAffinity"), WB_STRING("apiVersion"), WB_INTEGER("bindTimeoutSeconds"),
    WB_LIST_OF_OBJECTS("defaultConstraints", &constraint), WB_STRING("defaultingType"),
    WB_ANY("filterTimeout"), WB_INTEGER("hardPodAffinityWeight"),
    WB_BOOL("ignorePreferredTermsOfExistingPods"), WB_LIST_OF_STRINGS("ignoredResourceGroups"),
    WB_LIST_OF_STRINGS("ignoredResources"), WB_STRING("kind"),
    WB_INTEGER("minCandidateNodesAbsolute"), WB_INTEGER("minCandidateNodesPercentage"),
    WB_LIST_OF_OBJECTS("resources", &resource), WB_OBJECT("scoringStrategy", &strategy),
    WB_LIST_OF_OBJECTS("shape", &point)};
static const wb_schema args = WB_SCHEMA_OF(args_fields);
static const wb_schema_field plugin_config_fields[] = {
    WB_OBJECT("args", &args), WB_STRING("name")};
static const wb_schema plugin_config = WB_SCHEMA_OF(plugin_config_fields);
static const wb_schema_field profile_fields[] = {
    WB_INTEGER("percentageOfNodesToScore"), WB_LIST_OF_OBJECTS("pluginConfig", &plugin_config),
    WB_OBJECT("plugins", &plugins), WB_STRING("schedulerName")};
static const wb_schema profile = WB_SCHEMA_OF(profile_fields);
static const wb_schema_field config_fields[] = {
    WB_STRING("apiVersion"), WB_ANY("clientConnection"), WB_BOOL("delayCacheUntilActive"),
    WB_BOOL("enableContentionProfiling"), WB_BOOL("enableProfiling"), WB_ANY("extenders"),
    WB_STRING("healthzBindAddress"), WB_STRING("kind"), WB_ANY("leaderElection"),
    WB_STRING("metricsBindAddress"), WB_INTEGER("parallelism"),
    WB_INTEGER("percentageOfNodesToScore"), WB_INTEGER("podInitialBackoffSeconds"),
    WB_INTEGER("podMaxBackoffSeconds"), WB_LIST_OF_OBJECTS("profiles", &profile)};
const wb_schema wb_schema_kube_scheduler_configuration = WB_SCHEMA_OF(config_fields);
