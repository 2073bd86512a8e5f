/*
 * What a command does to the cluster once it is complete: replacements run, pods are where the
 * simulation put them, the candidates are gone.
 */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/consolidate_internal.h"

/* --- Replacements ---------------------------------------------------------------------- */

/* What a launch asks for; a static pool's replacement comes without a list of types. */
static wb_launch_plan plan_launch(wb_consolidate_cluster *cluster,
                                  const wb_disruption_replacement *planned)
{
    const uint32_t all = wb_solver_world_type_count(cluster->world);
    uint32_t *types = WB_ARENA_ARRAY(&cluster->pass, uint32_t, all);
    for (uint32_t i = 0; i < all; i++) {
        types[i] = i;
    }
    const wb_launch_request request = {
        .requirements = planned->requirements,
        .type_indices = planned->type_count > 0 ? planned->type_indices : types,
        .type_count = planned->type_count > 0 ? planned->type_count : all,
        .requests = planned->requests,
    };
    return wb_launch_prepare(&cluster->pass, cluster->world, &request);
}

/* The cheapest override, the first of equal ones; NULL: nothing can be launched. */
static const wb_launch_override *choose(const wb_launch_plan *plan)
{
    const wb_launch_override *best = NULL;
    for (uint32_t i = 0; i < plan->override_count; i++) {
        if (best == NULL || plan->overrides[i].price_usd_per_hour < best->price_usd_per_hour) {
            best = &plan->overrides[i];
        }
    }
    return best;
}

/* The value that a requirement settles on: the smallest by text. */
static uint32_t smallest_value(const wb_intern *intern, const wb_requirement *requirement)
{
    assert(requirement->value_count > 0);
    uint32_t smallest = requirement->values[0];
    for (uint32_t i = 1; i < requirement->value_count; i++) {
        if (strcmp(wb_intern_text(intern, requirement->values[i]),
                   wb_intern_text(intern, smallest)) < 0) {
            smallest = requirement->values[i];
        }
    }
    return smallest;
}

/* As a node shows them once it is up: the pool's, the claim's, the type's, the offering's. */
static wb_labels label_node(const wb_consolidate_cluster *cluster,
                            const wb_disruption_replacement *planned, const wb_catalog_type *type,
                            const wb_consolidate_node *shown)
{
    wb_arena *arena = cluster->arena;
    wb_labels labels = planned->nodepool->labels;
    for (uint32_t i = 0; i < planned->requirements.count; i++) {
        const wb_requirement *one = &planned->requirements.items[i];
        if (!one->is_complement && one->value_count > 0 && !wb_names_is_well_known(one->key)) {
            labels = wb_labels_with(arena, labels, one->key, smallest_value(cluster->intern, one));
        }
    }
    for (uint32_t i = 0; i < type->labels.count; i++) {
        labels =
            wb_labels_with(arena, labels, type->labels.items[i].key, type->labels.items[i].value);
    }
    const wb_label own[] = {
        {WB_NAME_NODEPOOL, planned->nodepool->name},
        {WB_NAME_EC2NODECLASS, planned->nodepool->node_class_name},
        {WB_NAME_INSTANCE_TYPE, shown->type},
        {WB_NAME_ZONE, shown->zone},
        {WB_NAME_REGION, cluster->input->catalog.region},
        {WB_NAME_CAPACITY_TYPE, shown->market},
        {WB_NAME_HOSTNAME, shown->name},
        {WB_NAME_REGISTERED, WB_NAME_TRUE},
        {WB_NAME_INITIALIZED, WB_NAME_TRUE},
    };
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        labels = wb_labels_with(arena, labels, own[i].key, own[i].value);
    }
    return labels;
}

/* "general-new-1": no cluster names nodes so, and the user sees which are meant. */
static uint32_t name_node(wb_consolidate_cluster *cluster, const wb_nodepool *pool)
{
    const char *name =
        wb_consolidate_format(cluster, "%s-new-%u", wb_intern_text(cluster->intern, pool->name),
                              ++cluster->launched_count);
    return wb_intern_add(cluster->intern, name);
}

static void launch(wb_consolidate_cluster *cluster, const wb_disruption_replacement *planned,
                   const wb_launch_plan *plan)
{
    static const uint32_t markets[] = {
        [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
        [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
        [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
    };
    const wb_launch_override *chosen = choose(plan);
    assert(chosen != NULL);
    const wb_catalog_type *type = wb_solver_world_type(cluster->world, chosen->type_index);
    const wb_consolidate_node shown = {
        .name = name_node(cluster, planned->nodepool),
        .nodepool = planned->nodepool->name,
        .type = type->name,
        .zone = wb_solver_world_offering(cluster->world, chosen->type_index, chosen->offering_index)
                    .zone,
        .market = markets[plan->capacity_type],
        .price_usd_per_hour = chosen->price_usd_per_hour,
    };
    const wb_resource_list allocatable =
        wb_solver_world_allocatable(cluster->arena, cluster->world, chosen->type_index);
    const wb_solver_node_desc desc = {
        .name = shown.name,
        .nodepool = shown.nodepool,
        .labels = label_node(cluster, planned, type, &shown),
        .taints = planned->nodepool->taints,
        .taint_count = planned->nodepool->taint_count,
        .is_managed = true,
        .is_initialized = true,
        .has_node = true,
        .capacity = type->capacity,
        .allocatable = allocatable,
        .claim_capacity = type->capacity,
        .claim_allocatable = allocatable,
    };
    wb_consolidate_place *place = wb_consolidate_add_place(cluster);
    place->shown = shown;
    place->node = (wb_disruption_node){
        .solver_node = wb_solver_node_new(cluster->world, &desc),
        .has_claim = true,
        .is_ready = true,
        .created_ms = cluster->now_ms,
        .initialized_ms = cluster->now_ms,
        .last_pod_event_ms = -1,
        .drifted_ms = -1,
        .expire_after_ms = planned->nodepool->expire_after_ms,
        .termination_grace_period_ms = planned->nodepool->termination_grace_period_ms,
    };
}

/* --- Pods ------------------------------------------------------------------------------ */

static uint32_t find_place(const wb_consolidate_cluster *cluster, uint32_t name)
{
    for (uint32_t i = 0; i < cluster->place_count; i++) {
        if (!cluster->places[i].is_gone && cluster->places[i].shown.name == name) {
            return i;
        }
    }
    assert(false && "moves are between nodes of the picture");
    return 0;
}

static uint32_t find_pod(const wb_disruption_pod *pods, uint32_t count,
                         const wb_disruption_move *move)
{
    uint32_t at = 0;
    while (at < count &&
           (pods[at].name != move->name || pods[at].namespace_name != move->namespace_name)) {
        at++;
    }
    assert(at < count); /* the picture had it */
    return at;
}

/* Takes a pod from where it is. */
static wb_disruption_pod take(wb_consolidate_cluster *cluster, const wb_disruption_move *move)
{
    wb_disruption_pod taken;
    if (move->from_node == 0) {
        const uint32_t at = find_pod(cluster->pending, cluster->pending_count, move);
        taken = cluster->pending[at];
        memmove(&cluster->pending[at], &cluster->pending[at + 1],
                (cluster->pending_count - at - 1U) * sizeof(taken));
        cluster->pending_count--;
        return taken;
    }
    const uint32_t place = find_place(cluster, move->from_node);
    const uint32_t at =
        find_pod(cluster->places[place].pods, cluster->places[place].pod_count, move);
    taken = cluster->places[place].pods[at];
    cluster->places[place].node.last_pod_event_ms = cluster->now_ms;
    wb_consolidate_unbind(cluster, place, at);
    return taken;
}

static void settle(wb_consolidate_cluster *cluster, uint32_t place_index,
                   const wb_disruption_pod *taken)
{
    wb_disruption_pod pod = *taken;
    pod.created_ms = taken->phase == WB_POD_PENDING ? taken->created_ms : cluster->now_ms;
    pod.start_ms = cluster->now_ms;
    pod.phase = WB_POD_RUNNING;
    pod.is_terminating = false;
    pod.ready_is_false = false;
    wb_consolidate_bind(cluster, place_index, &pod);
    cluster->places[place_index].node.last_pod_event_ms = cluster->now_ms;
}

static bool is_candidate(const wb_disruption_command *command, uint32_t name)
{
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        if (command->candidate_names[i] == name) {
            return true;
        }
    }
    return false;
}

/* first_place is that of the command's first replacement. */
static void move_pods(wb_consolidate_cluster *cluster, const wb_disruption_command *command,
                      uint32_t first_place, wb_consolidate_step *out)
{
    wb_consolidate_move *moves =
        WB_ARENA_ARRAY(cluster->arena, wb_consolidate_move, command->move_count);
    for (uint32_t i = 0; i < command->move_count; i++) {
        const wb_disruption_move *move = &command->moves[i];
        const uint32_t place = move->to_node != 0 ? find_place(cluster, move->to_node)
                                                  : first_place + move->replacement_index;
        const wb_disruption_pod pod = take(cluster, move);
        const bool is_lost = move->from_node != 0 && pod.owner_kind == WB_OWNER_NONE;
        const bool is_theirs = is_candidate(command, move->from_node);
        if (!is_lost) {
            settle(cluster, place, &pod);
        }
        out->lost_count += is_lost && is_theirs;
        out->moved_count += !is_lost && is_theirs;
        moves[out->move_count++] = (wb_consolidate_move){
            .name = move->name,
            .namespace_name = move->namespace_name,
            .from_node = move->from_node,
            .to_node = cluster->places[place].shown.name,
            .is_lost = is_lost,
        };
    }
    out->moves = moves;
}

/* Pods that the simulation left out (a PDB holds them by its spec) find themselves without a node.
 */
static void remove_node(wb_consolidate_cluster *cluster, uint32_t place_index)
{
    wb_consolidate_place *place = &cluster->places[place_index];
    for (uint32_t i = 0; i < place->pod_count; i++) {
        wb_disruption_pod pod = place->pods[i];
        if (wb_consolidate_is_reschedulable(&pod) && pod.owner_kind != WB_OWNER_NONE) {
            pod.created_ms = cluster->now_ms;
            pod.start_ms = -1;
            pod.phase = WB_POD_PENDING;
            pod.is_terminating = false;
            wb_consolidate_add_pending(cluster, &pod);
        }
    }
    wb_solver_node_free(place->node.solver_node);
    place->is_gone = true;
}

bool wb_consolidate_apply(wb_consolidate_cluster *cluster, const wb_disruption_command *command,
                          wb_consolidate_step *out)
{
    assert(command->candidate_count > 0 || command->move_count > 0 ||
           command->method == WB_DISRUPTION_METHOD_COUNT);
    const uint32_t first = cluster->place_count;
    const uint32_t made = command->replacement_count;
    wb_consolidate_node *removed =
        WB_ARENA_ARRAY(cluster->arena, wb_consolidate_node, command->candidate_count);
    wb_consolidate_node *launched = WB_ARENA_ARRAY(cluster->arena, wb_consolidate_node, made);
    wb_launch_plan *plans = WB_ARENA_ARRAY(&cluster->pass, wb_launch_plan, made);
    double saving = 0;
    for (uint32_t i = 0; i < made; i++) {
        plans[i] = plan_launch(cluster, &command->replacements[i]);
        if (choose(&plans[i]) == NULL) {
            return false;
        }
    }
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        removed[i] =
            wb_consolidate_show(&cluster->places[find_place(cluster, command->candidate_names[i])]);
        saving += removed[i].price_usd_per_hour;
    }
    for (uint32_t i = 0; i < made; i++) {
        launch(cluster, &command->replacements[i], &plans[i]);
        saving -= cluster->places[first + i].shown.price_usd_per_hour;
    }
    *out = (wb_consolidate_step){.method = command->method,
                                 .removed = removed,
                                 .launched = launched,
                                 .removed_count = command->candidate_count,
                                 .launched_count = made,
                                 .saving_usd_per_hour = saving,
                                 .estimate_usd_per_hour = command->saving_usd_per_hour};
    move_pods(cluster, command, first, out);
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        remove_node(cluster, find_place(cluster, command->candidate_names[i]));
    }
    for (uint32_t i = 0; i < made; i++) {
        launched[i] = wb_consolidate_show(&cluster->places[first + i]);
    }
    return true;
}
