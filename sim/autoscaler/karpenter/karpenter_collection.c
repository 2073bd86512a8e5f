/*
 * Garbage collection: NodeClaims whose instance is gone, and instances whose NodeClaim is.
 *
 * Core looks every two minutes: a registered NodeClaim whose instance the cloud does not list any
 * more is deleted, unless its node is still Ready; since the instance is gone, nothing is drained
 * then. AWS' provider looks every 10 s, after twenty good runs every 2 min: an instance older than
 * 30 s that carries our tags and has no NodeClaim is terminated, and its Node is deleted, which
 * drains what it can while the machine shuts down. Both begin with the run; a look that would find
 * nothing is not simulated. Source: spec/disruption.md section 15.
 */
#include <assert.h>

#include "base/duration.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define CORE_MS        (2 * WB_MS_PER_MINUTE)
#define AWS_EARLY_MS   (10 * WB_MS_PER_SECOND)
#define AWS_EARLY_RUNS 20
#define AWS_LATE_MS    (2 * WB_MS_PER_MINUTE)
#define AWS_AGE_MS     (30 * WB_MS_PER_SECOND) /* younger instances may get their NodeClaim yet */

/* The first look that is not before at_ms. */
static int64_t core_look_ms(int64_t at_ms)
{
    return (at_ms + CORE_MS - 1) / CORE_MS * CORE_MS;
}

static int64_t aws_look_ms(int64_t at_ms)
{
    const int64_t early_end_ms = AWS_EARLY_RUNS * AWS_EARLY_MS;
    if (at_ms <= early_end_ms) {
        return (at_ms + AWS_EARLY_MS - 1) / AWS_EARLY_MS * AWS_EARLY_MS;
    }
    return early_end_ms + (at_ms - early_end_ms + AWS_LATE_MS - 1) / AWS_LATE_MS * AWS_LATE_MS;
}

static void tell(wb_karpenter *self, const wb_karpenter_claim *claim, const char *outcome,
                 const char *reason)
{
    const bool has_node = claim->node_id != WB_NO_ID;
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "garbage-collection",
        .subject = claim->name,
        .outcome = outcome,
        .reason = reason,
        .pod_count =
            has_node ? (int64_t)self->env.cluster->nodes[claim->node_id].movable_pod_count : 0,
        .node_count = 1,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

void wb_karpenter_on_vanished(wb_karpenter *self, uint32_t instance_id)
{
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    assert(claim_id < self->claim_count && self->claims[claim_id].gone_ms < 0);
    wb_karpenter_note_left(self, claim_id); /* a drain under way is over when the node is silent */
    wb_karpenter_schedule(self, core_look_ms(self->env.kernel->now_ms), WB_KARPENTER_EVENT_COLLECT,
                          claim_id);
}

static void collect_claim(wb_karpenter *self, uint32_t claim_id)
{
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    assert(claim->node_id != WB_NO_ID); /* only machines that have been Ready vanish */
    if (self->env.cluster->nodes[claim->node_id].is_ready) {
        wb_karpenter_schedule(self, core_look_ms(self->env.kernel->now_ms + 1),
                              WB_KARPENTER_EVENT_COLLECT, claim_id);
        return;
    }
    tell(self, claim, "NodeClaim deleted",
         "EC2 does not list its instance any more, and its node is not Ready");
    wb_karpenter_delete_claim(self, claim_id, WB_CAUSE_GARBAGE_COLLECTION);
}

void wb_karpenter_on_claim_lost(wb_karpenter *self, uint32_t instance_id)
{
    const wb_instance *instance = &self->env.cloud->instances[instance_id];
    wb_karpenter_claim *claim = &self->claims[instance->claim_id];
    if (claim->deleted_ms >= 0) {
        return; /* it goes already */
    }
    const int64_t now_ms = self->env.kernel->now_ms;
    const int64_t old_ms = instance->launched_ms + AWS_AGE_MS;
    claim->is_orphaned = true;
    wb_karpenter_update_node(self, instance->claim_id);
    wb_karpenter_mark_state(self);
    wb_karpenter_schedule(self, aws_look_ms(now_ms > old_ms ? now_ms : old_ms),
                          WB_KARPENTER_EVENT_COLLECT, instance->claim_id);
}

static void collect_instance(wb_karpenter *self, uint32_t claim_id)
{
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (wb_cloud_terminate(self->env.cloud, claim->instance_id, WB_CAUSE_GARBAGE_COLLECTION) !=
        NULL) {
        wb_karpenter_schedule(self, aws_look_ms(self->env.kernel->now_ms + 1),
                              WB_KARPENTER_EVENT_COLLECT, claim_id);
        return;
    }
    tell(self, claim, "instance terminated", "its NodeClaim was lost");
    wb_karpenter_end_claim(self, claim_id, WB_CAUSE_GARBAGE_COLLECTION, -1);
}

void wb_karpenter_on_collect(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->gone_ms >= 0 || claim->deleted_ms >= 0) {
        return; /* something else has ended it */
    }
    if (claim->is_orphaned) {
        collect_instance(self, claim_id);
    } else {
        collect_claim(self, claim_id);
    }
}
