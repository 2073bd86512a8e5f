/* spec.capacity and spec.quotas: what EC2 has and what the account may have, for every contender
 * alike. What recordings say of the same is read in scenario_recorded.c. */
#include <assert.h>
#include <string.h>

#include "scenarios/scenario_internal.h"

#define ALL_MARKETS \
    (1U << WB_CAPACITY_ON_DEMAND | 1U << WB_CAPACITY_SPOT | 1U << WB_CAPACITY_RESERVED)

/* Error codes of a pool that has no room: facts/aws-api.md section 1. */
static const char *const codes[] = {
    "InsufficientInstanceCapacity",
    "UnfulfillableCapacity",
    "MaxSpotInstanceCountExceeded",
    "VcpuLimitExceeded",
    "Unsupported",
    "InsufficientFreeAddressesInSubnet",
    "MaxFleetCountExceeded",
    "ReservationCapacityExceeded",
};

/* The pools that an entry is about: type, zone and market, each any where it is absent. */
static void load_pool(wb_scenario_loader *loader, const wb_field *entry, wb_market_capacity *out)
{
    static const char *const markets[] = {"on-demand", "spot", "reserved"};
    static const uint32_t bits[] = {1U << WB_CAPACITY_ON_DEMAND, 1U << WB_CAPACITY_SPOT,
                                    1U << WB_CAPACITY_RESERVED, ALL_MARKETS};
    const wb_field type = wb_field_get(entry, "instanceType");
    const wb_field zone = wb_field_get(entry, "zone");
    const wb_field market = wb_field_get(entry, "capacityType");
    const wb_field code = wb_field_get(entry, "code");
    out->series.type_index = WB_MARKET_ANY_TYPE;
    out->series.zone = wb_scenario_zone(loader, &zone);
    out->markets = bits[wb_field_choice(&market, markets, 3, 3)];
    out->code = codes[wb_field_choice(&code, codes, sizeof(codes) / sizeof(codes[0]), 0)];
    if (wb_field_is_set(&type)) {
        (void)wb_scenario_type(loader, &type, &out->series.type_index);
    }
}

static int64_t load_count(const wb_field *entry)
{
    const wb_field count = wb_field_get(entry, "count");
    const int32_t value = wb_field_int32(&count, -1);
    if (wb_field_is_set(&count) && value < 0) {
        wb_field_error(&count, "is %d, expected 0 or more (without it: no limit)", value);
    }
    return value;
}

static void load_counts(const wb_scenario_loader *loader, const wb_field *entry,
                        wb_market_series *out)
{
    const wb_field list = wb_field_get(entry, "counts");
    const uint32_t count = wb_field_count(&list);
    wb_market_point *points =
        WB_ARENA_ARRAY(loader->context.arena, wb_market_point, (size_t)count + 1);
    if (count == 0) {
        points[0] = (wb_market_point){0, load_count(entry)};
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_field point = wb_field_at(&list, i);
        const wb_field at = wb_field_get(&point, "at");
        points[i] = (wb_market_point){wb_scenario_duration(&at, 0), load_count(&point)};
        if (!wb_field_is_set(&at) || (i > 0 && points[i].at_ms <= points[i - 1].at_ms)) {
            wb_field_error(&at, "is '%s', expected a time after that of the entry before",
                           wb_field_text(&at));
        }
    }
    out->points = points;
    out->point_count = count == 0 ? 1 : count;
}

static void load_limited(wb_scenario_loader *loader, const wb_field *entry, wb_market_capacity *out)
{
    const wb_field count = wb_field_get(entry, "count");
    const wb_field counts = wb_field_get(entry, "counts");
    if (wb_field_is_set(&count) == (wb_field_count(&counts) > 0)) {
        wb_field_error(entry, "has %s of count and counts, expected one",
                       wb_field_is_set(&count) ? "both" : "none");
    }
    load_pool(loader, entry, out);
    load_counts(loader, entry, &out->series);
    out->takes = wb_field_get_bool(entry, "interrupts", true);
}

static void load_shortage(wb_scenario_loader *loader, const wb_field *entry,
                          wb_market_capacity *out)
{
    const wb_field at = wb_field_get(entry, "at");
    const wb_field lasts = wb_field_get(entry, "for");
    wb_market_point *points = WB_ARENA_ARRAY(loader->context.arena, wb_market_point, 2);
    const int64_t for_ms = wb_scenario_duration(&lasts, -1);
    (void)wb_field_expect(&at, "when the shortage begins");
    load_pool(loader, entry, out);
    points[0] = (wb_market_point){wb_scenario_duration(&at, 0), 0};
    points[1] = (wb_market_point){points[0].at_ms + for_ms, WB_MARKET_UNLIMITED};
    out->series.points = points;
    out->series.point_count = for_ms > 0 ? 2 : 1;
}

static void load_outage(wb_scenario_loader *loader, const wb_field *entry, wb_outage *out)
{
    static const char *const kinds[] = {"unreachable", "lost"};
    const wb_field at = wb_field_get(entry, "at");
    const wb_field lasts = wb_field_get(entry, "for");
    const wb_field zone = wb_field_get(entry, "zone");
    const wb_field kind = wb_field_get(entry, "kind");
    (void)wb_field_expect(&at, "when the zone fails");
    (void)wb_field_expect(&zone, "the zone that fails");
    *out = (wb_outage){
        .kind = (wb_outage_kind)wb_field_choice(&kind, kinds, 2, WB_OUTAGE_UNREACHABLE),
        .zone = wb_scenario_zone(loader, &zone),
        .at_ms = wb_scenario_duration(&at, 0),
        .for_ms = wb_scenario_duration(&lasts, -1),
    };
}

void wb_scenario_add_capacities(const wb_scenario_loader *loader,
                                const wb_market_capacity *capacities, uint32_t count)
{
    assert(loader != NULL);
    wb_market *market = &loader->scenario->market;
    wb_market_capacity *joined = WB_ARENA_ARRAY(loader->context.arena, wb_market_capacity,
                                                (size_t)market->capacity_count + count + 1);
    for (uint32_t i = 0; i < market->capacity_count; i++) {
        joined[i] = market->capacities[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        joined[market->capacity_count + i] = capacities[i];
    }
    market->capacities = joined;
    market->capacity_count += count;
}

static void load_capacity(wb_scenario_loader *loader, const wb_field *capacity)
{
    const wb_field pools = wb_field_get(capacity, "pools");
    const wb_field shortages = wb_field_get(capacity, "shortages");
    const wb_field outages = wb_field_get(capacity, "outages");
    for (uint32_t i = 0; i < wb_field_count(&pools); i++) {
        const wb_field entry = wb_field_at(&pools, i);
        wb_market_capacity one = {0};
        load_limited(loader, &entry, &one);
        wb_scenario_add_capacities(loader, &one, 1);
    }
    for (uint32_t i = 0; i < wb_field_count(&shortages); i++) {
        const wb_field entry = wb_field_at(&shortages, i);
        wb_market_capacity one = {0};
        load_shortage(loader, &entry, &one);
        wb_scenario_add_capacities(loader, &one, 1);
    }
    const uint32_t count = wb_field_count(&outages);
    wb_outage *out = WB_ARENA_ARRAY(loader->context.arena, wb_outage, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&outages, i);
        load_outage(loader, &entry, &out[i]);
    }
    loader->scenario->market.outages = out;
    loader->scenario->market.outage_count = count;
}

static void load_quotas(const wb_field *owner, int64_t *vcpus)
{
    for (int class = 0; class < WB_QUOTA_CLASS_COUNT; class ++) {
        const wb_field field = wb_field_get(owner, wb_quota_class_name((wb_quota_class) class));
        vcpus[class] = wb_field_int64(&field, -1);
        if (wb_field_is_set(&field) && vcpus[class] < 0) {
            wb_field_error(&field, "is %lld, expected vCPUs, 0 or more", (long long)vcpus[class]);
        }
    }
}

void wb_scenario_load_market(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    const wb_field capacity = wb_field_get(spec, "capacity");
    const wb_field quotas = wb_field_get(spec, "quotas");
    const wb_field on_demand = wb_field_get(&quotas, "onDemand");
    const wb_field spot = wb_field_get(&quotas, "spot");
    loader->scenario->market = wb_market_none();
    load_capacity(loader, &capacity);
    load_quotas(&on_demand, loader->scenario->market.quotas.vcpus[WB_QUOTA_ON_DEMAND]);
    load_quotas(&spot, loader->scenario->market.quotas.vcpus[WB_QUOTA_SPOT]);
    wb_scenario_load_recorded(loader, spec);
}
