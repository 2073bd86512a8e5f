/*
 * The front door of the mocked AWS: every API call begins here, and only here can it be refused.
 *
 *   caller ─▶ fault gate ─▶ throttle gate ─▶ authorise gate ─▶ the call itself
 *
 * A gate is a callback that lets a call pass or answers with an error code, the same that the user
 * would see ("RequestLimitExceeded", "UnauthorizedOperation"). Each slot has one owner; an empty
 * slot lets everything pass, so a cloud without gates behaves as if there were none. Calls are
 * counted by action and by outcome. Knows nothing of instances, limits, faults or policies.
 */
#ifndef WB_SIM_CLOUD_CLOUD_API_H
#define WB_SIM_CLOUD_CLOUD_API_H

#include <stdbool.h>
#include <stdint.h>

struct wb_fleet_request;

/* The calls that contenders make. Those from DESCRIBE on change nothing. */
typedef enum wb_cloud_action {
    WB_CLOUD_CREATE_FLEET,
    WB_CLOUD_RUN_INSTANCES,
    WB_CLOUD_TERMINATE_INSTANCES,
    WB_CLOUD_CREATE_LAUNCH_TEMPLATE,
    WB_CLOUD_DELETE_LAUNCH_TEMPLATE,
    WB_CLOUD_CREATE_TAGS,
    WB_CLOUD_SET_DESIRED_CAPACITY,
    WB_CLOUD_TERMINATE_IN_GROUP, /* TerminateInstanceInAutoScalingGroup */
    WB_CLOUD_DESCRIBE_INSTANCES,
    WB_CLOUD_DESCRIBE_INSTANCE_STATUS,
    WB_CLOUD_DESCRIBE_INSTANCE_TYPES,
    WB_CLOUD_DESCRIBE_INSTANCE_TYPE_OFFERINGS,
    WB_CLOUD_DESCRIBE_LAUNCH_TEMPLATES,
    WB_CLOUD_DESCRIBE_SUBNETS,
    WB_CLOUD_DESCRIBE_SECURITY_GROUPS,
    WB_CLOUD_DESCRIBE_IMAGES,
    WB_CLOUD_DESCRIBE_SPOT_PRICE_HISTORY,
    WB_CLOUD_DESCRIBE_AUTO_SCALING_GROUPS,
    WB_CLOUD_ASSIGN_ADDRESSES, /* AssignPrivateIpAddresses: a node's CNI; counted when it fails */
    WB_CLOUD_ATTACH_VOLUME,    /* for the CSI driver; counted where storage is followed */
    WB_CLOUD_ACTION_COUNT
} wb_cloud_action;

/* "CreateFleet", ...; and the service that it belongs to: "ec2" or "autoscaling". */
const char *wb_cloud_api_action_name(wb_cloud_action action);
const char *wb_cloud_api_service_name(wb_cloud_action action);

/* One call on its way in. */
typedef struct wb_cloud_call {
    wb_cloud_action action;
    bool is_service;         /* AWS acts for itself (a group's own upkeep): counted, not gated */
    uint32_t resource_count; /* instances that it is about; 0: none */
    uint32_t instance_id;    /* TERMINATE_*: the instance; else WB_NO_ID */
    uint32_t asg_id;         /* of a group's call; else WB_NO_ID */
    const struct wb_fleet_request *fleet; /* CREATE_FLEET: what is asked for; else NULL */
    uint64_t merge_key; /* equal ones of one action may be sent as one call; 0: never */
    int64_t delay_ms;   /* out: how much later than usual the answer comes */
} wb_cloud_call;

/* In the order in which they are asked. */
typedef enum wb_cloud_gate_slot {
    WB_CLOUD_GATE_FAULT,
    WB_CLOUD_GATE_THROTTLE,
    WB_CLOUD_GATE_AUTHORISE,
    WB_CLOUD_GATE_COUNT
} wb_cloud_gate_slot;

typedef struct wb_cloud_gate {
    void *context; /* borrowed */
    /* NULL: let the call pass (a delay may be added); else the error code, a literal. check itself
     * is NULL where nobody asks. */
    const char *(*check)(void *context, wb_cloud_call *call);
} wb_cloud_gate;

/* How often an action came out so. */
typedef struct wb_cloud_call_count {
    wb_cloud_action action;
    const char *code; /* "": it went well; a literal */
    uint64_t count;
} wb_cloud_call_count;

#define WB_CLOUD_CALL_COUNTS_MAX 512 /* actions times the codes that we have; asserted */

typedef struct wb_cloud_api {
    wb_cloud_gate gates[WB_CLOUD_GATE_COUNT];
    wb_cloud_call_count counts[WB_CLOUD_CALL_COUNTS_MAX];
    uint32_t count_count;
    uint64_t changing_count; /* calls that change something, refused ones too */
} wb_cloud_api;

/* Begins a call. NULL: it goes on; else the code that refuses it, and nothing has happened but its
 * count. Follow a call that goes on with wb_cloud_api_end. */
const char *wb_cloud_api_begin(wb_cloud_api *api, wb_cloud_call *call);

/* Counts how a call that went on came out; code NULL: well. */
void wb_cloud_api_end(wb_cloud_api *api, wb_cloud_action action, const char *code);

/* Calls that did not do what was asked. */
uint64_t wb_cloud_api_error_count(const wb_cloud_api *api);

/* Puts a gate into its slot. */
void wb_cloud_api_set_gate(wb_cloud_api *api, wb_cloud_gate_slot slot, const wb_cloud_gate *gate);

#endif
