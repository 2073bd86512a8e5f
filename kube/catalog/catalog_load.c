/*
 * The shipped catalog of a region: every documented type that has a price there, in every zone, on
 * demand and, where the spot advisor knows the type, as spot at the advisor's mean savings.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kube/catalog/catalog.h"
#include "kube/catalog/catalog_internal.h"
#include "kube/catalog/catalog_shipped.h"

#define ZONES_MAX        16
#define REGION_NAME_MAX  32
#define TYPE_COUNT_GUESS 1536

/* The user most likely wants a region whose prices we may not ship, so the message says how to get
 * a catalog of it. */
static wb_status fail_unpriced_region(const char *region, wb_error *err)
{
    wb_text known;
    wb_text_init(&known);
    const char *const *names = NULL;
    const uint32_t count = wb_catalog_regions(&names);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&known, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    const wb_status status = wb_fail(
        err, WB_ERR_INPUT,
        "no prices for region '%s': shipped are %s; 'werkbank catalog import' makes a catalog of "
        "another region from AWS' own files",
        region, wb_text_string(&known));
    wb_text_release(&known);
    return status;
}

/* A zone is its region's name and a letter, or more for a local zone ("us-east-1-bos-1a"). */
static bool zone_is_in_region(const char *zone, const char *region)
{
    const size_t length = strlen(region);
    return strncmp(zone, region, length) == 0 && zone[length] != '\0' &&
           (zone[length] < '0' || zone[length] > '9');
}

/* Real zone names are relative to an account anyway; a, b and c stand for any three. */
static wb_status intern_zones(wb_arena *arena, wb_intern *intern, const wb_catalog_place *place,
                              wb_catalog *catalog, wb_error *err)
{
    const char *region = place->region;
    const uint32_t count = place->zone_count > 0 ? place->zone_count : 3;
    if (count > ZONES_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "%u zones in region '%s', at most %d are possible", count,
                       region, ZONES_MAX);
    }
    uint32_t *ids = WB_ARENA_ARRAY(arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        char default_zone[REGION_NAME_MAX + 2];
        (void)snprintf(default_zone, sizeof(default_zone), "%s%c", region, (char)('a' + i));
        const char *zone = place->zone_count > 0 ? place->zones[i] : default_zone;
        if (!zone_is_in_region(zone, region)) {
            return wb_fail(err, WB_ERR_INPUT, "zone '%s' is not in region '%s' ('%sa', ...)", zone,
                           region, region);
        }
        ids[i] = wb_intern_add(intern, zone);
        for (uint32_t j = 0; j < i; j++) {
            if (ids[j] == ids[i]) {
                return wb_fail(err, WB_ERR_INPUT, "zone '%s' is named twice", zone);
            }
        }
    }
    catalog->zones = ids;
    catalog->zone_count = count;
    return WB_OK;
}

/* Zone by zone, on demand before spot: the order of golden/catalog.json. */
static void add_offerings(wb_arena *arena, const wb_catalog *catalog,
                          const wb_catalog_shipped_row *row, wb_catalog_type *type)
{
    const bool has_spot = row->savings_percent != INT32_MIN;
    const size_t per_zone = has_spot ? 2 : 1;
    const double spot_per_hour =
        has_spot ? wb_catalog_shipped_spot_price(row->on_demand_per_hour, row->savings_percent)
                 : 0.0;
    wb_offering *offerings = WB_ARENA_ARRAY(arena, wb_offering, catalog->zone_count * per_zone);
    uint32_t count = 0;
    for (uint32_t i = 0; i < catalog->zone_count; i++) {
        offerings[count++] = (wb_offering){
            .zone = catalog->zones[i],
            .capacity_type = WB_CAPACITY_ON_DEMAND,
            .price_usd_per_hour = row->on_demand_per_hour,
            .is_available = true,
        };
        if (has_spot) {
            offerings[count++] = (wb_offering){
                .zone = catalog->zones[i],
                .capacity_type = WB_CAPACITY_SPOT,
                .price_usd_per_hour = spot_per_hour,
                .is_available = true,
            };
        }
    }
    type->offerings = offerings;
    type->offering_count = count;
}

/* For reports: whoever quotes a cost must be able to say which prices it was made of. */
static const char *describe_source(wb_arena *arena, const wb_catalog_shipped *shipped)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s per hour; on-demand: Karpenter AWS provider's price tables of %s",
                       shipped->currency, shipped->on_demand_date);
    if (shipped->spot_date != NULL) {
        wb_text_add_format(&text, "; spot: savings of the AWS Spot Instance Advisor of %s",
                           shipped->spot_date);
    } else {
        wb_text_add_string(&text, "; spot: no data");
    }
    const char *copy = wb_arena_copy_string(arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

/* Types that have no price in the region are not sold there, as far as we know, and left out. */
static void load_types(wb_arena *arena, wb_intern *intern, wb_catalog_shipped *shipped,
                       wb_catalog *catalog)
{
    uint32_t capacity = TYPE_COUNT_GUESS;
    catalog->types = WB_ARENA_ARRAY(arena, wb_catalog_type, capacity);
    wb_catalog_shipped_row row;
    while (wb_catalog_shipped_next(shipped, intern, &row)) {
        if (row.on_demand_per_hour < 0.0) {
            continue;
        }
        if (catalog->type_count == capacity) {
            catalog->types = wb_arena_grow(arena, catalog->types, capacity, 2 * (size_t)capacity,
                                           sizeof(catalog->types[0]));
            capacity *= 2;
        }
        wb_catalog_type *type = &catalog->types[catalog->type_count++];
        wb_catalog_facts_make_type(arena, intern, &row.facts, type);
        type->savings_percent = row.savings_percent;
        type->interruption_band = row.interruption_band;
        add_offerings(arena, catalog, &row, type);
    }
}

wb_status wb_catalog_load(wb_arena *arena, wb_intern *intern, const wb_catalog_place *place,
                          wb_catalog *out, wb_error *err)
{
    assert(place->region != NULL);
    assert(place->zone_count == 0 || place->zones != NULL);
    wb_catalog_shipped shipped;
    wb_catalog_shipped_open(arena, place->region, &shipped);
    if (shipped.on_demand_date == NULL) {
        return fail_unpriced_region(place->region, err);
    }
    assert(strlen(place->region) < REGION_NAME_MAX); /* it is one of ours */
    wb_catalog catalog = {
        .region = wb_intern_add(intern, place->region),
        .currency = shipped.currency,
        .price_source = describe_source(arena, &shipped),
    };
    WB_TRY(intern_zones(arena, intern, place, &catalog, err));
    load_types(arena, intern, &shipped, &catalog);
    wb_catalog_index(arena, &catalog);
    *out = catalog;
    return WB_OK;
}

uint32_t wb_catalog_regions(const char *const **out_names)
{
    /* The columns of on_demand_prices.tsv; a test holds the two together. */
    static const char *const names[] = {"us-east-1", "us-gov-east-1", "us-gov-west-1",
                                        "cn-north-1"};
    *out_names = names;
    return (uint32_t)(sizeof(names) / sizeof(names[0]));
}
