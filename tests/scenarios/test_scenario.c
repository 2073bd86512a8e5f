/* Loading a scenario: what is right, and for each thing that may be wrong its one line. */
#include <string.h>

#include "base/text.h"
#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

#define HEAD "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
#define WORK "  workload: [{trace: t}]\n"
#define CONT "  contenders: [{kind: fixed, nodes: [{instanceType: m5.large}]}]\n"
#define TYPE "{instanceType: m5.large}"
#define DEPLOYMENT(name, cpu)                                                          \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " name "}\nspec:\n"       \
    "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n" \
    "    spec: {containers: [{name: c, image: i, resources: {requests: {cpu: " cpu "}}}]}\n"
#define CLASS                                                                          \
    "---\napiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: n}\n" \
    "spec:\n  role: r\n  amiSelectorTerms: [{alias: al2023@latest}]\n"                 \
    "  subnetSelectorTerms: [{tags: {a: b}}]\n"                                        \
    "  securityGroupSelectorTerms: [{tags: {a: b}}]\n"
#define POOL(operator_name)                                                         \
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: p}\nspec:\n"     \
    "  template:\n    spec:\n"                                                      \
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: n}\n" \
    "      requirements:\n"                                                         \
    "      - {key: kubernetes.io/arch, operator: " operator_name ", values: [amd64]}\n" CLASS

#define OVERLAY(price)                                                                    \
    "apiVersion: karpenter.sh/v1alpha1\nkind: NodeOverlay\nmetadata: {name: o}\n"         \
    "spec:\n  requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]\n" \
    "  " price "\n"

static const char good_trace[] =
    "{\"trace\":\"werkbank/v1\",\"epoch\":\"2026-01-05T00:00:00Z\"}\n"
    "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}}\n"
    "{\"at\":0,\"pod\":\"a\",\"shape\":0,\"runs\":1000}\n"
    "{\"end\":1000,\"records\":2}\n";

/* Files that every case finds beside its scenario. */
static const struct {
    const char *name, *text;
} files[] = {
    {"t", good_trace},
    {"cut", "{\"trace\":\"werkbank/v1\"}\n{\"at\":0,\"po"},
    {"early", "{\"trace\":\"werkbank/v1\"}\n{\"shape\":0,\"template\":{\"spec\":{\"containers\":["
              "{\"name\":\"c\"}]}}}\n{\"at\":9,\"pod\":\"a\",\"shape\":0,\"until\":8}\n"},
    {"big-trace", "{\"trace\":\"werkbank/v1\"}\n{\"shape\":0,\"template\":{\"spec\":{\"containers\""
                  ":[{\"name\":\"c\",\"resources\":{\"requests\":{\"cpu\":\"5000\"}}}]}}}\n"
                  "{\"end\":0,\"records\":1}\n"},
    {"web.yaml", DEPLOYMENT("web", "500m")},
    {"big.yaml", DEPLOYMENT("big", "\"5000\"")},
    {"quantity.yaml", DEPLOYMENT("q", "1.5.2Gi")},
    {"tab.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n"},
    {"indent.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n labels: {}\n"},
    {"pool.yaml", POOL("In")},
    {"operator.yaml", POOL("Within")},
    {"overlay.yaml", OVERLAY("price: \"0.01\"")},
    {"bad-overlay.yaml", OVERLAY("price: \"cheap\"")},
    {"field.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"
                   "  containers: [{name: c, image: i}]\n  hostnetwork: true\n"},
};

static const struct {
    const char *name;
    const char *text;   /* of the scenario */
    const char *errors; /* one a line, less the folder; "" : it loads */
    const char *warnings;
    bool is_strict;
} cases[] = {
    {"a small scenario", HEAD WORK CONT, "", "", true},
    {"a contender of kind null, as YAML spells it", HEAD WORK "  contenders: [{kind: null}]\n", "",
     "", true},
    {"an empty file", "", "s.yaml: found 0 documents, expected one Scenario\n", "", false},
    {"two documents", HEAD WORK CONT "---\na: b\n",
     "s.yaml: found 2 documents, expected one Scenario\n", "", false},
    {"a list", "- a\n", "s.yaml:1:1: expected a map, found a list\n", "", false},
    {"a tab", "apiVersion: werkbank/v1\nspec:\n\tseed: 1\n",
     "s.yaml:3:1: a tab indents this line, expected spaces\n", "", false},
    {"a bad indent", HEAD "  seed: 1\n horizon: 1h\n" WORK CONT, "s.yaml:6:2: ", "", false},
    {"another kind", "apiVersion: v1\nkind: Pod\nmetadata: {name: s}\nspec:\n" WORK CONT,
     "s.yaml:2:7: kind: is 'Pod', expected Scenario\n", /* and nothing of a pod's fields */
     "", false},
    {"no name", "apiVersion: werkbank/v1\nkind: Scenario\nspec:\n" WORK CONT,
     "s.yaml:1:1: metadata.name: is missing, expected the scenario's name\n", "", false},
    {"no spec", "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\n",
     "s.yaml:1:1: spec: is missing, expected the scenario's parts\n", "", false},
    {"an unknown field is a warning", HEAD "  horizn: 1h\n" WORK CONT, "",
     "s.yaml:5:3: unknown field 'spec.horizn', did you mean 'horizon'?\n", false},
    {"and an error under --strict", HEAD "  horizn: 1h\n" WORK CONT,
     "s.yaml:5:3: unknown field 'spec.horizn', did you mean 'horizon'?\n", "", true},
    {"an unknown field of a manifest", HEAD "  objects: field.yaml\n" WORK CONT, "",
     "field.yaml:6:3: unknown field 'spec.hostnetwork', did you mean 'hostNetwork'?\n", false},
    {"a duration that is none", HEAD "  horizon: tomorrow\n" WORK CONT,
     "s.yaml:5:12: spec.horizon: 'tomorrow' is not a duration like 1h30m\n", "", false},
    {"a negative duration", HEAD "  sampleInterval: -1m\n" WORK CONT,
     "s.yaml:5:19: spec.sampleInterval: '-1m' is not a duration like 1h30m\n", "", false},
    {"a duration that is a number", HEAD "  horizon: 30\n" WORK CONT,
     "s.yaml:5:12: spec.horizon: expected a string, found a number (30)\n", "", false},
    {"a horizon of nothing", HEAD "  horizon: 0s\n" WORK CONT,
     "s.yaml:5:12: spec.horizon: is 0s, expected more than nothing\n", "", false},
    {"samples at every moment", HEAD "  sampleInterval: 0s\n" WORK CONT,
     "s.yaml:5:19: spec.sampleInterval: is 0s, expected more than nothing\n", "", false},
    {"an epoch that is none", HEAD "  epoch: monday\n" WORK CONT, "s.yaml:5:10: spec.epoch: ", "",
     false},
    {"a seed that is none", HEAD "  seed: x\n" WORK CONT,
     "s.yaml:5:9: spec.seed: expected an integer, found a string (x)\n", "", false},
    {"an unknown region", HEAD "  region: mars-1\n" WORK CONT, "s.yaml:5:11: spec.region: ", "",
     false},
    {"a zone outside the region",
     HEAD "  region: us-east-1\n  zones: [us-east-1a, us-west-2a]\n" WORK CONT,
     "s.yaml:6:23: spec.zones[1]: 'us-west-2a' is not a zone of region us-east-1, expected "
     "us-east-1a, us-east-1b ...\n",
     "", false},
    {"a zone twice", HEAD "  zones: [us-east-1a, us-east-1a]\n" WORK CONT,
     "s.yaml:5:23: spec.zones[1]: 'us-east-1a' is named twice\n", "", false},
    {"zones that are no list", HEAD "  zones: us-east-1a\n" WORK CONT,
     "s.yaml:5:10: spec.zones: expected a list, found a string (us-east-1a)\n", "", false},
    {"no workload", HEAD CONT,
     "s.yaml:5:3: spec.workload: is empty, expected at least one trace or manifest\n", "", false},
    {"an empty workload", HEAD "  workload: []\n" CONT,
     "s.yaml:5:13: spec.workload: is empty, expected at least one trace or manifest\n", "", false},
    {"a trace is asked for", HEAD "  requiresTrace: true\n" CONT,
     "s.yaml:5:18: spec.requiresTrace: this scenario brings no trace of its own, give one: "
     "werkbank run s.yaml --trace FILE\n",
     "", false},
    {"a missing trace", HEAD "  workload: [{trace: none}]\n" CONT,
     "s.yaml:5:22: spec.workload[0].trace: none: cannot open: No such file or directory\n", "",
     false},
    {"a trace that is cut", HEAD "  workload: [{trace: cut}]\n" CONT,
     "s.yaml:5:22: spec.workload[0].trace: cut:2: the trace is cut in the middle of a record, "
     "expected a line end\n",
     "", false},
    {"a deletion before its creation", HEAD "  workload: [{trace: early}]\n" CONT,
     "s.yaml:5:22: spec.workload[0].trace: early:3: pod 'a' is deleted at 8 ms ('until'), before "
     "its creation at 9 ms ('at')\n",
     "", false},
    {"a missing manifest", HEAD "  workload: [{manifest: none.yaml}]\n" CONT,
     "s.yaml:5:25: spec.workload[0].manifest: none.yaml: cannot open: No such file or directory\n",
     "", false},
    {"a manifest with a tab", HEAD "  workload: [{manifest: tab.yaml}]\n" CONT,
     "tab.yaml:4:1: ", "", false},
    {"a manifest with a bad indent", HEAD "  workload: [{manifest: indent.yaml}]\n" CONT,
     "indent.yaml:5:2: ", "", false},
    {"a quantity 1.5.2Gi", HEAD "  workload: [{manifest: quantity.yaml}]\n" CONT,
     "quantity.yaml:8:73: spec.template.spec.containers[0].resources.requests.cpu: '1.5.2Gi' is "
     "not a quantity, expected ",
     "", false},
    {"a manifest that is a map", HEAD "  objects: {a: b}\n" WORK CONT,
     "s.yaml:5:12: spec.objects: expected a path or a list of paths, found a map\n", "", false},
    {"a step of nothing", HEAD "  workload: [{at: 1m}]\n" CONT,
     "s.yaml:5:14: spec.workload[0]: has none of trace, manifest, scale, delete, expected one\n",
     "", false},
    {"a step of two things", HEAD "  workload: [{trace: t, manifest: web.yaml}]\n" CONT,
     "s.yaml:5:14: spec.workload[0]: has several of trace, manifest, scale, delete, expected one\n",
     "", false},
    {"a scale of what is not there",
     HEAD "  workload: [{manifest: web.yaml, at: 5m}, {scale: {kind: Deployment, name: web, "
          "replicas: 2}, at: 4m}]\n" CONT,
     "s.yaml:5:44: spec.workload[1]: no manifest brings the workload 'web' of namespace 'default' "
     "by then\n",
     "", false},
    {"a scale of what is there",
     HEAD "  workload: [{manifest: web.yaml, at: 5m}, {scale: {kind: Deployment, name: web, "
          "replicas: 2}, at: 5m}, {delete: {kind: Deployment, name: web}, at: 1h}]\n" CONT,
     "", "", false},
    {"a scale to fewer than none",
     HEAD "  workload: [{manifest: web.yaml}, {scale: {kind: Deployment, name: web, replicas: "
          "-1}}]\n" CONT,
     "s.yaml:5:84: spec.workload[1].scale.replicas: is missing or negative, expected a number of "
     "pods\n",
     "", false},
    {"a scale of no workload",
     HEAD "  workload: [{trace: t}, {delete: {kind: Pod, name: a}}]\n" CONT,
     "s.yaml:5:42: spec.workload[1].delete.kind: 'Pod' is not a workload, expected Deployment, "
     "StatefulSet, ReplicaSet, DaemonSet, Job or CronJob\n",
     "", false},
    {"no contender", HEAD WORK,
     "s.yaml:5:3: spec.contenders: is empty, expected at least one contender\n", "", false},
    {"contenders that are names", HEAD WORK "  contenders: [karpenter]\n",
     "s.yaml:6:16: spec.contenders[0]: expected a map, found a string (karpenter)\n", "", false},
    {"an unknown kind of contender", HEAD WORK "  contenders: [{name: a, kind: slurm}]\n",
     "s.yaml:6:32: spec.contenders[0].kind: 'slurm' is not a contender kind, expected karpenter, "
     "cluster_autoscaler, fixed, recorded or null\n",
     "", false},
    {"a name twice", HEAD WORK "  contenders: [{kind: 'null'}, {name: 'null', kind: 'null'}]\n",
     "s.yaml:6:32: spec.contenders[1]: name 'null' is taken by another contender\n", "", false},
    {"an unknown instance type",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [{instanceType: "
               "m5.huge}]}]\n",
     "s.yaml:6:53: spec.contenders[0].nodes[0].instanceType: 'm5.huge' is not an instance type of "
     "region us-east-1 (see: werkbank catalog list)\n",
     "", false},
    {"a node in a zone outside",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [{instanceType: "
               "m5.large, zone: us-west-2a}]}]\n",
     "s.yaml:6:69: spec.contenders[0].nodes[0].zone: 'us-west-2a' is not one of the scenario's "
     "zones (spec.zones)\n",
     "", false},
    {"no nodes", HEAD WORK "  contenders: [{name: a, kind: fixed}]\n",
     "s.yaml:6:16: nodes: contender 'a' of kind 'fixed' has no nodes, expected at least one "
     "entry\n",
     "", false},
    {"too many nodes",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [{instanceType: m5.large, "
               "count: 100001}]}]\n",
     "s.yaml:6:70: spec.contenders[0].nodes[0].count: is 100001, expected 1 to 100000\n", "",
     false},
    {"a market that is none",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [{instanceType: "
               "m5.large, capacityType: free}]}]\n",
     "s.yaml:6:77: spec.contenders[0].nodes[0].capacityType: ", "", false},
    {"a market that the type does not have",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [{instanceType: m5.large, capacityType: "
               "reserved}]}]\n",
     "s.yaml:6:53: spec.contenders[0].nodes[0].instanceType: 'm5.large' is not offered as reserved "
     "in us-east-1a\n",
     "", false},
    {"a setting that is none",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, settings: "
               "{batchIdleDuratin: 1s}}]\n",
     "s.yaml:6:85: settings: 'batchIdleDuratin' is not a setting of Karpenter, did you mean "
     "'batchIdleDuration'?\n",
     "", false},
    {"a setting that is a list",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, settings: "
               "{batchIdleDuration: [1s]}}]\n",
     "s.yaml:6:86: spec.contenders[0].settings.batchIdleDuration: expected a value, found a "
     "list\n",
     "", false},
    {"settings that are a list",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, settings: [a]}]\n",
     "s.yaml:6:66: spec.contenders[0].settings: expected a map of names to values, found a list\n",
     "", false},
    {"a change without its time and its manifests",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, changes: [{}]}]\n",
     "s.yaml:6:66: spec.contenders[0].changes[0].at: is missing, expected the time of the change\n"
     "s.yaml:6:66: spec.contenders[0].changes[0].apply: is missing, expected the manifests to "
     "apply, or delete\n",
     "", false},
    {"a NodePool is deleted that is not there",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, changes: [{at: 1h, delete: "
               "{kind: NodePool, name: other}}]}]\n",
     "s.yaml:6:66: delete: NodePool 'other' is not there by then\n", "", false},
    {"a NodePool is deleted without its name",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, changes: [{at: 1h, delete: "
               "{kind: NodePool}}]}]\n",
     "s.yaml:6:83: spec.contenders[0].changes[0].delete.name: is missing, expected the name of the "
     "object to delete\n",
     "", false},
    {"a NodeOverlay is deleted that is gone by then",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, settings: {nodeOverlay: "
               "true}, changes: [{at: 1h, apply: overlay.yaml}, {at: 2h, delete: {kind: "
               "NodeOverlay, name: o}}, {at: 3h, delete: {kind: NodeOverlay, name: o}}]}]\n",
     "s.yaml:6:176: delete: NodeOverlay 'o' is not there by then\n", "", false},
    {"something else is deleted",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, changes: [{at: 1h, delete: "
               "{kind: EC2NodeClass, name: o}}]}]\n",
     "s.yaml:6:90: spec.contenders[0].changes[0].delete.kind: Invalid value: \"EC2NodeClass\": "
     "must be one of NodePool, NodeOverlay\n",
     "", false},
    {"a NodeOverlay that no API server takes",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, settings: {nodeOverlay: "
               "true}, changes: [{at: 1h, apply: bad-overlay.yaml}]}]\n",
     "bad-overlay.yaml:6:10: spec.price: Invalid value: \"cheap\": expected a number such as "
     "0.05\n",
     "", false},
    {"a NodeOverlay twice in one change",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, settings: {nodeOverlay: "
               "true}, changes: [{at: 1h, apply: [overlay.yaml, overlay.yaml]}]}]\n",
     "s.yaml:6:97: changes: NodeOverlay 'o' is there twice, expected once\n", "", false},
    {"a NodeOverlay that comes without the feature gate",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, changes: [{at: 1h, apply: "
               "overlay.yaml}]}]\n",
     "",
     "s.yaml:6:66: changes: NodeOverlay 'o' changes nothing without the setting nodeOverlay: "
     "true\n",
     false},
    {"faults with fields that go with others",
     HEAD WORK "  faults: [{at: 1h, kind: lost, code: X}, {at: 1h, kind: apiLatency}, {at: 1h, "
               "kind: controlPlane}, {at: 1h, kind: apiError, call: RunInstance}, {at: 1h, kind: "
               "offeringEnds}]\n" CONT,
     "s.yaml:6:39: spec.faults[0].code: goes with apiError\n"
     "s.yaml:6:43: spec.faults[1].delay: is missing; it goes with apiLatency and messageDelayed, "
     "which need it, and with messageDuplicate\n"
     "s.yaml:6:71: spec.faults[2].for: is missing, expected how long the control plane stands "
     "still\n"
     "s.yaml:6:132: spec.faults[3].call: Invalid value: \"RunInstance\": must be one of "
     "CreateFleet, RunInstances, TerminateInstances, CreateLaunchTemplate, DeleteLaunchTemplate, "
     "CreateTags, SetDesiredCapacity, TerminateInstanceInAutoScalingGroup\n"
     "s.yaml:6:146: spec.faults[4].instanceType: is missing; it goes with offeringEnds and only "
     "with it\n",
     "", false},
    {"a change of something else",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: pool.yaml, changes: [{at: 1h, apply: "
               "web.yaml}]}]\n",
     "s.yaml:6:66: changes: holds no NodePool, EC2NodeClass or NodeOverlay, expected some\n", "",
     false},
    {"a change of a contender that knows none",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [" TYPE "], changes: [{at: 1h, apply: "
               "pool.yaml}]}]\n",
     "", "s.yaml:6:74: spec.contenders[0].changes: is not read by a contender of kind 'fixed'\n",
     false},
    {"a flag that is none",
     HEAD WORK "  contenders: [{kind: cluster_autoscaler, flags: {expandr: random}, nodeGroups: "
               "[{name: g, instanceTypes: [m5.large], max: 3}]}]\n",
     "s.yaml:6:60: flags: ", "", false},
    {"a NodePool with an unknown operator",
     HEAD WORK "  contenders: [{kind: karpenter, manifests: operator.yaml}]\n",
     "operator.yaml:9:45: spec.template.spec.requirements[0].operator: ", "", false},
    {"a part that is not read",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [" TYPE "], manifests: pool.yaml}]\n", "",
     "s.yaml:6:76: spec.contenders[0].manifests: is not read by a contender of kind 'fixed'\n",
     false},
    {"a boot model that is none",
     HEAD WORK "  contenders: [{kind: fixed, boot: fast, nodes: [" TYPE "]}]\n",
     "s.yaml:6:36: spec.contenders[0].boot: 'fast' is not a boot model, expected "
     "karpenter-typical, ca-asg-typical, instant, al2023, al2, bottlerocket, windows or "
     "by-ami-family\n",
     "", false},
    {"a phase that is none",
     HEAD WORK "  contenders: [{kind: fixed, boot: {join: {median: 5s, sigma: 9}}, nodes: [" TYPE
               "]}]\n",
     "s.yaml:6:63: spec.contenders[0].boot.join.sigma: is '9', expected a number from 0 to 3\n", "",
     false},
    {"a phase that is misspelt",
     HEAD WORK "  contenders: [{kind: fixed, boot: {jion: 5s}, nodes: [" TYPE "]}]\n", "",
     "s.yaml:6:37: unknown field 'spec.contenders[0].boot.jion', did you mean 'join'?\n", false},
    {"classes that are no list",
     HEAD WORK "  contenders: [{kind: fixed, boot: {instanceClasses: typical}, nodes: [" TYPE
               "]}]\n",
     "s.yaml:6:54: spec.contenders[0].boot.instanceClasses: is a string, expected a list such as "
     "[typical]\n",
     "", false},
    {"a class that is none",
     HEAD WORK "  contenders: [{kind: fixed, boot: {instanceClasses: [metal]}, nodes: [" TYPE
               "]}]\n",
     "s.yaml:6:55: spec.contenders[0].boot.instanceClasses[0]: is 'metal', expected typical or "
     "{selector, start, join, ready, ...}\n",
     "", false},
    {"a class of no types and no phases",
     HEAD WORK "  contenders: [{kind: fixed, boot: {instanceClasses: [{}]}, nodes: [" TYPE "]}]\n",
     "s.yaml:6:55: spec.contenders[0].boot.instanceClasses[0].selector: is missing, expected "
     "labels of instance types such as instance-family=p5\n"
     "s.yaml:6:55: spec.contenders[0].boot.instanceClasses[0]: changes no phase, expected one of "
     "start, join, ready, startupTaints, shutdown\n",
     "", false},
    {"a class whose label no type has",
     HEAD WORK "  contenders: [{kind: fixed, boot: {instanceClasses: [{selector: colour=red, "
               "start: 9s}]}, nodes: [" TYPE "]}]\n",
     "s.yaml:6:66: spec.contenders[0].boot.instanceClasses[0].selector: ", "", false},
    {"a class that picks nothing",
     HEAD WORK "  contenders: [{kind: fixed, boot: {instanceClasses: [{selector: "
               "instance-family=m555, start: 9s}]}, nodes: [" TYPE "]}]\n",
     "",
     "s.yaml:6:66: spec.contenders[0].boot.instanceClasses[0].selector: picks no instance type of "
     "the catalog\n",
     false},
    {"a phase of a class without a median",
     HEAD WORK "  contenders: [{kind: fixed, boot: {instanceClasses: [{selector: "
               "instance-family=m5, start: {sigma: 0.1}}]}, nodes: [" TYPE "]}]\n",
     "s.yaml:6:93: spec.contenders[0].boot.instanceClasses[0].start: has no median, expected a "
     "duration or {median, sigma}\n",
     "", false},
    {"a scheduler that is none",
     HEAD WORK "  contenders: [{kind: fixed, scheduler: {percentageOfNodesToScore: 101}, nodes: "
               "[" TYPE "]}]\n",
     "s.yaml:6:68: spec.contenders[0].scheduler.percentageOfNodesToScore: is 101, expected 0 "
     "(adaptive) to 100\n",
     "", false},
    {"a group out of order",
     HEAD WORK "  contenders: [{kind: cluster_autoscaler, nodeGroups: [{name: g, instanceTypes: "
               "[m5.large], min: 5, max: 3}]}]\n",
     "s.yaml:6:56: spec.contenders[0].nodeGroups[0]: min 5, desired 5, max 3: expected 0 <= min <= "
     "desired <= max\n",
     "", false},
    {"a group of no types",
     HEAD WORK "  contenders: [{kind: cluster_autoscaler, nodeGroups: [{name: g, max: 3}]}]\n",
     "s.yaml:6:56: spec.contenders[0].nodeGroups[0].instanceTypes: is empty, expected at least one "
     "instance type\n",
     "", false},
    {"a group of an unknown type in a zone outside",
     HEAD WORK "  contenders: [{kind: cluster_autoscaler, nodeGroups: [{name: g, instanceTypes: "
               "[x9], zones: [eu-west-1a], max: 3}]}]\n",
     "s.yaml:6:82: spec.contenders[0].nodeGroups[0].instanceTypes[0]: 'x9' is not an instance type "
     "of region us-east-1 (see: werkbank catalog list)\n"
     "s.yaml:6:95: spec.contenders[0].nodeGroups[0].zones[0]: 'eu-west-1a' is not one of the "
     "scenario's zones (spec.zones)\n",
     "", false},
    {"a pod that no machine can hold", HEAD "  workload: [{manifest: big.yaml}]\n" CONT, "",
     "big.yaml:1:1: Deployment 'big' asks for cpu 5k and memory 0, more than any instance type has "
     "for pods; the largest, ",
     true},
    {"a shape that no machine can hold", HEAD "  workload: [{trace: big-trace}]\n" CONT, "",
     "big-trace:2: a pod of shape 0 asks for cpu 5k and memory 0, more than any instance type has "
     "for pods; the largest, ",
     true},
};

/* Findings as lines, without the folder's name wherever it occurs. */
static void print_findings(const wb_scenario_fixture *fixture, bool is_errors, wb_text *out)
{
    const wb_findings *findings = &fixture->findings;
    const wb_finding *items = is_errors ? findings->errors : findings->warnings;
    const size_t count = is_errors ? findings->error_count : findings->warning_count;
    wb_text whole;
    wb_text_init(&whole);
    for (size_t i = 0; i < count; i++) {
        wb_text_add_format(&whole, "%s\n", items[i].text);
    }
    if (is_errors && count == 0 && fixture->status != WB_OK) {
        wb_text_add_format(&whole, "%s\n", fixture->err.text);
    }
    const size_t folder_length = strlen(fixture->folder.path);
    for (const char *at = wb_text_string(&whole); *at != 0; at++) {
        if (strncmp(at, fixture->folder.path, folder_length) == 0) {
            at += folder_length; /* and the slash, by the loop */
            continue;
        }
        wb_text_add(out, at, 1);
    }
    wb_text_release(&whole);
}

/* An expectation that ends in a blank is the beginning of a single line. */
static void expect(const char *name, const char *expected, const char *found)
{
    const size_t length = strlen(expected);
    const bool is_prefix = length > 0 && expected[length - 1] == ' ';
    const char *line_end = strchr(found, '\n');
    const bool is_same =
        is_prefix ? strncmp(found, expected, length) == 0 && line_end != NULL && line_end[1] == 0
                  : strcmp(found, expected) == 0;
    if (!is_same) {
        printf("\n  %s:\n    found    %s\n    expected %s\n", name, found, expected);
    }
    CU_ASSERT(is_same);
}

static void load_or_say_why(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_scenario_fixture fixture;
        wb_text errors;
        wb_text warnings;
        wb_text_init(&errors);
        wb_text_init(&warnings);
        wb_scenario_fixture_init(&fixture);
        fixture.findings.strict = cases[i].is_strict;
        for (size_t f = 0; f < WB_TEST_COUNT(files); f++) {
            (void)wb_scenario_fixture_write(&fixture, files[f].name, files[f].text);
        }
        (void)wb_scenario_fixture_write(&fixture, "s.yaml", cases[i].text);
        wb_scenario_fixture_load(&fixture, "s.yaml");
        print_findings(&fixture, true, &errors);
        print_findings(&fixture, false, &warnings);
        expect(cases[i].name, cases[i].errors, wb_text_string(&errors));
        expect(cases[i].name, cases[i].warnings, wb_text_string(&warnings));
        CU_ASSERT_EQUAL(fixture.status == WB_OK, cases[i].errors[0] == 0);
        wb_text_release(&errors);
        wb_text_release(&warnings);
        wb_scenario_fixture_release(&fixture);
    }
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"scenarios load or say why", load_or_say_why},
    };
    return wb_test_run("scenario", tests, WB_TEST_COUNT(tests));
}
