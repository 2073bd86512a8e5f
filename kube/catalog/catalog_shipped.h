/*
 * What the compiled-in tables say of one region, joined: a row per documented instance type, with
 * its price and its spot advice there. wb_catalog_load makes a catalog of it; catalog import takes
 * from it what the user's files leave out.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_SHIPPED_H
#define WB_KUBE_CATALOG_CATALOG_SHIPPED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/intern.h"
#include "kube/catalog/catalog_facts.h"
#include "kube/catalog/catalog_table.h"

typedef struct wb_catalog_shipped_row {
    wb_catalog_facts facts;
    double on_demand_per_hour; /* in the region's currency; below 0: no price there */
    int32_t savings_percent;   /* spot advisor, Linux; INT32_MIN: not known */
    int32_t interruption_band; /* 0 to 4; -1: not known */
} wb_catalog_shipped_row;

typedef struct wb_catalog_shipped {
    wb_catalog_table types, prices, advice, limits; /* walked side by side */
    uint32_t price_column, advice_column;           /* the region's; UINT32_MAX: it has none */
    const char *currency;                           /* in the arena, like the dates: "USD" */
    const char *on_demand_date;                     /* "2026-07-20"; NULL: no prices there */
    const char *spot_date;                          /* NULL: no advice there */
} wb_catalog_shipped;

/* Stands before the first row of region; a region that no table names has rows without prices and
 * advice. */
void wb_catalog_shipped_open(wb_arena *arena, const char *region, wb_catalog_shipped *out);

/* The next type, in catalog order; false at the end. intern must have seen wb_names_init. */
bool wb_catalog_shipped_next(wb_catalog_shipped *shipped, wb_intern *intern,
                             wb_catalog_shipped_row *out);

/* Spot advice of the shipped tables for one pool; false when there is none. */
bool wb_catalog_shipped_advice(const char *region, const char *type, bool is_windows,
                               int32_t *out_savings_percent, int32_t *out_interruption_band);

/* The spot price that savings make of an on-demand price, rounded to 6 decimals. */
double wb_catalog_shipped_spot_price(double on_demand_per_hour, int32_t savings_percent);

#endif
