#include "solver/type_columns.h"

#include <assert.h>

#include "base/sort.h"

typedef struct cell {
    int64_t amount;
    uint32_t type_index;
} cell;

static int compare_cells(const void *a, const void *b, void *context)
{
    (void)context;
    const cell *p = a;
    const cell *q = b;
    if (p->amount != q->amount) {
        return p->amount < q->amount ? -1 : 1;
    }
    return (p->type_index > q->type_index) - (p->type_index < q->type_index);
}

void wb_type_columns_init(wb_type_columns *columns, wb_arena *arena, const wb_solver_world *world,
                          const int64_t *cells)
{
    assert(columns != NULL && arena != NULL);
    assert(cells != NULL || world->type_count == 0);
    *columns = (wb_type_columns){
        .world = world,
        .arena = arena,
        .cells = cells,
        .columns = WB_ARENA_ARRAY(arena, wb_type_column, world->type_resource_count),
    };
}

/* Types by amount; catalogs are sorted by size within a family, so this is often nearly done. */
static cell *sort_cells(wb_type_columns *columns, uint32_t resource)
{
    const wb_solver_world *world = columns->world;
    const int64_t *amounts = columns->cells + (size_t)resource * world->type_stride;
    cell *cells = wb_arena_alloc(columns->arena, world->type_count * sizeof(*cells));
    bool is_sorted = true;
    for (uint32_t t = 0; t < world->type_count; t++) {
        cells[t] = (cell){amounts[t], t};
        is_sorted = is_sorted && (t == 0 || amounts[t - 1] <= amounts[t]);
    }
    if (!is_sorted) {
        wb_sort(cells, world->type_count, sizeof(*cells), compare_cells, NULL);
    }
    return cells;
}

static void make_column(wb_type_columns *columns, uint32_t resource)
{
    const wb_solver_world *world = columns->world;
    wb_type_column *column = &columns->columns[resource];
    const cell *cells = sort_cells(columns, resource);
    column->amounts = wb_arena_alloc(columns->arena, world->type_count * sizeof(int64_t));
    for (uint32_t i = 0; i < world->type_count; i++) {
        if (column->count == 0 || column->amounts[column->count - 1] != cells[i].amount) {
            column->amounts[column->count++] = cells[i].amount;
        }
    }
    const size_t words = world->word_count;
    column->at_least = WB_ARENA_ARRAY(columns->arena, uint64_t, column->count * words);
    uint32_t at = world->type_count;
    for (uint32_t k = column->count; k-- > 0;) { /* from the largest: each row adds to the next */
        uint64_t *row = column->at_least + (size_t)k * words;
        if (k + 1 < column->count) {
            wb_bitset_copy(row, row + words, words);
        }
        for (; at > 0 && cells[at - 1].amount == column->amounts[k]; at--) {
            wb_bitset_add(row, cells[at - 1].type_index);
        }
    }
    column->is_made = true;
}

static wb_type_column *get_column(wb_type_columns *columns, uint32_t resource)
{
    assert(resource < columns->world->type_resource_count);
    wb_type_column *column = &columns->columns[resource];
    if (!column->is_made) {
        make_column(columns, resource);
    }
    return column;
}

/* The first amount that is at least amount, or count. Without branches: the search is short and its
 * outcome unforeseeable. */
static uint32_t find_amount(const wb_type_column *column, int64_t amount)
{
    const int64_t *base = column->amounts;
    for (uint32_t left = column->count; left > 1;) {
        const uint32_t half = left / 2;
        base += base[half - 1] < amount ? half : 0;
        left -= half;
    }
    return (uint32_t)(base - column->amounts) + (*base < amount);
}

bool wb_type_columns_keep_at_least(wb_type_columns *columns, uint32_t resource, int64_t amount,
                                   uint64_t *types, int64_t *out_floor)
{
    assert(columns != NULL);
    assert(amount > 0);
    const size_t words = columns->world->word_count;
    if (resource >= columns->world->type_resource_count || words == 0) {
        wb_bitset_clear(types, words); /* no type has any of it */
        return false;
    }
    const wb_type_column *column = get_column(columns, resource);
    const uint32_t place = find_amount(column, amount);
    if (place == column->count) {
        wb_bitset_clear(types, words);
        return false;
    }
    *out_floor = column->amounts[place];
    const uint64_t *row = column->at_least + (size_t)place * words;
    uint64_t any = 0;
    for (size_t w = 0; w < words; w++) {
        types[w] &= row[w];
        any |= types[w];
    }
    return any != 0;
}

int64_t wb_type_columns_largest(wb_type_columns *columns, uint32_t resource, const uint64_t *types)
{
    assert(columns != NULL);
    if (resource >= columns->world->type_resource_count) {
        return 0;
    }
    const size_t words = columns->world->word_count;
    const wb_type_column *column = get_column(columns, resource);
    const uint32_t last = column->count - 1;
    if (wb_bitset_intersects(column->at_least + (size_t)last * words, types, words)) {
        return column->amounts[last]; /* the ordinary case: the largest type is still there */
    }
    uint32_t low = 0; /* rows shrink upwards: the last that still meets types */
    uint32_t high = last;
    while (low + 1 < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (wb_bitset_intersects(column->at_least + (size_t)middle * words, types, words)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    assert(wb_bitset_intersects(column->at_least + (size_t)low * words, types, words));
    return column->amounts[low];
}
