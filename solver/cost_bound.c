/*
 * The program, for one demand N:
 *
 *   least    sum of price[j] * x[j]
 *   so that  sum over j of y[g,j] >= N[g]                               a row per class
 *            capacity[j,r] * x[j] - sum of request[g,r] * y[g,j] >= 0   a row per machine and
 *                                                                       resource, its price u[j,r]
 *
 * Only the row prices u are taken from the answer; they are made to add up to the machine's price
 * exactly, and the worths are computed from them. A wrong answer of the library would make the
 * bound lower, never false.
 */
#include "solver/cost_bound.h"

#include <assert.h>
#include <string.h>

#include "base/bitset.h"
#include "base/heap_memory.h"
#include "solver/linear_program.h"

/* Taken off each bound: some hundred roundings of a double are less by far. */
#define ROUNDING 1e-9

struct wb_cost_bound {
    const wb_cost_bound_problem *problem; /* borrowed */
    uint32_t machine_count;               /* of those that matter */
    const uint32_t *machines;             /* their indices */
    uint64_t *const *fits;                /* by machine that matters: classes */
    double *scale;                        /* by resource: the largest capacity */
    double *prices;                       /* u, by machine that matters and resource */
    double *worths;                       /* by class */
    wb_linear_program *program;           /* owned */
    uint32_t *first_column;               /* x of a machine that matters */
};

static double request_of(const wb_cost_bound_problem *problem, uint32_t class_index, uint32_t r)
{
    return problem->requests[(size_t)class_index * problem->resource_count + r];
}

static bool has_room(const wb_cost_bound_problem *problem, const double *capacity,
                     uint32_t class_index)
{
    for (uint32_t r = 0; r < problem->resource_count; r++) {
        if (request_of(problem, class_index, r) > capacity[r]) {
            return false;
        }
    }
    return true;
}

/* ---- which machines matter ---- */

/* Machines on their way to those that matter. */
typedef struct candidate {
    uint32_t index;
    uint64_t *fits; /* classes that may run there and fit */
} candidate;

/* Whether units of a machine can stand in for one of another: as many as the same money buys have
 * no less of anything, and take every class. */
static bool stands_in(const wb_cost_bound_problem *problem, const candidate *a, const candidate *b,
                      size_t word_count)
{
    const wb_cost_bound_machine *for_it = &problem->machines[a->index];
    const wb_cost_bound_machine *gone = &problem->machines[b->index];
    for (uint32_t r = 0; r < problem->resource_count; r++) {
        if (for_it->capacity[r] * gone->price < gone->capacity[r] * for_it->price) {
            return false;
        }
    }
    for (size_t w = 0; w < word_count; w++) {
        if ((b->fits[w] & ~a->fits[w]) != 0) {
            return false;
        }
    }
    return true;
}

/* Each candidate against those kept so far, both ways; of equal ones the first stays. */
static uint32_t keep_those_that_matter(const wb_cost_bound_problem *problem, candidate *candidates,
                                       uint32_t count, size_t word_count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const candidate fresh = candidates[i];
        bool is_needed = true;
        for (uint32_t k = 0; k < kept && is_needed; k++) {
            is_needed = !stands_in(problem, &candidates[k], &fresh, word_count);
        }
        if (!is_needed) {
            continue;
        }
        uint32_t left = 0;
        for (uint32_t k = 0; k < kept; k++) {
            if (!stands_in(problem, &fresh, &candidates[k], word_count)) {
                candidates[left++] = candidates[k];
            }
        }
        candidates[left] = fresh;
        kept = left + 1;
    }
    return kept;
}

static void choose_machines(wb_cost_bound *bound, wb_arena *arena)
{
    const wb_cost_bound_problem *problem = bound->problem;
    const size_t word_count = wb_bitset_word_count(problem->class_count);
    candidate *candidates = WB_ARENA_ARRAY(arena, candidate, (size_t)problem->machine_count + 1);
    uint32_t count = 0;
    for (uint32_t j = 0; j < problem->machine_count; j++) {
        const wb_cost_bound_machine *machine = &problem->machines[j];
        assert(machine->price > 0.0);
        uint64_t *fits = WB_ARENA_ARRAY(arena, uint64_t, word_count);
        for (uint32_t g = 0; g < problem->class_count; g++) {
            if (wb_bitset_has(machine->classes, g) && has_room(problem, machine->capacity, g)) {
                wb_bitset_add(fits, g);
            }
        }
        if (!wb_bitset_is_empty(fits, word_count)) {
            candidates[count++] = (candidate){.index = j, .fits = fits};
        }
    }
    count = keep_those_that_matter(problem, candidates, count, word_count);
    uint32_t *machines = WB_ARENA_ARRAY(arena, uint32_t, (size_t)count + 1);
    uint64_t **fits = WB_ARENA_ARRAY(arena, uint64_t *, (size_t)count + 1);
    for (uint32_t k = 0; k < count; k++) {
        machines[k] = candidates[k].index;
        fits[k] = candidates[k].fits;
    }
    bound->machine_count = count;
    bound->machines = machines;
    bound->fits = fits;
}

/* ---- the program ---- */

/* The row of a machine's resource; rows before are the classes'. */
static uint32_t room_row(const wb_cost_bound *bound, uint32_t machine, uint32_t resource)
{
    return bound->problem->class_count + machine * bound->problem->resource_count + resource;
}

static void add_machine(wb_cost_bound *bound, uint32_t machine, uint32_t *rows, double *values)
{
    const wb_cost_bound_problem *problem = bound->problem;
    const wb_cost_bound_machine *source = &problem->machines[bound->machines[machine]];
    wb_linear_column column = {.cost = source->price, .rows = rows, .values = values};
    for (uint32_t r = 0; r < problem->resource_count; r++) {
        if (source->capacity[r] > 0.0) {
            rows[column.count] = room_row(bound, machine, r);
            values[column.count++] = source->capacity[r] / bound->scale[r];
        }
    }
    bound->first_column[machine] = wb_linear_program_add(bound->program, &column);
    for (uint32_t g = 0; g < problem->class_count; g++) {
        if (!wb_bitset_has(bound->fits[machine], g)) {
            continue;
        }
        column = (wb_linear_column){.rows = rows, .values = values};
        rows[column.count] = g;
        values[column.count++] = 1.0;
        for (uint32_t r = 0; r < problem->resource_count; r++) {
            const double request = request_of(problem, g, r);
            if (request > 0.0) {
                rows[column.count] = room_row(bound, machine, r);
                values[column.count++] = -request / bound->scale[r];
            }
        }
        (void)wb_linear_program_add(bound->program, &column);
    }
}

static void build_program(wb_cost_bound *bound, wb_arena *arena)
{
    const wb_cost_bound_problem *problem = bound->problem;
    assert(bound->machine_count > 0);
    uint32_t *rows = WB_ARENA_ARRAY(arena, uint32_t, (size_t)problem->resource_count + 1);
    double *values = WB_ARENA_ARRAY(arena, double, (size_t)problem->resource_count + 1);
    bound->program = wb_linear_program_new(problem->class_count +
                                           bound->machine_count * problem->resource_count);
    for (uint32_t k = 0; k < bound->machine_count; k++) {
        add_machine(bound, k, rows, values);
    }
}

wb_cost_bound *wb_cost_bound_new(wb_arena *arena, const wb_cost_bound_problem *problem)
{
    assert(problem->class_count > 0 && problem->resource_count > 0);
    wb_cost_bound *bound = WB_ARENA_NEW(arena, wb_cost_bound);
    bound->problem = problem;
    choose_machines(bound, arena);
    const size_t price_count = (size_t)bound->machine_count * problem->resource_count;
    bound->scale = WB_ARENA_ARRAY(arena, double, problem->resource_count);
    bound->prices = WB_ARENA_ARRAY(arena, double, price_count + 1);
    bound->worths = WB_ARENA_ARRAY(arena, double, problem->class_count);
    bound->first_column = WB_ARENA_ARRAY(arena, uint32_t, (size_t)bound->machine_count + 1);
    for (uint32_t k = 0; k < bound->machine_count; k++) {
        const double *capacity = problem->machines[bound->machines[k]].capacity;
        for (uint32_t r = 0; r < problem->resource_count; r++) {
            assert(capacity[r] >= 0.0);
            bound->scale[r] = capacity[r] > bound->scale[r] ? capacity[r] : bound->scale[r];
        }
    }
    if (bound->machine_count > 0) {
        build_program(bound, arena);
    }
    return bound;
}

void wb_cost_bound_release(wb_cost_bound *bound)
{
    wb_linear_program_free(bound->program);
    bound->program = NULL;
}

/* ---- the proof ---- */

/* The program's row prices, made to add up: capacity * u = price for every machine that matters. A
 * machine without any (the program had no use for it, or gave up) splits its price evenly. */
static void set_prices(wb_cost_bound *bound, bool is_solved)
{
    const wb_cost_bound_problem *problem = bound->problem;
    for (uint32_t k = 0; k < bound->machine_count; k++) {
        const wb_cost_bound_machine *machine = &problem->machines[bound->machines[k]];
        double *u = &bound->prices[(size_t)k * problem->resource_count];
        double sum = 0.0;
        uint32_t used_count = 0;
        for (uint32_t r = 0; r < problem->resource_count; r++) {
            const double price =
                is_solved ? wb_linear_program_price(bound->program, room_row(bound, k, r)) : 0.0;
            u[r] = price > 0.0 ? price / bound->scale[r] : 0.0;
            sum += u[r] * machine->capacity[r];
            used_count += machine->capacity[r] > 0.0 ? 1U : 0U;
        }
        for (uint32_t r = 0; r < problem->resource_count; r++) {
            if (sum > 0.0) {
                u[r] *= machine->price / sum;
            } else if (machine->capacity[r] > 0.0) {
                u[r] = machine->price / ((double)used_count * machine->capacity[r]);
            }
        }
    }
}

/* Machines that do not matter need no prices of their own: those of the one that stands in for them
 * do (for no more of anything per money, and every class of theirs is worth that there too). */
static void set_worths(wb_cost_bound *bound)
{
    const wb_cost_bound_problem *problem = bound->problem;
    for (uint32_t g = 0; g < problem->class_count; g++) {
        double least = -1.0;
        for (uint32_t k = 0; k < bound->machine_count; k++) {
            if (!wb_bitset_has(bound->fits[k], g)) {
                continue;
            }
            double worth = 0.0;
            for (uint32_t r = 0; r < problem->resource_count; r++) {
                worth += request_of(problem, g, r) *
                         bound->prices[(size_t)k * problem->resource_count + r];
            }
            least = least < 0.0 || worth < least ? worth : least;
        }
        bound->worths[g] = least > 0.0 ? least : 0.0; /* runs nowhere: nothing is claimed of it */
    }
}

double wb_cost_bound_least(wb_cost_bound *bound, const double *demand, double *out_time)
{
    const wb_cost_bound_problem *problem = bound->problem;
    if (bound->machine_count == 0) {
        return 0.0;
    }
    for (uint32_t g = 0; g < problem->class_count; g++) {
        assert(demand[g] >= 0.0);
        bool is_possible = false;
        for (uint32_t k = 0; k < bound->machine_count && !is_possible; k++) {
            is_possible = wb_bitset_has(bound->fits[k], g);
        }
        wb_linear_program_set_least(bound->program, g, is_possible ? demand[g] : 0.0);
    }
    const bool is_solved = wb_linear_program_solve(bound->program);
    set_prices(bound, is_solved);
    set_worths(bound);
    double sum = 0.0;
    for (uint32_t g = 0; g < problem->class_count; g++) {
        sum += demand[g] * bound->worths[g];
    }
    for (uint32_t k = 0; k < bound->machine_count && is_solved && out_time != NULL; k++) {
        out_time[bound->machines[k]] +=
            wb_linear_program_value(bound->program, bound->first_column[k]);
    }
    return sum * (1.0 - ROUNDING);
}
