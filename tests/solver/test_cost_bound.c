/*
 * The bound by hand where a head can check it, and against the cheapest packing of whole pods that
 * trying everything finds, in small random worlds: never above it.
 */
#include <math.h>

#include "tests/harness.h"
#include "tests/solver/packing_world.h"

static double bound_of(wb_packing_world *world, double *out_time)
{
    const wb_cost_bound_problem problem = wb_packing_world_problem(world);
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_cost_bound *bound = wb_cost_bound_new(&arena, &problem);
    const double least = wb_cost_bound_least(bound, world->demand, out_time);
    wb_cost_bound_release(bound);
    wb_arena_release(&arena);
    return least;
}

static const struct {
    const char *name;
    wb_packing_world world;
    double bound;
} cases[] = {
    {"one machine, one resource that is short: half a machine",
     {.capacities = {{4, 16}},
      .classes = {1},
      .machines = {{.price = 1.0}},
      .requests = {1, 1},
      .demand = {2},
      .machine_count = 1,
      .class_count = 1},
     0.5},
    {"of two machines the one that is cheaper for the pod's shape",
     {.capacities = {{4, 8}, {4, 32}},
      .classes = {1, 1},
      .machines = {{.price = 1.0}, {.price = 1.5}},
      .requests = {1, 8},
      .demand = {8},
      .machine_count = 2,
      .class_count = 1},
     3.0}, /* 8 pods * 8 memory / 32 = 2 of the larger at 1.5; the smaller ones would be 8 */
    {"two shapes share a machine that neither fills alone",
     {.capacities = {{4, 16}},
      .classes = {3},
      .machines = {{.price = 1.0}},
      .requests = {3, 2, 1, 14},
      .demand = {1, 1},
      .machine_count = 1,
      .class_count = 2},
     1.0},
    {"a pod that may not use the cheap machine pays for the dear one",
     {.capacities = {{4, 16}, {4, 16}},
      .classes = {1, 3},
      .machines = {{.price = 1.0}, {.price = 2.0}},
      .requests = {4, 1, 4, 1},
      .demand = {1, 1},
      .machine_count = 2,
      .class_count = 2},
     3.0},
    {"a pod that does not fit is no reason to buy a small machine",
     {.capacities = {{2, 16}, {8, 16}},
      .classes = {1, 1},
      .machines = {{.price = 0.1}, {.price = 2.0}},
      .requests = {4, 1},
      .demand = {1},
      .machine_count = 2,
      .class_count = 1},
     1.0},
    {"of a class that runs nowhere nothing is claimed",
     {.capacities = {{4, 16}},
      .classes = {1},
      .machines = {{.price = 1.0}},
      .requests = {4, 1, 4, 1},
      .demand = {1, 100},
      .machine_count = 1,
      .class_count = 2},
     1.0},
    {"no machine at all bounds nothing",
     {.machine_count = 0, .requests = {1, 1}, .demand = {1}, .class_count = 1},
     0.0},
};

static void agree_with_hand(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_packing_world world = cases[i].world;
        const double found = bound_of(&world, NULL);
        if (fabs(found - cases[i].bound) > 1e-6) {
            printf("\n  %s: %.9f, expected %.9f\n", cases[i].name, found, cases[i].bound);
            CU_FAIL("another bound");
        }
    }
}

/* What the programs would run costs what the bound says: the two sides of duality meet. */
static void mix_costs_the_bound(void)
{
    wb_packing_world world = cases[1].world;
    double time[WB_PACKING_WORLD_MACHINES] = {0};
    const double found = bound_of(&world, time);
    CU_ASSERT_DOUBLE_EQUAL(time[0], 0.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(time[1] * 1.5, found, 1e-6);
}

/* ---- against everything ---- */

static void stay_below_any_packing(void)
{
    uint32_t solved = 0;
    double shares = 0.0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        wb_packing_world world;
        wb_packing_world_draw(seed, &world);
        const double cheapest = wb_packing_world_cheapest(&world);
        if (cheapest < 0.0) {
            continue; /* some pod runs nowhere */
        }
        solved++;
        const double found = bound_of(&world, NULL);
        if (found > cheapest) {
            printf("\n  seed %d: bound %.6f, but %.6f is enough\n", (int)seed, found, cheapest);
            CU_FAIL("the bound is above a packing");
        }
        shares += found / cheapest;
    }
    CU_ASSERT_TRUE(solved > 150);
    CU_ASSERT_TRUE(shares > 0.5 * solved); /* not trivially low either, with few pods as it is */
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"hand-made problems", agree_with_hand},
        {"the mix costs the bound", mix_costs_the_bound},
        {"never above the cheapest packing", stay_below_any_packing},
    };
    return wb_test_run("cost bound", tests, WB_TEST_COUNT(tests));
}
