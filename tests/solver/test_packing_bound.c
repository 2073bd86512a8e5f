/*
 * Knapsacks against trying everything; the packing bound by hand, and between the fluid bound and
 * the cheapest packing of whole pods in small random worlds.
 */
#include <math.h>

#include "base/random.h"
#include "solver/packing_bound.h"
#include "tests/harness.h"
#include "tests/solver/packing_world.h"

static wb_arena arena;

static const uint32_t any_number[WB_PACKING_WORLD_CLASSES] = {UINT32_MAX, UINT32_MAX, UINT32_MAX,
                                                              UINT32_MAX};

/* ---- knapsacks ---- */

#define ITEMS 4

/* All sets, by counting through them. */
static double most_by_trying(const wb_knapsack *knapsack)
{
    double best = 0.0;
    uint32_t counts[ITEMS] = {0};
    for (;;) {
        double value = 0.0;
        bool fits = true;
        for (uint32_t r = 0; r < knapsack->resource_count; r++) {
            double used = 0.0;
            for (uint32_t g = 0; g < ITEMS; g++) {
                used += counts[g] * knapsack->requests[g * knapsack->resource_count + r];
            }
            fits = fits && used <= knapsack->capacity[r];
        }
        for (uint32_t g = 0; g < ITEMS; g++) {
            value += counts[g] * knapsack->values[g];
        }
        best = fits && value > best ? value : best;
        uint32_t at = 0;
        while (at < ITEMS && counts[at] == knapsack->limits[at]) {
            counts[at++] = 0;
        }
        if (at == ITEMS) {
            return best;
        }
        counts[at]++;
    }
}

static void fill_knapsacks(void)
{
    const uint64_t all = (1U << ITEMS) - 1;
    for (uint64_t seed = 0; seed < 500; seed++) {
        const wb_random_key key = {.seed = seed, .stream = WB_RANDOM_TEST};
        uint64_t number = 0;
        double requests[ITEMS * 3];
        double values[ITEMS];
        uint32_t limits[ITEMS];
        double capacity[3];
        for (uint32_t g = 0; g < ITEMS; g++) {
            for (uint32_t r = 0; r < 3; r++) { /* the last one is "pods" */
                requests[g * 3 + r] = r == 2 ? 1.0 : (double)wb_random_below(key, number++, 6);
            }
            values[g] = (double)wb_random_below(key, number++, 9);
            limits[g] = (uint32_t)wb_random_below(key, number++, 5);
        }
        for (uint32_t r = 0; r < 3; r++) {
            capacity[r] = 2.0 + (double)wb_random_below(key, number++, 12);
        }
        wb_knapsack knapsack = {.requests = requests,
                                .values = values,
                                .limits = limits,
                                .classes = &all,
                                .capacity = capacity,
                                .class_count = ITEMS,
                                .resource_count = 3,
                                .step_limit = 100000,
                                .enough = -1.0};
        uint32_t counts[ITEMS];
        double found = 0.0;
        const double expected = most_by_trying(&knapsack);
        const double most = wb_knapsack_most(&arena, &knapsack, counts, &found);
        CU_ASSERT_DOUBLE_EQUAL(found, expected, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(most, expected, 1e-5);
        knapsack.step_limit = 2; /* hardly a look: still from above */
        CU_ASSERT_TRUE(wb_knapsack_most(&arena, &knapsack, counts, &found) >= expected - 1e-9);
        knapsack.enough = 1e6; /* the cheap answer too */
        CU_ASSERT_TRUE(wb_knapsack_most(&arena, &knapsack, counts, &found) >= expected - 1e-9);
    }
}

/* ---- bounds ---- */

static wb_packing_bound bound_of(wb_packing_world *world, const wb_packing_place *place,
                                 const uint32_t *per_machine)
{
    uint32_t pods[WB_PACKING_WORLD_CLASSES];
    for (uint32_t g = 0; g < world->class_count; g++) {
        pods[g] = (uint32_t)world->demand[g];
    }
    const wb_packing_problem problem = {
        .base = wb_packing_world_problem(world),
        .pods = pods,
        .per_machine = per_machine,
        .places = place,
        .place_count = place != NULL ? 1U : 0U,
    };
    wb_packing_bound found;
    wb_packing_bound_find(&arena, &problem, &found, NULL);
    return found;
}

/* Three pods of 3 CPUs on machines of 4: a fluid would need 9/4, whole pods need three. */
static wb_packing_world three_big_pods(void)
{
    return (wb_packing_world){
        .capacities = {{4, 100}},
        .classes = {1},
        .machines = {{.price = 1.0}},
        .requests = {3, 1},
        .demand = {3},
        .machine_count = 1,
        .class_count = 1,
    };
}

static void pods_are_whole(void)
{
    wb_packing_world world = three_big_pods();
    const wb_packing_bound found = bound_of(&world, NULL, any_number);
    CU_ASSERT_DOUBLE_EQUAL(found.bound, 3.0, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(found.program, 3.0, 1e-5);
}

/* Room that is there is free: for one of the three, and 2/3 of another, as a fluid. */
static void room_is_free(void)
{
    wb_packing_world world = three_big_pods();
    const double room[WB_PACKING_WORLD_RESOURCES] = {5.0, 100.0};
    const uint64_t classes = 1;
    const wb_packing_place place = {.room = room, .classes = &classes};
    const wb_packing_bound found = bound_of(&world, &place, any_number);
    CU_ASSERT_DOUBLE_EQUAL(found.bound, 3.0 - 5.0 / 3.0, 1e-5);
}

/* Small pods that repel each other need a machine each. */
static void pods_alone_need_machines(void)
{
    static const uint32_t one[] = {1};
    wb_packing_world world = three_big_pods();
    world.requests[0] = 1.0;
    CU_ASSERT_DOUBLE_EQUAL(bound_of(&world, NULL, any_number).bound, 1.0, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(bound_of(&world, NULL, one).bound, 3.0, 1e-5);
}

static void lie_between_fluid_and_whole(void)
{
    uint32_t solved = 0;
    uint32_t tighter = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        wb_packing_world world;
        wb_packing_world_draw(seed, &world);
        const double cheapest = wb_packing_world_cheapest(&world);
        if (cheapest < 0.0) {
            continue;
        }
        const wb_cost_bound_problem problem = wb_packing_world_problem(&world);
        wb_cost_bound *fluid = wb_cost_bound_new(&arena, &problem);
        const double lower = wb_cost_bound_least(fluid, world.demand, NULL);
        wb_cost_bound_release(fluid);
        const wb_packing_bound found = bound_of(&world, NULL, any_number);
        if (found.bound > cheapest || found.bound < lower * (1.0 - 2e-6)) {
            printf("\n  seed %d: %.6f <= %.6f <= %.6f\n", (int)seed, lower, found.bound, cheapest);
            CU_FAIL("the bound is not between");
        }
        CU_ASSERT_DOUBLE_EQUAL(found.bound, found.program, 1e-4); /* the two sides have met */
        solved++;
        tighter += found.bound > lower * 1.01 ? 1U : 0U;
    }
    CU_ASSERT_TRUE(solved > 150);
    CU_ASSERT_TRUE(tighter > solved / 4);
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"knapsacks are filled as well as can be", fill_knapsacks},
        {"pods are whole", pods_are_whole},
        {"room that is there is free", room_is_free},
        {"pods that must be alone need machines", pods_alone_need_machines},
        {"between the fluid bound and the cheapest packing", lie_between_fluid_and_whole},
    };
    wb_arena_init(&arena, "test", 0, NULL);
    const int failed = wb_test_run("packing bound", tests, WB_TEST_COUNT(tests));
    wb_arena_release(&arena);
    return failed;
}
