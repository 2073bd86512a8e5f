/*
 * A catalog from JSON: what catalog_encode.c writes, golden/catalog.json, and the inline catalogs
 * of test cases. The format is ours, so a field that it does not have is an error, no warning.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/findings.h"
#include "base/quantity.h"
#include "base/sort.h"
#include "kube/catalog/catalog.h"
#include "kube/catalog/catalog_internal.h"
#include "kube/field.h"
#include "kube/manifest.h"
#include "kube/names.h"

/* One field that an object may have. */
typedef struct field_rule {
    const char *name;
    wb_node_kind kind;
    bool is_required;
} field_rule;

static const field_rule catalog_rules[] = {
    {"region", WB_NODE_STRING, true},      {"zones", WB_NODE_LIST, false},
    {"currency", WB_NODE_STRING, false},   {"priceSource", WB_NODE_STRING, false},
    {"instanceTypes", WB_NODE_LIST, true}, {"plainInstanceRequirements", WB_NODE_BOOL, false},
};

static const field_rule type_rules[] = {
    {"name", WB_NODE_STRING, true},
    {"labels", WB_NODE_MAP, true},
    {"capacity", WB_NODE_MAP, true},
    {"overhead", WB_NODE_MAP, false},
    {"offerings", WB_NODE_LIST, true},
    {"extraRequirements", WB_NODE_MAP, false},
    {"plainInstanceRequirements", WB_NODE_BOOL, false},
    {"savingsPercent", WB_NODE_NUMBER, false},
    {"interruptionBand", WB_NODE_NUMBER, false},
    {"volumeLimit", WB_NODE_NUMBER, false},
    {"volumeLimitIsShared", WB_NODE_BOOL, false},
    {"eniCount", WB_NODE_NUMBER, false},
    {"eniIpv4Count", WB_NODE_NUMBER, false},
};

static const field_rule offering_rules[] = {
    {"zone", WB_NODE_STRING, true},           {"capacityType", WB_NODE_STRING, true},
    {"price", WB_NODE_NUMBER, true},          {"available", WB_NODE_BOOL, false},
    {"reservationId", WB_NODE_STRING, false}, {"reservationCapacity", WB_NODE_NUMBER, false},
};

#define RULE_COUNT(rules) (sizeof(rules) / sizeof((rules)[0]))

/* Rules are a dozen at most; a walk is quick enough for 1,345 types. */
static const field_rule *find_rule(const field_rule *rules, size_t rule_count, const char *name)
{
    for (size_t i = 0; i < rule_count; i++) {
        if (strcmp(rules[i].name, name) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

/* Holds an object against its rules. False when it is no map or lacks a field it must have: then
 * there is no use in reading it. */
static bool check_fields(const wb_field *object, const field_rule *rules, size_t rule_count)
{
    if (object->node == NULL || object->node->kind != WB_NODE_MAP) {
        wb_field_error(object, "%s where a map belongs",
                       object->node == NULL ? "nothing" : wb_node_kind_name(object->node->kind));
        return false;
    }
    const size_t error_count = wb_field_error_count(object);
    for (uint32_t i = 0; i < wb_field_entry_count(object); i++) {
        const wb_field entry = wb_field_at(object, i);
        const field_rule *rule = find_rule(rules, rule_count, entry.name);
        if (rule == NULL) {
            wb_field_error(&entry, "unknown field '%s'", entry.name);
        } else if (entry.node != NULL && entry.node->kind != rule->kind) {
            wb_field_error(&entry, "%s where %s belongs", wb_node_kind_name(entry.node->kind),
                           wb_node_kind_name(rule->kind));
        }
    }
    for (size_t i = 0; i < rule_count; i++) {
        const wb_field entry = wb_field_get(object, rules[i].name);
        if (rules[i].is_required && entry.node == NULL) {
            wb_field_error(&entry, "missing");
        }
    }
    return wb_field_error_count(object) == error_count;
}

/* An offering that names a zone beyond the catalog's would be bought nowhere: refused. */
static void decode_offering(const wb_field *field, const wb_catalog *catalog, wb_offering *out)
{
    static const char *const names[] = {"on-demand", "spot", "reserved"};
    if (!check_fields(field, offering_rules, RULE_COUNT(offering_rules))) {
        return;
    }
    const wb_field capacity_type = wb_field_get(field, "capacityType");
    const wb_field price = wb_field_get(field, "price");
    const wb_field zone = wb_field_get(field, "zone");
    *out = (wb_offering){
        .zone = wb_field_id(&zone),
        .capacity_type =
            (wb_capacity_type)wb_field_choice(&capacity_type, names, 3, WB_CAPACITY_ON_DEMAND),
        .price_usd_per_hour = wb_node_double(price.node, -1.0),
        .is_available = wb_field_get_bool(field, "available", true),
        .reservation_id = wb_field_get_id(field, "reservationId"),
        .reservation_count = wb_field_get_int32(field, "reservationCapacity", 0),
    };
    if (!(out->price_usd_per_hour >= 0.0) || isinf(out->price_usd_per_hour)) {
        wb_field_error(&price, "'%s' is not a price of at least 0 per hour", wb_field_text(&price));
    }
    if (out->capacity_type == WB_CAPACITY_RESERVED && out->reservation_id == 0) {
        wb_field_error(field, "a reserved offering needs a reservationId");
    }
    if (out->reservation_count < 0) {
        wb_field_error(field, "reservationCapacity must be at least 0");
    }
    for (uint32_t i = 0; i < catalog->zone_count; i++) {
        if (catalog->zones[i] == out->zone && out->zone != 0) {
            return;
        }
    }
    wb_field_error(&zone, "'%s' is not among the catalog's zones", wb_field_text(&zone));
}

/* In the order of the file: ties between equal prices are broken by it later. */
static void decode_offerings(const wb_field *list, const wb_catalog *catalog, wb_catalog_type *type)
{
    const uint32_t count = wb_field_count(list);
    wb_offering *offerings = WB_ARENA_ARRAY(list->context->arena, wb_offering, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(list, i);
        decode_offering(&element, catalog, &offerings[i]);
    }
    type->offerings = offerings;
    type->offering_count = count;
}

/* Key to list of values; an empty list says that the key must not be there. */
static void decode_extra_requirements(const wb_field *map, wb_catalog_type *type)
{
    const uint32_t count = wb_field_entry_count(map);
    wb_extra_requirement *extras = WB_ARENA_ARRAY(map->context->arena, wb_extra_requirement, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(map, i);
        if (entry.node == NULL || entry.node->kind != WB_NODE_LIST) {
            wb_field_error(&entry, "not a list of values");
        }
        extras[i].key = wb_intern_add(map->context->intern, entry.name);
        extras[i].values = wb_field_ids(&entry, &extras[i].value_count);
    }
    type->extra_requirements = extras;
    type->extra_requirement_count = count;
}

/* Labels and resource lists are sorted by interned id; keys of a JSON map are distinct. */
static int compare_ids(uint32_t a, uint32_t b)
{
    return a < b ? -1 : (a > b ? 1 : 0);
}

static int compare_labels(const void *a, const void *b, void *context)
{
    (void)context;
    return compare_ids(((const wb_label *)a)->key, ((const wb_label *)b)->key);
}

static int compare_resources(const void *a, const void *b, void *context)
{
    (void)context;
    return compare_ids(((const wb_resource *)a)->name, ((const wb_resource *)b)->name);
}

/* Instance labels as they are: the hypervisor of metal may be "", and inline catalogs of test cases
 * use keys that no API server has seen. */
static wb_labels decode_labels(const wb_field *map)
{
    const uint32_t count = wb_field_entry_count(map);
    wb_label *items = WB_ARENA_ARRAY(map->context->arena, wb_label, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(map, i);
        items[i] = (wb_label){wb_intern_add(map->context->intern, entry.name), wb_field_id(&entry)};
        if (entry.node == NULL || entry.node->kind != WB_NODE_STRING) {
            wb_field_error(&entry, "not a string");
        }
    }
    wb_sort(items, count, sizeof(items[0]), compare_labels, NULL);
    return (wb_labels){items, count};
}

/* Rounded up like Kubernetes does: CPU to milli-units, everything else to whole ones. */
static wb_resource_list decode_resources(const wb_field *map)
{
    const uint32_t count = wb_field_entry_count(map);
    wb_resource *items = WB_ARENA_ARRAY(map->context->arena, wb_resource, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(map, i);
        const uint32_t name = wb_intern_add(map->context->intern, entry.name);
        wb_quantity quantity = {.nanos = 0};
        wb_error err;
        if (wb_quantity_parse(wb_field_text(&entry), &quantity, &err) != WB_OK) {
            wb_field_error(&entry, "%s", err.text);
        } else if (quantity.nanos < 0) {
            wb_field_error(&entry, "'%s' is below 0", wb_field_text(&entry));
        }
        items[i] = (wb_resource){name, name == WB_NAME_CPU ? wb_quantity_milli(&quantity)
                                                           : wb_quantity_units(&quantity)};
    }
    wb_sort(items, count, sizeof(items[0]), compare_resources, NULL);
    return (wb_resource_list){items, count};
}

/* What is wrong in one type does not keep the next from being read, up to 20 findings. */
static void decode_type(const wb_field *field, const wb_catalog *catalog, wb_catalog_type *out)
{
    if (!check_fields(field, type_rules, RULE_COUNT(type_rules))) {
        return;
    }
    const wb_field labels = wb_field_get(field, "labels");
    const wb_field capacity = wb_field_get(field, "capacity");
    const wb_field overhead = wb_field_get(field, "overhead");
    *out = (wb_catalog_type){
        .name = wb_field_get_id(field, "name"),
        .labels = decode_labels(&labels),
        .capacity = decode_resources(&capacity),
        .overhead = decode_resources(&overhead),
        .interruption_band = wb_field_get_int32(field, "interruptionBand", -1),
        .savings_percent = wb_field_get_int32(field, "savingsPercent", INT32_MIN),
        .volume_limit = wb_field_get_int32(field, "volumeLimit", 0),
        .volume_limit_is_shared = wb_field_get_bool(field, "volumeLimitIsShared", false),
        .eni_count = wb_field_get_int32(field, "eniCount", 0),
        .eni_ipv4_count = wb_field_get_int32(field, "eniIpv4Count", 0),
        .plain_requirements = wb_field_get_bool(field, "plainInstanceRequirements", false),
    };
    if (out->name == 0) {
        wb_field_error(field, "an instance type needs a name");
    }
    if (out->volume_limit < 0 || out->eni_count < 0 || out->eni_ipv4_count < 0) {
        wb_field_error(field, "volumeLimit, eniCount and eniIpv4Count must be at least 0");
    }
    if (out->interruption_band < -1 || out->interruption_band > 4) {
        wb_field_error(field, "interruptionBand %d is not one of 0 to 4", out->interruption_band);
    }
    const wb_field offerings = wb_field_get(field, "offerings");
    decode_offerings(&offerings, catalog, out);
    const wb_field extras = wb_field_get(field, "extraRequirements");
    decode_extra_requirements(&extras, out);
}

/* The zones that offerings name, in order of appearance: for a catalog that does not list them. */
static void gather_zones(const wb_field *types, wb_catalog *catalog)
{
    uint32_t *zones = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < wb_field_count(types); i++) {
        const wb_field type = wb_field_at(types, i);
        const wb_field offerings = wb_field_get(&type, "offerings");
        for (uint32_t j = 0; j < wb_field_count(&offerings); j++) {
            const wb_field offering = wb_field_at(&offerings, j);
            const uint32_t zone = wb_field_get_id(&offering, "zone");
            uint32_t known = 0;
            while (known < count && zones[known] != zone) {
                known++;
            }
            if (zone != 0 && known == count) {
                zones =
                    wb_arena_grow(types->context->arena, zones, count, count + 1, sizeof(zones[0]));
                zones[count++] = zone;
            }
        }
    }
    catalog->zones = zones;
    catalog->zone_count = count;
}

/* The index holds the last type of each name, so an earlier one of that name finds another. */
static void check_names_are_distinct(const wb_field *types, const wb_catalog *catalog)
{
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        const uint32_t name = catalog->types[i].name;
        if (name != 0 && wb_catalog_find(catalog, name) != i) {
            const wb_field type = wb_field_at(types, i);
            wb_field_error(&type, "'%s' is there twice",
                           wb_intern_text(types->context->intern, name));
        }
    }
}

/* Zones first, since offerings are held against them. */
static void decode_types(const wb_field *root, wb_catalog *catalog)
{
    const wb_field types = wb_field_get(root, "instanceTypes");
    const wb_field zones = wb_field_get(root, "zones");
    const bool all_plain = wb_field_get_bool(root, "plainInstanceRequirements", false);
    wb_arena *arena = root->context->arena;
    catalog->zones = wb_field_ids(&zones, &catalog->zone_count);
    if (catalog->zone_count == 0) {
        gather_zones(&types, catalog);
    }
    catalog->type_count = wb_field_count(&types);
    catalog->types = WB_ARENA_ARRAY(arena, wb_catalog_type, catalog->type_count);
    const size_t error_count = wb_field_error_count(root);
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        const wb_field type = wb_field_at(&types, i);
        decode_type(&type, catalog, &catalog->types[i]);
        catalog->types[i].plain_requirements |= all_plain;
    }
    if (wb_field_error_count(root) == error_count) { /* so that every type has a name */
        wb_catalog_index(arena, catalog);
        check_names_are_distinct(&types, catalog);
    }
}

wb_status wb_catalog_decode(wb_arena *arena, wb_intern *intern, const wb_node *root,
                            wb_catalog *out, wb_error *err)
{
    assert(arena != NULL && intern != NULL && out != NULL);
    wb_findings findings;
    wb_findings_init(&findings, arena, true);
    const wb_decode_context context = {.arena = arena, .intern = intern, .findings = &findings};
    const wb_field field = wb_field_root(&context, root, "");
    wb_catalog catalog = {.currency = "USD"};
    if (check_fields(&field, catalog_rules, RULE_COUNT(catalog_rules))) {
        catalog.region = wb_field_get_id(&field, "region");
        if (catalog.region == 0) {
            wb_field_error(&field, "a catalog needs a region");
        }
        catalog.currency =
            wb_arena_copy_string(arena, wb_node_string(wb_node_get(root, "currency"), "USD"));
        catalog.price_source =
            wb_arena_copy_string(arena, wb_node_string(wb_node_get(root, "priceSource"),
                                                       "prices as the catalog file has them"));
        decode_types(&field, &catalog);
    }
    WB_TRY(wb_findings_status(&findings, err));
    *out = catalog;
    return WB_OK;
}
