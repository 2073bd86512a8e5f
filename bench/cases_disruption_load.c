/*
 * A disruption case as the solver's picture of a cluster.
 *
 * What the recorder's own code worked out from the case is worked out here too: whether
 * Consolidatable holds, whether requirements have drifted, whether a type is gone.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"
#include "bench/cases_disruption_internal.h"

#define VALIDATION_MS (15 * WB_MS_PER_SECOND)
#define NOMINATION_MS (20 * WB_MS_PER_SECOND) /* twice the longest batch, whose default it has */

static uint32_t list_count(const wb_node *list)
{
    return list != NULL && list->kind == WB_NODE_LIST ? list->count : 0;
}

static int64_t time_of(const wb_node *node, int64_t fallback)
{
    int64_t at_ms = fallback;
    const char *text = wb_node_string(node, "");
    if (text[0] == '\0' || wb_duration_parse_time(text, &at_ms, NULL) != WB_OK) {
        return fallback;
    }
    return at_ms;
}

static void decode_daemons(wb_disruption_case *of, const wb_node *root)
{
    const wb_node *list = wb_node_get(root, "daemonSets");
    of->input.daemon_count = list_count(list);
    of->input.daemon_templates =
        WB_ARENA_ARRAY(of->context.arena, const wb_pod_template *, of->input.daemon_count);
    for (uint32_t i = 0; i < of->input.daemon_count; i++) {
        wb_workload workload = {0};
        (void)wb_manifest_decode_workload(&of->context, list->children[i], &workload);
        of->input.daemon_templates[i] = workload.template;
    }
}

static void decode_pdbs(wb_disruption_case *of, const wb_node *root)
{
    const wb_node *list = wb_node_get(root, "pdbs");
    of->pdbs = WB_ARENA_ARRAY(of->context.arena, wb_pdb, list_count(list));
    for (uint32_t i = 0; i < list_count(list); i++) {
        (void)wb_manifest_decode_pdb(&of->context, list->children[i], &of->pdbs[i]);
    }
    of->state.pdbs = of->pdbs;
    of->state.pdb_count = list_count(list);
}

static void mark_unavailable(wb_disruption_case *of, const wb_node *root)
{
    const wb_node *list = wb_node_get(root, "unavailable");
    for (uint32_t i = 0; i < list_count(list); i++) {
        const wb_node *one = list->children[i];
        wb_intern *intern = of->context.intern;
        const char *market = wb_node_string(wb_node_get(one, "capacityType"), "");
        const wb_capacity_type capacity_type = strcmp(market, "spot") == 0 ? WB_CAPACITY_SPOT
                                               : strcmp(market, "reserved") == 0
                                                   ? WB_CAPACITY_RESERVED
                                                   : WB_CAPACITY_ON_DEMAND;
        wb_solver_world_set_available(
            of->input.world,
            wb_intern_add(intern, wb_node_string(wb_node_get(one, "instanceType"), "")),
            wb_intern_add(intern, wb_node_string(wb_node_get(one, "zone"), "")), capacity_type,
            false);
    }
}

static void make_pools(wb_disruption_case *of)
{
    const uint32_t count = of->input.nodepool_count;
    of->pools = WB_ARENA_ARRAY(of->context.arena, wb_disruption_pool, count);
    for (uint32_t i = 0; i < count; i++) {
        of->pools[i].nodepool = &of->input.nodepools[i];
        of->pools[i].catalog = &of->input.catalog;
    }
    of->state.pools = of->pools;
    of->state.pool_count = count;
}

static const wb_nodepool *find_pool(const wb_disruption_case *of, uint32_t name)
{
    for (uint32_t i = 0; i < of->input.nodepool_count; i++) {
        if (of->input.nodepools[i].name == name) {
            return &of->input.nodepools[i];
        }
    }
    return NULL;
}

/* Adds a pod to a node, for the picture and for the solver. */
static void bind_pod(wb_disruption_case *of, uint32_t node_index, const wb_node *node)
{
    assert(of != NULL);
    wb_disruption_node *to = &of->nodes[node_index];
    wb_solver_world *world = of->input.world;
    wb_pod pod = {0};
    (void)wb_manifest_decode_pod(&of->context, node, &pod);
    const wb_disruption_pod made = {
        .name = pod.name,
        .namespace_name = pod.namespace_name,
        .uid = pod.uid,
        .shape_id = wb_solver_world_shape(world, pod.template, pod.namespace_name),
        .template = pod.template,
        .created_ms = pod.created_ms,
        .start_ms = pod.start_ms,
        .owner_kind = pod.owner_kind,
        .phase = pod.phase,
        .is_terminating = pod.deletion_ms >= 0,
        .ready_is_false = pod.ready_is_false,
    };
    of->pods[node_index] = wb_arena_grow(of->context.arena, of->pods[node_index], to->pod_count,
                                         to->pod_count + 1U, sizeof(made));
    of->pods[node_index][to->pod_count++] = made;
    to->pods = of->pods[node_index];
    if (pod.phase != WB_POD_SUCCEEDED && pod.phase != WB_POD_FAILED) {
        const uint32_t flags = (pod.owner_kind == WB_OWNER_DAEMON_SET ? WB_SOLVER_POD_DAEMON : 0) |
                               (made.is_terminating ? WB_SOLVER_POD_TERMINATING : 0);
        wb_solver_node_bind(world, to->solver_node, made.shape_id, pod.name, flags);
    }
}

/* Since when the node is drifted: as the case says, or as the recorder's own check found. */
static int64_t drifted_since(wb_disruption_case *of, const wb_node *node, const wb_nodepool *pool,
                             const wb_disruption_node *made)
{
    assert(of != NULL);
    const int64_t since_ms = time_of(wb_node_get(node, "driftedAt"), of->state.now_ms);
    if (wb_node_get(node, "drift") != NULL) {
        return since_ms;
    }
    if (pool == NULL) {
        return -1;
    }
    const wb_labels labels = wb_solver_node_labels(made->solver_node);
    const bool is_old = of->state.now_ms - made->created_ms > WB_MS_PER_HOUR;
    const bool is_drifted =
        wb_disruption_requirements_drifted(of->context.arena, of->context.intern, pool, labels) ||
        (is_old && wb_disruption_type_not_found(&of->input.catalog, labels));
    return is_drifted ? since_ms : -1;
}

static void update_consolidatable(wb_disruption_case *of, uint32_t node_index)
{
    wb_disruption_node *node = &of->nodes[node_index];
    const wb_nodepool *pool = of->nodepools[node_index];
    node->is_consolidatable =
        pool != NULL && wb_disruption_is_consolidatable(pool, node->initialized_ms,
                                                        node->last_pod_event_ms, of->state.now_ms);
}

/* Starts a node's window anew. */
static void nominate(wb_disruption_case *of, uint32_t node_index)
{
    of->nominated_until_ms[node_index] = of->state.now_ms + NOMINATION_MS;
    of->nodes[node_index].is_nominated = true;
}

static void make_node(wb_disruption_case *of, uint32_t index, const wb_node *node)
{
    assert(of != NULL);
    const wb_nodepool *pool = find_pool(
        of, wb_intern_add(of->context.intern, wb_node_string(wb_node_get(node, "nodePool"), "")));
    const char *annotation =
        wb_node_string(wb_node_get(wb_node_get(node, "annotations"), "karpenter.sh/do-not-disrupt"),
                       "");
    wb_disruption_node *made = &of->nodes[index];
    const int64_t created_ms = time_of(wb_node_get(node, "created"), of->state.now_ms);
    const bool is_initialized = wb_node_bool(wb_node_get(node, "initialized"), true);
    *made = (wb_disruption_node){
        .solver_node = wb_case_input_make_node(&of->context, &of->input, node, pool),
        .has_claim = wb_node_string(wb_node_get(node, "nodePool"), "")[0] != '\0',
        .is_ready = wb_node_bool(wb_node_get(node, "ready"), true),
        .is_marked = wb_node_bool(wb_node_get(node, "deleting"), false),
        .is_protected = strcmp(annotation, "true") == 0,
        .created_ms = created_ms,
        .initialized_ms =
            is_initialized ? time_of(wb_node_get(node, "initializedAt"), created_ms) : -1,
        .last_pod_event_ms = time_of(wb_node_get(node, "lastPodEvent"), -1),
        .expire_after_ms = pool != NULL ? pool->expire_after_ms : WB_DURATION_NEVER,
        .termination_grace_period_ms = pool != NULL ? pool->termination_grace_period_ms : -1,
    };
    if (wb_node_bool(wb_node_get(node, "nominated"), false)) {
        nominate(of, index);
    }
    made->drifted_ms = drifted_since(of, node, pool, made);
    of->nodepools[index] = pool;
    update_consolidatable(of, index);
    const wb_node *pods = wb_node_get(node, "pods");
    for (uint32_t i = 0; i < list_count(pods); i++) {
        bind_pod(of, index, pods->children[i]);
    }
}

static void make_nodes(wb_disruption_case *of, const wb_node *root)
{
    const wb_node *list = wb_node_get(root, "nodes");
    const uint32_t count = list_count(list);
    of->nodes = WB_ARENA_ARRAY(of->context.arena, wb_disruption_node, count);
    of->pods = WB_ARENA_ARRAY(of->context.arena, wb_disruption_pod *, count);
    of->nodepools = WB_ARENA_ARRAY(of->context.arena, const wb_nodepool *, count);
    of->nominated_until_ms = WB_ARENA_ARRAY(of->context.arena, int64_t, count);
    for (uint32_t i = 0; i < count; i++) {
        make_node(of, i, list->children[i]);
    }
    of->state.nodes = of->nodes;
    of->state.node_count = count;
}

static void add_pending(wb_disruption_case *of, const wb_node *node)
{
    assert(of != NULL);
    wb_pod pod = {0};
    (void)wb_manifest_decode_pod(&of->context, node, &pod);
    if (wb_provisioning_check(of->context.intern, &of->input.problem, &pod) !=
        WB_POD_PROVISIONABLE) {
        return;
    }
    const uint32_t count = of->state.pending_pod_count;
    of->pending_pods = wb_arena_grow(of->context.arena, of->pending_pods, count, count + 1U,
                                     sizeof(wb_solver_pod));
    of->pending_pods[count] = (wb_solver_pod){
        .name = pod.name,
        .namespace_name = pod.namespace_name,
        .uid = pod.uid,
        .created_ms = pod.created_ms,
        .shape_id = wb_solver_world_shape(of->input.world, pod.template, pod.namespace_name),
        .bound_node_index = UINT32_MAX,
    };
    of->state.pending_pods = of->pending_pods;
    of->state.pending_pod_count = count + 1;
}

wb_status wb_cases_disruption_load(wb_cases_case *one, wb_disruption_case *out, wb_error *err)
{
    assert(one != NULL && out != NULL);
    wb_findings *findings = WB_ARENA_NEW(one->arena, wb_findings);
    wb_findings_init(findings, one->arena, false);
    *out = (wb_disruption_case){
        .context = {.arena = one->arena, .intern = one->intern, .findings = findings},
        .changes = wb_node_get(one->root, "duringValidation"),
    };
    wb_catalog catalog = {0};
    WB_TRY(wb_cases_catalog(one, &catalog, err));
    WB_TRY(wb_case_input_decode(one->arena, one->intern, one->root, &catalog, &out->input, err));
    out->state.now_ms = time_of(wb_node_get(one->root, "now"), -1);
    if (out->state.now_ms < 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: 'now' is no time", one->name);
    }
    out->state.spot_to_spot =
        wb_node_bool(wb_node_find(one->root, "options.spotToSpotConsolidation"), false);
    decode_daemons(out, one->root);
    decode_pdbs(out, one->root);
    wb_case_input_prepare_world(one->arena, one->intern, NULL, &out->input);
    mark_unavailable(out, one->root);
    make_pools(out);
    make_nodes(out, one->root);
    const wb_node *pending = wb_node_get(one->root, "pendingPods");
    for (uint32_t i = 0; i < list_count(pending); i++) {
        add_pending(out, pending->children[i]);
    }
    out->input.problem.options.plain = one->options->plain;
    out->state.world = out->input.world;
    out->state.frame = &out->input.problem;
    return WB_OK;
}

static wb_disruption_node *find_node(wb_disruption_case *of, const wb_node *name)
{
    const uint32_t wanted = wb_intern_add(of->context.intern, wb_node_string(name, ""));
    for (uint32_t i = 0; i < of->state.node_count; i++) {
        if (wb_solver_node_name(of->nodes[i].solver_node) == wanted) {
            return &of->nodes[i];
        }
    }
    return NULL;
}

/* A pod comes to a node: an event that moves consolidateAfter. */
static void apply_bind(wb_disruption_case *of, const wb_node *change)
{
    wb_disruption_node *node = find_node(of, wb_node_get(change, "node"));
    if (node != NULL) {
        const uint32_t index = (uint32_t)(node - of->nodes);
        bind_pod(of, index, wb_node_get(change, "bindPod"));
        node->last_pod_event_ms = of->state.now_ms;
        update_consolidatable(of, index);
    }
}

static void apply(wb_disruption_case *of, const wb_node *change)
{
    wb_disruption_node *node = NULL;
    const wb_node *pdb = wb_node_get(change, "pdb");
    of->state.now_ms += wb_node_int64(wb_node_get(change, "advanceSeconds"), 0) * WB_MS_PER_SECOND;
    if ((node = find_node(of, wb_node_get(change, "nominate"))) != NULL) {
        nominate(of, (uint32_t)(node - of->nodes));
    }
    if ((node = find_node(of, wb_node_get(change, "doNotDisruptNode"))) != NULL) {
        node->is_protected = true;
    }
    if ((node = find_node(of, wb_node_get(change, "notReady"))) != NULL) {
        node->is_ready = false;
    }
    if ((node = find_node(of, wb_node_get(change, "markDeleting"))) != NULL) {
        node->is_marked = true;
    }
    if (wb_node_get(change, "bindPod") != NULL) {
        apply_bind(of, change);
    }
    if (wb_node_get(change, "pendingPod") != NULL) {
        add_pending(of, wb_node_get(change, "pendingPod"));
    }
    for (uint32_t i = 0; pdb != NULL && i < of->state.pdb_count; i++) {
        if (of->pdbs[i].name == wb_intern_add(of->context.intern, wb_node_string(pdb, ""))) {
            of->pdbs[i].disruptions_allowed =
                (int32_t)wb_node_int64(wb_node_get(change, "pdbDisruptionsAllowed"), 0);
        }
    }
}

void wb_cases_disruption_wait(wb_disruption_case *of)
{
    assert(of != NULL);
    if (of->changes == NULL) {
        return;
    }
    of->state.now_ms += VALIDATION_MS;
    for (uint32_t i = 0; i < list_count(of->changes); i++) {
        apply(of, of->changes->children[i]);
    }
    for (uint32_t i = 0; i < of->state.node_count; i++) {
        of->nodes[i].is_nominated = of->nominated_until_ms[i] > of->state.now_ms;
    }
    of->changes = NULL;
}

void wb_cases_disruption_release(wb_disruption_case *of)
{
    for (uint32_t i = 0; i < of->state.node_count; i++) {
        wb_solver_node_free(of->nodes[i].solver_node);
    }
    wb_case_input_release(&of->input);
}
