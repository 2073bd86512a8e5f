#include "tests/scenarios/scenario_fixture.h"

#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "traces/trace_generate.h"

void wb_scenario_fixture_init(wb_scenario_fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    wb_scratch_folder_init(&fixture->folder);
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    wb_intern_init(&fixture->intern, &fixture->arena);
    wb_names_init(&fixture->intern);
    wb_findings_init(&fixture->findings, &fixture->arena, false);
    fixture->overrides.findings = &fixture->findings;
}

void wb_scenario_fixture_release(wb_scenario_fixture *fixture)
{
    wb_scratch_folder_release(&fixture->folder);
    wb_intern_release(&fixture->intern);
    wb_arena_release(&fixture->arena);
}

const char *wb_scenario_fixture_write(wb_scenario_fixture *fixture, const char *name,
                                      const char *text)
{
    return wb_scratch_folder_write(&fixture->folder, name, text, strlen(text));
}

void wb_scenario_fixture_load(wb_scenario_fixture *fixture, const char *name)
{
    const char *path =
        wb_arena_copy_string(&fixture->arena, wb_scratch_folder_join(&fixture->folder, name));
    memset(&fixture->err, 0, sizeof fixture->err);
    fixture->status = wb_scenario_load(&fixture->arena, &fixture->intern, path, &fixture->overrides,
                                       &fixture->scenario, &fixture->err);
}

void wb_scenario_fixture_run(wb_scenario_fixture *fixture, uint32_t contender_index,
                             wb_store *store, const volatile sig_atomic_t *stop_flag,
                             wb_run_figures *out)
{
    const wb_simulation_options options = {
        .store = store,
        .stop_flag = stop_flag,
        .queue_kind = WB_EVENT_QUEUE_CALENDAR,
        .version = "test",
    };
    memset(&fixture->err, 0, sizeof fixture->err);
    fixture->status = wb_simulation_run(&fixture->scenario, &fixture->intern, contender_index,
                                        &options, out, &fixture->err);
}

static const char world_spec[] =
    "apiVersion: werkbank/v1\nkind: TraceSpec\nmetadata: {name: world}\n"
    "spec:\n  seed: 3\n  span: 4h\n  epoch: \"2026-01-05T08:00:00Z\"\n"
    "  services:\n"
    "  - {name: web, base: 4, peak: 30, profile: office, step: 2m, pod: {metadata: {labels: {app: "
    "web}}, spec: {containers: [{name: c, image: w, resources: {requests: {cpu: 500m, memory: "
    "512Mi}}}]}}}\n"
    "  - {name: big, base: 1, pod: {spec: {containers: [{name: c, image: b, resources: {requests: "
    "{cpu: \"3\", memory: 400Gi}}}]}}}\n"
    "  batches:\n"
    "  - {name: job, jobsPerHour: 40, podsPerJob: 2, duration: {median: 4m, sigma: 0.6, max: 1h}, "
    "pod: {spec: {restartPolicy: Never, containers: [{name: c, image: j, resources: {requests: "
    "{cpu: \"1\", memory: 1Gi}}}]}}}\n"
    "  - {name: huge, jobsPerHour: 2, duration: {median: 4m}, pod: {spec: {restartPolicy: Never, "
    "nodeSelector: {disk: none}, containers: [{name: c, image: h}]}}}\n";

static const char world_objects[] =
    "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: kube-system}\n"
    "spec:\n  selector: {matchLabels: {app: agent}}\n  template:\n"
    "    metadata: {labels: {app: agent}}\n"
    "    spec: {containers: [{name: c, image: a, resources: {requests: {cpu: 50m, memory: "
    "64Mi}}}]}\n"
    "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
    "spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}\n";

static const char world_pool[] =
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: default}\nspec:\n"
    "  template:\n    spec:\n"
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
    "      requirements:\n"
    "      - {key: kubernetes.io/arch, operator: In, values: [amd64]}\n"
    "      - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}\n"
    "      - {key: node.kubernetes.io/instance-type, operator: In, values: [m5.large, m5.xlarge, "
    "m5.2xlarge]}\n"
    "  disruption: {consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s}\n"
    "---\napiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\nspec:\n"
    "  role: r\n  amiSelectorTerms: [{alias: al2023@latest}]\n"
    "  subnetSelectorTerms: [{tags: {a: b}}]\n  securityGroupSelectorTerms: [{tags: {a: b}}]\n";

static const char world_scenario[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: world}\nspec:\n"
    "  seed: 5\n  region: us-east-1\n  objects: [objects.yaml]\n"
    "  workload:\n  - trace: world.trace\n  - {manifest: bare.yaml, at: 10m}\n"
    "  contenders:\n"
    "  - {name: few, kind: fixed, nodes: [{instanceType: m5.2xlarge, count: 2}]}\n"
    "  - {name: many, kind: fixed, boot: karpenter-typical, nodes: [{instanceType: m5.2xlarge, "
    "count: 10}]}\n"
    "  - {name: karpenter, kind: karpenter, manifests: [pool.yaml]}\n";

void wb_scenario_fixture_write_world(wb_scenario_fixture *fixture)
{
    const char *output_path = wb_scratch_folder_join(&fixture->folder, "world.trace");
    const wb_trace_generate_options options = {
        .spec_path = wb_scenario_fixture_write(fixture, "world.spec.yaml", world_spec),
        .output_path = output_path,
        .scale = 1.0,
    };
    wb_trace_generate_report report;
    wb_error err = {0};
    const wb_status status = wb_trace_generate(&options, &fixture->arena, &fixture->intern,
                                               &fixture->findings, &report, &err);
    assert(status == WB_OK && report.pod_count > 300);
    (void)status;
    (void)wb_scenario_fixture_write(fixture, "objects.yaml", world_objects);
    (void)wb_scenario_fixture_write(fixture, "pool.yaml", world_pool);
    (void)wb_scenario_fixture_write(fixture, "bare.yaml",
                                    "apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\n"
                                    "spec: {containers: [{name: c, image: x}]}\n");
    (void)wb_scenario_fixture_write(fixture, "world.yaml", world_scenario);
}
