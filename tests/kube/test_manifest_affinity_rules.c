/* Every rule of node affinity, pod affinity and topology spread. */
#include "tests/kube/manifest_fixture.h"

static const char pod_head[] = "apiVersion: v1\n"
                               "kind: Pod\n"
                               "metadata: {name: p}\n"
                               "spec:\n";

static const wb_manifest_fixture_case affinity_cases[] = {
    {"required node affinity without a term",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "{nodeSelectorTerms: []}}\n",
     "E 7:88: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.no"
     "deSelectorTerms: Required value: must have at least one node selector term\n"},
    {"an unknown operator",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: Foo, values: [b]}]\n",
     "E 10:49: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].operator: Invalid value: \"Foo\": must be "
     "one of In, NotIn, Exists, DoesNotExist, Gt, Lt\n"},
    {"Gte is no operator of pods",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: Gte, values: [\"1\"]}]\n",
     "E 10:49: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].operator: Invalid value: \"Gte\": must be "
     "one of In, NotIn, Exists, DoesNotExist, Gt, Lt\n"},
    {"an expression without an operator",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, values: [b]}]\n",
     "E 10:30: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].operator: Required value\n"},
    {"an expression without a key",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{operator: Exists}]\n",
     "E 10:30: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].key: Required value\n"},
    {"In without values",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: In}]\n",
     "E 10:30: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified "
     "when `operator` is 'In' or 'NotIn'\n"},
    {"NotIn without values",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: NotIn, values: []}]\n",
     "E 10:64: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified "
     "when `operator` is 'In' or 'NotIn'\n"},
    {"Exists with values",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: Exists, values: [b]}]\n",
     "E 10:65: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].values: Forbidden: may not be specified "
     "when `operator` is 'Exists' or 'DoesNotExist'\n"},
    {"Gt with two values",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: Gt, values: [\"1\", \"2\"]}]\n",
     "E 10:61: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified "
     "single value when `operator` is 'Lt' or 'Gt'\n"},
    {"Lt with a word",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: Lt, values: [b]}]\n",
     "E 10:62: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"b\": must be an "
     "integer when `operator` is 'Gt' or 'Lt'\n"},
    {"a bad label value",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchExpressions: [{key: a, operator: In, values: [-b]}]\n",
     "E 10:62: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"-b\": a valid "
     "label must be an empty string or consist of alphanumeric characters, '-', '_' or "
     "'.', and must start and end with an alphanumeric character (e.g. 'MyValue' or "
     "'12345')\n"},
    {"a field that is not metadata.name",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchFields: [{key: spec.x, operator: In, values: [b]}]\n",
     "E 10:31: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchFields[0].key: Invalid value: \"spec.x\": not a valid "
     "field selector key\n"},
    {"a field with two values",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchFields: [{key: metadata.name, operator: In, values: [a, b]}]\n",
     "E 10:68: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchFields[0].values: Required value: must be only one value "
     "when `operator` is 'In' or 'NotIn' for node field selector\n"},
    {"a field that exists",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity:\n"
     "      requiredDuringSchedulingIgnoredDuringExecution:\n"
     "        nodeSelectorTerms:\n"
     "        - matchFields: [{key: metadata.name, operator: Exists}]\n",
     "E 10:56: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.n"
     "odeSelectorTerms[0].matchFields[0].operator: Invalid value: \"Exists\": not a valid "
     "selector operator\n"},
    {"a preference of weight 0",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, "
     "preference: {}}]}\n",
     "E 7:79: spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0"
     "].weight: Invalid value: 0: must be in the range 1-100\n"},
    {"a preference without a weight",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{preference: "
     "{}}]}\n",
     "E 7:70: spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0"
     "].weight: Required value: must be in the range 1-100\n"},
    {"a weight of 101",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, "
     "podAffinityTerm: {topologyKey: a}}]}\n",
     "E 7:78: spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0]"
     ".weight: Invalid value: 101: must be in the range 1-100\n"},
    {"pod affinity without a topology key",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: "
     "{}}]}\n",
     "E 7:68: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]."
     "topologyKey: Required value: can not be empty\n"},
    {"a bad namespace",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "[{topologyKey: a, namespaces: [A]}]}\n",
     "E 7:102: spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecutio"
     "n[0].namespaces[0]: Invalid value: \"A\": a lowercase RFC 1123 label must consist "
     "of lower case alphanumeric characters or '-', and must start and end with an "
     "alphanumeric character (e.g. 'my-name' or '123-abc')\n"},
    {"Gt in a label selector",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
     "[{topologyKey: a, labelSelector: {matchExpressions: [{key: a, operator: Gt, values: "
     "[\"1\"]}]}}]}\n",
     "E 7:143: spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecutio"
     "n[0].labelSelector.matchExpressions[0].operator: Invalid value: \"Gt\": must be one "
     "of In, NotIn, Exists, DoesNotExist\n"},
    {"matchLabelKeys without a selector",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, "
     "matchLabelKeys: [x]}]}\n",
     "E 7:101: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"
     ".matchLabelKeys: Forbidden: must not be specified when labelSelector is not set\n"},
    {"matchLabelKeys that the selector contradicts",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, "
     "matchLabelKeys: [x], labelSelector: {matchExpressions: [{key: x, operator: "
     "Exists}]}}]}\n",
     "E 7:102: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"
     ".matchLabelKeys[0]: Invalid value: \"x\": exists in both matchLabelKeys and "
     "labelSelector\n"},
    {"matchLabelKeys as the API server merges them",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, "
     "matchLabelKeys: [x], labelSelector: {matchExpressions: [{key: x, operator: In, "
     "values: [y]}]}}]}\n",
     ""},
    {"a misspelt kind of affinity",
     "  containers: [{name: c}]\n"
     "  affinity:\n"
     "    podAntiAfinity: {}\n",
     "W 7:5: unknown field 'spec.affinity.podAntiAfinity', did you mean "
     "'podAntiAffinity'?\n"},
};

static const wb_manifest_fixture_case spread_cases[] = {
    {"a skew of -1",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: -1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}\n",
     "E 7:15: spec.topologySpreadConstraints[0].maxSkew: Invalid value: -1: must be "
     "greater than zero\n"},
    {"a skew of 0",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 0, topologyKey: a, whenUnsatisfiable: DoNotSchedule}\n",
     "E 7:15: spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be "
     "greater than zero\n"},
    {"no skew",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {topologyKey: a, whenUnsatisfiable: DoNotSchedule}\n",
     "E 7:5: spec.topologySpreadConstraints[0].maxSkew: Required value\n"},
    {"no topology key",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, whenUnsatisfiable: DoNotSchedule}\n",
     "E 7:5: spec.topologySpreadConstraints[0].topologyKey: Required value: can not be "
     "empty\n"},
    {"a topology key that is no label key",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a b, whenUnsatisfiable: DoNotSchedule}\n",
     "E 7:31: spec.topologySpreadConstraints[0].topologyKey: Invalid value: \"a b\": name "
     "part must consist of alphanumeric characters, '-', '_' or '.', and must start and "
     "end with an alphanumeric character (e.g. 'MyName' or '123-abc')\n"},
    {"nothing about what is unsatisfiable",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a}\n",
     "E 7:5: spec.topologySpreadConstraints[0].whenUnsatisfiable: Required value: must be "
     "one of DoNotSchedule, ScheduleAnyway\n"},
    {"an unknown way to be unsatisfiable",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: Maybe}\n",
     "E 7:53: spec.topologySpreadConstraints[0].whenUnsatisfiable: Invalid value: "
     "\"Maybe\": must be one of DoNotSchedule, ScheduleAnyway\n"},
    {"minDomains of 0",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, minDomains: 0}\n",
     "E 7:80: spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be "
     "greater than zero\n"},
    {"minDomains with ScheduleAnyway",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 2}\n",
     "E 7:81: spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only "
     "use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway\n"},
    {"an unknown policy",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, "
     "nodeTaintsPolicy: honor}\n",
     "E 7:86: spec.topologySpreadConstraints[0].nodeTaintsPolicy: Invalid value: "
     "\"honor\": must be one of Honor, Ignore\n"},
    {"one key twice, the same way",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}\n"
     "  - {maxSkew: 2, topologyKey: a, whenUnsatisfiable: DoNotSchedule}\n",
     "E 8:5: spec.topologySpreadConstraints[1]: Duplicate value: \"{a, DoNotSchedule}\"\n"},
    {"one key twice, in both ways",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}\n"
     "  - {maxSkew: 2, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}\n",
     ""},
    {"matchLabelKeys without a selector",
     "  containers: [{name: c}]\n"
     "  topologySpreadConstraints:\n"
     "  - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: "
     "[x]}\n",
     "E 7:84: spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be "
     "specified when labelSelector is not set\n"},
};

static void affinity_are_judged(void)
{
    wb_manifest_fixture_expect_all(affinity_cases, WB_TEST_COUNT(affinity_cases), pod_head);
}

static void spread_are_judged(void)
{
    wb_manifest_fixture_expect_all(spread_cases, WB_TEST_COUNT(spread_cases), pod_head);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"node affinity and pod affinity", affinity_are_judged},
        {"topology spread", spread_are_judged},
    };
    return wb_test_run("manifest_affinity_rules", cases, WB_TEST_COUNT(cases));
}
