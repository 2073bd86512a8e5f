#include "solver/topology.h"

#include <assert.h>
#include <string.h>

#include "solver/solver_node_internal.h"
#include "solver/topology_rules.h"
#include "solver/topology_universe.h"

static void list_add(wb_arena *arena, wb_topology_list *list, uint32_t group)
{
    assert(arena != NULL && list != NULL);
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->groups[i] == group) {
            return; /* two rules of one pod that are the same */
        }
    }
    if (list->count == list->capacity) {
        const uint32_t capacity = list->capacity * 2 + 4;
        list->groups =
            wb_arena_grow(arena, list->groups, list->count, capacity, sizeof(*list->groups));
        list->capacity = capacity;
    }
    list->groups[list->count++] = group;
}

/* Domains that some pool can give: all, or only those of pools whose taints the pod tolerates. */
static void add_universe(wb_topology *topology, wb_topology_group *group, bool honors_taints,
                         wb_taints_tolerance tolerance)
{
    assert(topology != NULL && group != NULL);
    wb_solver_world *world = topology->world;
    const wb_world_universe *universe = wb_topology_universe_get(world, group->key);
    const size_t words = wb_bitset_word_count(world->pool_count);
    uint64_t *tolerated = WB_ARENA_ARRAY(topology->arena, uint64_t, words);
    for (uint32_t p = 0; p < world->pool_count; p++) {
        const wb_nodepool *pool = world->pools[p].nodepool;
        if (!honors_taints ||
            wb_taints_tolerated(world->intern, pool->taints, pool->taint_count, tolerance)) {
            wb_bitset_add(tolerated, p);
        }
    }
    for (uint32_t i = 0; i < universe->count; i++) {
        if (wb_bitset_intersects(universe->domains[i].pools, tolerated, words)) {
            (void)wb_topology_group_domain(group, topology->arena, world->intern,
                                           universe->domains[i].value);
        }
    }
}

static bool node_counts(const wb_topology *topology, const wb_topology_group *group,
                        const wb_solver_node *node)
{
    return node->has_node &&
           wb_topology_group_counts_node(group, topology->world->intern, node->taints,
                                         node->taint_count, node->requirements);
}

/* Adds delta pods on node to its domain under the group's key, if it has one. */
static void count_pods(const wb_topology *topology, wb_topology_group *group,
                       const wb_solver_node *node, int32_t delta)
{
    assert(topology != NULL && group != NULL && node != NULL);
    if (group->is_hostname) {
        wb_topology_group_reserve_host(group, topology->arena, node->host_index);
        group->host_counts[node->host_index] += delta;
    } else if (wb_labels_has(node->labels, group->key)) {
        wb_topology_group_domain(group, topology->arena, topology->world->intern,
                                 wb_labels_get(node->labels, group->key))
            ->count += delta;
    }
}

static void count_used(wb_topology_group *group)
{
    group->used_count = 0;
    for (uint32_t i = 0; i < group->domain_count; i++) {
        group->used_count += group->domains[i].count > 0;
    }
    for (uint32_t i = 0; i < group->host_capacity; i++) {
        group->used_count += group->host_counts[i] > 0;
    }
}

/* Running pods of one shape, those of the batch taken out again. */
static void count_shape(const wb_topology *topology, wb_topology_group *group,
                        const wb_solver_shape *shape)
{
    assert(topology != NULL && group != NULL && shape != NULL);
    for (const wb_node_entry *entry = shape->running; entry != NULL; entry = entry->older) {
        if (entry->node->solve_serial == topology->node_serial &&
            (entry->flags & WB_SOLVER_POD_TERMINATING) == 0 &&
            node_counts(topology, group, entry->node)) {
            count_pods(topology, group, entry->node, (int32_t)entry->count);
        }
    }
    const wb_solver_problem *problem = topology->problem;
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        const wb_solver_pod *pod = &problem->pods[i];
        if (pod->bound_node_index == UINT32_MAX || pod->shape_id != shape->id ||
            (pod->flags & WB_SOLVER_POD_TERMINATING) != 0) { /* was not counted above */
            continue;
        }
        const wb_solver_node *node = problem->nodes[pod->bound_node_index];
        if (node_counts(topology, group, node)) {
            count_pods(topology, group, node, -1);
        }
    }
}

/* What the cluster has: domains of its nodes, and pods that the group selects. */
static void count_cluster(const wb_topology *topology, wb_topology_group *group)
{
    assert(topology != NULL && group != NULL);
    const wb_solver_problem *problem = topology->problem;
    for (uint32_t i = 0; i < problem->node_count && !group->is_hostname; i++) {
        const wb_solver_node *node = problem->nodes[i];
        if (wb_labels_has(node->labels, group->key) && node_counts(topology, group, node)) {
            (void)wb_topology_group_domain(group, topology->arena, topology->world->intern,
                                           wb_labels_get(node->labels, group->key));
        }
    }
    for (uint32_t i = 0; i < topology->world->listed_count; i++) {
        const wb_solver_shape *shape = topology->world->listed_shapes[i];
        if (shape->running != NULL && wb_topology_group_selects(group, shape->kind->labels)) {
            count_shape(topology, group, shape);
        }
    }
    count_used(group);
}

/* The group with draft's rule: the one that is there, or draft made one. */
static uint32_t find_group(wb_topology *topology, const wb_topology_group *draft,
                           wb_taints_tolerance tolerance, bool honors_taints)
{
    assert(topology != NULL && draft != NULL);
    for (uint32_t i = 0; i < topology->group_count; i++) {
        if (wb_topology_group_equals(topology->groups[i], draft)) {
            return i;
        }
    }
    if (topology->group_count == topology->group_capacity) {
        const uint32_t capacity = topology->group_capacity * 2 + 8;
        topology->groups = wb_arena_grow(topology->arena, topology->groups, topology->group_count,
                                         capacity, sizeof(wb_topology_group *));
        topology->group_capacity = capacity;
    }
    wb_topology_group *group = WB_ARENA_NEW(topology->arena, wb_topology_group);
    *group = *draft;
    group->is_hostname = group->key == WB_NAME_HOSTNAME;
    group->first_claim = topology->problem->node_count;
    if (!group->is_hostname) {
        add_universe(topology, group, honors_taints, tolerance);
    }
    if (group->kind != WB_TOPOLOGY_INVERSE) {
        count_cluster(topology, group);
    }
    topology->groups[topology->group_count] = group;
    return topology->group_count++;
}

wb_topology_list wb_topology_own(wb_topology *topology, const wb_pod_variant *variant)
{
    assert(topology != NULL && variant != NULL);
    wb_topology_list owned = {0};
    const wb_topology_rules rules =
        wb_topology_rules_of(topology->arena, topology->world, topology->problem, variant);
    for (uint32_t i = 0; i < rules.count; i++) {
        const wb_topology_group *draft = &rules.drafts[i];
        const bool honors_taints = draft->kind != WB_TOPOLOGY_SPREAD || draft->filter.honors_taints;
        list_add(topology->arena, &owned,
                 find_group(topology, draft, variant->tolerance, honors_taints));
    }
    return owned;
}

wb_topology_list wb_topology_own_inverse(wb_topology *topology, const wb_pod_kind *kind)
{
    assert(topology != NULL && kind != NULL);
    wb_topology_list owned = {0};
    const wb_topology_rules rules =
        wb_topology_rules_inverse(topology->arena, topology->world, topology->problem, kind);
    const wb_taints_tolerance tolerance = {kind->template->tolerations,
                                           kind->template->toleration_count, false};
    for (uint32_t i = 0; i < rules.count; i++) {
        list_add(topology->arena, &owned, find_group(topology, &rules.drafts[i], tolerance, true));
    }
    return owned;
}

/* Counts the running pods of shape as owners of its inverse groups. */
static void count_owners(wb_topology *topology, const wb_solver_shape *shape)
{
    assert(topology != NULL && shape != NULL);
    uint32_t total = 0;
    for (const wb_node_entry *entry = shape->running; entry != NULL; entry = entry->older) {
        total += entry->node->solve_serial == topology->node_serial ? entry->count : 0;
    }
    for (uint32_t i = 0; i < topology->problem->pod_count; i++) {
        const wb_solver_pod *pod = &topology->problem->pods[i];
        total -= pod->bound_node_index != UINT32_MAX && pod->shape_id == shape->id;
    }
    if (total == 0) {
        return;
    }
    const wb_topology_list owned = wb_topology_own_inverse(topology, shape->kind);
    for (uint32_t i = 0; i < owned.count; i++) {
        wb_topology_group *group = topology->groups[owned.groups[i]];
        count_shape(topology, group, shape);
        count_used(group);
    }
}

uint64_t wb_topology_stamp(wb_solver_world *world, const wb_solver_problem *problem)
{
    assert(world != NULL && problem != NULL);
    world->stamp_serial = ++world->solve_serial;
    for (uint32_t i = 0; i < problem->node_count; i++) {
        problem->nodes[i]->host_index = i;
        problem->nodes[i]->solve_serial = world->stamp_serial;
    }
    return world->stamp_serial;
}

void wb_topology_init(wb_topology *topology, wb_arena *arena, wb_solver_world *world,
                      const wb_solver_problem *problem)
{
    assert(topology != NULL && arena != NULL && world != NULL && problem != NULL);
    *topology = (wb_topology){.world = world,
                              .arena = arena,
                              .problem = problem,
                              .serial = ++world->solve_serial,
                              .node_serial = world->stamp_serial};
    for (uint32_t i = 0; i < world->repelling_count; i++) {
        if (world->repelling_shapes[i]->running != NULL) {
            count_owners(topology, world->repelling_shapes[i]);
        }
    }
}

wb_topology_list *wb_topology_selecting(wb_topology *topology, wb_pod_labels *labels)
{
    assert(topology != NULL && labels != NULL);
    if (labels->solve_serial != topology->serial) {
        labels->solve_serial = topology->serial;
        labels->solve_data = WB_ARENA_NEW(topology->arena, wb_topology_list);
    }
    wb_topology_list *selecting = labels->solve_data;
    for (; selecting->seen < topology->group_count; selecting->seen++) {
        if (wb_topology_group_selects(topology->groups[selecting->seen], labels)) {
            list_add(topology->arena, selecting, selecting->seen);
        }
    }
    return selecting;
}

/* Consults one group; false when it allows nothing. */
static bool narrow_by(const wb_topology *topology, wb_arena *arena, const wb_topology_query *query,
                      uint32_t group_index, wb_requirements *out)
{
    assert(topology != NULL && arena != NULL && query != NULL && out != NULL);
    const wb_topology_group *group = topology->groups[group_index];
    const wb_intern *intern = topology->world->intern;
    const bool selects_itself = wb_topology_group_selects(group, query->variant->kind->labels);
    if (group->is_hostname) {
        return wb_topology_group_allows_host(group, selects_itself, query->host_index);
    }
    const wb_requirement choice =
        wb_topology_group_choose(group, arena, intern, selects_itself,
                                 wb_requirements_get(query->variant->strict, group->key),
                                 wb_requirements_get(query->node_side, group->key));
    if (choice.value_count == 0) {
        return false;
    }
    *out = wb_requirements_add(arena, intern, *out, &choice);
    return true;
}

bool wb_topology_narrow(const wb_topology *topology, wb_arena *arena,
                        const wb_topology_query *query, wb_requirements *out, uint32_t *out_key)
{
    assert(topology != NULL && arena != NULL && query != NULL && out != NULL);
    wb_requirements narrowed = query->node_side;
    for (uint32_t i = 0; i < query->owned->count; i++) {
        if (!narrow_by(topology, arena, query, query->owned->groups[i], &narrowed)) {
            *out_key = topology->groups[query->owned->groups[i]]->key;
            return false;
        }
    }
    for (uint32_t i = 0; i < query->selecting->count; i++) {
        const uint32_t index = query->selecting->groups[i];
        if (topology->groups[index]->kind == WB_TOPOLOGY_INVERSE &&
            !narrow_by(topology, arena, query, index, &narrowed)) {
            *out_key = topology->groups[index]->key;
            return false;
        }
    }
    *out = narrowed;
    return true;
}

/* Anti-affinity blocks every domain that the pod may still land in; the others wait until it is
 * settled to one. */
static void record_in(wb_topology *topology, wb_topology_group *group,
                      const wb_topology_placement *placement)
{
    assert(topology != NULL && group != NULL && placement != NULL);
    if (group->is_hostname) {
        wb_topology_group_record_host(group, topology->arena, placement->host_index);
        return;
    }
    const wb_requirement *settled = wb_requirements_get(placement->requirements, group->key);
    if (settled == NULL) {
        return;
    }
    const bool counts_all =
        group->kind == WB_TOPOLOGY_ANTI_AFFINITY || group->kind == WB_TOPOLOGY_INVERSE;
    if (!counts_all && (settled->is_complement || settled->value_count != 1)) {
        return;
    }
    for (uint32_t i = 0; i < settled->value_count; i++) {
        wb_topology_group_record(group, topology->arena, topology->world->intern,
                                 settled->values[i]);
    }
}

void wb_topology_record(wb_topology *topology, const wb_topology_placement *placement)
{
    assert(placement->selecting->seen == topology->group_count);
    for (uint32_t i = 0; i < placement->selecting->count; i++) {
        wb_topology_group *group = topology->groups[placement->selecting->groups[i]];
        if (group->kind != WB_TOPOLOGY_INVERSE &&
            wb_topology_group_counts_node(group, topology->world->intern, placement->taints,
                                          placement->taint_count, placement->requirements)) {
            record_in(topology, group, placement);
        }
    }
    for (uint32_t i = 0; i < placement->inverse->count; i++) {
        record_in(topology, topology->groups[placement->inverse->groups[i]], placement);
    }
}
