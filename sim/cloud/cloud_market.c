/*
 * The market (market.h) meets the machines: launches that a pool has no room for, spot machines
 * that a shrinking pool takes back, and events of single machines, each at its recorded time.
 *
 * What a recording says of the end of machines is their end: the warning comes a notice earlier. A
 * step down of a pool takes machines by draws that depend on seed, pool, step and the machine's
 * ordinal in the pool, whoever launched it. All steps are one list in order of time with one event
 * pending, so that a recording of any length costs one.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/random.h"
#include "base/sort.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

#define STEP_SALT UINT64_C(0x737465702d646f77) /* keeps these draws apart from the weather's */

typedef enum step_kind {
    STEP_CAPACITY, /* a capacity goes down */
    STEP_EVENT,    /* something happens to one machine */
    STEP_PRICE,    /* a price rises above on-demand, which is what machines pay at most */
} step_kind;

typedef struct wb_market_step {
    int64_t due_ms;
    step_kind kind;
    uint32_t index; /* into the market's capacities, events or prices */
    uint32_t point; /* of the capacity */
} wb_market_step;

static int compare_steps(const void *a, const void *b, void *context)
{
    const wb_market_step *left = a;
    const wb_market_step *right = b;
    (void)context;
    return (left->due_ms > right->due_ms) - (left->due_ms < right->due_ms);
}

static void schedule_next(wb_cloud *cloud)
{
    if (cloud->next_market_step == cloud->market_step_count) {
        return;
    }
    const wb_market_step *step = &cloud->market_steps[cloud->next_market_step];
    const wb_status status = wb_kernel_schedule(cloud->kernel, step->due_ms, WB_PHASE_CLOUD,
                                                WB_EVENT_MARKET_STEP, 0, NULL);
    assert(status == WB_OK); /* one event at a time */
    (void)status;
}

/* ---- capacity ---- */

/* Machines that stand in a pool and were not told to go. */
static int64_t population(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                          wb_capacity_type capacity_type)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const wb_instance *instance = &cloud->instances[cloud->living_instances[i]];
        count += instance->ended_ms < 0 && instance->notice_ms < 0 &&
                 instance->type_index == type_index && instance->zone == zone &&
                 instance->capacity_type == capacity_type;
    }
    return count;
}

/* What the capacity is now; of one that takes machines also what it will be when those that it
 * warns now are gone: EC2 does not sell what it is about to take back. */
static int64_t limit_now(const wb_cloud *cloud, const wb_market_capacity *capacity)
{
    const int64_t now_ms = cloud->kernel->now_ms;
    const int64_t now = wb_market_value(&capacity->series, now_ms, WB_MARKET_UNLIMITED);
    if (!capacity->takes) {
        return now;
    }
    const int64_t soon =
        wb_market_value(&capacity->series, now_ms + cloud->weather.notice_ms, WB_MARKET_UNLIMITED);
    return soon >= 0 && (now < 0 || soon < now) ? soon : now;
}

/* The on-demand price of a type: the most that a spot request pays unless it says otherwise. */
static int64_t max_price(const wb_cloud *cloud, uint32_t type_index, uint32_t zone)
{
    return wb_cloud_offering(cloud, type_index, zone, WB_CAPACITY_ON_DEMAND) == NULL
               ? INT64_MAX
               : wb_cloud_price_nusd(cloud, type_index, zone, WB_CAPACITY_ON_DEMAND);
}

const char *wb_cloud_market_refusal(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                                    wb_capacity_type capacity_type)
{
    assert(cloud != NULL && type_index < cloud->catalog->type_count);
    if (capacity_type == WB_CAPACITY_SPOT && cloud->market.price_count > 0 &&
        wb_cloud_price_nusd(cloud, type_index, zone, WB_CAPACITY_SPOT) >
            max_price(cloud, type_index, zone)) {
        return "SpotMaxPriceTooLow";
    }
    for (uint32_t i = 0; i < cloud->market.capacity_count; i++) {
        const wb_market_capacity *capacity = &cloud->market.capacities[i];
        if ((capacity->markets & (1U << capacity_type)) == 0 ||
            !wb_market_names(&capacity->series, type_index, zone)) {
            continue;
        }
        const int64_t limit = limit_now(cloud, capacity);
        const bool is_full =
            limit == 0 || (limit > 0 && !capacity->is_share &&
                           population(cloud, type_index, zone, capacity_type) >= limit);
        if (is_full) {
            return capacity->code;
        }
    }
    return NULL;
}

double wb_cloud_market_depth(const wb_cloud *cloud, uint32_t type_index, uint32_t zone)
{
    assert(type_index < cloud->catalog->type_count);
    double depth = 1.0;
    for (uint32_t i = 0; i < cloud->market.capacity_count; i++) {
        const wb_market_capacity *capacity = &cloud->market.capacities[i];
        const int64_t peak = cloud->capacity_peaks[i];
        const int64_t limit = (capacity->markets & (1U << WB_CAPACITY_SPOT)) != 0 &&
                                      wb_market_names(&capacity->series, type_index, zone)
                                  ? limit_now(cloud, capacity)
                                  : WB_MARKET_UNLIMITED;
        if (limit < 0 || peak <= 0) {
            continue;
        }
        const int64_t used =
            capacity->is_share ? 0 : population(cloud, type_index, zone, WB_CAPACITY_SPOT);
        const double share = used < limit ? (double)(limit - used) / (double)peak : 0.0;
        depth = share < depth ? share : depth;
    }
    return depth;
}

/* A machine that a step may take, with its draw. */
typedef struct candidate {
    double draw;
    uint32_t instance_id, type_index, zone;
} candidate;

/* By pool, and within it in the order in which a count takes them. */
static int compare_candidates(const void *a, const void *b, void *context)
{
    const candidate *left = a;
    const candidate *right = b;
    (void)context;
    if (left->type_index != right->type_index) {
        return left->type_index < right->type_index ? -1 : 1;
    }
    if (left->zone != right->zone) {
        return left->zone < right->zone ? -1 : 1;
    }
    return left->draw < right->draw ? -1 : left->draw > right->draw;
}

/* The spot machines of the pools that the capacity is about. */
static uint32_t list_candidates(const wb_cloud *cloud, const wb_market_capacity *capacity,
                                uint32_t point, candidate *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        const wb_instance *instance = &cloud->instances[instance_id];
        if (!wb_cloud_spot_is_standing(instance) ||
            !wb_market_names(&capacity->series, instance->type_index, instance->zone)) {
            continue;
        }
        const uint64_t pool =
            wb_cloud_pool_hash(cloud, instance->type_index, instance->zone, WB_CAPACITY_SPOT);
        const wb_random_key key = {cloud->seed, WB_RANDOM_SPOT_INTERRUPTION,
                                   wb_hash_map_join(pool ^ STEP_SALT, point)};
        out[count++] = (candidate){
            .draw = wb_random_unit(key, instance->pool_ordinal),
            .instance_id = instance_id,
            .type_index = instance->type_index,
            .zone = instance->zone,
        };
    }
    wb_sort_stable(out, count, sizeof out[0], compare_candidates, NULL);
    return count;
}

/* Of one pool's machines: the share that the recording lost, or as many as are too many. */
static void take_from_pool(wb_cloud *cloud, const wb_market_capacity *capacity, uint32_t point,
                           const candidate *machines, uint32_t count)
{
    const int64_t before =
        point == 0 ? WB_MARKET_UNLIMITED : capacity->series.points[point - 1].value;
    const int64_t after = capacity->series.points[point].value;
    const double share = before > 0 ? (double)(before - after) / (double)before : 1.0;
    for (uint32_t i = 0; i < count; i++) {
        const bool is_taken =
            capacity->is_share ? machines[i].draw < share : (int64_t)i < (int64_t)count - after;
        if (is_taken) {
            wb_cloud_spot_warn(cloud, machines[i].instance_id);
        }
    }
}

static void step_capacity(wb_cloud *cloud, uint32_t index, uint32_t point)
{
    const wb_market_capacity *capacity = &cloud->market.capacities[index];
    candidate *found =
        wb_heap_memory_alloc((size_t)cloud->living_instance_count + 1, sizeof found[0]);
    const uint32_t count = list_candidates(cloud, capacity, point, found);
    for (uint32_t first = 0; first < count;) {
        uint32_t end = first + 1;
        while (end < count && found[end].type_index == found[first].type_index &&
               found[end].zone == found[first].zone) {
            end++;
        }
        take_from_pool(cloud, capacity, point, &found[first], end - first);
        first = end;
    }
    wb_heap_memory_free(found);
}

/* ---- events of single machines ---- */

/* Ours that stands for the recording's machine: the one that it was before, or the oldest that
 * matches and stands for none; WB_NO_ID when there is none. */
static uint32_t stand_in(wb_cloud *cloud, const wb_market_event *event)
{
    assert(event->recorded_id < cloud->market.recorded_count);
    uint32_t *bound = &cloud->recorded_instances[event->recorded_id];
    for (uint32_t i = 0; i < cloud->living_instance_count && *bound == WB_NO_ID; i++) {
        const uint32_t instance_id = cloud->living_instances[i];
        wb_instance *instance = &cloud->instances[instance_id];
        if (wb_cloud_spot_is_standing(instance) && !instance->is_stand_in &&
            (event->type_index == WB_MARKET_ANY_TYPE ||
             event->type_index == instance->type_index) &&
            (event->zone == WB_MARKET_ANY_ZONE || event->zone == instance->zone)) {
            instance->is_stand_in = true;
            *bound = instance_id;
        }
    }
    return *bound;
}

static void replay_event(wb_cloud *cloud, const wb_market_event *event)
{
    const uint32_t instance_id = stand_in(cloud, event);
    if (instance_id == WB_NO_ID || cloud->instances[instance_id].ended_ms >= 0) {
        return; /* nobody stands there, or who stood there has left */
    }
    switch (event->kind) {
    case WB_MARKET_INTERRUPTION:
        if (cloud->instances[instance_id].notice_ms < 0) {
            wb_cloud_spot_warn(cloud, instance_id);
        }
        break;
    case WB_MARKET_REBALANCE: wb_cloud_spot_recommend(cloud, instance_id); break;
    case WB_MARKET_ENDED:
        if (cloud->instances[instance_id].notice_ms < 0) { /* else its end is due anyhow */
            wb_cloud_stop_instance(cloud, instance_id);
        }
        break;
    }
}

/* All that stand in a pool whose price has risen above what they pay at most. */
static void outbid(wb_cloud *cloud, const wb_market_series *series)
{
    const uint32_t count = cloud->instance_count;
    for (uint32_t i = 0; i < count; i++) {
        const wb_instance *instance = &cloud->instances[i];
        if (wb_cloud_spot_is_standing(instance) &&
            wb_market_names(series, instance->type_index, instance->zone)) {
            wb_cloud_spot_warn(cloud, i);
        }
    }
}

static wb_status on_step(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    (void)err;
    while (cloud->next_market_step < cloud->market_step_count &&
           cloud->market_steps[cloud->next_market_step].due_ms <= event->at_ms) {
        const wb_market_step *step = &cloud->market_steps[cloud->next_market_step++];
        switch (step->kind) {
        case STEP_CAPACITY: step_capacity(cloud, step->index, step->point); break;
        case STEP_EVENT: replay_event(cloud, &cloud->market.events[step->index]); break;
        case STEP_PRICE: outbid(cloud, &cloud->market.prices[step->index]); break;
        }
    }
    schedule_next(cloud);
    return WB_OK;
}

/* ---- the list of steps ---- */

/* Steps down of capacities that take machines; from no limit to a count is one. */
static uint32_t list_steps(const wb_cloud *cloud, const wb_market_capacity *capacity,
                           uint32_t index, wb_market_step *out)
{
    uint32_t count = 0;
    int64_t before = WB_MARKET_UNLIMITED;
    for (uint32_t i = 0; capacity->takes && i < capacity->series.point_count; i++) {
        const wb_market_point *point = &capacity->series.points[i];
        const bool is_down = point->value >= 0 && (before < 0 || point->value < before);
        const bool is_start = capacity->is_share && i == 0 && point->value > 0;
        before = point->value;
        if (!is_down || is_start) {
            continue;
        }
        if (out != NULL) {
            const int64_t due_ms = point->at_ms - cloud->weather.notice_ms;
            out[count] = (wb_market_step){due_ms > 0 ? due_ms : 0, STEP_CAPACITY, index, i};
        }
        count++;
    }
    return count;
}

/* Rises of a price above the on-demand price, which is the maximum of a request that names none. */
static uint32_t list_rises(const wb_cloud *cloud, uint32_t index, wb_market_step *out)
{
    const wb_market_series *series = &cloud->market.prices[index];
    const int64_t maximum = max_price(cloud, series->type_index, series->zone);
    uint32_t count = 0;
    bool was_above = false;
    for (uint32_t i = 0; i < series->point_count; i++) {
        const bool is_above = series->points[i].value > maximum;
        if (is_above && !was_above && out != NULL) {
            out[count] = (wb_market_step){series->points[i].at_ms, STEP_PRICE, index, 0};
        }
        count += is_above && !was_above ? 1U : 0U;
        was_above = is_above;
    }
    return count;
}

static void make_steps(wb_cloud *cloud)
{
    const wb_market *market = &cloud->market;
    size_t count = market->event_count;
    for (uint32_t i = 0; i < market->capacity_count; i++) {
        count += list_steps(cloud, &market->capacities[i], i, NULL);
    }
    for (uint32_t i = 0; i < market->price_count; i++) {
        count += list_rises(cloud, i, NULL);
    }
    cloud->market_steps = wb_heap_memory_alloc(count + 1, sizeof cloud->market_steps[0]);
    uint32_t made = 0;
    for (uint32_t i = 0; i < market->capacity_count; i++) {
        made += list_steps(cloud, &market->capacities[i], i, &cloud->market_steps[made]);
    }
    for (uint32_t i = 0; i < market->event_count; i++) {
        cloud->market_steps[made++] = (wb_market_step){market->events[i].at_ms, STEP_EVENT, i, 0};
    }
    for (uint32_t i = 0; i < market->price_count; i++) {
        made += list_rises(cloud, i, &cloud->market_steps[made]);
    }
    assert(made == count);
    cloud->market_step_count = made;
    wb_sort_stable(cloud->market_steps, made, sizeof cloud->market_steps[0], compare_steps, NULL);
}

static void find_peaks(wb_cloud *cloud)
{
    const wb_market *market = &cloud->market;
    cloud->capacity_peaks =
        wb_heap_memory_zalloc((size_t)market->capacity_count + 1, sizeof cloud->capacity_peaks[0]);
    for (uint32_t i = 0; i < market->capacity_count; i++) {
        const wb_market_series *series = &market->capacities[i].series;
        for (uint32_t j = 0; j < series->point_count; j++) {
            const int64_t value = series->points[j].value;
            cloud->capacity_peaks[i] =
                value > cloud->capacity_peaks[i] ? value : cloud->capacity_peaks[i];
        }
    }
}

void wb_cloud_market_init(wb_cloud *cloud)
{
    assert(cloud->market_steps == NULL);
    const uint32_t recorded = cloud->market.recorded_count;
    cloud->recorded_instances =
        wb_heap_memory_alloc((size_t)recorded + 1, sizeof cloud->recorded_instances[0]);
    for (uint32_t i = 0; i < recorded; i++) {
        cloud->recorded_instances[i] = WB_NO_ID;
    }
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_MARKET_STEP, on_step, cloud);
    find_peaks(cloud);
    make_steps(cloud);
    schedule_next(cloud);
}

void wb_cloud_market_release(wb_cloud *cloud)
{
    wb_heap_memory_free(cloud->market_steps);
    wb_heap_memory_free(cloud->recorded_instances);
    wb_heap_memory_free(cloud->capacity_peaks);
}
