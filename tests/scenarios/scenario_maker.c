#include "tests/scenarios/scenario_maker.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "base/text.h"
#include "kube/names.h"
#include "traces/trace_generate.h"

#define APPS_MAX 5

/* Draws, and the files under construction. */
typedef struct maker {
    uint64_t seed, draw_count;
    wb_scratch_folder *folder;
    wb_arena arena; /* of texts that were picked */
    wb_text scenario, pools, objects, workload;
    bool has_dedicated_pool;
} maker;

/* 0 to bound - 1. At most one draw stands in an expression: compilers order them as they like. */
static uint32_t below(maker *self, uint32_t bound)
{
    const wb_random_key key = {self->seed, WB_RANDOM_TEST, 0};
    return (uint32_t)wb_random_below(key, self->draw_count++, bound);
}

static bool one_in(maker *self, uint32_t n)
{
    return below(self, n) == 0;
}

/* One of the options, which are separated by bars. */
static const char *pick(maker *self, const char *options)
{
    uint32_t count = 1;
    for (const char *at = options; *at != 0; at++) {
        count += *at == '|' ? 1U : 0U;
    }
    const char *start = options;
    for (uint32_t wanted = below(self, count); wanted > 0; wanted--) {
        start = strchr(start, '|') + 1;
    }
    return wb_arena_copy_text(&self->arena, start, strcspn(start, "|"));
}

/* text, or nothing: n - 1 times of n. */
static const char *maybe(maker *self, uint32_t n, const char *text)
{
    return one_in(self, n) ? text : "";
}

static void write_file(maker *self, const char *name, const wb_text *text)
{
    (void)wb_scratch_folder_write(self->folder, name, wb_text_string(text), text->length);
}

/* ---- Karpenter's side ---- */

static void add_pool(maker *self, uint32_t index)
{
    const bool is_dedicated = index > 0 && one_in(self, 2);
    const bool is_limited = one_in(self, 3);
    self->has_dedicated_pool |= is_dedicated;
    const uint32_t weight = 1 + below(self, 50);
    const char *expiry = pick(self, "Never|720h|90m|47m");
    const char *grace = maybe(self, 3, "      terminationGracePeriod: 2m\n");
    const char *markets = pick(self, "[on-demand]|[spot]|[spot, on-demand]");
    const char *families = pick(self, "[m5, c5]|[m6i, r6i, c6i]|[t3, m5]|[c7i, m7i]");
    wb_text_add_format(
        &self->pools,
        "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: pool%u}\nspec:\n"
        "  weight: %u\n  template:\n    metadata: {labels: {pool: p%u}}\n    spec:\n"
        "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
        "      expireAfter: %s\n%s%s      requirements:\n"
        "        - {key: karpenter.sh/capacity-type, operator: In, values: %s}\n"
        "        - {key: karpenter.k8s.aws/instance-family, operator: In, values: %s}\n"
        "        - {key: karpenter.k8s.aws/instance-cpu, operator: Lt, values: [\"17\"]}\n"
        "        - {key: kubernetes.io/arch, operator: In, values: [amd64]}\n",
        index, weight, index, is_limited ? "Never" : expiry, grace,
        is_dedicated ? "      taints: [{key: dedicated, value: x, effect: NoSchedule}]\n" : "",
        markets, families);
    const char *policy = pick(self, "WhenEmpty|WhenEmptyOrUnderutilized");
    const char *after = pick(self, "0s|30s|2m|Never");
    const char *budgets =
        pick(self, "|    budgets: [{nodes: \"1\"}]\n|    budgets: [{nodes: \"50%\"},"
                   " {nodes: \"0\", schedule: \"*/20 * * * *\", duration: 4m}]\n");
    wb_text_add_format(&self->pools,
                       "  disruption:\n    consolidationPolicy: %s\n    consolidateAfter: %s\n"
                       "%s%s---\n",
                       policy, is_limited ? "Never" : after, budgets,
                       is_limited ? "  limits: {cpu: \"" WB_SCENARIO_MAKER_LIMIT "\"}\n" : "");
}

static void make_pools(maker *self)
{
    const uint32_t count = 1 + below(self, 3);
    for (uint32_t i = 0; i < count; i++) {
        add_pool(self, i);
    }
    wb_text_add_string(&self->pools, "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\n"
                                     "metadata: {name: default}\nspec:\n  role: r\n"
                                     "  amiSelectorTerms: [{alias: al2023@latest}]\n"
                                     "  subnetSelectorTerms: [{tags: {a: b}}]\n"
                                     "  securityGroupSelectorTerms: [{tags: {a: b}}]\n");
    write_file(self, "pools.yaml", &self->pools);
}

/* ---- workload ---- */

static void add_spread(maker *self, wb_text *out, uint32_t app)
{
    const char *key = pick(self, "topology.kubernetes.io/zone|kubernetes.io/hostname");
    const char *otherwise = pick(self, "DoNotSchedule|ScheduleAnyway");
    wb_text_add_format(out,
                       "      topologySpreadConstraints:\n        - {maxSkew: 1, topologyKey: %s,"
                       " whenUnsatisfiable: %s, labelSelector: {matchLabels: {app: a%u}}}\n",
                       key, otherwise, app);
}

static void add_app_spec(maker *self, wb_text *out, uint32_t app)
{
    if (one_in(self, 3)) {
        add_spread(self, out, app);
    }
    if (one_in(self, 4)) {
        wb_text_add_format(out,
                           "      affinity: {podAntiAffinity: {"
                           "requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: "
                           "kubernetes.io/hostname, labelSelector: {matchLabels: {app: a%u}}}]}}\n",
                           app);
    }
    if (self->has_dedicated_pool && one_in(self, 2)) {
        wb_text_add_string(out, "      tolerations: [{key: dedicated, operator: Exists}]\n");
    }
    const uint32_t grace_s = 1 + below(self, 60);
    const uint32_t image = below(self, 3);
    const char *cpu = pick(self, "100m|250m|500m|1|1500m|3|40");
    const char *memory = pick(self, "64Mi|256Mi|1Gi|3Gi|6Gi");
    wb_text_add_format(out,
                       "      terminationGracePeriodSeconds: %u\n      containers: [{name: c, "
                       "image: i%u, resources: {requests: {cpu: %s, memory: %s}}}]\n",
                       grace_s, image, cpu, memory);
}

static void add_pdb(maker *self, uint32_t app)
{
    const char *rule = pick(self, "maxUnavailable: 1|maxUnavailable: 0|minAvailable: 50%");
    wb_text_add_format(&self->objects,
                       "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a%u}\n"
                       "spec: {%s, selector: {matchLabels: {app: a%u}}}\n---\n",
                       app, rule, app);
}

/* When an app is applied, scaled and deleted. */
static void add_app_steps(maker *self, uint32_t app, const char *kind)
{
    uint32_t at_s = below(self, 600);
    wb_text_add_format(&self->workload, "    - {manifest: a%u.yaml, at: %us}\n", app, at_s);
    for (uint32_t steps = below(self, 4); steps > 0; steps--) {
        at_s += 1 + below(self, 1500);
        wb_text_add_format(&self->workload,
                           "    - {scale: {kind: %s, name: a%u, replicas: %u}, at: %us}\n", kind,
                           app, below(self, 20), at_s);
    }
    if (one_in(self, 3)) {
        at_s += 1 + below(self, 1500);
        wb_text_add_format(&self->workload, "    - {delete: {kind: %s, name: a%u}, at: %us}\n",
                           kind, app, at_s);
    }
}

static void add_app(maker *self, uint32_t app)
{
    const char *kind = pick(self, "StatefulSet|Deployment|Deployment|Deployment");
    const uint32_t replicas = below(self, 12);
    const char *protection =
        maybe(self, 5, "      annotations: {karpenter.sh/do-not-disrupt: \"true\"}\n");
    wb_text file;
    wb_text_init(&file);
    wb_text_add_format(&file,
                       "apiVersion: apps/v1\nkind: %s\nmetadata: {name: a%u}\nspec:\n"
                       "  replicas: %u\n  selector: {matchLabels: {app: a%u}}\n%s  template:\n"
                       "    metadata:\n      labels: {app: a%u}\n%s    spec:\n",
                       kind, app, replicas, app, kind[0] == 'S' ? "  serviceName: s\n" : "", app,
                       protection);
    add_app_spec(self, &file, app);
    char name[32];
    (void)snprintf(name, sizeof name, "a%u.yaml", app);
    write_file(self, name, &file);
    wb_text_release(&file);
    add_app_steps(self, app, kind);
    if (one_in(self, 3)) {
        add_pdb(self, app);
    }
}

static void add_job(maker *self)
{
    const uint32_t completions = 1 + below(self, 15);
    const uint32_t parallelism = 1 + below(self, 6);
    const char *duration = pick(self, "20s|5m|25m");
    wb_text file;
    wb_text_init(&file);
    wb_text_add_format(
        &file,
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: job}\nspec:\n  completions: %u\n"
        "  parallelism: %u\n  template:\n    metadata: {labels: {app: job}, annotations: "
        "{werkbank/duration: %s}}\n    spec:\n      restartPolicy: Never\n      containers:\n"
        "        - {name: c, image: j, resources: {requests: {cpu: 700m, memory: 512Mi}}}\n",
        completions, parallelism, duration);
    write_file(self, "job.yaml", &file);
    wb_text_release(&file);
    wb_text_add_format(&self->workload, "    - {manifest: job.yaml, at: %us}\n", below(self, 900));
}

static void add_daemon(maker *self, const char *name, wb_text *out)
{
    const char *tolerations = maybe(self, 2, "      tolerations: [{operator: Exists}]\n");
    const uint32_t cpu_milli = 10 + below(self, 300);
    wb_text_add_format(out,
                       "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: %s}\nspec:\n"
                       "  selector: {matchLabels: {app: %s}}\n  template:\n"
                       "    metadata: {labels: {app: %s}}\n    spec:\n%s      containers:\n"
                       "        - {name: c, image: d, resources: {requests: {cpu: %um, memory: "
                       "64Mi}}}\n---\n",
                       name, name, name, tolerations, cpu_milli);
}

static void add_late_daemon(maker *self)
{
    wb_text file;
    wb_text_init(&file);
    add_daemon(self, "late", &file);
    write_file(self, "late.yaml", &file);
    wb_text_release(&file);
    wb_text_add_format(&self->workload, "    - {manifest: late.yaml, at: %us}\n",
                       300 + below(self, 1800));
}

/* Turns t.yaml into t.trace. */
static void generate_trace(maker *self)
{
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_arena_init(&arena, "maker", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_findings_init(&findings, &arena, true);
    const wb_trace_generate_options options = {
        .spec_path = wb_scratch_folder_join(self->folder, "t.yaml"),
        .output_path = wb_scratch_folder_join(self->folder, "t.trace"),
        .scale = 1.0,
    };
    wb_trace_generate_report report;
    const wb_status status = wb_trace_generate(&options, &arena, &intern, &findings, &report, NULL);
    assert(status == WB_OK);
    (void)status;
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void add_trace(maker *self)
{
    const uint32_t seed = below(self, 1000);
    const uint32_t base = 1 + below(self, 4);
    const uint32_t peak = 5 + below(self, 10);
    const uint32_t jobs = 5 + below(self, 40);
    wb_text file;
    wb_text_init(&file);
    wb_text_add_format(
        &file,
        "apiVersion: werkbank/v1\nkind: TraceSpec\nmetadata: {name: t}\nspec:\n  seed: %u\n"
        "  span: 1h\n  services:\n    - name: svc\n      base: %u\n      peak: %u\n"
        "      profile: flat\n      pod: {metadata: {labels: {app: svc}}, spec: {containers: "
        "[{name: c, image: i, resources: {requests: {cpu: 400m, memory: 512Mi}}}]}}\n"
        "  batches:\n    - name: ci\n      jobsPerHour: %u\n      profile: flat\n"
        "      duration: {median: 4m, sigma: 0.7, max: 30m}\n      pod: {metadata: {labels: {app: "
        "ci}}, spec: {restartPolicy: Never, containers: [{name: c, image: i, resources: {requests:"
        " {cpu: 900m, memory: 1Gi}}}]}}\n",
        seed, base, peak, jobs);
    write_file(self, "t.yaml", &file);
    wb_text_release(&file);
    generate_trace(self);
    wb_text_add_string(&self->workload, "    - {trace: t.trace}\n");
}

static void make_workload(maker *self)
{
    const uint32_t count = 1 + below(self, APPS_MAX);
    for (uint32_t app = 0; app < count; app++) {
        add_app(self, app);
    }
    if (one_in(self, 2)) {
        add_job(self);
    }
    if (one_in(self, 2)) {
        add_daemon(self, "early", &self->objects);
    }
    if (one_in(self, 3)) {
        add_late_daemon(self);
    }
    if (one_in(self, 2)) {
        add_trace(self);
    }
}

/* ---- the scenario ---- */

static void add_group(maker *self, uint32_t index)
{
    const char *types = pick(self, "[m5.large]|[c5.xlarge]|[m5.2xlarge]|[r6i.xlarge]");
    const uint32_t least = below(self, 3);
    const char *is_per_zone = pick(self, "true|false");
    const char *market = pick(self, "on-demand|spot");
    wb_text_add_format(&self->scenario,
                       "        - {name: g%u, instanceTypes: %s, min: %u, max: %d, perZone: %s, "
                       "capacityType: %s%s}\n",
                       index, types, least, WB_SCENARIO_MAKER_GROUP_MAX, is_per_zone, market,
                       index > 0 && self->has_dedicated_pool
                           ? ", taints: [{key: dedicated, value: x, effect: NoSchedule}]"
                           : "");
}

static void add_cluster_autoscaler(maker *self)
{
    wb_text_add_string(&self->scenario, "    - name: ca\n      kind: cluster_autoscaler\n"
                                        "      nodeGroups:\n");
    const uint32_t count = 1 + below(self, 3);
    for (uint32_t i = 0; i < count; i++) {
        add_group(self, i);
    }
    const char *expander = pick(self, "least-waste|random|most-pods");
    const char *unneeded = pick(self, "1m|10m");
    wb_text_add_format(&self->scenario,
                       "      flags: {expander: %s, scale-down-unneeded-time: %s}\n", expander,
                       unneeded);
}

static void make_scenario(maker *self)
{
    const uint32_t seed = below(self, 1000);
    const char *zones =
        pick(self, "us-east-1a|us-east-1a, us-east-1b|us-east-1a, us-east-1b, us-east-1c");
    const char *horizon = maybe(self, 2, "  horizon: 75m\n");
    const char *stop = pick(self, "0s|1s|20s");
    wb_text_add_format(&self->scenario,
                       "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: made}\nspec:\n"
                       "  seed: %u\n  region: us-east-1\n  zones: [%s]\n  sampleInterval: 47s\n"
                       "%s  cluster: {podStop: %s}\n",
                       seed, zones, horizon, stop);
    if (self->objects.length > 0) {
        write_file(self, "objects.yaml", &self->objects);
        wb_text_add_string(&self->scenario, "  objects: [objects.yaml]\n");
    }
    wb_text_add_format(&self->scenario,
                       "  workload:\n%s  contenders:\n    - name: karpenter\n      kind: "
                       "karpenter\n      manifests: [pools.yaml]\n      boot: %s\n",
                       wb_text_string(&self->workload), pick(self, "karpenter-typical|instant"));
    add_cluster_autoscaler(self);
}

const char *wb_scenario_maker_write(wb_scratch_folder *folder, uint64_t seed)
{
    maker self = {.seed = seed, .folder = folder};
    wb_arena_init(&self.arena, "maker", 0, NULL);
    wb_text_init(&self.scenario);
    wb_text_init(&self.pools);
    wb_text_init(&self.objects);
    wb_text_init(&self.workload);
    make_pools(&self);
    make_workload(&self);
    make_scenario(&self);
    write_file(&self, "scenario.yaml", &self.scenario);
    wb_text_release(&self.scenario);
    wb_text_release(&self.pools);
    wb_text_release(&self.objects);
    wb_text_release(&self.workload);
    wb_arena_release(&self.arena);
    return wb_scratch_folder_join(folder, "scenario.yaml");
}
