/*
 * The interruption queue: what Karpenter does when EC2 warns a spot instance.
 *
 * EventBridge puts the warning into the queue, the controller polls it without a pause: about a
 * second from event to message. Then the offering is hidden for three minutes and the NodeClaim is
 * deleted like any other: taint, drain that respects PDBs, no budget asked, no replacement made
 * beforehand; the provisioner makes it for the pods of the deleting node. Nothing hurries the drain
 * to the two minutes, and what is still there then goes with the machine. A rebalance
 * recommendation is only noted. Source: spec/disruption.md section 18, facts/aws-api.md section 3.
 */
#include <assert.h>

#include "sim/autoscaler/karpenter/karpenter_internal.h"
#include "sim/cloud/identity.h"

#define MESSAGE_MS INT64_C(1000) /* facts/aws-api.md section 3: "usually below 1-2 s" */

/* Whether IAM lets the controller read the queue; when not, it says so for each message. */
static bool hears_message(const wb_karpenter *self, uint32_t claim_id)
{
    wb_cloud *cloud = self->env.cloud;
    if (cloud->identity == NULL || wb_identity_hears_message(cloud->identity)) {
        return true;
    }
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "interruption-unheard",
        .subject = self->claims[claim_id].name,
        .outcome = "nothing: the message is not read",
        .reason = cloud->permissions.no_queue,
        .node_count = 1,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
    return false;
}

void wb_karpenter_receive(wb_karpenter *self, uint32_t instance_id, wb_karpenter_event event)
{
    int64_t delays_ms[WB_CLOUD_MESSAGE_COPIES];
    if (!hears_message(self, self->env.cloud->instances[instance_id].claim_id)) {
        return;
    }
    const uint32_t copies = wb_cloud_deliver_message(self->env.cloud, instance_id, delays_ms);
    for (uint32_t i = 0; i < copies; i++) {
        wb_karpenter_schedule(self, self->env.kernel->now_ms + MESSAGE_MS + delays_ms[i], event,
                              self->env.cloud->instances[instance_id].claim_id);
    }
}

void wb_karpenter_on_warning(wb_karpenter *self, uint32_t instance_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    if (!self->settings.interruption_queue_is_off && claim_id != WB_NO_ID) {
        wb_karpenter_receive(self, instance_id, WB_KARPENTER_EVENT_MESSAGE);
    }
}

static void tell(wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const bool has_node = claim->node_id != WB_NO_ID;
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "interruption",
        .subject = claim->name,
        .outcome = "drain and delete",
        .reason = "EC2 takes the spot instance back in two minutes; its offering is hidden for "
                  "three",
        .pod_count =
            has_node ? (int64_t)self->env.cluster->nodes[claim->node_id].movable_pod_count : 0,
        .node_count = 1,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

void wb_karpenter_on_message(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->gone_ms >= 0) {
        return; /* a message for an unknown instance is dropped */
    }
    wb_karpenter_hide_offering(self, self->env.catalog->types[claim->type_index].name, claim->zone,
                               claim->capacity_type);
    if (claim->deleted_ms >= 0) {
        return; /* a NodeClaim that goes already is left alone */
    }
    tell(self, claim);
    wb_karpenter_delete_claim(self, claim_id, WB_CAUSE_INTERRUPTION);
}

/* ---- what is not an interruption ---- */

static void tell_of(wb_karpenter *self, uint32_t claim_id, const char *kind, const char *outcome,
                    const char *reason)
{
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = kind,
        .subject = self->claims[claim_id].name,
        .outcome = outcome,
        .reason = reason,
        .node_count = 1,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

/* One that comes with the warning says nothing of its own. */
void wb_karpenter_on_recommendation(wb_karpenter *self, uint32_t instance_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    const wb_instance *instance = &self->env.cloud->instances[instance_id];
    if (!self->settings.interruption_queue_is_off && instance->claim_id != WB_NO_ID &&
        instance->notice_ms < 0 && hears_message(self, instance->claim_id)) {
        tell_of(self, instance->claim_id, "rebalance-recommendation", "noted",
                "Karpenter acts on warnings, not on recommendations");
    }
}

void wb_karpenter_on_maintenance(wb_karpenter *self, uint32_t instance_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    if (!self->settings.interruption_queue_is_off && claim_id != WB_NO_ID) {
        wb_karpenter_receive(self, instance_id, WB_KARPENTER_EVENT_MAINTENANCE);
    }
}

void wb_karpenter_on_maintenance_message(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->gone_ms < 0 && claim->deleted_ms < 0) {
        tell_of(self, claim_id, "maintenance", "drain and delete",
                "EC2 has announced that it will stop the machine");
        wb_karpenter_delete_claim(self, claim_id, WB_CAUSE_NODE_REPAIR);
    }
}
