/*
 * Linear programs, solved by GLPK: the one place that knows that library.
 *
 *     least  sum of cost[c] * x[c]     over x >= 0
 *     so that for every row  sum of value[row][c] * x[c] >= least[row]
 *
 * Rows are given at the start, columns are added one after the other, also after a solve; what was
 * solved before makes the next solve short. Some 1,000 rows and 20,000 columns. Answers are
 * floating-point: whoever needs certainty checks them by other means (cost_bound.h does).
 */
#ifndef WB_SOLVER_LINEAR_PROGRAM_H
#define WB_SOLVER_LINEAR_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wb_linear_program wb_linear_program;

/* One column in the making. */
typedef struct wb_linear_column {
    double cost;          /* not negative: then no program is without a bound */
    const uint32_t *rows; /* each once, any order */
    const double *values;
    uint32_t count;
} wb_linear_column;

/* A program without columns, every row's least 0; freed by wb_linear_program_free. */
wb_linear_program *wb_linear_program_new(uint32_t row_count);
void wb_linear_program_free(wb_linear_program *program);

/* Returns the new column's index, from 0. */
uint32_t wb_linear_program_add(wb_linear_program *program, const wb_linear_column *column);

/* What the row's sum must come to at least. */
void wb_linear_program_set_least(wb_linear_program *program, uint32_t row, double least);

/* False: no x meets the rows, or GLPK gave up. */
bool wb_linear_program_solve(wb_linear_program *program);

/* After a solve that went well: x of a column; what one unit more in a row would cost. */
double wb_linear_program_value(const wb_linear_program *program, uint32_t column);
double wb_linear_program_price(const wb_linear_program *program, uint32_t row);

#endif
