#include "tests/solver/solver_results.h"

#include <string.h>

static bool resources_equal(wb_resource_list a, wb_resource_list b)
{
    bool is_equal = a.count == b.count;
    for (uint32_t i = 0; is_equal && i < a.count; i++) {
        is_equal = a.items[i].name == b.items[i].name && a.items[i].amount == b.items[i].amount;
    }
    return is_equal;
}

static bool ids_equal(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof(*a)) == 0);
}

static bool claims_equal(const wb_solver_claim *a, const wb_solver_claim *b)
{
    return a->pool_index == b->pool_index &&
           wb_requirements_equals(a->requirements, b->requirements) &&
           ids_equal(a->type_indices, a->type_count, b->type_indices, b->type_count) &&
           ids_equal(a->pod_indices, a->pod_count, b->pod_indices, b->pod_count) &&
           a->cheapest.type_index == b->cheapest.type_index &&
           a->cheapest.offering_index == b->cheapest.offering_index &&
           a->min_values_relaxed == b->min_values_relaxed &&
           resources_equal(a->requests, b->requests);
}

bool wb_solver_results_equal(const wb_solver_problem *problem, const wb_solver_result *a,
                             const wb_solver_result *b)
{
    if (a->claim_count != b->claim_count) {
        return false;
    }
    for (uint32_t c = 0; c < a->claim_count; c++) {
        if (!claims_equal(&a->claims[c], &b->claims[c])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        if (a->placements[i].node_index != b->placements[i].node_index ||
            a->placements[i].claim_index != b->placements[i].claim_index ||
            a->placements[i].refused != b->placements[i].refused) {
            return false;
        }
    }
    return true;
}
