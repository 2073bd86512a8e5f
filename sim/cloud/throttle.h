/*
 * EC2's API rate limits: token buckets that start full, give a token for each request and refill at
 * a fixed rate; who finds one empty is told RequestLimitExceeded. Two actions have a second bucket
 * that is counted in instances.
 *
 *   bucket            size  per s    of
 *   nonMutating        100     20    Describe*
 *   mutating            50      5    CreateFleet, Create/DeleteLaunchTemplate
 *   runInstances         5      2
 *   terminateInstances 100      5
 *   createTags         100     10
 *   runInstancesResources       1,000  2    instances
 *   terminateInstancesResources 1,000 20    instances
 *   autoScaling          -      -    calls of Auto Scaling groups: no figure is published
 *
 * Source: facts/aws-api.md section 2. By default actions share the buckets above, as in Karpenter's
 * own load-test double; AWS documents one bucket per action, which is per_action.
 */
#ifndef WB_SIM_CLOUD_THROTTLE_H
#define WB_SIM_CLOUD_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/cloud/cloud_api.h"

typedef enum wb_throttle_bucket {
    WB_THROTTLE_NON_MUTATING,
    WB_THROTTLE_MUTATING,
    WB_THROTTLE_RUN_INSTANCES,
    WB_THROTTLE_TERMINATE_INSTANCES,
    WB_THROTTLE_CREATE_TAGS,
    WB_THROTTLE_RUN_INSTANCES_RESOURCES,
    WB_THROTTLE_TERMINATE_INSTANCES_RESOURCES,
    WB_THROTTLE_AUTO_SCALING,
    WB_THROTTLE_BUCKET_COUNT
} wb_throttle_bucket;

typedef struct wb_throttle_rate {
    int32_t size, per_second; /* size 0: unlimited */
} wb_throttle_rate;

typedef struct wb_throttle_limits {
    bool is_on;
    bool per_action; /* each action has a bucket of its own, of its kind's size and rate */
    wb_throttle_rate rates[WB_THROTTLE_BUCKET_COUNT];
} wb_throttle_limits;

/* The published figures, switched off. */
wb_throttle_limits wb_throttle_default(void);

/* "nonMutating", "mutating", ...: as scenarios spell it. */
const char *wb_throttle_bucket_name(wb_throttle_bucket bucket);

/* The buckets of one account; all zero is full at time 0. */
typedef struct wb_throttle {
    wb_throttle_limits limits;
    /* Tokens taken and not yet refilled, in thousandths, as of at_ms: by bucket, or by action. */
    int64_t taken_milli[WB_THROTTLE_BUCKET_COUNT + WB_CLOUD_ACTION_COUNT];
    int64_t at_ms[WB_THROTTLE_BUCKET_COUNT + WB_CLOUD_ACTION_COUNT];
} wb_throttle;

/* Takes a token for a request of that action and, where it has resource tokens, one for each of
 * resource_count instances; false, and nothing is taken, when there are too few. Times must not go
 * back. A request without a request token (is_joined) is part of one that had it. */
bool wb_throttle_take(wb_throttle *throttle, wb_cloud_action action, uint32_t resource_count,
                      bool is_joined, int64_t now_ms);

#endif
