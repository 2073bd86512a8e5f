#include "tests/sim/karpenter_fixture.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter.h"
#include "tests/harness.h"

#define TEXT_BYTES 4096

static const struct {
    const char *name;
    int cpu;
    double on_demand, spot;
} type_rows[] = {{"small", 2, 0.10, 0.04}, {"medium", 4, 0.18, 0.07}, {"large", 8, 0.40, 0.15}};

static const char *const zone_names[] = {"us-east-1a", "us-east-1b"};

#define TYPE_COUNT (sizeof(type_rows) / sizeof(type_rows[0]))
#define ZONE_COUNT (sizeof(zone_names) / sizeof(zone_names[0]))

/* ---- the story ---- */

WB_PRINTF(2, 3) static void tell(wb_karpenter_fixture *fixture, const char *fmt, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, fmt);
    (void)vsnprintf(line, sizeof line, fmt, arguments);
    va_end(arguments);
    wb_text_add_format(&fixture->story, "%lld %s\n", (long long)fixture->kernel.now_ms, line);
}

static const char *pod_name(const wb_karpenter_fixture *fixture, uint32_t pod_id)
{
    return fixture->cluster.pods.name[pod_id];
}

static void see_pod_created(void *context, uint32_t pod_id)
{
    tell(context, "pod %s created", pod_name(context, pod_id));
}

static void see_pod_bound(void *context, uint32_t pod_id, uint32_t node_id)
{
    const wb_karpenter_fixture *fixture = context;
    tell(context, "pod %s bound %u", pod_name(context, pod_id),
         fixture->cluster.nodes[node_id].claim_id);
}

static void see_pod_running(void *context, uint32_t pod_id)
{
    tell(context, "pod %s running", pod_name(context, pod_id));
}

static void see_pod_terminating(void *context, uint32_t pod_id, wb_cause cause)
{
    tell(context, "pod %s terminating: %s", pod_name(context, pod_id), wb_cause_name(cause));
}

static void see_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    tell(context, "pod %s gone: %s", pod_name(context, pod_id), wb_cause_name(cause));
}

static void see_refused(void *context, uint32_t pod_id)
{
    tell(context, "refused %s", pod_name(context, pod_id));
}

static void see_claim_created(void *context, uint32_t claim_id)
{
    const wb_claim_view claim = wb_karpenter_fixture_claim(context, claim_id);
    tell(context, "claim %u created: %s %s %s", claim_id, claim.instance_type, claim.capacity_type,
         claim.zone);
}

/* The boot phases are apart, so the newest time says which step it was. */
static void see_claim_changed(void *context, uint32_t claim_id)
{
    const wb_karpenter_fixture *fixture = context;
    const wb_claim_view claim = wb_karpenter_fixture_claim(fixture, claim_id);
    const int64_t now_ms = fixture->kernel.now_ms;
    tell(context, "claim %u %s", claim_id,
         claim.initialized_ms == now_ms  ? "initialized"
         : claim.registered_ms == now_ms ? "registered"
                                         : "launched");
}

static void see_claim_gone(void *context, uint32_t claim_id, wb_cause cause)
{
    tell(context, "claim %u gone: %s", claim_id, wb_cause_name(cause));
}

static void see_instance_ended(void *context, uint32_t instance_id, wb_cause cause)
{
    tell(context, "instance %u ended: %s", instance_id, wb_cause_name(cause));
}

static void see_cloud_error(void *context, const char *call, const char *code, const char *detail)
{
    tell(context, "error %s: %s: %s", call, code, detail);
}

static void see_decision(void *context, const wb_decision *decision)
{
    tell(context, "decided %s: %s", decision->kind, decision->outcome);
}

static void listen(wb_karpenter_fixture *fixture)
{
    const wb_observer observer = {
        .context = fixture,
        .pod_created = see_pod_created,
        .pod_bound = see_pod_bound,
        .pod_running = see_pod_running,
        .pod_terminating = see_pod_terminating,
        .pod_gone = see_pod_gone,
        .eviction_refused = see_refused,
        .claim_created = see_claim_created,
        .claim_changed = see_claim_changed,
        .claim_gone = see_claim_gone,
        .instance_ended = see_instance_ended,
        .cloud_error = see_cloud_error,
        .decision = see_decision,
    };
    wb_observers_add(&fixture->observers, &observer);
}

/* Whether the text after the time begins with word and a blank. */
static bool begins_with(const char *line, const char *word, size_t word_length)
{
    const char *rest = strchr(line, ' ') + 1;
    return strncmp(rest, word, word_length) == 0 && rest[word_length] == ' ';
}

const char *wb_karpenter_fixture_story(wb_karpenter_fixture *fixture, const char *words)
{
    size_t length = 0;
    const char *line = wb_text_string(&fixture->story);
    while (*line != 0) {
        const char *end = strchr(line, '\n') + 1;
        bool is_wanted = false;
        for (const char *word = words; *word != 0;) {
            const size_t word_length = strcspn(word, ",");
            is_wanted = is_wanted || begins_with(line, word, word_length);
            word += word_length + (word[word_length] == ',' ? 1 : 0);
        }
        const size_t line_length = (size_t)(end - line);
        if (is_wanted && length + line_length < sizeof fixture->selection) {
            memcpy(fixture->selection + length, line, line_length);
            length += line_length;
        }
        line = end;
    }
    fixture->selection[length] = 0;
    return fixture->selection;
}

void wb_karpenter_fixture_expect(wb_karpenter_fixture *fixture, const char *words,
                                 const char *expected)
{
    const char *told = wb_karpenter_fixture_story(fixture, words);
    const bool is_same = strcmp(told, expected) == 0;
    CU_ASSERT(is_same);
    if (!is_same) {
        printf("\n  expected:\n%s\n  told:\n%s\n", expected, told);
    }
}

/* ---- building ---- */

static const char *in_arena(wb_karpenter_fixture *fixture, const wb_text *text)
{
    return wb_arena_copy_string(&fixture->arena, wb_text_string(text));
}

static wb_document_stream read_text(wb_karpenter_fixture *fixture, const char *text)
{
    const wb_document_input input = {
        .file = "test.yaml", .text = text, .length = strlen(text), .syntax = WB_DOCUMENT_YAML};
    wb_document_stream stream = {0};
    wb_error err = {0};
    if (wb_document_read_text(&fixture->arena, &input, &stream, &err) != WB_OK) {
        printf("\n  %s\n%s\n", err.text, text);
        assert(false);
    }
    return stream;
}

static void read_manifest(wb_karpenter_fixture *fixture, const char *yaml, wb_manifest *out)
{
    wb_findings findings;
    wb_findings_init(&findings, &fixture->arena, true);
    const wb_decode_context context = {.arena = &fixture->arena,
                                       .intern = &fixture->intern,
                                       .findings = &findings};
    const wb_document_stream stream = read_text(fixture, yaml);
    for (size_t i = 0; i < stream.count; i++) {
        wb_manifest_add_document(out, &context, stream.roots[i]);
    }
    if (findings.error_count > 0) {
        printf("\n  %s\n", findings.errors[0].text);
        assert(false);
    }
}

static wb_catalog make_catalog(wb_karpenter_fixture *fixture, bool has_reservation)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "{region: us-east-1, zones: [%s, %s], instanceTypes: [",
                       zone_names[0], zone_names[1]);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        wb_text_add_format(&text,
                           "{name: %s, labels: {kubernetes.io/arch: amd64, kubernetes.io/os: linux,"
                           " karpenter.k8s.aws/instance-cpu: \"%d\"},"
                           " capacity: {cpu: \"%d\", memory: %dGi, pods: \"20\"}, offerings: [",
                           type_rows[i].name, type_rows[i].cpu, type_rows[i].cpu,
                           4 * type_rows[i].cpu);
        for (size_t zone = 0; zone < ZONE_COUNT; zone++) {
            wb_text_add_format(&text,
                               "{zone: %s, capacityType: on-demand, price: %.2f},"
                               "{zone: %s, capacityType: spot, price: %.2f},",
                               zone_names[zone], type_rows[i].on_demand, zone_names[zone],
                               type_rows[i].spot);
        }
        if (has_reservation && i == 0) {
            wb_text_add_format(&text,
                               "{zone: %s, capacityType: reserved, price: 0.05, reservationId: "
                               "cr-1, reservationCapacity: 2}",
                               zone_names[0]);
        }
        wb_text_add_string(&text, "]},");
    }
    wb_text_add_string(&text, "]}");
    const wb_document_stream stream = read_text(fixture, wb_text_string(&text));
    wb_catalog catalog;
    wb_error err = {0};
    const wb_status status =
        wb_catalog_decode(&fixture->arena, &fixture->intern, stream.roots[0], &catalog, &err);
    assert(status == WB_OK);
    (void)status;
    wb_text_release(&text);
    return catalog;
}

static const char *or_nothing(const char *text)
{
    return text != NULL ? text : "";
}

/* The first that is given. */
static const char *one_of(const char *a, const char *b, const char *c)
{
    return a != NULL ? a : b != NULL ? b : c;
}

static void make_pools(wb_karpenter_fixture *fixture, const wb_karpenter_fixture_options *options,
                       const wb_karpenter_fixture_change *change, wb_manifest *out)
{
    static const char on_demand[] =
        "{key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}";
    static const char class_spec[] =
        "{role: r, amiSelectorTerms: [{alias: al2023@latest}],"
        " subnetSelectorTerms: [{tags: {a: b}}], securityGroupSelectorTerms: [{tags: {a: b}}]}";
    const char *spec = one_of(change->template_spec, options->template_spec, NULL);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(
        &text,
        "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: default}, spec: {"
        " template: {metadata: {%s}, spec: {%s%s requirements: [%s],"
        " nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}}},"
        " disruption: {%s}, limits: {%s}}}\n---\n",
        one_of(change->template_metadata, options->template_metadata, ""), or_nothing(spec),
        spec != NULL ? "," : "", one_of(change->requirements, options->requirements, on_demand),
        one_of(change->disruption, options->disruption, "consolidateAfter: Never"),
        one_of(change->limits, options->limits, ""));
    wb_text_add_format(&text,
                       "{apiVersion: karpenter.k8s.aws/v1, kind: EC2NodeClass, metadata: {name: "
                       "default}, spec: %s}\n",
                       one_of(change->class_spec, options->class_spec, class_spec));
    const char *more_pools = one_of(change->more_pools, options->more_pools, NULL);
    if (more_pools != NULL) {
        wb_text_add_format(&text, "---\n%s\n", more_pools);
    }
    wb_manifest_init(out);
    read_manifest(fixture, in_arena(fixture, &text), out);
    wb_text_release(&text);
}

static void make_changes(wb_karpenter_fixture *fixture, const wb_karpenter_fixture_options *options)
{
    fixture->changed = WB_ARENA_ARRAY(&fixture->arena, wb_manifest, options->change_count);
    fixture->changes = WB_ARENA_ARRAY(&fixture->arena, wb_contender_change, options->change_count);
    for (uint32_t i = 0; i < options->change_count; i++) {
        make_pools(fixture, options, &options->changes[i], &fixture->changed[i]);
        fixture->changes[i] = (wb_contender_change){.at_ms = options->changes[i].at_ms,
                                                    .manifest = &fixture->changed[i]};
        if (options->changes[i].deleted_pool != NULL) {
            fixture->changes[i].deleted_nodepool =
                wb_intern_add(&fixture->intern, options->changes[i].deleted_pool);
        }
        if (options->changes[i].deleted_overlay != NULL) {
            fixture->changes[i].deleted_overlay =
                wb_intern_add(&fixture->intern, options->changes[i].deleted_overlay);
        }
    }
}

static void make_cloud(wb_karpenter_fixture *fixture, const wb_karpenter_fixture_options *options)
{
    fixture->catalog = make_catalog(fixture, options->has_reservation);
    fixture->stock = fixture->catalog;
    fixture->stock.types = WB_ARENA_ARRAY(&fixture->arena, wb_catalog_type, TYPE_COUNT);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        wb_catalog_type *type = &fixture->stock.types[i];
        *type = fixture->catalog.types[i];
        wb_offering *offerings = WB_ARENA_ARRAY(&fixture->arena, wb_offering, type->offering_count);
        memcpy(offerings, type->offerings, type->offering_count * sizeof offerings[0]);
        type->offerings = offerings;
    }
    wb_fault *faults = WB_ARENA_ARRAY(&fixture->arena, wb_fault, options->fault_count + 1);
    for (uint32_t i = 0; i < options->fault_count; i++) {
        faults[i] = options->faults[i];
        faults[i].instance_type = faults[i].kind == WB_FAULT_OFFERING_ENDS
                                      ? wb_intern_add(&fixture->intern, options->fault_type)
                                      : 0;
        faults[i].condition = faults[i].kind == WB_FAULT_CONDITION
                                  ? wb_intern_add(&fixture->intern, options->fault_condition)
                                  : 0;
    }
    wb_cloud_options cloud = {
        .faults = faults,
        .fault_count = options->fault_count,
        .releases = options->releases,
        .release_count = options->release_count,
        .seed = 1,
        .catalog = &fixture->stock,
        .boot = {.name = "test",
                 .api = {options->api_ms > 0 ? options->api_ms : 2000, 0.0},
                 .start = {3000, 0.0},
                 .join = {10000, 0.0},
                 .ready = {5000, 0.0},
                 .startup_taints = {7000, 0.0},
                 .shutdown = {30000, 0.0}},
    };
    if (options->weather != NULL) {
        cloud.weather = *options->weather;
    }
    cloud.market = options->market;
    wb_cloud_init(&fixture->cloud, &fixture->cluster, &cloud);
}

static void make_contender(wb_karpenter_fixture *fixture,
                           const wb_karpenter_fixture_options *options)
{
    fixture->contender = (wb_contender){
        .name = "karpenter",
        .kind = "karpenter",
        .manifest = &fixture->pools,
        .changes = fixture->changes,
        .change_count = options->change_count,
        .settings = options->settings,
        .setting_count = options->setting_count,
        .decision_latency = {.percent = options->latency_percent},
    };
    const wb_autoscaler_env env = {
        .kernel = &fixture->kernel,
        .cluster = &fixture->cluster,
        .scheduler = fixture->scheduler,
        .cloud = &fixture->cloud,
        .observers = &fixture->observers,
        .arena = &fixture->arena,
        .intern = &fixture->intern,
        .catalog = &fixture->catalog,
        .seed = 1,
        .zones = fixture->catalog.zones,
        .zone_count = fixture->catalog.zone_count,
    };
    wb_error err = {0};
    wb_status status = wb_karpenter_ops.create(&env, &fixture->contender, &fixture->self, &err);
    assert(status == WB_OK);
    status = wb_karpenter_ops.start(fixture->self, &err);
    assert(status == WB_OK);
    (void)status;
}

void wb_karpenter_fixture_init(wb_karpenter_fixture *fixture,
                               const wb_karpenter_fixture_options *options)
{
    memset(fixture, 0, sizeof *fixture);
    wb_text_init(&fixture->story);
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    wb_intern_init(&fixture->intern, &fixture->arena);
    wb_names_init(&fixture->intern);
    wb_kernel_init(&fixture->kernel, WB_EVENT_QUEUE_HEAP, 0);
    wb_observers_init(&fixture->observers);
    wb_cluster_options cluster = wb_cluster_default_options();
    cluster.pod_stop_ms = options->pod_stop_ms > 0 ? options->pod_stop_ms : cluster.pod_stop_ms;
    cluster.epoch_unix_ms = options->epoch_unix_ms;
    wb_cluster_init(&fixture->cluster, &fixture->kernel, &fixture->arena, &fixture->intern,
                    &fixture->observers, &cluster);
    wb_manifest_init(&fixture->objects);
    fixture->cluster.manifest = &fixture->objects;
    const wb_scheduler_options scheduler = {0};
    fixture->scheduler = wb_scheduler_new(&fixture->cluster, &scheduler);
    make_cloud(fixture, options);
    make_pools(fixture, options, &(wb_karpenter_fixture_change){0}, &fixture->pools);
    make_changes(fixture, options);
    listen(fixture);
    make_contender(fixture, options);
}

void wb_karpenter_fixture_release(wb_karpenter_fixture *fixture)
{
    wb_karpenter_ops.destroy(fixture->self);
    wb_cloud_release(&fixture->cloud);
    wb_scheduler_free(fixture->scheduler);
    wb_cluster_release(&fixture->cluster);
    wb_kernel_release(&fixture->kernel);
    wb_text_release(&fixture->story);
    wb_intern_release(&fixture->intern);
    wb_arena_release(&fixture->arena);
}

/* ---- acting ---- */

void wb_karpenter_fixture_apply(wb_karpenter_fixture *fixture, const char *yaml)
{
    wb_manifest manifest;
    wb_manifest_init(&manifest);
    read_manifest(fixture, yaml, &manifest);
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < manifest.pdb_count; i++) {
        wb_cluster_apply_pdb(&fixture->cluster, &manifest.pdbs[i]);
    }
    for (uint32_t i = 0; i < manifest.workload_count && status == WB_OK; i++) {
        status = wb_cluster_apply_workload(&fixture->cluster, &manifest.workloads[i], NULL);
    }
    for (uint32_t i = 0; i < manifest.pod_count && status == WB_OK; i++) {
        const wb_pod *pod = &manifest.pods[i];
        const wb_pod_create create = {
            .name = wb_intern_text(&fixture->intern, pod->name),
            .namespace_name = pod->namespace_name,
            .shape_id = wb_cluster_add_shape(&fixture->cluster, pod->template, pod->namespace_name),
            .owner_id = WB_NO_ID,
            .lifetime = WB_LIFETIME_OPEN,
            .end_ms = -1,
            .duration_ms = -1,
            .bound_node_id = WB_NO_ID,
            .replaces = WB_NO_ID,
        };
        uint32_t pod_id = WB_NO_ID;
        status = wb_cluster_create_pod(&fixture->cluster, &create, &pod_id, NULL);
    }
    assert(status == WB_OK);
}

static void add_container(wb_text *text, int64_t cpu_milli)
{
    wb_text_add_format(text,
                       "containers: [{name: c, image: i,"
                       " resources: {requests: {cpu: %lldm, memory: 128Mi}}}]",
                       (long long)cpu_milli);
}

uint32_t wb_karpenter_fixture_pod(wb_karpenter_fixture *fixture, const char *name,
                                  int64_t cpu_milli)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text,
                       "{apiVersion: v1, kind: Pod, metadata: {name: %s, labels: {app: %s}},"
                       " spec: {",
                       name, name);
    add_container(&text, cpu_milli);
    wb_text_add_string(&text, "}}");
    wb_karpenter_fixture_apply(fixture, in_arena(fixture, &text));
    wb_text_release(&text);
    return fixture->cluster.pods.count - 1;
}

void wb_karpenter_fixture_deploy(wb_karpenter_fixture *fixture, const char *name, int32_t replicas,
                                 int64_t cpu_milli, const char *spec)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text,
                       "{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s}, spec: {"
                       "replicas: %d, selector: {matchLabels: {app: %s}},"
                       " template: {metadata: {labels: {app: %s}}, spec: {%s%s",
                       name, replicas, name, name, or_nothing(spec), spec != NULL ? ", " : "");
    add_container(&text, cpu_milli);
    wb_text_add_string(&text, "}}}}");
    wb_karpenter_fixture_apply(fixture, in_arena(fixture, &text));
    wb_text_release(&text);
}

void wb_karpenter_fixture_scale(wb_karpenter_fixture *fixture, const char *name, int32_t replicas)
{
    const uint32_t name_id = wb_intern_find(&fixture->intern, name);
    const bool is_there = wb_cluster_scale_workload(&fixture->cluster, WB_OWNER_DEPLOYMENT,
                                                    WB_NAME_DEFAULT, name_id, replicas);
    assert(is_there);
    (void)is_there;
}

void wb_karpenter_fixture_protect(wb_karpenter_fixture *fixture, const char *name, const char *rule)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text,
                       "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: %s},"
                       " spec: {%s, selector: {matchLabels: {app: %s}}}}",
                       name, rule, name);
    wb_karpenter_fixture_apply(fixture, in_arena(fixture, &text));
    wb_text_release(&text);
}

void wb_karpenter_fixture_stock(wb_karpenter_fixture *fixture, const char *type, const char *zone,
                                wb_capacity_type capacity_type, bool is_there)
{
    const uint32_t type_index =
        wb_catalog_find(&fixture->stock, wb_intern_find(&fixture->intern, type));
    const uint32_t zone_id = wb_intern_find(&fixture->intern, zone);
    assert(type_index < TYPE_COUNT);
    wb_catalog_type *row = &fixture->stock.types[type_index];
    wb_offering *offerings = WB_ARENA_ARRAY(&fixture->arena, wb_offering, row->offering_count);
    for (uint32_t i = 0; i < row->offering_count; i++) {
        offerings[i] = row->offerings[i];
        if (offerings[i].zone == zone_id && offerings[i].capacity_type == capacity_type) {
            offerings[i].is_available = is_there;
        }
    }
    row->offerings = offerings;
}

void wb_karpenter_fixture_run(wb_karpenter_fixture *fixture, int64_t at_ms)
{
    wb_error err = {0};
    const wb_status status = wb_kernel_run_until(&fixture->kernel, at_ms, &err);
    assert(status == WB_OK);
    (void)status;
    wb_cluster_check(&fixture->cluster);
    wb_scheduler_core_check(wb_scheduler_get_core(fixture->scheduler));
}

/* ---- looking ---- */

wb_claim_view wb_karpenter_fixture_claim(const wb_karpenter_fixture *fixture, uint32_t claim_id)
{
    wb_claim_view claim;
    const bool is_there = wb_karpenter_ops.view_claim(fixture->self, claim_id, &claim);
    assert(is_there);
    (void)is_there;
    return claim;
}

const wb_cluster_node *wb_karpenter_fixture_node(const wb_karpenter_fixture *fixture,
                                                 uint32_t claim_id)
{
    const wb_claim_view claim = wb_karpenter_fixture_claim(fixture, claim_id);
    assert(claim.node_id != WB_NO_ID);
    return &fixture->cluster.nodes[claim.node_id];
}

const char *wb_karpenter_fixture_label(const wb_karpenter_fixture *fixture, uint32_t claim_id,
                                       const char *key)
{
    const wb_cluster_node *node = wb_karpenter_fixture_node(fixture, claim_id);
    return wb_intern_text(&fixture->intern,
                          wb_labels_get(node->labels, wb_intern_find(&fixture->intern, key)));
}

bool wb_karpenter_fixture_has_taint(const wb_karpenter_fixture *fixture, uint32_t claim_id,
                                    const char *key)
{
    const wb_cluster_node *node = wb_karpenter_fixture_node(fixture, claim_id);
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (strcmp(wb_intern_text(&fixture->intern, node->taints[i].key), key) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t wb_karpenter_fixture_claim_count(const wb_karpenter_fixture *fixture)
{
    uint32_t count = 0;
    wb_claim_view ignored;
    while (wb_karpenter_ops.view_claim(fixture->self, count, &ignored)) {
        count++;
    }
    return count;
}
