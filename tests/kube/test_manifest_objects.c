/* What is kept of workloads, nodes, storage, budgets, namespaces: fields and defaults. */
#include "tests/kube/manifest_fixture.h"

static void load(wb_manifest_fixture *f, const char *text)
{
    wb_manifest_fixture_init(f);
    wb_manifest_fixture_load(f, text);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(f), "");
}

/* A workload of kind with a template, and extra fields of its spec. */
static const wb_workload *load_workload(wb_manifest_fixture *f, const char *kind, const char *extra)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text,
                       "apiVersion: %s\nkind: %s\nmetadata: {name: w, namespace: n}\nspec:\n"
                       "  selector: {matchLabels: {a: b}}\n"
                       "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, "
                       "resources: {limits: {cpu: 2}}}]}}\n%s",
                       "apps/v1", kind, extra);
    load(f, wb_text_string(&text));
    wb_text_release(&text);
    CU_ASSERT_EQUAL_FATAL(f->manifest.workload_count, 1);
    return &f->manifest.workloads[0];
}

static const struct {
    const char *name, *extra;
    int32_t replicas, max_unavailable, max_surge;
} strategy_cases[] = {
    {"by default", "", 1, 0, 1},
    {"25 % of 10: 2 down, 3 up", "  replicas: 10\n", 10, 2, 3},
    {"25 % of 3: none down, 1 up", "  replicas: 3\n", 3, 0, 1},
    {"no replica: one may be down, for the controller's sake", "  replicas: 0\n", 0, 1, 0},
    {"numbers", "  replicas: 4\n  strategy: {rollingUpdate: {maxUnavailable: 3, maxSurge: 0}}\n", 4,
     3, 0},
    {"percentages",
     "  replicas: 7\n  strategy: {rollingUpdate: {maxUnavailable: 50%, maxSurge: 10%}}\n", 7, 3, 1},
    {"a percentage that rounds to no pod",
     "  replicas: 3\n  strategy: {rollingUpdate: {maxUnavailable: 10%, maxSurge: 0}}\n", 3, 1, 0},
    {"all at once", "  replicas: 4\n  strategy: {type: Recreate}\n", 4, 4, 0},
};

static void rolling_updates_are_counted_in_pods(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(strategy_cases); i++) {
        wb_manifest_fixture f;
        const wb_workload *w = load_workload(&f, "Deployment", strategy_cases[i].extra);
        if (w->replicas != strategy_cases[i].replicas ||
            w->max_unavailable != strategy_cases[i].max_unavailable ||
            w->max_surge != strategy_cases[i].max_surge) {
            printf("\n%s: %d, %d down, %d up\n", strategy_cases[i].name, w->replicas,
                   w->max_unavailable, w->max_surge);
            CU_FAIL("counted wrongly");
        }
        wb_manifest_fixture_release(&f);
    }
}

static void services_keep_template_and_selector(void)
{
    static const struct {
        const char *kind;
        wb_owner_kind owner;
    } kinds[] = {
        {"Deployment", WB_OWNER_DEPLOYMENT},
        {"ReplicaSet", WB_OWNER_REPLICA_SET},
        {"StatefulSet", WB_OWNER_STATEFUL_SET},
        {"DaemonSet", WB_OWNER_DAEMON_SET},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(kinds); i++) {
        wb_manifest_fixture f;
        const wb_workload *w = load_workload(&f, kinds[i].kind, "");
        CU_ASSERT_EQUAL(w->kind, kinds[i].owner);
        CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, w->name, "w"));
        CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, w->namespace_name, "n"));
        CU_ASSERT_TRUE(wb_label_selector_matches(&w->selector, w->template->labels));
        CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_resources(&f, w->template->requests),
                               "cpu=2000 pods=1");
        CU_ASSERT_EQUAL(w->replicas, 1);
        CU_ASSERT_EQUAL(w->created_ms, -1);
        wb_manifest_fixture_release(&f);
    }
}

static void stateful_sets_keep_their_claims(void)
{
    wb_manifest_fixture f;
    const wb_workload *w =
        load_workload(&f, "StatefulSet",
                      "  volumeClaimTemplates:\n"
                      "  - {metadata: {name: data}, spec: {storageClassName: gp3}}\n"
                      "  - {metadata: {name: log}, spec: {}}\n");
    CU_ASSERT_EQUAL_FATAL(w->claim_template_count, 2);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, w->claim_templates[0].name, "data"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, w->claim_templates[0].storage_class, "gp3"));
    CU_ASSERT_EQUAL(w->claim_templates[1].storage_class, 0);
    wb_manifest_fixture_release(&f);
}

static void a_replication_controller_selects_its_template(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: w}\n"
             "spec: {replicas: 3, template: {metadata: {labels: {a: b}}, spec: {containers: "
             "[{name: c}]}}}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.workload_count, 1);
    const wb_workload *w = &f.manifest.workloads[0];
    CU_ASSERT_EQUAL(w->replicas, 3);
    CU_ASSERT_EQUAL(w->namespace_name, WB_NAME_DEFAULT);
    CU_ASSERT_TRUE(wb_label_selector_matches(&w->selector, w->template->labels));
    CU_ASSERT_FALSE(wb_label_selector_matches(&w->selector, (wb_labels){0}));
    wb_manifest_fixture_release(&f);
}

static const struct {
    const char *name, *spec;
    int32_t completions, parallelism, backoff_limit;
    bool is_suspended;
} job_cases[] = {
    {"by default", "", 1, 1, 6, false},
    {"a work queue ends with its workers", "parallelism: 4, ", 4, 4, 6, false},
    {"completions in turn", "completions: 9, parallelism: 3, ", 9, 3, 6, false},
    {"completions, one by one", "completions: 9, ", 9, 1, 6, false},
    {"suspended", "suspend: true, backoffLimit: 0, ", 1, 1, 0, true},
};

static void jobs_count_completions(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(job_cases); i++) {
        wb_manifest_fixture f;
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text,
                           "apiVersion: batch/v1\nkind: Job\nmetadata: {name: w}\n"
                           "spec: {%stemplate: {spec: {restartPolicy: Never, containers: [{name: "
                           "c}]}}}\n",
                           job_cases[i].spec);
        load(&f, wb_text_string(&text));
        wb_text_release(&text);
        CU_ASSERT_EQUAL_FATAL(f.manifest.workload_count, 1);
        const wb_workload *w = &f.manifest.workloads[0];
        CU_ASSERT_EQUAL(w->kind, WB_OWNER_JOB);
        CU_ASSERT_EQUAL(w->completions, job_cases[i].completions);
        CU_ASSERT_EQUAL(w->parallelism, job_cases[i].parallelism);
        CU_ASSERT_EQUAL(w->backoff_limit, job_cases[i].backoff_limit);
        CU_ASSERT_EQUAL(w->is_suspended, job_cases[i].is_suspended);
        wb_manifest_fixture_release(&f);
    }
}

static void cron_jobs_keep_schedule_and_job(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: w}\n"
             "spec: {schedule: '*/5 * * * *', suspend: true, jobTemplate: {spec: {parallelism: 2, "
             "template: {metadata: {labels: {a: b}}, spec: {restartPolicy: OnFailure, containers: "
             "[{name: c}]}}}}}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.workload_count, 1);
    const wb_workload *w = &f.manifest.workloads[0];
    CU_ASSERT_EQUAL(w->kind, WB_OWNER_CRON_JOB);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, w->schedule, "*/5 * * * *"));
    CU_ASSERT_TRUE(w->is_suspended);
    CU_ASSERT_EQUAL(w->parallelism, 2);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(&f, w->template->labels), "a=b");
    wb_manifest_fixture_release(&f);
}

static void nodes_keep_what_scheduling_reads(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: v1\nkind: Node\n"
             "metadata: {name: n, uid: u, labels: {kubernetes.io/arch: arm64}}\n"
             "spec: {providerID: 'aws:///us-east-1a/i-1', unschedulable: true, taints: [{key: t, "
             "value: v, effect: NoExecute, timeAdded: 2026-01-15T10:00:00Z}]}\n"
             "status: {capacity: {cpu: '4', memory: 8Gi, pods: '58'}, allocatable: {cpu: 3920m, "
             "memory: 7Gi, pods: '58'}, conditions: [{type: MemoryPressure, status: 'False'}, "
             "{type: Ready, status: 'True'}], images: [{names: [a@sha256:1, a:1], sizeBytes: 5}, "
             "{names: [b:1], sizeBytes: 7}]}\n"
             "---\n"
             "apiVersion: v1\nkind: Node\nmetadata: {name: bare}\nstatus: {capacity: {cpu: 1}}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.node_count, 2);
    const wb_node_object *node = &f.manifest.nodes[0];
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, node->provider_id, "aws:///us-east-1a/i-1"));
    CU_ASSERT_EQUAL(wb_labels_get(node->labels, WB_NAME_ARCH), WB_NAME_ARM64);
    CU_ASSERT_TRUE(node->is_unschedulable && node->is_ready);
    CU_ASSERT_EQUAL_FATAL(node->taint_count, 1);
    CU_ASSERT_EQUAL(node->taints[0].effect, WB_TAINT_NO_EXECUTE);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_resources(&f, node->allocatable),
                           "cpu=3920 memory=7516192768 pods=58");
    CU_ASSERT_EQUAL_FATAL(node->image_count, 3);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, node->images[1].name, "a:1"));
    CU_ASSERT_EQUAL(node->images[1].size_bytes, 5);
    CU_ASSERT_EQUAL(node->images[2].size_bytes, 7);
    const wb_node_object *bare = &f.manifest.nodes[1];
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_resources(&f, bare->allocatable), "cpu=1000");
    CU_ASSERT_FALSE(bare->is_ready || bare->is_unschedulable);
    CU_ASSERT_EQUAL(bare->created_ms, -1);
    wb_manifest_fixture_release(&f);
}

static void claims_and_volumes_tie_pods_to_zones(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: v1\nkind: PersistentVolumeClaim\n"
             "metadata: {name: c, annotations: {pv.kubernetes.io/bind-completed: 'yes', "
             "volume.kubernetes.io/selected-node: n}}\n"
             "spec: {accessModes: [ReadWriteOncePod], storageClassName: gp3, volumeName: v, "
             "resources: {requests: {storage: 10Gi}}}\nstatus: {phase: Bound}\n---\n"
             "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d}\n"
             "spec: {accessModes: [ReadWriteOnce]}\nstatus: {phase: Lost}\n---\n"
             "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\n"
             "spec: {capacity: {storage: 10Gi}, storageClassName: gp3, csi: {driver: "
             "ebs.csi.aws.com, volumeHandle: h}, claimRef: {namespace: default, name: c}, "
             "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: "
             "topology.ebs.csi.aws.com/zone, operator: In, values: [us-east-1a]}]}]}}}\n---\n"
             "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: old}\n"
             "spec: {awsElasticBlockStore: {volumeID: x}}\nstatus: {phase: Available}\n---\n"
             "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: near}\n"
             "spec: {local: {path: /mnt}}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.volume_claim_count, 2);
    CU_ASSERT_EQUAL_FATAL(f.manifest.persistent_volume_count, 3);
    const wb_volume_claim *claim = &f.manifest.volume_claims[0];
    CU_ASSERT_TRUE(claim->is_bind_completed && claim->is_read_write_once_pod && !claim->is_lost);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, claim->volume_name, "v"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, claim->selected_node, "n"));
    CU_ASSERT_EQUAL(claim->request_bytes, INT64_C(10737418240));
    CU_ASSERT_TRUE(f.manifest.volume_claims[1].is_lost);
    CU_ASSERT_EQUAL(f.manifest.volume_claims[1].storage_class, 0);
    const wb_persistent_volume *volumes = f.manifest.persistent_volumes;
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, volumes[0].driver, "ebs.csi.aws.com"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, volumes[0].claim_name, "c"));
    CU_ASSERT_FALSE(volumes[0].is_available || volumes[0].is_local_or_host_path);
    CU_ASSERT_EQUAL_FATAL(volumes[0].required_term_count, 1);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, volumes[0].required_terms[0].expressions[0].key,
                                          "topology.ebs.csi.aws.com/zone")); /* as written */
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, volumes[1].driver, "ebs.csi.aws.com"));
    CU_ASSERT_TRUE(volumes[1].is_available);
    CU_ASSERT_TRUE(volumes[2].is_available && volumes[2].is_local_or_host_path);
    wb_manifest_fixture_release(&f);
}

static void classes_and_limits_are_kept(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: storage.k8s.io/v1\nkind: StorageClass\n"
             "metadata: {name: gp2, annotations: {storageclass.kubernetes.io/is-default-class: "
             "'true'}}\nprovisioner: kubernetes.io/aws-ebs\n---\n"
             "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: gp3}\n"
             "provisioner: ebs.csi.aws.com\nvolumeBindingMode: WaitForFirstConsumer\n"
             "allowedTopologies: [{matchLabelExpressions: [{key: z, values: [a, b]}]}]\n---\n"
             "apiVersion: storage.k8s.io/v1\nkind: CSINode\nmetadata: {name: n}\n"
             "spec: {drivers: [{name: ebs.csi.aws.com, nodeID: i, allocatable: {count: 25}}, "
             "{name: efs.csi.aws.com, nodeID: i}]}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.storage_class_count, 2);
    const wb_storage_class *classes = f.manifest.storage_classes;
    CU_ASSERT_TRUE(classes[0].is_default && classes[0].is_immediate);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, classes[0].provisioner, "ebs.csi.aws.com"));
    CU_ASSERT_FALSE(classes[1].is_default || classes[1].is_immediate);
    CU_ASSERT_EQUAL_FATAL(classes[1].allowed_topology_count, 1);
    CU_ASSERT_EQUAL(classes[1].allowed_topologies[0].expressions[0].value_count, 2);
    CU_ASSERT_EQUAL_FATAL(f.manifest.attach_limit_count, 2);
    CU_ASSERT_EQUAL(f.manifest.attach_limits[0].count, 25);
    CU_ASSERT_EQUAL(f.manifest.attach_limits[1].count, -1);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, f.manifest.attach_limits[1].node_name, "n"));
    wb_manifest_fixture_release(&f);
}

static void budgets_and_priorities_are_kept(void)
{
    wb_manifest_fixture f;
    load(&f, "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\n"
             "spec: {maxUnavailable: 30%, selector: {}, unhealthyPodEvictionPolicy: AlwaysAllow}\n"
             "status: {disruptionsAllowed: 1, currentHealthy: 5, desiredHealthy: 4, expectedPods: "
             "5, disruptedPods: {p1: 2026-01-15T10:00:00Z}}\n---\n"
             "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: c}\n"
             "spec: {minAvailable: 2}\n---\n"
             "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\n"
             "value: 1000\nglobalDefault: true\npreemptionPolicy: Never\n---\n"
             "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n");
    CU_ASSERT_EQUAL_FATAL(f.manifest.pdb_count, 2);
    const wb_pdb *pdb = &f.manifest.pdbs[0];
    CU_ASSERT_EQUAL(pdb->max_unavailable_kind, WB_BOUND_PERCENT);
    CU_ASSERT_EQUAL(pdb->max_unavailable, 30);
    CU_ASSERT_EQUAL(pdb->min_available_kind, WB_BOUND_NONE);
    CU_ASSERT_TRUE(pdb->always_allows_unhealthy && pdb->status_is_set && pdb->selector.is_set);
    CU_ASSERT_EQUAL(pdb->disruptions_allowed, 1);
    CU_ASSERT_EQUAL(pdb->expected_pods, 5);
    CU_ASSERT_EQUAL_FATAL(pdb->disrupted_pod_count, 1);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, pdb->disrupted_pods[0], "p1"));
    CU_ASSERT_EQUAL(f.manifest.pdbs[1].min_available, 2);
    CU_ASSERT_FALSE(f.manifest.pdbs[1].status_is_set || f.manifest.pdbs[1].selector.is_set);
    CU_ASSERT_EQUAL_FATAL(f.manifest.priority_class_count, 1);
    CU_ASSERT_EQUAL(f.manifest.priority_classes[0].value, 1000);
    CU_ASSERT_TRUE(f.manifest.priority_classes[0].is_global_default);
    CU_ASSERT_TRUE(f.manifest.priority_classes[0].never_preempts);
    CU_ASSERT_EQUAL_FATAL(f.manifest.namespace_count, 1);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_labels(&f, f.manifest.namespaces[0].labels),
                           "kubernetes.io/metadata.name=shop team=a");
    wb_manifest_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"services keep template and selector", services_keep_template_and_selector},
        {"rolling updates are counted in pods", rolling_updates_are_counted_in_pods},
        {"StatefulSets keep their claims", stateful_sets_keep_their_claims},
        {"a ReplicationController selects its template",
         a_replication_controller_selects_its_template},
        {"jobs count completions", jobs_count_completions},
        {"CronJobs keep schedule and job", cron_jobs_keep_schedule_and_job},
        {"nodes keep what scheduling reads", nodes_keep_what_scheduling_reads},
        {"claims and volumes tie pods to zones", claims_and_volumes_tie_pods_to_zones},
        {"storage classes and attach limits are kept", classes_and_limits_are_kept},
        {"budgets, priorities, namespaces are kept", budgets_and_priorities_are_kept},
    };
    return wb_test_run("manifest_objects", cases, WB_TEST_COUNT(cases));
}
