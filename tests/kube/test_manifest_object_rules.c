/* Every rule of workloads, budgets, storage, nodes; metadata, kinds and versions. */
#include "tests/kube/manifest_fixture.h"

static const wb_manifest_fixture_case workload_cases[] = {
    {"a whole Deployment",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     ""},
    {"a Deployment without a template",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchLabels: {a: b}}\n",
     "E 5:3: spec.template: Required value\n"},
    {"a Deployment without a selector",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:3: spec.selector: Required value\n"},
    {"an empty selector",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:13: spec.selector: Invalid value: empty selector is invalid\n"},
    {"a selector that does not match",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchLabels: {a: c}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 6:33: spec.template.metadata.labels: Invalid value: `selector` does not match "
     "template `labels`\n"},
    {"a selector with Gt",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchExpressions: [{key: a, operator: Gt, values: [\"1\"]}]}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:52: spec.selector.matchExpressions[0].operator: Invalid value: \"Gt\": must be "
     "one of In, NotIn, Exists, DoesNotExist\n"},
    {"negative replicas",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  replicas: -1\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:13: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n"},
    {"replicas in quotes",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  replicas: \"2\"\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:13: spec.replicas: expected an integer, found a string (2)\n"},
    {"an unknown strategy",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  strategy: {type: BlueGreen}\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:20: spec.strategy.type: Invalid value: \"BlueGreen\": must be one of "
     "RollingUpdate, Recreate\n"},
    {"Recreate with a rolling update",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:45: spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy "
     "`type` is 'Recreate'\n"},
    {"a rolling update that cannot move",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:59: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: may not be 0 "
     "when `maxSurge` is 0\n"},
    {"a surge that is no percentage",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  strategy: {rollingUpdate: {maxSurge: half}}\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:40: spec.strategy.rollingUpdate.maxSurge: Invalid value: \"half\": a valid "
     "percent string must be a numeric string followed by an ending '%' (e.g. '1%', "
     "'93%')\n"},
    {"a service that stops",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: "
     "[{name: c}]}}\n",
     "E 6:64: spec.template.spec.restartPolicy: Unsupported value: \"Never\": must be "
     "Always\n"},
    {"a bad container in a template",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, resources: "
     "{requests: {cpu: x}}}]}}\n",
     "E 6:100: spec.template.spec.containers[0].resources.requests.cpu: 'x' is not a "
     "quantity, expected a number first, such as 100m or 1.5Gi\n"},
    {"an unknown field of a template",
     "apiVersion: apps/v1\n"
     "kind: Deployment\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {container: [{name: c}]}}\n",
     "E 6:48: spec.template.spec.containers: Required value\n"
     "W 6:49: unknown field 'spec.template.spec.container', did you mean 'containers'?\n"},
    {"a whole Job",
     "apiVersion: batch/v1\n"
     "kind: Job\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  template: {spec: {restartPolicy: Never, containers: [{name: c}]}}\n",
     ""},
    {"a Job without a restart policy",
     "apiVersion: batch/v1\n"
     "kind: Job\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  template: {spec: {containers: [{name: c}]}}\n",
     "E 5:20: spec.template.spec.restartPolicy: Required value: must be one of OnFailure, "
     "Never\n"},
    {"negative parallelism",
     "apiVersion: batch/v1\n"
     "kind: Job\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  parallelism: -1\n"
     "  template: {spec: {restartPolicy: Never, containers: [{name: c}]}}\n",
     "E 5:16: spec.parallelism: Invalid value: -1: must be greater than or equal to 0\n"},
    {"a whole CronJob",
     "apiVersion: batch/v1\n"
     "kind: CronJob\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  schedule: \"*/5 * * * *\"\n"
     "  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: "
     "[{name: c}]}}}}\n",
     ""},
    {"a CronJob without a schedule",
     "apiVersion: batch/v1\n"
     "kind: CronJob\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: "
     "[{name: c}]}}}}\n",
     "E 5:3: spec.schedule: Required value\n"},
    {"a CronJob with a bad schedule",
     "apiVersion: batch/v1\n"
     "kind: CronJob\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  schedule: every day\n"
     "  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: "
     "[{name: c}]}}}}\n",
     "E 5:13: spec.schedule: Invalid value: \"every day\": must be five cron fields "
     "(minute, hour, day of month, month, day of week) or a macro like @daily\n"},
    {"a CronJob without a job",
     "apiVersion: batch/v1\n"
     "kind: CronJob\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  schedule: \"@daily\"\n",
     "E 5:3: spec.jobTemplate: Required value\n"},
    {"a StatefulSet with a nameless claim",
     "apiVersion: apps/v1\n"
     "kind: StatefulSet\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {matchLabels: {a: b}}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n"
     "  volumeClaimTemplates: [{spec: {storageClassName: gp3}}]\n",
     "E 7:26: spec.volumeClaimTemplates[0].metadata.name: Required value\n"},
    {"a DaemonSet without a selector",
     "apiVersion: apps/v1\n"
     "kind: DaemonSet\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 5:3: spec.selector: Required value\n"},
    {"a ReplicationController without a selector",
     "apiVersion: v1\n"
     "kind: ReplicationController\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     ""},
    {"a ReplicationController that selects others",
     "apiVersion: v1\n"
     "kind: ReplicationController\n"
     "metadata: {name: w}\n"
     "spec:\n"
     "  selector: {a: c}\n"
     "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}\n",
     "E 6:33: spec.template.metadata.labels: Invalid value: `selector` does not match "
     "template `labels`\n"},
};

static const wb_manifest_fixture_case object_cases[] = {
    {"a budget with both bounds",
     "apiVersion: policy/v1\n"
     "kind: PodDisruptionBudget\n"
     "metadata: {name: a}\n"
     "spec: {minAvailable: 1, maxUnavailable: 1, selector: {}}\n",
     "E 4:7: spec: Invalid value: minAvailable and maxUnavailable cannot be both set\n"},
    {"a budget without a bound",
     "apiVersion: policy/v1\n"
     "kind: PodDisruptionBudget\n"
     "metadata: {name: a}\n"
     "spec: {selector: {}}\n",
     "W 4:7: spec: neither minAvailable nor maxUnavailable is set: the disruption "
     "controller will not allow any eviction\n"},
    {"a negative bound",
     "apiVersion: policy/v1\n"
     "kind: PodDisruptionBudget\n"
     "metadata: {name: a}\n"
     "spec: {minAvailable: -1}\n",
     "E 4:22: spec.minAvailable: Invalid value: -1: must be greater than or equal to 0\n"},
    {"a bound of 101%",
     "apiVersion: policy/v1\n"
     "kind: PodDisruptionBudget\n"
     "metadata: {name: a}\n"
     "spec: {minAvailable: 101%}\n",
     "E 4:22: spec.minAvailable: Invalid value: \"101%\": must not be greater than 100%\n"},
    {"a bound that is no percentage",
     "apiVersion: policy/v1\n"
     "kind: PodDisruptionBudget\n"
     "metadata: {name: a}\n"
     "spec: {minAvailable: \"5\"}\n",
     "E 4:22: spec.minAvailable: Invalid value: \"5\": a valid percent string must be a "
     "numeric string followed by an ending '%' (e.g. '1%', '93%')\n"},
    {"an unknown eviction policy",
     "apiVersion: policy/v1\n"
     "kind: PodDisruptionBudget\n"
     "metadata: {name: a}\n"
     "spec: {minAvailable: 1, unhealthyPodEvictionPolicy: Always}\n",
     "E 4:53: spec.unhealthyPodEvictionPolicy: Invalid value: \"Always\": must be one of "
     "IfHealthyBudget, AlwaysAllow\n"},
    {"a priority without a value",
     "apiVersion: scheduling.k8s.io/v1\n"
     "kind: PriorityClass\n"
     "metadata: {name: a}\n",
     "E 1:1: value: Required value\n"},
    {"a user's priority beyond a billion",
     "apiVersion: scheduling.k8s.io/v1\n"
     "kind: PriorityClass\n"
     "metadata: {name: a}\n"
     "value: 1000000001\n",
     "E 4:8: value: Forbidden: maximum allowed value of a user defined priority is "
     "1000000000\n"},
    {"a system priority beyond a billion",
     "apiVersion: scheduling.k8s.io/v1\n"
     "kind: PriorityClass\n"
     "metadata: {name: system-node-critical}\n"
     "value: 2000001000\n",
     ""},
    {"a claim without access modes",
     "apiVersion: v1\n"
     "kind: PersistentVolumeClaim\n"
     "metadata: {name: a}\n"
     "spec: {resources: {requests: {storage: 1Gi}}}\n",
     "E 4:7: spec.accessModes: Required value: at least 1 access mode is required\n"},
    {"an unknown access mode",
     "apiVersion: v1\n"
     "kind: PersistentVolumeClaim\n"
     "metadata: {name: a}\n"
     "spec: {accessModes: [RWO]}\n",
     "E 4:22: spec.accessModes[0]: Invalid value: \"RWO\": must be one of ReadWriteOnce, "
     "ReadOnlyMany, ReadWriteMany, ReadWriteOncePod\n"},
    {"a claim of nothing",
     "apiVersion: v1\n"
     "kind: PersistentVolumeClaim\n"
     "metadata: {name: a}\n"
     "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}}\n",
     "E 4:70: spec.resources.requests.storage: Invalid value: 0: must be greater than "
     "zero\n"},
    {"a volume without a driver",
     "apiVersion: v1\n"
     "kind: PersistentVolume\n"
     "metadata: {name: a}\n"
     "spec: {csi: {volumeHandle: v}}\n",
     "E 4:13: spec.csi.driver: Required value\n"},
    {"a volume bound to no place",
     "apiVersion: v1\n"
     "kind: PersistentVolume\n"
     "metadata: {name: a}\n"
     "spec: {nodeAffinity: {required: {nodeSelectorTerms: []}}}\n",
     "E 4:53: spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at "
     "least one node selector term\n"},
    {"a class without a provisioner",
     "apiVersion: storage.k8s.io/v1\n"
     "kind: StorageClass\n"
     "metadata: {name: a}\n",
     "E 1:1: provisioner: Required value\n"},
    {"an unknown binding mode",
     "apiVersion: storage.k8s.io/v1\n"
     "kind: StorageClass\n"
     "metadata: {name: a}\n"
     "provisioner: p\n"
     "volumeBindingMode: Later\n",
     "E 5:20: volumeBindingMode: Invalid value: \"Later\": must be one of Immediate, "
     "WaitForFirstConsumer\n"},
    {"a topology without values",
     "apiVersion: storage.k8s.io/v1\n"
     "kind: StorageClass\n"
     "metadata: {name: a}\n"
     "provisioner: p\n"
     "allowedTopologies: [{matchLabelExpressions: [{key: a}]}]\n",
     "E 5:46: allowedTopologies[0].matchLabelExpressions[0].values: Required value\n"},
    {"a negative attach limit",
     "apiVersion: storage.k8s.io/v1\n"
     "kind: CSINode\n"
     "metadata: {name: a}\n"
     "spec: {drivers: [{name: d, nodeID: n, allocatable: {count: -1}}]}\n",
     "E 4:60: spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than "
     "or equal to 0\n"},
    {"a node with one taint twice",
     "apiVersion: v1\n"
     "kind: Node\n"
     "metadata: {name: a}\n"
     "spec: {taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]}\n",
     "E 4:47: spec.taints[1]: Duplicate value: \"a\" of the same effect: taints must be "
     "unique by key and effect pair\n"},
    {"a node with a negative capacity",
     "apiVersion: v1\n"
     "kind: Node\n"
     "metadata: {name: a}\n"
     "status: {capacity: {cpu: -1}}\n",
     "E 4:26: status.capacity.cpu: Invalid value: -1: must be greater than or equal to 0\n"},
    {"a claim of Karpenter's without a class",
     "apiVersion: karpenter.sh/v1\n"
     "kind: NodeClaim\n"
     "metadata: {name: a}\n"
     "spec: {requirements: []}\n",
     "E 4:7: spec.nodeClassRef: Required value\n"},
};

static const wb_manifest_fixture_case meta_cases[] = {
    {"no metadata",
     "apiVersion: v1\n"
     "kind: Namespace\n",
     "E 1:1: metadata.name: Required value: name or generateName is required\n"},
    {"no name",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {}\n",
     "E 3:11: metadata.name: Required value: name or generateName is required\n"},
    {"a generated name",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {generateName: a-}\n",
     ""},
    {"a name in capitals",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {name: A}\n",
     "E 3:18: metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must "
     "consist of lower case alphanumeric characters, '-' or '.', and must start and end "
     "with an alphanumeric character (e.g. 'example.com')\n"},
    {"a namespace that is no DNS label",
     "apiVersion: policy/v1\n"
     "kind: PodDisruptionBudget\n"
     "metadata: {name: a, namespace: a.b}\n"
     "spec: {minAvailable: 1}\n",
     "E 3:32: metadata.namespace: Invalid value: \"a.b\": a lowercase RFC 1123 label must "
     "consist of lower case alphanumeric characters or '-', and must start and end with "
     "an alphanumeric character (e.g. 'my-name' or '123-abc')\n"},
    {"a label key of two slashes",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {name: a, labels: {a/b/c: d}}\n",
     "E 3:30: metadata.labels: Invalid value: \"a/b/c\": a qualified name must consist of "
     "a name with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')\n"},
    {"a label value of 64 letters",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {name: a, labels: {a: "
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}\n",
     "E 3:33: metadata.labels.a: Invalid value: "
     "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\": must be no "
     "more than 63 bytes\n"},
    {"a label that is a number",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {name: a, labels: {a: 1}}\n",
     "E 3:33: metadata.labels.a: expected a string, found a number (1)\n"},
    {"a time that is none",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {name: a, creationTimestamp: yesterday}\n",
     "E 3:40: metadata.creationTimestamp: 'yesterday' is not a time, expected RFC 3339 "
     "such as 2026-01-15T10:00:00Z\n"},
    {"a misspelt field of the metadata",
     "apiVersion: v1\n"
     "kind: Namespace\n"
     "metadata: {name: a, anotations: {}}\n",
     "W 3:21: unknown field 'metadata.anotations', did you mean 'annotations'?\n"},
    {"no kind",
     "apiVersion: v1\n"
     "metadata: {name: a}\n",
     "E 1:1: kind: Required value\n"},
    {"no apiVersion",
     "kind: Namespace\n"
     "metadata: {name: a}\n",
     "E 1:1: apiVersion: Required value\n"},
    {"a scalar", "just text\n",
     "E 1:1: expected an object (a map with apiVersion, kind and metadata), found a "
     "string\n"},
    {"a list of objects without a list object", "- {apiVersion: v1, kind: Namespace}\n",
     "E 1:1: expected an object (a map with apiVersion, kind and metadata), found a list\n"},
    {"a misspelt kind",
     "apiVersion: apps/v1\n"
     "kind: Deploymet\n",
     "W 2:7: kind: 'Deploymet' is not known, did you mean 'Deployment'?\n"},
    {"an unknown kind",
     "apiVersion: example.com/v1\n"
     "kind: Widget\n",
     "W 2:7: kind: 'Widget' is not known and is ignored\n"},
    {"a kind that decides nothing",
     "apiVersion: v1\n"
     "kind: Service\n",
     ""},
    {"a version of Karpenter's that never was",
     "apiVersion: karpenter.sh/v1beta7\n"
     "kind: NodePool\n",
     "E 1:13: apiVersion: karpenter.sh/v1beta7 of NodePool is not read yet; expected "
     "karpenter.sh/v1\n"},
    {"a Provisioner of another version",
     "apiVersion: karpenter.sh/v1alpha4\n"
     "kind: Provisioner\n",
     "W 2:7: kind: 'Provisioner' is not known and is ignored\n"},
    {"a Deployment of the core group",
     "apiVersion: v1\n"
     "kind: Deployment\n",
     "E 1:13: apiVersion: v1 of Deployment is not read yet; expected apps/v1\n"},
    {"an old Deployment",
     "apiVersion: extensions/v1beta1\n"
     "kind: Deployment\n",
     "E 1:13: apiVersion: extensions/v1beta1 of Deployment is not read yet; expected "
     "apps/v1\n"},
    {"an old budget",
     "apiVersion: policy/v1beta1\n"
     "kind: PodDisruptionBudget\n",
     "E 1:13: apiVersion: policy/v1beta1 of PodDisruptionBudget is not read yet; expected "
     "policy/v1\n"},
    {"somebody else's Job",
     "apiVersion: batch.volcano.sh/v1alpha1\n"
     "kind: Job\n",
     "W 1:13: apiVersion: batch.volcano.sh/v1alpha1 of Job is not known and the object is "
     "ignored; expected batch/v1\n"},
    {"an error in a list",
     "apiVersion: v1\n"
     "kind: List\n"
     "items:\n"
     "- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n"
     "- {apiVersion: v1, kind: Namespace, metadata: {name: B}}\n",
     "E 5:54: items[1].metadata.name: Invalid value: \"B\": a lowercase RFC 1123 "
     "subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
     "start and end with an alphanumeric character (e.g. 'example.com')\n"},
    {"an error in a typed list",
     "apiVersion: v1\n"
     "kind: NamespaceList\n"
     "items:\n"
     "- {metadata: {name: A}}\n",
     "E 4:21: items[0].metadata.name: Invalid value: \"A\": a lowercase RFC 1123 "
     "subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
     "start and end with an alphanumeric character (e.g. 'example.com')\n"},
    {"a list whose items are a map",
     "apiVersion: v1\n"
     "kind: List\n"
     "items: {}\n",
     "E 3:8: items: expected a list, found a map\n"},
    {"a null in a list",
     "apiVersion: v1\n"
     "kind: List\n"
     "items: [null]\n",
     "E 3:8: items[0]: expected an object (a map with apiVersion, kind and metadata), "
     "found null\n"},
    {"lists in lists",
     "apiVersion: v1\n"
     "kind: List\n"
     "items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: "
     "[{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List}]}]}]}]\n",
     "E 3:120: items[0].items[0].items[0].items[0]: lists are nested more than 4 deep\n"},
};
static void workload_are_judged(void)
{
    wb_manifest_fixture_expect_all(workload_cases, WB_TEST_COUNT(workload_cases), "");
}

static void object_are_judged(void)
{
    wb_manifest_fixture_expect_all(object_cases, WB_TEST_COUNT(object_cases), "");
}

static void meta_are_judged(void)
{
    wb_manifest_fixture_expect_all(meta_cases, WB_TEST_COUNT(meta_cases), "");
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"workloads", workload_are_judged},
        {"budgets, priorities, storage, nodes", object_are_judged},
        {"metadata, kinds, versions, lists", meta_are_judged},
    };
    return wb_test_run("manifest_object_rules", cases, WB_TEST_COUNT(cases));
}
