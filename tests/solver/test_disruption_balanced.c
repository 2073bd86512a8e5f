/*
 * The Balanced score on the worked examples of its design (facts/published-results.md §5), and what
 * it does to a search.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/solver/disruption_fixture.h"

/* The design counts pods only; its fractions leave out the constant of each node. */
static const struct {
    const char *name;
    double saving, cost, disruption, all_disruption;
    double score;
    bool is_accepted;
} worked_examples[] = {
    {"2xlarge with 3 pods to m7i.large", 7.26, 58.08, 3, 80, 3.33, true},
    {"delete an xlarge with 4 pods", 4.84, 58.08, 4, 80, 1.67, true},
    {"xlarge with 8 pods to large, mixed pool", 2.42, 58.08, 8, 80, 0.42, false},
    {"the same in a uniform pool is the boundary", 2.42, 48.40, 8, 80, 0.50, true},
    {"only an equal type fits", 0, 58.08, 10, 80, 0.00, false},
    {"a dearer one would", -1, 58.08, 10, 80, 0.00, false},
    {"the first row on a pool ten times as large", 7.26, 580.80, 3, 800, 3.33, true},
    {"delete 4 pods of a pool of 107", 4.84, 58.08, 4, 107, 2.23, true},
    {"of which 3 are dear to evict", 4.84, 58.08, 31, 107, 0.29, false},
    {"spot pool: delete 3 pods", 1.45, 14.50, 3, 80, 2.67, true},
    {"spot pool: delete 8 pods", 1.45, 14.50, 8, 80, 1.00, true},
    {"nothing to compare with", 1, 0, 1, 80, 0.00, false},
    {"nor here", 1, 10, 1, 0, 0.00, false},
};

static void worked_examples_by_table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(worked_examples); i++) {
        const wb_disruption_totals totals = {worked_examples[i].cost,
                                             worked_examples[i].all_disruption};
        const double score =
            wb_disruption_score(worked_examples[i].saving, worked_examples[i].disruption, totals);
        const bool is_accepted = score >= WB_DISRUPTION_SCORE_MIN;
        if (is_accepted != worked_examples[i].is_accepted) {
            printf("\n    %s: %.6f", worked_examples[i].name, score);
        }
        CU_ASSERT_DOUBLE_EQUAL(score, worked_examples[i].score, 0.005);
        CU_ASSERT_EQUAL(is_accepted, worked_examples[i].is_accepted);
    }
}

/* c7i, m7i and r7i, medium to 4xlarge, us-east-1: 15 price points. */
#define PRICE_POINTS 15

static void fill_prices(double prices[PRICE_POINTS])
{
    static const double large[] = {0.08925, 0.1008, 0.1323};
    static const double sizes[] = {0.5, 1, 2, 4, 8};
    for (size_t f = 0; f < 3; f++) {
        for (size_t s = 0; s < 5; s++) {
            prices[f * 5 + s] = large[f] * sizes[s];
        }
    }
}

/* Whether replacing one of six equal nodes passes; all disturb the same. */
static bool passes(double from, double to)
{
    const wb_disruption_totals totals = {6 * from, 6};
    return to < from && wb_disruption_score(from - to, 1, totals) >= WB_DISRUPTION_SCORE_MIN;
}

/* Takes from's chain a step further where another that it may move to has one as long. */
static void extend_chain(const double prices[PRICE_POINTS], int steps[PRICE_POINTS], size_t from)
{
    for (size_t to = 0; to < PRICE_POINTS; to++) {
        if (passes(prices[from], prices[to]) && steps[to] + 1 > steps[from]) {
            steps[from] = steps[to] + 1;
        }
    }
}

/* The longest chain of replacements from each price, cheapest first: a chain only goes down. */
static int longest_chain(const double prices[PRICE_POINTS])
{
    int steps[PRICE_POINTS] = {0};
    int longest = 0;
    for (size_t round = 0; round < PRICE_POINTS; round++) {
        for (size_t from = 0; from < PRICE_POINTS; from++) {
            extend_chain(prices, steps, from);
            longest = steps[from] > longest ? steps[from] : longest;
        }
    }
    return longest;
}

/* The design's enumeration for k = 2: 78 pairs of price points, no chain longer than 4 steps. */
static void enumeration_of_the_design(void)
{
    double prices[PRICE_POINTS];
    fill_prices(prices);
    int pairs = 0;
    for (size_t from = 0; from < PRICE_POINTS; from++) {
        for (size_t to = 0; to < PRICE_POINTS; to++) {
            pairs += passes(prices[from], prices[to]);
        }
    }
    CU_ASSERT_EQUAL(pairs, 78);
    CU_ASSERT_EQUAL(longest_chain(prices), 4);
}

/* A Balanced pool of ten equal nodes: nine that stay, full of so many pods, and "small", whose pods
 * would fit on a node of half the price. */
static wb_disruption_outcome search(wb_disruption_fixture *fixture, uint32_t pods,
                                    uint32_t small_pods)
{
    fixture->nodepools[0].consolidation_policy = WB_CONSOLIDATE_BALANCED;
    wb_disruption_fixture_start(fixture);
    for (uint32_t i = 0; i < 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), i == 0 ? "small" : "full-%u", i);
        const uint32_t node =
            wb_disruption_fixture_node(fixture, name, "default", 4, WB_NAME_ON_DEMAND);
        fixture->nodes[node].is_protected = i > 0;
        for (uint32_t p = 0; p < (i == 0 ? small_pods : pods); p++) {
            (void)wb_disruption_fixture_pod(fixture, node,
                                            i == 0 ? 1900 / small_pods : 3999 / pods);
        }
    }
    wb_disruption *picture = wb_disruption_fixture_look(fixture);
    const wb_disruption_totals *totals = wb_disruption_pool_totals(picture);
    CU_ASSERT_DOUBLE_EQUAL(totals[0].cost_usd_per_hour, 4.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(totals[0].disruption_cost, 10 + 9 * pods + small_pods, 1e-9);
    return wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE);
}

/* 4 pods a node: saving half a node's price is the boundary, 0.5 to 0.5, just as in the design. */
static void half_price_is_enough(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    const wb_disruption_outcome outcome = search(&fixture, 4, 4);
    CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
    CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_names(&fixture, &outcome.commands[0]), "small");
    CU_ASSERT_DOUBLE_EQUAL(outcome.commands[0].saving_usd_per_hour, 0.2, 1e-9);
    wb_disruption_fixture_release(&fixture);
}

/* With 5 pods it disturbs more than its share. */
static void one_pod_more_is_too_much(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    const wb_disruption_outcome outcome = search(&fixture, 4, 5);
    CU_ASSERT_EQUAL(outcome.command_count, 0);
    CU_ASSERT_EQUAL(outcome.simulation_count, 1);
    CU_ASSERT_FALSE(outcome.is_constrained);
    wb_disruption_fixture_release(&fixture);
}

/* Where not even a deletion could pass, nothing is simulated. */
static void hopeless_nodes_are_skipped(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    const wb_disruption_outcome outcome = search(&fixture, 1, 16);
    CU_ASSERT_EQUAL(outcome.command_count, 0);
    CU_ASSERT_EQUAL(outcome.simulation_count, 0);
    wb_disruption_fixture_release(&fixture);
}

/* What a node that is no candidate counts for: terminating and static pods too, finished and
 * DaemonSets' not. */
static void others_count_in_full(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    static const char *const names[] = {"candidate", "other"};
    for (size_t n = 0; n < 2; n++) {
        const uint32_t node =
            wb_disruption_fixture_node(&fixture, names[n], "default", 4, WB_NAME_ON_DEMAND);
        wb_disruption_pod *pods[5];
        for (size_t p = 0; p < 5; p++) {
            pods[p] = wb_disruption_fixture_pod(&fixture, node, 100);
        }
        pods[1]->is_terminating = true;
        pods[2]->owner_kind = WB_OWNER_NODE;
        pods[3]->owner_kind = WB_OWNER_DAEMON_SET;
        pods[4]->phase = WB_POD_FAILED;
    }
    fixture.nodes[1].is_protected = true;
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_DOUBLE_EQUAL(wb_disruption_pool_totals(picture)[0].disruption_cost, 2 + 4, 1e-12);
    fixture.nodes[0].is_protected = true;
    picture = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_DOUBLE_EQUAL(wb_disruption_pool_totals(picture)[0].disruption_cost, 0, 0.0);
    wb_disruption_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"the design's worked examples", worked_examples_by_table},
    {"the design's enumeration of replacements", enumeration_of_the_design},
    {"a replacement at half the price passes in a uniform pool", half_price_is_enough},
    {"with a pod more than others it does not", one_pod_more_is_too_much},
    {"nodes that can't pass are not simulated", hopeless_nodes_are_skipped},
    {"totals count more of nodes that are no candidates", others_count_in_full},
};

int main(void)
{
    return wb_test_run("Balanced consolidation", cases, WB_TEST_COUNT(cases));
}
