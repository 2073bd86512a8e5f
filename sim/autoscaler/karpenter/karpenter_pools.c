/*
 * The contender's NodePools, each with the instance types as its EC2NodeClass makes them: maxPods,
 * reserves, eviction thresholds and disks change what a node has. One-shot provisioning reads the
 * same files the same way.
 *
 * A pool that is changed or deleted keeps its place in self->pools, so that claims, plans and
 * budgets go on pointing to it; what a NodeClaim took from its pool when it was made it keeps in
 * claim->origin.
 */
#include <assert.h>

#include "kube/catalog/catalog_nodeclass.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

const wb_nodeclass *wb_karpenter_find_nodeclass(const wb_manifest *manifest, uint32_t name)
{
    assert(manifest != NULL);
    for (uint32_t i = 0; i < manifest->nodeclass_count; i++) {
        if (manifest->nodeclasses[i].name == name) {
            return &manifest->nodeclasses[i];
        }
    }
    return NULL;
}

const wb_nodeclass *wb_karpenter_class_of(const wb_karpenter *self, const wb_nodepool *pool)
{
    assert(pool != NULL);
    for (uint32_t i = 0; i < self->class_count; i++) {
        if (self->classes[i]->name == pool->node_class_name) {
            return self->classes[i];
        }
    }
    return NULL; /* a scenario is refused for that; tests may do without */
}

/* Pools of one NodeClass share its catalog: the solver tells catalogs apart by address. */
static const wb_catalog *make_class_catalog(const wb_karpenter *self, uint32_t pool_index)
{
    assert(pool_index < self->pool_count);
    const wb_nodepool *pool = &self->pools[pool_index];
    const wb_nodeclass *nodeclass = wb_karpenter_class_of(self, pool);
    if (nodeclass == NULL) {
        return self->env.catalog;
    }
    wb_nodeclass joined = wb_nodeclass_with_kubelet(nodeclass, pool->kubelet);
    wb_karpenter_resolve_zones(self, &joined);
    if (!wb_catalog_nodeclass_matters(&joined)) {
        return self->env.catalog;
    }
    for (uint32_t i = 0; i < pool_index; i++) {
        if (self->pools[i].node_class_name == pool->node_class_name &&
            self->pools[i].kubelet == pool->kubelet) {
            return self->class_catalogs[i];
        }
    }
    wb_catalog *made = WB_ARENA_NEW(self->env.arena, wb_catalog);
    *made =
        wb_catalog_nodeclass_apply(self->env.arena, self->env.intern, self->env.catalog, &joined);
    return made;
}

/* ---- NodeOverlays ---- */

/* Chooses the overlays in force; they may look at the pool, so under them each has a catalog of its
 * own. Nodes that are there keep what they were launched with: what they have is the kubelet's to
 * say. Without the feature gate nobody looks at overlays. */
static void make_overlaid_catalogs(wb_karpenter *self)
{
    wb_arena *arena = self->env.arena;
    const wb_node_overlays all = {self->overlays,
                                  self->settings.heeds_overlays ? self->overlay_count : 0};
    wb_overlaid_pool *pools = WB_ARENA_ARRAY(arena, wb_overlaid_pool, (size_t)self->pool_count + 1);
    for (uint32_t i = 0; i < self->pool_count; i++) {
        pools[i] = (wb_overlaid_pool){&self->pools[i], self->class_catalogs[i]};
    }
    self->overlays_in_force =
        wb_catalog_overlay_apply(arena, self->env.intern, &all, pools, self->pool_count,
                                 &self->overlays_in_conflict);
    for (uint32_t i = 0; i < self->pool_count; i++) {
        self->pool_catalogs[i] = pools[i].catalog;
    }
}

static void put_overlay(wb_karpenter *self, const wb_node_overlay *version)
{
    uint32_t at = 0;
    while (at < self->overlay_count && self->overlays[at].name != version->name) {
        at++;
    }
    self->overlays[at] = *version;
    self->overlay_count += at == self->overlay_count ? 1U : 0U;
}

void wb_karpenter_delete_overlay(wb_karpenter *self, uint32_t name)
{
    uint32_t at = 0;
    while (self->overlays[at].name != name) {
        at++;
        assert(at < self->overlay_count); /* validated */
    }
    self->overlays[at] =
        self->overlays[--self->overlay_count]; /* weight and name are their order */
    make_overlaid_catalogs(self);
    self->world_is_stale = true;
}

void wb_karpenter_announce_overlays(wb_karpenter *self)
{
    for (uint32_t i = 0; i < self->overlays_in_conflict.count; i++) {
        const wb_decision decision = {
            .at_ms = self->env.kernel->now_ms,
            .kind = "nodeoverlay-conflict",
            .subject = wb_intern_text(self->env.intern, self->overlays_in_conflict.items[i].name),
            .outcome = "not applied",
            .reason = "conflict with another overlay",
        };
        WB_NOTIFY(self->env.observers, decision, &decision);
    }
}

/* ---- what is in force ---- */

static void put_pool(wb_karpenter *self, const wb_nodepool *version)
{
    uint32_t at = 0;
    while (at < self->pool_count && self->pools[at].name != version->name) {
        at++;
    }
    self->pools[at] = *version;
    self->pools[at].is_ready = true; /* a manifest has no status yet */
    self->pool_versions[at] = version;
    self->pool_count += at == self->pool_count ? 1U : 0U;
}

static void put_class(wb_karpenter *self, const wb_nodeclass *version)
{
    uint32_t at = 0;
    while (at < self->class_count && self->classes[at]->name != version->name) {
        at++;
    }
    self->classes[at] = version;
    self->class_count += at == self->class_count ? 1U : 0U;
}

void wb_karpenter_apply_pools(wb_karpenter *self, const wb_manifest *manifest)
{
    assert(manifest != NULL);
    for (uint32_t i = 0; i < manifest->nodepool_count; i++) {
        put_pool(self, &manifest->nodepools[i]);
    }
    for (uint32_t i = 0; i < manifest->nodeclass_count; i++) {
        put_class(self, &manifest->nodeclasses[i]);
    }
    for (uint32_t i = 0; i < manifest->node_overlay_count; i++) {
        put_overlay(self, &manifest->node_overlays[i]);
    }
    for (uint32_t i = 0; i < self->pool_count; i++) {
        self->class_catalogs[i] = make_class_catalog(self, i);
    }
    make_overlaid_catalogs(self);
    wb_karpenter_check_classes(self);
    self->world_is_stale = true;
}

uint32_t wb_karpenter_delete_pool(wb_karpenter *self, uint32_t name)
{
    for (uint32_t i = 0; i < self->pool_count; i++) {
        if (self->pools[i].name == name) {
            self->pools[i].is_deleting = true; /* nothing is placed on it any more */
            self->pools[i].replicas = -1;      /* and nobody keeps up its number */
            self->pools[i].budget_count = 0;
            self->world_is_stale = true;
            return i;
        }
    }
    return UINT32_MAX;
}

void wb_karpenter_make_pools(wb_karpenter *self)
{
    const wb_contender *contender = self->contender;
    uint32_t pool_limit = contender->manifest->nodepool_count + 1;
    uint32_t class_limit = contender->manifest->nodeclass_count + 1;
    uint32_t overlay_limit = contender->manifest->node_overlay_count + 1;
    for (uint32_t i = 0; i < contender->change_count; i++) {
        pool_limit += contender->changes[i].manifest->nodepool_count;
        class_limit += contender->changes[i].manifest->nodeclass_count;
        overlay_limit += contender->changes[i].manifest->node_overlay_count;
    }
    wb_arena *arena = self->env.arena;
    self->pools = WB_ARENA_ARRAY(arena, wb_nodepool, pool_limit);
    self->pool_versions = WB_ARENA_ARRAY(arena, const wb_nodepool *, pool_limit);
    self->pool_catalogs = WB_ARENA_ARRAY(arena, const wb_catalog *, pool_limit);
    self->class_catalogs = WB_ARENA_ARRAY(arena, const wb_catalog *, pool_limit);
    self->classes = WB_ARENA_ARRAY(arena, const wb_nodeclass *, class_limit);
    self->overlays = WB_ARENA_ARRAY(arena, wb_node_overlay, overlay_limit);
    self->budget_due_ms =
        WB_ARENA_ARRAY(arena, int64_t, (size_t)pool_limit * WB_KARPENTER_BUDGETS_MAX);
    self->subnet_hidden_until_ms =
        WB_ARENA_ARRAY(arena, int64_t, self->env.cloud->network.subnet_count + 1);
    wb_karpenter_apply_pools(self, contender->manifest);
}

const wb_nodepool *wb_karpenter_pool_version(const wb_karpenter *self, const wb_nodepool *pool)
{
    assert(pool >= self->pools && pool < self->pools + self->pool_count);
    return self->pool_versions[pool - self->pools];
}

const wb_catalog *wb_karpenter_pool_catalog(const wb_karpenter *self, const wb_nodepool *pool)
{
    assert(pool >= self->pools && pool < self->pools + self->pool_count);
    return self->pool_catalogs[pool - self->pools];
}
