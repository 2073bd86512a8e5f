/* Arithmetic on sorted resource lists. */
#include "kube/names.h"
#include "kube/resource.h"
#include "tests/harness.h"

static wb_arena arena;

static const wb_resource left_items[] = {{WB_NAME_CPU, 100}, {WB_NAME_MEMORY, 7}};
static const wb_resource right_items[] = {{WB_NAME_MEMORY, 5}, {WB_NAME_PODS, 3}};
static const wb_resource_list left = {left_items, 2};
static const wb_resource_list right = {right_items, 2};

static void expect(wb_resource_list list, int64_t cpu, int64_t memory, int64_t pods)
{
    CU_ASSERT_EQUAL(list.count, 3);
    CU_ASSERT_EQUAL(wb_resource_list_get(list, WB_NAME_CPU), cpu);
    CU_ASSERT_EQUAL(wb_resource_list_get(list, WB_NAME_MEMORY), memory);
    CU_ASSERT_EQUAL(wb_resource_list_get(list, WB_NAME_PODS), pods);
    for (uint32_t i = 1; i < list.count; i++) {
        CU_ASSERT(list.items[i - 1].name < list.items[i].name);
    }
}

static void lists_join_by_name(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    expect(wb_resource_list_add(&arena, left, right), 100, 12, 3);
    expect(wb_resource_list_max(&arena, left, right), 100, 7, 3);
    expect(wb_resource_list_subtract(&arena, left, right), 100, 2, -3);
    const wb_resource_list nothing =
        wb_resource_list_add(&arena, (wb_resource_list){0}, (wb_resource_list){0});
    CU_ASSERT_EQUAL(nothing.count, 0);
    wb_arena_release(&arena);
}

static void sums_saturate(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    const wb_resource huge[] = {{WB_NAME_CPU, INT64_MAX - 1}};
    const wb_resource tiny[] = {{WB_NAME_CPU, INT64_MIN + 1}};
    const wb_resource_list a = {huge, 1};
    const wb_resource_list b = {tiny, 1};
    CU_ASSERT_EQUAL(wb_resource_list_get(wb_resource_list_add(&arena, a, a), WB_NAME_CPU),
                    INT64_MAX);
    CU_ASSERT_EQUAL(wb_resource_list_get(wb_resource_list_add(&arena, b, b), WB_NAME_CPU),
                    INT64_MIN);
    CU_ASSERT_EQUAL(wb_resource_list_get(wb_resource_list_subtract(&arena, a, b), WB_NAME_CPU),
                    INT64_MAX);
    CU_ASSERT_EQUAL(wb_resource_list_get(wb_resource_list_subtract(&arena, b, a), WB_NAME_CPU),
                    INT64_MIN);
    wb_arena_release(&arena);
}

static void an_amount_is_set_in_place(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    const wb_resource_list more = wb_resource_list_with(&arena, left, WB_NAME_PODS, 9);
    expect(more, 100, 7, 9);
    expect(wb_resource_list_with(&arena, more, WB_NAME_MEMORY, 0), 100, 0, 9);
    CU_ASSERT_TRUE(wb_resource_list_has(more, WB_NAME_PODS));
    CU_ASSERT_FALSE(wb_resource_list_has(left, WB_NAME_PODS)); /* the original stays */
    const wb_resource_list first = wb_resource_list_with(&arena, right, WB_NAME_CPU, 1);
    expect(first, 1, 5, 3);
    wb_arena_release(&arena);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"lists join by name, absent is zero", lists_join_by_name},
        {"sums and differences saturate", sums_saturate},
        {"an amount is set without touching the original", an_amount_is_set_in_place},
    };
    return wb_test_run("resource", cases, WB_TEST_COUNT(cases));
}
