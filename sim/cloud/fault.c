#include "sim/cloud/fault.h"

#include <assert.h>
#include <stddef.h>

static const struct {
    const char *name, *one, *many; /* what it hits */
} kinds[WB_FAULT_KIND_COUNT] = {
    [WB_FAULT_NOT_READY] = {"notReady", "node", "nodes"},
    [WB_FAULT_CONDITION] = {"condition", "node", "nodes"},
    [WB_FAULT_LOST] = {"lost", "machine", "machines"},
    [WB_FAULT_VANISHES] = {"vanishes", "machine", "machines"},
    [WB_FAULT_IMPAIRED] = {"impaired", "machine", "machines"},
    [WB_FAULT_MAINTENANCE] = {"maintenance", "machine", "machines"},
    [WB_FAULT_ORPHANED] = {"orphaned", "machine", "machines"},
    [WB_FAULT_NEVER_REGISTERS] = {"neverRegisters", "machine", "machines"},
    [WB_FAULT_API_ERROR] = {"apiError", "call", "calls"},
    [WB_FAULT_API_LATENCY] = {"apiLatency", "call", "calls"},
    [WB_FAULT_MESSAGE_LOST] = {"messageLost", "message", "messages"},
    [WB_FAULT_MESSAGE_DELAYED] = {"messageDelayed", "message", "messages"},
    [WB_FAULT_MESSAGE_DUPLICATE] = {"messageDuplicate", "message", "messages"},
    [WB_FAULT_OFFERING_ENDS] = {"offeringEnds", "offering", "offerings"},
    [WB_FAULT_CONTROL_PLANE] = {"controlPlane", "", ""},
};

const char *wb_fault_kind_name(wb_fault_kind kind)
{
    assert(kind < WB_FAULT_KIND_COUNT);
    return kinds[kind].name;
}

const char *wb_fault_kind_target(wb_fault_kind kind, bool is_plural)
{
    assert(kind < WB_FAULT_KIND_COUNT);
    return is_plural ? kinds[kind].many : kinds[kind].one;
}

bool wb_fault_is_on(const wb_fault *fault, int64_t at_ms)
{
    assert(fault != NULL);
    return fault->at_ms <= at_ms && (fault->for_ms < 0 || at_ms < fault->at_ms + fault->for_ms);
}
