/* What Karpenter does at each kind of message beside the interruption: recommendation, maintenance,
 * failed status checks. */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

static const char *const any_market =
    "{key: karpenter.sh/capacity-type, operator: In, values: [spot, on-demand]}";

static void begin(const wb_fault *fault, const char *template_spec)
{
    wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){
                                            .requirements = any_market,
                                            .template_spec = template_spec,
                                            .faults = fault,
                                            .fault_count = fault != NULL ? 1 : 0,
                                        });
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 1800, NULL);
}

/* A recommendation is noted; the node and its pod stay. */
static void note_recommendations(void)
{
    begin(NULL, NULL);
    wb_karpenter_fixture_run(&fixture, 60000);
    fixture.cloud.client.rebalance_recommended(fixture.cloud.client.context,
                                               wb_karpenter_fixture_claim(&fixture, 0).instance_id);
    wb_karpenter_fixture_run(&fixture, 300000);
    CU_ASSERT_PTR_NOT_NULL(strstr(wb_karpenter_fixture_story(&fixture, "decided"),
                                  "60000 decided rebalance-recommendation: noted\n"));
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).gone_ms, -1);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 1);
    wb_karpenter_fixture_release(&fixture);
}

/* Announced at 60 s: the message takes a second, the NodeClaim is drained like any other, and a PDB
 * holds it; what is still there when the time has come goes with the machine. */
static void drain_for_maintenance(void)
{
    const wb_fault fault = {.kind = WB_FAULT_MAINTENANCE,
                            .at_ms = 60000,
                            .for_ms = WB_MS_PER_HOUR,
                            .share = 1.0,
                            .count = 1};
    for (int is_held = 0; is_held < 2; is_held++) {
        begin(&fault, NULL);
        if (is_held != 0) {
            wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 0");
        }
        wb_karpenter_fixture_run(&fixture, 2 * WB_MS_PER_HOUR);
        const char *story = wb_karpenter_fixture_story(&fixture, "decided,instance");
        CU_ASSERT_PTR_NOT_NULL(strstr(story, "61000 decided maintenance: drain and delete\n"));
        const char *end = is_held != 0 ? "3660000 instance 0 ended: instance-lost"
                                       : " instance 0 ended: node-repair";
        CU_ASSERT_PTR_NOT_NULL(strstr(story, end));
        CU_ASSERT_EQUAL(fixture.cloud.instances[0].ended_ms == 3660000, is_held != 0);
        CU_ASSERT(wb_karpenter_fixture_claim_count(&fixture) >= 2);
        wb_karpenter_fixture_release(&fixture);
    }
}

/* Impaired at 70 s, so for two minutes at 190 s; the poll of 240 s finds it. No PDB holds it. */
static void delete_impaired_by_force(void)
{
    const wb_fault fault = {
        .kind = WB_FAULT_IMPAIRED, .at_ms = 70000, .for_ms = -1, .share = 1.0, .count = 1};
    begin(&fault, NULL);
    wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 0");
    wb_karpenter_fixture_run(&fixture, 300000);
    const char *story = wb_karpenter_fixture_story(&fixture, "decided,instance");
    CU_ASSERT_PTR_NOT_NULL(strstr(story, "240000 decided impaired: delete at once\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(story, " instance 0 ended: node-repair\n"));
    CU_ASSERT(fixture.cloud.instances[0].ended_ms < 260000);
    wb_karpenter_fixture_release(&fixture);
}

/* One that has recovered after a minute and a half is left alone. */
static void forgive_what_has_recovered(void)
{
    const wb_fault fault = {
        .kind = WB_FAULT_IMPAIRED, .at_ms = 70000, .for_ms = 90000, .share = 1.0, .count = 1};
    begin(&fault, NULL);
    wb_karpenter_fixture_run(&fixture, 600000);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).gone_ms, -1);
    CU_ASSERT_PTR_NULL(strstr(wb_karpenter_fixture_story(&fixture, "decided"), "impaired"));
    wb_karpenter_fixture_release(&fixture);
}

/* A node that turns NotReady takes no pods in the solver's picture: a new pod gets a new node. */
static void make_room_beside_silent_nodes(void)
{
    const wb_fault fault = {.kind = WB_FAULT_NOT_READY,
                            .at_ms = 60000,
                            .for_ms = WB_MS_PER_HOUR,
                            .share = 1.0,
                            .count = 1};
    wb_karpenter_fixture_init(&fixture,
                              &(wb_karpenter_fixture_options){.faults = &fault, .fault_count = 1});
    (void)wb_karpenter_fixture_pod(&fixture, "a", 500);
    wb_karpenter_fixture_run(&fixture, 70000);
    const uint32_t late = wb_karpenter_fixture_pod(&fixture, "b", 500);
    wb_karpenter_fixture_run(&fixture, 120000);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 2);
    CU_ASSERT_EQUAL(fixture.cluster.pods.state[late], WB_POD_STATE_RUNNING);
    wb_karpenter_fixture_release(&fixture);
}

static const wb_test_case tests[] = {
    {"recommendations are noted", note_recommendations},
    {"maintenance drains", drain_for_maintenance},
    {"impaired machines go by force", delete_impaired_by_force},
    {"unless they recover", forgive_what_has_recovered},
    {"silent nodes take no pods", make_room_beside_silent_nodes},
};

int main(void)
{
    return wb_test_run("karpenter_messages", tests, WB_TEST_COUNT(tests));
}
