/*
 * Spot interruptions: the weather (spot_weather.h) meets the machines that stand in its pools.
 *
 *   recommendation ─ lead ─▶ warning ─ 2 min of notice ─▶ machine ends ─ shutdown ─▶ Node gone
 *
 * A pool has one event pending while machines of it live, so an empty pool costs nothing; where its
 * waves stand is found again when the next machine comes. A pool sells nothing from a warning until
 * the shortage after it is over.
 */
#include <assert.h>

#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

static uint32_t pool_index_of(wb_cloud *cloud, uint32_t type_index, uint32_t zone)
{
    const uint64_t key = ((uint64_t)type_index << 32) | zone;
    uint64_t found = 0;
    if (wb_hash_map_get(&cloud->spot_pool_by_key, key, &found)) {
        return (uint32_t)found;
    }
    if (cloud->spot_pool_count == cloud->spot_pool_capacity) {
        const size_t capacity = wb_heap_memory_next_capacity(cloud->spot_pool_capacity,
                                                             (size_t)cloud->spot_pool_count + 1);
        cloud->spot_pools =
            wb_heap_memory_resize(cloud->spot_pools, capacity, sizeof cloud->spot_pools[0]);
        cloud->spot_pool_capacity = (uint32_t)capacity;
    }
    const uint32_t pool_index = cloud->spot_pool_count++;
    wb_spot_pool *pool = &cloud->spot_pools[pool_index];
    *pool = (wb_spot_pool){
        .type_index = type_index,
        .zone = zone,
        .hash = wb_cloud_pool_hash(cloud, type_index, zone, WB_CAPACITY_SPOT),
        .last_ms = -1,
        .event_ms = -1,
    };
    pool->next_ms =
        wb_spot_weather_next_ms(&cloud->weather, cloud->seed, pool->hash,
                                cloud->catalog->types[type_index].interruption_band, 0, 0);
    (void)wb_hash_map_put(&cloud->spot_pool_by_key, key, pool_index);
    return pool_index;
}

/* Past all waves whose warning was sent by at_ms. */
static void advance(wb_cloud *cloud, wb_spot_pool *pool, int64_t at_ms)
{
    while (pool->next_ms <= at_ms) {
        pool->last_ms = pool->next_ms;
        pool->next_index++;
        pool->next_ms =
            wb_spot_weather_next_ms(&cloud->weather, cloud->seed, pool->hash,
                                    cloud->catalog->types[pool->type_index].interruption_band,
                                    pool->next_index, pool->last_ms);
    }
}

static bool event_names(const wb_spot_weather_event *event, uint32_t type_index, uint32_t zone)
{
    return (event->type_index == UINT32_MAX || event->type_index == type_index) &&
           (event->zone == 0 || event->zone == zone);
}

bool wb_cloud_spot_is_short(wb_cloud *cloud, uint32_t type_index, uint32_t zone)
{
    assert(type_index < cloud->catalog->type_count);
    const wb_spot_weather *weather = &cloud->weather;
    const int64_t now_ms = cloud->kernel->now_ms;
    const int64_t lasts_ms = weather->notice_ms + weather->shortage_ms;
    for (uint32_t i = 0; i < weather->event_count; i++) {
        const wb_spot_weather_event *event = &weather->events[i];
        if (event->at_ms <= now_ms && now_ms < event->at_ms + lasts_ms &&
            event_names(event, type_index, zone)) {
            return true;
        }
    }
    if (!weather->is_on) {
        return false;
    }
    const uint32_t pool_index = pool_index_of(cloud, type_index, zone); /* may move the table */
    wb_spot_pool *pool = &cloud->spot_pools[pool_index];
    advance(cloud, pool, now_ms);
    return pool->last_ms >= 0 && now_ms < pool->last_ms + lasts_ms;
}

double wb_cloud_spot_depth(const wb_cloud *cloud, uint32_t type_index, uint32_t zone)
{
    assert(type_index < cloud->catalog->type_count);
    const double depth = wb_spot_weather_depth(
        &cloud->weather, cloud->seed, wb_cloud_pool_hash(cloud, type_index, zone, WB_CAPACITY_SPOT),
        cloud->catalog->types[type_index].interruption_band, cloud->kernel->now_ms);
    return depth * wb_cloud_market_depth(cloud, type_index, zone);
}

/* ---- what happens to a machine ---- */

bool wb_cloud_spot_is_standing(const wb_instance *instance)
{
    return instance->capacity_type == WB_CAPACITY_SPOT && instance->ended_ms < 0 &&
           instance->notice_ms < 0 && !instance->is_recorded;
}

void wb_cloud_spot_recommend(wb_cloud *cloud, uint32_t instance_id)
{
    assert(instance_id < cloud->instance_count);
    wb_instance *instance = &cloud->instances[instance_id];
    if (instance->recommended_ms >= 0) {
        return;
    }
    instance->recommended_ms = cloud->kernel->now_ms;
    if (instance->asg_id != WB_NO_ID) {
        wb_cloud_asg_at_risk(cloud, instance_id);
    }
    if (cloud->client.rebalance_recommended != NULL) {
        cloud->client.rebalance_recommended(cloud->client.context, instance_id);
    }
}

void wb_cloud_spot_warn(wb_cloud *cloud, uint32_t instance_id)
{
    assert(wb_cloud_spot_is_standing(&cloud->instances[instance_id]));
    cloud->instances[instance_id].notice_ms = cloud->kernel->now_ms;
    cloud->interruption_count++;
    wb_cloud_spot_recommend(cloud, instance_id); /* at the latest now: the two may come together */
    const wb_status status =
        wb_kernel_schedule(cloud->kernel, cloud->kernel->now_ms + cloud->weather.notice_ms,
                           WB_PHASE_CLOUD, WB_EVENT_INSTANCE_INTERRUPTED, instance_id, NULL);
    assert(status == WB_OK);
    (void)status;
    if (cloud->client.interruption_notice != NULL) {
        cloud->client.interruption_notice(cloud->client.context, instance_id);
    }
}

/* The machine stops; its Node is not ready from now on and goes with the shutdown. */
static wb_status on_interrupted(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    const uint32_t instance_id = event->subject;
    (void)err;
    if (cloud->instances[instance_id].ended_ms >= 0) {
        return WB_OK; /* whoever was warned ended it before */
    }
    wb_cloud_reclaim(cloud, instance_id);
    const uint32_t node_id = cloud->instances[instance_id].node_id;
    if (node_id != WB_NO_ID && cloud->cluster->nodes[node_id].state != WB_NODE_STATE_GONE) {
        wb_cluster_set_node_ready(cloud->cluster, node_id, false);
    }
    return WB_OK;
}

/* ---- waves ---- */

/* The machines of a pool that stand now, in order of their ids, in the scratch of one event. */
static uint32_t list_standing(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                              uint32_t *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        const wb_instance *instance = &cloud->instances[instance_id];
        if (wb_cloud_spot_is_standing(instance) && instance->zone == zone &&
            instance->type_index == type_index) {
            out[count++] = instance_id;
        }
    }
    return count;
}

/* One event ahead while anything stands in the pool: the recommendation, or the warning. */
static void schedule_wave(wb_cloud *cloud, uint32_t pool_index)
{
    assert(pool_index < cloud->spot_pool_count);
    wb_spot_pool *pool = &cloud->spot_pools[pool_index];
    const int64_t now_ms = cloud->kernel->now_ms;
    if (pool->next_ms == WB_SPOT_WEATHER_NEVER || pool->event_ms > now_ms) {
        return;
    }
    const int64_t early_ms = pool->next_ms - cloud->weather.rebalance_lead_ms;
    pool->event_ms = early_ms > now_ms ? early_ms : pool->next_ms;
    const wb_status status = wb_kernel_schedule(cloud->kernel, pool->event_ms, WB_PHASE_CLOUD,
                                                WB_EVENT_SPOT_WAVE, pool_index, NULL);
    assert(status == WB_OK);
    (void)status;
}

static wb_status on_wave(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    wb_spot_pool *pool = &cloud->spot_pools[event->subject];
    const int64_t now_ms = cloud->kernel->now_ms;
    (void)err;
    assert(pool->event_ms == now_ms);
    pool->event_ms = -1;
    advance(cloud, pool, now_ms);
    const bool is_warning = pool->last_ms == now_ms;
    const uint32_t wave_index = is_warning ? pool->next_index - 1 : pool->next_index;
    const uint64_t hash = pool->hash;
    uint32_t *ids = wb_heap_memory_alloc((size_t)cloud->living_instance_count + 1, sizeof(*ids));
    const uint32_t count = list_standing(cloud, pool->type_index, pool->zone, ids);
    uint32_t left = count;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t ordinal = cloud->instances[ids[i]].pool_ordinal;
        if (!wb_spot_weather_takes(&cloud->weather, cloud->seed, hash, wave_index, ordinal)) {
            continue;
        }
        if (is_warning) {
            wb_cloud_spot_warn(cloud, ids[i]);
            left--;
        } else {
            wb_cloud_spot_recommend(cloud, ids[i]);
        }
    }
    wb_heap_memory_free(ids);
    if (left > 0) {
        schedule_wave(cloud, event->subject);
    }
    return WB_OK;
}

void wb_cloud_spot_note_launch(wb_cloud *cloud, uint32_t instance_id)
{
    const wb_instance *instance = &cloud->instances[instance_id];
    if (!cloud->weather.is_on || instance->capacity_type != WB_CAPACITY_SPOT) {
        return;
    }
    const uint32_t pool_index = pool_index_of(cloud, instance->type_index, instance->zone);
    advance(cloud, &cloud->spot_pools[pool_index], cloud->kernel->now_ms);
    schedule_wave(cloud, pool_index);
}

/* ---- what the scenario sets ---- */

static wb_status on_set_event(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    const wb_spot_weather_event *set = &cloud->weather.events[event->subject];
    (void)err;
    uint32_t *ids = wb_heap_memory_alloc((size_t)cloud->living_instance_count + 1, sizeof(*ids));
    uint32_t count = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count && count < set->count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        const wb_instance *instance = &cloud->instances[instance_id];
        if (wb_cloud_spot_is_standing(instance) &&
            event_names(set, instance->type_index, instance->zone)) {
            ids[count++] = instance_id;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        wb_cloud_spot_warn(cloud, ids[i]);
    }
    wb_heap_memory_free(ids);
    return WB_OK;
}

void wb_cloud_spot_init(wb_cloud *cloud)
{
    wb_hash_map_init(&cloud->spot_pool_by_key);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_SPOT_WAVE, on_wave, cloud);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_SPOT_SET, on_set_event, cloud);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_INTERRUPTED, on_interrupted, cloud);
    for (uint32_t i = 0; i < cloud->weather.event_count; i++) {
        const wb_status status = wb_kernel_schedule(cloud->kernel, cloud->weather.events[i].at_ms,
                                                    WB_PHASE_CLOUD, WB_EVENT_SPOT_SET, i, NULL);
        assert(status == WB_OK); /* a scenario has a handful of these */
        (void)status;
    }
}

void wb_cloud_spot_release(wb_cloud *cloud)
{
    wb_heap_memory_free(cloud->spot_pools);
    wb_hash_map_release(&cloud->spot_pool_by_key);
}
