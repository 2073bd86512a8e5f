/*
 * Every expander, and the limits, as a user reaches them: through a scenario's flags and objects,
 * in whole runs. Which group gets the nodes tells which expander decided.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"
#include "tests/scenarios/scenario_fixture.h"

/* Ten pods of a core and 2 GiB: five nodes of "small", two or three of the others. */
static const char service[] =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata: {name: web}\n"
    "spec:\n"
    "  replicas: 10\n"
    "  selector: {matchLabels: {app: web}}\n"
    "  template:\n"
    "    metadata: {labels: {app: web}}\n"
    "    spec:\n"
    "      containers:\n"
    "        - {name: c, image: x, resources: {requests: {cpu: 900m, memory: 1Gi}}}\n";

static const char priorities[] = "apiVersion: v1\n"
                                 "kind: ConfigMap\n"
                                 "metadata: {name: cluster-autoscaler-priority-expander,"
                                 " namespace: kube-system}\n"
                                 "data:\n"
                                 "  priorities: |-\n"
                                 "    10:\n"
                                 "      - .*\n"
                                 "    50:\n"
                                 "      - mem.*\n";

/* small: m5.large; big: c5.4xlarge; memory: r5.xlarge. */
static void write_scenario(wb_run_fixture *fixture, const char *flags)
{
    char text[1600];
    (void)snprintf(text, sizeof text,
                   "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
                   "  horizon: 9m\n  objects: priorities.yaml\n"
                   "  workload: [{manifest: service.yaml}]\n"
                   "  contenders:\n    - name: ca\n      kind: cluster_autoscaler\n"
                   "      boot: instant\n"
                   "      flags: {%s}\n"
                   "      nodeGroups:\n"
                   "        - {name: small, instanceTypes: [m5.large], max: 20}\n"
                   "        - {name: big, instanceTypes: [c5.4xlarge], max: 20}\n"
                   "        - {name: memory, instanceTypes: [r5.xlarge], max: 20}\n",
                   flags);
    (void)wb_scratch_folder_write(&fixture->folder, "service.yaml", service, strlen(service));
    (void)wb_scratch_folder_write(&fixture->folder, "priorities.yaml", priorities,
                                  strlen(priorities));
    (void)wb_scratch_folder_write(&fixture->folder, "s.yaml", text, strlen(text));
}

static const struct {
    const char *name, *flags, *group;
    uint32_t nodes; /* of that group; all nodes are its */
} cases[] = {
    {"the release's default", "", "small", 5},
    {"least-waste", "expander: least-waste", "small", 5},
    {"least-nodes", "expander: least-nodes", "big", 1},
    {"price", "expander: price", "small", 5},
    {"priority by the ConfigMap", "expander: priority", "memory", 3},
    {"priority by the flag, which wins", "expander: priority, priority-config: \"9: [big]\"", "big",
     1},
    {"a chain", "expander: \"most-pods,priority\"", "memory", 3},
    {"nodes in all", "expander: priority, max-nodes-total: \"2\"", "memory", 2},
    {"cores in all", "expander: priority, cores-total: \"0:9\"", "memory", 2},
    {"memory in all", "expander: priority, memory-total: \"0:36\"", "memory", 1},
    {"nodes of one estimate", "expander: priority, max-nodes-per-scaleup: \"1\"", "memory", 3},
};

static void reach_every_expander(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_run_fixture fixture;
        wb_run_fixture_init(&fixture);
        write_scenario(&fixture, cases[i].flags);
        CU_ASSERT_FATAL(
            wb_run_fixture_load(&fixture, wb_scratch_folder_join(&fixture.folder, "s.yaml")));
        const int64_t run_id = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR).run_id;
        char sql[200];
        (void)snprintf(sql, sizeof sql,
                       "SELECT * FROM instances WHERE run_id = ?1 AND node_group = '%s'",
                       cases[i].group);
        const uint32_t of_group = wb_run_fixture_count_rows(&fixture, NULL, sql, run_id);
        const uint32_t all =
            wb_run_fixture_count_rows(&fixture, NULL, "SELECT * FROM instances WHERE run_id = ?1",
                                      run_id);
        if (of_group != cases[i].nodes || all != of_group) {
            printf("\n%s: %u of %s, %u in all\n", cases[i].name, of_group, cases[i].group, all);
        }
        CU_ASSERT_EQUAL(of_group, cases[i].nodes);
        CU_ASSERT_EQUAL(all, of_group);
        wb_run_fixture_release(&fixture);
    }
}

/* random takes any, but the same for a seed. */
static void draw_by_seed(void)
{
    bool taken[3] = {false};
    for (int seed = 0; seed < 12; seed++) {
        int64_t counts[2][3];
        for (int round = 0; round < 2; round++) {
            wb_run_fixture fixture;
            wb_run_fixture_init(&fixture);
            write_scenario(&fixture, "expander: random");
            CU_ASSERT_FATAL(
                wb_run_fixture_load(&fixture, wb_scratch_folder_join(&fixture.folder, "s.yaml")));
            fixture.scenario.seed = (uint64_t)seed;
            const int64_t run_id = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR).run_id;
            static const char *const groups[] = {"small", "big", "memory"};
            for (int g = 0; g < 3; g++) {
                char sql[200];
                (void)snprintf(sql, sizeof sql,
                               "SELECT * FROM instances WHERE run_id = ?1 AND node_group = '%s'",
                               groups[g]);
                counts[round][g] = wb_run_fixture_count_rows(&fixture, NULL, sql, run_id);
                taken[g] = taken[g] || counts[round][g] > 0;
            }
            wb_run_fixture_release(&fixture);
        }
        CU_ASSERT_EQUAL(memcmp(counts[0], counts[1], sizeof counts[0]), 0);
    }
    CU_ASSERT(taken[0] && taken[1] && taken[2]);
}

static const wb_test_case tests[] = {
    {"flags reach every expander and limit", reach_every_expander},
    {"random draws by the seed", draw_by_seed},
};

int main(void)
{
    return wb_test_run("cluster_autoscaler_expanders", tests, WB_TEST_COUNT(tests));
}
