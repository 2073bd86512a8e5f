/* The Condition block: operators, keys, values. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kube/iam/iam_pattern.h"
#include "kube/iam/iam_policy_internal.h"

/* Global keys; those that end in / take a tag's key behind. A misspelt one never matches, which no
 * tool of AWS says before it is too late. */
static const char *const global_keys[] = {
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalTag/",
    "aws:PrincipalType",
    "aws:RequestTag/",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:ResourceTag/",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:ViaAWSService",
    "aws:VpcSourceIp",
    "aws:userid",
    "aws:username",
    "aws:Ec2InstanceSourceVpc",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:SourceOwner",
    "aws:Referer",
    "aws:AssumedRoot",
};

#define GLOBAL_KEY_COUNT (sizeof global_keys / sizeof global_keys[0])

static bool is_key_of(const char *key, const char *known)
{
    const size_t length = strlen(known);
    if (known[length - 1] != '/') {
        return wb_iam_pattern_same_name(key, known);
    }
    char head[64];
    assert(length < sizeof head);
    if (strlen(key) <= length) {
        return false;
    }
    memcpy(head, key, length);
    head[length] = '\0';
    return wb_iam_pattern_same_name(head, known);
}

static void check_key(const wb_iam_policy_reader *reader, const wb_node *node, const char *path,
                      const char *key)
{
    if (strchr(key, ':') == NULL) {
        wb_iam_policy_error(reader, node, path,
                            "'%.80s' is no condition key, expected service:Key such as "
                            "aws:RequestedRegion",
                            key);
        return;
    }
    char prefix[5] = "";
    (void)snprintf(prefix, sizeof prefix, "%s", key);
    if (!wb_iam_pattern_same_name(prefix, "aws:")) {
        return;
    }
    for (size_t i = 0; i < GLOBAL_KEY_COUNT; i++) {
        if (is_key_of(key, global_keys[i])) {
            return;
        }
    }
    char head[64] = "";
    (void)snprintf(head, sizeof head, "%.*s", (int)(strcspn(key, "/") + 1), key);
    const char *near = wb_iam_policy_nearest(head, global_keys, GLOBAL_KEY_COUNT);
    wb_iam_policy_warn(reader, node, path, "no request has a key '%.80s'%s%s%s", key,
                       near != NULL ? ": did you mean '" : "", near != NULL ? near : "",
                       near != NULL ? "'?" : "");
}

static bool read_value(const wb_iam_policy_reader *reader, const wb_node *node, const char *path,
                       const wb_iam_condition *condition, const char **out)
{
    const bool is_scalar =
        node->kind == WB_NODE_STRING || node->kind == WB_NODE_NUMBER || node->kind == WB_NODE_BOOL;
    if (!is_scalar) {
        wb_iam_policy_error(reader, node, path, "%s, expected a value or a list of values",
                            wb_node_kind_name(node->kind));
        return false;
    }
    const wb_iam_operator *rule = condition->use.rule;
    const bool has_control = strlen(node->text) != node->text_length ||
                             strchr(node->text, WB_IAM_PATTERN_LITERAL) != NULL;
    if (has_control || (rule->is_value != NULL && !rule->is_value(node->text))) {
        wb_iam_policy_error(reader, node, path, "'%.80s', expected %s", node->text,
                            has_control ? "no control characters" : rule->expects);
        return false;
    }
    if (strstr(node->text, "${AWS::") != NULL) {
        wb_iam_policy_error(reader, node, path,
                            "'%.80s' holds a placeholder of a template: render it first",
                            node->text);
        return false;
    }
    *out = wb_arena_copy_text(reader->findings->arena, node->text, node->text_length);
    return true;
}

static void read_values(const wb_iam_policy_reader *reader, const wb_node *node, const char *path,
                        wb_iam_condition *condition)
{
    const bool is_list = node->kind == WB_NODE_LIST;
    const uint32_t count = is_list ? node->count : 1;
    condition->values = WB_ARENA_ARRAY(reader->findings->arena, const char *, count + 1);
    if (count == 0) {
        wb_iam_policy_error(reader, node, path, "is empty, expected at least one value");
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_node *item = is_list ? node->children[i] : node;
        if (read_value(reader, item, path, condition, &condition->values[condition->value_count])) {
            condition->value_count++;
        }
    }
}

/* All keys under one operator. */
static void read_operator(const wb_iam_policy_reader *reader, const wb_node *keys,
                          const char *operator_text, wb_iam_statement *out)
{
    char path[96];
    (void)snprintf(path, sizeof path, "Condition.%.60s", operator_text);
    wb_iam_operator_use use;
    if (!wb_iam_operator_find(operator_text, &use)) {
        const char *near = wb_iam_operator_nearest(operator_text);
        wb_iam_policy_error(reader, keys, path, "unknown condition operator%s%s%s",
                            near != NULL ? ": did you mean '" : "", near != NULL ? near : "",
                            near != NULL ? "'?" : "");
        return;
    }
    if (keys->kind != WB_NODE_MAP) {
        wb_iam_policy_error(reader, keys, path, "%s, expected a map of condition keys",
                            wb_node_kind_name(keys->kind));
        return;
    }
    for (uint32_t i = 0; i < keys->count; i++) {
        wb_iam_condition *condition = &out->conditions[out->condition_count++];
        *condition = (wb_iam_condition){
            .use = use,
            .operator_text = wb_arena_copy_string(reader->findings->arena, operator_text),
            .key = wb_arena_copy_string(reader->findings->arena, keys->keys[i]),
            .position = wb_node_key_position(keys, i),
        };
        check_key(reader, keys->children[i], path, keys->keys[i]);
        read_values(reader, keys->children[i], path, condition);
        if (use.quantifier == WB_IAM_QUANTIFIER_NONE && !use.rule->is_null &&
            wb_iam_pattern_same_name(condition->key, "aws:TagKeys")) {
            wb_iam_policy_warn(reader, keys->children[i], path,
                               "aws:TagKeys has several values, expected ForAllValues: or "
                               "ForAnyValue: in front of the operator");
        }
    }
}

void wb_iam_policy_read_conditions(const wb_iam_policy_reader *reader, const wb_node *node,
                                   wb_iam_statement *out)
{
    assert(out->condition_count == 0);
    if (node == NULL) {
        return;
    }
    if (node->kind != WB_NODE_MAP) {
        wb_iam_policy_error(reader, node, "Condition", "%s, expected a map of operators",
                            wb_node_kind_name(node->kind));
        return;
    }
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < node->count; i++) {
        capacity += node->children[i]->kind == WB_NODE_MAP ? node->children[i]->count : 0;
    }
    out->conditions = WB_ARENA_ARRAY(reader->findings->arena, wb_iam_condition, capacity + 1);
    for (uint32_t i = 0; i < node->count; i++) {
        read_operator(reader, node->children[i], node->keys[i], out);
    }
}
