/* Interruptions as a function of (seed, pool, time): rates, purity, what a set event does. */
#include "base/duration.h"
#include "sim/cloud/spot_weather.h"
#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

static const struct {
    const char *name;
    int32_t band;
    double per_hour; /* -ln(1 - p) / 730 */
} hazard_cases[] = {
    {"below 5 %", 0, 3.46819e-05},  {"5 to 10 %", 1, 1.06797e-04},
    {"10 to 15 %", 2, 1.82919e-04}, {"15 to 20 %", 3, 2.63525e-04},
    {"over 20 %", 4, 4.88596e-04},  {"a type without a band", -1, 1.82919e-04},
};

static void turn_bands_into_rates(void)
{
    const wb_spot_weather weather = wb_spot_weather_default();
    for (size_t i = 0; i < WB_TEST_COUNT(hazard_cases); i++) {
        const double hazard = wb_spot_weather_hazard(&weather, hazard_cases[i].band);
        CU_ASSERT_DOUBLE_EQUAL(hazard, hazard_cases[i].per_hour, 1e-8);
    }
}

/* Whether some wave of the pool's first month (730 hours) takes the machine in slot 3. */
static bool is_taken_in_a_month(const wb_spot_weather *weather, uint64_t pool)
{
    bool is_taken = false;
    int64_t at_ms = 0;
    for (uint32_t wave = 0; at_ms <= 730 * WB_MS_PER_HOUR; wave++) {
        at_ms = wb_spot_weather_next_ms(weather, 7, pool, 4, wave, at_ms);
        is_taken = is_taken || (at_ms <= 730 * WB_MS_PER_HOUR &&
                                wb_spot_weather_takes(weather, 7, pool, wave, 3));
    }
    return is_taken;
}

/* Over many pools the share of machines that a month takes is the band's, whatever a wave's share:
 * fewer waves that take more. */
static void take_the_bands_share_in_a_month(void)
{
    static const double shares[] = {0.25, 0.5, 1.0};
    for (size_t s = 0; s < WB_TEST_COUNT(shares); s++) {
        wb_spot_weather weather = wb_spot_weather_default();
        weather.is_on = true;
        weather.share = shares[s];
        uint32_t taken = 0;
        for (uint64_t pool = 0; pool < 20000; pool++) {
            taken += is_taken_in_a_month(&weather, pool * 977) ? 1 : 0;
        }
        CU_ASSERT_DOUBLE_EQUAL((double)taken / 20000.0, 0.30, 0.015);
    }
}

static void be_still_by_default(void)
{
    const wb_spot_weather weather = wb_spot_weather_default();
    CU_ASSERT_EQUAL(wb_spot_weather_next_ms(&weather, 1, 5, 4, 0, 0), WB_SPOT_WEATHER_NEVER);
    CU_ASSERT_EQUAL(wb_spot_weather_depth(&weather, 1, 5, 4, 0), 1.0);
}

/* Pools so troubled that a day is enough. */
static wb_spot_weather storm(void)
{
    wb_spot_weather weather = wb_spot_weather_default();
    weather.is_on = true;
    weather.unknown_monthly = 0.999999;
    return weather;
}

/* Notes when each spot machine of the first zone was warned; on demand none is. */
static void note_warnings(const wb_cloud_fixture *fixture, int64_t notice_ms[8])
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < fixture->cloud.instance_count; i++) {
        const wb_instance *instance = &fixture->cloud.instances[i];
        if (instance->capacity_type == WB_CAPACITY_SPOT && instance->zone == fixture->zones[0]) {
            CU_ASSERT_FATAL(found < 8);
            notice_ms[found++] = instance->notice_ms;
        }
        CU_ASSERT(instance->capacity_type == WB_CAPACITY_SPOT || instance->notice_ms < 0);
    }
    CU_ASSERT_EQUAL(found, 8);
}

/* When the n-th machine of a pool was warned, if it stood there all the time: whoever else runs,
 * and whatever other pools are used. */
static void warn_alike_whoever_runs(void)
{
    int64_t notice_ms[3][8];
    for (int round = 0; round < 3; round++) {
        wb_cloud_fixture fixture;
        const wb_spot_weather weather = storm();
        wb_cloud_fixture_init_under(&fixture, "instant", 3, &weather);
        for (uint32_t i = 0; i < 8; i++) {
            for (int other = 0; other < round; other++) { /* a busier contender */
                (void)wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 0);
                (void)wb_cloud_fixture_launch_of(&fixture, WB_CLOUD_FIXTURE_CHEAP, 1,
                                                 WB_CAPACITY_SPOT);
            }
            (void)wb_cloud_fixture_launch_of(&fixture, WB_CLOUD_FIXTURE_CHEAP, 0, WB_CAPACITY_SPOT);
        }
        wb_cluster_fixture_run(&fixture.base, 5 * WB_MS_PER_DAY);
        note_warnings(&fixture, notice_ms[round]);
        wb_cloud_fixture_release(&fixture);
    }
    uint32_t warned = 0;
    for (int i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(notice_ms[0][i], notice_ms[1][i]);
        CU_ASSERT_EQUAL(notice_ms[0][i], notice_ms[2][i]);
        warned += notice_ms[0][i] >= 0 ? 1 : 0;
    }
    CU_ASSERT(warned >= 6);
}

/* A pool that was asked for late, or not for days, has the waves that it would have had. */
static void find_the_waves_again(void)
{
    int64_t second_ms[2];
    for (int round = 0; round < 2; round++) {
        wb_cloud_fixture fixture;
        wb_spot_weather weather = storm();
        weather.share = 1.0;
        weather.shortage_ms = 0;
        wb_cloud_fixture_init_under(&fixture, "instant", 11, &weather);
        uint32_t first = WB_NO_ID;
        if (round == 1) { /* watched from the start */
            first =
                wb_cloud_fixture_launch_of(&fixture, WB_CLOUD_FIXTURE_CHEAP, 2, WB_CAPACITY_SPOT);
        }
        wb_cluster_fixture_run(&fixture.base, 10 * WB_MS_PER_DAY);
        CU_ASSERT(round == 0 || fixture.cloud.instances[first].notice_ms >= 0);
        const uint32_t late =
            wb_cloud_fixture_launch_of(&fixture, WB_CLOUD_FIXTURE_CHEAP, 2, WB_CAPACITY_SPOT);
        wb_cluster_fixture_run(&fixture.base, 60 * WB_MS_PER_DAY);
        second_ms[round] = fixture.cloud.instances[late].notice_ms;
        wb_cloud_fixture_release(&fixture);
    }
    CU_ASSERT(second_ms[0] >= 10 * WB_MS_PER_DAY);
    CU_ASSERT_EQUAL(second_ms[0], second_ms[1]);
}

/* Two of three spot machines of a zone are taken at 100 s; nothing is sold there until the shortage
 * is over; what EC2 interrupts within an hour is free. */
static void interrupt_what_the_scenario_sets(void)
{
    wb_cloud_fixture fixture;
    wb_spot_weather_event event = {100000, UINT32_MAX, 0, 2};
    wb_spot_weather weather = wb_spot_weather_default();
    weather.events = &event;
    weather.event_count = 1;
    wb_cloud_fixture_init_under(&fixture, "instant", 1, &weather);
    event.zone = fixture.zones[1];
    const wb_fleet_override override = {WB_CLOUD_FIXTURE_CHEAP, fixture.zones[1], 0.0, 0};
    for (int i = 0; i < 3; i++) {
        (void)wb_cloud_fixture_launch_of(&fixture, WB_CLOUD_FIXTURE_CHEAP, 1, WB_CAPACITY_SPOT);
    }
    (void)wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 1);
    wb_cluster_fixture_run(&fixture.base, 219999);
    CU_ASSERT_EQUAL(fixture.cloud.interruption_count, 2);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].notice_ms, 100000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[2].notice_ms, -1);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].ended_ms, -1);
    wb_cluster_fixture_run(&fixture.base, 220000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].ended_ms, 220000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[1].cause, WB_CAUSE_INTERRUPTION);
    CU_ASSERT_EQUAL(fixture.cloud.instances[1].cost_nusd, 0);
    CU_ASSERT_EQUAL(fixture.base.cluster.living_node_count, 2);
    for (int i = 0; i < 2; i++) {
        const wb_fleet_request request = {
            .overrides = &override,
            .override_count = 1,
            .capacity_type = WB_CAPACITY_SPOT,
            .launch_template = &fixture.launch_template,
            .claim_id = WB_NO_ID,
        };
        wb_fleet_result result;
        wb_cloud_create_fleet(&fixture.cloud, &request, &result);
        CU_ASSERT_EQUAL(result.instance_id == WB_NO_ID, i == 0);
        CU_ASSERT(i == 1 || result.error_count == 1);
        wb_cluster_fixture_run(&fixture.base, 820000); /* ten minutes after their end */
    }
    wb_cloud_fixture_release(&fixture);
}

static const wb_test_case tests[] = {
    {"bands become rates", turn_bands_into_rates},
    {"a month takes the band's share", take_the_bands_share_in_a_month},
    {"there is no weather by default", be_still_by_default},
    {"machines are warned alike whoever runs", warn_alike_whoever_runs},
    {"waves do not depend on who watches", find_the_waves_again},
    {"the scenario's interruptions happen", interrupt_what_the_scenario_sets},
};

int main(void)
{
    return wb_test_run("spot_weather", tests, WB_TEST_COUNT(tests));
}
