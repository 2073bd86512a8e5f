/*
 * The end of a NodeClaim under Karpenter: expiration, the order of a drain, PDBs and back-off,
 * terminationGracePeriod. Source: spec/disruption.md sections 15 and 17.
 *
 * All nodes here are made for pods of time 0, so their NodeClaims are created at 1 s; with an
 * expireAfter of 5 minutes their end begins at 301 s.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

static void begin(const wb_karpenter_fixture_options *options)
{
    wb_karpenter_fixture_init(&fixture, options);
}

static void expect(const char *words, const char *expected)
{
    wb_karpenter_fixture_expect(&fixture, words, expected);
}

/* Runs, and begins the story anew. */
static void run_untold(int64_t at_ms)
{
    wb_karpenter_fixture_run(&fixture, at_ms);
    wb_text_clear(&fixture.story);
}

static void end(void)
{
    wb_karpenter_fixture_release(&fixture);
}

/* Expiration waits for no replacement; that comes with the next batch. */
static void drain_expired_nodes(void)
{
    begin(&(wb_karpenter_fixture_options){.template_spec = "expireAfter: 5m"});
    wb_karpenter_fixture_deploy(&fixture, "web", 2, 800, NULL);
    run_untold(300999);
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 301000);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 400000);
    expect("claim,instance,pod", "301000 pod web-0 terminating: expiration\n"
                                 "301000 pod web-2 created\n"
                                 "301000 pod web-1 terminating: expiration\n"
                                 "301000 pod web-3 created\n"
                                 "302000 pod web-0 gone: expiration\n"
                                 "302000 pod web-1 gone: expiration\n"
                                 "302000 claim 1 created: small on-demand us-east-1a\n"
                                 "304000 claim 1 launched\n"
                                 "306000 instance 0 ended: expiration\n"
                                 "317000 claim 1 registered\n"
                                 "322000 claim 1 initialized\n"
                                 "322000 pod web-2 bound 1\n"
                                 "322000 pod web-3 bound 1\n"
                                 "322000 pod web-2 running\n"
                                 "322000 pod web-3 running\n"
                                 "336000 claim 0 gone: expiration\n");
    end();
}

static void end_unregistered_machines_at_once(void)
{
    begin(&(wb_karpenter_fixture_options){.template_spec = "expireAfter: 10s"});
    wb_karpenter_fixture_pod(&fixture, "a", 800);
    wb_karpenter_fixture_run(&fixture, 11000);
    expect("claim,instance", "1000 claim 0 created: small on-demand us-east-1a\n"
                             "3000 claim 0 launched\n"
                             "11000 instance 0 ended: expiration\n");
    end();
}

/* Back-off per pod: 100 ms, doubling to 10 s. The drain itself looks each second. */
static void wait_for_a_pdb(void)
{
    begin(&(wb_karpenter_fixture_options){.template_spec = "expireAfter: 5m"});
    wb_karpenter_fixture_deploy(&fixture, "web", 2, 800, NULL);
    wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 1");
    run_untold(300000);
    wb_karpenter_fixture_run(&fixture, 325500);
    expect("refused,instance,pod", "301000 pod web-0 terminating: expiration\n"
                                   "301000 pod web-2 created\n"
                                   "301000 refused web-1\n"
                                   "301100 refused web-1\n"
                                   "301300 refused web-1\n"
                                   "301700 refused web-1\n"
                                   "302000 pod web-0 gone: expiration\n"
                                   "302500 refused web-1\n"
                                   "304100 refused web-1\n"
                                   "307300 refused web-1\n"
                                   "313700 refused web-1\n"
                                   "322000 pod web-2 bound 1\n"
                                   "322000 pod web-2 running\n"
                                   "323700 pod web-1 terminating: expiration\n"
                                   "323700 pod web-3 created\n"
                                   "323700 pod web-3 bound 1\n"
                                   "323700 pod web-3 running\n"
                                   "324700 pod web-1 gone: expiration\n"
                                   "325000 instance 0 ended: expiration\n");
    end();
}

/* A pod held by a PDB that never gives way; the node's deadline is at 361 s. */
static const struct {
    const char *name, *template_spec, *pod_spec;
    int64_t stop_ms;
    const char *expected;
} deadline_cases[] = {
    {"a pod is forced at the retry after its grace period would pass the deadline",
     "expireAfter: 5m, terminationGracePeriod: 1m", NULL, 1000,
     "333700 pod web-0 terminating: expiration\n"
     "334700 pod web-0 gone: expiration\n"
     "335000 instance 0 ended: expiration\n"},
    {"a longer grace period goes sooner", "expireAfter: 5m, terminationGracePeriod: 1m",
     "terminationGracePeriodSeconds: 50", 1000,
     "313700 pod web-0 terminating: expiration\n"
     "314700 pod web-0 gone: expiration\n"
     "315000 instance 0 ended: expiration\n"},
    {"one beyond the deadline is cut to it", "expireAfter: 5m, terminationGracePeriod: 1m",
     "terminationGracePeriodSeconds: 600", 600000,
     "301000 pod web-0 terminating: expiration\n"
     "361000 pod web-0 gone: expiration\n"
     "361000 instance 0 ended: expiration\n"},
    {"the cut is to whole seconds", "expireAfter: 5m, terminationGracePeriod: 1m", NULL, 600000,
     "333700 pod web-0 terminating: expiration\n"
     "360700 pod web-0 gone: expiration\n"
     "361000 instance 0 ended: expiration\n"},
    {"without a deadline the PDB holds", "expireAfter: 5m", NULL, 1000, ""},
};

static void let_deadlines_beat_pdbs(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(deadline_cases); i++) {
        begin(&(wb_karpenter_fixture_options){.template_spec = deadline_cases[i].template_spec,
                                              .pod_stop_ms = deadline_cases[i].stop_ms});
        wb_karpenter_fixture_deploy(&fixture, "web", 1, 800, deadline_cases[i].pod_spec);
        wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 0");
        run_untold(300000);
        wb_karpenter_fixture_run(&fixture, 400000);
        printf("\n    %s", deadline_cases[i].name);
        expect("pod web-0,instance", deadline_cases[i].expected);
        end();
    }
}

/* A protected pod, by the value of its annotation; the deadline, if any, is at 361 s. The pod is
 * bound at 21 s. */
static const struct {
    const char *name, *template_spec, *value;
    const char *expected;
} protection_cases[] = {
    {"protected for good: until the deadline comes near",
     "expireAfter: 5m, terminationGracePeriod: 1m", "true",
     "333700 pod a terminating: expiration\n"
     "334700 pod a gone: expiration\n"
     "335000 instance 0 ended: expiration\n"},
    {"protected for good, no deadline: for good", "expireAfter: 5m", "true", ""},
    {"protected for 290 s from its start", "expireAfter: 5m", "290s",
     "313700 pod a terminating: expiration\n"
     "314700 pod a gone: expiration\n"
     "315000 instance 0 ended: expiration\n"},
    {"its time is over", "expireAfter: 5m", "2m",
     "301000 pod a terminating: expiration\n"
     "302000 pod a gone: expiration\n"
     "306000 instance 0 ended: expiration\n"},
    {"no duration and not true: not protected", "expireAfter: 5m", "yes",
     "301000 pod a terminating: expiration\n"
     "302000 pod a gone: expiration\n"
     "306000 instance 0 ended: expiration\n"},
};

static void respect_do_not_disrupt(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(protection_cases); i++) {
        begin(&(wb_karpenter_fixture_options){.template_spec = protection_cases[i].template_spec});
        char yaml[512];
        (void)snprintf(yaml, sizeof yaml,
                       "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {"
                       "karpenter.sh/do-not-disrupt: \"%s\"}}, spec: {containers: [{name: c,"
                       " image: i, resources: {requests: {cpu: 800m}}}]}}",
                       protection_cases[i].value);
        wb_karpenter_fixture_apply(&fixture, yaml);
        run_untold(300000);
        wb_karpenter_fixture_run(&fixture, 400000);
        printf("\n    %s", protection_cases[i].name);
        expect("pod,instance 0,refused", protection_cases[i].expected);
        end();
    }
}

/* What waits for good costs no events; when the pod is gone at last, the drain goes on. */
static void wait_for_protected_pods_idly(void)
{
    begin(&(wb_karpenter_fixture_options){0});
    wb_karpenter_fixture_apply(
        &fixture, "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {"
                  "karpenter.sh/do-not-disrupt: \"true\"}}, spec: {containers: [{name: c,"
                  " image: i, resources: {requests: {cpu: 800m}}}]}}");
    run_untold(300000);
    fixture.cloud.client.interruption_notice(fixture.cloud.client.context, 0);
    wb_karpenter_fixture_run(&fixture, 400000); /* a node for its pod has come */
    const uint64_t before = fixture.kernel.event_count;
    wb_karpenter_fixture_run(&fixture, 86400250);
    CU_ASSERT(fixture.kernel.event_count - before < 10);
    wb_cluster_delete_pod(&fixture.cluster, 0, WB_CAUSE_WORKLOAD);
    wb_karpenter_fixture_run(&fixture, 86410000);
    expect("pod,instance", "86400250 pod a terminating: workload\n"
                           "86401250 pod a gone: workload\n"
                           "86402000 instance 0 ended: interruption\n");
    end();
}

/* A pod that terminates already, with more time than the node has left, is cut short too. */
static void cut_short_what_terminates_already(void)
{
    begin(&(wb_karpenter_fixture_options){
        .template_spec = "expireAfter: 5m, terminationGracePeriod: 1m", .pod_stop_ms = 600000});
    wb_karpenter_fixture_apply(
        &fixture, "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {"
                  "terminationGracePeriodSeconds: 600, containers: [{name: c, image: i,"
                  " resources: {requests: {cpu: 800m}}}]}}");
    run_untold(290000);
    wb_cluster_delete_pod(&fixture.cluster, 0, WB_CAUSE_WORKLOAD);
    wb_karpenter_fixture_run(&fixture, 400000);
    expect("pod,instance", "290000 pod a terminating: workload\n"
                           "361000 pod a gone: workload\n"
                           "361000 instance 0 ended: expiration\n");
    end();
}

#define DAEMON(name, spec)                                                                 \
    "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: " name "}, spec: {"           \
    " selector: {matchLabels: {app: " name "}}, template: {metadata: {labels: {app: " name \
    "}}, spec: {" spec                                                                     \
    " containers: [{name: c, image: i, resources: {requests: {cpu: 10m}}}]}}}}\n---\n"

/* Ordinary pods go first, then daemons, then critical pods, then critical daemons: each group when
 * nothing is left of the one before. What tolerates the taint stays until the machine is gone. */
static void drain_in_groups(void)
{
    begin(&(wb_karpenter_fixture_options){.template_spec = "expireAfter: 5m", .pod_stop_ms = 2500});
    wb_karpenter_fixture_apply(&fixture,
                               DAEMON("log", "") DAEMON("net", "tolerations: [{operator: Exists}],")
                                   DAEMON("dns", "priorityClassName: system-node-critical,"));
    wb_karpenter_fixture_deploy(&fixture, "core", 1, 400,
                                "priorityClassName: system-cluster-critical");
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 400, NULL);
    run_untold(300000);
    wb_karpenter_fixture_run(&fixture, 350000);
    const char *told = wb_karpenter_fixture_story(&fixture, "pod");
    static const char *const lines[] = {"301000 pod web-0 terminating: expiration\n",
                                        "303500 pod web-0 gone: expiration\n",
                                        "304000 pod log-",
                                        "306500 pod log-",
                                        "307000 pod core-0 terminating: expiration\n",
                                        "309500 pod core-0 gone: expiration\n",
                                        "310000 pod dns-",
                                        "312500 pod dns-",
                                        /* the machine ended at 313 s */ "343000 pod net-"};
    for (size_t i = 0; i < WB_TEST_COUNT(lines); i++) {
        const char *found = strstr(told, lines[i]);
        if (found == NULL) {
            printf("\n  missing: %s", lines[i]);
        }
        CU_ASSERT_PTR_NOT_NULL(found);
    }
    expect("instance", "313000 instance 0 ended: expiration\n");
    end();
}

static void leave_tolerant_pods_alone(void)
{
    begin(&(wb_karpenter_fixture_options){.template_spec = "expireAfter: 5m"});
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 800,
                                "tolerations: [{key: karpenter.sh/disrupted, operator: Exists}]");
    run_untold(300000);
    wb_karpenter_fixture_run(&fixture, 336000);
    expect("instance,pod web-0", "306000 instance 0 ended: expiration\n"
                                 "336000 pod web-0 terminating: expiration\n"
                                 "336000 pod web-0 gone: expiration\n");
    end();
}

/* Its kubelet is silent from 250 s on. The pod is evicted and replaced at once, but nobody confirms
 * its end: it is waited for until a minute after its grace period of 30 s, at a look strictly
 * later. As an object it goes with its node. */
static void give_up_on_silent_kubelets(void)
{
    const wb_fault fault = {
        .kind = WB_FAULT_NOT_READY, .at_ms = 250000, .for_ms = -1, .share = 1.0, .count = 1};
    begin(&(wb_karpenter_fixture_options){
        .template_spec = "expireAfter: 5m", .faults = &fault, .fault_count = 1});
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 800, NULL);
    run_untold(300000);
    wb_karpenter_fixture_run(&fixture, 500000);
    expect("instance,pod web-0", "301000 pod web-0 terminating: expiration\n"
                                 "392000 instance 0 ended: expiration\n"
                                 "422000 pod web-0 gone: expiration\n");
    end();
}

/* The same with a deadline, which is before that: the pod has a second then, and its minute. */
static void give_up_on_silent_kubelets_at_a_deadline(void)
{
    const wb_fault fault = {
        .kind = WB_FAULT_NOT_READY, .at_ms = 250000, .for_ms = -1, .share = 1.0, .count = 1};
    begin(&(wb_karpenter_fixture_options){.template_spec =
                                              "expireAfter: 5m, terminationGracePeriod: 10s",
                                          .faults = &fault,
                                          .fault_count = 1});
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 800, NULL);
    wb_karpenter_fixture_run(&fixture, 500000);
    expect("instance 0 ended:", "372000 instance 0 ended: expiration\n");
    end();
}

static const wb_test_case cases[] = {
    {"an expired node is drained, its pods' new place comes with the next batch",
     drain_expired_nodes},
    {"a machine without a node is ended at once", end_unregistered_machines_at_once},
    {"a pod that a PDB holds is tried again with back-off", wait_for_a_pdb},
    {"a deadline beats PDBs", let_deadlines_beat_pdbs},
    {"do-not-disrupt holds a pod, for a time or until the deadline", respect_do_not_disrupt},
    {"waiting for a protected pod costs nothing", wait_for_protected_pods_idly},
    {"a pod that terminates already is held to the deadline", cut_short_what_terminates_already},
    {"a node is drained group by group", drain_in_groups},
    {"pods that tolerate the taint are not waited for", leave_tolerant_pods_alone},
    {"pods of a silent kubelet are waited for, for a minute", give_up_on_silent_kubelets},
    {"and less with a deadline", give_up_on_silent_kubelets_at_a_deadline},
};

int main(void)
{
    return wb_test_run("karpenter termination", cases, WB_TEST_COUNT(cases));
}
