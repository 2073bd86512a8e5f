/*
 * Changes of NodePools, NodeClasses and NodeOverlays, and who drifts by them. By an overlay nobody
 * does: it changes what the next decisions believe, those on consolidation too.
 *
 * Without a network in the scenario there are no images, subnets or security groups but those that
 * selector terms name: each term stands for one. Source: spec/disruption.md section 14.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/hash_map.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

/* ---- what a NodeClass selects ---- */

static uint64_t hash_term(const wb_selector_term *term)
{
    uint64_t hash = wb_hash_map_join(term->id, term->name);
    hash = wb_hash_map_join(hash, wb_hash_map_join(term->alias, term->owner));
    for (uint32_t i = 0; i < term->tags.count; i++) {
        hash = wb_hash_map_join(hash, wb_hash_map_join(term->tags.items[i].key,
                                                       term->tags.items[i].value));
    }
    return hash;
}

/* Releases of a family that are known at a time: the provider keeps what "latest" names for a day,
 * which begins with the run. Source: spec/disruption.md section 20, SSM. */
static uint64_t count_releases(const wb_karpenter *self, const char *alias, int64_t at_ms)
{
    const wb_cloud *cloud = self->env.cloud;
    const int64_t known_ms = at_ms / WB_MS_PER_DAY * WB_MS_PER_DAY;
    uint64_t count = 0;
    for (uint32_t i = 0; i < cloud->release_count; i++) {
        const size_t length = strlen(cloud->releases[i].family);
        const bool is_known = cloud->releases[i].at_ms <= known_ms;
        count += is_known && strncmp(alias, cloud->releases[i].family, length) == 0 &&
                 strcmp(alias + length, "@latest") == 0;
    }
    return count;
}

/* The images that terms name at a time. */
static wb_drift_set hash_images(wb_karpenter *self, const wb_nodeclass *node_class, int64_t at_ms)
{
    uint64_t *items = WB_ARENA_ARRAY(&self->solve_arena, uint64_t, node_class->ami_count + 1);
    for (uint32_t i = 0; i < node_class->ami_count; i++) {
        const char *alias = wb_intern_text(self->env.intern, node_class->amis[i].alias);
        items[i] =
            wb_hash_map_join(hash_term(&node_class->amis[i]), count_releases(self, alias, at_ms));
    }
    return (wb_drift_set){items, node_class->ami_count};
}

static wb_drift_set hash_terms(wb_arena *arena, const wb_selector_term *terms, uint32_t count)
{
    uint64_t *items = WB_ARENA_ARRAY(arena, uint64_t, count + 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t hash = hash_term(&terms[i]);
        uint32_t at = 0;
        while (at < kept && items[at] != hash) {
            at++;
        }
        items[at] = hash;
        kept += at == kept ? 1U : 0U;
    }
    return (wb_drift_set){items, kept};
}

static uint32_t zone_index(const wb_karpenter *self, uint32_t zone)
{
    uint32_t index = 0;
    while (index < self->env.zone_count && self->env.zones[index] != zone) {
        index++;
    }
    return index;
}

typedef bool (*selects)(const wb_network *network, const wb_intern *intern,
                        const wb_nodeclass *node_class, uint32_t index);

/* Of count things of the network those that a class selects. */
static wb_drift_set find_selected(wb_karpenter *self, const wb_nodeclass *node_class,
                                  uint32_t count, selects is_selected)
{
    const wb_network *network = &self->env.cloud->network;
    uint64_t *items = WB_ARENA_ARRAY(&self->solve_arena, uint64_t, count);
    uint32_t selected = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (is_selected(network, self->env.intern, node_class, i)) {
            items[selected++] = i + UINT64_C(1);
        }
    }
    return (wb_drift_set){items, selected};
}

/* Subnets and groups of a scenario's network go by what was found; else a term stands for one. */
static wb_drift_set find_subnets(wb_karpenter *self, const wb_nodeclass *node_class)
{
    const uint32_t count = self->env.cloud->network.subnet_count;
    return count == 0
               ? hash_terms(&self->solve_arena, node_class->subnets, node_class->subnet_count)
               : find_selected(self, node_class, count, wb_network_selects_subnet);
}

static wb_drift_set find_groups(wb_karpenter *self, const wb_nodeclass *node_class)
{
    const uint32_t count = self->env.cloud->network.security_group_count;
    return count == 0 ? hash_terms(&self->solve_arena, node_class->security_groups,
                                   node_class->security_group_count)
                      : find_selected(self, node_class, count, wb_network_selects_group);
}

/* Without a network terms by tags find a subnet in each zone, and the first is as good as any;
 * terms by id are taken to name one zone after the other. */
static uint64_t subnet_of(const wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const wb_nodeclass *node_class = claim->node_class;
    const uint32_t subnet = self->env.cloud->instances[claim->instance_id].subnet;
    if (subnet > 0) {
        return subnet;
    }
    uint32_t at = 0;
    if (node_class->subnet_count > 0 && node_class->subnets[0].id != 0) {
        at = zone_index(self, claim->zone) % node_class->subnet_count;
    }
    return node_class->subnet_count > 0 ? hash_term(&node_class->subnets[at]) : 0;
}

/* ---- drift ---- */

static wb_drift_reason find_drift(wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const wb_nodeclass *node_class = wb_karpenter_class_of(self, claim->pool);
    if (node_class == NULL || claim->node_class == NULL) {
        return WB_DRIFT_NONE;
    }
    wb_arena *arena = &self->solve_arena;
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    const wb_nodeclass *was = claim->node_class;
    const wb_drift_set images = hash_images(self, was, claim->created_ms);
    const wb_drift_machine machine = {
        .labels = wb_solver_node_labels(claim->node),
        .pool = {claim->origin->template_hash, WB_DRIFT_HASH_VERSION},
        .node_class = {was->spec_hash, WB_DRIFT_HASH_VERSION},
        .image = images.count > 0 ? images.items[0] : 0,
        .subnet = subnet_of(self, claim),
        .security_groups = find_groups(self, was),
    };
    const wb_drift_wish wish = {
        .nodepool = claim->pool,
        .catalog = wb_karpenter_catalog_for_drift(self, claim),
        .pool = {claim->pool->template_hash, WB_DRIFT_HASH_VERSION},
        .node_class = {node_class->spec_hash, WB_DRIFT_HASH_VERSION},
        .images = hash_images(self, node_class, self->env.kernel->now_ms),
        .subnets = find_subnets(self, node_class),
        .security_groups = find_groups(self, node_class),
    };
    const wb_drift_reason reason = wb_drift_find(arena, self->env.intern, &machine, &wish);
    wb_arena_rewind(arena, mark);
    return reason;
}

void wb_karpenter_check_drift(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->gone_ms >= 0 || claim->launched_ms < 0) {
        return;
    }
    const wb_drift_reason reason = find_drift(self, claim);
    const bool was_drifted = claim->drift_reason != WB_DRIFT_NONE;
    claim->drift_reason = reason;
    if (was_drifted != (reason != WB_DRIFT_NONE)) {
        claim->drifted_ms = was_drifted ? -1 : self->env.kernel->now_ms;
        wb_karpenter_wake_loop(self);
    }
}

/* ---- changes ---- */

void wb_karpenter_schedule_changes(wb_karpenter *self)
{
    for (uint32_t i = 0; i < self->contender->change_count; i++) {
        wb_karpenter_schedule(self, self->contender->changes[i].at_ms, WB_KARPENTER_EVENT_CHANGE,
                              i);
    }
    const wb_cloud *cloud = self->env.cloud;
    for (uint32_t i = 0; i < cloud->release_count; i++) {
        const int64_t days = (cloud->releases[i].at_ms + WB_MS_PER_DAY - 1) / WB_MS_PER_DAY;
        wb_karpenter_schedule(self, days * WB_MS_PER_DAY, WB_KARPENTER_EVENT_IMAGE, i);
    }
}

static void check_all(wb_karpenter *self)
{
    for (uint32_t i = 0; i < self->living_count; i++) {
        wb_karpenter_check_drift(self, self->living_claims[i]);
    }
}

void wb_karpenter_on_image(wb_karpenter *self)
{
    check_all(self);
}

/* NodeClaims belong to their NodePool, so they go with it: each is drained as ever, no budget is
 * asked, and nothing is bought beforehand; their pods' new places come with the next batch. */
static void delete_pool(wb_karpenter *self, uint32_t name)
{
    const uint32_t pool_index = wb_karpenter_delete_pool(self, name);
    assert(pool_index != UINT32_MAX); /* validated */
    uint32_t *doomed = WB_ARENA_ARRAY(&self->solve_arena, uint32_t, self->living_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->living_count; i++) {
        if (self->claims[self->living_claims[i]].pool == &self->pools[pool_index]) {
            doomed[count++] = self->living_claims[i];
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        wb_karpenter_delete_claim(self, doomed[i], WB_CAUSE_NODEPOOL_DELETED);
    }
}

/* Waiting pods are tried against the new pools at their next trigger, as any failed pod is. */
void wb_karpenter_on_change(wb_karpenter *self, uint32_t change_index)
{
    assert(change_index < self->contender->change_count);
    const wb_contender_change *change = &self->contender->changes[change_index];
    const wb_arena_mark mark = wb_arena_get_mark(&self->solve_arena);
    wb_karpenter_apply_pools(self, change->manifest);
    if (change->deleted_overlay != 0) {
        wb_karpenter_delete_overlay(self, change->deleted_overlay);
    }
    wb_karpenter_announce_classes(self);
    wb_karpenter_announce_overlays(self);
    if (change->deleted_nodepool != 0) {
        delete_pool(self, change->deleted_nodepool);
    }
    wb_arena_rewind(&self->solve_arena, mark);
    if (self->world != NULL) {
        wb_karpenter_refresh_world(self);
    }
    self->validation_is_void = self->loop_is_blocked;
    wb_karpenter_start_static(self);
    wb_karpenter_schedule_budgets(self);
    check_all(self);
    wb_karpenter_mark_state(self);
    wb_karpenter_note_change(self);
    wb_karpenter_wake_loop(self);
}
