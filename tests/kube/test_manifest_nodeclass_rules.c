/* Every rule of an EC2NodeClass: CEL rules and the provider's checks of spec.kubelet. */
#include "tests/kube/manifest_fixture.h"

static const char nodeclass_head[] = "apiVersion: karpenter.k8s.aws/v1\n"
                                     "kind: EC2NodeClass\n"
                                     "metadata: {name: c}\n"
                                     "spec:\n";

static const wb_manifest_fixture_case nodeclass_cases[] = {
    {"a whole one",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     ""},
    {"neither role nor profile",
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     "E 5:3: spec: Invalid value: must specify exactly one of ['role', "
     "'instanceProfile']\n"},
    {"both role and profile",
     "  role: r\n"
     "  instanceProfile: i\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     "E 5:3: spec: Invalid value: must specify exactly one of ['role', "
     "'instanceProfile']\n"},
    {"an empty role",
     "  role: \"\"\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     "E 5:9: spec.role: Required value: role cannot be empty\n"},
    {"no selectors", "  role: r\n",
     "E 5:3: spec.subnetSelectorTerms: Required value\n"
     "E 5:3: spec.securityGroupSelectorTerms: Required value\n"
     "E 5:3: spec.amiSelectorTerms: Required value\n"},
    {"empty selectors",
     "  role: r\n"
     "  subnetSelectorTerms: []\n"
     "  securityGroupSelectorTerms: []\n"
     "  amiSelectorTerms: []\n",
     "E 6:24: spec.subnetSelectorTerms: Invalid value: subnetSelectorTerms cannot be "
     "empty\n"
     "E 7:31: spec.securityGroupSelectorTerms: Invalid value: securityGroupSelectorTerms "
     "cannot be empty\n"
     "E 8:21: spec.amiSelectorTerms: Invalid value: amiSelectorTerms cannot be empty\n"},
    {"terms that select nothing",
     "  role: r\n"
     "  subnetSelectorTerms: [{}]\n"
     "  securityGroupSelectorTerms: [{}]\n"
     "  amiSelectorTerms: [{owner: self}]\n"
     "  amiFamily: AL2\n",
     "E 6:25: spec.subnetSelectorTerms[0]: Invalid value: expected at least one, got "
     "none, ['tags', 'id']\n"
     "E 7:32: spec.securityGroupSelectorTerms[0]: Invalid value: expected at least one, "
     "got none, ['tags', 'id', 'name']\n"
     "E 8:22: spec.amiSelectorTerms[0]: Invalid value: expected at least one, got none, "
     "['tags', 'id', 'name', 'alias', 'ssmParameter']\n"},
    {"ids of another kind",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: sg-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-}]\n"
     "  amiSelectorTerms: [{id: ami-A}]\n"
     "  amiFamily: AL2\n",
     "E 6:30: spec.subnetSelectorTerms[0].id: Invalid value: \"sg-1\": should match "
     "'subnet-[0-9a-z]+'\n"
     "E 7:37: spec.securityGroupSelectorTerms[0].id: Invalid value: \"sg-\": should match "
     "'sg-[0-9a-z]+'\n"
     "E 8:27: spec.amiSelectorTerms[0].id: Invalid value: \"ami-A\": should match "
     "'ami-[0-9a-z]+'\n"},
    {"an id beside tags",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1, tags: {a: b}}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1, name: a}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     "E 6:25: spec.subnetSelectorTerms[0]: Invalid value: 'id' is mutually exclusive, "
     "cannot be set with a combination of other fields in subnetSelectorTerms\n"
     "E 7:32: spec.securityGroupSelectorTerms[0]: Invalid value: 'id' is mutually "
     "exclusive, cannot be set with a combination of other fields in "
     "securityGroupSelectorTerms\n"},
    {"an empty tag value",
     "  role: r\n"
     "  subnetSelectorTerms: [{tags: {a: \"\"}}]\n"
     "  securityGroupSelectorTerms: [{tags: {a: \"*\"}}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     "E 6:36: spec.subnetSelectorTerms[0].tags.a: Invalid value: empty tag keys or values "
     "aren't supported\n"},
    {"an unknown family",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiFamily: Ubuntu\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     "E 8:14: spec.amiFamily: Invalid value: \"Ubuntu\": must be one of AL2023, AL2, "
     "Bottlerocket, Windows2019, Windows2022, Windows2025, Custom\n"},
    {"a family that contradicts the alias",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiFamily: AL2\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     "E 8:14: spec.amiFamily: Invalid value: \"AL2\": if set, amiFamily must be 'AL2023' "
     "or 'Custom' when using an alias of that family\n"},
    {"a custom family with an alias",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiFamily: Custom\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n",
     ""},
    {"an alias without a version",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023}]\n",
     "E 8:30: spec.amiSelectorTerms[0].alias: Invalid value: \"al2023\": 'alias' is "
     "improperly formatted, must match the format 'family@version'\n"},
    {"an alias of an unknown family",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: ubuntu@latest}]\n",
     "E 8:30: spec.amiSelectorTerms[0].alias: Invalid value: \"ubuntu@latest\": family is "
     "not supported, must be one of the following: 'al2', 'al2023', 'bottlerocket', "
     "'windows2019', 'windows2022', 'windows2025'\n"},
    {"a pinned Windows alias",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: windows2022@v1}]\n",
     "E 8:30: spec.amiSelectorTerms[0].alias: Invalid value: \"windows2022@v1\": windows "
     "families may only specify version 'latest'\n"},
    {"an alias beside another field",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2@latest, name: a}]\n",
     "E 8:22: spec.amiSelectorTerms[0]: Invalid value: 'alias' is mutually exclusive, "
     "cannot be set with a combination of other fields in amiSelectorTerms\n"},
    {"an alias beside another term",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2@latest}, {id: ami-1}]\n",
     "E 8:21: spec.amiSelectorTerms: Invalid value: 'alias' is mutually exclusive, cannot "
     "be set with a combination of other amiSelectorTerms\n"},
    {"no family and no alias",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{id: ami-1}]\n",
     "E 5:3: spec.amiFamily: Required value: must specify amiFamily if amiSelectorTerms "
     "does not contain an alias\n"},
    {"a restricted tag",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  tags: {karpenter.sh/nodepool: a, kubernetes.io/cluster/x: owned, ok: b}\n",
     "E 9:33: spec.tags[karpenter.sh/nodepool]: Invalid value: tag contains a restricted "
     "tag matching karpenter.sh/nodepool\n"
     "E 9:61: spec.tags[kubernetes.io/cluster/x]: Invalid value: tag contains a "
     "restricted tag matching kubernetes.io/cluster/x\n"},
    {"an unknown store policy",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  instanceStorePolicy: RAID1\n",
     "E 9:24: spec.instanceStorePolicy: Invalid value: \"RAID1\": must be one of RAID0\n"},
    {"two root volumes",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  blockDeviceMappings: [{rootVolume: true}, {rootVolume: true}]\n",
     "E 9:24: spec.blockDeviceMappings: Invalid value: must have only one "
     "blockDeviceMappings with rootVolume\n"},
    {"a disk without a size",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeType: gp3}}]\n",
     "E 9:54: spec.blockDeviceMappings[0].ebs: Invalid value: snapshotID or volumeSize "
     "must be defined\n"},
    {"a disk size that is none",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 20 GiB}}]\n",
     "E 9:67: spec.blockDeviceMappings[0].ebs.volumeSize: '20 GiB' is not a quantity, "
     "expected after the number one of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, an exponent "
     "such as e3, or nothing\n"},
    {"an unknown kubelet field",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {maxPod: 5}\n",
     "W 9:13: unknown field 'spec.kubelet.maxPod', did you mean 'maxPods'?\n"},
    {"negative pods",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {maxPods: -5, podsPerCore: -1}\n",
     "E 9:22: spec.kubelet.maxPods: Invalid value: -5: can't be negative\n"
     "E 9:39: spec.kubelet.podsPerCore: Invalid value: -1: can't be negative\n"},
    {"an expression for pods",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {maxPods: \"vcpus * 10\"}\n",
     "W 9:22: spec.kubelet.maxPods: 'vcpus * 10' is not a number: expressions are not "
     "evaluated, the limit of the instance type is used\n"},
    {"a reservation of an unknown resource",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {kubeReserved: {gpu: \"1\"}, systemReserved: {cpu: \"-1\"}}\n",
     "E 9:33: spec.kubelet.kubeReserved.gpu: Invalid value: isn't a reservable resource, "
     "must be one of cpu, memory, ephemeral-storage, pid\n"
     "E 9:61: spec.kubelet.systemReserved.cpu: Invalid value: \"-1\": can't be a negative "
     "resource quantity\n"},
    {"an expression for a reservation",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {kubeReserved: {cpu: \"vcpus * 10\"}}\n",
     "W 9:33: spec.kubelet.kubeReserved.cpu: 'vcpus * 10' is not a quantity: expressions "
     "are not evaluated, the default is used\n"},
    {"an unknown eviction signal",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {evictionHard: {memory.free: 5%}}\n",
     "E 9:41: spec.kubelet.evictionHard[memory.free]: Invalid value: isn't a valid "
     "eviction signal, must be one of memory.available, nodefs.available, "
     "nodefs.inodesFree, imagefs.available, imagefs.inodesFree, pid.available\n"},
    {"eviction thresholds",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {evictionHard: {memory.available: 101%, nodefs.available: 10%, "
     "nodefs.inodesFree: 1.5Xi, pid.available: 100Mi}}\n",
     "E 9:46: spec.kubelet.evictionHard[memory.available]: Invalid value: \"101%\": must "
     "be a percentage or a resource quantity\n"
     "E 9:94: spec.kubelet.evictionHard[nodefs.inodesFree]: Invalid value: \"1.5Xi\": "
     "must be a percentage or a resource quantity\n"},
    {"soft eviction without a grace period",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {evictionSoft: {memory.available: 5%}, evictionSoftGracePeriod: "
     "{nodefs.available: 1m}}\n",
     "E 9:46: spec.kubelet.evictionSoft[memory.available]: Invalid value: has no matching "
     "evictionSoftGracePeriod\n"
     "E 9:95: spec.kubelet.evictionSoftGracePeriod[nodefs.available]: Invalid value: has "
     "no matching evictionSoft\n"},
    {"image thresholds the wrong way round",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {imageGCHighThresholdPercent: 50, imageGCLowThresholdPercent: 101}\n",
     "E 9:74: spec.kubelet.imageGCLowThresholdPercent: Invalid value: 101: must be "
     "between 0 and 100\n"
     "E 9:42: spec.kubelet.imageGCHighThresholdPercent: Invalid value: 50: "
     "imageGCHighThresholdPercent must be greater than imageGCLowThresholdPercent\n"},
    {"taints of the kubelet's own",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  kubelet: {registerWithTaints: []}\n",
     "E 9:33: spec.kubelet.registerWithTaints: Forbidden: can't be set, Karpenter sets it "
     "from the NodeClaim's taints\n"},
    {"an unknown field",
     "  role: r\n"
     "  subnetSelectorTerms: [{id: subnet-1}]\n"
     "  securityGroupSelectorTerms: [{id: sg-1}]\n"
     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
     "  amiFamly: AL2\n",
     "W 9:3: unknown field 'spec.amiFamly', did you mean 'amiFamily'?\n"},
};
static void nodeclass_are_judged(void)
{
    wb_manifest_fixture_expect_all(nodeclass_cases, WB_TEST_COUNT(nodeclass_cases), nodeclass_head);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"an EC2NodeClass", nodeclass_are_judged},
    };
    return wb_test_run("manifest_nodeclass_rules", cases, WB_TEST_COUNT(cases));
}
