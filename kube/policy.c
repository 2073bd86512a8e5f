/*
 * What a PodDisruptionBudget allows at a moment. Kept apart from its decoder, since the simulated
 * disruption controller asks for it at every eviction.
 */
#include "kube/policy.h"

#include <assert.h>
#include <stddef.h>

/* count percent of total, rounded up; 64 bits hold any product. */
static int64_t scale(wb_bound_kind kind, int32_t count, int32_t total)
{
    if (kind == WB_BOUND_PERCENT) {
        return ((int64_t)count * total + 99) / 100;
    }
    return count;
}

/* disruption controller: getExpectedPodCount and updatePdbStatus. Without any bound it expects
 * nothing and so allows nothing. */
int32_t wb_pdb_allowed(const wb_pdb *pdb, int32_t expected_count, int32_t healthy_count)
{
    assert(pdb != NULL);
    assert(expected_count >= 0 && healthy_count >= 0);
    int64_t desired = 0;
    if (pdb->max_unavailable_kind != WB_BOUND_NONE) {
        desired =
            expected_count - scale(pdb->max_unavailable_kind, pdb->max_unavailable, expected_count);
        desired = desired < 0 ? 0 : desired;
    } else if (pdb->min_available_kind != WB_BOUND_NONE) {
        desired = scale(pdb->min_available_kind, pdb->min_available, expected_count);
    } else {
        return 0;
    }
    const int64_t allowed = healthy_count - desired;
    return expected_count > 0 && allowed > 0 ? (int32_t)allowed : 0;
}
