#include "tests/solver/packing_world.h"

#include "base/random.h"

wb_cost_bound_problem wb_packing_world_problem(wb_packing_world *world)
{
    for (uint32_t j = 0; j < world->machine_count; j++) {
        world->machines[j].capacity = world->capacities[j];
        world->machines[j].classes = &world->classes[j];
    }
    return (wb_cost_bound_problem){
        .machines = world->machines,
        .requests = world->requests,
        .machine_count = world->machine_count,
        .class_count = world->class_count,
        .resource_count = WB_PACKING_WORLD_RESOURCES,
    };
}

static double draw(uint64_t seed, uint64_t number, uint64_t most)
{
    const wb_random_key key = {.seed = seed, .stream = WB_RANDOM_TEST};
    return (double)wb_random_below(key, number, most);
}

void wb_packing_world_draw(uint64_t seed, wb_packing_world *out)
{
    *out = (wb_packing_world){.machine_count = 2 + (uint32_t)(seed % 3),
                              .class_count = 1 + (uint32_t)(seed / 3 % 3)};
    uint64_t number = 0;
    for (uint32_t j = 0; j < out->machine_count; j++) {
        out->capacities[j][0] = 2.0 + draw(seed, number++, 7);
        out->capacities[j][1] = 2.0 + draw(seed, number++, 7);
        out->machines[j].price = 1.0 + draw(seed, number++, 9) / 4.0;
        out->classes[j] = 1 + (uint64_t)draw(seed, number++, 7);
    }
    for (uint32_t g = 0; g < out->class_count; g++) {
        out->requests[(size_t)g * WB_PACKING_WORLD_RESOURCES] = 1.0 + draw(seed, number++, 4);
        out->requests[(size_t)g * WB_PACKING_WORLD_RESOURCES + 1] = 1.0 + draw(seed, number++, 4);
        out->demand[g] = 1.0 + draw(seed, number++, 3);
    }
}

/* One machine with one packing after the other, on top of each other: every order is tried. */
typedef struct search {
    const wb_packing_world *world;
    int left[WB_PACKING_WORLD_CLASSES];
    double best;
} search;

/* NOLINTNEXTLINE(misc-no-recursion): as deep as a world has pods, nine at most, twice */
static void place_all(search *of, double cost);

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void fill_machine(search *of, uint32_t machine, const double *room, uint32_t from,
                         double cost)
{
    const wb_packing_world *world = of->world;
    for (uint32_t g = from; g < world->class_count; g++) {
        const double *request = &world->requests[(size_t)g * WB_PACKING_WORLD_RESOURCES];
        if (of->left[g] == 0 || (world->classes[machine] >> g & 1U) == 0 || request[0] > room[0] ||
            request[1] > room[1]) {
            continue;
        }
        const double rest[WB_PACKING_WORLD_RESOURCES] = {room[0] - request[0],
                                                         room[1] - request[1]};
        of->left[g]--;
        fill_machine(of, machine, rest, g, cost);
        place_all(of, cost);
        of->left[g]++;
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void place_all(search *of, double cost)
{
    const wb_packing_world *world = of->world;
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

double wb_packing_world_cheapest(const wb_packing_world *world)
{
    search of = {.world = world, .best = 1e9};
    for (uint32_t g = 0; g < world->class_count; g++) {
        of.left[g] = (int)world->demand[g];
        bool runs = false;
        for (uint32_t j = 0; j < world->machine_count; j++) {
            const double *request = &world->requests[(size_t)g * WB_PACKING_WORLD_RESOURCES];
            runs = runs ||
                   ((world->classes[j] >> g & 1U) != 0 && request[0] <= world->capacities[j][0] &&
                    request[1] <= world->capacities[j][1]);
        }
        if (!runs) {
            return -1.0;
        }
    }
    place_all(&of, 0.0);
    return of.best;
}
