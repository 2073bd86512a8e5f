/*
 * The order of the checks, and the first of them: that the answer is one. Later checks rely on the
 * earlier ones (that indices are in range, that lists agree).
 */
#include "solver/validator.h"

#include <assert.h>

#include "solver/validator_internal.h"

#define KNOWN_REFUSALS ((WB_REFUSED_CUT_OFF << 1) - 1)

const char *wb_validator_pod_name(const wb_validation *of, uint32_t pod_index)
{
    const wb_solver_pod *pod = &of->problem->pods[pod_index];
    const uint32_t id = pod->name != 0 ? pod->name : pod->uid;
    wb_text name;
    wb_text_init(&name);
    if (id != 0) {
        wb_text_add_format(&name, "pod %s", wb_intern_text(of->intern, id));
    } else {
        wb_text_add_format(&name, "pod %u", pod_index);
    }
    const char *kept = wb_arena_copy_string(of->arena, wb_text_string(&name));
    wb_text_release(&name);
    return kept;
}

/* Each pod is on one node, in one claim, or refused for a reason that is known. */
static bool check_placements(wb_validation *of)
{
    const wb_solver_result *result = of->result;
    uint32_t refused_count = 0;
    for (uint32_t i = 0; i < of->problem->pod_count; i++) {
        const wb_solver_placement *placement = &result->placements[i];
        const int answers = (placement->node_index != WB_PLACED_ON_NONE) +
                            (placement->claim_index != WB_PLACED_ON_NONE) +
                            (placement->refused != 0);
        if (answers != 1 || (placement->refused & ~KNOWN_REFUSALS) != 0) {
            wb_text_add_format(of->violation, "%s has %d answers instead of one",
                               wb_validator_pod_name(of, i), answers);
            return false;
        }
        if (placement->node_index != WB_PLACED_ON_NONE
                ? placement->node_index >= of->problem->node_count
                : placement->refused == 0 && placement->claim_index >= result->claim_count) {
            wb_text_add_format(of->violation, "%s goes to a node or claim that there is not",
                               wb_validator_pod_name(of, i));
            return false;
        }
        refused_count += placement->refused != 0;
    }
    if (refused_count != result->refused_count ||
        of->problem->pod_count - refused_count != result->placed_count) {
        wb_text_add_format(of->violation, "%u pods are refused, the result counts %u",
                           refused_count, result->refused_count);
        return false;
    }
    return true;
}

/* Claims list exactly the pods that were placed in them, and name pools that there are. */
static bool check_claim_pods(wb_validation *of)
{
    const wb_solver_result *result = of->result;
    bool *seen = WB_ARENA_ARRAY(of->arena, bool, of->problem->pod_count + 1U);
    uint32_t listed_count = 0;
    for (uint32_t c = 0; c < result->claim_count; c++) {
        const wb_solver_claim *claim = &result->claims[c];
        if (claim->pod_count == 0 ||
            claim->pool_index >= wb_solver_world_pool_count(of->input->world)) {
            wb_text_add_format(of->violation, "claim %u has no pods, or no NodePool", c);
            return false;
        }
        for (uint32_t i = 0; i < claim->pod_count; i++) {
            const uint32_t pod_index = claim->pod_indices[i];
            if (pod_index >= of->problem->pod_count || seen[pod_index] ||
                result->placements[pod_index].claim_index != c) {
                wb_text_add_format(of->violation, "claim %u lists pod %u, which is not its own", c,
                                   pod_index);
                return false;
            }
            seen[pod_index] = true;
        }
        listed_count += claim->pod_count;
    }
    uint32_t placed_count = 0;
    for (uint32_t i = 0; i < of->problem->pod_count; i++) {
        placed_count += result->placements[i].claim_index != WB_PLACED_ON_NONE;
    }
    if (placed_count != listed_count) {
        wb_text_add_format(of->violation, "%u pods are placed in claims, these list %u",
                           placed_count, listed_count);
        return false;
    }
    return true;
}

/* In this order: later ones take for granted what earlier ones found. */
static bool check_all(wb_validation *of)
{
    if (!check_placements(of) || !check_claim_pods(of)) {
        return false;
    }
    wb_validator_fill_roster(of);
    return wb_validator_check_pods(of) && wb_validator_check_nodes(of) &&
           wb_validator_check_claims(of) && wb_validator_check_limits(of) &&
           wb_validator_check_topology(of);
}

bool wb_validator_accepts(const wb_validator_input *input, const wb_solver_result *result,
                          wb_text *violation)
{
    assert(input != NULL && input->problem != NULL && input->world != NULL && input->desc != NULL);
    assert(input->problem->node_count == 0 || input->nodes != NULL);
    assert(input->problem->pod_count == 0 || input->templates != NULL);
    assert(result != NULL && violation != NULL);
    wb_arena arena;
    wb_arena_init(&arena, "validator", 0, NULL);
    const size_t pairs =
        (size_t)wb_solver_world_pool_count(input->world) * wb_solver_world_type_count(input->world);
    wb_validation of = {
        .input = input,
        .problem = input->problem,
        .result = result,
        .intern = wb_solver_world_intern(input->world),
        .arena = &arena,
        .violation = violation,
        .daemons = WB_ARENA_ARRAY(&arena, wb_validator_daemons, pairs + 1),
    };
    const bool accepts = check_all(&of);
    assert(accepts == (violation->length == 0));
    wb_arena_release(&arena);
    return accepts;
}
