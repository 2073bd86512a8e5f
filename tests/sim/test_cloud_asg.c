/* Auto Scaling groups: towards the desired count, even over zones, replacing what is lost. */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

static void check_even(const wb_cloud_fixture *fixture, uint32_t asg_id, uint32_t total)
{
    uint32_t sum = 0;
    for (uint32_t zone = 0; zone < 3; zone++) {
        const uint32_t population = wb_cloud_fixture_population(fixture, asg_id, zone);
        CU_ASSERT(population >= total / 3 && population <= (total + 2) / 3);
        sum += population;
    }
    CU_ASSERT_EQUAL(sum, total);
    CU_ASSERT_EQUAL(fixture->cloud.asgs[asg_id].instance_count, (int32_t)total);
}

static void launch_up_to_the_desired_count(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const uint32_t asg_id = wb_cloud_fixture_group(&fixture, 0, 2, 100);
    wb_cluster_fixture_run(&fixture.base, 1000);
    check_even(&fixture, asg_id, 2);
    for (int32_t desired = 3; desired <= 20; desired += 4) {
        CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, desired, NULL), WB_OK);
        wb_cluster_fixture_run(&fixture.base, fixture.base.kernel.now_ms + 1000);
        check_even(&fixture, asg_id, (uint32_t)desired);
    }
    CU_ASSERT_EQUAL(fixture.base.calls.node_ready, 19);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].asg_id, asg_id);
    wb_cloud_fixture_release(&fixture);
}

/* The group reacts after its own time, which is drawn per change and the same for everyone. */
static void react_in_its_own_time(void)
{
    int64_t requested_ms[2][3];
    for (int round = 0; round < 2; round++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "ca-asg-typical", 9);
        const uint32_t asg_id = wb_cloud_fixture_group(&fixture, 0, 0, 100);
        for (int32_t i = 0; i < 3; i++) {
            const int64_t asked_ms = INT64_C(1000000) * (i + 1);
            if (round == 1) { /* others launch in between */
                (void)wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 1);
            }
            wb_cluster_fixture_run(&fixture.base, asked_ms);
            CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, i + 1, NULL), WB_OK);
            wb_cluster_fixture_run(&fixture.base, asked_ms + 500000);
            const wb_instance *newest = &fixture.cloud.instances[fixture.cloud.instance_count - 1];
            requested_ms[round][i] = newest->requested_ms - asked_ms;
        }
        wb_cloud_fixture_release(&fixture);
    }
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(requested_ms[0][i] > 10000 && requested_ms[0][i] < 150000);
        CU_ASSERT_EQUAL(requested_ms[0][i], requested_ms[1][i]);
    }
    CU_ASSERT(requested_ms[0][0] != requested_ms[0][1]);
}

static const struct {
    int32_t desired;
    const char *message; /* NULL: accepted */
} desired_cases[] = {
    {2, NULL},
    {5, NULL},
    {1, "SetDesiredCapacity: 1 is outside the minimum 2 and maximum 5 of 'group'"},
    {6, "SetDesiredCapacity: 6 is outside the minimum 2 and maximum 5 of 'group'"},
    {-1, "SetDesiredCapacity: -1 is outside the minimum 2 and maximum 5 of 'group'"},
};

static void refuse_what_lies_outside(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const uint32_t asg_id = wb_cloud_fixture_group(&fixture, 2, 2, 5);
    for (size_t i = 0; i < WB_TEST_COUNT(desired_cases); i++) {
        wb_error err = {0};
        const wb_status status =
            wb_cloud_set_desired(&fixture.cloud, asg_id, desired_cases[i].desired, &err);
        CU_ASSERT_EQUAL(status == WB_OK, desired_cases[i].message == NULL);
        CU_ASSERT_STRING_EQUAL(err.text,
                               desired_cases[i].message != NULL ? desired_cases[i].message : "");
    }
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].desired_count, 5);
    CU_ASSERT_EQUAL(wb_cloud_api_error_count(&fixture.cloud.api), 3);
    wb_cloud_fixture_release(&fixture);
}

/* A machine that goes by itself comes back after the health check; one that the autoscaler takes
 * out with decrement does not. */
static void replace_what_is_lost(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const uint32_t asg_id = wb_cloud_fixture_group(&fixture, 0, 6, 10);
    wb_cluster_fixture_run(&fixture.base, 1000);
    wb_cloud_terminate(&fixture.cloud, 2, WB_CAUSE_INSTANCE_LOST);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 5);
    wb_cluster_fixture_run(&fixture.base, 60999);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 5);
    wb_cluster_fixture_run(&fixture.base, 61000);
    check_even(&fixture, asg_id, 6);
    const uint32_t lost_zone = fixture.cloud.instances[2].zone;
    CU_ASSERT_EQUAL(fixture.cloud.instances[6].zone, lost_zone);

    wb_cloud_asg_terminate(&fixture.cloud, 0, WB_CAUSE_SCALE_DOWN);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].desired_count, 5);
    wb_cluster_fixture_run(&fixture.base, 600000);
    check_even(&fixture, asg_id, 5);
    wb_cloud_asg_terminate(&fixture.cloud, 0, WB_CAUSE_SCALE_DOWN); /* again: nothing happens */
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].desired_count, 5);
    wb_cloud_fixture_release(&fixture);
}

/* A lower desired count takes machines that have not joined yet before those that have, and the
 * newest first. */
static void give_up_surplus(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 1);
    const uint32_t asg_id = wb_cloud_fixture_group(&fixture, 0, 4, 10);
    wb_cluster_fixture_run(&fixture.base, 600000);
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 6, NULL), WB_OK);
    wb_cluster_fixture_run(&fixture.base, 601000);
    CU_ASSERT_EQUAL_FATAL(fixture.cloud.instance_count, 6);
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 3, NULL), WB_OK);
    wb_cluster_fixture_run(&fixture.base, 602000);
    for (uint32_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(fixture.cloud.instances[i].ended_ms >= 0, i >= 3);
    }
    CU_ASSERT_EQUAL(fixture.cloud.instances[4].cost_nusd, 0); /* was pending */
    CU_ASSERT_EQUAL(fixture.cloud.instances[3].cause, WB_CAUSE_SCALE_DOWN);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 3);
    wb_cloud_fixture_release(&fixture);
}

/* A machine whose kubelet never came goes first, even if others are newer. */
static void give_up_what_never_joined(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 1);
    const uint32_t asg_id = wb_cloud_fixture_group(&fixture, 0, 1, 10);
    fixture.launch_template.never_registers = true;
    wb_cluster_fixture_run(&fixture.base, 60000);
    fixture.launch_template.never_registers = false;
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 3, NULL), WB_OK);
    wb_cluster_fixture_run(&fixture.base, 600000);
    CU_ASSERT_EQUAL(fixture.ready, 2);
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 2, NULL), WB_OK);
    wb_cluster_fixture_run(&fixture.base, 700000);
    CU_ASSERT_EQUAL(fixture.base.cluster.living_node_count, 2);
    CU_ASSERT(fixture.cloud.instances[0].ended_ms >= 0);
    wb_cloud_fixture_release(&fixture);
}

/* Without capacity in one zone the others take over; without any the group tries again. */
static void go_where_there_is_capacity(void)
{
    static const uint32_t scarce[] = {WB_CLOUD_FIXTURE_SCARCE};
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const wb_asg everywhere = {
        .name = "scarce",
        .type_indexes = scarce,
        .type_count = 1,
        .zones = fixture.zones,
        .zone_count = 3,
        .max_count = 9,
        .desired_count = 4,
        .launch_template = &fixture.launch_template,
    };
    wb_asg nowhere = everywhere;
    nowhere.name = "nowhere";
    nowhere.zone_count = 1; /* zone a: listed, but no capacity */
    const uint32_t asg_id = wb_cloud_add_asg(&fixture.cloud, &everywhere);
    const uint32_t empty_id = wb_cloud_add_asg(&fixture.cloud, &nowhere);
    wb_cluster_fixture_run(&fixture.base, 1000);
    CU_ASSERT_EQUAL(wb_cloud_fixture_population(&fixture, asg_id, 1), 4);
    CU_ASSERT_EQUAL(wb_cloud_fixture_population(&fixture, empty_id, 0), 0);
    wb_offering *offerings = WB_ARENA_ARRAY(&fixture.base.arena, wb_offering, 2);
    wb_catalog_type *type = &fixture.catalog.types[WB_CLOUD_FIXTURE_SCARCE];
    memcpy(offerings, type->offerings, 2 * sizeof offerings[0]);
    offerings[0].is_available = true;
    type->offerings = offerings;
    wb_cluster_fixture_run(&fixture.base, 61000);
    CU_ASSERT_EQUAL(wb_cloud_fixture_population(&fixture, empty_id, 0), 4);
    wb_cloud_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a group launches up to its desired count", launch_up_to_the_desired_count},
        {"a group reacts in its own time", react_in_its_own_time},
        {"a count outside minimum and maximum is refused", refuse_what_lies_outside},
        {"what is lost is replaced", replace_what_is_lost},
        {"surplus goes, the newest first", give_up_surplus},
        {"what never joined goes first", give_up_what_never_joined},
        {"launches go where there is capacity", go_where_there_is_capacity},
    };
    return wb_test_run("cloud asg", cases, WB_TEST_COUNT(cases));
}
