/*
 * An independent check of a provisioning result.
 *
 * Knows the constraints and nothing of how the solver meets them: no queue, no groups, no classes.
 * Where the real scheduler allows what a constraint read literally would not (an affinity that
 * opens two zones, a spread joined later by pods that do not carry it), only what must hold in
 * every case is checked. Used by property tests, and by every solve of a debug build.
 *
 *     pods     each is placed once, or refused with a reason
 *     claims   taints, selectors, required affinity; every listed type meets the requirements and
 *              has room; types by price; minValues; limits
 *     nodes    the same for nodes that received pods
 *     hosts    host ports, required anti-affinity, affinity and spread by hostname
 */
#ifndef WB_SOLVER_VALIDATOR_H
#define WB_SOLVER_VALIDATOR_H

#include "base/text.h"
#include "solver/provisioning.h"

/* Number of violations; each is a line in out ("pod web-3: claim 2: taint dedicated not
 * tolerated"). Memory comes from arena and is given back. */
uint32_t wb_validator_check(wb_arena *arena, wb_solver_world *world,
                            const wb_solver_problem *problem, const wb_solver_result *result,
                            wb_text *out);

#endif
