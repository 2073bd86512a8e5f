/*
 * How a scenario tunes kube-scheduler: by a file, in place or by a word, for all contenders or for
 * one; and what that does to where pods run.
 */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"
#include "tests/scenarios/scenario_fixture.h"

static const char pods[] =
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\n"
    "spec:\n"
    "  parallelism: 10\n  completions: 10\n"
    "  template: {spec: {restartPolicy: Never, containers: [{name: c, image: i, resources:\n"
    "    {requests: {cpu: 1, memory: 1Gi}}}]}}\n";

static const char config[] =
    "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
    "profiles:\n"
    "- pluginConfig:\n"
    "  - name: NodeResourcesFit\n"
    "    args: {scoringStrategy: {type: MostAllocated}}\n";

#define INLINE                                                                                 \
    "{config: {apiVersion: kubescheduler.config.k8s.io/v1, kind: KubeSchedulerConfiguration, " \
    "profiles: [{plugins: {score: {disabled: [{name: '*'}]}}}]}}"

/* Ten pods of 1 CPU, seven to an m5.2xlarge, ten of those: on how many do they run? */
static const struct {
    const char *name, *common, *own;
    uint32_t nodes;
} rows[] = {
    {"as it comes", "", "", 10},
    {"a file", "", "scheduler: packing.yaml", 2},
    {"a file in a map", "", "scheduler: {config: packing.yaml}", 2},
    {"a word", "", "scheduler: {strategy: MostAllocated}", 2},
    {"written out: no scores, so the first by name that fits", "", "scheduler: " INLINE, 2},
    {"for all", "scheduler: packing.yaml", "", 2},
    {"its own instead", "scheduler: packing.yaml", "scheduler: {strategy: LeastAllocated}", 10},
    {"a word overrules the file", "", "scheduler: {config: packing.yaml, strategy: LeastAllocated}",
     10},
};

static const char *compose(char *out, size_t size, const char *common, const char *own)
{
    (void)snprintf(out, size,
                   "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\n"
                   "spec:\n"
                   "  zones: [us-east-1a]\n"
                   "  horizon: 10m\n"
                   "  workload: [{manifest: pods.yaml, at: 1m}]\n"
                   "  %s\n"
                   "  contenders:\n"
                   "    - name: n\n"
                   "      kind: fixed\n"
                   "      nodes: [{instanceType: m5.2xlarge, count: 10}]\n"
                   "      %s\n",
                   common, own);
    return out;
}

static void test_places(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_run_fixture fixture;
        wb_run_fixture_init(&fixture);
        char text[1024];
        (void)compose(text, sizeof text, rows[i].common, rows[i].own);
        (void)wb_scratch_folder_write(&fixture.folder, "pods.yaml", pods, strlen(pods));
        (void)wb_scratch_folder_write(&fixture.folder, "packing.yaml", config, strlen(config));
        CU_ASSERT_TRUE_FATAL(wb_run_fixture_load(
            &fixture, wb_scratch_folder_write(&fixture.folder, "s.yaml", text, strlen(text))));
        (void)wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR);
        const uint32_t nodes = wb_run_fixture_count_rows(
            &fixture, NULL,
            "select distinct node_id from pods where run_id = ?1 and running_ms is not null", 1);
        CU_ASSERT_EQUAL(nodes, rows[i].nodes);
        if (nodes != rows[i].nodes) {
            printf("\n  %s: on %u nodes", rows[i].name, nodes);
        }
        wb_run_fixture_release(&fixture);
    }
}

static const struct {
    const char *name, *own, *expected;
} wrong_rows[] = {
    {"no such file", "scheduler: absent.yaml", "absent.yaml"},
    {"two documents", "scheduler: two.yaml", "has 2 documents, expected one"},
    {"another kind", "scheduler: pods.yaml", "kind: is 'Job', expected KubeSchedulerConfiguration"},
    {"a list", "scheduler: [a]", "expected the path of a KubeSchedulerConfiguration or a map"},
    {"a strategy that needs a curve", "scheduler: {strategy: RequestedToCapacityRatio}",
     "must be one of LeastAllocated, MostAllocated"},
    {"a percentage", "scheduler: {percentageOfNodesToScore: 101}",
     "is 101, expected 0 (adaptive) to 100"},
    {"ties", "scheduler: {ties: thrown}", "must be one of first, drawn"},
};

static void test_refusals(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(wrong_rows); i++) {
        wb_scenario_fixture fixture;
        wb_scenario_fixture_init(&fixture);
        char text[1024];
        (void)wb_scenario_fixture_write(&fixture, "pods.yaml", pods);
        (void)wb_scenario_fixture_write(&fixture, "two.yaml", "a: b\n---\nc: d\n");
        (void)wb_scenario_fixture_write(&fixture, "s.yaml",
                                        compose(text, sizeof text, "", wrong_rows[i].own));
        wb_scenario_fixture_load(&fixture, "s.yaml");
        CU_ASSERT_EQUAL_FATAL(fixture.status, WB_ERR_INPUT);
        bool is_told = false;
        for (size_t e = 0; e < fixture.findings.error_count; e++) {
            is_told =
                is_told || strstr(fixture.findings.errors[e].text, wrong_rows[i].expected) != NULL;
        }
        CU_ASSERT(is_told);
        if (!is_told) {
            printf("\n  %s: %s", wrong_rows[i].name, fixture.findings.errors[0].text);
        }
        wb_scenario_fixture_release(&fixture);
    }
}

static const wb_test_case cases[] = {
    {"pods run where the scheduler's settings say", test_places},
    {"what is refused", test_refusals},
};

int main(void)
{
    return wb_test_run("scenario scheduler", cases, WB_TEST_COUNT(cases));
}
