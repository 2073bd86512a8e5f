/* Streams, lists, files and folders; strictness; annotations; pieces of objects. */
#include <sys/stat.h>

#include "tests/kube/manifest_fixture.h"

static void a_stream_keeps_the_order_of_its_objects(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    for (int i = 0; i < 40; i++) {
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text,
                           "apiVersion: v1\nkind: Namespace\nmetadata: {name: n%d}\n---\n"
                           "apiVersion: v1\nkind: Service\nmetadata: {name: s%d}\n",
                           i, i);
        wb_manifest_fixture_load(&f, wb_text_string(&text));
        wb_text_release(&text);
    }
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    CU_ASSERT_EQUAL_FATAL(f.manifest.namespace_count, 40);
    CU_ASSERT_EQUAL(f.manifest.skipped_count, 40);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, f.manifest.namespaces[0].name, "n0"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, f.manifest.namespaces[8].name, "n8"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, f.manifest.namespaces[39].name, "n39"));
    wb_manifest_fixture_release(&f);
}

static void lists_hold_what_they_hold(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(
        &f, "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": ["
            "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"a\"}},"
            "{\"apiVersion\": \"v1\", \"kind\": \"PodList\", \"items\": ["
            "{\"metadata\": {\"name\": \"p\"}, \"spec\": {\"containers\": [{\"name\": \"c\"}]}}"
            "]}]}");
    wb_manifest_fixture_load(&f, "apiVersion: apps/v1\nkind: DeploymentList\nitems: []\n");
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    CU_ASSERT_EQUAL(f.manifest.namespace_count, 1);
    CU_ASSERT_EQUAL(f.manifest.pod_count, 1);
    wb_manifest_fixture_release(&f);
}

static void strictness_turns_unknown_fields_into_errors(void)
{
    static const char text[] = "apiVersion: v1\nkind: Namespace\n"
                               "metadata: {name: a, labls: {}}\nspecs: {}\n";
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(&f, text);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f),
                           "W 3:21: unknown field 'metadata.labls', did you mean 'labels'?\n"
                           "W 4:1: unknown field 'specs', did you mean 'spec'?\n");
    CU_ASSERT_EQUAL(f.manifest.namespace_count, 1);
    f.findings.strict = true;
    f.findings.warning_count = 0;
    wb_manifest_fixture_load(&f, text);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f),
                           "E 3:21: unknown field 'metadata.labls', did you mean 'labels'?\n"
                           "E 4:1: unknown field 'specs', did you mean 'spec'?\n");
    CU_ASSERT_EQUAL(f.manifest.namespace_count, 1); /* the refused one is not there */
    wb_manifest_fixture_release(&f);
}

static void reading_stops_when_the_findings_are_full(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "apiVersion: v1\nkind: NamespaceList\nitems:\n");
    for (int i = 0; i < 30; i++) {
        wb_text_add_string(&text, "- {metadata: {name: A}}\n");
    }
    wb_manifest_fixture_load(&f, wb_text_string(&text));
    CU_ASSERT_EQUAL(f.findings.error_count, WB_FINDINGS_MAX);
    CU_ASSERT_EQUAL(f.findings.dropped_count, 0);
    wb_text_release(&text);
    wb_manifest_fixture_release(&f);
}

static void annotations_are_kept_that_decide(void)
{
    static const char text[] = "apiVersion: v1\nkind: Pod\n"
                               "metadata:\n"
                               "  name: a\n"
                               "  annotations:\n"
                               "    kubectl.kubernetes.io/last-applied-configuration: '{}'\n"
                               "    karpenter.sh/do-not-disrupt: 'true'\n"
                               "    controller.kubernetes.io/pod-deletion-cost: '5'\n"
                               "    cluster-autoscaler.kubernetes.io/safe-to-evict: 'false'\n"
                               "    notkarpenter.sh/x: y\n"
                               "spec: {containers: [{name: c}]}\n";
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(&f, text);
    f.context.keep_annotations = true;
    wb_manifest_fixture_load(&f, text);
    CU_ASSERT_EQUAL_FATAL(f.manifest.pod_count, 2);
    CU_ASSERT_STRING_EQUAL(
        wb_manifest_fixture_labels(&f, f.manifest.pods[0].template->annotations),
        "karpenter.sh/do-not-disrupt=true controller.kubernetes.io/pod-deletion-cost=5 "
        "cluster-autoscaler.kubernetes.io/safe-to-evict=false");
    CU_ASSERT_EQUAL(f.manifest.pods[1].template->annotations.count, 5);
    wb_manifest_fixture_release(&f);
}

/* --- Files ----------------------------------------------------------------------------- */

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    CU_ASSERT_EQUAL(remove(path), 0);
}

static void a_folder_is_read_by_name(void)
{
    char folder[] = "/tmp/test_manifest_XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_error err = {.text = ""};
    CU_ASSERT_EQUAL(wb_manifest_add_path(&f.manifest, &f.context, folder, &err), WB_ERR_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "holds no .yaml, .yml or .json file"));
    write_file(folder, "b.yml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: second}\n");
    write_file(folder, "a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: first}\n");
    write_file(folder, "c.json",
               "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", "
               "\"metadata\": {\"name\": \"third\"}}");
    write_file(folder, "notes.txt", "\tnot a manifest");
    write_file(folder, ".hidden.yaml", "\tnot a manifest");
    CU_ASSERT_EQUAL(wb_manifest_add_path(&f.manifest, &f.context, folder, &err), WB_OK);
    CU_ASSERT_EQUAL_FATAL(f.manifest.namespace_count, 3);
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, f.manifest.namespaces[0].name, "first"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, f.manifest.namespaces[1].name, "second"));
    CU_ASSERT_TRUE(wb_manifest_fixture_is(&f, f.manifest.namespaces[2].name, "third"));
    write_file(folder, "d.yaml", "a:\n\t- b\n");
    CU_ASSERT_EQUAL(wb_manifest_add_path(&f.manifest, &f.context, folder, &err), WB_ERR_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "d.yaml:2:1: "));
    static const char *const names[] = {"a.yaml", "b.yml",        "c.json",
                                        "d.yaml", ".hidden.yaml", "notes.txt"};
    for (size_t i = 0; i < WB_TEST_COUNT(names); i++) {
        remove_file(folder, names[i]);
    }
    CU_ASSERT_EQUAL(rmdir(folder), 0);
    CU_ASSERT_EQUAL(wb_manifest_add_path(&f.manifest, &f.context, folder, &err), WB_ERR_IO);
    wb_manifest_fixture_release(&f);
}

/* --- Pieces ---------------------------------------------------------------------------- */

static const wb_node *read_node(wb_manifest_fixture *f, const char *text)
{
    wb_document_stream stream = {0};
    const wb_document_input input = {
        .file = "m",
        .text = text,
        .length = strlen(text),
        .syntax = WB_DOCUMENT_YAML,
    };
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&f->arena, &input, &stream, NULL), WB_OK);
    CU_ASSERT_EQUAL_FATAL(stream.count, 1);
    return stream.roots[0];
}

static void pieces_carry_the_path_of_their_caller(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    const wb_node *node = read_node(&f, "{a: 1, b/: x, c: d}");
    (void)wb_manifest_decode_labels(&f.context, node, "workload[2].labels");
    (void)wb_manifest_decode_resources(&f.context, read_node(&f, "{cpu: x, memory: -1}"),
                                       "group.extra");
    wb_label_selector selector;
    CU_ASSERT_FALSE(wb_manifest_decode_selector(
        &f.context, read_node(&f, "{matchLabel: {}, matchExpressions: [{key: a, operator: Gt}]}"),
        "selector", &selector));
    uint32_t count = 0;
    (void)wb_manifest_decode_taints(&f.context, read_node(&f, "[{key: a}]"), "taints", &count);
    CU_ASSERT_EQUAL(count, 1);
    const wb_taint *none = wb_manifest_decode_taints(&f.context, NULL, "taints", &count);
    CU_ASSERT_PTR_NULL(none);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_STRING_EQUAL(
        wb_manifest_fixture_tell(&f),
        "E 1:5: workload[2].labels.a: expected a string, found a number (1)\n"
        "E 1:8: workload[2].labels: Invalid value: \"b/\": name part must be non-empty\n"
        "E 1:7: group.extra.cpu: 'x' is not a quantity, expected a number first, such as 100m or "
        "1.5Gi\n"
        "E 1:18: group.extra.memory: Invalid value: -1: must be greater than or equal to 0\n"
        "E 1:56: selector.matchExpressions[0].operator: Invalid value: \"Gt\": must be one of In, "
        "NotIn, Exists, DoesNotExist\n"
        "E 1:2: taints[0].effect: Required value: must be one of NoSchedule, PreferNoSchedule, "
        "NoExecute\n"
        "W 1:2: unknown field 'selector.matchLabel', did you mean 'matchLabels'?\n");
    wb_manifest_fixture_release(&f);
}

static void absent_pieces_are_empty(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_label_selector selector;
    CU_ASSERT_EQUAL(wb_manifest_decode_labels(&f.context, NULL, "x").count, 0);
    CU_ASSERT_EQUAL(wb_manifest_decode_resources(&f.context, NULL, "x").count, 0);
    CU_ASSERT_TRUE(wb_manifest_decode_selector(&f.context, NULL, "x", &selector));
    CU_ASSERT_FALSE(selector.is_set);
    CU_ASSERT_TRUE(wb_manifest_decode_selector(&f.context, read_node(&f, "{}"), "x", &selector));
    CU_ASSERT_TRUE(selector.is_set);
    CU_ASSERT_EQUAL(selector.expression_count, 0);
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    wb_manifest_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a stream keeps the order of its objects", a_stream_keeps_the_order_of_its_objects},
        {"lists hold what they hold", lists_hold_what_they_hold},
        {"--strict refuses unknown fields", strictness_turns_unknown_fields_into_errors},
        {"reading stops when the findings are full", reading_stops_when_the_findings_are_full},
        {"annotations are kept that decide something", annotations_are_kept_that_decide},
        {"a folder is read by name", a_folder_is_read_by_name},
        {"pieces carry the path of their caller", pieces_carry_the_path_of_their_caller},
        {"absent pieces are empty", absent_pieces_are_empty},
    };
    return wb_test_run("manifest", cases, WB_TEST_COUNT(cases));
}
