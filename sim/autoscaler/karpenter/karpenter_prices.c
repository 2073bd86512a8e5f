/*
 * What Karpenter believes that spot costs: it asks when it starts and every twelve hours, and in
 * between the market moves without it. Only where the market has a price history; else the
 * catalog's prices hold all the time. NodeOverlays change what was heard as they change the
 * catalog's. Source: facts/aws-api.md section 3.
 */
#include <assert.h>

#include "base/duration.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define REFRESH_MS (12 * WB_MS_PER_HOUR)

/* The world's index of a catalog's first type, where the others follow; UINT32_MAX: not there. */
static uint32_t find_first_type(const wb_karpenter *self, const wb_catalog *catalog)
{
    for (uint32_t i = 0; i < wb_solver_world_type_count(self->world); i++) {
        if (catalog->type_count > 0 && wb_solver_world_type(self->world, i) == catalog->types) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* NodeOverlays go over what was heard, in each pool as it sees them. */
static void overlay_price(wb_karpenter *self, const wb_market_series *series, double price)
{
    wb_offering heard = {.zone = series->zone,
                         .capacity_type = WB_CAPACITY_SPOT,
                         .price_usd_per_hour = price};
    for (uint32_t i = 0; i < self->pool_count; i++) {
        const uint32_t first = find_first_type(self, self->pool_catalogs[i]);
        const wb_catalog_type *type = &self->pool_catalogs[i]->types[series->type_index];
        if (first != UINT32_MAX) {
            const double believed =
                wb_catalog_overlay_price(&self->solve_arena, self->env.intern,
                                         &self->overlays_in_force, &self->pools[i], type, &heard);
            wb_solver_world_set_type_price(self->world, first + series->type_index, series->zone,
                                           WB_CAPACITY_SPOT, believed);
        }
    }
}

void wb_karpenter_apply_prices(wb_karpenter *self)
{
    assert(self->world != NULL);
    const wb_market *market = &self->env.cloud->market;
    for (uint32_t i = 0; i < market->price_count; i++) {
        const wb_market_series *series = &market->prices[i];
        const int64_t price = wb_market_value(series, self->prices_ms, -1);
        if (price < 0) {
            continue;
        }
        wb_solver_world_set_price(self->world, self->env.catalog->types[series->type_index].name,
                                  series->zone, WB_CAPACITY_SPOT, (double)price / 1e9);
        if (self->overlays_in_force.count > 0) {
            overlay_price(self, series, (double)price / 1e9);
        }
    }
}

void wb_karpenter_on_prices(wb_karpenter *self)
{
    assert(self->env.cloud->market.price_count > 0);
    wb_karpenter_schedule(self, self->env.kernel->now_ms + REFRESH_MS, WB_KARPENTER_EVENT_PRICES,
                          0);
    if (wb_cloud_describe(self->env.cloud, WB_CLOUD_DESCRIBE_SPOT_PRICE_HISTORY) != NULL) {
        return; /* the old prices stay */
    }
    self->prices_ms = self->env.kernel->now_ms;
    if (self->world != NULL) {
        wb_karpenter_apply_prices(self);
        wb_karpenter_mark_state(self);
        wb_karpenter_note_change(self);
        wb_karpenter_wake_loop(self);
    }
}

void wb_karpenter_start_prices(wb_karpenter *self)
{
    if (self->env.cloud->market.price_count > 0) {
        wb_karpenter_schedule(self, self->env.kernel->now_ms, WB_KARPENTER_EVENT_PRICES, 0);
    }
}
