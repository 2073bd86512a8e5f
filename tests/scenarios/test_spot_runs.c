/*
 * Whole runs under spot weather: both contenders meet the same interruptions, and what a scenario
 * may say about spot is checked.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"
#include "tests/scenarios/scenario_fixture.h"

static const char service[] =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata: {name: web}\n"
    "spec:\n"
    "  replicas: 12\n"
    "  selector: {matchLabels: {app: web}}\n"
    "  template:\n"
    "    metadata: {labels: {app: web}}\n"
    "    spec: {containers: [{name: c, image: x, resources: {requests: {cpu: 3, memory: 4Gi}}}]}\n";

static const char pool[] =
    "apiVersion: karpenter.sh/v1\n"
    "kind: NodePool\n"
    "metadata: {name: default}\n"
    "spec:\n"
    "  template:\n"
    "    spec:\n"
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
    "      expireAfter: Never\n"
    "      requirements:\n"
    "        - {key: karpenter.sh/capacity-type, operator: In, values: [spot]}\n"
    "        - {key: node.kubernetes.io/instance-type, operator: In, values: [m5.xlarge]}\n"
    "  disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 1h}\n"
    "---\n"
    "apiVersion: karpenter.k8s.aws/v1\n"
    "kind: EC2NodeClass\n"
    "metadata: {name: default}\n"
    "spec:\n"
    "  role: node\n"
    "  amiSelectorTerms: [{alias: al2023@latest}]\n"
    "  subnetSelectorTerms: [{tags: {a: b}}]\n"
    "  securityGroupSelectorTerms: [{tags: {a: b}}]\n";

/* Nobody listens, so that machines end when EC2 ends them. */
static const char scenario[] =
    "apiVersion: werkbank/v1\n"
    "kind: Scenario\n"
    "metadata: {name: weather}\n"
    "spec:\n"
    "  horizon: 400h\n"
    "  zones: [us-east-1a]\n"
    "  spot: {interruptions: advisor, monthlyByBand: [0.9, 0.9, 0.9, 0.9, 0.9], shortage: 1m}\n"
    "  workload: [{manifest: service.yaml, at: 0s}]\n"
    "  contenders:\n"
    "    - name: karpenter\n"
    "      kind: karpenter\n"
    "      manifests: [pool.yaml]\n"
    "      settings: {interruptionQueue: false}\n"
    "    - name: ca\n"
    "      kind: cluster_autoscaler\n"
    "      nodeGroups: [{name: spot, instanceTypes: [m5.xlarge], capacityType: spot, max: 40}]\n"
    "    - name: bigger\n"
    "      kind: cluster_autoscaler\n"
    "      nodeGroups:\n"
    "        - {name: more, instanceTypes: [c5.xlarge], capacityType: spot, min: 5, max: 40}\n"
    "        - {name: spot, instanceTypes: [m5.xlarge], capacityType: spot, min: 20, max: 40}\n";

static void put(wb_run_fixture *fixture, const char *name, const char *text)
{
    (void)wb_scratch_folder_write(&fixture->folder, name, text, strlen(text));
}

/* The n-th machine of the pool ends at the same millisecond, whoever launched it. */
static void meet_the_same_weather(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    put(&fixture, "service.yaml", service);
    put(&fixture, "pool.yaml", pool);
    put(&fixture, "s.yaml", scenario);
    CU_ASSERT_FATAL(
        wb_run_fixture_load(&fixture, wb_scratch_folder_join(&fixture.folder, "s.yaml")));
    int64_t run_ids[3];
    for (uint32_t i = 0; i < 3; i++) {
        const wb_run_figures found = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR);
        run_ids[i] = found.run_id;
        /* every machine had a pod, and nobody drained one */
        CU_ASSERT(found.interruptions >= 8);
        CU_ASSERT(i == 2 || found.interruptions_survived == 0);
    }
    static const char ends[] =
        "WITH pool AS (SELECT run_id, row_number() OVER (PARTITION BY run_id ORDER BY instance_id)"
        " AS nth, ended_ms, cause FROM instances WHERE instance_type = 'm5.xlarge')"
        " SELECT a.nth, a.ended_ms, b.ended_ms FROM pool a JOIN pool b USING (nth)"
        " WHERE a.nth <= 12 AND a.run_id = ?1 AND b.run_id = %lld AND a.cause = 'interruption'"
        " AND %s a.ended_ms = b.ended_ms";
    for (int i = 1; i < 3; i++) {
        char sql[800];
        (void)snprintf(sql, sizeof sql, ends, (long long)run_ids[i], "NOT");
        CU_ASSERT_EQUAL(wb_run_fixture_count_rows(&fixture, "ended otherwise", sql, run_ids[0]), 0);
        (void)snprintf(sql, sizeof sql, ends, (long long)run_ids[i], "");
        CU_ASSERT(wb_run_fixture_count_rows(&fixture, NULL, sql, run_ids[0]) >= 8);
    }
    wb_run_fixture_release(&fixture);
}

static const struct {
    const char *name, *spot, *message; /* a part of it */
} bad_cases[] = {
    {"a share of nothing", "{share: 0}", "spec.spot.share: is '0', expected a number above 0"},
    {"four bands", "{monthlyByBand: [0.1, 0.2, 0.3, 0.4]}", "has 4 numbers, expected 5"},
    {"certainty", "{monthlyUnknown: 1}", "spec.spot.monthlyUnknown: is '1'"},
    {"another source", "{interruptions: dice}", "spec.spot.interruptions: "},
    {"a zone of elsewhere", "{events: [{at: 1h, zone: eu-west-1a}]}", "is not one of"},
    {"an unknown type", "{events: [{at: 1h, instanceType: m5.huge}]}", "is not an instance type"},
    {"no time", "{events: [{count: 2}]}", "events[0].at: is missing"},
    {"less than none", "{events: [{at: 1h, count: -1}]}", "count: is -1"},
};

static void refuse_bad_weather(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        wb_scenario_fixture fixture;
        wb_scenario_fixture_init(&fixture);
        char text[800];
        (void)snprintf(text, sizeof text,
                       "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
                       "  horizon: 1h\n  spot: %s\n"
                       "  workload: [{manifest: service.yaml}]\n"
                       "  contenders: [{name: n, kind: 'null'}]\n",
                       bad_cases[i].spot);
        (void)wb_scenario_fixture_write(&fixture, "service.yaml", service);
        (void)wb_scenario_fixture_write(&fixture, "s.yaml", text);
        wb_scenario_fixture_load(&fixture, "s.yaml");
        CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
        const bool is_told = strstr(fixture.err.text, bad_cases[i].message) != NULL;
        if (!is_told) {
            printf("\n%s: %s\n", bad_cases[i].name, fixture.err.text);
        }
        CU_ASSERT(is_told);
        wb_scenario_fixture_release(&fixture);
    }
}

static const wb_test_case tests[] = {
    {"contenders meet the same weather", meet_the_same_weather},
    {"bad weather is refused", refuse_bad_weather},
};

int main(void)
{
    return wb_test_run("spot_runs", tests, WB_TEST_COUNT(tests));
}
