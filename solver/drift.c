#include "solver/drift.h"

#include <assert.h>
#include <string.h>

#include "solver/disruption.h"

static const struct {
    const char *name, *sentence;
} reasons[WB_DRIFT_REASON_COUNT] = {
    [WB_DRIFT_NONE] = {"", ""},
    [WB_DRIFT_NODEPOOL] = {"NodePoolDrifted", "the template of its NodePool has changed"},
    [WB_DRIFT_REQUIREMENTS] = {"RequirementsDrifted",
                               "it does not meet the requirements of its NodePool any more"},
    [WB_DRIFT_TYPE_NOT_FOUND] = {"InstanceTypeNotFound", "its instance type is no longer offered"},
    [WB_DRIFT_NODECLASS] = {"NodeClassDrift", "its EC2NodeClass has changed"},
    [WB_DRIFT_AMI] = {"AMIDrift", "its image is not one that its EC2NodeClass selects now"},
    [WB_DRIFT_SECURITY_GROUP] = {"SecurityGroupDrift",
                                 "its security groups are not those that its EC2NodeClass selects"},
    [WB_DRIFT_SUBNET] = {"SubnetDrift", "its subnet is not one that its EC2NodeClass selects now"},
};

const char *wb_drift_reason_name(wb_drift_reason reason)
{
    assert(reason < WB_DRIFT_REASON_COUNT);
    return reasons[reason].name;
}

const char *wb_drift_reason_sentence(wb_drift_reason reason)
{
    assert(reason < WB_DRIFT_REASON_COUNT);
    return reasons[reason].sentence;
}

static bool hash_drifted(wb_drift_hash has, wb_drift_hash wanted)
{
    return has.version != NULL && wanted.version != NULL &&
           strcmp(has.version, wanted.version) == 0 && has.hash != wanted.hash;
}

static bool holds(wb_drift_set set, uint64_t item)
{
    for (uint32_t i = 0; i < set.count; i++) {
        if (set.items[i] == item) {
            return true;
        }
    }
    return false;
}

static bool are_equal(wb_drift_set a, wb_drift_set b)
{
    bool is_equal = a.count == b.count;
    for (uint32_t i = 0; i < a.count && is_equal; i++) {
        is_equal = holds(b, a.items[i]);
    }
    return is_equal;
}

wb_drift_reason wb_drift_find(wb_arena *scratch, wb_intern *intern, const wb_drift_machine *machine,
                              const wb_drift_wish *wish)
{
    assert(machine != NULL && wish != NULL && wish->nodepool != NULL);
    if (hash_drifted(machine->pool, wish->pool)) {
        return WB_DRIFT_NODEPOOL;
    }
    if (wb_disruption_requirements_drifted(scratch, intern, wish->nodepool, machine->labels)) {
        return WB_DRIFT_REQUIREMENTS;
    }
    if (wish->catalog != NULL && wb_disruption_type_not_found(wish->catalog, machine->labels)) {
        return WB_DRIFT_TYPE_NOT_FOUND;
    }
    if (hash_drifted(machine->node_class, wish->node_class)) {
        return WB_DRIFT_NODECLASS;
    }
    if (!holds(wish->images, machine->image)) {
        return WB_DRIFT_AMI;
    }
    if (!are_equal(machine->security_groups, wish->security_groups)) {
        return WB_DRIFT_SECURITY_GROUP;
    }
    return holds(wish->subnets, machine->subnet) ? WB_DRIFT_NONE : WB_DRIFT_SUBNET;
}
