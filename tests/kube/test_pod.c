/* Templates of pods: equal by content, hashed alike. */
#include <string.h>

#include "kube/pod.h"
#include "tests/kube/manifest_fixture.h"

static const char base[] = "apiVersion: v1\n"
                           "kind: Pod\n"
                           "metadata: {name: p, labels: {a: b}}\n"
                           "spec:\n"
                           "  containers: [{name: c, image: i}]\n";

/* Each row adds one thing to a plain pod, and no two rows make equal pods. */
static const struct {
    const char *name, *body;
} variants[] = {
    {"a plain pod", ""},
    {"a request", "  containers: [{name: c, image: i, resources: {requests: {cpu: 1}}}]\n"},
    {"another request", "  containers: [{name: c, image: i, resources: {requests: {cpu: 2}}}]\n"},
    {"a limit", "  containers: [{name: c, image: i, resources: {requests: {cpu: 1}, "
                "limits: {cpu: 2}}}]\n"},
    {"another image", "  containers: [{name: c, image: j}]\n"},
    {"another container name", "  containers: [{name: d, image: i}]\n"},
    {"an init container", "  initContainers: [{name: d, image: i}]\n"},
    {"a sidecar", "  initContainers: [{name: d, image: i, restartPolicy: Always}]\n"},
    {"a host port",
     "  containers: [{name: c, image: i, ports: [{containerPort: 1, hostPort: 1}]}]\n"},
    {"another protocol", "  containers: [{name: c, image: i, ports: [{containerPort: 1, hostPort: "
                         "1, protocol: UDP}]}]\n"},
    {"a node selector", "  nodeSelector: {x: y}\n"},
    {"a required node",
     "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "{nodeSelectorTerms: [{matchExpressions: [{key: x, operator: Exists}]}]}}}\n"},
    {"a required absence",
     "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "{nodeSelectorTerms: [{matchExpressions: [{key: x, operator: DoesNotExist}]}]}}}\n"},
    {"a preferred node", "  affinity: {nodeAffinity: "
                         "{preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, "
                         "preference: {matchExpressions: [{key: x, operator: Exists}]}}]}}\n"},
    {"another weight",
     "  affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: "
     "[{weight: 2, preference: {matchExpressions: [{key: x, operator: Exists}]}}]}}\n"},
    {"pod affinity", "  affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
                     "[{topologyKey: z, labelSelector: {}}]}}\n"},
    {"pod affinity with no selector",
     "  affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "[{topologyKey: z}]}}\n"},
    {"pod anti-affinity", "  affinity: {podAntiAffinity: "
                          "{requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, "
                          "labelSelector: {}}]}}\n"},
    {"namespaces", "  affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
                   "[{topologyKey: z, labelSelector: {}, namespaces: [n]}]}}\n"},
    {"a namespace selector",
     "  affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "[{topologyKey: z, labelSelector: {}, namespaceSelector: {}}]}}\n"},
    {"a toleration", "  tolerations: [{key: t, operator: Exists}]\n"},
    {"a toleration of one effect",
     "  tolerations: [{key: t, operator: Exists, effect: NoExecute}]\n"},
    {"a toleration for a while", "  tolerations: [{key: t, operator: Exists, effect: NoExecute, "
                                 "tolerationSeconds: 9}]\n"},
    {"a spread", "  topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: "
                 "DoNotSchedule}]\n"},
    {"a soft spread", "  topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, "
                      "whenUnsatisfiable: ScheduleAnyway}]\n"},
    {"a spread over domains", "  topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, "
                              "whenUnsatisfiable: DoNotSchedule, minDomains: 2}]\n"},
    {"a spread that honours taints",
     "  topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, "
     "whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: Honor}]\n"},
    {"a claim", "  volumes: [{name: v, persistentVolumeClaim: {claimName: x}}]\n"},
    {"an empty directory", "  volumes: [{name: v, emptyDir: {}}]\n"},
    {"a directory in memory", "  volumes: [{name: v, emptyDir: {medium: Memory}}]\n"},
    {"overhead", "  overhead: {cpu: 1}\n"},
    {"pod-level requests", "  resources: {requests: {cpu: 1}}\n"},
    {"a node", "  nodeName: n\n"},
    {"a priority", "  priority: 5\n"},
    {"a priority of 0", "  priority: 0\n"},
    {"a priority class", "  priorityClassName: high\n"},
    {"no preemption", "  preemptionPolicy: Never\n"},
    {"a grace period", "  terminationGracePeriodSeconds: 5\n"},
    {"another scheduler", "  schedulerName: mine\n"},
    {"a gate", "  schedulingGates: [{name: g}]\n"},
    {"a device claim", "  resourceClaims: [{name: g}]\n"},
    {"the host network", "  hostNetwork: true\n"},
    {"a pod that ends", "  restartPolicy: Never\n"},
};

enum {
    VARIANT_COUNT = sizeof(variants) / sizeof(variants[0])
};

/* A row that gives containers of its own replaces the plain pod's. */
static void load_variant(wb_manifest_fixture *f, const char *body)
{
    static const char containers[] = "  containers: [{name: c, image: i}]\n";
    wb_text text;
    wb_text_init(&text);
    const bool replaces = strncmp(body, "  containers", strlen("  containers")) == 0;
    wb_text_add(&text, base, strlen(base) - (replaces ? strlen(containers) : 0));
    wb_text_add_string(&text, body);
    wb_manifest_fixture_load(f, wb_text_string(&text));
    wb_text_release(&text);
}

/* Variant j of the second round against variant i of the first. */
static void compare_variants(const wb_manifest_fixture *f, size_t i, size_t j)
{
    const wb_pod_template *a = f->manifest.pods[i].template;
    const wb_pod_template *b = f->manifest.pods[VARIANT_COUNT + j].template;
    if (wb_pod_template_equals(a, b) != (i == j)) {
        printf("\n%s / %s\n", variants[i].name, variants[j].name);
        CU_FAIL("compared wrongly");
    }
    if (i == j) {
        CU_ASSERT_EQUAL(wb_pod_template_hash(a), wb_pod_template_hash(b));
    }
}

static void templates_are_equal_by_content(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < VARIANT_COUNT; i++) {
            load_variant(&f, variants[i].body);
        }
    }
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    CU_ASSERT_EQUAL_FATAL(f.manifest.pod_count, 2 * VARIANT_COUNT);
    for (size_t i = 0; i < VARIANT_COUNT; i++) {
        for (size_t j = 0; j < VARIANT_COUNT; j++) {
            compare_variants(&f, i, j);
        }
    }
    wb_manifest_fixture_release(&f);
}

/* What differs often has to differ in the hash, or every lookup becomes a comparison. */
static void hashes_tell_common_differences(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    size_t told_apart = 0;
    for (size_t i = 0; i < VARIANT_COUNT; i++) {
        load_variant(&f, variants[i].body);
    }
    for (size_t i = 1; i < VARIANT_COUNT; i++) {
        told_apart += wb_pod_template_hash(f.manifest.pods[0].template) !=
                              wb_pod_template_hash(f.manifest.pods[i].template)
                          ? 1U
                          : 0U;
    }
    CU_ASSERT(told_apart * 10 > VARIANT_COUNT * (size_t)7);
    wb_manifest_fixture_release(&f);
}

static void the_order_of_a_map_makes_no_difference(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(
        &f, "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {x: '1', y: '2'}}\n"
            "spec: {containers: [{name: c}], topologySpreadConstraints: [{maxSkew: 1, "
            "topologyKey: z, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: "
            "{x: '1', y: '2'}}}]}\n---\n"
            "apiVersion: v1\nkind: Pod\nmetadata: {name: q, labels: {y: '2', x: '1'}}\n"
            "spec: {containers: [{name: c}], topologySpreadConstraints: [{maxSkew: 1, "
            "topologyKey: z, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: "
            "{y: '2', x: '1'}}}]}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.pod_count, 2);
    CU_ASSERT_TRUE(
        wb_pod_template_equals(f.manifest.pods[0].template, f.manifest.pods[1].template));
    wb_manifest_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"templates are equal by content, not by address", templates_are_equal_by_content},
        {"hashes tell common differences", hashes_tell_common_differences},
        {"the order of a map makes no difference", the_order_of_a_map_makes_no_difference},
    };
    return wb_test_run("pod", cases, WB_TEST_COUNT(cases));
}
