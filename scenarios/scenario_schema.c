/*
 * Which fields a scenario file has, and of which kind; docs/scenario.schema.json says the same to
 * editors, and a test holds the two together. What may be one thing or another (a path or a list of
 * paths, a preset or a map of phases) is looked at where it is read.
 */
#include "kube/schema_table.h"
#include "scenarios/scenario_internal.h"

static const wb_schema_field metadata_fields[] = {
    WB_ANY("annotations"),
    WB_STRING("description"),
    WB_ANY("labels"),
    WB_STRING("name"),
};
static const wb_schema metadata = WB_SCHEMA_OF(metadata_fields);

static const wb_schema_field cluster_fields[] = {
    WB_STRING("jobDuration"),
    WB_STRING("podStart"),
    WB_STRING("podStop"),
    WB_STRING("schedulingDelay"),
};
static const wb_schema cluster = WB_SCHEMA_OF(cluster_fields);

static const wb_schema_field scale_fields[] = {
    WB_STRING("kind"), WB_STRING("name"),      WB_STRING("namespace"),
    WB_STRING("over"), WB_INTEGER("replicas"),
};
static const wb_schema scale = WB_SCHEMA_OF(scale_fields);

static const wb_schema_field deleted_fields[] = {
    WB_STRING("kind"),
    WB_STRING("name"),
    WB_STRING("namespace"),
};
static const wb_schema deleted = WB_SCHEMA_OF(deleted_fields);

static const wb_schema_field step_fields[] = {
    WB_STRING("at"),    WB_OBJECT("delete", &deleted),
    WB_ANY("manifest"), WB_OBJECT("scale", &scale),
    WB_STRING("shift"), WB_STRING("trace"),
};
static const wb_schema step = WB_SCHEMA_OF(step_fields);

static const wb_schema_field scale_down_fields[] = {
    WB_NUMBER("gpuUtilizationThreshold"),
    WB_BOOL("ignoreDaemonsetsUtilization"),
    WB_STRING("unneededTime"),
    WB_STRING("unreadyTime"),
    WB_NUMBER("utilizationThreshold"),
};
static const wb_schema scale_down = WB_SCHEMA_OF(scale_down_fields);

static const wb_schema_field point_fields[] = {
    WB_STRING("at"),
    WB_QUANTITY("value"),
};
static const wb_schema point = WB_SCHEMA_OF(point_fields);

static const wb_schema_field load_fields[] = {
    WB_STRING("file"),
    WB_STRING("interpolation"),
    WB_STRING("metric"),
    WB_LIST_OF_OBJECTS("points", &point),
    WB_OBJECT("target", &deleted),
};
static const wb_schema load = WB_SCHEMA_OF(load_fields);

static const wb_schema_field group_fields[] = {
    WB_BOOL("azRebalance"),
    WB_BOOL("capacityRebalance"),
    WB_STRING("capacityType"),
    WB_INTEGER("desired"),
    WB_BOOL("drainAtNotice"),
    WB_LIST_OF_STRINGS("instanceTypes"),
    WB_ANY("labels"),
    WB_INTEGER("max"),
    WB_INTEGER("maxPods"),
    WB_INTEGER("min"),
    WB_STRING("name"),
    WB_INTEGER("onDemandBase"),
    WB_INTEGER("onDemandPercentage"),
    WB_STRING("onDemandStrategy"),
    WB_BOOL("perZone"),
    WB_OBJECT("scaleDown", &scale_down),
    WB_INTEGER("spotPools"),
    WB_STRING("spotStrategy"),
    WB_ANY("taints"),
    WB_STRING("volumeSize"),
    WB_LIST_OF_INTEGERS("weights"),
    WB_LIST_OF_STRINGS("zones"),
};
static const wb_schema group = WB_SCHEMA_OF(group_fields);

static const wb_schema_field node_groups_fields[] = {
    WB_LIST_OF_OBJECTS("nodeGroups", &group),
};
const wb_schema wb_scenario_node_groups_schema = WB_SCHEMA_OF(node_groups_fields);

static const wb_schema_field nodes_fields[] = {
    WB_STRING("capacityType"), WB_INTEGER("count"), WB_STRING("instanceType"), WB_ANY("labels"),
    WB_STRING("name"),         WB_ANY("taints"),    WB_STRING("zone"),
};
static const wb_schema nodes = WB_SCHEMA_OF(nodes_fields);

static const wb_schema_field change_fields[] = {
    WB_ANY("apply"),
    WB_STRING("at"),
    WB_OBJECT("delete", &deleted),
};
static const wb_schema change = WB_SCHEMA_OF(change_fields);

static const wb_schema_field identity_fields[] = {
    WB_STRING("account"),      WB_STRING("clusterName"),    WB_STRING("controllerRole"),
    WB_STRING("nodeRole"),     WB_BOOL("nodeRoleMapped"),   WB_LIST_OF_STRINGS("nodeRolePolicies"),
    WB_STRING("oidcProvider"), WB_STRING("partition"),      WB_STRING("permissionsBoundary"),
    WB_ANY("policies"),        WB_STRING("serviceAccount"), WB_ANY("serviceControlPolicies"),
    WB_STRING("trustPolicy"),  WB_STRING("values"),
};
static const wb_schema identity = WB_SCHEMA_OF(identity_fields);

static const wb_schema_field contender_fields[] = {
    WB_ANY("boot"),
    WB_LIST_OF_OBJECTS("changes", &change),
    WB_ANY("decisionLatency"),
    WB_ANY("flags"),
    WB_OBJECT("identity", &identity),
    WB_STRING("kind"),
    WB_ANY("manifests"),
    WB_STRING("name"),
    WB_ANY("nodeGroupFiles"),
    WB_LIST_OF_OBJECTS("nodeGroups", &group),
    WB_LIST_OF_OBJECTS("nodes", &nodes),
    WB_ANY("scheduler"),
    WB_ANY("settings"),
    WB_BOOL("terminationHandler"),
};
static const wb_schema contender = WB_SCHEMA_OF(contender_fields);

static const wb_schema_field fault_fields[] = {
    WB_STRING("at"),           WB_STRING("call"),      WB_STRING("capacityType"),
    WB_STRING("code"),         WB_STRING("condition"), WB_INTEGER("count"),
    WB_STRING("delay"),        WB_STRING("every"),     WB_STRING("for"),
    WB_STRING("instanceType"), WB_STRING("kind"),      WB_NUMBER("share"),
    WB_STRING("zone"),
};
static const wb_schema fault = WB_SCHEMA_OF(fault_fields);

static const wb_schema_field image_fields[] = {
    WB_STRING("at"),
    WB_STRING("family"),
};
static const wb_schema image = WB_SCHEMA_OF(image_fields);

static const wb_schema_field image_sizes_fields[] = {
    WB_QUANTITY("otherwise"),
    WB_QUANTITY("perSecond"),
    WB_ANY("sizes"),
};
static const wb_schema image_sizes = WB_SCHEMA_OF(image_sizes_fields);

static const wb_schema_field spot_event_fields[] = {
    WB_STRING("at"),
    WB_INTEGER("count"),
    WB_STRING("instanceType"),
    WB_STRING("zone"),
};
static const wb_schema spot_event = WB_SCHEMA_OF(spot_event_fields);

static const wb_schema_field spot_fields[] = {
    WB_LIST_OF_OBJECTS("events", &spot_event),
    WB_BOOL("firstHourFree"),
    WB_BOOL("firstHourFreeWhenLeft"),
    WB_STRING("interruptions"),
    WB_LIST_OF_NUMBERS("monthlyByBand"),
    WB_NUMBER("monthlyUnknown"),
    WB_STRING("notice"),
    WB_STRING("rebalanceLead"),
    WB_LIST_OF_OBJECTS("recorded", &wb_scenario_recorded_schema),
    WB_NUMBER("share"),
    WB_STRING("shortage"),
};
static const wb_schema spot = WB_SCHEMA_OF(spot_fields);

static const wb_schema_field spec_fields[] = {
    WB_OBJECT("apiLimits", &wb_scenario_api_limits_schema),
    WB_OBJECT("capacity", &wb_scenario_capacity_schema),
    WB_OBJECT("cluster", &cluster),
    WB_LIST_OF_OBJECTS("contenders", &contender),
    WB_ANY("decisionLatency"),
    WB_STRING("epoch"),
    WB_LIST_OF_OBJECTS("faults", &fault),
    WB_STRING("horizon"),
    WB_OBJECT("identity", &identity),
    WB_OBJECT("imageSizes", &image_sizes),
    WB_LIST_OF_OBJECTS("images", &image),
    WB_LIST_OF_OBJECTS("loads", &load),
    WB_OBJECT("money", &wb_scenario_money_schema),
    WB_OBJECT("network", &wb_scenario_network_schema),
    WB_STRING("nodeOverhead"),
    WB_ANY("objects"),
    WB_OBJECT("quotas", &wb_scenario_quotas_schema),
    WB_STRING("region"),
    WB_BOOL("requiresTrace"),
    WB_STRING("sampleInterval"),
    WB_ANY("scheduler"),
    WB_INTEGER("seed"),
    WB_OBJECT("spot", &spot),
    WB_OBJECT("storage", &wb_scenario_storage_schema),
    WB_LIST_OF_OBJECTS("workload", &step),
    WB_LIST_OF_STRINGS("zones"),
};
static const wb_schema spec = WB_SCHEMA_OF(spec_fields);

static const wb_schema_field scenario_fields[] = {
    WB_STRING("apiVersion"),
    WB_STRING("kind"),
    WB_OBJECT("metadata", &metadata),
    WB_OBJECT("spec", &spec),
};
const wb_schema wb_scenario_schema = WB_SCHEMA_OF(scenario_fields);

static const wb_schema_field phase_fields[] = {
    WB_STRING("median"),
    WB_NUMBER("sigma"),
};
const wb_schema wb_scenario_phase_schema = WB_SCHEMA_OF(phase_fields);

static const wb_schema_field boot_fields[] = {
    WB_ANY("api"),
    WB_ANY("asg"),
    WB_ANY("health"),
    WB_ANY("imagePull"),
    WB_ANY("instanceClasses"),
    WB_ANY("join"),
    WB_STRING("podStart"),
    WB_STRING("preset"),
    WB_ANY("ready"),
    WB_ANY("shutdown"),
    WB_ANY("start"),
    WB_ANY("startupTaints"),
};
const wb_schema wb_scenario_boot_schema = WB_SCHEMA_OF(boot_fields);

static const wb_schema_field boot_class_fields[] = {
    WB_ANY("join"),     WB_ANY("ready"), WB_STRING("selector"),
    WB_ANY("shutdown"), WB_ANY("start"), WB_ANY("startupTaints"),
};
const wb_schema wb_scenario_boot_class_schema = WB_SCHEMA_OF(boot_class_fields);

static const wb_schema_field scheduler_fields[] = {
    WB_ANY("config"),          WB_INTEGER("percentageOfNodesToScore"),
    WB_BOOL("popFromBackoff"), WB_BOOL("preemption"),
    WB_STRING("strategy"),     WB_STRING("ties"),
};
const wb_schema wb_scenario_scheduler_schema = WB_SCHEMA_OF(scheduler_fields);
