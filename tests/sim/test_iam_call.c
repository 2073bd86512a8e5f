/*
 * The table of calls against policies: the shipped policy lets every call of Karpenter pass, each
 * action that is taken out of it is missed, and the narrowest statement of a call lets that call
 * pass and the same call of another cluster not.
 */
#include <string.h>

#include "base/document.h"
#include "sim/cloud/identity.h"
#include "tests/harness.h"

static wb_arena arena;

static const wb_iam_call_names shop = {
    .partition = "aws",
    .account = "111122223333",
    .region = "us-east-1",
    .cluster = "shop",
    .controller_role = "KarpenterControllerRole-shop",
    .node_role = "KarpenterNodeRole-shop",
    .queue = "shop",
    .instance_profile = "shop_1",
    .node_pool = "default",
    .node_class = "default",
    .resource_id = "i-00000000000000001",
    .uses_spot = true,
};

/* A policy of one statement in the arena. */
static void read_text(const char *text, wb_iam_policy *out)
{
    const wb_document_input input = {"least.json", text, strlen(text), WB_DOCUMENT_JSON};
    wb_document_stream stream = {.count = 0};
    wb_error err = {.text = ""};
    wb_findings findings;
    wb_findings_init(&findings, &arena, true);
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&arena, &input, &stream, &err), WB_OK);
    wb_iam_policy_read(stream.roots[0], WB_IAM_POLICY_IDENTITY, &findings, out);
    const bool is_good = wb_findings_status(&findings, &err) == WB_OK;
    if (!is_good) {
        printf("\n%s\n%s\n", err.text, text);
    }
    CU_ASSERT_FATAL(is_good);
    CU_ASSERT_EQUAL(findings.warning_count, 0);
}

static void read_shipped(wb_iam_policy *out)
{
    char path[1024];
    const char *source = getenv("WERKBANK_SOURCE");
    (void)snprintf(path, sizeof path, "%s/scenarios/missing-permission/controller-policy.json",
                   source != NULL ? source : ".");
    wb_findings findings;
    wb_error err = {.text = ""};
    wb_findings_init(&findings, &arena, true);
    CU_ASSERT_EQUAL_FATAL(
        wb_iam_policy_read_file(path, WB_IAM_POLICY_IDENTITY, &findings, out, &err), WB_OK);
    CU_ASSERT_EQUAL(findings.warning_count, 0);
    CU_ASSERT(out->character_count <= WB_IAM_POLICY_CHARACTERS_MAX);
}

static bool is_allowed(const wb_iam_policy *policy, const wb_iam_call *call,
                       const wb_iam_call_names *names)
{
    const wb_iam_request request = wb_iam_call_request(&arena, call, names);
    return wb_iam_decision_make(&arena, policy, 1, &request).outcome == WB_IAM_ALLOWED;
}

static void test_shipped_policy_is_enough(void)
{
    wb_iam_policy policy;
    read_shipped(&policy);
    uint32_t count = 0;
    uint32_t made = 0;
    const wb_iam_call *calls = wb_iam_call_table(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (!wb_iam_call_is_made(&calls[i], &shop)) {
            continue;
        }
        made++;
        if (!is_allowed(&policy, &calls[i], &shop)) {
            printf("\n    %s on %s is refused\n", calls[i].action, calls[i].resource);
        }
        CU_ASSERT(is_allowed(&policy, &calls[i], &shop));
    }
    CU_ASSERT(made >= 40);
}

/* Takes action out of every statement of policy. */
static void remove_action(wb_iam_policy *policy, const char *action)
{
    for (uint32_t s = 0; s < policy->statement_count; s++) {
        wb_iam_patterns *actions = &policy->statements[s].actions;
        uint32_t kept = 0;
        for (uint32_t i = 0; i < actions->count; i++) {
            if (strcmp(actions->texts[i], action) != 0) {
                actions->texts[kept++] = actions->texts[i];
            }
        }
        actions->count = kept;
    }
}

static void test_no_action_is_idle(void)
{
    uint32_t count = 0;
    const wb_iam_call *calls = wb_iam_call_table(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (wb_iam_call_is_made(&calls[i], &shop)) {
            wb_iam_policy policy;
            read_shipped(&policy);
            remove_action(&policy, calls[i].action);
            CU_ASSERT(!is_allowed(&policy, &calls[i], &shop));
        }
    }
}

static const char *least_policy(const wb_iam_call *call, const wb_iam_call_names *names)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text,
                       "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
                       "\"Action\":\"%s\",\"Resource\":\"%s\",\"Condition\":",
                       call->action, wb_iam_call_pattern(&arena, call, names));
    wb_iam_call_print_condition(call, names, &text);
    wb_text_add_string(&text, "}}");
    const char *copy = wb_arena_copy_string(&arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

static void test_narrowest_statement(void)
{
    uint32_t count = 0;
    const wb_iam_call *calls = wb_iam_call_table(&count);
    for (uint32_t i = 0; i < count; i++) {
        wb_iam_call_names names = shop;
        names.is_cluster_autoscaler = strncmp(calls[i].action, "autoscaling:", 12) == 0;
        wb_iam_policy policy;
        read_text(least_policy(&calls[i], &names), &policy);
        CU_ASSERT(is_allowed(&policy, &calls[i], &names));
        wb_iam_call_names other = names;
        other.cluster = other.queue = other.node_role = "bank";
        other.region = "eu-west-1";
        const bool is_global =
            strcmp(calls[i].arn, "*") == 0 && policy.statements[0].condition_count == 0;
        const bool is_profile = strstr(calls[i].arn, ":instance-profile/") != NULL &&
                                policy.statements[0].condition_count == 0;
        const bool is_open = !is_global && !is_profile && is_allowed(&policy, &calls[i], &other);
        if (is_open) {
            printf("\n    %s on %s is open to another cluster\n", calls[i].action,
                   calls[i].resource);
        }
        CU_ASSERT(!is_open);
    }
}

static void test_refusal_reads_as_in_aws(void)
{
    wb_iam_policy policy;
    read_shipped(&policy);
    remove_action(&policy, "ec2:CreateFleet");
    uint32_t count = 0;
    const wb_iam_call *call = wb_iam_call_table(&count);
    while (strcmp(call->action, "ec2:CreateFleet") != 0) {
        call++;
    }
    const wb_iam_request request = wb_iam_call_request(&arena, call, &shop);
    const wb_iam_decision decision = wb_iam_decision_make(&arena, &policy, 1, &request);
    wb_text text;
    wb_text_init(&text);
    wb_iam_call_print_refusal(&shop, &request, &decision, &text);
    CU_ASSERT_STRING_EQUAL(
        wb_text_string(&text),
        "You are not authorized to perform this operation. User: "
        "arn:aws:sts::111122223333:assumed-role/KarpenterControllerRole-shop/karpenter is not "
        "authorized to perform: ec2:CreateFleet on resource: "
        "arn:aws:ec2:us-east-1:111122223333:fleet/* because no identity-based policy allows the "
        "ec2:CreateFleet action");
    CU_ASSERT_STRING_EQUAL(wb_iam_call_error_code(call), "UnauthorizedOperation");
    wb_text_release(&text);
}

static void test_who_takes_the_role_on(void)
{
    wb_identity identity = {.names = shop,
                            .oidc_provider = "oidc.eks.us-east-1.amazonaws.com/id/A",
                            .service_account = "kube-system:karpenter"};
    wb_iam_request request = wb_identity_assume_request(&arena, &identity);
    CU_ASSERT_STRING_EQUAL(request.action, "sts:AssumeRoleWithWebIdentity");
    CU_ASSERT_STRING_EQUAL(
        request.principal,
        "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A");
    const wb_iam_context_value *subject =
        wb_iam_pattern_find_key(&request.context, "oidc.eks.us-east-1.amazonaws.com/id/A:sub");
    CU_ASSERT_FATAL(subject != NULL);
    CU_ASSERT_STRING_EQUAL(subject->values[0], "system:serviceaccount:kube-system:karpenter");
    identity.oidc_provider = "";
    request = wb_identity_assume_request(&arena, &identity);
    CU_ASSERT_STRING_EQUAL(request.principal, "pods.eks.amazonaws.com");
}

static void test_node_policies(void)
{
    static const char *const attached[] = {"arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
                                           "AmazonEKS_CNI_Policy",
                                           "AmazonEC2ContainerRegistryReadOnly"};
    const wb_identity identity = {.node_policies = attached, .node_policy_count = 3};
    uint32_t count = 0;
    const wb_identity_node_policy *wanted = wb_identity_node_policies(&count);
    CU_ASSERT_EQUAL(count, 4);
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(wb_identity_has_node_policy(&identity, &wanted[i]), wanted[i].is_needed);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the shipped policy lets every call pass", test_shipped_policy_is_enough},
        {"each action of the shipped policy is needed", test_no_action_is_idle},
        {"the narrowest statement lets its own call pass and no other cluster's",
         test_narrowest_statement},
        {"a refusal reads as it does in AWS", test_refusal_reads_as_in_aws},
        {"a web identity is named after its provider", test_who_takes_the_role_on},
        {"a node role has its managed policies by name or ARN", test_node_policies},
    };
    wb_arena_init(&arena, "test", 0, NULL);
    const int status = wb_test_run("iam_call", cases, WB_TEST_COUNT(cases));
    wb_arena_release(&arena);
    return status;
}
