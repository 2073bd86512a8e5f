/*
 * Karpenter's NodeClaims: what nodes look like, which pods they are for, what limits and empty
 * stocks do to a launch, and what ends one early. Sources: spec/scheduling.md section 12,
 * spec/disruption.md sections 16, 18 and 19.
 */
#include <string.h>

#include "kube/names.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

static void begin(const wb_karpenter_fixture_options *options)
{
    wb_karpenter_fixture_init(&fixture, options);
}

static uint32_t add_at(int64_t at_ms, const char *name, int64_t cpu_milli)
{
    wb_karpenter_fixture_run(&fixture, at_ms);
    return wb_karpenter_fixture_pod(&fixture, name, cpu_milli);
}

static void expect(const char *words, const char *expected)
{
    wb_karpenter_fixture_expect(&fixture, words, expected);
}

static void end(void)
{
    wb_karpenter_fixture_release(&fixture);
}

/* Why the contender has no place for a pod. */
static const char *reason_of(uint32_t pod_id)
{
    static char reason[256];
    reason[0] = 0;
    const wb_autoscaler_ops *ops = wb_autoscaler_find("karpenter");
    (void)ops->explain_pod(fixture.self, pod_id, reason, sizeof reason);
    return reason;
}

/* ---- labels and taints ---- */

static const struct {
    const char *key, *value;
} label_rows[] = {
    {"team", "a"},
    {"tier", "back"},
    {"karpenter.sh/nodepool", "default"},
    {"karpenter.k8s.aws/ec2nodeclass", "default"},
    {"karpenter.sh/capacity-type", "on-demand"},
    {"karpenter.sh/registered", "true"},
    {"karpenter.sh/initialized", "true"},
    {"node.kubernetes.io/instance-type", "small"},
    {"topology.kubernetes.io/zone", "us-east-1b"},
    {"topology.kubernetes.io/region", "us-east-1"},
    {"kubernetes.io/arch", "amd64"},
    {"kubernetes.io/os", "linux"},
    {"karpenter.k8s.aws/instance-cpu", "2"},
};

static void label_nodes(void)
{
    begin(&(wb_karpenter_fixture_options){
        .template_metadata = "labels: {team: a}",
        .requirements = "{key: topology.kubernetes.io/zone, operator: In, values: [us-east-1b]},"
                        "{key: tier, operator: In, values: [front, back]},"
                        "{key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}"});
    add_at(0, "a", 1000);
    wb_karpenter_fixture_run(&fixture, 30000);
    for (size_t i = 0; i < WB_TEST_COUNT(label_rows); i++) {
        const char *value = wb_karpenter_fixture_label(&fixture, 0, label_rows[i].key);
        if (strcmp(value, label_rows[i].value) != 0) {
            printf("\n  %s: %s", label_rows[i].key, value);
        }
        CU_ASSERT_STRING_EQUAL(value, label_rows[i].value);
    }
    end();
}

static void keep_pods_off_tainted_pools(void)
{
    begin(&(wb_karpenter_fixture_options){
        .template_spec = "taints: [{key: dedicated, value: x, effect: NoSchedule}]"});
    const uint32_t plain = add_at(0, "plain", 1000);
    wb_karpenter_fixture_deploy(&fixture, "tolerant", 1, 1000,
                                "tolerations: [{key: dedicated, operator: Exists}]");
    wb_karpenter_fixture_run(&fixture, 16000); /* registered at 16 s */
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "dedicated"));
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/unregistered"));
    wb_karpenter_fixture_run(&fixture, 30000);
    expect("pod", "0 pod plain created\n"
                  "0 pod tolerant-0 created\n"
                  "21000 pod tolerant-0 bound 0\n"
                  "21000 pod tolerant-0 running\n");
    CU_ASSERT_STRING_EQUAL(reason_of(plain),
                           "Karpenter: it does not tolerate the taints of a NodePool");
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "dedicated"));
    end();
}

/* Pods need not tolerate startup taints to be planned for; they are bound once these are off. */
static void take_startup_taints_off(void)
{
    begin(&(wb_karpenter_fixture_options){.template_spec =
                                              "startupTaints: [{key: agent, effect: NoSchedule}]"});
    add_at(0, "a", 1000);
    wb_karpenter_fixture_run(&fixture, 27999);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "agent"));
    CU_ASSERT(wb_karpenter_fixture_node(&fixture, 0)->is_ready);
    CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_label(&fixture, 0, "karpenter.sh/initialized"), "");
    wb_karpenter_fixture_run(&fixture, 60000);
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "agent"));
    expect("claim,pod", "0 pod a created\n"
                        "1000 claim 0 created: small on-demand us-east-1a\n"
                        "3000 claim 0 launched\n"
                        "16000 claim 0 registered\n"
                        "28000 claim 0 initialized\n"
                        "28000 pod a bound 0\n"
                        "28000 pod a running\n");
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 1);
    end();
}

/* ---- limits ---- */

static void stop_at_the_limit(void)
{
    begin(&(wb_karpenter_fixture_options){.limits = "cpu: 4"});
    add_at(0, "a", 1800);
    add_at(0, "b", 1800);
    const uint32_t left = add_at(0, "c", 1800);
    wb_karpenter_fixture_run(&fixture, 100000);
    expect("claim", "1000 claim 0 created: medium on-demand us-east-1a\n"
                    "3000 claim 0 launched\n"
                    "16000 claim 0 registered\n"
                    "21000 claim 0 initialized\n");
    CU_ASSERT_EQUAL(fixture.cluster.pending_count, 1);
    CU_ASSERT_STRING_EQUAL(reason_of(left), "Karpenter: a NodePool's limits are used up");
    end();
}

/* A node on its way out does not count against the limit: its successor may come at once. */
static void leave_out_deleting_nodes(void)
{
    begin(&(wb_karpenter_fixture_options){.limits = "cpu: 2", .template_spec = "expireAfter: 1m"});
    add_at(0, "a", 1800);
    add_at(32400, "b", 1800);
    wb_karpenter_fixture_run(&fixture, 70000);
    expect("claim,instance", "1000 claim 0 created: small on-demand us-east-1a\n"
                             "3000 claim 0 launched\n"
                             "16000 claim 0 registered\n"
                             "21000 claim 0 initialized\n"
                             "62000 claim 1 created: small on-demand us-east-1a\n"
                             "64000 claim 1 launched\n"
                             "66000 instance 0 ended: expiration\n");
    end();
}

/* ---- stock ---- */

/* What the fleet was refused is hidden for three minutes and until the cache is swept, every ten
 * seconds, also when another offering served. Then it is tried again, first by name. */
static void pass_over_empty_stock(void)
{
    begin(&(wb_karpenter_fixture_options){0});
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1a", WB_CAPACITY_ON_DEMAND, false);
    add_at(0, "a", 1800);
    add_at(60000, "b", 1800);
    add_at(185000, "c", 1800); /* expired at 181 s, swept at 190 s */
    add_at(190000, "d", 1800);
    wb_karpenter_fixture_run(&fixture, 191000);
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1a", WB_CAPACITY_ON_DEMAND, true);
    add_at(300000, "e", 1800); /* hidden again until 380 s */
    add_at(380000, "f", 1800);
    wb_karpenter_fixture_run(&fixture, 382000);
    CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).zone, "us-east-1b");
    expect("error", "1000 error CreateFleet: InsufficientInstanceCapacity: small\n"
                    "191000 error CreateFleet: InsufficientInstanceCapacity: small\n");
    static const char *const zones[] = {"us-east-1b", "us-east-1b", "us-east-1b",
                                        "us-east-1b", "us-east-1b", "us-east-1a"};
    CU_ASSERT_EQUAL_FATAL(wb_karpenter_fixture_claim_count(&fixture), WB_TEST_COUNT(zones));
    for (uint32_t i = 0; i < WB_TEST_COUNT(zones); i++) {
        CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_claim(&fixture, i).zone, zones[i]);
        CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_claim(&fixture, i).instance_type, "small");
    }
    end();
}

/* With nothing of a market in stock the call fails; there is no fall-back inside it. The pods go
 * round again, now without those offerings, and get the other market. */
static void fall_back_to_on_demand(void)
{
    begin(&(wb_karpenter_fixture_options){
        .requirements =
            "{key: karpenter.sh/capacity-type, operator: In, values: [spot, on-demand]}"});
    static const char *const types[] = {"small", "medium", "large"};
    for (size_t i = 0; i < WB_TEST_COUNT(types); i++) {
        wb_karpenter_fixture_stock(&fixture, types[i], "us-east-1a", WB_CAPACITY_SPOT, false);
        wb_karpenter_fixture_stock(&fixture, types[i], "us-east-1b", WB_CAPACITY_SPOT, false);
    }
    const uint32_t pod_id = add_at(0, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 12000);
    expect("claim", "11000 claim 0 created: small on-demand us-east-1a\n");
    CU_ASSERT_EQUAL(wb_cloud_api_error_count(&fixture.cloud.api), 1);
    CU_ASSERT_EQUAL(fixture.cluster.pods.state[pod_id], WB_POD_STATE_PENDING);
    end();
}

/* ---- early ends ---- */

/* The notice hides the offering and deletes the NodeClaim: taint, drain, a successor elsewhere. */
static void leave_interrupted_nodes(void)
{
    begin(&(wb_karpenter_fixture_options){
        .requirements = "{key: karpenter.sh/capacity-type, operator: In, values: [spot]}"});
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 1800, NULL);
    wb_karpenter_fixture_run(&fixture, 59000); /* the queue's message takes a second */
    fixture.cloud.client.interruption_notice(fixture.cloud.client.context,
                                             wb_karpenter_fixture_claim(&fixture, 0).instance_id);
    wb_karpenter_fixture_run(&fixture, 60000);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 100000);
    expect("claim,instance,pod", "0 pod web-0 created\n"
                                 "1000 claim 0 created: small spot us-east-1a\n"
                                 "3000 claim 0 launched\n"
                                 "16000 claim 0 registered\n"
                                 "21000 claim 0 initialized\n"
                                 "21000 pod web-0 bound 0\n"
                                 "21000 pod web-0 running\n"
                                 "60000 pod web-0 terminating: interruption\n"
                                 "60000 pod web-1 created\n"
                                 "61000 pod web-0 gone: interruption\n"
                                 "61000 claim 1 created: small spot us-east-1b\n"
                                 "63000 claim 1 launched\n"
                                 "65000 instance 0 ended: interruption\n"
                                 "76000 claim 1 registered\n"
                                 "81000 claim 1 initialized\n"
                                 "81000 pod web-1 bound 1\n"
                                 "81000 pod web-1 running\n"
                                 "95000 claim 0 gone: interruption\n");
    end();
}

/* A NodeClaim that expires while its launch is under way leaves the provisioner able to work. */
static void survive_a_launch_that_was_cut_short(void)
{
    begin(&(wb_karpenter_fixture_options){.template_spec = "expireAfter: 1s"});
    add_at(0, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 45000);
    expect("claim,instance", "1000 claim 0 created: small on-demand us-east-1a\n"
                             "2000 instance 0 ended: expiration\n"
                             "32000 claim 0 gone: expiration\n"
                             "41000 claim 1 created: small on-demand us-east-1a\n"
                             "42000 instance 1 ended: expiration\n");
    end();
}

/* ---- DaemonSets ---- */

/* A DaemonSet that is applied later is room that the next node must have. */
static void make_room_for_daemons(void)
{
    begin(&(wb_karpenter_fixture_options){0});
    add_at(0, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 30000);
    wb_karpenter_fixture_apply(
        &fixture,
        "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {"
        " selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}},"
        " spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 500m}}}]}}}}");
    add_at(31000, "b", 1800);
    wb_karpenter_fixture_run(&fixture, 60000);
    expect("claim", "1000 claim 0 created: small on-demand us-east-1a\n"
                    "3000 claim 0 launched\n"
                    "16000 claim 0 registered\n"
                    "21000 claim 0 initialized\n"
                    "32000 claim 1 created: medium on-demand us-east-1a\n"
                    "34000 claim 1 launched\n"
                    "47000 claim 1 registered\n"
                    "52000 claim 1 initialized\n");
    CU_ASSERT_EQUAL(wb_karpenter_fixture_node(&fixture, 1)->pod_count, 2);
    end();
}

/* The nodes that were there are known to the new world with what runs on them: a pod that fits on
 * none of them gets a node, one that fits gets none. */
static void know_old_nodes_in_the_new_world(void)
{
    begin(&(wb_karpenter_fixture_options){0});
    add_at(0, "a", 1000);
    wb_karpenter_fixture_run(&fixture, 30000);
    wb_karpenter_fixture_apply(
        &fixture,
        "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {"
        " selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}},"
        " spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 300m}}}]}}}}");
    add_at(31000, "b", 800); /* 1.0 + 0.3 + 0.8 > 2 */
    add_at(31000, "c", 500); /* 1.0 + 0.3 + 0.5 */
    wb_karpenter_fixture_run(&fixture, 60000);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 2);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 1).pod_count, 1);
    CU_ASSERT_EQUAL(fixture.cluster.pending_count, 0);
    end();
}

static const wb_test_case cases[] = {
    {"nodes carry the labels of pool, type, offering and requirements", label_nodes},
    {"pods stay off pools whose taints they do not tolerate", keep_pods_off_tainted_pools},
    {"startup taints are off when the node is initialised", take_startup_taints_off},
    {"nothing is launched beyond a limit", stop_at_the_limit},
    {"nodes that are being deleted do not count against a limit", leave_out_deleting_nodes},
    {"an offering without stock is hidden for three minutes", pass_over_empty_stock},
    {"pods of a failed launch go round again", fall_back_to_on_demand},
    {"an interruption notice moves pods to another offering", leave_interrupted_nodes},
    {"a launch that is cut short blocks nothing", survive_a_launch_that_was_cut_short},
    {"a DaemonSet applied later makes nodes larger", make_room_for_daemons},
    {"a new world knows the old nodes", know_old_nodes_in_the_new_world},
};

int main(void)
{
    return wb_test_run("karpenter claims", cases, WB_TEST_COUNT(cases));
}
