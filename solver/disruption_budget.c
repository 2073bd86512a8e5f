/*
 * How many nodes of a pool may be disrupted at a moment. Source: spec/disruption.md section 5.
 */
#include <assert.h>

#include "base/cron.h"
#include "kube/names.h"
#include "solver/disruption_internal.h"

typedef enum budget_window {
    WINDOW_OPEN,
    WINDOW_CLOSED,
    WINDOW_UNREADABLE,
} budget_window;

/* A window is [hit, hit + duration): open when the first hit after (now - duration) is not after
 * now. */
static budget_window look_at_window(const wb_budget *budget, int64_t now_ms)
{
    if (budget->schedule == NULL) {
        return WINDOW_OPEN;
    }
    wb_cron cron;
    if (wb_cron_parse(budget->schedule, &cron, NULL) != WB_OK) {
        return WINDOW_UNREADABLE;
    }
    int64_t hit_ms = 0;
    const bool has_hit = wb_cron_next(&cron, now_ms - budget->duration_ms, &hit_ms);
    return has_hit && hit_ms <= now_ms ? WINDOW_OPEN : WINDOW_CLOSED;
}

int64_t wb_disruption_budget(const wb_nodepool *pool, int64_t node_count, uint32_t reason,
                             int64_t now_ms)
{
    assert(node_count >= 0);
    assert(pool->budget_count == 0 || pool->budgets != NULL);
    int64_t allowed = INT32_MAX;
    for (uint32_t i = 0; i < pool->budget_count; i++) {
        const wb_budget *budget = &pool->budgets[i];
        const budget_window window = look_at_window(budget, now_ms);
        if (window == WINDOW_UNREADABLE) {
            return 0; /* of whatever reason: the pool's budgets can't be trusted */
        }
        const bool applies = budget->reasons == 0 || (budget->reasons & reason) != 0;
        if (!applies || window == WINDOW_CLOSED) {
            continue;
        }
        const int64_t nodes =
            budget->is_percent ? (node_count * budget->nodes + 99) / 100 : (int64_t)budget->nodes;
        allowed = nodes < allowed ? nodes : allowed;
    }
    return allowed;
}

int64_t *wb_disruption_allowances(wb_disruption *disruption, uint32_t reason)
{
    assert(disruption != NULL);
    const wb_disruption_state *state = disruption->state;
    int64_t *node_count = WB_ARENA_ARRAY(disruption->arena, int64_t, state->pool_count);
    int64_t *allowed = WB_ARENA_ARRAY(disruption->arena, int64_t, state->pool_count);
    int64_t *gone = WB_ARENA_ARRAY(disruption->arena, int64_t, state->pool_count);
    for (uint32_t i = 0; i < state->node_count; i++) {
        const wb_disruption_node *node = &state->nodes[i];
        const uint32_t pool = disruption->pool_of_node[i];
        if (pool == UINT32_MAX || !node->has_claim || !node->solver_node->is_initialized ||
            node->is_terminating) {
            continue;
        }
        node_count[pool]++;
        gone[pool] += !node->is_ready || node->is_marked;
    }
    for (uint32_t p = 0; p < state->pool_count; p++) {
        const int64_t whole =
            wb_disruption_budget(state->pools[p].nodepool, node_count[p], reason, state->now_ms);
        if (node_count[p] > 0 && whole == 0) {
            disruption->blocked_pool[p] |= reason;
        }
        allowed[p] = whole > gone[p] ? whole - gone[p] : 0;
    }
    return allowed;
}

bool wb_disruption_spend(wb_disruption *disruption, int64_t *allowed,
                         const wb_disruption_candidate *candidate)
{
    assert(disruption != NULL && candidate != NULL);
    int64_t *left = &allowed[candidate->pool_index];
    if (*left <= 0) {
        wb_disruption_note(disruption, candidate->node_index, WB_BLOCKED_BUDGET);
        return false;
    }
    (*left)--;
    return true;
}
