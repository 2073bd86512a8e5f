/* Which pods run, which want a place, and which are still to be made; then where they go. */
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/one_shot.h"
#include "tests/harness.h"
#include "tests/scenarios/one_shot_fixture.h"

#define CONTAINERS(cpu) \
    "containers: [{name: c, image: i, resources: {requests: {cpu: " cpu ", memory: 1Gi}}}]"
#define WORKLOAD(kind, name, rest, cpu)                                      \
    "---\napiVersion: apps/v1\nkind: " kind "\nmetadata: {name: " name "}\n" \
    "spec:\n  selector: {matchLabels: {app: " name "}}\n  template:\n"       \
    "    metadata: {labels: {app: " name "}}\n    spec: {" CONTAINERS(cpu) "}\n" rest
#define JOB(rest)                                                                       \
    "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: job}\nspec:\n  template:\n" \
    "    spec: {restartPolicy: Never, " CONTAINERS("1") "}\n" rest
#define NODE(name, more, rest)                                                               \
    "---\napiVersion: v1\nkind: Node\nmetadata:\n  name: " name "\n"                         \
    "  labels: {kubernetes.io/hostname: " name ", topology.kubernetes.io/zone: us-east-1a, " \
    "kubernetes.io/os: linux, kubernetes.io/arch: amd64" more "}\n" rest                     \
    "status:\n  allocatable: {cpu: 4, memory: 16Gi, pods: 50}\n"                             \
    "  capacity: {cpu: 4, memory: 16Gi, pods: 50}\n"                                         \
    "  conditions: [{type: Ready, status: 'True'}]\n"
#define POD(name, owner, node, status)                                    \
    "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: " name "\n" owner \
    "spec: {" node CONTAINERS("1") "}\nstatus: " status "\n"
#define OF_WEB                                                           \
    "  labels: {app: web, pod-template-hash: abc}\n  ownerReferences:\n" \
    "    - {apiVersion: apps/v1, kind: ReplicaSet, name: web-abc, uid: u, controller: true}\n"
#define OF_AGENT           \
    "  ownerReferences:\n" \
    "    - {apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: d, controller: true}\n"
#define RUNNING "{phase: Running}"
#define WAITING                                                                    \
    "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: " \
    "Unschedulable}]}"

static const struct {
    const char *name, *files;
    uint32_t wanting, running, daemons, placed_on_nodes, left;
} rows[] = {
    {"a Deployment is as many pods as it has replicas",
     WORKLOAD("Deployment", "web", "  replicas: 3\n", "1"), 3, 0, 0, 0, 0},
    {"a Deployment at rest is none", WORKLOAD("Deployment", "web", "  replicas: 0\n", "1"), 0, 0, 0,
     0, 0},
    {"a Job is as many pods as may run at once", JOB("  completions: 5\n  parallelism: 2\n"), 2, 0,
     0, 0, 0},
    {"a Job that is nearly done is what is left of it",
     JOB("  completions: 5\n  parallelism: 4\nstatus: {succeeded: 4}\n"), 1, 0, 0, 0, 0},
    {"a suspended Job is none", JOB("  suspend: true\n"), 0, 0, 0, 0, 0},
    {"a DaemonSet is overhead and no pod", WORKLOAD("DaemonSet", "agent", "", "1"), 0, 0, 1, 0, 0},
    {"a pod on paper wants a place",
     "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {" CONTAINERS("1") "}\n", 1, 0, 0,
     0, 0},
    {"a pod that the scheduler gave up on wants a place", POD("p", "", "", WAITING), 1, 0, 0, 0, 0},
    {"a pod that nobody has looked at yet is left alone", POD("p", "", "", "{phase: Pending}"), 0,
     0, 0, 0, 0},
    {"a pod that has ended is nothing", POD("p", "", "nodeName: n, ", "{phase: Succeeded}"), 0, 0,
     0, 0, 0},
    {"a running pod takes room and is no work",
     NODE("n", "", "") POD("p", "", "nodeName: n, ", RUNNING), 0, 1, 0, 0, 0},
    {"pods of a Deployment that are there are not made again",
     WORKLOAD("Deployment", "web", "  replicas: 3\n", "1") NODE("n", "", "")
         POD("web-abc-1", OF_WEB, "nodeName: n, ", RUNNING) POD("web-abc-2", OF_WEB, "", WAITING),
     2, 1, 0, 2, 0},
    {"a dump without the DaemonSet has its pods tell of it",
     NODE("n", "", "") POD("agent-1", OF_AGENT, "nodeName: n, ", RUNNING), 0, 1, 1, 0, 0},
    {"pods fill the room of existing nodes first",
     NODE("n", "", "") WORKLOAD("Deployment", "web", "  replicas: 5\n", "1"), 5, 0, 0, 4, 0},
    {"a node with a taint takes none",
     NODE("n", "", "spec: {taints: [{key: a, effect: NoSchedule}]}\n")
         WORKLOAD("Deployment", "web", "  replicas: 2\n", "1"),
     2, 0, 0, 0, 0},
    {"pods of a node that goes away want another place",
     NODE("n", ", karpenter.sh/nodepool: general, karpenter.sh/initialized: 'true'",
          "spec: {taints: [{key: karpenter.sh/disrupted, effect: NoSchedule}]}\n")
         POD("web-abc-1", OF_WEB, "nodeName: n, ", RUNNING)
             POD("agent-1", OF_AGENT, "nodeName: n, ", RUNNING),
     1, 2, 1, 0, 0},
    {"what no instance type can hold is left over", WORKLOAD("Deployment", "web", "", "4000"), 1, 0,
     0, 0, 1},
};

static void pods_and_places(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_one_shot_fixture f;
        wb_one_shot_fixture_solve(&f, wb_one_shot_fixture_pool, rows[i].files);
        const bool is_right = f.input.pod_count == rows[i].wanting &&
                              f.input.running_count == rows[i].running &&
                              f.input.daemon_count == rows[i].daemons &&
                              f.solution.on_node_count == rows[i].placed_on_nodes &&
                              f.solution.left_count == rows[i].left;
        if (!is_right) {
            printf("\n%s: %u wanting, %u running, %u daemons, %u on nodes, %u left\n", rows[i].name,
                   f.input.pod_count, f.input.running_count, f.input.daemon_count,
                   f.solution.on_node_count, f.solution.left_count);
        }
        CU_ASSERT_TRUE(is_right);
        wb_one_shot_fixture_release(&f);
    }
}

static void claims_are_launched_as_the_cheapest(void)
{
    wb_one_shot_fixture f;
    wb_one_shot_fixture_solve(&f, wb_one_shot_fixture_pool,
                              WORKLOAD("Deployment", "web", "  replicas: 3\n", "1"));
    CU_ASSERT_EQUAL_FATAL(f.solution.result.claim_count, 1);
    const wb_one_shot_claim *claim = &f.solution.claims[0];
    CU_ASSERT_STRING_EQUAL(claim->name, "general-1");
    CU_ASSERT_EQUAL(claim->capacity_type, WB_CAPACITY_SPOT);
    CU_ASSERT_EQUAL(claim->cpu_requested_milli, 3000);
    CU_ASSERT_TRUE(claim->cpu_requested_milli <= claim->cpu_allocatable_milli);
    CU_ASSERT_TRUE(claim->price_usd_per_hour <= claim->made->cheapest.price_usd_per_hour);
    CU_ASSERT_EQUAL(claim->plan.type_count, WB_LAUNCH_MAX_TYPES);
    wb_one_shot_fixture_release(&f);
}

/* The claim templates of a StatefulSet make claims, and a class that is not there is assumed. */
static void stateful_pods_have_volumes(void)
{
    wb_one_shot_fixture f;
    wb_one_shot_fixture_solve(
        &f, wb_one_shot_fixture_pool,
        WORKLOAD("StatefulSet", "db",
                 "  replicas: 2\n  serviceName: db\n  volumeClaimTemplates:\n"
                 "    - metadata: {name: data}\n      spec: {accessModes: [ReadWriteOnce], "
                 "storageClassName: gp3, resources: {requests: {storage: 1Gi}}}\n",
                 "1"));
    CU_ASSERT_EQUAL(f.input.storage.volume_claim_count, 2);
    CU_ASSERT_EQUAL(f.input.storage.storage_class_count, 1);
    CU_ASSERT_EQUAL(f.input.note_count, 1);
    CU_ASSERT_EQUAL(f.solution.left_count, 0);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&f.intern, f.input.pods[0].name), "db-0");
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&f.intern, f.input.storage.volume_claims[1].name),
                           "data-db-1");
    wb_one_shot_fixture_release(&f);
}

static void the_region_is_that_of_the_nodes(void)
{
    wb_one_shot_fixture f;
    wb_one_shot_fixture_read(&f, wb_one_shot_fixture_pool,
                             "apiVersion: v1\nkind: Node\nmetadata:\n  name: n\n"
                             "  labels: {topology.kubernetes.io/zone: eu-central-1b}\n",
                             false);
    CU_ASSERT_EQUAL_FATAL(f.status, WB_OK);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&f.intern, f.input.catalog.region), "eu-central-1");
    CU_ASSERT_FALSE(f.input.region_is_assumed);
    CU_ASSERT_EQUAL(f.input.catalog.zone_count, 3);
    CU_ASSERT_EQUAL(f.input.note_count, 1); /* prices of another region stand in */
    wb_one_shot_fixture_release(&f);
}

static const struct {
    const char *name, *first, *second, *message;
} refused_rows[] = {
    {"no NodePool", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", NULL,
     "no NodePool among the files"},
    {"the same NodePool twice", wb_one_shot_fixture_pool, wb_one_shot_fixture_pool,
     "another NodePool of that name is in the files"},
    {"the same Deployment twice", wb_one_shot_fixture_pool,
     WORKLOAD("Deployment", "web", "", "1") WORKLOAD("Deployment", "web", "", "1"),
     "another Deployment of that name is in the files"},
    {"more pods than anybody has", wb_one_shot_fixture_pool,
     WORKLOAD("Deployment", "web", "  replicas: 2000000\n", "1"), "more than 1000000 pods"},
};

static void bad_sets_of_files_are_refused(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(refused_rows); i++) {
        wb_one_shot_fixture f;
        wb_one_shot_fixture_read(&f, refused_rows[i].first, refused_rows[i].second, false);
        CU_ASSERT_NOT_EQUAL(f.status, WB_OK);
        if (f.status != WB_OK && strstr(f.err.text, refused_rows[i].message) == NULL) {
            printf("\n%s: '%s'\n", refused_rows[i].name, f.err.text);
            CU_FAIL("another message");
        }
        wb_one_shot_fixture_release(&f);
    }
}

static const wb_test_case cases[] = {
    {"each kind of object makes the pods that it should", pods_and_places},
    {"claims are launched as the cheapest that the fleet request allows",
     claims_are_launched_as_the_cheapest},
    {"pods of a StatefulSet have the volumes of its claim templates", stateful_pods_have_volumes},
    {"the region is that of the nodes", the_region_is_that_of_the_nodes},
    {"sets of files that make no sense are refused", bad_sets_of_files_are_refused},
};

int main(void)
{
    return wb_test_run("one_shot", cases, WB_TEST_COUNT(cases));
}
