/*
 * What IAM decides, one row per rule of its evaluation logic. Policies are written with ' for " and
 * without the frame; the context as "key=value;key=one,other". Each row's name says why.
 */
#include <string.h>

#include "base/text.h"
#include "kube/iam/iam_decision.h"
#include "tests/harness.h"

#define CONTEXT_MAX 8
#define VALUES_MAX  4

#define ALLOW  WB_IAM_ALLOWED
#define NOBODY WB_IAM_IMPLICIT_DENY
#define DENIED WB_IAM_EXPLICIT_DENY

#define INSTANCE "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"
#define TEMPLATE "arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-1"
#define ROLE     "arn:aws:iam::111122223333:role/node-demo"
#define QUEUE    "arn:aws:sqs:eu-west-1:111122223333:demo"

/* An Allow of everything on everything, under a condition. */
#define IF(condition) "{'Effect':'Allow','Action':'*','Resource':'*','Condition':{" condition "}}"
#define DENY_IF(condition)                            \
    "{'Effect':'Allow','Action':'*','Resource':'*'}," \
    "{'Effect':'Deny','Action':'*','Resource':'*','Condition':{" condition "}}"
#define ON(resource) "{'Effect':'Allow','Action':'*','Resource':" resource "}"
#define DO(action)   "{'Effect':'Allow','Action':" action ",'Resource':'*'}"

typedef struct decision_case {
    const char *why; /* reads as the reason of the outcome */
    const char *statements;
    const char *action, *resource, *context;
    wb_iam_outcome expected;
} decision_case;

static const decision_case action_cases[] = {
    {"an action by its name", DO("'ec2:RunInstances'"), "ec2:RunInstances", INSTANCE, "", ALLOW},
    {"another action is not allowed by default", DO("'ec2:RunInstances'"), "ec2:CreateFleet",
     INSTANCE, "", NOBODY},
    {"the case of an action does not matter", DO("'EC2:runinstances'"), "ec2:RunInstances",
     INSTANCE, "", ALLOW},
    {"* stands for any end", DO("'ec2:Describe*'"), "ec2:DescribeSubnets", "*", "", ALLOW},
    {"* stands for nothing too", DO("'ec2:DescribeSubnets*'"), "ec2:DescribeSubnets", "*", "",
     ALLOW},
    {"* in the middle", DO("'ec2:*Template'"), "ec2:CreateLaunchTemplate", TEMPLATE, "", ALLOW},
    {"? stands for exactly one byte", DO("'ec2:RunInstance?'"), "ec2:RunInstances", INSTANCE, "",
     ALLOW},
    {"? does not stand for none", DO("'ec2:RunInstances?'"), "ec2:RunInstances", INSTANCE, "",
     NOBODY},
    {"* alone is every action", DO("'*'"), "sqs:ReceiveMessage", QUEUE, "", ALLOW},
    {"a service's * does not reach another service", DO("'ec2:*'"), "sqs:ReceiveMessage", QUEUE, "",
     NOBODY},
    {"one of a list is enough", DO("['ec2:CreateFleet','ec2:RunInstances']"), "ec2:RunInstances",
     INSTANCE, "", ALLOW},
    {"NotAction allows what it does not name",
     "{'Effect':'Allow','NotAction':'iam:*','Resource':'*'}", "ec2:RunInstances", INSTANCE, "",
     ALLOW},
    {"NotAction leaves out what it names",
     "{'Effect':'Allow','NotAction':['iam:*','sts:*'],'Resource':'*'}", "iam:PassRole", ROLE, "",
     NOBODY},
    {"Deny with NotAction denies the rest",
     DO("'*'") ",{'Effect':'Deny','NotAction':'ec2:*','Resource':'*'}", "iam:PassRole", ROLE, "",
     DENIED},
    {"Deny with NotAction spares what it names",
     DO("'*'") ",{'Effect':'Deny','NotAction':'ec2:*','Resource':'*'}", "ec2:CreateTags", INSTANCE,
     "", ALLOW},
    {"a Deny wins over an Allow before it",
     DO("'ec2:*'") ",{'Effect':'Deny','Action':'ec2:TerminateInstances','Resource':'*'}",
     "ec2:TerminateInstances", INSTANCE, "", DENIED},
    {"a Deny wins over an Allow behind it",
     "{'Effect':'Deny','Action':'ec2:TerminateInstances','Resource':'*'}," DO("'ec2:*'"),
     "ec2:TerminateInstances", INSTANCE, "", DENIED},
    {"a Deny of another action does not matter",
     "{'Effect':'Deny','Action':'ec2:StopInstances','Resource':'*'}," DO("'ec2:*'"),
     "ec2:TerminateInstances", INSTANCE, "", ALLOW},
    {"a Deny without any Allow is still explicit",
     "{'Effect':'Deny','Action':'ec2:*','Resource':'*'}", "ec2:CreateTags", INSTANCE, "", DENIED},
    {"two statements add up", DO("'ec2:CreateFleet'") "," DO("'ec2:RunInstances'"),
     "ec2:RunInstances", INSTANCE, "", ALLOW},
};

static const decision_case resource_cases[] = {
    {"a resource by its ARN", ON("'" ROLE "'"), "iam:PassRole", ROLE, "", ALLOW},
    {"the case of a resource matters", ON("'arn:aws:iam::111122223333:role/Node-demo'"),
     "iam:PassRole", ROLE, "", NOBODY},
    {"* in the account", ON("'arn:aws:ec2:eu-west-1:*:instance/*'"), "ec2:RunInstances", INSTANCE,
     "", ALLOW},
    {"another region", ON("'arn:aws:ec2:eu-west-2:*:instance/*'"), "ec2:RunInstances", INSTANCE, "",
     NOBODY},
    {"another kind of resource", ON("'arn:aws:ec2:eu-west-1:*:instance/*'"), "ec2:RunInstances",
     TEMPLATE, "", NOBODY},
    {"an empty account is not any account", ON("'arn:aws:ec2:eu-west-1::instance/*'"),
     "ec2:RunInstances", INSTANCE, "", NOBODY},
    {"an image has no account", ON("'arn:aws:ec2:eu-west-1::image/*'"), "ec2:RunInstances",
     "arn:aws:ec2:eu-west-1::image/ami-1", "", ALLOW},
    {"* does not reach over a colon", ON("'arn:aws:ec2:*:instance/*'"), "ec2:RunInstances",
     INSTANCE, "", NOBODY},
    {"* reaches over slashes", ON("'arn:aws:ssm:eu-west-1::parameter/aws/service/*'"),
     "ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/eks/1.33/al2023/id", "",
     ALLOW},
    {"missing parts of an ARN are any", ON("'arn:aws:ec2'"), "ec2:RunInstances", INSTANCE, "",
     ALLOW},
    {"another partition", ON("'arn:aws-cn:ec2:eu-west-1:*:instance/*'"), "ec2:RunInstances",
     INSTANCE, "", NOBODY},
    {"an action without resources needs *", ON("'arn:aws:ec2:eu-west-1:*:instance/*'"),
     "ec2:DescribeInstances", "*", "", NOBODY},
    {"one of a list of resources", ON("['" QUEUE "','" ROLE "']"), "iam:PassRole", ROLE, "", ALLOW},
    {"NotResource allows what it does not name",
     "{'Effect':'Allow','Action':'*','NotResource':'" ROLE "'}", "sqs:ReceiveMessage", QUEUE, "",
     ALLOW},
    {"NotResource leaves out what it names",
     "{'Effect':'Allow','Action':'*','NotResource':'arn:aws:iam::*:role/*'}", "iam:PassRole", ROLE,
     "", NOBODY},
    {"Deny with NotResource",
     DO("'*'") ",{'Effect':'Deny','Action':'iam:PassRole','NotResource':'" ROLE "'}",
     "iam:PassRole", "arn:aws:iam::111122223333:role/admin", "", DENIED},
    {"a variable in a resource", ON("'arn:aws:sqs:*:*:${aws:PrincipalTag/cluster}'"),
     "sqs:ReceiveMessage", QUEUE, "aws:PrincipalTag/cluster=demo", ALLOW},
    {"a variable without a value matches nothing",
     ON("'arn:aws:sqs:*:*:${aws:PrincipalTag/cluster}'"), "sqs:ReceiveMessage", QUEUE, "", NOBODY},
    {"a * from a variable is literal", ON("'arn:aws:sqs:*:*:${aws:PrincipalTag/cluster}'"),
     "sqs:ReceiveMessage", QUEUE, "aws:PrincipalTag/cluster=*", NOBODY},
    {"${*} is a literal star", ON("'arn:aws:sqs:*:*:${*}'"), "sqs:ReceiveMessage", QUEUE, "",
     NOBODY},
};

static const decision_case string_cases[] = {
    {"StringEquals holds", IF("'StringEquals':{'aws:RequestedRegion':'eu-west-1'}"),
     "ec2:DescribeSubnets", "*", "aws:RequestedRegion=eu-west-1", ALLOW},
    {"StringEquals fails", IF("'StringEquals':{'aws:RequestedRegion':'eu-west-1'}"),
     "ec2:DescribeSubnets", "*", "aws:RequestedRegion=eu-west-2", NOBODY},
    {"StringEquals regards case", IF("'StringEquals':{'aws:RequestTag/k':'owned'}"),
     "ec2:CreateFleet", "*", "aws:RequestTag/k=Owned", NOBODY},
    {"StringEquals takes * literally", IF("'StringEquals':{'aws:RequestTag/k':'*'}"),
     "ec2:CreateFleet", "*", "aws:RequestTag/k=owned", NOBODY},
    {"StringEquals of a key that is not there", IF("'StringEquals':{'aws:RequestTag/k':'owned'}"),
     "ec2:CreateFleet", "*", "", NOBODY},
    {"the case of a key's name does not matter", IF("'StringEquals':{'AWS:requesttag/K':'owned'}"),
     "ec2:CreateFleet", "*", "aws:RequestTag/k=owned", ALLOW},
    {"one of several values is enough",
     IF("'StringEquals':{'ec2:CreateAction':['RunInstances','CreateFleet']}"), "ec2:CreateTags",
     INSTANCE, "ec2:CreateAction=CreateFleet", ALLOW},
    {"none of several values", IF("'StringEquals':{'ec2:CreateAction':['RunInstances']}"),
     "ec2:CreateTags", INSTANCE, "ec2:CreateAction=CreateVolume", NOBODY},
    {"all keys of an operator must hold",
     IF("'StringEquals':{'aws:RequestTag/a':'1','aws:RequestTag/b':'2'}"), "ec2:CreateFleet", "*",
     "aws:RequestTag/a=1", NOBODY},
    {"all operators must hold",
     IF("'StringEquals':{'aws:RequestTag/a':'1'},'StringLike':{'aws:RequestTag/b':'*'}"),
     "ec2:CreateFleet", "*", "aws:RequestTag/a=1;aws:RequestTag/b=x", ALLOW},
    {"StringNotEquals holds", IF("'StringNotEquals':{'aws:ResourceTag/env':'prod'}"),
     "ec2:TerminateInstances", INSTANCE, "aws:ResourceTag/env=test", ALLOW},
    {"StringNotEquals fails", IF("'StringNotEquals':{'aws:ResourceTag/env':'prod'}"),
     "ec2:TerminateInstances", INSTANCE, "aws:ResourceTag/env=prod", NOBODY},
    {"StringNotEquals holds without the key",
     IF("'StringNotEquals':{'aws:ResourceTag/env':'prod'}"), "ec2:TerminateInstances", INSTANCE, "",
     ALLOW},
    {"StringNotEquals of several values means none of them",
     IF("'StringNotEquals':{'aws:ResourceTag/env':['prod','stage']}"), "ec2:TerminateInstances",
     INSTANCE, "aws:ResourceTag/env=stage", NOBODY},
    {"StringEqualsIgnoreCase", IF("'StringEqualsIgnoreCase':{'aws:RequestTag/k':'OWNED'}"),
     "ec2:CreateFleet", "*", "aws:RequestTag/k=owned", ALLOW},
    {"StringNotEqualsIgnoreCase", IF("'StringNotEqualsIgnoreCase':{'aws:RequestTag/k':'OWNED'}"),
     "ec2:CreateFleet", "*", "aws:RequestTag/k=owned", NOBODY},
    {"StringLike with *", IF("'StringLike':{'aws:RequestTag/karpenter.sh/nodepool':'*'}"),
     "ec2:CreateFleet", "*", "aws:RequestTag/karpenter.sh/nodepool=default", ALLOW},
    {"StringLike with * needs the key all the same",
     IF("'StringLike':{'aws:RequestTag/karpenter.sh/nodepool':'*'}"), "ec2:CreateFleet", "*", "",
     NOBODY},
    {"StringLike with ?", IF("'StringLike':{'aws:RequestTag/k':'team-?'}"), "ec2:CreateFleet", "*",
     "aws:RequestTag/k=team-a", ALLOW},
    {"StringNotLike", IF("'StringNotLike':{'aws:RequestTag/k':'team-*'}"), "ec2:CreateFleet", "*",
     "aws:RequestTag/k=team-a", NOBODY},
    {"IfExists holds without the key",
     IF("'StringEqualsIfExists':{'aws:RequestTag/eks:eks-cluster-name':'demo'}"), "ec2:CreateTags",
     INSTANCE, "", ALLOW},
    {"IfExists regards a key that is there",
     IF("'StringEqualsIfExists':{'aws:RequestTag/eks:eks-cluster-name':'demo'}"), "ec2:CreateTags",
     INSTANCE, "aws:RequestTag/eks:eks-cluster-name=other", NOBODY},
    {"a variable in a value",
     IF("'StringEquals':{'aws:ResourceTag/team':'${aws:PrincipalTag/team}'}"),
     "ec2:TerminateInstances", INSTANCE, "aws:ResourceTag/team=a;aws:PrincipalTag/team=a", ALLOW},
    {"a variable in a value, another team",
     IF("'StringEquals':{'aws:ResourceTag/team':'${aws:PrincipalTag/team}'}"),
     "ec2:TerminateInstances", INSTANCE, "aws:ResourceTag/team=a;aws:PrincipalTag/team=b", NOBODY},
    {"a Deny under a condition that holds",
     DENY_IF("'StringNotEquals':{'aws:RequestedRegion':['eu-west-1','eu-central-1']}"),
     "ec2:RunInstances", INSTANCE, "aws:RequestedRegion=us-east-1", DENIED},
    {"a Deny under a condition that does not hold",
     DENY_IF("'StringNotEquals':{'aws:RequestedRegion':['eu-west-1','eu-central-1']}"),
     "ec2:RunInstances", INSTANCE, "aws:RequestedRegion=eu-west-1", ALLOW},
    {"a negated Deny strikes where the key is missing",
     DENY_IF("'StringNotEquals':{'aws:RequestTag/cost-center':'42'}"), "ec2:RunInstances", INSTANCE,
     "", DENIED},
    {"a Deny with IfExists strikes where the key is missing too",
     DENY_IF("'StringNotEqualsIfExists':{'aws:RequestTag/cost-center':'42'}"), "ec2:RunInstances",
     INSTANCE, "", DENIED},
};

static const decision_case set_cases[] = {
    {"ForAllValues: all are among them",
     IF("'ForAllValues:StringEquals':{'aws:TagKeys':['Name','karpenter.sh/nodeclaim']}"),
     "ec2:CreateTags", INSTANCE, "aws:TagKeys=Name,karpenter.sh/nodeclaim", ALLOW},
    {"ForAllValues: one is not among them",
     IF("'ForAllValues:StringEquals':{'aws:TagKeys':['Name']}"), "ec2:CreateTags", INSTANCE,
     "aws:TagKeys=Name,owner", NOBODY},
    {"ForAllValues holds where there are none",
     IF("'ForAllValues:StringEquals':{'aws:TagKeys':['Name']}"), "ec2:CreateTags", INSTANCE, "",
     ALLOW},
    {"ForAnyValue: one is among them", IF("'ForAnyValue:StringEquals':{'aws:TagKeys':['Name']}"),
     "ec2:CreateTags", INSTANCE, "aws:TagKeys=owner,Name", ALLOW},
    {"ForAnyValue: none is among them", IF("'ForAnyValue:StringEquals':{'aws:TagKeys':['Name']}"),
     "ec2:CreateTags", INSTANCE, "aws:TagKeys=owner", NOBODY},
    {"ForAnyValue fails where there are none",
     IF("'ForAnyValue:StringEquals':{'aws:TagKeys':['Name']}"), "ec2:CreateTags", INSTANCE, "",
     NOBODY},
    {"ForAllValues negated: none may be among them",
     IF("'ForAllValues:StringNotEquals':{'aws:TagKeys':['Name']}"), "ec2:CreateTags", INSTANCE,
     "aws:TagKeys=owner,Name", NOBODY},
    {"ForAnyValue negated: one that is not among them is enough",
     IF("'ForAnyValue:StringNotEquals':{'aws:TagKeys':['Name']}"), "ec2:CreateTags", INSTANCE,
     "aws:TagKeys=owner,Name", ALLOW},
    {"ForAnyValue with patterns", DENY_IF("'ForAnyValue:StringLike':{'aws:TagKeys':['aws-*']}"),
     "ec2:CreateTags", INSTANCE, "aws:TagKeys=Name,aws-internal", DENIED},
    {"Null true: the key must be missing", IF("'Null':{'aws:RequestTag/k':'true'}"),
     "ec2:CreateFleet", "*", "", ALLOW},
    {"Null true: the key is there", IF("'Null':{'aws:RequestTag/k':'true'}"), "ec2:CreateFleet",
     "*", "aws:RequestTag/k=v", NOBODY},
    {"Null false: the key must be there", IF("'Null':{'aws:RequestTag/k':false}"),
     "ec2:CreateFleet", "*", "", NOBODY},
    {"Null false: the key is there", IF("'Null':{'aws:RequestTag/k':false}"), "ec2:CreateFleet",
     "*", "aws:RequestTag/k=v", ALLOW},
};

static const decision_case other_cases[] = {
    {"Bool", DENY_IF("'Bool':{'aws:SecureTransport':false}"), "sqs:ReceiveMessage", QUEUE,
     "aws:SecureTransport=false", DENIED},
    {"Bool of a key that is not there", DENY_IF("'Bool':{'aws:SecureTransport':'false'}"),
     "sqs:ReceiveMessage", QUEUE, "", ALLOW},
    {"NumericLessThanEquals at the limit", IF("'NumericLessThanEquals':{'ec2:VolumeSize':100}"),
     "ec2:RunInstances", INSTANCE, "ec2:VolumeSize=100", ALLOW},
    {"NumericLessThanEquals above it", IF("'NumericLessThanEquals':{'ec2:VolumeSize':'100'}"),
     "ec2:RunInstances", INSTANCE, "ec2:VolumeSize=101", NOBODY},
    {"numbers are compared as numbers", IF("'NumericLessThan':{'ec2:VolumeSize':100}"),
     "ec2:RunInstances", INSTANCE, "ec2:VolumeSize=9", ALLOW},
    {"NumericGreaterThan at the limit", IF("'NumericGreaterThan':{'ec2:VolumeSize':100}"),
     "ec2:RunInstances", INSTANCE, "ec2:VolumeSize=100", NOBODY},
    {"NumericNotEquals", IF("'NumericNotEquals':{'ec2:VolumeSize':100}"), "ec2:RunInstances",
     INSTANCE, "ec2:VolumeSize=100.0", NOBODY},
    {"a value that is no number fails", IF("'NumericEquals':{'ec2:VolumeSize':100}"),
     "ec2:RunInstances", INSTANCE, "ec2:VolumeSize=large", NOBODY},
    {"DateGreaterThan", IF("'DateGreaterThan':{'aws:CurrentTime':'2026-01-01T00:00:00Z'}"),
     "ec2:RunInstances", INSTANCE, "aws:CurrentTime=2026-02-01T00:00:00Z", ALLOW},
    {"DateLessThan", IF("'DateLessThan':{'aws:CurrentTime':'2026-01-01T00:00:00Z'}"),
     "ec2:RunInstances", INSTANCE, "aws:CurrentTime=2026-02-01T00:00:00Z", NOBODY},
    {"IpAddress in a range", IF("'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}"),
     "ec2:RunInstances", INSTANCE, "aws:SourceIp=203.0.113.77", ALLOW},
    {"NotIpAddress", DENY_IF("'NotIpAddress':{'aws:SourceIp':'203.0.113.0/24'}"),
     "ec2:RunInstances", INSTANCE, "aws:SourceIp=198.51.100.1", DENIED},
    {"ArnLike by parts",
     IF("'ArnLike':{'ec2:InstanceProfile':'arn:aws:iam::*:instance-profile/k-*'}"),
     "ec2:RunInstances", INSTANCE,
     "ec2:InstanceProfile=arn:aws:iam::111122223333:instance-profile/k-demo", ALLOW},
    {"ArnLike does not reach over a colon",
     IF("'ArnLike':{'ec2:InstanceProfile':'arn:aws:*:instance-profile/k-*'}"), "ec2:RunInstances",
     INSTANCE, "ec2:InstanceProfile=arn:aws:iam::111122223333:instance-profile/k-demo", NOBODY},
    {"ArnNotEquals", DENY_IF("'ArnNotEquals':{'aws:PrincipalArn':'" ROLE "'}"), "ec2:RunInstances",
     INSTANCE, "aws:PrincipalArn=arn:aws:iam::111122223333:role/other", DENIED},
    {"PassRole to the service that it names",
     IF("'StringEquals':{'iam:PassedToService':['ec2.amazonaws.com','ec2.amazonaws.com.cn']}"),
     "iam:PassRole", ROLE, "iam:PassedToService=ec2.amazonaws.com", ALLOW},
    {"PassRole to another service",
     IF("'StringEquals':{'iam:PassedToService':'ec2.amazonaws.com'}"), "iam:PassRole", ROLE,
     "iam:PassedToService=lambda.amazonaws.com", NOBODY},
};

/* A context as text, in storage of its own. */
typedef struct context_storage {
    wb_iam_context_value items[CONTEXT_MAX];
    const char *values[CONTEXT_MAX][VALUES_MAX];
    char text[512];
} context_storage;

static wb_iam_context read_context(const char *text, context_storage *storage)
{
    wb_iam_context context = {.items = storage->items};
    (void)snprintf(storage->text, sizeof storage->text, "%s", text);
    char *at = storage->text;
    while (*at != '\0') {
        wb_iam_context_value *item = &storage->items[context.count];
        char *next = at + strcspn(at, ";");
        char *value = strchr(at, '=');
        const bool is_last = *next == '\0';
        *next = '\0';
        *value = '\0';
        *item = (wb_iam_context_value){.key = at, .values = storage->values[context.count]};
        for (value++; value != NULL;) {
            char *comma = strchr(value, ',');
            storage->values[context.count][item->value_count++] = value;
            if (comma != NULL) {
                *comma = '\0';
            }
            value = comma != NULL ? comma + 1 : NULL;
        }
        context.count++;
        at = is_last ? next : next + 1;
    }
    return context;
}

/* Reads statements, written with ' for ", into a policy. */
static bool read_policy(wb_arena *arena, const char *statements, wb_iam_policy_kind kind,
                        wb_iam_policy *out)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements);
    for (size_t i = 0; i < text.length; i++) {
        text.bytes[i] = text.bytes[i] == '\'' ? '"' : text.bytes[i];
    }
    wb_document_stream stream = {.count = 0};
    const wb_document_input input = {
        .file = "test.json", .text = text.bytes, .length = text.length, .syntax = WB_DOCUMENT_JSON};
    wb_findings findings;
    wb_findings_init(&findings, arena, false);
    wb_error err = {.text = ""};
    bool is_read = wb_document_read_text(arena, &input, &stream, &err) == WB_OK;
    if (is_read) {
        wb_iam_policy_read(stream.roots[0], kind, &findings, out);
        is_read = wb_findings_status(&findings, &err) == WB_OK;
    }
    if (!is_read) {
        printf("\n    %s\n", err.text);
    }
    wb_text_release(&text);
    return is_read;
}

static void check_cases(const decision_case *cases, size_t count)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    for (size_t i = 0; i < count; i++) {
        const decision_case *row = &cases[i];
        context_storage storage;
        wb_iam_policy policy;
        CU_ASSERT_FATAL(read_policy(&arena, row->statements, WB_IAM_POLICY_IDENTITY, &policy));
        const wb_iam_request request = {.action = row->action,
                                        .resource = row->resource,
                                        .context = read_context(row->context, &storage)};
        const wb_iam_decision decision = wb_iam_decision_make(&arena, &policy, 1, &request);
        if (decision.outcome != row->expected) {
            printf("\n    '%s': %s, expected %s\n", row->why,
                   wb_iam_decision_outcome_name(decision.outcome),
                   wb_iam_decision_outcome_name(row->expected));
        }
        CU_ASSERT_EQUAL(decision.outcome, row->expected);
    }
    wb_arena_release(&arena);
}

static void test_actions(void)
{
    check_cases(action_cases, WB_TEST_COUNT(action_cases));
}

static void test_resources(void)
{
    check_cases(resource_cases, WB_TEST_COUNT(resource_cases));
}

static void test_strings(void)
{
    check_cases(string_cases, WB_TEST_COUNT(string_cases));
}

static void test_sets(void)
{
    check_cases(set_cases, WB_TEST_COUNT(set_cases));
}

static void test_others(void)
{
    check_cases(other_cases, WB_TEST_COUNT(other_cases));
}

static void test_table_is_large_enough(void)
{
    const size_t count = WB_TEST_COUNT(action_cases) + WB_TEST_COUNT(resource_cases) +
                         WB_TEST_COUNT(string_cases) + WB_TEST_COUNT(set_cases) +
                         WB_TEST_COUNT(other_cases);
    printf("%zu rows ", count);
    CU_ASSERT(count >= 60);
}

/* Layers: the kinds of policies that are present must all allow. */
static const struct {
    const char *why;
    const char *identity, *boundary, *account; /* NULL: none of that kind */
    wb_iam_outcome expected;
    const char *cause;
} layer_cases[] = {
    {"a role without policies may nothing", NULL, NULL, NULL, NOBODY,
     "because no identity-based policy allows the ec2:CreateFleet action"},
    {"identity alone", DO("'*'"), NULL, NULL, ALLOW, ""},
    {"a boundary that allows it too", DO("'*'"), DO("'ec2:*'"), NULL, ALLOW, ""},
    {"a boundary that does not", DO("'*'"), DO("'s3:*'"), NULL, NOBODY,
     "because no permissions boundary allows the ec2:CreateFleet action"},
    {"a boundary alone grants nothing", NULL, DO("'*'"), NULL, NOBODY,
     "because no identity-based policy allows the ec2:CreateFleet action"},
    {"the account's policy does not", DO("'*'"), DO("'*'"), DO("'s3:*'"), NOBODY,
     "because no service control policy allows the ec2:CreateFleet action"},
    {"the account denies", DO("'*'"), NULL,
     DO("'*'") ",{'Effect':'Deny','Action':'ec2:CreateFleet','Resource':'*'}", DENIED,
     "with an explicit deny in a service control policy"},
    {"its own policy denies",
     DO("'*'") ",{'Effect':'Deny','Action':'ec2:CreateFleet','Resource':'*'}", NULL, NULL, DENIED,
     "with an explicit deny in an identity-based policy"},
};

static void test_layers(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    for (size_t i = 0; i < WB_TEST_COUNT(layer_cases); i++) {
        const char *const texts[] = {layer_cases[i].identity, layer_cases[i].boundary,
                                     layer_cases[i].account};
        wb_iam_policy policies[3];
        uint32_t count = 0;
        for (size_t k = 0; k < 3; k++) {
            if (texts[k] != NULL) {
                CU_ASSERT_FATAL(
                    read_policy(&arena, texts[k], (wb_iam_policy_kind)k, &policies[count]));
                count++;
            }
        }
        const wb_iam_request request = {.action = "ec2:CreateFleet", .resource = INSTANCE};
        const wb_iam_decision decision = wb_iam_decision_make(&arena, policies, count, &request);
        char cause[128] = "";
        if (decision.outcome != WB_IAM_ALLOWED) {
            wb_iam_decision_print_cause(&decision, request.action, cause, sizeof cause);
        }
        CU_ASSERT_EQUAL(decision.outcome, layer_cases[i].expected);
        CU_ASSERT_STRING_EQUAL(cause, layer_cases[i].cause);
    }
    wb_arena_release(&arena);
}

#define PROVIDER "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"
#define TRUST                                                                \
    "{'Effect':'Allow','Principal':{'Federated':'" PROVIDER "'},"            \
    "'Action':'sts:AssumeRoleWithWebIdentity','Condition':{'StringEquals':{" \
    "'oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud':'sts.amazonaws.com',"     \
    "'oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub':'system:serviceaccount:kube-system:karpenter'}}}"
#define AUD "oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud=sts.amazonaws.com;"
#define SUB "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub=system:serviceaccount:"

static const struct {
    const char *why, *kind, *principal, *context;
    wb_iam_outcome expected;
} trust_cases[] = {
    {"the service account", "Federated", PROVIDER, AUD SUB "kube-system:karpenter", ALLOW},
    {"another namespace", "Federated", PROVIDER, AUD SUB "karpenter:karpenter", NOBODY},
    {"another cluster's provider", "Federated", PROVIDER "D", AUD SUB "kube-system:karpenter",
     NOBODY},
    {"another kind of principal", "Service", PROVIDER, AUD SUB "kube-system:karpenter", NOBODY},
    {"no audience", "Federated", PROVIDER, SUB "kube-system:karpenter", NOBODY},
};

static void test_trust(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_iam_policy policy;
    CU_ASSERT_FATAL(read_policy(&arena, TRUST, WB_IAM_POLICY_TRUST, &policy));
    for (size_t i = 0; i < WB_TEST_COUNT(trust_cases); i++) {
        context_storage storage;
        const wb_iam_request request = {.action = "sts:AssumeRoleWithWebIdentity",
                                        .resource = "*",
                                        .context = read_context(trust_cases[i].context, &storage),
                                        .principal_kind = trust_cases[i].kind,
                                        .principal = trust_cases[i].principal};
        const wb_iam_decision decision = wb_iam_decision_make(&arena, &policy, 1, &request);
        CU_ASSERT_EQUAL(decision.outcome, trust_cases[i].expected);
    }
    wb_arena_release(&arena);
}

static void test_hint_names_the_condition(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_iam_policy policy;
    CU_ASSERT_FATAL(read_policy(
        &arena,
        "{'Sid':'Tagging',\n'Effect':'Allow','Action':'ec2:CreateTags','Resource':'*',"
        "'Condition':{'StringEquals':{'ec2:CreateAction':['RunInstances','CreateFleet']}}}",
        WB_IAM_POLICY_IDENTITY, &policy));
    context_storage storage;
    const wb_iam_request request = {.action = "ec2:CreateTags",
                                    .resource = INSTANCE,
                                    .context = read_context("ec2:CreateAction=x", &storage)};
    const wb_iam_decision decision = wb_iam_decision_make(&arena, &policy, 1, &request);
    char hint[512];
    wb_iam_decision_print_hint(&decision, &request, hint, sizeof hint);
    CU_ASSERT_STRING_EQUAL(hint, "test.json:1: statement 'Tagging' asks for StringEquals "
                                 "ec2:CreateAction 'RunInstances' or others, and the request has "
                                 "'x'");
    wb_arena_release(&arena);
}

static void test_default_of_a_variable(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    const wb_iam_context empty = {.count = 0};
    const char *pattern =
        wb_iam_pattern_expand(&arena, "arn:aws:sqs:*:*:${aws:PrincipalTag/c, 'demo'}", &empty);
    CU_ASSERT_FATAL(pattern != NULL);
    CU_ASSERT(wb_iam_pattern_matches_arn(pattern, QUEUE));
    pattern = wb_iam_pattern_expand(&arena, "${*}${?}${$}", &empty);
    CU_ASSERT_FATAL(pattern != NULL);
    CU_ASSERT(wb_iam_pattern_matches(pattern, "*?$", false));
    CU_ASSERT(!wb_iam_pattern_matches(pattern, "ab$", false));
    wb_arena_release(&arena);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"actions", test_actions},
        {"resources", test_resources},
        {"conditions on strings", test_strings},
        {"conditions on sets, and whether a key is there", test_sets},
        {"conditions on other things", test_others},
        {"the table has at least 60 rows", test_table_is_large_enough},
        {"every kind of policy that is there must allow", test_layers},
        {"a trust policy knows its service account", test_trust},
        {"a refusal names the condition that the closest statement failed at",
         test_hint_names_the_condition},
        {"a variable may have a default", test_default_of_a_variable},
    };
    return wb_test_run("iam_decision", cases, WB_TEST_COUNT(cases));
}
