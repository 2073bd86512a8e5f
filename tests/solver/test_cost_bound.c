/*
 * The bound by hand where a head can check it, and against the cheapest packing of whole pods that
 * trying everything finds, in small random worlds: never above it.
 */
#include <math.h>
#include <stdint.h>

#include "base/random.h"
#include "solver/cost_bound.h"
#include "tests/harness.h"

#define MACHINES_MAX 8
#define CLASSES_MAX  4
#define RESOURCES    2

typedef struct small_world {
    double capacities[MACHINES_MAX][RESOURCES];
    uint64_t classes[MACHINES_MAX];
    wb_cost_bound_machine machines[MACHINES_MAX];
    double requests[CLASSES_MAX * RESOURCES];
    double demand[CLASSES_MAX];
    uint32_t machine_count, class_count;
} small_world;

static double bound_of(small_world *world, double *out_time)
{
    for (uint32_t j = 0; j < world->machine_count; j++) {
        world->machines[j].capacity = world->capacities[j];
        world->machines[j].classes = &world->classes[j];
    }
    const wb_cost_bound_problem problem = {
        .machines = world->machines,
        .requests = world->requests,
        .machine_count = world->machine_count,
        .class_count = world->class_count,
        .resource_count = RESOURCES,
    };
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
    small_world world;
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
        small_world world = cases[i].world;
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
    small_world world = cases[1].world;
    double time[MACHINES_MAX] = {0};
    const double found = bound_of(&world, time);
    CU_ASSERT_DOUBLE_EQUAL(time[0], 0.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(time[1] * 1.5, found, 1e-6);
}

/* ---- against everything ---- */

/* The cheapest way to place the pods that are left, one machine with one packing after the other:
 * all packings of every machine that take the first pod left are tried. */
typedef struct search {
    const small_world *world;
    int left[CLASSES_MAX];
    double best;
} search;

static void place_all(search *of, double cost);

static void fill_machine(search *of, uint32_t machine, const double *room, uint32_t from,
                         double cost)
{
    const small_world *world = of->world;
    for (uint32_t g = from; g < world->class_count; g++) {
        const double *request = &world->requests[(size_t)g * RESOURCES];
        if (of->left[g] == 0 || (world->classes[machine] >> g & 1U) == 0 || request[0] > room[0] ||
            request[1] > room[1]) {
            continue;
        }
        const double rest[RESOURCES] = {room[0] - request[0], room[1] - request[1]};
        of->left[g]--;
        fill_machine(of, machine, rest, g, cost);
        place_all(of, cost);
        of->left[g]++;
    }
}

static void place_all(search *of, double cost)
{
    const small_world *world = of->world;
    if (cost >= of->best) {
        return;
    }
    uint32_t first = 0;
    while (first < world->class_count && of->left[first] == 0) {
        first++;
    }
    if (first == world->class_count) {
        of->best = cost;
        return;
    }
    for (uint32_t j = 0; j < world->machine_count; j++) {
        fill_machine(of, j, world->capacities[j], 0, cost + world->machines[j].price);
    }
}

static double draw(uint64_t seed, uint64_t number, uint64_t most)
{
    const wb_random_key key = {.seed = seed, .stream = WB_RANDOM_TEST};
    return (double)wb_random_below(key, number, most);
}

static void stay_below_any_packing(void)
{
    uint32_t solved = 0;
    double shares = 0.0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        small_world world = {.machine_count = 2 + (uint32_t)(seed % 3),
                             .class_count = 1 + (uint32_t)(seed % 3)};
        uint64_t number = 0;
        for (uint32_t j = 0; j < world.machine_count; j++) {
            world.capacities[j][0] = 2.0 + draw(seed, number++, 7);
            world.capacities[j][1] = 2.0 + draw(seed, number++, 7);
            world.machines[j].price = 1.0 + draw(seed, number++, 9) / 4.0;
            world.classes[j] = 1 + (uint64_t)draw(seed, number++, 7);
        }
        search all = {.world = &world, .best = 1e9};
        for (uint32_t g = 0; g < world.class_count; g++) {
            world.requests[(size_t)g * RESOURCES] = 1.0 + draw(seed, number++, 4);
            world.requests[(size_t)g * RESOURCES + 1] = 1.0 + draw(seed, number++, 4);
            all.left[g] = 1 + (int)draw(seed, number++, 2);
            world.demand[g] = (double)all.left[g];
        }
        place_all(&all, 0.0);
        if (all.best >= 1e9) {
            continue; /* some pod runs nowhere */
        }
        solved++;
        const double found = bound_of(&world, NULL);
        if (found > all.best) {
            printf("\n  seed %d: bound %.6f, but %.6f is enough\n", (int)seed, found, all.best);
            CU_FAIL("the bound is above a packing");
        }
        shares += found / all.best;
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
