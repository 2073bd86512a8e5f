#include "sim/cloud/cloud_api.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name, *service;
} actions[WB_CLOUD_ACTION_COUNT] = {
    [WB_CLOUD_CREATE_FLEET] = {"CreateFleet", "ec2"},
    [WB_CLOUD_RUN_INSTANCES] = {"RunInstances", "ec2"},
    [WB_CLOUD_TERMINATE_INSTANCES] = {"TerminateInstances", "ec2"},
    [WB_CLOUD_CREATE_LAUNCH_TEMPLATE] = {"CreateLaunchTemplate", "ec2"},
    [WB_CLOUD_DELETE_LAUNCH_TEMPLATE] = {"DeleteLaunchTemplate", "ec2"},
    [WB_CLOUD_CREATE_TAGS] = {"CreateTags", "ec2"},
    [WB_CLOUD_SET_DESIRED_CAPACITY] = {"SetDesiredCapacity", "autoscaling"},
    [WB_CLOUD_TERMINATE_IN_GROUP] = {"TerminateInstanceInAutoScalingGroup", "autoscaling"},
    [WB_CLOUD_DESCRIBE_INSTANCES] = {"DescribeInstances", "ec2"},
    [WB_CLOUD_DESCRIBE_INSTANCE_STATUS] = {"DescribeInstanceStatus", "ec2"},
    [WB_CLOUD_DESCRIBE_INSTANCE_TYPES] = {"DescribeInstanceTypes", "ec2"},
    [WB_CLOUD_DESCRIBE_INSTANCE_TYPE_OFFERINGS] = {"DescribeInstanceTypeOfferings", "ec2"},
    [WB_CLOUD_DESCRIBE_LAUNCH_TEMPLATES] = {"DescribeLaunchTemplates", "ec2"},
    [WB_CLOUD_DESCRIBE_SUBNETS] = {"DescribeSubnets", "ec2"},
    [WB_CLOUD_DESCRIBE_SECURITY_GROUPS] = {"DescribeSecurityGroups", "ec2"},
    [WB_CLOUD_DESCRIBE_IMAGES] = {"DescribeImages", "ec2"},
    [WB_CLOUD_DESCRIBE_SPOT_PRICE_HISTORY] = {"DescribeSpotPriceHistory", "ec2"},
    [WB_CLOUD_DESCRIBE_AUTO_SCALING_GROUPS] = {"DescribeAutoScalingGroups", "autoscaling"},
    [WB_CLOUD_ATTACH_VOLUME] = {"AttachVolume", "ec2"},
    [WB_CLOUD_ASSIGN_ADDRESSES] = {"AssignPrivateIpAddresses", "ec2"},
};

const char *wb_cloud_api_action_name(wb_cloud_action action)
{
    assert(action < WB_CLOUD_ACTION_COUNT);
    return actions[action].name;
}

const char *wb_cloud_api_service_name(wb_cloud_action action)
{
    assert(action < WB_CLOUD_ACTION_COUNT);
    return actions[action].service;
}

/* A walk over a dozen rows per call; calls are few beside pods' events. */
void wb_cloud_api_end(wb_cloud_api *api, wb_cloud_action action, const char *code)
{
    assert(api != NULL && action < WB_CLOUD_ACTION_COUNT);
    const char *outcome = code != NULL ? code : "";
    for (uint32_t i = 0; i < api->count_count; i++) {
        if (api->counts[i].action == action && strcmp(api->counts[i].code, outcome) == 0) {
            api->counts[i].count++;
            return;
        }
    }
    assert(api->count_count < WB_CLOUD_CALL_COUNTS_MAX);
    api->counts[api->count_count++] =
        (wb_cloud_call_count){.action = action, .code = outcome, .count = 1};
}

uint64_t wb_cloud_api_error_count(const wb_cloud_api *api)
{
    assert(api != NULL);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < api->count_count; i++) {
        sum += api->counts[i].code[0] != 0 ? api->counts[i].count : 0;
    }
    return sum;
}

const char *wb_cloud_api_begin(wb_cloud_api *api, wb_cloud_call *call)
{
    assert(api != NULL && call != NULL);
    api->changing_count += call->action < WB_CLOUD_DESCRIBE_INSTANCES ? 1U : 0U;
    for (int slot = 0; slot < WB_CLOUD_GATE_COUNT && !call->is_service; slot++) {
        const wb_cloud_gate *gate = &api->gates[slot];
        const char *code = gate->check == NULL ? NULL : gate->check(gate->context, call);
        if (code != NULL) {
            wb_cloud_api_end(api, call->action, code);
            return code;
        }
    }
    return NULL;
}

void wb_cloud_api_set_gate(wb_cloud_api *api, wb_cloud_gate_slot slot, const wb_cloud_gate *gate)
{
    assert(api != NULL && slot < WB_CLOUD_GATE_COUNT && gate != NULL);
    assert(api->gates[slot].check == NULL); /* each slot has one owner */
    api->gates[slot] = *gate;
}
