/* spec.contenders: which autoscalers run, under which manifests, node groups and boot models. */
#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "sim/autoscaler/autoscaler.h"
#include "scenarios/node_group_files.h"
#include "scenarios/scenario_internal.h"

static const char *const capacity_types[] = {"on-demand", "spot", "reserved"};

/* settings (Karpenter) and flags (Cluster Autoscaler): names to scalars, in the file's order. */
static void load_settings(wb_scenario_loader *loader, const wb_field *contender, wb_contender *out)
{
    static const char *const sources[] = {"settings", "flags"};
    for (size_t s = 0; s < 2; s++) {
        const wb_field map = wb_field_get(contender, sources[s]);
        const uint32_t count = wb_field_entry_count(&map);
        if (wb_field_is_set(&map) && map.node->kind != WB_NODE_MAP) {
            wb_field_error(&map, "expected a map of names to values, found %s",
                           wb_node_kind_name(map.node->kind));
        }
        wb_setting *grown =
            WB_ARENA_ARRAY(loader->context.arena, wb_setting, out->setting_count + count);
        for (uint32_t i = 0; i < out->setting_count; i++) {
            grown[i] = out->settings[i];
        }
        for (uint32_t i = 0; i < count; i++) {
            const wb_field entry = wb_field_at(&map, i);
            if (entry.node != NULL &&
                (entry.node->kind == WB_NODE_LIST || entry.node->kind == WB_NODE_MAP)) {
                wb_field_error(&entry, "expected a value, found %s",
                               wb_node_kind_name(entry.node->kind));
            }
            grown[out->setting_count + i] = (wb_setting){
                .name = map.node->keys[i],
                .value = entry.node != NULL ? entry.node->text : "",
                .position = wb_node_position(map.node->children[i]),
            };
        }
        out->settings = grown;
        out->setting_count += count;
    }
}

/* The priority expander's ConfigMap, as if the flag of our own had its text; a flag wins. */
static void take_priorities(const wb_scenario_loader *loader, wb_contender *out)
{
    if (loader->priorities == NULL || strcmp(out->kind, "cluster_autoscaler") != 0) {
        return;
    }
    wb_setting *grown =
        WB_ARENA_ARRAY(loader->context.arena, wb_setting, (size_t)out->setting_count + 1);
    grown[0] = (wb_setting){
        .name = "priority-config",
        .value = wb_node_string(loader->priorities, ""),
        .position = wb_node_position(loader->priorities),
    };
    for (uint32_t i = 0; i < out->setting_count; i++) {
        grown[i + 1] = out->settings[i]; /* the later one counts */
    }
    out->settings = grown;
    out->setting_count++;
}

static wb_capacity_type load_capacity_type(const wb_field *parent)
{
    const wb_field field = wb_field_get(parent, "capacityType");
    return (wb_capacity_type)wb_field_choice(&field, capacity_types, 3, 0);
}

static void load_labels(wb_scenario_loader *loader, const wb_field *parent, wb_labels *labels,
                        const wb_taint **taints, uint32_t *taint_count)
{
    const wb_field label_map = wb_field_get(parent, "labels");
    const wb_field taint_list = wb_field_get(parent, "taints");
    *labels = wb_manifest_decode_labels(&loader->context, label_map.node, "labels");
    *taints = wb_manifest_decode_taints(&loader->context, taint_list.node, "taints", taint_count);
}

/* Whether type can be had in zone under a market. */
static bool is_offered(const wb_scenario_loader *loader, uint32_t type_index, uint32_t zone,
                       wb_capacity_type capacity_type)
{
    double ignored = 0.0;
    return wb_catalog_price(&loader->scenario->catalog, type_index, zone, capacity_type, &ignored);
}

/* Fixed nodes must all be there, so each zone that they may go to must have their type. */
static void check_offerings(const wb_scenario_loader *loader, const wb_field *type,
                            const wb_fixed_nodes *nodes)
{
    const uint32_t *zones = nodes->zone != 0 ? &nodes->zone : loader->scenario->zones;
    const uint32_t zone_count = nodes->zone != 0 ? 1 : loader->scenario->zone_count;
    for (uint32_t i = 0; i < zone_count && i < nodes->count; i++) {
        if (!is_offered(loader, nodes->type_index, zones[i], nodes->capacity_type)) {
            wb_field_error(type, "'%s' is not offered as %s in %s", wb_field_text(type),
                           wb_capacity_type_name(nodes->capacity_type),
                           wb_intern_text(loader->context.intern, zones[i]));
            return;
        }
    }
}

static void load_nodes(wb_scenario_loader *loader, const wb_field *entry, wb_fixed_nodes *out)
{
    const wb_field name = wb_field_get(entry, "name");
    const wb_field type = wb_field_get(entry, "instanceType");
    const wb_field count = wb_field_get(entry, "count");
    const wb_field zone = wb_field_get(entry, "zone");
    const int32_t node_count = wb_field_int32(&count, 1);
    *out = (wb_fixed_nodes){
        .name_prefix = wb_field_is_set(&name) ? wb_field_text(&name) : "fixed",
        .count = node_count > 0 ? (uint32_t)node_count : 0,
        .zone = wb_scenario_zone(loader, &zone),
        .capacity_type = load_capacity_type(entry),
    };
    if (node_count <= 0 || node_count > 100000) {
        wb_field_error(&count, "is %d, expected 1 to 100000", node_count);
    }
    if (wb_scenario_type(loader, &type, &out->type_index)) {
        check_offerings(loader, &type, out);
    }
    load_labels(loader, entry, &out->labels, &out->taints, &out->taint_count);
}

static void load_lists(wb_scenario_loader *loader, const wb_field *entry, wb_contender *out)
{
    const wb_field nodes = wb_field_get(entry, "nodes");
    wb_fixed_nodes *fixed_nodes =
        WB_ARENA_ARRAY(loader->context.arena, wb_fixed_nodes, wb_field_count(&nodes));
    for (uint32_t i = 0; i < wb_field_count(&nodes); i++) {
        const wb_field node = wb_field_at(&nodes, i);
        load_nodes(loader, &node, &fixed_nodes[i]);
    }
    out->fixed_nodes = fixed_nodes;
    out->fixed_nodes_count = wb_field_count(&nodes);
    wb_node_group_files_load(loader, entry, out);
}

static void complain_kind(const wb_field *kind)
{
    uint32_t count = 0;
    const wb_autoscaler_ops *const *all = wb_autoscaler_all(&count);
    wb_text names;
    wb_text_init(&names);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&names, "%s%s",
                           i == 0          ? ""
                           : i + 1 < count ? ", "
                                           : " or ",
                           all[i]->kind);
    }
    wb_field_error(kind, "'%s' is not a contender kind, expected %s", wb_field_text(kind),
                   wb_text_string(&names));
    wb_text_release(&names);
}

/* What each kind of contender reads beside name, kind, boot and scheduler. */
static const struct {
    const char *kind;
    const char *parts[5];
} parts_of_kinds[] = {
    {"karpenter", {"manifests", "changes", "settings", NULL}},
    {"cluster_autoscaler", {"nodeGroups", "nodeGroupFiles", "flags", "terminationHandler", NULL}},
    {"fixed", {"nodes", NULL, NULL}},
    {"recorded", {NULL, NULL, NULL}},
    {"null", {NULL, NULL, NULL}},
};

/* A part that the contender does not read would silently do nothing. */
static void warn_of_unread_parts(const wb_field *entry, const char *kind)
{
    static const char *const parts[] = {"manifests",  "changes",           "settings",
                                        "nodeGroups", "nodeGroupFiles",    "flags",
                                        "nodes",      "terminationHandler"};
    size_t row = 0;
    while (row < sizeof(parts_of_kinds) / sizeof(parts_of_kinds[0]) &&
           strcmp(parts_of_kinds[row].kind, kind) != 0) {
        row++;
    }
    if (row == sizeof(parts_of_kinds) / sizeof(parts_of_kinds[0])) {
        return; /* a new kind, which knows itself what it reads */
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const wb_field part = wb_field_get(entry, parts[i]);
        bool is_read = !wb_field_is_set(&part);
        for (size_t j = 0; j < 5 && parts_of_kinds[row].parts[j] != NULL; j++) {
            is_read = is_read || strcmp(parts_of_kinds[row].parts[j], parts[i]) == 0;
        }
        if (!is_read) {
            wb_field_warn(&part, "is not read by a contender of kind '%s'", kind);
        }
    }
}

static int compare_changes(const void *a, const void *b, void *context)
{
    const wb_contender_change *left = a;
    const wb_contender_change *right = b;
    (void)context;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

/* The NodePool or the NodeOverlay that a change deletes. */
static void load_deleted(const wb_field *entry, wb_contender_change *inout)
{
    static const char *const kinds[] = {"NodePool", "NodeOverlay"};
    const wb_field deleted = wb_field_get(entry, "delete");
    if (!wb_field_is_set(&deleted)) {
        return;
    }
    const wb_field kind = wb_field_get(&deleted, "kind");
    const wb_field name = wb_field_get(&deleted, "name");
    const bool is_pool = wb_field_choice(&kind, kinds, 2, 0) == 0;
    (void)wb_field_expect(&kind, "NodePool or NodeOverlay");
    (void)wb_field_expect(&name, "the name of the object to delete");
    inout->deleted_nodepool = is_pool ? wb_field_id(&name) : 0;
    inout->deleted_overlay = is_pool ? 0 : wb_field_id(&name);
}

/* Manifests that are applied while the run goes on; those of one time in the order of the file. */
static void load_changes(wb_scenario_loader *loader, const wb_field *contender, wb_contender *out)
{
    const wb_field list = wb_field_get(contender, "changes");
    const uint32_t count = wb_field_count(&list);
    wb_contender_change *changes =
        WB_ARENA_ARRAY(loader->context.arena, wb_contender_change, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        const wb_field at = wb_field_get(&entry, "at");
        const wb_field apply = wb_field_get(&entry, "apply");
        const wb_field deleted = wb_field_get(&entry, "delete");
        wb_manifest *manifest = WB_ARENA_NEW(loader->context.arena, wb_manifest);
        wb_manifest_init(manifest);
        (void)wb_field_expect(&at, "the time of the change");
        if (!wb_field_is_set(&apply) && !wb_field_is_set(&deleted)) {
            wb_field_error(&apply, "is missing, expected the manifests to apply, or delete");
        }
        wb_scenario_read_manifests(loader, &apply, manifest);
        changes[i] = (wb_contender_change){
            .at_ms = wb_scenario_duration(&at, 0),
            .manifest = manifest,
            .position = wb_node_position(entry.node),
        };
        load_deleted(&entry, &changes[i]);
    }
    if (count > 0) {
        wb_sort_stable(changes, count, sizeof changes[0], compare_changes, NULL);
    }
    out->changes = changes;
    out->change_count = count;
}

/* The field kind; YAML's null is the kind of that name. */
static const char *kind_of(const wb_field *entry)
{
    const wb_field kind = wb_field_get(entry, "kind");
    const wb_node *node = wb_node_get(entry->node, "kind");
    return node != NULL && node->kind == WB_NODE_NULL ? "null" : wb_field_text(&kind);
}

static void load_contender(wb_scenario_loader *loader, const wb_field *spec, const wb_field *entry,
                           wb_contender *out)
{
    const wb_field name = wb_field_get(entry, "name");
    const wb_field kind = wb_field_get(entry, "kind");
    const wb_autoscaler_ops *ops = wb_autoscaler_find(kind_of(entry));
    if (ops == NULL) {
        complain_kind(&kind);
        return;
    }
    const size_t error_count = wb_field_error_count(entry);
    warn_of_unread_parts(entry, ops->kind);
    wb_manifest *manifest = WB_ARENA_NEW(loader->context.arena, wb_manifest);
    wb_manifest_init(manifest);
    const wb_field manifests = wb_field_get(entry, "manifests");
    wb_scenario_read_manifests(loader, &manifests, manifest);
    *out = (wb_contender){
        .name = wb_field_is_set(&name) ? wb_field_text(&name) : ops->kind,
        .kind = ops->kind,
        .has_termination_handler = wb_field_get_bool(entry, "terminationHandler", false),
        .manifest = manifest,
        .position = wb_node_position(entry->node),
    };
    load_changes(loader, entry, out);
    load_settings(loader, entry, out);
    wb_scenario_load_identity(loader, spec, entry, out);
    take_priorities(loader, out);
    load_lists(loader, entry, out);
    wb_scenario_load_boot(loader, entry, ops->kind, &out->boot);
    out->scheduler = loader->scenario->scheduler;
    wb_scenario_load_scheduler(loader, entry, &out->scheduler);
    out->decision_latency = loader->scenario->decision_latency;
    wb_scenario_load_latency(entry, &out->decision_latency);
    if (wb_field_error_count(entry) == error_count) { /* else what is missing was refused above */
        ops->validate(out, loader->context.intern, loader->context.findings);
    }
}

/* A contender that re-enacts a recording has nothing to do where no trace tells of nodes. */
static void warn_of_no_nodes(const wb_scenario *scenario, const wb_contender *contender,
                             const wb_field *entry)
{
    const wb_autoscaler_ops *ops = wb_autoscaler_find(contender->kind);
    uint64_t node_count = 0;
    for (uint32_t i = 0; i < scenario->trace_count; i++) {
        node_count += scenario->traces[i].summary.node_count;
    }
    if (ops != NULL && ops->see_record != NULL && node_count == 0) {
        wb_field_warn(entry,
                      "contender '%s' re-enacts recorded nodes, and no trace here has any "
                      "(docs/record.md says how to record them)",
                      contender->name);
    }
}

void wb_scenario_load_contenders(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    wb_scenario *scenario = loader->scenario;
    const wb_field list = wb_field_get(spec, "contenders");
    const uint32_t count = wb_field_count(&list);
    if (count == 0) {
        wb_field_error(&list, "is empty, expected at least one contender");
        return;
    }
    scenario->contenders = WB_ARENA_ARRAY(loader->context.arena, wb_contender, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        wb_contender *contender = &scenario->contenders[scenario->contender_count];
        load_contender(loader, spec, &entry, contender);
        if (contender->name == NULL) {
            continue; /* of an unknown kind */
        }
        for (uint32_t j = 0; j < scenario->contender_count; j++) {
            if (strcmp(scenario->contenders[j].name, contender->name) == 0) {
                wb_field_error(&entry, "name '%s' is taken by another contender", contender->name);
            }
        }
        warn_of_no_nodes(scenario, contender, &entry);
        scenario->contender_count++;
    }
}
