/* What a pool costs: the catalog's price, or for spot the one that the market has at the time. */
#include <assert.h>

#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

static uint64_t key_of(uint32_t type_index, uint32_t zone)
{
    return ((uint64_t)type_index << 32) | zone;
}

void wb_cloud_price_init(wb_cloud *cloud)
{
    wb_hash_map_init(&cloud->price_by_pool);
    for (uint32_t i = 0; i < cloud->market.price_count; i++) {
        const wb_market_series *series = &cloud->market.prices[i];
        assert(series->type_index < cloud->catalog->type_count);
        assert(series->zone != WB_MARKET_ANY_ZONE);
        (void)wb_hash_map_put(&cloud->price_by_pool, key_of(series->type_index, series->zone), i);
    }
}

const wb_market_series *wb_cloud_price_series(const wb_cloud *cloud, uint32_t type_index,
                                              uint32_t zone, wb_capacity_type capacity_type)
{
    assert(cloud != NULL);
    uint64_t index = 0;
    if (capacity_type != WB_CAPACITY_SPOT || cloud->market.price_count == 0 ||
        !wb_hash_map_get(&cloud->price_by_pool, key_of(type_index, zone), &index)) {
        return NULL;
    }
    return &cloud->market.prices[index];
}

int64_t wb_cloud_price_nusd(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                            wb_capacity_type capacity_type)
{
    const wb_offering *offering = wb_cloud_offering(cloud, type_index, zone, capacity_type);
    assert(offering != NULL);
    const int64_t listed = (int64_t)(offering->price_usd_per_hour * 1e9 + 0.5);
    const wb_market_series *series = wb_cloud_price_series(cloud, type_index, zone, capacity_type);
    return series == NULL ? listed : wb_market_value(series, cloud->kernel->now_ms, listed);
}
