/*
 * Karpenter's disruption as seen from outside: when a node is taken, what cancels that, what it
 * waits for. Times follow the loop's 10 s, the 15 s of validation and the queue's second; the pods
 * are made so that nodes are initialised on a multiple of 10 s. The pass of 10 s finds a NodeClaim
 * without instance, and so do its tries a second later; the one of 12 s, when the launch is back,
 * sets the raster: 22 s, 32 s. Source: spec/disruption.md sections 2, 5, 12 to 14.
 */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

/* A Deployment whose node is initialised at 30 s. */
static void begin(const char *disruption, int32_t replicas, int64_t cpu_milli)
{
    wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){.disruption = disruption});
    wb_karpenter_fixture_run(&fixture, 9000);
    wb_karpenter_fixture_deploy(&fixture, "web", replicas, cpu_milli, NULL);
}

static void scale_at(int64_t at_ms, const char *name, int32_t replicas)
{
    wb_karpenter_fixture_run(&fixture, at_ms);
    wb_karpenter_fixture_scale(&fixture, name, replicas);
}

static void expect(const char *words, const char *expected)
{
    wb_karpenter_fixture_expect(&fixture, words, expected);
}

static void end(void)
{
    wb_karpenter_fixture_release(&fixture);
}

/* Empty for consolidateAfter at 90 s, a pass at 92 s, validation 15 s later; the queue deletes
 * after a second, the drain takes its five. */
static void take_empty_nodes(void)
{
    begin("consolidationPolicy: WhenEmpty, consolidateAfter: 30s", 1, 1800);
    scale_at(60000, "web", 0);
    wb_karpenter_fixture_run(&fixture, 106999);
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 107000);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    wb_karpenter_fixture_run(&fixture, 200000);
    expect("claim,instance,decided emptiness:",
           "10000 claim 0 created: small on-demand us-east-1a\n"
           "12000 claim 0 launched\n"
           "25000 claim 0 registered\n"
           "30000 claim 0 initialized\n"
           "107000 decided emptiness: delete 1 node\n"
           "113000 instance 0 ended: emptiness\n"
           "143000 claim 0 gone: emptiness\n");
    end();
}

/* When a pod began to terminate counts, not when it was gone. */
static void count_from_the_last_pod_event(void)
{
    wb_karpenter_fixture_init(
        &fixture, &(wb_karpenter_fixture_options){
                      .disruption = "consolidationPolicy: WhenEmpty, consolidateAfter: 30s",
                      .pod_stop_ms = 25000});
    wb_karpenter_fixture_run(&fixture, 9000);
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 1800, NULL);
    scale_at(60000, "web", 0); /* gone at 85 s */
    wb_karpenter_fixture_run(&fixture, 200000);
    expect("decided emptiness:", "107000 decided emptiness: delete 1 node\n");
    end();
}

/* A pod that is bound while a command is looked at again keeps its node. The pass that failed is
 * followed by one ten seconds later, at 117 s, which sets the raster. */
static void give_way_to_new_pods(void)
{
    begin("consolidationPolicy: WhenEmpty, consolidateAfter: 30s", 1, 1800);
    scale_at(60000, "web", 0);
    wb_karpenter_fixture_run(&fixture, 95000);
    const uint32_t late = wb_karpenter_fixture_pod(&fixture, "late", 500);
    wb_karpenter_fixture_run(&fixture, 120000);
    expect("decided emptiness:,pod late", "95000 pod late created\n"
                                          "95000 pod late bound 0\n"
                                          "95000 pod late running\n");
    wb_cluster_delete_pod(&fixture.cluster, late, WB_CAUSE_WORKLOAD);
    wb_karpenter_fixture_run(&fixture, 200000);
    expect("decided emptiness:", "172000 decided emptiness: delete 1 node\n");
    end();
}

/* One pod of three is left of a medium node: a small one is bought first, and the old one is
 * drained when that is initialised (at 127 s, seen by the queue a second later). */
static void replace_before_deleting(void)
{
    begin("consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s", 3, 1000);
    scale_at(60000, "web", 1);
    wb_karpenter_fixture_run(&fixture, 60000);
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, 127500);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    expect("claim,instance,decided single-node consolidation:,pod web-0 terminating:",
           "107000 claim 1 created: small on-demand us-east-1a\n"
           "107000 decided single-node consolidation: replace 1 node by small on-demand\n"
           "109000 claim 1 launched\n"
           "122000 claim 1 registered\n"
           "127000 claim 1 initialized\n");
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, 200000);
    const char *told = wb_karpenter_fixture_story(&fixture, "pod");
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "128000 pod web-3 created\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "128000 pod web-3 bound 1\n"));
    expect("claim,instance", "133000 instance 0 ended: consolidation\n"
                             "163000 claim 0 gone: consolidation\n");
    end();
}

/* When no replacement can be launched the command is off: the taint goes, the pods stay. */
static void give_up_without_a_replacement(void)
{
    begin("consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s", 3, 1000);
    scale_at(60000, "web", 1);
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1a", WB_CAPACITY_ON_DEMAND, false);
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1b", WB_CAPACITY_ON_DEMAND, false);
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, 250000);
    expect("error", "107000 error CreateFleet: InsufficientInstanceCapacity: small\n"
                    "107000 error CreateFleet: InsufficientInstanceCapacity: small\n");
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "karpenter.sh/disrupted"));
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 1);
    CU_ASSERT_EQUAL(fixture.cluster.eviction_count, 0);
    wb_karpenter_fixture_pod(&fixture, "new", 500); /* the node takes pods again */
    wb_karpenter_fixture_run(&fixture, 251000);
    expect("pod new", "250000 pod new created\n"
                      "250000 pod new bound 0\n"
                      "250000 pod new running\n");
    end();
}

/* Two half-empty nodes: the pods of one fit on the other. */
static void move_pods_to_other_nodes(void)
{
    begin("consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s", 2, 900);
    wb_karpenter_fixture_run(&fixture, 39000);
    wb_karpenter_fixture_deploy(&fixture, "api", 2, 900, NULL);
    scale_at(90000, "web", 1);
    wb_karpenter_fixture_scale(&fixture, "api", 1);
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, 200000);
    expect("claim,instance,decided single-node consolidation:",
           "137000 decided single-node consolidation: delete 1 node\n"
           "143000 instance 0 ended: consolidation\n"
           "173000 claim 0 gone: consolidation\n");
    CU_ASSERT_EQUAL(fixture.cluster.pending_count, 0);
    CU_ASSERT_EQUAL(fixture.cluster.running_count, 2);
    end();
}

/* ---- budgets ---- */

/* Three empty nodes, one at a time: the next may go when the machine of the last was told to end
 * (173 s), which the pass after that sees. */
static void spend_budgets(void)
{
    begin("consolidationPolicy: WhenEmpty, consolidateAfter: 30s, budgets: [{nodes: \"1\"}]", 1,
          1800);
    wb_karpenter_fixture_run(&fixture, 39000);
    wb_karpenter_fixture_deploy(&fixture, "api", 1, 1800, NULL);
    wb_karpenter_fixture_run(&fixture, 69000);
    wb_karpenter_fixture_deploy(&fixture, "dbs", 1, 1800, NULL);
    scale_at(120000, "web", 0);
    wb_karpenter_fixture_scale(&fixture, "api", 0);
    wb_karpenter_fixture_scale(&fixture, "dbs", 0);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 3);
    wb_karpenter_fixture_run(&fixture, 300000);
    expect("decided emptiness:", "167000 decided emptiness: delete 1 node\n"
                                 "192000 decided emptiness: delete 1 node\n"
                                 "217000 decided emptiness: delete 1 node\n");
    end();
}

static const struct {
    const char *name, *budgets, *expected;
} budget_cases[] = {
    {"no budget given: 10 %, rounded up", "", "107000 decided emptiness: delete 1 node\n"},
    {"none allowed", "budgets: [{nodes: \"0\"}]", ""},
    {"none allowed of that kind", "budgets: [{nodes: \"0\", reasons: [Empty]}]", ""},
    {"none allowed of another kind", "budgets: [{nodes: \"0\", reasons: [Drifted]}]",
     "107000 decided emptiness: delete 1 node\n"},
    {"none allowed from two o'clock, for ten minutes",
     "budgets: [{nodes: \"0\", schedule: \"0 2 * * *\", duration: 10m}]",
     "677000 decided emptiness: delete 1 node\n"},
    {"none allowed from three o'clock on",
     "budgets: [{nodes: \"0\", schedule: \"0 3 * * *\", duration: 10m}]",
     "107000 decided emptiness: delete 1 node\n"},
};

/* Time 0 is 01:59, so the window of two o'clock is from 60 to 660 s. */
static void keep_budgets(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(budget_cases); i++) {
        char disruption[256];
        (void)snprintf(disruption, sizeof disruption,
                       "consolidationPolicy: WhenEmpty, consolidateAfter: 30s%s%s",
                       budget_cases[i].budgets[0] != 0 ? ", " : "", budget_cases[i].budgets);
        wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){
                                                .disruption = disruption,
                                                .epoch_unix_ms =
                                                    20000 * WB_MS_PER_DAY + 119 * WB_MS_PER_MINUTE,
                                            });
        wb_karpenter_fixture_run(&fixture, 9000);
        wb_karpenter_fixture_deploy(&fixture, "web", 1, 1800, NULL);
        scale_at(60000, "web", 0);
        wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR / 2);
        printf("\n    %s", budget_cases[i].name);
        expect("decided emptiness:", budget_cases[i].expected);
        end();
    }
}

/* ---- nominations ---- */

/* The pod that the node was made for triggered at 9, 19 and 29 s and was solved for a second later
 * each time, the last at 20 s: at 30 s it was bound. A nomination lasts twice the longest window,
 * here 40 s, so the node is nominated until 60 s. */
static void leave_nominated_nodes_alone(void)
{
    static const wb_setting settings[] = {{.name = "batchMaxDuration", .value = "20s"}};
    wb_karpenter_fixture_init(
        &fixture, &(wb_karpenter_fixture_options){
                      .disruption = "consolidationPolicy: WhenEmpty, consolidateAfter: 0s",
                      .settings = settings,
                      .setting_count = 1,
                  });
    wb_karpenter_fixture_run(&fixture, 9000);
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 1800, NULL);
    scale_at(30500, "web", 0);
    wb_karpenter_fixture_run(&fixture, 100000);
    expect("decided emptiness:", "77000 decided emptiness: delete 1 node\n");
    end();
}

/* A node that was bought for the pods of another stays while those are held there by a PDB. */
static void keep_what_was_bought_for_a_drain(void)
{
    begin("consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s,"
          " budgets: [{nodes: \"100%\"}]",
          1, 1800);
    wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 0");
    wb_karpenter_fixture_run(&fixture, 59000); /* the queue's message takes a second */
    fixture.cloud.client.interruption_notice(fixture.cloud.client.context, 0);
    wb_karpenter_fixture_run(&fixture, 60000);
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR);
    expect("claim,instance", "61000 claim 1 created: small on-demand us-east-1b\n"
                             "63000 claim 1 launched\n"
                             "76000 claim 1 registered\n"
                             "81000 claim 1 initialized\n");
    end();
}

/* ---- the nothing-changed memory ---- */

/* From 60 s on a small node is full, a medium one has a small pod and a large one. At 92 s all are
 * searched in vain, and that is remembered. Then the large pod goes, at 120 s. Its node is a
 * candidate from 150 s on, but that changes no state: it is found by the first search after five
 * minutes. */
static const struct {
    const char *name, *kind;
    int64_t scale_ms; /* to nothing; 0: it runs to completion in 60 s */
    const char *expected;
} memory_cases[] = {
    {"a pod that is deleted changes the state, in which the small node is searched in vain at once",
     "Deployment, metadata: {name: load}, spec: {selector: {matchLabels: {app: load}}, ", 120000,
     "437000 decided single-node consolidation: replace 1 node by small on-demand\n"},
    {"one that has run to completion does not change it: the state is that of 60 s",
     "Job, metadata: {name: load}, spec: {", 0,
     "377000 decided single-node consolidation: replace 1 node by small on-demand\n"},
};

static void remember_that_nothing_was_found(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(memory_cases); i++) {
        begin("consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s", 2, 900);
        wb_karpenter_fixture_run(&fixture, 39000);
        char yaml[640];
        (void)snprintf(yaml, sizeof yaml,
                       "{apiVersion: %s/v1, kind: %s template: {metadata: {labels: {app: load}},"
                       " spec: {%scontainers: [{name: c, image: i, resources: {requests: {cpu:"
                       " 2500m}}}]}}}}",
                       memory_cases[i].scale_ms > 0 ? "apps" : "batch", memory_cases[i].kind,
                       memory_cases[i].scale_ms > 0 ? "" : "restartPolicy: Never, ");
        wb_karpenter_fixture_apply(&fixture, yaml);
        wb_karpenter_fixture_deploy(&fixture, "api", 1, 900, NULL);
        if (memory_cases[i].scale_ms > 0) {
            scale_at(memory_cases[i].scale_ms, "load", 0);
        }
        wb_karpenter_fixture_run(&fixture, 600000);
        printf("\n    %s", memory_cases[i].name);
        expect("decided single-node consolidation:", memory_cases[i].expected);
        end();
    }
}

/* ---- what keeps a node ---- */

static const struct {
    const char *name, *metadata, *rule;
    bool is_taken;
} keeper_cases[] = {
    {"nothing", "", "maxUnavailable: 1", true},
    {"a PDB", "", "maxUnavailable: 0", false},
    {"do-not-disrupt for less than a minute", "annotations: {karpenter.sh/do-not-disrupt: \"40s\"}",
     "maxUnavailable: 1", true},
    {"do-not-disrupt", "annotations: {karpenter.sh/do-not-disrupt: \"true\"}", "maxUnavailable: 1",
     false},
};

/* A pod that would fit on a small node, on a medium one. */
static void leave_held_pods_alone(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(keeper_cases); i++) {
        begin("consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s", 1, 3000);
        char yaml[640];
        (void)snprintf(yaml, sizeof yaml,
                       "{apiVersion: apps/v1, kind: Deployment, metadata: {name: held}, spec: {"
                       "replicas: 1, selector: {matchLabels: {app: held}}, template: {"
                       "metadata: {labels: {app: held}, %s}, spec: {containers: [{name: c,"
                       " image: i, resources: {requests: {cpu: 900m}}}]}}}}",
                       keeper_cases[i].metadata);
        wb_karpenter_fixture_apply(&fixture, yaml);
        wb_karpenter_fixture_protect(&fixture, "held", keeper_cases[i].rule);
        scale_at(60000, "web", 0);
        wb_karpenter_fixture_run(&fixture, 200000);
        printf("\n    %s", keeper_cases[i].name);
        expect("decided single-node consolidation:",
               keeper_cases[i].is_taken
                   ? "107000 decided single-node consolidation: replace 1 node by small on-demand\n"
                   : "");
        end();
    }
}

/* Protected from 30 s on for five minutes, so a pass at 332 s is the first that may take the node;
 * the state is five minutes old by then. */
static void wait_for_protection_to_end(void)
{
    begin("consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s", 1, 3000);
    wb_karpenter_fixture_apply(
        &fixture,
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: held}, spec: {replicas: 1,"
        " selector: {matchLabels: {app: held}}, template: {metadata: {labels: {app: held},"
        " annotations: {karpenter.sh/do-not-disrupt: 5m}}, spec: {containers: [{name: c, image: i,"
        " resources: {requests: {cpu: 900m}}}]}}}}");
    scale_at(60000, "web", 0);
    wb_karpenter_fixture_run(&fixture, 600000);
    expect("decided single-node consolidation:",
           "347000 decided single-node consolidation: replace 1 node by small on-demand\n");
    end();
}

/* The template's annotation is the node's; on nodes it knows no times. */
static const struct {
    const char *name, *metadata, *expected;
} node_cases[] = {
    {"for good", "annotations: {karpenter.sh/do-not-disrupt: \"true\"}", ""},
    {"for a time, which is no value of a node's", "annotations: {karpenter.sh/do-not-disrupt: 24h}",
     "107000 decided emptiness: delete 1 node\n"},
};

static void leave_protected_nodes_alone(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(node_cases); i++) {
        wb_karpenter_fixture_init(
            &fixture, &(wb_karpenter_fixture_options){
                          .disruption = "consolidationPolicy: WhenEmpty, consolidateAfter: 30s",
                          .template_metadata = node_cases[i].metadata});
        wb_karpenter_fixture_run(&fixture, 9000);
        wb_karpenter_fixture_deploy(&fixture, "web", 1, 1800, NULL);
        scale_at(60000, "web", 0);
        wb_karpenter_fixture_run(&fixture, 400000);
        printf("\n    %s", node_cases[i].name);
        expect("decided emptiness:", node_cases[i].expected);
        end();
    }
}

static const wb_test_case cases[] = {
    {"an empty node is taken after its time, a pass and a validation", take_empty_nodes},
    {"the time counts from the last pod event", count_from_the_last_pod_event},
    {"a pod bound during validation cancels the command", give_way_to_new_pods},
    {"a node is drained when its replacement is initialised", replace_before_deleting},
    {"a command without replacement is taken back", give_up_without_a_replacement},
    {"pods move to nodes with room", move_pods_to_other_nodes},
    {"a budget is spent node by node", spend_budgets},
    {"budgets hold for their reasons and times", keep_budgets},
    {"nominated nodes are left alone", leave_nominated_nodes_alone},
    {"a node bought for a drain outlives the wait", keep_what_was_bought_for_a_drain},
    {"a search in vain is remembered until something changes", remember_that_nothing_was_found},
    {"held pods keep their node", leave_held_pods_alone},
    {"a pod's protection for a time runs out", wait_for_protection_to_end},
    {"a node is protected by its template", leave_protected_nodes_alone},
};

int main(void)
{
    return wb_test_run("karpenter commands", cases, WB_TEST_COUNT(cases));
}
