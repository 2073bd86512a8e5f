/* What Karpenter's contender takes as settings and manifests, and how it refuses the rest. */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter.h"
#include "tests/harness.h"

#define POOL(name, class)                                                                         \
    "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: " name "}, spec: {"           \
    "template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: " class \
        "}, requirements: []}}}}\n---\n"
#define STATIC                                                                       \
    "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: p}, spec: {"     \
    "replicas: 2, template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: " \
    "EC2NodeClass, name: c}, requirements: []}}}}\n---\n"
#define CLASS(name, more)                                                                         \
    "{apiVersion: karpenter.k8s.aws/v1, kind: EC2NodeClass, metadata: {name: " name "}, spec: {"  \
    "role: r, amiSelectorTerms: [{alias: al2023@latest}], subnetSelectorTerms: [{tags: {a: b}}]," \
    " securityGroupSelectorTerms: [{tags: {a: b}}] " more "}}\n---\n"

static const struct {
    const char *name, *setting, *value, *manifest;
    const char *expected; /* the findings, one a line; "" for none */
} rows[] = {
    {"a duration", "batchIdleDuration", "500ms", NULL, ""},
    {"a compound duration", "batchMaxDuration", "1m30s", NULL, ""},
    {"no time at all is a duration", "batchIdleDuration", "0s", NULL, ""},
    {"a policy", "preferencePolicy", "Ignore", NULL, ""},
    {"the other policy", "preferencePolicy", "Respect", NULL, ""},
    {"minValues by force", "minValuesPolicy", "BestEffort", NULL, ""},
    {"a gate", "spotToSpotConsolidation", "true", NULL, ""},
    {"our own switch", "disruption", "false", NULL, ""},
    {"a number without unit", "batchIdleDuration", "1", NULL,
     "s.yaml:7:3: settings: batchIdleDuration is '1', expected a duration such as 1s\n"},
    {"a negative duration", "batchMaxDuration", "-1s", NULL,
     "s.yaml:7:3: settings: batchMaxDuration is '-1s', expected a duration such as 10s\n"},
    {"a policy in small letters", "preferencePolicy", "ignore", NULL,
     "s.yaml:7:3: settings: preferencePolicy is 'ignore', expected Respect or Ignore\n"},
    {"an unknown policy", "minValuesPolicy", "Loose", NULL,
     "s.yaml:7:3: settings: minValuesPolicy is 'Loose', expected Strict or BestEffort\n"},
    {"yes is not true", "spotToSpotConsolidation", "yes", NULL,
     "s.yaml:7:3: settings: spotToSpotConsolidation is 'yes', expected true or false\n"},
    {"off is not false", "disruption", "off", NULL,
     "s.yaml:7:3: settings: disruption is 'off', expected true or false\n"},
    {"a misspelt name", "batchIdleDurration", "1s", NULL,
     "s.yaml:7:3: settings: 'batchIdleDurration' is not a setting of Karpenter, did you mean "
     "'batchIdleDuration'?\n"},
    {"no NodePool", NULL, NULL, CLASS("c", ""),
     "s.yaml:5:1: manifests: contender 'k' has no NodePool, expected at least one\n"},
    {"a NodePool twice", NULL, NULL, POOL("p", "c") POOL("p", "c") CLASS("c", ""),
     "s.yaml:5:1: manifests: NodePool 'p' is there twice, expected once\n"},
    {"a missing EC2NodeClass", NULL, NULL, POOL("p", "other") CLASS("c", ""),
     "s.yaml:5:1: manifests: NodePool 'p' refers to EC2NodeClass 'other', which no manifest of the "
     "contender holds\n"},
    {"a static pool without its gate", NULL, NULL, STATIC CLASS("c", ""),
     "warning: s.yaml:5:1: manifests: NodePool 'p' is static and has no nodes without the setting "
     "staticCapacity: true\n"},
    {"a static pool", "staticCapacity", "true", STATIC CLASS("c", ""), ""},
    {"kubelet settings are no cause for a word", NULL, NULL,
     POOL("p", "c") CLASS("c", ", kubelet: {maxPods: 20}"), ""},
};

static void read_manifest(const wb_decode_context *context, const char *yaml, wb_manifest *out)
{
    const wb_document_input input = {
        .file = "m.yaml", .text = yaml, .length = strlen(yaml), .syntax = WB_DOCUMENT_YAML};
    wb_document_stream stream;
    const wb_status status = wb_document_read_text(context->arena, &input, &stream, NULL);
    assert(status == WB_OK);
    (void)status;
    wb_manifest_init(out);
    for (size_t i = 0; i < stream.count; i++) {
        wb_manifest_add_document(out, context, stream.roots[i]);
    }
    assert(context->findings->error_count == 0);
}

static void print_findings(const wb_findings *findings, char *out, size_t size)
{
    size_t length = 0;
    out[0] = 0;
    for (size_t i = 0; i < findings->error_count; i++) {
        length += (size_t)snprintf(out + length, size - length, "%s\n", findings->errors[i].text);
    }
    for (size_t i = 0; i < findings->warning_count; i++) {
        length += (size_t)snprintf(out + length, size - length, "warning: %s\n",
                                   findings->warnings[i].text);
    }
    assert(length < size);
}

static void check_row(size_t row)
{
    wb_arena arena;
    wb_intern intern;
    wb_findings loading;
    wb_findings findings;
    wb_manifest manifest;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_findings_init(&loading, &arena, false);
    wb_findings_init(&findings, &arena, false);
    const wb_decode_context context = {.arena = &arena, .intern = &intern, .findings = &loading};
    const char *yaml = rows[row].manifest;
    read_manifest(&context, yaml != NULL ? yaml : POOL("p", "c") CLASS("c", ""), &manifest);
    const wb_setting setting = {rows[row].setting, rows[row].value, {"s.yaml", 7, 3}};
    const wb_contender contender = {
        .name = "k",
        .kind = "karpenter",
        .manifest = &manifest,
        .settings = &setting,
        .setting_count = rows[row].setting != NULL ? 1 : 0,
        .position = {"s.yaml", 5, 1},
    };
    wb_karpenter_ops.validate(&contender, &intern, &findings);
    char told[1024];
    print_findings(&findings, told, sizeof told);
    if (strcmp(told, rows[row].expected) != 0) {
        printf("\n  %s\n  expected %s  told     %s", rows[row].name, rows[row].expected, told);
    }
    CU_ASSERT_STRING_EQUAL(told, rows[row].expected);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void check_rows(void)
{
    for (size_t row = 0; row < WB_TEST_COUNT(rows); row++) {
        check_row(row);
    }
}

static const wb_test_case cases[] = {
    {"settings and manifests are taken, or refused in one clear line", check_rows},
};

int main(void)
{
    return wb_test_run("karpenter settings", cases, WB_TEST_COUNT(cases));
}
