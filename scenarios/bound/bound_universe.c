#include "scenarios/bound/bound_universe.h"

#include <assert.h>

#include "kube/catalog/catalog_nodeclass.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler.h"

/* Pools in the making. */
typedef struct universe_maker {
    wb_arena *arena;
    wb_intern *intern;
    const wb_scenario *scenario;
    wb_solver_pool *pools;
    uint32_t *contenders; /* whose pool it is */
    uint32_t count, capacity;
} universe_maker;

/* Static pools and those without a status count like all others: they too can have nodes. */
static void add_pool(universe_maker *maker, uint32_t contender, const wb_nodepool *source,
                     const wb_catalog *catalog)
{
    assert(contender < maker->scenario->contender_count);
    if (maker->count == maker->capacity) {
        const uint32_t wider = maker->capacity == 0 ? 16 : maker->capacity * 2;
        maker->pools =
            wb_arena_grow(maker->arena, maker->pools, maker->count, wider, sizeof maker->pools[0]);
        maker->contenders = wb_arena_grow(maker->arena, maker->contenders, maker->count, wider,
                                          sizeof maker->contenders[0]);
        maker->capacity = wider;
    }
    wb_nodepool *pool = WB_ARENA_NEW(maker->arena, wb_nodepool);
    *pool = *source;
    pool->is_ready = true;
    pool->is_deleting = false;
    pool->replicas = -1;
    pool->weight = 0;
    maker->pools[maker->count] = (wb_solver_pool){pool, catalog};
    maker->contenders[maker->count++] = contender;
}

/* ---- Karpenter ---- */

/* The pool under one version of its NodeClass. */
static void add_class(universe_maker *maker, uint32_t contender, const wb_nodepool *pool,
                      const wb_nodeclass *nodeclass)
{
    const wb_catalog *catalog = &maker->scenario->catalog;
    const wb_nodeclass joined = wb_nodeclass_with_kubelet(nodeclass, pool->kubelet);
    if (wb_catalog_nodeclass_matters(&joined)) {
        wb_catalog *made = WB_ARENA_NEW(maker->arena, wb_catalog);
        *made = wb_catalog_nodeclass_apply(maker->arena, maker->intern, catalog, &joined);
        catalog = made;
    }
    add_pool(maker, contender, pool, catalog);
}

/* The manifests of a contender: what it starts with, then what is applied later. */
static const wb_manifest *manifest_of(const wb_contender *contender, uint32_t index)
{
    assert(index <= contender->change_count);
    return index == 0 ? contender->manifest : contender->changes[index - 1].manifest;
}

static void add_nodepool(universe_maker *maker, uint32_t index, const wb_nodepool *pool)
{
    const wb_contender *contender = &maker->scenario->contenders[index];
    bool has_class = false;
    for (uint32_t m = 0; m <= contender->change_count; m++) {
        const wb_manifest *manifest = manifest_of(contender, m);
        for (uint32_t i = 0; manifest != NULL && i < manifest->nodeclass_count; i++) {
            if (manifest->nodeclasses[i].name == pool->node_class_name) {
                add_class(maker, index, pool, &manifest->nodeclasses[i]);
                has_class = true;
            }
        }
    }
    if (!has_class) {
        add_pool(maker, index, pool, &maker->scenario->catalog);
    }
}

/* ---- groups and fixed nodes, as pools ---- */

/* What a pool made of a group is put together from. */
typedef struct group_parts {
    const char *name;
    const uint32_t *type_indexes;
    uint32_t type_count;
    const uint32_t *zones; /* none: all of the scenario's */
    uint32_t zone_count;
    wb_capacity_type capacity_type;
    bool is_mixed; /* both markets, whatever capacity_type says */
    wb_labels labels;
    const wb_taint *taints;
    uint32_t taint_count;
} group_parts;

static wb_label_expression in_values(uint32_t key, const uint32_t *values, uint32_t count)
{
    return (wb_label_expression){
        .key = key, .op = WB_OPERATOR_IN, .value_count = count, .values = values};
}

static void add_group(universe_maker *maker, uint32_t contender, const group_parts *parts,
                      const wb_catalog *sizes)
{
    wb_arena *arena = maker->arena;
    const wb_scenario *scenario = maker->scenario;
    uint32_t *names = WB_ARENA_ARRAY(arena, uint32_t, (size_t)parts->type_count + 1);
    for (uint32_t i = 0; i < parts->type_count; i++) {
        names[i] = scenario->catalog.types[parts->type_indexes[i]].name;
    }
    uint32_t *markets = WB_ARENA_ARRAY(arena, uint32_t, 2);
    const bool is_spot = parts->capacity_type == WB_CAPACITY_SPOT;
    markets[0] = is_spot ? WB_NAME_SPOT : WB_NAME_ON_DEMAND;
    markets[1] = is_spot ? WB_NAME_ON_DEMAND : WB_NAME_SPOT;
    const bool has_zones = parts->zone_count > 0;
    const wb_label_expression expressions[] = {
        in_values(WB_NAME_INSTANCE_TYPE, names, parts->type_count),
        in_values(WB_NAME_ZONE, has_zones ? parts->zones : scenario->zones,
                  has_zones ? parts->zone_count : scenario->zone_count),
        in_values(WB_NAME_CAPACITY_TYPE, markets, parts->is_mixed ? 2 : 1),
        /* Labels that EKS adds, with values that only the run knows. */
        {.key = wb_intern_add(maker->intern, "eks.amazonaws.com/nodegroup"),
         .op = WB_OPERATOR_EXISTS},
        {.key = wb_intern_add(maker->intern, "eks.amazonaws.com/capacityType"),
         .op = WB_OPERATOR_EXISTS},
    };
    const uint32_t count = sizeof(expressions) / sizeof(expressions[0]);
    wb_label_expression *kept = WB_ARENA_ARRAY(arena, wb_label_expression, count);
    for (uint32_t i = 0; i < count; i++) {
        kept[i] = expressions[i];
    }
    const wb_nodepool pool = {
        .name = wb_intern_add(maker->intern, parts->name),
        .labels = parts->labels,
        .requirements = kept,
        .requirement_count = count,
        .taints = parts->taints,
        .taint_count = parts->taint_count,
        .limit_nodes = -1,
    };
    add_pool(maker, contender, &pool, sizes != NULL ? sizes : &scenario->catalog);
}

static void add_node_group(universe_maker *maker, uint32_t contender, const wb_node_group *group)
{
    const group_parts parts = {
        .name = group->name,
        .type_indexes = group->type_indexes,
        .type_count = group->type_count,
        .zones = group->zones,
        .zone_count = group->zone_count,
        .capacity_type = group->capacity_type,
        .is_mixed = group->policy.is_mixed,
        .labels = group->labels,
        .taints = group->taints,
        .taint_count = group->taint_count,
    };
    add_group(maker, contender, &parts,
              wb_cluster_autoscaler_sizes(maker->arena, maker->intern, &maker->scenario->catalog,
                                          group));
}

static void add_fixed_nodes(universe_maker *maker, uint32_t contender, const wb_fixed_nodes *nodes)
{
    const group_parts parts = {
        .name = nodes->name_prefix,
        .type_indexes = &nodes->type_index,
        .type_count = 1,
        .zones = &nodes->zone,
        .zone_count = nodes->zone != 0 ? 1U : 0U,
        .capacity_type = nodes->capacity_type,
        .labels = nodes->labels,
        .taints = nodes->taints,
        .taint_count = nodes->taint_count,
    };
    add_group(maker, contender, &parts, NULL);
}

/* ---- all of it ---- */

static void add_contender(universe_maker *maker, uint32_t index)
{
    const wb_contender *contender = &maker->scenario->contenders[index];
    for (uint32_t m = 0; m <= contender->change_count; m++) {
        const wb_manifest *manifest = manifest_of(contender, m);
        for (uint32_t i = 0; manifest != NULL && i < manifest->nodepool_count; i++) {
            add_nodepool(maker, index, &manifest->nodepools[i]);
        }
    }
    for (uint32_t i = 0; i < contender->node_group_count; i++) {
        add_node_group(maker, index, &contender->node_groups[i]);
    }
    for (uint32_t i = 0; i < contender->fixed_nodes_count; i++) {
        add_fixed_nodes(maker, index, &contender->fixed_nodes[i]);
    }
}

/* The world sorts its pools; they are found again by address. */
static uint32_t contender_of(const universe_maker *maker, const wb_nodepool *pool)
{
    for (uint32_t i = 0; i < maker->count; i++) {
        if (maker->pools[i].nodepool == pool) {
            return maker->contenders[i];
        }
    }
    assert(false); /* the world has no pools but these */
    return 0;
}

void wb_bound_universe_init(wb_arena *arena, wb_intern *intern, const wb_scenario *scenario,
                            wb_bound_universe *out)
{
    assert(arena != NULL && scenario != NULL && out != NULL);
    universe_maker maker = {.arena = arena, .intern = intern, .scenario = scenario};
    for (uint32_t i = 0; i < scenario->contender_count; i++) {
        add_contender(&maker, i);
    }
    const wb_solver_world_desc desc = {
        .intern = intern,
        .pools = maker.pools,
        .pool_count = maker.count,
    };
    *out = (wb_bound_universe){.world = wb_solver_world_new(arena, &desc)};
    const uint32_t pool_count = wb_solver_world_pool_count(out->world);
    uint32_t *contenders = WB_ARENA_ARRAY(arena, uint32_t, (size_t)pool_count + 1);
    for (uint32_t i = 0; i < pool_count; i++) {
        contenders[i] = contender_of(&maker, wb_solver_world_pool(out->world, i));
    }
    out->contender_of_pool = contenders;
    out->option_count = wb_machine_list_make(arena, out->world, &out->options);
}

void wb_bound_universe_release(wb_bound_universe *universe)
{
    assert(universe->world != NULL);
    wb_solver_world_release(universe->world);
    universe->world = NULL;
}
