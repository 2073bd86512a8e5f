/* Capacity pools over time, quotas, outages, recorded events: what they do to machines. */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

#define CHEAP WB_CLOUD_FIXTURE_CHEAP
#define SPOT  (1U << WB_CAPACITY_SPOT)
#define ALL   7U

static uint32_t zones[3];

/* Asks for one machine; the code of the first refusal, or "". */
static const char *ask(wb_cloud_fixture *fixture, uint32_t zone_index, wb_capacity_type market)
{
    const wb_fleet_override override = {CHEAP, fixture->zones[zone_index], 0.0, 0};
    const wb_fleet_request request = {
        .overrides = &override,
        .override_count = 1,
        .capacity_type = market,
        .launch_template = &fixture->launch_template,
        .claim_id = WB_NO_ID,
    };
    wb_fleet_result result;
    wb_cloud_create_fleet(&fixture->cloud, &request, &result);
    return result.instance_id == WB_NO_ID ? result.errors[0].code : "";
}

static uint32_t standing(const wb_cloud_fixture *fixture, uint32_t zone_index)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < fixture->cloud.instance_count; i++) {
        const wb_instance *instance = &fixture->cloud.instances[i];
        count += instance->ended_ms < 0 && instance->notice_ms < 0 &&
                 instance->zone == fixture->zones[zone_index];
    }
    return count;
}

static wb_market_capacity pool(uint32_t zone, uint32_t markets, const wb_market_point *points,
                               uint32_t count)
{
    return (wb_market_capacity){
        .series = {WB_MARKET_ANY_TYPE, zone, points, count},
        .markets = markets,
        .takes = true,
        .code = "InsufficientInstanceCapacity",
    };
}

/* Two machines fit into zone a, then one: the step takes one of them two minutes ahead, and nothing
 * is sold meanwhile. On-demand is another market. */
static void hold_what_a_pool_can(void)
{
    static const wb_market_point points[] = {{0, 2}, {600000, 1}, {1200000, WB_MARKET_UNLIMITED}};
    const wb_market_capacity capacity = pool(zones[0], SPOT, points, 3);
    wb_market market = wb_market_none();
    market.capacities = &capacity;
    market.capacity_count = 1;
    const wb_spot_weather weather = wb_spot_weather_default();
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, &weather);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "InsufficientInstanceCapacity");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_ON_DEMAND), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 1, WB_CAPACITY_SPOT), "");
    wb_cluster_fixture_run(&fixture.base, 479999);
    CU_ASSERT_EQUAL(fixture.cloud.interruption_count, 0);
    wb_cluster_fixture_run(&fixture.base, 480000);
    CU_ASSERT_EQUAL(fixture.cloud.interruption_count, 1);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "InsufficientInstanceCapacity");
    wb_cluster_fixture_run(&fixture.base, 600000);
    CU_ASSERT_EQUAL(standing(&fixture, 0), 2); /* one spot, and the on-demand one */
    wb_cluster_fixture_run(&fixture.base, 1200000);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    wb_cloud_fixture_release(&fixture);
}

/* Which machines a recorded loss takes depends on their ordinal in the pool, not on how many others
 * stand there, nor on when they came. */
static void take_alike_whoever_runs(void)
{
    static const wb_market_point points[] = {{0, 4}, {3600000, 2}, {7200000, 4}, {9000000, 1}};
    wb_market_capacity capacity = pool(zones[1], SPOT, points, 4);
    capacity.is_share = true;
    wb_market market = wb_market_none();
    market.capacities = &capacity;
    market.capacity_count = 1;
    const wb_spot_weather weather = wb_spot_weather_default();
    int64_t notice_ms[2][24];
    for (int round = 0; round < 2; round++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init_in(&fixture, 7, &market, &weather);
        const int count = round == 0 ? 12 : 24;
        for (int i = 0; i < count; i++) {
            CU_ASSERT_STRING_EQUAL(ask(&fixture, 1, WB_CAPACITY_SPOT), "");
            wb_cluster_fixture_run(&fixture.base, (int64_t)(i + 1) * (round == 0 ? 60000 : 1000));
        }
        wb_cluster_fixture_run(&fixture.base, 3 * WB_MS_PER_HOUR);
        for (int i = 0; i < count; i++) {
            notice_ms[round][i] = fixture.cloud.instances[i].notice_ms;
        }
        wb_cloud_fixture_release(&fixture);
    }
    int taken = 0;
    for (int i = 0; i < 12; i++) {
        CU_ASSERT_EQUAL(notice_ms[0][i], notice_ms[1][i]);
        taken += notice_ms[0][i] >= 0;
    }
    CU_ASSERT(taken > 0 && taken <= 12);
}

/* A pool that the recording saw empty sells nothing; one that it saw smaller still does. */
static void refuse_where_the_recording_had_none(void)
{
    static const wb_market_point points[] = {{0, 4}, {600000, 1}, {1200000, 0}, {1800000, 3}};
    wb_market_capacity capacity = pool(WB_MARKET_ANY_ZONE, SPOT, points, 4);
    capacity.is_share = true;
    wb_market market = wb_market_none();
    market.capacities = &capacity;
    market.capacity_count = 1;
    const wb_spot_weather weather = wb_spot_weather_default();
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, &weather);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    }
    wb_cluster_fixture_run(&fixture.base, 700000);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    wb_cluster_fixture_run(&fixture.base, 1080000);
    CU_ASSERT_EQUAL(standing(&fixture, 0), 0); /* all of what was left is warned */
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "InsufficientInstanceCapacity");
    wb_cluster_fixture_run(&fixture.base, 1800000);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    wb_cloud_fixture_release(&fixture);
}

/* 4 vCPUs a machine: two fit into 10 on-demand, one into 4 of spot; who ends gives back. */
static void keep_the_quotas(void)
{
    wb_market market = wb_market_none();
    market.quotas.vcpus[WB_QUOTA_ON_DEMAND][WB_QUOTA_STANDARD] = 10;
    market.quotas.vcpus[WB_QUOTA_SPOT][WB_QUOTA_STANDARD] = 4;
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, NULL);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_ON_DEMAND), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 1, WB_CAPACITY_ON_DEMAND), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 2, WB_CAPACITY_ON_DEMAND), "VcpuLimitExceeded");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 2, WB_CAPACITY_SPOT), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 2, WB_CAPACITY_SPOT), "MaxSpotInstanceCountExceeded");
    CU_ASSERT_PTR_NULL(wb_cloud_terminate(&fixture.cloud, 0, WB_CAUSE_DRIFT));
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 2, WB_CAPACITY_ON_DEMAND), "");
    wb_cloud_fixture_release(&fixture);
}

static const struct {
    const char *type;
    wb_quota_class class;
} class_rows[] = {
    {"m5.large", WB_QUOTA_STANDARD},
    {"c7g.metal", WB_QUOTA_STANDARD},
    {"t3.nano", WB_QUOTA_STANDARD},
    {"i4i.large", WB_QUOTA_STANDARD},
    {"im4gn.large", WB_QUOTA_STANDARD},
    {"is4gen.large", WB_QUOTA_STANDARD},
    {"d3en.xlarge", WB_QUOTA_STANDARD},
    {"dl1.24xlarge", WB_QUOTA_DL},
    {"f2.6xlarge", WB_QUOTA_F},
    {"g5.xlarge", WB_QUOTA_G_AND_VT},
    {"gr6.4xlarge", WB_QUOTA_G_AND_VT},
    {"vt1.3xlarge", WB_QUOTA_G_AND_VT},
    {"h1.2xlarge", WB_QUOTA_STANDARD},
    {"hpc7g.4xlarge", WB_QUOTA_HPC},
    {"inf2.xlarge", WB_QUOTA_INF},
    {"p4d.24xlarge", WB_QUOTA_P},
    {"trn1.2xlarge", WB_QUOTA_TRN},
    {"u-6tb1.metal", WB_QUOTA_HIGH_MEMORY},
    {"u7i-12tb.224xlarge", WB_QUOTA_HIGH_MEMORY},
    {"x2idn.16xlarge", WB_QUOTA_X},
};

static void sort_types_into_classes(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(class_rows); i++) {
        CU_ASSERT_EQUAL(wb_quota_class_of(class_rows[i].type), class_rows[i].class);
    }
    CU_ASSERT_STRING_EQUAL(wb_quota_class_name(WB_QUOTA_G_AND_VT), "gAndVt");
}

/* A zone that is out launches nothing and hears of nothing; afterwards its machines are back. */
static void cut_a_zone_off(void)
{
    const wb_outage outage = {WB_OUTAGE_UNREACHABLE, zones[0], 60000, 600000};
    wb_market market = wb_market_none();
    market.outages = &outage;
    market.outage_count = 1;
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, NULL);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_ON_DEMAND), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 1, WB_CAPACITY_ON_DEMAND), "");
    wb_cluster_fixture_run(&fixture.base, 60000);
    CU_ASSERT_FALSE(fixture.base.cluster.nodes[0].is_ready);
    CU_ASSERT_TRUE(fixture.base.cluster.nodes[1].is_ready);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_ON_DEMAND), "InsufficientInstanceCapacity");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 1, WB_CAPACITY_ON_DEMAND), "");
    wb_cluster_fixture_run(&fixture.base, 660000);
    CU_ASSERT_TRUE(fixture.base.cluster.nodes[0].is_ready);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_ON_DEMAND), "");
    wb_cloud_fixture_release(&fixture);
}

static void lose_a_zone(void)
{
    const wb_outage outage = {WB_OUTAGE_LOST, zones[0], 60000, -1};
    wb_market market = wb_market_none();
    market.outages = &outage;
    market.outage_count = 1;
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, NULL);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_ON_DEMAND), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 1, WB_CAPACITY_SPOT), "");
    wb_cluster_fixture_run(&fixture.base, WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].cause, WB_CAUSE_INSTANCE_LOST);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].ended_ms, 60000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[1].ended_ms, -1);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "InsufficientInstanceCapacity");
    wb_cloud_fixture_release(&fixture);
}

/* A recorded machine's events all hit the same one of ours; another machine's hit another. */
static void replay_events_of_machines(void)
{
    wb_market_event events[] = {
        {60000, WB_MARKET_REBALANCE, CHEAP, zones[0], 0},
        {90000, WB_MARKET_INTERRUPTION, CHEAP, zones[0], 1},
        {120000, WB_MARKET_INTERRUPTION, CHEAP, zones[0], 0},
        {130000, WB_MARKET_ENDED, WB_MARKET_ANY_TYPE, zones[0], 2},
        {140000, WB_MARKET_INTERRUPTION, CHEAP, zones[2], 3}, /* nobody stands there */
        {150000, WB_MARKET_ENDED, CHEAP, zones[0], 1},        /* its end is due anyhow */
    };
    wb_market market = wb_market_none();
    market.events = events;
    market.event_count = WB_TEST_COUNT(events);
    market.recorded_count = 4;
    const wb_spot_weather weather = wb_spot_weather_default();
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, &weather);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    }
    wb_cluster_fixture_run(&fixture.base, 300000);
    const wb_instance *instances = fixture.cloud.instances;
    CU_ASSERT_EQUAL(instances[0].recommended_ms, 60000);
    CU_ASSERT_EQUAL(instances[0].notice_ms, 120000);
    CU_ASSERT_EQUAL(instances[0].ended_ms, 240000);
    CU_ASSERT_EQUAL(instances[1].notice_ms, 90000);
    CU_ASSERT_EQUAL(instances[1].ended_ms, 210000);
    CU_ASSERT_EQUAL(instances[2].ended_ms, 130000);
    CU_ASSERT_EQUAL(instances[2].notice_ms, -1);
    CU_ASSERT_EQUAL(instances[3].ended_ms, -1);
    wb_cloud_fixture_release(&fixture);
}

/* Five machines wanted, three fit: the fleet is partly fulfilled, the pool told once. */
static void fulfil_a_fleet_in_part(void)
{
    static const wb_market_point points[] = {{0, 3}};
    const wb_market_capacity capacity = pool(zones[0], ALL, points, 1);
    wb_market market = wb_market_none();
    market.capacities = &capacity;
    market.capacity_count = 1;
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, NULL);
    const wb_fleet_override override = {CHEAP, fixture.zones[0], 0.0, 0};
    uint32_t ids[5];
    const wb_fleet_request request = {
        .overrides = &override,
        .override_count = 1,
        .capacity_type = WB_CAPACITY_ON_DEMAND,
        .launch_template = &fixture.launch_template,
        .claim_id = WB_NO_ID,
        .count = 5,
        .instance_ids = ids,
    };
    wb_fleet_result result;
    wb_cloud_create_fleet(&fixture.cloud, &request, &result);
    CU_ASSERT_EQUAL(result.launched_count, 3);
    CU_ASSERT_EQUAL(ids[2], 2);
    CU_ASSERT_EQUAL(result.error_count, 1);
    CU_ASSERT_STRING_EQUAL(result.errors[0].code, "InsufficientInstanceCapacity");
    CU_ASSERT_EQUAL(wb_cloud_api_error_count(&fixture.cloud.api), 1);
    wb_cloud_fixture_release(&fixture);
}

/* By price it is the cheap pool of the moment, whatever the caller believed; by priority it is not
 * asked. */
static void choose_by_the_price_of_the_moment(void)
{
    static const wb_market_point points[] = {{0, 90000000}, {600000, 10000000}};
    const wb_market_series prices[] = {{CHEAP, zones[1], points, 2}};
    wb_market market = wb_market_none();
    market.prices = prices;
    market.price_count = 1;
    const wb_allocation_strategy strategies[] = {WB_ALLOCATION_LOWEST_PRICE,
                                                 WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED,
                                                 WB_ALLOCATION_PRIORITIZED};
    for (size_t i = 0; i < WB_TEST_COUNT(strategies); i++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init_in(&fixture, 1, &market, NULL);
        const wb_fleet_override overrides[] = {{CHEAP, fixture.zones[0], 2.0, 0},
                                               {CHEAP, fixture.zones[1], 1.0, 0}};
        const wb_fleet_request request = {
            .overrides = overrides,
            .override_count = 2,
            .strategy = strategies[i],
            .capacity_type = WB_CAPACITY_SPOT,
            .launch_template = &fixture.launch_template,
            .claim_id = WB_NO_ID,
        };
        wb_fleet_result result;
        wb_cloud_create_fleet(&fixture.cloud, &request, &result); /* 0.04 against 0.09 */
        const bool by_price = strategies[i] != WB_ALLOCATION_PRIORITIZED;
        CU_ASSERT_EQUAL(fixture.cloud.instances[0].zone, fixture.zones[by_price ? 0 : 1]);
        wb_cluster_fixture_run(&fixture.base, 600000);
        wb_cloud_create_fleet(&fixture.cloud, &request, &result); /* 0.04 against 0.01 */
        CU_ASSERT_EQUAL(fixture.cloud.instances[1].zone, fixture.zones[1]);
        wb_cloud_fixture_release(&fixture);
    }
}

/* On demand cheap costs 0.10: beyond it a spot request pays nothing, so it has no machine. */
static void pay_on_demand_at_most(void)
{
    static const wb_market_point points[] = {
        {0, 90000000}, {600000, 100000001}, {900000, 120000000}, {1200000, 100000000}};
    const wb_market_series price = {CHEAP, zones[0], points, 4};
    wb_market market = wb_market_none();
    market.prices = &price;
    market.price_count = 1;
    const wb_spot_weather weather = wb_spot_weather_default();
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init_in(&fixture, 1, &market, &weather);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 1, WB_CAPACITY_SPOT), "");
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_ON_DEMAND), "");
    wb_cluster_fixture_run(&fixture.base, 600000);
    CU_ASSERT_EQUAL(fixture.cloud.interruption_count, 1);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].notice_ms, 600000);
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "SpotMaxPriceTooLow");
    wb_cluster_fixture_run(&fixture.base, 1200000);
    CU_ASSERT_EQUAL(fixture.cloud.interruption_count, 1); /* 0.12 is no second warning */
    CU_ASSERT_STRING_EQUAL(ask(&fixture, 0, WB_CAPACITY_SPOT), "");
    wb_cloud_fixture_release(&fixture);
}

/* Zone a holds all that it ever does, zone b a quarter: capacity-optimized goes to a, though b
 * comes first by priority; price alone goes to b. Of a counted pool what is left counts. */
static void prefer_deep_pools(void)
{
    static const wb_market_point full[] = {{0, 8}};
    static const wb_market_point low[] = {{0, 2}, {3600000, 8}};
    wb_market_capacity capacities[] = {pool(zones[0], SPOT, full, 1), pool(zones[1], SPOT, low, 2)};
    wb_market market = wb_market_none();
    market.capacities = capacities;
    market.capacity_count = 2;
    for (int is_share = 0; is_share < 2; is_share++) {
        capacities[0].is_share = capacities[1].is_share = is_share != 0;
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init_in(&fixture, 1, &market, NULL);
        const wb_fleet_override overrides[] = {{CHEAP, fixture.zones[0], 2.0, 0},
                                               {CHEAP, fixture.zones[1], 1.0, 0}};
        wb_fleet_request request = {
            .overrides = overrides,
            .override_count = 2,
            .strategy = WB_ALLOCATION_CAPACITY_OPTIMIZED,
            .capacity_type = WB_CAPACITY_SPOT,
            .launch_template = &fixture.launch_template,
            .claim_id = WB_NO_ID,
            .count = 7,
        };
        wb_fleet_result result;
        wb_cloud_create_fleet(&fixture.cloud, &request, &result);
        /* counted: 8, 7, 6, 5, 4, 3 and 2 are left in a, then b's 2 are as many and come first */
        CU_ASSERT_EQUAL(standing(&fixture, 0), is_share != 0 ? 7 : 6);
        CU_ASSERT_EQUAL(standing(&fixture, 1), is_share != 0 ? 0 : 1);
        request.strategy = WB_ALLOCATION_LOWEST_PRICE;
        request.count = 1;
        wb_cloud_create_fleet(&fixture.cloud, &request, &result);
        CU_ASSERT_EQUAL(standing(&fixture, 1), is_share != 0 ? 1 : 2);
        wb_cloud_fixture_release(&fixture);
    }
}

static const wb_test_case tests[] = {
    {"a pool holds what it can", hold_what_a_pool_can},
    {"a recorded loss does not depend on who runs", take_alike_whoever_runs},
    {"an empty pool sells nothing", refuse_where_the_recording_had_none},
    {"quotas are kept", keep_the_quotas},
    {"types have quota classes", sort_types_into_classes},
    {"a zone that is out comes back", cut_a_zone_off},
    {"a zone that is lost does not", lose_a_zone},
    {"recorded events hit machines", replay_events_of_machines},
    {"a fleet is fulfilled in part", fulfil_a_fleet_in_part},
    {"a spot request pays the on-demand price at most", pay_on_demand_at_most},
    {"deep pools are preferred", prefer_deep_pools},
    {"the price of the moment decides", choose_by_the_price_of_the_moment},
};

int main(void)
{
    wb_cloud_fixture_learn_zones(zones);
    return wb_test_run("cloud_market", tests, WB_TEST_COUNT(tests));
}
