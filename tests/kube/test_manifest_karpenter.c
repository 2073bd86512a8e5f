/* What is kept of NodePools, NodeClaims and EC2NodeClasses: fields and defaults. */
#include "base/duration.h"
#include "tests/kube/manifest_fixture.h"

#define GIB INT64_C(1073741824)

static void load(wb_manifest_fixture *f, const char *text)
{
    wb_manifest_fixture_init(f);
    wb_manifest_fixture_load(f, text);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(f), "");
}

static void a_bare_pool_has_the_defaults(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: p}\n"
             "spec: {template: {spec: {requirements: [], nodeClassRef: {group: "
             "karpenter.k8s.aws, kind: EC2NodeClass, name: default}}}}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodepool_count, 1);
    const wb_nodepool *pool = &f.manifest.nodepools[0];
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pool->name, "p"));
    CU_ASSERT_EQUAL(pool->weight, 0);
    CU_ASSERT_EQUAL(pool->replicas, -1);
    CU_ASSERT_TRUE(pool->is_ready && !pool->is_deleting);
    CU_ASSERT_EQUAL(pool->expire_after_ms, 720 * WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(pool->termination_grace_period_ms, -1);
    CU_ASSERT_EQUAL(pool->consolidate_after_ms, 0);
    CU_ASSERT_EQUAL(pool->consolidation_policy, WB_CONSOLIDATE_WHEN_EMPTY_OR_UNDERUTILIZED);
    CU_ASSERT_EQUAL(pool->limits.count, 0);
    CU_ASSERT_EQUAL(pool->limit_nodes, -1);
    CU_ASSERT_EQUAL_FATAL(pool->budget_count, 1);
    CU_ASSERT_TRUE(pool->budgets[0].is_percent);
    CU_ASSERT_EQUAL(pool->budgets[0].nodes, 10);
    CU_ASSERT_EQUAL(pool->budgets[0].reasons, 0);
    CU_ASSERT_PTR_NULL(pool->budgets[0].schedule);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pool->node_class_kind, "EC2NodeClass"));
    wb_manifest_fixture_release(&f);
}

static const char whole_pool[] =
    "apiVersion: karpenter.sh/v1\nkind: NodePool\n"
    "metadata: {name: p, uid: u, deletionTimestamp: 2026-01-15T10:00:00Z}\n"
    "spec:\n"
    "  weight: 50\n"
    "  limits: {cpu: 1000, memory: 4Ti, nodes: 10}\n"
    "  disruption:\n"
    "    consolidationPolicy: WhenEmpty\n"
    "    consolidateAfter: 1h30m\n"
    "    budgets:\n"
    "    - {nodes: '5'}\n"
    "    - {nodes: 20%, reasons: [Drifted, Underutilized], schedule: '@daily', duration: 8h}\n"
    "  template:\n"
    "    metadata: {labels: {team: a}, annotations: {karpenter.sh/x: y}}\n"
    "    spec:\n"
    "      expireAfter: Never\n"
    "      terminationGracePeriod: 24h\n"
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
    "      taints: [{key: t, value: v, effect: PreferNoSchedule}]\n"
    "      startupTaints: [{key: s, effect: NoExecute}]\n"
    "      requirements:\n"
    "      - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5, c5], minValues: "
    "2}\n"
    "      - {key: karpenter.k8s.aws/instance-cpu, operator: Gte, values: ['4']}\n"
    "status: {conditions: [{type: Ready, status: 'False'}]}\n";

static void check_disruption(const wb_nodepool *pool)
{
    CU_ASSERT_EQUAL(pool->consolidation_policy, WB_CONSOLIDATE_WHEN_EMPTY);
    CU_ASSERT_EQUAL(pool->consolidate_after_ms, 90 * WB_MS_PER_MINUTE);
    CU_ASSERT_EQUAL_FATAL(pool->budget_count, 2);
    CU_ASSERT_FALSE(pool->budgets[0].is_percent);
    CU_ASSERT_EQUAL(pool->budgets[0].nodes, 5);
    CU_ASSERT_TRUE(pool->budgets[1].is_percent);
    CU_ASSERT_EQUAL(pool->budgets[1].nodes, 20);
    CU_ASSERT_EQUAL(pool->budgets[1].reasons, WB_DISRUPTION_DRIFTED | WB_DISRUPTION_UNDERUTILIZED);
    CU_ASSERT_STRING_EQUAL(pool->budgets[1].schedule, "@daily");
    CU_ASSERT_EQUAL(pool->budgets[1].duration_ms, 8 * WB_MS_PER_HOUR);
}

static void check_template(wb_manifest_fixture *f, const wb_nodepool *pool)
{
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(f, pool->labels), "team=a");
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(f, pool->annotations), "karpenter.sh/x=y");
    CU_ASSERT_EQUAL_FATAL(pool->taint_count, 1);
    CU_ASSERT_EQUAL(pool->taints[0].effect, WB_TAINT_PREFER_NO_SCHEDULE);
    CU_ASSERT_EQUAL_FATAL(pool->startup_taint_count, 1);
    CU_ASSERT_EQUAL(pool->startup_taints[0].effect, WB_TAINT_NO_EXECUTE);
    CU_ASSERT_EQUAL_FATAL(pool->requirement_count, 2);
    CU_ASSERT_EQUAL(pool->requirements[0].key, WB_NAME_INSTANCE_FAMILY);
    CU_ASSERT_EQUAL(pool->requirements[0].min_values, 2);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, pool->requirements[0].values[0], "m5"));
    CU_ASSERT_EQUAL(pool->requirements[1].op, WB_OPERATOR_GTE);
    CU_ASSERT_EQUAL(pool->requirements[1].min_values, 0);
}

static void a_whole_pool_is_kept(void)
{
    wb_manifest_fixture f;
    load(&f, whole_pool);
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodepool_count, 1);
    const wb_nodepool *pool = &f.manifest.nodepools[0];
    CU_ASSERT_EQUAL(pool->weight, 50);
    CU_ASSERT_TRUE(pool->is_deleting && !pool->is_ready);
    CU_ASSERT_EQUAL(pool->limit_nodes, 10);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_resources(&f, pool->limits),
                           "cpu=1000000 memory=4398046511104");
    CU_ASSERT_EQUAL(pool->expire_after_ms, WB_DURATION_NEVER);
    CU_ASSERT_EQUAL(pool->termination_grace_period_ms, WB_MS_PER_DAY);
    check_disruption(pool);
    check_template(&f, pool);
    wb_manifest_fixture_release(&f);
}

static void an_empty_list_of_budgets_is_no_default(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: p}\n"
             "spec: {replicas: 3, disruption: {consolidateAfter: Never, budgets: []}, template: "
             "{spec: {requirements: [], nodeClassRef: {group: g, kind: k, name: n}}}}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodepool_count, 1);
    CU_ASSERT_EQUAL(f.manifest.nodepools[0].budget_count, 0);
    CU_ASSERT_EQUAL(f.manifest.nodepools[0].replicas, 3);
    CU_ASSERT_EQUAL(f.manifest.nodepools[0].consolidate_after_ms, WB_DURATION_NEVER);
    wb_manifest_fixture_release(&f);
}

static void claims_keep_their_past(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: karpenter.sh/v1\nkind: NodeClaim\n"
             "metadata: {name: c, labels: {karpenter.sh/nodepool: p}, creationTimestamp: "
             "2026-01-15T10:00:00Z}\n"
             "spec: {nodeClassRef: {group: g, kind: k, name: n}, requirements: [{key: "
             "karpenter.sh/nodepool, operator: In, values: [p]}], resources: {requests: {cpu: "
             "1500m}}, expireAfter: 1h}\n"
             "status: {providerID: x, nodeName: n1, capacity: {cpu: '2'}, allocatable: {cpu: "
             "1930m}, lastPodEventTime: 2026-01-15T10:05:00Z, conditions: [{type: Launched, "
             "status: 'True', lastTransitionTime: 2026-01-15T10:00:02Z}, {type: Initialized, "
             "status: 'False', lastTransitionTime: 2026-01-15T10:00:03Z}, {type: Drifted, status: "
             "'True', lastTransitionTime: 2026-01-15T10:00:04Z}]}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodeclaim_count, 1);
    const wb_nodeclaim *claim = &f.manifest.nodeclaims[0];
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, claim->nodepool, "p"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, claim->node_class_name, "n"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, claim->node_name, "n1"));
    CU_ASSERT_EQUAL(wb_resource_list_get(claim->requests, WB_NAME_CPU), 1500);
    CU_ASSERT_EQUAL(wb_resource_list_get(claim->allocatable, WB_NAME_CPU), 1930);
    CU_ASSERT_EQUAL(claim->expire_after_ms, WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(claim->launched_ms, claim->created_ms + 2000);
    CU_ASSERT_EQUAL(claim->drifted_ms, claim->created_ms + 4000);
    CU_ASSERT_EQUAL(claim->last_pod_event_ms, claim->created_ms + 5 * WB_MS_PER_MINUTE);
    CU_ASSERT_EQUAL(claim->registered_ms, -1);
    CU_ASSERT_EQUAL(claim->initialized_ms, -1); /* False since then, so not yet */
    CU_ASSERT_EQUAL(claim->consolidatable_ms, -1);
    CU_ASSERT_EQUAL(claim->deletion_ms, -1);
    wb_manifest_fixture_release(&f);
}

static const struct {
    const char *name, *spec;
    wb_ami_family family;
    int64_t root_volume_bytes;
} family_cases[] = {
    {"the alias says the family", "amiSelectorTerms: [{alias: al2023@latest}]",
     WB_AMI_FAMILY_AL2023, 20 * GIB},
    {"an older alias", "amiSelectorTerms: [{alias: al2@v20240807}]", WB_AMI_FAMILY_AL2, 20 * GIB},
    {"Windows needs more", "amiSelectorTerms: [{alias: windows2022@latest}]",
     WB_AMI_FAMILY_WINDOWS2022, 50 * GIB},
    {"a family without an alias", "amiFamily: Bottlerocket, amiSelectorTerms: [{id: ami-1}]",
     WB_AMI_FAMILY_BOTTLEROCKET, 20 * GIB},
    {"Custom beats the alias", "amiFamily: Custom, amiSelectorTerms: [{alias: al2@latest}]",
     WB_AMI_FAMILY_CUSTOM, 20 * GIB},
    {"the family's own device",
     "amiSelectorTerms: [{alias: al2023@latest}], blockDeviceMappings: [{deviceName: /dev/xvda, "
     "ebs: {volumeSize: 100Gi}}, {deviceName: /dev/xvdb, ebs: {volumeSize: 7Gi}}]",
     WB_AMI_FAMILY_AL2023, 100 * GIB},
    {"Bottlerocket keeps data on the second device",
     "amiSelectorTerms: [{alias: bottlerocket@latest}], blockDeviceMappings: [{deviceName: "
     "/dev/xvda, ebs: {volumeSize: 4Gi}}, {deviceName: /dev/xvdb, ebs: {volumeSize: 70Gi}}]",
     WB_AMI_FAMILY_BOTTLEROCKET, 70 * GIB},
    {"a marked root volume",
     "amiSelectorTerms: [{alias: al2023@latest}], blockDeviceMappings: [{deviceName: /dev/xvda, "
     "ebs: {volumeSize: 100Gi}}, {deviceName: /dev/xvdb, rootVolume: true, ebs: {volumeSize: "
     "7Gi}}]",
     WB_AMI_FAMILY_AL2023, 7 * GIB},
    {"Custom takes the last one",
     "amiFamily: Custom, amiSelectorTerms: [{id: ami-1}], blockDeviceMappings: [{deviceName: a, "
     "ebs: {volumeSize: 5Gi}}, {deviceName: b, ebs: {volumeSize: 6Gi}}]",
     WB_AMI_FAMILY_CUSTOM, 6 * GIB},
    {"another device leaves the default",
     "amiSelectorTerms: [{alias: al2023@latest}], blockDeviceMappings: [{deviceName: /dev/sdf, "
     "ebs: {volumeSize: 100Gi}}]",
     WB_AMI_FAMILY_AL2023, 20 * GIB},
};

static void families_decide_the_disk(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(family_cases); i++) {
        wb_manifest_fixture f;
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text,
                           "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\n"
                           "metadata: {name: c}\nspec: {role: r, subnetSelectorTerms: [{id: "
                           "subnet-1}], securityGroupSelectorTerms: [{id: sg-1}], %s}\n",
                           family_cases[i].spec);
        load(&f, wb_text_string(&text));
        wb_text_release(&text);
        CU_ASSERT_EQUAL_FATAL(f.manifest.nodeclass_count, 1);
        if (f.manifest.nodeclasses[0].ami_family != family_cases[i].family ||
            f.manifest.nodeclasses[0].root_volume_bytes != family_cases[i].root_volume_bytes) {
            printf("\n%s\n", family_cases[i].name);
            CU_FAIL("another family or disk");
        }
        wb_manifest_fixture_release(&f);
    }
}

static void a_whole_class_is_kept(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: c}\n"
             "spec:\n"
             "  instanceProfile: i\n"
             "  amiSelectorTerms: [{alias: al2023@latest}]\n"
             "  subnetSelectorTerms: [{tags: {karpenter.sh/discovery: x}}, {id: subnet-1}]\n"
             "  securityGroupSelectorTerms: [{name: nodes}]\n"
             "  instanceStorePolicy: RAID0\n"
             "  tags: {team: a}\n"
             "  userData: |\n    [settings]\n"
             "  kubelet:\n"
             "    maxPods: 50\n"
             "    podsPerCore: 4\n"
             "    kubeReserved: {cpu: 250m, memory: 1Gi}\n"
             "    systemReserved: {ephemeral-storage: 2Gi}\n"
             "    evictionHard: {memory.available: 5%}\n"
             "    clusterDNS: [10.0.0.10]\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodeclass_count, 1);
    const wb_nodeclass *class = &f.manifest.nodeclasses[0];
    CU_ASSERT_EQUAL(class->role, 0);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, class->instance_profile, "i"));
    CU_ASSERT_EQUAL_FATAL(class->subnet_count, 2);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(&f, class->subnets[0].tags),
                           "karpenter.sh/discovery=x");
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, class->subnets[1].id, "subnet-1"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, class->security_groups[0].name, "nodes"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, class->amis[0].alias, "al2023@latest"));
    CU_ASSERT_TRUE(class->is_raid0);
    CU_ASSERT_EQUAL(class->max_pods, 50);
    CU_ASSERT_EQUAL(class->pods_per_core, 4);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_resources(&f, class->kube_reserved),
                           "cpu=250 memory=1073741824");
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_resources(&f, class->system_reserved),
                           "ephemeral-storage=2147483648");
    CU_ASSERT_STRING_EQUAL(class->eviction_hard_memory, "5%");
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(&f, class->tags), "team=a");
    wb_manifest_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a bare pool has the defaults", a_bare_pool_has_the_defaults},
        {"a whole pool is kept", a_whole_pool_is_kept},
        {"an empty list of budgets is no default", an_empty_list_of_budgets_is_no_default},
        {"claims keep their past", claims_keep_their_past},
        {"families decide the disk", families_decide_the_disk},
        {"a whole class is kept", a_whole_class_is_kept},
    };
    return wb_test_run("manifest_karpenter", cases, WB_TEST_COUNT(cases));
}
