/*
 * What Karpenter does when EC2 takes a spot machine back: the queue's message, a drain that PDBs
 * hold up and nothing hurries, another pool for the replacement.
 */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

#define SPOT "{key: karpenter.sh/capacity-type, operator: In, values: [spot]}"

static wb_karpenter_fixture fixture;
static wb_spot_weather weather;
static wb_spot_weather_event event;

/* Two pods on one spot machine, which is warned at 300 s. */
static void begin(const wb_setting *settings, uint32_t setting_count)
{
    event = (wb_spot_weather_event){300000, UINT32_MAX, 0, 1};
    weather = wb_spot_weather_default();
    weather.events = &event;
    weather.event_count = 1;
    weather.shortage_ms = 0;
    wb_karpenter_fixture_init(&fixture,
                              &(wb_karpenter_fixture_options){.requirements = SPOT,
                                                              .weather = &weather,
                                                              .settings = settings,
                                                              .setting_count = setting_count});
    wb_karpenter_fixture_deploy(&fixture, "web", 2, 800, NULL);
    wb_karpenter_fixture_run(&fixture, 299999);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 1);
    event.zone = fixture.cloud.instances[0].zone; /* the other zone goes on selling */
    wb_text_clear(&fixture.story);
}

/* The message takes a second; the warned pool is left alone; Karpenter ends the machine itself, so
 * the hour that EC2 would have given is charged. */
static void drain_at_the_warning(void)
{
    begin(NULL, 0);
    wb_karpenter_fixture_run(&fixture, 500000);
    wb_karpenter_fixture_expect(&fixture, "claim,instance,pod",
                                "301000 pod web-0 terminating: interruption\n"
                                "301000 pod web-2 created\n"
                                "301000 pod web-1 terminating: interruption\n"
                                "301000 pod web-3 created\n"
                                "302000 pod web-0 gone: interruption\n"
                                "302000 pod web-1 gone: interruption\n"
                                "302000 claim 1 created: small spot us-east-1b\n"
                                "304000 claim 1 launched\n"
                                "306000 instance 0 ended: interruption\n"
                                "317000 claim 1 registered\n"
                                "322000 claim 1 initialized\n"
                                "322000 pod web-2 bound 1\n"
                                "322000 pod web-3 bound 1\n"
                                "322000 pod web-2 running\n"
                                "322000 pod web-3 running\n"
                                "336000 claim 0 gone: interruption\n");
    CU_ASSERT(strstr(wb_karpenter_fixture_story(&fixture, "decided"),
                     "301000 decided interruption: drain and delete") != NULL);
    CU_ASSERT(fixture.cloud.instances[0].cost_nusd > 0);
    wb_karpenter_fixture_release(&fixture);
}

/* A PDB holds the pods for longer than two minutes: they go with the machine. */
static void lose_what_a_budget_holds(void)
{
    begin(NULL, 0);
    wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 0");
    wb_karpenter_fixture_run(&fixture, 600000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].ended_ms, 420000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].cost_nusd, 0);
    wb_karpenter_fixture_expect(&fixture, "pod web-0",
                                "450000 pod web-0 terminating: interruption\n"
                                "450000 pod web-0 gone: interruption\n");
    CU_ASSERT(strstr(wb_karpenter_fixture_story(&fixture, "claim"), "claim 1 initialized") != NULL);
    wb_karpenter_fixture_release(&fixture);
}

/* Without a queue nobody hears: the same weather, found out when the machine is gone. */
static void be_deaf_without_a_queue(void)
{
    static const wb_setting settings[] = {{.name = "interruptionQueue", .value = "false"}};
    begin(settings, 1);
    wb_karpenter_fixture_run(&fixture, 600000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].notice_ms, 300000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[0].ended_ms, 420000);
    CU_ASSERT(strstr(wb_karpenter_fixture_story(&fixture, "decided"), "interruption") == NULL);
    wb_karpenter_fixture_expect(&fixture, "claim",
                                "450000 claim 0 gone: interruption\n"
                                "451000 claim 1 created: small spot us-east-1a\n"
                                "453000 claim 1 launched\n"
                                "466000 claim 1 registered\n"
                                "471000 claim 1 initialized\n");
    wb_karpenter_fixture_release(&fixture);
}

static const wb_test_case tests[] = {
    {"a warned machine is drained, another pool asked", drain_at_the_warning},
    {"what a budget holds goes with the machine", lose_what_a_budget_holds},
    {"without a queue nothing is heard", be_deaf_without_a_queue},
};

int main(void)
{
    return wb_test_run("karpenter_interruption", tests, WB_TEST_COUNT(tests));
}
