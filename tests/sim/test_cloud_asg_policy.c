/* Mixed instances, allocation strategies, shortages, rebalancing of capacity and of zones. */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

#define TYPES 3

static const uint32_t three_types[TYPES] = {WB_CLOUD_FIXTURE_DEAR, WB_CLOUD_FIXTURE_CHEAP,
                                            WB_CLOUD_FIXTURE_ALSO};

/* A group over the three zones (zone_count of them) under a policy. */
static uint32_t add_group(wb_cloud_fixture *fixture, const wb_asg_policy *policy,
                          uint32_t zone_count, int32_t desired)
{
    const wb_asg asg = {
        .name = "mixed",
        .type_indexes = three_types,
        .type_count = TYPES,
        .zones = fixture->zones,
        .zone_count = zone_count,
        .capacity_type = WB_CAPACITY_SPOT,
        .policy = *policy,
        .max_count = 100,
        .desired_count = desired,
        .launch_template = &fixture->launch_template,
    };
    return wb_cloud_add_asg(&fixture->cloud, &asg);
}

static uint32_t count_of(const wb_cloud_fixture *fixture, uint32_t type_index,
                         wb_capacity_type capacity_type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < fixture->cloud.instance_count; i++) {
        const wb_instance *instance = &fixture->cloud.instances[i];
        count += instance->ended_ms < 0 && instance->capacity_type == capacity_type &&
                         (type_index == UINT32_MAX || instance->type_index == type_index)
                     ? 1
                     : 0;
    }
    return count;
}

static const struct {
    const char *name;
    int32_t base, percentage, desired;
    uint32_t on_demand;
} share_cases[] = {
    {"all spot", 0, 0, 10, 0},
    {"a base alone", 3, 0, 10, 3},
    {"a base that is larger than the group", 12, 0, 10, 10},
    {"half above the base", 2, 50, 10, 6},
    {"a share is rounded up", 0, 25, 10, 3},
    {"all on-demand", 0, 100, 10, 10},
    {"nothing above the base yet", 4, 100, 4, 4},
};

static void keep_the_on_demand_share(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(share_cases); i++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "instant", 1);
        const wb_asg_policy policy = {.is_mixed = true,
                                      .on_demand_base = share_cases[i].base,
                                      .on_demand_percentage = share_cases[i].percentage};
        (void)add_group(&fixture, &policy, 3, share_cases[i].desired);
        wb_cluster_fixture_run(&fixture.base, 1000);
        CU_ASSERT_EQUAL(count_of(&fixture, UINT32_MAX, WB_CAPACITY_ON_DEMAND),
                        share_cases[i].on_demand);
        CU_ASSERT_EQUAL(count_of(&fixture, UINT32_MAX, WB_CAPACITY_SPOT),
                        (uint32_t)share_cases[i].desired - share_cases[i].on_demand);
        wb_cloud_fixture_release(&fixture);
    }
}

static const struct {
    const char *name;
    wb_allocation_strategy on_demand, spot;
    uint32_t on_demand_type, spot_type;
} strategy_cases[] = {
    {"lowest price; a name decides between equals", WB_ALLOCATION_LOWEST_PRICE,
     WB_ALLOCATION_LOWEST_PRICE, WB_CLOUD_FIXTURE_ALSO, WB_CLOUD_FIXTURE_CHEAP},
    {"the user's order", WB_ALLOCATION_PRIORITIZED, WB_ALLOCATION_CAPACITY_OPTIMIZED_PRIORITIZED,
     WB_CLOUD_FIXTURE_DEAR, WB_CLOUD_FIXTURE_DEAR},
    {"pools alike: the price", WB_ALLOCATION_LOWEST_PRICE, WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED,
     WB_CLOUD_FIXTURE_ALSO, WB_CLOUD_FIXTURE_CHEAP},
};

static void pick_by_strategy(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(strategy_cases); i++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "instant", 1);
        const wb_asg_policy policy = {.is_mixed = true,
                                      .on_demand_base = 2,
                                      .on_demand_strategy = strategy_cases[i].on_demand,
                                      .spot_strategy = strategy_cases[i].spot};
        (void)add_group(&fixture, &policy, 1, 5);
        wb_cluster_fixture_run(&fixture.base, 1000);
        CU_ASSERT_EQUAL(count_of(&fixture, strategy_cases[i].on_demand_type, WB_CAPACITY_ON_DEMAND),
                        2);
        CU_ASSERT_EQUAL(count_of(&fixture, strategy_cases[i].spot_type, WB_CAPACITY_SPOT), 3);
        wb_cloud_fixture_release(&fixture);
    }
}

/* Under weather pools differ in depth: the strategies disagree where the deepest is not the
 * cheapest, and the balanced one takes the cheapest of those with at least half of its depth. */
static void go_by_depth_under_weather(void)
{
    wb_spot_weather weather = wb_spot_weather_default();
    weather.is_on = true;
    int disagreements = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        uint32_t type_of[3];
        static const wb_allocation_strategy strategies[3] = {
            WB_ALLOCATION_LOWEST_PRICE, WB_ALLOCATION_CAPACITY_OPTIMIZED,
            WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED};
        for (int i = 0; i < 3; i++) {
            wb_cloud_fixture fixture;
            wb_cloud_fixture_init_under(&fixture, "instant", seed, &weather);
            (void)add_group(&fixture, &(wb_asg_policy){.spot_strategy = strategies[i]}, 1, 1);
            wb_cluster_fixture_run(&fixture.base, 1000);
            CU_ASSERT_FATAL(fixture.cloud.instance_count == 1);
            type_of[i] = fixture.cloud.instances[0].type_index;
            wb_cloud_fixture_release(&fixture);
        }
        CU_ASSERT_EQUAL(type_of[0], WB_CLOUD_FIXTURE_CHEAP);
        CU_ASSERT(type_of[2] == type_of[0] || type_of[2] == type_of[1]);
        disagreements += type_of[1] != type_of[0] ? 1 : 0;
    }
    CU_ASSERT(disagreements > 5 && disagreements < 35);
}

/* lowest-price over two pools alternates between the two cheapest. */
static void spread_over_the_cheapest_pools(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const wb_asg_policy policy = {.spot_pool_count = 2};
    (void)add_group(&fixture, &policy, 1, 6);
    wb_cluster_fixture_run(&fixture.base, 1000);
    CU_ASSERT_EQUAL(count_of(&fixture, WB_CLOUD_FIXTURE_CHEAP, WB_CAPACITY_SPOT), 3);
    CU_ASSERT_EQUAL(count_of(&fixture, WB_CLOUD_FIXTURE_DEAR, WB_CAPACITY_SPOT), 3);
    wb_cloud_fixture_release(&fixture);
}

/* A machine of weight 2 counts for two; what is asked for is reached or passed, not more. */
static void count_by_weight(void)
{
    static const int32_t weights[TYPES] = {4, 2, 1};
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const wb_asg_policy policy = {.weights = weights}; /* dear 0.05, cheap 0.02 a unit */
    const uint32_t asg_id = add_group(&fixture, &policy, 3, 5);
    wb_cluster_fixture_run(&fixture.base, 1000);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 3);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].unit_count, 6);
    wb_cloud_asg_terminate(&fixture.cloud, 0, WB_CAUSE_SCALE_DOWN);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].desired_count, 3);
    wb_cluster_fixture_run(&fixture.base, WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 2);
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 1, NULL), WB_OK);
    wb_cluster_fixture_run(&fixture.base, 2 * WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 1); /* one unit can't be had */
    wb_cloud_fixture_release(&fixture);
}

/* A pool without capacity is passed over for another type, then another zone; only with none left
 * does the launch wait. */
static void go_round_a_shortage(void)
{
    wb_spot_weather_event events[] = {
        {500, WB_CLOUD_FIXTURE_CHEAP, 0, 0}, /* cheap: short in all zones */
        {200000, UINT32_MAX, 0, 0},          /* from here on all of spot */
    };
    wb_spot_weather weather = wb_spot_weather_default();
    weather.events = events;
    weather.event_count = 2;
    weather.shortage_ms = WB_MS_PER_HOUR;
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_under(&fixture, "instant", 1, &weather);
    wb_cluster_fixture_run(&fixture.base, 1000);
    const uint32_t asg_id = add_group(&fixture, &(wb_asg_policy){0}, 3, 3);
    wb_cluster_fixture_run(&fixture.base, 2000);
    CU_ASSERT_EQUAL(count_of(&fixture, WB_CLOUD_FIXTURE_DEAR, WB_CAPACITY_SPOT), 3);
    wb_cluster_fixture_run(&fixture.base, 200000);
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 4, NULL), WB_OK);
    wb_cluster_fixture_run(&fixture.base, WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 3); /* no on-demand instead */
    wb_cluster_fixture_run(&fixture.base, 2 * WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 4);
    wb_cloud_fixture_release(&fixture);
}

/* With capacity rebalancing the replacement comes at the recommendation and the old machine goes
 * when it runs; without, the loss is seen after the health check. */
static void replace_before_the_end(void)
{
    for (int is_on = 0; is_on < 2; is_on++) {
        wb_spot_weather_event event = {300000, UINT32_MAX, 0, 1};
        wb_spot_weather weather = wb_spot_weather_default();
        weather.shortage_ms = 0;
        weather.events = &event;
        weather.event_count = 1;
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init_under(&fixture, "karpenter-typical", 1, &weather);
        event.zone = fixture.zones[0];
        const wb_asg_policy policy = {.rebalances_capacity = is_on == 1};
        const uint32_t asg_id = add_group(&fixture, &policy, 3, 3);
        wb_cluster_fixture_run(&fixture.base, 300000);
        CU_ASSERT_EQUAL(fixture.cloud.instances[0].notice_ms, 300000);
        CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 3 + is_on);
        wb_cluster_fixture_run(&fixture.base, 419999);
        CU_ASSERT_EQUAL(fixture.cloud.instances[0].ended_ms < 0, is_on == 0);
        CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 3);
        wb_cluster_fixture_run(&fixture.base, 420000);
        CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 2 + is_on);
        wb_cluster_fixture_run(&fixture.base, 480000);
        CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 3);
        CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].surge_count, 0);
        CU_ASSERT_EQUAL(fixture.cloud.instance_count, 4);
        wb_cloud_fixture_release(&fixture);
    }
}

/* Two machines of one zone are taken out: AZRebalance moves one there, launch first. */
static void even_out_zones(void)
{
    for (int is_on = 0; is_on < 2; is_on++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "karpenter-typical", 1);
        const wb_asg_policy policy = {.rebalances_zones = is_on == 1};
        const uint32_t asg_id = add_group(&fixture, &policy, 3, 6);
        wb_cluster_fixture_run(&fixture.base, 600000);
        for (uint32_t i = 0; i < 6; i++) {
            if (fixture.cloud.instances[i].zone == fixture.zones[2]) {
                wb_cloud_asg_terminate(&fixture.cloud, i, WB_CAUSE_SCALE_DOWN);
            }
        }
        wb_cluster_fixture_run(&fixture.base, 1200000);
        CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 4);
        CU_ASSERT_EQUAL(wb_cloud_fixture_population(&fixture, asg_id, 2), (uint32_t)is_on);
        CU_ASSERT_EQUAL(fixture.cloud.instance_count, 6 + (uint32_t)is_on);
        CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].surge_count, 0);
        wb_cloud_fixture_release(&fixture);
    }
}

static const wb_test_case tests[] = {
    {"base and percentage make the on-demand share", keep_the_on_demand_share},
    {"each market's strategy picks the type", pick_by_strategy},
    {"under weather depth matters", go_by_depth_under_weather},
    {"lowest-price spreads over N pools", spread_over_the_cheapest_pools},
    {"units are counted by weight", count_by_weight},
    {"a shortage leads to other types and zones", go_round_a_shortage},
    {"capacity rebalancing replaces in time", replace_before_the_end},
    {"AZRebalance evens out zones", even_out_zones},
};

int main(void)
{
    return wb_test_run("cloud_asg_policy", tests, WB_TEST_COUNT(tests));
}
