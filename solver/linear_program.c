#include "solver/linear_program.h"

#include <assert.h>

#include <glpk.h>

#include "base/heap_memory.h"

struct wb_linear_program {
    glp_prob *problem; /* owned */
    uint32_t row_count, column_count;
    bool has_new_columns; /* since the last solve that followed another one */
    bool is_solved;       /* once, at least */
    int *indices;         /* owned: rows of one column, as GLPK counts them, from 1 */
    double *values;
};

wb_linear_program *wb_linear_program_new(uint32_t row_count)
{
    assert(row_count > 0 && row_count < INT32_MAX / 2);
    (void)glp_term_out(GLP_OFF);
    wb_linear_program *program = wb_heap_memory_zalloc(1, sizeof *program);
    program->problem = glp_create_prob();
    program->row_count = row_count;
    program->indices = wb_heap_memory_alloc((size_t)row_count + 1, sizeof program->indices[0]);
    program->values = wb_heap_memory_alloc((size_t)row_count + 1, sizeof program->values[0]);
    glp_set_obj_dir(program->problem, GLP_MIN);
    (void)glp_add_rows(program->problem, (int)row_count);
    for (uint32_t row = 0; row < row_count; row++) {
        glp_set_row_bnds(program->problem, (int)row + 1, GLP_LO, 0.0, 0.0);
    }
    return program;
}

void wb_linear_program_free(wb_linear_program *program)
{
    if (program == NULL) {
        return;
    }
    glp_delete_prob(program->problem);
    wb_heap_memory_free(program->indices);
    wb_heap_memory_free(program->values);
    wb_heap_memory_free(program);
}

uint32_t wb_linear_program_add(wb_linear_program *program, const wb_linear_column *column)
{
    assert(column->cost >= 0.0 && column->count <= program->row_count);
    const int at = glp_add_cols(program->problem, 1);
    glp_set_obj_coef(program->problem, at, column->cost);
    glp_set_col_bnds(program->problem, at, GLP_LO, 0.0, 0.0);
    for (uint32_t i = 0; i < column->count; i++) {
        assert(column->rows[i] < program->row_count);
        program->indices[i + 1] = (int)column->rows[i] + 1;
        program->values[i + 1] = column->values[i];
    }
    glp_set_mat_col(program->problem, at, (int)column->count, program->indices, program->values);
    program->has_new_columns = true;
    return program->column_count++;
}

void wb_linear_program_set_least(wb_linear_program *program, uint32_t row, double least)
{
    assert(row < program->row_count);
    glp_set_row_bnds(program->problem, (int)row + 1, GLP_LO, least, 0.0);
}

/* Costs are not negative, so the basis of all rows is dual feasible, and stays so when only rows
 * change: the dual method has the least to do. With new columns that holds for the primal one. */
bool wb_linear_program_solve(wb_linear_program *program)
{
    assert(program->column_count > 0);
    glp_smcp settings;
    glp_init_smcp(&settings);
    settings.msg_lev = GLP_MSG_OFF;
    settings.meth = program->is_solved && program->has_new_columns ? GLP_PRIMAL : GLP_DUALP;
    program->is_solved = true;
    program->has_new_columns = false;
    return glp_simplex(program->problem, &settings) == 0 &&
           glp_get_status(program->problem) == GLP_OPT;
}

double wb_linear_program_value(const wb_linear_program *program, uint32_t column)
{
    assert(column < program->column_count);
    return glp_get_col_prim(program->problem, (int)column + 1);
}

double wb_linear_program_price(const wb_linear_program *program, uint32_t row)
{
    assert(row < program->row_count);
    return glp_get_row_dual(program->problem, (int)row + 1);
}
