/* Money: rounding, the minimum, long runs, and sums that lose no cent. */
#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

static const struct {
    const char *name;
    int64_t price_nusd_per_hour, billed_ms, cost_nusd;
} bill_cases[] = {
    {"nothing still is a minute", 3600000000, 0, 60000000},
    {"a millisecond is a minute", 3600000000, 1, 60000000},
    {"a minute is a minute", 3600000000, 60000, 60000000},
    {"a millisecond more is a second more", 3600000000, 60001, 61000000},
    {"whole seconds are not rounded", 3600000000, 61000, 61000000},
    {"an hour is the price", 96000000, 3600000, 96000000},
    {"half a nano-dollar rounds up", 30, 60000, 1}, /* 0.5 */
    {"less than half rounds down", 29, 60000, 0},   /* 0.48 */
    {"a free machine", 0, 3600000, 0},
    {"m5.large for a day", 96000000, 86400000, 2304000000},
    {"the dearest machine for ten years", INT64_C(407680000000), INT64_C(315576000000),
     INT64_C(35737228800000000)},
    {"1,000 dollars an hour for 31 years: price x seconds passes 64 bits", INT64_C(1000000000000),
     INT64_C(1000000000000), INT64_C(277777777777777778)},
};

static void round_to_seconds_and_nano_dollars(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bill_cases); i++) {
        const int64_t found =
            wb_cloud_bill_nusd(bill_cases[i].price_nusd_per_hour, bill_cases[i].billed_ms);
        if (found != bill_cases[i].cost_nusd) {
            printf("\n  %s: %lld\n", bill_cases[i].name, (long long)found);
        }
        CU_ASSERT_EQUAL(found, bill_cases[i].cost_nusd);
    }
}

/* 0.10 USD an hour: from running, not from the call, to the end, not to the shutdown. */
static void bill_from_running_to_the_end(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 5);
    const uint32_t instance_id = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 0);
    wb_cluster_fixture_run(&fixture.base, 600000);
    const int64_t running_ms = fixture.cloud.instances[instance_id].running_ms;
    CU_ASSERT(running_ms > 0);
    CU_ASSERT_EQUAL(wb_cloud_instance_cost_nusd(&fixture.cloud, instance_id, running_ms - 1), 0);
    CU_ASSERT_EQUAL(wb_cloud_instance_cost_nusd(&fixture.cloud, instance_id, running_ms),
                    1666667); /* a minute */
    CU_ASSERT_EQUAL(wb_cloud_instance_cost_nusd(&fixture.cloud, instance_id, running_ms + 3600000),
                    100000000);
    wb_cluster_fixture_run(&fixture.base, running_ms + 7200000);
    wb_cloud_terminate(&fixture.cloud, instance_id, WB_CAUSE_SCALE_DOWN);
    wb_cluster_fixture_run(&fixture.base, running_ms + 9000000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[instance_id].cost_nusd, 200000000);
    CU_ASSERT_EQUAL(wb_cloud_instance_cost_nusd(&fixture.cloud, instance_id,
                                                fixture.base.kernel.now_ms),
                    200000000);
    wb_cloud_fixture_release(&fixture);
}

/* Launches and ends by a fixed pattern; at every moment the sum over instances is the total, by
 * market too, and the total never falls. */
static void sum_up_to_the_total(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 11);
    int64_t last_total = 0;
    for (uint32_t step = 0; step < 300; step++) {
        if (step % 3 != 2) {
            (void)wb_cloud_fixture_launch_of(
                &fixture, step % 2 == 0 ? WB_CLOUD_FIXTURE_CHEAP : WB_CLOUD_FIXTURE_DEAR, step % 3,
                step % 5 == 0 ? WB_CAPACITY_SPOT : WB_CAPACITY_ON_DEMAND);
        }
        if (step % 4 == 3) {
            wb_cloud_terminate(&fixture.cloud, (step * 7) % fixture.cloud.instance_count,
                               WB_CAUSE_EMPTINESS);
        }
        const int64_t now_ms = (int64_t)(step + 1) * 7919;
        wb_cluster_fixture_run(&fixture.base, now_ms);
        int64_t sum_nusd = 0;
        for (uint32_t i = 0; i < fixture.cloud.instance_count; i++) {
            sum_nusd += wb_cloud_instance_cost_nusd(&fixture.cloud, i, now_ms);
        }
        const int64_t total = wb_cloud_cost_nusd(&fixture.cloud, now_ms);
        CU_ASSERT_EQUAL(sum_nusd, total);
        CU_ASSERT(total >= last_total);
        CU_ASSERT_EQUAL(
            total, wb_cloud_cost_by_market_nusd(&fixture.cloud, now_ms, WB_CAPACITY_ON_DEMAND) +
                       wb_cloud_cost_by_market_nusd(&fixture.cloud, now_ms, WB_CAPACITY_SPOT));
        last_total = total;
    }
    CU_ASSERT(wb_cloud_cost_by_market_nusd(&fixture.cloud, INT64_C(300) * 7919, WB_CAPACITY_SPOT) >
              0);
    wb_cloud_fixture_release(&fixture);
}

/* The horizon ends the billing of all that runs; what is pending then was free. */
static void close_all_bills_at_the_horizon(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 11);
    const uint32_t ended = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 0);
    const uint32_t running = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 1);
    wb_cluster_fixture_run(&fixture.base, 600000);
    wb_cloud_terminate(&fixture.cloud, ended, WB_CAUSE_DRIFT);
    const uint32_t pending = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 2);
    const int64_t before = wb_cloud_cost_nusd(&fixture.cloud, 600000);
    wb_cloud_close(&fixture.cloud, 600000);
    CU_ASSERT_EQUAL(wb_cloud_cost_nusd(&fixture.cloud, 600000), before);
    CU_ASSERT_EQUAL(fixture.cloud.instances[ended].cause, WB_CAUSE_DRIFT);
    CU_ASSERT_EQUAL(fixture.cloud.instances[running].cause, WB_CAUSE_HORIZON);
    CU_ASSERT_EQUAL(fixture.cloud.instances[running].ended_ms, 600000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[pending].cost_nusd, 0);
    CU_ASSERT_EQUAL(fixture.ended, 3);
    wb_cloud_close(&fixture.cloud, 600000); /* once is enough */
    CU_ASSERT_EQUAL(fixture.ended, 3);
    wb_cloud_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"seconds are rounded up, nano-dollars to the nearest", round_to_seconds_and_nano_dollars},
        {"billing goes from running to the end", bill_from_running_to_the_end},
        {"instances sum up to the total", sum_up_to_the_total},
        {"the horizon closes all bills", close_all_bills_at_the_horizon},
    };
    return wb_test_run("cloud billing", cases, WB_TEST_COUNT(cases));
}
