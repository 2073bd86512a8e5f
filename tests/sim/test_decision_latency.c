/*
 * The time that decisions take: the model at the points that were measured, what it cuts off, and
 * what a contender makes of it.
 */
#include "sim/autoscaler/decision_latency.h"
#include "sim/autoscaler/karpenter/karpenter.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static const wb_decision_latency measured = {.percent = 100};
static const wb_decision_latency none = {.percent = 0};

/* Measured with 400 types and no nodes; the tables of types are in the measurement, so a world
 * without types is asked for. Between points the line, beyond the last the last line. */
static const struct {
    uint32_t pods, preferring, nodes, types;
    int64_t expected_ms;
} solves[] = {
    {0, 0, 0, 0, 0},          {1000, 0, 0, 0, 2240},     {500, 0, 0, 0, 1120},
    {3500, 0, 0, 0, 12385},   {5000, 0, 0, 0, 18700},    {20000, 0, 0, 0, 109000},
    {30000, 0, 0, 0, 179600}, {4000, 4000, 0, 0, 87400}, {1000, 0, 0, 1345, 2420},
    {1000, 0, 1000, 0, 2590},
};

/* Cluster Autoscaler: pods, controllers, groups, nodes, nodes that it tried to empty; limits. */
static const struct {
    wb_decision_loop size;
    int64_t expected_ms;
} loops[] = {
    {{10000, 1, 20, 0, 0, 0, 0}, 10116},        {{10000, 500, 20, 0, 0, 0, 0}, 38060},
    {{10000, 9000, 10, 0, 0, 0, 0}, 19030},     {{0, 0, 20, 1000, 20, 0, 0}, 180},
    {{0, 0, 20, 1000, 683, 0, 0}, 1440}, /* measured: 1.50 s */
    {{10000, 500, 20, 0, 0, 1900, 0}, 38000},   {{10000, 500, 20, 0, 0, 1904, 0}, 38060},
    {{10000, 500, 20, 0, 0, 0, 30000}, 30448}, /* 16 groups of 1.903 s: the last began at 28.5 */
    {{10000, 500, 20, 0, 0, 1000, 5000}, 5000},
};

static void the_measured_points(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(solves); i++) {
        const wb_decision_size size = {solves[i].pods, solves[i].preferring, solves[i].nodes,
                                       solves[i].types};
        CU_ASSERT_EQUAL(wb_decision_latency_solve_ms(&measured, &size), solves[i].expected_ms);
        CU_ASSERT_EQUAL(wb_decision_latency_solve_ms(&none, &size), 0);
        const wb_decision_latency twice = {.percent = 200};
        CU_ASSERT_EQUAL(wb_decision_latency_solve_ms(&twice, &size), solves[i].expected_ms * 2);
    }
    /* tight 100 and 300 nodes: 0.215 and 0.29 s a removal */
    CU_ASSERT_EQUAL(wb_decision_latency_removal_ms(&measured, 100, 1345), 215);
    CU_ASSERT_EQUAL(wb_decision_latency_removal_ms(&measured, 300, 1345), 285);
    /* 20 groups: 10,000 equal pods 10.06 s, of 500 controllers 38.06 s; 1,000 nodes 0.18 s */
    for (size_t i = 0; i < WB_TEST_COUNT(loops); i++) {
        CU_ASSERT_EQUAL(wb_decision_latency_loop_ms(&measured, &loops[i].size),
                        loops[i].expected_ms);
        CU_ASSERT_EQUAL(wb_decision_latency_loop_ms(&none, &loops[i].size), 0);
    }
}

/* What is in time takes no longer than the limit, and one more would. */
static void the_limits(void)
{
    const wb_decision_size size = {20000, 4000, 50, 400};
    const uint32_t count = wb_decision_latency_pods_in_time(&measured, &size);
    wb_decision_size part = size;
    part.pod_count = count;
    part.preferring_count = count / 5;
    CU_ASSERT_TRUE(wb_decision_latency_solve_ms(&measured, &part) <= 60000);
    part.pod_count = count + 5;
    part.preferring_count = count / 5 + 1;
    CU_ASSERT_TRUE(wb_decision_latency_solve_ms(&measured, &part) > 60000);
    const wb_decision_size few = {100, 0, 0, 400};
    CU_ASSERT_EQUAL(wb_decision_latency_pods_in_time(&measured, &few), 100);
    CU_ASSERT_EQUAL(wb_decision_latency_removals_in_time(&measured, 300, 1345, 180000), 631);
    CU_ASSERT_EQUAL(wb_decision_latency_removals_in_time(&measured, 100, 1345, 1), 1);
    CU_ASSERT_EQUAL(wb_decision_latency_removals_in_time(&none, 300, 1345, 180000), 0);
}

/* The same of Cluster Autoscaler's estimates and attempts to empty nodes. */
static void the_limits_of_a_loop(void)
{
    const uint32_t count = wb_decision_latency_pods_estimated(&measured, 10000, 500, 1000);
    CU_ASSERT_TRUE(wb_decision_latency_estimate_ms(&measured, count, count / 20) <= 1000);
    CU_ASSERT_TRUE(wb_decision_latency_estimate_ms(&measured, count + 20, count / 20 + 1) > 1000);
    CU_ASSERT_EQUAL(wb_decision_latency_pods_estimated(&measured, 10000, 500, 2000), 0);
    CU_ASSERT_EQUAL(wb_decision_latency_pods_estimated(&measured, 10000, 500, 0), 0);
    CU_ASSERT_EQUAL(wb_decision_latency_pods_estimated(&none, 10000, 500, 1), 0);
    CU_ASSERT_EQUAL(wb_decision_latency_emptied_in_time(&measured, 30000), 15789);
    CU_ASSERT_EQUAL(wb_decision_latency_emptied_in_time(&measured, 1), 1);
    CU_ASSERT_EQUAL(wb_decision_latency_emptied_in_time(&none, 30000), 0);
}

static wb_karpenter_fixture fixture;

/* At a hundred times the measured time a pod takes 264 ms (2.24 ms and 0.4 for three types). Who
 * comes while the first is solved for has a window that opens when that is done; it closes while
 * the claim has no instance, and is lost; the next one opens with the pod's next trigger. */
static void claims_come_later(void)
{
    const wb_karpenter_fixture_options options = {.latency_percent = 10000};
    wb_karpenter_fixture_init(&fixture, &options);
    (void)wb_karpenter_fixture_pod(&fixture, "a", 1500);
    wb_karpenter_fixture_run(&fixture, 1100);
    (void)wb_karpenter_fixture_pod(&fixture, "b", 1500);
    wb_karpenter_fixture_run(&fixture, 13000);
    wb_karpenter_fixture_expect(&fixture, "claim,decided",
                                "1000 decided solve: 1 of 1 pods in 0.264 s\n"
                                "1264 claim 0 created: small on-demand us-east-1a\n"
                                "1264 decided provision: default-00000: small on-demand in "
                                "us-east-1a, $0.1000/h\n"
                                "3264 claim 0 launched\n"
                                "11000 decided solve: 2 of 2 pods in 0.523 s\n"
                                "11523 claim 1 created: small on-demand us-east-1a\n"
                                "11523 decided provision: default-00001: small on-demand in "
                                "us-east-1a, $0.1000/h\n");
    wb_karpenter_fixture_release(&fixture);
}

/* Pods that a cut-off solve did not get to are placed by the next one. */
static void a_cut_off_solve_goes_on(void)
{
    const wb_karpenter_fixture_options options = {.latency_percent = 10000};
    wb_karpenter_fixture_init(&fixture, &options);
    wb_karpenter_fixture_deploy(&fixture, "web", 400, 1500, NULL);
    wb_karpenter_fixture_run(&fixture, 400000);
    const uint32_t count = wb_karpenter_fixture_claim_count(&fixture);
    uint32_t pods = 0;
    int64_t last_ms = 0;
    for (uint32_t i = 0; i < count; i++) {
        const wb_claim_view claim = wb_karpenter_fixture_claim(&fixture, i);
        pods += claim.pod_count;
        last_ms = claim.created_ms;
    }
    CU_ASSERT_EQUAL(pods, 400);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).created_ms, 61000);
    CU_ASSERT_TRUE(last_ms > 120000);
    wb_karpenter_fixture_release(&fixture);
}

/* One pod of three is left of a medium node. A removal simulated takes 0.075 s at a hundred times
 * the measured time (40 ms for three types, 35 for a node), and so does the look at it 15 s later.
 */
static void a_look_again_takes_its_time(void)
{
    const wb_karpenter_fixture_options options = {
        .latency_percent = 10000,
        .disruption = "consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s"};
    wb_karpenter_fixture_init(&fixture, &options);
    wb_karpenter_fixture_deploy(&fixture, "web", 3, 1000, NULL);
    wb_karpenter_fixture_run(&fixture, 60000);
    wb_karpenter_fixture_scale(&fixture, "web", 1);
    wb_karpenter_fixture_run(&fixture, 300000);
    wb_command_view command = {0};
    CU_ASSERT_FATAL(wb_karpenter_ops.view_command(fixture.self, 0, &command));
    CU_ASSERT_STRING_EQUAL(command.state, "done");
    CU_ASSERT_EQUAL(command.started_ms - command.found_ms, 15075);
    wb_karpenter_fixture_release(&fixture);
}

/* Two nodes of one pod each drift at 100 s. One removal simulated takes 0.110 s at a hundred times
 * the measured time, with a third node 0.145 s: so much later the first replacement is bought, and
 * the second after the search for it. */
static void drift_takes_its_time(void)
{
    static const wb_karpenter_fixture_change change = {.at_ms = 100000,
                                                       .template_metadata = "labels: {team: b}"};
    const wb_karpenter_fixture_options options = {
        .latency_percent = 10000,
        .disruption = "consolidateAfter: Never, budgets: [{nodes: '2'}]",
        .changes = &change,
        .change_count = 1};
    wb_karpenter_fixture_init(&fixture, &options);
    wb_karpenter_fixture_deploy(&fixture, "web", 2, 7000, NULL);
    wb_karpenter_fixture_run(&fixture, 99999);
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, 300000);
    wb_karpenter_fixture_expect(&fixture, "claim,decided drift:",
                                "100110 claim 2 created: large on-demand us-east-1a\n"
                                "100110 decided drift: replace 1 node by large on-demand\n"
                                "102110 claim 2 launched\n"
                                "102255 claim 3 created: large on-demand us-east-1a\n"
                                "102255 decided drift: replace 1 node by large on-demand\n"
                                "104255 claim 3 launched\n"
                                "115110 claim 2 registered\n"
                                "117255 claim 3 registered\n"
                                "120110 claim 2 initialized\n"
                                "122255 claim 3 initialized\n"
                                "156110 claim 0 gone: drift\n"
                                "158255 claim 1 gone: drift\n");
    wb_command_view command = {0};
    CU_ASSERT_FATAL(wb_karpenter_ops.view_command(fixture.self, 0, &command));
    CU_ASSERT_EQUAL(command.started_ms, command.found_ms);
    wb_karpenter_fixture_release(&fixture);
}

/* A NodePool that changes back in the middle of the search: what was found for it is not done, and
 * the next pass finds nothing. */
static void a_change_ends_the_search(void)
{
    static const wb_karpenter_fixture_change changes[] = {
        {.at_ms = 100000, .template_metadata = "labels: {team: b}"},
        {.at_ms = 100050},
    };
    const wb_karpenter_fixture_options options = {.latency_percent = 10000,
                                                  .changes = changes,
                                                  .change_count = 2};
    wb_karpenter_fixture_init(&fixture, &options);
    wb_karpenter_fixture_deploy(&fixture, "web", 2, 7000, NULL);
    wb_karpenter_fixture_run(&fixture, 300000);
    wb_command_view command = {0};
    CU_ASSERT_FATAL(wb_karpenter_ops.view_command(fixture.self, 0, &command));
    CU_ASSERT_STRING_EQUAL(command.state, "rejected");
    CU_ASSERT_FALSE(wb_karpenter_ops.view_command(fixture.self, 1, &command));
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 2);
    wb_karpenter_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"drift takes its removals", drift_takes_its_time},
    {"a change of pools ends a search for drift", a_change_ends_the_search},
    {"validation takes one removal", a_look_again_takes_its_time},
    {"the model goes through the measured points", the_measured_points},
    {"time limits cut off", the_limits},
    {"and Cluster Autoscaler's", the_limits_of_a_loop},
    {"claims come when the solve is done", claims_come_later},
    {"a solve that is cut off goes on in the next", a_cut_off_solve_goes_on},
};

int main(void)
{
    return wb_test_run("decision latency", cases, WB_TEST_COUNT(cases));
}
