/*
 * The cluster that a dump shows, as rows that commands can change, and pictures of it.
 *
 * What Karpenter keeps in NodeClaims (when a node was initialised, when pods last came or went) is
 * taken from them; in a dump without NodeClaims the node's and the pods' own times stand in.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"
#include "scenarios/one_shot/consolidate_internal.h"

#define TEXT_SIZE 1024

const char *wb_consolidate_format(const wb_consolidate_cluster *cluster, const char *fmt, ...)
{
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return wb_arena_copy_string(cluster->arena, text);
}

void wb_consolidate_note(wb_consolidate_cluster *cluster, const char *fmt, ...)
{
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    cluster->notes = wb_arena_grow(cluster->arena, cluster->notes, cluster->note_count,
                                   cluster->note_count + 1U, sizeof(*cluster->notes));
    cluster->notes[cluster->note_count++] = wb_arena_copy_string(cluster->arena, text);
}

bool wb_consolidate_is_reschedulable(const wb_disruption_pod *pod)
{
    return pod->owner_kind != WB_OWNER_DAEMON_SET && pod->owner_kind != WB_OWNER_NODE &&
           (!pod->is_terminating || pod->owner_kind == WB_OWNER_STATEFUL_SET);
}

/* --- Rows ------------------------------------------------------------------------------ */

wb_consolidate_place *wb_consolidate_add_place(wb_consolidate_cluster *cluster)
{
    assert(cluster != NULL);
    if (cluster->place_count == cluster->place_capacity) {
        cluster->place_capacity = cluster->place_capacity * 2 + 64;
        cluster->places = wb_arena_grow(cluster->arena, cluster->places, cluster->place_count,
                                        cluster->place_capacity, sizeof(*cluster->places));
    }
    wb_consolidate_place *added = &cluster->places[cluster->place_count++];
    *added = (wb_consolidate_place){.tried_ms = -1};
    return added;
}

static uint32_t flags_of(const wb_disruption_pod *pod)
{
    return (pod->owner_kind == WB_OWNER_DAEMON_SET ? WB_SOLVER_POD_DAEMON : 0U) |
           (pod->is_terminating ? WB_SOLVER_POD_TERMINATING : 0U);
}

void wb_consolidate_bind(wb_consolidate_cluster *cluster, uint32_t place_index,
                         const wb_disruption_pod *pod)
{
    assert(place_index < cluster->place_count);
    wb_consolidate_place *place = &cluster->places[place_index];
    if (place->pod_count == place->pod_capacity) {
        place->pod_capacity = place->pod_capacity * 2 + 8;
        place->pods = wb_arena_grow(cluster->arena, place->pods, place->pod_count,
                                    place->pod_capacity, sizeof(*place->pods));
    }
    place->pods[place->pod_count++] = *pod;
    wb_solver_node_bind(cluster->world, place->node.solver_node, pod->shape_id, pod->name,
                        flags_of(pod));
}

void wb_consolidate_unbind(wb_consolidate_cluster *cluster, uint32_t place_index,
                           uint32_t pod_index)
{
    assert(place_index < cluster->place_count);
    wb_consolidate_place *place = &cluster->places[place_index];
    assert(pod_index < place->pod_count);
    const wb_disruption_pod *pod = &place->pods[pod_index];
    wb_solver_node_unbind(cluster->world, place->node.solver_node, pod->shape_id, pod->name,
                          flags_of(pod));
    memmove(&place->pods[pod_index], &place->pods[pod_index + 1],
            (place->pod_count - pod_index - 1U) * sizeof(*place->pods));
    place->pod_count--;
}

void wb_consolidate_add_pending(wb_consolidate_cluster *cluster, const wb_disruption_pod *pod)
{
    assert(pod->template != NULL);
    if (cluster->pending_count == cluster->pending_capacity) {
        cluster->pending_capacity = cluster->pending_capacity * 2 + 16;
        cluster->pending = wb_arena_grow(cluster->arena, cluster->pending, cluster->pending_count,
                                         cluster->pending_capacity, sizeof(*cluster->pending));
    }
    cluster->pending[cluster->pending_count++] = *pod;
}

wb_consolidate_node wb_consolidate_show(const wb_consolidate_place *place)
{
    assert(place != NULL);
    wb_consolidate_node shown = place->shown;
    shown.pod_count = 0;
    for (uint32_t i = 0; i < place->pod_count; i++) {
        shown.pod_count += wb_consolidate_is_reschedulable(&place->pods[i]);
    }
    return shown;
}

void wb_consolidate_count(const wb_consolidate_cluster *cluster, uint32_t *out_count,
                          double *out_usd_per_hour)
{
    assert(out_count != NULL && out_usd_per_hour != NULL);
    *out_count = 0;
    *out_usd_per_hour = 0;
    for (uint32_t i = 0; i < cluster->place_count; i++) {
        const wb_consolidate_place *place = &cluster->places[i];
        if (!place->is_gone && place->node.has_claim) {
            (*out_count)++;
            *out_usd_per_hour += place->shown.price_usd_per_hour;
        }
    }
}

/* --- Nodes ----------------------------------------------------------------------------- */

static const wb_solver_pool *find_pool(const wb_consolidate_cluster *cluster, uint32_t name)
{
    for (uint32_t i = 0; name != 0 && i < cluster->input->pool_count; i++) {
        if (cluster->pools[i].nodepool->name == name) {
            return &cluster->pools[i];
        }
    }
    return NULL;
}

static double price_of(const wb_consolidate_cluster *cluster, const wb_consolidate_node *node)
{
    const wb_solver_pool *pool = find_pool(cluster, node->nodepool);
    const wb_catalog *catalog = pool != NULL ? pool->catalog : &cluster->input->catalog;
    const uint32_t type = wb_catalog_find(catalog, node->type);
    const wb_capacity_type market = node->market == WB_NAME_SPOT       ? WB_CAPACITY_SPOT
                                    : node->market == WB_NAME_RESERVED ? WB_CAPACITY_RESERVED
                                                                       : WB_CAPACITY_ON_DEMAND;
    double price = 0;
    return type != UINT32_MAX && wb_catalog_price(catalog, type, node->zone, market, &price) ? price
                                                                                             : 0;
}

/* The annotation's one value that counts on nodes. */
static bool is_protected(const wb_one_shot_node *source)
{
    return source->object != NULL &&
           wb_labels_get(source->object->annotations, WB_NAME_DO_NOT_DISRUPT) == WB_NAME_TRUE;
}

static int64_t initialized_ms(const wb_one_shot_node *source)
{
    if (!source->desc.is_initialized) {
        return -1;
    }
    if (source->claim != NULL && source->claim->initialized_ms >= 0) {
        return source->claim->initialized_ms;
    }
    return source->object != NULL && source->object->created_ms >= 0 ? source->object->created_ms
                                                                     : 0;
}

static void add_node(wb_consolidate_cluster *cluster, const wb_one_shot_node *source)
{
    const wb_nodeclaim *claim = source->claim;
    const wb_solver_pool *pool = find_pool(cluster, source->desc.nodepool);
    wb_consolidate_place *place = wb_consolidate_add_place(cluster);
    place->source = source;
    place->shown = (wb_consolidate_node){
        .name = source->desc.name,
        .nodepool = source->desc.nodepool,
        .type = wb_labels_get(source->desc.labels, WB_NAME_INSTANCE_TYPE),
        .zone = wb_labels_get(source->desc.labels, WB_NAME_ZONE),
        .market = wb_labels_get(source->desc.labels, WB_NAME_CAPACITY_TYPE),
    };
    if (source->desc.is_managed) {
        place->shown.price_usd_per_hour = price_of(cluster, &place->shown);
    }
    place->node = (wb_disruption_node){
        .solver_node = wb_solver_node_new(cluster->world, &source->desc),
        .has_claim = source->desc.is_managed,
        .is_ready = source->object != NULL && source->object->is_ready,
        .is_marked = source->role == WB_NODE_ROLE_DELETING,
        .is_protected = is_protected(source),
        .created_ms = claim != NULL            ? claim->created_ms
                      : source->object != NULL ? source->object->created_ms
                                               : -1,
        .initialized_ms = initialized_ms(source),
        .last_pod_event_ms = claim != NULL ? claim->last_pod_event_ms : -1,
        .drifted_ms = claim != NULL ? claim->drifted_ms : -1,
        .expire_after_ms = claim != NULL  ? claim->expire_after_ms
                           : pool != NULL ? pool->nodepool->expire_after_ms
                                          : WB_DURATION_NEVER,
        .termination_grace_period_ms = claim != NULL  ? claim->termination_grace_period_ms
                                       : pool != NULL ? pool->nodepool->termination_grace_period_ms
                                                      : -1,
    };
}

/* --- Pods ------------------------------------------------------------------------------ */

static void add_running(wb_consolidate_cluster *cluster, const wb_one_shot_running *running)
{
    const wb_pod *pod = running->pod;
    const wb_disruption_pod made = {
        .name = running->name,
        .namespace_name = running->namespace_name,
        .uid = pod->uid,
        .shape_id =
            wb_solver_world_shape(cluster->world, running->template, running->namespace_name),
        .template = running->template,
        .created_ms = pod->created_ms < 0 ? 0 : pod->created_ms,
        .start_ms = pod->start_ms,
        .owner_kind = pod->owner_kind,
        .phase = pod->phase,
        .is_terminating = pod->deletion_ms >= 0,
        .ready_is_false = pod->ready_is_false,
    };
    wb_consolidate_place *place = &cluster->places[running->node_index];
    if (place->source->claim == NULL && pod->owner_kind != WB_OWNER_DAEMON_SET &&
        pod->scheduled_ms > place->node.last_pod_event_ms) {
        place->node.last_pod_event_ms = pod->scheduled_ms;
    }
    wb_consolidate_bind(cluster, running->node_index, &made);
}

static wb_owner_kind owner_of(const wb_one_shot_group *group)
{
    return strcmp(group->kind, "Pod") == 0           ? WB_OWNER_NONE
           : strcmp(group->kind, "StatefulSet") == 0 ? WB_OWNER_STATEFUL_SET
                                                     : WB_OWNER_REPLICA_SET;
}

/* Pods that wait for a node take part in every simulation. */
static void add_waiting(wb_consolidate_cluster *cluster, const wb_one_shot_pod *pod)
{
    if (pod->bound_node_index != WB_ONE_SHOT_NONE ||
        wb_provisioning_validate(cluster->intern, &cluster->frame, pod->template, pod->name,
                                 pod->namespace_name) != WB_POD_PROVISIONABLE) {
        return;
    }
    const wb_disruption_pod made = {
        .name = pod->name,
        .namespace_name = pod->namespace_name,
        .uid = pod->uid,
        .shape_id = wb_solver_world_shape(cluster->world, pod->template, pod->namespace_name),
        .template = pod->template,
        .created_ms = pod->created_ms,
        .start_ms = -1,
        .owner_kind = owner_of(&cluster->input->groups[pod->group_index]),
        .phase = WB_POD_PENDING,
    };
    wb_consolidate_add_pending(cluster, &made);
}

/* A budget on paper has no status yet: what the disruption controller would write. */
static void fill_pdb(const wb_one_shot_input *input, wb_pdb *pdb)
{
    int32_t expected = 0;
    int32_t healthy = 0;
    for (uint32_t i = 0; i < input->running_count; i++) {
        const wb_one_shot_running *running = &input->running[i];
        const bool is_meant = running->namespace_name == pdb->namespace_name &&
                              wb_label_selector_matches(&pdb->selector, running->template->labels);
        expected += is_meant;
        healthy += is_meant && running->pod->is_ready;
    }
    pdb->expected_pods = expected;
    pdb->current_healthy = healthy;
    pdb->disruptions_allowed = wb_pdb_allowed(pdb, expected, healthy);
}

static void add_pdbs(wb_consolidate_cluster *cluster)
{
    const wb_manifest *manifest = &cluster->input->manifest;
    cluster->pdbs = WB_ARENA_ARRAY(cluster->arena, wb_pdb, manifest->pdb_count);
    cluster->pdb_count = manifest->pdb_count;
    for (uint32_t i = 0; i < manifest->pdb_count; i++) {
        cluster->pdbs[i] = manifest->pdbs[i];
        if (!manifest->pdbs[i].status_is_set) {
            fill_pdb(cluster->input, &cluster->pdbs[i]);
        }
    }
}

/* --- Time ------------------------------------------------------------------------------ */

static void keep_newest(int64_t at_ms, int64_t *newest_ms)
{
    *newest_ms = at_ms > *newest_ms ? at_ms : *newest_ms;
}

/* When the dump was taken, as near as it tells: kubelets confirm their nodes every few minutes. */
static int64_t newest_moment(const wb_one_shot_input *input)
{
    int64_t newest_ms = 0;
    for (uint32_t i = 0; i < input->manifest.node_count; i++) {
        keep_newest(input->manifest.nodes[i].created_ms, &newest_ms);
        keep_newest(input->manifest.nodes[i].heartbeat_ms, &newest_ms);
    }
    for (uint32_t i = 0; i < input->manifest.nodeclaim_count; i++) {
        const wb_nodeclaim *claim = &input->manifest.nodeclaims[i];
        keep_newest(claim->created_ms, &newest_ms);
        keep_newest(claim->initialized_ms, &newest_ms);
        keep_newest(claim->consolidatable_ms, &newest_ms);
        keep_newest(claim->drifted_ms, &newest_ms);
        keep_newest(claim->last_pod_event_ms, &newest_ms);
    }
    for (uint32_t i = 0; i < input->manifest.pod_count; i++) {
        keep_newest(input->manifest.pods[i].created_ms, &newest_ms);
        keep_newest(input->manifest.pods[i].start_ms, &newest_ms);
        keep_newest(input->manifest.pods[i].scheduled_ms, &newest_ms);
    }
    return newest_ms;
}

/* --- The whole ------------------------------------------------------------------------- */

static void make_world(wb_consolidate_cluster *cluster)
{
    const wb_one_shot_input *input = cluster->input;
    const wb_solver_world_desc desc = {
        .intern = cluster->intern,
        .pools = cluster->pools,
        .pool_count = input->pool_count,
        .catalog = &input->catalog,
        .daemon_templates = input->daemons,
        .daemon_count = input->daemon_count,
        .daemon_namespace = input->daemon_namespace,
        .min_values_best_effort = input->options.min_values_best_effort,
    };
    cluster->world = wb_solver_world_new(cluster->arena, &desc);
    cluster->disruption_pools =
        WB_ARENA_ARRAY(cluster->arena, wb_disruption_pool, input->pool_count);
    for (uint32_t i = 0; i < input->pool_count; i++) {
        cluster->disruption_pools[i] = (wb_disruption_pool){.nodepool = cluster->pools[i].nodepool,
                                                            .catalog = cluster->pools[i].catalog};
    }
    cluster->frame = input->storage;
    cluster->frame.options = (wb_solver_options){
        .preference_policy = input->options.preference_policy,
        .open_claim_sort = input->options.open_claim_sort,
    };
}

void wb_consolidate_start(wb_consolidate_cluster *cluster)
{
    assert(cluster->pools != NULL && cluster->place_count == 0);
    const wb_one_shot_input *input = cluster->input;
    cluster->start_ms =
        cluster->options->now_ms >= 0 ? cluster->options->now_ms : newest_moment(input);
    cluster->now_ms = cluster->start_ms;
    make_world(cluster);
    for (uint32_t i = 0; i < input->node_count; i++) {
        add_node(cluster, &input->nodes[i]);
    }
    for (uint32_t i = 0; i < input->running_count; i++) {
        add_running(cluster, &input->running[i]);
    }
    for (uint32_t i = 0; i < input->pod_count; i++) {
        add_waiting(cluster, &input->pods[i]);
    }
    add_pdbs(cluster);
    if (input->node_count > 0 && input->manifest.nodeclaim_count == 0) {
        wb_consolidate_note(
            cluster, "no NodeClaims among the files: nodes' and pods' own times stand in for "
                     "theirs, and drift is not known");
    }
}

void wb_consolidate_end(wb_consolidate_cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->place_count; i++) {
        if (!cluster->places[i].is_gone) {
            wb_solver_node_free(cluster->places[i].node.solver_node);
        }
    }
    if (cluster->world != NULL) {
        wb_solver_world_release(cluster->world);
    }
    wb_arena_release(&cluster->scratch);
    wb_arena_release(&cluster->pass);
}

/* --- Pictures -------------------------------------------------------------------------- */

static const wb_solver_pod *picture_pending(wb_consolidate_cluster *cluster)
{
    wb_solver_pod *pods = WB_ARENA_ARRAY(&cluster->pass, wb_solver_pod, cluster->pending_count);
    for (uint32_t i = 0; i < cluster->pending_count; i++) {
        const wb_disruption_pod *pod = &cluster->pending[i];
        pods[i] = (wb_solver_pod){
            .name = pod->name,
            .namespace_name = pod->namespace_name,
            .uid = pod->uid,
            .created_ms = pod->created_ms,
            .shape_id = pod->shape_id,
            .bound_node_index = UINT32_MAX,
        };
    }
    return pods;
}

wb_disruption *wb_consolidate_look(wb_consolidate_cluster *cluster, bool explains)
{
    wb_arena_clear(&cluster->scratch);
    wb_arena_clear(&cluster->pass);
    wb_disruption_node *nodes =
        WB_ARENA_ARRAY(&cluster->pass, wb_disruption_node, cluster->place_count);
    cluster->living = WB_ARENA_ARRAY(&cluster->pass, uint32_t, cluster->place_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < cluster->place_count; i++) {
        const wb_consolidate_place *place = &cluster->places[i];
        if (place->is_gone) {
            continue;
        }
        const wb_solver_pool *pool = find_pool(cluster, place->shown.nodepool);
        nodes[count] = place->node;
        nodes[count].pods = place->pods;
        nodes[count].pod_count = place->pod_count;
        nodes[count].is_consolidatable =
            pool != NULL &&
            wb_disruption_is_consolidatable(pool->nodepool, nodes[count].initialized_ms,
                                            nodes[count].last_pod_event_ms, cluster->now_ms);
        cluster->living[count++] = i;
    }
    cluster->frame.options.explain = explains;
    cluster->state = (wb_disruption_state){
        .now_ms = cluster->now_ms,
        .world = cluster->world,
        .pools = cluster->disruption_pools,
        .pool_count = cluster->input->pool_count,
        .nodes = nodes,
        .node_count = count,
        .pending_pods = picture_pending(cluster),
        .pending_pod_count = cluster->pending_count,
        .pdbs = cluster->pdbs,
        .pdb_count = cluster->pdb_count,
        .frame = &cluster->frame,
        .spot_to_spot = cluster->options->spot_to_spot,
    };
    return wb_disruption_new(&cluster->pass, &cluster->scratch, &cluster->state);
}
