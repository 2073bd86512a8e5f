/*
 * The second look at a command, after its 15 s: what changed meanwhile calls it off.
 * Source: spec/disruption.md section 12.
 */
#include <assert.h>

#include "base/hash_map.h"
#include "kube/names.h"
#include "solver/disruption_internal.h"

/* The command's candidates that still are some, by name: in which order the nodes of the cluster
 * are walked decides who gets what is left of a budget. The other nodes are looked at as well: they
 * may say by now why they stay. */
static wb_disruption_set find_again(wb_disruption *disruption, const wb_disruption_command *command)
{
    wb_disruption_candidate *found =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_candidate, command->candidate_count);
    const wb_disruption_ops *ops = wb_disruption_ops_of(command->method);
    uint32_t count = 0;
    wb_hash_map planned;
    wb_hash_map_init(&planned);
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        (void)wb_hash_map_put(&planned, command->candidate_names[i], i);
    }
    for (uint32_t i = 0; i < disruption->state->node_count; i++) {
        const uint32_t node_index = disruption->by_name[i];
        uint64_t place = 0;
        if (wb_disruption_takes(disruption, ops, node_index) &&
            wb_hash_map_get(&planned, disruption->state->nodes[node_index].solver_node->name,
                            &place)) {
            assert(count < command->candidate_count);
            found[count++] = disruption->facts[node_index].candidate;
        }
    }
    wb_hash_map_release(&planned);
    return (wb_disruption_set){found, count};
}

static wb_disruption_verdict validate_emptiness(wb_disruption *disruption,
                                                const wb_disruption_command *command,
                                                wb_disruption_command *out)
{
    const wb_disruption_set found = find_again(disruption, command);
    if (found.count == 0) {
        return WB_DISRUPTION_CHURN;
    }
    int64_t *allowed = wb_disruption_allowances(disruption, wb_disruption_reason(command->method));
    wb_disruption_candidate *kept =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_candidate, found.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < found.count; i++) {
        if (wb_disruption_spend(disruption, allowed, &found.items[i])) {
            kept[count++] = found.items[i];
        }
    }
    if (count == 0) {
        return WB_DISRUPTION_OVER_BUDGET;
    }
    *out =
        wb_disruption_command_start(disruption, command->method, (wb_disruption_set){kept, count});
    return WB_DISRUPTION_VALID;
}

/* Every type of the plan is still among those that the simulation allows. */
static bool has_types(const wb_disruption *disruption, const wb_disruption_replacement *planned,
                      const wb_solver_claim *claim)
{
    const size_t words = disruption->world->word_count;
    uint64_t *types = WB_ARENA_ARRAY(disruption->scratch, uint64_t, words);
    for (uint32_t i = 0; i < claim->type_count; i++) {
        wb_bitset_add(types, claim->type_indices[i]);
    }
    for (uint32_t i = 0; i < planned->type_count; i++) {
        if (!wb_bitset_has(types, planned->type_indices[i])) {
            return false;
        }
    }
    return true;
}

/* No price is asked again: the types that were cheap enough are all still possible. */
static bool comes_to_the_same(wb_disruption *disruption, const wb_disruption_command *command,
                              wb_disruption_set set, wb_disruption_command *out)
{
    wb_disruption_trial trial;
    if (!wb_disruption_simulate(disruption, set, true, &trial) || trial.blocked != 0 ||
        trial.result.claim_count != command->replacement_count) {
        return false;
    }
    if (command->replacement_count > 0 &&
        !has_types(disruption, &command->replacements[0], &trial.result.claims[0])) {
        return false;
    }
    *out = wb_disruption_command_start(disruption, command->method, set);
    out->saving_usd_per_hour = command->saving_usd_per_hour;
    out->replacements = command->replacements;
    out->replacement_count = command->replacement_count;
    out->moves = command->moves;
    out->move_count = command->move_count;
    return true;
}

static wb_disruption_verdict validate_consolidation(wb_disruption *disruption,
                                                    const wb_disruption_command *command,
                                                    wb_disruption_command *out)
{
    assert(command->replacement_count <= 1);
    const wb_disruption_set found = find_again(disruption, command);
    if (found.count != command->candidate_count) {
        return WB_DISRUPTION_CHURN;
    }
    int64_t *allowed = wb_disruption_allowances(disruption, wb_disruption_reason(command->method));
    for (uint32_t i = 0; i < found.count; i++) {
        if (!wb_disruption_spend(disruption, allowed, &found.items[i])) {
            return WB_DISRUPTION_OVER_BUDGET;
        }
    }
    const wb_arena_mark mark = wb_arena_get_mark(disruption->scratch);
    const bool is_same = comes_to_the_same(disruption, command, found, out);
    wb_arena_rewind(disruption->scratch, mark);
    return is_same ? WB_DISRUPTION_VALID : WB_DISRUPTION_RESCHEDULED;
}

wb_disruption_verdict wb_disruption_validate(wb_disruption *now,
                                             const wb_disruption_command *command,
                                             wb_disruption_command *out)
{
    assert(wb_disruption_waits(command->method));
    assert(command->candidate_count > 0);
    return command->method == WB_DISRUPTION_EMPTINESS ? validate_emptiness(now, command, out)
                                                      : validate_consolidation(now, command, out);
}

const char *wb_disruption_verdict_name(wb_disruption_verdict verdict)
{
    static const char *const names[] = {
        [WB_DISRUPTION_VALID] = "",
        [WB_DISRUPTION_CHURN] = "churn",
        [WB_DISRUPTION_OVER_BUDGET] = "budget",
        [WB_DISRUPTION_RESCHEDULED] = "scheduling",
    };
    return names[verdict];
}
