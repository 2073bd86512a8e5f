/* HorizontalPodAutoscaler: what is refused, and what the rest decodes to. */
#include "tests/kube/manifest_fixture.h"

#define HEAD                                                                                  \
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n" \
    "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}\n"

static const wb_manifest_fixture_case rows[] = {
    {"cpu at 80 % by default", "  maxReplicas: 5\n", ""},
    {"no most", "  minReplicas: 2\n", "E 5:3: spec.maxReplicas: Required value\n"},
    {"the most below the least", "  minReplicas: 3\n  maxReplicas: 2\n",
     "E 7:16: spec.maxReplicas: Invalid value: 2: must be greater than or equal to "
     "`minReplicas`\n"},
    {"nobody at the least", "  minReplicas: 0\n  maxReplicas: 2\n",
     "E 6:16: spec.minReplicas: Invalid value: 0: must be greater than or equal to 1\n"},
    {"a utilization of nothing",
     "  maxReplicas: 2\n  metrics: [{type: Resource, resource: {name: cpu, target: {type: "
     "Utilization, averageUtilization: 0}}}]\n",
     "E 7:100: spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be from "
     "1 to 2147483647\n"},
    {"a metric without a target",
     "  maxReplicas: 2\n  metrics: [{type: Pods, pods: {metric: {name: rps}, target: {type: "
     "AverageValue}}}]\n",
     "E 7:62: spec.metrics[0].pods.target: Required value: must set averageValue\n"},
    {"a value of pods has no meaning",
     "  maxReplicas: 2\n  metrics: [{type: Pods, pods: {metric: {name: rps}, target: {type: Value, "
     "value: 3}}}]\n",
     "E 7:62: spec.metrics[0].pods.target: Required value: must set averageValue\n"},
    {"metrics of objects are left out",
     "  maxReplicas: 2\n  metrics: [{type: Object, object: {}}]\n",
     "W 7:20: spec.metrics[0].type: a metric of type 'Object' is not simulated: it is left out\n"},
    {"a window of two hours",
     "  maxReplicas: 2\n  behavior: {scaleDown: {stabilizationWindowSeconds: 7200}}\n",
     "E 7:54: spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 7200: must be "
     "from 0 to 3600\n"},
    {"no policies", "  maxReplicas: 2\n  behavior: {scaleDown: {policies: []}}\n",
     "E 7:36: spec.behavior.scaleDown.policies: Required value: must specify at least one "
     "Policy\n"},
    {"a policy without a period",
     "  maxReplicas: 2\n  behavior: {scaleUp: {policies: [{type: Pods, value: 4}]}}\n",
     "E 7:35: spec.behavior.scaleUp.policies[0].periodSeconds: Required value\n"},
    {"no target's name",
     "  maxReplicas: 2\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: "
     "{name: i}\nspec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment}}\n",
     "E 11:40: spec.scaleTargetRef.name: Required value\n"},
    {"a target of somebody else's",
     "  maxReplicas: 2\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: "
     "{name: i}\nspec: {maxReplicas: 2, scaleTargetRef: {kind: Rollout, name: r}}\n",
     "W 11:47: spec.scaleTargetRef.kind: a 'Rollout' is not scaled here: the autoscaler is left "
     "out\n"},
    {"an old version",
     "  maxReplicas: 2\n---\napiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\n",
     "W 8:13: apiVersion: autoscaling/v2beta2 of HorizontalPodAutoscaler is not known and the "
     "object is ignored; expected autoscaling/v2\n"},
    {"a misspelt field", "  maxReplica: 2\n  maxReplicas: 2\n",
     "W 6:3: unknown field 'spec.maxReplica', did you mean 'maxReplicas'?\n"},
};

static void test_rules(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_manifest_fixture_expect(rows[i].name, HEAD, rows[i].body, rows[i].expected);
    }
}

static const char full[] =
    HEAD "  minReplicas: 2\n  maxReplicas: 9\n"
         "  metrics:\n"
         "  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: "
         "1Gi}}}\n"
         "  - {type: External, external: {metric: {name: q}, target: {type: Value, value: 30}}}\n"
         "  - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: "
         "500m}}}\n"
         "  behavior:\n"
         "    scaleUp: {selectPolicy: Min, tolerance: '0.05'}\n"
         "    scaleDown: {policies: [{type: Percent, value: 20, periodSeconds: 60}]}\n"
         "---\n"
         "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: old}\n"
         "spec:\n  scaleTargetRef: {kind: StatefulSet, name: s}\n  maxReplicas: 4\n"
         "  targetCPUUtilizationPercentage: 55\n";

static void check_first(const wb_manifest_fixture *f, const wb_hpa *hpa)
{
    CU_ASSERT(wb_manifest_fixture_is(f, hpa->target_name, "d"));
    CU_ASSERT_EQUAL(hpa->target_kind, WB_OWNER_DEPLOYMENT);
    CU_ASSERT_EQUAL(hpa->namespace_name, WB_NAME_DEFAULT);
    CU_ASSERT_EQUAL(hpa->min_replicas, 2);
    CU_ASSERT_EQUAL(hpa->max_replicas, 9);
    CU_ASSERT_EQUAL_FATAL(hpa->metric_count, 3);
    CU_ASSERT_EQUAL(hpa->metrics[0].target_kind, WB_HPA_AVERAGE_VALUE);
    CU_ASSERT_EQUAL(hpa->metrics[0].target, (INT64_C(1) << 30) * 1000);
    CU_ASSERT_EQUAL(hpa->metrics[1].kind, WB_HPA_EXTERNAL);
    CU_ASSERT_EQUAL(hpa->metrics[1].target_kind, WB_HPA_VALUE);
    CU_ASSERT_EQUAL(hpa->metrics[1].target, 30000);
    CU_ASSERT_EQUAL(hpa->metrics[2].target, 500);
    CU_ASSERT(hpa->has_behavior);
    CU_ASSERT_EQUAL(hpa->up.select, WB_HPA_SELECT_MIN);
    CU_ASSERT_DOUBLE_EQUAL(hpa->up.tolerance, 0.05, 1e-12);
    CU_ASSERT_EQUAL(hpa->up.policy_count, 2);
    CU_ASSERT_EQUAL(hpa->up.window_ms, 0);
    CU_ASSERT_EQUAL(hpa->down.window_ms, 300000);
    CU_ASSERT_EQUAL_FATAL(hpa->down.policy_count, 1);
    CU_ASSERT(hpa->down.policies[0].is_percent);
    CU_ASSERT_EQUAL(hpa->down.policies[0].period_ms, 60000);
}

static void test_values(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(&f, full);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    CU_ASSERT_EQUAL_FATAL(f.manifest.hpa_count, 2);
    check_first(&f, &f.manifest.hpas[0]);
    const wb_hpa *old = &f.manifest.hpas[1];
    CU_ASSERT_EQUAL(old->target_kind, WB_OWNER_STATEFUL_SET);
    CU_ASSERT_EQUAL(old->min_replicas, 1);
    CU_ASSERT(!old->has_behavior);
    CU_ASSERT_EQUAL_FATAL(old->metric_count, 1);
    CU_ASSERT_EQUAL(old->metrics[0].name, WB_NAME_CPU);
    CU_ASSERT_EQUAL(old->metrics[0].target, 55);
    wb_manifest_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"what is refused", test_rules},
    {"what the rest decodes to", test_values},
};

int main(void)
{
    return wb_test_run("horizontal pod autoscalers", cases, WB_TEST_COUNT(cases));
}
