/*
 * Which nodes may go, what they cost, and in which order they are looked at.
 * Source: spec/disruption.md sections 3 and 4.
 */
#include <assert.h>

#include "base/duration.h"
#include "base/sort.h"
#include "kube/names.h"
#include "solver/disruption_internal.h"

bool wb_disruption_is_consolidatable(const wb_nodepool *pool, int64_t initialized_ms,
                                     int64_t last_pod_event_ms, int64_t now_ms)
{
    assert(pool != NULL);
    if (initialized_ms < 0 || pool->consolidate_after_ms == WB_DURATION_NEVER) {
        return false;
    }
    /* No time is read where there is nothing to wait for, not even one ahead of the clock. */
    const int64_t since_ms = last_pod_event_ms >= 0 ? last_pod_event_ms : initialized_ms;
    return pool->consolidate_after_ms == 0 || now_ms - since_ms >= pool->consolidate_after_ms;
}

uint32_t wb_disruption_type_of(const wb_disruption *disruption, uint32_t node_index)
{
    const wb_solver_world *world = disruption->world;
    const uint32_t pool_index = disruption->pool_of_node[node_index];
    const wb_catalog *catalog =
        pool_index == UINT32_MAX ? NULL : disruption->state->pools[pool_index].catalog;
    if (catalog == NULL) {
        return UINT32_MAX;
    }
    const wb_labels labels = disruption->state->nodes[node_index].solver_node->labels;
    const uint32_t type = wb_catalog_find(catalog, wb_labels_get(labels, WB_NAME_INSTANCE_TYPE));
    for (uint32_t c = 0; type != UINT32_MAX && c < world->catalog_count; c++) {
        if (world->catalogs[c] == catalog) {
            return world->catalog_first_type[c] + type;
        }
    }
    assert(type == UINT32_MAX); /* pools bring catalogs that the world knows */
    return UINT32_MAX;
}

static uint32_t name_of_market(wb_capacity_type capacity_type)
{
    static const uint32_t names[] = {
        [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
        [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
        [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
    };
    return names[capacity_type];
}

bool wb_disruption_price_of(const wb_disruption *disruption, uint32_t node_index,
                            uint32_t type_index, double *out_usd_per_hour)
{
    assert(disruption != NULL && out_usd_per_hour != NULL);
    *out_usd_per_hour = 0;
    if (type_index == UINT32_MAX) {
        return false;
    }
    const wb_solver_world *world = disruption->world;
    const wb_labels labels = disruption->state->nodes[node_index].solver_node->labels;
    const uint32_t zone = wb_labels_get(labels, WB_NAME_ZONE);
    const uint32_t market = wb_labels_get(labels, WB_NAME_CAPACITY_TYPE);
    const wb_world_type *type = &world->types[type_index];
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &world->offerings[type->first_offering + i].now;
        if (offering->zone == zone && name_of_market(offering->capacity_type) == market) {
            *out_usd_per_hour = offering->price_usd_per_hour;
            return true;
        }
    }
    return false;
}

/* A pool without instance types is as good as none. */
static bool has_pool(const wb_disruption *disruption, uint32_t node_index)
{
    const uint32_t pool = disruption->pool_of_node[node_index];
    const wb_catalog *catalog = pool == UINT32_MAX ? NULL : disruption->state->pools[pool].catalog;
    return catalog != NULL && catalog->type_count > 0;
}

/* What the node itself says, pods left aside: the first check that fails. */
static uint32_t check_node(const wb_disruption *disruption, uint32_t node_index)
{
    const wb_disruption_node *node = &disruption->state->nodes[node_index];
    const struct {
        bool fails;
        uint32_t bit;
    } checks[] = {
        {node->is_queued, WB_BLOCKED_QUEUED},
        {!node->has_claim, WB_BLOCKED_NOT_MANAGED},
        {!node->solver_node->has_node, WB_BLOCKED_NO_NODE},
        {!node->solver_node->is_initialized, WB_BLOCKED_NOT_INITIALIZED},
        {node->is_marked, WB_BLOCKED_DELETING},
        {node->is_nominated, WB_BLOCKED_NOMINATED},
        {node->is_protected, WB_BLOCKED_NODE_DO_NOT_DISRUPT},
        {!wb_labels_has(node->solver_node->labels, WB_NAME_NODEPOOL), WB_BLOCKED_NO_NODEPOOL_LABEL},
        {!has_pool(disruption, node_index), WB_BLOCKED_NODEPOOL_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (checks[i].fails) {
            return checks[i].bit;
        }
    }
    return 0;
}

/* What is left of the life that expireAfter grants, 0 to 1. */
static double lifetime_remaining(const wb_disruption *disruption, const wb_disruption_node *node)
{
    if (node->expire_after_ms == WB_DURATION_NEVER) {
        return 1.0;
    }
    const double total_s = (double)node->expire_after_ms / 1000.0;
    const double age_s = (double)(disruption->state->now_ms - node->created_ms) / 1000.0;
    const double remaining = (total_s - age_s) / total_s;
    return remaining < 0.0 ? 0.0 : remaining > 1.0 ? 1.0 : remaining;
}

/* What the pods say: costs, and what they are held by. do-not-disrupt of any comes before PDBs of
 * any. Most pods have neither annotations nor a priority, and then nothing to say. */
static void ask_pods(wb_disruption *disruption, const wb_disruption_node *node,
                     wb_disruption_facts *facts)
{
    wb_disruption_candidate *out = &facts->candidate;
    const bool has_pdbs = disruption->state->pdb_count > 0;
    double all_pods = 0;
    bool is_protected = false;
    uint32_t held = 0;
    out->reschedule_cost = WB_DISRUPTION_BASE_COST;
    for (uint32_t i = 0; i < node->pod_count; i++) {
        const wb_disruption_pod *pod = &node->pods[i];
        double cost = 1.0;
        if (pod->template->annotations.count > 0 || pod->template->priority != 0) {
            cost = wb_disruption_pod_cost(disruption, pod);
            is_protected = is_protected || wb_disruption_pod_is_protected(disruption, pod);
        }
        if (has_pdbs && held == 0) {
            held = wb_disruption_pod_held(disruption, pod);
        }
        all_pods += cost;
        if (wb_disruption_pod_is_reschedulable(pod)) {
            out->reschedule_cost += cost > 0.0 ? cost : 0.0;
            out->reschedulable_count++;
        }
    }
    facts->pod_block = is_protected ? WB_BLOCKED_POD_DO_NOT_DISRUPT : held;
    out->disruption_cost = all_pods * lifetime_remaining(disruption, node);
    out->savings_ratio = out->price_usd_per_hour / out->reschedule_cost;
}

const wb_disruption_facts *wb_disruption_facts_of(wb_disruption *disruption, uint32_t node_index)
{
    assert(node_index < disruption->state->node_count);
    wb_disruption_facts *facts = &disruption->facts[node_index];
    if (facts->is_known) {
        return facts;
    }
    facts->is_known = true;
    facts->node_block = check_node(disruption, node_index);
    if (facts->node_block != 0) {
        return facts;
    }
    const wb_disruption_node *node = &disruption->state->nodes[node_index];
    const wb_labels labels = node->solver_node->labels;
    const uint32_t type_index = wb_disruption_type_of(disruption, node_index);
    facts->has_market = wb_labels_has(labels, WB_NAME_CAPACITY_TYPE);
    facts->has_zone = wb_labels_has(labels, WB_NAME_ZONE);
    facts->candidate = (wb_disruption_candidate){
        .node_index = node_index,
        .pool_index = disruption->pool_of_node[node_index],
        .type_index = type_index,
        .capacity_type_name = wb_labels_get(labels, WB_NAME_CAPACITY_TYPE),
        .zone = wb_labels_get(labels, WB_NAME_ZONE),
    };
    facts->candidate.has_offering = wb_disruption_price_of(disruption, node_index, type_index,
                                                           &facts->candidate.price_usd_per_hour);
    ask_pods(disruption, node, facts);
    return facts;
}

static bool is_empty(const wb_disruption_candidate *candidate)
{
    return candidate->reschedule_cost <= WB_DISRUPTION_BASE_COST;
}

static bool is_static(const wb_disruption *disruption, const wb_disruption_candidate *candidate)
{
    return wb_disruption_nodepool(disruption, candidate)->replicas >= 0;
}

bool wb_disruption_keeps_empty(wb_disruption *disruption, const wb_disruption_candidate *candidate)
{
    assert(disruption != NULL && candidate != NULL);
    const wb_disruption_node *node = &disruption->state->nodes[candidate->node_index];
    if (is_static(disruption, candidate)) {
        return false;
    }
    if (wb_disruption_nodepool(disruption, candidate)->consolidate_after_ms == WB_DURATION_NEVER) {
        wb_disruption_note(disruption, candidate->node_index, WB_BLOCKED_CONSOLIDATION_DISABLED);
        return false;
    }
    if (node->has_buffer_pods) {
        wb_disruption_note(disruption, candidate->node_index, WB_BLOCKED_BUFFER_PODS);
        return false;
    }
    if (is_empty(candidate) && !node->is_consolidatable) {
        wb_disruption_note(disruption, candidate->node_index, WB_BLOCKED_NOT_CONSOLIDATABLE);
        return false;
    }
    return is_empty(candidate);
}

bool wb_disruption_keeps_static_drift(wb_disruption *disruption,
                                      const wb_disruption_candidate *candidate)
{
    return is_static(disruption, candidate) &&
           disruption->state->nodes[candidate->node_index].drifted_ms >= 0;
}

bool wb_disruption_keeps_drift(wb_disruption *disruption, const wb_disruption_candidate *candidate)
{
    return !is_static(disruption, candidate) &&
           disruption->state->nodes[candidate->node_index].drifted_ms >= 0;
}

/* Why consolidation can't take a node whose pool is not static. */
static uint32_t refuse_consolidation(const wb_disruption *disruption,
                                     const wb_disruption_candidate *candidate)
{
    const wb_nodepool *pool = wb_disruption_nodepool(disruption, candidate);
    const wb_disruption_node *node = &disruption->state->nodes[candidate->node_index];
    if (candidate->type_index == UINT32_MAX) {
        return WB_BLOCKED_INSTANCE_TYPE_NOT_FOUND;
    }
    if (!disruption->facts[candidate->node_index].has_market) {
        return WB_BLOCKED_NO_CAPACITY_TYPE;
    }
    if (!disruption->facts[candidate->node_index].has_zone) {
        return WB_BLOCKED_NO_ZONE;
    }
    if (pool->consolidate_after_ms == WB_DURATION_NEVER) {
        return WB_BLOCKED_CONSOLIDATION_DISABLED;
    }
    if (is_empty(candidate)) {
        return 0; /* emptiness sees to it */
    }
    if (pool->consolidation_policy == WB_CONSOLIDATE_WHEN_EMPTY) {
        return WB_BLOCKED_POLICY_WHEN_EMPTY;
    }
    return node->is_consolidatable ? 0 : WB_BLOCKED_NOT_CONSOLIDATABLE;
}

bool wb_disruption_keeps_consolidation(wb_disruption *disruption,
                                       const wb_disruption_candidate *candidate)
{
    assert(disruption != NULL && candidate != NULL);
    if (is_static(disruption, candidate)) {
        return false;
    }
    const uint32_t refused = refuse_consolidation(disruption, candidate);
    wb_disruption_note(disruption, candidate->node_index, refused);
    return refused == 0 && !is_empty(candidate);
}

bool wb_disruption_takes(wb_disruption *disruption, const wb_disruption_ops *ops,
                         uint32_t node_index)
{
    const wb_disruption_facts *facts = wb_disruption_facts_of(disruption, node_index);
    const bool is_bounded = ops != NULL && ops->is_eventual &&
                            disruption->state->nodes[node_index].termination_grace_period_ms >= 0;
    const uint32_t blocked =
        facts->node_block != 0 || is_bounded ? facts->node_block : facts->pod_block;
    wb_disruption_note(disruption, node_index, blocked);
    return blocked == 0 && (ops == NULL || ops->keeps(disruption, &facts->candidate));
}

/* What the order of candidates is decided by. */
typedef struct ranked_node {
    double savings_ratio;
    uint32_t node_index;
} ranked_node;

static int compare_ratios(const void *a, const void *b, void *context)
{
    (void)context;
    const ranked_node *left = a;
    const ranked_node *right = b;
    return (left->savings_ratio < right->savings_ratio) -
           (left->savings_ratio > right->savings_ratio);
}

/* Passes of the checks of one class. They are met by name, which a stable sort leaves where ratios
 * are equal. */
static wb_disruption_candidates find(wb_disruption *disruption, const wb_disruption_ops *ops)
{
    const wb_disruption_state *state = disruption->state;
    const wb_arena_mark mark = wb_arena_get_mark(disruption->scratch);
    ranked_node *ranks = wb_arena_alloc(disruption->scratch, state->node_count * sizeof(*ranks));
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->node_count; i++) {
        const uint32_t node_index = disruption->by_name[i];
        if (wb_disruption_takes(disruption, ops, node_index)) {
            const double ratio = disruption->facts[node_index].candidate.savings_ratio;
            ranks[count++] = (ranked_node){ratio, node_index};
        }
    }
    wb_sort_stable(ranks, count, sizeof(*ranks), compare_ratios, NULL);
    wb_disruption_candidate *items =
        wb_arena_alloc(disruption->arena, (count + 1U) * sizeof(*items));
    for (uint32_t i = 0; i < count; i++) {
        items[i] = disruption->facts[ranks[i].node_index].candidate;
    }
    wb_arena_rewind(disruption->scratch, mark);
    return (wb_disruption_candidates){items, count};
}

wb_disruption_candidates wb_disruption_find(wb_disruption *disruption, wb_disruption_method method)
{
    return find(disruption, wb_disruption_ops_of(method));
}

wb_disruption_candidates wb_disruption_find_all(wb_disruption *disruption)
{
    return find(disruption, NULL);
}
