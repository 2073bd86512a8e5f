/*
 * What Karpenter believes that spot costs: it asks when it starts and every twelve hours, and in
 * between the market moves without it. Only where the market has a price history; else the
 * catalog's prices hold all the time. Source: facts/aws-api.md section 3.
 */
#include <assert.h>

#include "base/duration.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define REFRESH_MS (12 * WB_MS_PER_HOUR)

void wb_karpenter_apply_prices(wb_karpenter *self)
{
    assert(self->world != NULL);
    const wb_market *market = &self->env.cloud->market;
    for (uint32_t i = 0; i < market->price_count; i++) {
        const wb_market_series *series = &market->prices[i];
        const int64_t price = wb_market_value(series, self->prices_ms, -1);
        if (price >= 0) {
            wb_solver_world_set_price(self->world,
                                      self->env.catalog->types[series->type_index].name,
                                      series->zone, WB_CAPACITY_SPOT, (double)price / 1e9);
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
