/* Money: per second from running to the end, at least 60 s, in nano-dollars. */
#include <assert.h>

#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

#define MINIMUM_BILLED_SECONDS 60 /* EC2, Linux: facts/aws-api.md section 6 */

/* Whole seconds, at least a minute. */
static int64_t billed_seconds(int64_t billed_ms)
{
    assert(billed_ms >= 0);
    const int64_t seconds = (billed_ms + 999) / 1000;
    return seconds < MINIMUM_BILLED_SECONDS ? MINIMUM_BILLED_SECONDS : seconds;
}

int64_t wb_cloud_bill_nusd(int64_t price_nusd_per_hour, int64_t billed_ms)
{
    assert(price_nusd_per_hour >= 0 && billed_ms >= 0);
    const int64_t seconds = billed_seconds(billed_ms);
    /* A dear machine over months passes 64 bits before the division. */
    __extension__ typedef __int128 wide;
    const wide cost = ((wide)price_nusd_per_hour * seconds + 1800) / 3600;
    assert(cost <= INT64_MAX);
    return (int64_t)cost;
}

/* The catalog's price, in force before the first point of a price history. */
static int64_t listed_nusd(const wb_cloud *cloud, const wb_instance *instance)
{
    const wb_offering *offering =
        wb_cloud_offering(cloud, instance->type_index, instance->zone, instance->capacity_type);
    assert(offering != NULL);
    return (int64_t)(offering->price_usd_per_hour * 1e9 + 0.5);
}

/* What a machine costs up to a time at which it runs or ends. */
static int64_t cost_until(const wb_cloud *cloud, const wb_instance *instance, int64_t at_ms)
{
    assert(instance->ended_ms < 0 || at_ms <= instance->ended_ms);
    if (instance->is_free || instance->running_ms < 0 || instance->running_ms > at_ms) {
        return 0; /* what never ran is not billed */
    }
    const wb_market_series *series =
        wb_cloud_price_series(cloud, instance->type_index, instance->zone, instance->capacity_type);
    if (series != NULL) {
        return wb_market_bill_nusd(series, instance->running_ms,
                                   billed_seconds(at_ms - instance->running_ms),
                                   listed_nusd(cloud, instance));
    }
    const int64_t price = instance->price_nusd_per_hour;
    const int64_t whole = wb_cloud_bill_nusd(price, at_ms - instance->running_ms);
    if (instance->reserved_until_ms < 0) {
        return whole;
    }
    const int64_t before = instance->reserved_until_ms - instance->running_ms;
    return instance->reserved_cost_nusd + whole - wb_cloud_bill_nusd(price, before);
}

void wb_cloud_leave_reservation(wb_cloud *cloud, uint32_t instance_id)
{
    assert(instance_id < cloud->instance_count);
    wb_instance *instance = &cloud->instances[instance_id];
    assert(instance->capacity_type == WB_CAPACITY_RESERVED && instance->reserved_until_ms < 0);
    double price = 0.0;
    if (instance->ended_ms >= 0 ||
        !wb_catalog_price(cloud->catalog, instance->type_index, instance->zone,
                          WB_CAPACITY_ON_DEMAND, &price)) {
        return;
    }
    const int64_t now_ms = cloud->kernel->now_ms;
    instance->reserved_cost_nusd = wb_cloud_instance_cost_nusd(cloud, instance_id, now_ms);
    instance->reserved_until_ms = now_ms > instance->running_ms ? now_ms : instance->running_ms;
    instance->price_nusd_per_hour = (int64_t)(price * 1e9 + 0.5);
    if (instance->running_ms < 0) { /* it will run at that price from the start */
        instance->reserved_until_ms = -1;
    }
}

int64_t wb_cloud_instance_cost_nusd(const wb_cloud *cloud, uint32_t instance_id, int64_t at_ms)
{
    assert(instance_id < cloud->instance_count);
    const wb_instance *instance = &cloud->instances[instance_id];
    return instance->ended_ms >= 0 ? instance->cost_nusd : cost_until(cloud, instance, at_ms);
}

int64_t wb_cloud_cost_by_market_nusd(const wb_cloud *cloud, int64_t at_ms,
                                     wb_capacity_type capacity_type)
{
    assert(cloud != NULL);
    int64_t sum = cloud->ended_cost_nusd[capacity_type];
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        const wb_instance *instance = &cloud->instances[instance_id];
        if (instance->capacity_type == capacity_type && instance->ended_ms < 0) {
            sum += wb_cloud_instance_cost_nusd(cloud, instance_id, at_ms);
        }
    }
    return sum;
}

int64_t wb_cloud_cost_nusd(const wb_cloud *cloud, int64_t at_ms)
{
    assert(cloud != NULL);
    return wb_cloud_cost_by_market_nusd(cloud, at_ms, WB_CAPACITY_ON_DEMAND) +
           wb_cloud_cost_by_market_nusd(cloud, at_ms, WB_CAPACITY_SPOT) +
           wb_cloud_cost_by_market_nusd(cloud, at_ms, WB_CAPACITY_RESERVED);
}

static void close_instance(wb_cloud *cloud, uint32_t instance_id, int64_t at_ms)
{
    wb_instance *instance = &cloud->instances[instance_id];
    instance->cost_nusd = wb_cloud_instance_cost_nusd(cloud, instance_id, at_ms);
    instance->ended_ms = at_ms;
    instance->cause = WB_CAUSE_HORIZON;
    cloud->ended_cost_nusd[instance->capacity_type] += instance->cost_nusd;
    WB_NOTIFY(cloud->observers, instance_ended, instance_id, WB_CAUSE_HORIZON);
}

void wb_cloud_close(wb_cloud *cloud, int64_t at_ms)
{
    assert(at_ms >= cloud->kernel->now_ms);
    wb_cloud_faults_close(cloud);
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        if (cloud->instances[instance_id].ended_ms < 0) {
            close_instance(cloud, instance_id, at_ms);
        }
    }
}

void wb_cloud_check_bill(const wb_cloud *cloud)
{
    int64_t by_market[3] = {0};
    for (uint32_t i = 0; i < cloud->instance_count; i++) {
        const wb_instance *instance = &cloud->instances[i];
        assert(instance->ended_ms >= 0);
        assert(instance->cost_nusd == cost_until(cloud, instance, instance->ended_ms));
        by_market[instance->capacity_type] += instance->cost_nusd;
    }
    for (int market = 0; market < 3; market++) {
        assert(by_market[market] == cloud->ended_cost_nusd[market]);
    }
}
