#include "solver/knapsack.h"

#include <assert.h>

#include "base/bitset.h"
#include "base/sort.h"
#include "solver/linear_program.h"

/* Over the roundings of some hundred additions of doubles. */
#define ROUNDING 1e-9

/* A class that is worth taking and fits. */
typedef struct item {
    uint32_t class_index, limit;
    double value, density;
    const double *request;
} item;

/* A search: items in the order in which they are decided, and prices of the resources such that
 *
 *     value of any set of the items from i on <= rest * price + surplus[i]
 *
 * with surplus[i] = sum over them of limit * max(0, value - request * price). */
typedef struct search {
    const wb_knapsack *knapsack;
    item items[WB_KNAPSACK_CLASSES_MAX];
    uint32_t item_count;
    double prices[WB_KNAPSACK_RESOURCES_MAX];
    double surplus[WB_KNAPSACK_CLASSES_MAX + 1];
    uint32_t counts[WB_KNAPSACK_CLASSES_MAX]; /* of the path that is looked at */
    uint32_t best_counts[WB_KNAPSACK_CLASSES_MAX];
    double best, open; /* found; bound on what the steps did not reach */
    uint32_t step_count;
    uint32_t depth;                             /* items decided */
    double *rooms;                              /* by depth and resource: what is left */
    double values[WB_KNAPSACK_CLASSES_MAX + 1]; /* by depth */
} search;

static uint32_t count_fitting(const wb_knapsack *knapsack, const double *room, const item *one)
{
    uint32_t most = one->limit;
    for (uint32_t r = 0; r < knapsack->resource_count; r++) {
        if (one->request[r] > 0.0) {
            const double fitting = room[r] / one->request[r] * (1.0 + ROUNDING);
            most = fitting < (double)most ? (uint32_t)fitting : most;
        }
    }
    return most;
}

static int compare_items(const void *a, const void *b, void *context)
{
    const item *left = a;
    const item *right = b;
    (void)context;
    if (left->density != right->density) {
        return left->density > right->density ? -1 : 1;
    }
    return left->class_index < right->class_index ? -1 : 1;
}

/* Densest first: value by the largest share of the machine that one takes. */
static void list_items(search *of)
{
    const wb_knapsack *knapsack = of->knapsack;
    for (uint32_t g = 0; g < knapsack->class_count; g++) {
        item one = {.class_index = g,
                    .limit = knapsack->limits[g],
                    .value = knapsack->values[g],
                    .request = &knapsack->requests[(size_t)g * knapsack->resource_count]};
        if (!wb_bitset_has(knapsack->classes, g) || !(one.value > 0.0)) {
            continue;
        }
        one.limit = count_fitting(knapsack, knapsack->capacity, &one);
        double share = 0.0;
        for (uint32_t r = 0; r < knapsack->resource_count; r++) {
            if (one.request[r] > 0.0 && knapsack->capacity[r] > 0.0) {
                const double part = one.request[r] / knapsack->capacity[r];
                share = part > share ? part : share;
            }
        }
        if (one.limit > 0) {
            assert(share > 0.0); /* every class asks for something */
            one.density = one.value / share;
            of->items[of->item_count++] = one;
        }
    }
    wb_sort(of->items, of->item_count, sizeof of->items[0], compare_items, NULL);
}

/* The bound at the root with one resource alone priced: as dear as the item that pays most. */
static double single_price(const search *of, uint32_t resource)
{
    double price = 0.0;
    for (uint32_t i = 0; i < of->item_count; i++) {
        const double request = of->items[i].request[resource];
        if (request <= 0.0) {
            return -1.0; /* one that takes nothing of it has no price by it */
        }
        price = of->items[i].value / request > price ? of->items[i].value / request : price;
    }
    return price;
}

static double cheapest_single(const search *of, uint32_t *out_resource)
{
    double least = -1.0;
    for (uint32_t r = 0; r < of->knapsack->resource_count; r++) {
        const double price = single_price(of, r);
        const double bound = price * of->knapsack->capacity[r];
        if (price >= 0.0 && (least < 0.0 || bound < least)) {
            least = bound;
            *out_resource = r;
        }
    }
    return least;
}

/* The best prices: least capacity * price + limits * surplus, so that each item is paid for. */
static void price_resources(search *of, double fallback_price, uint32_t fallback_resource)
{
    const wb_knapsack *knapsack = of->knapsack;
    wb_linear_program *program = wb_linear_program_new(of->item_count);
    uint32_t rows[WB_KNAPSACK_CLASSES_MAX];
    double values[WB_KNAPSACK_CLASSES_MAX];
    for (uint32_t r = 0; r < knapsack->resource_count; r++) {
        wb_linear_column column = {.cost = knapsack->capacity[r], .rows = rows, .values = values};
        const double scale = knapsack->capacity[r] > 0.0 ? knapsack->capacity[r] : 1.0;
        column.cost = knapsack->capacity[r] / scale;
        for (uint32_t i = 0; i < of->item_count; i++) {
            if (of->items[i].request[r] > 0.0) {
                rows[column.count] = i;
                values[column.count++] = of->items[i].request[r] / scale;
            }
        }
        (void)wb_linear_program_add(program, &column);
    }
    for (uint32_t i = 0; i < of->item_count; i++) {
        const double one = 1.0;
        const wb_linear_column column = {
            .cost = (double)of->items[i].limit, .rows = &i, .values = &one, .count = 1};
        (void)wb_linear_program_add(program, &column);
        wb_linear_program_set_least(program, i, of->items[i].value);
    }
    const bool is_solved = wb_linear_program_solve(program);
    for (uint32_t r = 0; r < knapsack->resource_count; r++) {
        const double scale = knapsack->capacity[r] > 0.0 ? knapsack->capacity[r] : 1.0;
        const double found = is_solved ? wb_linear_program_value(program, r) / scale : 0.0;
        const double single = r == fallback_resource && fallback_price > 0.0 ? fallback_price : 0.0;
        of->prices[r] = is_solved ? (found > 0.0 ? found : 0.0) : single;
    }
    wb_linear_program_free(program);
}

static void sum_surplus(search *of)
{
    of->surplus[of->item_count] = 0.0;
    for (uint32_t i = of->item_count; i-- > 0;) {
        double paid = 0.0;
        for (uint32_t r = 0; r < of->knapsack->resource_count; r++) {
            paid += of->items[i].request[r] * of->prices[r];
        }
        const double surplus = of->items[i].value - paid;
        of->surplus[i] =
            of->surplus[i + 1] + (surplus > 0.0 ? surplus * (double)of->items[i].limit : 0.0);
    }
}

static double *room_at(const search *of, uint32_t depth)
{
    return &of->rooms[(size_t)depth * of->knapsack->resource_count];
}

/* From above, whatever is decided about the items that are left. */
static double bound_here(const search *of)
{
    const double *room = room_at(of, of->depth);
    double bound = of->values[of->depth] + of->surplus[of->depth];
    for (uint32_t r = 0; r < of->knapsack->resource_count; r++) {
        bound += (room[r] > 0.0 ? room[r] : 0.0) * of->prices[r];
    }
    return bound * (1.0 + ROUNDING);
}

/* What is decided so far, with nothing of the items left, is a set too. */
static void keep_if_best(search *of)
{
    if (of->values[of->depth] <= of->best) {
        return;
    }
    of->best = of->values[of->depth];
    for (uint32_t i = 0; i < of->item_count; i++) {
        of->best_counts[i] = i < of->depth ? of->counts[i] : 0;
    }
}

/* Whether the next item is worth deciding about; what is given up for want of steps is noted. */
static bool is_worth_going_down(search *of)
{
    const double bound = bound_here(of);
    if (of->depth == of->item_count || bound <= of->best * (1.0 + ROUNDING)) {
        return false;
    }
    if (of->step_count >= of->knapsack->step_limit) {
        of->open = bound > of->open ? bound : of->open;
        return false;
    }
    return true;
}

/* So many of the item at this depth. */
static void decide(search *of, uint32_t count)
{
    const item *one = &of->items[of->depth];
    const double *room = room_at(of, of->depth);
    double *next = room_at(of, of->depth + 1);
    for (uint32_t r = 0; r < of->knapsack->resource_count; r++) {
        next[r] = room[r] - (double)count * one->request[r];
    }
    of->counts[of->depth] = count;
    of->values[of->depth + 1] = of->values[of->depth] + (double)count * one->value;
    of->depth++;
    of->step_count++;
}

/* Back to the last item of which fewer are possible, and one fewer; false: all has been seen. */
static bool go_back(search *of)
{
    while (of->depth > 0 && of->counts[of->depth - 1] == 0) {
        of->depth--;
    }
    if (of->depth == 0) {
        return false;
    }
    of->depth--;
    decide(of, of->counts[of->depth] - 1);
    return true;
}

/* Depth first, the most of an item before fewer; a stack of rooms instead of recursion. */
static void explore(search *of, wb_arena *scratch)
{
    const uint32_t resource_count = of->knapsack->resource_count;
    of->rooms = WB_ARENA_ARRAY(scratch, double, ((size_t)of->item_count + 1) * resource_count);
    for (uint32_t r = 0; r < resource_count; r++) {
        of->rooms[r] = of->knapsack->capacity[r];
    }
    do {
        keep_if_best(of);
        while (is_worth_going_down(of)) {
            decide(of, count_fitting(of->knapsack, room_at(of, of->depth), &of->items[of->depth]));
            keep_if_best(of);
        }
    } while (go_back(of));
}

double wb_knapsack_most(wb_arena *scratch, const wb_knapsack *knapsack, uint32_t *out_counts,
                        double *out_found)
{
    assert(knapsack->class_count <= WB_KNAPSACK_CLASSES_MAX);
    assert(knapsack->resource_count <= WB_KNAPSACK_RESOURCES_MAX);
    const wb_arena_mark mark = wb_arena_get_mark(scratch);
    search *of = WB_ARENA_NEW(scratch, search);
    of->knapsack = knapsack;
    for (uint32_t g = 0; g < knapsack->class_count; g++) {
        out_counts[g] = 0;
    }
    *out_found = 0.0;
    list_items(of);
    uint32_t resource = 0;
    double most = of->item_count > 0 ? cheapest_single(of, &resource) : 0.0;
    if (of->item_count > 0 && (most < 0.0 || most > knapsack->enough)) {
        price_resources(of, single_price(of, resource), resource);
        sum_surplus(of);
        of->rooms = WB_ARENA_ARRAY(scratch, double, knapsack->resource_count);
        for (uint32_t r = 0; r < knapsack->resource_count; r++) {
            of->rooms[r] = knapsack->capacity[r];
        }
        most = bound_here(of);
        if (most > knapsack->enough) {
            explore(of, scratch);
            const double reached = of->open > of->best ? of->open : of->best;
            most = reached * (1.0 + ROUNDING) < most ? reached * (1.0 + ROUNDING) : most;
            for (uint32_t i = 0; i < of->item_count; i++) {
                out_counts[of->items[i].class_index] = of->best_counts[i];
            }
            *out_found = of->best;
        }
    }
    wb_arena_rewind(scratch, mark);
    return most;
}
