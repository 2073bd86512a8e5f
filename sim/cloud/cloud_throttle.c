/*
 * The throttle gate: EC2's token buckets (throttle.h) at the cloud's front door.
 *
 * Karpenter merges equal calls before they are made: CreateFleet within 35 ms of one another,
 * TerminateInstances within 100 ms, no longer than a second and so many at most. Here each caller
 * asks for itself; a call that would have been merged into one made a moment ago is part of that
 * one, shares its fate and takes no request token. Source: facts/aws-api.md sections 1 and 2.
 */
#include <assert.h>

#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

#define MERGE_MAX_MS INT64_C(1000)

/* How long equal calls wait for one another, and how many make one. */
typedef struct merge_rule {
    int64_t idle_ms;
    uint32_t count_max;
} merge_rule;

static merge_rule rule_of(wb_cloud_action action)
{
    return action == WB_CLOUD_CREATE_FLEET ? (merge_rule){35, 1000} : (merge_rule){100, 500};
}

/* The call that this one is merged into, or NULL. */
static wb_merged_call *find_merged(wb_cloud *cloud, const wb_cloud_call *call)
{
    const merge_rule rule = rule_of(call->action);
    const int64_t now_ms = cloud->kernel->now_ms;
    for (uint32_t i = 0; i < WB_MERGED_CALLS_MAX; i++) {
        wb_merged_call *merged = &cloud->merged_calls[i];
        if (merged->key == call->merge_key && merged->action == call->action && merged->count > 0 &&
            merged->count < rule.count_max && now_ms - merged->last_ms <= rule.idle_ms &&
            now_ms - merged->first_ms <= MERGE_MAX_MS) {
            return merged;
        }
    }
    return NULL;
}

/* The calls made last are kept in a ring: older ones are not merged into any more. */
static void keep_call(wb_cloud *cloud, const wb_cloud_call *call, const char *code)
{
    const int64_t now_ms = cloud->kernel->now_ms;
    cloud->merged_calls[cloud->merged_call_next] = (wb_merged_call){
        .action = call->action,
        .key = call->merge_key,
        .first_ms = now_ms,
        .last_ms = now_ms,
        .count = 1,
        .code = code,
    };
    cloud->merged_call_next = (cloud->merged_call_next + 1) % WB_MERGED_CALLS_MAX;
}

static const char *check(void *context, wb_cloud_call *call)
{
    wb_cloud *cloud = context;
    const int64_t now_ms = cloud->kernel->now_ms;
    const char *const refusal = "RequestLimitExceeded";
    wb_merged_call *merged = call->merge_key != 0 ? find_merged(cloud, call) : NULL;
    if (merged != NULL) {
        merged->count++;
        merged->last_ms = now_ms;
        return merged->code != NULL || wb_throttle_take(&cloud->throttle, call->action,
                                                        call->resource_count, true, now_ms)
                   ? merged->code
                   : refusal;
    }
    const bool is_allowed =
        wb_throttle_take(&cloud->throttle, call->action, call->resource_count, false, now_ms);
    const char *code = is_allowed ? NULL : refusal;
    if (call->merge_key != 0) {
        keep_call(cloud, call, code);
    }
    return code;
}

void wb_cloud_throttle_init(wb_cloud *cloud)
{
    assert(cloud != NULL);
    if (cloud->throttle.limits.is_on) {
        wb_cloud_api_set_gate(&cloud->api, WB_CLOUD_GATE_THROTTLE, &(wb_cloud_gate){cloud, check});
    }
}
