/* Every rule that a pod must keep: what is told about its containers and its other fields. */
#include "tests/kube/manifest_fixture.h"

static const char pod_head[] = "apiVersion: v1\n"
                               "kind: Pod\n"
                               "metadata: {name: p}\n"
                               "spec:\n";

static const wb_manifest_fixture_case container_cases[] = {
    {"containers are required", "  hostNetwork: false\n",
     "E 5:3: spec.containers: Required value\n"},
    {"an empty list of containers", "  containers: []\n",
     "E 5:15: spec.containers: Required value\n"},
    {"a container without a name", "  containers: [{image: i}]\n",
     "E 5:16: spec.containers[0].name: Required value\n"},
    {"a container name that is no DNS label", "  containers: [{name: A.b}]\n",
     "E 5:23: spec.containers[0].name: Invalid value: \"A.b\": a lowercase RFC 1123 label "
     "must consist of lower case alphanumeric characters or '-', and must start and end "
     "with an alphanumeric character (e.g. 'my-name' or '123-abc')\n"},
    {"two containers of one name", "  containers: [{name: a}, {name: a}]\n",
     "E 5:34: spec.containers[1].name: Duplicate value: \"a\"\n"},
    {"an init container with a container's name",
     "  containers: [{name: a}]\n"
     "  initContainers: [{name: a}]\n",
     "E 5:23: spec.containers[0].name: Duplicate value: \"a\"\n"},
    {"an unknown restart policy of an init container",
     "  containers: [{name: a}]\n"
     "  initContainers: [{name: b, restartPolicy: Sometimes}]\n",
     "E 6:45: spec.initContainers[0].restartPolicy: Invalid value: \"Sometimes\": must be "
     "one of Always, OnFailure, Never\n"},
    {"a quantity with two points",
     "  containers: [{name: c, resources: {requests: {cpu: 1.5.2Gi}}}]\n",
     "E 5:54: spec.containers[0].resources.requests.cpu: '1.5.2Gi' is not a quantity, "
     "expected after the number one of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, an exponent "
     "such as e3, or nothing\n"},
    {"a negative request", "  containers: [{name: c, resources: {requests: {cpu: -1}}}]\n",
     "E 5:54: spec.containers[0].resources.requests.cpu: Invalid value: -1: must be "
     "greater than or equal to 0\n"},
    {"a request above its limit",
     "  containers: [{name: c, resources: {requests: {memory: 2Gi}, limits: {memory: "
     "1Gi}}}]\n",
     "E 5:57: spec.containers[0].resources.requests.memory: Invalid value: \"2Gi\": must "
     "be less than or equal to memory limit of 1Gi\n"},
    {"a request equal to its limit in another notation",
     "  containers: [{name: c, resources: {requests: {cpu: 1000m}, limits: {cpu: 1}}}]\n", ""},
    {"a resource without a domain", "  containers: [{name: c, resources: {requests: {cpus: 1}}}]\n",
     "E 5:49: spec.containers[0].resources.requests: Invalid value: \"cpus\": must be a "
     "standard resource for containers (cpu, memory, ephemeral-storage, hugepages-<size>) "
     "or carry a domain\n"},
    {"a resource name that is no qualified name",
     "  containers: [{name: c, resources: {requests: {a/b/c: 1}}}]\n",
     "E 5:49: spec.containers[0].resources.requests: Invalid value: \"a/b/c\": a "
     "qualified name must consist of a name with an optional DNS subdomain prefix and '/' "
     "(e.g. 'example.com/MyName')\n"},
    {"half a device", "  containers: [{name: c, resources: {limits: {nvidia.com/gpu: 0.5}}}]\n",
     "E 5:63: spec.containers[0].resources.limits[nvidia.com/gpu]: Invalid value: 0.5: "
     "must be an integer\n"},
    {"a device request without a limit",
     "  containers: [{name: c, resources: {requests: {nvidia.com/gpu: 1}}}]\n",
     "E 5:37: spec.containers[0].resources.limits: Required value: Limit must be set for "
     "non overcommitable resources (nvidia.com/gpu)\n"},
    {"a device request below its limit",
     "  containers: [{name: c, resources: {requests: {nvidia.com/gpu: 1}, limits: "
     "{nvidia.com/gpu: 2}}}]\n",
     "E 5:65: spec.containers[0].resources.requests[nvidia.com/gpu]: Invalid value: 1: "
     "must be equal to nvidia.com/gpu limit of 2\n"},
    {"a device limit alone",
     "  containers: [{name: c, resources: {limits: {nvidia.com/gpu: 1}}}]\n", ""},
    {"a resource that is a list", "  containers: [{name: c, resources: {requests: {cpu: [1]}}}]\n",
     "E 5:54: spec.containers[0].resources.requests.cpu: expected a quantity, found a "
     "list\n"},
    {"a port beyond 65535", "  containers: [{name: c, ports: [{containerPort: 70000}]}]\n",
     "E 5:50: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be "
     "between 1 and 65535, inclusive\n"},
    {"port 0", "  containers: [{name: c, ports: [{containerPort: 0}]}]\n",
     "E 5:50: spec.containers[0].ports[0].containerPort: Invalid value: 0: must be "
     "between 1 and 65535, inclusive\n"},
    {"a port without a number", "  containers: [{name: c, ports: [{name: http}]}]\n",
     "E 5:34: spec.containers[0].ports[0].containerPort: Required value\n"},
    {"an unknown protocol",
     "  containers: [{name: c, ports: [{containerPort: 80, hostPort: 80, protocol: "
     "HTTP}]}]\n",
     "E 5:78: spec.containers[0].ports[0].protocol: Invalid value: \"HTTP\": must be one "
     "of TCP, UDP, SCTP\n"},
    {"one host port twice",
     "  containers:\n"
     "  - {name: a, ports: [{containerPort: 80, hostPort: 80}]}\n"
     "  - {name: b, ports: [{containerPort: 81, hostPort: 80}]}\n",
     "E 7:53: spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//80\"\n"},
    {"one host port on two addresses",
     "  containers:\n"
     "  - {name: a, ports: [{containerPort: 80, hostPort: 80, hostIP: 10.0.0.1}]}\n"
     "  - {name: b, ports: [{containerPort: 81, hostPort: 80, hostIP: 10.0.0.2}]}\n",
     ""},
    {"one host port by two protocols",
     "  containers: [{name: a, ports: [{containerPort: 53, hostPort: 53}, {containerPort: "
     "53, hostPort: 53, protocol: UDP}]}]\n",
     ""},
    {"a host port that differs on the host network",
     "  hostNetwork: true\n"
     "  containers: [{name: a, ports: [{containerPort: 80, hostPort: 81}]}]\n",
     "E 6:50: spec.containers[0].ports[0].containerPort: Invalid value: 80: must match "
     "`hostPort` when `hostNetwork` is true\n"},
    {"a pod-level resource that no cgroup shares out",
     "  containers: [{name: c}]\n"
     "  resources: {requests: {nvidia.com/gpu: 1}}\n",
     "E 6:42: spec.resources.requests[nvidia.com/gpu]: Unsupported value: "
     "\"nvidia.com/gpu\": supported values: cpu, memory, hugepages-<size>\n"},
    {"negative overhead",
     "  containers: [{name: c}]\n"
     "  overhead: {cpu: -1m}\n",
     "E 6:19: spec.overhead.cpu: Invalid value: \"-1m\": must be greater than or equal to "
     "0\n"},
};

static const wb_manifest_fixture_case spec_cases[] = {
    {"a misspelt field of the spec",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraint: []\n",
     "W 6:3: unknown field 'spec.topologySpreadConstraint', did you mean "
     "'topologySpreadConstraints'?\n"},
    {"an unknown field with no near name",
     "  containers: [{name: c}]\n"
     "  somethingElse: 1\n",
     "W 6:3: unknown field 'spec.somethingElse'\n"},
    {"an unknown field over several lines",
     "  containers: [{name: c}]\n"
     "  tolerationz:\n"
     "  - key: a\n",
     "W 6:3: unknown field 'spec.tolerationz', did you mean 'tolerations'?\n"},
    {"a number where a string belongs",
     "  containers: [{name: c}]\n"
     "  nodeName: 5\n",
     "E 6:13: spec.nodeName: expected a string, found a number (5)\n"},
    {"a string where a number belongs",
     "  containers: [{name: c}]\n"
     "  priority: high\n",
     "E 6:13: spec.priority: expected an integer, found a string (high)\n"},
    {"a string where true or false belongs",
     "  containers: [{name: c}]\n"
     "  hostNetwork: \"true\"\n",
     "E 6:16: spec.hostNetwork: expected true or false, found a string (true)\n"},
    {"a map where a list belongs",
     "  containers: [{name: c}]\n"
     "  tolerations: {key: a}\n",
     "E 6:16: spec.tolerations: expected a list, found a map\n"},
    {"a list where a map belongs",
     "  containers: [{name: c}]\n"
     "  nodeSelector: [a]\n",
     "E 6:17: spec.nodeSelector: expected a map, found a list\n"},
    {"an unquoted label value",
     "  containers: [{name: c}]\n"
     "  nodeSelector: {a: true}\n",
     "E 6:21: spec.nodeSelector.a: expected a string, found true or false (true)\n"},
    {"a fraction where an integer belongs",
     "  containers: [{name: c}]\n"
     "  priority: 1.5\n",
     "E 6:13: spec.priority: expected an integer, found a number (1.5)\n"},
    {"a priority beyond 32 bits",
     "  containers: [{name: c}]\n"
     "  priority: 3000000000\n",
     "E 6:13: spec.priority: Invalid value: 3000000000: must fit in 32 bits\n"},
    {"null is absent",
     "  containers: [{name: c}]\n"
     "  nodeSelector: null\n"
     "  tolerations: ~\n",
     ""},
    {"a null in a list",
     "  containers: [{name: c}]\n"
     "  tolerations: [null]\n",
     "E 6:16: spec.tolerations[0]: expected a value, found null\n"
     "E 6:16: spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists "
     "when `key` is empty, which means \"match all values and all keys\"\n"},
    {"a bad key in the node selector",
     "  containers: [{name: c}]\n"
     "  nodeSelector: {a b: c}\n",
     "E 6:18: spec.nodeSelector: Invalid value: \"a b\": name part must consist of "
     "alphanumeric characters, '-', '_' or '.', and must start and end with an "
     "alphanumeric character (e.g. 'MyName' or '123-abc')\n"},
    {"a bad value in the node selector",
     "  containers: [{name: c}]\n"
     "  nodeSelector: {a: b c}\n",
     "E 6:21: spec.nodeSelector.a: Invalid value: \"b c\": a valid label must be an empty "
     "string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
     "end with an alphanumeric character (e.g. 'MyValue' or '12345')\n"},
    {"an unknown restart policy",
     "  containers: [{name: c}]\n"
     "  restartPolicy: Sometimes\n",
     "E 6:18: spec.restartPolicy: Invalid value: \"Sometimes\": must be one of Always, "
     "OnFailure, Never\n"},
    {"an unknown preemption policy",
     "  containers: [{name: c}]\n"
     "  preemptionPolicy: Maybe\n",
     "E 6:21: spec.preemptionPolicy: Invalid value: \"Maybe\": must be one of "
     "PreemptLowerPriority, Never\n"},
    {"a negative grace period",
     "  containers: [{name: c}]\n"
     "  terminationGracePeriodSeconds: -1\n",
     "E 6:34: spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than "
     "or equal to 0\n"},
    {"a deadline of 0",
     "  containers: [{name: c}]\n"
     "  activeDeadlineSeconds: 0\n",
     "E 6:26: spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and "
     "2147483647, inclusive\n"},
    {"a gated pod that has a node",
     "  containers: [{name: c}]\n"
     "  nodeName: n\n"
     "  schedulingGates: [{name: g}]\n",
     "E 6:13: spec.nodeName: Forbidden: cannot be set until all schedulingGates have been "
     "cleared\n"},
    {"a toleration without key and Exists",
     "  containers: [{name: c}]\n"
     "  tolerations: [{value: a}]\n",
     "E 6:17: spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists "
     "when `key` is empty, which means \"match all values and all keys\"\n"},
    {"an unknown toleration operator",
     "  containers: [{name: c}]\n"
     "  tolerations: [{key: a, operator: In}]\n",
     "E 6:36: spec.tolerations[0].operator: Invalid value: \"In\": must be one of Equal, "
     "Exists, Lt, Gt\n"},
    {"an unknown effect",
     "  containers: [{name: c}]\n"
     "  tolerations: [{key: a, effect: NoRun}]\n",
     "E 6:34: spec.tolerations[0].effect: Invalid value: \"NoRun\": must be one of "
     "NoSchedule, PreferNoSchedule, NoExecute\n"},
    {"a value beside Exists",
     "  containers: [{name: c}]\n"
     "  tolerations: [{key: a, operator: Exists, value: b}]\n",
     "E 6:51: spec.tolerations[0].value: Invalid value: \"b\": value must be empty when "
     "`operator` is 'Exists'\n"},
    {"seconds without NoExecute",
     "  containers: [{name: c}]\n"
     "  tolerations: [{key: a, operator: Exists, effect: NoSchedule, tolerationSeconds: "
     "5}]\n",
     "E 6:52: spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be "
     "'NoExecute' when `tolerationSeconds` is set\n"},
    {"a word beside Gt",
     "  containers: [{name: c}]\n"
     "  tolerations: [{key: a, operator: Gt, value: b}]\n",
     "E 6:47: spec.tolerations[0].value: Invalid value: \"b\": must be an integer when "
     "`operator` is 'Lt' or 'Gt'\n"},
    {"a bad toleration key",
     "  containers: [{name: c}]\n"
     "  tolerations: [{key: a b, operator: Exists}]\n",
     "E 6:23: spec.tolerations[0].key: Invalid value: \"a b\": name part must consist of "
     "alphanumeric characters, '-', '_' or '.', and must start and end with an "
     "alphanumeric character (e.g. 'MyName' or '123-abc')\n"},
    {"a volume without a name",
     "  containers: [{name: c}]\n"
     "  volumes: [{emptyDir: {}}]\n",
     "E 6:13: spec.volumes[0].name: Required value\n"},
    {"two volumes of one name",
     "  containers: [{name: c}]\n"
     "  volumes: [{name: a, emptyDir: {}}, {name: a, emptyDir: {}}]\n",
     "E 6:45: spec.volumes[1].name: Duplicate value: \"a\"\n"},
    {"a volume of two kinds",
     "  containers: [{name: c}]\n"
     "  volumes: [{name: a, emptyDir: {}, hostPath: {path: /}}]\n",
     "E 6:13: spec.volumes[0]: Forbidden: may not specify more than 1 volume type\n"},
    {"a claim without a name",
     "  containers: [{name: c}]\n"
     "  volumes: [{name: a, persistentVolumeClaim: {}}]\n",
     "E 6:46: spec.volumes[0].persistentVolumeClaim.claimName: Required value\n"},
    {"an ephemeral volume without a template",
     "  containers: [{name: c}]\n"
     "  volumes: [{name: a, ephemeral: {}}]\n",
     "E 6:34: spec.volumes[0].ephemeral.volumeClaimTemplate: Required value\n"},
};

static void container_are_judged(void)
{
    wb_manifest_fixture_expect_all(container_cases, WB_TEST_COUNT(container_cases), pod_head);
}

static void spec_are_judged(void)
{
    wb_manifest_fixture_expect_all(spec_cases, WB_TEST_COUNT(spec_cases), pod_head);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"containers, their resources and ports", container_are_judged},
        {"other fields of the spec", spec_are_judged},
    };
    return wb_test_run("manifest_pod_rules", cases, WB_TEST_COUNT(cases));
}
