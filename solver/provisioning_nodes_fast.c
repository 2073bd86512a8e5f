/*
 * Existing nodes the fast way: the same first fit as provisioning_nodes.c, without asking every
 * node for every pod.
 *
 * Thousands of nodes are mostly full, and a node that refused a pod for lack of room, a taint or a
 * label refuses all pods of that shape for the rest of the solve. So each shape goes on from the
 * first node that may still take it, and passes over those without room 64 at a time (bitsets by
 * level of room). Nodes that may change their mind (a spread, a friend who arrives) are asked
 * again. What a node's labels allow can only change when a placement adds a key to them, which is
 * rare: then all is asked anew.
 */
#include <assert.h>
#include <string.h>

#include "solver/host_ports.h"
#include "solver/provisioning_internal.h"

/* What a node says to a pod. */
typedef enum answer {
    ANSWER_YES,
    ANSWER_NOT_NOW,
    ANSWER_NEVER, /* unless its labels come to say more */
} answer;

static int64_t room_of(const wb_live_node *live, uint32_t resource)
{
    return live->is_full ? -1 : resource < live->remaining_count ? live->remaining[resource] : 0;
}

static uint32_t next_with_room(const wb_solve *solve, uint32_t from, const wb_solver_shape *shape)
{
    return wb_provisioning_base_next(solve->base, from, shape->cpu_milli, shape->memory_bytes);
}

static bool has_all_room(const wb_live_node *live, const wb_solver_shape *shape)
{
    assert(live != NULL && shape != NULL);
    for (uint32_t i = 0; i < shape->demands.count; i++) {
        const wb_demand *demand = &shape->demands.items[i];
        if (demand->amount > room_of(live, demand->resource)) {
            return false;
        }
    }
    return !live->is_full;
}

static bool ports_clash(const wb_live_node *live, const wb_solver_shape *shape)
{
    assert(live != NULL && shape != NULL);
    for (uint32_t e = 0; e < live->node->entry_count; e++) {
        const wb_solver_shape *running = live->node->entries[e]->shape;
        if (wb_host_ports_clash(shape->ports, shape->port_count, running->ports,
                                running->port_count)) {
            return true;
        }
    }
    return wb_host_ports_clash(shape->ports, shape->port_count, live->ports, live->port_count);
}

/* What can't change while the node's labels say the same. */
static bool is_ruled_out(const wb_solve *solve, const wb_live_node *live, const wb_pod_state *pod)
{
    assert(solve != NULL && live != NULL && pod != NULL);
    const wb_pod_variant *variant = pod->variant;
    return !has_all_room(live, pod->shape) ||
           (live->node->blocking_count > 0 &&
            !wb_taints_tolerated(solve->world->intern, live->node->blocking,
                                 live->node->blocking_count, variant->tolerance)) ||
           (pod->shape->port_count > 0 && ports_clash(live, pod->shape)) ||
           (variant->requirements.count > 0 &&
            wb_requirements_compatible(solve->world->intern, live->requirements,
                                       variant->requirements, WB_UNDEFINED_NONE,
                                       NULL) != WB_COMPATIBLE);
}

/* Rules about hosts: counts only grow, so a taken host stays taken. */
static answer ask_host(const wb_variant_state *state, uint32_t host_index)
{
    for (uint32_t i = 0; i < state->host_rule_count; i++) {
        const wb_bound_rule *rule = &state->host_rules[i];
        if (!wb_topology_group_allows_host(rule->group, rule->selects_itself, host_index)) {
            return rule->group->kind == WB_TOPOLOGY_AFFINITY ? ANSWER_NOT_NOW : ANSWER_NEVER;
        }
    }
    return ANSWER_YES;
}

/* The one value that the node's labels have under a key; NULL: none, or a set left open by a pod
 * that was placed. */
static const uint32_t *single_value(const wb_live_node *live, uint32_t key)
{
    const wb_requirement *has = wb_requirements_get(live->requirements, key);
    const bool is_single = has != NULL && !has->is_complement && has->value_count == 1 &&
                           !has->has_gte && !has->has_lte;
    return is_single ? has->values : NULL;
}

/* Rules about domains, where the node is in one domain of each and the pod, which its labels have
 * passed, asks for nothing that they lack: then neither changes what the node requires. NOT_NOW
 * with *out_is_certain false: only the plain check can tell. */
static answer ask_domains(const wb_solve *solve, const wb_live_node *live, const wb_pod_state *pod,
                          const wb_variant_state *state, bool *out_is_certain)
{
    assert(solve != NULL && live != NULL && pod != NULL && state != NULL);
    const wb_pod_variant *variant = pod->variant;
    *out_is_certain = false;
    if (pod->shape->has_claim_volumes) {
        return ANSWER_NOT_NOW;
    }
    for (uint32_t i = 0; i < variant->requirements.count; i++) {
        if (single_value(live, variant->requirements.items[i].key) == NULL) {
            return ANSWER_NOT_NOW;
        }
    }
    answer said = ANSWER_YES;
    for (uint32_t i = 0; i < state->domain_rule_count; i++) {
        const wb_bound_rule *rule = &state->domain_rules[i];
        const uint32_t *value = single_value(live, rule->group->key);
        if (value == NULL) {
            return ANSWER_NOT_NOW;
        }
        if (!wb_topology_group_allows_value(rule->group, solve->world->intern, rule->selects_itself,
                                            wb_requirements_get(variant->strict, rule->group->key),
                                            *value)) {
            said = ANSWER_NOT_NOW;
        }
    }
    *out_is_certain = true;
    return said;
}

/* Whether the node takes the pod; *out are its requirements then. */
static answer ask_node(wb_solve *solve, const wb_live_node *live, uint32_t pod_index,
                       const wb_variant_state *state, wb_requirements *out)
{
    assert(solve != NULL && live != NULL && state != NULL && out != NULL);
    const wb_pod_state *pod = &solve->pods[pod_index];
    solve->work.node_checks++;
    if (is_ruled_out(solve, live, pod)) {
        return ANSWER_NEVER;
    }
    if (live->only_pending && wb_provisioning_is_restricted(solve, pod_index)) {
        return ANSWER_NOT_NOW; /* it may take others of that shape */
    }
    const answer host = ask_host(state, live->node_index);
    if (host != ANSWER_YES) {
        return host;
    }
    bool is_certain = false;
    const answer domains = ask_domains(solve, live, pod, state, &is_certain);
    if (is_certain) {
        *out = live->requirements;
        return domains;
    }
    const wb_arena_mark mark = wb_arena_get_mark(solve->arena);
    if (wb_provisioning_node_accepts(solve, live, pod_index, out)) {
        return ANSWER_YES;
    }
    wb_arena_rewind(solve->arena, mark);
    return ANSWER_NOT_NOW;
}

static void strike_node(wb_solve *solve, wb_open_set *set, uint32_t index)
{
    assert(solve != NULL && set != NULL);
    if (set->struck_nodes == NULL) {
        set->struck_nodes =
            WB_ARENA_ARRAY(solve->arena, uint64_t, wb_bitset_word_count(solve->node_count));
    }
    wb_bitset_add(set->struck_nodes, index);
}

/* Forgets refusals that were made before some node's labels changed. */
static void renew(const wb_solve *solve, wb_open_set *set)
{
    assert(solve != NULL && set != NULL);
    if (set->node_version != solve->node_version) {
        set->node_version = solve->node_version;
        set->next_node = 0;
        if (set->struck_nodes != NULL) {
            wb_bitset_clear(set->struck_nodes, wb_bitset_word_count(solve->node_count));
        }
    }
}

bool wb_provisioning_try_nodes_fast(wb_solve *solve, uint32_t pod_index)
{
    assert(solve != NULL);
    if (solve->node_count == 0) {
        return false;
    }
    const wb_pod_state *pod = &solve->pods[pod_index];
    const wb_variant_state *state = wb_provisioning_ready_variant(solve, pod->variant);
    wb_open_set *set = wb_provisioning_open_set(solve, pod);
    renew(solve, set);
    uint32_t first_open = UINT32_MAX; /* that may take one of these later */
    for (uint32_t i = next_with_room(solve, set->next_node, pod->shape); i < solve->node_count;
         i = next_with_room(solve, i + 1, pod->shape)) {
        if (set->struck_nodes != NULL && wb_bitset_has(set->struck_nodes, i)) {
            continue;
        }
        wb_requirements requirements = {0};
        const answer said = ask_node(solve, &solve->nodes[i], pod_index, state, &requirements);
        if (said == ANSWER_NEVER && first_open != UINT32_MAX) {
            strike_node(solve, set, i); /* the start can't pass the open one before it */
        }
        if (said == ANSWER_NEVER) {
            continue;
        }
        first_open = first_open == UINT32_MAX ? i : first_open;
        if (said == ANSWER_YES) {
            set->next_node = first_open;
            wb_provisioning_place_on_node(solve, &solve->nodes[i], pod_index, requirements);
            wb_provisioning_base_measure(solve->base, i);
            return true;
        }
    }
    set->next_node = first_open != UINT32_MAX ? first_open : solve->node_count;
    return false;
}
