/*
 * What faults do under Karpenter: machines and NodeClaims that are lost behind its back, offerings
 * and reservations that end, NodePools that are deleted, calls that fail or are late, messages that
 * are late, lost or come twice, a control plane that stands still. Source: spec/disruption.md
 * sections 14 to 18.
 */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

static void expect(const char *words, const char *expected)
{
    wb_karpenter_fixture_expect(&fixture, words, expected);
}

static void run_untold(int64_t at_ms)
{
    wb_karpenter_fixture_run(&fixture, at_ms);
    wb_text_clear(&fixture.story);
}

static void end(void)
{
    wb_karpenter_fixture_release(&fixture);
}

/* One node, initialised at 21 s, with a Deployment's pod. */
static void begin(const wb_karpenter_fixture_options *options)
{
    wb_karpenter_fixture_init(&fixture, options);
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 800, NULL);
}

static void begin_with(const wb_fault *fault)
{
    begin(&(wb_karpenter_fixture_options){.faults = fault, .fault_count = 1});
}

#define ALL(of_kind, at, lasts) \
    .kind = (of_kind), .at_ms = (at), .for_ms = (lasts), .share = 1.0, .count = UINT32_MAX

/* ---- garbage collection ---- */

/* The machine ends at 100 s. Its node is Ready until 150 s, when the kubelet has been silent for
 * 50 s; core looks at 240 s. Nothing is drained then. */
static void collect_vanished_machines(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_VANISHES, 100000, -1)});
    run_untold(99999);
    wb_karpenter_fixture_run(&fixture, 149999);
    CU_ASSERT(!wb_karpenter_fixture_has_taint(&fixture, 0, "node.kubernetes.io/unreachable"));
    wb_karpenter_fixture_run(&fixture, 150000);
    CU_ASSERT(wb_karpenter_fixture_has_taint(&fixture, 0, "node.kubernetes.io/unreachable"));
    wb_karpenter_fixture_run(&fixture, 300000);
    expect("instance,claim,decided garbage-collection:,pod",
           "100000 instance 0 ended: instance-lost\n"
           "240000 decided garbage-collection: NodeClaim deleted\n"
           "240000 pod web-0 terminating: garbage-collection\n"
           "240000 pod web-1 created\n"
           "240000 pod web-0 gone: garbage-collection\n"
           "240000 claim 0 gone: garbage-collection\n"
           "241000 claim 1 created: small on-demand us-east-1a\n"
           "243000 claim 1 launched\n"
           "256000 claim 1 registered\n"
           "261000 claim 1 initialized\n"
           "261000 pod web-1 bound 1\n"
           "261000 pod web-1 running\n");
    end();
}

/* At 235 s: the look of 240 s finds the node Ready still, the next one takes it. */
static void leave_ready_nodes_to_the_next_look(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_VANISHES, 209000, -1)});
    run_untold(208999);
    wb_karpenter_fixture_run(&fixture, 400000);
    expect("claim 0", "360000 claim 0 gone: garbage-collection\n");
    end();
}

/* It vanishes while it is drained: its pod holds it until the kubelet is silent. */
static void end_drains_of_vanished_machines(void)
{
    const wb_fault fault = {ALL(WB_FAULT_VANISHES, 400000, -1)};
    begin(&(wb_karpenter_fixture_options){
        .template_spec = "expireAfter: 5m", .faults = &fault, .fault_count = 1});
    wb_karpenter_fixture_protect(&fixture, "web", "maxUnavailable: 0");
    run_untold(399999);
    wb_karpenter_fixture_run(&fixture, 500000);
    expect("claim 0", "450000 claim 0 gone: expiration\n");
    end();
}

/* Its NodeClaim is lost at 95 s: the look of 100 s ends it. While it shuts down it is drained. */
static void collect_orphaned_machines(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_ORPHANED, 95000, -1)});
    run_untold(94999);
    wb_karpenter_fixture_run(&fixture, 200000);
    expect("instance,claim 0,decided garbage-collection:,pod web-0",
           "100000 instance 0 ended: garbage-collection\n"
           "100000 decided garbage-collection: instance terminated\n"
           "100000 pod web-0 terminating: garbage-collection\n"
           "101000 pod web-0 gone: garbage-collection\n"
           "130000 claim 0 gone: garbage-collection\n");
    end();
}

/* After 200 s the provider looks every two minutes: 200, 320, 440 s. */
static void collect_orphans_later(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_ORPHANED, 321000, -1)});
    run_untold(320999);
    wb_karpenter_fixture_run(&fixture, 500000);
    expect("instance", "440000 instance 0 ended: garbage-collection\n");
    end();
}

/* ---- offerings ---- */

/* The type is withdrawn at 1 h; the provider refreshes at 12 h, the NodeClaim's own look of every
 * half hour (from an hour after its creation at 1 s) is at 12 h 1 s. */
static void drift_from_withdrawn_types(void)
{
    const wb_fault fault = {ALL(WB_FAULT_OFFERING_ENDS, WB_MS_PER_HOUR, -1), .capacity_type = -1};
    begin(
        &(wb_karpenter_fixture_options){.faults = &fault, .fault_count = 1, .fault_type = "small"});
    run_untold(12 * WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).drifted_ms, -1);
    wb_karpenter_fixture_run(&fixture, 12 * WB_MS_PER_HOUR + 1000);
    CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).drift, "InstanceTypeNotFound");
    wb_karpenter_fixture_run(&fixture, 13 * WB_MS_PER_HOUR);
    expect("decided drift:,claim 1 created:",
           "43210000 claim 1 created: medium on-demand us-east-1a\n"
           "43210000 decided drift: replace 1 node by medium on-demand\n");
    end();
}

/* Before the refresh the provider still asks for it, and is refused. */
static void ask_for_withdrawn_types(void)
{
    const wb_fault fault = {ALL(WB_FAULT_OFFERING_ENDS, WB_MS_PER_HOUR, -1), .capacity_type = -1};
    begin(
        &(wb_karpenter_fixture_options){.faults = &fault, .fault_count = 1, .fault_type = "small"});
    run_untold(WB_MS_PER_HOUR);
    wb_karpenter_fixture_deploy(&fixture, "more", 1, 1900, NULL);
    wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR + 60000);
    expect("error CreateFleet:,claim 1 created:",
           "3601000 error CreateFleet: Unsupported: small\n"
           "3601000 error CreateFleet: Unsupported: small\n"
           "3601000 claim 1 created: medium on-demand us-east-1a\n");
    end();
}

/* The reservation ends at 2 h: its machine goes on as an on-demand one, which the NodePool does not
 * allow. */
static void drift_from_ended_reservations(void)
{
    const wb_fault fault = {ALL(WB_FAULT_OFFERING_ENDS, 2 * WB_MS_PER_HOUR, -1),
                            .capacity_type = WB_CAPACITY_RESERVED};
    begin(&(wb_karpenter_fixture_options){
        .faults = &fault,
        .fault_count = 1,
        .fault_type = "small",
        .has_reservation = true,
        .requirements = "{key: karpenter.sh/capacity-type, operator: In, values: [reserved]}",
    });
    wb_karpenter_fixture_run(&fixture, 2 * WB_MS_PER_HOUR - 1);
    CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_label(&fixture, 0, "karpenter.sh/capacity-type"),
                           "reserved");
    wb_karpenter_fixture_run(&fixture, 2 * WB_MS_PER_HOUR + 60000);
    CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_label(&fixture, 0, "karpenter.sh/capacity-type"),
                           "on-demand");
    CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).drift, "RequirementsDrifted");
    /* two hours at 0.05 less the 5 s of its launch, an hour at 0.10 */
    wb_karpenter_fixture_run(&fixture, 3 * WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(wb_cloud_cost_nusd(&fixture.cloud, 3 * WB_MS_PER_HOUR),
                    wb_cloud_bill_nusd(50000000, 2 * WB_MS_PER_HOUR - 6000) +
                        wb_cloud_bill_nusd(100000000, WB_MS_PER_HOUR));
    end();
}

/* ---- NodePools ---- */

#define OTHER                                                                                   \
    "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: other}, spec: {"            \
    "template: {spec: {requirements: [{key: karpenter.sh/capacity-type, operator: In, values: " \
    "[spot]}], nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}}}}}"

/* Its NodeClaims go with it, drained; the pods move to the other pool. */
static void delete_a_pool(void)
{
    const wb_karpenter_fixture_change change = {.at_ms = 100000,
                                                .more_pools = OTHER,
                                                .deleted_pool = "default"};
    begin(&(wb_karpenter_fixture_options){.changes = &change, .change_count = 1});
    run_untold(99999);
    wb_karpenter_fixture_run(&fixture, 300000);
    wb_karpenter_fixture_deploy(&fixture, "more", 1, 800, NULL);
    wb_karpenter_fixture_run(&fixture, 400000);
    expect("instance,claim", "101000 claim 1 created: small spot us-east-1a\n"
                             "103000 claim 1 launched\n"
                             "105000 instance 0 ended: nodepool-deleted\n"
                             "116000 claim 1 registered\n"
                             "121000 claim 1 initialized\n"
                             "135000 claim 0 gone: nodepool-deleted\n");
    CU_ASSERT_EQUAL(fixture.cluster.running_count, 2);
    end();
}

/* Without another pool nothing can run. */
static void delete_the_only_pool(void)
{
    const wb_karpenter_fixture_change change = {.at_ms = 100000, .deleted_pool = "default"};
    begin(&(wb_karpenter_fixture_options){.changes = &change, .change_count = 1});
    run_untold(99999);
    wb_karpenter_fixture_run(&fixture, 1000000);
    expect("instance,claim", "105000 instance 0 ended: nodepool-deleted\n"
                             "135000 claim 0 gone: nodepool-deleted\n");
    CU_ASSERT_EQUAL(fixture.cluster.pending_count, 1);
    end();
}

/* ---- calls and messages ---- */

/* Refused for 10 s from the start: tried at 1, 2, 4, 8 s (refused) and 16 s. */
static void try_refused_calls_again(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_API_ERROR, 0, 10000), .action = WB_CLOUD_CREATE_FLEET,
                           .code = "InternalError"});
    wb_karpenter_fixture_run(&fixture, 60000);
    expect("error CreateFleet:,claim 0 created:",
           "1000 error CreateFleet: InternalError: \n"
           "2000 error CreateFleet: InternalError: \n"
           "4000 error CreateFleet: InternalError: \n"
           "8000 error CreateFleet: InternalError: \n"
           "16000 claim 0 created: small on-demand us-east-1a\n");
    end();
}

/* Calls of another kind pass. */
static void refuse_only_what_is_named(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_API_ERROR, 0, -1), .action = WB_CLOUD_TERMINATE_INSTANCES,
                           .code = "InternalError"});
    wb_karpenter_fixture_run(&fixture, 60000);
    expect("error", "");
    CU_ASSERT_EQUAL(fixture.cluster.running_count, 1);
    end();
}

static void wait_for_late_answers(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_API_LATENCY, 0, 60000), .action = WB_CLOUD_ACTION_COUNT,
                           .delay_ms = 20000});
    wb_karpenter_fixture_run(&fixture, 30000);
    expect("claim", "1000 claim 0 created: small on-demand us-east-1a\n"
                    "23000 claim 0 launched\n");
    end();
}

/* A machine is lost at 100 s. Without the fault the message comes at 101 s. */
static const struct {
    const char *name;
    wb_fault fault;
    const char *expected;
} message_cases[] = {
    {"in time",
     {ALL(WB_FAULT_MESSAGE_DELAYED, 200000, -1), .delay_ms = 9000},
     "101000 pod web-0 terminating: instance-lost\n"},
    {"late",
     {ALL(WB_FAULT_MESSAGE_DELAYED, 0, -1), .delay_ms = 9000},
     "110000 pod web-0 terminating: instance-lost\n"},
    {"lost: the pod goes with its Node",
     {ALL(WB_FAULT_MESSAGE_LOST, 0, -1)},
     "130000 pod web-0 terminating: instance-lost\n"},
    {"twice",
     {ALL(WB_FAULT_MESSAGE_DUPLICATE, 0, -1), .delay_ms = 20000},
     "101000 pod web-0 terminating: instance-lost\n"},
};

static void hear_messages(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(message_cases); i++) {
        const wb_fault faults[] = {{ALL(WB_FAULT_LOST, 100000, -1)}, message_cases[i].fault};
        begin(&(wb_karpenter_fixture_options){.faults = faults, .fault_count = 2});
        wb_karpenter_fixture_run(&fixture, 300000);
        printf("\n    %s", message_cases[i].name);
        expect("pod web-0 terminating:", message_cases[i].expected);
        CU_ASSERT_EQUAL(fixture.cluster.running_count, 1);
        end();
    }
}

/* ---- the control plane ---- */

/* It stands still from 2 s to 60 s: the machine that was launched runs, but cannot join. */
static void stand_still(void)
{
    begin_with(&(wb_fault){ALL(WB_FAULT_CONTROL_PLANE, 2000, 58000)});
    wb_karpenter_fixture_run(&fixture, 120000);
    expect("claim,pod", "0 pod web-0 created\n"
                        "1000 claim 0 created: small on-demand us-east-1a\n"
                        "3000 claim 0 launched\n"
                        "60000 claim 0 registered\n"
                        "65000 claim 0 initialized\n"
                        "65000 pod web-0 bound 0\n"
                        "65000 pod web-0 running\n");
    end();
}

/* Whenever it stands still and however long, all comes to its end: a day's work of a Deployment
 * that grows and shrinks, a node that expires and one that is lost. */
static void stand_still_at_any_time(void)
{
    for (int64_t at_ms = 0; at_ms < 600000; at_ms += 7300) {
        const wb_fault faults[] = {{ALL(WB_FAULT_CONTROL_PLANE, at_ms, 1000 + at_ms % 400000)},
                                   {ALL(WB_FAULT_LOST, 120000, -1)}};
        begin(&(wb_karpenter_fixture_options){.template_spec = "expireAfter: 5m",
                                              .disruption = "consolidateAfter: 0s",
                                              .faults = faults,
                                              .fault_count = 2});
        wb_karpenter_fixture_run(&fixture, 50000);
        wb_karpenter_fixture_scale(&fixture, "web", 6);
        wb_karpenter_fixture_run(&fixture, 400000);
        wb_karpenter_fixture_scale(&fixture, "web", 2);
        bool all_run = false; /* but for the minute in which they move from an expired node */
        for (int64_t look_ms = WB_MS_PER_HOUR; look_ms < WB_MS_PER_HOUR + 90000; look_ms += 30000) {
            wb_karpenter_fixture_run(&fixture, look_ms);
            all_run = all_run || fixture.cluster.running_count == 2;
            CU_ASSERT_EQUAL(fixture.cluster.pending_count + fixture.cluster.starting_count +
                                fixture.cluster.running_count,
                            2);
        }
        CU_ASSERT(all_run);
        end();
    }
}

static const wb_test_case cases[] = {
    {"a NodeClaim without its machine is collected", collect_vanished_machines},
    {"not while its node is Ready", leave_ready_nodes_to_the_next_look},
    {"a machine that vanishes is not drained any longer", end_drains_of_vanished_machines},
    {"a machine without its NodeClaim is collected", collect_orphaned_machines},
    {"every two minutes later on", collect_orphans_later},
    {"who stands on a withdrawn type drifts", drift_from_withdrawn_types},
    {"until that is noticed it is asked for", ask_for_withdrawn_types},
    {"who leaves a reservation may drift", drift_from_ended_reservations},
    {"NodeClaims go with their NodePool", delete_a_pool},
    {"without any NodePool nothing is launched", delete_the_only_pool},
    {"a refused launch is tried again", try_refused_calls_again},
    {"a fault of one call leaves others alone", refuse_only_what_is_named},
    {"a late answer is waited for", wait_for_late_answers},
    {"messages come late, twice or not at all", hear_messages},
    {"a control plane stands still", stand_still},
    {"at any time", stand_still_at_any_time},
};

int main(void)
{
    return wb_test_run("karpenter faults", cases, WB_TEST_COUNT(cases));
}
