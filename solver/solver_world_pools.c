/*
 * NodePools as templates, and the DaemonSets that come with each of their instance types.
 * Source: spec/scheduling.md sections 5, 13c.
 */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "solver/host_ports.h"
#include "solver/min_values.h"
#include "solver/offering_filter.h"
#include "solver/pod_shape.h"
#include "solver/solver_world_internal.h"

static int compare_pools(const void *a, const void *b, void *context)
{
    const wb_solver_pool *p = a;
    const wb_solver_pool *q = b;
    if (p->nodepool->weight != q->nodepool->weight) {
        return p->nodepool->weight > q->nodepool->weight ? -1 : 1;
    }
    const wb_intern *intern = context;
    return strcmp(wb_intern_text(intern, q->nodepool->name),
                  wb_intern_text(intern, p->nodepool->name)); /* names descending */
}

/* "karpenter.k8s.aws/ec2nodeclass" from the class reference's group and kind. */
static uint32_t node_class_label(wb_solver_world *world, wb_arena *arena, const wb_nodepool *pool)
{
    assert(world != NULL && arena != NULL && pool != NULL);
    if (pool->node_class_group == 0 || pool->node_class_kind == 0) {
        return WB_NAME_EC2NODECLASS;
    }
    const char *group = wb_intern_text(world->intern, pool->node_class_group);
    const char *kind = wb_intern_text(world->intern, pool->node_class_kind);
    const size_t group_length = strlen(group);
    const size_t kind_length = strlen(kind);
    char *label = wb_arena_alloc(arena, group_length + kind_length + 2);
    memcpy(label, group, group_length);
    label[group_length] = '/';
    for (size_t i = 0; i <= kind_length; i++) {
        label[group_length + 1 + i] = (char)tolower((unsigned char)kind[i]);
    }
    return wb_intern_add(world->intern, label);
}

static wb_requirements given_requirements(wb_solver_world *world, wb_arena *arena,
                                          const wb_nodepool *pool)
{
    assert(world != NULL && arena != NULL && pool != NULL);
    const wb_requirements asked =
        wb_requirements_from_expressions(arena, world->intern, pool->requirements,
                                         pool->requirement_count);
    const wb_requirements labels = wb_requirements_from_labels(arena, world->intern, pool->labels);
    return wb_requirements_merge(arena, world->intern, asked, labels);
}

wb_requirements wb_solver_world_template(wb_solver_world *world, wb_arena *arena,
                                         const wb_nodepool *pool)
{
    assert(world != NULL && arena != NULL && pool != NULL);
    static const uint32_t is_true[] = {WB_NAME_TRUE};
    wb_requirements made = given_requirements(world, arena, pool);
    const wb_requirement fixed[] = {
        wb_requirement_in(arena, WB_NAME_NODEPOOL, &pool->name, 1),
        wb_requirement_in(arena, node_class_label(world, arena, pool), &pool->node_class_name, 1),
        wb_requirement_in(arena, WB_NAME_REGISTERED, is_true, 1),
        wb_requirement_in(arena, WB_NAME_INITIALIZED, is_true, 1),
    };
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        made = wb_requirements_add(arena, world->intern, made, &fixed[i]);
    }
    return made;
}

static void find_types(wb_solver_world *world, wb_world_pool *pool, const wb_catalog *catalog)
{
    assert(world != NULL && pool != NULL && catalog != NULL);
    pool->compatible = WB_ARENA_ARRAY(world->arena, uint64_t, world->word_count);
    pool->types = WB_ARENA_ARRAY(world->arena, uint64_t, world->word_count);
    for (uint32_t c = 0; c < world->catalog_count; c++) {
        if (world->catalogs[c] == catalog) {
            pool->type_begin = world->catalog_first_type[c];
            pool->type_end = pool->type_begin + catalog->type_count;
        }
    }
    for (uint32_t t = pool->type_begin; t < pool->type_end; t++) {
        const wb_world_type *type = &world->types[t];
        if (!type->is_negative && wb_requirements_intersects(world->intern, type->requirements,
                                                             pool->requirements, NULL)) {
            wb_bitset_add(pool->compatible, t);
        }
    }
}

static void build_pool(wb_solver_world *world, const wb_solver_pool *from)
{
    assert(world != NULL && from != NULL);
    const wb_nodepool *nodepool = from->nodepool;
    wb_world_pool *pool = &world->pools[world->pool_count++];
    pool->nodepool = nodepool;
    pool->given = given_requirements(world, world->arena, nodepool);
    pool->requirements = wb_solver_world_template(world, world->arena, nodepool);
    pool->limits_nodes = nodepool->limit_nodes >= 0;
    pool->limits_resources = nodepool->limits.count > 0;
    pool->limits = wb_solver_world_demands(world, world->arena, nodepool->limits);
    pool->largest = WB_ARENA_ARRAY(world->arena, int64_t, pool->limits.count);
    pool->largest_type = WB_ARENA_ARRAY(world->arena, uint32_t, pool->limits.count);
    for (uint32_t i = 0; i < nodepool->taint_count; i++) {
        world->prefers_no_schedule =
            world->prefers_no_schedule || nodepool->taints[i].effect == WB_TAINT_PREFER_NO_SCHEDULE;
    }
    find_types(world, pool, from->catalog);
}

static void build_daemons(wb_solver_world *world, const wb_solver_world_desc *desc)
{
    assert(world != NULL && desc != NULL);
    world->daemons = WB_ARENA_ARRAY(world->arena, wb_world_daemon, desc->daemon_count);
    world->daemon_count = desc->daemon_count;
    for (uint32_t i = 0; i < desc->daemon_count; i++) {
        const wb_pod_template *template = desc->daemon_templates[i];
        const uint32_t choices =
            template->required_term_count > 0 ? template->required_term_count : 1;
        wb_world_daemon *daemon = &world->daemons[i];
        daemon->template = template;
        daemon->demands = wb_solver_world_demands(world, world->arena, template->requests);
        daemon->strict = WB_ARENA_ARRAY(world->arena, wb_requirements, choices);
        for (uint32_t t = 0; t < choices; t++) {
            const uint32_t left = template->required_term_count - t;
            daemon->strict[t] =
                wb_pod_shape_strict(world, template, left > 0 ? template->required_terms + t : NULL,
                                    left);
        }
        world->daemons_have_choices = world->daemons_have_choices || choices > 1;
    }
}

void wb_solver_world_build_pools(wb_solver_world *world, const wb_solver_world_desc *desc)
{
    assert(desc != NULL);
    assert(world->pools == NULL);
    world->pools = WB_ARENA_ARRAY(world->arena, wb_world_pool, desc->pool_count);
    wb_solver_pool *usable = WB_ARENA_ARRAY(world->arena, wb_solver_pool, desc->pool_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < desc->pool_count; i++) {
        const wb_nodepool *pool = desc->pools[i].nodepool;
        if (pool->is_ready && !pool->is_deleting && pool->replicas < 0) {
            usable[count++] = desc->pools[i];
        }
    }
    wb_sort_stable(usable, count, sizeof(*usable), compare_pools, world->intern);
    build_daemons(world, desc);
    for (uint32_t i = 0; i < count; i++) {
        build_pool(world, &usable[i]);
    }
}

/* Whether the daemon's pod comes to nodes of this type from this pool; judging it may cost it
 * required terms for good, see wb_world_daemon. */
static bool daemon_comes(wb_solver_world *world, const wb_world_pool *pool, uint32_t type_index,
                         wb_world_daemon *daemon)
{
    assert(world != NULL && pool != NULL && daemon != NULL);
    const wb_pod_template *template = daemon->template;
    daemon->tolerates_preference = true;
    const wb_taints_tolerance tolerance = {template->tolerations, template->toleration_count, true};
    if (!wb_taints_tolerated(world->intern, pool->nodepool->taints, pool->nodepool->taint_count,
                             tolerance)) {
        return false;
    }
    for (;;) {
        const wb_requirements strict = daemon->strict[daemon->first_term];
        if (wb_requirements_compatible(world->intern, pool->requirements, strict,
                                       WB_UNDEFINED_WELL_KNOWN, NULL) == WB_COMPATIBLE &&
            wb_requirements_intersects(world->intern, world->types[type_index].requirements, strict,
                                       NULL)) {
            return true;
        }
        if (daemon->first_term + 1 >= template->required_term_count) {
            return false;
        }
        daemon->first_term++;
    }
}

/* The group with just these daemons, new if need be. */
static wb_daemon_group *find_group(wb_solver_world *world, wb_world_pool *pool,
                                   const uint32_t *daemons, uint32_t count)
{
    assert(world != NULL && pool != NULL);
    for (uint32_t g = 0; g < pool->group_count; g++) {
        if (pool->groups[g].daemon_count == count &&
            (count == 0 ||
             memcmp(pool->groups[g].daemons, daemons, count * sizeof(*daemons)) == 0)) {
            return &pool->groups[g];
        }
    }
    wb_arena *arena = &world->prepared;
    uint32_t *kept = WB_ARENA_ARRAY(arena, uint32_t, count);
    if (count > 0) {
        memcpy(kept, daemons, count * sizeof(*kept));
    }
    pool->groups = wb_arena_grow(arena, pool->groups, pool->group_count, pool->group_count + 1,
                                 sizeof(*pool->groups));
    wb_daemon_group *group = &pool->groups[pool->group_count++];
    *group = (wb_daemon_group){
        .types = WB_ARENA_ARRAY(arena, uint64_t, world->word_count),
        .daemons = kept,
        .daemon_count = count,
    };
    return group;
}

static void sum_group(wb_solver_world *world, wb_daemon_group *group)
{
    assert(world != NULL && group != NULL);
    wb_arena *arena = &world->prepared;
    int64_t *overhead = WB_ARENA_ARRAY(arena, int64_t, world->resource_count);
    bool *has_overhead = WB_ARENA_ARRAY(arena, bool, world->resource_count);
    uint32_t port_count = 0;
    for (uint32_t i = 0; i < group->daemon_count; i++) {
        const wb_world_daemon *daemon = &world->daemons[group->daemons[i]];
        for (uint32_t d = 0; d < daemon->demands.count; d++) {
            overhead[daemon->demands.items[d].resource] += daemon->demands.items[d].amount;
            has_overhead[daemon->demands.items[d].resource] = true;
        }
        port_count += daemon->template->host_port_count;
    }
    wb_host_port *ports = WB_ARENA_ARRAY(arena, wb_host_port, port_count);
    for (uint32_t i = 0; i < group->daemon_count; i++) {
        const wb_pod_template *template = world->daemons[group->daemons[i]].template;
        group->port_count += wb_host_ports_of(world->intern, template, ports + group->port_count);
    }
    group->overhead = overhead;
    group->has_overhead = has_overhead;
    group->resource_count = world->resource_count;
    group->ports = ports;
}

static void group_daemons(wb_solver_world *world, wb_world_pool *pool)
{
    assert(world != NULL && pool != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(world->arena);
    uint32_t *coming = wb_arena_alloc(world->arena, world->daemon_count * sizeof(*coming));
    pool->groups = NULL;
    pool->group_count = 0;
    for (size_t t = wb_bitset_next(pool->types, world->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(pool->types, world->word_count, t + 1)) {
        uint32_t count = 0;
        for (uint32_t d = 0; d < world->daemon_count; d++) {
            if (daemon_comes(world, pool, (uint32_t)t, &world->daemons[d])) {
                coming[count++] = d;
            }
        }
        wb_bitset_add(find_group(world, pool, coming, count)->types, t);
    }
    for (uint32_t g = 0; g < pool->group_count; g++) {
        sum_group(world, &pool->groups[g]);
    }
    wb_arena_rewind(world->arena, mark);
}

static void find_candidates(wb_solver_world *world, wb_world_pool *pool)
{
    assert(world != NULL && pool != NULL);
    const wb_offering_filter filter = wb_offering_filter_of(world, pool->requirements);
    wb_bitset_clear(pool->types, world->word_count);
    for (size_t t = wb_bitset_next(pool->compatible, world->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(pool->compatible, world->word_count, t + 1)) {
        if (wb_offering_filter_has(&filter, (uint32_t)t)) {
            wb_bitset_add(pool->types, t);
        }
    }
    if (!world->min_values_best_effort &&
        !wb_min_values_satisfied(world, pool->requirements, pool->types)) {
        wb_bitset_clear(pool->types, world->word_count);
    }
    pool->type_count = (uint32_t)wb_bitset_member_count(pool->types, world->word_count);
    for (uint32_t i = 0; i < pool->limits.count; i++) {
        const uint32_t r = pool->limits.items[i].resource;
        pool->largest[i] = 0;
        for (size_t t = wb_bitset_next(pool->types, world->word_count, 0); t != SIZE_MAX;
             t = wb_bitset_next(pool->types, world->word_count, t + 1)) {
            const int64_t capacity = wb_solver_world_capacity_of(world, r, (uint32_t)t);
            if (capacity > pool->largest[i]) {
                pool->largest[i] = capacity;
                pool->largest_type[i] = (uint32_t)t;
            }
        }
    }
}

void wb_solver_world_prepare(wb_solver_world *world)
{
    assert(world != NULL);
    if (world->prepared_version == world->offering_version) {
        return;
    }
    wb_arena_clear(&world->prepared);
    for (uint32_t d = 0; d < world->daemon_count; d++) {
        world->daemons[d].first_term = 0;
        world->daemons[d].tolerates_preference = false;
    }
    for (uint32_t p = 0; p < world->pool_count; p++) {
        find_candidates(world, &world->pools[p]);
        group_daemons(world, &world->pools[p]);
    }
    /* Nodes expect daemons by what is left of these; without choices that never changes. */
    world->daemon_version += world->daemons_have_choices;
    world->prepared_version = world->offering_version;
}
