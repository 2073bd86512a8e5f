/*
 * The program over the packings known so far, k[g] pods of class g in each:
 *
 *   least    sum of price * x                                     x: machines with that packing
 *   so that  sum of k[g] * x + sum over places of y[g,n] >= pods[g]      price w[g]: a pod's worth
 *            room[n,r] - sum over g of request[g,r] * y[g,n] >= 0        price v[n,r]
 *
 * Divided by t = the most that a packing is worth per dollar, or 1 if that is less, w proves
 *
 *   cost >= (sum of pods * w - sum over places of the most that fits there is worth) / t
 *
 * since what a place holds is worth at most that, and the rest must be bought.
 */
#include "solver/packing_bound.h"

#include <assert.h>

#include "base/bitset.h"
#include "solver/linear_program.h"

#define ROUND_LIMIT 200U
#define STEP_LIMIT  20000U /* of one knapsack */
#define CLOSE       1e-6   /* a bound this near to the program is as good as it */
#define ROUNDING    1e-9

/* Everything of one generation. */
typedef struct generation {
    const wb_packing_problem *problem;
    wb_arena *arena;
    uint32_t *machines; /* that matter: indices in the problem */
    uint64_t **fits;    /* by machine that matters */
    uint32_t machine_count;
    uint32_t *limits; /* by class: per machine */
    uint32_t *places; /* that hold something: indices in the problem */
    uint64_t **place_fits;
    uint32_t place_count;
    wb_linear_program *program;
    double *worths;   /* by class */
    uint32_t *counts; /* by class: of one packing */
    double *proven;   /* by class: worths of the best bound; NULL: not asked for */
    wb_packing_bound *out;
} generation;

static const double *request_of(const wb_packing_problem *problem, uint32_t class_index)
{
    return &problem->base.requests[(size_t)class_index * problem->base.resource_count];
}

/* Classes that may run there and fit, of those that have pods. */
static uint64_t *find_fits(const generation *of, const uint64_t *classes, const double *room)
{
    const wb_packing_problem *problem = of->problem;
    const size_t word_count = wb_bitset_word_count(problem->base.class_count);
    uint64_t *fits = WB_ARENA_ARRAY(of->arena, uint64_t, word_count);
    for (uint32_t g = 0; g < problem->base.class_count; g++) {
        bool has_room = wb_bitset_has(classes, g) && problem->pods[g] > 0;
        for (uint32_t r = 0; r < problem->base.resource_count && has_room; r++) {
            has_room = request_of(problem, g)[r] <= room[r];
        }
        if (has_room) {
            wb_bitset_add(fits, g);
        }
    }
    return fits;
}

/* ---- which machines and places matter ---- */

/* Whether machine a does for b: not dearer, no smaller, and takes every class that fits on b. */
static bool stands_in(const generation *of, uint32_t a, const uint64_t *a_fits, uint32_t b,
                      const uint64_t *b_fits)
{
    const wb_cost_bound_machine *left = &of->problem->base.machines[a];
    const wb_cost_bound_machine *right = &of->problem->base.machines[b];
    const size_t word_count = wb_bitset_word_count(of->problem->base.class_count);
    if (left->price > right->price) {
        return false;
    }
    for (uint32_t r = 0; r < of->problem->base.resource_count; r++) {
        if (left->capacity[r] < right->capacity[r]) {
            return false;
        }
    }
    for (size_t w = 0; w < word_count; w++) {
        if ((b_fits[w] & ~a_fits[w]) != 0) {
            return false;
        }
    }
    return true;
}

static void add_machine(generation *of, uint32_t index)
{
    const wb_cost_bound_machine *machine = &of->problem->base.machines[index];
    const size_t word_count = wb_bitset_word_count(of->problem->base.class_count);
    uint64_t *fits = find_fits(of, machine->classes, machine->capacity);
    bool is_needed = !wb_bitset_is_empty(fits, word_count);
    for (uint32_t k = 0; k < of->machine_count && is_needed; k++) {
        is_needed = !stands_in(of, of->machines[k], of->fits[k], index, fits);
    }
    if (!is_needed) {
        return;
    }
    uint32_t left = 0;
    for (uint32_t k = 0; k < of->machine_count; k++) {
        if (!stands_in(of, index, fits, of->machines[k], of->fits[k])) {
            of->machines[left] = of->machines[k];
            of->fits[left++] = of->fits[k];
        }
    }
    of->machines[left] = index;
    of->fits[left] = fits;
    of->machine_count = left + 1;
}

static void choose(generation *of)
{
    const wb_packing_problem *problem = of->problem;
    const size_t word_count = wb_bitset_word_count(problem->base.class_count);
    const size_t machine_room = (size_t)problem->base.machine_count + 1;
    of->machines = WB_ARENA_ARRAY(of->arena, uint32_t, machine_room);
    of->fits = WB_ARENA_ARRAY(of->arena, uint64_t *, machine_room);
    for (uint32_t j = 0; j < problem->base.machine_count; j++) {
        add_machine(of, j);
    }
    of->places = WB_ARENA_ARRAY(of->arena, uint32_t, (size_t)problem->place_count + 1);
    of->place_fits = WB_ARENA_ARRAY(of->arena, uint64_t *, (size_t)problem->place_count + 1);
    for (uint32_t n = 0; n < problem->place_count; n++) {
        uint64_t *fits = find_fits(of, problem->places[n].classes, problem->places[n].room);
        if (!wb_bitset_is_empty(fits, word_count)) {
            of->places[of->place_count] = n;
            of->place_fits[of->place_count++] = fits;
        }
    }
    of->limits = WB_ARENA_ARRAY(of->arena, uint32_t, problem->base.class_count);
    for (uint32_t g = 0; g < problem->base.class_count; g++) {
        of->limits[g] =
            problem->pods[g] < problem->per_machine[g] ? problem->pods[g] : problem->per_machine[g];
    }
}

/* ---- the program ---- */

static uint32_t room_row(const generation *of, uint32_t place, uint32_t resource)
{
    return of->problem->base.class_count + place * of->problem->base.resource_count + resource;
}

/* A class in a place, row by row. */
static void add_place_class(generation *of, uint32_t place, uint32_t class_index)
{
    const wb_packing_problem *problem = of->problem;
    const double *room = problem->places[of->places[place]].room;
    uint32_t rows[WB_KNAPSACK_RESOURCES_MAX + 1];
    double values[WB_KNAPSACK_RESOURCES_MAX + 1];
    wb_linear_column column = {.rows = rows, .values = values};
    rows[column.count] = class_index;
    values[column.count++] = 1.0;
    for (uint32_t r = 0; r < problem->base.resource_count; r++) {
        const double request = request_of(problem, class_index)[r];
        if (request > 0.0) {
            rows[column.count] = room_row(of, place, r);
            values[column.count++] = -request / room[r];
        }
    }
    (void)wb_linear_program_add(of->program, &column);
}

/* Rows of rooms say: what is taken, as a negative sum in units of the room, is at least -1. */
static void add_places(generation *of)
{
    const wb_packing_problem *problem = of->problem;
    assert(problem->base.resource_count <= WB_KNAPSACK_RESOURCES_MAX);
    for (uint32_t n = 0; n < of->place_count; n++) {
        const double *room = problem->places[of->places[n]].room;
        for (uint32_t r = 0; r < problem->base.resource_count; r++) {
            wb_linear_program_set_least(of->program, room_row(of, n, r),
                                        room[r] > 0.0 ? -1.0 : 0.0);
        }
        for (uint32_t g = 0; g < problem->base.class_count; g++) {
            if (wb_bitset_has(of->place_fits[n], g)) {
                add_place_class(of, n, g);
            }
        }
    }
}

static void add_packing(generation *of, double price, const uint32_t *counts)
{
    uint32_t rows[WB_KNAPSACK_CLASSES_MAX];
    double values[WB_KNAPSACK_CLASSES_MAX];
    wb_linear_column column = {.cost = price, .rows = rows, .values = values};
    for (uint32_t g = 0; g < of->problem->base.class_count; g++) {
        if (counts[g] > 0) {
            rows[column.count] = g;
            values[column.count++] = (double)counts[g];
        }
    }
    assert(column.count > 0);
    (void)wb_linear_program_add(of->program, &column);
    of->out->packing_count++;
}

static uint32_t count_alone(const generation *of, uint32_t class_index, const double *capacity)
{
    uint32_t most = of->limits[class_index];
    for (uint32_t r = 0; r < of->problem->base.resource_count; r++) {
        const double request = request_of(of->problem, class_index)[r];
        if (request > 0.0 && capacity[r] / request < (double)most) {
            most = (uint32_t)(capacity[r] / request);
        }
    }
    return most;
}

/* To begin with, each class by itself on the machine where that is cheapest. */
static void add_first_packings(generation *of)
{
    const wb_packing_problem *problem = of->problem;
    for (uint32_t g = 0; g < problem->base.class_count; g++) {
        double least = -1.0;
        uint32_t best = 0;
        for (uint32_t k = 0; k < of->machine_count; k++) {
            if (wb_bitset_has(of->fits[k], g)) {
                const wb_cost_bound_machine *machine = &problem->base.machines[of->machines[k]];
                const double each = machine->price / (double)count_alone(of, g, machine->capacity);
                best = least < 0.0 || each < least ? k : best;
                least = least < 0.0 || each < least ? each : least;
            }
        }
        if (least >= 0.0) {
            const wb_cost_bound_machine *machine = &problem->base.machines[of->machines[best]];
            for (uint32_t i = 0; i < problem->base.class_count; i++) {
                of->counts[i] = i == g ? count_alone(of, g, machine->capacity) : 0;
            }
            add_packing(of, machine->price, of->counts);
        }
    }
}

/* ---- one round ---- */

/* What the whole room of a resource is worth, when that alone has a price: as much as the class
 * that pays most for it gives; -1: some class that is worth something takes none of it. */
static double room_worth(const generation *of, uint32_t place, uint32_t resource)
{
    const double room = of->problem->places[of->places[place]].room[resource];
    double most = 0.0;
    for (uint32_t g = 0; g < of->problem->base.class_count; g++) {
        if (!wb_bitset_has(of->place_fits[place], g) || !(of->worths[g] > 0.0)) {
            continue;
        }
        const double request = request_of(of->problem, g)[resource];
        if (request <= 0.0) {
            return -1.0;
        }
        const double worth = of->worths[g] / request * room;
        most = worth > most ? worth : most;
    }
    return most;
}

/* What a pod of the class pays by the prices of the place's rooms. */
static double paid_by(const generation *of, uint32_t place, uint32_t class_index)
{
    const double *room = of->problem->places[of->places[place]].room;
    double paid = 0.0;
    for (uint32_t r = 0; r < of->problem->base.resource_count; r++) {
        const double price = wb_linear_program_price(of->program, room_row(of, place, r));
        if (price > 0.0 && room[r] > 0.0) {
            paid += price * request_of(of->problem, class_index)[r] / room[r];
        }
    }
    return paid;
}

/* How far the prices of the rooms must be raised until they pay for every pod; -1: no raise will
 * do. */
static double raise_needed(const generation *of, uint32_t place)
{
    double raise = 1.0;
    for (uint32_t g = 0; g < of->problem->base.class_count; g++) {
        if (!wb_bitset_has(of->place_fits[place], g) || !(of->worths[g] > 0.0)) {
            continue;
        }
        const double paid = paid_by(of, place, g);
        if (!(paid > 0.0)) {
            return -1.0;
        }
        raise = of->worths[g] / paid > raise ? of->worths[g] / paid : raise;
    }
    return raise;
}

/* The most that the pods a place can hold are worth, from above: by the resource that alone gives
 * the least, or by the prices of all, raised. */
static double place_worth(const generation *of, uint32_t place)
{
    double least = -1.0;
    double sum = 0.0;
    for (uint32_t r = 0; r < of->problem->base.resource_count; r++) {
        const double price = wb_linear_program_price(of->program, room_row(of, place, r));
        sum += price > 0.0 ? price : 0.0; /* of the whole room: rows are in its units */
        const double alone = room_worth(of, place, r);
        least = alone >= 0.0 && (least < 0.0 || alone < least) ? alone : least;
    }
    const double raise = raise_needed(of, place);
    const double by_prices = sum * raise;
    return raise > 0.0 && (least < 0.0 || by_prices < least) ? by_prices : least;
}

/* Looks for packings worth more than their machine; returns the most worth per dollar, from
 * above. */
static double look_for_packings(generation *of, bool *out_found)
{
    const wb_packing_problem *problem = of->problem;
    double most = 0.0;
    for (uint32_t k = 0; k < of->machine_count; k++) {
        const wb_cost_bound_machine *machine = &problem->base.machines[of->machines[k]];
        const wb_knapsack knapsack = {
            .requests = problem->base.requests,
            .values = of->worths,
            .limits = of->limits,
            .classes = of->fits[k],
            .capacity = machine->capacity,
            .class_count = problem->base.class_count,
            .resource_count = problem->base.resource_count,
            .step_limit = STEP_LIMIT,
            .enough = machine->price * (1.0 + CLOSE / 10.0),
        };
        double found = 0.0;
        const double worth = wb_knapsack_most(of->arena, &knapsack, of->counts, &found);
        most = worth / machine->price > most ? worth / machine->price : most;
        if (found > machine->price * (1.0 + CLOSE / 10.0)) {
            add_packing(of, machine->price, of->counts);
            *out_found = true;
        }
    }
    return most;
}

/* Solves, prices, proves; true when another round can help. */
static bool go_round(generation *of)
{
    const wb_packing_problem *problem = of->problem;
    if (!wb_linear_program_solve(of->program)) {
        return false;
    }
    double program = 0.0;
    for (uint32_t g = 0; g < problem->base.class_count; g++) {
        const double worth = wb_linear_program_price(of->program, g);
        of->worths[g] = worth > 0.0 ? worth : 0.0;
        program += of->worths[g] * (double)problem->pods[g];
    }
    double free_worth = 0.0;
    for (uint32_t n = 0; n < of->place_count; n++) {
        const double worth = place_worth(of, n);
        free_worth += worth > 0.0 ? worth : 0.0;
    }
    bool has_found = false;
    const double per_dollar = look_for_packings(of, &has_found);
    const double divisor = per_dollar > 1.0 ? per_dollar : 1.0;
    const double bound = (program - free_worth) / divisor * (1.0 - ROUNDING);
    of->out->program = program - free_worth;
    for (uint32_t g = 0; bound > of->out->bound && g < problem->base.class_count; g++) {
        if (of->proven != NULL) {
            of->proven[g] = of->worths[g] / divisor * (1.0 - ROUNDING);
        }
    }
    of->out->bound = bound > of->out->bound ? bound : of->out->bound;
    return has_found && of->out->bound < of->out->program * (1.0 - CLOSE);
}

void wb_packing_bound_find(wb_arena *scratch, const wb_packing_problem *problem,
                           wb_packing_bound *out, double *out_worths)
{
    assert(problem->base.class_count > 0 && problem->base.class_count <= WB_KNAPSACK_CLASSES_MAX);
    *out = (wb_packing_bound){.program = -1.0};
    generation of = {.problem = problem, .arena = scratch, .out = out, .proven = out_worths};
    for (uint32_t g = 0; out_worths != NULL && g < problem->base.class_count; g++) {
        out_worths[g] = 0.0;
    }
    choose(&of);
    out->machine_count = of.machine_count;
    of.worths = WB_ARENA_ARRAY(scratch, double, problem->base.class_count);
    of.counts = WB_ARENA_ARRAY(scratch, uint32_t, problem->base.class_count);
    of.program = wb_linear_program_new(problem->base.class_count +
                                       of.place_count * problem->base.resource_count);
    for (uint32_t g = 0; g < problem->base.class_count; g++) {
        wb_linear_program_set_least(of.program, g, (double)problem->pods[g]);
    }
    add_places(&of);
    add_first_packings(&of);
    const uint32_t limit = problem->round_limit > 0 ? problem->round_limit : ROUND_LIMIT;
    bool goes_on = of.place_count > 0 || out->packing_count > 0;
    while (goes_on && out->round_count < limit) {
        out->round_count++;
        goes_on = go_round(&of);
    }
    wb_linear_program_free(of.program);
}
