/*
 * Static NodePools whose launches are refused: how often EC2 is asked, and what that does to the
 * others. Source: Karpenter's static provisioning and nodeclaim lifecycle controllers.
 */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

static const wb_setting keep[] = {{.name = "staticCapacity", .value = "true"}};

#define POOL(replicas, markets)                                                      \
    "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: fixed}, spec: {" \
    "replicas: " replicas ", template: {spec: {requirements: ["                      \
    "{key: node.kubernetes.io/instance-type, operator: In, values: [small]}, "       \
    "{key: karpenter.sh/capacity-type, operator: In, values: [" markets "]}],"       \
    " nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}}}}}"

static const wb_fault refused = {.kind = WB_FAULT_API_ERROR,
                                 .at_ms = 0,
                                 .for_ms = -1,
                                 .share = 1.0,
                                 .count = UINT32_MAX,
                                 .action = WB_CLOUD_CREATE_FLEET,
                                 .code = "UnauthorizedOperation"};

static void begin(wb_karpenter_fixture_options options)
{
    options.settings = keep;
    options.setting_count = 1;
    wb_karpenter_fixture_init(&fixture, &options);
}

static void expect(const char *words, const char *expected)
{
    wb_karpenter_fixture_expect(&fixture, words, expected);
}

static void end(void)
{
    wb_karpenter_fixture_release(&fixture);
}

static void set_stock(wb_capacity_type market, bool is_there)
{
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1a", market, is_there);
    wb_karpenter_fixture_stock(&fixture, "small", "us-east-1b", market, is_there);
}

static uint32_t count_lines(const char *words)
{
    uint32_t count = 0;
    for (const char *at = wb_karpenter_fixture_story(&fixture, words); *at != 0; at++) {
        count += *at == '\n';
    }
    return count;
}

/* One NodeClaim is tried at 0, 1, 3, 7, 15, 31, 63, 123, 183, 243 s and given up at 300 s; the next
 * one comes at once. Each of two has its own tries. */
static void refused_calls_back_off(void)
{
    begin((wb_karpenter_fixture_options){
        .more_pools = POOL("1", "on-demand"), .faults = &refused, .fault_count = 1});
    wb_karpenter_fixture_run(&fixture, 303000);
    expect("error", "0 error CreateFleet: UnauthorizedOperation: \n"
                    "1000 error CreateFleet: UnauthorizedOperation: \n"
                    "3000 error CreateFleet: UnauthorizedOperation: \n"
                    "7000 error CreateFleet: UnauthorizedOperation: \n"
                    "15000 error CreateFleet: UnauthorizedOperation: \n"
                    "31000 error CreateFleet: UnauthorizedOperation: \n"
                    "63000 error CreateFleet: UnauthorizedOperation: \n"
                    "123000 error CreateFleet: UnauthorizedOperation: \n"
                    "183000 error CreateFleet: UnauthorizedOperation: \n"
                    "243000 error CreateFleet: UnauthorizedOperation: \n"
                    "300000 error CreateFleet: UnauthorizedOperation: \n"
                    "301000 error CreateFleet: UnauthorizedOperation: \n"
                    "303000 error CreateFleet: UnauthorizedOperation: \n");
    end();
    begin((wb_karpenter_fixture_options){
        .more_pools = POOL("2", "on-demand"), .faults = &refused, .fault_count = 1});
    wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR - 1);
    CU_ASSERT_EQUAL(count_lines("error"), 2 * 10 * 12);
    CU_ASSERT_EQUAL(count_lines("decided launch-timeout:"), 2 * 11);
    end();
}

/* The offerings are hidden for three minutes, so EC2 is asked every three, and not each minute. */
static void no_capacity_is_asked_for_every_three_minutes(void)
{
    static const wb_karpenter_fixture_change change = {.at_ms = 70000,
                                                       .more_pools = POOL("2", "on-demand")};
    begin((wb_karpenter_fixture_options){.changes = &change, .change_count = 1});
    set_stock(WB_CAPACITY_ON_DEMAND, false);
    wb_karpenter_fixture_run(&fixture, 500000);
    set_stock(WB_CAPACITY_ON_DEMAND, true);
    wb_karpenter_fixture_run(&fixture, 700000);
    expect("error,claim 0 created:,claim 1 created:,decided static-capacity-short:",
           "70000 error CreateFleet: InsufficientInstanceCapacity: small\n"
           "70000 error CreateFleet: InsufficientInstanceCapacity: small\n"
           "70000 decided static-capacity-short: NodeClaims are made and deleted until "
           "there is capacity\n"
           "250000 error CreateFleet: InsufficientInstanceCapacity: small\n"
           "250000 error CreateFleet: InsufficientInstanceCapacity: small\n"
           "430000 error CreateFleet: InsufficientInstanceCapacity: small\n"
           "430000 error CreateFleet: InsufficientInstanceCapacity: small\n"
           "610000 claim 0 created: small on-demand us-east-1a\n"
           "610000 claim 1 created: small on-demand us-east-1a\n");
    end();
}

/* Whoever may have on-demand too gets it after the refusal of spot. */
static void another_market_is_asked_for_at_once(void)
{
    begin((wb_karpenter_fixture_options){.more_pools = POOL("1", "spot, on-demand")});
    set_stock(WB_CAPACITY_SPOT, false);
    wb_karpenter_fixture_run(&fixture, 100000);
    expect("error,claim 0 created:", "0 error CreateFleet: InsufficientInstanceCapacity: small\n"
                                     "0 error CreateFleet: InsufficientInstanceCapacity: small\n"
                                     "1000 claim 0 created: small on-demand us-east-1a\n");
    end();
}

/* As long as the pool is short nothing else is bought, for the state is not in step. */
static void the_others_wait(void)
{
    begin((wb_karpenter_fixture_options){.more_pools = POOL("1", "on-demand")});
    set_stock(WB_CAPACITY_ON_DEMAND, false);
    (void)wb_karpenter_fixture_pod(&fixture, "a", 3000);
    wb_karpenter_fixture_run(&fixture, 100000);
    set_stock(WB_CAPACITY_ON_DEMAND, true);
    wb_karpenter_fixture_run(&fixture, 300000);
    expect("claim 0 created:,claim 1 created:",
           "180000 claim 0 created: small on-demand us-east-1a\n"
           "191000 claim 1 created: medium on-demand us-east-1a\n");
    end();
}

/* Nobody tries any more for nodes that are not wanted. */
static void fewer_are_wanted(void)
{
    static const wb_karpenter_fixture_change change = {.at_ms = 20000,
                                                       .more_pools = POOL("0", "on-demand")};
    begin((wb_karpenter_fixture_options){.more_pools = POOL("2", "on-demand"),
                                         .changes = &change,
                                         .change_count = 1,
                                         .faults = &refused,
                                         .fault_count = 1});
    wb_karpenter_fixture_run(&fixture, WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(count_lines("error"), 2 * 5); /* 0, 1, 3, 7, 15 s */
    end();
}

/* A node that goes is followed by the next one, whatever the minute. */
static void what_goes_is_made_again(void)
{
    static const wb_fault lost = {
        .kind = WB_FAULT_LOST, .at_ms = 100500, .for_ms = -1, .share = 1.0, .count = UINT32_MAX};
    begin((wb_karpenter_fixture_options){
        .more_pools = POOL("1", "on-demand"), .faults = &lost, .fault_count = 1});
    wb_karpenter_fixture_run(&fixture, 150000);
    expect("claim 0 created:,claim 1 created:,instance",
           "0 claim 0 created: small on-demand us-east-1a\n"
           "100500 instance 0 ended: instance-lost\n"
           "101500 claim 1 created: small on-demand us-east-1a\n");
    end();
}

static const wb_test_case cases[] = {
    {"refused calls back off", refused_calls_back_off},
    {"EC2 is asked again when offerings are not hidden any more",
     no_capacity_is_asked_for_every_three_minutes},
    {"another market is asked for at once", another_market_is_asked_for_at_once},
    {"the others wait", the_others_wait},
    {"fewer are wanted", fewer_are_wanted},
    {"what goes is made again", what_goes_is_made_again},
};

int main(void)
{
    return wb_test_run("static pools", cases, WB_TEST_COUNT(cases));
}
