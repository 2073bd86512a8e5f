/* What is wrong with a policy: one row each, with all that is told about it. ' stands for ". */
#include <string.h>

#include "base/text.h"
#include "kube/iam/iam_policy.h"
#include "tests/harness.h"

#define FRAME(statements) "{'Version':'2012-10-17','Statement':[" statements "]}"
#define GOOD              "{'Effect':'Allow','Action':'ec2:*','Resource':'*'}"

static const struct {
    const char *name, *text;
    wb_iam_policy_kind kind;
    const char *told; /* all findings, one a line; "": nothing */
} cases[] = {
    {"a good one", FRAME(GOOD), WB_IAM_POLICY_IDENTITY, ""},
    {"one statement without a list", "{'Version':'2012-10-17','Statement':" GOOD "}",
     WB_IAM_POLICY_IDENTITY, ""},
    {"what the AWS CLI prints around it",
     "{'PolicyVersion':{'Document':" FRAME(GOOD) ",'VersionId':'v1'}}", WB_IAM_POLICY_IDENTITY, ""},
    {"no policy", "{'a':1}", WB_IAM_POLICY_IDENTITY,
     "p.json:1:1: no policy, expected a map with Version and Statement\n"},
    {"no version", "{'Statement':[" GOOD "]}", WB_IAM_POLICY_IDENTITY,
     "p.json:1:1: Version: is missing, so IAM reads the policy as 2008-10-17, without policy "
     "variables; expected \"2012-10-17\"\n"},
    {"a wrong version", "{'Version':'2012-10-18','Statement':[" GOOD "]}", WB_IAM_POLICY_IDENTITY,
     "p.json:1:12: Version: '2012-10-18', expected \"2012-10-17\"\n"},
    {"no statements", FRAME(""), WB_IAM_POLICY_IDENTITY,
     "p.json:1:37: Statement: is empty, expected at least one statement\n"},
    {"a misspelt element", FRAME("{'effect':'Allow','Action':'ec2:*','Resource':'*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:39: Statement[0]: unknown element 'effect': did you mean 'Effect'?\n"
     "p.json:1:38: Statement[0].Effect: is missing, expected \"Allow\" or \"Deny\"\n"},
    {"a misspelt effect", FRAME("{'Effect':'allow','Action':'ec2:*','Resource':'*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:48: Statement[0].Effect: 'allow', expected \"Allow\" or \"Deny\" (in this "
     "spelling)\n"},
    {"an action without its service",
     FRAME("{'Effect':'Allow','Action':'RunInstances',"
           "'Resource':'*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:65: Statement[0].Action: 'RunInstances', expected service:Action such as "
     "ec2:CreateFleet, or *\n"},
    {"no action", FRAME("{'Effect':'Allow','Resource':'*'}"), WB_IAM_POLICY_IDENTITY,
     "p.json:1:38: Statement[0].Action: is missing, expected Action or NotAction\n"},
    {"both kinds of action",
     FRAME("{'Effect':'Allow','Action':'ec2:*','NotAction':'iam:*','Resource':'*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:85: Statement[0].NotAction: stands beside Action, expected one of them\n"},
    {"a resource that is no ARN", FRAME("{'Effect':'Allow','Action':'ec2:*','Resource':'i-1'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:84: Statement[0].Resource: 'i-1', expected * or an ARN: "
     "arn:partition:service:region:account:resource\n"},
    {"a template that was not rendered",
     FRAME("{'Effect':'Allow','Action':'ec2:*','Resource':'arn:aws:ec2:${AWS::Region}::image/*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:84: Statement[0].Resource: '${AWS::Region}' is a placeholder of a template: render "
     "it first\n"},
    {"a shell variable that was not replaced",
     FRAME("{'Effect':'Allow','Action':'ec2:*','Resource':'arn:aws:sqs:*:*:${CLUSTER}'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:84: Statement[0].Resource: '${CLUSTER}' is a placeholder of a template: render it "
     "first\n"},
    {"a misspelt operator",
     FRAME("{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEqual':{'aws:x':'y'}"
           "}}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:111: Statement[0].Condition.StringEqual: unknown condition operator: did you mean "
     "'StringEquals'?\n"},
    {"a misspelt key",
     FRAME("{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEquals':{"
           "'aws:RequestTags/a':'y'}}}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:133: Statement[0].Condition.StringEquals: no request has a key "
     "'aws:RequestTags/a': did you mean 'aws:RequestTag/'?\n"},
    {"a value of the wrong kind",
     FRAME("{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'NumericEquals':{"
           "'ec2:VolumeSize':'big'}}}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:131: Statement[0].Condition.NumericEquals: 'big', expected a number\n"},
    {"tag keys without a set operator",
     FRAME("{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEquals':{"
           "'aws:TagKeys':'Name'}}}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:127: Statement[0].Condition.StringEquals: aws:TagKeys has several values, expected "
     "ForAllValues: or ForAnyValue: in front of the operator\n"},
    {"two statements of one name",
     FRAME("{'Sid':'A','Effect':'Allow','Action':'*','Resource':'*'},"
           "{'Sid':'A','Effect':'Allow','Action':'*','Resource':'*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:102: Statement[1].Sid: 'A' is the name of the statement at line 1 too\n"},
    {"a principal in the role's policy",
     FRAME("{'Effect':'Allow','Principal':'*','Action':'*','Resource':'*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:68: Statement[0].Principal: has no place in a policy of a role (is this the trust "
     "policy?)\n"},
    {"a trust policy without a principal", FRAME("{'Effect':'Allow','Action':'sts:AssumeRole'}"),
     WB_IAM_POLICY_TRUST,
     "p.json:1:38: Statement[0].Principal: is missing: who may take the role on?\n"},
    {"a trust policy with a resource",
     FRAME("{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},"
           "'Action':'sts:AssumeRole','Resource':'*'}"),
     WB_IAM_POLICY_TRUST,
     "p.json:1:137: Statement[0].Resource: has no place in a trust policy, which is about its own "
     "role\n"},
    {"a misspelt kind of principal",
     FRAME("{'Effect':'Allow','Principal':{'federated':'x'},'Action':'sts:AssumeRole'}"),
     WB_IAM_POLICY_TRUST,
     "p.json:1:81: Statement[0].Principal: 'federated', expected AWS, Federated, Service or "
     "CanonicalUser\n"},
    {"a name with a hyphen",
     FRAME("{'Sid':'allow-it','Effect':'Allow','Action':'*','Resource':'*'}"),
     WB_IAM_POLICY_IDENTITY,
     "p.json:1:45: Statement[0].Sid: 'allow-it', expected letters and digits only\n"},
};

static void add_findings(const wb_findings *findings, wb_text *out)
{
    for (size_t i = 0; i < findings->error_count; i++) {
        wb_text_add_format(out, "%s\n", findings->errors[i].text);
    }
    for (size_t i = 0; i < findings->warning_count; i++) {
        wb_text_add_format(out, "%s\n", findings->warnings[i].text);
    }
}

static void test_findings(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_arena arena;
        wb_arena_init(&arena, "test", 0, NULL);
        char *text = wb_arena_copy_string(&arena, cases[i].text);
        for (char *at = text; *at != '\0'; at++) {
            *at = *at == '\'' ? '"' : *at;
        }
        const wb_document_input input = {"p.json", text, strlen(text), WB_DOCUMENT_JSON};
        wb_document_stream stream = {.count = 0};
        CU_ASSERT_FATAL(wb_document_read_text(&arena, &input, &stream, NULL) == WB_OK);
        wb_findings findings;
        wb_findings_init(&findings, &arena, false);
        wb_iam_policy policy;
        wb_iam_policy_read(stream.roots[0], cases[i].kind, &findings, &policy);
        wb_text told;
        wb_text_init(&told);
        add_findings(&findings, &told);
        if (strcmp(wb_text_string(&told), cases[i].told) != 0) {
            printf("\n    %s:\n%s    expected:\n%s", cases[i].name, wb_text_string(&told),
                   cases[i].told);
        }
        CU_ASSERT_STRING_EQUAL(wb_text_string(&told), cases[i].told);
        wb_text_release(&told);
        wb_arena_release(&arena);
    }
}

static void test_what_a_document_is(void)
{
    static const struct {
        const char *text;
        bool is_policy, is_trust;
    } documents[] = {
        {"{\"Statement\":[{\"Principal\":\"*\"}]}", true, true},
        {"{\"Role\":{\"AssumeRolePolicyDocument\":{\"Statement\":{\"Principal\":{}}}}}", true,
         true},
        {"{\"Statement\":[{\"Effect\":\"Allow\"}]}", true, false},
        {"{\"kind\":\"Pod\",\"Statement\":[]}", false, false},
        {"{\"settings\":{}}", false, false},
    };
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    for (size_t i = 0; i < WB_TEST_COUNT(documents); i++) {
        const wb_document_input input = {"p.json", documents[i].text, strlen(documents[i].text),
                                         WB_DOCUMENT_JSON};
        wb_document_stream stream = {.count = 0};
        CU_ASSERT_FATAL(wb_document_read_text(&arena, &input, &stream, NULL) == WB_OK);
        CU_ASSERT_EQUAL(wb_iam_policy_is_one(stream.roots[0]), documents[i].is_policy);
        CU_ASSERT_EQUAL(wb_iam_policy_is_trust(stream.roots[0]), documents[i].is_trust);
    }
    wb_arena_release(&arena);
}

static void test_a_file_that_is_not_there(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_findings findings;
    wb_findings_init(&findings, &arena, false);
    wb_iam_policy policy;
    wb_error err = {.text = ""};
    CU_ASSERT_EQUAL(wb_iam_policy_read_file("no-such-policy.json", WB_IAM_POLICY_IDENTITY,
                                            &findings, &policy, &err),
                    WB_ERR_IO);
    CU_ASSERT(strstr(err.text, "no-such-policy.json") != NULL);
    wb_arena_release(&arena);
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"what is told about a wrong policy", test_findings},
        {"a document is known by its content", test_what_a_document_is},
        {"a file that is not there is named", test_a_file_that_is_not_there},
    };
    return wb_test_run("iam_policy", tests, WB_TEST_COUNT(tests));
}
