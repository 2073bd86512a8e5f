/* From a claim to a fleet request: what is dropped, what is asked for. */
#include <string.h>

#include "kube/names.h"
#include "solver/launch.h"
#include "tests/harness.h"
#include "tests/solver/small_world.h"

static const wb_small_type types[] = {{"two", 2}, {"four", 4}, {"metal", 8}, {"gpu", 4}};

enum {
    TWO,
    FOUR,
    METAL,
    GPU,
    TYPE_COUNT
};

static wb_launch_plan prepare(wb_small_world *small, wb_requirements requirements,
                              int64_t cpu_milli)
{
    uint32_t *all = WB_ARENA_ARRAY(&small->arena, uint32_t, TYPE_COUNT);
    for (uint32_t i = 0; i < TYPE_COUNT; i++) {
        all[i] = i;
    }
    const wb_launch_request request = {
        .requirements = requirements,
        .type_indices = all,
        .type_count = TYPE_COUNT,
        .requests = wb_small_world_requests(small, cpu_milli, 1024),
    };
    return wb_launch_prepare(&small->arena, small->world, &request);
}

static wb_requirements only(wb_small_world *small, uint32_t key, uint32_t value)
{
    const wb_requirement one = wb_requirement_in(&small->arena, key, &value, 1);
    return wb_requirements_set(&small->arena, (wb_requirements){0}, &one);
}

static void asks_spot_of_plain_types(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, TYPE_COUNT);
    const wb_launch_plan plan = prepare(&small, (wb_requirements){0}, 1000);
    CU_ASSERT_EQUAL(plan.capacity_type, WB_CAPACITY_SPOT);
    CU_ASSERT_EQUAL_FATAL(plan.type_count, 2); /* metal and gpu are exotic */
    CU_ASSERT_EQUAL(plan.type_indices[0], TWO);
    CU_ASSERT_EQUAL(plan.type_indices[1], FOUR);
    CU_ASSERT_EQUAL(plan.override_count, 4); /* two types in two zones */
    CU_ASSERT_FALSE(plan.is_insufficient);
    wb_small_world_release(&small);
}

static void takes_exotic_types_alone(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, TYPE_COUNT);
    const wb_launch_plan plan = prepare(&small, (wb_requirements){0}, 7000);
    CU_ASSERT_EQUAL_FATAL(plan.type_count, 1);
    CU_ASSERT_EQUAL(plan.type_indices[0], METAL);
    wb_small_world_release(&small);
}

/* Spot of "four" at 0.2 is not dearer than on-demand of "two" at 0.2; made dearer, it goes. */
static void drops_dear_spot(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, TYPE_COUNT);
    CU_ASSERT_EQUAL(prepare(&small, (wb_requirements){0}, 1000).override_count, 4);
    const uint32_t name = wb_intern_add(&small.intern, "four");
    wb_solver_world_set_price(small.world, name, wb_intern_add(&small.intern, "a"),
                              WB_CAPACITY_SPOT, 0.21);
    CU_ASSERT_EQUAL(prepare(&small, (wb_requirements){0}, 1000).override_count, 3);
    wb_small_world_release(&small);
}

static void falls_to_on_demand_when_spot_is_gone(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, TYPE_COUNT);
    for (uint32_t i = 0; i < TYPE_COUNT; i++) {
        wb_solver_world_set_available(small.world, wb_intern_add(&small.intern, types[i].name), 0,
                                      WB_CAPACITY_SPOT, false);
    }
    CU_ASSERT_EQUAL(prepare(&small, (wb_requirements){0}, 1000).capacity_type,
                    WB_CAPACITY_ON_DEMAND);
    const wb_requirements spot = only(&small, WB_NAME_CAPACITY_TYPE, WB_NAME_SPOT);
    CU_ASSERT_TRUE(prepare(&small, spot, 1000).is_insufficient);
    wb_solver_world_reset_offerings(small.world);
    CU_ASSERT_FALSE(prepare(&small, spot, 1000).is_insufficient);
    wb_small_world_release(&small);
}

static void keeps_to_the_zone(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, TYPE_COUNT);
    const wb_requirements zone = only(&small, WB_NAME_ZONE, wb_intern_add(&small.intern, "b"));
    const wb_launch_plan plan = prepare(&small, zone, 1000);
    CU_ASSERT_EQUAL_FATAL(plan.override_count, 2);
    for (uint32_t i = 0; i < plan.override_count; i++) {
        const wb_offering offering =
            wb_solver_world_offering(small.world, plan.overrides[i].type_index,
                                     plan.overrides[i].offering_index);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&small.intern, offering.zone), "b");
    }
    wb_small_world_release(&small);
}

static const wb_test_case cases[] = {
    {"spot first, and plain types before exotic ones", asks_spot_of_plain_types},
    {"an exotic type when nothing else has room", takes_exotic_types_alone},
    {"spot dearer than the cheapest on-demand is not asked for", drops_dear_spot},
    {"without spot on-demand, without either nothing", falls_to_on_demand_when_spot_is_gone},
    {"only offerings in the claim's zones", keeps_to_the_zone},
};

int main(void)
{
    return wb_test_run("launch", cases, WB_TEST_COUNT(cases));
}
