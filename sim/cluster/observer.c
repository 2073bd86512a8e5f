#include "sim/cluster/observer.h"

#include <assert.h>
#include <stddef.h>

const char *wb_cause_name(wb_cause cause)
{
    static const char *const names[WB_CAUSE_COUNT] = {
        [WB_CAUSE_NONE] = "none",
        [WB_CAUSE_FINISHED] = "finished",
        [WB_CAUSE_WORKLOAD] = "workload",
        [WB_CAUSE_EMPTINESS] = "emptiness",
        [WB_CAUSE_CONSOLIDATION] = "consolidation",
        [WB_CAUSE_DRIFT] = "drift",
        [WB_CAUSE_EXPIRATION] = "expiration",
        [WB_CAUSE_NODE_REPAIR] = "node-repair",
        [WB_CAUSE_INTERRUPTION] = "interruption",
        [WB_CAUSE_SCALE_DOWN] = "scale-down",
        [WB_CAUSE_PREEMPTION] = "preemption",
        [WB_CAUSE_INSTANCE_LOST] = "instance-lost",
        [WB_CAUSE_LAUNCH_FAILED] = "launch-failed",
        [WB_CAUSE_REBALANCE] = "rebalance",
        [WB_CAUSE_NODE_NOT_READY] = "node-not-ready",
        [WB_CAUSE_GARBAGE_COLLECTION] = "garbage-collection",
        [WB_CAUSE_NODEPOOL_DELETED] = "nodepool-deleted",
        [WB_CAUSE_RECORDED] = "recorded",
        [WB_CAUSE_HORIZON] = "horizon",
    };
    assert(cause < WB_CAUSE_COUNT);
    assert(names[cause] != NULL); /* a new cause needs its name here */
    return names[cause];
}

void wb_observers_init(wb_observers *observers)
{
    assert(observers != NULL);
    *observers = (wb_observers){.count = 0};
}

void wb_observers_add(wb_observers *observers, const wb_observer *observer)
{
    assert(observers != NULL && observer != NULL);
    assert(observers->count < WB_OBSERVERS_MAX);
    observers->items[observers->count++] = *observer;
}
