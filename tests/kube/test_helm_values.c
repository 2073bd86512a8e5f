/* values.yaml of Karpenter's chart: what is taken of it, and what is told about slips. */
#include <string.h>

#include "base/text.h"
#include "kube/helm_values.h"
#include "tests/harness.h"

static const char full[] =
    "serviceAccount:\n"
    "  name: runner\n"
    "  annotations: {eks.amazonaws.com/role-arn: \"arn:aws:iam::111122223333:role/Controller\"}\n"
    "controller: {resources: {requests: {cpu: 1}}}\n"
    "settings:\n"
    "  clusterName: shop\n"
    "  interruptionQueue: shop-queue\n"
    "  isolatedVPC: true\n"
    "  batchMaxDuration: 20s\n"
    "  featureGates: {nodeRepair: true}\n";

static wb_arena arena;
static wb_findings findings;

static void read_values(const char *text, wb_helm_values *out)
{
    const wb_document_input input = {"values.yaml", text, strlen(text), WB_DOCUMENT_YAML};
    wb_document_stream stream = {.count = 0};
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&arena, &input, &stream, NULL), WB_OK);
    CU_ASSERT_FATAL(wb_helm_values_is_one(stream.roots[0]));
    wb_findings_init(&findings, &arena, false);
    wb_helm_values_read(stream.roots[0], &findings, out);
}

static void test_what_is_taken(void)
{
    wb_helm_values values;
    read_values(full, &values);
    CU_ASSERT_STRING_EQUAL(values.cluster_name, "shop");
    CU_ASSERT_STRING_EQUAL(values.interruption_queue, "shop-queue");
    CU_ASSERT_STRING_EQUAL(values.service_account, "runner");
    CU_ASSERT_STRING_EQUAL(values.role_arn, "arn:aws:iam::111122223333:role/Controller");
    CU_ASSERT(values.is_isolated_vpc);
    CU_ASSERT_EQUAL_FATAL(values.setting_count, 5);
    CU_ASSERT_STRING_EQUAL(values.settings[3].name, "batchMaxDuration");
    CU_ASSERT_STRING_EQUAL(values.settings[3].value, "20s");
    CU_ASSERT(values.settings[4].is_feature_gate);
    CU_ASSERT_STRING_EQUAL(values.settings[4].name, "nodeRepair");
    CU_ASSERT_EQUAL(findings.error_count + findings.warning_count, 0);
}

static void test_defaults(void)
{
    wb_helm_values values;
    read_values("settings: {}\n", &values);
    CU_ASSERT_STRING_EQUAL(values.service_account, "karpenter");
    CU_ASSERT_STRING_EQUAL(values.cluster_name, "");
    CU_ASSERT_STRING_EQUAL(values.role_arn, "");
    CU_ASSERT_EQUAL(values.setting_count, 0);
}

static const struct {
    const char *text, *told;
    bool is_error;
} slips[] = {
    {"settings: {clusterNam: shop}\n",
     "values.yaml:1:12: settings: the chart knows no 'clusterNam': did you mean 'clusterName'?",
     false},
    {"settings: {featureGates: {spotToSpot: true}}\n",
     "values.yaml:1:27: settings.featureGates: the chart knows no 'spotToSpot'", false},
    {"settings: {aws: {clusterName: shop}}\n",
     "values.yaml:1:17: settings.aws: is of charts before v0.33 and means nothing since: its "
     "fields stand directly under settings",
     true},
    {"settings: 7\n", "values.yaml:1:11: settings: a number, expected a map", true},
};

static void test_slips(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(slips); i++) {
        wb_helm_values values;
        read_values(slips[i].text, &values);
        const size_t count = slips[i].is_error ? findings.error_count : findings.warning_count;
        CU_ASSERT_FATAL(count > 0);
        CU_ASSERT_STRING_EQUAL(
            slips[i].is_error ? findings.errors[0].text : findings.warnings[0].text, slips[i].told);
    }
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"names, settings and gates are taken", test_what_is_taken},
        {"what is not said has its default", test_defaults},
        {"slips are told", test_slips},
    };
    wb_arena_init(&arena, "test", 0, NULL);
    const int status = wb_test_run("helm_values", tests, WB_TEST_COUNT(tests));
    wb_arena_release(&arena);
    return status;
}
