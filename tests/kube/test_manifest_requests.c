/* Effective requests of pods: the arithmetic that everything is placed by. */
#include "tests/kube/manifest_fixture.h"

static const char head[] = "apiVersion: v1\n"
                           "kind: Pod\n"
                           "metadata: {name: p}\n"
                           "spec:\n";

/* cpu in milli-units, the rest in units. */
static const struct {
    const char *name, *body, *expected;
} cases[] = {
    {"no request at all", "  containers: [{name: a}]\n", "pods=1"},
    {"one container",
     "  containers: [{name: a, resources: {requests: {cpu: 250m, memory: 256Mi}}}]\n",
     "cpu=250 memory=268435456 pods=1"},
    {"containers add up",
     "  containers:\n"
     "  - {name: a, resources: {requests: {cpu: 250m, memory: 1k}}}\n"
     "  - {name: b, resources: {requests: {cpu: 1}}}\n",
     "cpu=1250 memory=1000 pods=1"},
    {"a limit is a request", "  containers: [{name: a, resources: {limits: {cpu: 2}}}]\n",
     "cpu=2000 pods=1"},
    {"a limit fills in only what is missing",
     "  containers: [{name: a, resources: {requests: {cpu: 1}, limits: {cpu: 2, memory: 3}}}]\n",
     "cpu=1000 memory=3 pods=1"},
    {"a request of zero is not missing",
     "  containers: [{name: a, resources: {requests: {cpu: 0}, limits: {cpu: 2}}}]\n",
     "cpu=0 pods=1"},
    {"cpu below a milli-unit rounds up",
     "  containers: [{name: a, resources: {requests: {cpu: 100u}}}]\n", "cpu=1 pods=1"},
    {"memory below a byte rounds up",
     "  containers: [{name: a, resources: {requests: {memory: 1500m}}}]\n", "memory=2 pods=1"},
    {"a device", "  containers: [{name: a, resources: {limits: {nvidia.com/gpu: 2}}}]\n",
     "pods=1 nvidia.com/gpu=2"},
    {"an init container below the sum",
     "  containers: [{name: a, resources: {requests: {cpu: 2}}}]\n"
     "  initContainers: [{name: i, resources: {requests: {cpu: 1}}}]\n",
     "cpu=2000 pods=1"},
    {"an init container above the sum",
     "  containers: [{name: a, resources: {requests: {cpu: 2}}}]\n"
     "  initContainers: [{name: i, resources: {requests: {cpu: 5}}}]\n",
     "cpu=5000 pods=1"},
    {"init containers do not add up",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  initContainers:\n"
     "  - {name: i, resources: {requests: {cpu: 3}}}\n"
     "  - {name: j, resources: {requests: {cpu: 4}}}\n",
     "cpu=4000 pods=1"},
    {"each resource has its own largest moment",
     "  containers: [{name: a, resources: {requests: {cpu: 1, memory: 9}}}]\n"
     "  initContainers: [{name: i, resources: {requests: {cpu: 3, memory: 4}}}]\n",
     "cpu=3000 memory=9 pods=1"},
    {"a sidecar stays beside the containers",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 2}}}]\n",
     "cpu=3000 pods=1"},
    {"an init container after a sidecar runs beside it",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  initContainers:\n"
     "  - {name: s, restartPolicy: Always, resources: {requests: {cpu: 2}}}\n"
     "  - {name: i, resources: {requests: {cpu: 4}}}\n",
     "cpu=6000 pods=1"},
    {"an init container before a sidecar runs alone",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  initContainers:\n"
     "  - {name: i, resources: {requests: {cpu: 4}}}\n"
     "  - {name: s, restartPolicy: Always, resources: {requests: {cpu: 2}}}\n",
     "cpu=4000 pods=1"},
    {"two sidecars and an init container between them",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  initContainers:\n"
     "  - {name: s, restartPolicy: Always, resources: {requests: {cpu: 2}}}\n"
     "  - {name: i, resources: {requests: {cpu: 3}}}\n"
     "  - {name: t, restartPolicy: Always, resources: {requests: {cpu: 2}}}\n",
     "cpu=5000 pods=1"},
    {"an init container runs beside all sidecars before it",
     "  containers: [{name: a}]\n"
     "  initContainers:\n"
     "  - {name: s, restartPolicy: Always, resources: {requests: {cpu: 2}}}\n"
     "  - {name: t, restartPolicy: Always, resources: {requests: {cpu: 3}}}\n"
     "  - {name: i, resources: {requests: {cpu: 4}}}\n",
     "cpu=9000 pods=1"},
    {"a restart policy of a container makes no sidecar",
     "  containers: [{name: a, restartPolicy: Always, resources: {requests: {cpu: 1}}}]\n",
     "cpu=1000 pods=1"},
    {"overhead comes on top",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  overhead: {cpu: 250m, memory: 120Mi}\n",
     "cpu=1250 memory=125829120 pods=1"},
    {"pod-level requests replace the sum",
     "  containers: [{name: a, resources: {requests: {cpu: 1, memory: 5}}}]\n"
     "  resources: {requests: {cpu: 4}}\n",
     "cpu=4000 memory=5 pods=1"},
    {"pod-level requests replace the largest moment too",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  initContainers: [{name: i, resources: {requests: {cpu: 9}}}]\n"
     "  resources: {requests: {cpu: 4}}\n",
     "cpu=4000 pods=1"},
    {"overhead comes on top of pod-level requests",
     "  containers: [{name: a}]\n"
     "  resources: {requests: {cpu: 4}}\n"
     "  overhead: {cpu: 1}\n",
     "cpu=5000 pods=1"},
    {"a pod-level limit is the request where no container asks",
     "  containers: [{name: a}]\n"
     "  resources: {limits: {cpu: 4}}\n",
     "cpu=4000 pods=1"},
    {"a pod-level limit beside a pod-level request",
     "  containers: [{name: a}]\n"
     "  resources: {requests: {cpu: 3}, limits: {cpu: 4}}\n",
     "cpu=3000 pods=1"},
    {"a pod-level limit is no request where a container asks",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "  resources: {limits: {cpu: 4}}\n",
     "cpu=1000 pods=1"},
    {"a resize that was granted but not asked for any more",
     "  containers: [{name: a, resources: {requests: {cpu: 1}}}]\n"
     "status: {phase: Running, containerStatuses: [{name: a, allocatedResources: {cpu: 3}, "
     "resources: {requests: {cpu: 2}}}]}\n",
     "cpu=3000 pods=1"},
    {"a resize that is still to be granted",
     "  containers: [{name: a, resources: {requests: {cpu: 5}}}]\n"
     "status: {phase: Running, containerStatuses: [{name: a, allocatedResources: {cpu: 3}, "
     "resources: {requests: {cpu: 2}}}]}\n",
     "cpu=5000 pods=1"},
    {"a resize that cannot be",
     "  containers: [{name: a, resources: {requests: {cpu: 5}}}]\n"
     "status: {phase: Running, conditions: [{type: PodResizePending, reason: Infeasible}], "
     "containerStatuses: [{name: a, allocatedResources: {cpu: 3}, resources: {requests: {cpu: "
     "2}}}]}\n",
     "cpu=3000 pods=1"},
    {"a status of another container",
     "  containers: [{name: a, resources: {requests: {cpu: 5}}}]\n"
     "status: {phase: Running, containerStatuses: [{name: b, allocatedResources: {cpu: 9}, "
     "resources: {requests: {cpu: 9}}}]}\n",
     "cpu=5000 pods=1"},
};

static void requests_are_effective(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_manifest_fixture f;
        wb_manifest_fixture_init(&f);
        wb_text text;
        wb_text_init(&text);
        wb_text_add_string(&text, head);
        wb_text_add_string(&text, cases[i].body);
        wb_manifest_fixture_load(&f, wb_text_string(&text));
        CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
        CU_ASSERT_EQUAL_FATAL(f.manifest.pod_count, 1);
        const char *told = wb_manifest_fixture_resources(&f, f.manifest.pods[0].template->requests);
        if (strcmp(told, cases[i].expected) != 0) {
            printf("\n%s: %s, expected %s\n", cases[i].name, told, cases[i].expected);
        }
        CU_ASSERT_STRING_EQUAL(told, cases[i].expected);
        wb_text_release(&text);
        wb_manifest_fixture_release(&f);
    }
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"requests are effective", requests_are_effective},
    };
    return wb_test_run("manifest_requests", tests, WB_TEST_COUNT(tests));
}
