/* Launches that the API refuses: tried again, and given up. */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

/* A gate that refuses the calls of one action until a time. */
typedef struct refusal {
    wb_cloud_action action;
    int64_t until_ms;
} refusal;

static const char *check(void *context, wb_cloud_call *call)
{
    const refusal *one = context;
    return call->action == one->action && fixture.kernel.now_ms < one->until_ms
               ? "RequestLimitExceeded"
               : NULL;
}

static void begin(refusal *one)
{
    wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){0});
    wb_cloud_api_set_gate(&fixture.cloud.api, WB_CLOUD_GATE_THROTTLE, &(wb_cloud_gate){one, check});
}

/* Tried at 1 s, after 1, 2 and 4 s more. */
static void try_again_with_a_back_off(void)
{
    refusal one = {WB_CLOUD_CREATE_FLEET, 5000};
    begin(&one);
    (void)wb_karpenter_fixture_pod(&fixture, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 30000);
    wb_karpenter_fixture_expect(&fixture, "error,claim",
                                "1000 error CreateFleet: RequestLimitExceeded: \n"
                                "2000 error CreateFleet: RequestLimitExceeded: \n"
                                "4000 error CreateFleet: RequestLimitExceeded: \n"
                                "8000 claim 0 created: small on-demand us-east-1a\n"
                                "10000 claim 0 launched\n"
                                "23000 claim 0 registered\n"
                                "28000 claim 0 initialized\n");
    wb_karpenter_fixture_release(&fixture);
}

/* Five minutes after the first try the NodeClaim is given up; its pod goes round again and is the
 * first of another five. */
static void give_up_after_five_minutes(void)
{
    refusal one = {WB_CLOUD_CREATE_FLEET, 400000};
    begin(&one);
    (void)wb_karpenter_fixture_pod(&fixture, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 600000);
    const char *story = wb_karpenter_fixture_story(&fixture, "decided");
    CU_ASSERT_PTR_NOT_NULL(strstr(story, "301000 decided launch-timeout: NodeClaim deleted"));
    CU_ASSERT_PTR_NULL(strstr(strstr(story, "launch-timeout") + 1, "launch-timeout"));
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 1);
    CU_ASSERT(wb_karpenter_fixture_claim(&fixture, 0).initialized_ms > 400000);
    CU_ASSERT(wb_cloud_api_error_count(&fixture.cloud.api) > 10);
    wb_karpenter_fixture_release(&fixture);
}

/* A node whose instance could not be told to end is told again; it stays drained. */
static void tell_again_to_end(void)
{
    refusal one = {WB_CLOUD_TERMINATE_INSTANCES, 130000};
    wb_karpenter_fixture_init(&fixture,
                              &(wb_karpenter_fixture_options){.template_spec = "expireAfter: 2m"});
    wb_cloud_api_set_gate(&fixture.cloud.api, WB_CLOUD_GATE_THROTTLE,
                          &(wb_cloud_gate){&one, check});
    (void)wb_karpenter_fixture_pod(&fixture, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 180000);
    wb_karpenter_fixture_expect(&fixture, "error,instance",
                                "126000 error TerminateInstances: RequestLimitExceeded: small\n"
                                "127000 error TerminateInstances: RequestLimitExceeded: small\n"
                                "129000 error TerminateInstances: RequestLimitExceeded: small\n"
                                "133000 instance 0 ended: expiration\n");
    wb_karpenter_fixture_release(&fixture);
}

/* Errors that say that there is no room hide the offering for three minutes; any other is an error
 * of the launch, which is tried again with the same offerings. */
static void hide_only_what_has_no_room(void)
{
    static const wb_market_point until_six[] = {{0, 0}, {6000, WB_MARKET_UNLIMITED}};
    wb_market_capacity nothing = {
        .series = {WB_MARKET_ANY_TYPE, WB_MARKET_ANY_ZONE, until_six, 2},
        .markets = 1U << WB_CAPACITY_ON_DEMAND,
        .code = "SpotMaxPriceTooLow",
    };
    wb_market market = wb_market_none();
    market.capacities = &nothing;
    market.capacity_count = 1;
    const wb_karpenter_fixture_options options = {.market = &market};
    wb_karpenter_fixture_init(&fixture, &options);
    (void)wb_karpenter_fixture_pod(&fixture, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 300000);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).created_ms, 8000);
    wb_karpenter_fixture_release(&fixture);
    nothing.code = "UnfulfillableCapacity";
    wb_karpenter_fixture_init(&fixture, &options);
    (void)wb_karpenter_fixture_pod(&fixture, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 300000);
    CU_ASSERT(wb_karpenter_fixture_claim(&fixture, 0).created_ms > 180000);
    wb_karpenter_fixture_release(&fixture);
}

/* One pod of three is left of a medium node, and the call for the small one in its place is
 * refused from 105 s, when the command begins, until a time. */
static void begin_to_replace(refusal *one)
{
    const wb_karpenter_fixture_options options = {
        .disruption = "consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s"};
    wb_karpenter_fixture_init(&fixture, &options);
    wb_karpenter_fixture_deploy(&fixture, "web", 3, 1000, NULL);
    wb_karpenter_fixture_run(&fixture, 60000);
    wb_karpenter_fixture_scale(&fixture, "web", 1);
    wb_karpenter_fixture_run(&fixture, 60000);
    wb_cloud_api_set_gate(&fixture.cloud.api, WB_CLOUD_GATE_THROTTLE, &(wb_cloud_gate){one, check});
}

static void wait_for_a_replacement(void)
{
    refusal one = {WB_CLOUD_CREATE_FLEET, 110000};
    begin_to_replace(&one);
    wb_karpenter_fixture_run(&fixture, 120000);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 200000);
    CU_ASSERT_PTR_NOT_NULL(strstr(wb_karpenter_fixture_story(&fixture, "decided"),
                                  "105000 decided single-node consolidation: replace 1 node by one "
                                  "whose launch was refused: RequestLimitExceeded\n"));
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 1).created_ms, 112000);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).cause, WB_CAUSE_CONSOLIDATION);
    wb_karpenter_fixture_release(&fixture);
}

/* Refused for five minutes the replacement is given up: the taint goes, the pods stay. */
static void give_up_a_replacement(void)
{
    refusal one = {WB_CLOUD_CREATE_FLEET, 500000};
    begin_to_replace(&one);
    wb_karpenter_fixture_run(&fixture, 404000);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 405000);
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    CU_ASSERT_PTR_NOT_NULL(strstr(wb_karpenter_fixture_story(&fixture, "decided"),
                                  "405000 decided launch-timeout: NodeClaim deleted"));
    CU_ASSERT_EQUAL(fixture.cluster.eviction_count, 0);
    wb_karpenter_fixture_run(&fixture, 1000000); /* what it found then, it finds again */
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).cause, WB_CAUSE_CONSOLIDATION);
    wb_karpenter_fixture_release(&fixture);
}

static const wb_test_case tests[] = {
    {"only offerings without room are hidden", hide_only_what_has_no_room},
    {"a refused replacement is waited for", wait_for_a_replacement},
    {"and given up after five minutes too", give_up_a_replacement},
    {"a refused launch is tried again", try_again_with_a_back_off},
    {"and given up after five minutes", give_up_after_five_minutes},
    {"a refused end is told again", tell_again_to_end},
};

int main(void)
{
    return wb_test_run("karpenter_launch", tests, WB_TEST_COUNT(tests));
}
