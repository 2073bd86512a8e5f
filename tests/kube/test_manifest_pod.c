/* What is kept of a pod: every field, and the API server's defaults. */
#include "tests/kube/manifest_fixture.h"

/* 2026-01-15T10:00:00Z. */
#define TEN_O_CLOCK_MS INT64_C(1768471200000)

static const wb_pod *load(wb_manifest_fixture *f, const char *text)
{
    wb_manifest_fixture_init(f);
    wb_manifest_fixture_load(f, text);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(f), "");
    CU_ASSERT_EQUAL_FATAL(f->manifest.pod_count, 1);
    return &f->manifest.pods[0];
}

static void a_bare_pod_has_the_defaults(void)
{
    wb_manifest_fixture f;
    const wb_pod *pod =
        load(&f,
             "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n");
    const wb_pod_template *t = pod->template;
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pod->name, "p"));
    CU_ASSERT_EQUAL(pod->namespace_name, WB_NAME_DEFAULT);
    CU_ASSERT_EQUAL(pod->uid, 0);
    CU_ASSERT_EQUAL(pod->owner_kind, WB_OWNER_NONE);
    CU_ASSERT_EQUAL(pod->phase, WB_POD_PENDING);
    CU_ASSERT_EQUAL(pod->created_ms, -1);
    CU_ASSERT_EQUAL(pod->deletion_ms, -1);
    CU_ASSERT_EQUAL(pod->start_ms, -1);
    CU_ASSERT_EQUAL(pod->scheduled_ms, -1);
    CU_ASSERT_EQUAL(pod->finished_ms, -1);
    CU_ASSERT_FALSE(pod->is_unschedulable || pod->is_ready || pod->ready_is_false);
    CU_ASSERT_EQUAL(t->grace_period_ms, 30000);
    CU_ASSERT_TRUE(t->restarts_always);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, t->scheduler_name, "default-scheduler"));
    CU_ASSERT_EQUAL(t->preemption_policy, WB_PREEMPT_LOWER_PRIORITY);
    CU_ASSERT_FALSE(t->priority_is_set || t->required_is_set || t->has_scheduling_gates);
    CU_ASSERT_FALSE(t->has_resource_claims || t->is_host_network);
    CU_ASSERT_EQUAL(t->toleration_count + t->spread_count + t->volume_count, 0);
    wb_manifest_fixture_release(&f);
}

static void identity_and_owner_are_kept(void)
{
    wb_manifest_fixture f;
    const wb_pod *pod =
        load(&f,
             "apiVersion: v1\nkind: Pod\n"
             "metadata:\n"
             "  name: p\n"
             "  namespace: shop\n"
             "  uid: u1\n"
             "  creationTimestamp: 2026-01-15T10:00:00Z\n"
             "  deletionTimestamp: 2026-01-15T10:00:05Z\n"
             "  labels: {app: web, tier: front}\n"
             "  ownerReferences:\n"
             "  - {apiVersion: v1, kind: ConfigMap, name: other, uid: u2}\n"
             "  - {apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u3, controller: true}\n"
             "spec:\n"
             "  containers: [{name: c}]\n");
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pod->namespace_name, "shop"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pod->uid, "u1"));
    CU_ASSERT_EQUAL(pod->created_ms, TEN_O_CLOCK_MS);
    CU_ASSERT_EQUAL(pod->deletion_ms, TEN_O_CLOCK_MS + 5000);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(&f, pod->template->labels),
                           "app=web tier=front");
    CU_ASSERT_EQUAL(pod->owner_kind, WB_OWNER_REPLICA_SET);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pod->owner_name, "web-1"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pod->owner_uid, "u3"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pod->owner_api_version, "apps/v1"));
    wb_manifest_fixture_release(&f);
}

static const struct {
    const char *api_version, *kind;
    wb_owner_kind expected;
} owner_cases[] = {
    {"apps/v1", "ReplicaSet", WB_OWNER_REPLICA_SET},
    {"apps/v1", "StatefulSet", WB_OWNER_STATEFUL_SET},
    {"apps/v1", "DaemonSet", WB_OWNER_DAEMON_SET},
    {"apps/v1beta2", "DaemonSet", WB_OWNER_DAEMON_SET},
    {"batch/v1", "Job", WB_OWNER_JOB},
    {"v1", "ReplicationController", WB_OWNER_REPLICATION_CONTROLLER},
    {"v1", "Node", WB_OWNER_NODE},
    {"argoproj.io/v1alpha1", "Rollout", WB_OWNER_OTHER},
    {"openkruise.io/v1", "DaemonSet", WB_OWNER_OTHER},
    {"v1", "DaemonSet", WB_OWNER_OTHER},
};

static void owners_are_known_by_group_and_kind(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(owner_cases); i++) {
        wb_manifest_fixture f;
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text,
                           "apiVersion: v1\nkind: Pod\nmetadata: {name: p, ownerReferences: "
                           "[{apiVersion: %s, kind: %s, name: o, uid: u}]}\n"
                           "spec: {containers: [{name: c}]}\n",
                           owner_cases[i].api_version, owner_cases[i].kind);
        const wb_pod *pod = load(&f, wb_text_string(&text));
        CU_ASSERT_EQUAL(pod->owner_kind, owner_cases[i].expected);
        wb_text_release(&text);
        wb_manifest_fixture_release(&f);
    }
}

static void the_status_is_kept(void)
{
    wb_manifest_fixture f;
    const wb_pod *pod =
        load(&f,
             "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n"
             "status:\n"
             "  phase: Succeeded\n"
             "  nominatedNodeName: n\n"
             "  startTime: 2026-01-15T10:00:02Z\n"
             "  conditions:\n"
             "  - {type: PodScheduled, status: 'True', lastTransitionTime: 2026-01-15T10:00:01Z}\n"
             "  - {type: Ready, status: 'False', lastTransitionTime: 2026-01-15T10:00:09Z}\n"
             "  containerStatuses:\n"
             "  - {name: a, state: {terminated: {finishedAt: 2026-01-15T10:00:08Z}}}\n"
             "  - {name: b, state: {terminated: {finishedAt: 2026-01-15T10:00:07Z}}}\n");
    CU_ASSERT_EQUAL(pod->phase, WB_POD_SUCCEEDED);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pod->nominated_node_name, "n"));
    CU_ASSERT_EQUAL(pod->scheduled_ms, TEN_O_CLOCK_MS + 1000);
    CU_ASSERT_EQUAL(pod->start_ms, TEN_O_CLOCK_MS + 2000);
    CU_ASSERT_EQUAL(pod->finished_ms, TEN_O_CLOCK_MS + 8000);
    CU_ASSERT_TRUE(pod->ready_is_false);
    CU_ASSERT_FALSE(pod->is_ready || pod->is_unschedulable);
    wb_manifest_fixture_release(&f);

    pod = load(&f, "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                   "spec: {containers: [{name: c}]}\n"
                   "status: {phase: Failed, reason: Evicted, conditions: [{type: Ready, status: "
                   "'False', lastTransitionTime: 2026-01-15T10:00:09Z}]}\n");
    CU_ASSERT_EQUAL(pod->finished_ms, TEN_O_CLOCK_MS + 9000);
    wb_manifest_fixture_release(&f);

    pod = load(&f, "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                   "spec: {containers: [{name: c}]}\n"
                   "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', "
                   "reason: Unschedulable}]}\n");
    CU_ASSERT_TRUE(pod->is_unschedulable);
    CU_ASSERT_EQUAL(pod->scheduled_ms, -1);
    wb_manifest_fixture_release(&f);

    pod = load(&f, "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                   "spec: {containers: [{name: c}], schedulingGates: [{name: g}]}\n"
                   "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', "
                   "reason: SchedulingGated}]}\n");
    CU_ASSERT_FALSE(pod->is_unschedulable);
    CU_ASSERT_TRUE(pod->template->has_scheduling_gates);
    wb_manifest_fixture_release(&f);
}

static const char placed_pod[] =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
    "spec:\n"
    "  containers: [{name: c}]\n"
    "  nodeName: n1\n"
    "  nodeSelector: {disk: ssd}\n"
    "  priority: 7\n"
    "  priorityClassName: high\n"
    "  preemptionPolicy: Never\n"
    "  restartPolicy: OnFailure\n"
    "  schedulerName: mine\n"
    "  terminationGracePeriodSeconds: 0\n"
    "  tolerations:\n"
    "  - {key: a, value: b}\n"
    "  - {operator: Exists}\n"
    "  - {key: c, operator: Exists, effect: NoExecute, tolerationSeconds: -5}\n"
    "  topologySpreadConstraints:\n"
    "  - {maxSkew: 2, topologyKey: z, whenUnsatisfiable: ScheduleAnyway, nodeTaintsPolicy: Honor,\n"
    "     matchLabelKeys: [h], labelSelector: {matchLabels: {y: '1', x: '2'},\n"
    "     matchExpressions: [{key: w, operator: NotIn, values: [q, p]}]}}\n"
    "  affinity:\n"
    "    nodeAffinity:\n"
    "      requiredDuringSchedulingIgnoredDuringExecution:\n"
    "        nodeSelectorTerms:\n"
    "        - matchExpressions: [{key: g, operator: Gt, values: ['5']}]\n"
    "        - matchFields: [{key: metadata.name, operator: In, values: [n1]}]\n"
    "      preferredDuringSchedulingIgnoredDuringExecution:\n"
    "      - {weight: 10, preference: {matchExpressions: [{key: a, operator: Exists}]}}\n"
    "    podAffinity:\n"
    "      preferredDuringSchedulingIgnoredDuringExecution:\n"
    "      - {weight: 20, podAffinityTerm: {topologyKey: z, namespaces: [n, m]}}\n"
    "    podAntiAffinity:\n"
    "      requiredDuringSchedulingIgnoredDuringExecution:\n"
    "      - {topologyKey: h, labelSelector: {}, namespaceSelector: {}, mismatchLabelKeys: [k]}\n";

static void check_scalars(const wb_manifest_fixture *f, const wb_pod_template *t)
{
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, t->node_name, "n1"));
    CU_ASSERT_EQUAL(t->priority, 7);
    CU_ASSERT_TRUE(t->priority_is_set);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, t->priority_class_name, "high"));
    CU_ASSERT_EQUAL(t->preemption_policy, WB_PREEMPT_NEVER);
    CU_ASSERT_FALSE(t->restarts_always);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, t->scheduler_name, "mine"));
    CU_ASSERT_EQUAL(t->grace_period_ms, 0);
}

static void check_tolerations(const wb_manifest_fixture *f, const wb_pod_template *t)
{
    CU_ASSERT_EQUAL_FATAL(t->toleration_count, 3);
    CU_ASSERT_EQUAL(t->tolerations[0].op, WB_TOLERATION_EQUAL);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, t->tolerations[0].value, "b"));
    CU_ASSERT_EQUAL(t->tolerations[0].effect, WB_TAINT_ANY);
    CU_ASSERT_EQUAL(t->tolerations[0].seconds, -1);
    CU_ASSERT_EQUAL(t->tolerations[1].key, 0);
    CU_ASSERT_EQUAL(t->tolerations[1].op, WB_TOLERATION_EXISTS);
    CU_ASSERT_EQUAL(t->tolerations[2].effect, WB_TAINT_NO_EXECUTE);
    CU_ASSERT_EQUAL(t->tolerations[2].seconds, 0); /* negative: at once */
}

/* matchLabels come first, in the order of their keys' texts, then the expressions. */
static void check_spread(const wb_manifest_fixture *f, const wb_pod_template *t)
{
    CU_ASSERT_EQUAL_FATAL(t->spread_count, 1);
    const wb_spread_constraint *spread = &t->spreads[0];
    CU_ASSERT_EQUAL(spread->max_skew, 2);
    CU_ASSERT_EQUAL(spread->min_domains, 0);
    CU_ASSERT_EQUAL(spread->when_unsatisfiable, WB_SPREAD_SCHEDULE_ANYWAY);
    CU_ASSERT_EQUAL(spread->node_affinity_policy, WB_NODE_POLICY_UNSET);
    CU_ASSERT_EQUAL(spread->node_taints_policy, WB_NODE_POLICY_HONOR);
    CU_ASSERT_EQUAL(spread->match_label_key_count, 1);
    CU_ASSERT_EQUAL_FATAL(spread->selector.expression_count, 3);
    const wb_label_expression *e = spread->selector.expressions;
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, e[0].key, "x"));
    CU_ASSERT_EQUAL(e[0].op, WB_OPERATOR_IN);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, e[0].values[0], "2"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, e[1].key, "y"));
    CU_ASSERT_EQUAL(e[2].op, WB_OPERATOR_NOT_IN);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, e[2].values[0], "q")); /* in the file's order */
}

static void check_affinity(const wb_manifest_fixture *f, const wb_pod_template *t)
{
    CU_ASSERT_TRUE(t->required_is_set);
    CU_ASSERT_EQUAL_FATAL(t->required_term_count, 2);
    CU_ASSERT_EQUAL(t->required_terms[0].expressions[0].op, WB_OPERATOR_GT);
    CU_ASSERT_EQUAL(t->required_terms[0].field_count, 0);
    CU_ASSERT_EQUAL(t->required_terms[1].expression_count, 0);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(f, t->required_terms[1].fields[0].key, "metadata.name"));
    CU_ASSERT_EQUAL_FATAL(t->preferred_term_count, 1);
    CU_ASSERT_EQUAL(t->preferred_terms[0].weight, 10);
    CU_ASSERT_EQUAL(t->affinity_required_count, 0);
    CU_ASSERT_EQUAL_FATAL(t->affinity_preferred_count, 1);
    CU_ASSERT_EQUAL(t->affinity_preferred[0].weight, 20);
    CU_ASSERT_EQUAL(t->affinity_preferred[0].namespace_count, 2);
    CU_ASSERT_FALSE(t->affinity_preferred[0].selector.is_set);
    CU_ASSERT_EQUAL_FATAL(t->anti_affinity_required_count, 1);
    CU_ASSERT_TRUE(t->anti_affinity_required[0].selector.is_set);
    CU_ASSERT_TRUE(t->anti_affinity_required[0].namespace_selector.is_set);
    CU_ASSERT_EQUAL(t->anti_affinity_required[0].mismatch_label_key_count, 1);
    CU_ASSERT_EQUAL(t->anti_affinity_preferred_count, 0);
}

static void what_places_a_pod_is_kept(void)
{
    wb_manifest_fixture f;
    const wb_pod *pod = load(&f, placed_pod);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(&f, pod->template->node_selector),
                           "disk=ssd");
    check_scalars(&f, pod->template);
    check_tolerations(&f, pod->template);
    check_spread(&f, pod->template);
    check_affinity(&f, pod->template);
    wb_manifest_fixture_release(&f);
}

static void ports_and_volumes_are_kept(void)
{
    wb_manifest_fixture f;
    const wb_pod *pod =
        load(&f,
             "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
             "spec:\n"
             "  initContainers:\n"
             "  - {name: i, ports: [{containerPort: 1, hostPort: 1}]}\n"
             "  - {name: s, restartPolicy: Always, ports: [{containerPort: 2, hostPort: 2}]}\n"
             "  containers:\n"
             "  - {name: c, image: img, ports: [{containerPort: 80}, {containerPort: 81, hostPort: "
             "8081, hostIP: 0.0.0.0}, {containerPort: 53, hostPort: 53, protocol: UDP, hostIP: "
             "10.0.0.1}]}\n"
             "  volumes:\n"
             "  - {name: a, persistentVolumeClaim: {claimName: data}}\n"
             "  - {name: b, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: gp3}}}}\n"
             "  - {name: c, emptyDir: {}}\n"
             "  - {name: d, emptyDir: {medium: Memory}}\n"
             "  - {name: e, hostPath: {path: /var}}\n"
             "  - {name: f, configMap: {name: x}}\n");
    const wb_pod_template *t = pod->template;
    CU_ASSERT_EQUAL_FATAL(t->container_count, 3);
    CU_ASSERT_TRUE(t->containers[0].is_init && !t->containers[0].is_sidecar);
    CU_ASSERT_TRUE(t->containers[1].is_init && t->containers[1].is_sidecar);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, t->containers[2].image, "img"));
    CU_ASSERT_EQUAL_FATAL(t->host_port_count, 3);
    CU_ASSERT_EQUAL(t->host_ports[0].port, 2);
    CU_ASSERT_TRUE(t->host_ports[0].is_init_container);
    CU_ASSERT_EQUAL(t->host_ports[1].port, 8081);
    CU_ASSERT_EQUAL(t->host_ports[1].ip, 0);
    CU_ASSERT_EQUAL(t->host_ports[2].protocol, WB_PORT_UDP);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, t->host_ports[2].ip, "10.0.0.1"));
    static const wb_volume_kind kinds[] = {WB_VOLUME_CLAIM,     WB_VOLUME_EPHEMERAL,
                                           WB_VOLUME_EMPTY_DIR, WB_VOLUME_EMPTY_DIR_MEMORY,
                                           WB_VOLUME_HOST_PATH, WB_VOLUME_OTHER};
    CU_ASSERT_EQUAL_FATAL(t->volume_count, 6);
    for (uint32_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(t->volumes[i].kind, kinds[i]);
    }
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, t->volumes[0].claim_name, "data"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, t->volumes[1].storage_class, "gp3"));
    wb_manifest_fixture_release(&f);
}

static void the_host_network_opens_all_ports(void)
{
    wb_manifest_fixture f;
    const wb_pod *pod = load(&f, "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                                 "spec: {hostNetwork: true, containers: [{name: c, ports: "
                                 "[{containerPort: 80}, {containerPort: 81, hostPort: 81}]}]}\n");
    CU_ASSERT_TRUE(pod->template->is_host_network);
    CU_ASSERT_EQUAL_FATAL(pod->template->host_port_count, 2);
    CU_ASSERT_EQUAL(pod->template->host_ports[0].port, 80);
    CU_ASSERT_EQUAL(pod->template->host_ports[1].port, 81);
    wb_manifest_fixture_release(&f);
}

/* Golden vectors hold pods that an API server would refuse; who reads them looks at the pod. */
static void a_refused_pod_is_filled_all_the_same(void)
{
    static const char text[] =
        "{\"metadata\": {\"name\": \"p\"}, \"spec\": {\"containers\": [{\"name\": \"c\", "
        "\"resources\": {\"requests\": {\"cpu\": \"1\"}}}], \"topologySpreadConstraints\": ["
        "{\"maxSkew\": 1, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\"}, "
        "{\"maxSkew\": 2, \"topologyKey\": \"z\", \"whenUnsatisfiable\": \"DoNotSchedule\"}]}}";
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_document_stream stream = {0};
    const wb_document_input input = {.file = "m", .text = text, .length = strlen(text)};
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&f.arena, &input, &stream, NULL), WB_OK);
    wb_pod pod;
    CU_ASSERT_FALSE(wb_manifest_decode_pod(&f.context, stream.roots[0], &pod));
    CU_ASSERT_EQUAL(pod.template->spread_count, 2);
    CU_ASSERT_EQUAL(wb_resource_list_get(pod.template->requests, WB_NAME_CPU), 1000);
    wb_pod_template template;
    CU_ASSERT_FALSE(
        wb_manifest_decode_pod_template(&f.context, wb_node_get(stream.roots[0], "metadata"),
                                        wb_node_get(stream.roots[0], "spec"), &template));
    CU_ASSERT_TRUE(wb_pod_template_equals(&template, pod.template));
    wb_manifest_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a bare pod has the defaults", a_bare_pod_has_the_defaults},
        {"identity and owner are kept", identity_and_owner_are_kept},
        {"owners are known by group and kind", owners_are_known_by_group_and_kind},
        {"the status is kept", the_status_is_kept},
        {"what places a pod is kept", what_places_a_pod_is_kept},
        {"ports and volumes are kept", ports_and_volumes_are_kept},
        {"the host network opens all ports", the_host_network_opens_all_ports},
        {"a refused pod is filled all the same", a_refused_pod_is_filled_all_the_same},
    };
    return wb_test_run("manifest_pod", cases, WB_TEST_COUNT(cases));
}
