/* Token buckets, and the gate that they make. */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

static wb_throttle throttle_of(wb_throttle_limits limits)
{
    limits.is_on = true;
    return (wb_throttle){.limits = limits};
}

/* How many calls of an action pass at a moment. */
static int burst(wb_throttle *throttle, wb_cloud_action action, int64_t now_ms)
{
    int passed = 0;
    while (passed < 5000 && wb_throttle_take(throttle, action, 0, false, now_ms)) {
        passed++;
    }
    return passed;
}

static const struct {
    const char *name;
    wb_cloud_action action;
    int burst, after_second;
} rows[] = {
    {"Describe calls", WB_CLOUD_DESCRIBE_INSTANCES, 100, 20},
    {"CreateFleet", WB_CLOUD_CREATE_FLEET, 50, 5},
    {"RunInstances", WB_CLOUD_RUN_INSTANCES, 5, 2},
    {"TerminateInstances", WB_CLOUD_TERMINATE_INSTANCES, 100, 5},
    {"CreateTags", WB_CLOUD_CREATE_TAGS, 100, 10},
    {"Auto Scaling calls are not limited", WB_CLOUD_SET_DESIRED_CAPACITY, 5000, 5000},
};

static void start_full_and_refill(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_throttle throttle = throttle_of(wb_throttle_default());
        CU_ASSERT_EQUAL(burst(&throttle, rows[i].action, 5), rows[i].burst);
        CU_ASSERT_EQUAL(burst(&throttle, rows[i].action, 1005), rows[i].after_second);
        CU_ASSERT_EQUAL(burst(&throttle, rows[i].action, 3600000), rows[i].burst);
    }
}

static void share_buckets_unless_told(void)
{
    for (int per_action = 0; per_action < 2; per_action++) {
        wb_throttle throttle = throttle_of(wb_throttle_default());
        throttle.limits.per_action = per_action != 0;
        CU_ASSERT_EQUAL(burst(&throttle, WB_CLOUD_CREATE_FLEET, 0), 50);
        CU_ASSERT_EQUAL(burst(&throttle, WB_CLOUD_CREATE_LAUNCH_TEMPLATE, 0),
                        per_action != 0 ? 50 : 0);
    }
}

/* The second bucket of TerminateInstances is counted in machines: a call for more than it holds is
 * refused and takes nothing. */
static void count_machines_too(void)
{
    wb_throttle throttle = throttle_of(wb_throttle_default());
    CU_ASSERT_TRUE(wb_throttle_take(&throttle, WB_CLOUD_TERMINATE_INSTANCES, 900, false, 0));
    CU_ASSERT_FALSE(wb_throttle_take(&throttle, WB_CLOUD_TERMINATE_INSTANCES, 101, false, 0));
    CU_ASSERT_TRUE(wb_throttle_take(&throttle, WB_CLOUD_TERMINATE_INSTANCES, 100, false, 0));
    CU_ASSERT_FALSE(wb_throttle_take(&throttle, WB_CLOUD_TERMINATE_INSTANCES, 21, false, 1000));
    CU_ASSERT_TRUE(wb_throttle_take(&throttle, WB_CLOUD_TERMINATE_INSTANCES, 20, false, 1000));
}

static void name_every_bucket(void)
{
    for (int i = 0; i < WB_THROTTLE_BUCKET_COUNT; i++) {
        CU_ASSERT(wb_throttle_bucket_name((wb_throttle_bucket)i)[0] != 0);
    }
}

/* One token: equal requests of one moment are one call to Karpenter's batcher, other ones are not,
 * and those of others than Karpenter are never merged. */
static void merge_equal_calls(void)
{
    wb_cloud_fixture fixture;
    wb_throttle_limits limits = wb_throttle_default();
    limits.is_on = true;
    limits.rates[WB_THROTTLE_MUTATING] = (wb_throttle_rate){1, 1};
    wb_cloud_fixture_init_limited(&fixture, &limits);
    const wb_fleet_override overrides[] = {{WB_CLOUD_FIXTURE_CHEAP, fixture.zones[0], 0.0, 0},
                                           {WB_CLOUD_FIXTURE_CHEAP, fixture.zones[1], 0.0, 0}};
    wb_fleet_request request = {
        .overrides = &overrides[0],
        .override_count = 1,
        .capacity_type = WB_CAPACITY_ON_DEMAND,
        .launch_template = &fixture.launch_template,
        .claim_id = 7,
    };
    wb_fleet_result result;
    for (int i = 0; i < 3; i++) {
        wb_cloud_create_fleet(&fixture.cloud, &request, &result);
        CU_ASSERT_PTR_NULL(result.call_error);
    }
    request.overrides = &overrides[1];
    wb_cloud_create_fleet(&fixture.cloud, &request, &result);
    CU_ASSERT_STRING_EQUAL(result.call_error, "RequestLimitExceeded");
    wb_cloud_create_fleet(&fixture.cloud, &request, &result); /* part of the refused one */
    CU_ASSERT_STRING_EQUAL(result.call_error, "RequestLimitExceeded");
    wb_cluster_fixture_run(&fixture.base, 1000);
    request.claim_id = WB_NO_ID;
    wb_cloud_create_fleet(&fixture.cloud, &request, &result);
    CU_ASSERT_PTR_NULL(result.call_error);
    wb_cloud_create_fleet(&fixture.cloud, &request, &result);
    CU_ASSERT_STRING_EQUAL(result.call_error, "RequestLimitExceeded");
    CU_ASSERT_EQUAL(fixture.cloud.instance_count, 4);
    wb_cloud_fixture_release(&fixture);
}

static const wb_test_case tests[] = {
    {"buckets start full and refill", start_full_and_refill},
    {"actions share buckets unless told otherwise", share_buckets_unless_told},
    {"machines have a bucket of their own", count_machines_too},
    {"buckets have names", name_every_bucket},
    {"equal calls are merged", merge_equal_calls},
};

int main(void)
{
    return wb_test_run("throttle", tests, WB_TEST_COUNT(tests));
}
