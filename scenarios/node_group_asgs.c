/*
 * Node groups from `aws autoscaling describe-auto-scaling-groups`: sizes, zones, the mixed
 * instances policy, and the tags by which Cluster Autoscaler learns what nodes will be like. A
 * group's labels and taints are not in that answer (they are in its user data), so the tags
 * node-template/label and /taint stand for them on the nodes too, as their authors mean them to.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "scenarios/node_group_files.h"

#define TAG_PREFIX   "k8s.io/cluster-autoscaler/"
#define TEMPLATE_TAG TAG_PREFIX "node-template/"

/* What tags have said of a group so far. */
typedef struct tagged_group {
    wb_scenario_loader *loader;
    wb_node_group *group; /* being filled */
    wb_taint *taints;     /* room for one per tag */
    bool is_enabled;      /* auto-discovery finds it */
} tagged_group;

static void take_label(tagged_group *tagged, const wb_field *value, const char *key)
{
    wb_intern *intern = tagged->loader->context.intern;
    tagged->group->labels =
        wb_labels_with(tagged->loader->context.arena, tagged->group->labels,
                       wb_intern_add(intern, key), wb_intern_add(intern, wb_field_text(value)));
}

static void take_taint(tagged_group *tagged, const wb_field *value, const char *key)
{
    wb_taint *next = &tagged->taints[tagged->group->taint_count];
    tagged->group->taint_count +=
        wb_node_group_files_taint(tagged->loader, value, key, next) ? 1U : 0U;
}

static void take_resource(tagged_group *tagged, const wb_field *value, const char *name)
{
    wb_quantity quantity;
    wb_error err;
    if (wb_quantity_parse(wb_field_text(value), &quantity, &err) != WB_OK) {
        wb_field_error(value, "%s", err.text);
        return;
    }
    const uint32_t id = wb_intern_add(tagged->loader->context.intern, name);
    tagged->group->template_resources =
        wb_resource_list_with(tagged->loader->context.arena, tagged->group->template_resources, id,
                              id == WB_NAME_CPU ? wb_quantity_milli(&quantity)
                                                : wb_quantity_units(&quantity));
}

static bool take_fraction(const wb_field *value, double *out)
{
    wb_quantity quantity;
    if (wb_quantity_parse(wb_field_text(value), &quantity, NULL) != WB_OK ||
        wb_quantity_milli(&quantity) < 0) {
        wb_field_error(value, "is '%s', expected a number of 0 or more", wb_field_text(value));
        return false;
    }
    *out = (double)wb_quantity_milli(&quantity) / 1000.0;
    return true;
}

static bool take_time(const wb_field *value, int64_t *out)
{
    *out = wb_scenario_duration(value, -1);
    return *out >= 0;
}

/* autoscaling-options/<name>: what of the flags the group has its own way with. */
static void take_option(tagged_group *tagged, const wb_field *value, const char *name)
{
    wb_node_group_options *out = &tagged->group->options;
    if (strcmp(name, "scaledownutilizationthreshold") == 0) {
        out->has_utilization_threshold = take_fraction(value, &out->utilization_threshold);
    } else if (strcmp(name, "scaledowngpuutilizationthreshold") == 0) {
        out->has_gpu_utilization_threshold = take_fraction(value, &out->gpu_utilization_threshold);
    } else if (strcmp(name, "scaledownunneededtime") == 0) {
        out->has_unneeded_time = take_time(value, &out->unneeded_time_ms);
    } else if (strcmp(name, "scaledownunreadytime") == 0) {
        out->has_unready_time = take_time(value, &out->unready_time_ms);
    } else if (strcmp(name, "ignoredaemonsetsutilization") == 0) {
        out->has_ignores_daemons = true;
        out->ignores_daemons = strcmp(wb_field_text(value), "true") == 0;
    } else {
        wb_field_warn(value, "autoscaling option '%s' has no effect in a simulation", name);
    }
}

static const struct {
    const char *prefix;
    void (*take)(tagged_group *tagged, const wb_field *value, const char *rest);
} tag_rows[] = {
    {TEMPLATE_TAG "label/", take_label},
    {TEMPLATE_TAG "taint/", take_taint},
    {TEMPLATE_TAG "resources/", take_resource},
    {TEMPLATE_TAG "autoscaling-options/", take_option},
};

static void take_tag(tagged_group *tagged, const wb_field *tag)
{
    const wb_field key = wb_field_get(tag, "Key");
    const wb_field value = wb_field_get(tag, "Value");
    const char *name = wb_field_text(&key);
    tagged->is_enabled = tagged->is_enabled || strcmp(name, TAG_PREFIX "enabled") == 0;
    if (strcmp(name, "eks:nodegroup-name") == 0) {
        tagged->group->is_self_managed = false;
    }
    for (size_t i = 0; i < sizeof(tag_rows) / sizeof(tag_rows[0]); i++) {
        const size_t length = strlen(tag_rows[i].prefix);
        if (strncmp(name, tag_rows[i].prefix, length) == 0) {
            tag_rows[i].take(tagged, &value, name + length);
            return;
        }
    }
    if (strncmp(name, TEMPLATE_TAG, strlen(TEMPLATE_TAG)) == 0) {
        wb_field_warn(&key,
                      "'%s' is not a tag that Cluster Autoscaler reads, expected label/, taint/, "
                      "resources/ or autoscaling-options/ after node-template/",
                      name);
    }
}

static void take_tags(tagged_group *tagged, const wb_field *asg)
{
    const wb_field tags = wb_field_get(asg, "Tags");
    const uint32_t count = wb_field_count(&tags);
    tagged->taints = WB_ARENA_ARRAY(tagged->loader->context.arena, wb_taint, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field tag = wb_field_at(&tags, i);
        take_tag(tagged, &tag);
    }
    tagged->group->taints = tagged->taints;
    if (!tagged->is_enabled) {
        wb_field_warn(asg,
                      "'%s' has no tag " TAG_PREFIX "enabled: auto-discovery would not find "
                      "it; it is taken as if named by --nodes",
                      tagged->group->name);
    }
}

/* "2": the answer has it as text. 0 after a finding. */
static int32_t read_weight(const wb_field *weight)
{
    wb_quantity quantity;
    if (!wb_field_is_set(weight)) {
        return 1;
    }
    const int64_t units = wb_quantity_parse(wb_field_text(weight), &quantity, NULL) == WB_OK
                              ? wb_quantity_units(&quantity)
                              : 0;
    if (units < 1 || units > 999) {
        wb_field_error(weight, "is '%s', expected 1 to 999", wb_field_text(weight));
        return 0;
    }
    return (int32_t)units;
}

/* Types and weights of the policy's overrides. */
static bool take_overrides(wb_scenario_loader *loader, const wb_field *overrides,
                           wb_node_group *out)
{
    const uint32_t count = wb_field_count(overrides);
    uint32_t *types = WB_ARENA_ARRAY(loader->context.arena, uint32_t, (size_t)count + 1);
    int32_t *weights = WB_ARENA_ARRAY(loader->context.arena, int32_t, (size_t)count + 1);
    bool is_weighted = false;
    for (uint32_t i = 0; i < count; i++) {
        const wb_field override = wb_field_at(overrides, i);
        const wb_field requirements = wb_field_get(&override, "InstanceRequirements");
        const wb_field type = wb_field_get(&override, "InstanceType");
        const wb_field weight = wb_field_get(&override, "WeightedCapacity");
        if (wb_field_is_set(&requirements)) {
            wb_field_error(&requirements,
                           "is not followed: which types EC2 picks by attributes depends on the "
                           "day, list them as overrides with InstanceType");
            return false;
        }
        if (!wb_scenario_type(loader, &type, &types[i])) {
            return false;
        }
        weights[i] = read_weight(&weight);
        if (weights[i] == 0) {
            return false;
        }
        is_weighted = is_weighted || weights[i] != 1;
    }
    out->type_indexes = types;
    out->type_count = count;
    out->policy.weights = is_weighted ? weights : NULL;
    return count > 0;
}

static void take_distribution(const wb_field *distribution, wb_node_group *out)
{
    const wb_field on_demand = wb_field_get(distribution, "OnDemandAllocationStrategy");
    const wb_field spot = wb_field_get(distribution, "SpotAllocationStrategy");
    wb_asg_policy *policy = &out->policy;
    policy->is_mixed = true;
    policy->on_demand_base = wb_field_get_int32(distribution, "OnDemandBaseCapacity", 0);
    policy->on_demand_percentage =
        wb_field_get_int32(distribution, "OnDemandPercentageAboveBaseCapacity", 100);
    policy->on_demand_strategy =
        wb_node_group_files_strategy(&on_demand, false, WB_ALLOCATION_PRIORITIZED);
    policy->spot_strategy = wb_node_group_files_strategy(&spot, true, WB_ALLOCATION_LOWEST_PRICE);
    policy->spot_pool_count = wb_field_get_int32(distribution, "SpotInstancePools", 2);
    if (policy->on_demand_base == 0 && policy->on_demand_percentage == 0) {
        out->capacity_type = WB_CAPACITY_SPOT;
    }
}

/* Without a mixed instances policy the type is in the launch template, which the answer only names:
 * the instances that stand tell. */
static bool take_types_of_instances(wb_scenario_loader *loader, const wb_field *asg,
                                    wb_node_group *out)
{
    const wb_field instances = wb_field_get(asg, "Instances");
    const uint32_t count = wb_field_count(&instances);
    uint32_t *types = WB_ARENA_ARRAY(loader->context.arena, uint32_t, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field instance = wb_field_at(&instances, i);
        const wb_field type = wb_field_get(&instance, "InstanceType");
        uint32_t index = 0;
        if (!wb_scenario_type(loader, &type, &index)) {
            return false;
        }
        uint32_t at = 0;
        while (at < out->type_count && types[at] != index) {
            at++;
        }
        types[at] = index;
        out->type_count += at == out->type_count ? 1U : 0U;
    }
    out->type_indexes = types;
    if (out->type_count == 0) {
        wb_field_error(asg,
                       "'%s' has neither a MixedInstancesPolicy nor instances that would tell its "
                       "type; its launch template is not in this answer: add Instances with an "
                       "InstanceType",
                       out->name);
    }
    return out->type_count > 0;
}

static bool take_policy(wb_scenario_loader *loader, const wb_field *asg, wb_node_group *out)
{
    const wb_field policy = wb_field_get(asg, "MixedInstancesPolicy");
    const wb_field template = wb_field_get(&policy, "LaunchTemplate");
    const wb_field overrides = wb_field_get(&template, "Overrides");
    const wb_field distribution = wb_field_get(&policy, "InstancesDistribution");
    if (wb_field_is_set(&policy)) {
        take_distribution(&distribution, out);
    }
    return wb_field_count(&overrides) > 0 ? take_overrides(loader, &overrides, out)
                                          : take_types_of_instances(loader, asg, out);
}

/* AZRebalance is on in an ASG unless it is suspended. */
static bool rebalances_zones(const wb_field *asg)
{
    const wb_field suspended = wb_field_get(asg, "SuspendedProcesses");
    for (uint32_t i = 0; i < wb_field_count(&suspended); i++) {
        const wb_field process = wb_field_at(&suspended, i);
        if (wb_field_get_is(&process, "ProcessName", "AZRebalance")) {
            return false;
        }
    }
    return true;
}

static void warn_of_unheeded(const wb_field *asg, const wb_node_group *group)
{
    static const char *const names[] = {"WarmPoolConfiguration", "MaxInstanceLifetime",
                                        "PredictedCapacity"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const wb_field field = wb_field_get(asg, names[i]);
        if (wb_field_is_set(&field)) {
            wb_field_warn(&field, "has no effect in a simulation");
        }
    }
    if (group->policy.weights != NULL) {
        wb_field_warn(asg,
                      "'%s' has weights: Cluster Autoscaler counts instances and will ask for "
                      "too few or too many",
                      group->name);
    }
}

static void read_asg(wb_scenario_loader *loader, const wb_field *asg, wb_node_group_files *list)
{
    const wb_field name = wb_field_get(asg, "AutoScalingGroupName");
    const wb_field zones = wb_field_get(asg, "AvailabilityZones");
    if (!wb_field_require(&name, NULL)) {
        return;
    }
    wb_node_group out = {
        .name = wb_field_text(&name),
        .min_count = wb_field_get_int32(asg, "MinSize", 0),
        .max_count = wb_field_get_int32(asg, "MaxSize", 0),
        .desired_count = wb_field_get_int32(asg, "DesiredCapacity", 0),
        .is_self_managed = true,
        .policy = {.on_demand_strategy = WB_ALLOCATION_PRIORITIZED,
                   .rebalances_zones = rebalances_zones(asg),
                   .rebalances_capacity = wb_field_get_bool(asg, "CapacityRebalance", false)},
        .position = wb_node_position(asg->node),
    };
    tagged_group tagged = {.loader = loader, .group = &out};
    out.zones = wb_scenario_zones(loader, &zones, &out.zone_count);
    take_tags(&tagged, asg);
    if (!take_policy(loader, asg, &out)) {
        return;
    }
    out.drains_at_notice = !out.is_self_managed && out.capacity_type == WB_CAPACITY_SPOT;
    wb_node_group_files_check_sizes(asg, &out);
    warn_of_unheeded(asg, &out);
    wb_node_group_files_add(loader, list, &out);
}

void wb_node_group_asgs_read(wb_scenario_loader *loader, const wb_field *root,
                             wb_node_group_files *list)
{
    assert(loader != NULL && root != NULL && list != NULL);
    const wb_field groups = wb_field_get(root, "AutoScalingGroups");
    if (wb_field_count(&groups) == 0) {
        wb_field_error(&groups, "is empty, expected at least one group");
    }
    for (uint32_t i = 0; i < wb_field_count(&groups); i++) {
        const wb_field asg = wb_field_at(&groups, i);
        read_asg(loader, &asg, list);
    }
}
