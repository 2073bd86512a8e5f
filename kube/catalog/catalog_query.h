/*
 * What people ask of a catalog: the rows of `werkbank catalog list`, the details of `catalog show`,
 * which GPUs there are, and which type a misspelt name meant. Values only; the command lays them
 * out.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_QUERY_H
#define WB_KUBE_CATALOG_CATALOG_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/catalog/catalog.h"

typedef enum wb_catalog_order {
    WB_CATALOG_ORDER_CATALOG, /* as the catalog has them: family by family */
    WB_CATALOG_ORDER_NAME,
    WB_CATALOG_ORDER_PRICE, /* the cheapest market first */
    WB_CATALOG_ORDER_ON_DEMAND,
    WB_CATALOG_ORDER_SPOT,
    WB_CATALOG_ORDER_CPU,
    WB_CATALOG_ORDER_MEMORY,
} wb_catalog_order;

typedef struct wb_catalog_query {
    const char *selector;     /* see catalog_selector.h; NULL: every type */
    const char *const *globs; /* of names; none: every type */
    uint32_t glob_count;
    wb_catalog_order order;
    bool is_descending;
    bool per_zone;      /* a row per type and zone instead of one per type */
    uint32_t row_limit; /* 0: all */
} wb_catalog_query;

/* A type, or a type in a zone. Prices are the lowest of the available offerings that the query
 * picks, per hour; below 0: none. */
typedef struct wb_catalog_row {
    uint32_t type_index;
    uint32_t zone; /* interned; 0: all zones */
    double on_demand_price, spot_price, reserved_price;
    int64_t cpu_milli, memory_bytes; /* capacity */
    int64_t allocatable_cpu_milli, allocatable_memory_bytes;
    int64_t pods, gpu_count;
} wb_catalog_row;

typedef struct wb_catalog_rows {
    const wb_catalog_row *items;
    uint32_t count;
} wb_catalog_rows;

/* Rows in the order asked for, equal ones in catalog order, rows without the price asked for last.
 * They live in arena. WB_ERR_INPUT: the selector is wrong. */
WB_MUST_CHECK wb_status wb_catalog_query_rows(wb_arena *arena, wb_intern *intern,
                                              const wb_catalog *catalog,
                                              const wb_catalog_query *query, wb_catalog_rows *out,
                                              wb_error *err);

/* The order that a word of the command line means ("name", "on-demand", ...); false: none. */
bool wb_catalog_query_parse_order(const char *word, wb_catalog_order *out);

/* "catalog, name, price, on-demand, spot, cpu, memory": for help and messages. */
const char *wb_catalog_query_order_names(void);

/* Index of the type by its name; WB_ERR_INPUT names the nearest one that there is. */
WB_MUST_CHECK wb_status wb_catalog_query_find(const wb_catalog *catalog, const wb_intern *intern,
                                              const char *name, uint32_t *out_index, wb_error *err);

/* One line of `catalog show`. */
typedef struct wb_catalog_detail {
    const char *group; /* "capacity", "overhead", "allocatable", "labels", "spot", "limits" */
    const char *name;
    const char *value;
} wb_catalog_detail;

/* All that is known of a type but its offerings, group by group, in arena; returns the count. */
uint32_t wb_catalog_query_details(wb_arena *arena, const wb_intern *intern,
                                  const wb_catalog *catalog, uint32_t type_index,
                                  const wb_catalog_detail **out);

/* A GPU model and the types that carry it. */
typedef struct wb_catalog_gpu {
    uint32_t name, manufacturer;  /* interned: "l4", "nvidia" */
    int64_t memory_mib;           /* of a whole one */
    const uint32_t *type_indices; /* in catalog order; types with a fraction of one included */
    uint32_t type_count;
} wb_catalog_gpu;

/* The GPU models of a catalog by name, in arena; returns the count. */
uint32_t wb_catalog_query_gpus(wb_arena *arena, const wb_intern *intern, const wb_catalog *catalog,
                               const wb_catalog_gpu **out);

#endif
