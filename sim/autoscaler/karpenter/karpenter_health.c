/*
 * NodeClaims that don't become what they should, and nodes that are no longer well: the liveness of
 * launch and registration, node repair, machines that stopped. Source: spec/disruption.md sections
 * 15, 16, 18.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define LAUNCH_LIMIT_MS       (5 * WB_MS_PER_MINUTE)
#define REGISTRATION_LIMIT_MS (15 * WB_MS_PER_MINUTE)
#define REPAIR_RETRY_MS       (5 * WB_MS_PER_MINUTE)
#define READY_TOLERATION_MS   (30 * WB_MS_PER_MINUTE)
#define IMPAIRED_MS           (2 * WB_MS_PER_MINUTE)
#define UNHEALTHY_PERCENT     20 /* of a pool's nodes, rounded up: more than that are left alone */

/* ---- liveness ---- */

void wb_karpenter_watch_liveness(wb_karpenter *self, uint32_t claim_id)
{
    const int64_t created_ms = self->claims[claim_id].created_ms;
    wb_karpenter_schedule(self, created_ms + LAUNCH_LIMIT_MS, WB_KARPENTER_EVENT_LIVENESS,
                          claim_id);
    wb_karpenter_schedule(self, created_ms + REGISTRATION_LIMIT_MS, WB_KARPENTER_EVENT_LIVENESS,
                          claim_id);
}

void wb_karpenter_on_liveness(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    const int64_t age_ms = self->env.kernel->now_ms - claim->created_ms;
    if (claim->launched_ms < 0 || (claim->registered_ms < 0 && age_ms >= REGISTRATION_LIMIT_MS)) {
        wb_karpenter_delete_claim(self, claim_id, WB_CAUSE_LAUNCH_FAILED);
    }
}

/* ---- repair ---- */

/* What AWS' provider repairs, and after how long. */
static const struct {
    const char *condition;
    int64_t toleration_ms;
} policies[] = {
    {"Ready", READY_TOLERATION_MS},          {"AcceleratedHardwareReady", 10 * WB_MS_PER_MINUTE},
    {"StorageReady", 30 * WB_MS_PER_MINUTE}, {"NetworkingReady", 30 * WB_MS_PER_MINUTE},
    {"KernelReady", 30 * WB_MS_PER_MINUTE},  {"ContainerRuntimeReady", 30 * WB_MS_PER_MINUTE},
};

/* When a node may be repaired; INT64_MAX: it is well, or ill of something that no policy names. */
static int64_t repair_due_ms(const wb_karpenter *self, const wb_cluster_node *node)
{
    if (node->bad_condition == 0) {
        return node->is_ready ? INT64_MAX : node->added_ms + READY_TOLERATION_MS;
    }
    const char *name = wb_intern_text(self->env.intern, node->bad_condition);
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        if (strcmp(policies[i].condition, name) == 0) {
            return node->bad_since_ms + policies[i].toleration_ms;
        }
    }
    return INT64_MAX;
}

void wb_karpenter_watch_health(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    if (!self->settings.repairs_nodes || claim->node_id == WB_NO_ID || claim->deleted_ms >= 0) {
        return;
    }
    const int64_t due_ms = repair_due_ms(self, &self->env.cluster->nodes[claim->node_id]);
    if (due_ms != INT64_MAX) {
        const int64_t now_ms = self->env.kernel->now_ms;
        wb_karpenter_schedule(self, due_ms > now_ms ? due_ms : now_ms, WB_KARPENTER_EVENT_REPAIR,
                              claim_id);
    }
}

/* Illness of many is taken for something that new nodes would not cure. */
static bool pool_is_well(const wb_karpenter *self, const wb_nodepool *pool)
{
    int64_t nodes = 0;
    int64_t ill = 0;
    for (uint32_t i = 0; i < self->living_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        if (claim->pool == pool && claim->node_id != WB_NO_ID) {
            nodes++;
            ill += repair_due_ms(self, &self->env.cluster->nodes[claim->node_id]) != INT64_MAX;
        }
    }
    return ill <= (nodes * UNHEALTHY_PERCENT + 99) / 100;
}

void wb_karpenter_on_repair(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    const int64_t now_ms = self->env.kernel->now_ms;
    if (claim->gone_ms >= 0 || claim->deleted_ms >= 0 ||
        repair_due_ms(self, &self->env.cluster->nodes[claim->node_id]) > now_ms) {
        return; /* it has recovered, or fallen ill again since */
    }
    if (!pool_is_well(self, claim->pool)) {
        wb_karpenter_schedule(self, now_ms + REPAIR_RETRY_MS, WB_KARPENTER_EVENT_REPAIR, claim_id);
        return;
    }
    wb_karpenter_end_claim(self, claim_id, WB_CAUSE_NODE_REPAIR, now_ms);
}

/* ---- status checks ---- */

/* Karpenter asks for them every minute and acts when one has failed for two. */
void wb_karpenter_on_impaired(wb_karpenter *self, uint32_t instance_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    const wb_instance *instance = &self->env.cloud->instances[instance_id];
    const int64_t old_enough_ms = instance->impaired_ms + IMPAIRED_MS;
    const int64_t poll_ms =
        (old_enough_ms + WB_MS_PER_MINUTE - 1) / WB_MS_PER_MINUTE * WB_MS_PER_MINUTE;
    if (instance->claim_id != WB_NO_ID) {
        wb_karpenter_schedule(self, poll_ms, WB_KARPENTER_EVENT_IMPAIRED, instance->claim_id);
    }
}

/* Forcefully: nothing is waited for, PDBs included. */
void wb_karpenter_on_impaired_due(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    const int64_t now_ms = self->env.kernel->now_ms;
    const int64_t impaired_ms = self->env.cloud->instances[claim->instance_id].impaired_ms;
    if (claim->gone_ms >= 0 || claim->deleted_ms >= 0 || impaired_ms < 0 ||
        impaired_ms + IMPAIRED_MS > now_ms) {
        return;
    }
    const wb_decision decision = {
        .at_ms = now_ms,
        .kind = "impaired",
        .subject = claim->name,
        .outcome = "delete at once",
        .reason = "a status check of the machine has failed for two minutes",
        .node_count = 1,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
    wb_karpenter_end_claim(self, claim_id, WB_CAUSE_NODE_REPAIR, now_ms);
}

/* ---- machines that stopped ---- */

/* The state change comes as a message of the interruption queue; without one the Node goes with its
 * instance, and the NodeClaim with that. */
void wb_karpenter_on_stopped(wb_karpenter *self, uint32_t instance_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    if (!self->settings.interruption_queue_is_off && claim_id != WB_NO_ID) {
        wb_karpenter_receive(self, instance_id, WB_KARPENTER_EVENT_STOPPED);
    }
}

void wb_karpenter_on_stopped_message(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_delete_claim(self, claim_id, WB_CAUSE_INSTANCE_LOST);
}
