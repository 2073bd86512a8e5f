/*
 * Karpenter's batch window: when it closes, when a solve is put off, when a waiting pod triggers
 * again, what nodes in flight take. Source: spec/scheduling.md section 1.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

static void begin(const wb_karpenter_fixture_options *options)
{
    static const wb_karpenter_fixture_options plain;
    wb_karpenter_fixture_init(&fixture, options != NULL ? options : &plain);
}

/* A pod that takes a small node for itself, at at_ms. */
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

static void close_after_an_idle_second(void)
{
    begin(NULL);
    add_at(0, "a", 500);
    add_at(600, "b", 500);
    wb_karpenter_fixture_run(&fixture, 60000);
    expect("claim,pod", "0 pod a created\n"
                        "600 pod b created\n"
                        "1600 claim 0 created: small on-demand us-east-1a\n"
                        "3600 claim 0 launched\n"
                        "16600 claim 0 registered\n"
                        "21600 claim 0 initialized\n"
                        "21600 pod a bound 0\n"
                        "21600 pod b bound 0\n"
                        "21600 pod a running\n"
                        "21600 pod b running\n");
    end();
}

/* Twenty pods of half a second apart keep the window open for its ten seconds. They trigger again
 * from 10 s on, each in its turn, so the next window is as long, though the last comes at 12. */
static void close_after_ten_seconds(void)
{
    begin(NULL);
    for (int i = 0; i < 25; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "p%02d", i);
        add_at(500 * (int64_t)i, name, 100);
    }
    wb_karpenter_fixture_run(&fixture, 29000);
    expect("claim", "10000 claim 0 created: small on-demand us-east-1a\n"
                    "12000 claim 0 launched\n"
                    "20000 claim 1 created: small on-demand us-east-1a\n"
                    "22000 claim 1 launched\n"
                    "25000 claim 0 registered\n");
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).pod_count, 20);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 1).pod_count, 5);
    end();
}

static void keep_the_settings(void)
{
    static const wb_setting settings[] = {
        {.name = "batchIdleDuration", .value = "3s"},
        {.name = "batchMaxDuration", .value = "5s"},
    };
    begin(&(wb_karpenter_fixture_options){.settings = settings, .setting_count = 2});
    add_at(0, "a", 100);
    add_at(2000, "b", 100);
    add_at(4000, "c", 100); /* extends the window to 7 s by the idle rule, past its end at 5 s */
    wb_karpenter_fixture_run(&fixture, 5000);
    expect("claim", "5000 claim 0 created: small on-demand us-east-1a\n");
    end();
    begin(&(wb_karpenter_fixture_options){.settings = settings, .setting_count = 2});
    add_at(0, "a", 100);
    wb_karpenter_fixture_run(&fixture, 4000);
    expect("claim", "3000 claim 0 created: small on-demand us-east-1a\n");
    end();
}

/* A NodeClaim without an instance means that the state is not in step: the window that closes then
 * is lost, and the next one is opened by a pod's trigger, 10 s after its first. */
static void solve_nothing_while_a_launch_is_out(void)
{
    begin(NULL);
    add_at(0, "a", 1800);
    add_at(1200, "b", 1800);
    wb_karpenter_fixture_run(&fixture, 12000);
    expect("claim", "1000 claim 0 created: small on-demand us-east-1a\n"
                    "3000 claim 0 launched\n"
                    "11000 claim 1 created: small on-demand us-east-1a\n");
    end();
    begin(NULL); /* the launch is back when the window closes */
    add_at(0, "a", 1800);
    add_at(2100, "b", 1800);
    wb_karpenter_fixture_run(&fixture, 4000);
    expect("claim", "1000 claim 0 created: small on-demand us-east-1a\n"
                    "3000 claim 0 launched\n"
                    "3100 claim 1 created: small on-demand us-east-1a\n");
    end();
}

static void give_later_pods_to_nodes_in_flight(void)
{
    begin(NULL);
    add_at(0, "a", 500);
    add_at(5000, "b", 500);  /* launched */
    add_at(17000, "c", 500); /* registered */
    add_at(20000, "d", 600); /* does not fit any more */
    wb_karpenter_fixture_run(&fixture, 60000);
    expect("claim", "1000 claim 0 created: small on-demand us-east-1a\n"
                    "3000 claim 0 launched\n"
                    "16000 claim 0 registered\n"
                    "21000 claim 0 initialized\n"
                    "21000 claim 1 created: small on-demand us-east-1a\n"
                    "23000 claim 1 launched\n"
                    "36000 claim 1 registered\n"
                    "41000 claim 1 initialized\n");
    end();
}

/* Whatever makes the provisioner look again while nodes boot, no pod is bought a second node. */
static void buy_nothing_twice(void)
{
    begin(NULL);
    for (int i = 0; i < 6; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "big%d", i);
        add_at(0, name, 1500);
    }
    for (int i = 0; i < 8; i++) { /* each is gone before it could run: a change for the others */
        char name[16];
        (void)snprintf(name, sizeof name, "brief%d", i);
        const uint32_t pod_id = add_at(2000 + 2000 * (int64_t)i, name, 100);
        wb_karpenter_fixture_run(&fixture, 3000 + 2000 * (int64_t)i);
        wb_cluster_delete_pod(&fixture.cluster, pod_id, WB_CAUSE_WORKLOAD);
    }
    wb_karpenter_fixture_run(&fixture, 120000);
    CU_ASSERT_EQUAL(fixture.cluster.pending_count, 0);
    int64_t capacity_milli = 0;
    for (uint32_t i = 0; i < wb_karpenter_fixture_claim_count(&fixture); i++) {
        capacity_milli += wb_karpenter_fixture_node(&fixture, i)->allocatable[0];
        CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, i).created_ms, 1000);
    }
    CU_ASSERT(capacity_milli <= 12000); /* six times 1500 in nodes of 2, 4 or 8 */
    end();
}

/* What could help a refused pod brings it a look at its next trigger. A pod that comes meanwhile
 * does not wait for that. */
static void hold_up_nobody_for_a_refused_pod(void)
{
    begin(NULL);
    add_at(0, "huge", 20000);
    const uint32_t brief = add_at(2000, "brief", 30000);
    wb_karpenter_fixture_run(&fixture, 4000);
    wb_cluster_delete_pod(&fixture.cluster, brief, WB_CAUSE_WORKLOAD);
    add_at(5000, "a", 1000);
    wb_karpenter_fixture_run(&fixture, 9000);
    expect("claim", "6000 claim 0 created: small on-demand us-east-1a\n"
                    "8000 claim 0 launched\n");
    end();
}

/* The only type is out of stock when the pod comes. Three minutes later the offering counts as
 * there again; the pod's turn comes at its own trigger, plus the idle second. */
static void try_a_refused_pod_at_its_trigger(void)
{
    begin(&(wb_karpenter_fixture_options){
        .requirements = "{key: node.kubernetes.io/instance-type, operator: In, values: [small]},"
                        "{key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a]},"
                        "{key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}"});
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1a", WB_CAPACITY_ON_DEMAND, false);
    add_at(2400, "a", 1800);
    wb_karpenter_fixture_run(&fixture, 100000);
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1a", WB_CAPACITY_ON_DEMAND, true);
    wb_karpenter_fixture_run(&fixture, 194000);
    expect("claim,error", "3400 error CreateFleet: InsufficientInstanceCapacity: small\n"
                          "193400 claim 0 created: small on-demand us-east-1a\n");
    end();
}

/* A pod that asks to be near another is refused while that one is nowhere. When it is bound, to a
 * node with no room for both, the refused pod gets a node of its own in the same zone. */
static void hear_of_pods_that_others_ask_for(void)
{
    begin(NULL);
    add_at(0, "first", 1500);
    wb_karpenter_fixture_run(&fixture, 30000);
    wb_karpenter_fixture_apply(
        &fixture,
        "{apiVersion: v1, kind: Pod, metadata: {name: near}, spec: {affinity: {podAffinity: {"
        " requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: "
        "topology.kubernetes.io/zone,"
        " labelSelector: {matchLabels: {app: wanted}}}]}},"
        " containers: [{name: c, image: i, resources: {requests: {cpu: \"1\"}}}]}}");
    wb_karpenter_fixture_run(&fixture, 45000);
    wb_karpenter_fixture_pod(&fixture, "wanted", 100); /* fits on the node that is there */
    wb_karpenter_fixture_run(&fixture, 80000);
    expect("claim", "1000 claim 0 created: small on-demand us-east-1a\n"
                    "3000 claim 0 launched\n"
                    "16000 claim 0 registered\n"
                    "21000 claim 0 initialized\n"
                    "51000 claim 1 created: small on-demand us-east-1a\n"
                    "53000 claim 1 launched\n"
                    "66000 claim 1 registered\n"
                    "71000 claim 1 initialized\n");
    end();
}

static void say_why_a_pod_waits(void)
{
    static const struct {
        int64_t cpu_milli;
        const char *reason;
    } rows[] = {{20000, "Karpenter: no instance type has room for it"}, {100, ""}};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        begin(NULL);
        const uint32_t pod_id = add_at(0, "a", rows[i].cpu_milli);
        wb_karpenter_fixture_run(&fixture, 30000);
        const wb_autoscaler_ops *ops = wb_autoscaler_find("karpenter");
        char reason[256] = "";
        const bool is_known = ops->explain_pod(fixture.self, pod_id, reason, sizeof reason);
        if (rows[i].reason[0] != 0) {
            CU_ASSERT(is_known);
            CU_ASSERT_STRING_EQUAL(reason, rows[i].reason);
        }
        end();
    }
}

static const wb_test_case cases[] = {
    {"the window closes a second after the last pod", close_after_an_idle_second},
    {"the window closes after ten seconds at the latest", close_after_ten_seconds},
    {"both lengths are settings", keep_the_settings},
    {"nothing is solved while a launch is not back", solve_nothing_while_a_launch_is_out},
    {"nodes in flight take later pods", give_later_pods_to_nodes_in_flight},
    {"no pod is bought a second node while the first boots", buy_nothing_twice},
    {"a refused pod holds nobody up", hold_up_nobody_for_a_refused_pod},
    {"a refused pod is tried again at its own trigger", try_a_refused_pod_at_its_trigger},
    {"a refused pod hears of the pod that it asks for", hear_of_pods_that_others_ask_for},
    {"a pod that waits is told why", say_why_a_pod_waits},
};

int main(void)
{
    return wb_test_run("karpenter batch", cases, WB_TEST_COUNT(cases));
}
