/* Node groups in the three forms in which users have them, and what is wrong with them. */
#include <string.h>

#include "base/text.h"
#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

/* The scenario of the tests: one contender that reads the file "groups". */
static const char scenario[] =
    "apiVersion: werkbank/v1\n"
    "kind: Scenario\n"
    "metadata: {name: s}\n"
    "spec:\n"
    "  horizon: 1h\n"
    "  workload: [{manifest: pod.yaml}]\n"
    "  contenders:\n"
    "    - {name: ca, kind: cluster_autoscaler, nodeGroupFiles: groups}\n";

static void load(wb_scenario_fixture *fixture, const char *text)
{
    wb_scenario_fixture_init(fixture);
    (void)wb_scenario_fixture_write(fixture, "s.yaml", scenario);
    (void)wb_scenario_fixture_write(fixture, "pod.yaml",
                                    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
                                    "spec: {containers: [{name: c, image: i}]}\n");
    (void)wb_scenario_fixture_write(fixture, "groups", text);
    wb_scenario_fixture_load(fixture, "s.yaml");
}

static void tell_labels(const wb_intern *intern, wb_labels labels, wb_text *out)
{
    for (uint32_t i = 0; i < labels.count; i++) {
        const char *key = wb_intern_text(intern, labels.items[i].key);
        if (strcmp(key, "alpha.eksctl.io/nodegroup-name") == 0) {
            continue; /* the group's own name */
        }
        if (strcmp(key, "alpha.eksctl.io/cluster-name") == 0) {
            wb_text_add_format(out, " of %s", wb_intern_text(intern, labels.items[i].value));
            continue;
        }
        wb_text_add_format(out, " %s=%s", key, wb_intern_text(intern, labels.items[i].value));
    }
}

static void tell_policy(const wb_asg_policy *policy, wb_text *out)
{
    if (policy->is_mixed) {
        wb_text_add_format(out, " base %d+%d%% pools %d", policy->on_demand_base,
                           policy->on_demand_percentage, policy->spot_pool_count);
    }
    wb_text_add_format(out, " strategies %d/%d%s%s", (int)policy->on_demand_strategy,
                       (int)policy->spot_strategy, policy->rebalances_zones ? " zones" : "",
                       policy->rebalances_capacity ? " capacity" : "");
}

/* One line: name, types, market, sizes, zones, policy, kubelet, labels, taints, tags. */
static void tell(const wb_scenario_fixture *fixture, const wb_node_group *group, wb_text *out)
{
    const wb_intern *intern = &fixture->intern;
    wb_text_add_format(out, "%s:", group->name);
    for (uint32_t i = 0; i < group->type_count; i++) {
        wb_text_add_format(
            out, " %s",
            wb_intern_text(intern, fixture->scenario.catalog.types[group->type_indexes[i]].name));
        if (group->policy.weights != NULL) {
            wb_text_add_format(out, "*%d", group->policy.weights[i]);
        }
    }
    wb_text_add_format(out, " %s %d/%d/%d in %u", wb_capacity_type_name(group->capacity_type),
                       group->min_count, group->desired_count, group->max_count, group->zone_count);
    tell_policy(&group->policy, out);
    wb_text_add_format(out, "%s%s pods %d disk %lld", group->is_self_managed ? " self" : "",
                       group->drains_at_notice ? " drains" : "", group->max_pods,
                       (long long)(group->volume_bytes >> 30));
    tell_labels(intern, group->labels, out);
    for (uint32_t i = 0; i < group->taint_count; i++) {
        wb_text_add_format(out, " %s=%s:%d", wb_intern_text(intern, group->taints[i].key),
                           wb_intern_text(intern, group->taints[i].value),
                           (int)group->taints[i].effect);
    }
    for (uint32_t i = 0; i < group->template_resources.count; i++) {
        wb_text_add_format(out, " +%s %lld",
                           wb_intern_text(intern, group->template_resources.items[i].name),
                           (long long)group->template_resources.items[i].amount);
    }
    if (group->options.has_unneeded_time) {
        wb_text_add_format(out, " unneeded %lld", (long long)group->options.unneeded_time_ms);
    }
    if (group->options.has_utilization_threshold) {
        wb_text_add_format(out, " below %g", group->options.utilization_threshold);
    }
    wb_text_add_string(out, "\n");
}

#define EKSCTL "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: shop}\n"
static const struct {
    const char *name, *text, *groups;
} good_cases[] = {
    {"a plain list",
     "nodeGroups:\n"
     "  - {name: a, instanceTypes: [m5.large, m5a.large], capacityType: spot, min: 1, max: 5,\n"
     "     zones: [us-east-1b], spotStrategy: lowest-price, spotPools: 2, volumeSize: 50Gi,\n"
     "     capacityRebalance: true, azRebalance: true, maxPods: 30, weights: [1, 2],\n"
     "     drainAtNotice: true, onDemandBase: 1, onDemandPercentage: 20,\n"
     "     scaleDown: {unneededTime: 3m, utilizationThreshold: 0.7}}\n",
     "a: m5.large*1 m5a.large*2 spot 1/1/5 in 1 base 1+20% pools 2 strategies 0/0 zones capacity"
     " drains pods 30 disk 50 unneeded 180000 below 0.7\n"},
    {"a managed spot group, which EKS drains and rebalances",
     EKSCTL "managedNodeGroups:\n"
            "  - name: spot\n"
            "    instanceTypes: [c5.xlarge, c5a.xlarge]\n"
            "    spot: true\n"
            "    minSize: 0\n"
            "    maxSize: 20\n"
            "    desiredCapacity: 3\n"
            "    availabilityZones: [us-east-1a, us-east-1b]\n"
            "    labels: {team: a}\n"
            "    taints: [{key: spot, value: \"true\", effect: NoSchedule}]\n"
            "    volumeSize: 100\n"
            "    maxPodsPerNode: 29\n"
            "    iam: {withAddonPolicies: {autoScaler: true}}\n",
     "spot: c5.xlarge c5a.xlarge spot 0/3/20 in 2 strategies 1/4 capacity drains"
     " pods 29 disk 100 team=a of shop spot=true:1\n"},
    {"eksctl's defaults", EKSCTL "managedNodeGroups: [{name: ng-1}]\n",
     "ng-1: m5.large on-demand 2/2/2 in 3 strategies 1/4 pods 0 disk 80 of shop\n"},
    {"sizes that follow from others",
     EKSCTL "availabilityZones: [us-east-1c]\n"
            "managedNodeGroups: [{name: a, instanceType: m5.xlarge, minSize: 4},\n"
            "  {name: b, maxSize: 1}, {name: c, desiredCapacity: 7}]\n",
     "a: m5.xlarge on-demand 4/4/4 in 1 strategies 1/4 pods 0 disk 80 of shop\n"
     "b: m5.large on-demand 1/1/1 in 1 strategies 1/4 pods 0 disk 80 of shop\n"
     "c: m5.large on-demand 7/7/7 in 1 strategies 1/4 pods 0 disk 80 of shop\n"},
    {"a self-managed group with a distribution and a map of taints",
     EKSCTL "nodeGroups:\n"
            "  - name: old\n"
            "    minSize: 1\n"
            "    maxSize: 9\n"
            "    taints: {gpu: \"yes:NoExecute\"}\n"
            "    instancesDistribution: {instanceTypes: [r5.large], onDemandBaseCapacity: 1,\n"
            "      onDemandPercentageAboveBaseCapacity: 0, spotInstancePools: 3}\n",
     "old: r5.large on-demand 1/1/9 in 3 base 1+0% pools 3 strategies 1/0 self"
     " pods 0 disk 80 of shop gpu=yes:3\n"},
    {"an ASG with a policy and the autoscaler's tags",
     "{\"AutoScalingGroups\": [{\"AutoScalingGroupName\": \"web\", \"MinSize\": 0,\n"
     " \"MaxSize\": 9, \"DesiredCapacity\": 2, \"DefaultCooldown\": 300,\n"
     " \"AvailabilityZones\": [\"us-east-1a\"],\n"
     " \"MixedInstancesPolicy\": {\"LaunchTemplate\": {\"LaunchTemplateSpecification\": {},\n"
     "  \"Overrides\": [{\"InstanceType\": \"m5.large\", \"WeightedCapacity\": \"2\"},\n"
     "   {\"InstanceType\": \"m6i.large\"}]}, \"InstancesDistribution\": {\n"
     "   \"OnDemandAllocationStrategy\": \"prioritized\", \"OnDemandBaseCapacity\": 1,\n"
     "   \"OnDemandPercentageAboveBaseCapacity\": 25,\n"
     "   \"SpotAllocationStrategy\": \"capacity-optimized\"}}, \"CapacityRebalance\": true,\n"
     " \"Instances\": [], \"SuspendedProcesses\": [{\"ProcessName\": \"AZRebalance\",\n"
     "  \"SuspensionReason\": \"User\"}], \"Tags\": [\n"
     "  {\"Key\": \"k8s.io/cluster-autoscaler/enabled\", \"Value\": \"true\"},\n"
     "  {\"Key\": \"k8s.io/cluster-autoscaler/node-template/label/team\", \"Value\": \"a\"},\n"
     "  {\"Key\": \"k8s.io/cluster-autoscaler/node-template/taint/own\","
     " \"Value\": \"a:PreferNoSchedule\"},\n"
     "  {\"Key\": \"k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage\","
     " \"Value\": \"100Gi\"},\n"
     "  {\"Key\": \"k8s.io/cluster-autoscaler/node-template/autoscaling-options/"
     "scaledownunneededtime\", \"Value\": \"1m0s\"},\n"
     "  {\"Key\": \"k8s.io/cluster-autoscaler/node-template/autoscaling-options/"
     "scaledownutilizationthreshold\", \"Value\": \"0.65\"}]}]}\n",
     "web: m5.large*2 m6i.large*1 on-demand 0/2/9 in 1 base 1+25% pools 2 strategies 1/2 capacity"
     " self pods 0 disk 0 team=a own=a:2 +ephemeral-storage 107374182400 unneeded 60000"
     " below 0.65\n"},
    {"an ASG of EKS without a policy: its instances tell the type",
     "{\"AutoScalingGroups\": [{\"AutoScalingGroupName\": \"eks-a\", \"MinSize\": 1,\n"
     " \"MaxSize\": 3, \"DesiredCapacity\": 2, \"Instances\": [{\"InstanceType\": \"m5.large\"},\n"
     "  {\"InstanceType\": \"m5a.large\"}, {\"InstanceType\": \"m5.large\"}], \"Tags\": [\n"
     "  {\"Key\": \"eks:nodegroup-name\", \"Value\": \"a\"},\n"
     "  {\"Key\": \"k8s.io/cluster-autoscaler/enabled\", \"Value\": \"true\"}]}]}\n",
     "eks-a: m5.large m5a.large on-demand 1/2/3 in 3 strategies 1/0 zones pods 0 disk 0\n"},
};

static void read_good_files(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(good_cases); i++) {
        wb_scenario_fixture fixture;
        load(&fixture, good_cases[i].text);
        CU_ASSERT_EQUAL(fixture.status, WB_OK);
        wb_text text;
        wb_text_init(&text);
        for (uint32_t g = 0;
             fixture.status == WB_OK && g < fixture.scenario.contenders[0].node_group_count; g++) {
            tell(&fixture, &fixture.scenario.contenders[0].node_groups[g], &text);
        }
        const bool is_same = strcmp(wb_text_string(&text), good_cases[i].groups) == 0;
        if (!is_same) {
            printf("\n%s: %s\n%s", good_cases[i].name, fixture.err.text, wb_text_string(&text));
        }
        CU_ASSERT(is_same);
        wb_text_release(&text);
        wb_scenario_fixture_release(&fixture);
    }
}

static const struct {
    const char *name, *text;
    const char *message; /* a part of the first finding */
    bool is_warning;
} bad_cases[] = {
    {"no groups at all", "kind: Deployment\n", "holds no node groups", false},
    {"eksctl without groups", EKSCTL "managedNodegroups: []\n",
     "has neither managedNodeGroups nor nodeGroups", false},
    {"an instance selector",
     EKSCTL "managedNodeGroups: [{name: a, instanceSelector: {vCPUs: 4}}]\n",
     "managedNodeGroups[0].instanceSelector: is not followed", false},
    {"a misspelt field", EKSCTL "managedNodeGroups: [{name: a, minSzie: 1}]\n", "minSize", true},
    {"a field that would change nodes",
     EKSCTL "managedNodeGroups: [{name: a, kubeletExtraConfig: {maxPods: 3}}]\n",
     "kubeletExtraConfig: has no effect in a simulation", true},
    {"another region",
     "kind: ClusterConfig\nmetadata: {name: x, region: eu-west-1}\n"
     "managedNodeGroups: [{name: a}]\n",
     "metadata.region: is 'eu-west-1'", true},
    {"sizes that contradict each other",
     EKSCTL "managedNodeGroups: [{name: a, minSize: 3, maxSize: 2}]\n", "expected 0 <= min", false},
    {"a taint without effect", EKSCTL "nodeGroups: [{name: a, taints: {b: c}}]\n",
     "'c' is not a taint", false},
    {"an unknown type", EKSCTL "managedNodeGroups: [{name: a, instanceType: m5.huge}]\n",
     "'m5.huge' is not an instance type", false},
    {"a zone of elsewhere",
     EKSCTL "managedNodeGroups: [{name: a, availabilityZones: [us-east-1f]}]\n",
     "is not one of the scenario's zones", false},
    {"attribute-based selection",
     "{\"AutoScalingGroups\": [{\"AutoScalingGroupName\": \"a\", \"MixedInstancesPolicy\":"
     " {\"LaunchTemplate\": {\"Overrides\": [{\"InstanceRequirements\":"
     " {\"VCpuCount\": {\"Min\": 2}}}]}}, \"Tags\": [{\"Key\":"
     " \"k8s.io/cluster-autoscaler/enabled\", \"Value\": \"\"}]}]}",
     "InstanceRequirements: is not followed", false},
    {"no type anywhere", "{\"AutoScalingGroups\": [{\"AutoScalingGroupName\": \"a\"}]}",
     "neither a MixedInstancesPolicy nor instances", false},
    {"a strategy of the other market",
     "nodeGroups: [{name: a, instanceTypes: [m5.large], onDemandStrategy: capacity-optimized}]\n",
     "'capacity-optimized' is no allocation strategy of on-demand instances, expected one of "
     "lowest-price, prioritized",
     false},
    {"weights for some types",
     "nodeGroups: [{name: a, instanceTypes: [m5.large, m5.xlarge], weights: [1]}]\n",
     "has 1 weights for 2 instance types", false},
    {"a volume of nothing", "nodeGroups: [{name: a, instanceTypes: [m5.large], volumeSize: 1Mi}]\n",
     "volumeSize: is '1Mi'", false},
};

static bool mentions(const wb_findings *findings, const char *message)
{
    bool is_told = false;
    for (size_t i = 0; i < findings->error_count; i++) {
        is_told = is_told || strstr(findings->errors[i].text, message) != NULL;
    }
    for (size_t i = 0; i < findings->warning_count; i++) {
        is_told = is_told || strstr(findings->warnings[i].text, message) != NULL;
    }
    return is_told;
}

static void refuse_bad_files(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        wb_scenario_fixture fixture;
        load(&fixture, bad_cases[i].text);
        CU_ASSERT_EQUAL(fixture.status == WB_OK, bad_cases[i].is_warning);
        const bool is_told = mentions(&fixture.findings, bad_cases[i].message);
        if (!is_told) {
            printf("\n%s\n", bad_cases[i].name);
        }
        CU_ASSERT(is_told);
        wb_scenario_fixture_release(&fixture);
    }
}

static const wb_test_case tests[] = {
    {"the three forms become node groups", read_good_files},
    {"what is wrong or not followed is said", refuse_bad_files},
};

int main(void)
{
    return wb_test_run("node_group_files", tests, WB_TEST_COUNT(tests));
}
