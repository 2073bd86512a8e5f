/*
 * Solves that share a base: on random problems (random_problem.h), one set of nodes removed after
 * the other, each comes to what the plain solver makes of that set alone. A failure prints the
 * problem's number; WERKBANK_BASE_FIRST starts there.
 */
#include <stdlib.h>

#include "kube/names.h"
#include "solver/provisioning_base.h"
#include "tests/harness.h"
#include "tests/solver/random_problem.h"
#include "tests/solver/solver_results.h"

enum {
    PROBLEMS = 8000,
    ROUNDS = 4 /* per problem */
};

static wb_random_key key_of(uint64_t number)
{
    return (wb_random_key){1, WB_RANDOM_GENERATE_SIZE, number};
}

/* Nodes of role REMOVED become offered ones. */
static void offer_removed(wb_random_problem *from, uint64_t number)
{
    for (uint32_t n = 0; n < from->problem.node_count; n++) {
        if (from->roles[n] == WB_NODE_ROLE_REMOVED) {
            const bool any = wb_random_below(key_of(number), n, 3) > 0;
            from->roles[n] =
                any ? (uint8_t)WB_NODE_ROLE_OFFERED : (uint8_t)WB_NODE_ROLE_OFFERED_TO_PENDING;
        }
    }
}

/* Whatever is offered, or not: half of it is removed. */
static uint32_t remove_some(wb_random_problem *from, uint64_t number, uint64_t round,
                            uint32_t *removed)
{
    uint32_t count = 0;
    for (uint32_t n = 0; n < from->problem.node_count; n++) {
        if (from->roles[n] != WB_NODE_ROLE_DELETING &&
            wb_random_below(key_of(number), 100 * (round + 1) + n, 2) == 0) {
            from->roles[n] = WB_NODE_ROLE_REMOVED;
            removed[count++] = n;
        }
    }
    return count;
}

/* Between two solves the market may change. */
static void change_market(const wb_random_problem *from, uint64_t number, uint64_t round)
{
    const uint64_t at = wb_random_below(key_of(number), 1000 + round, from->catalog.type_count);
    const uint32_t name = from->catalog.types[at].name;
    if (wb_random_below(key_of(number), 1100 + round, 4) == 0) {
        wb_solver_world_set_available(from->world, name, 0, WB_CAPACITY_ON_DEMAND, round % 2 == 1);
    }
    if (wb_random_below(key_of(number), 1200 + round, 4) == 0) {
        wb_solver_world_set_price(from->world, name, 0, WB_CAPACITY_SPOT, 0.125);
    }
}

static bool solves_alike(wb_arena *arena, wb_random_problem *from, uint64_t number)
{
    offer_removed(from, number);
    uint8_t roles[WB_RANDOM_PROBLEM_MOST_NODES] = {0};
    uint32_t removed[WB_RANDOM_PROBLEM_MOST_NODES] = {0};
    const wb_solver_problem given = from->problem;
    for (uint32_t n = 0; n < given.node_count; n++) {
        roles[n] = from->roles[n];
    }
    wb_provisioning_base *base = wb_provisioning_base_new(arena, from->world, &given);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const uint32_t count = remove_some(from, number, round, removed);
        change_market(from, number, round);
        wb_solver_problem problem = given;
        problem.pod_count =
            (uint32_t)wb_random_below(key_of(number), 1300 + round, given.pod_count + 1ULL);
        const wb_solver_result shared =
            wb_provisioning_solve_from(arena, base, &problem, removed, count);
        problem.options.plain = true;
        const wb_solver_result plain = wb_provisioning_solve(arena, from->world, &problem);
        if (!wb_solver_results_equal(&problem, &shared, &plain)) {
            printf("\n    problem %llu, round %llu: the plain solver differs",
                   (unsigned long long)number, (unsigned long long)round);
            return false;
        }
        for (uint32_t n = 0; n < given.node_count; n++) {
            from->roles[n] = roles[n];
        }
    }
    return true;
}

static bool run_problem(wb_arena *arena, uint64_t number)
{
    wb_intern intern;
    wb_intern_init(&intern, arena);
    wb_names_init(&intern);
    wb_random_problem problem;
    wb_random_problem_make(arena, &intern, number, &problem);
    const bool are_alike = solves_alike(arena, &problem, number);
    wb_random_problem_release(&problem);
    wb_intern_release(&intern);
    return are_alike;
}

static void removals_in_turn(void)
{
    const char *text = getenv("WERKBANK_BASE_FIRST");
    const uint64_t first = text != NULL ? strtoull(text, NULL, 10) : 0;
    wb_arena arena;
    wb_arena_init(&arena, "base", 0, NULL);
    uint64_t wrong = 0;
    for (uint64_t i = first; i < first + PROBLEMS && wrong < 10; i++) {
        wrong += !run_problem(&arena, i);
        wb_arena_clear(&arena);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"one removal after the other is decided as the plain solver decides each", removals_in_turn},
};

int main(void)
{
    return wb_test_run("provisioning base", cases, WB_TEST_COUNT(cases));
}
