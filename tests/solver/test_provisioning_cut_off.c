/* A solve that is cut off keeps what it placed, largest pods first, and says of the rest that their
 * turn did not come; the plain version and the fast one agree. */
#include "solver/provisioning.h"
#include "tests/harness.h"
#include "tests/solver/small_world.h"
#include "tests/solver/solver_results.h"

#define PODS 4

static const wb_small_type types[] = {{"small", 2}, {"large", 8}};
/* One in between that fits nowhere is tried in its turn too. */
static const int64_t cpu_milli[PODS] = {500, 1500, 64000, 1000};

static void fill(wb_small_world *small, wb_solver_problem *problem, wb_solver_pod *pods)
{
    for (uint32_t i = 0; i < PODS; i++) {
        char uid[] = {(char)('a' + i), '\0'};
        pods[i] = (wb_solver_pod){
            .uid = wb_intern_add(&small->intern, uid),
            .namespace_name = wb_intern_add(&small->intern, "default"),
            .bound_node_index = UINT32_MAX,
        };
        pods[i].shape_id =
            wb_solver_world_shape(small->world, wb_small_world_template(small, cpu_milli[i], 128),
                                  pods[i].namespace_name);
    }
    *problem = (wb_solver_problem){.pods = pods, .pod_count = PODS};
}

static void keep_what_was_placed(void)
{
    /* by the limit: which pods have a place, as a mask; in turn 2 (refused), 1, 3, 0 */
    static const uint32_t placed[] = {0xB, 0x0, 0x2, 0xA, 0xB};
    wb_small_world small;
    wb_small_world_init(&small, types, 2);
    for (uint32_t limit = 0; limit < WB_TEST_COUNT(placed); limit++) {
        wb_solver_pod pods[PODS];
        wb_solver_problem problem;
        fill(&small, &problem, pods);
        problem.options.try_limit = limit;
        const wb_solver_result fast = wb_provisioning_solve(&small.arena, small.world, &problem);
        uint32_t mask = 0;
        for (uint32_t i = 0; i < PODS; i++) {
            mask |= fast.placements[i].refused == 0 ? 1U << i : 0U;
            const bool is_late = i != 2 && (placed[limit] & (1U << i)) == 0;
            CU_ASSERT_EQUAL(fast.placements[i].refused == WB_REFUSED_CUT_OFF, is_late);
        }
        CU_ASSERT_EQUAL(mask, placed[limit]);
        problem.options.plain = true;
        const wb_solver_result plain = wb_provisioning_solve(&small.arena, small.world, &problem);
        CU_ASSERT_TRUE(wb_solver_results_equal(&problem, &fast, &plain));
    }
    wb_small_world_release(&small);
}

static const wb_test_case cases[] = {
    {"what was placed by then stays", keep_what_was_placed},
};

int main(void)
{
    return wb_test_run("a solve that is cut off", cases, WB_TEST_COUNT(cases));
}
