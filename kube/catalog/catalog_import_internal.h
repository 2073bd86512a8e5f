/*
 * What the readers of AWS' files gather while catalog import goes through them. Everything is kept
 * by region and zone until the end, since the region may be known only after the last file.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_IMPORT_INTERNAL_H
#define WB_KUBE_CATALOG_CATALOG_IMPORT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_map.h"
#include "kube/catalog/catalog_facts.h"
#include "kube/catalog/catalog_import.h"
#include "kube/field.h"

/* On-demand price of a type in a region. */
typedef struct wb_catalog_import_price {
    uint32_t region, type; /* interned */
    double per_hour;
} wb_catalog_import_price;

/* The latest spot price of a type in a zone. */
typedef struct wb_catalog_import_spot {
    uint32_t zone, type; /* interned */
    double per_hour;
    int64_t at_ms; /* epoch */
} wb_catalog_import_spot;

/* A region or zone that has a type. */
typedef struct wb_catalog_import_site {
    uint32_t location, type; /* interned */
} wb_catalog_import_site;

typedef struct wb_catalog_importer {
    wb_arena *arena; /* borrowed: of the result */
    wb_intern *intern;
    wb_catalog_facts *facts; /* in arena, in the order of the files */
    uint32_t facts_count, facts_capacity;
    wb_catalog_import_price *prices;
    uint32_t price_count, price_capacity;
    wb_catalog_import_spot *spots;
    uint32_t spot_count, spot_capacity;
    wb_catalog_import_site *sites;
    uint32_t site_count, site_capacity;
    wb_hash_map facts_by_type, price_by_key, spot_by_key, site_by_key; /* owned; keys below */
    bool has_types, has_prices, has_spot, has_zone_sites,
        has_region_sites;   /* kinds of files seen */
    const char *currency;   /* of the prices read; NULL: none yet */
    const char *price_date; /* publication date of the price list; NULL: not said */
    int64_t spot_latest_ms; /* of the spot history */
    uint32_t skipped_count;
} wb_catalog_importer;

/* A reader is handed the root of one document. What is wrong goes to the findings of the root's
 * context, whose arena lives only as long as the file is read. */
typedef void (*wb_catalog_import_reader)(wb_catalog_importer *importer, const wb_field *root);

/* InstanceTypes of describe-instance-types: facts by type, the later file's where two have it. */
void wb_catalog_import_read_types(wb_catalog_importer *importer, const wb_field *root);

/* InstanceTypeOfferings of describe-instance-type-offerings: which region or zone has a type. */
void wb_catalog_import_read_sites(wb_catalog_importer *importer, const wb_field *root);

/* SpotPriceHistory of describe-spot-price-history: Linux, the latest of each type and zone. */
void wb_catalog_import_read_spot_history(wb_catalog_importer *importer, const wb_field *root);

/* PriceList of get-products, or such a list without its wrapping: products with their terms, each
 * an object or a string that holds one. */
void wb_catalog_import_read_price_list(wb_catalog_importer *importer, const wb_field *root);

/* products and terms of a bulk price list, two maps by SKU. */
void wb_catalog_import_read_bulk_prices(wb_catalog_importer *importer, const wb_field *root);

/* The key of a pair of interned texts in the hash maps above: (region, type), (zone, type). */
static inline uint64_t wb_catalog_import_key(uint32_t place, uint32_t type)
{
    return ((uint64_t)place << 32) | type;
}

/* Room for one more element of size bytes: the array, moved where it was full. */
void *wb_catalog_import_grow(wb_arena *arena, void *array, uint32_t count, uint32_t *capacity,
                             size_t size);

#endif
