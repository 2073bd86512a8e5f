#include "solver/validator.h"

#include <assert.h>

/* Each pod is on one node, in one claim, or refused for a reason, and the claims agree. */
static bool places_each_pod_once(const wb_solver_problem *problem, const wb_solver_result *result,
                                 wb_text *violation)
{
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        const wb_solver_placement *placement = &result->placements[i];
        const int answers = (placement->node_index != WB_PLACED_ON_NONE) +
                            (placement->claim_index != WB_PLACED_ON_NONE) +
                            (placement->refused != 0);
        if (answers != 1) {
            wb_text_add_format(violation, "pod %u has %d answers instead of one", i, answers);
            return false;
        }
    }
    return true;
}

bool wb_validator_accepts(const wb_validator_input *input, const wb_solver_result *result,
                          wb_text *violation)
{
    assert(input != NULL && input->problem != NULL);
    assert(result != NULL && violation != NULL);
    return places_each_pod_once(input->problem, result, violation);
}
