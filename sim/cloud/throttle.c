#include "sim/cloud/throttle.h"

#include <assert.h>
#include <stddef.h>

static const struct {
    const char *name;
    wb_throttle_rate rate;
} buckets[WB_THROTTLE_BUCKET_COUNT] = {
    [WB_THROTTLE_NON_MUTATING] = {"nonMutating", {100, 20}},
    [WB_THROTTLE_MUTATING] = {"mutating", {50, 5}},
    [WB_THROTTLE_RUN_INSTANCES] = {"runInstances", {5, 2}},
    [WB_THROTTLE_TERMINATE_INSTANCES] = {"terminateInstances", {100, 5}},
    [WB_THROTTLE_CREATE_TAGS] = {"createTags", {100, 10}},
    [WB_THROTTLE_RUN_INSTANCES_RESOURCES] = {"runInstancesResources", {1000, 2}},
    [WB_THROTTLE_TERMINATE_INSTANCES_RESOURCES] = {"terminateInstancesResources", {1000, 20}},
    [WB_THROTTLE_AUTO_SCALING] = {"autoScaling", {0, 0}},
};

wb_throttle_limits wb_throttle_default(void)
{
    wb_throttle_limits limits = {0};
    for (int i = 0; i < WB_THROTTLE_BUCKET_COUNT; i++) {
        limits.rates[i] = buckets[i].rate;
    }
    return limits;
}

const char *wb_throttle_bucket_name(wb_throttle_bucket bucket)
{
    assert(bucket < WB_THROTTLE_BUCKET_COUNT);
    return buckets[bucket].name;
}

static wb_throttle_bucket bucket_of(wb_cloud_action action)
{
    switch (action) {
    case WB_CLOUD_RUN_INSTANCES: return WB_THROTTLE_RUN_INSTANCES;
    case WB_CLOUD_TERMINATE_INSTANCES: return WB_THROTTLE_TERMINATE_INSTANCES;
    case WB_CLOUD_CREATE_TAGS: return WB_THROTTLE_CREATE_TAGS;
    case WB_CLOUD_SET_DESIRED_CAPACITY:
    case WB_CLOUD_TERMINATE_IN_GROUP:
    case WB_CLOUD_DESCRIBE_AUTO_SCALING_GROUPS: return WB_THROTTLE_AUTO_SCALING;
    default: break;
    }
    return action < WB_CLOUD_DESCRIBE_INSTANCES ? WB_THROTTLE_MUTATING : WB_THROTTLE_NON_MUTATING;
}

/* The bucket counted in instances; COUNT: the action has none. */
static wb_throttle_bucket resources_of(wb_cloud_action action)
{
    return action == WB_CLOUD_RUN_INSTANCES         ? WB_THROTTLE_RUN_INSTANCES_RESOURCES
           : action == WB_CLOUD_TERMINATE_INSTANCES ? WB_THROTTLE_TERMINATE_INSTANCES_RESOURCES
                                                    : WB_THROTTLE_BUCKET_COUNT;
}

/* Brings a bucket up to now; true when it holds so many tokens more than none. */
static bool has_tokens(wb_throttle *throttle, size_t slot, const wb_throttle_rate *rate,
                       int64_t count, int64_t now_ms)
{
    assert(now_ms >= throttle->at_ms[slot]);
    const int64_t refilled = (now_ms - throttle->at_ms[slot]) * rate->per_second;
    const int64_t taken = throttle->taken_milli[slot];
    throttle->taken_milli[slot] = taken > refilled ? taken - refilled : 0;
    throttle->at_ms[slot] = now_ms;
    return rate->size == 0 ||
           throttle->taken_milli[slot] + count * 1000 <= (int64_t)rate->size * 1000;
}

bool wb_throttle_take(wb_throttle *throttle, wb_cloud_action action, uint32_t resource_count,
                      bool is_joined, int64_t now_ms)
{
    assert(throttle != NULL && action < WB_CLOUD_ACTION_COUNT);
    const wb_throttle_limits *limits = &throttle->limits;
    const wb_throttle_bucket bucket = bucket_of(action);
    const wb_throttle_bucket resources = resources_of(action);
    const size_t slot =
        limits->per_action ? (size_t)WB_THROTTLE_BUCKET_COUNT + (size_t)action : (size_t)bucket;
    const int64_t requests = is_joined ? 0 : 1;
    if (!has_tokens(throttle, slot, &limits->rates[bucket], requests, now_ms)) {
        return false;
    }
    if (resources != WB_THROTTLE_BUCKET_COUNT) {
        if (!has_tokens(throttle, (size_t)resources, &limits->rates[resources], resource_count,
                        now_ms)) {
            return false;
        }
        throttle->taken_milli[resources] += (int64_t)resource_count * 1000;
    }
    throttle->taken_milli[slot] += requests * 1000;
    return true;
}
