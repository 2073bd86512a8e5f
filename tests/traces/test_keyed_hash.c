/* The keyed hash against its authors' vector, and the names that it makes. */
#include <string.h>

#include "traces/anonymize_json.h"
#include "tests/harness.h"

/* SipHash-2-4 of 00 01 .. 0e under the key 00 01 .. 0f (Aumasson and Bernstein, appendix A). */
static void equal_the_published_vector(void)
{
    const wb_keyed_hash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    unsigned char bytes[15];
    for (unsigned char i = 0; i < sizeof bytes; i++) {
        bytes[i] = i;
    }
    CU_ASSERT_EQUAL(wb_keyed_hash_bytes(key, bytes, sizeof bytes), UINT64_C(0xa129ca6149be45e5));
}

static void differ_by_key_and_text(void)
{
    const wb_keyed_hash_key a = wb_keyed_hash_key_of("a phrase", 8);
    const wb_keyed_hash_key b = wb_keyed_hash_key_of("another", 7);
    char first[24];
    char again[24];
    char other[24];
    wb_anonymize_json_name(a, "web", first);
    wb_anonymize_json_name(a, "web", again);
    CU_ASSERT_STRING_EQUAL(first, again);
    CU_ASSERT_EQUAL(strlen(first), 17);
    wb_anonymize_json_name(b, "web", other);
    CU_ASSERT_STRING_NOT_EQUAL(first, other);
    wb_anonymize_json_name(a, "wec", other);
    CU_ASSERT_STRING_NOT_EQUAL(first, other);
    wb_anonymize_json_name(a, "", other);
    CU_ASSERT_STRING_EQUAL(other, "");
}

static const struct {
    const char *name, *object;
    const char *kept[4], *hidden[4]; /* texts that must and must not be in the result */
} object_cases[] = {
    {"labels of Kubernetes stay, others go",
     "{\"labels\":{\"topology.kubernetes.io/zone\":\"a1\",\"app.kubernetes.io/name\":\"shop\","
     "\"team\":\"blue\"}}",
     {"\"topology.kubernetes.io/zone\":\"a1\"", "app.kubernetes.io/name"},
     {"shop", "team", "blue"}},
    {"a domain that only looks public",
     "{\"labels\":{\"notkubernetes.io/x\":\"y\",\"acme.com/kubernetes.io\":\"z\"}}",
     {"{"},
     {"notkubernetes", "acme", "\"y\""}},
    {"values under a public key stay, others go",
     "{\"matchExpressions\":[{\"key\":\"kubernetes.io/arch\",\"operator\":\"In\",\"values\":["
     "\"arm64\"]},{\"key\":\"rack\",\"operator\":\"In\",\"values\":[\"r1\"]}]}",
     {"arm64", "\"operator\":\"In\""},
     {"rack", "r1"}},
    {"resources: quantities stay, a company's name goes",
     "{\"requests\":{\"cpu\":\"500m\",\"nvidia.com/gpu\":1,\"acme.com/fpga\":\"2\"}}",
     {"\"cpu\":\"500m\"", "\"nvidia.com/gpu\":1", "\"2\""},
     {"acme"}},
    {"what decides nothing is left out",
     "{\"env\":[{\"name\":\"A\",\"value\":\"secret\"}],\"command\":[\"run\"],\"annotations\":{"
     "\"note\":\"hi\",\"karpenter.sh/do-not-disrupt\":\"true\"},\"image\":\"acme/x\"}",
     {"\"karpenter.sh/do-not-disrupt\":\"true\""},
     {"secret", "run", "note", "acme"}},
    {"selectors of both forms",
     "{\"spec\":{\"selector\":{\"team\":\"blue\"}},\"x\":{\"selector\":{\"matchLabels\":{\"rank\":"
     "\"red\"}}}}",
     {"\"matchLabels\""},
     {"team", "blue", "rank", "red"}},
    {"names of the user's behind a public domain",
     "{\"labels\":{\"node-role.kubernetes.io/pay\":\"\",\"kubernetes.io/cluster/prod\":\"owned\","
     "\"karpenter.k8s.aws/ec2nodeclass\":\"acme\",\"karpenter.k8s.aws/instance-cpu\":\"4\"}}",
     {"\"node-role.kubernetes.io/x", "karpenter.k8s.aws/ec2nodeclass",
      "\"karpenter.k8s.aws/instance-cpu\":\"4\""},
     {"pay", "acme", "prod", "owned"}},
    {"storage classes: public drivers stay, others and parameters go",
     "{\"provisioner\":\"disk.acme.com\",\"driver\":\"ebs.csi.aws.com\",\"parameters\":{\"pool\":"
     "\"gold\"},\"x\":{\"provisioner\":\"kubernetes.io/aws-ebs\"}}",
     {"ebs.csi.aws.com", "kubernetes.io/aws-ebs"},
     {"acme", "pool", "gold"}},
    {"names where fields should be",
     "{\"unknown\":{\"acme.com/a\":\"b\",\"a-b\":1}}",
     {"unknown"},
     {"acme", "a-b"}},
    {"a field that nobody knows",
     "{\"somethingNew\":{\"deep\":[\"inside\"]}}",
     {"somethingNew", "deep"},
     {"inside"}},
};

static void hide_objects(void)
{
    const wb_keyed_hash_key key = wb_keyed_hash_key_of("a phrase", 8);
    for (size_t i = 0; i < WB_TEST_COUNT(object_cases); i++) {
        wb_arena arena;
        wb_text text;
        wb_document_stream stream = {0};
        const wb_document_input input = {.file = "",
                                         .text = object_cases[i].object,
                                         .length = strlen(object_cases[i].object),
                                         .syntax = WB_DOCUMENT_JSON};
        wb_arena_init(&arena, "test", 0, NULL);
        wb_text_init(&text);
        CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&arena, &input, &stream, NULL), WB_OK);
        wb_anonymize_json_add(key, stream.roots[0], &text);
        for (size_t j = 0; j < 4; j++) {
            const char *kept = object_cases[i].kept[j];
            const char *hidden = object_cases[i].hidden[j];
            const bool is_right = (kept == NULL || strstr(wb_text_string(&text), kept) != NULL) &&
                                  (hidden == NULL || strstr(wb_text_string(&text), hidden) == NULL);
            if (!is_right) {
                printf("\n  %s: %s\n", object_cases[i].name, wb_text_string(&text));
            }
            CU_ASSERT(is_right);
        }
        wb_text_release(&text);
        wb_arena_release(&arena);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the published vector", equal_the_published_vector},
        {"names by key and text", differ_by_key_and_text},
        {"objects without names", hide_objects},
    };
    return wb_test_run("keyed hash", cases, WB_TEST_COUNT(cases));
}
