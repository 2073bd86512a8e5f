#include "scenarios/node_group_files.h"

#include <assert.h>
#include <string.h>

#include "base/quantity.h"
#include "base/text.h"

static const char *const capacity_types[] = {"on-demand", "spot", "reserved"};

/* EC2's names, by market: Auto Scaling has two strategies for on-demand and four for spot. */
static const struct {
    const char *name;
    bool is_of_spot, is_of_on_demand;
} strategy_names[WB_ALLOCATION_STRATEGY_COUNT] = {
    [WB_ALLOCATION_LOWEST_PRICE] = {"lowest-price", true, true},
    [WB_ALLOCATION_PRIORITIZED] = {"prioritized", false, true},
    [WB_ALLOCATION_CAPACITY_OPTIMIZED] = {"capacity-optimized", true, false},
    [WB_ALLOCATION_CAPACITY_OPTIMIZED_PRIORITIZED] = {"capacity-optimized-prioritized", true,
                                                      false},
    [WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED] = {"price-capacity-optimized", true, false},
};

wb_allocation_strategy wb_node_group_files_strategy(const wb_field *field, bool is_spot,
                                                    wb_allocation_strategy fallback)
{
    assert(field != NULL && fallback < WB_ALLOCATION_STRATEGY_COUNT);
    if (!wb_field_is_set(field)) {
        return fallback;
    }
    wb_text names;
    wb_text_init(&names);
    for (uint32_t i = 0; i < WB_ALLOCATION_STRATEGY_COUNT; i++) {
        if (is_spot ? !strategy_names[i].is_of_spot : !strategy_names[i].is_of_on_demand) {
            continue;
        }
        if (strcmp(strategy_names[i].name, wb_field_text(field)) == 0) {
            wb_text_release(&names);
            return (wb_allocation_strategy)i;
        }
        wb_text_add_format(&names, "%s%s", names.length > 0 ? ", " : "", strategy_names[i].name);
    }
    wb_field_error(field, "'%s' is no allocation strategy of %s instances, expected one of %s",
                   wb_field_text(field), is_spot ? "spot" : "on-demand", wb_text_string(&names));
    wb_text_release(&names);
    return fallback;
}

void wb_node_group_files_add(wb_scenario_loader *loader, wb_node_group_files *list,
                             const wb_node_group *group)
{
    assert(loader != NULL && list->count <= list->capacity);
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 8;
        wb_node_group *grown = WB_ARENA_ARRAY(loader->context.arena, wb_node_group, list->capacity);
        for (uint32_t i = 0; i < list->count; i++) {
            grown[i] = list->items[i];
        }
        list->items = grown;
    }
    list->items[list->count++] = *group;
}

const uint32_t *wb_node_group_files_types(wb_scenario_loader *loader, const wb_field *list,
                                          uint32_t *out_count)
{
    assert(loader != NULL && list != NULL && out_count != NULL);
    *out_count = wb_field_count(list);
    if (*out_count == 0) {
        wb_field_error(list, "is empty, expected at least one instance type");
    }
    uint32_t *indexes = WB_ARENA_ARRAY(loader->context.arena, uint32_t, *out_count);
    for (uint32_t i = 0; i < *out_count; i++) {
        const wb_field type = wb_field_at(list, i);
        (void)wb_scenario_type(loader, &type, &indexes[i]);
    }
    return indexes;
}

bool wb_node_group_files_taint(wb_scenario_loader *loader, const wb_field *field, const char *key,
                               wb_taint *out)
{
    assert(loader != NULL && key != NULL && out != NULL);
    static const char *const effects[] = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
    const char *text = wb_field_text(field);
    const char *colon = strrchr(text, ':');
    for (uint32_t i = 0; colon != NULL && i < 3; i++) {
        if (strcmp(colon + 1, effects[i]) == 0) {
            const char *value =
                wb_arena_copy_text(loader->context.arena, text, (size_t)(colon - text));
            *out = (wb_taint){
                .key = wb_intern_add(loader->context.intern, key),
                .value = *value != '\0' ? wb_intern_add(loader->context.intern, value) : 0,
                .effect = (wb_taint_effect)(WB_TAINT_NO_SCHEDULE + i),
            };
            return true;
        }
    }
    wb_field_error(field,
                   "'%s' is not a taint, expected value:NoSchedule, value:PreferNoSchedule or "
                   "value:NoExecute",
                   text);
    return false;
}

void wb_node_group_files_check_sizes(const wb_field *field, const wb_node_group *group)
{
    assert(field != NULL && group != NULL);
    if (group->min_count < 0 || group->min_count > group->max_count ||
        group->desired_count < group->min_count || group->desired_count > group->max_count) {
        wb_field_error(field, "min %d, desired %d, max %d: expected 0 <= min <= desired <= max",
                       group->min_count, group->desired_count, group->max_count);
    }
}

/* ---- the plain list ---- */

/* A number from least to most; the fallback after a finding. */
static int32_t bounded(const wb_field *entry, const char *name, int32_t fallback, int32_t most)
{
    const wb_field field = wb_field_get(entry, name);
    const int32_t value = wb_field_int32(&field, fallback);
    if (value < 0 || value > most) {
        wb_field_error(&field, "is %d, expected 0 to %d", value, most);
        return fallback;
    }
    return value;
}

static void load_policy(wb_scenario_loader *loader, const wb_field *entry, wb_node_group *out)
{
    const wb_field base = wb_field_get(entry, "onDemandBase");
    const wb_field percentage = wb_field_get(entry, "onDemandPercentage");
    const wb_field on_demand = wb_field_get(entry, "onDemandStrategy");
    const wb_field spot = wb_field_get(entry, "spotStrategy");
    const wb_field weights = wb_field_get(entry, "weights");
    out->policy = (wb_asg_policy){
        .is_mixed = wb_field_is_set(&base) || wb_field_is_set(&percentage),
        .on_demand_base = bounded(entry, "onDemandBase", 0, INT32_MAX),
        .on_demand_percentage = bounded(entry, "onDemandPercentage", 0, 100),
        .on_demand_strategy =
            wb_node_group_files_strategy(&on_demand, false, WB_ALLOCATION_LOWEST_PRICE),
        .spot_strategy =
            wb_node_group_files_strategy(&spot, true, WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED),
        .spot_pool_count = bounded(entry, "spotPools", 0, 1000),
        .rebalances_zones = wb_field_get_bool(entry, "azRebalance", false),
        .rebalances_capacity = wb_field_get_bool(entry, "capacityRebalance", false),
    };
    const uint32_t weight_count = wb_field_count(&weights);
    if (weight_count == 0) {
        return;
    }
    if (weight_count != out->type_count) {
        wb_field_error(&weights, "has %u weights for %u instance types, expected one for each",
                       weight_count, out->type_count);
        return;
    }
    int32_t *units = WB_ARENA_ARRAY(loader->context.arena, int32_t, weight_count);
    for (uint32_t i = 0; i < weight_count; i++) {
        const wb_field weight = wb_field_at(&weights, i);
        units[i] = wb_field_int32(&weight, 1);
        if (units[i] < 1 || units[i] > 999) {
            wb_field_error(&weight, "is %d, expected 1 to 999", units[i]);
            units[i] = 1;
        }
    }
    out->policy.weights = units;
}

static void load_scale_down(const wb_field *entry, wb_node_group_options *out)
{
    const wb_field options = wb_field_get(entry, "scaleDown");
    const wb_field utilization = wb_field_get(&options, "utilizationThreshold");
    const wb_field gpu = wb_field_get(&options, "gpuUtilizationThreshold");
    const wb_field unneeded = wb_field_get(&options, "unneededTime");
    const wb_field unready = wb_field_get(&options, "unreadyTime");
    const wb_field daemons = wb_field_get(&options, "ignoreDaemonsetsUtilization");
    *out = (wb_node_group_options){
        .has_utilization_threshold = wb_field_is_set(&utilization),
        .has_gpu_utilization_threshold = wb_field_is_set(&gpu),
        .has_unneeded_time = wb_field_is_set(&unneeded),
        .has_unready_time = wb_field_is_set(&unready),
        .has_ignores_daemons = wb_field_is_set(&daemons),
        .utilization_threshold = wb_node_double(utilization.node, 0.0),
        .gpu_utilization_threshold = wb_node_double(gpu.node, 0.0),
        .unneeded_time_ms = wb_scenario_duration(&unneeded, 0),
        .unready_time_ms = wb_scenario_duration(&unready, 0),
        .ignores_daemons = wb_field_bool(&daemons, false),
    };
}

static int64_t load_volume(const wb_field *entry)
{
    const wb_field volume = wb_field_get(entry, "volumeSize");
    wb_quantity quantity;
    wb_error err;
    if (!wb_field_is_set(&volume)) {
        return 0;
    }
    if (wb_quantity_parse(wb_field_text(&volume), &quantity, &err) != WB_OK ||
        wb_quantity_units(&quantity) < INT64_C(1) << 30) {
        wb_field_error(&volume, "is '%s', expected a quantity of 1Gi or more",
                       wb_field_text(&volume));
        return 0;
    }
    return wb_quantity_units(&quantity);
}

static void load_plain(wb_scenario_loader *loader, const wb_field *entry, wb_node_group_files *list)
{
    const wb_field name = wb_field_get(entry, "name");
    const wb_field types = wb_field_get(entry, "instanceTypes");
    const wb_field zones = wb_field_get(entry, "zones");
    const wb_field market = wb_field_get(entry, "capacityType");
    const wb_field labels = wb_field_get(entry, "labels");
    const wb_field taints = wb_field_get(entry, "taints");
    (void)wb_field_expect(&name, "the node group's name");
    wb_node_group group = {
        .name = wb_field_text(&name),
        .capacity_type = (wb_capacity_type)wb_field_choice(&market, capacity_types, 3, 0),
        .min_count = wb_field_get_int32(entry, "min", 0),
        .max_count = wb_field_get_int32(entry, "max", 1000),
        .is_per_zone = wb_field_get_bool(entry, "perZone", false),
        .drains_at_notice = wb_field_get_bool(entry, "drainAtNotice", false),
        .max_pods = bounded(entry, "maxPods", 0, 1000),
        .volume_bytes = load_volume(entry),
        .position = wb_node_position(entry->node),
    };
    group.type_indexes = wb_node_group_files_types(loader, &types, &group.type_count);
    group.desired_count = wb_field_get_int32(entry, "desired", group.min_count);
    group.zones = wb_scenario_zones(loader, &zones, &group.zone_count);
    group.labels = wb_manifest_decode_labels(&loader->context, labels.node, "labels");
    group.taints =
        wb_manifest_decode_taints(&loader->context, taints.node, "taints", &group.taint_count);
    load_policy(loader, entry, &group);
    load_scale_down(entry, &group.options);
    wb_node_group_files_check_sizes(entry, &group);
    wb_node_group_files_add(loader, list, &group);
}

static void load_plain_list(wb_scenario_loader *loader, const wb_field *groups,
                            wb_node_group_files *list)
{
    for (uint32_t i = 0; i < wb_field_count(groups); i++) {
        const wb_field entry = wb_field_at(groups, i);
        load_plain(loader, &entry, list);
    }
}

/* ---- files ---- */

/* One document of a file: whose words it speaks. */
static void read_document(wb_scenario_loader *loader, const wb_node *node, const char *path,
                          wb_node_group_files *list)
{
    const wb_field root = wb_field_root(&loader->context, node, "");
    const wb_field groups = wb_field_get(&root, "nodeGroups");
    if (wb_field_get_is(&root, "kind", "ClusterConfig")) {
        wb_node_group_eksctl_read(loader, &root, list);
    } else if (wb_node_get(node, "AutoScalingGroups") != NULL) {
        wb_node_group_asgs_read(loader, &root, list);
    } else if (wb_field_is_set(&groups)) {
        const size_t error_count = wb_field_error_count(&root);
        wb_schema_check(&root, &wb_scenario_node_groups_schema);
        if (wb_field_error_count(&root) == error_count) { /* below, kinds are taken for granted */
            load_plain_list(loader, &groups, list);
        }
    } else {
        wb_field_error(&root,
                       "%s holds no node groups, expected a list nodeGroups, a ClusterConfig of "
                       "eksctl, or the output of aws autoscaling describe-auto-scaling-groups",
                       path);
    }
}

static void read_file(wb_scenario_loader *loader, const wb_field *field, wb_node_group_files *list)
{
    wb_document_stream stream;
    const char *path = wb_scenario_read_documents(loader, field, &stream);
    for (size_t i = 0; path != NULL && i < stream.count; i++) {
        read_document(loader, stream.roots[i], path, list);
    }
}

void wb_node_group_files_load(wb_scenario_loader *loader, const wb_field *contender,
                              wb_contender *out)
{
    assert(loader != NULL && contender != NULL && out != NULL);
    wb_node_group_files list = {0};
    const wb_field groups = wb_field_get(contender, "nodeGroups");
    const wb_field files = wb_field_get(contender, "nodeGroupFiles");
    load_plain_list(loader, &groups, &list);
    if (files.node != NULL && files.node->kind == WB_NODE_LIST) {
        for (uint32_t i = 0; i < wb_field_count(&files); i++) {
            const wb_field path = wb_field_at(&files, i);
            read_file(loader, &path, &list);
        }
    } else if (wb_field_is_set(&files)) {
        read_file(loader, &files, &list);
    }
    out->node_groups = list.items;
    out->node_group_count = list.count;
}
