/*
 * Arithmetic on sorted lists of resources.
 *
 * A pod names 2 or 3 resources, an instance type up to 8, so lists are arrays and every operation
 * is one walk over both. Results are new lists: the lists of templates are shared.
 *
 *     a:       cpu 100   memory 7
 *     b:                 memory 5   pods 3
 *     a + b:   cpu 100   memory 12  pods 3      absent is 0
 *     max:     cpu 100   memory 7   pods 3
 *     a - b:   cpu 100   memory 2   pods -3     negative results stay
 */
#include "kube/resource.h"

#include <assert.h>
#include <string.h>

/* Lists hold 1 to 10 resources: a walk beats a search. */
static const wb_resource *find(wb_resource_list list, uint32_t name)
{
    for (uint32_t i = 0; i < list.count && list.items[i].name <= name; i++) {
        if (list.items[i].name == name) {
            return &list.items[i];
        }
    }
    return NULL;
}

int64_t wb_resource_list_get(wb_resource_list list, uint32_t name)
{
    assert(list.items != NULL || list.count == 0);
    const wb_resource *found = find(list, name);
    return found != NULL ? found->amount : 0;
}

bool wb_resource_list_has(wb_resource_list list, uint32_t name)
{
    assert(list.items != NULL || list.count == 0);
    return find(list, name) != NULL;
}

/* Saturates, as sums of absurd manifests would otherwise wrap to small numbers that fit. */
static int64_t add_amounts(int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum;
}

static int64_t greater_amount(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Capacity minus overhead may go below zero, and the solver wants to see that it did. */
static int64_t subtract_amounts(int64_t a, int64_t b)
{
    int64_t rest = 0;
    if (__builtin_sub_overflow(a, b, &rest)) {
        return a >= 0 ? INT64_MAX : INT64_MIN;
    }
    return rest;
}

/* Merges two sorted lists; a name that one of them lacks counts as 0 there. */
static wb_resource_list merge(wb_arena *arena, wb_resource_list a, wb_resource_list b,
                              int64_t (*join)(int64_t, int64_t))
{
    assert(arena != NULL);
    assert(a.items != NULL || a.count == 0);
    assert(b.items != NULL || b.count == 0);
    wb_resource *items = WB_ARENA_ARRAY(arena, wb_resource, (size_t)a.count + b.count);
    uint32_t count = 0;
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < a.count || j < b.count) {
        const bool takes_a = j == b.count || (i < a.count && a.items[i].name <= b.items[j].name);
        const bool takes_b = i == a.count || (j < b.count && b.items[j].name <= a.items[i].name);
        items[count++] = (wb_resource){
            .name = takes_a ? a.items[i].name : b.items[j].name,
            .amount = join(takes_a ? a.items[i].amount : 0, takes_b ? b.items[j].amount : 0),
        };
        i += takes_a ? 1U : 0U;
        j += takes_b ? 1U : 0U;
    }
    return (wb_resource_list){.items = items, .count = count};
}

wb_resource_list wb_resource_list_add(wb_arena *arena, wb_resource_list a, wb_resource_list b)
{
    return merge(arena, a, b, add_amounts);
}

/* Amounts are never negative in what is compared here (requests), so absent as 0 is right. */
wb_resource_list wb_resource_list_max(wb_arena *arena, wb_resource_list a, wb_resource_list b)
{
    return merge(arena, a, b, greater_amount);
}

wb_resource_list wb_resource_list_subtract(wb_arena *arena, wb_resource_list a, wb_resource_list b)
{
    return merge(arena, a, b, subtract_amounts);
}

/* Used to set one amount in a list that is otherwise kept: pods, defaults, pod-level requests. */
wb_resource_list wb_resource_list_with(wb_arena *arena, wb_resource_list list, uint32_t name,
                                       int64_t amount)
{
    assert(arena != NULL);
    assert(name != 0);
    const bool replaces = wb_resource_list_has(list, name);
    const uint32_t count = list.count + (replaces ? 0U : 1U);
    wb_resource *items = WB_ARENA_ARRAY(arena, wb_resource, count);
    uint32_t index = 0;
    while (index < list.count && list.items[index].name < name) {
        items[index] = list.items[index];
        index++;
    }
    items[index] = (wb_resource){.name = name, .amount = amount};
    const uint32_t rest = index + (replaces ? 1U : 0U);
    if (rest < list.count) {
        memcpy(items + index + 1, list.items + rest, (list.count - rest) * sizeof(*items));
    }
    return (wb_resource_list){.items = items, .count = count};
}
