/* Changes made to a scenario's files as they are read. */
#include <string.h>

#include "scenarios/scenario_patch.h"
#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

static const char scenario[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
    "  zones: [us-east-1a]\n  horizon: 1h\n"
    "  workload: [{manifest: web.yaml}]\n"
    "  contenders:\n"
    "    - {kind: karpenter, manifests: [pool.yaml], settings: {batchIdleDuration: 2s}}\n"
    "    - {name: ca, kind: cluster_autoscaler, nodeGroups: [{name: g, instanceTypes: [m5.large], "
    "max: 3}]}\n";
static const char pool[] =
    "apiVersion: v1\nkind: List\nitems:\n"
    "  - apiVersion: karpenter.sh/v1\n    kind: NodePool\n    metadata: {name: default}\n"
    "    spec:\n      weight: 10\n      disruption: {consolidateAfter: 30s}\n      template:\n"
    "        spec:\n"
    "          nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: c}\n"
    "          requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]\n"
    "  - apiVersion: karpenter.k8s.aws/v1\n    kind: EC2NodeClass\n    metadata: {name: c}\n"
    "    spec:\n      role: r\n      amiSelectorTerms: [{alias: al2023@latest}]\n"
    "      subnetSelectorTerms: [{tags: {a: b}}]\n"
    "      securityGroupSelectorTerms: [{tags: {a: b}}]\n";
static const char web[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n"
    "  replicas: 4\n  selector: {matchLabels: {a: b}}\n"
    "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}\n";

static wb_scenario_fixture fixture;

/* A tree of "v: <text>", of which the value is taken. */
static wb_node *value_of(const char *text)
{
    char yaml[160];
    (void)snprintf(yaml, sizeof yaml, "v: %s\n", text);
    wb_document_stream stream;
    wb_error err;
    const wb_document_input input = {.file = "sweep.yaml", .text = yaml, .length = strlen(yaml)};
    const wb_status status = wb_document_read_text(&fixture.arena, &input, &stream, &err);
    CU_ASSERT_EQUAL_FATAL(status, WB_OK);
    return stream.roots[0]->children[0];
}

static void load(const wb_scenario_patch *patches, uint32_t count)
{
    (void)wb_scenario_fixture_write(&fixture, "pool.yaml", pool);
    (void)wb_scenario_fixture_write(&fixture, "web.yaml", web);
    (void)wb_scenario_fixture_write(&fixture, "s.yaml", scenario);
    fixture.overrides.patches = patches;
    fixture.overrides.patch_count = count;
    wb_scenario_fixture_load(&fixture, "s.yaml");
}

static void every_target_is_found(void)
{
    wb_scenario_fixture_init(&fixture);
    const wb_scenario_patch patches[] = {
        {"nodepool/default", "spec.disruption.consolidateAfter", value_of("5m")},
        {"nodepool/default", "spec.template.spec.requirements[kubernetes.io/arch].values",
         value_of("[arm64]")},
        {"NodePool/default", "spec.weight", NULL},
        {"deployment/shop/web", "spec.replicas", value_of("7")},
        {"contender/karpenter", "settings.batchMaxDuration", value_of("20s")},
        {"contender/ca", "nodeGroups[g].max", value_of("9")},
        {"scenario", "spec.horizon", value_of("2h")},
    };
    load(patches, WB_TEST_COUNT(patches));
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    const wb_scenario *loaded = &fixture.scenario;
    const wb_nodepool *nodepool = &loaded->contenders[0].manifest->nodepools[0];
    CU_ASSERT_EQUAL(nodepool->consolidate_after_ms, 300000);
    CU_ASSERT_EQUAL(nodepool->weight, 0);
    CU_ASSERT_EQUAL(loaded->contenders[0].setting_count, 2);
    CU_ASSERT_STRING_EQUAL(loaded->contenders[0].settings[1].value, "20s");
    CU_ASSERT_EQUAL(loaded->contenders[1].node_groups[0].max_count, 9);
    CU_ASSERT_EQUAL(loaded->steps[0].manifest->workloads[0].replicas, 7);
    CU_ASSERT_EQUAL(loaded->horizon_ms, 7200000);
    char changed[33];
    (void)snprintf(changed, sizeof changed, "%s", loaded->digest);
    load(NULL, 0);
    CU_ASSERT_EQUAL(fixture.scenario.horizon_ms, 3600000);
    CU_ASSERT_STRING_NOT_EQUAL(changed, fixture.scenario.digest);
    wb_scenario_fixture_release(&fixture);
}

static const char eksctl[] =
    "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: shop}\n"
    "managedNodeGroups: [{name: managed, instanceType: m5.large, minSize: 0, desiredCapacity: 0, "
    "maxSize: 5}]\n"
    "nodeGroups: [{name: mixed, minSize: 0, desiredCapacity: 0, maxSize: 5, "
    "instancesDistribution: {instanceTypes: [m5.large], onDemandBaseCapacity: 0, "
    "onDemandPercentageAboveBaseCapacity: 100}}]\n";
static const char asgs[] =
    "{\"AutoScalingGroups\": [{\"AutoScalingGroupName\": \"asg\", \"MinSize\": 0, "
    "\"MaxSize\": 5, \"DesiredCapacity\": 0, \"AvailabilityZones\": [\"us-east-1a\"], "
    "\"Instances\": [{\"InstanceType\": \"m5.large\"}]}]}\n";
static const char with_groups[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
    "  zones: [us-east-1a]\n  horizon: 1h\n"
    "  workload: [{manifest: web.yaml}]\n"
    "  contenders:\n"
    "    - {name: one, kind: cluster_autoscaler, nodeGroups: [{name: g, instanceTypes: "
    "[m5.large], max: 3}], nodeGroupFiles: [plain.yaml, eksctl.yaml, asgs.json]}\n"
    "    - {name: two, kind: cluster_autoscaler, nodeGroups: [{name: g, instanceTypes: "
    "[m5.large], max: 4}]}\n";

/* A node group is found by its name wherever it is written, in the words of its form. */
static void node_groups_are_found_in_every_form(void)
{
    wb_scenario_fixture_init(&fixture);
    (void)wb_scenario_fixture_write(
        &fixture, "plain.yaml", "nodeGroups: [{name: plain, instanceTypes: [m5.large], max: 3}]\n");
    (void)wb_scenario_fixture_write(&fixture, "eksctl.yaml", eksctl);
    (void)wb_scenario_fixture_write(&fixture, "asgs.json", asgs);
    (void)wb_scenario_fixture_write(&fixture, "web.yaml", web);
    (void)wb_scenario_fixture_write(&fixture, "s.yaml", with_groups);
    const wb_scenario_patch patches[] = {
        {"nodegroup/g", "max", value_of("11")},
        {"nodegroup/plain", "max", value_of("12")},
        {"NodeGroup/managed", "maxSize", value_of("13")},
        {"nodegroup/mixed", "instancesDistribution.onDemandPercentageAboveBaseCapacity",
         value_of("25")},
        {"nodegroup/asg", "MaxSize", value_of("14")},
    };
    fixture.overrides.patches = patches;
    fixture.overrides.patch_count = WB_TEST_COUNT(patches);
    wb_scenario_fixture_load(&fixture, "s.yaml");
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    const wb_contender *one = &fixture.scenario.contenders[0];
    CU_ASSERT_EQUAL_FATAL(one->node_group_count, 5);
    CU_ASSERT_EQUAL(one->node_groups[0].max_count, 11);
    CU_ASSERT_EQUAL(one->node_groups[1].max_count, 12);
    CU_ASSERT_EQUAL(one->node_groups[2].max_count, 13);
    CU_ASSERT_EQUAL(one->node_groups[3].policy.on_demand_percentage, 25);
    CU_ASSERT_EQUAL(one->node_groups[4].max_count, 14);
    CU_ASSERT_EQUAL(fixture.scenario.contenders[1].node_groups[0].max_count, 11);
    wb_scenario_fixture_release(&fixture);
}

static const struct {
    const char *target, *path, *complaint;
} faults[] = {
    {"nodepool/defualt", "spec.weight", "'nodepool/defualt' is nothing in "},
    {"deployment/web", "spec.replicas", NULL}, /* a namespace that is not said is any */
    {"deployment/other/web", "spec.replicas", "'deployment/other/web' is nothing in "},
    {"nodegroup/x", "max", "'nodegroup/x' is nothing in "},
    {"contender/x", "settings.a", "'contender/x' is nothing in "},
    {"nodepool/default", "spec.template.spec.requirements[zone].values",
     "'zone' is not in the list"},
    {"nodepool/default", "spec.weight", "spec.weight"}, /* the value is judged as the file's is */
};

static bool complains(const char *what)
{
    for (size_t i = 0; i < fixture.findings.error_count; i++) {
        if (strstr(fixture.findings.errors[i].text, what) != NULL) {
            return true;
        }
    }
    return false;
}

static void faults_are_told(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(faults); i++) {
        wb_scenario_fixture_init(&fixture);
        const wb_scenario_patch patch = {faults[i].target, faults[i].path,
                                         value_of(faults[i].complaint == NULL ? "3" : "-5")};
        load(&patch, 1);
        CU_ASSERT_EQUAL(fixture.status, faults[i].complaint == NULL ? WB_OK : WB_ERR_INPUT);
        if (faults[i].complaint != NULL) {
            CU_ASSERT_TRUE(complains(faults[i].complaint));
        }
        wb_scenario_fixture_release(&fixture);
    }
}

static void values_are_found(void)
{
    wb_scenario_fixture_init(&fixture);
    wb_document_stream stream;
    wb_error err;
    const wb_document_input input = {.file = "pool.yaml", .text = pool, .length = strlen(pool)};
    const wb_status status = wb_document_read_text(&fixture.arena, &input, &stream, &err);
    CU_ASSERT_EQUAL_FATAL(status, WB_OK);
    const wb_node *found =
        wb_scenario_patch_find(stream.roots[0], false, "nodepool/default", "spec.weight");
    CU_ASSERT_EQUAL(wb_node_int64(found, 0), 10);
    CU_ASSERT_PTR_NULL(wb_scenario_patch_find(stream.roots[0], true, "scenario", "spec.weight"));
    wb_scenario_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"every target is found", every_target_is_found},
    {"node groups are found in every form", node_groups_are_found_in_every_form},
    {"faults are told", faults_are_told},
    {"what is there is found", values_are_found},
};

int main(void)
{
    return wb_test_run("scenario patch", cases, WB_TEST_COUNT(cases));
}
