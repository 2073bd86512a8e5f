/*
 * With one instance type, one zone, no disruption and no limits there is nothing to choose: both
 * contenders end with the same nodes for a set of identical pods, and so many that none could be
 * spared.
 */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

static const char nodepool[] =
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: default}\n"
    "spec:\n"
    "  template:\n"
    "    spec:\n"
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
    "      requirements:\n"
    "        - {key: node.kubernetes.io/instance-type, operator: In, values: [m5.2xlarge]}\n"
    "        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}\n"
    "  disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: Never}\n"
    "---\n"
    "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\n"
    "spec: {role: r, amiSelectorTerms: [{alias: al2023@latest}],\n"
    "  subnetSelectorTerms: [{tags: {a: b}}], securityGroupSelectorTerms: [{tags: {a: b}}]}\n";

static const char scenario[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: symmetry}\n"
    "spec:\n"
    "  horizon: 30m\n"
    "  zones: [us-east-1a]\n"
    "  workload: [{manifest: pods.yaml, at: 1m}]\n"
    "  contenders:\n"
    "    - {name: karpenter, kind: karpenter, manifests: [nodepool.yaml]}\n"
    "    - name: cluster-autoscaler\n"
    "      kind: cluster_autoscaler\n"
    "      flags: {scale-down-enabled: \"false\"}\n"
    "      nodeGroups: [{name: one, instanceTypes: [m5.2xlarge], max: 100000}]\n";

/* An m5.2xlarge has 7910m, 29.3 GiB (30,000 MiB or so) and 58 pods for pods. */
static const struct {
    const char *name, *cpu, *memory;
    int count, nodes;
} rows[] = {
    {"one pod", "1", "1Gi", 1, 1},
    {"one node, full", "1", "1Gi", 7, 1},
    {"one pod more", "1", "1Gi", 8, 2},
    {"small pods: by their number", "10m", "10Mi", 58, 1},
    {"small pods, one more", "10m", "10Mi", 59, 2},
    {"no requests at all", "0", "0", 117, 3},
    {"by cpu, with a rest", "700m", "100Mi", 100, 10},
    {"by memory", "100m", "7Gi", 50, 13},
    {"one pod a node", "5", "8Gi", 33, 33},
    {"both at once", "990m", "3600Mi", 160, 23},
    {"a thousand", "250m", "512Mi", 1000, 33},
    {"many small ones", "130m", "100Mi", 3000, 52},
    {"larger than any node: none", "16", "1Gi", 5, 0},
};

static void write_pods(wb_run_fixture *fixture, const char *cpu, const char *memory, int count)
{
    char text[1024];
    (void)snprintf(
        text, sizeof text,
        "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: w}\n"
        "spec:\n"
        "  replicas: %d\n"
        "  selector: {matchLabels: {a: b}}\n"
        "  template:\n"
        "    metadata: {labels: {a: b}}\n"
        "    spec: {containers: [{name: c, image: i, resources: {requests: {cpu: \"%s\", "
        "memory: \"%s\"}}}]}\n",
        count, cpu, memory);
    (void)wb_scratch_folder_write(&fixture->folder, "pods.yaml", text, strlen(text));
}

/* Nodes at the end, all of the one type; pods that run. */
static int64_t count_nodes(wb_run_fixture *fixture, uint32_t contender, int64_t *out_running)
{
    const wb_run_figures figures = wb_run_fixture_run(fixture, contender, WB_EVENT_QUEUE_CALENDAR);
    *out_running = figures.pods_running;
    const uint32_t living =
        wb_run_fixture_count_rows(fixture, NULL,
                                  "select 1 from nodes where run_id = ?1 and gone_ms is null",
                                  (int64_t)contender + 1);
    const uint32_t others = wb_run_fixture_count_rows(
        fixture, "another type",
        "select * from nodes where run_id = ?1 and instance_type <> 'm5.2xlarge'",
        (int64_t)contender + 1);
    CU_ASSERT_EQUAL(others, 0);
    return living;
}

static void test_symmetry(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_run_fixture fixture;
        wb_run_fixture_init(&fixture);
        (void)wb_scratch_folder_write(&fixture.folder, "nodepool.yaml", nodepool, strlen(nodepool));
        write_pods(&fixture, rows[i].cpu, rows[i].memory, rows[i].count);
        const char *path =
            wb_scratch_folder_write(&fixture.folder, "scenario.yaml", scenario, strlen(scenario));
        CU_ASSERT_TRUE_FATAL(wb_run_fixture_load(&fixture, path));
        int64_t nodes[2];
        int64_t running[2];
        for (uint32_t c = 0; c < 2; c++) {
            nodes[c] = count_nodes(&fixture, c, &running[c]);
        }
        if (nodes[0] != rows[i].nodes || nodes[1] != rows[i].nodes) {
            printf("\n  %s: %lld and %lld nodes", rows[i].name, (long long)nodes[0],
                   (long long)nodes[1]);
        }
        CU_ASSERT_EQUAL(nodes[0], rows[i].nodes);
        CU_ASSERT_EQUAL(nodes[1], rows[i].nodes);
        CU_ASSERT_EQUAL(running[0], rows[i].nodes > 0 ? rows[i].count : 0);
        CU_ASSERT_EQUAL(running[1], running[0]);
        wb_run_fixture_release(&fixture);
    }
}

static const wb_test_case cases[] = {
    {"both contenders end with the same nodes", test_symmetry},
};

int main(void)
{
    return wb_test_run("contender symmetry", cases, WB_TEST_COUNT(cases));
}
