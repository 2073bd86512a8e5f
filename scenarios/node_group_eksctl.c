/*
 * Node groups of an eksctl ClusterConfig: managedNodeGroups, and nodeGroups with their
 * instancesDistribution, with eksctl's defaults (m5.large, two nodes, 80 GiB). The tables of fields
 * are eksctl's schema v1alpha5; what has no bearing on nodes or capacity is passed in silence.
 */
#include <assert.h>
#include <string.h>

#include "kube/schema_table.h"
#include "scenarios/node_group_files.h"

#define DEFAULT_VOLUME_GIB 80
#define DEFAULT_SIZE       2

static const wb_schema_field distribution_fields[] = {
    WB_BOOL("capacityRebalance"),
    WB_LIST_OF_STRINGS("instanceTypes"),
    WB_NUMBER("maxPrice"),
    WB_INTEGER("onDemandBaseCapacity"),
    WB_INTEGER("onDemandPercentageAboveBaseCapacity"),
    WB_STRING("spotAllocationStrategy"),
    WB_INTEGER("spotInstancePools"),
};
static const wb_schema distribution_schema = WB_SCHEMA_OF(distribution_fields);

/* Both kinds of groups in one table: eksctl itself refuses what belongs to the other kind. */
static const wb_schema_field group_fields[] = {
    WB_ANY("additionalEncryptedVolume"),
    WB_ANY("additionalVolumes"),
    WB_ANY("ami"),
    WB_STRING("amiFamily"),
    WB_ANY("asgMetricsCollection"),
    WB_LIST_OF_STRINGS("asgSuspendProcesses"),
    WB_LIST_OF_STRINGS("availabilityZones"),
    WB_ANY("bottlerocket"),
    WB_ANY("capacityReservation"),
    WB_ANY("classicLoadBalancerNames"),
    WB_STRING("clusterDNS"),
    WB_ANY("containerRuntime"),
    WB_ANY("cpuCredits"),
    WB_INTEGER("desiredCapacity"),
    WB_BOOL("disableASGTagPropagation"),
    WB_BOOL("disableIMDSv1"),
    WB_BOOL("disablePodIMDS"),
    WB_BOOL("ebsOptimized"),
    WB_BOOL("efaEnabled"),
    WB_BOOL("enableDetailedMonitoring"),
    WB_ANY("enclaveEnabled"),
    WB_ANY("iam"),
    WB_ANY("instanceMarketOptions"),
    WB_STRING("instanceName"),
    WB_STRING("instancePrefix"),
    WB_ANY("instanceSelector"),
    WB_STRING("instanceType"),
    WB_LIST_OF_STRINGS("instanceTypes"),
    WB_OBJECT("instancesDistribution", &distribution_schema),
    WB_ANY("kubeletExtraConfig"),
    WB_MAP_OF_STRINGS("labels"),
    WB_ANY("launchTemplate"),
    WB_ANY("localZones"),
    WB_STRING("maxInstanceLifetime"),
    WB_INTEGER("maxPodsPerNode"),
    WB_INTEGER("maxSize"),
    WB_INTEGER("minSize"),
    WB_STRING("name"),
    WB_ANY("nodeRepairConfig"),
    WB_STRING("outpostARN"),
    WB_ANY("overrideBootstrapCommand"),
    WB_ANY("placement"),
    WB_ANY("preBootstrapCommands"),
    WB_BOOL("privateNetworking"),
    WB_BOOL("propagateASGTags"),
    WB_STRING("releaseVersion"),
    WB_ANY("securityGroups"),
    WB_BOOL("spot"),
    WB_ANY("ssh"),
    WB_ANY("subnets"),
    WB_ANY("tags"),
    WB_ANY("taints"),
    WB_ANY("targetGroupARNs"),
    WB_ANY("updateConfig"),
    WB_BOOL("volumeEncrypted"),
    WB_INTEGER("volumeIOPS"),
    WB_STRING("volumeKmsKeyID"),
    WB_STRING("volumeName"),
    WB_INTEGER("volumeSize"),
    WB_INTEGER("volumeThroughput"),
    WB_STRING("volumeType"),
    WB_ANY("warmPool"),
    WB_LIST_OF_STRINGS("zoneIDs"),
};
static const wb_schema group_schema = WB_SCHEMA_OF(group_fields);

/* Fields that would make other nodes, or other numbers of them, and are not followed. */
static const char *const unheeded[] = {
    "kubeletExtraConfig",
    "launchTemplate",
    "overrideBootstrapCommand",
    "localZones",
    "outpostARN",
    "additionalVolumes",
    "capacityReservation",
    "instanceMarketOptions",
    "maxInstanceLifetime",
    "subnets",
    "warmPool",
    "zoneIDs",
};

static void warn_of_unheeded(const wb_field *group)
{
    for (size_t i = 0; i < sizeof(unheeded) / sizeof(unheeded[0]); i++) {
        const wb_field field = wb_field_get(group, unheeded[i]);
        if (wb_field_is_set(&field)) {
            wb_field_warn(&field, "has no effect in a simulation");
        }
    }
}

/* eksctl: what is not given follows from what is; nothing at all is two nodes. */
static void take_sizes(const wb_field *group, wb_node_group *out)
{
    const wb_field desired = wb_field_get(group, "desiredCapacity");
    const wb_field minimum = wb_field_get(group, "minSize");
    const wb_field maximum = wb_field_get(group, "maxSize");
    int32_t fallback = wb_field_int32(&minimum, DEFAULT_SIZE);
    if (!wb_field_is_set(&minimum) && wb_field_is_set(&maximum) &&
        wb_field_int32(&maximum, fallback) < fallback) {
        fallback = wb_field_int32(&maximum, fallback);
    }
    out->desired_count = wb_field_int32(&desired, fallback);
    out->min_count = wb_field_int32(&minimum, out->desired_count);
    const int32_t larger =
        out->desired_count > out->min_count ? out->desired_count : out->min_count;
    out->max_count = wb_field_int32(&maximum, larger);
    wb_node_group_files_check_sizes(group, out);
}

/* instanceTypes, instanceType, or eksctl's default. */
static void take_types(wb_scenario_loader *loader, const wb_field *group, const wb_field *list,
                       wb_node_group *out)
{
    const wb_field one = wb_field_get(group, "instanceType");
    const wb_field selector = wb_field_get(group, "instanceSelector");
    if (wb_field_entry_count(&selector) > 0) {
        wb_field_error(&selector, "is not followed: which types eksctl picks by it depends on the "
                                  "day, list them as instanceTypes (eksctl create nodegroup "
                                  "--dry-run prints them)");
        return;
    }
    if (wb_field_count(list) > 0) {
        out->type_indexes = wb_node_group_files_types(loader, list, &out->type_count);
        return;
    }
    uint32_t *index = WB_ARENA_NEW(loader->context.arena, uint32_t);
    out->type_indexes = index;
    out->type_count = 1;
    if (wb_field_is_set(&one)) {
        (void)wb_scenario_type(loader, &one, index);
        return;
    }
    *index = wb_catalog_find(&loader->scenario->catalog,
                             wb_intern_add(loader->context.intern, "m5.large"));
    if (*index == UINT32_MAX) {
        wb_field_error(&one, "is missing, and eksctl's default m5.large is not in the catalog");
    }
}

/* A list of taints, or eksctl's older map of key to value:Effect. */
static void take_taints(wb_scenario_loader *loader, const wb_field *group, wb_node_group *out)
{
    const wb_field taints = wb_field_get(group, "taints");
    const uint32_t count = wb_field_entry_count(&taints);
    if (count == 0) {
        out->taints =
            wb_manifest_decode_taints(&loader->context, taints.node, "taints", &out->taint_count);
        return;
    }
    wb_taint *items = WB_ARENA_ARRAY(loader->context.arena, wb_taint, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&taints, i);
        out->taint_count += wb_node_group_files_taint(loader, &entry, taints.node->keys[i],
                                                      &items[out->taint_count])
                                ? 1U
                                : 0U;
    }
    out->taints = items;
}

/* A self-managed group's instancesDistribution, with eksctl's defaults. */
static void take_distribution(const wb_field *distribution, wb_node_group *out)
{
    const wb_field strategy = wb_field_get(distribution, "spotAllocationStrategy");
    if (!wb_field_is_set(distribution)) {
        return;
    }
    out->policy = (wb_asg_policy){
        .is_mixed = true,
        .on_demand_base = wb_field_get_int32(distribution, "onDemandBaseCapacity", 0),
        .on_demand_percentage =
            wb_field_get_int32(distribution, "onDemandPercentageAboveBaseCapacity", 100),
        .on_demand_strategy = WB_ALLOCATION_PRIORITIZED,
        .spot_strategy = wb_node_group_files_strategy(&strategy, true, WB_ALLOCATION_LOWEST_PRICE),
        .spot_pool_count = wb_field_get_int32(distribution, "spotInstancePools", 2),
        .rebalances_capacity = wb_field_get_bool(distribution, "capacityRebalance", false),
    };
    if (out->policy.on_demand_percentage < 0 || out->policy.on_demand_percentage > 100 ||
        out->policy.on_demand_base < 0) {
        wb_field_error(distribution, "has base %d and percentage %d, expected 0 or more, 0 to 100",
                       out->policy.on_demand_base, out->policy.on_demand_percentage);
    }
    if (out->policy.on_demand_base == 0 && out->policy.on_demand_percentage == 0) {
        out->capacity_type = WB_CAPACITY_SPOT;
    }
}

/* Labels of the user, and the two that eksctl puts on its nodes. */
static void take_labels(wb_scenario_loader *loader, const wb_field *group, const char *cluster,
                        wb_node_group *out)
{
    const wb_field labels = wb_field_get(group, "labels");
    wb_intern *intern = loader->context.intern;
    wb_arena *arena = loader->context.arena;
    out->labels = wb_manifest_decode_labels(&loader->context, labels.node, "labels");
    out->labels =
        wb_labels_with(arena, out->labels, wb_intern_add(intern, "alpha.eksctl.io/cluster-name"),
                       wb_intern_add(intern, cluster));
    out->labels =
        wb_labels_with(arena, out->labels, wb_intern_add(intern, "alpha.eksctl.io/nodegroup-name"),
                       wb_intern_add(intern, out->name));
}

/* A group's zones, else the cluster's, else the scenario's. */
static void take_zones(wb_scenario_loader *loader, const wb_field *root, const wb_field *group,
                       wb_node_group *out)
{
    const wb_field own = wb_field_get(group, "availabilityZones");
    const wb_field of_cluster = wb_field_get(root, "availabilityZones");
    out->zones =
        wb_scenario_zones(loader, wb_field_is_set(&own) ? &own : &of_cluster, &out->zone_count);
}

static void read_group(wb_scenario_loader *loader, const wb_field *root, const wb_field *group,
                       bool is_managed, wb_node_group_files *list)
{
    const size_t error_count = wb_field_error_count(group);
    wb_schema_check(group, &group_schema);
    if (wb_field_error_count(group) > error_count) {
        return; /* below, kinds are taken for granted */
    }
    const wb_field metadata = wb_field_get(root, "metadata");
    const wb_field cluster = wb_field_get(&metadata, "name");
    const wb_field name = wb_field_get(group, "name");
    const wb_field distribution = wb_field_get(group, "instancesDistribution");
    const wb_field types = wb_field_get(is_managed ? group : &distribution, "instanceTypes");
    const bool is_spot = is_managed && wb_field_get_bool(group, "spot", false);
    (void)wb_field_require(&name, "a node group's name");
    wb_node_group out = {
        .name = wb_field_text(&name),
        .capacity_type = is_spot ? WB_CAPACITY_SPOT : WB_CAPACITY_ON_DEMAND,
        .policy = {.on_demand_strategy = WB_ALLOCATION_PRIORITIZED,
                   .spot_strategy = WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED,
                   .rebalances_capacity = is_spot},
        .drains_at_notice = is_spot,
        .is_self_managed = !is_managed,
        .max_pods = wb_field_get_int32(group, "maxPodsPerNode", 0),
        .volume_bytes = (int64_t)wb_field_get_int32(group, "volumeSize", DEFAULT_VOLUME_GIB) *
                        (INT64_C(1) << 30),
        .position = wb_node_position(group->node),
    };
    if (out.max_pods < 0 || out.volume_bytes <= 0) {
        wb_field_error(group, "maxPodsPerNode and volumeSize: expected numbers above 0");
        return;
    }
    take_sizes(group, &out);
    take_types(loader, group, &types, &out);
    take_taints(loader, group, &out);
    take_zones(loader, root, group, &out);
    take_labels(loader, group, wb_field_text(&cluster), &out);
    if (!is_managed) {
        take_distribution(&distribution, &out);
    }
    warn_of_unheeded(group);
    wb_node_group_files_add(loader, list, &out);
}

void wb_node_group_eksctl_read(wb_scenario_loader *loader, const wb_field *root,
                               wb_node_group_files *list)
{
    assert(loader != NULL && root != NULL && list != NULL);
    const wb_field metadata = wb_field_get(root, "metadata");
    const wb_field region = wb_field_get(&metadata, "region");
    const char *of_scenario =
        wb_intern_text(loader->context.intern, loader->scenario->catalog.region);
    if (wb_field_is_set(&region) && strcmp(wb_field_text(&region), of_scenario) != 0) {
        wb_field_warn(&region, "is '%s', the scenario's is '%s'", wb_field_text(&region),
                      of_scenario);
    }
    const uint32_t before = list->count;
    const size_t error_count = wb_field_error_count(root);
    static const char *const lists[] = {"managedNodeGroups", "nodeGroups"};
    for (size_t l = 0; l < 2; l++) {
        const wb_field groups = wb_field_get(root, lists[l]);
        for (uint32_t i = 0; i < wb_field_count(&groups); i++) {
            const wb_field group = wb_field_at(&groups, i);
            read_group(loader, root, &group, l == 0, list);
        }
    }
    if (list->count == before && wb_field_error_count(root) == error_count) {
        wb_field_error(root, "has neither managedNodeGroups nor nodeGroups");
    }
}
