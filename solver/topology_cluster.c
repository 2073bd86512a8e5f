#include "solver/topology_cluster.h"

#include <assert.h>
#include <string.h>

#include "solver/solver_node_internal.h"
#include "solver/topology_universe.h"

/* ---- counting ---- */

wb_topology_group wb_topology_cluster_uncounted(wb_arena *arena, wb_solver_world *world,
                                                const wb_solver_problem *problem,
                                                const wb_topology_group *draft,
                                                const wb_taints_tolerance *honored)
{
    assert(arena != NULL && world != NULL && problem != NULL && draft != NULL);
    wb_topology_group group = *draft;
    group.is_hostname = group.key == WB_NAME_HOSTNAME;
    group.first_claim = problem->node_count;
    if (group.is_hostname) {
        return group;
    }
    const wb_world_universe *universe = wb_topology_universe_get(world, group.key);
    const size_t words = wb_bitset_word_count(world->pool_count);
    uint64_t *tolerated = WB_ARENA_ARRAY(arena, uint64_t, words);
    for (uint32_t p = 0; p < world->pool_count; p++) {
        const wb_nodepool *pool = world->pools[p].nodepool;
        if (honored == NULL ||
            wb_taints_tolerated(world->intern, pool->taints, pool->taint_count, *honored)) {
            wb_bitset_add(tolerated, p);
        }
    }
    for (uint32_t i = 0; i < universe->count; i++) {
        if (wb_bitset_intersects(universe->domains[i].pools, tolerated, words)) {
            wb_topology_group_domain(&group, arena, world->intern, universe->domains[i].value)
                ->is_given = true;
        }
    }
    group.given_count = group.domain_count;
    return group;
}

bool wb_topology_cluster_counts(const wb_solver_world *world, const wb_topology_group *group,
                                const wb_solver_node *node)
{
    assert(world != NULL && group != NULL && node != NULL);
    return node->has_node && wb_topology_group_counts_node(group, world->intern, node->taints,
                                                           node->taint_count, node->requirements);
}

void wb_topology_cluster_count(wb_arena *arena, const wb_solver_world *world,
                               wb_topology_group *group, const wb_solver_node *node, int32_t delta)
{
    assert(arena != NULL && world != NULL && group != NULL && node != NULL);
    int32_t *count = NULL;
    if (group->is_hostname) {
        wb_topology_group_reserve_host(group, arena, node->host_index);
        count = &group->host_counts[node->host_index];
    } else if (wb_labels_has(node->labels, group->key)) {
        count = &wb_topology_group_domain(group, arena, world->intern,
                                          wb_labels_get(node->labels, group->key))
                     ->count;
    }
    if (count != NULL) {
        group->used_count -= *count > 0;
        *count += delta;
        group->used_count += *count > 0;
    }
}

void wb_topology_cluster_count_shape(wb_arena *arena, const wb_topology_cluster *cluster,
                                     wb_topology_group *group, const wb_solver_shape *shape)
{
    assert(arena != NULL && cluster != NULL && group != NULL && shape != NULL);
    /* A pod that is terminating counts for nobody, but its anti-affinity holds until it is gone. */
    const uint32_t ignored = group->kind == WB_TOPOLOGY_INVERSE ? 0 : WB_SOLVER_POD_TERMINATING;
    for (const wb_node_entry *entry = shape->running; entry != NULL; entry = entry->older) {
        if (entry->node->solve_serial == cluster->node_serial && (entry->flags & ignored) == 0 &&
            wb_topology_cluster_counts(cluster->world, group, entry->node)) {
            wb_topology_cluster_count(arena, cluster->world, group, entry->node,
                                      (int32_t)entry->count);
        }
    }
}

bool wb_topology_cluster_has(const wb_solver_world *world, const wb_solver_problem *problem,
                             const wb_topology_group *group, uint32_t value)
{
    assert(world != NULL && problem != NULL && group != NULL);
    if (group->kind == WB_TOPOLOGY_INVERSE) {
        return false; /* counts its owners and looks at no nodes */
    }
    for (uint32_t i = 0; i < problem->node_count; i++) {
        const wb_solver_node *node = problem->nodes[i];
        const uint8_t role =
            problem->node_roles != NULL ? problem->node_roles[i] : WB_NODE_ROLE_OFFERED;
        if (role != WB_NODE_ROLE_REMOVED && role != WB_NODE_ROLE_DELETING &&
            wb_labels_has(node->labels, group->key) &&
            wb_labels_get(node->labels, group->key) == value &&
            wb_topology_cluster_counts(world, group, node)) {
            return true;
        }
    }
    return false;
}

/* What the cluster has: domains of its nodes, and pods that the group selects. Nodes that one
 * removal takes away are among them; each solve forgets what only they have. */
static void count_cluster(const wb_topology_cluster *cluster, const wb_solver_problem *problem,
                          wb_topology_group *group)
{
    assert(cluster != NULL && problem != NULL && group != NULL);
    wb_solver_world *world = cluster->world;
    for (uint32_t i = 0; i < problem->node_count && !group->is_hostname; i++) {
        const wb_solver_node *node = problem->nodes[i];
        if (wb_labels_has(node->labels, group->key) &&
            wb_topology_cluster_counts(world, group, node)) {
            (void)wb_topology_group_domain(group, cluster->arena, world->intern,
                                           wb_labels_get(node->labels, group->key));
        }
    }
    for (uint32_t i = 0; i < world->label_set_count; i++) {
        const wb_pod_labels *labels = world->label_sets[i];
        if (labels->listed == NULL || !wb_topology_group_counts_running(group, labels)) {
            continue;
        }
        for (const wb_solver_shape *shape = labels->listed; shape != NULL;
             shape = shape->next_listed) {
            wb_topology_cluster_count_shape(cluster->arena, cluster, group, shape);
        }
    }
}

/* ---- groups of the cluster ---- */

static wb_cluster_group *append_group(wb_arena *arena, wb_cluster_group ***groups, uint32_t *count,
                                      uint32_t *capacity)
{
    assert(arena != NULL && groups != NULL);
    if (*count == *capacity) {
        const uint32_t more = *capacity * 2 + 8;
        *groups = wb_arena_grow(arena, *groups, *count, more, sizeof(wb_cluster_group *));
        *capacity = more;
    }
    wb_cluster_group *made = WB_ARENA_NEW(arena, wb_cluster_group);
    (*groups)[(*count)++] = made;
    return made;
}

/* The counted group of a rule: minDomains, its filter and what chose its domains are part of it
 * here, though groups that differ in these only are one in a solve. */
static wb_cluster_group *find_counted(wb_topology_cluster *cluster,
                                      const wb_solver_problem *problem,
                                      const wb_topology_group *draft, wb_taints_tolerance tolerance)
{
    assert(cluster != NULL && draft != NULL);
    const bool honors_taints = draft->kind != WB_TOPOLOGY_SPREAD || draft->filter.honors_taints;
    for (uint32_t i = 0; i < cluster->counted_count; i++) {
        wb_cluster_group *known = cluster->counted[i];
        if (known->honors_taints == honors_taints &&
            known->counted.min_domains == draft->min_domains &&
            wb_topology_group_equals(&known->counted, draft) &&
            wb_topology_filters_equal(&known->counted.filter, &draft->filter) &&
            wb_taints_tolerances_equal(known->tolerance, tolerance)) {
            return known;
        }
    }
    wb_cluster_group *made = append_group(cluster->arena, &cluster->counted,
                                          &cluster->counted_count, &cluster->counted_capacity);
    made->tolerance = tolerance;
    made->honors_taints = honors_taints;
    made->counted = wb_topology_cluster_uncounted(cluster->arena, cluster->world, problem, draft,
                                                  honors_taints ? &made->tolerance : NULL);
    count_cluster(cluster, problem, &made->counted);
    return made;
}

const wb_cluster_rules *wb_topology_cluster_rules(wb_topology_cluster *cluster,
                                                  const wb_solver_problem *problem,
                                                  wb_pod_variant *variant)
{
    assert(cluster != NULL && problem != NULL && variant != NULL);
    if (variant->cluster_serial == cluster->serial) {
        return variant->cluster_data;
    }
    const wb_topology_rules rules =
        wb_topology_rules_of(cluster->arena, cluster->world, problem, variant);
    wb_cluster_rules *made = WB_ARENA_NEW(cluster->arena, wb_cluster_rules);
    made->groups = WB_ARENA_ARRAY(cluster->arena, wb_cluster_group *, rules.count);
    made->count = rules.count;
    for (uint32_t i = 0; i < rules.count; i++) {
        made->groups[i] = find_counted(cluster, problem, &rules.drafts[i], variant->tolerance);
    }
    variant->cluster_serial = cluster->serial;
    variant->cluster_data = made;
    return made;
}

/* ---- anti-affinity of what runs ---- */

static wb_cluster_group *find_inverse(const wb_topology_cluster *cluster,
                                      const wb_topology_group *draft)
{
    for (uint32_t i = 0; i < cluster->inverse_count; i++) {
        if (wb_topology_group_equals(&cluster->inverse[i]->counted, draft)) {
            return cluster->inverse[i];
        }
    }
    return NULL;
}

static wb_taints_tolerance tolerance_of(const wb_pod_kind *kind)
{
    return (wb_taints_tolerance){kind->template->tolerations, kind->template->toleration_count,
                                 false};
}

static wb_cluster_kind *make_kind(wb_topology_cluster *cluster, const wb_solver_problem *problem,
                                  wb_pod_kind *kind, bool runs)
{
    assert(cluster != NULL && problem != NULL && kind != NULL);
    wb_arena *arena = cluster->arena;
    wb_cluster_kind *made = WB_ARENA_NEW(arena, wb_cluster_kind);
    made->rules = wb_topology_rules_inverse(arena, cluster->world, problem, kind);
    made->known = WB_ARENA_ARRAY(arena, wb_cluster_group *, made->rules.count);
    const wb_taints_tolerance tolerance = tolerance_of(kind);
    for (uint32_t i = 0; i < made->rules.count; i++) {
        wb_cluster_group *group = find_inverse(cluster, &made->rules.drafts[i]);
        if (group == NULL && runs) {
            group = append_group(arena, &cluster->inverse, &cluster->inverse_count,
                                 &cluster->inverse_capacity);
            group->tolerance = tolerance;
            group->honors_taints = true;
            group->counted = wb_topology_cluster_uncounted(arena, cluster->world, problem,
                                                           &made->rules.drafts[i], &tolerance);
        }
        if (group != NULL && runs) {
            group->owners_differ =
                group->owners_differ || !wb_taints_tolerances_equal(group->tolerance, tolerance);
        }
        made->known[i] = group;
    }
    kind->cluster_serial = cluster->serial;
    kind->cluster_data = made;
    return made;
}

const wb_cluster_kind *wb_topology_cluster_kind(wb_topology_cluster *cluster,
                                                const wb_solver_problem *problem, wb_pod_kind *kind)
{
    assert(cluster != NULL && kind != NULL);
    return kind->cluster_serial == cluster->serial ? kind->cluster_data
                                                   : make_kind(cluster, problem, kind, false);
}

bool wb_topology_cluster_is_repeated(const wb_cluster_kind *kind, uint32_t rule)
{
    assert(kind != NULL && rule < kind->rules.count);
    for (uint32_t i = 0; i < rule; i++) {
        if (kind->known[i] == kind->known[rule]) {
            return true;
        }
    }
    return false;
}

/* Counts a running shape as an owner of its inverse groups. */
static void add_repelling(wb_topology_cluster *cluster, const wb_solver_problem *problem,
                          wb_solver_shape *shape)
{
    assert(cluster != NULL && problem != NULL && shape != NULL);
    uint32_t total = 0;
    for (const wb_node_entry *entry = shape->running; entry != NULL; entry = entry->older) {
        total += entry->node->solve_serial == cluster->node_serial ? entry->count : 0;
    }
    if (total == 0) {
        return;
    }
    if (cluster->repelling_count == cluster->repelling_capacity) {
        const uint32_t capacity = cluster->repelling_capacity * 2 + 8;
        cluster->repelling =
            wb_arena_grow(cluster->arena, cluster->repelling, cluster->repelling_count, capacity,
                          sizeof(*cluster->repelling));
        cluster->repelling_capacity = capacity;
    }
    cluster->repelling[cluster->repelling_count++] = (wb_repelling_shape){shape, total};
    shape->repelling_serial = cluster->serial;
    shape->repelling_count = total;
    const wb_cluster_kind *kind = shape->kind->cluster_serial == cluster->serial
                                      ? shape->kind->cluster_data
                                      : make_kind(cluster, problem, shape->kind, true);
    for (uint32_t i = 0; i < kind->rules.count; i++) {
        if (!wb_topology_cluster_is_repeated(kind, i)) {
            kind->known[i]->owner_count++;
            wb_topology_cluster_count_shape(cluster->arena, cluster, &kind->known[i]->counted,
                                            shape);
        }
    }
}

static void start_over(wb_topology_cluster *cluster, const wb_solver_problem *problem)
{
    wb_solver_world *world = cluster->world;
    cluster->serial = ++world->solve_serial;
    cluster->label_set_count = world->label_set_count;
    cluster->counted_count = 0;
    cluster->inverse_count = 0;
    cluster->repelling_count = 0;
    for (uint32_t i = 0; i < world->repelling_count; i++) {
        add_repelling(cluster, problem, world->repelling_shapes[i]);
    }
}

static void stamp(wb_topology_cluster *cluster, const wb_solver_problem *problem)
{
    wb_solver_world *world = cluster->world;
    cluster->node_serial = ++world->solve_serial;
    world->stamp_serial = cluster->node_serial;
    for (uint32_t i = 0; i < problem->node_count; i++) {
        problem->nodes[i]->host_index = i;
        problem->nodes[i]->solve_serial = cluster->node_serial;
    }
}

void wb_topology_cluster_start(wb_topology_cluster *cluster, wb_arena *arena,
                               wb_solver_world *world, const wb_solver_problem *problem)
{
    assert(cluster != NULL && arena != NULL && world != NULL && problem != NULL);
    *cluster = (wb_topology_cluster){.arena = arena, .world = world};
    stamp(cluster, problem);
    start_over(cluster, problem);
}

void wb_topology_cluster_refresh(wb_topology_cluster *cluster, const wb_solver_problem *problem)
{
    assert(cluster != NULL && problem != NULL);
    if (cluster->world->stamp_serial != cluster->node_serial) {
        stamp(cluster, problem);
        for (uint32_t i = 0; i < cluster->repelling_count; i++) { /* may bear another's marks */
            cluster->repelling[i].shape->repelling_serial = cluster->serial;
            cluster->repelling[i].shape->repelling_count = cluster->repelling[i].running_count;
        }
    }
    if (cluster->world->label_set_count != cluster->label_set_count) {
        start_over(cluster, problem);
    }
}

const wb_cluster_selecting *wb_topology_cluster_selecting(wb_topology_cluster *cluster,
                                                          wb_pod_labels *labels)
{
    assert(cluster != NULL && labels != NULL);
    if (labels->cluster_serial == cluster->serial) {
        return labels->cluster_data;
    }
    wb_cluster_selecting *made = WB_ARENA_NEW(cluster->arena, wb_cluster_selecting);
    made->indices = WB_ARENA_ARRAY(cluster->arena, uint32_t, cluster->inverse_count);
    for (uint32_t i = 0; i < cluster->inverse_count; i++) {
        if (wb_topology_group_selects(&cluster->inverse[i]->counted, labels)) {
            made->indices[made->count++] = i;
        }
    }
    labels->cluster_serial = cluster->serial;
    labels->cluster_data = made;
    return made;
}
