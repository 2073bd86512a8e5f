/*
 * EC2NodeClasses in whole runs: the same files give the same nodes in `run` as in `solve`, and a
 * node has the room that its NodeClass gives it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/one_shot_fixture.h"
#include "tests/scenarios/run_fixture.h"

/* Twelve equal pods, without anything else on the nodes. */
#define POD_COUNT 12
static const char deployment_format[] = "apiVersion: apps/v1\n"
                                        "kind: Deployment\n"
                                        "metadata: {name: web}\n"
                                        "spec:\n"
                                        "  replicas: 12\n"
                                        "  selector: {matchLabels: {app: web}}\n"
                                        "  template:\n"
                                        "    metadata: {labels: {app: web}}\n"
                                        "    spec:\n"
                                        "      containers:\n"
                                        "        - name: web\n"
                                        "          resources: {requests: {%s}}\n";

/* No disruption: what provisioning made is what stays. */
static const char scenario[] = "apiVersion: werkbank/v1\n"
                               "kind: Scenario\n"
                               "metadata: {name: nodeclass}\n"
                               "spec:\n"
                               "  horizon: 10m\n"
                               "  workload:\n"
                               "    - {manifest: web.yaml, at: 1m}\n"
                               "  contenders:\n"
                               "    - {name: karpenter, kind: karpenter, manifests: [pools.yaml],"
                               " settings: {disruption: \"false\"}}\n";

static const struct {
    const char *name;
    const char *spec;       /* appended to the NodeClass */
    const char *requests;   /* of each pod */
    uint32_t node_count;    /* that twelve pods need */
    uint32_t pods_per_node; /* at most; the last node has fewer */
} rows[] = {
    {"defaults", "", "cpu: 100m, memory: 64Mi", 1, 12},
    {"maxPods", "  kubelet: {maxPods: 10}\n", "cpu: 100m, memory: 64Mi", 2, 10},
    {"a small maxPods", "  kubelet: {maxPods: 3}\n", "cpu: 100m, memory: 64Mi", 4, 3},
    {"podsPerCore", "  kubelet: {podsPerCore: 2}\n", "cpu: 100m, memory: 64Mi", 1, 12},
    {"kubeReserved", "  kubelet: {kubeReserved: {cpu: 900m, memory: 1Gi}}\n",
     "cpu: 100m, memory: 64Mi", 1, 12},
    {"systemReserved", "  kubelet: {systemReserved: {cpu: 1500m}}\n", "cpu: 100m, memory: 64Mi", 1,
     12},
    {"evictionHard", "  kubelet: {evictionHard: {memory.available: 40%}}\n",
     "cpu: 100m, memory: 256Mi", 1, 12},
    {"evictionSoft",
     "  kubelet: {evictionSoft: {memory.available: 2Gi}, evictionSoftGracePeriod:"
     " {memory.available: 1m}}\n",
     "cpu: 100m, memory: 64Mi", 1, 12},
    {"the default root volume", "", "cpu: 100m, ephemeral-storage: 5Gi", 4, 3},
    {"a large root volume",
     "  blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 200Gi}}]\n",
     "cpu: 100m, ephemeral-storage: 5Gi", 1, 12},
    {"instance disks", "  instanceStorePolicy: RAID0\n", "cpu: 100m, ephemeral-storage: 5Gi", 1,
     12},
};

/* "m5.large, 1930m, 7.0 GiB": how often the run has such a node, and how often the solution. */
static void compare_claim(wb_run_fixture *run, const wb_one_shot_fixture *solved, uint32_t index,
                          int64_t run_id)
{
    const wb_one_shot_claim *claim = &solved->solution.claims[index];
    CU_ASSERT_NOT_EQUAL_FATAL(claim->type_index, UINT32_MAX);
    const wb_catalog_type *type = wb_solver_world_type(solved->solution.world, claim->type_index);
    const char *name = wb_intern_text(&solved->intern, type->name);
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "SELECT node_id FROM nodes WHERE run_id = ?1 AND instance_type = '%s' AND "
                   "cpu_milli = %lld AND memory_bytes = %lld",
                   name, (long long)claim->cpu_allocatable_milli,
                   (long long)claim->memory_allocatable_bytes);
    uint32_t expected = 0;
    for (uint32_t i = 0; i < solved->solution.result.claim_count; i++) {
        const wb_one_shot_claim *other = &solved->solution.claims[i];
        expected += other->type_index == claim->type_index ? 1U : 0U;
    }
    const uint32_t found = wb_run_fixture_count_rows(run, NULL, sql, run_id);
    if (found != expected) {
        printf("\n  %u nodes like %s, %lldm, %lld bytes; expected %u", found, name,
               (long long)claim->cpu_allocatable_milli, (long long)claim->memory_allocatable_bytes,
               expected);
    }
    CU_ASSERT_EQUAL(found, expected);
}

static void check_row(size_t row)
{
    char deployment[1024];
    char pools[4096];
    (void)snprintf(deployment, sizeof deployment, deployment_format, rows[row].requests);
    (void)snprintf(pools, sizeof pools, "%s%s", wb_one_shot_fixture_pool, rows[row].spec);
    wb_one_shot_fixture solved;
    wb_one_shot_fixture_solve(&solved, pools, deployment);
    wb_run_fixture run;
    wb_run_fixture_init(&run);
    (void)wb_scratch_folder_write(&run.folder, "web.yaml", deployment, strlen(deployment));
    (void)wb_scratch_folder_write(&run.folder, "pools.yaml", pools, strlen(pools));
    (void)wb_scratch_folder_write(&run.folder, "scenario.yaml", scenario, strlen(scenario));
    CU_ASSERT_FATAL(
        wb_run_fixture_load(&run, wb_scratch_folder_join(&run.folder, "scenario.yaml")));
    CU_ASSERT_EQUAL(run.findings.warning_count, 0);
    const wb_run_figures figures = wb_run_fixture_run(&run, 0, WB_EVENT_QUEUE_HEAP);
    CU_ASSERT_EQUAL(figures.nodes_launched, rows[row].node_count);
    CU_ASSERT_EQUAL(solved.solution.result.claim_count, rows[row].node_count);
    CU_ASSERT_EQUAL(figures.pods_unscheduled, 0);
    for (uint32_t i = 0; i < solved.solution.result.claim_count; i++) {
        compare_claim(&run, &solved, i, figures.run_id);
    }
    char sql[200];
    (void)snprintf(sql, sizeof sql,
                   "SELECT node_id FROM pods WHERE run_id = ?1 GROUP BY node_id "
                   "HAVING count(*) > %u",
                   rows[row].pods_per_node);
    CU_ASSERT_EQUAL(wb_run_fixture_count_rows(&run, rows[row].name, sql, figures.run_id), 0);
    wb_run_fixture_release(&run);
    wb_one_shot_fixture_release(&solved);
}

static void run_and_solve_agree(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        check_row(i);
    }
}

static const wb_test_case cases[] = {
    {"run and solve make the same nodes of a NodeClass", run_and_solve_agree},
};

int main(void)
{
    return wb_test_run("run_nodeclass", cases, WB_TEST_COUNT(cases));
}
