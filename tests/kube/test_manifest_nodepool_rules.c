/* Every rule of a NodePool: the CRD's, its CEL rules, Karpenter's runtime validation. */
#include "tests/kube/manifest_fixture.h"

static const char requirement_head[] =
    "apiVersion: karpenter.sh/v1\n"
    "kind: NodePool\n"
    "metadata: {name: p}\n"
    "spec:\n"
    "  template:\n"
    "    spec:\n"
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n";

static const char template_head[] = "apiVersion: karpenter.sh/v1\n"
                                    "kind: NodePool\n"
                                    "metadata: {name: p}\n"
                                    "spec:\n"
                                    "  template:\n"
                                    "    spec:\n";

static const char spec_head[] =
    "apiVersion: karpenter.sh/v1\n"
    "kind: NodePool\n"
    "metadata: {name: p}\n"
    "spec:\n"
    "  template: {spec: {requirements: [], nodeClassRef: {group: g, kind: k, name: n}}}\n";

static const wb_manifest_fixture_case requirement_cases[] = {
    {"no requirements at all", "", "E 7:7: spec.template.spec.requirements: Required value\n"},
    {"an empty list will do", "      requirements: []\n", ""},
    {"an unknown operator", "      requirements: [{key: a, operator: Near}]\n",
     "E 8:41: spec.template.spec.requirements[0].operator: Invalid value: \"Near\": must "
     "be one of In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte, Lte\n"},
    {"In without values", "      requirements: [{key: a, operator: In}]\n",
     "E 8:22: spec.template.spec.requirements[0].values: Invalid value: requirements with "
     "operator 'In' must have a value defined\n"},
    {"NotIn without values passes", "      requirements: [{key: a, operator: NotIn}]\n", ""},
    {"DoesNotExist with values",
     "      requirements: [{key: a, operator: DoesNotExist, values: [b]}]\n",
     "W 8:63: spec.template.spec.requirements[0].values: has no effect when `operator` is "
     "'Exists' or 'DoesNotExist'\n"},
    {"Gt with a word", "      requirements: [{key: a, operator: Gt, values: [b]}]\n",
     "E 8:54: spec.template.spec.requirements[0].values[0]: Invalid value: \"b\": must be "
     "an integer when `operator` is 'Gt' or 'Lt'\n"},
    {"Gte with a negative number",
     "      requirements: [{key: a, operator: Gte, values: [\"-1\"]}]\n",
     "E 8:55: spec.template.spec.requirements[0].values[0]: Invalid value: \"-1\": must "
     "be a single positive integer value\n"},
    {"Lte with two values",
     "      requirements: [{key: a, operator: Lte, values: [\"1\", \"2\"]}]\n",
     "E 8:54: spec.template.spec.requirements[0].values: Invalid value: requirements "
     "operator 'Gt', 'Lt', 'Gte', or 'Lte' must have a single positive integer value\n"},
    {"a number where a text belongs", "      requirements: [{key: a, operator: Gt, values: [5]}]\n",
     "E 8:54: spec.template.spec.requirements[0].values[0]: expected a string, found a "
     "number (5)\n"},
    {"minValues of 0", "      requirements: [{key: a, operator: Exists, minValues: 0}]\n",
     "E 8:60: spec.template.spec.requirements[0].minValues: Invalid value: 0: should be "
     "in the range 1-50\n"},
    {"minValues of 51", "      requirements: [{key: a, operator: Exists, minValues: 51}]\n",
     "E 8:60: spec.template.spec.requirements[0].minValues: Invalid value: 51: should be "
     "in the range 1-50\n"},
    {"minValues of Exists", "      requirements: [{key: a, operator: Exists, minValues: 50}]\n",
     ""},
    {"more minValues than values",
     "      requirements: [{key: a, operator: In, values: [b], minValues: 2}]\n",
     "E 8:69: spec.template.spec.requirements[0].minValues: Invalid value: 2: "
     "requirements with 'minValues' must have at least that many values specified in the "
     "'values' field\n"},
    {"the pool's own label",
     "      requirements: [{key: karpenter.sh/nodepool, operator: In, values: [b]}]\n",
     "E 8:28: spec.template.spec.requirements[0].key: Invalid value: "
     "\"karpenter.sh/nodepool\": label \"karpenter.sh/nodepool\" is restricted\n"},
    {"a host name", "      requirements: [{key: kubernetes.io/hostname, operator: Exists}]\n",
     "E 8:28: spec.template.spec.requirements[0].key: Invalid value: "
     "\"kubernetes.io/hostname\": label \"kubernetes.io/hostname\" is restricted\n"},
    {"a label of Karpenter's domain",
     "      requirements: [{key: karpenter.sh/registered, operator: Exists}]\n",
     "E 8:28: spec.template.spec.requirements[0].key: Invalid value: "
     "\"karpenter.sh/registered\": label domain \"karpenter.sh\" is restricted; use a "
     "well-known label or a domain of your own\n"},
    {"a label below Karpenter's domain",
     "      requirements: [{key: x.karpenter.sh/y, operator: Exists}]\n",
     "E 8:28: spec.template.spec.requirements[0].key: Invalid value: "
     "\"x.karpenter.sh/y\": label domain \"karpenter.sh\" is restricted; use a well-known "
     "label or a domain of your own\n"},
    {"an unknown label of the provider's domain",
     "      requirements: [{key: karpenter.k8s.aws/instance-colour, operator: Exists}]\n",
     "E 8:28: spec.template.spec.requirements[0].key: Invalid value: "
     "\"karpenter.k8s.aws/instance-colour\": label domain \"karpenter.k8s.aws\" is "
     "restricted; use a well-known label or a domain of your own\n"},
    {"a well-known label of the provider's domain",
     "      requirements: [{key: karpenter.k8s.aws/instance-family, operator: In, values: "
     "[m5]}]\n",
     ""},
    {"an old zone label",
     "      requirements: [{key: failure-domain.beta.kubernetes.io/zone, operator: In, "
     "values: [us-east-1a]}]\n",
     ""},
    {"an unknown capacity type",
     "      requirements: [{key: karpenter.sh/capacity-type, operator: In, values: "
     "[spt]}]\n",
     "E 8:78: spec.template.spec.requirements[0].values: Invalid value: 0 valid values "
     "found, expected at least 1 of on-demand, reserved, spot\n"},
    {"one known capacity type among unknown ones",
     "      requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [spt, "
     "spot]}]\n",
     ""},
    {"too few known capacity types",
     "      requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [spt, "
     "spot], minValues: 2}]\n",
     "E 8:78: spec.template.spec.requirements[0].values: Invalid value: 1 valid values "
     "found, expected at least 2 of on-demand, reserved, spot\n"},
    {"an unknown tenancy",
     "      requirements: [{key: karpenter.k8s.aws/instance-tenancy, operator: In, "
     "values: [host]}]\n",
     "E 8:86: spec.template.spec.requirements[0].values: Invalid value: 0 valid values "
     "found, expected at least 1 of dedicated, default\n"},
    {"a key that is no label key", "      requirements: [{key: a b, operator: Exists}]\n",
     "E 8:28: spec.template.spec.requirements[0].key: Invalid value: \"a b\": name part "
     "must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
     "with an alphanumeric character (e.g. 'MyName' or '123-abc')\n"},
    {"a value that is no label value",
     "      requirements: [{key: a, operator: In, values: [b c]}]\n",
     "E 8:54: spec.template.spec.requirements[0].values[0]: Invalid value: \"b c\": a "
     "valid label must be an empty string or consist of alphanumeric characters, '-', '_' "
     "or '.', and must start and end with an alphanumeric character (e.g. 'MyValue' or "
     "'12345')\n"},
    {"101 requirements",
     "      requirements:\n"
     "      - &r {key: a, operator: Exists}\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n"
     "      - *r\n",
     "E 9:7: spec.template.spec.requirements: Too many: 101: must have at most 100 items\n"},
};

static const wb_manifest_fixture_case template_cases[] = {
    {"no class reference", "      requirements: []\n",
     "E 7:7: spec.template.spec.nodeClassRef: Required value\n"},
    {"a class reference without a group",
     "      nodeClassRef: {kind: EC2NodeClass, name: default}\n"
     "      requirements: []\n",
     "E 7:21: spec.template.spec.nodeClassRef.group: Required value: group may not be "
     "empty\n"},
    {"a class reference with a version",
     "      nodeClassRef: {group: karpenter.k8s.aws/v1, kind: EC2NodeClass, name: "
     "default}\n"
     "      requirements: []\n",
     "E 7:29: spec.template.spec.nodeClassRef.group: Invalid value: "
     "\"karpenter.k8s.aws/v1\": must be a group without a version "
     "(\"karpenter.k8s.aws\")\n"},
    {"a class reference with an empty name",
     "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: \"\"}\n"
     "      requirements: []\n",
     "E 7:74: spec.template.spec.nodeClassRef.name: Required value: name may not be "
     "empty\n"},
    {"an apiVersion in the class reference",
     "      nodeClassRef: {apiVersion: karpenter.k8s.aws/v1, group: karpenter.k8s.aws, "
     "kind: EC2NodeClass, name: d}\n"
     "      requirements: []\n",
     "W 7:22: unknown field 'spec.template.spec.nodeClassRef.apiVersion'\n"},
    {"a life in days",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      expireAfter: 30d\n",
     "E 9:20: spec.template.spec.expireAfter: Invalid value: \"30d\": must be a duration "
     "of hours, minutes and seconds (\"1h30m\") or \"Never\"\n"},
    {"a life in milliseconds",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      expireAfter: 500ms\n",
     "E 9:20: spec.template.spec.expireAfter: Invalid value: \"500ms\": must be a "
     "duration of hours, minutes and seconds (\"1h30m\") or \"Never\"\n"},
    {"a life without a unit",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      expireAfter: \"30\"\n",
     "E 9:20: spec.template.spec.expireAfter: Invalid value: \"30\": must be a duration "
     "of hours, minutes and seconds (\"1h30m\") or \"Never\"\n"},
    {"a life for ever",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      expireAfter: Never\n",
     ""},
    {"a grace period for ever",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      terminationGracePeriod: Never\n",
     "E 9:31: spec.template.spec.terminationGracePeriod: Invalid value: \"Never\": must "
     "be a duration of hours, minutes and seconds (\"1h30m\")\n"},
    {"a taint without a key",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      taints: [{effect: NoSchedule}]\n",
     "E 9:16: spec.template.spec.taints[0].key: Required value\n"},
    {"a taint without an effect",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      taints: [{key: a}]\n",
     "E 9:16: spec.template.spec.taints[0].effect: Required value: must be one of "
     "NoSchedule, PreferNoSchedule, NoExecute\n"},
    {"a taint of an unknown effect",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      taints: [{key: a, effect: NoRun}]\n",
     "E 9:33: spec.template.spec.taints[0].effect: Invalid value: \"NoRun\": must be one "
     "of NoSchedule, PreferNoSchedule, NoExecute\n"},
    {"one taint twice",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      taints: [{key: a, effect: NoExecute}, {key: a, value: b, effect: NoExecute}]\n",
     "E 9:45: spec.template.spec.taints[1]: Duplicate value: \"a\" of the same effect: "
     "taints must be unique by key and effect pair\n"},
    {"one key with two effects",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      taints: [{key: a, effect: NoExecute}, {key: a, effect: NoSchedule}]\n",
     ""},
    {"one taint in both lists",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      taints: [{key: a, effect: NoExecute}]\n"
     "      startupTaints: [{key: a, effect: NoExecute}]\n",
     "E 10:23: spec.template.spec.startupTaints[0]: Duplicate value: \"a\" of the same "
     "effect stands in taints\n"},
    {"a misspelt field",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      requirments: []\n",
     "W 9:7: unknown field 'spec.template.spec.requirments', did you mean "
     "'requirements'?\n"},
    {"a restricted label",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "    metadata: {labels: {karpenter.sh/nodepool: x}}\n",
     "E 9:48: spec.template.metadata.labels[karpenter.sh/nodepool]: Invalid value: "
     "\"karpenter.sh/nodepool\": label is restricted\n"},
    {"a label of the provider's domain",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "    metadata: {labels: {karpenter.k8s.aws/x: y}}\n",
     "E 9:46: spec.template.metadata.labels[karpenter.k8s.aws/x]: Invalid value: "
     "\"karpenter.k8s.aws/x\": label is restricted\n"},
    {"a label that is none",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "    metadata: {labels: {a: b c}}\n",
     "E 9:28: spec.template.metadata.labels.a: Invalid value: \"b c\": a valid label must "
     "be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
     "start and end with an alphanumeric character (e.g. 'MyValue' or '12345')\n"},
    {"kubelet belongs to the node class",
     "      nodeClassRef: {group: g, kind: k, name: n}\n"
     "      requirements: []\n"
     "      kubelet: {maxPods: 5}\n",
     "W 9:7: unknown field 'spec.template.spec.kubelet'\n"},
};

static const wb_manifest_fixture_case spec_cases[] = {
    {"a weight of 0", "  weight: 0\n",
     "E 6:11: spec.weight: Invalid value: 0: should be in the range 1-100\n"},
    {"a weight of 101", "  weight: 101\n",
     "E 6:11: spec.weight: Invalid value: 101: should be in the range 1-100\n"},
    {"a weight of 100", "  weight: 100\n", ""},
    {"a limit that is no quantity", "  limits: {cpu: 1.5.2}\n",
     "E 6:17: spec.limits.cpu: '1.5.2' is not a quantity, expected after the number one "
     "of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, an exponent such as e3, or nothing\n"},
    {"a limit of nodes", "  limits: {nodes: 3, cpu: 10}\n", ""},
    {"disruption without consolidateAfter", "  disruption: {consolidationPolicy: WhenEmpty}\n",
     "W 6:15: spec.disruption.consolidateAfter: Required value: an API server refuses "
     "this; \"0s\" is assumed\n"},
    {"consolidateAfter in days", "  disruption: {consolidateAfter: 1d}\n",
     "E 6:34: spec.disruption.consolidateAfter: Invalid value: \"1d\": must be a duration "
     "of hours, minutes and seconds (\"1h30m\") or \"Never\"\n"},
    {"consolidateAfter never", "  disruption: {consolidateAfter: Never}\n", ""},
    {"an unknown policy",
     "  disruption: {consolidateAfter: 0s, consolidationPolicy: WhenUnderutilized}\n",
     "E 6:59: spec.disruption.consolidationPolicy: Invalid value: \"WhenUnderutilized\": "
     "must be one of WhenEmptyOrUnderutilized, WhenEmpty, Balanced\n"},
    {"the balanced policy", "  disruption: {consolidateAfter: 0s, consolidationPolicy: Balanced}\n",
     ""},
    {"a budget of 110%", "  disruption: {consolidateAfter: 0s, budgets: [{nodes: 110%}]}\n",
     "E 6:56: spec.disruption.budgets[0].nodes: '110%' is neither a number of nodes nor a "
     "percentage between 0% and 100%\n"},
    {"a budget of 100%", "  disruption: {consolidateAfter: 0s, budgets: [{nodes: 100%}]}\n", ""},
    {"a budget of 010%", "  disruption: {consolidateAfter: 0s, budgets: [{nodes: 010%}]}\n",
     "E 6:56: spec.disruption.budgets[0].nodes: '010%' is neither a number of nodes nor a "
     "percentage between 0% and 100%\n"},
    {"a budget of -1", "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"-1\"}]}\n",
     "E 6:56: spec.disruption.budgets[0].nodes: '-1' is neither a number of nodes nor a "
     "percentage between 0% and 100%\n"},
    {"a budget that is a number", "  disruption: {consolidateAfter: 0s, budgets: [{nodes: 5}]}\n",
     "E 6:56: spec.disruption.budgets[0].nodes: expected a string, found a number (5)\n"},
    {"a budget of half a percent",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: 0.5%}]}\n",
     "E 6:56: spec.disruption.budgets[0].nodes: '0.5%' is neither a number of nodes nor a "
     "percentage between 0% and 100%\n"},
    {"a schedule without a duration",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", schedule: "
     "\"@daily\"}]}\n",
     "E 6:48: spec.disruption.budgets[0]: Invalid value: 'schedule' must be set with "
     "'duration'\n"},
    {"a duration without a schedule",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", duration: 8h}]}\n",
     "E 6:48: spec.disruption.budgets[0]: Invalid value: 'schedule' must be set with "
     "'duration'\n"},
    {"a schedule of four fields",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", duration: 8h, "
     "schedule: \"0 9 * *\"}]}\n",
     "E 6:85: spec.disruption.budgets[0].schedule: Invalid value: \"0 9 * *\": must be "
     "five cron fields (minute, hour, day of month, month, day of week) or a macro like "
     "@daily\n"},
    {"a schedule of six fields",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", duration: 8h, "
     "schedule: \"0 0 9 * * mon\"}]}\n",
     "E 6:85: spec.disruption.budgets[0].schedule: Invalid value: \"0 0 9 * * mon\": must "
     "be five cron fields (minute, hour, day of month, month, day of week) or a macro "
     "like @daily\n"},
    {"a schedule of words",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", duration: 8h, "
     "schedule: \"@fortnightly\"}]}\n",
     "E 6:85: spec.disruption.budgets[0].schedule: Invalid value: \"@fortnightly\": must "
     "be five cron fields (minute, hour, day of month, month, day of week) or a macro "
     "like @daily\n"},
    {"working hours",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", duration: 8h30m, "
     "schedule: \"0 9 * * mon-fri\"}]}\n",
     ""},
    {"a duration as Go prints it",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", duration: 8h0m0s, "
     "schedule: \"@daily\"}]}\n",
     ""},
    {"a duration of seconds",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", duration: 90s, "
     "schedule: \"@daily\"}]}\n",
     "E 6:71: spec.disruption.budgets[0].duration: Invalid value: \"90s\": must be a "
     "duration of hours and minutes (\"8h30m\")\n"},
    {"an unknown reason",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", reasons: "
     "[Expired]}]}\n",
     "E 6:71: spec.disruption.budgets[0].reasons[0]: Invalid value: \"Expired\": must be "
     "one of Empty, Drifted, Underutilized\n"},
    {"two reasons",
     "  disruption: {consolidateAfter: 0s, budgets: [{nodes: \"0\", reasons: [Empty, "
     "Drifted]}]}\n",
     ""},
    {"51 budgets",
     "  disruption:\n"
     "    consolidateAfter: 0s\n"
     "    budgets:\n"
     "    - &b {nodes: \"1\"}\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n"
     "    - *b\n",
     "E 9:5: spec.disruption.budgets: Too many: 51: must have at most 50 items\n"},
    {"negative replicas", "  replicas: -1\n",
     "E 6:13: spec.replicas: Invalid value: -1: should be greater than or equal to 0\n"},
    {"replicas with a weight",
     "  replicas: 1\n"
     "  weight: 5\n",
     "E 7:11: spec.weight: Invalid value: 'weight' is not supported on static NodePools\n"},
    {"replicas with a cpu limit",
     "  replicas: 1\n"
     "  limits: {cpu: 5, nodes: 2}\n",
     "E 7:11: spec.limits: Invalid value: only 'limits.nodes' is supported on static "
     "NodePools\n"},
    {"replicas with a limit of nodes",
     "  replicas: 1\n"
     "  limits: {nodes: 2}\n",
     ""},
};
static void requirement_are_judged(void)
{
    wb_manifest_fixture_expect_all(requirement_cases, WB_TEST_COUNT(requirement_cases),
                                   requirement_head);
}

static void template_are_judged(void)
{
    wb_manifest_fixture_expect_all(template_cases, WB_TEST_COUNT(template_cases), template_head);
}

static void spec_are_judged(void)
{
    wb_manifest_fixture_expect_all(spec_cases, WB_TEST_COUNT(spec_cases), spec_head);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"requirements", requirement_are_judged},
        {"the template", template_are_judged},
        {"weight, limits, disruption, replicas", spec_are_judged},
    };
    return wb_test_run("manifest_nodepool_rules", cases, WB_TEST_COUNT(cases));
}
