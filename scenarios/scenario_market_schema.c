/* The fields of spec.capacity, spec.quotas, spec.spot.recorded, spec.network and spec.apiLimits;
 * see scenario_schema.c. */
#include "kube/schema_table.h"
#include "scenarios/scenario_internal.h"

static const wb_schema_field count_fields[] = {
    WB_STRING("at"),
    WB_INTEGER("count"),
};
static const wb_schema count = WB_SCHEMA_OF(count_fields);

static const wb_schema_field pool_fields[] = {
    WB_STRING("capacityType"), WB_STRING("code"),
    WB_INTEGER("count"),       WB_LIST_OF_OBJECTS("counts", &count),
    WB_STRING("instanceType"), WB_BOOL("interrupts"),
    WB_STRING("zone"),
};
static const wb_schema pool = WB_SCHEMA_OF(pool_fields);

static const wb_schema_field shortage_fields[] = {
    WB_STRING("at"),  WB_STRING("capacityType"), WB_STRING("code"),
    WB_STRING("for"), WB_STRING("instanceType"), WB_STRING("zone"),
};
static const wb_schema shortage = WB_SCHEMA_OF(shortage_fields);

static const wb_schema_field outage_fields[] = {
    WB_STRING("at"),
    WB_STRING("for"),
    WB_STRING("kind"),
    WB_STRING("zone"),
};
static const wb_schema outage = WB_SCHEMA_OF(outage_fields);

static const wb_schema_field capacity_fields[] = {
    WB_LIST_OF_OBJECTS("outages", &outage),
    WB_LIST_OF_OBJECTS("pools", &pool),
    WB_LIST_OF_OBJECTS("shortages", &shortage),
};
const wb_schema wb_scenario_capacity_schema = WB_SCHEMA_OF(capacity_fields);

static const wb_schema_field quota_fields[] = {
    WB_INTEGER("dl"),  WB_INTEGER("f"),   WB_INTEGER("gAndVt"), WB_INTEGER("highMemory"),
    WB_INTEGER("hpc"), WB_INTEGER("inf"), WB_INTEGER("p"),      WB_INTEGER("standard"),
    WB_INTEGER("trn"), WB_INTEGER("x"),
};
static const wb_schema quota = WB_SCHEMA_OF(quota_fields);

static const wb_schema_field quotas_fields[] = {
    WB_OBJECT("onDemand", &quota),
    WB_OBJECT("spot", &quota),
};
const wb_schema wb_scenario_quotas_schema = WB_SCHEMA_OF(quotas_fields);

static const wb_schema_field recorded_fields[] = {
    WB_STRING("capacity"), WB_STRING("from"),  WB_ANY("instanceTypes"),
    WB_STRING("shift"),    WB_STRING("trace"), WB_ANY("zones"),
};
const wb_schema wb_scenario_recorded_schema = WB_SCHEMA_OF(recorded_fields);

static const wb_schema_field subnet_fields[] = {
    WB_STRING("cidr"), WB_INTEGER("freeAddresses"), WB_STRING("id"),
    WB_ANY("tags"),    WB_STRING("zone"),
};
static const wb_schema subnet = WB_SCHEMA_OF(subnet_fields);

static const wb_schema_field object_fields[] = {
    WB_STRING("id"),
    WB_STRING("name"),
    WB_ANY("tags"),
};
static const wb_schema object = WB_SCHEMA_OF(object_fields);

static const wb_schema_field network_fields[] = {
    WB_LIST_OF_OBJECTS("images", &object),
    WB_BOOL("prefixDelegation"),
    WB_LIST_OF_OBJECTS("securityGroups", &object),
    WB_LIST_OF_OBJECTS("subnets", &subnet),
};
const wb_schema wb_scenario_network_schema = WB_SCHEMA_OF(network_fields);

static const wb_schema_field storage_fields[] = {
    WB_ANY("attach"),
    WB_ANY("detach"),
    WB_STRING("forceDetach"),
};
const wb_schema wb_scenario_storage_schema = WB_SCHEMA_OF(storage_fields);

static const wb_schema_field rate_fields[] = {
    WB_INTEGER("perSecond"),
    WB_INTEGER("size"),
};
static const wb_schema rate = WB_SCHEMA_OF(rate_fields);

static const wb_schema_field api_limits_fields[] = {
    WB_OBJECT("autoScaling", &rate),
    WB_OBJECT("createTags", &rate),
    WB_OBJECT("mutating", &rate),
    WB_OBJECT("nonMutating", &rate),
    WB_BOOL("perAction"),
    WB_OBJECT("runInstances", &rate),
    WB_OBJECT("runInstancesResources", &rate),
    WB_OBJECT("terminateInstances", &rate),
    WB_OBJECT("terminateInstancesResources", &rate),
};
const wb_schema wb_scenario_api_limits_schema = WB_SCHEMA_OF(api_limits_fields);
