/*
 * Reads AWS' files one by one, settles the region and its zones, and joins what was read with the
 * shipped tables. The readers of each kind are in catalog_import_types.c and
 * catalog_import_prices.c; this file knows the order of things.
 *
 * The files are some megabytes each, but a bulk price list is hundreds of them. Happens once per
 * catalog, not per run.
 */
#include "kube/catalog/catalog_import.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/document.h"
#include "base/duration.h"
#include "base/file_writer.h"
#include "base/sort.h"
#include "base/text.h"
#include "kube/catalog/catalog_import_internal.h"
#include "kube/catalog/catalog_internal.h"
#include "kube/catalog/catalog_shipped.h"

#define ZONES_MAX 32

/* ---------------------------------------------------------------------------- reading */

/* Each kind of file is known by a field at its root. */
static const struct {
    const char *field;
    wb_node_kind kind;
    wb_catalog_import_reader read;
} readers[] = {
    {"InstanceTypes", WB_NODE_LIST, wb_catalog_import_read_types},
    {"InstanceTypeOfferings", WB_NODE_LIST, wb_catalog_import_read_sites},
    {"SpotPriceHistory", WB_NODE_LIST, wb_catalog_import_read_spot_history},
    {"PriceList", WB_NODE_LIST, wb_catalog_import_read_price_list},
    {"products", WB_NODE_MAP, wb_catalog_import_read_bulk_prices},
};

void *wb_catalog_import_grow(wb_arena *arena, void *array, uint32_t count, uint32_t *capacity,
                             size_t size)
{
    assert(count <= *capacity);
    if (count < *capacity) {
        return array;
    }
    const uint32_t grown = *capacity == 0 ? 256 : *capacity * 2;
    void *moved = wb_arena_grow(arena, array, count, grown, size);
    *capacity = grown;
    return moved;
}

/* A document is known by the field at its root; a bare list is what jq '.PriceList' leaves. */
static void read_document(wb_catalog_importer *importer, const wb_field *root)
{
    if (root->node != NULL && root->node->kind == WB_NODE_LIST) {
        wb_catalog_import_read_price_list(importer, root);
        return;
    }
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        const wb_field field = wb_field_get(root, readers[i].field);
        if (!wb_field_is_set(&field)) {
            continue;
        }
        if (field.node->kind != readers[i].kind) {
            wb_field_error(&field, "%s where %s belongs", wb_node_kind_name(field.node->kind),
                           wb_node_kind_name(readers[i].kind));
            return;
        }
        readers[i].read(importer, root);
        return;
    }
    wb_field_error(root, "not a file that can be imported: it has none of InstanceTypes, "
                         "InstanceTypeOfferings, SpotPriceHistory, PriceList, products");
}

/* The document lives only while it is read: a bulk price list is hundreds of megabytes. */
static wb_status read_file(wb_catalog_importer *importer, const char *path, size_t limit_bytes,
                           wb_error *err)
{
    wb_arena scratch;
    wb_arena_init(&scratch, "catalog import", 0, NULL);
    wb_findings findings;
    wb_findings_init(&findings, &scratch, false);
    const wb_decode_context context = {.arena = &scratch,
                                       .intern = importer->intern,
                                       .findings = &findings};
    wb_document_stream stream;
    wb_status status = wb_document_read_file(&scratch, path, limit_bytes, &stream, err);
    if (status == WB_OK && stream.count == 0) {
        status = wb_fail(err, WB_ERR_INPUT, "%s: empty", path);
    }
    for (size_t i = 0; status == WB_OK && i < stream.count; i++) {
        const wb_field root = wb_field_root(&context, stream.roots[i], "");
        read_document(importer, &root);
        status = wb_findings_status(&findings, err);
    }
    wb_arena_release(&scratch);
    return status;
}

/* ---------------------------------------------------------------------------- place */

/* "us-east-1a" is in us-east-1, and so is "us-east-1-bos-1a": the name up to its first number. */
static uint32_t region_of_zone(wb_intern *intern, uint32_t zone)
{
    const char *text = wb_intern_text(intern, zone);
    const size_t letters = strcspn(text, "0123456789");
    return wb_intern_add_length(intern, text, letters + strspn(text + letters, "0123456789"));
}

/* A zone proper: the region's name and one letter. Local zones have other prices and few types. */
static bool is_plain_zone(const wb_intern *intern, uint32_t zone)
{
    const char *text = wb_intern_text(intern, zone);
    const size_t letters = strcspn(text, "0123456789");
    const char *rest = text + letters + strspn(text + letters, "0123456789");
    return rest[0] >= 'a' && rest[0] <= 'z' && rest[1] == '\0';
}

/* *region is 0 until the first region is met. */
static wb_status agree_on_region(wb_catalog_importer *importer, uint32_t other, uint32_t *region,
                                 wb_error *err)
{
    if (*region != 0 && other != *region) {
        return wb_fail(err, WB_ERR_INPUT,
                       "the files name several regions, '%s' and '%s': say which to import",
                       wb_intern_text(importer->intern, *region),
                       wb_intern_text(importer->intern, other));
    }
    *region = other;
    return WB_OK;
}

/* The one region that the files name, unless the user names it. */
static wb_status find_region(wb_catalog_importer *importer,
                             const wb_catalog_import_options *options, uint32_t *out, wb_error *err)
{
    if (options->region != NULL && options->region[0] != '\0') {
        *out = wb_intern_add(importer->intern, options->region);
        return WB_OK;
    }
    uint32_t region = 0;
    for (uint32_t i = 0; i < importer->price_count; i++) {
        WB_TRY(agree_on_region(importer, importer->prices[i].region, &region, err));
    }
    for (uint32_t i = 0; i < importer->spot_count; i++) {
        const uint32_t other = region_of_zone(importer->intern, importer->spots[i].zone);
        WB_TRY(agree_on_region(importer, other, &region, err));
    }
    for (uint32_t i = 0; i < importer->site_count; i++) {
        const uint32_t other = region_of_zone(importer->intern, importer->sites[i].location);
        WB_TRY(agree_on_region(importer, other, &region, err));
    }
    if (region == 0) {
        return wb_fail(err, WB_ERR_INPUT, "the files do not name a region: say which to import");
    }
    *out = region;
    return WB_OK;
}

typedef struct zone_list {
    uint32_t items[ZONES_MAX];
    uint32_t count;
} zone_list;

/* Each zone once. AWS has at most six in a region, so a list does. */
static wb_status add_zone(const wb_intern *intern, zone_list *zones, uint32_t zone, wb_error *err)
{
    for (uint32_t i = 0; i < zones->count; i++) {
        if (zones->items[i] == zone) {
            return WB_OK;
        }
    }
    if (zones->count == ZONES_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "more than %d zones, '%s' among them", ZONES_MAX,
                       wb_intern_text(intern, zone));
    }
    zones->items[zones->count++] = zone;
    return WB_OK;
}

/* Local zones and wavelength zones ("us-east-1-bos-1a") sell few types and are left out. */
static wb_status add_zone_of_region(wb_intern *intern, zone_list *zones, uint32_t zone,
                                    uint32_t region, wb_error *err)
{
    const bool is_wanted = is_plain_zone(intern, zone) && region_of_zone(intern, zone) == region;
    return is_wanted ? add_zone(intern, zones, zone, err) : WB_OK;
}

/* Zones in alphabetical order, whichever file names them first. */
static int compare_zones(const void *a, const void *b, void *context)
{
    const wb_intern *intern = context;
    return strcmp(wb_intern_text(intern, *(const uint32_t *)a),
                  wb_intern_text(intern, *(const uint32_t *)b));
}

/* The zones of region that spot history and offerings name, by name. */
static wb_status gather_zones(wb_catalog_importer *importer, uint32_t region, zone_list *zones,
                              wb_error *err)
{
    wb_intern *intern = importer->intern;
    for (uint32_t i = 0; i < importer->spot_count; i++) {
        WB_TRY(add_zone_of_region(intern, zones, importer->spots[i].zone, region, err));
    }
    for (uint32_t i = 0; i < importer->site_count; i++) {
        WB_TRY(add_zone_of_region(intern, zones, importer->sites[i].location, region, err));
    }
    wb_sort(zones->items, zones->count, sizeof(zones->items[0]), compare_zones, intern);
    return WB_OK;
}

/* Where no file tells: the shipped catalog's habit. */
static wb_status add_default_zones(wb_catalog_importer *importer, uint32_t region, zone_list *zones,
                                   wb_error *err)
{
    static const char letters[] = "abc";
    for (const char *letter = letters; *letter != '\0'; letter++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%.60s%c", wb_intern_text(importer->intern, region),
                       *letter);
        WB_TRY(add_zone(importer->intern, zones, wb_intern_add(importer->intern, name), err));
    }
    return WB_OK;
}

/* The user's zones, else the files', else the default ones. */
static wb_status find_zones(wb_catalog_importer *importer, const wb_catalog_import_options *options,
                            wb_catalog *catalog, wb_error *err)
{
    zone_list zones = {.count = 0};
    for (uint32_t i = 0; i < options->zone_count; i++) {
        const uint32_t zone = wb_intern_add(importer->intern, options->zones[i]);
        if (region_of_zone(importer->intern, zone) != catalog->region) {
            return wb_fail(err, WB_ERR_INPUT, "zone '%s' is not in region '%s'", options->zones[i],
                           wb_intern_text(importer->intern, catalog->region));
        }
        WB_TRY(add_zone(importer->intern, &zones, zone, err));
    }
    if (zones.count == 0) {
        WB_TRY(gather_zones(importer, catalog->region, &zones, err));
    }
    if (zones.count == 0) {
        WB_TRY(add_default_zones(importer, catalog->region, &zones, err));
    }
    uint32_t *copy = WB_ARENA_ARRAY(importer->arena, uint32_t, zones.count);
    memcpy(copy, zones.items, zones.count * sizeof(copy[0]));
    catalog->zones = copy;
    catalog->zone_count = zones.count;
    return WB_OK;
}

/* ---------------------------------------------------------------------------- joining */

/* The catalog in the making. */
typedef struct joiner {
    const wb_catalog_importer *importer;
    bool on_demand_is_shipped, spot_is_shipped; /* where each kind of price comes from */
    wb_catalog catalog;
    uint32_t type_capacity;
    wb_catalog_import_counts counts;
} joiner;

/* Below 0: not sold there, or not in the price list that was given. */
static double find_on_demand(const joiner *j, const wb_catalog_shipped_row *row)
{
    if (j->on_demand_is_shipped) {
        return row->on_demand_per_hour;
    }
    uint64_t index = 0;
    const uint64_t key = wb_catalog_import_key(j->catalog.region, row->facts.name);
    const bool is_known = wb_hash_map_get(&j->importer->price_by_key, key, &index);
    return is_known ? j->importer->prices[index].per_hour : -1.0;
}

/* Below 0: no spot price. Advice without an on-demand price gives none either. */
static double find_spot(const joiner *j, uint32_t zone, const wb_catalog_shipped_row *row,
                        double on_demand_per_hour)
{
    if (j->spot_is_shipped) {
        const bool is_known = row->savings_percent != INT32_MIN && on_demand_per_hour > 0.0;
        return is_known ? wb_catalog_shipped_spot_price(on_demand_per_hour, row->savings_percent)
                        : -1.0;
    }
    uint64_t index = 0;
    const uint64_t key = wb_catalog_import_key(zone, row->facts.name);
    const bool is_known = wb_hash_map_get(&j->importer->spot_by_key, key, &index);
    return is_known ? j->importer->spots[index].per_hour : -1.0;
}

/* Offerings by zone say more than those by region and win; without either all is offered. */
static bool is_offered(const joiner *j, uint32_t zone, uint32_t type)
{
    uint64_t ignored = 0;
    const wb_catalog_importer *importer = j->importer;
    const uint32_t place = importer->has_zone_sites ? zone : j->catalog.region;
    return (!importer->has_zone_sites && !importer->has_region_sites) ||
           wb_hash_map_get(&importer->site_by_key, wb_catalog_import_key(place, type), &ignored);
}

/* Zone by zone, on demand before spot. */
static void add_offerings(const joiner *j, const wb_catalog_shipped_row *row, wb_catalog_type *type)
{
    static const wb_capacity_type markets[] = {WB_CAPACITY_ON_DEMAND, WB_CAPACITY_SPOT};
    const wb_catalog *catalog = &j->catalog;
    wb_offering *offerings =
        WB_ARENA_ARRAY(j->importer->arena, wb_offering, 2 * (size_t)catalog->zone_count);
    uint32_t count = 0;
    const double on_demand = find_on_demand(j, row);
    for (uint32_t i = 0; i < catalog->zone_count; i++) {
        const uint32_t zone = catalog->zones[i];
        const double prices[] = {on_demand, find_spot(j, zone, row, on_demand)};
        for (size_t k = 0; k < 2; k++) {
            if (prices[k] >= 0.0 && is_offered(j, zone, row->facts.name)) {
                offerings[count++] = (wb_offering){
                    .zone = zone,
                    .capacity_type = markets[k],
                    .price_usd_per_hour = prices[k],
                    .is_available = true,
                };
            }
        }
    }
    type->offerings = offerings;
    type->offering_count = count;
}

/* Adds one type unless it has no price. */
static void add_type(joiner *j, const wb_catalog_shipped_row *row)
{
    wb_arena *arena = j->importer->arena;
    wb_catalog_type type;
    wb_catalog_facts_make_type(arena, j->importer->intern, &row->facts, &type);
    add_offerings(j, row, &type);
    if (type.offering_count == 0) {
        j->counts.unpriced_types++;
        return;
    }
    type.savings_percent = row->savings_percent;
    type.interruption_band = row->interruption_band;
    j->catalog.types = wb_catalog_import_grow(arena, j->catalog.types, j->catalog.type_count,
                                              &j->type_capacity, sizeof(type));
    j->catalog.types[j->catalog.type_count++] = type;
}

/* What describe-instance-types says, and what it does not know from the shipped table. */
static wb_catalog_facts override_facts(const wb_catalog_facts *imported,
                                       const wb_catalog_facts *shipped)
{
    wb_catalog_facts facts = *imported;
    facts.pod_eni_count = shipped->pod_eni_count;
    if (facts.network_mbps == 0) {
        facts.network_mbps = shipped->network_mbps; /* older output has words only */
    }
    if (facts.volume_limit == 0) {
        facts.volume_limit = shipped->volume_limit;
        facts.volume_limit_is_shared = shipped->volume_limit_is_shared;
    }
    return facts;
}

/* Shipped types first, in their order, then those that only the files have, in theirs. */
static void join_types(joiner *j, wb_catalog_shipped *shipped)
{
    const wb_catalog_importer *importer = j->importer;
    bool *is_joined = WB_ARENA_ARRAY(importer->arena, bool, importer->facts_count);
    wb_catalog_shipped_row row;
    while (wb_catalog_shipped_next(shipped, importer->intern, &row)) {
        uint64_t index = 0;
        if (!importer->has_types) {
            add_type(j, &row);
        } else if (wb_hash_map_get(&importer->facts_by_type, row.facts.name, &index)) {
            is_joined[index] = true;
            row.facts = override_facts(&importer->facts[index], &row.facts);
            add_type(j, &row);
        }
    }
    for (uint32_t i = 0; i < importer->facts_count; i++) {
        if (!is_joined[i]) {
            row = (wb_catalog_shipped_row){
                .facts = importer->facts[i],
                .on_demand_per_hour = -1.0,
                .savings_percent = INT32_MIN,
                .interruption_band = -1,
            };
            add_type(j, &row);
        }
    }
}

/* The half of the source sentence that is about on-demand prices. */
static void describe_on_demand(const joiner *j, const wb_catalog_shipped *shipped, wb_text *out)
{
    const char *date = j->importer->price_date;
    if (!j->on_demand_is_shipped) {
        wb_text_add_format(out, "AWS price list%s%s", date != NULL ? " of " : "",
                           date != NULL ? date : "");
    } else if (shipped->on_demand_date != NULL) {
        wb_text_add_format(out, "Karpenter AWS provider's price tables of %s",
                           shipped->on_demand_date);
    } else {
        wb_text_add_string(out, "no data");
    }
}

/* The other half. */
static void describe_spot(const joiner *j, const wb_catalog_shipped *shipped, wb_text *out)
{
    if (!j->spot_is_shipped) {
        char time[48];
        wb_duration_print_time(j->importer->spot_latest_ms, time);
        wb_text_add_format(out, "EC2 spot price history until %s", time);
    } else if (shipped->spot_date != NULL) {
        wb_text_add_format(out, "savings of the AWS Spot Instance Advisor of %s",
                           shipped->spot_date);
    } else {
        wb_text_add_string(out, "no data");
    }
}

static void describe_source(joiner *j, const wb_catalog_shipped *shipped)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s per hour; on-demand: ", j->catalog.currency);
    describe_on_demand(j, shipped, &text);
    wb_text_add_string(&text, "; spot: ");
    describe_spot(j, shipped, &text);
    j->catalog.price_source = wb_arena_copy_string(j->importer->arena, wb_text_string(&text));
    wb_text_release(&text);
}

/* For the message to the user: records of other regions and zones count as skipped. */
static void count_records(joiner *j)
{
    const wb_catalog_importer *importer = j->importer;
    j->counts.instance_types = importer->facts_count;
    j->counts.skipped = importer->skipped_count;
    for (uint32_t i = 0; i < importer->price_count; i++) {
        const bool is_ours = importer->prices[i].region == j->catalog.region;
        j->counts.on_demand_prices += is_ours ? 1 : 0;
        j->counts.skipped += is_ours ? 0 : 1;
    }
    for (uint32_t i = 0; i < importer->spot_count; i++) {
        bool is_ours = false;
        for (uint32_t k = 0; k < j->catalog.zone_count; k++) {
            is_ours = is_ours || importer->spots[i].zone == j->catalog.zones[k];
        }
        j->counts.spot_prices += is_ours ? 1 : 0;
        j->counts.skipped += is_ours ? 0 : 1;
    }
}

/* All files are read: settles place and sources, then puts the types together. */
static wb_status join(wb_catalog_importer *importer, const wb_catalog_import_options *options,
                      joiner *j, wb_error *err)
{
    *j = (joiner){
        .importer = importer,
        .on_demand_is_shipped = !importer->has_prices,
        .spot_is_shipped = !importer->has_spot,
    };
    WB_TRY(find_region(importer, options, &j->catalog.region, err));
    WB_TRY(find_zones(importer, options, &j->catalog, err));
    const char *region = wb_intern_text(importer->intern, j->catalog.region);
    wb_catalog_shipped shipped;
    wb_catalog_shipped_open(importer->arena, region, &shipped);
    j->catalog.currency = importer->currency != NULL ? importer->currency : shipped.currency;
    join_types(j, &shipped);
    if (j->catalog.type_count == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "no instance type has a price in region '%s': add the output of 'aws "
                       "pricing get-products' or 'aws ec2 describe-spot-price-history' for it",
                       region);
    }
    describe_source(j, &shipped);
    count_records(j);
    wb_catalog_index(importer->arena, &j->catalog);
    return WB_OK;
}

/* ---------------------------------------------------------------------------- calls */

/* The part between making and releasing the maps, so that it may return early. */
static wb_status read_all_and_join(wb_catalog_importer *importer,
                                   const wb_catalog_import_options *options, joiner *j,
                                   wb_error *err)
{
    for (uint32_t i = 0; i < options->path_count; i++) {
        WB_TRY(read_file(importer, options->paths[i], options->limit_bytes, err));
    }
    return join(importer, options, j, err);
}

wb_status wb_catalog_import(wb_arena *arena, wb_intern *intern,
                            const wb_catalog_import_options *options, wb_catalog *out,
                            wb_catalog_import_counts *out_counts, wb_error *err)
{
    assert(arena != NULL && intern != NULL && options != NULL && out != NULL);
    assert(options->path_count == 0 || options->paths != NULL);
    wb_catalog_importer importer = {.arena = arena, .intern = intern};
    wb_hash_map *const maps[] = {&importer.facts_by_type, &importer.price_by_key,
                                 &importer.spot_by_key, &importer.site_by_key};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_init(maps[i]);
    }
    joiner j;
    const wb_status status = read_all_and_join(&importer, options, &j, err);
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_release(maps[i]);
    }
    if (status == WB_OK) {
        *out = j.catalog;
        if (out_counts != NULL) {
            *out_counts = j.counts;
        }
    }
    return status;
}

wb_status wb_catalog_import_write(const wb_catalog *catalog, const wb_intern *intern,
                                  const char *path, wb_error *err)
{
    assert(catalog != NULL && path != NULL);
    wb_file_writer *writer = NULL;
    WB_TRY(wb_file_writer_open(path, &writer, err));
    wb_text text;
    wb_text_init(&text);
    wb_catalog_print_json(catalog, intern, &text);
    wb_status status = wb_file_writer_write(writer, text.bytes, text.length, err);
    wb_text_release(&text);
    if (status != WB_OK) {
        wb_file_writer_abandon(writer);
        return status;
    }
    return wb_file_writer_commit(writer, err);
}

wb_status wb_catalog_import_read_back(wb_arena *arena, wb_intern *intern, const char *path,
                                      wb_catalog *out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    wb_arena scratch;
    wb_arena_init(&scratch, "catalog file", 0, NULL);
    wb_document_stream stream;
    wb_status status = wb_document_read_file(&scratch, path, 0, &stream, err);
    if (status == WB_OK && stream.count != 1) {
        status = wb_fail(err, WB_ERR_INPUT, "%s: %zu documents instead of one catalog", path,
                         stream.count);
    }
    if (status == WB_OK) {
        status = wb_catalog_decode(arena, intern, stream.roots[0], out, err);
    }
    wb_arena_release(&scratch);
    return status;
}
