/*
 * What becomes of NodeClaims that don't start, of nodes that fall ill and of machines that die; and
 * static NodePools. Source: spec/disruption.md sections 13, 15, 16, 18.
 */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

static const wb_setting repair[] = {{.name = "nodeRepair", .value = "true"}};
static const wb_setting no_queue[] = {{.name = "interruptionQueue", .value = "false"}};
static const wb_setting keep[] = {{.name = "staticCapacity", .value = "true"}};

/* Kubernetes leaves such pods on a node whose kubelet is silent. */
#define STAYS \
    "tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute}]"

/* Nodes of one pod each, initialised at 30 s; pods of a Deployment. */
static void begin(const wb_karpenter_fixture_options *options, int32_t nodes)
{
    wb_karpenter_fixture_init(&fixture, options);
    wb_karpenter_fixture_run(&fixture, 9000);
    wb_karpenter_fixture_deploy(&fixture, "web", nodes, 7000, STAYS);
}

static void expect(const char *words, const char *expected)
{
    wb_karpenter_fixture_expect(&fixture, words, expected);
}

static void end(void)
{
    wb_karpenter_fixture_release(&fixture);
}

#define FAULT(fault_kind, at, lasts, how_many)                                                    \
    {                                                                                             \
        .kind = (fault_kind), .at_ms = (at), .for_ms = (lasts), .share = 1.0, .count = (how_many) \
    }

/* ---- node repair ---- */

/* Of five nodes one (20 %) or two are ill from 100 s on. A silent kubelet does not say that its pod
 * has stopped: the drain gives that up a minute after the pod's grace period, which is a second. */
static const struct {
    const char *name;
    bool is_on;
    const char *condition;
    wb_fault fault;
    const char *expected; /* of machines that end */
} repair_cases[] = {
    {"the gate is off", false, NULL, FAULT(WB_FAULT_NOT_READY, 100000, -1, 1), ""},
    {"not ready for half an hour", true, NULL, FAULT(WB_FAULT_NOT_READY, 100000, -1, 1),
     "1962000 instance 0 ended: node-repair\n"},
    {"ready again before", true, NULL, FAULT(WB_FAULT_NOT_READY, 100000, 1700000, 1), ""},
    {"more than 20 % are ill", true, NULL, FAULT(WB_FAULT_NOT_READY, 100000, -1, 2), ""},
    {"an accelerator, ten minutes", true, "AcceleratedHardwareReady",
     FAULT(WB_FAULT_CONDITION, 100000, -1, 1), "705000 instance 0 ended: node-repair\n"},
    {"a condition that nobody repairs", true, "CoffeeReady",
     FAULT(WB_FAULT_CONDITION, 100000, -1, 1), ""},
};

static void repair_nodes(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(repair_cases); i++) {
        begin(&(wb_karpenter_fixture_options){.settings = repair_cases[i].is_on ? repair : NULL,
                                              .setting_count = repair_cases[i].is_on ? 1 : 0,
                                              .faults = &repair_cases[i].fault,
                                              .fault_count = 1,
                                              .fault_condition = repair_cases[i].condition},
              5);
        /* neither a PDB nor do-not-disrupt holds up a repair */
        wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 0");
        wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR);
        printf("\n    %s", repair_cases[i].name);
        expect("instance", repair_cases[i].expected);
        end();
    }
}

/* Two of five are ill, one of them recovers at 2000 s: the other one goes at the next look, five
 * minutes after that of 1900 s. */
static void repair_when_the_pool_is_well(void)
{
    const wb_fault faults[] = {FAULT(WB_FAULT_NOT_READY, 100000, 1900000, 1),
                               FAULT(WB_FAULT_NOT_READY, 100001, -1, 1)};
    begin(&(wb_karpenter_fixture_options){.settings = repair,
                                          .setting_count = 1,
                                          .faults = faults,
                                          .fault_count = 2},
          5);
    wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR);
    expect("instance", "2262001 instance 1 ended: node-repair\n");
    end();
}

/* ---- liveness ---- */

/* The machine never joins: after 15 minutes its NodeClaim goes, and the pods get another one. */
static void give_up_on_registration(void)
{
    const wb_fault fault = FAULT(WB_FAULT_NEVER_REGISTERS, 0, 60000, 1);
    begin(&(wb_karpenter_fixture_options){.faults = &fault, .fault_count = 1}, 1);
    wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR);
    expect("claim,instance", "10000 claim 0 created: large on-demand us-east-1a\n"
                             "12000 claim 0 launched\n"
                             "910000 instance 0 ended: launch-failed\n"
                             "920000 claim 1 created: large on-demand us-east-1a\n"
                             "922000 claim 1 launched\n"
                             "935000 claim 1 registered\n"
                             "940000 claim 0 gone: launch-failed\n"
                             "940000 claim 1 initialized\n");
    end();
}

/* A call that is not back after five minutes. */
static void give_up_on_launch(void)
{
    begin(&(wb_karpenter_fixture_options){.api_ms = 6 * WB_MS_PER_MINUTE}, 1);
    wb_karpenter_fixture_run(&fixture, 400000);
    expect("instance", "310000 instance 0 ended: launch-failed\n");
    end();
}

/* A replacement that never joins fails its command after ten minutes: the node takes pods again. */
static void roll_back_without_replacement(void)
{
    const wb_fault fault = FAULT(WB_FAULT_NEVER_REGISTERS, 100000, -1, 1);
    const wb_karpenter_fixture_change change = {.at_ms = 100000,
                                                .template_metadata = "labels: {team: b}"};
    begin(&(wb_karpenter_fixture_options){.faults = &fault,
                                          .fault_count = 1,
                                          .changes = &change,
                                          .change_count = 1},
          1);
    wb_karpenter_fixture_run(&fixture, 701999);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 702000);
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 1010000);
    CU_ASSERT_EQUAL(fixture.cluster.eviction_count, 0);
    expect("instance", "1002000 instance 1 ended: launch-failed\n");
    end();
}

/* ---- machines that die ---- */

static const struct {
    const char *name;
    const wb_setting *settings;
    const char *expected;
} lost_cases[] = {
    {"the queue tells within a second: a new node is made while the old one shuts down", NULL,
     "100000 instance 0 ended: instance-lost\n"
     "102000 claim 1 created: large on-demand us-east-1a\n"
     "104000 claim 1 launched\n"
     "117000 claim 1 registered\n"
     "122000 claim 1 initialized\n"
     "130000 claim 0 gone: instance-lost\n"},
    {"without a queue the Node's end tells", no_queue,
     "100000 instance 0 ended: instance-lost\n"
     "130000 claim 0 gone: instance-lost\n"
     "131000 claim 1 created: large on-demand us-east-1a\n"
     "133000 claim 1 launched\n"
     "146000 claim 1 registered\n"
     "151000 claim 1 initialized\n"},
};

static void replace_lost_machines(void)
{
    const wb_fault fault = FAULT(WB_FAULT_LOST, 100000, -1, 1);
    for (size_t i = 0; i < WB_TEST_COUNT(lost_cases); i++) {
        begin(&(wb_karpenter_fixture_options){.faults = &fault,
                                              .fault_count = 1,
                                              .settings = lost_cases[i].settings,
                                              .setting_count =
                                                  lost_cases[i].settings != NULL ? 1 : 0},
              1);
        wb_karpenter_fixture_run(&fixture, 99999);
        wb_text_clear(&fixture.story);
        wb_karpenter_fixture_run(&fixture, 300000);
        printf("\n    %s", lost_cases[i].name);
        expect("claim,instance", lost_cases[i].expected);
        CU_ASSERT_EQUAL(fixture.cluster.running_count, 1);
        end();
    }
}

/* ---- static pools ---- */

#define POOL(replicas, label, limits)                                                       \
    "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: fixed}, spec: {"        \
    "replicas: " #replicas ", template: {metadata: {labels: {v: " label "}}, spec: {"       \
    "requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}]," \
    " nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}}},"       \
    " disruption: {consolidateAfter: 0s, budgets: [{nodes: \"100%\"}]}, limits: {" limits "}}}"

/* Two nodes are there without any pod, the cheapest type, and stay although they are empty. */
static void keep_a_number_of_nodes(void)
{
    wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){
                                            .more_pools = POOL(2, "a", ""),
                                            .settings = keep,
                                            .setting_count = 1,
                                        });
    wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR);
    expect("claim,instance", "0 claim 0 created: small on-demand us-east-1a\n"
                             "0 claim 1 created: small on-demand us-east-1a\n"
                             "2000 claim 0 launched\n"
                             "2000 claim 1 launched\n"
                             "15000 claim 0 registered\n"
                             "15000 claim 1 registered\n"
                             "20000 claim 0 initialized\n"
                             "20000 claim 1 initialized\n");
    end();
}

static const struct {
    const char *name, *before, *after, *expected; /* told from the change at 100 s on */
} static_cases[] = {
    {"more", POOL(1, "a", ""), POOL(2, "a", ""),
     "100000 claim 1 created: small on-demand us-east-1a\n"},
    {"more than the limit allows", POOL(1, "a", ""), POOL(9, "a", "nodes: 2"),
     "100000 claim 1 created: small on-demand us-east-1a\n"},
    {"fewer: those with pods stay", POOL(2, "a", ""), POOL(1, "a", ""),
     "105000 instance 1 ended: scale-down\n"},
    {"drift: a new one, then the old one goes", POOL(1, "a", ""), POOL(1, "b", ""),
     "102000 claim 1 created: small on-demand us-east-1a\n"
     "102000 decided static drift: replace 1 node by small on-demand\n"
     "128000 instance 0 ended: drift\n"},
    {"no drift beyond the limit", POOL(1, "a", "nodes: 1"), POOL(1, "b", "nodes: 1"), ""},
};

static void follow_changes_of_replicas(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(static_cases); i++) {
        const wb_karpenter_fixture_change change = {.at_ms = 100000,
                                                    .more_pools = static_cases[i].after};
        wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){
                                                .more_pools = static_cases[i].before,
                                                .settings = keep,
                                                .setting_count = 1,
                                                .changes = &change,
                                                .change_count = 1,
                                            });
        wb_karpenter_fixture_run(&fixture, 50000);
        (void)wb_karpenter_fixture_pod(&fixture, "one", 1000);
        wb_karpenter_fixture_run(&fixture, 99999);
        wb_text_clear(&fixture.story);
        wb_karpenter_fixture_run(&fixture, 400000);
        printf("\n    %s", static_cases[i].name);
        expect("claim 1 created:,instance,decided static drift:", static_cases[i].expected);
        end();
    }
}

static const wb_test_case cases[] = {
    {"ill nodes are repaired, when few are", repair_nodes},
    {"a repair waits until most of the pool are well", repair_when_the_pool_is_well},
    {"what is not registered in a quarter of an hour goes", give_up_on_registration},
    {"what is not launched in five minutes goes", give_up_on_launch},
    {"a command whose replacement fails is taken back", roll_back_without_replacement},
    {"machines that die are replaced", replace_lost_machines},
    {"a static pool keeps its number of nodes", keep_a_number_of_nodes},
    {"and follows its changes", follow_changes_of_replicas},
};

int main(void)
{
    return wb_test_run("karpenter health", cases, WB_TEST_COUNT(cases));
}
