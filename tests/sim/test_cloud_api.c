/* The front door: gates in their order, what they refuse, what is counted. */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

/* A gate that refuses every call of one action and notes that it was asked. */
typedef struct test_gate {
    wb_cloud_action action;
    const char *code;
    int64_t delay_ms;
    int asked;
} test_gate;

static const char *check(void *context, wb_cloud_call *call)
{
    test_gate *gate = context;
    gate->asked++;
    call->delay_ms += gate->delay_ms;
    return call->action == gate->action ? gate->code : NULL;
}

static uint64_t count_of(const wb_cloud_api *api, wb_cloud_action action, const char *code)
{
    for (uint32_t i = 0; i < api->count_count; i++) {
        if (api->counts[i].action == action && strcmp(api->counts[i].code, code) == 0) {
            return api->counts[i].count;
        }
    }
    return 0;
}

static void put(wb_cloud *cloud, wb_cloud_gate_slot slot, test_gate *gate)
{
    wb_cloud_api_set_gate(&cloud->api, slot, &(wb_cloud_gate){gate, check});
}

static void name_actions_and_services(void)
{
    CU_ASSERT_STRING_EQUAL(wb_cloud_api_action_name(WB_CLOUD_CREATE_FLEET), "CreateFleet");
    CU_ASSERT_STRING_EQUAL(wb_cloud_api_service_name(WB_CLOUD_CREATE_FLEET), "ec2");
    for (int i = 0; i < WB_CLOUD_ACTION_COUNT; i++) {
        const char *service = wb_cloud_api_service_name((wb_cloud_action)i);
        CU_ASSERT(wb_cloud_api_action_name((wb_cloud_action)i)[0] != 0);
        CU_ASSERT(strcmp(service, "ec2") == 0 || strcmp(service, "autoscaling") == 0);
    }
}

/* The fault gate is asked first; what it refuses no other gate sees. */
static void ask_gates_in_order(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    test_gate authorise = {WB_CLOUD_CREATE_FLEET, "UnauthorizedOperation", 0, 0};
    test_gate fault = {WB_CLOUD_TERMINATE_INSTANCES, "InternalError", 0, 0};
    const uint32_t instance_id = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 0);
    wb_cluster_fixture_run(&fixture.base, 1000);
    put(&fixture.cloud, WB_CLOUD_GATE_AUTHORISE, &authorise);
    put(&fixture.cloud, WB_CLOUD_GATE_FAULT, &fault);
    CU_ASSERT_STRING_EQUAL(wb_cloud_terminate(&fixture.cloud, instance_id, WB_CAUSE_DRIFT),
                           "InternalError");
    CU_ASSERT_EQUAL(fixture.cloud.instances[instance_id].state, WB_INSTANCE_RUNNING);
    CU_ASSERT_EQUAL(fault.asked, 1);
    CU_ASSERT_EQUAL(authorise.asked, 0);
    fault.action = WB_CLOUD_ACTION_COUNT;
    CU_ASSERT_PTR_NULL(wb_cloud_terminate(&fixture.cloud, instance_id, WB_CAUSE_DRIFT));
    CU_ASSERT_EQUAL(authorise.asked, 1);
    CU_ASSERT_EQUAL(count_of(&fixture.cloud.api, WB_CLOUD_TERMINATE_INSTANCES, "InternalError"), 1);
    CU_ASSERT_EQUAL(count_of(&fixture.cloud.api, WB_CLOUD_TERMINATE_INSTANCES, ""), 1);
    CU_ASSERT_EQUAL(count_of(&fixture.cloud.api, WB_CLOUD_CREATE_FLEET, ""), 1);
    CU_ASSERT_EQUAL(wb_cloud_api_error_count(&fixture.cloud.api), 1);
    CU_ASSERT_EQUAL(fixture.cloud.api.changing_count, 3);
    wb_cloud_fixture_release(&fixture);
}

/* A refused launch makes no instance; a delayed answer moves the boot by as much. */
static void refuse_and_delay_a_fleet(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    test_gate gate = {WB_CLOUD_CREATE_FLEET, "RequestLimitExceeded", 0, 0};
    put(&fixture.cloud, WB_CLOUD_GATE_THROTTLE, &gate);
    const wb_fleet_override override = {WB_CLOUD_FIXTURE_CHEAP, fixture.zones[0], 0.0, 0};
    const wb_fleet_request request = {
        .overrides = &override,
        .override_count = 1,
        .capacity_type = WB_CAPACITY_ON_DEMAND,
        .launch_template = &fixture.launch_template,
        .claim_id = WB_NO_ID,
    };
    wb_fleet_result result;
    wb_cloud_create_fleet(&fixture.cloud, &request, &result);
    CU_ASSERT_EQUAL(result.instance_id, WB_NO_ID);
    CU_ASSERT_STRING_EQUAL(result.call_error, "RequestLimitExceeded");
    CU_ASSERT_EQUAL(result.error_count, 0);
    CU_ASSERT_EQUAL(fixture.cloud.instance_count, 0);
    gate = (test_gate){WB_CLOUD_ACTION_COUNT, "", 7000, 0};
    wb_cloud_create_fleet(&fixture.cloud, &request, &result);
    CU_ASSERT_PTR_NULL(result.call_error);
    wb_cluster_fixture_run(&fixture.base, 10000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].launched_ms, 7000);
    wb_cloud_fixture_release(&fixture);
}

/* Groups act for AWS: no gate is asked for their upkeep, but for the user's calls about them. */
static void gate_calls_about_groups(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const uint32_t asg_id = wb_cloud_fixture_group(&fixture, 0, 2, 4);
    test_gate gate = {WB_CLOUD_SET_DESIRED_CAPACITY, "Throttling", 0, 0};
    put(&fixture.cloud, WB_CLOUD_GATE_THROTTLE, &gate);
    wb_cluster_fixture_run(&fixture.base, 1000);
    CU_ASSERT_EQUAL(fixture.cloud.instance_count, 2);
    CU_ASSERT_EQUAL(gate.asked, 0);
    wb_error err;
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 1, &err), WB_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(err.text, "SetDesiredCapacity of 'group': Throttling");
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].desired_count, 2);
    gate.action = WB_CLOUD_TERMINATE_IN_GROUP;
    CU_ASSERT_STRING_EQUAL(wb_cloud_asg_terminate(&fixture.cloud, 0, WB_CAUSE_SCALE_DOWN),
                           "Throttling");
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 2);
    CU_ASSERT_EQUAL(wb_cloud_set_desired(&fixture.cloud, asg_id, 1, &err), WB_OK);
    wb_cluster_fixture_run(&fixture.base, 60000);
    CU_ASSERT_EQUAL(fixture.cloud.asgs[asg_id].instance_count, 1);
    CU_ASSERT_EQUAL(gate.asked, 3);
    wb_cloud_fixture_release(&fixture);
}

static const wb_test_case tests[] = {
    {"actions have names and services", name_actions_and_services},
    {"gates are asked in their order", ask_gates_in_order},
    {"a fleet is refused or delayed", refuse_and_delay_a_fleet},
    {"a group's upkeep is not gated, its user's calls are", gate_calls_about_groups},
};

int main(void)
{
    return wb_test_run("cloud_api", tests, WB_TEST_COUNT(tests));
}
