/*
 * The EC2 instance catalog: what can be bought, how big it is, what it costs where.
 *
 * The tables that ship with the program are compiled in (kube/catalog/data, our own format, sources
 * named in their first lines), so that nothing is read at run time; catalog import makes the same
 * from AWS' own JSON. Some 1,363 types, three zones, two to three markets each. Built once per run,
 * process lifetime. Prices are per hour, in the catalog's currency: USD but for China's regions.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_H
#define WB_KUBE_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/document.h"
#include "base/intern.h"
#include "base/text.h"
#include "kube/label.h"
#include "kube/resource.h"

typedef enum wb_capacity_type {
    WB_CAPACITY_ON_DEMAND,
    WB_CAPACITY_SPOT,
    WB_CAPACITY_RESERVED,
} wb_capacity_type;

/* One thing that can be launched: a type in a zone under a market. */
typedef struct wb_offering {
    uint32_t zone; /* interned */
    wb_capacity_type capacity_type;
    double price_usd_per_hour; /* in the catalog's currency, where that is another */
    bool is_available;
    uint32_t reservation_id;   /* interned; reserved only */
    int32_t reservation_count; /* instances left in the reservation */
} wb_offering;

typedef struct wb_extra_requirement {
    uint32_t key;
    const uint32_t *values; /* none: DoesNotExist */
    uint32_t value_count;
} wb_extra_requirement;

typedef struct wb_catalog_type {
    uint32_t name;    /* interned */
    wb_labels labels; /* single-valued instance labels, arch and os included */
    wb_resource_list capacity;
    wb_resource_list overhead; /* kube-reserved + system-reserved + eviction threshold */
    const wb_offering *offerings;
    uint32_t offering_count;
    int32_t interruption_band;                      /* spot advisor, 0 to 4; -1: not known */
    int32_t savings_percent;                        /* spot advisor; INT32_MIN: not known */
    int32_t volume_limit;                           /* EBS volumes at once; 0: not known */
    bool volume_limit_is_shared;                    /* ENIs take from the same number */
    int32_t eni_count;                              /* on the default card; 0: not known */
    int32_t eni_ipv4_count;                         /* addresses of one ENI; 0: not known */
    const wb_extra_requirement *extra_requirements; /* inline catalogs of test cases only */
    uint32_t extra_requirement_count;
    bool plain_requirements; /* inline catalogs: nothing beyond labels, zone, market, type */
} wb_catalog_type;

typedef struct wb_catalog {
    uint32_t region;       /* interned */
    const uint32_t *zones; /* interned */
    uint32_t zone_count;
    wb_catalog_type *types; /* in catalogue order (the file's) */
    uint32_t type_count;
    const char *currency;     /* of every price: "USD", "CNY" */
    const char *price_source; /* a sentence: source and date */
    /* The way from a name to its type: index_by_name[name - first_name], UINT32_MAX for none. NULL
     * in a catalog that was put together by hand: then finding is a walk. */
    const uint32_t *index_by_name;
    uint32_t first_name, name_span;
} wb_catalog;

/* Where a catalog is wanted for. zone_count 0: the region's first three zone names. */
typedef struct wb_catalog_place {
    const char *region;
    const char *const *zones; /* borrowed; NULL with zone_count 0 */
    uint32_t zone_count;
} wb_catalog_place;

/* The shipped catalog of a region: its types that have a price there. WB_ERR_INPUT: no prices for
 * that region (the message lists the regions and names catalog import), or a zone of another
 * region. Everything lives in arena; intern must have seen wb_names_init. */
WB_MUST_CHECK wb_status wb_catalog_load(wb_arena *arena, wb_intern *intern,
                                        const wb_catalog_place *place, wb_catalog *out,
                                        wb_error *err);

/* The JSON of golden/catalog.json and of catalogInline in test cases (one schema), and of what
 * catalog import writes. */
WB_MUST_CHECK wb_status wb_catalog_decode(wb_arena *arena, wb_intern *intern, const wb_node *root,
                                          wb_catalog *out, wb_error *err);

/* Index of the type with that interned name, or UINT32_MAX. */
uint32_t wb_catalog_find(const wb_catalog *catalog, uint32_t name);

/* Keeps the types that match one of the shell globs ("m5.*"), in catalogue order. */
wb_catalog wb_catalog_select(wb_arena *arena, const wb_intern *intern, const wb_catalog *catalog,
                             const char *const *globs, uint32_t glob_count);

/* The price of (type, zone, market), available or not; false when there is no such offering. */
bool wb_catalog_price(const wb_catalog *catalog, uint32_t type_index, uint32_t zone,
                      wb_capacity_type capacity_type, double *out_usd_per_hour);

/* Regions for which the shipped table has prices; returns the count. */
uint32_t wb_catalog_regions(const char *const **out_names);

/* Adds the whole catalog, or one of its types, as JSON in that same schema: one type a line, labels
 * in alphabetical order. What is decoded from it equals catalog. */
void wb_catalog_print_json(const wb_catalog *catalog, const wb_intern *intern, wb_text *out);
void wb_catalog_print_type_json(const wb_catalog *catalog, const wb_intern *intern,
                                uint32_t type_index, wb_text *out);

/* "on-demand", "spot", "reserved". */
const char *wb_capacity_type_name(wb_capacity_type capacity_type);

#endif
