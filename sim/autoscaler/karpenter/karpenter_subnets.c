/*
 * Subnets, security groups and images as the provider finds them for an EC2NodeClass.
 *
 * Per zone a launch names the subnet with most free addresses, those that machines on their way
 * will need deducted. A subnet that a launch found empty is hidden for three minutes, the offering
 * with it; a zone of which every subnet is hidden is not planned on. A NodeClass whose terms select
 * nothing is not ready, and neither are its NodePools. The provider's copy of what is free is up to
 * a minute old; ours is not. Source: facts/aws-api.md section 1; the provider's subnet controller.
 */
#include <assert.h>

#include "base/duration.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define HIDDEN_MS (3 * WB_MS_PER_MINUTE)

static const wb_network *network_of(const wb_karpenter *self)
{
    return &self->env.cloud->network;
}

const char *wb_karpenter_class_problem(const wb_karpenter *self, const wb_nodeclass *nodeclass)
{
    return nodeclass == NULL ? NULL
                             : wb_network_not_ready(network_of(self), self->env.intern, nodeclass);
}

static bool selects_zone(const wb_karpenter *self, const wb_nodeclass *nodeclass, uint32_t zone)
{
    const wb_network *network = network_of(self);
    for (uint32_t i = 0; i < network->subnet_count; i++) {
        if (network->subnets[i].zone == zone &&
            wb_network_selects_subnet(network, self->env.intern, nodeclass, i)) {
            return true;
        }
    }
    return false;
}

void wb_karpenter_resolve_zones(const wb_karpenter *self, wb_nodeclass *inout)
{
    assert(inout != NULL);
    if (network_of(self)->subnet_count == 0) {
        return;
    }
    uint32_t *zones = WB_ARENA_ARRAY(self->env.arena, uint32_t, self->env.zone_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->env.zone_count; i++) {
        if (selects_zone(self, inout, self->env.zones[i])) {
            zones[count++] = self->env.zones[i];
        }
    }
    if (count < self->env.zone_count) { /* else the catalog stays as it is */
        inout->zones = zones;
        inout->zone_count = count;
    }
}

/* Addresses that machines on their way to a subnet will need beyond their own. */
static int64_t in_flight(const wb_karpenter *self, uint32_t subnet)
{
    const wb_cloud *cloud = self->env.cloud;
    int64_t count = 0;
    for (uint32_t i = 0; i < self->living_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        if (claim->registered_ms < 0 && cloud->instances[claim->instance_id].subnet == subnet) {
            count += wb_resource_list_get(claim->catalog->types[claim->type_index].capacity,
                                          WB_NAME_PODS);
        }
    }
    return count;
}

bool wb_karpenter_pick_subnet(const wb_karpenter *self, const wb_nodeclass *nodeclass,
                              uint32_t zone, uint32_t *out_subnet)
{
    const wb_network *network = network_of(self);
    const int64_t now_ms = self->env.kernel->now_ms;
    int64_t best = 0;
    *out_subnet = 0;
    if (network->subnet_count == 0 || nodeclass == NULL) {
        return true;
    }
    for (uint32_t i = 0; i < network->subnet_count; i++) {
        if (network->subnets[i].zone != zone || self->subnet_hidden_until_ms[i] > now_ms ||
            !wb_network_selects_subnet(network, self->env.intern, nodeclass, i)) {
            continue;
        }
        const int64_t room = wb_cloud_subnet_free(self->env.cloud, i + 1) - in_flight(self, i + 1);
        if (*out_subnet == 0 || room > best) {
            *out_subnet = i + 1;
            best = room;
        }
    }
    return *out_subnet != 0;
}

/* Whether every subnet of the zone that any NodeClass selects is hidden. */
static bool zone_is_hidden(const wb_karpenter *self, uint32_t zone)
{
    for (uint32_t i = 0; i < self->class_count; i++) {
        uint32_t subnet = 0;
        if (wb_karpenter_pick_subnet(self, self->classes[i], zone, &subnet)) {
            return false;
        }
    }
    return true;
}

static void hide_zone(wb_karpenter *self, uint32_t zone)
{
    const wb_catalog *catalog = self->env.catalog;
    for (uint32_t t = 0; t < catalog->type_count; t++) {
        for (uint32_t i = 0; i < catalog->types[t].offering_count; i++) {
            const wb_offering *offering = &catalog->types[t].offerings[i];
            if (offering->zone == zone) {
                wb_karpenter_hide_offering(self, catalog->types[t].name, zone,
                                           offering->capacity_type);
            }
        }
    }
}

void wb_karpenter_hide_subnet(wb_karpenter *self, uint32_t subnet)
{
    const wb_network *network = network_of(self);
    assert(subnet > 0 && subnet <= network->subnet_count);
    const wb_subnet *hidden = &network->subnets[subnet - 1];
    const bool was_hidden = self->subnet_hidden_until_ms[subnet - 1] > self->env.kernel->now_ms;
    self->subnet_hidden_until_ms[subnet - 1] = self->env.kernel->now_ms + HIDDEN_MS;
    if (was_hidden) {
        return;
    }
    const bool is_whole_zone = zone_is_hidden(self, hidden->zone);
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "subnet-exhausted",
        .subject = wb_intern_text(self->env.intern, hidden->id),
        .outcome = is_whole_zone ? "subnet and its zone not used for 3 minutes"
                                 : "subnet not used for 3 minutes",
        .reason = "a launch found no free address: InsufficientFreeAddressesInSubnet",
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
    if (is_whole_zone) {
        hide_zone(self, hidden->zone);
    }
}

void wb_karpenter_check_classes(wb_karpenter *self)
{
    for (uint32_t i = 0; i < self->pool_count; i++) {
        wb_nodepool *pool = &self->pools[i];
        const char *problem = wb_karpenter_class_problem(self, wb_karpenter_class_of(self, pool));
        pool->is_ready = problem == NULL;
    }
}

void wb_karpenter_announce_classes(wb_karpenter *self)
{
    for (uint32_t i = 0; i < self->class_count; i++) {
        const char *problem = wb_karpenter_class_problem(self, self->classes[i]);
        const wb_decision decision = {
            .at_ms = self->env.kernel->now_ms,
            .kind = "nodeclass-not-ready",
            .subject = wb_intern_text(self->env.intern, self->classes[i]->name),
            .outcome = "its NodePools launch nothing",
            .reason = problem,
        };
        if (problem != NULL) {
            WB_NOTIFY(self->env.observers, decision, &decision);
        }
    }
}

const char *wb_karpenter_find_class_problem(const wb_karpenter *self)
{
    const char *found = NULL;
    for (uint32_t i = 0; i < self->class_count && found == NULL; i++) {
        found = wb_karpenter_class_problem(self, self->classes[i]);
    }
    return found;
}
