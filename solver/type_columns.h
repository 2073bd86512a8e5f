/*
 * "Which instance types have at least so much of a resource" as a lookup.
 *
 * Per resource the distinct amounts are sorted, and for each a bitset says which types have that
 * much or more:
 *
 *     amounts   940   1930   3920   7910            types   a b c d e
 *     at least  abcde  bcde   cde    e              (5 types, a smallest)
 *
 * A request is a binary search, then a bitset that is ANDed with those of other resources. Some
 * 1,400 types have 20 to 300 distinct amounts: 50 KB a column. Columns are made on first use.
 */
#ifndef WB_SOLVER_TYPE_COLUMNS_H
#define WB_SOLVER_TYPE_COLUMNS_H

#include "solver/solver_world_internal.h"

typedef struct wb_type_column {
    bool is_made;
    int64_t *amounts; /* ascending, each once */
    uint32_t count;
    uint64_t *at_least; /* count bitsets of the world's word_count */
} wb_type_column;

typedef struct wb_type_columns {
    const wb_solver_world *world; /* borrowed */
    wb_arena *arena;              /* borrowed */
    const int64_t *cells;         /* world->allocatable or world->capacity */
    wb_type_column *columns;      /* per resource of types */
} wb_type_columns;

/* Columns over cells, one of the world's tables; none is made yet. */
void wb_type_columns_init(wb_type_columns *columns, wb_arena *arena, const wb_solver_world *world,
                          const int64_t *cells);

/* Takes from types those that have less than amount (> 0) of resource; false when none is left.
 * *out_floor: all that are left have at least this, which may be more than amount. */
bool wb_type_columns_keep_at_least(wb_type_columns *columns, uint32_t resource, int64_t amount,
                                   uint64_t *types, int64_t *out_floor);

/* The largest amount that any of types has, which must not be empty. */
int64_t wb_type_columns_largest(wb_type_columns *columns, uint32_t resource, const uint64_t *types);

#endif
