/* spec.money: discounts, commitments and what comes on top of machines; docs/money.md. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "kube/schema_table.h"
#include "sim/cloud/reserved_size.h"
#include "scenarios/scenario_internal.h"

#define NUSD              1e9
#define USD_MAX           1e6 /* per hour, per GiB: beyond that it is a slip of the keyboard */
#define DEFAULT_GIB       20.0
#define GP3_USD_MONTH     0.08 /* us-east-1: facts/aws-api.md */
#define PLAN_DISCOUNT_MAX 0.99

static const wb_schema_field discount_fields[] = {WB_NUMBER("onDemand"), WB_NUMBER("spot")};
static const wb_schema discount = WB_SCHEMA_OF(discount_fields);

static const wb_schema_field plan_fields[] = {
    WB_NUMBER("discount"), WB_MAP_OF_NUMBERS("discounts"), WB_STRING("family"), WB_STRING("kind"),
    WB_STRING("name"),     WB_NUMBER("usdPerHour"),
};
static const wb_schema plan = WB_SCHEMA_OF(plan_fields);

static const wb_schema_field reserved_fields[] = {
    WB_INTEGER("count"),     WB_STRING("instanceType"), WB_STRING("name"),
    WB_BOOL("sizeFlexible"), WB_NUMBER("usdPerHour"),   WB_STRING("zone"),
};
static const wb_schema reserved = WB_SCHEMA_OF(reserved_fields);

static const wb_schema_field surcharge_fields[] = {
    WB_STRING("name"),
    WB_STRING("per"),
    WB_NUMBER("usdPerHour"),
};
static const wb_schema surcharge = WB_SCHEMA_OF(surcharge_fields);

static const wb_schema_field volume_fields[] = {WB_NUMBER("gib"), WB_NUMBER("usdPerGiBMonth")};
static const wb_schema volume = WB_SCHEMA_OF(volume_fields);

static const wb_schema_field class_fields[] = {WB_STRING("storageClass"),
                                               WB_NUMBER("usdPerGiBMonth")};
static const wb_schema volume_class = WB_SCHEMA_OF(class_fields);

static const wb_schema_field cross_fields[] = {WB_NUMBER("gibPerPodHour"), WB_NUMBER("usdPerGiB")};
static const wb_schema cross = WB_SCHEMA_OF(cross_fields);

static const wb_schema_field image_fields[] = {WB_NUMBER("gibPerNode"), WB_NUMBER("usdPerGiB")};
static const wb_schema image = WB_SCHEMA_OF(image_fields);

static const wb_schema_field money_fields[] = {
    WB_NUMBER("controlPlaneUsdPerHour"),
    WB_OBJECT("crossZone", &cross),
    WB_OBJECT("discount", &discount),
    WB_OBJECT("imagePull", &image),
    WB_LIST_OF_OBJECTS("reservedInstances", &reserved),
    WB_OBJECT("rootVolume", &volume),
    WB_LIST_OF_OBJECTS("savingsPlans", &plan),
    WB_STRING("source"),
    WB_LIST_OF_OBJECTS("surcharges", &surcharge),
    WB_LIST_OF_OBJECTS("volumes", &volume_class),
};
const wb_schema wb_scenario_money_schema = WB_SCHEMA_OF(money_fields);

/* A number of the child of that name, from 0 to most; fallback when absent or after a finding. */
static double number(const wb_field *parent, const char *name, double most, double fallback)
{
    const wb_field field = wb_field_get(parent, name);
    const double value = wb_node_double(field.node, fallback);
    if (!(value >= 0.0 && value <= most)) {
        wb_field_error(&field, "is '%s', expected a number from 0 to %g", wb_field_text(&field),
                       most);
        return fallback;
    }
    return value;
}

static int64_t dollars(const wb_field *parent, const char *name, double fallback)
{
    return (int64_t)(number(parent, name, USD_MAX, fallback) * NUSD + 0.5);
}

static void require(const wb_field *parent, const char *name, const char *what)
{
    const wb_field field = wb_field_get(parent, name);
    (void)wb_field_expect(&field, what);
}

static const char *name_of(const wb_scenario_loader *loader, const wb_field *entry,
                           const char *fallback, uint32_t index)
{
    const wb_field name = wb_field_get(entry, "name");
    if (wb_field_is_set(&name)) {
        return wb_field_text(&name);
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s %u", fallback, index + 1);
    const char *kept = wb_arena_copy_string(loader->context.arena, wb_text_string(&text));
    wb_text_release(&text);
    return kept;
}

static const char *type_name(const wb_scenario_loader *loader, uint32_t type_index)
{
    return wb_intern_text(loader->context.intern, loader->scenario->catalog.types[type_index].name);
}

/* Whether the catalog has a type of that name, or types of that family. */
static bool is_sold(const wb_scenario_loader *loader, const char *text)
{
    const bool is_type = strchr(text, '.') != NULL;
    for (uint32_t i = 0; i < loader->scenario->catalog.type_count; i++) {
        const char *name = type_name(loader, i);
        if (is_type ? strcmp(name, text) == 0 : wb_reserved_size_is_same_family(name, text)) {
            return true;
        }
    }
    return false;
}

/* discounts: {m5: 0.31, m5.metal: 0.2}; family is an instance plan's, else "". */
static void load_rates(wb_scenario_loader *loader, const wb_field *rates, const char *family,
                       wb_commitment *out)
{
    const uint32_t count = wb_field_entry_count(rates);
    wb_plan_rate *all = WB_ARENA_ARRAY(loader->context.arena, wb_plan_rate, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(rates, i);
        if (!is_sold(loader, entry.name)) {
            wb_field_key_error(&entry,
                               "'%s' is neither a family nor an instance type of region %s, "
                               "expected one such as m5 or m5.xlarge (see: werkbank catalog list)",
                               entry.name,
                               wb_intern_text(loader->context.intern,
                                              loader->scenario->catalog.region));
        } else if (*family != '\0' && !wb_reserved_size_is_same_family(entry.name, family)) {
            wb_field_key_error(&entry, "'%s' is not of the plan's family, expected %s or its types",
                               entry.name, family);
        }
        (void)wb_field_expect(&entry, "its discount off the list price, such as 0.31");
        all[i] = (wb_plan_rate){entry.name, number(rates, entry.name, PLAN_DISCOUNT_MAX, 0.0)};
    }
    out->rates = all;
    out->rate_count = count;
}

static void load_plan(wb_scenario_loader *loader, const wb_field *entry, uint32_t index,
                      wb_commitment *out)
{
    static const char *const kinds[] = {"compute", "instance"};
    const wb_field kind = wb_field_get(entry, "kind");
    const wb_field family = wb_field_get(entry, "family");
    const wb_field rates = wb_field_get(entry, "discounts");
    const bool is_instance = wb_field_choice(&kind, kinds, 2, 0) == 1;
    *out = (wb_commitment){
        .kind = is_instance ? WB_COMMITMENT_INSTANCE_PLAN : WB_COMMITMENT_COMPUTE_PLAN,
        .name = name_of(loader, entry, "plan", index),
        .family = wb_field_text(&family),
        .nusd_per_hour = dollars(entry, "usdPerHour", 0.0),
        .discount = number(entry, "discount", PLAN_DISCOUNT_MAX, 0.0),
    };
    require(entry, "usdPerHour", "the commitment in dollars per hour");
    require(entry, "discount", "its discount off the list price, such as 0.27");
    if (is_instance != wb_field_is_set(&family)) {
        wb_field_error(&family,
                       "%s, expected a family such as m5 with kind: instance, and only "
                       "with that",
                       is_instance ? "is missing" : "is set");
    }
    load_rates(loader, &rates, is_instance ? out->family : "", out);
}

/* As AWS does it a reservation of no zone counts for every size of its family, where the family is
 * not one of those without; sizeFlexible: false is for platforms other than Linux and dedicated
 * tenancy. */
static bool load_size_flexible(const wb_scenario_loader *loader, const wb_field *entry,
                               const wb_commitment *commitment)
{
    const wb_field flexible = wb_field_get(entry, "sizeFlexible");
    const wb_field zone = wb_field_get(entry, "zone");
    const char *name = type_name(loader, commitment->type_index);
    const bool may_be = !wb_field_is_set(&zone) && wb_reserved_size_is_flexible(name);
    const bool is = wb_field_bool(&flexible, may_be);
    if (is && !may_be) {
        wb_field_error(&flexible, "is true, expected false: %s%s",
                       wb_field_is_set(&zone) ? "a reservation of a zone counts for one size alone"
                                              : "AWS has no size flexibility for the family of ",
                       wb_field_is_set(&zone) ? "" : name);
    }
    return is && may_be;
}

static void load_reserved(wb_scenario_loader *loader, const wb_field *entry, uint32_t index,
                          wb_commitment *out)
{
    const wb_field type = wb_field_get(entry, "instanceType");
    const wb_field zone = wb_field_get(entry, "zone");
    const wb_field count = wb_field_get(entry, "count");
    *out = (wb_commitment){
        .kind = WB_COMMITMENT_RESERVED,
        .name = name_of(loader, entry, "reservation", index),
        .family = "",
        .zone = wb_scenario_zone(loader, &zone),
        .count = wb_field_int32(&count, 1),
        .nusd_per_hour = dollars(entry, "usdPerHour", 0.0),
    };
    require(entry, "usdPerHour", "what each costs per hour, whether used or not");
    if (wb_scenario_type(loader, &type, &out->type_index)) {
        out->is_size_flexible = load_size_flexible(loader, entry, out);
    }
    if (out->count < 1 || out->count > 1000000) {
        wb_field_error(&count, "is %d, expected 1 to 1000000", out->count);
    }
}

static void load_commitments(wb_scenario_loader *loader, const wb_field *money, wb_money *out)
{
    const wb_field plans = wb_field_get(money, "savingsPlans");
    const wb_field instances = wb_field_get(money, "reservedInstances");
    const uint32_t plan_count = wb_field_count(&plans);
    const uint32_t count = plan_count + wb_field_count(&instances);
    wb_commitment *all = WB_ARENA_ARRAY(loader->context.arena, wb_commitment, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry =
            i < plan_count ? wb_field_at(&plans, i) : wb_field_at(&instances, i - plan_count);
        if (i < plan_count) {
            load_plan(loader, &entry, i, &all[i]);
        } else {
            load_reserved(loader, &entry, i - plan_count, &all[i]);
        }
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(all[j].name, all[i].name) == 0) {
                wb_field_error(&entry, "name '%s' is taken by another commitment", all[i].name);
            }
        }
    }
    out->commitments = all;
    out->commitment_count = count;
}

static void load_surcharges(wb_scenario_loader *loader, const wb_field *money, wb_money *out)
{
    static const char *const units[] = {"node", "cpu"};
    const wb_field list = wb_field_get(money, "surcharges");
    const uint32_t count = wb_field_count(&list);
    wb_surcharge *all = WB_ARENA_ARRAY(loader->context.arena, wb_surcharge, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        const wb_field per = wb_field_get(&entry, "per");
        require(&entry, "usdPerHour", "dollars per hour");
        all[i] = (wb_surcharge){
            .name = name_of(loader, &entry, "surcharge", i),
            .nusd_per_hour = dollars(&entry, "usdPerHour", 0.0),
            .is_per_cpu = wb_field_choice(&per, units, 2, 0) == 1,
        };
    }
    out->surcharges = all;
    out->surcharge_count = count;
}

/* Volumes of claims; of classes that nobody names there is no price. */
static void load_volumes(wb_scenario_loader *loader, const wb_field *money, wb_money *out)
{
    const wb_field list = wb_field_get(money, "volumes");
    const uint32_t count = wb_field_count(&list);
    wb_volume_price *all =
        WB_ARENA_ARRAY(loader->context.arena, wb_volume_price, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        const wb_field class = wb_field_get(&entry, "storageClass");
        require(&entry, "storageClass", "the name of a StorageClass");
        all[i] = (wb_volume_price){
            .name = wb_field_text(&class),
            .storage_class = wb_field_id(&class),
            .nusd_per_gib_month = dollars(&entry, "usdPerGiBMonth", GP3_USD_MONTH),
        };
    }
    out->volume_prices = all;
    out->volume_price_count = count;
}

void wb_scenario_load_money(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    const wb_field money = wb_field_get(spec, "money");
    if (!wb_field_is_set(&money)) {
        return;
    }
    const wb_field source = wb_field_get(&money, "source");
    const wb_field off = wb_field_get(&money, "discount");
    const wb_field root = wb_field_get(&money, "rootVolume");
    const wb_field zones = wb_field_get(&money, "crossZone");
    const wb_field images = wb_field_get(&money, "imagePull");
    wb_money *out = &loader->scenario->money;
    *out = (wb_money){
        .is_set = true,
        .source = wb_field_text(&source),
        .on_demand_discount = number(&off, "onDemand", 1.0, 0.0),
        .spot_discount = number(&off, "spot", 1.0, 0.0),
        .control_plane_nusd_per_hour = dollars(&money, "controlPlaneUsdPerHour", 0.0),
        .cross_zone_gib_per_pod_hour = number(&zones, "gibPerPodHour", USD_MAX, 0.0),
        .cross_zone_nusd_per_gib = dollars(&zones, "usdPerGiB", 0.02),
        .image_gib_per_node = number(&images, "gibPerNode", USD_MAX, 0.0),
        .image_nusd_per_gib = dollars(&images, "usdPerGiB", 0.045),
    };
    if (wb_field_is_set(&root)) {
        out->volume_gib = number(&root, "gib", USD_MAX, DEFAULT_GIB);
        out->volume_nusd_per_gib_month = dollars(&root, "usdPerGiBMonth", GP3_USD_MONTH);
    }
    if (*out->source != '\0') {
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text, "%s; discounts and commitments: %s",
                           loader->scenario->catalog.price_source, out->source);
        loader->scenario->catalog.price_source =
            wb_arena_copy_string(loader->context.arena, wb_text_string(&text));
        wb_text_release(&text);
    }
    load_commitments(loader, &money, out);
    load_surcharges(loader, &money, out);
    load_volumes(loader, &money, out);
}
