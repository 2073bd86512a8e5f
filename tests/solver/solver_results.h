/* Whether two solves of one problem came to the same. */
#ifndef WB_TESTS_SOLVER_SOLVER_RESULTS_H
#define WB_TESTS_SOLVER_SOLVER_RESULTS_H

#include "solver/provisioning.h"

/* Claims with all they say, and where each pod went or why it went nowhere. */
bool wb_solver_results_equal(const wb_solver_problem *problem, const wb_solver_result *a,
                             const wb_solver_result *b);

#endif
