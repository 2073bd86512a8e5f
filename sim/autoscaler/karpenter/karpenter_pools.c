/*
 * The contender's NodePools, each with the instance types as its EC2NodeClass makes them: maxPods,
 * reserves, eviction thresholds and disks change what a node has. One-shot provisioning reads the
 * same files the same way.
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

/* Pools of one NodeClass share its catalog: the solver tells catalogs apart by address. */
static const wb_catalog *make_catalog(const wb_karpenter *self, uint32_t pool_index)
{
    assert(pool_index < self->pool_count);
    const uint32_t class_name = self->pools[pool_index].node_class_name;
    const wb_nodeclass *nodeclass =
        wb_karpenter_find_nodeclass(self->contender->manifest, class_name);
    if (nodeclass == NULL || !wb_catalog_nodeclass_matters(nodeclass)) {
        return self->env.catalog;
    }
    for (uint32_t i = 0; i < pool_index; i++) {
        if (self->pools[i].node_class_name == class_name) {
            return self->pool_catalogs[i];
        }
    }
    wb_catalog *made = WB_ARENA_NEW(self->env.arena, wb_catalog);
    *made =
        wb_catalog_nodeclass_apply(self->env.arena, self->env.intern, self->env.catalog, nodeclass);
    return made;
}

void wb_karpenter_make_pools(wb_karpenter *self)
{
    const wb_manifest *manifest = self->contender->manifest;
    wb_arena *arena = self->env.arena;
    self->pool_count = manifest->nodepool_count;
    self->pools = WB_ARENA_ARRAY(arena, wb_nodepool, self->pool_count + 1);
    self->pool_catalogs = WB_ARENA_ARRAY(arena, const wb_catalog *, self->pool_count + 1);
    for (uint32_t i = 0; i < self->pool_count; i++) {
        self->pools[i] = manifest->nodepools[i];
        self->pools[i].is_ready = true; /* a manifest has no status yet */
        self->pool_catalogs[i] = make_catalog(self, i);
    }
}

const wb_catalog *wb_karpenter_pool_catalog(const wb_karpenter *self, const wb_nodepool *pool)
{
    assert(pool >= self->pools && pool < self->pools + self->pool_count);
    return self->pool_catalogs[pool - self->pools];
}
