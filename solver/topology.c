#include "solver/topology.h"

#include <assert.h>
#include <string.h>

#include "solver/solver_node_internal.h"
#include "solver/topology_rules.h"

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

/* Takes pods of the batch that run on nodes out of a group that counts them. */
static void uncount_batch(const wb_topology *topology, wb_topology_group *group)
{
    assert(topology != NULL && group != NULL);
    const wb_solver_problem *problem = topology->problem;
    for (uint32_t i = 0; i < topology->moving_count; i++) {
        const wb_solver_pod *pod = &problem->pods[topology->moving[i]];
        const wb_solver_shape *shape = wb_pod_shape_get(topology->world, pod->shape_id);
        const wb_solver_node *node = problem->nodes[pod->bound_node_index];
        if ((pod->flags & WB_SOLVER_POD_TERMINATING) == 0 && /* was not counted */
            wb_topology_group_counts_running(group, shape->kind->labels) &&
            wb_topology_cluster_counts(topology->world, group, node)) {
            wb_topology_cluster_count(topology->arena, topology->world, group, node, -1);
        }
    }
}

/* Domains that no pool can make, no node on offer has and no pod counts in: upstream never hears of
 * them. */
static void forget_domains(const wb_topology *topology, wb_topology_group *group)
{
    assert(topology != NULL && group != NULL);
    if (group->is_hostname || group->domain_count == group->given_count) {
        return; /* as nearly always */
    }
    for (uint32_t i = group->domain_count; i-- > 0;) {
        const wb_topology_domain *domain = &group->domains[i];
        if (!domain->is_given && domain->count == 0 &&
            !wb_topology_cluster_has(topology->world, topology->problem, group, domain->value)) {
            wb_topology_group_forget(group, topology->arena, i);
        }
    }
}

static uint32_t add_group(wb_topology *topology, wb_topology_group made)
{
    assert(topology != NULL);
    if (topology->group_count == topology->group_capacity) {
        const uint32_t capacity = topology->group_capacity * 2 + 8;
        topology->groups = wb_arena_grow(topology->arena, topology->groups, topology->group_count,
                                         capacity, sizeof(wb_topology_group *));
        topology->group_capacity = capacity;
    }
    wb_topology_group *group = wb_arena_alloc(topology->arena, sizeof(*group));
    *group = made;
    topology->groups[topology->group_count] = group;
    return topology->group_count++;
}

/* The group with draft's rule behind those that the cluster lent at the start; group_count: none.
 * Of those the callers know. */
static uint32_t find_group(const wb_topology *topology, const wb_topology_group *draft)
{
    assert(topology != NULL && draft != NULL);
    uint32_t index = topology->lent_count;
    while (index < topology->group_count &&
           !wb_topology_group_equals(topology->groups[index], draft)) {
        index++;
    }
    return index;
}

wb_topology_list wb_topology_own(wb_topology *topology, wb_pod_variant *variant)
{
    assert(topology != NULL && variant != NULL);
    wb_topology_list owned = {0};
    const wb_cluster_rules *rules =
        wb_topology_cluster_rules(topology->cluster, topology->problem, variant);
    for (uint32_t i = 0; i < rules->count; i++) {
        wb_cluster_group *lender = rules->groups[i];
        if (lender->solve_serial != topology->serial) {
            lender->solve_index = find_group(topology, &lender->counted);
            lender->solve_serial = topology->serial;
            if (lender->solve_index == topology->group_count) {
                (void)add_group(topology, wb_topology_group_borrow(&lender->counted));
                uncount_batch(topology, topology->groups[lender->solve_index]);
                forget_domains(topology, topology->groups[lender->solve_index]);
            }
        }
        list_add(topology->arena, &owned, lender->solve_index);
    }
    return owned;
}

wb_topology_list wb_topology_own_inverse(wb_topology *topology, wb_pod_kind *kind)
{
    assert(topology != NULL && kind != NULL);
    wb_topology_list owned = {0};
    const wb_cluster_kind *rules =
        wb_topology_cluster_kind(topology->cluster, topology->problem, kind);
    const wb_taints_tolerance tolerance = {kind->template->tolerations,
                                           kind->template->toleration_count, false};
    for (uint32_t i = 0; i < rules->rules.count; i++) {
        wb_cluster_group *known = rules->known[i];
        const bool is_there = known != NULL && known->solve_serial == topology->serial;
        uint32_t index =
            is_there ? known->solve_index : find_group(topology, &rules->rules.drafts[i]);
        if (index == topology->group_count) {
            (void)add_group(topology,
                            wb_topology_cluster_uncounted(topology->arena, topology->world,
                                                          topology->problem,
                                                          &rules->rules.drafts[i], &tolerance));
        }
        if (known != NULL) {
            known->solve_serial = topology->serial;
            known->solve_index = index;
        }
        list_add(topology->arena, &owned, index);
    }
    return owned;
}

/* ---- anti-affinity of what runs ---- */

/* Pods of the batch that run on nodes; how many of each shape. */
static void gather_moving(wb_topology *topology)
{
    const wb_solver_problem *problem = topology->problem;
    topology->moving = wb_arena_alloc(topology->arena, problem->pod_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        const wb_solver_pod *pod = &problem->pods[i];
        if (pod->bound_node_index == UINT32_MAX) {
            continue;
        }
        wb_solver_shape *shape = wb_pod_shape_get(topology->world, pod->shape_id);
        if (shape->batch_serial != topology->serial) {
            shape->batch_serial = topology->serial;
            shape->batch_count = 0;
        }
        shape->batch_count++;
        if (shape->running != NULL) {
            topology->moving[topology->moving_count++] = i;
        }
    }
}

/* Owners that go altogether, all their pods being in the batch, are taken off their groups. False:
 * which domains some group knows hangs on who is left. */
static bool note_gone(wb_topology *topology)
{
    const wb_solver_problem *problem = topology->problem;
    bool is_settled = true;
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        wb_solver_shape *shape = wb_pod_shape_get(topology->world, problem->pods[i].shape_id);
        if (shape->repelling_serial != topology->cluster->serial ||
            shape->batch_serial != topology->serial ||
            shape->batch_count != shape->repelling_count ||
            shape->gone_serial == topology->serial) {
            continue;
        }
        shape->gone_serial = topology->serial;
        const wb_cluster_kind *kind =
            wb_topology_cluster_kind(topology->cluster, problem, shape->kind);
        for (uint32_t r = 0; r < kind->rules.count; r++) {
            wb_cluster_group *group = kind->known[r];
            if (wb_topology_cluster_is_repeated(kind, r)) {
                continue;
            }
            group->gone_count = group->gone_serial == topology->serial ? group->gone_count + 1 : 1;
            group->gone_serial = topology->serial;
            is_settled = is_settled && (group->counted.is_hostname || !group->owners_differ) &&
                         group->counted.domain_count == group->counted.given_count;
        }
    }
    return is_settled;
}

/* All inverse groups that the cluster has, the pods of the batch taken out. */
static void lend_inverse(wb_topology *topology)
{
    const wb_topology_cluster *cluster = topology->cluster;
    const wb_solver_problem *problem = topology->problem;
    for (uint32_t i = 0; i < cluster->inverse_count; i++) {
        wb_cluster_group *group = cluster->inverse[i];
        if (group->gone_serial == topology->serial && group->gone_count == group->owner_count) {
            continue; /* nobody owns it any more */
        }
        group->solve_serial = topology->serial;
        group->solve_index = add_group(topology, wb_topology_group_borrow(&group->counted));
    }
    topology->lent_count = topology->group_count;
    for (uint32_t i = 0; i < topology->moving_count; i++) {
        const wb_solver_pod *pod = &problem->pods[topology->moving[i]];
        const wb_solver_shape *shape = wb_pod_shape_get(topology->world, pod->shape_id);
        if (shape->repelling_serial != cluster->serial) {
            continue;
        }
        const wb_cluster_kind *kind =
            wb_topology_cluster_kind(topology->cluster, problem, shape->kind);
        const wb_solver_node *node = problem->nodes[pod->bound_node_index];
        for (uint32_t r = 0; r < kind->rules.count; r++) {
            const wb_cluster_group *lender = kind->known[r];
            if (lender->solve_serial != topology->serial ||
                wb_topology_cluster_is_repeated(kind, r)) {
                continue;
            }
            wb_topology_group *group = topology->groups[lender->solve_index];
            if (wb_topology_cluster_counts(topology->world, group, node)) {
                wb_topology_cluster_count(topology->arena, topology->world, group, node, -1);
            }
        }
    }
    for (uint32_t i = 0; i < topology->lent_count; i++) {
        forget_domains(topology, topology->groups[i]);
    }
}

/* The same shape by shape, as if the cluster had counted nothing. */
static void count_owners(wb_topology *topology, const wb_repelling_shape *repelling)
{
    assert(topology != NULL && repelling != NULL);
    const wb_solver_problem *problem = topology->problem;
    wb_solver_shape *shape = repelling->shape;
    const bool moves = shape->batch_serial == topology->serial;
    if (moves && shape->batch_count == repelling->running_count) {
        return;
    }
    const wb_topology_list owned = wb_topology_own_inverse(topology, shape->kind);
    for (uint32_t g = 0; g < owned.count; g++) {
        wb_topology_group *group = topology->groups[owned.groups[g]];
        wb_topology_cluster_count_shape(topology->arena, topology->cluster, group, shape);
        for (uint32_t i = 0; i < topology->moving_count && moves; i++) {
            const wb_solver_pod *pod = &problem->pods[topology->moving[i]];
            const wb_solver_node *node = problem->nodes[pod->bound_node_index];
            if (pod->shape_id == shape->id &&
                wb_topology_cluster_counts(topology->world, group, node)) {
                wb_topology_cluster_count(topology->arena, topology->world, group, node, -1);
            }
        }
        forget_domains(topology, group);
    }
}

void wb_topology_init(wb_topology *topology, wb_arena *arena, wb_solver_world *world,
                      const wb_solver_problem *problem, wb_topology_cluster *cluster)
{
    assert(topology != NULL && arena != NULL && world != NULL && problem != NULL);
    assert(cluster->node_serial == world->stamp_serial);
    *topology = (wb_topology){.world = world,
                              .arena = arena,
                              .problem = problem,
                              .cluster = cluster,
                              .serial = ++world->solve_serial};
    gather_moving(topology);
    if (cluster->repelling_count == 0) {
        return;
    }
    /* The order of groups shows in explanations only, where a group that lost its first owner
     * comes later. The plain solver takes nothing from the cluster. */
    if (note_gone(topology) && !problem->options.explain && !problem->options.plain) {
        lend_inverse(topology);
        return;
    }
    for (uint32_t i = 0; i < cluster->repelling_count; i++) {
        count_owners(topology, &cluster->repelling[i]);
    }
}

static wb_topology_list *start_selecting(wb_topology *topology, wb_pod_labels *labels)
{
    assert(topology != NULL && labels != NULL);
    wb_topology_list *selecting = WB_ARENA_NEW(topology->arena, wb_topology_list);
    labels->solve_serial = topology->serial;
    labels->solve_data = selecting;
    if (topology->lent_count == 0) {
        return selecting;
    }
    const wb_topology_cluster *cluster = topology->cluster;
    const wb_cluster_selecting *lent = wb_topology_cluster_selecting(topology->cluster, labels);
    selecting->groups = wb_arena_alloc(topology->arena, lent->count * sizeof(uint32_t));
    selecting->capacity = lent->count;
    for (uint32_t i = 0; i < lent->count; i++) {
        const wb_cluster_group *group = cluster->inverse[lent->indices[i]];
        if (group->solve_serial == topology->serial && group->solve_index < topology->lent_count) {
            selecting->groups[selecting->count++] = group->solve_index;
        }
    }
    selecting->seen = topology->lent_count;
    return selecting;
}

wb_topology_list *wb_topology_selecting(wb_topology *topology, wb_pod_labels *labels)
{
    assert(topology != NULL && labels != NULL);
    wb_topology_list *selecting = labels->solve_serial == topology->serial
                                      ? labels->solve_data
                                      : start_selecting(topology, labels);
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
