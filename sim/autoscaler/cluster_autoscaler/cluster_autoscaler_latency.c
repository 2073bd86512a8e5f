/*
 * The decision latency of Cluster Autoscaler: a loop takes its time, sizes are set when it is over,
 * and the next one begins after that. Taints and deletions of scale-down, which takes a
 * five-thousandth of a second per node, are not held back. What the time limits cut off is in
 * scale_up.c and scale_down.c.
 */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/hash_map.h"
#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler_internal.h"

/* Pods of one controller are estimated for at once; bare ones count one each. */
static uint32_t count_owners(const wb_ca_loop *loop)
{
    wb_hash_map seen;
    wb_hash_map_init(&seen);
    uint32_t count = 0;
    for (uint32_t i = 0; i < loop->pending.count; i++) {
        const uint32_t owner = loop->pending.items[i].owner;
        uint64_t ignored = 0;
        if (owner == WB_CA_SNAPSHOT_NONE || !wb_hash_map_get(&seen, owner, &ignored)) {
            (void)wb_hash_map_put(&seen, owner, 1);
            count++;
        }
    }
    wb_hash_map_release(&seen);
    return count;
}

static void announce(const wb_cluster_autoscaler *self, int64_t takes_ms)
{
    char outcome[64];
    (void)snprintf(outcome, sizeof outcome, "%lld.%03lld s",
                   (long long)(takes_ms / WB_MS_PER_SECOND),
                   (long long)(takes_ms % WB_MS_PER_SECOND));
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "loop",
        .subject = "scale-up",
        .outcome = outcome,
        .reason = self->loop.report.is_cut_off ? "computed as measured, cut off by a time limit"
                                               : "computed as measured",
        .pod_count = self->loop.report.pending_count,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

bool wb_cluster_autoscaler_holds_back(const wb_cluster_autoscaler *self)
{
    assert(self != NULL);
    return self->contender->decision_latency.percent != 0;
}

int64_t wb_cluster_autoscaler_take_time(wb_cluster_autoscaler *self)
{
    assert(self != NULL);
    const wb_ca_loop *loop = &self->loop;
    if (!wb_cluster_autoscaler_holds_back(self)) {
        return 0;
    }
    const wb_decision_loop size = {
        .pod_count = loop->report.pending_count,
        .owner_count = count_owners(loop),
        .group_count = loop->group_count,
        .node_count = loop->snapshot.order_count,
        .removal_count = loop->report.removal_count,
        .group_limit_ms = loop->flags.group_binpacking_limit_ms,
        .estimates_limit_ms = loop->flags.binpacking_limit_ms,
    };
    const int64_t takes_ms = wb_decision_latency_loop_ms(&self->contender->decision_latency, &size);
    if (loop->report.pending_count > 0) {
        announce(self, takes_ms);
    }
    return takes_ms;
}
