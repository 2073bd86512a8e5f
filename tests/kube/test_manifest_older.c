/* Objects of Karpenter's earlier APIs: what they become in v1, and what is said about the rest. */
#include "base/duration.h"
#include "tests/kube/manifest_fixture.h"

#define META  "metadata: {name: p}\n"
#define BETA  "apiVersion: karpenter.sh/v1beta1\nkind: NodePool\n" META
#define ALPHA "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\n" META
#define CLASS "apiVersion: karpenter.k8s.aws/v1beta1\nkind: EC2NodeClass\n" META
#define AWS   "apiVersion: karpenter.k8s.aws/v1alpha1\nkind: AWSNodeTemplate\n" META

#define POOL_HEAD(spec)                                                                        \
    "{\"apiVersion\":\"karpenter.sh/v1\",\"kind\":\"NodePool\",\"metadata\":{\"name\":\"p\"}," \
    "\"spec\":{" spec "}}"
#define CLASS_HEAD(spec)                                                  \
    "{\"apiVersion\":\"karpenter.k8s.aws/v1\",\"kind\":\"EC2NodeClass\"," \
    "\"metadata\":{\"name\":\"p\"},\"spec\":{" spec "}}"
#define REFERENCE                                                                  \
    "\"nodeClassRef\":{\"group\":\"karpenter.k8s.aws\",\"kind\":\"EC2NodeClass\"," \
    "\"name\":\"n\"}"
#define IN(key, value) "{\"key\":\"" key "\",\"operator\":\"In\",\"values\":[" value "]}"
#define LINUX          IN("kubernetes.io/os", "\"linux\"")
#define AMD64          IN("kubernetes.io/arch", "\"amd64\"")
#define ON_DEMAND      IN("karpenter.sh/capacity-type", "\"on-demand\"")
#define FAMILIES                                                               \
    IN("karpenter.k8s.aws/instance-category", "\"c\",\"m\",\"r\"")             \
    ",{\"key\":\"karpenter.k8s.aws/instance-generation\",\"operator\":\"Gt\"," \
    "\"values\":[\"2\"]}"
#define NEVER                                                                               \
    "\"disruption\":{\"consolidationPolicy\":\"WhenEmpty\",\"consolidateAfter\":\"Never\"," \
    "\"budgets\":[{\"nodes\":\"100%\"}]}"
#define ALWAYS                                                  \
    "\"disruption\":{\"consolidationPolicy\":"                  \
    "\"WhenEmptyOrUnderutilized\",\"consolidateAfter\":\"0s\"," \
    "\"budgets\":[{\"nodes\":\"100%\"}]}"
#define OWN                                                \
    IN("node.kubernetes.io/instance-type", "\"m5.large\"") \
    "," IN("karpenter.sh/capacity-type", "\"spot\"")
#define ALPHA_REST "\"requirements\":[" LINUX "," AMD64 "," ON_DEMAND "," FAMILIES "]"

static const struct {
    const char *name, *old, *v1;
} conversion_cases[] = {
    {"a v1beta1 pool with all that moves",
     BETA "spec:\n  weight: 5\n  limits: {cpu: 10}\n  disruption: {consolidationPolicy: "
          "WhenUnderutilized, expireAfter: 24h, budgets: [{nodes: '3'}]}\n  template:\n    "
          "metadata: {labels: {a: b}}\n    spec:\n      requirements: []\n      taints: [{key: t, "
          "effect: NoSchedule}]\n      nodeClassRef: {apiVersion: karpenter.k8s.aws/v1beta1, kind: "
          "EC2NodeClass, name: n}\n",
     POOL_HEAD("\"limits\":{\"cpu\":10},\"weight\":5,\"template\":{\"metadata\":{\"labels\":{\"a\":"
               "\"b\"}},\"spec\":{\"requirements\":[],\"taints\":[{\"key\":\"t\",\"effect\":"
               "\"NoSchedule\"}],\"expireAfter\":\"24h\"," REFERENCE "}},\"disruption\":{"
               "\"budgets\":[{\"nodes\":\"3\"}],\"consolidationPolicy\":"
               "\"WhenEmptyOrUnderutilized\",\"consolidateAfter\":\"0s\"}")},
    {"a v1beta1 pool that waits for empty nodes; its reference names no API",
     BETA "spec: {disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 30s}, template: "
          "{spec: {requirements: [], nodeClassRef: {name: n}}}}\n",
     POOL_HEAD("\"template\":{\"spec\":{\"requirements\":[]," REFERENCE "}},\"disruption\":{"
               "\"consolidationPolicy\":\"WhenEmpty\",\"consolidateAfter\":\"30s\"}")},
    {"a v1beta1 class without images",
     CLASS "spec: {amiFamily: Bottlerocket, role: r, "
           "subnetSelectorTerms: [{id: subnet-1}], securityGroupSelectorTerms: [{id: sg-1}]}\n",
     CLASS_HEAD("\"role\":\"r\",\"subnetSelectorTerms\":[{\"id\":\"subnet-1\"}],"
                "\"securityGroupSelectorTerms\":[{\"id\":\"sg-1\"}],\"amiSelectorTerms\":["
                "{\"alias\":\"bottlerocket@latest\"}]")},
    {"a v1beta1 class with images",
     CLASS
     "spec: {amiFamily: AL2, amiSelectorTerms: [{id: ami-1}], "
     "role: r, subnetSelectorTerms: [{id: subnet-1}], securityGroupSelectorTerms: [{id: sg-1}]}\n",
     CLASS_HEAD("\"amiSelectorTerms\":[{\"id\":\"ami-1\"}],\"role\":\"r\",\"subnetSelectorTerms\":["
                "{\"id\":\"subnet-1\"}],\"securityGroupSelectorTerms\":[{\"id\":\"sg-1\"}],"
                "\"amiFamily\":\"AL2\"")},
    {"a bare Provisioner", ALPHA "spec: {providerRef: {name: n}}\n",
     POOL_HEAD("\"template\":{\"spec\":{" ALPHA_REST ",\"expireAfter\":\"Never\"," REFERENCE
               "}}," NEVER)},
    {"a Provisioner that consolidates, with limits, labels and its own requirements",
     ALPHA "spec:\n  consolidation: {enabled: true}\n  ttlSecondsUntilExpired: 2592000\n  labels: "
           "{a: b}\n  limits: {resources: {cpu: 1k}}\n  requirements: [{key: "
           "node.kubernetes.io/instance-type, operator: In, values: [m5.large]}, {key: "
           "karpenter.sh/capacity-type, operator: In, values: [spot]}]\n  providerRef: {name: n}\n",
     POOL_HEAD("\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},"
               "\"spec\":{\"requirements\":[" OWN "," LINUX "," AMD64
               "],\"expireAfter\":\"2592000s\"," REFERENCE
               "}},\"limits\":{\"cpu\":\"1k\"}," ALWAYS)},
    {"a Provisioner that removes empty nodes",
     ALPHA "spec: {ttlSecondsAfterEmpty: 30, providerRef: "
           "{name: n}}\n",
     POOL_HEAD("\"template\":{\"spec\":{" ALPHA_REST ",\"expireAfter\":\"Never\"," REFERENCE
               "}},\"disruption\":{\"consolidationPolicy\":\"WhenEmpty\",\"consolidateAfter\":"
               "\"30s\",\"budgets\":[{\"nodes\":\"100%\"}]}")},
    {"an AWSNodeTemplate",
     AWS "spec: {subnetSelector: {aws-ids: 'subnet-1, subnet-2'}, "
         "securityGroupSelector: {karpenter.sh/discovery: c}, instanceProfile: i, tags: {x: y}}\n",
     CLASS_HEAD("\"tags\":{\"x\":\"y\"},\"instanceProfile\":\"i\",\"subnetSelectorTerms\":[{\"id\":"
                "\"subnet-1\"},{\"id\":\"subnet-2\"}],\"securityGroupSelectorTerms\":[{\"tags\":{"
                "\"karpenter.sh/discovery\":\"c\"}}],\"amiSelectorTerms\":[{\"alias\":"
                "\"al2@latest\"}]")},
    {"an AWSNodeTemplate with images by name",
     AWS "spec: {amiFamily: AL2, amiSelector: {aws::name: "
         "x, aws::owners: self}, subnetSelector: {a: b}, securityGroupSelector: {a: b}}\n",
     CLASS_HEAD("\"instanceProfile\":\"default-instance-profile\",\"subnetSelectorTerms\":[{"
                "\"tags\":{\"a\":\"b\"}}],\"securityGroupSelectorTerms\":[{\"tags\":{\"a\":\"b\"}}"
                "],\"amiSelectorTerms\":[{\"name\":\"x\",\"owner\":\"self\"}],\"amiFamily\":"
                "\"AL2\"")},
};

static void become_v1(void)
{
    for (size_t i = 0; i < sizeof(conversion_cases) / sizeof(conversion_cases[0]); i++) {
        wb_manifest_fixture f;
        wb_manifest_fixture_init(&f);
        wb_manifest_fixture_load(&f, conversion_cases[i].old);
        const char *told = wb_manifest_fixture_tell(&f);
        CU_ASSERT_STRING_EQUAL(told, "");
        const wb_node *source = f.manifest.nodepool_count == 1    ? f.manifest.nodepools[0].source
                                : f.manifest.nodeclass_count == 1 ? f.manifest.nodeclasses[0].source
                                                                  : NULL;
        wb_text text;
        wb_text_init(&text);
        if (source != NULL) {
            wb_node_print_json(source, &text);
        }
        if (strcmp(wb_text_string(&text), conversion_cases[i].v1) != 0) {
            printf("\n%s: %s\n  made     %s\n  expected %s", conversion_cases[i].name, told,
                   wb_text_string(&text), conversion_cases[i].v1);
        }
        CU_ASSERT_STRING_EQUAL(wb_text_string(&text), conversion_cases[i].v1);
        wb_text_release(&text);
        wb_manifest_fixture_release(&f);
    }
}

static const wb_manifest_fixture_case finding_cases[] = {
    {"a field of v1beta1 that is misspelt",
     BETA
     "spec: {template: {spec: {requirements: [], "
     "nodeClassRef: {name: n}}}, disruption: {consolidationPolicy: WhenEmpty, consolidatAfter: "
     "30s}}\n",
     "E 4:83: spec.disruption: Invalid value: consolidateAfter must be specified with "
     "consolidationPolicy=WhenEmpty\n"
     "W 4:116: unknown field 'spec.disruption.consolidatAfter', did you mean "
     "'consolidateAfter'?\n"},
    {"two that v1beta1 did not join",
     BETA "spec: {template: {spec: {requirements: [], "
          "nodeClassRef: {name: n}}}, disruption: {consolidationPolicy: WhenUnderutilized, "
          "consolidateAfter: 30s}}\n",
     "E 4:83: spec.disruption: Invalid value: consolidateAfter cannot be combined with "
     "consolidationPolicy=WhenUnderutilized\n"},
    {"a value that v1 refuses too, at its place",
     BETA "spec: {template: {spec: {requirements: "
          "[{key: a, operator: Within}], nodeClassRef: {name: n}}}}\n",
     "E 4:60: spec.template.spec.requirements[0].operator: Invalid value: \"Within\": must be one "
     "of In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte, Lte\n"},
    {"metadata that is a list, with a kubelet",
     "apiVersion: karpenter.sh/v1beta1\nkind: NodePool\nmetadata: [a]\nspec: {template: {spec: {"
     "requirements: [], nodeClassRef: {name: n}, kubelet: [b]}}}\n",
     "E 1:1: metadata.name: Required value: name or generateName is required\n"
     "E 4:78: kubelet: expected a map, found a list\n"},
    {"resources of a template",
     BETA "spec: {template: {spec: {requirements: [], nodeClassRef: "
          "{name: n}, resources: {requests: {cpu: 1}}}}}\n",
     "W 4:80: spec.template.spec.resources: is not honoured: v1 has nothing like it\n"},
    {"a Provisioner without a template", ALPHA "spec: {ttlSecondsAfterEmpty: 30}\n",
     "E 4:7: spec.providerRef: Required value: the name of an AWSNodeTemplate\n"},
    {"an inline provider and a template",
     ALPHA "spec: {provider: {amiFamily: AL2}, providerRef: {name: n}}\n",
     "E 4:18: spec.provider: expected exactly one, got both: provider, providerRef\n"},
    {"an inline provider that is no map", ALPHA "spec: {provider: AWS}\n",
     "E 4:18: spec.provider: expected a map, found a string\n"},
    {"an inline provider with a launch template and a misspelt field",
     ALPHA "spec: {provider: {launchTemplate: l, subnetSelector: {a: b}, amiFamilie: AL2,\n"
           "  securityGroupSelector: {a: b}}}\n",
     "W 4:74: unknown field 'spec.amiFamilie', did you mean 'amiFamily'?\n"
     "W 4:35: spec.launchTemplate: is not honoured: v1 has nothing like it\n"},
    {"consolidation and a time for empty nodes",
     ALPHA "spec: {consolidation: {enabled: true}, ttlSecondsAfterEmpty: 30, providerRef: {name: "
           "n}}\n",
     "E 4:62: spec.ttlSecondsAfterEmpty: Invalid value: ttlSecondsAfterEmpty and "
     "consolidation.enabled are mutually exclusive\n"},
    {"a launch template",
     AWS "spec: {launchTemplate: l, subnetSelector: {a: b}, "
         "securityGroupSelector: {a: b}}\n",
     "W 4:24: spec.launchTemplate: is not honoured: v1 has nothing like it\n"},
    {"Ubuntu",
     CLASS "spec: {amiFamily: Ubuntu, role: r, subnetSelectorTerms: [{id: subnet-1}], "
           "securityGroupSelectorTerms: [{id: sg-1}]}\n",
     "W 4:19: spec.amiFamily: 'Ubuntu' is not a family of v1; AL2 is assumed, which has the same "
     "devices\n"},
    {"settings of the kubelet without effect, and one that nobody knows",
     BETA "spec: {template: {spec: {requirements: [], nodeClassRef: {name: n},\n"
          "  kubelet: {maxPods: 20, clusterDNS: [10.0.0.2], cpuCFSQuota: false,\n"
          "    imageGCHighThresholdPercent: 85, imageGCLowThresholdPercent: 80, color: red}}}}\n",
     "W 5:38: spec.template.spec.kubelet.clusterDNS: is checked, but has no effect on a "
     "simulation\n"
     "W 5:63: spec.template.spec.kubelet.cpuCFSQuota: is checked, but has no effect on a "
     "simulation\n"
     "W 6:34: spec.template.spec.kubelet.imageGCHighThresholdPercent: is checked, but has no "
     "effect on a simulation\n"
     "W 6:66: spec.template.spec.kubelet.imageGCLowThresholdPercent: is checked, but has no effect "
     "on a simulation\n"
     "W 5:12: unknown field 'kubelet.color'\n"},
    {"those of a Provisioner",
     ALPHA "spec: {kubeletConfiguration: {evictionSoft: {memory.available: 5%},\n"
           "  evictionSoftGracePeriod: {memory.available: 1m}, evictionMaxPodGracePeriod: 60},\n"
           "  providerRef: {name: n}}\n",
     "W 5:79: spec.kubeletConfiguration.evictionMaxPodGracePeriod: is checked, but has no effect "
     "on a simulation\n"
     "W 5:28: spec.kubeletConfiguration.evictionSoftGracePeriod: is checked, but has no effect on "
     "a simulation\n"},
    {"a container runtime",
     ALPHA "spec: {kubeletConfiguration: {containerRuntime: dockerd, "
           "maxPods: 20}, providerRef: {name: n}}\n",
     "W 4:49: spec.kubeletConfiguration.containerRuntime: is not honoured: v1 has nothing like "
     "it\n"},
};

static void say_what_is_lost(void)
{
    wb_manifest_fixture_expect_all(finding_cases, sizeof(finding_cases) / sizeof(finding_cases[0]),
                                   "");
}

/* The class that a Provisioner holds itself has its name, and the pool refers to it. */
static void take_the_inline_provider(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(
        &f, ALPHA "spec:\n  provider:\n    apiVersion: extensions.karpenter.sh/v1alpha1\n"
                  "    kind: AWS\n    instanceProfile: i\n    subnetSelector: {a: b}\n"
                  "    securityGroupSelector: {c: d}\n    tags: {x: y}\n");
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodepool_count, 1);
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodeclass_count, 1);
    CU_ASSERT_EQUAL(f.manifest.nodepools[0].name, f.manifest.nodeclasses[0].name);
    CU_ASSERT_EQUAL(f.manifest.nodepools[0].node_class_name, f.manifest.nodeclasses[0].name);
    wb_text text;
    wb_text_init(&text);
    wb_node_print_json(f.manifest.nodeclasses[0].source, &text);
    CU_ASSERT_STRING_EQUAL(
        wb_text_string(&text),
        CLASS_HEAD("\"tags\":{\"x\":\"y\"},\"instanceProfile\":\"i\",\"subnetSelectorTerms\":[{"
                   "\"tags\":{\"a\":\"b\"}}],\"securityGroupSelectorTerms\":[{\"tags\":{\"c\":"
                   "\"d\"}}],\"amiSelectorTerms\":[{\"alias\":\"al2@latest\"}]"));
    wb_text_release(&text);
    wb_manifest_fixture_release(&f);
}

/* The kubelet of a pool from before v1 goes before that of its class, as a whole. */
static void keep_the_kubelet(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(&f,
                             BETA "spec: {template: {spec: {requirements: [], nodeClassRef: {name: "
                                  "n}, kubelet: {maxPods: 20, systemReserved: {cpu: 100m}}}}}\n");
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodepool_count, 1);
    const wb_nodeclass *kubelet = f.manifest.nodepools[0].kubelet;
    CU_ASSERT_PTR_NOT_NULL_FATAL(kubelet);
    const wb_nodeclass base = {.max_pods = 50, .pods_per_core = 3, .root_volume_bytes = 7};
    const wb_nodeclass joined = wb_nodeclass_with_kubelet(&base, kubelet);
    CU_ASSERT_EQUAL(joined.max_pods, 20);
    CU_ASSERT_EQUAL(joined.pods_per_core, 0);
    CU_ASSERT_EQUAL(joined.root_volume_bytes, 7);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_resources(&f, joined.system_reserved), "cpu=100");
    CU_ASSERT_EQUAL(wb_nodeclass_with_kubelet(&base, NULL).max_pods, 50);
    wb_manifest_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"earlier objects become those of v1", become_v1},
    {"what has no place in v1 is said", say_what_is_lost},
    {"an inline provider is a class of its own", take_the_inline_provider},
    {"a pool keeps its kubelet", keep_the_kubelet},
};

int main(void)
{
    return wb_test_run("manifest older", cases, WB_TEST_COUNT(cases));
}
