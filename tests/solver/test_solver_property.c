/*
 * Random small problems (random_problem.h): the fast solver decides as the plain one, the validator
 * finds nothing wrong, and the same problem gives the same result twice. A failure prints the
 * problem's number, and WERKBANK_PROPERTY_FIRST starts there; WERKBANK_PROPERTY_ROUNDS sets how
 * many.
 */
#include <stdlib.h>

#include "kube/names.h"
#include "tests/harness.h"
#include "tests/solver/random_problem.h"
#include "tests/solver/solver_results.h"

#ifdef WB_DEBUG_CHECKS /* every solve is checked there as well, slowly */
#    define DEFAULT_ROUNDS 20000
#else
#    define DEFAULT_ROUNDS 100000
#endif

typedef struct totals {
    uint64_t pods, placed, claims, on_nodes;
} totals;

static bool solves_right(wb_arena *arena, wb_random_problem *from, uint64_t number, totals *sum)
{
    const wb_solver_result fast = wb_provisioning_solve(arena, from->world, &from->problem);
    const wb_solver_result again = wb_provisioning_solve(arena, from->world, &from->problem);
    from->problem.options.plain = true;
    const wb_solver_result plain = wb_provisioning_solve(arena, from->world, &from->problem);
    wb_text violation;
    wb_text_init(&violation);
    const wb_validator_input input = wb_random_problem_input(from);
    bool is_right = wb_validator_accepts(&input, &fast, &violation);
    if (!is_right) {
        printf("\n    problem %llu: %s", (unsigned long long)number, wb_text_string(&violation));
    }
    wb_text_release(&violation);
    if (!wb_solver_results_equal(&from->problem, &fast, &again)) {
        printf("\n    problem %llu: solved again, it differs", (unsigned long long)number);
        is_right = false;
    }
    if (!wb_solver_results_equal(&from->problem, &fast, &plain)) {
        printf("\n    problem %llu: the plain solver differs", (unsigned long long)number);
        is_right = false;
    }
    sum->pods += from->problem.pod_count;
    sum->placed += fast.placed_count;
    sum->claims += fast.claim_count;
    for (uint32_t i = 0; i < from->problem.pod_count; i++) {
        sum->on_nodes += fast.placements[i].node_index != WB_PLACED_ON_NONE;
    }
    return is_right;
}

static bool run_problem(wb_arena *arena, uint64_t number, totals *sum)
{
    wb_intern intern;
    wb_intern_init(&intern, arena);
    wb_names_init(&intern);
    wb_random_problem problem;
    wb_random_problem_make(arena, &intern, number, &problem);
    const bool is_right = solves_right(arena, &problem, number, sum);
    wb_random_problem_release(&problem);
    wb_intern_release(&intern);
    return is_right;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void holds_on_random_problems(void)
{
    const uint64_t first = setting("WERKBANK_PROPERTY_FIRST", 0);
    const uint64_t count = setting("WERKBANK_PROPERTY_ROUNDS", DEFAULT_ROUNDS);
    wb_arena arena;
    wb_arena_init(&arena, "property", 0, NULL);
    totals sum = {0};
    uint64_t wrong = 0;
    for (uint64_t i = first; i < first + count && wrong < 10; i++) {
        wrong += !run_problem(&arena, i, &sum);
        wb_arena_clear(&arena);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    if (count >= 1000) { /* problems that place nothing, or everything, would prove little */
        CU_ASSERT(sum.placed * 10 > sum.pods * 3 && sum.placed * 100 < sum.pods * 95);
        CU_ASSERT(sum.on_nodes * 20 > sum.pods && sum.claims * 20 > sum.pods);
    }
    printf("\n    %llu problems: %llu pods, %llu placed (%llu on nodes), %llu claims",
           (unsigned long long)count, (unsigned long long)sum.pods, (unsigned long long)sum.placed,
           (unsigned long long)sum.on_nodes, (unsigned long long)sum.claims);
    wb_arena_release(&arena);
}

/* Problems beyond the usual range that were rejected once, wrongly: each with what the validator
 * did not know. 291538: two rules that differ in minDomains alone are one. */
static void holds_where_it_did_not(void)
{
    static const uint64_t numbers[] = {291538};
    wb_arena arena;
    wb_arena_init(&arena, "property", 0, NULL);
    totals sum = {0};
    for (size_t i = 0; i < WB_TEST_COUNT(numbers); i++) {
        CU_ASSERT(run_problem(&arena, numbers[i], &sum));
        wb_arena_clear(&arena);
    }
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"problems that were rejected once are accepted", holds_where_it_did_not},
    {"on random problems fast and plain agree, and the validator with both",
     holds_on_random_problems},
};

int main(void)
{
    return wb_test_run("solver property", cases, WB_TEST_COUNT(cases));
}
