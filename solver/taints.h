/*
 * Taints against tolerations, and which taints count on a node that is still coming up.
 * Source: spec/scheduling.md sections 7(a) and 9: PreferNoSchedule must be tolerated as well.
 */
#ifndef WB_SOLVER_TAINTS_H
#define WB_SOLVER_TAINTS_H

#include "kube/label.h"

/* A pod's tolerations, with or without the one for all PreferNoSchedule taints that relaxation
 * adds. */
typedef struct wb_taints_tolerance {
    const wb_toleration *tolerations; /* borrowed */
    uint32_t count;
    bool tolerates_preference;
} wb_taints_tolerance;

/* Whether every taint is tolerated. */
bool wb_taints_tolerated(const wb_intern *intern, const wb_taint *taints, uint32_t count,
                         wb_taints_tolerance tolerance);

/* Whether some toleration matches all PreferNoSchedule taints already (relaxation adds none then).
 */
bool wb_taints_tolerates_preference(wb_taints_tolerance tolerance);

/* Whether the two are one and the same list. */
bool wb_taints_tolerances_equal(wb_taints_tolerance a, wb_taints_tolerance b);

/* Taints that go away by themselves while a node starts. */
bool wb_taints_is_ephemeral(const wb_intern *intern, const wb_taint *taint);

/* Kubernetes' MatchTaint: same key and effect. */
bool wb_taints_matches(const wb_taint *a, const wb_taint *b);

#endif
