/*
 * werkbank preflight's checks, a row per slip: the shipped installation with one thing changed, and
 * what is told about it. And the least policy of a run: enough for that run, and for nothing else.
 */
#include <string.h>

#include "base/file.h"
#include "kube/names.h"
#include "scenarios/preflight/least_policy.h"
#include "scenarios/preflight/preflight.h"
#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

static const char *shipped(const char *name)
{
    static char paths[8][1024];
    static size_t next;
    const char *source = getenv("WERKBANK_SOURCE");
    char *path = paths[next++ % 8];
    (void)snprintf(path, 1024, "%s/scenarios/missing-permission/%s", source != NULL ? source : ".",
                   name);
    return path;
}

#define PROVIDER "oidc.eks.us-east-1.amazonaws.com/id/8E1F2A3B4C5D6E7F8091A2B3C4D5E6F7"

/* A file of the installation with one text replaced, or one more file of that text. */
static const struct {
    const char *why;
    const char *file, *from, *to; /* from NULL: a file of its own, added */
    wb_preflight_kind kind;
    bool is_error;
    const char *subject, *text;
} cases[] = {
    {"an action is missing", "controller-policy.json", "\"iam:PassRole\"", "\"iam:GetRole\"",
     WB_PREFLIGHT_MISSING, true, "iam:PassRole on role/KarpenterNodeRole-shop",
     "no statement names the action"},
    {"an action is never called", "controller-policy.json", "\"iam:GetInstanceProfile\"",
     "\"iam:GetInstanceProfile\", \"iam:CreateUser\"", WB_PREFLIGHT_WIDE, false, "iam:CreateUser",
     "the controller never calls it"},
    {"another region", "controller-policy.json", "arn:aws:ec2:us-east-1:111122223333:fleet/*",
     "arn:aws:ec2:us-east-2:111122223333:fleet/*", WB_PREFLIGHT_MISSING, true,
     "ec2:CreateFleet on fleet/*",
     "statement 'LaunchTaggedMachines' names other resources than "
     "arn:aws:ec2:us-east-1:111122223333:fleet/*"},
    {"a tag that nobody sets", "controller-policy.json",
     "\"aws:RequestTag/karpenter.sh/nodepool\": \"*\"",
     "\"aws:RequestTag/karpenter.sh/provisioner-name\": \"*\"", WB_PREFLIGHT_MISSING, true,
     "ec2:CreateFleet on fleet/*",
     "statement 'LaunchTaggedMachines' asks for StringLike "
     "aws:RequestTag/karpenter.sh/provisioner-name '*', and the request has no such key"},
    {"a condition about another cluster", "controller-policy.json",
     "aws:ResourceTag/kubernetes.io/cluster/shop", "aws:ResourceTag/kubernetes.io/cluster/bank",
     WB_PREFLIGHT_INCONSISTENT, true, "cluster name",
     "the condition is about cluster 'bank', not 'shop'"},
    {"machines of other clusters may be ended", "controller-policy.json",
     "\"Sid\": \"ListProfiles\",\n      \"Effect\": \"Allow\",\n      \"Action\": [\n",
     "\"Sid\": \"ListProfiles\",\n      \"Effect\": \"Allow\",\n      \"Action\": [\n"
     "\"ec2:TerminateInstances\",\n",
     WB_PREFLIGHT_WIDE, false, "ec2:TerminateInstances on instance",
     "allowed also of other clusters: ask for aws:ResourceTag/kubernetes.io/cluster/<name>: "
     "owned"},
    {"any role may be passed", "controller-policy.json", "role/KarpenterNodeRole-shop", "role/*",
     WB_PREFLIGHT_WIDE, false, "iam:PassRole on role",
     "allowed of any role, an administrator's too: name the node role"},
    {"another queue", "values.yaml", "interruptionQueue: shop", "interruptionQueue: shop-events",
     WB_PREFLIGHT_MISSING, true, "sqs:ReceiveMessage on shop-events",
     "statement 'HearInterruptions' names other resources than "
     "arn:aws:sqs:us-east-1:111122223333:shop-events"},
    {"no queue", "values.yaml", "  interruptionQueue: shop\n", "", WB_PREFLIGHT_NOTE, false,
     "settings.interruptionQueue", "is not set: spot interruptions are not heard of"},
    {"no annotation", "values.yaml", "eks.amazonaws.com/role-arn", "example.com/role-arn",
     WB_PREFLIGHT_MISSING, true, "annotation eks.amazonaws.com/role-arn",
     "the service account names no role, and the trust policy is one of IAM roles for service "
     "accounts"},
    {"another name of the service account", "values.yaml", "  name: karpenter\n",
     "  name: karpenter-controller\n", WB_PREFLIGHT_MISSING, true, "sts:AssumeRoleWithWebIdentity",
     "the trust policy of role KarpenterControllerRole-shop does not let service account "
     "kube-system:karpenter-controller of " PROVIDER " in"},
    {"a * in StringEquals is no pattern", "trust.json",
     "\"system:serviceaccount:kube-system:karpenter\"", "\"*\"", WB_PREFLIGHT_MISSING, true,
     "sts:AssumeRoleWithWebIdentity",
     "the trust policy of role KarpenterControllerRole-shop does not let service account "
     "kube-system:karpenter of " PROVIDER " in"},
    {"the trust policy lets every service account in", "trust.json",
     "\"sts.amazonaws.com\",\n          \"" PROVIDER ":sub\": "
     "\"system:serviceaccount:kube-system:karpenter\"",
     "\"sts.amazonaws.com\"", WB_PREFLIGHT_WIDE, false, "trust policy",
     "every service account of the cluster may take the role on: ask for the provider's :sub"},
    {"the node class has another role", "nodepool.yaml", "role: KarpenterNodeRole-shop",
     "role: nodes", WB_PREFLIGHT_MISSING, true, "iam:PassRole on role/nodes",
     "statement 'GiveNodesTheirRole' names other resources than "
     "arn:aws:iam::111122223333:role/nodes"},
    {"another discovery tag", "nodepool.yaml",
     "subnetSelectorTerms: [{tags: {karpenter.sh/discovery: shop}}]",
     "subnetSelectorTerms: [{tags: {karpenter.sh/discovery: bank}}]", WB_PREFLIGHT_INCONSISTENT,
     false, "subnetSelectorTerms",
     "EC2NodeClass default looks for karpenter.sh/discovery: bank, and the cluster is 'shop'"},
    {"subnets that no selector finds", NULL, NULL,
     "{\"Subnets\": [{\"SubnetId\": \"subnet-1\", \"Tags\": [{\"Key\": \"Name\", \"Value\": "
     "\"shop\"}]}]}",
     WB_PREFLIGHT_INCONSISTENT, true, "subnetSelectorTerms",
     "of EC2NodeClass default find nothing among 1"},
    {"a node role without the CNI's policy", NULL, NULL,
     "{\"AttachedPolicies\": [{\"PolicyName\": \"AmazonEKSWorkerNodePolicy\"}, {\"PolicyName\": "
     "\"AmazonEC2ContainerRegistryPullOnly\"}, {\"PolicyName\": "
     "\"AmazonSSMManagedInstanceCore\"}]}",
     WB_PREFLIGHT_MISSING, true, "AmazonEKS_CNI_Policy",
     "is not attached to the node role, nor is AmazonEKS_CNI_IPv6_Policy"},
    {"a node role without Session Manager", NULL, NULL,
     "{\"AttachedPolicies\": [{\"PolicyName\": \"AmazonEKSWorkerNodePolicy\"}, {\"PolicyName\": "
     "\"AmazonEC2ContainerRegistryReadOnly\"}, {\"PolicyName\": \"AmazonEKS_CNI_Policy\"}]}",
     WB_PREFLIGHT_MISSING, false, "AmazonSSMManagedInstanceCore",
     "is not attached to the node role"},
    {"a node role that machines may not take on", NULL, NULL,
     "{\"Role\": {\"RoleName\": \"KarpenterNodeRole-shop\", \"AssumeRolePolicyDocument\": "
     "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": "
     "{\"Service\": \"ecs.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}]}}}",
     WB_PREFLIGHT_MISSING, true, "sts:AssumeRole of the node role",
     "the trust policy does not let ec2.amazonaws.com in"},
    {"a cluster of another name", NULL, NULL,
     "{\"cluster\": {\"name\": \"shop2\", \"arn\": "
     "\"arn:aws:eks:us-east-1:111122223333:cluster/shop2\"}}",
     WB_PREFLIGHT_INCONSISTENT, true, "settings.clusterName",
     "is 'shop', and the cluster is 'shop2'"},
    {"a cluster with another OIDC provider", NULL, NULL,
     "{\"cluster\": {\"name\": \"shop\", \"arn\": "
     "\"arn:aws:eks:us-east-1:111122223333:cluster/shop\", \"identity\": {\"oidc\": {\"issuer\": "
     "\"https://oidc.eks.us-east-1.amazonaws.com/id/FF\"}}}}",
     WB_PREFLIGHT_MISSING, true, "sts:AssumeRoleWithWebIdentity",
     "the trust policy of role KarpenterControllerRole-shop does not let service account "
     "kube-system:karpenter of oidc.eks.us-east-1.amazonaws.com/id/FF in"},
    {"a queue of another name", NULL, NULL,
     "{\"Attributes\": {\"QueueArn\": \"arn:aws:sqs:us-east-1:111122223333:Karpenter-shop\"}}",
     WB_PREFLIGHT_INCONSISTENT, true, "settings.interruptionQueue",
     "is 'shop', and the queue is 'Karpenter-shop'"},
};

/* Adds text with the first from replaced by to. */
static bool add_replaced(wb_text *out, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (at == NULL) {
        return false;
    }
    wb_text_add(out, text, (size_t)(at - text));
    wb_text_add_string(out, to);
    wb_text_add_string(out, at + strlen(from));
    return true;
}

/* What one check works with. */
typedef struct check_run {
    wb_scratch_folder folder;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    const char *paths[5];
    wb_preflight_report report;
} check_run;

static void begin(check_run *run)
{
    static const char *const files[] = {"values.yaml", "controller-policy.json", "trust.json",
                                        "nodepool.yaml"};
    wb_scratch_folder_init(&run->folder);
    wb_arena_init(&run->arena, "test", 0, NULL);
    wb_intern_init(&run->intern, &run->arena);
    wb_names_init(&run->intern);
    wb_findings_init(&run->findings, &run->arena, false);
    for (size_t i = 0; i < 4; i++) {
        run->paths[i] = wb_arena_copy_string(&run->arena, shipped(files[i]));
    }
}

static bool check(check_run *run, uint32_t count)
{
    const wb_preflight_options options = {.paths = run->paths, .path_count = count};
    wb_error err = {.text = ""};
    const bool is_read = wb_preflight_check(&run->arena, &run->intern, &options, &run->findings,
                                            &run->report, &err) == WB_OK;
    if (!is_read) {
        printf("\n    %s\n", err.text);
    }
    return is_read;
}

static void end(check_run *run)
{
    wb_intern_release(&run->intern);
    wb_arena_release(&run->arena);
    wb_scratch_folder_release(&run->folder);
}

/* Puts the changed or added file of a row in its place; the number of files. */
static uint32_t change(check_run *run, size_t row)
{
    if (cases[row].from == NULL) {
        run->paths[4] =
            wb_arena_copy_string(&run->arena,
                                 wb_scratch_folder_write(&run->folder, "added.json", cases[row].to,
                                                         strlen(cases[row].to)));
        return 5;
    }
    for (size_t i = 0; i < 4; i++) {
        if (strstr(run->paths[i], cases[row].file) == NULL) {
            continue;
        }
        char *text = NULL;
        size_t length = 0;
        CU_ASSERT_FATAL(wb_file_read(&run->arena, run->paths[i], 0, &text, &length, NULL) == WB_OK);
        wb_text changed;
        wb_text_init(&changed);
        CU_ASSERT_FATAL(add_replaced(&changed, text, cases[row].from, cases[row].to));
        run->paths[i] = wb_arena_copy_string(
            &run->arena,
            wb_scratch_folder_write(&run->folder, cases[row].file, changed.bytes, changed.length));
        wb_text_release(&changed);
    }
    return 4;
}

static bool is_told(const wb_preflight_report *report, size_t row)
{
    for (uint32_t i = 0; i < report->count; i++) {
        const wb_preflight_finding *one = &report->findings[i];
        if (one->kind == cases[row].kind && one->is_error == cases[row].is_error &&
            strcmp(one->subject, cases[row].subject) == 0 &&
            (cases[row].text[0] == '\0' || strcmp(one->text, cases[row].text) == 0)) {
            return true;
        }
    }
    return false;
}

static void test_slips(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        check_run run;
        begin(&run);
        CU_ASSERT_FATAL(check(&run, change(&run, i)));
        const bool found = is_told(&run.report, i);
        if (!found) {
            printf("\n    %s: not told; but\n", cases[i].why);
            for (uint32_t k = 0; k < run.report.count; k++) {
                printf("      %s%s: %s: %s\n", wb_preflight_kind_name(run.report.findings[k].kind),
                       run.report.findings[k].is_error ? " (error)" : "",
                       run.report.findings[k].subject, run.report.findings[k].text);
            }
        }
        CU_ASSERT(found);
        end(&run);
    }
}

static void test_shipped_is_clean(void)
{
    check_run run;
    begin(&run);
    CU_ASSERT_FATAL(check(&run, 4));
    CU_ASSERT_EQUAL(run.report.error_count, 0);
    CU_ASSERT_EQUAL(run.report.count, 1); /* the node role's policies are in no file */
    CU_ASSERT(run.report.call_count > 40);
    end(&run);
}

static void test_least_policy(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "missing-permission"));
    (void)wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR);
    wb_text text;
    wb_text_init(&text);
    uint32_t run_count = 0;
    wb_error err = {.text = ""};
    CU_ASSERT_EQUAL_FATAL(
        wb_least_policy_print(fixture.store, &fixture.arena, NULL, &text, &run_count, &err), WB_OK);
    CU_ASSERT_EQUAL(run_count, 1);
    const wb_document_input input = {"least.json", text.bytes, text.length, WB_DOCUMENT_JSON};
    wb_document_stream stream = {.count = 0};
    wb_findings findings;
    wb_findings_init(&findings, &fixture.arena, true);
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&fixture.arena, &input, &stream, &err), WB_OK);
    wb_iam_policy policy;
    wb_iam_policy_read(stream.roots[0], WB_IAM_POLICY_IDENTITY, &findings, &policy);
    CU_ASSERT_EQUAL(wb_findings_status(&findings, &err), WB_OK);
    CU_ASSERT_EQUAL(findings.warning_count, 0);
    CU_ASSERT(policy.character_count <= WB_IAM_POLICY_CHARACTERS_MAX);
    uint32_t count = 0;
    const wb_iam_call *calls = wb_iam_call_table(&count);
    wb_iam_call_names names = fixture.scenario.contenders[0].identity->names;
    names.uses_spot = true;
    for (uint32_t i = 0; i < count; i++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql,
                       "SELECT 1 FROM iam_calls WHERE run_id = ?1 AND call_id = %u", i);
        const bool was_made = wb_run_fixture_count_rows(&fixture, NULL, sql, 1) > 0;
        const wb_iam_request request = wb_iam_call_request(&fixture.arena, &calls[i], &names);
        const bool is_allowed =
            wb_iam_decision_make(&fixture.arena, &policy, 1, &request).outcome == WB_IAM_ALLOWED;
        const bool is_like_one_made = strncmp(calls[i].action, "ec2:Describe", 12) == 0;
        CU_ASSERT(is_allowed || !was_made);
        CU_ASSERT(was_made || !is_allowed || is_like_one_made);
    }
    wb_text_release(&text);
    wb_run_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"the shipped installation is clean", test_shipped_is_clean},
        {"each slip is told", test_slips},
        {"the least policy of a run is enough for it and for nothing else", test_least_policy},
    };
    return wb_test_run("preflight", tests, WB_TEST_COUNT(tests));
}
