/*
 * The cost forecast of scenarios/published/cost-forecast: what twenty minutes cost on x86, on
 * Graviton, and with five services moved; docs/fidelity.md compares.
 */
#include "tests/harness.h"
#include "tests/scenarios/published_fixture.h"

#define FORECAST(which) "cost-forecast/scenario-" which ".yaml"
#define COST            "select round(cost_nusd / 1e9, 2) from figures where run_id = ?1"
#define MOST_NODES      "select nodes_max from figures where run_id = ?1"
#define MAIN_TYPE                                                                               \
    "select instance_type from instances where run_id = ?1 group by 1 order by count(*) desc, " \
    "1 limit 1"

static const wb_published_row rows[] = {
    {"cost", FORECAST("graviton"), 0, 1, COST, "113.44"},
    {"nodes", FORECAST("graviton"), 0, 1, MOST_NODES, "231"},
    {"main type", FORECAST("graviton"), 0, 1, MAIN_TYPE, "m6g.16xlarge"},
    {"cost", FORECAST("mixed"), 0, 1, COST, "123.14"},
    {"nodes", FORECAST("mixed"), 0, 1, MOST_NODES, "146"},
    {"main type", FORECAST("mixed"), 0, 1, MAIN_TYPE, "m6g.16xlarge"},
    {"cost", FORECAST("x86"), 0, 1, COST, "127.3"},
    {"nodes", FORECAST("x86"), 0, 1, MOST_NODES, "81"},
    {"main type", FORECAST("x86"), 0, 1, MAIN_TYPE, "m6a.48xlarge"},
};

static void test_costs(void)
{
    wb_published_fixture_check(rows, WB_TEST_COUNT(rows));
}

static const wb_test_case cases[] = {
    {"Graviton alone is cheapest, a part of it saves little", test_costs},
};

int main(void)
{
    return wb_test_run("published costs", cases, WB_TEST_COUNT(cases));
}
